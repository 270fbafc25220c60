"""UHH IMU gestures, on the real files: names, repetitions, and gravity rebuilt."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.datasets import dataset
from anywear.recording import STANDARD_GRAVITY_MPS2
from anywear.timing import contiguous_slices


@pytest.fixture(scope="module")
def recordings(dataset_root):
    return list(dataset("uhh-gestures").recordings(dataset_root("uhh-gestures")))


def test_people_and_gestures(recordings):
    assert {r.metadata["subject"] for r in recordings} == {"j", "l", "na", "ni", "s"}
    for recording in recordings:
        assert {s.label for s in recording.labels} == {
            dataset("uhh-gestures").info.label_words[int(recording.metadata["activity"])]
        }
        assert 9 <= len(recording.labels) <= 11
        assert all(0.1 < s.end_s - s.start_s < 6 for s in recording.labels)


def test_only_the_turning_gestures_have_cuts(recordings):
    for recording in recordings:
        stretches = len(contiguous_slices(recording.streams[0].time_s))
        if recording.metadata["activity"] in "67":
            assert stretches in (10, 11, 12)
        else:
            assert stretches == 1


def test_between_gestures_it_weighs_one_g(recordings):
    for recording in recordings:
        (stream,) = recording.streams
        idle = np.ones(len(stream), dtype=bool)
        for span in recording.labels:
            idle &= (stream.time_s < span.start_s - 0.3) | (stream.time_s > span.end_s + 0.3)
        norm = np.median(np.linalg.norm(stream.acc_mps2[idle], axis=1))
        assert norm == pytest.approx(STANDARD_GRAVITY_MPS2, rel=0.12)
        assert any(n.kind == "repaired" and "gravity" in n.text for n in stream.notes)


def test_rebuilt_gravity_turns_as_the_gyroscope_says(recordings):
    notes = [note.text for r in recordings for note in r.streams[0].notes if note.kind == "repaired"]
    shares = [int(text.split("explains ")[1].split("%")[0]) for text in notes]
    assert len(shares) == 50 and min(shares) > 45 and np.median(shares) > 60


def test_phone_is_held_with_its_top_up_at_first(recordings):
    starts = np.array([r.streams[0].acc_mps2[:5].mean(axis=0) for r in recordings])
    assert np.median(starts[:, 1]) > 6 and np.median(np.abs(starts[:, 0])) < 4
