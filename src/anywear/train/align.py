"""Alignment of motion with words: windows of labelled real recordings meet the wordings of their concepts.

Every step draws one wording per concept. A window's logits are its cosines to all of them over a learned temperature; those
neither right nor wrong for it (see `anywear.train.concepts`) are left out. A second term asks the same among the concepts of
the window's own data set only, which is the question asked at test time.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from ..nn.encoder import EncoderConfig, MotionEncoder
from ..runtime.text import TextTower
from ..runtime.textspace import TextSpace
from .concepts import ConceptTable, build_table
from .corpus import Take
from .engine import LoopConfig
from .sampler import AugmentConfig, Batch, Sampler


@dataclass(frozen=True)
class AlignConfig:
    """One training of the first kind, as its file says it.

    Attributes:
        sets: data sets trained on, with their share of the draws.
        rate_hz: rate of the model.
        own_set_weight: weight of the term within the data set's own labels.
        text_strength, text_floor: see `TextSpace.fit`.
        excluded: (data set, label) pairs not trained on.
        encoder, augment, loop: configurations of the parts.
    """

    sets: dict[str, float]
    rate_hz: float = 25.0
    own_set_weight: float = 0.5
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
        self.sampler = Sampler(takes, self.table, config.rate_hz, config.augment, config.sets, config.excluded)
        wordings = [text for texts in self.table.texts for text in texts]
        self.space = TextSpace.fit(tower.encode(wordings + captions), config.text_strength, config.text_floor)
        self._texts = [torch.from_numpy(self.space.apply(tower.encode(list(texts)))) for texts in self.table.texts]
        self._positive = torch.from_numpy(self.table.positive).float()
        self._allowed = torch.from_numpy(self.table.negative | (self.table.positive > 0))
        self.module = AlignModule(config.encoder)

    def draw(self, rng: np.random.Generator) -> tuple[Batch, np.ndarray]:
        batch = self.sampler.batch(self.config.loop.batch, rng)
        wording = np.array([rng.integers(len(texts)) for texts in self.table.texts])
        return batch, wording

    def loss(self, data: tuple[Batch, np.ndarray]) -> tuple[torch.Tensor, dict[str, float]]:
        batch, wording = data
        texts = torch.stack([own[i] for own, i in zip(self._texts, wording, strict=True)])
        motion, present, has_gyr, place = (
            torch.from_numpy(np.asarray(x, dtype=np.float32))
            for x in (batch.motion, batch.present, batch.has_gyr, batch.place)
        )
        logits = self.module(motion, present, has_gyr, place) @ texts.T
        concept = torch.from_numpy(batch.concept)
        positive, allowed = self._positive[concept], self._allowed[concept]
        everything = _multi_positive(logits, positive, allowed)
        own = torch.zeros_like(allowed)
        for number, name in enumerate(self.sampler.datasets):
            members = torch.zeros(len(self.table.names), dtype=torch.bool)
            members[
                torch.from_numpy(np.r_[self.table.members[name], self.table.mirrored[self.table.members[name]]])
            ] = True
            own[torch.from_numpy(batch.dataset == number)] = members
        own = (own & allowed) | (positive > 0)
        within = _multi_positive(logits, positive, own)
        loss = everything + self.config.own_set_weight * within
        right = (logits.masked_fill(~allowed, -1e9).argmax(dim=1, keepdim=True) == concept[:, None]).float().mean()
        return loss, {"everything": everything.item(), "within": within.item(), "right": right.item()}


class AlignModule(torch.nn.Module):
    """The encoder and the temperature it is trained with."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.encoder = MotionEncoder(config)
        self.log_scale = torch.nn.Parameter(torch.tensor(np.log(10.0), dtype=torch.float32))

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """Embeddings times the inverse temperature, at most 50."""
        return self.encoder(*inputs) * self.log_scale.exp().clamp(max=50.0)


def _multi_positive(logits: torch.Tensor, positive: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """Cross entropy to a spread over right answers, among the answers allowed."""
    log_share = F.log_softmax(logits.masked_fill(~allowed, -1e9), dim=1)
    return -(positive * log_share).sum(dim=1).mean()


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
