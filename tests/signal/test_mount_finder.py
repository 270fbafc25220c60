"""The mount of a live stream: equal to that of the whole, for any chunking, in bounded memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walks import RATE_HZ, worn

from anywear.signal import Piece
from anywear.signal.mount import calibrate_mount
from anywear.signal.mount_evidence import KEPT, add_windows, no_evidence
from anywear.signal.mount_finder import MountFinder, MountFinderState
from anywear.signal.walking import LENGTH, WALK_RATE_HZ


def _values(stream) -> np.ndarray:
    return np.hstack([stream.acc_mps2, stream.gyr_radps]).astype(np.float64)


def _run(finder: MountFinder, stream, edges) -> tuple[list, MountFinderState]:
    state, events = MountFinderState(), []
    values = _values(stream)
    for start, stop in zip([0, *edges], [*edges, len(values)], strict=True):
        new, state = finder.step((stream.time_s[start:stop], values[start:stop]), state)
        events += new
    new, state = finder.finish(state)
    return events + new, state


def _equal(one, other) -> None:
    assert len(one.pieces) == len(other.pieces)
    for a, b in zip(one.pieces, other.pieces, strict=True):
        assert a.mount.knowledge == b.mount.knowledge and a.stretches == b.stretches and a.reason == b.reason
        for name in ("quat_segment_from_sensor", "up_axis"):
            if getattr(a.mount, name) is not None:
                np.testing.assert_allclose(getattr(a.mount, name), getattr(b.mount, name), atol=1e-9)
        assert a.walking_s == b.walking_s


@pytest.mark.parametrize("site", ["waist", "left_front_pocket", "left_foot", "left_wrist"])
@settings(max_examples=8, deadline=None)
@given(edges=st.lists(st.integers(0, 1000), max_size=30))
def test_any_chunking_finds_what_the_whole_finds(site, edges):
    stream = worn("walking_left", 1, site, 4).stream
    finder = MountFinder(stream.placement, stream.effective_rate_hz)
    events, state = _run(finder, stream, sorted(edges))
    _equal(finder.estimate(state), calibrate_mount(stream))
    assert len(events) == len(state.evidence) > 0


def test_gaps_are_the_same_in_chunks():
    stream = worn("walking_treadmill", 4, "waist", 4).stream
    stream = replace(stream, time_s=stream.time_s + np.where(stream.time_s >= 9.0, 30.3, 0.0))
    finder = MountFinder(stream.placement, stream.effective_rate_hz)
    _, state = _run(finder, stream, [100, 449, 450, 451, 700])
    _equal(finder.estimate(state), calibrate_mount(stream))


def test_the_state_before_a_step_is_left_as_it_was():
    stream = worn("walking_left", 1, "waist", 4).stream
    finder = MountFinder(stream.placement, RATE_HZ)
    _, before = finder.step((stream.time_s[:400], _values(stream)[:400]), MountFinderState())
    seen = len(before.evidence)
    once = finder.step((stream.time_s[400:], _values(stream)[400:]), before)
    again = finder.step((stream.time_s[400:], _values(stream)[400:]), before)
    assert len(before.evidence) == seen < len(once[1].evidence)
    assert once[0] == again[0]
    np.testing.assert_array_equal(once[1].evidence.up, again[1].evidence.up)


def test_memory_is_bounded_and_thinning_keeps_the_answer():
    stream = worn("walking_treadmill", 4, "waist", 4).stream
    values = np.tile(_values(stream)[::2][:475], (40, 1))  # 25 Hz, 19 s again and again
    evidence, offset, sizes = no_evidence(), 0, []
    for _ in range(8):
        piece = Piece(np.arange(len(values)) + offset, values, WALK_RATE_HZ)
        evidence = add_windows(evidence, piece, "trunk")
        offset += len(values)
        sizes.append(len(evidence))
    assert max(sizes) <= KEPT < evidence.count and evidence.stride > 1
    assert (evidence.number % evidence.stride == 0).all()
    assert evidence.walking_s == pytest.approx(8 * 40 * 19.0, rel=0.1)


def test_the_rest_that_is_carried_is_short():
    stream = worn("walking_left", 1, "waist", 4).stream
    finder, state = MountFinder(stream.placement, RATE_HZ), MountFinderState()
    for start in range(0, 1000, 7):
        _, state = finder.step((stream.time_s[start : start + 7], _values(stream)[start : start + 7]), state)
        assert state.rest is None or len(state.rest.index) <= LENGTH + 25
        assert len(state.resampler.time_s) < 100


def test_nothing_yet_is_told_as_such():
    stream = worn("walking_left", 1, "waist").stream
    finder = MountFinder(stream.placement, RATE_HZ)
    assert finder.estimate(MountFinderState()).main.reason == "no walking was found"
    events, state = finder.step((np.zeros(0), np.zeros((0, 6))), MountFinderState())
    assert events == [] and state.first_s is None
    slow = MountFinder(stream.placement, 5.0)
    _, state = slow.step((stream.time_s, _values(stream)), MountFinderState())
    assert "too slow" in slow.estimate(state).main.reason
