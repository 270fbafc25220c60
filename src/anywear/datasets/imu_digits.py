"""Android IMU Digits: the digits 0 to 9 written in the air with a phone in the right hand, one person.

Layout: ``data/imu_complete_data_D_YYYYMMDD_HHMMSS.csv``, 5 s each: timestamp (Unix, ms), label, quaternion, position,
accelerometer, gyroscope, magnetometer, linear acceleration and gravity. 500 files, 50 per digit. Only accelerometer and
gyroscope are read.

Found in the files (250 of 500):

- The rate is 52.5 Hz (52.49-52.58 in every file), not the 100 Hz of the readme.
- ``accelerometer`` includes gravity: it is ``linear_acceleration + gravity`` to 1e-8, and its direction at rest is the
  upward axis of ``quaternion``. The ``gravity`` column is a slow filter rather than gravity: its norm runs from 2.4 to
  18.1 m/s2, half of it between 9 and 11.
- ``gyroscope`` is in rad/s on the same axes: the turn between quaternions is 0.99 to 1.01 times it, axis by axis.
- The phone is held upright: y reads 8.8 m/s2 on average.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from ..errors import FormatError
from ..io.registry import ReadOptions
from ..placement import Placement
from ..recording import Recording
from ._parse import even_stamps, number_table, stream, whole
from .base import DatasetInfo, File, Key, register

COLUMNS = ("timestamp", *(f"{kind}_{axis}" for kind in ("accelerometer", "gyroscope") for axis in "xyz"))
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

INFO = DatasetInfo(
    name="imu-digits",
    title="Android IMU Digits",
    about="digits written in the air with a phone in the right hand, one person",
    role="train",
    licence="MIT",
    citation="Cai Jiechao: Android IMU Digits Gesture Dataset. GitHub, 2025",
    url="https://github.com/computersniper/Android-IMU-Digits-Gesture-Dataset",
    rate_hz=52.5,
    placements=("right_palm",),
    label_words=tuple(f"drawing the digit {digit} in the air" for digit in DIGITS),
)

_PATH = re.compile(r"(?:^|/)imu_complete_data_(\d)_(\d{8}_\d{6})\.csv$")


def parse(name: str) -> Key | None:
    """Digit and time of recording from ``imu_complete_data_D_DATE_TIME.csv``; the one person is subject 1."""
    match = _PATH.search(name)
    if match is None:
        return None
    return Key("1", match[1], match[2], (name,))


def build(files: Sequence[File], options: ReadOptions) -> Recording:
    """One clip."""
    file = files[0]
    values = number_table(_chosen_columns(file), len(COLUMNS), file.name)
    start_unix_s = values[0, 0] / 1000.0
    time_s = values[:, 0] / 1000.0 - start_unix_s
    if options.rate_hz is not None:
        time_s = even_stamps(len(values), options.rate_hz)
    phone = stream(
        "phone",
        time_s,
        values[:, 1:4],
        values[:, 4:7],
        Placement.at("right_palm"),
        options,
        rate_hz=options.rate_hz or INFO.rate_hz,
        acc_unit="m/s2",
        gyr_unit="rad/s",
        where=file.name,
    )
    word = None if file.key.activity is None else INFO.label_words[int(file.key.activity)]
    return Recording(
        (phone,),
        source=file.name,
        reader=INFO.name,
        device="OnePlus 7T",
        start_unix_s=float(start_unix_s),
        labels=whole(phone, word),
        metadata=file.key.metadata(),
    )


def _chosen_columns(file: File) -> bytes:
    rows = csv.reader(io.StringIO(file.data.decode("utf-8-sig", errors="replace")))
    header = next(rows, [])
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise FormatError(
            "The file lacks columns",
            where=file.name,
            expected=", ".join(COLUMNS),
            got=", ".join(header)[:200] or "nothing",
        )
    at = [header.index(name) for name in COLUMNS]
    width = len(header)
    lines = []
    for number, row in enumerate(rows, start=2):
        if row and len(row) != width:
            raise FormatError(
                "A row is incomplete",
                where=f"{file.name}, line {number}",
                expected=f"{width} cells",
                got=f"{len(row)}",
                remedy="Check that the file was copied completely",
            )
        if row:
            lines.append(",".join(row[i] for i in at))
    return "\n".join(lines).encode("ascii", errors="replace")


IMU_DIGITS = register(INFO, parse, build)
