"""What windows of a signal say of a gait: how strong it is, its rhythm, and which way it goes. In any turn of the sensor.

Every figure is the same however the sensor is turned, and every direction turns with it. Forward follows from the step:

- The trunk gains speed while it falls and loses it while it rises: at the step frequency its forward acceleration is
  opposed to its velocity upwards. Running, with flight, reverses this.
- The leg turns about the side-to-side axis, faster when it swings forward than when it carries: the axis is the main
  direction of the horizontal angular rate, its sign that of the third moment.

Sources: Zijlstra and Hof, Gait & Posture 18, 2003, for the accelerations of the trunk over a step; Seel, Raisch and
Schauer, Sensors 14, 2014, for the axis of the leg from its angular rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from .._typing import Array, Float
from ..recording import STANDARD_GRAVITY_MPS2
from .gravity import up_direction

STEPS_HZ = (1.2, 2.6)  # steps of both feet per second, from slow to brisk
LINE_HZ = 0.3  # half width of a spectral line: a window of 4 s resolves 0.25 Hz
LOWEST_HZ = 0.3
HIGHEST_HZ = 8.0  # of what counts as rhythm
SHARP_HZ = 4.5  # above this, what feet strike rather than what legs swing
HARMONICS = (0.5, 1.0, 1.5, 2.0, 3.0)  # of the step: the stride, the step, and their multiples
LIKELY = (0.8, 1.0, 0.7, 0.9, 0.8)  # what a line says for a pace by where it stands: the step itself says most


@dataclass(frozen=True, eq=False)
class Gait:
    """Measures of N windows; directions are in the sensor's frame.

    Attributes:
        up: (N, 3) unit vectors along the mean specific force.
        strength_g: (N,) standard deviation of |acc|.
        lightest_g: (N,) |acc| that a tenth of the samples stay below; near 0 in flight.
        turned_deg: (N,) angle between up in the first and the second half.
        steps_hz: (N,) the pace whose harmonics hold most of the power of |acc|, the step counting most.
        rhythm: (N,) share of that power in those harmonics.
        stepping: (N,) power at the step over power at step and stride: 1 where both feet do the same, 0 where only one
            counts, as on a pedal.
        sharpness: (N,) share of the power above `SHARP_HZ`.
        surge: (N, 3) horizontal direction of acceleration opposed to the velocity upwards at the step, as long as the two
            are coherent (0 to 1).
        swing: (N, 3) forward by the axis about which the sensor turns and its faster turn, as long as axis and sign are
            clear (0 to 1); zeros without gyroscope.
        asymmetry: (N,) absolute skewness of the rate about that axis; zeros without gyroscope.
        swing_radps: (N,) root mean square of that rate; zeros without gyroscope.
        swings_hz: (N,) how often that turn repeats, a stride on the leg; zeros without gyroscope.
    """

    up: Float[Array, "windows 3"]
    strength_g: Float[Array, " windows"]
    lightest_g: Float[Array, " windows"]
    turned_deg: Float[Array, " windows"]
    steps_hz: Float[Array, " windows"]
    rhythm: Float[Array, " windows"]
    stepping: Float[Array, " windows"]
    sharpness: Float[Array, " windows"]
    surge: Float[Array, "windows 3"]
    swing: Float[Array, "windows 3"]
    asymmetry: Float[Array, " windows"]
    swing_radps: Float[Array, " windows"]
    swings_hz: Float[Array, " windows"]


def measure_gait(
    acc_mps2: Float[Array, "windows time 3"], gyr_radps: Float[Array, "windows time 3"] | None, rate_hz: float
) -> Gait:
    """Measure windows of some seconds.

    Args:
        acc_mps2: (N, T, 3) specific force at an even rate of 20 Hz or more.
        gyr_radps: (N, T, 3) angular rate, or None.
        rate_hz: that rate.
    """
    acc = np.asarray(acc_mps2, dtype=np.float64)
    up = up_direction(acc)
    strength = np.linalg.norm(acc, axis=2) / STANDARD_GRAVITY_MPS2
    hz, lines, paces = _lines(acc.shape[1], rate_hz)
    power = np.abs(_spectrum(strength[:, :, None])[:, :, 0]) ** 2
    heard = (hz >= LOWEST_HZ) & (hz <= HIGHEST_HZ)
    shares = power @ (lines.any(axis=1) & heard).T
    best = (power @ ((lines * np.array(LIKELY)[:, None]).max(axis=1) * heard).T).argmax(axis=1)
    rows = np.arange(len(acc))
    stride, step = ((power * lines[best, harmonic]).sum(axis=1) for harmonic in (0, 1))
    at_step = lines[best, 1]
    middle = acc.shape[1] // 2
    halves = (up_direction(acc[:, :middle]) * up_direction(acc[:, middle:])).sum(axis=1)
    none = np.zeros(len(up))
    swing, asymmetry, swing_radps, swings_hz = np.zeros_like(up), none, none, none
    if gyr_radps is not None:
        swing, asymmetry, swing_radps, about = _swing(np.asarray(gyr_radps, dtype=np.float64), up)
        swings_hz = _strongest_hz(about, hz)
    return Gait(
        up=up,
        strength_g=strength.std(axis=1),
        lightest_g=np.quantile(strength, 0.1, axis=1),
        turned_deg=np.rad2deg(np.arccos(np.clip(halves, -1.0, 1.0))),
        steps_hz=np.where(step > 0.0, (power * at_step) @ hz / np.maximum(step, 1e-300), paces[best]),
        rhythm=shares[rows, best] / np.maximum((power * heard).sum(axis=1), 1e-300),
        stepping=step / np.maximum(step + stride, 1e-300),
        sharpness=power[:, hz > SHARP_HZ].sum(axis=1) / np.maximum(power[:, hz >= LOWEST_HZ].sum(axis=1), 1e-300),
        surge=_surge(_spectrum(acc), up, at_step, hz),
        swing=swing,
        asymmetry=asymmetry,
        swing_radps=swing_radps,
        swings_hz=swings_hz,
    )


def _surge(spectra: Array, up: Array, at_step: Array, hz: Array) -> Array:
    """Coherent part of horizontal acceleration and falling, at the lines of the step."""
    along = np.einsum("nfc,nc->nf", spectra, up)
    level = (spectra - along[:, :, None] * up[:, None, :]) * at_step[:, :, None]
    rising = np.where(at_step, along, 0.0) / (2j * np.pi * np.maximum(hz, hz[1]))
    common = -np.real(np.einsum("nf,nfc->nc", np.conj(rising), level))
    power = np.sqrt((np.abs(level) ** 2).sum(axis=(1, 2)) * (np.abs(rising) ** 2).sum(axis=1))
    return common / np.maximum(power, 1e-12)[:, None]


def _swing(gyr: Array, up: Array) -> tuple[Array, Array, Array, Array]:
    """Forward by the main axis of turning and its faster turn; skewness, root mean square and rate about that axis."""
    level = gyr - gyr.mean(axis=1, keepdims=True)
    level = level - np.einsum("ntc,nc->nt", level, up)[:, :, None] * up[:, None, :]
    values, axes = np.linalg.eigh(np.einsum("ntc,ntd->ncd", level, level) / gyr.shape[1])
    axis = axes[:, :, 2]
    about = np.einsum("ntc,nc->nt", level, axis)
    square = (about**2).mean(axis=1)
    skewness = (about**3).mean(axis=1) / np.maximum(square**1.5, 1e-12)
    # The leg swings forward about the axis to the right, so the slower turns are those about the axis to the left.
    left = axis * -np.sign(skewness)[:, None]
    clearness = (values[:, 2] - values[:, 1]) / np.maximum(values[:, 2], 1e-12) * np.minimum(np.abs(skewness), 1.0)
    return clearness[:, None] * np.cross(left, up), np.abs(skewness), np.sqrt(square), about


def _strongest_hz(rate: Array, hz: Array) -> Array:
    """Where the spectrum of a rate (N, T) is highest among strides, to a part of its resolution."""
    power = np.abs(_spectrum(rate[:, :, None])[:, :, 0]) ** 2
    strides = (hz >= 0.5 * STEPS_HZ[0] - LINE_HZ) & (hz <= 0.5 * STEPS_HZ[1])
    peak = hz[np.where(strides, power, -1.0).argmax(axis=1)]
    near = power * (np.abs(hz - peak[:, None]) <= LINE_HZ)
    return near @ hz / np.maximum(near.sum(axis=1), 1e-300)


def _spectrum(values: Array) -> Array:
    """Complex spectra (N, F, C) of windows (N, T, C), less their mean, under a Hann taper."""
    taper = np.hanning(values.shape[1])[:, None]
    return np.fft.rfft((values - values.mean(axis=1, keepdims=True)) * taper, axis=1)


@cache
def _lines(length: int, rate_hz: float) -> tuple[Array, Array, Array]:
    """Frequencies (F,); which of them belong to each harmonic of each pace (P, harmonics, F); the paces (P,)."""
    hz = np.fft.rfftfreq(length, 1.0 / rate_hz)
    paces = hz[(hz >= STEPS_HZ[0]) & (hz <= STEPS_HZ[1])]
    lines = np.abs(hz - paces[:, None, None] * np.array(HARMONICS)[None, :, None]) <= LINE_HZ
    return hz, lines, paces
