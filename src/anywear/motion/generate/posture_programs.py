"""Keeping a posture: standing, sitting, lying, kneeling, crouching, and riding an elevator."""

from __future__ import annotations

import numpy as np

from ..._typing import Array
from .. import quaternion
from . import curves, life, lying, postures
from .armwork import place_arms
from .figure import SIDES, Figure, Z, turn
from .registry import Choice, Range, Scene, program

STANDING_ARMS = {
    "hanging": "with the arms hanging", "attention": "at attention", "crossed": "with crossed arms",
    "pockets": "with the hands in the pockets", "hips": "with the hands on the hips",
    "behind": "with the hands behind the back", "clasped": "with folded hands", "phone": "looking at a phone",
}  # fmt: skip
SITTING_ARMS = {
    "lap": "with the hands in the lap", "thighs": "with the hands on the thighs", "desk": "with the arms on a table",
    "armrests": "with the arms on the armrests", "crossed": "with crossed arms", "phone": "looking at a phone",
    "beside": "with the hands propped beside the hips", "behind head": "with the hands behind the head",
}  # fmt: skip


@program("standing", "postures", also=("standing still", "stand", "standing upright"),
         arms=Choice(tuple(STANDING_ARMS), (8, 1, 1.5, 1.5, 1, 1, 1.5, 1.5)),
         stance=Choice(("both legs", "one leg loaded", "feet together", "feet apart"), (5, 3, 1, 1)))  # fmt: skip
def standing(scene: Scene, *, arms: str, stance: str) -> Figure:
    figure, rng = scene.figure(), scene.rng
    weight = scene.pick(-1.0, 1.0) * rng.uniform(0.7, 1.0) if stance == "one leg loaded" else None
    width = {"feet together": rng.uniform(0.06, 0.10), "feet apart": rng.uniform(0.28, 0.42)}.get(stance)
    postures.stand_still(scene, figure, arms=arms, weight=weight, width_m=width, shifting=stance == "both legs")
    figure.said += ["a person stands still", f"a person is standing {STANDING_ARMS[arms]}", "someone stands and waits"]
    if weight is not None:
        figure.said.append(f"a person stands with the weight on the {'left' if weight > 0 else 'right'} leg")
    return figure


@program(
    "leaning on a wall", "postures", also=("leaning against a wall",), side=Choice(("back", "left", "right"), (2, 1, 1))
)
def leaning_on_wall(scene: Scene, *, side: str) -> Figure:
    figure, rng = scene.figure(), scene.rng
    lean = rng.uniform(5.0, 13.0)
    away = float(np.tan(np.deg2rad(lean))) * 0.95 * figure.stand_height_m
    arms = scene.pick("hanging", "crossed", "pockets", "phone", "hanging")
    if side == "back":
        postures.stand_still(scene, figure, arms=arms, lean_deg=-lean, feet_m=(away, 0.0), shifting=False)
    else:
        s = SIDES[side]
        postures.stand_still(scene, figure, arms=None, feet_m=(0.0, -s * away), weight=0.0, shifting=False)
        tilted = turn(np.array([1.0, 0.0, 0.0]), -s * lean)
        figure.turns["abdomen"] = quaternion.multiply(figure.turns["abdomen"], tilted)
        place_arms(scene, figure, arms)
    on = "the back against a wall" if side == "back" else f"the {side} shoulder against a wall"
    figure.said += [
        "a person leans on a wall",
        f"a person stands leaning with {on}",
        "someone is leaning against the wall",
    ]
    return figure


@program(
    "leaning forward",
    "postures",
    also=("standing bent forward", "bowing"),
    bow_deg=Range(25.0, 65.0, "deg", 10.0, 80.0),
)
def leaning_forward(scene: Scene, *, bow_deg: float) -> Figure:
    figure = scene.figure()
    arms = scene.pick("hanging", "hanging", "behind", "hips")
    postures.stand_still(scene, figure, arms=arms, bow_deg=bow_deg, shifting=False)
    figure.said += ["a person stands bent forward", "a person leans forward and stays there",
                    f"someone stands leaning forward {'deeply' if bow_deg > 45 else 'a little'}"]  # fmt: skip
    return figure


@program(
    "standing on one leg", "postures", also=("balancing on one leg", "one leg stand"), leg=Choice(("left", "right"))
)
def standing_on_one_leg(scene: Scene, *, leg: str) -> Figure:
    figure, rng, s = scene.figure(), scene.rng, SIDES[leg]
    other = "right" if leg == "left" else "left"
    restless = scene.person.restlessness
    postures.stand_still(scene, figure, arms=None, weight=1.6 * s, width_m=0.09, shifting=False)
    wobble = restless * np.array([1.6, 1.2, 1.5]) * curves.noise(figure.t, rng, 0.8, 3)
    for axis, segment in zip(np.eye(3), ("chest", "lower_chest", "abdomen"), strict=True):
        life.overlay(figure, segment, turn(axis, np.clip(wobble[:, int(axis @ [0, 1, 2])], -5.0, 5.0)))
    lift = curves.noise(figure.t, rng, 0.5, 2) * restless
    figure.hip(other, rng.uniform(20.0, 70.0) + 1.5 * lift[:, 0], rng.uniform(0.0, 8.0) + 1.2 * lift[:, 1])
    figure.knee(other, rng.uniform(60.0, 95.0) + 2.0 * lift[:, 0])
    figure.ankle(other, rng.uniform(-15.0, 5.0))
    figure.contact.pop(other)
    low = float(postures.lowest_m(figure, (other,)).min())
    if low < 0.03:  # the lifted foot clears the ground
        bend = np.rad2deg((0.05 - low) / (0.2 * figure.height_m))
        life.overlay(figure, f"{other}_thigh", turn(np.array([0.0, 1.0, 0.0]), -bend))
        life.overlay(figure, f"{other}_shank", turn(np.array([0.0, 1.0, 0.0]), 0.4 * bend))
    place_arms(scene, figure, scene.pick("hanging", "hips", "hanging"))
    if scene.chance(0.5):  # arms out for balance
        spread = curves.noise(figure.t, rng, 0.6, 2)
        for column, side in enumerate(SIDES):
            figure.shoulder(side, rng.uniform(-5.0, 20.0), rng.uniform(25.0, 75.0) + 5.0 * spread[:, column])
            figure.elbow(side, rng.uniform(8.0, 30.0))
    figure.said += [f"a person stands on the {leg} leg", "a person balances on one leg",
                    f"someone stands on one leg, the {other} foot lifted"]  # fmt: skip
    return figure


@program("sitting", "postures", also=("sitting still", "sit", "seated", "sitting and relaxing", "sitting quietly"),
         seat=Choice(tuple(postures.SEATS_M), (6, 1, 2, 1)), arms=Choice(tuple(SITTING_ARMS), (4, 4, 3, 2, 1, 2, 1, 0.4)),
         legs=Choice(tuple(postures.LEGS), tuple(postures.LEGS.values())))  # fmt: skip
def sitting(scene: Scene, *, seat: str, arms: str, legs: str) -> Figure:
    figure = scene.figure()
    lean = float(scene.rng.normal(12.0, 7.0)) if arms == "desk" else None
    postures.sit(scene, figure, seat=seat, arms=arms, legs=legs, lean_deg=lean)
    figure.said += [f"a person sits on a {seat}", f"a person is sitting {SITTING_ARMS[arms]}", "someone sits quietly"]
    if legs in ("crossed", "stretched"):
        figure.said.append(f"a person sits with {'crossed legs' if legs == 'crossed' else 'the legs stretched out'}")
    return figure


@program("sitting on the floor", "postures", also=("sitting on the ground", "sitting cross-legged"),
         legs=Choice(("cross-legged", "stretched", "knees up", "heels"), (4, 2, 2, 1)))  # fmt: skip
def sitting_on_floor(scene: Scene, *, legs: str) -> Figure:
    figure = scene.figure()
    arms = scene.pick("lap", "thighs", "phone", "crossed" if legs != "stretched" else "beside")
    postures.sit_on_floor(scene, figure, legs=legs, arms=arms)
    way = {"cross-legged": "cross-legged", "stretched": "with the legs stretched out", "knees up": "with the knees up",
           "heels": "on the heels"}[legs]  # fmt: skip
    figure.said += ["a person sits on the floor", f"a person sits on the ground {way}", f"someone is sitting {way}"]
    return figure


def _lying(scene: Scene, on: str) -> Figure:
    figure = scene.figure()
    lying.lie(scene, figure, on, yaw=scene.rng.uniform(-180.0, 180.0))
    place = scene.pick("in bed", "on the floor", "on a couch")
    figure.said += [f"a person lies on the {on}", f"a person is lying {place} on the {on}",
                    f"someone rests {place}, lying on the {on}"]  # fmt: skip
    return figure


@program("lying on back", "postures", also=("lying", "lie", "laying", "lying supine", "supine"))
def lying_on_back(scene: Scene) -> Figure:
    return _lying(scene, "back")


@program("lying on left side", "postures", also=("lying on the left side",))
def lying_on_left_side(scene: Scene) -> Figure:
    return _lying(scene, "left side")


@program("lying on right side", "postures", also=("lying on the right side",))
def lying_on_right_side(scene: Scene) -> Figure:
    return _lying(scene, "right side")


@program("lying on front", "postures", also=("lying on the stomach", "lying prone", "lying face down", "prone"))
def lying_on_front(scene: Scene) -> Figure:
    figure = _lying(scene, "front")
    figure.said.append("a person lies face down")
    return figure


@program("sleeping", "postures", also=("sleep", "resting in bed"), on=Choice(lying.SURFACES, (4, 3, 3, 1)))
def sleeping(scene: Scene, *, on: str) -> Figure:
    figure = scene.figure()
    lying.lie(scene, figure, on, yaw=scene.rng.uniform(-180.0, 180.0), alive=False)
    # Breath is slower and deeper in sleep, and nothing else moves: 12 to 16 a minute.
    life.breathe(figure, scene.rng, depth=1.2, rate_hz=scene.rng.uniform(0.19, 0.27))
    figure.said += ["a person sleeps", f"a person sleeps on the {on}", "someone is asleep in bed and hardly moves"]
    return figure


@program("kneeling", "postures", also=("on the knees", "kneel"), knees=Choice(("both", "left", "right"), (2, 1, 1)))
def kneeling(scene: Scene, *, knees: str) -> Figure:
    figure = scene.figure()
    arms = scene.pick("hanging", "hanging", "clasped", "hips") if knees == "both" else scene.pick("hanging", "phone")
    postures.kneel(scene, figure, knees=knees, arms=arms)
    on = "both knees" if knees == "both" else f"the {knees} knee"
    figure.said += ["a person kneels", f"a person is kneeling on {on}", f"someone stays on {on}"]
    return figure


@program(
    "crouching", "postures", also=("squatting still", "squatting down", "crouch"), depth=Range(0.7, 1.0, "", 0.3, 1.0)
)
def crouching(scene: Scene, *, depth: float) -> Figure:
    figure = scene.figure()
    postures.squat(scene, figure, depth=depth, arms=scene.pick("thighs", "thighs", "hanging", "phone", "crossed"))
    figure.said += ["a person crouches", "a person squats and stays down", "someone is squatting on both feet"]
    return figure


# Elevators: 0.8 to 1.2 m/s2, jerk 0.8 to 1.6 m/s3, 0.6 to 2.5 m/s (CIBSE Guide D, 2015).


def elevator_way(
    time_s: Array, start_s: float, storeys_m: float, speed_mps: float, acc_mps2: float, jerk_mps3: float
) -> tuple[Array, float]:
    """Height (T,) of a cabin that runs within limits of speed, acceleration and jerk, and how long it takes."""
    build_s = acc_mps2 / jerk_mps3
    speed = min(speed_mps, float(np.sqrt(0.8 * acc_mps2 * storeys_m)))
    build_s = min(build_s, speed / acc_mps2)
    push_s = speed / acc_mps2 + build_s
    cruise_s = max(storeys_m / speed - push_s, 0.0)
    dt = 0.002
    grid = np.arange(0.0, 2 * push_s + cruise_s + dt, dt)

    def trapezium(begin: float) -> Array:
        inside = np.minimum(grid - begin, begin + push_s - grid) / build_s
        return np.clip(inside, 0.0, 1.0)

    acc = trapezium(0.0) - trapezium(push_s + cruise_s)
    way = np.cumsum(np.cumsum(acc)) * dt * dt
    way *= storeys_m / way[-1]
    return np.interp(time_s - start_s, grid, way), float(grid[-1])


def lift_cabin(scene: Scene, figure: Figure, direction: str) -> None:
    """Raise or lower a standing figure with its cabin; the cabin may be moving already when the clip begins."""
    rng = scene.rng
    speed, acc, jerk = rng.uniform(0.6, 2.2), rng.uniform(0.6, 1.2), rng.uniform(0.8, 1.8)
    storeys_m = 3.1 * int(rng.integers(1, 7))
    _, ride_s = elevator_way(figure.t, 0.0, storeys_m, speed, acc, jerk)
    earliest = -0.5 * ride_s
    start_s = rng.uniform(earliest, max(earliest, figure.seconds - 2.5))
    height, _ = elevator_way(figure.t, start_s, storeys_m, speed, acc, jerk)
    knock = 0.0004 * curves.noise(figure.t, rng, 6.0)[:, 0]
    sign = 1.0 if direction == "up" else -1.0
    figure.pelvis_m = figure.pelvis_m + (sign * (height - height[0]) + knock)[:, None] * Z
    figure.level = False


@program("standing in an elevator", "postures", also=("standing in an elevator still", "standing in a lift"),
         ride=Choice(("still", "up", "down"), (2, 1, 1)))  # fmt: skip
def standing_in_elevator(scene: Scene, *, ride: str) -> Figure:
    figure = scene.figure()
    arms = scene.pick("hanging", "hanging", "hanging", "crossed", "pockets", "phone", "clasped")
    postures.stand_still(scene, figure, arms=arms)
    if ride != "still":
        lift_cabin(scene, figure, ride)
    going = {"still": "waits in an elevator", "up": "rides an elevator up", "down": "rides an elevator down"}[ride]
    figure.said += ["a person stands still in an elevator", "someone stands in a lift and waits"]
    figure.said += [f"a person {going} without moving"]
    return figure


def _riding(scene: Scene, ride: str) -> Figure:
    figure = standing_in_elevator(scene, ride=ride)
    figure.said = [f"a person rides an elevator {ride}", f"a person goes {ride} in a lift",
                   f"someone stands in an elevator that goes {ride}"]  # fmt: skip
    return figure


@program("elevator up", "postures", also=("riding an elevator up", "taking the elevator up"))
def elevator_up(scene: Scene) -> Figure:
    return _riding(scene, "up")


@program("elevator down", "postures", also=("riding an elevator down", "taking the elevator down"))
def elevator_down(scene: Scene) -> Figure:
    return _riding(scene, "down")
