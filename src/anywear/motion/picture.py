"""A contact sheet of stick figures, so that a person can judge a clip: upright, facing, knees, left and right."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .._drawing import save_picture
from ..errors import UsageError
from .clip import MotionClip
from .joint_names import segments_of

LEFT_COLOUR, RIGHT_COLOUR, MIDDLE_COLOUR = "tab:red", "tab:blue", "0.25"


def draw_clip(clip: MotionClip, path: str | Path, *, frames: int = 6) -> Path:
    """Write a PNG with figures from the wearer's left side, from the front and from above.

    The wearer's left is red, the right blue. Views turn with the pelvis of each frame (about the vertical only), so the
    side view always looks to the right. The first column is the rest pose.

    Args:
        clip: any motion.
        path: where the PNG goes.
        frames: figures, evenly over the clip.

    Raises:
        UsageError: matplotlib is not installed, or fewer than one figure is asked for.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UsageError("Pictures need matplotlib", remedy="pip install 'anywear[plot]'") from error
    if frames < 1:
        raise UsageError("A contact sheet needs at least one figure", got=str(frames))
    segments = segments_of(clip.skeleton.joints)
    picked = np.unique(np.linspace(0, len(clip) - 1, frames).astype(np.int64))
    poses = clip.joint_positions_m()[picked]
    rest = clip.skeleton.rest_positions_m()
    titles = ["rest", *(f"{frame / clip.rate_hz:.2f} s" for frame in picked)]
    poses = np.concatenate([(rest - [0, 0, rest[:, 2].min()])[None], poses])
    figure = Figure(figsize=(1.9 * len(poses), 6.6), layout="constrained")
    axes = figure.subplots(3, len(poses), squeeze=False)
    colours = _colours(clip, segments)
    for column, (pose, title) in enumerate(zip(poses, titles, strict=True)):
        seen = _facing_forward(pose, clip, segments)
        # Side: forward to the right; front: the wearer's left on the right of the picture; above: forward is up.
        for row, (across, upward) in enumerate(
            ((seen[:, 0], seen[:, 2]), (seen[:, 1], seen[:, 2]), (-seen[:, 1], seen[:, 0]))
        ):
            axis = axes[row, column]
            for joint, parent in enumerate(clip.skeleton.parents):
                if parent >= 0:
                    axis.plot(across[[parent, joint]], upward[[parent, joint]], color=colours[joint], linewidth=1.2)
            axis.set_aspect("equal")
            axis.set_xlim(-1.1, 1.1)
            axis.set_ylim(*((-0.3, 2.2) if row < 2 else (-1.1, 1.1)))
            if row < 2:
                axis.axhline(0.0, color="0.8", linewidth=0.8)
            axis.tick_params(labelsize=5)
        axes[0, column].set_title(title, fontsize=8)
    for row, name in enumerate(("side", "front", "above")):
        axes[row, 0].set_ylabel(name, fontsize=8)
    figure.suptitle(f"{clip.name}   {clip.rate_hz:g} Hz, {clip.duration_s:.1f} s   left red, right blue", fontsize=9)
    return save_picture(figure, path, dpi=80)


def _facing_forward(pose, clip: MotionClip, segments: dict[str, str]):
    """The pose with its pelvis over the origin and its front towards x."""
    if "left_thigh" not in segments or "right_thigh" not in segments:
        return pose - [*pose[0, :2], 0.0]
    left, right = (pose[clip.skeleton.index(segments[f"{side}_thigh"])] for side in ("left", "right"))
    middle, across = (left + right) / 2, left - right
    yaw = np.arctan2(-across[0], across[1])
    cos, sin = np.cos(yaw), np.sin(yaw)
    moved = pose - [middle[0], middle[1], 0.0]
    return moved @ np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]]).T


def _colours(clip: MotionClip, segments: dict[str, str]) -> list[str]:
    own = {
        joint: LEFT_COLOUR
        if segment.startswith("left_")
        else RIGHT_COLOUR
        if segment.startswith("right_")
        else MIDDLE_COLOUR
        for segment, joint in segments.items()
    }
    colours: list[str] = []
    for joint, parent in enumerate(clip.skeleton.parents):
        inherited = colours[parent] if parent >= 0 else MIDDLE_COLOUR
        colours.append(own.get(clip.skeleton.joints[joint], inherited))
    # A bone has the colour of the joint it begins at, but for limbs, whose first bone leaves the trunk.
    return colours
