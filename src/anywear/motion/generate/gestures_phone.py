"""Gestures with a telephone in the hand: tilted, bounced, turned, shaken.

The phone is held upright in front of the body, its screen towards the wearer, who sees left and right. Sizes and times cover
those of UHH IMU gestures (Tietz, Jirak & Wermter, ICANN 2019): tilts of 3 to 10 rad/s that are over in 0.6 to 1 s and come
back slower than they go, bounces of 10 to 20 m/s2, turns of 90 degrees in half a second that are held, shakes of 2 to 4 Hz.
"Turning the phone left" lifts its left edge, as that set has it; "turning the phone right" lifts the right one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..._typing import Array
from .curves import ease
from .figure import Figure
from .gestures import pace
from .gesturing import SHORT, WHO, Stage, say, set_stage
from .registry import Range, Scene, program

AMOUNT = Range(0.6, 1.5, "times usual", 0.2, 2.2)


@dataclass(frozen=True)
class Phone:
    """What a phone does at most: way in metres (forward, right, up), roll and pitch in degrees.

    Roll is positive counterclockwise as the wearer sees it; pitch is positive where the top comes nearer.
    """

    way_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    roll: float = 0.0
    pitch: float = 0.0


def hold_phone(stage: Stage, does: Phone, share: Array) -> None:
    """Let the phone do it as far as a share (T,) says, -1 to 1, from a place before the chest."""
    rng = stage.scene.rng
    # Forearms are about level when a phone is upright in the hand; it is then below the chest.
    home = stage.figure.arm_m * np.array(
        [rng.uniform(0.46, 0.68), stage.s * rng.normal(-0.02, 0.12), rng.normal(-0.5, 0.09)]
    )
    way = share[:, None] * np.asarray(does.way_m)
    pronation = rng.normal(0.0, 12.0) - does.roll * share * stage.s  # the right hand turns its thumb inwards
    stage.give(home + way, 0.5 * float(rng.uniform()))
    stage.put(
        home + way,
        swivel=rng.uniform(5.0, 35.0),
        pronation=np.clip(pronation, -85.0, 88.0),
        flexion=rng.normal(0.0, 6.0),
        deviation=np.clip(rng.normal(0.0, 5.0) + does.pitch * share, -38.0, 32.0),
        grip=rng.uniform(0.5, 0.8),
    )


def _gesture(
    name: str,
    also: tuple[str, ...],
    does: str,
    how: Phone,
    times: tuple[float, float],
    *,
    out: float = 0.36,
    pause: float = 0.0,
    undershoot: float = 0.15,
) -> None:
    """Register one that goes out, stays for a share of the time and comes back past its beginning by a share."""
    doing = name.replace("_", " ")
    verb, _, where = does.partition(" ")

    def gesture(scene: Scene, *, hand: str, posture: str, act_s: float, amount: float) -> Figure:
        stage = set_stage(scene, hand, posture, act_s, rest=scene.pick("up", "up", "forward", "hanging"))
        past = undershoot * scene.rng.uniform(0.3, 1.5)
        leave = out + pause

        def way(u: Array) -> Array:
            back = ease((u - leave) / (0.72 * (1.0 - leave)))
            home = ease((u - leave - 0.72 * (1.0 - leave)) / (0.28 * (1.0 - leave)))
            return (ease(u / out) - (1.0 + past) * back + past * home)[:, None]

        hold_phone(stage, how, amount * stage.pulse(way))
        word = pace(act_s, 0.5 * sum(times))
        say(stage, f"{verb} a phone {where}{word}", doing, f"a hand {verb} a phone {where}{word}")
        return stage.figure

    gesture.__name__ = gesture.__qualname__ = name
    program(doing, "gestures", also=also, seconds=SHORT, **WHO, act_s=Range(*times, "s", 0.3, 3.0), amount=AMOUNT)(
        gesture
    )


_gesture(
    "moving_the_phone_left",
    ("tilting the phone left", "flicking the phone left"),
    "tilts to the left and back",
    Phone((0.0, -0.14, -0.01), roll=62.0),
    (0.5, 0.95),
)
_gesture(
    "moving_the_phone_right",
    ("tilting the phone right", "flicking the phone right"),
    "tilts to the right and back",
    Phone((0.0, 0.14, -0.01), roll=-62.0),
    (0.5, 0.95),
)
_gesture(
    "moving_the_phone_forward",
    ("tilting the phone away", "flicking the phone forward"),
    "tilts away and back",
    Phone((0.13, 0.0, -0.05), pitch=-30.0),
    (0.55, 1.1),
)
_gesture(
    "moving_the_phone_backward",
    ("tilting the phone towards oneself", "flicking the phone backward"),
    "tilts towards the body and back",
    Phone((-0.16, 0.0, 0.09), pitch=30.0),
    (0.55, 1.1),
)
_gesture(
    "bouncing_the_phone_up",
    ("jerking the phone up", "lifting the phone quickly"),
    "bounces up",
    Phone((0.01, 0.0, 0.13), pitch=-12.0),
    (0.5, 1.0),
)
_gesture(
    "bouncing_the_phone_down",
    ("jerking the phone down", "dropping the phone quickly"),
    "bounces down",
    Phone((-0.01, 0.0, -0.13), pitch=12.0),
    (0.5, 1.0),
)
_TURNS = {"out": 0.3, "pause": 0.34, "undershoot": 0.0}
_gesture(
    "turning_the_phone_left",
    ("turning the phone clockwise", "rotating the phone left", "left edge of the phone up"),
    "turns with its left edge up",
    Phone(roll=-76.0),
    (1.4, 2.4),
    **_TURNS,
)
_gesture(
    "turning_the_phone_right",
    ("turning the phone counterclockwise", "rotating the phone right", "right edge of the phone up"),
    "turns with its right edge up",
    Phone(roll=76.0),
    (1.4, 2.4),
    **_TURNS,
)


def _shake(name: str, also: tuple[str, ...], axis: str, how: Phone) -> None:
    doing = name.replace("_", " ")

    def shake(scene: Scene, *, hand: str, posture: str, rate_hz: float, amount: float) -> Figure:
        times = int(scene.rng.integers(2, 8))
        stage = set_stage(scene, hand, posture, times / rate_hz, rest=scene.pick("up", "up", "forward", "hanging"))

        def swing(u: Array) -> Array:
            fade = ease(np.minimum(u, 1.0 - u) * times * 1.8)
            return (fade * np.sin(2.0 * np.pi * times * u))[:, None]

        hold_phone(stage, how, amount * stage.pulse(swing))
        word = " fast" if rate_hz > 3.2 else " slowly" if rate_hz < 2.1 else ""
        say(stage, f"shakes a phone {axis}{word}", doing, f"a phone is shaken {axis}")
        return stage.figure

    shake.__name__ = shake.__qualname__ = name
    program(doing, "gestures", also=also, seconds=SHORT, **WHO, rate_hz=Range(1.8, 3.8, "Hz", 0.8, 6.0), amount=AMOUNT)(
        shake
    )


_shake(
    "shaking_the_phone_left_and_right",
    ("shaking a phone sideways",),
    "left and right",
    Phone((0.0, -0.08, 0.0), roll=45.0),
)
_shake(
    "shaking_the_phone_up_and_down",
    ("shaking a phone vertically",),
    "up and down",
    Phone((0.025, 0.0, -0.06), pitch=-16.0),
)
