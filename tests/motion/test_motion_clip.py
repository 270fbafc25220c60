"""The clip's door, its kinematics and its resampling, beside slow and plain versions."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy.spatial.transform import Rotation, Slerp

from anywear.errors import AnywearError, FormatError, UsageError
from anywear.motion import MotionClip, Skeleton, quaternion


def random_skeleton(rng: np.random.Generator, count: int = 7) -> Skeleton:
    parents = (-1, *(int(rng.integers(0, joint)) for joint in range(1, count)))
    return Skeleton(tuple(f"j{i}" for i in range(count)), parents, rng.normal(size=(count, 3)))


def random_clip(rng: np.random.Generator, frames: int = 11, rate_hz: float = 50.0) -> MotionClip:
    skeleton = random_skeleton(rng)
    quat = Rotation.random(frames * len(skeleton), random_state=rng).as_quat().reshape(frames, len(skeleton), 4)
    return MotionClip("random", rate_hz, skeleton, rng.normal(size=(frames, 3)), quat)


def positions_naive(clip: MotionClip) -> np.ndarray:
    positions = np.zeros((len(clip), len(clip.skeleton), 3))
    for frame in range(len(clip)):
        for joint, parent in enumerate(clip.skeleton.parents):
            if parent < 0:
                positions[frame, joint] = clip.root_position_m[frame]
            else:
                turn = Rotation.from_quat(clip.quat_world_from_joint[frame, parent]).as_matrix()
                positions[frame, joint] = positions[frame, parent] + turn @ clip.skeleton.offsets_m[joint]
    return positions


def test_forward_kinematics_equals_the_naive_one():
    clip = random_clip(np.random.default_rng(1))
    np.testing.assert_allclose(clip.joint_positions_m(), positions_naive(clip), atol=1e-12)


def test_identity_is_the_rest_pose():
    rng = np.random.default_rng(2)
    skeleton = random_skeleton(rng)
    quat = np.tile([0.0, 0.0, 0.0, 1.0], (3, len(skeleton), 1))
    clip = MotionClip("rest", 10.0, skeleton, np.zeros((3, 3)), quat)
    np.testing.assert_allclose(clip.joint_positions_m()[2], skeleton.rest_positions_m(), atol=1e-15)


def test_resampling_is_slerp():
    clip = random_clip(np.random.default_rng(3), frames=9, rate_hz=20.0)
    fine = clip.resampled(73.0)
    assert fine.rate_hz == 73.0
    assert fine.duration_s == pytest.approx(clip.duration_s, abs=1 / 73)
    for joint in (0, 4):
        oracle = Slerp(clip.time_s, Rotation.from_quat(clip.quat_world_from_joint[:, joint]))(fine.time_s)
        apart = Rotation.from_quat(fine.quat_world_from_joint[:, joint]).inv() * oracle
        assert apart.magnitude().max() < 1e-7
    np.testing.assert_allclose(
        fine.root_position_m[:, 1], np.interp(fine.time_s, clip.time_s, clip.root_position_m[:, 1])
    )
    assert any("slerp" in note.text for note in fine.notes)


def test_resampling_there_and_back_at_a_multiple_returns_the_frames():
    clip = random_clip(np.random.default_rng(4), frames=8, rate_hz=25.0)
    back = clip.resampled(100.0).resampled(25.0)
    assert len(back) == len(clip)
    assert quaternion.angle_between_rad(back.quat_world_from_joint, clip.quat_world_from_joint).max() < 1e-6


def test_slice_takes_the_frames_in_between():
    clip = random_clip(np.random.default_rng(5), frames=11, rate_hz=10.0)
    part = clip.slice(0.2, 0.5)
    np.testing.assert_array_equal(part.root_position_m, clip.root_position_m[2:6])
    with pytest.raises(UsageError):
        clip.slice(0.51, 0.59)


def test_clip_is_immutable_also_after_pickling():
    clip = pickle.loads(pickle.dumps(random_clip(np.random.default_rng(6))))
    for values in (clip.root_position_m, clip.quat_world_from_joint, clip.skeleton.offsets_m):
        with pytest.raises(ValueError):
            values[0] = 0.0
    with pytest.raises(AttributeError):
        clip.rate_hz = 1.0


@pytest.mark.parametrize(
    "change",
    [
        {"rate_hz": 4.0},
        {"rate_hz": 1001.0},
        {"rate_hz": float("nan")},
        {"root_position_m": np.zeros((1, 3)), "quat_world_from_joint": np.tile([0.0, 0, 0, 1], (1, 2, 1))},
        {"root_position_m": np.full((4, 3), np.nan)},
        {"quat_world_from_joint": np.ones((4, 2, 4))},
        {"quat_world_from_joint": np.zeros((4, 2, 4))},
        {"quat_world_from_joint": np.tile([0.0, 0, 0, 1], (4, 3, 1))},
    ],
)
def test_impossible_clips_are_refused(change):
    skeleton = Skeleton(("a", "b"), (-1, 0), np.ones((2, 3)))
    fields = {"root_position_m": np.zeros((4, 3)), "quat_world_from_joint": np.tile([0.0, 0, 0, 1], (4, 2, 1))}
    with pytest.raises(FormatError):
        MotionClip(**{"name": "x", "rate_hz": 30.0, "skeleton": skeleton, **fields, **change})


@pytest.mark.parametrize(
    ("joints", "parents", "offsets"),
    [
        ((), (), np.zeros((0, 3))),
        (("a", "a"), (-1, 0), np.zeros((2, 3))),
        (("a", "b"), (-1, -1), np.zeros((2, 3))),
        (("a", "b"), (1, -1), np.zeros((2, 3))),
        (("a", "b"), (-1, 0), np.full((2, 3), np.inf)),
        (("a", "b"), (-1, 0), np.zeros((3, 3))),
    ],
)
def test_impossible_skeletons_are_refused(joints, parents, offsets):
    with pytest.raises(AnywearError):
        Skeleton(joints, parents, offsets)


@pytest.mark.parametrize("axes", ["XYZ", "ZXY", "ZYX", "YXZ", "XZX", "Y", "ZX"])
def test_euler_orders_equal_scipy(axes):
    angles = np.random.default_rng(7).uniform(-np.pi, np.pi, size=(20, len(axes)))
    ours = Rotation.from_quat(quaternion.from_axis_angles(axes, angles))
    theirs = Rotation.from_euler(axes, angles)
    assert (ours.inv() * theirs).magnitude().max() < 1e-7


def test_quaternion_algebra_equals_scipy():
    rng = np.random.default_rng(8)
    first, second = (Rotation.random(50, random_state=rng) for _ in range(2))
    vectors = rng.normal(size=(50, 3))
    product = Rotation.from_quat(quaternion.multiply(first.as_quat(), second.as_quat()))
    assert ((first * second).inv() * product).magnitude().max() < 1e-7
    np.testing.assert_allclose(quaternion.rotate(first.as_quat(), vectors), first.apply(vectors), atol=1e-12)
    np.testing.assert_allclose(quaternion.to_matrix(first.as_quat()), first.as_matrix(), atol=1e-12)
    angle = quaternion.angle_between_rad(first.as_quat(), second.as_quat())
    np.testing.assert_allclose(angle, (first.inv() * second).magnitude(), atol=1e-9)
    vectors[0] = 0.0
    exponential = Rotation.from_quat(quaternion.from_rotation_vector(vectors))
    assert (Rotation.from_rotvec(vectors).inv() * exponential).magnitude().max() < 1e-7


def test_shortest_turn_takes_one_direction_to_the_other():
    rng = np.random.default_rng(9)
    start, end = rng.normal(size=(2, 30, 3))
    end[0], end[1], end[2] = -start[0], 3 * start[1], 0.0
    turned = quaternion.rotate(quaternion.shortest_between(start, end), start)
    cosine = (turned * end).sum(-1) / np.maximum(np.linalg.norm(turned, axis=-1) * np.linalg.norm(end, axis=-1), 1e-12)
    np.testing.assert_allclose(np.delete(cosine, 2), 1.0, atol=1e-9)
    np.testing.assert_allclose(turned[2], start[2])
