"""Bodies of any shape: metric height, order, symmetry, errors."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.body import BONE_INDEX, BONE_NAMES, BONE_PARENTS, BodyShape, shape_body
from anywear.errors import UsageError

SHAPES = [
    BodyShape(),
    BodyShape(1.55, "female", 22),
    BodyShape(1.62, "female", 80, build=-0.7),
    BodyShape(1.70, "female", 40, build=1.0, muscle=-1.0),
    BodyShape(1.95, "male", 25, muscle=1.0),
    BodyShape(1.50, "male", 90, build=1.0),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_height_is_metric_and_the_soles_are_on_the_ground(shape):
    body = shape_body(shape)
    assert np.ptp(body.vertices_m[:, 2]) == pytest.approx(shape.height_m, abs=1e-6)
    assert body.vertices_m[:, 2].min() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_left_mirrors_right(shape):
    body = shape_body(shape)
    for name in BONE_NAMES:
        other = {"Left": "Right", "LHip": "RHip", "LThu": "RThu"}
        twin = next((name.replace(a, b) for a, b in other.items() if name.startswith(a)), None)
        if twin:
            head, twin_head = body.head_m[BONE_INDEX[name]], body.head_m[BONE_INDEX[twin]]
            assert head[1] > -1e-9
            np.testing.assert_allclose(head * [1, -1, 1], twin_head, atol=1e-5)
    flipped = body.vertices_m * [1, -1, 1]
    order = [np.lexsort(np.round(v, 6).T[::-1]) for v in (body.vertices_m, flipped)]
    np.testing.assert_allclose(body.vertices_m[order[0]].mean(axis=0), flipped[order[1]].mean(axis=0), atol=1e-9)
    assert np.abs(np.sort(body.vertices_m[:, 1]) + np.sort(-body.vertices_m[:, 1])[::-1]).max() < 1e-9


@pytest.mark.parametrize("shape", SHAPES)
def test_the_body_stands_the_right_way(shape):
    body = shape_body(shape)
    height = {name: body.bone(name)[0][2] / shape.height_m for name in BONE_NAMES}
    assert height["Head"] > height["Neck"] > height["Spine1"] > height["Hips"] > height["LeftLeg"] > height["LeftFoot"]
    assert 0.48 < height["Hips"] < 0.58 and 0.25 < height["LeftLeg"] < 0.34, "Drillis & Contini: .530 and .285"
    assert body.bone("LeftFoot")[1][0] > body.bone("LeftFoot")[0][0], "toes are in front of the ankle"
    assert body.bone("LeftArm")[1][1] > 0 > body.bone("RightArm")[1][1], "left is +y"
    for bone, parent in enumerate(BONE_PARENTS[1:], start=1):
        np.testing.assert_allclose(body.offsets_m[bone], body.head_m[bone] - body.head_m[parent], atol=1e-12)


def _volume(shape: BodyShape) -> float:
    body = shape_body(shape)
    a, b, c = np.moveaxis(body.vertices_m[body.triangles], 1, 0)
    return float(np.einsum("ni,ni->n", a, np.cross(b, c)).sum() / 6)


def test_heavy_bodies_are_bigger_and_volumes_are_human():
    thin, average, heavy = (_volume(BodyShape(1.75, "male", 30, build=b)) for b in (-1.0, 0.0, 1.0))
    assert thin < average < heavy
    assert 0.05 < average < 0.1, "cubic metres: about a litre for a kilogram"


def test_shapes_change_continuously():
    near = shape_body(BodyShape(1.70, 0.5, 40.0)).vertices_m, shape_body(BodyShape(1.70, 0.501, 40.1)).vertices_m
    assert np.abs(near[0] - near[1]).max() < 1e-3


@pytest.mark.parametrize(
    "fields, word",
    [
        ({"height_m": 1.0, "sex": "male"}, "1.3"),
        ({"height_m": 2.9}, "m"),
        ({"height_m": 172.0}, "0.5 to 3"),
        ({"height_m": float("nan")}, "0.5 to 3"),
        ({"age_years": 9.0}, "18 to 90"),
        ({"build": 1.5}, "-1 to 1"),
        ({"sex": "tall"}, "female"),
    ],
)
def test_impossible_bodies_name_the_range(fields, word):
    with pytest.raises(UsageError) as caught:
        shape_body(BodyShape(**fields))
    assert word in (caught.value.expected or "")
