"""An encoder and a classifier of its windows, trained together from fresh weights: what the labels alone can teach it.

The encoder gets what `anywear.runtime.Model` would give it. A window's logits are the cosines of its embedding to one learned
vector per class, over a learned temperature, and the loss is their cross entropy: the form in which `anywear.train.align`
meets words, with free vectors in their stead. Windows are not varied.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .._typing import Array, Int
from ..errors import UsageError
from ..nn.encoder import EncoderConfig
from ..nn.encoders import AnyEncoderConfig, build_encoder, encoder_config
from ..placement import Placement
from ..signal import CHANNELS, WORN_FEATURES, Window, motion_features, worn_features
from .engine import LoopConfig, train
from .gradcache import Figures

SCALE = 10.0  # inverse temperature at first
ASKED = 256  # windows answered at once


@dataclass(frozen=True, eq=False)
class Shown:
    """Windows as an encoder takes them; what is shorter than the longest, or not worn, is zeros.

    Attributes:
        motion: (N, S, T, 10); present, has_gyr: (N, S); place: (N, S, 14), as `anywear.nn.MotionEncoder` takes them.
        lengths: (N,) samples that each window has.
    """

    motion: Array
    present: Array
    has_gyr: Array
    place: Array
    lengths: Array

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, rows: Array | slice) -> Shown:
        parts = (self.motion, self.present, self.has_gyr, self.place, self.lengths)
        return Shown(*(part[rows] for part in parts))


def shown(found: Sequence[Window], placements: Sequence[Sequence[Placement]], rate_hz: float) -> Shown:
    """Make windows into encoder input.

    Args:
        found: windows on the grid.
        placements: for each, those of all streams of its recording; the window says which of them it holds.
        rate_hz: of the grid.
    """
    lengths = np.array([len(window.acc_mps2[0]) for window in found], dtype=np.int64)
    size = (len(found), max((len(window.streams) for window in found), default=1))
    motion = np.zeros((*size, int(lengths.max(initial=1)), CHANNELS), dtype=np.float32)
    present, has_gyr = np.zeros(size, dtype=np.float32), np.zeros(size, dtype=np.float32)
    place = np.zeros((*size, WORN_FEATURES), dtype=np.float32)
    for row, (window, worn) in enumerate(zip(found, placements, strict=True)):
        own = slice(len(window.streams))
        acc = np.stack(window.acc_mps2)
        gyr = np.stack([np.zeros_like(a) if g is None else g for a, g in zip(acc, window.gyr_radps, strict=True)])
        motion[row, own, : lengths[row]] = motion_features(acc, gyr)
        present[row, own] = 1.0
        has_gyr[row, own] = [g is not None for g in window.gyr_radps]
        told = [worn[stream] for stream in window.streams]
        place[row, own] = worn_features(told, acc, np.array(window.rates_hz), rate_hz)
    return Shown(motion, present, has_gyr, place, lengths)


def encoder_of(card: Mapping[str, Any]) -> AnyEncoderConfig:
    """The dimensions of the encoder that a model's card tells of; those of a new one where it does not.

    Raises:
        UsageError: the card tells of an encoder that this version cannot build.
    """
    config = card.get("config")
    table = config.get("encoder") if isinstance(config, Mapping) else None
    return EncoderConfig() if table is None else encoder_config(dict(table), "the model's card, encoder")


class ScratchModule(torch.nn.Module):
    """The encoder, a vector per class, and the temperature their cosines are taken at."""

    def __init__(self, config: AnyEncoderConfig, classes: int) -> None:
        super().__init__()
        self.encoder = build_encoder(config)
        self.classes = torch.nn.Parameter(torch.randn(classes, config.out))
        self.log_scale = torch.nn.Parameter(torch.tensor(np.log(SCALE), dtype=torch.float32))

    def forward(self, windows: Shown) -> Tensor:
        """Logits (N, K), in the order of the windows."""
        patch, device = self.encoder.config.patch, self.classes.device
        # Nothing is padded in time: windows of as many patches go through together, a rest of one is not read.
        patches = np.maximum(windows.lengths // patch, 1)
        rows, found = [], []
        for count in np.unique(patches):
            own = np.flatnonzero(patches == count)
            part = windows[own]
            inputs = (part.motion[:, :, : count * patch], part.present, part.has_gyr, part.place)
            found.append(self.encoder(*(torch.from_numpy(np.ascontiguousarray(x)).to(device) for x in inputs)))
            rows.append(own)
        embedding = torch.cat(found)[torch.from_numpy(np.argsort(np.concatenate(rows))).to(device)]
        return embedding @ F.normalize(self.classes, dim=-1).T * self.log_scale.exp().clamp(max=50.0)


class ScratchTask:
    """See `anywear.train.engine.Task`.

    Args:
        config: of the encoder.
        windows: to learn from.
        truth: (N,) class of each, 0 to `classes` - 1.
        classes: how many.
        batch: windows per step, drawn with equal chance; all of them where there are no more.
        seed: of the fresh weights.
    """

    def __init__(
        self,
        config: AnyEncoderConfig,
        windows: Shown,
        truth: Int[Array, " windows"],
        classes: int,
        batch: int,
        seed: int,
    ) -> None:
        self.windows, self.truth, self.batch = windows, truth, batch
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.module = ScratchModule(config, classes)

    def draw(self, rng: np.random.Generator) -> tuple[Shown, Array]:
        if len(self.windows) <= self.batch:
            return self.windows, self.truth
        rows = rng.choice(len(self.windows), self.batch, replace=False)
        return self.windows[rows], self.truth[rows]

    def loss(self, data: tuple[Shown, Array]) -> tuple[Tensor, Figures]:
        windows, truth = data
        logits = self.module(windows)
        wanted = torch.from_numpy(truth).to(logits.device)
        return F.cross_entropy(logits, wanted), {"right": (logits.argmax(dim=1) == wanted).float().mean().detach()}


def learn(
    config: AnyEncoderConfig, windows: Shown, truth: Int[Array, " windows"], classes: int, loop: LoopConfig
) -> ScratchModule:
    """Train encoder and classifier on labelled windows; the loop's checkpoint and log are not kept.

    Args:
        config: of the encoder.
        windows: to learn from.
        truth: (N,) class of each, 0 to `classes` - 1.
        classes: how many.
        loop: how long and how fast; its seed is that of the weights and of the draws.

    Raises:
        UsageError: no window, or the training cannot run as configured.
    """
    if not len(windows):
        raise UsageError("There is no window to learn from")
    task = ScratchTask(config, windows, np.asarray(truth, dtype=np.int64), classes, loop.batch, loop.seed)
    # A log line is not worth its time here, and a checkpoint is written at the end alone.
    quiet = replace(loop, checkpoint_every=loop.steps, log_every=loop.steps)
    with tempfile.TemporaryDirectory() as scratch:
        module = train(task, quiet, Path(scratch), "from scratch", lambda line: None)
    assert isinstance(module, ScratchModule)
    return module


@torch.no_grad()
def answers(module: ScratchModule, windows: Shown) -> Int[Array, " windows"]:
    """(N,) the likeliest class of each window."""
    out = [
        module(windows[start : start + ASKED]).argmax(dim=1).cpu().numpy() for start in range(0, len(windows), ASKED)
    ]
    return np.concatenate(out) if out else np.zeros(0, dtype=np.int64)
