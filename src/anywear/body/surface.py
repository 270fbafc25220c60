"""Points on the skin: where they lie, which bones move them, and the frame a sensor lying flat there would have.

The frame of a point has x to the right, y along the segment and z out of the skin, as a sensor's face has: ``z`` is the
normal n, ``y`` the tangent t (the segment's axis laid into the tangent plane), ``x = y cross z`` the binormal. Along the
segment means upwards in the neutral pose; for feet and toes towards the toes, for shoulders away from the neck.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .._typing import Array, Float, Int
from ..bodygraph import SEGMENT_INDEX, SEGMENT_NAMES, SEGMENTS
from ..errors import PlacementError, UsageError, unknown_name
from .axes import segment_axes
from .kinematics import SKIN_BONE_NAMES, spread_twist
from .polar import nearest_rotation
from .rig import BONE_NAMES, BONE_SEGMENTS
from .shape import ShapedBody

LYING = ("shoulder", "foot", "toes")  # segments whose axis is level: their tangent runs away from the body
MIN_TANGENT = 0.5  # sine of the angle between axis and normal below which the axis gives no direction on the skin


@dataclass(frozen=True, eq=False)
class SurfacePoints:
    """Points on the skin of one body, in its rest pose.

    Attributes:
        rest_m: where they are; x forward, y left, z up.
        segment: index into `anywear.bodygraph.SEGMENT_NAMES`.
        skin_bone: bones of `anywear.body.kinematics.SKIN_BONE_NAMES` that move each point; unused places have weight 0.
        weight: how much; rows sum to 1.
        rest_from_point: binormal, tangent and normal as columns.
        rest_from_neutral: turn of the point's segment from the neutral to the rest pose.
        triangle: face of the mesh each point lies in.
        corner_weight: share of that face's three vertices.
    """

    rest_m: Float[Array, "points 3"]
    segment: Int[Array, " points"]
    skin_bone: Int[Array, "points width"]
    weight: Float[Array, "points width"]
    rest_from_point: Float[Array, "points 3 3"]
    rest_from_neutral: Float[Array, "points 3 3"]
    triangle: Int[Array, " points"]
    corner_weight: Float[Array, "points 3"]

    def __len__(self) -> int:
        return len(self.rest_m)

    def __getitem__(self, rows: slice | Array | Sequence[int]) -> SurfacePoints:
        """Some of the points, in the order asked for."""
        return SurfacePoints(**{name: value[rows] for name, value in vars(self).items()})

    @property
    def normal(self) -> Float[Array, "points 3"]:
        """Outward unit normals, rest pose."""
        return self.rest_from_point[:, :, 2]

    @property
    def tangent(self) -> Float[Array, "points 3"]:
        """Unit vectors along the segment, rest pose."""
        return self.rest_from_point[:, :, 1]

    @property
    def segment_names(self) -> tuple[str, ...]:
        """Name of each point's segment."""
        return tuple(SEGMENT_NAMES[index] for index in self.segment)

    def dense_weight(self) -> Float[Array, "points skin_bones"]:
        """Weights over all skin bones."""
        dense = np.zeros((len(self), len(SKIN_BONE_NAMES)))
        np.add.at(dense, (np.arange(len(self))[:, None], self.skin_bone), self.weight)
        return dense


def joined(*several: SurfacePoints) -> SurfacePoints:
    """All the points in one, in their order."""
    width = max(points.weight.shape[1] for points in several)
    wide = [
        {name: np.pad(value, ((0, 0), (0, width - value.shape[1]))) if name in ("skin_bone", "weight") else value
         for name, value in vars(points).items()}
        for points in several
    ]  # fmt: skip
    return SurfacePoints(**{name: np.concatenate([own[name] for own in wide]) for name in wide[0]})


def points_on(
    body: ShapedBody,
    triangle: Int[Array, " points"],
    corner_weight: Float[Array, "points 3"],
    segment: Int[Array, " points"] | None = None,
) -> SurfacePoints:
    """The points with these barycentric weights in these faces.

    Args:
        body: the body in its rest pose.
        triangle: rows of ``body.triangles``.
        corner_weight: shares of the face's vertices; rows sum to 1.
        segment: what each point counts as a part of; where None, the segment whose bones move it most.
    """
    mesh = _mesh(body)
    corners = body.triangles[triangle]
    rest = np.einsum("nc,ncx->nx", corner_weight, body.vertices_m[corners])
    normal = _unit(np.einsum("nc,ncx->nx", corner_weight, mesh.normals[corners]))
    bones = np.einsum("nc,ncb->nb", corner_weight, mesh.bone_weight[corners])
    owner = np.argmax(bones @ _SEGMENT_OF_BONE, axis=1) if segment is None else segment
    dense = spread_twist(body, rest, bones)
    width = max(int((dense > 0).sum(axis=1).max(initial=0)), 1)
    order = np.argsort(-dense, axis=1, kind="stable")[:, :width]
    weight = np.take_along_axis(dense, order, axis=1)
    frames, neutral = _frames(body, rest, normal, owner)
    return SurfacePoints(
        rest_m=rest,
        segment=owner,
        skin_bone=np.where(weight > 0, order, 0),
        weight=weight / weight.sum(axis=1, keepdims=True),
        rest_from_point=frames,
        rest_from_neutral=neutral,
        triangle=triangle,
        corner_weight=corner_weight,
    )


def sample_surface(
    body: ShapedBody, count: int, rng: np.random.Generator, segments: Sequence[str] | None = None
) -> SurfacePoints:
    """Points spread evenly over the outer skin, by area; the inside of mouth and eye sockets is left out.

    Args:
        body: the body in its rest pose.
        count: how many points.
        rng: the same state gives the same points.
        segments: only faces of these segments; all when None.

    Raises:
        PlacementError: a segment does not exist.
        UsageError: the count is not positive.
    """
    if count < 1:
        raise UsageError("Points on the body are counted from 1", got=str(count))
    mesh = _mesh(body)
    area = np.where(body.hidden, 0.0, mesh.area)
    if segments is not None:
        for name in segments:
            if name not in SEGMENT_INDEX:
                raise unknown_name("body segment", name, SEGMENT_INDEX, error=PlacementError)
        area[~np.isin(mesh.face_segment, [SEGMENT_INDEX[name] for name in segments])] = 0.0
    edges = np.cumsum(area)
    faces = np.searchsorted(edges, rng.random(count) * edges[-1], side="right")
    faces = np.minimum(faces, np.flatnonzero(area)[-1])
    root, split = np.sqrt(rng.random(count)), rng.random(count)
    return points_on(body, faces, np.stack([1 - root, root * (1 - split), root * split], axis=1))


def face_segments(body: ShapedBody) -> Int[Array, " triangles"]:
    """Segment each face belongs to, as index into `anywear.bodygraph.SEGMENT_NAMES`."""
    return _mesh(body).face_segment


def skin(
    points: SurfacePoints, transforms: Float[Array, "frames skin_bones 3 4"], *, block_points: int = 256
) -> Float[Array, "frames points 3"]:
    """World positions (m) of the points under linear blend skinning.

    Args:
        points: points on the body that the transforms were made for.
        transforms: from `anywear.body.kinematics.bone_transforms`.
        block_points: points blended at a time; bounds the memory used besides the result.
    """
    out = np.empty((len(transforms), len(points), 3))
    for rows, positions in skin_blocks(points, transforms, block_points=block_points):
        out[:, rows] = positions
    return out


def skin_blocks(
    points: SurfacePoints, transforms: Float[Array, "frames skin_bones 3 4"], *, block_points: int = 256
) -> Iterator[tuple[slice, Array]]:
    """As `skin`, a block of points at a time, so that the whole trajectory never exists: rows and positions (m)."""
    matrix = blend_matrix(points)
    frames, bones = transforms.shape[:2]
    # (bones * 4, frames * 3): the four columns of a transform meet the point's coordinates and 1.
    columns = transforms.transpose(1, 3, 0, 2).reshape(bones * 4, frames * 3)
    for start in range(0, len(points), block_points):
        rows = slice(start, min(start + block_points, len(points)))
        yield rows, (matrix[rows] @ columns).reshape(-1, frames, 3).transpose(1, 0, 2)


def blend_matrix(points: SurfacePoints):
    """Linear blend skinning as a sparse matrix (points, skin_bones * 4): row n holds ``w_b [x, y, z, 1]`` for each bone b.

    Times the transforms ordered (skin_bones * 4, anything), it gives positions; so a filter or a derivative of the
    transforms, blended, is that of the point.
    """
    from scipy.sparse import csr_matrix

    count, width = points.weight.shape
    homogeneous = np.concatenate([points.rest_m, np.ones((count, 1))], axis=1)
    values = points.weight[:, :, None] * homogeneous[:, None, :]
    columns = points.skin_bone[:, :, None] * 4 + np.arange(4)
    rows = np.repeat(np.arange(count), width * 4)
    shape = (count, len(SKIN_BONE_NAMES) * 4)
    return csr_matrix((values.ravel(), (rows, columns.ravel())), shape=shape)


def rotations(
    points: SurfacePoints, transforms: Float[Array, "frames skin_bones 3 4"]
) -> Float[Array, "frames points 3 3"]:
    """How far the skin at each point has turned since the rest pose: the rotation nearest to the blended one."""
    count = len(points)
    turn = transforms[:, :, :, :3].transpose(1, 0, 2, 3).reshape(transforms.shape[1], -1)
    blended = (points.dense_weight() @ turn).reshape(count, len(transforms), 3, 3)
    mixed = points.weight[:, 0] < 1 - 1e-12  # a single bone's turn is a rotation already
    blended[mixed] = nearest_rotation(blended[mixed])
    return np.ascontiguousarray(blended.transpose(1, 0, 2, 3))


def world_frames(
    points: SurfacePoints, transforms: Float[Array, "frames skin_bones 3 4"]
) -> Float[Array, "frames points 3 3"]:
    """Binormal, tangent and normal of each point in the world, as columns."""
    return rotations(points, transforms) @ points.rest_from_point


@dataclass(frozen=True, eq=False)
class _Mesh:
    normals: Array  # per vertex, weighted by the area of the faces around
    area: Array  # per face, m2
    bone_weight: Array  # (vertices, 31)
    face_segment: Array


_SEGMENT_OF_BONE = np.zeros((len(BONE_NAMES), len(SEGMENT_NAMES)))
for _index, _bone in enumerate(BONE_NAMES):
    _SEGMENT_OF_BONE[_index, SEGMENT_INDEX[BONE_SEGMENTS[_bone]]] = 1.0


@lru_cache(maxsize=8)
def _mesh(body: ShapedBody) -> _Mesh:
    corners = body.vertices_m[body.triangles]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(body.vertices_m)
    for corner in range(3):
        np.add.at(normals, body.triangles[:, corner], cross)
    weight = np.zeros((len(body.vertices_m), len(BONE_NAMES)))
    np.add.at(weight, (np.arange(len(weight))[:, None], body.weight_bone), body.weight)
    of_face = weight[body.triangles].sum(axis=1) @ _SEGMENT_OF_BONE
    return _Mesh(_unit(normals), np.linalg.norm(cross, axis=1) / 2, weight, np.argmax(of_face, axis=1))


def _frames(body: ShapedBody, rest: Array, normal: Array, segment: Array) -> tuple[Array, Array]:
    axes = segment_axes(body)
    frames, neutral = np.empty((len(rest), 3, 3)), np.empty((len(rest), 3, 3))
    for index in np.unique(segment):
        name = SEGMENT_NAMES[index]
        axis, own = axes[name], segment == index
        # Upwards in the neutral pose: at rest an arm may lie level.
        rises = SEGMENTS[name].end[2] > SEGMENTS[name].start[2]
        out = axis.direction if name.endswith(LYING) or rises else -axis.direction
        neutral[own] = axis.rest_from_neutral
        if axis.roll_rad:
            along = (rest[own] - axis.start) @ axis.direction / np.linalg.norm(axis.end - axis.start)
            neutral[own] = np.stack([axis.frame(float(a)) for a in np.clip(along, 0, 1)])
        tangent = out - (normal[own] @ out)[:, None] * normal[own]
        # On a crown or a heel the axis stands on the skin: there the front of the segment shows the way.
        spare = neutral[own][:, :, 2 if name.endswith(LYING) else 0]
        spare = spare - (spare * normal[own]).sum(axis=1, keepdims=True) * normal[own]
        tangent = np.where(np.linalg.norm(tangent, axis=1, keepdims=True) < MIN_TANGENT, spare, tangent)
        tangent = _unit(tangent)
        frames[own] = np.stack([np.cross(tangent, normal[own]), tangent, normal[own]], axis=2)
    return frames, neutral


def _unit(vectors: Array) -> Array:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
