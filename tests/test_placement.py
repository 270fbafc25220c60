from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anywear.bodygraph import SEGMENT_NAMES, SEGMENTS
from anywear.errors import PlacementError
from anywear.placement import SITE_ALIASES, SITES, Mount, Placement, mirrored_site

sites = st.sampled_from(sorted(SITES))
MIRROR = np.array([1.0, -1.0, 1.0])
UP, FORWARD, LEFT = np.eye(3)[[2, 0, 1]]


@pytest.mark.parametrize("site", sorted(SITES))
def test_every_site_is_on_the_body(site):
    place = Placement.at(site)
    point, normal = place.rest_point()
    own = SEGMENTS[place.segment]
    assert place.site == place.name == site
    assert place.is_known
    axis_point = np.asarray(own.start) + place.along * np.subtract(own.end, own.start)
    assert np.linalg.norm(point - axis_point) == pytest.approx(own.radius)
    assert np.linalg.norm(normal) == pytest.approx(1.0)
    assert 0.0 <= point[2] <= 1.0
    assert SITES[site].about


@settings(deadline=None)
@given(sites)
def test_sites_mirror_in_name_and_in_place(site):
    twin = mirrored_site(site)
    assert mirrored_site(twin) == site
    point, normal = Placement.at(site).rest_point()
    twin_point, twin_normal = Placement.at(twin).rest_point()
    if twin == site:  # of the middle
        assert point[1] == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(twin_point, point * MIRROR, atol=1e-9)
    np.testing.assert_allclose(twin_normal, normal * MIRROR, atol=1e-9)
    mirrored = Placement.at(site).mirrored()
    assert (mirrored.site, mirrored.segment) == (twin, Placement.at(twin).segment)
    np.testing.assert_allclose(mirrored.rest_point()[0], twin_point, atol=1e-9)


@settings(deadline=None)
@given(st.sampled_from(SEGMENT_NAMES), st.floats(0, 1), st.floats(-360, 360))
def test_any_placement_mirrors_geometrically(segment, along, around_deg):
    place = Placement(segment, along, around_deg, Mount(outward_axis=(0.0, 0.0, 1.0)))
    twin = place.mirrored()
    for own, other in zip(place.rest_point(), twin.rest_point(), strict=True):
        np.testing.assert_allclose(other, own * MIRROR, atol=1e-9)
    assert twin.mount.knowledge == "nothing", "a mount on the other side is another mount"
    back = twin.mirrored()
    assert back.segment == segment
    np.testing.assert_allclose(back.rest_point()[0], place.rest_point()[0], atol=1e-9)


@pytest.mark.parametrize(
    ("site", "direction"),
    [
        ("chest", FORWARD),
        ("upper_back", -FORWARD),
        ("lower_back", -FORWARD),
        ("left_wrist", LEFT),  # palms to the thighs: the back of the left wrist looks left
        ("right_wrist", -LEFT),
        ("left_inner_wrist", -LEFT),
        ("left_ear", LEFT),
        ("left_shoulder", UP),
        ("right_shoulder", UP),
        ("left_foot", UP),
        ("left_calf", -FORWARD),
        ("right_ankle", -LEFT),
    ],
)
def test_sites_look_where_they_should(site, direction):
    np.testing.assert_allclose(Placement.at(site).rest_point()[1], direction, atol=1e-9)


@pytest.mark.parametrize("alias", sorted(SITE_ALIASES))
def test_every_alias_names_a_site_and_hides_none(alias):
    assert Placement.at(alias).site == SITE_ALIASES[alias]
    assert SITE_ALIASES[alias] in SITES
    assert alias not in SITES


@settings(deadline=None)
@given(sites, st.sampled_from(["_", " ", "-"]), st.booleans())
def test_spelling_does_not_matter(site, separator, capital):
    text = site.replace("_", separator)
    assert Placement.at(f"  {text.upper() if capital else text} ") == Placement.at(site)


@pytest.mark.parametrize("text", ["unknown", "Unknown", "", "  "])
def test_unknown_is_a_legal_place(text):
    place = Placement.at(text)
    assert place == Placement.unknown()
    assert not place.is_known
    assert place.name == "unknown"
    assert place.mirrored() == place
    with pytest.raises(PlacementError, match="unknown placement"):
        place.rest_point()


def test_a_misspelt_site_is_told_its_neighbours():
    with pytest.raises(PlacementError) as caught:
        Placement.at("left wirst")
    assert "left_wrist" in caught.value.remedy
    assert "unknown" in caught.value.expected


@pytest.mark.parametrize("along", [-0.01, 1.01, float("nan"), float("inf")])
def test_points_beyond_the_segment_are_refused(along):
    with pytest.raises(PlacementError, match="not on the body"):
        Placement("left_forearm", along)


@pytest.mark.parametrize("around_deg", [float("nan"), float("-inf")])
def test_turns_that_are_no_angle_are_refused(around_deg):
    with pytest.raises(PlacementError, match="not on the body"):
        Placement("left_forearm", 0.5, around_deg)


def test_a_segment_that_does_not_exist_is_refused():
    with pytest.raises(PlacementError, match="Unknown body segment"):
        Placement("tail")


def test_name_falls_back_to_the_segment():
    assert Placement("left_shank", 0.3).name == "left_shank"


def test_mount_knowledge():
    z, y = (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)
    assert Mount().knowledge == "nothing"
    assert Mount(outward_axis=z).knowledge == "outward"
    assert Mount(up_axis=y).knowledge == "up"
    assert Mount(outward_axis=z, up_axis=y).knowledge == "full"
    assert Mount(quat_segment_from_sensor=(0.0, 0.0, 0.0, 1.0)).knowledge == "full"


@pytest.mark.parametrize(
    "fields",
    [
        {"outward_axis": (0.0, 0.0, 2.0)},
        {"outward_axis": (0.0, 0.0, 0.0)},
        {"up_axis": (0.0, float("nan"), 1.0)},
        {"quat_segment_from_sensor": (1.0, 1.0, 0.0, 0.0)},
    ],
)
def test_mounts_that_are_no_unit_vectors_are_refused(fields):
    with pytest.raises(PlacementError, match="unit vector") as caught:
        Mount(**fields)
    assert next(iter(fields)) in caught.value.what
    assert "norm" in caught.value.remedy


def test_placements_are_values():
    place = Placement.at("left_wrist", Mount(outward_axis=(0.0, 0.0, 1.0), source="the maker"))
    assert pickle.loads(pickle.dumps(place)) == place
    assert hash(Placement.at("left_wrist")) == hash(Placement.at("Left Wrist"))
    with pytest.raises(AttributeError):
        place.along = 0.1
