"""Gestures of one hand that push, pull, show, tap, shake and turn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..._typing import Array
from .drawing import straight
from .figure import Figure
from .gestures import pace, show
from .gesturing import SHORT, WHO, Stage, say, set_stage
from .registry import Range, Scene, program


def _move(
    name: str,
    label: str,
    also: tuple[str, ...],
    does: str,
    doing: str,
    places: Callable[[Stage], list],
    wrist: Callable[[Stage], dict] | None = None,
    *,
    times: tuple[float, float] = (0.5, 1.4),
    rest: str | None = None,
) -> None:
    """Register a gesture that goes straight through places from the shoulder, in shares of the arm: forward, out, up."""

    def move(scene: Scene, *, hand: str, posture: str, act_s: float) -> Figure:
        held = scene.pick("hanging", "hanging", "forward")
        stage = set_stage(scene, hand, posture, act_s, rest=rest or held)
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
        return {
            "pronation": pronation + rng.normal(0.0, spread),
            "flexion": flexion + rng.normal(0.0, spread),
            "deviation": 0.0,
            "grip": grip,
        }

    return wrist


def _flick(stage: Stage) -> dict:
    """The hand bends back and whips forward."""
    whip = stage.pulse(lambda u: (np.sin(np.pi * u) ** 2 * np.cos(2.0 * np.pi * u + 0.6))[:, None])
    return {"flexion": 55.0 * whip - 10.0, "pronation": 50.0}


_move(
    "push_forward",
    "push",
    ("pushing forward", "push gesture"),
    "pushes the palm forward",
    "pushing something away with the palm",
    _there_and_back((0.5, 0.0, 0.12), 0.38),
    _palm(55.0, -55.0),
    times=(0.6, 1.8),
)
_move(
    "pull_back",
    "pull",
    ("pulling", "pull gesture"),
    "pulls the hand back to the body",
    "pulling something towards the body",
    _there_and_back((-0.5, 0.02, -0.08), 0.88),
    _palm(10.0, 5.0, 0.95),
    times=(0.6, 1.8),
)
_move(
    "stop_hand",
    "stop gesture",
    ("stop sign with the hand", "halt"),
    "holds up the palm to say stop",
    "signalling to stop",
    lambda stage: [place := _raised(stage, 0.0, 0.1, 0.8), place, place],
    _palm(60.0, -60.0, 0.0),
    times=(0.6, 2.5),
)
_move(
    "thumbs_up",
    "thumbs up",
    ("giving a thumbs up",),
    "gives a thumbs up",
    "showing a thumb up",
    lambda stage: [place := _raised(stage, -0.25, 0.1, 0.65), np.add(place, (0.04, 0.0, 0.04)), place],
    _palm(-5.0, 0.0, 1.0),
    times=(0.7, 2.5),
)
_move(
    "raise_hand",
    "raising a hand",
    ("raise hand", "hand up"),
    "raises a hand above the head",
    "raising a hand to ask a question",
    lambda stage: [place := [0.25, 0.12 + stage.scene.rng.normal(0, 0.06), 0.85], place, place],
    _palm(20.0),
    times=(0.8, 4.0),
)
_move(
    "salute",
    "salute",
    ("saluting",),
    "salutes",
    "saluting with the hand at the brow",
    lambda stage: [place := [0.22, 0.0, 0.34], place, place],
    _palm(40.0, 0.0, 0.0, 5.0),
    times=(0.5, 2.0),
)
_move(
    "flick_hand",
    "flick",
    ("flicking", "finger flick"),
    "flicks the hand",
    "flicking the wrist",
    lambda stage: [place := _raised(stage, -0.2, 0.05, 0.6), np.add(place, (0.08, 0.04, 0.05)), place],
    _flick,
    times=(0.25, 0.6),
)


def _rhythm(
    name: str,
    label: str,
    also: tuple[str, ...],
    does: str,
    doing: str,
    rates: tuple[float, float],
    counts: tuple[int, int],
    *,
    travel: tuple[float, float, float] = (0.0, 0.0, 0.0),
    roll: float = 0.0,
    bend: float = 0.0,
    raised: tuple = (0.65, 0.1, -0.2),
    palm: float = 10.0,
    grip: float = 0.6,
    hold: float = 0.0,
) -> None:
    """Register a gesture to and fro: the hand goes along ``travel`` (shares of the arm), the wrist rolls, bends (degrees)."""

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
        place = (
            stage.figure.arm_m
            * np.array(_raised(stage, raised[2], raised[1], raised[0]))
            * np.array([1.0, -stage.s, 1.0])
        )
        lateral = np.array([1.0, -stage.s, 1.0]) * travel * size * stage.figure.arm_m
        held = place + way[:, None] * lateral
        show(
            stage,
            held,
            pronation=np.clip(palm + rng.normal(0.0, 8.0) + roll * size * wave, -75.0, 85.0),
            flexion=np.clip(hold + bend * size * wave, -65.0, 65.0),
            deviation=0.0,
            grip=grip,
        )
        word = " slowly" if rate_hz < rates[0] + 0.2 * (rates[1] - rates[0]) else ""
        word = " fast" if rate_hz > rates[1] - 0.2 * (rates[1] - rates[0]) else word
        say(stage, f"{does}{word}", doing)
        return stage.figure

    beat.__name__ = beat.__qualname__ = name
    program(label, "gestures", also=also, seconds=SHORT, **WHO, rate_hz=Range(*rates, "Hz", 0.4, 7.0))(beat)


_rhythm(
    "shake_hand_device",
    "shake",
    ("shaking the hand", "shaking a device"),
    "shakes the hand",
    "shaking something in the hand",
    (2.5, 5.0),
    (3, 9),
    travel=(0.02, 0.08, 0.02),
    roll=12.0,
    bend=15.0,
)
_rhythm(
    "twist_wrist",
    "twist",
    ("turning a key", "twisting the wrist", "turn a knob"),
    "twists the wrist as if to turn a key",
    "turning the hand to and fro",
    (0.8, 2.0),
    (1, 4),
    roll=55.0,
    palm=10.0,
    grip=0.9,
)
_rhythm(
    "come_here",
    "come here gesture",
    ("beckoning", "come here"),
    "beckons somebody to come",
    "beckoning with the hand",
    (1.0, 2.2),
    (2, 5),
    travel=(0.10, 0.0, 0.06),
    bend=35.0,
    palm=-50.0,
    grip=0.2,
)
_rhythm(
    "double_tap",
    "double tap",
    ("finger tap", "tapping twice"),
    "taps twice with a finger",
    "tapping twice",
    (2.5, 4.5),
    (2, 2),
    travel=(0.05, 0.0, 0.03),
    bend=12.0,
    raised=(0.7, 0.0, -0.35),
    palm=70.0,
)
_rhythm(
    "wave_hand",
    "wave",
    ("hand wave", "waving the hand", "wave hello"),
    "waves",
    "waving a raised hand",
    (1.0, 2.4),
    (2, 5),
    travel=(0.0, 0.24, 0.02),
    roll=12.0,
    bend=8.0,
    raised=(0.42, 0.25, 0.28),
    palm=65.0,
    grip=0.1,
)
_rhythm(
    "knock_in_air",
    "knock",
    ("knocking", "knock gesture", "rapping at a door"),
    "knocks",
    "knocking as if at a door",
    (1.4, 3.0),
    (2, 5),
    travel=(0.15, 0.0, -0.04),
    bend=14.0,
    raised=(0.55, 0.02, 0.12),
    palm=40.0,
    grip=0.95,
)
