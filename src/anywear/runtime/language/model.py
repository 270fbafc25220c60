"""A language model that reads motion: sentences, answers and choices about windows of a recording. No torch.

>>> language = Language("my-model")                                                # doctest: +SKIP
>>> language.caption(windows, placements)[0].text                                  # doctest: +SKIP
'a person walks forward'
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.special import log_softmax, logsumexp

from ..._typing import Array, Float
from ...errors import ArtefactError, UsageError
from ...placement import Placement
from ...signal import Window
from ..labels import LabelSet
from ..model import WEIGHTS_DIR
from ..tokens import ABOUT as TOKENS_ABOUT
from ..tokens import MotionTokens
from .artefact import ABOUT, GRAPH, PIECES, TABLES, LanguageAbout, Tables
from .decoding import ROWS, Decoder, Ending
from .pieces import Pieces
from .stillness import check_windows, is_still, most_said, said_of_still
from .telling import Unspoken

MOST_PIECES = 48  # of a caption or an answer
EMBEDDED_AT_ONCE = 512  # sentences whose vectors wait in memory together
UNSEEN = np.zeros((0, 1), dtype=np.int64)  # ids of motion that is not shown
UNKNOWN_PLACE = 0  # row of the table of places
BROKEN = "\ufffd"  # pieces of letters that do not make a letter
DOING = re.compile(r"\w+ing\b")


@dataclass(frozen=True)
class Caption:
    """What is said of a window.

    Attributes:
        text: a sentence, or `NO_MOTION`.
        log_prob: mean log probability of its pieces; 0 where the signal alone decided.
        cautious_left_out: words of body parts that would have been said, had a sensor been near enough to tell.
    """

    text: str
    log_prob: float
    cautious_left_out: tuple[str, ...] = ()

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        return {
            "text": self.text,
            "log_prob": round(self.log_prob, 4),
            "cautious_left_out": list(self.cautious_left_out),
        }


class Language:
    """The language model.

    Args:
        folder: of the language model; the weights of the package by default.
        tokens: the motion tokens that it reads; those beside it, or of the package, by default.
        threads: per session.

    Raises:
        ArtefactError: something is missing or damaged, or the language model reads other motion tokens.
    """

    def __init__(self, folder: str | Path | None = None, tokens: MotionTokens | None = None, threads: int = 1) -> None:
        self.folder = Path(folder) if folder is not None else WEIGHTS_DIR
        self.about = LanguageAbout.load(self.folder / ABOUT)
        if tokens is None:
            tokens = MotionTokens(self.folder if (self.folder / TOKENS_ABOUT).is_file() else None, threads)
        self.tokens = tokens
        if tokens.sha256 != self.about.tokens:
            raise ArtefactError(
                "The language model reads the tokens of another tokenizer", where=str(self.folder),
                expected=self.about.tokens, got=f"{tokens.sha256} in {tokens.folder}",
                remedy="Give the tokenizer it was trained with, or train it again",
            )  # fmt: skip
        self._threads = threads
        self._rows = {name: number for number, name in enumerate(self.about.places, start=1)}
        self._priors: dict[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]], Array] = {}

    @cached_property
    def pieces(self) -> Pieces:
        """Words as ids."""
        return Pieces(self.folder / PIECES)

    @cached_property
    def _tables(self) -> Tables:
        tables = Tables.load(self.folder / TABLES)
        if len(tables.words) != len(self.pieces):
            raise ArtefactError(
                "The language model's pieces are not those of its table", where=str(self.folder),
                expected=str(len(tables.words)), got=str(len(self.pieces)),
            )  # fmt: skip
        return tables

    @cached_property
    def _decoder(self) -> Decoder:
        config = self.about.config
        shape = (config["layers"], config["heads"], config["width"] // config["heads"])
        return Decoder(self.folder / GRAPH, self._tables.words, shape, self._threads)

    @cached_property
    def _wordings(self) -> tuple[list[str], Array]:
        """What programs of the generator are called, where that says what is being done, and unit vectors of it."""
        texts, vectors = self.tokens.model.wordings
        able = [number for number, text in enumerate(texts) if DOING.match(text)]
        return [texts[number] for number in able], vectors[able]

    def verify(self) -> None:
        """Check every file against its recorded SHA-256. Raises ArtefactError where one differs."""
        for name, expected in self.about.files.items():
            path = self.folder / name
            got = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "no file"
            if got != expected:
                raise ArtefactError("A language model's file is damaged", where=str(path), expected=expected, got=got)

    def notes(self, placements: Sequence[Placement]) -> list[str]:
        """What keeps the model from its best on sensors worn so."""
        return [
            f"{own.name}: the language model has not learned from sensors worn there; read as worn anywhere"
            for own in placements
            if own.segment is not None and own.segment not in self._rows
        ]

    def caption(
        self, windows: Sequence[Window], placements: Sequence[Placement], *, cautious: bool = False, motion: bool = True
    ) -> list[Caption]:
        """A sentence for each window.

        Args:
            windows: at the model's rate; their streams index `placements`.
            placements: one per stream of the recording.
            cautious: leave out words of body parts that no sensor is near enough to tell of, and say which.
            motion: False hides the motion from the model, which then says what is likely anyway.

        Raises:
            UsageError: a window shorter than the model can read, or without a sensor.
        """
        check_windows(windows, self.tokens.model.config.rate_hz)
        still = said_of_still(self.tokens.model, windows, placements) if motion else {}
        moving = [number for number in range(len(windows)) if number not in still]
        found = [windows[number] for number in moving]
        worn = [[placements[stream] for stream in own.streams] for own in found]
        if motion:
            vectors, latents = self.tokens.model.read_windows(found, placements)
            ids = self.tokens.encode_latents(latents)
        else:
            vectors, ids = None, [UNSEEN] * len(found)
        said = self.caption_ids(ids, worn, vectors, cautious=cautious)
        told = {number: Caption(text, 0.0) for number, text in still.items()} | dict(zip(moving, said, strict=True))
        return [told[number] for number in range(len(windows))]

    def caption_ids(
        self,
        ids: Sequence[Array],
        placements: Sequence[Sequence[Placement]],
        vectors: Float[Array, "sentences features"] | None = None,
        *,
        cautious: bool = False,
    ) -> list[Caption]:
        """A sentence for each sentence of motion tokens.

        Args:
            ids: (instants, books) each, as `anywear.runtime.tokens.MotionTokens` gives them; none hides the motion.
            placements: of the sensors of each.
            vectors: (N, 384) what the encoder makes of the same motion, where it is known; drafts are held against it.
            cautious: as in `caption`.
        """
        prefixes = [self._prefix(own, worn, (self.pieces.caption,)) for own, worn in zip(ids, placements, strict=True)]
        blind = [self._prefix(own[:0], worn, (self.pieces.caption,)) for own, worn in zip(ids, placements, strict=True)]
        drafted: list[int] = []
        plain: list[int] = []
        for number, own in enumerate(ids):
            (drafted if len(own) and self.about.drafts else plain).append(number)
        out = [Caption("", 0.0)] * len(ids)
        said = self._greedy([prefixes[number] for number in plain], [blind[number] for number in plain])
        for number, (text, log_prob) in zip(plain, said, strict=True):
            out[number] = Caption(text, log_prob)
        for number in drafted:
            hidden, _ = self._decoder.run(prefixes[number][None, :-1])
            towards = self._embedded(hidden[0], len(ids[number]))
            if vectors is not None:
                towards = 0.5 * (towards + vectors[number])
            worn = placements[number] if cautious else None
            out[number] = self._drafted(prefixes[number], blind[number], towards, worn)
        for number, worn in enumerate(placements) if cautious else ():
            unspoken = Unspoken(self.pieces, _segments(worn))
            if wanted := unspoken.said(out[number].text):
                own = self._decoder.careful(
                    prefixes[number], self._ending, unspoken.next, blind[number], self.about.guidance
                )
                out[number] = Caption(self.pieces.decode(list(own.ids)).strip(), own.log_prob, wanted)
        return out

    def _drafted(
        self, prefix: Array, blind: Array, towards: Float[Array, " features"], worn: Sequence[Placement] | None
    ) -> Caption:
        """The draft, or plain wording, that tells best of the motion; see `Drafting.scores`.

        Args:
            prefix, blind: what comes before, with motion and without.
            towards: vector of the motion.
            worn: sensors that have to vouch for every word, where that is asked; drafts that need others come last.
        """
        how = self.about.drafts
        assert how is not None
        drafts = self._decoder.drafts(prefix, self._ending, how, blind, self.about.guidance)
        texts = [self.pieces.decode(list(own)).strip() for own in drafts]
        texts = [text for text in texts if text and BROKEN not in text]
        wordings, vectors = self._wordings
        texts += [wordings[number] for number in np.argsort(-(vectors @ towards), kind="stable")[: how.wordings]]
        texts = list(dict.fromkeys(_sentence(text) for text in texts))
        ids = [(*self.pieces.encode(text), self.pieces.end) for text in texts]
        likely = self._decoder.likely(prefix, ids)
        score = how.scores(self.tokens.model.encode_texts(texts), towards, likely)
        order = np.argsort(-score, kind="stable").tolist()
        wanted: tuple[str, ...] = ()
        if worn is not None:
            unspoken = Unspoken(self.pieces, _segments(worn))
            wanted = unspoken.said(texts[order[0]])
            order.sort(key=lambda number: bool(unspoken.said(texts[number])))
        return Caption(texts[order[0]], float(likely[order[0]]), wanted)

    def choose(
        self,
        windows: Sequence[Window],
        placements: Sequence[Placement],
        labels: LabelSet | Sequence[str] | dict[str, str],
    ) -> Float[Array, "windows labels"]:
        """Log probabilities (N, K) of labels, given that one of them is right.

        A label scores by how much likelier motion makes its words: mean log probability per piece, less a share of what it
        is without motion.

        Raises:
            UsageError: labels or windows that cannot be.
        """
        worn = [[placements[stream] for stream in own.streams] for own in windows]
        return self.choose_ids(self._ids(windows, placements), worn, labels)

    def choose_ids(
        self,
        ids: Sequence[Array],
        placements: Sequence[Sequence[Placement]],
        labels: LabelSet | Sequence[str] | dict[str, str],
    ) -> Float[Array, "windows labels"]:
        """`choose` for sentences of motion tokens; see `caption_ids`."""
        asked = LabelSet.of(labels)
        texts = [tuple((*self.pieces.encode(text), self.pieces.end) for text in own) for own in asked.texts]
        flat = tuple(own for texts_of_one in texts for own in texts_of_one)
        ends = np.cumsum([len(own) for own in texts])[:-1]
        out = np.zeros((len(ids), len(texts)))
        for row, (own, worn) in enumerate(zip(ids, placements, strict=True)):
            likely = self._decoder.likely(self._prefix(own, worn, (self.pieces.choose,)), flat)
            score = self.about.scale * (likely - self.about.prior * self._prior(worn, flat))
            out[row] = [logsumexp(part) - np.log(len(part)) for part in np.split(score, ends)]
        return log_softmax(out, axis=1) if len(out) else out

    def answer(self, windows: Sequence[Window], placements: Sequence[Placement], question: str) -> str:
        """An answer in words to a question about windows; of the answers for each, the one that is likeliest in sum.

        Raises:
            UsageError: no windows, or a question that is none.
        """
        if not windows:
            raise UsageError("There is no window to ask about", remedy="Give a recording of at least 1 s")
        check_windows(windows, self.tokens.model.config.rate_hz)
        moving = [window for window in windows if not is_still(window)]
        worn = [[placements[stream] for stream in window.streams] for window in moving]
        answers = self.answer_ids(self._ids(moving, placements), worn, question)
        return most_said(answers, len(windows) - len(moving))

    def answer_ids(
        self, ids: Sequence[Array], placements: Sequence[Sequence[Placement]], question: str
    ) -> list[tuple[str, float]]:
        """An answer and its mean log probability per piece for each sentence of motion tokens; see `caption_ids`."""
        asked = (self.pieces.ask, *self.pieces.encode(question), self.pieces.answer)
        prefixes = [self._prefix(own, worn, asked) for own, worn in zip(ids, placements, strict=True)]
        return self._greedy(prefixes, None)

    def likely_ids(
        self, ids: Array, placements: Sequence[Placement], captions: Sequence[str]
    ) -> Float[Array, " captions"]:
        """Mean log probability per piece of captions of one sentence of motion tokens; see `caption_ids`."""
        texts = [(*self.pieces.encode(own), self.pieces.end) for own in captions]
        return self._decoder.likely(self._prefix(ids, placements, (self.pieces.caption,)), texts)

    def embed(self, windows: Sequence[Window], placements: Sequence[Placement]) -> Float[Array, "windows features"]:
        """Unit vectors (N, 384) in the space of `anywear.Model.encode_texts`."""
        worn = [[placements[stream] for stream in window.streams] for window in windows]
        return self.embed_ids(self._ids(windows, placements), worn)

    def embed_ids(
        self, ids: Sequence[Array], placements: Sequence[Sequence[Placement]]
    ) -> Float[Array, "sentences features"]:
        """A unit vector for each sentence of motion tokens; see `caption_ids` and `embed`."""
        out = np.zeros((len(ids), len(self._tables.pooled[1])), dtype=np.float32)
        for start in range(0, len(ids), EMBEDDED_AT_ONCE):
            part = range(start, min(start + EMBEDDED_AT_ONCE, len(ids)))
            prefixes = [self._prefix(ids[number], placements[number], ()) for number in part]
            for numbers in _alike(prefixes):
                hidden, _ = self._decoder.run(np.stack([prefixes[number] for number in numbers]))
                for number, own in zip(numbers, hidden, strict=True):
                    out[start + number] = self._embedded(own, len(ids[start + number]))
        return out

    def _embedded(self, hidden: Float[Array, "time width"], instants: int) -> Float[Array, " features"]:
        """Unit vector of hidden states that end with the mark behind the motion: of these instants and that mark."""
        return self._tables.embedded(hidden[len(hidden) - instants - 1 :].mean(axis=0)[None])[0]

    def _ids(self, windows: Sequence[Window], placements: Sequence[Placement]) -> list[Array]:
        check_windows(windows, self.tokens.model.config.rate_hz)
        return self.tokens.encode_windows(windows, placements) if windows else []

    def _prefix(self, ids: Array, worn: Sequence[Placement], asked: Sequence[int]) -> Float[Array, "time width"]:
        """Vectors of what comes before words: soft ones, places, motion between its marks, what is asked."""
        tables, pieces = self._tables, self.pieces
        places = sorted(self._rows.get(own.segment or "", UNKNOWN_PLACE) for own in worn)
        motion = tables.of_motion(self.tokens.codes.decode(ids)) if len(ids) else tables.soft[:0]
        parts = [
            tables.soft, tables.places[places], tables.words[[pieces.motion]], motion, tables.words[[pieces.motion_end]],
            tables.words[np.asarray(asked, dtype=np.int64)],
        ]  # fmt: skip
        return np.concatenate(parts).astype(np.float32)

    def _prior(self, worn: Sequence[Placement], texts: tuple[tuple[int, ...], ...]) -> Array:
        """How likely texts are on sensors worn so, motion unseen; worked out once."""
        key = tuple(sorted(self._rows.get(own.segment or "", UNKNOWN_PLACE) for own in worn)), texts
        if key not in self._priors:
            self._priors[key] = self._decoder.likely(self._prefix(UNSEEN, worn, (self.pieces.choose,)), texts)
        return self._priors[key]

    @property
    def _ending(self) -> Ending:
        return Ending(self.pieces.end, MOST_PIECES, self.pieces.count)

    def _greedy(self, prefixes: Sequence[Array], blind: Sequence[Array] | None) -> list[tuple[str, float]]:
        """Text and log probability after each prefix; ``blind`` are those without motion, for guidance."""
        out: list[tuple[str, float]] = [("", 0.0)] * len(prefixes)
        for numbers in _alike(prefixes, blind):
            stacked = np.stack([prefixes[number] for number in numbers])
            unseen = np.stack([blind[number] for number in numbers]) if blind is not None else None
            own = self._decoder.greedy(stacked, self._ending, unseen, self.about.guidance)
            for number, said in zip(numbers, own, strict=True):
                out[number] = (self.pieces.decode(list(said.ids)).strip(), said.log_prob)
        return out


def _alike(prefixes: Sequence[Array], blind: Sequence[Array] | None = None) -> list[list[int]]:
    """Numbers of sequences of one length, with motion and without, at most `ROWS` together."""
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, own in enumerate(prefixes):
        groups[len(own), len(blind[number]) if blind is not None else 0].append(number)
    return [own[start : start + ROWS] for own in groups.values() for start in range(0, len(own), ROWS)]


def _sentence(text: str) -> str:
    """Words for what is being done as a sentence."""
    return f"a person is {text}" if DOING.match(text) else text


def _segments(worn: Sequence[Placement]) -> list[str]:
    return [own.segment for own in worn if own.segment is not None]
