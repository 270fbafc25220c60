"""Daily and Sports Activities: 19 activities, 8 subjects, five Xsens units on torso, arms and legs.

Layout: ``aXX/pY/sZZ.txt``, 125 rows of 45 columns, 5 s at 25 Hz: five units (torso, right arm, left arm, right leg,
left leg), each accelerometer (m/s2, with gravity), gyroscope (rad/s) and magnetometer (normalised), x, y, z. The
magnetometer is left out. There are no time stamps; the rate is the documented one.

Found in the files:

- Segments follow on each other without a break: over all subjects and units the step across a seam is 1.06 times the
  median step within a segment, against 2.2 times when one segment is skipped. `recordings` therefore joins them. The
  exception is the stairs (a05, a06), where the segments were cut from separate flights: 77 % and 49 % of their seams
  jump, and 2 % of the others. The magnetometer shows a seam best, because the body cannot turn at once: where its step
  is over 3 times the usual one, the recording gets a gap there, and a note.
- The leg units sit on the outside of the thigh just above the knee, not on the shank as tables in the literature have
  it: standing, their x axis reads -0.97 to -0.99 g; sitting turns it by 62 to 85 degrees, which a shank would not do.
  Lying on the right side, z reads -0.96 g on the right and +0.94 g on the left: z is the outward normal.
- The arm units are on the forearm, and are taken to be at the wrist: hanging, +x is up (0.90 to 0.93 g); it turns level
  in rowing (0.06 to 0.13 g) and with the bent elbows of running (0.24 to 0.39 g), which an upper arm would not do.
- Left and right units mirror each other in y.
- The documents say nothing of axes. What is handed on was read off the recordings: up where people stand, outward where
  they lie on the back (torso z: +0.93 g) and on the side (legs). The arms' outward axis was not found.
- On the stairs of subjects 1 and 6 the last second of every segment (25 rows in all 60 files) is zeros in all 45 columns,
  magnetometers too: nothing was recorded. These rows are left out, and a gap follows.
- In flight a jump reads far below 1 g: a18 of subject 5 has a median of 3.8 m/s2 at the torso. The unit is m/s2 all
  the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from .._typing import Array, Float
from ..io.registry import ReadOptions
from ..placement import READ_OFF, Mount, Placement
from ..recording import Note, Recording, Span
from ._parse import number_table, stream
from .base import DatasetInfo, File, Key, register

_SOURCE = f"{READ_OFF}: dsads, standing and lying"
_TORSO = Mount(up_axis=(1.0, 0.0, 0.0), outward_axis=(0.0, 0.0, 1.0), source=_SOURCE)
_ARM = Mount(up_axis=(1.0, 0.0, 0.0), source=_SOURCE)
_LEG = Mount(up_axis=(-1.0, 0.0, 0.0), outward_axis=(0.0, 0.0, 1.0), source=_SOURCE)
UNITS = (
    ("torso", Placement.at("chest", _TORSO)),
    ("right_arm", Placement.at("right_wrist", _ARM)),
    ("left_arm", Placement.at("left_wrist", _ARM)),
    ("right_leg", Placement.at("right_outer_thigh", _LEG)),
    ("left_leg", Placement.at("left_outer_thigh", _LEG)),
)
SEGMENT_SAMPLES = 125  # 5 s at 25 Hz
GAP_S = 1.0  # length given to a break whose true length nobody recorded
SEAM_JUMP = 3.0  # a seam's magnetometer step, in RMS steps within segments, that means a break

INFO = DatasetInfo(
    name="dsads",
    title="Daily and Sports Activities",
    about="19 daily and sports activities, 8 subjects, 5 body-worn units",
    role="train",
    licence="CC BY 4.0 (UCI Machine Learning Repository)",
    citation=(
        "K. Altun, B. Barshan, O. Tuncel: Comparative study on classifying human activities with miniature inertial "
        "and magnetic sensors. Pattern Recognition 43(10), 3605-3620, 2010"
    ),
    url="https://archive.ics.uci.edu/dataset/256/daily+and+sports+activities",
    rate_hz=25.0,
    placements=tuple(placement.name for _, placement in UNITS),
    label_words=(
        "sitting",
        "standing",
        "lying on back",
        "lying on right side",
        "ascending stairs",
        "descending stairs",
        "standing in an elevator still",
        "moving around in an elevator",
        "walking in a parking lot",
        "walking on a treadmill flat",
        "walking on a treadmill inclined",
        "running on a treadmill",
        "exercising on a stepper",
        "exercising on a cross trainer",
        "cycling on an exercise bike in horizontal position",
        "cycling on an exercise bike in vertical position",
        "rowing",
        "jumping",
        "playing basketball",
    ),
)

_PATH = re.compile(r"(?:^|/)a(0[1-9]|1[0-9])/p([1-8])/s(\d\d)\.txt$")


def parse(name: str) -> Key | None:
    """Activity, subject and segment from ``aXX/pY/sZZ.txt``."""
    match = _PATH.search(name)
    if match is None:
        return None
    activity, subject, segment = match.groups()
    return Key(subject, f"a{activity}", None, (activity, subject), segment)


def build(files: Sequence[File], options: ReadOptions) -> Recording:
    """Segments of one activity and subject, on one clock."""
    rate_hz = options.rate_hz or INFO.rate_hz
    whole = [number_table(file.data, 45, file.name) for file in files]
    tables = [table[: _written(table)] for table in whole]
    short = {number for number, table in enumerate(tables) if len(table) < len(whole[number])}
    breaks = _breaks(tables, [file.key.part for file in files]) | {n + 1 for n in short if n + 1 < len(tables)}
    starts = _starts(tables, breaks, rate_hz)
    time_s = np.concatenate([start + np.arange(len(t)) / rate_hz for start, t in zip(starts, tables, strict=True)])
    values = np.concatenate(tables)
    notes = [Note("assumed", f"no time stamps: an even clock of {rate_hz:g} Hz")]
    if len(files) > 1:
        notes.append(Note("assumed", f"segments {files[0].key.part} to {files[-1].key.part} follow on each other"))
    if short:
        rows = sum(len(table) for table in whole) - sum(len(table) for table in tables)
        notes.append(Note("repaired", f"{rows} rows of zeros at the ends of {len(short)} segments left out"))
    if breaks:
        seams = ", ".join(f"{files[i - 1].key.part}|{files[i].key.part}" for i in sorted(breaks))
        notes.append(Note("detected", f"{len(breaks)} seams are breaks and got a gap of {GAP_S:g} s: {seams}"))
    streams = [
        stream(
            name,
            time_s,
            values[:, 9 * unit : 9 * unit + 3],
            values[:, 9 * unit + 3 : 9 * unit + 6],
            placement,
            options,
            rate_hz=rate_hz,
            acc_unit="m/s2",
            gyr_unit="rad/s",
            where=files[0].name,
        )
        for unit, (name, placement) in enumerate(UNITS)
    ]
    key = files[0].key
    source = files[0].name if len(files) == 1 else files[0].name.rsplit("/", 1)[0]
    metadata = key.metadata() | ({"segments": " ".join(file.key.part for file in files)} if key.part else {})
    return Recording(
        tuple(streams),
        source=source,
        reader=INFO.name,
        device="Xsens MTx",
        labels=_labels(key, starts, tables, breaks, rate_hz),
        notes=tuple(notes),
        metadata=metadata,
    )


def _breaks(tables: list[Float[Array, "_ 45"]], parts: list[str]) -> set[int]:
    """Indices of the segments that do not go on from the one before: a missing number, or a jump in the field."""
    if len(tables) < 2:
        return set()
    magnetometer = [9 * unit + axis for unit in range(len(UNITS)) for axis in (6, 7, 8)]
    steps = np.concatenate([np.diff(table[:, magnetometer], axis=0) for table in tables])
    usual = np.sqrt((steps**2).mean(axis=0)) + 1e-9
    found = set()
    for i in range(1, len(tables)):
        jump = np.abs(tables[i][0, magnetometer] - tables[i - 1][-1, magnetometer]) / usual
        if int(parts[i]) != int(parts[i - 1]) + 1 or jump.mean() > SEAM_JUMP:
            found.add(i)
    return found


def _written(table: Float[Array, "row 45"]) -> int:
    """Rows up to the last that is not all zeros; all of a table that has no other."""
    rows = np.flatnonzero((table != 0.0).any(axis=1))
    return int(rows[-1]) + 1 if len(rows) else len(table)


def _starts(tables: list[Array], breaks: set[int], rate_hz: float) -> list[float]:
    starts, now_s = [], 0.0
    for i, table in enumerate(tables):
        now_s += GAP_S if i in breaks else 0.0
        starts.append(now_s)
        now_s += len(table) / rate_hz
    return starts


def _labels(key: Key, starts: list[float], tables: list[Array], breaks: set[int], rate_hz: float) -> tuple[Span, ...]:
    """One span for each stretch without a break."""
    if key.activity is None:
        return ()
    word = INFO.label_words[int(key.activity[1:]) - 1]
    firsts = [0, *sorted(breaks)]
    lasts = [first - 1 for first in firsts[1:]] + [len(tables) - 1]
    return tuple(
        Span(starts[first], starts[last] + len(tables[last]) / rate_hz, word)
        for first, last in zip(firsts, lasts, strict=True)
    )


DSADS = register(INFO, parse, build)
