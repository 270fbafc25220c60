"""What an index says of itself: the model, the windows, the files and where their windows lie."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...errors import ArtefactError, FormatError, UsageError

VERSION = 1
MANIFEST = "manifest.json"
_AGAIN = "Delete the folder and index again"


@dataclass(frozen=True)
class IndexedFile:
    """A recording in the index.

    Attributes:
        path: absolute; a folder where an app's export is one.
        bytes, mtime_ns, sha256: what tells whether it has changed.
        reading: options it was read with, those that were given.
        segment: number of the segment that holds its windows; -1 when it has none.
        first: row of its first window in the segment; the others follow in the order of time.
        windows: how many.
    """

    path: str
    bytes: int
    mtime_ns: int
    sha256: str
    reading: Mapping[str, Any]
    segment: int
    first: int
    windows: int


@dataclass(frozen=True)
class Manifest:
    """The whole state of an index; replaced in one stroke.

    Attributes:
        model: short hash of the model whose vectors these are, and of its language model where both made them.
        model_name: for people.
        dimensions: of the vectors.
        window_s, hop_s: of the windows, s.
        files: by path.
        segments: rows of each segment, by its number; numbers rise and are not used again.
        next_segment: number of the segment to come.
        language: whether the language model has a say in the vectors; see `anywear.runtime.together.embedder`.
    """

    model: str
    model_name: str
    dimensions: int
    window_s: float
    hop_s: float
    files: Mapping[str, IndexedFile] = field(default_factory=dict)
    segments: Mapping[int, int] = field(default_factory=dict)
    next_segment: int = 0
    language: bool = False

    def to_json(self) -> str:
        """As text."""
        facts = {
            "anywear_index": VERSION,
            **{name: getattr(self, name) for name in _FACTS},
            "segments": {str(number): rows for number, rows in self.segments.items()},
            "files": [asdict(own) for own in self.files.values()],
        }
        return json.dumps(facts, separators=(",", ":"), ensure_ascii=False) + "\n"

    @staticmethod
    def load(path: Path) -> Manifest:
        """Read ``manifest.json``.

        Raises:
            UsageError: there is none. FormatError: it is damaged. ArtefactError: of a newer version.
        """
        if not path.is_file():
            raise UsageError(
                "There is no index", where=str(path.parent), expected=f"a folder with {MANIFEST}",
                remedy=f"Make it: anywear index DIR -o {path.parent.name}",
            )  # fmt: skip
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            version = int(raw["anywear_index"])
            if version > VERSION:
                raise ArtefactError(
                    "The index was made by a newer anywear", where=str(path), expected=f"version {VERSION} at most",
                    got=str(version), remedy="Update: pip install -U anywear",
                )  # fmt: skip
            segments = {int(number): int(rows) for number, rows in raw["segments"].items()}
            files = {facts["path"]: IndexedFile(**facts) for facts in raw["files"]}
            for own in files.values():
                if own.windows and not 0 <= own.first <= segments[own.segment] - own.windows:
                    raise ValueError(f"{own.path}: rows outside of its segment")
            facts = {"language": False, **raw}  # older indexes do not say
            return Manifest(**{name: facts[name] for name in _FACTS}, files=files, segments=segments)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise FormatError(
                "The index is damaged", where=str(path), got=f"{type(error).__name__}: {error}", remedy=_AGAIN
            ) from error


_FACTS = ("model", "model_name", "dimensions", "window_s", "hop_s", "next_segment", "language")


@dataclass(frozen=True)
class Fingerprint:
    """Size and date of a recording, and its hash when it comes to that."""

    path: Path
    bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> Fingerprint:
        """Of a file, or of all files in a folder that is one recording. Raises FormatError when it cannot be opened."""
        try:
            facts = [part.stat() for part in _parts(path)]
        except OSError as error:
            raise FormatError("The file cannot be opened", where=str(path), got=error.strerror or str(error)) from error
        return cls(path, sum(s.st_size for s in facts), max((s.st_mtime_ns for s in facts), default=0))

    def sha256(self) -> str:
        """Hash of the content, and of the names inside a folder."""
        try:
            if self.path.is_file():
                with self.path.open("rb") as file:
                    return hashlib.file_digest(file, "sha256").hexdigest()
            digest = hashlib.sha256()
            for part in _parts(self.path):
                digest.update(part.relative_to(self.path).as_posix().encode() + b"\0")
                with part.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
            return digest.hexdigest()
        except OSError as error:
            where = str(self.path)
            raise FormatError("The file cannot be read", where=where, got=error.strerror or str(error)) from error


def _parts(path: Path) -> list[Path]:
    return sorted(part for part in path.rglob("*") if part.is_file()) if path.is_dir() else [path]
