"""Folders of motion files: what is one, and what is not."""

from __future__ import annotations

from pathlib import Path

from ..errors import FormatError, unknown_name
from .registry import MOTION_READERS

MOTION_SUFFIXES = (".bvh", ".amc")  # counted as motion even when their content is damaged, so that this is reported


def list_motions(path: str | Path, *, format: str | None = None) -> tuple[Path, ...]:
    """The motion files in a folder, searched to the bottom, in the order of their names; a file stands for itself.

    Args:
        path: a file or folder.
        format: name of a reader; then only files it takes count.

    Raises:
        FormatError: no such path, or no motion in the folder. UsageError: unknown format name.

    Example:
        >>> list_motions("mocap/")  # doctest: +SKIP
        (PosixPath('mocap/01_01.bvh'), PosixPath('mocap/01_02.bvh'))
    """
    path = Path(path)
    if format is not None and format not in MOTION_READERS:
        raise unknown_name("motion format", format, MOTION_READERS)
    if not path.exists():
        raise FormatError("There is no such file or folder", where=str(path), remedy="Check the path")
    if path.is_file():
        return (path,)
    readers = MOTION_READERS.values() if format is None else [MOTION_READERS[format]]
    found = tuple(
        entry
        for entry in sorted(path.rglob("*"))
        if entry.is_file()
        and not any(part.startswith(".") for part in entry.relative_to(path).parts)
        and ((format is None and entry.suffix.lower() in MOTION_SUFFIXES) or any(r.sniff(entry) for r in readers))
    )
    if not found:
        raise FormatError(
            "The folder holds no motion",
            where=str(path),
            expected="files in one of the formats " + ", ".join(MOTION_READERS),
            remedy="Check the path, or name the format with --motion-format",
        )
    return found
