"""Hands that say something: waving, pointing, clapping, knocking, shaking hands, telephones."""

from __future__ import annotations

import numpy as np

from . import curves
from .figure import SIDES, Figure
from .hands_meals import WHERE
from .handwork import Work, blend
from .registry import Choice, Range, Scene, program
from .rhythms import bouts, gated_phase, strike, visits


@program(
    "clapping",
    "hands",
    also=("clapping hands", "applauding", "cheering", "hand clapping"),
    rate_hz=Range(2.2, 4.3, "Hz", 0.7, 6.0),
)
def clapping(scene: Scene, *, rate_hz: float) -> Figure:
    """Applause runs at 2 to 5 claps a second (Repp, J. Acoust. Soc. Am. 81, 1987)."""
    work = Work(scene, scene.pick("standing", "standing", "sitting", "sofa"))
    rng, side, other = scene.rng, work.side, work.other
    gate = bouts(work.t, rng, (5.0, 15.0), (0.5, 1.5), 0.25) if scene.chance(0.3) else np.ones_like(work.t)
    phase = gated_phase(work.t, rate_hz, rng, gate, 0.03)
    wave = strike(phase, 0.48, 0.5)
    open_m = 0.5 * min(scene.around(0.22, 0.3) * 3.0 / rate_hz, 0.26)
    lead = rng.uniform(0.35, 1.0)  # of one hand against the other
    up, slant = rng.uniform(0.20, 0.34), rng.uniform(0.0, 0.03)
    for hand, share, high in ((side, 1.0, slant), (other, lead, -slant)):
        path = work.at(hand, scene.around(0.30, 0.08), 0.035 + open_m * share * wave, up + high + 0.2 * open_m * wave)
        work.hand(
            hand,
            path,
            pronation=(35.0 if hand == side else -5.0) + 8.0 * wave,
            flexion=-5.0 - 10.0 * wave,
            swivel=34.0,
            grip=0.05,
        )
    work.look_down = rng.uniform(0.0, 12.0)
    fast = "fast" if rate_hz > 3.6 else "slowly" if rate_hz < 2.0 else ""
    posture = "standing" if work.posture == "standing" else "sitting"
    return work.done(f"a person claps {fast}".strip(), f"a {posture} person claps the hands", "someone applauds")


@program("waving", "hands", also=("wave", "waving hand", "greeting"), rate_hz=Range(1.4, 3.0, "Hz", 0.5, 4.5))
def waving(scene: Scene, *, rate_hz: float) -> Figure:
    work = Work(scene, scene.pick("standing", "standing", "sitting", "walking"))
    rng = scene.rng
    side = work.side if scene.chance(0.8) else work.other
    other = "left" if side == "right" else "right"
    up = visits(work.t, rng, every_s=(4.0, 8.0), go_s=(0.5, 0.8), stay_s=(1.8, 3.5))
    there = up.share**3
    swing = np.sin(2.0 * np.pi * gated_phase(work.t, rate_hz, rng, there, 0.06)) * there
    high, wide = rng.uniform(0.50, 0.80), scene.around(0.09, 0.35)
    home = work.at(side, 0.05, 0.26, -0.03)
    place = work.at(
        side, rng.uniform(0.15, 0.28), rng.uniform(0.28, 0.40) + wide * swing, high - 0.25 * wide * swing**2
    )
    facing = 40.0 + 25.0 * there
    work.look_down, work.gaze = 2.0, 0.6
    work.hand(
        side,
        blend(home, place, up.share, (0.10, 0.0, 0.0)),
        pronation=18.0 + (facing - 18.0) * up.share + 6.0 * swing,
        deviation=-14.0 * swing,
        flexion=-6.0,
        swivel=22.0 + 28.0 * up.share,
        grip=0.3 - 0.25 * up.share,
    )
    work.idle(other)
    word = {"walking": "walking", "sitting": "sitting"}.get(work.posture, "standing")
    return work.done(
        f"a person waves with the {side} hand", f"a {word} person raises a hand and waves", "someone waves hello"
    )


@program("pointing", "hands", also=("point",), way=Choice(("ahead", "left", "right", "up")))
def pointing(scene: Scene, *, way: str) -> Figure:
    work = Work(scene, scene.pick("standing", "standing", "sitting"))
    rng, side = scene.rng, work.side
    if way in SIDES and scene.chance(0.6):
        side = way
    point = visits(work.t, rng, every_s=(3.5, 7.0), go_s=(0.5, 0.9), stay_s=(0.8, 2.2))
    yaw = np.deg2rad({"left": 55.0, "right": -55.0}.get(way, 0.0) + rng.normal(0.0, 6.0))
    pitch = np.deg2rad(rng.uniform(38.0, 60.0) if way == "up" else rng.uniform(-8.0, 14.0))
    reach = rng.uniform(0.43, 0.52)
    flat = reach * np.cos(pitch)
    place = work.at(
        side, flat * np.cos(yaw) + 0.02, 0.20 + SIDES[side] * flat * np.sin(yaw), 0.47 + reach * np.sin(pitch)
    )
    work.look_left = point.share * 0.7 * np.rad2deg(yaw)
    work.look_down = 8.0 - point.share * 0.5 * np.rad2deg(pitch)
    work.hand(
        side,
        blend(work.at(side, 0.06, 0.26, 0.02), place, point.share, (0.06, 0.0, 0.0)),
        pronation=20.0 + rng.uniform(5.0, 50.0) * point.share,
        flexion=-5.0,
        swivel=26.0,
        grip=0.75,
    )
    work.idle("left" if side == "right" else "right")
    to = {"ahead": "straight ahead", "up": "upwards"}.get(way, f"to the {way}")
    return work.done(
        f"a person points {to}",
        f"a person points with the {side} hand",
        f"someone stretches out an arm and points {to}",
    )


@program("knocking on a door", "hands", also=("knock", "knocking"), rate_hz=Range(3.0, 5.0, "Hz", 1.5, 7.0))
def knocking(scene: Scene, *, rate_hz: float) -> Figure:
    work = Work(scene)
    rng, side = scene.rng, work.side
    knock = visits(work.t, rng, every_s=(3.0, 5.5), go_s=(0.55, 0.9), stay_s=(0.7, 1.5))
    there = np.clip((knock.share - 0.9) / 0.1, 0.0, 1.0)
    gate = there * there * (3.0 - 2.0 * there)
    away = strike(gated_phase(work.t, rate_hz, rng, gate, 0.05), 0.45, 0.5) * gate
    size = scene.around(0.065, 0.25)
    place = work.at(side, 0.44 - size * away, rng.uniform(0.08, 0.20), rng.uniform(0.46, 0.62) + 0.2 * size * away)
    work.look_down = 0.0
    work.hand(
        side,
        blend(work.at(side, 0.06, 0.26, 0.0), place, knock.share, (0.05, 0.0, 0.0)),
        pronation=15.0 + 45.0 * knock.share,
        flexion=-4.0 - 14.0 * away,
        swivel=25.0,
        grip=0.95,
    )
    work.idle(work.other)
    return work.done(
        "a person knocks on a door", f"a person knocks with the {side} hand", "someone raps at a door and waits"
    )


@program("shaking hands", "hands", also=("handshake",), rate_hz=Range(1.8, 3.2, "Hz", 0.8, 5.0))
def shaking_hands(scene: Scene, *, rate_hz: float) -> Figure:
    work = Work(scene)
    rng, side = scene.rng, "right"
    shake = visits(work.t, rng, every_s=(4.0, 7.0), go_s=(0.6, 0.9), stay_s=(1.2, 2.6))
    there = shake.share**4
    beat = np.sin(2.0 * np.pi * gated_phase(work.t, rate_hz, rng, there, 0.08)) * there
    place = work.at(
        side,
        rng.uniform(0.40, 0.50),
        rng.uniform(0.05, 0.15),
        rng.uniform(0.12, 0.22) + scene.around(0.035, 0.4) * beat,
    )
    work.look_down, work.lean = 4.0, 6.0 * shake.share
    work.hand(
        side,
        blend(work.at(side, 0.05, 0.26, -0.02), place, shake.share),
        pronation=12.0,
        deviation=5.0 * beat,
        flexion=-8.0,
        swivel=20.0,
        grip=0.25 + 0.35 * shake.share,
    )
    work.idle("left")
    return work.done(
        "a person shakes hands",
        "a person holds out the right hand and shakes hands",
        "someone greets somebody with a handshake",
    )


@program(
    "talking on the phone",
    "hands",
    also=(
        "phone call",
        "phone to ear",
        "answering the phone",
        "using the telephone",
        "use telephone",
        "making a phone call",
    ),
)
def phoning(scene: Scene) -> Figure:
    work = Work(scene, scene.pick("standing", "walking", "sitting", "sofa"), speed_mps=scene.rng.uniform(0.5, 1.2))
    rng, side, other = scene.rng, work.side, work.other
    if scene.chance(0.3):
        side, other = other, side
    lifted, share = scene.chance(0.35), np.ones_like(work.t)
    if lifted:
        start = rng.uniform(0.5, 0.3 * float(work.t[-1]) + 0.6)
        share = curves.stroke(work.t, start, start + scene.around(0.9, 0.15))
    ear = work.near_face(side, "ear", 0.135, 0.085, -0.05)
    work.look_down, work.gaze = 8.0, 1.2
    work.hand(
        side,
        blend(work.at(side, 0.27, 0.12, 0.22), ear, share, (0.05, 0.0, 0.0)),
        pronation=-15.0 + 30.0 * share,
        flexion=-8.0,
        swivel=20.0 + rng.uniform(-16.0, 10.0) * share,
        grip=0.6,
        still=0.3,
    )
    if scene.chance(0.35):  # the free hand talks along
        talk = bouts(work.t, rng, (1.0, 3.0), (1.0, 3.0), 0.4)
        way = curves.noise(work.t, rng, 0.9, 3) * talk[:, None] * np.array([0.05, 0.06, 0.05])
        work.hand(
            other,
            work.at(other, 0.24 + way[:, 0], 0.22 + way[:, 1], 0.16 + way[:, 2]),
            pronation=20.0 + 300.0 * way[:, 1],
            swivel=24.0,
            grip=0.3,
        )
    else:
        work.idle(other)
    where = {"walking": "walking about", "sitting": "sitting on a chair"}.get(work.posture) or WHERE[work.posture]
    said = [
        f"a person {where} talks on the phone",
        f"a person holds a phone to the {side} ear",
        "someone is making a call",
    ]
    if lifted:
        said.append(f"a person lifts a phone to the {side} ear")
    return work.done(*said)


@program(
    "texting",
    "hands",
    also=("texting on a phone", "using a phone", "typing on a phone", "playing with a phone", "play phone"),
)
def texting(scene: Scene) -> Figure:
    work = Work(scene, scene.pick("standing", "sitting", "sofa", "walking"), speed_mps=scene.rng.uniform(0.5, 1.1))
    rng, side, other = scene.rng, work.side, work.other
    both = scene.chance(0.5)
    taps = bouts(work.t, rng, (1.5, 5.0), (0.5, 3.0), 0.15)
    tap = strike(gated_phase(work.t, rng.uniform(3.0, 6.0), rng, taps, 0.2), 0.4, 0.45) * taps
    ahead, up = rng.uniform(0.22, 0.32), rng.uniform(0.14, 0.30)
    work.look_down, work.gaze = rng.uniform(28.0, 45.0), 0.15
    work.lean = rng.uniform(0.0, 8.0)
    for hand in (side, other) if both else (side,):
        work.hand(
            hand,
            work.at(hand, ahead, 0.05, up),
            pronation=-20.0 + 2.0 * curves.noise(work.t, rng, 3.0)[:, 0] * taps,
            flexion=6.0 + 0.7 * tap,
            swivel=22.0,
            grip=0.5,
            still=0.4,
        )
    if not both:
        work.idle(other)
    where = {"walking": "walking", "sitting": "sitting on a chair"}.get(work.posture) or WHERE[work.posture]
    hands = "both hands" if both else f"the {side} hand"
    return work.done(
        f"a person {where} types on a phone", f"a person holds a phone in {hands} and texts", "someone looks at a phone"
    )
