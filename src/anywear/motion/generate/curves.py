"""Curves that human movement is made of: minimum-jerk strokes, cycles, smooth noise. Everything is a function of time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..._typing import Array, Float


def ease(share: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """From 0 to 1 with minimum jerk; 0 before and 1 after. Source: Flash & Hogan, J. Neuroscience 5 (1985)."""
    s = np.clip(share, 0.0, 1.0)
    return s * s * s * (10.0 + s * (6.0 * s - 15.0))


def stroke(time_s: Float[Array, " time"], start_s: float, end_s: float) -> Float[Array, " time"]:
    """Minimum-jerk way from 0 at ``start_s`` to 1 at ``end_s``."""
    return ease((time_s - start_s) / max(end_s - start_s, 1e-9))


def settle(
    time_s: Float[Array, " time"], start_s: float, end_s: float, hard: float, stop_s: float
) -> Float[Array, " time"]:
    """Way from 0 to 1 that ends on something: the harder, the faster it still is when that is met.

    Args:
        time_s: (T,), evenly spaced.
        start_s, end_s: of the way.
        hard: 0 ends as softly as `stroke`, 1 is steadily faster and faster up to the end.
        stop_s: standard deviation of the stop in time; it lasts about four of them.
    """
    share = np.clip((time_s - start_s) / max(end_s - start_s, 1e-9), 0.0, 1.0)
    raw = (1.0 - hard) * ease(share) + hard * share**2
    return gaussian_filter1d(raw, stop_s / float(time_s[1] - time_s[0]), mode="nearest")


def bump(time_s: Float[Array, " time"], start_s: float, end_s: float) -> Float[Array, " time"]:
    """There and back: 0, 1 in the middle, 0, smooth at both ends."""
    share = np.clip((time_s - start_s) / max(end_s - start_s, 1e-9), 0.0, 1.0)
    return (4.0 * share * (1.0 - share)) ** 3


def keyframes(time_s: Float[Array, " time"], at_s: Sequence[float], values: Sequence | Array) -> Array:
    """Rest, stroke, rest: minimum-jerk ways between values held at their times.

    Args:
        time_s: (T,).
        at_s: (K,) increasing; the value stands still for an instant at each.
        values: (K, ...) numbers or vectors.

    Returns:
        (T, ...); constant before the first and after the last.
    """
    values = np.asarray(values, dtype=float)
    out = np.broadcast_to(values[0], (len(time_s), *values.shape[1:])).copy()
    for index in range(len(values) - 1):
        share = stroke(time_s, at_s[index], at_s[index + 1])
        out += share.reshape(-1, *[1] * (values.ndim - 1)) * (values[index + 1] - values[index])
    return out


def through(time_s: Float[Array, " time"], at_s: Sequence[float], values: Sequence | Array) -> Array:
    """A smooth curve through values at times, passed without stopping (monotone where they are); flat at both ends."""
    from scipy.interpolate import PchipInterpolator, make_interp_spline

    values = np.asarray(values, dtype=float)
    at = np.asarray(at_s, dtype=float)
    clipped = np.clip(time_s, at[0], at[-1])
    # Monotone cubics have kinks in acceleration: a quintic through dense samples of them, lightly averaged, has none.
    step = max((at[-1] - at[0]) / 400.0, 1e-3)
    dense = np.arange(at[0] - 20 * step, at[-1] + 20 * step, step)
    shape = PchipInterpolator(at, values, axis=0)(np.clip(dense, at[0], at[-1]))
    width = max(1, min(9, len(dense) // 40))
    kernel = np.ones(2 * width + 1) / (2 * width + 1)
    padded = np.concatenate([np.repeat(shape[:1], width, axis=0), shape, np.repeat(shape[-1:], width, axis=0)])
    smooth = np.apply_along_axis(lambda column: np.convolve(column, kernel, "valid"), 0, padded)
    return make_interp_spline(dense, smooth, k=3)(clipped)


def cycle(phase: Float[Array, " time"], cosines: Sequence[float], sines: Sequence[float] = ()) -> Float[Array, " time"]:
    """Fourier series of a phase counted in cycles: ``sum_k c_k cos(2 pi k p) + s_k sin(2 pi k p)``, k from 0 and from 1."""
    out = np.zeros_like(phase)
    for k, c in enumerate(cosines):
        out += c * np.cos(2 * np.pi * k * phase)
    for k, s in enumerate(sines, start=1):
        out += s * np.sin(2 * np.pi * k * phase)
    return out


def closed(phase: Float[Array, " time"], at: Sequence[float], values: Sequence | Array) -> Array:
    """A smooth closed curve: values at fractions of the cycle (increasing from 0, below 1), repeated for every phase."""
    from scipy.interpolate import CubicSpline

    values = np.asarray(values, dtype=float)
    knots = np.concatenate([np.asarray(at, dtype=float), [at[0] + 1.0]])
    ring = np.concatenate([values, values[:1]])
    return CubicSpline(knots, ring, axis=0, bc_type="periodic")((phase - at[0]) % 1.0 + at[0])


def pushes(phase: Float[Array, " time"], harmonics: Sequence[tuple[float, float]]) -> Float[Array, " time"]:
    """A place that is pushed once in a cycle, at whole phases, and falls back in between.

    Args:
        phase: in cycles.
        harmonics: of the acceleration, from the first on: size, and by how many degrees it leads. The first, with size 1,
            moves by 1 to either side.
    """
    angle = 2.0 * np.pi * phase
    parts = [-size / k**2 * np.cos(k * angle + np.deg2rad(lead)) for k, (size, lead) in enumerate(harmonics, start=1)]
    return np.sum(parts, axis=0)


def noise(
    time_s: Float[Array, " time"], rng: np.random.Generator, corner_hz: float, channels: int = 1
) -> Float[Array, "time channels"]:
    """Smooth random wandering of unit variance with power up to about ``corner_hz``: a random cubic spline."""
    from scipy.interpolate import make_interp_spline

    length_s = float(time_s[-1] - time_s[0])
    count = max(6, int(np.ceil(2.0 * corner_hz * length_s)) + 6)
    step = 1.0 / (2.0 * corner_hz)
    knots = time_s[0] + step * (np.arange(count) - 3 + rng.uniform(-0.5, 0.5))
    # White values at knots that far apart have a cubic spline of variance 0.83 on average.
    values = rng.standard_normal((count, channels)) / np.sqrt(0.83)
    inside = np.clip(time_s, knots[0], knots[-1])
    return make_interp_spline(knots, values, k=3)(inside)


def jittered_phase(
    time_s: Float[Array, " time"], rate_hz: float, rng: np.random.Generator, spread: float = 0.02, start: float = 0.0
) -> Float[Array, " time"]:
    """Phase in cycles that runs at a rate with cycle-to-cycle variation, smooth and never backwards.

    Args:
        time_s: (T,).
        rate_hz: cycles per second.
        rng: randomness.
        spread: standard deviation of the tempo, as a share of it.
        start: phase at the first frame.
    """
    drift = np.clip(spread * noise(time_s, rng, max(0.3 * rate_hz, 0.1))[:, 0], -0.5, 0.5)
    steps = np.diff(time_s, prepend=time_s[0])
    return start + np.cumsum(rate_hz * (1.0 + drift) * steps)
