"""The registry of readers: one dict, one decorator, one way in.

A reader is a function ``(path, options) -> Recording`` with a sniffing function that tells cheaply whether a path is of
its format. `read` asks the sniffers in order of registration and names the reader it took in the recording.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import FormatError, UsageError, unknown_name
from ..placement import Placement
from ..recording import Recording
from .archive import looks_like_zip, no_recording


@dataclass(frozen=True)
class ReadOptions:
    """What the user says about a file; each field overrides what a reader would detect.

    Attributes:
        placement: site name for every stream, or ``stream=site`` pairs separated by commas.
        units: such as ``g,deg/s``; see `anywear.signal.units.parse_units`.
        rate_hz: samples per second, for files without time stamps.
        columns: such as ``time=t,acc=ax:ay:az,gyr=gx:gy:gz``, for tables.
    """

    placement: str | None = None
    units: str | None = None
    rate_hz: float | None = None
    columns: str | None = None

    def __post_init__(self) -> None:
        if self.rate_hz is not None and not 1.0 <= self.rate_hz <= 10_000.0:
            raise UsageError(
                "The sampling rate is out of range",
                expected="1 to 10000 samples per second",
                got=str(self.rate_hz),
                remedy="Give the rate in Hz, such as --rate 50",
            )


@dataclass(frozen=True)
class Reader:
    """One registered format."""

    name: str
    about: str
    sniff: Callable[[Path], bool]
    read: Callable[[Path, ReadOptions], Recording]


READERS: dict[str, Reader] = {}


def reader(name: str, about: str, sniff: Callable[[Path], bool]):
    """Register a reading function under a name.

    Args:
        name: what ``--format`` takes.
        about: one line for the formats table.
        sniff: path to bool; must be cheap and must not raise on foreign files. Data-set layouts that cannot be told
            from their content return False and are read by name only.
    """

    def register(function: Callable[[Path, ReadOptions], Recording]):
        if name in READERS:
            raise ValueError(f"reader {name!r} is registered twice")
        READERS[name] = Reader(name, about, sniff, function)
        return function

    return register


def read(
    path: str | Path,
    *,
    format: str | None = None,
    placement: str | None = None,
    units: str | None = None,
    rate_hz: float | None = None,
    columns: str | None = None,
) -> Recording:
    """Read a recording of any known format.

    Args:
        path: a file, or a folder that is one recording (a Sensor Logger export).
        format: name of a reader; by default the format is detected.
        placement, units, rate_hz, columns: see `ReadOptions`.

    Returns:
        The recording; everything detected, converted and repaired is in its notes.

    Raises:
        FormatError: missing, damaged or foreign file. UnitError: units that cannot be told or cannot be true.
        PlacementError: unknown site. UsageError: unknown format name.

    Example:
        >>> import anywear
        >>> anywear.read("walk.zip", placement="left_wrist")  # doctest: +SKIP
    """
    path = Path(path)
    options = ReadOptions(placement, units, rate_hz, columns)
    if not path.exists():
        raise FormatError("There is no such file", where=str(path), remedy="Check the path")
    if format is not None:
        if format not in READERS:
            raise unknown_name("format", format, READERS)
        return place(READERS[format].read(path, options), options)
    for candidate in READERS.values():
        if candidate.sniff(path):
            return place(candidate.read(path, options), options)
    if path.is_dir() or looks_like_zip(path):
        raise no_recording(path)
    raise FormatError(
        "This is no recording in a format that is known here",
        where=str(path),
        expected=", ".join(READERS),
        got=_first_bytes(path),
        remedy="Name the format with --format, or export the recording as CSV with a header line",
    )


def place(recording: Recording, options: ReadOptions) -> Recording:
    """Apply the user's placement: one site for every stream, or ``stream=site`` pairs."""
    if options.placement is None:
        return recording
    if "=" not in options.placement:
        site = Placement.at(options.placement)
        if site.is_known and len(recording.streams) > 1:
            raise UsageError(
                "One placement was given for several sensors",
                where=recording.source,
                expected="stream=site pairs for " + ", ".join(s.name for s in recording.streams),
                got=options.placement,
                remedy=f"Write --placement {recording.streams[0].name}={options.placement}",
            )
        return recording.with_streams([s.with_placement(site) for s in recording.streams])
    wanted: dict[str, Placement] = {}
    for pair in options.placement.split(","):
        name, _, site = pair.partition("=")
        wanted[recording.stream(name.strip()).name] = Placement.at(site)
    streams = [s.with_placement(wanted[s.name]) if s.name in wanted else s for s in recording.streams]
    return recording.with_streams(streams)


def _first_bytes(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(40)
    return f"a file of {path.stat().st_size} bytes that begins with {head!r}"
