"""What frozen encoders make of gestures from a few examples: the table of docs/gestures-encoder.md.

python runs/gestures_table.py DATA NAME=FOLDER ... [--seeds 5]

Clips and draws are those of `anywear benchmark gestures`. A class is the mean of its examples' vectors, less what all
examples have in common; the nearest by cosine is the answer. Vectors are embeddings, or the mean latents of the motion's
quarters. NAME=random:FOLDER stands for fresh weights of the folder's network.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from anywear import Model
from anywear.benchmark.gestures_clips import gesture_set
from anywear.benchmark.gestures_draws import Point, draws
from anywear.datasets import open_dataset
from anywear.nn.encoders import build_encoder, encoder_config
from anywear.runtime.gestures.clips import on_grid
from anywear.runtime.gestures.encoder import ClipEncoder
from anywear.train.export import export_encoder

SETS = ("utd-mhad", "uhh-gestures", "imu-digits")
ASKED = (("mixed", 1), ("mixed", 5), ("users", 1), ("users", 5))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("encoders", nargs="+", metavar="NAME=FOLDER")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    encoders = {name: opened(folder) for name, _, folder in (own.partition("=") for own in options.encoders)}
    print("| encoder | set | vectors | " + " | ".join(f"{split}, {shots}" for split, shots in ASKED) + " |", flush=True)
    for name in SETS:
        found = gesture_set(*open_dataset(name, options.data))
        signals = [on_grid(clip.stream) for clip in found.clips]
        for row, encoder in encoders.items():
            for kind, vectors in zip(("embedding", "latents"), encoder(signals), strict=True):
                cells = [told(vectors, found, split, shots, options.seeds) for split, shots in ASKED]
                print(f"| {row} | {name} | {kind} | " + " | ".join(cells) + " |", flush=True)


def told(vectors: np.ndarray, found, split: str, shots: int, seeds: int) -> str:
    """Accuracy in percent, mean and standard deviation over seeds."""
    if split == "users" and len(set(found.subjects)) < 2:
        return ""
    scores = []
    for seed in range(seeds):
        right, asked = 0, 0
        for draw in draws(found.truth, found.subjects, Point(shots=shots), split, seed):
            right += int(
                (nearest(vectors, found.truth[draw.learn], draw.learn, draw.ask) == found.truth[draw.ask]).sum()
            )
            asked += len(draw.ask)
        scores.append(100.0 * right / asked)
    return f"{np.mean(scores):.1f}±{np.std(scores):.1f}"


def nearest(vectors: np.ndarray, truth: np.ndarray, learn: np.ndarray, ask: np.ndarray) -> np.ndarray:
    """Class whose examples' mean is nearest to each row that is asked."""
    common = vectors[learn].mean(axis=0)
    known, asked = _unit(vectors[learn] - common), vectors[ask] - common
    classes = np.unique(truth)
    means = _unit(np.stack([known[truth == own].mean(axis=0) for own in classes]))
    return classes[(asked @ means.T).argmax(axis=1)]


def opened(folder: str) -> ClipEncoder:
    """An encoder, or fresh weights of its network."""
    if not folder.startswith("random:"):
        return ClipEncoder.open(folder)
    model = Model(folder.removeprefix("random:"))
    torch.manual_seed(0)
    scratch = tempfile.TemporaryDirectory()
    export_encoder(
        build_encoder(encoder_config(dict(model.config.card["encoder"]))), Path(scratch.name) / "motion.onnx"
    )
    replace(model.config, files={}).save(Path(scratch.name) / "model.json")
    encoder = ClipEncoder(Model(scratch.name))
    encoder.kept = scratch
    return encoder


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


if __name__ == "__main__":
    main()
