"""The noun everything speaks: a Recording, its Streams, and the story of how they came to be.

Validated at the door, immutable and trusted inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from ._typing import Array, Float
from .errors import FormatError, unknown_name
from .placement import Placement
from .timing import effective_rate_hz

STANDARD_GRAVITY_MPS2 = 9.80665  # m/s2, CGPM 1901
LATEST_S = 1e11  # s; three thousand years: a greater stamp is in another unit, and would lose its fractions

NOTE_KINDS = ("detected", "converted", "repaired", "assumed")


@dataclass(frozen=True)
class Note:
    """One thing that was found out or done on the way in.

    Attributes:
        kind: ``detected`` (read off the data), ``converted`` (unit, axis, sign), ``repaired`` (data changed or left
            out), ``assumed`` (nobody said, so this was taken).
        text: one sentence, with the figures.
    """

    kind: str
    text: str

    def __post_init__(self) -> None:
        if self.kind not in NOTE_KINDS:
            raise ValueError(f"note kind {self.kind!r} is not one of {NOTE_KINDS}")

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


@dataclass(frozen=True)
class Span:
    """A labelled stretch of a recording: start and end in seconds on the recording's clock."""

    start_s: float
    end_s: float
    label: str


@dataclass(frozen=True, eq=False)
class Stream:
    """The samples of one sensor unit.

    Attributes:
        name: unique within its recording, such as ``watch``.
        time_s: (T,) seconds on the recording's clock, strictly increasing.
        acc_mps2: (T, 3) specific force in m/s2, sensor frame, gravity included: at rest it reads +9.81 along up.
        gyr_radps: (T, 3) angular rate in rad/s, sensor frame, or None.
        placement: where it is worn.
        nominal_rate_hz: rate the device claims, or None. The effective rate is read off the stamps.
        notes: what was detected, converted, repaired or assumed.

    Raises:
        FormatError: wrong shapes, fewer than two samples, stamps that do not increase or cannot be seconds, values that
            are not finite.
    """

    name: str
    time_s: Float[Array, " time"]
    acc_mps2: Float[Array, "time 3"]
    gyr_radps: Float[Array, "time 3"] | None = None
    placement: Placement = field(default_factory=Placement.unknown)
    nominal_rate_hz: float | None = None
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "time_s", _frozen(self.time_s, np.float64))
        object.__setattr__(self, "acc_mps2", _frozen(self.acc_mps2, np.float32))
        if self.gyr_radps is not None:
            object.__setattr__(self, "gyr_radps", _frozen(self.gyr_radps, np.float32))
        object.__setattr__(self, "notes", tuple(self.notes))
        self._validate()

    def __setstate__(self, state: dict) -> None:
        # Pickle and deepcopy give arrays back writeable.
        self.__dict__.update(state)
        for values in (self.time_s, self.acc_mps2, self.gyr_radps):
            if values is not None:
                values.setflags(write=False)

    def _validate(self) -> None:
        count = len(self.time_s) if self.time_s.ndim == 1 else 0
        if count < 2:
            raise FormatError(
                "A stream needs at least two samples",
                where=self.name,
                expected="a list of two or more time stamps",
                got=f"an array of shape {self.time_s.shape}",
                remedy="Check that the file was recorded and exported completely",
            )
        for field_name, values in (("acc_mps2", self.acc_mps2), ("gyr_radps", self.gyr_radps)):
            if values is not None and values.shape != (count, 3):
                raise FormatError(
                    f"{field_name} does not fit the time stamps",
                    where=self.name,
                    expected=f"shape ({count}, 3)",
                    got=f"shape {values.shape}",
                )
            if values is not None and not np.isfinite(values).all():
                bad = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
                raise FormatError(
                    f"{field_name} holds values that are not finite",
                    where=f"{self.name}, sample {bad}",
                    got=str(values[bad].tolist()),
                    remedy="Leave such samples out; a gap in the stamps is understood",
                )
        possible = np.abs(self.time_s) <= LATEST_S  # False for NaN, too
        if not possible.all():
            bad = int(np.flatnonzero(~possible)[0])
            raise FormatError(
                "A time stamp is no number of seconds",
                where=f"{self.name}, sample {bad}",
                expected=f"a finite number up to {LATEST_S:g} s",
                got=f"{self.time_s[bad]:g} s",
                remedy="Give stamps in seconds; build streams with anywear.signal.build_stream",
            )
        steps = np.diff(self.time_s)
        if not (steps > 0).all():
            bad = int(np.flatnonzero(~(steps > 0))[0]) + 1
            raise FormatError(
                "Time stamps have to increase",
                where=f"{self.name}, sample {bad}",
                expected="each stamp later than the one before",
                got=f"{self.time_s[bad - 1]} s, then {self.time_s[bad]} s",
                remedy="Build streams with anywear.signal.build_stream, which repairs clocks and says so",
            )

    def __len__(self) -> int:
        return len(self.time_s)

    def __repr__(self) -> str:
        sensors = "acc" if self.gyr_radps is None else "acc+gyr"
        return (
            f"Stream({self.name!r}, {self.placement.name}, {sensors}, {len(self)} samples, "
            f"{self.duration_s:.1f} s, {self.effective_rate_hz:.1f} Hz)"
        )

    @property
    def duration_s(self) -> float:
        return float(self.time_s[-1] - self.time_s[0])

    @property
    def effective_rate_hz(self) -> float:
        """Samples per second between gaps, read off the stamps."""
        return effective_rate_hz(self.time_s)

    def with_placement(self, placement: Placement, note: str = "placement given by the user") -> Stream:
        """The same samples worn elsewhere; the change is noted."""
        return replace(self, placement=placement, notes=(*self.notes, Note("assumed", f"{note}: {placement.name}")))


@dataclass(frozen=True, eq=False)
class Recording:
    """One or more streams on a shared clock.

    Attributes:
        streams: the sensors, names unique.
        source: file or generator it came from.
        reader: name of the reader or data set that made it.
        device: what recorded it, as far as the file tells.
        start_unix_s: wall-clock time at 0 s, or None.
        labels: truth, where the file carries it.
        notes: what concerns the recording as a whole.
        metadata: further facts as text, such as ``subject``.
    """

    streams: tuple[Stream, ...]
    source: str = ""
    reader: str = ""
    device: str | None = None
    start_unix_s: float | None = None
    labels: tuple[Span, ...] = ()
    notes: tuple[Note, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "streams", tuple(self.streams))
        object.__setattr__(self, "labels", tuple(self.labels))
        object.__setattr__(self, "notes", tuple(self.notes))
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))
        names = [stream.name for stream in self.streams]
        if not names:
            raise FormatError(
                "No motion sensor found",
                where=self.source or None,
                expected="at least one accelerometer",
                remedy="Check that the recording app exported the accelerometer",
            )
        if len(set(names)) != len(names):
            raise FormatError(
                "Two streams of one recording have the same name", where=self.source, got=", ".join(names)
            )

    def __reduce__(self):
        # A mapping proxy does not pickle; worker processes need recordings.
        fields = (
            self.streams, self.source, self.reader, self.device,
            self.start_unix_s, self.labels, self.notes, dict(self.metadata),
        )  # fmt: skip
        return (Recording, fields)

    def __repr__(self) -> str:
        return f"Recording({self.source!r}, {self.duration_s:.1f} s, streams={list(self.streams)!r})"

    @property
    def start_s(self) -> float:
        return min(float(stream.time_s[0]) for stream in self.streams)

    @property
    def end_s(self) -> float:
        return max(float(stream.time_s[-1]) for stream in self.streams)

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    def stream(self, name: str) -> Stream:
        """The stream of this name."""
        for stream in self.streams:
            if stream.name == name:
                return stream
        raise unknown_name("stream", name, [s.name for s in self.streams])

    def with_streams(self, streams: tuple[Stream, ...] | list[Stream]) -> Recording:
        """The same recording with other streams."""
        return replace(self, streams=tuple(streams), metadata=dict(self.metadata))

    def all_notes(self) -> list[tuple[str, Note]]:
        """Every note with the name of the stream it is about; an empty name stands for the whole recording."""
        return [("", note) for note in self.notes] + [(s.name, note) for s in self.streams for note in s.notes]


def _frozen(values, dtype) -> Array:
    if isinstance(values, np.ndarray) and values.dtype == dtype and not values.flags.writeable:
        return values  # already given up by its maker: large files are not held twice
    with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is refused as such
        array = np.array(values, dtype=dtype, copy=True)
    array.setflags(write=False)
    return array
