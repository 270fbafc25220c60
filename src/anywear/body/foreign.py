"""Bodies made elsewhere, brought onto the rig: what SMPL and anny bodies have in common.

A foreign body is a mesh with joints and weights. Its joints become the heads of our bones. Bones it has no joint for get a
place between their neighbours and no weight: they move with their parents. Everything above this module asks the body's
geometry where its limbs are, so the rest pose may be a T-pose as well as arms half down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float, Int
from ..errors import FormatError
from .rig import BONE_INDEX, BONE_NAMES, FINGERS, LANDMARKS, SEGMENT_BONES
from .shape import BodyShape, ShapedBody

MOST_WEIGHTS = 7  # bones per vertex that a ShapedBody holds
HEIGHT_RANGE_M = (0.5, 2.5)
FINGER_BASE, THUMB = 0.27, 0.42  # of the way from wrist to knuckles: where these bones begin on MakeHuman's hand
FREE_FINGERS = 0.45  # of the fingers' reach; beyond it lie four fingers and no thumb
MIDDLE_OF_STRIP = (
    0.3  # of a finger's width to either side of its middle: the neighbour, which may be longer, lies outside
)
SIDES = (("left", "Left", "L"), ("right", "Right", "R"))

_NEXT = {
    "Hips": "LowerBack", "LowerBack": "Spine", "Spine": "Spine1", "Spine1": "Neck", "Neck": "Neck1", "Neck1": "Head",
    **{
        f"{name.format(long, short)}": next_name.format(long, short)
        for _, long, short in SIDES
        for name, next_name in (
            ("{1}HipJoint", "{0}UpLeg"), ("{0}UpLeg", "{0}Leg"), ("{0}Leg", "{0}Foot"), ("{0}Foot", "{0}ToeBase"),
            ("{0}Shoulder", "{0}Arm"), ("{0}Arm", "{0}ForeArm"), ("{0}ForeArm", "{0}Hand"),
            ("{0}Hand", "{0}FingerBase"), ("{0}FingerBase", "{0}HandFinger1"),
        )
    },
}  # fmt: skip
"""Bones that end where another begins."""


@dataclass(frozen=True, eq=False)
class ForeignBody:
    """A body of another model at rest, standing; x forward, y left, z up, metres, anywhere.

    Attributes:
        name: of the model, for messages.
        vertices_m: the mesh.
        triangles: counter-clockwise from outside.
        bone_weight: weights over our bones; rows sum to 1.
        heads_m: joint of each of our bones that the model has one for, at least the first bone of every segment.
        fingers_m: knuckle and tip of the fingers in `anywear.body.rig.LANDMARKS`; from the mesh when None.
        sex: 0 female to 1 male, where known.
    """

    name: str
    vertices_m: Float[Array, "vertices 3"]
    triangles: Int[Array, "triangles 3"]
    bone_weight: Float[Array, "vertices bones"]
    heads_m: dict[str, Array]
    fingers_m: Float[Array, "fingers 2 3"] | None = None
    sex: float = 0.5


def adopted(foreign: ForeignBody) -> ShapedBody:
    """The same body on our rig; its arrays are read-only.

    Its `shape` holds the height measured and the sex where known; age, build and muscle stay at their averages, because
    nothing in the model tells them. No face is hidden. Of more than seven weights of a vertex the largest count.

    Raises:
        FormatError: not the size of a person, or a segment without joint or skin.
    """
    _check(foreign)
    heads = {name: np.asarray(head, dtype=float) for name, head in foreign.heads_m.items()}
    ankles = (heads["LeftFoot"] + heads["RightFoot"]) / 2
    origin = np.array([ankles[0], ankles[1], foreign.vertices_m[:, 2].min()])
    vertices = foreign.vertices_m - origin
    heads = {name: head - origin for name, head in heads.items()}
    owner = np.argmax(foreign.bone_weight, axis=1)
    fingers = _fingers_from_mesh(heads, vertices, foreign.bone_weight) if foreign.fingers_m is None else (
        foreign.fingers_m - origin
    )  # fmt: skip
    _add_missing(heads, fingers)
    tails = {name: heads[following] for name, following in _NEXT.items()} | _open_ends(heads, fingers, vertices, owner)
    weight_bone, weight = _largest(foreign.bone_weight)
    body = ShapedBody(
        shape=BodyShape(float(np.ptp(vertices[:, 2])), foreign.sex),
        vertices_m=vertices,
        triangles=np.asarray(foreign.triangles, dtype=np.int64),
        hidden=np.zeros(len(foreign.triangles), dtype=bool),
        weight_bone=weight_bone,
        weight=weight,
        head_m=np.stack([heads[name] for name in BONE_NAMES]),
        tail_m=np.stack([tails[name] for name in BONE_NAMES]),
        fingers_m=np.ascontiguousarray(fingers),
    )
    for value in vars(body).values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return body


def _check(foreign: ForeignBody) -> None:
    missing = [bone for bone in SEGMENT_BONES.values() if bone not in foreign.heads_m]
    if missing:
        raise FormatError("The body has no joint for some bones", where=foreign.name, got=", ".join(missing))
    joints = np.stack([np.asarray(head, dtype=float) for head in foreign.heads_m.values()])
    if not (np.isfinite(foreign.vertices_m).all() and np.isfinite(joints).all()):
        raise FormatError("The body holds values that are not finite", where=foreign.name)
    height_m, (low, high) = float(np.ptp(foreign.vertices_m[:, 2])), HEIGHT_RANGE_M
    if not low <= height_m <= high:
        raise FormatError(
            "The body is not of human size", where=foreign.name, expected=f"{low:g} to {high:g} m from sole to crown",
            got=f"{height_m:.3g} m", remedy="Check the shape coefficients: they are in standard deviations",
        )  # fmt: skip
    covered = foreign.bone_weight.max(axis=0) > 0
    needed = [bone for bone in SEGMENT_BONES.values() if not covered[BONE_INDEX[bone]]]
    if needed:
        raise FormatError("Nothing of the skin moves with some bones", where=foreign.name, got=", ".join(needed))


def _add_missing(heads: dict[str, Array], fingers: Array) -> None:
    heads.setdefault(
        "Neck1", heads["Head"]
    )  # without length: the head hangs from the first bone of the neck, as it does there
    for side, long, short in SIDES:
        index = fingers[LANDMARKS.index(f"{side}_finger_2")]
        wrist = heads[f"{long}Hand"]
        heads[f"{short}HipJoint"] = heads["Hips"]
        heads.setdefault(f"{long}FingerBase", wrist + FINGER_BASE * (heads[f"{long}HandFinger1"] - wrist))
        heads.setdefault(f"{short}Thumb", wrist + THUMB * (index[0] - wrist))


def _open_ends(heads: dict[str, Array], fingers: Array, vertices: Array, owner: Array) -> dict[str, Array]:
    """Ends of the bones that nothing hangs from: at the skin."""
    skull = vertices[owner == BONE_INDEX["Head"]]
    upper = skull[skull[:, 2] > (skull[:, 2].min() + skull[:, 2].max()) / 2]
    tails = {"Head": np.array([(upper[:, 0].min() + upper[:, 0].max()) / 2, 0.0, vertices[:, 2].max()])}
    for side, long, short in SIDES:
        toes = heads[f"{long}ToeBase"]
        own = vertices[owner == BONE_INDEX[f"{long}ToeBase"]] - toes
        ahead = own.mean(axis=0) if len(own) else np.array([0.03, 0.0, 0.0])
        ahead = ahead / np.linalg.norm(ahead)
        tails[f"{long}ToeBase"] = toes + (max(float((own @ ahead).max()), 0.01) if len(own) else 0.03) * ahead
        middle = fingers[LANDMARKS.index(f"{side}_finger_3")]
        tails[f"{long}HandFinger1"] = heads[f"{long}HandFinger1"] + (middle[1] - middle[0]) / 3
        index = fingers[LANDMARKS.index(f"{side}_finger_2")]
        tails[f"{short}Thumb"] = heads[f"{short}Thumb"] + (index[1] - index[0]) / 2
    return tails


def _fingers_from_mesh(heads: dict[str, Array], vertices: Array, bone_weight: Array) -> Array:
    """Knuckles and tips where the model has one joint for all fingers: four strips of equal width of what it moves.

    The strips lie side by side across the hand, the index finger on the thumb's side, which in a T-pose with palms down is
    the front.
    """
    fingers = np.empty((len(LANDMARKS), 2, 3))
    for side, long, _ in SIDES:
        knuckles, wrist = heads[f"{long}HandFinger1"], heads[f"{long}Hand"]
        along = (knuckles - wrist) / np.linalg.norm(knuckles - wrist)
        front = np.array([1.0, 0.0, 0.0]) - along[0] * along
        front /= np.linalg.norm(front)
        back = np.cross(along, front)
        own = vertices[bone_weight[:, BONE_INDEX[f"{long}HandFinger1"]] > 0.5] - knuckles
        if len(own) < 8:
            raise FormatError("The mesh has no fingers to be seen", where=f"{side} hand", got=f"{len(own)} vertices")
        frame = np.stack([along, front, back], axis=1)
        place = own @ frame
        free = place[place[:, 0] > FREE_FINGERS * place[:, 0].max()]
        low, high = free[:, 1].min(), free[:, 1].max()
        width = (high - low) / len(FINGERS)
        for number, finger in enumerate(FINGERS):
            across = high - (number + 0.5) * width
            mine = free[np.abs(free[:, 1] - across) < MIDDLE_OF_STRIP * width]
            # A finger without vertices of its own, on a coarse mesh, is as long as all.
            mine = mine if len(mine) else free
            reach = mine[:, 0].max()
            tip = mine[mine[:, 0] > 0.8 * reach]
            level = (tip[:, 2].min() + tip[:, 2].max()) / 2
            row = LANDMARKS.index(f"{side}_finger_{finger}")
            fingers[row, 0] = knuckles + across * front
            fingers[row, 1] = knuckles + frame @ np.array([reach, across, level])
    return fingers


def _largest(bone_weight: Array) -> tuple[Array, Array]:
    order = np.argsort(-bone_weight, axis=1, kind="stable")[:, :MOST_WEIGHTS]
    weight = np.take_along_axis(bone_weight, order, axis=1)
    return np.where(weight > 0, order, 0), weight / weight.sum(axis=1, keepdims=True)
