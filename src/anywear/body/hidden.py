"""Faces no sensor can sit on: the inside of the mouth, the nostrils and the eye sockets. Used when the asset is built.

A face is seen if, from one of many directions, nothing lies before it. The head is looked at as a cloud of points on its
faces: from each direction the foremost point of every small cell hides those behind it.
"""

from __future__ import annotations

import numpy as np

from .._typing import Array, Bool, Float, Int

DIRECTIONS = 64
CELL_M = 0.0035
DEPTH_M = 0.005  # points this little behind the foremost are of the same skin, seen aslant
POINTS_PER_FACE = 100
HEAD_SHARE = 0.85  # of stature: above it lies all that is hollow


def hidden_faces(vertices_m: Float[Array, "vertices 3"], quads: Int[Array, "quads 4"]) -> Bool[Array, " quads"]:
    """Faces of the head that are seen from nowhere outside."""
    low, high = vertices_m[:, 2].min(), vertices_m[:, 2].max()
    corners = vertices_m[quads]
    center = corners.mean(axis=1)
    head = np.flatnonzero(center[:, 2] > low + HEAD_SHARE * (high - low))
    normal = np.cross(corners[head, 2] - corners[head, 0], corners[head, 3] - corners[head, 1])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    side = np.linspace(0.0, 1.0, int(np.sqrt(POINTS_PER_FACE)))
    u, v = (grid.ravel()[:, None] for grid in np.meshgrid(side, side))
    share = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v])[..., 0]
    cloud = np.einsum("ks,qkx->qsx", share, corners[head]).reshape(-1, 3)

    seen = np.zeros(len(head), dtype=bool)
    for direction in _sphere(DIRECTIONS):
        across = np.linalg.svd(direction[None])[2][1:]
        cells, own = (np.floor(points @ across.T / CELL_M).astype(np.int64) for points in (cloud, center[head]))
        first = cells.min(axis=0)
        width = int(np.ptp(cells[:, 1])) + 1
        keys, own_keys = ((c[:, 0] - first[0]) * width + c[:, 1] - first[1] for c in (cells, own))
        front = np.full(int(keys.max()) + 1, -np.inf)
        np.maximum.at(front, keys, cloud @ direction)
        seen |= (center[head] @ direction > front[own_keys] - DEPTH_M) & (normal @ direction > 0.05)
    hidden = np.zeros(len(quads), dtype=bool)
    hidden[head[~seen]] = True
    return hidden


def _sphere(count: int) -> Array:
    """Directions spread evenly over the sphere along a golden spiral."""
    index = np.arange(count) + 0.5
    polar, turn = np.arccos(1 - 2 * index / count), np.pi * (1 + np.sqrt(5)) * index
    return np.stack([np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)], axis=1)
