"""Single steps on the spot: turning round, shifting about in a small room. For walking there is the gait engine."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..._typing import Array
from .. import quaternion
from . import curves, life
from .armwork import place_arms
from .between import fit_height
from .figure import SIDES, Figure, X, Y, Z, heading, turn
from .posture_programs import lift_cabin
from .registry import Choice, Range, Scene, program

HALF_WIDTH = 0.052  # of stature, from the middle to a foot


@dataclass(frozen=True)
class Stand:
    """Where somebody stands: place (2,) in metres and heading in degrees, from a time on."""

    at_s: float
    place_m: Array
    yaw: float


def step_about(
    scene: Scene, figure: Figure, stands: list[Stand], *, step_s: float = 0.45, arms: str = "hanging"
) -> None:
    """Stand, and go from stand to stand with one step of each foot, the one on the side of the way first.

    Args:
        scene: randomness and person.
        figure: is posed.
        stands: the first holds from the beginning; later ones say when the steps to them begin.
        step_s: duration of a step; a stand takes two and a little.
        arms: one of `armwork.ARMS`.
    """
    rng, t, h = scene.rng, figure.t, figure.height_m
    restless = min(scene.person.restlessness, 2.0)
    out = {side: s * (scene.person.toe_out_deg + rng.normal(0.0, 2.0)) for side, s in SIDES.items()}

    def foot_place(stand: Stand, side: str) -> Array:
        across = quaternion.rotate(heading(stand.yaw), np.array([0.0, SIDES[side] * HALF_WIDTH * h, 0.0]))
        return np.array([*stand.place_m, 0.0]) + across + rng.normal(0.0, 0.008, 3) * np.array([1.0, 1.0, 0.0])

    ankle = {side: np.tile(foot_place(stands[0], side) + figure.ankle_m * Z, (len(t), 1)) for side in SIDES}
    yaw = {side: np.full(len(t), stands[0].yaw + out[side]) for side in SIDES}
    body, facing = np.tile([*stands[0].place_m, 0.0], (len(t), 1)), np.full(len(t), stands[0].yaw)
    load, bob, lift = np.zeros(len(t)), np.zeros(len(t)), {side: np.zeros(len(t)) for side in SIDES}
    down = {side: np.ones(len(t), dtype=bool) for side in SIDES}
    for before, after in pairwise(stands):
        turned = after.yaw - before.yaw
        way = quaternion.rotate(heading(-before.yaw), np.array([*(after.place_m - before.place_m), 0.0]))
        left_first = way[1] > 0.02 or (abs(way[1]) <= 0.02 and turned > 0.0)
        order = ("left", "right") if left_first else ("right", "left")
        for number, side in enumerate(order):
            begin = after.at_s + number * 1.12 * step_s
            end = begin + step_s
            share = curves.stroke(t, begin, end)
            to = foot_place(after, side) + figure.ankle_m * Z
            rise = rng.uniform(0.035, 0.06) * curves.bump(t, begin, end)
            ankle[side] = ankle[side] + share[:, None] * (to - ankle[side]) + rise[:, None] * Z
            yaw[side] = yaw[side] + share * (after.yaw + out[side] - yaw[side])
            lift[side] += curves.bump(t, begin, end)
            down[side] &= (t <= begin) | (t >= end)
            load -= SIDES[side] * curves.bump(t, begin - 0.25 * step_s, end + 0.1 * step_s)
            # A small knock as the foot lands.
            bob -= 0.006 * curves.bump(t, end - 0.04, end + 0.14)
        share = curves.stroke(t, after.at_s - 0.1 * step_s, after.at_s + 2.2 * step_s)
        body = body + share[:, None] * (np.array([*after.place_m, 0.0]) - body)
        facing = facing + share * (after.yaw - facing)
    sway, lean = life.sway(t, rng, restless)
    load = np.clip(load, -1.0, 1.0)
    across = quaternion.rotate(heading(facing), np.array([0.0, 1.0, 0.0]))
    ahead = quaternion.rotate(heading(facing), X)
    figure.pelvis_m = body + sway[:, :1] * ahead + (sway[:, 1] + 0.55 * HALF_WIDTH * h * load)[:, None] * across
    figure.pelvis_m = figure.pelvis_m + (figure.stand_height_m - 0.008 * h + bob)[:, None] * Z
    # The trunk turns a little before the pelvis, the head before both.
    early = np.interp(t + 0.15, t, facing) - facing
    figure.pelvis(rng.normal(0.0, 3.0) + 0.4 * lean[:, 0], 2.5 * load, facing)
    for side in SIDES:
        foot = quaternion.multiply(heading(yaw[side]), turn(Y, 14.0 * lift[side]))
        figure.stand(side, ankle[side], foot, splay=6.0)
    fit_height(figure, np.ones(len(t)))
    figure.misses_m.clear()
    for side in SIDES:
        foot = quaternion.multiply(heading(yaw[side]), turn(Y, 14.0 * lift[side]))
        figure.stand(side, ankle[side], foot, splay=6.0)
        figure.contact[side] = down[side]
    figure.trunk(scene.person.stoop_deg + lean[:, 0], 2.0 * load + lean[:, 1], 0.5 * early)
    figure.level_head(0.85, pitch=rng.normal(5.0, 5.0), yaw=np.interp(t + 0.3, t, facing))
    life.breathe(figure, rng)
    place_arms(scene, figure, arms)
    life.look_around(figure, rng, 0.4 * restless)
    life.fidget_arms(figure, rng, (0.8 if arms == "hanging" else 0.2) * min(restless, 1.6))
    if arms == "hanging":  # arms are left behind by the turn
        fling = np.gradient(facing, t)
        for side, s in SIDES.items():
            away = np.clip(0.06 * np.abs(fling), 0.0, 12.0)
            figure.turns[f"{side}_upper_arm"] = quaternion.multiply(
                quaternion.multiply(turn(X, s * away), turn(Y, np.clip(-0.05 * s * fling, -10.0, 10.0))),
                figure.turns[f"{side}_upper_arm"],
            )


TURN = {"angle_deg": Range(60.0, 360.0, "deg", 20.0, 1080.0), "step_s": Range(0.32, 0.55, "s", 0.2, 1.0)}


def _turning(scene: Scene, side: str, angle_deg: float, step_s: float) -> Figure:
    rng, s = scene.rng, SIDES[side]
    each = rng.uniform(30.0, 55.0)
    count = max(1, round(angle_deg / each))
    gap_s = 2.3 * step_s
    now = float(rng.uniform(0.4, 1.5))
    stands = [Stand(0.0, np.zeros(2), 0.0)]
    facing = 0.0
    while True:
        begin = now
        for _ in range(count):
            facing += s * angle_deg / count
            stands.append(Stand(now, rng.normal(0.0, 0.03, 2), facing))
            now += gap_s * rng.uniform(0.97, 1.1)
        scene.acts_s.append((begin, now))
        pause = rng.uniform(0.8, 2.5)
        if now + pause + count * gap_s * 1.1 + 0.5 > scene.seconds:
            break
        now += pause
    figure = scene.figure(max(scene.seconds, now + 0.5))
    step_about(
        scene, figure, stands, step_s=step_s, arms=scene.pick("hanging", "hanging", "hanging", "crossed", "pockets")
    )
    amount = "all the way round" if angle_deg > 320 else "half round" if 150 < angle_deg < 210 else "on the spot"
    figure.said += [f"a person turns to the {side}", f"a person turns {amount} to the {side}",
                    f"someone turns {side} on the spot with small steps"]  # fmt: skip
    return figure


@program("turning left", "transitions", also=("turning left on the spot", "turn left", "turning around"), **TURN)
def turning_on_spot_left(scene: Scene, *, angle_deg: float, step_s: float) -> Figure:
    return _turning(scene, "left", angle_deg, step_s)


@program("turning right", "transitions", also=("turning right on the spot", "turn right"), **TURN)
def turning_on_spot_right(scene: Scene, *, angle_deg: float, step_s: float) -> Figure:
    return _turning(scene, "right", angle_deg, step_s)


@program("moving around in an elevator", "postures", also=("moving around in a lift",),
         ride=Choice(("still", "up", "down"), (1, 1, 1)))  # fmt: skip
def moving_in_elevator(scene: Scene, *, ride: str) -> Figure:
    rng, figure = scene.rng, scene.figure()
    step_s = rng.uniform(0.35, 0.55)
    now, place, facing = float(rng.uniform(0.2, 1.5)), np.zeros(2), 0.0
    stands = [Stand(0.0, place, facing)]
    while now + 2.4 * step_s < figure.seconds:
        # A cabin is 1.1 by 1.4 m or so.
        place = np.clip(place + rng.normal(0.0, 0.16, 2), [-0.35, -0.45], [0.35, 0.45])
        facing += float(np.clip(rng.normal(0.0, 38.0), -65.0, 65.0))
        stands.append(Stand(now, place, facing))
        now += 2.35 * step_s + (float(rng.exponential(1.2)) if scene.chance(0.6) else 0.05)
    step_about(scene, figure, stands, step_s=step_s, arms=scene.pick("hanging", "hanging", "phone", "pockets"))
    if ride != "still":
        lift_cabin(scene, figure, ride)
    going = {"still": "waiting", "up": "going up", "down": "going down"}[ride]
    figure.said += ["a person moves around in an elevator", f"a person takes small steps and turns in an elevator, {going}",
                    "someone steps from foot to foot and turns about in a lift"]  # fmt: skip
    return figure
