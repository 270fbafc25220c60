"""The language model that reads motion tokens: a small causal transformer over word pieces, places and instants of motion.

A sequence is: learned soft vectors, one vector per worn sensor (its body segment), the instants of motion between two marks,
a mark of what is wanted, and words. An instant enters as a projection of its codebook vectors. Words leave through the same
table that they enter by; an instant's ids leave through a head of their own, which only training needs.

Pre-norm (RMS; Zhang & Sennrich, NeurIPS 2019), rotary positions (Su et al. 2021), tied embeddings (Press & Wolf, EACL 2017).
Weights can learn to be few: with `quantised` every matrix is rounded to 4 bits in blocks on its way forward, and gradients
pass by (Bengio, Leonard & Courville 2013; Jacob et al., CVPR 2018).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import UsageError

BLOCK = 32  # numbers of a row that share a scale
EPSILON = 1e-6
ROTARY_BASE = 10_000.0


@dataclass(frozen=True)
class LanguageConfig:
    """Dimensions of a `LanguageModel`; saved inside the artefact.

    Attributes:
        pieces: rows of the word table, marks among them.
        places: rows of the table of places.
        code_sizes: how many values each id of an instant can have.
        code_width: numbers of an instant's vector.
        width: features.
        layers, heads: of the transformer.
        hidden: features within a layer's second half.
        soft: learned vectors that every sequence begins with.
        embedding: features of the common space of motion and sentences.
        quantised: whether training sees weights of 4 bits.
    """

    pieces: int
    places: int
    code_sizes: tuple[int, ...]
    code_width: int
    width: int = 256
    layers: int = 6
    heads: int = 4
    hidden: int = 896
    soft: int = 8
    embedding: int = 384
    quantised: bool = True

    def __post_init__(self) -> None:
        sizes = ("pieces", "places", "code_width", "width", "layers", "heads", "hidden", "soft", "embedding")
        for name in sizes:
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise UsageError("A language model's size is out of range", where=name, expected="1 or more",
                                 got=repr(value))  # fmt: skip
        if self.width % (2 * self.heads) or self.width % BLOCK or self.hidden % BLOCK:
            raise UsageError(
                "A language model's sizes do not fit together", where="width, heads, hidden",
                expected=f"width a multiple of {2 * self.heads} (twice the heads); width and hidden of {BLOCK}",
                got=f"{self.width}, {self.heads}, {self.hidden}",
            )  # fmt: skip

    def to_dict(self) -> dict:
        return asdict(self)


def rounded(weight: Tensor) -> Tensor:
    """(rows, columns) as 4 bits tell it: blocks of `BLOCK` in a row share a scale, such that the largest of them is -8."""
    blocks = weight.unflatten(-1, (-1, BLOCK))
    most, least = blocks.amax(dim=-1, keepdim=True), blocks.amin(dim=-1, keepdim=True)
    scale = (torch.where(most >= -least, most, least) / -8.0).half().float()
    scale = torch.where(scale == 0.0, torch.ones_like(scale), scale)
    return ((blocks / scale).round().clamp(-8, 7) * scale).flatten(-2)


class _Linear(nn.Linear):
    """Without bias; may be seen as 4 bits."""

    quantised = False

    def seen(self) -> Tensor:
        """The weight as the forward pass uses it."""
        return self.weight + (rounded(self.weight.detach()) - self.weight.detach()) if self.quantised else self.weight

    def forward(self, input: Tensor) -> Tensor:
        return F.linear(input, self.seen())


def _norm(x: Tensor, gain: Tensor) -> Tensor:
    x = x.float()
    return x * torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + EPSILON) * gain


class _Layer(nn.Module):
    def __init__(self, config: LanguageConfig) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.before, self.between = nn.Parameter(torch.ones(width)), nn.Parameter(torch.ones(width))
        self.query, self.key, self.value = (_Linear(width, width, bias=False) for _ in range(3))
        self.out = _Linear(width, width, bias=False)
        self.up = _Linear(width, config.hidden, bias=False)
        self.down = _Linear(config.hidden, width, bias=False)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], past: Tensor | None) -> tuple[Tensor, Tensor]:
        """(B, T, D) onwards, and keys and values (2, B, H, P + T, D / H)."""
        own = _norm(x, self.before)
        query, key, value = (
            part(own).unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        query, key = _turned(query, turn), _turned(key, turn)
        if past is not None:
            key, value = torch.cat([past[0], key], dim=2), torch.cat([past[1], value], dim=2)
        seen = _attended(query, key, value)
        x = x + self.out(seen.transpose(1, 2).flatten(2))
        x = x + self.down(F.silu(self.up(_norm(x, self.between))))
        return x, torch.stack([key, value])


class LanguageModel(nn.Module):
    """Vectors of a sequence to hidden states; tables and heads for what goes in and comes out."""

    def __init__(self, config: LanguageConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.words = _Linear(width, config.pieces, bias=False)  # read by row as a table, and by column as a head
        self.places = nn.Parameter(0.02 * torch.randn(config.places, width))
        self.soft = nn.Parameter(0.02 * torch.randn(config.soft, width))
        self.motion_in = nn.Linear(config.code_width, width)
        self.motion_on = nn.Linear(width, width)
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))
        self.last = nn.Parameter(torch.ones(width))
        self.motion_out = nn.Linear(width, sum(config.code_sizes))
        self.pooled = nn.Linear(width, config.embedding)
        self.register_buffer("vector_mean", torch.zeros(config.code_width))
        self.register_buffer("vector_spread", torch.ones(()))
        nn.init.normal_(self.words.weight, std=0.02)
        for layer in self.layers:
            for part in (layer.out, layer.down):
                nn.init.normal_(part.weight, std=0.02 / (2 * config.layers) ** 0.5)  # type: ignore[union-attr,arg-type]
        for part in self.modules():
            if isinstance(part, _Linear):
                part.quantised = config.quantised

    def fit_scale(self, vectors: Tensor) -> None:
        """Take mean and spread of instants from (N, code_width) of them."""
        self.vector_mean.copy_(vectors.mean(dim=0))  # type: ignore[operator]
        self.vector_spread.copy_(vectors.std().clamp(min=1e-6))  # type: ignore[operator]

    def take_over(self, other: LanguageModel) -> None:
        """Take the weights of another model, but for those that another tokenizer or vocabulary has shaped otherwise."""
        own = self.state_dict()
        with torch.no_grad():
            for name, tensor in other.state_dict().items():
                if name in own and own[name].shape == tensor.shape:
                    own[name].copy_(tensor)

    def of_words(self, ids: Tensor) -> Tensor:
        """Vectors (..., D) of word pieces."""
        return F.embedding(ids, self.words.seen())

    def of_motion(self, vectors: Tensor) -> Tensor:
        """Vectors (..., D) of instants (..., code_width)."""
        scaled = (vectors - self.vector_mean) / self.vector_spread  # type: ignore[operator]
        return self.motion_on(F.silu(self.motion_in(scaled)))

    def forward(self, sequence: Tensor, past: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Hidden states and what to carry.

        Args:
            sequence: (B, T, D) vectors.
            past: (layers, 2, B, H, P, D / H) of what came before; None where nothing did.

        Returns:
            (B, T, D), and (layers, 2, B, H, P + T, D / H).
        """
        before = 0 if past is None else past.shape[4]
        turn = self._turn(before, sequence.shape[1], sequence.device)
        x, carried = sequence, []
        for number, layer in enumerate(self.layers):
            x, kept = layer(x, turn, None if past is None else past[number])
            carried.append(kept)
        return _norm(x, self.last), torch.stack(carried)

    def word_logits(self, hidden: Tensor) -> Tensor:
        """(..., pieces)."""
        return self.words(hidden)

    def code_logits(self, hidden: Tensor) -> tuple[Tensor, ...]:
        """One (..., size) per book: ids of the next instant."""
        return self.motion_out(hidden).split(self.config.code_sizes, dim=-1)

    def _turn(self, before: Any, count: Any, device: torch.device) -> tuple[Tensor, Tensor]:
        half = self.config.width // self.config.heads // 2
        rates = ROTARY_BASE ** (-torch.arange(half, device=device).float() / half)
        angles = torch.arange(before, before + count, device=device).float()[:, None] * rates
        return angles.cos(), angles.sin()


def _turned(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary positions: the halves of (B, H, T, D) as real and imaginary parts."""
    cos, sin = turn
    real, imaginary = x.float().chunk(2, dim=-1)
    return torch.cat([real * cos - imaginary * sin, real * sin + imaginary * cos], dim=-1).to(x.dtype)


def _attended(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Causal attention where the queries are the last of what the keys are; sequences are so short that a kernel that
    spares the scores costs more than they do."""
    asked, there = query.shape[2], key.shape[2]
    scores = (query * query.shape[-1] ** -0.5) @ key.transpose(2, 3)
    instants = torch.arange(there, device=query.device)
    later = instants[None, :] > instants[there - asked :, None]
    return (scores + torch.where(later, -1e4, 0.0).to(scores.dtype)).softmax(dim=-1).to(value.dtype) @ value
