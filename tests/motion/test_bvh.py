"""BVH written here from known turns reads back as those turns; real files stand on their feet."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anywear.errors import AnywearError, FormatError
from anywear.motion import read_motion

# Name, parent, offset in cm: Y up, facing Z, left along X.
BONES = [
    ("Hips", None, (0, 0, 0)), ("Spine", "Hips", (0, 12, 0)), ("Spine1", "Spine", (0, 20, 0)), ("Neck", "Spine1", (0, 22, 0)),
    ("Head", "Neck", (0, 9, 0)), ("LeftShoulder", "Spine1", (3, 18, 0)), ("LeftArm", "LeftShoulder", (14, 0, 0)),
    ("LeftForeArm", "LeftArm", (28, 0, 0)), ("LeftHand", "LeftForeArm", (25, 0, 0)),
    ("RightShoulder", "Spine1", (-3, 18, 0)), ("RightArm", "RightShoulder", (-14, 0, 0)),
    ("RightForeArm", "RightArm", (-28, 0, 0)), ("RightHand", "RightForeArm", (-25, 0, 0)),
    ("LeftUpLeg", "Hips", (9, -4, 0)), ("LeftLeg", "LeftUpLeg", (0, -42, 0)), ("LeftFoot", "LeftLeg", (0, -41, 0)),
    ("RightUpLeg", "Hips", (-9, -4, 0)), ("RightLeg", "RightUpLeg", (0, -42, 0)), ("RightFoot", "RightLeg", (0, -41, 0)),
]  # fmt: skip
NAMES = [name for name, *_ in BONES]
TO_OURS = np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])


def bvh_text(order: str, angles_deg: np.ndarray, root: np.ndarray, frame_time: str = "0.01", unit: float = 1.0) -> str:
    lines = ["HIERARCHY"]

    def joint(name: str, offset: tuple, depth: int) -> None:
        pad = "\t" * depth
        lines.append(f"{pad}{'JOINT' if depth else 'ROOT'} {name}")
        lines.extend([pad + "{", f"{pad}\tOFFSET " + " ".join(str(unit * v) for v in offset)])
        turning = " ".join(f"{axis}rotation" for axis in order)
        position = "" if depth else "Xposition Yposition Zposition "
        lines.append(f"{pad}\tCHANNELS {len(order) + (0 if depth else 3)} {position}{turning}")
        children = [(child, to) for child, parent, to in BONES if parent == name]
        for child, to in children:
            joint(child, to, depth + 1)
        if not children:
            lines.extend([f"{pad}\tEnd Site", pad + "\t{", f"{pad}\t\tOFFSET 0 {unit * 5} {unit * 4}", pad + "\t}"])
        lines.append(pad + "}")

    joint("Hips", (0, 0, 0), 0)
    frames = len(root)
    rows = np.concatenate([unit * root, angles_deg.reshape(frames, -1)], axis=1)
    motion = [
        f"MOTION\nFrames: {frames}\nFrame Time: {frame_time}",
        *(" ".join(f"{v:.9g}" for v in row) for row in rows),
    ]
    return "\n".join(lines + motion) + "\n"


def smooth_angles(rng: np.random.Generator, frames: int = 30) -> np.ndarray:
    phase = rng.uniform(0, 6, size=(1, len(BONES), 3)) + np.linspace(0, 1.5, frames)[:, None, None]
    return 40.0 * np.sin(phase)


def written(tmp_path: Path, text: str, name: str = "clip.bvh") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("order", ["ZXY", "XYZ", "ZYX", "YXZ", "XZY", "YZX"])
def test_turns_written_are_turns_read(tmp_path, order):
    rng = np.random.default_rng(1)
    angles, root = smooth_angles(rng), 90.0 + rng.normal(size=(30, 3)).cumsum(axis=0)
    clip = read_motion(written(tmp_path, bvh_text(order, angles, root)))
    assert clip.rate_hz == pytest.approx(100.0)
    world: dict[str, Rotation] = {}
    for index, (name, parent, _) in enumerate(BONES):
        local = Rotation.from_euler(order, angles[:, NAMES_IN_FILE.index(name)], degrees=True)
        world[name] = local if parent is None else world[parent] * local
        seen = Rotation.from_quat(clip.quat_world_from_joint[:, clip.skeleton.index(name)])
        axes = Rotation.from_matrix(TO_OURS)
        assert (seen.inv() * axes * world[name] * axes.inv()).magnitude().max() < 1e-6, (index, name)
    np.testing.assert_allclose(clip.root_position_m, 0.01 * root @ TO_OURS.T, atol=1e-8)


def _depth_first(name: str = "Hips") -> list[str]:
    return [name] + [n for child, parent, _ in BONES if parent == name for n in _depth_first(child)]


NAMES_IN_FILE = _depth_first()


def test_rest_pose_and_end_sites(tmp_path):
    still = np.zeros((5, len(BONES), 3))
    clip = read_motion(written(tmp_path, bvh_text("ZXY", still, np.full((5, 3), [0.0, 87.0, 0.0]))))
    at = dict(zip(clip.skeleton.joints, clip.joint_positions_m()[0], strict=True))
    assert at["LeftHand"][1] > 0.6 and at["RightHand"][1] < -0.6  # left is +y
    assert at["LeftFoot_end"][0] == pytest.approx(0.04)  # toes point forward, +x
    assert at["LeftFoot"][2] == pytest.approx(0.0) and at["Head"][2] == pytest.approx(1.5)
    np.testing.assert_allclose(clip.quat_world_from_joint[..., 3], 1.0)


@pytest.mark.parametrize(
    ("unit", "name"), [(0.01, "metres"), (1.0, "centimetres"), (10.0, "millimetres"), (1 / 2.54, "inches")]
)
def test_unit_of_length_is_found_and_said(tmp_path, unit, name):
    still = np.zeros((5, len(BONES), 3))
    clip = read_motion(written(tmp_path, bvh_text("ZXY", still, np.full((5, 3), 87.0), unit=unit)))
    assert np.ptp(clip.skeleton.rest_positions_m()[:, 2]) == pytest.approx(1.55, abs=0.01)
    assert any(name in note.text for note in clip.notes)


def test_z_up_facing_backwards_is_turned(tmp_path):
    """A Blender-like world: Z up, facing -Y."""
    still = np.zeros((5, len(BONES), 3))
    lines = bvh_text("ZXY", still, np.full((5, 3), 0.0)).split("\n")
    for i, line in enumerate(lines):
        if "OFFSET" in line:
            x, y, z = (float(v) for v in line.split()[1:])
            lines[i] = line[: line.index("OFFSET")] + f"OFFSET {x} {-z} {y}"
    clip = read_motion(written(tmp_path, "\n".join(lines)))
    at = dict(zip(clip.skeleton.joints, clip.joint_positions_m()[0], strict=True))
    assert at["Head"][2] - at["LeftFoot"][2] > 1.4
    assert at["LeftHand"][1] > at["RightHand"][1]
    assert at["LeftFoot_end"][0] > at["LeftFoot"][0]


def test_t_pose_in_front_is_left_out_and_said(tmp_path):
    angles = smooth_angles(np.random.default_rng(2), 60)
    angles[0] = 0.0
    clip = read_motion(written(tmp_path, bvh_text("ZXY", angles, np.full((60, 3), 90.0))))
    assert len(clip) == 59
    assert any(note.kind == "repaired" and "time 0 is frame 1" in note.text for note in clip.notes)


def test_motion_on_a_later_joint_makes_it_the_root(tmp_path):
    rng = np.random.default_rng(4)
    angles, root = smooth_angles(rng), 90.0 + rng.normal(size=(30, 3)).cumsum(axis=0) * 3.0
    plain = bvh_text("ZXY", angles, root)
    head, rows = plain.split("Frame Time: 0.01\n")
    channels = "Xposition Yposition Zposition Zrotation Xrotation Yrotation"
    head = head.replace("ROOT Hips", f"ROOT World\n{{\nOFFSET 0 0 0\nCHANNELS 6 {channels}\nJOINT Hips")
    head = head.replace("MOTION", "}\nMOTION")
    wrapped = head + "Frame Time: 0.01\n" + "".join(f"0 0 0 0 0 0 {row}\n" for row in rows.splitlines())
    expected, clip = read_motion(written(tmp_path, plain)), read_motion(written(tmp_path, wrapped, "w.bvh"))
    assert clip.skeleton.joints == expected.skeleton.joints
    np.testing.assert_allclose(clip.joint_positions_m(), expected.joint_positions_m(), atol=1e-9)
    assert any("became the root" in note.text for note in clip.notes)


def test_given_rate_and_scale_win(tmp_path):
    path = written(tmp_path, bvh_text("ZXY", smooth_angles(np.random.default_rng(3)), np.zeros((30, 3))))
    clip = read_motion(path, rate_hz=60.0, scale=0.02)
    assert clip.rate_hz == 60.0
    assert np.ptp(clip.skeleton.rest_positions_m()[:, 2]) == pytest.approx(3.10, abs=0.01)


GOOD = bvh_text("ZXY", np.zeros((4, len(BONES), 3)), np.full((4, 3), 87.0))


@pytest.mark.parametrize(
    "text",
    [
        GOOD[: len(GOOD) // 2],
        GOOD[:-40],
        GOOD.replace("Frames: 4", "Frames: 5"),
        GOOD.replace("Frames: 4", "Frames: 3"),
        GOOD.replace("Frames: 4", "Frames: 1000000000000"),
        GOOD.replace("Frame Time: 0.01", "Frame Time: 0"),
        GOOD.replace("Frame Time: 0.01", "Frame Time: nan"),
        GOOD.replace("Frame Time: 0.01", ""),
        GOOD.replace("87", "NaN", 1),
        GOOD.replace("87", "seven", 1),
        GOOD.replace("OFFSET 14", "OFFSET x"),
        GOOD.replace("Yrotation", "Yshear", 1),
        GOOD.replace("}", "", 1),
        GOOD.replace("LeftLeg", "Tentacle"),
        "HIERARCHY",
    ],
)
def test_damage_is_a_clear_error(tmp_path, text):
    with pytest.raises(FormatError) as error:
        read_motion(written(tmp_path, text))
    assert error.value.where and "bvh" in error.value.where


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 30), st.text("{}0123456789.-NaXrot \n\t\0é", max_size=12))
def test_any_damage_reads_or_gives_our_error(tmp_path, start, length, patch):
    path = written(tmp_path, GOOD[:start] + patch + GOOD[start + length :])
    with suppress(AnywearError):
        read_motion(path, format="bvh")


def test_foreign_files_and_formats_are_refused(tmp_path):
    for bad in (written(tmp_path, "hello"), tmp_path, tmp_path / "none.bvh"):
        with pytest.raises(FormatError):
            read_motion(bad)
    with pytest.raises(AnywearError, match="bhv"):
        read_motion(written(tmp_path, GOOD), format="bhv")
    with pytest.raises(AnywearError):
        read_motion(written(tmp_path, GOOD), rate_hz=0.0)
