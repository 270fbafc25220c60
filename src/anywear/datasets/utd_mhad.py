"""UTD-MHAD: 27 actions, 8 subjects, one inertial unit on the right wrist or the right thigh, with Kinect skeletons.

Layout: ``Inertial/aA_sS_tT_inertial.mat`` with ``d_iner``, N x 6: accelerometer in g, gyroscope in deg/s, 50 Hz, no
time stamps; ``Skeleton/aA_sS_tT_skeleton.mat`` with ``d_skel``, 20 x 3 x T in metres. 861 trials.

Where the unit was worn depends on the action: the wrist for 1 to 21, the thigh for 22 to 27. A model told the place
knows much of the answer, so classes may be asked only within `DatasetInfo.label_groups`, one score per position.

Found in the files: trials last 2.1 to 6.5 s. The gyroscope clips at 1,000 deg/s in 19 of the 861 trials (2.2 %), the
accelerometer at 8 g in 22 (2.6 %). At rest the norm is 1.03 g at the wrist and 1.04 g at the thigh in the median. On the
thigh -x is up (-0.97 g at the start of a trial), on the hanging wrist -x as well (-1.07 g).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .._typing import Array, Float
from ..errors import FormatError
from ..io.registry import ReadOptions
from ..placement import READ_OFF, Mount, Placement
from ..recording import Recording
from ._parse import matlab_trial, matlab_variables
from .base import DatasetInfo, File, Key, register

WRIST_WORDS = (
    "swipe left",
    "swipe right",
    "wave",
    "clap",
    "throw",
    "arm cross",
    "basketball shoot",
    "draw x",
    "draw circle clockwise",
    "draw circle counter clockwise",
    "draw triangle",
    "bowling",
    "boxing",
    "baseball swing",
    "tennis swing",
    "arm curl",
    "tennis serve",
    "push",
    "knock",
    "catch",
    "pickup and throw",
)
THIGH_WORDS = ("jog", "walk", "sit to stand", "stand to sit", "lunge", "squat")

INFO = DatasetInfo(
    name="utd-mhad",
    title="UTD Multimodal Human Action Dataset",
    about="27 actions, 8 subjects, one unit on the right wrist or right thigh, with Kinect skeletons",
    role="train",
    licence="public domain, in the authors' words",
    citation=(
        "C. Chen, R. Jafari, N. Kehtarnavaz: UTD-MHAD: a multimodal dataset for human action recognition utilizing a "
        "depth camera and a wearable inertial sensor. ICIP 2015, 168-172"
    ),
    url="https://personal.utdallas.edu/~kehtar/UTD-MHAD.html",
    rate_hz=50.0,
    placements=("right_wrist", "right_thigh"),
    label_words=WRIST_WORDS + THIGH_WORDS,
    label_groups={"right_wrist": WRIST_WORDS, "right_thigh": THIGH_WORDS},
)

JOINTS = (
    "head",
    "shoulder_center",
    "spine",
    "hip_center",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "left_hand",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "right_hand",
    "left_hip",
    "left_knee",
    "left_ankle",
    "left_foot",
    "right_hip",
    "right_knee",
    "right_ankle",
    "right_foot",
)
"""Skeleton joints in file order (``Skeleton_joint_order.txt``)."""

MOUNT = Mount(up_axis=(-1.0, 0.0, 0.0), source=f"{READ_OFF}: utd-mhad, the start of the trials")

_PATH = re.compile(r"(?:^|/)a(\d+)_s(\d+)_t(\d+)_inertial\.mat$")


def parse(name: str) -> Key | None:
    """Action, subject and trial from ``aA_sS_tT_inertial.mat``."""
    match = _PATH.search(name)
    if match is None or not 1 <= int(match[1]) <= len(INFO.label_words):
        return None
    action, subject, trial = match.groups()
    return Key(subject, f"a{action}", trial, (name,))


def build(files: Sequence[File], options: ReadOptions) -> Recording:
    """One trial."""
    placement = Placement.at(position(files[0].key.activity), MOUNT)
    return matlab_trial(INFO, files[0], options, "d_iner", "unit", placement)


def position(activity: str | None) -> str:
    """Site of the unit for an action code such as ``a22``; ``unknown`` without one."""
    if activity is None:
        return "unknown"
    return "right_wrist" if int(activity[1:]) <= len(WRIST_WORDS) else "right_thigh"


def read_skeleton(path: Path | str) -> tuple[Float[Array, "frame 20 3"], tuple[str, ...]]:
    """Joint positions of one Kinect trial.

    Args:
        path: ``aA_sS_tT_skeleton.mat``.

    Returns:
        Positions (T, 20, 3) in metres, Kinect camera frame (x to the camera's left, y up, z away from the camera), and
        the joints' names, `JOINTS`. There are no stamps and no clock shared with the inertial unit; about 19 frames/s.

    Raises:
        FormatError: missing, damaged, or no skeleton.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError("The file cannot be read", where=str(path), got=str(error.strerror)) from error
    skeleton = matlab_variables(data, str(path)).get("d_skel")
    if not isinstance(skeleton, np.ndarray) or skeleton.ndim != 3 or skeleton.shape[:2] != (len(JOINTS), 3):
        raise FormatError(
            "The file holds no skeleton",
            where=str(path),
            expected="d_skel of shape (20, 3, frames)",
            got=str(getattr(skeleton, "shape", None)),
        )
    return np.ascontiguousarray(np.moveaxis(skeleton.astype(np.float64), 2, 0)), JOINTS


UTD_MHAD = register(INFO, parse, build)
