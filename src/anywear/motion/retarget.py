"""Motion of one skeleton brought onto the rig of a body: every bone turns as its source joint does.

A bone's world rotation is its source joint's times a rotation that never changes. That constant comes from two rest poses,
each set against the neutral pose of `anywear.bodygraph` (arms hanging, palms to the thighs): with ``N`` the turn of a
segment from neutral to rest,

    R_bone(t) = R_joint(t) N_source N_body^T.

``N`` of a limb takes straight down to the bone's direction at rest without turning it about itself, outwards from the
trunk: upper arm, then forearm, then hand. So a T-pose has its palms down and its elbows bend forward, as drawn in all rigs
that are known here. Where index and little finger have joints, the palm is where they say. Trunk, neck, head and collar
bones are upright in every standing rest pose, however a skeleton's bones are drawn; feet are flat, and turned as they point.

Angular velocities, therefore, are those of the source, in axes turned by a constant. Only lengths are the body's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from .._typing import Array, Float
from ..body import (
    BONE_INDEX,
    BONE_NAMES,
    BONE_PARENTS,
    BONE_SEGMENTS,
    SEGMENT_BONES,
    ShapedBody,
    segment_axes,
    shape_body,
)
from ..body.axes import shortest_turn
from ..bodygraph import SEGMENTS
from ..recording import Note
from . import quaternion
from .body_motion import BodyMotion
from .clip import MotionClip, Skeleton
from .ground import LEAST_FRAMES, ground_offset_m, source_contacts
from .joint_names import knuckles_of, require_segments

SAME_REST_DEG = 2.0  # limbs this near to the body's own rest pose are in it
BENT_DEG = 12.0  # an elbow bent further shows its axis, if the file has but one
FAR_BENT_DEG = 30.0  # and here also if it turns freely
EXACT_SCATTER_DEG = 1.0
LEAST_TURN_DEG = 0.5  # less is not corrected
HINGE_SHARE_OF_FRAMES = 0.02
HINGE_SCATTER_DEG = 15.0  # bending that scatters more is not about one axis
HINGE_OFF_DEG = 60.0  # no rest pose is turned further; it is another joint then
FOOT_SLOPE_DEG = 12.0
STANDING_TIP_DEG = 35.0
SHORTEST_BONE_M = 0.02  # what is shorter says nothing about a direction
DOWN = np.array([0.0, 0.0, -1.0])
LIMBS = (
    ("upper_arm", None), ("forearm", "upper_arm"), ("hand", "forearm"), ("thigh", None), ("shank", "thigh"),
)  # fmt: skip
"""Parts of a limb whose direction is that of the source's bone, and the part each hangs from."""
NEXT = {"upper_arm": "forearm", "forearm": "hand", "hand": "fingers", "thigh": "shank", "shank": "foot", "foot": "toes"}
SPINES = (("Hips", "LowerBack", "Spine", "Spine1"), ("Spine1", "Neck", "Neck1", "Head"))


@dataclass(frozen=True, eq=False)
class Retargeting:
    """Which joint drives which bone, and how it is turned: what is constant over a clip.

    Attributes:
        joints: index of the source joint of every bone, in the order of `anywear.body.BONE_NAMES`; -1 for bones without.
        quat_align: (31, 4) xyzw; a driven bone's rotation is its joint's times this.
        quat_neutral: (31, 4) xyzw; each bone's turn from the neutral to the body's rest pose.
        source_bones: segment to its bone at the source's rest, metres; absent where the chain ends.
        body_leg_m: hip to ankle, along the bones.
        scale: metres of the body per metre of the source: their legs.
        own_rest: the source's rest pose is the body's own.
        named_by_segment: joints are named as segments are, so their axes are what `anywear.bodygraph` says.
    """

    joints: tuple[int, ...]
    quat_align: Float[Array, "bones 4"]
    quat_neutral: Float[Array, "bones 4"]
    source_bones: dict[str, Array]
    body_leg_m: float
    scale: float
    own_rest: bool
    named_by_segment: bool

    @property
    def driven(self) -> tuple[str, ...]:
        """Names of the bones that have a joint of their own."""
        return tuple(bone for bone, joint in zip(BONE_NAMES, self.joints, strict=True) if joint >= 0)


def retarget(clip: MotionClip, body: ShapedBody | None = None) -> BodyMotion:
    """The clip's motion on a body.

    Segments without a joint follow: the bend between two joints of the spine is shared out over the bones between them,
    everything else keeps its neutral relation to what it hangs from. Positions scale with the length of the legs, so that
    feet keep step with the ground; one constant height puts the soles that stand onto z = 0.

    Args:
        clip: any motion whose joints can be named; faults are not refused here, see `anywear.motion.find_faults`.
        body: whose rig; by default `shape_body()`.

    Raises:
        FormatError: segments without which there is no motion of a body have no joint; names them.

    Example:
        >>> from anywear.motion import read_motion
        >>> motion = retarget(read_motion("walk.bvh"))  # doctest: +SKIP
    """
    body = shape_body() if body is None else body
    plan, seen = _fitted(clip, plan_retargeting(clip.skeleton, body, where=clip.source or clip.name), body)
    quat = np.empty((len(clip), len(BONE_NAMES), 4))
    for bone, joint in enumerate(plan.joints):
        if joint >= 0:
            quat[:, bone] = quaternion.multiply(clip.quat_world_from_joint[:, joint], plan.quat_align[bone])
    followed = _spread_spine(quat, plan) | {bone for bone, joint in enumerate(plan.joints) if joint >= 0}
    for bone, parent in enumerate(BONE_PARENTS):
        if bone not in followed:
            neutral = plan.quat_neutral
            carried = quaternion.multiply(neutral[parent], quaternion.inverse(neutral[bone]))
            quat[:, bone] = quaternion.multiply(quat[:, parent], carried)
    root = _root(clip, body, plan, quat)
    lift_m, how = ground_offset_m(clip, body, quat, root, plan.scale)
    root = root + np.array([0.0, 0.0, lift_m])
    unseen, notes = _told(clip, plan)
    notes += seen
    notes.append(Note("converted", f"positions times {plan.scale:.4f}, body's legs to source's; {how}"))
    return BodyMotion(
        body, clip.rate_hz, quat, root, name=clip.name, unobservable_twist=unseen, captions=clip.captions,
        source=clip.source, licence=clip.licence, notes=(*clip.notes, *notes),
    )  # fmt: skip


def plan_retargeting(skeleton: Skeleton, body: ShapedBody, *, where: str = "") -> Retargeting:
    """Joints of the bones, and the rotations between them, from the two rest poses.

    Raises:
        FormatError: as `retarget`.
    """
    segments = require_segments(skeleton.joints, where=where)
    index = {segment: skeleton.index(joint) for segment, joint in segments.items()}
    own_names = set(BONE_NAMES) <= set(skeleton.joints)
    if own_names:  # the body's own rig: bone by bone
        index = {segment: skeleton.index(bone) for segment, bone in SEGMENT_BONES.items()}
    if "head" not in index and "neck" in index:
        index["head"] = index.pop("neck")  # the one joint between chest and crown moves the head
    own = neutral_turns(body)
    ends = {segment: _bone(skeleton, index, segment) for segment in index}
    own_rest = _same_rest(body, ends)
    turns = {segment: own[segment] for segment in index} if own_rest else _source_turns(skeleton, index, ends)
    joints, align = [], np.tile(np.array(quaternion.IDENTITY), (len(BONE_NAMES), 1))
    rigid = np.stack([own[_carrier(bone)] for bone in BONE_NAMES])
    for number, bone in enumerate(BONE_NAMES):
        segment = BONE_SEGMENTS[bone]
        # A thumb keeps to the hand, and the neck's second bone is between the first and the head.
        drives = own_names or (segment in index and not bone.endswith("Thumb") and bone != "Neck1")
        joints.append(skeleton.index(bone) if own_names else index[segment] if drives else -1)
        if drives:
            align[number] = quaternion.from_matrix(turns[segment] @ rigid[number].T)
    leg_m = _leg_m(body)
    return Retargeting(
        joints=tuple(joints),
        quat_align=align,
        quat_neutral=quaternion.from_matrix(rigid),
        source_bones={segment: along for segment, along in ends.items() if along is not None},
        body_leg_m=leg_m,
        scale=leg_m / _source_leg_m(skeleton, index),
        own_rest=own_rest,
        named_by_segment=all(segment == joint for segment, joint in segments.items()),
    )


def limb_bones() -> dict[str, str]:
    """Bones of the limbs whose direction is the source's, and their segments."""
    segments = [f"{side}_{part}" for side in ("left", "right") for part, _ in LIMBS]
    return {SEGMENT_BONES[segment]: segment for segment in segments}


@lru_cache(maxsize=8)
def neutral_turns(body: ShapedBody) -> Mapping[str, Array]:
    """Turn (3, 3) of every segment from the neutral pose to the body's rest pose.

    Fingers keep the shape of the hand. Collar bones do not turn: to lay them along the lines of `anywear.bodygraph`, which
    rise to the side, would shrug the shoulders.
    """
    axes = segment_axes(body)
    turns = {segment: axes[segment.replace("fingers", "hand")].rest_from_neutral for segment in SEGMENTS}
    return MappingProxyType(turns | {f"{side}_shoulder": np.eye(3) for side in ("left", "right")})


def _carrier(bone: str) -> str:
    return BONE_SEGMENTS[bone].replace("fingers", "hand")


def _source_turns(skeleton: Skeleton, index: dict[str, int], ends: dict[str, Array | None]) -> dict[str, Array]:
    """Turn (3, 3) of every segment that has a joint, from the neutral pose to the source's rest pose."""
    turns = {segment: np.eye(3) for segment in index}
    for side in ("left", "right"):
        for part, above in LIMBS:
            segment = f"{side}_{part}"
            if segment not in index:
                continue
            carried = turns.get(f"{side}_{above}", np.eye(3))
            along = ends[segment]
            turns[segment] = carried if along is None else shortest_turn(carried @ DOWN, along) @ carried
        hand = f"{side}_hand"
        if hand in index:
            turns[hand] = _palm_turn(skeleton, index, side, turns[hand])
            turns[f"{side}_fingers"] = turns[hand]
        for part, otherwise in (("foot", np.eye(3)), ("toes", turns.get(f"{side}_foot", np.eye(3)))):
            segment = f"{side}_{part}"
            if segment in index:
                along = ends[segment]
                level = along is not None and np.hypot(along[0], along[1]) > SHORTEST_BONE_M
                turns[segment] = _yaw(along) if along is not None and level else otherwise
    return turns


def _palm_turn(skeleton: Skeleton, index: dict[str, int], side: str, turn: Array) -> Array:
    """The hand's turn, made to agree with the line of knuckles where the skeleton has them."""
    knuckles = knuckles_of(skeleton.joints, side)
    if knuckles is None:
        return turn
    rest = skeleton.rest_positions_m()
    toward_thumb = rest[skeleton.index(knuckles[0])] - rest[skeleton.index(knuckles[1])]
    along = turn @ DOWN
    toward_thumb = toward_thumb - (toward_thumb @ along) * along
    if np.linalg.norm(toward_thumb) < SHORTEST_BONE_M:
        return turn
    forward = toward_thumb / np.linalg.norm(toward_thumb)
    return np.stack([forward, np.cross(-along, forward), -along], axis=1)


def _bone(skeleton: Skeleton, index: dict[str, int], segment: str) -> Array | None:
    """The bone at rest: from a segment's joint to the next joint that is fixed to it; None where the chain ends."""
    joint, part = index[segment], segment.removeprefix("left_").removeprefix("right_")
    side = segment[: len(segment) - len(part)]
    following = index.get(side + NEXT.get(part, ""))
    rest = skeleton.rest_positions_m()
    if following is not None and joint in (chain := _ancestors(skeleton, following)):
        # Joints on the way may turn (the wrist of ASF turns about the forearm): the first that is far enough is fixed.
        way = [*reversed(chain[: chain.index(joint)]), following]
        total = np.linalg.norm(rest[following] - rest[joint])
        for step in way:
            if np.linalg.norm(rest[step] - rest[joint]) >= max(total / 2, SHORTEST_BONE_M):
                return rest[step] - rest[joint]
    children = skeleton.children(joint)
    if not children:
        return None
    longest = max((rest[child] - rest[joint] for child in children), key=lambda v: float(np.linalg.norm(v)))
    return longest if np.linalg.norm(longest) >= SHORTEST_BONE_M else None


def _ancestors(skeleton: Skeleton, joint: int) -> list[int]:
    """Joints from the parent to the root."""
    chain = []
    while (joint := skeleton.parents[joint]) >= 0:
        chain.append(joint)
    return chain


def _same_rest(body: ShapedBody, ends: dict[str, Array | None]) -> bool:
    """Whether upper arms, forearms, thighs and shanks all point as the body's do at rest."""
    for side in ("left", "right"):
        for part, _ in LIMBS:
            along = ends.get(f"{side}_{part}")
            if part == "hand" or along is None:
                continue
            head, tail = body.bone(SEGMENT_BONES[f"{side}_{part}"])
            cosine = (tail - head) @ along / np.linalg.norm(tail - head) / np.linalg.norm(along)
            if cosine < np.cos(np.deg2rad(SAME_REST_DEG)):
                return False
    return True


def _yaw(direction: Array) -> Array:
    length = np.hypot(direction[0], direction[1])
    cos, sin = direction[0] / length, direction[1] / length
    return np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])


def _leg_m(body: ShapedBody) -> float:
    """Hip to ankle along the bones, mean of both sides."""
    chains = [
        [body.head_m[BONE_INDEX[f"{side}{part}"]] for part in ("UpLeg", "Leg", "Foot")] for side in ("Left", "Right")
    ]
    return float(np.mean([np.linalg.norm(np.diff(chain, axis=0), axis=1).sum() for chain in chains]))


def _source_leg_m(skeleton: Skeleton, index: dict[str, int]) -> float:
    rest = skeleton.rest_positions_m()
    lengths = []
    for side in ("left", "right"):
        hip, knee = rest[index[f"{side}_thigh"]], rest[index[f"{side}_shank"]]
        thigh = float(np.linalg.norm(knee - hip))
        shank = _bone(skeleton, index, f"{side}_shank")
        foot = index.get(f"{side}_foot")
        if foot is not None:
            shank = rest[foot] - knee
        lengths.append(thigh + (thigh if shank is None else float(np.linalg.norm(shank))))
    return float(np.mean(lengths))


def _fitted(clip: MotionClip, plan: Retargeting, body: ShapedBody) -> tuple[Retargeting, list[Note]]:
    """The plan, with what the rest pose leaves open taken from the motion: axes of the elbows, slope of the feet."""
    if plan.own_rest or plan.named_by_segment:
        return plan, []
    align, notes = plan.quat_align.copy(), []

    def turned(part: str, side: str, turn: Array) -> None:
        bone = BONE_INDEX[f"{side}{part}"]
        neutral = plan.quat_neutral[bone]
        # N_source becomes N_source turn.
        back = quaternion.multiply(quaternion.multiply(neutral, turn), quaternion.inverse(neutral))
        align[bone] = quaternion.multiply(align[bone], back)

    left, right = (elbow_off_rad(clip, plan, side) for side in ("Left", "Right"))
    # Rigs are drawn alike on both sides: an arm that stayed straight has the other's axis, mirrored.
    hinges = (
        (-right if left is None and right is not None else left),
        (-left if right is None and left is not None else right),
    )
    told = {}
    for side, off in zip(("Left", "Right"), hinges, strict=True):
        if off is not None and abs(off) > np.deg2rad(LEAST_TURN_DEG):
            for part in ("Arm", "ForeArm"):
                turned(part, side, quaternion.from_rotation_vector(np.array([0.0, 0.0, off])))
            told[side.lower()] = off
    if told:
        angles = ", ".join(f"{side} {np.degrees(off):+.0f}" for side, off in told.items())
        notes.append(
            Note("detected", f"elbows bend about axes turned by (degrees) {angles}: arms turned to fit the body's")
        )
    slopes = {}
    for number, side in enumerate(("Left", "Right")):
        tip = foot_off_rad(clip, plan, body, number)
        if tip is not None and abs(tip) > np.deg2rad(LEAST_TURN_DEG):
            turned("Foot", side, quaternion.from_rotation_vector(np.array([0.0, tip, 0.0])))
            if plan.joints[BONE_INDEX[f"{side}ToeBase"]] >= 0:
                turned("ToeBase", side, quaternion.from_rotation_vector(np.array([0.0, tip, 0.0])))
            slopes[side.lower()] = tip
    if slopes:
        angles = ", ".join(f"{side} {np.degrees(tip):+.0f}" for side, tip in slopes.items())
        notes.append(
            Note("detected", f"feet that stand are tipped against the rest pose by (degrees, toes down) {angles}")
        )
    return replace(plan, quat_align=align), notes


def elbow_off_rad(clip: MotionClip, plan: Retargeting, side: str) -> float | None:
    """How far the plane an elbow bends in is turned from straight ahead, about the upper arm; None where it is no hinge."""
    upper, lower = BONE_INDEX[f"{side}Arm"], BONE_INDEX[f"{side}ForeArm"]
    turns = [
        quaternion.multiply(
            quaternion.multiply(clip.quat_world_from_joint[:, plan.joints[bone]], plan.quat_align[bone]),
            plan.quat_neutral[bone],
        )
        for bone in (upper, lower)
    ]
    along = quaternion.rotate(quaternion.multiply(quaternion.inverse(turns[0]), turns[1]), DOWN)[:, :2]
    bent = np.linalg.norm(along, axis=1)
    clear = along[bent > np.sin(np.deg2rad(BENT_DEG))]
    if len(clear) < max(3, HINGE_SHARE_OF_FRAMES * len(clip)):
        return None
    # About a hinge, all bending is along one direction; what is bent further shows it better.
    mean = clear.sum(axis=0) / np.linalg.norm(clear, axis=1).sum()
    off = float(np.arctan2(mean[1], mean[0]))
    scatter = float(np.arccos(min(1.0, float(np.linalg.norm(mean)))))
    far = float(bent.max()) > np.sin(np.deg2rad(FAR_BENT_DEG))
    hinge = scatter < np.deg2rad(HINGE_SCATTER_DEG if far else EXACT_SCATTER_DEG) and abs(off) < np.deg2rad(
        HINGE_OFF_DEG
    )
    return off if hinge else None


def foot_off_rad(clip: MotionClip, plan: Retargeting, body: ShapedBody, number: int) -> float | None:
    """How far a foot that stands is tipped against the rest pose, toes down positive; None where the rest pose is right.

    It is where ankle and ball slope as they do on the body. Else the sole is level somewhere between the rest pose and the
    body's slope, and the feet that stand tell where.
    """
    side = ("Left", "Right")[number]
    bone = BONE_INDEX[f"{side}Foot"]
    along, joint = plan.source_bones.get(f"{side.lower()}_foot"), plan.joints[bone]
    if joint < 0 or along is None:
        return None
    head, tail = body.bone(f"{side}Foot")
    differ = _slope(tail - head) - _slope(along)  # how much further the toes must go down for the body's slope
    standing = source_contacts(clip)[:, number]
    if abs(differ) < np.deg2rad(FOOT_SLOPE_DEG) or standing.sum() < LEAST_FRAMES:
        return None
    quat = quaternion.multiply(clip.quat_world_from_joint[standing, joint], plan.quat_align[bone])
    ahead = quaternion.rotate(quaternion.multiply(quat, plan.quat_neutral[bone]), np.array([1.0, 0.0, 0.0]))
    tipped = np.arcsin(np.clip(-ahead[:, 2], -1.0, 1.0))
    # Feet that lie or kneel are no feet that stand.
    tipped = tipped[np.abs(tipped) < np.deg2rad(STANDING_TIP_DEG)]
    if len(tipped) < LEAST_FRAMES:
        return None
    return -float(np.clip(np.median(tipped), min(0.0, differ), max(0.0, differ)))


def _slope(along: Array) -> float:
    """Angle under the level, radians."""
    return float(np.arctan2(-along[2], np.hypot(along[0], along[1])))


def _spread_spine(quat: Array, plan: Retargeting) -> set[int]:
    """Fills the bones of spine and neck that lie between two driven ones; gives those that are filled."""
    filled = set()
    for chain in SPINES:
        bones = [BONE_INDEX[name] for name in chain]
        known = [place for place, bone in enumerate(bones) if plan.joints[bone] >= 0]
        for low, high in pairwise(known):
            for place in range(low + 1, high):
                part = np.array((place - low) / (high - low))
                quat[:, bones[place]] = quaternion.slerp(quat[:, bones[low]], quat[:, bones[high]], part)
                filled.add(bones[place])
    return filled


def _root(clip: MotionClip, body: ShapedBody, plan: Retargeting, quat: Array) -> Float[Array, "time 3"]:
    """The root such that the middle of the hips goes where the source's does, times the scale."""
    joints = clip.joint_positions_m()
    left, right = (plan.joints[BONE_INDEX[f"{side}UpLeg"]] for side in ("Left", "Right"))
    hips = plan.scale * (joints[:, left] + joints[:, right]) / 2
    own = (body.head_m[BONE_INDEX["LeftUpLeg"]] + body.head_m[BONE_INDEX["RightUpLeg"]]) / 2 - body.root_m
    return hips - quaternion.rotate(quat[:, 0], own)


def _told(clip: MotionClip, plan: Retargeting) -> tuple[tuple[str, ...], list[Note]]:
    """Segments whose turn about themselves is not in the source, and what is to be said of the joints."""
    driven = {BONE_SEGMENTS[bone]: plan.joints[BONE_INDEX[bone]] for bone in plan.driven}
    without = [segment for segment in SEGMENTS if segment not in driven]
    unseen = {segment for segment, joint in driven.items() if clip.skeleton.joints[joint] in clip.unobservable_twist}
    unseen |= {segment for segment in without if segment.endswith(("hand", "head", "foot"))}
    notes = []
    if without:
        notes.append(Note("assumed", f"no joint in the source, moved with their neighbours: {', '.join(without)}"))
    if plan.own_rest:
        notes.append(Note("detected", "the source's rest pose is the body's own"))
    return tuple(segment for segment in SEGMENTS if segment in unseen), notes
