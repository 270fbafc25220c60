"""Embeddings made for tests, with a known right answer."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from har_doubles import motion

from anywear.benchmark.probe_windows import ProbeWindows
from anywear.signal import Window
from anywear.signal.labelled import LabelledWindow

WIDTH = 16


@dataclass(frozen=True)
class Config:
    """The part of a model's configuration that the probe reads."""

    rate_hz: float = 25.0
    window_s: float = 2.0
    trained_on: tuple[str, ...] = ()
    card: dict = field(
        default_factory=lambda: {
            "config": {"encoder": {"width": 16, "depth": 1, "heads": 2, "out": 8, "kind": "graph"}},
        }
    )


class Embedder:
    """Reads the class off a signal of `har_doubles.motion` and gives the class's own direction, `noise` beside it.

    Counts the windows it embeds.
    """

    def __init__(self, words: tuple[str, ...], noise: float = 0.1, trained_on: tuple[str, ...] = ()) -> None:
        self.config = Config(trained_on=trained_on)
        self.sha256 = "0123456789ab"
        self.words, self.noise, self.embedded = words, noise, 0

    def encode_windows(self, found, placements):
        self.embedded += len(found)
        numbers = [round(float(np.ptp(window.acc_mps2[0][:, 0]) / 2)) - 1 for window in found]
        seeds = [[window.start, number] for window, number in zip(found, numbers, strict=True)]
        vectors = np.eye(WIDTH)[numbers]
        vectors = vectors + self.noise * np.stack([np.random.default_rng(seed).normal(size=WIDTH) for seed in seeds])
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def score_windows(self, found, placements, labels):
        return self.encode_windows(found, placements) @ self.encode_labels(labels).T

    def encode_labels(self, labels):
        return np.eye(WIDTH)[[self.words.index(label) for label in labels]]


def probe_windows(
    vectors, truth, subjects, words=None, *, recordings=None, labels: tuple[str, ...] | None = None
) -> ProbeWindows:
    """Windows of nothing but their embeddings, labels and owners."""
    truth = np.asarray(truth)
    labels = labels or tuple(f"label {n}" for n in range(int(truth.max()) + 1))
    nothing = Window(0, (0,), (np.zeros((50, 3)),), (None,), (25.0,))
    placements = (motion(0, 2.0).placement,)
    items = tuple(
        LabelledWindow(nothing, placements, labels[label], subject)
        for label, subject in zip(truth.tolist(), subjects, strict=True)
    )
    words = np.eye(len(labels), vectors.shape[1]) if words is None else words
    recordings = np.arange(len(truth)) if recordings is None else np.asarray(recordings)
    return ProbeWindows(labels, items, truth, recordings, vectors, words)
