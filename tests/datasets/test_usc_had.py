"""USC-HAD, on the real files."""

from __future__ import annotations

import io

import numpy as np
import pytest
import scipy.io

from anywear.datasets import dataset
from anywear.io import read


@pytest.fixture(scope="module")
def recordings(dataset_root):
    return list(dataset("usc-had").recordings(dataset_root("usc-had")))


def test_trials(recordings):
    assert len(recordings) == 336
    words = dataset("usc-had").info.label_words
    assert sorted({r.metadata["subject"] for r in recordings}, key=int) == [str(i) for i in range(1, 15)]
    for word in words:
        assert sum(r.labels[0].label == word for r in recordings) == 28
    assert 2.9 < sum(r.duration_s for r in recordings) / 3600 < 3.2


def test_units_of_still_classes(recordings):
    still = [r.streams[0] for r in recordings if r.labels[0].label in ("sitting", "standing", "sleeping")]
    norms = [np.median(np.linalg.norm(s.acc_mps2, axis=1)) for s in still]
    assert min(norms) > 9 and max(norms) < 11
    running = [r.streams[0] for r in recordings if r.labels[0].label == "running forward"]
    assert 2 < np.median([np.percentile(np.linalg.norm(s.gyr_radps, axis=1), 90) for s in running]) < 10


def test_documented_axis_is_up_while_upright(recordings):
    assert "gravity" in dataset("usc-had").info.mount_documented
    for recording in recordings:
        if recording.labels[0].label in ("standing", "walking forward"):
            (stream,) = recording.streams
            up = np.asarray(stream.placement.mount.up_axis)
            mean = stream.acc_mps2.mean(axis=0)
            assert mean @ up / np.linalg.norm(mean) > 0.8
            assert stream.placement.site == "right_front_hip"


def test_file_name_wins_over_the_wrong_fields(dataset_root):
    path = next(dataset_root("usc-had").rglob("Subject14/a3t2.mat"))
    inside = scipy.io.loadmat(io.BytesIO(path.read_bytes()))
    assert str(inside["activity_number"][0]) == "2" and str(inside["activity"][0]) == "walking-left"
    recording = read(path, format="usc-had")
    assert recording.labels[0].label == "walking right" and recording.metadata["subject"] == "14"


def test_full_set_layout_is_understood():
    parse = dataset("usc-had").parse
    names = [f"Subject{s}/a{a}t{t}.mat" for s in range(1, 15) for a in range(1, 13) for t in range(1, 6)]
    assert len({(k.subject, k.activity, k.trial) for k in map(parse, names)}) == 840
    assert parse("Subject1/a13t1.mat") is None and parse("Readme.txt") is None
    assert parse("__MACOSX/Subject1/._a1t1.mat") is None and parse("data1t1.mat") is None
    assert parse("a1t1.mat").subject is None


def test_wrong_variable_is_an_error(tmp_path):
    from anywear.errors import FormatError

    scipy.io.savemat(tmp_path / "a1t1.mat", {"readings": np.ones((9, 6))})
    with pytest.raises(FormatError, match="sensor_readings"):
        read(tmp_path / "a1t1.mat", format="usc-had")
    scipy.io.savemat(tmp_path / "a1t1.mat", {"sensor_readings": np.ones((9, 5))})
    with pytest.raises(FormatError, match="shape"):
        read(tmp_path / "a1t1.mat", format="usc-had")
