"""How generated windows differ from real ones, measure by measure: tempo, ranges, jerk, spectrum, turning of gravity.

Every measure is one number per window that does not depend on how the sensor is turned. Sizes are logarithms, so that a
factor counts alike for a still and for a violent activity; below the noise of a sensor nothing is told apart. How far an
activity leans is measured without a mount too: as the angle between the mean specific force of two activities of the
same wearer and sensor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from .simulation_features import BAND_HZ, Windows, spectra

MEASURES = (
    "tempo acc", "tempo gyr", "acc level", "acc range", "acc peak", "gyr level", "gyr range", "gyr peak", "jerk",
    "acc < 3 Hz", "acc 3-6 Hz", "acc > 6 Hz", "gyr < 3 Hz", "gyr 3-6 Hz", "gyr > 6 Hz", "turning",
)  # fmt: skip
TILT = "tilt"
_TEMPI = ("tempo acc", "tempo gyr")
_BANDS_HZ = ((0.5, 3.0), (3.0, 6.0), (6.0, 12.0))
_TEMPO_HZ = (0.3, 6.0)
_QUIET_ACC_MPS2, _QUIET_GYR_RADPS, _QUIET_JERK_MPS3 = 0.05, 0.02, 2.0  # what noise and a small tremor make
_TEMPO_ACC_MPS2, _TEMPO_GYR_RADPS = 0.2, 0.1  # standard deviation and rms below which no tempo is looked for
_TEMPO_SHARE = 0.3  # of windows with a tempo, on both sides, for the tempo to be compared
_LEAST_SPREAD = {**dict.fromkeys(MEASURES, 0.2), **dict.fromkeys(_TEMPI, 0.25), "turning": 3.0, TILT: 8.0}
"""Spreads below these (logarithms, octaves, degrees) count as these: no two sets agree more closely."""


@dataclass(frozen=True)
class Spread:
    """Median and quartiles of a measure, in its own unit."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Shown:
    """What people want to read of a set of windows: medians and quartiles over windows.

    Attributes:
        tempo_acc_hz, tempo_gyr_hz: strongest line of |acc| and |gyr|; NaN where the windows are still.
        acc_mps2: 95th percentile of the distance of |acc| from its median.
        gyr_radps: 95th percentile of |gyr|.
        jerk_mps3: rms.
        turning_deg: 95th percentile of the angle of the smoothed specific force to the window's mean.
    """

    tempo_acc_hz: Spread
    tempo_gyr_hz: Spread
    acc_mps2: Spread
    gyr_radps: Spread
    jerk_mps3: Spread
    turning_deg: Spread


def measures(windows: Windows) -> Float[Array, "windows measures"]:
    """`MEASURES` of every window; NaN for the tempo of a still one."""
    acc, gyr = (np.linalg.norm(v.astype(np.float64), axis=2) for v in (windows.acc_mps2, windows.gyr_radps))
    off = np.abs(acc - np.median(acc, axis=1, keepdims=True))
    rms = np.sqrt((gyr**2).mean(axis=1))
    columns = [
        np.where(acc.std(axis=1) > _TEMPO_ACC_MPS2, _octaves(acc, windows.rate_hz), np.nan),
        np.where(rms > _TEMPO_GYR_RADPS, _octaves(gyr, windows.rate_hz), np.nan),
    ]
    columns += [_log(v, _QUIET_ACC_MPS2) for v in (acc.std(axis=1), np.percentile(off, 95, axis=1), off.max(axis=1))]
    columns += [_log(v, _QUIET_GYR_RADPS) for v in (rms, np.percentile(gyr, 95, axis=1), gyr.max(axis=1))]
    columns.append(_log(_jerk(windows), _QUIET_JERK_MPS3))
    for norm, quiet in ((acc, _QUIET_ACC_MPS2), (gyr, _QUIET_GYR_RADPS)):
        columns += [_log(_band_rms(norm, windows.rate_hz, *band), 0.5 * quiet) for band in _BANDS_HZ]
    columns.append(turning_deg(windows))
    return np.stack(columns, axis=1)


def shown(windows: Windows) -> Shown:
    """The measures people read, in their own units."""
    found = dict(zip(MEASURES, measures(windows).T, strict=True))
    tempo_acc, tempo_gyr = (_spread(2.0 ** found[name]) for name in _TEMPI)
    acc, gyr, jerk = (_spread(np.exp(found[name])) for name in ("acc range", "gyr range", "jerk"))
    return Shown(tempo_acc, tempo_gyr, acc, gyr, jerk, _spread(found["turning"]))


def measured_distances(real: Windows, other: Windows) -> dict[str, float]:
    """First Wasserstein distance of every measure, in standard deviations of the real one; NaN where it has none."""
    mine, theirs = measures(real), measures(other)
    return {name: _distance(name, mine[:, i], theirs[:, i]) for i, name in enumerate(MEASURES)}


def spectral_distance_db(real: Windows, other: Windows) -> tuple[float, float]:
    """Mean absolute difference of the spectra of |acc| and |gyr|, 0.5 to 12 Hz, above what a quiet sensor makes."""
    _, *mine = spectra(real)
    _, *theirs = spectra(other)
    levels = zip(mine, theirs, (_QUIET_ACC_MPS2, _QUIET_GYR_RADPS), strict=True)
    acc, gyr = (float(np.mean(np.abs(10 * np.log10((b + q**2 / 10) / (a + q**2 / 10))))) for a, b, q in levels)
    return acc, gyr


def tilt_distance(real: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The same for angles by wearer; NaN without any."""
    return _distance(TILT, np.array([*real.values()], dtype=float), np.array([*other.values()], dtype=float))


def relative_tilts_deg(one: Windows, reference: Windows) -> dict[str, float]:
    """By wearer (group) who has both: angle between the mean specific forces of the two, in the same sensor's axes."""
    first, second = _mean_force(one), _mean_force(reference)
    return {
        name: float(np.degrees(np.arccos(np.clip(first[name] @ second[name], -1.0, 1.0))))
        for name in sorted(set(first) & set(second))
    }


def turning_deg(windows: Windows) -> Float[Array, " windows"]:
    """95th percentile of the angle between the specific force, smoothed over half a second, and the window's mean."""
    from scipy.ndimage import uniform_filter1d

    width = max(1, round(0.5 * windows.rate_hz))
    smooth = uniform_filter1d(windows.acc_mps2.astype(np.float64), width, axis=1, mode="nearest")
    smooth /= np.maximum(np.linalg.norm(smooth, axis=2, keepdims=True), 1e-9)
    middle = smooth.mean(axis=1, keepdims=True)
    middle /= np.maximum(np.linalg.norm(middle, axis=2, keepdims=True), 1e-9)
    angle = np.degrees(np.arccos(np.clip((smooth * middle).sum(axis=2), -1.0, 1.0)))
    return np.percentile(angle, 95, axis=1)


def spread_of(values: Mapping[str, float]) -> Spread:
    """Median and quartiles of angles by wearer."""
    return _spread(np.array([*values.values()], dtype=float))


def _distance(name: str, real: Array, other: Array) -> float:
    from scipy.stats import wasserstein_distance

    known = [values[np.isfinite(values)] for values in (real, other)]
    if any(len(k) < max(2, _TEMPO_SHARE * len(v)) for k, v in zip(known, (real, other), strict=True)):
        return float("nan")
    return float(wasserstein_distance(*known) / max(float(known[0].std()), _LEAST_SPREAD[name]))


def _mean_force(windows: Windows) -> dict[str, Array]:
    names = np.array(windows.group)
    means = {str(n): windows.acc_mps2[names == n].astype(np.float64).mean(axis=(0, 1)) for n in np.unique(names)}
    return {name: mean / max(float(np.linalg.norm(mean)), 1e-9) for name, mean in means.items()}


def _octaves(norm: Array, rate_hz: float) -> Array:
    """Base-2 logarithm of the frequency with most power, from one period per window on."""
    from scipy.signal import periodogram

    length = norm.shape[1]
    padded = max(length, int(20.0 * rate_hz))  # lines are read off to 0.05 Hz
    frequency, power = periodogram(norm, rate_hz, window="hann", detrend="constant", nfft=padded, axis=1)
    inside = (frequency >= max(_TEMPO_HZ[0], rate_hz / length)) & (frequency <= _TEMPO_HZ[1])
    return np.log2(frequency[inside][power[:, inside].argmax(axis=1)])


def _band_rms(norm: Array, rate_hz: float, low_hz: float, high_hz: float) -> Array:
    from scipy.signal import periodogram

    frequency, power = periodogram(norm, rate_hz, window="hann", detrend="constant", axis=1)
    inside = (frequency >= low_hz) & (frequency < min(high_hz, BAND_HZ[1]))
    return np.sqrt(power[:, inside].sum(axis=1) * (frequency[1] - frequency[0]))


def _jerk(windows: Windows) -> Array:
    change = np.linalg.norm(np.diff(windows.acc_mps2.astype(np.float64), axis=1), axis=2) * windows.rate_hz
    return np.sqrt((change**2).mean(axis=1))


def _log(values: Array, quiet: float) -> Array:
    return np.log(np.sqrt(values**2 + quiet**2))


def _spread(values: Array) -> Spread:
    known = values[np.isfinite(values)]
    if len(known) < max(1, _TEMPO_SHARE * len(values)):
        return Spread(float("nan"), float("nan"), float("nan"))
    return Spread(*(float(v) for v in np.percentile(known, (25.0, 50.0, 75.0))))
