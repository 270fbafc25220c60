"""Ridge regression to classes, in the space of kernels over blocks of features.

Every feature is brought to spread one, every block to one length, so a block of thousands of shares and one of a
few figures each have their say, and motion that is like none of the examples cannot be far out in any direction. With many
more features than examples the sums run over examples (the dual form). What belongs together, such as an example and its
copies or the windows of one wearer, is a group: the penalty is chosen, and answers are calibrated, on what a head that saw
none of a group says about it; that follows in closed form from the fitted one (R. Rifkin, R. Lippert, "Notes on regularized
least squares", MIT-CSAIL-TR-2007-025, for one left out; the same holds for a group with a block of the hat matrix).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float, Int

PENALTIES = (0.001, 0.003, 0.01, 0.03, 0.1)
LEFT_OUT_LEAST = 6  # examples left out from which something can be read
FREE = 100.0  # squared length of the intercept's feature, beside rows of 1
FLOOR = 0.5  # of the median spread, added to every feature's, so that none which hardly varies is blown up


@dataclass(frozen=True, eq=False)
class Blocks:
    """How blocks of features become one row of unit length.

    Attributes:
        means, scales: per block; features are (value - mean) * scale, then brought to unit length.
        weights: of the blocks, as shares of the squared length.
    """

    means: tuple[Array, ...]
    scales: tuple[Array, ...]
    weights: tuple[float, ...]

    @classmethod
    def fit(cls, blocks: Sequence[Float[Array, "rows _"]], weights: Sequence[float]) -> Blocks:
        """From the features of the examples and their copies."""
        means, scales = [], []
        for block in blocks:
            spread = block.std(axis=0)
            alive = spread[spread > 0.0]
            spread = np.sqrt(spread**2 + (FLOOR * np.median(alive)) ** 2) if len(alive) else np.ones_like(spread)
            means.append(block.mean(axis=0).astype(np.float32))
            scales.append((1.0 / spread).astype(np.float32))
        return cls(tuple(means), tuple(scales), tuple(float(own) / sum(weights) for own in weights))

    def __call__(self, blocks: Sequence[Float[Array, "rows _"]]) -> Float[Array, "rows features"]:
        """All blocks side by side; the dot product of two rows is a mean of cosines."""
        out = []
        for own, mean, scale, weight in zip(blocks, self.means, self.scales, self.weights, strict=True):
            turned = (own - mean) * scale
            length = np.sqrt(np.einsum("ij,ij->i", turned, turned))[:, None]
            out.append(turned * (np.float32(np.sqrt(weight)) / np.maximum(length, np.float32(1e-6))))
        return np.hstack(out).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Ridge:
    """A fitted ridge regression with several targets.

    Attributes:
        weights: (features, targets).
        offset: (targets,).
        penalty: chosen.
        left_out: (answered, targets) answers about rows by what saw none of their group.
    """

    weights: Array
    offset: Array
    penalty: float
    left_out: Array

    def __call__(self, rows: Float[Array, "rows features"]) -> Float[Array, "rows targets"]:
        return rows @ self.weights + self.offset


def fit_ridge(
    rows: Float[Array, "rows features"],
    targets: Float[Array, "rows targets"],
    groups: Int[Array, " rows"],
    shares: Float[Array, " rows"],
    penalties: Sequence[float] = PENALTIES,
    scored: Float[Array, " answered"] | None = None,
    answered: Int[Array, " answered"] | None = None,
) -> Ridge:
    """Fit, and choose the penalty by leaving one group out.

    Args:
        rows: features of unit length.
        targets: what each should give.
        groups: which rows belong together, numbered from 0.
        shares: how much each row counts.
        penalties: per unit of share, to choose from.
        scored: how much each left-out answer counts in the choice; all alike by default.
        answered: rows that are answered about with their group left out; the first of each group by default.
    """
    root = np.sqrt(shares)[:, None]
    wanted = targets * root
    # The intercept is one more feature, which costs next to nothing and is left out with the rest of a group: targets
    # centred by the mean of all would tell of what is left out.
    kernel = ((rows @ rows.T).astype(np.float64) + FREE) * root * root.T
    values, axes = np.linalg.eigh(kernel)
    values = np.maximum(values, 0.0)
    turned = axes.T @ wanted
    members = [np.flatnonzero(groups == group) for group in range(int(groups.max()) + 1)]
    if answered is None:
        answered = np.array([own[0] for own in members])
    best, choice = np.inf, None
    for penalty in penalties:
        kept = values / (values + penalty)
        fitted = axes @ (kept[:, None] * turned)
        left = np.empty_like(wanted)
        for own in members:
            left[own] = _left_out(axes, kept, wanted, fitted, own)
        left = left[answered] / root[answered]
        errors = ((left - targets[answered]) ** 2).sum(axis=1)
        error = float((errors * (1.0 if scored is None else scored)).sum())
        if error < best:
            best, choice = error, (penalty, left)
    assert choice is not None
    penalty, left = choice
    dual = axes @ (turned / (values + penalty)[:, None]) * root
    return Ridge((rows.T @ dual).astype(np.float32), (FREE * dual.sum(axis=0)).astype(np.float32), penalty, left)


def _left_out(axes: Array, kept: Array, wanted: Array, fitted: Array, own: Array) -> Array:
    """What the rows of a group get from a fit without the group."""
    hat = (axes[own] * kept) @ axes[own].T
    residual = np.linalg.solve(np.eye(len(own)) - hat + 1e-9 * np.eye(len(own)), wanted[own] - fitted[own])
    return wanted[own] - residual
