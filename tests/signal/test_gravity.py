from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anywear.errors import UsageError
from anywear.recording import STANDARD_GRAVITY_MPS2 as G
from anywear.signal import GravityFilter, level_rotation, up_direction

seeds = st.integers(0, 2**32 - 1)
directions = st.builds(lambda seed: Rotation.random(random_state=seed).apply([0.0, 0.0, 1.0]), seeds)


def degrees_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.rad2deg(np.arctan2(np.linalg.norm(np.cross(a, b), axis=-1), (a * b).sum(axis=-1)))


@settings(max_examples=60, deadline=None)
@given(seeds, st.lists(st.integers(0, 300), max_size=8), st.sampled_from([10.0, 25.0, 50.0, 200.0]))
def test_chunks_change_nothing(seed, cuts, rate_hz):
    acc = np.random.default_rng(seed).normal([0, 0, G], 3.0, (300, 3))
    follow = GravityFilter(rate_hz)
    whole, last = follow.step(acc)
    parts, state = [], None
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), 300], strict=True):
        part, state = follow.step(acc[begin:end], state)
        parts.append(part)
    np.testing.assert_array_equal(np.vstack(parts), whole)
    np.testing.assert_array_equal(state, last)


def test_the_state_given_is_left_alone():
    follow = GravityFilter(50.0)
    acc = np.random.default_rng(0).normal(size=(100, 3))
    _, state = follow.step(acc[:50])
    before = state.copy()
    one, _ = follow.step(acc[50:], state)
    two, _ = follow.step(acc[50:], state)
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(state, before)


def test_nothing_in_nothing_out():
    follow = GravityFilter(50.0)
    none, state = follow.step(np.zeros((0, 3)))
    assert none.shape == (0, 3)
    acc = np.tile([0.0, G, 0.0], (3, 1))
    np.testing.assert_allclose(follow.step(acc, state)[0], [[0, 1, 0]] * 3, atol=1e-12)


@settings(deadline=None)
@given(directions, st.sampled_from([25.0, 50.0, 100.0]))
def test_at_rest_up_is_known_from_the_first_sample(up, rate_hz):
    acc = np.tile(G * up, (50, 1))
    np.testing.assert_allclose(GravityFilter(rate_hz).step(acc)[0], np.tile(up, (50, 1)), atol=1e-9)
    np.testing.assert_allclose(up_direction(acc), up, atol=1e-12)


def test_steps_are_not_taken_for_a_change_of_posture():
    time = np.arange(1500) / 50
    steps = 4.0 * np.stack([np.sin(2 * np.pi * 1.8 * time), np.cos(2 * np.pi * 0.9 * time), np.sin(7 * time)], axis=1)
    up, _ = GravityFilter(50.0).step(np.array([0.0, 0.0, G]) + steps)
    assert degrees_between(up[250:], np.array([0.0, 0.0, 1.0])).max() < 5.0


def test_a_change_of_posture_is_followed_within_three_seconds():
    acc = np.vstack([np.tile([0.0, 0.0, G], (250, 1)), np.tile([G, 0.0, 0.0], (500, 1))])
    up, _ = GravityFilter(50.0).step(acc)
    assert degrees_between(up[249], np.array([0.0, 0.0, 1.0])) < 1e-6
    assert degrees_between(up[250 + 150 :], np.array([1.0, 0.0, 0.0])).max() < 6.0


def test_a_window_of_whole_steps_is_level_to_the_bone():
    time = np.arange(250) / 50  # nine steps of 1.8 Hz
    acc = np.array([0.0, 0.0, G]) + 5.0 * np.sin(2 * np.pi * 1.8 * time)[:, None] * [1.0, 0.5, 1.0]
    assert degrees_between(up_direction(acc), np.array([0.0, 0.0, 1.0])) < 1e-6


def test_free_fall_has_no_up_and_z_will_do():
    np.testing.assert_array_equal(up_direction(np.zeros((10, 3))), [0.0, 0.0, 1.0])
    np.testing.assert_array_equal(GravityFilter(50.0).step(np.zeros((4, 3)))[0], [[0.0, 0.0, 1.0]] * 4)


def test_up_of_many_windows_at_once():
    acc = np.random.default_rng(0).normal([0, 0, G], 1.0, (4, 2, 50, 3))
    ups = up_direction(acc)
    assert ups.shape == (4, 2, 3)
    np.testing.assert_allclose(ups[3, 1], up_direction(acc[3, 1]))


def assert_levels(up: np.ndarray, tolerance: float = 1e-12) -> np.ndarray:
    rotation = level_rotation(up)
    np.testing.assert_allclose(rotation @ np.swapaxes(rotation, -1, -2), np.eye(3) + 0 * rotation, atol=tolerance)
    np.testing.assert_allclose(np.linalg.det(rotation), 1.0, atol=tolerance)
    np.testing.assert_allclose(np.einsum("...ij,...j->...i", rotation, up), [0, 0, 1] + 0 * up, atol=tolerance)
    return rotation


@settings(deadline=None)
@given(directions)
def test_levelling_is_the_shortest_turn_to_z(up):
    rotation = assert_levels(up)
    turn = Rotation.from_matrix(rotation).magnitude()
    assert turn == pytest.approx(np.arccos(np.clip(up[2], -1, 1)), abs=1e-6)


@pytest.mark.parametrize("tilt_rad", [0.0, 1e-16, 1e-12, 1e-9, 1e-7, 4e-5, 1e-4, 1e-2])
@pytest.mark.parametrize("heading_rad", [0.0, 0.7, 3.0])
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_near_the_poles_levelling_stays_exact(tilt_rad, heading_rad, side):
    flat = np.sin(tilt_rad) * np.array([np.cos(heading_rad), np.sin(heading_rad), 0.0])
    assert_levels(flat + np.array([0.0, 0.0, side * np.cos(tilt_rad)]))


def test_straight_down_turns_about_x():
    np.testing.assert_array_equal(level_rotation(np.array([0.0, 0.0, -1.0])), np.diag([1.0, -1.0, -1.0]))
    many = level_rotation(np.array([[0.0, 0.0, -1.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]))
    np.testing.assert_array_equal(many[0], np.diag([1.0, -1.0, -1.0]))
    np.testing.assert_array_equal(many[1], np.eye(3))


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 4, 3)])
def test_levelling_many_at_once(shape):
    up = np.random.default_rng(0).normal(size=shape)
    assert_levels(up / np.linalg.norm(up, axis=-1, keepdims=True), 1e-9)


@pytest.mark.parametrize(("rate_hz", "cutoff_hz"), [(0.5, 0.3), (0.6, 0.3), (0.0, 0.3), (50.0, 0.0), (50.0, 30.0)])
def test_rates_that_cannot_follow_gravity_are_refused(rate_hz, cutoff_hz):
    with pytest.raises(UsageError, match="cannot be followed"):
        GravityFilter(rate_hz, cutoff_hz)
