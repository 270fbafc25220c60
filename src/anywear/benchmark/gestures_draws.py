"""Which clips are learned from and which are asked: the splits of the protocol ``anywear-gestures v1``.

- ``mixed``: wearers are mixed. Of every class a share of all its clips, one at least, or k of them, is learned from, and
  all the rest are asked. With all labels clips are dealt to five folds, class by class, and each is asked in turn.
- ``users``: wearers are dealt to five folds, in turn, in the order of their names, and each fold is asked in turn; the
  share, or the k, is drawn from the clips of the others. Where one person made all clips, or nobody knows who did, clips
  are dealt instead, as for all labels; such a set does not enter the mean.

A draw of a smaller share, or of fewer, is part of the draw of a larger one with the same seed. Who learns does not matter to
what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import total_ordering

import numpy as np

from .._typing import Array, Int
from ..errors import UsageError

SPLITS = MIXED, USERS = "mixed", "users"
FOLDS = 5
MAX_SHOTS = 1000


@total_ordering
@dataclass(frozen=True)
class Point:
    """How many labels there are to learn from.

    Attributes:
        share: of every class's clips; None where a number is given.
        shots: clips of every class; None where a share is given.
    """

    share: float | None = None
    shots: int | None = None

    def __post_init__(self) -> None:
        if (self.share is None) == (self.shots is None):
            raise UsageError("Labels are given as a share or as shots", expected="one of them")
        if self.share is not None and not 0.0 < self.share <= 1.0:
            raise UsageError(
                "The share of labels is out of range", where="--labels", expected="above 0, 1 at most", got=f"{self.share:g}"
            )  # fmt: skip
        if self.shots is not None and not 1 <= self.shots <= MAX_SHOTS:
            raise UsageError(
                "The number of shots is out of range", where="--shots", expected=f"1 to {MAX_SHOTS}", got=str(self.shots)
            )  # fmt: skip

    def __str__(self) -> str:
        return f"{100 * self.share:g} %" if self.share is not None else f"{self.shots} shot{'s' * (self.shots != 1)}"

    def __lt__(self, other: Point) -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[bool, float]:
        return self.share is None, self.share if self.share is not None else float(self.shots or 0)

    @property
    def is_all(self) -> bool:
        """Whether every clip that may be learned from is."""
        return self.share == 1.0

    def count(self, clips: int) -> int:
        """How many of a class's clips are learned from."""
        return max(1, round(self.share * clips)) if self.share is not None else min(clips, self.shots or 0)


@dataclass(frozen=True, eq=False)
class Draw:
    """One question: rows of clips that are learned from and that are asked.

    Attributes:
        seed, fold: which it is.
        learn, ask: rows; no row is in both.
    """

    seed: int
    fold: int
    learn: Array
    ask: Array


def draws(
    truth: Int[Array, " clips"], subjects: Sequence[str | None], point: Point, split: str, seed: int
) -> Iterator[Draw]:
    """The questions of one seed; together they ask every clip at most once.

    Args:
        truth: labels' numbers.
        subjects: whose clips they are.
        point: how many labels there are.
        split: of `SPLITS`.
        seed: of the draw.
    """
    by_users = split == USERS and has_users(subjects)
    if by_users:
        folds = _dealt_users([str(subject) for subject in subjects])
    elif split == USERS or point.is_all:
        folds = _dealt_clips(truth, np.random.default_rng([seed, 1]))
    else:
        learn = _drawn(truth, np.arange(len(truth)), point, np.random.default_rng([seed, 0]))
        rest = np.setdiff1d(np.arange(len(truth)), learn)
        if len(rest):
            yield Draw(seed, 0, learn, rest)
        return
    for fold in range(int(folds.max()) + 1):
        ask = np.flatnonzero(folds == fold)
        learn = _drawn(truth, np.flatnonzero(folds != fold), point, np.random.default_rng([seed, 2, fold]))
        if len(ask) and len(learn):
            yield Draw(seed, fold, learn, ask)


def has_users(subjects: Sequence[str | None]) -> bool:
    """Whether every clip's wearer is known, and there are two or more."""
    return None not in subjects and len(set(subjects)) > 1


def _drawn(truth: Array, rows: Array, point: Point, rng: np.random.Generator) -> Array:
    """Of every class the first of its rows in random order."""
    found = []
    for label in np.unique(truth[rows]):
        own = rng.permutation(rows[truth[rows] == label])
        found.append(own[: point.count(len(own))])
    return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)


def _dealt_users(subjects: Sequence[str]) -> Array:
    names = sorted(set(subjects), key=lambda own: (len(own), own))
    fold = {name: number % FOLDS for number, name in enumerate(names)}
    return np.array([fold[name] for name in subjects])


def _dealt_clips(truth: Array, rng: np.random.Generator) -> Array:
    """Clips of every class dealt in turn, in random order; each class begins where the one before it ended."""
    folds = np.empty(len(truth), dtype=np.int64)
    order = np.concatenate([rng.permutation(np.flatnonzero(truth == label)) for label in np.unique(truth)])
    folds[order] = np.arange(len(truth)) % FOLDS
    return folds
