"""Fists and feet: boxing, bags, kicks."""

from __future__ import annotations

from collections.abc import Mapping

from .registry import Range
from .swing import Keys, Stroke, register_strokes

GUARD = {
    "flex": 42.0,
    "abd": 6.0,
    "rot": 22.0,
    "elbow": 122.0,
    "pron": 15.0,
    "wrist": 0.0,
    "o_flex": 50.0,
    "o_abd": 6.0,
    "o_rot": 20.0,
    "o_elbow": 112.0,
    "o_pron": 15.0,
    "o_wrist": 0.0,
    "drop": 0.05,
    "flexion": 10.0,
}
"""Both fists before the chin, degrees and metres."""


def _punch(keys: Mapping[str, Keys], seconds: float = 0.55) -> Stroke:
    return Stroke(seconds, keys, ready=GUARD, width_m=0.45, open_deg=-35.0, soften_s=0.02)


# A jab reaches in 0.2 to 0.3 s, hips and trunk bring the cross; Dinu & Louis, Frontiers in Sports and Active Living 2 (2020).
_JAB = _punch(
    {
        "twist": ((0.22, -14.0), (0.5, 0.0)),
        "o_flex": ((0.22, 86.0), (0.45, 52.0)),
        "o_elbow": ((0.22, 12.0), (0.47, 110.0)),
        "o_pron": ((0.22, 70.0), (0.45, 15.0)),
        "ahead": ((0.2, 0.06), (0.5, 0.0)),
    }
)
_CROSS = _punch(
    {
        "yaw": ((0.2, 22.0), (0.5, 0.0)),
        "twist": ((0.23, 25.0), (0.52, 0.0)),
        "flex": ((0.26, 86.0), (0.5, 45.0)),
        "elbow": ((0.26, 12.0), (0.52, 120.0)),
        "pron": ((0.26, 70.0), (0.5, 15.0)),
        "heel": ((0.2, 30.0), (0.52, 0.0)),
        "ahead": ((0.2, 0.08), (0.52, 0.0)),
    },
    0.6,
)
_HOOK = _punch(
    {
        "yaw": ((0.12, -8.0), (0.3, 25.0), (0.58, 0.0)),
        "twist": ((0.14, -12.0), (0.33, 30.0), (0.6, 0.0)),
        "abd": ((0.18, 60.0), (0.33, 80.0), (0.6, 8.0)),
        "flex": ((0.18, 25.0), (0.35, 85.0), (0.6, 45.0)),
        "elbow": ((0.2, 90.0), (0.35, 85.0), (0.6, 120.0)),
        "rot": ((0.2, 10.0), (0.35, 10.0)),
        "heel": ((0.3, 30.0), (0.6, 0.0)),
    },
    0.65,
)
_UPPER = _punch(
    {
        "drop": ((0.16, 0.11), (0.36, 0.03)),
        "yaw": ((0.16, -10.0), (0.36, 20.0), (0.6, 0.0)),
        "flex": ((0.17, 5.0), (0.36, 75.0), (0.6, 42.0)),
        "elbow": ((0.17, 80.0), (0.36, 105.0)),
        "pron": ((0.2, -50.0), (0.36, -60.0), (0.6, 15.0)),
    },
    0.65,
)


def _combination(*punches: Stroke) -> Stroke:
    """Punches one after another, the guard in between."""
    keys: dict[str, list[tuple[float, float]]] = {}
    now = 0.0
    for punch in punches:
        for name, own in punch.keys.items():
            track = keys.setdefault(name, [])
            if now > 0.0:
                track.append((now, track[-1][1] if track and track[-1][0] > now - 0.1 else GUARD.get(name, 0.0)))
            track += [(now + when, value) for when, value in own]
        now += punch.seconds - 0.04
    return _punch(keys, now + 0.04)


_SERIES = (
    _combination(_JAB, _CROSS),
    _combination(_JAB, _CROSS, _JAB, _CROSS),
    _combination(_CROSS, _JAB, _CROSS),
    _combination(_JAB, _JAB, _CROSS, _HOOK),
    _combination(_JAB, _CROSS, _UPPER),
    _CROSS,
)
register_strokes(
    "boxing",
    "boxing",
    ("punching", "shadow boxing", "throwing punches"),
    ("a person boxes", "someone throws punches at the air", "punches from a boxer's guard"),
    *_SERIES,
    gap_s=(-0.5, 0.8),
    relaxed=0.5,
)
register_strokes(
    "punching_bag",
    "punching a bag",
    ("hitting a punching bag", "heavy bag"),
    ("a person hits a punching bag", "someone punches a heavy bag", "punches against a bag from a boxer's guard"),
    *_SERIES,
    _HOOK,
    gap_s=(-0.3, 0.4),
    relaxed=0.0,
    tempo=Range(0.65, 1.15, "times usual", 0.4, 1.6),
)
register_strokes(
    "punch",
    "punch",
    ("punching forward",),
    (
        "a person punches forward with the {hand} hand",
        "someone throws one punch",
        "a straight punch with the {hand} fist",
    ),
    _CROSS,
    gap_s=(0.6, 2.5),
    relaxed=0.8,
)

_BALANCE = {
    "o_flex": ((0.3, 35.0), (0.7, -10.0)),
    "o_abd": ((0.3, 50.0), (0.8, 45.0), (1.1, 12.0)),
    "flex": ((0.35, 10.0), (0.62, -35.0), (1.0, 0.0)),
    "abd": ((0.4, 30.0), (0.9, 25.0)),
}
register_strokes(
    "kick_ball",
    "kicking a ball",
    ("kick", "soccer kick", "football kick"),
    ("a person kicks a ball with the {hand} foot", "someone kicks a football", "the {hand} leg swings back and kicks"),
    Stroke(
        1.25,
        {
            "kick": ((0.12, 0.0), (0.3, 1.0), (0.95, 1.0), (1.2, 0.0)),
            "hip": ((0.15, 0.0), (0.38, -28.0), (0.6, 25.0), (0.8, 70.0), (1.15, 5.0)),
            "knee": ((0.15, 20.0), (0.42, 95.0), (0.55, 70.0), (0.66, 18.0), (0.85, 15.0), (1.05, 45.0)),
            "aside": ((0.15, 0.07), (1.0, 0.07), (1.25, 0.0)),
            "yaw": ((0.38, -15.0), (0.7, 15.0), (1.1, 0.0)),
            "flexion": ((0.4, -4.0), (0.7, 14.0), (1.1, 2.0)),
            "drop": ((0.3, 0.05), (0.9, 0.05)),
            **_BALANCE,
        },
        width_m=0.17,
    ),
    relaxed=0.9,
)
register_strokes(
    "karate_kick",
    "martial arts kick",
    ("front kick", "karate kick", "kicking"),
    (
        "a person does a front kick with the {hand} leg",
        "someone kicks high from a guard",
        "a martial arts kick with the {hand} foot",
    ),
    Stroke(
        1.1,
        {
            "kick": ((0.1, 0.0), (0.28, 1.0), (0.8, 1.0), (1.05, 0.0)),
            "hip": ((0.12, 5.0), (0.36, 95.0), (0.5, 92.0), (0.68, 80.0), (1.0, 10.0)),
            "knee": ((0.12, 20.0), (0.36, 115.0), (0.52, 12.0), (0.68, 100.0), (1.0, 30.0)),
            "aside": ((0.12, 0.08), (0.85, 0.08), (1.1, 0.0)),
            "flexion": ((0.4, 2.0), (0.52, -12.0), (0.9, 8.0)),
            "drop": ((0.3, 0.05),),
        },
        ready=GUARD,
        width_m=0.2,
    ),
    gap_s=(0.3, 1.5),
    relaxed=0.3,
)
