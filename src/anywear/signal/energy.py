"""How much a sensor moves, instant by instant: power of acceleration and of angular rate, whole or in chunks.

Everything is brought to one grid of 25 Hz first, so a device of 25 Hz and one of 200 Hz are seen alike. Power is a mean
over 0.36 s, about the length of one stroke of a hand: of acceleration its variance, in which gravity cancels, of angular
rate its square. Both are the same however the sensor is turned. Units are nowhere assumed: what follows from power is a
ratio of powers of the same sensor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError
from .resample import Resampler

ENERGY_RATE_HZ = 25.0  # Hz; the slowest of today's wearables, and fast enough for a hand
REACH = 4  # samples to either side that a power is the mean over: 9 samples, 0.36 s
QUIET = 0.03  # share of gravity below which acceleration is no motion; the tremor of a held hand is less
ROUNDING = 1e-24  # share of gravity's square that a constant signal may seem to move by


@dataclass(frozen=True)
class Power:
    """Power on the grid.

    Attributes:
        values: (T, 1 or 2) of acceleration and, where there is a gyroscope, of angular rate, in their units squared.
        gravity: (T,) square of the mean specific force.
    """

    values: Array
    gravity: Array

    def __len__(self) -> int:
        return len(self.gravity)


@dataclass(frozen=True)
class PowerState:
    """What the chunked form carries: the last samples, and for how many of them power is out. Never changed in place."""

    values: Array | None = None
    told: int = 0


@dataclass(frozen=True)
class PowerFilter:
    """Power of samples on the grid; an instant is told `REACH` samples later.

    Example:
        >>> power, state = PowerFilter().step(np.ones((20, 3)), PowerState())
        >>> len(power), len(PowerFilter().finish(state))
        (16, 4)
    """

    reach: int = REACH

    def step(self, values: Float[Array, "time channels"], state: PowerState) -> tuple[Power, PowerState]:
        """Power of the instants that are settled, and the state to go on with.

        Args:
            values: (T, 3) specific force, or (T, 6) with angular rate, on the grid; a chunk of any size, none of it
                from behind a gap.
            state: what the last call returned; `PowerState()` at the start of a stretch.
        """
        joined = values if state.values is None else np.concatenate([state.values, values])
        stop = max(state.told, len(joined) - self.reach)
        power = self._between(joined, state.told, stop)
        first = max(0, stop - self.reach)  # whatever the next window looks back on
        return power, PowerState(joined[first:], stop - first)

    def finish(self, state: PowerState) -> Power:
        """Power of the last instants of a stretch, over the samples there are."""
        if state.values is None:
            return Power(np.zeros((0, 1)), np.zeros(0))
        return self._between(state.values, state.told, len(state.values))

    def batch(self, values: Float[Array, "time channels"]) -> Power:
        """Power of a whole stretch."""
        return self._between(values, 0, len(values))

    def _between(self, values: Array, start: int, stop: int) -> Power:
        # Sums run over the window's offsets, one array each: the same additions in the same order for any chunking.
        width, count = 2 * self.reach + 1, stop - start
        low, high = max(0, start - self.reach), min(len(values), stop + self.reach)
        padded = np.zeros((count + width - 1, values.shape[1] + 1))  # the last column is 1 where there is a sample
        padded[low - start + self.reach : high - start + self.reach, :-1] = values[low:high]
        padded[low - start + self.reach : high - start + self.reach, -1] = 1.0
        windows = [padded[offset : offset + count] for offset in range(width)]
        total = np.zeros((count, values.shape[1] + 1))
        for own in windows:
            total += own
        mean, samples = total[:, :3] / total[:, -1:], total[:, -1]
        spread = np.zeros(count)
        for own in windows:
            off = own[:, :3] - mean
            spread += own[:, -1] * np.einsum("ij,ij->i", off, off)
        gravity = np.einsum("ij,ij->i", mean, mean)
        spread /= samples
        spread[spread < ROUNDING * gravity] = 0.0
        columns = [spread]
        if values.shape[1] == 6:
            turning = np.zeros(count)
            square = np.einsum("ij,ij->i", padded[:, 3:6], padded[:, 3:6])
            for offset in range(width):
                turning += square[offset : offset + count]
            columns.append(turning / samples)
        return Power(np.stack(columns, axis=1), gravity)


def on_energy_grid(
    acc: Float[Array, "time axes"], gyr: Float[Array, "_ _"] | None, rate_hz: float
) -> Float[Array, "grid channels"]:
    """Evenly sampled signals at `ENERGY_RATE_HZ`, acceleration then angular rate; the first sample is at 0 s.

    Raises:
        UsageError: fewer than two samples, lengths that differ, numbers that are not finite, an impossible rate.
    """
    shapes = [np.shape(acc)] if gyr is None else [np.shape(acc), np.shape(gyr)]
    if any(own != (len(acc), 3) for own in shapes) or len(acc) < 2:
        raise UsageError(
            "The signals do not fit each other",
            expected="acceleration of two or more samples by 3 axes, and angular rate of the same shape or None",
            got=" and ".join(map(str, shapes)),
        )
    values = np.asarray(acc if gyr is None else np.hstack([acc, gyr]), dtype=np.float64)
    if not np.isfinite(values).all():
        raise UsageError(
            "The signals hold numbers that are not finite",
            got=f"{int((~np.isfinite(values).all(axis=1)).sum())} such sample(s)",
            remedy="Leave such samples out, and treat what is left as stretches of their own",
        )
    resampler = Resampler(rate_hz, ENERGY_RATE_HZ)
    return np.concatenate([piece.values for piece in resampler.batch(np.arange(len(values)) / rate_hz, values)])
