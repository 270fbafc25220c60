from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anywear.placement import SITES, Mount, Placement, mirrored_site
from anywear.recording import STANDARD_GRAVITY_MPS2 as G
from anywear.signal import (
    CHANNELS,
    PLACE_FEATURES,
    motion_features,
    mount_axes,
    mount_features,
    place_features,
)
from anywear.signal.features import GYR_UNIT_RADPS, QUIET

seeds = st.integers(0, 2**32 - 1)
VERTICAL = [2, 5, 6, 7, 8, 9]  # z of both, magnitudes, logarithms: no heading in them


def window(seed: int = 0, length: int = 50) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    acc = Rotation.random(random_state=seed).apply(rng.normal([0, 0, G], [2.0, 3.0, 4.0], (length, 3)))
    return acc, rng.normal(0, 1.5, (length, 3))


@settings(max_examples=80, deadline=None)
@given(seeds, seeds)
def test_any_turn_of_the_sensor_leaves_all_but_heading(seed, turn):
    acc, gyr = window(seed)
    rotation = Rotation.random(random_state=turn)
    before = motion_features(acc, gyr).astype(np.float64)
    after = motion_features(rotation.apply(acc), rotation.apply(gyr)).astype(np.float64)
    np.testing.assert_allclose(after[:, VERTICAL], before[:, VERTICAL], atol=2e-5)
    # What is left is one turn about z, the same for every sample and for both sensors.
    level = [np.sinh(f[:, 0]) + 1j * np.sinh(f[:, 1]) for f in (before, after)]
    rates = [np.sinh(f[:, 3]) + 1j * np.sinh(f[:, 4]) for f in (before, after)]
    heading = np.angle((level[1] * level[0].conj()).sum())
    np.testing.assert_allclose(level[1], level[0] * np.exp(1j * heading), atol=1e-4)
    np.testing.assert_allclose(rates[1], rates[0] * np.exp(1j * heading), atol=1e-4)


@settings(deadline=None)
@given(seeds, st.floats(-180, 180))
def test_a_turn_about_the_vertical_is_a_turn_of_heading_only(seed, degrees):
    rng = np.random.default_rng(seed)
    acc = rng.normal([0, 0, G], 1.0, (40, 3))
    acc[:, :2] -= acc[:, :2].mean(axis=0)  # level already
    turned = Rotation.from_euler("z", degrees, degrees=True).apply(acc)
    before, after = motion_features(acc, None), motion_features(turned, None)
    expected = Rotation.from_euler("z", degrees, degrees=True).apply(np.sinh(before[:, :3].astype(np.float64)))
    np.testing.assert_allclose(np.sinh(after[:, :3].astype(np.float64)), expected, atol=1e-4)


def test_at_rest_every_channel_is_quiet():
    up = Rotation.random(random_state=3).apply([0.0, 0.0, G])
    features = motion_features(np.tile(up, (50, 1)), np.zeros((50, 3)))
    assert features.shape == (50, CHANNELS) and features.dtype == np.float32
    np.testing.assert_allclose(features[:, :8], 0.0, atol=1e-6)
    np.testing.assert_allclose(features[:, 8:], np.log10(QUIET), atol=1e-6)


def test_channels_mean_what_they_say():
    # Lying with x up, pushed up by half a g in one of two samples, turned about the vertical at 2 rad/s.
    acc = np.array([[1.5, 0.0, 0.0], [0.5, 0.0, 0.0]]) * G
    gyr = np.array([[GYR_UNIT_RADPS, 0.0, 0.0]] * 2)
    features = motion_features(acc, gyr)
    np.testing.assert_allclose(features[:, 2], np.arcsinh([1.0, -1.0]), atol=1e-6)
    np.testing.assert_allclose(features[:, 5], np.arcsinh(1.0), atol=1e-6)
    np.testing.assert_allclose(features[:, [0, 1, 3, 4]], 0.0, atol=1e-6)
    np.testing.assert_allclose(features[:, 6], np.arcsinh([1.0, -1.0]), atol=1e-6)
    np.testing.assert_allclose(features[:, 7], np.arcsinh(1.0), atol=1e-6)
    np.testing.assert_allclose(features[:, 8], np.log10(0.5 + QUIET), atol=1e-6)
    np.testing.assert_allclose(features[:, 9], np.log10(1.0 + QUIET), atol=1e-6)


def test_a_missing_gyroscope_reads_as_one_that_does_not_turn():
    """Training takes gyroscopes away by zeroing them: answers have to see the same."""
    acc, gyr = window()
    with_gyr, without = motion_features(acc, gyr), motion_features(acc, None)
    np.testing.assert_array_equal(without, motion_features(acc, 0 * gyr))
    own = [3, 4, 5, 7, 9]
    assert (without[:, own[:4]] == 0).all() and (without[:, 9] == np.float32(np.log10(QUIET))).all()
    others = [c for c in range(CHANNELS) if c not in own]
    np.testing.assert_array_equal(with_gyr[:, others], without[:, others])


def test_every_window_of_a_batch_is_levelled_by_itself():
    windows = [window(seed) for seed in range(6)]
    acc = np.stack([w[0] for w in windows]).reshape(2, 3, 50, 3)
    gyr = np.stack([w[1] for w in windows]).reshape(2, 3, 50, 3)
    batch = motion_features(acc, gyr)
    assert batch.shape == (2, 3, 50, CHANNELS)
    np.testing.assert_allclose(batch[1, 2], motion_features(*windows[5]), atol=1e-6)


@pytest.mark.parametrize("acc", [np.zeros((20, 3)), np.full((20, 3), 1e30), np.tile([0.0, 0.0, -G], (20, 1))])
def test_free_fall_monsters_and_upside_down_stay_finite(acc):
    assert np.isfinite(motion_features(acc, 1e6 * acc / (1 + np.abs(acc)))).all()


@pytest.mark.parametrize("site", sorted(SITES))
def test_places_are_points_and_normals(site):
    features = place_features(Placement.at(site))
    point, normal = Placement.at(site).rest_point()
    assert features.shape == (PLACE_FEATURES,) and features.dtype == np.float32
    assert features[6] == 1.0
    np.testing.assert_allclose(features[3:6], normal, atol=1e-6)
    np.testing.assert_allclose(features[:3] / 4.0 + [0, 0, 0.55], point, atol=1e-6)
    assert np.abs(features).max() <= 2.5
    twin = place_features(Placement.at(mirrored_site(site)))
    np.testing.assert_allclose(twin, features * [1, -1, 1, 1, -1, 1, 1], atol=1e-6)


def test_places_can_be_told_apart():
    places = np.stack([place_features(Placement.at(site)) for site in sorted(SITES)])
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    assert apart[~np.eye(len(places), dtype=bool)].min() > 0.01


def test_an_unknown_place_is_all_zero():
    assert (place_features(Placement.unknown()) == 0).all()


def rotation(seed):
    from scipy.spatial.transform import Rotation

    return Rotation.random(random_state=seed)


@pytest.mark.parametrize("seed", range(4))
def test_a_known_mount_tells_how_the_segment_lies_whatever_the_sensors_turn(seed):
    """A thigh that is lifted forward by 70 degrees: up seen from the segment is (sin 70, 0, cos 70)."""
    segment_from_sensor = rotation(seed)
    quat = tuple(segment_from_sensor.as_quat())
    place = Placement.at("left_thigh", Mount(quat_segment_from_sensor=quat))  # the front: outward is forward
    up = segment_from_sensor.inv().apply([np.sin(np.deg2rad(70)), 0.0, np.cos(np.deg2rad(70))])
    features = mount_features(up, *mount_axes(place))
    np.testing.assert_allclose(features[[1, 3, 5]], 1.0)
    np.testing.assert_allclose(features[[0, 2, 4]], [np.cos(np.deg2rad(70)), np.sin(np.deg2rad(70)), 0.0], atol=1e-6)


def test_parts_of_a_mount_tell_their_part():
    up = np.array([0.6, 0.0, 0.8])
    told = mount_features(up, *mount_axes(Placement.at("waist", Mount(up_axis=(1.0, 0.0, 0.0)))))
    np.testing.assert_allclose(told, [0.6, 1, 0, 0, 0, 0])
    told = mount_features(up, *mount_axes(Placement.at("waist", Mount(outward_axis=(0.0, 0.0, 1.0)))))
    np.testing.assert_allclose(told, [0, 0, 0.8, 1, 0, 0])
    both = Mount(up_axis=(1.0, 0.0, 0.0), outward_axis=(0.0, 0.0, 1.0))
    np.testing.assert_allclose(mount_features(up, *mount_axes(Placement.at("waist", both))), [0.6, 1, 0.8, 1, 0, 1])
    assert not mount_features(up, *mount_axes(Placement.at("waist"))).any()


def test_a_mirror_turns_only_what_lies_across():
    flip = np.array([1.0, -1.0, 1.0])
    up = np.array([0.5, 0.3, np.sqrt(1 - 0.34)])
    left = Placement.at("left_front_pocket", Mount(quat_segment_from_sensor=(0.0, 0.0, 0.0, 1.0)))
    right = Placement.at("right_front_pocket", Mount(quat_segment_from_sensor=(0.0, 0.0, 0.0, 1.0)))
    own, other = (mount_features(u, *mount_axes(p)) for u, p in ((up, left), (up * flip, right)))
    np.testing.assert_allclose(other, own * [1, 1, 1, 1, -1, 1], atol=1e-6)
