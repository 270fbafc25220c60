"""Scores to probabilities and to none, fitted to answers about examples that were left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..._typing import Array, Float, Int
from .head import LEFT_OUT_LEAST

SCALE = 8.0  # of scores to logits where there is nothing to fit it to
SCALES = tuple(float(own) for own in np.geomspace(2.0, 40.0, 25))


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
        scale = SCALE
        if len(own) >= LEFT_OUT_LEAST:
            losses = [
                -np.log(_softmax(s * own[:, :none])[np.arange(len(own)), kinds[use]] + 1e-9).mean() for s in SCALES
            ]
            scale = SCALES[int(np.argmin(losses))]
        good = margin_of(own) if len(own) else np.full(1, 0.3)
        bad = margin_of(other) if len(other) else np.full(1, -0.5)
        threshold = float(np.quantile(good, 1.0 - recall)) if len(own) >= LEFT_OUT_LEAST else 0.0
        middle = 0.5 * (float(np.median(good)) + float(np.median(bad)))
        slope = 4.0 / max(0.05, abs(float(np.median(good)) - float(np.median(bad))))
        return cls(scale, slope, middle, threshold, recall)

    def __call__(self, scores: Float[Array, "rows targets"]):
        """See `anywear.runtime.gestures.light.Scored`."""
        from .light import Scored

        margin = margin_of(scores)
        gesture = 1.0 / (1.0 + np.exp(-np.clip(self.slope * (margin - self.middle), -50.0, 50.0)))
        return Scored(scores[:, :-1], margin, _softmax(self.scale * scores[:, :-1]), gesture)


def margin_of(scores: Float[Array, "rows targets"]) -> Float[Array, " rows"]:
    """Best class over none."""
    return scores[:, :-1].max(axis=1) - scores[:, -1]


def _softmax(logits: Array) -> Array:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
