"""Thrown and caught: the height of a body between contacts with the ground."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..._typing import Array, Float
from ...recording import STANDARD_GRAVITY_MPS2

SHARP = 0.65  # 0 is a half sine of force; 1 the narrowest, its cube


def bounce(time_s: Float[Array, " time"], contacts: Sequence[tuple[float, float]]) -> Float[Array, " time"]:
    """Height (m) of a body that falls freely between contacts and is as high after each as before it.

    Over a contact the force is a bell: a half sine (Blickhan, J. Biomechanics 22, 1989) sharpened by its third harmonic,
    with as much of the second as brings the body back to its height in time. Flights set the speeds between.

    Args:
        time_s: (T,).
        contacts: begin and end of the time on the ground, in seconds; those that overlap are one.

    Returns:
        (T,) over the height at touch-down; 0 before the first contact and after the last.
    """
    g = STANDARD_GRAVITY_MPS2
    joined: list[list[float]] = []
    for begin, end in sorted(contacts):
        if joined and begin <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([begin, end])
    out = np.zeros_like(time_s)
    for number, (begin, end) in enumerate(joined):
        before = begin - joined[number - 1][1] if number else None
        after = joined[number + 1][0] - end if number + 1 < len(joined) else before
        before = after if before is None else before
        if before is None or after is None:
            continue
        length = end - begin
        caught, thrown = -0.5 * g * before, 0.5 * g * after
        mean = g + (thrown - caught) / length
        # Bell of unit mean: a sin(pi s) + b sin(3 pi s), positive for every sharpness up to 1.
        first = np.pi / 2.0 / (1.0 - SHARP / 9.0) * 1.0
        third = -first * SHARP / 3.0
        scale = 1.0 / (2.0 / np.pi * (first + third / 3.0))
        first, third = scale * first, scale * third
        # The second harmonic moves the body without changing its speed: it makes the way come out at nothing.
        plain = caught * length + 0.5 * (mean - g) * length**2
        second = -plain * 2.0 * np.pi / (mean * length**2)
        on = (time_s >= begin) & (time_s < end)
        s = (time_s[on] - begin) / length
        w = np.pi
        way = (
            first * (s / w - np.sin(w * s) / w**2)
            + second * (s / (2 * w) - np.sin(2 * w * s) / (2 * w) ** 2)
            + third * (s / (3 * w) - np.sin(3 * w * s) / (3 * w) ** 2)
        )
        out[on] = caught * length * s + length**2 * (mean * way - 0.5 * g * s**2)
        off = (time_s >= end) & (time_s < end + after)
        air = time_s[off] - end
        out[off] = thrown * air - 0.5 * g * air**2
    return out
