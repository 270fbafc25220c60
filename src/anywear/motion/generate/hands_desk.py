"""At a desk and in the easy chair: keyboard, mouse, pen, book, instruments, the wheel of a car."""

from __future__ import annotations

import numpy as np

from . import curves
from .figure import SIDES, Figure
from .handwork import Work, blend
from .registry import Range, Scene, program
from .rhythms import bouts, gated_phase, sites_in_turn, strike, visits


def _taps(work: Work, rate_hz: float, gate) -> np.ndarray:
    """Fingers that fall on keys move the wrist by a fraction of a millimetre (estimate)."""
    return strike(gated_phase(work.t, rate_hz, work.rng, gate, 0.3), 0.4, 0.45) * gate


@program(
    "typing",
    "hands",
    also=("typing on a keyboard", "working at a computer", "using a computer", "using a laptop", "desk work"),
    keys_hz=Range(2.5, 8.0, "Hz", 0.5, 15.0),
)
def typing(scene: Scene, *, keys_hz: float) -> Figure:
    """Keys a second of both hands; 50 words a minute are about 5 (Dhakal et al., CHI 2018)."""
    work = Work(scene, scene.pick("sitting", "sitting", "sitting", "sofa"))
    rng, side, lap = scene.rng, work.side, work.posture == "sofa"
    up = (0.17 if lap else work.table_up) + rng.uniform(0.02, 0.06)
    ahead, resting = rng.uniform(0.24, 0.34), scene.chance(0.5)
    gate = bouts(work.t, rng, (1.5, 8.0), (0.4, 2.5), 0.15)
    mouse = (
        visits(work.t, rng, every_s=(4.0, 9.0), go_s=(0.5, 0.8), stay_s=(1.0, 3.0)).share
        if scene.chance(0.45) and not lap
        else np.zeros_like(work.t)
    )
    work.look_down, work.gaze = rng.uniform(8.0, 26.0), 0.2
    work.lean = rng.uniform(-3.0, 8.0)
    for hand in SIDES:
        away = mouse if hand == side else np.zeros_like(work.t)
        own = gate * (1.0 - away) ** 2
        keys = (
            curves.noise(work.t, rng, 2.5, 3)
            * own[:, None]
            * np.array([0.005, 0.010, 0.0015])
            * (0.5 if resting else 1.0)
        )
        tap = _taps(work, keys_hz / 2.0, own)
        home = work.at(hand, ahead + keys[:, 0], 0.095 + keys[:, 1], up + keys[:, 2] + 0.0022 * tap)
        glide = curves.noise(work.t, rng, 1.2, 2) * 0.012 * away[:, None] ** 2
        place = work.at(hand, ahead + 0.05 + glide[:, 0], 0.27 + glide[:, 1], up)
        work.hand(
            hand,
            blend(home, place, away, (0.0, 0.0, 0.03)),
            pronation=rng.uniform(66.0, 82.0) + 90.0 * keys[:, 1] - 10.0 * away,
            flexion=-rng.uniform(5.0, 22.0) + 1.2 * tap,
            deviation=-rng.uniform(3.0, 14.0) - 150.0 * keys[:, 1],
            swivel=rng.uniform(24.0, 42.0),
            grip=0.25,
            still=0.8,
        )
    said = [
        "a person types on a laptop on the lap" if lap else "a person sitting at a desk types on a keyboard",
        "someone is typing",
        "a person works at a computer",
    ]
    if mouse.any():
        said.append("a person types and now and then reaches for the mouse")
    return work.done(*said)


@program("using a mouse", "hands", also=("using a computer mouse",))
def using_mouse(scene: Scene) -> Figure:
    work = Work(scene, "sitting")
    rng = scene.rng
    side = "right" if scene.chance(0.92) else "left"
    count = 4 + int(work.t[-1])
    spots = rng.normal(0.0, 1.0, (count, 2)) * [0.018, 0.028]
    glide, _ = sites_in_turn(work.t, rng, spots, (0.2, 1.2), (0.25, 0.6))
    glide += 0.002 * curves.noise(work.t, rng, 2.0, 2)
    click = strike(gated_phase(work.t, 1.2, rng, bouts(work.t, rng, (0.4, 1.0), (0.6, 2.5), 0.1), 0.4), 0.1, 0.12)
    ahead, out = rng.uniform(0.30, 0.40), rng.uniform(0.16, 0.26)
    work.look_down, work.gaze = rng.uniform(2.0, 15.0), 0.2
    work.hand(
        side,
        work.at(side, ahead + glide[:, 0], out + glide[:, 1], work.table_up + 0.025),
        pronation=rng.uniform(55.0, 75.0),
        flexion=-18.0 + 0.4 * click,
        deviation=-250.0 * glide[:, 1],
        swivel=30.0,
        grip=0.35,
        still=0.9,
    )
    work.idle("left" if side == "right" else "right", scene.pick("desk", "thighs"))
    return work.done(
        f"a person uses a computer mouse with the {side} hand",
        "a person sitting at a desk moves a mouse",
        "someone clicks and scrolls at a computer",
    )


@program(
    "writing",
    "hands",
    also=("writing on paper", "handwriting", "drawing with a pen", "filling out a form"),
    stroke_hz=Range(3.5, 6.0, "Hz", 1.5, 8.0),
)
def writing(scene: Scene, *, stroke_hz: float) -> Figure:
    """Strokes of a pen come at about 5 Hz (Teulings & Maarse, Human Movement Science 3, 1984)."""
    work = Work(scene, "sitting")
    rng, side, other, s = scene.rng, work.side, work.other, work.s
    gate = bouts(work.t, rng, (1.0, 4.0), (0.3, 1.2), 0.12)
    phase = gated_phase(work.t, stroke_hz, rng, gate, 0.12)
    size = 0.003 * gate * scene.around(1.0, 0.3)
    line = 0.14  # metres of a line; the hand crosses it at 1 to 2 cm/s and flies back
    way = np.cumsum(gate) / 120.0 * rng.uniform(0.012, 0.022) + rng.uniform(0.0, line)
    lines = np.floor(way / line)
    share = way / line - lines
    across = line * (np.minimum(share / 0.97, 1.0) - curves.ease((share - 0.97) / 0.03))
    across = np.convolve(np.pad(across, 30, mode="edge"), np.hanning(61) / np.hanning(61).sum(), "valid")
    ahead = rng.uniform(0.28, 0.36) - 0.008 * np.convolve(
        np.pad(lines, 30, mode="edge"), np.hanning(61) / np.hanning(61).sum(), "valid"
    )
    left = 0.09 - across
    work.look_down, work.gaze, work.lean = rng.uniform(32.0, 50.0), 0.15, rng.uniform(4.0, 18.0)
    path = work.at(
        "left",
        ahead + size * np.sin(2 * np.pi * phase) - 0.06,
        left + s * 0.09 + size * 0.6 * np.cos(2 * np.pi * phase),
        work.table_up + 0.03 + 0.01 * (1.0 - gate),
    )
    work.hand(
        side,
        path,
        pronation=rng.uniform(30.0, 50.0),
        flexion=-20.0 + 500.0 * size * np.sin(2 * np.pi * phase),
        swivel=34.0,
        grip=0.6,
        still=0.8,
    )
    work.idle(other, "desk")
    return work.done(
        "a person sitting at a table writes with a pen",
        f"a person writes on paper with the {side} hand",
        "someone writes line after line",
    )


@program("writing on a board", "hands", also=("writing on a whiteboard",), stroke_hz=Range(1.6, 3.2, "Hz", 0.8, 5.0))
def writing_board(scene: Scene, *, stroke_hz: float) -> Figure:
    work = Work(scene)
    rng, side, s = scene.rng, work.side, work.s
    gate = bouts(work.t, rng, (1.0, 3.5), (0.4, 1.2), 0.15)
    phase = gated_phase(work.t, stroke_hz, rng, gate, 0.12)
    size = scene.around(0.028, 0.25) * gate
    way = np.cumsum(gate) / 120.0 * rng.uniform(0.03, 0.07)
    left = 0.20 - np.minimum(way, 0.55)
    work.look_down, work.gaze = -4.0, 0.15
    path = work.at(
        "left",
        0.44 - 0.03 * (1.0 - gate),
        left + s * 0.04 + size * 0.5 * np.cos(2 * np.pi * phase),
        rng.uniform(0.50, 0.74) + size * np.sin(2 * np.pi * phase),
    )
    work.hand(side, path, pronation=rng.uniform(35.0, 60.0), flexion=-15.0, swivel=38.0, grip=0.65)
    work.idle(work.other)
    return work.done(
        "a person standing at a board writes on it",
        f"a person writes on a whiteboard with the {side} hand",
        "someone writes in large letters on a wall",
    )


@program("reading", "hands", also=("reading a book", "reading a newspaper"), page_s=Range(6.0, 20.0, "s", 2.0, 120.0))
def reading(scene: Scene, *, page_s: float) -> Figure:
    work = Work(scene, scene.pick("sitting", "sofa", "sofa", "standing"))
    rng, side, other = scene.rng, work.side, work.other
    up, ahead = (
        (rng.uniform(0.16, 0.26) if work.posture != "sitting" else work.table_up + 0.05),
        rng.uniform(0.27, 0.34),
    )
    page = visits(
        work.t, rng, every_s=(0.8 * page_s, 1.2 * page_s), go_s=(0.4, 0.7), stay_s=(0.1, 0.3), first_s=(0.4, 4.0)
    )
    work.look_down, work.gaze, work.lean = rng.uniform(28.0, 45.0), 0.1, rng.uniform(-2.0, 8.0)
    across = work.at(side, ahead - 0.02, -0.04, up + 0.04)
    work.hand(
        side,
        blend(work.at(side, ahead, 0.11, up), across, page.share, (0.0, 0.0, 0.05)),
        pronation=-25.0 + 50.0 * page.share,
        swivel=24.0,
        grip=0.4,
        still=0.6,
    )
    work.hand(other, work.at(other, ahead, 0.11, up), pronation=-25.0, swivel=24.0, grip=0.4, still=0.7)
    where = {"sitting": "sitting at a table", "sofa": "sitting on a sofa", "standing": "standing"}[work.posture]
    return work.done(
        f"a person {where} reads a book", f"a person turns a page with the {side} hand", "someone is reading"
    )


@program("driving a car", "hands", also=("driving", "steering a car", "in a car", "car ride", "riding in a car", "car"))
def driving(scene: Scene) -> Figure:
    work = Work(scene, "sofa")
    rng = scene.rng
    angle = 12.0 * curves.noise(work.t, rng, 0.35)[:, 0]
    if scene.chance(0.4):
        angle = angle + visits(work.t, rng, every_s=(5.0, 9.0), go_s=(0.9, 1.4), stay_s=(0.6, 1.6)).share * rng.choice(
            [-60.0, 60.0]
        )
    radius, up, buzz = 0.18, rng.uniform(0.26, 0.34), 0.0006 * curves.noise(work.t, rng, 12.0, 3)
    one = scene.chance(0.25)
    held = rng.uniform(-15.0, 30.0)
    work.look_down, work.gaze = 2.0, 0.7
    for hand, s in SIDES.items():
        if one and hand == work.other:
            work.idle(hand, "thighs")
            continue
        theta = np.deg2rad(held + s * angle)
        path = work.at(
            hand,
            0.40 - 0.05 * np.sin(theta) + buzz[:, 0],
            radius * np.cos(theta),
            up + 0.9 * radius * np.sin(theta) + buzz[:, 2],
        )
        work.hand(hand, path, pronation=30.0 + 0.5 * s * angle, flexion=-10.0, swivel=28.0, grip=0.8, still=0.6)
    hands = "one hand" if one else "both hands"
    return work.done(
        "a person drives a car", f"a person steers with {hands} on the wheel", "someone is sitting in a car and driving"
    )


@program("playing the guitar", "hands", also=("playing guitar",), strum_hz=Range(1.5, 4.0, "Hz", 0.5, 7.0))
def playing_guitar(scene: Scene, *, strum_hz: float) -> Figure:
    work = Work(scene, scene.pick("sofa", "standing", "sitting"))
    rng, side, other = scene.rng, work.side, work.other
    beat = np.sin(2 * np.pi * gated_phase(work.t, strum_hz, rng, 1.0, 0.03)) * (
        1.0 + 0.25 * curves.noise(work.t, rng, 1.0)[:, 0]
    )
    chords, _ = sites_in_turn(work.t, rng, rng.uniform(-0.06, 0.06, (5, 1)), (0.8, 2.5), (0.15, 0.35))
    up = 0.26 if work.posture != "standing" else 0.16
    work.look_down, work.look_left = rng.uniform(10.0, 30.0), -work.s * 12.0
    size = scene.around(0.05, 0.25)
    work.hand(
        side,
        work.at(side, 0.27, 0.07, up + size * beat),
        pronation=50.0 + 12.0 * beat,
        flexion=8.0 - 8.0 * beat,
        swivel=46.0,
        grip=0.4,
    )
    vibrato = 0.001 * np.sin(2 * np.pi * 5.5 * work.t) * np.clip(curves.noise(work.t, rng, 0.5)[:, 0], 0.0, 1.0)
    work.hand(
        other,
        work.at(other, 0.30, 0.36 + chords[:, 0] + vibrato, up + 0.14),
        pronation=-60.0,
        flexion=22.0,
        swivel=26.0,
        grip=0.6,
        still=0.4,
    )
    return work.done(
        "a person plays the guitar", f"a person strums a guitar with the {side} hand", "someone makes music on a guitar"
    )


@program("playing the piano", "hands", also=("playing piano",), notes_hz=Range(2.0, 6.0, "Hz", 0.5, 12.0))
def playing_piano(scene: Scene, *, notes_hz: float) -> Figure:
    work = Work(scene, "sitting")
    rng = scene.rng
    work.lean = 5.0 + 3.0 * curves.noise(work.t, rng, 0.3)[:, 0]
    work.look_down = 25.0
    for hand in SIDES:
        spots, moving = sites_in_turn(work.t, rng, rng.uniform(0.06, 0.34, (6, 1)), (0.4, 2.0), (0.2, 0.45))
        hop = np.convolve(moving, np.hanning(25) / np.hanning(25).sum(), "same")
        tap = _taps(work, notes_hz * 0.5, np.ones_like(work.t))
        work.hand(
            hand,
            work.at(hand, 0.36, spots[:, 0], work.table_up + 0.05 + 0.02 * hop + 0.010 * tap),
            pronation=76.0,
            flexion=-4.0 + 7.0 * tap,
            swivel=34.0,
            grip=0.3,
        )
    return work.done(
        "a person plays the piano", "a person sits at a piano and plays with both hands", "someone plays on keys"
    )


@program("playing the drums", "hands", also=("drumming",), beat_hz=Range(2.0, 4.5, "Hz", 0.6, 8.0))
def drumming(scene: Scene, *, beat_hz: float) -> Figure:
    work = Work(scene, "sitting")
    rng = scene.rng
    phase = gated_phase(work.t, beat_hz, rng, 1.0, 0.02)
    for hand, ratio in ((work.side, 1.0), (work.other, scene.pick(0.5, 0.5, 1.0))):
        spots, _ = sites_in_turn(
            work.t, rng, np.array([[0.40, 0.12, 0.14], [0.44, 0.30, 0.30], [0.42, 0.05, 0.20]]), (1.5, 5.0), (0.25, 0.4)
        )
        raised = strike(ratio * phase + (0.5 if ratio < 1.0 else 0.0), 0.5, 0.55)
        size = scene.around(0.09, 0.2) * (3.0 / beat_hz) ** 0.7
        work.hand(
            hand,
            work.at(hand, spots[:, 0] - 0.25 * size * raised, spots[:, 1], spots[:, 2] + size * raised),
            pronation=62.0,
            flexion=4.0 - 28.0 * raised,
            swivel=30.0,
            grip=0.85,
        )
    work.look_down = 12.0
    return work.done("a person plays the drums", "a person beats drums with two sticks", "someone is drumming")


@program("watching tv", "hands", also=("watching television",))
def watching_tv(scene: Scene) -> Figure:
    work = Work(scene, scene.pick("sofa", "sofa", "sitting", "floor"))
    rng, side = scene.rng, work.side
    work.look_down, work.gaze = rng.uniform(-4.0, 8.0), 0.25
    if scene.chance(0.4):
        use = visits(work.t, rng, every_s=(6.0, 14.0), go_s=(0.6, 1.0), stay_s=(0.8, 2.5))
        work.hand(
            side,
            blend(work.at(side, 0.28, 0.12, 0.14), work.at(side, 0.36, 0.10, 0.26), use.share),
            pronation=45.0 - 20.0 * use.share,
            swivel=24.0,
            grip=0.6,
            still=0.8,
        )
        work.idle(work.other)
    else:
        how = scene.pick("lap", "thighs")
        work.idle(side, how)
        work.idle(work.other, how)
    where = {"sofa": "on a sofa", "sitting": "on a chair", "floor": "on the floor"}[work.posture]
    return work.done(
        "a person watches television", f"a person sits still {where} and watches tv", "someone sits and hardly moves"
    )
