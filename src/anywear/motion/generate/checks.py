"""Is a generated motion one a body could make? What is measured, and within what limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..._typing import Array
from ...recording import STANDARD_GRAVITY_MPS2
from .. import quaternion
from .figure import RATE_HZ, SIDES, Figure

SLIDE_M = 0.03
SUNK_M = 0.02
GRAVITY_SHARE = 0.05  # by how much free fall may differ from 9.81 m/s2
MISS_M = 0.05  # targets may be out of reach by this
# Degrees; Norkin & White, "Measurement of Joint Motion", 5th ed., and 10 more for those who are supple.
LIMITS_DEG = {"knee": (-8.0, 160.0), "elbow": (-8.0, 160.0)}
WRIST_DEG, ANKLE_DEG, HIP_DEG, NECK_DEG = (
    100.0,
    75.0,
    150.0,
    80.0,
)  # whole turn of hand, foot, thigh and head against parent
ACCELERATION_MPS2 = {"pelvis": 120.0, "head": 120.0, "hand": 400.0, "foot": 500.0}
JERK_MPS3 = {"pelvis": 4000.0, "hand": 9000.0, "foot": 12000.0}  # rms over the clip


@dataclass(frozen=True)
class Plausibility:
    """What was found.

    Attributes:
        figures: every measure by name.
        faults: what is beyond its limit, in sentences; empty when all is well.
    """

    figures: dict[str, float]
    faults: tuple[str, ...]


def check_figure(figure: Figure) -> Plausibility:
    """Measure a posed figure: joints, feet, ground, flight, reach, acceleration and jerk."""
    found: dict[str, float] = {}
    faults: list[str] = []

    def limit(name: str, value: float, low: float, high: float, unit: str) -> None:
        found[name] = value
        if not low <= value <= high:
            faults.append(f"{name} {value:.3g} {unit}, expected {low:g} to {high:g}")

    for side in SIDES:
        for joint, segment, sign in (("knee", "shank", 1.0), ("elbow", "forearm", -1.0)):
            bend = sign * _angle_about_y(figure.turns[f"{side}_{segment}"])
            low, high = LIMITS_DEG[joint]
            limit(f"{side} {joint} least", float(bend.min()), low, high, "deg")
            limit(f"{side} {joint} most", float(bend.max()), low, high, "deg")
        for segment, most in (("hand", WRIST_DEG), ("foot", ANKLE_DEG), ("thigh", HIP_DEG)):
            limit(f"{side} {segment} turn", _most_deg(figure.turns[f"{side}_{segment}"]), 0.0, most, "deg")
        if side in figure.contact:
            limit(f"{side} foot slide", foot_slide_m(figure, side), 0.0, SLIDE_M, "m")
    neck = quaternion.multiply(figure.turns["neck"], figure.turns["head"])
    limit("head turn", _most_deg(neck), 0.0, NECK_DEG, "deg")
    for limb, miss in figure.misses_m.items():
        limit(f"{limb} out of reach", miss, 0.0, MISS_M, "m")
    if figure.level:
        limit("below ground", max(0.0, -_lowest_m(figure)), 0.0, SUNK_M, "m")
    gravity = flight_gravity_mps2(figure)
    if gravity is not None:
        share = abs(gravity / STANDARD_GRAVITY_MPS2 - 1.0)
        limit("free fall off by", share, 0.0, GRAVITY_SHARE, "of g")
    for part, most in ACCELERATION_MPS2.items():
        for segment in [part] if part in figure.turns else [f"{side}_{part}" for side in SIDES]:
            track = figure.point(segment)
            acc = np.diff(track, 2, axis=0) * RATE_HZ**2
            limit(f"{segment} acceleration", float(np.linalg.norm(acc, axis=1).max(initial=0.0)), 0.0, most, "m/s2")
            if part in JERK_MPS3:
                jerk = np.diff(acc, axis=0) * RATE_HZ
                rms = float(np.sqrt(np.mean((jerk**2).sum(axis=1)))) if len(jerk) else 0.0
                limit(f"{segment} jerk", rms, 0.0, JERK_MPS3[part], "m/s3")
    return Plausibility(found, tuple(faults))


def foot_slide_m(figure: Figure, side: str) -> float:
    """Furthest way that a point of the sole moves along the ground while the foot stands on it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], figure.contact[side].astype(int), [0]])))
    sole = figure.sole(side)
    worst = 0.0
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        for name in ("heel", "ball"):
            track = sole[name][first:stop]
            on = track[:, 2] - track[:, 2].min() < 0.005
            if on.sum() > 2:
                worst = max(worst, float(np.ptp(track[on, :2], axis=0).max()))
    return worst


def flight_gravity_mps2(figure: Figure) -> float | None:
    """Downward acceleration of the centre of mass in flight, median; None where nothing flies."""
    if figure.airborne is None or not figure.airborne.any():
        return None
    falling = -np.diff(figure.centre_of_mass_m()[:, 2], 2) * RATE_HZ**2
    inside = figure.airborne[:-2] & figure.airborne[1:-1] & figure.airborne[2:]
    return float(np.median(falling[inside])) if inside.any() else None


def _lowest_m(figure: Figure) -> float:
    tracks = [track for side in SIDES for track in figure.sole(side).values()]
    tracks += [
        figure.point(segment) for segment in ("pelvis", "head", "left_hand", "right_hand", "left_shank", "right_shank")
    ]
    return float(min(track[:, 2].min() for track in tracks))


def _angle_about_y(quat: Array) -> Array:
    angle = 2.0 * np.rad2deg(np.arctan2(quat[:, 1], quat[:, 3]))
    return (angle + 180.0) % 360.0 - 180.0


def _most_deg(quat: Array) -> float:
    return float(np.rad2deg(2.0 * np.arccos(np.clip(np.abs(quat[:, 3]), 0.0, 1.0)).max()))
