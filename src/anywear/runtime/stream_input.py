"""The door of a live stream: what a sensor sends, checked and brought onto the wearer's clock.

The samples of one sensor make a line in time. What does not continue it, back in time or far ahead, is held back until the
line goes on, and what was held was astray, or until it has gone on elsewhere, and the clock was set anew. Nothing is mended
silently: each finding is a note.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .._typing import Array
from ..errors import FormatError, UsageError, unknown_name
from ..placement import Placement
from ..recording import LATEST_S, Note
from ..signal import resolve_units
from ..signal.clock import RESET_S
from ..timing import gap_threshold_s

PATIENCE_S = 2.0  # s; watches send packets of up to a second
LEAP_S = 60.0  # s; further ahead of every sensor than this a stamp is doubted
CONFIRM_S = 2.0  # s; a doubted line that has gone on for so long is the clock set anew
UNITS_S = 4.0  # s; so much of every sensor is looked at for its units, before the first window of 5 s is full
RATE_SAMPLES = 200  # samples over which a rate is read
RATE_TOLERANCE = 0.2  # share by which it may differ from the rate that was told


@dataclass(frozen=True)
class Sensor:
    """What is known of a sensor before it sends anything.

    Attributes:
        name: unique for its wearer.
        rate_hz: samples per second. Above the model's own rate its exact value changes nothing.
        placement: where it is worn; unknown by default.
    """

    name: str
    rate_hz: float
    placement: Placement = field(default_factory=Placement.unknown)


@dataclass(frozen=True, eq=False)
class Samples:
    """What a sensor sends at once: one sample or hours of them.

    Attributes:
        time_s: (T,) seconds on the clock that all sensors of the wearer share.
        acc_mps2: (T, 3) specific force, gravity included, m/s2.
        gyr_radps: (T, 3) angular rate, rad/s; None from a sensor without gyroscope, and then always.
    """

    time_s: Array
    acc_mps2: Array
    gyr_radps: Array | None = None


Chunk = Mapping[str, Samples]
"""What came since the last step, by the name of the sensor; sensors that sent nothing are left out."""


@dataclass(frozen=True, eq=False)
class LineState:
    """What is remembered of one sensor; arrays are never changed in place.

    Attributes:
        channels: 3 without gyroscope, 6 with one, 0 before the first samples.
        newest_s: shared time of the newest sample taken.
        shift_s: added to the sensor's stamps, once its clock was set anew.
        held_time_s, held: samples that do not continue the line, with their values.
        held_then_s, others_then_s: newest of these, and newest shared time of the other sensors, after the turn in which the
            first of these came; None before the end of it.
        early_time_s, early: the first seconds, until their units were checked; then None.
        steps, seconds: from sample to sample, as the rate is being read; and `pauses` among them, with their seconds.
        told_hz: the rate last found to differ from what was told.
    """

    channels: int = 0
    newest_s: float = -math.inf
    shift_s: float = 0.0
    held_time_s: Array = field(default_factory=lambda: np.zeros(0))
    held: Array = field(default_factory=lambda: np.zeros((0, 0)))
    held_then_s: float | None = None
    others_then_s: float = -math.inf
    early_time_s: Array | None = field(default_factory=lambda: np.zeros(0))
    early: Array = field(default_factory=lambda: np.zeros((0, 0)))
    steps: int = 0
    seconds: float = 0.0
    pauses: int = 0
    pause_seconds: float = 0.0
    told_hz: float | None = None

    @property
    def samples(self) -> int:
        """Samples held."""
        return len(self.held_time_s) + (0 if self.early_time_s is None else len(self.early_time_s))


@dataclass(frozen=True, eq=False)
class Taken:
    """Samples that continue the line, in order: (n,) shared time, (n, 3 or 6) values as float32, and what was noted."""

    time_s: Array
    values: Array
    notes: tuple[Note, ...] = ()

    @classmethod
    def none(cls, channels: int) -> Taken:
        return cls(np.zeros(0), np.zeros((0, channels), dtype=np.float32))

    def __add__(self, other: Taken) -> Taken:
        time_s = np.concatenate([self.time_s, other.time_s])
        return Taken(time_s, np.concatenate([self.values, other.values]), self.notes + other.notes)


def check_chunk(chunk: Chunk, now_s: float | None, sensors: Sequence[Sensor]) -> None:
    """Refuse what is no chunk of these sensors.

    Raises:
        UsageError: says what is wrong with it.
    """
    if now_s is not None and not abs(now_s) <= LATEST_S:
        raise UsageError("The clock is impossible", where="now_s", expected="seconds", got=f"{now_s}")
    if not isinstance(chunk, Mapping):
        raise UsageError(
            "A chunk is a mapping of sensor names to samples", got=type(chunk).__name__,
            remedy='Give such as {"watch": Samples(time_s, acc_mps2, gyr_radps)}',
        )  # fmt: skip
    for name, samples in chunk.items():
        if name not in {sensor.name for sensor in sensors}:
            raise unknown_name("sensor", str(name), [sensor.name for sensor in sensors])
        if not isinstance(samples, Samples):
            raise UsageError("A sensor sends Samples", where=str(name), got=type(samples).__name__)


def take(sensor: Sensor, samples: Samples, state: LineState, others_s: float) -> tuple[Taken, LineState]:
    """Take what a sensor sent.

    Args:
        sensor: who sent it.
        samples: what it sent.
        state: what is remembered of it.
        others_s: newest shared time of the wearer's other sensors, before this turn; minus infinity where nobody waits.

    Raises:
        FormatError: arrays that do not fit each other, or the sensor's first ones.
    """
    time, values = _arrays(sensor, samples, state.channels)
    state = replace(state, channels=values.shape[1]) if len(time) else state
    notes: list[Note] = []
    with np.errstate(over="ignore", invalid="ignore"):
        values = values.astype(np.float32)
        good = np.isfinite(values).all(axis=1) & (np.abs(time) <= LATEST_S)  # False for NaN, too
    if not good.all():
        time, values = time[good], values[good]
        notes.append(Note("repaired", f"{int((~good).sum())} sample(s) left out: a value or a stamp that is no number"))
    before_s = state.newest_s
    caught_up, state = _accept(state, 0.0, ()) if _is_near(state, others_s) else (Taken.none(state.channels), state)
    taken, state = _follow(sensor, time + state.shift_s, values, state, others_s)
    taken = caught_up + taken if len(caught_up.time_s) else taken
    state, more = _observe_rate(sensor, taken.time_s, before_s, state)
    return replace(taken, notes=(*notes, *taken.notes, *more)), state


def settle(
    sensor: Sensor, state: LineState, others_s: float, *, confirm_s: float = CONFIRM_S, final: bool = False
) -> tuple[Taken, LineState]:
    """Decide on what is held far ahead of other sensors, once all were heard: let it follow, or set the clock right.

    Args:
        sensor: whose samples are held.
        state: what is remembered of it.
        others_s: newest shared time of the wearer's other sensors.
        confirm_s: how long it has to go on before it is believed.
        final: nothing more will come.
    """
    time, nothing = state.held_time_s, Taken.none(state.channels)
    if not len(time):
        return nothing, state
    if time[0] <= state.newest_s:  # back in time: `take` decides, and at the end there is too little of it
        return (replace(nothing, notes=(_astray(len(time)),)), _let_go(state)) if final else (nothing, state)
    if final or _is_near(state, others_s):
        return _accept(state, 0.0, ())
    if state.held_then_s is None:
        return nothing, replace(state, held_then_s=float(time[-1]), others_then_s=others_s)
    lasted_s = time[-1] - state.held_then_s
    if lasted_s < confirm_s:
        return nothing, state
    if not (others_s > state.others_then_s and others_s - state.others_then_s >= 0.5 * lasted_s):
        return _accept(state, 0.0, ())  # a long pause, or all clocks leapt together
    shift = max(others_s - time[-1], state.newest_s + 2.0 * gap_threshold_s(sensor.rate_hz) - time[0])
    return _accept(state, shift, (_reset(time[0] - state.shift_s, shift),))


def check_units(sensor: Sensor, state: LineState, taken: Taken, *, final: bool = False) -> LineState:
    """Look once at the first seconds of a sensor.

    Raises:
        UnitError: values that cannot be m/s2 with gravity and rad/s.
    """
    if state.early_time_s is None or (not len(taken.time_s) and not final):
        return state
    time = np.concatenate([state.early_time_s, taken.time_s])
    values = np.concatenate([state.early.reshape(-1, state.channels), taken.values]) if state.channels else state.early
    full = len(time) > 0 and time[-1] - time[0] >= UNITS_S
    if not full and not final:
        return replace(state, early_time_s=time, early=values)
    early = time < time[0] + UNITS_S if len(time) else np.zeros(0, dtype=bool)
    if early.any():
        acc, gyr = values[early, :3], values[early, 3:] if state.channels == 6 else None
        resolve_units(acc, gyr, acc_unit="m/s2", gyr_unit="rad/s", where=sensor.name, time_s=time[early])
    return replace(state, early_time_s=None, early=np.zeros((0, 0)))


def _arrays(sensor: Sensor, samples: Samples, channels: int) -> tuple[Array, Array]:
    try:
        time = np.atleast_1d(np.asarray(samples.time_s, dtype=np.float64))
        if samples.acc_mps2 is None:
            raise FormatError("There is no acceleration in the samples", where=sensor.name)
        parts = [np.asarray(x, dtype=np.float64) for x in (samples.acc_mps2, samples.gyr_radps) if x is not None]
    except (TypeError, ValueError) as error:
        raise FormatError("Samples have to be numbers", where=sensor.name, got=str(error)) from error
    for name, values in zip(("acc_mps2", "gyr_radps"), parts, strict=False):
        if time.ndim != 1 or values.shape != (len(time), 3):
            raise FormatError(
                f"{name} does not fit the time stamps", where=sensor.name, expected=f"shape ({len(time)}, 3)",
                got=f"shape {values.shape} and {time.shape} stamps",
            )  # fmt: skip
    if channels and channels != 3 * len(parts) and len(time):
        began, goes_on = ("with", "without") if channels == 6 else ("without", "with")
        raise FormatError(
            f"The sensor began {began} a gyroscope and goes on {goes_on} one", where=sensor.name,
            expected=f"{channels} values a sample", got=f"{3 * len(parts)}",
            remedy="Send the same columns always, or start a new stream",
        )  # fmt: skip
    return time, np.hstack(parts)


def _follow(sensor: Sensor, time: Array, values: Array, state: LineState, others_s: float) -> tuple[Taken, LineState]:
    """Sort samples into those that continue the line and those that are held; by the sample, so chunks change nothing."""
    if not len(time):
        return Taken.none(state.channels), state
    steps = np.diff(time)
    even = bool(((steps > 0) & (steps <= LEAP_S)).all())
    if even and not len(state.held_time_s) and _fits(float(time[0]), state.newest_s, others_s):
        return Taken(time, values), replace(state, newest_s=float(time[-1]))  # as nearly always
    joined = np.concatenate([state.held_time_s, time])
    rows = np.concatenate([state.held.reshape(-1, values.shape[1]), values])
    shift, newest, left_out = 0.0, state.newest_s, 0
    held_then_s = state.held_then_s
    held = list(range(len(state.held_time_s)))
    taken: list[int] = []
    notes: list[Note] = []
    for number in range(len(held), len(joined)):
        joined[number] += shift
        t = float(joined[number])
        if _fits(t, newest, others_s):
            left_out, held = left_out + len(held), []
            taken.append(number)
            newest = t
        elif held and t > joined[held[-1]] and (t <= newest) == (joined[held[0]] <= newest):
            held.append(number)
        else:
            left_out, held, held_then_s = left_out + len(held), [number], None
        if not held or t - joined[held[0]] < CONFIRM_S:
            continue
        if t <= newest:
            gone_on = others_s - newest >= 0.5 * (t - joined[held[0]])
            after = newest + (2.0 * gap_threshold_s(sensor.rate_hz) if gone_on else RESET_S) - joined[held[0]]
            moved = max(others_s - t, after) if gone_on else after
            notes.append(_reset(float(joined[held[0]]) - state.shift_s - shift, moved))
            joined[held] += moved
            shift += moved
        elif others_s > -math.inf:
            continue  # far ahead of others: `settle` asks whether they go on
        newest, taken, held = float(joined[held[-1]]), taken + held, []
    if left_out:
        notes.append(_astray(left_out))
    after_all = replace(
        state, newest_s=newest, shift_s=state.shift_s + shift, held_time_s=joined[held], held=rows[held],
        held_then_s=held_then_s,
    )  # fmt: skip
    return Taken(joined[taken], rows[taken], tuple(notes)), after_all


def _fits(time_s: float, newest_s: float, others_s: float) -> bool:
    if newest_s == -math.inf:
        return others_s == -math.inf or abs(time_s - others_s) <= LEAP_S
    return newest_s < time_s <= max(newest_s, others_s) + LEAP_S


def _is_near(state: LineState, others_s: float) -> bool:
    """Whether what is held ahead is where the other sensors are by now."""
    if not len(state.held_time_s) or not state.newest_s < state.held_time_s[0] <= others_s + LEAP_S:
        return False
    return math.isfinite(state.newest_s) or bool(state.held_time_s[0] >= others_s - LEAP_S)


def _accept(state: LineState, shift_s: float, notes: tuple[Note, ...]) -> tuple[Taken, LineState]:
    time = state.held_time_s + shift_s
    after = replace(_let_go(state), newest_s=float(time[-1]), shift_s=state.shift_s + shift_s)
    return Taken(time, state.held, notes), after


def _let_go(state: LineState) -> LineState:
    return replace(state, held_time_s=np.zeros(0), held=np.zeros((0, 0)), held_then_s=None)


def _astray(count: int) -> Note:
    return Note("repaired", f"{count} sample(s) left out: their stamps do not go on from those before and after")


def _reset(stamp_s: float, moved_s: float) -> Note:
    return Note(
        "repaired", f"the clock was set anew at its {stamp_s:.2f} s; stamps from there on are moved by {moved_s:+.2f} s"
    )


def _observe_rate(sensor: Sensor, time: Array, before_s: float, state: LineState) -> tuple[LineState, tuple[Note, ...]]:
    """Read the rate of what was taken, and say once when it is not what was told."""
    steps = np.diff(time, prepend=before_s) if math.isfinite(before_s) else np.diff(time)
    gap = steps > gap_threshold_s(sensor.rate_hz)
    pauses, pause_seconds = state.pauses + int(gap.sum()), state.pause_seconds + float(steps[gap].sum())
    count, seconds = state.steps + len(steps) - int(gap.sum()), state.seconds + float(steps[~gap].sum())
    if count + pauses < RATE_SAMPLES:
        return replace(state, steps=count, seconds=seconds, pauses=pauses, pause_seconds=pause_seconds), ()
    # Where most steps are pauses the sensor is no faster than that.
    rate = count / seconds if count > pauses else (count + pauses) / (seconds + pause_seconds)
    told = state.told_hz or sensor.rate_hz
    state = replace(state, steps=0, seconds=0.0, pauses=0, pause_seconds=0.0)
    if abs(rate / told - 1.0) <= RATE_TOLERANCE:
        return state, ()
    text = f"samples come at {rate:.1f} Hz, not at {told:.1f} Hz" + (
        "; with such steps nothing can be answered" if count <= pauses else ""
    )
    return replace(state, told_hz=rate), (Note("detected", text),)
