"""Exponential maps on CMU's skeleton of 38 joints, comma separated, as the motion-prediction literature shares them.

A row is a root position (CMU units) and 38 rotation vectors (rad), parents first. Facts found in the files:

- The vectors are those of the transposed matrices (rows times matrix), so a joint turns by minus its vector. Row 0 shows it:
  it is a T-pose, which closes CMU's spread legs only that way.
- There are no bone lengths and no rate: lengths are a stand-in, 120 Hz is CMU's.

Source of the layout: Li et al., "Convolutional Sequence to Sequence Model for Human Dynamics", CVPR 2018 (data).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from .._typing import Array
from ..errors import FormatError
from ..recording import Note
from . import quaternion
from .asf_amc import CMU_UNIT_M, cmu_stand_in
from .clip import MotionClip
from .registry import MotionOptions, head_of, motion_reader, text_of
from .world import SourceMotion, into_world

_COLUMNS = 3 * 39
CMU_RATE_HZ = 120.0
# Index among the 38 joints of each bone of CMU's rig; the others are hip or collar stubs and far ends.
_INDEX = {
    "root": 0, "lhipjoint": 1, "lfemur": 2, "ltibia": 3, "lfoot": 4, "ltoes": 5,
    "rhipjoint": 7, "rfemur": 8, "rtibia": 9, "rfoot": 10, "rtoes": 11,
    "lowerback": 13, "upperback": 14, "thorax": 15, "lowerneck": 16, "upperneck": 17, "head": 18,
    "lclavicle": 20, "lhumerus": 21, "lradius": 22, "lwrist": 23, "lhand": 24, "lfingers": 25, "lthumb": 27,
    "rclavicle": 29, "rhumerus": 30, "rradius": 31, "rwrist": 32, "rhand": 33, "rfingers": 34, "rthumb": 36,
}  # fmt: skip


def _is_expmap(path: Path) -> bool:
    first = head_of(path, 4096).split("\n", 1)[0]
    return first.count(",") == _COLUMNS - 1 and re.fullmatch(r"[-+0-9.eE,\s]+", first) is not None


@motion_reader("expmap", "exponential maps on CMU's 38 joints (comma separated)", _is_expmap)
def read_expmap(path: Path, options: MotionOptions) -> MotionClip:
    """Read one table of exponential maps.

    Raises:
        FormatError: rows of another length, cells that are no finite numbers.
    """
    values = _table(text_of(path), str(path))
    notes: list[Note] = []
    rate_hz = CMU_RATE_HZ if options.rate_hz is None else options.rate_hz
    how = "CMU's usual; the file holds none" if options.rate_hz is None else "as given"
    notes.append(Note("assumed", f"rate {rate_hz:g} Hz: {how}"))
    vectors = values[:, 3:].reshape(len(values), -1, 3)
    local = {bone: quaternion.from_rotation_vector(-vectors[:, index]) for bone, index in _INDEX.items()}
    metres = CMU_UNIT_M if options.scale is None else options.scale
    joints = cmu_stand_in(local, values[:, :3], metres, notes)
    source = SourceMotion(
        name=path.stem, source=path.name, rate_hz=rate_hz, root_position=values[:, :3], notes=notes, **joints
    )
    return into_world(source, scale=metres)


def _table(text: str, where: str) -> Array:
    rows = [line.split(",") for line in text.splitlines() if line.strip()]
    odd = next((i for i, row in enumerate(rows) if len(row) != _COLUMNS), None)
    if odd is not None or len(rows) < 2:
        got = f"{len(rows)} rows" if odd is None else f"{len(rows[odd])} cells"
        raise FormatError(
            "A row is not of CMU's 38 joints, or the file is cut short", where=f"{where}, row {(odd or 0) + 1}",
            expected=f"{_COLUMNS} numbers with commas, two rows or more", got=got,
        )  # fmt: skip
    try:
        values = np.array(rows, dtype=np.float64)
    except ValueError as error:
        raise FormatError("A cell is no number", where=where, got=str(error)[-60:]) from None
    if not np.isfinite(values).all():
        bad = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise FormatError("A cell is not finite", where=f"{where}, row {bad + 1}")
    return values
