"""Gestures by formula, for tests: strokes of a hand that a class tells by their direction and number."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anywear.recording import Stream
from anywear.runtime.gestures import Example, FeatureConfig, LightConfig

CLASSES = {"swipe": (0, 1.0), "wave": (0, 3.0), "lift": (2, 1.0), "twist": (1, 2.0)}
QUICK = LightConfig(copies=2, features=FeatureConfig(kernels=16))


def stroke(label: str, seed: int, *, rate_hz: float = 50.0, seconds: float = 1.6, gyr: bool = True) -> Stream:
    """A gesture of a class: still, some strokes along its axis, still; strength and speed as the seed says."""
    rng = np.random.default_rng(seed)
    axis, strokes = CLASSES[label]
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    length = 0.8 * rng.uniform(0.85, 1.15)
    phase = (time - 0.4) / length
    on = (phase > 0.0) & (phase < 1.0)
    swing = np.where(on, np.sin(np.pi * phase) * np.sin(2.0 * np.pi * strokes * phase), 0.0)
    acc = rng.normal(0.0, 0.05, (len(time), 3))
    acc[:, 2] += 9.81
    acc[:, axis] += 8.0 * rng.uniform(0.8, 1.2) * swing
    turning = rng.normal(0.0, 0.01, (len(time), 3))
    turning[:, (axis + 1) % 3] += 3.0 * swing
    return Stream("watch", time, acc, turning if gyr else None)


def examples(each: int = 4, labels: tuple[str, ...] = tuple(CLASSES), **how) -> list[Example]:
    """Some of every class, seeds from 0 on."""
    return [
        Example(stroke(label, 100 * n + k, **how), label, f"{label} {k}")
        for n, label in enumerate(labels)
        for k in range(each)
    ]


def still(seconds: float = 1.6, rate_hz: float = 50.0) -> Stream:
    """A sensor at rest."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    return Stream("watch", time, np.tile([0.0, 0.0, 9.81], (len(time), 1)), np.zeros((len(time), 3)))


def write_csv(path: Path, stream: Stream, unit: float = 1.0) -> Path:
    """A stream as a table; `unit` divides the acceleration."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = [stream.time_s, *(stream.acc_mps2 / unit).T]
    header = "time_s,acc_x,acc_y,acc_z"
    if stream.gyr_radps is not None:
        columns += list(stream.gyr_radps.T)
        header += ",gyr_x,gyr_y,gyr_z"
    np.savetxt(path, np.stack(columns, axis=1), fmt="%.6f", delimiter=",", header=header, comments="")
    return path
