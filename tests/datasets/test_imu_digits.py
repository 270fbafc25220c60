"""Android IMU Digits, on the real files."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.datasets import dataset
from anywear.errors import FormatError
from anywear.io import read


@pytest.fixture(scope="module")
def recordings(dataset_root):
    return list(dataset("imu-digits").recordings(dataset_root("imu-digits")))


def test_clips(recordings):
    assert len(recordings) == 250
    for word in dataset("imu-digits").info.label_words:
        assert sum(r.labels[0].label == word for r in recordings) == 25
    assert all(4.8 < r.duration_s < 5.3 for r in recordings)


def test_rate_is_read_off_the_stamps_and_not_the_readme(recordings):
    rates = [r.streams[0].effective_rate_hz for r in recordings]
    assert min(rates) > 51.8 and max(rates) < 53 and dataset("imu-digits").info.rate_hz == 52.5


def test_units(recordings):
    norms = [np.median(np.linalg.norm(r.streams[0].acc_mps2, axis=1)) for r in recordings]
    assert min(norms) > 9 and max(norms) < 11  # gravity is in it
    peaks = [np.linalg.norm(r.streams[0].gyr_radps, axis=1).max() for r in recordings]
    assert 1 < np.median(peaks) < 6


def test_phone_is_upright(recordings):
    mean = np.mean([r.streams[0].acc_mps2.mean(axis=0) for r in recordings], axis=0)
    assert mean[1] > 8 and abs(mean[0]) < 2.5 and abs(mean[2]) < 2.5


def test_missing_column_and_short_row(dataset_root, tmp_path):
    text = next(dataset_root("imu-digits").rglob("*_0_*.csv")).read_text()
    path = tmp_path / "clip.csv"
    path.write_text(text.replace("gyroscope_x", "gyro_a", 1))
    with pytest.raises(FormatError, match="lacks columns"):
        read(path, format="imu-digits")
    path.write_text(text.rstrip("\n").rsplit(",", 3)[0])
    with pytest.raises(FormatError, match="incomplete"):
        read(path, format="imu-digits")
