"""How far simulated windows are from real ones: spectra, ranges, jerk, tilt of gravity, and a classifier between the two.

All of it but the tilt is blind to how a sensor is turned. The tilt is the angle of a window's mean specific force to
that of all windows of its kind, so it holds both how the wearer leans and how differently the sensor was put on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from ..recording import STANDARD_GRAVITY_MPS2

BAND_HZ = (0.5, 12.0)
FEATURES = (
    "mean |acc|", "std |acc|", "95 % of ||acc| - g|", "mean |gyr|", "std |gyr|", "95 % of |gyr|", "jerk",
    "log power of |acc| below 3 Hz", "3 to 6 Hz", "above 6 Hz",
    "log power of |gyr| below 3 Hz", "3 to 6 Hz of |gyr|", "above 6 Hz of |gyr|",
)  # fmt: skip
_BANDS_HZ = ((0.5, 3.0), (3.0, 6.0), (6.0, 12.0))
_TINY = 1e-6  # (m/s2)2 or (rad/s)2; quieter than any sensor, keeps logarithms finite
_FOLDS = 4
_SHRINK = 0.1  # share of the identity in the classifier's covariance


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows of one activity at one place.

    Attributes:
        acc_mps2, gyr_radps: (N, T, 3).
        group: (N,) who or which clip each is of; windows of one group are never on both sides of a split.
        rate_hz: of all of them.
    """

    acc_mps2: Float[Array, "windows time 3"]
    gyr_radps: Float[Array, "windows time 3"]
    group: tuple[str, ...]
    rate_hz: float

    def __len__(self) -> int:
        return len(self.acc_mps2)

    def of(self, groups: Sequence[str]) -> Windows:
        """Only the windows of these groups."""
        rows = [i for i, name in enumerate(self.group) if name in groups]
        return Windows(self.acc_mps2[rows], self.gyr_radps[rows], tuple(self.group[i] for i in rows), self.rate_hz)


@dataclass(frozen=True)
class Ranges:
    """Percentiles: 50, 95, 99.9 of ||acc| - g| (m/s2) and |gyr| (rad/s), rms and 99 of jerk (m/s3), 50 and 95 of tilt."""

    acc: tuple[float, float, float]
    gyr: tuple[float, float, float]
    jerk: tuple[float, float]
    tilt_deg: tuple[float, float]


@dataclass(frozen=True)
class Distance:
    """Simulated (or other real) windows against real ones.

    Attributes:
        acc_spectrum_db, gyr_spectrum_db: mean absolute difference of the spectra of |acc| and |gyr|, 0.5 to 12 Hz.
        wasserstein: distance of every feature's distribution in standard deviations of the real one; median of the features.
        auc: of a linear classifier that tells the two apart on groups it has not seen; 0.5 is chance, NaN with a single
            group.
    """

    acc_spectrum_db: float
    gyr_spectrum_db: float
    wasserstein: float
    auc: float


def ranges(windows: Windows) -> Ranges:
    """What the windows span."""
    acc, gyr = _norms(windows)
    off = np.abs(acc - STANDARD_GRAVITY_MPS2)
    jerk = _jerk(windows)
    tilt = tilts_deg(windows)
    points = (50.0, 95.0, 99.9)
    return Ranges(
        tuple(float(v) for v in np.percentile(off, points)),  # type: ignore[arg-type]
        tuple(float(v) for v in np.percentile(gyr, points)),  # type: ignore[arg-type]
        (float(np.sqrt(np.mean(jerk**2))), float(np.percentile(jerk, 99))),
        (float(np.percentile(tilt, 50)), float(np.percentile(tilt, 95))),
    )


def tilts_deg(windows: Windows) -> Float[Array, " windows"]:
    """Angle of each window's mean specific force to the mean direction of all."""
    means = windows.acc_mps2.mean(axis=1)
    directions = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    middle = directions.mean(axis=0)
    middle /= max(float(np.linalg.norm(middle)), 1e-9)
    return np.degrees(np.arccos(np.clip(directions @ middle, -1.0, 1.0)))


def spectra(windows: Windows) -> tuple[Array, Array, Array]:
    """Frequencies within the band and mean power density of |acc| and |gyr|; every group counts alike."""
    frequency, densities = _densities(windows)
    means = []
    for density in densities:
        groups = [
            density[[i for i, g in enumerate(windows.group) if g == name]].mean(axis=0) for name in _names(windows)
        ]
        means.append(np.mean(groups, axis=0))
    return frequency, means[0], means[1]


def features(windows: Windows) -> Float[Array, "windows features"]:
    """`FEATURES` of every window."""
    acc, gyr = _norms(windows)
    off = np.abs(acc - STANDARD_GRAVITY_MPS2)
    jerk = np.sqrt((_jerk(windows) ** 2).mean(axis=1))
    columns = [acc.mean(1), acc.std(1), np.percentile(off, 95, axis=1), gyr.mean(1), gyr.std(1)]
    columns += [np.percentile(gyr, 95, axis=1), jerk]
    frequency, densities = _densities(windows)
    for density in densities:
        for low, high in _BANDS_HZ:
            inside = (frequency >= low) & (frequency < high)
            columns.append(np.log(density[:, inside].sum(axis=1) * (frequency[1] - frequency[0]) + _TINY))
    return np.stack(columns, axis=1)


def distance(real: Windows, other: Windows) -> Distance:
    """How far the other windows are from the real ones."""
    _, real_acc, real_gyr = spectra(real)
    _, other_acc, other_gyr = spectra(other)
    mine, theirs = features(real), features(other)
    return Distance(
        _decibels(real_acc, other_acc),
        _decibels(real_gyr, other_gyr),
        float(np.median(wasserstein(mine, theirs))),
        separability(mine, real.group, theirs, other.group),
    )


def wasserstein(real: Float[Array, "n features"], other: Float[Array, "m features"]) -> Float[Array, " features"]:
    """First Wasserstein distance of every column, in standard deviations of the real one."""
    from scipy.stats import wasserstein_distance

    spread = np.maximum(real.std(axis=0), 1e-9)
    return np.array([wasserstein_distance(a, b) for a, b in zip((real / spread).T, (other / spread).T, strict=True)])


def separability(
    real: Float[Array, "n features"],
    real_group: Sequence[str],
    other: Float[Array, "m features"],
    other_group: Sequence[str],
) -> float:
    """Area under the curve of a linear discriminant between the two, on groups held out in turn; 0.5 is chance.

    Groups go to folds in their own order, so the figure needs no randomness. Fisher 1936, with a shrunken covariance.
    """
    count = min(_FOLDS, len(set(real_group)), len(set(other_group)))
    folds = [_fold(real_group, count), _fold(other_group, count)]
    scores: list[Array] = [np.full(len(real), np.nan), np.full(len(other), np.nan)]
    for fold in range(count):
        train = [rows[own != fold] for rows, own in zip((real, other), folds, strict=True)]
        if min(map(len, train)) < 2:
            continue
        both = np.concatenate(train)
        centre, spread = both.mean(axis=0), np.maximum(both.std(axis=0), 1e-9)
        a, b = ((rows - centre) / spread for rows in train)
        within = 0.5 * (np.cov(a.T) + np.cov(b.T))
        within = (1 - _SHRINK) * within + _SHRINK * np.eye(len(within))
        weight = np.linalg.solve(within, b.mean(axis=0) - a.mean(axis=0))
        offset = 0.5 * (a.mean(axis=0) + b.mean(axis=0)) @ weight
        size = np.linalg.norm(weight) + 1e-12  # folds are compared with each other
        for score, rows, own in zip(scores, (real, other), folds, strict=True):
            score[own == fold] = (((rows[own == fold] - centre) / spread) @ weight - offset) / size
    one, two = (score[np.isfinite(score)] for score in scores)
    return area_under_curve(one, two)


def area_under_curve(low: Float[Array, " n"], high: Float[Array, " m"]) -> float:
    """Chance that one of ``high`` scores above one of ``low``; ties count half."""
    from scipy.stats import rankdata

    if not len(low) or not len(high):
        return float("nan")
    ranks = rankdata(np.concatenate([low, high]))[len(low) :]
    return float((ranks.sum() - len(high) * (len(high) + 1) / 2) / (len(low) * len(high)))


def halves(windows: Windows) -> tuple[Windows, Windows] | None:
    """Two halves of the groups, every other one; None with fewer than two groups."""
    names = _names(windows)
    return None if len(names) < 2 else (windows.of(names[::2]), windows.of(names[1::2]))


def _names(windows: Windows) -> list[str]:
    return sorted(set(windows.group))


def _fold(groups: Sequence[str], count: int) -> Array:
    """Whole groups to folds, the largest first, each to the emptiest fold."""
    names, counts = np.unique(np.array(groups), return_counts=True)
    filled, fold = np.zeros(count), {}
    for index in np.argsort(-counts, kind="stable"):
        emptiest = int(np.argmin(filled))
        fold[str(names[index])] = emptiest
        filled[emptiest] += counts[index]
    return np.array([fold[name] for name in groups])


def _norms(windows: Windows) -> tuple[Array, Array]:
    return (
        np.linalg.norm(windows.acc_mps2, axis=2).astype(np.float64),
        np.linalg.norm(windows.gyr_radps, axis=2).astype(np.float64),
    )


def _jerk(windows: Windows) -> Array:
    """(N, T - 1) size of the change of the specific force, m/s3."""
    return np.linalg.norm(np.diff(windows.acc_mps2.astype(np.float64), axis=1), axis=2) * windows.rate_hz


def _densities(windows: Windows) -> tuple[Array, tuple[Array, Array]]:
    """Frequencies in the band, and per window the power density of |acc| and |gyr| without their means."""
    from scipy.signal import periodogram

    found = [periodogram(norm, windows.rate_hz, window="hann", detrend="constant", axis=1) for norm in _norms(windows)]
    frequency = found[0][0]
    inside = (frequency >= BAND_HZ[0]) & (frequency <= BAND_HZ[1])
    return frequency[inside], (found[0][1][:, inside], found[1][1][:, inside])


def _decibels(one: Array, other: Array) -> float:
    return float(np.mean(np.abs(10 * np.log10((other + 1e-12) / (one + 1e-12)))))
