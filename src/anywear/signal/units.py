"""Units of acceleration and angular rate: read from names, checked against the values, never guessed silently.

Specific force that includes gravity has a median magnitude near 9.81 in m/s2, near 1 in g, near 1000 in mg, and near 0 when
gravity was taken out; and its direction lasts, where linear acceleration comes and goes. The unit of a gyroscope shows in how
it turns gravity: away from impacts d(acc)/dt = -gyr x acc, so the ratio of both sides is 1 in rad/s and 57 in deg/s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from ..errors import UnitError
from ..recording import STANDARD_GRAVITY_MPS2, Note

ACC_SCALES = {"m/s2": 1.0, "g": STANDARD_GRAVITY_MPS2, "mg": STANDARD_GRAVITY_MPS2 / 1000.0}  # to m/s2
GYR_SCALES = {"rad/s": 1.0, "deg/s": np.pi / 180.0, "mdeg/s": np.pi / 180_000.0}  # to rad/s

LIKELY_SHARE = (0.6, 1.7)  # median |acc| over gravity that leaves no doubt of a unit: vigorous motion included
POSSIBLE_SHARE = (0.2, 5.0)  # beyond this a worn sensor cannot be, whatever the user says
STEADY_S = 6.0  # s; over so long the mean of specific force is mostly gravity, the mean of linear acceleration little
STEADY_SAMPLES = 300  # as long at 50 Hz, where there are no stamps
STEADY_SHARE = 0.25  # of that mean in the magnitude: by real recordings 0.7 and more with gravity, fast gestures 0.3
TURNING_RADPS = 50.0  # 99th percentile of |gyr| over which the values are degrees: 8 turns a second
IMPOSSIBLE_RADPS = 120.0  # 99th percentile no limb reaches; gyroscopes end at 35 or 70 rad/s
TURNING_STEP_S = 0.1  # s; blocks over which gravity's turning is compared with the gyroscope
TURNING_SAMPLES = 200_000  # enough to tell a unit
TURNING_AGREEMENT = 0.3  # correlation of both sides from which they are about the same turning
TURNING_FLOOR_MPS3 = 1.0  # m/s3; below this gravity hardly turns and nothing can be told

_SPELLINGS = {
    "m/s2": (
        "m/s2",
        "m/s^2",
        "m/s²",
        "m/s/s",
        "m/s**2",
        "ms-2",
        "m.s-2",
        "ms^-2",
        "m s^-2",
        "m*s^-2",
        "mps2",
        "mss",
        "si",
    ),
    "g": ("g", "gs", "gee", "g-force", "gforce"),
    "mg": ("mg", "milli-g", "millig"),
    "rad/s": ("rad/s", "rads", "radps", "rad/sec", "radians/s", "rad s-1", "rad*s^-1", "rps", "rad.s-1", "rad s^-1"),
    "deg/s": ("deg/s", "dps", "°/s", "degps", "deg/sec", "degrees/s", "º/s", "deg s-1", "deg.s-1", "degree/s", "degs"),
    "mdeg/s": ("mdeg/s", "mdps"),
}


def parse_unit(text: str) -> str | None:
    """The canonical unit a header text means, such as ``m/s^2`` -> ``m/s2``; None when it means none."""
    key = text.strip().strip("[]()").strip().lower().replace(" ", "")
    for unit, spellings in _SPELLINGS.items():
        if key in (spelling.replace(" ", "") for spelling in spellings):
            return unit
    return None


def parse_units(text: str) -> tuple[str | None, str | None]:
    """Acceleration and gyroscope unit of a ``--units`` option such as ``g,deg/s``; either may be left out.

    Raises:
        UnitError: a part that is no unit, or two units for one sensor.
    """
    acc = gyr = None
    for part in filter(None, (p.strip() for p in text.split(","))):
        unit = parse_unit(part)
        if unit is None or (unit in ACC_SCALES and acc) or (unit in GYR_SCALES and gyr):
            raise UnitError(
                "The units are not understood",
                where=f"--units {text}",
                expected="one of m/s2, g, mg and one of rad/s, deg/s, such as g,deg/s",
                got=repr(part),
                remedy="Write --units g,deg/s",
            )
        acc, gyr = (unit, gyr) if unit in ACC_SCALES else (acc, unit)
    return acc, gyr


def resolve_units(
    acc: Float[Array, "time 3"],
    gyr: Float[Array, "other 3"] | None = None,
    *,
    acc_unit: str | None = None,
    gyr_unit: str | None = None,
    override: str | None = None,
    where: str = "",
    time_s: Float[Array, " time"] | None = None,
) -> tuple[Float[Array, "time 3"], Float[Array, "other 3"] | None, list[Note]]:
    """Bring acceleration to m/s2 and angular rate to rad/s, and say how the units were known.

    Args:
        acc: (T, 3) specific force in an unknown or declared unit; rows with NaN are passed over.
        gyr: (T, 3) angular rate, or None.
        acc_unit, gyr_unit: canonical units the file declares, or None.
        override: the user's ``--units``; it wins over the file and is checked only for what cannot be.
        where: file and sensor, for messages.
        time_s: (T,) stamps, where acc and gyr share them: lets the gyroscope be checked against gravity.

    Returns:
        acc in m/s2, gyr in rad/s, notes.

    Raises:
        UnitError: values that contradict the declared unit, fit none, lack gravity, or cannot be true.
    """
    acc_override, gyr_override = parse_units(override) if override else (None, None)
    with np.errstate(over="ignore", invalid="ignore"):  # damaged rows may hold any number; build_stream drops them
        acc_out, notes = _resolve_acc(acc, acc_unit, acc_override, where, time_s)
        if gyr is None:
            return acc_out, None, notes
        gyr_out, gyr_notes = _resolve_gyr(acc_out, gyr, gyr_unit, gyr_override, where, time_s)
        return acc_out, gyr_out, notes + gyr_notes


@dataclass(frozen=True)
class _Magnitude:
    median: float
    likely: str | None  # the unit the median speaks for
    lasts: bool  # whether the direction does, as that of gravity


def _magnitude(acc: Array, time_s: Array | None) -> _Magnitude:
    norm = _norms(acc)
    good = np.isfinite(norm)
    if not good.any():
        return _Magnitude(float("nan"), None, True)
    median = float(np.median(norm[good]))
    if not good.all():
        acc, time_s = acc[good], None if time_s is None else time_s[good]
    lasts = _steady_norm(acc, time_s) >= STEADY_SHARE * median
    low, high = LIKELY_SHARE
    for unit, scale in ACC_SCALES.items():
        if lasts and low <= median * scale / STANDARD_GRAVITY_MPS2 <= high:
            return _Magnitude(median, unit, lasts)
    return _Magnitude(median, None, lasts)


def _norms(vectors: Array) -> Array:
    """Norm of every row in float64, without a float64 copy of the rows."""
    return np.sqrt(np.einsum("tc,tc->t", vectors, vectors, dtype=np.float64))


def _steady_norm(acc: Array, time_s: Array | None) -> float:
    """Norm of what lasts of the acceleration over `STEADY_S`: the median over such blocks."""
    step = float(np.median(np.diff(time_s))) if time_s is not None and len(time_s) > 1 else 0.0
    size = int(np.clip(STEADY_S / step, 1, len(acc))) if step > 0 else min(STEADY_SAMPLES, len(acc))
    count = len(acc) // size
    means = acc[: count * size].reshape(count, size, 3).mean(axis=1)
    return float(np.median(np.linalg.norm(means, axis=1)))


def _resolve_acc(
    acc: Array, declared: str | None, override: str | None, where: str, time_s: Array | None
) -> tuple[Array, list[Note]]:
    size = _magnitude(acc, time_s if time_s is not None and len(time_s) == len(acc) else None)
    if not np.isfinite(size.median):
        return np.asarray(acc, dtype=np.float64), []  # build_stream says what is wrong with the rows
    unit = override or declared or size.likely
    if unit is None:
        raise _no_acc_unit(size, where)
    share = size.median * ACC_SCALES[unit] / STANDARD_GRAVITY_MPS2
    contradiction = override is None and declared is not None and size.likely not in (None, declared)
    if contradiction or not POSSIBLE_SHARE[0] <= share <= POSSIBLE_SHARE[1]:
        likely = f"; that would fit {size.likely}" if size.likely else ""
        raise UnitError(
            f"The acceleration cannot be in {unit}",
            where=where or None,
            expected=f"a median magnitude near {STANDARD_GRAVITY_MPS2 / ACC_SCALES[unit]:.4g} {unit}, gravity included",
            got=f"{size.median:.4g}{likely}",
            remedy=f"Say the unit: --units {size.likely}"
            if size.likely
            else "Export acceleration with gravity included",
        )
    if override:
        how = Note("assumed", f"acceleration in {unit}, as the user says (median magnitude {size.median:.4g})")
    elif declared:
        how = Note("detected", f"acceleration in {unit}, as the file says (median magnitude {size.median:.4g})")
    else:
        how = Note("detected", f"acceleration in {unit}, from its median magnitude {size.median:.4g}")
    notes = [how]
    if unit != "m/s2":
        notes.append(Note("converted", f"acceleration from {unit} to m/s2"))
    return np.asarray(acc) * ACC_SCALES[unit] if unit != "m/s2" else np.asarray(acc), notes


def _no_acc_unit(size: _Magnitude, where: str) -> UnitError:
    if not size.lasts or size.median < 0.35 or 1.7 < size.median < 5.0:
        return UnitError(
            "The acceleration seems to lack gravity, or its unit is unknown",
            where=where or None,
            expected="a median magnitude near 9.81 (m/s2), 1 (g) or 1000 (mg), in a direction that lasts",
            got=f"{size.median:.4g}" + ("" if size.lasts else ", in directions that cancel out"),
            remedy="Export acceleration with gravity, or add the gravity columns; if it is included, say --units",
        )
    return UnitError(
        "The unit of the acceleration cannot be told",
        where=where or None,
        expected="a median magnitude near 9.81 (m/s2), 1 (g) or 1000 (mg)",
        got=f"{size.median:.4g}",
        remedy="Say the unit, such as --units g,deg/s; raw counts have to be scaled first",
    )


def _resolve_gyr(
    acc_mps2: Array, gyr: Array, declared: str | None, override: str | None, where: str, time_s: Array | None
) -> tuple[Array, list[Note]]:
    norm = _norms(gyr)
    norm = norm[np.isfinite(norm)]
    if not len(norm):
        return np.asarray(gyr, dtype=np.float64), []
    high = float(np.percentile(norm, 99))
    turns = _turning_ratio(acc_mps2, gyr, time_s)
    likely, reason = None, ""
    if high > TURNING_RADPS:
        likely, reason = "deg/s", f"99th percentile {high:.4g}"
    elif turns is not None and 8 < turns < 160:
        likely, reason = "deg/s", f"read as rad/s it would turn gravity {turns:.0f} times too fast"
    elif turns is not None and 0.1 < turns < 4:
        likely, reason = "rad/s", f"it turns gravity as it should, ratio {turns:.2f}"
    if override:
        unit, how = (
            override,
            Note("assumed", f"angular rate in {override}, as the user says (99th percentile {high:.4g})"),
        )
    elif declared:
        if likely not in (None, declared) and declared != "mdeg/s":
            raise UnitError(
                f"The angular rate cannot be in {declared}",
                where=where or None,
                expected=f"values that fit {declared}, as the file says",
                got=f"values that fit {likely}: {reason}",
                remedy=f"Say the unit: --units {likely}",
            )
        unit, how = (
            declared,
            Note("detected", f"angular rate in {declared}, as the file says (99th percentile {high:.4g})"),
        )
    elif likely:
        unit, how = likely, Note("detected", f"angular rate in {likely}: {reason}")
    else:
        unit = "rad/s"
        how = Note("assumed", f"angular rate in rad/s: 99th percentile {high:.4g}, and too little turning to check")
    if high * GYR_SCALES[unit] > IMPOSSIBLE_RADPS:
        raise UnitError(
            f"The angular rate cannot be in {unit}",
            where=where or None,
            expected=f"a 99th percentile under {IMPOSSIBLE_RADPS / GYR_SCALES[unit]:.4g} {unit}",
            got=f"{high:.4g}",
            remedy="Say the unit: --units deg/s",
        )
    notes = [how]
    if unit != "rad/s":
        notes.append(Note("converted", f"angular rate from {unit} to rad/s"))
    return np.asarray(gyr) * GYR_SCALES[unit] if unit != "rad/s" else np.asarray(gyr), notes


def _turning_ratio(acc_mps2: Array, gyr: Array, time_s: Array | None) -> float | None:
    """How many times too fast the gyroscope turns gravity when read as rad/s: about 1, or about 57 in deg/s.

    Compares d(acc)/dt with -gyr x acc over `TURNING_STEP_S`, where acceleration is mostly gravity. None when there are no
    stamps, too little turning, or no agreement.
    """
    if time_s is None or len(acc_mps2) != len(gyr) or len(time_s) != len(gyr) or len(gyr) < 20:
        return None
    time, acc, rate = (x[:TURNING_SAMPLES].astype(np.float64) for x in (time_s, acc_mps2, gyr))
    good = np.isfinite(acc).all(axis=1) & np.isfinite(rate).all(axis=1) & np.isfinite(time)
    time, acc, rate = time[good], acc[good], rate[good]
    step = np.median(np.diff(time)) if len(time) > 1 else 0.0
    if not step > 0:
        return None
    size = max(1, round(TURNING_STEP_S / float(step)))
    count = len(time) // size
    if count < 8:
        return None
    acc, rate, time = (x[: count * size].reshape(count, size, -1).mean(axis=1) for x in (acc, rate, time[:, None]))
    elapsed = time[2:] - time[:-2]
    steady = (np.abs(np.linalg.norm(acc, axis=1) - STANDARD_GRAVITY_MPS2) < 1.5)[1:-1] & (elapsed[:, 0] > 0)
    turned = ((acc[2:] - acc[:-2]) / np.where(elapsed > 0, elapsed, 1.0))[steady]
    told = -np.cross(rate[1:-1], acc[1:-1])[steady]
    if len(told) < 8 or np.sqrt((turned**2).sum(axis=1).mean()) < TURNING_FLOOR_MPS3:
        return None
    together = float((turned * told).sum())
    agreement = together / float(np.sqrt((turned**2).sum() * (told**2).sum()) + 1e-12)
    # Motion other than turning adds to the left side only, so the ratio comes out low, never high.
    return float(np.sqrt((told**2).sum() / (turned**2).sum())) if agreement > TURNING_AGREEMENT else None
