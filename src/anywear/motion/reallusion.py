"""The T-pose of Reallusion's CC_Base skeletons, whose BVH offsets are in bone-local frames.

At rest every bone's y axis runs along it and, but for the feet, its z axis points forward (world of the file: Y up, facing
Z, the wearer's left along X). Measured on the T-pose frames of `cmu-iclone`, subject 7, trials 3 to 12: within 16 degrees
for every bone of trunk and limbs; the same in all of them. The other files of that set have no T-pose frame.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .._typing import Array, Float
from . import quaternion
from .joint_names import segments_of

_HALF = float(np.sqrt(0.5))
_UPRIGHT = np.array([0.0, 0.0, 0.0, 1.0])
_LEG = np.array([0.0, 0.0, 1.0, 0.0])  # half a turn about Z: y points down
_FOOT = np.array([0.0, _HALF, _HALF, 0.0])  # y points forward, z up, x to the right
_LEFT_ARM = np.array([0.0, 0.0, -_HALF, _HALF])  # y points to the left
_RIGHT_ARM = np.array([0.0, 0.0, _HALF, _HALF])


def t_pose_quat(joints: Sequence[str], parents: Sequence[int]) -> Float[Array, "joints 4"] | None:
    """World rotations of the T-pose in the file's axes, or None when the skeleton is not a CC_Base one.

    Joints that move no segment of their own (twist bones, fingers, face) stand as their parents do.
    """
    if not any(joint.startswith("CC_Base_") for joint in joints):
        return None
    known = {joint: _of_segment(segment) for segment, joint in segments_of(joints).items()}
    quat = np.tile(np.array(quaternion.IDENTITY), (len(joints), 1))
    for index, (joint, parent) in enumerate(zip(joints, parents, strict=True)):
        if joint in known:
            quat[index] = known[joint]
        elif joint.startswith("CC_Base_") and parent >= 0:
            quat[index] = quat[parent]
    # Above the pelvis the root of some files lies on its back: its z axis is up.
    if joints[0] == "RL_BoneRoot":
        quat[0] = np.array([-_HALF, 0.0, 0.0, _HALF])
    return quat


def _of_segment(segment: str) -> Array:
    if segment.endswith(("foot", "toes")):
        return _FOOT
    if segment.endswith(("thigh", "shank")):
        return _LEG
    if segment.startswith("left_"):
        return _LEFT_ARM
    if segment.startswith("right_"):
        return _RIGHT_ARM
    return _UPRIGHT
