"""What pictures of signals share: colours, and lines with no more points than a picture has columns."""

from __future__ import annotations

import numpy as np

from ._typing import Array

# Okabe & Ito 2008: colours that colour-blind readers tell apart.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
AXIS_COLOURS = ("#BB5566", "#117733", "#004488")  # x, y, z
MAX_POINTS = 2400  # points drawn per line: more than a picture has columns


def thin(time_s: Array, values: Array, points: int = MAX_POINTS) -> tuple[Array, Array]:
    """A line with few points and the same outline: least and largest value of every stretch, in their order in time."""
    if len(values) <= points:
        return time_s, values
    size = int(np.ceil(2 * len(values) / points))
    count = len(values) // size
    blocks = values[: count * size].reshape(count, size)
    ends = np.sort(np.stack([blocks.argmin(axis=1), blocks.argmax(axis=1)], axis=1), axis=1)
    index = (ends + size * np.arange(count)[:, None]).ravel()
    index = np.r_[index, np.arange(count * size, len(values))]
    return time_s[index], values[index]
