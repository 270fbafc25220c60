"""Exercises: plausible for every seed; periods, sides and heights are those that were asked for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from anywear.motion import quaternion
from anywear.motion.generate import PROGRAMS, generate, pose
from anywear.motion.generate.checks import check_figure
from anywear.motion.generate.repetitions import roughness, ways
from anywear.simulate.simulator import Simulator

NAMES = sorted(name for name, own in PROGRAMS.items() if own.family == "exercise")


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_is_plausible_and_described(name):
    for seed in range(2):
        figure = pose(name, seed)[2]
        assert check_figure(figure).faults == ()
        assert len(set(figure.said)) >= 3


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


@pytest.mark.parametrize("name", ["vertical_jumps", "squat_jumps", "standing_long_jump"])
def test_jumps_push_fly_and_land_without_a_jolt(name):
    figure = pose(name, 5, seconds=9.0, pause_s=0.8)[2]
    assert figure.airborne is not None
    force = np.zeros((len(figure.t), 3))
    force[1:-1] = np.diff(figure.pelvis_m, 2, axis=0) * 120.0**2
    force[:, 2] += 9.80665
    smooth = np.linalg.norm(sosfiltfilt(butter(2, 25.0, fs=120.0, output="sos"), force, axis=0), axis=1)
    edges = np.flatnonzero(np.diff(figure.airborne.astype(int))) + 1
    takeoffs, landings = edges[::2], edges[1::2]
    assert len(takeoffs) == len(landings) >= 1
    for off, land in zip(takeoffs, landings, strict=True):
        assert 15.0 < smooth[off - 50 : off].max() < 40.0
        assert (
            np.linalg.norm(force[off - 2 : off + 3], axis=1).max() < 30.0
        )  # nothing snaps when the feet leave the ground
        assert smooth[land : land + 30].max() < 60.0
        # The trunk is free of force but for what swinging limbs do to it.
        assert np.median(smooth[off + 4 : land - 4]) < 8.0
    assert np.abs(np.diff(figure.point("left_foot"), 2, axis=0)).max() * 120.0**2 < 250.0


def test_jumps_without_a_pause_follow_on_each_other():
    slow, quick = (pose("vertical_jumps", 6, seconds=10.0, height_m=0.2, pause_s=pause)[2] for pause in (1.5, 0.0))
    count = [int((np.diff(np.asarray(figure.airborne, dtype=int)) == 1).sum()) for figure in (slow, quick)]
    assert count[1] >= 2 * count[0]
    assert any("without a pause" in sentence for sentence in quick.said)
    assert not any("without a pause" in sentence for sentence in slow.said)


@pytest.mark.parametrize("name", ["walking_on_the_spot", "running_on_the_spot", "high_knees", "butt_kicks"])
def test_steps_on_the_spot_keep_their_rate_and_their_place(name):
    made = generate(name, 3, seconds=10.0, rate_hz=2.2)
    acc = np.linalg.norm(Simulator(made.clip).record(["lower_back"], rate_hz=50.0).streams[0].acc_mps2, axis=1)
    power = np.abs(np.fft.rfft((acc - acc.mean()) * np.hanning(len(acc)))) ** 2
    frequency = np.fft.rfftfreq(len(acc), 1.0 / 50.0)
    step = power[np.abs(frequency - 2.2) < 0.25].sum()
    assert step > 3.0 * power[np.abs(frequency - 1.6) < 0.2].sum()
    assert np.ptp(made.clip.root_position_m[:, 0]) < 0.15


def test_knees_go_high_and_heels_to_the_buttocks():
    heights = {}
    for name in ("high_knees", "butt_kicks", "running_on_the_spot"):
        figure = pose(name, 2)[2]
        knee = figure.point("left_shank") - figure.pelvis_m
        heel = figure.sole("left")["heel"] - figure.pelvis_m
        heights[name] = knee[:, 2].max(), heel[:, 2].max()
    assert max(heights, key=lambda name: heights[name][0]) == "high_knees"
    assert max(heights, key=lambda name: heights[name][1]) == "butt_kicks"


def test_ways_are_rough_but_rest_is_rest():
    time_s = np.arange(0.0, 6.0, 1.0 / 120.0)
    way = ways(time_s, np.array([0.0, 2.0, 4.0, 6.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    rough = roughness(time_s, way, np.random.default_rng(0))
    assert np.abs(rough[time_s < 1.5]).max() < 1e-3
    assert np.abs(rough[time_s > 4.5]).max() < 1e-3
    assert 0.3 < rough[(time_s > 2.5) & (time_s < 3.5)].std() < 1.5


def test_same_seed_same_motion():
    one, two = (generate("burpees", 7).clip for _ in range(2))
    assert one.quat_world_from_joint.tobytes() == two.quat_world_from_joint.tobytes()
