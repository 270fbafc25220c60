"""Alignment of motion with words: windows, real and simulated, meet the wordings of their concepts and their sentences.

Every step draws one wording per concept. A window's logits are its cosines to all of them over a learned temperature; those
neither right nor wrong for it (see `anywear.train.concepts`) are left out. A second term asks the same among the concepts of
the window's own data set only, which is the question asked at test time. Windows of takes about which something is said also
have to find that sentence, and it them. Where a batch shows every stretch twice, by different streams, the latents of one
view have to foretell those of the other; patches hidden from the first make that masked modelling.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch

from ..nn.encoder import EncoderConfig, MotionEncoder
from ..runtime.text import TextTower
from ..runtime.textspace import TextSpace
from .concepts import ConceptTable, build_table
from .corpus import Take
from .engine import LoopConfig
from .losses import LEFT_OUT, multi_positive, sentence_loss, sequence_loss
from .sampler import AugmentConfig, Batch, Sampler


@dataclass(frozen=True)
class AlignConfig:
    """One training of the first kind, as its file says it.

    Attributes:
        sets: data sets trained on, with their share of the draws.
        rate_hz: rate of the model.
        own_set_weight: weight of the term within the data set's own labels.
        sentence_weight: of the term that matches windows with sentences.
        pair_weight: of the term that foretells one view's latents from another's, in paired batches.
        text_strength, text_floor: see `TextSpace.fit`.
        excluded: (data set, label) pairs not trained on.
        encoder, augment, loop: configurations of the parts.
    """

    sets: dict[str, float]
    rate_hz: float = 25.0
    own_set_weight: float = 0.5
    sentence_weight: float = 0.0
    pair_weight: float = 0.0
    text_strength: float = 1.0
    text_floor: float = 0.1
    excluded: tuple[tuple[str, str], ...] = ()
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)

    def fingerprint(self) -> str:
        """Short hash of everything a checkpoint depends on."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


class AlignTask:
    """See `anywear.train.engine.Task`.

    Args:
        config: the training's.
        takes: labelled takes of its data sets.
        tower: sentence encoder.
        captions: further sentences to fit the text space to.
    """

    def __init__(self, config: AlignConfig, takes: list[Take], tower: TextTower, captions: list[str]) -> None:
        self.config = config
        labels: dict[str, set[str]] = {}
        for take in takes:
            labels.setdefault(take.dataset, set()).update(label for _, _, label in take.spans)
        labels = {
            name: {word for word in words if (name, word) not in config.excluded} for name, words in labels.items()
        }
        self.table: ConceptTable = build_table(labels)
        self.sampler = Sampler(
            takes, self.table, config.rate_hz, config.augment, config.sets, config.excluded, config.encoder.patch
        )
        wordings = [text for texts in self.table.texts for text in texts]
        self.space = TextSpace.fit(tower.encode(wordings + captions), config.text_strength, config.text_floor)
        said = self.sampler.sentences if config.sentence_weight else ()
        self._sentences = torch.from_numpy(self.space.apply(tower.encode(said))) if said else None
        self._texts = [torch.from_numpy(self.space.apply(tower.encode(list(texts)))) for texts in self.table.texts]
        self._positive = torch.from_numpy(self.table.positive).float()
        self._wrong = torch.from_numpy(self.table.negative)
        self._allowed = torch.from_numpy(self.table.negative | (self.table.positive > 0))
        self.module = AlignModule(config.encoder)

    def draw(self, rng: np.random.Generator) -> tuple[Batch, np.ndarray]:
        batch = self.sampler.batch(self.config.loop.batch, rng)
        wording = np.array([rng.integers(len(texts)) for texts in self.table.texts])
        return batch, wording

    def loss(self, data: tuple[Batch, np.ndarray]) -> tuple[torch.Tensor, dict[str, float]]:
        batch, wording = data
        texts = torch.stack([own[i] for own, i in zip(self._texts, wording, strict=True)])
        motion, present, has_gyr, place, hidden = (
            torch.from_numpy(np.asarray(x, dtype=np.float32))
            for x in (batch.motion, batch.present, batch.has_gyr, batch.place, batch.hidden)
        )
        embedding, latents = self.module(motion, present, has_gyr, place, hidden)
        logits = embedding @ texts.T
        concept = torch.from_numpy(batch.concept)
        positive, allowed = self._positive[concept], self._allowed[concept]
        everything = multi_positive(logits, positive, allowed)
        own = torch.zeros_like(allowed)
        for number, name in enumerate(self.sampler.datasets):
            members = torch.zeros(len(self.table.names), dtype=torch.bool)
            members[
                torch.from_numpy(np.r_[self.table.members[name], self.table.mirrored[self.table.members[name]]])
            ] = True
            own[torch.from_numpy(batch.dataset == number)] = members
        own = (own & allowed) | (positive > 0)
        within = multi_positive(logits, positive, own)
        loss = everything + self.config.own_set_weight * within
        figures = {"everything": everything.item(), "within": within.item()}
        wrong = self._wrong[concept][:, concept]
        if self._sentences is not None and (said := torch.from_numpy(np.flatnonzero(batch.sentence >= 0))).numel():
            number = torch.from_numpy(batch.sentence)[said]
            own_text, other_text = self._sentences[number], self._sentences[number ^ 1]
            sentences = sentence_loss(
                embedding[said], own_text, other_text, (own_text != other_text).any(dim=1),
                number[:, None] == number[None, :], wrong[said][:, said],
            )  # fmt: skip
            loss = loss + self.config.sentence_weight * sentences
            figures["sentences"] = sentences.item()
        if batch.paired and self.config.pair_weight:
            first, second = latents[0::2], latents[1::2]
            apart = wrong[0::2, 0::2]
            pairs = sequence_loss(self.module.foretell(first), second, apart)
            if not batch.hidden.any():
                pairs = 0.5 * (pairs + sequence_loss(self.module.foretell(second), first, apart))
            loss = loss + self.config.pair_weight * pairs
            figures["pairs"] = pairs.item()
        right = (logits.masked_fill(~allowed, LEFT_OUT).argmax(dim=1, keepdim=True) == concept[:, None]).float().mean()
        return loss, {**figures, "right": right.item()}


class AlignModule(torch.nn.Module):
    """The encoder, the temperature it is trained with, and what foretells one view from another."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.encoder = MotionEncoder(config)
        self.log_scale = torch.nn.Parameter(torch.tensor(np.log(10.0), dtype=torch.float32))
        width = config.width
        self.foretell = torch.nn.Sequential(
            torch.nn.Linear(width, 2 * width), torch.nn.GELU(), torch.nn.Linear(2 * width, width)
        )

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Embeddings times the inverse temperature, at most 50, and latents."""
        embedding, latents = self.encoder.encode(*inputs)
        return embedding * self.log_scale.exp().clamp(max=50.0), latents


def load_captions(data_dir: Path, count: int = 4000) -> list[str]:
    """Captions of human motion to fit the text space to: evenly chosen HumanML3D texts (MIT); none when they are absent."""
    import tarfile

    path = data_dir / "humanml3d-texts.tar.xz"
    if not path.exists():
        return []
    captions = set()
    with tarfile.open(path) as archive:
        for member in archive:
            if member.name.endswith(".txt") and member.isfile():
                content = archive.extractfile(member)
                if content is not None:
                    captions.add(content.read().decode("utf-8", "replace").split("#")[0].strip())
    ordered = sorted(c for c in captions if 5 < len(c) < 200)
    return ordered[:: max(1, len(ordered) // count)][:count]
