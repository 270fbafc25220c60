"""The 24 segments on the mesh: their axes in the rest pose, and how the rest pose is turned against the neutral one.

`anywear.placement` speaks of the neutral pose (arms hanging, palms to the thighs) in fractions along segments; this module
says where these fractions lie on a body. Most axes are bones. Where a bone ends elsewhere than the segment of
`anywear.bodygraph` does, the axis is cut or led on to the surface, as noted beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._typing import Array
from ..bodygraph import SEGMENTS
from .rig import BONE_INDEX, SEGMENT_BONES
from .shape import ShapedBody

CHEST_TOP = (
    0.75  # of the bone Spine1, which reaches up to the seventh vertebra of the neck; the chest ends at the collar bones
)
OPEN_ENDS = {"head": 1.0, "left_foot": 0.0, "right_foot": 0.0}
"""Segments with an end in the open, and where along them it is: there, a point is sought along the axis, not about it."""


@dataclass(frozen=True, eq=False)
class SegmentAxis:
    """A segment's axis in the rest pose, and the directions from which angles about it are counted.

    Attributes:
        start: proximal end (3,), metres.
        end: distal end (3,).
        rest_from_neutral: turn (3, 3) of the segment from the neutral to the rest pose.
        roll_rad: further turn about the axis at the distal end, which grows linearly from the proximal end (forearms).
    """

    start: Array
    end: Array
    rest_from_neutral: Array
    roll_rad: float = 0.0

    @property
    def direction(self) -> Array:
        """Unit vector (3,) from start to end."""
        along = self.end - self.start
        return along / np.linalg.norm(along)

    def frame(self, along: float) -> Array:
        """Turn (3, 3) from neutral to rest pose at this fraction of the axis."""
        return _about(self.direction, self.roll_rad * along) @ self.rest_from_neutral


def segment_axes(body: ShapedBody) -> dict[str, SegmentAxis]:
    """The axis of every segment of `anywear.bodygraph`, and of the single fingers as ``left_finger_2`` to ``_5``."""
    axes: dict[str, SegmentAxis] = {}
    for name in SEGMENTS:
        head, tail = body.bone(SEGMENT_BONES[name])
        axes[name] = SegmentAxis(head, tail, np.eye(3))
    upright = np.eye(3)
    chest = axes["chest"]
    axes["chest"] = SegmentAxis(chest.start, chest.start + CHEST_TOP * (chest.end - chest.start), upright)
    axes["neck"] = SegmentAxis(axes["chest"].end, axes["head"].start, upright)
    # The skull's bone starts at the atlas, level with the mouth; the head starts at the chin.
    chin_m = body.height_m * SEGMENTS["head"].start[2]
    top = np.array([axes["head"].end[0], 0.0, body.vertices_m[:, 2].max()])
    axes["head"] = SegmentAxis(np.array([top[0], 0.0, chin_m]), top, upright)
    for side in ("left", "right"):
        _limbs(axes, body, side)
    return axes


def _limbs(axes: dict[str, SegmentAxis], body: ShapedBody, side: str) -> None:
    bone = side.capitalize()
    for name in ("shoulder", "upper_arm", "thigh", "shank"):
        axis = axes[f"{side}_{name}"]
        neutral = _neutral(f"{side}_{name}")
        axes[f"{side}_{name}"] = SegmentAxis(axis.start, axis.end, shortest_turn(neutral, axis.direction))

    # The foot lies flat under the ankle; its toes end at the skin.
    ankle, ball = body.bone(f"{bone}Foot")
    start = np.array([ankle[0], ankle[1], ball[2]])
    axes[f"{side}_foot"] = SegmentAxis(start, ball, _level_turn(ball - start))
    toes = axes[f"{side}_toes"].start
    own = body.vertices_m[body.weight_bone[:, 0] == BONE_INDEX[f"{bone}ToeBase"]]
    ahead = own.mean(axis=0) - toes
    reach = float(((own - toes) @ ahead).max() / (ahead @ ahead))
    axes[f"{side}_toes"] = SegmentAxis(toes, toes + reach * ahead, _level_turn(ahead))

    wrist = body.bone(f"{bone}Hand")[0]
    fingers = {number: body.finger(f"{side}_finger_{number}") for number in (2, 3, 4, 5)}
    # From the little finger's knuckle to the index finger's is towards the thumb, which points forward in the neutral pose.
    thumbward = fingers[2][0] - fingers[5][0]
    hand = SegmentAxis(wrist, fingers[3][0], _hand_turn(side, fingers[3][0] - wrist, thumbward))
    axes[f"{side}_hand"] = hand
    for number, (knuckle, tip) in fingers.items():
        axes[f"{side}_finger_{number}"] = SegmentAxis(knuckle, tip, _hand_turn(side, tip - knuckle, thumbward))
    axes[f"{side}_fingers"] = axes[f"{side}_finger_3"]

    forearm = axes[f"{side}_forearm"]
    plain = shortest_turn(_neutral(f"{side}_forearm"), forearm.direction)
    # What the hand is turned about the forearm's axis at rest, against the neutral pose.
    wanted = shortest_turn(hand.direction, forearm.direction) @ hand.rest_from_neutral
    between = wanted @ plain.T
    sine = np.array([between[2, 1] - between[1, 2], between[0, 2] - between[2, 0], between[1, 0] - between[0, 1]]) / 2
    roll = float(np.arctan2(sine @ forearm.direction, (np.trace(between) - 1) / 2))
    axes[f"{side}_forearm"] = SegmentAxis(forearm.start, forearm.end, plain, roll)


def shortest_turn(source: Array, target: Array) -> Array:
    """The rotation (3, 3) that takes one direction to another by the smallest angle."""
    a, b = source / np.linalg.norm(source), target / np.linalg.norm(target)
    axis, cosine = np.cross(a, b), float(a @ b)
    if cosine < -1 + 1e-9:  # opposite: any axis across will do
        across = np.cross(a, np.eye(3)[int(np.argmin(np.abs(a)))])
        return _about(across / np.linalg.norm(across), np.pi)
    cross = _cross(axis)
    return np.eye(3) + cross + cross @ cross / (1 + cosine)


def _neutral(name: str) -> Array:
    own = SEGMENTS[name]
    return np.asarray(own.end) - np.asarray(own.start)


def _level_turn(direction: Array) -> Array:
    """Turn about the vertical that takes forward to the level part of a direction."""
    return _about(np.array([0.0, 0.0, 1.0]), float(np.arctan2(direction[1], direction[0])))


def _hand_turn(side: str, direction: Array, thumbward: Array) -> Array:
    """From down, forward (the thumb) and left to the hand's axis, thumb side and what is left of both."""
    down = direction / np.linalg.norm(direction)
    forward = thumbward - (thumbward @ down) * down
    forward = forward / np.linalg.norm(forward)
    return np.stack([forward, np.cross(-down, forward), -down], axis=1)


def _about(axis: Array, angle_rad: float) -> Array:
    cross = _cross(axis)
    return np.eye(3) + np.sin(angle_rad) * cross + (1 - np.cos(angle_rad)) * cross @ cross


def _cross(v: Array) -> Array:
    return np.array([[0.0, -v[2], v[1]], [v[2], 0.0, -v[0]], [-v[1], v[0], 0.0]])
