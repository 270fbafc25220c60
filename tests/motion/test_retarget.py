"""Retargeting: known motions on skeletons drawn in different rest poses, and real clips of every family."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.body import BONE_INDEX, BONE_NAMES, BONE_PARENTS, BONE_SEGMENTS, BodyShape, neutral_pose, shape_body
from anywear.bodygraph import SEGMENT_NAMES, SEGMENTS
from anywear.errors import FormatError
from anywear.motion import MotionClip, Skeleton, plan_retargeting, quaternion, read_motion, retarget
from anywear.motion.ground import sole_heights_m
from anywear.motion.retarget_report import report_table, retarget_report

BODY = shape_body(BodyShape(1.75))
IDENTITY = np.array(quaternion.IDENTITY)
# Degrees about x (forward) that a segment is turned from the neutral pose in a rest pose; mirrored on the right.
RESTS = {
    "hanging": {"arm": 0.0, "leg": 0.0},
    "a_pose": {"arm": 45.0, "leg": 0.0},
    "t_pose": {"arm": 90.0, "leg": 0.0},
    "t_pose_legs_apart": {"arm": 90.0, "leg": 20.0},
}
NAMES = {
    "pelvis": "Hips", "abdomen": "Spine", "lower_chest": "Spine1", "chest": "Spine2", "neck": "Neck", "head": "Head",
    "shoulder": "Shoulder", "upper_arm": "Arm", "forearm": "ForeArm", "hand": "Hand", "fingers": "HandMiddle1",
    "thigh": "UpLeg", "shank": "Leg", "foot": "Foot", "toes": "ToeBase",
}  # fmt: skip
FAMILIES = {
    "cmu-iclone": "All_BVH/subjects/001/001_01.bvh",
    "cmu-dance-martial": "train_data_bvh/martial/03.bvh",
    "cmu-actions": "data/cmu_mocap/test/basketball/basketball_1.txt",
    "cmu-mocap6": "amc/13_29.amc",
    "cmu-deepmimic": "data/vae/txt/cmu01-09/07/07_11.txt",
    "hdm05": "test/1/HDM_mm_depositFloorR_019_120.amc",
    "reactidle": "acted/008_acted.bvh",
}


def joint_of(segment: str) -> str:
    side, _, part = segment.partition("_")
    return side.capitalize() + NAMES[part] if side in ("left", "right") else NAMES[segment]


def rest_turn(segment: str, rest: str) -> np.ndarray:
    side, _, part = segment.partition("_")
    sign = 1.0 if side == "left" else -1.0
    if side not in ("left", "right") or part in ("shoulder", "foot", "toes"):
        return IDENTITY
    limb = "leg" if part in ("thigh", "shank") else "arm"
    return quaternion.from_rotation_vector(np.array([sign * np.deg2rad(RESTS[rest][limb]), 0.0, 0.0]))


def clip_of(
    turns: dict[str, np.ndarray], rest: str, *, root=None, without=(), names=joint_of, scale=1.0, **more
) -> MotionClip:
    """A clip whose segments turn from the neutral pose as told, on a skeleton drawn in one of RESTS."""
    segments = [segment for segment in SEGMENT_NAMES if segment not in without]
    frames = len(next(iter(turns.values())))
    parents, offsets = [], []
    for segment in segments:
        parent = SEGMENTS[segment].parent
        start = np.array(SEGMENTS[segment].start)
        above = IDENTITY if parent is None else rest_turn(parent, rest)
        while parent is not None and parent in without:
            parent = SEGMENTS[parent].parent
        parents.append(-1 if parent is None else segments.index(parent))
        begin = start if parent is None else np.array(SEGMENTS[parent].start)
        offsets.append(1.7 * scale * quaternion.rotate(above, start - begin))
    still = np.tile(IDENTITY, (frames, 1))
    quat = np.stack(
        [quaternion.multiply(turns.get(s, still), quaternion.inverse(rest_turn(s, rest))) for s in segments], axis=1
    )
    root = np.tile([0.0, 0.0, 0.53 * 1.7], (frames, 1)) if root is None else root
    skeleton = Skeleton(tuple(names(s) for s in segments), tuple(parents), np.array(offsets))
    return MotionClip("made", 60.0, skeleton, scale * root, quat, **more)


def random_turns(frames: int = 40, seed: int = 0, standing: bool = True) -> dict[str, np.ndarray]:
    """Smooth turns of every segment, each its own; legs stay as they are where the feet stand."""
    rng = np.random.default_rng(seed)
    time = np.linspace(0, 2 * np.pi, frames)[:, None]
    turns = {}
    for segment in SEGMENT_NAMES:
        phase, size = rng.uniform(0, 6, 3), rng.normal(0, 0.8, 3)
        legs = segment.endswith(("thigh", "shank", "foot", "toes", "pelvis"))
        turns[segment] = quaternion.from_rotation_vector((0 if legs and standing else 1) * size * np.sin(time + phase))
    return turns


def expected(turns: dict[str, np.ndarray], bone: str) -> np.ndarray:
    """World rotation of a bone, by definition: its turn from neutral, after the body's turn from rest to neutral."""
    neutral = neutral_pose(BODY)[0, BONE_INDEX[bone]]
    return quaternion.multiply(turns[BONE_SEGMENTS[bone]], IDENTITY if "Shoulder" in bone else neutral)


def apart_deg(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.degrees(quaternion.angle_between_rad(*np.broadcast_arrays(first, second))).max())


def own_clip(frames: int = 40) -> MotionClip:
    """The body's own rig in its own rest pose, its feet on the ground."""
    turns = random_turns(frames)
    quat = np.stack([turns[BONE_SEGMENTS[bone]] for bone in BONE_NAMES], axis=1)
    root = np.tile(BODY.root_m, (frames, 1))
    return MotionClip("own", 60.0, Skeleton(BONE_NAMES, BONE_PARENTS, BODY.offsets_m), root, quat)


@pytest.mark.parametrize("rest", RESTS)
def test_bones_turn_as_segments_do_whatever_the_rest_pose(rest: str) -> None:
    turns = random_turns(standing=False)
    motion = retarget(clip_of(turns, rest), BODY)
    for bone in plan_retargeting(clip_of(turns, rest).skeleton, BODY).driven:
        segment_turns = turns | {"left_fingers": turns["left_fingers"]}
        assert apart_deg(motion.quat_world_from_bone[:, BONE_INDEX[bone]], expected(segment_turns, bone)) < 1e-6, bone


def test_same_motion_from_any_rest_pose_is_the_same() -> None:
    turns = random_turns()
    first, *others = (retarget(clip_of(turns, rest), BODY) for rest in ("hanging", "a_pose", "t_pose"))
    for other in others:
        assert apart_deg(first.quat_world_from_bone, other.quat_world_from_bone) < 1e-6
        np.testing.assert_allclose(first.root_position_m, other.root_position_m, atol=1e-9)


def test_segment_names_map_one_to_one() -> None:
    turns = random_turns()
    clip = clip_of(turns, "hanging", names=str)
    plan = plan_retargeting(clip.skeleton, BODY)
    assert plan.named_by_segment
    for bone in plan.driven:
        assert clip.skeleton.joints[plan.joints[BONE_INDEX[bone]]] == BONE_SEGMENTS[bone]
    standing = retarget(clip_of({"pelvis": np.tile(IDENTITY, (9, 1))}, "hanging", names=str), BODY)
    neutral = neutral_pose(BODY)[0]
    rows = [BONE_INDEX[bone] for bone in BONE_NAMES if "Shoulder" not in bone]
    assert apart_deg(standing.quat_world_from_bone[0, rows], neutral[rows]) < 1e-6


def test_own_rig_at_its_own_rest_comes_back_as_it_is() -> None:
    clip = own_clip()
    motion = retarget(clip, BODY)
    assert apart_deg(motion.quat_world_from_bone, clip.quat_world_from_joint) < 1e-6
    np.testing.assert_allclose(motion.root_position_m, clip.root_position_m, atol=1e-9)
    assert any("own" in note.text for note in motion.notes)


def test_pronation_stays_pronation() -> None:
    angle = np.deg2rad(60 * np.sin(np.linspace(0, 6, 50)))
    bent = quaternion.from_rotation_vector(np.tile([0.0, -np.pi / 2, 0.0], (50, 1)))
    about = quaternion.from_rotation_vector(angle[:, None] * np.array([0.0, 0.0, 1.0]))
    turned = quaternion.multiply(bent, about)
    turns = {"left_forearm": bent, "left_hand": turned, "left_fingers": turned}
    motion = retarget(clip_of(turns, "t_pose"), BODY)
    forearm, hand = (motion.quat_world_from_bone[:, BONE_INDEX[f"Left{part}"]] for part in ("ForeArm", "Hand"))
    assert apart_deg(forearm, forearm[0]) < 1e-6
    joints = motion.joints_m()[0]
    axis = joints[BONE_INDEX["LeftHand"]] - joints[BONE_INDEX["LeftForeArm"]]
    # The forearm's axis z points up along it, the bone down.
    wanted = quaternion.from_rotation_vector(-(angle - angle[0])[:, None] * axis / np.linalg.norm(axis))
    assert apart_deg(quaternion.multiply(hand, quaternion.inverse(hand[0])), wanted) < 1e-6


@pytest.mark.parametrize("yaw_deg", [90.0, -130.0])
def test_turned_and_moved_source_gives_turned_and_moved_body(yaw_deg: float) -> None:
    turns = random_turns(standing=False)
    rng = np.random.default_rng(3)
    root = np.cumsum(rng.normal(0, 0.01, (40, 3)), axis=0) + np.array([0, 0, 0.9])
    first = clip_of(turns, "t_pose", root=root)
    yaw = quaternion.from_rotation_vector(np.array([0.0, 0.0, np.deg2rad(yaw_deg)]))
    second = MotionClip(
        "turned", 60.0, first.skeleton, quaternion.rotate(yaw, root) + np.array([3.0, -2.0, 0.0]),
        quaternion.multiply(yaw, first.quat_world_from_joint),
    )  # fmt: skip
    one, two = retarget(first, BODY), retarget(second, BODY)
    assert apart_deg(quaternion.multiply(yaw, one.quat_world_from_bone), two.quat_world_from_bone) < 1e-6
    scale = plan_retargeting(first.skeleton, BODY).scale
    moved = quaternion.rotate(yaw, one.root_position_m) + scale * np.array([3.0, -2.0, 0.0])
    np.testing.assert_allclose(two.root_position_m, moved, atol=1e-9)


def test_size_of_the_source_does_not_matter() -> None:
    turns = random_turns()
    one, two = (retarget(clip_of(turns, "t_pose", scale=scale), BODY) for scale in (1.0, 0.8))
    assert apart_deg(one.quat_world_from_bone, two.quat_world_from_bone) < 1e-6
    np.testing.assert_allclose(one.root_position_m, two.root_position_m, atol=1e-9)


@pytest.mark.parametrize("off_deg", [30.0, -25.0])
def test_elbows_drawn_about_another_axis_bend_about_the_bodys(off_deg: float) -> None:
    flexion = np.deg2rad(60 * (1 - np.cos(np.linspace(0, 6, 60))))
    bent = quaternion.from_rotation_vector(flexion[:, None] * np.array([0.0, -1.0, 0.0]))
    swing = quaternion.from_rotation_vector(np.sin(np.linspace(0, 4, 60))[:, None] * np.array([0.3, -0.5, 0.2]))
    turns = {f"{side}_upper_arm": swing for side in ("left", "right")}
    turns |= {
        f"{side}_{part}": quaternion.multiply(swing, bent) for side in ("left", "right") for part in ("forearm", "hand")
    }
    plain = clip_of(turns, "t_pose")
    quat = plain.quat_world_from_joint.copy()
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        # The same arms, drawn at rest with upper arm and forearm turned about themselves.
        about = quaternion.from_rotation_vector(np.array([0.0, np.deg2rad(off_deg), 0.0]) * sign)
        for part in ("Arm", "ForeArm"):
            joint = plain.skeleton.index(side + part)
            quat[:, joint] = quaternion.multiply(quat[:, joint], about)
    odd = MotionClip("odd", 60.0, plain.skeleton, plain.root_position_m, quat)
    one, two = retarget(plain, BODY), retarget(odd, BODY)
    assert apart_deg(one.quat_world_from_bone, two.quat_world_from_bone) < 1e-5
    assert retarget_report(odd, two).hinge_share["elbow"] > 0.999
    assert any("elbows bend" in note.text for note in two.notes)


def test_bend_of_a_missing_spine_is_shared_out() -> None:
    frames = 20
    lean = np.linspace(0, 0.9, frames)[:, None] * np.array([0.0, 1.0, 0.0])
    upper = (
        "chest",
        "neck",
        "head",
        *(s for s in SEGMENT_NAMES if "arm" in s or "hand" in s or "should" in s or "fing" in s),
    )
    turns = {segment: quaternion.from_rotation_vector(lean) for segment in upper}
    motion = retarget(clip_of(turns, "t_pose", without=("abdomen", "lower_chest")), BODY)
    for part, bone in ((1 / 3, "LowerBack"), (2 / 3, "Spine"), (1.0, "Spine1")):
        own = motion.quat_world_from_bone[:, BONE_INDEX[bone]]
        assert apart_deg(own, quaternion.from_rotation_vector(part * lean)) < 1e-6
    assert any("abdomen, lower_chest" in note.text for note in motion.notes)


def test_hands_without_a_joint_follow_the_forearm() -> None:
    turns = random_turns()
    without = tuple(f"{side}_{part}" for side in ("left", "right") for part in ("hand", "fingers"))
    motion = retarget(clip_of(turns, "t_pose", without=without, unobservable_twist=("LeftForeArm",)), BODY)
    for side in ("left", "right"):
        turns[f"{side}_hand"] = turns[f"{side}_forearm"]
    for side in ("Left", "Right"):
        own = motion.quat_world_from_bone[:, BONE_INDEX[f"{side}Hand"]]
        # Without a hand the forearm's direction is not in this source: the upper arm's holds at rest.
        assert apart_deg(own, expected(turns, f"{side}Hand")) < 1e-6
    assert motion.unobservable_twist == ("left_forearm", "left_hand", "right_hand")


def test_feet_that_stand_are_on_the_ground() -> None:
    root = np.tile([0.0, 0.0, 1.3], (40, 1))  # the file's heights count from elsewhere
    motion = retarget(clip_of(random_turns(), "t_pose", root=root), BODY)
    heights = sole_heights_m(BODY, motion.quat_world_from_bone, motion.root_position_m)
    assert abs(float(np.median(heights))) < 1e-9
    assert np.abs(heights).max() < 0.005


def test_missing_segments_are_named() -> None:
    with pytest.raises(FormatError, match="left_forearm"):
        retarget(clip_of(random_turns(), "t_pose", without=("left_forearm", "left_hand", "left_fingers")), BODY)


@pytest.mark.parametrize("archive", FAMILIES)
def test_real_clips_keep_turns_directions_and_ground(archive: str, dataset_root) -> None:
    path = dataset_root(archive) / FAMILIES[archive]
    assert path.is_file()
    clip = read_motion(path)
    motion = retarget(clip, BODY)
    plan = plan_retargeting(clip.skeleton, BODY)
    assert len(plan.driven) >= 14
    for bone in plan.driven:
        joint = clip.quat_world_from_joint[:, plan.joints[BONE_INDEX[bone]]]
        between = quaternion.multiply(quaternion.inverse(joint), motion.quat_world_from_bone[:, BONE_INDEX[bone]])
        assert apart_deg(between, between[0]) < 1e-5, bone
    report = retarget_report(clip, motion)
    assert max(report.direction_max_deg.values()) < 1e-6
    assert len(report.direction_max_deg) == 8
    assert report.contacts > 0
    assert report.sole_low_m > -0.05
    assert report.skate_mps < report.source_skate_mps + 0.08
    assert abs(report.sole_pitch_deg) < 12.0
    assert report.hinge_share["elbow"] > (0.6 if archive == "reactidle" else 0.97)
    assert f"| sole_low_m | {report.sole_low_m:.3f}; " in report_table({archive: [report]})
