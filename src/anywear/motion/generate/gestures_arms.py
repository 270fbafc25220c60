"""Gestures of both arms."""

from __future__ import annotations

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
