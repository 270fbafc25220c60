"""The joint tree of SMPL, which AMASS and HumanML3D share, with stand-in bone lengths.

SMPL's own template is not free to pass on; lengths come from `anywear.bodygraph`, or from the user. Rest pose: arms out to
the sides. File axes at rest: Y up, facing Z, the wearer's left along X.
"""

from __future__ import annotations

import numpy as np

from .._typing import Array, Float
from ..bodygraph import SEGMENT_INDEX
from .joint_names import segments_of
from .standin import DEFAULT_HEIGHT_M, t_pose

JOINTS = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
    "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hand", "right_hand",
)  # fmt: skip
PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)
BODY_JOINTS = 22  # without the hands' own joints, as in SMPL-H and HumanML3D


def rest_joints_m(count: int = BODY_JOINTS, height_m: float = DEFAULT_HEIGHT_M) -> Float[Array, "joints 3"]:
    """Stand-in joint positions of the T-pose in SMPL's axes, metres, the pelvis at the origin."""
    starts, _ = t_pose()
    segments = segments_of(JOINTS)
    at = {joint: starts[segment] for segment, joint in segments.items()}
    assert len(segments) == len(SEGMENT_INDEX)
    positions = np.array([at[joint] for joint in JOINTS[:count]])
    # Body frame (forward, left, up) to (left, up, forward).
    return height_m * (positions - positions[0])[:, [1, 2, 0]]


def offsets_of(rest: Float[Array, "joints 3"]) -> Float[Array, "joints 3"]:
    """Offsets from parents of joint positions at rest."""
    offsets = rest - rest[np.maximum(PARENTS[: len(rest)], 0)]
    offsets[0] = 0.0
    return offsets
