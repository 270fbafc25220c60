"""The gradients of one step whose batch is too large for one pass, or lies on several ranks.

A plain loss is accumulated: every chunk is a batch of its own, and the step's loss is their mean. A contrastive loss needs
all rows at once, because every row is compared with every other. GradCache (Gao et al. 2021, "Scaling Deep Contrastive
Learning Batch Size under Memory Limited Setup", RepL4NLP) gives its exact gradients at the memory of one chunk: all chunks
are embedded without a graph, the loss of the whole batch gives the gradient of every embedding, and each chunk is embedded
again to carry its share on to the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from . import distributed

Figures = dict[str, float | Tensor]


@runtime_checkable
class Embeds(Protocol):
    """A task whose loss is one of embeddings, so that they can be gathered over chunks and ranks."""

    def embed(self, data: Any) -> dict[str, Tensor]:
        """What the loss needs of one chunk: embeddings, and whatever else it has to know of their rows.

        Args:
            data: of one chunk, as `draw` gave it.

        Returns:
            Tensors (rows, ...) by name; those that come from the weights carry gradients, others (labels) need not.
        """
        ...

    def loss_of(self, embeddings: dict[str, Tensor], rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """The loss of a whole batch.

        Args:
            embeddings: as from `embed`, with the rows of all chunks one after the other.
            rng: the same on every rank, for what the whole batch shares.

        Returns:
            The loss, as if the batch had been one chunk, and figures for the log.
        """
        ...


@dataclass(frozen=True, eq=False)
class Chunk:
    """The data of one forward pass, and the seed of what torch draws in it."""

    data: Any
    seed: int


def accumulate(chunks: Sequence[Chunk], loss_of: Callable[[Any], tuple[Tensor, Figures]]) -> tuple[Tensor, Figures]:
    """Add up the gradients of the mean over chunks.

    Args:
        chunks: of this rank; as many as on every other.
        loss_of: loss and figures of one chunk's data.

    Returns:
        Mean loss, without graph, and mean figures.
    """
    total, sums = torch.zeros(()), {}
    for chunk in chunks:
        torch.manual_seed(chunk.seed)
        loss, figures = loss_of(chunk.data)
        (loss / len(chunks)).backward()
        total = total.to(loss.device) + loss.detach() / len(chunks)
        for name, value in figures.items():
            sums[name] = sums.get(name, 0.0) + value / len(chunks)
    return total, sums


def cached(
    chunks: Sequence[Chunk],
    task: Embeds,
    rng: np.random.Generator,
    seed: int,
    precision: Callable[[], AbstractContextManager],
) -> tuple[Tensor, Figures]:
    """Add up the gradients of a loss over the rows of all chunks of all ranks.

    Gradients of what embeds are this rank's share times the number of ranks, those of what only the loss uses are whole: the
    mean over ranks (`distributed.average_gradients`) makes both right.

    Args:
        chunks: of this rank.
        task: embeds and compares.
        rng, seed: of what the loss draws in numpy and in torch.
        precision: context the embeddings are computed in; the loss is computed in float32.

    Returns:
        The loss, without graph, and its figures.
    """
    once = len(chunks) == 1  # then its graph may as well be kept
    with torch.set_grad_enabled(once):
        own = [_embed(task, chunk, precision) for chunk in chunks]
    whole, starts = {}, {}
    for name in own[0]:
        rows, starts[name] = distributed.gather(torch.cat([part[name] for part in own]))
        whole[name] = rows.requires_grad_() if rows.is_floating_point() else rows
    torch.manual_seed(seed)
    loss, figures = task.loss_of(whole, rng)
    loss.backward()
    for number, chunk in enumerate(chunks):
        part = own[number] if once else _embed(task, chunk, precision)
        outputs, gradients = [], []
        for name, tensor in part.items():
            start = starts[name]
            starts[name] += len(tensor)
            gradient = whole[name].grad
            if tensor.requires_grad and gradient is not None:
                outputs.append(tensor)
                gradients.append(gradient[start : start + len(tensor)] * distributed.world())
        if outputs:
            torch.autograd.backward(outputs, gradients)
    return loss.detach(), figures


def _embed(task: Embeds, chunk: Chunk, precision: Callable[[], AbstractContextManager]) -> dict[str, Tensor]:
    """Embeddings in float32; the seed makes the second pass drop what the first dropped."""
    torch.manual_seed(chunk.seed)
    with precision():
        embeddings = task.embed(chunk.data)
    return {name: t.float() if t.is_floating_point() else t for name, t in embeddings.items()}
