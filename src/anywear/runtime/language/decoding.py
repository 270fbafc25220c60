"""Decoding: sequences through the graph, the likeliest words one after the other, and how likely given words are.

The graph takes vectors and what it made of those before them (keys and values), so a word costs one position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import log_softmax, softmax

from ..._typing import Array, Float
from ...errors import UsageError
from ..session import open_session

ROWS = 32  # sequences that go through the graph together
# Nats below the likeliest piece (a twentieth of it) at which others are not said, however motion favours them.
FAR = -3.0
BEAMS = 6  # texts that are followed at once where words are not to be said


@dataclass(frozen=True)
class Said:
    """Pieces and their mean log probability, the end among them."""

    ids: tuple[int, ...]
    log_prob: float


@dataclass(frozen=True)
class Drafting:
    """How captions are drafted, and one of them is taken.

    Attributes:
        count: drafts.
        temperature: they are drawn at.
        wordings: of the generator's programs that are held against the drafts, those nearest to the motion.
        fluency: what a nat per piece weighs beside a cosine.
        agreement: share of the score that is how well a text agrees with all others, the better ones before all; the rest is
            its own.
        spread: of scores, over which a text has a say in that; the greater, the more do.
    """

    count: int = 12
    temperature: float = 0.7
    wordings: int = 20
    fluency: float = 0.08
    agreement: float = 0.5
    spread: float = 0.25

    def __post_init__(self) -> None:
        able = self.count >= 1 and self.temperature > 0.0 and self.wordings >= 1
        if not able or not 0.0 <= self.agreement <= 1.0 or self.spread <= 0.0:
            raise UsageError("Captions cannot be drafted like this", where="drafts", got=str(self))

    def scores(
        self,
        vectors: Float[Array, "texts features"],
        towards: Float[Array, " features"],
        likely: Float[Array, " texts"],
    ) -> Float[Array, " texts"]:
        """How well texts tell of a motion: by themselves, and by what they have in common with others that do.

        A text that nothing bears out loses to one that says less: minimum Bayes risk, with cosines for the gain (Kumar &
        Byrne, NAACL 2004; Eikema & Aziz, EMNLP 2022).

        Args:
            vectors: unit vectors of the texts.
            towards: vector of the motion.
            likely: mean log probability of the texts per piece.
        """
        own = vectors @ towards + self.fluency * likely
        return (1.0 - self.agreement) * own + self.agreement * (vectors @ (softmax(own / self.spread) @ vectors))


@dataclass(frozen=True)
class Ending:
    """How texts end.

    Attributes:
        end: the mark of it; it cannot come first.
        most: pieces after which a text ends anyway.
        marks: from which piece on no text has any, but for the end.
    """

    end: int
    most: int
    marks: int

    def allowed(self, log_probs: Float[Array, "rows pieces"], place: int) -> Float[Array, "rows pieces"]:
        """Log probabilities of what may come at a place; minus infinity elsewhere."""
        out = log_probs.copy()
        out[:, self.marks :] = -np.inf
        if place:
            out[:, self.end] = log_probs[:, self.end]
        return out


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
        ending: Ending,
        blind: Float[Array, "rows before width"] | None = None,
        guidance: float = 0.0,
    ) -> list[Said]:
        """The likeliest piece at every place.

        Args:
            prefix: (B, T, D) what comes before, marks among it.
            ending: how texts end.
            blind: what comes before where no motion is shown; for guidance.
            guidance: how far words are drawn to what motion tells; see `_guided`.
        """
        states = _States(self, prefix, blind if guidance > 0.0 else None)
        return self._written(states, ending, guidance, lambda scores: scores.argmax(axis=1))

    def drafts(
        self,
        prefix: Float[Array, "time width"],
        ending: Ending,
        drafting: Drafting,
        blind: Float[Array, "before width"],
        guidance: float = 0.0,
    ) -> list[tuple[int, ...]]:
        """Pieces of several texts, each once: the one of `greedy` first, the others drawn. The same every time.

        Args:
            prefix: (T, D) what comes before.
            ending: how texts end.
            drafting: how many are drawn, and how.
            blind, guidance: as in `greedy`.
        """
        rng = np.random.default_rng(0)

        def drawn(scores: Array) -> Array:
            shares = softmax(scores / drafting.temperature, axis=1).astype(np.float64)
            chosen = np.array([rng.choice(len(own), p=own / own.sum()) for own in shares])
            chosen[0] = scores[0].argmax()
            return chosen

        states = _States(self, prefix[None], blind[None] if guidance > 0.0 else None)
        states.keep([0] * drafting.count)
        return list(dict.fromkeys(own.ids for own in self._written(states, ending, guidance, drawn)))

    def _written(
        self, states: _States, ending: Ending, guidance: float, choose: Callable[[Array], Array]
    ) -> list[Said]:
        """What every row goes on to say until it ends.

        Args:
            states: what comes before.
            ending, guidance: as in `greedy`.
            choose: the next piece of every row, from guided log probabilities (B, pieces).
        """
        rows = len(states)
        ids: list[list[int]] = [[] for _ in range(rows)]
        sums, ended = np.zeros(rows), np.zeros(rows, dtype=bool)
        for place in range(ending.most):
            log_probs = states.log_probs()
            chosen = choose(_guided(ending.allowed(log_probs, place), states.blind_log_probs(), guidance))
            for row in np.flatnonzero(~ended).tolist():
                sums[row] += log_probs[row, chosen[row]]
                ended[row] = chosen[row] == ending.end
                ids[row] += [] if ended[row] else [int(chosen[row])]
            if ended.all():
                break
            states.say(chosen)
        return [Said(tuple(own), float(sums[row] / (len(own) + ended[row]))) for row, own in enumerate(ids)]

    def careful(
        self,
        prefix: Float[Array, "time width"],
        ending: Ending,
        banned: Callable[[list[int]], Iterable[int]],
        blind: Float[Array, "before width"] | None = None,
        guidance: float = 0.0,
    ) -> Said:
        """The likeliest text found in which some words do not occur: several are followed at once, so that one that would
        need such a word is given up for another, not for another word in its place.

        Args:
            prefix: (T, D) what comes before.
            ending: how texts end.
            banned: pieces that must not follow some pieces.
            blind, guidance: as in `greedy`.
        """
        states = _States(self, prefix[None], blind[None] if blind is not None and guidance > 0.0 else None)
        beams: list[tuple[float, float, list[int]]] = [(0.0, 0.0, [])]  # guided sum, plain sum, pieces
        done: list[tuple[float, Said]] = []
        for place in range(ending.most):
            log_probs = states.log_probs()
            scores = _guided(ending.allowed(log_probs, place), states.blind_log_probs(), guidance).copy()
            for row, (_, _, ids) in enumerate(beams):
                scores[row, list(banned(ids))] = -np.inf
            total = scores + np.array([own[0] for own in beams])[:, None]
            best = np.argsort(-total, axis=None, kind="stable")[: 2 * BEAMS]
            going: list[tuple[int, int]] = []
            for row, piece in (divmod(int(own), total.shape[1]) for own in best):
                if np.isfinite(total[row, piece]):
                    plain = beams[row][1] + float(log_probs[row, piece])
                    if piece == ending.end:
                        ids = beams[row][2]
                        done.append((total[row, piece] / (place + 1), Said(tuple(ids), plain / (place + 1))))
                    elif len(going) < BEAMS:
                        going.append((row, piece))
            if not going or len(done) >= BEAMS:
                break
            beams = [
                (float(total[row, piece]), beams[row][1] + float(log_probs[row, piece]), [*beams[row][2], piece])
                for row, piece in going
            ]
            states.keep([row for row, _ in going])
            states.say(np.array([piece for _, piece in going]))
        if not done:
            guided, plain, ids = beams[0]
            done = [(guided / max(1, len(ids)), Said(tuple(ids), plain / max(1, len(ids))))]
        return max(done, key=lambda own: own[0])[1]

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


class _States:
    """Sequences that are being written, and the same without motion where there is guidance."""

    def __init__(self, decoder: Decoder, prefix: Array, blind: Array | None) -> None:
        self._decoder = decoder
        self._seen = decoder.run(prefix)
        self._blind = decoder.run(blind) if blind is not None else None

    def __len__(self) -> int:
        """Rows."""
        return len(self._seen[0])

    def log_probs(self) -> Array:
        """(B, pieces) of what comes next."""
        return self._decoder.log_probs(self._seen[0][:, -1])

    def blind_log_probs(self) -> Array | None:
        """The same where no motion is shown."""
        return self._decoder.log_probs(self._blind[0][:, -1]) if self._blind is not None else None

    def say(self, pieces: Array) -> None:
        """Go on with a piece in each row."""
        vectors = self._decoder.words[pieces][:, None]
        self._seen = self._decoder.run(vectors, self._seen[1])
        if self._blind is not None:
            self._blind = self._decoder.run(vectors, self._blind[1])

    def keep(self, rows: list[int]) -> None:
        """Go on with these rows, of which some may be the same."""
        self._seen = self._seen[0][rows], self._seen[1][:, :, rows]
        if self._blind is not None:
            self._blind = self._blind[0][rows], self._blind[1][:, :, rows]


def _guided(log_probs: Array, blind: Array | None, guidance: float) -> Array:
    """Log probabilities drawn away from those without motion, of pieces that are not far less likely than the likeliest.

    Ho & Salimans, "Classifier-Free Diffusion Guidance", 2022; for language Sanchez et al., ICML 2024; the bound is that of
    Li et al., "Contrastive Decoding", ACL 2023.
    """
    if blind is None:
        return log_probs
    out = log_probs + guidance * (log_probs - blind)
    return np.where(log_probs < log_probs.max(axis=1, keepdims=True) + FAR, -np.inf, log_softmax(out, axis=1))
