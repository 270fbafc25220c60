"""Latents of a frozen encoder, made once and shown again and again: what learns from them need not wait for the encoder."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

REPORT_EVERY = 200  # draws


@dataclass(frozen=True, eq=False)
class LatentBank:
    """Tensors of many draws, by name; kept as float16, given as float32."""

    draws: Sequence[dict[str, Tensor]]

    def __len__(self) -> int:
        return len(self.draws)

    def draw(self, rng: np.random.Generator) -> dict[str, Tensor]:
        """One of the draws."""
        return {name: own.float() for name, own in self.draws[int(rng.integers(len(self)))].items()}


@torch.no_grad()
def make_bank(
    draw: Callable[[np.random.Generator], Any],
    latents: Callable[[Any], dict[str, Tensor]],
    count: int,
    seed: int,
    path: Path | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> LatentBank:
    """Draw and encode.

    Args:
        draw: the data of one draw.
        latents: what is kept of it.
        count: draws; each depends on seed and number alone.
        seed: of what is drawn.
        path: file that keeps the bank; read where it is there. Its name has to tell everything the bank depends on.
        report: takes progress lines.
    """
    if path is not None and path.exists():
        return LatentBank(pickle.loads(path.read_bytes()))
    draws = []
    for number in range(count):
        made = latents(draw(np.random.default_rng([seed, number])))
        draws.append({name: own.half() for name, own in made.items()})
        if (number + 1) % REPORT_EVERY == 0:
            report(f"encoded {number + 1} of {count} draws")
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_bytes(pickle.dumps(draws))
        partial.replace(path)
    return LatentBank(draws)
