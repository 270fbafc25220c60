"""Every window of an index against a question: exact, by blocked products over mapped segments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..._typing import Array, Float, Int
from .hits import FileScores
from .manifest import IndexedFile
from .store import IndexStore

BLOCK = 8192  # windows per product: 12 MB of vectors
SAMPLE = 4096  # windows that tell what score is usual


@dataclass(frozen=True)
class Part:
    """A segment in its place: the global row of its first window, vectors (N, D) and spans_s (N, 2)."""

    number: int
    offset: int
    vectors: Array
    spans_s: Array


class Scan:
    """One state of an index, its rows numbered through.

    Args:
        store: opened; what it commits later is not seen here.

    Raises:
        FormatError: a segment is missing or damaged.
    """

    def __init__(self, store: IndexStore) -> None:
        parts, offset = [], 0
        for number, rows in sorted(store.manifest.segments.items()):
            parts.append(Part(number, offset, *store.segment(number)))
            offset += rows
        self.parts: tuple[Part, ...] = tuple(parts)
        self.rows = offset
        self.dimensions = store.manifest.dimensions
        place = {part.number: part for part in parts}
        own = [
            (place[file.segment].offset + file.first, file) for file in store.manifest.files.values() if file.windows
        ]
        own.sort(key=lambda pair: pair[0])
        self._place = place
        self._files: list[IndexedFile] = [file for _, file in own]
        self._first = np.array([first for first, _ in own], dtype=np.int64)
        counts = np.array([file.windows for file in self._files], dtype=np.int64)
        self._end = self._first + counts
        self.windows = int(counts.sum())

    def scores(self, vector: Float[Array, " features"]) -> Float[Array, " rows"]:
        """Cosine of every row; -inf where nobody owns it any more."""
        out = np.empty(self.rows, dtype=np.float32)
        for part in self.parts:
            scan_part(part, vector, out[part.offset : part.offset + len(part.vectors)])
        if self.windows < self.rows:
            out[~self.alive(np.arange(self.rows))] = -np.inf
        return out

    def alive(self, rows: Int[Array, " rows"]) -> Array:
        """Whether each row belongs to a file."""
        if self.windows == self.rows:
            return np.ones(len(rows), dtype=bool)
        if not self.windows:
            return np.zeros(len(rows), dtype=bool)
        number = np.searchsorted(self._first, rows, side="right") - 1
        return (number >= 0) & (rows < self._end[number])

    def usual(self, vector: Float[Array, " features"]) -> float:
        """Median score over a sample of windows, spread evenly over the index."""
        rows = np.unique(np.linspace(0, self.rows - 1, min(SAMPLE, self.rows)).astype(np.int64))
        rows = rows[self.alive(rows)]
        if not len(rows):
            return 0.0
        return float(np.median(self.vectors(rows) @ vector))

    def vectors(self, rows: Int[Array, " rows"]) -> Float[Array, "rows features"]:
        """Of some rows, copied."""
        out = np.empty((len(rows), self.dimensions), dtype=np.float32)
        for part in self.parts:
            own = (rows >= part.offset) & (rows < part.offset + len(part.vectors))
            out[own] = part.vectors[rows[own] - part.offset]
        return out

    def files(self, vector: Float[Array, " features"]):
        """A function that gives the file of a row with the scores of its windows, for `merge_hits`."""

        @lru_cache(maxsize=64)
        def scored(number: int) -> FileScores:
            file = self._files[number]
            part = self._place[file.segment]
            rows = slice(file.first, file.first + file.windows)
            return FileScores(
                file.path, int(self._first[number]), part.spans_s[rows], part.vectors[rows] @ vector
            )  # fmt: skip

        return lambda row: scored(int(np.searchsorted(self._first, row, side="right") - 1))


def scan_part(part: Part, vector: Float[Array, " features"], out: Float[Array, " rows"]) -> None:
    """Cosines of one segment, block by block, so that what is mapped need not be in memory at once."""
    for start in range(0, len(part.vectors), BLOCK):
        stop = min(start + BLOCK, len(part.vectors))
        np.dot(part.vectors[start:stop], vector, out=out[start:stop])


def best_first(scores: Float[Array, " rows"], count: int) -> Int[Array, " best"]:
    """Rows of the highest scores, the best first; equal scores in the order of rows, those of -inf not at all."""
    count = min(count, len(scores))
    if not count:
        return np.zeros(0, dtype=np.int64)
    limit = np.partition(scores, len(scores) - count)[len(scores) - count]
    rows = np.flatnonzero((scores >= limit) & np.isfinite(scores))
    order = np.lexsort((rows, -scores[rows]))
    return rows[order][:count]
