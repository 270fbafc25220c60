"""Windows: the chunked form finds what the batch form finds, no window crosses a gap, memory stays bounded."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anywear.errors import UsageError
from anywear.recording import Recording, Stream
from anywear.signal import Window, WindowConfig, Windower, grid_pieces, windows
from anywear.timing import contiguous_slices, gap_threshold_s

RATES = [26.0, 50.0, 52.0, 100.0, 200.0]


def stream(name: str, time: np.ndarray, gyro: bool = True) -> Stream:
    values = np.stack([np.sin(time), np.cos(time), 9.81 + 0.0 * time], axis=1)
    return Stream(name, time, values, values / 10 if gyro else None)


def steady(rate_hz: float, seconds: float, start_s: float = 0.0) -> np.ndarray:
    return start_s + np.arange(round(rate_hz * seconds)) / rate_hz


@st.composite
def clocks(draw) -> list[tuple[np.ndarray, bool]]:
    """Up to three streams of different rates that start, end, stop and go on when they like, with a gyroscope or without."""
    out = []
    for _ in range(draw(st.integers(1, 3))):
        rate = draw(st.sampled_from(RATES))
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        time = steady(rate, draw(st.floats(0.6, 12.0)), draw(st.floats(-3.0, 6.0)))
        time = time + rng.uniform(-0.3, 0.3, len(time)) / rate
        for _ in range(draw(st.integers(0, 3))):
            # Gaps shorter and longer than a window, and dropouts too short for a gap.
            time[rng.integers(1, len(time)) :] += draw(st.sampled_from([0.1, 0.3, 1.7, 9.0]))
        out.append((time, draw(st.booleans())))
    return out


def recording_of(worn: list[tuple[np.ndarray, bool]]) -> Recording:
    return Recording(tuple(stream(f"s{number}", *own) for number, own in enumerate(worn)))


configs = st.builds(
    WindowConfig, st.sampled_from([25.0, 50.0]), st.sampled_from([0.4, 1.0, 2.56]), st.sampled_from([0.2, 0.96, 3.0])
)


def columns(own: Stream) -> np.ndarray:
    return own.acc_mps2 if own.gyr_radps is None else np.hstack([own.acc_mps2, own.gyr_radps])


def windower_for(recording: Recording, config: WindowConfig) -> Windower:
    return Windower(config, tuple(s.effective_rate_hz for s in recording.streams), recording.start_s)


def chunked(recording: Recording, config: WindowConfig, cuts: list[list[int]], tail: bool = False) -> list[Window]:
    """The recording sent in pieces; `cuts` has a sorted list of sample numbers per stream, all of one length."""
    windower = windower_for(recording, config)
    state, found = windower.start(), []
    for turn in range(len(cuts[0]) + 1):
        chunks = []
        for own, edges in zip(recording.streams, cuts, strict=True):
            part = slice([0, *edges][turn], [*edges, len(own)][turn])
            empty = part.start == part.stop
            chunks.append(None if empty and turn % 2 else (own.time_s[part], columns(own)[part]))
        new, state = windower.step(chunks, state)
        found += new
    return found + windower.finish(state, tail=tail)


def assert_same(one: list[Window], two: list[Window]) -> None:
    assert [(w.start, w.streams) for w in one] == [(w.start, w.streams) for w in two]
    for a, b in zip(one, two, strict=True):
        for p, q in zip(a.acc_mps2, b.acc_mps2, strict=True):
            np.testing.assert_allclose(p, q, rtol=0, atol=1e-12)
        for p, q in zip(a.gyr_radps, b.gyr_radps, strict=True):
            assert (p is None) == (q is None)
            if p is not None:
                np.testing.assert_allclose(p, q, rtol=0, atol=1e-12)


def windows_naive(recording: Recording, config: WindowConfig) -> list[tuple[int, tuple[int, ...]]]:
    """Every start in turn, every stream in turn: does one stretch hold the window's first and last moment?"""
    out = []
    start = math.ceil(recording.start_s * config.rate_hz - 1e-6)
    while (start + config.length - 1) / config.rate_hz <= recording.end_s + 1e-6:
        begin, end = start / config.rate_hz, (start + config.length - 1) / config.rate_hz
        covering = []
        for number, own in enumerate(recording.streams):
            for part in contiguous_slices(own.time_s):
                first, last = own.time_s[part.start], own.time_s[part.stop - 1]
                if first <= begin + 1e-6 / config.rate_hz and end - 1e-6 / config.rate_hz <= last:
                    covering.append(number)
        if covering:
            out.append((start, tuple(covering)))
        start += config.hop
    return out


@settings(max_examples=150, deadline=None)
@given(clocks(), configs)
def test_windows_are_where_the_definition_has_them(worn, config):
    recording = recording_of(worn)
    assert [(w.start, w.streams) for w in windows(recording, config)] == windows_naive(recording, config)


@settings(max_examples=200, deadline=None)
@given(clocks(), configs, st.booleans(), st.data())
def test_streaming_equals_batch_for_any_chunks(worn, config, tail, data):
    recording = recording_of(worn)
    turns = data.draw(st.integers(0, 12))
    cuts = [
        sorted(data.draw(st.lists(st.integers(0, len(own)), min_size=turns, max_size=turns)))
        for own in recording.streams
    ]
    assert_same(chunked(recording, config, cuts, tail), windows(recording, config, tail=tail))


@settings(max_examples=8, deadline=None)
@given(clocks(), configs)
def test_streaming_sample_by_sample_equals_batch(worn, config):
    recording = recording_of(worn)
    turns = max(len(own) for own in recording.streams)
    cuts = [[min(turn, len(own)) for turn in range(1, turns)] for own in recording.streams]
    assert_same(chunked(recording, config, cuts, tail=True), windows(recording, config, tail=True))


@settings(max_examples=150, deadline=None)
@given(clocks(), configs, st.sampled_from([0.02, 0.5, 3.0]), st.floats(0.05, 4.0), st.data())
def test_with_a_watermark_nothing_waits_longer_and_nothing_changes(worn, config, step_s, patience_s, data):
    """Every stream arrives with a delay of its own, up to the patience; what is silent holds nothing back."""
    recording = recording_of(worn)
    delays = [data.draw(st.floats(0.0, 0.99)) * patience_s for _ in worn]
    windower = windower_for(recording, config)
    state, found = windower.start(), []
    sent = [0] * len(worn)
    for now in np.arange(recording.start_s, recording.end_s + patience_s + step_s, step_s):
        chunks = []
        for number, own in enumerate(recording.streams):
            until = int(np.searchsorted(own.time_s, now - delays[number]))
            part = slice(sent[number], until)
            chunks.append((own.time_s[part], columns(own)[part]) if until > sent[number] else None)
            sent[number] = until
        new, state = windower.step(chunks, state, watermark_s=now - patience_s)
        found += new
        for window in new:
            assert window.streams, "a window without a stream"
        if state.next_start is not None:
            latest = (state.next_start + config.length) / config.rate_hz
            assert latest > now - patience_s - config.hop / config.rate_hz - 1.0, "held back beyond the watermark"
    assert_same(found + windower.finish(state, tail=True), windows(recording, config, tail=True))


@settings(max_examples=60, deadline=None)
@given(clocks(), configs, st.booleans())
def test_no_window_crosses_a_gap(worn, config, tail):
    recording = recording_of(worn)
    for window in windows(recording, config, tail=tail):
        begin = window.start / config.rate_hz
        end = begin + (len(window.acc_mps2[0]) - 1) / config.rate_hz
        for number in window.streams:
            own = recording.streams[number]
            around = own.time_s[(own.time_s > begin - 0.25) & (own.time_s < end + 0.25)]
            inner = np.diff(around)[(around[1:] > begin + 1e-9) & (around[:-1] < end - 1e-9)]
            assert (inner <= gap_threshold_s(own.effective_rate_hz)).all()


@settings(max_examples=60, deadline=None)
@given(clocks(), configs)
def test_windows_show_the_signal_of_their_time(worn, config):
    recording = recording_of(worn)
    for window in windows(recording, config, tail=True):
        at = (window.start + np.arange(len(window.acc_mps2[0]))) / config.rate_hz
        assert list(window.streams) == sorted(set(window.streams))
        for number, acc, gyr in zip(window.streams, window.acc_mps2, window.gyr_radps, strict=True):
            np.testing.assert_allclose(acc[:, 0], np.sin(at), atol=0.2)
            np.testing.assert_allclose(acc[:, 2], 9.81, atol=1e-5)
            assert (gyr is None) == (recording.streams[number].gyr_radps is None)
            if gyr is not None:
                np.testing.assert_allclose(gyr, acc / 10, atol=1e-5)


CONFIG = WindowConfig(25.0, 2.0, 1.0)


def spans(found: list[Window]) -> list[tuple[float, float, tuple[int, ...]]]:
    return [(w.start / 25, (w.start + len(w.acc_mps2[0])) / 25, w.streams) for w in found]


def test_starts_hop_from_the_first_sample():
    found = windows(Recording((stream("a", steady(50, 6.0, 0.5)),)), CONFIG)
    assert spans(found) == [
        (0.52, 2.52, (0,)),
        (1.52, 3.52, (0,)),
        (2.52, 4.52, (0,)),
        (3.52, 5.52, (0,)),
        (4.52, 6.52, (0,)),
    ]


def test_a_stream_takes_part_only_where_it_covers_the_whole_window():
    recording = Recording((stream("a", steady(50, 8.0)), stream("late", steady(100, 3.0, 2.5), gyro=False)))
    found = windows(recording, CONFIG)
    assert [w.streams for w in found] == [(0,), (0,), (0,), (0, 1), (0,), (0,), (0,)]
    both = found[3]
    assert both.start == 75
    assert [acc.shape for acc in both.acc_mps2] == [(50, 3), (50, 3)]
    assert both.gyr_radps[0].shape == (50, 3) and both.gyr_radps[1] is None


def test_where_no_stream_covers_there_is_no_window():
    time = np.r_[steady(50, 3.0), steady(50, 3.0, 10.0)]
    assert [w.start for w in windows(Recording((stream("a", time),)), CONFIG)] == [0, 25, 250, 275]


def test_a_gap_in_one_stream_leaves_the_other():
    time = np.r_[steady(50, 4.0), steady(50, 4.0, 6.0)]
    found = windows(Recording((stream("a", steady(50, 10.0)), stream("b", time))), CONFIG)
    assert [w.streams for w in found] == [(0, 1)] * 3 + [(0,)] * 3 + [(0, 1)] * 3


def test_a_stretch_without_a_grid_point_does_not_shift_the_windows():
    # One sample off the grid, a gap, then the recording proper: windows still count from the first sample.
    recording = Recording((stream("a", np.r_[0.013, steady(50, 5.0, 3.3)]),))
    found = windows(recording, CONFIG)
    assert [w.start for w in found] == [101, 126, 151]
    assert_same(chunked(recording, CONFIG, [[1]]), found)


@pytest.mark.parametrize("gap_s", [1e6, 1.7e9])
def test_a_clock_that_leaps_by_years_costs_nothing(gap_s):
    # A device that learns the date in the middle of a recording.
    recording = Recording((stream("a", np.r_[steady(50, 5.0), gap_s + steady(50, 5.0)]),))
    found = windows(recording, CONFIG)
    assert len(found) == 8
    assert_same(chunked(recording, CONFIG, [[100, 250, 300]]), found)


def test_unix_stamps_with_nothing_said_of_the_start():
    windower = Windower(CONFIG, (50.0,))
    time = steady(50, 5.0, 1.7e9)
    new, state = windower.step([(time, np.ones((250, 3)))], windower.start())
    assert 2 <= len(new + windower.finish(state)) <= 4
    assert all(w.start % CONFIG.hop == 0 for w in new), "counted from zero"


# The end.


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (6.0, [0.0, 1.0, 2.0, 3.0, 4.0]),  # nothing is left over
        (6.4, [0.0, 1.0, 2.0, 3.0, 4.0]),  # less than a quarter window
        (6.6, [0.0, 1.0, 2.0, 3.0, 4.0, 4.6]),  # more
        (2.0, [0.0]),
    ],
)
def test_the_tail_ends_with_the_data(seconds, expected):
    recording = Recording((stream("a", steady(25, seconds)),))
    found = windows(recording, CONFIG, tail=True)
    assert [begin for begin, _, _ in spans(found)] == pytest.approx(expected)
    assert {len(w.acc_mps2[0]) for w in found} == {50}
    assert_same(windows(recording, CONFIG), [w for w in found if w.start % 25 == 0])


def test_a_recording_shorter_than_a_window_is_one_window():
    [window] = windows(Recording((stream("a", steady(25, 1.2)), stream("b", steady(50, 0.7)))), CONFIG, tail=True)
    assert spans([window]) == [(0.0, 1.2, (0,))]
    assert windows(Recording((stream("a", steady(25, 1.2)),)), CONFIG) == []


def test_a_tail_behind_a_gap_is_not_stretched_over_it():
    time = np.r_[steady(25, 4.0), steady(25, 1.0, 6.0)]
    found = windows(Recording((stream("a", time),)), CONFIG, tail=True)
    assert [w.start for w in found] == [0, 25, 50]


def test_nothing_on_the_grid_gives_nothing():
    recording = Recording((stream("a", np.array([0.001, 0.002])),))
    assert windows(recording, CONFIG, tail=True) == []
    assert grid_pieces(recording, 25.0) == [[]]


# What is carried.


def carried(state) -> int:
    """Samples in the state, and the memory under views of them."""
    held = [s.time_s for s in state.resamplers] + [p.values for own in state.pieces for p in own]
    return sum(len(a.base) if a.base is not None else len(a) for a in held)


def test_memory_stays_bounded_over_a_long_stream():
    config = WindowConfig(25.0, 5.0, 1.0)
    windower = Windower(config, (100.0, 50.0))
    state, found, sizes = windower.start(), 0, []
    for second in range(1200):
        now = float(second + 300 * (second >= 600))  # five minutes without either
        time = [now + np.arange(100) / 100, now + np.arange(50) / 50]
        new, state = windower.step([(t, np.ones((len(t), 6))) for t in time], state)
        found += len(new)
        sizes.append(carried(state))
    # Five seconds at either start make the first window; the last one waits for what follows.
    assert found == 2 * (600 - 4) - 1
    # A window and a hop per stream on the grid; a kernel and a chunk per stream as they came.
    assert max(sizes) < 2 * (125 + 2 * 25) + 2 * (150 + 100)
    assert max(sizes[10:100]) == max(sizes[-100:])


def test_windows_come_as_soon_as_they_are_settled():
    windower = Windower(CONFIG, (50.0,))
    state, latest = windower.start(), []
    for k, t in enumerate(steady(50, 10.0)):
        new, state = windower.step([(np.array([t]), np.ones((1, 3)))], state)
        latest += [k / 50 - (w.start + 50) / 25 for w in new]
    # The kernel's half width, and a sample or two.
    assert len(latest) >= 8
    assert max(latest) < windower.resamplers[0].half_width_s + 0.06


def test_a_stream_that_starts_late_holds_windows_back_but_loses_none():
    recording = Recording((stream("a", steady(50, 10.0)), stream("b", steady(50, 4.0, 6.0))))
    windower = windower_for(recording, CONFIG)
    first, second = recording.streams
    new, state = windower.step([(first.time_s, columns(first)), None], windower.start())
    assert new == []
    more, state = windower.step([None, (second.time_s, columns(second))], state)
    assert more
    assert_same(more + windower.finish(state), windows(recording, CONFIG))


def test_a_stream_that_ends_early_is_left_out_of_what_follows():
    recording = Recording((stream("a", steady(50, 10.0)), stream("b", steady(50, 4.0))))
    found = chunked(recording, CONFIG, [[100, 200, 300, 400], [100, 200, 200, 200]])
    assert_same(found, windows(recording, CONFIG))
    assert found[0].streams == (0, 1) and found[-1].streams == (0,)


def test_a_stream_that_never_comes_is_left_out():
    windower = Windower(CONFIG, (50.0, 50.0))
    time = steady(50, 5.0)
    new, state = windower.step([(time, np.ones((250, 3))), None], windower.start())
    found = new + windower.finish(state)
    assert [w.streams for w in found] == [(0,)] * 4
    assert windower.finish(windower.start()) == []


def test_a_step_leaves_the_state_it_was_given_alone():
    windower = Windower(CONFIG, (50.0,))
    time = steady(50, 10.0)
    _, state = windower.step([(time[:250], np.ones((250, 3)))], windower.start())
    chunk = [(time[250:], np.ones((250, 3)))]
    assert_same(windower.step(chunk, state)[0], windower.step(chunk, state)[0])


def test_every_stream_needs_a_chunk_or_none():
    windower = Windower(CONFIG, (50.0, 50.0))
    with pytest.raises(UsageError, match="chunk") as caught:
        windower.step([None], windower.start())
    assert (caught.value.expected, caught.value.got) == ("2 chunks", "1")


@pytest.mark.parametrize(
    "fields",
    [
        (0.0, 2.0, 1.0), (2.0, 2.0, 1.0), (25.0, 0.0, 1.0), (25.0, 2.0, 0.0), (25.0, -1.0, 1.0), (25.0, 0.01, 1.0),
        (25.0, math.nan, 1.0), (25.0, math.inf, 1.0), (math.inf, 2.0, 1.0), (25.0, 2.0, math.nan),
    ],
)  # fmt: skip
def test_windows_that_cannot_be_are_refused(fields):
    with pytest.raises(UsageError, match="impossible") as caught:
        WindowConfig(*fields)
    assert "--window" in caught.value.remedy


def test_config_in_samples():
    assert (WindowConfig(25.0, 2.56, 0.96).length, WindowConfig(25.0, 2.56, 0.96).hop) == (64, 24)
