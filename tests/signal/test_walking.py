"""Walking is found in simulated walks at every kind of place, and not in what only resembles it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from walks import RATE_HZ, SITES, stream_of, turned, worn

from anywear.placement import Placement
from anywear.signal.gait import measure_gait
from anywear.signal.walking import LIMITS, find_walking, place_kind


def _seconds(walks) -> float:
    return sum(walk.stop_s - walk.start_s for walk in walks)


@pytest.mark.parametrize("site", SITES)
def test_most_of_a_brisk_walk_is_found(site):
    found = [
        find_walking(worn(program, seed, site).stream)
        for program, seed in (("walking_left", 1), ("walking_treadmill", 4))
    ]
    assert sum(map(_seconds, found)) > 20.0  # of 40 s
    for walk in (walk for walks in found for walk in walks):
        assert 1.5 < walk.steps_hz < 2.3 and 0.5 <= walk.confidence <= 1.0


# On the trunk steppers and squats, which move it as steps do, are not told from walking; see docs/mount.md.
@pytest.mark.parametrize(
    ("program", "site"),
    [
        *((own, "waist") for own in ("cycling_exercise_bike", "running", "rowing_machine", "jumping")),
        *(
            (own, site)
            for own in ("cycling_exercise_bike", "running", "stepper", "squats")
            for site in ("right_thigh", "left_outer_thigh", "left_front_pocket", "left_wrist")
        ),
    ],
)
def test_other_movements_are_not(program, site):
    assert _seconds(find_walking(worn(program, 1, site).stream)) <= 6.0


def test_neither_rest_nor_shaking_nor_a_swing_is_walking():
    rng = np.random.default_rng(0)
    time = np.arange(1000) / RATE_HZ
    up = np.tile([0.0, 0.0, 9.81], (1000, 1))
    others = {
        "rest": up + rng.normal(0, 0.05, (1000, 3)),
        "slow swing": up + np.outer(3.0 * np.sin(2 * np.pi * 0.5 * time), [0, 0, 1]),
        "hopping": up + np.outer(14.0 * np.sin(2 * np.pi * 2.0 * time), [0, 0, 1]),
        "shaking": up + rng.normal(0, 3.0, (1000, 3)),
        "free fall": np.zeros((1000, 3)),
    }
    for name, acc in others.items():
        for site in ("waist", "left_thigh", "left_foot", "left_wrist"):
            assert not find_walking(stream_of(acc, np.zeros_like(acc), site)), (name, site)


def test_a_walk_between_two_rests_is_found_where_it_is():
    walk = worn("walking_left", 1, "waist").stream
    rest = np.tile(walk.acc_mps2.mean(axis=0), (500, 1))
    acc = np.concatenate([rest, walk.acc_mps2, rest])
    [found] = find_walking(stream_of(acc))
    assert found.start_s == pytest.approx(10.0, abs=3.1) and found.stop_s == pytest.approx(30.0, abs=3.1)


def test_a_gap_is_not_walked_over():
    walk = worn("walking_left", 1, "waist").stream
    time = walk.time_s + np.where(walk.time_s >= 10.0, 60.0, 0.0)
    found = find_walking(replace(walk, time_s=time))
    assert len(found) == 2 and found[0].stop_s <= 10.1 and found[1].start_s >= 69.9


def test_too_slow_or_too_short_streams_hold_no_walking():
    acc = np.tile([0.0, 0.0, 9.81], (100, 1))
    assert find_walking(stream_of(acc, rate_hz=5.0)) == ()
    assert find_walking(stream_of(acc[:20])) == ()
    assert find_walking(stream_of(acc[:2])) == ()


@pytest.mark.parametrize("site", ["waist", "left_thigh", "left_foot", "left_wrist"])
def test_measures_do_not_know_how_the_sensor_is_turned(site):
    program = worn("walking_left", 1, "waist").stream
    rng = np.random.default_rng(3)
    matrix, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    matrix *= np.sign(np.linalg.det(matrix))
    acc = program.acc_mps2.astype(np.float64)[:600].reshape(3, 200, 3)
    gyr = program.gyr_radps.astype(np.float64)[:600].reshape(3, 200, 3)
    one, other = measure_gait(acc, gyr, 50.0), measure_gait(acc @ matrix.T, gyr @ matrix.T, 50.0)
    for name in ("up", "surge", "swing"):
        np.testing.assert_allclose(getattr(one, name) @ matrix.T, getattr(other, name), atol=1e-9)
    for name in ("strength_g", "lightest_g", "turned_deg", "steps_hz", "rhythm", "stepping", "sharpness", "asymmetry"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-6)


def test_pace_and_surge_of_a_made_up_step():
    # The trunk rises and falls at 1.9 steps per second and speeds up, along x, while it falls.
    time = np.arange(200) / 25.0
    phase = 2 * np.pi * 1.9 * time
    rising_speed = np.sin(phase)
    acc = np.stack([-1.5 * rising_speed, np.zeros(200), 9.81 + 2.0 * np.cos(phase)], axis=1)
    gait = measure_gait(acc[None], None, 25.0)
    assert gait.steps_hz[0] == pytest.approx(1.9, abs=0.03)
    np.testing.assert_allclose(gait.surge[0], [1.0, 0.0, 0.0], atol=0.02)
    assert not gait.swing.any() and not gait.asymmetry.any()


def test_forward_swing_is_about_the_right():
    # A leg that swings forward fast and carries slowly; y is left, so forward swing is negative about y.
    time = np.arange(200) / 25.0
    rate = 0.5 * np.ones(200)
    rate[(time % 1.0) < 0.25] = -1.5
    gyr = np.stack([np.zeros(200), rate, np.zeros(200)], axis=1)
    acc = np.tile([0.0, 0.0, 9.81], (200, 1))
    gait = measure_gait(acc[None], gyr[None], 25.0)
    np.testing.assert_allclose(gait.swing[0] / np.linalg.norm(gait.swing[0]), [1.0, 0.0, 0.0], atol=1e-9)


def test_every_segment_has_a_kind():
    from anywear.bodygraph import SEGMENT_NAMES

    kinds = {name: place_kind(Placement(name)) for name in SEGMENT_NAMES}
    assert set(kinds.values()) | {"unknown"} == set(LIMITS)
    assert kinds["left_thigh"] == "thigh" and kinds["right_toes"] == "foot" and kinds["left_hand"] == "arm"
    assert place_kind(Placement.unknown()) == "unknown"


def test_turning_the_sensor_leaves_the_walks_where_they_are():
    walk = worn("walking_left", 1, "right_thigh").stream
    matrix, _ = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))
    matrix *= np.sign(np.linalg.det(matrix))
    one, other = find_walking(walk), find_walking(turned(walk, matrix))
    assert len(one) == len(other) >= 1
    for a, b in zip(one, other, strict=True):
        assert (a.start_s, a.stop_s) == (b.start_s, b.stop_s) and a.steps_hz == pytest.approx(b.steps_hz, abs=1e-4)
