"""The joint tree of SMPL, which AMASS and HumanML3D share, with stand-in bone lengths.

SMPL's own template is not free to pass on; lengths come from `anywear.bodygraph`, or from the user. Rest pose: arms out to
the sides. File axes at rest: Y up, facing Z, the wearer's left along X.
"""

from __future__ import annotations

import numpy as np

from .._typing import Array, Float
from ..body.smpl import BODY_PARENTS, JOINTS_OF
from ..bodygraph import SEGMENT_INDEX
from .joint_names import segments_of
from .standin import DEFAULT_HEIGHT_M, t_pose

JOINTS = JOINTS_OF["SMPL"]
PARENTS = (*BODY_PARENTS, 20, 21)
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
