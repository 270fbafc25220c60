"""What came of one closed-set question: counts per subject, from which every figure and its interval follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .._typing import Array, Float, Int
from ..errors import AnywearError
from . import metrics


@dataclass(frozen=True, eq=False)
class Classified:
    """A classification of windows, counted.

    Attributes:
        labels: what could be answered, K of them.
        subjects: who, S of them; ``?`` where the data do not tell.
        confusion_by_subject: (S, K, K) counts, rows the truth, columns the answer.
        top2_by_subject: (S,) windows whose right label was among the two best, ties counted against it.
    """

    labels: tuple[str, ...]
    subjects: tuple[str, ...]
    confusion_by_subject: Array
    top2_by_subject: Array

    @classmethod
    def count(
        cls,
        labels: Sequence[str],
        truth: Int[Array, " windows"],
        scores: Float[Array, "windows labels"],
        subjects: Sequence[str | None],
    ) -> Classified:
        """Count answers; of labels with equal scores the first is taken as the answer.

        Raises:
            AnywearError: scores that are not finite.
        """
        check_scores(scores, len(truth), len(labels))
        who = np.array([subject or "?" for subject in subjects])
        names = tuple(sorted(set(who.tolist()), key=lambda name: (len(name), name)))
        predicted = scores.argmax(axis=1) if len(truth) else np.zeros(0, dtype=np.int64)
        hits = metrics.hits_at_k(truth, scores, 2)
        confusion = [metrics.confusion_matrix(truth[who == n], predicted[who == n], len(labels)) for n in names]
        top2 = [int(hits[who == n].sum()) for n in names]
        shape = (len(names), len(labels), len(labels))
        return cls(tuple(labels), names, np.array(confusion, dtype=np.int64).reshape(shape), np.array(top2))

    @cached_property
    def confusion(self) -> Array:
        """(K, K) counts over all subjects."""
        return self.confusion_by_subject.sum(axis=0)

    @property
    def windows(self) -> int:
        return int(self.confusion.sum())

    @property
    def figures(self) -> dict[str, float]:
        """Accuracy, macro-F1, recall at 2 and balanced accuracy."""
        return self.weighted_figures(np.ones(len(self.subjects)))

    @property
    def collapse(self) -> str | None:
        """See `metrics.collapse_check`."""
        return metrics.collapse_check(self.confusion, self.labels)

    def weighted_figures(self, times: Array) -> dict[str, float]:
        """The same when each subject counts this many times."""
        confusion = np.tensordot(times, self.confusion_by_subject, axes=1)
        return {
            "accuracy": metrics.accuracy(confusion),
            "macro_f1": metrics.macro_f1(confusion),
            "recall_at_2": float(times @ self.top2_by_subject / max(1, confusion.sum())),
            "balanced_accuracy": metrics.balanced_accuracy(confusion),
        }

    def per_class(self) -> dict[str, dict]:
        """Recall, windows and the commonest wrong answer of every class in the truth."""
        out = {}
        recall = metrics.class_recall(self.confusion)
        for number, label in enumerate(self.labels):
            row = self.confusion[number].copy()
            if not row.sum():
                continue
            out[label] = {"recall": float(recall[number]), "windows": int(row.sum())}
            row[number] = 0
            if row.sum():
                out[label]["mostly_taken_for"] = self.labels[int(row.argmax())]
        return out


def check_scores(scores: Array, windows: int, labels: int) -> None:
    """Whether a model's scores are finite numbers, one row per window, one column per label.

    Raises:
        AnywearError: they are not.
    """
    if scores.shape != (windows, labels) or not np.isfinite(scores).all():
        raise AnywearError(
            "The model's scores cannot be used", expected=f"finite numbers of shape ({windows}, {labels})",
            got=f"shape {scores.shape}, {int((~np.isfinite(scores)).sum())} not finite",
        )  # fmt: skip


def mean_figures(groups: Sequence[Classified], drawn: dict[str, float] | None = None) -> dict[str, float]:
    """Mean over groups, each with the weight of its windows.

    Args:
        groups: questions asked apart.
        drawn: how often each subject counts, by name; once each by default.
    """
    totals: dict[str, float] = {}
    windows = 0.0
    for group in groups:
        times = np.array([1.0 if drawn is None else drawn[name] for name in group.subjects])
        own = float(times @ group.confusion_by_subject.sum(axis=(1, 2)))
        windows += own
        for name, value in group.weighted_figures(times).items():
            totals[name] = totals.get(name, 0.0) + own * value
    return {name: value / max(windows, 1e-9) for name, value in totals.items()}


def subject_interval(
    groups: Sequence[Classified], figure: Callable[[dict[str, float]], float], draws: int = 1000
) -> tuple[float, float] | None:
    """95 % interval of a figure when the subjects of all groups are drawn anew; None with fewer than two of them.

    Args:
        groups: questions asked apart.
        figure: takes how often each subject counts, by name.
        draws: how many.
    """
    names = list(dict.fromkeys(name for group in groups for name in group.subjects))
    return metrics.bootstrap_interval(
        len(names),
        lambda times: figure(dict(zip(names, times.tolist(), strict=True))),
        np.random.default_rng(0),
        draws,
    )
