"""SMPL bodies: models made here in SMPL's layout from our own mesh in a T-pose, against SMPL's own recipe."""

from __future__ import annotations

import pickle
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import scipy.sparse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.spatial import KDTree
from scipy.spatial.transform import Rotation

from anywear.body import (
    BONE_INDEX,
    BONE_NAMES,
    SKIN_BONE_NAMES,
    ShapedBody,
    all_sites,
    bone_transforms,
    joint_positions,
    neutral_pose,
    place,
    points_on,
    read_smpl,
    rest_pose,
    sample_surface,
    segment_axes,
    shape_body,
    smpl_body,
)
from anywear.body.kinematics import spread_twist
from anywear.body.rig import LANDMARKS
from anywear.body.smpl import BODY_JOINTS, BODY_PARENTS, JOINTS_OF
from anywear.bodygraph import SEGMENTS
from anywear.errors import AnywearError, FormatError, UsageError
from anywear.motion import BodyMotion, amass

TO_SMPL = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])  # our x, y, z to x left, y up, z forward
OFF = np.array([0.1, 0.0, -1.1])  # SMPL's origin lies near the chest
KINDS = tuple(JOINTS_OF)


@dataclass(frozen=True, eq=False)
class TPose:
    """Our own body with its arms out: what the made models are made of."""

    body: ShapedBody
    transforms: np.ndarray
    vertices_m: np.ndarray
    joints_m: dict[str, np.ndarray]
    fingers_m: np.ndarray


@cache
def t_pose() -> TPose:
    body, quat = shape_body(), rest_pose()[0]
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        axes = segment_axes(body)
        level = Rotation.from_rotvec([sign * np.pi / 2, 0, 0])
        for bone in ("Arm", "ForeArm", "Hand", "FingerBase", "HandFinger1"):
            name = {"Arm": "upper_arm", "ForeArm": "forearm"}.get(bone, "hand")
            to_neutral = Rotation.from_matrix(axes[f"{side.lower()}_{name}"].rest_from_neutral.T)
            quat[BONE_INDEX[side + bone]] = (level * to_neutral).as_quat()
        quat[BONE_INDEX[f"{side[0]}Thumb"]] = quat[BONE_INDEX[f"{side}Hand"]]
    root = body.root_m[None]
    transforms = bone_transforms(body, quat[None], root)[0]
    weight = np.zeros((len(body.vertices_m), len(BONE_NAMES)))
    np.add.at(weight, (np.arange(len(weight))[:, None], body.weight_bone), body.weight)
    blended = np.einsum("vb,bij->vij", spread_twist(body, body.vertices_m, weight), transforms)
    vertices = np.einsum("vij,vj->vi", blended[..., :3], body.vertices_m) + blended[..., 3]
    joints = dict(zip(BONE_NAMES, joint_positions(body, quat[None], root)[0], strict=True))
    fingers = np.empty_like(body.fingers_m)
    for row, landmark in enumerate(LANDMARKS):
        hand = transforms[BONE_INDEX[f"{landmark.partition('_')[0].capitalize()}Hand"]]
        fingers[row] = body.fingers_m[row] @ hand[:, :3].T + hand[:, 3]
    return TPose(body, transforms, vertices, joints, fingers)


def joint_of(kind: str, name: str) -> np.ndarray:
    """Where a joint of SMPL is on the T-posed body, our axes."""
    pose = t_pose()
    middle = {
        "pelvis": "Hips", "spine1": "LowerBack", "spine2": "Spine", "spine3": "Spine1", "neck": "Neck", "head": "Head",
    }  # fmt: skip
    if name in middle:
        return pose.joints_m[middle[name]]
    if name in ("jaw", "left_eye_smplhf", "right_eye_smplhf"):
        side = {"l": 0.03, "r": -0.03, "j": 0.0}[name[0]]
        return pose.joints_m["Head"] + [0.07, side, 0.02]
    side, _, part = name.partition("_")
    if part == "hand":
        rows = [LANDMARKS.index(f"{side}_finger_{n}") for n in (2, 3, 4, 5)]
        return pose.fingers_m[rows, 0].mean(axis=0)
    if part.startswith("thumb"):
        index = pose.fingers_m[LANDMARKS.index(f"{side}_finger_2")]
        return pose.joints_m[f"{side[0].upper()}Thumb"] + (int(part[-1]) - 1) * 0.3 * (index[1] - index[0])
    for word, finger in (("index", 2), ("middle", 3), ("ring", 4), ("pinky", 5)):
        if part.startswith(word):
            knuckle, tip = pose.fingers_m[LANDMARKS.index(f"{side}_finger_{finger}")]
            return knuckle + (int(part[-1]) - 1) / 3 * (tip - knuckle)
    ours = {
        "hip": "UpLeg", "knee": "Leg", "ankle": "Foot", "foot": "ToeBase", "collar": "Shoulder", "shoulder": "Arm",
        "elbow": "ForeArm", "wrist": "Hand",
    }[part]  # fmt: skip
    return pose.joints_m[side.capitalize() + ours]


def weights_of(kind: str, joints: np.ndarray) -> np.ndarray:
    """Our weights over SMPL's joints; with finger joints, each vertex of the fingers moves with the nearest."""
    pose, names = t_pose(), JOINTS_OF[kind]
    body = pose.body
    own = np.zeros((len(body.vertices_m), len(BONE_NAMES)))
    np.add.at(own, (np.arange(len(own))[:, None], body.weight_bone), body.weight)
    out = np.zeros((len(own), len(names)))
    for bone, column in BONE_INDEX.items():
        stem = {"Hips": "pelvis", "LHipJoint": "pelvis", "RHipJoint": "pelvis", "LowerBack": "spine1", "Spine": "spine2",
                "Spine1": "spine3", "Neck": "neck", "Neck1": "neck", "Head": "head"}.get(bone)  # fmt: skip
        if stem is None:
            side = "left" if bone[0] == "L" else "right"
            part = bone.removeprefix(side.capitalize())
            stem = {"UpLeg": "hip", "Leg": "knee", "Foot": "ankle", "ToeBase": "foot", "Shoulder": "collar",
                    "Arm": "shoulder", "ForeArm": "elbow", "Hand": "wrist", "FingerBase": "wrist"}.get(part)  # fmt: skip
            if stem is None:
                chain = [i for i, n in enumerate(names) if n.startswith(side) and n[-1] in "123" and
                         (("thumb" in n) == (part.endswith("Thumb")))]  # fmt: skip
                if kind == "SMPL":
                    out[:, names.index(f"{side}_hand")] += own[:, column]
                else:
                    nearest = np.array(chain)[KDTree(joints[chain]).query(pose.vertices_m)[1]]
                    out[np.arange(len(out)), nearest] += own[:, column]
                continue
            stem = f"{side}_{stem}"
        out[:, names.index(stem)] += own[:, column]
    return out


def regressor_of(vertices: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """The smallest weights on near vertices that give each joint exactly."""
    out = np.zeros((len(joints), len(vertices)))
    near = KDTree(vertices).query(joints, k=60)[1]
    for row, (joint, own) in enumerate(zip(joints, np.atleast_2d(near), strict=True)):
        table = np.vstack([vertices[own].T, np.ones(len(own))])
        out[row, own] = np.linalg.lstsq(table, np.append(joint, 1.0), rcond=None)[0]
    return out


@cache
def made(kind: str) -> dict[str, np.ndarray]:
    """Arrays of a model file: shapes are random linear maps of space, so that they are smooth."""
    pose, rng = t_pose(), np.random.default_rng(7)
    joints = np.stack([joint_of(kind, name) for name in JOINTS_OF[kind]])
    maps = rng.normal(scale=0.01, size=(10, 3, 3)) + np.eye(3) * rng.normal(scale=0.01, size=(10, 1, 1))
    vertices = (pose.vertices_m + OFF) @ TO_SMPL.T
    parents = [-1, *BODY_PARENTS[1:]]
    names = JOINTS_OF[kind]
    for number, name in enumerate(names[len(BODY_JOINTS) :], len(BODY_JOINTS)):
        if name.endswith(("2", "3")):
            parents.append(number - 1)
        else:
            parents.append(
                names.index("head" if name[:3] in ("jaw",) or "eye" in name else f"{name.split('_')[0]}_wrist")
            )
    return {
        "v_template": vertices,
        "shapedirs": np.einsum("vj,bij->vib", vertices, maps),
        "J_regressor": regressor_of(vertices, (joints + OFF) @ TO_SMPL.T),
        "weights": weights_of(kind, joints),
        "kintree_table": np.array([np.array(parents) % 2**32, np.arange(len(parents))], dtype=np.uint32),
        "f": pose.body.triangles.astype(np.uint32),
    }


def saved(folder: Path, kind: str = "SMPL-H", name: str = "SMPLH_MALE.npz", changes: dict | None = None) -> Path:
    arrays = {key: value for key, value in {**made(kind), **(changes or {})}.items() if value is not None}
    np.savez(folder / name, **arrays)
    return folder / name


BETAS = np.random.default_rng(3).normal(size=10)


def by_recipe(kind: str, poses: np.ndarray, trans: np.ndarray, betas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """SMPL without pose blend shapes, as its paper says: shape, regress, turn along the tree, blend."""
    own = made(kind)
    vertices = own["v_template"] + own["shapedirs"] @ betas
    joints = own["J_regressor"] @ vertices
    parents = own["kintree_table"][0].astype(np.int64)
    all_joints, all_vertices = [], []
    for pose, move in zip(poses, trans, strict=True):
        world = np.zeros((len(joints), 4, 4))
        for joint in range(len(joints)):
            local = np.eye(4)
            if 3 * joint < len(pose):
                local[:3, :3] = Rotation.from_rotvec(pose[3 * joint : 3 * joint + 3]).as_matrix()
            local[:3, 3] = joints[joint] - (joints[parents[joint]] if joint else 0.0)
            world[joint] = local if joint == 0 else world[parents[joint]] @ local
        all_joints.append(world[:, :3, 3] + move)
        turned = world.copy()
        turned[:, :3, 3] -= np.einsum("jab,jb->ja", world[:, :3, :3], joints)
        blended = np.einsum("vj,jab->vab", own["weights"], turned)
        all_vertices.append(np.einsum("vab,vb->va", blended[:, :3, :3], vertices) + blended[:, :3, 3] + move)
    return np.stack(all_joints), np.stack(all_vertices)


def walk_of(folder: Path, more: dict | None = None, frames: int = 6) -> tuple[Path, np.ndarray, np.ndarray]:
    """An AMASS file of 22 turning joints, upright in Z."""
    rng = np.random.default_rng(5)
    poses = np.zeros((frames, 156))
    poses[:, :66] = 0.5 * np.sin(np.linspace(0, 2, frames)[:, None] + rng.uniform(0, 6, (1, 66)))
    upright = Rotation.from_euler("ZX", [90, 90], degrees=True)
    poses[:, :3] = [(Rotation.from_euler("z", 7 * i, degrees=True) * upright).as_rotvec() for i in range(frames)]
    trans = np.linspace(0, 0.3, frames)[:, None] * [[1.0, 0.5, 0.0]] + [[0.0, 0.0, 1.2]]
    path = folder / "walk_poses.npz"
    np.savez(
        path,
        **{"poses": poses, "trans": trans, "mocap_framerate": 120.0, "betas": BETAS, "gender": "male", **(more or {})},
    )
    return path, poses, trans


@pytest.mark.parametrize("kind", KINDS)
def test_joints_soles_and_origin(tmp_path, kind):
    model = read_smpl(saved(tmp_path, kind))
    assert (model.kind, model.gender, len(model.joints)) == (
        kind,
        "male",
        {"SMPL": 24, "SMPL-H": 52, "SMPL-X": 55}[kind],
    )
    body = smpl_body(model)
    pose = t_pose()
    assert body.vertices_m[:, 2].min() == pytest.approx(0.0, abs=1e-12)
    ankles = (body.bone("LeftFoot")[0] + body.bone("RightFoot")[0]) / 2
    np.testing.assert_allclose(ankles[:2], 0.0, atol=1e-12)
    assert body.shape.sex == 1.0 and body.shape.height_m == body.height_m == pytest.approx(
        np.ptp(pose.vertices_m[:, 2])
    )
    # Whatever has a joint in SMPL is where it was on the body the model was made of.
    moved = body.bone("Hips")[0] - pose.joints_m["Hips"]
    for bone in ("Head", "LeftArm", "LeftForeArm", "RightHand", "LeftLeg", "RightToeBase", "LeftShoulder", "Spine1"):
        np.testing.assert_allclose(body.bone(bone)[0], pose.joints_m[bone] + moved, atol=1e-6)
    np.testing.assert_allclose(body.weight.sum(axis=1), 1.0)
    assert body.bone("LeftHand")[0][1] > 0.6 > -0.6 > body.bone("RightHand")[0][1]
    assert not body.hidden.any() and not body.vertices_m.flags.writeable


def test_fingers_are_where_they_are(tmp_path):
    pose = t_pose()
    for kind, tolerance in (("SMPL-H", 0.012), ("SMPL-X", 0.012), ("SMPL", 0.04)):
        body = smpl_body(saved(tmp_path, kind))
        truth = pose.fingers_m + (body.bone("Hips")[0] - pose.joints_m["Hips"])
        assert np.linalg.norm(body.fingers_m - truth, axis=-1).max() < tolerance, kind
        for side in ("left", "right"):  # the index finger is in front, the little one behind
            knuckles = [body.finger(f"{side}_finger_{n}")[0][0] for n in (2, 3, 4, 5)]
            assert knuckles == sorted(knuckles, reverse=True)


@pytest.mark.parametrize("kind", KINDS)
def test_sites_are_where_they_are_on_our_own_body(tmp_path, kind):
    """The same mesh in two rest poses: every site lies on the same skin, with the same frame against its segment."""
    pose, body = t_pose(), smpl_body(saved(tmp_path, kind))
    names, ours = all_sites(pose.body)
    theirs = place(body, names)
    shift = body.bone("Hips")[0] - pose.joints_m["Hips"]
    corners = pose.vertices_m[pose.body.triangles[ours.triangle]]
    carried = np.einsum("nc,ncx->nx", ours.corner_weight, corners) + shift
    away = np.linalg.norm(theirs.rest_m - carried, axis=1)
    assert np.median(away) < 0.01 and away.max() < 0.05, sorted(zip(away.round(3), names, strict=True))[-5:]
    assert theirs.segment_names == ours.segment_names
    # Frames against the segment in the neutral pose, where both bodies are alike.
    turned = [
        Rotation.from_matrix(points.rest_from_neutral).inv() * Rotation.from_matrix(points.rest_from_point)
        for points in (ours, theirs)
    ]
    angle = np.degrees((turned[0].inv() * turned[1]).magnitude())
    assert np.median(angle) < 6.0 and np.percentile(angle, 90) < 25.0, sorted(zip(angle.round(), names, strict=True))[
        -8:
    ]


def test_neutral_pose_hangs_the_arms(tmp_path):
    body = smpl_body(saved(tmp_path))
    joints = joint_positions(body, neutral_pose(body), body.root_m[None])[0]
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        arm, hand = joints[BONE_INDEX[f"{side}Arm"]], joints[BONE_INDEX[f"{side}Hand"]]
        down = (hand - arm) / np.linalg.norm(hand - arm)
        assert down[2] < -0.99
        turn = Rotation.from_quat(neutral_pose(body)[0, BONE_INDEX[f"{side}Hand"]])
        knuckle = body.finger(f"{side.lower()}_finger_2")[0] - body.finger(f"{side.lower()}_finger_5")[0]
        assert turn.apply(knuckle)[0] > 0.8 * np.linalg.norm(knuckle)  # the thumb's side in front
        assert sign * hand[1] > 0.1
    points = sample_surface(body, 300, np.random.default_rng(0))
    np.testing.assert_allclose(points.weight.sum(axis=1), 1.0)
    assert set(SEGMENTS) >= set(points.segment_names)


@pytest.mark.parametrize("kind", KINDS)
def test_an_amass_clip_moves_its_own_body_as_smpl_does(tmp_path, kind):
    """Joints exactly; skin too, where our rig and SMPL's blend alike (our forearms spread the hand's twist)."""
    retarget = pytest.importorskip("anywear.motion.retarget").retarget
    clip_path, poses, trans = walk_of(tmp_path)
    clip, body = amass.read_amass_body(clip_path, saved(tmp_path, kind))
    joints, vertices = by_recipe(kind, poses[:, :66], trans, BETAS)
    np.testing.assert_allclose(clip.joint_positions_m(), joints[:, :22], atol=1e-6)
    motion: BodyMotion = retarget(clip, body)
    ours = motion.joints_m()
    shift = ours[:, :1] - joints[:, :1]
    np.testing.assert_allclose(shift[..., :2], 0.0, atol=1e-6)  # at most the ground was moved
    assert np.ptp(shift[..., 2]) < 1e-6
    for bone, joint in (("Head", "head"), ("LeftHand", "left_wrist"), ("RightForeArm", "right_elbow"),
                        ("LeftArm", "left_shoulder"), ("RightFoot", "right_ankle"), ("LeftToeBase", "left_foot"),
                        ("RightLeg", "right_knee"), ("Spine1", "spine3"), ("LeftShoulder", "left_collar")):  # fmt: skip
        seen, wanted = ours[:, BONE_INDEX[bone]], joints[:, BODY_JOINTS.index(joint)] + shift[:, 0]
        assert np.abs(seen - wanted).max() < 1e-6, bone
    corners = np.arange(0, len(body.triangles), 40)
    points = points_on(body, corners, np.tile([1.0, 0.0, 0.0], (len(corners), 1)))
    blended = np.einsum("pb,tbij->tpij", points.dense_weight(), motion.transforms())
    skin = np.einsum("tpij,pj->tpi", blended[..., :3], points.rest_m) + blended[..., 3]
    off = np.abs(skin - vertices[:, body.triangles[corners, 0]] - shift).max(axis=(0, 2))
    arms = [SKIN_BONE_NAMES.index(n) for n in SKIN_BONE_NAMES if "ForeArm" in n]
    forearm = points.dense_weight()[:, arms].sum(axis=1) > 1e-9
    assert off[~forearm].max() < 1e-5 and off[forearm].max() < 0.12


def test_shapes_count_and_must_fit(tmp_path):
    model = read_smpl(saved(tmp_path))
    np.testing.assert_allclose(
        model.vertices_m([1.0]), made("SMPL-H")["v_template"] + made("SMPL-H")["shapedirs"][..., 0]
    )
    assert smpl_body(model, BETAS).height_m != pytest.approx(smpl_body(model).height_m, abs=1e-3)
    assert model.vertices_m(np.zeros(16)).shape == model.template_m.shape
    with pytest.raises(UsageError, match="fewer shapes"):
        smpl_body(model, np.ones(16))
    with pytest.raises(UsageError):
        smpl_body(model, np.array([np.nan]))
    with pytest.raises(FormatError, match="human size"):
        smpl_body(model, 400 * BETAS)


def test_expressions_of_smplx_are_no_shapes(tmp_path):
    own = made("SMPL-X")["shapedirs"]
    model = read_smpl(
        saved(tmp_path, "SMPL-X", "SMPLX_NEUTRAL.npz", {"shapedirs": np.concatenate([own, 0 * own + 1], axis=2)})
    )
    assert model.shape_m.shape[2] == 10 and model.gender == "neutral"


def test_amass_names_its_subject(tmp_path):
    clip_path, *_ = walk_of(tmp_path)
    subject = amass.amass_shape(clip_path)
    np.testing.assert_array_equal(subject.betas, BETAS)
    assert subject.gender == "male"
    clip, body = amass.read_amass_body(clip_path, saved(tmp_path))
    model = read_smpl(tmp_path / "SMPLH_MALE.npz")
    np.testing.assert_allclose(body.vertices_m, smpl_body(model, BETAS).vertices_m)
    assert not any("stand-in" in note.text for note in clip.notes)
    with pytest.raises(UsageError, match="gender"):
        amass.read_amass_body(clip_path, saved(tmp_path, name="SMPLH_FEMALE.npz"))
    walk_of(tmp_path, {"gender": np.array(b"male")})
    assert amass.amass_shape(clip_path).gender == "male"
    for damage in ({"betas": np.array(["x"])}, {"betas": np.full(10, np.nan)}, {"betas": np.zeros((2, 10))}):
        walk_of(tmp_path, damage)
        with pytest.raises(FormatError):
            amass.amass_shape(clip_path)


def chumpy_like(arrays: dict) -> ModuleType:
    """A module that pickles as chumpy's arrays do: an object whose values are in its ``x``."""
    module = ModuleType("chumpy.ch")
    kind = type("Ch", (), {"__module__": "chumpy.ch"})
    module.Ch = kind  # type: ignore[attr-defined]
    return module


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_the_original_pickles_are_read(tmp_path, monkeypatch, protocol):
    arrays = made("SMPL")
    module = chumpy_like(arrays)
    monkeypatch.setitem(sys.modules, "chumpy", ModuleType("chumpy"))
    monkeypatch.setitem(sys.modules, "chumpy.ch", module)
    shapes = module.Ch()
    shapes.x = np.asfortranarray(arrays["shapedirs"].astype(np.float32))
    content = {
        **arrays, "shapedirs": shapes, "J_regressor": scipy.sparse.csc_matrix(arrays["J_regressor"]), "bs_type": "lrotmin",
        "weights": arrays["weights"].astype(">f8"),
    }  # fmt: skip
    path = tmp_path / "basicModel_f_lbs_10_207_0_v1.0.0.pkl"
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    monkeypatch.delitem(sys.modules, "chumpy.ch")
    monkeypatch.delitem(sys.modules, "chumpy")
    model = read_smpl(path)
    assert model.gender == "female" and model.kind == "SMPL"
    np.testing.assert_allclose(model.joints_m(), arrays["J_regressor"] @ arrays["v_template"], atol=1e-12)
    np.testing.assert_allclose(model.shape_m, arrays["shapedirs"], atol=1e-6)


def test_sparse_regressors_in_archives(tmp_path):
    dense = made("SMPL-H")["J_regressor"]
    expected = read_smpl(saved(tmp_path)).joints_m()
    column, row = scipy.sparse.csc_matrix(dense), scipy.sparse.csr_array(dense)
    boxed = np.empty((), dtype=object)
    boxed[()] = column
    pieces = {
        f"J_regressor_{name}": value
        for name, value in (("data", row.data), ("indices", row.indices), ("indptr", row.indptr),
                            ("shape", np.array(row.shape)), ("format", np.array("csr")))
    }  # fmt: skip
    for changes in ({"J_regressor": boxed}, {"J_regressor": None, **pieces}):
        np.testing.assert_allclose(read_smpl(saved(tmp_path, changes=changes)).joints_m(), expected, atol=1e-12)
    with pytest.raises(FormatError, match="sparse"):
        wild = {**pieces, "J_regressor_indices": row.indices + 10_000_000}
        read_smpl(saved(tmp_path, changes={"J_regressor": None, **wild}))


class Evil:
    def __reduce__(self):
        return (print, ("this must not run",))


def test_pickles_run_nothing(tmp_path, capsys):
    path = tmp_path / "model.pkl"
    for protocol in (0, 2, 5):
        path.write_bytes(pickle.dumps({**made("SMPL"), "extra": Evil()}, protocol=protocol))
        with pytest.raises(FormatError, match="no array") as error:
            read_smpl(path)
        assert "print" in str(error.value) and "npz" in str(error.value)
    boxed = np.empty((), dtype=object)
    boxed[()] = Evil()
    with pytest.raises(FormatError, match="no array"):
        read_smpl(saved(tmp_path, changes={"J_regressor": boxed}))
    # A pickle that would change one of the stand-ins, to be used by the next file.
    path.write_bytes(b"cnumpy\nndarray\n(N}S'values'\nI1\nstb.")
    with pytest.raises(FormatError):
        read_smpl(path)
    assert capsys.readouterr().out == ""


BAD = {
    "no template": {"v_template": None},
    "poses": {"v_template": None, "poses": np.zeros((9, 156)), "trans": np.zeros((9, 3))},
    "other joints": {"weights": np.ones((13718, 17)) / 17},
    "shapes": {"shapedirs": np.zeros((5, 3, 10))},
    "nan": {"v_template": np.full((13718, 3), np.nan)},
    "faces": {"f": np.full((10, 3), 99999)},
    "weights": {"weights": np.zeros((13718, 52))},
    "tree": {"kintree_table": np.zeros((2, 52), dtype=np.int64)},
    "regressor": {"J_regressor": np.zeros((52, 13718))},
    "millimetres": {},
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
def test_what_is_no_model_is_refused(tmp_path, change):
    change = change or {"v_template": 1000 * made("SMPL-H")["v_template"]}
    with pytest.raises(FormatError) as error:
        smpl_body(saved(tmp_path, changes=change))
    assert error.value.where and "SMPLH" in error.value.where


def test_files_that_are_none(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"")
    (tmp_path / "b.pkl").write_bytes(b"\x80\x04garbage")
    (tmp_path / "c.pkl").write_bytes(pickle.dumps([1, 2]))
    for name in ("a.npz", "b.pkl", "c.pkl", "none.npz", "."):
        with pytest.raises(FormatError):
            read_smpl(tmp_path / name)


SMALL = pickle.dumps({"v_template": np.eye(3), "J_regressor": scipy.sparse.csc_matrix(np.eye(3)), "f": [1]}, protocol=2)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(SMALL)), st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), max_size=4))
def test_damaged_pickles_give_our_error(tmp_path, cut, flips):
    damaged = bytearray(SMALL)
    for at, value in flips:
        damaged[at] = value
    (tmp_path / "m.pkl").write_bytes(damaged[:cut] if cut else damaged)
    with pytest.raises(AnywearError):
        read_smpl(tmp_path / "m.pkl")
