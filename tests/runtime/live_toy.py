"""Live streams played: a cheap model, sensors that start and stop, and what has to be equal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import strategies as st

import anywear
from anywear import LiveStream, Placement, Recording, Samples, Timeline
from anywear.runtime import Model
from anywear.runtime.stream_events import Activity, Event, SegmentEnded, SegmentStarted
from anywear.signal import Window

LABELS = ["walking", "sitting", "running", "lying down"]
RATES = [26.0, 50.0, 104.3]
PROJECTION = np.random.default_rng(0).normal(size=(16, 8))


class PlainModel(Model):
    """Embeds a window by its means and spreads, one by one: cheap, and the same in any company."""

    background = None  # nothing to hold scores against: cosines with texts

    def encode_labels(self, labels) -> np.ndarray:
        vectors = np.random.default_rng(1).normal(size=(len(labels), 8))
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_windows(self, found: Sequence[Window], placements: Sequence[Placement]) -> np.ndarray:
        out = np.zeros((len(found), 8))
        for number, window in enumerate(found):
            features = np.zeros(16)
            for acc, gyr, stream in zip(window.acc_mps2, window.gyr_radps, window.streams, strict=True):
                features[:3] += acc.mean(axis=0) - [0, 0, 9.81]
                features[3:6] += acc.std(axis=0)
                features[6:9] += 0.0 if gyr is None else gyr.mean(axis=0)
                features[9 + hash(placements[stream].name) % 2] += 1.0
            own = np.tanh(features) @ PROJECTION
            out[number] = own / np.linalg.norm(own)
        return out


def stream(name: str, time: np.ndarray, gyro: bool = True, site: str = "left_wrist") -> anywear.Stream:
    pace = np.sin(0.7 * time) + np.sin(0.13 * time + 1)
    acc = np.stack([pace, np.cos(1.1 * time), 9.81 + np.sin(12 * time) * pace], axis=1)
    gyr = np.stack([pace, np.sin(0.3 * time), 0 * time], axis=1) if gyro else None
    return anywear.Stream(name, time, acc, gyr, Placement.at(site))


def steady(rate_hz: float, seconds: float, start_s: float = 0.0) -> np.ndarray:
    return start_s + np.arange(round(rate_hz * seconds)) / rate_hz


@st.composite
def worn(draw) -> list[tuple[np.ndarray, bool, str]]:
    """Clocks of up to three sensors that start, stop and go on when they like, with a gyroscope or without, somewhere."""
    out = []
    for _ in range(draw(st.integers(1, 3))):
        rate = draw(st.sampled_from(RATES))
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        time = steady(rate, draw(st.floats(0.6, 15.0)), draw(st.floats(-3.0, 6.0)))
        time = time + rng.uniform(-0.3, 0.3, len(time)) / rate
        for _ in range(draw(st.integers(0, 2))):
            time[rng.integers(1, len(time)) :] += draw(st.sampled_from([0.1, 0.3, 1.7, 9.0, 100.0]))
        out.append((time, draw(st.booleans()), draw(st.sampled_from(["left_wrist", "chest", "unknown"]))))
    return out


def recording_of(clocks: list[tuple[np.ndarray, bool, str]]) -> Recording:
    return Recording(tuple(stream(f"s{number}", *own) for number, own in enumerate(clocks)))


configs = st.sampled_from([(1.0, 0.48), (2.0, 1.0), (2.0, 0.52), (1.0, 3.0), (1.56, 1.0)])


def samples(own: anywear.Stream, part: slice) -> Samples:
    return Samples(own.time_s[part], own.acc_mps2[part], None if own.gyr_radps is None else own.gyr_radps[part])


def play(live: LiveStream, recording: Recording, cuts: Sequence[Sequence[int]]) -> list[Event]:
    """The recording in pieces; `cuts` has a sorted list of sample numbers per stream, all of one length."""
    state, events = live.start(), []
    for turn in range(len(cuts[0]) + 1):
        parts = [slice([0, *edges][turn], [*edges, None][turn]) for edges in cuts]
        chunk = {s.name: samples(s, p) for s, p in zip(recording.streams, parts, strict=True)}
        new, state = live.step({n: c for n, c in chunk.items() if len(c.time_s) or turn % 2}, state)
        events += new
    return [*events, *live.finish(state)]


def play_clock(
    live: LiveStream, recording: Recording, step_s: float, delays_s: Sequence[float], waits: list | None = None
) -> list[Event]:
    """The recording as time goes on; every sensor arrives with a delay of its own. `waits` gets how late answers are."""
    state, events, sent = live.start(), [], [0] * len(recording.streams)
    for now in np.arange(recording.start_s, recording.end_s + max(delays_s) + step_s, step_s):
        chunk = {}
        for number, own in enumerate(recording.streams):
            until = int(np.searchsorted(own.time_s, now - delays_s[number], side="right"))
            if until > sent[number]:
                chunk[own.name] = samples(own, slice(sent[number], until))
            sent[number] = until
        new, state = live.step(chunk, state)
        events += new
        if waits is not None:
            waits += [(e.end_s, now - e.end_s) for e in new if isinstance(e, Activity) and not e.final]
    assert sent == [len(s) for s in recording.streams]
    return [*events, *live.finish(state)]


def offline(model: Model, recording: Recording, **options) -> Timeline:
    """The whole recording, told what its streams say of their mounts: what lies ahead is no part of a live answer."""
    return model.recognize(recording, LABELS, mount="documented", **options)


def assert_equal(events: Sequence[Event], whole: Timeline, tolerance: float = 1e-12) -> None:
    """Windows, segments and their starts are those of the whole recording; cells lie within segments and fill them."""
    at_once = [e for e in events if isinstance(e, Activity) and not e.final]
    assert [round(e.end_s, 6) for e in at_once] == [round(float(b), 6) for b in whole.window_spans[:, 1]]
    if at_once:
        np.testing.assert_allclose([e.scores for e in at_once], whole.window_scores, rtol=0, atol=tolerance)
        np.testing.assert_allclose([e.fit for e in at_once], whole.window_fit, rtol=0, atol=tolerance)
    assert [e.label for e in at_once] == whole.window_labels
    ended = [e for e in events if isinstance(e, SegmentEnded)]
    assert [(e.start_s, e.end_s, e.label) for e in ended] == [(s.start_s, s.end_s, s.label) for s in whole.segments]
    np.testing.assert_allclose(
        [e.confidence for e in ended], [s.confidence for s in whole.segments], rtol=0, atol=tolerance
    )
    begun = [e for e in events if isinstance(e, SegmentStarted)]
    assert [(e.start_s, e.label) for e in begun] == [(s.start_s, s.label) for s in whole.segments]
    cells = [e for e in events if isinstance(e, Activity) and e.final]
    assert [e.start_s for e in cells] == sorted(e.start_s for e in cells)
    for own in whole.segments:
        inside = [e for e in cells if own.start_s - 1e-6 <= e.start_s and e.end_s <= own.end_s + 1e-6]
        assert {e.label for e in inside} == {own.label}
        assert sum(e.end_s - e.start_s for e in inside) == pytest.approx(own.end_s - own.start_s)
