"""Every fault that is put into a sound clip is found and named; a sound one has none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anywear.errors import FormatError, UsageError
from anywear.motion import MotionClip, Skeleton, draw_clip, find_faults, smpl
from anywear.motion.checks import refuse_faults

RATE_HZ = 60.0
TO_OURS = np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])


def walking(rate_hz: float = RATE_HZ, seconds: float = 6.0, steps_per_s: float = 1.8) -> MotionClip:
    """Legs and arms swing in turn; the body goes 1.4 m/s."""
    time_s = np.arange(int(seconds * rate_hz)) / rate_hz
    phase = np.pi * steps_per_s * time_s
    local = {name: np.zeros_like(time_s) for name in smpl.JOINTS[:22]}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        local[f"{side}_hip"] = -0.5 * sign * np.sin(phase)
        local[f"{side}_knee"] = 0.5 * (1 + sign * np.cos(phase))
        local[f"{side}_shoulder"] = 0.4 * sign * np.sin(phase)
        local[f"{side}_elbow"] = -0.3 * (1 + sign * np.sin(phase))
    world: list[Rotation] = []
    for name, parent in zip(smpl.JOINTS[:22], smpl.PARENTS[:22], strict=True):
        turn = Rotation.from_rotvec(local[name][:, None] * [0.0, 1.0, 0.0])
        world.append(turn if parent < 0 else world[parent] * turn)
    root = np.stack([1.4 * time_s, 0 * time_s, 0.94 + 0.02 * np.cos(2 * phase)], axis=1)
    skeleton = Skeleton(smpl.JOINTS[:22], smpl.PARENTS[:22], smpl.offsets_of(smpl.rest_joints_m()) @ TO_OURS.T)
    return MotionClip("walking", rate_hz, skeleton, root, np.stack([w.as_quat() for w in world], axis=1))


def with_quat(clip: MotionClip, change) -> MotionClip:
    quat = clip.quat_world_from_joint.copy()
    change(quat)
    return replace(clip, quat_world_from_joint=quat)


def kinds(clip: MotionClip) -> set[str]:
    return {fault.kind for fault in find_faults(clip)}


def test_a_sound_clip_has_no_faults():
    assert find_faults(walking()) == ()
    assert refuse_faults(walking()).name == "walking"


def test_flipping_rotations_are_garbage():
    def flip(quat):
        quat[100, 4] = (Rotation.from_quat(quat[100, 4]) * Rotation.from_euler("z", 180, degrees=True)).as_quat()

    clip = with_quat(walking(), flip)
    found = {fault.kind: fault for fault in find_faults(clip)}
    assert "left_knee" in found["garbage rotations"].text and 100 in found["garbage rotations"].frames
    with pytest.raises(FormatError, match="faults"):
        refuse_faults(clip)


def test_a_cut_is_a_jump():
    clip = walking()
    root = clip.root_position_m.copy()
    root[200:] += [3.0, 0.0, 0.0]
    found = [fault for fault in find_faults(replace(clip, root_position_m=root)) if fault.kind == "jump"]
    assert found and found[0].frames == (199,)


def test_lost_markers_freeze_a_limb():
    def freeze(quat):
        parent = Rotation.from_quat(quat[100:160, 16])
        local = Rotation.from_quat(quat[99, 16]).inv() * Rotation.from_quat(quat[99, 18])
        quat[100:160, 18] = (parent * local).as_quat()

    found = [fault for fault in find_faults(with_quat(walking(), freeze)) if fault.kind == "frozen"]
    assert found and "left_elbow" in found[0].text and not found[0].severe


def test_zero_bones_deep_feet_and_wrong_rates_are_named():
    clip = walking()
    offsets = clip.skeleton.offsets_m.copy()
    offsets[4] = 0.0
    assert "bone length" in kinds(replace(clip, skeleton=replace(clip.skeleton, offsets_m=offsets)))
    assert "ground" in kinds(replace(clip, root_position_m=clip.root_position_m - [0, 0, 0.5]))
    assert "cadence" in kinds(replace(walking(seconds=12.0), rate_hz=240.0))
    assert "speed" in kinds(replace(clip, rate_hz=1000.0))
    assert "cadence" not in kinds(replace(clip, rate_hz=120.0))  # 3.6 steps/s is a run: no reason to doubt


def test_picture_is_written(tmp_path):
    pytest.importorskip("matplotlib")
    path = draw_clip(walking(), tmp_path / "walk.png", frames=2)
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and path.stat().st_size > 5000
    with pytest.raises(UsageError):
        draw_clip(walking(), tmp_path / "none.png", frames=0)
