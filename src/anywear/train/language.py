"""Training of the language model: words alone first, then words about motion.

A row is a sequence: a caption without motion, or a moment with one thing asked of it. Of every row the words that answer are
learned; of motion the ids that follow; and what a moment's hidden states say together is drawn to the vector of one of its
sentences (InfoNCE; van den Oord et al. 2018). Shares and weights are settings, and each can be 0.

After AnyMo (arXiv 2605.22715), stage 4: embeddings of codes projected from the codebooks, next-token prediction of motion,
captions, multiple choice and contrastive terms together, a prompt that names the sensors, learned soft vectors.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..bodygraph import SEGMENT_INDEX, SEGMENT_NAMES
from ..errors import UsageError
from ..motion.generate import PROGRAMS
from ..nn.language import LanguageConfig, LanguageModel
from ..runtime.codes import Codes
from ..runtime.language.pieces import MARKS, Pieces, plain
from .engine import LoopConfig
from .gradcache import Figures
from .language_motions import Moment
from .language_tasks import Example, caption_example, choice_example, question_example
from .synthetic import EVERYDAY
from .vocabulary import SIMULATED

PLACES = SEGMENT_NAMES  # of the table of places, from row 1 on; row 0 is worn somewhere
IGNORED = -100
MOST_PIECES = 40  # of a text in training; longer ones are cut
OTHERS = 12  # moments that wrong labels are taken from
LIKE = 4  # batches drawn at once, of which one is taken


@dataclass(frozen=True)
class ObjectivesConfig:
    """What rows are made of, and what is learned of them.

    Attributes:
        text, caption, choice, question: shares of rows; those of `text` have no motion.
        listed: share of choices that list what there is to choose from.
        no_motion: share of the other rows whose motion is not shown, so that the model knows what is likely anyway.
        untold: share of sensors whose place is not told.
        motion: weight of the next ids of motion.
        contrast: weight of the contrastive term.
        temperature: of it.
        everyday: share of generated moments drawn from what people do most of the day; the others are drawn from all.
        sets: how often moments of each data set are drawn; 1 where nothing is said.
    """

    text: float = 0.2
    caption: float = 0.4
    choice: float = 0.2
    question: float = 0.2
    listed: float = 0.4
    no_motion: float = 0.1
    untold: float = 0.05
    motion: float = 0.15
    contrast: float = 0.5
    temperature: float = 0.07
    everyday: float = 0.0
    sets: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shares = (self.text, self.caption, self.choice, self.question)
        weights = (self.motion, self.contrast, *self.sets.values())
        if min(*shares, *weights) < 0.0 or sum(shares) <= 0.0 or self.temperature <= 0.0:
            raise UsageError(
                "Shares and weights of a training are not negative, and one share is above 0", where="[objectives]",
                got=f"{shares}, {weights}, temperature {self.temperature:g}",
            )  # fmt: skip
        for name in ("listed", "no_motion", "untold", "everyday"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise UsageError("A share is out of range", where=name, expected="0 to 1", got=str(getattr(self, name)))


@dataclass(frozen=True, eq=False)
class Motions:
    """Moments as ids, and what is known of them.

    Attributes:
        moments: the facts.
        ids: (instants, books) of each.
        codes: the codebooks.
        vectors: (texts, 384) unit vectors of all their texts.
        numbers: text to row of `vectors`.
    """

    moments: Sequence[Moment]
    ids: Sequence[np.ndarray]
    codes: Codes
    vectors: np.ndarray
    numbers: dict[str, int]


class LanguageTask:
    """See `anywear.train.engine.Task`.

    Args:
        config: of rows and weights.
        loop: of the training; its batch is the number of rows.
        model: dimensions, or weights to go on from.
        pieces: words as ids.
        texts: captions without motion.
        motions: moments; none for a training on words alone.
    """

    def __init__(
        self,
        config: ObjectivesConfig,
        loop: LoopConfig,
        model: LanguageConfig | LanguageModel,
        pieces: Pieces,
        texts: Sequence[str],
        motions: Motions | None = None,
    ) -> None:
        self.config, self.loop, self.pieces, self.motions = config, loop, pieces, motions
        torch.manual_seed(loop.seed)  # of the first weights
        self.module = model if isinstance(model, LanguageModel) else LanguageModel(model)
        self._texts = [self._cut(text) for text in texts]
        self._kinds = ("text", "caption", "choice", "question")
        shares = np.array([getattr(config, kind) for kind in self._kinds])
        if motions is None:
            shares = np.array([1.0, 0.0, 0.0, 0.0])
        elif isinstance(model, LanguageConfig) or not bool(self.module.vector_mean.any()):  # type: ignore[operator]
            drawn = [motions.codes.decode(own) for own in motions.ids[:: max(1, len(motions.ids) // 2000)]]
            self.module.fit_scale(torch.from_numpy(np.concatenate(drawn)).float())
        if shares[0] > 0 and not self._texts:
            raise UsageError("There are no texts to train on", where="[objectives] text", got=str(config.text))
        self._shares = shares / shares.sum()
        self._index = _index(motions.moments) if motions is not None else {}
        moments: Sequence[Moment] = motions.moments if motions is not None else []
        usual = {PROGRAMS[name].label for name in EVERYDAY}
        self._everyday = [own for own in self._index.get(SIMULATED, []) if moments[own[0]].label in usual]
        sets = sorted(self._index)
        weights = np.array([config.sets.get(name, 1.0) for name in sets])
        self._sets, self._set_shares = sets, weights / weights.sum() if len(sets) else weights

    def draw(self, rng: np.random.Generator) -> dict[str, Tensor]:
        """A batch of rows, padded at their ends."""
        count = self.loop.batch
        rows = [self._row(self._kinds[int(rng.choice(4, p=self._shares))], rng) for _ in range(LIKE * count)]
        # Rows of like length make a batch with little padding; every row has the same chance to be in it.
        rows.sort(key=lambda own: len(own.places) + _instants(own) + len(own.words))
        first = int(rng.integers(LIKE)) * count
        return batch_of(
            rows[first : first + count], self.module.config, self.motions.codes if self.motions is not None else None
        )

    def loss(self, data: dict[str, Tensor]) -> tuple[Tensor, Figures]:
        hidden, _ = self.module(sequence_of(self.module, data))
        words = words_loss(self.module, hidden, data)
        loss = words
        figures: Figures = {"words": words.detach()}
        if self.motions is None:
            return loss, figures
        known = data["next_codes"][..., 0] != IGNORED
        if self.config.motion and known.any():
            logits = self.module.code_logits(hidden[known])
            ids = data["next_codes"][known]
            motion = torch.stack([F.cross_entropy(own.float(), ids[:, book]) for book, own in enumerate(logits)]).mean()
            loss, figures["motion"] = loss + self.config.motion * motion, motion.detach()
        if self.config.contrast:
            made, asked, same = self._contrasted(hidden, data)
            if len(made) > 1:
                logits = (made @ asked.T / self.config.temperature).masked_fill(same, -1e4)
                right = torch.arange(len(made), device=logits.device)
                contrast = 0.5 * (F.cross_entropy(logits, right) + F.cross_entropy(logits.T, right))
                loss = loss + self.config.contrast * contrast
                figures["contrast"] = contrast.detach()
                figures["matched"] = (logits.argmax(dim=1) == right).float().mean()
        return loss, figures

    def _contrasted(self, hidden: Tensor, data: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Unit vectors of the rows with motion, of one sentence of each, and which others are called the same."""
        assert self.motions is not None
        rows = (data["text"] >= 0).nonzero()[:, 0]
        made = pooled(self.module, hidden[rows], data["pooled"][rows])
        asked = torch.from_numpy(self.motions.vectors).to(made.device)[data["text"][rows]]
        names, texts = data["name"][rows], data["text"][rows]
        same = (names[:, None] == names[None]) | (texts[:, None] == texts[None])
        same.fill_diagonal_(False)
        return made, asked, same

    def _row(self, kind: str, rng: np.random.Generator) -> Row:
        if kind == "text" or self.motions is None:
            return text_row(self.pieces, self._texts[int(rng.integers(len(self._texts)))])
        number = self._moment(rng)
        moment = self.motions.moments[number]
        hidden = rng.random() < self.config.no_motion
        segments = tuple(None if rng.random() < self.config.untold else own for own in moment.segments)
        others = [self.motions.moments[self._moment(rng)] for _ in range(OTHERS)] if kind != "caption" else []
        if kind == "caption":
            example = caption_example(moment, rng)
        elif kind == "choice":
            example = choice_example(moment, others, rng, bool(rng.random() < self.config.listed))
        else:
            example = question_example(moment, others, rng)
        said = example.answer if example.task == "caption" else moment.texts[int(rng.integers(len(moment.texts)))]
        text = self.motions.numbers.get(said, -1)
        name = hash_of(moment.name)
        return example_row(
            self.pieces, example, segments, self.motions.ids[number][: 0 if hidden else None], text, name
        )

    def _moment(self, rng: np.random.Generator) -> int:
        name = self._sets[int(rng.choice(len(self._sets), p=self._set_shares))]
        own = self._index[name]
        if name == SIMULATED and self._everyday and rng.random() < self.config.everyday:
            own = self._everyday
        label = own[int(rng.integers(len(own)))]
        return int(label[int(rng.integers(len(label)))])

    def _cut(self, text: str) -> list[int]:
        return self.pieces.encode(text)[:MOST_PIECES]


@dataclass(frozen=True, eq=False)
class Row:
    """One sequence behind the soft vectors.

    Attributes:
        places: rows of the table of places.
        ids: (instants, books) of motion.
        words: marks and pieces behind the motion, the answer and its end last.
        answer: how many of them are the answer and its end.
        text: number of the sentence that the motion is drawn to, -1 for none; name: of the concept.
    """

    places: list[int]
    ids: np.ndarray | None
    words: list[int]
    answer: int
    text: int = -1
    name: int = 0


def text_row(pieces: Pieces, text: list[int]) -> Row:
    """A caption without motion."""
    return Row([], None, [pieces.caption, *text, pieces.end], len(text) + 1)


def example_row(
    pieces: Pieces,
    example: Example,
    segments: Sequence[str | None],
    ids: np.ndarray,
    text: int = -1,
    name: int = 0,
) -> Row:
    """A moment, and what is asked of it."""
    answer = [*pieces.encode(example.answer)[:MOST_PIECES], pieces.end]
    if example.listed:
        asked = [pieces.ask, *pieces.encode(example.ask), pieces.answer]
    else:
        asked = [pieces.caption if example.task == "caption" else pieces.choose]
    places = sorted(0 if own is None else 1 + SEGMENT_INDEX[own] for own in segments)
    return Row(places, ids if len(ids) else None, [*asked, *answer], len(answer), text if len(ids) else -1, name)


def batch_of(rows: Sequence[Row], config: LanguageConfig, codes: Codes | None) -> dict[str, Tensor]:
    """Rows as tensors, (B, T) and more, padded at their ends; see `sequence_of`."""
    first_mark = config.pieces - len(MARKS)
    marks = first_mark + MARKS.index("<motion>"), first_mark + MARKS.index("</motion>")
    lengths = [config.soft + len(own.places) + 2 + _instants(own) + len(own.words) for own in rows]
    shape = (len(rows), max(lengths))
    books = len(config.code_sizes)
    words, is_word = np.zeros(shape, np.int64), np.zeros(shape, bool)
    places, is_place = np.zeros(shape, np.int64), np.zeros(shape, bool)
    vectors, is_motion = np.zeros((*shape, config.code_width), np.float32), np.zeros(shape, bool)
    next_words, next_codes = np.full(shape, IGNORED, np.int64), np.full((*shape, books), IGNORED, np.int64)
    pooled_at = np.zeros(shape, np.float32)
    for row, own in enumerate(rows):
        at = config.soft
        places[row, at : at + len(own.places)], is_place[row, at : at + len(own.places)] = own.places, True
        at += len(own.places)
        first, count = at + 1, _instants(own)
        words[row, at], is_word[row, at] = marks[0], True
        if own.ids is not None and codes is not None:
            vectors[row, first : first + count], is_motion[row, first : first + count] = codes.decode(own.ids), True
            next_codes[row, at : at + count] = own.ids
            pooled_at[row, first : first + count + 1] = 1.0
        at = first + count
        words[row, at], is_word[row, at] = marks[1], True
        words[row, at + 1 : at + 1 + len(own.words)] = own.words
        is_word[row, at + 1 : at + 1 + len(own.words)] = True
        end = at + 1 + len(own.words)
        next_words[row, end - own.answer - 1 : end - 1] = own.words[-own.answer :]
    arrays = {
        "words": words, "is_word": is_word, "places": places, "is_place": is_place, "vectors": vectors,
        "is_motion": is_motion, "next_words": next_words, "next_codes": next_codes, "pooled": pooled_at,
        "text": np.array([own.text for own in rows]), "name": np.array([own.name for own in rows]),
    }  # fmt: skip
    return {name: torch.from_numpy(own) for name, own in arrays.items()}


def sequence_of(model: LanguageModel, data: dict[str, Tensor]) -> Tensor:
    """(B, T, D) what goes into the transformer."""
    x = model.of_words(data["words"]) * data["is_word"][..., None]
    x = x + model.places[data["places"]] * data["is_place"][..., None]
    if data["is_motion"].any():
        x = x + model.of_motion(data["vectors"]) * data["is_motion"][..., None]
    soft = model.soft.expand(len(x), -1, -1)
    return torch.cat([soft.to(x.dtype), x[:, soft.shape[1] :]], dim=1)


def words_loss(model: LanguageModel, hidden: Tensor, data: dict[str, Tensor]) -> Tensor:
    """Mean cross entropy of the words that answer, nats per piece."""
    asked = data["next_words"] != IGNORED
    return F.cross_entropy(model.word_logits(hidden[asked]).float(), data["next_words"][asked])


def pooled(model: LanguageModel, hidden: Tensor, at: Tensor) -> Tensor:
    """Unit vectors (B, 384) of the mean of hidden states (B, T, D) over the places (B, T) that are 1."""
    mean = (hidden.float() * at[..., None]).sum(dim=1) / at.sum(dim=1, keepdim=True).clamp(min=1.0)
    return F.normalize(model.pooled(mean).float(), dim=-1)


def motions_of(moments: Sequence[Moment], tokens: Any, encode_texts: Callable[[Sequence[str]], np.ndarray]) -> Motions:
    """Moments as ids, with the vectors of all their texts.

    Args:
        moments: as read by the encoder.
        tokens: `anywear.runtime.tokens.MotionTokens`.
        encode_texts: texts to unit vectors, as `anywear.Model.encode_texts`.
    """
    ids = tokens.encode_latents([own.latents.astype(np.float32) for own in moments])
    texts = list(dict.fromkeys(text for own in moments for text in own.texts))
    return Motions(moments, ids, tokens.codes, encode_texts(texts), {text: row for row, text in enumerate(texts)})


def fingerprint(config: ObjectivesConfig, loop: LoopConfig, model: LanguageConfig, facts: Sequence[str]) -> str:
    """Short hash of everything a checkpoint depends on."""
    told = {"objectives": asdict(config), "loop": loop.identity(), "model": model.to_dict(), "facts": list(facts)}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def hash_of(text: str) -> int:
    """A number that is the same wherever it is worked out."""
    return int.from_bytes(hashlib.sha256(plain(text).encode()).digest()[:6], "little")


def _instants(row: Row) -> int:
    return 0 if row.ids is None else len(row.ids)


def _index(moments: Sequence[Moment]) -> dict[str, list[np.ndarray]]:
    """Data set to moments by label."""
    found: dict[str, dict[str, list[int]]] = {}
    for number, own in enumerate(moments):
        found.setdefault(own.dataset, {}).setdefault(own.label, []).append(number)
    return {name: [np.array(own) for own in labels.values()] for name, labels in sorted(found.items())}
