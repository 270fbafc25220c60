"""Small tasks for the loop, in this process or in others: ``python engine_toy.py JOBS``.

JOBS is a JSON list of [task, folder, loop]. Every process leaves ``final-RANK.pt`` in each folder, or ``error-RANK.txt``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from anywear.errors import AnywearError
from anywear.nn.quantise import QuantiserConfig, build_quantiser
from anywear.train import distributed
from anywear.train.engine import LoopConfig, train

torch.set_num_threads(1)

TOY = Path(__file__)


def environment() -> dict[str, str]:
    """For a process that runs this file."""
    source = str(TOY.resolve().parents[2] / "src")
    return {**os.environ, "PYTHONPATH": source, "OMP_NUM_THREADS": "1"}


class Regression:
    """Learn y = 3 x, with dropout so that torch's own randomness counts."""

    def __init__(self, pause_s: float = 0.0, rows: int = 16, dropout: float = 0.2) -> None:
        torch.manual_seed(0)
        self.module = torch.nn.Sequential(torch.nn.Linear(1, 8), torch.nn.Dropout(dropout), torch.nn.Linear(8, 1))
        self.pause_s, self.rows = pause_s, rows

    def draw(self, rng: np.random.Generator):
        time.sleep(self.pause_s)
        return torch.from_numpy(rng.normal(size=(self.rows, 1)).astype(np.float32))

    def loss(self, data):
        return ((self.module(data) - 3 * data) ** 2).mean(), {"figure": 1.0}


class Pairs(torch.nn.Module):
    """Two encoders and a temperature."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.left = torch.nn.Sequential(
            torch.nn.Linear(5, 16), torch.nn.Tanh(), torch.nn.Dropout(dropout), torch.nn.Linear(16, 8)
        )
        self.right = torch.nn.Linear(4, 8)
        self.log_scale = torch.nn.Parameter(torch.tensor(1.0))
        self.unused = torch.nn.Parameter(torch.ones(2, 2))


class Contrast:
    """Symmetric contrastive loss of pairs, with classes whose rows count as one another's partners."""

    def __init__(self, rows: int = 6, dropout: float = 0.0, ragged: bool = False) -> None:
        torch.manual_seed(0)
        self.module = Pairs(dropout)
        self.rows, self.ragged, self.shared = rows, ragged, []

    def draw(self, rng: np.random.Generator):
        rows = self.rows + (int(rng.integers(3)) if self.ragged else 0)
        x = rng.normal(size=(rows, 5)).astype(np.float32)
        y = (x[:, :4] + 0.1 * rng.normal(size=(rows, 4))).astype(np.float32)
        return {
            "x": torch.from_numpy(x),
            "y": torch.from_numpy(y),
            "kind": torch.from_numpy(rng.integers(3, size=rows)),
        }

    def embed(self, data):
        return {
            "left": F.normalize(self.module.left(data["x"]), dim=-1),
            "right": F.normalize(self.module.right(data["y"]), dim=-1),
            "kind": data["kind"],
        }

    def loss_of(self, embeddings, rng: np.random.Generator):
        self.shared.append(float(rng.random()))
        logits = embeddings["left"] @ embeddings["right"].T * self.module.log_scale.exp()
        same = (embeddings["kind"][:, None] == embeddings["kind"]).float()
        wanted = same / same.sum(dim=1, keepdim=True)
        loss = (
            -(wanted * logits.log_softmax(dim=1)).sum(dim=1).mean()
            - (wanted * logits.log_softmax(dim=0)).sum(dim=0).mean()
        )
        return loss, {"rows": float(len(logits))}

    def loss(self, data):
        return self.loss_of(self.embed(data), np.random.default_rng(0))


class Quantising:
    """Learn to pass through few codes, of which some lie idle and are moved."""

    def __init__(self, kind: str = "product") -> None:
        torch.manual_seed(0)
        config = QuantiserConfig(kind, books=2, codes=6, code_width=2, decay=0.5, dead_below=0.4)
        self.quantiser = build_quantiser(config)
        self.module = torch.nn.ModuleDict(
            {
                "before": torch.nn.Linear(4, config.width),
                "quantiser": self.quantiser,
                "after": torch.nn.Linear(config.width, 4),
            }
        )
        self.moved: list[int] = []

    def draw(self, rng: np.random.Generator):
        return torch.from_numpy(rng.normal(size=(12, 4)).astype(np.float32))

    def loss(self, data):
        found = self.quantiser(self.module["before"](data))
        return F.mse_loss(self.module["after"](found.vectors), data) + found.loss, {}

    def after_step(self, rng: np.random.Generator) -> None:
        self.moved.append(self.quantiser.settle(lambda rows: distributed.gather(rows)[0], rng))


TASKS = {
    "regression": Regression,
    "contrast": Contrast,
    "dropped": lambda: Contrast(dropout=0.3),
    "slow": lambda: Regression(pause_s=0.01),
    "ragged": lambda: Contrast(ragged=True),
    "product": Quantising,
    "residual": lambda: Quantising("residual"),
}


def rows_of(rank: int) -> torch.Tensor:
    """Two rows on rank 0, three on rank 1."""
    return torch.linspace(-1.0, 1.0, 2 * (rank + 2)).reshape(rank + 2, 2) + 0.3 * rank


def joint_loss(rows: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return (rows @ rows.T).tanh().sum() * weight


def gathering(rank: int, out: Path) -> dict:
    """Everything that `distributed` exchanges, as this rank sees it."""
    own = rows_of(rank).requires_grad_()
    weight, unused, half = (torch.nn.Parameter(torch.tensor(2.0)) for _ in range(3))
    whole = distributed.gather_with_gradient(own)
    loss = joint_loss(whole, weight) + (half * 3.0 if rank else 0.0)
    loss.backward()
    distributed.average_gradients([weight, unused, half])
    plain, start = distributed.gather(own)
    cache = out / "cache"
    with distributed.main_first():
        if not cache.exists():
            time.sleep(0.2)
            cache.write_text(f"made by {rank}")
        found = cache.read_text()
    told, everyone = distributed.from_main(f"by {rank}"), distributed.from_all(rank)
    return {
        "whole": whole.detach(), "plain": plain, "start": start, "own": own.grad, "weight": weight.grad,
        "unused": unused.grad, "half": half.grad, "found": found, "told": told, "all": everyone,
    }  # fmt: skip


def main(jobs: list) -> None:
    with distributed.group("cpu"):
        for name, folder, loop in jobs:
            out, rank = Path(folder), distributed.rank()
            if name == "gathering":
                torch.save(gathering(rank, out), out / f"final-{rank}.pt")
                continue
            try:
                module = train(TASKS[name](), LoopConfig(**loop), out, name, partial(print, name, flush=True))
            except AnywearError as error:
                (out / f"error-{rank}.txt").write_text(str(error))
            else:
                torch.save(module.state_dict(), out / f"final-{rank}.pt")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
