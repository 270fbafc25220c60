"""SP-SW-HAR, on the real files."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.datasets import dataset
from anywear.io import read


@pytest.fixture(scope="module")
def recordings(dataset_root):
    return list(dataset("sp-sw-har").recordings(dataset_root("sp-sw-har"), subjects=["s01", "s07", "s23"]))


def test_phone_and_watch_share_a_clock(recordings):
    for recording in recordings:
        phone, watch = recording.stream("phone"), recording.stream("watch")
        assert min(phone.time_s[0], watch.time_s[0]) == pytest.approx(0.0)
        assert abs(phone.time_s[0] - watch.time_s[0]) < 1.2
        assert recording.start_unix_s > 1.6e9


def test_rates_without_gaps_or_repeats(recordings):
    for recording in recordings:
        assert recording.stream("phone").effective_rate_hz == pytest.approx(102.44, abs=0.1)
        assert recording.stream("watch").effective_rate_hz == pytest.approx(104.28, abs=0.05)
        for stream in recording.streams:
            assert np.diff(stream.time_s).std() < 1e-6
            assert any(n.kind == "repaired" and "even clock" in n.text for n in stream.notes)


def test_no_sample_is_lost(dataset_root, recordings):
    path = next(dataset_root("sp-sw-har").rglob("s01_01_sp.csv"))
    rows = len(path.read_text().split()) - 1
    recording = next(r for r in recordings if r.metadata["subject"] == "s01" and r.metadata["trial"] == "01")
    assert len(recording.stream("phone")) == rows


def test_labels_tell_the_protocol(recordings):
    for recording in recordings:
        words = [span.label for span in recording.labels]
        assert words[:2] == ["seated", "standing up"] and {"walking", "turning", "sitting down"} <= set(words)
        edges = [(a.end_s, b.start_s) for a, b in zip(recording.labels, recording.labels[1:], strict=False)]
        assert all(end == start for end, start in edges)
        assert recording.labels[-1].end_s <= recording.end_s + 1e-6


def test_units_and_the_hanging_watch(recordings):
    walking = []
    for recording in recordings:
        watch = recording.stream("watch")
        for span in recording.labels:
            inside = (watch.time_s >= span.start_s) & (watch.time_s < span.end_s)
            if span.label == "walking":
                walking.append(watch.acc_mps2[inside].mean(axis=0))
            if span.label == "seated" and inside.sum() > 30:
                assert 9 < np.median(np.linalg.norm(watch.acc_mps2[inside], axis=1)) < 11
    assert np.median(walking, axis=0)[0] < -8.5


def test_one_device_alone(dataset_root):
    recording = read(next(dataset_root("sp-sw-har").rglob("s01_01_sw.csv")), format="sp-sw-har")
    assert [s.name for s in recording.streams] == ["watch"] and recording.streams[0].placement.site == "left_wrist"
    assert any("side" in n.text for n in recording.streams[0].notes)


def test_lost_samples_keep_the_stamps(dataset_root, tmp_path):
    lines = next(dataset_root("sp-sw-har").rglob("s01_01_sw.csv")).read_text().split()
    path = tmp_path / "s01_01_sw.csv"
    path.write_text("\n".join(lines[:400] + lines[600:]))
    (stream,) = read(path, format="sp-sw-har").streams
    assert np.diff(stream.time_s).max() > 1.5
    assert not any("even clock" in n.text for n in stream.notes)


def test_unknown_label_is_an_error(dataset_root, tmp_path):
    from anywear.errors import FormatError

    text = next(dataset_root("sp-sw-har").rglob("s01_01_sw.csv")).read_text()
    (tmp_path / "s01_01_sw.csv").write_text(text.replace("TURNING", "FLYING"))
    with pytest.raises(FormatError, match="FLYING"):
        read(tmp_path / "s01_01_sw.csv", format="sp-sw-har")
