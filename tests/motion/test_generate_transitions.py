"""Transitions: plausible, from the posture to the posture, in the time that is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.errors import UsageError
from anywear.motion import quaternion
from anywear.motion.generate import PROGRAMS, generate, pose
from anywear.motion.generate.checks import check_figure

NAMES = sorted(name for name, own in PROGRAMS.items() if own.family == "transitions")


@pytest.mark.parametrize("name", NAMES)
def test_every_transition_is_plausible_and_described(name: str) -> None:
    for seed in range(60, 63):
        _, _, figure = pose(name, seed)
        assert check_figure(figure).faults == (), f"seed {seed}"
        assert len(set(figure.said)) >= 3


def test_same_seed_same_bytes() -> None:
    clips = [generate("lying_down", seed=4).clip.quat_world_from_joint.tobytes() for _ in range(2)]
    assert clips[0] == clips[1]


@pytest.mark.parametrize(("name", "parameter", "sign"), [("standing_up", "rise_s", 1), ("sitting_down", "sink_s", -1)])
@pytest.mark.parametrize("seconds", [1.2, 2.4])
def test_rising_and_sinking_take_as_long_as_they_are_told(name: str, parameter: str, sign: int, seconds: float) -> None:
    _, _, figure = (
        pose(name, 3, seconds=6.0, seat="chair", rise_s=seconds)
        if parameter == "rise_s"
        else pose(name, 3, seconds=6.0, seat="chair", sink_s=seconds)
    )
    height = sign * figure.pelvis_m[:, 2]
    share = (height - height.min()) / np.ptp(height)
    first, last = np.argmax(share > 0.02), np.argmax(share > 0.98)
    assert share[0] < 0.05 and share[-1] > 0.95
    # The pelvis rises only once the trunk has gone forward.
    assert 0.35 * seconds < (last - first) / 120.0 < 0.95 * seconds


def test_the_trunk_goes_forward_before_the_seat_is_left() -> None:
    for seed in range(5):
        _, _, figure = pose("standing_up", seed, seat="chair")
        lean = np.degrees(np.arcsin(-quaternion.rotate(figure.world("chest"), np.array([1.0, 0.0, 0.0]))[:, 2]))
        height = figure.pelvis_m[:, 2]
        left = int(np.argmax(height > height[0] + 0.3 * (height[-1] - height[0])))
        assert lean[:left].max() > lean[0] + 18.0
        assert abs(lean[-1]) < 30.0


@pytest.mark.parametrize("place", ["bed", "floor"])
def test_lying_down_ends_level_and_getting_up_ends_upright(place: str) -> None:
    for name, first, last in (("lying_down", 1.0, 0.0), ("getting_up", 0.0, 1.0)):
        _, _, figure = pose(name, 8, place=place)
        up = quaternion.rotate(figure.world("pelvis"), np.array([0.0, 0.0, 1.0]))[:, 2]
        assert up[0] == pytest.approx(first, abs=0.25) and up[-1] == pytest.approx(last, abs=0.25)


@pytest.mark.parametrize(("name", "sign"), [("turning_on_spot_left", 1.0), ("turning_on_spot_right", -1.0)])
def test_turns_go_to_their_side_by_their_angle(name: str, sign: float) -> None:
    _, _, figure = pose(name, 2, seconds=4.0, angle_deg=180.0, step_s=0.32)
    ahead = quaternion.rotate(figure.world("pelvis"), np.array([1.0, 0.0, 0.0]))
    yaw = np.degrees(np.unwrap(np.arctan2(ahead[:, 1], ahead[:, 0])))
    assert (yaw[-1] - yaw[0]) * sign == pytest.approx(180.0, abs=12.0)
    assert any(("left" if sign > 0 else "right") in sentence for sentence in figure.said)


def test_reaching_lifts_the_arm_that_is_said() -> None:
    for arm, other in (("left", "right"), ("right", "left")):
        _, _, figure = pose("reaching_up", 5, arm=arm)
        assert figure.point(f"{arm}_hand")[:, 2].max() > 1.0 * figure.height_m
        assert figure.point(f"{other}_hand")[:, 2].max() < 0.75 * figure.height_m
        assert any(f"the {arm} arm" in sentence for sentence in figure.said)


def test_long_clips_do_it_again() -> None:
    _, _, figure = pose("standing_up", 1, seconds=25.0, rise_s=1.5)
    height = figure.pelvis_m[:, 2]
    middle = 0.5 * (height.min() + height.max())
    assert int((np.diff((height > middle).astype(int)) > 0).sum()) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_transitions_say_when_they_are_made(name: str) -> None:
    for seed in (3, 4):
        made = generate(name, seed)
        if name == "moving_in_elevator":
            continue
        assert made.acts_s
        for begin, end in made.acts_s:
            assert 0.0 <= begin < end <= made.clip.duration_s + 0.01


def test_the_body_rises_while_it_is_said_to_rise() -> None:
    for seed in range(4):
        _, _, figure = pose("standing_up", seed)
        for begin, end in figure.acts_s:
            low, high = (figure.pelvis_m[round(at * 120.0), 2] for at in (begin, min(end + 0.1, figure.seconds)))
            assert high - low > 0.15 * figure.height_m


def test_a_seat_is_met() -> None:
    """Who sits down is still sinking when the seat is there, and is stopped by it within a tenth of a second or two."""
    hardest = []
    for seed in range(6):
        _, _, figure = pose("sitting_down", seed, seat="chair", sink_s=1.4)
        up_mps2 = np.diff(figure.pelvis_m[:, 2], 2) * 120.0**2
        begin, end = figure.acts_s[0]
        middle = round((begin + 0.55 * (end - begin)) * 120.0)
        hardest.append(up_mps2[middle : round((end + 0.1) * 120.0)].max())
    assert min(hardest) > 1.5 and 4.0 < max(hardest) < 40.0


def test_an_instant_rise_is_refused() -> None:
    with pytest.raises(UsageError, match="rise_s"):
        generate("standing_up", rise_s=0.1)
