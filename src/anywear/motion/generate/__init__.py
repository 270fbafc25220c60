"""Motion that nobody had to capture: parametric, seeded, described in words.

from anywear.motion.generate import generate
made = generate("walking_forward", seed=1, speed_mps=1.2)
"""

from __future__ import annotations

from . import hopping, running, stairs, strolling, walking
from . import machines as _machines  # noqa: F401
from . import machines_gym as _machines_gym  # noqa: F401
from . import falls as _falls  # noqa: F401
from . import posture_programs as _posture_programs  # noqa: F401
from . import stepping as _stepping  # noqa: F401
from . import transitions as _transitions  # noqa: F401
from . import exercise as _exercise  # noqa: F401
from . import exercise_floor as _exercise_floor  # noqa: F401
from . import hands_care as _hands_care  # noqa: F401
from . import hands_desk as _hands_desk  # noqa: F401
from . import hands_greetings as _hands_greetings  # noqa: F401
from . import hands_house as _hands_house  # noqa: F401
from . import hands_meals as _hands_meals  # noqa: F401
from . import hands_tools as _hands_tools  # noqa: F401
from . import exercise_jumps as _exercise_jumps  # noqa: F401
from . import exercise_stretch as _exercise_stretch  # noqa: F401
from .figure import Figure
from .person import Person
from .registry import PROGRAMS, Choice, Generated, Program, Range, Scene, find_program, generate, pose, program

__all__ = [
    "PROGRAMS", "Choice", "Figure", "Generated", "Person", "Program", "Range", "Scene", "find_program", "generate",
    "pose", "program",
]  # fmt: skip
