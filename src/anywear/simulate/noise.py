"""The noise of inertial sensors: white, flicker and random walk, for many sensors at once.

Arrays in here are time-major, (T, 3, B) with the sensors innermost: every operation then runs over contiguous memory.
White noise is drawn for every sample. The slow processes, flicker and random walk, are drawn at `SLOW_RATE_HZ` and joined
by straight lines: faster fluctuations of theirs lie below the white noise of any real part.

Flicker noise, of spectrum B^2 / (pi f) one-sided, is the sum of first-order Gauss-Markov processes of equal variance whose
rates stand a factor `FLICKER_SPACING` apart, from the fastest the slow rate can show down to one whose correlation time
exceeds the recording. With variance B^2 ln(spacing) / pi each, their sum follows 1/f to within 4 % in between.

Source: IEEE Std 952-1997, annex C (spectra and Allan variances); van der Ziel, Physica 16 (1950), for 1/f noise as a
superposition of relaxation processes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from .triad import TriadErrors, per_axis

SLOW_RATE_HZ = 4.0  # Hz; flicker and random walk are drawn this often, or a little more often
FLICKER_SPACING = 8.0  # factor between neighbouring rates; the 1/f spectrum ripples by 4 %
BUTTERWORTH_NOISE_BANDWIDTH = math.pi / (2.0 * math.sqrt(2.0))  # noise bandwidth per corner, second order: 1.11


@dataclass(frozen=True)
class NoisePlan:
    """What has to be drawn for one sensor of T samples.

    Attributes:
        samples: T.
        step: samples from one knot of the slow processes to the next.
        knots: how many knots; one more than needed to reach the last sample.
        knot_s: seconds between knots.
        flicker_rates_radps: rates of the Gauss-Markov processes; empty when flicker is off.
        walk, white: whether these are on.
    """

    samples: int
    step: int
    knots: int
    knot_s: float
    flicker_rates_radps: tuple[float, ...]
    walk: bool
    white: bool

    @property
    def slow_draws(self) -> int:
        """Standard normals for the slow processes of one sensor."""
        return 3 * self.knots * (len(self.flicker_rates_radps) + self.walk)

    @property
    def draws(self) -> int:
        """Standard normals for one sensor."""
        return self.slow_draws + 3 * self.samples * self.white


def plan_noise(errors: TriadErrors, samples: int, rate_hz: float) -> NoisePlan:
    """What the errors ask for in a recording of so many samples."""
    step = max(1, int(rate_hz / SLOW_RATE_HZ))
    knot_s = step / rate_hz
    rates: list[float] = []
    if np.any(errors.bias_instability_si):
        slowest = 0.5 * rate_hz / samples
        rate = math.pi / knot_s
        while not rates or rates[-1] > slowest:
            rates.append(rate)
            rate /= FLICKER_SPACING
    return NoisePlan(
        samples,
        step,
        samples // step + 2,
        knot_s,
        tuple(rates),
        bool(np.any(errors.rate_random_walk_si_per_sqrt_s)),
        bool(np.any(errors.noise_density_si_per_sqrt_hz)),
    )


def white_noise_std_si(errors: TriadErrors, rate_hz: float) -> Float[Array, "3"]:
    """(3,) standard deviation of a sample before the low-pass.

    A part whose bandwidth exceeds the Nyquist frequency of its output lets the noise up to there fold in.
    """
    corner = errors.corner_hz(rate_hz)
    bandwidth = 0.5 * rate_hz
    if corner is not None and corner >= bandwidth:
        bandwidth = BUTTERWORTH_NOISE_BANDWIDTH * corner
    return per_axis(errors.noise_density_si_per_sqrt_hz) * math.sqrt(bandwidth)


def add_noise(
    signal: Float[Array, "time 3 sensors"],
    normals: Float[Array, "sensors draws"],
    errors: TriadErrors,
    plan: NoisePlan,
    rate_hz: float,
) -> None:
    """Add all three noises in place; ``normals`` (B, ``plan.draws``) are used up."""
    sensors = signal.shape[2]
    if plan.slow_draws:
        slow = np.ascontiguousarray(normals[:, : plan.slow_draws].T).reshape(-1, plan.knots, 3, sensors)
        add_interpolated(signal, slow_processes(slow, errors, plan), plan.step)
    if plan.white:
        white = np.ascontiguousarray(normals[:, plan.slow_draws :].T).reshape(signal.shape)
        white *= white_noise_std_si(errors, rate_hz).astype(np.float32)[:, None]
        signal += white


def slow_processes(
    normals: Float[Array, "processes knots 3 sensors"], errors: TriadErrors, plan: NoisePlan
) -> Float[Array, "knots 3 sensors"]:
    """Flicker and random walk at the knots; the normals are used up."""
    total = np.zeros(normals.shape[1:], dtype=np.float32)
    std = per_axis(errors.bias_instability_si) * math.sqrt(math.log(FLICKER_SPACING) / math.pi)
    std = std.astype(np.float32)[:, None]
    for process, rate in enumerate(plan.flicker_rates_radps):
        memory = math.exp(-rate * plan.knot_s)
        fresh = np.float32(math.sqrt(1.0 - memory**2))
        state = normals[process, 0] * std  # stationary from the first sample on
        total[0] += state
        for knot in range(1, plan.knots):
            state *= np.float32(memory)
            kick = normals[process, knot]
            kick *= fresh * std
            state += kick
            total[knot] += state
    if plan.walk:
        kick = (per_axis(errors.rate_random_walk_si_per_sqrt_s) * math.sqrt(plan.knot_s)).astype(np.float32)
        steps = normals[len(plan.flicker_rates_radps)] * kick[:, None]
        steps[0] = 0.0
        total += np.cumsum(steps, axis=0)
    return total


def add_interpolated(signal: Float[Array, "time 3 sensors"], knots: Float[Array, "knots 3 sensors"], step: int) -> None:
    """Add straight lines between knots that stand ``step`` samples apart, in place."""
    whole, rest = divmod(len(signal), step)
    if step == 1:
        signal += knots[: len(signal)]
        return
    slope = np.diff(knots, axis=0)
    slope *= np.float32(1.0 / step)
    within = signal[: whole * step].reshape(whole, step, *signal.shape[1:])
    for offset in range(step):
        line = slope[:whole] * np.float32(offset)
        line += knots[:whole]
        within[:, offset] += line
        if offset < rest:
            signal[whole * step + offset] += knots[whole] + slope[whole] * np.float32(offset)


def low_pass(
    signal: Float[Array, "time 3 sensors"], start: Float[Array, "3 sensors"], corner_hz: float, rate_hz: float
) -> Float[Array, "time 3 sensors"]:
    """Causal second-order Butterworth, as a sensor has it, delay included; -3 dB exactly at the corner.

    Args:
        signal: (T, 3, B).
        start: (3, B) value the sensor has been resting at before.
        corner_hz: below the Nyquist frequency.
    """
    from scipy.signal import butter, lfilter, lfilter_zi

    # "ba" gives a pair, which the stubs do not know.
    numerator, denominator = (np.asarray(part) for part in butter(2, corner_hz, fs=rate_hz, output="ba"))  # type: ignore[union-attr]
    rest = lfilter_zi(numerator, denominator).astype(np.float32)[:, None, None] * start[None]
    return lfilter(numerator.astype(np.float32), denominator.astype(np.float32), signal, axis=0, zi=rest)[0]
