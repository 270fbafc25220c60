"""Alignment of motion with words: windows, real and simulated, meet the wordings of their concepts and their sentences.

Every step draws one wording per concept. A window's logits are its cosines to all of them over a learned temperature; those
neither right nor wrong for it (see `anywear.train.concepts`) are left out. A second term asks the same among the concepts of
the window's own data set only, which is the question asked at test time. Windows of takes about which something is said also
have to find that sentence, and it them; sentences that say the contrary in a word are wrong answers. Where a batch shows
every stretch twice, by different streams, the latents of one view have to foretell those of the other; patches hidden from
the first make that masked modelling.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..nn.encoder import EncoderConfig
from ..nn.encoders import AnyEncoderConfig, build_encoder
from ..runtime.contrary import contraries, swap_sides
from ..runtime.text import TextTower
from ..runtime.textspace import TextSpace
from .concepts import ConceptTable, table_of
from .corpus import Take
from .engine import LoopConfig
from .gradcache import Figures
from .losses import LEFT_OUT, multi_positive, sentence_loss, sequence_loss
from .sampler import AugmentConfig, Batch, Fresh, Sampler
from .text_tower import load_encoder
from .texts import FrozenTexts, TunedTexts

CONTRARIES = 3  # of a sentence, at most
INSTANTS = 8  # at which the latents of two views are compared


@dataclass(frozen=True)
class AlignConfig:
    """One training of the first kind, as its file says it.

    Attributes:
        sets: data sets trained on, with their share of the draws.
        rate_hz: rate of the model.
        own_set_weight: weight of the term within the data set's own labels.
        sentence_weight: of the term that matches windows with sentences.
        contrary: whether a sentence's contrary (the sides swapped, one word exchanged) is among the wrong answers.
        pair_weight: of the term that foretells one view's latents from another's, in paired batches.
        text_strength, text_floor: see `TextSpace.fit`.
        text_layers: last layers of the text tower that learn as well; with none it is frozen.
        text_source: encoder these are of; see `anywear.train.text_tower.load_encoder`.
        text_rate: their learning rate, as a share of the encoder's.
        excluded: (data set, label) pairs not trained on.
        encoder, augment, loop: configurations of the parts.
    """

    sets: dict[str, float]
    rate_hz: float = 25.0
    own_set_weight: float = 0.5
    sentence_weight: float = 0.0
    contrary: bool = True
    pair_weight: float = 0.0
    text_strength: float = 1.0
    text_floor: float = 0.1
    text_layers: int = 0
    text_source: str = "minilm"
    text_rate: float = 0.03
    excluded: tuple[tuple[str, str], ...] = ()
    encoder: AnyEncoderConfig = field(default_factory=EncoderConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)

    def fingerprint(self) -> str:
        """Short hash of everything a checkpoint depends on."""
        facts = json.dumps({**asdict(self), "loop": self.loop.identity()}, sort_keys=True)
        return hashlib.sha256(facts.encode()).hexdigest()[:16]


class AlignTask:
    """See `anywear.train.engine.Task`.

    Args:
        config: the training's.
        takes: labelled takes of its data sets.
        tower: sentence encoder.
        captions: further sentences to fit the text space to.
        fresh, favoured: see `anywear.train.sampler.Sampler`.
    """

    def __init__(
        self,
        config: AlignConfig,
        takes: list[Take],
        tower: TextTower,
        captions: list[str],
        fresh: Fresh | None = None,
        favoured: Mapping[str, tuple[frozenset[str], float]] | None = None,
    ) -> None:
        self.config = config
        self.table: ConceptTable = table_of(takes, config.excluded)
        self.sampler = Sampler(
            takes,
            self.table,
            config.rate_hz,
            config.augment,
            config.sets,
            config.excluded,
            config.encoder.patch,
            fresh,
            favoured,
        )
        wordings = [text for texts in self.table.texts for text in texts]
        self.space = TextSpace.fit(tower.encode(wordings + captions), config.text_strength, config.text_floor)
        said = self.sampler.sentences if config.sentence_weight else ()
        against = [_contraries(text) if config.contrary else () for text in said]
        every = [*wordings, *said, *(text for texts in against for text in texts)]
        self.texts = self._text_table(every, tower)
        numbers = self.texts.numbers
        self._wordings = [np.array([numbers[text] for text in texts]) for texts in self.table.texts]
        self._sentences = torch.tensor([numbers[text] for text in said], dtype=torch.long)
        self._contraries = torch.full((len(said), CONTRARIES), -1)
        for row, texts in enumerate(against):
            self._contraries[row, : len(texts)] = torch.tensor([numbers[text] for text in texts], dtype=torch.long)
        self._positive = torch.from_numpy(self.table.positive).float()
        self._wrong = torch.from_numpy(self.table.negative)
        self._own_set = torch.zeros(len(self.sampler.datasets), len(self.table.names), dtype=torch.bool)
        for number, name in enumerate(self.sampler.datasets):
            members = self.table.members[name]
            self._own_set[number, torch.from_numpy(np.r_[members, self.table.mirrored[members]])] = True
        self._allowed = torch.from_numpy(self.table.negative | (self.table.positive > 0))
        torch.manual_seed(config.loop.seed)  # of the first weights
        self.module = AlignModule(config.encoder, self.texts.layers if isinstance(self.texts, TunedTexts) else None)

    @property
    def rate_shares(self) -> dict[str, float]:
        """See `anywear.train.engine.Task`."""
        return {"text.": self.config.text_rate}

    def _text_table(self, texts: list[str], tower: TextTower) -> FrozenTexts | TunedTexts:
        if not self.config.text_layers:
            return FrozenTexts(texts, tower, self.space)
        return TunedTexts(texts, load_encoder(self.config.text_source), self.config.text_layers, self.space)

    def draw(self, rng: np.random.Generator) -> Batch:
        return self.sampler.batch(self.config.loop.batch, rng)

    def loss(self, data: Batch) -> tuple[Tensor, Figures]:
        # Wordings are drawn from what the batch happens to be, so that a step is the same whenever it is taken.
        return self.loss_of(self.embed(data), np.random.default_rng(data.concept))

    def embed(self, data: Batch) -> dict[str, Tensor]:
        """See `anywear.train.gradcache.Embeds`."""
        device = self.module.log_scale.device
        inputs = (data.motion, data.present, data.has_gyr, data.place, data.hidden)
        embedding, latents = self.module(
            *(torch.from_numpy(np.asarray(x, dtype=np.float32)).to(device) for x in inputs)
        )
        rows = {
            "concept": data.concept,
            "dataset": data.dataset,
            "sentence": data.sentence,
            "paired": np.full(len(data.concept), data.paired),
            "whole": ~data.hidden.any(axis=(1, 2)),
        }
        # Windows of other chunks may be longer: latents meet at a fixed number of instants.
        instants = F.adaptive_avg_pool1d(latents.transpose(1, 2), INSTANTS).transpose(1, 2)
        return {
            "embedding": embedding,
            "instants": instants,
            **{name: torch.from_numpy(np.asarray(value)).to(device) for name, value in rows.items()},
        }

    def loss_of(self, embeddings: dict[str, Tensor], rng: np.random.Generator) -> tuple[Tensor, Figures]:
        """See `anywear.train.gradcache.Embeds`."""
        scaled = embeddings["embedding"] * self.module.scale
        concept = embeddings["concept"]
        home = concept.device
        asked = torch.from_numpy(np.array([own[rng.integers(len(own))] for own in self._wordings])).to(home)
        said = torch.nonzero(embeddings["sentence"] >= 0).flatten() if len(self._sentences) else concept[:0]
        own = self._sentences.to(home)[embeddings["sentence"][said]]
        against = self._contraries.to(home)[embeddings["sentence"][said]]
        texts, sentences, contrary = self.texts.vectors(torch.cat([asked, own, against.clamp(min=0).flatten()])).split(
            [len(asked), len(own), against.numel()]
        )
        logits = scaled @ texts.T
        positive, allowed = self._positive.to(home)[concept], self._allowed.to(home)[concept]
        everything = multi_positive(logits, positive, allowed)
        of_set = self._own_set.to(home)[embeddings["dataset"]]
        within = multi_positive(logits, positive, (of_set & allowed) | (positive > 0))
        loss = everything + self.config.own_set_weight * within
        right = (logits.masked_fill(~allowed, LEFT_OUT).argmax(dim=1) == concept).float().mean()
        figures: Figures = {"everything": everything.detach(), "within": within.detach(), "right": right}
        wrong = self._wrong.to(home)[concept][:, concept]
        if len(said):
            found = sentence_loss(
                scaled[said], sentences, contrary.unflatten(0, against.shape), against >= 0,
                own[:, None] == own[None, :], wrong[said][:, said],
            )  # fmt: skip
            loss = loss + self.config.sentence_weight * found
            figures["sentences"] = found.detach()
        pairs = torch.nonzero(embeddings["paired"]).flatten()
        if self.config.pair_weight and len(pairs):
            foretold = self._pair_loss(
                embeddings["instants"][pairs], embeddings["whole"][pairs], wrong[pairs][:, pairs]
            )
            loss = loss + self.config.pair_weight * foretold
            figures["pairs"] = foretold.detach()
        return loss, figures

    def _pair_loss(self, instants: Tensor, whole: Tensor, wrong: Tensor) -> Tensor:
        first, second, wrong = instants[0::2], instants[1::2], wrong[0::2, 0::2]
        loss = sequence_loss(self.module.foretell(first), second, wrong)
        # Nobody asks the whole view to foretell one with gaps.
        shown = whole[0::2]
        if not shown.any():
            return loss
        back = sequence_loss(self.module.foretell(second[shown]), first[shown], wrong[shown][:, shown])
        return 0.5 * (loss + back)


def _contraries(text: str) -> tuple[str, ...]:
    return tuple(other for other in (swap_sides(text), *contraries(text)) if other != text)[:CONTRARIES]


class AlignModule(torch.nn.Module):
    """The encoder, the temperature it is trained with, what foretells one view from another, and layers of a text tower."""

    def __init__(self, config: AnyEncoderConfig, text: torch.nn.Module | None = None) -> None:
        super().__init__()
        self.encoder = build_encoder(config)
        self.log_scale = torch.nn.Parameter(torch.tensor(np.log(10.0), dtype=torch.float32))
        width = config.latent_width
        self.foretell = torch.nn.Sequential(
            torch.nn.Linear(width, 2 * width), torch.nn.GELU(), torch.nn.Linear(2 * width, width)
        )
        if text is not None:
            self.text = text

    @property
    def scale(self) -> Tensor:
        """Inverse temperature, at most 50."""
        return self.log_scale.exp().clamp(max=50.0)

    def take_over(self, other: AlignModule) -> None:
        """Go on from the weights of another training; the text tower stays as it is."""
        self.encoder.load_state_dict(other.encoder.state_dict())
        self.foretell.load_state_dict(other.foretell.state_dict())
        self.log_scale.data.copy_(other.log_scale.data)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings and latents."""
        return self.encoder.encode(*inputs)


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
