"""A causal language model of Hugging Face form that learns to read motion: what is added to it, and what learns.

The model itself stands still. What learns: low-rank changes of its linear maps (LoRA; Hu et al., ICLR 2022), the new rows of
its tables, which are a small network of the codebook vectors plus a change of each row's own, two soft prompts (Lester,
Al-Rfou & Constant, EMNLP 2021), one for motion and one for sentences, and a pooler. Checkpoints hold these alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from .._typing import Array, Float
from ..errors import UsageError
from ..runtime.codes import Codes
from ..runtime.llm_base import DTYPES, Base, MotionWords, add_motion, need_extra
from ..runtime.llm_pool import pooled

ADAPTER = "default"  # peft's name of the one adapter there is


@dataclass(frozen=True)
class ReaderConfig:
    """What is added to a language model.

    Attributes:
        rank, alpha, dropout: of the low-rank changes.
        soft: vectors of either soft prompt.
        projector: features within the network that makes rows of codebook vectors.
        latents, heads, pooler: learned latents of the pooler, its heads, and the features of all of them.
        embedding: features of the common space of motion and sentences.
        checkpointing: whether layers are computed again on the way back, which takes less memory and a third more time.
        dtype: number format of the model that stands still, ``float32`` or ``bfloat16``; what learns is float32.
    """

    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    soft: int = 8
    projector: int = 256
    latents: int = 32
    heads: int = 4
    pooler: int = 256
    embedding: int = 384
    checkpointing: bool = False
    dtype: str = "float32"

    def __post_init__(self) -> None:
        for name in ("rank", "alpha", "soft", "projector", "latents", "heads", "pooler", "embedding"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise UsageError("A size has to be a positive whole number", where=name, got=repr(value))
        if self.pooler % self.heads:
            raise UsageError(
                "The pooler's heads share its features", where="pooler", expected=f"a multiple of {self.heads}",
                got=str(self.pooler),
            )  # fmt: skip
        if not 0.0 <= self.dropout < 1.0:
            raise UsageError("A share is out of range", where="dropout", expected="below 1", got=str(self.dropout))
        if self.dtype not in DTYPES:
            raise UsageError(
                "There is no such number format", where="dtype", expected=", ".join(DTYPES), got=self.dtype
            )


def code_features(codes: Codes) -> Float[Array, "codes features"]:
    """One row for each code of each book: its vector where its book has it, in units of the spread, and which book it is."""
    books, sizes = codes.books, codes.sizes
    rows = []
    for book in range(books):
        ids = np.zeros((sizes[book], books), dtype=np.int64)
        ids[:, book] = np.arange(sizes[book])
        if codes.kind == "residual":
            own = codes.vectors[book]
        else:
            width = codes.width // books
            own = np.zeros((sizes[book], codes.width))
            part = slice(book * width, (book + 1) * width)
            own[:, part] = codes.decode(ids)[:, part]
        spread = max(float(own.std()), 1e-6)
        named = np.zeros((sizes[book], books))
        named[:, book] = 1.0
        rows.append(np.concatenate([own / spread, named], axis=1))
    return np.concatenate(rows).astype(np.float32)


class MotionReader(nn.Module):
    """What learns, and the language model that stands still, which is no part of its state.

    Args:
        base: the language model; it is changed, and is to be used for nothing else.
        codes: codebooks of the motion tokens.
        config: what is added.

    Raises:
        UsageError: the language model already has tokens of motion, or the ``llm`` extra is missing.
    """

    def __init__(self, base: Base, codes: Codes, config: ReaderConfig) -> None:
        super().__init__()
        need_extra()
        self.config = config
        self.words: MotionWords = add_motion(base, codes.sizes)
        tables = _tables(base)
        known = [_spread(own.get_parameter("weight").data[: self.words.first]) for own in tables.values()]
        host = _Host(_with_lora(base, self.words, list(tables), config))
        if config.checkpointing:
            base.model.gradient_checkpointing_enable({"use_reentrant": False})
        self._host: list[_Host] = [host]  # in a list: neither saved, nor averaged, nor copied
        learning = {name: own for name, own in host.named_parameters() if own.requires_grad}
        for own in learning.values():
            own.data = own.data.float()
        self.adapter = nn.ParameterDict({name.replace(".", "/"): own for name, own in learning.items()})
        self._rows = {name: _rows_of(name, learning) for name in tables}
        self._dtype = next(iter(tables.values())).get_parameter("weight").dtype
        self.register_buffer("features", torch.from_numpy(code_features(codes)), persistent=False)
        width = int(base.model.get_input_embeddings().weight.shape[1])
        self.projectors = nn.ModuleList(_Projector(self.features.shape[1], config.projector, width) for _ in tables)  # type: ignore[union-attr]
        for projector, (mean, size), name in zip(self.projectors, known, tables, strict=True):
            projector.fit(self.features, size)  # type: ignore[operator,arg-type]
            learning[self._rows[name]].data[:2] = mean.float()
        self.soft = nn.Parameter(torch.zeros(2, config.soft, width))
        nn.init.normal_(self.soft, std=known[0][1])
        self.pooler = LatentPooler(width, config)

    @property
    def host(self) -> _Host:
        """The language model with its changes."""
        if not self._host:
            raise UsageError("This is an average of what learned; load it into the reader it is of")
        return self._host[0]

    def rows(self) -> dict[str, Tensor]:
        """The new rows (words, D) of each table, by the name of the parameter that stands for them."""
        learned = [self.adapter[name.replace(".", "/")] for name in self._rows.values()]
        made = [projector(self.features) for projector in self.projectors]
        return {
            name: (own + nn.functional.pad(more, (0, 0, 2, 0))).to(self._dtype)
            for name, own, more in zip(self._rows.values(), learned, made, strict=True)
        }

    def forward(self, ids: Tensor, mask: Tensor, soft: int, places: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Hidden states, and logits where they are wanted.

        Args:
            ids: (B, T), filled up on the right.
            mask: (B, T), 1 where there is something.
            soft: which soft prompt comes first: 0 for motion, 1 for sentences.
            places: (P,) of `ids`, at which the next token is asked for; none where this is None.

        Returns:
            Hidden states (B, T, D), and logits (B, P, rows) or None.
        """
        prompt = self.soft[soft].expand(len(ids), -1, -1)
        wanted = places if places is not None else ids.new_zeros(1)  # one at least, or all would be made
        hidden, logits = functional_call(self.host, self.rows(), (ids, mask, prompt, wanted + prompt.shape[1]))
        return hidden[:, prompt.shape[1] :], None if places is None else logits

    def train(self, mode: bool = True) -> MotionReader:
        for host in self._host:
            host.train(mode)
        return super().train(mode)

    def _apply(self, fn, recurse: bool = True):
        for host in self._host:
            host._apply(fn)
        return super()._apply(fn, recurse)

    def __deepcopy__(self, memo: dict) -> MotionReader:
        """A copy of what learns, without the language model."""
        made = self.__class__.__new__(self.__class__)
        nn.Module.__init__(made)
        memo[id(self)] = made
        made.config, made.words, made._host = self.config, self.words, []
        made._rows, made._dtype = dict(self._rows), self._dtype
        for name, own in self._parameters.items():
            made._parameters[name] = deepcopy(own, memo)
        for name, own in self._buffers.items():
            made.register_buffer(name, deepcopy(own, memo), persistent=name not in self._non_persistent_buffers_set)
        for name, own in self._modules.items():
            made._modules[name] = deepcopy(own, memo)
        return made


class LatentPooler(nn.Module):
    """Weights of `anywear.runtime.llm_pool.pooled`."""

    def __init__(self, width: int, config: ReaderConfig) -> None:
        super().__init__()
        inner, each = config.pooler, config.pooler // config.heads
        self.query = nn.Linear(width, inner, bias=False)
        self.keys = nn.Parameter(torch.randn(config.heads, config.latents, each))
        self.values = nn.Parameter(torch.randn(config.heads, config.latents, each))
        self.up, self.down = nn.Linear(inner, 2 * inner), nn.Linear(2 * inner, inner)
        self.out = nn.Linear(inner, config.embedding, bias=False)

    def forward(self, hidden: Tensor, wanted: Tensor) -> Tensor:
        return pooled(hidden, wanted, dict(self.named_parameters()))


class _Projector(nn.Module):
    """Codebook vectors to rows of a table."""

    def __init__(self, features: int, hidden: int, width: int) -> None:
        super().__init__()
        self.inner, self.outer = nn.Linear(features, hidden), nn.Linear(hidden, width)

    @torch.no_grad()
    def fit(self, features: Tensor, size: float) -> None:
        """Make rows as large as those of words, so that motion is neither loud nor silent among them."""
        self.outer.weight.mul_(size / self(features).std().clamp(min=1e-8))
        self.outer.bias.zero_()

    def forward(self, features: Tensor) -> Tensor:
        return self.outer(nn.functional.silu(self.inner(features)))


class _Host(nn.Module):
    """The language model, from ids and vectors before them to hidden states and logits."""

    def __init__(self, peft: Any) -> None:
        super().__init__()
        self.peft = peft

    def forward(self, ids: Tensor, mask: Tensor, prompt: Tensor, kept: Tensor) -> tuple[Tensor, Tensor]:
        model = self.peft.get_base_model()
        vectors = model.get_input_embeddings()(ids)
        out = model(
            inputs_embeds=torch.cat([prompt.to(vectors.dtype), vectors], dim=1),
            attention_mask=torch.cat([mask.new_ones(prompt.shape[:2]), mask], dim=1),
            logits_to_keep=kept,
            output_hidden_states=True,
            use_cache=False,
        )
        return out.hidden_states[-1], out.logits


def _tables(base: Base) -> dict[str, nn.Module]:
    """Modules that hold the tables of words, by name; one where words go in and out by the same."""
    model = base.model
    wanted = [model.get_input_embeddings()] + ([] if base.tied else [model.get_output_embeddings()])
    names = {id(module): name for name, module in model.named_modules()}
    return {names[id(own)]: own for own in wanted}


def _with_lora(base: Base, words: MotionWords, tables: Sequence[str], config: ReaderConfig) -> Any:
    from peft import LoraConfig, get_peft_model

    new = list(range(words.first, words.stop))
    lora = LoraConfig(
        r=config.rank, lora_alpha=config.alpha, lora_dropout=config.dropout, target_modules="all-linear",
        trainable_token_indices=dict.fromkeys(tables, new), task_type="CAUSAL_LM",
    )  # fmt: skip
    return get_peft_model(base.model, lora, adapter_name=ADAPTER)


def _rows_of(table: str, learning: dict[str, nn.Parameter]) -> str:
    """Name of the parameter that stands for the new rows of a table."""
    (found,) = [name for name in learning if f".{table}." in name and "trainable_tokens_delta" in name]
    return found


def _spread(rows: Tensor) -> tuple[Tensor, float]:
    """Mean row, and how far numbers of rows stray."""
    return rows.float().mean(dim=0), float(rows.float().std())
