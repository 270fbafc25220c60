"""The data of a training, drawn ahead of the step that needs it: chunk by chunk, in a thread or in processes of its own.

What a chunk holds depends on the seed, the step and the chunk's number alone: not on who draws it, nor on where a training
was stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

AHEAD = 2  # chunks that every process holds ready

Where = tuple[int, int]
"""Step and number of the chunk in it."""


def drawn(draw: Callable[[Where], Any], wanted: Sequence[Where], workers: int) -> Iterator[Any]:
    """The chunks in order, drawn ahead.

    Args:
        draw: makes one chunk.
        wanted: which.
        workers: processes; 0 draws in a thread, which shares Python's lock with the training.

    Raises:
        Exception: whatever `draw` raised.
    """
    return _in_processes(draw, wanted, workers) if workers else _in_thread(draw, wanted)


def to_device(data: Any, device: torch.device) -> Any:
    """The same data with its tensors on the device; looks into tuples, lists, dictionaries and data classes."""
    if isinstance(data, torch.Tensor):
        return data.to(device, non_blocking=True)
    if isinstance(data, dict):
        return {key: to_device(value, device) for key, value in data.items()}
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(to_device(value, device) for value in data))
    if isinstance(data, tuple | list):
        return type(data)(to_device(value, device) for value in data)
    if is_dataclass(data) and not isinstance(data, type):
        own = {f.name: getattr(data, f.name) for f in fields(data) if f.init}
        moved = {name: to_device(value, device) for name, value in own.items()}
        changed = {name: value for name, value in moved.items() if value is not own[name]}
        return replace(data, **changed) if changed else data
    return data


def _in_thread(draw: Callable[[Where], Any], wanted: Sequence[Where]) -> Iterator[Any]:
    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(draw, wanted[0]) if wanted else None
        for number in range(len(wanted)):
            assert ahead is not None
            data = ahead.result()
            if number + 1 < len(wanted):
                ahead = pool.submit(draw, wanted[number + 1])
            yield data


def _in_processes(draw: Callable[[Where], Any], wanted: Sequence[Where], workers: int) -> Iterator[Any]:
    loader = DataLoader(
        _Draws(draw), sampler=wanted, batch_size=None, num_workers=workers, prefetch_factor=AHEAD, collate_fn=_as_is,
        multiprocessing_context="fork",
    )  # fmt: skip
    for data in loader:
        if isinstance(data, Exception):
            raise data
        yield data


class _Draws(Dataset):
    def __init__(self, draw: Callable[[Where], Any]) -> None:
        self.draw = draw

    def __getitem__(self, where: Where) -> Any:
        try:
            return self.draw(where)
        except Exception as error:  # as it is, not as the text of a traceback
            return error


def _as_is(data: Any) -> Any:
    return data
