"""USC-HAD: 12 activities, 14 subjects, one MotionNode at the front of the right hip.

Layout: ``SubjectN/aXtY.mat`` with ``sensor_readings``, N x 6: accelerometer in g, gyroscope in deg/s (Readme, section
2), 100 Hz (Readme, section 1), no time stamps. Five trials of each activity per subject, 840 files.

Found in the files (trials 1 and 2, 336 files):

- ``activity_number`` and the activity text are not to be relied on: Subject14/a3t2 says 2 and "walking-left", and texts
  vary (walk-downstairs, walking-down). The file name decides.
- Every file gives the orientation as ``x-gravity-y-walking-direction-z-vertical-to-walking-direction``. The sign of x
  is not stated; its mean is +0.62 to +0.99 g in every standing and walking trial, so +x is up.
- Sleeping differs by subject: mean x from -0.72 to +0.56 g, mean y from -0.58 to +0.91 g.
- The Readme's ranges (6 g, 500 deg/s) are exceeded: up to 6.9 g and 856 deg/s. 41 of the 336 files go over 6 g or
  600 deg/s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..io.registry import ReadOptions
from ..placement import Mount, Placement
from ..recording import Recording
from ._parse import matlab_trial
from .base import DatasetInfo, File, Key, register

INFO = DatasetInfo(
    name="usc-had",
    title="USC Human Activity Dataset",
    about="12 daily activities, 14 subjects, one unit at the front of the right hip",
    role="eval",
    licence="freely available for research; no licence text",
    citation=(
        "M. Zhang, A. A. Sawchuk: USC-HAD: a daily activity dataset for ubiquitous activity recognition using wearable "
        "sensors. UbiComp 2012 workshops (SAGAware), 1036-1043"
    ),
    url="https://sipi.usc.edu/had/",
    rate_hz=100.0,
    placements=("right_front_hip",),
    label_words=(
        "walking forward",
        "walking left",
        "walking right",
        "walking upstairs",
        "walking downstairs",
        "running forward",
        "jumping up",
        "sitting",
        "standing",
        "sleeping",
        "elevator up",
        "elevator down",
    ),
    mount_documented=(
        "x along gravity, y along the walking direction, z across it (field sensor_orientation of every file); the "
        "signs are not stated. At rest x reads positive, so +x is up"
    ),
)

# The axis is documented and the sign follows from it: at rest the accelerometer reads +1 g along up.
MOUNT = Mount(up_axis=(1.0, 0.0, 0.0), source="usc-had, sensor_orientation: x along gravity; sign from the readings")

_PATH = re.compile(r"(?:(?:^|/)subject(\d+)/|(?:^|/))a(\d+)t(\d+)\.mat$", re.IGNORECASE)


def parse(name: str) -> Key | None:
    """Subject, activity and trial from ``SubjectN/aXtY.mat``."""
    match = _PATH.search(name)
    if match is None or not 1 <= int(match[2]) <= len(INFO.label_words):
        return None
    subject, activity, trial = match.groups()
    return Key(subject, f"a{activity}", trial, (name,))


def build(files: Sequence[File], options: ReadOptions) -> Recording:
    """One trial."""
    placement = Placement.at("right_front_hip", MOUNT)
    return matlab_trial(INFO, files[0], options, "sensor_readings", "hip", placement, device="MotionNode")


USC_HAD = register(INFO, parse, build)
