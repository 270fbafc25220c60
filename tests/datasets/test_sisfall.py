"""SisFall, on the real files."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.datasets import dataset
from anywear.datasets.sisfall import DAILY, FALLS
from anywear.io import read


@pytest.fixture(scope="module")
def elderly(dataset_root):
    return list(dataset("sisfall").recordings(dataset_root("sisfall"), subjects=["SE02", "SE06"]))


def test_words_and_groups():
    info = dataset("sisfall").info
    assert len(DAILY) == 19 and len(FALLS) == 15
    assert info.label_groups == {"daily": tuple(DAILY.values()), "falls": tuple(FALLS.values())}
    assert all("fall" in word for word in FALLS.values())
    assert not any("fall" in word for word in DAILY.values())


def test_one_label_over_the_whole_trial(elderly):
    for recording in elderly:
        (span,) = recording.labels
        assert (span.start_s, span.end_s) == (0.0, pytest.approx(recording.duration_s))
    assert all(r.labels[0].label in DAILY.values() for r in elderly if r.metadata["subject"] == "SE02")
    assert any(r.labels[0].label in FALLS.values() for r in elderly if r.metadata["subject"] == "SE06")


def test_durations_are_the_documented_ones(elderly):
    for code, seconds in {"D01": 100, "D05": 25, "D07": 12, "F01": 15}.items():
        durations = [r.duration_s for r in elderly if r.metadata["activity"] == code]
        assert durations == [pytest.approx(seconds, abs=0.1)] * len(durations)


def test_units_and_axes(elderly):
    walking = [r.streams[0] for r in elderly if r.metadata["activity"] == "D01"]
    for stream in walking:
        mean = stream.acc_mps2.mean(axis=0)
        assert mean[1] < -9.0 and 9 < np.median(np.linalg.norm(stream.acc_mps2, axis=1)) < 11
        assert stream.effective_rate_hz == pytest.approx(200)
        assert 0.3 < np.percentile(np.linalg.norm(stream.gyr_radps, axis=1), 95) < 4
    lying = [r.streams[0] for r in elderly if r.metadata["activity"] == "D14"]
    assert np.median([s.acc_mps2[:400, 2].mean() for s in lying]) > 7  # on the back z, forward, points up


def test_blank_last_line_is_no_damage(dataset_root):
    path = next(dataset_root("sisfall").rglob("F07_SA01_R01.txt"))
    assert path.read_bytes().splitlines()[-1].strip() == b""
    assert len(read(path, format="sisfall").streams[0]) == 3000


def test_cut_row_is_an_error(dataset_root, tmp_path):
    from anywear.errors import FormatError

    data = next(dataset_root("sisfall").rglob("D07_SA01_R01.txt")).read_bytes()
    (tmp_path / "D07_SA01_R01.txt").write_bytes(data[:1000].rsplit(b",", 2)[0])
    with pytest.raises(FormatError, match="columns"):
        read(tmp_path / "D07_SA01_R01.txt", format="sisfall")
