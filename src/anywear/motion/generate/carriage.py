"""What the hands and the trunk do on a walk: swing free, rest in pockets, hold a phone, carry, push."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import curves
from .arms import counter_turn, swing_arms
from .figure import SIDES, Figure
from .gait import Walk
from .registry import Choice, Scene

Poser = Callable[[Scene, Figure, Walk, str], None]


@dataclass(frozen=True)
class Carriage:
    """One way to hold the arms.

    Attributes:
        words: continue "a person walks"; ``{hand}`` and ``{other}`` are filled in.
        busy: what each held arm does; the side is given.
        both: whether both arms are held; else the other swings.
        look_deg: how far down the eyes are.
        lean_deg: of the trunk, forwards.
        twist: factor on the trunk's counter-turn.
    """

    words: str
    busy: Poser | None = None
    both: bool = False
    look_deg: float = 4.0
    lean_deg: float = 0.0
    twist: float = 1.0


def _held(
    scene: Scene,
    figure: Figure,
    done: Walk,
    side: str,
    shoulder: tuple[float, float, float],
    elbow: float,
    pronation: float = 0.0,
    give: float = 1.5,
    grip: float = 0.4,
) -> None:
    """An arm kept where it is, that gives a little with every step and drifts."""
    rng = scene.rng
    drift = curves.noise(figure.t, rng, 0.25, 3) * np.array([1.5, 1.0, 2.0])
    shift = 0.5 if side == "left" else 0.0
    step = give * done.effort * np.cos(4.0 * np.pi * (done.phase - 0.1))
    stride = give * done.effort * np.cos(2.0 * np.pi * (done.phase - shift))
    flexion, abduction, rotation = (scene.around(1.0, 0.08) * angle for angle in shoulder)
    figure.shoulder(
        side, flexion + stride + drift[:, 0], abduction + drift[:, 1], rotation + scene.rng.normal(0.0, 4.0)
    )
    figure.elbow(side, np.clip(scene.around(elbow, 0.08) + step + drift[:, 2], 3.0, 150.0))
    figure.wrist(side, pronation + rng.normal(0.0, 5.0), flexion=5.0 + 0.5 * drift[:, 2])
    figure.grip(side, grip)


def pocket(scene: Scene, figure: Figure, done: Walk, side: str) -> None:
    """In the trouser or jacket pocket."""
    _held(scene, figure, done, side, (scene.pick(-8.0, 2.0, 6.0), 16.0, 15.0), scene.pick(38.0, 50.0, 62.0), 25.0, 3.0)


def phone(scene: Scene, figure: Figure, done: Walk, side: str) -> None:
    """Before the chest, screen to the face."""
    _held(scene, figure, done, side, (24.0, 8.0, 22.0), 102.0, -55.0, 1.5, 0.7)


def call(scene: Scene, figure: Figure, done: Walk, side: str) -> None:
    """At the ear."""
    _held(scene, figure, done, side, (48.0, 32.0, 35.0), 138.0, -20.0, 1.5, 0.7)


def cup(scene: Scene, figure: Figure, done: Walk, side: str) -> None:
    """Upright before the body."""
    _held(scene, figure, done, side, (12.0, 10.0, 18.0), 85.0, 0.0, 1.5, 0.8)


def folded(scene: Scene, figure: Figure, done: Walk, side: str) -> None:
    """Across the chest."""
    _held(scene, figure, done, side, (26.0 if side == "left" else 32.0, 6.0, 68.0), 98.0, 20.0, 1.0, 0.5)


def behind(scene: Scene, figure: Figure, done: Walk, side: str) -> None:
    """Hands clasped behind the back."""
    _held(scene, figure, done, side, (-28.0, 10.0, 52.0), 55.0, 30.0, 1.0, 0.6)


def bag(scene: Scene, figure: Figure, done: Walk, side: str) -> None:
    """Hanging with a weight in the hand; the trunk bends away from it."""
    _held(scene, figure, done, side, (-2.0, 9.0, 10.0), 9.0, 5.0, scene.around(4.0, 0.3), 1.0)


def box(scene: Scene, figure: Figure, done: Walk, side: str) -> None:
    """A load on both forearms."""
    _held(scene, figure, done, side, (18.0, 12.0, 10.0), 82.0, -40.0, 0.8, 0.7)


def handle(scene: Scene, figure: Figure, done: Walk, side: str) -> None:
    """On the bar of a cart or stroller."""
    _held(scene, figure, done, side, (34.0, 10.0, 8.0), scene.pick(45.0, 60.0), 65.0, 0.8, 0.9)


def straps(scene: Scene, figure: Figure, done: Walk, side: str) -> None:
    """Holding the straps of a backpack."""
    _held(scene, figure, done, side, (20.0, 14.0, 10.0), 128.0, 0.0, 1.0, 0.8)


CARRIAGES: dict[str, Carriage] = {
    "free": Carriage("with both arms swinging"),
    "pocket": Carriage("with the {hand} hand in a pocket", pocket),
    "pockets": Carriage("with both hands in the pockets", pocket, both=True),
    "phone": Carriage("looking at a phone in the {hand} hand", phone, look_deg=28.0, twist=0.7),
    "call": Carriage("holding a phone to the {hand} ear", call),
    "cup": Carriage("carrying a cup in the {hand} hand", cup, twist=0.6),
    "folded": Carriage("with folded arms", folded, both=True),
    "behind": Carriage("with the hands behind the back", behind, both=True),
    "bag": Carriage("carrying a bag in the {hand} hand", bag, twist=0.8),
    "bags": Carriage("carrying a bag in each hand", bag, both=True, lean_deg=3.0, twist=0.6),
    "box": Carriage("carrying a heavy box in both arms", box, both=True, lean_deg=-7.0, twist=0.4),
    "cart": Carriage("pushing a shopping cart", handle, both=True, lean_deg=7.0, twist=0.5),
    "stroller": Carriage("pushing a stroller", handle, both=True, lean_deg=4.0, twist=0.5),
    "backpack": Carriage("with a heavy backpack", lean_deg=9.0, twist=0.6),
    "straps": Carriage("holding the straps of a backpack", straps, both=True, lean_deg=7.0, twist=0.6),
}
ARMS = Choice(
    ("free", "pocket", "pockets", "phone", "call", "cup", "folded", "behind", "bag", "backpack"),
    (10, 1.5, 1.5, 1.5, 1, 1, 0.5, 0.5, 1.5, 1),
)


def carry(
    scene: Scene,
    figure: Figure,
    done: Walk,
    arms: str = "free",
    *,
    swing_deg: float = 15.0,
    twist_deg: float = 8.0,
    lean_deg: float = 0.0,
    nod_deg: float = 0.8,
    shake_deg: float = 0.45,
) -> str:
    """Pose trunk, head and arms of a walk; gives the words for it, such as ``with folded arms``."""
    own, person, rng = CARRIAGES[arms], scene.person, scene.rng
    hand = person.hand if scene.chance(0.75) else person.other_hand
    counter_turn(
        figure, done.phase, own.twist * twist_deg, person.stoop_deg + own.lean_deg + lean_deg, rng, done.effort,
        nod_deg, scene.around(shake_deg, 0.3),
    )  # fmt: skip
    if own.look_deg > 10.0:
        figure.level_head(0.85, pitch=own.look_deg + 3.0 * curves.noise(figure.t, rng, 0.2)[:, 0])
    if arms == "bag":
        away = 4.0 * SIDES[hand]
        figure.trunk(
            flexion=person.stoop_deg + lean_deg,
            bend=-away + 1.5 * np.cos(2.0 * np.pi * (done.phase - 0.3)),
            twist=own.twist * twist_deg * done.effort * np.cos(2.0 * np.pi * done.phase),
        )
        figure.level_head(0.85, pitch=4.0)
    free = swing_deg * scene.around(1.0, 0.15) * done.effort
    swing_arms(figure, done.phase, free, person.elbow_rest_deg, float(scene.around(0.4 * swing_deg, 0.3)))
    if own.busy is not None:
        for side in SIDES if own.both else (hand,):
            own.busy(scene, figure, done, side)
    other = "left" if hand == "right" else "right"
    return own.words.format(hand=hand, other=other)
