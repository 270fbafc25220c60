from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anywear.bodygraph import (
    SEGMENT_INDEX,
    SEGMENT_NAMES,
    SEGMENTS,
    hop_distances,
    joint_positions,
    mirrored,
    neighbours,
    segment,
)
from anywear.errors import PlacementError

names = st.sampled_from(SEGMENT_NAMES)
MIRROR = np.array([1.0, -1.0, 1.0])


def test_the_graph_is_one_tree():
    assert len(SEGMENT_NAMES) == 24
    roots = [s.name for s in SEGMENTS.values() if s.parent is None]
    assert roots == ["pelvis"]
    for own in SEGMENTS.values():
        seen = set()
        while own.parent is not None:
            assert own.name not in seen, "a circle"
            seen.add(own.name)
            own = segment(own.parent)
        assert own.name == "pelvis"


def test_index_is_the_order_of_the_table():
    assert [SEGMENT_INDEX[name] for name in SEGMENT_NAMES] == list(range(24))
    assert all(SEGMENTS[name].name == name for name in SEGMENT_NAMES)
    # Parents come first, so one pass down the list places a whole skeleton.
    for own in SEGMENTS.values():
        assert own.parent is None or SEGMENT_INDEX[own.parent] < SEGMENT_INDEX[own.name]


@settings(deadline=None)
@given(names)
def test_neighbours_know_each_other(name):
    for other in neighbours(name):
        assert name in neighbours(other)
    assert (neighbours(name)[0] == SEGMENTS[name].parent) or name == "pelvis"


def test_hops_are_a_metric_on_the_tree():
    hops = hop_distances()
    assert hops.shape == (24, 24)
    assert (hops == hops.T).all()
    assert (np.diag(hops) == 0).all()
    assert ((hops == 1) == [[b in neighbours(a) for b in SEGMENT_NAMES] for a in SEGMENT_NAMES]).all()
    assert (hops[:, None, :] <= hops[:, :, None] + hops[None, :, :]).all()
    between = hops[SEGMENT_INDEX["left_fingers"], SEGMENT_INDEX["head"]]
    # fingers, hand, forearm, upper arm, shoulder, chest, neck, head
    assert between == 7


def test_hops_cannot_be_changed_for_others():
    with pytest.raises(ValueError, match="read-only"):
        hop_distances()[0, 0] = 5


@settings(deadline=None)
@given(names)
def test_mirroring_twice_gives_the_segment_back(name):
    assert mirrored(mirrored(name)) == name
    assert (mirrored(name) == name) == (not name.startswith(("left_", "right_")))


@settings(deadline=None)
@given(names, names)
def test_mirroring_keeps_distances(a, b):
    hops = hop_distances()
    index = SEGMENT_INDEX
    assert hops[index[a], index[b]] == hops[index[mirrored(a)], index[mirrored(b)]]


@settings(deadline=None)
@given(names, st.floats(0, 1), st.floats(-720, 720))
def test_the_two_sides_are_mirror_images(name, along, around_deg):
    point, normal = SEGMENTS[name].surface_point(along, around_deg)
    twin_point, twin_normal = SEGMENTS[mirrored(name)].surface_point(along, -around_deg)
    np.testing.assert_allclose(twin_point, point * MIRROR, atol=1e-12)
    np.testing.assert_allclose(twin_normal, normal * MIRROR, atol=1e-12)


@settings(deadline=None)
@given(names, st.floats(0, 1), st.floats(-720, 720))
def test_surface_points_lie_on_the_surface(name, along, around_deg):
    own = SEGMENTS[name]
    point, normal = own.surface_point(along, around_deg)
    axis = np.subtract(own.end, own.start)
    assert np.linalg.norm(normal) == pytest.approx(1.0)
    # Normals stand across the axis; the slope of feet and shoulders is small.
    assert abs(normal @ axis) / np.linalg.norm(axis) < 0.1
    centre = np.asarray(own.start) + along * axis
    assert np.linalg.norm(point - centre) == pytest.approx(own.radius)
    np.testing.assert_allclose(point - centre, own.radius * normal, atol=1e-12)


def test_a_full_turn_comes_back():
    for own in SEGMENTS.values():
        np.testing.assert_allclose(own.surface_point(0.5, 30)[0], own.surface_point(0.5, 390)[0], atol=1e-12)


def test_the_body_stands_upright():
    joints = joint_positions()
    assert joints.shape == (24, 3)
    height = {name: joints[SEGMENT_INDEX[name], 2] for name in SEGMENT_NAMES}
    order = ("left_toes", "left_foot", "left_shank", "left_thigh", "pelvis", "chest", "neck", "head")
    assert [height[name] for name in order] == sorted(height[name] for name in order)
    assert SEGMENTS["head"].end[2] == 1.0
    assert joints[SEGMENT_INDEX["left_forearm"], 1] > 0 > joints[SEGMENT_INDEX["right_forearm"], 1]
    for own in SEGMENTS.values():
        for end in (own.start, own.end):
            assert 0.0 <= end[2] <= 1.0 and abs(end[0]) < 0.2 and abs(end[1]) < 0.2


def test_children_begin_on_or_beside_their_parent():
    # Hips and shoulders stand off the middle; everything else goes on where its parent ends.
    for own in SEGMENTS.values():
        if own.parent is None or own.name.endswith(("_thigh", "_shoulder", "_foot")):
            continue
        assert np.linalg.norm(np.subtract(own.start, SEGMENTS[own.parent].end)) < 0.01


def test_an_unknown_segment_lists_the_near_ones():
    with pytest.raises(PlacementError, match="left_forearm"):
        segment("left_forarm")
    with pytest.raises(PlacementError):
        mirrored("tail")
    with pytest.raises(PlacementError):
        neighbours("tail")
