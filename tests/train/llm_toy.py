"""A small training of a large language model, in this process or in others: ``python llm_toy.py BASE FOLDER LOOP``.

Every process leaves ``final-RANK.pt`` in the folder.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

TOY = Path(__file__)
sys.path[:0] = [str(TOY.resolve().parents[1])]

import torch

from anywear.train import distributed
from anywear.train.engine import LoopConfig, train
from llm_doubles import SMALL, small_task

torch.set_num_threads(1)


def environment() -> dict[str, str]:
    """For a process that runs this file."""
    root = TOY.resolve().parents[2]
    return {**os.environ, "PYTHONPATH": f"{root / 'src'}:{root / 'tests'}", "OMP_NUM_THREADS": "1"}


def learn(base: Path, folder: Path, loop: LoopConfig) -> torch.nn.Module:
    """What learned, averaged; with dropout, so that torch's own draws count."""
    task = small_task(base, replace(SMALL, dropout=0.1), loop)
    return train(task, loop, folder, "llm", print)


if __name__ == "__main__":
    base, folder = Path(sys.argv[1]), Path(sys.argv[2])
    with distributed.group("cpu"):
        learned = learn(base, folder, LoopConfig(**json.loads(sys.argv[3])))
        torch.save(learned.state_dict(), folder / f"final-{distributed.rank()}.pt")
