"""What labels say by their words alone: a prior that fades as examples come, and all there is of a class without any.

Of a class without examples no feature can speak: a ridge that never saw one gives it nought. A clip of it fits none of the
examples well either. So its best match by words gets what an example that was left out gets but one time in ten: clips that
fit a shown class keep it, those that fit none go where the words point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..._typing import Array, Float, Int
from .calibration import softmax


@dataclass(frozen=True, eq=False)
class Words:
    """Words of the classes against embeddings.

    Attributes:
        vectors: (K, D) unit vectors.
        scale: inverse temperature of the cosines of what embeds, as it was calibrated on held-out subjects: an encoder that
            knows little of words has a small one, and its prior is even.
        weights: (K,) of the prior in each class's score.
    """

    vectors: Array
    scale: float
    weights: Array

    @classmethod
    def fit(
        cls, vectors: Float[Array, "classes features"], scale: float, counts: Int[Array, " classes"], weight: float
    ) -> Words:
        """For classes of so many examples.

        Args:
            vectors: of the words.
            scale: of what embeds.
            counts: examples of each class.
            weight: of the prior in a class without any; one of n has the (1 + n)-th part squared.
        """
        return cls(vectors.astype(np.float32), float(scale), (weight / (1.0 + counts) ** 2).astype(np.float32))

    def __call__(self, embeddings: Float[Array, "rows features"]) -> Float[Array, "rows classes"]:
        """What to add to the scores: its weight where a class is sure, about nought where it is as likely as any."""
        told = softmax(self.scale * (embeddings @ self.vectors.T))
        return (self.weights * (told - 1.0 / len(self.weights))).astype(np.float32)


class ReadWords(Words):
    """The same where some class has no example."""

    def __call__(self, embeddings: Float[Array, "rows features"]) -> Float[Array, "rows classes"]:
        """What to add to the scores: its weight where a class is the likeliest of all, half of it where half as likely."""
        cosines = embeddings @ self.vectors.T
        return (self.weights * np.exp(self.scale * (cosines - cosines.max(axis=1, keepdims=True)))).astype(np.float32)


def weight_alone(left: Float[Array, "examples classes"], most: float, recall: float) -> float:
    """What the best match by words adds to a class without examples.

    Args:
        left: scores of the examples by a head that had not seen them.
        most: it may be, and is without examples.
        recall: share of the examples whose best score stays above it.
    """
    return float(np.clip(np.quantile(left.max(axis=1), 1.0 - recall), 0.0, most)) if len(left) else most
