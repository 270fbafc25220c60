"""The motion tokenizer: latents of any view of a motion to a short sentence of ids, and back to latents of the whole body.

A view shows what some sensors see. Its latents pass through convolutions over time, are quantised, and come back through
convolutions as what the encoder would have made of all sensors at once. Every latent becomes the same number of instants,
each of them as many ids as the quantiser has books: tokens per second = latents per second x instants x books.

After AnyMo (arXiv 2605.22715), stage 3: a product-quantised autoencoder on frozen latents of partial views, two codebooks of
2,048 entries of 64 features, 30 tokens per second. Kind, size and rate are settings here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..errors import UsageError
from .quantise import QuantiserConfig, build_quantiser


@dataclass(frozen=True)
class TokenizerConfig:
    """Dimensions of a `MotionTokenizer`; saved inside the artefact.

    Attributes:
        width: features between latents and codes.
        depth: layers before the codes, and after.
        kernel: latents that a layer's convolution over time sees, odd.
        instants: codes per latent; 1 keeps the encoder's rate.
        quantiser: what becomes of each instant.
    """

    width: int = 256
    depth: int = 2
    kernel: int = 3
    instants: int = 1
    quantiser: QuantiserConfig = field(default_factory=QuantiserConfig)

    def __post_init__(self) -> None:
        for name, least in (("width", 1), ("depth", 0), ("kernel", 1), ("instants", 1)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise UsageError(
                    "A tokenizer's size is out of range", where=name, expected=f"{least} or more", got=repr(value)
                )
        if self.kernel % 2 == 0:
            raise UsageError("A kernel needs a middle", where="kernel", expected="an odd number", got=str(self.kernel))

    def tokens_per_s(self, latents_per_s: float) -> float:
        """Ids per second of motion."""
        return latents_per_s * self.instants * self.quantiser.books

    def to_dict(self) -> dict:
        return asdict(self)


class Passed(NamedTuple):
    """(B, T', D) latents that came back; (B, T' x instants, width) vectors before and (B, T' x instants, books) ids of them;
    what the quantiser asks."""

    latents: Tensor
    vectors: Tensor
    ids: Tensor
    loss: Tensor


class MotionTokenizer(nn.Module):
    """Latents to ids to latents.

    Args:
        config: dimensions.
        latent_width: features of the encoder's latents, D.
    """

    def __init__(self, config: TokenizerConfig, latent_width: int) -> None:
        super().__init__()
        self.config, self.latent_width = config, latent_width
        self.mean: Tensor
        self.spread: Tensor
        self.register_buffer("mean", torch.zeros(latent_width))
        self.register_buffer("spread", torch.ones(latent_width))
        self.quantiser = build_quantiser(config.quantiser)
        packed = config.instants * config.quantiser.width
        self.into = nn.Sequential(
            nn.Linear(latent_width, config.width), *(TokenizerLayer(config) for _ in range(config.depth)),
            nn.LayerNorm(config.width), nn.Linear(config.width, packed),
        )  # fmt: skip
        self.back = nn.Sequential(
            nn.Linear(packed, config.width), *(TokenizerLayer(config) for _ in range(config.depth)),
            nn.LayerNorm(config.width), nn.Linear(config.width, latent_width),
        )  # fmt: skip

    def fit_scale(self, latents: Tensor) -> None:
        """Take mean and spread of each feature from (..., D) latents: what is the same in all of them is not worth a code."""
        rows = latents.detach().flatten(0, -2)
        self.mean.copy_(rows.mean(dim=0))
        self.spread.copy_(rows.std(dim=0, unbiased=False).clamp(min=1e-3))

    def forward(self, latents: Tensor) -> Passed:
        """Pass (B, T', D) latents of any view through the codes."""
        vectors = self.vectors(latents)
        found = self.quantiser(vectors)
        return Passed(self.restore(found.vectors), vectors, found.ids, found.loss)

    def vectors(self, latents: Tensor) -> Tensor:
        """(B, T' x instants, width) what is quantised of (B, T', D)."""
        packed = self.into((latents - self.mean) / self.spread)
        return self.quantiser.bound(packed.unflatten(2, (self.config.instants, -1)).flatten(1, 2))

    def restore(self, vectors: Tensor) -> Tensor:
        """(B, T', D) latents of the whole body from (B, T' x instants, width) quantised vectors."""
        return self.mean + self.spread * self.back(vectors.unflatten(1, (-1, self.config.instants)).flatten(2, 3))

    def encode(self, latents: Tensor) -> Tensor:
        """(B, T' x instants, books) ids."""
        return self.quantiser.encode(self.vectors(latents))

    def decode(self, ids: Tensor) -> Tensor:
        """(B, T', D) latents of the whole body."""
        return self.restore(self.quantiser.decode(ids))


class TokenizerLayer(nn.Module):
    """A convolution over time and a mixing of features, with a way round both."""

    def __init__(self, config: TokenizerConfig) -> None:
        super().__init__()
        self.norm_time, self.norm_mix = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.time = nn.Conv1d(config.width, config.width, config.kernel, padding=config.kernel // 2)
        self.mix = nn.Sequential(
            nn.Linear(config.width, 2 * config.width), nn.GELU(), nn.Linear(2 * config.width, config.width)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.time(self.norm_time(x).transpose(1, 2)).transpose(1, 2)
        return x + self.mix(self.norm_mix(x))
