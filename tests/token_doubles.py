"""A model with a tokenizer and a pose decoder that nobody trained: everything but what they say is as with a real one."""

from __future__ import annotations

from pathlib import Path

import torch

from anywear.nn.pose import PoseConfig, PoseNet
from anywear.nn.quantise import QuantiserConfig
from anywear.nn.tokenizer import MotionTokenizer, TokenizerConfig
from anywear.runtime.model import Model
from anywear.runtime.pose import WIDTH
from anywear.runtime.tokens import MotionTokens
from anywear.train.export_tokens import write_tokens
from anywear.train.pose import write_pose
from model_doubles import write_small_model

PATCH = 10  # samples per latent of the shipped encoder
USUAL_HEIGHT = 0.53  # statures


def write_token_model(folder: Path, seed: int = 0, *, with_pose: bool = True) -> Path:
    """A model's folder, with tokens of 2 x 16 ids and, where asked, poses that are nearly the rest pose."""
    write_small_model(folder, with_background=False)
    latent_width = Model(folder).config.card["config"]["encoder"]["width"]
    torch.manual_seed(seed)
    config = TokenizerConfig(width=16, depth=1, quantiser=QuantiserConfig(books=2, codes=16, code_width=4))
    write_tokens(folder, MotionTokenizer(config, latent_width).eval(), PATCH, {})
    if with_pose:
        net = PoseNet(PoseConfig(width=16, depth=1), latent_width).eval()
        usual = torch.zeros(1, WIDTH)
        usual[0, :-4] = torch.tensor([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]).repeat((WIDTH - 4) // 6)
        usual[0, -4] = USUAL_HEIGHT
        net.fit_scale(torch.randn(64, latent_width), usual)
        write_pose(MotionTokens(folder), net, {})
    return folder
