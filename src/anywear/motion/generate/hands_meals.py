"""Eating and drinking.

A bite every 4 to 10 s with a hand that is up for about a second, and a sip that takes 2 to 5 s, are the usual figures of
studies with wrist sensors (Dong et al., Appl. Psychophysiol. Biofeedback 37, 2012; Shen et al., IEEE J-BHI 21, 2017); the
turning of the forearm there by 40 to 60 degrees is from the first of them.
"""

from __future__ import annotations

import numpy as np

from . import curves
from .figure import SIDES, Figure
from .handwork import Work, blend
from .registry import Choice, Range, Scene, program
from .rhythms import bouts, gated_phase, visits

WHERE = {"sitting": "sitting at a table", "sofa": "sitting on a sofa", "standing": "standing"}
MEALS = {
    "soup": ("spoon", "eats soup with a spoon"),
    "cereal": ("spoon", "eats cereal from a bowl"),
    "pasta": ("fork", "eats pasta with a fork"),
    "meat": ("fork", "eats with a knife and fork"),
}


def surface(work: Work) -> float:
    """Height of what stands before the work: a table, or the lap, or a plate held at the belly."""
    return work.table_up if work.posture == "sitting" else {"standing": 0.20}.get(work.posture, 0.16)


@program(
    "eating",
    "hands",
    also=("eating soup", "eating pasta", "eating meat", "eating a meal"),
    food=Choice(tuple(MEALS)),
    bite_s=Range(4.0, 10.0, "s", 2.5, 30.0),
)
def eating(scene: Scene, *, food: str, bite_s: float) -> Figure:
    work = Work(scene, scene.pick("sitting", "sitting", "sitting", "sofa"))
    tool, said = MEALS[food]
    rng, side, other, s = scene.rng, work.side, work.other, work.s
    go = scene.around(0.95, 0.2)
    bites = visits(
        work.t,
        rng,
        every_s=(0.75 * bite_s, 1.3 * bite_s),
        go_s=(0.8 * go, 1.2 * go),
        stay_s=(0.2, 0.8),
        back_s=(0.7 * go, 1.1 * go),
    )
    up = surface(work) + (0.10 if tool == "spoon" else 0.075)
    # Between bites: the spoon scoops, the fork winds or picks.
    busy = (1.0 - bites.share) ** 4 * bouts(work.t, rng, (1.0, 2.5), (0.5, 2.5))
    phase = gated_phase(work.t, scene.around({"pasta": 1.6, "meat": 2.2}.get(food, 0.9), 0.2), rng, busy, 0.15)
    wave, late = np.sin(2 * np.pi * phase) * busy, np.cos(2 * np.pi * phase) * busy
    size = {"meat": 0.012, "pasta": 0.012}.get(food, 0.03)
    home = work.at(side, scene.around(0.36, 0.07) + size * wave, 0.11 + 0.5 * size * late, up + 0.4 * size * late)
    away = scene.around(0.13, 0.12)  # the length of the tool ahead of the fist
    mouth = work.near_face(side, "mouth", away * 0.75, away * 0.55 + 0.02, -0.07)
    low, high = scene.rng.uniform(55.0, 80.0), scene.rng.uniform(5.0, 30.0)
    pronation = low - (low - high) * curves.ease(bites.share) + (25.0 if food == "pasta" else 8.0) * wave
    work.lean = rng.uniform(4.0, 12.0) + rng.uniform(2.0, 10.0) * bites.share
    work.look_down = rng.uniform(22.0, 38.0) - 14.0 * bites.share
    work.hand(
        side,
        blend(home, mouth, bites.share, (0.03, 0.03 * s, 0.0)),
        pronation=pronation,
        flexion=-12.0 + 22.0 * bites.share,
        swivel=20.0 - 4.0 * bites.share,
        grip=0.8,
    )
    if food == "meat":  # the knife saws now and then
        saw = bouts(work.t, rng, (1.0, 2.0), (2.0, 5.0)) * (1.0 - bites.share) ** 2
        cut = np.sin(2 * np.pi * gated_phase(work.t, scene.around(2.4, 0.15), rng, saw)) * saw
        work.hand(other, work.at(other, 0.34 + 0.02 * cut, 0.12, up), pronation=65.0, swivel=38.0, still=0.4)
    elif work.posture == "sofa" or scene.chance(0.4):
        work.hand(other, work.at(other, 0.30, 0.07, surface(work) + 0.04), pronation=-10.0, still=0.6)
        said += ", the dish in the other hand" if work.posture == "sofa" else ""
    else:
        work.idle(other)
    where = WHERE[work.posture]
    return work.done(
        f"a person {where} {said}",
        f"a person eats with the {side} hand",
        f"someone is having a meal, {where}",
        f"a person brings a {tool} to the mouth again and again",
    )


@program("eating a sandwich", "hands", also=("eating sandwich",), bite_s=Range(4.0, 9.0, "s", 2.5, 30.0))
def eating_sandwich(scene: Scene, *, bite_s: float) -> Figure:
    work = Work(scene, scene.pick("sitting", "sitting", "sofa", "standing"))
    rng, side, other = scene.rng, work.side, work.other
    both = scene.chance(0.6)
    bites = visits(work.t, rng, every_s=(0.7 * bite_s, 1.3 * bite_s), go_s=(0.6, 1.1), stay_s=(0.5, 1.2))
    tug = 0.012 * np.sin(2 * np.pi * gated_phase(work.t, 1.5, rng, bites.share, 0.2)) * bites.share**4
    up = surface(work) + scene.around(0.14, 0.3)
    work.lean = rng.uniform(0.0, 8.0) + 4.0 * bites.share
    for hand in (side, other) if both else (side,):
        home = work.at(hand, scene.around(0.30, 0.1), 0.06, up)
        mouth = work.near_face(hand, "mouth", 0.08 + tug, 0.075, -0.085)
        work.hand(
            hand,
            blend(home, mouth, bites.share, (0.03, 0.0, 0.0)),
            pronation=35.0 + 20.0 * (1 - bites.share),
            flexion=5.0 + 15.0 * bites.share,
            swivel=20.0 - 6.0 * bites.share,
            grip=0.6,
        )
    if not both:
        work.idle(other)
    hands = "both hands" if both else f"the {side} hand"
    return work.done(
        f"a person {WHERE[work.posture]} eats a sandwich",
        f"a person holds a sandwich in {hands} and bites",
        "someone eats a sandwich",
    )


@program("eating chips", "hands", also=("eating snacks",), bite_s=Range(2.5, 6.0, "s", 1.6, 20.0))
def eating_chips(scene: Scene, *, bite_s: float) -> Figure:
    work = Work(scene, scene.pick("sitting", "sofa", "sofa", "standing"))
    rng, side, other = scene.rng, work.side, work.other
    go = scene.around(0.75, 0.15)
    bites = visits(work.t, rng, every_s=(0.75 * bite_s, 1.3 * bite_s), go_s=(0.8 * go, 1.2 * go), stay_s=(0.15, 0.5))
    rummage = (1.0 - bites.share) ** 3
    dig = np.sin(2 * np.pi * gated_phase(work.t, 2.2, rng, rummage, 0.25)) * rummage
    up = surface(work) + rng.uniform(0.06, 0.12)
    across = rng.uniform(-0.06, 0.10)
    home = work.at(side, 0.31 + 0.008 * dig, across, up + 0.015 * dig)
    mouth = work.near_face(side, "mouth", 0.09, 0.05, -0.075)
    work.hand(
        side,
        blend(home, mouth, bites.share, (0.03, 0.0, 0.0)),
        pronation=68.0 - 55.0 * bites.share,
        flexion=20.0 - 5.0 * bites.share,
        swivel=20.0 - 6.0 * bites.share,
        grip=0.6,
    )
    if scene.chance(0.6):
        work.hand(other, work.at(other, 0.30, -across + 0.05, up - 0.04), pronation=-15.0, still=0.7)
    else:
        work.idle(other)
    return work.done(
        f"a person {WHERE[work.posture]} eats chips with the {side} hand",
        "a person eats snacks from a bag",
        "someone takes chips and eats them one after another",
    )


@program(
    "drinking",
    "hands",
    also=("drinking from a cup", "drink from cup", "drinking water", "drinking from a glass", "drink glass"),
    vessel=Choice(("cup", "glass", "bottle"), (0.5, 0.3, 0.2)),
    sip_s=Range(1.0, 3.5, "s", 0.4, 15.0),
)
def drinking(scene: Scene, *, vessel: str, sip_s: float) -> Figure:
    work = Work(
        scene, scene.pick("sitting", "sitting", "standing", "sofa", "walking"), speed_mps=scene.rng.uniform(0.7, 1.2)
    )
    rng, side, other, s = scene.rng, work.side, work.other, work.s
    go = scene.around(1.2, 0.2)
    sips = visits(work.t, rng, every_s=(5.0, 11.0), go_s=(0.8 * go, 1.2 * go), stay_s=(sip_s, 1.2 * sip_s))
    # The vessel tips while it is at the mouth; a bottle further than a cup.
    tip = np.clip((sips.share - 0.75) / 0.25, 0.0, 1.0) ** 2 * (
        3.0 - 2.0 * np.clip((sips.share - 0.75) / 0.25, 0.0, 1.0)
    )
    far = {"cup": 26.0, "glass": 34.0, "bottle": 52.0}[vessel]
    if work.posture == "sitting":
        home = work.at(side, scene.around(0.36, 0.1), rng.uniform(0.10, 0.24), work.table_up + 0.07)
    else:
        home = work.at(side, 0.28, 0.14, rng.uniform(0.15, 0.28))
    lift = 0.05 if vessel == "bottle" else 0.01
    mouth = work.near_face(side, "mouth", 0.105, 0.055 + 0.01 * tip, -0.06 + (lift + 0.05) * tip)
    work.look_down = 12.0 - (24.0 if vessel == "bottle" else 14.0) * tip
    work.hand(
        side,
        blend(home, mouth, sips.share, (0.03, 0.02 * s, 0.0)),
        pronation=8.0 + 0.9 * far * tip,
        deviation=0.35 * far * tip,
        flexion=-8.0,
        swivel=18.0 + 0.4 * far * tip,
        grip=0.75,
    )
    work.idle(other)
    where = {"walking": "walking"}.get(work.posture) or WHERE[work.posture]
    return work.done(
        f"a person {where} drinks from a {vessel}",
        f"a person lifts a {vessel} with the {side} hand and drinks",
        "someone is drinking",
    )


@program("taking pills", "hands", also=("taking medication", "taking medicine", "take medicine", "taking a pill"))
def taking_pills(scene: Scene) -> Figure:
    work = Work(scene, scene.pick("sitting", "standing"))
    rng, side, other = scene.rng, work.side, work.other
    total = float(work.t[-1])
    cut = total * rng.uniform(0.40, 0.5)
    go = min(scene.around(0.8, 0.15), 0.14 * total)
    pill = visits(
        work.t[work.t < cut], rng, every_s=(60.0, 61.0), go_s=(go, 1.2 * go), stay_s=(0.2, 0.5), first_s=(0.2, 1.2)
    )
    sip = visits(
        work.t[work.t >= cut] - cut,
        rng,
        every_s=(60.0, 61.0),
        go_s=(go, 1.3 * go),
        stay_s=(0.8, 1.6),
        first_s=(0.1, 0.5),
    )
    rest = np.zeros_like(work.t)
    first, second = rest.copy(), rest.copy()
    first[work.t < cut], second[work.t >= cut] = pill.share, sip.share
    glass = other if scene.chance(0.5) else side
    up = surface(work) + 0.08
    work.look_down = 20.0 - 18.0 * np.maximum(first, second)
    places = {hand: work.at(hand, 0.32, 0.12, up) for hand in SIDES}
    near = {hand: work.near_face(hand, "mouth", 0.10, 0.055, -0.06) for hand in SIDES}
    work.hand(
        side,
        blend(places[side], near[side], first + (second if glass == side else 0.0)),
        pronation=45.0 + 20.0 * first - 25.0 * second * (glass == side),
        flexion=-5.0 + 25.0 * first,
        swivel=20.0 - 4.0 * first,
    )
    if glass == other:
        work.hand(other, blend(places[other], near[other], second), pronation=8.0 + 25.0 * second, swivel=20.0)
    else:
        work.idle(other)
    return work.done(
        "a person takes a pill and drinks water",
        f"a person puts a pill in the mouth with the {side} hand",
        "someone takes medicine with a glass of water",
    )


@program("smoking", "hands", also=("smoking a cigarette",), puff_s=Range(5.0, 12.0, "s", 3.0, 60.0))
def smoking(scene: Scene, *, puff_s: float) -> Figure:
    work = Work(scene, scene.pick("standing", "standing", "sitting", "walking"), speed_mps=scene.rng.uniform(0.6, 1.2))
    rng, side, other, s = scene.rng, work.side, work.other, work.s
    puffs = visits(work.t, rng, every_s=(0.7 * puff_s, 1.3 * puff_s), go_s=(0.7, 1.2), stay_s=(1.0, 2.2))
    folded = scene.chance(0.4)
    home = (
        work.at(side, 0.28, 0.12, rng.uniform(0.15, 0.30))
        if folded or work.posture == "sitting"
        else work.at(side, 0.10, 0.26, rng.uniform(-0.02, 0.06))
    )
    mouth = work.near_face(side, "mouth", 0.07, 0.06, -0.09)
    work.look_down, work.gaze = 5.0, 1.0
    work.hand(
        side,
        blend(home, mouth, puffs.share, (0.06, 0.02 * s, 0.0)),
        pronation=20.0 - 45.0 * puffs.share,
        flexion=-10.0,
        deviation=10.0 * puffs.share,
        swivel=18.0 - 6.0 * puffs.share,
        grip=0.35,
    )
    work.idle(other)
    where = "sitting" if work.posture == "sitting" else work.posture
    return work.done(
        f"a person {where} smokes a cigarette with the {side} hand",
        "a person smokes",
        "someone puts a cigarette to the lips and takes a puff",
    )
