"""A picture of clips beside the body they were brought onto: the check that feet, palms, elbows and head are right.

``python -m anywear.motion.retarget_picture out.png walk.bvh 07_01.amc:2.5`` draws a column of views for every file, at a
second or at the middle. Needs the ``plot`` extra.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .._drawing import save_picture
from .._typing import Array
from ..body import BONE_INDEX, BONE_NAMES, bone_transforms
from ..body.kinematics import spread_twist
from ..errors import UsageError
from .body_motion import BodyMotion
from .clip import MotionClip

HALF_WIDTH_M, TOP_M = 0.75, 1.95
PER_ROW = 3


def draw_retargeted(pairs: Sequence[tuple[MotionClip, BodyMotion, int]], path: str | Path, *, dpi: int = 64) -> Path:
    """Write a PNG: for every clip, motion and frame the source from its front and left side, and the body likewise.

    Views turn with the body's pelvis about the vertical. Stick figures are scaled to the body; the left is red.

    Raises:
        UsageError: matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise UsageError("Pictures need matplotlib", remedy='pip install "anywear[plot]"')
    from matplotlib.figure import Figure

    wide, high = min(PER_ROW, len(pairs)), -(-len(pairs) // PER_ROW)
    figure = Figure(figsize=(5.2 * wide, 7.0 * high), layout="constrained")
    grid = figure.subplots(2 * high, 2 * wide, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for number, (clip, motion, frame) in enumerate(pairs):
        below, column = 2 * (number // PER_ROW), number % PER_ROW
        vertices = _skinned(motion, frame)
        hips = motion.joints_m()[frame, [BONE_INDEX["LeftUpLeg"], BONE_INDEX["RightUpLeg"]]]
        across = hips[0] - hips[1]
        yaw = np.arctan2(-across[0], across[1])
        cos, sin = np.cos(yaw), np.sin(yaw)
        level = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
        middle = hips.mean(axis=0) * [1, 1, 0]
        mesh = (vertices - middle) @ level.T
        stick = _stick(clip, motion, frame)
        for row, sight in enumerate((np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))):
            left, right = grid[below + row, 2 * column], grid[below + row, 2 * column + 1]
            _bones(left, clip, (stick - middle) @ level.T, row)
            _shade(right, mesh, motion.body.triangles, sight, row)
            for axes in (left, right):
                axes.axhline(0.0, color="0.7", linewidth=0.8)
                axes.set_aspect("equal")
                axes.set(xlim=(-HALF_WIDTH_M, HALF_WIDTH_M), ylim=(-0.1, TOP_M))
        grid[below, 2 * column].set_title(f"{clip.name}\n{frame / clip.rate_hz:.2f} s", fontsize=13)
    return save_picture(figure, path, dpi=dpi)


def _skinned(motion: BodyMotion, frame: int) -> Array:
    """Vertices of the whole mesh in one frame."""
    body = motion.body
    rows = np.arange(len(body.vertices_m))
    weight = np.zeros((len(rows), len(BONE_NAMES)))
    np.add.at(weight, (rows[:, None], body.weight_bone), body.weight)
    share = spread_twist(body, body.vertices_m, weight)
    at = slice(frame, frame + 1)
    transform = bone_transforms(body, motion.quat_world_from_bone[at], motion.root_position_m[at])[0]
    blended = (share @ transform.reshape(len(transform), 12)).reshape(-1, 3, 4)
    return np.einsum("vij,vj->vi", blended[:, :, :3], body.vertices_m) + blended[:, :, 3]


def _stick(clip: MotionClip, motion: BodyMotion, frame: int) -> Array:
    """The source's joints, as tall as the body and with its hips in the same place."""
    from .retarget import plan_retargeting

    plan = plan_retargeting(clip.skeleton, motion.body)
    joints = plan.scale * clip.joint_positions_m()[frame]
    own = [BONE_INDEX["LeftUpLeg"], BONE_INDEX["RightUpLeg"]]
    moved = motion.joints_m()[frame, own].mean(axis=0) - joints[[plan.joints[bone] for bone in own]].mean(axis=0)
    return joints + moved


def _flat(points: Array, row: int) -> Array:
    """From the front the wearer's left is to the right; from the left the front is to the left."""
    return np.stack([points[..., 1] if row == 0 else -points[..., 0], points[..., 2]], axis=-1)


def _bones(axes, clip: MotionClip, points: Array, row: int) -> None:
    from .joint_names import segments_of
    from .picture import _colours

    colours = _colours(clip, segments_of(clip.skeleton.joints))
    flat = _flat(points, row)
    for joint, parent in enumerate(clip.skeleton.parents):
        if parent >= 0:
            axes.plot(flat[[parent, joint], 0], flat[[parent, joint], 1], color=colours[joint], linewidth=2)


def _shade(axes, vertices: Array, triangles: Array, sight: Array, row: int) -> None:
    from matplotlib.collections import PolyCollection

    corners = vertices[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    facing = normal @ sight
    order = np.flatnonzero(facing > 0)
    order = order[np.argsort(corners[order].mean(axis=1) @ sight)]
    grey = (0.45 + 0.5 * facing[order])[:, None] * np.ones(3)
    axes.add_collection(
        PolyCollection(list(_flat(corners[order], row)), facecolors=grey, edgecolors=grey, linewidths=0.2)
    )


def main(arguments: list[str]) -> int:
    """Reads, retargets and draws."""
    from .registry import read_motion
    from .retarget import retarget

    out, *files = arguments
    pairs = []
    for file in files:
        name, _, second = file.rpartition(":") if file.rpartition(":")[2].replace(".", "").isdigit() else (file, "", "")
        clip = read_motion(name)
        frame = min(len(clip) - 1, round(float(second) * clip.rate_hz)) if second else len(clip) // 2
        pairs.append((clip, retarget(clip), frame))
    draw_retargeted(pairs, out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
