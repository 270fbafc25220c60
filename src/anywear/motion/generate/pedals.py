"""Cranks and pedals: where feet are on them, how far away the seat has to be; hands on handlebars and handrails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..._typing import Array, Float
from .. import quaternion
from .figure import ANKLE_HEIGHT, BALL_AHEAD, RATE_HZ, SIDES, Figure, Y, turn
from .life import shake

GRID = np.arange(72) / 72.0  # of a turn, for setting up the seat
CRANK_CLEARANCE_M = 0.28  # bottom bracket above the ground


@dataclass(frozen=True)
class Crank:
    """A pair of pedals.

    Attributes:
        arm_m: length of a crank.
        half_width_m: from the middle to the ball of a foot.
        heel_deg: mean by which the foot points down against the way it is set; ``ankling_deg`` is added and taken away.
        set_deg: pitch of the foot in mid-turn, toes down positive; on recumbents the toes point up.
    """

    arm_m: float = 0.170
    half_width_m: float = 0.11
    heel_deg: float = 12.0
    ankling_deg: float = 10.0
    set_deg: float = 0.0

    def foot(self, figure: Figure, phase: Array) -> tuple[Array, Array]:
        """Ankle (T, 3) from the axle and turn (T, 4) of a foot, its pedal on top at whole phases and going forwards."""
        angle = 2.0 * np.pi * phase
        # The foot points furthest down a little after the crank has passed the back (Cavanagh & Sanderson, 1986).
        pitch = self.set_deg + self.heel_deg - self.ankling_deg * np.sin(angle + 0.35)
        turned = turn(Y, pitch)
        ball = figure.height_m * np.array([BALL_AHEAD, 0.0, -ANKLE_HEIGHT])
        pedal = self.arm_m * np.stack([np.sin(angle), 0.0 * angle, np.cos(angle)], axis=1)
        return pedal - quaternion.rotate(turned, ball), turned

    def seat_m(self, figure: Figure, up_deg: float, knee_deg: float) -> float:
        """Distance from axle to hip so that the knee of the longest leg in a turn is bent by so much.

        Args:
            figure: whose legs.
            up_deg: direction from axle to hip, degrees above straight back.
            knee_deg: 25 to 35 at the bottom is usual (Holmes et al., Clinics in Sports Medicine 13, 1994).
        """
        ankle, _ = self.foot(figure, GRID)
        upper, lower = figure._length("left_thigh", "left_shank"), figure._length("left_shank", "left_foot")
        wanted = np.sqrt(upper**2 + lower**2 + 2 * upper * lower * np.cos(np.deg2rad(knee_deg)))
        away = np.linspace(0.25, 1.3, 400) * figure.leg_m
        hip = away[:, None, None] * back_and_up(up_deg)
        hip = hip + np.array([0.0, figure.hip_half_width_m - self.half_width_m, 0.0])
        furthest = np.linalg.norm(hip - ankle, axis=2).max(axis=1)
        return float(np.interp(wanted, furthest, away))


def back_and_up(up_deg: float) -> Float[Array, " 3"]:
    """Direction so many degrees above straight back."""
    up = np.deg2rad(up_deg)
    return np.array([-np.cos(up), 0.0, np.sin(up)])


def pedal(figure: Figure, crank: Crank, phase: Array, axle_m: Array, *, splay: float = 4.0) -> None:
    """Put both feet on pedals half a turn apart; the pelvis has to be posed."""
    for side, s in SIDES.items():
        ankle, turned = crank.foot(figure, phase if side == "left" else phase + 0.5)
        figure.stand(side, axle_m + ankle + np.array([0.0, s * crank.half_width_m, 0.0]), turned, splay=splay)


def grip_ahead(
    figure: Figure,
    down_deg: float,
    reach: float,
    half_width_m: float,
    *,
    sides: Sequence[str] = tuple(SIDES),
    swivel: float = 30.0,
    palm: Sequence[float] = (0.1, 0.0, -1.0),
    fingers: Sequence[float] | None = None,
    wander: Array | None = None,
) -> dict[str, Array]:
    """Hold something fixed in front of the shoulders' mean place.

    Args:
        figure: is posed.
        down_deg: direction from the shoulder, below straight ahead.
        reach: distance as a share of the arm.
        half_width_m: of the grips.
        sides: hands that hold.
        swivel, palm, fingers: as in `Figure.reach`, for the left; mirrored for the right.
        wander: (T, 3) metres by which the grips move.

    Returns:
        Where the wrists are, by side.
    """
    down = np.deg2rad(down_deg)
    held: dict[str, Array] = {}
    for side in sides:
        s = SIDES[side]
        flip = np.array([1.0, s, 1.0])
        shoulder = figure.point(f"{side}_upper_arm").mean(axis=0)
        place = shoulder + reach * figure.arm_m * np.array([np.cos(down), 0.0, -np.sin(down)])
        place[1] = s * half_width_m
        held[side] = np.broadcast_to(place + (0.0 if wander is None else wander), (len(figure.t), 3))
        figure.reach(
            side,
            held[side],
            swivel=swivel,
            palm=np.asarray(palm) * flip,
            fingers=None if fingers is None else np.asarray(fingers) * flip,
        )
        figure.grip(side, 0.85)
    return held


def hold_rail(figure: Figure, rng: np.random.Generator, shake_mps2: float) -> None:
    """Both hands on the rail of a treadmill: it goes along with the body on the whole, but hardly with its steps.

    Args:
        figure: walks or runs straight ahead.
        rng: randomness.
        shake_mps2: acceleration, rms, that footfalls give to the rail.
    """
    even = figure.t[:, None] * (figure.pelvis_m[-1] - figure.pelvis_m[0]) / figure.seconds
    way = even + gaussian_filter1d(figure.pelvis_m - even, 0.6 * RATE_HZ, axis=0, mode="nearest")
    way = way + rng.uniform(0.1, 0.4) * (figure.pelvis_m - way)  # wrists give
    grip_ahead(
        figure,
        rng.uniform(35.0, 70.0),
        rng.uniform(0.68, 0.9),
        rng.uniform(0.2, 0.32),
        swivel=rng.uniform(10.0, 45.0),
        palm=(0.1, rng.uniform(-0.9, 0.0), -1.0),
        fingers=(1.0, -0.1, -0.2),
        wander=way - way.mean(axis=0) + shake(figure.t, rng, shake_mps2),
    )
