"""How an encoder learns features that tell gestures apart from a few examples.

First, without words or labels: a stretch is shown twice, worn and played a little differently, and patches inside its nucleus
are hidden from one view, whose latents have to foretell the other's. Then by episodes: some performances of each kind give
its mean, and the others have to be nearest to their own kind's mean, which is what a few-shot classifier will ask. In
between, windows meet words as in `anywear.train.align`.

Sources: masked latents after Assran et al., CVPR 2023, with the loss of `anywear.train.pretrain`; episodes and class means
after Snell, Swersky, Zemel, "Prototypical networks for few-shot learning", NeurIPS 2017; nucleus masks after UniMotion,
arXiv 2603.12218.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .._config import from_table
from .._typing import Array
from ..errors import UsageError
from ..nn.encoders import AnyEncoderConfig
from .align import AlignModule, AlignTask
from .engine import LoopConfig
from .gestures_draw import Episode, EpisodeConfig, EpisodeSampler, hide
from .gradcache import Figures
from .losses import sequence_loss
from .sampler import Batch

PARTS = 3  # of a performance, whose mean latents keep the order of strokes
SHOTS = (1, 5)  # performances that give a kind's mean, fewest and most


@dataclass(frozen=True)
class MaskedConfig:
    """Training without labels.

    Attributes:
        nucleus: whether patches are hidden inside the nucleus; otherwise anywhere.
        share: of the nucleus's length that is hidden, least and most.
        temperature: of the softmax over windows.
        summary_weight: of the same question asked of whole windows.
        loop: how long.
    """

    nucleus: bool = True
    share: tuple[float, float] = (0.3, 0.8)
    temperature: float = 0.1
    summary_weight: float = 0.5
    loop: LoopConfig = field(default_factory=LoopConfig)


@dataclass(frozen=True)
class GestureConfig:
    """The part of a run that is about gestures.

    Attributes:
        episodes: how they are drawn.
        text_share: share of the steps that ask for words.
        latent_weight: of the question asked of the mean latents of thirds, beside embeddings.
        masked: a training without labels that comes first, or None.
    """

    episodes: EpisodeConfig = field(default_factory=EpisodeConfig)
    text_share: float = 0.25
    latent_weight: float = 1.0
    masked: MaskedConfig | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.text_share <= 1.0:
            raise UsageError("A share is out of range", where="text_share", expected="0 to 1", got=str(self.text_share))

    @classmethod
    def from_table(cls, raw: dict[str, Any], where: str) -> GestureConfig:
        """From a table of a run's file, with tables ``episodes`` and ``masked`` in it.

        Raises:
            UsageError: a field that does not exist, or does not fit.
        """
        raw = dict(raw)
        parts: dict[str, Any] = {
            "episodes": from_table(EpisodeConfig, raw.pop("episodes", {}), f"{where[:-1]}.episodes]")
        }
        if "masked" in raw:
            own = dict(raw.pop("masked"))
            loop = from_table(LoopConfig, own.pop("loop", {}), f"{where[:-1]}.masked.loop]")
            parts["masked"] = from_table(MaskedConfig, {**own, "loop": loop}, f"{where[:-1]}.masked]")
        return from_table(cls, {**raw, **parts}, where)

    def fingerprint(self) -> str:
        """Short hash of everything a checkpoint depends on."""
        facts: dict[str, Any] = asdict(self)
        if self.masked is not None:
            facts["masked"]["loop"] = self.masked.loop.identity()
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


class GestureTask:
    """Episodes and words by turns; see `anywear.train.engine.Task`.

    Args:
        config: the run's.
        align: what asks for words, and holds the module.
        sampler: what draws episodes.
    """

    def __init__(self, config: GestureConfig, align: AlignTask, sampler: EpisodeSampler) -> None:
        self.config, self.align, self.sampler = config, align, sampler
        self.module = align.module

    def draw(self, rng: np.random.Generator) -> Batch | tuple[Episode, Array]:
        if rng.random() < self.config.text_share:
            return self.align.draw(rng)
        episode = self.sampler.draw(rng)
        return episode, asked_rows(episode.kind, int(rng.integers(SHOTS[0], SHOTS[1] + 1)), rng)

    def loss(self, data: Batch | tuple[Episode, Array]) -> tuple[Tensor, Figures]:
        if isinstance(data, Batch):
            return self.align.loss(data)
        episode, asked = data
        embedding, latents = self.module(*_inputs(episode, self.module.log_scale.device))
        scale = self.module.scale
        loss, right = class_mean_loss(embedding.float(), episode.kind, asked, scale)
        seen, _ = class_mean_loss(in_parts(latents.float(), PARTS), episode.kind, asked, scale)
        figures: Figures = {"episode": loss.detach(), "latents": seen.detach(), "nearest": right}
        return loss + self.config.latent_weight * seen, figures


class MaskedTask:
    """Training without labels; see `anywear.train.engine.Task`.

    Args:
        config: the training's.
        encoder: dimensions.
        sampler: what draws episodes; of each, two performances are compared only with themselves.
    """

    def __init__(self, config: MaskedConfig, encoder: AnyEncoderConfig, sampler: EpisodeSampler) -> None:
        self.config, self.sampler = config, sampler
        torch.manual_seed(config.loop.seed)  # of the first weights
        self.module = AlignModule(encoder)

    def draw(self, rng: np.random.Generator) -> tuple[Episode, Episode, Array]:
        first, second = self.sampler.twice(self.config.loop.batch // 2, rng)
        return first, second, hide(first.energy, self.config.share, self.config.nucleus, rng)

    def loss(self, data: tuple[Episode, Episode, Array]) -> tuple[Tensor, Figures]:
        first, second, hidden = data
        device = self.module.log_scale.device
        shown = _inputs(first, device, hidden[:, None])
        embedding, latents = self.module(*shown)
        with torch.no_grad():  # the answer's gradient is stopped in any case
            whole, seen = self.module(*_inputs(second, device))
        others = ~torch.eye(len(latents), dtype=torch.bool, device=device)
        # As in `class_mean_loss`, without what all have in common.
        foretold = self.module.foretell(latents).float()
        pairs = ((foretold, seen.float()), (embedding.float()[:, None], whole.float()[:, None]))
        instants, summary = (
            sequence_loss(own - own.mean(dim=(0, 1)), other - other.mean(dim=(0, 1)), others, self.config.temperature)
            for own, other in pairs
        )
        loss = instants + self.config.summary_weight * summary
        return loss, {"instants": instants.detach(), "whole": summary.detach()}


def asked_rows(kind: Array, shots: int, rng: np.random.Generator) -> Array:
    """True for the performances that are asked; of each kind `shots`, and never all, give its mean."""
    asked = np.ones(len(kind), dtype=bool)
    for own in np.unique(kind):
        rows = np.flatnonzero(kind == own)
        asked[rng.permutation(rows)[: min(shots, len(rows) - 1)]] = False
    return asked


def class_mean_loss(vectors: Tensor, kind: Array, asked: Array, scale: Tensor) -> tuple[Tensor, Tensor]:
    """Cross entropy of the nearest class mean by cosine, and the share that is right.

    What all vectors have in common says nothing, and early in a training is nearly all there is: it is taken away first.

    Args:
        vectors: (N, D).
        kind: (N,) from 0 without gaps.
        asked: (N,) whether a row is asked, or gives the mean of its kind.
        scale: inverse temperature.
    """
    truth = torch.from_numpy(kind).to(vectors.device)
    shown = torch.from_numpy(~asked).to(vectors.device)
    vectors = F.normalize(vectors - vectors.mean(dim=0), dim=-1)
    means = vectors.new_zeros(int(kind.max()) + 1, vectors.shape[1]).index_add(0, truth[shown], vectors[shown])
    logits = scale * vectors[~shown] @ F.normalize(means, dim=-1).T
    right = (logits.argmax(dim=1) == truth[~shown]).float().mean()
    return F.cross_entropy(logits, truth[~shown]), right.detach()


def in_parts(latents: Tensor, parts: int) -> Tensor:
    """Mean latents of as many parts of a window, in order: (N, T', D) to (N, parts * D)."""
    return F.adaptive_avg_pool1d(latents.transpose(1, 2), parts).transpose(1, 2).flatten(1)


def sampler_of(
    config: GestureConfig, takes: list, rate_hz: float, encoder: AnyEncoderConfig, shares: dict[str, float], seed: int
) -> EpisodeSampler:
    """The sampler of a run."""
    return EpisodeSampler(config.episodes, takes, rate_hz, encoder.patch, shares, seed)


def _inputs(episode: Episode, device: torch.device, hidden: Array | None = None) -> list[Tensor]:
    present = np.ones_like(episode.has_gyr)
    arrays = [episode.motion, present, episode.has_gyr, episode.place, *([] if hidden is None else [hidden])]
    return [torch.from_numpy(np.asarray(array, dtype=np.float32)).to(device) for array in arrays]
