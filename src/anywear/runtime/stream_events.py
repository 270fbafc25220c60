"""What a live stream says: activities, segments, gestures, sensors that stall, and notes; each goes to JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import ClassVar

from ..errors import AnywearError
from ..recording import Note


@dataclass(frozen=True)
class Event:
    """Something to tell; `event` names its kind."""

    event: ClassVar[str]

    def to_dict(self) -> dict:
        """Plain types, for JSON; times in seconds on the wearer's clock."""
        rounded = {
            name: round(value, 3 if name.endswith("_s") else 4) if isinstance(value, float) else value
            for name, value in asdict(self).items()
            if name not in self._left_out
        }
        return {"event": self.event, **rounded}

    _left_out: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True)
class Activity(Event):
    """What is done in a stretch of one hop.

    Attributes:
        start_s, end_s: the stretch.
        label: one of those asked, or ``unknown``.
        confidence: 0 to 1.
        fit: how well the best label fits at all, as a cosine.
        final: False for the answer at once, from the one window that ends with the stretch; True once every window that
            covers the stretch has been heard: then it is what the whole recording gives, and never changes.
        scores: probability of each label of the window, in the order asked; empty when final.
    """

    event: ClassVar[str] = "activity"
    _left_out: ClassVar[tuple[str, ...]] = ("scores",)
    start_s: float
    end_s: float
    label: str
    confidence: float
    fit: float
    final: bool
    scores: tuple[float, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class SegmentStarted(Event):
    """A stretch of one answer has begun; final."""

    event: ClassVar[str] = "segment_started"
    start_s: float
    label: str


@dataclass(frozen=True)
class SegmentEnded(Event):
    """A stretch of one answer is over; final: a segment of the timeline."""

    event: ClassVar[str] = "segment_ended"
    start_s: float
    end_s: float
    label: str
    confidence: float


@dataclass(frozen=True)
class GestureSeen(Event):
    """A gesture was made; final.

    Attributes:
        start_s, end_s: the motion.
        label: of the gesture; ``none`` where motions that are none are told, too.
        confidence: 0 to 1; that of the likeliest gesture where it is none.
        known_at_s: stamp of the last sample that had to be heard.
    """

    event: ClassVar[str] = "gesture"
    start_s: float
    end_s: float
    label: str
    confidence: float
    known_at_s: float


@dataclass(frozen=True)
class SensorStalled(Event):
    """Nothing has come from a sensor for longer than the patience; the others are answered without it.

    Attributes:
        sensor: its name.
        since_s: time of its last sample, None when there was none yet.
    """

    event: ClassVar[str] = "sensor_stalled"
    sensor: str
    since_s: float | None


@dataclass(frozen=True)
class SensorReturned(Event):
    """A sensor that had stalled is heard again; `at_s` is the time of the first sample."""

    event: ClassVar[str] = "sensor_returned"
    sensor: str
    at_s: float


@dataclass(frozen=True)
class Remark(Event):
    """Something that was detected, repaired or assumed; `sensor` is empty when it concerns all."""

    event: ClassVar[str] = "note"
    sensor: str
    kind: str
    text: str

    @classmethod
    def of(cls, sensor: str, note: Note) -> Remark:
        return cls(sensor, note.kind, note.text)


@dataclass(frozen=True)
class Refused(Event):
    """A chunk that could not be read; nothing of it was taken, and the state is as before."""

    event: ClassVar[str] = "refused"
    what: str
    where: str | None
    expected: str | None
    got: str | None
    remedy: str | None

    @classmethod
    def of(cls, error: AnywearError) -> Refused:
        return cls(error.what, error.where, error.expected, error.got, error.remedy)
