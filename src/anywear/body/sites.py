"""From a placement (segment, along, around) to the point on a body's skin.

A ray leaves the segment's axis at ``along`` in the direction of ``around_deg``; the skin of the segment is where it leaves
the body. Folds are passed: the last face of the segment that the ray meets counts. Where the segment has no skin in that
direction, as high on the thigh, the first face of a neighbouring segment does. Where neither has, as inside the groin, the
point slides along the axis to the nearest place with skin, by at most MAX_SLIDE; after that, one segment further is let.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .._typing import Array
from ..bodygraph import SEGMENT_INDEX, hop_distances, segment
from ..errors import PlacementError
from ..placement import SITES, Placement
from .axes import OPEN_ENDS, SegmentAxis, segment_axes
from .shape import ShapedBody
from .surface import SurfacePoints, face_segments, points_on

FINGER_OF_SITE = {"ring": 4, "index_finger": 2}  # others on the fingers lie on the middle one

MAX_SLIDE = 0.35  # fraction of the axis: from the groin or the armpit to where the limb is free


def place(body: ShapedBody, placements: Placement | str | Sequence[Placement | str]) -> SurfacePoints:
    """The points of these placements on this body, one row each; their segment is the placement's.

    Args:
        body: the body in its rest pose.
        placements: placements or names of sites, one or several.

    Raises:
        PlacementError: a site does not exist, a placement is unknown, or its ray meets no skin.

    Example:
        >>> from anywear.body import shape_body
        >>> place(shape_body(), ["left_wrist", "chest"]).segment_names
        ('left_forearm', 'chest')
    """
    several = [placements] if isinstance(placements, Placement | str) else list(placements)
    axes, owner = segment_axes(body), face_segments(body)
    wanted = [Placement.at(p) if isinstance(p, str) else p for p in several]
    hits = [_hit(body, axes, owner, where) for where in wanted]
    faces = np.array([face for face, _ in hits], dtype=np.int64)
    corners = np.array([weights for _, weights in hits], dtype=float).reshape(-1, 3)
    worn_on = np.array([SEGMENT_INDEX[where.segment] for where in wanted if where.segment], dtype=np.int64)
    return points_on(body, faces, corners, worn_on)


def all_sites(body: ShapedBody) -> tuple[tuple[str, ...], SurfacePoints]:
    """Every named site of `anywear.placement` and its point."""
    names = tuple(SITES)
    return names, place(body, names)


def placements_of(body: ShapedBody, points: SurfacePoints) -> tuple[Placement, ...]:
    """The placement of every point: how far along its segment, how far around; `place` leads back to it or near it.

    Example:
        >>> from anywear.body import shape_body
        >>> body = shape_body()
        >>> round(placements_of(body, place(body, "left_wrist"))[0].along, 2)
        0.92
    """
    axes = segment_axes(body)
    out = []
    for row, name in enumerate(points.segment_names):
        axis, graph = axes[name], segment(name)
        offset = points.rest_m[row] - axis.start
        along = float(np.clip(offset @ axis.direction / np.linalg.norm(axis.end - axis.start), 0.0, 1.0))
        neutral = axis.frame(along).T @ (points.rest_m[row] - axis.start - along * (axis.end - axis.start))
        around = np.rad2deg(np.arctan2(neutral @ np.asarray(graph.quarter), neutral @ np.asarray(graph.zero)))
        out.append(Placement(name, along, float(around % 360.0)))
    return tuple(out)


def _hit(body: ShapedBody, axes: dict[str, SegmentAxis], owner: Array, where: Placement) -> tuple[int, Array]:
    if where.segment is None:
        raise PlacementError("An unknown placement has no point on the body", remedy="Name a site")
    hops = hop_distances()[SEGMENT_INDEX[where.segment]]
    steps = np.arange(0.0, MAX_SLIDE + 1e-9, 0.05)
    for reach in (1, 2):
        for along in (where.along + sign * step for step in steps for sign in (1, -1)):
            if not 0.0 <= along <= 1.0:
                continue
            faces, weights, distance = cast_ray(body, *_ray(axes, where, along))
            away = hops[owner[faces]]
            if (away == 0).any():
                best = int(np.flatnonzero(away == 0)[np.argmax(distance[away == 0])])
            elif (away <= reach).any():
                best = int(np.flatnonzero(away <= reach)[np.argmin(distance[away <= reach])])
            else:
                continue
            return int(faces[best]), weights[best]
    raise PlacementError(
        "There is no skin at this place",
        where=f"{where.segment}, along {where.along:g}, around {where.around_deg:g} degrees",
        remedy="Move it along the segment, or use a named site",
    )


def _ray(axes: dict[str, SegmentAxis], where: Placement, along: float) -> tuple[Array, Array]:
    assert where.segment is not None
    name, graph = where.segment, segment(where.segment)
    if name.endswith("_fingers"):
        site = (where.site or "").partition("_")[2]
        name = f"{name.partition('_')[0]}_finger_{FINGER_OF_SITE.get(site, 3)}"
    axis = axes[name]
    if OPEN_ENDS.get(where.segment) == along:
        out = np.asarray(graph.end) - np.asarray(graph.start)  # straight back, though feet point outward a little
        return (axis.start + axis.end) / 2, out if along == 1.0 else -out
    angle = np.deg2rad(where.around_deg)
    neutral = np.cos(angle) * np.asarray(graph.zero) + np.sin(angle) * np.asarray(graph.quarter)
    return axis.start + along * (axis.end - axis.start), axis.frame(along) @ neutral


def cast_ray(body: ShapedBody, origin: Array, direction: Array) -> tuple[Array, Array, Array]:
    """Faces that a ray meets from inside, with barycentric weights (hits, 3) and distances (hits,) in units of direction.

    Source: Moller & Trumbore, "Fast, minimum storage ray/triangle intersection", J. Graphics Tools 2 (1997).
    """
    a, b, c = np.moveaxis(body.vertices_m[body.triangles], 1, 0)
    edge, other = b - a, c - a
    cross = np.cross(direction, other)
    determinant = (edge * cross).sum(axis=1)
    leaving = determinant < -1e-14  # faces are counter-clockwise from outside; a ray that leaves sees them from behind
    inverse = np.zeros_like(determinant)
    inverse[leaving] = 1 / determinant[leaving]
    to_origin = origin - a
    u = (to_origin * cross).sum(axis=1) * inverse
    around = np.cross(to_origin, edge)
    v = (around @ direction) * inverse
    distance = (other * around).sum(axis=1) * inverse
    hit = np.flatnonzero(leaving & (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (distance > 0))
    u, v = np.clip(u[hit], 0, 1), np.clip(v[hit], 0, 1)
    return hit, np.stack([1 - u - v, u, v], axis=1), distance[hit]
