"""GradCache: the gradients of the whole batch, however it is cut."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear.errors import UsageError
from anywear.train.engine import LoopConfig, train
from anywear.train.gradcache import Chunk, accumulate, cached
from train.engine_toy import Contrast, Regression

LOOP = {
    "steps": 6,
    "batch": 6,
    "chunks": 4,
    "learning_rate": 0.02,
    "warmup": 2,
    "ema": 0.5,
    "log_every": 3,
    "threads": 1,
}


def _drawn(task, count: int) -> list:
    return [task.draw(np.random.default_rng([7, number])) for number in range(count)]


def _together(chunks: list[dict]) -> dict:
    return {name: torch.cat([chunk[name] for chunk in chunks]) for name in chunks[0]}


def _gradients(module) -> dict:
    return {name: p.grad for name, p in module.named_parameters()}


@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_chunks_have_the_gradients_of_the_whole_batch(count, ragged):
    whole, cut = Contrast(ragged=ragged), Contrast(ragged=ragged)
    data = _drawn(whole, count)
    loss, _ = whole.loss(_together(data))
    loss.backward()
    chunks = [Chunk(own, number) for number, own in enumerate(data)]
    got, figures = cached(chunks, cut, np.random.default_rng(0), 0, nullcontext)
    assert figures["rows"] == sum(len(own["x"]) for own in data)
    assert got.item() == pytest.approx(loss.item(), abs=1e-5)
    for name, expected in _gradients(whole.module).items():
        found = _gradients(cut.module)[name]
        if name == "unused":
            assert expected is None and found is None
        else:
            assert torch.allclose(found, expected, atol=1e-5) and found.abs().max() > 1e-4, name
    alone = Contrast(ragged=ragged)
    accumulate(chunks, alone.loss)
    assert torch.allclose(_gradients(alone.module)["log_scale"], _gradients(whole.module)["log_scale"], atol=1e-5) == (
        count == 1
    )


def test_the_second_pass_drops_what_the_first_dropped():
    """With dropout: against both passes in one graph, with the same seeds."""
    cut, whole = Contrast(dropout=0.5), Contrast(dropout=0.5)
    data = _drawn(cut, 3)
    cached([Chunk(own, 10 + n) for n, own in enumerate(data)], cut, np.random.default_rng(0), 0, nullcontext)
    parts = []
    for number, own in enumerate(data):
        torch.manual_seed(10 + number)
        parts.append(whole.embed(own))
    whole.loss_of(_together(parts), np.random.default_rng(0))[0].backward()
    for name, expected in _gradients(whole.module).items():
        assert expected is None or torch.allclose(_gradients(cut.module)[name], expected, atol=1e-5), name


def test_accumulation_is_the_mean_over_chunks():
    whole, cut = Regression(dropout=0.0), Regression(dropout=0.0)
    data = _drawn(whole, 4)
    whole.loss(torch.cat(data))[0].backward()
    accumulate([Chunk(own, 0) for own in data], cut.loss)
    for name, expected in _gradients(whole.module).items():
        assert torch.allclose(_gradients(cut.module)[name], expected, atol=1e-5)


def test_what_the_batch_shares_is_drawn_once_a_step(tmp_path):
    task = Contrast()
    train(task, LoopConfig(**LOOP), tmp_path, "one", print)
    assert len(set(task.shared)) == LOOP["steps"] == len(task.shared)
    assert '"rows": 24.0' in (tmp_path / "log.jsonl").read_text()
    apart = Contrast()
    train(apart, LoopConfig(**LOOP, whole_batch=False), tmp_path / "apart", "one", print)
    assert '"rows": 6.0' in (tmp_path / "apart" / "log.jsonl").read_text()


def test_chunks_that_do_not_divide(tmp_path, monkeypatch):
    from anywear.train import distributed

    monkeypatch.setattr(distributed, "world", lambda: 3)
    with pytest.raises(UsageError, match="do not divide") as caught:
        train(Contrast(), LoopConfig(**LOOP), tmp_path, "one", print)
    assert "chunks = 6" in str(caught.value.remedy)
