"""Washing, grooming and dressing.

Tooth brushing runs at 3 to 5 Hz in strokes of 2 to 4 cm, with a change of place every few seconds (Huang & Lin, ACM
UbiComp 2016); the other tempi are estimates.
"""

from __future__ import annotations

import numpy as np

from . import curves
from .figure import SIDES, Figure
from .handwork import Work, blend
from .registry import Range, Scene, program
from .rhythms import bouts, gated_phase, sites_in_turn, visits


def _wave(phase):
    return np.sin(2.0 * np.pi * phase), np.cos(2.0 * np.pi * phase)


@program(
    "brushing teeth",
    "hands",
    also=("brush teeth", "tooth brushing"),
    rate_hz=Range(3.0, 5.0, "Hz", 1.0, 8.0),
    stroke_m=Range(0.015, 0.04, "m", 0.005, 0.08),
)
def brushing_teeth(scene: Scene, *, rate_hz: float, stroke_m: float) -> Figure:
    work = Work(scene)
    rng, side, other = scene.rng, work.side, work.other
    # Places in the mouth: wrist ahead, out and up of it, pronation, swivel.
    places = np.array(
        [
            [0.10, 0.10, -0.045, 30.0, 52.0],
            [0.12, 0.06, -0.05, 10.0, 42.0],
            [0.09, 0.02, -0.04, -15.0, 58.0],
            [0.10, 0.11, -0.02, 50.0, 66.0],
            [0.11, 0.08, -0.06, -35.0, 38.0],
        ]
    )
    places = places + rng.normal(0.0, 1.0, places.shape) * [0.008, 0.008, 0.008, 8.0, 5.0]
    where, moving = sites_in_turn(work.t, rng, places, (1.5, 5.0), (0.3, 0.7))
    gate = bouts(work.t, rng, (4.0, 12.0), (0.5, 1.4), 0.15)
    beat, late = _wave(gated_phase(work.t, rate_hz, rng, gate, 0.06))
    gate = gate * (1.0 - 0.6 * np.convolve(moving, np.ones(25) / 25.0, "same"))
    size = 0.5 * stroke_m * gate * (1.0 + 0.2 * curves.noise(work.t, rng, 1.0)[:, 0])
    slant = rng.uniform(-0.35, 0.35)
    path = work.near_face(
        side,
        "mouth",
        where[:, 0] + 0.35 * size * beat,
        where[:, 1] + 0.9 * size * beat,
        where[:, 2] + slant * size * beat + 0.2 * size * late,
    )
    turn = 8.0 * gate * beat
    work.lean, work.bend = rng.uniform(0.0, 8.0), rng.uniform(0.0, 12.0)
    work.look_down, work.gaze = rng.uniform(-2.0, 20.0), 0.3
    work.hand(
        side, path, pronation=where[:, 3] + turn, flexion=-8.0 + 5.0 * gate * beat, swivel=where[:, 4] - 28.0, grip=0.85
    )
    if scene.chance(0.3):
        work.hand(other, work.at(other, 0.34, 0.20, -0.02), pronation=70.0, swivel=25.0, still=0.9)
    else:
        work.idle(other)
    fast = "quickly " if rate_hz > 4.5 else ""
    return work.done(
        f"a person {fast}brushes the teeth",
        f"a person brushes their teeth with the {side} hand",
        "someone stands and moves a toothbrush to and fro in the mouth",
    )


@program("combing hair", "hands", also=("brushing hair", "comb hair"), stroke_s=Range(1.0, 2.2, "s", 0.5, 5.0))
def combing_hair(scene: Scene, *, stroke_s: float) -> Figure:
    work = Work(scene, scene.pick("standing", "standing", "sitting"))
    rng, side, other = scene.rng, work.side, work.other
    phase = gated_phase(work.t, 1.0 / stroke_s, rng, bouts(work.t, rng, (4.0, 9.0), (0.6, 1.5)), 0.12)
    share = phase % 1.0
    along = curves.ease(share / 0.62) - curves.ease(
        (share - 0.66) / 0.34
    )  # down through the hair, back through the air
    lift = np.where(share > 0.64, np.sin(np.pi * np.clip((share - 0.64) / 0.36, 0.0, 1.0)) ** 2, 0.0)
    area, _ = sites_in_turn(
        work.t, rng, np.array([[0.0, 0.02], [0.05, 0.0], [-0.05, 0.01], [-0.02, 0.03]]), (2.0, 5.0), (0.5, 0.9)
    )
    long = rng.uniform(0.6, 1.2)
    path = work.near_face(
        side,
        "temple",
        0.15 + area[:, 0] - 0.09 * along + 0.02 * lift,
        0.085 + area[:, 1] + 0.03 * lift,
        0.09 - 0.12 * long * along + 0.02 * lift,
    )
    work.tilt = -work.s * rng.uniform(-2.0, 5.0)
    work.look_down = rng.uniform(-3.0, 10.0)
    work.hand(
        side,
        path,
        pronation=rng.uniform(20.0, 45.0) - 25.0 * along,
        flexion=-5.0 + 18.0 * along,
        swivel=36.0 - 10.0 * along,
        grip=0.8,
    )
    work.idle(other)
    return work.done(
        f"a person combs the hair with the {side} hand",
        "a person brushes their hair",
        "someone pulls a comb through the hair again and again",
    )


@program("washing hands", "hands", also=("wash hands", "hand washing"), rate_hz=Range(1.2, 2.8, "Hz", 0.5, 5.0))
def washing_hands(scene: Scene, *, rate_hz: float) -> Figure:
    work = Work(scene)
    rng, side, other = scene.rng, work.side, work.other
    gate = bouts(work.t, rng, (4.0, 10.0), (0.5, 1.2), 0.2)
    beat, late = _wave(gated_phase(work.t, rate_hz, rng, gate, 0.1))
    # Palm on palm, palm on back, round each other: how the hands lie changes every few seconds.
    ways = np.array([[0.0, 0.0, 0.035], [35.0, 60.0, 0.02], [60.0, 35.0, 0.02], [15.0, -20.0, 0.03]])
    way, _ = sites_in_turn(work.t, rng, ways, (1.5, 4.0), (0.4, 0.8))
    size = gate * scene.around(0.028, 0.3)
    ahead, up = rng.uniform(0.34, 0.42), rng.uniform(0.03, 0.10)
    work.bend, work.look_down = rng.uniform(10.0, 24.0), rng.uniform(28.0, 42.0)
    for hand, sign, turned in ((side, 1.0, way[:, 0]), (other, -1.0, way[:, 1])):
        path = work.at(hand, ahead + sign * size * beat, way[:, 2] + 0.01, up + sign * (0.012 + 0.4 * size * late))
        work.hand(
            hand,
            path,
            pronation=10.0 + turned + sign * 10.0 * gate * late,
            flexion=sign * 8.0 * gate * beat,
            swivel=30.0,
            grip=0.2,
        )
    return work.done(
        "a person washes the hands at a basin",
        "a person rubs the hands against each other under water",
        "someone bends over a sink and washes their hands",
    )


@program("washing face", "hands", also=("wash face",))
def washing_face(scene: Scene) -> Figure:
    work = Work(scene)
    rng = scene.rng
    splash = visits(work.t, rng, every_s=(2.2, 4.2), go_s=(0.5, 0.8), stay_s=(0.6, 1.4))
    rub = gated_phase(work.t, scene.around(2.4, 0.2), rng, splash.share, 0.12)
    beat, late = _wave(rub)
    there = splash.share**4
    work.bend = rng.uniform(28.0, 42.0) + 8.0 * splash.share
    work.look_down = 45.0
    for hand in SIDES:
        home = work.at(hand, 0.38, 0.045, 0.06)
        face = work.near_face(hand, "nose", 0.075, 0.055 + 0.012 * late * there, -0.09 + 0.025 * beat * there)
        work.hand(
            hand,
            blend(home, face, splash.share, (0.04, 0.0, -0.02)),
            pronation=-45.0 + 15.0 * splash.share,
            flexion=15.0,
            swivel=20.0,
            grip=0.35,
        )
    return work.done(
        "a person washes the face",
        "a person bends over a basin and splashes water into the face",
        "someone rubs their face with both hands",
    )


@program("shaving", "hands", also=("shaving face", "applying make-up"), stroke_s=Range(0.7, 1.6, "s", 0.35, 4.0))
def shaving(scene: Scene, *, stroke_s: float) -> Figure:
    work = Work(scene)
    rng, side, other, s = scene.rng, work.side, work.other, work.s
    gate = bouts(work.t, rng, (3.0, 7.0), (0.6, 1.5), 0.2)
    share = gated_phase(work.t, 1.0 / stroke_s, rng, gate, 0.15) % 1.0
    along = curves.ease(share / 0.6) - curves.ease((share - 0.65) / 0.35)
    off = np.sin(np.pi * np.clip((share - 0.62) / 0.38, 0.0, 1.0)) ** 2 * (share > 0.62)
    areas = np.array(
        [[0.06, 0.06, 0.0, 15.0], [0.09, 0.02, -0.03, -10.0], [0.08, -0.04, 0.0, -35.0], [0.05, 0.07, -0.05, 25.0]]
    )
    area, _ = sites_in_turn(work.t, rng, areas, (2.5, 6.0), (0.5, 0.9))
    path = work.near_face(
        side, "cheek", area[:, 0] + 0.02 + 0.012 * off, area[:, 1] + 0.02, area[:, 2] - 0.07 - 0.05 * along
    )
    work.tilt, work.look_down = s * rng.uniform(-6.0, 6.0), rng.uniform(-15.0, 2.0)
    work.lean, work.bend = 4.0, rng.uniform(2.0, 12.0)
    work.hand(side, path, pronation=area[:, 3] - 8.0 * along, flexion=-5.0 + 10.0 * along, swivel=18.0, grip=0.75)
    work.idle(other)
    return work.done(
        f"a person shaves with the {side} hand",
        "a person shaves the face before a mirror",
        "someone draws a razor down the cheek in short strokes",
    )


@program("putting on a jacket", "hands", also=("dressing", "getting dressed", "putting on clothes"))
def putting_on_jacket(scene: Scene) -> Figure:
    work = Work(scene)
    rng, first, second = scene.rng, scene.pick(*SIDES), ""
    second = "left" if first == "right" else "right"
    end = float(work.t[-1])
    at = end * (
        np.array([0.0, 0.08, 0.25, 0.36, 0.50, 0.62, 0.76, 0.88, 1.0]) + np.r_[0.0, rng.normal(0.0, 0.008, 7), 0.0]
    )
    # One arm into its sleeve while the other holds the collar, then the other behind the back, then the front is pulled.
    one = np.array(
        [
            [0.05, 0.27, -0.02],
            [0.34, 0.12, 0.22],
            [0.20, 0.40, 0.10],
            [0.30, 0.30, 0.20],
            [0.26, 0.20, 0.40],
            [0.24, 0.16, 0.42],
            [0.30, 0.07, 0.12],
            [0.30, 0.07, 0.05],
            [0.05, 0.27, -0.02],
        ]
    )
    two = np.array(
        [
            [0.05, 0.27, -0.02],
            [0.34, 0.10, 0.22],
            [0.22, -0.02, 0.42],
            [0.20, 0.16, 0.46],
            [-0.14, 0.26, 0.14],
            [0.12, 0.44, 0.10],
            [0.30, 0.07, 0.12],
            [0.30, 0.05, 0.22],
            [0.05, 0.27, -0.02],
        ]
    )
    turned = curves.keyframes(work.t, at.tolist(), [15, 40, 20, 40, 60, 60, 40, 30, 15])
    for hand, spots in ((first, one), (second, two)):
        spots = spots + rng.normal(0.0, 0.012, spots.shape)
        way = curves.keyframes(work.t, at.tolist(), spots)
        shake = 0.008 * curves.noise(work.t, rng, 2.0, 3)
        work.hand(hand, work.at(hand, *(way + shake).T), pronation=turned, swivel=34.0, flexion=0.0)
    s = SIDES[first]
    work.twist = curves.keyframes(
        work.t, at.tolist(), [0.0, 0.0, 12.0 * s, 8.0 * s, -18.0 * s, -8.0 * s, 0.0, 0.0, 0.0]
    )
    work.tilt = curves.keyframes(work.t, at.tolist(), [0.0, 0.0, -4.0 * s, 0.0, 8.0 * s, 5.0 * s, 0.0, 0.0, 0.0])
    work.look_down = 15.0
    return work.done(
        "a person puts on a jacket",
        f"a person puts the {first} arm into a sleeve first, then the {second} one",
        "someone gets dressed",
    )


@program("tying shoes", "hands", also=("tying shoelaces", "putting on shoes", "put on shoes"))
def tying_shoes(scene: Scene) -> Figure:
    work = Work(scene, "sitting")
    rng, t = scene.rng, work.t
    gate = bouts(t, rng, (1.5, 4.0), (0.4, 0.9), 0.2)
    loop, late = _wave(gated_phase(t, scene.around(1.1, 0.2), rng, gate, 0.25))
    size = 0.035 * gate
    pull = np.clip(curves.noise(t, rng, 0.5)[:, 0], 0.0, 2.0) * 0.04
    work.bend, work.gaze = rng.uniform(48.0, 60.0), 0.1
    work.look_down = 70.0
    for hand, sign in (("left", 1.0), ("right", -1.0)):
        path = work.at(
            hand, 0.46 + sign * size * late, 0.05 + pull + size * loop * 0.5, -0.21 + 0.6 * size * sign * loop
        )
        work.hand(
            hand,
            path,
            pronation=40.0 + 18.0 * sign * gate * loop,
            flexion=5.0 + 12.0 * gate * late,
            swivel=35.0,
            grip=0.6,
        )
    return work.done(
        "a person ties the shoes",
        "a person sitting on a chair bends down to the feet and ties the laces",
        "someone puts on shoes",
    )


@program("cleaning glasses", "hands", also=("rubbing hands", "applying cream"), rate_hz=Range(1.0, 3.0, "Hz", 0.4, 6.0))
def rubbing_hands(scene: Scene, *, rate_hz: float) -> Figure:
    work = Work(scene, scene.pick("standing", "sitting"))
    rng = scene.rng
    gate = bouts(work.t, rng, (2.0, 6.0), (0.6, 2.0), 0.2)
    beat, late = _wave(gated_phase(work.t, rate_hz, rng, gate, 0.12))
    size, up = gate * scene.around(0.018, 0.3), rng.uniform(0.20, 0.30)
    work.look_down = 28.0
    for hand, sign in ((work.side, 1.0), (work.other, -0.4)):
        work.hand(
            hand,
            work.at(hand, 0.30 + sign * size * beat, 0.05 + 0.3 * size * late, up + sign * size * late),
            pronation=35.0 + sign * 12.0 * gate * late,
            swivel=26.0,
            grip=0.6,
        )
    return work.done(
        "a person rubs something clean between the fingers",
        "a person cleans a pair of glasses",
        "someone rubs with small circles of the hands",
    )
