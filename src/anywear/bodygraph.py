"""The body graph: 24 segments, how they hang together, and where they are on a standing body.

One graph serves readers, encoder, simulator and pictures. The segments are the 24 of the SMPL family and map one to one
onto the bones of the CMU skeleton, so motion capture of either kind lands on the same nodes.

Body frame: x forward, y to the wearer's left, z up; the origin is on the ground between the feet; lengths are fractions
of body height. The neutral pose is standing upright, arms hanging, palms to the thighs. Every segment frame equals the
body frame in the neutral pose.

Lengths: Drillis & Contini 1966, as printed in Winter, "Biomechanics and Motor Control of Human Movement", 4th ed., fig. 4.1.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cache

import numpy as np

from ._typing import Array, Float, Int
from .errors import PlacementError, unknown_name


@dataclass(frozen=True)
class Segment:
    """One rigid part of the body.

    Attributes:
        name: such as ``left_forearm``.
        parent: name of the segment it hangs from; None for the pelvis.
        start: proximal end in the body frame, neutral pose, fractions of height.
        end: distal end, likewise.
        radius: half its thickness, fraction of height.
        zero: direction (body frame) that ``around_deg=0`` points to: forward for upright segments, up for those that lie.
        quarter: direction that ``around_deg=90`` points to: the wearer's left, but for the shoulders, which lie along it.
            There it is forward on the left and backward on the right, so that turning the other way mirrors the point.
    """

    name: str
    parent: str | None
    start: tuple[float, float, float]
    end: tuple[float, float, float]
    radius: float
    zero: tuple[float, float, float] = (1.0, 0.0, 0.0)
    quarter: tuple[float, float, float] = (0.0, 1.0, 0.0)

    def surface_point(self, along: float, around_deg: float) -> tuple[Array, Array]:
        """Point on the surface and outward normal there.

        Args:
            along: 0 at the proximal end, 1 at the distal end.
            around_deg: degrees from ``zero`` towards ``quarter``, about the segment's axis.

        Returns:
            Point (3,) in fractions of height and unit normal (3,), body frame, neutral pose.
        """
        start, end = np.asarray(self.start), np.asarray(self.end)
        angle = np.deg2rad(around_deg)
        normal = np.cos(angle) * np.asarray(self.zero) + np.sin(angle) * np.asarray(self.quarter)
        return start + along * (end - start) + self.radius * normal, normal


def _sided(side: str) -> list[Segment]:
    """The eight segments of one side; y is positive on the wearer's left."""
    s = 1.0 if side == "left" else -1.0
    up = (0.0, 0.0, 1.0)
    return [
        Segment(
            f"{side}_shoulder", "chest", (0.0, s * 0.020, 0.810), (0.0, s * 0.129, 0.818), 0.025, up, (s, 0.0, 0.0)
        ),
        Segment(f"{side}_upper_arm", f"{side}_shoulder", (0.0, s * 0.129, 0.818), (0.0, s * 0.129, 0.632), 0.026),
        Segment(f"{side}_forearm", f"{side}_upper_arm", (0.0, s * 0.129, 0.632), (0.0, s * 0.129, 0.486), 0.020),
        Segment(f"{side}_hand", f"{side}_forearm", (0.0, s * 0.129, 0.486), (0.0, s * 0.129, 0.432), 0.014),
        Segment(f"{side}_fingers", f"{side}_hand", (0.0, s * 0.129, 0.432), (0.0, s * 0.129, 0.378), 0.008),
        Segment(f"{side}_thigh", "pelvis", (0.0, s * 0.0955, 0.530), (0.0, s * 0.0955, 0.285), 0.046),
        Segment(f"{side}_shank", f"{side}_thigh", (0.0, s * 0.0955, 0.285), (0.0, s * 0.0955, 0.039), 0.030),
        Segment(f"{side}_foot", f"{side}_shank", (0.0, s * 0.0955, 0.020), (0.080, s * 0.0955, 0.015), 0.018, up),
        Segment(f"{side}_toes", f"{side}_foot", (0.080, s * 0.0955, 0.012), (0.112, s * 0.0955, 0.010), 0.010, up),
    ]


SEGMENTS: dict[str, Segment] = {
    segment.name: segment
    for segment in [
        Segment("pelvis", None, (0.0, 0.0, 0.530), (0.0, 0.0, 0.590), 0.075),
        Segment("abdomen", "pelvis", (0.0, 0.0, 0.590), (0.0, 0.0, 0.660), 0.068),
        Segment("lower_chest", "abdomen", (0.0, 0.0, 0.660), (0.0, 0.0, 0.730), 0.068),
        Segment("chest", "lower_chest", (0.0, 0.0, 0.730), (0.0, 0.0, 0.820), 0.070),
        Segment("neck", "chest", (0.0, 0.0, 0.820), (0.0, 0.0, 0.870), 0.033),
        Segment("head", "neck", (0.0, 0.0, 0.870), (0.0, 0.0, 1.000), 0.045),
        *_sided("left"),
        *_sided("right"),
    ]
}
"""Every segment by name, in the order of its index in arrays and models."""

SEGMENT_NAMES: tuple[str, ...] = tuple(SEGMENTS)
SEGMENT_INDEX: dict[str, int] = {name: index for index, name in enumerate(SEGMENT_NAMES)}


def segment(name: str) -> Segment:
    """The segment of this name. Raises PlacementError with the nearest names when there is none."""
    if name not in SEGMENTS:
        raise unknown_name("body segment", name, SEGMENTS, error=PlacementError)
    return SEGMENTS[name]


def neighbours(name: str) -> tuple[str, ...]:
    """Segments joined to this one: its parent first, then its children."""
    own = segment(name)
    children = [other.name for other in SEGMENTS.values() if other.parent == name]
    return tuple(([own.parent] if own.parent else []) + children)


def mirrored(name: str) -> str:
    """The segment of the other side; a segment of the middle is its own mirror image."""
    segment(name)
    if name.startswith("left_"):
        return "right_" + name[len("left_") :]
    if name.startswith("right_"):
        return "left_" + name[len("right_") :]
    return name


@cache
def _hops() -> Array:
    count = len(SEGMENTS)
    hops = np.zeros((count, count), dtype=np.int64)
    for origin in SEGMENT_NAMES:
        seen = {origin: 0}
        queue = deque([origin])
        while queue:
            here = queue.popleft()
            for other in neighbours(here):
                if other not in seen:
                    seen[other] = seen[here] + 1
                    queue.append(other)
        for other, distance in seen.items():
            hops[SEGMENT_INDEX[origin], SEGMENT_INDEX[other]] = distance
    hops.setflags(write=False)
    return hops


def hop_distances() -> Int[Array, "segments segments"]:
    """Joints between each pair of segments along the body, rows and columns in the order of SEGMENT_NAMES."""
    return _hops()


def joint_positions() -> Float[Array, "segments 3"]:
    """Proximal end of every segment in the body frame, neutral pose, fractions of height."""
    return np.array([s.start for s in SEGMENTS.values()])
