"""Points on the skin: sampling, frames, skinning."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anywear.body import (
    BodyShape,
    bone_transforms,
    nearest_rotation,
    rotations,
    sample_surface,
    shape_body,
    skin,
    skin_blocks,
    world_frames,
)
from anywear.bodygraph import SEGMENT_NAMES
from anywear.errors import PlacementError, UsageError


@pytest.fixture(scope="module")
def body():
    return shape_body(BodyShape(1.68, "female", 35))


@pytest.fixture(scope="module")
def transforms(body):
    # Bends of up to about 60 degrees against the parent: a body, not a knot.
    quat = Rotation.from_rotvec(np.random.default_rng(5).normal(scale=0.25, size=(5 * 31, 3))).as_quat()
    return bone_transforms(body, quat.reshape(5, 31, 4), np.random.default_rng(6).normal(size=(5, 3)))


def _skin_naive(points, transforms):
    out = np.zeros((len(transforms), len(points), 3))
    for frame in range(len(transforms)):
        for point in range(len(points)):
            for bone, weight in zip(points.skin_bone[point], points.weight[point], strict=True):
                moved = transforms[frame, bone, :, :3] @ points.rest_m[point] + transforms[frame, bone, :, 3]
                out[frame, point] += weight * moved
    return out


def test_skinning_equals_the_naive_loop_for_any_block(body, transforms):
    points = sample_surface(body, 61, np.random.default_rng(0))
    naive = _skin_naive(points, transforms)
    for block in (1, 7, 61, 1000):
        np.testing.assert_allclose(skin(points, transforms, block_points=block), naive, atol=1e-12)
    rows = [rows for rows, _ in skin_blocks(points, transforms, block_points=20)]
    assert [row.start for row in rows] == [0, 20, 40, 60]


def test_a_subset_moves_as_it_does_in_the_whole(body, transforms):
    points = sample_surface(body, 50, np.random.default_rng(1))
    some = [3, 40, 7]
    np.testing.assert_allclose(skin(points[some], transforms), skin(points, transforms)[:, some], atol=1e-12)


def test_sampling_is_seeded_and_by_area(body):
    points = sample_surface(body, 20_000, np.random.default_rng(3))
    again = sample_surface(body, 20_000, np.random.default_rng(3))
    assert points.rest_m.tobytes() == again.rest_m.tobytes() and points.weight.tobytes() == again.weight.tobytes()
    corners = body.vertices_m[body.triangles]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    assert not body.hidden[points.triangle].any(), "nothing is worn in the mouth"
    area[body.hidden] = 0.0
    upper = corners.mean(axis=1)[:, 2] > 1.0
    assert np.mean(upper[points.triangle]) == pytest.approx(area[upper].sum() / area.sum(), abs=0.015)
    assert set(points.segment_names) == set(SEGMENT_NAMES), "no segment is left out"
    np.testing.assert_allclose(points.weight.sum(axis=1), 1.0, atol=1e-12)


def test_sampling_of_some_segments_only(body):
    points = sample_surface(body, 300, np.random.default_rng(4), segments=["left_forearm"])
    assert np.mean([name == "left_forearm" for name in points.segment_names]) > 0.9
    assert points.rest_m[:, 1].min() > 0
    with pytest.raises(PlacementError):
        sample_surface(body, 3, np.random.default_rng(0), segments=["tail"])
    with pytest.raises(UsageError):
        sample_surface(body, 0, np.random.default_rng(0))


def test_frames_are_orthonormal_and_look_outward(body):
    points = sample_surface(body, 2_000, np.random.default_rng(8))
    for frames in (points.rest_from_point, points.rest_from_neutral):
        np.testing.assert_allclose(frames @ frames.transpose(0, 2, 1), np.tile(np.eye(3), (2000, 1, 1)), atol=1e-9)
        np.testing.assert_allclose(np.linalg.det(frames), 1.0, atol=1e-9)
    corners = body.vertices_m[body.triangles[points.triangle]]
    face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert np.mean((face * points.normal).sum(axis=1) > 0) > 0.99
    thigh = np.array([name.endswith(("thigh", "upper_arm", "abdomen")) for name in points.segment_names])
    assert np.mean(points.tangent[thigh][:, 2] > 0.5) > 0.9, "tangents run upward in the neutral pose"


def test_world_frames_stay_orthonormal_and_turn_with_the_body(body, transforms):
    points = sample_surface(body, 300, np.random.default_rng(9))
    frames = world_frames(points, transforms)
    np.testing.assert_allclose(
        np.swapaxes(frames, -1, -2) @ frames, np.broadcast_to(np.eye(3), frames.shape), atol=1e-9
    )
    turn = Rotation.from_rotvec([0.3, 2.0, -1.0]).as_matrix()
    turned = np.einsum("ij,tbjk->tbik", turn, transforms)
    np.testing.assert_allclose(world_frames(points, turned), turn @ frames, atol=1e-9)


def test_rotation_of_a_point_on_one_bone_is_the_bones(body, transforms):
    points = sample_surface(body, 500, np.random.default_rng(10))
    alone = np.flatnonzero(points.weight[:, 0] > 1 - 1e-9)
    assert len(alone) > 50
    bones = points.skin_bone[alone, 0]
    np.testing.assert_allclose(rotations(points[alone], transforms), transforms[:, bones, :, :3], atol=1e-9)


def test_nearest_rotation_equals_singular_value_decomposition():
    rng = np.random.default_rng(11)
    turns = Rotation.random(400, random_state=1).as_matrix().reshape(2, 200, 3, 3)
    matrices = 0.3 * turns[0] + 0.7 * turns[1]
    matrices[:3] = rng.normal(size=(3, 3, 3))
    matrices[3] = np.diag([1.0, -1.0, -1.0]) * 0.5 + np.eye(3) * 0.5  # singular: half a turn blended in equal parts
    left, _, right = np.linalg.svd(matrices)
    left[:, :, 2] *= np.sign(np.linalg.det(left @ right))[:, None]
    got = nearest_rotation(matrices)
    np.testing.assert_allclose(np.delete(got, 3, 0), np.delete(left @ right, 3, 0), atol=1e-7)
    np.testing.assert_allclose(got @ got.transpose(0, 2, 1), np.tile(np.eye(3), (200, 1, 1)), atol=1e-9)
    np.testing.assert_allclose(np.linalg.det(got), 1.0, atol=1e-9)
