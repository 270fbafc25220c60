"""Another encoder under the same tokens: what an earlier tokenizer said of a view is said again from other latents.

A language model knows its tokens; an encoder that is trained anew has other latents, and so would have others. Here the
codebooks stay, and so does the way back from ids to the latents they were made for. What is learned is only the way from the
new latents to the vectors that are quantised: both encoders see the same sensors, and the vectors have to become those of the
earlier one. Poses and language models go on reading.

That what is new is trained to be read by what is old: Shen et al., "Towards backward-compatible representation learning",
CVPR 2020, there for embeddings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..errors import UsageError
from ..nn.encoders import AnyEncoder
from ..nn.quantise import QuantiserConfig
from ..runtime.codes import Codes
from ..runtime.session import open_session
from ..runtime.tokens import MotionTokens
from .corpus import Take
from .gradcache import Figures
from .tokenize import TokenizeTask, TokensConfig, both_views, explained


def followed(config: TokensConfig) -> MotionTokens | None:
    """The tokenizer that a configuration follows, if any.

    Raises:
        ArtefactError: there is none in its folder.
    """
    return MotionTokens(config.follow) if config.follow else None


class FollowTask(TokenizeTask):
    """See `anywear.train.engine.Task`. Arguments as of `TokenizeTask`; instants and quantiser are those of `earlier`.

    Raises:
        UsageError: latents of the two encoders are not of the same instants.
    """

    def __init__(
        self,
        config: TokensConfig,
        earlier: MotionTokens,
        encoder: AnyEncoder,
        takes: list[Take],
        rate_hz: float,
        sets: dict[str, float] | None = None,
        cache_dir: Path | None = None,
        report: Callable[[str], None] = lambda line: None,
    ) -> None:
        latent_s = encoder.config.patch / rate_hz
        if earlier.model.config.rate_hz != rate_hz or abs(earlier.latent_s - latent_s) > 1e-6:
            raise UsageError(
                "Only an encoder with the same instants can say another's ids", where="[tokens] follow",
                expected=f"{earlier.model.config.rate_hz:g} Hz, a latent for {earlier.latent_s:g} s",
                got=f"{rate_hz:g} Hz, {latent_s:g} s",
            )  # fmt: skip
        self.earlier = earlier
        self._first = open_session(earlier.folder / "motion.onnx")
        like = _like(earlier.codes, config.tokenizer.quantiser)
        dims = replace(config.tokenizer, instants=earlier.about.instants, quantiser=like)
        super().__init__(replace(config, tokenizer=dims), encoder, takes, rate_hz, sets, cache_dir, report)
        self.module.back.requires_grad_(False)  # the earlier one's own way back is kept
        for book, entries in zip(getattr(self.module.quantiser, "codebooks", ()), earlier.codes.vectors, strict=False):
            book.vectors.copy_(torch.from_numpy(entries))

    def bank_name(self, takes: list[Take], sets: dict[str, float] | None) -> str:  # type: ignore[override]
        return f"{self.earlier.sha256}-{super().bank_name(takes, sets)}"

    def loss(self, data: dict[str, Tensor]) -> tuple[Tensor, Figures]:
        if "said" not in data:
            data = self._encoded(data)
        said, quantiser = data["said"], self.module.quantiser
        vectors = self.module.vectors(torch.cat(self.latents(data)))
        apart = (vectors - said).square().mean() / said.var().clamp(min=1e-4)
        with torch.no_grad():
            same = (quantiser.encode(vectors) == quantiser.encode(said)).float().mean()
            figures: Figures = {"apart": apart.detach(), "r2": explained(vectors, said), "same_ids": same}
        return apart, figures

    def after_step(self, rng: np.random.Generator) -> None:
        """The codebooks stay."""

    def _encoded(self, data: dict[str, Tensor]) -> dict[str, Tensor]:
        whole, partial = both_views(data, self._earlier_latents)
        said = [np.stack(self.earlier.vectors(list(own.numpy()))) for own in (whole, partial)]
        return {**super()._encoded(data), "said": torch.from_numpy(np.concatenate(said))}

    def _earlier_latents(self, *inputs: Tensor) -> Tensor:
        names = [own.name for own in self._first.get_inputs()]
        given = dict(zip(names, (own.cpu().numpy() for own in inputs), strict=True))
        return torch.from_numpy(np.asarray(self._first.run(["latents"], given)[0]))


def _like(codes: Codes, config: QuantiserConfig) -> QuantiserConfig:
    """The configuration of codebooks that are there."""
    if codes.kind == "scalar":
        return replace(config, kind="scalar", books=codes.books, levels=codes.levels)
    _, entries, width = codes.vectors.shape
    return replace(config, kind=codes.kind, books=codes.books, codes=entries, code_width=width)
