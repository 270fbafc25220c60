"""Moving points over the skin: a device that has slipped lies on the skin all the same.

A slide is walked in short steps. Each step goes straight on in the tangent plane, is set back onto the nearest face that
looks the same way, and its direction is laid into the new tangent plane; for short steps that is a geodesic.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .._typing import Array, Float
from ..body import ShapedBody, SurfacePoints, points_on

STEPS = 8  # a slide of 4 cm in steps of 5 mm
CANDIDATES = 48  # faces looked at around each step; faces are about 1 cm wide


def slide(
    body: ShapedBody, points: SurfacePoints, along_m: Float[Array, " points"], around_m: Float[Array, " points"]
) -> SurfacePoints:
    """The points after a walk over the skin; they count as parts of the segments they came from.

    Args:
        body: the body of the points.
        points: where the walk starts.
        along_m: metres along each point's tangent, that is upwards along its segment.
        around_m: metres along its binormal.
    """
    moving = np.flatnonzero((along_m != 0) | (around_m != 0))
    if not len(moving):
        return points
    frames = points.rest_from_point[moving]
    step = (along_m[moving, None] * frames[:, :, 1] + around_m[moving, None] * frames[:, :, 0]) / STEPS
    length = np.linalg.norm(step, axis=1, keepdims=True)
    place, normal = points.rest_m[moving], frames[:, :, 2]
    face, corner = points.triangle[moving], points.corner_weight[moving]
    for _ in range(STEPS):
        place, face, corner, normal = _nearest(body, place + step, normal)
        step = step - (step * normal).sum(axis=1, keepdims=True) * normal
        step *= length / np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-12)
    faces, corners = points.triangle.copy(), points.corner_weight.copy()
    faces[moving], corners[moving] = face, corner
    return points_on(body, faces, corners, points.segment)


@lru_cache(maxsize=8)
def _faces(body: ShapedBody):
    from scipy.spatial import KDTree

    corners = body.vertices_m[body.triangles]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(cross, axis=1)
    outer = np.flatnonzero(~body.hidden & (area > 1e-12))
    return outer, corners[outer], cross[outer] / area[outer, None], KDTree(corners[outer].mean(axis=1))


def _nearest(body: ShapedBody, place: Array, normal: Array) -> tuple[Array, Array, Array, Array]:
    """Nearest point on a face that does not look away: places, faces, barycentric weights and the faces' normals."""
    outer, corners, normals, tree = _faces(body)
    near = np.asarray(tree.query(place, k=CANDIDATES)[1])
    weights = _closest(corners[near], place[:, None])
    found = np.einsum("nkc,nkcx->nkx", weights, corners[near])
    distance = ((found - place[:, None]) ** 2).sum(axis=2)
    distance[(normals[near] * normal[:, None]).sum(axis=2) < 0.3] += 1.0
    best = np.argmin(distance, axis=1)
    rows = np.arange(len(place))
    index = near[rows, best]
    return found[rows, best], outer[index], weights[rows, best], normals[index]


def _closest(corners: Array, place: Array) -> Array:
    """Barycentric weights of the point of each triangle (..., 3, 3) that is nearest to a place (..., 3)."""
    a, b, c = corners[..., 0, :], corners[..., 1, :], corners[..., 2, :]
    ab, ac, ap = b - a, c - a, place - a
    d00, d01, d11 = (ab * ab).sum(-1), (ab * ac).sum(-1), (ac * ac).sum(-1)
    d20, d21 = (ap * ab).sum(-1), (ap * ac).sum(-1)
    determinant = np.maximum(d00 * d11 - d01 * d01, 1e-30)
    v, w = (d11 * d20 - d01 * d21) / determinant, (d00 * d21 - d01 * d20) / determinant
    inside = (v >= 0) & (w >= 0) & (v + w <= 1)
    options = [np.stack([1 - v - w, v, w], axis=-1)]
    zero = np.zeros_like(v)
    s = np.clip(d20 / d00, 0, 1)
    options.append(np.stack([1 - s, s, zero], axis=-1))
    s = np.clip(d21 / d11, 0, 1)
    options.append(np.stack([1 - s, zero, s], axis=-1))
    bc = c - b
    s = np.clip(((place - b) * bc).sum(-1) / (bc * bc).sum(-1), 0, 1)
    options.append(np.stack([zero, 1 - s, s], axis=-1))
    weights = np.stack(options)
    apart = ((np.einsum("o...c,...cx->o...x", weights, corners) - place) ** 2).sum(-1)
    apart[0][~inside] = np.inf
    best = np.argmin(apart, axis=0)
    return np.take_along_axis(weights, best[None, ..., None], axis=0)[0]
