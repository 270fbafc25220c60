"""AMASS and HumanML3D arrays, DeepMimic JSON and exponential maps, made from known motion, and damaged ones."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anywear.errors import AnywearError, FormatError
from anywear.motion import MotionOptions, amass, humanml3d, quaternion, read_motion, segments_of, smpl

ON_ITS_FEET = Rotation.from_euler("ZX", [90, 90], degrees=True)  # SMPL's rest pose into Z up, facing X


def amass_arrays(frames: int = 20) -> dict:
    rng = np.random.default_rng(1)
    poses = 0.2 * np.sin(np.linspace(0, 2, frames)[:, None] + rng.uniform(0, 6, (1, 156)))
    poses[:, :3] = ON_ITS_FEET.as_rotvec()
    trans = np.linspace(0, 1, frames)[:, None] * [[1.0, 0.5, 0.0]] + [[0, 0, 0.9]]
    return {
        "poses": poses,
        "trans": trans,
        "mocap_framerate": np.array(60.0),
        "betas": np.zeros(16),
        "gender": np.array("male"),
    }


def test_amass_stands_upright_and_its_turns_add_up(tmp_path):
    arrays = amass_arrays()
    np.savez(tmp_path / "a.npz", **arrays)
    clip = read_motion(tmp_path / "a.npz")
    assert clip.rate_hz == 60.0 and len(clip) == 20
    at = dict(zip(clip.skeleton.joints, np.moveaxis(clip.joint_positions_m(), 1, 0), strict=True))
    assert (at["head"][:, 2] - at["left_ankle"][:, 2] > 1.0).all()
    assert (at["left_hip"][:, 1] > at["right_hip"][:, 1]).all()
    # The same by SMPL's own recipe: product of local turns, offsets in SMPL's axes.
    offsets = smpl.offsets_of(smpl.rest_joints_m())
    turn = Rotation.from_rotvec(arrays["poses"][:, :3])
    turn_hip = turn * Rotation.from_rotvec(arrays["poses"][:, 3:6])
    knee = arrays["trans"] + turn.apply(offsets[1]) + turn_hip.apply(offsets[4])
    np.testing.assert_allclose(at["left_knee"], knee, atol=1e-9)


def test_amass_takes_the_subjects_own_bones(tmp_path):
    np.savez(tmp_path / "a.npz", **amass_arrays())
    own = smpl.rest_joints_m(height_m=1.5)
    clip = amass.read_amass(tmp_path / "a.npz", MotionOptions(), rest_joints_m=own)
    assert clip.skeleton.offsets_m[4, 2] == pytest.approx(own[4, 1] - own[1, 1])
    assert not any("stand-in" in note.text for note in clip.notes)


@pytest.mark.parametrize(
    "change", [{"poses": None}, {"trans": np.zeros((3, 3))}, {"mocap_framerate": None}, {"poses": np.zeros((20, 9))}]
)
def test_damaged_amass_is_refused(tmp_path, change):
    arrays = {k: v for k, v in {**amass_arrays(), **change}.items() if v is not None}
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(FormatError):
        read_motion(tmp_path / "a.npz", format="amass")


def test_truncated_archives_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", **amass_arrays())
    (tmp_path / "b.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:3000])
    np.save(tmp_path / "a.npy", np.zeros((9, 22, 3)))
    (tmp_path / "b.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:400])
    for name, kind in (("b.npz", "amass"), ("b.npy", "humanml3d")):
        with pytest.raises(FormatError):
            read_motion(tmp_path / name, format=kind)


def test_humanml3d_positions_come_back_and_twist_is_marked(tmp_path):
    np.savez(tmp_path / "a.npz", **amass_arrays())
    truth = read_motion(tmp_path / "a.npz")
    positions = truth.joint_positions_m()
    np.save(tmp_path / "h.npy", positions @ np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]]))  # ours to Y up, facing Z
    clip = read_motion(tmp_path / "h.npy")
    assert clip.rate_hz == 20.0
    np.testing.assert_allclose(clip.joint_positions_m()[:, [4, 7, 18, 20]], positions[:, [4, 7, 18, 20]], atol=0.01)
    apart = quaternion.angle_between_rad(clip.quat_world_from_joint[:, 0], truth.quat_world_from_joint[:, 0])
    assert apart.max() < 0.02  # the pelvis is fixed by three bones
    assert "left_elbow" in clip.unobservable_twist and "pelvis" not in clip.unobservable_twist


def test_bones_on_one_line_take_the_parents_turn():
    """A chest whose neck and collars go straight up has no direction of its own: it must not flip."""
    rest = smpl.rest_joints_m()[:, [2, 0, 1]]
    rest[[12, 13, 14]] = rest[9] + [[0.0, 0.0, 0.15], [0.0, 0.0, 0.1], [0.0, 0.0, 0.1]]
    yaw = Rotation.from_euler("z", np.linspace(0, 300, 40)[:, None], degrees=True)
    noise = np.random.default_rng(2).normal(scale=1e-4, size=(40, 22, 3))
    positions = np.stack([turn.apply(rest) for turn in yaw]) + noise
    clip = humanml3d.clip_from_positions(positions, 20.0, name="line")
    chest = Rotation.from_quat(clip.quat_world_from_joint[:, 9])
    assert np.degrees((chest.inv() * yaw).magnitude()).max() < 5.0


@pytest.mark.parametrize(
    "array", [np.zeros((9, 22, 3)), np.full((9, 22, 3), np.nan), np.zeros((9, 263)), np.zeros((0, 22, 3))]
)
def test_impossible_positions_are_refused(tmp_path, array):
    np.save(tmp_path / "h.npy", array)
    with pytest.raises(FormatError):
        read_motion(tmp_path / "h.npy", format="humanml3d")


def deepmimic_frames(frames: int = 6) -> list[list[float]]:
    still = [1 / 30, 0.0, 0.86, 0.0]
    for channels in (4, 4, 4, 4, 1, 4, 4, 1, 4, 1, 4, 4, 1):
        still += [1.0, 0.0, 0.0, 0.0] if channels == 4 else [0.0]
    assert len(still) == 44
    return [list(still) for _ in range(frames)]


def test_deepmimic_knee_bends_back_and_elbow_forward(tmp_path):
    frames = deepmimic_frames()
    for frame in frames:
        frame[20], frame[29] = -1.0, 1.0  # right knee, right elbow: columns of the humanoid
    (tmp_path / "d.txt").write_text(json.dumps({"Loop": "none", "Frames": frames}))
    clip = read_motion(tmp_path / "d.txt")
    at = dict(zip(clip.skeleton.joints, clip.joint_positions_m()[0], strict=True))
    assert clip.rate_hz == 30.0
    assert at["right_ankle"][0] < -0.3 < 0.3 + at["left_ankle"][0]
    assert at["right_wrist"][0] > 0.15
    assert at["left_hip"][1] > 0 > at["right_hip"][1]


@pytest.mark.parametrize(
    "content",
    [
        {"Frames": []},
        {"Frames": [[1.0] * 44] * 3},
        {"Frames": [[0.03] * 12] * 3},
        {"Frames": [["x"] * 44] * 3},
        {"Frames": [deepmimic_frames()[0], [float("nan")] * 44]},
        {"Frames": 7},
    ],
)
def test_damaged_deepmimic_is_refused(tmp_path, content):
    (tmp_path / "d.txt").write_text(json.dumps(content))
    with pytest.raises(AnywearError):
        read_motion(tmp_path / "d.txt", format="deepmimic")
    (tmp_path / "e.txt").write_text(json.dumps({"Frames": deepmimic_frames()})[:-9])
    with pytest.raises(FormatError):
        read_motion(tmp_path / "e.txt")


def expmap_rows(frames: int = 12) -> np.ndarray:
    rows = np.zeros((frames, 117))
    rows[:, 1] = 17.5
    return rows


def test_exponential_maps_turn_by_minus_the_vector(tmp_path):
    rows = expmap_rows()
    rows[:, 3 + 3 * 3] = -1.0  # left knee: flexion is a negative entry
    np.savetxt(tmp_path / "e.txt", rows, delimiter=",")
    clip = read_motion(tmp_path / "e.txt")
    assert clip.rate_hz == 120.0 and any("stand-in" in note.text for note in clip.notes)
    at = {
        segment: clip.joint_positions_m()[0, clip.skeleton.index(j)]
        for segment, j in segments_of(clip.skeleton.joints).items()
    }
    assert at["left_foot"][0] < at["right_foot"][0] - 0.3
    assert at["left_thigh"][1] > at["right_thigh"][1]


@pytest.mark.parametrize("damage", ["1,2,3\n", "x", "nan"])
def test_damaged_tables_are_refused(tmp_path, damage):
    lines = [",".join(map(str, row)) for row in expmap_rows(3)]
    lines[1] = damage if "," in damage else lines[1].replace("17.5", damage, 1)
    (tmp_path / "e.txt").write_text("\n".join(lines))
    with pytest.raises(FormatError):
        read_motion(tmp_path / "e.txt")
