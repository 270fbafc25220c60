"""Clocks of real devices: stamps that repeat, go back, or belong to another sensor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .._typing import Array, Float
from ..errors import FormatError
from ..placement import Placement
from ..recording import LATEST_S, Note, Stream
from ..timing import GAP_MIN_S, GAP_PERIODS, contiguous_slices, effective_rate_hz, gap_threshold_s

RESET_S = 1.0  # s; a stamp that goes back by more is a clock that was set anew, by less a packet that came late
NOTED_RESETS = 3  # resets told one by one
SHUFFLED_JUMPS = 5  # so many resets ...
SHUFFLED_SHARE = (
    0.2  # ... in so great a share of the rows: the rows were never in order; by chance half of them are not
)
COARSE_SHARE = 0.2  # share of repeated stamps, ...
COARSE_DIFFERING = 0.05  # ... and of those with values of their own, from which the clock is coarse
PACKET_STEP_S = (
    0.0025  # s; median step of stamps given on arrival; no worn sensor samples at 400 Hz and pauses in between
)
PACKET_SHARE = 0.2  # share of the time in which the samples of a packet arrive
PACKET_PERIOD_S = 2.0  # s; packets come more often than this


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
    if gyr_radps is not None and len(gyr_radps) != len(time_s if gyr_time_s is None else gyr_time_s):
        raise FormatError(
            "The gyroscope does not fit its time stamps",
            where=name,
            expected=f"{len(time_s if gyr_time_s is None else gyr_time_s)} rows",
            got=f"{len(gyr_radps)} rows",
            remedy="Give a gyroscope that was sampled apart its own stamps",
        )
    order, time, clock_notes = repair_clock(time_s, acc_mps2)
    if len(time_s) and not len(time):
        raise FormatError(
            "There is no usable time stamp",
            where=name,
            expected=f"numbers of seconds up to {LATEST_S:g}",
            got=f"{len(time_s)} rows, each with a stamp that is missing or too large",
            remedy="Check the chosen time column and its unit (--columns)",
        )
    log += clock_notes
    acc = _taken(acc_mps2, order)
    if gyr_radps is not None and gyr_time_s is None:
        gyr_radps = _taken(gyr_radps, order)
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

    Rows whose stamp is not a number, or out of line with both neighbours, are left out. A clock set back by more than
    `RESET_S` starts a new stretch, behind a gap. Late packets are sorted in. A row sent twice is left out. Other rows that
    repeat a stamp, or follow each other within moments, were stamped on arrival, or the clock is coarse (whole seconds,
    say): they are spread evenly up to the next stamp.

    Returns:
        Indices of the rows kept, in time order; their stamps; notes.
    """
    if _is_even(time_s):
        return np.arange(len(time_s)), np.asarray(time_s, dtype=np.float64), []
    notes: list[Note] = []
    index, time = _possible_stamps(np.asarray(time_s, dtype=np.float64), notes)
    index, time = _undo_resets(index, time, notes)
    late = int((np.diff(time) < 0).sum())
    if late:
        notes.append(Note("repaired", f"{late} late sample(s) sorted into place"))
        order = np.argsort(time, kind="stable")
        index, time = index[order], time[order]
    repeated = np.diff(time, prepend=-np.inf) <= 0
    if repeated.any():
        same = repeated & (values[index] == values[index[np.maximum(np.arange(len(index)) - 1, 0)]]).all(axis=1)
        # A still sensor on a coarse clock repeats itself, too.
        if same.any() and not _is_coarse(repeated, same):
            notes.append(Note("repaired", f"{int(same.sum())} row(s) sent twice, stamp and values alike, left out"))
            index, time, repeated = index[~same], time[~same], repeated[~same]
    count = int(repeated.sum())
    if count and count < len(time) - 1:
        time = _spread(time, np.flatnonzero(~repeated))
        notes.append(Note("repaired", f"{count} repeated stamp(s) spread evenly up to the next one"))
    elif count:
        index, time = index[~repeated], time[~repeated]
        notes.append(Note("repaired", f"{count} row(s) with the one repeated stamp left out"))
    time = _undo_packets(time, notes)
    stuck = np.diff(time, prepend=-np.inf) <= 0
    if stuck.any():
        notes.append(Note("repaired", f"{int(stuck.sum())} row(s) too close in time to be told apart left out"))
    return index[~stuck], time[~stuck], notes


def interpolate_onto(
    time_s: Float[Array, " time"], other_time_s: Float[Array, " other"], values: Float[Array, "other channels"]
) -> tuple[Float[Array, "time channels"], Array]:
    """Another sensor's samples at this clock, by straight lines; never across a gap of the other clock.

    A faster sensor is averaged down first by the resampler's low-pass, so nothing folds back.

    Returns:
        Values at `time_s`, and a mask (T,) that is False where the other sensor has nothing.
    """
    from .resample import Resampler

    rate, other_rate = effective_rate_hz(time_s), effective_rate_hz(other_time_s)
    # Half a period beyond the ends still counts: two sensors never start on the same stamp.
    slack = 0.5 / other_rate + 0.5 / rate
    faster = other_rate > 1.5 * rate
    out, inside = np.zeros((len(time_s), values.shape[1])), np.zeros(len(time_s), dtype=bool)
    for stretch in contiguous_slices(other_time_s, other_rate):
        time, own = other_time_s[stretch], values[stretch]
        begin = int(np.searchsorted(time_s, time[0] - slack))
        end = int(np.searchsorted(time_s, time[-1] + slack, side="right"))
        if faster:
            pieces = Resampler(other_rate, rate).batch(time, own)
            if not pieces:
                continue
            time, own = pieces[0].index / rate, pieces[0].values
        if len(time) < 2 or begin == end:
            continue
        inside[begin:end] = True
        for channel in range(values.shape[1]):
            out[begin:end, channel] = np.interp(time_s[begin:end], time, own[:, channel])
    return out, inside


def _possible_stamps(time: Array, notes: list[Note]) -> tuple[Array, Array]:
    """Rows with a stamp that can be one, and that stamp; a single stamp out of line with both neighbours can not."""
    finite = np.isfinite(time)
    possible = finite & (np.abs(np.where(finite, time, 0.0)) <= LATEST_S)
    if not finite.all():
        notes.append(Note("repaired", f"{int((~finite).sum())} row(s) without a time stamp left out"))
    if not possible[finite].all():
        count = int((finite & ~possible).sum())
        notes.append(Note("repaired", f"{count} row(s) with a time stamp beyond {LATEST_S:g} s left out"))
    index = np.flatnonzero(possible)
    time = time[index]
    if _is_shuffled(time):
        return index, time
    before, after = np.r_[-np.inf, time[:-1]], np.r_[time[1:], np.inf]
    early, late = (time < before - RESET_S) & (after >= before), (time > after + RESET_S) & (after >= before)
    # Of two suspects side by side one is enough: not the one at the end of the file, which has only one witness.
    early[1:] &= ~(late[:-1] & np.isfinite(before[:-1]))
    late[:-1] &= ~early[1:]
    astray = early | late
    if astray.any():
        first = index[np.flatnonzero(astray)[0]]
        text = f"{int(astray.sum())} row(s) whose stamp fits neither neighbour left out, the first is row {first}"
        notes.append(Note("repaired", text))
    return index[~astray], time[~astray]


def _is_shuffled(time: Array) -> bool:
    back = np.diff(time) < -RESET_S
    return bool(back.sum() >= SHUFFLED_JUMPS and back.mean() > SHUFFLED_SHARE)


def _undo_resets(index: Array, time: Array, notes: list[Note]) -> tuple[Array, Array]:
    """Clocks set back go on behind a gap; rows in no order at all are put in order."""
    if _is_shuffled(time):
        order = np.argsort(time, kind="stable")
        notes.append(Note("repaired", f"{len(time)} rows in no order of time sorted by their stamps"))
        return index[order], time[order]
    back = -np.diff(time, prepend=time[:1])
    resets = np.flatnonzero(back > RESET_S)
    if not len(resets):
        return index, time
    for at in resets[:NOTED_RESETS]:
        text = f"clock set back by {back[at]:.2f} s at row {index[at]}; what follows starts {RESET_S} s later"
        notes.append(Note("repaired", text))
    if len(resets) > NOTED_RESETS:
        notes.append(Note("repaired", f"clock set back {len(resets) - NOTED_RESETS} more time(s), likewise"))
    return index, time + np.cumsum(np.where(back > RESET_S, back + RESET_S, 0.0))


def _undo_packets(time: Array, notes: list[Note]) -> Array:
    """Samples that came in packets and were stamped on arrival, within moments of each other, are spread evenly."""
    steps = np.diff(time)
    if len(steps) < 20 or np.median(steps) > PACKET_STEP_S:
        return time
    starts = np.flatnonzero(np.r_[True, steps > 2 * PACKET_STEP_S])
    if len(starts) < 5:
        return time
    counts, periods = np.diff(starts), np.diff(time[starts])
    lasting = time[starts[1:] - 1] - time[starts[:-1]]
    if np.median(counts) < 3 or np.median(lasting / periods) > PACKET_SHARE or np.median(periods) > PACKET_PERIOD_S:
        return time
    notes.append(
        Note(
            "repaired",
            f"packets stamped on arrival, about {np.median(counts):.0f} samples every {np.median(periods):.3f} s, "
            "spread evenly up to the next one",
        )
    )
    return _spread(time, starts)


def _is_coarse(repeated: Array, same: Array) -> bool:
    """Whether stamps repeat because the clock is coarse, rather than because rows were sent twice."""
    groups = np.diff(np.r_[np.flatnonzero(~repeated), len(repeated)])
    differing = 1.0 - same.sum() / repeated.sum()
    return bool(np.median(groups[groups > 1]) >= 3 or (repeated.mean() > COARSE_SHARE and differing > COARSE_DIFFERING))


def _spread(time: Array, starts: Array) -> Array:
    """Samples that share a stamp, groups of them from each of `starts` on, set evenly from that stamp to the next.

    Where the next stamp is further off than the group can fill, the group keeps the usual step and a gap follows it.
    """
    counts = np.diff(np.r_[starts, len(time)])
    begin, spans = time[starts], np.diff(time[starts])
    usual = float(np.median(spans / counts[:-1]))
    filled = counts[:-1] * usual
    step = np.r_[np.where(spans > filled + max(GAP_PERIODS * usual, GAP_MIN_S), usual, spans / counts[:-1]), usual]
    # The first group is often cut short: it ends where the next begins.
    if counts[0] > 1 and filled[0] < spans[0] <= 1.5 * np.median(spans):
        begin[0], step[0] = begin[1] - filled[0], usual
    return np.repeat(begin, counts) + np.repeat(step, counts) * (np.arange(len(time)) - np.repeat(starts, counts))


def _drop_damaged(name: str, time: Array, acc: Array, gyr: Array | None, log: list[Note]):
    good = _finite_rows(acc)
    if len(acc) and not good.any():
        raise FormatError(
            "The accelerometer has no finite sample",
            where=name,
            got=f"{len(time)} rows, each with a value missing or not a number",
            remedy="Check the chosen columns (--columns)",
        )
    if gyr is not None:
        gyr_good = _finite_rows(gyr)
        if gyr_good.sum() < 0.5 * good.sum():
            log.append(
                Note("repaired", f"gyroscope left out: only {int(gyr_good.sum())} of {len(time)} rows are finite")
            )
            gyr = None
        else:
            good &= gyr_good
    if good.all():
        return time, acc, gyr
    log.append(Note("repaired", f"{int((~good).sum())} of {len(good)} rows with a missing value left out"))
    return time[good], acc[good], None if gyr is None else gyr[good]


def _is_even(time_s: Array) -> bool:
    """Whether stamps need no second look: none missing, all steps within a factor of two of each other."""
    if len(time_s) < 2 or not np.isfinite(time_s[[0, -1]]).all() or np.abs(time_s[[0, -1]]).max() > LATEST_S:
        return False
    with np.errstate(invalid="ignore", over="ignore"):  # absurd stamps give NaN or infinity: no even step
        steps = np.diff(time_s)
        least, most = float(steps.min()), float(steps.max())
    return least > 0.0 and most <= 2.0 * least


def _taken(values: Array, index: Array) -> Array:
    """Rows by index, without a copy where these are all of them in order: files may be as large as memory allows."""
    whole = len(index) == len(values) and (not len(index) or (np.diff(index) == 1).all())
    return values if whole else values[index]


def _finite_rows(values: Array) -> Array:
    with np.errstate(over="ignore"):  # streams hold float32; what does not fit is no measurement
        return np.asarray(np.isfinite(np.asarray(values, dtype=np.float32)).all(axis=1))


def _join_gyroscope(name: str, time: Array, acc: Array, gyr_time_s: Array, gyr: Array, log: list[Note]):
    order, gyr_time, notes = repair_clock(gyr_time_s, gyr)
    log += [Note(note.kind, f"gyroscope: {note.text}") for note in notes]
    gyr = gyr[order]
    finite = _finite_rows(gyr)
    if not finite.all():
        log.append(Note("repaired", f"gyroscope: {int((~finite).sum())} row(s) with a missing value left out"))
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
