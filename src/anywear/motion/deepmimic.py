"""DeepMimic's JSON frames: CMU and other motions on a humanoid of 15 bodies.

A frame holds its duration, then root position (m) and root rotation (wxyz), then joint rotations in the order of
`_JOINTS`: a quaternion wxyz for ball joints, one angle in radians for knees and elbows, which turn about the humanoid's
side axis. World of the file: Y up; the humanoid faces X at rest, its right along Z, arms hanging. Elbows turn about one
axis only: the forearm's pronation is lost.

Format: Peng et al., "DeepMimic", ACM Trans. Graph. 37(4), 2018, and the humanoid published with it.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..recording import Note
from . import quaternion
from .clip import MotionClip
from .registry import MotionOptions, head_of, motion_reader, text_of
from .world import SourceMotion, into_world

# name, parent, offset from the parent in metres (x forward, y up, z right), channels: 4 ball, 1 hinge, 0 fixed.
_JOINTS = (
    ("root", None, (0.0, 0.0, 0.0), 4),
    ("chest", "root", (0.0, 0.236151, 0.0), 4),
    ("neck", "chest", (0.0, 0.223894, 0.0), 4),
    ("right_hip", "root", (0.0, 0.0, 0.084887), 4),
    ("right_knee", "right_hip", (0.0, -0.421546, 0.0), 1),
    ("right_ankle", "right_knee", (0.0, -0.40987, 0.0), 4),
    ("right_shoulder", "chest", (-0.02405, 0.2435, 0.18311), 4),
    ("right_elbow", "right_shoulder", (0.0, -0.274788, 0.0), 1),
    ("left_hip", "root", (0.0, 0.0, -0.084887), 4),
    ("left_knee", "left_hip", (0.0, -0.421546, 0.0), 1),
    ("left_ankle", "left_knee", (0.0, -0.40987, 0.0), 4),
    ("left_shoulder", "chest", (-0.02405, 0.2435, -0.18311), 4),
    ("left_elbow", "left_shoulder", (0.0, -0.274788, 0.0), 1),
    ("right_wrist", "right_elbow", (0.0, -0.258947, 0.0), 0),
    ("left_wrist", "left_elbow", (0.0, -0.258947, 0.0), 0),
    ("neck_end", "neck", (0.0, 0.28, 0.0), 0),
    ("right_ankle_end", "right_ankle", (0.13, -0.045, 0.0), 0),
    ("left_ankle_end", "left_ankle", (0.13, -0.045, 0.0), 0),
)
LENGTH_TOLERANCE = 0.3  # edited files (backflip, roll) hold quaternions 0.15 off
_VALUES = 1 + 3 + sum(channels for *_, channels in _JOINTS)  # 44 numbers per frame


def _is_deepmimic(path: Path) -> bool:
    head = head_of(path, 400).lstrip("\ufeff \t\r\n")
    return head.startswith("{") and ('"Frames"' in head or '"Loop"' in head)


@motion_reader("deepmimic", "DeepMimic humanoid frames (JSON)", _is_deepmimic)
def read_deepmimic(path: Path, options: MotionOptions) -> MotionClip:
    """Read one DeepMimic motion.

    Raises:
        FormatError: no JSON, no frames, frames of another humanoid, durations that differ.
    """
    where = str(path)
    try:
        content = json.loads(text_of(path))
    except (ValueError, RecursionError) as error:
        raise FormatError("The file is not whole JSON", where=where, got=str(error)[:80]) from None
    frames = content.get("Frames") if isinstance(content, dict) else None
    if not isinstance(frames, list) or len(frames) < 2:
        raise FormatError("The file holds no frames", where=where, expected='a list of frames under "Frames"')
    odd = next((i for i, frame in enumerate(frames) if not isinstance(frame, list) or len(frame) != _VALUES), None)
    if odd is not None:
        got = f"{len(frames[odd])} numbers" if isinstance(frames[odd], list) else type(frames[odd]).__name__
        raise FormatError(
            "A frame is not of DeepMimic's humanoid",
            where=f"{where}, frame {odd}",
            expected=f"{_VALUES} numbers",
            got=got,
        )
    try:
        values = np.array(frames, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise FormatError("A frame holds something that is no number", where=where, got=str(error)[:80]) from None
    if not np.isfinite(values).all():
        bad = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise FormatError("A frame holds values that are not finite", where=f"{where}, frame {bad}")
    notes: list[Note] = []
    rate_hz = _rate_hz(values[:, 0], options, where, notes)
    names = [name for name, *_ in _JOINTS]
    parents = [-1 if parent is None else names.index(parent) for _, parent, *_ in _JOINTS]
    quat = np.tile(np.array(quaternion.IDENTITY), (len(values), len(names), 1))
    column, worst = 4, 0.0
    for joint, (name, _, _, channels) in enumerate(_JOINTS):
        block = values[:, column : column + channels]
        column += channels
        if channels == 4:
            lengths = np.linalg.norm(block, axis=1)
            worst = max(worst, float(np.abs(lengths - 1.0).max()))
            if worst > LENGTH_TOLERANCE:
                bad = int(np.abs(lengths - 1.0).argmax())
                raise FormatError(
                    "A rotation is not a unit quaternion",
                    where=f"{where}, frame {bad}, joint {name}",
                    got=f"{lengths[bad]:.3g}",
                )
            quat[:, joint] = quaternion.normalised(block[:, [1, 2, 3, 0]])
        elif channels == 1:
            quat[:, joint] = quaternion.from_axis_angles("Z", block)
        if parents[joint] >= 0:
            quat[:, joint] = quaternion.multiply(quat[:, parents[joint]], quat[:, joint])
    if worst > 0.01:
        notes.append(Note("repaired", f"quaternions were off unit length by up to {worst:.2f} and were made unit"))
    notes.append(Note("assumed", "bone lengths are those of DeepMimic's humanoid, 1.6 m tall, whoever moved"))
    notes.append(Note("detected", "elbows turn about one axis and wrists not at all: pronation is not in the file"))
    source = SourceMotion(
        name=path.stem, source=path.name, rate_hz=rate_hz, joints=names, parents=parents,
        offsets=np.array([offset for _, _, offset, _ in _JOINTS]), root_position=values[:, 1:4], quat=quat,
        unobservable_twist=("right_elbow", "left_elbow", "right_wrist", "left_wrist"), notes=notes,
    )  # fmt: skip
    return into_world(source, scale=1.0 if options.scale is None else options.scale)


def _rate_hz(durations_s: np.ndarray, options: MotionOptions, where: str, notes: list[Note]) -> float:
    if options.rate_hz is not None:
        notes.append(Note("assumed", f"rate {options.rate_hz:g} Hz as given"))
        return options.rate_hz
    # The last frame's duration is 0 in files that do not loop.
    own = durations_s[:-1]
    middle = float(np.median(own))
    if not 1e-3 <= middle <= 0.2 or np.abs(own - middle).max() > 0.01 * middle:
        raise FormatError(
            "The frames' durations are impossible or differ", where=where, expected="one duration, 0.001 to 0.2 s",
            got=f"{own.min():g} to {own.max():g} s", remedy="Give the true rate: --motion-rate 30",
        )  # fmt: skip
    rate_hz = 1.0 / middle
    rate_hz = float(round(rate_hz)) if abs(rate_hz - round(rate_hz)) < 0.05 else rate_hz
    notes.append(Note("detected", f"rate {rate_hz:g} Hz from the frames' durations"))
    return rate_hz
