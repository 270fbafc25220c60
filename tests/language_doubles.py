"""A language model with random weights and a tokenizer of codebooks, made in a test in a second."""

from __future__ import annotations

from pathlib import Path

import torch

from anywear.bodygraph import SEGMENT_NAMES
from anywear.nn.language import LanguageConfig, LanguageModel
from anywear.nn.quantise import QuantiserConfig
from anywear.nn.tokenizer import MotionTokenizer, TokenizerConfig
from anywear.runtime.language.pieces import Pieces
from anywear.runtime.tokens import MotionTokens
from anywear.train.export_language import write_language
from anywear.train.export_tokens import write_tokens
from anywear.train.language_texts import learn_pieces
from model_doubles import write_small_model

SAID = (
    "a person walks forward and waves with the right hand", "someone raises both hands", "a person kicks with the left leg",
    "the person sits down on a chair", "standing still", "walking in a circle to the left", "which hand?", "how fast?",
    "a person shakes the head", "running", "sitting", "lying on the back", "a person stamps the right foot",
) * 4  # fmt: skip


def small_pieces() -> Pieces:
    """Pieces of a few sentences."""
    return learn_pieces(SAID, 400)


def write_small_tokens(folder: Path, seed: int = 0) -> MotionTokens:
    """A model's folder with a tokenizer that nobody trained."""
    write_small_model(folder, with_background=False)
    torch.manual_seed(seed)
    quantiser = QuantiserConfig(kind="product", books=2, codes=16, code_width=8)
    width = 128  # of the shipped encoder's latents
    write_tokens(folder, MotionTokenizer(TokenizerConfig(16, 1, quantiser=quantiser), width).eval(), 10, {})
    return MotionTokens(folder)


def small_language_model(tokens: MotionTokens, pieces: Pieces, seed: int = 0) -> LanguageModel:
    """Two thin layers; its weights are large enough that words depend on motion."""
    torch.manual_seed(seed)
    config = LanguageConfig(
        len(pieces), 1 + len(SEGMENT_NAMES), tokens.codes.sizes, tokens.codes.width, width=64, layers=2, heads=2,
        hidden=96, soft=3,
    )  # fmt: skip
    model = LanguageModel(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter.normal_(std=0.3)
    return model


def write_small_language(folder: Path, seed: int = 0) -> Path:
    """A folder with model, tokenizer and language model."""
    tokens = write_small_tokens(folder, seed)
    pieces = small_pieces()
    model = small_language_model(tokens, pieces, seed)
    write_language(folder, model, pieces, name="small", tokens=tokens.sha256, places=SEGMENT_NAMES, card={})
    return folder
