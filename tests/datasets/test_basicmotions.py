"""BasicMotions, on the real files: read honestly without gravity."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.datasets import dataset
from anywear.errors import UsageError
from anywear.io import read
from anywear.timing import contiguous_slices


@pytest.fixture(scope="module")
def recordings(dataset_root):
    return list(dataset("basicmotions").recordings(dataset_root("basicmotions")))


def test_cases(recordings):
    assert [r.metadata["part"] for r in recordings] == ["test", "train"]
    for recording in recordings:
        assert len(contiguous_slices(recording.streams[0].time_s)) == len(recording.labels) == 40
        words = [s.label for s in recording.labels]
        assert {w: words.count(w) for w in words} == dict.fromkeys(dataset("basicmotions").info.label_words, 10)
        assert all(s.end_s - s.start_s == pytest.approx(9.9) for s in recording.labels)


def test_missing_gravity_is_said(recordings):
    for recording in recordings:
        (watch,) = recording.streams
        standing = [s for s in recording.labels if s.label == "standing"]
        inside = np.any([(watch.time_s >= s.start_s) & (watch.time_s <= s.end_s) for s in standing], axis=0)
        assert np.median(np.linalg.norm(watch.acc_mps2[inside], axis=1)) < 1
        assert any("gravity" in note.text for note in watch.notes)


def test_units_cannot_be_overridden(dataset_root):
    path = next(dataset_root("basicmotions").rglob("BasicMotions_TEST.ts"))
    with pytest.raises(UsageError, match="gravity"):
        read(path, format="basicmotions", units="g")
