"""Data on its way to a step: in order, ahead of time, and on the device."""

from __future__ import annotations

import threading
from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear.train.draws import drawn, to_device

META = torch.device("meta")  # a device that every machine has
Pair = namedtuple("Pair", "a b")


@dataclass(frozen=True)
class _Batch:
    motion: torch.Tensor
    names: tuple[str, ...]
    table: np.ndarray


def test_tensors_are_moved_wherever_they_are():
    one, array = torch.ones(2), np.ones(2)
    batch = _Batch(one, ("a",), array)
    moved = to_device({"batch": batch, "list": [one, (one, 3)], "pair": Pair(one, "x"), "array": array}, META)
    assert moved["batch"].motion.device == moved["list"][0].device == moved["list"][1][0].device == META
    assert isinstance(moved["pair"], Pair) and moved["pair"].a.device == META and moved["pair"].b == "x"
    assert moved["batch"].names == ("a",) and moved["batch"].table is array and moved["array"] is array
    assert batch.motion.device.type == "cpu"
    untold = _Batch.__mro__, _Batch
    assert to_device(untold, META) == untold


@pytest.mark.parametrize("workers", [0, 2])
def test_chunks_come_in_their_order(workers):
    wanted = [(step, chunk) for step in range(3, 6) for chunk in (2, 3)]
    assert list(drawn(lambda where: (where, where[0] * 10 + where[1]), wanted, workers)) == [
        ((step, chunk), step * 10 + chunk) for step, chunk in wanted
    ]
    assert list(drawn(lambda where: where, [], workers)) == []


def test_one_chunk_is_drawn_while_another_is_used():
    begun = {number: threading.Event() for number in range(3)}
    chunks = drawn(lambda where: begun[where[0]].set() or where[0], [(n, 0) for n in range(3)], 0)
    assert next(chunks) == 0
    assert begun[1].wait(5.0) and not begun[2].is_set()
    assert list(chunks) == [1, 2]
