"""Quaternions in arrays: xyzw, any leading shape, numpy alone."""

from __future__ import annotations

import numpy as np

from .._typing import Array, Float

IDENTITY = (0.0, 0.0, 0.0, 1.0)


def multiply(left: Float[Array, "*left 4"], right: Float[Array, "*right 4"]) -> Float[Array, "*out 4"]:
    """Product of rotations: first ``right``, then ``left``; leading shapes broadcast."""
    lx, ly, lz, lw = _components(left)
    rx, ry, rz, rw = _components(right)
    shape = np.broadcast_shapes(np.shape(lx), np.shape(rx))
    out = np.empty((*shape, 4), dtype=np.result_type(lx, rx))
    out[..., 0] = lw * rx + lx * rw + ly * rz - lz * ry
    out[..., 1] = lw * ry - lx * rz + ly * rw + lz * rx
    out[..., 2] = lw * rz + lx * ry - ly * rx + lz * rw
    out[..., 3] = lw * rw - lx * rx - ly * ry - lz * rz
    return out


def inverse(quat: Float[Array, "*batch 4"]) -> Float[Array, "*batch 4"]:
    """The rotation undone; for unit quaternions."""
    return quat * np.array([-1.0, -1.0, -1.0, 1.0])


def rotate(quat: Float[Array, "*batch 4"], vector: Float[Array, "*vectors 3"]) -> Float[Array, "*out 3"]:
    """Vectors turned by unit quaternions; leading shapes broadcast."""
    x, y, z, w = _components(quat)
    a, b, c = _components(vector)
    # v + 2 w (u x v) + 2 u x (u x v), u the vector part
    p, q, r = 2.0 * (y * c - z * b), 2.0 * (z * a - x * c), 2.0 * (x * b - y * a)
    out = np.empty((*np.shape(p), 3), dtype=np.result_type(x, p))
    out[..., 0] = a + w * p + (y * r - z * q)
    out[..., 1] = b + w * q + (z * p - x * r)
    out[..., 2] = c + w * r + (x * q - y * p)
    return out


def normalised(quat: Float[Array, "*batch 4"]) -> Float[Array, "*batch 4"]:
    """Unit quaternions. Where the length is zero the result is not finite, and is refused at the door of the clip."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return quat / lengths(quat)[..., None]


def lengths(vectors: Float[Array, "*batch any"]) -> Float[Array, "*batch"]:
    """Lengths along the last axis; for its few components much faster than a norm over an axis."""
    first, *others = _components(vectors)
    square = first * first
    for component in others:
        square = square + component * component
    return np.asarray(np.sqrt(square))


def angle_between_rad(first: Float[Array, "*batch 4"], second: Float[Array, "*batch 4"]) -> Float[Array, "*batch"]:
    """Angle of the turn from one orientation to another, 0 to pi."""
    apart = multiply(inverse(first), second)
    return np.asarray(2.0 * np.arctan2(lengths(apart[..., :3]), np.abs(apart[..., 3])))


def from_rotation_vector(vector_rad: Float[Array, "*batch 3"]) -> Float[Array, "*batch 4"]:
    """Exponential map: turn about the vector's direction by its length in radians."""
    angle = np.linalg.norm(vector_rad, axis=-1, keepdims=True)
    half_sinc = 0.5 * np.sinc(angle / (2.0 * np.pi))  # sin(a/2)/a, finite at 0
    return np.concatenate([vector_rad * half_sinc, np.cos(angle / 2.0)], axis=-1)


def from_axis_angles(axes: str, angles_rad: Float[Array, "*batch axes"]) -> Float[Array, "*batch 4"]:
    """Product of turns about the axes of ``axes``, leftmost first in the product (intrinsic order).

    ``from_axis_angles("ZXY", angles)`` is Rz(a0) Rx(a1) Ry(a2): what a BVH file with channels Zrotation Xrotation
    Yrotation means. Any number of axes, repeated ones too.
    """
    quat = np.zeros((*angles_rad.shape[:-1], 4))
    quat[..., 3] = 1.0
    for index, axis in enumerate(axes):
        half = 0.5 * angles_rad[..., index]
        turn = np.zeros_like(quat)
        turn[..., "XYZ".index(axis)] = np.sin(half)
        turn[..., 3] = np.cos(half)
        quat = multiply(quat, turn)
    return quat


def from_matrix(matrix: Float[Array, "*batch 3 3"]) -> Float[Array, "*batch 4"]:
    """Unit quaternions of proper rotation matrices."""
    from scipy.spatial.transform import Rotation

    return Rotation.from_matrix(matrix.reshape(-1, 3, 3)).as_quat().reshape(*matrix.shape[:-2], 4)


def to_matrix(quat: Float[Array, "*batch 4"]) -> Float[Array, "*batch 3 3"]:
    """Rotation matrices of unit quaternions."""
    return np.stack([rotate(quat, column) for column in np.eye(3)], axis=-1)


def shortest_between(start: Float[Array, "*start 3"], end: Float[Array, "*end 3"]) -> Float[Array, "*out 4"]:
    """The smallest turn that takes one direction to another; lengths do not matter. Identity where one is zero."""
    start, end = np.broadcast_arrays(start, end)
    lengths = np.linalg.norm(start, axis=-1) * np.linalg.norm(end, axis=-1)
    dot = np.einsum("...i,...i->...", start, end)
    quat = np.concatenate([np.cross(start, end), (lengths + dot)[..., None]], axis=-1)
    opposite = lengths + dot < 1e-9 * np.maximum(lengths, 1e-300)
    if opposite.any():
        # Half a turn about any axis at right angles.
        helper = np.where(np.abs(start[..., :1]) > np.abs(start[..., 2:]), np.array([0.0, 0, 1]), np.array([1.0, 0, 0]))
        across = np.concatenate([np.cross(start, helper), np.zeros_like(dot)[..., None]], axis=-1)
        quat = np.where(opposite[..., None], across, quat)
    quat = np.where((lengths > 0.0)[..., None], quat, np.array(IDENTITY))
    return normalised(quat)


def slerp(first: Float[Array, "*batch 4"], second: Float[Array, "*batch 4"], part: Array) -> Float[Array, "*batch 4"]:
    """Shortest great-circle way between orientations; ``part`` 0 to 1 broadcasts against the leading shape."""
    dot = np.einsum("...i,...i->...", first, second)
    second = np.where(dot[..., None] < 0.0, -second, second)
    angle = np.arccos(np.clip(np.abs(dot), 0.0, 1.0))
    near = angle < 1e-6
    sine = np.where(near, 1.0, np.sin(angle))
    weight_first = np.where(near, 1.0 - part, np.sin((1.0 - part) * angle) / sine)
    weight_second = np.where(near, part, np.sin(part * angle) / sine)
    return normalised(weight_first[..., None] * first + weight_second[..., None] * second)


def _components(array: Array) -> list[Array]:
    array = np.asarray(array)
    return [array[..., index] for index in range(array.shape[-1])]
