"""Strokes at a ball that flies: tennis, table tennis, badminton, volleyball, and the frisbee thrown like a backhand."""

from __future__ import annotations

from .registry import Range
from .swing import Stroke, register_strokes

# Tennis: racket back, hips, trunk, arm; the ball at 0.62 s.
_FOREHAND = Stroke(
    1.25,
    {
        "yaw": ((0.35, -40.0), (0.62, 15.0), (0.85, 30.0)),
        "twist": ((0.38, -30.0), (0.66, 15.0), (0.9, 30.0)),
        "drop": ((0.35, 0.07), (0.8, 0.02)),
        "flex": ((0.35, -35.0), (0.5, -25.0), (0.66, 55.0), (0.9, 115.0)),
        "abd": ((0.35, 55.0), (0.65, 65.0), (0.9, 95.0)),
        "rot": ((0.4, -35.0), (0.56, -55.0), (0.72, 10.0), (0.95, 45.0)),
        "elbow": ((0.4, 45.0), (0.64, 30.0), (0.95, 105.0)),
        "wrist": ((0.5, -40.0), (0.68, 15.0)),
        "pron": ((0.45, -20.0), (0.85, 60.0)),
        "o_flex": ((0.4, 65.0), (0.75, 30.0)),
        "o_abd": ((0.4, 30.0), (0.8, 15.0)),
        "o_elbow": ((0.5, 35.0), (0.9, 90.0)),
        "heel": ((0.5, 5.0), (0.85, 45.0)),
    },
    ready={"flex": 25.0, "elbow": 85.0, "o_flex": 30.0, "o_elbow": 90.0, "drop": 0.04, "rot": 15.0, "o_rot": 25.0},
    open_deg=-30.0,
)
_BACKHAND = Stroke(
    1.25,
    {
        "yaw": ((0.38, 45.0), (0.62, 0.0), (0.85, -20.0)),
        "twist": ((0.4, 35.0), (0.66, -10.0), (0.9, -22.0)),
        "drop": ((0.35, 0.07), (0.8, 0.02)),
        "flex": ((0.38, 75.0), (0.55, 70.0), (0.7, 25.0), (0.95, -10.0)),
        "abd": ((0.38, 25.0), (0.66, 65.0), (0.95, 105.0)),
        "rot": ((0.4, 70.0), (0.56, 60.0), (0.72, -10.0), (0.95, -45.0)),
        "elbow": ((0.4, 85.0), (0.66, 20.0), (0.95, 30.0)),
        "wrist": ((0.5, 25.0), (0.7, -20.0)),
        "pron": ((0.45, 50.0), (0.85, 10.0)),
        "o_flex": ((0.4, 55.0), (0.7, -15.0), (0.95, -30.0)),
        "o_abd": ((0.7, 35.0),),
    },
    ready=_FOREHAND.ready,
    open_deg=-30.0,
)
register_strokes(
    "tennis_forehand",
    "tennis swing",
    ("tennis forehand", "tennis stroke", "forehand"),
    (
        "a person plays a tennis forehand with the {hand} hand",
        "someone swings a tennis racket",
        "a tennis player hits the ball with a forehand",
    ),
    _FOREHAND,
)
register_strokes(
    "tennis_backhand",
    "tennis backhand",
    ("backhand", "backhand stroke"),
    (
        "a person plays a one-handed backhand with the {hand} hand",
        "someone swings a tennis racket backhanded",
        "a tennis player hits a backhand",
    ),
    _BACKHAND,
)
register_strokes(
    "playing_tennis",
    "playing tennis",
    ("tennis",),
    (
        "a person plays tennis with the {hand} hand",
        "someone hits tennis balls with a racket",
        "a tennis rally",
    ),
    _FOREHAND,
    _BACKHAND,
    gap_s=(0.3, 1.5),
    relaxed=0.1,
)
# Serve: toss, trophy pose, then up and over; contact at 1.35 s.
_SERVE = {
    "yaw": ((0.7, -40.0), (1.05, -30.0), (1.35, 20.0), (1.6, 40.0)),
    "twist": ((0.75, -30.0), (1.12, -25.0), (1.36, 20.0), (1.6, 30.0)),
    "bend": ((0.9, 0.0), (1.25, 18.0), (1.6, 5.0)),
    "flexion": ((0.95, -14.0), (1.15, -10.0), (1.38, 12.0), (1.65, 35.0)),
    "drop": ((0.9, 0.09), (1.25, 0.0)),
    "flex": ((0.5, -20.0), (0.9, -20.0), (1.15, -10.0), (1.36, 40.0), (1.6, 70.0)),
    "abd": ((0.5, 45.0), (0.9, 90.0), (1.2, 100.0), (1.35, 140.0), (1.62, 55.0)),
    "rot": ((0.9, -80.0), (1.18, -115.0), (1.34, -35.0), (1.5, 40.0)),
    "elbow": ((0.5, 40.0), (0.95, 95.0), (1.2, 120.0), (1.34, 15.0), (1.6, 40.0)),
    "wrist": ((1.15, -45.0), (1.37, 30.0)),
    "pron": ((1.2, -20.0), (1.45, 70.0)),
    "o_flex": ((0.3, 20.0), (0.85, 155.0), (1.1, 140.0), (1.4, 30.0)),
    "o_elbow": ((0.5, 8.0), (1.1, 20.0), (1.5, 85.0)),
    "ahead": ((0.6, -0.05), (1.4, 0.10)),
    "heel": ((1.0, 5.0), (1.35, 50.0), (1.7, 30.0)),
}
register_strokes(
    "tennis_serve",
    "tennis serve",
    ("serving in tennis", "overhand serve"),
    (
        "a person serves at tennis with the {hand} hand",
        "someone tosses a ball up and serves it",
        "a tennis serve with the {hand} arm",
    ),
    Stroke(1.9, _SERVE, open_deg=-55.0, ready={"flex": 35.0, "elbow": 60.0, "o_flex": 40.0, "o_elbow": 55.0}),
    tempo=Range(0.4, 0.95, "times usual", 0.3, 1.8),
)
register_strokes(
    "volleyball_serve",
    "volleyball serve",
    ("serving in volleyball",),
    (
        "a person serves a volleyball with the {hand} hand",
        "someone tosses a volleyball and hits it overhand",
        "an overhand volleyball serve",
    ),
    Stroke(
        1.9,
        {
            **_SERVE,
            "o_flex": ((0.3, 40.0), (0.8, 130.0), (1.1, 110.0), (1.4, 20.0)),
            "wrist": ((1.15, -30.0), (1.37, 15.0)),
        },
        open_deg=-25.0,
        ready={"o_flex": 45.0, "o_elbow": 50.0},
    ),
)
_SPIKE = Stroke(
    2.0,
    {
        "flexion": ((0.5, 20.0), (0.85, -12.0), (1.15, 15.0), (1.5, 15.0)),
        "twist": ((0.8, -30.0), (1.12, 20.0), (1.5, 5.0)),
        "flex": ((0.35, -45.0), (0.75, 90.0), (0.95, -10.0), (1.14, 45.0), (1.35, 60.0)),
        "abd": ((0.4, 15.0), (0.75, 40.0), (0.95, 110.0), (1.12, 140.0), (1.4, 40.0)),
        "rot": ((0.95, -95.0), (1.12, -25.0), (1.3, 25.0)),
        "elbow": ((0.5, 20.0), (0.95, 110.0), (1.12, 20.0), (1.4, 45.0)),
        "o_flex": ((0.35, -45.0), (0.78, 130.0), (1.0, 130.0), (1.2, 40.0)),
        "wrist": ((1.0, -35.0), (1.15, 35.0)),
    },
    jump=(0.8, 0.35),
)
register_strokes(
    "volleyball_spike",
    "volleyball spike",
    ("spiking a volleyball", "jumping to hit a ball"),
    (
        "a person jumps and spikes a volleyball with the {hand} hand",
        "someone jumps up and hits a ball down",
        "a volleyball spike",
    ),
    _SPIKE,
    gap_s=(0.8, 2.5),
)
_BUMP = Stroke(
    1.2,
    {
        **{
            f"{o}{key}": keys
            for o in ("", "o_")
            for key, keys in {
                "flex": ((0.4, 32.0), (0.62, 60.0), (0.9, 50.0)),
                "elbow": ((0.4, 6.0), (0.9, 8.0)),
                "rot": ((0.4, -20.0), (0.9, -15.0)),
                "abd": ((0.4, 0.0), (0.9, 0.0)),
                "pron": ((0.4, -35.0), (0.9, -30.0)),
            }.items()
        },
        "drop": ((0.4, 0.20), (0.65, 0.07), (1.1, 0.05)),
        "flexion": ((0.4, 30.0), (0.65, 18.0)),
        "ahead": ((0.4, -0.03), (0.65, 0.06)),
    },
    width_m=0.5,
)
register_strokes(
    "volleyball_pass",
    "volleyball pass",
    ("bumping a volleyball", "volleyball dig"),
    (
        "a person bumps a volleyball with both forearms",
        "someone plays a volleyball from below with straight arms",
        "a forearm pass from bent knees",
    ),
    _BUMP,
)
register_strokes(
    "playing_volleyball",
    "playing volleyball",
    ("volleyball",),
    (
        "a person plays volleyball",
        "someone plays the ball in a game of volleyball",
        "a game of volleyball",
    ),
    _BUMP,
    _BUMP,
    _SPIKE,
    gap_s=(0.3, 1.8),
    relaxed=0.3,
)

# Small rackets.
register_strokes(
    "table_tennis",
    "playing table tennis",
    ("table tennis", "ping pong"),
    (
        "a person plays table tennis with the {hand} hand",
        "someone plays ping pong",
        "quick short strokes with a table tennis bat",
    ),
    *(
        Stroke(
            0.7,
            {
                "twist": ((0.2, -12.0 * sign), (0.42, 10.0 * sign)),
                "flex": ((0.2, 20.0), (0.4, 60.0)),
                "rot": ((0.2, 25.0 - 40.0 * sign), (0.4, 25.0 + 25.0 * sign)),
                "elbow": ((0.2, 80.0), (0.42, 100.0)),
                "wrist": ((0.25, -20.0 * sign), (0.42, 20.0 * sign)),
                "aside": ((0.2, -0.05 * sign), (0.5, 0.02 * sign)),
            },
            ready={
                "flex": 30.0,
                "elbow": 90.0,
                "rot": 25.0,
                "o_flex": 25.0,
                "o_elbow": 85.0,
                "o_rot": 20.0,
                "drop": 0.07,
                "flexion": 22.0,
                "pron": 20.0,
            },
            width_m=0.5,
        )
        for sign in (1.0, -1.0)
    ),
    gap_s=(0.0, 0.5),
    relaxed=0.05,
)
register_strokes(
    "badminton_smash",
    "playing badminton",
    ("badminton", "badminton smash"),
    (
        "a person plays badminton with the {hand} hand",
        "someone hits a shuttlecock with a racket",
        "badminton strokes with the {hand} arm",
    ),
    Stroke(
        1.2,
        {
            key: tuple((0.75 * (when - 0.45), value) for when, value in keys if when > 0.7)
            for key, keys in _SERVE.items()
        },
        open_deg=-35.0,
        ready={"flex": 40.0, "elbow": 95.0, "o_flex": 40.0, "o_elbow": 80.0, "drop": 0.04},
        soften_s=0.036,
    ),
    _FOREHAND,
    gap_s=(0.2, 1.2),
    relaxed=0.1,
)
register_strokes(
    "frisbee_throw",
    "throwing a frisbee",
    ("frisbee",),
    (
        "a person throws a frisbee with the {hand} hand",
        "someone flings a disc backhand",
        "a frisbee throw across the body",
    ),
    Stroke(
        1.1,
        {**_BACKHAND.keys, "wrist": ((0.45, 50.0), (0.66, -25.0)), "elbow": ((0.4, 110.0), (0.66, 20.0))},
        open_deg=-50.0,
    ),
)
