"""From a trained tokenizer to what the runtime reads: two graphs, the codebooks, and what they are.

Weights are kept as int8 and codebooks as float16. The module is rounded to these first, so that graphs and module agree.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import TypeVar

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from ..errors import ArtefactError
from ..nn.quantise import Codebook
from ..nn.tokenizer import MotionTokenizer
from ..runtime.model import Model
from ..runtime.session import open_session
from ..runtime.tokens import ABOUT, DECODER, ENCODER, TABLES, MotionTokens, TokensAbout
from .export import READERS, torch_to_onnx
from .quantize import MIN_ELEMENTS, quantize_weights

PARITY = 1e-3  # largest difference of any feature between torch and onnxruntime


def write_tokens(
    folder: Path, tokenizer: MotionTokenizer, patch: int, card: dict, earlier: MotionTokens | None = None
) -> TokensAbout:
    """Write a tokenizer beside its model; ``tokens.json`` comes last.

    Args:
        folder: of the model's artefact.
        tokenizer: as trained.
        patch: samples per latent of the model.
        card: how the tokenizer was made.
        earlier: the one whose ids it says. Codebooks, the way back to latents, and what reads these (poses, a language model)
            are copied from there.

    Raises:
        ArtefactError: there is no model, or the exported graphs do not do what the modules do.
    """
    model, tokenizer = Model(folder), rounded(tokenizer)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch)
        own = tokenizer.config
        difference = export_graph(
            _Vectors(tokenizer), made / ENCODER, "latents", "vectors", (1, tokenizer.latent_width)
        )
        codes = tokenizer.quantiser.codes()
        if earlier is None:
            back = export_graph(
                _Restore(tokenizer), made / DECODER, "vectors", "latents", (own.instants, own.quantiser.width)
            )
            difference = max(difference, back)
            levels = np.array(codes.levels, dtype=np.int64)
            vectors = codes.vectors.astype(np.float16)
            np.savez(made / TABLES, kind=codes.kind, vectors=vectors, levels=levels, books=codes.books)
        else:
            for name in (DECODER, TABLES):
                shutil.copyfile(earlier.folder / name, made / name)
        hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(made.iterdir())}
        for path in made.iterdir():
            path.replace(folder / path.name)
    if earlier is not None and earlier.folder.resolve() != folder.resolve():
        for name in READERS:
            if (earlier.folder / name).exists():
                shutil.copyfile(earlier.folder / name, folder / name)
    about = TokensAbout(
        model=model.encoder_sha256,
        tokens_per_s=tokenizer.config.tokens_per_s(model.config.rate_hz / patch),
        instants=tokenizer.config.instants,
        latent_width=tokenizer.latent_width,
        sizes=codes.sizes,
        files=hashes,
        card={**json.loads(json.dumps(card)), "parameters": sum(p.numel() for p in tokenizer.parameters()),
              "onnx_difference": difference},
        follows="" if earlier is None else earlier.sha256,
    )  # fmt: skip
    about.save(folder / ABOUT)
    return about


Module = TypeVar("Module", bound=nn.Module)


@torch.no_grad()
def rounded(module: Module) -> Module:
    """A copy whose large weights are multiples of a 127th of the largest of their row, and codebooks float16."""
    out = deepcopy(module)
    for layer in out.modules():
        if isinstance(layer, nn.Linear | nn.Conv1d) and layer.weight.numel() >= MIN_ELEMENTS:
            rows = layer.weight.flatten(1)
            step = rows.abs().amax(dim=1, keepdim=True).clamp(min=1e-12) / 127.0
            layer.weight.copy_(((rows / step).round() * step).view_as(layer.weight))
        elif isinstance(layer, Codebook):
            layer.vectors.copy_(layer.vectors.half())
    return out


class _Vectors(nn.Module):
    """Latents to what is quantised."""

    def __init__(self, tokenizer: MotionTokenizer) -> None:
        super().__init__()
        self.tokenizer = tokenizer

    def forward(self, latents: Tensor) -> Tensor:
        return self.tokenizer.vectors(latents)


class _Restore(nn.Module):
    """Quantised vectors to latents."""

    def __init__(self, tokenizer: MotionTokenizer) -> None:
        super().__init__()
        self.tokenizer = tokenizer

    def forward(self, vectors: Tensor) -> Tensor:
        return self.tokenizer.restore(vectors)


def export_graph(module: nn.Module, path: Path, name: str, made: str, sizes: tuple[int, int]) -> float:
    """Write one graph, of any batch and length, and compare it with torch.

    Args:
        module: from (B, instants, features) to the like.
        path: of the graph.
        name, made: of what goes in and comes out.
        sizes: instants that belong together, and features, of what goes in.
    """
    together, features = sizes
    generator = torch.Generator().manual_seed(0)
    shapes = ((2, 4), (1, 1), (3, 13))
    inputs = [torch.randn(batch, count * together, features, generator=generator) for batch, count in shapes]
    axes = {name: {0: "batch", 1: "instant"}, made: {0: "batch", 1: "instant"}}
    torch_to_onnx(module.eval(), (inputs[0],), path, input_names=[name], output_names=[made], dynamic_axes=axes)
    onnx.save(quantize_weights(onnx.load(str(path))), str(path))
    return _parity(module, path, inputs)


def _parity(module: nn.Module, path: Path, inputs: list[Tensor]) -> float:
    session = open_session(path, exact=True)
    worst = 0.0
    for own in inputs:
        with torch.no_grad():
            expected = module(own).numpy()
        got = np.asarray(session.run(None, {session.get_inputs()[0].name: own.numpy()})[0])
        worst = max(worst, float(np.abs(expected - got).max()) if expected.shape == got.shape else np.inf)
    if worst > PARITY:
        raise ArtefactError("The exported graph differs from the module", where=str(path), got=f"{worst:.2g}")
    return worst
