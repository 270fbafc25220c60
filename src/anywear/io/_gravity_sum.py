"""User acceleration and gravity, which apps write apart, put together again."""

from __future__ import annotations

import numpy as np

from .._typing import Array, Float
from ..errors import FormatError
from ..recording import STANDARD_GRAVITY_MPS2, Note
from ..signal import interpolate_onto, repair_clock

STEADY_S = 2.0  # s; over which the body's own acceleration averages out and gravity does not
GRAVITY_SHARE = (0.7, 1.4)  # of 1 g: averages that are gravity; a swinging arm takes some of it away


def add_gravity(user: Float[Array, "time 3"], gravity: Float[Array, "time 3"]) -> Float[Array, "time 3"]:
    """The sum, row by row; damaged values that are too large become infinite and are left out later."""
    with np.errstate(over="ignore", invalid="ignore"):
        return user + gravity


def aligned(
    where: str,
    time_s: Float[Array, " time"],
    acc: Float[Array, "time 3"],
    gravity_time_s: Float[Array, " other"],
    gravity: Float[Array, "other 3"],
) -> tuple[Float[Array, " kept"], Float[Array, "kept 3"], Float[Array, "kept 3"], list[Note]]:
    """Acceleration and gravity on the accelerometer's clock, by straight lines, where there are both.

    Raises:
        FormatError: fewer than two rows of one of them, or no time in common.
    """
    order, time_s, notes = repair_clock(time_s, acc)
    gravity_order, gravity_time_s, _ = repair_clock(gravity_time_s, gravity)
    acc, gravity = acc[order], gravity[gravity_order]
    good = np.isfinite(gravity).all(axis=1)
    if min(len(time_s), int(good.sum())) < 2:
        raise FormatError(
            "Fewer than two usable samples",
            where=where,
            expected="two or more rows of acceleration and of gravity",
            got=f"{len(time_s)} of acceleration, {int(good.sum())} of gravity",
            remedy="Check that the recording was exported completely",
        )
    gravity, inside = interpolate_onto(time_s, gravity_time_s[good], gravity[good])
    if not inside.any():
        raise FormatError(
            "Acceleration and gravity were not recorded at the same time",
            where=where,
            got=f"acceleration from {time_s[0]:.3f} s, gravity from {gravity_time_s[good][0]:.3f} s",
            remedy="Export the recording again",
        )
    if not inside.all():
        notes.append(Note("repaired", f"{int((~inside).sum())} acceleration(s) left out where gravity has no samples"))
    return time_s[inside], acc[inside], gravity[inside].astype(np.float32), notes


def unit_by_gravity(time_s: Float[Array, " time"], values: Float[Array, "time 3"]) -> str | None:
    """``g`` or ``m/s2`` by the length of the vectors once averaged over `STEADY_S`; None where they hold no gravity."""
    good = np.isfinite(values).all(axis=1) & np.isfinite(time_s)
    time_s, values = time_s[good], values[good].astype(np.float64)
    step_s = float(np.median(np.diff(time_s))) if len(time_s) > 1 else 0.0
    size = int(np.clip(STEADY_S / step_s, 1, len(values))) if step_s > 0 else max(1, len(values))
    count = len(values) // size
    if count == 0:
        return None
    steady = np.linalg.norm(values[: count * size].reshape(count, size, 3).mean(axis=1), axis=1)
    for unit, one_g in (("g", 1.0), ("m/s2", STANDARD_GRAVITY_MPS2)):
        if GRAVITY_SHARE[0] < float(np.median(steady)) / one_g < GRAVITY_SHARE[1]:
            return unit
    return None


def agreement(acc: Float[Array, "time 3"], gravity: Float[Array, "time 3"]) -> float:
    """Median cosine of the angle between acceleration and gravity; 0 where there is none."""
    acc, gravity = acc.astype(np.float64), gravity.astype(np.float64)
    lengths = np.linalg.norm(acc, axis=1) * np.linalg.norm(gravity, axis=1)
    good = np.isfinite(lengths) & (lengths > 0)
    return float(np.median((acc[good] * gravity[good]).sum(axis=1) / lengths[good])) if good.any() else 0.0
