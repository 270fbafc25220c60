"""Live gestures: any chunks give what the whole gives, wearers do not know each other, nothing grows, nothing stops it."""

from __future__ import annotations

import math
import pickle
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import anywear
from anywear import GestureStream, LiveStream, Recording, Samples, Sensor
from anywear.errors import FormatError, UnitError, UsageError
from anywear.runtime import Turn, step_many
from anywear.runtime.gestures import Gestures
from anywear.runtime.replay import replay, summarize
from anywear.runtime.stream_events import (
    Activity,
    Event,
    GestureSeen,
    Refused,
    Remark,
    SegmentEnded,
    SensorReturned,
    SensorStalled,
)
from anywear.signal.segmentation import segment
from runtime.gesture_live_toy import WRIST, alone, days, learned, samples, sensor_of, shown, whole
from runtime.live_toy import LABELS, PlainModel, assert_equal, offline


@pytest.fixture(scope="module")
def gestures() -> Gestures:
    return learned()


def play(live, own: anywear.Stream, cuts: Sequence[int]) -> list[Event]:
    state, events = live.start(), []
    for begin, end in zip([0, *cuts], [*cuts, len(own)], strict=True):
        new, state = live.step({own.name: samples(own, slice(begin, end))} if end > begin else {}, state)
        events += new
    return [*events, *live.finish(state)]


def seen(events: Sequence[Event]) -> list[GestureSeen]:
    return [event for event in events if isinstance(event, GestureSeen)]


def assert_as_whole(gestures: Gestures, events: Sequence[Event], own: anywear.Stream) -> None:
    """With motions that are none told, too: the same motions, and the same answers to all that could be gestures."""
    found = [e for e in seen(events) if gestures.min_s <= e.end_s - e.start_s <= gestures.max_s]
    wanted = whole(gestures, own)
    assert [(e.start_s, e.end_s, e.label) for e in found] == [row[:3] for row in wanted]
    np.testing.assert_allclose([e.confidence for e in found], [row[3] for row in wanted], rtol=0, atol=1e-4)
    assert [(e.start_s, e.end_s) for e in seen(events)] == [(c.start_s, c.stop_s) for c in segment(own)]


# --- streaming equals offline


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days(), st.data())
def test_any_chunks_give_what_the_whole_gives(gestures, own, data):
    live = GestureStream(gestures, sensor_of(own), rejected=True)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(own)), max_size=12)))
    assert_as_whole(gestures, play(live, own, cuts), own)


def test_sample_by_sample_and_at_once(gestures):
    made = [(2.0, "nod", 0.9), (5.0, "roll", 1.1), (8.0, "shake", 0.8), (11.0, "nod", 1.0)]
    own = shown(np.arange(700) / 50.0, made)
    live = GestureStream(gestures, sensor_of(own), rejected=True)
    one_by_one, at_once = play(live, own, range(1, len(own))), play(live, own, [])
    assert_as_whole(gestures, one_by_one, own)
    assert_as_whole(gestures, at_once, own)
    assert [e.label for e in seen(at_once)] == ["nod", "roll", "shake", "nod"]
    assert all(e.confidence > 0.5 for e in seen(at_once))


def test_events_come_with_the_sample_that_they_say(gestures):
    """Known with the first sample at or after `known_at_s`, less than a second after the end of the motion."""
    own = shown(np.arange(900) / 50.0, [(2.0, "nod", 0.9), (6.3, "roll", 1.1), (11.0, "shake", 0.8)])
    live = GestureStream(gestures, sensor_of(own))
    state, count = live.start(), 0
    for number, now_s in enumerate(own.time_s):
        events, state = live.step({"watch": samples(own, slice(number, number + 1))}, state)
        for event in seen(events):
            count += 1
            assert 0.0 <= now_s - event.known_at_s < 0.02 + 1e-9
            assert 0.0 < event.known_at_s - event.end_s < 1.0
    assert count == 3


def test_what_is_cut_by_the_end_is_told_at_the_end(gestures):
    own = shown(np.arange(140) / 50.0, [(2.0, "nod", 0.7)])
    live = GestureStream(gestures, sensor_of(own), rejected=True)
    events, state = live.step({"watch": samples(own, slice(None))}, live.start())
    assert not seen(events)
    [event] = seen(live.finish(state))
    assert event.known_at_s == own.time_s[-1] and event.to_dict()["event"] == "gesture"


# --- rejection


def test_what_is_no_gesture_is_told_only_if_asked(gestures):
    """Half a minute of one motion that goes on; and something much longer than any gesture."""
    time = np.arange(1500) / 50.0
    own = shown(time, [(3.0, "nod", 9.0), (20.0, "roll", 1.0)])
    loud = seen(play(GestureStream(gestures, sensor_of(own), rejected=True), own, []))
    quiet = seen(play(GestureStream(gestures, sensor_of(own)), own, []))
    assert [e for e in loud if e.label != "none"] == quiet and [e.label for e in quiet] == ["roll"]
    assert any(e.label == "none" and e.end_s - e.start_s > gestures.max_s for e in loud)


def test_the_state_may_go_on_with_other_gestures(gestures):
    """A state holds what was heard and no gestures, so these can be learned anew while somebody wears the sensor."""
    own = shown(np.arange(700) / 50.0, [(2.0, "nod", 0.9), (9.0, "nod", 0.9)])
    first = GestureStream(gestures, sensor_of(own))
    told, state = first.step({"watch": samples(own, slice(0, 300))}, first.start())
    other = Gestures(
        tuple(f"my {name}" for name in gestures.labels), gestures.head, texts={}, min_s=gestures.min_s,
        max_s=gestures.max_s, about={}, config=gestures.config,
    )  # fmt: skip
    more, _ = GestureStream(other, sensor_of(own)).step({"watch": samples(own, slice(300, None))}, state)
    assert [e.label for e in seen([*told, *more])] == ["nod", "my nod"]


# --- activities and gestures together


def test_activities_and_gestures_of_one_wearer(gestures):
    """Each is what it is alone, whatever sensors there are."""
    watch = shown(np.arange(1500) / 50.0, [(4.0, "nod", 0.9), (12.0, "shake", 0.8), (21.0, "roll", 1.0)])
    phone = replace(shown(np.arange(2600) / 100.0, []), name="phone", placement=anywear.Placement.at("chest"))
    recording, model = Recording((phone, watch)), PlainModel()
    live = LiveStream.for_recording(model, LABELS, recording, window_s=2, hop_s=1, threshold=0.3, gestures=gestures)
    state, events = live.start(), []
    for begin_s in np.arange(0.0, 30.0, 0.25):
        chunk = {}
        for own in recording.streams:
            first, last = np.searchsorted(own.time_s, [begin_s, begin_s + 0.25])
            chunk |= {own.name: samples(own, slice(first, last))} if last > first else {}
        new, state = live.step(chunk, state)
        state = pickle.loads(pickle.dumps(state))
        events += new
    events += live.finish(state)
    assert_equal(events, offline(model, recording, window_s=2, hop_s=1, threshold=0.3))
    assert [(e.start_s, e.end_s, e.label) for e in seen(events)] == [row[:3] for row in whole(gestures, watch)]
    assert len(seen(events)) == 3 and [e for e in events if isinstance(e, SegmentEnded)]
    without = LiveStream.for_recording(model, LABELS, recording, window_s=2, hop_s=1, threshold=0.3)
    with pytest.raises(UsageError, match="another stream"):
        without.step({}, live.start())


def test_which_sensor_makes_the_gestures(gestures):
    model, plain = PlainModel(), anywear.Placement.unknown()
    two = [Sensor("ring", 50.0, plain), Sensor("belt", 50.0, plain)]
    with pytest.raises(UsageError, match="Several sensors could make the gestures"):
        LiveStream(model, LABELS, two, gestures=gestures)
    with pytest.raises(UsageError, match="Unknown sensor 'hat'"):
        LiveStream(model, LABELS, two, gestures=gestures, gesture_sensor="hat")
    LiveStream(model, LABELS, two, gestures=gestures, gesture_sensor="belt")
    LiveStream(model, LABELS, [two[0], Sensor("watch", 50.0, WRIST)], gestures=gestures)  # worn as the examples were


def test_a_class_without_examples_is_read_live_as_well(small_model_dir):
    """What reads the words hears every motion, whatever the chunks, alone and beside activities."""
    known = learned(texts={"clap": "clapping both hands together"}, reader=small_model_dir)
    assert known.head.reader is not None and "clap" in known.labels
    own = shown(np.arange(700) / 50.0, [(2.0, "nod", 0.9), (5.0, "roll", 1.1), (8.0, "shake", 0.8), (11.0, "nod", 1.0)])
    live = GestureStream(known, sensor_of(own), rejected=True)
    live.warm()
    for cuts in ([], [100, 101, 333], range(5, len(own), 5)):
        assert_as_whole(known, play(live, own, cuts), own)
    both = LiveStream(PlainModel(), LABELS, [sensor_of(own)], window_s=2, threshold=0.3, gestures=known)
    told = seen(play(both, own, [200, 400]))
    assert [(e.start_s, e.end_s, e.label) for e in told] == [row[:3] for row in whole(known, own) if row[2] != "none"]
    assert [e.label for e in told] == ["nod", "roll", "shake", "nod"]


# --- many wearers


def test_wearers_do_not_know_each_other(gestures):
    """Steps of many give what each gives alone, and one that sends nonsense costs nobody else anything."""
    model, rng = PlainModel(), np.random.default_rng(3)
    wearers = []
    for seed in range(6):
        made = [(float(at), str(rng.choice(["nod", "shake", "roll"])), 0.9) for at in np.arange(2.0 + seed, 18.0, 4.0)]
        own = shown(np.arange(1000) / 50.0, made, seed=seed)
        both = LiveStream(model, LABELS, [sensor_of(own)], window_s=2, threshold=0.3, gestures=gestures)
        wearers.append((own, both if seed % 2 else GestureStream(gestures, sensor_of(own))))
    states = [live.start() for _, live in wearers]
    events: list[list[Event]] = [[] for _ in wearers]
    for begin in range(0, 1000, 37):
        turns = [
            Turn(live, {"watch": samples(own, slice(begin, begin + 37))}, state)
            for (own, live), state in zip(wearers, states, strict=True)
        ]
        turns.append(Turn(wearers[0][1], {"watch": Samples(np.zeros(2), np.zeros((3, 3)))}, wearers[0][1].start()))
        done = step_many(turns)
        assert [type(e) for e in done[-1][0]] == [Refused] and done[-1][1] is turns[-1].state
        states = [state for _, state in done[:-1]]
        for mine, (new, _) in zip(events, done, strict=False):
            mine += new
    for (own, live), state, mine in zip(wearers, states, events, strict=True):
        alone_events = play(live, own, [])
        mine += live.finish(state)
        assert [(e.start_s, e.label) for e in seen(mine)] == [(e.start_s, e.label) for e in seen(alone_events)]
        assert len(seen(mine)) >= 3
        assert len([e for e in mine if isinstance(e, Activity)]) == len(
            [e for e in alone_events if isinstance(e, Activity)]
        )


# --- sensors that stall, go back, change


def test_a_sensor_that_stalls_and_returns(gestures):
    own = shown(np.r_[np.arange(400) / 50.0, 30.0 + np.arange(400) / 50.0], [(3.0, "nod", 0.9), (33.0, "roll", 1.0)])
    live = GestureStream(gestures, sensor_of(own))
    first, state = live.step({"watch": samples(own, slice(0, 400))}, live.start())
    still, state = live.step({}, state, now_s=9.0)
    gone, state = live.step({}, state, now_s=11.0)
    again, state = live.step({}, state, now_s=12.0)
    back, state = live.step({"watch": samples(own, slice(400, None))}, state, now_s=38.0)
    assert not still and gone == (SensorStalled("watch", own.time_s[399]),) and not again
    assert [e for e in back if isinstance(e, SensorReturned)] == [SensorReturned("watch", 30.0)]
    assert [e.label for e in seen([*first, *back])] == ["nod", "roll"]


def test_a_clock_that_jumps_back(gestures):
    """The samples after the jump go on behind a gap; what they show is told, and the jump as well."""
    own = shown(np.arange(1000) / 50.0, [(3.0, "nod", 0.9), (14.0, "roll", 1.0)])
    stamps = np.where(np.arange(1000) < 500, own.time_s, own.time_s - 8.0)
    live = GestureStream(gestures, Sensor("watch", 50.0))
    state, events = live.start(), []
    for begin in range(0, 1000, 9):
        part = slice(begin, begin + 9)
        new, state = live.step(
            {"watch": Samples(stamps[part], own.acc_mps2[part], samples(own, part).gyr_radps)}, state
        )
        events += new
    assert [e.label for e in seen(events)] == ["nod", "roll"]
    assert any("clock was set anew" in e.text for e in events if isinstance(e, Remark))
    assert [e.start_s for e in seen(events)] == sorted(e.start_s for e in seen(events))


def test_another_rate_is_said_and_gestures_are_still_found(gestures):
    own = shown(np.arange(2000) / 100.0, [(3.0, "nod", 0.9), (14.0, "roll", 1.0)])
    events = play(GestureStream(gestures, Sensor("watch", 50.0)), own, range(0, 2000, 10))
    assert [e.text for e in events if isinstance(e, Remark)] == ["samples come at 100.0 Hz, not at 50.0 Hz"]
    assert [e.label for e in seen(events)] == ["nod", "roll"]


@pytest.mark.parametrize(
    ("chunk", "error", "says"),
    [
        ({"ring": Samples(np.zeros(1), np.zeros((1, 3)))}, UsageError, "Unknown sensor 'ring'"),
        ({"watch": Samples(np.zeros(2), np.zeros((3, 3)))}, FormatError, "does not fit"),
        (
            {
                "watch": Samples(
                    np.arange(300) / 50, np.tile([0.0, 0.0, 1.0], (300, 1)) + 0.01 * np.arange(300)[:, None] / 300
                )
            },
            UnitError,
            "cannot be in m/s2",
        ),
    ],
)
def test_a_chunk_that_cannot_be_read(gestures, chunk, error, says):
    live = GestureStream(gestures, Sensor("watch", 50.0))
    with pytest.raises(error, match=says):
        live.step(chunk, live.start())


def test_settings_that_cannot_be(gestures):
    with pytest.raises(UsageError, match="patience"):
        GestureStream(gestures, Sensor("watch", 50.0), patience_s=-1.0)
    with pytest.raises(UsageError, match="rate is out of range"):
        GestureStream(gestures, Sensor("watch", 0.0))
    live = GestureStream(gestures, Sensor("watch", 50.0))
    with pytest.raises(UsageError, match="another stream"):
        live.step({}, GestureStream(gestures, Sensor("ring", 50.0)).start())
    [said] = live.finish(live.start())
    assert isinstance(said, Remark) and "no sample" in said.text


# --- memory


@pytest.mark.parametrize("rate_hz", [50.0, 0.9])
def test_nothing_grows(gestures, rate_hz):
    """Hours of strokes; and of a sensor so slow that every sample is a stretch of its own, off the grid."""
    live = GestureStream(gestures, Sensor("watch", 50.0))
    own = shown(np.arange(round(60 * 50.0)) / 50.0, [(float(at), "nod", 0.9) for at in range(2, 58, 4)])
    state, held = live.start(), []
    for minute in range(60):
        count = round(60 * rate_hz)
        time = 60.0 * minute + (np.arange(count) + 0.3) / rate_hz + 0.013
        part = {"watch": Samples(time, own.acc_mps2[:count], samples(own, slice(0, count)).gyr_radps)}
        _, state = live.step(part, state)
        held.append(state.held_samples)
    assert max(held[30:]) <= max(held[:5]) <= 12 * 50.0
    assert len(pickle.dumps(state)) < 40_000


# --- latencies


def test_latencies_of_gestures(gestures):
    own = shown(np.arange(1000) / 50.0, [(3.0, "nod", 0.9), (14.0, "roll", 1.0)])
    live = GestureStream.for_recording(gestures, alone(own))
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    told = [one for _, several in replay(live, alone(own), clock=lambda: now[0], sleep=sleep) for one in several]
    assert [one.of for one in told] == ["gesture", "gesture"]
    assert all(0.0 <= one.waiting_s <= 0.1 and 0.3 < one.deciding_s < 1.0 for one in told)
    table = summarize(told)
    assert table["after_end"]["p50"] > table["total"]["p50"] and math.isfinite(table["after_end"]["p99"])
