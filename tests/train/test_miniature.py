"""The shipped runs in miniature, by the command: generate motion, train, calibrate, export, recognise; what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear import Model, Placement
from anywear.cli import main
from anywear.motion import retarget
from anywear.motion.generate import generate
from anywear.simulate import Simulator

CONFIG = """
name = "miniature"
[sets]
simulated = 1.0
[synthetic]
clips = 2
seconds = 6.0
programs = ["walking_forward", "sitting"]
[view]
streams = 2
sites = ["left_wrist", "right_wrist", "chest", "waist"]
anywhere = 0.0
[encoder]
width = 32
depth = 1
heads = 2
[augment]
window_s = [2.0]
stream_counts = [1, 2]
[loop]
steps = 60
batch = 16
chunks = 2
warmup = 5
learning_rate = 0.003
ema = 0.9
checkpoint_every = 30
log_every = 30
threads = 1
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("miniature")
    (root / "data").mkdir()
    (root / "config.toml").write_text(CONFIG)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.cpu_count", lambda: 1)  # starting processes takes longer than four clips
        yield root


def _train(root, text: str = CONFIG) -> int:
    (root / "config.toml").write_text(text)
    out = ["-o", str(root / "out"), "--cache", str(root / "cache")]
    return main(["train", str(root / "config.toml"), "--data", str(root / "data"), *out])


def test_from_generated_motion_to_answers(folder, capsys):
    assert _train(folder) == 0
    assert f"miniature -> {folder / 'out' / 'model'}" in capsys.readouterr().out
    lines = [json.loads(line) for line in (folder / "out" / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [30, 60] and lines[1]["loss"] < lines[0]["loss"]
    model = Model(folder / "out" / "model", verify=True)
    for program, label in (("walking_forward", "walking"), ("sitting", "sitting")):
        clip = generate(program, seed=77, seconds=8.0).clip
        recording = Simulator(retarget(clip)).record([Placement.at("left_wrist")], "bmi270", rate_hz=50.0, seed=3)
        timeline = model.recognize(recording, ["walking", "sitting"], window_s=2.0, threshold=-1.0)
        own = sum(s.end_s - s.start_s for s in timeline.segments if s.label == label)
        assert own / recording.duration_s > 0.8, label


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [("width = 32", "width = 64", "The checkpoint is of another architecture"),
     ("batch = 16", "batch = 0", "positive"),
     ("batch = 16", "speed = 1", "does not exist"), ("depth = 1", "depth = 0", "positive"),
     ("heads = 2", "heads = 3", "divide"), ("seconds = 6.0", 'device = "x"', "does not exist"),
     ("threads = 1", 'device = "tpu"', "no such device")],
)  # fmt: skip
def test_what_cannot_be_says_so(folder, capsys, old, new, message):
    assert old in CONFIG
    assert _train(folder, CONFIG.replace(old, new)) == 2
    said = capsys.readouterr().err
    assert message in said and "Traceback" not in said


def test_what_is_missing_is_named(folder, capsys):
    assert main(["train", str(folder / "config.toml")]) == 2
    assert "--data DIR, -o OUT" in capsys.readouterr().err
    assert main(["train", str(folder / "none.toml"), "--data", "x", "-o", "y"]) == 2
    assert "There is no such configuration" in capsys.readouterr().err


def test_the_log_is_drawn_by_the_command(folder, tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    picture = tmp_path / "loss.png"
    log = str(folder / "out" / "log.jsonl")
    assert main(["train", "--plot", log, str(picture)]) == 0
    assert np.frombuffer(picture.read_bytes()[:4], dtype=np.uint8).tolist() == [0x89, 0x50, 0x4E, 0x47]
    assert main(["train", "--plot", str(folder / "config.toml"), str(picture)]) == 2
    assert main(["train", "--plot", log, str(tmp_path / "loss.doc")]) == 2
    assert main(["train", "config.toml", "--plot", log, str(picture)]) == 2
    assert "not both" in capsys.readouterr().err
