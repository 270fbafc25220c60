"""Strength exercises of the arms, standing and sitting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .bodyposes import Pose, personal, posed
from .exercise import exercise
from .registry import Scene


@exercise(
    "arm curls",
    "curls both arms",
    (0.9, 3.0),
    "someone bends both elbows and lifts the hands to the shoulders",
    "a person does biceps curls with both hands",
    also=("arm curl", "bicep curls", "biceps curl", "dumbbell curls"),
)
def arm_curls(scene: Scene) -> tuple[Pose, Pose]:
    return _curl(scene, both=True)


@exercise(
    "one-arm curls",
    "curls one arm at a time",
    (0.9, 3.0),
    "someone bends an elbow and lifts the hand to the shoulder",
    also=("single arm curl", "alternating curls", "concentration curl"),
    sides=True,
)
def one_arm_curls(scene: Scene) -> tuple[Pose, Pose]:
    return _curl(scene, both=False)


def _curl(scene: Scene, both: bool) -> tuple[Pose, Pose]:
    r = scene.rng
    supinated = scene.pick(-70.0, -75.0, -20.0, 5.0)  # palms up, or hammer curls
    near = personal(
        scene,
        arm=(r.uniform(-4.0, 8.0), 8.0, 4.0, r.uniform(5.0, 25.0)),
        grip=(supinated * r.uniform(0.3, 1.0), 5.0, 0.9),
    )
    end = {
        "arm": (r.uniform(0.0, 30.0), 8.0, r.uniform(-5.0, 12.0), r.uniform(115.0, 142.0)),
        "grip": (supinated, r.uniform(5.0, 25.0), 0.9),
    }
    rock = r.uniform(-6.0, 2.0)
    end = end if both else {f"left_{name}": value for name, value in end.items()}
    return near, posed(near, trunk=(near["trunk"][0] + rock, 0.0, 0.0), **end)


@exercise(
    "shoulder presses",
    "presses both arms overhead",
    (1.6, 3.5),
    "someone lifts weights from the shoulders to above the head",
    also=("shoulder press", "overhead press", "military press"),
)
def shoulder_press(scene: Scene) -> tuple[Pose, Pose]:
    r = scene.rng
    near = personal(
        scene,
        arm=(r.uniform(0.0, 30.0), r.uniform(50.0, 75.0), r.uniform(-95.0, -75.0), r.uniform(105.0, 130.0)),
        grip=(60.0, 0.0, 1.0),
    )
    far = posed(
        near,
        arm=(r.uniform(0.0, 12.0), r.uniform(158.0, 172.0), -70.0, r.uniform(5.0, 20.0)),
        trunk=(-3.0, 0.0, 0.0),
        shrug=(14.0, 0.0),
    )
    return near, far


@exercise(
    "lateral raises",
    "raises both arms sideways",
    (1.6, 3.5),
    "someone lifts the straight arms out to the sides up to shoulder height",
    also=(
        "side raises",
        "lateral arm raises",
        "raising arms sideways",
        "lateral elevation of arms",
        "arms lateral elevation",
    ),
)
def lateral_raises(scene: Scene) -> tuple[Pose, Pose]:
    near = personal(scene, arm=(2.0, 8.0, 5.0, 12.0), grip=(15.0, 5.0, 0.8))
    return near, posed(
        near, arm=(scene.rng.uniform(0.0, 20.0), scene.rng.uniform(78.0, 105.0), 0.0, scene.rng.uniform(6.0, 25.0))
    )


@exercise(
    "front raises",
    "raises both arms to the front",
    (1.6, 3.5),
    "someone lifts the straight arms forward up to shoulder height",
    also=("frontal elevation of arms", "frontal arm raises", "raising arms forward", "arms frontal elevation"),
)
def front_raises(scene: Scene) -> tuple[Pose, Pose]:
    near = personal(scene, arm=(4.0, 7.0, 20.0, 10.0), grip=(45.0, 5.0, 0.8))
    return near, posed(
        near, arm=(scene.rng.uniform(80.0, 120.0), 4.0, 20.0, scene.rng.uniform(4.0, 15.0)), trunk=(-2.0, 0.0, 0.0)
    )


@exercise(
    "triceps extensions",
    "does triceps extensions",
    (1.6, 3.2),
    "someone stretches the elbows overhead and lowers the hands behind the head again",
    also=("triceps extension", "overhead triceps extension"),
)
def triceps_extensions(scene: Scene) -> tuple[Pose, Pose]:
    upper = (scene.rng.uniform(158.0, 172.0), 0.0, 20.0)
    near = personal(scene, arm=(*upper, scene.rng.uniform(6.0, 20.0)), grip=(0.0, 0.0, 1.0))
    return near, posed(near, arm=(*upper, scene.rng.uniform(105.0, 130.0)))


def _seated(scene: Scene, **changes: float | Sequence[float]) -> dict[str, np.ndarray]:
    """On a bench, feet flat."""
    seat = scene.rng.uniform(0.27, 0.31)
    return posed(
        personal(scene),
        at=(0.0, 0.0, seat),
        pelvis=(-12.0, 0.0, 0.0),
        trunk=(10.0, 0.0, 0.0),
        foot=(0.25, 0.09, 0.0, 0.0, 10.0),
        **changes,
    )


@exercise(
    "lat pulldowns",
    "does lat pulldowns",
    (1.8, 3.5),
    "someone sits and pulls a bar from overhead down to the chest with both hands",
    also=("lat pulldown", "pulldown"),
)
def lat_pulldowns(scene: Scene) -> tuple[Pose, Pose]:
    near = _seated(
        scene, arm=(10.0, scene.rng.uniform(145.0, 165.0), -60.0, 8.0), grip=(60.0, 0.0, 1.0), shrug=(16.0, 0.0)
    )
    return near, posed(
        near,
        arm=(5.0, scene.rng.uniform(30.0, 50.0), -80.0, scene.rng.uniform(115.0, 135.0)),
        trunk=(-4.0, 0.0, 0.0),
        shrug=(0.0, 0.0),
    )
