"""Falls: forward, backward, to a side, from standing, walking and sitting, and fainting.

A fall from standing takes 0.6 to 1 s from the loss of balance to the ground and ends at 2.5 to 3.5 m/s (Hsiao & Robinovitch,
J. Biomechanics 31, 1998); the pelvis then stops within about 60 to 120 ms, 3 to 8 g at the waist. Other sizes are estimates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..._typing import Array
from .. import quaternion
from . import curves, life, lying, postures, walking
from .between import Pose, keep_above, plant, still, take
from .figure import RATE_HZ, SIDES, SPINE, Figure, X, Y, Z, chain, heading, turn
from .registry import Choice, Range, Scene, program

LENGTH = Range(6.0, 12.0, "s", 4.5, 60.0)
LANDING_S = 0.4  # until what a fall shakes has come to rest
AFTER = Choice(("still", "moving"), (3, 2))
AWAY = {"forward": (1.0, 0.0), "backward": (-1.0, 0.0), "left": (0.0, 1.0), "right": (0.0, -1.0)}
LANDS = {"forward": "front", "backward": "back", "left": "left side", "right": "right side"}


@dataclass(frozen=True)
class Fall:
    """How a body goes down.

    Attributes:
        begin_s, hit_s: loss of balance, and the pelvis on the ground.
        power: of time, for the way down; 2 is steady acceleration.
        stop_s: standard deviation of the stop in time; the stop lasts about four of them.
        away_m: how far the pelvis lands from where it was.
        knees_deg, arms_deg: how far knees buckle and arms fly up on the way.
        curl_deg: how far the trunk bends on the way.
    """

    begin_s: float
    hit_s: float
    power: float
    stop_s: float
    away_m: float
    knees_deg: float
    arms_deg: float
    curl_deg: float

    def share(self, time_s: Array, late_s: float = 0.0, power: float = 0.0) -> Array:
        """0 before, 1 on the ground, faster and faster between and stopped at once."""
        length = self.hit_s + late_s - self.begin_s
        raw = np.clip((time_s - self.begin_s) / length, 0.0, 1.0) ** (power or self.power)
        # Trunk and head, which turn, are stopped more softly than the pelvis, which lands.
        stop_s = self.stop_s + (0.014 if power else 0.0)
        return gaussian_filter1d(raw, stop_s * RATE_HZ, mode="nearest")


def _draw(scene: Scene, begin_s: float, how: str, drop_m: float) -> Fall:
    rng, h = scene.rng, scene.person.height_m
    # From rest, a fall with power p over a drop ends at p * drop / time.
    power = rng.uniform(2.3, 2.9) if how != "faint" else rng.uniform(1.9, 2.4)
    speed = rng.uniform(2.5, 3.4) if how != "faint" else rng.uniform(1.8, 2.7)
    speed *= min(1.0, float(np.sqrt(drop_m / 0.8)))
    seconds = power * drop_m / speed
    away = {
        "forward": (0.25, 0.42),
        "backward": (0.12, 0.28),
        "left": (0.16, 0.34),
        "right": (0.16, 0.34),
        "faint": (0.04, 0.16),
    }
    knees = {"forward": (20.0, 75.0), "backward": (40.0, 95.0), "faint": (70.0, 98.0)}.get(how, (15.0, 70.0))
    arms = {"forward": (40.0, 85.0), "backward": (15.0, 60.0), "faint": (0.0, 8.0)}.get(how, (15.0, 50.0))
    curl = {"forward": (0.0, 30.0), "backward": (15.0, 45.0), "faint": (15.0, 45.0)}.get(how, (5.0, 25.0))
    return Fall(begin_s, begin_s + seconds, power, rng.uniform(0.017, 0.032), rng.uniform(*away[how]) * h,
                rng.uniform(*knees), rng.uniform(*arms), rng.uniform(*curl))  # fmt: skip


def _go_down(
    scene: Scene,
    figure: Figure,
    fall: Fall,
    end: Pose,
    away: Array,
    feet: Pose | None,
    moving: bool,
    folded: bool = False,
) -> None:
    """Take a figure that stands, walks or sits to the ground.

    Args:
        scene: randomness and person.
        figure: posed with what comes before, for all its time.
        fall: how.
        end: lying, its pelvis over the origin.
        away: (3,) level direction of the fall.
        feet: whose feet stay planted until they are torn away; None where they walk or slip.
        moving: the fallen person moves.
        folded: legs are bent from sitting and stretch only at the end.
    """
    rng, t = scene.rng, figure.t
    frame = min(round(fall.begin_s * RATE_HZ), len(t) - 2)
    start = figure.pelvis_m[frame]
    speed = (figure.pelvis_m[frame] - figure.pelvis_m[frame - 1]) * RATE_HZ * np.array([1.0, 1.0, 0.0])
    # What speed there is runs out on the way down.
    since = np.maximum(t - t[frame], 0.0)
    glide = (fall.hit_s - fall.begin_s) * 0.7
    run = glide * (1.0 - np.exp(-since / glide))
    down, level = fall.share(t), fall.share(t, 0.04, 1.8)
    place = start + run[:, None] * speed + level[:, None] * fall.away_m * away
    place[:, 2] = start[2] + down * (end.pelvis_m[2] - start[2])
    bounce = rng.uniform(0.005, 0.025) * curves.bump(t, fall.hit_s, fall.hit_s + rng.uniform(0.16, 0.26))
    place[:, 2] += bounce
    before = figure.pelvis_m.copy()
    figure.pelvis_m = np.where((np.arange(len(t)) < frame)[:, None], before, place)
    wide = slice(max(frame - 6, 0), frame + 7)  # the join, smoothed
    figure.pelvis_m[wide] = gaussian_filter1d(figure.pelvis_m, 3.0, axis=0, mode="nearest")[wide]
    trunk_late, head_late, leg_late = rng.uniform(0.0, 0.12), rng.uniform(0.05, 0.2), rng.uniform(-0.1, 0.15)
    shares = {
        "pelvis": fall.share(t, 0.3 * trunk_late, 3.0 if folded else 2.0), "trunk": fall.share(t, trunk_late, 1.7),
        "head": fall.share(t, head_late, 1.7), "arm": fall.share(t, rng.uniform(-0.08, 0.15), 1.5),
        "leg": fall.share(t, 0.2, 3.5) if folded else fall.share(t, leg_late, 1.6),
    }  # fmt: skip
    groups = {"pelvis": ("pelvis",), "trunk": SPINE, "head": ("neck", "head")}
    groups["arm"] = tuple(f"{s}_{p}" for s in SIDES for p in life.ARM)
    groups["leg"] = tuple(f"{s}_{p}" for s in SIDES for p in ("thigh", "shank", "foot", "toes"))
    for group, names in groups.items():
        life.mix(
            figure, {name: np.tile(end.turns[name], (len(t), 1)) for name in names}, np.clip(shares[group], 0.0, 1.0)
        )
    on_way = curves.bump(t, fall.begin_s, fall.hit_s + 0.12)
    for segment in SPINE:
        life.overlay(figure, segment, turn(Y, fall.curl_deg * on_way / 3.0))
    figure.turns["neck"] = chain(turn(Y, -0.35 * fall.curl_deg * on_way), figure.turns["neck"])
    for side, s in SIDES.items():
        flung = fall.arms_deg * rng.uniform(0.6, 1.2) * on_way
        out = rng.uniform(0.2, 0.9) * flung * 0.6
        figure.turns[f"{side}_upper_arm"] = chain(turn(Y, -flung), turn(X, s * out), figure.turns[f"{side}_upper_arm"])
        life.overlay(figure, f"{side}_shank", turn(Y, fall.knees_deg * rng.uniform(0.8, 1.1) * on_way))
        life.overlay(figure, f"{side}_thigh", turn(Y, -0.5 * fall.knees_deg * rng.uniform(0.8, 1.1) * on_way))
    if moving:
        # Whoever is hurt moves slowly: arms, head and knees.
        woke = curves.stroke(t, fall.hit_s + rng.uniform(0.6, 2.0), fall.hit_s + 3.0)
        for side in SIDES:
            stir = curves.noise(t, rng, rng.uniform(0.3, 0.8), 3) * woke[:, None]
            life.overlay(figure, f"{side}_upper_arm", turn(Y, -6.0 * stir[:, 0]))
            life.overlay(figure, f"{side}_forearm", turn(Y, -8.0 * np.abs(stir[:, 1])))
            life.overlay(figure, f"{side}_shank", turn(Y, 8.0 * np.abs(stir[:, 2])))
            life.overlay(figure, f"{side}_thigh", turn(Y, -5.0 * np.abs(stir[:, 2])))
        rock = curves.noise(t, rng, 0.4, 2) * woke[:, None]
        life.overlay(figure, "pelvis", turn(Z, 3.0 * rock[:, 0]))
        life.overlay(figure, "neck", turn(Z, 6.0 * rock[:, 1]))
    if feet is not None:
        half = 0.5 * (fall.begin_s + fall.hit_s)
        free = curves.stroke(t, fall.begin_s + rng.uniform(0.0, 0.3) * (half - fall.begin_s), fall.hit_s - 0.02)
        plant(figure, feet, free, contact=False)
        down_until = free == 0.0
    else:
        down_until = t < fall.begin_s
    figure.contact = {side: on & down_until for side, on in figure.contact.items()}
    keep_above(figure)


def _fall(
    scene: Scene, direction: str, start: str, after: str, lands: str | None = None, how: str | None = None
) -> Figure:
    rng, h = scene.rng, scene.person.height_m
    seconds = max(scene.seconds, 4.5)
    figure = scene.figure(seconds)
    begin_s = float(rng.uniform(1.0, min(3.5, seconds - 3.0)))
    if start == "walking":
        walking.stride(scene, figure, rng.uniform(0.7, 1.6))
    elif start == "sitting":
        postures.sit(scene, figure, legs="flat", arms=scene.pick("lap", "thighs", "armrests"))
    else:
        postures.stand_still(scene, figure, arms=scene.pick("hanging", "hanging", "hanging", "phone"), shifting=False)
    frame = round(begin_s * RATE_HZ)
    feet = take(figure, frame) if start != "walking" else None
    yaw = float(rng.normal(0.0, 14.0))
    end = still(scene, lying.lie, on=lands or LANDS[direction], straight=True)
    end = end.moved(np.zeros(3), yaw)
    drop = float(figure.pelvis_m[frame, 2] - end.pelvis_m[2])
    fall = _draw(scene, begin_s, how or direction, drop)
    scene.acts_s.append((fall.begin_s, fall.hit_s + LANDING_S))
    ahead, aside = AWAY[direction]
    away = quaternion.rotate(heading(yaw), np.array([ahead, aside, 0.0]))
    if start == "sitting":  # off the seat
        fall = Fall(fall.begin_s, fall.hit_s, fall.power, fall.stop_s, max(fall.away_m, 0.2 * h), 0.0,
                    fall.arms_deg, fall.curl_deg)  # fmt: skip
    _go_down(
        scene, figure, fall, end, away, feet if start == "standing" else None, after == "moving", start == "sitting"
    )
    life.breathe(figure, rng, depth=1.4)
    return figure


def _words(figure: Figure, direction: str, start: str, after: str) -> None:
    where = direction if direction in ("forward", "backward") else f"to the {direction}"
    from_what = {"standing": "while standing", "walking": "while walking", "sitting": "off a chair"}[start]
    stays = "lies still" if after == "still" else "moves on the ground"
    figure.said += [f"a person falls {where}", f"a person falls {where} {from_what}",
                    f"someone falls down {where} and then {stays}"]  # fmt: skip


START = Choice(("standing", "walking", "sitting"), (2, 2, 1))


@program(
    "falling forward",
    "falls",
    also=("fall forward", "falling on the face", "falling", "falling down", "fall"),
    seconds=LENGTH,
    start=START,
    after=AFTER,
)
def falling_forward(scene: Scene, *, start: str, after: str) -> Figure:
    figure = _fall(scene, "forward", start, after)
    _words(figure, "forward", start, after)
    if start == "walking":
        figure.said.append("a person trips while walking and falls forward")
    return figure


@program(
    "falling backward", "falls", also=("fall backward", "falling on the back"), seconds=LENGTH, start=START, after=AFTER
)
def falling_backward(scene: Scene, *, start: str, after: str) -> Figure:
    figure = _fall(scene, "backward", start, after)
    _words(figure, "backward", start, after)
    if start == "walking":
        figure.said.append("a person slips while walking and falls on the back")
    return figure


@program("falling to the left", "falls", also=("falling left", "lateral fall", "falling sideways"), seconds=LENGTH,
         start=START, after=AFTER)  # fmt: skip
def falling_left(scene: Scene, *, start: str, after: str) -> Figure:
    figure = _fall(scene, "left", start, after)
    _words(figure, "left", start, after)
    return figure


@program("falling to the right", "falls", also=("falling right",), seconds=LENGTH, start=START, after=AFTER)
def falling_right(scene: Scene, *, start: str, after: str) -> Figure:
    figure = _fall(scene, "right", start, after)
    _words(figure, "right", start, after)
    return figure


@program(
    "tripping and falling", "falls", also=("trip", "tripping", "stumbling and falling"), seconds=LENGTH, after=AFTER
)
def tripping(scene: Scene, *, after: str) -> Figure:
    figure = _fall(scene, "forward", "walking", after)
    figure.said += ["a person trips and falls", "a person catches a foot on something while walking and falls",
                    "someone stumbles over something and falls"]  # fmt: skip
    return figure


@program("slipping and falling", "falls", also=("slip", "slipping"), seconds=LENGTH, after=AFTER)
def slipping(scene: Scene, *, after: str) -> Figure:
    direction = scene.pick("backward", "backward", "left", "right")
    figure = _fall(scene, direction, "walking", after)
    where = "backward" if direction == "backward" else f"to the {direction}"
    figure.said += ["a person slips and falls", f"a person slips while walking and falls {where}",
                    "someone slips and lands on the ground"]  # fmt: skip
    return figure


@program("fainting", "falls", also=("collapsing", "fainting and falling", "passing out"), seconds=LENGTH,
         start=Choice(("standing", "walking", "sitting"), (3, 1, 1)))  # fmt: skip
def fainting(scene: Scene, *, start: str) -> Figure:
    direction = scene.pick("forward", "backward", "left", "right")
    figure = _fall(scene, direction, start, "still", how="faint")
    figure.said += ["a person faints", f"a person collapses {'off a chair' if start == 'sitting' else 'to the ground'}",
                    f"someone faints while {start} and lies still"]  # fmt: skip
    return figure


@program("falling from a chair", "falls", also=("falling off a chair", "fall while sitting"), seconds=LENGTH,
         direction=Choice(tuple(AWAY)), after=AFTER)  # fmt: skip
def falling_from_chair(scene: Scene, *, direction: str, after: str) -> Figure:
    figure = _fall(scene, direction, "sitting", after)
    where = direction if direction in ("forward", "backward") else f"to the {direction}"
    figure.said += ["a person falls from a chair", f"a sitting person falls {where} off the chair",
                    "someone falls off a chair onto the floor"]  # fmt: skip
    return figure
