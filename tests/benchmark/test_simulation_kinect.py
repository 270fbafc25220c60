"""Kinect skeletons: arms of constant length, axes, and the real wrist unit."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.benchmark.simulation import wrist_trials
from anywear.benchmark.simulation_kinect import compare_kinect, kinect_clip, reach
from anywear.datasets.utd_mhad import JOINTS


@pytest.fixture(scope="module")
def trials(dataset_root):
    wanted = ("tennis swing", "draw circle counter clockwise", "bowling")
    return [t for t in wrist_trials(dataset_root("utd-mhad"), subjects=["1", "5"]) if t[1] in wanted]


def _length(positions, one, other):
    return np.linalg.norm(positions[:, JOINTS.index(one)] - positions[:, JOINTS.index(other)], axis=1)


def test_arms_keep_their_length_and_wrists_their_place(trials):
    for _, _, seen, _ in trials:
        made = reach(seen)
        for a, b in (("right_shoulder", "right_elbow"), ("right_elbow", "right_wrist")):
            assert _length(seen, a, b).std() > 1e-3 and _length(made, a, b).std() < 1e-6
        wrist = JOINTS.index("right_wrist")
        moved = np.linalg.norm(made[:, wrist] - seen[:, wrist], axis=1)
        assert np.median(moved) < 1e-9 or np.median(moved) < 0.05
        others = [JOINTS.index(j) for j in JOINTS if "elbow" not in j and "wrist" not in j]
        assert np.array_equal(made[:, others], seen[:, others])


def test_people_stand_upright_and_face_the_camera(trials):
    _, _, seen, _ = trials[0]
    clip = kinect_clip(seen, 19.0, "trial")
    positions = clip.joint_positions_m()
    names = clip.skeleton.joints
    left, right, head, foot = (positions[:, names.index(n)] for n in ("left_hip", "right_hip", "head", "left_foot"))
    assert (head[:, 2] - foot[:, 2] > 1.2).all()  # z is up
    assert (left[:, 1] > right[:, 1]).all()  # y is the person's left, so x is where the camera stands
    assert clip.unobservable_twist


def test_as_good_as_a_double_difference(trials):
    found = compare_kinect(trials)
    assert not found.failed and sum(a.trials for a in found.actions) == len(trials) == 24
    simulated, plain = found.means()
    assert simulated > 0.7 and simulated > plain - 0.02


def test_other_actions_are_left_out(trials):
    name, _, seen, unit = trials[0]
    assert compare_kinect([(name, "jog", seen, unit)]).actions == ()
