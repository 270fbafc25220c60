"""The training loop: one optimiser, one schedule, averaged weights, checkpoints, exact resume, a log.

A task says what a step's loss is; the loop knows nothing of motion. Everything drawn at random in a step depends on the seed
and the step's number alone, so a run killed and resumed ends with the same weights as one that was not.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch

from ..errors import ArtefactError, UsageError


@dataclass(frozen=True)
class LoopConfig:
    """How long and how fast.

    Attributes:
        steps: optimiser steps.
        batch: windows per step.
        learning_rate: peak, reached after `warmup` steps, then cosine down to a hundredth.
        weight_decay: of AdamW, on matrices only.
        warmup: steps.
        clip: largest norm of the gradient.
        ema: decay of the averaged weights, which are what is kept.
        seed: of everything.
        threads: torch threads; 0 leaves the choice to torch.
        checkpoint_every: steps between checkpoints.
        log_every: steps between log lines.
    """

    steps: int = 2000
    batch: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    warmup: int = 100
    clip: float = 1.0
    ema: float = 0.998
    seed: int = 0
    threads: int = 0
    checkpoint_every: int = 500
    log_every: int = 50

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "checkpoint_every", "log_every"):
            if getattr(self, name) < 1:
                raise UsageError("A training size has to be positive", where=name, got=str(getattr(self, name)))


@runtime_checkable
class Task(Protocol):
    """What the loop trains."""

    @property
    def module(self) -> torch.nn.Module: ...

    def draw(self, rng: np.random.Generator) -> Any:
        """The data of one step; runs in another thread."""
        ...

    def loss(self, data: Any) -> tuple[torch.Tensor, dict[str, float]]:
        """The loss of one step and figures for the log."""
        ...


def train(
    task: Task, config: LoopConfig, out_dir: Path, fingerprint: str, report: Callable[[str], None] = print
) -> torch.nn.Module:
    """Train, or go on with a training that was stopped.

    Args:
        task: module, data, loss.
        config: the loop's.
        out_dir: gets ``checkpoint.pt`` and ``log.jsonl``.
        fingerprint: says which configuration the checkpoint belongs to.
        report: takes progress lines.

    Returns:
        The module with averaged weights, in evaluation mode.

    Raises:
        ArtefactError: the checkpoint in `out_dir` belongs to another configuration.
    """
    if config.threads:
        torch.set_num_threads(config.threads)
    out_dir.mkdir(parents=True, exist_ok=True)
    module = task.module
    optimizer = torch.optim.AdamW(_groups(module, config.weight_decay), lr=config.learning_rate, betas=(0.9, 0.98))
    average = deepcopy(module).eval()
    start = _resume(out_dir / "checkpoint.pt", module, average, optimizer, fingerprint)
    if start:
        report(f"resumed at step {start}")
    draw = lambda step: task.draw(np.random.default_rng([config.seed, step]))  # noqa: E731
    began, waited = time.monotonic(), 0.0
    with ThreadPoolExecutor(1) as pool, (out_dir / "log.jsonl").open("a") as log:
        ahead = pool.submit(draw, start)
        for step in range(start, config.steps):
            asked = time.monotonic()
            data = ahead.result()
            waited += time.monotonic() - asked
            if step + 1 < config.steps:
                ahead = pool.submit(draw, step + 1)
            torch.manual_seed(config.seed * 1_000_003 + step)
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * float(_schedule(step, config))
            module.train()
            loss, figures = task.loss(data)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(module.parameters(), config.clip)
            optimizer.step()
            _update_average(average, module, min(config.ema, (step + 1) / (step + 10)))
            done = step + 1
            if done % config.log_every == 0 or done == config.steps:
                spent = time.monotonic() - began
                line = {"step": done, "loss": loss.item(), **figures}
                line["windows_per_s"] = (done - start) * config.batch / spent
                line["share_waiting"] = waited / spent
                log.write(json.dumps(line) + "\n")
                log.flush()
                report("  ".join(f"{k} {v:.4g}" for k, v in line.items()))
            if done % config.checkpoint_every == 0 or done == config.steps:
                _save(out_dir / "checkpoint.pt", done, module, average, optimizer, fingerprint)
    return average


def _schedule(step: int, config: LoopConfig) -> float:
    warm = min(1.0, (step + 1) / max(1, config.warmup))
    return warm * (0.01 + 0.99 * 0.5 * (1.0 + np.cos(np.pi * step / config.steps)))


def _groups(module: torch.nn.Module, weight_decay: float) -> list[dict]:
    parameters = [p for p in module.parameters() if p.requires_grad]
    return [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]


@torch.no_grad()
def _update_average(average: torch.nn.Module, module: torch.nn.Module, decay: float) -> None:
    for mean, now in zip(average.parameters(), module.parameters(), strict=True):
        mean.lerp_(now, 1.0 - decay)


def _save(path: Path, step: int, module, average, optimizer, fingerprint: str) -> None:
    state = {
        "step": step,
        "module": module.state_dict(),
        "average": average.state_dict(),
        "optimizer": optimizer.state_dict(),
        "fingerprint": fingerprint,
    }
    # A kill while writing must not cost the last good checkpoint.
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def _resume(path: Path, module, average, optimizer, fingerprint: str) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    if state["fingerprint"] != fingerprint:
        raise ArtefactError(
            "The checkpoint belongs to another configuration", where=str(path), expected=fingerprint,
            got=state["fingerprint"], remedy="Give another output folder, or remove the checkpoint",
        )  # fmt: skip
    module.load_state_dict(state["module"])
    average.load_state_dict(state["average"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])
