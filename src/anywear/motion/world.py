"""From a file's own axes, unit and rest pose to ours: Z up, metres, a standing rest pose that faces x.

Readers describe what stands in the file as a `SourceMotion`; `into_world` finds out the rest and makes the clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from .._typing import Array, Float
from ..errors import FormatError, UnitError
from ..recording import Note
from . import quaternion
from .clip import MotionClip, Skeleton
from .joint_names import require_segments

# Metres per unit. CMU's and HDM05's ASF files count in 1/0.45 inch.
LENGTH_UNITS_M = {
    "metres": 1.0,
    "centimetres": 0.01,
    "millimetres": 0.001,
    "inches": 0.0254,
    "CMU units": 0.0254 / 0.45,
}
JOINT_HEIGHT_RANGE_M = (1.1, 2.1)  # lowest to highest joint of a standing person; ranges of the units do not overlap
STANDING_COSINE = 0.77  # legs and trunk within 40 degrees of one line
SNAP_DEG = 20.0  # an axis of the file this near is meant to be the axis
LEADING_FRAMES = 8  # as many may stand apart at the start
STILL_FRAME_DEG = 5.0  # mean turn per joint between two frames that no motion makes


@dataclass
class SourceMotion:
    """What a file says, in its own axes and unit.

    Attributes:
        joints, parents: as in `Skeleton`.
        offsets: (J, 3) from parent to joint in the parent's frame, file's unit.
        root_position: (T, 3) file's unit and axes.
        quat: (T, J, 4) xyzw, world rotation of every joint in the file's axes; identity is the file's zero pose.
        rest_quat: (J, 4) world rotations of a known rest pose, for files whose zero pose is none.
        notes: grows on the way.
    """

    name: str
    source: str
    rate_hz: float
    joints: Sequence[str]
    parents: Sequence[int]
    offsets: Float[Array, "joints 3"]
    root_position: Float[Array, "time 3"]
    quat: Float[Array, "time joints 4"]
    unobservable_twist: tuple[str, ...] = ()
    rest_quat: Array | None = None
    notes: list[Note] = field(default_factory=list)


def into_world(source: SourceMotion, *, scale: float | None = None) -> MotionClip:
    """The clip in our world.

    The zero pose of the file is the rest pose where it is a standing one; else the rig's known rest pose, where the reader
    gives one; else the first frame, if that stands; else the file is refused, for nothing could be laid onto a body by it.
    Leading frames that have nothing to do with the motion (a T-pose put in front) are left out. World up is the standing
    rest pose's up.

    Args:
        source: what the file says.
        scale: metres per unit of the file; by default found from the height of the rest pose.

    Raises:
        FormatError: joints that cannot be named, no standing rest pose. UnitError: a height that fits no unit.
    """
    segments = require_segments(source.joints, where=source.source)
    index = {segment: list(source.joints).index(joint) for segment, joint in segments.items()}
    leading = _leading_apart(source)
    rest_quat, rest, faces_axis = _rest_pose(source, index)
    axes = _our_axes(source, rest, index, faces_axis)
    turn = quaternion.from_matrix(axes)
    metres = scale if scale is not None else _metres_per_unit(source, rest, axes)
    keep = slice(leading, None)
    # Rotation from the rest pose in the file's axes, then the same turn seen in ours.
    from_rest = quaternion.multiply(source.quat[keep], quaternion.inverse(rest_quat))
    from_rest = quaternion.multiply(quaternion.multiply(turn, from_rest), quaternion.inverse(turn))
    parents = np.maximum(np.asarray(source.parents), 0)
    offsets = quaternion.rotate(rest_quat[parents], source.offsets)
    offsets[0] = 0.0
    clip = MotionClip(
        name=source.name,
        rate_hz=source.rate_hz,
        skeleton=Skeleton(tuple(source.joints), tuple(source.parents), metres * offsets @ axes.T),
        root_position_m=metres * source.root_position[keep] @ axes.T,
        quat_world_from_joint=from_rest,
        unobservable_twist=source.unobservable_twist,
        source=source.source,
        notes=tuple(source.notes),
    )
    return _on_ground(clip)


def positions_of(source: SourceMotion, quat: Float[Array, "joints 4"]) -> Float[Array, "joints 3"]:
    """Joints of one pose in the file's axes and unit, the root at the origin."""
    positions = np.zeros((len(source.joints), 3))
    for joint, parent in enumerate(source.parents):
        if parent >= 0:
            positions[joint] = positions[parent] + quaternion.rotate(quat[parent], source.offsets[joint])
    return positions


def _rest_pose(source: SourceMotion, index: dict[str, int]) -> tuple[Array, Array, bool]:
    zero = np.tile(np.array(quaternion.IDENTITY), (len(source.joints), 1))
    positions = positions_of(source, zero)
    if _stands(positions, index):
        return zero, positions, True
    if source.rest_quat is not None:
        positions = positions_of(source, source.rest_quat)
        if _stands(positions, index):
            source.notes.append(
                Note("assumed", "the zero pose is no pose; the known T-pose of this rig is the rest pose")
            )
            return source.rest_quat, positions, True
    first = quaternion.normalised(source.quat[0])
    positions = positions_of(source, first)
    if _stands(positions, index):
        source.notes.append(
            Note("detected", "the zero pose is not a standing one; the first frame, which is, became the rest pose")
        )
        return first, positions, False
    raise FormatError(
        "Neither the zero pose nor the first frame is a standing rest pose",
        where=source.source,
        expected="trunk above the legs, legs stretched",
        remedy="Put a T-pose in front of the motion, as a first frame",
    )


def _stands(positions: Array, index: dict[str, int]) -> bool:
    """Trunk and both thighs and shanks on one line, the trunk the other way."""
    arms = (positions[index["left_upper_arm"]] + positions[index["right_upper_arm"]]) / 2
    hips = (positions[index["left_thigh"]] + positions[index["right_thigh"]]) / 2
    up = _unit(arms - hips)
    for side in ("left", "right"):
        chain = [index[f"{side}_{part}"] for part in ("thigh", "shank", "foot") if f"{side}_{part}" in index]
        for upper, lower in pairwise(chain):
            if _unit(positions[upper] - positions[lower]) @ up < STANDING_COSINE:
                return False
    return True


def _our_axes(source: SourceMotion, rest: Array, index: dict[str, int], zero_pose: bool) -> Float[Array, "3 3"]:
    """Rows are our x (forward), y (left), z (up) in the file's axes."""
    left, right = ("left_upper_arm", "left_thigh"), ("right_upper_arm", "right_thigh")
    trunk = rest[[index[left[0]], index[right[0]]]].mean(axis=0) - rest[[index[left[1]], index[right[1]]]].mean(axis=0)
    up = _snapped(_unit(trunk))
    if up is None:
        # A first frame that leans: the axis nearest to the trunk is meant.
        up = np.zeros(3)
        largest = int(np.abs(trunk).argmax())
        up[largest] = np.sign(trunk[largest])
    across = sum(_unit(rest[index[a]] - rest[index[b]]) for a, b in zip(left, right, strict=True))
    across = _unit(across - (across @ up) * up)
    snapped = _snapped(across)
    leftward = snapped if snapped is not None and abs(snapped @ up) < 0.5 else across
    forward = np.cross(leftward, up)
    source.notes.append(
        Note(
            "converted",
            f"axes: {_axis_name(forward)} became x (forward at rest), {_axis_name(leftward)} y (left), "
            f"{_axis_name(up)} z (up)",
        )
    )
    return np.stack([forward, leftward, up])


def _metres_per_unit(source: SourceMotion, rest: Array, axes: Array) -> float:
    low, high = JOINT_HEIGHT_RANGE_M
    height = float(np.ptp(rest @ axes[2]))
    for name, metres in LENGTH_UNITS_M.items():
        if low <= height * metres <= high:
            kind = "detected" if name == "metres" else "converted"
            text = f"lengths are in {name}: lowest to highest joint at rest {height:.4g}, or {height * metres:.2f} m"
            source.notes.append(Note(kind, text))
            return metres
    raise UnitError(
        "The skeleton's size fits no unit of length",
        where=source.source,
        expected=f"{low} to {high} m from lowest to highest joint in m, cm, mm, inches or CMU units",
        got=f"{height:.4g} file units",
        remedy="Give the metres per unit: scale=0.01 for centimetres",
    )


def _on_ground(clip: MotionClip) -> MotionClip:
    """Raised by the height of the root at rest, where the file counts heights from there."""
    rest_height_m = -float(clip.skeleton.rest_positions_m()[:, 2].min())
    lowest_m = float(np.percentile(clip.joint_positions_m()[:, :, 2].min(axis=1), 10))
    if rest_height_m < 0.5 or lowest_m > -0.6 * rest_height_m:
        return clip
    return replace(
        clip,
        root_position_m=clip.root_position_m + np.array([0.0, 0.0, rest_height_m]),
        notes=(
            *clip.notes,
            Note(
                "repaired",
                f"heights count from the root at rest: raised by {rest_height_m:.2f} m, so that feet are on the ground",
            ),
        ),
    )


def _leading_apart(source: SourceMotion) -> int:
    """How many frames at the start are no part of the motion: a T-pose put in front, and what was blended with it."""
    if len(source.quat) < 4 * LEADING_FRAMES:
        return 0
    head = source.quat[: 10 * LEADING_FRAMES]
    steps = np.degrees(quaternion.angle_between_rad(head[:-1], head[1:])).mean(axis=1)
    usual = float(np.median(steps[LEADING_FRAMES:]))
    apart = np.flatnonzero(steps[:LEADING_FRAMES] > max(STILL_FRAME_DEG, 5.0 * usual))
    if len(apart) == 0 or apart[0] != 0:
        return 0
    count = int(apart[-1]) + 1
    source.notes.append(
        Note(
            "repaired",
            f"the first {count} frame{'s' if count > 1 else ''} stood apart from the motion (joints turn {steps[0]:.0f} "
            f"degrees after frame 0, {usual:.1f} later on) and were left out: time 0 is frame {count}",
        )
    )
    return count


def _snapped(direction: Array) -> Array | None:
    axis = int(np.abs(direction).argmax())
    if abs(direction[axis]) < np.cos(np.deg2rad(SNAP_DEG)):
        return None
    snapped = np.zeros(3)
    snapped[axis] = np.sign(direction[axis])
    return snapped


def _axis_name(direction: Array) -> str:
    axis = int(np.abs(direction).argmax())
    if abs(direction[axis]) > 0.999:
        return ("+" if direction[axis] > 0 else "-") + "XYZ"[axis]
    return "(" + ", ".join(f"{value:.2f}" for value in direction) + ")"


def _unit(vector: Array) -> Array:
    length = np.linalg.norm(vector)
    return vector / length if length > 0 else vector
