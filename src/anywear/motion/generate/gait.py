"""Steps: feet that are planted and swing, a pelvis that rides on them. One engine for walking, running, jumping, stairs
and slopes.

Feet are laid out first: each is planted where the body passes over it, and rolls over heel and ball. Where some foot is
always down, the pelvis is as high as the standing legs are long, their knees bent as knees are over a stance; where there is
flight, it is thrown and caught (see `bounce`). Then feet swing from place to place with the leg's own angles, and inverse
kinematics bends the legs, so planted feet do not slide.

Sources: timing and angles of normal gait: Perry & Burnfield, "Gait Analysis", 2nd ed. (2010); path of the trunk: Gard &
Childress, J. Applied Biomechanics 17 (2001); pelvis: Murray, Drought & Kory, J. Bone & Joint Surgery 46A (1964).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from ..._typing import Array, Float
from .. import quaternion
from . import curves
from .arms import counter_turn, swing_arms
from .bounce import bounce
from .feet import Foot, knee_angles, leg_length_m
from .figure import REST, SIDES, Figure, X, Y, chain, heading, turn

__all__ = ["Gait", "Walk", "counter_turn", "running_gait", "swing_arms", "walk", "walking_feet", "walking_gait"]

PAD_S = 3.0  # steps are laid out so far beyond the clip at both ends
STEP_S = 1.0 / 120.0
SOFT = 0.040  # of a stride
SLOW = 0.30  # of a stride: what of the pelvis' height lasts longer than a step
HARMONICS = 4  # of the stride in the pelvis' height; two make a step
STIFF = 0.8  # how much harmonics beyond the step's are held back
LANDING = 0.10  # share of the stance in which a foot lands
RISE = 0.42  # of what stiff legs would lift the trunk with every step (Gard & Childress)
STAIR_SHARE = 0.24  # of a riser, by which the trunk rises and falls about a steady climb
STAIR_PUSH_MPS2 = 4.0  # of that, at most, in acceleration
# Acceleration of a step up and down stairs: of each harmonic the size against the first, and by how much it leads (deg).
CLIMBING = ((1.0, 0.0), (0.33, -28.0), (0.24, -8.0))
DESCENDING = ((1.0, 0.0), (0.56, -5.0), (0.26, -20.0))
CLIMBED, LANDED = 0.14, 0.08  # of a stride after a foot lands: the middle of the push on stairs up and down
LEAST_KNEE_DEG = 6.0  # a standing leg is not locked


@dataclass(frozen=True)
class Gait:
    """How the feet go.

    Attributes:
        speed_mps: along the path.
        cadence: steps per second, both feet counted; jumps on two feet count twice.
        stance: share of the stride that a foot is on the ground; below a half there is flight.
        strike_deg: pitch of the foot when it lands, toes up; negative lands on the ball.
        push_deg: how far the heel has turned up when the foot leaves.
        rise_from: share of the stance at which the heel comes up.
        heel_up_deg: how far the heel is held up throughout, on tiptoe; negative walks on the heels.
        over: share of the stance at which the body passes over the ankle.
        knees_deg: of the standing leg at landing, taking the weight, mid-stance, as the other foot lands (may be left
            out) and leaving.
        swing_knee_deg: most bend of the swinging knee; 0 leaves it to the way.
        swing_lift_deg: how much further than it needs the leg swings up in front.
        clearance_m: least height of the sole in the middle of the swing.
        width_m: between the lines of the two feet.
        facing_deg: body's heading against the path: 180 walks backwards, 90 to the right.
        grade: rise per metre of path.
        tread_m, riser_m: of stairs; riser negative goes down, 0 is no stairs.
        delay: by how much of a stride the right foot comes late (limping); 0 is even.
        favour: share by which the stance of the left foot is shortened.
        jitter: variation from stride to stride, share.
        bounce: factor on the vertical movement where there is no flight.
        sway_m: of the pelvis to each side.
        pelvis_turn_deg, pelvis_list_deg: of the pelvis with the steps, about the vertical and up on the standing side.
        lean_deg: of the pelvis, forwards.
        contacts: who is down when: side, begin and share of the stride; both feet in turn by default.
        held_deg: hip and knee of a leg that has no contacts.
        least_knee_deg: of a leg that lands or leaves, where there is flight.
    """

    speed_mps: float
    cadence: float
    stance: float = 0.62
    strike_deg: float = 20.0
    push_deg: float = 66.0
    rise_from: float = 0.50
    heel_up_deg: float = 0.0
    over: float = 0.345
    knees_deg: tuple[float, ...] = (5.0, 17.0, 5.0, 38.0)
    swing_knee_deg: float = 62.0
    swing_lift_deg: float = 0.0
    clearance_m: float = 0.012
    width_m: float = 0.10
    facing_deg: float = 0.0
    grade: float = 0.0
    tread_m: float = 0.0
    riser_m: float = 0.0
    delay: float = 0.0
    favour: float = 0.0
    jitter: float = 0.02
    bounce: float = 1.0
    sway_m: float = 0.020
    pelvis_turn_deg: float = 5.0
    pelvis_list_deg: float = 4.0
    lean_deg: float = 0.0
    contacts: tuple[tuple[str, float, float], ...] = ()
    held_deg: tuple[float, float] = (10.0, 70.0)
    least_knee_deg: float = 17.0

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

    @property
    def backwards(self) -> bool:
        """Whether the toes point away from where the body goes."""
        return bool(np.cos(np.deg2rad(self.facing_deg)) < -0.5)

    def downs(self, side: str) -> list[tuple[float, float]]:
        """Begin and share of the stride of a foot's contacts."""
        if self.contacts:
            return [(begin, share) for foot, begin, share in self.contacts if foot == side]
        if side == "left":
            return [(0.0, self.stance * (1.0 - self.favour))]
        return [(0.5 + self.delay, self.stance * (1.0 + 0.4 * self.favour))]

    @property
    def flies(self) -> bool:
        """Whether there are times when no foot is on the ground."""
        share = np.arange(400) / 400.0
        on = np.zeros(400, dtype=bool)
        for side in SIDES:
            for begin, length in self.downs(side):
                on |= (share - begin) % 1.0 < length
        return not on.all()


def walking_gait(speed_mps: float, height_m: float) -> tuple[float, float]:
    """Cadence (steps/s) and stance share of ordinary walking at a speed.

    Step length grows about with the square root of speed (Grieve & Gear, Ergonomics 9, 1966): 0.40 statures at 1.3 m/s.
    """
    step_m = 0.40 * height_m * (speed_mps / 1.3) ** 0.55
    return speed_mps / step_m, float(np.clip(0.65 - 0.035 * speed_mps / 1.3, 0.55, 0.7))


def walking_feet(speed_mps: float) -> dict[str, float]:
    """How feet roll in ordinary walking at a speed: settings of `Gait`. Faster, they push off earlier and further."""
    faster = float(np.clip(speed_mps, 0.3, 2.2)) - 1.25
    return {"over": 0.36 + 0.03 * faster, "rise_from": 0.44 - 0.08 * faster, "push_deg": 66.0 + 10.0 * faster}


def running_gait(speed_mps: float, height_m: float) -> tuple[float, float]:
    """Cadence (steps/s) and stance share of running at a speed.

    2.6 steps/s at 2.2 m/s, 4 at a sprint; contact falls from 0.26 to 0.11 s (Weyand et al., J. Applied Physiology 89, 2000).
    """
    cadence = (2.20 + 0.19 * speed_mps) * (1.75 / height_m) ** 0.5
    contact_s = 0.60 / (speed_mps + 0.75) + 0.055
    return cadence, float(np.clip(contact_s * cadence / 2.0, 0.16, 0.42))


@dataclass(frozen=True)
class Walk:
    """What came of a gait, for arms and sentences.

    Attributes:
        phase: (T,) in strides; the left foot lands at whole numbers.
        steps: how many footfalls lie in the clip.
        contact: per side (T,) bool, on the ground.
        distance_m: way along the path.
        effort: (T,) 1 on the way, 0 standing.
    """

    phase: Array
    steps: int
    contact: dict[str, Array]
    distance_m: float
    effort: Array


def walk(
    figure: Figure,
    gait: Gait,
    rng: np.random.Generator,
    *,
    speed: Float[Array, " time"] | None = None,
    heading_deg: Float[Array, " time"] | float = 0.0,
    halts: Sequence[tuple[float, float]] = (),
) -> Walk:
    """Move pelvis, legs and feet; trunk and arms are left as they are.

    Args:
        figure: is posed.
        gait: how.
        rng: variation from step to step.
        speed: (T,) factor on speed and, less, on tempo; 1 throughout by default.
        heading_deg: (T,) direction of the path.
        halts: begin and end of times to stand still, in seconds; may reach beyond the clip.
    """
    beyond_s = max([0.0, *(end - figure.seconds + PAD_S for _, end in halts)])  # feet find their next places after it
    t = np.arange(-PAD_S, figure.seconds + PAD_S + beyond_s, STEP_S)
    fast = np.ones_like(t) if speed is None else np.interp(t, figure.t, speed)
    psi = np.interp(t, figure.t, figure.frames(heading_deg))
    if np.ndim(heading_deg) == 1:  # turning goes on beyond the clip
        rate = np.gradient(figure.frames(heading_deg), figure.t)
        psi = psi + np.minimum(t, 0.0) * rate[0] + np.maximum(t - figure.seconds, 0.0) * rate[-1]
    tempo = 1.0 + np.clip(gait.jitter * curves.noise(t, rng, 0.35 * gait.cadence)[:, 0], -0.4, 0.4)
    pace = 0.5 * gait.cadence * fast**0.45 * tempo
    phase, go = _halted(t, rng.uniform() + np.cumsum(pace) * STEP_S, gait, halts)
    along = np.cumsum(gait.speed_mps * fast * go * (1.0 + 0.5 * (tempo - 1.0))) * STEP_S
    effort = np.clip(gaussian_filter1d(go, 0.12 / STEP_S) * np.minimum(1.0, fast * 1.2), 0.0, 1.0)
    way = np.deg2rad(psi)
    steps_m = np.diff(along, prepend=along[0])
    path = np.cumsum(np.stack([np.cos(way) * steps_m, np.sin(way) * steps_m], axis=1), axis=0)

    feet = {side: Foot(figure, gait, rng, side, t, phase, along, path, psi, effort) for side in SIDES}
    pelvis, turned = _ride(figure, gait, rng, t, phase, path, psi, effort)
    hips = {
        side: quaternion.rotate(turned, figure.height_m * (REST[f"{side}_thigh"] - REST["pelvis"])) for side in SIDES
    }
    down = feet["left"].down | feet["right"].down
    over = {side: pelvis + away for side, away in hips.items()}
    if gait.flies:
        pelvis[:, 2] += _thrown(figure, gait, t, along, down, feet, over)
    else:
        pelvis[:, 2] += _carried(figure, gait, phase, along, feet, over, effort)

    keep = np.flatnonzero((t >= -1e-9) & (t < figure.seconds + 0.5 * STEP_S))[: len(figure.t)]
    shift = np.array([*path[keep[0]], 0.0])
    figure.contact = {side: foot.down[keep] for side, foot in feet.items()}
    for again in range(2 if gait.flies else 1):
        if again:  # it is the centre of mass that is thrown, not the pelvis
            apart = figure.centre_of_mass_m()[:, 2] - figure.pelvis_m[:, 2]
            apart = gaussian_filter1d(apart - apart.mean(), 0.012 / STEP_S)
            pelvis[:, 2] -= np.interp(t, figure.t, apart)
        for side, foot in feet.items():
            foot.swing(pelvis + hips[side])
        figure.pelvis_m, figure.turns["pelvis"] = pelvis[keep] - shift, turned[keep]
        for side, foot in feet.items():
            # Knees point between where the pelvis faces and where the foot does.
            splay = 0.7 * SIDES[side] * (foot.yaw - foot.facing)[keep]
            figure.stand(side, foot.ankle[keep] - shift, foot.turn[keep], splay=splay)
            figure.toes(side, foot.toes[keep])
    figure.level = gait.slope == 0.0
    if gait.flies:
        figure.airborne = ~down[keep]
    footfalls = sum(int(np.count_nonzero(np.diff(on.astype(int)) == 1)) for on in figure.contact.values())
    return Walk(phase[keep], footfalls, figure.contact, float(along[keep[-1]] - along[keep[0]]), effort[keep])


def _halted(t: Array, phase: Array, gait: Gait, halts: Sequence[tuple[float, float]]) -> tuple[Array, Array]:
    """The phase brought to rest in double support for the time of each halt, and how fast (T,) the body goes meanwhile."""
    go = np.ones_like(t)
    both = max(gait.stance - 0.5, 0.0) / 2.0  # middle of the left foot's double support
    for start, end in halts:
        begin = int(np.clip(np.searchsorted(t, start), 1, len(t) - 2))
        pace = max((phase[begin] - phase[begin - 1]) / STEP_S, 0.05)
        # One step more or a bit: the last one brings the feet together.
        gain = np.ceil(2.0 * (phase[begin] + 0.55 - both)) / 2.0 + both - phase[begin]
        rest_s = 2.0 * gain / pace
        stop = t[begin] + rest_s
        slow = 1.0 - curves.ease((t - t[begin]) / rest_s)
        again = max(end, stop + 0.2)
        rise = curves.ease((t - again) / 0.7)
        rate = np.diff(phase, append=2 * phase[-1] - phase[-2]) * np.where(
            t < again, np.where(t < t[begin], 1, slow), rise
        )
        phase = phase[0] + np.concatenate([[0.0], np.cumsum(rate)[:-1]])
        # What is left of the intended rest phase by summing is made up for, so that both feet stand.
        rest = (t >= stop) & (t < again)
        wanted = phase[begin] + gain
        if rest.any():
            off = wanted - phase[rest][0]
            phase = phase + off * curves.ease((t - t[begin]) / rest_s)
        halted = np.where(
            t < again, 1.0 - curves.ease((t - t[begin]) / (0.62 * rest_s)), curves.ease((t - again) / 0.9)
        )
        go *= np.where(t < t[begin], 1.0, halted)
    return phase, go


def _ride(
    figure: Figure, gait: Gait, rng: np.random.Generator, t: Array, phase: Array, path: Array, psi: Array, effort: Array
) -> tuple[Array, Array]:
    """The pelvis (T, 3) along the path at height 0, swaying over the standing foot, and its turn (T, 4)."""
    middle = phase - 0.5 * gait.stance  # the left foot's mid-stance lies at whole numbers of this
    vary = 1.0 + 0.15 * curves.noise(t, rng, 0.25, 3)
    facing = psi + gait.facing_deg
    sway = gait.sway_m * vary[:, 1] * np.cos(2.0 * np.pi * middle) * effort
    # Fastest while both feet are down.
    surge = -0.012 * gait.step_m * np.sin(4.0 * np.pi * middle) * effort
    local = np.stack([surge * np.cos(np.deg2rad(gait.facing_deg)), sway + gait.favour * 0.04, np.zeros_like(t)], axis=1)
    pelvis = np.concatenate([path, np.zeros((len(t), 1))], axis=1) + quaternion.rotate(heading(facing), local)
    reach = min(gait.step_m / (0.41 * figure.height_m), 1.6) * np.cos(np.deg2rad(gait.facing_deg))
    yaw = facing - gait.pelvis_turn_deg * reach * vary[:, 2] * np.cos(2.0 * np.pi * phase) * effort
    roll = gait.pelvis_list_deg * np.cos(2.0 * np.pi * (phase - 0.15)) * (1.0 + 2.0 * gait.favour) * effort
    nod = 1.3 * np.cos(4.0 * np.pi * (middle + 0.1)) * effort
    pitch = gait.lean_deg + nod + 12.0 * float(np.clip(gait.slope, 0.0, 0.7))
    return pelvis, chain(heading(yaw), turn(Y, pitch), turn(X, roll))


def _carried(
    figure: Figure, gait: Gait, phase: Array, along: Array, feet: dict[str, Foot], hips: dict[str, Array], effort: Array
) -> Array:
    """Height (T,) of the pelvis on legs whose knees bend as they do over a stance, the weight passing from foot to foot."""
    least = float(np.clip(gait.knees_deg[0], LEAST_KNEE_DEG, 20.0))
    total, weights, landing, longest = 0.0, 0.0, np.zeros(len(phase)), []
    for side, foot in feet.items():
        knee = knee_angles(gait.knees_deg, foot.share, gait.backwards)
        knee = effort * knee + (1.0 - effort) * LEAST_KNEE_DEG
        away = foot.ankle - hips[side]
        level = (away[:, :2] ** 2).sum(axis=1)
        height = [
            away[:, 2] + np.sqrt(np.maximum(leg_length_m(figure, bend) ** 2 - level, (0.3 * figure.leg_m) ** 2))
            for bend in (knee, LEAST_KNEE_DEG + effort * (least - LEAST_KNEE_DEG))
        ]
        # A foot that lands says how high the body is; the one behind makes up for it with its heel.
        weight = foot.down * np.maximum(1.0 - curves.ease((foot.share - 0.55) / 0.35), 0.02)
        landing = np.maximum(landing, foot.down * (foot.share < LANDING))
        total, weights = total + weight * height[0], weights + weight
        longest.append(np.where(foot.down, height[1], np.inf))
    z = total / np.maximum(weights, 1e-12)
    z = gait.slope * along + _in_rhythm(
        figure, z - gait.slope * along, gait, phase, effort, (weights > 0.0) * (1.0 + 3.0 * landing)
    )
    # On stairs the whole trunk is lower throughout, so that its short pushes keep their shape.
    width = (SLOW if gait.riser_m else SOFT) * gait.stride_s / STEP_S
    beyond = np.maximum(z - np.minimum(*longest), 0.0)
    return z - gaussian_filter1d(maximum_filter1d(beyond, int(2 * width) | 1), width)


def _in_rhythm(figure: Figure, wanted: Array, gait: Gait, phase: Array, effort: Array, weight: Array) -> Array:
    """A height (T,) close to the one wanted that goes up and down with the steps alone: harmonics of the stride.

    What the feet's varying places would add from step to step is left to the knees, but for what lasts over strides.
    """
    waves = [np.cos(2.0 * np.pi * k * phase) for k in range(1, HARMONICS + 1)]
    waves += [np.sin(2.0 * np.pi * k * phase) for k in range(1, HARMONICS + 1)]
    basis = np.stack([np.ones_like(phase), effort, *(effort * wave for wave in waves)], axis=1)
    # Beyond the step's own harmonic, the trunk follows the legs only in part.
    stiff = STIFF * (np.arange(1, HARMONICS + 1) > 2)
    held = np.concatenate([[0.0, 0.0], stiff, stiff]) + 1e-6
    squares = basis.T @ (weight[:, None] * basis) + np.diag(held * weight.sum())
    share = np.linalg.solve(squares, basis.T @ (weight * wanted))
    slow = SLOW * gait.stride_s / STEP_S
    if gait.riser_m:
        odd = np.arange(1, HARMONICS + 1) % 2  # of the steps' own harmonics nothing is left to the fit
        share[2:] *= np.tile(odd, 2)
        fitted = basis @ share + effort * _stepping(gait, phase)
        return fitted + gaussian_filter1d(np.where(weight > 0.0, wanted - fitted, 0.0), slow)
    # Highest in the middle of a stance.
    top = 0.5 * gait.stance
    wave = np.cos(4.0 * np.pi * (phase - top))
    own_m = 2.0 * (share[3] * np.cos(4.0 * np.pi * top) + share[3 + HARMONICS] * np.sin(4.0 * np.pi * top))
    usual_m = RISE * gait.step_m**2 / (8.0 * figure.leg_m)
    lack = 0.5 * max(gait.bounce * usual_m - max(own_m, 0.0), 0.0)
    fitted = basis @ share
    return fitted + gaussian_filter1d(np.where(weight > 0.0, wanted - fitted, 0.0), slow) - effort * lack * (1.0 - wave)


def _stepping(gait: Gait, phase: Array) -> Array:
    """Height (T,) of a trunk on stairs against a steady climb: one short push up with every step, or one landing.

    Source: harmonics of the step in chest accelerations of eight people of a `train` set, 1.1 steps/s up and 1.3 down with
    2 m/s^2 in the first of them.
    """
    up = gait.riser_m > 0.0
    most_m = STAIR_PUSH_MPS2 / (2.0 * np.pi * gait.cadence) ** 2  # faster steps are flatter
    amount_m = gait.bounce * min(STAIR_SHARE * abs(gait.riser_m), most_m)
    return amount_m * curves.pushes(2.0 * (phase - (CLIMBED if up else LANDED)), CLIMBING if up else DESCENDING)


def _thrown(
    figure: Figure, gait: Gait, t: Array, along: Array, down: Array, feet: dict[str, Foot], hips: dict[str, Array]
) -> Array:
    """Height (T,) of a pelvis that flies between contacts, low enough throughout for the standing legs."""
    z = bounce(t, feet["left"].times + feet["right"].times) + gait.slope * along
    limit, needed = float(leg_length_m(figure, np.array([gait.least_knee_deg]))[0]), []
    for side, foot in feet.items():
        away = (foot.ankle - hips[side])[foot.down]
        if len(away):
            level = (away[:, :2] ** 2).sum(axis=1)
            needed.append(z[foot.down] - away[:, 2] - np.sqrt(np.maximum(limit**2 - level, (0.3 * limit) ** 2)))
    return z - float(np.percentile(np.concatenate(needed), 98.0))
