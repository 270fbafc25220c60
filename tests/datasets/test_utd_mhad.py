"""UTD-MHAD, on the real files."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.datasets import dataset
from anywear.datasets.utd_mhad import JOINTS, read_skeleton
from anywear.errors import FormatError


@pytest.fixture(scope="module")
def recordings(dataset_root):
    return list(dataset("utd-mhad").recordings(dataset_root("utd-mhad")))


def test_trials(recordings):
    assert len(recordings) == 861
    assert {r.metadata["subject"] for r in recordings} == set("12345678")
    for word in dataset("utd-mhad").info.label_words:
        assert 31 <= sum(r.labels[0].label == word for r in recordings) <= 32
    durations = [r.duration_s for r in recordings]
    assert min(durations) > 2.0 and max(durations) < 6.6


def test_position_never_mixes_classes(recordings):
    groups = dataset("utd-mhad").info.label_groups
    assert set(groups) == {"right_wrist", "right_thigh"} and len(groups["right_wrist"]) == 21
    for recording in recordings:
        assert recording.labels[0].label in groups[recording.metadata["position"]]
        assert recording.streams[0].placement.site == recording.metadata["position"]


def test_units(recordings):
    norms = [np.median(np.linalg.norm(r.streams[0].acc_mps2, axis=1)) for r in recordings]
    assert np.median(norms) == pytest.approx(10.2, abs=0.5)
    fastest = max(np.abs(r.streams[0].gyr_radps).max() for r in recordings)
    assert fastest == pytest.approx(np.radians(1000), rel=0.01)  # it clips there


def test_thigh_is_upright_at_the_start_of_a_walk(recordings):
    walks = [r.streams[0] for r in recordings if r.labels[0].label == "walk"]
    start = np.median([w.acc_mps2[:25].mean(axis=0) for w in walks], axis=0)
    assert start[0] < -9


def test_skeleton(dataset_root):
    path = next(dataset_root("utd-mhad").rglob("a22_s1_t1_skeleton.mat"))
    positions_m, joints = read_skeleton(path)
    assert positions_m.shape[1:] == (20, 3) and joints == JOINTS
    head, feet = positions_m[:, 0, 1], positions_m[:, [15, 19], 1].mean(axis=1)
    assert 1.2 < np.median(head - feet) < 2.1  # a standing person, in metres, y up
    shoulders = positions_m[:, 4] - positions_m[:, 8]
    assert 0.2 < np.median(np.linalg.norm(shoulders, axis=1)) < 0.6


def test_skeleton_of_something_else_is_an_error(dataset_root, tmp_path):
    inertial = next(dataset_root("utd-mhad").rglob("a22_s1_t1_inertial.mat"))
    with pytest.raises(FormatError, match="skeleton"):
        read_skeleton(inertial)
    with pytest.raises(FormatError):
        read_skeleton(tmp_path / "absent.mat")
