"""SP-SW-HAR: a phone in the trouser pocket and a watch on the wrist, 23 subjects sitting down, standing up and walking.

Layout: ``DATA/sXX/sXX_YY_sp.csv`` (phone) and ``..._sw.csv`` (watch), each with x_acc..z_acc (m/s2, with gravity),
x_gyro..z_gyro (rad/s), timestamp (Unix, ms) and a label for every row; ``executions_info.csv`` with the orientation of
the phone. Both devices of an execution make one recording on one clock. 223 executions.

Found in the files:

- The stamps are when samples arrived, not when they were taken. Counted by row they follow a straight line of
  102.38-102.50 Hz (phone) and 104.26-104.31 Hz (watch) in every file, with arrivals early by at most 14 ms and late by
  up to 171 ms, in bursts: 44-148 rows per phone file repeat a stamp. No sample is lost. The stamps are therefore
  replaced by that line, set to the punctual tenth of the arrivals, and the repair is noted.
- The phone's orientation in the pocket differs from run to run and is documented: back 57, back_inv 103, front 54,
  front_inv 9. Walking, y reads +8.9 m/s2 for back and front and -8.7 to -9.7 for the inverted ones.
- On the watch -x is up when the arm hangs (-9.7 m/s2 walking).
- Which pocket and which wrist is in none of the files. The left front pocket and the left wrist are what the authors
  prescribed in their later trials with the same apparatus (M. Matey-Sanz, doctoral thesis, chapter on the timed up and
  go test), and are noted as assumed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from .._typing import Array, Float
from ..errors import FormatError
from ..io.registry import ReadOptions
from ..placement import READ_OFF, UNKNOWN_MOUNT, Mount, Placement
from ..recording import Note, Recording, Span, Stream
from ._parse import even_stamps, number_table, stream
from .base import DatasetInfo, File, Key, register

HEADER = "x_acc,y_acc,z_acc,x_gyro,y_gyro,z_gyro,timestamp,label"
LABELS = {
    "SEATED": "seated",
    "STANDING_UP": "standing up",
    "WALKING": "walking",
    "TURNING": "turning",
    "SITTING_DOWN": "sitting down",
}
DEVICES = {"sp": ("phone", "left_front_pocket", 102.44), "sw": ("watch", "left_wrist", 104.28)}
WATCH_MOUNT = Mount(up_axis=(-1.0, 0.0, 0.0), source=f"{READ_OFF}: sp-sw-har, walking")
MAX_LATE_S = 0.25  # arrivals further than this from the line mean that samples were lost, and the stamps stay

INFO = DatasetInfo(
    name="sp-sw-har",
    title="Smartphone and smartwatch HAR",
    about="sitting down, standing up, walking and turning, 23 subjects, phone in the pocket and watch",
    role="train",
    licence="CC BY 4.0",
    citation=(
        "M. Matey-Sanz, S. Casteleyn, C. Granell: Dataset of inertial measurements of smartphones and smartwatches for "
        "human activity recognition. Data in Brief 51, 109809, 2023"
    ),
    url="https://doi.org/10.5281/zenodo.8398688",
    rate_hz=104.0,
    placements=tuple(site for _, site, _ in DEVICES.values()),
    label_words=tuple(LABELS.values()),
    mount_documented=(
        "executions_info.csv names how the phone lay in the pocket in every execution (back, back_inv, front, front_inv) "
        "and does not explain the names; of the watch nothing is said"
    ),
)
SIDE = Note("assumed", "worn on the left, as in the authors' later trials: this data set does not tell the side")

_PATH = re.compile(r"(?:^|/)(s\d\d)_(\d\d)_(sp|sw)\.csv$")


def parse(name: str) -> Key | None:
    """Subject, execution and device from ``sXX_YY_{sp,sw}.csv``."""
    match = _PATH.search(name)
    if match is None:
        return None
    subject, execution, device = match.groups()
    return Key(subject, None, execution, (subject, execution), device)


def build(files: Sequence[File], options: ReadOptions) -> Recording:
    """The devices of one execution, on one clock; rows of equal label that follow on each other are one span."""
    read = [_read(file) for file in files]
    origin_s = min(time_s[0] for _, time_s, _, _ in read)
    streams = [
        _stream(file, values, time_s - origin_s, notes, options)
        for file, (values, time_s, _, notes) in zip(files, read, strict=True)
    ]
    # Both devices carry the same labels; the first is taken.
    _, time_s, words, _ = read[0]
    first = files[0]
    return Recording(
        tuple(streams),
        source=first.name if len(files) == 1 else first.name.removesuffix(f"_{first.key.part}.csv"),
        reader=INFO.name,
        device="smartphone and smartwatch",
        start_unix_s=float(origin_s),
        labels=_spans(time_s - origin_s, words),
        metadata=first.key.metadata(),
    )


def _stream(file: File, values: Array, time_s: Array, notes: list[Note], options: ReadOptions) -> Stream:
    # A file with another name has a device all the same; without the name nobody can tell which.
    name, site, rate_hz = DEVICES.get(file.key.part, ("sensor", "unknown", INFO.rate_hz))
    if options.rate_hz is not None:
        time_s, rate_hz = even_stamps(len(values), options.rate_hz), options.rate_hz
    return stream(
        name,
        time_s,
        values[:, :3],
        values[:, 3:6],
        Placement.at(site, WATCH_MOUNT if name == "watch" else UNKNOWN_MOUNT),
        options,
        rate_hz=rate_hz,
        acc_unit="m/s2",
        gyr_unit="rad/s",
        where=file.name,
        notes=[*notes, SIDE] if site != "unknown" else notes,
    )


def _read(file: File) -> tuple[Array, Array, list[str], list[Note]]:
    """Values (T, 6), Unix stamps in seconds (T,), label words and notes of one file."""
    lines = file.data.decode("utf-8", errors="replace").splitlines()
    if not lines or lines[0].strip() != HEADER:
        raise FormatError(
            "The file has another header line",
            where=file.name,
            expected=HEADER,
            got=lines[0][:120] if lines else "an empty file",
        )
    rows = [line.rpartition(",") for line in lines[1:] if line.strip()]
    table = number_table("\n".join(row[0] for row in rows).encode("ascii", errors="replace"), 7, file.name)
    unknown = {row[2] for row in rows} - set(LABELS)
    if unknown:
        raise FormatError(
            "The file has an unknown label", where=file.name, expected=", ".join(LABELS), got=", ".join(sorted(unknown))
        )
    time_s, notes = _even_clock(table[:, 6] / 1000.0)
    return table[:, :6], time_s, [LABELS[row[2]] for row in rows], notes


def _even_clock(arrival_s: Float[Array, " row"]) -> tuple[Float[Array, " row"], list[Note]]:
    """When samples were taken, from when they arrived; the stamps themselves where that cannot be told."""
    if len(arrival_s) < 100 or not np.isfinite(arrival_s).all():
        return arrival_s, []
    row = np.arange(len(arrival_s))
    since_s = arrival_s - arrival_s[0]
    slope, offset = np.polyfit(row, since_s, 1)
    late = since_s - (slope * row + offset)
    if slope <= 0 or np.abs(late).max() > MAX_LATE_S:
        return arrival_s, []
    even = slope * row + offset + np.quantile(late, 0.1)
    repeated = int((np.diff(arrival_s) <= 0).sum())
    text = (
        f"stamps of arrival ({repeated} repeated, {np.abs(late).max() * 1000:.0f} ms off at most) replaced by an even "
        f"clock of {1 / slope:.2f} Hz"
    )
    return arrival_s[0] + even, [Note("repaired", text)]


def _spans(time_s: Float[Array, " row"], words: list[str]) -> tuple[Span, ...]:
    starts = [0] + [i for i in range(1, len(words)) if words[i] != words[i - 1]]
    ends = [*starts[1:], len(words) - 1]
    return tuple(Span(float(time_s[a]), float(time_s[b]), words[a]) for a, b in zip(starts, ends, strict=True))


SP_SW_HAR = register(INFO, parse, build)
