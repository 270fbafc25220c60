"""Gestures of one hand: swipes, pushes, shapes, digits and letters in the air, turns and shakes.

Directions are as the wearer sees them: a swipe to the right goes to the wearer's right with either hand, and a clockwise circle
is clockwise for the one who draws it. Sizes and times cover what the wrist units of UTD-MHAD and the phones of Android IMU
Digits measured: strokes of 0.25 to 0.9 s, peaks of 12 to 45 m/s2 and 2 to 12 rad/s.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..._typing import Array
from .drawing import DIGITS, LETTERS, SHAPES, Way, length_of, straight, written
from .figure import Figure
from .gesturing import SHORT, WHO, Stage, say, set_stage
from .registry import Choice, Range, Scene, program

LOOKS = ("slowly", "", "quickly")


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


def show(stage: Stage, hand: Array, **wrist: float | Array) -> None:
    """Put the hand there with a style of wrist and elbow drawn for the clip, and let the trunk give."""
    rng = stage.scene.rng
    style = {
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
        lag = scene.rng.uniform(0.0, 60.0) * stage.pulse(lambda u: (np.sin(np.pi * u) ** 2 * np.cos(np.pi * u))[:, None])
        sideways = abs(along[0]) * stage.s * np.sign(along[0])
        show(stage, held, flexion=np.clip(sideways * lag - 5.0, -45.0, 45.0), grip=0.1)
        word = pace(act_s, 0.6)
        to = f"to the {direction}" if along[0] else direction
        say(stage, f"swipes {to}{word}", f"swiping {direction} in the air",
            f"a hand moves{word} from one side {to}" if along[0] else f"a hand moves{word} {direction} through the air")  # fmt: skip
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
    rest = str(rng.choice(["hanging", "forward", "up"], p=[0.55, 0.2, 0.25]))
    stage = set_stage(scene, hand, posture, act_s, rest=rest)
    slant, narrow = rng.normal(0.1, 0.12), rng.uniform(0.8, 1.2)
    shaped = [(narrow * (x + slant * y), y + rng.normal(0.0, 0.02 if len(points) < 12 else 0.0)) for x, y in points]
    round_as = rng.uniform(0.012, 0.04) if len(points) < 12 else 0.012
    held = in_plane(stage, written(shaped, rounding=round_as), size_m, front(stage, up=rng.normal(0.0, 0.15)))
    show(stage, held)
    large = "large " if size_m > 0.45 else "small " if size_m < 0.22 else ""
    word = pace(stroke_s, 0.5)
    article = "an" if not large and thing[0] in "aeiouAEFHLMNRSX" and thing != "x" or thing == "x" and not large else "a"
    named = thing if thing.startswith("the ") else f"{article} {large}{thing}"
    say(stage, f"draws {named} in the air{word}", f"drawing {named} in the air",
        f"a hand{word} traces {named}", f"a gesture: {thing} drawn in the air")  # fmt: skip
    return stage.figure


_SIZES, _TIMES = Range(0.22, 0.65, "m", 0.08, 0.8), Range(0.25, 0.75, "s", 0.15, 2.0)
_SHAPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "circle clockwise": ("clockwise circle", ("circle clockwise", "hand circle clockwise")),
    "circle counter clockwise": ("counterclockwise circle", ("circle counterclockwise", "draw circle counterclockwise")),
    "x": ("x", ("draw a cross",)), "triangle": ("triangle", ()), "square": ("square", ()), "check mark": ("check mark", ("draw tick",)),
    "star": ("star", ()), "plus": ("plus sign", ()), "zigzag": ("zigzag", ()), "infinity": ("figure eight lying on its side", ("draw infinity",)),
}  # fmt: skip
for _shape, (_thing, _also) in _SHAPES.items():
    _draw(f"draw_{_shape.replace(' ', '_')}", f"draw {_shape}", SHAPES[_shape], _thing, _also, _SIZES, _TIMES)
for _digit, _points in DIGITS.items():
    _draw(f"draw_digit_{_digit}", f"drawing the digit {_digit} in the air", _points, f"the digit {_digit}",
          (f"digit {_digit}", f"air writing {_digit}"), Range(0.12, 0.5, "m", 0.06, 0.8), Range(0.35, 1.1, "s", 0.2, 2.5))  # fmt: skip


@program("writing a letter in the air", "gestures", also=("air writing", "draw letter"), seconds=SHORT, **WHO,
         letter=Choice(tuple(LETTERS)), size_m=Range(0.12, 0.5, "m", 0.06, 0.8), stroke_s=Range(0.3, 1.0, "s", 0.2, 2.5))  # fmt: skip
def draw_letter(scene: Scene, *, hand: str, posture: str, letter: str, size_m: float, stroke_s: float) -> Figure:
    return draw_in_air(scene, hand, posture, LETTERS[letter], size_m, stroke_s, f"the letter {letter}")


def _move(
    name: str, label: str, also: tuple[str, ...], does: str, doing: str, places: Callable[[Stage], list],
    wrist: Callable[[Stage], dict] | None = None, *, times: tuple[float, float] = (0.5, 1.4), rest: str | None = None,
) -> None:  # fmt: skip
    """Register a gesture that goes straight through places from the shoulder, in shares of the arm: forward, out, up."""

    def move(scene: Scene, *, hand: str, posture: str, act_s: float) -> Figure:
        stage = set_stage(scene, hand, posture, act_s, rest=rest)
        spots = np.asarray(places(stage)) * stage.figure.arm_m * np.array([1.0, 1.0, 1.0])
        spots = spots + scene.rng.normal(0.0, 0.02, spots.shape)
        spots[:, 1] *= stage.s * -1.0  # out is to the wearer's right for the right hand
        show(stage, stage.follow(straight(*spots)), **(wrist(stage) if wrist else {}))
        word = pace(act_s, 0.5 * sum(times))
        say(stage, f"{does}{word}", doing)
        return stage.figure

    move.__name__ = move.__qualname__ = name
    program(label, "gestures", also=also, seconds=SHORT, **WHO, act_s=Range(*times, "s", 0.2, 6.0))(move)


def _raised(stage: Stage, up: float = -0.1, out: float = 0.1, reach: float = 0.65) -> list[float]:
    rng = stage.scene.rng
    return [reach + rng.normal(0.0, 0.05), out + rng.normal(0.0, 0.08), up + rng.normal(0.0, 0.08)]


def _there_and_back(offset: tuple[float, float, float], reach: float, times: int = 1) -> Callable[[Stage], list]:
    def places(stage: Stage) -> list:
        start = np.array(_raised(stage, -0.22, 0.05, reach))
        away = start + np.asarray(offset) * stage.scene.rng.uniform(0.75, 1.15)
        return [start, *[away, start] * times]

    return places


def _palm(pronation: float, flexion: float = 0.0, grip: float = 0.1, spread: float = 8.0) -> Callable[[Stage], dict]:
    def wrist(stage: Stage) -> dict:
        rng = stage.scene.rng
        return {"pronation": pronation + rng.normal(0.0, spread), "flexion": flexion + rng.normal(0.0, spread), "deviation": 0.0,
                "grip": grip}  # fmt: skip

    return wrist


_move("push_forward", "push", ("pushing forward", "push gesture"), "pushes the palm forward", "pushing something away with the palm",
      _there_and_back((0.5, 0.0, 0.12), 0.38), _palm(55.0, -55.0), times=(0.6, 1.8))  # fmt: skip
_move("pull_back", "pull", ("pulling", "pull gesture"), "pulls the hand back to the body", "pulling something towards the body",
      _there_and_back((-0.5, 0.02, -0.08), 0.88), _palm(10.0, 5.0, 0.95), times=(0.6, 1.8))  # fmt: skip
_move("stop_hand", "stop gesture", ("stop sign with the hand", "halt"), "holds up the palm to say stop", "signalling to stop",
      lambda stage: [place := _raised(stage, 0.0, 0.1, 0.8), place, place], _palm(60.0, -60.0, 0.0), times=(0.6, 2.5))  # fmt: skip
_move("thumbs_up", "thumbs up", ("giving a thumbs up",), "gives a thumbs up", "showing a thumb up",
      lambda stage: [place := _raised(stage, -0.25, 0.1, 0.65), np.add(place, (0.04, 0.0, 0.04)), place], _palm(-5.0, 0.0, 1.0),
      times=(0.7, 2.5))  # fmt: skip
_move("raise_hand", "raising a hand", ("raise hand", "hand up"), "raises a hand above the head", "raising a hand to ask a question",
      lambda stage: [place := [0.25, 0.12 + stage.scene.rng.normal(0, 0.06), 0.85], place, place], _palm(20.0), times=(0.8, 4.0))  # fmt: skip
_move("salute", "salute", ("saluting",), "salutes", "saluting with the hand at the brow",
      lambda stage: [place := [0.22, 0.0, 0.34], place, place], _palm(40.0, 0.0, 0.0, 5.0) , times=(0.5, 2.0))  # fmt: skip
_move("point_ahead", "pointing", ("point", "pointing at something"), "points at something ahead", "pointing with a finger",
      lambda stage: [place := _raised(stage, stage.scene.rng.uniform(-0.3, 0.25), stage.scene.rng.uniform(-0.2, 0.5), 0.85), place, place],
      _palm(50.0, 0.0, 0.7), times=(0.5, 2.5))  # fmt: skip
_move("flick_hand", "flick", ("flicking", "finger flick"), "flicks the hand", "flicking the wrist",
      lambda stage: [place := _raised(stage, -0.2, 0.05, 0.6), np.add(place, (0.08, 0.04, 0.05)), place],
      lambda stage: {"flexion": stage.pulse(lambda u: (55.0 * np.clip(np.sin(1.0 * np.pi * u), 0, 1) ** 2 * np.cos(2 * np.pi * u + 0.6))[:, None]) - 10.0,
                     "pronation": 50.0}, times=(0.25, 0.6))  # fmt: skip


def _rhythm(
    name: str, label: str, also: tuple[str, ...], does: str, doing: str, rates: tuple[float, float], counts: tuple[int, int],
    *, travel: tuple[float, float, float] = (0.0, 0.0, 0.0), roll: float = 0.0, bend: float = 0.0, raised: tuple = (0.65, 0.1, -0.2),
    palm: float = 10.0, grip: float = 0.6, hold: float = 0.0,
) -> None:  # fmt: skip
    """Register a gesture that goes to and fro: hand along ``travel`` (shares of the arm), wrist rolled and bent by degrees."""

    def beat(scene: Scene, *, hand: str, posture: str, rate_hz: float) -> Figure:
        rng = scene.rng
        times = int(rng.integers(*counts, endpoint=True))
        stage = set_stage(scene, hand, posture, times / rate_hz)
        size = scene.around(1.0, 0.2)
        late = rng.uniform(0.02, 0.1)

        def swing(shift: float) -> Callable[[Array], Array]:
            def at(u: Array) -> Array:
                fade = np.clip(np.minimum(u, 1.0 - u) * times * 1.6, 0.0, 1.0)
                return (np.sin(2.0 * np.pi * (times * u - shift)) * fade * fade * (3 - 2 * fade))[:, None]

            return at

        way, wave = stage.pulse(swing(0.0)), stage.pulse(swing(late))
        place = stage.figure.arm_m * np.array(_raised(stage, raised[2], raised[1], raised[0])) * np.array([1.0, -stage.s, 1.0])
        lateral = np.array([1.0, -stage.s, 1.0]) * travel * size * stage.figure.arm_m
        held = place + way[:, None] * lateral
        show(stage, held, pronation=np.clip(palm + rng.normal(0.0, 8.0) + roll * size * wave, -75.0, 85.0),
             flexion=np.clip(hold + bend * size * wave, -65.0, 65.0), deviation=0.0, grip=grip)  # fmt: skip
        word = " slowly" if rate_hz < rates[0] + 0.2 * (rates[1] - rates[0]) else ""
        word = " fast" if rate_hz > rates[1] - 0.2 * (rates[1] - rates[0]) else word
        say(stage, f"{does}{word}", doing)
        return stage.figure

    beat.__name__ = beat.__qualname__ = name
    program(label, "gestures", also=also, seconds=SHORT, **WHO, rate_hz=Range(*rates, "Hz", 0.4, 7.0))(beat)


_rhythm("shake_hand_device", "shake", ("shaking the hand", "shaking a device"), "shakes the hand", "shaking something in the hand",
        (2.5, 5.0), (3, 9), travel=(0.02, 0.08, 0.02), roll=12.0, bend=15.0)  # fmt: skip
_rhythm("twist_wrist", "twist", ("turning a key", "twisting the wrist", "turn a knob"), "twists the wrist as if to turn a key",
        "turning the hand to and fro", (0.8, 2.0), (1, 4), roll=55.0, palm=10.0, grip=0.9)  # fmt: skip
_rhythm("come_here", "come here gesture", ("beckoning", "come here"), "beckons somebody to come", "beckoning with the hand",
        (1.0, 2.2), (2, 5), travel=(0.10, 0.0, 0.06), bend=35.0, palm=-50.0, grip=0.2)  # fmt: skip
_rhythm("double_tap", "double tap", ("finger tap", "tapping twice"), "taps twice with a finger", "tapping twice",
        (2.5, 4.5), (2, 2), travel=(0.05, 0.0, 0.03), bend=12.0, raised=(0.7, 0.0, -0.35), palm=70.0)  # fmt: skip
