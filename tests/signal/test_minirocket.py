"""MiniRocket against a plain convolution and against aeon's output; what is drawn at random is distributed as stated."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from anywear.errors import UsageError
from anywear.signal import minirocket
from anywear.signal.minirocket import KERNELS, TAPS, MiniRocket, dilations_of, fit_minirocket

FROZEN = Path(__file__).with_name("minirocket_aeon.npz")
"""Windows (integer walks, so sums are exact), fitted parameters and features of aeon 1.6.0: its
``MiniRocket(n_kernels=N, random_state=0)`` fitted to ``fitted``, N 600 or 3000, and applied to ``asked``."""


def _naive(rocket: MiniRocket, values: np.ndarray) -> np.ndarray:
    """Every kernel as nine weights, every sample by itself."""
    out = []
    for window in values.astype(float):
        features, first = [], 0
        for turn, (dilation, count) in enumerate(zip(rocket.dilations, rocket.counts, strict=True)):
            for number, twos in enumerate(KERNELS):
                chosen = rocket.chosen[turn * len(KERNELS) + number]
                weights = [2.0 if tap in twos else -1.0 for tap in range(TAPS)]
                padded = (turn + number) % 2 == 0
                found = []
                for t in range(rocket.length):
                    at = [t + (tap - 4) * dilation for tap in range(TAPS)]
                    inside = [0 <= i < rocket.length for i in at]
                    if padded or all(inside):
                        found.append(
                            sum(
                                weight * window[channel, i]
                                for channel in chosen
                                for weight, i, there in zip(weights, at, inside, strict=True)
                                if there
                            )
                        )
                for bias in rocket.biases[first : first + count]:
                    features.append(np.mean([value > bias for value in found]))
                first += count
        out.append(features)
    return np.array(out)


@pytest.fixture
def walks():
    return np.random.default_rng(0).integers(-9, 10, size=(5, 3, 33)).cumsum(axis=2).astype(np.float32)


@pytest.fixture(scope="module")
def frozen():
    with np.load(FROZEN) as stored:
        return dict(stored)


def test_features_are_shares_of_samples_above_the_bias(walks):
    rocket = fit_minirocket(walks[:2], np.random.default_rng(1), features=84 * 6)
    assert len(rocket.dilations) > 2 and {len(own) for own in rocket.chosen} == {1, 2, 3}
    found = rocket.transform(walks)
    assert found.dtype == np.float32 and found.shape == (5, 84 * 6)
    assert found == pytest.approx(_naive(rocket, walks), abs=1e-6)
    assert 0.2 < found.mean() < 0.8 and found.std(axis=0).min() >= 0.0 and (found.std(axis=0) > 0).mean() > 0.9


@pytest.mark.parametrize("case", ["one_channel", "six_channels", "long"])
def test_features_are_those_of_aeon(frozen, case):
    """Given aeon's drawn channels and biases, its features follow to the last bit."""
    own = {key.partition("/")[2]: value for key, value in frozen.items() if key.startswith(f"{case}/")}
    _, channels, length = own["fitted"].shape
    chosen = tuple(
        tuple(part.tolist()) for part in np.split(own["channels"], own["channel_counts"].astype(int).cumsum()[:-1])
    )
    rocket = MiniRocket(channels, length, own["dilations"], own["counts"], chosen, own["biases"])
    assert np.array_equal(rocket.transform(own["asked"].astype(np.float32)), own["features"])


@pytest.mark.parametrize("case", ["one_channel", "long"])
def test_what_is_fitted_to_one_window_is_what_aeon_fits(frozen, case):
    """One window of one channel leaves nothing to chance: dilations, their shares, biases and features are the same."""
    own = {key.partition("/")[2]: value for key, value in frozen.items() if key.startswith(f"{case}/")}
    rocket = fit_minirocket(own["fitted"].astype(np.float32), np.random.default_rng(5), own["features"].shape[1])
    assert np.array_equal(rocket.dilations, own["dilations"]) and np.array_equal(rocket.counts, own["counts"])
    assert rocket.biases == pytest.approx(own["biases"], rel=1e-5, abs=1e-3)
    # A bias that rounds to the other side of a whole number moves one sample.
    assert (rocket.transform(own["asked"].astype(np.float32)) != own["features"]).mean() < 1e-3


def test_the_default_size_is_that_of_the_paper():
    """9,996 features; 32 exponents from a kernel's own length to the window's."""
    dilations, counts = dilations_of(1000, 119)
    assert counts.sum() * 84 == 9_996 and len(dilations) <= 32
    assert dilations[0] == 1 and dilations[-1] == 124 and 8 * 124 < 1000 <= 8 * 125
    assert all(a < b for a, b in pairwise(dilations.tolist()))
    assert dilations_of(9, 119)[0].tolist() == [1]


def test_quantiles_are_those_of_numpy():
    rng = np.random.default_rng(2)
    for size in (1, 2, 125):
        values, shares = rng.normal(size=size).astype(np.float32), rng.random(40)
        assert minirocket._quantiles(values, shares) == pytest.approx(np.quantile(values, shares), abs=1e-6)


def test_channels_are_drawn_few_more_often_than_many():
    """Of at most m channels, n with probability log2((n + 1) / n) / log2(m + 1); none twice."""
    rng = np.random.default_rng(3)
    for channels in (1, 5, 30):
        drawn = [minirocket._draw_channels(channels, rng) for _ in range(4000)]
        assert all(len(set(own)) == len(own) and max(own) < channels for own in drawn)
        most = min(channels, 9)
        for n in range(1, most + 1):
            wanted = np.log2((n + 1) / n) / np.log2(most + 1)
            assert np.mean([len(own) == n for own in drawn]) == pytest.approx(wanted, abs=0.03)
        assert len({channel for own in drawn for channel in own}) == channels


def test_where_a_window_lies_does_not_matter_inside(walks):
    """Weights sum to zero: a constant added to a channel changes only what sees the zeros around a window."""
    rocket = fit_minirocket(walks, np.random.default_rng(4), features=84 * 2)
    pairs = len(rocket.dilations) * len(KERNELS)
    turn, kernel = np.divmod(np.repeat(np.arange(pairs), np.repeat(rocket.counts, len(KERNELS))), len(KERNELS))
    inside = (turn + kernel) % 2 == 1
    same = (rocket.transform(walks) == rocket.transform(walks + 64.0)).all(axis=0)
    assert inside.any() and same[inside].all() and not same[~inside].all()


def test_blocks_and_seeds(walks, monkeypatch):
    rocket = fit_minirocket(walks, np.random.default_rng(6), features=84)
    whole = rocket.transform(walks)
    monkeypatch.setattr(minirocket, "BLOCK", 2)
    assert np.array_equal(rocket.transform(walks), whole)
    assert np.array_equal(fit_minirocket(walks, np.random.default_rng(6), features=84).transform(walks), whole)
    other = fit_minirocket(walks, np.random.default_rng(7), features=84)
    assert other.chosen != rocket.chosen and not np.array_equal(other.biases, rocket.biases)
    assert rocket.transform(walks[:0]).shape == (0, 84)


def test_long_windows_are_counted_whole():
    """Beyond 255 samples a count needs more than eight bits."""
    rising = np.arange(600, dtype=np.float32)[None, None] ** 2
    rocket = fit_minirocket(rising, np.random.default_rng(0), features=84)
    lowest = MiniRocket(1, 600, rocket.dilations, rocket.counts, rocket.chosen, np.full(84, -1e9, dtype=np.float32))
    assert (lowest.transform(rising) == 1.0).all()


def test_what_cannot_be_is_refused(walks):
    rng = np.random.default_rng(0)
    with pytest.raises(UsageError, match="cannot be fitted") as caught:
        fit_minirocket(walks[:, :, :8], rng)
    assert caught.value.got == "8"
    for wrong in (walks[:0], walks[:, :0]):
        with pytest.raises(UsageError, match="cannot be fitted"):
            fit_minirocket(wrong, rng)
    with pytest.raises(UsageError, match="cannot be fitted"):
        fit_minirocket(walks, rng, features=83)
    with pytest.raises(UsageError, match="another shape") as caught:
        fit_minirocket(walks, rng, features=84).transform(walks[:, :2])
    assert caught.value.expected == "3 channels of 33 samples"
