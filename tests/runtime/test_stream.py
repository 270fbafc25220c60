"""Live recognition: what is final equals the whole recording for any chunks, nobody waits for ever, nothing grows."""

from __future__ import annotations

import math
import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import anywear
from anywear import LiveStream, Placement, Recording, Samples, Sensor
from anywear.errors import UsageError
from anywear.runtime import Model, Turn, step_many
from anywear.runtime.stream_events import (
    Activity,
    Event,
    Refused,
    Remark,
    SegmentEnded,
    SensorReturned,
    SensorStalled,
)
from runtime.live_toy import (
    LABELS,
    PlainModel,
    assert_equal,
    configs,
    offline,
    play,
    play_clock,
    recording_of,
    samples,
    steady,
    stream,
    worn,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def plain() -> PlainModel:
    return PlainModel()


@pytest.fixture(scope="module")
def model() -> Model:
    return anywear.load()


# --- streaming equals offline


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worn(), configs, st.data())
def test_any_chunks_give_what_the_whole_gives(plain, clocks, config, data):
    recording, (window_s, hop_s) = recording_of(clocks), config
    live = LiveStream.for_recording(
        plain, LABELS, recording, window_s=window_s, hop_s=hop_s, threshold=0.3, patience_s=math.inf
    )
    turns = data.draw(st.integers(0, 12))
    cuts = [
        sorted(data.draw(st.lists(st.integers(0, len(own)), min_size=turns, max_size=turns)))
        for own in recording.streams
    ]
    whole = offline(plain, recording, window_s=window_s, hop_s=hop_s, threshold=0.3)
    assert_equal(play(live, recording, cuts), whole)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worn(), configs, st.sampled_from([0.1, 0.5, 30.0]), st.floats(0.1, 3.0), st.data())
def test_delays_up_to_the_patience_change_nothing(plain, clocks, config, step_s, patience_s, data):
    recording, (window_s, hop_s) = recording_of(clocks), config
    live = LiveStream.for_recording(
        plain, LABELS, recording, window_s=window_s, hop_s=hop_s, threshold=0.3, patience_s=patience_s
    )
    delays = [data.draw(st.floats(0.0, 0.99)) * patience_s for _ in recording.streams]
    whole = offline(plain, recording, window_s=window_s, hop_s=hop_s, threshold=0.3)
    events = play_clock(live, recording, step_s, delays)
    assert_equal(events, whole)
    assert not [e for e in events if isinstance(e, Remark) and e.kind == "repaired"]


def test_sample_by_sample(plain):
    time = np.r_[steady(50, 9.0), steady(50, 8.0, 12.0)]
    recording = Recording((stream("a", time), stream("b", steady(26, 16.0, 1.0), gyro=False)))
    live = LiveStream.for_recording(plain, LABELS, recording, window_s=2, hop_s=0.52, threshold=0.3)
    events = play_clock(live, recording, 0.02, [0.0, 0.7])
    assert_equal(events, offline(plain, recording, window_s=2, hop_s=0.52, threshold=0.3))
    assert len([e for e in events if isinstance(e, SegmentEnded)]) > 3, "too dull to prove much"


@pytest.mark.parametrize(("window_s", "hop_s", "by"), [(2.0, 0.5, "text"), (None, None, None)])
def test_the_shipped_model_on_a_real_recording(model, window_s, hop_s, by):
    recording = anywear.read(ROOT / "examples" / "phone-and-watch.anywear.parquet")
    labels = ["sitting", "standing up", "walking", "turning around", "sitting down"]
    live = LiveStream.for_recording(model, labels, recording, window_s=window_s, hop_s=hop_s, by=by)
    whole = model.recognize(recording, labels, window_s=window_s, hop_s=hop_s, by=by, mount="documented")
    assert len(whole.segments) >= 2
    # A batch of windows rounds differently from one window.
    assert_equal(play_clock(live, recording, 0.1, [0.0, 0.4]), whole, tolerance=1e-4)


def test_too_little_for_a_window(plain):
    for seconds, count in ((3.0, 1), (0.8, 0)):
        recording = Recording((stream("a", steady(50, seconds)),))
        live = LiveStream.for_recording(plain, LABELS, recording)
        events = play_clock(live, recording, 0.1, [0.0])
        assert_equal(events, offline(plain, recording))
        assert len([e for e in events if isinstance(e, SegmentEnded)]) == count
        assert ["no answer", "read as one"][count] in [e.text for e in events if isinstance(e, Remark)][-1]
    [said] = live.finish(live.start())
    assert isinstance(said, Remark) and "no sample" in said.text


def test_answers_come_in_time_and_final_ones_stay(plain):
    """At once: a kernel's reach after the window. For good: when no window to come, not even the last, can cover it."""
    recording = Recording((stream("a", steady(50, 30.0)),))
    live = LiveStream.for_recording(plain, LABELS, recording, window_s=5, hop_s=1)
    own, state, final = recording.streams[0], live.start(), {}
    for number, now in enumerate(own.time_s):
        events, state = live.step({"a": samples(own, slice(number, number + 1))}, state)
        for event in (e for e in events if isinstance(e, Activity)):
            if event.final:
                assert 0 <= now - event.end_s - 5.0 < 0.25 + 1.0
                assert event.start_s not in final
                final[event.start_s] = event.label
            else:
                assert 0 <= now - event.end_s < 0.25
    assert len(final) == 24


# --- sensors that stall, start late, come late


def _names(events: Sequence[Event], kind: type) -> list[str]:
    return [e.sensor for e in events if isinstance(e, kind)]


def test_a_sensor_that_stalls_costs_the_patience_and_no_more(plain):
    recording = Recording((stream("a", steady(50, 40.0)), stream("b", steady(50, 15.0), site="chest")))
    live = LiveStream.for_recording(plain, LABELS, recording, patience_s=1.5)
    waits: list[tuple[float, float]] = []
    events = play_clock(live, recording, 0.1, [0.0, 0.0], waits)
    assert max(wait for end, wait in waits if end < 15) < 0.4
    assert max(wait for end, wait in waits if end > 15) < 1.5 + 0.4
    assert _names(events, SensorStalled) == ["b"]
    assert_equal(events, offline(plain, recording))


def test_a_sensor_that_never_comes_is_said_and_not_waited_for(plain):
    live = LiveStream(plain, LABELS, [Sensor("a", 50.0), Sensor("b", 50.0)])
    own = stream("a", steady(50, 20.0))
    events, _ = live.step({"a": samples(own, slice(None))}, live.start())
    assert [e.since_s for e in events if isinstance(e, SensorStalled)] == [None]
    assert len([e for e in events if isinstance(e, Activity) and not e.final]) >= 12


def test_a_sensor_that_returns_takes_part_again(plain):
    time = np.r_[steady(50, 15.0), steady(50, 20.0, 30.0)]
    recording = Recording((stream("a", steady(50, 50.0)), stream("b", time, site="chest")))
    live = LiveStream.for_recording(plain, LABELS, recording)
    events = play_clock(live, recording, 0.1, [0.0, 0.3])
    assert _names(events, SensorStalled)[:1] == ["b"] and _names(events, SensorReturned) == ["b"]
    assert next(e.at_s for e in events if isinstance(e, SensorReturned)) == pytest.approx(30.0)
    assert_equal(events, offline(plain, recording))


def test_samples_later_than_the_patience_are_said_and_serve_what_follows(plain):
    recording = Recording((stream("a", steady(50, 40.0)), stream("b", steady(50, 40.0), site="chest")))
    live = LiveStream.for_recording(plain, LABELS, recording, patience_s=1.0)
    first, second = recording.streams
    events, state = live.step({"a": samples(first, slice(0, 1000)), "b": samples(second, slice(0, 200))}, live.start())
    more, state = live.step({"b": samples(second, slice(200, 1000))}, state)
    [said] = [e for e in more if isinstance(e, Remark)]
    assert said.sensor == "b" and "behind the others" in said.text
    rest, state = live.step({"a": samples(first, slice(1000, None)), "b": samples(second, slice(1000, None))}, state)
    every = [e for e in (*events, *more, *rest, *live.finish(state)) if isinstance(e, Activity) and not e.final]
    whole = offline(plain, recording)
    assert [e.end_s for e in every] == whole.window_spans[:, 1].tolist()
    same = [np.allclose(e.scores, own) for e, own in zip(every, whole.window_scores, strict=True)]
    assert same[-18:] == [True] * 18 and not all(same)


def test_the_clock_alone_lets_time_pass(plain):
    recording = Recording((stream("a", steady(50, 8.0)), stream("b", steady(50, 5.1))))
    live = LiveStream.for_recording(plain, LABELS, recording, patience_s=1.0)
    whole = {s.name: samples(s, slice(None)) for s in recording.streams}
    events, state = live.step(whole, live.start())
    later, after = live.step({}, state, now_s=20.0)
    ends = [[e.end_s for e in said if isinstance(e, Activity) and not e.final] for said in (events, later)]
    assert ends == [[5.0, 6.0, 7.0], [8.0]] or ends == [[5.0, 6.0], [7.0, 8.0]]
    assert_equal([*events, *later, *live.finish(after)], offline(plain, recording))
    with pytest.raises(UsageError, match="clock"):
        live.step({}, state, now_s=math.nan)


# --- memory, purity, wearers


def test_memory_stays_bounded_for_a_day(plain):
    """24 h of two sensors in chunks of five minutes, one with holes; what is held does not grow."""
    live = LiveStream(plain, LABELS, [Sensor("a", 26.0), Sensor("b", 26.0)], hop_s=30)
    state, held, sizes, windows = live.start(), [], [], 0
    own = stream("a", steady(26, 300.0))
    for number in range(24 * 12):
        chunk = {"a": Samples(own.time_s + 300.0 * number, own.acc_mps2, own.gyr_radps)}
        if number % 6 < 4:
            chunk["b"] = chunk["a"]
        events, state = live.step(chunk, state)
        windows += sum(isinstance(e, Activity) and not e.final for e in events)
        held.append(state.held_samples)
        if number % 12 == 11:
            sizes.append(len(pickle.dumps(state)))
    assert windows == 24 * 120
    # A window and two hops on the model's grid, patience, and a kernel's reach, of each sensor.
    assert max(held) < 2 * (25 * (5 + 2 * 30 + 2) + 26 * 2) and max(held[-60:]) == max(held[60:120])
    assert max(sizes[-6:]) == max(sizes[6:12]), "the state grows"


def test_a_state_can_be_kept_copied_and_gone_on_from(plain):
    recording = Recording((stream("a", steady(50, 20.0)),))
    live = LiveStream.for_recording(plain, LABELS, recording)
    own = recording.streams[0]
    first, state = live.step({"a": samples(own, slice(0, 612))}, live.start())
    rest = {"a": samples(own, slice(612, None))}
    once, again = live.step(rest, state), live.step(rest, pickle.loads(pickle.dumps(state)))
    assert once[0] == again[0] == live.step(rest, state)[0]
    assert_equal([*first, *once[0], *live.finish(again[1])], offline(plain, recording))


def test_wearers_together_are_answered_as_each_alone(plain, model):
    sensors = [[Sensor("watch", 50.0, Placement.at("left_wrist"))],
               [Sensor("chest", 104.3, Placement.at("chest")), Sensor("phone", 26.0)]]  # fmt: skip
    for own_model, tolerance in ((plain, 1e-12), (model, 1e-4)):
        # The language model has a say in some of them.
        worn = ((sensors[0], False), (sensors[1], None), (sensors[0], None))
        lives = [LiveStream(own_model, LABELS, own, hop_s=1, language=told) for own, told in worn]
        wearers = [
            Recording(tuple(stream(s.name, steady(s.rate_hz, 12.0 + n, n)) for s in live.sensors))
            for n, live in enumerate(lives)
        ]
        states, alone = [live.start() for live in lives], [live.start() for live in lives]
        for now in range(2, 18, 2):
            turns = []
            for live, wearer, state in zip(lives, wearers, states, strict=True):
                parts = {s.name: slice(*np.searchsorted(s.time_s, [now - 2, now])) for s in wearer.streams}
                turns.append(Turn(live, {s.name: samples(s, parts[s.name]) for s in wearer.streams}, state))
            together = step_many(turns)
            for number, (turn, (events, state)) in enumerate(zip(turns, together, strict=True)):
                single, alone[number] = turn.stream.step(turn.chunk, alone[number])
                assert [(e.event, getattr(e, "label", "")) for e in events] == [
                    (e.event, getattr(e, "label", "")) for e in single
                ]
                scores = [[e.scores for e in own if isinstance(e, Activity)] for own in (events, single)]
                for one, other in zip(*scores, strict=True):
                    np.testing.assert_allclose(one, other, rtol=0, atol=tolerance)
                states[number] = state
        assert sum(state.answered for state in states) == 3


def test_a_wearer_whose_chunk_cannot_be_read_does_not_hurt_the_others(plain):
    live = LiveStream(plain, LABELS, [Sensor("a", 50.0)])
    own = stream("a", steady(50, 8.0))
    good = {"a": samples(own, slice(None))}
    (bad, kept), (said, _) = step_many([Turn(live, {"x": good["a"]}, live.start()), Turn(live, good, live.start())])
    assert isinstance(bad[0], Refused) and "sensor" in bad[0].what and kept.newest_s == -math.inf
    assert [e for e in said if isinstance(e, Activity)]
    other = LiveStream(PlainModel(), LABELS, [Sensor("a", 50.0)])
    with pytest.raises(UsageError, match="one model"):
        step_many([Turn(live, good, live.start()), Turn(other, good, other.start())])
    assert step_many([]) == []
