"""The baseline encoder: a spatio-temporal graph convolution over the segments of the body.

The network is that of Yan, Xiong & Lin 2018 ("Spatial Temporal Graph Convolutional Networks for Skeleton-Based Action
Recognition", AAAI; sections 3.2-3.4): nine layers of 64, 128 and 256 channels, each a graph convolution with the spatial
partition (itself, towards the root, away from it) and learned weights of edges, then a convolution over nine instants; time
is halved twice. AnyMo (arXiv 2605.22715) has its like on 23 nodes: about 3.1 million parameters, latents of 256 at a quarter
of the rate, and a learned token where nothing is worn. So it is here.

What differs here, and why:

- The body graph has 24 segments, and each is a node.
- A stream enters at the node of its segment, which is found from the features of its place: the segment whose axis lies one
  radius below the point told, against its normal. A stream whose place is not told enters at one more node, which is joined
  to all segments by a partition of its own, so that it is heard everywhere and taken for no segment in particular.
- Streams of one node are read by the same stem and averaged. The stem also sees what `MotionEncoder` sees (where on the
  segment, what is known of the mount, whether there is a gyroscope), so that the two differ in the network alone.
- Groups of channels are normalised within each window, not over the batch: an answer must not depend on what else is in the
  batch, and a batch divided over chunks or processes has to give the same gradients.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .._typing import Array, Float
from ..bodygraph import SEGMENT_INDEX, SEGMENTS
from ..errors import UsageError
from ..signal.features import BODY_CENTRE, CHANNELS, PLACE_FEATURES, WORN_FEATURES

NODES = len(SEGMENTS) + 1  # the last one is for streams that are worn nobody knows where
STAGES = 3  # each but the first halves time and doubles the channels
PLACE_SCALE = 4.0  # of points in `anywear.signal.place_features`, against fractions of height
GROUPS = 8  # of channels that are normalised together
PARTITIONS = ("itself", "towards the root", "away from the root", "somewhere")


@dataclass(frozen=True)
class StgcnConfig:
    """Dimensions of a `StgcnEncoder`; saved inside the artefact.

    Attributes:
        width: channels of the first stage; 64 give 3.4 million parameters.
        depth: layers per stage, of which there are three.
        kernel: instants that a layer's convolution over time sees, odd.
        out: features of the embedding, those of the text space.
        dropout: share of features dropped within layers in training.
        kind: tells the configuration from those of other encoders.
    """

    width: int = 64
    depth: int = 3
    kernel: int = 9
    out: int = 384
    dropout: float = 0.0
    kind: str = field(default="stgcn", init=False)

    def __post_init__(self) -> None:
        for name in ("width", "depth", "kernel", "out"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise UsageError("An encoder's size has to be a positive whole number", where=name, got=repr(value))
        if self.width % GROUPS:
            raise UsageError(
                "The width does not divide into groups",
                where="width",
                expected=f"a multiple of {GROUPS}",
                got=str(self.width),
            )
        if self.kernel % 2 == 0:
            raise UsageError("A kernel needs a middle", where="kernel", expected="an odd number", got=str(self.kernel))
        if not isinstance(self.dropout, int | float) or not 0.0 <= self.dropout < 1.0:
            raise UsageError(
                "A share is out of range", where="dropout", expected="0 or more, below 1", got=repr(self.dropout)
            )

    @property
    def patch(self) -> int:
        """Samples per latent."""
        return 2 ** (STAGES - 1)

    @property
    def latent_width(self) -> int:
        """Features of a latent."""
        return self.width * 2 ** (STAGES - 1)

    def to_dict(self) -> dict:
        return asdict(self)


class StgcnEncoder(nn.Module):
    """Windows of any number of streams to latents and unit vectors; as `anywear.nn.encoder.MotionEncoder` on the outside.

    Args:
        config: dimensions.
    """

    def __init__(self, config: StgcnConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.find = _Finder()
        self.stem = nn.Sequential(nn.Linear(CHANNELS + WORN_FEATURES + 1, width), nn.GELU(), nn.Linear(width, width))
        self.nothing = nn.Parameter(0.02 * torch.randn(width))
        sizes = [width * 2**stage for stage in range(STAGES) for _ in range(config.depth)]
        self.layers = nn.ModuleList(
            _Layer(before, after, 2 if number and before != after else 1, config)
            for number, (before, after) in enumerate(zip([width, *sizes[:-1]], sizes, strict=True))
        )
        self.head = nn.Linear(sizes[-1], config.out)

    def forward(self, motion: Tensor, present: Tensor, has_gyr: Tensor, place: Tensor) -> Tensor:
        """Embed windows: in and out as `anywear.nn.encoder.MotionEncoder.forward`."""
        return self.encode(motion, present, has_gyr, place)[0]

    def encode(
        self, motion: Tensor, present: Tensor, has_gyr: Tensor, place: Tensor, hidden: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Embeddings and latent sequences: in and out as `anywear.nn.encoder.MotionEncoder.encode`."""
        motion = motion[:, :, : motion.shape[2] // self.config.patch * self.config.patch]
        x = self._nodes(motion, present, has_gyr, place, hidden)
        for layer in self.layers:
            x = layer(x)
        latents = x.mean(dim=3).transpose(1, 2)
        return F.normalize(self.head(latents.mean(dim=1)), dim=-1), latents

    def _nodes(self, motion: Tensor, present: Tensor, has_gyr: Tensor, place: Tensor, hidden: Tensor | None) -> Tensor:
        """What each node holds at each instant: (B, C, T, N)."""
        told = torch.cat([place, has_gyr.unsqueeze(-1)], dim=-1).unsqueeze(2).expand(-1, -1, motion.shape[2], -1)
        x = self.stem(torch.cat([motion, told.to(motion.dtype)], dim=-1))  # (B, S, T, C)
        shown = present.unsqueeze(-1).expand(-1, -1, motion.shape[2])
        if hidden is not None:
            shown = shown * (1.0 - hidden.repeat_interleave(self.config.patch, dim=2)[:, :, : shown.shape[2]])
        at = self.find(place).unsqueeze(2) * (shown.unsqueeze(-1) > 0.5).to(x.dtype)  # (B, S, T, N)
        # An absent stream may hold anything, even what is no number.
        x = torch.where(present[:, :, None, None] > 0.5, x, torch.zeros_like(x))
        count = at.sum(dim=1)  # (B, T, N)
        held = at.permute(0, 2, 3, 1) @ x.transpose(1, 2) / count.clamp(min=1.0).unsqueeze(-1)  # (B, T, N, C)
        held = torch.where(count.unsqueeze(-1) > 0.5, held, self.nothing.to(held.dtype))
        return held.permute(0, 3, 1, 2)


class _Finder(nn.Module):
    """The node that each place belongs to."""

    def __init__(self) -> None:
        super().__init__()
        self.start: Tensor
        self.along: Tensor
        self.radius: Tensor
        parts = [(np.asarray(s.start), np.asarray(s.end), s.radius) for s in SEGMENTS.values()]
        for name, value in (
            ("start", np.array([start for start, _, _ in parts])),
            ("along", np.array([end - start for start, end, _ in parts])),
            ("radius", np.array([radius for _, _, radius in parts])),
        ):
            self.register_buffer(name, torch.tensor(value, dtype=torch.float32), persistent=False)
        self.centre: Tensor
        self.register_buffer("centre", torch.tensor(BODY_CENTRE, dtype=torch.float32), persistent=False)

    def forward(self, place: Tensor) -> Tensor:
        """Places (B, S, 14) to (B, S, N), 1 at the node of each."""
        point = place[..., :3] / PLACE_SCALE + self.centre
        inside = point.unsqueeze(-2) - self.radius[:, None] * place[..., 3:6].unsqueeze(-2)  # (B, S, segments, 3)
        share = ((inside - self.start) * self.along).sum(dim=-1) / self.along.square().sum(dim=-1)
        nearest = self.start + share.clamp(0.0, 1.0).unsqueeze(-1) * self.along
        node = (inside - nearest).square().sum(dim=-1).argmin(dim=-1)
        node = torch.where(place[..., PLACE_FEATURES - 1] > 0.5, node, torch.full_like(node, NODES - 1))
        return (node.unsqueeze(-1) == torch.arange(NODES, device=node.device)).to(place.dtype)


class _Layer(nn.Module):
    """Along the graph, then along time, with a way round both."""

    def __init__(self, before: int, after: int, stride: int, config: StgcnConfig) -> None:
        super().__init__()
        self.edges: Tensor
        self.register_buffer("edges", torch.tensor(adjacency(), dtype=torch.float32), persistent=False)
        self.importance = nn.Parameter(torch.ones(len(PARTITIONS), NODES, NODES))
        self.spread = nn.Conv2d(before, after * len(PARTITIONS), 1)
        self.norm_space = nn.GroupNorm(GROUPS, after)
        self.time = nn.Conv2d(after, after, (config.kernel, 1), (stride, 1), (config.kernel // 2, 0))
        self.norm_time = nn.GroupNorm(GROUPS, after)
        self.round = nn.Identity() if before == after and stride == 1 else nn.Conv2d(before, after, 1, (stride, 1))
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, T, N) to (B, C', T / stride, N)."""
        spread = self.spread(x).unflatten(1, (len(PARTITIONS), -1))  # (B, K, C', T, N)
        y = (spread @ (self.edges * self.importance).unsqueeze(1)).sum(dim=1)
        y = self.time(F.relu(self.norm_space(y)))
        return F.relu(self.dropout(self.norm_time(y)) + self.round(x))


def adjacency() -> Float[Array, "partitions nodes nodes"]:
    """Edges of the four partitions, from row to column; what each node receives through a partition is a mean.

    The spatial partition of Yan et al. 2018, section 3.3, with the pelvis as the root; and the edges between the node of
    unknown places and every segment.
    """
    edges = np.zeros((len(PARTITIONS), NODES, NODES))
    edges[0] = np.eye(NODES)
    for name, segment in SEGMENTS.items():
        if segment.parent is not None:
            parent, child = SEGMENT_INDEX[segment.parent], SEGMENT_INDEX[name]
            edges[1, child, parent] = 1.0
            edges[2, parent, child] = 1.0
    edges[3, -1, :-1] = edges[3, :-1, -1] = 1.0
    return edges / np.maximum(edges.sum(axis=1, keepdims=True), 1.0)
