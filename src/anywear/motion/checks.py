"""Faults of motion: found and named; nothing is repaired here.

Thresholds come from what bodies do: nothing turns by half a circle between two frames of motion capture, and the fastest
foot of a kick moves at about 25 m/s.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .._typing import Array
from ..errors import FormatError
from ..recording import Note
from . import quaternion
from .clip import MotionClip
from .joint_names import segments_of

SMOOTHING_S = 1.0 / 24.0  # rotations are averaged over this, at least 3 frames
LEAST_DETERMINANT = 0.15  # of the average; one flip by 180 degrees among three frames gives 0.11, real motion above 0.2
JUMP_DEG, JUMP_DEGPS = 60.0, 2500.0  # a turn between frames above both is no motion
JOINT_SPEED_MPS = 30.0
ROOT_SPEED_MPS = 12.0  # over half a second; the fastest sprint is 12.4 m/s at its peak
STEPS_PER_S = 5.2  # sprinters reach 4.5 to 5
FROZEN_S = 0.5
SHORTEST_BONE_M = 0.02
GROUND_DEPTH_M = 0.15
_LIMBS = ("upper_arm", "forearm", "thigh", "shank")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a clip.

    Attributes:
        kind: ``garbage rotations``, ``jump``, ``speed``, ``cadence``, ``frozen``, ``bone length`` or ``ground``.
        text: what and where, with the figures.
        frames: indices of the frames it is in; empty when it is in all of them.
        severe: signals derived from these frames would be wrong.
    """

    kind: str
    text: str
    frames: tuple[int, ...] = ()
    severe: bool = True

    def note(self) -> Note:
        """As provenance."""
        return Note("detected", f"fault, {self.kind}: {self.text}")


def find_faults(clip: MotionClip) -> tuple[Fault, ...]:
    """Every fault that is found in a clip, the worst kinds first.

    Looks at joints that move a segment of the body; fingers and faces do not matter here.
    """
    segments = segments_of(clip.skeleton.joints)
    index = {segment: clip.skeleton.index(joint) for segment, joint in segments.items()}
    if not index:
        return ()
    positions = clip.joint_positions_m()
    faults = [
        *_garbage(clip, index),
        *_jumps(clip, index, positions),
        *_lengths(clip, index),
        *_pace(clip, index, positions),
        *_frozen(clip, index),
        *_ground(positions),
    ]
    return tuple(faults)


def refuse_faults(clip: MotionClip) -> MotionClip:
    """The clip, or an error when it holds severe faults.

    Raises:
        FormatError: names every severe fault.
    """
    severe = [fault for fault in find_faults(clip) if fault.severe]
    if severe:
        raise FormatError(
            "The motion holds faults",
            where=clip.source or clip.name,
            got="; ".join(f"{fault.kind}: {fault.text}" for fault in severe),
            remedy="Cut the clip around the frames that are named, or leave it out",
        )
    return clip


def _garbage(clip: MotionClip, index: dict[str, int]) -> list[Fault]:
    """Rotations that cannot be filtered: their average over a few frames is no rotation any more."""
    width = max(3, 2 * round(SMOOTHING_S * clip.rate_hz / 2) + 1)
    if len(clip) < width:
        return []
    joints = np.array(sorted(set(index.values())))
    matrices = quaternion.to_matrix(clip.quat_world_from_joint[:, joints])
    sums = np.cumsum(np.concatenate([np.zeros_like(matrices[:1]), matrices]), axis=0)
    determinants = np.linalg.det((sums[width:] - sums[:-width]) / width)
    bad = determinants < LEAST_DETERMINANT
    if not bad.any():
        return []
    frames = np.flatnonzero(bad.any(axis=1)) + width // 2
    names = [clip.skeleton.joints[joint] for joint in joints[bad.any(axis=0)]]
    text = (
        f"rotations of {_listed(names)} flip back and forth in {len(frames)} frames, first in frame {frames[0]}; "
        f"smoothed over {width} frames their determinant falls to {determinants.min():.2f}"
    )
    return [Fault("garbage rotations", text, tuple(int(frame) for frame in frames))]


def _jumps(clip: MotionClip, index: dict[str, int], positions: Array) -> list[Fault]:
    joints = np.array(sorted(set(index.values())))
    quat = clip.quat_world_from_joint[:, joints]
    turns_deg = np.degrees(quaternion.angle_between_rad(quat[:-1], quat[1:]))
    turned = turns_deg > max(JUMP_DEG, JUMP_DEGPS / clip.rate_hz)
    speed_mps = np.linalg.norm(np.diff(positions[:, joints], axis=0), axis=-1) * clip.rate_hz
    moved = speed_mps > JOINT_SPEED_MPS
    faults = []
    for bad, values, unit in ((turned, turns_deg, "degrees between two frames"), (moved, speed_mps, "m/s")):
        if bad.any():
            frame, joint = np.unravel_index(int(values.argmax()), values.shape)
            frames = np.flatnonzero(bad.any(axis=1))
            text = (
                f"{clip.skeleton.joints[joints[joint]]} goes {values.max():.0f} {unit} after frame {frame}; "
                f"{len(frames)} such steps, the first after frame {frames[0]}"
            )
            faults.append(Fault("jump", text, tuple(int(f) for f in frames)))
    return faults


def _lengths(clip: MotionClip, index: dict[str, int]) -> list[Fault]:
    faults = []
    for side in ("left", "right"):
        for upper, lower in (("upper_arm", "forearm"), ("forearm", "hand"), ("thigh", "shank"), ("shank", "foot")):
            start, end = index.get(f"{side}_{upper}"), index.get(f"{side}_{lower}")
            if start is None or end is None:
                continue
            rest = clip.skeleton.rest_positions_m()
            length_m = float(np.linalg.norm(rest[end] - rest[start]))
            if length_m < SHORTEST_BONE_M:
                faults.append(
                    Fault("bone length", f"the {side} {upper.replace('_', ' ')} is {100 * length_m:.1f} cm long")
                )
    return faults


def _pace(clip: MotionClip, index: dict[str, int], positions: Array) -> list[Fault]:
    """Going or stepping faster than people can: the rate is wrong, or the unit of length."""
    faults = []
    half_second = min(max(1, round(0.5 * clip.rate_hz)), len(clip) - 1)
    path = positions[:, index.get("pelvis", 0), :2]
    speed_mps = np.linalg.norm(path[half_second:] - path[:-half_second], axis=1) / half_second * clip.rate_hz
    if speed_mps.max() > ROOT_SPEED_MPS:
        frame = int(speed_mps.argmax())
        text = f"the body goes {speed_mps.max():.1f} m/s at frame {frame}: rate or unit of length may be wrong"
        faults.append(Fault("speed", text))
    steps_per_s = _steps_per_s(clip, index, positions)
    if steps_per_s is not None and steps_per_s > STEPS_PER_S:
        text = f"{steps_per_s:.1f} steps per second: a rate of {clip.rate_hz:g} Hz may be wrong"
        faults.append(Fault("cadence", text))
    return faults


def _steps_per_s(clip: MotionClip, index: dict[str, int], positions: Array) -> float | None:
    """Steps per second where the feet are lifted in turn for long enough; None where there is no gait."""
    if "left_foot" not in index or "right_foot" not in index or clip.duration_s < 2.0:
        return None
    height_m = positions[:, index["left_foot"], 2] - positions[:, index["right_foot"], 2]
    # Which foot is up, with a dead band, so that jitter does not count as steps.
    lifted = np.where(height_m > 0.06, 1, np.where(height_m < -0.06, -1, 0))
    events = [(frame, side) for frame, side in enumerate(lifted) if side]
    turns = [b for (_, a_side), (b, b_side) in pairwise(events) if a_side != b_side]
    if len(turns) < 6:
        return None
    return float(clip.rate_hz / np.median(np.diff(turns)))


def _frozen(clip: MotionClip, index: dict[str, int]) -> list[Fault]:
    """A limb that stays exactly as it is against its parent while it moves elsewhere in the clip: markers were lost."""
    frames = max(3, round(FROZEN_S * clip.rate_hz))
    names, where = [], []
    for side in ("left", "right"):
        for part in _LIMBS:
            joint = index.get(f"{side}_{part}")
            if joint is None or len(clip) <= frames:
                continue
            quat = clip.quat_world_from_joint[:, joint]
            parent = clip.skeleton.parents[joint]
            if parent >= 0:
                quat = quaternion.multiply(quaternion.inverse(clip.quat_world_from_joint[:, parent]), quat)
            step = quaternion.angle_between_rad(quat[:-1], quat[1:])
            if step.max() < 1e-3:
                continue
            still = np.concatenate([[0], (step < 1e-7).astype(np.int64), [0]])
            starts, ends = np.flatnonzero(np.diff(still) == 1), np.flatnonzero(np.diff(still) == -1)
            long = ends - starts >= frames
            if long.any():
                names.append(clip.skeleton.joints[joint])
                where.append((int(starts[long][0]), int((ends - starts)[long].max())))
    if not names:
        return []
    first, longest = min(start for start, _ in where), max(length for _, length in where)
    longest_s = longest / clip.rate_hz
    text = f"{_listed(names)} still for up to {longest_s:.1f} s, first at frame {first}: markers may be missing"
    return [Fault("frozen", text, severe=False)]


def _ground(positions: Array) -> list[Fault]:
    lowest_m = positions[:, :, 2].min(axis=1)
    deep = lowest_m < -GROUND_DEPTH_M
    if not deep.any():
        return []
    text = f"feet are under the ground by up to {-lowest_m.min():.2f} m in {int(deep.sum())} of {len(lowest_m)} frames"
    return [Fault("ground", text, tuple(int(frame) for frame in np.flatnonzero(deep)), severe=False)]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
