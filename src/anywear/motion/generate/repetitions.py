"""Repetitions of an exercise: when each begins, how deep it goes, how it slows down; and single jumps.

A set is a row of repetitions with a way down, a hold, a way up and a rest. People vary by 5 to 10 % from one to the next and
slow down towards the end of a set (Sanchez-Medina & Gonzalez-Badillo, Med. Sci. Sports Exerc. 43, 2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..._typing import Array, Float
from ...recording import STANDARD_GRAVITY_MPS2
from . import curves
from .registry import Scene

LEGS = 1.08  # by how much a pelvis is faster at take-off than the centre of mass: planted legs lag behind


@dataclass(frozen=True)
class Tempo:
    """How one repetition is spread over its time, in shares of it; what is left over is rest at the top.

    Attributes:
        down, hold, up: way to the far pose, time there, way back.
        vary: spread of durations and depths from one repetition to the next.
        fatigue: by how much each repetition takes longer than the one before.
        rest: chance of a longer rest after a repetition, and its longest length in periods.
    """

    down: float = 0.45
    hold: float = 0.05
    up: float = 0.40
    vary: float = 0.06
    fatigue: float = 0.01
    rest: tuple[float, float] = (0.04, 1.0)


PLAIN = Tempo()


@dataclass(frozen=True)
class Reps:
    """A set of repetitions.

    Attributes:
        depth: (T,) 0 at the top, about 1 at the far pose.
        starts_s: when each begins, sorted; the last is when the one after the last would begin.
        count: how many lie wholly within the clip.
        phase: (T,) in repetitions; whole at every start, standing still in rests.
    """

    depth: Float[Array, " time"]
    starts_s: tuple[float, ...]
    count: int
    phase: Float[Array, " time"]


def repetitions(
    scene: Scene, time_s: Float[Array, " time"], period_s: float, tempo: Tempo = PLAIN, *, whole: bool | None = None
) -> Reps:
    """Repeat until the clip ends.

    Args:
        scene: randomness.
        time_s: (T,).
        period_s: from one repetition to the next, at the beginning.
        tempo: shares, variation, fatigue, rests.
        whole: begin at rest and end at rest; otherwise the clip is cut out of a longer set. Drawn by default.
    """
    rng, end_s = scene.rng, float(time_s[-1])
    whole = scene.chance(0.4) if whole is None else whole
    begin = rng.uniform(0.2, min(1.2, 0.5 + 0.2 * end_s)) if whole else -rng.uniform(0.0, 1.0) * period_s
    at, values, starts, lengths = [begin - 1.0], [0.0], [], []
    length = period_s
    while begin < end_s:
        now = length * float(np.clip(rng.normal(1.0, tempo.vary), 0.7, 1.4))
        if whole and begin + now > end_s and starts:
            break
        deep = float(np.clip(rng.normal(1.0, 0.6 * tempo.vary), 0.8, 1.15))
        marks = begin + now * np.cumsum([0.0, tempo.down, tempo.hold, tempo.up])
        at += [float(mark) for mark in marks]
        values += [0.0, deep, deep * (rng.uniform(0.98, 1.02) if tempo.hold else 1.0), 0.0]
        starts.append(begin)
        lengths.append(now)
        begin += now
        length *= 1.0 + tempo.fatigue
        if rng.random() < tempo.rest[0]:
            begin += rng.uniform(0.3, 1.0) * tempo.rest[1] * period_s
    depth = ways(time_s, np.asarray(at), np.asarray(values))
    ends = np.asarray(starts) + np.asarray(lengths)
    count = int(np.sum((np.asarray(starts) >= 0.0) & (ends <= end_s)))
    knots = np.stack([starts, ends], axis=1).ravel()
    turns = np.stack([np.arange(len(starts)), np.arange(len(starts)) + 1.0], axis=1).ravel()
    return Reps(depth, (*starts, begin), count, np.interp(time_s, knots, turns))


def ways(time_s: Float[Array, " time"], at: Float[Array, " keys"], values: Array) -> Array:
    """Minimum-jerk ways between many values (K, ...): each frame looks up the one way it lies on."""
    index = np.clip(np.searchsorted(at, time_s, side="right") - 1, 0, len(at) - 2)
    share = curves.ease((time_s - at[index]) / np.maximum(at[index + 1] - at[index], 1e-6))
    share = share.reshape(-1, *[1] * (values.ndim - 1))
    return values[index] + share * (values[index + 1] - values[index])


def beats(time_s: Float[Array, " time"], rate_hz: float, rng: np.random.Generator, spread: float = 0.03) -> Array:
    """Phase (T,) of a rhythm that starts anywhere and is never quite even."""
    return curves.jittered_phase(time_s, rate_hz, rng, spread, rng.uniform())


def times_at(time_s: Float[Array, " time"], phase: Float[Array, " time"], share: float = 0.0) -> Float[Array, " beats"]:
    """When a phase passes ``share`` beyond whole numbers, from two beats before the clip to two after it."""
    rate = (phase[-1] - phase[0]) / (time_s[-1] - time_s[0])
    wanted = np.arange(np.floor(phase[0]) - 2, np.ceil(phase[-1]) + 3) + share
    out = np.interp(wanted, phase, time_s)
    early, late = wanted < phase[0], wanted > phase[-1]
    out[early] = time_s[0] + (wanted[early] - phase[0]) / rate
    out[late] = time_s[-1] + (wanted[late] - phase[-1]) / rate
    return out


@dataclass(frozen=True)
class Hop:
    """One jump over time.

    Attributes:
        lift_m: (T,) of the pelvis over its height when standing flat; negative while crouching.
        air_m: (T,) height of the flying feet.
        heel_deg: (T,) by how much the heels are raised.
        swing: (T,) 0 at rest, -1 arms drawn back in the crouch, 1 thrown up at take-off, 0 after landing.
        airborne: (T,).
    """

    lift_m: Array
    air_m: Array
    heel_deg: Array
    swing: Array
    airborne: Array


def jumps(
    time_s: Float[Array, " time"],
    takeoffs_s: Float[Array, " jumps"],
    height_m: float,
    crouch_m: float,
    tiptoe_m: float,
    *,
    dip_s: float = 0.45,
    landing_m: float | None = None,
) -> Hop:
    """Jumps from a crouch: down, push, free fall, landing, up again.

    Args:
        time_s: (T,).
        takeoffs_s: when the feet leave the ground; far enough apart for all that belongs to a jump.
        height_m: that the body rises in flight: 0.1 to 0.5 (Bosco & Komi, Eur. J. Appl. Physiol. 45, 1980).
        crouch_m: how far the pelvis goes down before the push.
        tiptoe_m: how far it is above flat standing at take-off.
        dip_s: time of the way down.
        landing_m: how far it goes down when landing; two thirds of the crouch by default.
    """
    g, t = STANDARD_GRAVITY_MPS2, time_s
    speed = float(np.sqrt(2.0 * g * height_m))
    air_s = 2.0 * speed / g
    landing_m = 0.66 * crouch_m if landing_m is None else landing_m
    push_s, catch_s = (1.75 * (deep + tiptoe_m) / speed for deep in (crouch_m, landing_m))
    rise_s = 0.5 + 0.6 * landing_m
    lift, air, heel, swing = (np.zeros_like(t) for _ in range(4))
    airborne = np.zeros(len(t), dtype=bool)
    for off in takeoffs_s:
        down, land = off - push_s, off + air_s
        stages = (
            (down - dip_s, down, 0.0, 0.0, 0.0, -crouch_m, 0.0, 0.0),
            (down, off, -crouch_m, 0.0, 0.0, tiptoe_m, LEGS * speed, -g),
            (land, land + catch_s, tiptoe_m, -LEGS * speed, -g, -landing_m, 0.0, 0.0),
            (land + catch_s, land + catch_s + rise_s, -landing_m, 0.0, 0.0, 0.0, 0.0, 0.0),
        )
        for begin, end, *ends in stages:
            on = (t >= begin) & (t < end)
            lift[on] = quintic((t[on] - begin) / (end - begin), end - begin, *ends)
        fly = (t >= off) & (t < land)
        since = t[fly] - off
        lift[fly] = tiptoe_m + speed * since - 0.5 * g * since**2
        air[fly] = lift[fly] - tiptoe_m
        airborne |= fly
        heel += 48.0 * (curves.stroke(t, down + 0.45 * push_s, off) - curves.stroke(t, land, land + 0.7 * catch_s))
        keys = [down - dip_s, down - 0.05, off, land, land + catch_s + rise_s]
        swing += ways(t, np.array([-1e3, *keys]), np.array([0.0, 0.0, -1.0, 1.0, 0.8, 0.0]))
    return Hop(lift, air, heel, swing, airborne)


def quintic(u: Array, length_s: float, p0: float, v0: float, a0: float, p1: float, v1: float, a1: float) -> Array:
    """Way from place, speed and acceleration to place, speed and acceleration; u from 0 to 1."""
    v0, v1, a0, a1 = v0 * length_s, v1 * length_s, a0 * length_s**2, a1 * length_s**2
    c3 = 10 * (p1 - p0) - 6 * v0 - 4 * v1 - 1.5 * a0 + 0.5 * a1
    c4 = -15 * (p1 - p0) + 8 * v0 + 7 * v1 + 1.5 * a0 - a1
    c5 = 6 * (p1 - p0) - 3 * (v0 + v1) - 0.5 * (a0 - a1)
    return p0 + u * (v0 + u * (0.5 * a0 + u * (c3 + u * (c4 + u * c5))))
