"""Scores to probabilities and to none, fitted to answers about examples that were left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..._typing import Array, Float, Int
from ..ridge import LEFT_OUT_LEAST

SCALE = 8.0  # of scores to logits where there are too few examples to fit it to
SCALES = tuple(float(own) for own in np.geomspace(2.0, 40.0, 25))
THRESHOLD = 0.1  # least margin of a gesture, likewise
SLACK = 0.4  # share of the way from the threshold to none by which it is lowered
SLOPE = 8.0  # steepest curve from margin to probability, where examples and none are far apart


@dataclass(frozen=True)
class Calibration:
    """From scores to probabilities.

    Attributes:
        scale: inverse temperature among the classes.
        slope, middle: of the logistic curve from margin to the probability of a gesture.
        threshold: least margin of a gesture.
        recall: share of gestures that the threshold lets through, as wished.
    """

    scale: float
    slope: float
    middle: float
    threshold: float
    recall: float

    @classmethod
    def fit(
        cls,
        scores: Float[Array, "rows targets"],
        kinds: Int[Array, " rows"],
        judged: Float[Array, " rows"],
        recall: float,
    ) -> Calibration:
        """From left-out scores; the last target, and the greatest kind, is none."""
        none = scores.shape[1] - 1
        use = (kinds < none) & (judged > 0)
        own, other = scores[use], scores[kinds == none]
        if use.sum() < LEFT_OUT_LEAST:
            return cls(SCALE, SLOPE, THRESHOLD, THRESHOLD, recall)
        rows = np.arange(len(own))
        losses = [-np.log(softmax(scale * own[:, :none])[rows, kinds[use]] + 1e-9).mean() for scale in SCALES]
        good, bad = margin_of(own), margin_of(other)
        threshold = float(np.quantile(good, 1.0 - recall))
        if len(bad):
            # A few examples are more alike than what comes later: where none is far away, some of the way is given.
            threshold -= SLACK * max(0.0, threshold - float(np.quantile(bad, 0.99)))
        # The curve is one half midway between the two, and as steep as they are apart.
        low, high = float(np.quantile(bad, 0.9)) if len(bad) else 0.0, float(np.median(good))
        slope = min(SLOPE, 4.0 / max(high - low, 1e-6)) if high > low else SLOPE
        return cls(SCALES[int(np.argmin(losses))], slope, 0.5 * (low + high), threshold, recall)

    def gesture(self, margin: Float[Array, " rows"]) -> Float[Array, " rows"]:
        """Probability that a clip of this margin is a gesture at all."""
        return 1.0 / (1.0 + np.exp(-np.clip(self.slope * (margin - self.middle), -50.0, 50.0)))


def margin_of(scores: Float[Array, "rows targets"]) -> Float[Array, " rows"]:
    """Best class over none."""
    return scores[:, :-1].max(axis=1) - scores[:, -1]


def softmax(logits: Float[Array, "rows classes"]) -> Float[Array, "rows classes"]:
    """Shares that sum to one in every row."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
