"""Bodies of anny, by a stand-in of the same interface made from our own body: the package itself is not installed."""

from __future__ import annotations

import re
import sys
from functools import cache
from types import ModuleType

import numpy as np
import pytest
from scipy.spatial import KDTree

from anywear.body import BONE_INDEX, BONE_NAMES, BONE_PARENTS, ShapedBody, all_sites, anny_body, place, shape_body
from anywear.body.rig import LANDMARKS
from anywear.errors import FormatError, UsageError

TO_ANNY = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])  # our x, y, z to x left, y back, z up
SPINE = {
    "Hips": "spine05", "LowerBack": "spine04", "Spine": "spine03", "Spine1": "spine02", "Neck": "neck01",
    "Neck1": "neck02", "Head": "head",
}  # fmt: skip
LIMB = {
    "UpLeg": "upperleg01", "Leg": "lowerleg01", "Foot": "foot", "ToeBase": "toe1-1", "Shoulder": "clavicle",
    "Arm": "upperarm01", "ForeArm": "lowerarm01", "Hand": "wrist", "FingerBase": "metacarpal2", "HandFinger1": "finger3-1",
    "Thumb": "finger1-1", "HipJoint": "pelvis",
}  # fmt: skip


def label(bone: str) -> str:
    if bone in SPINE:
        return SPINE[bone]
    stem = bone.removeprefix("Left").removeprefix("Right")
    return f"{LIMB[stem if stem != bone else bone[1:]]}.{bone[0]}"


class Tensor:
    """What is used of a tensor on some device."""

    def __init__(self, values) -> None:
        self.values = np.asarray(values)

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> np.ndarray:
        return self.values


class Model:
    """Our body under MakeHuman's names, with fingers, toes and bones of the face that the names must lead home."""

    def __init__(self) -> None:
        body = shape_body()
        self.phenotype_labels = ["gender", "age", "height"]
        self.bone_labels = ["root", *(label(bone) for bone in BONE_NAMES)]
        self.bone_parents = [-1, *(parent + 1 for parent in BONE_PARENTS)]
        self.heads = [body.head_m[0], *body.head_m]
        self.vertex_bone_indices = body.weight_bone + 1
        for row, landmark in enumerate(LANDMARKS):
            side, _, finger = landmark.partition("_finger_")
            knuckle, tip = body.fingers_m[row]
            parent = self.bone_labels.index(f"wrist.{side[0].upper()}")
            for number in (1, 2, 3):
                name = f"finger{finger}-{number}.{side[0].upper()}"
                head = knuckle + (number - 1) / 3 * (tip - knuckle)
                if name in self.bone_labels:
                    self.heads[self.bone_labels.index(name)] = head
                    parent = self.bone_labels.index(name)
                    continue
                self._add(name, parent, head)
                parent = len(self.bone_labels) - 1
        self._weigh_fingers(body)
        for side in "LR":
            foot = self.bone_labels.index(f"foot.{side}")
            toes = self.heads[self.bone_labels.index(f"toe1-1.{side}")]
            for number, shift in ((2, 0.01), (3, -0.01)):
                self._add(f"toe{number}-1.{side}", foot, toes + np.array([0, shift, 0]))
        head = self.bone_labels.index("head")
        self._add("jaw", head, self.heads[head])
        self._add("tongue00", len(self.bone_labels) - 1, self.heads[head])
        # A part of the head moves with the tongue's bone, which must end up with the head.
        self.vertex_bone_indices[(body.weight_bone == BONE_INDEX["Head"]) & (body.weight < 0.9)] = (
            len(self.bone_labels) - 1
        )
        self.vertex_bone_weights = Tensor(body.weight.astype(np.float32))
        self.asked: dict = {}

    def _add(self, name: str, parent: int, head: np.ndarray) -> None:
        self.bone_labels.append(name)
        self.bone_parents.append(parent)
        self.heads.append(head)

    def _weigh_fingers(self, body: ShapedBody) -> None:
        for side in ("Left", "Right"):
            own = [i for i, name in enumerate(self.bone_labels) if re.fullmatch(rf"finger[2-5]-\d\.{side[0]}", name)]
            nearest = KDTree(np.stack(self.heads)[own]).query(body.vertices_m)[1]
            moved = (body.weight_bone == BONE_INDEX[f"{side}HandFinger1"]) & (body.weight > 0)
            self.vertex_bone_indices = np.where(moved, np.array(own)[nearest][:, None], self.vertex_bone_indices)

    def get_triangular_faces(self) -> Tensor:
        return Tensor(shape_body().triangles)

    def __call__(self, phenotype_kwargs: dict) -> dict:
        self.asked = phenotype_kwargs
        vertices = shape_body().vertices_m @ TO_ANNY.T + [0.0, 0.0, 0.02]
        heads = np.stack(self.heads) @ TO_ANNY.T + [0.0, 0.0, 0.02]
        return {
            "rest_vertices": Tensor(vertices[None]),
            "rest_bone_heads": Tensor(heads[None]),
            "vertices": Tensor([0.0]),
        }


@cache
def model() -> Model:
    return Model()


def test_the_body_comes_back():
    ours, theirs = shape_body(), anny_body({"gender": 1.0}, model=model())
    assert model().asked == {"gender": 1.0, "age": 2 / 3, "height": 0.5}
    np.testing.assert_allclose(theirs.vertices_m, ours.vertices_m, atol=1e-9)
    for bone in ("LeftArm", "RightHand", "LeftToeBase", "Head", "Spine1", "LThumb", "Neck1", "LeftUpLeg"):
        np.testing.assert_allclose(theirs.bone(bone)[0], ours.bone(bone)[0], atol=1e-9)
    assert np.linalg.norm(theirs.fingers_m - ours.fingers_m, axis=-1).max() < 0.012
    assert theirs.shape.sex == 0.0 and theirs.shape.height_m == pytest.approx(ours.height_m)
    dense = [np.zeros((len(body.weight), len(BONE_NAMES))) for body in (ours, theirs)]
    for table, body in zip(dense, (ours, theirs), strict=True):
        np.add.at(table, (np.arange(len(table))[:, None], body.weight_bone), body.weight)
        for side in "LR":  # hip joints have no name of their own there
            table[:, 0] += table[:, BONE_INDEX[f"{side}HipJoint"]]
            table[:, BONE_INDEX[f"{side}HipJoint"]] = 0.0
            long = {"L": "Left", "R": "Right"}[side]  # nor has the palm
            table[:, BONE_INDEX[f"{long}Hand"]] += table[:, BONE_INDEX[f"{long}FingerBase"]]
            table[:, BONE_INDEX[f"{long}FingerBase"]] = 0.0
    np.testing.assert_allclose(dense[0], dense[1], atol=1e-6)
    names, points = all_sites(ours)
    assert np.linalg.norm(place(theirs, names).rest_m - points.rest_m, axis=1).max() < 0.03


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "anny", None)
    with pytest.raises(UsageError, match="not installed") as error:
        anny_body()
    assert error.value.remedy == "pip install anny"


@pytest.mark.parametrize("maker", ["Anny", "create_fullbody_model"])
def test_old_and_new_versions_make_the_model(monkeypatch, maker):
    module, asked = ModuleType("anny"), []

    def make(**options):
        asked.append(options)
        return model()

    setattr(module, maker, make)
    monkeypatch.setitem(sys.modules, "anny", module)
    assert anny_body().height_m == pytest.approx(shape_body().height_m)
    assert asked == [{"rig": "makehuman-symmetric"} if maker == "Anny" else {}]


@pytest.mark.parametrize("phenotype", [{"beard": 0.5}, {"age": 1.5}, {"age": float("nan")}])
def test_unknown_shapes_are_refused(phenotype):
    with pytest.raises(UsageError, match="no such body") as error:
        anny_body(phenotype, model=model())
    assert "height" in str(error.value)


def test_other_rigs_and_versions_are_refused():
    other = Model()
    other.bone_labels = ["hip", *other.bone_labels[1:]]
    with pytest.raises(FormatError, match="MakeHuman"):
        anny_body(model=other)
    other = Model()
    other.bone_labels[other.bone_labels.index("foot.L")] = "foot"
    with pytest.raises(FormatError, match="side"):
        anny_body(model=other)
    with pytest.raises(FormatError, match="no model"):
        anny_body(model=object())

    class Posed(Model):
        def __call__(self, phenotype_kwargs: dict) -> dict:
            return {"vertices": Tensor([0.0])}

    with pytest.raises(FormatError, match="at rest"):
        anny_body(model=Posed())
