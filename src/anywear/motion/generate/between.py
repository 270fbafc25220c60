"""From posture to posture: poses kept and blended, with feet that stay and a body that does not sink into the ground."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from ..._typing import Array
from .. import quaternion
from . import curves, life
from .figure import RATE_HZ, SIDES, SPINE, Figure, X, Y, Z, chain, heading, turn
from .limbs import REACH
from .postures import ROOM_M, constant, lowest_m
from .registry import Scene

LEG = ("thigh", "shank", "foot", "toes")
EFFORT_MPS2 = (0.4, 1.6)  # how much a pelvis shakes from one posture to another; phones in pockets of sp-sw-har


@dataclass(frozen=True)
class Pose:
    """A body at an instant.

    Attributes:
        pelvis_m: (3,).
        turns: local turn (4,) of every segment; the pelvis' in the world.
        ankles_m: (3,) by side.
        feet: turn (4,) in the world by side.
    """

    pelvis_m: Array
    turns: Mapping[str, Array]
    ankles_m: Mapping[str, Array]
    feet: Mapping[str, Array]

    def moved(self, by_m: Array, yaw: float = 0.0) -> Pose:
        """Turned about the vertical through the origin, then shifted."""
        turned = heading(yaw)
        return replace(
            self,
            pelvis_m=quaternion.rotate(turned, self.pelvis_m) + by_m,
            turns={**self.turns, "pelvis": quaternion.multiply(turned, self.turns["pelvis"])},
            ankles_m={side: quaternion.rotate(turned, at) + by_m for side, at in self.ankles_m.items()},
            feet={side: quaternion.multiply(turned, foot) for side, foot in self.feet.items()},
        )


def take(figure: Figure, frame: int = 0) -> Pose:
    """The pose of one frame."""
    turns = {name: np.broadcast_to(q, (len(figure.t), 4))[frame] for name, q in figure.turns.items()}
    ankles = {side: figure.point(f"{side}_foot")[frame] for side in SIDES}
    feet = {side: figure.world(f"{side}_foot")[frame] for side in SIDES}
    return Pose(figure.pelvis_m[frame], turns, ankles, feet)


def still(scene: Scene, posture: Callable[..., object], **how: object) -> Pose:
    """The pose that a function of `postures` or `lying` gives, without life."""
    figure = scene.figure(1.0 / RATE_HZ)
    posture(scene, figure, alive=False, **how)
    return take(figure)


def blend(
    figure: Figure,
    poses: Sequence[Pose],
    at_s: Sequence[tuple[float, float]],
    *,
    late: Mapping[str, float] | None = None,
) -> None:
    """Go from pose to pose, each way eased.

    Args:
        figure: is posed.
        poses: (K,).
        at_s: (K - 1) begin and end of each way.
        late: share of a way by which a segment starts later (and, below 0, ends earlier).
    """
    late = late or {}
    figure.pelvis_m = np.tile(poses[0].pelvis_m, (len(figure.t), 1))
    turns = {name: np.broadcast_to(own, (len(figure.t), 4)) for name, own in poses[0].turns.items()}
    for (before, after), (start, end) in zip(pairwise(poses), at_s, strict=True):
        share = curves.stroke(figure.t, start, end)
        figure.pelvis_m = figure.pelvis_m + share[:, None] * (after.pelvis_m - before.pelvis_m)
        for name, own in turns.items():
            lag = late.get(name, 0.0)
            length = end - start
            own_share = curves.stroke(figure.t, start + max(lag, 0.0) * length, end + min(lag, 0.0) * length)
            target = after.turns[name]
            begin = before.turns[name]
            target = -target if float(begin @ target) < 0.0 else target
            step = quaternion.slerp(np.broadcast_to(begin, own.shape), np.broadcast_to(target, own.shape), own_share)
            turns[name] = np.where(own_share[:, None] > 0.0, step, own)
    figure.turns |= turns


def plant(figure: Figure, pose: Pose, free: Array | None = None, *, splay: float = 8.0, contact: bool = True) -> None:
    """Keep the feet where a pose has them.

    Args:
        figure: its legs are posed.
        pose: whose feet.
        free: (T,) share by which legs go their own way instead.
        splay: of the knees.
        contact: say that the feet stand where they are not free.
    """
    own = {f"{side}_{part}": figure.turns[f"{side}_{part}"] for side in SIDES for part in LEG}
    down = np.ones(len(figure.t), dtype=bool) if free is None else free == 0.0
    misses = dict(figure.misses_m)
    for side in SIDES:
        away = np.linalg.norm(figure.point(f"{side}_thigh") - pose.ankles_m[side], axis=1)
        miss = float((away[down] - REACH * figure.leg_m).max(initial=0.0))
        misses[f"{side} leg"] = max(miss, misses.get(f"{side} leg", 0.0)) if contact else misses.get(f"{side} leg", 0.0)
        foot = np.broadcast_to(pose.feet[side], (len(figure.t), 4)).copy()
        figure.stand(side, constant(figure, pose.ankles_m[side]), foot, splay=splay)
    figure.misses_m = misses
    if free is not None:
        life.mix(figure, own, free)
    if contact:
        figure.contact = dict.fromkeys(SIDES, down)


def keep_above(figure: Figure, room_m: float = ROOM_M) -> None:
    """Raise the body smoothly where its lowest point would be in the ground."""
    need = np.maximum(room_m - lowest_m(figure), 0.0)
    if need.any():
        wide = maximum_filter1d(need, 25, mode="nearest")
        figure.pelvis_m = figure.pelvis_m + gaussian_filter1d(wide, 8.0, mode="nearest")[:, None] * Z


def fit_height(figure: Figure, share: Array, longest: float = 0.988) -> None:
    """Lower the pelvis, as far as ``share`` says, until both planted legs reach."""
    excess = 0.0
    for side in SIDES:
        away = figure.point(f"{side}_thigh") - figure.point(f"{side}_foot")
        excess = max(excess, float((np.linalg.norm(away, axis=1) - longest * figure.leg_m).max()))
    figure.pelvis_m = figure.pelvis_m - max(excess, 0.0) * share[:, None] * Z


def stoop(figure: Figure, deg: Array, *, hips: float = 0.55, arms: float = 0.5, head: float = 0.6) -> None:
    """Lean the trunk forward (T,) degrees over what it is: shared by hips and spine, followed by arms and head."""
    life.overlay(figure, "pelvis", turn(Y, hips * deg))
    for segment in SPINE:
        life.overlay(figure, segment, turn(Y, (1.0 - hips) * deg / 3.0))
    figure.turns["neck"] = chain(turn(Y, -head * deg), figure.turns["neck"])
    for side in SIDES:
        figure.turns[f"{side}_upper_arm"] = chain(turn(Y, -arms * deg), figure.turns[f"{side}_upper_arm"])


def lively(scene: Scene, figure: Figure) -> None:
    """Breath and unrest of a trunk that is on its way, and the effort of being so; the legs have to follow."""
    restless = min(scene.person.restlessness, 2.0)
    wander = restless * curves.noise(figure.t, scene.rng, 0.5, 3) * np.array([0.7, 0.5, 0.7])
    life.overlay(figure, "abdomen", chain(turn(Y, wander[:, 0]), turn(X, wander[:, 1]), turn(Z, wander[:, 2])))
    life.breathe(figure, scene.rng)
    life.look_around(figure, scene.rng, 0.4 * restless)
    life.fidget_arms(figure, scene.rng, 0.4 * restless)
    busy = sum((curves.bump(figure.t, begin - 0.2, end + 0.4) for begin, end in scene.acts_s), np.zeros_like(figure.t))
    figure.pelvis_m = figure.pelvis_m + busy[:, None] * life.shake(figure.t, scene.rng, scene.rng.uniform(*EFFORT_MPS2))


def schedule(scene: Scene, action_s: float, rest_s: tuple[float, float]) -> tuple[float, list[float]]:
    """Starts of an action that fits the scene once or, in long ones, several times; and the scene's length.

    Args:
        scene: has the length that is wanted.
        action_s: how long the action takes.
        rest_s: shortest and longest rest between two.
    """
    rng = scene.rng
    first = rng.uniform(0.25, max(0.3, min(rest_s[1], 0.6 * (scene.seconds - action_s))))
    starts = [float(first)]
    while (following := starts[-1] + action_s + rng.uniform(*rest_s)) + action_s < scene.seconds - 0.3:
        starts.append(float(following))
    scene.acts_s += [(start, start + action_s) for start in starts]
    return max(scene.seconds, starts[-1] + action_s + 0.3), starts
