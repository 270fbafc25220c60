"""What a joint is called elsewhere: names of many skeletons, and the segments of `anywear.bodygraph` they move.

Known: CMU and HDM05 (ASF names), CMU as BVH, Daz, Reallusion CC_Base, Mixamo, Blender (``thigh.L``), DeepMimic, SMPL and
HumanML3D. A joint moves the segment that begins at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..bodygraph import SEGMENT_NAMES
from ..errors import FormatError

REQUIRED = (
    "pelvis", "chest",
    "left_thigh", "left_shank", "right_thigh", "right_shank",
    "left_upper_arm", "left_forearm", "right_upper_arm", "right_forearm",
)  # fmt: skip
"""Without these no motion can be brought onto a body; the others follow their parents."""

_MIDDLE = {
    "pelvis": ("pelvis", "hips", "hip", "root"),
    "neck": ("neck", "lowerneck", "neck1", "neck01", "necktwist01", "upperneck"),
    "head": ("head", "face"),
}
_SPINE = frozenset(
    (
        "spine", "spine1", "spine2", "spine3", "spine4", "spine01", "spine02", "spine03", "spine001", "spine002",
        "spine003", "lowerback", "upperback", "thorax", "waist", "abdomen", "chest", "chest1", "chest2", "chest3",
        "chest4", "torso",
    )
)  # fmt: skip
_SIDED = {
    "thigh": ("femur", "thigh", "upleg", "upperleg", "hip"),
    "shank": ("tibia", "shin", "calf", "leg", "lowleg", "lowerleg", "knee"),
    "foot": ("ankle", "foot"),
    "toes": ("toes", "toe", "toebase", "foot"),
    "shoulder": ("clavicle", "collar", "shoulder"),
    "upper_arm": ("humerus", "upperarm", "uparm", "arm", "shldr", "shoulder"),
    "forearm": ("radius", "forearm", "lowerarm", "lowarm", "elbow"),
    "hand": ("wrist", "hand"),
    "fingers": ("fingers", "fingerbase", "mid1", "middle1", "handmiddle1", "handindex1", "index1", "handfinger1"),
}


def segments_of(joints: Sequence[str]) -> dict[str, str]:
    """Which joint moves which segment, as far as the names are known.

    Args:
        joints: names in the order of the skeleton, parents first.

    Returns:
        Segment name to joint name, in the order of `anywear.bodygraph.SEGMENT_NAMES`; segments without a joint are absent.
    """
    if set(REQUIRED) <= set(joints):  # the segments' own names
        return {segment: segment for segment in SEGMENT_NAMES if segment in joints}
    sided: dict[tuple[str, str], str] = {}
    plain: dict[str, str] = {}
    for joint in joints:
        stem = _stem(joint)
        plain.setdefault(_bare(stem), joint)
        for side, base in _sides(stem):
            sided.setdefault((side, base), joint)
    found: dict[str, str] = {}
    for segment, names in _MIDDLE.items():
        joint = next((plain[name] for name in names if name in plain), None)
        if joint is not None:
            found[segment] = joint
    # Spines are numbered in too many ways: what counts is their order.
    spine = [joint for joint in joints if _bare(_stem(joint)) in _SPINE and joint not in found.values()]
    if spine:
        found["chest"] = spine[-1]
    if len(spine) >= 2:
        found["abdomen"] = spine[0]
    if len(spine) >= 3:
        found["lower_chest"] = spine[len(spine) // 2]
    for side in ("left", "right"):
        own = {base: joint for (at, base), joint in sided.items() if at == side}
        found.update({f"{side}_{part}": joint for part, joint in _limbs(own).items()})
    return {segment: found[segment] for segment in SEGMENT_NAMES if segment in found}


def require_segments(joints: Sequence[str], required: Iterable[str] = REQUIRED, *, where: str = "") -> dict[str, str]:
    """`segments_of`, or an error that lists what is missing and which names were not understood.

    Raises:
        FormatError: a required segment has no joint.
    """
    found = segments_of(joints)
    missing = [segment for segment in required if segment not in found]
    if missing:
        unknown = [joint for joint in joints if joint not in found.values()]
        raise FormatError(
            f"The skeleton has no joint for {', '.join(missing)}",
            where=where or None,
            expected="joints named as in CMU, HDM05, Mixamo, Reallusion, DeepMimic or SMPL skeletons",
            got="names not understood: " + (", ".join(unknown[:40]) or "none"),
            remedy="Rename the joints, for instance LeftUpLeg, LeftLeg, LeftArm, LeftForeArm, Hips, Spine",
        )
    return found


def knuckles_of(joints: Sequence[str], side: str) -> tuple[str, str] | None:
    """Joints of the knuckles of index and little finger of a hand, ``left`` or ``right``; None where one is missing."""
    own: dict[str, str] = {}
    for joint in joints:
        for at, base in _sides(_stem(joint)):
            if at == side:
                own.setdefault(base, joint)
    index = next((own[name] for name in ("index1", "handindex1", "findex01") if name in own), None)
    little = next((own[name] for name in ("pinky1", "handpinky1", "little1", "fpinky01") if name in own), None)
    return (index, little) if index is not None and little is not None else None


def _limbs(own: dict[str, str]) -> dict[str, str]:
    """Segments of one side. Some words mean different bones in different skeletons: their neighbours decide."""
    found = {}
    for part, names in _SIDED.items():
        if part == "toes" and "ankle" not in own:  # SMPL: ankle, then foot; elsewhere: foot, then toes
            names = names[:-1]
        if (
            part == "upper_arm" and not {"collar", "clavicle"} & own.keys()
        ):  # SMPL: collar, then shoulder; elsewhere: shoulder, then arm
            names = names if not any(name in own for name in names[:-1]) else names[:-1]
        joint = next((own[name] for name in names if name in own), None)
        if joint is not None and joint not in found.values():
            found[part] = joint
    if found.get("shoulder") is not None and "upper_arm" not in found:  # DeepMimic: the shoulder is the arm's joint
        found["upper_arm"] = found.pop("shoulder")
    if "wrist" in own and "hand" in own:
        if "fingers" in own:  # ASF: the wrist turns the forearm, the hand begins after it
            found["hand"] = own["hand"]
        else:  # SMPL: the hand is where the fingers begin
            found["fingers"] = own["hand"]
    if "fingerbase" in own and "handindex1" in own:  # CMU as BVH: Hand turns the forearm, FingerBase is the hand
        found["hand"], found["fingers"] = own["fingerbase"], own["handindex1"]
    return found


def _stem(joint: str) -> str:
    """The name without namespace and rig prefix, case kept."""
    stem = joint.rsplit(":", 1)[-1].rsplit("|", 1)[-1]
    return re.sub(r"^(mixamorig\d*[_ -]?|CC_Base_|Bip\d+[_ -]?|RL_|m_avg_|DEF[_-])", "", stem, flags=re.IGNORECASE)


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _sides(stem: str) -> list[tuple[str, str]]:
    """Every way to read a side out of a name, the surest first."""
    patterns = (
        (r"^(left|right)[ _.-]?(.+)$", 1, 2),
        (r"^(.+?)[ _.-](left|right)$", 2, 1),
        (r"^([lr])[ _.-](.+)$", 1, 2),
        (r"^(.+?)[ _.-]([lr])$", 2, 1),
        (r"^([lr])(.+)$", 1, 2),
    )
    readings = []
    for pattern, side, base in patterns:
        match = re.match(pattern, stem, flags=re.IGNORECASE)
        if match:
            readings.append(("left" if match[side][0] in "lL" else "right", _bare(match[base])))
            if side == 1 and len(match[side]) > 1:
                break  # Left..., not L + eft...
    return readings
