"""Copies of an example as another day, arm or device would have given it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..._typing import Array, Float
from .clips import LEAST, Signal


@dataclass(frozen=True)
class AugmentConfig:
    """How far copies stray; all draws are uniform unless it says otherwise.

    Attributes:
        turn_deg: standard deviation of the mount's turn, about an axis by chance.
        tempo: largest factor of speed, and its inverse the smallest.
        warp: by how much, as a share of the clip, the middle may come early or late.
        gain: largest factor of linear acceleration and angular rate.
        ends: share of the clip that may be cut off or held still at either end.
        noise_mps2, noise_radps: standard deviation of white noise.
        no_gyr: share of copies whose angular rate is taken away.
    """

    turn_deg: float = 12.0
    tempo: float = 1.2
    warp: float = 0.06
    gain: float = 1.2
    ends: float = 0.08
    noise_mps2: float = 0.1
    noise_radps: float = 0.03
    no_gyr: float = 0.0


def augmented(signal: Signal, rng: np.random.Generator, config: AugmentConfig | None = None) -> Signal:
    """One copy of a clip."""
    config = config or AugmentConfig()
    gyr = signal.gyr_radps
    values = signal.acc_mps2 if gyr is None else np.hstack([signal.acc_mps2, gyr])
    values = _other_ends(values, config.ends, rng)
    tempo = config.tempo ** rng.uniform(-1.0, 1.0)
    values = _warped(values, max(LEAST, round(len(values) / tempo)), config.warp, rng)
    turn = rotation(rng, np.radians(config.turn_deg))
    gain = config.gain ** rng.uniform(-1.0, 1.0)
    mean = values[:, :3].mean(axis=0)
    acc = mean + gain * tempo**2 * (values[:, :3] - mean)  # the same path in less time
    acc = acc @ turn.T + rng.normal(0.0, config.noise_mps2, acc.shape)
    if gyr is None or rng.random() < config.no_gyr:
        return Signal(acc.astype(np.float32), None)
    turning = tempo * gain * values[:, 3:] @ turn.T
    turning = turning + rng.normal(0.0, config.noise_radps, turning.shape)
    return Signal(acc.astype(np.float32), turning.astype(np.float32))


def rotation(rng: np.random.Generator, spread_rad: float) -> Float[Array, "3 3"]:
    """A turn about an axis by chance, its angle normally distributed."""
    axis = rng.normal(size=3)
    x, y, z = axis / max(float(np.linalg.norm(axis)), 1e-12)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    angle = rng.normal(0.0, spread_rad)
    return np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross


def _other_ends(values: Array, share: float, rng: np.random.Generator) -> Array:
    """Cut off, or held at the last sample, by up to a share of the length at each end."""
    head, tail = (round(rng.uniform(-share, share) * len(values)) for _ in range(2))
    kept = values[max(0, -head) : len(values) - max(0, -tail)]
    if len(kept) < LEAST:
        return values
    return np.concatenate([np.repeat(kept[:1], max(0, head), axis=0), kept, np.repeat(kept[-1:], max(0, tail), axis=0)])


def _warped(values: Array, length: int, warp: float, rng: np.random.Generator) -> Array:
    """At another length, the middle early or late."""
    bend = rng.uniform(-warp, warp)
    time = np.linspace(0.0, 1.0, length)
    at = (time + bend * np.sin(np.pi * time)) * (len(values) - 1.0)
    below = np.clip(at.astype(np.int64), 0, len(values) - 2)
    share = np.clip(at - below, 0.0, 1.0)[:, None]
    return values[below] * (1.0 - share) + values[below + 1] * share
