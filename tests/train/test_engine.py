"""The loop: a run killed and resumed ends with the same weights as one that was not."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear.errors import ArtefactError, UsageError
from anywear.train.engine import LoopConfig, train


class _Regression:
    """Learn y = 3 x, with dropout so that torch's own randomness counts."""

    def __init__(self, stop_at: int | None = None) -> None:
        torch.manual_seed(0)
        self.module = torch.nn.Sequential(torch.nn.Linear(1, 8), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1))
        self.steps, self.stop_at = 0, stop_at

    def draw(self, rng: np.random.Generator):
        return torch.from_numpy(rng.normal(size=(16, 1)).astype(np.float32))

    def loss(self, data):
        if self.stop_at is not None and self.steps >= self.stop_at:
            raise KeyboardInterrupt
        self.steps += 1
        return ((self.module(data) - 3 * data) ** 2).mean(), {"figure": 1.0}


CONFIG = LoopConfig(steps=60, batch=16, learning_rate=0.05, warmup=5, ema=0.9, checkpoint_every=10, log_every=10)


def _quiet(line: str) -> None:
    pass


def test_it_learns_and_logs(tmp_path):
    module = train(_Regression(), CONFIG, tmp_path, "one", _quiet)
    assert abs(module(torch.ones(1, 1)).item() - 3.0) < 0.5
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(10, 61, 10))
    assert lines[-1]["loss"] < lines[0]["loss"]


def test_killed_and_resumed_equals_uninterrupted(tmp_path):
    whole = train(_Regression(), CONFIG, tmp_path / "whole", "one", _quiet)
    with pytest.raises(KeyboardInterrupt):
        train(_Regression(stop_at=34), CONFIG, tmp_path / "parts", "one", _quiet)
    resumed = train(_Regression(), CONFIG, tmp_path / "parts", "one", _quiet)
    for a, b in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_checkpoint_of_another_configuration_is_refused(tmp_path):
    train(_Regression(), CONFIG, tmp_path, "one", _quiet)
    with pytest.raises(ArtefactError, match="another configuration"):
        train(_Regression(), CONFIG, tmp_path, "two", _quiet)


def test_impossible_sizes_are_refused():
    with pytest.raises(UsageError, match="positive"):
        LoopConfig(steps=0)
