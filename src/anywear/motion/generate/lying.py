"""Lying on the back, a side or the front, with legs and arms wherever sleepers have them.

Sleepers and resters bend their hips by 20 to 70 degrees on the side and seldom lie straight (De Koninck et al., Sleep 15,
1992, for how positions are shared out); all sizes are estimates.
"""

from __future__ import annotations

import numpy as np

from ..._typing import Array
from .. import quaternion
from . import life
from .armwork import along, at, ease_wrists
from .figure import SIDES, Figure, X, Y, Z, chain, heading, turn
from .postures import constant, settle
from .registry import Scene

SURFACES = ("back", "left side", "right side", "front")
DOWN = np.array([0.0, 0.0, -1.0])


def lie(
    scene: Scene, figure: Figure, on: str = "back", *, surface_m: float = 0.0, yaw: float = 0.0, straight: bool = False,
    alive: bool = True,
) -> None:  # fmt: skip
    """Lie on the ground or a bed, the pelvis over the origin.

    Args:
        scene: randomness and person.
        figure: is posed.
        on: back, left side, right side or front.
        surface_m: height of the bed.
        yaw: heading; at 0 the feet point along x when on the back, the head along x when on the front, and the face along x
            when on a side.
        straight: legs and arms straight, as one lands or lies down at first.
        alive: with breath and a rare movement.
    """
    figure.pelvis_m = np.tile([0.0, 0.0, 0.06 * figure.height_m], (len(figure.t), 1))
    if on == "back":
        _on_back(scene, figure, yaw, straight)
    elif on == "front":
        _on_front(scene, figure, yaw)
    else:
        _on_side(scene, figure, on.partition(" ")[0], yaw, straight)
    ease_wrists(figure)
    if alive:
        rng, restless = scene.rng, min(scene.person.restlessness, 2.0)
        life.breathe(figure, rng)
        life.look_around(figure, rng, 0.25 * restless, gap_s=9.0)
        life.fidget_arms(figure, rng, 0.25 * restless)
    settle(figure)
    figure.pelvis_m = figure.pelvis_m + surface_m * Z


def _ends(figure: Figure) -> tuple[Array, Array]:
    """Level directions (3,) towards the head and, for one on the back or front, to the left."""
    up = quaternion.rotate(figure.world("chest"), Z)[0] * np.array([1.0, 1.0, 0.0])
    up = up / np.linalg.norm(up)
    return up, quaternion.rotate(figure.world("chest"), Y)[0] * np.array([1.0, 1.0, 0.0])


def _thigh(figure: Figure, side: str, flexion: float, abduction: float, rotation: float) -> None:
    """Thigh against pelvis: flexion first, then away from the middle wherever it points."""
    s = SIDES[side]
    figure.turns[f"{side}_thigh"] = np.broadcast_to(
        chain(turn(Y, -flexion), turn(X, s * abduction), turn(Z, -s * rotation)), (len(figure.t), 4)
    )


def _on_floor(figure: Figure, side: str, towards_head: float, outward: float, swivel: float, palm: Array) -> None:
    """Wrist on the ground, so far from its shoulder (statures)."""
    h, s = figure.height_m, SIDES[side]
    up, left = _ends(figure)
    wrist = figure.point(f"{side}_upper_arm") + h * (towards_head * up + s * outward * left)
    wrist[:, 2] = figure.pelvis_m[0, 2] - 0.042 * h
    figure.reach(side, wrist, swivel=swivel, palm=palm, fingers=wrist - figure.point(f"{side}_upper_arm"))
    figure.grip(side, 0.35)


def _on_back(scene: Scene, figure: Figure, yaw: float, straight: bool) -> None:
    rng, h = scene.rng, figure.height_m
    figure.pelvis(-90.0 + rng.normal(0.0, 1.8), 0.0, yaw)
    life.overlay(figure, "pelvis", turn(Z, rng.normal(0.0, 4.0)))
    figure.trunk(rng.normal(2.0, 2.0), rng.normal(0.0, 3.0), rng.normal(0.0, 3.0))
    figure.head(rng.uniform(-5.0, 22.0), rng.normal(0.0, 4.0), float(np.clip(rng.normal(0.0, 18.0), -55.0, 55.0)))
    bent = [] if straight else scene.pick([], [], [], [], ["left"], ["right"], ["left", "right"])
    feet = heading(yaw)
    for side, s in SIDES.items():
        if side in bent:
            ankle = np.array([rng.uniform(0.20, 0.32) * h, s * rng.uniform(0.07, 0.14) * h, figure.ankle_m])
            ankle = constant(figure, quaternion.rotate(feet, ankle) + 0.018 * h * Z)
            figure.stand(side, ankle, yaw + s * 6.0, splay=rng.uniform(-5.0, 18.0))
            continue
        _thigh(figure, side, rng.uniform(-2.0, 7.0), rng.uniform(1.0, 13.0), -rng.uniform(5.0, 40.0))
        figure.knee(side, rng.uniform(1.0, 10.0))
        figure.ankle(side, -rng.uniform(15.0, 45.0))
    kinds = ["sides", "sides", "belly", "belly", "chest", "out", "up", "head"]
    both = scene.pick(*kinds) if scene.chance(0.6) else None
    for side in SIDES:
        kind = "sides" if straight else (both or scene.pick(*kinds))
        out = along(figure, "chest", side, (0.0, 1.0, 0.0))
        if kind == "sides":
            palm = DOWN if scene.chance(0.5) else -out + rng.uniform(-0.6, 0.6) * Z
            _on_floor(figure, side, -rng.uniform(0.28, 0.325), rng.uniform(0.02, 0.12), 80.0, palm)
        elif kind in ("out", "up"):
            ahead = rng.uniform(-0.08, 0.08) if kind == "out" else rng.uniform(0.10, 0.22)
            _on_floor(
                figure, side, ahead, rng.uniform(0.20, 0.27) if kind == "out" else rng.uniform(0.08, 0.16), 60.0, Z
            )
        elif kind == "head":
            wrist = at(figure, "head", side, (-0.06, 0.05, 0.03))
            figure.reach(side, wrist, swivel=95.0, palm=along(figure, "head", side, (1.0, 0.0, 0.0)), fingers=-out)
        else:
            spot = (0.085, 0.065, 0.03) if kind == "belly" else (0.095, 0.05, -0.02)
            wrist = at(
                figure, "abdomen" if kind == "belly" else "chest", side, np.array(spot) + rng.normal(0.0, 0.012, 3)
            )
            palm = along(figure, "chest", side, (-1.0, -0.1, 0.0))
            figure.reach(side, wrist, swivel=rng.uniform(55.0, 80.0), palm=palm, fingers=-out + 0.2 * palm)
            figure.grip(side, 0.4)


def _on_front(scene: Scene, figure: Figure, yaw: float) -> None:
    rng = scene.rng
    figure.pelvis(90.0 + rng.normal(0.0, 1.5), 0.0, yaw)
    life.overlay(figure, "pelvis", turn(Z, rng.normal(0.0, 5.0)))
    figure.trunk(rng.normal(-2.0, 2.0), rng.normal(0.0, 4.0), rng.normal(0.0, 3.0))
    figure.head(rng.uniform(-12.0, 0.0), 0.0, scene.pick(-1.0, 1.0) * rng.uniform(40.0, 62.0))
    drawn_up = scene.pick(None, None, None, "left", "right")
    for side in SIDES:
        if side == drawn_up:
            figure.hip(side, rng.uniform(5.0, 20.0), rng.uniform(30.0, 50.0), -rng.uniform(60.0, 75.0))
            figure.knee(side, rng.uniform(45.0, 80.0))
        else:
            _thigh(figure, side, rng.uniform(-4.0, 2.0), rng.uniform(2.0, 14.0), rng.uniform(-35.0, 25.0))
            figure.knee(side, rng.uniform(1.0, 9.0))
        figure.ankle(side, -rng.uniform(50.0, 66.0))
    kinds = ["sides", "up", "up", "head", "head", "out"]
    both = scene.pick(*kinds) if scene.chance(0.6) else None
    for side in SIDES:
        kind = both or scene.pick(*kinds)
        if kind == "sides":
            palm = Z if scene.chance(0.5) else along(figure, "chest", side, (0.0, -1.0, 0.0))
            _on_floor(figure, side, -rng.uniform(0.28, 0.325), rng.uniform(0.01, 0.08), 80.0, palm)
        elif kind == "head":
            _on_floor(figure, side, rng.uniform(0.12, 0.17), -rng.uniform(0.04, 0.09), 80.0, DOWN)
        else:
            ahead = rng.uniform(0.12, 0.24) if kind == "up" else rng.uniform(-0.05, 0.08)
            _on_floor(
                figure, side, ahead, rng.uniform(0.02, 0.12) if kind == "up" else rng.uniform(0.2, 0.26), 80.0, DOWN
            )


def _on_side(scene: Scene, figure: Figure, lower: str, yaw: float, straight: bool) -> None:
    rng, h = scene.rng, figure.height_m
    s = SIDES[lower]
    upper = "right" if lower == "left" else "left"
    figure.pelvis_m[:, 2] = 0.11 * h
    figure.pelvis(0.0, -s * (90.0 + rng.normal(0.0, 1.5)), yaw)
    life.overlay(figure, "pelvis", turn(Z, rng.normal(0.0, 12.0)))  # half on the back or the front
    figure.trunk(rng.uniform(0.0, 20.0), rng.uniform(-3.0, 3.0), rng.normal(0.0, 6.0))
    figure.head(rng.uniform(-5.0, 18.0), s * rng.uniform(-6.0, 8.0), rng.normal(0.0, 8.0))
    bend = rng.uniform(2.0, 12.0) if straight else rng.uniform(15.0, 60.0)
    for side in SIDES:
        own = bend + rng.normal(0.0, 4.0 if straight else 12.0)
        tilt = rng.uniform(-4.0, 1.0) if side == lower else -rng.uniform(10.0, 20.0)
        _thigh(figure, side, own, tilt, rng.normal(0.0, 6.0))
        figure.knee(side, max(3.0, 1.3 * own + rng.normal(8.0, 4.0 if straight else 14.0)))
        figure.ankle(side, -rng.uniform(5.0, 35.0))
    face = quaternion.rotate(heading(yaw), X)
    up, _ = _ends(figure)
    for side in (lower, upper):
        figure.shrug(side, 0.0, rng.uniform(8.0, 20.0) if side == lower else rng.uniform(0.0, 14.0))
        shoulder = figure.point(f"{side}_upper_arm")
        if side == upper and scene.chance(0.4):  # along the body, hand on the hip or thigh
            wrist = at(figure, f"{side}_thigh", side, (rng.uniform(0.0, 0.04), 0.05, rng.uniform(-0.03, 0.03)))
            figure.reach(side, wrist, swivel=rng.uniform(0.0, 40.0), palm=DOWN, fingers=0.6 * face - up)
            figure.grip(side, 0.3)
            continue
        ahead, towards = rng.uniform(0.14, 0.27), rng.uniform(0.04, 0.16) if side == lower else rng.uniform(-0.14, 0.08)
        wrist = shoulder + h * (ahead * face + towards * up)
        wrist[:, 2] = (0.022 if side == lower else 0.05) * h + max(0.0, figure.pelvis_m[0, 2] - 0.11 * h)
        palm = (Z if side == lower else DOWN) + rng.normal(0.0, 0.5) * up
        figure.reach(side, wrist, swivel=rng.uniform(-30.0, -10.0) if side == lower else rng.uniform(0.0, 30.0),
                     palm=palm, fingers=face + rng.normal(0.3, 0.3) * up)  # fmt: skip
        figure.grip(side, 0.4)


__all__ = ["SURFACES", "lie"]
