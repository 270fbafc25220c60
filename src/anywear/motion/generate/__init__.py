"""Motion that nobody had to capture: parametric, seeded, described in words.

from anywear.motion.generate import generate
made = generate("walking_forward", seed=1, speed_mps=1.2)
"""

from __future__ import annotations

# Modules of programs, which register themselves.
from . import (  # noqa: F401
    exercise,
    exercise_arms,
    exercise_floor,
    exercise_jumps,
    exercise_rhythm,
    exercise_stretch,
    falls,
    gestures,
    gestures_arms,
    gestures_moves,
    gestures_phone,
    hands_care,
    hands_desk,
    hands_greetings,
    hands_house,
    hands_meals,
    hands_tools,
    hopping,
    machines,
    machines_gym,
    posture_programs,
    running,
    sports,
    sports_contact,
    sports_court,
    sports_rackets,
    stairs,
    stepping,
    strolling,
    transitions,
    walking,
)
from .figure import Figure
from .person import Person
from .registry import PROGRAMS, Choice, Generated, Program, Range, Scene, find_program, generate, paced, pose, program

__all__ = [
    "PROGRAMS", "Choice", "Figure", "Generated", "Person", "Program", "Range", "Scene", "find_program", "generate",
    "paced", "pose", "program",
]  # fmt: skip
