"""SisFall: 19 daily activities and 15 kinds of fall, 38 subjects, one unit at the waist.

Layout: ``SXNN/CODE_SXNN_RNN.txt``, rows of nine integers that end in a semicolon, 200 Hz, no time stamps: accelerometer
ADXL345 (13 bit, 16 g), gyroscope ITG3200 (16 bit, 2000 deg/s), accelerometer MMA8451Q (14 bit, 8 g). Readings times
2 * range / 2^resolution give g and deg/s (Readme). The first accelerometer is used: falls go over 8 g.

Found in the files (1,031 of 4,510):

- -y is up while standing and walking (-0.97 g in the median of all trials). z is forward, out of the belly: lying on the
  back reads +0.91 g there, lying on the front -0.95 g, bending forward -0.74 g. Lying on the side reads 0.96 g on x.
  The Readme says nothing of axes; the up axis that is handed on was read off the recordings.
- Trials last as documented, but for D17 of SE02 (16 to 18 s instead of 25) and one F15 (14.4 s instead of 15).
- F07_SA01_R01 ends in a line that holds one space.

SA: adults of 19 to 30, SE: elderly of 60 to 75, who (but for SE06) did no falls. The stairs trials (D05, D06) go up and
down in one file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..io.registry import ReadOptions
from ..placement import READ_OFF, Mount, Placement
from ..recording import Note, Recording
from ._parse import even_stamps, number_table, stream, whole
from .base import DatasetInfo, File, Key, register

ACC_G_PER_STEP = 2 * 16 / 2**13  # ADXL345: 16 g, 13 bit
GYR_DEGPS_PER_STEP = 2 * 2000 / 2**16  # ITG3200: 2000 deg/s, 16 bit

MOUNT = Mount(up_axis=(0.0, -1.0, 0.0), source=f"{READ_OFF}: sisfall, standing and walking")

DAILY = {
    "D01": "walking slowly",
    "D02": "walking quickly",
    "D03": "jogging slowly",
    "D04": "jogging quickly",
    "D05": "walking upstairs and downstairs slowly",
    "D06": "walking upstairs and downstairs quickly",
    "D07": "slowly sitting down on a half height chair and standing up slowly",
    "D08": "quickly sitting down on a half height chair and standing up quickly",
    "D09": "slowly sitting down on a low chair and standing up slowly",
    "D10": "quickly sitting down on a low chair and standing up quickly",
    "D11": "sitting, trying to get up and collapsing into the chair",
    "D12": "sitting, lying down slowly and sitting up again",
    "D13": "sitting, lying down quickly and sitting up again",
    "D14": "lying on the back, turning to the side and back again",
    "D15": "slowly bending at the knees and getting up",
    "D16": "slowly bending forward without bending the knees and getting up",
    "D17": "getting into a car, sitting and getting out of the car",
    "D18": "stumbling while walking",
    "D19": "jumping gently to reach a high object",
}
FALLS = {
    "F01": "falling forward while walking after a slip",
    "F02": "falling backward while walking after a slip",
    "F03": "falling sideways while walking after a slip",
    "F04": "falling forward while walking after a trip",
    "F05": "falling forward while jogging after a trip",
    "F06": "falling straight down while walking, from fainting",
    "F07": "falling while walking, from fainting, with the hands on a table to dampen the fall",
    "F08": "falling forward when trying to get up",
    "F09": "falling sideways when trying to get up",
    "F10": "falling forward when trying to sit down",
    "F11": "falling backward when trying to sit down",
    "F12": "falling sideways when trying to sit down",
    "F13": "falling forward while sitting, from fainting or falling asleep",
    "F14": "falling backward while sitting, from fainting or falling asleep",
    "F15": "falling sideways while sitting, from fainting or falling asleep",
}
WORDS = DAILY | FALLS

INFO = DatasetInfo(
    name="sisfall",
    title="SisFall",
    about="19 daily activities and 15 kinds of fall, 38 subjects of two ages, one unit at the waist",
    role="eval",
    licence="published as a free public data set",
    citation=(
        "A. Sucerquia, J. D. Lopez, J. F. Vargas-Bonilla: SisFall: a fall and movement dataset. "
        "Sensors 17(1), 198, 2017"
    ),
    url="http://sistemic.udea.edu.co/en/research/projects/english-falls/",
    rate_hz=200.0,
    placements=("waist",),
    label_words=tuple(WORDS.values()),
    label_groups={"daily": tuple(DAILY.values()), "falls": tuple(FALLS.values())},
)

_PATH = re.compile(r"(?:^|/)([DF]\d\d)_(S[AE]\d\d)_R(\d\d)\.txt$")


def parse(name: str) -> Key | None:
    """Activity, subject and trial from ``CODE_SUBJECT_TRIAL.txt``."""
    match = _PATH.search(name)
    if match is None or match[1] not in WORDS:
        return None
    activity, subject, trial = match.groups()
    return Key(subject, activity, trial, (name,))


def build(files: Sequence[File], options: ReadOptions) -> Recording:
    """One trial."""
    file = files[0]
    rate_hz = options.rate_hz or INFO.rate_hz
    values = number_table(file.data.replace(b";", b""), 9, file.name)
    waist = stream(
        "waist",
        even_stamps(len(values), rate_hz),
        values[:, :3] * ACC_G_PER_STEP,
        values[:, 3:6] * GYR_DEGPS_PER_STEP,
        Placement.at("waist", MOUNT),
        options,
        rate_hz=rate_hz,
        acc_unit="g",
        gyr_unit="deg/s",
        where=file.name,
        notes=(
            Note("converted", "steps to g (ADXL345, 16 g, 13 bit) and deg/s (ITG3200, 2000 deg/s, 16 bit)"),
            Note("assumed", f"no time stamps: an even clock of {rate_hz:g} Hz"),
        ),
    )
    word = None if file.key.activity is None else WORDS[file.key.activity]
    return Recording(
        (waist,),
        source=file.name,
        reader=INFO.name,
        device="ADXL345 + ITG3200",
        labels=whole(waist, word),
        metadata=file.key.metadata() | {"position": "waist"},
    )


SISFALL = register(INFO, parse, build)
