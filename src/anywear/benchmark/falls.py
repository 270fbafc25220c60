"""Fall or no fall, asked in words: which trials does a model name with one of the fall labels?

Every trial, fall or not, is judged by one window: the one around its largest acceleration. That window is found without
the truth, a fall is not diluted by what comes before and after, and a long trial gets no more chances of a false alarm than a
short one. All labels of both kinds are asked at once; the answer is a fall when the best label is one of the falls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._typing import Array


@dataclass(frozen=True)
class FallResult:
    """Trials counted: falls named falls, falls missed, daily activities named falls, daily activities left alone."""

    true_positive: int
    false_negative: int
    false_positive: int
    true_negative: int

    @classmethod
    def count(cls, is_fall: Array, named_fall: Array) -> FallResult:
        """From two (N,) bool arrays."""
        hit, missed = int((is_fall & named_fall).sum()), int((is_fall & ~named_fall).sum())
        alarm, quiet = int((~is_fall & named_fall).sum()), int((~is_fall & ~named_fall).sum())
        return cls(hit, missed, alarm, quiet)

    @property
    def trials(self) -> int:
        return self.true_positive + self.false_negative + self.false_positive + self.true_negative

    @property
    def precision(self) -> float:
        """Share of trials named falls that are; 0 when none was named."""
        return self.true_positive / max(1, self.true_positive + self.false_positive)

    @property
    def recall(self) -> float:
        """Share of falls that were named; 0 without falls."""
        return self.true_positive / max(1, self.true_positive + self.false_negative)

    @property
    def f1(self) -> float:
        return 2 * self.true_positive / max(1, 2 * self.true_positive + self.false_positive + self.false_negative)

    @property
    def accuracy(self) -> float:
        return (self.true_positive + self.true_negative) / max(1, self.trials)

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "accuracy": self.accuracy,
            "trials": self.trials,
            "falls": self.true_positive + self.false_negative,
            "confusion": {
                "labels": ["fall", "no fall"],
                "matrix": [[self.true_positive, self.false_negative], [self.false_positive, self.true_negative]],
            },
        }


def names_fall(scores: Array, labels: tuple[str, ...], falls: tuple[str, ...]) -> Array:
    """(N,) bool: whether the best of the labels is one of the falls."""
    fall = np.array([label in falls for label in labels])
    return fall[scores.argmax(axis=1)]
