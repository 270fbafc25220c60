"""Recognition while it happens: chunks of samples in, events out.

Streaming is a pure function, `step(chunk, state) -> (events, state)`. A wearer is a state; any number of them share one
`LiveStream` and, in `step_many`, runs of the encoder. What is final equals `Model.recognize` on the whole recording, for
any chunks, as long as no sample comes later behind the newest of its wearer than the patience.

The watermark, newest sample minus patience, is that of stream processing: nothing older is waited for.
Source: Akidau et al., "The Dataflow Model", PVLDB 8(12), 2015.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .._typing import Array
from ..errors import UsageError
from ..placement import Placement
from ..recording import STANDARD_GRAVITY_MPS2, Note, Recording
from ..signal import Window, Windower, WindowerState
from ..signal.resample import first_index
from ..timing import gap_threshold_s
from .activities import Activities
from .gestures import Gestures
from .labels import LabelSet
from .model import MIN_WINDOW_S, Model
from .stream_events import (
    Activity,
    Event,
    Remark,
    SegmentEnded,
    SegmentStarted,
    SensorReturned,
    SensorStalled,
)
from .stream_input import (
    CONFIRM_S,
    PATIENCE_S,
    Chunk,
    LineState,
    Sensor,
    Taken,
    check_chunk,
    check_units,
    settle,
    take,
)
from .stream_motions import Encoded, Motion, MotionFinder, MotionState, Prepared, gestures_seen, looks_of, signals_of
from .stream_motions import gesture_sensor as sensor_of_gestures
from .stream_timeline import LiveTimeline, TimelineState
from .timeline import Segment, answer


@dataclass(frozen=True, eq=False)
class LiveState:
    """What is remembered of one wearer. Never changed in place; it may be kept, copied, pickled and gone on from.

    Attributes:
        belongs_to: the stream it is of.
        lines: per sensor.
        windower: resamplers, and the samples that windows still need.
        timeline: windows that answers still need.
        first_s: earliest time, from which windows are counted; infinity before the first sample.
        newest_s: latest time.
        stalled, late: per sensor, whether that was said.
        answered: whether there was a window.
        motions: of the sensor that makes gestures.
    """

    belongs_to: tuple
    lines: tuple[LineState, ...]
    windower: WindowerState
    timeline: TimelineState
    first_s: float = math.inf
    newest_s: float = -math.inf
    stalled: tuple[bool, ...] = ()
    late: tuple[bool, ...] = ()
    answered: bool = False
    motions: MotionState = field(default_factory=MotionState)

    @property
    def held_samples(self) -> int:
        """Samples remembered, of all sensors, raw and on the model's grid."""
        raw = sum(line.samples for line in self.lines) + sum(len(own.time_s) for own in self.windower.resamplers)
        on_grid = sum(len(piece.index) for own in self.windower.pieces for piece in own)
        return raw + on_grid + self.motions.held_samples


class LiveStream:
    """Names what a wearer does while it happens, from labels in plain words.

    Args:
        model: which answers.
        labels: words or sentences, a mapping of label to description, or activities that were learned.
        sensors: all that the wearer has, on one clock.
        window_s, hop_s: seconds; the model's own by default, or what activities were learned with.
        threshold: least fit for an answer other than ``unknown``; the calibrated one by default.
        by, hubs, language: as in `Model.recognize`; of labels alone.
        patience_s: a sensor is waited for while it is no more than this behind the newest sample; infinity always waits.
        gestures: told as they are made, too, if given.
        gesture_sensor: name of the sensor that makes them; the only one, or the only one worn where their examples were.

    Raises:
        UsageError: labels, sensors, windows or a patience that cannot be.

    Example:
        >>> import anywear
        >>> wrist = anywear.Sensor("watch", 50.0, anywear.Placement.at("left_wrist"))
        >>> stream = anywear.LiveStream(anywear.load(), ["walking", "sitting"], [wrist])
        >>> time_s = np.arange(300) / 50
        >>> at_rest = anywear.Samples(time_s, np.tile([0.0, 0.0, 9.81], (300, 1)))
        >>> events, state = stream.step({"watch": at_rest}, stream.start())
        >>> events[0].event, events[0].end_s, events[0].final
        ('activity', 5.0, False)
    """

    def __init__(
        self,
        model: Model,
        labels: LabelSet | Sequence[str] | dict[str, str] | Activities,
        sensors: Sequence[Sensor],
        *,
        window_s: float | None = None,
        hop_s: float | None = None,
        threshold: float | None = None,
        by: str | None = None,
        hubs: bool | None = None,
        language: bool | None = None,
        patience_s: float = PATIENCE_S,
        gestures: Gestures | None = None,
        gesture_sensor: str | None = None,
    ) -> None:
        names = [sensor.name for sensor in sensors]
        if not names or len(set(names)) != len(names):
            raise UsageError(
                "A wearer needs sensors, each with a name of its own", got=", ".join(names) or "none",
                remedy='Give such as [Sensor("watch", 50.0)]',
            )  # fmt: skip
        if not patience_s >= 0:
            raise UsageError("The patience is impossible", expected="seconds, 0 or more", got=f"{patience_s} s")
        self.model, self.sensors = model, tuple(sensors)
        self.learned = labels if isinstance(labels, Activities) else None
        self.recognizer = None
        if isinstance(labels, Activities):
            if any(own is not None for own in (window_s, by, hubs, language)) or labels.model.sha256 != model.sha256:
                raise UsageError(
                    "Window, ways of scoring and model of activities were settled when they were learned",
                    expected=f"model {labels.model.sha256}, and nothing else said",
                    remedy="Give the model they were learned with, and leave out window_s, by, hubs and language",
                )  # fmt: skip
            self.labels, self.threshold = (
                LabelSet.of({own: labels.texts[own] for own in labels.labels}),
                labels.threshold_or_default(threshold),
            )
            window_s = labels.window_s
        else:
            self.labels = LabelSet.of(labels)
            self.recognizer = model.recognizer(by, hubs, language=language)
            self.threshold = model.threshold_or_default(threshold, self.recognizer.basis.name)
        self.config = model.window_config(window_s, hop_s)
        self.patience_s = float(patience_s)
        self.windower = Windower(self.config, tuple(sensor.rate_hz for sensor in sensors))
        self.notes = tuple(model.sensor_notes([(s.name, s.rate_hz, s.placement) for s in sensors]))
        if self.learned is not None and self.learned.worn is not None and not self.learned.fits(self.placements):
            self.notes += (self.learned.worn_otherwise,)
        """What the user should know of the answers to come."""
        # The others may still send what is late: longer than that has to pass before a clock is called wrong.
        self._confirm_s = CONFIRM_S + (2.0 * self.patience_s if math.isfinite(self.patience_s) else 0.0)
        self._timeline = LiveTimeline(self.labels.names, self.threshold, self.config.hop_s)
        self.gestures, self._finder, self._hand = gestures, None, 0
        if gestures is not None:
            sensor = sensor_of_gestures(gestures, self.sensors, gesture_sensor)
            self._finder, self._hand = MotionFinder(sensor, gestures.min_s, gestures.max_s), self.sensors.index(sensor)
        way = self.recognizer.basis if self.recognizer is not None else None
        learned = None if self.learned is None else self.learned.sha256
        self._mark = (self.sensors, self.config, self.labels, self.threshold, way, learned, model.sha256)
        if self._finder is not None:
            self._mark = (*self._mark, self._finder.sensor.name)

    @classmethod
    def for_recording(
        cls,
        model: Model,
        labels: LabelSet | Sequence[str] | dict[str, str] | Activities,
        recording: Recording,
        **options,
    ) -> LiveStream:
        """For the sensors of a recording; `options` are those of the class."""
        sensors = [Sensor(s.name, s.effective_rate_hz, s.placement) for s in recording.streams]
        return cls(model, labels, sensors, **options)

    def warm(self, *, gyroscope: bool = True) -> None:
        """Make ready what first answers would wait for: weights, and what labels look like on all sensors and on each."""
        still = np.tile([0.0, 0.0, STANDARD_GRAVITY_MPS2], (self.config.length, 1))
        gyr = np.zeros_like(still) if gyroscope else None
        every = tuple(range(len(self.sensors)))
        for worn in dict.fromkeys([every, *((number,) for number in every)]):
            rates_hz = tuple(self.sensors[number].rate_hz for number in worn)
            window = Window(0, worn, (still,) * len(worn), (gyr,) * len(worn), rates_hz)
            self._scores([window], self.vectors([window]))

    @property
    def placements(self) -> tuple[Placement, ...]:
        """Where the sensors are worn, in their order."""
        return tuple(sensor.placement for sensor in self.sensors)

    def start(self) -> LiveState:
        """The state of a wearer before the first sample."""
        count = len(self.sensors)
        return LiveState(
            self._mark, tuple(LineState() for _ in range(count)), self.windower.start(), TimelineState(),
            stalled=(False,) * count, late=(False,) * count,
        )  # fmt: skip

    def step(
        self, chunk: Chunk, state: LiveState, *, now_s: float | None = None
    ) -> tuple[tuple[Event, ...], LiveState]:
        """Take what came; give what there is to say.

        Args:
            chunk: samples by sensor, from one sample to hours.
            state: what the last step returned, or `start`.
            now_s: the wearer's clock, where it is known: lets time pass when nothing comes.

        Returns:
            Events, and the state to go on with.

        Raises:
            AnywearError: a chunk that cannot be read (`UsageError`, `FormatError`), or units that cannot be true
                (`UnitError`). The state given is as it was.
        """
        ready = self.prepare(chunk, state, now_s=now_s)
        answers, state = self.answer(ready, self.encode(ready))
        return (*ready.said, *answers), state

    def finish(self, state: LiveState) -> tuple[Event, ...]:
        """What is left to say when nothing more will come.

        Raises:
            UnitError: units that cannot be true, in a stream too short to have been asked before.
        """
        self._check(state)
        if not any(line.channels for line in state.lines):
            return (Remark("", "detected", "no sample came: no answer"),)
        taken, lines = [], []
        for number in range(len(self.sensors)):
            own, line = settle(self.sensors[number], state.lines[number], self._others(state.lines, number), final=True)
            lines.append(check_units(self.sensors[number], line, own, final=True))
            taken.append(own)
        said = [Remark.of(s.name, note) for s, own in zip(self.sensors, taken, strict=True) for note in own.notes]
        found, _, state = self._cut(taken, replace(state, lines=tuple(lines)), -math.inf)
        motions, state = self._motions(taken, state, final=True)
        windower = state.windower
        if windower.next_start is None and math.isfinite(state.first_s):
            windower = replace(windower, next_start=first_index(state.first_s, self.config.rate_hz))
        rest = self.windower.finish(windower, tail=True)
        found += [w for w in rest if len(w.acc_mps2[0]) >= round(MIN_WINDOW_S * self.config.rate_hz)]
        if not state.answered and not found:
            said.append(Remark("", "detected", f"no stretch of {MIN_WINDOW_S:g} s without a gap: no answer"))
        elif not state.answered and len(found[0].acc_mps2[0]) < self.config.length:
            text = f"what came is shorter than a window of {self.config.window_s:g} s and was read as one"
            said.append(Remark("", "detected", text))
        ready = Prepared(found, motions, said, state)
        answers, _ = self.answer(ready, self.encode(ready), final=True)
        return (*said, *answers)

    def prepare(self, chunk: Chunk, state: LiveState, *, now_s: float | None = None) -> Prepared:
        """The first part of a step: check the samples, bring them onto the model's grid, cut settled windows and motions."""
        self._check(state)
        check_chunk(chunk, now_s, self.sensors)
        taken, lines = [], []
        for number, sensor in enumerate(self.sensors):
            own, line = Taken.none(state.lines[number].channels), state.lines[number]
            if sensor.name in chunk:
                own, line = take(sensor, chunk[sensor.name], line, self._others(state.lines, number))
            taken.append(own)
            lines.append(line)
        for number, sensor in enumerate(self.sensors):
            if len(lines[number].held_time_s):
                others_s = self._others(lines, number)
                own, lines[number] = settle(sensor, lines[number], others_s, confirm_s=self._confirm_s)
                taken[number] += own
            lines[number] = check_units(sensor, lines[number], taken[number])
        said: list[Event] = [
            Remark.of(sensor.name, note) for sensor, own in zip(self.sensors, taken, strict=True) for note in own.notes
        ]
        late, remarks = self._late(taken, state)
        newest_s = max(state.newest_s, -math.inf if now_s is None else now_s, *(line.newest_s for line in lines))
        state = replace(state, lines=tuple(lines), newest_s=newest_s, late=late)
        found, turns, state = self._cut(taken, state, newest_s - self.patience_s)
        motions, state = self._motions(taken, state)
        return Prepared(found, motions, [*said, *remarks, *turns], state)

    def encode(self, ready: Prepared) -> Encoded:
        """The second part of a step: windows to vectors, motions to features."""
        return Encoded(self.vectors(ready.windows), looks_of(self.gestures, signals_of(ready.motions)))

    def vectors(self, found: Sequence[Window]) -> Array:
        """What answers about windows are read off: vectors of the recogniser; of what was learned, probabilities and fit."""
        if not found:
            return np.zeros((0, 0), dtype=np.float32)
        if self.recognizer is not None:
            return self.recognizer.encode_windows(found, self.placements)
        assert self.learned is not None
        probabilities, above, _ = self.learned.scores(found, self.placements)
        return np.column_stack([probabilities, above])

    def answer(self, ready: Prepared, seen: Encoded, *, final: bool = False) -> tuple[list[Event], LiveState]:
        """The last part of a step: what windows say, at once and for good, and what motions are."""
        found, vectors, state = ready.windows, seen.vectors, ready.state
        rate, names = self.config.rate_hz, self.labels.names
        scores, fit = self._scores(found, vectors)
        spans = np.array([[w.start / rate, (w.start + len(w.acc_mps2[0])) / rate] for w in found]).reshape(-1, 2)
        events: list[Event] = []
        for (start, end), own, own_fit in zip(spans, scores, fit, strict=True):
            label, confidence = answer(names, own, float(own_fit), self.threshold)
            begin = max(float(start), float(end) - self.config.hop / rate)
            said = (label, confidence, float(own_fit), False, tuple(map(float, own)))
            events.append(Activity(begin, float(end), *said))
        horizon_s = math.inf if final else self._horizon_s(state.windower)
        cells, turns, timeline = self._timeline.step(spans, scores, fit, horizon_s, state.timeline)
        events += [Activity(c.start_s, c.end_s, c.label, c.confidence, own_fit, True) for c, own_fit in cells]
        for turn in turns:
            if isinstance(turn, Segment):
                events.append(SegmentEnded(turn.start_s, turn.end_s, turn.label, turn.confidence))
            else:
                events.append(SegmentStarted(turn.segment.start_s, turn.segment.label))
        if self.gestures is not None:
            events += gestures_seen(self.gestures, ready.motions, seen.looks)
        return events, replace(state, timeline=timeline, answered=state.answered or bool(len(found)))

    def _motions(
        self, taken: Sequence[Taken], state: LiveState, *, final: bool = False
    ) -> tuple[list[Motion], LiveState]:
        if self._finder is None:
            return [], state
        motions, own = self._finder.step(taken[self._hand], state.motions)
        return motions + (self._finder.finish(own) if final else []), replace(state, motions=own)

    def _scores(self, found: Sequence[Window], vectors: Array) -> tuple[Array, Array]:
        """(N, L) probabilities of labels, and (N,) how well the best one fits."""
        out = np.zeros((len(found), len(self.labels)))
        if self.recognizer is None:
            return (vectors[:, :-1], vectors[:, -1]) if len(found) else (out, out[:, 0])
        from .imagine import Setup  # the generator takes long to import

        setups = [Setup.of(window, self.placements) for window in found]
        for setup in dict.fromkeys(setups):
            rows = [number for number, own in enumerate(setups) if own == setup]
            out[rows] = self.recognizer.question(self.labels, setup).scores(vectors[rows])
        return self.model.probabilities(out, self.recognizer.basis.name), out.max(axis=1, initial=-math.inf)

    def _cut(
        self, taken: Sequence[Taken], state: LiveState, watermark_s: float
    ) -> tuple[list[Window], list[Event], LiveState]:
        """Feed the windower; say which sensors it stopped waiting for."""
        firsts = [float(own.time_s[0]) for own in taken if len(own.time_s)]
        windower, first_s = state.windower, state.first_s
        if windower.next_start is None:
            first_s = min([first_s, *firsts])
            # Windows are counted from the earliest sample: known once all sensors were heard, or nothing older can come.
            if watermark_s > first_s or all(math.isfinite(line.newest_s) for line in state.lines):
                windower = replace(windower, next_start=first_index(first_s, self.config.rate_hz))
            else:
                watermark_s = -math.inf
        chunks = [(own.time_s, own.values) if len(own.time_s) else None for own in taken]
        found, windower = self.windower.step(chunks, windower, watermark_s=watermark_s)
        events: list[Event] = []
        stalled = []
        for number, (sensor, own, line) in enumerate(zip(self.sensors, taken, state.lines, strict=True)):
            heard = math.isfinite(line.newest_s)
            silent = watermark_s > (line.newest_s + gap_threshold_s(sensor.rate_hz) if heard else first_s)
            if silent and not state.stalled[number]:
                events.append(SensorStalled(sensor.name, line.newest_s if heard else None))
            if state.stalled[number] and not silent and len(own.time_s):
                events.append(SensorReturned(sensor.name, float(own.time_s[0])))
            stalled.append(silent)
        return found, events, replace(state, windower=windower, first_s=first_s, stalled=tuple(stalled))

    def _late(self, taken: Sequence[Taken], state: LiveState) -> tuple[tuple[bool, ...], list[Event]]:
        """Samples from before the watermark: said once, until they come in time again."""
        watermark_s, start, late, events = state.newest_s - self.patience_s, state.windower.next_start, [], []
        for sensor, own, before in zip(self.sensors, taken, state.late, strict=True):
            own_late = bool(len(own.time_s)) and float(own.time_s[0]) < watermark_s
            if own_late and not before and start is not None:
                text = (
                    f"samples come {state.newest_s - own.time_s[0]:.1f} s behind the others, more than the patience of "
                    f"{self.patience_s:g} s; windows from before {start / self.config.rate_hz:.2f} s go without them"
                )
                events.append(Remark.of(sensor.name, Note("detected", text)))
            late.append(own_late if len(own.time_s) else before)
        return tuple(late), events

    def _horizon_s(self, windower: WindowerState) -> float:
        """No window to come starts before this, not even one that ends with the data."""
        if windower.next_start is None or windower.end is None:
            return -math.inf
        return round(min(windower.next_start, windower.end - self.config.length) / self.config.rate_hz, 6)

    def _others(self, lines: Sequence[LineState], number: int) -> float:
        """Newest time of the other sensors; nobody's clock is doubted where all are waited for without end."""
        if not math.isfinite(self.patience_s):
            return -math.inf
        return max((line.newest_s for n, line in enumerate(lines) if n != number), default=-math.inf)

    def _check(self, state: LiveState) -> None:
        if state.belongs_to != self._mark:
            raise UsageError(
                "The state belongs to another stream",
                expected=f"a state of {', '.join(s.name for s in self.sensors)}, with these labels and windows",
                got=f"a state of {', '.join(s.name for s in state.belongs_to[0])}",
                remedy="Go on from a state that start() or step() of this stream returned",
            )
