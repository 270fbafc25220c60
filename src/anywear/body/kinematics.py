"""From bone rotations to bone transforms, with the twist of the hand spread along the forearm.

Everything is in world axes; a bone's rotation is relative to the rest pose, so the identity everywhere is the rest pose.
A rest point p that bone b carries moves to ``R_b (p - head_b) + x_b``, where ``x_b`` is the joint's world position:
``x_b = x_parent + R_parent (head_b - head_parent)``.

The forearm. Turning the palm turns radius about ulna, so the skin near the wrist follows the hand and that near the elbow
does not. The rig has one forearm bone, hence bones are added that turn about its axis a (elbow to wrist) by a share of the
hand's twist: ``R_k = R_forearm rot(a, s_k theta)`` with ``s_k`` = 1/3, 2/3, 1. theta is the twist of ``R_forearm^T R_hand``
about a, ``2 atan2(q_xyz . a, q_w)``, unwrapped over time. A point at fraction f of the forearm gives its forearm weight to
the two bones whose shares enclose f, in linear proportion; so skinning stays linear in the bone transforms.
"""

from __future__ import annotations

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError
from .axes import segment_axes
from .rig import BONE_INDEX, BONE_NAMES, BONE_PARENTS, BONE_SEGMENTS
from .shape import ShapedBody

SIDES = ("Left", "Right")
TWIST_SHARES = (1 / 3, 2 / 3, 1.0)  # a step of 1/3 keeps the blend's shrinking under 2 % at a pronation of 80 degrees

SKIN_BONE_NAMES: tuple[str, ...] = (
    *BONE_NAMES,
    *(f"{side}ForeArmTwist{number}" for side in SIDES for number in range(1, len(TWIST_SHARES) + 1)),
)
"""Bones that move the skin: those of the rig, then the added ones of the forearms."""


def bone_transforms(
    body: ShapedBody,
    quat_world_from_bone: Float[Array, "frames bones 4"],
    root_position_m: Float[Array, "frames 3"],
) -> Float[Array, "frames skin_bones 3 4"]:
    """Forward kinematics: rest to world transforms ``[R | t]`` of every skin bone.

    Args:
        body: the body in its rest pose.
        quat_world_from_bone: xyzw, relative to the rest pose, in the order of BONE_NAMES; need not be normalised.
        root_position_m: world position of the root's joint.

    Returns:
        For a rest point p (world axes, metres): ``p_world = R p + t``. Bones in the order of SKIN_BONE_NAMES.

    Raises:
        UsageError: wrong shapes, values that are not finite, or a quaternion of norm zero.
    """
    quat = _checked(quat_world_from_bone, root_position_m)
    rotation = _matrices(quat)
    joints = _place_joints(body, rotation, np.asarray(root_position_m, dtype=float))
    frames, bones = len(quat), len(BONE_NAMES)
    out = np.empty((frames, len(SKIN_BONE_NAMES), 3, 4))
    out[:, :bones, :, :3] = rotation
    out[:, :bones, :, 3] = joints
    out[:, :bones, :, 3] -= np.einsum("tbij,bj->tbi", rotation, body.head_m)
    row = bones
    for side in SIDES:
        forearm, hand = BONE_INDEX[f"{side}ForeArm"], BONE_INDEX[f"{side}Hand"]
        axis = _forearm_axis(body, side)[1]
        angle = _twist(quat[:, forearm], quat[:, hand], axis)
        for share in TWIST_SHARES:
            turn = share * angle / 2
            local = np.concatenate([np.sin(turn)[:, None] * axis, np.cos(turn)[:, None]], axis=1)
            turned = rotation[:, forearm] @ _matrices(local)
            out[:, row, :, :3] = turned
            out[:, row, :, 3] = joints[:, forearm] - turned @ body.head_m[forearm]
            row += 1
    return out


def joint_positions(
    body: ShapedBody,
    quat_world_from_bone: Float[Array, "frames bones 4"],
    root_position_m: Float[Array, "frames 3"],
) -> Float[Array, "frames bones 3"]:
    """World position (m) of every bone's joint; arguments and errors as in `bone_transforms`."""
    quat = _checked(quat_world_from_bone, root_position_m)
    return _place_joints(body, _matrices(quat), np.asarray(root_position_m, dtype=float))


def spread_twist(
    body: ShapedBody, points_m: Float[Array, "points 3"], bone_weight: Float[Array, "points bones"]
) -> Float[Array, "points skin_bones"]:
    """Weights over the skin bones: the forearm's own share given to its twist bones by place along the forearm.

    Args:
        body: the body in its rest pose.
        points_m: rest positions of the points.
        bone_weight: weights over the 31 bones of the rig; rows sum to 1, as do those returned.
    """
    out = np.zeros((len(points_m), len(SKIN_BONE_NAMES)))
    out[:, : len(BONE_NAMES)] = bone_weight
    rows = np.arange(len(points_m))
    count = len(TWIST_SHARES)
    for number, side in enumerate(SIDES):
        elbow, axis, length = _forearm_axis(body, side)
        place = np.clip((points_m - elbow) @ axis / length, 0.0, 1.0) * count
        lower = np.minimum(place.astype(int), count - 1)
        forearm, first = BONE_INDEX[f"{side}ForeArm"], len(BONE_NAMES) + number * count
        own = out[:, forearm].copy()
        out[:, forearm] = 0.0
        chain = np.array([forearm, *range(first, first + count)])
        out[rows, chain[lower]] += own * (1 - (place - lower))
        out[rows, chain[lower + 1]] += own * (place - lower)
    return out


def rest_pose(frames: int = 1) -> Float[Array, "frames bones 4"]:
    """Quaternions (xyzw) of the rest pose."""
    quat = np.zeros((frames, len(BONE_NAMES), 4))
    quat[..., 3] = 1.0
    return quat


def neutral_pose(body: ShapedBody, frames: int = 1) -> Float[Array, "frames bones 4"]:
    """Quaternions (xyzw) of the neutral pose of `anywear.bodygraph`: upright, arms hanging, palms to the thighs."""
    from scipy.spatial.transform import Rotation

    axes = segment_axes(body)
    neutral = []
    for bone in BONE_NAMES:
        # Knuckles and thumb keep the shape of the resting hand.
        segment = BONE_SEGMENTS[bone].replace("fingers", "hand")
        neutral.append(axes[segment].rest_from_neutral.T)
    return np.tile(Rotation.from_matrix(np.stack(neutral)).as_quat(), (frames, 1, 1))


def _forearm_axis(body: ShapedBody, side: str) -> tuple[Array, Array, float]:
    elbow = body.head_m[BONE_INDEX[f"{side}ForeArm"]]
    along = body.head_m[BONE_INDEX[f"{side}Hand"]] - elbow
    length = float(np.linalg.norm(along))
    return elbow, along / length, length


def _twist(forearm: Array, hand: Array, axis: Array) -> Array:
    """Angle (frames,) of the hand about the forearm's axis, radians, continuous in time."""
    vector, scalar = forearm[:, :3], forearm[:, 3:]
    # q = conj(forearm) * hand; only its scalar part and its part along the axis are wanted.
    relative = scalar * hand[:, :3] - hand[:, 3:] * vector - np.cross(vector, hand[:, :3])
    real = scalar[:, 0] * hand[:, 3] + (vector * hand[:, :3]).sum(axis=1)
    angle = 2 * np.arctan2(relative @ axis, real)
    angle = np.unwrap(angle)
    return angle - 2 * np.pi * np.round(angle[:1] / (2 * np.pi))


def _place_joints(body: ShapedBody, rotation: Array, root: Array) -> Array:
    joints = np.empty((*rotation.shape[:2], 3))
    offsets = body.offsets_m
    for bone, parent in enumerate(BONE_PARENTS):
        joints[:, bone] = root if parent < 0 else joints[:, parent] + rotation[:, parent] @ offsets[bone]
    return joints


def _checked(quat: Array, root: Array) -> Array:
    quat, root = np.asarray(quat, dtype=float), np.asarray(root)
    wanted = (len(root), len(BONE_NAMES), 4)
    if quat.shape != wanted or root.shape != (len(quat), 3):
        raise UsageError(
            "The motion does not fit the rig",
            expected=f"rotations (frames, {len(BONE_NAMES)}, 4) and root (frames, 3)",
            got=f"{quat.shape} and {root.shape}",
        )
    norm = np.linalg.norm(quat, axis=2, keepdims=True)
    turned = np.isfinite(norm[..., 0]) & (norm[..., 0] > 1e-6)
    bad = ~(turned & np.isfinite(root).all(axis=1, keepdims=True))
    if bad.any():
        frame, bone = np.argwhere(bad)[0]
        raise UsageError(
            "A rotation or position of the motion is no number",
            where=f"frame {frame}, bone {BONE_NAMES[bone]}",
            expected="finite values and quaternions that are not zero",
            got=f"{int(bad.any(axis=1).sum())} such frames",
            remedy="Cut these frames out of the motion",
        )
    return quat / norm


def _matrices(quat: Array) -> Array:
    """Rotation matrices (..., 3, 3) of unit quaternions (..., 4), xyzw."""
    x, y, z, w = np.moveaxis(quat, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
