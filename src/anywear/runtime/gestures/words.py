"""What labels say by their words alone: a prior that fades as examples come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..._typing import Array, Float, Int
from ..background import what_is_usual
from .calibration import softmax

SHARPNESS = 1.5  # from scores, in deviations of what is usual, to logits


@dataclass(frozen=True, eq=False)
class Words:
    """Words of the classes against embeddings.

    Attributes:
        vectors: (K, D) unit vectors.
        usual, spread: (K,) of the cosines over motion that is no gesture.
        weights: (K,) of the prior in each class's score.
    """

    vectors: Array
    usual: Array
    spread: Array
    weights: Array

    @classmethod
    def fit(
        cls,
        vectors: Float[Array, "classes features"],
        nothing: Float[Array, "rows features"],
        counts: Int[Array, " classes"],
        weight: float,
    ) -> Words:
        """For classes of so many examples.

        Args:
            vectors: of the words.
            nothing: embeddings of motion that is no gesture, which scores are held against; see `anywear.runtime.background`.
            counts: examples of each class.
            weight: of the prior in a class without any.
        """
        vectors = vectors.astype(np.float32)
        if len(nothing):
            usual, spread = what_is_usual(nothing @ vectors.T, hubs=True)
        else:
            usual, spread = np.zeros(len(vectors)), np.full(len(vectors), 0.1)
        return cls(
            vectors, usual.astype(np.float32), spread.astype(np.float32), (weight / (1.0 + counts)).astype(np.float32)
        )

    def __call__(self, embeddings: Float[Array, "rows features"]) -> Float[Array, "rows classes"]:
        """What to add to the scores of the classes: its weight where a class is sure, about nought where it is unlikely."""
        held = (embeddings @ self.vectors.T - self.usual) / self.spread
        return self.weights * (softmax(SHARPNESS * held) - 1.0 / len(self.weights))
