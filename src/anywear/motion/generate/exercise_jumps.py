"""Exercises that leave the ground: jumping jacks, squat and box jumps, high knees, butt kicks, burpees."""

from __future__ import annotations

import numpy as np

from . import curves
from .bodyposes import Pose, blend, jump, liven, personal, plant, posed, put, sequence, soften
from .bounce import bounce
from .exercise_floor import FLAT, prone
from .figure import SIDES, Figure
from .registry import Choice, Range, Scene, program
from .repetitions import Hop, beats, jumps, times_at

TIPTOE = 0.040  # of stature, pelvis over flat standing when both feet push off


def rhythm_hop(scene: Scene, figure: Figure, phase: np.ndarray, flight_s: float, heel_deg: float) -> Hop:
    """Hops that land at whole phases, on the balls of the feet."""
    t = figure.t
    rate = (phase[-1] - phase[0]) / figure.seconds
    contacts = [(float(land), float(land) + 1.0 / rate - flight_s) for land in times_at(t, phase)]
    lift = bounce(t, contacts)
    down = np.zeros(len(t), dtype=bool)
    for begin, end in contacts:
        down |= (t >= begin) & (t < end)
    sunk = np.clip(-lift / max(float(-lift.min()), 1e-3), 0.0, 1.0)
    rise = TIPTOE * 0.8 * figure.height_m * np.sin(np.deg2rad(heel_deg)) / np.sin(np.deg2rad(48.0))
    heel = heel_deg * (1.0 - scene.rng.uniform(0.3, 0.8) * sunk)
    return Hop(lift + rise, np.maximum(lift, 0.0) * ~down, heel, np.zeros_like(t), ~down)


@program(
    "jumping jacks",
    "exercise",
    also=("jumping jack", "star jumps", "jack jumps"),
    rate_hz=Range(0.8, 1.25, "1/s", 0.5, 1.6),
)
def jumping_jacks(scene: Scene, *, rate_hz: float) -> Figure:
    figure, r = scene.figure(), scene.rng
    phase = beats(figure.t, 2.0 * rate_hz, r, 0.02)  # two hops: out and in
    hop = rhythm_hop(scene, figure, phase, r.uniform(0.40, 0.58) / (2.0 * rate_hz), r.uniform(20.0, 34.0))
    # Feet change places in the air, that is, in the last part of every hop; arms take the whole time.
    arms = 0.5 - 0.5 * np.cos(np.pi * (phase + r.uniform(-0.1, 0.1)))
    rate = 2.0 * rate_hz
    flight = float(np.clip(np.mean(hop.airborne), 0.15, 0.7))
    share = np.clip((phase % 1.0 - (1.0 - flight)) / flight, 0.0, 1.0)
    odd = np.floor(phase).astype(int) % 2
    ease = share**3 * (10 - 15 * share + 6 * share**2)
    feet = np.where(odd == 0, ease, 1.0 - ease)
    near = personal(scene, at=(0.0, 0.0, 0.508), arm=(3.0, 8.0, 5.0, r.uniform(8.0, 25.0)))
    high = r.uniform(130.0, 172.0)
    far = posed(near, arm=(r.uniform(0.0, 15.0), high, -40.0, r.uniform(8.0, 45.0)), shrug=(12.0, 0.0))
    channels = blend(arms, near, far)
    wide = r.uniform(0.12, 0.19)
    for side in SIDES:
        channels[f"{side}_foot"] = channels[f"{side}_foot"] + feet[:, None] * np.array(
            [0.0, wide - 0.05, 0.0, 0.0, 6.0]
        )
    channels["at"][:, 2] -= 0.028 * feet * wide / 0.15
    channels["trunk"][:, 0] += r.uniform(1.0, 5.0) * np.cos(2 * np.pi * phase + r.uniform(-0.8, 0.8))
    channels = jump(liven(scene, figure, channels), hop, figure.height_m)
    put(figure, channels, breath=r, depth=2.0)
    figure.airborne = hop.airborne
    word = "quickly" if rate > 2.2 else "slowly" if rate < 1.8 else "steadily"
    figure.said += [
        f"a person does jumping jacks {word}",
        "someone jumps with legs apart and arms up, then legs together and arms down",
        "a person does star jumps",
    ]
    return figure


def _single_jumps(scene: Scene, figure: Figure, every_s: float, height_m: float, crouch: float) -> Hop:
    """Jumps from standing, one after the other with rests."""
    r, h = scene.rng, figure.height_m
    first = r.uniform(0.9, 1.4)
    count = max(1, int((figure.seconds - first - 1.3) / every_s) + 1)
    takeoffs = first + every_s * np.arange(count) * r.uniform(1.0, 1.04)
    return jumps(
        figure.t,
        takeoffs[takeoffs < figure.seconds - 0.9],
        height_m,
        crouch * h,
        TIPTOE * h,
        dip_s=r.uniform(0.35, 0.5),
    )


@program(
    "vertical jumps",
    "exercise",
    also=("jump squats", "squat jumps", "jumping up", "countermovement jump", "squat jump"),
    height_m=Range(0.06, 0.28, "m", 0.02, 0.9),
    every_s=Range(2.9, 5.0, "s", 2.8, 20.0),
    style=Choice(("swinging arms", "hands on hips", "deep squat"), (0.5, 0.15, 0.35)),
)
def vertical_jumps(scene: Scene, *, height_m: float, every_s: float, style: str) -> Figure:
    figure, r = scene.figure(max(scene.seconds, 3.0)), scene.rng
    deep = style == "deep squat"
    crouch = r.uniform(0.19, 0.26) if deep else r.uniform(0.10, 0.17)
    hop = _single_jumps(scene, figure, every_s, height_m, crouch)
    bend = curves.ease(-hop.lift_m / (crouch * figure.height_m))
    near = personal(scene)
    if style == "hands on hips":
        near = posed(near, arm=(-18.0, 40.0, 50.0, 95.0))
    channels = liven(
        scene,
        figure,
        blend(
            bend,
            near,
            posed(
                near, at=(-0.09, 0.0, near["at"][2]), pelvis=(r.uniform(14.0, 24.0), 0.0, 0.0), trunk=(12.0, 0.0, 0.0)
            ),
        ),
    )
    if style == "swinging arms":
        swing = (70.0 + 30.0 * hop.swing) * hop.swing * r.uniform(0.8, 1.4)
        for side in SIDES:
            channels[f"{side}_arm"][:, 0] += swing
            channels[f"{side}_arm"][:, 3] += 20.0 * hop.swing**2
    put(figure, jump(channels, hop, figure.height_m), breath=r)
    plant(figure, down=~hop.airborne)
    figure.airborne = hop.airborne
    figure.said += [
        "a person jumps straight up",
        "someone squats down deeply and jumps up"
        if deep
        else "someone bends the knees and jumps up as high as possible"
        if height_m > 0.3
        else "someone bends the knees and hops up a little",
        "a person does jumps on the spot with "
        + {
            "swinging arms": "swinging arms",
            "hands on hips": "the hands on the hips",
            "deep squat": "deep squats between",
        }[style],
    ]
    return figure


@program(
    "high knees",
    "exercise",
    also=("running on the spot", "high knee run", "running in place", "butt kicks", "heel kicks"),
    rate_hz=Range(2.2, 3.6, "steps/s", 1.5, 4.5),
    style=Choice(("high knees", "butt kicks", "on the spot")),
)
def high_knees(scene: Scene, *, rate_hz: float, style: str) -> Figure:
    figure, r = scene.figure(), scene.rng
    phase = beats(figure.t, rate_hz, r, 0.02)
    hop = rhythm_hop(
        scene, figure, phase, float(np.clip(r.uniform(0.05, 0.11), 0.04, 0.35 / rate_hz)), r.uniform(14.0, 26.0)
    )
    near = personal(
        scene,
        at=(0.0, 0.0, 0.505),
        trunk=(r.uniform(0.0, 8.0), 0.0, 0.0),
        arm=(5.0, 10.0, 10.0, r.uniform(70.0, 100.0)),
    )
    channels = jump(liven(scene, figure, near), hop, figure.height_m)
    # How far the swinging foot goes ahead and up (statures), and how far its heel turns up.
    ahead, high, heel = {
        "high knees": (r.uniform(0.03, 0.10), r.uniform(0.17, 0.25), 15.0),
        "butt kicks": (-r.uniform(0.22, 0.27), r.uniform(0.20, 0.26), 60.0),
        "on the spot": (-0.05, r.uniform(0.06, 0.13), 25.0),
    }[style]
    stance = 1.0 - float(np.mean(hop.airborne))
    swing = r.uniform(15.0, 40.0)
    for number, side in enumerate(SIDES):
        # One foot is down for a step, the other in the air for a step and both flights.
        own = (phase + number) % 2.0
        up = np.clip((own - stance) / (2.0 - stance), 0.0, 1.0)
        lift = np.sin(np.pi * up) ** 2
        channels[f"{side}_foot"] = channels[f"{side}_foot"] + lift[:, None] * np.array([ahead, 0.0, high, heel, 0.0])
        channels[f"{side}_arm"] = channels[f"{side}_arm"] + np.stack(
            [
                -swing * np.cos(np.pi * (phase - 0.5 * stance + number)) * -1.0,
                0 * up,
                0 * up,
                0.3 * swing * np.cos(np.pi * (phase + number)),
            ],
            axis=1,
        )
    channels["trunk"] = channels["trunk"] + np.stack(
        [2.0 * np.cos(2 * np.pi * phase), 1.5 * np.cos(np.pi * phase), r.uniform(2.0, 7.0) * np.cos(np.pi * phase)],
        axis=1,
    )
    put(figure, channels, breath=r, depth=2.5)
    figure.said += {
        "high knees": [
            "a person runs on the spot with high knees",
            "someone lifts the knees high in turn, quickly",
            "a person does high knees",
        ],
        "butt kicks": [
            "a person runs on the spot and kicks the heels to the buttocks",
            "a person does butt kicks",
            "someone kicks the heels up behind in turn",
        ],
        "on the spot": [
            "a person runs on the spot",
            "someone runs in place",
            "a person jogs in place without moving forward",
        ],
    }[style]
    return figure


@program(
    "burpees",
    "exercise",
    also=("burpee", "squat thrusts"),
    seconds=Range(8.0, 15.0, "s", 6.0, 600.0),
    period_s=Range(4.0, 6.5, "s", 3.5, 12.0),
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
    height_m = r.uniform(0.06, 0.25)
    if jumping == "with":
        hop = jumps(figure.t, np.array(takeoffs), height_m, 0.07 * h, TIPTOE * h, dip_s=0.16 * period_s * 0.5)
        channels = jump(channels, hop, h)
        for side in SIDES:
            channels[f"{side}_arm"] = channels[f"{side}_arm"] + (0.5 * hop.swing**2 * (1.0 + hop.swing))[
                :, None
            ] * np.array([r.uniform(90.0, 160.0), 0.0, 0.0, 0.0])
        figure.airborne = hop.airborne
    put(figure, channels, swivel=40.0, breath=r, depth=2.5, **FLAT)
    soften(figure, [f"{side}_{part}" for side in SIDES for part in ("upper_arm", "forearm", "hand")], 0.3)
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
