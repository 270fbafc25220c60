"""Up and down: stairs at every pace, and ladders."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._typing import Array
from . import curves
from .carriage import carry
from .figure import Figure
from .gait import Gait, Walk, walk
from .registry import Choice, Range, Scene, program
from .running import run

RISER = Range(0.15, 0.19, "m", 0.10, 0.25)
ARMS = Choice(("free", "rail", "bag", "phone", "pocket"), (6, 2, 1, 0.5, 0.5))
WAY = Choice(
    ("straight", "turning", "spiral"), (4, 4, 2)
)  # a flight without end, flights with turns between, a winding stair
FLIGHT_STEPS = (7, 13)  # fewest and most steps of a flight between turns
TURN_STEPS = 4.0  # that a turn between flights takes
SPIRAL_DEG = (12.0, 30.0)  # turn per step of a winding stair
RUNG_M = 0.28


def tread_of(riser_m: float) -> float:
    """Depth of a tread by Blondel's rule: two risers and a tread make 0.62 m."""
    return 0.62 - 2.0 * abs(riser_m)


def climb(
    scene: Scene, figure: Figure, cadence: float, riser_m: float, arms: str, way: str = "straight", **changes: Any
) -> str:
    """Walk up (or down, with a negative riser) stairs; gives the words for the arms.

    Knees: 65 to 5 degrees in a step up, 10 to 90 in a step down (Riener, Rabuffetti & Frigo, Gait & Posture 15, 2002).
    """
    tread = changes.pop("tread_m", tread_of(riser_m))
    if riser_m > 0:
        facts = {
            "strike_deg": -4.0,
            "push_deg": 40.0,
            "rise_from": 0.6,
            "over": 0.30,
            "knees_deg": (60.0, 50.0, 12.0, 15.0),
            "swing_knee_deg": min(52.0 + 170.0 * riser_m, 115.0),
            "stance": 0.64,
            "lean_deg": 4.0,
        }
    else:
        facts = {
            "strike_deg": -20.0,
            "push_deg": 34.0,
            "rise_from": 0.5,
            "over": 0.36,
            "knees_deg": (20.0, 32.0, 40.0, 62.0, 88.0),
            "swing_knee_deg": 90.0,
            "stance": 0.61,
            "lean_deg": 1.0,
        }
    gait = Gait(
        tread * cadence,
        cadence,
        riser_m=riser_m,
        tread_m=tread,
        **{
            **facts,
            "clearance_m": 0.02,
            "width_m": scene.around(0.13, 0.2),
            "jitter": scene.around(0.03, 0.3),
            "sway_m": 0.025,
            "pelvis_list_deg": 5.0,
            **changes,
        },
    )
    done = walk(figure, gait, scene.rng, heading_deg=_heading_deg(scene, figure, cadence, way))
    lean = 7.0 if riser_m > 0 else 1.0
    words = carry(
        scene,
        figure,
        done,
        "free" if arms == "rail" else arms,
        swing_deg=scene.around(9.0, 0.35),
        twist_deg=4.0,
        lean_deg=lean,
        nod_deg=scene.around(3.5 if riser_m > 0 else 1.2, 0.3),  # who climbs throws the trunk forward with every step
        shake_deg=0.6,
    )
    figure.level_head(0.8, pitch=(10.0 if riser_m > 0 else 22.0) + 5.0 * curves.noise(figure.t, scene.rng, 0.2)[:, 0])
    return _rail(scene, figure, done) if arms == "rail" else words


def _heading_deg(scene: Scene, figure: Figure, cadence: float, way: str) -> Array | float:
    """(T,) where the stairs lead: ahead, round corners on wedge-shaped treads, or round and round."""
    if way == "straight":
        return 0.0
    sign, rng = scene.pick(1.0, -1.0), scene.rng
    step = figure.t * cadence
    if way == "spiral":
        return sign * rng.uniform(*SPIRAL_DEG) * step
    corner, total = scene.pick(90.0, 180.0, 180.0), np.zeros_like(step)
    at = -rng.uniform(0.0, FLIGHT_STEPS[1])
    while at < step[-1]:
        total += corner * curves.ease((step - at) / TURN_STEPS)
        at += TURN_STEPS + rng.uniform(*FLIGHT_STEPS)
    return sign * total


def _rail(scene: Scene, figure: Figure, done: Walk) -> str:
    """One hand on the handrail: it holds a place, is passed, and goes on to the next."""
    side = scene.pick("left", "right")
    gap = 1.0 + float(scene.rng.integers(0, 2))  # strides between grips
    share = (done.phase / gap) % 1.0
    ahead = 1.0 - 2.0 * np.where(share < 0.75, share / 0.75, 1.0 - curves.ease((share - 0.75) / 0.25))
    figure.shoulder(side, 24.0 + 14.0 * gap * ahead, 24.0, 10.0)
    figure.elbow(side, 48.0 - 8.0 * gap * ahead)
    figure.wrist(side, 40.0, flexion=-5.0)
    figure.grip(side, 0.8)
    return f"holding the handrail with the {side} hand"


def _say(figure: Figure, up: bool, words: str, pace: str, way: str) -> None:
    word = "up" if up else "down"
    if way != "straight":
        figure.said.append(
            f"a person walks {word} {'a winding staircase' if way == 'spiral' else 'a staircase with turns'}"
        )
    figure.said += [
        f"a person walks {word} the stairs {pace}".strip(),
        f"a person goes {word}stairs {words}",
        f"someone climbs {word} a flight of stairs",
    ]


def _pace(cadence: float) -> str:
    return "slowly" if cadence < 1.15 else "quickly" if cadence > 1.8 else ""


@program(
    "ascending stairs",
    "locomotion",
    also=(
        "walking upstairs",
        "climbing stairs",
        "going up stairs",
        "stairs up",
        "climbing up",
        "climb stairs",
        "walking up stairs",
        "upstairs",
        "going up",
        "stair up",
        "stair ascent",
        "stair climbing",
        "stairs ascending",
    ),
    cadence=Range(0.95, 1.95, "steps/s", 0.6, 2.6),
    riser_m=RISER,
    arms=ARMS,
    way=WAY,
)
def stairs_up(scene: Scene, *, cadence: float, riser_m: float, arms: str, way: str) -> Figure:
    figure = scene.figure()
    _say(figure, True, climb(scene, figure, cadence, riser_m, arms, way), _pace(cadence), way)
    return figure


@program(
    "descending stairs",
    "locomotion",
    also=(
        "walking downstairs",
        "going down stairs",
        "stairs down",
        "climbing down",
        "descend stairs",
        "walking down stairs",
        "downstairs",
        "going down",
        "stair down",
        "stair descent",
        "stairs descending",
    ),
    cadence=Range(1.05, 2.2, "steps/s", 0.6, 2.8),
    riser_m=RISER,
    arms=ARMS,
    way=WAY,
)
def stairs_down(scene: Scene, *, cadence: float, riser_m: float, arms: str, way: str) -> Figure:
    figure = scene.figure()
    _say(figure, False, climb(scene, figure, cadence, -riser_m, arms, way), _pace(cadence), way)
    return figure


@program(
    "climbing stairs two at a time",
    "locomotion",
    also=("taking two stairs at a time",),
    cadence=Range(1.0, 1.7, "steps/s", 0.7, 2.2),
    riser_m=Range(0.14, 0.17, "m", 0.1, 0.2),
)
def stairs_two_at_a_time(scene: Scene, *, cadence: float, riser_m: float) -> Figure:
    figure = scene.figure()
    climb(
        scene,
        figure,
        cadence,
        2.0 * riser_m,
        scene.pick("free", "rail"),
        tread_m=2.0 * tread_of(riser_m),
        knees_deg=(88.0, 75.0, 14.0, 18.0),
        over=0.34,
        push_deg=52.0,
        lean_deg=12.0,
    )
    figure.said += [
        "a person takes two stairs at a time",
        "someone climbs the stairs, two steps at once",
        "striding up the stairs",
    ]
    return figure


@program(
    "running up stairs",
    "locomotion",
    also=("running upstairs",),
    cadence=Range(2.4, 3.4, "steps/s", 2.0, 4.2),
    riser_m=RISER,
)
def running_up_stairs(scene: Scene, *, cadence: float, riser_m: float) -> Figure:
    return _run_stairs(scene, cadence, riser_m)


@program(
    "running down stairs",
    "locomotion",
    also=("running downstairs",),
    cadence=Range(2.4, 3.4, "steps/s", 2.0, 4.2),
    riser_m=RISER,
)
def running_down_stairs(scene: Scene, *, cadence: float, riser_m: float) -> Figure:
    return _run_stairs(scene, cadence, -riser_m)


def _run_stairs(scene: Scene, cadence: float, riser_m: float) -> Figure:
    figure, tread, up = scene.figure(min(scene.seconds, 10.0)), tread_of(riser_m), riser_m > 0
    run(
        scene,
        figure,
        tread * cadence,
        cadence=cadence,
        tread_m=tread,
        riser_m=riser_m,
        stance=0.44,
        strike_deg=-8.0,
        push_deg=38.0 if up else 26.0,
        swing_knee_deg=95.0 if up else 75.0,
        over=0.3 if up else 0.4,
        lean_deg=6.0 if up else 1.0,
    )
    word = "up" if up else "down"
    figure.said += [f"a person runs {word} the stairs", f"someone hurries {word}stairs", f"running {word} a staircase"]
    return figure


@program(
    "climbing up a ladder",
    "locomotion",
    also=("ladder up", "climbing a ladder"),
    cadence=Range(0.8, 1.6, "steps/s", 0.5, 2.2),
)
def ladder_up(scene: Scene, *, cadence: float) -> Figure:
    return _ladder(scene, cadence, 1.0)


@program("climbing down a ladder", "locomotion", also=("ladder down",), cadence=Range(0.8, 1.6, "steps/s", 0.5, 2.2))
def ladder_down(scene: Scene, *, cadence: float) -> Figure:
    return _ladder(scene, cadence, -1.0)


def _ladder(scene: Scene, cadence: float, way: float) -> Figure:
    """Feet and hands go from rung to rung, a hand with the foot of the other side; a ladder leans by 15 degrees."""
    figure, rng = scene.figure(), scene.rng
    tread = RUNG_M * np.tan(np.deg2rad(15.0))
    # Down a ladder one goes backwards: the way is towards the back and the rise is negative.
    gait = Gait(
        tread * cadence,
        cadence,
        stance=0.68,
        strike_deg=-1.0,
        push_deg=12.0,
        rise_from=0.7,
        over=0.5,
        knees_deg=(75.0, 68.0, 22.0, 18.0),
        swing_knee_deg=98.0,
        clearance_m=0.03,
        width_m=0.24,
        riser_m=way * RUNG_M,
        tread_m=tread,
        facing_deg=0.0 if way > 0 else 180.0,
        sway_m=0.02,
        pelvis_turn_deg=0.0,
        jitter=0.03,
        lean_deg=4.0,
    )
    done = walk(figure, gait, rng, heading_deg=0.0 if way > 0 else 180.0)
    figure.trunk(
        flexion=6.0 + curves.noise(figure.t, rng, 0.3)[:, 0], bend=2.0 * np.cos(2.0 * np.pi * (done.phase - 0.3))
    )
    figure.level_head(0.8, pitch=-12.0 if way > 0 else 25.0)
    base = figure.point("chest")
    rate = figure.pelvis_m[:, 2]
    for side, shift in (("left", 0.5), ("right", 0.0)):
        s = 1.0 if side == "left" else -1.0
        cycles = done.phase - shift
        # The hand stays on its rung for two thirds of the stride, then reaches two rungs on.
        place = np.floor(cycles) + curves.ease((cycles % 1.0 - 0.66) / 0.34)
        mean = rate - way * 2.0 * RUNG_M * cycles
        height = float(np.mean(mean)) + way * 2.0 * RUNG_M * place + 0.30 * figure.height_m
        off = 0.05 * np.sin(np.pi * np.clip((cycles % 1.0 - 0.66) / 0.34, 0.0, 1.0)) ** 2
        height = np.clip(height, base[:, 2] - 0.12 * figure.height_m, base[:, 2] + 0.30 * figure.height_m)
        ahead = base[:, 0] + 0.21 * figure.height_m - off
        target = np.stack([ahead, base[:, 1] + s * 0.19, height], axis=1)
        figure.reach(side, target, swivel=35.0)
        figure.wrist(side, 60.0, flexion=-8.0)
        figure.grip(side, 1.0)
    word = "up" if way > 0 else "down"
    figure.said += [
        f"a person climbs {word} a ladder",
        f"someone goes {word} a ladder hand over hand",
        f"climbing {word} the rungs of a ladder",
    ]
    return figure
