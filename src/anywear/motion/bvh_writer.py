"""A clip as BVH, which Blender and most other tools open: Y up, facing Z, centimetres.

Joints turn by Z, Y, X: the middle angle, which locks at 90 degrees, is then the turn of a hanging limb about itself. The root
turns by Y, X, Z, its heading first.

Format: Meredith & Maddock, "Motion Capture File Formats Explained", University of Sheffield, 2001.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from .._files import write_whole
from .._typing import Array, Float
from ..errors import UsageError
from . import quaternion
from .clip import MotionClip, Skeleton

ROOT_ORDER, JOINT_ORDER = "YXZ", "ZYX"
FILE_AXES = [1, 2, 0]  # the file's x, y, z are our y (left), z (up), x (forward): no mirroring
UNITS_PER_M = 100.0


def write_bvh(clip: MotionClip, path: str | Path) -> None:
    """Write a clip as a BVH file; `read_motion` gives the same motion back.

    Joints are written depth first, whatever their order in the clip. Captions, licence and notes have no place in BVH.

    Raises:
        UsageError: a joint whose name BVH cannot hold, or a file that cannot be written.
    """
    for name in clip.skeleton.joints:
        if not name or name != " ".join(name.split()) or "{" in name or "}" in name:
            raise UsageError("BVH cannot hold this joint's name", where=str(path), got=repr(name))
    order: list[int] = []
    lines = ["HIERARCHY", *_joint(clip.skeleton, 0, 0, order), "MOTION"]
    lines += [f"Frames: {len(clip)}", f"Frame Time: {1.0 / clip.rate_hz:.12g}"]
    root = UNITS_PER_M * clip.root_position_m[:, FILE_AXES]
    angles = _angles_deg(clip)[:, order].reshape(len(clip), -1)
    # Six digits: less would show in accelerations, which are the second difference times the rate squared.
    lines += [" ".join(f"{value:.6f}" for value in frame) for frame in np.hstack([root, angles]) + 0.0]
    text = "\n".join(lines) + "\n"
    write_whole(Path(path), lambda partial: partial.write_text(text, encoding="utf-8", newline="\n"))


def _joint(skeleton: Skeleton, joint: int, depth: int, order: list[int]) -> list[str]:
    """Lines of a joint and all that hangs from it; ``order`` grows by the joints as they are written."""
    order.append(joint)
    pad = "\t" * depth
    offset = UNITS_PER_M * skeleton.offsets_m[joint, FILE_AXES] if joint else np.zeros(3)
    turns = " ".join(f"{axis}rotation" for axis in (JOINT_ORDER if joint else ROOT_ORDER))
    channels = f"3 {turns}" if joint else f"6 Xposition Yposition Zposition {turns}"
    lines = [
        f"{pad}{'JOINT' if joint else 'ROOT'} {skeleton.joints[joint]}",
        f"{pad}{{",
        f"{pad}\tOFFSET {offset[0]:.6f} {offset[1]:.6f} {offset[2]:.6f}",
        f"{pad}\tCHANNELS {channels}",
    ]
    children = skeleton.children(joint)
    for child in children:
        lines += _joint(skeleton, child, depth + 1, order)
    if not children:
        lines += [f"{pad}\tEnd Site", f"{pad}\t{{", f"{pad}\t\tOFFSET 0.000000 0.000000 0.000000", f"{pad}\t}}"]
    return [*lines, f"{pad}}}"]


def _angles_deg(clip: MotionClip) -> Float[Array, "time joints 3"]:
    """Angles of every joint against its parent, in the order of its channels, without leaps of a full turn."""
    from scipy.spatial.transform import Rotation

    world = clip.quat_world_from_joint[..., [*FILE_AXES, 3]]
    local = world.copy()
    parents = np.array(clip.skeleton.parents[1:], dtype=np.int64)
    local[:, 1:] = quaternion.multiply(quaternion.inverse(world[:, parents]), world[:, 1:])
    angles = np.empty((*local.shape[:2], 3))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Gimbal lock")  # one of the angles is then free; the rotation is still right
        angles[:, 0] = Rotation.from_quat(local[:, 0]).as_euler(ROOT_ORDER)
        joints = Rotation.from_quat(local[:, 1:].reshape(-1, 4)).as_euler(JOINT_ORDER)
    angles[:, 1:] = joints.reshape(len(clip), -1, 3)
    return np.degrees(np.unwrap(angles, axis=0))
