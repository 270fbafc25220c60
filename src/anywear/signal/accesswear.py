"""AccessWear's recipe for the nucleus of a motion: the named baseline beside `anywear.signal.nucleus`.

Source: AccessWear (MobiCom 2023): the gyroscope at 100 Hz, its axis with the largest peak, RMS over 0.2 s, change points
where it differs by more than 0.4 rad/s from itself 0.15 s later, the nucleus between the first two. Instants that fulfil
this come in runs; a change point is here where the difference is largest in a run of one sign. The constants are in rad/s
and for one rate, so signals have to be in SI units, and without gyroscope there is no answer.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .._typing import Array, Float
from .energy import ENERGY_RATE_HZ, PowerFilter, on_energy_grid
from .nucleus import Nucleus, NucleusFinder, motion_energy, nucleus
from .resample import Resampler

RATE_HZ = 100.0  # Hz
RMS_S = 0.2  # s
LAG_S = 0.15  # s
CHANGE_RADPS = 0.4  # rad/s


def accesswear_nucleus(
    acc: Float[Array, "time axes"], gyr: Float[Array, "_ _"] | None, rate_hz: float
) -> Nucleus | None:
    """The span between the first two change points; None without a gyroscope, or with fewer changes.

    Args:
        acc: (T, 3) acceleration in m/s2; only for `Nucleus.energy`.
        gyr: (T, 3) angular rate in rad/s.
        rate_hz: of the samples.

    Raises:
        UsageError: signals that do not fit each other or are not finite, an impossible rate.
    """
    found = change_points(gyr, rate_hz) if gyr is not None else np.zeros(0)
    if len(found) < 2:
        return None
    power = PowerFilter().batch(on_energy_grid(acc, gyr, rate_hz))
    energy = motion_energy(power.values)
    time_s = np.arange(len(energy)) / ENERGY_RATE_HZ
    inside = (time_s >= found[0]) & (time_s <= found[1])
    peak = time_s[inside][energy[inside].argmax()] if inside.any() else found[:2].mean()
    share = float(energy[inside].sum() / energy.sum())
    return Nucleus(float(found[0]), float(found[1]), float(peak), share, True, time_s, energy)


def change_points(gyr_radps: Float[Array, "time 3"], rate_hz: float) -> Float[Array, " changes"]:
    """Instants at which the RMS of angular rate changes, in seconds from the first sample."""
    pieces = Resampler(rate_hz, RATE_HZ).batch(np.arange(len(gyr_radps)) / rate_hz, np.asarray(gyr_radps, np.float64))
    values = np.concatenate([piece.values for piece in pieces])
    axis = values[:, np.abs(values).max(axis=0).argmax()]
    window, lag = round(RMS_S * RATE_HZ), round(LAG_S * RATE_HZ)
    if len(axis) < window + lag:
        return np.zeros(0)
    summed = np.concatenate([[0.0], np.cumsum(axis**2)])
    rms = np.sqrt(np.maximum(summed[window:] - summed[:-window], 0.0) / window)
    change = rms[lag:] - rms[:-lag]
    sign = np.where(np.abs(change) > CHANGE_RADPS, np.sign(change), 0.0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0.0], sign, [0.0]])))
    runs = [(a, b) for a, b in pairwise(edges) if sign[a]]
    at = [a + int(np.abs(change[a:b]).argmax()) for a, b in runs]
    # The change lies between the middles of the two windows compared.
    return (np.array(at, dtype=float) + 0.5 * (window - 1 + lag)) / RATE_HZ


NUCLEI: dict[str, NucleusFinder] = {"energy": nucleus, "accesswear": accesswear_nucleus}
"""Ways to find a nucleus, by name."""
