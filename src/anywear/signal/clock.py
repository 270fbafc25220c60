"""Clocks of real devices: stamps that repeat, go back, or belong to another sensor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .._typing import Array, Float
from ..errors import FormatError
from ..placement import Placement
from ..recording import Note, Stream
from ..timing import effective_rate_hz, gap_threshold_s

RESET_S = 1.0  # s; a stamp that goes back by more is a clock that was set anew, by less a packet that came late


def build_stream(
    name: str,
    time_s: Float[Array, " time"],
    acc_mps2: Float[Array, "time 3"],
    gyr_radps: Float[Array, "other 3"] | None = None,
    *,
    gyr_time_s: Float[Array, " other"] | None = None,
    placement: Placement | None = None,
    nominal_rate_hz: float | None = None,
    notes: Sequence[Note] = (),
) -> Stream:
    """Make a valid stream out of raw samples; every repair is noted.

    Args:
        name: name of the stream.
        time_s: (T,) seconds, as the device wrote them.
        acc_mps2: (T, 3) specific force, m/s2, gravity included; rows with NaN are left out.
        gyr_radps: (T, 3) or, with its own clock, (U, 3) angular rate, rad/s.
        gyr_time_s: (U,) seconds on the same clock, when the gyroscope was sampled apart.
        placement: where it is worn; unknown by default.
        nominal_rate_hz: rate the device claims.
        notes: what the reader found before.

    Raises:
        FormatError: fewer than two usable samples.
    """
    log = list(notes)
    order, time, clock_notes = repair_clock(time_s, acc_mps2)
    log += clock_notes
    acc = acc_mps2[order]
    if gyr_radps is not None and gyr_time_s is None:
        gyr_radps = gyr_radps[order]
    time, acc, gyr = _drop_damaged(name, time, acc, None if gyr_time_s is not None else gyr_radps, log)
    if gyr_time_s is not None and gyr_radps is not None:
        time, acc, gyr = _join_gyroscope(name, time, acc, gyr_time_s, gyr_radps, log)
    arrays = [np.ascontiguousarray(time, dtype=np.float64), np.ascontiguousarray(acc, dtype=np.float32)]
    if gyr is not None:
        arrays.append(np.ascontiguousarray(gyr, dtype=np.float32))
    for array in arrays:
        array.setflags(write=False)
    if len(time) < 2:
        raise FormatError(
            "Fewer than two usable samples",
            where=name,
            expected="two or more rows with a time stamp and three finite accelerations",
            got=f"{len(time)} of {len(time_s)} rows",
            remedy="Check that the recording was exported completely",
        )
    gaps = np.diff(arrays[0]) > gap_threshold_s(effective_rate_hz(arrays[0]))
    if gaps.any():
        longest = float(np.diff(arrays[0])[gaps].max())
        log.append(Note("detected", f"{int(gaps.sum())} gap(s), the longest {longest:.2f} s; they are not bridged"))
    return Stream(
        name,
        arrays[0],
        arrays[1],
        arrays[2] if gyr is not None else None,
        placement or Placement.unknown(),
        nominal_rate_hz,
        tuple(log),
    )


def repair_clock(
    time_s: Float[Array, " time"], values: Float[Array, "time channels"]
) -> tuple[Array, Float[Array, " kept"], list[Note]]:
    """Bring stamps into strictly increasing order.

    Rows whose stamp is not a number are left out. A clock set back by more than `RESET_S` starts a new stretch, behind a gap.
    Late packets are sorted in. A row sent twice is left out. Other rows that repeat a stamp were delivered in a burst, or the
    clock is coarse (whole seconds, say): they are spread evenly up to the next stamp.

    Returns:
        Indices of the rows kept, in time order; their stamps; notes.
    """
    notes: list[Note] = []
    index = np.arange(len(time_s))
    time = np.asarray(time_s, dtype=np.float64)
    finite = np.isfinite(time)
    if not finite.all():
        notes.append(Note("repaired", f"{int((~finite).sum())} row(s) without a time stamp left out"))
        index, time = index[finite], time[finite]
    resets = np.flatnonzero(np.diff(time) < -RESET_S) + 1
    if len(resets):
        time = time.copy()
        for at in resets:
            back = time[at - 1] - time[at]
            time[at:] += back + RESET_S
            notes.append(
                Note(
                    "repaired",
                    f"clock set back by {back:.2f} s at row {index[at]}; what follows starts {RESET_S} s later",
                )
            )
    if (np.diff(time) < 0).any():
        notes.append(Note("repaired", f"{int((np.diff(time) < 0).sum())} late sample(s) sorted into place"))
        order = np.argsort(time, kind="stable")
        index, time = index[order], time[order]
    repeated = np.r_[False, np.diff(time) <= 0]
    if repeated.any():
        before = np.maximum(np.arange(len(index)) - 1, 0)
        same = repeated & (values[index] == values[index[before]]).all(axis=1)
        if same.any():
            notes.append(Note("repaired", f"{int(same.sum())} row(s) sent twice, stamp and values alike, left out"))
            index, time, repeated = index[~same], time[~same], repeated[~same]
    if repeated.any() and repeated.sum() < len(time) - 1:
        time = _spread(time, repeated)
        notes.append(Note("repaired", f"{int(repeated.sum())} repeated stamp(s) spread evenly up to the next one"))
    elif repeated.any():
        index, time = index[~repeated], time[~repeated]
        notes.append(Note("repaired", f"{int(repeated.sum())} row(s) with the one repeated stamp left out"))
    return index, time, notes


def interpolate_onto(
    time_s: Float[Array, " time"], other_time_s: Float[Array, " other"], values: Float[Array, "other channels"]
) -> tuple[Float[Array, "time channels"], Array]:
    """Another sensor's samples at this clock, by straight lines; never across a gap of the other clock.

    A faster sensor is averaged down first by the resampler's low-pass, so nothing folds back.

    Returns:
        Values at `time_s`, and a mask (T,) that is False where the other sensor has nothing.
    """
    from .resample import resample_uniform

    rate, other_rate = effective_rate_hz(time_s), effective_rate_hz(other_time_s)
    if other_rate > 1.5 * rate:
        pieces = resample_uniform(other_time_s, values, other_rate, rate)
        other_time_s = np.concatenate([piece[0] for piece in pieces])
        values = np.concatenate([piece[1] for piece in pieces])
        other_rate = rate
    if len(other_time_s) < 2:
        return np.zeros((len(time_s), values.shape[1])), np.zeros(len(time_s), dtype=bool)
    right = np.clip(np.searchsorted(other_time_s, time_s), 1, len(other_time_s) - 1)
    step = other_time_s[right] - other_time_s[right - 1]
    # Half a period beyond the ends still counts: two sensors never start on the same stamp.
    slack = 0.5 / other_rate + 0.5 / rate
    inside = (time_s >= other_time_s[0] - slack) & (time_s <= other_time_s[-1] + slack)
    inside &= step <= gap_threshold_s(other_rate)
    out = np.stack([np.interp(time_s, other_time_s, values[:, c]) for c in range(values.shape[1])], axis=1)
    return out, inside


def _spread(time: Array, repeated: Array) -> Array:
    anchors = np.flatnonzero(~repeated)
    positions = np.arange(len(time))
    spread = np.interp(positions, anchors, time[anchors])
    tail = positions > anchors[-1]
    if tail.any():
        step = (time[anchors[-1]] - time[anchors[-2]]) / (anchors[-1] - anchors[-2])
        spread[tail] = time[anchors[-1]] + step * (positions[tail] - anchors[-1])
    return spread


def _drop_damaged(name: str, time: Array, acc: Array, gyr: Array | None, log: list[Note]):
    good = np.asarray(np.isfinite(acc).all(axis=1))
    if not good.any():
        raise FormatError(
            "The accelerometer has no finite sample",
            where=name,
            got=f"{len(time)} rows, each with a value missing or not a number",
            remedy="Check the chosen columns (--columns)",
        )
    if gyr is not None:
        gyr_good = np.isfinite(gyr).all(axis=1)
        if gyr_good.sum() < 0.5 * good.sum():
            log.append(
                Note("repaired", f"gyroscope left out: only {int(gyr_good.sum())} of {len(time)} rows are finite")
            )
            gyr = None
        else:
            good &= gyr_good
    if not good.all():
        log.append(Note("repaired", f"{int((~good).sum())} of {len(good)} rows with a missing value left out"))
    return time[good], acc[good], None if gyr is None else gyr[good]


def _join_gyroscope(name: str, time: Array, acc: Array, gyr_time_s: Array, gyr: Array, log: list[Note]):
    order, gyr_time, notes = repair_clock(gyr_time_s, gyr)
    log += [Note(note.kind, f"gyroscope: {note.text}") for note in notes]
    gyr = gyr[order]
    finite = np.isfinite(gyr).all(axis=1)
    gyr_time, gyr = gyr_time[finite], gyr[finite]
    if len(gyr_time) < 2 or len(time) < 2:
        log.append(Note("repaired", "gyroscope left out: it has fewer than two usable samples"))
        return time, acc, None
    values, inside = interpolate_onto(time, gyr_time, gyr)
    if inside.mean() < 0.5:
        log.append(Note("repaired", f"gyroscope left out: it covers only {inside.mean():.0%} of the accelerometer"))
        return time, acc, None
    log.append(
        Note(
            "converted",
            f"gyroscope ({effective_rate_hz(gyr_time):.1f} Hz) brought onto the accelerometer's clock "
            f"({effective_rate_hz(time):.1f} Hz)",
        )
    )
    if not inside.all():
        log.append(
            Note("repaired", f"{int((~inside).sum())} acceleration(s) left out where the gyroscope has no samples")
        )
    return time[inside], acc[inside], values[inside]
