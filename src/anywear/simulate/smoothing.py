"""How much of a motion file is motion: the corner of the low-pass that goes over it before it is differentiated twice.

Captured positions carry noise, and a second derivative multiplies it by the square of its frequency. The corner is found by
residual analysis: the residual of a low-pass against its corner falls steeply while it still cuts motion, and then along a
straight line, where it only cuts white noise. That line, led back to a corner of 0, tells the size of the noise; the
corner whose residual has just this size cuts as much motion as it lets noise through.

Source: Winter, "Biomechanics and Motor Control of Human Movement", 4th ed., section 3.4.4.3.
"""

from __future__ import annotations

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError
from ..motion import BodyMotion

LEAST_RATE_HZ = 12.0  # frames per second; below, even walking's second harmonics are lost
LOWEST_HZ = 5.0  # 98 % of the power of gait lies below (Antonsson & Mann 1985: below 15 Hz for forces, 5 Hz for limbs)
HIGHEST_HZ = 30.0  # no voluntary motion lies above
CLEAN_M = 2e-5  # noise below 0.02 mm is that of rounding: nothing has to be smoothed
LEAST_FRAMES = 40


def lowpass_of(motion: BodyMotion) -> float | None:
    """Corner in Hz for this motion by residual analysis of its joints; None where it needs no low-pass.

    Args:
        motion: joints of all bones count alike.

    Raises:
        UsageError: a rate too low for a wearable's band.
    """
    if motion.rate_hz < LEAST_RATE_HZ:
        raise UsageError(
            "The motion's rate is below what the band of a wearable needs",
            where=motion.name or None,
            expected=f"at least {LEAST_RATE_HZ:g} frames per second",
            got=f"{motion.rate_hz:g}",
            remedy="Export the motion at the rate it was captured with, or give the true rate with --motion-rate",
        )
    joints = motion.joints_m()
    return residual_corner_hz(joints.reshape(len(joints), -1), motion.rate_hz)


def residual_corner_hz(positions_m: Float[Array, "time channels"], rate_hz: float) -> float | None:
    """Winter's corner for position tracks; None where noise is below CLEAN_M or the tracks are too short to tell.

    Args:
        positions_m: tracks in metres; channels that never move are left out.
        rate_hz: of the tracks.
    """
    from scipy.signal import butter, sosfiltfilt

    moving = positions_m[:, np.ptp(positions_m, axis=0) > 1e-3]
    if len(positions_m) < LEAST_FRAMES or not moving.size:
        return None
    top = min(0.45 * rate_hz, 2.0 * HIGHEST_HZ)
    corners = np.linspace(min(LOWEST_HZ, 0.5 * top), top, 24)
    residuals = np.array(
        [np.sqrt(np.mean((moving - sosfiltfilt(butter(2, f, fs=rate_hz, output="sos"), moving, axis=0)) ** 2))
         for f in corners]
    )  # fmt: skip
    tail = slice(len(corners) // 2, None)
    slope, noise_m = np.polyfit(corners[tail], residuals[tail], 1)
    if slope >= 0.0 or noise_m < CLEAN_M:
        return None
    below = np.flatnonzero(residuals <= noise_m)
    corner = float(corners[below[0]]) if len(below) else float(corners[-1])
    return round(float(np.clip(corner, min(LOWEST_HZ, 0.4 * rate_hz), min(HIGHEST_HZ, 0.4 * rate_hz))), 2)
