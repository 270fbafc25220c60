"""The space where motion and words meet: sentence vectors, centred and evened out.

Raw sentence vectors of motion all lean one way ("a person ..."), which makes some texts near everything. Taking the mean away
and dividing by part of the spread along each principal axis removes the common part; nothing is learned from labels.
Source: Su et al., "Whitening Sentence Representations for Better Semantics and Faster Retrieval", 2021.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float


@dataclass(frozen=True)
class TextSpace:
    """An affine map of sentence vectors.

    Attributes:
        mean: (D,) taken away first.
        matrix: (D, E) applied then.
    """

    mean: Array
    matrix: Array

    @classmethod
    def fit(cls, vectors: Float[Array, "texts features"], strength: float = 1.0, floor: float = 0.1) -> TextSpace:
        """Fit to sentences of the kind that will be asked.

        Args:
            vectors: (N, D) sentence vectors.
            strength: 0 only centres, 1 whitens in full.
            floor: added to each variance, as a share of the mean variance: keeps rare directions from being blown up.
        """
        mean = vectors.mean(axis=0)
        values, axes = np.linalg.eigh(np.cov((vectors - mean).T.astype(np.float64)))
        values = np.maximum(values, 0.0) + floor * values.mean()
        return cls(mean.astype(np.float32), (axes * values ** (-0.5 * strength) @ axes.T).astype(np.float32))

    def apply(self, vectors: Float[Array, "texts features"]) -> Float[Array, "texts out"]:
        """Unit vectors (N, E) in the common space."""
        mapped = (vectors - self.mean) @ self.matrix
        return (mapped / np.maximum(np.linalg.norm(mapped, axis=1, keepdims=True), 1e-12)).astype(np.float32)
