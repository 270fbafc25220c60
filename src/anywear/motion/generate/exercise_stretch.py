"""Stretching and yoga: into a pose, hold it breathing, out again, perhaps the other side."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .bodyposes import FLAT_FINGERS, FLAT_PALM, Pose, liven, mirrored, personal, posed, put, sequence
from .figure import Figure
from .registry import Range, Scene, program
from .repetitions import beats


def held(
    label: str,
    *said: str,
    also: tuple[str, ...] = (),
    hold: tuple[float, float] = (2.5, 6.0),
    sided: bool = False,
    amount: float = 1.5,
    palm: tuple[float, float, float] | None = None,
    fingers: tuple[float, float, float] | None = None,
) -> Callable[[Callable[[Scene], Pose]], Callable[..., Figure]]:
    """Make a program of a function that gives a pose to be held, the left way round when it has sides."""

    def decorate(shape: Callable[[Scene], Pose]) -> Callable[..., Figure]:
        def perform(scene: Scene, *, hold_s: float) -> Figure:
            figure, r = scene.figure(), scene.rng
            rest, far = personal(scene), shape(scene)
            turn = scene.chance(0.5)
            first = "right" if sided and turn else "left"
            at, rows = [0.0], [rest]
            now, within = r.uniform(0.2, 1.0), scene.chance(0.35)
            if within:  # the clip begins in the pose
                at, rows, now = [], [], -2.0
            sides: list[str] = []
            while now < figure.seconds:
                this = mirrored(far) if sided and turn else far
                sides.append("right" if turn else "left")
                into, out, length = r.uniform(0.9, 2.2), r.uniform(0.9, 2.0), hold_s * r.uniform(0.8, 1.3)
                if within and not rows:
                    length += 2.0
                at += [now, now + into, now + into + length, now + into + length + out]
                rows += [rest, this, this, rest]
                now = at[-1] + r.uniform(0.3, 1.8)
                turn = not turn if scene.chance(0.7) else turn
            channels = liven(scene, figure, sequence(figure.t, at, rows), amount)
            put(figure, channels, breath=r, depth=1.6, palm=palm, fingers=fingers)
            figure.said += list(said)
            if sided:
                figure.said.append(
                    said[0] + (f", to the {first} side first" if len(set(sides)) > 1 else f", on the {first} side")
                )
            return figure

        perform.__name__, perform.__doc__ = shape.__name__, shape.__doc__
        return program(label, "exercise", also=also, hold_s=Range(*hold, "s", 0.5, 60.0))(perform)

    return decorate


@held(
    "stretching up",
    "a person stretches both arms up high",
    "someone reaches for the ceiling and stretches",
    "a person stretches the whole body upwards",
    also=("overhead stretch", "stretching"),
)
def stretching_up(scene: Scene) -> Pose:
    return posed(
        personal(scene),
        arm=(scene.rng.uniform(160.0, 176.0), 4.0, 0.0, 6.0),
        trunk=(-scene.rng.uniform(2.0, 12.0), 0.0, 0.0),
        shrug=(18.0, 0.0),
        head=(-18.0, 0.0, 0.0),
    )


@held(
    "bending sideways",
    "a person bends the trunk sideways with one arm overhead",
    "someone stretches the side of the body",
    "a person does a side bend",
    also=("side bend", "side bends", "side stretch", "lateral bend with arm up", "bending to the side", "lateral bend"),
    hold=(0.6, 4.0),
    sided=True,
)
def bending_sideways(scene: Scene) -> Pose:
    r = scene.rng
    return posed(
        personal(scene, foot=(0.0, 0.10, 0.0, 0.0, 8.0)),
        trunk=(0.0, r.uniform(28.0, 45.0), 0.0),
        pelvis=(0.0, -r.uniform(2.0, 8.0), 0.0),
        right_arm=(5.0, r.uniform(150.0, 172.0), 0.0, 20.0),
        level=0.3,
    )


@held(
    "touching the toes",
    "a person bends forward with straight legs and reaches for the toes",
    "someone touches the toes with both hands",
    "a person stretches the backs of the legs",
    also=(
        "toe touch",
        "toe touches",
        "waist bends forward",
        "forward bend",
        "forward stretching",
        "repetitive forward stretching",
        "hamstring stretch",
    ),
    hold=(0.6, 5.0),
)
def touching_toes(scene: Scene) -> Pose:
    r = scene.rng
    lean = r.uniform(52.0, 70.0)
    return posed(
        personal(scene),
        at=(-0.08, 0.0, 0.513),
        pelvis=(lean, 0.0, 0.0),
        trunk=(r.uniform(35.0, 55.0), 0.0, 0.0),
        arm=(lean + 40.0, 4.0, 10.0, 8.0),
        level=0.0,
        head=(10.0, 0.0, 0.0),
    )


@held(
    "stretching the thigh",
    "a person stands on one leg and pulls the other heel to the buttocks",
    "someone stretches the front of the thigh",
    "a person does a quad stretch",
    also=("quad stretch", "standing quadriceps stretch"),
    sided=True,
)
def stretching_thigh(scene: Scene) -> Pose:
    r = scene.rng
    return posed(
        personal(scene),
        at=(0.0, -0.04, 0.518),
        left_leg=(-r.uniform(0.0, 12.0), 2.0, r.uniform(118.0, 135.0), -25.0),
        left_free=1.0,
        left_arm=(-38.0, 8.0, 0.0, r.uniform(25.0, 45.0)),
        right_arm=scene.pick((4.0, 8.0, 5.0, 18.0), (20.0, 70.0, 0.0, 10.0)),
    )


@held(
    "standing in tree pose",
    "a person stands on one leg with the other foot against the knee and the hands together",
    "someone holds the yoga tree pose",
    "a person balances in tree pose",
    also=("yoga tree pose", "tree pose", "yoga"),
    hold=(4.0, 10.0),
    sided=True,
    amount=2.5,
)
def tree_pose(scene: Scene) -> Pose:
    arms = scene.pick((172.0, 0.0, 0.0, 12.0), (48.0, -2.0, 60.0, 118.0))
    return posed(
        personal(scene),
        at=(0.0, -0.05, 0.520),
        # The knee points out, the sole lies against the other leg, above or below its knee.
        left_foot=(0.0, 0.005, scene.pick(0.10, scene.rng.uniform(0.20, 0.27)), 55.0, scene.rng.uniform(60.0, 80.0)),
        arm=arms,
    )


@held(
    "standing in warrior pose",
    "a person stands in a long lunge with the arms stretched out to both sides",
    "someone holds the yoga warrior pose",
    "a person does the warrior pose",
    also=("yoga warrior pose", "warrior pose"),
    hold=(4.0, 10.0),
    sided=True,
)
def warrior_pose(scene: Scene) -> Pose:
    return posed(
        personal(scene),
        at=(0.10, 0.0, 0.36),
        left_foot=(0.34, 0.05, 0.0, 0.0, 3.0),
        right_foot=(-0.34, 0.06, 0.0, 38.0, 5.0),
        arm=scene.pick((0.0, 88.0, 0.0, 4.0), (172.0, 4.0, 0.0, 5.0)),
        trunk=(0.0, 0.0, 0.0),
    )


@held(
    "doing the downward dog",
    "a person stands on hands and feet with the hips high",
    "someone holds the yoga pose downward facing dog",
    "a person does the downward dog",
    also=("downward dog", "downward facing dog"),
    hold=(4.0, 9.0),
    amount=0.8,
    palm=FLAT_PALM,
    fingers=FLAT_FINGERS,
)
def downward_dog(scene: Scene) -> Pose:
    lean = scene.rng.uniform(112.0, 122.0)
    return posed(
        at=(0.30, 0.0, 0.455),
        pelvis=(lean, 0.0, 0.0),
        trunk=(0.0, 0.0, 0.0),
        level=0.0,
        head=(8.0, 0.0, 0.0),
        foot=(0.0, 0.07, 0.0, 22.0, 0.0),
        hand=(0.68, 0.12, 0.03),
        hold=1.0,
    )


@program(
    "arm circles",
    "exercise",
    also=("circling the arms", "arm circling", "arm swings", "shoulder rotations", "shoulder circles"),
    rate_hz=Range(0.4, 1.3, "1/s", 0.15, 2.5),
    size_deg=Range(15.0, 170.0, "deg", 5.0, 175.0),
)
def arm_circles(scene: Scene, *, rate_hz: float, size_deg: float) -> Figure:
    figure, r = scene.figure(), scene.rng
    rate_hz *= 1.0 if size_deg < 90 else 0.8
    way = scene.pick("forward", "backward")
    angle = (1.0 if way == "forward" else -1.0) * 2.0 * np.pi * beats(figure.t, rate_hz, r, 0.03)
    channels = liven(scene, figure, personal(scene))
    lag = scene.pick(0.0, 0.0, np.pi)
    for side, late in (("left", 0.0), ("right", lag)):
        # Small circles about the level arm, large ones about the shoulder.
        if size_deg < 90:
            flex, out = 0.5 * size_deg * np.sin(angle + late), 85.0 + 0.5 * size_deg * np.cos(angle + late)
        else:
            flex, out = np.rad2deg(np.unwrap(angle + late)), 12.0 + 8.0 * np.cos(angle + late)
        channels[f"{side}_arm"] = np.stack(
            [flex if size_deg < 90 else -flex, out, 0 * flex, np.full_like(flex, r.uniform(3.0, 20.0))], axis=1
        )
    channels["trunk"] = channels["trunk"] + np.stack(
        [2.0 * np.cos(angle), 0 * angle, (3.0 if lag else 0.0) * np.sin(angle)], axis=1
    )
    put(figure, channels, breath=r)
    size = "small" if size_deg < 60 else "large"
    figure.said += [
        "a person circles both arms",
        f"a person makes {size} circles with the arms stretched out",
        f"someone swings the arms round {way}",
    ]
    return figure


@program(
    "wall sit",
    "exercise",
    also=("wall sits", "sitting against a wall without a chair"),
    knee_deg=Range(70.0, 105.0, "deg", 30.0, 120.0),
)
def wall_sit(scene: Scene, *, knee_deg: float) -> Figure:
    figure, r = scene.figure(), scene.rng
    bend = np.deg2rad(knee_deg)
    pose = personal(
        scene,
        at=(-0.245 * np.sin(bend), 0.0, 0.039 + 0.246 + 0.245 * np.cos(bend)),
        foot=(0.0, 0.08, 0.0, 0.0, 6.0),
        trunk=(0.0, 0.0, 0.0),
        **scene.pick(
            {"arm": (35.0, 8.0, 5.0, 35.0)}, {"arm": (88.0, 4.0, 0.0, 8.0)}, {"arm": (60.0, 8.0, 75.0, 115.0)}
        ),
    )
    channels = liven(scene, figure, pose, 0.6)
    channels["at"][:, 2] += r.uniform(0.0003, 0.001) * np.sin(2 * np.pi * r.uniform(5.0, 8.0) * figure.t)
    put(figure, channels, breath=r, depth=2.0)
    figure.contact = {side: np.ones(len(figure.t), dtype=bool) for side in ("left", "right")}
    figure.said += [
        "a person sits against a wall without a chair",
        "someone holds a wall sit with bent knees and the back to the wall",
        "a person keeps still in a wall squat",
    ]
    return figure
