"""Gestures of both arms, done once or a few times: clapping, crossing, pushing, opening."""

from __future__ import annotations

import numpy as np

from .figure import SIDES, Figure
from .gesturing import SHORT, WHO, say, set_stage
from .registry import Range, Scene, program
from .rhythms import strike
from .swing import Stroke, register_strokes

register_strokes(
    "arm_cross",
    "arm cross",
    ("crossing the arms", "cross arms in front of the chest"),
    (
        "a person crosses both arms in front of the chest",
        "someone crosses the arms and opens them again",
        "both arms swing across the chest",
    ),
    Stroke(
        1.5,
        {
            f"{o}{key}": keys
            for o in ("", "o_")
            for key, keys in {
                "flex": ((0.45, 66.0), (0.8, 64.0), (1.2, 20.0)),
                "abd": ((0.45, 0.0), (0.8, 0.0)),
                "rot": ((0.45, 70.0), (0.8, 70.0), (1.2, 20.0)),
                "elbow": ((0.45, 80.0), (0.8, 80.0), (1.2, 25.0)),
            }.items()
        },
    ),
    relaxed=0.85,
    family="gestures",
)
_PUSH = {
    "flex": ((0.35, 12.0), (0.75, 72.0), (1.0, 70.0), (1.4, 25.0)),
    "abd": ((0.35, 12.0), (0.75, 6.0)),
    "rot": ((0.35, 10.0), (0.75, 15.0)),
    "elbow": ((0.35, 118.0), (0.75, 18.0), (1.0, 18.0), (1.4, 70.0)),
    "wrist": ((0.35, -35.0), (0.75, -55.0), (1.4, -10.0)),
    "pron": ((0.35, 45.0), (0.75, 60.0), (1.4, 25.0)),
}
register_strokes(
    "two_hand_push",
    "push",
    ("push with both hands", "pushing with two hands", "two hand front push"),
    (
        "a person pushes forward with both hands",
        "someone stretches both arms out as if to push something away",
        "both palms push forward from the chest",
    ),
    Stroke(
        1.8,
        {
            **{f"{o}{key}": keys for o in ("", "o_") for key, keys in _PUSH.items()},
            "flexion": ((0.35, -3.0), (0.75, 8.0), (1.4, 0.0)),
            "ahead": ((0.35, -0.02), (0.75, 0.04), (1.4, 0.0)),
        },
    ),
    relaxed=0.85,
    tempo=Range(0.55, 1.3, "times usual", 0.4, 1.8),
    family="gestures",
)
_OPEN = {
    "flex": ((0.4, 55.0), (0.9, 45.0), (1.4, 20.0)),
    "abd": ((0.4, 5.0), (0.9, 75.0), (1.4, 40.0)),
    "rot": ((0.4, 55.0), (0.9, -25.0), (1.4, 5.0)),
    "elbow": ((0.4, 85.0), (0.9, 30.0), (1.4, 25.0)),
    "pron": ((0.4, 40.0), (0.9, 10.0)),
}
register_strokes(
    "open_arms",
    "opening the arms",
    ("spread arms", "arms wide", "open arms"),
    (
        "a person opens both arms wide",
        "someone spreads the arms as if to welcome somebody",
        "both arms swing outwards from before the chest",
    ),
    Stroke(1.8, {f"{o}{key}": keys for o in ("", "o_") for key, keys in _OPEN.items()}),
    relaxed=0.85,
    family="gestures",
)


@program("clap", "gestures", also=("two hand clap", "clap hands", "front clap"), seconds=SHORT,
         posture=WHO["posture"], rate_hz=Range(1.0, 2.8, "Hz", 0.5, 5.0))  # fmt: skip
def clap_hands(scene: Scene, *, posture: str, rate_hz: float) -> Figure:
    """A few claps from hanging arms."""
    rng = scene.rng
    times = int(rng.integers(1, 5))
    stage = set_stage(scene, "dominant", posture, times / rate_hz, rest=scene.pick("hanging", "hanging", "forward"))
    figure, t = stage.figure, stage.figure.t
    phase = np.zeros_like(t)
    for beat in stage.beats:
        phase = phase + times * stage.progress(beat)
    # Open by as much as there is time for; closed at whole numbers.
    wide = min(0.32 * scene.around(1.0, 0.3), 0.55 / rate_hz)
    apart = wide * strike(phase, 0.5, 0.55)
    reach, up = rng.uniform(0.45, 0.85), rng.normal(-0.25, 0.12)
    middle = 0.5 * float(np.linalg.norm(figure.point("left_upper_arm")[0] - figure.point("right_upper_arm")[0]))
    lead, swivel = rng.uniform(0.4, 1.0), rng.uniform(10.0, 45.0)
    turned, bent = rng.normal(0.0, 15.0), rng.normal(0.0, 8.0)
    for side, s in SIDES.items():
        share = 1.0 if side == stage.side else lead
        inwards = -s * (0.5 * share * apart + 0.03 - middle)
        held = np.stack([np.full_like(t, reach * figure.arm_m), inwards, up * figure.arm_m + 0.15 * apart], axis=1)
        stage.put(
            held, side=side, swivel=swivel, pronation=turned if side == stage.side else -turned, flexion=bent, grip=0.05
        )
    count = {1: "once", 2: "twice", 3: "three times"}.get(times, "several times")
    said = f"claps {count}" if len(stage.beats) == 1 else "claps the hands"
    say(stage, said, "clapping hands", "two hands clap before the chest", hand=False)
    return figure
