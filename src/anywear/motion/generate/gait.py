"""Steps: feet that are planted and swing, a pelvis that rides on them, arms and trunk that balance. One engine for walking,
running, stairs and slopes.

Feet are laid out first: each is planted where the body will be in the middle of its stance, rolls over heel and ball, and
swings to the next place. The pelvis follows the path; while no foot is on the ground it falls freely. Legs follow by inverse
kinematics, so planted feet do not slide.

Sources: timing and angles of normal gait: Perry & Burnfield, "Gait Analysis", 2nd ed. (2010); vertical path of the trunk:
Gard & Childress, J. Applied Biomechanics 17 (2001); half-sine ground reaction in running: Blickhan,
J. Biomechanics 22 (1989).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..._typing import Array, Float
from ...recording import STANDARD_GRAVITY_MPS2
from .. import quaternion
from . import curves
from .figure import ANKLE_HEIGHT, BALL_AHEAD, HEEL_BEHIND, SIDES, Figure, Y, chain, heading, turn

PAD_S = 3.0  # steps are laid out so far beyond the clip at both ends
WIDEST_REACH = 0.985  # of the leg's length in stance; a standing leg is not locked


@dataclass(frozen=True)
class Gait:
    """How the feet go.

    Attributes:
        speed_mps: along the path.
        cadence: steps per second, both feet counted.
        stance: share of the stride that a foot is on the ground; below a half there is flight.
        strike_deg: pitch of the foot when it lands, toes up; negative lands on the ball.
        push_deg: how far the heel has turned up when the foot leaves.
        clearance_m: extra height of the swinging ankle.
        width_m: between the lines of the two feet.
        facing_deg: body's heading against the path: 180 walks backwards, 90 to the right.
        grade: rise per metre of path.
        tread_m, riser_m: of stairs; riser negative goes down, 0 is no stairs.
        delay: by how much of a stride the right foot comes late (limping); 0 is even.
        favour: share by which the stance of the left foot is shortened.
        jitter: variation from stride to stride, share.
        bounce: factor on the vertical movement.
    """

    speed_mps: float
    cadence: float
    stance: float = 0.62
    strike_deg: float = 18.0
    push_deg: float = 55.0
    clearance_m: float = 0.05
    width_m: float = 0.10
    facing_deg: float = 0.0
    grade: float = 0.0
    tread_m: float = 0.0
    riser_m: float = 0.0
    delay: float = 0.0
    favour: float = 0.0
    jitter: float = 0.02
    bounce: float = 1.0

    @property
    def step_m(self) -> float:
        """Length of a step."""
        return self.speed_mps / self.cadence

    @property
    def stride_s(self) -> float:
        """Duration of two steps."""
        return 2.0 / self.cadence

    @property
    def slope(self) -> float:
        """Mean rise per metre."""
        return self.riser_m / self.tread_m if self.riser_m else self.grade


def walking_gait(speed_mps: float, height_m: float) -> tuple[float, float]:
    """Cadence (steps/s) and stance share of ordinary walking at a speed.

    Step length grows about with the square root of speed (Grieve & Gear, Ergonomics 9, 1966): 0.41 statures at 1.3 m/s.
    """
    step_m = 0.41 * height_m * (speed_mps / 1.3) ** 0.55
    return speed_mps / step_m, float(np.clip(0.66 - 0.04 * speed_mps / 1.3, 0.55, 0.7))


def running_gait(speed_mps: float, height_m: float) -> tuple[float, float]:
    """Cadence (steps/s) and stance share of running at a speed.

    2.7 steps/s at 2.2 m/s, 4 at a sprint; contact falls from 0.29 to 0.11 s (Weyand et al., J. Applied Physiology 89, 2000).
    """
    cadence = (2.38 + 0.17 * speed_mps) * (1.75 / height_m) ** 0.5
    contact_s = 0.60 / (speed_mps + 0.75) + 0.06
    return cadence, float(np.clip(contact_s * cadence / 2.0, 0.16, 0.45))


@dataclass(frozen=True)
class Walk:
    """What came of a gait, for arms and sentences.

    Attributes:
        phase: (T,) in strides; the left foot lands at whole numbers.
        steps: how many footfalls lie in the clip.
        contact: per side (T,) bool, on the ground.
        distance_m: way along the path.
    """

    phase: Array
    steps: int
    contact: dict[str, Array]
    distance_m: float


def walk(
    figure: Figure,
    gait: Gait,
    rng: np.random.Generator,
    *,
    speed: Float[Array, " time"] | None = None,
    heading_deg: Float[Array, " time"] | float = 0.0,
) -> Walk:
    """Move pelvis, legs and feet; trunk and arms are left as they are.

    Args:
        figure: is posed.
        gait: how.
        rng: variation from step to step.
        speed: (T,) factor on speed and tempo over time; 1 throughout by default.
        heading_deg: (T,) direction of the path.
    """
    t = np.arange(-PAD_S, figure.seconds + PAD_S, 1.0 / 120.0)
    dt = t[1] - t[0]
    fast = np.ones_like(t) if speed is None else np.interp(t, figure.t, speed)
    psi = np.interp(t, figure.t, figure.frames(heading_deg))
    if np.ndim(heading_deg) == 1:  # turning goes on beyond the clip
        rate = np.gradient(figure.frames(heading_deg), figure.t)
        psi = psi + np.minimum(t, 0.0) * rate[0] + np.maximum(t - figure.seconds, 0.0) * rate[-1]
    tempo = 1.0 + np.clip(gait.jitter * curves.noise(t, rng, 0.35 * gait.cadence)[:, 0], -0.4, 0.4)
    phase = rng.uniform() + np.cumsum(0.5 * gait.cadence * fast**0.45 * tempo) * dt
    along = np.cumsum(gait.speed_mps * fast * (1.0 + 0.5 * (tempo - 1.0))) * dt
    way = np.deg2rad(psi)
    steps_m = np.diff(along, prepend=along[0])
    path = np.cumsum(np.stack([np.cos(way) * steps_m, np.sin(way) * steps_m], axis=1), axis=0)

    feet = {side: _Foot(figure, gait, rng, side, t, phase, along, path, psi) for side in SIDES}
    keep = (t >= -1e-9) & (t < figure.seconds + 0.5 * dt)
    keep = np.flatnonzero(keep)[: len(figure.t)]
    _ride(figure, gait, rng, t, phase, along, path, psi)
    shift = path[keep[0]].copy()
    figure.pelvis_m = figure.pelvis_m[keep]
    for segment in ("pelvis", "abdomen", "lower_chest", "chest"):
        if len(figure.turns[segment]) == len(t):
            figure.turns[segment] = figure.turns[segment][keep]
    figure.pelvis_m[:, :2] -= shift
    ankles = {side: foot.ankle[keep] - np.array([*shift, 0.0]) for side, foot in feet.items()}
    contact = {side: foot.down[keep] for side, foot in feet.items()}
    _lower(figure, ankles, contact, flight=gait.stance < 0.5)
    for side, foot in feet.items():
        figure.stand(side, ankles[side], foot.turn[keep], splay=figure.person.toe_out_deg)
        figure.toes(side, foot.toes[keep])
    figure.contact = contact
    figure.level = gait.slope == 0.0
    if gait.stance < 0.5:
        figure.airborne = ~(contact["left"] | contact["right"])
    footfalls = sum(int(np.diff(np.floor(phase[keep] + (0.0 if side == "left" else 0.5))).sum()) for side in SIDES)
    return Walk(phase[keep], footfalls, contact, float(along[keep[-1]] - along[keep[0]]))


class _Foot:
    """One foot: ankle (T, 3), turn in the world, toes' bend, and when it is down."""

    def __init__(self, figure: Figure, gait: Gait, rng: np.random.Generator, side: str, t: Array, phase: Array,
                 along: Array, path: Array, psi: Array) -> None:  # fmt: skip
        h, s = figure.height_m, SIDES[side]
        lag = 0.0 if side == "left" else 0.5 + gait.delay
        strikes = np.arange(np.ceil(phase[0] - lag), np.floor(phase[-1] - lag)) + lag
        share = gait.stance * (1.0 - gait.favour) if side == "left" else gait.stance * (1.0 + 0.4 * gait.favour)
        down_s, up_s = np.interp(strikes, phase, t), np.interp(strikes + share, phase, t)
        mid_s = 0.5 * (down_s + up_s)
        ahead = np.interp(mid_s, t, along)
        wobble = (
            gait.jitter * rng.standard_normal((len(strikes), 2)) * np.array([gait.step_m, 0.25 * gait.step_m + 0.05])
        )
        facing = np.interp(mid_s, t, psi) + gait.facing_deg
        toe_out = facing + s * figure.person.toe_out_deg * (0.4 if gait.stance < 0.5 else 1.0)
        centre = np.stack([np.interp(mid_s, t, path[:, axis]) for axis in range(2)], axis=1)
        sideways = quaternion.rotate(heading(facing), np.array([0.0, s * gait.width_m / 2.0, 0.0]))[:, :2]
        nudge = quaternion.rotate(heading(facing), np.concatenate([wobble, np.zeros((len(strikes), 1))], axis=1))[:, :2]
        ground = gait.grade * ahead
        if gait.riser_m:
            # Treads alternate between the feet: the nearest tread of this foot's own parity is where the phase says.
            ground = gait.riser_m * np.round(2.0 * (strikes + 0.5 * gait.stance))
            nudge *= 0.3
        self.flat = np.concatenate([centre + sideways + nudge, (ground + ANKLE_HEIGHT * h)[:, None]], axis=1)
        tilt = 0.0 if gait.riser_m else np.degrees(np.arctan(gait.grade * np.cos(np.deg2rad(gait.facing_deg))))
        plant = chain(heading(toe_out), np.broadcast_to(turn(Y, -tilt), (len(strikes), 4)))
        self.ankle, self.pitch = np.zeros((len(t), 3)), np.zeros(len(t))
        self.down = np.zeros(len(t), dtype=bool)
        yaw = np.interp(t, mid_s, toe_out)
        for j in range(len(strikes)):
            on = (t >= down_s[j]) & (t <= up_s[j])
            self.down |= on
            pitch = _roll(gait, (t[on] - down_s[j]) / max(up_s[j] - down_s[j], 1e-6))
            self.pitch[on], self.ankle[on] = pitch, _pivot(h, self.flat[j], plant[j], pitch)
            yaw[on] = toe_out[j]
            if j + 1 < len(strikes):
                self._swing(
                    gait, h, t, up_s[j], down_s[j + 1], (self.flat[j], plant[j]), (self.flat[j + 1], plant[j + 1])
                )
        inside = (t >= down_s[0]) & (t <= up_s[-1])
        first, last = np.flatnonzero(inside)[[0, -1]]
        self.ankle[:first], self.ankle[last + 1 :] = self.ankle[first], self.ankle[last]
        self.turn = chain(heading(yaw), turn(Y, -(self.pitch + tilt)))
        self.toes = np.clip(np.where(self.down, -self.pitch, -0.9 * self.pitch), 0.0, 65.0)

    def _swing(self, gait: Gait, h: float, t: Array, start: float, end: float, before: tuple, after: tuple) -> None:
        off = (t > start) & (t < end)
        if not off.any():
            return
        length, tiny = end - start, 1e-3
        stance_s = gait.stance * gait.stride_s
        pitches, rates = [], []
        for place in (1.0, 0.0):
            inner = abs(place - tiny)
            edge, near = _roll(gait, np.array([place]))[0], _roll(gait, np.array([inner]))[0]
            pitches.append(edge)
            rates.append((edge - near) / (place - inner) / stance_s)
        begin, finish = (_pivot(h, *where, np.array([p]))[0] for where, p in zip((before, after), pitches, strict=True))
        earlier = _pivot(h, *before, np.array([pitches[0] - rates[0] * tiny]))[0]
        leaving = (begin - earlier) / tiny
        travel = finish - begin
        # The foot comes down and is still moving ahead a little when it lands.
        landing = 0.25 * travel / length * np.array([1.0, 1.0, 0.0]) - np.array([0.0, 0.0, 0.25 + 0.1 * gait.speed_mps])
        u = ((t[off] - start) / length)[:, None]
        way = _hermite(u, begin, leaving * length, finish, landing * length)
        rise = max(0.0, travel[2])
        way[:, 2] += (gait.clearance_m + 0.6 * rise) * _hump(u[:, 0], 0.38 if rise else 0.45)
        self.ankle[off] = way
        pitch = _hermite(u[:, 0], pitches[0], 0.5 * rates[0] * length, pitches[1], 0.0)
        self.pitch[off] = np.clip(pitch, -85.0, 40.0)


def _roll(gait: Gait, share: Array) -> Array:
    """Pitch of the foot over its stance: from heel (or ball) to flat to toes."""
    rise_from = 0.55 if gait.stance >= 0.5 else 0.45
    settle = 0.14 if gait.strike_deg >= 0 else 0.22
    strike = gait.strike_deg * (1.0 - curves.ease(share / settle))
    push = -gait.push_deg * np.clip((share - rise_from) / (1.0 - rise_from), 0.0, 1.0) ** 2.2
    return strike + push


def _pivot(h: float, flat: Array, plant: Array, pitch: Array) -> Array:
    """Ankle of a foot that turns about its heel (toes up) or its ball (toes down): (N, 3)."""
    on_heel = (pitch > 0)[:, None]
    pivot = (
        np.where(on_heel, np.array([-HEEL_BEHIND, 0.0, -ANKLE_HEIGHT]), np.array([BALL_AHEAD, 0.0, -ANKLE_HEIGHT])) * h
    )
    turned = quaternion.rotate(turn(Y, -pitch), -pivot)
    return flat + quaternion.rotate(plant, pivot + turned)


def _hermite(u: Array, p0, v0, p1, v1) -> Array:
    """Quintic from place and speed to place and speed, without acceleration at either end; speeds are per unit of u."""
    u3, u4, u5 = u**3, u**4, u**5
    return (
        p0 * (1 - 10 * u3 + 15 * u4 - 6 * u5)
        + v0 * (u - 6 * u3 + 8 * u4 - 3 * u5)
        + p1 * (10 * u3 - 15 * u4 + 6 * u5)
        + v1 * (-4 * u3 + 7 * u4 - 3 * u5)
    )


def _hump(u: Array, peak: float) -> Array:
    """0 at both ends with no slope, 1 at ``peak``."""
    power = np.log(0.5) / np.log(peak)
    w = u**power
    return (4.0 * w * (1.0 - w)) ** 2


def _ride(
    figure: Figure, gait: Gait, rng: np.random.Generator, t: Array, phase: Array, along: Array, path: Array, psi: Array
) -> None:
    """The pelvis along the path, swaying over the standing foot and rising over it, or thrown and caught."""
    h, leg = figure.height_m, figure.leg_m
    middle = phase - 0.5 * gait.stance  # the left foot's mid-stance lies at whole numbers of this
    vary = 1.0 + 0.15 * curves.noise(t, rng, 0.25, 3)
    z = figure.stand_height_m + gait.slope * along
    if gait.stance < 0.5:
        z = z + gait.bounce * flight_and_stance(2.0 * phase, 2.0 * gait.stance, 1.0 / gait.cadence)
    else:
        rise = 0.6 * min(gait.step_m, 0.9) ** 2 / (8.0 * leg) + (0.004 if not gait.riser_m else 0.012)
        z = z + gait.bounce * 0.5 * rise * vary[:, 0] * np.cos(4.0 * np.pi * middle)
    facing = psi + gait.facing_deg
    sway = (0.020 if gait.stance >= 0.5 else 0.008) * vary[:, 1] * np.cos(2.0 * np.pi * middle)
    surge = 0.02 * gait.step_m * np.sin(4.0 * np.pi * middle)
    local = np.stack([surge * np.cos(np.deg2rad(gait.facing_deg)), sway + gait.favour * 0.04, np.zeros_like(t)], axis=1)
    figure.pelvis_m = np.concatenate([path, z[:, None]], axis=1) + quaternion.rotate(heading(facing), local)
    reach = min(gait.step_m / (0.41 * h), 2.0) * np.cos(np.deg2rad(gait.facing_deg))
    yaw = facing - 5.0 * reach * vary[:, 2] * np.cos(2.0 * np.pi * phase)
    roll = 3.5 * np.cos(2.0 * np.pi * (middle + 0.12)) * (1.0 + 2.0 * gait.favour)
    lean = 0.0 if gait.stance >= 0.5 else 4.0 + 0.6 * gait.speed_mps
    pitch = lean + 1.3 * np.cos(4.0 * np.pi * (middle + 0.1)) + 40.0 * max(gait.slope, 0.0) * 0.3
    figure.turns["pelvis"] = chain(heading(yaw), turn(Y, pitch), turn(np.array([1.0, 0.0, 0.0]), roll))


def flight_and_stance(step: Float[Array, " time"], stance: float, step_s: float) -> Float[Array, " time"]:
    """Height (m) of a body that is thrown and caught once a step: free fall in flight, a half sine of force in stance.

    Args:
        step: phase in steps; a stance begins at whole numbers.
        stance: share of the step on the ground, at most 1.
        step_s: duration of a step.

    Returns:
        (T,) height over the height at touch-down.
    """
    g = STANDARD_GRAVITY_MPS2
    share = step % 1.0
    ground_s, air_s = stance * step_s, (1.0 - stance) * step_s
    t = share * step_s
    # Force over mass: peak so that its impulse carries the body over the whole step.
    peak = np.pi * g * step_s / (2.0 * ground_s)
    down = 0.5 * g * air_s
    w = np.pi / ground_s
    on = np.minimum(t, ground_s)
    caught = -down * on - 0.5 * g * on**2 + peak / w * (on - np.sin(w * on) / w)
    off = np.maximum(t - ground_s, 0.0)
    return caught + down * off - 0.5 * g * off**2


def _lower(figure: Figure, ankles: dict[str, Array], contact: dict[str, Array], flight: bool) -> None:
    """Lower the pelvis, by the same amount throughout, until standing legs reach the ground."""
    needed = []
    limit = (WIDEST_REACH - (0.01 if flight else 0.0)) * figure.leg_m
    for side, ankle in ankles.items():
        if not contact[side].any():
            continue
        hip = figure.point(f"{side}_thigh")[contact[side]]
        away = hip - ankle[contact[side]]
        level = np.linalg.norm(away[:, :2], axis=1)
        needed.append(away[:, 2] - np.sqrt(np.maximum(limit**2 - level**2, (0.3 * limit) ** 2)))
    if needed:
        figure.pelvis_m[:, 2] -= max(0.0, float(np.percentile(np.concatenate(needed), 99.0)))


def swing_arms(
    figure: Figure, phase: Array, amount_deg: float, elbow_deg: float, pump_deg: float, lag: float = 0.04
) -> None:
    """Arms against the legs.

    Args:
        figure: is posed.
        phase: in strides, the left foot landing at whole numbers.
        amount_deg: half the swing of the upper arm.
        elbow_deg: mean bend; ``pump_deg`` is added in front and taken away behind.
        lag: by how much of a stride the forearm follows the upper arm.
    """
    person = figure.person
    for side, shift in (("left", 0.5), ("right", 0.0)):
        swing = np.cos(2.0 * np.pi * (phase - shift + 0.02))
        late = np.cos(2.0 * np.pi * (phase - shift + 0.02 - lag))
        figure.shoulder(
            side,
            -0.25 * amount_deg + amount_deg * swing,
            person.arm_spread_deg + 0.15 * amount_deg * (1 - swing) / 2,
            8.0,
        )
        figure.elbow(side, np.maximum(elbow_deg + pump_deg * late, 3.0))
        figure.wrist(side, pronation=15.0 + 6.0 * late, flexion=5.0)
        figure.grip(side, 0.35 if elbow_deg < 45 else 0.7)


def counter_turn(
    figure: Figure, phase: Array, amount_deg: float, lean_deg: float | Array, rng: np.random.Generator
) -> None:
    """The trunk twists against the pelvis, sways and leans; the head stays level."""
    wander = curves.noise(figure.t, rng, 0.3, 3)
    figure.trunk(
        flexion=lean_deg + 0.8 * np.cos(4.0 * np.pi * phase) + 0.8 * wander[:, 0],
        bend=1.8 * np.cos(2.0 * np.pi * (phase - 0.3)) + 0.6 * wander[:, 1],
        twist=amount_deg * np.cos(2.0 * np.pi * phase) + 0.8 * wander[:, 2],
    )
    figure.level_head(0.85, pitch=4.0 + 4.0 * curves.noise(figure.t, rng, 0.2)[:, 0])
