"""Pre-training without words: what some sensors show of a motion foretells what others show, at every instant.

Every stretch is shown twice, by different streams, worn and disturbed differently; patches are hidden from the first view,
the liveliest stretch (the nucleus of a gesture) more often than others. The first view's latents have to foretell those of
the second among all windows of the batch. Labels are not used, so recordings without any serve as well.

Sources: predictor and stopped gradient after Chen and He, CVPR 2021; InfoNCE after van den Oord et al., arXiv 1807.03748.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import torch

from ..nn.encoders import AnyEncoderConfig
from .align import AlignModule
from .concepts import build_table
from .corpus import Take
from .engine import LoopConfig
from .losses import sequence_loss
from .sampler import AugmentConfig, Batch, Sampler

UNLABELLED = "unlabelled"


@dataclass(frozen=True)
class PretrainConfig:
    """One pre-training.

    Attributes:
        sets: data sets and their share of the draws; those of the alignment when empty.
        temperature: of the softmax over windows.
        summary_weight: of the same question asked of whole windows.
        augment: `paired` is always 1.
        loop: how long; not at all by default.
    """

    sets: dict[str, float] = field(default_factory=dict)
    temperature: float = 0.1
    summary_weight: float = 0.5
    augment: AugmentConfig = field(default_factory=lambda: AugmentConfig(hidden=0.6))
    loop: LoopConfig = field(default_factory=LoopConfig)

    def fingerprint(self, encoder: AnyEncoderConfig, takes: int) -> str:
        """Short hash of everything a checkpoint depends on."""
        facts = json.dumps([{**asdict(self), "loop": self.loop.identity()}, asdict(encoder), takes], sort_keys=True)
        return hashlib.sha256(facts.encode()).hexdigest()[:16]


class PretrainTask:
    """See `anywear.train.engine.Task`.

    Args:
        config: the training's.
        encoder: dimensions.
        takes: recordings, real and simulated; their labels are not used.
        rate_hz: of the takes.
    """

    def __init__(self, config: PretrainConfig, encoder: AnyEncoderConfig, takes: list[Take], rate_hz: float) -> None:
        self.config = config
        # A data set without a vocabulary has one concept a label: here one for all there is in it.
        bare = [
            replace(t, dataset=f"{UNLABELLED} {t.dataset}", spans=((0, t.values.shape[1], UNLABELLED),), sentences=())
            for t in takes
        ]
        table = build_table({t.dataset: {UNLABELLED} for t in bare})
        shares = {f"{UNLABELLED} {name}": share for name, share in config.sets.items()}
        augment = replace(config.augment, paired=1.0)
        self.sampler = Sampler(bare, table, rate_hz, augment, shares, patch=encoder.patch)
        torch.manual_seed(config.loop.seed)  # of the first weights
        self.module = AlignModule(encoder)

    def draw(self, rng: np.random.Generator) -> Batch:
        return self.sampler.batch(self.config.loop.batch, rng)

    def loss(self, data: Batch) -> tuple[torch.Tensor, dict[str, float]]:
        inputs = (data.motion, data.present, data.has_gyr, data.place, data.hidden)
        embedding, latents = self.module(*(torch.from_numpy(np.asarray(x, dtype=np.float32)) for x in inputs))
        first, second = latents[0::2], latents[1::2]
        others = ~torch.eye(len(first), dtype=torch.bool)
        instants = sequence_loss(self.module.foretell(first), second, others, self.config.temperature)
        whole = sequence_loss(embedding[0::2, None], embedding[1::2, None], others, self.config.temperature)
        loss = instants + self.config.summary_weight * whole
        return loss, {"instants": instants.item(), "whole": whole.item()}
