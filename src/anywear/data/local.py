"""Where data lies on this machine, and how it gets there: by download, or from a place that the user names."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .._files import write_whole
from ..corpus.store import sha256_of
from ..datasets import open_source
from ..datasets.source import ARCHIVE_ENDINGS
from ..errors import FormatError, UsageError
from .catalogue import DataEntry
from .fetch import fetch

ORIGIN = "{name}.origin.json"  # beside the data: where it came from, under which terms
DOWNLOADED = "downloaded"  # folder for files before they are known to be whole


def data_folder() -> Path:
    """The folder data is kept in: ``ANYWEAR_DATA``, else ``~/.cache/anywear/data``."""
    named = os.environ.get("ANYWEAR_DATA")
    return Path(named) if named else Path.home() / ".cache" / "anywear" / "data"


@dataclass(frozen=True)
class LocalState:
    """Whether a data set is here.

    Attributes:
        path: its folder or archive; None when it is absent.
        bytes: size of an archive; None for folders.
        origin: what was written down when it came; empty where nobody did.
    """

    path: Path | None
    bytes: int | None
    origin: dict[str, str]

    @property
    def text(self) -> str:
        return "absent" if self.path is None else "local"


def local_state(entry: DataEntry, folder: Path | None = None) -> LocalState:
    """Look for a data set's folder or archive."""
    folder = folder or data_folder()
    if entry.kind == "corpus":
        candidates = [folder.parent / "corpus", folder / entry.name]
        found = next((path for path in candidates if (path / "manifest.json").is_file()), None)
    else:
        candidates = [folder / entry.name, *(folder / f"{entry.name}{ending}" for ending in ARCHIVE_ENDINGS)]
        found = next((path for path in candidates if path.exists()), None)
    origin = folder / ORIGIN.format(name=entry.name)
    try:
        said = json.loads(origin.read_text(encoding="utf-8")) if origin.is_file() else {}
    except ValueError:
        said = {}
    size = found.stat().st_size if found is not None and found.is_file() else None
    return LocalState(found, size, said if isinstance(said, dict) else {})


def check_layout(entry: DataEntry, path: Path) -> int:
    """How many files a folder or archive holds, if it holds the data set.

    Raises:
        FormatError: no such path, a damaged archive, or files of another layout; says what was looked for.
    """
    names = open_source(path).names()
    missing = entry.missing(names)
    if missing:
        raise FormatError(
            f"This does not hold {entry.name}", where=str(path), expected="paths that fit " + " and ".join(missing),
            got=f"{len(names)} files" + (f", such as {', '.join(names[:3])}" if names else ""),
            remedy=f"Name the folder or archive of {entry.url}",
        )  # fmt: skip
    return len(names)


def import_data(entry: DataEntry, path: str | Path, folder: Path | None = None) -> Path:
    """Take in data that lies elsewhere: an archive is copied, a folder is linked to, after a look at what is in it.

    Args:
        entry: the data set.
        path: a folder, an archive, or a folder that holds either under the set's name.
        folder: where to; the data folder by default.

    Raises:
        FormatError: the path does not hold the data set, or is damaged. UsageError: other data is there already.
    """
    path, folder = Path(path).expanduser(), folder or data_folder()
    for inside in (path / entry.name, *(path / f"{entry.name}{ending}" for ending in ARCHIVE_ENDINGS)):
        if path.is_dir() and inside.exists():
            path = inside
            break
    if not path.exists():
        raise FormatError("There is no such folder or archive", where=str(path), remedy="Check the path")
    verified = "layout"
    sha256 = ""
    if path.is_file():
        sha256 = sha256_of(path)
        is_own = path.name == f"{entry.name}.tar.xz" and path.stat().st_size == entry.archive_bytes
        if sha256 == entry.archive_sha256:
            verified = "checksum"
        elif is_own:
            raise FormatError(
                "The project's archive has the wrong checksum", where=str(path),
                expected=f"sha256 {entry.archive_sha256}", got=sha256, remedy="Get it again; other files are not touched",
            )  # fmt: skip
    if verified == "layout":
        check_layout(entry, path)
    target = folder / entry.name if path.is_dir() else folder / f"{entry.name}{_ending(path)}"
    _place(path, target, sha256)
    _note_origin(entry, folder, origin=str(path.resolve()), verified=verified, sha256=sha256)
    return target


def get_data(
    entry: DataEntry, folder: Path | None = None, *, progress: Callable[[int, int | None], None] | None = None
) -> Path:
    """Download a data set whose files are public, check it, and put it where it is found; what is there stays.

    Raises:
        UsageError: it is not public or cannot be reached; the remedy says how it is got.
        FormatError: wrong checksum, a damaged archive, or files of another layout.
    """
    folder = folder or data_folder()
    there = local_state(entry, folder).path
    if there is not None:
        return there
    if not entry.downloads:
        steps = "; ".join(f"{number}. {step}" for number, step in enumerate(entry.steps, 1))
        raise UsageError(
            f"{entry.name} cannot be downloaded by a program", where=entry.url, got=f"terms: {entry.licence}",
            remedy=steps,
        )  # fmt: skip
    files = [fetch(download, folder / DOWNLOADED / entry.name, progress=progress) for download in entry.downloads]
    source = files[0] if len(files) == 1 else files[0].parent
    try:
        check_layout(entry, source)
    except FormatError:
        for file in files:
            file.unlink(missing_ok=True)
        raise
    target = folder / entry.name if source.is_dir() else folder / f"{entry.name}{_ending(source)}"
    sha256 = sha256_of(source) if source.is_file() else ""
    source.replace(target)
    known = all(download.sha256 for download in entry.downloads)
    _note_origin(
        entry, folder, origin=entry.downloads[0].url, verified="checksum" if known else "layout", sha256=sha256
    )
    return target


def _place(path: Path, target: Path, sha256: str) -> None:
    if target.exists() and target.resolve() == path.resolve():
        return
    if target.is_symlink():
        target.unlink()
    elif target.exists():
        if target.is_file() and sha256 and sha256_of(target) == sha256:
            return
        raise UsageError(
            "Other data is there already", where=str(target), remedy="Move it away, or delete it, and try again"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            target.symlink_to(path.resolve(), target_is_directory=True)
            return
    except OSError as error:
        raise UsageError("The data cannot be put there", where=str(target), got=str(error.strerror)) from error
    write_whole(target, lambda partial: shutil.copyfile(path, partial))


def _note_origin(entry: DataEntry, folder: Path, **facts: str) -> None:
    said = {"name": entry.name, "licence": entry.licence, **facts}
    text = json.dumps(said, indent=1) + "\n"
    write_whole(folder / ORIGIN.format(name=entry.name), lambda partial: partial.write_text(text, encoding="utf-8"))


def _ending(path: Path) -> str:
    return next((ending for ending in ARCHIVE_ENDINGS if path.name.lower().endswith(ending)), path.suffix)
