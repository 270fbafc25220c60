"""The nucleus: the decisive part of a motion, found from the signal alone.

The energy of a motion is what its sensors' powers say together, each over its typical power sum p^2 / sum p, the mean that
power itself weighs; rest before and after the motion leaves it as it is. The nucleus is the stretch in which the sum of
energy less a fixed share of the typical energy is greatest. Its ends are change points: where the cumulative sum, which
falls while little happens, turns to rise for the last time before, and to fall for the first time after. A lull inside is
bridged when the energy behind it outweighs what it costs. Nothing depends on rate, unit, turn of the sensor or person.

Sources: E. S. Page, "Continuous inspection schemes", Biometrika 41, 1954 (cumulative sums); C. Inclan, G. C. Tiao, "Use of
cumulative sums of squares for retrospective detection of changes of variance", JASA 89, 1994; J. Bentley, "Programming
pearls: algorithm design techniques", CACM 27, 1984 (the greatest sum in one pass).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError
from .energy import ENERGY_RATE_HZ, QUIET, PowerFilter, on_energy_grid

NUCLEUS_SHARE = 0.15  # of the typical energy: what is less does not belong to the nucleus by itself
MOTION_SHARE = 0.05  # the same for the motion as a whole, with its beginning and end


@dataclass(frozen=True, eq=False)
class Nucleus:
    """Where the decisive part of a clip is.

    Attributes:
        start_s, stop_s: its first and last instant, in seconds from the first sample.
        peak_s: where energy is greatest.
        share: of the clip's energy that lies inside.
        moves: whether the clip holds a motion at all: acceleration beyond a hand's tremor. False for a recording at rest,
            of which the nucleus is just the loudest noise.
        time_s: (T,) instants of the grid of `ENERGY_RATE_HZ`.
        energy: (T,) at these, 1 where it is typical of the motion.
    """

    start_s: float
    stop_s: float
    peak_s: float
    share: float
    moves: bool
    time_s: Array
    energy: Array

    @property
    def length_s(self) -> float:
        return self.stop_s - self.start_s


NucleusFinder = Callable[[Array, Array | None, float], Nucleus | None]
"""Acceleration, angular rate or None, and rate in Hz to the nucleus; None where there is none."""


def nucleus(
    acc: Float[Array, "time axes"],
    gyr: Float[Array, "_ _"] | None,
    rate_hz: float,
    share: float = NUCLEUS_SHARE,
) -> Nucleus | None:
    """The decisive part of one clip.

    Args:
        acc: (T, 3) acceleration in any unit, evenly sampled, with or without gravity.
        gyr: (T, 3) angular rate in any unit, or None.
        rate_hz: of the samples.
        share: of the typical energy that counts as none. The less, the longer the nucleus.

    Returns:
        None where no sensor shows anything at all.

    Raises:
        UsageError: signals that do not fit each other or are not finite, an impossible rate.

    Example:
        >>> time = np.arange(200) / 50
        >>> acc = np.zeros((200, 3)) + [0.0, 0.0, 9.81]
        >>> acc[:, 0] += 5 * np.sin(12 * time) * (abs(time - 2) < 0.5)
        >>> found = nucleus(acc, None, 50.0)
        >>> abs(found.start_s - 1.5) < 0.2 and abs(found.stop_s - 2.5) < 0.2
        True
    """
    power = PowerFilter().batch(on_energy_grid(acc, gyr, rate_hz))
    energy = motion_energy(power.values)
    if not energy.any():
        return None
    start, stop = greatest_stretch(energy, share)
    return Nucleus(
        start / ENERGY_RATE_HZ,
        (stop - 1) / ENERGY_RATE_HZ,
        int(energy.argmax()) / ENERGY_RATE_HZ,
        float(energy[start:stop].sum() / energy.sum()),
        bool((power.values[:, 0] > QUIET**2 * power.gravity).any()),
        np.arange(len(energy)) / ENERGY_RATE_HZ,
        energy,
    )


def motion_energy(power: Float[Array, "time sensors"]) -> Float[Array, " time"]:
    """What several sensors' powers say together, free of units: each over its typical power, weighed by how unevenly it lies.

    A sensor whose power is the same throughout, such as a gyroscope that hears only its own noise, has no weight. Zeros where
    nothing moves; where all lie evenly, all weigh alike.
    """
    total, square = power.sum(axis=0), (power**2).sum(axis=0)
    alive = square > 0.0
    if not alive.any():
        return np.zeros(len(power))
    # Share of the time that the energy would fill if it were even: 1 for a constant.
    filled = total[alive] ** 2 / (square[alive] * len(power))
    weight = np.maximum(1.0 - filled, 0.0) + 1e-9
    return power[:, alive] * (total[alive] / square[alive]) @ (weight / weight.sum())


def greatest_stretch(energy: Float[Array, " time"], share: float) -> tuple[int, int]:
    """Start and stop (exclusive) of the stretch with the greatest sum of energy less a share of its typical value.

    Raises:
        UsageError: a share outside 0 to 1, with which nothing or everything would be left.
    """
    if not 0.0 <= share < 1.0:
        raise UsageError("The share is impossible", expected="from 0 to below 1", got=f"{share:g}")
    total = float(energy.sum())
    typical = float((energy**2).sum()) / total if total > 0.0 else 0.0
    rising = np.concatenate([[0.0], np.cumsum(energy - share * typical)])
    lowest = np.minimum.accumulate(rising)
    stop = max(1, int(np.argmax(rising - lowest)))
    start = int(np.argmin(rising[:stop]))
    return start, stop
