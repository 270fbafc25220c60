"""Gestures: plausible, repeatable, in the direction and shape they are named after."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.datasets import dataset
from anywear.errors import UsageError
from anywear.motion import quaternion
from anywear.motion.generate import PROGRAMS, Person, generate, pose
from anywear.motion.generate.checks import check_figure
from anywear.motion.generate.drawing import DIGITS, LETTERS, SHAPES, length_of, straight, written
from anywear.motion.generate.gestures import SHAPES as DRAWN

NAMES = sorted(name for name, kind in PROGRAMS.items() if kind.family == "gestures" and "hand" in kind.parameters)
BOTH_HANDS = sorted(name for name, kind in PROGRAMS.items() if kind.family == "gestures" and name not in NAMES)
PERSONS = {side: Person(hand=side, restlessness=0.3) for side in ("left", "right")}


def hand_track(name: str, side: str, seed: int, **parameters):
    """Wrist (T, 3) seen from the pelvis: forward, right, up; and when it is raised."""
    figure = pose(name, seed, seconds=3.0, person=PERSONS[side], posture="standing", hand="dominant", **parameters)[2]
    facing = quaternion.inverse(figure.turns["pelvis"])
    wrist = quaternion.rotate(facing, figure.point(f"{side}_hand") - figure.pelvis_m)
    return np.stack([wrist[:, 0], -wrist[:, 1], wrist[:, 2]], axis=1)


@pytest.mark.parametrize(("seed", "name"), list(enumerate(NAMES)))
def test_gesture_of_one_hand_is_plausible_and_told(name, seed):
    chosen, values, figure = pose(name, seed)
    assert check_figure(figure).faults == ()
    assert len(figure.said) >= 3
    acting = figure.person.hand if values["hand"] == "dominant" else figure.person.other_hand
    assert any(f"{acting} hand" in text for text in figure.said)
    assert all("seated" not in text for text in figure.said)
    assert any(str(values["posture"]) in text for text in figure.said)
    assert chosen.family == "gestures"


@pytest.mark.parametrize(("seed", "name"), list(enumerate(BOTH_HANDS)))
def test_gesture_of_both_hands_is_plausible_and_moves_both(name, seed):
    figure = pose(name, seed)[2]
    assert check_figure(figure).faults == ()
    assert len(figure.said) >= 3
    ways = [np.ptp(figure.point(f"{side}_hand") - figure.point("chest"), axis=0).max() for side in ("left", "right")]
    assert min(ways) > 0.2 and min(ways) > 0.4 * max(ways)


@pytest.mark.parametrize("name", ["utd-mhad", "imu-digits", "uhh-gestures"])
def test_every_action_of_the_gesture_sets_can_be_made(name):
    for word in dataset(name).info.label_words:
        known = [kind for kind in PROGRAMS.values() if word in (kind.label, *kind.also)]
        assert known, word


def test_phone_turns_as_its_wearer_sees_it():
    for side in ("left", "right"):
        for name, sign in (("turning_the_phone_left", -1), ("turning_the_phone_right", 1)):
            figure = pose(name, 2, seconds=3.0, person=PERSONS[side], posture="standing", hand="dominant", amount=1.0)[
                2
            ]
            hand = figure.world(f"{side}_hand")
            thumb, along = (quaternion.rotate(hand, np.array(axis)) for axis in ([1.0, 0.0, 0.0], [0.0, 0.0, -1.0]))
            # Counterclockwise seen from behind takes the top of what is upright to the left, y.
            level = along[:, 0] > 0.8
            assert (sign * thumb[level, 1]).max() > 0.7
            assert level.mean() > 0.2


def test_same_seed_same_bytes():
    one, two, other = (generate("draw_x", seed) for seed in (4, 4, 5))
    assert one.clip.quat_world_from_joint.tobytes() == two.clip.quat_world_from_joint.tobytes()
    assert one.clip.quat_world_from_joint.tobytes() != other.clip.quat_world_from_joint.tobytes()


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("name", "axis", "sign"), [("swipe_left", 1, -1), ("swipe_right", 1, 1), ("swipe_up", 2, 1), ("swipe_down", 2, -1)]
)
def test_swipe_goes_where_it_says_with_either_hand(side, name, axis, sign):
    for seed in range(2):
        track = hand_track(name, side, seed, act_s=0.2, size_m=0.75)
        # A swipe as quick as that is quicker than the way up from the hip and back.
        rate = np.gradient(track[:, axis], 1.0 / 120.0)
        assert sign * rate[np.abs(rate).argmax()] > 1.0


def area(points: np.ndarray) -> float:
    x, y = points[:, 0], points[:, 1]
    return 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


@pytest.mark.parametrize("side", ["left", "right"])
def test_circles_turn_as_the_wearer_sees_them(side):
    for seed in range(2):
        for name, sign in (("draw_circle_clockwise", -1), ("draw_circle_counter_clockwise", 1)):
            track = hand_track(name, side, seed, size_m=0.4, stroke_s=0.5)
            up = track[:, 0] > 0.55 * track[:, 0].max()
            assert sign * area(track[up][:, 1:]) > 0.03  # a circle of 0.4 m has 0.126 m2


def test_larger_drawings_have_larger_ways():
    ranges = [np.ptp(hand_track("draw_square", "right", 3, size_m=size, stroke_s=0.5)[:, 1]) for size in (0.2, 0.4)]
    assert ranges[1] > ranges[0] + 0.1


def test_slower_strokes_take_longer_clips():
    lengths = [pose("draw_star", 1, seconds=1.0, person=PERSONS["right"], stroke_s=s)[2].seconds for s in (0.3, 0.7)]
    assert lengths[1] - lengths[0] == pytest.approx(0.4 * length_of(SHAPES["star"]), rel=0.05)


def test_written_way_begins_and_ends_at_its_points_and_slows_at_corners():
    at = np.linspace(0.0, 1.0, 1001)
    for points in (*SHAPES.values(), *DIGITS.values(), *LETTERS.values()):
        way = written(points)(at)
        np.testing.assert_allclose(way[[0, -1]], np.asarray(points)[[0, -1]], atol=0.02)
        assert np.abs(way).max() < 0.75
    way = written(SHAPES["square"])(at)
    speed = np.linalg.norm(np.diff(way, axis=0), axis=1)
    corner = np.linalg.norm(way[:-1] - np.array([-0.5, -0.5]), axis=1).argmin()
    assert speed[corner] < 0.6 * speed.max()
    assert DRAWN is SHAPES


def test_straight_ways_stop_at_their_points():
    way = straight((0.0, 0.0), (1.0, 2.0), (0.0, 1.0))(np.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(way, [(0.0, 0.0), (1.0, 2.0), (0.0, 1.0)], atol=1e-12)


def test_shake_has_its_rate():
    figure = pose(
        "twist_wrist", 2, seconds=6.0, person=PERSONS["right"], posture="standing", hand="dominant", rate_hz=1.5
    )[2]
    quat = figure.turns["right_hand"]
    roll = np.unwrap(2.0 * np.arctan2(quat[:, 2], quat[:, 3]))
    crossings = np.diff(figure.t[:-1][np.diff(np.sign(np.gradient(roll))) != 0])
    assert np.median(crossings[crossings > 0.1]) == pytest.approx(0.5 / 1.5, rel=0.3)


def test_impossible_gesture_names_the_range():
    with pytest.raises(UsageError, match="No body moves like that"):
        generate("swipe_left", 0, size_m=3.0)
