"""The rig: 31 bones named as in CMU's BVH files, which of the 24 segments each one carries, and the landmarks beside them.

Bones and joints come from MakeHuman's rig ``cmu_mb``. It has no twist bones in the forearm; `anywear.body.kinematics`
adds them.
"""

from __future__ import annotations

from ..bodygraph import SEGMENTS


def _sided(side: str, letter: str) -> dict[str, tuple[str | None, str]]:
    own = side.lower()
    return {
        f"{letter}HipJoint": ("Hips", "pelvis"),
        f"{side}UpLeg": (f"{letter}HipJoint", f"{own}_thigh"),
        f"{side}Leg": (f"{side}UpLeg", f"{own}_shank"),
        f"{side}Foot": (f"{side}Leg", f"{own}_foot"),
        f"{side}ToeBase": (f"{side}Foot", f"{own}_toes"),
        f"{side}Shoulder": ("Spine1", f"{own}_shoulder"),
        f"{side}Arm": (f"{side}Shoulder", f"{own}_upper_arm"),
        f"{side}ForeArm": (f"{side}Arm", f"{own}_forearm"),
        f"{side}Hand": (f"{side}ForeArm", f"{own}_hand"),
        f"{side}FingerBase": (f"{side}Hand", f"{own}_hand"),
        f"{side}HandFinger1": (f"{side}FingerBase", f"{own}_fingers"),
        f"{letter}Thumb": (f"{side}Hand", f"{own}_fingers"),
    }


_BONES: dict[str, tuple[str | None, str]] = {
    "Hips": (None, "pelvis"),
    "LowerBack": ("Hips", "abdomen"),
    "Spine": ("LowerBack", "lower_chest"),
    "Spine1": ("Spine", "chest"),
    "Neck": ("Spine1", "neck"),
    "Neck1": ("Neck", "neck"),
    "Head": ("Neck1", "head"),
    **_sided("Left", "L"),
    **_sided("Right", "R"),
}

BONE_NAMES: tuple[str, ...] = tuple(_BONES)
"""The 31 bones; a parent stands before its children."""

BONE_INDEX: dict[str, int] = {name: index for index, name in enumerate(BONE_NAMES)}

BONE_PARENTS: tuple[int, ...] = tuple(-1 if parent is None else BONE_INDEX[parent] for parent, _ in _BONES.values())
"""Index of each bone's parent; -1 for the root, Hips."""

BONE_SEGMENTS: dict[str, str] = {name: segment for name, (_, segment) in _BONES.items()}
"""The segment of `anywear.bodygraph` that each bone carries."""

SEGMENT_BONES: dict[str, str] = {
    segment: next(bone for bone, carried in BONE_SEGMENTS.items() if carried == segment) for segment in SEGMENTS
}
"""The first, that is the most proximal, bone of every segment."""

FINGERS = (2, 3, 4, 5)  # index to little finger, as MakeHuman counts; the thumb is 1 and has a bone of its own

LANDMARKS: tuple[str, ...] = tuple(f"{side}_finger_{finger}" for side in ("left", "right") for finger in FINGERS)
"""The four fingers of each hand, from knuckle to tip. The rig has one bone for all of them."""
