"""Vectors as a few whole numbers, and back, without torch: what `anywear.nn.quantise` learned, applied.

Three kinds. ``product``: a vector is cut into parts, and each part is named by the nearest entry of a codebook of its own.
``residual``: each codebook names what those before it have left over. ``scalar``: every number of a vector is rounded to one
of a few levels between -1 and 1, and groups of numbers are counted through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from .._typing import Array, Float, Int
from ..errors import ArtefactError, UsageError

KINDS = ("product", "residual", "scalar")
ROWS = 4096  # vectors compared with a codebook at once, which bounds memory


@dataclass(frozen=True, eq=False)
class Codes:
    """Codebooks, or levels.

    Attributes:
        kind: one of `KINDS`.
        vectors: (books, codes, d) entries of the codebooks; (0, 0, 0) for ``scalar``.
        levels: of the numbers of one group, for ``scalar``.
        books: ids that a vector becomes.
    """

    kind: str
    vectors: Array
    levels: tuple[int, ...]
    books: int

    def __post_init__(self) -> None:
        fits = self.books >= 1 and self.vectors.ndim == 3
        if self.kind == "scalar":
            fits = fits and bool(self.levels) and min(self.levels, default=0) >= 2
        else:
            fits = fits and len(self.vectors) == self.books and min(self.vectors.shape) >= 1
        if self.kind not in KINDS or not fits:
            raise ArtefactError(
                "These are no codebooks", expected=f"one of {', '.join(KINDS)} with its tables",
                got=f"{self.kind}, {self.vectors.shape}, {self.levels}, {self.books} books",
            )  # fmt: skip

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values each id can have."""
        return (prod(self.levels) if self.kind == "scalar" else self.vectors.shape[1],) * self.books

    @property
    def width(self) -> int:
        """Features of a vector."""
        if self.kind == "scalar":
            return self.books * len(self.levels)
        return self.vectors.shape[2] * (self.books if self.kind == "product" else 1)

    def encode(self, vectors: Float[Array, "*rows features"]) -> Int[Array, "*rows books"]:
        """Ids of vectors.

        Raises:
            UsageError: vectors of another width.
        """
        if vectors.shape[-1] != self.width:
            raise UsageError(
                "These vectors are not of these codebooks",
                expected=f"{self.width} features",
                got=str(vectors.shape[-1]),
            )
        rows = vectors.reshape(-1, self.width)
        ids = np.zeros((len(rows), self.books), dtype=np.int64)
        for start in range(0, len(rows), ROWS):
            ids[start : start + ROWS] = self._encode(rows[start : start + ROWS])
        return ids.reshape(*vectors.shape[:-1], self.books)

    def decode(self, ids: Int[Array, "*rows books"]) -> Float[Array, "*rows features"]:
        """The vectors that ids stand for.

        Raises:
            UsageError: ids that cannot be.
        """
        self.check(ids)
        if self.kind == "scalar":
            steps, levels = _steps(self.levels), np.array(self.levels)
            digits = ids[..., None] // steps % levels
            return (2.0 * digits / (levels - 1) - 1.0).reshape(*ids.shape[:-1], self.width)
        parts = np.stack([self.vectors[book][ids[..., book]] for book in range(self.books)], axis=-2)
        return parts.sum(axis=-2) if self.kind == "residual" else parts.reshape(*ids.shape[:-1], self.width)

    def check(self, ids: Array) -> None:
        """Raises UsageError where ids are not of these codebooks."""
        if ids.ndim < 1 or ids.shape[-1] != self.books or not np.issubdtype(ids.dtype, np.integer):
            raise UsageError(
                "These are no ids of these codebooks", expected=f"whole numbers, {self.books} at each instant",
                got=f"{ids.dtype} of shape {ids.shape}",
            )  # fmt: skip
        if ids.size and (ids.min() < 0 or (ids >= np.array(self.sizes)).any()):
            raise UsageError(
                "An id does not exist", expected=f"0 to {max(self.sizes) - 1}", got=f"{ids.min()} to {ids.max()}",
                remedy="Were the tokens made by another tokenizer?",
            )  # fmt: skip

    def _encode(self, rows: Array) -> Array:
        if self.kind == "scalar":
            levels = np.array(self.levels)
            parts = rows.reshape(len(rows), self.books, len(levels))
            digits = np.round((np.clip(parts, -1.0, 1.0) + 1.0) * 0.5 * (levels - 1)).astype(np.int64)
            return (digits * _steps(self.levels)).sum(axis=-1)
        ids = np.zeros((len(rows), self.books), dtype=np.int64)
        left = rows
        for book, entries in enumerate(self.vectors):
            width = entries.shape[1]
            part = left if self.kind == "residual" else rows[:, book * width : (book + 1) * width]
            ids[:, book] = (np.square(entries).sum(axis=1) - 2.0 * part @ entries.T).argmin(axis=1)
            if self.kind == "residual":
                left = left - entries[ids[:, book]]
        return ids


@dataclass(frozen=True)
class BookUse:
    """How a codebook is used.

    Attributes:
        size: ids there are.
        used: share of them that occur.
        perplexity: how many equally frequent ids would be as varied: exp(entropy).
        most: share of the most frequent one.
    """

    size: int
    used: float
    perplexity: float
    most: float

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        return {"size": self.size, "used": self.used, "perplexity": self.perplexity, "most": self.most}


def book_use(ids: Int[Array, "*rows books"], sizes: Sequence[int]) -> tuple[BookUse, ...]:
    """How each codebook is used by some ids; zeros where there are none."""
    out = []
    for book, size in enumerate(sizes):
        counts = np.bincount(ids[..., book].ravel(), minlength=size)
        if not counts.any():
            out.append(BookUse(size, 0.0, 0.0, 0.0))
            continue
        shares = counts[counts > 0] / counts.sum()
        entropy = -float((shares * np.log(shares)).sum())
        out.append(BookUse(size, len(shares) / size, float(np.exp(entropy)), float(shares.max())))
    return tuple(out)


def _steps(levels: Sequence[int]) -> Array:
    """What one more of each digit adds to an id: the first digit runs fastest."""
    return np.concatenate([[1], np.cumprod(levels[:-1])]).astype(np.int64)
