"""Dynamic time warping between all pairs of many clips at once.

Source: H. Sakoe, S. Chiba, "Dynamic programming algorithm optimization for spoken word recognition", IEEE Transactions on
Acoustics, Speech, and Signal Processing 26(1), 1978 (steps of one in either direction or both, a band about the diagonal); M.
Shokoohi-Yekta and others, "Generalizing DTW to the multi-dimensional case requires an adaptive approach", Data Mining and
Knowledge Discovery 31(1), 2017 (all channels warped together).
"""

from __future__ import annotations

import numpy as np

from .._typing import Array, Float

BLOCK = 48  # clips against all others at once: what is in use then is tens of megabytes


def dtw_distances(
    one: Float[Array, "n channels time"], other: Float[Array, "m channels time"], band: int
) -> Float[Array, "n m"]:
    """The least sum of squared differences along a path from corner to corner, of every clip with every other.

    Args:
        one, other: clips of one length.
        band: samples by which a path may leave the diagonal.
    """
    out = np.empty((len(one), len(other)), dtype=np.float32)
    second = _time_first(other)
    squares = (second**2).sum(axis=2)
    for start in range(0, len(one), BLOCK):
        first = _time_first(one[start : start + BLOCK])
        out[start : start + BLOCK] = _block(first, second, squares, band)
    return out


def dtw_matrix(clips: Float[Array, "n channels time"], band: int) -> Float[Array, "n n"]:
    """`dtw_distances` of clips among themselves; each pair is worked out once."""
    out = np.empty((len(clips), len(clips)), dtype=np.float32)
    for start in range(0, len(clips), BLOCK):
        own = dtw_distances(clips[start : start + BLOCK], clips[start:], band)
        out[start : start + BLOCK, start:] = own
        out[start:, start : start + BLOCK] = own.T
    return out


def _block(first: Array, second: Array, squares: Array, band: int) -> Array:
    """Row after row of the table; of each only the cells within the band are held, between cells that no path enters."""
    length, count, _ = first.shape
    width = 2 * band + 1
    above = np.full((width + 2, count, second.shape[1]), np.inf, dtype=np.float32)
    below = np.full_like(above, np.inf)
    above[band + 1] = 0.0  # the corner before the first cell
    for i in range(length):
        own = (first[i] ** 2).sum(axis=1)[:, None]
        below[...] = np.inf
        for j in range(max(0, i - band), min(length, i + band + 1)):
            cell = j - i + band + 1  # the row above is shifted by one: there the same column lies a cell further on
            cost = first[i] @ second[j].T
            cost *= -2.0
            cost += own
            cost += squares[j]
            np.maximum(cost, 0.0, out=cost)
            best = np.minimum(above[cell], above[cell + 1])
            np.minimum(best, below[cell - 1], out=best)
            np.add(cost, best, out=below[cell])
        above, below = below, above
    return above[band + 1]


def _time_first(clips: Array) -> Array:
    return np.ascontiguousarray(clips.transpose(2, 0, 1), dtype=np.float32)
