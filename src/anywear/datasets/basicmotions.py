"""BasicMotions: standing, walking, running and badminton with a smart watch; 80 cases of 10 s from the UEA archive.

Layout: ``BasicMotions_TRAIN.ts`` and ``..._TEST.ts``, 40 cases each: six channels (accelerometer x, y, z, gyroscope x,
y, z) of 100 samples at 10 Hz, separated by colons, and the class. Who did a case is not told.

Found in the files:

- The acceleration has NO gravity: its median magnitude is 0.56 when standing, 3.3 walking, 16.7 running. That fits
  linear acceleration in m/s2 and nothing with gravity in it, whatever the unit; the files do not say. Its
  direction cannot be rebuilt, so the stream carries the values as published, and a note that gravity is missing.
  Answers that rest on posture are not to be expected from it.
- The gyroscope fits rad/s (median 0.2 standing, 5 running).
- The first sample repeats in 95 % of the cases, and 11 % of all samples repeat the one before: readings were held.
- The comment calls a class "resting" that the labels call Standing.

Cases of one file follow each other in one recording, with a gap between, each with its label.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from .._typing import Array
from ..errors import FormatError, UsageError
from ..io.registry import ReadOptions
from ..placement import Placement
from ..recording import Note, Recording, Span
from ..signal import build_stream
from .base import DatasetInfo, File, Key, register

WORDS = {"Standing": "standing", "Running": "running", "Walking": "walking", "Badminton": "playing badminton"}
GAP_S = 1.0  # between cases, which were not recorded one after the other

INFO = DatasetInfo(
    name="basicmotions",
    title="BasicMotions",
    about="standing, walking, running and badminton with a smart watch, without gravity",
    role="test",
    licence="free with citation (UEA archive)",
    citation=("A. Bagnall and others: The UEA multivariate time series classification archive, 2018. arXiv:1811.00075"),
    url="https://www.timeseriesclassification.com/description.php?Dataset=BasicMotions",
    rate_hz=10.0,
    placements=("right_wrist",),
    label_words=tuple(WORDS.values()),
)

_PATH = re.compile(r"(?:^|/)BasicMotions_(TRAIN|TEST)\.ts$")


def parse(name: str) -> Key | None:
    """Part of the archive from ``BasicMotions_PART.ts``."""
    match = _PATH.search(name)
    return Key(None, None, None, (name,), match[1].lower()) if match else None


def build(files: Sequence[File], options: ReadOptions) -> Recording:
    """The cases of one file, one after the other."""
    file = files[0]
    if options.units is not None:
        raise UsageError(
            "The units of this data set cannot be overridden",
            where=file.name,
            got=f"--units {options.units}",
            remedy="Leave --units out: the acceleration lacks gravity in any unit",
        )
    rate_hz = options.rate_hz or INFO.rate_hz
    cases = _cases(file)
    starts, now_s = [], 0.0
    for values, _ in cases:
        starts.append(now_s)
        now_s += len(values) / rate_hz + GAP_S
    time_s = np.concatenate([a + np.arange(len(v)) / rate_hz for a, (v, _) in zip(starts, cases, strict=True)])
    values = np.concatenate([v for v, _ in cases])
    watch = build_stream(
        "watch",
        time_s,
        values[:, :3],
        values[:, 3:],
        placement=Placement.at("right_wrist"),
        nominal_rate_hz=rate_hz,
        notes=(
            Note("assumed", f"no time stamps: an even clock of {rate_hz:g} Hz, and a gap of {GAP_S:g} s between cases"),
            Note("detected", "the acceleration lacks gravity, which cannot be rebuilt; values as published, as m/s2"),
            Note("assumed", "angular rate in rad/s: the file does not say, the values fit"),
            Note("assumed", "worn on the right wrist: the side is not documented"),
        ),
    )
    labels = tuple(
        Span(start, start + (len(v) - 1) / rate_hz, word) for start, (v, word) in zip(starts, cases, strict=True)
    )
    return Recording(
        (watch,),
        source=file.name,
        reader=INFO.name,
        device="smart watch",
        labels=labels,
        metadata={"part": file.key.part} if file.key.part else {},
    )


def _cases(file: File) -> list[tuple[Array, str]]:
    """Values (T, 6) and label word of every case."""
    _, mark, body = file.data.decode("utf-8", errors="replace").partition("@data")
    lines = [line for line in body.splitlines() if line.strip()]
    if not mark or not lines:
        raise FormatError(
            "The file is no time-series file with cases",
            where=file.name,
            expected="a line @data and cases below it",
            got=f"{len(file.data)} bytes",
        )
    return [_case(line, f"{file.name}, case {number}") for number, line in enumerate(lines, start=1)]


def _case(line: str, where: str) -> tuple[Array, str]:
    *channels, label = line.strip().split(":")
    if len(channels) != 6 or label not in WORDS:
        raise FormatError(
            "A case has another form",
            where=where,
            expected=f"6 channels and one of {', '.join(WORDS)}, separated by colons",
            got=f"{len(channels)} channels and {label[:40]!r}",
        )
    try:
        values = np.array([[float(cell) for cell in channel.split(",")] for channel in channels])
    except ValueError as error:
        raise FormatError("A case holds something that is no number", where=where, got=str(error)) from error
    return values.T, WORDS[label]


BASICMOTIONS = register(INFO, parse, build)
