"""Exercises on the floor or a bench: push-ups, planks, sit-ups, bridges, presses."""

from __future__ import annotations

import numpy as np

from .bodyposes import FLAT_FINGERS, FLAT_PALM, Pose, liven, posed, put
from .exercise import exercise
from .figure import Figure
from .registry import Choice, Range, Scene, program
from .repetitions import Tempo

TOES, ANKLE_UP, HIP, SHOULDER = (
    75.0,
    0.087,
    0.491,
    0.288,
)  # heel's rise on the toes; ankle's height, lengths up to hip and shoulder
LIE_Z = 0.065


def prone(rise: float, hands: float = 0.0, out: float = 0.15, sag: float = 0.0, **changes) -> dict[str, np.ndarray]:
    """Straight on toes and hands, the shoulders so high (statures)."""
    up = np.arcsin(np.clip((rise - ANKLE_UP) / (HIP + SHOULDER), -0.2, 0.9))
    at = (HIP * np.cos(up), 0.0, ANKLE_UP + HIP * np.sin(up) - sag)
    return posed(
        at=at,
        pelvis=(90.0 - np.rad2deg(up), 0.0, 0.0),
        trunk=(0.0, 0.0, 0.0),
        level=0.0,
        head=(-20.0, 0.0, 0.0),
        foot=(-0.097, 0.06, 0.0, TOES, 0.0),
        hand=(0.735 + hands, out, 0.03),
        hold=1.0,
        **changes,
    )


def on_knees(rise: float, out: float, hands: float) -> dict[str, np.ndarray]:
    """As `prone`, but on the knees with the shanks up behind."""
    up = np.arcsin((rise - 0.035) / (0.245 + SHOULDER))
    return posed(
        at=(0.245 * np.cos(up), 0.0, 0.035 + 0.245 * np.sin(up)),
        pelvis=(90.0 - np.rad2deg(up), 0.0, 0.0),
        trunk=(0.0, 0.0, 0.0),
        level=0.0,
        head=(-20.0, 0.0, 0.0),
        leg=(0.0, 0.0, np.rad2deg(up) + 25.0, -30.0),
        free=1.0,
        hand=(0.47 + hands, out, 0.03),
        hold=1.0,
    )


@exercise(
    "push-ups",
    "does push-ups",
    (1.3, 3.0),
    "someone faces the floor, lowers the straight body and pushes it up with the arms",
    "a person does press-ups on the floor",
    also=("push ups", "push-up", "pushups", "press-ups", "pushup"),
    standing=False,
    swivel=(40.0, 70.0),
    life_amount=0.5,
    palm=FLAT_PALM,
    fingers=FLAT_FINGERS,
)
def push_ups(scene: Scene) -> tuple[Pose, Pose]:
    r = scene.rng
    hands, out, sag = r.uniform(-0.01, 0.03), r.uniform(0.13, 0.19), r.uniform(-0.015, 0.01)
    return prone(0.325, hands, out, sag), prone(r.uniform(0.125, 0.155), hands, out, sag)


@exercise(
    "push-ups on the knees",
    "does push-ups on the knees",
    (1.3, 3.0),
    "someone kneels with the hands on the floor and pushes the upper body up",
    also=("knee push-ups",),
    standing=False,
    swivel=(40.0, 70.0),
    life_amount=0.5,
    palm=FLAT_PALM,
    fingers=FLAT_FINGERS,
)
def knee_push_ups(scene: Scene) -> tuple[Pose, Pose]:
    out = scene.rng.uniform(0.13, 0.19)
    return on_knees(0.325, out, -0.03), on_knees(scene.rng.uniform(0.12, 0.15), out, -0.03)


@exercise(
    "mountain climbers",
    "does mountain climbers",
    (0.45, 1.0),
    "someone in a push-up position draws one knee to the chest after the other",
    also=("mountain climber",),
    sides=True,
    standing=False,
    tempo=Tempo(down=0.5, hold=0.0, up=0.5, rest=(0.0, 0.0)),
    life_amount=0.5,
    palm=FLAT_PALM,
    fingers=FLAT_FINGERS,
)
def mountain_climbers(scene: Scene) -> tuple[Pose, Pose]:
    near = prone(0.325, 0.0, 0.13, -scene.rng.uniform(0.01, 0.05))
    return near, posed(near, left_foot=(0.24, 0.07, 0.04, 80.0, 0.0))


def supine(scene: Scene, knees: float = 0.34, **changes) -> dict[str, np.ndarray]:
    """On the back, knees up, soles down."""
    base = {
        "at": (0.0, 0.0, LIE_Z),
        "pelvis": (-90.0, 0.0, 0.0),
        "trunk": (2.0, 0.0, 0.0),
        "level": 0.0,
        "head": (12.0, 0.0, 0.0),
        "foot": (knees, 0.07, 0.0, 0.0, 6.0),
        "arm": (12.0, 14.0, 10.0, 10.0),
        "grip": (60.0, 5.0, 0.3),
    }
    return posed(**(base | changes))


def arms_lying(scene: Scene) -> dict[str, tuple[float, ...]]:
    """Arms of sit-ups: behind the head, crossed on the chest, or reaching ahead."""
    return scene.pick(
        {"arm": (15.0, 105.0, -75.0, 140.0)},
        {"arm": (45.0, 2.0, 70.0, 120.0)},
        {"arm": (scene.rng.uniform(30.0, 60.0), 6.0, 0.0, 10.0)},
    )


@exercise(
    "sit-ups",
    "does sit-ups",
    (2.0, 4.2),
    "someone lies on the back with bent knees and sits up again and again",
    also=("sit ups", "sit-up", "situps", "situp"),
    standing=False,
    life_amount=0.6,
)
def sit_ups(scene: Scene) -> tuple[Pose, Pose]:
    near = supine(scene, scene.rng.uniform(0.28, 0.38), **arms_lying(scene))
    return near, posed(
        near, pelvis=(-scene.rng.uniform(22.0, 35.0), 0.0, 0.0), trunk=(scene.rng.uniform(35.0, 52.0), 0.0, 0.0)
    )


@exercise(
    "crunches",
    "does crunches",
    (1.2, 2.8),
    "someone lies on the back and curls the shoulders off the floor",
    also=("crunch", "abdominal crunches"),
    standing=False,
    life_amount=0.6,
)
def crunches(scene: Scene) -> tuple[Pose, Pose]:
    near = supine(scene, scene.rng.uniform(0.28, 0.36), **arms_lying(scene))
    return near, posed(
        near, trunk=(scene.rng.uniform(30.0, 48.0), 0.0, 0.0), head=(22.0, 0.0, 0.0), pelvis=(-86.0, 0.0, 0.0)
    )


@exercise(
    "leg raises",
    "does leg raises",
    (2.0, 4.5),
    "someone lies on the back and lifts both straight legs",
    also=("lying leg raises",),
    standing=False,
    life_amount=0.6,
)
def leg_raises(scene: Scene) -> tuple[Pose, Pose]:
    near = supine(scene, leg=(4.0, 2.0, 6.0, -25.0), free=1.0)
    return near, posed(near, leg=(scene.rng.uniform(65.0, 92.0), 2.0, scene.rng.uniform(5.0, 25.0), -20.0))


@exercise(
    "hip bridges",
    "does hip bridges",
    (1.6, 3.5),
    "someone lies on the back and lifts the hips off the floor",
    also=("glute bridge", "hip thrust"),
    standing=False,
    life_amount=0.6,
)
def hip_bridges(scene: Scene) -> tuple[Pose, Pose]:
    near = supine(scene, 0.32)
    return near, posed(
        near,
        at=(0.03, 0.0, scene.rng.uniform(0.20, 0.25)),
        pelvis=(-90.0 - scene.rng.uniform(28.0, 36.0), 0.0, 0.0),
        arm=(-18.0, 14.0, 10.0, 10.0),
        head=(30.0, 0.0, 0.0),
    )


@exercise(
    "back extensions",
    "does back extensions",
    (1.8, 3.5),
    "someone lies on the belly and lifts the chest off the floor",
    also=("superman", "prone back extension"),
    standing=False,
    life_amount=0.6,
)
def back_extensions(scene: Scene) -> tuple[Pose, Pose]:
    near = posed(
        at=(0.0, 0.0, 0.07),
        pelvis=(90.0, 0.0, 0.0),
        trunk=(0.0, 0.0, 0.0),
        level=0.0,
        head=(-15.0, 0.0, 0.0),
        leg=(0.0, 3.0, 3.0, -50.0),
        free=1.0,
        arm=scene.pick((186.0, 8.0, 0.0, 6.0), (-16.0, 95.0, -82.0, 130.0), (-13.0, 14.0, 0.0, 6.0)),
    )
    return near, posed(
        near, trunk=(-scene.rng.uniform(25.0, 40.0), 0.0, 0.0), leg=(-scene.rng.uniform(0.0, 12.0), 3.0, 3.0, -50.0)
    )


@exercise(
    "bench presses",
    "does bench presses",
    (1.8, 3.8),
    "someone lies on a bench and pushes a bar up from the chest with both hands",
    also=("bench press", "chest press"),
    standing=False,
    life_amount=0.5,
)
def bench_presses(scene: Scene) -> tuple[Pose, Pose]:
    r = scene.rng
    near = posed(
        at=(0.0, 0.0, 0.31),
        pelvis=(-88.0, 0.0, 0.0),
        trunk=(-2.0, 0.0, 0.0),
        level=0.0,
        head=(5.0, 0.0, 0.0),
        foot=(0.23, 0.12, 0.0, 0.0, 15.0),
        arm=(r.uniform(80.0, 92.0), 6.0, 30.0, 8.0),
        grip=(45.0, 0.0, 1.0),
    )
    return near, posed(
        near, arm=(r.uniform(-12.0, 5.0), r.uniform(55.0, 75.0), r.uniform(0.0, 15.0), r.uniform(88.0, 105.0))
    )


@exercise(
    "leg presses",
    "does leg presses",
    (2.0, 4.0),
    "someone sits leaning back and pushes a plate away with both feet",
    also=("leg press",),
    standing=False,
    life_amount=0.4,
)
def leg_presses(scene: Scene) -> tuple[Pose, Pose]:
    near = posed(
        at=(0.0, 0.0, 0.22),
        pelvis=(-scene.rng.uniform(35.0, 50.0), 0.0, 0.0),
        trunk=(5.0, 0.0, 0.0),
        level=0.7,
        leg=(50.0, 4.0, 20.0, 5.0),
        free=1.0,
        arm=(5.0, 16.0, 5.0, 30.0),
    )
    return near, posed(near, leg=(scene.rng.uniform(92.0, 105.0), 8.0, scene.rng.uniform(88.0, 108.0), 15.0))


@program(
    "plank",
    "exercise",
    also=("planking", "holding a plank", "front plank", "side plank"),
    style=Choice(("hands", "forearms", "side"), (0.35, 0.4, 0.25)),
    seconds=Range(6.0, 14.0, "s", 1.0, 600.0),
)
def plank(scene: Scene, *, style: str) -> Figure:
    figure, r = scene.figure(), scene.rng
    side = scene.pick("left", "right")
    if style == "hands":
        pose, palm, fingers = prone(0.325, 0.0, 0.14, r.uniform(-0.02, 0.015)), FLAT_PALM, FLAT_FINGERS
        how = "on hands and toes"
    elif style == "forearms":
        pose = prone(0.205, 0.14, 0.10, r.uniform(-0.02, 0.01))
        pose, how = posed(pose, hand=(0.90, 0.10, 0.03)), "on forearms and toes"
        palm, fingers = (0.0, -0.6, -0.8), (1.0, -0.2, 0.0)
    else:
        # Facing x, the body slopes along y; one forearm below, the other arm along the side or up.
        s = 1.0 if side == "left" else -1.0
        tilt = r.uniform(66.0, 74.0)
        pose = posed(
            at=(0.0, 0.0, 0.30),
            pelvis=(0.0, -s * tilt, 0.0),
            trunk=(0.0, 0.0, 0.0),
            level=0.0,
            leg=(0.0, 0.0, 3.0, 0.0),
            free=1.0,
            **{f"{side}_arm": (10.0, 78.0, 60.0, 85.0)},
            **{
                ("right" if side == "left" else "left") + "_arm": scene.pick(
                    (5.0, 8.0, 5.0, 10.0), (0.0, 95.0, 0.0, 5.0)
                )
            },
        )
        palm, fingers, how = None, None, f"on the {side} side"
    effort = np.clip(figure.t / 30.0 + r.uniform(0.3, 1.0), 0.3, 1.5)
    channels = liven(scene, figure, pose, 0.6)
    shake = r.uniform(0.0004, 0.0012) * effort * np.sin(2 * np.pi * (r.uniform(5.0, 8.0) * figure.t))
    channels["at"][:, 2] += shake
    put(
        figure,
        channels,
        swivel=20.0,
        breath=r,
        depth=2.0,
        palm=palm,
        fingers=fingers,
    )
    figure.said += [
        f"a person holds a plank {how}",
        "someone keeps the body straight and still off the floor",
        f"a person does a plank exercise {how}",
    ]
    return figure
