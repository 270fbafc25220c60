"""Exercises that leave the ground: vertical and squat jumps, long jumps, burpees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import curves
from .bodyposes import FLAT_FINGERS, FLAT_PALM, Pose, blend, jump, liven, personal, plant, posed, put, sequence, soften
from .exercise_floor import prone
from .figure import SIDES, Figure
from .launch import join_flights
from .registry import Choice, Range, Scene, program
from .repetitions import FRAME_S, LANDING, STRAIGHT_ON_S, TIPTOE, Hop, Leap, jumps, quintic

PAUSE = Range(0.0, 2.5, "s", 0.0, 30.0)
STRAIGHT_ON = 0.25  # seconds; with shorter pauses nobody stands up between jumps
HEIGHT = Range(0.10, 0.40, "m", 0.03, 0.9)


def takeoffs(scene: Scene, seconds: float, leap: Leap, pause_s: float) -> np.ndarray:
    """When jumps of a set leave the ground; without a pause each landing is the crouch of the next jump."""
    r = scene.rng
    straight_on = pause_s < STRAIGHT_ON
    between = leap.busy_s + (STRAIGHT_ON_S if straight_on else leap.dip_s + leap.rise_s + pause_s)
    first = leap.dip_s + leap.push_s + r.uniform(0.15, 1.2)
    last = seconds - leap.air_s - leap.catch_s - 0.15
    out = [first]
    while (following := out[-1] + between * (1.0 + (0.0 if straight_on else r.uniform(0.0, 0.08)))) < last:
        out.append(following)
    return np.array(out)


def swing_arms(hop: Hop, amount: float) -> np.ndarray:
    """What throwing the arms up adds to flexion and bend of the elbow, (T, 4) degrees."""
    flexion = amount * (70.0 + 15.0 * hop.swing) * hop.swing
    still = np.zeros_like(flexion)
    return np.stack([flexion, still, still, 20.0 * hop.swing**2], axis=1)


def _jump_up(scene: Scene, leap: Leap, pause_s: float, arms: str, lean_deg: float) -> Figure:
    r = scene.rng
    straight_on = pause_s < STRAIGHT_ON
    if straight_on:
        leap = replace(leap, landing_m=leap.crouch_m)
    figure = scene.figure(max(scene.seconds, leap.dip_s + leap.busy_s + 1.8))
    hop = jumps(figure.t, takeoffs(scene, figure.seconds, leap, pause_s), leap)
    near = personal(scene)
    hands = {
        "on the hips": {"arm": (-18.0, 40.0, 50.0, 95.0)},
        "clasped": {"arm": (r.uniform(35.0, 60.0), 5.0, 40.0, r.uniform(95.0, 125.0))},
        "behind the head": {"arm": (25.0, 105.0, -60.0, 135.0)},
    }
    if arms in hands:
        near = posed(near, **hands[arms])
    back = 0.33 * leap.crouch_m / figure.height_m
    far = posed(
        near,
        at=(-min(back, 0.11), 0.0, near["at"][2]),
        pelvis=(lean_deg, 0.0, 0.0),
        trunk=(r.uniform(5.0, 14.0), 0.0, 0.0),
    )
    channels = liven(scene, figure, blend(hop.bend, near, far))
    if arms == "swinging":
        own = swing_arms(hop, r.uniform(0.45, 1.0) * (0.4 if straight_on else 1.0))
        for side in SIDES:
            channels[f"{side}_arm"] = channels[f"{side}_arm"] + own
    channels = jump(channels, hop, figure.height_m)
    put(figure, channels, breath=r)
    plant(figure, down=~hop.airborne)
    figure.airborne = hop.airborne
    join_flights(figure, {side: channels[f"{side}_foot"][:, 4] for side in SIDES})
    return figure


def _leap(scene: Scene, height_m: float, crouch: float) -> Leap:
    """A jump on the spot; crouch in statures."""
    h, r = scene.person.height_m, scene.rng
    # Legs push with little more than twice the weight, so high jumps need a long way.
    crouch_m = max(crouch * h * (0.55 + 0.45 * min(1.0, height_m / 0.25)), 0.85 * height_m - TIPTOE * h)
    return Leap(
        height_m, crouch_m, TIPTOE * h, LANDING * h, crouch_m * r.uniform(0.55, 0.9), dip_s=r.uniform(0.35, 0.55)
    )


@program(
    "vertical jumps",
    "exercise",
    also=("vertical jump", "countermovement jumps", "jumping up as high as possible"),
    height_m=HEIGHT,
    pause_s=PAUSE,
    arms=Choice(("swinging", "on the hips", "hanging"), (0.65, 0.15, 0.2)),
)
def vertical_jumps(scene: Scene, *, height_m: float, pause_s: float, arms: str) -> Figure:
    leap = _leap(scene, height_m, scene.rng.uniform(0.11, 0.17))
    figure = _jump_up(scene, leap, pause_s, arms, scene.rng.uniform(12.0, 26.0))
    figure.said += [
        "a person jumps straight up" + (", again and again without a pause" if pause_s < STRAIGHT_ON else ""),
        "someone bends the knees and jumps up high" if height_m > 0.25 else "someone bends the knees and jumps up",
        "a person does vertical jumps "
        + {"swinging": "and swings the arms", "on the hips": "with the hands on the hips"}.get(
            arms, "with hanging arms"
        ),
    ]
    return figure


@program(
    "squat jumps",
    "exercise",
    also=("jump squats", "squat jump", "jump squat"),
    height_m=Range(0.08, 0.32, "m", 0.03, 0.7),
    pause_s=Range(0.0, 1.5, "s", 0.0, 30.0),
    arms=Choice(("swinging", "clasped", "on the hips", "behind the head"), (0.4, 0.3, 0.15, 0.15)),
)
def squat_jumps(scene: Scene, *, height_m: float, pause_s: float, arms: str) -> Figure:
    r, h = scene.rng, scene.person.height_m
    crouch_m = r.uniform(0.18, 0.26) * h
    leap = Leap(height_m, crouch_m, TIPTOE * h, LANDING * h, crouch_m * r.uniform(0.8, 1.0), dip_s=r.uniform(0.5, 0.8))
    figure = _jump_up(scene, leap, pause_s, arms, r.uniform(22.0, 38.0))
    figure.said += [
        "a person does squat jumps",
        "someone squats down deeply and jumps up",
        "a person sinks into a squat and leaps up out of it" + (" again and again" if pause_s < STRAIGHT_ON else ""),
    ]
    return figure


@program(
    "standing long jump",
    "exercise",
    also=("standing broad jump", "broad jump", "long jump", "jumping forward far"),
    distance_m=Range(0.7, 1.9, "m", 0.3, 2.6),
    pause_s=Range(0.4, 3.0, "s", 0.3, 30.0),
)
def standing_long_jump(scene: Scene, *, distance_m: float, pause_s: float) -> Figure:
    r, h = scene.rng, scene.person.height_m
    height_m = 0.08 + 0.09 * distance_m * r.uniform(0.8, 1.2)
    # The hips are ahead of the feet at take-off, and behind them when landing.
    lean_m, back_m = min(0.17, 0.15 * distance_m), min(0.20, 0.15 * distance_m)
    leg_m = 0.49 * h
    tip = TIPTOE * h - 0.5 * lean_m**2 / leg_m
    landing = -r.uniform(0.04, 0.06) * h - 0.5 * back_m**2 / leg_m
    leap = Leap(
        height_m, r.uniform(0.13, 0.19) * h, tip, landing, r.uniform(0.18, 0.23) * h, landing_heel_deg=0.0,
        dip_s=r.uniform(0.45, 0.7),
    )  # fmt: skip
    figure = scene.figure(max(scene.seconds, leap.dip_s + leap.busy_s + 1.8))
    offs = takeoffs(scene, figure.seconds, leap, pause_s)
    hop = jumps(figure.t, offs, leap)
    near = personal(scene)
    far = posed(
        near,
        at=(-0.06, 0.0, near["at"][2]),
        pelvis=(r.uniform(24.0, 38.0), 0.0, 0.0),
        trunk=(r.uniform(10.0, 20.0), 0.0, 0.0),
    )
    channels = liven(scene, figure, blend(hop.bend, near, far))
    own = swing_arms(hop, r.uniform(0.65, 1.0))
    body, feet, tuck = (np.zeros_like(figure.t) for _ in range(3))
    speed = (distance_m - lean_m - back_m) / leap.air_s
    settle_s = max(2.2 * back_m / speed, leap.catch_s)
    for number, off in enumerate(np.round(offs / FRAME_S) * FRAME_S):
        land, start = off + leap.air_s, number * distance_m
        for begin, end, *ends in (
            (off - leap.push_s, off, 0.0, 0.0, 0.0, lean_m, speed, 0.0),
            (off, land, lean_m, speed, 0.0, distance_m - back_m, speed, 0.0),
            (land, land + settle_s, distance_m - back_m, speed, 0.0, distance_m, 0.0, 0.0),
        ):
            on = (figure.t >= begin - 1e-6) & (figure.t < end - 1e-6)
            body[on] = start + quintic((figure.t[on] - begin) / (end - begin), end - begin, *ends)
        body[figure.t >= land + settle_s - 1e-6] = start + distance_m
        feet += distance_m * curves.stroke(figure.t, off, land)
        tuck += curves.bump(figure.t, off, land)
    channels["at"][:, 0] += body / h
    for side in SIDES:
        channels[f"{side}_arm"] = channels[f"{side}_arm"] + own
        channels[f"{side}_foot"] = channels[f"{side}_foot"] + np.stack(
            [feet / h, 0 * feet, 0.07 * tuck, 0 * feet, 0 * feet], axis=1
        )
    channels["pelvis"][:, 0] += 5.0 * tuck
    channels["trunk"][:, 0] += 7.0 * tuck
    channels = jump(channels, hop, h)
    put(figure, channels, breath=r)
    plant(figure, down=~hop.airborne)
    figure.airborne = hop.airborne
    join_flights(figure, {side: channels[f"{side}_foot"][:, 4] for side in SIDES})
    figure.said += [
        "a person jumps forward from standing",
        "someone swings the arms, jumps far ahead with both feet and lands in a crouch",
        "a person does a standing long jump" + (" and then another one" if len(offs) > 1 else ""),
    ]
    return figure


@program(
    "burpees",
    "exercise",
    also=("burpee", "squat thrusts"),
    seconds=Range(8.0, 15.0, "s", 6.0, 600.0),
    period_s=Range(3.6, 6.5, "s", 3.0, 12.0),
    push_up=Choice(("with", "without")),
    jumping=Choice(("with", "without"), (0.75, 0.25)),
)
def burpees(scene: Scene, *, period_s: float, push_up: str, jumping: str) -> Figure:
    figure, r, h = scene.figure(), scene.rng, scene.person.height_m
    near = personal(scene)
    hands = {"hand": (0.32, 0.13, 0.03)}
    feet_in, feet_out = -0.097 + 0.08, 0.32 - 0.735 - 0.097
    crouch = posed(
        near,
        at=(0.02, 0.0, 0.215),
        pelvis=(68.0, 0.0, 0.0),
        trunk=(28.0, 0.0, 0.0),
        foot=(feet_in, 0.07, 0.0, 35.0, 5.0),
        hold=1.0,
        level=0.3,
        head=(-10.0, 0.0, 0.0),
        **hands,
    )
    shift = {"hand": (0.32, 0.14, 0.03), "foot": (feet_out, 0.06, 0.0, 75.0, 0.0)}
    high, low = (_moved(prone(rise, 0.0, 0.14), feet_out + 0.097, shift) for rise in (0.325, r.uniform(0.11, 0.15)))
    middle = posed(
        blend_pose(crouch, high),
        at=0.5 * (crouch["at"] + high["at"]) + np.array([0.0, 0.0, 0.05]),
        foot=(0.5 * (feet_in + feet_out), 0.065, 0.05, 55.0, 0.0),
    )
    poses: list[Pose] = [near, crouch, crouch, middle, high]
    spans = [0.0, 0.17, 0.03, 0.07, 0.08]
    if push_up == "with":
        poses += [low, high]
        spans += [0.11, 0.11]
    poses += [middle, crouch, near]
    spans += [0.08, 0.07, 0.16]
    marks = np.cumsum(spans) / sum(spans) * (0.66 if jumping == "with" else 0.86)
    at, rows, takeoffs, begin = [], [], [], r.uniform(0.3, 0.8)
    while begin + period_s < figure.seconds or not at:
        at += list(begin + period_s * marks)
        rows += poses
        takeoffs.append(begin + period_s * (marks[-1] + 0.20))
        begin += period_s * r.uniform(1.0, 1.08)
        period_s *= 1.01
    channels = sequence(figure.t, at, rows)
    channels = liven(scene, figure, channels, 0.5)
    height_m = r.uniform(0.08, 0.32)
    if jumping == "with":
        leap = Leap(height_m, 0.07 * h, TIPTOE * h, LANDING * h, 0.05 * h, dip_s=0.08 * period_s)
        hop = jumps(figure.t, np.array(takeoffs), leap)
        channels = jump(channels, hop, h)
        for side in SIDES:
            channels[f"{side}_arm"] = channels[f"{side}_arm"] + (0.5 * hop.swing**2 * (1.0 + hop.swing))[
                :, None
            ] * np.array([r.uniform(90.0, 160.0), 0.0, 0.0, 0.0])
        figure.airborne = hop.airborne
    put(figure, channels, swivel=40.0, breath=r, depth=2.5, palm=FLAT_PALM, fingers=FLAT_FINGERS)
    soften(figure, [f"{side}_{part}" for side in SIDES for part in ("upper_arm", "forearm", "hand")], 0.3)
    join_flights(figure, {side: channels[f"{side}_foot"][:, 4] for side in SIDES}, window_s=0.2)
    figure.said += [
        "a person does burpees",
        "someone squats down, kicks the legs back into a plank and stands up again"
        if jumping == "without"
        else "someone squats down, kicks the legs back, comes up and jumps",
        f"a person does burpees {push_up} a push-up",
    ]
    return figure


def blend_pose(one: Pose, two: Pose) -> dict[str, np.ndarray]:
    """Half-way between two poses."""
    return {name: 0.5 * (one[name] + two[name]) for name in one}


def _moved(pose: Pose, x: float, changes: dict) -> dict[str, np.ndarray]:
    return posed(pose, at=pose["at"] + np.array([x, 0.0, 0.0]), **changes)
