"""Doors, drawers and switches; things lifted and picked up; hammer, saw and shovel."""

from __future__ import annotations

import numpy as np

from . import curves
from .figure import SIDES, Figure
from .handwork import Work, blend
from .registry import Choice, Range, Scene, program
from .rhythms import bouts, gated_phase, strike, visits

# Height over the hips, how far the hand pulls and to the side, bend of the body.
PULLS = {
    "door": (0.10, 0.26, 0.14, 0.0),
    "drawer": (-0.05, 0.28, 0.0, 10.0),
    "fridge": (0.28, 0.24, 0.18, 0.0),
    "dishwasher": (-0.20, 0.22, 0.0, 40.0),
    "cupboard": (0.55, 0.18, 0.10, 0.0),
}


@program(
    "opening a door",
    "hands",
    also=("open door", "opening and closing a door", "closing a door"),
    move_s=Range(0.7, 1.4, "s", 0.35, 4.0),
)
def opening_door(scene: Scene, *, move_s: float) -> Figure:
    return _pull(scene, "door", move_s)


@program("opening a drawer", "hands", also=("open drawer", "closing a drawer"), move_s=Range(0.6, 1.2, "s", 0.3, 4.0))
def opening_drawer(scene: Scene, *, move_s: float) -> Figure:
    return _pull(scene, "drawer", move_s)


@program(
    "opening the fridge", "hands", also=("open fridge", "closing the fridge"), move_s=Range(0.7, 1.3, "s", 0.35, 4.0)
)
def opening_fridge(scene: Scene, *, move_s: float) -> Figure:
    return _pull(scene, "fridge", move_s)


@program(
    "opening the dishwasher",
    "hands",
    also=("open dishwasher", "closing the dishwasher"),
    move_s=Range(0.8, 1.5, "s", 0.4, 4.0),
)
def opening_dishwasher(scene: Scene, *, move_s: float) -> Figure:
    return _pull(scene, "dishwasher", move_s)


@program("opening a cupboard", "hands", also=("closing a cupboard",), move_s=Range(0.6, 1.2, "s", 0.3, 4.0))
def opening_cupboard(scene: Scene, *, move_s: float) -> Figure:
    return _pull(scene, "cupboard", move_s)


def _pull(scene: Scene, what: str, move_s: float) -> Figure:
    """Reach for a handle, pull, hold, push it shut, let go."""
    work = Work(scene, stagger_m=0.06)
    rng, side = scene.rng, work.side
    up, pull_m, swing_m, bend = PULLS[what]
    go = scene.around(0.75, 0.15)
    cycle = visits(
        work.t, rng, every_s=(5.5, 9.0), go_s=(0.9 * go, 1.1 * go), stay_s=(2.2 * move_s + 0.9, 2.4 * move_s + 2.0)
    )
    opened = np.zeros_like(work.t)
    for arrival in cycle.arrivals:
        leave = float(work.t[(work.t > arrival) & (cycle.share < 0.9999)].min(initial=float(work.t[-1])))
        first = arrival + 0.12 * (leave - arrival)
        last = leave - 0.08 * (leave - arrival)
        move = min(move_s, 0.45 * (last - first))
        opened += curves.stroke(work.t, first, first + move) - curves.stroke(work.t, last - move, last)
    lever = curves.bump(opened, 0.0, 0.5) if what == "door" else 0.0
    drop = -0.16 * opened if what == "dishwasher" else 0.0
    place = work.at(
        side, scene.around(0.46, 0.05) - pull_m * opened, 0.12 + swing_m * opened, up + drop - 0.02 * np.asarray(lever)
    )
    work.bend, work.lean = bend * cycle.share * (1.0 + 0.1 * opened), 5.0 * (cycle.share - opened)
    work.shift_m = np.stack([0.03 * cycle.share - 0.07 * opened, 0.0 * opened], axis=1)
    work.look_down = 12.0 + 25.0 * (bend > 5.0) * cycle.share
    work.hand(
        side,
        blend(work.at(side, 0.05, 0.26, -0.03), place, cycle.share, (0.04, 0.0, 0.0)),
        pronation=20.0
        + (45.0 if what in ("door", "drawer", "dishwasher") else 5.0) * cycle.share
        - 18.0 * np.asarray(lever),
        flexion=-8.0,
        swivel=25.0,
        grip=0.3 + 0.5 * cycle.share,
    )
    work.idle(work.other)
    name = {"door": "a door", "drawer": "a drawer", "cupboard": "a cupboard"}.get(what, f"the {what}")
    return work.done(
        f"a person opens {name} and closes it",
        f"a person pulls {name} open with the {side} hand",
        f"someone opens and shuts {name}",
    )


@program("toggling a switch", "hands", also=("toggle switch", "switching on the light"))
def toggling_switch(scene: Scene) -> Figure:
    work = Work(scene)
    rng, side = scene.rng, work.side
    press = visits(work.t, rng, every_s=(2.5, 5.0), go_s=(0.6, 0.9), stay_s=(0.15, 0.6))
    push = curves.ease((press.share - 0.9) / 0.1)
    place = work.at(side, 0.42 + 0.02 * push, 0.16, rng.uniform(0.20, 0.40))
    work.hand(
        side,
        blend(work.at(side, 0.05, 0.26, -0.03), place, press.share, (0.04, 0.0, 0.0)),
        pronation=20.0 + 40.0 * press.share,
        swivel=25.0,
        grip=0.7,
    )
    work.idle(work.other)
    return work.done(
        "a person toggles a light switch",
        f"a person presses a switch with the {side} hand",
        "someone switches the light on and off",
    )


@program(
    "picking something up",
    "hands",
    also=("picking up from the floor", "pick up"),
    style=Choice(("stooping", "squatting")),
)
def picking_up(scene: Scene, *, style: str) -> Figure:
    work = Work(scene, stagger_m=scene.rng.uniform(0.0, 0.15))
    rng, side = scene.rng, work.side
    down = visits(work.t, rng, every_s=(4.0, 7.0), go_s=(0.9, 1.4), stay_s=(0.2, 0.5))
    _bow(work, down.share, style)
    height = -0.74 if style == "stooping" else -0.72
    floor = work.at(side, 0.34, 0.10, height)
    work.hand(
        side,
        blend(work.at(side, 0.05, 0.26, -0.03), floor, down.share, (0.10, 0.0, 0.0)),
        pronation=20.0 + 35.0 * down.share,
        swivel=20.0,
        grip=0.4,
    )
    work.idle(work.other, "hanging")
    return work.done(
        f"a person picks something up from the floor, {style}",
        f"a person picks up an object with the {side} hand",
        "someone bends down and picks something up",
    )


def _bow(work: Work, share: np.ndarray, style: str) -> None:
    """Down to the floor by the back or by the knees."""
    if style == "stooping":
        work.bend, work.lean, work.crouch_m = 92.0 * share, 14.0 * share, 0.10 * share
    else:
        work.bend, work.lean, work.crouch_m = 48.0 * share, 14.0 * share, 0.40 * share
    work.look_down = 10.0 + 55.0 * share


@program(
    "lifting a box",
    "hands",
    also=("lifting an object", "lifting", "putting down a box"),
    style=Choice(("stooping", "squatting")),
)
def lifting_box(scene: Scene, *, style: str) -> Figure:
    work = Work(scene, stagger_m=0.02)
    rng = scene.rng
    down = visits(work.t, rng, every_s=(4.5, 7.5), go_s=(1.1, 1.7), stay_s=(0.4, 0.8))
    _bow(work, down.share, style)
    for hand in SIDES:
        work.hand(
            hand,
            blend(work.at(hand, 0.34, 0.19, 0.08), work.at(hand, 0.38, 0.19, -0.58), down.share, (0.06, 0.0, 0.0)),
            pronation=12.0,
            flexion=-5.0,
            swivel=18.0,
            grip=0.5,
        )
    return work.done(
        "a person lifts a box from the floor",
        f"a person lifts a box with both hands, {style}",
        "someone puts a box down and lifts it again",
    )


@program("hammering", "hands", also=("hammering a nail",), rate_hz=Range(1.2, 2.6, "Hz", 0.5, 4.0))
def hammering(scene: Scene, *, rate_hz: float) -> Figure:
    work = Work(scene)
    rng, side = scene.rng, work.side
    gate = bouts(work.t, rng, (2.0, 6.0), (0.6, 1.6), 0.2)
    raised = strike(gated_phase(work.t, rate_hz, rng, gate, 0.05), 0.55, 0.6)
    size = scene.around(0.15, 0.3) * (1.8 / rate_hz) ** 0.8
    wall = scene.chance(0.35)
    if wall:
        path = work.at(side, 0.42 - size * raised, 0.14, 0.45 + 0.3 * size * raised)
    else:
        path = work.at(side, 0.40 - 0.4 * size * raised, 0.14, 0.08 + size * raised)
    work.bend, work.look_down = (0.0 if wall else 12.0), (4.0 if wall else 34.0)
    work.lean = -3.0 * raised
    work.hand(side, path, pronation=12.0, deviation=-16.0 + 32.0 * raised, swivel=24.0, grip=0.95)
    work.hand(
        work.other,
        work.at(work.other, 0.40, 0.04, 0.44 if wall else 0.05),
        pronation=50.0,
        swivel=28.0,
        grip=0.6,
        still=0.6,
    )
    return work.done(
        "a person hammers a nail",
        f"a person strikes with a hammer in the {side} hand",
        f"someone hammers {'at a wall' if wall else 'on a table'}",
    )


@program("sawing", "hands", also=("sawing wood",), rate_hz=Range(0.8, 1.8, "Hz", 0.4, 3.0))
def sawing(scene: Scene, *, rate_hz: float) -> Figure:
    work = Work(scene, stagger_m=0.22)
    rng, side = scene.rng, work.side
    gate = bouts(work.t, rng, (4.0, 9.0), (0.6, 1.5), 0.25)
    beat = np.sin(2 * np.pi * gated_phase(work.t, rate_hz, rng, gate, 0.05)) * gate
    size = 0.5 * scene.around(0.24, 0.25)
    work.bend, work.twist, work.look_down = 24.0 + 5.0 * beat, -work.s * 8.0 * beat, 36.0
    work.shift_m = np.stack([0.02 * beat, 0.0 * beat], axis=1)
    work.hand(
        side,
        work.at(side, 0.28 + size * beat, 0.16, 0.05 - 0.45 * size * beat),
        pronation=8.0,
        flexion=0.0,
        swivel=22.0,
        grip=0.95,
    )
    work.hand(work.other, work.at(work.other, 0.40, 0.10, -0.08), pronation=65.0, swivel=24.0, grip=0.5, still=0.8)
    return work.done("a person saws wood", f"a person saws with the {side} hand", "someone pushes and pulls a saw")


@program(
    "digging",
    "hands",
    also=("shovelling", "digging with a shovel", "gardening"),
    cycle_s=Range(2.2, 4.0, "s", 1.2, 8.0),
)
def digging(scene: Scene, *, cycle_s: float) -> Figure:
    """Ten to twenty-five scoops a minute are usual with a shovel (Freivalds, Ergonomics 29, 1986)."""
    work = Work(scene, stagger_m=0.20)
    rng, side, other = scene.rng, work.side, work.other
    phase = gated_phase(work.t, 1.0 / cycle_s, rng, 1.0, 0.06)
    at = (0.0, 0.22, 0.40, 0.62, 0.74)  # ready, thrust, lifted, thrown, coming back
    turn_to = rng.choice([-1.0, 1.0])
    low = curves.closed(
        phase,
        at,
        [[0.42, 0.06, -0.30], [0.52, 0.06, -0.42], [0.42, 0.06, -0.10], [0.46, 0.06, 0.06], [0.42, 0.06, -0.10]],
    )
    high = curves.closed(
        phase, at, [[0.18, 0.16, 0.06], [0.30, 0.14, -0.12], [0.14, 0.16, 0.12], [0.24, 0.12, 0.20], [0.18, 0.16, 0.12]]
    )
    aside = curves.closed(phase, at, [0.0, 0.0, 0.15, 1.0, 0.6]) * turn_to
    work.bend = curves.closed(phase, at, [40.0, 55.0, 34.0, 14.0, 24.0])
    work.crouch_m = curves.closed(phase, at, [0.03, 0.08, 0.05, 0.02, 0.02])
    work.twist, work.look_down = 32.0 * aside, 38.0
    work.hand(
        other,
        work.at(other, low[:, 0], low[:, 1] + SIDES[other] * 0.20 * aside, low[:, 2]),
        pronation=30.0,
        swivel=22.0,
        grip=0.9,
    )
    work.hand(
        side,
        work.at(side, high[:, 0], high[:, 1] + SIDES[side] * 0.14 * aside, high[:, 2]),
        pronation=45.0,
        swivel=30.0,
        grip=0.9,
    )
    return work.done(
        "a person digs with a shovel",
        f"a person throws earth to the {'left' if turn_to > 0 else 'right'} with a shovel",
        "someone is shovelling",
    )


@program("sewing", "hands", also=("sewing by hand",), stitch_s=Range(1.4, 3.0, "s", 0.7, 6.0))
def sewing(scene: Scene, *, stitch_s: float) -> Figure:
    work = Work(scene, scene.pick("sofa", "sitting"))
    rng, side, other = scene.rng, work.side, work.other
    gate = bouts(work.t, rng, (4.0, 10.0), (0.6, 2.0), 0.3)
    phase = gated_phase(work.t, 1.0 / stitch_s, rng, gate, 0.12)
    pull = curves.closed(phase, (0.0, 0.25, 0.55, 0.85), [0.0, 0.0, 1.0, 0.1])
    long, up = scene.around(0.14, 0.35), rng.uniform(0.18, 0.26)
    work.look_down, work.gaze = rng.uniform(34.0, 46.0), 0.1
    work.hand(
        side,
        work.at(side, 0.27 - 0.1 * long * pull, 0.04 + long * pull, up + 0.7 * long * pull),
        pronation=45.0 - 50.0 * pull,
        flexion=5.0,
        swivel=26.0 + 12.0 * pull,
        grip=0.6,
    )
    work.hand(other, work.at(other, 0.27, 0.06, up - 0.01), pronation=30.0, swivel=26.0, grip=0.5, still=0.6)
    return work.done(
        "a person sews by hand",
        f"a person pulls needle and thread with the {side} hand",
        "someone stitches a piece of cloth",
    )
