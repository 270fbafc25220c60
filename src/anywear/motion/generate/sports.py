"""Throws, catches, swings and shots of one who stands."""

from __future__ import annotations

from .registry import Range
from .swing import Stroke, register_strokes

# A lob from beside the head: the forearm swings forward and turns, the shoulder hardly whips; ball leaves at 0.62 s.
_LOB = Stroke(
    1.15,
    {
        "twist": ((0.4, -12.0), (0.65, 8.0)),
        "flexion": ((0.4, -4.0), (0.7, 9.0)),
        "flex": ((0.4, 45.0), (0.66, 72.0), (0.95, 40.0)),
        "abd": ((0.4, 22.0), (0.7, 12.0)),
        "rot": ((0.4, -25.0), (0.66, 5.0)),
        "elbow": ((0.42, 122.0), (0.66, 28.0), (0.9, 20.0)),
        "pron": ((0.42, -25.0), (0.66, 55.0), (0.95, 65.0)),
        "wrist": ((0.45, -35.0), (0.68, 25.0)),
        "o_flex": ((0.4, 15.0), (0.8, 0.0)),
        "heel": ((0.5, 3.0), (0.75, 20.0)),
    },
    open_deg=-25.0,
)
# An overhand throw: stride and hips, then trunk, then the arm whips. 1.1 s; ball leaves at 0.75 s.
register_strokes(
    "throw_ball",
    "throw",
    ("throwing a ball", "overhand throw", "ball throw"),
    (
        "a person throws a ball with the {hand} hand",
        "someone throws something overhand",
        "an overarm throw with the {hand} arm",
    ),
    Stroke(
        1.25,
        {
            "yaw": ((0.4, -35.0), (0.62, 10.0), (0.85, 30.0)),
            "twist": ((0.42, -30.0), (0.6, -20.0), (0.78, 25.0), (1.0, 30.0)),
            "flexion": ((0.45, -8.0), (0.78, 15.0), (0.95, 22.0)),
            "ahead": ((0.4, -0.06), (0.7, 0.08), (1.0, 0.10)),
            "flex": ((0.4, -25.0), (0.6, -15.0), (0.78, 35.0), (0.95, 80.0)),
            "abd": ((0.35, 85.0), (0.78, 95.0), (0.95, 55.0), (1.15, 20.0)),
            "rot": ((0.4, -60.0), (0.64, -115.0), (0.76, -45.0), (0.88, 25.0)),
            "elbow": ((0.4, 95.0), (0.66, 100.0), (0.77, 30.0), (0.95, 25.0)),
            "wrist": ((0.6, -35.0), (0.79, 30.0)),
            "pron": ((0.6, 0.0), (0.85, 60.0)),
            "o_flex": ((0.4, 70.0), (0.7, 30.0), (0.9, 5.0)),
            "o_elbow": ((0.45, 40.0), (0.8, 80.0)),
            "heel": ((0.6, 10.0), (0.85, 45.0), (1.1, 30.0)),
        },
        open_deg=-25.0,
    ),
    _LOB,
)
register_strokes(
    "underhand_throw",
    "underhand throw",
    ("tossing a ball underhand", "underarm throw"),
    (
        "a person tosses a ball underhand with the {hand} hand",
        "someone swings an arm back and throws from below",
        "an underarm toss with the {hand} arm",
    ),
    Stroke(
        1.3,
        {
            "flex": ((0.45, -38.0), (0.72, 45.0), (0.95, 80.0)),
            "elbow": ((0.45, 15.0), (0.72, 22.0), (0.95, 50.0)),
            "pron": ((0.45, 30.0), (0.75, -40.0)),
            "wrist": ((0.5, -15.0), (0.74, 30.0)),
            "flexion": ((0.45, 12.0), (0.8, 6.0)),
            "drop": ((0.5, 0.06), (0.85, 0.0)),
            "twist": ((0.45, -12.0), (0.8, 10.0)),
            "o_flex": ((0.5, 20.0), (0.9, 0.0)),
        },
        open_deg=-5.0,
    ),
)
register_strokes(
    "javelin_throw",
    "javelin throw",
    ("throwing a javelin", "throwing a spear"),
    (
        "a person throws a javelin with the {hand} hand",
        "someone throws a spear over the shoulder",
        "a javelin throw, the {hand} arm drawn far back",
    ),
    Stroke(
        1.7,
        {
            "yaw": ((0.75, -35.0), (0.98, 15.0), (1.25, 30.0)),
            "twist": ((0.8, -30.0), (0.98, -15.0), (1.14, 25.0), (1.4, 30.0)),
            "flexion": ((0.85, -14.0), (1.14, 14.0), (1.35, 25.0)),
            "bend": ((0.85, -8.0), (1.12, 12.0)),
            "ahead": ((0.75, -0.10), (1.1, 0.10)),
            "flex": ((0.7, -40.0), (0.95, -25.0), (1.14, 50.0), (1.35, 75.0)),
            "abd": ((0.6, 85.0), (0.98, 105.0), (1.14, 110.0), (1.38, 40.0)),
            "rot": ((0.7, -75.0), (0.98, -110.0), (1.14, -45.0), (1.3, 20.0)),
            "elbow": ((0.7, 18.0), (0.98, 85.0), (1.15, 18.0), (1.4, 30.0)),
            "wrist": ((0.95, -20.0), (1.17, 25.0)),
            "pron": ((0.7, -40.0), (1.25, 50.0)),
            "o_flex": ((0.7, 85.0), (1.0, 40.0), (1.3, 0.0)),
            "o_elbow": ((0.7, 20.0), (1.1, 75.0)),
            "heel": ((0.95, 10.0), (1.2, 45.0), (1.5, 30.0)),
        },
        open_deg=-50.0,
        width_m=0.5,
    ),
    tempo=Range(0.45, 1.0, "times usual", 0.35, 1.6),
)

# Bats and clubs in both hands.
register_strokes(
    "baseball_swing",
    "baseball swing",
    ("swinging a bat", "batting", "baseball swing from right"),
    (
        "a person swings a baseball bat",
        "someone swings a bat with both hands",
        "a {hand}-handed batter hits a baseball",
    ),
    Stroke(
        1.35,
        {
            "yaw": ((0.35, -15.0), (0.62, 50.0), (0.85, 75.0)),
            "twist": ((0.38, -30.0), (0.6, -20.0), (0.76, 25.0), (0.95, 45.0)),
            "drop": ((0.3, 0.06), (0.9, 0.03)),
            "grip_x": ((0.35, 0.30), (0.58, 0.42), (0.72, 0.78), (0.95, 0.35)),
            "grip_y": ((0.35, 0.65), (0.58, 0.45), (0.74, -0.1), (0.98, -0.72)),
            "grip_z": ((0.35, 0.05), (0.6, -0.25), (0.75, -0.28), (1.0, 0.22)),
            "pron": ((0.55, 10.0), (0.75, 40.0), (0.95, -10.0)),
            "o_pron": ((0.55, 40.0), (0.95, 10.0)),
            "ahead": ((0.3, -0.05), (0.7, 0.06)),
            "heel": ((0.5, 5.0), (0.8, 50.0)),
        },
        ready={"grip_x": 0.35, "grip_y": 0.45, "grip_z": 0.05, "drop": 0.05, "hold": 1.0},
        open_deg=-80.0,
        width_m=0.55,
    ),
    relaxed=0.45,
    tempo=Range(0.36, 0.95, "times usual", 0.3, 1.8),
)
register_strokes(
    "golf_swing",
    "golf swing",
    ("playing golf", "swinging a golf club"),
    (
        "a person swings a golf club",
        "someone plays a golf shot with both hands on the club",
        "a {hand}-handed golfer drives the ball",
    ),
    Stroke(
        2.3,
        {
            "yaw": ((0.85, -40.0), (1.0, -35.0), (1.25, 25.0), (1.6, 75.0)),
            "twist": ((0.9, -48.0), (1.05, -45.0), (1.28, 5.0), (1.65, 40.0)),
            "flexion": ((0.9, 28.0), (1.28, 28.0), (1.7, 2.0)),
            "grip_x": ((0.9, 0.45), (1.1, 0.5), (1.27, 0.55), (1.65, 0.35)),
            "grip_y": ((0.9, 0.42), (1.1, 0.35), (1.27, 0.0), (1.65, -0.5)),
            "grip_z": ((0.9, 0.30), (1.08, 0.0), (1.27, -0.75), (1.65, 0.32)),
            "pron": ((0.9, -10.0), (1.3, 30.0), (1.5, 70.0)),
            "o_pron": ((0.9, 60.0), (1.3, 30.0), (1.55, -20.0)),
            "heel": ((1.1, 3.0), (1.6, 60.0), (2.3, 60.0)),
        },
        ready={"grip_x": 0.5, "grip_y": 0.0, "grip_z": -0.78, "flexion": 25.0, "drop": 0.05, "hold": 1.0, "pitch": 8.0},
        open_deg=-80.0,
        width_m=0.45,
    ),
    relaxed=0.2,
)
# Hoops, catches, picking up.
register_strokes(
    "basketball_shoot",
    "basketball shoot",
    ("shooting a basketball", "free throw", "basketball shot"),
    (
        "a person shoots a basketball",
        "someone throws a basketball at the hoop",
        "a basketball shot with the {hand} hand",
    ),
    *(
        Stroke(
            1.6,
            {
                "drop": ((0.45, 0.12), (0.8, 0.0), (1.6, 0.0)),
                "flex": ((0.45, 45.0), (0.72, 85.0), (0.95, end), (1.2, end - 5.0), (1.5, 20.0)),
                "abd": ((0.5, 5.0), (0.95, 8.0)),
                "rot": ((0.5, 10.0), (0.8, 0.0)),
                "elbow": ((0.45, 95.0), (0.76, 122.0), (0.96, 12.0), (1.2, 15.0), (1.5, 30.0)),
                "wrist": ((0.75, -55.0), (0.9, -45.0), (1.0, 50.0), (1.3, 40.0)),
                "pron": ((0.5, 10.0), (0.76, 0.0), (0.98, 75.0), (1.3, 60.0)),
                "o_flex": ((0.45, 45.0), (0.72, 80.0), (0.95, 115.0), (1.2, 100.0)),
                "o_elbow": ((0.45, 90.0), (0.75, 105.0), (0.96, 55.0)),
                "o_pron": ((0.5, 20.0),),
                "flexion": ((0.45, 8.0), (0.9, -4.0)),
            },
            ready={"flex": 25.0, "elbow": 85.0, "rot": 25.0, "o_flex": 25.0, "o_elbow": 85.0, "o_rot": 25.0},
            jump=jump,
            width_m=0.32,
        )
        # Over the head, from the chest or with a jump.
        for jump, end in ((None, 135.0), (None, 102.0), ((0.8, 0.15), 130.0))
    ),
)
register_strokes(
    "basketball_pass",
    "chest pass",
    ("passing a ball", "basketball pass", "two hand throw"),
    (
        "a person passes a ball from the chest",
        "someone throws a ball forward with both hands",
        "both arms push a ball away from the chest",
    ),
    Stroke(
        1.1,
        {
            **{
                f"{o}{key}": keys
                for o in ("", "o_")
                for key, keys in {
                    "flex": ((0.35, 15.0), (0.6, 75.0), (0.8, 70.0), (1.05, 20.0)),
                    "elbow": ((0.35, 120.0), (0.6, 10.0), (0.8, 15.0), (1.05, 70.0)),
                    "rot": ((0.35, 15.0), (0.6, 20.0)),
                    "abd": ((0.35, 20.0), (0.6, 6.0)),
                    "pron": ((0.35, 20.0), (0.6, 75.0), (0.8, 70.0), (1.05, 20.0)),
                    "wrist": ((0.35, -40.0), (0.62, 30.0), (0.9, 10.0)),
                }.items()
            },
            "ahead": ((0.35, -0.03), (0.62, 0.08), (1.05, 0.0)),
            "flexion": ((0.35, 0.0), (0.6, 12.0), (1.0, 4.0)),
        },
        ready={"flex": 25.0, "elbow": 90.0, "rot": 25.0, "o_flex": 25.0, "o_elbow": 90.0, "o_rot": 25.0, "drop": 0.03},
    ),
    tempo=Range(0.6, 1.2, "times usual", 0.4, 1.8),
)
register_strokes(
    "catch_ball",
    "catch",
    (
        "catching a ball",
        "catch a ball",
        "playing catch",
        "playing catch with a ball",
        "playing catch with a tennis ball",
    ),
    ("a person catches a ball", "someone reaches out and catches a ball", "hands stop a ball that comes flying"),
    Stroke(
        1.4,
        {
            "flex": ((0.4, 70.0), (0.55, 68.0), (0.68, 35.0), (1.1, 30.0)),
            "elbow": ((0.4, 40.0), (0.54, 40.0), (0.68, 95.0)),
            "rot": ((0.4, 20.0), (0.7, 30.0)),
            "wrist": ((0.4, -30.0), (0.7, 10.0)),
            "pron": ((0.4, 55.0), (0.54, 55.0), (0.7, 10.0)),
            "o_flex": ((0.4, 70.0), (0.55, 68.0), (0.68, 35.0), (1.1, 30.0)),
            "o_elbow": ((0.4, 40.0), (0.54, 40.0), (0.68, 95.0)),
            "o_rot": ((0.4, 20.0), (0.7, 30.0)),
            "o_wrist": ((0.4, -30.0), (0.7, 10.0)),
            "drop": ((0.4, 0.04), (0.7, 0.07)),
            "ahead": ((0.4, 0.05), (0.7, -0.02)),
        },
    ),
    Stroke(
        1.3,
        {
            "flex": ((0.35, 105.0), (0.52, 105.0), (0.66, 60.0), (1.0, 40.0)),
            "elbow": ((0.35, 25.0), (0.52, 25.0), (0.66, 80.0)),
            "wrist": ((0.35, -35.0), (0.66, 10.0)),
            "abd": ((0.35, 15.0),),
            "pron": ((0.35, 65.0), (0.52, 65.0), (0.68, -15.0)),
            "twist": ((0.4, 12.0), (0.7, -5.0)),
            "drop": ((0.6, 0.04),),
        },
    ),
    tempo=Range(0.6, 1.3, "times usual", 0.4, 1.8),
)
register_strokes(
    "bowling",
    "bowling",
    ("rolling a bowling ball", "ten-pin bowling"),
    (
        "a person bowls with the {hand} hand",
        "someone swings a bowling ball back and rolls it",
        "an underarm swing rolls a ball along the ground",
    ),
    Stroke(
        2.2,
        {
            "flex": ((0.4, 45.0), (1.0, -55.0), (1.15, -50.0), (1.5, 20.0), (1.8, 115.0)),
            "elbow": ((0.35, 55.0), (0.8, 8.0), (1.5, 8.0), (1.85, 60.0)),
            "pron": ((0.6, -10.0), (1.5, 0.0), (1.8, 45.0)),
            "flexion": ((0.9, 25.0), (1.45, 48.0), (1.9, 30.0)),
            "drop": ((0.6, 0.03), (1.45, 0.20), (1.9, 0.14)),
            "ahead": ((0.9, 0.0), (1.5, 0.12)),
            "twist": ((1.0, -18.0), (1.6, 12.0)),
            "o_flex": ((0.4, 40.0), (0.9, 20.0)),
            "o_abd": ((1.0, 35.0), (1.7, 55.0)),
            "o_elbow": ((0.4, 60.0), (1.0, 20.0)),
            "heel": ((1.0, 3.0), (1.4, 45.0), (2.0, 30.0)),
        },
        width_m=0.3,
    ),
)
# Bending down to the ground, and up again; the throw follows.
_BEND = {
    "flexion": ((0.8, 62.0), (1.05, 60.0), (1.75, -5.0), (2.15, 15.0), (2.35, 20.0)),
    "pitch": ((0.85, 45.0), (1.05, 44.0), (1.75, 0.0)),
    "drop": ((0.85, 0.24), (1.05, 0.24), (1.75, 0.0)),
    "ahead": ((0.85, -0.08), (1.7, -0.04), (2.2, 0.06)),
    "o_flex": ((0.85, 45.0), (1.85, 50.0), (2.2, 10.0)),
    "o_elbow": ((0.9, 30.0), (2.1, 60.0)),
}
_PICK_AND_WHIP = {
    "flex": ((0.85, 72.0), (1.05, 74.0), (1.45, 10.0), (1.85, -20.0), (2.0, -12.0), (2.18, 40.0), (2.4, 80.0)),
    "abd": ((0.85, 5.0), (1.4, 20.0), (1.85, 88.0), (2.18, 92.0), (2.45, 40.0)),
    "rot": ((1.3, 0.0), (1.85, -70.0), (2.02, -95.0), (2.18, -40.0), (2.35, 20.0)),
    "elbow": ((0.9, 12.0), (1.4, 60.0), (1.9, 100.0), (2.04, 98.0), (2.2, 30.0)),
    "wrist": ((1.9, -30.0), (2.18, 25.0)),
    "twist": ((1.85, -30.0), (2.2, 22.0)),
    "yaw": ((1.8, -18.0), (2.2, 15.0)),
}
_PICK_AND_LOB = {
    "flex": ((0.85, 72.0), (1.05, 74.0), (1.75, 40.0), (1.95, 45.0), (2.2, 72.0), (2.5, 40.0)),
    "abd": ((0.85, 5.0), (1.75, 22.0), (2.25, 12.0)),
    "rot": ((1.3, 0.0), (1.85, -25.0), (2.2, 5.0)),
    "elbow": ((0.9, 12.0), (1.4, 70.0), (1.9, 122.0), (2.0, 120.0), (2.22, 28.0), (2.45, 20.0)),
    "pron": ((0.9, 30.0), (1.9, -25.0), (2.0, -25.0), (2.22, 55.0)),
    "wrist": ((1.9, -30.0), (2.2, 25.0)),
    "twist": ((1.85, -10.0), (2.2, 8.0)),
}
register_strokes(
    "pick_up_and_throw",
    "pickup and throw",
    ("picking up and throwing", "pick up and throw"),
    (
        "a person picks something up and throws it with the {hand} hand",
        "someone bends down, picks up a ball and throws it",
        "picking up from the ground, then throwing overhand",
    ),
    *(Stroke(2.9, _BEND | arm, open_deg=-10.0) for arm in (_PICK_AND_WHIP, _PICK_AND_LOB)),
)
