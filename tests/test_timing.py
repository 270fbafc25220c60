from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anywear.errors import UsageError
from anywear.timing import GAP_MIN_S, GAP_PERIODS, contiguous_slices, effective_rate_hz, gap_threshold_s


@settings(deadline=None)
@given(st.floats(0.5, 2000))
def test_gaps_are_four_periods_but_never_a_phones_delay(rate_hz):
    threshold = gap_threshold_s(rate_hz)
    assert threshold >= GAP_PERIODS / rate_hz
    assert threshold >= GAP_MIN_S > 0.155


@settings(deadline=None)
@given(st.floats(1, 1000), st.integers(2, 400), st.floats(-1e6, 1e6))
def test_an_even_clock_gives_its_rate(rate_hz, count, start_s):
    time = start_s + np.arange(count) / rate_hz
    assert effective_rate_hz(time) == pytest.approx(rate_hz, rel=1e-3)
    assert contiguous_slices(time) == [slice(0, count)]


@settings(deadline=None)
@given(st.floats(5, 450), st.integers(0, 2**32 - 1))
def test_stamps_in_whole_milliseconds_keep_the_rate(rate_hz, seed):
    start = np.random.default_rng(seed).random()
    time = np.unique(np.round(start + np.arange(600) / rate_hz, 3))
    assert effective_rate_hz(time) == pytest.approx(rate_hz, rel=0.01)


@settings(deadline=None)
@given(st.floats(5, 500), st.integers(0, 2**32 - 1))
def test_jitter_keeps_the_rate(rate_hz, seed):
    rng = np.random.default_rng(seed)
    time = (np.arange(600) + rng.uniform(-0.4, 0.4, 600)) / rate_hz
    assert effective_rate_hz(time) == pytest.approx(rate_hz, rel=0.01)


@settings(deadline=None)
@given(st.floats(5, 500), st.lists(st.integers(2, 300), min_size=1, max_size=6), st.floats(1.01, 1e6))
def test_gaps_split_and_do_not_touch_the_rate(rate_hz, lengths, factor):
    # Stretches differ in length; each gap is longer than the rule's threshold.
    gap = factor * max(GAP_PERIODS / rate_hz, GAP_MIN_S)
    parts, begin = [], 0.0
    for count in lengths:
        parts.append(begin + np.arange(count) / rate_hz)
        begin = parts[-1][-1] + gap
    time = np.concatenate(parts)
    edges = np.cumsum([0, *lengths])
    expected = [slice(a, b) for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)]
    assert contiguous_slices(time, rate_hz) == expected
    # The rate is read off where most steps are within stretches.
    if sum(lengths) > 3 * len(lengths):
        assert effective_rate_hz(time) == pytest.approx(rate_hz, rel=0.01)
        assert contiguous_slices(time) == expected


@settings(deadline=None)
@given(st.lists(st.floats(1e-4, 100), min_size=1, max_size=60), st.floats(0.5, 2000))
def test_slices_cover_every_sample_once_whatever_the_rate(steps, rate_hz):
    time = np.cumsum([0.0, *steps])
    slices = contiguous_slices(time, rate_hz)
    assert [i for part in slices for i in range(part.start, part.stop)] == list(range(len(time)))
    inside = [np.diff(time[part]) for part in slices]
    assert all((step <= gap_threshold_s(rate_hz) * (1 + 1e-12)).all() for step in inside)
    assert all(time[b.start] - time[a.stop - 1] > gap_threshold_s(rate_hz) for a, b in itertools.pairwise(slices))


def test_bursts_with_short_pauses_give_the_mean_rate():
    # Ten samples within 9 ms, ten times a second.
    time = (np.arange(50)[:, None] * 0.1 + np.arange(10) * 0.001).ravel()
    assert effective_rate_hz(time) == pytest.approx(100, rel=0.03)
    assert len(contiguous_slices(time)) == 1


def test_late_packets_of_phones_are_no_gap():
    time = np.arange(100) / 50.0
    time[40:] += 0.155
    assert len(contiguous_slices(time)) == 1


@pytest.mark.parametrize("rate_hz", [0.0, -50.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate_hz):
    with pytest.raises(UsageError, match="rate"):
        contiguous_slices(np.arange(5.0), rate_hz)


def test_a_rate_far_from_the_truth_cuts_or_joins_but_loses_nothing():
    time = np.arange(20.0)  # one sample a second
    assert contiguous_slices(time, 1000.0) == [slice(i, i + 1) for i in range(20)]
    assert contiguous_slices(time, 0.01) == [slice(0, 20)]


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_any_samples_are_one_stretch(count):
    assert contiguous_slices(np.zeros(count)) == [slice(0, count)]


def test_steps_too_small_for_a_float_do_no_harm():
    assert effective_rate_hz(np.array([0.0, 5e-324, 1e-323])) > 1e300
