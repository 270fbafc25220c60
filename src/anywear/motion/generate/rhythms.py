"""When hands move: bouts and pauses, visits to a place and back, strokes that stop dead.

Everything is a function of time that a path can be mixed with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..._typing import Array, Bool, Float
from . import curves
from .figure import RATE_HZ

IMPACT_S = 0.009  # standard deviation of the smoothing of an impact: the speed is gone within about 20 ms


@dataclass(frozen=True)
class Visits:
    """Ways to a place and back.

    Attributes:
        share: (T,) 0 at home, 1 at the place.
        under_way: (T,) 1 in the middle of a way there, -1 in the middle of a way back, 0 at either end.
        arrivals: when the place is reached, seconds.
    """

    share: Float[Array, " time"]
    under_way: Float[Array, " time"]
    arrivals: tuple[float, ...]


def visits(
    time_s: Float[Array, " time"],
    rng: np.random.Generator,
    *,
    every_s: tuple[float, float],
    go_s: tuple[float, float],
    stay_s: tuple[float, float],
    back_s: tuple[float, float] | None = None,
    first_s: tuple[float, float] = (0.2, 1.5),
) -> Visits:
    """Go to a place and come back, again and again; at least once, and never cut short at the end.

    Args:
        time_s: (T,).
        rng: randomness.
        every_s: from one start to the next.
        go_s, stay_s, back_s: duration of the way there, of the stay and of the way back (as the way there by default).
        first_s: start of the first.
    """
    share, way, arrivals = np.zeros_like(time_s), np.zeros_like(time_s), []
    start = float(rng.uniform(*first_s))
    last = float(time_s[-1])
    while True:
        go, stay, back = rng.uniform(*go_s), rng.uniform(*stay_s), rng.uniform(*(back_s or go_s))
        length = go + stay + back
        if start + length > last - 0.05:
            if arrivals:
                break
            # A short clip: as quick as it has to be.
            squeeze = min(1.0, (last - 0.1) / length)
            go, stay, back = go * squeeze, stay * squeeze, back * squeeze
            start = float(rng.uniform(0.02, max(0.03, last - squeeze * length - 0.02)))
        there, home = start + go, start + go + stay
        share += curves.stroke(time_s, start, there) - curves.stroke(time_s, home, home + back)
        way += curves.bump(time_s, start, there) - curves.bump(time_s, home, home + back)
        arrivals.append(there)
        start = max(start + rng.uniform(*every_s), home + back + 0.1)
    return Visits(share, way, tuple(arrivals))


def bouts(
    time_s: Float[Array, " time"],
    rng: np.random.Generator,
    on_s: tuple[float, float],
    off_s: tuple[float, float],
    ease_s: float = 0.25,
) -> Float[Array, " time"]:
    """1 while something is done and 0 in the pauses between, eased. The clip may begin anywhere in a bout."""
    at, values = [float(time_s[0])], [1.0]
    now = float(time_s[0]) + rng.uniform(0.5, 1.0) * rng.uniform(*on_s)
    while now < time_s[-1]:
        pause = max(rng.uniform(*off_s), 2.2 * ease_s)
        at += [now, now + ease_s, now + pause - ease_s, now + pause]
        values += [1.0, 0.0, 0.0, 1.0]
        now += pause + max(rng.uniform(*on_s), 0.1)
    return curves.keyframes(time_s, at, values)


def gated_phase(
    time_s: Float[Array, " time"],
    rate_hz: float,
    rng: np.random.Generator,
    gate: Float[Array, " time"] | float = 1.0,
    spread: float = 0.05,
) -> Float[Array, " time"]:
    """Phase in cycles that runs while the gate is open and stands still while it is shut."""
    phase = curves.jittered_phase(time_s, rate_hz, rng, spread)
    steps = np.diff(phase, prepend=phase[0]) * gate
    return rng.uniform() + np.cumsum(steps)


def strike(
    phase: Float[Array, " time"], raise_by: float = 0.5, fall_from: float = 0.62, settle: float = 0.0
) -> Float[Array, " time"]:
    """Height of a hand that strikes once a cycle: raised with ease, held, thrown down and stopped dead at whole cycles.

    Args:
        phase: in cycles; it hits at whole numbers.
        raise_by: share of the cycle in which it is raised.
        fall_from: share at which it begins to fall, faster and faster.
        settle: share after the hit for which it stays.

    Returns:
        (T,) 0 at the hit, 1 raised; the stop takes `IMPACT_S`.
    """
    share = phase % 1.0
    up = curves.ease((share - settle) / max(raise_by - settle, 1e-6))
    fall = np.clip((share - fall_from) / (1.0 - fall_from), 0.0, 1.0)
    return impact(up * (1.0 - fall**2))


def impact(values: Array) -> Array:
    """Corners of a track (T, ...) rounded as a hand that hits something rounds them."""
    room = [(8, 8)] + [(0, 0)] * (values.ndim - 1)
    padded = np.pad(values, room, mode="reflect", reflect_type="odd")
    return gaussian_filter1d(padded, IMPACT_S * RATE_HZ, axis=0)[8:-8]


def sites_in_turn(
    time_s: Float[Array, " time"],
    rng: np.random.Generator,
    places: Array,
    hold_s: tuple[float, float],
    move_s: tuple[float, float],
    *,
    in_order: bool = False,
) -> tuple[Array, Bool[Array, " time"]]:
    """Stay at one place after another.

    Args:
        time_s: (T,).
        rng: randomness.
        places: (K, ...) values to visit; drawn without repeating one at once, or in their order.
        hold_s, move_s: how long a place is held, and a way takes.

    Returns:
        Values (T, ...), and when (T,) a way is under way.
    """
    number = int(rng.integers(len(places)))
    at, held = [float(time_s[0])], [places[number]]
    moving = np.zeros(len(time_s), dtype=bool)
    now = float(time_s[0]) + rng.uniform(0.2, 1.0) * rng.uniform(*hold_s)
    while now < time_s[-1] and len(places) > 1:
        step = 1 if in_order else int(rng.integers(1, len(places)))
        number = (number + step) % len(places)
        move = rng.uniform(*move_s)
        at += [now, now + move]
        held += [held[-1], places[number]]
        moving |= (time_s > now) & (time_s < now + move)
        now += move + rng.uniform(*hold_s)
    return curves.keyframes(time_s, at, np.asarray(held)), moving
