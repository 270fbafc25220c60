"""Strokes of the whole body: legs and trunk begin, the arm follows, one joint after another.

A stroke is a table of key values by channel, written for a right-hander; left-handers are its mirror image. Arms are posed by
angles or hold something before the chest with both hands; feet stay planted, pivot on the ball or take a step; jumps fly.

Sources: order and lag of hip, trunk, shoulder and elbow in throws and strokes, 30 to 60 ms each: Putnam, J. Biomechanics 26
(1993); Fleisig et al., J. Applied Biomechanics 12 (1996).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.interpolate import CubicHermiteSpline, PchipInterpolator
from scipy.ndimage import gaussian_filter1d

from ..._typing import Array, Float
from ...recording import STANDARD_GRAVITY_MPS2
from .. import quaternion
from . import life
from .figure import ANKLE_HEIGHT, BALL_AHEAD, RATE_HZ, SIDES, Figure, X, Y, Z, chain, heading, turn
from .gesturing import ARM, within_reach
from .registry import Range, Scene, program

Keys = Sequence[tuple[float, float]]
SPORT_SOFTEN_S = 0.026
SHORT = Range(3.0, 12.0, "s", 1.0, 600.0)
TEMPO = Range(0.42, 1.05, "times usual", 0.4, 1.8)
MIRRORED = ("yaw", "twist", "bend", "aside", "head")

HANGING = {
    "flex": -3.0, "abd": 9.0, "rot": 8.0, "elbow": 16.0, "pron": 20.0, "wrist": 5.0,
    "o_flex": -3.0, "o_abd": 9.0, "o_rot": 8.0, "o_elbow": 16.0, "o_pron": 20.0, "o_wrist": 5.0,
}  # fmt: skip
"""The dominant and the other (``o_``) arm when they do nothing, degrees."""


@dataclass(frozen=True)
class Stroke:
    """What every part does, at seconds from the stroke's beginning.

    Attributes:
        seconds: length.
        keys: by channel, (seconds, value). Body: yaw, pitch, twist, bend, flexion (degrees), ahead, aside, drop (metres;
            aside is to the left). Arms: flex, abd, rot, elbow, pron, wrist, with ``o_`` the other arm. Both hands on
            something: grip_x, grip_y, grip_z (shares of the arm from between the shoulders: forward, right, up). Feet:
            heel (degrees by which the heel of the dominant side rises); kick is how far the dominant foot has left the
            ground, its leg then posed by hip, spread and knee.
        ready: values held between strokes; a channel named in neither is 0 or hangs.
        width_m: between the feet.
        open_deg: heading of the feet: -90 stands sideways, the other shoulder in front.
        jump: take-off and height, seconds and metres; None stays on the ground.
        soften_s: how far key values are blurred in time.
    """

    seconds: float
    keys: Mapping[str, Keys]
    ready: Mapping[str, float] = field(default_factory=dict)
    width_m: float = 0.35
    open_deg: float = 0.0
    jump: tuple[float, float] | None = None
    soften_s: float = SPORT_SOFTEN_S


def play(
    scene: Scene, strokes: Sequence[Stroke], *, gap_s: tuple[float, float] = (0.5, 2.0), relaxed: float = 0.5,
    speed: float = 1.0, most: int = 99,
) -> tuple[Figure, list[tuple[float, Stroke]]]:  # fmt: skip
    """Perform strokes, drawn from those given, until the clip is full; gives the figure and when each began.

    Args:
        scene: person, length and randomness.
        strokes: kinds; all share the first one's stance.
        gap_s: shortest and longest pause.
        relaxed: chance that arms hang between strokes instead of staying ready.
        speed: factor on tempo.
        most: how many at most.
    """
    rng, person = scene.rng, scene.person
    rests = rng.random() < relaxed
    speed = speed * float(np.clip(person.tempo, 0.8, 1.25))
    lead_s, back_s = (scene.around(0.5, 0.2), scene.around(0.6, 0.2)) if rests else (0.05, scene.around(0.35, 0.2))
    shortest = lead_s + back_s + max(stroke.seconds for stroke in strokes) / speed + 0.3
    seconds = max(scene.seconds, shortest)
    now, done = rng.uniform(0.1, 0.1 + min(1.5, seconds - shortest + 0.1)), []
    chosen: list[tuple[float, float, Stroke]] = []
    while len(chosen) < most:
        stroke = strokes[int(rng.integers(len(strokes)))]
        own = speed * scene.around(1.0, 0.05)
        if chosen and now + lead_s + stroke.seconds / own + back_s + 0.1 > seconds:
            break
        own = own if chosen else speed
        chosen.append((now + lead_s, own, stroke))
        now += lead_s + stroke.seconds / own + back_s + rng.uniform(*gap_s)
    figure = scene.figure(seconds)
    channels = {name for stroke in strokes for name in (*stroke.keys, *stroke.ready)} | set(HANGING)
    values = {}
    for name in sorted(channels):
        values[name] = _channel(scene, figure.t, name, strokes, chosen, lead_s, back_s, rests)
    lift = np.zeros_like(figure.t)
    air = np.zeros(len(figure.t), dtype=bool)
    for start, own, stroke in chosen:
        done.append((start, stroke))
        scene.acts_s.append((start, start + stroke.seconds / own))
        if stroke.jump is not None:
            up, flying = leap(figure.t, start + stroke.jump[0] / own, stroke.jump[1] * scene.around(1.0, 0.1))
            lift, air = lift + up, air | flying
    base = strokes[0]
    pose_stroke(scene, figure, values, base.width_m * scene.around(1.0, 0.12), base.open_deg, lift, air)
    return figure, done


def register_strokes(
    name: str,
    label: str,
    also: tuple[str, ...],
    says: tuple[str, ...],
    *strokes: Stroke,
    gap_s: tuple[float, float] = (0.4, 2.0),
    relaxed: float = 0.6,
    tempo: Range = TEMPO,
    family: str = "sport",
) -> None:
    """Register a program that performs these strokes; sentences may say {hand} and {other}."""
    speeds = tempo

    def sport(scene: Scene, *, tempo: float) -> Figure:
        figure, done = play(scene, strokes, gap_s=gap_s, relaxed=relaxed, speed=tempo)
        hand = scene.person.hand
        word = " gently" if tempo < 0.65 else " with force" if tempo > 1.0 else ""
        figure.said += [
            text.format(hand=hand, other=scene.person.other_hand) + word * (i == 0) for i, text in enumerate(says)
        ]
        if len(done) > 1:
            figure.said.append(f"{says[0].format(hand=hand, other=scene.person.other_hand)} again and again")
        return figure

    sport.__name__ = sport.__qualname__ = name
    program(label, family, also=also, seconds=SHORT, tempo=speeds)(sport)


def _channel(
    scene: Scene, t: Array, name: str, strokes: Sequence[Stroke], chosen: Sequence, lead_s: float, back_s: float, rests: bool
) -> Array:  # fmt: skip
    rng = scene.rng
    hangs = HANGING.get(name, 0.0)
    size, habit = scene.around(1.0, 0.08), rng.normal(0.0, 4.0) if name in HANGING else 0.0
    at, held = [-1.0], []
    ready = strokes[0].ready.get(name, hangs)
    idle = (hangs if rests and (name in HANGING) else 0.0 if rests and not name.startswith("grip") else ready) + habit
    held.append(idle)
    for start, own, stroke in chosen:
        keys = stroke.keys.get(name)
        begin = stroke.ready.get(name, hangs)
        late = rng.normal(0.0, 0.008)
        at += [start - lead_s, start]
        held += [idle, begin + habit]
        vary = size * scene.around(1.0, 0.04)
        for when, value in keys or ():
            if when <= 0.0:
                held[-1] = begin + vary * (value - begin) + habit
                continue
            at.append(start + max(when + late, 0.02) / own)
            held.append(begin + vary * (value - begin) + habit)
        end = start + stroke.seconds / own
        if at[-1] < end - 0.05:
            at.append(end)
            held.append(held[-1])
        at.append(max(end, at[-1]) + back_s)
        held.append(idle)
    at.append(float(t[-1]) + 5.0)
    held.append(idle)
    times = np.maximum.accumulate(np.asarray(at) + 1e-4 * np.arange(len(at)))
    times = times + 1e-6 * np.arange(len(times))
    curve = PchipInterpolator(times, np.asarray(held))(t)
    return gaussian_filter1d(curve, strokes[0].soften_s * RATE_HZ, mode="nearest")


def leap(t: Float[Array, " time"], take_off_s: float, height_m: float) -> tuple[Array, Array]:
    """Height (T,) of the pelvis over standing in a jump with its crouch and its landing, and when it flies (T,) bool."""
    rise = np.sqrt(2.0 * STANDARD_GRAVITY_MPS2 * height_m)
    flight_s = 2.0 * rise / STANDARD_GRAVITY_MPS2
    dip = 0.10 + 0.25 * height_m
    push_s, catch_s = 2.2 * dip / rise, 2.4 * dip / rise
    land = take_off_s + flight_s
    at = [take_off_s - push_s - 0.45, take_off_s - push_s, take_off_s, land, land + catch_s, land + catch_s + 0.5]
    curve = CubicHermiteSpline(at, [0.0, -dip, 0.0, 0.0, -dip, 0.0], [0.0, 0.0, rise, -rise, 0.0, 0.0])
    out = np.where((t > at[0]) & (t < at[-1]), curve(np.clip(t, at[0], at[-1])), 0.0)
    flying = (t > take_off_s) & (t < land)
    since = t - take_off_s
    return np.where(flying, rise * since - 0.5 * STANDARD_GRAVITY_MPS2 * since**2, out), flying


def pose_stroke(
    scene: Scene, figure: Figure, values: Mapping[str, Array], width_m: float, open_deg: float,
    lift: Float[Array, " time"], air: Array,
) -> None:  # fmt: skip
    """Pose the body from channels over time; see `Stroke` for what they are."""
    person, rng, t = figure.person, scene.rng, figure.t
    main, other = person.hand, person.other_hand
    m = 1.0 if main == "right" else -1.0

    def get(name: str, default: float = 0.0) -> Array:
        value = values.get(name, np.full_like(t, default))
        return m * value if name in MIRRORED else value

    way, lean = life.sway(t, rng, person.restlessness)
    yaw0 = m * open_deg
    pivot = turn_feet(figure, main, yaw0, width_m, np.clip(0.7 * get("heel"), 0.0, 36.0), get("yaw"), lift, air)
    yaw = yaw0 + get("yaw")
    # "ahead" is towards the target, which lies along x; the feet stand around the origin.
    ahead, aside = get("ahead") + way[:, 0], get("aside") + way[:, 1]
    figure.pelvis(2.0 + get("pitch") + lean[:, 0], -lean[:, 1], yaw)
    figure.pelvis_m = np.stack([ahead, aside, np.full_like(t, figure.stand_height_m)], axis=1)
    limit = np.full_like(t, np.inf)
    for side, (ankle, _) in pivot.items():
        hip = figure.point(f"{side}_thigh") - figure.pelvis_m
        level = np.linalg.norm(figure.pelvis_m[:, :2] + hip[:, :2] - ankle[:, :2], axis=1)
        reach = np.sqrt(np.maximum((0.985 * figure.leg_m) ** 2 - level**2, 0.04))
        limit = np.minimum(limit, ankle[:, 2] + reach - hip[:, 2])
    low = np.minimum(
        gaussian_filter1d(limit - np.maximum(lift, 0.0), 6.0, mode="nearest") - 0.004, figure.stand_height_m
    )
    figure.pelvis_m[:, 2] = low - np.maximum(get("drop"), 0.0) + lift
    for side, (ankle, foot) in pivot.items():
        figure.stand(side, ankle, foot, splay=figure.person.toe_out_deg)
    if "kick" in values:
        swing_leg(figure, main, get)
    figure.trunk(person.stoop_deg + get("flexion"), get("bend"), get("twist"))
    life.breathe(figure, rng, depth=1.3)
    look_on(figure, 0.35 * yaw + get("head"))
    for side, mark in ((main, ""), (other, "o_")):
        figure.shoulder(side, get(f"{mark}flex"), get(f"{mark}abd"), get(f"{mark}rot"))
        figure.elbow(side, np.clip(get(f"{mark}elbow"), 2.0, 148.0))
        figure.wrist(side, np.clip(get(f"{mark}pron"), -80.0, 85.0), np.clip(get(f"{mark}wrist"), -60.0, 60.0))
        figure.grip(side, 0.6)
    if "grip_x" in values:
        hold(figure, main, other, get, m)
    figure.airborne = air if air.any() else None


def turn_feet(
    figure: Figure, main: str, yaw0: float, width_m: float, heel: Array, yaw: Array, lift: Array, air: Array
) -> dict[str, tuple[Array, Array]]:
    """Ankle (T, 3) and turn (T, 4) of both feet, which stand apart and lift their heels; records contact."""
    h, across = figure.height_m, heading(yaw0)
    out = {}
    for side, s in SIDES.items():
        ball = quaternion.rotate(across, np.array([0.0, s * 0.5 * width_m, 0.0])) + quaternion.rotate(
            across, np.array([0.02, 0.0, 0.0])
        )
        # The foot that lifts its heel turns with the hips; the other one stands turned to where they will go.
        late = (
            np.clip(heel / 25.0, 0.0, 1.0) ** 2 * yaw * 0.7
            if side == main
            else 0.3 * np.clip(yaw[np.argmax(np.abs(yaw))], -45.0, 45.0)
        )
        toe_out = figure.frames(yaw0 + s * (figure.person.toe_out_deg + 5.0) + late)
        up = heel if side == main else np.zeros_like(heel)
        up = (
            up + np.where(air, 30.0, 0.0)
            if not air.any()
            else np.maximum(up, gaussian_filter1d(np.where(air, 30.0, 0.0), 5.0))
        )
        foot = chain(heading(toe_out), turn(Y, up))
        # Feet turn about the ball, which stands still.
        start = heading(yaw0 + s * (figure.person.toe_out_deg + 5.0))
        pivot = ball + quaternion.rotate(start, np.array([0.02 * h, 0.0, 0.0]))
        ankle = pivot - quaternion.rotate(foot, np.array([BALL_AHEAD * h, 0.0, -ANKLE_HEIGHT * h]))
        ankle = ankle + np.maximum(np.where(air, lift, 0.0), 0.0)[:, None] * np.array([0.0, 0.0, 1.0])
        figure.toes(side, np.where(air, 0.0, np.clip(up, 0.0, 60.0)))
        figure.contact[side] = ~air & (up < 1.0)
        out[side] = (ankle, foot)
    return out


def hold(figure: Figure, main: str, other: str, get: Callable[..., Array], m: float) -> None:
    """Both hands on something before the chest; ``hold`` in the channels says how much, 1 by default."""
    middle = 0.5 * (figure.point("left_upper_arm") + figure.point("right_upper_arm"))
    local = np.stack([get("grip_x"), -m * get("grip_y"), get("grip_z")], axis=1) * figure.arm_m
    place = middle + quaternion.rotate(figure.world("chest"), local)
    share = np.clip(get("hold", 1.0), 0.0, 1.0)
    for side, offset in ((main, 0.04), (other, -0.04)):
        shoulder = figure.point(f"{side}_upper_arm")
        target = place + quaternion.rotate(figure.world("chest"), np.array([0.0, -m * offset, 0.0]))
        before = {f"{side}_{part}": figure.turns[f"{side}_{part}"] for part in ARM}
        figure.reach(side, shoulder + within_reach(target - shoulder, figure.arm_m), swivel=35.0)
        there = {name: figure.turns[name] for name in before}
        there[f"{side}_hand"] = before[f"{side}_hand"]
        figure.turns |= before
        life.mix(figure, there, share)


def swing_leg(figure: Figure, side: str, get: Callable[..., Array]) -> None:
    """The dominant leg leaves the ground as far as ``kick`` says and hangs by ``hip``, ``spread`` and ``knee``, degrees."""
    share = np.clip(get("kick"), 0.0, 1.0)
    names = [f"{side}_{part}" for part in ("thigh", "shank", "foot")]
    before = {name: figure.turns[name] for name in names}
    figure.hip(side, get("hip"), get("spread"))
    figure.knee(side, np.clip(get("knee"), 5.0, 140.0))
    figure.ankle(side, -20.0)
    there = {name: figure.turns[name] for name in names}
    figure.turns |= before
    life.mix(figure, there, share)
    figure.contact[side] &= share < 0.01
    # A foot that would pass through the ground is lifted over it.
    lowest = np.min([track[:, 2] for track in figure.sole(side).values()], axis=0)
    lift = gaussian_filter1d(np.maximum(0.02 * np.minimum(10.0 * share, 1.0) - lowest, 0.0), 3.0, mode="nearest")
    raised = figure.point(f"{side}_foot") + 1.15 * lift[:, None] * Z
    figure.stand(side, raised, figure.world(f"{side}_foot"), splay=figure.person.toe_out_deg)


def look_on(figure: Figure, yaw: Float[Array, " time"]) -> None:
    """Look towards a heading in the world, as far as the neck turns; a trunk bent low takes the head down with it."""
    chest = figure.world("chest")
    forward, up = quaternion.rotate(chest, X), quaternion.rotate(chest, Z)
    facing = np.rad2deg(np.unwrap(np.arctan2(forward[:, 1], forward[:, 0])))
    away = 55.0 * np.tanh((yaw - facing) / 55.0)
    lowest = float(np.rad2deg(np.arccos(np.clip(up[:, 2], -1.0, 1.0))).max())
    figure.level_head(float(np.clip(52.0 / max(lowest, 1.0), 0.2, 0.9)), pitch=6.0, yaw=facing + away)
