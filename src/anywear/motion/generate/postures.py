"""Postures for any program to start from: standing, sitting on a seat or the floor, lying, kneeling, crouching.

Each function poses a whole figure, keeps what has to touch the ground on it, and adds breath, sway and fidgets unless it is
told not to. With ``arms=None`` the arms are left to the caller, who reaches afterwards.

Sources: the pelvis turns back by 20 to 40 degrees from standing to sitting (Keegan, J. Bone Joint Surg. 35A, 1953; Lord et
al., Spine 22, 1997); seats of 0.38 to 0.50 m (ISO 24496 and common furniture). How far people differ is an estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..._typing import Array
from .. import quaternion
from . import curves, life
from .armwork import place_arms
from .figure import ANKLE_HEIGHT, BALL_AHEAD, SIDES, Figure, X, Y, Z, chain, heading, turn
from .registry import Scene

BUTTOCK = 0.048  # of stature, hip joint above the seat
SEATS_M = {"chair": (0.40, 0.50), "stool": (0.42, 0.62), "sofa": (0.34, 0.44), "bench": (0.38, 0.48)}
LEANS_DEG = {"chair": (2.0, 7.0), "stool": (6.0, 5.0), "sofa": (-17.0, 7.0), "bench": (6.0, 8.0)}  # mean, spread
ROOM_M = 0.012  # between the lowest point of a lying body and the ground


@dataclass(frozen=True)
class Seat:
    """Where somebody sits.

    Attributes:
        height_m: of the seat.
        table_m: of a table or desk that fits it.
        edge_m: (3,) middle of the table's near edge.
        forward: (3,) where the sitter faces.
    """

    height_m: float
    table_m: float
    edge_m: Array
    forward: Array


def trunk_wander(scene: Scene, figure: Figure, alive: bool = True) -> Array:
    """Flexion, bend and twist (T, 3) by which a resting trunk drifts and now and then resettles, degrees."""
    if not alive:
        return np.zeros((len(figure.t), 3))
    restless = min(scene.person.restlessness, 2.0)
    places = scene.rng.standard_normal((2 + int(figure.seconds / 4.0), 3)) * np.array([3.0, 2.0, 3.0]) * restless
    places[0] = 0.0
    moved = life.steps_between(figure.t, scene.rng, places, 10.0 / restless, (0.7, 1.6))
    return moved + restless * np.array([0.5, 0.35, 0.4]) * curves.noise(figure.t, scene.rng, 0.25, 3)


def constant(figure: Figure, place_m: Array) -> Array:
    """A place (3,) that stays, as (T, 3)."""
    return np.tile(place_m, (len(figure.t), 1))


def foot_on_ball(figure: Figure, yaw: float | Array, pitch: float | Array) -> tuple[Array, Array]:
    """Turn (T, 4) of a foot whose heel is raised by degrees about the ball, and the height (T,) of its ankle."""
    foot = chain(heading(figure.frames(yaw)), turn(Y, figure.frames(pitch)))
    ball = figure.height_m * np.array([BALL_AHEAD, 0.0, -ANKLE_HEIGHT])
    return foot, -quaternion.rotate(foot, ball)[:, 2]


def leg(
    figure: Figure, side: str, raised: float | Array, outward: float | Array, rotation: float | Array,
    knee: float | Array, *, yaw: float | Array = 0.0,
) -> None:  # fmt: skip
    """A leg by its directions in the world, whatever the pelvis does.

    Args:
        figure: is posed; its pelvis has to be.
        side: left or right.
        raised: of the thigh, degrees from hanging; 90 is level.
        outward: heading of the raised thigh away from the middle.
        rotation: inwards about the thigh.
        knee: flexion.
        yaw: heading of the body.
    """
    s = SIDES[side]
    world = chain(
        heading(figure.frames(yaw) + s * figure.frames(outward)),
        turn(Y, -figure.frames(raised)),
        turn(Z, -s * figure.frames(rotation)),
    )
    figure.turns[f"{side}_thigh"] = quaternion.multiply(quaternion.inverse(figure.world("pelvis")), world)
    figure.knee(side, knee)


def lowest_m(figure: Figure, sides: Sequence[str] = tuple(SIDES)) -> Array:
    """Height (T,) of the lowest of soles, knees, wrists, hips and head."""
    tracks = [track for side in sides for track in figure.sole(side).values()]
    limbs = [f"{side}_{part}" for side in sides for part in ("hand", "shank")]
    tracks += [figure.point(name) for name in ("pelvis", "head", *limbs)]
    return np.min([track[:, 2] for track in tracks], axis=0)


def settle(figure: Figure, *, room_m: float = ROOM_M, sides: Sequence[str] = tuple(SIDES)) -> None:
    """Raise the whole figure by one amount, so that its lowest point is not below the ground."""
    figure.pelvis_m = figure.pelvis_m + max(0.0, room_m - float(lowest_m(figure, sides).min())) * Z


def stand_still(
    scene: Scene, figure: Figure, *, arms: str | None = "hanging", weight: float | None = None,
    width_m: float | None = None, lean_deg: float | None = None, bow_deg: float = 0.0,
    feet_m: tuple[float, float] = (0.0, 0.0), yaw: float = 0.0, shifting: bool = True, alive: bool = True,
) -> None:  # fmt: skip
    """Stand on both feet at the origin.

    Args:
        scene: randomness and person.
        figure: is posed.
        arms: what they do, one of `armwork.ARMS`; None leaves them.
        weight: where it rests, -1 on the right leg to 1 on the left; drawn by default.
        width_m: between the ankles.
        lean_deg: of the trunk, forward; the person's stoop by default.
        bow_deg: bend forward at hips and back, the hips going back.
        feet_m: how far the feet are ahead and to the left of below the hips, as of one who leans on something.
        yaw: heading.
        shifting: weight moves from leg to leg now and then.
        alive: with breath, sway and fidgets.
    """
    rng, person, h = scene.rng, scene.person, figure.height_m
    restless = min(person.restlessness, 2.0)
    width_m = float(np.clip(rng.normal(0.19, 0.05), 0.08, 0.34)) * h / 1.72 if width_m is None else width_m
    weight = float(np.clip(rng.normal(0.0, 0.35), -1.0, 1.0)) if weight is None else weight
    stagger = rng.normal(0.0, 0.015, 2) * h
    tilt, soft = rng.normal(0.0, 4.0), rng.uniform(0.972, 0.993)
    way, lean, load = np.zeros((len(figure.t), 2)), np.zeros((len(figure.t), 2)), figure.frames(weight)
    if alive:
        way, lean = life.sway(figure.t, rng, restless)
        if shifting:
            places = np.clip(rng.normal(weight, 0.45, (2 + int(figure.seconds / 4.0), 1)), -1.0, 1.0)
            places[0] = weight
            load = life.steps_between(figure.t, rng, places, 9.0 / restless, (0.8, 1.8))[:, 0]
    facing = np.deg2rad(yaw)
    ahead, aside = np.array([np.cos(facing), np.sin(facing), 0.0]), np.array([-np.sin(facing), np.cos(facing), 0.0])
    across = way[:, 1] + load * (0.30 * width_m)
    figure.pelvis(
        tilt + 0.55 * bow_deg + 0.4 * lean[:, 0], 4.5 * load - 0.4 * lean[:, 1], yaw + rng.normal(0.0, 3.0) + 2.0 * load
    )
    figure.pelvis_m = way[:, :1] * ahead + across[:, None] * aside + np.array([0.0, 0.0, figure.stand_height_m])
    ankles = {
        side: (s * 0.5 * width_m + feet_m[1]) * aside
        + (shift + feet_m[0] + 0.06 * h * bow_deg / 45.0) * ahead
        + figure.ankle_m * Z
        for (side, s), shift in zip(SIDES.items(), stagger, strict=True)
    }
    drop = 0.0
    for side, ankle in ankles.items():
        away = figure.point(f"{side}_thigh") - ankle
        flat = np.linalg.norm(away[:, :2], axis=1)
        drop = max(drop, float((away[:, 2] - np.sqrt((soft * figure.leg_m) ** 2 - flat**2)).max()))
    figure.pelvis_m[:, 2] -= drop
    for side, s in SIDES.items():
        toe_out = person.toe_out_deg + rng.normal(0.0, 2.0)
        figure.stand(side, constant(figure, ankles[side]), yaw + s * toe_out, splay=0.7 * toe_out)
        figure.contact[side] = np.ones(len(figure.t), dtype=bool)
    wander = trunk_wander(scene, figure, alive)
    stoop = person.stoop_deg if lean_deg is None else lean_deg
    figure.trunk(
        stoop - 0.8 * tilt + 0.45 * bow_deg + 0.6 * lean[:, 0] + 0.5 * wander[:, 0],
        4.0 * load + 0.5 * wander[:, 1] + 0.6 * lean[:, 1],
        wander[:, 2] - load,
    )
    figure.level_head(0.85 * min(1.0, 45.0 / max(bow_deg, 1.0)), pitch=rng.normal(5.0, 6.0))
    _finish(scene, figure, arms, alive)


def sit(
    scene: Scene, figure: Figure, *, seat: str = "chair", seat_m: float | None = None, legs: str | None = None,
    arms: str | None = "lap", lean_deg: float | None = None, yaw: float = 0.0, alive: bool = True,
) -> Seat:  # fmt: skip
    """Sit on something with the hips over the origin, facing x turned by the heading.

    Args:
        scene: randomness and person.
        figure: is posed.
        seat: chair, stool, sofa or bench.
        seat_m: its height.
        legs: flat, stretched, tucked, wide, crossed (knee over knee), ankle on knee, or ankles crossed; drawn by default.
        arms: what they do, one of `armwork.ARMS`; None leaves them.
        lean_deg: of the chest, forward; drawn for the seat by default.
        yaw: heading.
        alive: with breath and fidgets.
    """
    rng, h = scene.rng, figure.height_m
    seat_m = float(rng.uniform(*SEATS_M[seat])) if seat_m is None else seat_m
    hip_m = min(seat_m, 0.30 * h if seat != "stool" else 0.36 * h) + BUTTOCK * h
    mean, spread = LEANS_DEG[seat]
    lean = float(rng.normal(mean, spread)) if lean_deg is None else lean_deg
    tilt = float(np.clip(rng.normal(-20.0 + 0.55 * lean, 6.0), -48.0, 12.0))
    legs = legs or str(rng.choice(list(LEGS), p=_LEG_SHARES))
    wander = trunk_wander(scene, figure, alive)
    figure.pelvis(tilt + 0.35 * wander[:, 0], rng.normal(0.0, 1.5) + 0.3 * wander[:, 1], yaw + rng.normal(0.0, 3.0))
    figure.pelvis_m = np.tile([0.0, 0.0, hip_m], (len(figure.t), 1))
    _place_legs(scene, figure, legs, yaw)
    figure.trunk(lean - tilt + 0.65 * wander[:, 0], rng.normal(0.0, 2.0) + 0.7 * wander[:, 1], wander[:, 2])
    figure.level_head(0.8, pitch=rng.normal(6.0, 8.0))
    _finish(scene, figure, arms, alive)
    forward = quaternion.rotate(heading(yaw), X)
    table_m = seat_m + float(rng.uniform(0.25, 0.31)) * h / 1.72
    edge = forward * (0.13 * h + max(0.0, 0.25 * h * np.sin(np.deg2rad(lean)))) + table_m * Z
    return Seat(seat_m, table_m, edge, forward)


LEGS = {"flat": 0.42, "stretched": 0.12, "tucked": 0.10, "wide": 0.10, "crossed": 0.12, "ankle on knee": 0.06,
        "ankles crossed": 0.08}  # fmt: skip
"""What the legs of a sitter do, and how often."""
_LEG_SHARES = np.array(list(LEGS.values())) / sum(LEGS.values())


def _place_legs(scene: Scene, figure: Figure, legs: str, yaw: float) -> None:
    """Feet on the floor before the seat, or one leg over the other."""
    rng, h = scene.rng, figure.height_m
    ahead = {"stretched": rng.uniform(0.08, 0.15), "tucked": rng.uniform(-0.09, -0.04), "crossed": 0.02,
             "ankles crossed": rng.uniform(0.02, 0.08)}.get(legs, rng.uniform(-0.03, 0.05)) * h  # fmt: skip
    spread = {"wide": rng.uniform(0.05, 0.10), "ankles crossed": -0.075}.get(legs, rng.uniform(-0.03, 0.03)) * h
    splay = {"wide": rng.uniform(20.0, 35.0)}.get(legs, rng.uniform(2.0, 18.0))
    pitch = rng.uniform(10.0, 35.0) if legs == "tucked" else 0.0
    over = scene.pick(*SIDES) if legs in ("crossed", "ankle on knee") else None
    turned = heading(yaw)
    for side, s in SIDES.items():
        if side == over:
            continue
        toe_out = yaw + s * (scene.person.toe_out_deg + rng.normal(0.0, 4.0))
        foot, ankle_m = foot_on_ball(figure, toe_out, pitch)
        across = s * (figure.hip_half_width_m + spread)
        at = quaternion.rotate(turned, np.array([0.245 * h + ahead + rng.normal(0.0, 0.015) * h, across, 0.0]))
        if legs == "ankles crossed" and s < 0:  # one ankle before the other
            at = at + quaternion.rotate(turned, np.array([0.075 * h, 0.0, 0.0]))
        figure.stand(side, at + ankle_m[:, None] * Z, foot, splay=splay)
        figure.toes(side, pitch)
        figure.contact[side] = np.ones(len(figure.t), dtype=bool)
    swing = 0.0
    if over is None:
        return
    if rng.random() < 0.3:  # the free foot bobs
        bob = curves.jittered_phase(figure.t, rng.uniform(1.0, 2.2), rng, 0.05)
        busy = np.clip(0.5 + curves.noise(figure.t, rng, 0.15)[:, 0], 0.0, 1.0)
        swing = 6.0 * busy * np.sin(2.0 * np.pi * bob)
    if legs == "crossed":
        leg(figure, over, rng.uniform(96.0, 106.0) + 0.3 * swing, rng.uniform(-26.0, -16.0), rng.uniform(-5.0, 10.0),
            rng.uniform(62.0, 88.0) + swing, yaw=yaw)  # fmt: skip
        figure.ankle(over, rng.uniform(-30.0, 0.0) + swing, rng.uniform(0.0, 10.0))
    else:
        leg(figure, over, rng.uniform(92.0, 104.0), rng.uniform(30.0, 42.0), rng.uniform(-72.0, -58.0),
            rng.uniform(95.0, 112.0), yaw=yaw)  # fmt: skip
        figure.ankle(over, rng.uniform(-15.0, 5.0) + swing, 0.0)


def sit_on_floor(
    scene: Scene, figure: Figure, *, legs: str = "cross-legged", arms: str | None = "lap",
    lean_deg: float | None = None, yaw: float = 0.0, alive: bool = True,
) -> Seat:  # fmt: skip
    """Sit on the ground: legs cross-legged, stretched, knees up, or heels (on them, kneeling)."""
    rng, h = scene.rng, figure.height_m
    heels = legs == "heels"
    lean = float(rng.normal(2.0 if heels else 7.0, 6.0)) if lean_deg is None else lean_deg
    tilt = float(np.clip(rng.normal(-8.0 if heels else -24.0, 7.0), -45.0, 10.0))
    wander = trunk_wander(scene, figure, alive)
    figure.pelvis(tilt + 0.35 * wander[:, 0], 0.3 * wander[:, 1], yaw)
    seat_m = 0.10 * h if heels else 0.0
    figure.pelvis_m = np.tile([0.0, 0.0, seat_m + BUTTOCK * h], (len(figure.t), 1))
    rise = rng.uniform(100.0, 114.0)
    for side, s in SIDES.items():
        if legs == "knees up":
            at = np.array([rng.uniform(0.26, 0.34) * h, s * rng.uniform(0.06, 0.12) * h, figure.ankle_m])
            figure.stand(side, constant(figure, quaternion.rotate(heading(yaw), at)), yaw + s * 8.0, splay=8.0)
            figure.contact[side] = np.ones(len(figure.t), dtype=bool)
        elif legs == "stretched":
            leg(figure, side, rng.uniform(86.0, 92.0), rng.uniform(2.0, 14.0), -rng.uniform(0.0, 25.0),
                rng.uniform(0.0, 14.0), yaw=yaw)  # fmt: skip
            figure.ankle(side, -rng.uniform(5.0, 35.0))
        elif heels:
            leg(figure, side, rng.uniform(76.0, 82.0), rng.uniform(2.0, 14.0), 0.0, rng.uniform(148.0, 153.0), yaw=yaw)
            figure.ankle(side, -rng.uniform(55.0, 65.0))
        else:
            inner = side == "left"
            leg(figure, side, rise, rng.uniform(38.0, 48.0), -rng.uniform(72.0, 86.0),
                rng.uniform(122.0, 130.0) if inner else rng.uniform(112.0, 120.0), yaw=yaw)  # fmt: skip
            figure.ankle(side, -rng.uniform(15.0, 35.0), rng.uniform(0.0, 15.0))
    figure.trunk(lean - tilt + 0.65 * wander[:, 0], rng.normal(0.0, 2.0) + 0.7 * wander[:, 1], wander[:, 2])
    figure.level_head(0.8, pitch=rng.normal(8.0, 8.0))
    _finish(scene, figure, arms, alive)
    settle(figure)
    forward = quaternion.rotate(heading(yaw), X)
    return Seat(seat_m, seat_m + 0.16 * h, 0.2 * h * forward + (seat_m + 0.16 * h) * Z, forward)


def kneel(
    scene: Scene, figure: Figure, *, knees: str = "both", arms: str | None = "hanging", lean_deg: float | None = None,
    yaw: float = 0.0, alive: bool = True,
) -> None:  # fmt: skip
    """Kneel upright: on both knees, or on the left or right one with the other foot ahead."""
    rng, h = scene.rng, figure.height_m
    tilt = rng.normal(0.0, 5.0)
    lean = rng.normal(4.0, 6.0) if lean_deg is None else lean_deg
    wander = trunk_wander(scene, figure, alive)
    figure.pelvis(tilt + 0.4 * wander[:, 0], 0.4 * wander[:, 1], yaw)
    figure.pelvis_m = np.tile([0.0, 0.0, 0.245 * h], (len(figure.t), 1))
    down = list(SIDES) if knees == "both" else [knees]
    for side in down:
        raised = rng.uniform(-3.0, 8.0) if knees == "both" else rng.uniform(-12.0, 2.0)
        leg(figure, side, raised, 0.0, 0.0, 92.0 + raised + rng.uniform(0.0, 4.0), yaw=yaw)
        figure.ankle(side, -rng.uniform(50.0, 68.0))
    settle(figure, sides=down)
    for side, s in SIDES.items():
        if side not in down:
            foot = np.array([rng.uniform(0.20, 0.27) * h, s * rng.uniform(0.07, 0.12) * h, figure.ankle_m])
            foot = constant(figure, quaternion.rotate(heading(yaw), foot))
            figure.stand(side, foot, yaw + s * 7.0, splay=rng.uniform(2.0, 12.0))
            figure.contact[side] = np.ones(len(figure.t), dtype=bool)
    figure.trunk(lean - tilt + 0.6 * wander[:, 0], 0.6 * wander[:, 1], wander[:, 2])
    figure.level_head(0.8, pitch=rng.normal(8.0, 8.0))
    _finish(scene, figure, arms, alive)


def squat(
    scene: Scene, figure: Figure, *, depth: float = 1.0, arms: str | None = "thighs", yaw: float = 0.0,
    alive: bool = True,
) -> None:  # fmt: skip
    """Crouch on both feet, heels down or up.

    Args:
        scene: randomness and person.
        figure: is posed.
        depth: 1 sits on the heels, 0.5 has the thighs about level, 0 stands.
        arms: one of `armwork.ARMS`; None leaves them.
        yaw: heading.
        alive: with breath and fidgets.
    """
    rng, h = scene.rng, figure.height_m
    heels = rng.uniform(15.0, 40.0) * depth if scene.chance(0.4) else 0.0
    low = 0.19 * h + rng.uniform(0.0, 0.03) * h
    hip_m = low + (1.0 - depth) * (figure.stand_height_m - 0.01 * h - low)
    lean = (rng.uniform(12.0, 32.0) if heels else rng.uniform(26.0, 46.0)) * min(1.0, 2.0 * depth)
    wander = trunk_wander(scene, figure, alive)
    way, _ = life.sway(figure.t, rng, 1.3 if alive else 0.0)
    turned = heading(yaw)
    tilt = 0.35 * lean
    figure.pelvis(tilt + 0.3 * wander[:, 0], 0.3 * wander[:, 1], yaw)
    local = np.concatenate([way, np.full((len(way), 1), hip_m)], axis=1)
    figure.pelvis_m = quaternion.rotate(turned, local)
    ahead, width = (0.10 if heels == 0.0 else 0.02) * min(1.0, 2.0 * depth) * h, rng.uniform(0.07, 0.12) * h
    for side, s in SIDES.items():
        foot, ankle_m = foot_on_ball(figure, yaw + s * rng.uniform(5.0, 22.0), heels)
        at = quaternion.rotate(turned, np.array([ahead + rng.normal(0.0, 0.02) * h, s * width, 0.0]))
        figure.stand(side, at + ankle_m[:, None] * Z, foot, splay=rng.uniform(8.0, 25.0))
        figure.toes(side, heels)
        figure.contact[side] = np.ones(len(figure.t), dtype=bool)
    figure.trunk(lean - tilt + 0.4 * wander[:, 0], 0.5 * wander[:, 1], 0.7 * wander[:, 2])
    figure.level_head(0.85, pitch=rng.normal(8.0, 8.0))
    _finish(scene, figure, arms, alive)


def _finish(scene: Scene, figure: Figure, arms: str | None, alive: bool) -> None:
    """Breath, arms and head for a body whose trunk and legs are posed."""
    restless = min(scene.person.restlessness, 2.0)
    if alive:
        life.breathe(figure, scene.rng)
    if arms is not None:
        place_arms(scene, figure, arms)
    if alive:
        life.look_around(figure, scene.rng, min(restless, 1.4))
        if arms is not None:
            free = arms in ("hanging", "attention")
            life.fidget_arms(figure, scene.rng, (1.0 if free else 0.25) * min(restless, 1.6))


__all__ = [
    "LEGS", "Seat", "constant", "foot_on_ball", "kneel", "leg", "lowest_m", "settle", "sit", "sit_on_floor", "squat",
    "stand_still", "trunk_wander",
]  # fmt: skip
