"""Gestures while they happen: chunks of samples in, an event for every gesture out.

Motions that stand out are found by `anywear.signal.segmentation`, cut out of the samples as they came, and named or rejected
by `Gestures`. What comes out is what the whole recording gives, for any chunks; a wearer is some seconds of samples, however
long it goes on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from ..errors import UsageError
from ..recording import Recording
from ..timing import gap_threshold_s
from .gestures import Gestures, Signal
from .stream_events import Event, Remark, SensorReturned, SensorStalled
from .stream_input import PATIENCE_S, Chunk, LineState, Sensor, Taken, check_chunk, check_units, settle, take
from .stream_motions import (
    Encoded,
    MotionFinder,
    MotionState,
    Prepared,
    gesture_sensor,
    gestures_seen,
    looks_of,
    signals_of,
)


@dataclass(frozen=True, eq=False)
class GestureState:
    """What is remembered of one wearer. Never changed in place; it may be kept, copied, pickled and gone on from.

    Attributes:
        belongs_to: the sensor it is of.
        line: of the sensor.
        motions: of the sensor.
        newest_s: latest time.
        stalled: whether that was said.
    """

    belongs_to: Sensor
    line: LineState = field(default_factory=LineState)
    motions: MotionState = field(default_factory=MotionState)
    newest_s: float = -math.inf
    stalled: bool = False

    @property
    def held_samples(self) -> int:
        """Samples remembered."""
        return self.line.samples + self.motions.held_samples


class MotionStream:
    """Finds the motions that stand out in what one sensor sends.

    Args:
        sensor: where samples come from.
        finder: how; by default every motion that could be an example of a gesture.
        patience_s: silence of the sensor after which it is said to have stalled; it shows where `step` is told the time.

    Raises:
        UsageError: a rate or a patience that cannot be.
    """

    def __init__(self, sensor: Sensor, *, finder: MotionFinder | None = None, patience_s: float = PATIENCE_S) -> None:
        if not patience_s >= 0:
            raise UsageError("The patience is impossible", expected="seconds, 0 or more", got=f"{patience_s} s")
        self.sensor, self.patience_s = sensor, float(patience_s)
        self.finder = MotionFinder(sensor) if finder is None else finder

    @property
    def sensors(self) -> tuple[Sensor, ...]:
        return (self.sensor,)

    def start(self) -> GestureState:
        """The state of a wearer before the first sample."""
        return GestureState(self.sensor)

    def prepare(self, chunk: Chunk, state: GestureState, *, now_s: float | None = None) -> Prepared:
        """Check the samples, and cut the settled motions; see `GestureStream.step`."""
        self._check(state)
        check_chunk(chunk, now_s, self.sensors)
        taken, line = Taken.none(state.line.channels), state.line
        if self.sensor.name in chunk:
            taken, line = take(self.sensor, chunk[self.sensor.name], line, -math.inf)
        if len(line.held_time_s):
            more, line = settle(self.sensor, line, -math.inf)
            taken = taken + more
        line = check_units(self.sensor, line, taken)
        said: list[Event] = [Remark.of(self.sensor.name, note) for note in taken.notes]
        newest_s = max(state.newest_s, -math.inf if now_s is None else now_s, line.newest_s)
        heard = math.isfinite(line.newest_s)
        silent = heard and newest_s - self.patience_s > line.newest_s + gap_threshold_s(self.sensor.rate_hz)
        if silent and not state.stalled:
            said.append(SensorStalled(self.sensor.name, line.newest_s))
        if state.stalled and not silent and len(taken.time_s):
            said.append(SensorReturned(self.sensor.name, float(taken.time_s[0])))
        motions, of_motions = self.finder.step(taken, state.motions)
        return Prepared([], motions, said, GestureState(self.sensor, line, of_motions, newest_s, silent))

    def last(self, state: GestureState) -> Prepared:
        """What is on when nothing more will come; see `GestureStream.finish`."""
        self._check(state)
        if not state.line.channels:
            return Prepared([], [], [Remark("", "detected", "no sample came: no answer")], state)
        taken, line = settle(self.sensor, state.line, -math.inf, final=True)
        check_units(self.sensor, line, taken, final=True)
        motions, of_motions = self.finder.step(taken, state.motions)
        said = [Remark.of(self.sensor.name, note) for note in taken.notes]
        return Prepared([], motions + self.finder.finish(of_motions), said, state)

    def _check(self, state: GestureState) -> None:
        if getattr(state, "belongs_to", None) != self.sensor:
            raise UsageError(
                "The state belongs to another stream", expected=f"a state of {self.sensor.name}, {self.sensor.rate_hz:g} Hz",
                remedy="Go on from a state that start() or step() of this stream returned",
            )  # fmt: skip


class GestureStream(MotionStream):
    """Says which gestures a wearer makes while they are made, from one sensor.

    Args:
        gestures: which are known.
        sensor: where samples come from.
        rejected: tell motions that are none of the gestures, too, with the label ``none``.
        patience_s: as in `MotionStream`.

    Raises:
        UsageError: a rate or a patience that cannot be.

    Example:
        >>> gestures = anywear.Gestures.load("my.gestures")                            # doctest: +SKIP
        >>> live = anywear.GestureStream(gestures, anywear.Sensor("watch", 50.0))       # doctest: +SKIP
        >>> events, state = live.step({"watch": samples}, live.start())                # doctest: +SKIP
    """

    model = None  # gestures bring what they need

    def __init__(
        self, gestures: Gestures, sensor: Sensor, *, rejected: bool = False, patience_s: float = PATIENCE_S
    ) -> None:
        super().__init__(sensor, finder=MotionFinder(sensor, gestures.min_s, gestures.max_s), patience_s=patience_s)
        self.gestures, self.rejected = gestures, rejected

    @classmethod
    def for_recording(
        cls, gestures: Gestures, recording: Recording, *, sensor: str | None = None, **options
    ) -> GestureStream:
        """For a sensor of a recording; `options` are those of the class.

        Raises:
            UsageError: several sensors and none named.
        """
        sensors = [Sensor(s.name, s.effective_rate_hz, s.placement) for s in recording.streams]
        return cls(gestures, gesture_sensor(gestures, sensors, sensor), **options)

    def warm(self) -> None:
        """Make ready what the first answer would wait for."""
        still = np.zeros((50, 6), dtype=np.float32)
        signals = [Signal(still[:, :3], still[:, 3:])]
        self.gestures.answers(signals, looks_of(self.gestures, signals))

    def step(
        self, chunk: Chunk, state: GestureState, *, now_s: float | None = None
    ) -> tuple[tuple[Event, ...], GestureState]:
        """Take what came; give what there is to say.

        Args:
            chunk: samples by sensor, from one sample to hours; other sensors than this one may not come.
            state: what the last step returned, or `start`.
            now_s: the wearer's clock, where it is known: lets time pass when nothing comes.

        Returns:
            Events, and the state to go on with. It may go on with other gestures, too: what was heard stays heard.

        Raises:
            AnywearError: a chunk that cannot be read (`UsageError`, `FormatError`), or units that cannot be true
                (`UnitError`). The state given is as it was.
        """
        ready = self.prepare(chunk, state, now_s=now_s)
        answers, state = self.answer(ready, self.encode(ready))
        return (*ready.said, *answers), state

    def finish(self, state: GestureState) -> tuple[Event, ...]:
        """What is left to say when nothing more will come.

        Raises:
            UnitError: units that cannot be true, in a stream too short to have been asked before.
        """
        ready = self.last(state)
        return (*ready.said, *self.answer(ready, self.encode(ready))[0])

    def encode(self, ready: Prepared) -> Encoded:
        """The second part of a step: motions to features."""
        return Encoded(np.zeros((0, 0)), looks_of(self.gestures, signals_of(ready.motions)))

    def answer(self, ready: Prepared, seen: Encoded) -> tuple[list[Event], GestureState]:
        """The last part of a step: what the motions are."""
        return [*gestures_seen(self.gestures, ready.motions, seen.looks, rejected=self.rejected)], ready.state
