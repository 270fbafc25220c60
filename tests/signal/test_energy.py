from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anywear.errors import UsageError
from anywear.recording import STANDARD_GRAVITY_MPS2 as G
from anywear.signal.energy import ENERGY_RATE_HZ, REACH, PowerFilter, PowerState, on_energy_grid

seeds = st.integers(0, 2**32 - 1)


def noise(seed: int, count: int, channels: int = 6) -> np.ndarray:
    values = np.random.default_rng(seed).normal(0.0, 2.0, (count, channels))
    values[:, 2] += G
    return values


def power_naive(values: np.ndarray) -> np.ndarray:
    rows = []
    for at in range(len(values)):
        own = values[max(0, at - REACH) : at + REACH + 1]
        row = [own[:, :3].var(axis=0).sum()]
        if values.shape[1] == 6:
            row.append((own[:, 3:] ** 2).sum(axis=1).mean())
        rows.append(row)
    return np.array(rows)


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 60), st.sampled_from([3, 6]))
def test_power_is_variance_and_mean_square(seed, count, channels):
    values = noise(seed, count, channels)
    power = PowerFilter().batch(values)
    np.testing.assert_allclose(power.values, power_naive(values), rtol=1e-9, atol=1e-12)
    middle = values[: 2 * REACH + 1, :3].mean(axis=0)
    if count > 2 * REACH:
        assert power.gravity[REACH] == pytest.approx((middle**2).sum())


@settings(max_examples=60, deadline=None)
@given(seeds, st.lists(st.integers(0, 80), max_size=8), st.sampled_from([3, 6]))
def test_chunks_change_nothing(seed, cuts, channels):
    values = noise(seed, 80, channels)
    whole = PowerFilter().batch(values)
    state, parts = PowerState(), []
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), 80], strict=True):
        before = None if state.values is None else state.values.copy()
        part, after = PowerFilter().step(values[begin:end], state)
        if before is not None:
            np.testing.assert_array_equal(state.values, before)
        state = after
        assert state.values is not None and len(state.values) <= 2 * REACH + 80
        parts.append(part)
    parts.append(PowerFilter().finish(state))
    np.testing.assert_array_equal(np.concatenate([part.values for part in parts]), whole.values)
    np.testing.assert_array_equal(np.concatenate([part.gravity for part in parts]), whole.gravity)


def test_nothing_ends_as_nothing():
    assert len(PowerFilter().finish(PowerState())) == 0


def test_what_is_carried_does_not_grow():
    state = PowerState()
    for _ in range(200):
        _, state = PowerFilter().step(noise(0, 5), state)
    assert state.values is not None and len(state.values) == 2 * REACH


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_gravity_and_turn_do_not_matter(seed):
    values = noise(seed, 50)
    turn = Rotation.random(random_state=seed)
    turned = np.hstack([turn.apply(values[:, :3]), turn.apply(values[:, 3:])])
    power = PowerFilter().batch(values)
    np.testing.assert_allclose(PowerFilter().batch(turned).values, power.values, rtol=1e-9)
    weightless = values - [0, 0, G, 0, 0, 0]
    np.testing.assert_allclose(PowerFilter().batch(weightless).values, power.values, rtol=1e-9)
    np.testing.assert_array_equal(PowerFilter().batch(4.0 * values).values, 16.0 * power.values)


def test_the_grid_is_the_same_for_every_clock():
    def motion(rate_hz: float) -> np.ndarray:
        time = np.arange(round(4 * rate_hz)) / rate_hz
        return np.stack([np.sin(9 * time), np.cos(7 * time), np.full(len(time), G)], axis=1)

    truth = motion(ENERGY_RATE_HZ)[10:-10]
    for rate_hz in (50.0, 104.3, 200.0):
        grid = on_energy_grid(motion(rate_hz), None, rate_hz)
        np.testing.assert_allclose(grid[10:90], truth, atol=0.02)


@pytest.mark.parametrize(
    ("acc", "gyr", "rate_hz"),
    [
        (np.zeros((1, 3)), None, 50.0),
        (np.zeros((9, 3)), np.zeros((8, 3)), 50.0),
        (np.zeros((9, 2)), None, 50.0),
        (np.zeros((9, 3)), np.zeros((9, 1)), 50.0),
        (np.full((9, 3), np.nan), None, 50.0),
        (np.zeros((9, 3)), None, 0.0),
        (np.zeros((9, 3)), None, float("nan")),
    ],
)
def test_what_is_no_signal_is_refused(acc, gyr, rate_hz):
    with pytest.raises(UsageError):
        on_energy_grid(acc, gyr, rate_hz)
