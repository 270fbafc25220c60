"""Bodies of the optional package anny (Brégier et al., "Human Mesh Modeling for Anny Body", arXiv 2511.03589, 2025).

anny is MakeHuman's body as a PyTorch model for all ages, Apache-2.0, its data CC0. It is not installed with anywear, and
builds a cache of about 0.8 GB when a model is first made. Its rig is MakeHuman's default one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np

from .._typing import Array
from ..errors import FormatError, UsageError
from .foreign import ForeignBody, adopted
from .rig import BONE_INDEX, BONE_NAMES
from .shape import ShapedBody

# MakeHuman's default rig: bone by pattern, ours by name; S is Left or Right, L its letter. The first bone that leads to one
# of ours is where it begins. Bones without a pattern (face, tongue) follow their parents.
_PATTERNS = (
    (r"root|spine05|pelvis\.[LR]", "Hips"),
    (r"spine04", "LowerBack"),
    (r"spine03", "Spine"),
    (r"spine0[12]|breast\.[LR]", "Spine1"),
    (r"neck01", "Neck"),
    (r"neck0[23]", "Neck1"),
    (r"head", "Head"),
    (r"upperleg0[12]", "SUpLeg"),
    (r"lowerleg0[12]", "SLeg"),
    (r"foot", "SFoot"),
    (r"toe\d-\d", "SToeBase"),
    (r"clavicle|shoulder01", "SShoulder"),
    (r"upperarm0[12]", "SArm"),
    (r"lowerarm0[12]", "SForeArm"),
    (r"wrist|metacarpal\d", "SHand"),
    (r"finger1-\d", "LThumb"),
    (r"finger[2-5]-\d", "SHandFinger1"),
)
_ATTRIBUTES = (
    "phenotype_labels", "bone_labels", "bone_parents", "vertex_bone_indices", "vertex_bone_weights",
    "get_triangular_faces",
)  # fmt: skip
_USUAL = {"age": 2 / 3}  # anny's own middle is between child and adult
_NEEDED = ("rest_vertices", "rest_bone_heads")


def anny_body(phenotype: Mapping[str, float] | None = None, *, model: Any = None) -> ShapedBody:
    """A body of anny on our rig, in the rest pose of its mesh.

    Args:
        phenotype: shares from 0 to 1 by name, such as ``gender`` (0 male to 1 female), ``age`` (1/3 a child, 2/3 a young
            adult, 1 old), ``height``, ``weight``, ``muscle``; 2/3 for age and 0.5 for the others where not named. See
            ``model.phenotype_labels``.
        model: a model of anny on MakeHuman's rig that is used again; one is made by default, which takes long.

    Raises:
        UsageError: anny is not installed, a name or a share it does not know.
        FormatError: its rig is not MakeHuman's.

    Example:
        >>> from anywear.body import anny_body
        >>> anny_body({"gender": 1.0, "age": 0.7}).height_m  # doctest: +SKIP
    """
    model = _make() if model is None else model
    lacking = [name for name in _ATTRIBUTES if not hasattr(model, name)]
    if lacking:
        raise FormatError("This is no model of anny", got=f"without {', '.join(lacking)}", remedy="pip install -U anny")
    given = {name: float(value) for name, value in (phenotype or {}).items()}
    labels = list(model.phenotype_labels)
    for name, value in given.items():
        if name not in labels or not 0.0 <= value <= 1.0:
            raise UsageError(
                "anny has no such body", where=f"phenotype {name!r}", expected=f"0 to 1 for {', '.join(labels)}",
                got=f"{value:g}",
            )  # fmt: skip
    output = model(phenotype_kwargs={name: given.get(name, _USUAL.get(name, 0.5)) for name in labels})
    missing = [name for name in _NEEDED if name not in output]
    if missing:
        raise FormatError(
            "This version of anny does not give the body at rest", where="anny", expected=", ".join(_NEEDED),
            got=", ".join(sorted(output)), remedy="pip install -U anny",
        )  # fmt: skip
    vertices, heads = (_numbers(output[name]).reshape(-1, 3) for name in _NEEDED)
    labels, parents = list(model.bone_labels), [int(parent) for parent in model.bone_parents]
    bones = _bones_of(labels, parents)
    joints: dict[str, Array] = {}
    for bone in dict.fromkeys(bones):
        own = [i for i, name in enumerate(bones) if name == bone]
        # Five toes and four fingers side by side begin at their middle.
        first = [i for i in own if parents[i] < 0 or bones[parents[i]] != bone]
        joints[bone] = heads[first].mean(axis=0)
    axes = _axes(joints)
    shares = np.zeros((len(vertices), len(BONE_NAMES)))
    index, weight = _numbers(model.vertex_bone_indices).astype(np.int64), _numbers(model.vertex_bone_weights)
    ours = np.array([BONE_INDEX[bone] for bone in bones])
    np.add.at(shares, (np.arange(len(vertices))[:, None], ours[index]), weight)
    fingers = [
        _finger(labels, heads, vertices, index, weight, side, finger) for side in "LR" for finger in (2, 3, 4, 5)
    ]
    return adopted(
        ForeignBody(
            name="anny",
            vertices_m=vertices @ axes.T,
            triangles=_numbers(model.get_triangular_faces()).astype(np.int64),
            bone_weight=shares / shares.sum(axis=1, keepdims=True),
            heads_m={bone: joint @ axes.T for bone, joint in joints.items()},
            fingers_m=np.stack(fingers) @ axes.T,
            sex=1.0 - given.get("gender", 0.5),
        )
    )


def _make() -> Any:
    try:
        anny = import_module("anny")
    except ImportError:
        raise UsageError(
            "Bodies of anny need the package anny, which is not installed", remedy="pip install anny"
        ) from None
    # From 0.5 on a class; before, a function. Only MakeHuman's whole rig has heads of every bone.
    if hasattr(anny, "Anny"):
        return anny.Anny(rig="makehuman-symmetric")
    return anny.create_fullbody_model()


def _bones_of(labels: list[str], parents: list[int]) -> list[str]:
    """Our bone for each of anny's."""
    found: list[str] = []
    for label, parent in zip(labels, parents, strict=True):
        stem, _, side = label.partition(".")
        ours = next(
            (bone for pattern, bone in _PATTERNS if re.fullmatch(pattern, label if "." in pattern else stem)), None
        )
        if ours is not None and ours[0] in "SL" and ours not in ("LowerBack", "Spine", "Spine1"):
            long = {"L": "Left", "R": "Right"}.get(side)
            if long is None:
                raise FormatError("A limb of anny's rig has no side", where=label, expected="a name such as foot.L")
            ours = f"{side}Thumb" if ours == "LThumb" else long + ours[1:]
        if ours is None:
            if not 0 <= parent < len(found):
                raise FormatError(
                    "anny's rig is not MakeHuman's", where=label, expected="bones named root, spine05, ..."
                )
            ours = found[parent]
        found.append(ours)
    return found


def _axes(joints: dict[str, Array]) -> Array:
    """Rows are our x, y and z in the model's axes, from where limbs are; each is one of the model's own axes."""
    try:
        up = _nearest_axis(joints["Neck"] - joints["Hips"])
        left = _nearest_axis(joints["LeftArm"] - joints["RightArm"])
    except KeyError as error:
        raise FormatError("anny's rig is not MakeHuman's", where="anny", got=f"no bone for {error}") from None
    return np.stack([np.cross(left, up), left, up])


def _nearest_axis(direction: Array) -> Array:
    axis = np.zeros(3)
    largest = int(np.abs(direction).argmax())
    axis[largest] = np.sign(direction[largest])
    return axis


def _finger(
    labels: list[str], heads: Array, vertices: Array, index: Array, weight: Array, side: str, finger: int
) -> Array:
    """Knuckle and tip: the first joint, and the last one led on to the skin."""
    try:
        first, middle, last = (labels.index(f"finger{finger}-{place}.{side}") for place in (1, 2, 3))
    except ValueError as error:
        raise FormatError("anny's rig has no fingers", where="anny", got=str(error)) from None
    along = heads[last] - heads[middle]
    along = along / np.linalg.norm(along)
    own = vertices[(weight * (index == last)).sum(axis=1) > 0.5]
    reach = float(((own - heads[last]) @ along).max()) if len(own) else 0.0
    return np.stack([heads[first], heads[last] + max(reach, 0.0) * along])


def _numbers(values: Any) -> Array:
    """A tensor or array as float64."""
    for method in ("detach", "cpu", "numpy"):
        values = getattr(values, method)() if hasattr(values, method) else values
    return np.asarray(values, dtype=np.float64)
