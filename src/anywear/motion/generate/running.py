"""Running: jogging to sprinting, on a treadmill and free, skipping and side shuffles."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._typing import Array
from .arms import counter_turn, swing_arms
from .figure import Figure
from .gait import Gait, Walk, running_gait, walk
from .pedals import hold_rail
from .registry import Choice, Range, Scene, program
from .walking import SIDE, TURN


def run(
    scene: Scene,
    figure: Figure,
    speed_mps: float,
    *,
    heading_deg: Array | float = 0.0,
    cadence: float = 0.0,
    **changes: Any,
) -> Walk:
    """Run, arms and trunk included; a cadence of 0 is the usual one."""
    person = scene.person
    usual, stance = running_gait(speed_mps, person.height_m)
    usual *= float(np.clip(person.tempo, 0.93, 1.08))
    faster = min(speed_mps / 3.0, 2.2)
    facts = {
        "cadence": cadence or usual,
        "stance": float(np.clip(stance * scene.around(1.0, 0.06), 0.15, 0.43)),
        "strike_deg": scene.pick(10.0, 6.0, -6.0),
        "push_deg": scene.around(52.0, 0.06),
        "rise_from": 0.42,
        "over": 0.28,
        "swing_knee_deg": scene.around(78.0 + 16.0 * faster, 0.08),
        "clearance_m": 0.03,
        "width_m": scene.around(0.05, 0.3),
        "swing_lift_deg": 5.0 * max(faster - 1.0, 0.0),
        "jitter": scene.around(0.014, 0.3),
        "sway_m": 0.008,
        "pelvis_turn_deg": 4.0,
        "pelvis_list_deg": scene.around(4.0, 0.3),
        "lean_deg": 3.0 + 0.8 * speed_mps,
    }
    done = walk(figure, Gait(speed_mps, **{**facts, **changes}), scene.rng, heading_deg=heading_deg)
    counter_turn(figure, done.phase, 15.0 + 2.0 * faster, 0.5 * person.stoop_deg + 1.0 + speed_mps, scene.rng,
                 nod_deg=scene.around(3.5, 0.4), shake_deg=scene.around(1.0, 0.4))  # fmt: skip
    # Half a swing of 12 degrees jogging and over 25 in a sprint, with bent elbows; wrists of the `train` recordings turn at 2
    # to 4 rad/s rms.
    swing_arms(
        figure,
        done.phase,
        scene.around(4.0 + 3.5 * speed_mps, 0.35),
        scene.around(86.0, 0.12),
        scene.around(1.0 + 2.0 * speed_mps, 0.4),
    )
    return done


@program("running", "locomotion", also=("running forward", "run"), speed_mps=Range(2.2, 4.5, "m/s", 1.6, 7.0))
def running(scene: Scene, *, speed_mps: float) -> Figure:
    figure = scene.figure()
    run(scene, figure, speed_mps)
    word = "fast" if speed_mps > 3.6 else "slowly" if speed_mps < 2.5 else "at a steady pace"
    figure.said += ["a person runs", f"a person runs forward {word}", "someone is running"]
    return figure


@program("jogging", "locomotion", also=("jog", "slow running"), speed_mps=Range(1.7, 2.9, "m/s", 1.4, 3.4))
def jogging(scene: Scene, *, speed_mps: float) -> Figure:
    figure = scene.figure()
    run(scene, figure, speed_mps)
    figure.said += ["a person jogs", "someone is jogging along at an easy pace", "a person runs slowly"]
    return figure


@program(
    "running on a treadmill",
    "locomotion",
    also=("treadmill running", "jogging on a treadmill"),
    speed_mps=Range(2.0, 3.3, "m/s", 1.6, 5.5),
    hands=Choice(("free", "rail"), (2, 1)),
)
def running_treadmill(scene: Scene, *, speed_mps: float, hands: str) -> Figure:
    figure = scene.figure()
    run(scene, figure, speed_mps, jitter=0.009)
    if hands == "rail":
        hold_rail(figure, scene.rng, scene.rng.uniform(1.0, 3.0))
    figure.said += [
        "a person runs on a treadmill",
        f"someone runs on a treadmill at {3.6 * speed_mps:.0f} km/h",
        "running steadily on the spot on a treadmill",
        f"running on a treadmill {'holding the handrail' if hands == 'rail' else 'with swinging arms'}",
    ]
    return figure


@program("sprinting", "locomotion", also=("running fast", "sprint"), speed_mps=Range(4.6, 5.8, "m/s", 4.0, 7.0))
def sprinting(scene: Scene, *, speed_mps: float) -> Figure:
    figure = scene.figure(min(scene.seconds, 9.0))
    run(scene, figure, speed_mps, strike_deg=-8.0, push_deg=48.0, lean_deg=6.0)
    figure.said += ["a person sprints", "someone runs as fast as they can", "a person runs very fast"]
    return figure


@program(
    "skipping",
    "locomotion",
    also=("skipping forward", "step-hop"),
    rate_hz=Range(0.95, 1.3, "strides/s", 0.7, 1.6),
    speed_mps=Range(0.8, 1.9, "m/s", 0.0, 2.6),
)
def skipping(scene: Scene, *, rate_hz: float, speed_mps: float) -> Figure:
    figure = scene.figure()
    # Each foot steps and hops before the other's turn.
    contacts = tuple((side, begin + at, 0.175) for side, begin in (("left", 0.0), ("right", 0.5)) for at in (0.0, 0.30))
    run(
        scene,
        figure,
        speed_mps,
        cadence=2.0 * rate_hz,
        contacts=contacts,
        strike_deg=-8.0,
        swing_knee_deg=80.0,
        swing_lift_deg=22.0,
        over=0.35,
        jitter=0.015,
    )
    figure.said += [
        "a person skips along",
        "someone skips forward, hopping on each foot in turn",
        "skipping like a child",
    ]
    return figure


@program(
    "side shuffling",
    "locomotion",
    also=("galloping sideways", "shuffling sideways", "side gallop"),
    rate_hz=Range(1.5, 2.2, "strides/s", 1.1, 2.8),
    side=SIDE,
)
def side_shuffle(scene: Scene, *, rate_hz: float, side: str) -> Figure:
    figure = scene.figure()
    other = "right" if side == "left" else "left"
    speed = scene.rng.uniform(0.9, 1.6)
    step_m = speed / (2.0 * rate_hz)
    gait = Gait(
        speed,
        2.0 * rate_hz,
        stance=0.4,
        contacts=((side, 0.0, 0.42), (other, 0.34, 0.42)),
        facing_deg=-90.0 * TURN[side],
        strike_deg=-6.0,
        push_deg=24.0,
        rise_from=0.55,
        over=0.5,
        swing_knee_deg=0.0,
        width_m=step_m + 0.22,
        jitter=0.02,
        sway_m=0.0,
        pelvis_turn_deg=0.0,
        pelvis_list_deg=1.5,
        lean_deg=6.0,
    )
    done = walk(figure, gait, scene.rng)
    counter_turn(figure, done.phase, 2.0, scene.rng.uniform(4.0, 14.0), scene.rng)
    bend = scene.rng.uniform(40.0, 95.0)
    for arm in ("left", "right"):
        beat = np.cos(2.0 * np.pi * (done.phase - 0.1))
        figure.shoulder(arm, 14.0 + 4.0 * beat, 16.0 + 6.0 * beat, 10.0)
        figure.elbow(arm, bend + 6.0 * beat)
    figure.said += [
        f"a person shuffles sideways to the {side}",
        f"someone gallops sideways to the {side}",
        f"quick side steps to the {side} with a little jump",
    ]
    return figure
