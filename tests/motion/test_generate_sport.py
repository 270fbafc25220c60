"""Sports: plausible, mirrored for left-handers, one joint after another, in free fall when they jump."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import find_peaks

from anywear.motion import quaternion
from anywear.motion.generate import PROGRAMS, Person, generate, pose
from anywear.motion.generate.checks import check_figure, flight_gravity_mps2
from anywear.motion.generate.swing import leap

NAMES = sorted(name for name, kind in PROGRAMS.items() if kind.family == "sport")
WHIPS = ("throw_ball", "tennis_forehand", "tennis_serve", "volleyball_serve", "baseball_swing")


def turning(figure, segment: str):
    """Angular speed (T - 1,) in rad/s."""
    quat = figure.world(segment)
    step = np.abs((quat[1:] * quat[:-1]).sum(axis=1))
    return 2.0 * np.arccos(np.clip(step, 0.0, 1.0)) * 120.0


@pytest.mark.parametrize(("seed", "name"), list(enumerate(NAMES)))
def test_sport_is_plausible_and_told(name, seed):
    chosen, _, figure = pose(name, seed, seconds=PROGRAMS[name].seconds.low)
    assert check_figure(figure).faults == ()
    assert chosen.family == "sport"
    assert len(figure.said) >= 3 and not any("{" in text for text in figure.said)


def test_same_seed_same_bytes():
    one, two, other = (generate("tennis_serve", seed) for seed in (4, 4, 5))
    assert one.clip.quat_world_from_joint.tobytes() == two.clip.quat_world_from_joint.tobytes()
    assert one.clip.quat_world_from_joint.tobytes() != other.clip.quat_world_from_joint.tobytes()


@pytest.mark.parametrize("name", WHIPS)
def test_hips_turn_before_the_arm(name):
    for seed in range(2):
        figure = pose(name, seed, seconds=3.0, person=Person(), tempo=0.9)[2]
        arm = turning(figure, "right_forearm")
        hit = int(arm.argmax())
        pelvis = turning(figure, "pelvis")[max(0, hit - 60) : hit + 30]
        # Half of what the hips turn around the stroke lies before the arm's peak.
        assert np.interp(0.5 * pelvis.sum(), np.cumsum(pelvis), np.arange(len(pelvis))) < min(hit, 60) + 12
        assert arm.max() > 2.0 * pelvis.max()


@pytest.mark.parametrize("name", ["throw_ball", "baseball_swing", "bowling", "boxing", "kick_ball"])
def test_left_handers_are_mirrored(name):
    peaks = {}
    for hand in ("left", "right"):
        figure = pose(name, 3, seconds=3.0, person=Person(hand=hand, restlessness=0.05), tempo=0.8)[2]
        limb = "foot" if name == "kick_ball" else "hand"
        peaks[hand] = {side: np.ptp(figure.point(f"{side}_{limb}")[:, 0]) for side in ("left", "right")}
    assert peaks["left"]["left"] == pytest.approx(peaks["right"]["right"], rel=0.15)
    assert peaks["left"]["right"] == pytest.approx(peaks["right"]["left"], rel=0.15)


def test_faster_tempo_turns_faster():
    speeds = [
        turning(pose("tennis_forehand", 1, seconds=3.0, person=Person(), tempo=tempo)[2], "right_forearm").max()
        for tempo in (0.55, 1.1)
    ]
    assert 1.5 < speeds[1] / speeds[0] < 2.3


def test_serve_is_as_fast_as_real_wrists():
    # The wrist units of UTD-MHAD read 12 to 20 rad/s at the peak of a tennis serve (10th to 90th percentile).
    speeds = []
    for seed in range(7):
        figure = pose("tennis_serve", seed, seconds=3.0)[2]
        speeds.append(turning(figure, f"{figure.person.hand}_forearm").max())
    assert 8.0 < np.median(speeds) < 20.0


def test_dribble_has_its_rate():
    figure = pose("basketball_dribble", 1, seconds=10.0, person=Person(), rate_hz=2.0, hand="dominant")[2]
    height = figure.point("right_hand")[:, 2]
    power = np.abs(np.fft.rfft(height - height.mean()))
    assert np.fft.rfftfreq(len(height), 1 / 120)[power.argmax()] == pytest.approx(2.0, abs=0.2)


def test_swimmer_strokes_at_the_rate_and_head_first():
    for kind, ahead in (("freestyle", 1.0), ("backstroke", -1.0)):
        figure = pose(f"swim_{kind}", 1, seconds=12.0, rate_hz=0.5)[2]
        hand = figure.point("left_hand") - figure.point("chest")
        peaks, _ = find_peaks(hand[:, 2], prominence=0.3)
        assert len(peaks) == pytest.approx(6, abs=1)
        assert ahead * (figure.pelvis_m[-1, 0] - figure.pelvis_m[0, 0]) > 1.0
        head = figure.point("head")[:, 0] - figure.pelvis_m[:, 0]
        assert ahead * head.mean() > 0.2
        facing = quaternion.rotate(figure.world("chest"), np.array([1.0, 0.0, 0.0]))[:, 2].mean()
        assert facing < -0.5 if kind == "freestyle" else facing > 0.5


def test_spike_flies_as_high_as_it_must():
    figure = pose("volleyball_spike", 2, seconds=3.5, person=Person())[2]
    assert flight_gravity_mps2(figure) == pytest.approx(9.81, rel=0.02)
    assert figure.airborne is not None
    assert figure.airborne.sum() / 120.0 == pytest.approx(2.0 * np.sqrt(2.0 * 0.35 / 9.81), rel=0.35)


def test_leap_falls_freely():
    t = np.arange(0.0, 3.0, 1 / 120)
    height, air = leap(t, 1.0, 0.3)
    assert height.max() == pytest.approx(0.3, abs=0.005)
    falling = np.diff(height, 2)[air[2:] & air[:-2]] * 120.0**2
    np.testing.assert_allclose(falling, -9.80665, rtol=1e-6)
    assert height.min() < -0.1 and height[0] == height[-1] == 0.0


def test_players_run_walk_or_stand_and_are_told_so():
    way = {}
    for pace, word in (("running", "runs"), ("walking", "walks"), ("standing", "stands")):
        _, _, figure = pose("playing_basketball", 3, seconds=8.0, speed_mps=2.4, pace=pace)
        way[pace] = np.linalg.norm(np.diff(figure.pelvis_m[:, :2], axis=0), axis=1).sum() / figure.seconds
        assert any(word in own for own in figure.said)
    assert way["running"] == pytest.approx(2.4, rel=0.15)
    assert way["walking"] == pytest.approx(1.2, rel=0.2)
    assert way["standing"] < 0.3
