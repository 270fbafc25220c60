"""Named sites lie where their names say, on bodies of any shape."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.body import BodyShape, all_sites, place, shape_body
from anywear.bodygraph import SEGMENT_NAMES
from anywear.errors import PlacementError
from anywear.placement import SITES, Placement, mirrored_site

SHAPES = [
    BodyShape(),
    BodyShape(1.52, "female", 25, build=-1.0),
    BodyShape(1.66, "female", 85, build=1.0),
    BodyShape(1.98, "male", 30, muscle=1.0),
    BodyShape(1.70, "male", 60, build=1.0, muscle=-1.0),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_site_resolves_on_its_side_and_segment(shape):
    body = shape_body(shape)
    names, points = all_sites(body)
    assert set(names) == set(SITES)
    for name, point, own in zip(names, points.rest_m, points.segment_names, strict=True):
        if name.startswith("left_"):
            assert point[1] > 0.03, name
        elif name.startswith("right_"):
            assert point[1] < -0.03, name
        else:
            assert abs(point[1]) < 0.005, name
        assert own == SITES[name].segment


@pytest.mark.parametrize("shape", SHAPES)
def test_sites_mirror(shape):
    names, points = all_sites(shape_body(shape))
    row = {name: index for index, name in enumerate(names)}
    for name in names:
        twin = points.rest_m[row[mirrored_site(name)]]
        # Quads are not cut in mirrored halves, so twins may lie on the two diagonals of one quad.
        np.testing.assert_allclose(points.rest_m[row[name]] * [1, -1, 1], twin, atol=2e-3, err_msg=name)


@pytest.mark.parametrize("shape", SHAPES)
def test_sites_are_at_the_height_of_their_names(shape):
    """Heights as fractions of stature, from the neutral body of `anywear.bodygraph`, for what the arms do not move."""
    names, points = all_sites(shape_body(shape))
    for name, point in zip(names, points.rest_m, strict=True):
        wanted, _ = Placement.at(name).rest_point()
        if SITES[name].segment.endswith(("arm", "hand", "fingers")):
            continue
        assert point[2] / shape.height_m == pytest.approx(wanted[2], abs=0.032), name


def test_what_is_in_front_is_in_front():
    body = shape_body()
    names, points = all_sites(body)
    at = dict(zip(names, points.rest_m, strict=True))
    out = dict(zip(names, points.normal, strict=True))
    for name in (
        "forehead",
        "glasses",
        "chest",
        "waist",
        "abdomen",
        "necklace",
        "left_thigh",
        "left_knee",
        "left_shank",
    ):
        assert out[name][0] > 0.6, name
    for name in ("neck", "upper_back", "lower_back", "left_back_pocket", "left_calf", "left_heel"):
        assert out[name][0] < -0.6, name
    for name in ("left_ear", "left_upper_arm", "left_hip", "left_outer_thigh", "left_ankle", "left_wrist", "left_hand"):
        assert out[name][1] > 0.4, name
    for name in ("left_shoulder", "left_foot", "left_toes", "head_top"):
        assert out[name][2] > 0.5, name
    # The watch is on the back of the wrist, the palm on the other side of the hand.
    assert out["left_wrist"] @ out["left_inner_wrist"] < -0.7 and out["left_hand"] @ out["left_palm"] < -0.6
    assert 0.02 < np.linalg.norm(at["left_wrist"] - at["left_inner_wrist"]) < 0.08
    assert at["left_foot"][0] < at["left_toes"][0] and at["left_heel"][0] < at["left_foot"][0]
    assert np.linalg.norm(at["left_ring"] - at["left_index_finger"]) > 0.02


def test_any_point_on_any_segment_resolves():
    body = shape_body()
    points = [
        Placement(name, along, around)
        for name in SEGMENT_NAMES
        for along in (0.1, 0.9)
        for around in (0.0, 90.0, 180.0, 270.0)
        if not (name.endswith("shoulder") and around == 180.0)
    ]
    got = place(body, points)
    assert len(got) == len(points) and np.isfinite(got.rest_m).all()
    with pytest.raises(PlacementError):  # under the collar bone there is a chest, no skin
        place(body, Placement("left_shoulder", 0.1, 180.0))


def test_places_off_the_body_are_errors():
    with pytest.raises(PlacementError):
        place(shape_body(), Placement.unknown())
    with pytest.raises(PlacementError):
        place(shape_body(), ["left_wrist", "tail"])


def test_the_picture_is_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    from anywear.body.picture import draw_sites

    draw_sites(tmp_path / "sites.png", dpi=20)
    assert (tmp_path / "sites.png").stat().st_size > 10_000
