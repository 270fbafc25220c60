"""Training of the pose decoder: latents that tokens tell become postures.

python -m anywear.train.pose runs/shipped.toml --data DIR --model FOLDER -o OUT

Motions whose postures are known are worn at random places; a few of their sensors, or all, become tokens, and these latents
again. The decoder has to say the postures from those. Its loss is on the places of joints and on their speeds, after forward
kinematics; turns, the root's height and its way are terms beside it. FOLDER holds a model with its tokenizer, and gets
``pose.onnx`` and ``pose.json``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .._typing import Array
from ..body import shape_body
from ..corpus import build_corpus, open_corpus
from ..errors import UsageError
from ..nn.pose import Figure, PoseConfig, PoseNet
from ..placement import Mount
from ..runtime.pose import ABOUT, GRAPH, RATE_HZ, TURNS, PoseAbout
from ..runtime.tokens import MotionTokens
from ..signal import Window
from .engine import LoopConfig, train
from .export_tokens import export_graph, rounded
from .gradcache import Figures
from .pose_clips import PoseClip, PoseClipsConfig, pose_clips
from .pose_error import PoseErrors, joint_errors
from .run import RunConfig

STARTS = 5  # samples between places where a window may begin: whole poses on a grid of 25 Hz


@dataclass(frozen=True)
class PoseTrainConfig:
    """One training of a pose decoder.

    Attributes:
        clips: the motions.
        window_s: lengths of windows, drawn from.
        sensors: of a view, drawn from; 0 is all there are.
        views: of each motion.
        untold: share of views whose mounts are not told.
        speeds, turns, way: weights of the terms beside the places of joints: joints' speeds, bones' turns, and the root's
            height, speed and turning.
        net: dimensions.
        loop: how long.
    """

    clips: PoseClipsConfig = field(default_factory=PoseClipsConfig)
    window_s: tuple[float, ...] = (4.8, 4.8, 2.4)
    sensors: tuple[int, ...] = (0, 1, 1, 2, 3, 5)
    views: int = 16
    untold: float = 0.5
    speeds: float = 0.1
    turns: float = 0.1
    way: float = 0.1
    net: PoseConfig = field(default_factory=PoseConfig)
    loop: LoopConfig = field(
        default_factory=lambda: LoopConfig(steps=3000, batch=64, learning_rate=2e-3, ema=0.99, bf16=True)
    )


@dataclass(frozen=True, eq=False)
class Examples:
    """Windows of one length: (N, T', D) latents that tokens tell, (N, F, 130) numbers of the poses."""

    latents: Array
    poses: Array


def examples(tokens: MotionTokens, clips: Sequence[PoseClip], config: PoseTrainConfig, seed: int) -> list[Examples]:
    """Views of motions, by length of window."""
    found: dict[int, list[tuple[Array, Array]]] = {}
    patch_s = tokens.latent_s
    for number, clip in enumerate(clips):
        rng = np.random.default_rng([seed, number])
        length_s = [float(rng.choice(config.window_s)) for _ in range(config.views)]
        wanted = [_cut(clip, patch_s * int(own / patch_s + 1e-6), int(rng.choice(config.sensors)), tokens, rng)
                  for own in length_s]  # fmt: skip
        kept = [own for own in wanted if own is not None]
        told = rng.random() >= config.untold
        for (window, first, count), latents in zip(
            kept, told_by(tokens, [w for w, _, _ in kept], clip, told), strict=True
        ):
            found.setdefault(len(latents), []).append((latents, clip.poses[first : first + count]))
            assert len(latents) * round(patch_s * RATE_HZ) == count, window
    return [Examples(np.stack([a for a, _ in own]), np.stack([b for _, b in own])) for _, own in sorted(found.items())]


def told_by(tokens: MotionTokens, found: Sequence[Window], clip: PoseClip, told: bool = True) -> list[Array]:
    """Per window the latents that its tokens tell.

    Args:
        tokens: the tokenizer.
        found: windows of the clip's take.
        clip: whose placements they are at.
        told: whether mounts are told.
    """
    places = clip.take.placements if told else tuple(replace(own, mount=Mount()) for own in clip.take.placements)
    ids = tokens.encode_windows(found, places)
    return [tokens.decode(own) for own in ids]


def window_of(clip: PoseClip, start: int, length: int, streams: Sequence[int]) -> Window:
    """Some sensors of a clip's take, from a sample on."""
    values = clip.take.values[list(streams), start : start + length].astype(np.float64)
    gyr = [own[:, 3:] if clip.take.has_gyr[stream] else None for stream, own in zip(streams, values, strict=True)]
    return Window(start, tuple(streams), tuple(own[:, :3] for own in values), tuple(gyr), (np.inf,) * len(streams))


def _cut(
    clip: PoseClip, length_s: float, sensors: int, tokens: MotionTokens, rng: np.random.Generator
) -> tuple[Window, int, int] | None:
    """A window somewhere in a clip, seen by some sensors, with its first pose and their number; None where it is too long."""
    rate_hz = tokens.model.config.rate_hz
    length, last = round(length_s * rate_hz), clip.take.values.shape[1]
    count = round(length_s * RATE_HZ)
    starts = [s for s in range(0, last - length + 1, STARTS) if round(s / rate_hz * RATE_HZ) + count <= len(clip.poses)]
    if not starts:
        return None
    start = int(rng.choice(starts))
    all_there = len(clip.take.placements)
    streams = sorted(rng.permutation(all_there)[: sensors or all_there].tolist())
    return window_of(clip, start, length, streams), round(start / rate_hz * RATE_HZ), count


class PoseTask:
    """See `anywear.train.engine.Task`.

    Args:
        config: the training's.
        found: what is learned from.
    """

    def __init__(self, config: PoseTrainConfig, found: Sequence[Examples]) -> None:
        if not found:
            raise UsageError("There is no motion to learn poses from")
        self.config, self.found = config, list(found)
        self.figure = Figure(shape_body())
        torch.manual_seed(config.loop.seed)  # of the first weights
        self.module = PoseNet(config.net, found[0].latents.shape[-1])
        flat = [
            (own.latents.reshape(-1, own.latents.shape[-1]), own.poses.reshape(-1, own.poses.shape[-1]))
            for own in found
        ]
        latents, poses = (torch.from_numpy(np.concatenate(own)).float() for own in zip(*flat, strict=True))
        self.module.fit_scale(latents, poses)

    def draw(self, rng: np.random.Generator) -> dict[str, Tensor]:
        counts = np.array([len(own.latents) for own in self.found])
        own = self.found[int(rng.choice(len(counts), p=counts / counts.sum()))]
        rows = rng.integers(len(own.latents), size=self.config.loop.batch)
        return {
            "latents": torch.from_numpy(own.latents[rows]).float(),
            "poses": torch.from_numpy(own.poses[rows]).float(),
        }

    def loss(self, data: dict[str, Tensor]) -> tuple[Tensor, Figures]:
        said = self.module(data["latents"])
        with torch.autocast(said.device.type, enabled=False):
            return self._loss(said.float(), data["poses"])

    def _loss(self, said: Tensor, meant: Tensor) -> tuple[Tensor, Figures]:
        config, figure = self.config, self.figure.to(said.device)
        joints, wanted = figure.joints(said), figure.joints(meant)
        places = (joints - wanted).norm(dim=-1).mean()
        speeds = ((joints[:, 1:] - joints[:, :-1]) - (wanted[:, 1:] - wanted[:, :-1])).norm(dim=-1).mean() * RATE_HZ
        turns = F.l1_loss(figure.turns(said), figure.turns(meant))
        way = F.l1_loss(said[..., TURNS:], meant[..., TURNS:])
        loss = places + config.speeds * speeds + config.turns * turns + config.way * way
        figures: Figures = {"joints_m": places.detach(), "joints_mps": speeds.detach(), "turns": turns.detach(),
                            "way": way.detach()}  # fmt: skip
        return loss, figures


def train_pose(
    config: PoseTrainConfig,
    tokens: MotionTokens,
    data_dir: Path,
    out_dir: Path,
    cache_dir: Path | None = None,
    report: Callable[[str], None] = print,
) -> PoseErrors:
    """Train a decoder for a tokenizer, write it beside it, and ask it about motions it never saw.

    Args:
        config: the training.
        tokens: the tokenizer; the decoder is written to its folder.
        data_dir: with the archives of captured motion.
        out_dir: gets checkpoint and log.
        cache_dir: keeps simulated motions between runs.
        report: takes progress lines.
    """
    corpus = None
    if config.clips.captured:
        folder = (cache_dir or out_dir) / "corpus"
        build_corpus(data_dir, folder)
        corpus = open_corpus(folder)
    learned, asked = (pose_clips(config.clips, split, corpus, cache_dir, report) for split in ("train", "test"))
    found = examples(tokens, learned, config, config.loop.seed)
    report(f"{sum(len(own.latents) for own in found)} views of {len(learned)} motions to learn from")
    task = PoseTask(config, found)
    facts = json.dumps([{**asdict(config), "loop": config.loop.identity()}, tokens.sha256], sort_keys=True)
    net = train(task, config.loop, out_dir, hashlib.sha256(facts.encode()).hexdigest()[:16], report)
    assert isinstance(net, PoseNet)
    errors = joint_errors(tokens, rounded(net), learned, asked)
    write_pose(tokens, net, {"config": asdict(config), "errors": errors.to_dict()})
    return errors


def write_pose(tokens: MotionTokens, net: PoseNet, card: dict) -> PoseAbout:
    """Write a decoder beside its tokenizer.

    Raises:
        ArtefactError: the exported graph does not do what the module does.
    """
    net = rounded(net)
    with tempfile.TemporaryDirectory(dir=tokens.folder) as scratch:
        made = Path(scratch) / GRAPH
        difference = export_graph(net, made, "latents", "poses", (1, net.mean.shape[0]))
        digest = hashlib.sha256(made.read_bytes()).hexdigest()
        made.replace(tokens.folder / GRAPH)
    told = {
        **json.loads(json.dumps(card)),
        "parameters": sum(p.numel() for p in net.parameters()),
        "onnx_difference": difference,
    }
    about = PoseAbout(tokens.sha256, tokens.latent_s, digest, told)
    about.save(tokens.folder / ABOUT)
    return about


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path, help="of a run: where sensors are worn, and which devices")
    parser.add_argument("--data", required=True, type=Path, help="folder with the archives of captured motion")
    parser.add_argument("--model", required=True, type=Path, help="folder of a model with its tokenizer")
    parser.add_argument("--cache", type=Path, help="folder that keeps simulated motions between runs")
    parser.add_argument("-o", "--output", required=True, type=Path, help="gets checkpoint and log")
    options = parser.parse_args(arguments)
    view = RunConfig.load(options.config).generated.view
    config = PoseTrainConfig(clips=PoseClipsConfig(view=view))
    errors = train_pose(config, MotionTokens(options.model), options.data, options.output, options.cache)
    print(errors.table())


if __name__ == "__main__":
    main()
