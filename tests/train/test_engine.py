"""The loop: killed and resumed equals uninterrupted; bad configurations and checkpoints are refused with a reason."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear.errors import ArtefactError, FormatError, UsageError
from anywear.train import plot
from anywear.train.engine import LoopConfig, train
from train.engine_toy import TOY, Contrast, Regression, environment

LOOP = {
    "steps": 60, "batch": 16, "learning_rate": 0.05, "warmup": 5, "ema": 0.9, "checkpoint_every": 10, "log_every": 10,
    "threads": 1,
}  # fmt: skip
CONFIG = LoopConfig(**LOOP)


def _quiet(line: str) -> None:
    pass


def _lines(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def _same(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_it_learns_and_logs(tmp_path):
    module = train(Regression(), CONFIG, tmp_path, "one", _quiet)
    assert abs(module(torch.ones(1, 1)).item() - 3.0) < 0.5 and not module.training
    lines = _lines(tmp_path)
    assert [line["step"] for line in lines] == list(range(10, 61, 10))
    assert lines[-1]["loss"] < lines[0]["loss"]
    assert all(line["figure"] == pytest.approx(1.0) and line["windows_per_s"] > 0 for line in lines)
    assert all(0.0 <= line["share_waiting"] <= 1.0 for line in lines)


def test_a_process_killed_and_started_again_loses_nothing(tmp_path):
    """SIGKILL between two checkpoints; weights, average, optimiser and log end as if nothing had been."""
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    expected = train(Regression(), CONFIG, whole, "slow", _quiet)
    jobs = json.dumps([["slow", str(parts), LOOP]])
    process = subprocess.Popen([sys.executable, str(TOY), jobs], env=environment(), stdout=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while not (parts / "log.jsonl").exists() or '"step": 20' not in (parts / "log.jsonl").read_text():
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.005)
    time.sleep(0.04)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    done = torch.load(parts / "checkpoint.pt")["step"]
    assert 10 <= done < 60 and not (parts / "final-0.pt").exists()
    lines: list[str] = []
    resumed = train(Regression(), CONFIG, parts, "slow", lines.append)
    assert lines[0] == f"resumed at step {done}"
    assert _same(expected.state_dict(), resumed.state_dict())
    states = [torch.load(folder / "checkpoint.pt") for folder in (whole, parts)]
    assert _same(states[0]["module"], states[1]["module"])
    moments = [state["optimizer"]["state"] for state in states]
    assert moments[0] and all(_same(moments[0][number], moments[1][number]) for number in moments[0])
    timeless = [[{k: line[k] for k in ("step", "loss", "learning_rate")} for line in _lines(f)] for f in (whole, parts)]
    assert timeless[0] == timeless[1]


def test_parameters_may_learn_at_a_share_of_the_rate(tmp_path):
    """AdamW's first step is the rate itself, whatever the gradient: a layer at a tenth of it moves a tenth as far."""
    task = Regression(dropout=0.0)
    task.rate_shares = {"0.": 0.1, "2.bias": 0.0}
    before = {name: value.clone() for name, value in task.module.state_dict().items()}
    one_step = LoopConfig(**{**LOOP, "steps": 1, "warmup": 0, "ema": 0.0})
    after = train(task, replace(one_step, weight_decay=0.0), tmp_path, "shares", _quiet).state_dict()
    moved = {name: (after[name] - before[name]).abs().max().item() for name in before}
    assert moved["2.weight"] == pytest.approx(0.05, rel=1e-3) and moved["0.weight"] == pytest.approx(0.005, rel=1e-2)
    assert moved["2.bias"] == 0.0


def test_half_a_log_line_and_lines_past_the_checkpoint_are_done_again(tmp_path):
    train(Regression(), replace(CONFIG, steps=20), tmp_path, "one", _quiet)
    with (tmp_path / "log.jsonl").open("a") as log:
        log.write('{"step": 30, "loss": 1.0}\n{"step": 4')
    state = torch.load(tmp_path / "checkpoint.pt")
    assert state["step"] == 20
    train(Regression(), replace(CONFIG, steps=40), tmp_path, "one", _quiet)
    assert [line["step"] for line in _lines(tmp_path)] == [10, 20, 30, 40]


def test_processes_that_draw_change_nothing(tmp_path):
    config = replace(CONFIG, steps=20, chunks=2)
    alone = train(Regression(), config, tmp_path / "thread", "one", _quiet)
    others = train(Regression(), replace(config, workers=2), tmp_path / "processes", "one", _quiet)
    assert _same(alone.state_dict(), others.state_dict())


class _Unreadable(Regression):
    def draw(self, rng: np.random.Generator):
        raise FormatError("The file is damaged", where="walk.bvh")


@pytest.mark.parametrize("workers", [0, 1])
def test_an_error_while_drawing_is_told_as_it_is(tmp_path, workers):
    with pytest.raises(FormatError) as caught:
        train(_Unreadable(), replace(CONFIG, workers=workers), tmp_path, "one", _quiet)
    assert str(caught.value) == "The file is damaged\n  where: walk.bvh"


def test_bfloat16_learns_the_same_in_float32_weights(tmp_path):
    exact = train(Contrast(), CONFIG, tmp_path / "exact", "one", _quiet)
    rough = train(Contrast(), replace(CONFIG, bf16=True), tmp_path / "rough", "one", _quiet)
    assert all(p.dtype == torch.float32 for p in rough.parameters())
    losses = [_lines(tmp_path / name)[-1]["loss"] for name in ("exact", "rough")]
    assert losses[0] != losses[1] and losses[1] == pytest.approx(losses[0], rel=0.1)
    assert not _same(exact.state_dict(), rough.state_dict())


def test_the_average_lags_behind(tmp_path):
    """EMA against the same recurrence written out, from a checkpoint after every step."""
    states = []
    for steps in (1, 2, 3, 4):
        # A schedule knows its end, so each of these is a run of its own on constant rate: the warmup is never over.
        config = replace(CONFIG, steps=100, warmup=10**9, learning_rate=1e7)
        task = _Stopping(steps)
        with pytest.raises(KeyboardInterrupt):
            train(task, replace(config, checkpoint_every=1), tmp_path / str(steps), "one", _quiet)
        states.append(torch.load(tmp_path / str(steps) / "checkpoint.pt"))
    start = Regression().module.state_dict()
    for name, mean in start.items():
        for number, state in enumerate(states):
            decay = min(0.9, (number + 1) / (number + 10))
            mean = decay * mean + (1 - decay) * state["module"][name]
            assert torch.allclose(mean, state["average"][name], atol=1e-6)


class _Stopping(Regression):
    def __init__(self, stop_at: int) -> None:
        super().__init__()
        self.left = stop_at

    def loss(self, data):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().loss(data)


def test_a_checkpoint_of_another_configuration_is_refused(tmp_path):
    train(Regression(), replace(CONFIG, steps=2), tmp_path, "one", _quiet)
    with pytest.raises(ArtefactError, match="another configuration"):
        train(Regression(), CONFIG, tmp_path, "two", _quiet)


def test_a_checkpoint_of_another_architecture_is_refused(tmp_path):
    train(Regression(), replace(CONFIG, steps=2), tmp_path, "one", _quiet)
    wider = Regression()
    wider.module = torch.nn.Sequential(torch.nn.Linear(1, 9), torch.nn.Dropout(0.2), torch.nn.Linear(9, 1))
    with pytest.raises(ArtefactError, match="another architecture") as caught:
        train(wider, CONFIG, tmp_path, "one", _quiet)
    assert "0.weight of 9 x 1" in str(caught.value) and "0.weight of 8 x 1; 3 tensors" in str(caught.value)
    with pytest.raises(ArtefactError, match="another architecture"):
        train(Contrast(), CONFIG, tmp_path, "one", _quiet)


@pytest.mark.parametrize(
    "damage", [lambda b: b[:100], lambda b: b"", lambda b: b"not a checkpoint", lambda b: b[:-500]]
)
def test_a_damaged_checkpoint_is_refused(tmp_path, damage):
    train(Regression(), replace(CONFIG, steps=2), tmp_path, "one", _quiet)
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ArtefactError, match="cannot be read") as caught:
        train(Regression(), CONFIG, tmp_path, "one", _quiet)
    assert caught.value.remedy
    torch.save([1, 2], path)
    with pytest.raises(ArtefactError, match="cannot be read"):
        train(Regression(), CONFIG, tmp_path, "one", _quiet)


def test_a_loss_that_runs_away_stops_the_training(tmp_path):
    class Runaway(Regression):
        def loss(self, data):
            loss, figures = super().loss(data)
            return loss / 0.0, figures

    with pytest.raises(UsageError, match="ran away"):
        train(Runaway(), CONFIG, tmp_path, "one", _quiet)
    assert not (tmp_path / "checkpoint.pt").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("steps", 0), ("steps", 1.5), ("batch", "many"), ("chunks", -1), ("batch", True), ("warmup", -1), ("seed", 0.5),
     ("learning_rate", 0.0), ("learning_rate", float("nan")), ("learning_rate", "fast"), ("ema", 1.0), ("clip", 0),
     ("weight_decay", -0.1), ("bf16", 1), ("device", "tpu"), ("workers", -2), ("log_every", None)],
)  # fmt: skip
def test_impossible_fields_are_refused(field, value):
    # The checker of annotations would be first to see a wrong type, but users do not have it.
    config = object.__new__(LoopConfig)
    for own in fields(LoopConfig):
        object.__setattr__(config, own.name, value if own.name == field else own.default)
    with pytest.raises(UsageError) as caught:
        config.__post_init__()
    assert caught.value.where == field and caught.value.got == repr(value)


def test_a_gpu_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(UsageError, match="no GPU"):
        train(Regression(), replace(CONFIG, device="cuda"), tmp_path, "one", _quiet)


def test_where_a_training_runs_is_no_part_of_what_it_is():
    assert LoopConfig(device="cuda", threads=3, workers=2).identity() == LoopConfig().identity()
    assert LoopConfig(seed=1).identity() != LoopConfig().identity()


def test_the_log_becomes_a_picture(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    train(Regression(), replace(CONFIG, steps=20), tmp_path, "one", _quiet)
    assert (tmp_path / "log.png").read_bytes()[:4] == b"\x89PNG"
    plot.plot_log(tmp_path / "log.jsonl", tmp_path / "own.svg")
    drawn = (tmp_path / "own.svg").read_text()
    assert all(
        f"<!-- {name} -->" in drawn for name in ("loss", "figure", "windows per second", "share of time waiting")
    )
    with pytest.raises(FormatError, match="no log"):
        plot.plot_log(tmp_path / "checkpoint.pt", tmp_path / "other.png")
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(FormatError, match="no log"):
        plot.plot_log(tmp_path / "empty.jsonl", tmp_path / "other.png")
    lines: list[str] = []
    monkeypatch.setattr(plot, "find_spec", lambda name: None)
    train(Regression(), replace(CONFIG, steps=2), tmp_path / "bare", "one", lines.append)
    assert "needs matplotlib" in lines[-1] and not (tmp_path / "bare" / "log.png").exists()
