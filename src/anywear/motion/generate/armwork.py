"""What arms do that do nothing: hang, rest in the lap, hide in pockets, fold, hold a telephone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..._typing import Array
from .. import quaternion
from .figure import SIDES, Figure
from .registry import Scene

Placing = Callable[[Scene, Figure, str, bool], None]
ARMS: dict[str, Placing] = {}
"""Every way of resting the arms: (scene, figure, side, upper) where upper is the arm on top."""


def place_arms(scene: Scene, figure: Figure, how: str, sides: Sequence[str] = tuple(SIDES)) -> None:
    """Rest the arms in one of the ways of `ARMS`; call it after trunk and legs are posed."""
    upper = scene.pick(*SIDES)
    for side in sides:
        ARMS[how](scene, figure, side, side == upper)
    ease_wrists(figure, sides)


def ease_wrists(figure: Figure, sides: Sequence[str] = tuple(SIDES), most_deg: float = 85.0) -> None:
    """Turn hands back that are further from the forearm's direction than wrists and forearms go."""
    for side in sides:
        hand = np.broadcast_to(figure.turns[f"{side}_hand"], (len(figure.t), 4))
        hand = np.where(hand[:, 3:] < 0.0, -hand, hand)
        still = np.broadcast_to(np.array(quaternion.IDENTITY), hand.shape)
        angle = np.rad2deg(quaternion.angle_between_rad(still, hand))
        figure.turns[f"{side}_hand"] = quaternion.slerp(still, hand, most_deg / np.maximum(angle, most_deg))


def way(name: str) -> Callable[[Placing], Placing]:
    """Register a way of resting an arm."""

    def register(placing: Placing) -> Placing:
        ARMS[name] = placing
        return placing

    return register


def at(figure: Figure, segment: str, side: str, offset: Sequence[float] | Array) -> Array:
    """World place (T, 3) by a segment, offset in statures: forward, to the arm's own side, up in the segment's frame."""
    return figure.point(segment, np.asarray(offset) * np.array([1.0, SIDES[side], 1.0]) * figure.height_m)


def along(figure: Figure, segment: str, side: str, direction: Sequence[float]) -> Array:
    """World direction (T, 3) that is forward, to the arm's own side and up in the segment's frame."""
    return quaternion.rotate(figure.world(segment), np.asarray(direction) * np.array([1.0, SIDES[side], 1.0]))


def _vary(scene: Scene, *offset: float, spread: float = 0.01) -> Array:
    return np.asarray(offset) + scene.rng.normal(0.0, spread, 3)


@way("hanging")
def hanging(scene: Scene, figure: Figure, side: str, upper: bool) -> None:
    """Down beside the trunk, palms to the thighs or half back."""
    rng, person = scene.rng, scene.person
    lean = scene_lean(figure)
    figure.shoulder(
        side, rng.normal(-2.0, 4.0) + 0.6 * lean, person.arm_spread_deg + rng.normal(0.0, 1.5), rng.normal(8.0, 10.0)
    )
    figure.elbow(side, max(person.elbow_rest_deg + rng.normal(0.0, 4.0), 3.0))
    figure.wrist(side, rng.normal(22.0, 14.0), rng.normal(6.0, 5.0), rng.normal(0.0, 4.0))
    figure.grip(side, rng.uniform(0.2, 0.5))


def scene_lean(figure: Figure) -> Array:
    """How far (T,) the chest leans forward, degrees: arms hang from it."""
    up = quaternion.rotate(figure.world("chest"), np.array([0.0, 0.0, 1.0]))
    ahead = quaternion.rotate(figure.world("chest"), np.array([1.0, 0.0, 0.0]))
    return np.rad2deg(np.arctan2(-ahead[:, 2], up[:, 2]))


@way("attention")
def attention(scene: Scene, figure: Figure, side: str, upper: bool) -> None:
    """Straight down, hands at the seams."""
    figure.shoulder(side, scene_lean(figure), 4.0, 0.0)
    figure.elbow(side, scene.rng.uniform(3.0, 8.0))
    figure.wrist(side, scene.rng.normal(4.0, 5.0))
    figure.grip(side, 0.2)


@way("crossed")
def crossed(scene: Scene, figure: Figure, side: str, upper: bool) -> None:
    """Folded before the chest."""
    wrist = at(figure, "lower_chest", side, _vary(scene, 0.125 if upper else 0.095, -0.035, 0.015 if upper else -0.01))
    figure.reach(side, wrist, swivel=scene.rng.uniform(22.0, 40.0), palm=along(figure, "chest", side, (-1.0, 0.0, -0.3)),
                 fingers=along(figure, "chest", side, (0.0, -1.0, 0.25)))  # fmt: skip
    figure.grip(side, 0.4)


@way("pockets")
def pockets(scene: Scene, figure: Figure, side: str, upper: bool) -> None:
    """Hands in the front pockets of trousers."""
    wrist = at(figure, "pelvis", side, _vary(scene, 0.045, 0.125, 0.03))
    figure.reach(side, wrist, swivel=scene.rng.uniform(25.0, 45.0), palm=along(figure, "pelvis", side, (-0.2, -1.0, 0.0)),
                 fingers=along(figure, "pelvis", side, (0.35, -0.15, -1.0)))  # fmt: skip
    figure.grip(side, 0.3)


@way("hips")
def hips(scene: Scene, figure: Figure, side: str, upper: bool) -> None:
    """Hands on the hips, elbows out."""
    wrist = at(figure, "pelvis", side, _vary(scene, -0.005, 0.118, 0.075))
    figure.reach(side, wrist, swivel=scene.rng.uniform(60.0, 85.0), palm=along(figure, "pelvis", side, (-0.2, -1.0, -0.5)),
                 fingers=along(figure, "pelvis", side, (0.8, -0.25, -0.5)))  # fmt: skip
    figure.grip(side, 0.3)


@way("behind")
def behind(scene: Scene, figure: Figure, side: str, upper: bool) -> None:
    """Hands clasped behind the back."""
    wrist = at(figure, "pelvis", side, _vary(scene, -0.105, 0.025, 0.03 if upper else 0.015))
    figure.reach(side, wrist, swivel=scene.rng.uniform(45.0, 65.0), palm=along(figure, "pelvis", side, (-1.0, 0.0, 0.0)),
                 fingers=along(figure, "pelvis", side, (-0.1, -0.6, -1.0)))  # fmt: skip
    figure.grip(side, 0.7)


@way("clasped")
def clasped(scene: Scene, figure: Figure, side: str, upper: bool) -> None:
    """Hands folded before the belly."""
    wrist = at(figure, "pelvis", side, _vary(scene, 0.115, 0.045, 0.03 if upper else 0.01))
    figure.reach(side, wrist, swivel=scene.rng.uniform(20.0, 35.0), palm=along(figure, "pelvis", side, (-1.0, -0.3, 0.0)),
                 fingers=along(figure, "pelvis", side, (0.25, -1.0, -0.7)))  # fmt: skip
    figure.grip(side, 0.6)


@way("phone")
def phone(scene: Scene, figure: Figure, side: str, upper: bool) -> None:
    """The dominant hand holds a telephone before the chest; the other joins it or rests."""
    if side != scene.person.hand and scene.chance(0.5):
        # Whatever rests below a sitter is a thigh; a standing arm hangs.
        (thighs if _is_sitting(figure) else hanging)(scene, figure, side, upper)
        return
    low = scene.rng.uniform(-0.06, 0.03)
    wrist = at(figure, "lower_chest", side, _vary(scene, 0.17, 0.025, low, spread=0.015))
    figure.reach(side, wrist, swivel=scene.rng.uniform(12.0, 30.0), palm=along(figure, "chest", side, (-0.75, -0.25, 0.6)),
                 fingers=along(figure, "chest", side, (0.7, -0.45, 0.75)))  # fmt: skip
    figure.grip(side, 0.5)


@way("behind head")
def behind_head(scene: Scene, figure: Figure, side: str, upper: bool) -> None:
    """Hands clasped behind the head, elbows out."""
    wrist = at(figure, "head", side, _vary(scene, -0.055, 0.045, 0.03))
    figure.reach(side, wrist, swivel=scene.rng.uniform(80.0, 105.0), palm=along(figure, "head", side, (1.0, 0.0, 0.0)),
                 fingers=along(figure, "head", side, (-0.1, -1.0, 0.3)))  # fmt: skip
    figure.grip(side, 0.5)


@way("thighs")
def thighs(scene: Scene, figure: Figure, side: str, upper: bool) -> None:
    """A sitter's hand on the thigh, near the knee or higher up."""
    down = scene.rng.uniform(0.06, 0.16)
    wrist = at(figure, f"{side}_thigh", side, _vary(scene, 0.062, 0.0, -down + 0.02))
    palm = along(figure, f"{side}_thigh", side, (-1.0, 0.0, 0.0))
    figure.reach(side, wrist, swivel=scene.rng.uniform(25.0, 55.0), palm=palm, fingers=along(
                 figure, f"{side}_thigh", side, (0.0, -0.35, -1.0)))  # fmt: skip
    figure.grip(side, 0.25)


@way("lap")
def lap(scene: Scene, figure: Figure, side: str, upper: bool) -> None:
    """Hands folded in the lap or each on its thigh."""
    wrist = at(figure, "pelvis", side, _vary(scene, 0.0, 0.0, 0.0, spread=0.006))
    middle = 0.5 * (
        at(figure, "left_thigh", "left", (0.058, -0.05, -0.09))
        + at(figure, "right_thigh", "right", (0.058, -0.05, -0.09))
    )
    offset = along(figure, "pelvis", side, (0.0, 0.062, 0.0)) * figure.height_m
    lift = np.array([0.0, 0.0, 0.016 if upper else 0.0]) * figure.height_m
    wrist = wrist - figure.point("pelvis") + middle + offset + lift
    figure.reach(side, wrist, swivel=scene.rng.uniform(15.0, 35.0), palm=along(figure, "chest", side, (-0.3, -0.2, -1.0)),
                 fingers=along(figure, "chest", side, (0.45, -1.0, -0.2)))  # fmt: skip
    figure.grip(side, 0.5)


@way("armrests")
def armrests(scene: Scene, figure: Figure, side: str, upper: bool) -> None:
    """Forearms on the rests of an armchair."""
    lift = 0.115 + scene.rng.normal(0.0, 0.012)
    base = figure.point("pelvis")
    ahead = quaternion.rotate(figure.world("chest"), np.array([1.0, 0.0, 0.0])) * np.array([1.0, 1.0, 0.0])
    aside = along(figure, "pelvis", side, (0.0, 1.0, 0.0))
    h = figure.height_m
    wrist = base + h * (scene.rng.uniform(0.13, 0.19) * ahead + 0.155 * aside + np.array([0.0, 0.0, lift]))
    figure.reach(
        side, wrist, swivel=scene.rng.uniform(15.0, 30.0), palm=np.array([0.0, 0.0, -1.0]) - 0.2 * aside, fingers=ahead
    )
    figure.grip(side, 0.4)


@way("desk")
def desk(scene: Scene, figure: Figure, side: str, upper: bool) -> None:
    """Forearms on a table."""
    h = figure.height_m
    chest = figure.point("lower_chest")
    ahead = quaternion.rotate(figure.world("chest"), np.array([1.0, 0.0, 0.0])) * np.array([1.0, 1.0, 0.0])
    aside = along(figure, "pelvis", side, (0.0, 1.0, 0.0))
    wrist = chest + h * (scene.rng.uniform(0.13, 0.19) * ahead + scene.rng.uniform(0.02, 0.10) * aside
                         - np.array([0.0, 0.0, scene.rng.uniform(-0.01, 0.03)]))  # fmt: skip
    figure.reach(side, wrist, swivel=scene.rng.uniform(20.0, 40.0), palm=np.array([0.0, 0.0, -1.0]) - 0.15 * aside,
                 fingers=ahead - scene.rng.uniform(0.0, 0.9) * aside)  # fmt: skip
    figure.grip(side, 0.3)


@way("beside")
def beside(scene: Scene, figure: Figure, side: str, upper: bool) -> None:
    """Hands propped on the seat beside the hips or a little behind."""
    h = figure.height_m
    base = figure.point("pelvis")
    ahead = quaternion.rotate(figure.world("pelvis"), np.array([1.0, 0.0, 0.0])) * np.array([1.0, 1.0, 0.0])
    aside = along(figure, "pelvis", side, (0.0, 1.0, 0.0))
    wrist = base + h * (scene.rng.uniform(-0.06, 0.06) * ahead + 0.15 * aside - np.array([0.0, 0.0, 0.012]))
    figure.reach(side, wrist, swivel=25.0, palm=np.array([0.0, 0.0, -1.0]), fingers=ahead + 0.5 * aside)
    figure.grip(side, 0.2)


def _is_sitting(figure: Figure) -> bool:
    line = figure.point("left_shank") - figure.point("left_thigh")
    return bool(abs(float(line[0, 2])) < 0.6 * float(np.linalg.norm(line[0])))
