"""Quantisers: vectors become a few whole numbers and come back, and what is lost on the way is learned.

Three kinds behind one face, `Quantiser`; `anywear.runtime.codes.Codes` says what they are and does the same without torch.
Codebooks are not trained by gradients: they follow the mean of what is assigned to them, a step at a time, and an entry that
is hardly used is put where something is. All of that happens in `Quantiser.settle`, after a step; during it the codebooks
stand still, so a step divided over chunks and processes is the same step.

Sources: van den Oord, Vinyals & Kavukcuoglu, "Neural discrete representation learning", NeurIPS 2017 (straight-through
gradient, commitment, moving averages: appendix A.1); Jégou, Douze & Schmid, "Product quantization for nearest neighbor
search", TPAMI 33(1), 2011; Zeghidour et al., "SoundStream", TASLP 30, 2022, section III.C (residual codebooks); Mentzer et
al., "Finite scalar quantization: VQ-VAE made simple", ICLR 2024.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import UsageError, unknown_name
from ..runtime.codes import KINDS, Codes

POOL = 256  # vectors of a chunk that hardly used entries may be put at
JITTER = 0.01  # of the spread of vectors, between entries that begin at the same one

Gather = Callable[[Tensor], Tensor]
"""Rows of all processes, one process after the other; see `anywear.train.distributed.gather`."""


@dataclass(frozen=True)
class QuantiserConfig:
    """What vectors become.

    Attributes:
        kind: ``product``, ``residual`` or ``scalar``.
        books: ids per vector.
        codes: entries of each codebook; not for ``scalar``.
        code_width: features of an entry; not for ``scalar``.
        levels: of each number of a group, for ``scalar``; their product is the number of ids of a book.
        decay: of the moving averages that entries follow, per step.
        commitment: weight of the term that holds vectors near their entries; ``scalar`` needs none.
        dead_below: an entry is moved when it is used less than this share of the mean entry's use.
    """

    kind: str = "product"
    books: int = 2
    codes: int = 2048
    code_width: int = 64
    levels: tuple[int, ...] = (8, 8, 8, 4)
    decay: float = 0.99
    commitment: float = 0.25
    dead_below: float = 0.1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise unknown_name("kind of quantiser", str(self.kind), KINDS)
        for name, least in (("books", 1), ("codes", 2), ("code_width", 1)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise UsageError(
                    "A quantiser's size is out of range", where=name, expected=f"{least} or more", got=repr(value)
                )
        if not self.levels or any(not isinstance(own, int) or own < 2 for own in self.levels):
            raise UsageError("Levels are whole numbers of 2 or more", where="levels", got=repr(self.levels))
        for name, below in (("decay", 1.0), ("commitment", np.inf), ("dead_below", 1.0)):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0.0 <= value < below:
                raise UsageError(
                    "A number of a quantiser is out of range", where=name, expected=f"0 to below {below:g}",
                    got=repr(value),
                )  # fmt: skip

    @property
    def width(self) -> int:
        """Features of a vector."""
        if self.kind == "scalar":
            return self.books * len(self.levels)
        return self.code_width * (self.books if self.kind == "product" else 1)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values each id can have."""
        return (int(np.prod(self.levels)) if self.kind == "scalar" else self.codes,) * self.books

    @property
    def bits(self) -> float:
        """What the ids of a vector can tell apart, in bits."""
        return float(np.log2(self.sizes).sum())


class Quantised(NamedTuple):
    """Vectors after their entries, with the gradient of the vectors; (..., books) ids; what commitment asks, weighted."""

    vectors: Tensor
    ids: Tensor
    loss: Tensor


class Quantiser(nn.Module):
    """Vectors to ids and back. Use `build_quantiser`.

    Vectors are brought into reach first (`bound`); what `decode` gives is in reach. For ``product`` and ``scalar`` the ids of
    decoded ids are the same ids; ``residual`` codebooks overlap, and there they need not be.
    """

    def __init__(self, config: QuantiserConfig) -> None:
        super().__init__()
        self.config = config

    def bound(self, vectors: Tensor) -> Tensor:
        """Vectors (..., D) where entries can be."""
        return vectors

    def forward(self, vectors: Tensor) -> Quantised:
        """Quantise bounded vectors (..., D); in training with gradients, also remember them for `settle`."""
        raise NotImplementedError

    def encode(self, vectors: Tensor) -> Tensor:
        """Ids (..., books) of bounded vectors (..., D)."""
        raise NotImplementedError

    def decode(self, ids: Tensor) -> Tensor:
        """Vectors (..., D) of ids (..., books)."""
        raise NotImplementedError

    def settle(self, gather: Gather = lambda rows: rows, rng: np.random.Generator | None = None) -> int:
        """End a step: codebooks follow what was assigned to them since the last.

        Args:
            gather: brings the rows of all processes together, in the order of chunks.
            rng: draws where entries that are hardly used go; the same on all processes. Seed 0 by default.

        Returns:
            How many entries were moved.
        """
        return 0

    def codes(self) -> Codes:
        """What was learned, without torch."""
        raise NotImplementedError


def build_quantiser(config: QuantiserConfig) -> Quantiser:
    """The quantiser of a configuration."""
    return {"product": ProductQuantiser, "residual": ResidualQuantiser, "scalar": ScalarQuantiser}[config.kind](config)


class Codebook(nn.Module):
    """Entries that follow the mean of what is assigned to them.

    Args:
        config: of the quantiser it is part of.
    """

    def __init__(self, config: QuantiserConfig) -> None:
        super().__init__()
        self.config = config
        self.vectors: Tensor
        self.counts: Tensor
        self.sums: Tensor
        self.started: Tensor
        self.register_buffer("vectors", torch.randn(config.codes, config.code_width))
        self.register_buffer("counts", torch.zeros(config.codes))  # mean uses per step
        self.register_buffer("sums", torch.zeros(config.codes, config.code_width))
        self.register_buffer("started", torch.zeros(()))
        self._waiting: list[tuple[Tensor, Tensor, Tensor]] = []  # of chunks: uses, sums, and some of the rows

    def nearest(self, rows: Tensor) -> Tensor:
        """(N,) entries nearest to rows (N, D)."""
        return (self.vectors.square().sum(dim=1) - 2.0 * rows.detach() @ self.vectors.T).argmin(dim=1)

    @torch.no_grad()
    def remember(self, rows: Tensor, ids: Tensor) -> None:
        """Take in rows (N, D) and the entries they were given, until `settle`."""
        rows = rows.detach().float()
        uses = torch.zeros_like(self.counts).index_add_(0, ids, torch.ones_like(ids, dtype=torch.float32))
        sums = torch.zeros_like(self.sums).index_add_(0, ids, rows)
        stride = max(1, len(rows) // POOL) if self.started else 1
        self._waiting.append((uses, sums, rows[::stride]))

    @torch.no_grad()
    def settle(self, gather: Gather, rng: np.random.Generator) -> int:
        """Follow what was remembered; see `Quantiser.settle`."""
        if not self._waiting:
            return 0
        uses, sums, rows = zip(*self._waiting, strict=True)
        self._waiting = []
        uses_now = gather(torch.stack(uses).sum(dim=0, keepdim=True)).sum(dim=0)
        sums_now = gather(torch.stack(sums).sum(dim=0, keepdim=True)).sum(dim=0)
        pool = gather(torch.cat(rows))
        if not self.started:
            self._put(torch.arange(len(self.counts), device=pool.device), pool, float(uses_now.mean()), rng)
            self.started.fill_(1.0)
            return 0
        decay = self.config.decay
        self.counts.lerp_(uses_now, 1.0 - decay)
        self.sums.lerp_(sums_now, 1.0 - decay)
        usual = float(self.counts.mean())
        dead = torch.nonzero(self.counts < self.config.dead_below * usual).flatten()
        self._put(dead, pool, usual, rng)
        self.vectors.copy_(self.sums / self.counts.clamp(min=1e-8).unsqueeze(1))
        return len(dead)

    def _put(self, entries: Tensor, pool: Tensor, count: float, rng: np.random.Generator) -> None:
        """Move entries to rows of the pool, as if each had always been used as often as is usual."""
        if not len(entries):
            return
        enough = len(entries) <= len(pool)
        chosen = rng.choice(len(pool), size=len(entries), replace=not enough)
        rows = pool[torch.from_numpy(chosen).to(pool.device)]
        if not enough:  # several begin at one row
            noise = torch.from_numpy(rng.standard_normal(tuple(rows.shape))).to(rows)
            rows = rows + JITTER * pool.std(dim=0, unbiased=False) * noise
        self.vectors[entries], self.counts[entries], self.sums[entries] = rows, count, count * rows


class _BookQuantiser(Quantiser):
    def __init__(self, config: QuantiserConfig) -> None:
        super().__init__(config)
        self.codebooks = nn.ModuleList(Codebook(config) for _ in range(config.books))

    def forward(self, vectors: Tensor) -> Quantised:
        rows = vectors.reshape(-1, vectors.shape[-1])
        ids = self._ids(rows, remember=self.training and torch.is_grad_enabled())
        entries = self._entries(ids)
        loss = self.config.commitment * F.mse_loss(rows, entries)
        passed = rows + (entries - rows).detach()
        return Quantised(passed.view_as(vectors), ids.view(*vectors.shape[:-1], -1), loss)

    def encode(self, vectors: Tensor) -> Tensor:
        return self._ids(vectors.reshape(-1, vectors.shape[-1])).view(*vectors.shape[:-1], -1)

    def decode(self, ids: Tensor) -> Tensor:
        return self._entries(ids.reshape(-1, ids.shape[-1])).view(*ids.shape[:-1], -1)

    def settle(self, gather: Gather = lambda rows: rows, rng: np.random.Generator | None = None) -> int:
        rng = rng or np.random.default_rng(0)
        return sum(book.settle(gather, rng) for book in self.codebooks)  # type: ignore[operator]

    def codes(self) -> Codes:
        vectors = torch.stack([book.vectors for book in self.codebooks])  # type: ignore[misc]
        return Codes(self.config.kind, vectors.cpu().numpy().astype(np.float32), (), self.config.books)

    def _ids(self, rows: Tensor, remember: bool = False) -> Tensor:
        """(N, books) entries of rows (N, D), remembered where asked."""
        raise NotImplementedError

    def _entries(self, ids: Tensor) -> Tensor:
        """(N, D) of (N, books)."""
        raise NotImplementedError

    def _name(self, number: int, rows: Tensor, remember: bool) -> tuple[Tensor, Tensor]:
        """Ids and entries of one codebook."""
        book: Codebook = self.codebooks[number]  # type: ignore[assignment]
        ids = book.nearest(rows)
        if remember:
            book.remember(rows, ids)
        return ids, book.vectors[ids]


class ProductQuantiser(_BookQuantiser):
    """Each part of a vector has a codebook of its own."""

    def _ids(self, rows: Tensor, remember: bool = False) -> Tensor:
        parts = rows.unflatten(-1, (self.config.books, -1))
        return torch.stack([self._name(n, parts[:, n], remember)[0] for n in range(self.config.books)], dim=-1)

    def _entries(self, ids: Tensor) -> Tensor:
        return torch.cat([book.vectors[ids[:, n]] for n, book in enumerate(self.codebooks)], dim=-1)  # type: ignore[index]


class ResidualQuantiser(_BookQuantiser):
    """Each codebook holds what those before it leave over."""

    def _ids(self, rows: Tensor, remember: bool = False) -> Tensor:
        left, ids = rows.detach(), []
        for number in range(self.config.books):
            own, entries = self._name(number, left, remember)
            left = left - entries
            ids.append(own)
        return torch.stack(ids, dim=-1)

    def _entries(self, ids: Tensor) -> Tensor:
        parts = [book.vectors[ids[:, n]] for n, book in enumerate(self.codebooks)]  # type: ignore[index]
        return torch.stack(parts).sum(dim=0)


class ScalarQuantiser(Quantiser):
    """Every number is rounded to one of a few levels, evenly spaced from -1 to 1, which hyperbolic tangents reach.

    For odd numbers of levels these are the paper's; even ones lie symmetric about zero here.
    """

    def __init__(self, config: QuantiserConfig) -> None:
        super().__init__(config)
        self.most: Tensor
        self.steps: Tensor
        levels = torch.tensor(config.levels)
        self.register_buffer("most", levels - 1, persistent=False)
        steps = torch.cat([torch.ones(1, dtype=torch.long), levels.cumprod(0)[:-1]])
        self.register_buffer("steps", steps, persistent=False)

    def bound(self, vectors: Tensor) -> Tensor:
        return vectors.tanh()

    def forward(self, vectors: Tensor) -> Quantised:
        ids = self.encode(vectors)
        passed = vectors + (self.decode(ids).to(vectors.dtype) - vectors).detach()
        return Quantised(passed, ids, vectors.new_zeros(()))

    def encode(self, vectors: Tensor) -> Tensor:
        parts = vectors.detach().unflatten(-1, (self.config.books, -1)).clamp(-1.0, 1.0)
        digits = ((parts + 1.0) * 0.5 * self.most).round().long()
        return (digits * self.steps).sum(dim=-1)

    def decode(self, ids: Tensor) -> Tensor:
        digits = ids.unsqueeze(-1).div(self.steps, rounding_mode="floor") % (self.most + 1)
        return (2.0 * digits / self.most - 1.0).flatten(-2)

    def codes(self) -> Codes:
        return Codes("scalar", np.zeros((0, 0, 0), dtype=np.float32), self.config.levels, self.config.books)
