"""The training loop: one optimiser, one schedule, averaged weights, checkpoints, exact resume, a log, on one process or many.

A task says what a step's loss is; the loop knows nothing of motion. A step's batch is drawn in chunks, and everything drawn
at random for a chunk depends on the seed, the step and the chunk's number alone. So a run killed and resumed ends with the
same weights as one that was not, and the same chunks make the same step on one process or divided over many.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from ..errors import UsageError
from . import checkpoint, distributed, plot
from .checkpoint import Trained
from .draws import Where, drawn, to_device
from .gradcache import Chunk, Embeds, Figures, accumulate, cached

RUN_ONLY = ("device", "threads", "workers", "checkpoint_every", "log_every")  # fields that change no figure of a result


@dataclass(frozen=True)
class LoopConfig:
    """How long, how fast, and on what.

    Attributes:
        steps: optimiser steps.
        batch: windows per chunk, which is one forward pass.
        chunks: chunks per step, divided evenly over the processes.
        whole_batch: whether a contrastive loss compares all rows of a step (GradCache), or those of each chunk alone.
        learning_rate: peak, reached after `warmup` steps, then cosine down to a hundredth.
        weight_decay: of AdamW, on matrices only.
        warmup: steps.
        clip: largest norm of the gradient.
        ema: decay of the averaged weights, which are what is kept.
        seed: of everything.
        bf16: whether forward passes run in bfloat16 where torch deems it safe; weights and losses stay float32.
        device: ``cpu`` or ``cuda``.
        threads: torch threads; 0 leaves the choice to torch.
        workers: processes that draw data ahead; 0 draws in a thread.
        checkpoint_every: steps between checkpoints.
        log_every: steps between log lines.
    """

    steps: int = 2000
    batch: int = 256
    chunks: int = 1
    whole_batch: bool = True
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    warmup: int = 100
    clip: float = 1.0
    ema: float = 0.998
    seed: int = 0
    bf16: bool = False
    device: str = "cpu"
    threads: int = 0
    workers: int = 0
    checkpoint_every: int = 500
    log_every: int = 50

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "chunks", "checkpoint_every", "log_every"):
            value = getattr(self, name)
            if not _is_whole(value) or value < 1:
                raise UsageError("A training size has to be a positive whole number", where=name, got=repr(value))
        for name in ("warmup", "seed", "threads", "workers"):
            value = getattr(self, name)
            if not _is_whole(value) or value < 0:
                raise UsageError("A whole number of 0 or more is needed", where=name, got=repr(value))
        for name in ("whole_batch", "bf16"):
            if not isinstance(getattr(self, name), bool):
                raise UsageError("Only true or false will do", where=name, got=repr(getattr(self, name)))
        for name, least, below in (("learning_rate", 0.0, math.inf), ("weight_decay", 0.0, math.inf),
                                   ("clip", 0.0, math.inf), ("ema", 0.0, 1.0)):  # fmt: skip
            value = getattr(self, name)
            if (
                not _is_number(value)
                or not least <= value < below
                or (value == 0 and name in ("learning_rate", "clip"))
            ):
                raise UsageError(
                    "A number of a training is out of range", where=name,
                    expected="0 or more, below 1" if below == 1.0 else "a positive number", got=repr(value),
                )  # fmt: skip
        if self.device not in distributed.DEVICES:
            raise UsageError(
                "There is no such device",
                where="device",
                expected=", ".join(distributed.DEVICES),
                got=repr(self.device),
            )

    @property
    def windows_per_step(self) -> int:
        """Over all chunks and processes."""
        return self.batch * self.chunks

    def identity(self) -> dict[str, Any]:
        """The fields that a result depends on, for fingerprints: a training may go on elsewhere, but not as another one."""
        return {name: value for name, value in asdict(self).items() if name not in RUN_ONLY}


@runtime_checkable
class Task(Protocol):
    """What the loop trains. A task that also is `anywear.train.gradcache.Embeds` has its loss taken over whole batches.

    One with an attribute ``rate_shares`` says which parameters, by the first letters of their names, learn at which share of
    the learning rate. One with a method ``after_step(rng)`` has it called after every step on every rank, with the same
    generator, for what is not learned by gradients; what it changes has to be buffers, and equal on all ranks.
    """

    @property
    def module(self) -> torch.nn.Module: ...

    def draw(self, rng: np.random.Generator) -> Any:
        """The data of one chunk; runs in another thread or process. Its tensors are moved to the device."""
        ...

    def loss(self, data: Any) -> tuple[Tensor, dict[str, Any]]:
        """The loss of one chunk and figures for the log, numbers or tensors of one."""
        ...


def train(
    task: Task, config: LoopConfig, out_dir: Path, fingerprint: str, report: Callable[[str], None] = print
) -> torch.nn.Module:
    """Train, or go on with a training that was stopped.

    Args:
        task: module, data, loss. The module is moved to the device.
        config: the loop's.
        out_dir: gets ``checkpoint.pt``, ``log.jsonl`` and a picture of it; only rank 0 reads and writes there.
        fingerprint: says which configuration the checkpoint belongs to.
        report: takes progress lines, on rank 0.

    Returns:
        The module with averaged weights, on the CPU, in evaluation mode; the same on every rank.

    Raises:
        ArtefactError: the checkpoint in `out_dir` is damaged or belongs to another configuration or architecture.
        UsageError: the training cannot run as configured, or its loss ran away.
    """
    if config.threads:
        torch.set_num_threads(config.threads)
    with distributed.group(config.device) as device:
        return _train(task, config, device, out_dir, fingerprint, report if distributed.is_main() else _say_nothing)


def _train(
    task: Task, config: LoopConfig, device: torch.device, out_dir: Path, fingerprint: str, report: Callable[[str], None]
) -> torch.nn.Module:
    own = _own_chunks(config)
    if distributed.is_main():
        out_dir.mkdir(parents=True, exist_ok=True)
    module = task.module.to(device)
    optimizer = torch.optim.AdamW(
        _groups(module, config.weight_decay, getattr(task, "rate_shares", {})),
        lr=config.learning_rate,
        betas=(0.9, 0.98),
    )
    trained = Trained(module, deepcopy(module).eval(), optimizer)
    after_step: Callable[[np.random.Generator], object] | None = getattr(task, "after_step", None)
    start = checkpoint.resume(out_dir / "checkpoint.pt", trained, fingerprint)
    if start:
        report(f"resumed at step {start}")
    wanted = [(step, chunk) for step in range(start, config.steps) for chunk in own]
    data = drawn(lambda where: task.draw(_rng(config, where)), wanted, config.workers)
    with _Log(out_dir / "log.jsonl", start, config, report) as log:
        for step in range(start, config.steps):
            with log.waiting():
                chunks = [Chunk(to_device(next(data), device), _seed(config, (step, number))) for number in own]
            for group in optimizer.param_groups:
                group["lr"] = group["share"] * config.learning_rate * float(_schedule(step, config))
            module.train()
            optimizer.zero_grad(set_to_none=True)
            loss, figures = _backward(task, config, device, step, chunks)
            distributed.average_gradients(module.parameters())
            norm = torch.nn.utils.clip_grad_norm_(module.parameters(), config.clip)
            if not math.isfinite(norm.item()):
                raise UsageError(
                    "The training ran away", where=f"step {step + 1}", got=f"a gradient of {norm.item()}",
                    remedy="Lower learning_rate, or lengthen warmup; the last checkpoint is from before",
                )  # fmt: skip
            optimizer.step()
            if after_step is not None:
                after_step(_rng(config, (step, config.chunks + 1)))  # no chunk has this number either
            _update_average(trained.average, module, min(config.ema, (step + 1) / (step + 10)))
            log.add(step + 1, loss, figures)
            last = step + 1 == config.steps
            if distributed.is_main() and (last or (step + 1) % config.checkpoint_every == 0):
                checkpoint.save(out_dir / "checkpoint.pt", step + 1, trained, fingerprint)
    if distributed.is_main() and start < config.steps:
        plot.draw_beside(out_dir / "log.jsonl", report)
    return trained.average.to("cpu")


def _backward(
    task: Task, config: LoopConfig, device: torch.device, step: int, chunks: Sequence[Chunk]
) -> tuple[Tensor, Figures]:
    def precision() -> AbstractContextManager:
        return torch.autocast(device.type, dtype=torch.bfloat16, enabled=config.bf16)

    if isinstance(task, Embeds) and config.whole_batch:
        shared = (step, config.chunks)  # no chunk has this number
        return cached(chunks, task, _rng(config, shared), _seed(config, shared), precision)

    def loss_of(data: Any) -> tuple[Tensor, Figures]:
        with precision():
            return task.loss(data)

    return accumulate(chunks, loss_of)


def _own_chunks(config: LoopConfig) -> range:
    count = distributed.world()
    if config.chunks % count:
        raise UsageError(
            "The chunks of a step do not divide evenly over the processes", where="[loop] chunks",
            expected=f"a multiple of {count}", got=str(config.chunks),
            remedy=f"Set chunks = {count * math.ceil(config.chunks / count)}, or start fewer processes",
        )  # fmt: skip
    share = config.chunks // count
    return range(distributed.rank() * share, (distributed.rank() + 1) * share)


def _rng(config: LoopConfig, where: Where) -> np.random.Generator:
    return np.random.default_rng([config.seed, *where])


def _seed(config: LoopConfig, where: Where) -> int:
    """Of torch's generators; not of the stream that numpy draws data from."""
    return int(np.random.SeedSequence([config.seed, *where, 1]).generate_state(1, np.uint64)[0] >> 1)


class _Log:
    """Figures since the last line, and the lines."""

    def __init__(self, path: Path, start: int, config: LoopConfig, report: Callable[[str], None]) -> None:
        self.path, self.config, self.report, self.last = path, config, report, start
        self.file: IO[str] | None = None
        self._begin()

    def __enter__(self) -> _Log:
        if distributed.is_main():
            checkpoint.trim_log(self.path, self.last)
            self.file = self.path.open("a", encoding="utf-8")
        return self

    def __exit__(self, *error: object) -> None:
        if self.file is not None:
            self.file.close()

    def waiting(self) -> AbstractContextManager:
        return _Clock(self)

    def add(self, step: int, loss: Tensor, figures: Figures) -> None:
        """Take in a step; at its time write the means since the last line, over all ranks."""
        for name, value in {"loss": loss, **figures}.items():
            self.sums[name] = self.sums.get(name, 0.0) + (value.detach() if isinstance(value, Tensor) else value)
            self.counts[name] = self.counts.get(name, 0) + 1
        if step % self.config.log_every and step != self.config.steps:
            return
        means = {name: float(total) / self.counts[name] for name, total in self.sums.items()}
        everywhere = distributed.from_all(means)
        line: dict[str, float] = {"step": step}
        for name in means:
            line[name] = float(np.mean([own[name] for own in everywhere if name in own]))
        spent = time.monotonic() - self.began
        line["learning_rate"] = self.config.learning_rate * float(_schedule(step - 1, self.config))
        line["windows_per_s"] = (step - self.last) * self.config.windows_per_step / spent
        line["share_waiting"] = self.waited / spent
        if self.file is not None:
            self.file.write(json.dumps(line) + "\n")
            self.file.flush()
        self.report("  ".join(f"{k} {v:.4g}" for k, v in line.items()))
        self.last = step
        self._begin()

    def _begin(self) -> None:
        self.sums: dict[str, Any] = {}
        self.counts: dict[str, int] = {}
        self.began, self.waited = time.monotonic(), 0.0


class _Clock:
    def __init__(self, log: _Log) -> None:
        self.log = log

    def __enter__(self) -> None:
        self.asked = time.monotonic()

    def __exit__(self, *error: object) -> None:
        self.log.waited += time.monotonic() - self.asked


def _schedule(step: int, config: LoopConfig) -> float:
    warm = min(1.0, (step + 1) / max(1, config.warmup))
    return warm * (0.01 + 0.99 * 0.5 * (1.0 + np.cos(np.pi * step / config.steps)))


def _groups(module: torch.nn.Module, weight_decay: float, rate_shares: dict[str, float]) -> list[dict]:
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            share = next((share for first, share in rate_shares.items() if name.startswith(first)), 1.0)
            groups.setdefault((share, weight_decay if parameter.ndim >= 2 else 0.0), []).append(parameter)
    return [{"params": own, "share": share, "weight_decay": decay} for (share, decay), own in groups.items()]


@torch.no_grad()
def _update_average(average: torch.nn.Module, module: torch.nn.Module, decay: float) -> None:
    for mean, now in zip(average.parameters(), module.parameters(), strict=True):
        mean.lerp_(now, 1.0 - decay)
    for mean, now in zip(average.buffers(), module.buffers(), strict=True):
        mean.copy_(now)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _say_nothing(line: str) -> None:
    pass
