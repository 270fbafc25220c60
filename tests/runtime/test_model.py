"""The shipped model, as a user meets it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import anywear
from anywear import Placement, Recording
from anywear.errors import UsageError
from anywear.signal import build_stream

LABELS = ["walking", "running", "sitting", "lying down"]


@pytest.fixture(scope="module")
def model():
    return anywear.load()


def _stream(name: str = "watch", seconds: float = 20.0, rate: float = 50.0, site: str = "left_wrist", gyr: bool = True):
    rng = np.random.default_rng(0)
    time = np.arange(round(seconds * rate)) / rate
    acc = np.array([0.0, 0.0, 9.81]) + rng.normal(0, 0.3, (len(time), 3))
    acc[:, 2] += 2.0 * np.sin(2 * np.pi * 1.8 * time)
    placement = Placement.at(site)
    return build_stream(name, time, acc, rng.normal(0, 0.5, acc.shape) if gyr else None, placement=placement)


def test_files_are_what_they_were_when_made(model):
    model.verify()
    info = model.info()
    assert len(info["sha256"]) == 12
    assert set(info["files"]) >= {"motion.onnx", "text.onnx", "tokenizer.json", "textspace.npz"}
    assert not {"usc-had", "sisfall"} & set(info["trained_on"])


def test_answers_are_well_formed(model):
    timeline = model.recognize(Recording((_stream(),)), LABELS)
    assert timeline.window_scores.shape == (len(timeline.window_spans), 4)
    assert np.allclose(timeline.window_scores.sum(axis=1), 1.0)
    assert timeline.segments[0].start_s == 0.0
    assert timeline.segments[-1].end_s == pytest.approx(20.0, abs=0.1)
    for before, after in zip(timeline.segments[:-1], timeline.segments[1:], strict=True):
        assert before.end_s == pytest.approx(after.start_s) and before.label != after.label


@pytest.mark.parametrize(("by", "low", "high"), [("text", -1.0, 1.0), ("both", -99.0, 99.0)])
def test_the_threshold_decides_what_is_unknown(model, by, low, high):
    recording = Recording((_stream(),))
    assert {s.label for s in model.recognize(recording, LABELS, by=by, threshold=high).segments} == {"unknown"}
    assert "unknown" not in model.recognize(recording, LABELS, by=by, threshold=low).window_labels
    with pytest.raises(UsageError, match="threshold"):
        model.recognize(recording, LABELS, by=by, threshold=3.0 if by == "text" else float("nan"))


def test_how_the_sensor_is_tilted_does_not_matter(model):
    """Windows are turned level, so a tilt changes nothing but the arbitrary heading."""
    stream = _stream(gyr=True)
    tilt = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], dtype=float)
    turned = build_stream("watch", stream.time_s, stream.acc_mps2 @ tilt.T, stream.gyr_radps @ tilt.T,
                          placement=stream.placement)  # fmt: skip
    first, second = (model.embed(Recording((s,)), hop_s=5).vectors for s in (stream, turned))
    assert (first * second).sum(axis=1).min() > 0.95


def test_any_number_of_streams_with_or_without_gyroscope(model):
    streams = (_stream("a"), _stream("b", site="chest", gyr=False), _stream("c", rate=104.3, site="unknown"))
    assert model.embed(Recording(streams), hop_s=5).vectors.shape == (4, 384)
    assert any("placement unknown" in note for note in model.recognize(Recording(streams), LABELS).notes)


def test_a_place_never_learned_from_is_not_told():
    model = anywear.load()
    wrists = [Placement.at(f"{side}_wrist").rest_point()[0] for side in ("left", "right")]
    model.config = replace(model.config, places=tuple(tuple(float(x) for x in point) for point in wrists))
    assert model.knows_place(Placement.at("left_wrist")) and model.knows_place(Placement.at("right_wrist"))
    assert not model.knows_place(Placement.at("left_ankle")) and not model.knows_place(Placement.unknown())
    ankle, unknown = (Recording((_stream(site=site),)) for site in ("left_ankle", "unknown"))
    assert np.array_equal(model.embed(ankle).vectors, model.embed(unknown).vectors)
    assert any("not learned" in note for note in model.recognize(ankle, LABELS).notes)


@pytest.mark.parametrize("noise_mps2", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("gyr", [True, False])
def test_a_sensor_at_rest_is_not_taken_for_a_walk(model, noise_mps2, gyr):
    rng = np.random.default_rng(0)
    time = np.arange(500) / 50
    acc = np.array([0.1, 0.2, 9.8]) + noise_mps2 * rng.normal(size=(500, 3))
    stream = build_stream("watch", time, acc, 0.1 * noise_mps2 * rng.normal(size=(500, 3)) if gyr else None)
    timeline = model.recognize(Recording((stream,)), LABELS, threshold=-1.0)
    assert not {"walking", "running"} & set(timeline.window_labels)


def test_windows_do_not_know_each_other(model):
    from anywear.signal import WindowConfig, windows

    stream = _stream()
    found = windows(Recording((stream,)), WindowConfig(25.0, 5.0, 1.0))
    together = model.encode_windows(found, [stream.placement])
    alone = np.concatenate([model.encode_windows([w], [stream.placement]) for w in found])
    assert np.allclose(together, alone, atol=1e-4)


def test_short_slow_and_broken_recordings(model):
    short = model.recognize(Recording((_stream(seconds=2.5),)), LABELS)
    assert len(short.segments) == 1 and any("shorter than a window" in n for n in short.notes)
    tiny = model.recognize(Recording((_stream(seconds=0.5),)), LABELS)
    assert tiny.segments == () and any("no answer" in n for n in tiny.notes)
    slow = model.recognize(Recording((_stream(rate=10.0),)), LABELS)
    assert any("more slowly" in n for n in slow.notes)
    stream = _stream(seconds=30.0)
    keep = (stream.time_s < 10) | (stream.time_s > 20)
    gap = build_stream("watch", stream.time_s[keep], stream.acc_mps2[keep], stream.gyr_radps[keep])
    timeline = model.recognize(Recording((gap,)), LABELS)
    assert not any(s.start_s < 15.0 < s.end_s for s in timeline.segments)


@pytest.mark.parametrize("window_s", [0.2, 100.0, float("nan")])
def test_impossible_windows(model, window_s):
    with pytest.raises(UsageError, match="window"):
        model.recognize(Recording((_stream(),)), LABELS, window_s=window_s)


def test_descriptions_count(model):
    plain = model.encode_labels(["x1", "x2"])
    told = model.encode_labels({"x1": "a person walks", "x2": "a person sleeps"})
    walk = model.encode_texts(["walking"])[0]
    assert told[0] @ walk > plain[0] @ walk + 0.1
    assert told[0] @ walk > told[1] @ walk + 0.1


def test_no_torch_at_run_time():
    code = (
        "import sys, anywear; m = anywear.load(); m.encode_texts(['walking']); m._encoder;"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
