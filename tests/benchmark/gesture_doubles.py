"""Gestures made for tests: strokes that tell their class, by people who each hold the device in a way of their own."""

from __future__ import annotations

import numpy as np

from anywear import Placement
from anywear.benchmark.gestures_clips import GestureClip, GestureSet
from anywear.benchmark.gestures_contest import Answers
from anywear.recording import Stream

G = 9.80665
RATE_HZ = 50.0


def stroke(
    number: int, rng: np.random.Generator, seconds: float = 1.2, gyroscope: bool = True, noise: float = 0.3
) -> Stream:
    """A stroke with ``number + 1`` swings."""
    count = round(seconds * RATE_HZ * rng.uniform(0.85, 1.15))
    phase = np.linspace(0.0, 1.0, count)
    swing = np.sin(2 * np.pi * (number + 1) * phase) * np.sin(np.pi * phase)
    acc = np.tile([0.0, 0.0, G], (count, 1)) + noise * rng.normal(size=(count, 3))
    acc[:, 0] += 6.0 * swing
    gyr = 0.1 * noise * rng.normal(size=(count, 3))
    gyr[:, 1] += 3.0 * swing
    return Stream(
        "watch", np.arange(count) / RATE_HZ, acc, gyr if gyroscope else None, Placement.at("right_wrist"), RATE_HZ
    )


def gestures(
    classes: int = 3, users: int = 4, each: int = 5, seed: int = 0, name: str = "strokes", noise: float = 0.3
) -> GestureSet:
    """Clips of every class by every user."""
    rng = np.random.default_rng(seed)
    labels = tuple(f"{number + 1} swings" for number in range(classes))
    clips = tuple(
        GestureClip((stroke(number, rng, noise=noise),), labels[number], f"p{user}", user * classes + number)
        for user in range(users) for number in range(classes) for _ in range(each)
    )  # fmt: skip
    return GestureSet(name, labels, clips, np.array([labels.index(clip.label) for clip in clips]))


class Knows:
    """Answers rightly, and remembers what it was asked; of the labels in `but` it says the first one."""

    def __init__(self, name: str = "knows", but: tuple[int, ...] = (), trained_on: tuple[str, ...] = ()) -> None:
        self.name, self.but, self.trained_on = name, but, trained_on
        self.encoder = "an oracle" if trained_on else ""
        self.asked: list = []

    def answer(self, known, asked, draw) -> Answers:
        self.asked.append(draw)
        labels = asked.truth[draw.ask].copy()
        labels[np.isin(labels, self.but)] = 0
        return Answers(labels, np.linspace(1.0, 0.0, len(labels)))
