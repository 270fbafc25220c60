"""Measures of a closed-set classification. All take plain arrays; each says what it does with ties and absent classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .._typing import Array, Float, Int, Shaped

COLLAPSE_SHARE = 0.5  # answers that use fewer than this share of the truth's effective classes count as collapsed


def confusion_matrix(
    truth: Int[Array, " windows"], predicted: Int[Array, " windows"], classes: int
) -> Int[Array, "k k"]:
    """Counts (K, K): rows are the truth, columns the answer."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (truth, predicted), 1)
    return counts


def accuracy(confusion: Shaped[Array, "k k"]) -> float:
    """Share of windows answered rightly; 0 without windows."""
    return float(np.trace(confusion) / max(1, confusion.sum()))


def class_recall(confusion: Shaped[Array, "k k"]) -> Float[Array, " k"]:
    """Share of each class answered rightly; NaN for a class that is not in the truth."""
    support = confusion.sum(axis=1)
    return np.where(support > 0, np.diag(confusion) / np.maximum(support, 1), np.nan)


def balanced_accuracy(confusion: Shaped[Array, "k k"]) -> float:
    """Mean recall over the classes in the truth; 0 without windows."""
    recall = class_recall(confusion)
    return float(np.nanmean(recall)) if np.isfinite(recall).any() else 0.0


def macro_f1(confusion: Shaped[Array, "k k"]) -> float:
    """Unweighted mean of F1 over the classes that are in the truth.

    F1 of a class is 2 TP / (2 TP + FP + FN). A class that is asked for but is in no window has no F1 of its own: answering
    with it costs the recall of the class it was taken for. A class in the truth that is never answered has F1 0.
    """
    hits = np.diag(confusion)
    support, answered = confusion.sum(axis=1), confusion.sum(axis=0)
    present = support > 0
    if not present.any():
        return 0.0
    return float((2.0 * hits[present] / (support[present] + answered[present])).mean())


def hits_at_k(truth: Int[Array, " windows"], scores: Float[Array, "windows labels"], k: int) -> Array:
    """(N,) bool: whether the right label is among the k best. Ties count against it.

    A label as good as the right one is ranked before it, so a model that scores all labels alike hits nothing for k below
    the number of labels.
    """
    own = scores[np.arange(len(truth)), truth]
    not_worse = (scores >= own[:, None]).sum(axis=1) - 1  # the right label itself is among them
    return not_worse < k


def recall_at_k(truth: Int[Array, " windows"], scores: Float[Array, "windows labels"], k: int) -> float:
    """Share of windows whose right label is among the k best; ties count against it. 0 without windows."""
    return float(hits_at_k(truth, scores, k).mean()) if len(truth) else 0.0


def cohen_kappa(*counts: Shaped[Array, "_ _"]) -> float:
    """How far two ways of answering agree beyond chance: 1 always, 0 as chance would; NaN where chance says always.

    Args:
        counts: (K, K) windows by answer of the one (rows) and of the other (columns). One table per question where several
            were asked, each with answers of its own: what chance would agree on is then counted within each.

    Source: Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20(1), 1960.
    """
    windows = float(sum(own.sum() for own in counts))
    same = float(sum(np.trace(own) for own in counts))
    by_chance = float(sum(own.sum(axis=1) @ own.sum(axis=0) / max(1, own.sum()) for own in counts))
    return (same - by_chance) / (windows - by_chance) if windows > by_chance else float("nan")


def effective_classes(counts: Array) -> float:
    """How many equally frequent classes would be as varied as these: exp(entropy) of the shares; 0 without any."""
    shares = np.asarray(counts, dtype=float)
    shares = shares[shares > 0] / max(1.0, shares.sum())
    return float(np.exp(-(shares * np.log(shares)).sum())) if len(shares) else 0.0


def collapse_check(confusion: Shaped[Array, "k k"], labels: Sequence[str]) -> str | None:
    """What is wrong with a model that answers few classes, in a sentence; None when nothing is.

    Flags answers whose effective number of classes is below half of that of the truth.
    """
    truth, answered = effective_classes(confusion.sum(axis=1)), effective_classes(confusion.sum(axis=0))
    if answered >= COLLAPSE_SHARE * truth:
        return None
    shares = confusion.sum(axis=0) / max(1, confusion.sum())
    most = [f"{labels[c]} {shares[c]:.0%}" for c in np.argsort(-shares, kind="stable")[:3] if shares[c] > 0]
    return f"collapsed: answers like {answered:.1f} classes where the truth has {truth:.1f} ({', '.join(most)})"


def bootstrap_interval(
    subjects: int, statistic: Callable[[Array], float], rng: np.random.Generator, draws: int = 1000
) -> tuple[float, float] | None:
    """95 % interval of a statistic when whole subjects are drawn anew.

    Windows of one person resemble each other; drawing windows would make the interval far too narrow.

    Args:
        subjects: how many there are.
        statistic: takes how often each subject was drawn, (S,), and gives the figure.
        rng: of the drawing.
        draws: how many.

    Returns:
        2.5 and 97.5 percentile; None with fewer than two subjects.

    Source: Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, section 13.3 (percentile interval).
    """
    if subjects < 2:
        return None
    times = rng.multinomial(subjects, np.full(subjects, 1.0 / subjects), size=draws)
    low, high = np.percentile([statistic(weights) for weights in times], [2.5, 97.5])
    return float(low), float(high)
