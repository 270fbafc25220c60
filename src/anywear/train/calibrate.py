"""Calibration on subjects the training never saw: probabilities that mean something, and when to say unknown.

Label sets are drawn as a user would ask: a few labels of the window's data set, half the time without the right one. The
scale is the one that makes the right labels' probabilities most likely; the threshold lets through most windows whose right
label was asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from .._typing import Array, Float, Int

KEPT_SHARE = 0.95  # share of rightly named windows the threshold lets through
LABELS_ASKED = (3, 10)  # fewest and most labels of one draw
LOG_SCALES = (-3.0, 5.0)  # searched: scores are cosines or standard deviations
DRAWS = 20  # label sets per window


@dataclass(frozen=True)
class Calibration:
    """What was fitted and how well it does on the held-out windows.

    Attributes:
        scale: inverse temperature.
        threshold: least cosine for an answer.
        kept: share of rightly named windows that pass.
        refused: share of windows whose label was not asked that are called unknown.
        expected_error: mean gap between confidence and accuracy (10 bins).
    """

    scale: float
    threshold: float
    kept: float
    refused: float
    expected_error: float


def calibrate(
    cosines: Float[Array, "windows labels"], truth: Int[Array, " windows"], allowed: Array, rng: np.random.Generator
) -> Calibration:
    """Fit scale and threshold.

    Args:
        cosines: of held-out windows to all labels of all training sets.
        truth: index of each window's label.
        allowed: (N, L) bool, labels that may be asked beside the right one: of the same data set and not near it.
        rng: draws the label sets.
    """
    rows, asked, present = [], [], []
    for row in np.repeat(np.arange(len(cosines)), DRAWS):
        others = np.flatnonzero(allowed[row])
        count = min(int(rng.integers(LABELS_ASKED[0], LABELS_ASKED[1] + 1)), len(others))
        chosen = rng.choice(others, size=count, replace=False)
        with_truth = bool(rng.random() < 0.5)
        if with_truth:
            chosen[0] = truth[row]
        rows.append(row)
        asked.append(chosen)
        present.append(with_truth)
    known = [(cosines[r, a], 0) for r, a, p in zip(rows, asked, present, strict=True) if p]

    def loss(log_scale: float) -> float:
        scale = np.exp(log_scale)
        return float(np.mean([np.logaddexp.reduce(scale * c) - scale * c[t] for c, t in known]))

    fitted = minimize_scalar(loss, bounds=LOG_SCALES, method="bounded")
    scale = float(np.exp(fitted.x))  # pyright: ignore[reportAttributeAccessIssue]  scipy's result is untyped
    right = np.array([c.max() for c, t in known if c.argmax() == t])
    absent = np.array([cosines[r, a].max() for r, a, p in zip(rows, asked, present, strict=True) if not p])
    threshold = float(np.quantile(right, 1.0 - KEPT_SHARE))
    return Calibration(
        scale,
        threshold,
        float((right >= threshold).mean()),
        float((absent < threshold).mean()),
        _expected_error(known, scale),
    )


def _expected_error(known: list[tuple[Array, int]], scale: float) -> float:
    confidence, right = [], []
    for cosines, truth in known:
        share = np.exp(scale * (cosines - cosines.max()))
        confidence.append(1.0 / share.sum())
        right.append(cosines.argmax() == truth)
    bins = np.minimum((np.array(confidence) * 10).astype(int), 9)
    gaps = [
        (bins == b).mean() * abs(np.array(confidence)[bins == b].mean() - np.array(right)[bins == b].mean())
        for b in range(10)
        if (bins == b).any()
    ]
    return float(sum(gaps))
