"""A miniature of the whole pipeline: configuration, corpus, training, calibration, export, answers."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

import anywear
from anywear.errors import ArtefactError, UsageError
from anywear.train.run import RunConfig, run

HEADER = "x_acc,y_acc,z_acc,x_gyro,y_gyro,z_gyro,timestamp,label"

CONFIG = """
name = "miniature"
[sets]
sp-sw-har = 1.0
[held_out]
sp-sw-har = ["s03"]
[encoder]
width = 32
depth = 1
heads = 2
[augment]
window_s = [2.0]
stream_counts = [1, 2]
[loop]
steps = 90
batch = 32
warmup = 5
learning_rate = 0.003
checkpoint_every = 30
"""


def _write_corpus(folder) -> None:
    """Three subjects in the layout of sp-sw-har: still while seated, shaken up and down at 2 Hz while walking."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    for subject in ("s01", "s02", "s03"):
        for part in ("sp", "sw"):
            rows = [HEADER]
            for i in range(2000):
                walking = i >= 1000
                shake = 4.0 * np.sin(2 * np.pi * 2.0 * i / 100) if walking else 0.0
                acc = np.array([0.1, 0.2, 9.8 + shake]) + rng.normal(0, 0.05, 3)
                gyr = rng.normal(0, 0.5 if walking else 0.01, 3)
                values = ",".join(f"{v:.5f}" for v in [*acc, *gyr])
                rows.append(f"{values},{1_650_000_000_000 + 10 * i},{'WALKING' if walking else 'SEATED'}")
            (folder / f"{subject}_01_{part}.csv").write_text("\n".join(rows) + "\n")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("miniature")
    _write_corpus(root / "data" / "sp-sw-har" / "DATA")
    (root / "config.toml").write_text(CONFIG)
    lines: list[str] = []
    config = run(RunConfig.load(root / "config.toml"), root / "data", root / "out", root / "cache", lines.append)
    return root, config, lines


def test_the_artefact_says_what_it_is(made):
    root, config, _ = made
    assert config.trained_on == ("sp-sw-har",) and config.held_out == {"sp-sw-har": ["s03"]}
    stored = json.loads((root / "out" / "model" / "model.json").read_text())
    assert stored["card"]["config"]["loop"]["steps"] == 90
    assert set(stored["files"]) == {"background.npz", "motion.onnx", "textspace.npz"}
    assert set(stored["scoring"]) == {"text hubs", "simulation", "simulation hubs", "both", "both hubs"}
    assert stored["card"]["onnx_difference"] < 5e-3  # weights are kept in 16 bits


def test_it_answers_on_a_subject_it_never_saw(made):
    root, _, _ = made
    model = anywear.Model(root / "out" / "model", verify=True)
    path = root / "data" / "sp-sw-har" / "DATA" / "s03_01_sw.csv"
    recording = anywear.read(path, format="sp-sw-har")
    timeline = model.recognize(recording, ["seated", "walking"], window_s=2.0, threshold=-1.0)
    right = 0.0
    for segment in timeline.segments:
        for truth in recording.labels:
            if segment.label == truth.label:
                right += max(0.0, min(segment.end_s, truth.end_s) - max(segment.start_s, truth.start_s))
    assert right / recording.duration_s > 0.9


def test_running_it_again_trains_nothing(made):
    root, config, _ = made
    lines: list[str] = []
    again = run(RunConfig.load(root / "config.toml"), root / "data", root / "out", root / "cache", lines.append)
    assert any("resumed at step 90" in line for line in lines)
    assert again is not None and again.files == config.files


def test_a_damaged_artefact_is_refused(made, tmp_path):
    root, _, _ = made
    for path in (root / "out" / "model").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "motion.onnx").write_bytes(b"not a model")
    with pytest.raises(ArtefactError, match="damaged"):
        anywear.Model(tmp_path, verify=True)
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(ArtefactError):
        anywear.Model(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [("sets = 3", "needs data sets"), ("nonsense = 1\n[sets]\na = 1", "does not exist"),
     ("[loop]\nsteps = 10", "needs data sets"), ("= =", "not TOML"), ("[sets]\na = 1\n[loop]\nspeed = 1", "does not exist")],
)  # fmt: skip
def test_bad_configurations(tmp_path, text, message):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        RunConfig.load(path)


def test_changes_set_single_fields(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    wishes = ("loop.seed=7", "augment.window_s=[3.0]", "sets.simulated=0.5", "sets.sp-sw-har=0", 'name="other"')
    config = RunConfig.load(path, wishes)
    assert config.name == "other" and config.align.loop.seed == 7 and config.align.augment.window_s == (3.0,)
    assert (
        config.align.sets == {"simulated": 0.5} and config.held_out == {}
    )  # the set left out takes its subjects along
    assert config.align.loop.steps == RunConfig.load(path).align.loop.steps == 90


@pytest.mark.parametrize(
    "wish", ["loop.seed", "loop.seed=", "=1", "loop.seed=one", "name.deeper=1", "loop.sed=1", "loop..seed=1"]
)
def test_changes_that_cannot_be(tmp_path, wish):
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    with pytest.raises(UsageError):
        RunConfig.load(path, (wish,))


def test_an_unknown_held_out_subject_is_named(made, tmp_path):
    root, _, _ = made
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.replace('"s03"', '"s99"'))
    with pytest.raises(UsageError, match="subject"):
        run(RunConfig.load(path), root / "data", tmp_path / "out", root / "cache", lambda line: None)
