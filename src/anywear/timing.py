"""What time stamps say: the effective rate, and where a recording has gaps. One rule for every room."""

from __future__ import annotations

import itertools
import math

import numpy as np

from ._typing import Array, Float
from .errors import UsageError

GAP_PERIODS = 4.0  # steps longer than this many sample periods are gaps ...
GAP_MIN_S = 0.25  # s; ... unless shorter than this: phones deliver late by up to 155 ms without losing samples


def gap_threshold_s(rate_hz: float) -> float:
    """Longest step in seconds that still counts as contiguous at this rate."""
    return max(GAP_PERIODS / rate_hz, GAP_MIN_S)


def effective_rate_hz(time_s: Float[Array, " time"]) -> float:
    """Samples per second between gaps, read off increasing stamps.

    The median step alone would be wrong for stamps in whole milliseconds (104.2 Hz reads as 100 or 111), so it only finds
    the gaps; the rate is the mean over the rest.
    """
    steps = np.diff(time_s)
    kept = steps[steps <= max(GAP_PERIODS * float(np.median(steps)), GAP_MIN_S)]
    return len(kept) / float(kept.sum())


def contiguous_slices(time_s: Float[Array, " time"], rate_hz: float | None = None) -> list[slice]:
    """Stretches without a gap, in order, as slices of the samples.

    Args:
        time_s: (T,) increasing stamps.
        rate_hz: the sampling rate; by default read off the stamps.

    Raises:
        UsageError: a rate that is no positive number.
    """
    if rate_hz is not None and not (rate_hz > 0 and math.isfinite(rate_hz)):
        raise UsageError("The sampling rate is impossible", expected="a positive number of Hz", got=f"{rate_hz:g} Hz")
    if len(time_s) < 2:
        return [slice(0, len(time_s))]
    threshold = gap_threshold_s(effective_rate_hz(time_s) if rate_hz is None else rate_hz)
    edges = [0, *(np.flatnonzero(np.diff(time_s) > threshold) + 1).tolist(), len(time_s)]
    return [slice(start, stop) for start, stop in itertools.pairwise(edges)]
