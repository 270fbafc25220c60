"""Whole poses as tables of numbers, mixed over time, and put on a figure: legs and held hands by inverse kinematics.

A pose is a dict of channels. Lengths are in statures, angles in degrees, sideways is outwards:

- ``at`` (x, y, z) of the pelvis;
  ``pelvis`` (pitch, roll, yaw); ``trunk`` and ``head`` (flexion, bend, twist); ``level`` share
  by which the head is kept upright;
- ``arm`` (flexion, abduction, rotation, elbow), ``grip`` (pronation, flexion, closed), ``hand`` (x, outward, z) of the wrist
  and ``hold`` 1 where the hand is held there, ``shrug`` (up, forward);
- ``foot`` (x, outward, lift, heel up, toe out) of the ankle over a flat foot, which turns about its ball; ``leg`` (flexion,
  abduction, knee, toes up) and ``free`` 1 where the leg follows these instead.

``arm`` is both arms, ``left_arm`` one of them, and so on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..._typing import Array, Float
from .. import quaternion
from . import curves, life
from .armwork import ease_wrists
from .figure import ANKLE_HEIGHT, BALL_AHEAD, SIDES, Figure, Y, chain, heading, turn
from .registry import Scene
from .repetitions import Hop, ways

Pose = Mapping[str, Array]
STAND_Z = 0.522  # of the pelvis; knees a little bent
STIFF_DEG = 3.0  # elbows come to a stop so softly
FLAT_PALM, FLAT_FINGERS = (0.0, 0.0, -1.0), (1.0, 0.0, 0.0)  # a hand on the floor
_SIDED = {
    "arm": (2.0, 8.0, 5.0, 14.0),
    "grip": (10.0, 5.0, 0.4),
    "hand": (0.1, 0.13, 0.5),
    "hold": (0.0,),
    "shrug": (0.0, 0.0),
    "foot": (0.0, 0.055, 0.0, 0.0, 7.0),
    "leg": (0.0, 2.0, 5.0, -20.0),
    "free": (0.0,),
}
_MIDDLE = {
    "at": (0.0, 0.0, STAND_Z),
    "pelvis": (0.0, 0.0, 0.0),
    "trunk": (2.0, 0.0, 0.0),
    "head": (0.0, 0.0, 0.0),
    "level": (0.85,),
}
STANDING: dict[str, Array] = {
    **{name: np.array(value) for name, value in _MIDDLE.items()},
    **{f"{side}_{name}": np.array(value) for side in SIDES for name, value in _SIDED.items()},
}
"""Upright, arms hanging, feet a little apart."""


def posed(base: Pose = STANDING, **changes: float | Sequence[float] | Array) -> dict[str, Array]:
    """A pose like another one but for some channels; those without a side are set on both."""
    out = dict(base)
    for name, value in changes.items():
        channel = np.atleast_1d(np.asarray(value, dtype=float))
        for key in (name,) if name in STANDING else tuple(f"{side}_{name}" for side in SIDES):
            if channel.shape[-1] != STANDING[key].shape[-1]:
                raise ValueError(f"{key} has {STANDING[key].shape[-1]} numbers, not {channel.shape[-1]}")
            out[key] = channel
    return out


def mirrored(pose: Pose) -> dict[str, Array]:
    """The pose with left and right exchanged."""
    flip = {"at": (1, -1, 1), "pelvis": (1, -1, -1), "trunk": (1, -1, -1), "head": (1, -1, -1), "level": (1,)}
    other = {"left": "right", "right": "left"}
    out = {name: pose[name] * np.array(signs) for name, signs in flip.items()}
    for side, opposite in other.items():
        out |= {f"{side}_{name}": pose[f"{opposite}_{name}"] for name in _SIDED}
    return out


def personal(scene: Scene, **changes: float | Sequence[float] | Array) -> dict[str, Array]:
    """The standing pose of the scene's person, its arms hanging in their own way."""
    p, rng = scene.person, scene.rng
    width = float(np.clip(rng.normal(0.06, 0.015), 0.035, 0.11))
    pose = posed(
        trunk=(p.stoop_deg, 0.0, 0.0),
        arm=(rng.normal(2.0, 3.0), p.arm_spread_deg, rng.uniform(0.0, 20.0), p.elbow_rest_deg),
        grip=(rng.uniform(0.0, 35.0), rng.uniform(0.0, 12.0), rng.uniform(0.2, 0.6)),
        foot=(0.0, width, 0.0, 0.0, p.toe_out_deg),
        at=(0.0, 0.0, STAND_Z - rng.uniform(0.0, 0.004)),
    )
    return posed(pose, **changes)


def blend(share: Float[Array, " time"], near: Pose, far: Pose) -> dict[str, Array]:
    """Channels (T, n) between two poses: 0 is the first, 1 the second, and beyond."""
    return {name: near[name] + share[:, None] * (far[name] - near[name]) for name in STANDING}


def sequence(time_s: Float[Array, " time"], at_s: Sequence[float], poses: Sequence[Pose]) -> dict[str, Array]:
    """Channels (T, n) through poses at their times, with a minimum-jerk way to each."""
    at = np.array([at_s[0] - 1.0, *at_s, at_s[-1] + 1e3])
    rows = [poses[0], *poses, poses[-1]]
    return {name: ways(time_s, at, np.stack([row[name] for row in rows])) for name in STANDING}


def liven(scene: Scene, figure: Figure, channels: Pose, amount: float = 1.0) -> dict[str, Array]:
    """Small wandering of pelvis, trunk, head and free arms, so that no two moments are alike."""
    rng, t = scene.rng, figure.t
    size = amount * float(np.clip(scene.person.restlessness, 0.4, 2.0))
    out = {name: np.broadcast_to(value, (len(t), value.shape[-1])).copy() for name, value in channels.items()}
    wander = curves.noise(t, rng, 0.35, 20)
    out["at"][:, :2] += size * 0.0025 * wander[:, :2]
    out["pelvis"] += size * np.array([0.7, 0.6, 0.7]) * wander[:, 2:5]
    out["trunk"] += size * np.array([1.2, 0.9, 1.2]) * wander[:, 5:8]
    out["head"] += size * np.array([3.0, 1.5, 4.0]) * wander[:, 8:11]
    for number, side in enumerate(SIDES):
        out[f"{side}_arm"] += size * np.array([1.3, 1.0, 2.0, 1.6]) * wander[:, 11 + 4 * number : 15 + 4 * number]
    return out


def put(
    figure: Figure,
    channels: Pose,
    *,
    palm: Array | Sequence[float] | None = None,
    fingers: Array | Sequence[float] | None = None,
    swivel: float | Array = 30.0,
    splay: float | Array | None = None,
    breath: np.random.Generator | None = None,
    depth: float = 1.8,
) -> None:
    """Pose the figure.

    Args:
        figure: is posed.
        channels: numbers or (T, n) arrays by channel.
        palm, fingers: world directions of held hands, as in `Figure.reach`; the left hand's, mirrored for the right.
        swivel: of the elbows of held hands.
        splay: of the knees; where the toes point by default.
        breath: breathes with this randomness.
        depth: of breathing; effort breathes deeply.
    """
    t, h = figure.t, figure.height_m
    c = {name: np.broadcast_to(value, (len(t), value.shape[-1])) for name, value in channels.items()}
    figure.pelvis_m = h * c["at"]
    figure.pelvis(*c["pelvis"].T)
    figure.trunk(*c["trunk"].T)
    for side, s in SIDES.items():
        foot = c[f"{side}_foot"].copy()
        # A foot that leaves the ground is lifted before the leg takes its free posture.
        foot[:, 2] += 0.11 * np.sin(np.pi * np.clip(c[f"{side}_free"][:, 0], 0.0, 1.0))
        ankle, turned = on_ball(h, foot * np.array([1.0, s, 1.0, 1.0, s]))
        figure.stand(side, ankle, turned, splay=np.abs(foot[:, 4]) if splay is None else splay)
        figure.toes(side, np.clip(foot[:, 3], 0.0, 78.0) / (1.0 + (foot[:, 2] / 0.03) ** 2))
        free = c[f"{side}_free"][:, 0]
        if free.any():
            kept = {f"{side}_{part}": figure.turns[f"{side}_{part}"] for part in ("thigh", "shank", "foot")}
            flexion, abduction, knee, up = c[f"{side}_leg"].T
            figure.hip(side, flexion, abduction)
            figure.knee(side, knee)
            figure.ankle(side, up)
            free_turns = {name: figure.turns[name] for name in kept}
            figure.turns |= kept
            life.mix(figure, free_turns, free)
        figure.shrug(side, *c[f"{side}_shrug"].T)
        figure.shoulder(side, *c[f"{side}_arm"][:, :3].T)
        figure.elbow(side, STIFF_DEG * np.logaddexp(0.0, c[f"{side}_arm"][:, 3] / STIFF_DEG))
        figure.wrist(side, *c[f"{side}_grip"][:, :2].T)
        figure.grip(side, c[f"{side}_grip"][:, 2])
    if breath is not None:
        life.breathe(figure, breath, depth=depth, rate_hz=float(breath.uniform(0.3, 0.6)))
    for side, s in SIDES.items():
        hold = c[f"{side}_hold"][:, 0]
        if hold.any():
            kept = {f"{side}_{part}": figure.turns[f"{side}_{part}"] for part in ("upper_arm", "forearm", "hand")}
            flip = np.array([1.0, s, 1.0])
            hanging = figure.point(f"{side}_hand")
            wrist = hanging + hold[:, None] * (h * c[f"{side}_hand"] * flip - hanging)
            figure.reach(
                side,
                wrist,
                swivel=swivel,
                palm=None if palm is None else np.asarray(palm, dtype=float) * flip,
                fingers=None if fingers is None else np.asarray(fingers, dtype=float) * flip,
            )
            ease_wrists(figure, (side,))
            held = {name: figure.turns[name] for name in kept}
            figure.turns |= kept
            life.mix(figure, held, hold)
    # A trunk that is bent down to the level leaves the head to itself.
    upright = quaternion.rotate(figure.world("chest"), np.array([0.0, 0.0, 1.0]))[:, 2]
    level = c["level"][:, 0] * curves.ease(upright / 0.5)
    flexion, bend, twist = c["head"].T
    figure.head(flexion, bend, twist)
    if level.any():
        posed_head = {name: figure.turns[name] for name in ("neck", "head")}
        figure.level_head(1.0, pitch=flexion)
        # Upside down there is no way to be level, nor one to come from.
        held = (level > 0.0)[:, None]
        levelled = {name: np.where(held, figure.turns[name], own) for name, own in posed_head.items()}
        figure.turns |= posed_head
        life.mix(figure, levelled, np.clip(level, 0.0, 1.0))
        soften(figure, ("neck", "head"), 0.25)


def on_ball(h: float, foot: Float[Array, "time 5"]) -> tuple[Float[Array, "time 3"], Float[Array, "time 4"]]:
    """Ankle (m) and turn of a foot given by (x, y, lift, heel up, heading), which turns about its ball."""
    x, y, lift, up, yaw = foot.T
    turned = chain(heading(yaw), turn(Y, up))
    ball = h * np.array([BALL_AHEAD, 0.0, -ANKLE_HEIGHT])
    flat = h * np.stack([x, y, lift + ANKLE_HEIGHT], axis=1)
    return flat + quaternion.rotate(heading(yaw), ball) - quaternion.rotate(turned, ball), turned


def jump(channels: Pose, hop: Hop, height_m: float) -> dict[str, Array]:
    """Lift pelvis and feet as a jump has it, heels first."""
    out = dict(channels)
    out["at"] = channels["at"] + (hop.lift_m / height_m)[:, None] * np.array([0.0, 0.0, 1.0])
    for side in SIDES:
        raised = np.stack([0 * hop.air_m, 0 * hop.air_m, hop.air_m / height_m, hop.heel_deg, 0 * hop.air_m], axis=1)
        out[f"{side}_foot"] = channels[f"{side}_foot"] + raised
    return out


def plant(figure: Figure, sides: Sequence[str] = tuple(SIDES), down: Array | None = None) -> None:
    """Declare feet that stand, throughout or where ``down`` says."""
    for side in sides:
        figure.contact[side] = np.ones(len(figure.t), dtype=bool) if down is None else down


def soften(figure: Figure, segments: Sequence[str], seconds: float = 0.12) -> None:
    """Average turns over a short time, where ways of posing change over quickly."""
    from scipy.ndimage import gaussian_filter1d

    for segment in segments:
        own = figure.turns[segment]
        steps = np.where((own[1:] * own[:-1]).sum(axis=1) < 0.0, -1.0, 1.0)
        signed = own * np.concatenate([[1.0], np.cumprod(steps)])[:, None]
        figure.turns[segment] = quaternion.normalised(gaussian_filter1d(signed, 0.3 * seconds * 120.0, axis=0))
