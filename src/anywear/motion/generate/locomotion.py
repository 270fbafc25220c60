"""Getting about on foot: walking, running, stairs."""

from __future__ import annotations

import numpy as np

from .figure import Figure
from .gait import Gait, counter_turn, running_gait, swing_arms, walk, walking_gait
from .registry import Range, Scene, program

PACE = ((0.0, "very slowly"), (0.75, "slowly"), (1.1, ""), (1.5, "briskly"), (1.85, "very fast"))


def pace_word(speed_mps: float) -> str:
    """How fast a walk is, in a word; empty for an ordinary one."""
    return [word for least, word in PACE if speed_mps >= least][-1]


@program("walking", "locomotion", also=("walking forward", "walk"), speed_mps=Range(0.7, 1.8, "m/s", 0.3, 2.3))
def walking_forward(scene: Scene, *, speed_mps: float) -> Figure:
    figure = scene.figure()
    stride(scene, figure, speed_mps)
    word = pace_word(speed_mps)
    figure.said += [
        f"a person walks {word}".strip(),
        f"a person walks forward {word}".strip(),
        "someone is walking straight ahead",
    ]
    return figure


def stride(
    scene: Scene, figure: Figure, speed_mps: float, *, heading_deg=0.0, facing_deg: float = 0.0, grade: float = 0.0
):
    """Walk with swinging arms; gives what came of it."""
    rng, person = scene.rng, scene.person
    cadence, stance = walking_gait(speed_mps, person.height_m)
    cadence *= float(np.clip(person.tempo, 0.85, 1.15))
    gait = Gait(
        speed_mps, cadence, stance,
        strike_deg=scene.around(17.0, 0.15), push_deg=scene.around(52.0, 0.1), clearance_m=scene.around(0.045, 0.25),
        width_m=scene.around(0.10, 0.25), facing_deg=facing_deg, grade=grade, bounce=scene.around(1.0, 0.15),
    )  # fmt: skip
    done = walk(figure, gait, rng, heading_deg=heading_deg)
    counter_turn(figure, done.phase, 9.0 * speed_mps / 1.3, person.stoop_deg, rng)
    swing_arms(
        figure, done.phase, scene.around(16.0 * speed_mps / 1.2, 0.3), person.elbow_rest_deg, scene.around(7.0, 0.4)
    )
    return done


@program("running", "locomotion", also=("jogging", "run"), speed_mps=Range(2.0, 4.5, "m/s", 1.5, 7.0))
def running(scene: Scene, *, speed_mps: float) -> Figure:
    figure, rng = scene.figure(), scene.rng
    cadence, stance = running_gait(speed_mps, scene.person.height_m)
    gait = Gait(
        speed_mps, cadence * float(np.clip(scene.person.tempo, 0.92, 1.08)), stance,
        strike_deg=scene.pick(10.0, 4.0, -8.0), push_deg=scene.around(48.0, 0.1),
        clearance_m=0.10 + 0.03 * speed_mps, width_m=0.05, jitter=0.015,
    )  # fmt: skip
    done = walk(figure, gait, rng)
    counter_turn(figure, done.phase, 14.0, scene.person.stoop_deg + 2.0 + speed_mps, rng)
    swing_arms(
        figure, done.phase, scene.around(16.0 + 5.0 * speed_mps, 0.15), scene.around(88.0, 0.1), scene.around(12.0, 0.3)
    )
    figure.said += ["a person runs", "a person jogs forward" if speed_mps < 3.0 else "a person runs fast"]
    return figure


@program("ascending stairs", "locomotion", also=("walking upstairs", "climbing stairs"),
         cadence=Range(1.3, 2.1, "steps/s", 0.8, 3.0), riser_m=Range(0.15, 0.19, "m", 0.10, 0.25))  # fmt: skip
def stairs_up(scene: Scene, *, cadence: float, riser_m: float) -> Figure:
    return _stairs(scene, cadence, riser_m)


@program("descending stairs", "locomotion", also=("walking downstairs",),
         cadence=Range(1.4, 2.4, "steps/s", 0.8, 3.2), riser_m=Range(0.15, 0.19, "m", 0.10, 0.25))  # fmt: skip
def stairs_down(scene: Scene, *, cadence: float, riser_m: float) -> Figure:
    return _stairs(scene, cadence, -riser_m)


def _stairs(scene: Scene, cadence: float, riser_m: float) -> Figure:
    figure, up = scene.figure(), riser_m > 0
    tread_m = 0.62 - 2.0 * abs(riser_m)  # Blondel's rule: two risers and a tread make 0.62 m
    gait = Gait(
        tread_m * cadence, cadence, 0.62 if up else 0.58, strike_deg=-6.0 if up else -20.0, push_deg=30.0 if up else 22.0,
        clearance_m=0.07 if up else 0.03, width_m=0.12, tread_m=tread_m, riser_m=riser_m,
    )  # fmt: skip
    done = walk(figure, gait, scene.rng)
    counter_turn(figure, done.phase, 5.0, scene.person.stoop_deg + (8.0 if up else 1.0), scene.rng)
    swing_arms(figure, done.phase, scene.around(11.0, 0.3), scene.person.elbow_rest_deg + 8.0, 6.0)
    word = "up" if up else "down"
    figure.said += [
        f"a person walks {word} the stairs",
        f"a person goes {word}stairs",
        f"someone climbs {word} a flight of stairs",
    ]
    return figure
