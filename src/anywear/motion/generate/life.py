"""What a body does that does nothing: it breathes, sways, looks about, shifts and touches its face.

Everything here is laid over a posed figure. Pose the trunk first, then breathe, then reach: hands that hold something stay
where they are, hands that hang move with the shoulders.

Sources: breathing of adults at rest 12 to 18 a minute, breathing in for two fifths of the time (Tobin et al., Chest 84,
1983); sway of the centre of pressure mostly below 0.5 Hz with 4 mm fore and aft and less sideways (Winter, Gait & Posture 3,
1995); tremor of a held hand 8 to 12 Hz (Elble, J. Neurophysiology 55, 1986). Sizes of fidgets are estimates.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..._typing import Array, Float
from .. import quaternion
from . import curves
from .figure import SIDES, Figure, X, Y, Z, chain, turn

ARM = ("shoulder", "upper_arm", "forearm", "hand", "fingers")


def overlay(figure: Figure, segment: str, extra: Array) -> None:
    """Turn a segment further, in its own frame."""
    figure.turns[segment] = quaternion.multiply(figure.turns[segment], extra)


def filling(time_s: Float[Array, " time"], rng: np.random.Generator, rate_hz: float) -> Float[Array, " time"]:
    """Air in the lungs over time, 0 to about 1: in for two fifths of a breath, and no two breaths are equal."""
    phase = curves.jittered_phase(time_s, rate_hz, rng, 0.08, rng.uniform())
    wave = 0.5 - 0.5 * np.cos(2.0 * np.pi * (phase + 0.08 * np.sin(2.0 * np.pi * phase)))
    return wave * (1.0 + 0.2 * curves.noise(time_s, rng, 0.4 * rate_hz)[:, 0])


def breathe(figure: Figure, rng: np.random.Generator, *, depth: float = 1.0, rate_hz: float | None = None) -> float:
    """Breathing: the chest tips back by 1 to 2 degrees and the shoulders rise; head and arms keep their direction.

    Args:
        figure: is moved; its trunk has to be posed.
        rng: randomness.
        depth: factor on the usual depth; after effort 2 to 3.
        rate_hz: breaths per second; 0.2 to 0.3 by default.

    Returns:
        Breaths per second.
    """
    rate_hz = float(rng.uniform(0.2, 0.3)) if rate_hz is None else rate_hz
    air = depth * (filling(figure.t, rng, rate_hz) - 0.5)
    tip, lift = rng.uniform(1.0, 2.0) * air, rng.uniform(0.6, 1.4) * air
    overlay(figure, "lower_chest", turn(Y, -0.6 * tip))
    overlay(figure, "chest", turn(Y, -0.4 * tip))
    figure.turns["neck"] = chain(turn(Y, 0.9 * tip), figure.turns["neck"])
    for side, s in SIDES.items():
        overlay(figure, f"{side}_shoulder", turn(X, s * lift))
        arm = f"{side}_upper_arm"
        figure.turns[arm] = chain(turn(X, -s * lift), turn(Y, 0.8 * tip), figure.turns[arm])
    return rate_hz


def shake(time_s: Float[Array, " time"], rng: np.random.Generator, rms_mps2: float) -> Float[Array, "time 3"]:
    """What a machine hands on to whoever holds it, or effort to the body: metres of way, with power up to 11 Hz.

    Args:
        time_s: (T,).
        rng: randomness.
        rms_mps2: acceleration of it, over all three axes.
    """
    # Acceleration of `curves.noise`, whose power is about even up to its corner, is (2 pi corner)^2 / sqrt(5).
    corner_hz = 11.0
    each = rms_mps2 / np.sqrt(3.0) * np.sqrt(5.0) / (2.0 * np.pi * corner_hz) ** 2
    return each * curves.noise(time_s, rng, corner_hz, 3)


def sway(
    time_s: Float[Array, " time"], rng: np.random.Generator, amount: float = 1.0
) -> tuple[Float[Array, "time 2"], Float[Array, "time 2"]]:
    """Quiet standing: an upside-down pendulum that is never still.

    Args:
        time_s: (T,).
        rng: randomness.
        amount: factor, about the person's restlessness.

    Returns:
        Way (T, 2) of the pelvis forward and to the left in metres, and lean (T, 2) of the body forward and to the left in
        degrees, the trunk's own small share included.
    """
    slow, fast = curves.noise(time_s, rng, 0.15, 2), curves.noise(time_s, rng, 0.7, 2)
    way = amount * (np.array([0.004, 0.0028]) * slow + np.array([0.0012, 0.0009]) * fast)
    own = curves.noise(time_s, rng, 0.3, 2)
    return way, np.rad2deg(way / 0.95) + 0.25 * amount * own  # the pelvis is about 0.95 m above the ankles


def steps_between(
    time_s: Float[Array, " time"], rng: np.random.Generator, values: Array, gap_s: float, move_s: tuple[float, float]
) -> Array:
    """Values held for a while each, with quick smooth ways between.

    Args:
        time_s: (T,).
        rng: randomness.
        values: (K, ...) drawn beforehand; as many as fit are used, beginning with the first.
        gap_s: mean time that a value is held.
        move_s: shortest and longest way.
    """
    at, held = [float(time_s[0])], [values[0]]
    now = float(time_s[0]) + rng.exponential(gap_s)
    for value in values[1:]:
        move = rng.uniform(*move_s)
        if now > time_s[-1]:
            break
        at += [now, now + move]
        held += [held[-1], value]
        now += move + 0.3 + rng.exponential(gap_s)
    return curves.keyframes(time_s, at, np.asarray(held))


def look_around(figure: Figure, rng: np.random.Generator, amount: float = 1.0, *, gap_s: float = 4.0) -> None:
    """The head turns to one thing after another: 15 degrees to a side, 5 up or down, held for seconds."""
    count = 2 + int(2.0 * figure.seconds / gap_s)
    gaze = rng.standard_normal((count, 3)) * np.array([15.0, 5.0, 2.0]) * amount
    gaze[0] *= 0.3
    gaze = np.clip(gaze, [-45.0, -15.0, -8.0], [45.0, 15.0, 8.0])
    way = steps_between(figure.t, rng, gaze, gap_s / max(amount, 0.2), (0.35, 0.9))
    way = way + 0.7 * curves.noise(figure.t, rng, 0.4, 3)
    half = chain(turn(Z, way[:, 0] / 2), turn(Y, way[:, 1] / 2), turn(X, way[:, 2] / 2))
    for segment in ("neck", "head"):
        overlay(figure, segment, half)


def fidget_arms(
    figure: Figure, rng: np.random.Generator, amount: float = 1.0, *, sides: Sequence[str] = tuple(SIDES)
) -> None:
    """Arms that do nothing wander by a degree or two and now and then find another place."""
    count = 2 + int(figure.seconds / 3.0)
    for side in sides:
        places = rng.standard_normal((count, 3)) * np.array([3.0, 6.0, 7.0]) * amount
        places[0] = 0.0
        way = steps_between(figure.t, rng, places, 7.0 / max(amount, 0.2), (0.4, 1.2))
        way = way + np.array([0.5, 0.6, 0.9]) * amount * curves.noise(figure.t, rng, 0.5, 3)
        overlay(figure, f"{side}_upper_arm", turn(Y, -way[:, 0]))
        overlay(figure, f"{side}_forearm", turn(Y, -np.maximum(way[:, 1], -2.0)))
        overlay(figure, f"{side}_hand", turn(Z, way[:, 2]))


def tremble(figure: Figure, rng: np.random.Generator, sides: Sequence[str] = tuple(SIDES), deg: float = 0.03) -> None:
    """Tremor of hands that are held up: a hundredth of a degree or a few, at 7 to 11 Hz."""
    for side in sides:
        carrier = 2.0 * np.pi * curves.jittered_phase(figure.t, rng.uniform(7.0, 11.0), rng, 0.05)
        size = deg * curves.noise(figure.t, rng, 1.0, 2)
        overlay(figure, f"{side}_forearm", turn(Y, -np.abs(size[:, 0]) * (1.0 + np.sin(carrier))))
        overlay(figure, f"{side}_hand", turn(X, size[:, 1] * np.cos(carrier)))


def mix(figure: Figure, turns: dict[str, Array], share: Float[Array, " time"]) -> None:
    """Blend other turns in, by segment: 0 keeps the figure's own, 1 takes the others.

    The way round is the shorter one half way, and is kept: it never flips between frames.
    """
    anchor = int(np.argmin(np.abs(share - 0.5)))
    for segment, other in turns.items():
        own = np.broadcast_to(figure.turns[segment], (len(figure.t), 4))
        apart = quaternion.multiply(quaternion.inverse(own), other)
        same = np.where((apart[1:] * apart[:-1]).sum(axis=1) < 0.0, -1.0, 1.0)
        apart = apart * np.concatenate([[1.0], np.cumprod(same)])[:, None]
        apart = -apart if apart[anchor, 3] < 0.0 else apart
        sine = np.linalg.norm(apart[:, :3], axis=1)
        half = share * np.arctan2(sine, apart[:, 3])
        axis = apart[:, :3] / np.maximum(sine, 1e-12)[:, None]
        part = np.concatenate([np.sin(half)[:, None] * axis, np.cos(half)[:, None]], axis=1)
        figure.turns[segment] = quaternion.multiply(own, part)


def touch_face(figure: Figure, rng: np.random.Generator, side: str, start_s: float, seconds: float = 3.0) -> None:
    """A hand goes to chin, nose, ear or hair, rubs a little and goes back."""
    h = figure.height_m
    s = SIDES[side]
    spots = ((0.055, 0.01, 0.0), (0.06, 0.005, 0.035), (0.01, 0.05, 0.04), (0.0, 0.04, 0.09))
    spot = np.array(spots[int(rng.integers(len(spots)))]) * np.array([1.0, s, 1.0])
    rub = 0.006 * curves.noise(figure.t, rng, 2.0, 3)
    head = figure.point("head", tuple(spot * h))
    away = figure.point(f"{side}_shoulder")
    before = {f"{side}_{part}": figure.turns[f"{side}_{part}"] for part in ARM}
    line = head - away
    wrist = head - 0.1 * h * line / np.linalg.norm(line, axis=1, keepdims=True) + rub
    palm = head - figure.point("head", (-0.1 * h, 0.0, 0.04 * h))
    figure.reach(side, wrist, swivel=rng.uniform(20.0, 50.0), palm=-palm, fingers=head - wrist)
    there = {name: figure.turns[name] for name in (f"{side}_upper_arm", f"{side}_forearm", f"{side}_hand")}
    figure.turns |= before
    move = rng.uniform(0.6, 1.0)
    share = curves.stroke(figure.t, start_s, start_s + move)
    share = share - curves.stroke(figure.t, start_s + seconds - move, start_s + seconds)
    mix(figure, there, share)


def liven(
    figure: Figure,
    rng: np.random.Generator,
    *,
    arms: Sequence[str] = tuple(SIDES),
    head: float = 1.0,
    face: float = 0.1,
    depth: float = 1.0,
) -> None:
    """Breath, looks and fidgets over a figure that keeps a posture, as restless as its person is.

    Args:
        figure: is moved; everything has to be posed.
        rng: randomness.
        arms: sides that are free to fidget.
        head: factor on looking about.
        face: chance that a free hand goes to the face once.
        depth: factor on breathing.
    """
    restless = figure.person.restlessness
    breathe(figure, rng, depth=depth)
    look_around(figure, rng, head * min(restless, 1.6))
    fidget_arms(figure, rng, min(restless, 2.0), sides=arms)
    seconds = float(rng.uniform(2.2, 4.0))
    if arms and rng.random() < face * restless and figure.seconds > seconds + 1.5:
        side = arms[int(rng.integers(len(arms)))]
        touch_face(figure, rng, side, rng.uniform(0.5, figure.seconds - seconds - 0.5), seconds)
