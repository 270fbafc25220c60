"""Two processes, as torchrun starts them, equal one: what is gathered, what is averaged, what is trained."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear.errors import UsageError
from anywear.train import distributed
from anywear.train.engine import LoopConfig, train
from train.engine_toy import TASKS, TOY, Contrast, environment, joint_loss, rows_of

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
NAMES = ("regression", "contrast", "dropped", "ragged", "product", "residual")


class _Stopping(Contrast):
    """Stops in its fifth step."""

    def loss_of(self, embeddings, rng):
        if len(self.shared) == 4:
            raise KeyboardInterrupt
        return super().loss_of(embeddings, rng)


@pytest.fixture(scope="module")
def ranks(tmp_path_factory) -> Path:
    """Folders of everything that two ranks made, in one launch: processes take seconds to start."""
    root = tmp_path_factory.mktemp("ranks")
    with pytest.raises(KeyboardInterrupt):
        train(_Stopping(), LoopConfig(**LOOP, checkpoint_every=3), root / "resumed", "contrast", print)
    train(Contrast(), LoopConfig(**{**LOOP, "steps": 1}), root / "refused", "another", print)
    jobs = [
        *([name, str(root / name), LOOP] for name in NAMES),
        ["contrast", str(root / "resumed"), LOOP],
        ["contrast", str(root / "refused"), LOOP],
        ["contrast", str(root / "odd"), {**LOOP, "chunks": 3}],
        ["gathering", str(root / "gathering"), {}],
    ]
    for _, folder, _ in jobs:
        Path(folder).mkdir(exist_ok=True)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    made = subprocess.run(
        [*launcher, str(TOY), json.dumps(jobs)], env=environment(), capture_output=True, text=True, timeout=300
    )
    assert made.returncode == 0, made.stderr
    (root / "told.txt").write_text(made.stdout)
    return root


def _lines(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("name", NAMES)
def test_two_ranks_equal_one_rank_with_the_double_batch(ranks, name, tmp_path):
    """Two chunks on each rank against four on one; `ragged`: rows differ in number from chunk to chunk and rank to rank."""
    alone = train(TASKS[name](), LoopConfig(**LOOP), tmp_path, name, print).state_dict()
    first, second = (torch.load(ranks / name / f"final-{rank}.pt") for rank in (0, 1))
    start = TASKS[name]().module.state_dict()
    for key, expected in alone.items():
        assert torch.equal(first[key], second[key])
        assert torch.allclose(first[key], expected, atol=1e-5), key
        assert key == "unused" or not torch.allclose(first[key], start[key], atol=1e-3), f"{key} has not moved"
    for a, b in zip(_lines(tmp_path), _lines(ranks / name), strict=True):
        assert a["step"] == b["step"] and a["loss"] == pytest.approx(b["loss"], abs=1e-5)


def test_two_ranks_go_on_where_one_stopped(ranks, tmp_path):
    whole = train(Contrast(), LoopConfig(**LOOP), tmp_path, "contrast", print)
    for rank in (0, 1):
        resumed = torch.load(ranks / "resumed" / f"final-{rank}.pt")
        assert all(torch.allclose(resumed[key], value, atol=1e-5) for key, value in whole.state_dict().items())
    assert [line["step"] for line in _lines(ranks / "resumed")] == [3, 6]


def test_rank_0_alone_speaks(ranks):
    told = (ranks / "told.txt").read_text()
    assert told.count("resumed at step 3") == 1
    assert all(told.count(f"{name} step 6") == 1 for name in ("regression", "dropped", "ragged"))


def test_an_error_of_rank_0_is_the_error_of_all(ranks):
    for rank in (0, 1):
        assert "another configuration" in (ranks / "refused" / f"error-{rank}.txt").read_text()
        assert "Set chunks = 4" in (ranks / "odd" / f"error-{rank}.txt").read_text()


def test_gathering(ranks):
    everything = torch.cat([rows_of(0), rows_of(1)]).requires_grad_()
    weight = torch.tensor(2.0, requires_grad=True)
    joint_loss(everything, weight).backward()
    for rank, rows in ((0, slice(0, 2)), (1, slice(2, 5))):
        got = torch.load(ranks / "gathering" / f"final-{rank}.pt")
        assert torch.equal(got["whole"], everything.detach()) and torch.equal(got["plain"], everything.detach())
        assert got["start"] == rows.start
        # Both ranks took the same loss, so what comes back is twice its gradient; the mean over ranks halves it.
        assert torch.allclose(got["own"], 2 * everything.grad[rows], atol=1e-6)
        assert torch.allclose(got["weight"], weight.grad)
        assert got["unused"] is None and got["half"].item() == 1.5
        assert (got["found"], got["told"], got["all"]) == ("made by 0", "by 0", [0, 1])


def test_alone_nothing_is_exchanged():
    rows = torch.ones(3, 2, requires_grad=True)
    assert distributed.gather_with_gradient(rows) is rows
    assert distributed.gather(rows)[1] == 0 and not distributed.gather(rows)[0].requires_grad
    assert (distributed.rank(), distributed.world(), distributed.from_main(5), distributed.from_all(5)) == (
        0,
        1,
        5,
        [5],
    )


def test_unknown_device():
    with pytest.raises(UsageError, match="no such device"), distributed.group("tpu"):
        pass
