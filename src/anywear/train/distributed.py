"""One training in many processes, as ``torchrun`` starts them: on the cores or GPUs of one machine, or on several machines.

Every function also works in a single process, where it does nothing. Processes are called ranks, and rank 0 is the one that
writes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist

from ..errors import UsageError

DEVICES = ("cpu", "cuda")
PATIENCE = timedelta(hours=6)  # for a rank that waits while rank 0 prepares data


def rank() -> int:
    """Number of this process."""
    return dist.get_rank() if dist.is_initialized() else 0


def world() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def is_main() -> bool:
    """Whether this process is the one that writes."""
    return rank() == 0


@contextmanager
def group(device: str) -> Iterator[torch.device]:
    """Join the processes that ``torchrun`` started, and leave them at the end; a `group` inside another joins nothing.

    Args:
        device: ``cpu`` (gloo) or ``cuda`` (NCCL; each process takes the GPU of its number on its machine).

    Yields:
        The device of this process.

    Raises:
        UsageError: the device is not there.
    """
    own = _own_device(device)
    if int(os.environ.get("WORLD_SIZE", "1")) == 1 or dist.is_initialized():
        yield own
        return
    if own.type == "cuda":
        dist.init_process_group("nccl", timeout=PATIENCE, device_id=own)
    else:
        dist.init_process_group("gloo", timeout=PATIENCE)
    try:
        yield own
    finally:
        dist.destroy_process_group()


@contextmanager
def main_first() -> Iterator[None]:
    """Let rank 0 go through the block before the others: it fills caches, they read them."""
    if not is_main():
        dist.barrier()
    try:
        yield
    finally:
        if is_main() and world() > 1:
            dist.barrier()


def from_main(value: Any) -> Any:
    """The value that rank 0 has, on every rank. What the others pass is not looked at."""
    if world() == 1:
        return value
    box = [value if is_main() else None]
    dist.broadcast_object_list(box, src=0)
    return box[0]


def from_all(value: Any) -> list[Any]:
    """The values of all ranks, in their order, on every rank."""
    if world() == 1:
        return [value]
    values: list[Any] = [None] * world()
    dist.all_gather_object(values, value)
    return values


def gather(tensor: Tensor) -> tuple[Tensor, int]:
    """Rows of all ranks, one rank after the other, without gradient; ranks may have different numbers of rows.

    Args:
        tensor: (rows, ...); all but the first size are equal on all ranks.

    Returns:
        (all rows, ...) and the row where this rank's begin.
    """
    tensor = tensor.detach()
    if world() == 1:
        return tensor, 0
    count = torch.tensor([len(tensor)], device=tensor.device)
    counts = [torch.zeros_like(count) for _ in range(world())]
    dist.all_gather(counts, count)
    rows = [int(own.item()) for own in counts]
    padded = tensor.new_zeros((max(rows), *tensor.shape[1:]))
    padded[: len(tensor)] = tensor
    parts = [torch.empty_like(padded) for _ in rows]
    dist.all_gather(parts, padded.contiguous())
    return torch.cat([part[:own] for part, own in zip(parts, rows, strict=True)]), sum(rows[: rank()])


def gather_with_gradient(tensor: Tensor) -> Tensor:
    """Rows of all ranks, with gradient: what any rank's loss asks of a row comes back to the rank it is from.

    When every rank computes the same loss on the gathered rows, gradients come back as many times too large as there are
    ranks; the mean over ranks that `average_gradients` takes sets them right.

    Args:
        tensor: (rows, ...).

    Returns:
        (all rows, ...).
    """
    if world() == 1:
        return tensor
    return _Gather.apply(tensor)  # type: ignore[return-value]


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, tensor: Tensor) -> Tensor:
        whole, ctx.start = gather(tensor)
        ctx.rows = len(tensor)
        return whole

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # type: ignore[override]
        gradient = gradient.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(gradient)
        return gradient[ctx.start : ctx.start + ctx.rows]


def average_gradients(parameters: Iterable[torch.nn.Parameter]) -> None:
    """Replace every gradient by its mean over ranks, in one exchange; a parameter without one on any rank keeps none."""
    if world() == 1:
        return
    trained = [p for p in parameters if p.requires_grad]
    if not trained:
        return
    used = torch.tensor([float(p.grad is not None) for p in trained], device=trained[0].device)
    flat = torch.cat([used, *((torch.zeros_like(p) if p.grad is None else p.grad).float().flatten() for p in trained)])
    dist.all_reduce(flat)
    flat, used = flat[len(trained) :] / world(), flat[: len(trained)].tolist()
    for parameter, mean, count in zip(trained, flat.split([p.numel() for p in trained]), used, strict=True):
        parameter.grad = mean.view_as(parameter).to(parameter.dtype) if count else None


def _own_device(device: str) -> torch.device:
    if device not in DEVICES:
        raise UsageError("There is no such device", where="device", expected=", ".join(DEVICES), got=str(device))
    if device == "cpu":
        return torch.device("cpu")
    local, count = int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()
    if local >= count:
        raise UsageError(
            "There is no GPU for this process",
            where=f"process {local} of this machine",
            expected="one GPU per process",
            got=f"{count} GPUs",
            remedy='Set device = "cpu" in [loop], or give --device cpu; or start fewer processes',
        )
    torch.cuda.set_device(local)
    return torch.device("cuda", local)
