from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anywear.signal.energy import ENERGY_RATE_HZ, QUIET, Power
from anywear.signal.motion_background import BLOCK, Background, BackgroundState, above

GRAVITY = 96.0  # m2/s4, about the square of standard gravity


def of(*parts: tuple[float, float]) -> Power:
    """Power that is (value, for so many seconds), of both sensors, with gravity."""
    values = np.concatenate([np.full(round(seconds * ENERGY_RATE_HZ), value) for value, seconds in parts])
    return Power(np.stack([values, values / 7], axis=1), np.full(len(values), GRAVITY))


def levels(power: Power) -> np.ndarray:
    return Background().step(power, BackgroundState())[0]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 500), max_size=10))
def test_chunks_change_nothing(seed, cuts):
    values = np.random.default_rng(seed).lognormal(0.0, 2.0, (500, 2))
    gravity = np.full(500, GRAVITY)
    whole, last = Background().step(Power(values, gravity), BackgroundState())
    state, parts = BackgroundState(), []
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), 500], strict=True):
        part, state = Background().step(Power(values[begin:end], gravity[begin:end]), state)
        parts.append(part)
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    np.testing.assert_array_equal(state.level, last.level)


def test_a_level_knows_only_what_was_before_it():
    values = np.random.default_rng(3).lognormal(0.0, 2.0, (400, 2))
    changed = values.copy()
    changed[200:] *= 50.0
    one = levels(Power(values, np.full(400, GRAVITY)))
    other = levels(Power(changed, np.full(400, GRAVITY)))
    np.testing.assert_array_equal(one[: 200 + BLOCK], other[: 200 + BLOCK])
    assert (one[300:] != other[300:]).any()


def test_it_rises_over_seconds_and_falls_within_one():
    level = levels(of((1.0, 20.0), (100.0, 20.0), (1.0, 5.0)))[:, 0]
    second = round(ENERGY_RATE_HZ)
    assert level[21 * second] == pytest.approx(1.0)
    assert level[39 * second] == pytest.approx(100.0)
    assert level[41 * second] == pytest.approx(1.0)


def test_before_anything_is_known_acceleration_is_judged_by_gravity():
    level = levels(of((50.0, 10.0)))[:, 0]
    assert level[round(2.5 * ENERGY_RATE_HZ)] == pytest.approx(QUIET**2 * GRAVITY)
    assert level[-1] == pytest.approx(50.0)


def test_tremor_is_no_motion():
    level = levels(of((1e-9, 20.0)))
    np.testing.assert_allclose(level[:, 0], QUIET**2 * GRAVITY)


def test_a_silent_sensor_says_nothing():
    power = np.zeros((4, 2))
    power[:, 0] = 6.0
    np.testing.assert_allclose(above(power, np.array([[3.0, 0.0]] * 4)), 1.0)


def test_what_is_carried_is_bounded():
    state = BackgroundState()
    for _ in range(300):
        _, state = Background().step(of((1.0, 1.0)), state)
    assert state.blocks is not None and len(state.blocks) == round(12.0 * ENERGY_RATE_HZ / BLOCK)
