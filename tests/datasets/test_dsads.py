"""Daily and Sports Activities, on the real files."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from anywear.datasets import dataset
from anywear.io import read
from anywear.recording import STANDARD_GRAVITY_MPS2
from anywear.timing import contiguous_slices


@pytest.fixture(scope="module")
def subject_2(dataset_root):
    found = dataset("dsads").recordings(dataset_root("dsads"), subjects=["2"])
    return {recording.metadata["activity"]: recording for recording in found}


def test_every_activity_once_per_subject(subject_2):
    assert list(subject_2) == [f"a{i:02d}" for i in range(1, 20)]
    words = [{span.label for span in recording.labels} for recording in subject_2.values()]
    assert words == [{word} for word in dataset("dsads").info.label_words]


def test_segments_are_joined_on_one_clock(subject_2):
    sitting = subject_2["a01"]
    assert [len(stream) for stream in sitting.streams] == [15 * 125] * 5
    assert sitting.duration_s == pytest.approx(75 - 0.04)
    assert [s.placement.site for s in sitting.streams] == list(dataset("dsads").info.placements)
    assert len(sitting.labels) == 1 and sitting.labels[0].end_s == pytest.approx(75.0)


def test_flights_of_stairs_are_broken_and_the_treadmill_is_not(subject_2):
    stretches = {a: len(contiguous_slices(subject_2[a].streams[0].time_s)) for a in ("a05", "a10", "a11", "a16")}
    assert stretches["a05"] > 3 and stretches["a10"] == stretches["a11"] == stretches["a16"] == 1
    assert len(subject_2["a05"].labels) == stretches["a05"]
    assert any("breaks" in note.text for note in subject_2["a05"].notes)


def test_seconds_of_nothing_are_left_out(dataset_root):
    found = dataset("dsads").recordings(dataset_root("dsads"), subjects=["1"])
    up = next(recording for recording in found if recording.metadata["activity"] == "a05")
    assert [len(stream) for stream in up.streams] == [15 * 100] * 5
    assert all((stream.acc_mps2 != 0.0).any(axis=1).all() for stream in up.streams)
    assert [round(span.end_s - span.start_s, 2) for span in up.labels] == [4.0] * 15
    assert any("375 rows of zeros at the ends of 15 segments" in note.text for note in up.notes)


def test_a_segment_that_ends_in_zeros_is_followed_by_a_gap_and_one_of_zeros_alone_stays(dataset_root, tmp_path):
    folder = next(dataset_root("dsads").rglob("a01/p1"))
    kept = tmp_path / "data" / "a01" / "p1"
    kept.mkdir(parents=True)
    zeros = ",".join(["0"] * 45) + "\n"
    for segment, last in (("s01", 125), ("s02", 110), ("s03", 125)):
        rows = (folder / f"{segment}.txt").read_text().splitlines(keepends=True)
        (kept / f"{segment}.txt").write_text("".join(rows[:last]) + zeros * (125 - last))
    (recording,) = dataset("dsads").recordings(tmp_path)
    assert [piece.stop - piece.start for piece in contiguous_slices(recording.streams[0].time_s)] == [235, 125]
    (kept / "s02.txt").write_text(zeros * 125)
    (recording,) = dataset("dsads").recordings(tmp_path)
    assert len(recording.streams[0]) == 375


def test_units_at_rest(subject_2):
    for activity in ("a01", "a02", "a03", "a04"):
        for stream in subject_2[activity].streams:
            assert np.median(np.linalg.norm(stream.acc_mps2, axis=1)) == pytest.approx(STANDARD_GRAVITY_MPS2, rel=0.03)
            assert np.median(np.linalg.norm(stream.gyr_radps, axis=1)) < 0.2


def test_leg_units_sit_on_the_thigh(subject_2):
    for leg in ("right_leg", "left_leg"):
        standing, sitting = (np.median(subject_2[a].stream(leg).acc_mps2, axis=0) for a in ("a02", "a01"))
        assert standing[0] < -9.0
        cosine = standing @ sitting / np.linalg.norm(standing) / np.linalg.norm(sitting)
        assert 55 < np.degrees(np.arccos(cosine)) < 95


def test_legs_step_at_a_walking_rate(subject_2):
    gyr = subject_2["a10"].stream("right_leg").gyr_radps
    spectrum = np.abs(np.fft.rfft(gyr[:, 2] - gyr[:, 2].mean()))
    hz = np.fft.rfftfreq(len(gyr), 1 / 25)
    assert 0.5 < hz[np.argmax(spectrum[hz < 5])] < 1.5


def test_one_file_is_one_segment(dataset_root, monkeypatch):
    path = next(dataset_root("dsads").rglob("a10/p1/s05.txt"))
    monkeypatch.chdir(path.parent)
    recording = read("s05.txt", format="dsads")
    assert recording.duration_s == pytest.approx(124 / 25)
    assert dict(recording.metadata) == {"subject": "1", "activity": "a10", "segments": "05"}
    assert [s.label for s in recording.labels] == ["walking on a treadmill flat"]


def test_missing_segment_leaves_a_gap(dataset_root, tmp_path):
    folder = next(dataset_root("dsads").rglob("a01/p1"))
    kept = tmp_path / "data" / "a01" / "p1"
    kept.mkdir(parents=True)
    for segment in ("s01", "s02", "s04"):
        shutil.copy(folder / f"{segment}.txt", kept)
    (recording,) = dataset("dsads").recordings(tmp_path)
    assert [s.stop - s.start for s in contiguous_slices(recording.streams[0].time_s)] == [250, 125]
    assert len(recording.labels) == 2 and recording.metadata["segments"] == "01 02 04"
