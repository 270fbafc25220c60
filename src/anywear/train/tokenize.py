"""Training of motion tokens: what a few sensors show becomes ids that tell what the whole body did.

The encoder is frozen. Every stretch is shown three times: by as many sensors as there are, by a few of them, and by a few
others. All three pass through the tokenizer, and each has to come back as the latents of the whole view. Codes of the two
partial views are also drawn to those of the whole one, so that different setups say the same sentence. Labels are not used,
but for drawing stretches evenly.

After AnyMo (arXiv 2605.22715), stage 3: smooth L1 and commitment on latents of masked views. That targets are those of the
whole view, and the term that draws views together, are ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .._config import from_table
from ..errors import UsageError
from ..nn.encoders import AnyEncoder
from ..nn.quantise import QuantiserConfig
from ..nn.tokenizer import MotionTokenizer, TokenizerConfig
from . import distributed
from .concepts import table_of
from .corpus import Take, data_digest
from .engine import LoopConfig
from .gradcache import Figures
from .latent_bank import LatentBank, make_bank
from .sampler import AugmentConfig, Sampler

SCALE_DRAWS = 8  # chunks that tell mean and spread of the latents


@dataclass(frozen=True)
class TokensConfig:
    """One training of a tokenizer; the table ``[tokens]`` of a run's file.

    Attributes:
        sets: data sets and their share of the draws; those of the alignment when empty.
        streams: how many sensors a partial view has, drawn uniformly from this list.
        whole: sensors of a half of the whole view, at most; the two halves share none where there are enough.
        agreement: weight of the term that draws codes of partial views to those of the whole.
        bank: draws whose latents are made once, and shown again and again; new ones at every step when 0.
        follow: folder of a model whose tokenizer's ids are said, with this encoder's latents; see `anywear.train.follow`.
            Ids of its own when empty.
        tokenizer: dimensions.
        augment: how views are varied; `stream_counts` is `whole`, and `paired` is 1.
        loop: how long.
    """

    sets: dict[str, float] = field(default_factory=dict)
    streams: tuple[int, ...] = (1, 1, 2, 3)
    whole: int = 5
    agreement: float = 0.5
    bank: int = 0
    follow: str = ""
    tokenizer: TokenizerConfig = field(default_factory=TokenizerConfig)
    augment: AugmentConfig = field(default_factory=lambda: AugmentConfig(no_gyr=0.05, no_gyr_window=0.05))
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(batch=64))

    def __post_init__(self) -> None:
        if not self.streams or min(self.streams) < 1 or max(self.streams) > self.whole:
            raise UsageError(
                "A partial view has some of the sensors", where="streams", expected=f"1 to {self.whole}, one or more",
                got=str(list(self.streams)),
            )  # fmt: skip
        if not 0.0 <= self.agreement < np.inf:
            raise UsageError("A weight is not negative", where="agreement", got=str(self.agreement))
        if not isinstance(self.bank, int) or self.bank < 0:
            raise UsageError("A whole number of 0 or more is needed", where="bank", got=repr(self.bank))
        if self.loop.batch % 2:
            raise UsageError(
                "Views come in pairs", where="[loop] batch", expected="an even number", got=str(self.loop.batch)
            )

    @classmethod
    def from_table(cls, raw: dict[str, Any], where: str) -> TokensConfig:
        """From a table of a run's file; ``tokenizer``, ``tokenizer.quantiser``, ``augment`` and ``loop`` are tables in it."""
        raw, parts = dict(raw), {}
        if "tokenizer" in raw:
            own = dict(raw.pop("tokenizer"))
            if "quantiser" in own:
                own["quantiser"] = from_table(QuantiserConfig, own["quantiser"], f"{where} quantiser")
            parts["tokenizer"] = from_table(TokenizerConfig, own, f"{where} tokenizer")
        for key, kind in (("augment", AugmentConfig), ("loop", LoopConfig)):
            if key in raw:
                parts[key] = from_table(kind, raw.pop(key), f"{where} {key}")
        return from_table(cls, {**raw, **parts}, where)

    def fingerprint(self, encoder: torch.nn.Module, takes: int) -> str:
        """Short hash of everything a checkpoint depends on, the encoder's weights among it."""
        return _hash({**asdict(self), "loop": self.loop.identity(), "takes": takes, "encoder": _weights(encoder)})


class TokenizeTask:
    """See `anywear.train.engine.Task`.

    Args:
        config: the training's.
        encoder: makes the latents; it is copied, and does not learn.
        takes: recordings, real and simulated.
        rate_hz: of the takes.
        sets: data sets and their share of the draws, where the configuration names none.
        cache_dir: keeps the bank of latents between runs.
        report: takes progress lines.
    """

    def __init__(
        self,
        config: TokensConfig,
        encoder: AnyEncoder,
        takes: list[Take],
        rate_hz: float,
        sets: dict[str, float] | None = None,
        cache_dir: Path | None = None,
        report: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.config = config
        self.encoder = deepcopy(encoder).eval().requires_grad_(False)
        augment = replace(config.augment, paired=1.0, hidden=0.0, stream_counts=(config.whole,))
        self.sampler = Sampler(
            takes, table_of(takes), rate_hz, augment, config.sets or sets, patch=encoder.config.patch
        )
        self.bank: LatentBank | None = None
        if config.bank:
            path = cache_dir / self.bank_name(takes, sets) if cache_dir else None
            self.bank = make_bank(self._views, self._encoded, config.bank, config.loop.seed, path, report)
        torch.manual_seed(config.loop.seed)  # of the first weights
        self.module = MotionTokenizer(config.tokenizer, encoder.config.latent_width)
        rng = np.random.default_rng(config.loop.seed)
        self.module.fit_scale(torch.cat([self.latents(self.draw(rng))[0].flatten(0, 1) for _ in range(SCALE_DRAWS)]))

    def bank_name(self, takes: Sequence[Take], sets: dict[str, float] | None) -> str:
        """Name of the file that keeps the bank: it changes with everything the bank depends on."""
        config = self.config
        facts = {name: asdict(config)[name] for name in ("streams", "whole", "bank", "augment")}
        drawn = {"batch": config.loop.batch, "seed": config.loop.seed, "sets": config.sets or sets}
        made = {**facts, **drawn, "takes": data_digest(takes), "encoder": _weights(self.encoder)}
        return f"latents-{_hash(made)}.pickle"

    def draw(self, rng: np.random.Generator) -> dict[str, Tensor]:
        """Encoder inputs of both halves of every stretch, and which of their streams the partial views keep; with a bank,
        latents of these, ready-made."""
        return self._views(rng) if self.bank is None else self.bank.draw(rng)

    def loss(self, data: dict[str, Tensor]) -> tuple[Tensor, Figures]:
        whole, partial = self.latents(data)
        passed: list[Tensor] = list(self.module(torch.cat([whole, partial])))
        restored, vectors, ids, asked = passed
        wanted = torch.cat([whole, whole.repeat_interleave(2, dim=0)])
        lost = F.smooth_l1_loss(restored / self.module.spread, wanted / self.module.spread)
        count = len(whole)
        meant = vectors[:count].detach().repeat_interleave(2, dim=0)
        apart = (vectors[count:] - meant).square().mean() / meant.var().clamp(min=1e-4)
        loss = lost + asked + self.config.agreement * apart
        with torch.no_grad():
            figures: Figures = {
                "lost": lost.detach(),
                "commitment": asked.detach(),
                "apart": apart.detach(),
                "r2_whole": explained(restored[:count], whole),
                "r2_partial": explained(restored[count:], wanted[count:]),
                "same_ids": (ids[count::2] == ids[count + 1 :: 2]).float().mean(),
            }
        return loss, figures

    @torch.no_grad()
    def latents(self, data: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """(N, T', D) of whole views, and (2N, T', D) of the two partial views of each, one after the other."""
        if "whole" in data:
            return data["whole"], data["partial"]
        self.encoder.to(data["motion"].device)
        return both_views(data, lambda *inputs: self.encoder.encode(*inputs)[1])

    def after_step(self, rng: np.random.Generator) -> None:
        """See `anywear.train.engine.Task`."""
        self.module.quantiser.settle(lambda rows: distributed.gather(rows)[0], rng)

    def _views(self, rng: np.random.Generator) -> dict[str, Tensor]:
        batch = self.sampler.batch(self.config.loop.batch, rng)
        kept = np.zeros_like(batch.present)
        for row, present in enumerate(batch.present):
            # Streams are in random order, so the first few are any few.
            kept[row, : max(1, min(int(rng.choice(self.config.streams)), int(present.sum())))] = 1.0
        arrays = {
            "motion": batch.motion, "present": batch.present, "has_gyr": batch.has_gyr, "place": batch.place, "kept": kept,
        }  # fmt: skip
        return {name: torch.from_numpy(np.asarray(own, dtype=np.float32)) for name, own in arrays.items()}

    def _encoded(self, data: dict[str, Tensor]) -> dict[str, Tensor]:
        device = torch.device(self.config.loop.device)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=self.config.loop.bf16):
            whole, partial = self.latents({name: own.to(device) for name, own in data.items()})
        return {"whole": whole.cpu(), "partial": partial.cpu()}


def both_views(data: dict[str, Tensor], latents: Callable[..., Tensor]) -> tuple[Tensor, Tensor]:
    """What an encoder makes of whole and of partial views; see `TokenizeTask.latents`.

    Args:
        data: as drawn, without a bank.
        latents: of motion, present, has_gyr and place.
    """
    halves = [data[name] for name in ("motion", "present", "has_gyr", "place")]
    joined = [torch.cat([half[0::2], half[1::2]], dim=1) for half in halves]
    motion, present, has_gyr, place = halves
    return latents(*joined), latents(motion, present * data["kept"], has_gyr, place)


def explained(found: Tensor, wanted: Tensor) -> Tensor:
    """R2: share of the variance of (..., D) that is explained, over all features together."""
    spread = (wanted - wanted.mean(dim=tuple(range(wanted.ndim - 1)), keepdim=True)).square().sum()
    return 1.0 - (found - wanted).square().sum() / spread.clamp(min=1e-12)


def _weights(encoder: torch.nn.Module) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(encoder.state_dict().items()):
        digest.update(name.encode() + tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _hash(facts: dict) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
