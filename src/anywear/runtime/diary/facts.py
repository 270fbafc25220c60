"""What the signal itself says of a stretch: steps and their pace, repetitions, and on which side it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...recording import Recording, Stream
from ...signal.repetitions import Repetitions, count_repetitions
from ...signal.walking import Walk, find_walking, place_kind
from .vocabulary import GAIT, REPEATED, Activity

STEP_SOURCES = ("trunk", "foot", "thigh", "unknown", "arm")  # the earlier, the better its steps are counted
WALKED_SHARE = 0.5  # of a stretch in which walking has to be found, for its pace to count
SLOWEST_STEPS_HZ, RUNNING_STEPS_HZ = 1.15, 1.9  # slower cycles are strides, of two steps
STEPS_HZ = (0.8, 4.0)
SIDE_RATIO = 1.6  # how much stronger one side has to move
REGULAR = 0.4  # of a rhythm that is worth telling
LEAST_S = 1.0


@dataclass(frozen=True)
class Steps:
    """Steps of both feet.

    Attributes:
        count: of the stretch.
        rate_hz: steps a second while walking.
        seconds: of walking or running found in it.
        stream: that they were counted by.
        how: ``walking`` where the walk was found by its rhythm and gait, ``rhythm`` where only the rhythm is known.
    """

    count: int
    rate_hz: float
    seconds: float
    stream: str
    how: str

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        return {
            "count": self.count, "rate_hz": round(self.rate_hz, 3), "seconds": round(self.seconds, 2),
            "stream": self.stream, "how": self.how,
        }  # fmt: skip


@dataclass(frozen=True)
class Side:
    """Which of two sides moved more: ``left``, ``right`` or ``both``; by which streams, and how many times as strongly."""

    side: str
    streams: tuple[str, str]
    ratio: float

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        return {"side": self.side, "streams": list(self.streams), "ratio": round(self.ratio, 2)}


@dataclass(frozen=True)
class Facts:
    """Of one stretch; None or 0 where there is nothing to tell."""

    steps: Steps | None = None
    repetitions: Repetitions | None = None
    side: Side | None = None

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        out: dict = {}
        if self.steps:
            out["steps"] = self.steps.to_dict()
        if self.repetitions:
            own = self.repetitions
            out["repetitions"] = {
                "count": own.count, "cycles": own.cycles,
                "period_s": None if own.period_s is None else round(own.period_s, 3),
                "regularity": round(own.regularity, 3), "bouts": own.bouts, "stream": own.stream,
            }  # fmt: skip
        if self.side:
            out["side"] = self.side.to_dict()
        return out


class Measurer:
    """Facts of stretches of one recording; its walking is looked for once."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._walks: dict[str, tuple[Walk, ...]] = {}

    def facts(self, activity: Activity, start_s: float, end_s: float) -> Facts:
        """What can be told of an activity in a stretch."""
        if end_s - start_s < LEAST_S:
            return Facts(side=self.side(start_s, end_s) if activity.hands else None)
        if activity.kind == GAIT:
            return Facts(steps=self.steps(start_s, end_s, running=activity.label in ("running", "jogging")))
        if activity.kind == REPEATED:
            return Facts(
                repetitions=self.repetitions(start_s, end_s), side=self.side(start_s, end_s) if activity.hands else None
            )
        return Facts(side=self.side(start_s, end_s) if activity.hands else None)

    def steps(self, start_s: float, end_s: float, *, running: bool = False) -> Steps | None:
        """Steps in a stretch, by the stream that counts them best; None where none are found."""
        streams = sorted(self.recording.streams, key=lambda own: STEP_SOURCES.index(place_kind(own.placement)))
        if not running:
            for stream in streams:
                found = [
                    (min(walk.stop_s, end_s) - max(walk.start_s, start_s), walk.steps_hz)
                    for walk in self._walking(stream)
                ]
                found = [(seconds, rate_hz) for seconds, rate_hz in found if seconds > 0.0]
                seconds = sum(own for own, _ in found)
                if seconds >= WALKED_SHARE * (end_s - start_s):
                    count = sum(own * rate_hz for own, rate_hz in found)
                    # The ends of a walk are shorter than the windows it is found by: the pace holds for the whole.
                    rate_hz = count / seconds
                    return Steps(round(rate_hz * (end_s - start_s)), rate_hz, end_s - start_s, stream.name, "walking")
        counted = [count_repetitions(stream, start_s, end_s) for stream in streams]
        for own in counted:
            if own.period_s is None or own.regularity < REGULAR:
                continue
            rate_hz = 1.0 / own.period_s
            rate_hz *= 2.0 if rate_hz < (RUNNING_STEPS_HZ if running else SLOWEST_STEPS_HZ) else 1.0
            if STEPS_HZ[0] <= rate_hz <= STEPS_HZ[1]:
                return Steps(round(rate_hz * (end_s - start_s)), rate_hz, end_s - start_s, own.stream, "rhythm")
        return None

    def repetitions(self, start_s: float, end_s: float) -> Repetitions | None:
        """What was repeated, by the stream that is most regular; None where nothing is."""
        found = [count_repetitions(stream, start_s, end_s) for stream in self.recording.streams]
        found = [own for own in found if own.rhythmic]
        return max(found, key=lambda own: own.regularity, default=None)

    def side(self, start_s: float, end_s: float) -> Side | None:
        """Which arm moved more, else which leg; None where sensors are not on both sides of the same part."""
        for parts in (("hand", "fingers", "forearm", "upper_arm"), ("foot", "shank", "thigh")):
            for part in parts:
                one, other = self._on(f"left_{part}"), self._on(f"right_{part}")
                if one is None or other is None:
                    continue
                left, right = _strength(one, start_s, end_s), _strength(other, start_s, end_s)
                if max(left, right) <= 0.0:
                    return None
                ratio = max(left, right) / max(min(left, right), 1e-9)
                names = (one.name, other.name)
                if ratio < SIDE_RATIO:
                    return Side("both", names, ratio)
                return Side("left" if left > right else "right", names, ratio)
        return None

    def one_sided(self) -> tuple[str, ...]:
        """Sensors on an arm or a leg whose other side has none: they cannot tell the sides apart."""
        sides = {s.name: (s.placement.segment or "") for s in self.recording.streams}
        worn = set(sides.values())
        other = {"left": "right", "right": "left"}
        return tuple(
            name for name, own in sides.items()
            if (side := own.split("_")[0]) in other and own.replace(side, other[side], 1) not in worn
        )  # fmt: skip

    def _walking(self, stream: Stream) -> Sequence[Walk]:
        if stream.name not in self._walks:
            self._walks[stream.name] = find_walking(stream)
        return self._walks[stream.name]

    def _on(self, segment: str) -> Stream | None:
        return next((own for own in self.recording.streams if own.placement.segment == segment), None)


def _strength(stream: Stream, start_s: float, end_s: float) -> float:
    """How much a stream moves: deviation of acceleration, m/s2, and of angular rate, of which 1 rad/s counts as 1 m/s2."""
    inside = (stream.time_s >= start_s) & (stream.time_s <= end_s)
    if inside.sum() < 2:
        return 0.0
    parts = [stream.acc_mps2[inside]] + ([] if stream.gyr_radps is None else [stream.gyr_radps[inside]])
    return float(np.sqrt(sum(np.square(own - own.mean(axis=0)).sum(axis=1).mean() for own in parts)))
