"""From trained weights to an artefact the runtime loads: graph, text space, calibration, hashes, model card."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from .. import __version__
from ..errors import ArtefactError
from ..nn.encoders import AnyEncoder
from ..placement import Placement
from ..runtime.model import MIN_WINDOW_S, WEIGHTS_DIR, ModelConfig
from ..runtime.programs import store_wordings
from ..runtime.text import TextTower
from ..runtime.textspace import TextSpace
from ..signal import CHANNELS, WORN_FEATURES
from .calibrate import Calibration

OPSET = 17
OWN_FILES = ("motion.onnx", "textspace.npz", "background.npz")
TEXT_FILES = ("text.onnx", "tokenizer.json")
READERS = ("pose.json", "pose.onnx", "language.json", "language.npz", "language.onnx", "language-pieces.json")
"""What reads motion tokens."""
COMPANIONS = ("tokens.json", "tokens.npz", "tokens-encode.onnx", "tokens-decode.onnx", *READERS)
"""What rests on an encoder's latents; each keeps hashes of its own."""
PARITY = 2e-4  # largest difference of any embedding feature between torch and onnxruntime
HALF_PARITY = 3e-2  # the same of latents, whose features are of size 1, with weights rounded to 11 bits
HALF = ".half"
LARGE = 256  # weights of a tensor worth storing in 16 bits


def export_encoder(encoder: AnyEncoder, path: Path, *, half: bool = False) -> float:
    """Write the encoder as ONNX with dynamic batch, streams and time, and compare it with torch at other shapes.

    The graph gives embeddings, (batch, features), and the latents of the whole body, (batch, patches, features).

    Args:
        encoder: the module.
        path: of the file.
        half: store weights in 16 bits; they are computed with in 32.

    Returns:
        Largest difference found.

    Raises:
        ArtefactError: the graph does not do what the module does.
    """
    both = _Both(encoder).eval()
    names, made = ["motion", "present", "has_gyr", "place"], ["embedding", "latents"]
    axes = {
        "motion": {0: "batch", 1: "stream", 2: "time"},
        "embedding": {0: "batch"},
        "latents": {0: "batch", 1: "patch"},
    }
    axes |= {name: {0: "batch", 1: "stream"} for name in names[1:]}
    torch_to_onnx(
        both,
        _example(2, 3, 4 * encoder.config.patch, 0),
        path,
        input_names=names,
        output_names=made,
        dynamic_axes=axes,
        folded=not half,
    )
    if half:
        store_half(path)
    onnx.checker.check_model(onnx.load(str(path)))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for batch, streams, patches in ((1, 1, 1), (1, 5, 12), (7, 2, 3), (3, 1, 25)):
        inputs = _example(batch, streams, patches * encoder.config.patch + 3, batch)
        with torch.no_grad():
            expected = both(*inputs)
        got = session.run(made, {n: x.numpy() for n, x in zip(names, inputs, strict=True)})
        worst = max(worst, *(float(np.abs(e.numpy() - g).max()) for e, g in zip(expected, got, strict=True)))
    if worst > (HALF_PARITY if half else PARITY):
        raise ArtefactError("The exported graph differs from the module", where=str(path), got=f"{worst:.2g}")
    return worst


def store_half(path: Path) -> None:
    """Store the large weights of a graph in 16 bits; each is cast to 32 where the graph begins."""
    model = onnx.load(str(path))
    casts = []
    for weight in list(model.graph.initializer):
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size >= LARGE:
            weight.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f"{weight.name}{HALF}"))
            name = weight.name.removesuffix(HALF)
            casts.append(onnx.helper.make_node("Cast", [weight.name], [name], to=onnx.TensorProto.FLOAT))
    for number, node in enumerate(casts):
        model.graph.node.insert(number, node)
    onnx.save(model, str(path))


def stored_weights(path: Path) -> dict[str, torch.Tensor]:
    """The weights of a graph written with ``half``, by their names in the module.

    Raises:
        ArtefactError: the file is damaged.
    """
    try:
        graph = onnx.load(str(path)).graph
    except Exception as error:  # of protobuf, which has a family of its own
        raise ArtefactError("A model file is damaged", where=str(path), got=str(error).splitlines()[0]) from error
    arrays = {own.name.removesuffix(HALF): onnx.numpy_helper.to_array(own) for own in graph.initializer}
    return {
        name.removeprefix("encoder."): torch.from_numpy(values.astype(np.float32))
        for name, values in arrays.items()
        if name.startswith("encoder.")
    }


class _Both(torch.nn.Module):
    """Embeddings and latents of an encoder."""

    def __init__(self, encoder: AnyEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.encoder.encode(*inputs)


def torch_to_onnx(
    module: torch.nn.Module,
    example: tuple,
    path: Path,
    *,
    input_names: list[str],
    output_names: list[str],
    dynamic_axes: dict,
    folded: bool = True,
) -> None:
    """Trace a module into an ONNX file.

    The tracing exporter is used on purpose: it needs no further package, and its graphs are small. Its remarks on being the
    older one are kept from the user. Unless constants are folded, weights keep the names and shapes they have in the module.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            example,
            str(path),
            input_names=input_names,
            output_names=output_names,
            dynamic_axes=dynamic_axes,
            opset_version=OPSET,
            do_constant_folding=folded,
            dynamo=False,
        )


def write_artefact(
    folder: Path,
    encoder: AnyEncoder,
    space: TextSpace,
    calibration: Calibration,
    *,
    name: str,
    rate_hz: float,
    trained_on: tuple[str, ...],
    placements: Iterable[Placement],
    held_out: dict[str, list[str]],
    card: dict,
    window_s: float = 5.0,
    hop_s: float = 1.0,
    shortest_s: float = MIN_WINDOW_S,
    half: bool = False,
) -> ModelConfig:
    """Write everything the runtime needs but the text tower, which is shared; ``model.json`` comes last.

    With `half` the weights are stored in 16 bits under their own names, so that they can be read back and trained on, and the
    hashes name the shared text tower as well.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch)
        difference = export_encoder(encoder, made / "motion.onnx", half=half)
        np.savez(made / "textspace.npz", mean=space.mean, matrix=space.matrix.astype(np.float16))
        for path in made.iterdir():
            path.replace(folder / path.name)
    config = ModelConfig(
        name=name,
        version=__version__,
        rate_hz=rate_hz,
        window_s=window_s,
        hop_s=hop_s,
        patch=max(encoder.config.patch, round(shortest_s * rate_hz)),
        scale=calibration.scale,
        threshold=calibration.threshold,
        trained_on=trained_on,
        places=_places(placements),
        held_out=held_out,
        files=({name: own for name, own in hashes(WEIGHTS_DIR).items() if name in TEXT_FILES} if half else {})
        | hashes(folder),
        card={
            **json.loads(json.dumps(card)),
            "calibration": asdict(calibration),
            "encoder": encoder.config.to_dict(),
            "parameters": sum(p.numel() for p in encoder.parameters()),
            "onnx_difference": difference,
        },
    )
    config.save(folder / "model.json")
    return config


def _places(placements: Iterable[Placement]) -> tuple[tuple[float, float, float], ...]:
    """Points on the neutral body, with those of the other side: training mirrors every window half the time.

    Rounded to a hundredth of height, far below what counts as near: simulated sensors are worn anywhere.
    """
    known = {p for p in placements if p.is_known}
    points = {tuple(round(float(x), 2) for x in p.rest_point()[0]) for own in known for p in (own, own.mirrored())}
    return tuple(sorted((x, y, z) for x, y, z in points))


def install(model: Path, weights: Path = WEIGHTS_DIR) -> ModelConfig:
    """Make an artefact the shipped one: copy it beside the text tower, and record the hashes of all files.

    Companions of another encoder that lie there are of no use any more, and leave.
    """
    for name in (*OWN_FILES, *TEXT_FILES, *COMPANIONS):
        if (model / name).exists():  # an artefact may do without a text tower of its own
            shutil.copyfile(model / name, weights / name)
        elif name in COMPANIONS:
            (weights / name).unlink(missing_ok=True)
    if (weights / "text.onnx").exists():
        store_wordings(TextTower(weights))
    config = replace(ModelConfig.load(model / "model.json"), files=hashes(weights))
    config.save(weights / "model.json")
    return config


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of an artefact that is there."""
    paths = [folder / name for name in (*OWN_FILES, *TEXT_FILES)]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.exists()}


def _example(batch: int, streams: int, time: int, seed: int) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    return (
        torch.randn(batch, streams, time, CHANNELS, generator=generator),
        torch.ones(batch, streams),
        torch.ones(batch, streams),
        torch.randn(batch, streams, WORN_FEATURES, generator=generator),
    )


if __name__ == "__main__":
    print(install(Path(sys.argv[1])).files)
