"""From windows that fit to stretches of recordings: overlapping windows of one file become one hit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ..._typing import Array, Float

HALF = 0.5  # a hit reaches as far as windows stand at least half as high above the usual score as its best one
_EPSILON_S = 1e-6


@dataclass(frozen=True)
class Hit:
    """A stretch of a recording that fits what was asked.

    Attributes:
        file: the recording.
        start_s, end_s: the stretch, in seconds of the recording's clock.
        score: cosine of the best window in it, -1 to 1.
        windows: how many windows it is made of.
        best_s: start and end of the best window.
    """

    file: str
    start_s: float
    end_s: float
    score: float
    windows: int
    best_s: tuple[float, float]

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        return {
            "file": self.file, "start_s": round(self.start_s, 3), "end_s": round(self.end_s, 3),
            "score": round(self.score, 4), "windows": self.windows, "best_s": [round(t, 3) for t in self.best_s],
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class FileScores:
    """All windows of one file: the global row of the first, spans_s (N, 2) and scores (N,)."""

    path: str
    first: int
    spans_s: Float[Array, "windows 2"]
    scores: Float[Array, " windows"]


def merge_hits(rows: Iterable[int], file_of: Callable[[int], FileScores], usual: float, count: int) -> list[Hit]:
    """The best stretches, no two of one file overlapping.

    The best window that is left begins a hit. Its neighbours in time join it, one after the other, as long as they overlap it
    and stand at least half as high above the usual score as it does. Windows that overlap the hit and are not part of it are
    passed over.

    Args:
        rows: windows by falling score.
        file_of: the file that a row belongs to, with all of its windows in the order of time.
        usual: score of an ordinary window for this question.
        count: hits wanted; fewer when the rows do not suffice.
    """
    hits: list[Hit] = []
    taken: dict[str, Array] = {}
    for row in rows:
        if len(hits) == count:
            break
        own = file_of(row)
        used = taken.setdefault(own.path, np.zeros(len(own.scores), dtype=bool))
        best = row - own.first
        if used[best]:
            continue
        low, high = _reach(own, used, best, usual)
        start_s, end_s = float(own.spans_s[low, 0]), float(own.spans_s[low : high + 1, 1].max())
        used |= (own.spans_s[:, 0] < end_s - _EPSILON_S) & (own.spans_s[:, 1] > start_s + _EPSILON_S)
        used[low : high + 1] = True
        span = (float(own.spans_s[best, 0]), float(own.spans_s[best, 1]))
        hits.append(Hit(own.path, start_s, end_s, float(own.scores[best]), high - low + 1, span))
    return hits


def _reach(own: FileScores, used: Array, best: int, usual: float) -> tuple[int, int]:
    least = own.scores[best] - HALF * max(0.0, own.scores[best] - usual)
    low = high = best
    while low > 0 and not used[low - 1] and own.scores[low - 1] >= least:
        if own.spans_s[low - 1, 1] <= own.spans_s[low, 0] + _EPSILON_S:
            break
        low -= 1
    while high + 1 < len(used) and not used[high + 1] and own.scores[high + 1] >= least:
        if own.spans_s[high + 1, 0] >= own.spans_s[high, 1] - _EPSILON_S:
            break
        high += 1
    return low, high
