"""What labels say by their words alone: a prior that fades as examples come."""

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
        scale: inverse temperature of the encoder's cosines, as it was calibrated on held-out subjects: an encoder that knows
            little of words has a small one, and its prior is even.
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
            scale: of the encoder.
            counts: examples of each class.
            weight: of the prior in a class without any; one of n has the (1 + n)-th part squared.
        """
        return cls(vectors.astype(np.float32), float(scale), (weight / (1.0 + counts) ** 2).astype(np.float32))

    def __call__(self, embeddings: Float[Array, "rows features"]) -> Float[Array, "rows classes"]:
        """What to add to the scores: its weight where a class is sure, about nought where it is as likely as any."""
        told = softmax(self.scale * (embeddings @ self.vectors.T))
        return (self.weights * (told - 1.0 / len(self.weights))).astype(np.float32)
