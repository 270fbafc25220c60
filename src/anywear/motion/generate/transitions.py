"""From one posture to another: standing up, sitting down, lying down, getting up, bending, reaching, turning, kneeling down.

Sources: standing up from a chair takes 1.3 to 2.5 s, the trunk flexing by 35 to 45 degrees before the seat is left at a third
of it (Schenkman et al., Physical Therapy 70, 1990; Kralj et al., J. Biomechanics 23, 1990); between two walks 1.3 s, sitting
down 1.4 s (medians of sp-sw-har's marks), and a seat is met at about half a metre per second, by the phones in its trouser
pockets; other times are estimates.
"""

from __future__ import annotations

import numpy as np

from ..._typing import Array
from .. import quaternion
from . import curves, life, lying, postures
from .between import Pose, blend, fit_height, keep_above, lively, plant, schedule, still, stoop
from .figure import SIDES, Figure, X, Y, Z, chain, turn
from .registry import Choice, Range, Scene, program

ONCE = Range(3.0, 7.0, "s", 2.5, 600.0)
WAYS = Choice(("thighs", "armrests", "crossed", "free"), (3, 2, 1, 3))


def quick_word(value: float, fast: float, slow: float) -> str:
    """`` quickly`` or `` slowly`` for a duration, with its space; empty between."""
    return " quickly" if value < fast else " slowly" if value > slow else ""


def _there_and_back(scene: Scene, action_s: float) -> tuple[Figure, list[tuple[float, float, float]]]:
    """A figure and its ways (begin, end, +1 or -1): the action, and the way back whenever it is done once more."""
    rng = scene.rng
    back_s = action_s * rng.uniform(0.9, 1.3)
    ways, now = [], float(rng.uniform(0.3, max(0.4, min(2.5, scene.seconds - action_s - 0.5))))
    ways.append((now, now + action_s, 1.0))
    while ways[-1][1] + rng.uniform(0.6, 1.6) + back_s + action_s + 1.2 < scene.seconds:
        rest = ways[-1][1] + rng.uniform(0.5, 1.5)
        again = rest + back_s + rng.uniform(0.4, 1.5)
        ways += [(rest, rest + back_s, -1.0), (again, again + action_s, 1.0)]
    scene.acts_s += [(begin, end) for begin, end, sign in ways if sign > 0]
    return scene.figure(max(scene.seconds, ways[-1][1] + 0.3)), ways


def _sit_stand(scene: Scene, seconds: float, way: str, seat: str, rising: bool) -> Figure:
    rng = scene.rng
    figure, ways = _there_and_back(scene, seconds)
    h = figure.height_m
    arms = {"free": "lap", "crossed": "crossed"}.get(way, way)
    sitting = still(scene, postures.sit, seat=seat, legs="flat", arms=arms)
    standing = still(scene, postures.stand_still, arms="crossed" if way == "crossed" else "hanging", weight=0.0)
    back = rng.uniform(-0.05, 0.03) * h  # feet are drawn back to rise
    middle = 0.5 * (sitting.ankles_m["left"] + sitting.ankles_m["right"]) * np.array([1.0, 1.0, 0.0])
    sitting = Pose(sitting.pelvis_m + (0.03 * h - back) * X, sitting.turns, sitting.ankles_m, sitting.feet)
    own = 0.5 * (standing.ankles_m["left"] + standing.ankles_m["right"]) * np.array([1.0, 1.0, 0.0])
    standing = standing.moved(middle - own)
    t = figure.t
    # 0 sits, 1 stands: forward before up on the way up, down while going back on the way down.
    forward, up, lean = (np.zeros(len(t)) + (0.0 if rising else 1.0) * (k < 2) for k in range(3))
    most = rng.uniform(28.0, 48.0) * (0.7 if seat == "stool" else 1.0)
    hard, stop_s = rng.uniform(0.2, 1.0), rng.uniform(0.045, 0.07) if seat == "sofa" else rng.uniform(0.022, 0.045)
    for begin, end, sign in ways:
        going_up = (sign > 0) == rising
        length = end - begin
        early, peak = (0.30, 0.40) if going_up else (0.0, 0.50)
        if going_up:
            up += curves.stroke(t, begin + early * length, end)
        else:
            met_s = end - 0.18 * length
            up -= curves.settle(t, begin, met_s, hard, stop_s)
            up += 0.02 * hard * curves.bump(t, met_s, met_s + rng.uniform(0.15, 0.25))
        ahead = (
            (begin + 0.12 * length, begin + 0.85 * length) if going_up else (begin + 0.1 * length, end - 0.1 * length)
        )
        forward += (1.0 if going_up else -1.0) * curves.stroke(t, *ahead)
        rise = curves.stroke(t, begin, begin + peak * length)
        lean += most * (rise - curves.stroke(t, begin + peak * length, end + 0.05 * length))
    figure.pelvis_m = sitting.pelvis_m + np.stack([forward, forward, up], axis=1) * (
        standing.pelvis_m - sitting.pelvis_m
    )
    for name, first in sitting.turns.items():
        second = standing.turns[name]
        second = -second if float(first @ second) < 0.0 else second
        share = curves.ease(np.clip((up - 0.25) / 0.75, 0.0, 1.0)) if "arm" in name or "hand" in name else up
        figure.turns[name] = quaternion.slerp(np.tile(first, (len(t), 1)), np.tile(second, (len(t), 1)), share)
    stoop(figure, lean, arms=0.35 if way != "free" else rng.uniform(0.4, 1.6))
    lively(scene, figure)
    plant(figure, sitting, splay=rng.uniform(4.0, 14.0))
    fit_height(figure, up)
    plant(figure, sitting, splay=rng.uniform(4.0, 14.0))
    return figure


@program("standing up", "transitions", also=("sit to stand", "rising from a chair", "getting up from a chair",
         "standing up from a chair", "stand up chair"), seconds=ONCE,
         rise_s=Range(0.9, 2.3, "s", 0.7, 5.0), arms=WAYS, seat=Choice(("chair", "sofa", "stool"), (3, 1, 1)))  # fmt: skip
def standing_up(scene: Scene, *, rise_s: float, arms: str, seat: str) -> Figure:
    figure = _sit_stand(scene, rise_s, arms, seat, True)
    word = quick_word(rise_s, 1.2, 2.0)
    figure.said += [
        f"a person stands up{word}",
        f"a person gets up from a {seat}{word}",
        f"someone rises from sitting{word}",
    ]
    if arms == "armrests":
        figure.said.append("a person pushes up from the armrests and stands")
    return figure


@program("sitting down", "transitions", also=("stand to sit", "taking a seat", "sitting down on a chair",
         "sit down chair"), seconds=ONCE,
         sink_s=Range(1.0, 2.4, "s", 0.7, 5.0), arms=WAYS, seat=Choice(("chair", "sofa", "stool"), (3, 1, 1)))  # fmt: skip
def sitting_down(scene: Scene, *, sink_s: float, arms: str, seat: str) -> Figure:
    figure = _sit_stand(scene, sink_s, arms, seat, False)
    word = quick_word(sink_s, 1.3, 2.1)
    figure.said += [
        f"a person sits down{word}",
        f"a person sits down on a {seat}",
        f"someone takes a seat on a {seat}{word}",
    ]
    return figure


def _down_to_lying(scene: Scene, bed: bool, on: str, head: float) -> tuple[list[Pose], list[float]]:
    """Standing, sitting (on a bed, or crouching and then on the floor), lying; and the share of time of each way."""
    rng, h = scene.rng, scene.person.height_m
    standing = still(scene, postures.stand_still, arms="hanging", weight=0.0)
    if bed:
        sitting = still(scene, postures.sit, seat="sofa", legs="flat", arms="beside", lean_deg=rng.normal(-5.0, 6.0))
        middle = 0.5 * (sitting.ankles_m["left"] + sitting.ankles_m["right"]) * np.array([1.0, 1.0, 0.0])
        surface = float(sitting.pelvis_m[2]) - 0.06 * h
        flat = still(scene, lying.lie, on=on, straight=True, surface_m=surface)
        yaw = -90.0 * head if on == "back" else (0.0 if (on == "left side") == (head < 0) else 180.0)
        flat = flat.moved(np.array([rng.uniform(-0.3, -0.1), 0.12 * head, 0.0]), yaw)
        return [standing.moved(middle), sitting, flat], [0.45, 0.55]
    crouching = still(scene, postures.squat, depth=0.9, arms="thighs")
    sitting = still(scene, postures.sit_on_floor, legs="knees up", arms="beside", lean_deg=rng.normal(-18.0, 6.0))
    flat = still(scene, lying.lie, on=on, straight=True)
    yaw = 0.0 if on == "back" else (90.0 if on == "right side" else -90.0)
    middle = 0.5 * (sitting.ankles_m["left"] + sitting.ankles_m["right"]) * np.array([1.0, 1.0, 0.0])
    squat_at = 0.5 * (crouching.ankles_m["left"] + crouching.ankles_m["right"]) * np.array([1.0, 1.0, 0.0])
    return [standing.moved(middle), crouching.moved(middle - squat_at), sitting, flat.moved(0.05 * X, yaw)], [
        0.35,
        0.25,
        0.4,
    ]


def _stand_lie(scene: Scene, seconds: float, place: str, on: str, going_down: bool, from_sitting: bool) -> Figure:
    rng = scene.rng
    poses, shares = _down_to_lying(scene, place == "bed", on, scene.pick(-1.0, 1.0))
    if from_sitting:
        poses, shares = poses[1:], shares[1:]
    if not going_down:
        poses, shares = poses[::-1], shares[::-1]
    rests = [rng.uniform(0.0, 0.7) if place == "bed" else rng.uniform(0.0, 0.1) for _ in shares[1:]] + [0.0]
    lengths = seconds * np.asarray(shares) / sum(shares)
    total = float(sum(lengths) + sum(max(rest, 0.0) for rest in rests))
    begin = float(rng.uniform(0.4, max(0.5, min(2.5, scene.seconds - total - 0.5))))
    ways, now = [], begin
    for length, rest in zip(lengths, rests, strict=True):
        ways.append((now, now + float(length)))
        now += float(length) + rest
    scene.acts_s.append((begin, ways[-1][1]))
    figure = scene.figure(max(scene.seconds, ways[-1][1] + rng.uniform(0.5, 1.5)))
    # Legs last on the way down, first on the way up; hands follow the trunk.
    legs = 0.3 if going_down else -0.3
    late = {f"{side}_{part}": legs for side in SIDES for part in ("thigh", "shank")}
    blend(figure, poses, ways, late=late)
    last = ways[-1] if going_down else ways[0]
    middle = 0.5 * (last[0] + last[1])
    bump = curves.bump(figure.t, last[0], last[1])
    for segment in ("abdomen", "lower_chest", "chest"):  # the trunk curls while it goes down or comes up
        life.overlay(figure, segment, turn(Y, rng.uniform(5.0, 10.0) * bump))
    if len(ways) > 1:
        other = ways[0] if going_down else ways[-1]
        stoop(figure, rng.uniform(24.0, 38.0) * curves.bump(figure.t, *other))
    lively(scene, figure)
    sitting = poses[-2] if going_down else poses[1]
    if going_down:
        free = curves.stroke(figure.t, last[0] + 0.15 * (last[1] - last[0]), middle)
    else:
        free = 1.0 - curves.stroke(figure.t, middle, last[1] - 0.15 * (last[1] - last[0]))
    plant(figure, sitting, free, contact=False)
    fit_height(figure, 1.0 - free)
    keep_above(figure)
    plant(figure, sitting, free)
    keep_above(figure)
    return figure


LYING_ON = Choice(("back", "left side", "right side"), (3, 1, 1))
LONGER = Range(5.0, 10.0, "s", 4.0, 600.0)


@program("lying down", "transitions", also=("stand to lie", "lie down", "lying down on a bed", "lie down bed"),
         seconds=LONGER,
         down_s=Range(2.5, 5.0, "s", 1.6, 9.0), place=Choice(("bed", "floor"), (2, 1)), on=LYING_ON)  # fmt: skip
def lying_down(scene: Scene, *, down_s: float, place: str, on: str) -> Figure:
    figure = _stand_lie(scene, down_s, place, on, True, False)
    figure.said += ["a person lies down", f"a person sits down on the {place} and lies down on the {on}",
                    f"someone lies down on the {place}{quick_word(down_s, 3.0, 4.3)}"]  # fmt: skip
    return figure


@program("getting up", "transitions", also=("getting up from lying", "lie to stand", "getting out of bed",
         "getting up from bed", "get up bed"), seconds=LONGER,
         up_s=Range(2.5, 5.5, "s", 1.6, 9.0), place=Choice(("bed", "floor"), (2, 1)), on=LYING_ON)  # fmt: skip
def getting_up(scene: Scene, *, up_s: float, place: str, on: str) -> Figure:
    figure = _stand_lie(scene, up_s, place, on, False, False)
    figure.said += ["a person gets up from lying", f"a person gets up from the {place} and stands",
                    f"someone sits up and then stands up{quick_word(up_s, 3.0, 4.6)}"]  # fmt: skip
    return figure


@program("sitting up", "transitions", also=("lie to sit", "sitting up in bed"), seconds=ONCE,
         up_s=Range(1.3, 3.0, "s", 0.9, 6.0), place=Choice(("bed", "floor"), (2, 1)), on=LYING_ON)  # fmt: skip
def sitting_up(scene: Scene, *, up_s: float, place: str, on: str) -> Figure:
    figure = _stand_lie(scene, up_s, place, on, False, True)
    figure.said += [
        "a person sits up from lying",
        f"a person lying on the {on} sits up",
        f"someone sits up on the {place}",
    ]
    return figure


@program("lying down from sitting", "transitions", also=("sit to lie",), seconds=ONCE,
         down_s=Range(1.3, 3.0, "s", 0.9, 6.0), place=Choice(("bed", "floor"), (2, 1)), on=LYING_ON)  # fmt: skip
def sit_to_lie(scene: Scene, *, down_s: float, place: str, on: str) -> Figure:
    figure = _stand_lie(scene, down_s, place, on, True, True)
    figure.said += ["a person lies down from sitting", f"a person sitting on the {place} lies back",
                    f"someone goes from sitting to lying on the {on}"]  # fmt: skip
    return figure


def _pose_pair(scene: Scene, length: float, low: Pose, high: Pose, back: bool, lean: float) -> Figure:
    """Stand, go down to a pose, and, where it is meant, come back; once or again and again."""
    rng = scene.rng
    if back:
        hold = rng.uniform(0.1, 0.8)
        seconds, starts = schedule(scene, 2 * length + hold, (0.8, 2.5))
        figure = scene.figure(seconds)
        poses, ways = [high], []
        for begin in starts:
            poses += [low, high]
            ways += [(begin, begin + length), (begin + length + hold, begin + 2 * length + hold)]
    else:
        figure, plan = _there_and_back(scene, length)
        poses, ways = [high], []
        for begin, end, sign in plan:
            poses.append(low if sign > 0 else high)
            ways.append((begin, end))
    blend(figure, poses, ways)
    if lean:
        stoop(figure, lean * np.sum([curves.bump(figure.t, *one) for one in ways], axis=0))
    return figure


@program("bending down", "transitions", also=("bending over", "bend", "bending forward and coming up"), seconds=ONCE,
         bend_s=Range(0.7, 1.5, "s", 0.5, 3.0), style=Choice(("back", "knees"), (1, 1)))  # fmt: skip
def bending_down(scene: Scene, *, bend_s: float, style: str) -> Figure:
    rng, h = scene.rng, scene.person.height_m
    high = still(scene, postures.stand_still, arms="hanging", weight=0.0)
    if style == "back":
        low = still(scene, postures.stand_still, arms="hanging", weight=0.0, bow_deg=rng.uniform(70.0, 100.0))
    else:
        low = still(scene, postures.squat, depth=rng.uniform(0.55, 0.95), arms="hanging")
    mean = [0.5 * (pose.ankles_m["left"] + pose.ankles_m["right"]) * np.array([1.0, 1.0, 0.0]) for pose in (high, low)]
    low = low.moved(mean[0] - mean[1])
    figure = _pose_pair(scene, bend_s, low, high, True, 10.0)
    lively(scene, figure)
    plant(figure, high)
    deep = 1.0 - (figure.pelvis_m[:, 2] - low.pelvis_m[2]) / max(high.pelvis_m[2] - low.pelvis_m[2], 1e-6)
    deep = np.clip(deep, 0.0, 1.0) if style == "knees" else _turned_share(figure, high, low)
    before = {
        name: figure.turns[name] for side in SIDES for name in (f"{side}_upper_arm", f"{side}_forearm", f"{side}_hand")
    }
    both = scene.chance(0.5)
    for side in SIDES:
        if both or side == scene.person.hand:
            shoulder = figure.point(f"{side}_upper_arm")
            to = shoulder + np.array([0.06 * h, 0.0, -0.97 * figure.arm_m])
            to[:, 2] = np.maximum(to[:, 2], 0.05 * h)
            figure.reach(side, to, swivel=20.0)
    reached = {name: figure.turns[name] for name in before}
    figure.turns |= before
    life.mix(figure, reached, deep)
    figure.said += ["a person bends down and comes up again", "a person picks something up from the floor",
                    f"someone bends {'the back' if style == 'back' else 'the knees'} to reach the floor"]  # fmt: skip
    return figure


def _turned_share(figure: Figure, high: Pose, low: Pose) -> Array:
    """How far (T,) the pelvis has turned from one pose to another, 0 to 1."""
    first = np.broadcast_to(high.turns["pelvis"], figure.turns["pelvis"].shape)
    turned = quaternion.angle_between_rad(first, figure.turns["pelvis"])
    whole = float(quaternion.angle_between_rad(first[:1], low.turns["pelvis"][None])[0])
    return np.clip(turned / max(whole, 1e-6), 0.0, 1.0)


@program("kneeling down", "transitions", also=("going down on the knees",), seconds=ONCE,
         down_s=Range(1.2, 2.6, "s", 0.8, 5.0), knees=Choice(("both", "left", "right"), (1, 1, 1)))  # fmt: skip
def kneeling_down(scene: Scene, *, down_s: float, knees: str) -> Figure:
    return _kneel_move(scene, down_s, knees, True)


@program("standing up from kneeling", "transitions", also=("getting up from the knees", "standing up from the floor"),
         seconds=ONCE, up_s=Range(1.2, 2.8, "s", 0.8, 5.0), knees=Choice(("both", "left", "right"), (1, 1, 1)))  # fmt: skip
def standing_up_from_kneeling(scene: Scene, *, up_s: float, knees: str) -> Figure:
    return _kneel_move(scene, up_s, knees, False)


def _kneel_move(scene: Scene, seconds: float, knees: str, down: bool) -> Figure:
    rng = scene.rng
    high = still(scene, postures.stand_still, arms="hanging", weight=0.0)
    first = scene.pick(*SIDES) if knees == "both" else knees
    one = still(scene, postures.kneel, knees=first, arms="hanging")
    poses, shares = [high, one], [1.0]
    if knees == "both":
        poses, shares = [*poses, still(scene, postures.kneel, knees="both", arms="hanging")], [0.6, 0.4]
    if not down:
        poses, shares = poses[::-1], shares[::-1]
    begin = float(rng.uniform(0.4, max(0.5, min(2.5, scene.seconds - seconds - 0.5))))
    ends = begin + seconds * np.cumsum([0.0, *shares])
    scene.acts_s.append((begin, float(ends[-1])))
    figure = scene.figure(max(scene.seconds, float(ends[-1]) + rng.uniform(0.5, 1.5)))
    ways = list(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))
    blend(figure, poses, ways)
    stoop(figure, rng.uniform(12.0, 28.0) * curves.bump(figure.t, *(ways[0] if down else ways[-1])))
    lively(scene, figure)
    keep_above(figure)
    on = "both knees" if knees == "both" else f"the {knees} knee"
    if down:
        figure.said += ["a person kneels down", f"a person goes down on {on}", f"someone kneels down on {on}"]
    else:
        figure.said += [
            "a person stands up from kneeling",
            f"a person gets up from {on}",
            "someone rises from the floor",
        ]
    return figure


def _reach(scene: Scene, seconds: float, high: bool, arm: str) -> Figure:
    """Stand, reach with one arm or both, stay a moment, take it back; again when there is time."""
    rng, h = scene.rng, scene.person.height_m
    hold = rng.uniform(0.2, 1.2)
    length, starts = schedule(scene, 2 * seconds + hold, (0.6, 2.0))
    figure = scene.figure(length)
    postures.stand_still(scene, figure, arms="hanging", shifting=False)
    share = np.zeros(len(figure.t))
    for b in starts:
        back = b + seconds + hold
        share += curves.stroke(figure.t, b, b + seconds) - curves.stroke(figure.t, back, back + seconds)
    sides = tuple(SIDES) if arm == "both" else (arm,)
    side_lean = 0.0 if arm == "both" else SIDES[arm]
    stretch = rng.uniform(4.0, 10.0)
    for segment in ("abdomen", "lower_chest", "chest"):
        lean = turn(Y, (-0.4 if high else 1.4) * stretch / 2 * share)
        life.overlay(figure, segment, lean)
        life.overlay(figure, segment, turn(X, side_lean * (0.5 if high else 0.0) * stretch * share))
        life.overlay(figure, segment, turn(Z, -side_lean * (0.1 if high else 0.5) * stretch * share))
    if high:
        figure.turns["neck"] = chain(turn(Y, -18.0 * share), figure.turns["neck"])
    names = [f"{side}_{part}" for side in sides for part in ("upper_arm", "forearm", "hand")]
    before = {name: figure.turns[name] for name in names}
    for side in sides:
        s = SIDES[side]
        toward = (
            np.array([rng.uniform(0.1, 0.45), 0.1 * s, 1.0])
            if high
            else np.array([1.0, 0.05 * s, rng.uniform(-0.35, 0.25)])
        )
        toward = toward / np.linalg.norm(toward)
        shoulder = figure.point(f"{side}_upper_arm")
        figure.shrug(side, (16.0 if high else 2.0) * share, 12.0 * share)
        figure.reach(side, shoulder + 0.97 * figure.arm_m * toward + 0.01 * h * Z, swivel=rng.uniform(20.0, 45.0),
                     palm=np.array([0.3, 0.0, -0.4]) - 0.6 * s * Y, fingers=toward)  # fmt: skip
    reached = {name: figure.turns[name] for name in names}
    figure.turns |= before
    life.mix(figure, reached, share)
    which = "both arms" if arm == "both" else f"the {arm} arm"
    where = "up" if high else "forward"
    target = "for something on a high shelf" if high else "out in front"
    figure.said += [f"a person reaches {where}", f"a person stretches {which} {where} to reach something",
                    f"someone reaches {target} with {which}"]  # fmt: skip
    return figure


ARM = Choice(("left", "right", "both"), (1, 2, 1))


@program(
    "reaching up",
    "transitions",
    also=("reaching overhead", "reach up"),
    reach_s=Range(0.6, 1.4, "s", 0.4, 3.0),
    arm=ARM,
)
def reaching_up(scene: Scene, *, reach_s: float, arm: str) -> Figure:
    return _reach(scene, reach_s, True, arm)


@program(
    "reaching forward",
    "transitions",
    also=("reach forward", "reaching out"),
    reach_s=Range(0.5, 1.3, "s", 0.35, 3.0),
    arm=ARM,
)
def reaching_forward(scene: Scene, *, reach_s: float, arm: str) -> Figure:
    return _reach(scene, reach_s, False, arm)
