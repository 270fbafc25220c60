"""The rotation nearest to a matrix: what is left of a blend of rotations when its shrinking is taken out."""

from __future__ import annotations

import numpy as np

from .._typing import Array, Float

BLOCK = 8192  # matrices at a time: their entries stay in the cache
MAX_STEPS = 12  # a blend of turns up to 90 degrees apart settles in four
SETTLED = 1e-7  # change of an entry; the error left is of the order of its square


def nearest_rotation(matrices: Float[Array, "... 3 3"]) -> Float[Array, "... 3 3"]:
    """Polar factor of each matrix, by Newton's iteration; singular and mirrored ones by singular value decomposition.

    Source: Higham, "Computing the polar decomposition, with applications", SIAM J. Sci. Stat. Comput. 7 (1986).
    """
    flat = np.asarray(matrices, dtype=float).reshape(-1, 3, 3)
    out = np.empty_like(flat)
    for start in range(0, len(flat), BLOCK):
        out[start : start + BLOCK] = _block(flat[start : start + BLOCK])
    return out.reshape(np.shape(matrices))


def _block(matrices: Array) -> Array:
    # One row per entry, so that every operation runs over all matrices at once.
    entries = np.ascontiguousarray(matrices.reshape(-1, 9).T)
    change = np.zeros(len(matrices))
    mirrored = np.zeros(len(matrices), dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for step in range(MAX_STEPS):
            a, b, c, d, e, f, g, h, i = entries
            cofactor = np.stack(
                [
                    e * i - f * h,
                    f * g - d * i,
                    d * h - e * g,
                    c * h - b * i,
                    a * i - c * g,
                    b * g - a * h,
                    b * f - c * e,
                    c * d - a * f,
                    a * e - b * d,
                ]
            )
            determinant = a * cofactor[0] + b * cofactor[1] + c * cofactor[2]
            if step == 0:
                mirrored = ~(determinant > 0)
            following = (entries + cofactor / determinant) / 2  # the inverse transpose is cofactors over determinant
            change = np.abs(following - entries).max(axis=0)
            entries = following
            if np.all(change[~mirrored] < SETTLED):
                break
    out = np.ascontiguousarray(entries.T).reshape(-1, 3, 3)
    bad = mirrored | ~(change < SETTLED)
    if bad.any():
        left, _, right = np.linalg.svd(matrices[bad])
        left[:, :, 2] *= np.sign(np.linalg.det(left @ right))[:, None]
        out[bad] = left @ right
    return out
