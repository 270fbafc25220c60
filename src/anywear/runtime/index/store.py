"""An index on disk: segments that are written once, a manifest that is replaced in one stroke, one writer at a time.

``manifest.json`` names every segment and says which rows are whose. ``segments/000001.vectors.npy`` holds unit vectors
(N, D) float32, ``segments/000001.spans.npy`` start and end of each window (N, 2) in seconds of its recording. A segment is
there, whole and on the disk, before the manifest names it; what no manifest names is swept up by the next writer. So a
process that is killed loses only what it had not yet written.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..._files import write_whole
from ..._typing import Array
from ...errors import FormatError, UsageError
from .manifest import MANIFEST, IndexedFile, Manifest

LOCK = "lock"
SEGMENTS = "segments"
FULL_WINDOWS = 65_536  # rows of a segment that is merged no further: 100 MB
MERGE_AT = 16  # so many small segments become one
_AGAIN = "Delete the folder and index again"


class IndexStore:
    """The files of an index.

    Attributes:
        path: its folder.
        manifest: the state it was opened in, or written to since.

    Raises:
        UsageError: there is no index. FormatError: it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest = Manifest.load(path / MANIFEST)

    @classmethod
    def create(cls, path: Path, manifest: Manifest) -> IndexStore:
        """A new, empty index; one that another process has just made is taken as it is.

        Raises:
            UsageError: something else is there.
        """
        if path.exists() and not path.is_dir():
            raise UsageError("An index is a folder", where=str(path), got="a file", remedy="Choose another name")
        foreign = [] if not path.is_dir() else sorted(p.name for p in path.iterdir() if p.name not in _OWN)
        if foreign:
            raise UsageError(
                "This folder is no index and not empty", where=str(path), got=", ".join(foreign[:5]),
                remedy="Choose another name for the index",
            )  # fmt: skip
        with _locked(path):
            if not (path / MANIFEST).is_file():
                write_whole(path / MANIFEST, lambda partial: _flushed(partial, manifest.to_json().encode()))
        return cls(path)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one writer: takes the lock, reads what is there now, sweeps up what a killed writer left.

        Raises:
            UsageError: another process is writing.
        """
        with _locked(self.path):
            self.manifest = Manifest.load(self.path / MANIFEST)
            self._sweep()
            yield

    def segment(self, number: int) -> tuple[Array, Array]:
        """Vectors (N, D) and spans_s (N, 2) of a segment, mapped and not read.

        Raises:
            FormatError: missing or damaged.
        """
        rows = self.manifest.segments[number]
        try:
            vectors, spans_s = (np.load(path, mmap_mode="r") for path in self._files(number))
        except (OSError, ValueError, EOFError) as error:
            where = str(self._files(number)[0])
            raise FormatError("The index is damaged", where=where, got=str(error), remedy=_AGAIN) from error
        if vectors.shape != (rows, self.manifest.dimensions) or spans_s.shape != (rows, 2):
            raise FormatError(
                "The index is damaged", where=str(self._files(number)[0]),
                expected=f"{rows} windows of {self.manifest.dimensions}",
                got=f"{vectors.shape} vectors and {spans_s.shape} spans", remedy=_AGAIN,
            )  # fmt: skip
        # Plain arrays over the same memory: slices of a memmap cost more than the products of small blocks.
        return vectors.view(np.ndarray), spans_s.view(np.ndarray)

    def commit(
        self,
        added: Sequence[tuple[IndexedFile, Array, Array]],
        *,
        kept: Mapping[str, IndexedFile] | None = None,
        dropped: Sequence[str] = (),
    ) -> None:
        """Add recordings, change what is said of others, drop others: all of it or nothing. Only while `writing`.

        Args:
            added: what is known of each file (its segment and row are filled in here), its vectors (N, D) and its spans_s
                (N, 2).
            kept: files whose windows stay where they are.
            dropped: paths that leave.
        """
        files = {**self.manifest.files, **(kept or {})}
        for path in dropped:
            files.pop(path, None)
        number, row, entries = self.manifest.next_segment, 0, []
        for own, vectors, _ in added:
            where = (number, row) if len(vectors) else (-1, 0)
            entries.append(replace(own, segment=where[0], first=where[1], windows=len(vectors)))
            row += len(vectors)
        segments = dict(self.manifest.segments)
        if row:
            self._write(number, [vectors for _, vectors, _ in added], [spans_s for _, _, spans_s in added])
            segments[number] = row
        files.update({own.path: own for own in entries})
        self._replace(replace(self.manifest, files=files, segments=segments, next_segment=number + bool(row)))

    def tidy(self) -> None:
        """Write anew what is scattered over many small segments or has lost more than half of its rows, and let go of
        segments nobody needs. Only while `writing`."""
        live = dict.fromkeys(self.manifest.segments, 0)
        for own in self.manifest.files.values():
            if own.windows:
                live[own.segment] += own.windows
        small = [number for number, rows in self.manifest.segments.items() if rows < FULL_WINDOWS]
        moved = {number for number, rows in self.manifest.segments.items() if live[number] < rows / 2}
        if len(small) >= MERGE_AT:
            moved.update(small)
        if not moved:
            return
        files = dict(self.manifest.files)
        segments = {number: rows for number, rows in self.manifest.segments.items() if number not in moved}
        number, waiting, rows = self.manifest.next_segment, [], 0

        def flush() -> None:
            nonlocal number, waiting, rows
            if not waiting:
                return
            parts = [(own, *(a[own.first : own.first + own.windows] for a in self.segment(own.segment)))
                     for own in waiting]  # fmt: skip
            self._write(number, [vectors for _, vectors, _ in parts], [spans_s for _, _, spans_s in parts])
            row = 0
            for own in waiting:
                files[own.path] = replace(own, segment=number, first=row)
                row += own.windows
            segments[number] = row
            number, waiting, rows = number + 1, [], 0

        for own in sorted(files.values(), key=lambda own: (own.segment, own.first)):
            if own.segment in moved and own.windows:
                waiting.append(own)
                rows += own.windows
                if rows >= FULL_WINDOWS:
                    flush()
        flush()
        self._replace(replace(self.manifest, files=files, segments=segments, next_segment=number))
        self._sweep()

    def _write(self, number: int, vectors: Sequence[Array], spans_s: Sequence[Array]) -> None:
        arrays = (np.concatenate(vectors).astype(np.float32), np.concatenate(spans_s).astype(np.float64))
        for path, values in zip(self._files(number), arrays, strict=True):
            write_whole(path, lambda partial, values=values: _flushed(partial, values))

    def _replace(self, manifest: Manifest) -> None:
        content = manifest.to_json().encode()
        write_whole(self.path / MANIFEST, lambda partial: _flushed(partial, content))
        self.manifest = manifest

    def _files(self, number: int) -> tuple[Path, Path]:
        folder = self.path / SEGMENTS
        return folder / f"{number:06d}.vectors.npy", folder / f"{number:06d}.spans.npy"

    def _sweep(self) -> None:
        named = {path for number in self.manifest.segments for path in self._files(number)}
        folder = self.path / SEGMENTS
        for path in folder.iterdir() if folder.is_dir() else ():
            if path not in named:
                with suppress(OSError):  # still mapped by a reader on Windows: swept up another time
                    path.unlink()


def _flushed(path: Path, content: bytes | Array) -> None:
    """Write, and wait until it is on the disk: a name must not get there before its content."""
    with path.open("wb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            np.save(file, content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """The lock of a folder; the system lets go of it when a process ends, however it ends."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        handle = os.open(path / LOCK, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise UsageError(
            "The index cannot be written", where=str(path), got=error.strerror or str(error)
        ) from error  # fmt: skip
    try:
        if not _try_lock(handle):
            holder = os.read(handle, 20).decode(errors="replace").strip() or "unknown"
            raise UsageError(
                "Another process is writing this index", where=str(path), got=f"process {holder}",
                remedy="Wait until it is done, or write another index",
            )  # fmt: skip
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            # A byte far behind the content, which others may still read.
            os.lseek(handle, 1 << 20, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


_OWN = {LOCK, SEGMENTS, f".{Path(MANIFEST).stem}.partial.json"}
