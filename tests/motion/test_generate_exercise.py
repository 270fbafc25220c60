"""Exercises: plausible for every seed; periods, sides and heights are those that were asked for."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.motion import quaternion
from anywear.motion.generate import PROGRAMS, generate, pose
from anywear.motion.generate.checks import check_figure

NAMES = sorted(name for name, own in PROGRAMS.items() if own.family == "exercise")


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_is_plausible_and_described(name):
    for seed in range(2):
        figure = pose(name, seed)[2]
        assert check_figure(figure).faults == ()
        assert len(set(figure.said)) >= 2


def test_squats_go_down_at_their_period_and_deeper_when_told():
    depths = [pose("squats", 4, seconds=14.0, period_s=2.5, depth=depth)[2].pelvis_m[:, 2] for depth in (0.5, 1.0)]
    assert np.ptp(depths[1]) > 1.6 * np.ptp(depths[0])
    middle = 0.5 * (depths[1].max() + depths[1].min())
    falls = np.flatnonzero((depths[1][:-1] > middle) & (depths[1][1:] <= middle)) / 120.0
    assert np.median(np.diff(falls)) == pytest.approx(2.5, rel=0.2)


def test_push_ups_face_the_floor_and_sit_ups_the_ceiling():
    down = quaternion.rotate(pose("push_ups", 1)[2].world("chest"), np.array([1.0, 0.0, 0.0]))[:, 2]
    assert down.max() < -0.8
    up = quaternion.rotate(pose("sit_ups", 1, seconds=12.0)[2].world("chest"), np.array([1.0, 0.0, 0.0]))[:, 2]
    assert up.max() > 0.9 and up.min() < 0.5


def test_curls_are_done_by_the_arm_that_is_named():
    figure = pose("one_arm_curls", 2, side="right")[2]
    moved = {side: np.ptp(figure.turns[f"{side}_forearm"][:, 1]) for side in ("left", "right")}
    assert moved["right"] > 5.0 * moved["left"]
    assert any("on the right side" in sentence for sentence in figure.said)


def test_vertical_jumps_rise_as_high_as_asked_in_free_fall():
    figure = pose("vertical_jumps", 3, seconds=8.0, height_m=0.3, pause_s=1.0, arms="on the hips")[2]
    flying = figure.centre_of_mass_m()[figure.airborne, 2]
    assert np.ptp(flying) == pytest.approx(0.3, abs=0.04)
    assert check_figure(figure).figures["free fall off by"] < 0.05


def test_same_seed_same_motion():
    one, two = (generate("burpees", 7).clip for _ in range(2))
    assert one.quat_world_from_joint.tobytes() == two.quat_world_from_joint.tobytes()
