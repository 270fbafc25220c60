"""Exercises done in a rhythm: jumping jacks; high knees, butt kicks, running and walking on the spot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..._typing import Array
from ...recording import STANDARD_GRAVITY_MPS2
from . import curves
from .bodyposes import blend, jump, liven, personal, posed, put
from .bounce import bounce
from .figure import SIDES, Figure
from .launch import join_flights
from .registry import Range, Scene, program
from .repetitions import Hop, beats, lag_m, times_at

STEPS = Range(2.1, 3.3, "steps/s", 1.2, 4.5)


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
    rise = 0.039 * figure.height_m * np.sin(np.deg2rad(heel_deg))
    heel = heel_deg * (1.0 - scene.rng.uniform(0.3, 0.8) * sunk)
    # Feet leave the ground from rest and come to rest on it.
    lands, ends = (np.array(times) for times in zip(*contacts, strict=True))
    flight = np.clip(np.searchsorted(ends, t, side="right") - 1, 0, len(ends) - 2)
    air_s = lands[flight + 1] - ends[flight]
    share = np.clip((t - ends[flight]) / air_s, 0.0, 1.0)
    speed = 0.5 * STANDARD_GRAVITY_MPS2 * air_s
    behind = np.where(share > 0.5, lag_m(1.0 - share, speed, air_s), lag_m(share, speed, air_s))
    return Hop(lift + rise, (np.maximum(lift, 0.0) - behind) * ~down, heel, np.zeros_like(t), sunk, ~down)


@program(
    "jumping jacks",
    "exercise",
    also=("jumping jack", "star jumps", "jack jumps", "side straddle hops"),
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
    near = personal(scene, at=(0.0, 0.0, 0.514), arm=(3.0, 8.0, 5.0, r.uniform(8.0, 25.0)))
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
    join_flights(figure, {side: channels[f"{side}_foot"][:, 4] for side in SIDES})
    word = "quickly" if rate > 2.2 else "slowly" if rate < 1.8 else "steadily"
    figure.said += [
        f"a person does jumping jacks {word}",
        "someone jumps with legs apart and arms up, then legs together and arms down",
        "a person does star jumps",
    ]
    return figure


@program(
    "high knees",
    "exercise",
    also=(
        "high knee run",
        "high knees running",
        "knee raises in place",
        "knees alternately to the chest",
        "knees to the chest",
    ),
    rate_hz=STEPS,
)
def high_knees(scene: Scene, *, rate_hz: float) -> Figure:
    r = scene.rng
    figure = step_in_place(scene, rate_hz, r.uniform(0.03, 0.10), r.uniform(0.17, 0.25), 15.0)
    figure.said += [
        f"a person runs on the spot with high knees{quick(rate_hz)}",
        "someone lifts the knees high in turn",
        "a person does high knees",
        "a person stays in place and brings one knee after the other up to the hips",
    ]
    return figure


@program(
    "butt kicks",
    "exercise",
    also=(
        "heel kicks",
        "butt kickers",
        "heels to buttocks",
        "heels alternately to the backside",
        "heels to the backside",
    ),
    rate_hz=STEPS,
)
def butt_kicks(scene: Scene, *, rate_hz: float) -> Figure:
    r = scene.rng
    figure = step_in_place(scene, rate_hz, -r.uniform(0.20, 0.27), r.uniform(0.19, 0.26), 60.0)
    figure.said += [
        f"a person runs on the spot and kicks the heels to the buttocks{quick(rate_hz)}",
        "a person does butt kicks",
        "someone kicks the heels up behind in turn",
    ]
    return figure


@program(
    "running on the spot",
    "exercise",
    also=("running in place", "jogging in place", "jogging on the spot", "marching run in place"),
    rate_hz=STEPS,
    lift=Range(0.06, 0.16, "of stature", 0.02, 0.25),
)
def running_on_the_spot(scene: Scene, *, rate_hz: float, lift: float) -> Figure:
    figure = step_in_place(scene, rate_hz, scene.rng.uniform(-0.09, 0.04), lift, scene.rng.uniform(15.0, 40.0))
    figure.said += [
        f"a person runs on the spot{quick(rate_hz)}",
        "someone runs in place",
        "a person jogs in place without moving forward",
    ]
    return figure


@program(
    "walking on the spot",
    "exercise",
    also=("walking in place", "stepping on the spot", "stepping in place", "marking time"),
    rate_hz=Range(1.4, 2.2, "steps/s", 0.8, 2.8),
    lift=Range(0.01, 0.065, "of stature", 0.005, 0.2),
)
def walking_on_the_spot(scene: Scene, *, rate_hz: float, lift: float) -> Figure:
    r = scene.rng
    figure = step_in_place(
        scene, rate_hz, r.uniform(-0.02, 0.05), lift, r.uniform(8.0, 26.0), both_down=r.uniform(0.04, 0.2),
        arms=(r.uniform(8.0, 30.0), r.uniform(12.0, 40.0)),
    )  # fmt: skip
    high = "lifting the knees" if lift > 0.05 else "hardly lifting the feet" if lift < 0.03 else "foot after foot"
    figure.said += [
        "a person walks on the spot",
        f"someone walks in place, {high}",
        "a person steps in place without moving forward",
    ]
    return figure


def quick(rate_hz: float) -> str:
    """How fast steps follow each other, as an adverb; empty for the usual."""
    return " quickly" if rate_hz > 3.1 else " slowly" if rate_hz < 2.5 else ""


def step_in_place(
    scene: Scene, rate_hz: float, ahead: float, high: float, heel_deg: float, *, both_down: float = 0.0,
    arms: tuple[float, float] | None = None,
) -> Figure:  # fmt: skip
    """Run on the spot, or walk.

    Args:
        scene: randomness and person.
        rate_hz: steps per second, both feet counted.
        ahead, high: how far the swinging foot goes forward and up, statures.
        heel_deg: how far its heel turns up.
        both_down: share of a step that both feet are down; 0 runs, with a flight in each step.
        arms: swing of the arms and bend of the elbows, degrees; as runners have them by default.
    """
    figure, r = scene.figure(), scene.rng
    h = figure.height_m
    phase = beats(figure.t, rate_hz, r, 0.02)
    swing, elbow = arms or (r.uniform(15.0, 40.0), r.uniform(70.0, 100.0))
    near = personal(
        scene,
        at=(0.0, 0.0, 0.519 if both_down else 0.511),
        trunk=(r.uniform(0.0, 8.0), 0.0, 0.0),
        arm=(5.0, 10.0, 10.0, elbow),
    )
    channels = liven(scene, figure, near)
    if both_down:
        stance = 1.0 + both_down
        # The weight goes over to the standing leg, whose knee gives way a little when the foot comes down.
        channels["at"][:, 1] += r.uniform(0.008, 0.02) * np.sin(np.pi * (phase - 0.5 * both_down))
        since_s = (phase % 1.0) / rate_hz
        channels["at"][:, 2] -= r.uniform(0.0015, 0.003) * curves.bump(since_s, 0.0, r.uniform(0.14, 0.2))
        plant_by_phase(figure, phase, stance)
    else:
        flight_s = float(np.clip(r.uniform(0.05, 0.11), 0.04, 0.35 / rate_hz))
        hop = rhythm_hop(scene, figure, phase, flight_s, r.uniform(14.0, 26.0))
        # Flights are so short that swinging feet need no lift of their own.
        channels = jump(channels, replace(hop, air_m=np.zeros_like(phase)), h)
        stance = 1.0 - float(np.mean(hop.airborne))
    for number, side in enumerate(SIDES):
        # One foot is down for a step, the other in the air for a step and both flights.
        own = (phase + number) % 2.0
        up = np.clip((own - stance) / (2.0 - stance), 0.0, 1.0)
        lift = curves.bump(up, 0.0, 1.0)
        channels[f"{side}_foot"] = channels[f"{side}_foot"] + lift[:, None] * np.array(
            [ahead, 0.0, high, heel_deg, 0.0]
        )
        channels[f"{side}_arm"] = channels[f"{side}_arm"] + np.stack(
            [
                swing * np.cos(np.pi * (phase - 0.5 * stance + number)),
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
    put(figure, channels, breath=r, depth=1.8 if both_down else 2.5)
    return figure


def plant_by_phase(figure: Figure, phase: Array, stance: float) -> None:
    """Declare feet that are down for a share of every second step."""
    for number, side in enumerate(SIDES):
        figure.contact[side] = (phase + number) % 2.0 < stance
