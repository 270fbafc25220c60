"""A stand-in skeleton for files that hold rotations but no bone lengths: the proportions of `anywear.bodygraph`."""

from __future__ import annotations

import numpy as np

from .._typing import Array, Float
from ..bodygraph import SEGMENTS

DEFAULT_HEIGHT_M = 1.75
HEIGHT_RANGE_M = (1.40, 2.10)
CMU_ROOT_HEIGHT = 0.58  # fractions of height; the root of CMU's skeletons lies above the hip joints


def t_pose() -> tuple[dict[str, Array], dict[str, Array]]:
    """Start and end of every segment, standing with the arms out to the sides, fractions of height, body frame."""
    starts = {name: np.array(segment.start) for name, segment in SEGMENTS.items()}
    ends = {name: np.array(segment.end) for name, segment in SEGMENTS.items()}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        shoulder = starts[f"{side}_upper_arm"].copy()
        for part in ("upper_arm", "forearm", "hand", "fingers"):
            for points in (starts, ends):
                down = shoulder - points[f"{side}_{part}"]
                points[f"{side}_{part}"] = shoulder + np.array([0.0, sign * down[2], 0.0])
        starts[f"{side}_foot"] = ends[f"{side}_shank"].copy()  # the ankle, not the heel
        ends[f"{side}_foot"] = starts[f"{side}_toes"].copy()
    return starts, ends


def height_from_ground(
    root_height_m: Float[Array, " time"], lowest_below_root: Float[Array, " time"]
) -> tuple[float, bool]:
    """Body height that puts the lower foot on the ground in the middle frame.

    Args:
        root_height_m: of the root above the ground.
        lowest_below_root: how far below the root the lowest joint is, fractions of height.

    Returns:
        Height in metres, and whether it was found: the default height is given where the answer is not a human one.
    """
    height = float(np.median(root_height_m / np.maximum(lowest_below_root, 1e-6)))
    found = HEIGHT_RANGE_M[0] <= height <= HEIGHT_RANGE_M[1]
    return (height if found else DEFAULT_HEIGHT_M), found
