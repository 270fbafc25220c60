"""One foot over a clip: where it is planted, how it rolls, how it swings to the next place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from ..._typing import Array, Float
from .. import quaternion
from . import curves
from .figure import (
    ANKLE_HEIGHT,
    BALL_AHEAD,
    HEEL_BEHIND,
    REST,
    SIDES,
    TOE_AHEAD,
    Figure,
    Y,
    chain,
    heading,
    turn,
)  # fmt: skip

if TYPE_CHECKING:
    from .gait import Gait

SETTLE = {True: 0.17, False: 0.24}  # share of the stance until the foot is flat, landing on the heel or the ball
SUPPLE = 0.015  # of a stride: within which joints change how fast they turn
SUNK_M = 0.004  # that soles may sink: carpets, shoes
PUSH_POWER = 2.2  # the heel comes up ever faster
SOFTENED = np.array([1e4, 1e4, 450.0, 150.0])  # deg/s: how fast knee and ankle leave and land at most
BENT_TOES_DEG = 38.0  # by so much toes bend before the foot goes on over their tips
PUSH_GOES_ON = 0.25  # share of the ankle's speed that it has still, once it has left
LONG_SWING_S = 0.22  # shorter ones are hops, whose knee is not lifted


class Foot:
    """One foot: over time when it is down, where its ankle is, how it is turned.

    Attributes:
        down: (T,) bool, on the ground.
        share: (T,) how far through its stance; 0 in the air.
        ankle: (T, 3) metres.
        turn: (T, 4) in the world.
        toes: (T,) degrees up against the foot.
        times: begin and end of every stance, seconds.
    """

    def __init__(self, figure: Figure, gait: Gait, rng: np.random.Generator, side: str, t: Array, phase: Array,
                 along: Array, path: Array, psi: Array, effort: Array) -> None:  # fmt: skip
        self.figure, self.gait, self.side, self.t = figure, gait, side, t
        h, s = figure.height_m, SIDES[side]
        self.down, self.share = np.zeros(len(t), dtype=bool), np.zeros(len(t))
        self.ankle, self.pitch = np.zeros((len(t), 3)), np.zeros(len(t))
        turns = np.arange(np.ceil(phase[0]) - 1, np.floor(phase[-1]) + 2)
        landings = sorted((k + begin, share) for k in turns for begin, share in gait.downs(side))
        landings = [(at, share) for at, share in landings if at > phase[0] and at + share < phase[-1]]
        self.facing = psi + gait.facing_deg
        out = s * figure.person.toe_out_deg * (0.4 if gait.flies else 1.0)
        if not landings:
            self.times, self.yaw, self.tilt = [], self.facing + out, 0.0
            return
        strikes, shares = np.array(landings).T
        # The phase rests in halts: a hair of slope makes its inverse a function.
        rising = phase + 1e-7 * np.arange(len(t))
        down_s, up_s = np.interp(strikes, rising, t), np.interp(strikes + shares, rising, t)
        self.times = list(zip(down_s.tolist(), up_s.tolist(), strict=True))
        over = 1.0 - gait.over if gait.backwards else gait.over
        over_s = np.interp(strikes + over * shares, rising, t)
        self.flat, self.plant, toe_out = self._places(rng, strikes, shares, over_s, along, path, psi, out)
        self.yaw = np.interp(t, over_s, toe_out)
        for j in range(len(strikes)):
            on = (t >= down_s[j]) & (t <= up_s[j])
            self.down |= on
            self.share[on] = np.clip((phase[on] - strikes[j]) / shares[j], 0.0, 1.0)
            self.pitch[on] = (roll(gait, self.share[on]) + gait.heel_up_deg) * effort[on] - gait.heel_up_deg
            self.ankle[on] = pivot(h, self.flat[j], self.plant[j], self.pitch[on])
            self.yaw[on] = toe_out[j]
            if j + 1 < len(strikes):
                off = (t > up_s[j]) & (t < down_s[j + 1])
                u = curves.ease((t[off] - up_s[j]) / (down_s[j + 1] - up_s[j]))
                self.yaw[off] = toe_out[j] + u * (toe_out[j + 1] - toe_out[j])
        self._finish()

    def _places(
        self, rng: np.random.Generator, strikes: Array, shares: Array, over_s: Array, along: Array, path: Array,
        psi: Array, out: float,
    ) -> tuple[Array, Array, Array]:  # fmt: skip
        """Ankles of the flat foot (N, 3), its turn (N, 4) on the slope and its heading (N,), stance by stance."""
        gait, h, s, t = self.gait, self.figure.height_m, SIDES[self.side], self.t
        ahead, facing = np.interp(over_s, t, along), np.interp(over_s, t, psi) + gait.facing_deg
        toe_out = facing + out
        centre = np.stack([np.interp(over_s, t, path[:, axis]) for axis in range(2)], axis=1)
        spread = gait.jitter * np.array([gait.step_m, 0.25 * gait.step_m + 0.05]) * (0.3 if gait.riser_m else 1.0)
        nudge = rng.standard_normal((len(strikes), 2)) * spread + np.array([0.0, s * gait.width_m / 2.0])
        nudge = quaternion.rotate(heading(facing), np.concatenate([nudge, np.zeros((len(strikes), 1))], axis=1))
        ground = gait.grade * ahead
        if gait.riser_m:
            # Treads alternate between the feet.
            ground = gait.riser_m * np.round(2.0 * (strikes + 0.5 * shares))
        self.tilt = 0.0
        if not gait.riser_m:
            self.tilt = float(np.degrees(np.arctan(gait.grade * np.cos(np.deg2rad(gait.facing_deg)))))
        plant = chain(heading(toe_out), np.broadcast_to(turn(Y, -self.tilt), (len(strikes), 4)))
        flat = np.concatenate([centre, (ground + ANKLE_HEIGHT * h)[:, None]], axis=1) + nudge
        return flat, plant, toe_out

    def swing(self, hip: Float[Array, "time 3"]) -> None:
        """Fill in what is between the stances, once the hips are known: the leg's angles run on smoothly."""
        figure, gait, t = self.figure, self.gait, self.t
        frame = quaternion.inverse(heading(self.facing))
        if not self.times:
            self._hold(hip)
            return
        step = t[1] - t[0]
        for j in range(len(self.times) - 1):
            off = np.flatnonzero((t > self.times[j][1]) & (t < self.times[j + 1][0]))
            if not len(off) or off[0] < 3 or off[-1] + 3 >= len(t):
                continue
            first, last = off[0] - 1, off[-1] + 1
            rows = np.array([first - 1, first, last, last + 1])
            ankle = self.ankle[rows]
            leg = quaternion.rotate(frame[rows], ankle - hip[rows])
            angles = np.stack([*_leg_angles(figure, leg), self.pitch[rows]], axis=1)
            # The ankle's bend, not the foot's pitch, is what runs smoothly.
            shank = _shank_deg(figure, angles[:, 0], angles[:, 2])
            angles[:, 3] -= shank
            length = last - first
            u = np.arange(1, length) / length
            rate = length * np.stack([angles[1] - angles[0], angles[3] - angles[2]])
            rate[0, 3] *= PUSH_GOES_ON
            rate = np.clip(rate, -SOFTENED * length * step, SOFTENED * length * step)
            forward, aside, knee, ankle_deg = _hermite(u[:, None], angles[1], rate[0], angles[2], rate[1]).T
            if length * step > LONG_SWING_S:
                peak = 0.6 if gait.backwards else 0.42 if gait.riser_m > 0 else 0.33
                for _ in range(3):  # the way may have its own most bend elsewhere
                    knee = knee + max(gait.swing_knee_deg - knee.max(), 0.0) * _hump(u, peak)
                forward = forward + gait.swing_lift_deg * _hump(u, 0.55)
                if gait.swing_knee_deg > 0.0:
                    ankle_deg = ankle_deg * (1.0 - _hump(u, 0.5)) + 2.0 * _hump(u, 0.5)
            knee = np.clip(knee, 2.0, 145.0)
            leg = _leg_vector(figure, forward, aside, knee)
            self.ankle[off] = hip[off] + quaternion.rotate(quaternion.inverse(frame[off]), leg)
            self.pitch[off] = np.clip(ankle_deg + _shank_deg(figure, forward, knee), -100.0, 60.0)
            self._clear(off, u)
        self._soften(hip)
        self._finish()

    def _soften(self, hip: Float[Array, "time 3"]) -> None:
        """No joint changes its speed at once when the foot lands or leaves.

        Angles are averaged over an instant, not places: close to straight, a hair of the leg's length is many degrees of
        the knee, while a few degrees move the foot by millimetres.
        """
        width = SUPPLE * self.gait.stride_s / (self.t[1] - self.t[0])
        frame = heading(self.facing)
        leg = quaternion.rotate(quaternion.inverse(frame), self.ankle - hip)
        angles = np.stack([*_leg_angles(self.figure, leg), self.pitch], axis=1)
        smooth: Array = gaussian_filter1d(angles, width, axis=0)
        forward, aside, knee = smooth[:, 0], smooth[:, 1], smooth[:, 2]
        self.pitch = smooth[:, 3]
        self.ankle = hip + quaternion.rotate(frame, _leg_vector(self.figure, forward, aside, knee))
        if self.gait.slope == 0.0:
            sunk = np.maximum(-SUNK_M - self.ankle[:, 2] - self._lowest(self.pitch), 0.0)
            if sunk.any():
                self.ankle[:, 2] += gaussian_filter1d(maximum_filter1d(sunk, int(3.0 * width) | 1), width)

    def _lowest(self, pitch: Array) -> Array:
        """Lowest point of heel and ball of a foot at this pitch, against its ankle."""
        sole = np.array([[-HEEL_BEHIND, 0, -ANKLE_HEIGHT], [BALL_AHEAD, 0, -ANKLE_HEIGHT]]) * self.figure.height_m
        return quaternion.rotate(turn(Y, -pitch)[:, None], sole[None])[..., 2].min(axis=1)

    def _clear(self, off: Array, u: Array) -> None:
        """Lift a swinging foot whose sole would scrape."""
        h, gait = self.figure.height_m, self.gait
        turned = self._lowest(self.pitch[off])
        before, after = self.ankle[off[0] - 1, 2], self.ankle[off[-1] + 1, 2]
        if gait.riser_m:
            floor = np.maximum(before, after) if gait.riser_m > 0 else before
            floor = np.where(u > (0.45 if gait.riser_m > 0 else 0.35), max(before, after), before)
            floor = np.where(u > 0.75, after, floor) - ANKLE_HEIGHT * h
        else:
            ramp = gait.grade * np.linspace(0.0, 1.0, len(off)) * 2.0 * gait.step_m * (gait.grade != 0.0)
            floor = np.full(len(off), before - self._height(float(self.pitch[off[0] - 1]))) + ramp
        lack = gait.clearance_m - (self.ankle[off, 2] + turned - floor)
        inner = (u > 0.12) & (u < 0.88)
        lift = np.maximum(lack, 0.0)[inner] / np.maximum(_hump(u, 0.5)[inner], 0.25)
        if len(lift) and lift.max() > 0.0:
            self.ankle[off, 2] += min(float(lift.max()), 0.15) * _hump(u, 0.5)

    def _height(self, pitch: float) -> float:
        """Of the ankle over the ground at a pitch in stance."""
        return float(
            pivot(self.figure.height_m, np.zeros(3), np.array(quaternion.IDENTITY), np.array([pitch]))[0, 2]
        ) + (ANKLE_HEIGHT * self.figure.height_m)

    def _hold(self, hip: Array) -> None:
        """A leg that is never put down."""
        flexion, knee = self.gait.held_deg
        for bend in np.arange(knee, 121.0, 5.0):  # further where the toes would scrape
            angle = np.full(len(self.t), bend)
            leg = _leg_vector(self.figure, flexion - _thigh_ahead_deg(self.figure, angle),
                              np.full(len(self.t), 1.0 * SIDES[self.side]), angle)  # fmt: skip
            self.ankle = hip + quaternion.rotate(heading(self.facing), leg)
            self.pitch = np.clip(flexion - angle - 20.0, -100.0, 40.0)
            toes = TOE_AHEAD / BALL_AHEAD * self._lowest(self.pitch)
            if (self.ankle[:, 2] + toes).min() > 0.0 or self.gait.slope != 0.0:
                break
        self._finish()

    def _finish(self) -> None:
        self.turn = chain(heading(self.yaw), turn(Y, -(self.pitch + self.tilt)))
        self.toes = np.clip(-self.pitch - over_toes_deg(self.pitch), 0.0, 78.0)


def knee_angles(knees_deg: tuple[float, ...], share: Array, backwards: bool = False) -> Array:
    """Bend of a standing knee over its stance: at landing, taking the weight, in mid-stance, (as the other foot lands,)
    and leaving."""
    from scipy.interpolate import PchipInterpolator

    landing, loaded, straight, *given, leaving = knees_deg
    other = given[0] if given else straight + 0.18 * (leaving - straight)
    curve = PchipInterpolator([0.0, 0.22, 0.62, 0.80, 1.0], [landing, loaded, straight, other, leaving])
    return curve(1.0 - share if backwards else share)


def leg_length_m(figure: Figure, knee_deg: Array) -> Array:
    """Hip to ankle at a bend of the knee."""
    upper, lower = _bones(figure)
    return np.sqrt(upper**2 + lower**2 + 2.0 * upper * lower * np.cos(np.deg2rad(knee_deg)))


def roll(gait: Gait, share: Array) -> Array:
    """Pitch of the foot over its stance: from heel (or ball) to flat to toes; walking backwards, the other way."""
    if gait.backwards:
        share = 1.0 - share
    settled = np.clip(share / SETTLE[gait.strike_deg >= 0], 0.0, 1.0)
    # A heel that touches lets the foot drop at once; a ball takes the weight by and by.
    strike = gait.strike_deg * ((1.0 - settled) ** 2.2 if gait.strike_deg >= 0 else 1.0 - curves.ease(settled))
    push = gait.push_deg * np.clip((share - gait.rise_from) / (1.0 - gait.rise_from), 0.0, 1.0) ** PUSH_POWER
    return strike - push - gait.heel_up_deg


def pivot(h: float, flat: Array, plant: Array, pitch: Array) -> Array:
    """Ankle of a foot that turns about its heel (toes up), or its ball and then its toes (toes down): (N, 3)."""
    on_heel = (pitch > 0)[:, None]
    point = (
        np.where(on_heel, np.array([-HEEL_BEHIND, 0.0, -ANKLE_HEIGHT]), np.array([BALL_AHEAD, 0.0, -ANKLE_HEIGHT])) * h
    )
    turned = quaternion.rotate(turn(Y, -pitch), -point)
    over = np.deg2rad(over_toes_deg(pitch))
    lifted = (TOE_AHEAD - BALL_AHEAD) * h * np.stack([1.0 - np.cos(over), np.zeros_like(over), np.sin(over)], axis=1)
    return flat + quaternion.rotate(plant, point + turned + lifted)


def over_toes_deg(pitch: Array) -> Array:
    """How far the toes themselves have turned up about their tips, of a foot at this pitch."""
    beyond = np.maximum(-pitch - BENT_TOES_DEG, 0.0)
    return beyond**2 / (beyond + 12.0)


def _bones(figure: Figure) -> tuple[float, float]:
    h = figure.height_m
    joints = [REST[f"left_{part}"] for part in ("thigh", "shank", "foot")]
    return h * float(np.linalg.norm(joints[1] - joints[0])), h * float(np.linalg.norm(joints[2] - joints[1]))


def _leg_angles(figure: Figure, leg: Array) -> tuple[Array, Array, Array]:
    """Forward and sideways angle of the line from hip to ankle, and bend of the knee, in degrees."""
    upper, lower = _bones(figure)
    square = (leg**2).sum(axis=-1)
    cosine = (square - upper**2 - lower**2) / (2.0 * upper * lower)
    forward, aside = np.arctan2(leg[:, 0], -leg[:, 2]), np.arctan2(leg[:, 1], np.hypot(leg[:, 0], leg[:, 2]))
    return np.rad2deg(forward), np.rad2deg(aside), np.rad2deg(np.arccos(np.clip(cosine, -1.0, 1.0)))


def _leg_vector(figure: Figure, forward: Array, aside: Array, knee: Array) -> Array:
    a, b = np.deg2rad(forward), np.deg2rad(aside)
    along = np.stack([np.sin(a) * np.cos(b), np.sin(b), -np.cos(a) * np.cos(b)], axis=1)
    return leg_length_m(figure, knee)[:, None] * along


def _thigh_ahead_deg(figure: Figure, knee: Array) -> Array:
    """By how much the thigh points further forward than the line from hip to ankle."""
    _, lower = _bones(figure)
    bend = np.deg2rad(knee)
    return np.rad2deg(np.arcsin(np.clip(lower * np.sin(bend) / leg_length_m(figure, knee), -1.0, 1.0)))


def _shank_deg(figure: Figure, forward: Array, knee: Array) -> Array:
    """Pitch of the shank, ankle ahead positive; a foot at right angles to it has the same."""
    return forward + _thigh_ahead_deg(figure, knee) - knee


def _hermite(u: Array, p0: Array, v0: Array, p1: Array, v1: Array) -> Array:
    """Quintic from place and speed to place and speed, without acceleration at either end; speeds are per unit of u."""
    u3, u4, u5 = u**3, u**4, u**5
    return (
        p0 * (1 - 10 * u3 + 15 * u4 - 6 * u5)
        + v0 * (u - 6 * u3 + 8 * u4 - 3 * u5)
        + p1 * (10 * u3 - 15 * u4 + 6 * u5)
        + v1 * (-4 * u3 + 7 * u4 - 3 * u5)
    )


def _hump(u: Array, peak: float) -> Array:
    """0 at both ends with no slope and no curvature, 1 at ``peak``."""
    rise = 3.0 if peak <= 0.5 else 3.0 * peak / (1.0 - peak)
    fall = rise * (1.0 - peak) / peak
    return (u / peak) ** rise * ((1.0 - u) / (1.0 - peak)) ** fall
