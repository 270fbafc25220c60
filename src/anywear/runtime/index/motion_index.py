"""A folder of recordings, found by sentences."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ..._typing import Array, Float
from ...errors import AnywearError, FormatError, UsageError
from ...io import list_recordings, read
from ...signal import WindowConfig
from ..model import MAX_WINDOW_S, MIN_WINDOW_S, Model
from ..together import Embedder, Together, embedder
from . import neighbours
from .hits import Hit, merge_hits
from .manifest import MANIFEST, Fingerprint, IndexedFile, Manifest
from .scan import Scan, best_first
from .store import SEGMENTS, IndexStore

COMMIT_S = 5.0  # work a killed process loses at most, beside the file it is at
COMMIT_WINDOWS = 65_536  # as many rows wait in memory at most: 100 MB
COMMIT_SHARE = 0.05  # of the time may be spent on writing manifests
CANDIDATES = 64  # windows looked at first, per hit that is wanted
MOST_NEIGHBOURS = 65_536  # asked of the approximate index: beyond it exact search is faster
MAX_HITS = 1000
MAX_TEXT = 500  # characters; the text tower reads about as many


@dataclass(frozen=True)
class IndexUpdate:
    """What an update did.

    Attributes:
        added, changed, unchanged: paths; those without a window long enough are among them and in `empty`, too.
        removed: recordings that are gone, or that can no longer be read.
        empty: recordings too short for a window.
        failures: recordings that could not be read, and why.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    failures: tuple[tuple[Path, AnywearError], ...] = field(default=())


class MotionIndex:
    """Windows of recordings as vectors, on disk; searched by a sentence or by another vector.

    Args:
        path: folder of the index.
        model: the one it was made with; the shipped one by default.

    Attributes:
        embedder: the model, or the model and its language model: whose vectors the windows are.

    Raises:
        UsageError: there is no index, or another model made it. FormatError: it is damaged.

    Example:
        >>> index = MotionIndex("my.index")  # doctest: +SKIP
        >>> index.search("a person climbs stairs", k=3)[0].file  # doctest: +SKIP
        '/data/monday.csv'
    """

    def __init__(self, path: str | Path, model: Model | None = None) -> None:
        self.path = Path(path)
        self._store = IndexStore(self.path)
        self.model = model or Model()
        made_by = self._store.manifest
        self.embedder = embedder(self.model, made_by.language)
        if made_by.model != self.embedder.sha256:
            raise UsageError(
                "Another model made this index; vectors of two models cannot be compared", where=str(self.path),
                expected=f"model {made_by.model} ({made_by.model_name})",
                got=f"model {self.embedder.sha256} ({self.model.config.name})",
                remedy="Rebuild it: delete the folder and run anywear index again, or give the model it was made with",
            )  # fmt: skip
        self._scan: Scan | None = None
        self._neighbours: neighbours.Neighbours | None = None

    @classmethod
    def create(
        cls, path: str | Path, model: Model | None = None, *, window_s: float | None = None, hop_s: float | None = None,
        language: bool | None = None,
    ) -> MotionIndex:  # fmt: skip
        """Open an index, or make an empty one where there is none.

        Args:
            path: folder of the index.
            model: the shipped one by default.
            window_s, hop_s: of the windows; the model's own by default. An index keeps those it was made with.
            language: whether the language model has a say in the vectors; by default it has, where there is one. An index
                keeps what it was made with.

        Raises:
            UsageError: windows or vectors that cannot be, or others than the index has; another model; a folder with other
            things.
        """
        path, model = Path(path), model or Model()
        if not (path / MANIFEST).is_file():
            window, hop = _windows_of(model, window_s, hop_s)
            dimensions = model.encode_texts(["walking"]).shape[1]
            made = embedder(model, language)
            own = Manifest(made.sha256, model.config.name, dimensions, window, hop, language=isinstance(made, Together))
            IndexStore.create(path, own)
        index = cls(path, model)
        if language is not None and language != index.language:
            raise UsageError(
                f"The index was made {'with' if index.language else 'without'} the language model", where=str(path),
                remedy="Leave --language out, or make another index",
            )  # fmt: skip
        for name, given, own in (("window", window_s, index.window_s), ("hop", hop_s, index.hop_s)):
            if given is not None and abs(given - own) > 1e-9:
                raise UsageError(
                    f"The index was made with another {name}", where=str(path), expected=f"{own:g} s", got=f"{given:g} s",
                    remedy=f"Leave --{name} out, or make another index",
                )  # fmt: skip
        return index

    def __len__(self) -> int:
        """Windows."""
        return sum(file.windows for file in self._store.manifest.files.values())

    def __repr__(self) -> str:
        return f"MotionIndex({str(self.path)!r}, {len(self.files)} recordings, {len(self)} windows)"

    @property
    def files(self) -> tuple[IndexedFile, ...]:
        """What is in it."""
        return tuple(self._store.manifest.files.values())

    @property
    def window_s(self) -> float:
        """Length of its windows, s."""
        return self._store.manifest.window_s

    @property
    def hop_s(self) -> float:
        """From one window to the next, s."""
        return self._store.manifest.hop_s

    @property
    def language(self) -> bool:
        """Whether the language model has a say in its vectors."""
        return self._store.manifest.language

    def file(self, path: str) -> IndexedFile:
        """What is known of one recording. Raises UsageError when it is not in the index."""
        found = self._store.manifest.files.get(path)
        if found is None:
            raise UsageError("This recording is not in the index", where=path)
        return found

    def update(
        self, folder: str | Path, *, prune: bool = False, report: Callable[[int, int], None] = lambda done, total: None,
        paths: Sequence[Path] | None = None, **reading,
    ) -> IndexUpdate:  # fmt: skip
        """Bring in every recording of a folder that is new or has changed. A damaged one costs nothing else.

        What is done is written every few seconds; an update that was stopped goes on where it stopped.

        Args:
            folder: of recordings, or one recording.
            prune: drop recordings of this folder that are in the index and no longer there.
            report: called after each recording with how many are done, and how many there are.
            paths: what `recordings_in` found there, where it was asked already.
            reading: options of `anywear.read`.

        Raises:
            FormatError: no such folder, or no recording in it. UsageError: another process is writing the index.
        """
        root = _absolute(folder)
        if paths is None:
            paths = recordings_in(folder, format=reading.get("format"), may_be_empty=prune)
        options = {name: value for name, value in sorted(reading.items()) if value is not None}
        self._forget()
        with self._store.writing():
            run = _Update(self._store, self.embedder, options)
            try:
                for done, path in enumerate(paths, start=1):
                    run.take(path)
                    report(done, len(paths))
            finally:  # interrupted or not, what is finished stays
                run.commit()
            if prune:
                there = {str(path) for path in paths}
                run.drop([p for p in self._store.manifest.files if p not in there and Path(p).is_relative_to(root)])
            self._store.tidy()
        return run.told()

    def build_approximate(
        self, *, threads: int = 1, report: Callable[[int, int], None] = lambda done, total: None
    ) -> int:
        """Make or complete the approximate index beside this one; see `anywear.runtime.index.neighbours`.

        Returns:
            Windows that were added to it.

        Raises:
            UsageError: usearch is not installed, or another process is writing.
        """
        self._forget()
        with self._store.writing():
            return neighbours.build(self.path, Scan(self._store), threads=threads, report=report)

    def search(self, text: str, k: int = 10, *, approximate: bool = False) -> tuple[Hit, ...]:
        """The stretches of recordings that fit a sentence best, the best first; no two of one file overlap.

        Args:
            text: a sentence or a word.
            k: how many; fewer when the index holds no more.
            approximate: by the approximate index, which has to be built first. A few of the best may be missed.

        Raises:
            UsageError: no words, a number out of range, or no approximate index.
        """
        text = check_text(text, "text")
        return self.search_vector(self.model.encode_texts([text])[0], k, approximate=approximate)

    def search_vector(
        self, vector: Float[Array, " features"], k: int = 10, *, approximate: bool = False
    ) -> tuple[Hit, ...]:
        """As `search`, for any unit vector (D,) of the model: a sentence's, or a window's of another recording."""
        if not 1 <= k <= MAX_HITS:
            raise UsageError("The number of hits is out of range", expected=f"1 to {MAX_HITS}", got=str(k))
        scan = self._scanned()
        if not scan.windows:
            return ()
        vector = np.asarray(vector, dtype=np.float32)
        if approximate and self._neighbours is None:
            self._neighbours = neighbours.Neighbours(self.path, scan)
        scores = None if approximate else scan.scores(vector)
        usual, file_of, count = scan.usual(vector), scan.files(vector), CANDIDATES * k
        while True:
            if scores is not None:
                rows = best_first(scores, count)
            else:
                assert self._neighbours is not None
                rows = self._neighbours.best(vector, count)
            hits = merge_hits(rows.tolist(), file_of, usual, k)
            # Many of the best windows may lie in one long stretch: then more of them are needed for k hits.
            if len(hits) == k or count >= (MOST_NEIGHBOURS if approximate else scan.rows):
                return tuple(sorted(hits, key=lambda hit: -hit.score))
            count *= 8

    def _scanned(self) -> Scan:
        if self._scan is None:
            try:
                self._scan = Scan(self._store)
            except FormatError:  # a writer may have merged segments since this was opened; once is enough to see that
                self._store = IndexStore(self.path)
                self._scan = Scan(self._store)
        return self._scan

    def _forget(self) -> None:
        self._scan = self._neighbours = None


def check_text(text: str, where: str) -> str:
    """The words of a question. Raises UsageError when there are none, or too many."""
    words = " ".join(text.split())
    if not any(c.isalnum() for c in words):
        raise UsageError("The question has no words", where=where, got=repr(text), remedy="Describe what is looked for")
    if len(words) > MAX_TEXT:
        raise UsageError("The question is too long", where=where, expected=f"at most {MAX_TEXT} characters")
    return words


class _Update:
    """One update under way: recordings wait here until a segment of them is written."""

    def __init__(self, store: IndexStore, made_by: Embedder, options: dict) -> None:
        self._store, self._made_by, self._options = store, made_by, options
        self._waiting: list[tuple[IndexedFile, Array, Array]] = []
        self._kept: dict[str, IndexedFile] = {}
        self._paths: dict[str, list[str]] = {name: [] for name in ("added", "changed", "unchanged", "removed", "empty")}
        self._failures: list[tuple[Path, AnywearError]] = []
        self._due = time.monotonic() + COMMIT_S

    def take(self, path: Path) -> None:
        """Index one recording unless it is there unchanged."""
        before = self._store.manifest.files.get(str(path))
        try:
            now = Fingerprint.of(path)
            digest = before.sha256 if before and self._same(before, now) else now.sha256()
            if before and digest == before.sha256 and before.reading == self._options:
                self._paths["unchanged"].append(before.path)
                if before.mtime_ns != now.mtime_ns:
                    self._kept[before.path] = replace(before, mtime_ns=now.mtime_ns)
            else:
                recording = read(path, **self._options)
                store = self._store.manifest
                made = self._made_by.embed(recording, window_s=store.window_s, hop_s=store.hop_s)
                entry = IndexedFile(str(path), now.bytes, now.mtime_ns, digest, self._options, -1, 0, len(made.vectors))
                self._waiting.append((entry, made.vectors, made.spans_s))
                self._paths["changed" if before else "added"].append(entry.path)
                if not len(made.vectors):
                    self._paths["empty"].append(entry.path)
        except AnywearError as error:
            self._failures.append((path, error))
            if before:  # what it once held would be found, and not be there
                self.drop([before.path])
        rows = sum(len(vectors) for _, vectors, _ in self._waiting)
        if rows >= COMMIT_WINDOWS or time.monotonic() >= self._due:
            self.commit()

    def drop(self, paths: Sequence[str]) -> None:
        """Take recordings out."""
        if paths:
            self._store.commit([], dropped=paths)
            self._paths["removed"] += paths

    def commit(self) -> None:
        """Write what waits."""
        began = time.monotonic()
        if self._waiting or self._kept:
            self._store.commit(self._waiting, kept=self._kept)
            self._waiting, self._kept = [], {}
            if len(self._store.manifest.segments) % 256 == 0:
                self._store.tidy()
        ended = time.monotonic()
        self._due = ended + max(COMMIT_S, (ended - began) / COMMIT_SHARE)

    def told(self) -> IndexUpdate:
        """What was done."""
        return IndexUpdate(**{k: tuple(v) for k, v in self._paths.items()}, failures=tuple(self._failures))

    @staticmethod
    def _same(before: IndexedFile, now: Fingerprint) -> bool:
        return before.bytes == now.bytes and before.mtime_ns == now.mtime_ns


def recordings_in(folder: str | Path, *, format: str | None = None, may_be_empty: bool = False) -> tuple[Path, ...]:
    """Absolute paths of the recordings in a folder, those of indexes in it left out.

    Raises:
        FormatError: no such folder, or no recording in it. UsageError: unknown format name.
    """
    from ... import datasets  # noqa: F401  their layouts are formats, too

    listing = list_recordings(_absolute(folder), format=format)
    paths = tuple(path for path in listing.recordings if not _is_segment(path))
    if not paths and not may_be_empty:
        raise FormatError(
            "The folder holds no recordings", where=str(folder), got=f"{len(listing.skipped)} other file(s)",
            remedy="Check the path, or name the format with --format",
        )  # fmt: skip
    return paths


def _absolute(path: str | Path) -> Path:
    """As it was named, links and all: what is found should read like what was asked."""
    return Path(os.path.abspath(path))


def _is_segment(path: Path) -> bool:
    """An index keeps its vectors as arrays, which would be read as signals."""
    return path.parent.name == SEGMENTS and (path.parent.parent / MANIFEST).is_file()


def _windows_of(model: Model, window_s: float | None, hop_s: float | None) -> tuple[float, float]:
    window_s = model.config.window_s if window_s is None else window_s
    hop_s = min(model.config.hop_s, window_s) if hop_s is None else hop_s
    if not MIN_WINDOW_S <= window_s <= MAX_WINDOW_S:
        raise UsageError(
            "The window's length is out of range", expected=f"{MIN_WINDOW_S:g} to {MAX_WINDOW_S:g} s",
            got=f"{window_s:g} s", remedy="Give seconds, such as --window 5",
        )  # fmt: skip
    WindowConfig(model.config.rate_hz, window_s, hop_s)  # raises when the hop cannot be
    return float(window_s), float(hop_s)
