"""What a large language model learns of motion: to go on with it, to answer about it, and to mean by it what words mean.

A row is a moment with one thing asked of it. Of every row the answer is learned, and the tokens of motion that follow one
another. What the model makes of the motion, pooled, has to meet one of its sentences among those of the whole step
(InfoNCE; van den Oord et al. 2018), and its concept's label among the labels of the step. Contrastive terms compare all rows
of all chunks and processes (`anywear.train.gradcache`); what is said of single rows rides along as numbers.

After AnyMo (arXiv 2605.22715), stage 4: captions, choices and both contrastive terms with weight 2 at temperature 0.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .._typing import Array
from ..errors import UsageError
from ..runtime.llm_prompt import Prompts, Shown
from .engine import LoopConfig
from .gradcache import Figures
from .language_motions import Moment
from .language_tasks import Example, caption_example, choice_example, label_texts, question_example
from .llm_model import MotionReader
from .losses import multi_positive

IGNORED = -100  # of targets, as torch's cross entropy has it
OTHERS = 12  # moments that wrong labels are taken from
KINDS = ("caption", "choice", "question")


@dataclass(frozen=True)
class ReadingConfig:
    """What rows are made of, and what is learned of them.

    Attributes:
        caption, choice, question: shares of rows.
        listed: share of choices that list what there is to choose from.
        no_motion: share of rows whose motion is not shown, so that the model knows what is likely anyway.
        untold: share of sensors whose place is not told.
        answer, motion: weights of the answer, and of the next token of motion.
        contrast, label: weights of the contrastive terms with sentences, and with labels.
        temperature: of both.
        sets: how often moments of each data set are drawn; 1 where nothing is said.
    """

    caption: float = 0.5
    choice: float = 0.25
    question: float = 0.25
    listed: float = 0.5
    no_motion: float = 0.1
    untold: float = 0.05
    answer: float = 1.0
    motion: float = 0.2
    contrast: float = 2.0
    label: float = 2.0
    temperature: float = 0.1
    sets: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shares = (self.caption, self.choice, self.question)
        weights = (self.answer, self.motion, self.contrast, self.label)
        if min(*shares, *weights, *self.sets.values()) < 0.0 or not sum(shares) or not sum(weights):
            raise UsageError(
                "Shares and weights are not negative, and one of each is above 0", where="[reading]",
                got=f"shares {shares}, weights {weights}",
            )  # fmt: skip
        if not self.temperature > 0.0:
            raise UsageError("A temperature is above 0", where="[reading] temperature", got=str(self.temperature))
        for name in ("listed", "no_motion", "untold"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise UsageError("A share is out of range", where=name, expected="0 to 1", got=str(getattr(self, name)))


@dataclass(frozen=True, eq=False)
class _Row:
    shown: Shown
    answer: list[int]
    seen: bool
    sentence: str
    label: str
    concept: int


class ReadingTask:
    """See `anywear.train.engine.Task` and `anywear.train.gradcache.Embeds`.

    Args:
        config: rows and weights.
        loop: of the training; its batch is the rows of a chunk.
        reader: the language model and what is added to it.
        prompts: writes sequences for it.
        moments: facts of motion.
        flat: tokens of each moment, as `anywear.runtime.tokens.MotionTokens.flat` gives them.
        context: positions of the language model's longest sequence.

    Raises:
        UsageError: there are no moments, or they are too long for the language model.
    """

    def __init__(
        self,
        config: ReadingConfig,
        loop: LoopConfig,
        reader: MotionReader,
        prompts: Prompts,
        moments: Sequence[Moment],
        flat: Sequence[Array],
        context: int = 1 << 20,
    ) -> None:
        if not moments or len(moments) != len(flat):
            raise UsageError("There is no motion to learn from", got=f"{len(moments)} moments, {len(flat)} of tokens")
        self.config, self.loop, self.module, self.prompts = config, loop, reader, prompts
        self.moments, self.flat, self._context = moments, flat, context - reader.config.soft
        index: dict[str, dict[str, list[int]]] = {}
        for number, own in enumerate(moments):
            index.setdefault(own.dataset, {}).setdefault(own.name, []).append(number)
        self._index = [[np.array(own) for own in names.values()] for _, names in sorted(index.items())]
        shares = np.array([config.sets.get(name, 1.0) for name in sorted(index)])
        if not shares.sum():
            raise UsageError("No data set is drawn from", where="[reading] sets", expected=", ".join(sorted(index)))
        self._shares = shares / shares.sum()
        kinds = np.array([config.caption, config.choice, config.question])
        self._kinds = kinds / kinds.sum()

    @property
    def contrasts(self) -> bool:
        """Whether sentences and labels are met at all."""
        return bool(self.config.contrast or self.config.label)

    def draw(self, rng: np.random.Generator) -> dict[str, Tensor]:
        """Rows of a chunk, filled up on the right."""
        rows = [self._row(rng) for _ in range(self.loop.batch)]
        data = self._sequences(rows)
        data["seen"] = torch.tensor([float(own.seen) for own in rows])
        data["concept"] = torch.tensor([own.concept for own in rows])
        if self.contrasts:
            labels = {own.concept: own.label for own in rows}
            texts = [own.sentence for own in rows] + list(labels.values())
            data["texts"], data["texts_mask"] = _filled(
                [self.prompts.sentence(text) for text in texts], self.prompts.end
            )
            data["sentence"] = torch.tensor([number_of(own.sentence) for own in rows])
            data["labels"] = torch.tensor(list(labels))
        return data

    def embed(self, data: dict[str, Tensor]) -> dict[str, Tensor]:
        hidden, logits = self.module(data["ids"], data["mask"], 0, data["places"])
        assert logits is not None
        target = data["target"]
        lost = F.cross_entropy(logits.float().flatten(0, 1), target.flatten(), ignore_index=IGNORED, reduction="none")
        lost = lost.view_as(target)
        out = {"seen": data["seen"], "concept": data["concept"]}
        for name, wanted in (("answer", ~data["is_motion"]), ("motion", data["is_motion"])):
            asked = (wanted & (target != IGNORED)).float()
            out[name] = (lost * asked).sum(dim=1) / asked.sum(dim=1).clamp(min=1.0)
        if self.contrasts:
            out["made"] = self.module.pooler(hidden, data["pooled"])
            states, _ = self.module(data["texts"], data["texts_mask"], 1, None)
            vectors = self.module.pooler(states, data["texts_mask"].bool())
            out["said"], out["called"] = vectors[: len(hidden)], vectors[len(hidden) :]
            out["sentence"], out["labels"] = data["sentence"], data["labels"]
        return out

    def loss_of(self, embeddings: dict[str, Tensor], rng: np.random.Generator) -> tuple[Tensor, Figures]:
        config, seen = self.config, embeddings["seen"] > 0
        answer = embeddings["answer"].mean()
        motion = embeddings["motion"].sum() / seen.sum().clamp(min=1)
        loss = config.answer * answer + config.motion * motion
        figures: Figures = {"answer": answer.detach(), "motion": motion.detach()}
        if self.contrasts and seen.sum() > 1:
            made, concept = embeddings["made"][seen] / config.temperature, embeddings["concept"][seen]
            said, sentence = embeddings["said"][seen], embeddings["sentence"][seen]
            contrast = sentences_met(made, said, sentence, concept)
            label, right = labels_met(made, concept, embeddings["called"], embeddings["labels"])
            loss = loss + config.contrast * contrast + config.label * label
            figures.update(contrast=contrast.detach(), label=label.detach(), named=right)
        return loss, figures

    def loss(self, data: dict[str, Tensor]) -> tuple[Tensor, Figures]:
        return self.loss_of(self.embed(data), np.random.default_rng(0))

    def _row(self, rng: np.random.Generator) -> _Row:
        number = self._moment(rng)
        moment, seen = self.moments[number], bool(rng.random() >= self.config.no_motion)
        segments = [None if rng.random() < self.config.untold else own for own in moment.segments]
        example = self._example(KINDS[int(rng.choice(len(KINDS), p=self._kinds))], moment, rng)
        flat = self.flat[number] if seen else self.flat[number][:0]
        shown, answer = self.prompts.shown(segments, flat, example.ask), self.prompts.answer(example.answer)
        if len(shown.ids) + len(answer) > self._context:
            raise UsageError(
                "A moment is too long for the language model", where=f"{moment.dataset}, {moment.seconds:g} s",
                expected=f"at most {self._context} tokens", got=str(len(shown.ids) + len(answer)),
                remedy="Make moments shorter: [moments] seconds",
            )  # fmt: skip
        sentence = moment.texts[int(rng.integers(len(moment.texts)))]
        called = label_texts(moment)
        return _Row(shown, answer, seen, sentence, called[int(rng.integers(len(called)))], number_of(moment.name))

    def _example(self, kind: str, moment: Moment, rng: np.random.Generator) -> Example:
        if kind == "caption":
            return caption_example(moment, rng)
        others = [self.moments[self._moment(rng)] for _ in range(OTHERS)]
        if kind == "choice":
            return choice_example(moment, others, rng, bool(rng.random() < self.config.listed))
        return question_example(moment, others, rng)

    def _moment(self, rng: np.random.Generator) -> int:
        names = self._index[int(rng.choice(len(self._index), p=self._shares))]
        own = names[int(rng.integers(len(names)))]
        return int(own[int(rng.integers(len(own)))])

    def _sequences(self, rows: Sequence[_Row]) -> dict[str, Tensor]:
        ids, mask = _filled([[*own.shown.ids, *own.answer] for own in rows], self.prompts.end)
        target, is_motion = torch.full_like(ids, IGNORED), torch.zeros_like(ids, dtype=torch.bool)
        pooled = torch.zeros_like(is_motion)
        for row, own in enumerate(rows):
            first, last = own.shown.motion
            pooled[row, first : last + 1] = True
            asked = len(own.shown.ids)
            target[row, asked - 1 : asked - 1 + len(own.answer)] = torch.tensor(own.answer)
            if own.seen:
                target[row, first:last] = ids[row, first + 1 : last + 1]
                is_motion[row, first:last] = True
        # Logits are made where some row needs them, which is what takes memory.
        places = (target != IGNORED).any(dim=0).nonzero()[:, 0]
        return {
            "ids": ids, "mask": mask, "places": places, "target": target[:, places],
            "is_motion": is_motion[:, places], "pooled": pooled,
        }  # fmt: skip


def sentences_met(made: Tensor, said: Tensor, sentence: Tensor, concept: Tensor) -> Tensor:
    """InfoNCE both ways; equal sentences are all right, other sentences of the same concept neither right nor wrong.

    Args:
        made: (N, D) embeddings of motion times the inverse temperature.
        said: (N, D) unit vectors of a sentence of each.
        sentence, concept: (N,) numbers that say which are the same.
    """
    logits = made @ said.T
    same = sentence[:, None] == sentence
    allowed = same | (concept[:, None] != concept)
    right = same.float()
    there = multi_positive(logits, right / right.sum(dim=1, keepdim=True), allowed)
    back = multi_positive(logits.T, (right / right.sum(dim=0, keepdim=True)).T, allowed.T)
    return 0.5 * (there + back)


def labels_met(made: Tensor, concept: Tensor, called: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Cross entropy of each motion's label among all that there are; wordings of one concept count as their mean.

    Args:
        made: (N, D) embeddings of motion times the inverse temperature.
        concept: (N,) which label is right.
        called: (L, D) unit vectors of labels; a concept may have several.
        labels: (L,) their concepts.

    Returns:
        The loss, and how often the right one is first.
    """
    names, which = labels.unique(return_inverse=True)
    share = F.one_hot(which, len(names)).to(called.dtype)
    vectors = F.normalize(share.T @ called, dim=-1)
    logits, right = made @ vectors.T, torch.searchsorted(names, concept)
    return F.cross_entropy(logits, right), (logits.detach().argmax(dim=1) == right).float().mean()


def number_of(text: str) -> int:
    """A number for a text, the same in every process."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "little")


def _filled(rows: Sequence[Sequence[int]], end: int) -> tuple[Tensor, Tensor]:
    """Ids (N, T), and where they are (N, T)."""
    ids = torch.full((len(rows), max(len(own) for own in rows)), end)
    mask = torch.zeros_like(ids)
    for row, own in enumerate(rows):
        ids[row, : len(own)], mask[row, : len(own)] = torch.tensor(own), 1
    return ids, mask
