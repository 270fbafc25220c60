"""Decoding: sequences through the graph, the likeliest words one after the other, and how likely given words are.

The graph takes vectors and what it made of those before them (keys and values), so a word costs one position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import log_softmax

from ..._typing import Array, Float
from ..session import open_session

ROWS = 32  # sequences that go through the graph together

Banned = Callable[[list[int]], dict[int, str]]


@dataclass(frozen=True)
class Said:
    """Pieces, their mean log probability, and words that were likeliest at some place but not to be said."""

    ids: tuple[int, ...]
    log_prob: float
    left_out: tuple[str, ...]


class Decoder:
    """The transformer's graph and the table of words.

    Args:
        path: of the graph.
        words: (pieces, D) table.
        shape: layers, heads and features of a head.
        threads: of the session.
    """

    def __init__(self, path: Path, words: Array, shape: tuple[int, int, int], threads: int = 1) -> None:
        self._session = open_session(path, threads)
        self.words = words
        self._shape = shape

    def nothing(self, rows: int) -> Array:
        """The past of sequences that have not begun: (layers, 2, rows, heads, 0, features)."""
        layers, heads, features = self._shape
        return np.zeros((layers, 2, rows, heads, 0, features), dtype=np.float32)

    def run(self, sequence: Float[Array, "rows time width"], past: Array | None = None) -> tuple[Array, Array]:
        """Hidden states (B, T, D) of vectors, and the past with them."""
        before = self.nothing(len(sequence)) if past is None else past
        hidden, carried = self._session.run(["hidden", "carried"], {"sequence": sequence, "past": before})
        return np.asarray(hidden), np.asarray(carried)

    def log_probs(self, hidden: Float[Array, "*rows width"]) -> Float[Array, "*rows pieces"]:
        """Of every piece."""
        return log_softmax(hidden @ self.words.T, axis=-1)

    def greedy(
        self,
        prefix: Float[Array, "rows time width"],
        end: int,
        most: int,
        banned: Sequence[Banned | None],
        marks: Sequence[int] = (),
    ) -> list[Said]:
        """The likeliest piece at every place.

        Args:
            prefix: (B, T, D) what comes before, marks among it.
            end: the mark that ends a text; it cannot come first.
            most: pieces after which a text ends anyway.
            banned: per row what must not come next, or None.
            marks: pieces that no text has.
        """
        hidden, past = self.run(prefix)
        rows = len(prefix)
        ids: list[list[int]] = [[] for _ in range(rows)]
        left_out: list[dict[str, None]] = [{} for _ in range(rows)]
        sums, open_rows = np.zeros(rows), np.ones(rows, dtype=bool)
        closed = [mark for mark in marks if mark != end]
        for place in range(most):
            log_probs = self.log_probs(hidden[:, -1])
            allowed = log_probs.copy()
            allowed[:, closed] = -np.inf
            if place == 0:
                allowed[:, end] = -np.inf
            for row in np.flatnonzero(open_rows).tolist():
                bans = banned[row]
                words = bans(ids[row]) if bans is not None else {}
                wanted = int(allowed[row].argmax())
                if wanted in words:
                    left_out[row][words[wanted]] = None
                allowed[row, list(words)] = -np.inf
            chosen = allowed.argmax(axis=1)
            for row in np.flatnonzero(open_rows):
                sums[row] += log_probs[row, chosen[row]]
                if chosen[row] == end:
                    open_rows[row] = False
                else:
                    ids[row].append(int(chosen[row]))
            if not open_rows.any():
                break
            hidden, past = self.run(self.words[chosen][:, None], past)
        # The end counts as a piece where it was reached.
        return [
            Said(tuple(own), float(total / (len(own) + (not is_open))), tuple(words))
            for own, total, is_open, words in zip(ids, sums, open_rows, left_out, strict=True)
        ]

    def likely(self, prefix: Float[Array, "time width"], texts: Sequence[Sequence[int]]) -> Float[Array, " texts"]:
        """Mean log probability per piece of each of some texts after one prefix.

        Args:
            prefix: (T, D), marks among it.
            texts: ids, with the mark of the end.
        """
        hidden, past = self.run(prefix[None])
        out = np.zeros(len(texts))
        order = np.argsort([len(own) for own in texts], kind="stable")
        for start in range(0, len(order), ROWS):
            part = order[start : start + ROWS]
            longest = max(len(texts[number]) for number in part)
            ids = np.zeros((len(part), longest), dtype=np.int64)
            for row, number in enumerate(part):
                ids[row, : len(texts[number])] = texts[number]
            states = np.repeat(hidden[:, -1:], len(part), axis=0)
            if longest > 1:
                more, _ = self.run(self.words[ids[:, :-1]], np.repeat(past, len(part), axis=2))
                states = np.concatenate([states, more], axis=1)
            found = np.take_along_axis(self.log_probs(states), ids[..., None], axis=-1)[..., 0]
            for row, number in enumerate(part):
                out[number] = found[row, : len(texts[number])].mean()
        return out
