"""The registry of motion files: one dict, one decorator, one way in.

A reader is a function ``(path, options) -> MotionClip`` with a sniffing function that tells cheaply whether a path is of
its format. `read_motion` asks the sniffers in order of registration and adds the faults it finds in the clip.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import AnywearError, FormatError, UsageError, unknown_name
from .checks import find_faults
from .clip import RATE_RANGE_HZ, MotionClip


@dataclass(frozen=True)
class MotionOptions:
    """What the user says about a file; each field overrides what a reader would detect.

    Attributes:
        rate_hz: frames per second.
        scale: metres per unit of length in the file.
    """

    rate_hz: float | None = None
    scale: float | None = None

    def __post_init__(self) -> None:
        low, high = RATE_RANGE_HZ
        if self.rate_hz is not None and not low <= self.rate_hz <= high:
            raise UsageError(
                "The frame rate is out of range",
                expected=f"{low:g} to {high:g} frames per second",
                got=str(self.rate_hz),
                remedy="Give the rate in Hz, such as --motion-rate 120",
            )
        if self.scale is not None and not 1e-6 <= self.scale <= 1e3:
            raise UsageError(
                "The length scale is out of range",
                expected="metres per unit of the file, such as 0.01 for centimetres",
                got=str(self.scale),
            )


@dataclass(frozen=True)
class MotionReader:
    """One registered format."""

    name: str
    about: str
    sniff: Callable[[Path], bool]
    read: Callable[[Path, MotionOptions], MotionClip]


MOTION_READERS: dict[str, MotionReader] = {}


def motion_reader(name: str, about: str, sniff: Callable[[Path], bool]):
    """Register a reading function under a name.

    Args:
        name: what ``format=`` takes.
        about: one line for the formats table.
        sniff: path to bool; must be cheap and must not raise on foreign files.
    """

    def register(function: Callable[[Path, MotionOptions], MotionClip]):
        if name in MOTION_READERS:
            raise ValueError(f"motion reader {name!r} is registered twice")
        MOTION_READERS[name] = MotionReader(name, about, sniff, function)
        return function

    return register


def read_motion(
    path: str | Path, *, format: str | None = None, rate_hz: float | None = None, scale: float | None = None
) -> MotionClip:
    """Read a motion file of any known format.

    Args:
        path: the file. An AMC file needs its ASF beside it, or has a CMU skeleton's joint names.
        format: name of a reader; by default the format is detected.
        rate_hz, scale: see `MotionOptions`.

    Returns:
        The clip; everything detected, converted, repaired and every fault found is in its notes.

    Raises:
        FormatError: missing, damaged or foreign file, a skeleton that cannot be mapped, no rate.
        UnitError: lengths that fit no unit. UsageError: unknown format name.

    Example:
        >>> from anywear.motion import read_motion
        >>> read_motion("walk.bvh").skeleton.joints  # doctest: +SKIP
    """
    path = Path(path)
    options = MotionOptions(rate_hz, scale)
    if not path.exists():
        raise FormatError("There is no such file", where=str(path), remedy="Check the path")
    if path.is_dir():
        raise FormatError("This is a folder, not a motion file", where=str(path), remedy="Name one file of it")
    if format is not None:
        if format not in MOTION_READERS:
            raise unknown_name("motion format", format, MOTION_READERS)
        return _read(MOTION_READERS[format], path, options)
    for candidate in MOTION_READERS.values():
        if candidate.sniff(path):
            return _read(candidate, path, options)
    raise FormatError(
        "This is no motion in a format that is known here",
        where=str(path),
        expected=", ".join(MOTION_READERS),
        got=repr(head_of(path, 40)),
        remedy="Name the format, or export the motion as BVH",
    )


def head_of(path: Path, size: int = 4096) -> str:
    """The first bytes as text, for sniffers; empty when the file cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(size).decode("utf-8", errors="replace")
    except OSError:
        return ""


def text_of(path: Path) -> str:
    """A motion file's whole text. Raises FormatError when it cannot be read or holds bytes that are no text."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FormatError("The file cannot be read", where=str(path), got=error.strerror) from error
    if b"\0" in raw:
        raise FormatError("The file is binary, not text", where=str(path))
    return raw.decode("utf-8-sig", errors="replace")


def _read(chosen: MotionReader, path: Path, options: MotionOptions) -> MotionClip:
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused at the clip's door
            clip = chosen.read(path, options)
    except AnywearError as error:
        if error.where is None:
            error.where = str(path)
        raise
    return clip.with_notes(*(fault.note() for fault in find_faults(clip)))
