"""When what a program is called is done, and how fast: true of the motion, for every program that says so."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.errors import UsageError
from anywear.motion import quaternion
from anywear.motion.generate import PROGRAMS, Range, generate, paced, pose

ONCE = {"transitions", "falls", "gestures"}


@pytest.fixture(scope="module")
def made():
    return {name: generate(name, 31) for name in PROGRAMS}


def test_what_is_done_now_and_then_says_when(made):
    for name, own in made.items():
        for begin, end in own.acts_s:
            assert 0.0 <= begin < end <= own.clip.duration_s + 0.01, name
        ends = [end for _, end in own.acts_s]
        assert ends == sorted(ends), name
    said = {name for name, own in made.items() if own.acts_s}
    once = {name for name, own in PROGRAMS.items() if own.family in ONCE}
    assert once - said <= {"arm_circles", "nodding"}  # the second is registered by the guide's test
    assert not said & {"walking_forward", "sitting", "cycling_road", "typing", "squats", "jumping"}


def test_bodies_turn_while_they_are_said_to_turn():
    """Of the turning of a walk with turns, nearly all is in the acts."""
    for seed in range(4):
        _, _, figure = pose("turning_while_walking", seed, angle_deg=150.0)
        ahead = quaternion.rotate(figure.world("pelvis"), np.array([1.0, 0.0, 0.0]))
        yaw = np.degrees(np.unwrap(np.arctan2(ahead[:, 1], ahead[:, 0])))
        for begin, end in figure.acts_s:
            if end < figure.seconds:
                turned = abs(np.interp(end + 0.3, figure.t, yaw) - np.interp(begin - 0.3, figure.t, yaw))
                assert turned == pytest.approx(150.0, abs=30.0)


def test_bodies_fall_while_they_are_said_to_fall():
    for name in ("falling_forward", "slipping", "fainting"):
        _, _, figure = pose(name, 4)
        [(begin, end)] = figure.acts_s
        before, after = (np.interp(at, figure.t, figure.pelvis_m[:, 2]) for at in (begin, end))
        assert before - after > 0.8 * np.ptp(figure.pelvis_m[:, 2]) > 0.2


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_slow_and_fast_are_within_what_is_usual(name):
    usual = PROGRAMS[name].parameters
    slow, fast = (paced(name, tempo, np.random.default_rng(0)) for tempo in (-1, 1))
    assert slow.keys() == fast.keys() <= usual.keys() and paced(name, 0, np.random.default_rng(0)) == {}
    for key in slow:
        kind = usual[key]
        assert (
            isinstance(kind, Range) and kind.low <= min(slow[key], fast[key]) < max(slow[key], fast[key]) <= kind.high
        )
        assert (fast[key] > slow[key]) == (kind.quick(key) > 0)


def test_what_goes_slowly_goes_less_often_or_takes_longer():
    rng = np.random.default_rng(1)
    assert paced("rowing_machine", 1, rng)["rate_spm"] > paced("rowing_machine", -1, rng)["rate_spm"]
    assert paced("squats", 1, rng)["period_s"] < paced("squats", -1, rng)["period_s"]
    assert paced("throw_ball", 1, rng)["tempo"] > paced("throw_ball", -1, rng)["tempo"]
    assert "hold_s" in PROGRAMS["touching_toes"].parameters and "hold_s" not in paced("touching_toes", 1, rng)
    with pytest.raises(UsageError, match="activity"):
        paced("flying", 1, rng)
