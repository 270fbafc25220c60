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

FRAME_S = 1.0 / 120.0
TIPTOE, LANDING = 0.030, 0.020  # of stature, pelvis over flat standing when both feet push off, and when they land
TAKEOFF_HEEL_DEG = 35.0
POINT_DEG = 22.0  # by how much feet point down further once they have left the ground
ANKLE_LEVER_M = 0.077  # from the ball of a foot whose heel is raised so, ahead, to the ankle
ANKLE_SHARE = 0.5  # how fast ankles are at take-off, of the body's speed; estimate
PLANTED = 1.07  # about by how much a pelvis over planted feet is faster than the centre of mass; `launch` does the rest
LAG_M = 0.040  # by how much the balls of the feet stay behind at most, once they have left the ground
ROUGH, ROUGH_HZ = (0.004, 0.014), 5.0  # of the depth of a repetition; so that jerk is that of real squats (utd-mhad)
STRAIGHT_ON_S = 0.06  # in the crouch between two jumps without a pause


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
    depth += rng.uniform(*ROUGH) * roughness(time_s, depth, rng)
    ends = np.asarray(starts) + np.asarray(lengths)
    count = int(np.sum((np.asarray(starts) >= 0.0) & (ends <= end_s)))
    knots = np.stack([starts, ends], axis=1).ravel()
    turns = np.stack([np.arange(len(starts)), np.arange(len(starts)) + 1.0], axis=1).ravel()
    return Reps(depth, (*starts, begin), count, np.interp(time_s, knots, turns))


def roughness(time_s: Float[Array, " time"], way: Float[Array, " time"], rng: np.random.Generator) -> Array:
    """Corrections on the way, (T,): none at rest, of unit size in the middle of a stroke; no body moves smoothly."""
    from scipy.ndimage import gaussian_filter1d

    speed = np.abs(np.gradient(way, time_s))
    envelope = gaussian_filter1d(speed / max(float(speed.max()), 1e-6), 0.08 / FRAME_S)
    return envelope * curves.noise(time_s, rng, ROUGH_HZ)[:, 0]


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
        bend: (T,) of the trunk, 0 upright, 1 as in the crouch.
        airborne: (T,).
    """

    lift_m: Array
    air_m: Array
    heel_deg: Array
    swing: Array
    bend: Array
    airborne: Array


@dataclass(frozen=True)
class Leap:
    """How high and deep one jump goes, metres.

    Attributes:
        height_m: rise in flight: 0.1 to 0.5 (Bosco & Komi, Eur. J. Appl. Physiol. 45, 1980).
        crouch_m: how far the pelvis goes down before the push.
        tiptoe_m, landing_tiptoe_m: of the pelvis over flat standing at take-off and when landing.
        landing_m: how far it goes down when landing.
        heel_deg, landing_heel_deg: of the raised heels.
        dip_s: time of the way down.
    """

    height_m: float
    crouch_m: float
    tiptoe_m: float
    landing_tiptoe_m: float
    landing_m: float
    heel_deg: float = TAKEOFF_HEEL_DEG
    landing_heel_deg: float = TAKEOFF_HEEL_DEG
    dip_s: float = 0.45

    @property
    def speed_mps(self) -> float:
        """At take-off."""
        return float(np.sqrt(2.0 * STANDARD_GRAVITY_MPS2 * self.height_m))

    @property
    def landing_mps(self) -> float:
        """Downwards."""
        fall_m = self.height_m + self.tiptoe_m - self.landing_tiptoe_m
        return float(np.sqrt(2.0 * STANDARD_GRAVITY_MPS2 * max(fall_m, 0.01)))

    @property
    def air_s(self) -> float:
        """Time in flight, whole frames."""
        return round((self.speed_mps + self.landing_mps) / STANDARD_GRAVITY_MPS2 / FRAME_S) * FRAME_S

    @property
    def push_s(self) -> float:
        """From the bottom of the crouch to take-off."""
        return 1.75 * (self.crouch_m + self.tiptoe_m) / self.speed_mps

    @property
    def catch_s(self) -> float:
        """From landing to the lowest place."""
        return 1.75 * (self.landing_m + self.landing_tiptoe_m) / self.landing_mps

    @property
    def rise_s(self) -> float:
        """From there to standing."""
        return 0.5 + 0.6 * self.landing_m

    @property
    def busy_s(self) -> float:
        """From the bottom of the crouch to the lowest place after landing."""
        return self.push_s + self.air_s + self.catch_s


def jumps(time_s: Float[Array, " time"], takeoffs_s: Float[Array, " jumps"], leap: Leap) -> Hop:
    """Jumps from a crouch: down, push, free fall, landing, up again; or on into the next where there is no time.

    Args:
        time_s: (T,).
        takeoffs_s: when the feet leave the ground; further apart than `Leap.busy_s`.
        leap: how.
    """
    g, t = STANDARD_GRAVITY_MPS2, time_s
    offs = np.round(np.asarray(takeoffs_s) / FRAME_S) * FRAME_S
    lift, air, heel, swing, bend = (np.zeros_like(t) for _ in range(5))
    airborne = np.zeros(len(t), dtype=bool)
    deep = min(1.0, leap.landing_m / leap.crouch_m)
    landing_m = leap.speed_mps * leap.air_s - 0.5 * g * leap.air_s**2 + leap.tiptoe_m
    busy_s = leap.busy_s + leap.dip_s + leap.rise_s
    on_from_last = np.diff(offs, prepend=-1e3) < busy_s  # this jump begins where the last one landed
    on_to_next = np.append(on_from_last[1:], False)
    for number, off in enumerate(offs):
        down, land = off - leap.push_s, off + leap.air_s
        caught = land + leap.catch_s
        stands = caught + leap.rise_s
        after = 0.0
        if on_to_next[number]:
            stands, after = max(offs[number + 1] - leap.push_s, caught + 1e-3), -leap.crouch_m
        stages = [
            (down, off, -leap.crouch_m, 0.0, 0.0, leap.tiptoe_m, PLANTED * leap.speed_mps, -g),
            (land, caught, landing_m, -PLANTED * leap.landing_mps, -g, -leap.landing_m, 0.0, 0.0),
            (caught, stands, -leap.landing_m, 0.0, 0.0, after, 0.0, 0.0),
        ]
        if not on_from_last[number]:
            stages.insert(0, (down - leap.dip_s, down, 0.0, 0.0, 0.0, -leap.crouch_m, 0.0, 0.0))
        for begin, end, *ends in stages:
            on = (t >= begin - 1e-6) & (t < end - 1e-6)
            lift[on] = quintic((t[on] - begin) / (end - begin), end - begin, *ends)
        lift[t >= stands - 1e-6] = after
        fly = (t > off - 1e-6) & (t < land - 1e-6)
        since = t[fly] - off
        way = leap.speed_mps * since - 0.5 * g * since**2
        lift[fly] = leap.tiptoe_m + way
        # Feet follow a moment after take-off and are stretched towards the ground before landing.
        share = since / leap.air_s
        behind = lag_m(share, leap.speed_mps, leap.air_s) + lag_m(1.0 - share, leap.landing_mps, leap.air_s)
        air[fly] = way - behind - share * (landing_m - leap.tiptoe_m)
        airborne |= fly & (t > off + 1e-6)
        _raise_heels(heel, t, off, land, leap)
        # The arms are drawn back in the crouch, thrown up, let down after landing; the trunk bends, stretches, bends.
        throw = max(down - 0.14, offs[number - 1] + leap.air_s + 0.2) if on_from_last[number] else down - 0.14
        ends, last = (max(stands - 0.14, land + 0.2), -1.0) if on_to_next[number] else (stands, 0.0)
        keys, values = [throw, off + 0.12, land + 0.02, ends], [-1.0, 1.0, 0.8, last]
        if not on_from_last[number]:
            keys, values = [down - leap.dip_s, *keys], [0.0, *values]
        on = t >= keys[0]
        swing[on] = ways(t[on], np.array(keys), np.array(values))
        swing[t > keys[-1]] = last
        if not on_from_last[number]:
            bend += curves.stroke(t, down - leap.dip_s, down)
        bend -= curves.stroke(t, down - 0.12, off + 0.06)
        bend += deep * curves.stroke(t, max(off + 0.1, land - 0.15), caught + 0.05)
        bend += (float(on_to_next[number]) - deep) * curves.stroke(t, caught, max(stands, caught + 0.15))
    return Hop(lift, air, heel, swing, bend, airborne)


def _raise_heels(heel: Array, time_s: Array, off_s: float, land_s: float, leap: Leap) -> None:
    """Heels rise fastest when the toes leave the ground: ankles are under way by then, and so again when landing."""
    air_s = land_s - off_s
    parts = []
    for deg, speed, since in (
        (leap.heel_deg, leap.speed_mps, time_s - off_s),
        (leap.landing_heel_deg, leap.landing_mps, land_s - time_s),
    ):
        if deg <= 0.0:
            parts.append(np.zeros_like(time_s))
            continue
        rate = float(np.rad2deg(ANKLE_SHARE * speed / ANKLE_LEVER_M)) * deg / TAKEOFF_HEEL_DEG
        ground_s, further = 2.6 * deg / rate, min(POINT_DEG, 0.2 * air_s * rate)
        point_s = 2.0 * further / rate
        grounded = quintic(np.clip(-since / ground_s, 0.0, 1.0), ground_s, deg, -rate, 0.0, 0.0, 0.0, 0.0)
        flying = quintic(np.clip(since / point_s, 0.0, 1.0), point_s, deg, rate, 0.0, deg + further, 0.0, 0.0)
        parts.append(np.where(since < 0.0, grounded, flying))
    share = (time_s - off_s) / air_s
    late = curves.ease((share - 0.25) / 0.5)
    near = (share > -1e3) & (np.abs(share - 0.5) < 0.5 + 1.0 / air_s)
    heel[near] += ((1.0 - late) * parts[0] + late * parts[1])[near]


def lag_m(share: Array, speed_mps: float | Array, air_s: float | Array) -> Array:
    """By how much feet stay behind a body that left the ground at a speed, over the share of the flight.

    They start from rest and are behind by no more than about `LAG_M`: s (1 - s)^k is at most 1 / (e (k + 1)), nearly.
    """
    start_m = PLANTED * np.asarray(speed_mps * air_s)
    return start_m * share * (1.0 - share) ** np.maximum(4.0, start_m / (np.e * LAG_M) - 1.0)


def quintic(u: Array, length_s: float, p0: float, v0: float, a0: float, p1: float, v1: float, a1: float) -> Array:
    """Way from place, speed and acceleration to place, speed and acceleration; u from 0 to 1."""
    v0, v1, a0, a1 = v0 * length_s, v1 * length_s, a0 * length_s**2, a1 * length_s**2
    c3 = 10 * (p1 - p0) - 6 * v0 - 4 * v1 - 1.5 * a0 + 0.5 * a1
    c4 = -15 * (p1 - p0) + 8 * v0 + 7 * v1 + 1.5 * a0 - a1
    c5 = 6 * (p1 - p0) - 3 * (v0 + v1) - 0.5 * (a0 - a1)
    return p0 + u * (v0 + u * (0.5 * a0 + u * (c3 + u * (c4 + u * c5))))
