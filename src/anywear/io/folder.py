"""Folders of recordings: what is one, what is not, and all of them read one by one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import AnywearError, FormatError, unknown_name
from ..recording import Recording
from .registry import READERS, read

MAX_DEPTH = 12

_ABOUT_NAMES = [
    "readme",
    "license",
    "licence",
    "copying",
    "changelog",
    "citation",
    "notice",
    "authors",
    "makefile",
    "thumbs",
]
_DOCUMENTS = "md rst pdf doc docx odt rtf html htm tex bib log xml json yml yaml"
_MEDIA = "png jpg jpeg gif bmp svg tif tiff webp heic mp4 mov avi mkv mp3 wav m4a"
_CODE = "py ipynb m r c cpp h java js sh bat exe dll so pyc toml ini cfg"
_LEFTOVERS = "part tmp bak lock db ico"
_OTHER_SUFFIXES = frozenset(f".{suffix}" for suffix in " ".join((_DOCUMENTS, _MEDIA, _CODE, _LEFTOVERS)).split())


@dataclass(frozen=True)
class FolderListing:
    """What a folder holds.

    Attributes:
        recordings: files, and folders that are one recording, in the order of their names.
        skipped: what is no recording, with the reason.
    """

    recordings: tuple[Path, ...]
    skipped: tuple[tuple[Path, str], ...]


def list_recordings(path: str | Path, *, format: str | None = None) -> FolderListing:
    """Tell the recordings in a folder from everything else, without reading them.

    Args:
        path: a folder, searched to the bottom; a file, or a folder that is one recording, stands for itself.
        format: name of a reader: every file that is not plainly something else then counts as a recording.

    Raises:
        FormatError: no such path. UsageError: unknown format name.

    Example:
        >>> listing = list_recordings("recordings/")  # doctest: +SKIP
        >>> listing.skipped[0]  # doctest: +SKIP
        (PosixPath('recordings/README.md'), 'not data')
    """
    path = Path(path)
    if format is not None and format not in READERS:
        raise unknown_name("format", format, READERS)
    if not path.exists():
        raise FormatError("There is no such folder", where=str(path), remedy="Check the path")
    recordings: list[Path] = []
    skipped: list[tuple[Path, str]] = []
    if path.is_file():
        recordings.append(path)
    else:
        _scan(path, format, recordings, skipped, 0)
    return FolderListing(tuple(recordings), tuple(skipped))


def read_many(path: str | Path, **options) -> Iterator[tuple[Path, Recording | AnywearError]]:
    """Read every recording in a folder; a damaged one gives its error and costs nothing else.

    Args:
        path: a folder, or one recording.
        options: as for `anywear.read`, the same for every file.

    Yields:
        The path of each recording, and the recording or the error. What was skipped: see `list_recordings`.

    Raises:
        FormatError: no such folder, or no recording in it. UsageError: unknown format name.

    Example:
        >>> for path, result in read_many("recordings/", placement="left_wrist"):  # doctest: +SKIP
        ...     print(path.name, result)
    """
    listing = list_recordings(path, format=options.get("format"))
    if not listing.recordings:
        first = "; ".join(f"{skipped.name} ({reason})" for skipped, reason in listing.skipped[:6])
        raise FormatError(
            "The folder holds no recordings",
            where=str(path),
            expected=f"files in one of the formats {', '.join(READERS)}",
            got=f"{len(listing.skipped)} other file(s): {first}" if listing.skipped else "nothing",
            remedy="Check the path, or name the format with --format",
        )
    return _read_each(listing.recordings, options)


def _read_each(paths: tuple[Path, ...], options: dict) -> Iterator[tuple[Path, Recording | AnywearError]]:
    for path in paths:
        try:
            yield path, read(path, **options)
        except AnywearError as error:
            yield path, error


def _scan(
    folder: Path, format: str | None, recordings: list[Path], skipped: list[tuple[Path, str]], depth: int
) -> None:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        skipped.append((folder, f"cannot be opened: {error.strerror or error}"))
        return
    if _is_one_recording(folder, entries, format):
        recordings.append(folder)
        return
    for entry in entries:
        path = Path(entry.path)
        reason = _reason_to_skip(entry, path, format, depth)
        if reason:
            skipped.append((path, reason))
        elif entry.is_dir(follow_symlinks=False):
            _scan(path, format, recordings, skipped, depth + 1)
        else:
            recordings.append(path)


def _is_one_recording(folder: Path, entries: list[os.DirEntry], format: str | None) -> bool:
    readers = READERS.values() if format is None else [READERS[format]]
    if not any(reader.sniff(folder) for reader in readers):
        return False
    # An app's export one level down is found in its parent too, which may hold other recordings beside it.
    inner = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    return not any(reader.sniff(path) for reader in readers for path in inner)


def _reason_to_skip(entry: os.DirEntry, path: Path, format: str | None, depth: int) -> str | None:
    if entry.name.startswith((".", "__MACOSX", "~$")):
        return "hidden"
    if entry.is_symlink() and not path.exists():
        return "a link to nothing"
    if path.is_dir():
        if entry.is_symlink():
            return "a link to a folder"
        return "too deep" if depth >= MAX_DEPTH else None
    if not path.is_file():
        return "no regular file"
    if path.suffix.lower() in _OTHER_SUFFIXES or path.stem.lower() in _ABOUT_NAMES:
        return "not data"
    if format is None and not any(reader.sniff(path) for reader in READERS.values()):
        return "no known format"
    return None
