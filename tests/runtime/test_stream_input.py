"""The door of a live stream: any chunks give the same samples, clocks that break are mended and told, rates are watched."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anywear.runtime.stream_input import LEAP_S, LineState, Samples, Sensor, settle, take

SENSOR = Sensor("watch", 50.0)


def play(time: np.ndarray, cuts: list[int], others=lambda now: -math.inf, values: np.ndarray | None = None):
    """Stamps in pieces; shared time of what was taken, notes, and the state. `others` is the other sensors' time."""
    values = np.full((len(time), 3), 9.81) if values is None else values
    state, taken, notes = LineState(), [], []
    edges = [0, *cuts, len(time)]
    for begin, end in itertools.pairwise(edges):
        now = others(begin)
        own, state = take(SENSOR, Samples(time[begin:end], values[begin:end]), state, now)
        more, state = settle(SENSOR, state, others(end))
        for part in (own, more):
            taken += part.time_s.tolist()
            notes += [note.text for note in part.notes]
    rest, state = settle(SENSOR, state, others(len(time)), final=True)
    return np.array(taken + rest.time_s.tolist()), notes + [note.text for note in rest.notes], state


def steady(count: int, start_s: float = 0.0) -> np.ndarray:
    return start_s + np.arange(count) / 50


@st.composite
def broken_clocks(draw) -> np.ndarray:
    """A clock that now and then goes back a little, back a lot, ahead a little or a lot, for a sample or for good."""
    steps = np.full(draw(st.integers(2, 1500)), 0.02)
    for _ in range(draw(st.integers(0, 5))):
        at, by = (
            draw(st.integers(0, len(steps) - 1)),
            draw(st.sampled_from([-0.05, -0.5, -30.0, 0.5, 30.0, 500.0, 0.0])),
        )
        steps[at] = by
        if draw(st.booleans()) and at + 1 < len(steps):
            steps[at + 1] = 0.04 - by  # astray for one sample
    return np.cumsum(steps)


@settings(max_examples=100, deadline=None)
@given(broken_clocks(), st.data())
def test_chunks_change_nothing_whatever_the_clock_does(time, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(time)), max_size=12)))
    whole, _, _ = play(time, [])
    taken, notes, state = play(time, cuts)
    assert (np.diff(taken) > 0).all(), "time has to go on"
    np.testing.assert_allclose(taken, whole, atol=1e-9)
    assert not len(state.held_time_s)
    assert len(taken) + sum(int(text.split()[0]) for text in notes if "left out" in text) == len(time)


def test_a_good_clock_is_left_alone():
    time = np.r_[steady(500), steady(500, 30.0)] + 1.7e9
    taken, notes, state = play(time, [3, 3, 700])
    np.testing.assert_array_equal(taken, time)
    assert not notes and state.shift_s == 0.0


@pytest.mark.parametrize("off_s", [-5.0, 3600.0, -1e6, 1.7e9])
def test_a_stamp_astray_is_left_out(off_s):
    time = steady(500)
    time[200] += off_s
    taken, notes, _ = play(time, list(range(0, 500, 7)))
    np.testing.assert_array_equal(taken, np.delete(time, 200))
    assert [text.split(":")[0] for text in notes] == ["1 sample(s) left out"]


def test_a_packet_sent_twice_is_left_out():
    taken, notes, _ = play(np.r_[steady(300), steady(500)[250:]], [300, 350])
    np.testing.assert_array_equal(taken, steady(500))
    assert len(notes) == 1 and notes[0].startswith("50 ")


def test_a_clock_set_back_goes_on_behind_a_gap():
    time = np.r_[steady(500, 1000.0), steady(500)]
    taken, notes, state = play(time, list(range(0, 1000, 10)))
    assert len(taken) == 1000 and len(notes) == 1 and "set anew at its 0.00 s" in notes[0]
    assert taken[500] - taken[499] == pytest.approx(1.0)
    assert state.shift_s == pytest.approx(taken[500])


def test_a_long_pause_is_believed_once_it_has_lasted():
    time = np.r_[steady(100), steady(400, 5 * LEAP_S)]
    state = LineState()
    own, state = take(SENSOR, Samples(time[:150], np.full((150, 3), 9.81)), state, -math.inf)
    assert len(own.time_s) == 100 and len(state.held_time_s) == 50
    taken, notes, _ = play(time, list(range(0, 500, 10)))
    np.testing.assert_array_equal(taken, time)
    assert not notes


def test_a_clock_that_leaps_while_others_go_on_is_brought_back():
    """A watch that learns the date in the middle: its samples stay where the phone's are."""
    time = np.r_[steady(500), steady(1000, 1.7e9)]
    taken, notes, _ = play(time, list(range(0, 1500, 5)), others=lambda number: number / 50)
    assert len(notes) == 1 and "set anew" in notes[0]
    assert abs(taken[-1] - 30.0) < 1.0 and len(taken) == 1500


def test_a_sensor_on_a_clock_of_its_own_is_brought_to_the_others():
    taken, notes, _ = play(steady(600), list(range(0, 600, 5)), others=lambda number: 1.7e9 + number / 50)
    assert len(notes) == 1 and abs(taken[-1] - 1.7e9 - 12.0) < 0.2


def test_what_is_no_number_is_left_out_and_said():
    values = np.full((100, 3), 9.81)
    values[3, 1], values[50] = math.nan, math.inf
    time = steady(100)
    time[70] = math.nan
    values[80] = 1e300  # no float32
    taken, notes, _ = play(time, [50], values=values)
    np.testing.assert_array_equal(taken, np.delete(steady(100), [3, 50, 70, 80]))
    assert [text.split(":")[0] for text in notes] == ["1 sample(s) left out", "3 sample(s) left out"]


@pytest.mark.parametrize("chunk", [1, 7, 5000])
@pytest.mark.parametrize(("rate_hz", "says"), [(25.0, "at 25.0 Hz"), (2.0, "nothing can be answered")])
def test_another_rate_than_told_is_said_once(chunk, rate_hz, says):
    time = np.arange(2000) / rate_hz
    _, notes, _ = play(time, list(range(0, 2000, chunk)))
    assert len(notes) == 1 and says in notes[0] and "not at 50" in notes[0]


def test_a_rate_within_reason_is_not_mentioned():
    time = np.cumsum(np.random.default_rng(0).uniform(0.012, 0.025, 3000))
    assert not play(time, list(range(0, 3000, 11)))[1]
