"""Time stamps of tables: what they count, and in which unit.

Numbers are told by size and step: a wall clock counts from 1970 in s, ms, us or ns; an elapsed clock is in the one unit in
which its step makes a rate a wearable can have. Text is read as ISO 8601 or as time of day.
"""

from __future__ import annotations

import datetime
import re
import warnings
from dataclasses import dataclass

import numpy as np

from .._typing import Array
from ..errors import UnitError

UNIT_S = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
UNIX_SPAN_S = (5e8, 5e9)  # 1985 to 2128: no elapsed clock runs that long
WEARABLE_HZ = (4.0, 2_500.0)  # what wearables sample at; narrower than the factor 1000 between units
POSSIBLE_HZ = (0.05, 20_000.0)  # beyond this a declared unit is wrong
MIN_STEP, MAX_STAMP = 1e-12, 1e20  # bounds of anything a clock counts, in any unit
DAY_S = 86_400.0

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:](\d+))?)?\s*([AaPp][Mm])?")
_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}[T ]\d{2}:?\d{2}")
_OFFSET = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")


@dataclass(frozen=True)
class Clock:
    """How a column of stamps is to be read.

    Attributes:
        unit: ``s``, ``ms``, ``us`` or ``ns``; stamps read from text are in seconds.
        is_unix: whether stamps count from 1970-01-01.
        about: one sentence for the notes.
    """

    unit: str
    is_unix: bool
    about: str


class NoClockError(Exception):
    """A column that holds no time stamps; says why in a few words."""


def detect_clock(values: Array, name: str, unit: str | None, where: str) -> Clock:
    """Tell what a column of numbers counts.

    Args:
        values: the column or its first part; NaN allowed.
        name: of the column, for messages.
        unit: unit that its name states, or None.
        where: file, for messages.

    Raises:
        NoClockError: constant, mostly missing, without order, or a counter.
        UnitError: the stated unit makes an impossible rate.
    """
    steps, size = _steps(values)
    _refuse_disorder(steps)
    if not MIN_STEP <= float(np.abs(steps).max()) <= MAX_STAMP or size > MAX_STAMP:
        raise NoClockError(f"{name!r} holds values that no clock gives, such as {size:.3g}")
    if not (steps > 0).any():
        raise NoClockError("the values do not increase")
    step = float(np.median(steps[steps >= 0]))
    # A coarse clock repeats its stamps: then the mean step tells the rate. A clock set back has no mean step.
    mean_step = float(steps[steps >= 0].mean())
    if step <= 0:
        step = mean_step
    if unit is None:
        for candidate, seconds in UNIT_S.items():
            if UNIX_SPAN_S[0] <= size * seconds <= UNIX_SPAN_S[1] and _could_be(step * seconds, mean_step * seconds):
                about = f"time from column {name!r}: {candidate} since 1970, {_rate(step * seconds)}"
                return Clock(candidate, True, about)
    counts = bool((steps == 1).mean() > 0.9 and np.all(values[np.isfinite(values)] % 1 == 0))
    if counts and unit is None:
        raise NoClockError(f"{name!r} counts samples ({_listing(values)})")
    fitting = [u for u, s in UNIT_S.items() if WEARABLE_HZ[0] <= 1 / (step * s) <= WEARABLE_HZ[1]]
    if unit is not None:
        if not POSSIBLE_HZ[0] <= 1 / (step * UNIT_S[unit]) <= POSSIBLE_HZ[1]:
            hint = f"; {fitting[0]} would make {1 / (step * UNIT_S[fitting[0]]):.4g} Hz" if fitting else ""
            raise UnitError(
                f"The time stamps cannot be in {unit}",
                where=f"{where}, column {name!r}",
                expected=f"steps that make {POSSIBLE_HZ[0]:g} to {POSSIBLE_HZ[1]:g} samples per second",
                got=f"steps of {step:.4g} {unit}, {1 / (step * UNIT_S[unit]):.4g} Hz{hint}",
                remedy=f"Say the unit: --columns time={name}:{fitting[0] if fitting else 's'}, or give the rate: --rate 50",
            )
        is_unix = UNIX_SPAN_S[0] <= size * UNIT_S[unit] <= UNIX_SPAN_S[1]
        kind = "since 1970" if is_unix else "elapsed"
        return Clock(
            unit, is_unix, f"time from column {name!r}: {unit} {kind}, as stated, {_rate(step * UNIT_S[unit])}"
        )
    if not fitting:
        raise NoClockError(f"{name!r} has steps of {step:.4g}, which make no wearable's rate in s, ms, us or ns")
    unit = fitting[0]
    return Clock(
        unit,
        False,
        f"time from column {name!r}: {unit} elapsed, told by steps of {step:.4g}, {_rate(step * UNIT_S[unit])}",
    )


def detect_text_clock(cells: list[str], name: str) -> Clock:
    """Tell what a column of text stamps says, from its first cells.

    Raises:
        NoClockError: no dates or times, or all the same.
    """
    sample = [cell for cell in cells if cell]
    timely = [cell for cell in sample if _CLOCK.search(cell) or _ISO.match(cell)]
    if not sample or len(timely) < 0.9 * len(sample):
        raise NoClockError(f"{name!r} holds text that is no time, such as {(sample or [''])[0][:30]!r}")
    is_iso = _ISO.match(timely[0]) is not None
    try:
        steps, _ = _steps(parse_dates(timely) if is_iso else parse_times_of_day(timely))
    except ValueError as error:
        raise NoClockError(f"{name!r} holds text that is no time, such as {str(error.args[-1])[:30]!r}") from None
    _refuse_disorder(steps)
    if not is_iso:
        return Clock("s", False, f"time from column {name!r}: time of day")
    zone = "" if _OFFSET.search(timely[0]) else "; taken as UTC, no time zone is given"
    return Clock("s", True, f"time from column {name!r}: ISO 8601 text{zone}")


def parse_dates(cells: list[str]) -> Array:
    """Seconds since 1970 of ISO 8601 text; NaN where a cell is empty.

    Raises:
        ValueError: a cell that is no date; its index and text are the arguments.
    """
    zone = _OFFSET.search(next((cell for cell in cells if cell), ""))
    if zone is None or zone[1] == "Z":
        plain = [cell.removesuffix("Z").replace(" ", "T", 1).replace(",", ".", 1) or "NaT" for cell in cells]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # a zone in some cells only is no more than a warning to NumPy
                parsed = np.array(plain, dtype="datetime64[ns]")
            seconds = parsed.astype(np.int64) / 1e9
            seconds[np.isnat(parsed)] = np.nan
            return seconds
        except (ValueError, UserWarning, DeprecationWarning):
            pass  # other spellings of ISO 8601 are left to the slower parser
    return _each(cells, _parse_date)


def parse_times_of_day(cells: list[str]) -> Array:
    """Seconds since midnight; NaN where a cell is empty.

    Raises:
        ValueError: a cell that is no time; its index and text are the arguments.
    """
    return _each(cells, _parse_clock)


def unwrap_midnight(time_s: Array) -> Array:
    """Times of day made to run on past midnight."""
    steps = np.diff(time_s, prepend=time_s[:1])
    return time_s + DAY_S * np.cumsum(np.nan_to_num(steps) < -DAY_S / 2)


def _steps(values: Array) -> tuple[Array, float]:
    finite = values[np.isfinite(values)]
    if len(finite) < 0.5 * len(values) or len(finite) < 2:
        raise NoClockError("more than half of the stamps are missing" if len(finite) else "no stamps")
    with np.errstate(over="ignore"):
        return np.diff(finite), float(np.median(np.abs(finite)))


def _refuse_disorder(steps: Array) -> None:
    if not steps.any():
        raise NoClockError("the value never changes")
    if (steps < 0).mean() > 0.2:
        raise NoClockError("the values do not increase")


def _could_be(step_s: float, mean_step_s: float) -> bool:
    return any(POSSIBLE_HZ[0] <= 1 / s <= POSSIBLE_HZ[1] for s in (step_s, mean_step_s) if s > 0)


def _rate(step_s: float) -> str:
    return f"about {1 / step_s:.4g} Hz"


def _listing(values: Array) -> str:
    return ", ".join(f"{value:g}" for value in values[:4]) + ", ..."


def _parse_date(cell: str) -> float:
    stamp = datetime.datetime.fromisoformat(cell)
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=datetime.UTC)).timestamp()


def _parse_clock(cell: str) -> float:
    match = _CLOCK.search(cell)
    if match is None:
        raise ValueError(cell)
    hours, minutes, seconds, fraction, half = match.groups()
    hour = int(hours) % 12 + 12 * (half.lower() == "pm") if half else int(hours)
    return hour * 3600.0 + int(minutes) * 60.0 + int(seconds or 0) + (float(f"0.{fraction}") if fraction else 0.0)


def _each(cells: list[str], parse) -> Array:
    out = np.full(len(cells), np.nan)
    for index, cell in enumerate(cells):
        if cell.lower() in ("", "nan", "nat", "null", "none", "na"):
            continue
        try:
            out[index] = parse(cell)
        except (ValueError, OverflowError):
            raise ValueError(index, cell) from None
    return out
