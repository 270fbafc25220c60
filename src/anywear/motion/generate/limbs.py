"""Limbs of two hinged bones, turned so that they end where they have to."""

from __future__ import annotations

import numpy as np

from ..._typing import Array, Float
from .. import quaternion

REACH = 0.9985  # of a limb's length: further away, the limb would snap straight


def from_axes(x: Array, y: Array, z: Array) -> Array:
    """Quaternions of frames given by their axes (..., 3), which have to be orthonormal."""
    (x0, x1, x2), (y0, y1, y2), (z0, z1, z2) = (np.moveaxis(np.asarray(axis), -1, 0) for axis in (x, y, z))
    trace = x0 + y1 + z2
    # Four times the products of the components two by two; the largest component is the one to divide by.
    squares = np.stack([1.0 - trace + 2.0 * x0, 1.0 - trace + 2.0 * y1, 1.0 - trace + 2.0 * z2, 1.0 + trace], axis=-1)
    xy, xz, yz = x1 + y0, x2 + z0, y2 + z1
    xw, yw, zw = y2 - z1, z0 - x2, x1 - y0
    largest = squares.argmax(axis=-1)
    out = np.empty((*trace.shape, 4))
    for index, others in enumerate(((None, xy, xz, xw), (xy, None, yz, yw), (xz, yz, None, zw), (xw, yw, zw, None))):
        rows = largest == index
        if rows.any():
            for place, product in enumerate(others):
                out[rows, place] = squares[rows, index] if product is None else product[rows]
    return quaternion.normalised(out)


def unit(vectors: Array) -> Array:
    """Vectors of length 1; zero stays zero."""
    return vectors / np.maximum(quaternion.lengths(vectors), 1e-12)[..., None]


def two_bones(
    start: Float[Array, "time 3"], target: Float[Array, "time 3"], upper_m: float, lower_m: float, ahead: Array, *,
    backwards: bool = False, soft: float = 0.03,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Turns of two hinged bones that hang along -z at rest, so that the second ends at a target.

    Args:
        start, target: where the first begins and the second ends.
        upper_m, lower_m: lengths.
        ahead: (T, 3) unit, at right angles to the line between them: where a knee points; for an elbow, the opposite of
            where it points.
        backwards: the hinge is an elbow, which bends the other way.
        soft: share of the length within which a target out of reach slows the stretching.

    Returns:
        World turns (T, 4) of both bones, and by how much (T,) metres the target is out of reach.
    """
    line = target - start
    distance = quaternion.lengths(line)
    longest, shortest = REACH * (upper_m + lower_m), abs(upper_m - lower_m) + 0.02 * (upper_m + lower_m)
    reached = np.clip(_soft_limit(distance, longest, soft), shortest, None)
    along = line / np.maximum(distance, 1e-9)[:, None]
    cosine = (upper_m**2 + reached**2 - lower_m**2) / (2 * upper_m * reached)
    cosine = np.clip(cosine, -1.0, 1.0)[:, None]
    sine = np.sqrt(1.0 - cosine**2) * (-1.0 if backwards else 1.0)
    first = cosine * along + sine * ahead
    second = unit(reached[:, None] * along - upper_m * first)
    y = np.cross(-along, ahead)
    turns = [from_axes(np.cross(y, -bone), y, -bone) for bone in (first, second)]
    return turns[0], turns[1], np.maximum(distance - longest, 0.0)


def _soft_limit(distance: Array, longest: float, soft: float) -> Array:
    """The distance, bent smoothly below the longest within the last of it."""
    room = soft * longest
    knee = longest - room
    over = np.maximum(distance - knee, 0.0)
    return np.minimum(distance, knee) + room * np.tanh(over / room)
