"""Matrices in 4 bits: blocks of a row share a scale, such that the number of largest size is -8 of it.

The same rounding as `anywear.nn.language.rounded`, packed two to a byte as onnxruntime's MatMulNBits reads it: the first in
the low half, 8 added to each.
"""

from __future__ import annotations

import numpy as np

from ..._typing import Array, Float, Shaped

BLOCK = 32  # numbers that share a scale
ZERO = 8  # added to every number, so that it has no sign


def packed(weight: Float[Array, "rows columns"]) -> tuple[Shaped[Array, "rows half"], Float[Array, "rows blocks"]]:
    """(rows, columns / 2) bytes and (rows, columns / `BLOCK`) scales in half precision."""
    blocks = np.asarray(weight, dtype=np.float32).reshape(len(weight), -1, BLOCK)
    most, least = blocks.max(axis=-1, keepdims=True), blocks.min(axis=-1, keepdims=True)
    scale = (np.where(most >= -least, most, least) / -8.0).astype(np.float16)
    scale[scale == 0.0] = 1.0
    numbers = (np.rint(blocks / scale.astype(np.float32)).clip(-8, 7) + ZERO).astype(np.uint8).reshape(len(weight), -1)
    return numbers[:, 0::2] | (numbers[:, 1::2] << 4), scale[..., 0]


def unpacked(numbers: Shaped[Array, "rows half"], scale: Float[Array, "rows blocks"]) -> Float[Array, "rows columns"]:
    """What `packed` made, as float32."""
    both = np.stack([numbers & 15, numbers >> 4], axis=-1).reshape(len(numbers), -1, BLOCK)
    values = (both.astype(np.float32) - ZERO) * scale.astype(np.float32)[..., None]
    return values.reshape(len(numbers), -1)
