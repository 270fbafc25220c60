"""Motions in what a sensor sends, cut out for `Gestures`; by the chunk what the whole gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._typing import Array
from ..errors import AnywearError, UsageError, unknown_name
from ..recording import Stream
from ..signal import Window
from ..signal.energy import ENERGY_RATE_HZ
from ..signal.segmentation import Candidate, SegmentConfig, Segmenter, SegmenterState
from .gestures import NONE, Gestures, Signal, on_grid
from .gestures.clips import MAX_S, MIN_S
from .stream_events import Event, GestureSeen
from .stream_input import Sensor, Taken


@dataclass(frozen=True, eq=False)
class Motion:
    """A motion that stood out.

    Attributes:
        candidate: when.
        clip: its samples as they came; None where it is too short or too long.
        signal: the same on the grid of gestures; None as well where too few samples came.
        known_s: stamp of the last sample that had to be heard.
    """

    candidate: Candidate
    clip: Stream | None
    signal: Signal | None
    known_s: float


@dataclass(frozen=True, eq=False)
class MotionState:
    """What is remembered of the motions of one sensor. Never changed in place.

    Attributes:
        segmenter: power, background, and the motion that is on.
        time_s, values: (n,) and (n, 3 or 6), the samples a motion may still be cut from.
    """

    segmenter: SegmenterState = field(default_factory=SegmenterState)
    time_s: Array = field(default_factory=lambda: np.zeros(0))
    values: Array = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))

    @property
    def held_samples(self) -> int:
        return len(self.time_s) + len(self.segmenter.resampler.time_s)


class MotionFinder:
    """Cuts motions out of what a sensor sends.

    Args:
        sensor: whose samples come.
        shortest_s, longest_s: what is shorter or longer is told without its samples.
        config: what counts as a motion.
    """

    def __init__(
        self, sensor: Sensor, shortest_s: float = MIN_S, longest_s: float = MAX_S, config: SegmentConfig | None = None
    ) -> None:
        self.sensor, self.shortest_s, self.longest_s = sensor, shortest_s, longest_s
        self.segmenter = Segmenter(sensor.rate_hz, config or SegmentConfig())
        longest = self.segmenter.config
        self._span_s = longest.longest_s + longest.lead_s + 1.0

    def step(self, taken: Taken, state: MotionState) -> tuple[list[Motion], MotionState]:
        """The motions that these samples settle, and the state to go on with."""
        if not len(taken.time_s):
            return [], state
        time_s = np.concatenate([state.time_s, taken.time_s])
        values = np.concatenate([state.values.reshape(-1, taken.values.shape[1]), taken.values])
        found, segmenter = self.segmenter.step(taken.time_s, taken.values, state.segmenter)
        motions = [self._cut(own, time_s, values, own.decided_s) for own in found]
        kept = self._needed(segmenter, time_s)
        return motions, MotionState(segmenter, time_s[kept], values[kept])

    def finish(self, state: MotionState) -> list[Motion]:
        """What is on when the samples end."""
        found = self.segmenter.finish(state.segmenter)
        last_s = float(state.time_s[-1]) if len(state.time_s) else math.inf
        return [self._cut(own, state.time_s, state.values, min(own.decided_s, last_s)) for own in found]

    def _cut(self, candidate: Candidate, time_s: Array, values: Array, known_s: float) -> Motion:
        clip = signal = None
        if self.shortest_s <= candidate.stop_s - candidate.start_s <= self.longest_s:
            first, last = np.searchsorted(time_s, [candidate.start_s - 1e-9, candidate.stop_s + 1e-9])
            own = slice(int(first), int(last))
            gyr = values[own, 3:] if values.shape[1] == 6 else None
            try:
                clip = Stream(self.sensor.name, time_s[own], values[own, :3], gyr, self.sensor.placement)
                signal = on_grid(clip)
            except AnywearError:  # fewer samples than any gesture has
                signal = None
        return Motion(candidate, clip, signal, known_s)

    def _needed(self, state: SegmenterState, time_s: Array) -> Array:
        """Which samples a motion may yet be cut from: those of the power that is kept, and what has no power so far.

        Samples between the two are of stretches too short for a point on the grid."""
        if state.index is None:
            begin_s = -math.inf
        else:
            begin_s = (state.index - (0 if state.kept is None else len(state.kept))) / ENERGY_RATE_HZ
        recent_s = time_s[-1] - self.segmenter.resampler.half_width_s - 1.0
        return (time_s >= begin_s - 1e-9) & ((time_s <= begin_s + self._span_s) | (time_s >= recent_s))


@dataclass(frozen=True, eq=False)
class Prepared:
    """What the first part of a step gives: windows and motions that are settled, what is to be said already, the state."""

    windows: Sequence[Window]
    motions: Sequence[Motion]
    said: Sequence[Event]
    state: Any


@dataclass(frozen=True, eq=False)
class Encoded:
    """What the second part of a step gives: (N, D) vectors of the windows, and blocks of features of the motions."""

    vectors: Array
    looks: Sequence[Array]

    def part(self, windows: slice, motions: slice) -> Encoded:
        """Of one wearer among several."""
        return Encoded(self.vectors[windows], [block[motions] for block in self.looks])


def signals_of(motions: Sequence[Motion]) -> list[Signal]:
    """Of those that can be gestures."""
    return [own.signal for own in motions if own.signal is not None]


def looks_of(gestures: Gestures | None, signals: Sequence[Signal]) -> Sequence[Array]:
    """Features of motions; none where there are no motions."""
    return gestures.head.features(signals) if gestures is not None and signals else ()


def gestures_seen(
    gestures: Gestures, motions: Sequence[Motion], looks: Sequence[Array], *, rejected: bool = False
) -> list[GestureSeen]:
    """What motions are, from the features of those that have a signal.

    Args:
        gestures: which are known.
        motions: in order of time.
        looks: see `looks_of`.
        rejected: those that are none, too.
    """
    signals, out = signals_of(motions), []
    heard = iter(gestures.answers(signals, looks) if signals else ())
    for own in motions:
        answer = None if own.signal is None else next(heard)
        label, confidence = (NONE, 0.0) if answer is None else (answer.label, answer.confidence)
        candidate = own.candidate
        if label != NONE or rejected:
            out.append(GestureSeen(candidate.start_s, candidate.stop_s, label, confidence, own.known_s))
    return out


def gesture_sensor(gestures: Gestures, sensors: Sequence[Sensor], name: str | None = None) -> Sensor:
    """The sensor that makes the gestures: the one named, the only one, or the only one worn where examples were.

    Raises:
        UsageError: no such sensor, or several that it could be.
    """
    if name is not None:
        for own in sensors:
            if own.name == name:
                return own
        raise unknown_name("sensor", name, [own.name for own in sensors])
    if len(sensors) == 1:
        return sensors[0]
    places = gestures.about.get("placements", ())
    fitting = [own for own in sensors if isinstance(places, list | tuple) and own.placement.name in places]
    if len(fitting) == 1:
        return fitting[0]
    raise UsageError(
        "Several sensors could make the gestures", expected="the name of one of them",
        got=", ".join(f"{own.name} ({own.placement.name})" for own in sensors),
        remedy=f"Say which: --sensor {sensors[0].name}",
    )  # fmt: skip
