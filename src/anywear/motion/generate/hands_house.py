"""Housework and cooking. Tempi are estimates from watching people, varied widely."""

from __future__ import annotations

import numpy as np

from . import curves
from .figure import SIDES, Figure
from .handwork import Work, blend
from .registry import Range, Scene, program
from .rhythms import bouts, gated_phase, sites_in_turn, strike, visits


def _wave(phase):
    return np.sin(2.0 * np.pi * phase), np.cos(2.0 * np.pi * phase)


def _wander(work: Work, every_s: tuple[float, float]) -> None:
    """A step or two to somewhere else now and then."""
    now = work.rng.uniform(0.5, every_s[1])
    while now + 1.2 < work.t[-1]:
        work.step(now, *(work.rng.normal(0.0, 1.0, 2) * [0.12, 0.14]).clip(-0.25, 0.25))
        now += 1.2 + work.rng.uniform(*every_s)


def _long_tool(scene: Scene, rate_hz: float, stroke_m: float, *, both: bool, slant: float, rise: float) -> Work:
    """Strokes of a tool with a handle, the weight going along with them; slant 0 is ahead, 1 to the side."""
    work = Work(scene, stagger_m=scene.rng.uniform(0.10, 0.25))
    rng, side, other = scene.rng, work.side, work.other
    gate = bouts(work.t, rng, (4.0, 10.0), (0.4, 1.5), 0.3)
    phase = gated_phase(work.t, rate_hz, rng, gate, 0.08)
    beat, late = _wave(phase)
    size = 0.5 * stroke_m * (1.0 + 0.15 * curves.noise(work.t, rng, 0.5)[:, 0])
    ahead, across = size * beat * (1.0 - slant), work.s * size * beat * slant
    _wander(work, (1.5, 4.0))
    work.bend = rng.uniform(8.0, 22.0) + 25.0 * ahead
    work.twist = 40.0 * np.asarray(across) - 15.0 * work.s * ahead
    work.shift_m = 0.22 * np.stack([ahead, 0.5 * across], axis=1)
    work.look_down, work.gaze = rng.uniform(28.0, 45.0), 0.4
    low, high = rng.uniform(0.02, 0.12), rng.uniform(0.28, 0.40)
    work.hand(
        side,
        work.at(side, 0.34 + ahead, 0.14 + work.s * across, low + rise * late),
        pronation=rng.uniform(25.0, 55.0) + 30.0 * ahead,
        flexion=-8.0 - 20.0 * ahead,
        swivel=26.0,
        grip=0.9,
    )
    if both:
        work.hand(
            other,
            work.at(other, 0.24 + 0.4 * ahead, 0.06 - work.s * 0.35 * across, high - 0.25 * ahead),
            pronation=rng.uniform(30.0, 60.0),
            flexion=-8.0,
            swivel=32.0,
            grip=0.9,
        )
    else:
        work.idle(other, "hanging" if scene.chance(0.7) else "hips")
    return work


@program(
    "vacuuming",
    "hands",
    also=("vacuum cleaning", "hoovering"),
    rate_hz=Range(0.45, 0.85, "Hz", 0.2, 1.5),
    stroke_m=Range(0.25, 0.55, "m", 0.1, 0.7),
)
def vacuuming(scene: Scene, *, rate_hz: float, stroke_m: float) -> Figure:
    work = _long_tool(scene, rate_hz, stroke_m, both=scene.chance(0.25), slant=scene.rng.uniform(0.0, 0.3), rise=0.01)
    long = "long" if stroke_m > 0.4 else "short"
    return work.done(
        "a person vacuums the floor",
        f"a person pushes a vacuum cleaner to and fro in {long} strokes",
        "someone cleans a carpet",
    )


@program(
    "sweeping",
    "hands",
    also=("sweeping the floor", "sweep"),
    rate_hz=Range(0.6, 1.2, "Hz", 0.3, 2.0),
    stroke_m=Range(0.2, 0.5, "m", 0.08, 0.7),
)
def sweeping(scene: Scene, *, rate_hz: float, stroke_m: float) -> Figure:
    work = _long_tool(scene, rate_hz, stroke_m, both=True, slant=scene.rng.uniform(0.4, 1.0), rise=0.03)
    return work.done(
        "a person sweeps the floor", "a person sweeps with a broom held in both hands", "someone sweeps up dirt"
    )


@program(
    "mopping",
    "hands",
    also=("mopping the floor",),
    rate_hz=Range(0.4, 0.9, "Hz", 0.2, 1.5),
    stroke_m=Range(0.25, 0.55, "m", 0.1, 0.7),
)
def mopping(scene: Scene, *, rate_hz: float, stroke_m: float) -> Figure:
    work = _long_tool(scene, rate_hz, stroke_m, both=True, slant=scene.rng.uniform(0.0, 1.0), rise=0.015)
    return work.done(
        "a person mops the floor",
        "a person moves a mop to and fro with both hands",
        "someone wipes the floor with a mop",
    )


@program(
    "raking",
    "hands",
    also=("raking leaves",),
    rate_hz=Range(0.4, 0.8, "Hz", 0.2, 1.4),
    stroke_m=Range(0.3, 0.55, "m", 0.1, 0.7),
)
def raking(scene: Scene, *, rate_hz: float, stroke_m: float) -> Figure:
    work = _long_tool(scene, rate_hz, stroke_m, both=True, slant=scene.rng.uniform(0.0, 0.3), rise=0.05)
    return work.done(
        "a person rakes leaves", "a person pulls a rake with both hands", "someone works in the garden with a rake"
    )


def _surface_work(
    scene: Scene,
    rate_hz: float,
    size_m: tuple[float, float],
    *,
    up: float,
    pronation: float,
    spread: float = 0.16,
    posture: str = "standing",
    ahead: float = 0.42,
    on_s: tuple[float, float] = (2.0, 6.0),
    bend: float = 8.0,
    other: str = "rest",
    upright: bool = False,
) -> Work:
    """One hand strokes over a table, a board or a wall; the place changes every few seconds."""
    work = Work(scene, posture)
    rng, side = scene.rng, work.side
    gate = bouts(work.t, rng, on_s, (0.4, 1.2), 0.25)
    beat, late = _wave(gated_phase(work.t, rate_hz, rng, gate, 0.1))
    spots, _ = sites_in_turn(work.t, rng, rng.uniform(-1.0, 1.0, (6, 2)) * spread, (1.5, 4.0), (0.5, 1.0))
    a, b = size_m[0] * beat * gate, size_m[1] * late * gate
    up = up + (work.table_up if posture == "sitting" else 0.0)
    if upright:
        path = work.at(side, ahead, 0.14 + spots[:, 0] + b, up + spots[:, 1] + a)
    else:
        path = work.at(side, ahead + 0.5 * spots[:, 1] + a, 0.12 + spots[:, 0] + b, up)
    work.bend, work.twist = bend + 30.0 * a * (not upright), work.s * 20.0 * b
    work.shift_m = np.stack([0.15 * a * (not upright), 0.1 * work.s * b], axis=1)
    work.look_down, work.gaze = (0.0 if upright else rng.uniform(25.0, 42.0)), 0.3
    work.hand(
        side,
        path,
        pronation=pronation + 8.0 * beat * gate,
        flexion=-18.0 if upright else -12.0,
        swivel=30.0,
        grip=0.45,
        still=0.4,
    )
    if other == "rest" and posture == "standing" and not upright:
        work.hand(
            work.other,
            work.at(work.other, 0.36, 0.20, up),
            pronation=70.0,
            flexion=-15.0,
            swivel=28.0,
            grip=0.2,
            still=0.9,
        )
    else:
        work.idle(work.other)
    return work


@program("ironing", "hands", also=("ironing clothes",), rate_hz=Range(0.4, 0.85, "Hz", 0.15, 1.5))
def ironing(scene: Scene, *, rate_hz: float) -> Figure:
    size = scene.around(0.13, 0.3)
    work = _surface_work(
        scene,
        rate_hz,
        (0.3 * size, size) if scene.chance(0.6) else (0.8 * size, 0.4 * size),
        up=0.09,
        pronation=58.0,
        spread=0.08,
    )
    return work.done(
        "a person irons clothes",
        f"a person moves an iron to and fro with the {work.side} hand",
        "someone stands at an ironing board",
    )


@program(
    "wiping a table",
    "hands",
    also=("cleaning a table", "clean table", "wiping"),
    rate_hz=Range(0.8, 2.0, "Hz", 0.3, 3.5),
)
def wiping_table(scene: Scene, *, rate_hz: float) -> Figure:
    size = scene.around(0.10, 0.3) / max(rate_hz, 0.8) ** 0.4
    work = _surface_work(
        scene,
        rate_hz,
        (scene.pick(1.0, 0.2, 0.5) * size, size),
        up=0.03,
        pronation=76.0,
        bend=14.0,
        other=scene.pick("rest", "idle"),
    )
    return work.done(
        "a person wipes a table",
        f"a person cleans a table with a cloth in the {work.side} hand",
        "someone rubs over a table",
    )


@program(
    "cleaning a window", "hands", also=("washing a window", "wiping a wall"), rate_hz=Range(0.7, 1.8, "Hz", 0.3, 3.0)
)
def cleaning_window(scene: Scene, *, rate_hz: float) -> Figure:
    size = scene.around(0.13, 0.3)
    work = _surface_work(
        scene, rate_hz, (size, scene.pick(0.2, 1.0) * size), up=0.56, pronation=60.0, upright=True, ahead=0.40
    )
    return work.done(
        "a person cleans a window",
        f"a person wipes a window with the {work.side} hand",
        "someone rubs a pane in wide strokes",
    )


@program("painting a wall", "hands", also=("painting",), rate_hz=Range(0.35, 0.8, "Hz", 0.15, 1.5))
def painting_wall(scene: Scene, *, rate_hz: float) -> Figure:
    work = _surface_work(
        scene, rate_hz, (scene.around(0.20, 0.2), 0.03), up=0.54, pronation=50.0, upright=True, ahead=0.40, spread=0.12
    )
    return work.done(
        "a person paints a wall",
        f"a person rolls paint on a wall with the {work.side} hand",
        "someone paints up and down",
    )


@program("washing dishes", "hands", also=("doing the dishes", "wash dishes"), rate_hz=Range(1.0, 2.4, "Hz", 0.4, 4.0))
def washing_dishes(scene: Scene, *, rate_hz: float) -> Figure:
    work = Work(scene)
    rng, side, other = scene.rng, work.side, work.other
    put = visits(work.t, rng, every_s=(4.0, 8.0), go_s=(0.6, 1.0), stay_s=(0.2, 0.6))
    gate = (1.0 - put.share) ** 3 * bouts(work.t, rng, (2.0, 5.0), (0.3, 0.9), 0.2)
    beat, late = _wave(gated_phase(work.t, rate_hz, rng, gate, 0.12))
    size, up = scene.around(0.035, 0.3) * gate, rng.uniform(0.02, 0.10)
    away = rng.choice([-1.0, 1.0]) * SIDES[other]
    rack = work.at(other, 0.38, 0.10 + 0.30 * max(away, 0.0) - 0.22 * max(-away, 0.0), up + 0.06)
    work.bend, work.look_down, work.twist = (
        rng.uniform(8.0, 18.0),
        rng.uniform(30.0, 42.0),
        14.0 * put.share * SIDES[other] * away,
    )
    work.hand(
        side,
        work.at(side, 0.38 + size * beat, 0.04 + size * late, up + 0.04),
        pronation=50.0 + 12.0 * late * gate,
        swivel=28.0,
        grip=0.6,
    )
    held = work.at(other, 0.37, 0.07, up + 0.02 + 0.2 * size * late)
    work.hand(
        other,
        blend(held, rack, put.share, (0.0, 0.0, 0.06)),
        pronation=10.0 + 15.0 * gate * beat,
        swivel=28.0,
        grip=0.7,
    )
    return work.done(
        "a person washes the dishes", "a person scrubs plates at a sink", f"someone rubs a dish with the {side} hand"
    )


@program(
    "stirring", "hands", also=("stirring a pot", "cooking", "mixing food"), rate_hz=Range(0.9, 2.0, "Hz", 0.3, 3.5)
)
def stirring(scene: Scene, *, rate_hz: float) -> Figure:
    work = Work(scene)
    rng, side, other = scene.rng, work.side, work.other
    gate = bouts(work.t, rng, (4.0, 10.0), (0.5, 1.5), 0.25)
    beat, late = _wave(gated_phase(work.t, rate_hz, rng, gate, 0.06))
    size, way = scene.around(0.045, 0.25) * (0.7 + 0.3 * gate), rng.choice([-1.0, 1.0])
    work.look_down = rng.uniform(30.0, 42.0)
    work.hand(
        side,
        work.at(side, 0.38 + size * beat, 0.12 + way * size * late, 0.20 + 0.1 * size * beat),
        pronation=rng.uniform(25.0, 65.0) + 6.0 * late,
        flexion=-5.0 + 8.0 * beat,
        swivel=34.0,
        grip=0.8,
    )
    if scene.chance(0.5):
        work.hand(other, work.at(other, 0.36, 0.12, 0.12), pronation=25.0, swivel=28.0, grip=0.7, still=0.8)
    else:
        work.idle(other)
    turn = "clockwise" if (way * work.s) < 0 else "counterclockwise"
    return work.done(
        "a person stirs a pot", f"a person stirs with a spoon in the {side} hand", f"someone cooks and stirs {turn}"
    )


@program(
    "chopping",
    "hands",
    also=("cutting vegetables", "cutting fruit", "cut fruits", "chopping food", "cutting"),
    rate_hz=Range(1.8, 3.5, "Hz", 0.6, 5.0),
)
def chopping(scene: Scene, *, rate_hz: float) -> Figure:
    work = Work(scene)
    rng, side, other = scene.rng, work.side, work.other
    gate = bouts(work.t, rng, (1.5, 4.0), (0.5, 1.6), 0.15)
    phase = gated_phase(work.t, rate_hz, rng, gate, 0.06)
    raised = strike(phase, 0.5, 0.52)
    size = scene.around(0.030, 0.3)
    drift = 0.05 * ((phase / 12.0) % 1.0)
    drift = np.convolve(np.pad(drift, 30, mode="edge"), np.hanning(61) / np.hanning(61).sum(), "valid")
    work.bend, work.look_down = rng.uniform(5.0, 14.0), rng.uniform(34.0, 48.0)
    work.hand(
        side,
        work.at(side, 0.33 - 0.5 * size * raised, 0.10 + drift, 0.07 + size * raised),
        pronation=22.0,
        deviation=-6.0 + 8.0 * raised,
        swivel=30.0,
        grip=0.85,
    )
    work.hand(other, work.at(other, 0.36, 0.05, 0.06), pronation=62.0, flexion=12.0, swivel=30.0, grip=0.6, still=0.7)
    return work.done(
        "a person chops vegetables",
        f"a person cuts food on a board with a knife in the {side} hand",
        "someone is chopping in the kitchen",
    )


@program("pouring", "hands", also=("pouring water", "pour a drink"), tip_deg=Range(50.0, 85.0, "deg", 25.0, 120.0))
def pouring(scene: Scene, *, tip_deg: float) -> Figure:
    work = Work(scene, scene.pick("standing", "sitting"))
    rng, side, other = scene.rng, work.side, work.other
    up = work.table_up + 0.10
    pour = visits(work.t, rng, every_s=(5.0, 9.0), go_s=(0.8, 1.2), stay_s=(1.5, 3.2))
    tip = curves.ease((pour.share - 0.6) / 0.4)
    work.look_down = 32.0
    work.hand(
        side,
        blend(work.at(side, 0.36, 0.24, up), work.at(side, 0.35, 0.10, up + 0.14), pour.share, (0.0, 0.0, 0.04)),
        pronation=5.0 + tip_deg * tip,
        swivel=25.0 + 22.0 * tip,
        grip=0.8,
    )
    work.hand(other, work.at(other, 0.35, 0.08, up - 0.02), pronation=5.0, swivel=26.0, grip=0.6, still=0.7)
    return work.done(
        "a person pours a drink", f"a person pours from a bottle with the {side} hand", "someone fills a glass"
    )


@program("kneading dough", "hands", also=("kneading",), rate_hz=Range(0.6, 1.2, "Hz", 0.3, 2.0))
def kneading(scene: Scene, *, rate_hz: float) -> Figure:
    work = Work(scene, stagger_m=0.12)
    rng = scene.rng
    gate = bouts(work.t, rng, (3.0, 8.0), (0.5, 1.5), 0.25)
    beat, late = _wave(gated_phase(work.t, rate_hz, rng, gate, 0.08))
    size = scene.around(0.07, 0.2) * gate
    work.bend, work.look_down = 14.0 + 80.0 * size * beat, 40.0
    work.shift_m = np.stack([0.35 * size * beat, 0.0 * size], axis=1)
    for hand in SIDES:
        work.hand(
            hand,
            work.at(hand, 0.38 + size * beat, 0.06, 0.07 + 0.35 * size * late),
            pronation=72.0,
            flexion=-25.0 - 12.0 * gate * beat,
            swivel=32.0,
            grip=0.4,
        )
    return work.done("a person kneads dough", "a person pushes and folds dough with both hands", "someone bakes bread")


@program("folding clothes", "hands", also=("folding laundry", "fold clothes"), fold_s=Range(1.2, 2.4, "s", 0.6, 5.0))
def folding_clothes(scene: Scene, *, fold_s: float) -> Figure:
    work = Work(scene, scene.pick("standing", "standing", "sitting"))
    rng, up = scene.rng, work.table_up + 0.05
    spots = np.array(
        [
            [0.36, 0.30, 0],
            [0.40, 0.12, 0.12],
            [0.44, 0.06, 0.0],
            [0.34, 0.22, 0.0],
            [0.40, 0.28, 0.30],
            [0.36, 0.10, 0.02],
        ]
    )
    rhythm = int(rng.integers(2**32))  # both hands keep one
    for hand in SIDES:
        mine = spots + rng.normal(0.0, 0.025, spots.shape)
        way, _ = sites_in_turn(
            work.t,
            np.random.default_rng(rhythm),
            mine,
            (0.1 * fold_s, 0.4 * fold_s),
            (0.45 * fold_s, 0.8 * fold_s),
            in_order=True,
        )
        smooth = 0.008 * curves.noise(work.t, rng, 1.5, 3)
        work.hand(
            hand,
            work.at(
                hand,
                way[:, 0] + smooth[:, 0],
                np.maximum(way[:, 1], 0.03) + smooth[:, 1],
                up + np.maximum(way[:, 2], 0.0),
            ),
            pronation=60.0 - 120.0 * np.maximum(way[:, 2], 0.0),
            swivel=30.0,
            grip=0.6,
        )
    work.look_down = 36.0
    return work.done(
        "a person folds clothes",
        "a person folds laundry on a table with both hands",
        "someone smooths and folds a shirt",
    )


@program("hanging laundry", "hands", also=("hanging up clothes",), item_s=Range(3.0, 5.5, "s", 1.5, 12.0))
def hanging_laundry(scene: Scene, *, item_s: float) -> Figure:
    work = Work(scene)
    rng = scene.rng
    take = visits(work.t, rng, every_s=(0.9 * item_s, 1.2 * item_s), go_s=(0.7, 1.0), stay_s=(0.3, 0.7))
    work.bend = 48.0 * take.share
    work.look_down = 45.0 * take.share - 12.0 * (1.0 - take.share)
    peg = curves.noise(work.t, rng, 1.4, 3) * 0.03 * (1.0 - take.share)[:, None]
    for hand in SIDES:
        line = work.at(
            hand, 0.32 + peg[:, 0], 0.14 + peg[:, 1] * SIDES[hand] + 0.05, rng.uniform(0.64, 0.74) + 0.5 * peg[:, 2]
        )
        basket = work.at(hand, 0.36, 0.10, -0.32)
        work.hand(
            hand,
            blend(line, basket, take.share, (0.08, 0.0, 0.0)),
            pronation=40.0,
            swivel=30.0 - 6.0 * take.share,
            grip=0.6,
        )
    return work.done(
        "a person hangs up laundry",
        "a person takes clothes from a basket and hangs them on a line",
        "someone hangs washing to dry",
    )
