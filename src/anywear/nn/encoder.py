"""The motion encoder: any number of streams, anywhere on the body, to a sequence of latents and one vector.

A window is cut into patches of under half a second. Every patch of every stream is a token that knows where on the body it
was measured. Attention runs by turns along time, within each stream, and across the body, within each instant, where nearer
places hear each other better. Streams have no order; one that is not there is masked out and changes nothing. What the
streams say together at each instant is the latent sequence of the whole body; its summary is the embedding.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import UsageError
from ..signal.features import CHANNELS, PLACE_FEATURES, WORN_FEATURES

MAX_GAP = (
    30.0  # logit that stands for "not there"; softmax of minus it is zero in float32, and it is finite in bfloat16
)


@dataclass(frozen=True)
class EncoderConfig:
    """Dimensions of a `MotionEncoder`; saved inside the artefact.

    Attributes:
        width: features of a token and of a latent, D.
        depth: layers along time.
        body_every: a layer across the body follows every so many of them, and the last.
        heads: attention heads.
        patch: samples per token.
        out: features of the embedding, those of the text space.
        max_tokens: longest window in tokens.
        dropout: share of features dropped between layers in training.
    """

    width: int = 128
    depth: int = 3
    body_every: int = 2
    heads: int = 4
    patch: int = 10
    out: int = 384
    max_tokens: int = 128
    dropout: float = 0.0

    def __post_init__(self) -> None:
        for name in ("width", "depth", "body_every", "heads", "patch", "out", "max_tokens"):
            if getattr(self, name) < 1:
                raise UsageError("An encoder's size has to be positive", where=name, got=str(getattr(self, name)))
        if self.width % (2 * self.heads):
            raise UsageError(
                "The width does not divide among the heads", where="width", expected=f"a multiple of {2 * self.heads}",
                got=str(self.width),
            )  # fmt: skip

    @property
    def latent_width(self) -> int:
        """Features of a latent."""
        return self.width

    def to_dict(self) -> dict:
        return asdict(self)


class MotionEncoder(nn.Module):
    """Windows of any number of streams to latents and unit vectors.

    Args:
        config: dimensions.
    """

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        half, width = config.width // 2, config.width
        self.stem = nn.Sequential(nn.Conv1d(CHANNELS, half, 5, padding=2), nn.GELU())
        self.patch = nn.Conv1d(half, width, config.patch, stride=config.patch)
        self.place = nn.Sequential(nn.Linear(WORN_FEATURES + 1, width), nn.GELU(), nn.Linear(width, width))
        self.hidden = nn.Parameter(torch.zeros(width))
        self.time: Tensor
        self.register_buffer("time", _sinusoids(config.max_tokens, width), persistent=False)
        self.along_time = nn.ModuleList(_Block(config) for _ in range(config.depth))
        turns = -(-config.depth // config.body_every)
        self.across_body = nn.ModuleList(_Block(config) for _ in range(turns))
        self.nearness = nn.ModuleList(_Nearness(config.heads) for _ in range(turns))
        self.norm = nn.LayerNorm(width)
        self.say = nn.Linear(width, 1)
        self.latent = nn.LayerNorm(width)
        self.matter = nn.Linear(width, 1)
        self.head = nn.Sequential(
            nn.LayerNorm(2 * width), nn.Linear(2 * width, 2 * width), nn.GELU(), nn.Linear(2 * width, config.out)
        )

    def forward(self, motion: Tensor, present: Tensor, has_gyr: Tensor, place: Tensor) -> Tensor:
        """Embed windows.

        Args:
            motion: (B, S, T, 10) channels of `anywear.signal.motion_features`; T at least one patch, a rest is not read.
            present: (B, S) 1 where a stream is there; at least one per window.
            has_gyr: (B, S) 1 where it has a gyroscope.
            place: (B, S, 14) of `anywear.signal.place_features`, `mount_features`, `rate_feature`; zeros where unknown.

        Returns:
            (B, out) unit vectors.
        """
        return self.encode(motion, present, has_gyr, place)[0]

    def encode(
        self, motion: Tensor, present: Tensor, has_gyr: Tensor, place: Tensor, hidden: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Embeddings and latent sequences.

        Args:
            motion, present, has_gyr, place: as in `forward`.
            hidden: (B, S, T') 1 where a patch is not shown, as in masked training; everything is shown by default.

        Returns:
            (B, out) unit vectors, and (B, T', D) latents of the whole body, one per patch.
        """
        batch, streams, width = motion.shape[0], motion.shape[1], self.config.width
        patches = motion.shape[2] // self.config.patch
        x = self.patch(self.stem(motion.flatten(0, 1).transpose(1, 2))).transpose(1, 2)
        x = x.reshape(batch, streams, patches, width)
        if hidden is not None:
            x = torch.where(hidden.unsqueeze(-1) > 0.5, self.hidden.to(x.dtype), x)
        x = x + self.time[:patches]
        x = x + self.place(torch.cat([place, has_gyr.unsqueeze(-1)], dim=-1)).unsqueeze(2)
        absent = (1.0 - present) * -MAX_GAP  # (B, S)
        far, known = _distances(place)
        for number, layer in enumerate(self.along_time):
            x = layer(x.reshape(batch * streams, patches, width), None).reshape(batch, streams, patches, width)
            if (number + 1) % self.config.body_every == 0 or number + 1 == self.config.depth:
                turn = number // self.config.body_every
                bias = self.nearness[turn](far, known) + absent[:, None, None, :]  # (B, heads, S, S)
                bias = bias.repeat_interleave(patches, dim=0)
                instants = x.transpose(1, 2).reshape(batch * patches, streams, width)
                instants = self.across_body[turn](instants, bias)
                x = instants.reshape(batch, patches, streams, width).transpose(1, 2)
        x = self.norm(x)
        voice = (self.say(x).squeeze(-1) + absent.unsqueeze(-1)).softmax(dim=1)  # (B, S, T')
        latents = self.latent((voice.unsqueeze(-1) * x).sum(dim=1))  # (B, T', D)
        weight = self.matter(latents).softmax(dim=1)
        summary = torch.cat([(weight * latents).sum(dim=1), latents.mean(dim=1)], dim=-1)
        return F.normalize(self.head(summary), dim=-1), latents


class _Nearness(nn.Module):
    """How much less streams hear each other with distance, per head; one number where a place is not known."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.fading = nn.Parameter(torch.linspace(-3.0, 1.0, heads))
        self.unknown = nn.Parameter(torch.zeros(heads))

    def forward(self, far: Tensor, known: Tensor) -> Tensor:
        fading = -F.softplus(self.fading)[:, None, None] * far.unsqueeze(1)
        unknown = self.unknown[:, None, None].expand_as(fading)
        return torch.where(known.unsqueeze(1) > 0.5, fading, unknown)


def _distances(place: Tensor) -> tuple[Tensor, Tensor]:
    """(B, S, S) distances between places on the neutral body, in quarters of its height, and 1 where both are known."""
    points = place[..., :3]
    apart = points.unsqueeze(2) - points.unsqueeze(1)
    known = place[..., PLACE_FEATURES - 1]
    return (apart.square().sum(dim=-1) + 1e-6).sqrt(), known.unsqueeze(2) * known.unsqueeze(1)


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
        attended = _attend(query, key, value, mask).transpose(1, 2).flatten(2)
        x = x + self.dropout(self.mix(attended))
        return x + self.dropout(self.mlp(self.norm_mlp(x)))


def _attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """Attention; written out in bfloat16 on a CPU, where torch's own takes several times as long for short sequences."""
    if not (query.device.type == "cpu" and query.dtype == torch.bfloat16):
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    if key.shape[-2] == 1:  # nobody else to hear
        return value
    logits = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
    weights = (logits if mask is None else logits + mask).softmax(dim=-1)
    return weights.to(value.dtype) @ value


def _sinusoids(count: int, width: int) -> Tensor:
    position = torch.arange(count).unsqueeze(1)
    rate = torch.exp(torch.arange(0, width, 2) * (-4.0 / width))  # wavelengths from 6 to 340 tokens
    table = torch.zeros(count, width)
    table[:, 0::2] = torch.sin(position * rate)
    table[:, 1::2] = torch.cos(position * rate)
    return 0.5 * table
