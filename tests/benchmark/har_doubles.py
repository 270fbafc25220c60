"""Data sets and models made for tests: tiny, and with a known right answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anywear import Placement, Recording, Span
from anywear.datasets import Dataset, DatasetInfo
from anywear.datasets.base import Key
from anywear.signal import build_stream

RATE_HZ = 50.0


@dataclass(frozen=True)
class Config:
    """The part of a model's configuration that a benchmark reads."""

    rate_hz: float = 25.0
    window_s: float = 2.0
    trained_on: tuple[str, ...] = ()


class Oracle:
    """Reads the class off the signal: class n shakes with n + 1 m/s2. Remembers what it was asked."""

    def __init__(self, words: tuple[str, ...], trained_on: tuple[str, ...] = ()) -> None:
        self.config = Config(trained_on=trained_on)
        self.sha256 = "0123456789ab"
        self.words = words
        self.asked: list[tuple[str, ...]] = []
        self.placements: set[str] = set()

    def truth(self, window) -> str:
        swing = np.ptp(window.acc_mps2[0][:, 0]) / 2
        return self.words[round(float(swing)) - 1]

    def score_windows(self, found, placements, labels):
        self.asked.append(tuple(labels))
        self.placements |= {placement.name for placement in placements}
        return np.array([[float(label == self.truth(window)) for label in labels] for window in found])


class Constant(Oracle):
    """Answers the first label whatever it sees."""

    def score_windows(self, found, placements, labels):
        super().score_windows(found, placements, labels)
        return np.tile(np.linspace(1.0, 0.0, len(labels)), (len(found), 1))


def motion(number: int, seconds: float, site: str = "left_wrist", name: str = "watch"):
    """A stream whose x axis swings by ``number + 1`` m/s2, twice a second."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    acc = np.tile([0.0, 0.0, 9.81], (len(time_s), 1))
    acc[:, 0] = (number + 1) * np.sin(2 * np.pi * 2.0 * time_s)
    return build_stream(name, time_s, acc, placement=Placement.at(site))


def tiny_dataset(
    words: tuple[str, ...], *, name: str = "tiny", groups=None, seconds: float = 6.0, sites=("left_wrist",)
):
    """A data set of one recording per class and subject (``SUBJECT_CLASS.txt``); the content is not read.

    With several sites a class is worn at the site of its group, as in UTD-MHAD.
    """
    info = DatasetInfo(
        name=name, title=name, about="", role="test", licence="", citation="", url="", rate_hz=RATE_HZ,
        placements=sites, label_words=words, label_groups=groups,
    )  # fmt: skip

    def parse(path: str) -> Key | None:
        subject, _, number = path.removesuffix(".txt").partition("_")
        return Key(subject, number, None, (path,))

    def build(files, options) -> Recording:
        key = files[0].key
        number = int(key.activity)
        site = sites[0]
        for position, own in enumerate((groups or {}).values()):
            if words[number] in own:
                site = sites[min(position, len(sites) - 1)]
        stream = motion(number, seconds, site)
        span = Span(0.0, float(stream.time_s[-1]), words[number])
        return Recording((stream,), source=files[0].name, labels=(span,), metadata={"subject": key.subject})

    return Dataset(info, parse, build)


def write_files(folder, classes: int, subjects: int = 3):
    """Empty files, one per recording of `tiny_dataset`."""
    folder.mkdir(parents=True, exist_ok=True)
    for subject in range(subjects):
        for number in range(classes):
            (folder / f"p{subject}_{number}.txt").write_text("")
    return folder
