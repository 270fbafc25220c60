from __future__ import annotations

from dataclasses import astuple, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anywear.datasets import dataset
from anywear.errors import AnywearError, UsageError
from anywear.recording import STANDARD_GRAVITY_MPS2 as G
from anywear.signal import Candidate, SegmentConfig, Segmenter, SegmenterState, segment

RATE_HZ = 50.0


def session(strokes_s: list[float], length_s: float, size: float = 8.0, walking: float = 0.0, seed: int = 0):
    """Strokes of 0.8 s at these times, in rest or over a gait of this amplitude; stamps and six channels."""
    time = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    rng = np.random.default_rng(seed)
    values = rng.normal([0, 0, G, 0, 0, 0], [0.02] * 3 + [0.005] * 3, (len(time), 6))
    values[:, 2] += walking * np.sin(2 * np.pi * 1.9 * time)
    values[:, 3] += 0.4 * walking * np.sin(2 * np.pi * 0.95 * time)
    for start in strokes_s:
        inside = (time >= start) & (time < start + 0.8)
        values[inside, 0] += size * np.sin(5 * np.pi * (time[inside] - start))
        values[inside, 4] += 0.5 * size * np.sin(2.5 * np.pi * (time[inside] - start))
    return time, values


def in_chunks(time, values, cuts, rate_hz=RATE_HZ) -> list[Candidate]:
    segmenter, state, found = Segmenter(rate_hz), SegmenterState(), []
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(time)], strict=True):
        own, state = segmenter.step(time[begin:end], values[begin:end], state)
        found += own
    return found + segmenter.finish(state)


def assert_same(one: list[Candidate], other: list[Candidate]) -> None:
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(astuple(a), astuple(b), atol=1e-6)


def test_strokes_are_found_where_they_are():
    starts = [4.0, 6.5, 11.0]
    found = Segmenter(RATE_HZ).batch(*session(starts, 15.0))
    assert len(found) == 3
    for own, start in zip(found, starts, strict=True):
        assert own.start_s == pytest.approx(start, abs=0.2) and own.stop_s == pytest.approx(start + 0.8, abs=0.2)
        assert own.start_s <= own.nucleus_start_s <= own.peak_s <= own.nucleus_stop_s <= own.stop_s
        assert own.above_db > 13.0 and own.whole
        assert own.stop_s < own.decided_s < own.stop_s + 1.2


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 1000), max_size=12), st.booleans())
def test_chunks_change_nothing(seed, cuts, gap):
    time, values = session([3.0, 5.1, 9.0, 13.5], 20.0, walking=float(seed % 3), seed=seed)
    if gap:
        time, values = np.r_[time[:480], time[520:]], np.r_[values[:480], values[520:]]
    whole = Segmenter(RATE_HZ).batch(time, values)
    assert whole
    assert_same(in_chunks(time, values, [cut for cut in cuts if cut <= len(time)]), whole)


def test_single_samples_change_nothing():
    time, values = session([3.0, 5.1], 8.0)
    assert_same(in_chunks(time, values, list(range(1, len(time)))), Segmenter(RATE_HZ).batch(time, values))


def test_the_state_given_is_left_alone():
    time, values = session([3.0, 5.1], 8.0)
    segmenter = Segmenter(RATE_HZ)
    _, state = segmenter.step(time[:180], values[:180], SegmenterState())
    assert state.since is not None
    one, _ = segmenter.step(time[180:], values[180:], state)
    two, _ = segmenter.step(time[180:], values[180:], state)
    assert one == two and len(one) == 2


def test_a_candidate_comes_when_it_says():
    time, values = session([3.0, 5.1, 9.0], 14.0)
    segmenter, state = Segmenter(RATE_HZ), SegmenterState()
    came = []
    for at in range(len(time)):
        own, state = segmenter.step(time[at : at + 1], values[at : at + 1], state)
        came += [(candidate.decided_s, time[at]) for candidate in own]
    assert len(came) == 3
    for said, heard in came:
        assert heard - 0.1 <= said <= heard + 1e-6


@pytest.mark.parametrize("gyroscope", [True, False])
def test_unit_and_turn_do_not_matter(gyroscope):
    time, values = session([4.0, 6.5, 11.0], 15.0)
    turn = Rotation.random(random_state=5)
    other = np.hstack([turn.apply(values[:, :3]) / G, np.rad2deg(turn.apply(values[:, 3:]))])
    kept = slice(0, 6 if gyroscope else 3)
    assert_same(Segmenter(RATE_HZ).batch(time, other[:, kept]), Segmenter(RATE_HZ).batch(time, values[:, kept]))


def test_going_on_is_background_and_what_stands_out_of_it_is_found():
    time, values = session([40.0, 50.0], 60.0, size=25.0, walking=2.0)
    found = Segmenter(RATE_HZ).batch(time, values)
    settled = [own for own in found if own.start_s > 20.0]
    assert len(found) - len(settled) <= 2  # the gait itself is new at first
    assert [round(own.peak_s) for own in settled] == [40, 50]


def test_still_again_after_an_activity():
    time, values = session([34.0], 40.0)
    walking = (time > 5) & (time < 30)
    values[walking, 2] += 3.0 * np.sin(12 * time[walking])
    late = [own for own in Segmenter(RATE_HZ).batch(time, values) if own.start_s > 32.0]
    assert len(late) == 1 and late[0].start_s == pytest.approx(34.0, abs=0.2)


def test_tremor_and_silence_hold_no_motion():
    time, values = session([], 30.0)
    assert Segmenter(RATE_HZ).batch(time, values) == []
    assert Segmenter(RATE_HZ).batch(time, np.zeros_like(values)) == []
    assert Segmenter(RATE_HZ).batch(time, np.tile([0.0, 0.0, G], (len(time), 1))) == []


def test_what_is_cut_says_so():
    time, values = session([3.0], 3.5)
    [last] = Segmenter(RATE_HZ).batch(time, values)
    assert not last.whole and last.stop_s <= time[-1] + 1e-9
    time, values = session([3.0, 8.0], 12.0)
    kept = (time < 3.4) | (time > 5.0)
    first, second = Segmenter(RATE_HZ).batch(time[kept], values[kept])
    assert not first.whole and first.stop_s <= 3.4
    assert second.whole and second.peak_s > 8.0


def test_a_motion_without_end_is_cut_and_memory_is_bounded():
    time, values = session([], 60.0)
    values[:, 0] += (time > 5) * 10 ** (time / 20) * np.sin(12 * time)  # ever stronger: never background
    segmenter, state, found = Segmenter(RATE_HZ), SegmenterState(), []
    longest = 0
    for at in range(0, len(time), 7):
        own, state = segmenter.step(time[at : at + 7], values[at : at + 7], state)
        found += own
        longest = max(longest, 0 if state.kept is None else len(state.kept))
    config = segmenter.config
    assert longest <= (config.longest_s + config.lead_s) * 25 + 1
    assert found and found[0].stop_s - found[0].start_s <= config.longest_s + config.lead_s
    assert all(b.start_s > a.stop_s for a, b in pairwise(found))


@pytest.mark.parametrize(
    "change",
    [{"onset": 2.0}, {"offset": 0.5}, {"faded": 1.0}, {"pause_s": 0.0}, {"longest_s": 0.1}, {"lead_s": float("nan")}],
)
def test_an_impossible_config_is_refused(change):
    with pytest.raises(UsageError):
        SegmentConfig(**change)


def test_bad_chunks_are_refused():
    segmenter = Segmenter(RATE_HZ)
    with pytest.raises(UsageError, match="channels"):
        segmenter.step(np.zeros(3), np.zeros((3, 4)), SegmenterState())
    time, values = session([], 1.0)
    _, state = segmenter.step(time, values, SegmenterState())
    with pytest.raises(AnywearError, match="increase"):
        segmenter.step(time, values, state)
    with pytest.raises(AnywearError, match="finite"):
        segmenter.step(time + 10, values * np.nan, state)


@pytest.mark.parametrize("gyroscope", [True, False])
def test_marked_gestures_are_found(dataset_root, gyroscope):
    chosen = dataset("uhh-gestures")
    source = chosen.find(dataset_root("uhh-gestures").parent)
    marks = hits = found = 0
    for recording in list(chosen.recordings(source, subjects=["l"])):
        stream = recording.streams[0] if gyroscope else replace(recording.streams[0], gyr_radps=None)
        own = segment(stream)
        found += len(own)
        marks += len(recording.labels)
        for mark in recording.labels:
            shared = [min(mark.end_s, c.stop_s) - max(mark.start_s, c.start_s) for c in own]
            whole = [max(mark.end_s, c.stop_s) - min(mark.start_s, c.start_s) for c in own]
            hits += max(a / b for a, b in zip(shared, whole, strict=True)) >= 0.5
    assert marks == 100
    assert hits >= 0.97 * marks and hits >= 0.9 * found
