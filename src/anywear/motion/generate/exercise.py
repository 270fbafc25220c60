"""Strength exercises: two poses and the way between them, repeated. On the feet here, with the
arms in `exercise_arms`, on the floor in `exercise_floor`.

Times of a repetition are those of training without a coach: 1.5 to 4 s (Hackett et al., Sports 6, 2018, on tempo in
training), and less without weights: the squats and curls of utd-mhad take 1.2 s. Ranges of motion are estimates around
textbook form, deep and shallow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .bodyposes import Pose, blend, liven, mirrored, personal, plant, posed, put
from .figure import Figure
from .registry import Choice, Range, Scene, program
from .repetitions import PLAIN, Tempo, repetitions

DEPTH = Range(0.72, 1.05, "of full range", 0.3, 1.15)
TIMES = ("never", "once", "twice", *(f"{n} times" for n in ("three", "four", "five", "six", "seven", "eight", "nine")))


def pace(period_s: float, usual_s: float) -> str:
    """How fast a repetition is, as an adverb; empty for the usual."""
    return " quickly" if period_s < 0.8 * usual_s else " slowly" if period_s > 1.25 * usual_s else ""


def exercise(
    label: str,
    verb: str,
    period: tuple[float, float],
    *said: str,
    also: tuple[str, ...] = (),
    tempo: Tempo = PLAIN,
    standing: bool = True,
    sides: bool = False,
    palm: Sequence[float] | None = None,
    fingers: Sequence[float] | None = None,
    swivel: tuple[float, float] = (20.0, 45.0),
    life_amount: float = 1.0,
) -> Callable[[Callable[[Scene], tuple[Pose, Pose]]], Callable[..., Figure]]:
    """Make a program of a function that gives the two ends of a repetition.

    Args:
        label: what people call it.
        verb: what a person does, as in "a person does squats".
        period: usual shortest and longest time of a repetition, seconds.
        said: further sentences.
        also: other names.
        tempo: how a repetition is spread over its time.
        standing: both feet stay where they are.
        sides: the poses are of the left side; the repetitions go to one side, the other, or both in turn.
        palm, fingers, swivel: as in `bodyposes.put`.
        life_amount: factor on small wandering.
    """
    choices: dict[str, Any] = {"side": Choice(("left", "right", "alternating"), (0.25, 0.25, 0.5))} if sides else {}

    def decorate(ends: Callable[[Scene], tuple[Pose, Pose]]) -> Callable[..., Figure]:
        def perform(scene: Scene, *, period_s: float, depth: float, side: str = "both") -> Figure:
            figure = scene.figure()
            reps = repetitions(scene, figure.t, period_s, tempo)
            near, far = ends(scene)
            share = depth * reps.depth
            if sides:
                turns = np.floor(reps.phase - 1e-6).astype(int) % 2
                left = {"left": 1.0, "right": 0.0}.get(side, 1.0 - turns)
                one, two = blend(share * left, near, far), blend(share * (1.0 - left), mirrored(near), mirrored(far))
                channels = {name: one[name] + two[name] - mirrored(near)[name] for name in one}
            else:
                channels = blend(share, near, far)
            channels = liven(scene, figure, channels, life_amount)
            put(figure, channels, palm=palm, fingers=fingers, swivel=scene.rng.uniform(*swivel), breath=scene.rng)
            if standing:
                plant(figure)
            word = pace(period_s, float(np.mean(period)))
            figure.said += [f"a person {verb}{word}", *said, f"someone exercises, doing {label}{word}"]
            if sides and "side" not in verb and "other" not in verb:
                how = "left and right in turn" if side == "alternating" else f"on the {side} side"
                figure.said.append(f"a person {verb}, {how}")
            if 0 < reps.count < len(TIMES) and reps.starts_s[0] >= 0:
                figure.said.append(f"a person {verb} {TIMES[reps.count]}")
            return figure

        perform.__name__ = ends.__name__
        perform.__doc__ = ends.__doc__
        return program(
            label,
            "exercise",
            also=also,
            period_s=Range(*period, "s", 0.5 * period[0], 3.0 * period[1]),
            depth=DEPTH,
            **choices,
        )(perform)

    return decorate


def arms_for_balance(scene: Scene) -> dict[str, tuple[float, ...]]:
    """Where arms go in a squat or lunge: ahead, clasped before the chest, to the hips, crossed, or left hanging."""
    r = scene.rng
    return scene.pick(
        {"arm": (r.uniform(70.0, 95.0), 5.0, 0.0, r.uniform(3.0, 15.0))},
        {"arm": (r.uniform(35.0, 60.0), 5.0, 40.0, r.uniform(95.0, 125.0))},
        {"arm": (-18.0, 40.0, 50.0, 95.0)},
        {"arm": (r.uniform(10.0, 35.0), 6.0, 10.0, r.uniform(8.0, 40.0))},
        {"arm": (60.0, 8.0, 75.0, 115.0)},
    )


@exercise(
    "squats",
    "does squats",
    (1.2, 3.4),
    "someone bends the knees, sits down into a squat and stands up again",
    "a person squats down and comes up again and again",
    also=("squat", "squatting", "deep squats", "knee bends", "knees bending"),
)
def squats(scene: Scene) -> tuple[Pose, Pose]:
    r, wide = scene.rng, scene.rng.uniform(0.055, 0.11)
    near = personal(scene, foot=(0.0, wide, 0.0, 0.0, r.uniform(5.0, 25.0)))
    arms = arms_for_balance(scene)
    if scene.chance(0.5):
        near = posed(near, **arms)
    lean = r.uniform(25.0, 45.0)
    far = posed(
        near,
        at=(-r.uniform(0.09, 0.13), 0.0, r.uniform(0.24, 0.33)),
        pelvis=(lean, 0.0, 0.0),
        trunk=(r.uniform(0.0, 18.0), 0.0, 0.0),
        **arms,
    )
    return near, far


@exercise(
    "lunges",
    "does lunges",
    (1.5, 3.6),
    "someone steps forward with one leg, bends both knees and steps back",
    "a person lunges forward and comes back up",
    also=("lunge", "forward lunge", "lunging"),
    sides=True,
    standing=False,
)
def lunges(scene: Scene) -> tuple[Pose, Pose]:
    r = scene.rng
    near = personal(scene)
    far = posed(
        near,
        at=(r.uniform(0.16, 0.22), 0.0, r.uniform(0.31, 0.37)),
        pelvis=(r.uniform(-2.0, 12.0), 0.0, 0.0),
        trunk=(r.uniform(0.0, 12.0), 0.0, 0.0),
        left_foot=(r.uniform(0.36, 0.44), 0.055, 0.0, 0.0, 5.0),
        right_foot=(0.0, 0.055, 0.0, 46.0, 3.0),
        **(arms_for_balance(scene) if scene.chance(0.4) else {}),
    )
    return near, far


@exercise(
    "split squats",
    "does lunges on the spot",
    (1.6, 3.5),
    "someone stands with one foot far ahead, bends both knees and rises again",
    also=("stationary lunges", "static lunge"),
    standing=False,
)
def split_squats(scene: Scene) -> tuple[Pose, Pose]:
    r = scene.rng
    feet = {"left_foot": (0.24, 0.05, 0.0, 0.0, 4.0), "right_foot": (-0.2, 0.05, 0.0, 34.0, 3.0)}
    near = personal(scene, at=(0.02, 0.0, 0.46), **feet)
    near = posed(near, **arms_for_balance(scene))
    far = posed(near, at=(0.02, 0.0, r.uniform(0.30, 0.36)), right_foot=(-0.2, 0.05, 0.0, 52.0, 3.0))
    return (near, far) if scene.chance(0.5) else (mirrored(near), mirrored(far))


@exercise(
    "side lunges",
    "does side lunges",
    (2.0, 4.0),
    "someone bends one knee and moves the body over that leg, the other leg straight",
    also=("lateral lunges",),
    sides=True,
)
def side_lunges(scene: Scene) -> tuple[Pose, Pose]:
    r = scene.rng
    near = personal(scene, at=(0.0, 0.0, 0.48), foot=(0.0, 0.20, 0.0, 0.0, 12.0))
    far = posed(
        near,
        at=(-0.10, 0.12, r.uniform(0.36, 0.40)),
        pelvis=(30.0, 0.0, 0.0),
        trunk=(10.0, 0.0, 0.0),
        **arms_for_balance(scene),
    )
    return near, far


@exercise(
    "calf raises",
    "does calf raises",
    (1.2, 2.8),
    "someone rises onto the toes and lowers the heels again",
    also=("heel raises",),
)
def calf_raises(scene: Scene) -> tuple[Pose, Pose]:
    near = personal(scene)
    far = posed(
        near,
        at=(0.022, 0.0, 0.522 + 0.045),
        foot=(*near["left_foot"][:3], scene.rng.uniform(32.0, 42.0), near["left_foot"][4]),
    )
    return near, far


@exercise(
    "bent-over rows",
    "does bent-over rows",
    (1.6, 3.2),
    "someone bends forward and pulls weights up to the belly, elbows back",
    also=("barbell row", "dumbbell row"),
)
def bent_over_rows(scene: Scene) -> tuple[Pose, Pose]:
    lean = scene.rng.uniform(40.0, 65.0)
    near = personal(
        scene,
        at=(-0.09, 0.0, 0.475),
        pelvis=(lean, 0.0, 0.0),
        trunk=(8.0, 0.0, 0.0),
        arm=(lean + 5.0, 6.0, 30.0, 8.0),
        grip=(40.0, 0.0, 1.0),
        level=0.5,
    )
    return near, posed(
        near, arm=(lean - 70.0, 20.0, 15.0, scene.rng.uniform(80.0, 105.0)), trunk=(4.0, 0.0, 0.0), shrug=(0.0, -10.0)
    )


@exercise(
    "deadlifts",
    "does deadlifts",
    (2.2, 4.5),
    "someone bends down with a straight back and lifts a bar from the floor to the hips",
    also=("deadlift", "lifting a barbell"),
)
def deadlifts(scene: Scene) -> tuple[Pose, Pose]:
    r = scene.rng
    lean = r.uniform(50.0, 72.0)
    near = personal(scene, arm=(2.0, 8.0, 20.0, 5.0), grip=(55.0, 0.0, 1.0), trunk=(0.0, 0.0, 0.0))
    far = posed(
        near,
        at=(-r.uniform(0.12, 0.15), 0.0, r.uniform(0.36, 0.43)),
        pelvis=(lean, 0.0, 0.0),
        trunk=(14.0, 0.0, 0.0),
        arm=(lean + r.uniform(4.0, 16.0), 6.0, 20.0, 5.0),
        level=0.6,
    )
    return near, far


@exercise(
    "kettlebell swings",
    "swings a kettlebell",
    (1.3, 1.9),
    "someone swings a weight with both hands between the legs and up to chest height",
    also=("kettlebell swing",),
    tempo=Tempo(down=0.5, hold=0.0, up=0.5, vary=0.03, rest=(0.0, 0.0)),
)
def kettlebell_swings(scene: Scene) -> tuple[Pose, Pose]:
    r = scene.rng
    near = personal(
        scene,
        foot=(0.0, 0.10, 0.0, 0.0, 15.0),
        arm=(r.uniform(70.0, 95.0), -8.0, 20.0, 10.0),
        grip=(50.0, 0.0, 1.0),
        trunk=(-4.0, 0.0, 0.0),
        level=0.3,
    )
    far = posed(
        near,
        at=(-0.14, 0.0, r.uniform(0.42, 0.46)),
        pelvis=(r.uniform(42.0, 54.0), 0.0, 0.0),
        trunk=(10.0, 0.0, 0.0),
        arm=(r.uniform(10.0, 25.0), -8.0, 20.0, 8.0),
        level=0.3,
    )
    return near, far


@exercise(
    "torso rotations",
    "turns the trunk from side to side",
    (1.2, 3.0),
    "someone stands and twists the upper body to the left and to the right",
    also=("trunk twists", "waist rotation", "trunk rotation", "torso rotation"),
    sides=True,
    tempo=Tempo(down=0.5, hold=0.0, up=0.5),
)
def torso_rotations(scene: Scene) -> tuple[Pose, Pose]:
    r = scene.rng
    near = personal(
        scene,
        **scene.pick(arms_for_balance(scene), {"arm": (0.0, 85.0, 0.0, 10.0)}, {"arm": (60.0, 40.0, 75.0, 115.0)}),
    )
    return near, posed(near, trunk=(3.0, 0.0, r.uniform(35.0, 60.0)), pelvis=(0.0, 0.0, r.uniform(5.0, 25.0)))
