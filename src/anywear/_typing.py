"""Array types with shapes. Checked under pytest by jaxtyping and beartype; plain arrays, and free, for users."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int, Shaped
else:
    try:
        from jaxtyping import Bool, Float, Int, Shaped
    except ImportError:  # jaxtyping is a development dependency only

        class Float:
            def __class_getitem__(cls, item):
                return item[0]

        Bool = Int = Shaped = Float

Array = np.ndarray

__all__ = ["Array", "Bool", "Float", "Int", "Shaped"]
