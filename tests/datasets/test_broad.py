"""BROAD, on the real files: what the unit measured, and the truth beside it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from anywear.datasets import dataset
from anywear.datasets.broad import parse, read_board
from anywear.errors import FormatError
from anywear.motion import quaternion


@pytest.fixture(scope="module")
def files(dataset_root):
    source = dataset("broad").find(dataset_root("broad"))
    return dict(source.read([name for name in source.names() if parse(name)]))


@pytest.fixture(scope="module")
def trials(files):
    return {name: read_board(data, name) for name, data in files.items()}


@pytest.mark.parametrize(
    ("name", "activity"),
    [
        ("data_mat/02_undisturbed_slow_rotation_B.mat", "slow_rotation"),
        ("18_undisturbed_fast_translation_with_breaks_B.mat", "fast_translation"),
        ("data_mat/21_undisturbed_fast_combined.mat", "fast_combined"),
        ("data_mat/39_disturbed_mixed.mat", None),
    ],
)
def test_path_tells_the_motion(name, activity):
    key = parse(name)
    assert key is not None and key.activity == activity and key.subject is None


@pytest.mark.parametrize("name", ["README.md", "data_mat/trials.json", "data_hdf5/02_undisturbed_slow_rotation_B.hdf5"])
def test_other_files_hold_no_trial(name):
    assert parse(name) is None


def test_optical_truth_turns_gravity_onto_the_unit(trials):
    """Still, the measured force turned into the world by the cameras' orientation points up: order and sense of xyzw."""
    for trial in trials.values():
        still = trial.seen & ~trial.moving
        force = quaternion.rotate(trial.quat_world_from_board[still], trial.acc_mps2[still]).mean(axis=0)
        assert np.linalg.norm(force[:2]) < 0.2 and force[2] == pytest.approx(9.81, abs=0.05)


def test_cameras_see_the_whole_movement(trials):
    for trial in trials.values():
        assert trial.moving.sum() / trial.rate_hz > 75 and trial.seen[trial.moving].all() and not trial.seen.all()


def test_a_movement_is_a_labelled_span(dataset_root):
    words = []
    for recording in dataset("broad").recordings(dataset_root("broad")):
        (span,) = recording.labels
        assert 75 < span.end_s - span.start_s < 150 and recording.streams[0].placement.name == "unknown"
        words.append(span.label)
    assert words == ["slow rotation", "fast rotation", "slow translation", "fast translation"]


@pytest.mark.parametrize("change", ["opt_pos", "movement", "sampling_rate"])
def test_what_is_missing_is_named(files, change):
    variables = {k: v for k, v in loadmat(io.BytesIO(next(iter(files.values())))).items() if not k.startswith("__")}
    for damage in ("gone", "short"):
        changed = dict(variables)
        if damage == "gone":
            del changed[change]
        else:
            changed[change] = changed[change][:0]
        out = io.BytesIO()
        savemat(out, changed)
        with pytest.raises(FormatError, match=change.replace("sampling_rate", "sampling rate")):
            read_board(out.getvalue(), "trial.mat")
