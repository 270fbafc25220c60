"""Vectors of a training's texts: looked up where the text tower is frozen, computed where its last layers learn too.

What the layers below those that learn make of a text never changes, so it is computed once and kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from copy import deepcopy
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .._files import write_whole
from .._typing import Array, Float
from ..errors import UsageError
from ..runtime.text import TextTower
from ..runtime.textspace import TextSpace
from .text_tower import Encoder, mean_pooled, write_text_tower

BATCH = 128  # texts of like length that go through the layers together
PADDING = -1e4  # logit of what stands behind a text's end


class KeptTower(TextTower):
    """A text tower whose vectors are kept in a file: a training asks for tens of thousands, and the next for the same.

    Args:
        folder: of the tower.
        cache_dir: where the file is, named after the tower's weights.
    """

    def __init__(self, folder: Path, cache_dir: Path) -> None:
        super().__init__(folder)
        digest = hashlib.sha256((folder / "text.onnx").read_bytes()).hexdigest()[:16]
        self._path = cache_dir / f"texts-{digest}.npz"
        self._kept: dict[str, Array] = {}
        try:
            with np.load(self._path) as stored:
                self._kept = dict(zip(stored["texts"].tolist(), stored["vectors"], strict=True))
        except (OSError, ValueError, KeyError, BadZipFile):
            pass  # none yet, or none that can be used: made anew

    def encode(self, texts: Sequence[str], batch: int = 64) -> Float[Array, "texts features"]:
        new = [text for text in dict.fromkeys(texts) if text not in self._kept]
        if new:
            self._kept.update(zip(new, super().encode(new, batch), strict=True))
            every, vectors = np.array(list(self._kept)), np.stack(list(self._kept.values()))
            write_whole(self._path, lambda partial: np.savez(partial, texts=every, vectors=vectors))
        return np.stack([self._kept[text] for text in texts]) if len(texts) else super().encode(texts)


class FrozenTexts:
    """Texts by number and their vectors, made once.

    Args:
        texts: all that will be asked for.
        tower: what makes vectors of them.
        space: the space they meet motion in.
    """

    def __init__(self, texts: Iterable[str], tower: TextTower, space: TextSpace) -> None:
        self.numbers = numbered(texts)
        self._vectors = torch.from_numpy(space.apply(tower.encode(list(self.numbers))))

    def vectors(self, numbers: Tensor) -> Tensor:
        """Unit vectors (N, D) of the texts of these numbers (N,), on their device."""
        self._vectors = self._vectors.to(numbers.device)
        return self._vectors[numbers]


class TunedTexts:
    """Texts by number, and the last layers of a BERT-like encoder, which learn.

    Args:
        texts: all that will be asked for.
        encoder: see `anywear.train.text_tower.load_encoder`.
        count: how many of its layers learn.
        space: the space they meet motion in, fitted to the encoder as it was.

    Attributes:
        layers: those that learn, without dropout; for the training's module.

    Raises:
        UsageError: the encoder has not so many layers.
    """

    def __init__(self, texts: Iterable[str], encoder: Encoder, count: int, space: TextSpace) -> None:
        every = encoder.bert.encoder.layer
        if not 1 <= count <= len(every):
            raise UsageError(
                "The text tower has not so many layers", where="text_layers", expected=f"1 to {len(every)}",
                got=str(count),
            )  # fmt: skip
        self.numbers = numbered(texts)
        self._encoder, self._below = encoder, len(every) - count
        self.layers = nn.ModuleList(deepcopy(layer) for layer in every[self._below :])
        for part in self.layers.modules():
            if isinstance(part, nn.Dropout):
                part.p = 0.0
        self._mean, self._matrix = torch.from_numpy(space.mean), torch.from_numpy(space.matrix)
        self._states = self._lower_states(list(self.numbers))

    def vectors(self, numbers: Tensor) -> Tensor:
        """Unit vectors (N, D) of the texts of these numbers (N,), on their device; gradients flow into `layers`."""
        asked, back = numbers.unique(return_inverse=True)
        order = sorted(range(len(asked)), key=lambda row: len(self._states[int(asked[row])]))
        parts = []
        for start in range(0, len(order), BATCH):
            states = [self._states[int(asked[row])].float() for row in order[start : start + BATCH]]
            mask = _mask([len(own) for own in states]).to(numbers.device)
            hidden = nn.utils.rnn.pad_sequence(states, batch_first=True).to(numbers.device)
            parts.append(mean_pooled(_through(self.layers, hidden, mask), mask))
        inverse = torch.empty(len(order), dtype=torch.long)
        inverse[torch.tensor(order, dtype=torch.long)] = torch.arange(len(order))
        pooled = torch.cat(parts)[inverse.to(numbers.device)][back]
        mapped = (pooled - self._mean.to(numbers.device)) @ self._matrix.to(numbers.device)
        return F.normalize(mapped, dim=-1)

    def export(self, layers: nn.Module, folder: Path) -> None:
        """Write the encoder with these layers as the last ones: ``text.onnx`` and ``tokenizer.json``."""
        bert = deepcopy(self._encoder.bert)
        for number, learned in enumerate(layers.children()):
            bert.encoder.layer[self._below + number].load_state_dict(learned.state_dict())
        write_text_tower(Encoder(bert, self._encoder.tokenizer), folder)

    @torch.no_grad()
    def _lower_states(self, texts: list[str]) -> list[Tensor]:
        """What the layers that do not learn make of each text: (tokens, width) in half precision."""
        out: list[Tensor] = [torch.empty(0)] * len(texts)
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            ids, mask = self._encoder.tokens([texts[number] for number in chosen])
            hidden = self._encoder.bert.embeddings(input_ids=ids)
            hidden = _through(self._encoder.bert.encoder.layer[: self._below], hidden, mask)
            for number, own, length in zip(chosen, hidden, mask.sum(dim=1).tolist(), strict=True):
                out[number] = own[:length].to(torch.float16)
        return out


def numbered(texts: Iterable[str]) -> dict[str, int]:
    """Every text once, with its number."""
    return {text: number for number, text in enumerate(dict.fromkeys(texts))}


def _through(layers: Iterable[nn.Module], hidden: Tensor, mask: Tensor) -> Tensor:
    bias = (1.0 - mask[:, None, None, :].to(hidden.dtype)) * PADDING
    for layer in layers:
        made = layer(hidden, bias)
        hidden = made[0] if isinstance(made, tuple) else made  # transformers 4 gave tuples
    return hidden


def _mask(lengths: list[int]) -> Tensor:
    """(N, T) 1 where a text still goes on."""
    return torch.from_numpy((np.arange(max(lengths)) < np.array(lengths)[:, None]).astype(np.int64))
