"""Forward kinematics against a recursive oracle, and the twist of the forearm."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anywear.body import (
    BONE_INDEX,
    BONE_NAMES,
    BONE_PARENTS,
    SKIN_BONE_NAMES,
    BodyShape,
    all_sites,
    bone_transforms,
    joint_positions,
    neutral_pose,
    rest_pose,
    sample_surface,
    shape_body,
    skin,
    world_frames,
)
from anywear.body.kinematics import spread_twist
from anywear.errors import UsageError


def _motion(seed: int, frames: int = 4):
    rng = np.random.default_rng(seed)
    quat = Rotation.random(frames * 31, random_state=seed).as_quat().reshape(frames, 31, 4)
    return quat, rng.normal(size=(frames, 3))


def _transform_naive(body, rotations, root, bone: int) -> np.ndarray:
    """4x4 rest-to-world transform of a bone by walking up the tree with homogeneous matrices."""
    out = np.eye(4)
    out[:3, :3] = rotations[bone]
    parent = BONE_PARENTS[bone]
    joint = root if parent < 0 else (_transform_naive(body, rotations, root, parent) @ [*body.head_m[bone], 1])[:3]
    out[:3, 3] = joint - rotations[bone] @ body.head_m[bone]
    return out


def test_transforms_equal_the_recursive_oracle():
    body = shape_body(BodyShape(1.62, "female"))
    quat, root = _motion(1)
    fast = bone_transforms(body, quat, root)
    for frame in range(len(quat)):
        rotations = Rotation.from_quat(quat[frame]).as_matrix()
        for bone in range(31):
            np.testing.assert_allclose(
                fast[frame, bone], _transform_naive(body, rotations, root[frame], bone)[:3], atol=1e-12
            )


def test_joints_ride_on_the_transforms():
    body = shape_body()
    quat, root = _motion(2)
    fast, joints = bone_transforms(body, quat, root), joint_positions(body, quat, root)
    moved = np.einsum("tbij,bj->tbi", fast[:, :31, :, :3], body.head_m) + fast[:, :31, :, 3]
    np.testing.assert_allclose(moved, joints, atol=1e-12)
    lengths = [np.linalg.norm(joints[:, b] - joints[:, p], axis=1) for b, p in enumerate(BONE_PARENTS) if p >= 0]
    np.testing.assert_allclose(
        np.array(lengths).T, np.tile(np.linalg.norm(body.offsets_m[1:], axis=1), (4, 1)), atol=1e-12
    )


def test_the_rest_pose_moves_nothing():
    body = shape_body()
    fast = bone_transforms(body, rest_pose(2), np.tile(body.root_m, (2, 1)))
    np.testing.assert_allclose(fast[..., :3], np.broadcast_to(np.eye(3), (2, len(SKIN_BONE_NAMES), 3, 3)), atol=1e-12)
    np.testing.assert_allclose(fast[..., 3], 0.0, atol=1e-12)


def test_one_turn_of_the_whole_body_is_rigid():
    body = shape_body()
    points = sample_surface(body, 200, np.random.default_rng(0))
    turn, shift = Rotation.from_euler("xyz", [0.4, -1.1, 2.0]), np.array([1.0, -2.0, 0.5])
    quat = np.tile(turn.as_quat(), (1, 31, 1))
    moved = skin(points, bone_transforms(body, quat, (turn.apply(body.root_m) + shift)[None]))[0]
    np.testing.assert_allclose(moved, turn.apply(points.rest_m) + shift, atol=1e-9)


def test_in_the_neutral_pose_arms_hang_and_palms_face_the_thighs():
    body = shape_body()
    quat = neutral_pose(body)
    joints = dict(zip(BONE_NAMES, joint_positions(body, quat, body.root_m[None])[0], strict=True))
    for side, sign in (("Left", 1), ("Right", -1)):
        arm = joints[f"{side}Hand"] - joints[f"{side}Arm"]
        assert arm[2] / np.linalg.norm(arm) < -0.999 and sign * joints[f"{side}Hand"][1] > 0.1
    names, points = all_sites(body)
    frames = world_frames(points, bone_transforms(body, quat, body.root_m[None]))[0]
    out = dict(zip(names, frames[:, :, 2], strict=True))
    for name in ("left_wrist", "left_hand", "left_ring", "right_palm", "right_inner_wrist"):
        assert out[name][1] > 0.6, name
    for name in ("right_wrist", "right_hand", "right_ring", "left_palm", "left_inner_wrist"):
        assert out[name][1] < -0.6, name
    # The segment's own frame is the world's in the neutral pose, at the wrist too, where the rest pose is rolled.
    turned = world_frames(points, bone_transforms(body, quat, body.root_m[None]))[0] @ points.rest_from_point.transpose(
        0, 2, 1
    )
    for name in ("chest", "left_wrist", "right_wrist", "left_forearm", "left_hand", "left_upper_arm", "left_foot"):
        row = names.index(name)
        off = Rotation.from_matrix(turned[row] @ points.rest_from_neutral[row]).magnitude()
        assert np.rad2deg(off) < 12, name


@pytest.mark.parametrize("side, sign", [("left", 1), ("right", -1)])
def test_pronation_is_spread_along_the_forearm(side, sign):
    body = shape_body()
    bone = side.capitalize()
    elbow, wrist = body.bone(f"{bone}ForeArm")[0], body.bone(f"{bone}Hand")[0]
    axis = (wrist - elbow) / np.linalg.norm(wrist - elbow)
    angle = np.deg2rad(75) * sign
    quat = rest_pose(1)
    hand = [i for i, n in enumerate(BONE_NAMES) if n.startswith((f"{bone}Hand", f"{bone}Finger", f"{bone[0]}Thumb"))]
    quat[0, hand] = Rotation.from_rotvec(angle * axis).as_quat()
    transforms = bone_transforms(body, quat, body.root_m[None])
    forearm = np.zeros((7, 31))
    forearm[:, BONE_INDEX[f"{bone}ForeArm"]] = 1.0
    shares = np.linspace(0, 1, 7)
    across = np.cross(axis, [0.0, 0.0, 1.0])
    across /= np.linalg.norm(across)
    places = elbow + shares[:, None] * (wrist - elbow) + 0.03 * across
    weight = spread_twist(body, places, forearm)
    np.testing.assert_allclose(weight.sum(axis=1), 1.0, atol=1e-12)
    moved = np.einsum("nb,bij,nj->ni", weight, transforms[0], np.concatenate([places, np.ones((7, 1))], axis=1))
    side_way = moved - elbow - shares[:, None] * (wrist - elbow)
    turned = np.arctan2(side_way @ np.cross(axis, across), side_way @ across)
    np.testing.assert_allclose(turned, shares * angle, atol=0.01)
    assert np.linalg.norm(side_way, axis=1).min() > 0.03 * 0.97, "the forearm keeps its thickness"


def test_twist_is_continuous_beyond_half_a_turn():
    body = shape_body()
    axis = body.bone("LeftHand")[0] - body.bone("LeftForeArm")[0]
    axis /= np.linalg.norm(axis)
    quat = rest_pose(101)
    quat[:, BONE_INDEX["LeftHand"]] = Rotation.from_rotvec(np.linspace(0, 4.0, 101)[:, None] * axis).as_quat()
    quat[::3] *= -1  # the other quaternion of the same rotation
    transforms = bone_transforms(body, quat, np.tile(body.root_m, (101, 1)))
    first = SKIN_BONE_NAMES.index("LeftForeArmTwist1")
    assert np.abs(np.diff(transforms[:, first], axis=0)).max() < 0.05
    turned = Rotation.from_matrix(transforms[-1, first, :, :3]).magnitude()
    assert turned == pytest.approx(4.0 / 3, abs=1e-6)


def test_motions_that_do_not_fit_are_errors():
    body = shape_body()
    quat, root = _motion(3)
    with pytest.raises(UsageError):
        bone_transforms(body, quat[:, :30], root)
    quat[2, 5, 0] = np.nan
    with pytest.raises(UsageError) as caught:
        bone_transforms(body, quat, root)
    assert "frame 2" in str(caught.value) and BONE_NAMES[5] in str(caught.value)
