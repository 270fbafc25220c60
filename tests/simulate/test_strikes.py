"""Foot strikes: found where they were made, without drift, weaker the further they go; and of the size that is measured."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anywear.body import BONE_INDEX, BONE_PARENTS, neutral_pose, place, shape_body
from anywear.errors import UsageError
from anywear.motion import BodyMotion, read_motion, retarget
from anywear.recording import STANDARD_GRAVITY_MPS2 as G
from anywear.simulate.kinematics import BoneMotion
from anywear.simulate.smoothing import lowpass_of
from anywear.simulate.strikes import Shock, Strike, find_strikes, smear_width_s, stop, transmission
from anywear.simulate.wear import Wear, put_on, worn_signals

BODY = shape_body()
RATE = 120.0
DROP = Strike(0.5, "left", (0.3, 0.0, -1.0))


def _swung(side: str, lifts_s, seconds, slope=0.0):
    """A body on a path that rises by ``slope``, whose leg lifts its foot and sets it down; and when it comes down."""
    t = np.arange(0.0, seconds, 1 / RATE)
    quat = neutral_pose(BODY, len(t))
    angle = np.zeros(len(t))
    for start in lifts_s:
        phase = np.clip((t - start) / 0.4, 0, 1)
        angle += np.where(phase < 1, phase * (1 - phase) * 4, 0.0) * 0.9  # it arrives with speed and stops at once
    thigh = BONE_INDEX[f"{side}UpLeg"]
    for bone in range(len(BONE_PARENTS)):
        top = bone
        while top not in (thigh, -1):
            top = BONE_PARENTS[top]
        if top == thigh:
            turn = Rotation.from_rotvec(np.outer(-angle, [0.0, 1.0, 0.0]))
            quat[:, bone] = (turn * Rotation.from_quat(quat[:, bone])).as_quat()
    root = np.tile(BODY.root_m, (len(t), 1))
    root[:, 2] += slope * t
    return BodyMotion(BODY, RATE, quat, root)


def _bones(motion, lowpass_hz: float | None = 12.0):
    return BoneMotion(motion.rate_hz, motion.transforms(), lowpass_hz)


@pytest.mark.parametrize("side", ["Left", "Right"])
def test_a_foot_set_down_is_found_when_it_is_set_down(side):
    lifts = [0.5, 1.5, 2.6]
    strikes = find_strikes(_bones(_swung(side, lifts, 4.0)), BODY)
    assert [strike.side for strike in strikes] == [side.lower()] * 3
    assert np.allclose([strike.time_s for strike in strikes], np.add(lifts, 0.4), atol=0.03)
    assert all(1.0 < strike.speed_mps < 2.6 for strike in strikes)


def test_on_rising_ground_steps_are_found_all_the_same():
    strikes = find_strikes(_bones(_swung("Left", [0.5, 1.5, 2.6], 4.0, slope=0.03)), BODY)
    assert np.allclose([s.time_s for s in strikes], [0.9, 1.9, 3.0], atol=0.03)


def test_a_fall_is_struck_with_the_speed_of_a_fall():
    t = np.arange(0.0, 2.0, 1 / RATE)
    height = np.where(t < 0.6, 0.3, np.maximum(0.3 - 0.5 * G * (t - 0.6) ** 2, 0.0))
    landing = 0.6 + np.sqrt(0.6 / G)
    motion = BodyMotion(BODY, RATE, neutral_pose(BODY, len(t)), BODY.root_m + height[:, None] * [0, 0, 1])
    strikes = find_strikes(_bones(motion, 20.0), BODY)
    assert sorted(strike.side for strike in strikes) == ["left", "right"]
    for strike in strikes:
        assert strike.time_s == pytest.approx(landing, abs=0.02)
        assert strike.speed_mps == pytest.approx(
            G * (landing - 0.6), rel=0.3
        )  # 22 % low: the smear reaches back to slower times


def test_no_contact_no_strike_and_no_shock():
    t = np.arange(0.0, 2.0, 1 / RATE)
    flying = BODY.root_m + np.stack([t, 0 * t, 1.0 + 2 * t - 0.5 * G * t**2], axis=1)
    waving = _swung("Left", [], 2.0)
    motion = BodyMotion(BODY, RATE, waving.quat_world_from_bone, flying)
    bones = _bones(motion, None)
    assert find_strikes(bones, BODY) == ()
    points, times = place(BODY, ["left_foot", "head_top"]), np.arange(0.2, 1.8, 0.005)
    rngs = [np.random.default_rng(k) for k in range(2)]
    worn = put_on(points, Wear(), rngs)
    acc, _ = worn_signals(bones, motion, worn, Wear(shock=Shock()), times, 200.0, rngs)
    assert np.abs(acc).max() < 0.01
    still = _swung("Left", [], 2.0)
    assert find_strikes(_bones(still), BODY) == ()


@pytest.mark.parametrize("segment", ["left_foot", "left_shank", "pelvis", "head", "right_forearm"])
def test_a_shock_moves_neither_velocity_nor_place(segment):
    step = 1 / 480  # as coarse as it is used
    t = np.arange(-1.0, 3.0, step)
    added = Shock().acceleration(t, DROP, segment)
    velocity = np.cumsum(added, axis=0) * step
    path = np.cumsum(velocity, axis=0) * step
    assert np.abs(added).max() > 0.5
    assert np.abs(velocity[-1]).max() < 1e-6 * np.abs(velocity).max()
    assert np.abs(path[-1]).max() < 0.01 * np.abs(path).max()


def test_the_stop_is_that_of_a_mass_on_a_spring():
    step, natural, damping = 1e-4, 2 * np.pi * 20, 0.35
    t = np.arange(-0.1, 2.0, step)
    braking = stop(t, natural, damping, step)
    assert braking.sum() * step == pytest.approx(-1.0, abs=1e-9)
    speed = 1.0 + np.cumsum(braking) * step
    place = np.cumsum(np.where(t >= 0, speed, 0.0)) * step
    assert abs(place[-1]) < 2e-4 and 0.003 < place.max() < 0.006  # 1 m/s goes 3 to 6 mm into heel pad and sole
    after = t > 2 * step
    equation = braking + 2 * damping * natural * speed + natural**2 * place
    assert np.abs(equation[after]).max() < 0.02 * np.abs(braking).max()
    assert (braking[t < -step] == 0).all()


def test_the_smear_halves_a_sine_at_its_corner():
    assert np.exp(-0.5 * (2 * np.pi * 8.0 * smear_width_s(8.0)) ** 2) == pytest.approx(0.5)


def test_shocks_fade_slow_down_and_come_later_up_the_body():
    t = np.arange(0.3, 1.2, 5e-4)
    chain = ["left_foot", "left_shank", "left_thigh", "pelvis", "chest", "head"]
    waves = [Shock(smear_hz=1.0).acceleration(t, DROP, segment)[:, 2] for segment in chain]
    peaks = [wave.max() for wave in waves]
    assert all(b < a for a, b in itertools.pairwise(peaks))
    first = [t[np.argmax(wave > 0.3 * wave.max())] for wave in waves]
    assert all(b > a for a, b in itertools.pairwise(first))
    # From shin to head 70 to 80 % are lost (Mercer et al. 2002).
    assert 0.7 <= 1 - peaks[-1] / peaks[1] <= 0.85


def test_the_other_leg_and_the_arms_feel_less():
    share = {
        name: transmission("left", name)[0] for name in ("left_shank", "right_shank", "pelvis", "right_hand", "chest")
    }
    assert share["right_shank"] < share["pelvis"] < share["left_shank"]
    assert share["right_hand"] < share["chest"]
    assert transmission("left", "right_thigh") == transmission("right", "left_thigh")
    assert transmission("left", "left_foot") == (1.0, 0)


def test_strength_scales_and_zero_leaves_the_signal_bitwise():
    motion = _swung("Left", [0.5], 2.0)
    bones, points = _bones(motion), place(BODY, ["left_shank"])
    grid = np.arange(0.2, 1.8, 1 / 480)
    force = np.zeros((1, len(grid), 3))
    strikes = find_strikes(bones, BODY)
    once = Shock().felt(force, grid, points, bones, strikes)
    assert np.abs(once).max() > 1.0
    assert np.allclose(Shock(strength=2.0).felt(force, grid, points, bones, strikes), 2 * once)
    assert Shock(strength=0.0).felt(force, grid, points, bones, strikes) is force


def _peaks_g(path, sites, wear):
    motion = retarget(read_motion(path))
    bones = BoneMotion(motion.rate_hz, motion.transforms(), lowpass_of(motion))
    points, times = place(motion.body, sites), np.arange(0.05, bones.end_s - 0.05, 1 / 200)
    rngs = [np.random.default_rng(k) for k in range(len(sites))]
    acc, _ = worn_signals(bones, motion, put_on(points, wear, rngs), wear, times, 200.0, rngs)
    return dict(zip(sites, np.linalg.norm(acc, axis=2).max(axis=1) / G, strict=True)), find_strikes(bones, motion.body)


def test_real_steps_are_as_hard_as_measured(dataset_root):
    """Lafortune 1991, tibia: 2.7 to 3.7 g walking, up to 10.6 g running; heads feel 1 to 3 g more than none."""
    clips = dataset_root("cmu-actions") / "data" / "cmu_mocap" / "train"
    sites, wear = ["left_shank", "right_shank", "left_thigh", "waist", "forehead"], Wear(shock=Shock())
    walk, steps = _peaks_g(clips / "walking" / "walking_2.txt", sites, wear)
    assert len(steps) >= 6
    # One of the seven steps is set down so softly that it is no strike.
    for side in ("left", "right"):
        assert min(np.diff([s.time_s for s in steps if s.side == side])) > 0.9
    assert 0.4 < np.median(np.diff([s.time_s for s in steps])) < 0.75
    assert 2.0 < walk["left_shank"] < 4.5 and walk["waist"] < 2.6 and walk["forehead"] < 2.0
    run, steps = _peaks_g(clips / "running" / "running_3.txt", sites, wear)
    assert len(steps) == 3
    assert 5.0 < max(run["left_shank"], run["right_shank"]) < 14.0
    assert run["forehead"] < run["waist"] < run["left_thigh"]
    without, _ = _peaks_g(clips / "running" / "running_3.txt", sites, Wear())
    assert run["left_shank"] > 1.5 * without["left_shank"]


@pytest.mark.parametrize("wrong", [{"frequency_hz": 0.0}, {"damping": 1.0}, {"strength": -1.0}, {"sideways": 2.0}])
def test_impossible_shocks_are_refused(wrong):
    with pytest.raises(UsageError):
        Shock(**wrong)
