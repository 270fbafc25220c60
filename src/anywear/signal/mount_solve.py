"""From windows of walking to mounts: which windows were worn alike, the means of their directions, and how far off these are.

The mean specific force of walking is not quite the segment's up: thighs and shanks lean over a step. How they lean on
average is known from simulated walking (`LEANS`) and taken out where forward is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from ..placement import Mount, Vector
from .mount_evidence import Evidence

REMOUNTED_DEG = 40.0  # a change of the vertical that no gait makes
REMOUNTED_WINDOWS = 3  # in a row
REMOUNTED_S = 15.0  # of walking that a wearing needs beside others
REMOUNTED_SPREAD_DEG = 12.0  # most that up may vary in it
TURNED_DEG = (70.0, 140.0)  # a change of forward that no gait makes; stairs and walking backward reverse it
TURNED_WINDOWS = 12  # in a row
TURNED_SPREAD_DEG = 25.0  # most that forward may vary in a group that stands apart by forward alone
CLEAR = 0.3  # length of a window's forward from which it may speak of a re-mounting
AS_BEFORE_DEG = 25.0  # mounts before and after a short stretch that differ less are one, and the stretch was no walking
SHORT_S, SHORT_SHARE = 60.0, 0.25  # such a stretch: seconds, and share of what is around it
LEAST_WALKING_S = 5.0
FAR_DEG = 10.0  # from here on a window's direction counts less in a mean
ROUNDS = 8  # of that mean; it has settled by the fifth
HELD_SHARE = 0.6  # of windows that have to agree with the mean up within `HELD_DEG`
HELD_DEG = 30.0
UNCLEAR = 0.25  # mean length of the windows' forward below which it is none
PACES_S = 30.0  # walking that counts as one independent look
UP_DECLINED_DEG = 35.0
FORWARD_DECLINED_DEG = 40.0


@dataclass(frozen=True)
class Lean:
    """How a segment is held in walking, and how far that is known. Directions: forward, away from the midline, up.

    Attributes:
        up: mean specific force, segment frame.
        forward: what walking tells as forward, segment frame.
        up_error_deg: usual distance of a person's mean from `up` once forward is known.
        bare_up_error_deg: likewise from the segment's own up where forward is not known.
        forward_error_deg: usual distance of a person's forward from `forward`; None where forward is not told.
    """

    up: Vector = (0.0, 0.0, 1.0)
    forward: Vector = (1.0, 0.0, 0.0)
    up_error_deg: float = 9.0
    bare_up_error_deg: float = 9.0
    forward_error_deg: float | None = 10.0


LEANS: dict[str, Lean] = {
    "trunk": Lean(),
    "shoulder": Lean(up_error_deg=33.0, bare_up_error_deg=33.0, forward_error_deg=15.0),
    "upper_arm": Lean((-0.11, 0.15, 0.98), (0.98, 0.18, 0.09), 10.0, 14.0, 15.0),
    "thigh": Lean((0.11, -0.11, 0.99), (0.99, 0.0, -0.11), 9.0, 12.0, 11.0),
    "shank": Lean((-0.31, -0.12, 0.94), (0.95, -0.05, 0.3), 9.0, 22.0, 10.0),
    "foot": Lean((-0.18, -0.01, 0.98), (0.98, -0.01, 0.18), 9.0, 14.0, 10.0),
    "toes": Lean(up_error_deg=9.0, bare_up_error_deg=9.0, forward_error_deg=10.0),
    "fingers": Lean(up_error_deg=50.0, bare_up_error_deg=50.0, forward_error_deg=None),  # they bend as they like
    "arm": Lean(up_error_deg=20.0, bare_up_error_deg=20.0, forward_error_deg=None),
    "unknown": Lean(up_error_deg=20.0, bare_up_error_deg=20.0, forward_error_deg=None),
}
"""By part of the body; medians over simulated walks, and checked on the thighs of dsads."""


@dataclass(frozen=True)
class Solution:
    """What one group of windows gives.

    Attributes:
        mount: unknown where it is declined.
        up_error_deg, forward_error_deg: expected; None for what was not found.
        drift_deg: how far up moved from the first to the last third; None on arms, and with too little walking.
        reason: in words, what it rests on, and what was declined and why.
    """

    mount: Mount
    up_error_deg: float | None
    forward_error_deg: float | None
    drift_deg: float | None
    reason: str


def lean_of(segment: str | None) -> Lean:
    """The lean of a segment, on the left; the middle of the body does not lean."""
    if segment is None:
        return LEANS["unknown"]
    part = segment.removeprefix("left_").removeprefix("right_")
    if part in ("forearm", "hand"):
        return LEANS["arm"]
    return LEANS.get(part, LEANS["trunk"])


def solve(evidence: Evidence, segment: str | None) -> Solution:
    """The mount that windows of one wearing agree on, or why they give none."""
    walking_s = evidence.walking_s
    if not len(evidence):
        return Solution(Mount(), None, None, None, "no walking was found")
    if walking_s < LEAST_WALKING_S:
        return Solution(
            Mount(), None, None, None, f"only {walking_s:.0f} s of walking; {LEAST_WALKING_S:.0f} are needed"
        )
    lean, looks = lean_of(segment), max(1.0, walking_s / PACES_S)
    if min(lean.up_error_deg, lean.bare_up_error_deg) > UP_DECLINED_DEG:
        return Solution(Mount(), None, None, None, f"walking does not tell how a sensor on the {segment} is turned")
    up, up_spread_deg = mean_direction(evidence.up, evidence.confidence)
    told = f"{walking_s:.0f} s of walking"
    forward, forward_error_deg, missing = _forward(evidence, up, lean, looks)
    base_deg = lean.bare_up_error_deg if forward is None else lean.up_error_deg
    up_error_deg = float(np.hypot(base_deg, up_spread_deg / np.sqrt(looks)))
    drift_deg = None if lean.forward_error_deg is None else _drift(evidence)
    held = float(np.average(evidence.up @ up > np.cos(np.deg2rad(HELD_DEG)), weights=evidence.confidence))
    if held < HELD_SHARE:
        reason = f"{told} in which it was held in several ways: {held:.0%} agree on up within {HELD_DEG:.0f} deg"
        return Solution(Mount(), None, None, drift_deg, reason)
    if up_error_deg > UP_DECLINED_DEG:
        reason = f"{told} that do not agree: up varies by {up_spread_deg:.0f} deg"
        return Solution(Mount(), None, None, drift_deg, reason)
    told += f": up within {up_error_deg:.0f} deg"
    if forward is None or forward_error_deg is None:
        mount = Mount(up_axis=_triple(up), source=f"found by itself from {told}")
        return Solution(mount, up_error_deg, None, drift_deg, f"{told}; {missing}")
    told += f", forward within {forward_error_deg:.0f} deg"
    side = -1.0 if segment is not None and segment.startswith("right_") else 1.0
    mount = Mount(
        quat_segment_from_sensor=turn_between(up, forward, _sided(lean.up, side), _sided(lean.forward, side)),
        source=f"found by itself from {told}",
    )
    return Solution(mount, up_error_deg, forward_error_deg, drift_deg, told)


def worn_alike(evidence: Evidence, segment: str | None) -> list[Array]:
    """Windows, in order, divided where the sensor was put on anew: their rows, group by group; strays are left out.

    An arm changes its posture as it likes, so there nothing is divided.
    """
    if not len(evidence) or lean_of(segment).forward_error_deg is None:
        return [np.arange(len(evidence))] if len(evidence) else []
    groups: list[list[int]] = []
    tilted: list[int] = []
    swung: list[int] = []
    total = np.zeros((2, 3))  # sums of up and forward of the present group
    for row, (up, forward) in enumerate(zip(evidence.up, evidence.forward, strict=True)):
        tilted = [*tilted, row] if groups and _angle_deg(up, total[0]) > REMOUNTED_DEG else []
        turned = bool(groups) and not tilted and np.linalg.norm(forward) > CLEAR and _is_turned(forward, total)
        # A window that tells no forward leaves the count as it is.
        swung = [*swung, row] if turned else (swung if np.linalg.norm(forward) <= CLEAR else [])
        strays = tilted if len(tilted) >= REMOUNTED_WINDOWS else swung if len(swung) >= TURNED_WINDOWS else []
        if strays:
            groups[-1] = [own for own in groups[-1] if own not in strays]
        if strays or not groups:
            groups.append(strays or [row])
            total = np.stack([evidence.up[groups[-1]].sum(axis=0), evidence.forward[groups[-1]].sum(axis=0)])
            tilted, swung = [], []
        elif not tilted and not turned:
            groups[-1].append(row)
            total = total + np.stack([up, forward])
    kept = _same_again([np.array(own, dtype=np.int64) for own in groups], evidence)
    return _without_spells(_steady(kept, evidence), evidence)


def mean_direction(vectors: Float[Array, "windows 3"], weights: Float[Array, " windows"]) -> tuple[Array, float]:
    """Weighted mean direction that single strays hardly move, and the circular standard deviation about it in degrees."""
    units = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    own = np.asarray(weights, dtype=np.float64)
    # From the direction that most agree with, so that a second way of wearing does not pull.
    agreement = np.maximum(units @ units.T - np.cos(np.deg2rad(HELD_DEG)), 0.0) @ own
    mean = units[int(agreement.argmax())]
    for _ in range(ROUNDS):
        off_deg = np.rad2deg(np.arccos(np.clip(units @ mean, -1.0, 1.0)))
        own = weights / (1.0 + (off_deg / FAR_DEG) ** 2)
        mean = _unit((own[:, None] * units).sum(axis=0))
    share = float(weights @ (units @ mean)) / max(float(np.sum(weights)), 1e-12)
    # Mardia and Jupp, Directional Statistics, 2000.
    return mean, float(np.rad2deg(np.sqrt(-2.0 * np.log(np.clip(share, 1e-9, 1.0)))))


def turn_between(
    up: Array, forward: Array, up_there: Vector | Array, forward_there: Vector | Array
) -> tuple[float, float, float, float]:
    """The turn, xyzw, that takes `up` to `up_there` and the plane of up and forward to that of the other two."""
    from scipy.spatial.transform import Rotation

    turn = _frame(np.asarray(up_there), np.asarray(forward_there)).T @ _frame(up, forward)
    x, y, z, w = Rotation.from_matrix(turn).as_quat(canonical=True)
    return float(x), float(y), float(z), float(w)


def mounted_upright(up: Array, walking: Mount, source: str) -> Mount:
    """The mount with this up, and forward as far as walking told it."""
    if walking.quat_segment_from_sensor is None:
        return Mount(up_axis=_triple(up), source=source)
    from scipy.spatial.transform import Rotation

    ahead = Rotation.from_quat(walking.quat_segment_from_sensor).as_matrix()[0]
    return Mount(quat_segment_from_sensor=turn_between(up, ahead, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)), source=source)


def _forward(evidence: Evidence, up: Array, lean: Lean, looks: float) -> tuple[Array | None, float | None, str]:
    """Forward, its expected error, or what kept it from being told."""
    if lean.forward_error_deg is None:
        return None, None, "forward cannot be told there"
    level = evidence.forward - np.outer(evidence.forward @ up, up)
    clearness = np.linalg.norm(level, axis=1)
    if clearness.max() < 1e-9:
        return None, None, "forward is not told without a gyroscope there"
    usual = float(np.average(clearness, weights=evidence.confidence))
    if usual < UNCLEAR:
        return None, None, f"forward is declined, as its clearness is {usual:.2f} and {UNCLEAR:g} is needed"
    forward, spread_deg = mean_direction(level, evidence.confidence * clearness)
    error_deg = float(np.hypot(lean.forward_error_deg, spread_deg / np.sqrt(looks)))
    if error_deg > FORWARD_DECLINED_DEG or spread_deg > 2 * FORWARD_DECLINED_DEG:
        return None, None, f"forward is declined, as it varies by {min(spread_deg, 180.0):.0f} deg"
    return forward, error_deg, ""


def _drift(evidence: Evidence) -> float | None:
    third = len(evidence) // 3
    if third < REMOUNTED_WINDOWS:
        return None
    ends = [mean_direction(evidence.up[rows], evidence.confidence[rows])[0] for rows in
            (slice(0, third), slice(len(evidence) - third, None))]  # fmt: skip
    return _angle_deg(ends[0], ends[1])


def _is_turned(forward: Array, total: Array) -> bool:
    up, before = total
    level = [v - up * (v @ up) / max(float(up @ up), 1e-12) for v in (forward, before)]
    return TURNED_DEG[0] < _angle_deg(level[0], level[1]) < TURNED_DEG[1]


def _steady(groups: list[Array], evidence: Evidence) -> list[Array]:
    """Of several groups those that are long, or long enough and agree with themselves; the longest where none does."""
    if len(groups) < 2:
        return groups
    parts = [evidence[rows] for rows in groups]
    kept = [
        rows
        for rows, own in zip(groups, parts, strict=True)
        if own.walking_s >= SHORT_S
        or (own.walking_s >= REMOUNTED_S and mean_direction(own.up, own.confidence)[1] <= REMOUNTED_SPREAD_DEG)
    ]
    return kept or [groups[int(np.argmax([own.walking_s for own in parts]))]]


def _same_again(groups: list[Array], evidence: Evidence) -> list[Array]:
    """Neighbours that agree after all are one; an unsteady one that only faces elsewhere was another movement."""
    number = 1
    while number < len(groups):
        before, own = (evidence[rows] for rows in groups[number - 1 : number + 1])
        same_up = _angle_deg(before.up.sum(axis=0), own.up.sum(axis=0)) < REMOUNTED_DEG
        if same_up and _angle_deg(before.forward.sum(axis=0), own.forward.sum(axis=0)) < TURNED_DEG[0]:
            groups[number - 1 : number + 1] = [np.concatenate(groups[number - 1 : number + 1])]
        elif same_up and mean_direction(own.forward, own.confidence)[1] > TURNED_SPREAD_DEG:
            del groups[number]
        else:
            number += 1
    return groups


def _without_spells(groups: list[Array], evidence: Evidence) -> list[Array]:
    """A short group between two that agree was another movement; those two are one."""
    number = 1
    while number < len(groups) - 1:
        before, own, after = groups[number - 1 : number + 2]
        ups = [evidence.up[rows].sum(axis=0) for rows in (before, after)]
        ways = [evidence.forward[rows].sum(axis=0) for rows in (before, after)]
        alike = _angle_deg(*ups) < AS_BEFORE_DEG and ways[0] @ ways[1] >= 0.0
        around_s = evidence[before].walking_s + evidence[after].walking_s
        if alike and evidence[own].walking_s < min(SHORT_S, SHORT_SHARE * around_s):
            groups[number - 1 : number + 2] = [np.concatenate([before, after])]
        else:
            number += 1
    return groups


def _sided(vector: Vector, side: float) -> Vector:
    return vector[0], side * vector[1], vector[2]


def _frame(up: Array, forward: Array) -> Array:
    """Rows: level forward, left, up."""
    third = _unit(up)
    left = _unit(np.cross(third, forward))
    return np.stack([np.cross(left, third), left, third])


def _angle_deg(one: Array, other: Array) -> float:
    """Between directions; 0 where one of them is none."""
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.rad2deg(np.arccos(np.clip(one @ other / length, -1.0, 1.0)))) if length > 1e-12 else 0.0


def _unit(vector: Array) -> Array:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)


def _triple(vector: Sequence[float] | Array) -> Vector:
    x, y, z = (float(v) for v in vector)
    return x, y, z
