"""Allan deviation, and the noise figures read off it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError

FLICKER_FLOOR = math.sqrt(2.0 * math.log(2.0) / math.pi)  # Allan deviation of flicker noise per bias instability: 0.664


@dataclass(frozen=True)
class NoiseFigures:
    """Noise of a sensor, in the unit of its signal.

    Attributes:
        noise_density_per_sqrt_hz: white noise, one-sided: rms = density * sqrt(bandwidth). IEEE's coefficient N, two-sided
            (angle or velocity random walk), is this over sqrt(2).
        bias_instability: coefficient B; the curve's flat part is 0.664 B.
        rate_random_walk_per_sqrt_s: coefficient K.
    """

    noise_density_per_sqrt_hz: float
    bias_instability: float
    rate_random_walk_per_sqrt_s: float


def allan_deviation(
    values: Float[Array, "time channels"], rate_hz: float, tau_s: Float[Array, " taus"] | None = None
) -> tuple[Float[Array, " taus"], Float[Array, "taus channels"]]:
    """Overlapping Allan deviation of evenly sampled signals.

    Args:
        values: (T, C) samples of a sensor at rest, any unit.
        rate_hz: sampling rate.
        tau_s: averaging times; each is rounded to whole samples. By default three per octave, up to T / 4.

    Returns:
        The averaging times used, without repetitions, and the deviations (taus, C) in the unit of the signal.

    Raises:
        UsageError: too few samples, or averaging times longer than half the recording.

    Source:
        IEEE Std 952-1997, annex C; W. Riley, NIST Special Publication 1065 (2008), section 5.2.4.

    Example:
        >>> tau_s, deviation = allan_deviation(np.random.default_rng(0).normal(size=(4000, 1)), 100.0)
        >>> bool(deviation[0, 0] > deviation[-1, 0])
        True
    """
    count = len(values)
    if count < 8 or not np.isfinite(values).all() or not rate_hz > 0:
        raise UsageError(
            "No Allan deviation can be told",
            expected="8 or more finite samples and a positive rate",
            got=f"{count} samples",
        )
    if tau_s is None:
        spans = np.geomspace(1, count // 4, max(2, int(3 * math.log2(count // 4 + 1))))
    else:
        spans = np.asarray(tau_s, dtype=float) * rate_hz
    sizes = np.unique(np.rint(spans).astype(int))
    if sizes[0] < 1 or 2 * sizes[-1] > count:
        raise UsageError(
            "An averaging time does not fit the recording",
            expected=f"{1 / rate_hz:g} to {count / rate_hz / 2:g} s",
            got=f"{sizes[0] / rate_hz:g} to {sizes[-1] / rate_hz:g} s",
        )
    # The mean goes first, so that sums over hours keep their digits.
    sums = np.concatenate(
        [np.zeros((1, values.shape[1])), np.cumsum(values - values.mean(axis=0), axis=0, dtype=float)]
    )
    deviations = []
    for size in sizes:
        steps = sums[2 * size :] - 2.0 * sums[size:-size] + sums[: -2 * size]
        deviations.append(np.sqrt(0.5 * np.mean(steps**2, axis=0)) / size)
    return sizes / rate_hz, np.stack(deviations)


def read_noise(
    tau_s: Float[Array, " taus"], deviation: Float[Array, " taus"], duration_s: float | None = None
) -> NoiseFigures:
    """White noise, bias instability and rate random walk that together explain an Allan curve.

    All three are fitted at once to the logarithm of the Allan variance, N^2 / tau + 0.44 B^2 + K^2 tau / 3; each point
    counts by how many independent differences it rests on. A term that the curve does not show comes out near zero.

    Args:
        tau_s: (M,) averaging times.
        deviation: (M,) Allan deviation of one channel; of several alike, the root of their mean variance.
        duration_s: of the recording; by default four times the longest averaging time.
    """
    from scipy.optimize import least_squares

    if len(tau_s) < 4 or not (np.isfinite(deviation).all() and (deviation > 0).all()):
        raise UsageError(
            "An Allan curve that tells no noise",
            expected="4 or more points above 0",
            got=f"{len(tau_s)} points",
            remedy="Record for longer, and check that the sensor was not stuck",
        )
    duration = 4.0 * float(tau_s[-1]) if duration_s is None else duration_s
    target = 2.0 * np.log(deviation)
    # Neighbouring averaging times share their samples; what is independent shrinks with tau.
    weight = np.sqrt(np.maximum(duration / tau_s - 1.0, 0.5))
    terms = np.stack([1.0 / tau_s, np.full_like(tau_s, FLICKER_FLOOR**2), tau_s / 3.0], axis=1)

    def misfit(logs: Array) -> Array:
        return weight * (np.log(terms @ np.exp(logs)) - target)

    # Each term starts as large as the curve lets it be; a ratio, not a difference, is what a point is wrong by.
    first = np.log(np.min(np.exp(target)[:, None] / terms, axis=0))
    squares = np.exp(least_squares(misfit, first, bounds=(first - 30.0, first + 5.0)).x)
    white, flicker, walk = np.sqrt(squares)
    return NoiseFigures(math.sqrt(2.0) * float(white), float(flicker), float(walk))
