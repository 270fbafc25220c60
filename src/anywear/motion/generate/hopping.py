"""Jumps again and again: on two feet or one, on the spot or ahead."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import curves
from .arms import counter_turn
from .figure import Figure
from .gait import Gait, Walk, walk
from .registry import Choice, Range, Scene, program
from .walking import SIDE


def jump_about(
    scene: Scene,
    figure: Figure,
    rate_hz: float,
    ground: float,
    *,
    feet: tuple[str, ...] = ("left", "right"),
    speed_mps: float = 0.0,
    **changes: Any,
) -> Walk:
    """Jump after jump on one foot or both.

    Args:
        scene, figure: as programs have them.
        rate_hz: jumps per second.
        ground: share of the time that the feet are down.
        feet: that jump; the other is held up.
        speed_mps: ahead.
        changes: other settings of the gait.
    """
    late = scene.rng.uniform(-0.02, 0.02)
    contacts = tuple((foot, 0.0 if foot == "left" else late, ground) for foot in feet)
    facts = {
        "stance": 0.4,
        "contacts": contacts,
        "strike_deg": -scene.rng.uniform(14.0, 26.0),
        "push_deg": scene.rng.uniform(34.0, 46.0),
        "rise_from": 0.6,
        "over": 0.5,
        "swing_knee_deg": 0.0,
        "clearance_m": 0.0,
        "width_m": scene.around(0.16, 0.3) if len(feet) == 2 else 0.06,
        "sway_m": 0.004,
        "pelvis_turn_deg": 0.0,
        "pelvis_list_deg": 0.0,
        "jitter": scene.around(0.02, 0.3),
        "lean_deg": 4.0,
        "least_knee_deg": scene.around(24.0, 0.15),
    }
    return walk(figure, Gait(speed_mps, 2.0 * rate_hz, **{**facts, **changes}), scene.rng)


def _arms(scene: Scene, figure: Figure, done: Walk, style: str) -> None:
    """Hanging loosely, held bent, thrown up with every jump, or hands on the hips."""
    rng = scene.rng
    beat = np.cos(2.0 * np.pi * (done.phase - rng.uniform(0.25, 0.4)))
    nod = rng.uniform(2.0, 7.0) * np.cos(2.0 * np.pi * (done.phase - rng.uniform(0.1, 0.3)))
    counter_turn(figure, done.phase, 1.0, scene.person.stoop_deg + 4.0 + nod, rng)
    amount = scene.around(1.0, 0.3)
    for side in ("left", "right"):
        drift = curves.noise(figure.t, rng, 0.3, 2)
        if style == "hanging":
            figure.shoulder(
                side, 2.0 + 5.0 * amount * beat, scene.person.arm_spread_deg + 3.0 + 4.0 * amount * beat, 8.0
            )
            figure.elbow(
                side, np.clip(scene.person.elbow_rest_deg + 8.0 + 6.0 * amount * beat + 2.0 * drift[:, 0], 4.0, 120.0)
            )
        elif style == "bent":
            figure.shoulder(side, 8.0 + 6.0 * amount * beat, 12.0 + 4.0 * beat, 12.0)
            figure.elbow(side, 80.0 + 10.0 * amount * beat + 3.0 * drift[:, 0])
        elif style == "swinging":
            figure.shoulder(side, 25.0 + 40.0 * amount * beat, 12.0, 6.0)
            figure.elbow(side, np.clip(45.0 + 22.0 * amount * beat, 5.0, 120.0))
        else:
            figure.shoulder(side, -12.0 + 2.0 * beat, 38.0 + 2.0 * beat, 28.0)
            figure.elbow(side, 95.0 + 3.0 * beat + 2.0 * drift[:, 0])
        figure.wrist(side, 15.0 + 4.0 * drift[:, 1], flexion=8.0 + 5.0 * amount * beat)
        figure.grip(side, 0.4)


ARMS = Choice(("hanging", "bent", "swinging", "hips"), (8, 1.5, 1, 0.5))
WORDS = {
    "hanging": "with hanging arms",
    "bent": "with bent arms",
    "swinging": "swinging the arms",
    "hips": "with hands on the hips",
}


@program(
    "jumping",
    "locomotion",
    also=("jumping up and down", "jumping up", "hopping on the spot", "jump"),
    rate_hz=Range(1.7, 2.7, "jumps/s", 1.2, 3.2),
    ground=Range(0.48, 0.66, "of the time", 0.3, 0.8),
    arms=ARMS,
)
def jumping(scene: Scene, *, rate_hz: float, ground: float, arms: str) -> Figure:
    figure = scene.figure()
    # Slow jumps are no higher than legs throw: 0.4 m, a flight of 0.57 s.
    done = jump_about(scene, figure, rate_hz, max(ground, 1.0 - 0.5 * rate_hz))
    _arms(scene, figure, done, arms)
    figure.said += [
        "a person jumps up and down",
        f"someone keeps jumping on both feet {WORDS[arms]}",
        "a person jumps on the spot",
        "continuous jumping",
    ]
    return figure


@program(
    "hopping on one foot",
    "locomotion",
    also=("hopping", "one-legged hopping", "hop"),
    rate_hz=Range(1.7, 2.6, "hops/s", 1.3, 3.2),
    side=SIDE,
)
def hopping_one_foot(scene: Scene, *, rate_hz: float, side: str) -> Figure:
    figure = scene.figure()
    speed = scene.pick(0.0, scene.rng.uniform(0.3, 1.0))
    thigh_deg = scene.rng.uniform(25.0, 52.0)
    done = jump_about(
        scene,
        figure,
        rate_hz,
        scene.rng.uniform(0.60, 0.70),
        feet=(side,),
        speed_mps=speed,
        held_deg=(thigh_deg, max(92.0, thigh_deg + scene.rng.uniform(52.0, 66.0))),
    )
    _arms(scene, figure, done, scene.pick("hanging", "bent", "bent"))
    where = "on the spot" if speed == 0.0 else "forward"
    figure.said += [
        f"a person hops on the {side} foot",
        f"someone hops {where} on one leg",
        f"hopping on the {side} leg, the other held up",
    ]
    return figure


@program(
    "jumping forward",
    "locomotion",
    also=("bunny hopping", "leaping forward", "jumping back and forth", "jump front and back"),
    rate_hz=Range(1.25, 2.0, "jumps/s", 1.1, 2.4),
    step_m=Range(0.3, 0.9, "m", 0.1, 1.3),
    arms=Choice(("swinging", "bent", "hanging"), (3, 1, 1)),
)
def jumping_forward(scene: Scene, *, rate_hz: float, step_m: float, arms: str) -> Figure:
    figure = scene.figure()
    ground = max(scene.rng.uniform(0.5, 0.62), 1.0 - 0.36 * rate_hz)  # flights are no longer than 0.36 s
    done = jump_about(scene, figure, rate_hz, ground, speed_mps=step_m * rate_hz, strike_deg=-6.0, over=0.42)
    _arms(scene, figure, done, arms)
    figure.said += [
        "a person jumps forward with both feet",
        "someone hops forward again and again on two feet",
        f"forward jumps {WORDS[arms]}",
    ]
    return figure
