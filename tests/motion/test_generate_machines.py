"""Machines: plausible for every seed, and the rates that were asked for show in the motion."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from anywear.errors import UsageError
from anywear.motion.generate import PROGRAMS, curves, generate, life, pose
from anywear.motion.generate.checks import check_figure

NAMES = sorted(name for name, own in PROGRAMS.items() if own.family == "machines")


def peak_hz(values, rate_hz: float = 120.0, least_hz: float = 0.15) -> float:
    spectrum = np.abs(np.fft.rfft((values - values.mean()) * np.hanning(len(values)), 16384))
    frequency = np.fft.rfftfreq(16384, 1.0 / rate_hz)
    return float(frequency[np.where(frequency > least_hz, spectrum, 0.0).argmax()])


@pytest.mark.parametrize("name", NAMES)
def test_every_machine_is_plausible_and_described(name):
    for seed in range(4):
        figure = pose(name, seed)[2]
        assert check_figure(figure).faults == ()
        assert len(set(figure.said)) >= 3


@pytest.mark.parametrize(
    ("name", "setting", "value", "hz"),
    [
        ("cycling_exercise_bike", "cadence_rpm", 84.0, 1.4),
        ("cycling_recumbent", "cadence_rpm", 60.0, 1.0),
        ("rowing_machine", "rate_spm", 24.0, 0.4),
        ("cross_trainer", "cadence_spm", 48.0, 0.8),
        ("stepper", "rate_hz", 0.6, 0.6),
    ],
)
def test_shanks_turn_at_the_rate_that_was_asked_for(name, setting, value, hz):
    figure = pose(name, 3, seconds=20.0, **{setting: value})[2]
    assert peak_hz(figure.turns["left_shank"][:, 1]) == pytest.approx(hz, rel=0.06)


def test_rope_is_jumped_at_its_rate_in_free_fall():
    figure = pose("rope_skipping", 2, seconds=12.0, rate_hz=2.2, style="both feet")[2]
    assert peak_hz(figure.pelvis_m[:, 2], least_hz=1.0) == pytest.approx(2.2, rel=0.06)
    assert check_figure(figure).figures["free fall off by"] < 0.05


def test_pedals_are_half_a_turn_apart_and_the_knee_is_as_bent_as_asked():
    figure = pose("cycling_exercise_bike", 1, seconds=8.0, knee_deg=32.0)[2]
    ankles = {side: figure.point(f"{side}_foot")[:, 2] for side in ("left", "right")}
    assert np.corrcoef(ankles["left"], ankles["right"])[0, 1] < -0.9
    bend = 2.0 * np.rad2deg(np.arcsin(np.abs(figure.turns["left_shank"][:, 1]).min()))
    assert bend == pytest.approx(32.0, abs=7.0)


def test_leaning_back_turns_the_chest_and_impossible_cadence_is_refused():
    chest = [generate("cycling_recumbent", 5, recline_deg=back).clip.joint_positions_m() for back in (0.0, 40.0)]
    head = 5
    lean = [float(np.mean(p[:, head, 0] - p[:, 0, 0])) for p in chest]
    assert lean[1] < lean[0] - 0.2
    with pytest.raises(UsageError, match="turns/min"):
        generate("cycling_exercise_bike", cadence_rpm=-5.0)


def test_same_seed_same_motion():
    one, two = (generate("rowing_machine", 7).clip for _ in range(2))
    assert one.quat_world_from_joint.tobytes() == two.quat_world_from_joint.tobytes()
    assert one.root_position_m.tobytes() == two.root_position_m.tobytes()


def test_a_push_has_the_harmonics_that_were_asked_for():
    phase = np.linspace(0.0, 3.0, 30_001)
    asked = ((1.0, 0.0), (0.4, -30.0), (0.2, 50.0))
    place = curves.pushes(phase, asked)
    accelerated = np.gradient(np.gradient(place, phase), phase)[2:-2] / (2.0 * np.pi) ** 2
    wanted = sum(
        size * np.cos(2 * np.pi * k * phase + np.deg2rad(lead)) for k, (size, lead) in enumerate(asked, start=1)
    )
    assert np.allclose(accelerated, wanted[2:-2], atol=1e-4)
    assert np.allclose(curves.pushes(phase, asked[:1]), -np.cos(2.0 * np.pi * phase))


def test_handles_shake_as_hard_as_asked_and_only_by_hairs():
    time_s = np.arange(0.0, 60.0, 1.0 / 120.0)
    shaken = life.shake(time_s, np.random.default_rng(0), 1.0)
    accelerated = np.gradient(np.gradient(shaken, time_s, axis=0), time_s, axis=0)
    assert np.sqrt((accelerated**2).sum(axis=1).mean()) == pytest.approx(1.0, rel=0.25)
    assert np.abs(shaken).max() < 0.003
    hand = pose("cycling_exercise_bike", 2, seconds=10.0, hands="both")[2].point("left_hand")
    quick = butter(4, 4.5, "highpass", fs=120.0, output="sos")
    accelerated = sosfiltfilt(quick, np.gradient(np.gradient(hand, axis=0), axis=0) * 120.0**2, axis=0)[60:-60]
    assert 0.08 < np.sqrt((accelerated**2).sum(axis=1).mean()) < 0.8
