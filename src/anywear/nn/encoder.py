"""The motion encoder: any number of streams, anywhere on the body, with or without a gyroscope, to one vector.

Each stream is cut into patches of under half a second and read by a small transformer of its own, with a token that tells
where it is worn; the streams' summaries then meet in one attention layer. A stream that is not there is masked out and
changes nothing; streams have no order.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..signal.features import CHANNELS, WORN_FEATURES


@dataclass(frozen=True)
class EncoderConfig:
    """Dimensions of a `MotionEncoder`; saved inside the artefact.

    Attributes:
        width: features of a token.
        depth: transformer layers over time.
        heads: attention heads.
        patch: samples per token.
        out: features of the embedding, those of the text space.
        max_tokens: longest window in tokens.
        dropout: share of features dropped between layers in training.
    """

    width: int = 128
    depth: int = 3
    heads: int = 4
    patch: int = 10
    out: int = 384
    max_tokens: int = 128
    dropout: float = 0.0

    def to_dict(self) -> dict:
        return asdict(self)


class MotionEncoder(nn.Module):
    """Windows of any number of streams to unit vectors.

    Args:
        config: dimensions.
    """

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        half = config.width // 2
        self.stem = nn.Sequential(nn.Conv1d(CHANNELS, half, 5, padding=2), nn.GELU())
        self.patch = nn.Conv1d(half, config.width, config.patch, stride=config.patch)
        self.place = nn.Sequential(
            nn.Linear(WORN_FEATURES + 1, config.width), nn.GELU(), nn.Linear(config.width, config.width)
        )
        self.time: Tensor
        self.register_buffer("time", _sinusoids(config.max_tokens, config.width), persistent=False)
        self.layers = nn.ModuleList(_Block(config) for _ in range(config.depth))
        self.norm = nn.LayerNorm(config.width)
        self.meet = _Block(config)
        self.head = nn.Sequential(
            nn.LayerNorm(config.width),
            nn.Linear(config.width, 2 * config.width),
            nn.GELU(),
            nn.Linear(2 * config.width, config.out),
        )

    def forward(self, motion: Tensor, present: Tensor, has_gyr: Tensor, place: Tensor) -> Tensor:
        """Embed windows.

        Args:
            motion: (B, S, T, 10) channels of `anywear.signal.motion_features`; T at least one patch, a rest is not read.
            present: (B, S) 1 where a stream is there; at least one per window.
            has_gyr: (B, S) 1 where it has a gyroscope.
            place: (B, S, 13) of `anywear.signal.place_features`, then `mount_features`; zeros where unknown.

        Returns:
            (B, out) unit vectors.
        """
        batch, streams = motion.shape[0], motion.shape[1]
        x = self.stem(motion.flatten(0, 1).transpose(1, 2))
        x = self.patch(x).transpose(1, 2)
        where = self.place(torch.cat([place, has_gyr.unsqueeze(-1)], dim=-1)).flatten(0, 1).unsqueeze(1)
        x = torch.cat([where, x + self.time[: x.shape[1]]], dim=1)
        for layer in self.layers:
            x = layer(x, None)
        x = self.norm(x)
        summary = (x[:, 0] + x[:, 1:].mean(dim=1)).unflatten(0, (batch, streams))
        mask = present.unsqueeze(1).unsqueeze(1) > 0.5
        summary = self.meet(summary, mask)
        weight = present.unsqueeze(-1)
        pooled = (summary * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1.0)
        return F.normalize(self.head(pooled), dim=-1)


class _Block(nn.Module):
    """Pre-norm transformer layer."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.norm_attention = nn.LayerNorm(config.width)
        self.qkv = nn.Linear(config.width, 3 * config.width)
        self.mix = nn.Linear(config.width, config.width)
        self.norm_mlp = nn.LayerNorm(config.width)
        self.mlp = nn.Sequential(
            nn.Linear(config.width, 2 * config.width), nn.GELU(), nn.Linear(2 * config.width, config.width)
        )
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        query, key, value = self.qkv(self.norm_attention(x)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=mask).transpose(1, 2).flatten(2)
        x = x + self.dropout(self.mix(attended))
        return x + self.dropout(self.mlp(self.norm_mlp(x)))


def _sinusoids(count: int, width: int) -> Tensor:
    position = torch.arange(count).unsqueeze(1)
    rate = torch.exp(torch.arange(0, width, 2) * (-4.0 / width))  # wavelengths from 6 to 340 tokens
    table = torch.zeros(count, width)
    table[:, 0::2] = torch.sin(position * rate)
    table[:, 1::2] = torch.cos(position * rate)
    return 0.5 * table
