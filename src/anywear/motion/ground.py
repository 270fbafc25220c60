"""Feet on the ground: where a body's soles are, when they stand, and how high a motion must be for them to stand on z = 0."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .._typing import Array, Bool, Float
from ..body import BONE_INDEX, ShapedBody
from ..body import joint_positions as body_joints
from . import quaternion
from .clip import MotionClip
from .joint_names import segments_of

SOLE_M = 0.015  # skin up to here at rest is sole
POINTS_PER_BONE = 40
STILL_MPS = 0.2  # a foot slower than this may stand; in the swing it goes at 2 to 4 m/s
LEAST_FRAMES = 5
STEP_M = 0.04  # contacts this far above the lowest tenth stand on something else
SPEED_OVER_S = 0.05


def ground_offset_m(
    clip: MotionClip, body: ShapedBody, quat: Float[Array, "time bones 4"], root_m: Float[Array, "time 3"], scale: float
) -> tuple[float, str]:
    """How much to raise a motion, and by what this was found.

    The median height of the lowest point of a sole that stands, over contacts within STEP_M of their lowest tenth. Without
    contacts, the ankle's height above the ground is kept as the source has it.

    Args:
        clip: the source; its feet tell when there is contact.
        body: whose soles.
        quat: rotations of the body's bones.
        root_m: positions of its root before it is raised.
        scale: body's legs to source's.
    """
    standing = source_contacts(clip)
    heights = sole_heights_m(body, quat, root_m)
    contact = heights[standing]
    if len(contact) >= LEAST_FRAMES:
        low = contact[contact <= np.percentile(contact, 10) + STEP_M]
        return -float(np.median(low)), f"raised by {-np.median(low):.3f} m: soles on the ground in {len(low)} contacts"
    ankles = [BONE_INDEX["LeftFoot"], BONE_INDEX["RightFoot"]]
    lift = float(body.head_m[ankles, 2].mean()) - scale * _ankle_rest_m(clip)
    return lift, f"raised by {lift:.3f} m: no foot stands, so the ankle's height at rest decides"


def source_contacts(clip: MotionClip) -> Bool[Array, "time 2"]:
    """Frames in which a foot of the source, left and right, keeps still and low."""
    segments = segments_of(clip.skeleton.joints)
    positions = clip.joint_positions_m()
    out = np.zeros((len(clip), 2), dtype=bool)
    for number, side in enumerate(("left", "right")):
        own = [segments[f"{side}_{part}"] for part in ("foot", "toes") if f"{side}_{part}" in segments]
        if own:
            feet = positions[:, [clip.skeleton.index(joint) for joint in own]]
            out[:, number] = (speed_mps(feet, clip.rate_hz) < STILL_MPS).all(axis=1)
    return out


def speed_mps(positions_m: Float[Array, "time points 3"], rate_hz: float) -> Float[Array, "time points"]:
    """Speed by central differences over SPEED_OVER_S, at least one frame to either side."""
    return np.linalg.norm(_velocity_mps(positions_m, rate_hz), axis=-1)


def horizontal_mps(positions_m: Float[Array, "time points 3"], rate_hz: float) -> Float[Array, "time points"]:
    """As `speed_mps`, over the ground alone."""
    return np.linalg.norm(_velocity_mps(positions_m, rate_hz)[..., :2], axis=-1)


def sole_pitch_deg(body: ShapedBody, quat: Float[Array, "time bones 4"]) -> Float[Array, "time 2"]:
    """How far each sole, left and right, is tipped about its own side to side axis; toes down is positive."""
    out = []
    for side in ("Left", "Right"):
        head, tail = body.bone(f"{side}Foot")
        along = (tail - head) * [1.0, 1.0, 0.0]
        turned = quaternion.rotate(quat[:, BONE_INDEX[f"{side}Foot"]], along / np.linalg.norm(along))
        out.append(-np.degrees(np.arcsin(np.clip(turned[:, 2], -1.0, 1.0))))
    return np.stack(out, axis=1)


def _velocity_mps(positions_m: Array, rate_hz: float) -> Array:
    step = max(1, round(SPEED_OVER_S * rate_hz / 2))
    frames = np.arange(len(positions_m))
    before, after = np.maximum(frames - step, 0), np.minimum(frames + step, len(positions_m) - 1)
    return (positions_m[after] - positions_m[before]) * rate_hz / (after - before)[:, None, None]


def sole_heights_m(
    body: ShapedBody, quat: Float[Array, "time bones 4"], root_m: Float[Array, "time 3"]
) -> Float[Array, "time 2"]:
    """Height of the lowest point of each sole, left and right."""
    return np.stack([points[..., 2].min(axis=1) for points in sole_points_m(body, quat, root_m)], axis=1)


def sole_points_m(
    body: ShapedBody, quat: Float[Array, "time bones 4"], root_m: Float[Array, "time 3"]
) -> tuple[Float[Array, "time left 3"], Float[Array, "time right 3"]]:
    """Points of the left and the right sole in the world: the lowest skin of heel, ball and toes."""
    joints = body_joints(body, quat, root_m)
    feet = []
    for side in ("Left", "Right"):
        parts = []
        for name in ("Foot", "ToeBase"):
            bone = BONE_INDEX[f"{side}{name}"]
            parts.append(joints[:, bone, None] + quaternion.rotate(quat[:, bone, None], _sole_m(body, bone)))
        feet.append(np.concatenate(parts, axis=1))
    return feet[0], feet[1]


@lru_cache(maxsize=32)
def _sole_m(body: ShapedBody, bone: int) -> Float[Array, "points 3"]:
    """Points of the sole that a bone of the foot moves, at rest, from the bone's joint."""
    own = body.vertices_m[body.weight_bone[np.arange(len(body.weight)), body.weight.argmax(axis=1)] == bone]
    own = own[own[:, 2] < SOLE_M]
    own = own[np.argsort(own[:, 2])]  # so that the lowest is kept
    return own[:: max(1, len(own) // POINTS_PER_BONE)] - body.head_m[bone]


def _ankle_rest_m(clip: MotionClip) -> float:
    """Height of the ankles over the lowest joint in the source's rest pose."""
    rest = clip.skeleton.rest_positions_m()
    segments = segments_of(clip.skeleton.joints)
    feet = [clip.skeleton.index(segments[f"{side}_foot"]) for side in ("left", "right") if f"{side}_foot" in segments]
    return float(rest[feet, 2].mean() - rest[:, 2].min()) if feet else 0.0
