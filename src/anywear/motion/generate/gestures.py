"""Gestures of one hand: swipes, shapes, digits and letters in the air.

Directions are as the wearer sees them: a swipe to the right goes to the wearer's right with either hand, and a clockwise
circle is clockwise for the one who draws it. Sizes and times cover what the wrist units of UTD-MHAD and the phones of
Android IMU Digits measured: strokes of 0.25 to 0.9 s, peaks of 12 to 45 m/s2 and 2 to 12 rad/s.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._typing import Array
from .drawing import DIGITS, LETTERS, SHAPES, Way, length_of, written
from .figure import Figure
from .gesturing import SHORT, WHO, Stage, say, set_stage
from .registry import Choice, Range, Scene, program


def front(stage: Stage, *, reach: float | None = None, across: float | None = None, up: float | None = None) -> Array:
    """A place before the shoulder where people gesture, (3,) metres: forward, right, up."""
    rng, arm = stage.scene.rng, stage.figure.arm_m
    reach = rng.uniform(0.55, 0.85) if reach is None else reach
    across = rng.normal(0.12, 0.14) if across is None else across
    up = rng.normal(-0.12, 0.17) if up is None else up
    return arm * np.array([reach, stage.s * across, np.clip(up, -0.45, 0.3)])


def in_plane(stage: Stage, way: Way, size_m: float, centre: Array, *, bulge: float | None = None) -> Array:
    """A drawn way (x, y) in an upright plane before the shoulder, bent backwards at its edges as arms turn: (T, 3)."""
    drawn = stage.follow(way) * size_m
    bulge = float(stage.scene.rng.uniform(0.0, 1.2)) if bulge is None else bulge
    tilt = np.deg2rad(stage.scene.rng.normal(0.0, 8.0))
    turned = np.stack([drawn[:, 0] * np.cos(tilt) - drawn[:, 1] * np.sin(tilt),
                       drawn[:, 0] * np.sin(tilt) + drawn[:, 1] * np.cos(tilt)], axis=1)  # fmt: skip
    depth = -bulge * (turned**2).sum(axis=1) / (2.0 * stage.figure.arm_m)
    return centre + np.column_stack([depth, turned])


def show(stage: Stage, hand: Array, **wrist: Any) -> None:
    """Put the hand there with a style of wrist and elbow drawn for the clip, and let the trunk give."""
    rng = stage.scene.rng
    style: dict[str, Any] = {
        "swivel": rng.uniform(5.0, 60.0), "pronation": rng.uniform(-10.0, 75.0), "flexion": rng.normal(-5.0, 12.0),
        "deviation": rng.normal(0.0, 6.0), "grip": rng.uniform(0.1, 0.9),
    }  # fmt: skip
    stage.give(hand)
    stage.put(hand, **(style | wrist))


def pace(act_s: float, usual_s: float) -> str:
    """A word for how fast a gesture is."""
    return " slowly" if act_s > 1.35 * usual_s else " quickly" if act_s < 0.7 * usual_s else ""


def _swipe(direction: str, vector: tuple[float, float], *also: str) -> None:
    along = np.asarray(vector)

    def swipe(scene: Scene, *, hand: str, posture: str, act_s: float, size_m: float) -> Figure:
        stage = set_stage(scene, hand, posture, act_s)
        bow = scene.rng.normal(0.0, 0.08)
        middle = 0.5 * bow * np.array([along[1], along[0]])
        way = written([-0.5 * along, middle, 0.5 * along], rounding=0.15)
        # A hand that swipes outwards starts before the other shoulder.
        centre = front(stage, across=scene.rng.normal(-0.1, 0.15))
        held = in_plane(stage, way, size_m, centre, bulge=scene.rng.uniform(0.6, 1.6))
        lag = scene.rng.uniform(0.0, 60.0) * stage.pulse(
            lambda u: (np.sin(np.pi * u) ** 2 * np.cos(np.pi * u))[:, None]
        )
        sideways = abs(along[0]) * stage.s * np.sign(along[0])
        show(stage, held, flexion=np.clip(sideways * lag - 5.0, -45.0, 45.0), grip=0.1)
        word = pace(act_s, 0.6)
        to = f"to the {direction}" if along[0] else direction
        say(stage, f"swipes {to}{word}", f"swiping {direction} in the air",
            f"a hand moves{word} {'from one side ' if along[0] else ''}{to} through the air")  # fmt: skip
        return figure_of(stage)

    swipe.__name__ = swipe.__qualname__ = f"swipe_{direction}"
    program(f"swipe {direction}", "gestures", also=(f"swiping {direction}", *also), seconds=SHORT, **WHO,
            act_s=Range(0.3, 1.1, "s", 0.2, 3.0), size_m=Range(0.3, 0.75, "m", 0.1, 0.9))(swipe)  # fmt: skip


def figure_of(stage: Stage) -> Figure:
    """The posed figure."""
    return stage.figure


for _direction, _vector in {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, 1.0), "down": (0.0, -1.0)}.items():
    _swipe(_direction, _vector, *((f"wave hand to the {_direction}",) if _vector[0] else ()))


def _draw(name: str, label: str, points: list, thing: str, also: tuple[str, ...], sizes: Range, times: Range) -> None:
    def draw(scene: Scene, *, hand: str, posture: str, size_m: float, stroke_s: float) -> Figure:
        return draw_in_air(scene, hand, posture, points, size_m, stroke_s, thing)

    draw.__name__ = draw.__qualname__ = name
    program(label, "gestures", also=also, seconds=SHORT, **WHO, size_m=sizes, stroke_s=times)(draw)


def draw_in_air(
    scene: Scene, hand: str, posture: str, points: list, size_m: float, stroke_s: float, thing: str
) -> Figure:
    """Draw or write with a hand: a unit of the drawing's size takes ``stroke_s``."""
    rng = scene.rng
    act_s = length_of(points) * stroke_s
    written_sign = thing.startswith("the ")
    rest = str(rng.choice(["hanging", "forward", "up"], p=[0.25, 0.2, 0.55] if written_sign else [0.6, 0.2, 0.2]))
    stage = set_stage(scene, hand, posture, act_s, rest=rest)
    slant, narrow = rng.normal(0.1, 0.12), rng.uniform(0.8, 1.2)
    shaped = [(narrow * (x + slant * y), y + rng.normal(0.0, 0.02 if len(points) < 12 else 0.0)) for x, y in points]
    round_as = rng.uniform(0.012, 0.04) if len(points) < 12 else 0.012
    held = in_plane(stage, written(shaped, rounding=round_as), size_m, front(stage, up=rng.normal(0.0, 0.15)))
    if written_sign and scene.chance(0.5):  # something is held upright in the fist, such as a phone
        show(stage, held, pronation=rng.normal(0.0, 12.0), flexion=rng.normal(0.0, 8.0), grip=0.7)
    else:
        show(stage, held)
    large = "large " if size_m > 0.45 else "small " if size_m < 0.22 else ""
    word = pace(stroke_s, 0.75 if written_sign else 0.5)
    article = (
        "an" if (not large and thing[0] in "aeiouAEFHLMNRSX" and thing != "x") or (thing == "x" and not large) else "a"
    )
    named = thing if thing.startswith("the ") else f"{article} {large}{thing}"
    say(stage, f"draws {named} in the air{word}", f"drawing {named} in the air",
        f"a hand{word} traces {named}", f"a gesture: {named} drawn in the air")  # fmt: skip
    return stage.figure


_SIZES, _TIMES = Range(0.22, 0.65, "m", 0.08, 0.8), Range(0.25, 0.75, "s", 0.15, 2.0)
_SHAPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "circle clockwise": ("clockwise circle", ("circle clockwise", "hand circle clockwise")),
    "circle counter clockwise": ("counterclockwise circle", ("circle counterclockwise", "draw circle counterclockwise")),
    "x": ("x", ("draw a cross",)), "triangle": ("triangle", ()), "square": ("square", ()),
    "check mark": ("check mark", ("draw tick",)),
    "star": ("star", ()), "plus": ("plus sign", ()), "zigzag": ("zigzag", ()),
    "infinity": ("figure eight lying on its side", ("draw infinity",)),
}  # fmt: skip
for _shape, (_thing, _also) in _SHAPES.items():
    _draw(f"draw_{_shape.replace(' ', '_')}", f"draw {_shape}", SHAPES[_shape], _thing, _also, _SIZES, _TIMES)
for _digit, _points in DIGITS.items():
    _draw(
        f"draw_digit_{_digit}",
        f"drawing the digit {_digit} in the air",
        _points,
        f"the digit {_digit}",
        (f"digit {_digit}", f"air writing {_digit}"),
        Range(0.12, 0.5, "m", 0.06, 0.8),
        Range(0.35, 1.1, "s", 0.2, 2.5),
    )


@program(
    "writing a letter in the air",
    "gestures",
    also=("air writing", "draw letter"),
    seconds=SHORT,
    **WHO,
    letter=Choice(tuple(LETTERS)),
    size_m=Range(0.12, 0.5, "m", 0.06, 0.8),
    stroke_s=Range(0.35, 1.3, "s", 0.2, 3.0),
)
def draw_letter(scene: Scene, *, hand: str, posture: str, letter: str, size_m: float, stroke_s: float) -> Figure:
    return draw_in_air(scene, hand, posture, LETTERS[letter], size_m, stroke_s, f"the letter {letter}")
