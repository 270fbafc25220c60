"""SMPL, SMPL-H and SMPL-X bodies from model files the user has; none may be passed on with anywear.

A model file holds a mesh, directions that shape it, a regressor from mesh to joints, and weights. What is read is the rest
mesh of a shape; the blend shapes that pose adds (``posedirs``) are left out, so elbows and shoulders bend as plain linear
blend skinning bends them. Joints follow SMPL exactly.

Files: ``.npz``, or the original ``.pkl`` (read by `anywear.body.stored`, which runs nothing). Axes of the file: x left, y up,
z forward; the rest pose is a T-pose.

Sources: Loper et al., "SMPL: A Skinned Multi-Person Linear Model", SIGGRAPH Asia 2015; Romero, Tzionas & Black, "Embodied
Hands", SIGGRAPH Asia 2017 (SMPL-H); Pavlakos et al., "Expressive Body Capture", CVPR 2019 (SMPL-X).
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .._typing import Array, Float, Int
from ..errors import AnywearError, FormatError, UsageError
from .foreign import ForeignBody, adopted
from .rig import BONE_INDEX, BONE_NAMES, FINGERS, LANDMARKS
from .shape import ShapedBody
from .stored import array_of, dense, load_stored

BODY_JOINTS = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
    "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
)  # fmt: skip
BODY_PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)
_FINGER_WORDS = ("index", "middle", "pinky", "ring", "thumb")  # in the order of the files
_HANDS = tuple(
    f"{side}_{finger}{number}" for side in ("left", "right") for finger in _FINGER_WORDS for number in (1, 2, 3)
)
JOINTS_OF: dict[str, tuple[str, ...]] = {
    "SMPL": (*BODY_JOINTS, "left_hand", "right_hand"),
    "SMPL-H": (*BODY_JOINTS, *_HANDS),
    "SMPL-X": (*BODY_JOINTS, "jaw", "left_eye_smplhf", "right_eye_smplhf", *_HANDS),
}
"""Joints of each model in the order of its file."""

# SMPL-X counts expressions as shapes: the last 100 of 400, or the last 10 of 20.
_SHAPES_OF_SMPLX = {400: 300, 20: 10}
_FINGER_OF_WORD = {"index": 2, "middle": 3, "ring": 4, "pinky": 5}
_SMPL_AXES = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])  # rows: our x, y, z in SMPL's axes
_WANTED = ("v_template", "shapedirs", "J_regressor", "weights", "kintree_table", "f")
_PIECES = ("data", "indices", "indptr", "shape", "format")
MAX_BYTES = 2_000_000_000
SUM_TOLERANCE = 1e-2  # rows of weights and regressor sum to 1; files keep them in float32


@dataclass(frozen=True, eq=False)
class SmplModel:
    """One model file, in SMPL's own axes (x left, y up, z forward), metres.

    Attributes:
        name: of the file.
        kind: ``SMPL``, ``SMPL-H`` or ``SMPL-X``.
        gender: ``male``, ``female``, ``neutral``, or empty where the file's name does not tell.
        template_m: the mean mesh.
        shape_m: (V, 3, B) what one standard deviation of each shape adds; expressions of SMPL-X are left out.
        regressor: (J, V) joints from the mesh.
        weights: (V, J).
        triangles: counter-clockwise from outside.

    Example:
        >>> from anywear.body import read_smpl, smpl_body
        >>> model = read_smpl("SMPLH_MALE.npz")  # doctest: +SKIP
        >>> smpl_body(model, betas=[0.5, -1.0]).height_m  # doctest: +SKIP
    """

    name: str
    kind: str
    gender: str
    template_m: Float[Array, "vertices 3"]
    shape_m: Float[Array, "vertices 3 shapes"]
    regressor: Float[Array, "joints vertices"]
    weights: Float[Array, "vertices joints"]
    triangles: Int[Array, "triangles 3"]

    @property
    def joints(self) -> tuple[str, ...]:
        """Names of the joints, in order."""
        return JOINTS_OF[self.kind]

    def vertices_m(self, betas: Float[Array, " shapes"] | list[float] | None = None) -> Float[Array, "vertices 3"]:
        """The rest mesh of a shape; fewer betas than the model has mean zeros.

        Raises:
            UsageError: more betas than the model has, or such as are not finite.
        """
        given = np.zeros(0) if betas is None else np.asarray(betas, dtype=float)
        if given.ndim != 1 or not np.isfinite(given).all():
            raise UsageError("Betas are one row of numbers", where=self.name, got=f"shape {given.shape}")
        own = self.shape_m.shape[2]
        if np.any(given[own:]):
            raise UsageError(
                "The model has fewer shapes than there are betas", where=self.name, expected=f"{own} or fewer",
                got=f"{len(given)}", remedy=f"Get the model with {len(given)} shapes, or give the first {own} alone",
            )  # fmt: skip
        given = given[:own]
        return self.template_m + self.shape_m[..., : len(given)] @ given

    def joints_m(self, betas: Float[Array, " shapes"] | list[float] | None = None) -> Float[Array, "joints 3"]:
        """Joints of a shape at rest."""
        return self.regressor @ self.vertices_m(betas)


def smpl_body(model: SmplModel | str | Path, betas: Float[Array, " shapes"] | list[float] | None = None) -> ShapedBody:
    """A SMPL, SMPL-H or SMPL-X body on our rig, in its T-pose.

    Args:
        model: a model, or the path of its file.
        betas: coefficients of the shape, in standard deviations; the mean body by default.

    Raises:
        FormatError: the file is damaged or no SMPL model. UsageError: more betas than the model has.
    """
    model = model if isinstance(model, SmplModel) else read_smpl(model)
    joints = dict(zip(model.joints, model.joints_m(betas) @ _SMPL_AXES.T, strict=True))
    vertices = model.vertices_m(betas) @ _SMPL_AXES.T
    bone_weight = np.zeros((len(vertices), len(BONE_NAMES)))
    for column, joint in enumerate(model.joints):
        bone_weight[:, BONE_INDEX[_bone_of(joint)]] += model.weights[:, column]
    heads = {_bone_of(joint): joints[joint] for joint in BODY_JOINTS}
    fingers = None
    for side, long, short in (("left", "Left", "L"), ("right", "Right", "R")):
        heads[f"{long}HandFinger1"] = joints[f"{side}_hand" if model.kind == "SMPL" else f"{side}_middle1"]
        if model.kind != "SMPL":
            heads[f"{short}Thumb"] = joints[f"{side}_thumb1"]
    if model.kind != "SMPL":
        fingers = np.stack([_finger(model, joints, vertices, name) for name in LANDMARKS])
    sex = {"female": 0.0, "male": 1.0}.get(model.gender, 0.5)
    return adopted(
        ForeignBody(model.name, vertices, model.triangles, bone_weight / bone_weight.sum(axis=1, keepdims=True), heads,
                    fingers, sex)
    )  # fmt: skip


def read_smpl(path: str | Path) -> SmplModel:
    """Read a model file, ``.npz`` or ``.pkl``.

    Raises:
        FormatError: missing, damaged, not a SMPL model, or a pickle that holds more than arrays.
    """
    path = Path(path)
    where = str(path)
    if not path.is_file():
        raise FormatError("There is no such model file", where=where, remedy="Download it from the model's own site")
    try:
        arrays = _arrays(path)
        return _model(path, arrays)
    except AnywearError as error:
        error.where = error.where or where
        raise


def _model(path: Path, arrays: dict[str, Array]) -> SmplModel:
    missing = [name for name in _WANTED if name not in arrays]
    if missing:
        raise FormatError(
            "This is no SMPL model", expected=", ".join(_WANTED), got=f"without {', '.join(missing)}",
            remedy="Give the file of a model: poses of AMASS are read by read_motion",
        )  # fmt: skip
    template, shapes, regressor, weights = (arrays[name].astype(float) for name in _WANTED[:4])
    tree, faces = arrays["kintree_table"].astype(np.int64), arrays["f"].astype(np.int64)
    vertices, joints = len(template), weights.shape[-1]
    kind = next((kind for kind, names in JOINTS_OF.items() if len(names) == joints), None)
    if kind is None:
        known = ", ".join(f"{len(names)} ({kind})" for kind, names in JOINTS_OF.items())
        raise FormatError("The number of joints is of no known model", expected=known, got=str(joints))
    wanted = {"v_template": (vertices, 3), "J_regressor": (joints, vertices), "weights": (vertices, joints)}
    wanted |= {"shapedirs": (vertices, 3, shapes.shape[-1]), "kintree_table": (2, joints), "f": (len(faces), 3)}
    for name, shape in wanted.items():
        if arrays[name].shape != shape:
            raise FormatError(f"{name!r} has another shape", expected=str(shape), got=str(arrays[name].shape))
        if not np.isfinite(arrays[name]).all():
            raise FormatError(f"{name!r} holds values that are not finite")
    if len(faces) == 0 or faces.min() < 0 or faces.max() >= vertices:
        raise FormatError("A face names a vertex that does not exist", expected=f"0 to {vertices - 1}")
    if (tree[0, 1 : len(BODY_PARENTS)] != BODY_PARENTS[1:]).any():
        raise FormatError("The joints hang together otherwise than SMPL's", got=str(tree[0, : len(BODY_PARENTS)]))
    for name, table in (("weights", weights), ("J_regressor", regressor)):
        off = float(np.abs(table.sum(axis=1) - 1).max())
        if off > SUM_TOLERANCE or (name == "weights" and table.min() < -SUM_TOLERANCE):
            raise FormatError(f"Rows of {name!r} are no shares", expected="sums of 1", got=f"off by {off:.2g}")
    count = _SHAPES_OF_SMPLX.get(shapes.shape[-1], shapes.shape[-1]) if kind == "SMPL-X" else shapes.shape[-1]
    return SmplModel(
        name=path.name, kind=kind, gender=_gender(path), template_m=template, shape_m=shapes[..., :count],
        regressor=regressor, weights=np.maximum(weights, 0.0), triangles=faces,
    )  # fmt: skip


def _arrays(path: Path) -> dict[str, Array]:
    where = str(path)
    if path.stat().st_size > MAX_BYTES:
        raise FormatError("The file is too large for a model", where=where, got=f"{path.stat().st_size} bytes")
    with open(path, "rb") as file:
        head = file.read(4)
        if not head.startswith(b"PK"):
            if path.suffix.lower() == ".npz":
                raise FormatError("The file is no NumPy archive", where=where, got=repr(head))
            file.seek(0)
            content = load_stored(file, where)
            if not isinstance(content, dict):
                raise FormatError("The pickle is no SMPL model", where=where, got=type(content).__name__.strip("_"))
            return {name: array_of(content[name], name) for name in _WANTED if name in content}
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name[:-4] in _WANTED or name.startswith("J_regressor_")]
            if sum(archive.getinfo(name).file_size for name in names) > MAX_BYTES:
                raise FormatError("The archive is too large for a model when unpacked", where=where)
            found: dict[str, Any] = {name[:-4]: _entry(archive, name, where) for name in names}
    except AnywearError:
        raise
    except Exception as error:  # numpy and zipfile raise many kinds on damaged files
        raise FormatError("The archive is damaged", where=where, got=str(error)[:100]) from error
    if "J_regressor" not in found and {f"J_regressor_{piece}" for piece in _PIECES[:4]} <= set(found):
        data, indices, starts, shape = (array_of(found[f"J_regressor_{piece}"], piece) for piece in _PIECES[:4])
        written = str(found.get("J_regressor_format", "csc"))
        found["J_regressor"] = dense(data, indices, starts, shape.tolist(), by_column="csr" not in written)
    return {name: array_of(found[name], name) for name in _WANTED if name in found}


def _entry(archive: zipfile.ZipFile, name: str, where: str) -> Any:
    with archive.open(name) as file:
        version = np.lib.format.read_magic(file)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        _, _, dtype = read_header(file)
        if dtype.hasobject:
            return load_stored(file, f"{where}, {name[:-4]}")
    with archive.open(name) as file:
        array = np.lib.format.read_array(file, allow_pickle=False)
    return array.item() if array.dtype.kind in "SU" and array.size == 1 else array


def _bone_of(joint: str) -> str:
    """The bone of our rig that a joint's weights go to."""
    if joint in _MIDDLE:
        return _MIDDLE[joint]
    side, _, part = joint.partition("_")
    if part.startswith("thumb"):
        return f"{side[0].upper()}Thumb"
    return side.capitalize() + _SIDED.get(part, "HandFinger1")


_MIDDLE = {
    "pelvis": "Hips", "spine1": "LowerBack", "spine2": "Spine", "spine3": "Spine1", "neck": "Neck", "head": "Head",
    "jaw": "Head", "left_eye_smplhf": "Head", "right_eye_smplhf": "Head",
}  # fmt: skip
_SIDED = {
    "hip": "UpLeg", "knee": "Leg", "ankle": "Foot", "foot": "ToeBase", "collar": "Shoulder", "shoulder": "Arm",
    "elbow": "ForeArm", "wrist": "Hand",
}  # fmt: skip


def _finger(model: SmplModel, joints: dict[str, Array], vertices: Array, landmark: str) -> Array:
    """Knuckle and tip: the first joint, and the last one led on to the skin."""
    side, _, number = landmark.partition("_finger_")
    word = next(word for word, finger in _FINGER_OF_WORD.items() if finger == int(number))
    assert int(number) in FINGERS
    knuckle, middle, last = (joints[f"{side}_{word}{place}"] for place in (1, 2, 3))
    along = (last - middle) / max(float(np.linalg.norm(last - middle)), 1e-9)
    own = vertices[model.weights[:, model.joints.index(f"{side}_{word}3")] > 0.5]
    reach = float(((own - last) @ along).max()) if len(own) else float(np.linalg.norm(last - middle))
    return np.stack([knuckle, last + max(reach, 0.0) * along])


def _gender(path: Path) -> str:
    """From names such as SMPLH_MALE.npz, basicModel_f_lbs_10_207_0_v1.0.0.pkl or male/model.npz."""
    for text in (path.stem, path.parent.name):
        match = re.search(r"(?<![a-z])(female|male|neutral|[fmn])(?![a-z])", text.lower())
        if match:
            return {"f": "female", "m": "male", "n": "neutral"}[match[1][0]]
    return ""
