"""How often a movement was repeated: cycles by their rhythm, bouts by the pauses between them. In any turn of the sensor.

The rhythm is the shortest lag at which the signal of all axes together is like itself. An axis that swings there and back is
least like itself half a cycle later, so a swing to the left and one to the right make one cycle. Cycles are the peaks along
the axis that varies most at that rhythm. A bout is a stretch of motion between pauses: a set of exercises, one of several
gestures. What has no rhythm has bouts alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks

from .._typing import Array, Float
from ..recording import Stream
from .energy import ENERGY_RATE_HZ, QUIET, PowerFilter
from .nucleus import motion_energy
from .resample import Resampler

RATE_HZ = ENERGY_RATE_HZ
SHORTEST_S = 0.28  # of a cycle: 3.5 a second, faster than people run or shake
LONGEST_S = 12.0
LEAST_S = 1.0  # of a stretch that is looked at
REGULARITY = 0.4  # likeness from which there is a rhythm
NEARLY_BEST = (
    0.7  # of the greatest likeness: the first lag that has this much is the cycle, later ones are its multiples
)
SLOW_HZ = 1.0
SLOWEST_HZ = 0.12  # below are changes of posture
PAUSE_S = 0.4  # of rest, from which a new bout begins
PAUSE_CYCLES = 0.6  # the same in cycles: who holds still at the turn of an exercise has not stopped
ACTIVE = 0.05  # share of the typical energy below which there is rest
LEAST_BOUT_S = 0.2
LEAST_BOUTS, CYCLES_OF_A_BOUT, BOUTS_ALIKE = (
    3,
    2.0,
    0.5,
)  # from how many bouts on they are counted, if each holds so many cycles
LEAST_PEAK = 0.35  # of a strong peak (the 80th percentile): less is no cycle


@dataclass(frozen=True)
class Repetitions:
    """What was counted in a stretch of one stream.

    Attributes:
        cycles: repetitions of the rhythm; 0 where there is none.
        period_s: mean time from one to the next; None where there is no rhythm.
        regularity: how like the signal is to itself one cycle later, -1 to 1.
        times_s: where the cycles peak, on the stream's clock.
        bouts_s: start and end of every stretch of motion between pauses.
        stream: whose samples these are.
    """

    cycles: int
    period_s: float | None
    regularity: float
    times_s: tuple[float, ...]
    bouts_s: tuple[tuple[float, float], ...]
    stream: str

    @property
    def bouts(self) -> int:
        return len(self.bouts_s)

    @property
    def rhythmic(self) -> bool:
        return self.period_s is not None

    @property
    def count(self) -> int:
        """What people count: bouts where all hold about as many cycles, or where there is no rhythm; else cycles."""
        if not self.cycles or self.bouts < LEAST_BOUTS:
            return self.cycles or self.bouts
        starts, ends = np.array(self.bouts_s).T
        inside = np.histogram(self.times_s, np.r_[starts - PAUSE_S / 2.0, ends[-1] + PAUSE_S / 2.0])[0]
        alike = inside.mean() >= CYCLES_OF_A_BOUT and inside.std() <= BOUTS_ALIKE * inside.mean()
        return self.bouts if alike else self.cycles


def count_repetitions(stream: Stream, start_s: float | None = None, end_s: float | None = None) -> Repetitions:
    """Count in a stretch of a stream; stretches behind gaps are counted apart and added up.

    Args:
        stream: any rate.
        start_s, end_s: on the stream's clock; the whole by default.

    Example:
        >>> from anywear.placement import Placement
        >>> time = np.arange(0, 20, 0.02)
        >>> acc = np.stack([3 * np.sin(2 * np.pi * 0.5 * time), 0 * time, 9.81 + 0 * time], axis=1)
        >>> found = count_repetitions(Stream("arm", time, acc, None, Placement.unknown()))
        >>> found.cycles, round(found.period_s, 1), found.bouts
        (10, 2.0, 1)
    """
    start_s = float(stream.time_s[0]) if start_s is None else start_s
    end_s = float(stream.time_s[-1]) if end_s is None else end_s
    inside = (stream.time_s >= start_s - 1e-9) & (stream.time_s <= end_s + 1e-9)
    if inside.sum() < 2:
        return Repetitions(0, None, 0.0, (), (), stream.name)
    acc, gyr = stream.acc_mps2[inside], stream.gyr_radps
    values = acc if gyr is None else np.hstack([acc, gyr[inside]])
    pieces = Resampler(stream.effective_rate_hz, RATE_HZ).batch(stream.time_s[inside], np.asarray(values, np.float64))
    pieces = [piece for piece in pieces if len(piece.index) >= LEAST_S * RATE_HZ]
    periods, regularities, times, bouts = [], [], [], []
    for piece in pieces:
        first_s = float(piece.index[0]) / RATE_HZ
        rest = _at_rest(piece.values)
        if rest.all():
            continue
        period, regularity = _rhythm(piece.values)
        own = _bouts(rest, period)
        bouts += [(first_s + a, first_s + b) for a, b in own]
        if period is not None:
            peaks = _cycles(piece.values, period)
            # A slow swing is at rest for a moment where it turns; what lies between bouts is none.
            peaks = peaks[[any(a <= peak / RATE_HZ <= b for a, b in own) for peak in peaks]]
            times += (first_s + peaks / RATE_HZ).tolist()
            periods.append((len(peaks), period))
            regularities.append((len(peaks), regularity))
    counted = sum(count for count, _ in periods)
    if not counted:
        return Repetitions(0, None, 0.0, (), tuple(bouts), stream.name)
    mean = [float(sum(n * v for n, v in own) / counted) for own in (periods, regularities)]
    return Repetitions(counted, mean[0], mean[1], tuple(times), tuple(bouts), stream.name)


def likeness(values: Float[Array, "time channels"], longest: int) -> Float[Array, " lags"]:
    """How like a signal is to itself some samples later, at lags 0 to `longest`: the cosine of what overlaps, -1 to 1."""
    count = len(values)
    size = 1 << int(np.ceil(np.log2(count + longest + 1)))
    spectra = np.fft.rfft(values, size, axis=0)
    common = np.fft.irfft((np.abs(spectra) ** 2).sum(axis=1), size)[: longest + 1]
    power = np.concatenate([[0.0], np.cumsum(np.square(values).sum(axis=1))])
    lags = np.arange(longest + 1)
    early, late = power[count - lags], power[count] - power[lags]
    return common / np.sqrt(np.maximum(early * late, 1e-300))


def _rhythm(values: Array) -> tuple[float | None, float]:
    """Seconds of a cycle, None where there is none, and how regular it is."""
    longest = min(int(LONGEST_S * RATE_HZ), len(values) // 2)
    if longest < SHORTEST_S * RATE_HZ + 2:
        return None, 0.0
    # Slow repetitions keep time less well; without what is quick in them they are more alike.
    for highest_hz in (RATE_HZ, SLOW_HZ):
        alike = likeness(_moving(values, highest_hz), longest)
        peaks, _ = find_peaks(alike)
        peaks = peaks[peaks >= max(SHORTEST_S, 0.7 / highest_hz) * RATE_HZ]
        if len(peaks) and alike[peaks].max() >= REGULARITY:
            break
    else:
        return None, float(alike[peaks].max()) if len(peaks) else 0.0
    best = int(peaks[np.argmax(alike[peaks] >= NEARLY_BEST * alike[peaks].max())])
    # Between samples, by the parabola through three.
    a, b, c = alike[best - 1 : best + 2]
    shift = 0.5 * (a - c) / (a - 2.0 * b + c) if a - 2.0 * b + c < 0.0 else 0.0
    return float(best + shift) / RATE_HZ, float(b)


def _cycles(values: Array, period_s: float) -> Array:
    """Samples at which the cycles peak, along the axis that varies most at their rhythm."""
    moving = _moving(values)
    hz = np.fft.rfftfreq(len(moving), 1.0 / RATE_HZ)
    spectrum = np.fft.rfft(moving, axis=0)
    near = np.exp(-0.5 * (np.log2(np.maximum(hz, 1e-9) * period_s) / 0.5) ** 2)  # an octave to either side
    rhythmic = np.fft.irfft(spectrum * near[:, None], len(moving), axis=0)
    _, _, axes = np.linalg.svd(rhythmic, full_matrices=False)
    along = rhythmic @ axes[0]
    if (along**3).sum() < 0.0:  # the side with the sharper peaks
        along = -along
    peaks, _ = find_peaks(along, distance=max(1, int(0.6 * period_s * RATE_HZ)))
    # The first and the last cycle may peak at the very end.
    peaks = peaks[along[peaks] > 0.0]
    if not len(peaks):
        return peaks
    return peaks[along[peaks] >= LEAST_PEAK * np.quantile(along[peaks], 0.8)]


def _moving(values: Array, highest_hz: float = RATE_HZ) -> Array:
    """Without gravity and slow turns; acceleration and angular rate with equal power."""
    hz = np.fft.rfftfreq(len(values), 1.0 / RATE_HZ)
    spectrum = np.fft.rfft(values - values.mean(axis=0), axis=0)
    spectrum[(hz < SLOWEST_HZ) | (hz > highest_hz)] = 0.0
    moving = np.fft.irfft(spectrum, len(values), axis=0)
    for sensor in (slice(0, 3), slice(3, 6)):
        power = np.sqrt(np.square(moving[:, sensor]).sum(axis=1).mean()) if moving[:, sensor].size else 0.0
        if power > 0.0:
            moving[:, sensor] /= power
    return moving


def _at_rest(values: Array) -> Array:
    """Which samples are of no motion: less than a hand's tremor, or a small share of the motion's own energy."""
    power = PowerFilter().batch(values)
    energy = motion_energy(power.values)
    typical = float((energy**2).sum() / energy.sum()) if energy.any() else 0.0
    quiet = power.values[:, 0] <= QUIET**2 * power.gravity
    if values.shape[1] == 6:
        quiet &= power.values[:, 1] <= 0.1**2  # rad/s: slower turns are those of a body at rest
    return quiet | (energy <= ACTIVE * typical)


def _bouts(rest: Array, period_s: float | None) -> list[tuple[float, float]]:
    """Stretches of motion, joined over rests that are no pauses."""
    pause = max(PAUSE_S, PAUSE_CYCLES * (period_s or 0.0))
    edges = np.flatnonzero(np.diff(np.r_[True, rest, True].astype(int)))
    joined: list[list[float]] = []
    for start, stop in edges.reshape(-1, 2) / RATE_HZ:
        if joined and start - joined[-1][1] < pause:
            joined[-1][1] = stop
        else:
            joined.append([start, stop])
    return [(float(a), float(b)) for a, b in joined if b - a >= LEAST_BOUT_S]
