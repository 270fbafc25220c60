"""How far off believed postures are: joints of motions nobody learned from, by the number of sensors that told of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from .._typing import Array
from ..body import shape_body
from ..nn.pose import Figure, PoseNet
from ..runtime.pose import RATE_HZ, TURNS
from ..runtime.tokens import MotionTokens
from .pose_clips import PoseClip

SENSORS = (1, 2, 3, 5, 10)
WINDOW_S = 4.8


@dataclass(frozen=True)
class PoseErrors:
    """Mean distance of joints, the root's place and heading taken off, in centimetres.

    Attributes:
        motions, windows: asked about.
        decoded: by set (``simulated``, ``captured``) and number of sensors.
        mean_pose: by set, of the pose that is the mean of all that was learned from.
        heights: likewise of the root's height alone, by set and number of sensors.
    """

    motions: int
    windows: int
    decoded: dict[str, dict[int, float]]
    mean_pose: dict[str, float]
    heights: dict[str, dict[int, float]]

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        return {"motions": self.motions, "windows": self.windows, "decoded_cm": self.decoded,
                "mean_pose_cm": self.mean_pose, "height_cm": self.heights}  # fmt: skip

    def table(self) -> str:
        """As text."""
        counts = sorted({count for own in self.decoded.values() for count in own})
        lines = ["cm".ljust(12) + "".join(f"{count} sensors".rjust(12) for count in counts) + "mean pose".rjust(12)]
        for name, own in self.decoded.items():
            cells = "".join(f"{own[count]:.1f}".rjust(12) for count in counts)
            lines.append(name.ljust(12) + cells + f"{self.mean_pose[name]:.1f}".rjust(12))
        return "\n".join(lines)


@torch.no_grad()
def joint_errors(
    tokens: MotionTokens, net: PoseNet, learned: Sequence[PoseClip], asked: Sequence[PoseClip], seed: int = 0
) -> PoseErrors:
    """Ask a decoder about motions.

    Args:
        tokens: what the sensors' signals become first.
        net: the decoder.
        learned: motions whose mean pose is what it is compared with.
        asked: motions it never saw; windows of each follow one another.
        seed: of which sensors tell.
    """
    from .pose import told_by, window_of  # that module asks this one

    figure, rate_hz, stature_m = Figure(shape_body()), tokens.model.config.rate_hz, shape_body().height_m
    usual = np.concatenate([own.joints_m for own in learned]).mean(axis=0)
    length, count = round(WINDOW_S * rate_hz), round(WINDOW_S * RATE_HZ)
    off: dict[str, dict[int, list[float]]] = {}
    high: dict[str, dict[int, list[float]]] = {}
    mean: dict[str, list[float]] = {}
    windows = 0
    for number, clip in enumerate(asked):
        rng, name = np.random.default_rng([seed, number]), clip.take.dataset
        starts = range(0, min(clip.take.values.shape[1], int(len(clip.poses) / RATE_HZ * rate_hz)) - length + 1, length)
        if not starts:
            continue
        rows = [slice(first, first + count) for first in (round(s / rate_hz * RATE_HZ) for s in starts)]
        truth, heights = clip.joints_m, clip.poses[:, TURNS] * stature_m
        mean.setdefault(name, []).extend(_distance(np.broadcast_to(usual, truth[r].shape), truth[r]) for r in rows)
        windows += len(rows)
        order = rng.permutation(len(clip.take.placements))
        for sensors in (own for own in SENSORS if own <= len(order)):
            found = [window_of(clip, start, length, sorted(order[:sensors].tolist())) for start in starts]
            said = net(torch.from_numpy(np.stack(told_by(tokens, found, clip))).float())
            joints, root = figure.joints(said).numpy(), said[..., TURNS].numpy() * stature_m
            errors = off.setdefault(name, {}).setdefault(sensors, [])
            errors.extend(_distance(own, truth[r]) for own, r in zip(joints, rows, strict=True))
            lifted = high.setdefault(name, {}).setdefault(sensors, [])
            lifted.extend(float(np.abs(own - heights[r]).mean()) for own, r in zip(root, rows, strict=True))
    return PoseErrors(
        len(asked), windows, {name: _means(own) for name, own in off.items()},
        {name: 100 * float(np.mean(own)) for name, own in mean.items()}, {name: _means(own) for name, own in high.items()},
    )  # fmt: skip


def _distance(found: Array, wanted: Array) -> float:
    return float(np.linalg.norm(found - wanted, axis=-1).mean())


def _means(own: dict[int, list[float]]) -> dict[int, float]:
    return {count: 100 * float(np.mean(values)) for count, values in own.items()}
