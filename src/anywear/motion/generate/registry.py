"""Programs of motion: one dict, one decorator. A program draws what it is not told, poses a figure, and says what it did."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import UsageError, unknown_name
from ..clip import MotionClip
from .figure import Figure
from .person import Person
from .words import captions


@dataclass(frozen=True)
class Range:
    """A parameter that is a number: the limits of what bodies do, and what is usual.

    Attributes:
        low, high: usual; drawn evenly from.
        unit: such as m/s.
        least, most: what is possible at all; the usual limits where None.
    """

    low: float
    high: float
    unit: str = ""
    least: float | None = None
    most: float | None = None

    def draw(self, rng: np.random.Generator) -> float:
        """A usual value."""
        return float(rng.uniform(self.low, self.high))

    def quick(self, name: str) -> int:
        """1 where more of a parameter of this name is faster, -1 where it is slower, 0 where it is neither."""
        if self.unit.startswith(("m/s", "Hz", "1/s", "steps/", "strides/", "strokes/", "turns/", "hops/", "jumps/")):
            return 1
        return 1 if name == "tempo" else -1 if self.unit == "s" and name not in PAUSES else 0

    def check(self, name: str, value: Any) -> float:
        """The value as a number. Raises UsageError, naming the range, when it is impossible."""
        least = self.low if self.least is None else self.least
        most = self.high if self.most is None else self.most
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not least <= number <= most:
            raise UsageError(
                "No body moves like that",
                where=name,
                expected=f"{least:g} to {most:g} {self.unit}".strip(),
                got=str(value),
            )
        return number


@dataclass(frozen=True)
class Choice:
    """A parameter that is one of several words."""

    options: tuple[str, ...]
    weights: tuple[float, ...] | None = None

    def draw(self, rng: np.random.Generator) -> str:
        """One of them."""
        share = None if self.weights is None else np.asarray(self.weights) / np.sum(self.weights)
        return str(self.options[int(rng.choice(len(self.options), p=share))])

    def check(self, name: str, value: Any) -> str:
        """The value. Raises UsageError with the options when it is none of them."""
        if value not in self.options:
            raise UsageError("This is no choice", where=name, expected=", ".join(self.options), got=repr(value))
        return str(value)


PAUSES = ("hold_s", "pause_s")  # how long nothing is done says nothing of how fast it is


def paced(name: str, tempo: int, rng: np.random.Generator) -> dict[str, float | str]:
    """Parameters that make a kind of motion slower or faster than usual, drawn from the outer third of what is usual.

    Args:
        name: program, label or other name.
        tempo: -1 slow, 1 fast; 0 leaves all as they are drawn.
        rng: randomness.
    """
    out: dict[str, float | str] = {}
    for key, kind in find_program(name).parameters.items() if tempo else ():
        if isinstance(kind, Range) and (quick := kind.quick(key)):
            third = (kind.high - kind.low) / 3.0
            low = kind.high - third if quick * tempo > 0 else kind.low
            out[key] = float(rng.uniform(low, low + third))
    return out


@dataclass
class Scene:
    """What a program is given.

    Attributes:
        rng: randomness of this clip.
        person: who moves.
        seconds: length that is wanted; programs with a natural length keep to it and repeat.
        acts_s: begin and end of every time that what the program is called is done, added by programs that do it now and
            then; empty where it is done all along.
    """

    rng: np.random.Generator
    person: Person
    seconds: float
    acts_s: list[tuple[float, float]] = field(default_factory=list)

    def figure(self, seconds: float | None = None) -> Figure:
        """A figure standing at rest for so long; the scene's length by default."""
        return Figure(self.seconds if seconds is None else seconds, self.person)

    def around(self, value: float, spread: float = 0.1) -> float:
        """A value varied by a share of it."""
        return float(value * np.exp(self.rng.normal(0.0, spread)))

    def pick(self, *options: Any) -> Any:
        """One of several, evenly."""
        return options[int(self.rng.integers(len(options)))]

    def chance(self, share: float) -> bool:
        """True in this share of scenes."""
        return bool(self.rng.random() < share)


@dataclass(frozen=True)
class Program:
    """A kind of motion.

    Attributes:
        name: in snake case, such as ``walking_forward``.
        label: what people call it, in a word or two.
        family: postures, locomotion, exercise, machines, sport, hands, gestures, transitions or falls.
        also: other names for it.
        seconds: usual length of a clip.
        parameters: what can be set.
        pose: the program.
    """

    name: str
    label: str
    family: str
    also: tuple[str, ...]
    seconds: Range
    parameters: Mapping[str, Range | Choice]
    pose: Callable[..., Figure]


@dataclass(frozen=True)
class Generated:
    """A clip and the truth about it.

    Attributes:
        clip: the motion; captions: the label, what the program says, some of that in other words.
        program: name of the program.
        label: what it is called.
        parameters: true values of all parameters.
        acts_s: begin and end of every time that it is done; empty where it is done from end to end.
    """

    clip: MotionClip
    program: str
    label: str
    parameters: Mapping[str, float | str] = field(default_factory=dict)
    acts_s: tuple[tuple[float, float], ...] = ()


PROGRAMS: dict[str, Program] = {}


def program(
    label: str,
    family: str,
    *,
    also: tuple[str, ...] = (),
    seconds: Range | None = None,
    **parameters: Range | Choice,
) -> Callable[[Callable[..., Figure]], Callable[..., Figure]]:
    """Register a posing function under its own name.

    The function takes the scene and every parameter by name, and returns the figure with at least one sentence said.
    """

    def register(pose: Callable[..., Figure]) -> Callable[..., Figure]:
        name = getattr(pose, "__name__", "")
        if name in PROGRAMS:
            raise ValueError(f"program {name!r} is registered twice")
        others = tuple(dict.fromkeys(word for word in also if word != label))
        PROGRAMS[name] = Program(
            name, label, family, others, seconds or Range(6.0, 14.0, "s", 1.0, 600.0), parameters, pose
        )
        return pose

    return register


def find_program(name: str) -> Program:
    """The program of this name. Raises UsageError with the near ones."""
    key = name.strip().lower().replace("-", "_").replace(" ", "_")
    if key in PROGRAMS:
        return PROGRAMS[key]
    plain = name.strip().lower()
    for known in PROGRAMS.values():
        if plain == known.label:
            return known
    for known in PROGRAMS.values():
        if plain in known.also:
            return known
    raise unknown_name("activity", name, PROGRAMS)


def generate(
    name: str, seed: int = 0, *, seconds: float | None = None, person: Person | None = None, **parameters: float | str
) -> Generated:
    """One clip of a kind of motion.

    Args:
        name: program, label or other name.
        seed: same seed, same clip.
        seconds: length; drawn by default. Programs with a natural length come near it.
        person: who moves; drawn by default.
        parameters: those that are not to be drawn.

    Raises:
        UsageError: no such activity or parameter, or a value no body can reach.

    Example:
        >>> made = generate("walking_forward", seed=1, speed_mps=1.2)
        >>> made.label, made.clip.rate_hz
        ('walking', 120.0)
    """
    chosen, values, figure = pose(name, seed, seconds=seconds, person=person, **parameters)
    told = captions(chosen.label, figure.said, _generator(chosen.name, seed, 1))
    acts = tuple((max(0.0, begin), min(end, figure.seconds)) for begin, end in figure.acts_s if begin < figure.seconds)
    return Generated(figure.clip(f"{chosen.name}-{seed}", told), chosen.name, chosen.label, values, acts)


def pose(
    name: str, seed: int = 0, *, seconds: float | None = None, person: Person | None = None, **parameters: float | str
) -> tuple[Program, dict[str, float | str], Figure]:
    """The program, its parameters and the posed figure; arguments and errors as in `generate`."""
    chosen = find_program(name)
    unknown = sorted(set(parameters) - set(chosen.parameters))
    if unknown:
        raise unknown_name(f"parameter of {chosen.name}", unknown[0], chosen.parameters)
    rng = _generator(chosen.name, seed)
    drawn = Person.draw(rng)
    length = chosen.seconds.draw(rng)
    values = {
        key: kind.check(key, parameters[key]) if key in parameters else kind.draw(rng)
        for key, kind in chosen.parameters.items()
    }
    if seconds is not None:
        length = chosen.seconds.check("seconds", seconds)
    scene = Scene(rng, person or drawn, length)
    figure = chosen.pose(scene, **values)
    figure.acts_s += scene.acts_s
    figure.fall_freely()
    return chosen, values, figure


def _generator(name: str, seed: int, *stream: int) -> np.random.Generator:
    """Randomness of a clip; words draw from a stream of their own, so that motion does not depend on them."""
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(name.encode()), *stream]))
