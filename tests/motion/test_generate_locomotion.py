"""Getting about on foot: plausible for every program, and parameters do what they say."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.errors import UsageError
from anywear.motion.generate import PROGRAMS, generate, pose
from anywear.motion.generate.bounce import bounce
from anywear.motion.generate.checks import check_figure
from anywear.motion.generate.gait import running_gait
from anywear.recording import STANDARD_GRAVITY_MPS2
from anywear.simulate import Simulator

LOCOMOTION = sorted(name for name, program in PROGRAMS.items() if program.family == "locomotion")


def strongest_hz(values, rate_hz, low_hz, high_hz):
    spectrum = np.abs(np.fft.rfft((values - values.mean()) * np.hanning(len(values)), 8 * len(values)))
    freq = np.fft.rfftfreq(8 * len(values), 1.0 / rate_hz)
    inside = (freq >= low_hz) & (freq <= high_hz)
    return freq[inside][spectrum[inside].argmax()]


def knee_deg(figure, side="left"):
    quat = figure.turns[f"{side}_shank"]
    return np.rad2deg(2.0 * np.arctan2(quat[:, 1], quat[:, 3]))


@pytest.mark.parametrize("name", LOCOMOTION)
def test_every_program_is_plausible(name):
    for seed in (1, 2):
        _, _, figure = pose(name, seed, seconds=6.0)
        assert check_figure(figure).faults == ()
        assert len(set(figure.said)) >= 3


def test_same_seed_same_bytes_and_other_seed_other():
    first, again, other = (generate("walking_forward", seed).clip for seed in (3, 3, 4))
    assert first.quat_world_from_joint.tobytes() == again.quat_world_from_joint.tobytes()
    assert first.root_position_m.tobytes() == again.root_position_m.tobytes()
    assert first.quat_world_from_joint.shape != other.quat_world_from_joint.shape


@pytest.mark.parametrize("speed", [0.8, 1.5])
def test_walks_as_fast_as_told(speed):
    _, _, figure = pose("walking_forward", 5, seconds=12.0, speed_mps=speed, arms="free")
    way = np.linalg.norm(figure.pelvis_m[-1, :2] - figure.pelvis_m[0, :2])
    assert way / figure.seconds == pytest.approx(speed, rel=0.06)


def test_knees_hips_and_trunk_of_a_walk_are_those_of_people():
    swings, loads, stances, rises = [], [], [], []
    for seed in range(4):
        _, _, figure = pose("walking_forward", seed, seconds=8.0, speed_mps=1.25, arms="free")
        knee, down = knee_deg(figure), figure.contact["left"]
        swings.append(knee[~down].max())
        stances.append(knee[down].min())
        loads.append(figure.contact["left"].mean())
        rises.append(np.percentile(figure.pelvis_m[:, 2], 98) - np.percentile(figure.pelvis_m[:, 2], 2))
    assert 55.0 < np.median(swings) < 75.0  # Perry: 60
    assert np.median(stances) < 12.0  # nearly straight in mid-stance
    assert 0.57 < np.median(loads) < 0.67  # Perry: 0.62
    assert 0.02 < np.median(rises) < 0.06


def test_a_walker_lands_on_a_nearly_straight_leg_and_no_knee_snaps():
    landings, fastest = [], []
    for seed in range(6):
        _, _, figure = pose("walking_forward", seed, seconds=6.0, speed_mps=1.3, arms="free")
        strikes = np.flatnonzero(np.diff(figure.contact["left"].astype(int)) == 1) + 1
        landings += list(knee_deg(figure)[strikes])
        acc = np.diff(figure.point("left_shank"), 2, axis=0) * 120.0**2
        fastest.append(np.linalg.norm(acc, axis=1).max())
    assert 3.0 < np.median(landings) < 14.0  # Perry: 5
    assert np.median(fastest) < 50.0  # m/s2 at the knee


def test_who_stops_late_in_a_clip_still_has_feet():
    for seed in range(24):
        figure = pose("stop_and_go", seed)[2]
        assert max(figure.misses_m.values()) < 0.05


def test_simulated_chest_shows_the_cadence_of_stairs_and_jumps():
    for name, settings, hz in (
        ("jumping", {"rate_hz": 2.0}, 2.0),
        ("marching", {"cadence": 1.9, "speed_mps": 0.0}, 1.9),
    ):
        made = generate(name, 7, seconds=10.0, **settings)
        stream = Simulator(made.clip).record(["chest"], rate_hz=50.0).streams[0]
        found = strongest_hz(np.linalg.norm(stream.acc_mps2, axis=1), 50.0, 1.2, 3.5)
        assert found == pytest.approx(hz, rel=0.08)


@pytest.mark.parametrize(("name", "cadence"), [("stairs_up", 1.15), ("stairs_down", 1.3)])
def test_trunks_on_stairs_are_pushed_once_a_step_and_for_a_short_time(name, cadence):
    """As in chest accelerations of recorded people: peaks of 4 to 8 m/s^2, and little below gravity in between."""
    for seed in range(3):
        _, _, figure = pose(name, seed, seconds=10.0, cadence=cadence, arms="free", way="straight")
        push = np.gradient(np.gradient(figure.pelvis_m[:, 2], figure.t), figure.t)[24:-24]
        assert strongest_hz(push, 120.0, 0.4, 6.0) == pytest.approx(cadence, rel=0.08)
        assert 2.5 < np.percentile(push, 98) < 9.0
        assert -4.0 < np.percentile(push, 2) < -0.8
        assert np.percentile(push, 98) > 1.5 * -np.percentile(push, 2)


def test_nobody_flies_on_stairs_however_fast_the_steps():
    for name, cadence in (("stairs_up", 2.0), ("stairs_down", 2.2)):
        _, _, figure = pose(name, 2, seconds=10.0, cadence=cadence, arms="free", way="straight")
        push = np.gradient(np.gradient(figure.pelvis_m[:, 2], figure.t), figure.t)[24:-24]
        assert push.min() > -STANDARD_GRAVITY_MPS2
        assert np.percentile(push, 98) < 11.0


@pytest.mark.parametrize(
    ("name", "choice"),
    [("running_treadmill", "hands"), ("walking_treadmill", "arms"), ("walking_treadmill_incline", "arms")],
)
def test_hands_on_a_rail_go_along_with_the_body_but_hardly_with_its_steps(name, choice):
    moved = {}
    for hands in ("free", "rail"):
        _, _, figure = pose(name, 4, seconds=8.0, **{choice: hands})
        hand = figure.point("left_hand")
        assert np.linalg.norm(np.ptp(hand - figure.pelvis_m, axis=0)) < 1.2  # nobody is left behind
        moved[hands] = np.gradient(np.gradient(hand, figure.t, axis=0), figure.t, axis=0)[60:-60].std()
        assert any("handrail" in own for own in figure.said) == (hands == "rail")
    assert moved["rail"] < 0.6 * moved["free"]


def test_running_flies_under_gravity_and_hits_harder_than_walking():
    peaks = {}
    for name in ("walking_forward", "running"):
        made = generate(name, 2, seconds=6.0, speed_mps=2.2 if name == "running" else 1.2)
        acc = np.linalg.norm(Simulator(made.clip).record(["chest"], rate_hz=50.0).streams[0].acc_mps2, axis=1)
        peaks[name] = np.percentile(acc, [1, 99])
    assert peaks["running"][0] < 2.5 < 5.0 < peaks["walking_forward"][0]
    assert peaks["walking_forward"][1] < 20.0 < 24.0 < peaks["running"][1]


def test_faster_runners_touch_the_ground_for_less():
    contact_s = [2.0 * stance / cadence for cadence, stance in (running_gait(v, 1.75) for v in (2.2, 3.5, 6.0))]
    assert contact_s == sorted(contact_s, reverse=True)


@pytest.mark.parametrize(("name", "sign"), [("walking_left", 1.0), ("walking_right", -1.0)])
def test_left_is_counterclockwise(name, sign):
    _, values, figure = pose(name, 1, seconds=6.0, speed_mps=1.0, radius_m=2.0)
    step = np.diff(figure.pelvis_m[:, :2], axis=0)
    turned = np.unwrap(np.arctan2(step[:, 1], step[:, 0]))
    assert sign * (turned[-60:].mean() - turned[:60].mean()) / 5.5 == pytest.approx(0.5, rel=0.25)
    assert values["radius_m"] == 2.0


def test_sideways_goes_to_the_side_and_backward_back():
    for name, settings, direction in (
        ("walking_sideways", {"side": "left"}, (0.0, 1.0)),
        ("walking_sideways", {"side": "right"}, (0.0, -1.0)),
        ("walking_backward", {}, (-1.0, 0.0)),
    ):
        _, _, figure = pose(name, 3, seconds=6.0, **settings)
        quat = figure.turns["pelvis"][0]
        yaw = 2.0 * np.arctan2(quat[2], quat[3])
        way = figure.pelvis_m[-1, :2] - figure.pelvis_m[0, :2]
        own = np.array([np.cos(yaw) * way[0] + np.sin(yaw) * way[1], -np.sin(yaw) * way[0] + np.cos(yaw) * way[1]])
        assert own @ direction > 0.93 * np.linalg.norm(own) > 0.5


def test_stairs_rise_by_their_risers():
    for name, sign in (("stairs_up", 1.0), ("stairs_down", -1.0)):
        _, _, figure = pose(name, 4, seconds=10.0, cadence=1.4, riser_m=0.17)
        assert figure.pelvis_m[-1, 2] - figure.pelvis_m[0, 2] == pytest.approx(sign * 1.4 * 0.17 * 10.0, rel=0.1)


@pytest.mark.parametrize("name", ["stairs_up", "stairs_down"])
def test_stairs_lead_where_they_are_told(name):
    turned = {}
    for way in ("straight", "turning", "spiral"):
        _, _, figure = pose(name, 4, seconds=12.0, cadence=1.4, riser_m=0.17, way=way)
        quat = figure.turns["pelvis"]
        turned[way] = np.rad2deg(np.unwrap(2.0 * np.arctan2(quat[:, 2], quat[:, 3])))
        assert abs(figure.pelvis_m[-1, 2] - figure.pelvis_m[0, 2]) == pytest.approx(1.4 * 0.17 * 12.0, rel=0.1)
    assert np.ptp(turned["straight"]) < 30.0
    assert np.ptp(turned["turning"]) > 80.0 and np.ptp(turned["spiral"]) > 0.8 * 12.0 * 1.4 * 12.0
    rate = np.abs(np.gradient(turned["turning"], 1.0 / 120.0))
    assert np.percentile(rate, 95) > 2.0 * np.percentile(rate, 30)  # at corners and not all the way


def test_a_halt_is_a_halt_on_both_feet():
    _, _, figure = pose("stop_and_go", 2, seconds=12.0, speed_mps=1.2, arms="free")
    speed = np.linalg.norm(np.diff(figure.pelvis_m[:, :2], axis=0), axis=1) * 120.0
    still = speed < 0.08
    assert 0.04 < still.mean() < 0.7
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still.astype(int), [0]])))
    first, stop = max(zip(edges[::2], edges[1::2], strict=True), key=lambda ends: ends[1] - ends[0])
    assert stop - first > 120  # longer than a second, and both feet stand for the middle half of it
    middle = slice(first + (stop - first) // 4, stop - (stop - first) // 4)
    assert (figure.contact["left"] & figure.contact["right"])[middle].all()
    assert np.percentile(speed, 90) > 0.9


@pytest.mark.parametrize("side", ["left", "right"])
def test_hopping_uses_the_foot_it_names(side):
    _, _, figure = pose("hopping_one_foot", 1, seconds=5.0, side=side)
    other = "right" if side == "left" else "left"
    assert figure.contact[side].any() and not figure.contact[other].any()
    assert any(f"the {side} foot" in said for said in figure.said)


def test_bounce_against_integrated_force():
    time = np.arange(0.0, 3.0, 1e-4)
    contacts = [(0.1 + 0.5 * k, 0.38 + 0.5 * k + 0.02 * (k % 2)) for k in range(6)]
    height = bounce(time, contacts)
    acc = np.gradient(np.gradient(height, time), time)
    flight = (time > 0.90 + 0.01) & (time < 1.1 - 0.01)
    assert np.allclose(acc[flight], -STANDARD_GRAVITY_MPS2, atol=1e-3)
    ends = [np.interp(end, time, height) for pair in contacts[1:-1] for end in pair]
    assert np.abs(ends).max() < 1e-4  # as high at every landing and take-off
    assert acc[(time > 0.6) & (time < 2.4)].min() > -1.6 * STANDARD_GRAVITY_MPS2


def test_impossible_parameters_name_the_range():
    with pytest.raises(UsageError, match="m/s"):
        generate("walking_forward", speed_mps=9.0)
    with pytest.raises(UsageError):
        generate("stairs_up", cadence=-1.0)
