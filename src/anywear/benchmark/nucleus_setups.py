"""The same hand motion as other devices would have recorded it, and the two ways that are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .._typing import Array
from ..recording import STANDARD_GRAVITY_MPS2, Recording, Stream
from ..signal.accesswear import accesswear_nucleus
from ..signal.nucleus import Nucleus, nucleus
from ..timing import contiguous_slices
from .setup_disturbances import at_rate, turned, without_gyroscope

AS_RECORDED = "as recorded"
RATES_HZ = (25.0, 50.0, 100.0, 200.0)
OURS, ACCESSWEAR = "ours", "AccessWear"
FINDERS: dict[str, Callable[[Array, Array | None, float], Nucleus | None]] = {
    OURS: nucleus,
    ACCESSWEAR: accesswear_nucleus,
}


def setups(seed: int) -> dict[str, Callable[[Recording, int], Recording]]:
    """Changes by name; each takes a recording and its number."""
    found: dict[str, Callable[[Recording, int], Recording]] = {AS_RECORDED: lambda own, _: own}
    for rate_hz in RATES_HZ:
        found[f"{rate_hz:g} Hz"] = lambda own, _, rate_hz=rate_hz: at_rate(own, rate_hz)
    found["turned at random"] = lambda own, number: turned(own, (seed, number))
    found["in g and deg/s"] = lambda own, _: in_other_units(own)
    found["no gyroscope"] = lambda own, _: without_gyroscope(own)
    return found


def in_other_units(recording: Recording) -> Recording:
    """Numbers in g and deg/s where SI units are declared: what a scale baked in would stumble over."""
    return recording.with_streams([_other_units(stream) for stream in recording.streams])


def stretches(stream: Stream) -> list[tuple[float, Array, Array | None, float]]:
    """Start in seconds, acceleration, angular rate and rate in Hz of every stretch without a gap."""
    gyr = stream.gyr_radps
    return [
        (
            float(stream.time_s[own][0]),
            np.asarray(stream.acc_mps2[own], dtype=np.float64),
            None if gyr is None else np.asarray(gyr[own], dtype=np.float64),
            stream.effective_rate_hz,
        )
        for own in contiguous_slices(stream.time_s, stream.effective_rate_hz)
        if own.stop - own.start > 1
    ]


def overlap(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Intersection over union of two stretches of time."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    whole = max(one[1], other[1]) - min(one[0], other[0])
    return max(0.0, shared) / whole if whole > 0.0 else float(one == other)


def _other_units(stream: Stream) -> Stream:
    gyr = None if stream.gyr_radps is None else np.rad2deg(stream.gyr_radps)
    return replace(stream, acc_mps2=stream.acc_mps2 / STANDARD_GRAVITY_MPS2, gyr_radps=gyr)
