"""From a trained language model to what the runtime reads, a graph in 4 bits, tables, pieces and what they are; and back."""

from __future__ import annotations

import hashlib
import json
import tempfile
from copy import deepcopy
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from ..errors import ArtefactError
from ..nn.language import LanguageConfig, LanguageModel, _Linear, rounded
from ..runtime.language.artefact import ABOUT as LANGUAGE_ABOUT
from ..runtime.language.artefact import GRAPH, PIECES, TABLES, LanguageAbout, Tables
from ..runtime.language.decoding import Drafting
from ..runtime.language.fourbit import BLOCK, packed, unpacked
from ..runtime.language.pieces import Pieces
from .export import torch_to_onnx

PARITY = 2e-3  # largest difference of any hidden feature between torch and onnxruntime; features are of size 1
LEAST = 4096  # numbers of a matrix that is worth 4 bits


def write_language(
    folder: Path,
    model: LanguageModel,
    pieces: Pieces,
    *,
    name: str,
    tokens: str,
    places: tuple[str, ...],
    prior: float = 1.0,
    scale: float = 1.0,
    guidance: float = 0.0,
    drafts: Drafting | None = None,
    card: dict,
) -> LanguageAbout:
    """Write a language model; ``language.json`` comes last.

    Args:
        folder: gets the files.
        model: as trained.
        pieces: its words.
        name: of the model.
        tokens: short hash of the motion tokens it reads.
        places: body segments of its table of places, from row 1 on.
        prior, scale, guidance, drafts: of choices and captions; see `anywear.runtime.language.LanguageAbout`.
        card: how it was made.

    Raises:
        ArtefactError: the exported graph does not do what the module does.
    """
    model = deepcopy(model).cpu().eval()
    with torch.no_grad():
        for part in model.modules():
            if isinstance(part, _Linear):
                part.weight.copy_(rounded(part.weight))
                part.quantised = False
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch)
        difference = _export(model, made / GRAPH)
        np.savez_compressed(made / TABLES, **_tables(model))  # type: ignore[arg-type]
        pieces.save(made / PIECES)
        hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(made.iterdir())}
        for path in made.iterdir():
            path.replace(folder / path.name)
    own = {**json.loads(json.dumps(card)), "parameters": sum(p.numel() for p in model.parameters()),
           "onnx_difference": difference}  # fmt: skip
    config = json.loads(json.dumps(model.config.to_dict()))
    about = LanguageAbout(name, tokens, places, config, prior, scale, hashes, own, guidance, drafts)
    about.save(folder / LANGUAGE_ABOUT)
    return about


def read_language(folder: Path) -> LanguageModel:
    """An artefact as a module to go on training with, weights as 4 bits tell them. The head of ids, which none has, is new.

    Raises:
        ArtefactError: something is missing or damaged.
    """
    about, tables = LanguageAbout.load(folder / LANGUAGE_ABOUT), Tables.load(folder / TABLES)
    path = folder / GRAPH
    try:
        graph = onnx.load(str(path)).graph
        model = LanguageModel(LanguageConfig(**{**about.config, "code_sizes": tuple(about.config["code_sizes"])}))
        missing = model.load_state_dict(_state(tables) | _state_of_graph(graph), strict=False).missing_keys
        if any(not name.startswith("motion_out.") for name in missing):
            raise ValueError(f"no weights of {', '.join(missing)}")
    except Exception as error:  # of protobuf, which has a family of its own, among others
        raise ArtefactError(
            "A language model's file is missing or damaged", where=str(path), got=str(error).splitlines()[0]
        ) from error
    return model


def _state(tables: Tables) -> dict[str, Tensor]:
    pairs = {name: getattr(tables, name) for name in ("motion_in", "motion_on", "pooled")}
    arrays = {
        "words.weight": tables.words, "places": tables.places, "soft": tables.soft, "vector_mean": tables.mean,
        "vector_spread": np.float32(tables.spread),
        **{f"{name}.weight": weight for name, (weight, _) in pairs.items()},
        **{f"{name}.bias": bias for name, (_, bias) in pairs.items()},
    }  # fmt: skip
    return {name: torch.from_numpy(np.array(own, dtype=np.float32)) for name, own in arrays.items()}


def _state_of_graph(graph: onnx.GraphProto) -> dict[str, Tensor]:
    """Weights of a graph as `in_four_bits` leaves it, by their names in the module: products are named after their layers."""
    constants = {own.name: numpy_helper.to_array(own) for own in graph.initializer}
    # The exporter keeps equal weights once.
    constants |= {own.output[0]: constants[own.input[0]] for own in graph.node if own.op_type == "Identity"}
    out = {name.removeprefix("model."): own for name, own in constants.items() if name.startswith("model.")}
    for node in graph.node:
        if node.op_type == "MatMulNBits":
            numbers, scale = (constants[f"{node.input[1].removesuffix('_four')}_{part}"] for part in ("four", "half"))
            rows = len(numbers)
            layer = ".".join(node.name.strip("/").split("/")[1:-1])
            out[f"{layer}.weight"] = unpacked(numbers.reshape(rows, -1), scale.reshape(rows, -1))
    return {name: torch.from_numpy(np.array(own, dtype=np.float32)) for name, own in out.items()}


class _Step(nn.Module):
    """Vectors and the past to hidden states and the past with them."""

    def __init__(self, model: LanguageModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, sequence: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        return self.model(sequence, past)


def _export(model: LanguageModel, path: Path) -> float:
    config = model.config
    generator = torch.Generator().manual_seed(0)

    def example(rows: int, time: int, before: int) -> tuple[Tensor, Tensor]:
        shape = (config.layers, 2, rows, config.heads, before, config.width // config.heads)
        sequence = torch.randn(rows, time, config.width, generator=generator)
        return sequence, torch.randn(shape, generator=generator)

    axes = {
        "sequence": {0: "row", 1: "time"},
        "past": {2: "row", 4: "before"},
        "hidden": {0: "row", 1: "time"},
        "carried": {2: "row", 4: "after"},
    }
    names, made = ["sequence", "past"], ["hidden", "carried"]
    torch_to_onnx(_Step(model).eval(), example(2, 3, 4), path, input_names=names, output_names=made, dynamic_axes=axes)
    onnx.save(in_four_bits(onnx.load(str(path))), str(path))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for shape in ((1, 1, 0), (1, 17, 0), (3, 1, 20), (2, 5, 7)):
        inputs = example(*shape)
        with torch.no_grad():
            expected = _Step(model)(*inputs)
        got = session.run(made, {name: own.numpy() for name, own in zip(names, inputs, strict=True)})
        worst = max(
            worst, *(float(np.abs(e.numpy() - np.asarray(g)).max()) for e, g in zip(expected, got, strict=True))
        )
    if worst > PARITY:
        raise ArtefactError("The exported graph differs from the module", where=str(path), got=f"{worst:.2g}")
    return worst


def in_four_bits(model: onnx.ModelProto) -> onnx.ModelProto:
    """Pack the weights of every MatMul of a graph in place, and return it; see `anywear.runtime.language.fourbit`."""
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        tensor = constants.get(node.input[1]) if node.op_type == "MatMul" else None
        if tensor is None or len(tensor.dims) != 2 or int(np.prod(tensor.dims)) < LEAST or tensor.dims[0] % BLOCK:
            continue
        weight = numpy_helper.to_array(tensor).T  # (out, in)
        numbers, scale = packed(np.ascontiguousarray(weight))
        rows, columns = weight.shape
        for suffix, array in (
            ("four", numbers.reshape(rows, columns // BLOCK, BLOCK // 2)),
            ("half", scale.reshape(-1)),
        ):
            graph.initializer.append(numpy_helper.from_array(array, f"{tensor.name}_{suffix}"))
        cast = helper.make_node("Cast", [f"{tensor.name}_half"], [f"{tensor.name}_scale"], to=TensorProto.FLOAT)
        inputs = [node.input[0], f"{tensor.name}_four", f"{tensor.name}_scale"]
        product = helper.make_node(
            "MatMulNBits", inputs, list(node.output), name=node.name, domain="com.microsoft",
            K=columns, N=rows, bits=4, block_size=BLOCK, accuracy_level=1,
        )  # fmt: skip
        place = list(graph.node).index(node)
        graph.node.remove(node)
        graph.node.insert(place, product)
        graph.node.insert(place, cast)
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    return model


def _tables(model: LanguageModel) -> dict[str, np.ndarray]:
    numbers, scale = packed(model.words.weight.detach().numpy())
    out = {"words_numbers": numbers, "words_scale": scale}
    halves = {
        "places": model.places, "soft": model.soft, "mean": model.vector_mean, "spread": model.vector_spread,
        **{f"{name}_weight": getattr(model, name).weight for name in ("motion_in", "motion_on", "pooled")},
        **{f"{name}_bias": getattr(model, name).bias for name in ("motion_in", "motion_on", "pooled")},
    }  # fmt: skip
    return out | {name: tensor.detach().numpy().astype(np.float16) for name, tensor in halves.items()}
