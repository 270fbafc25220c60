"""Data sets of several sensors, and models that read them in a known way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from har_doubles import RATE_HZ, Config

from anywear import Placement, Recording, Span, Stream
from anywear.datasets import Dataset, DatasetInfo
from anywear.datasets.base import Key
from anywear.placement import Mount
from anywear.signal import build_stream

WORDS = ("resting", "strolling", "sprinting", "hopping")
UP = Mount(up_axis=(0.0, 0.0, 1.0), source="made so")


def shaking(
    name: str,
    site: str,
    swing_mps2: float,
    *,
    seconds: float = 6.0,
    start_s: float = 0.0,
    rate_hz: float = RATE_HZ,
    mount: Mount = UP,
    gyr: bool = False,
) -> Stream:
    """A stream whose acceleration swings along z, that is along gravity, by so much, twice a second."""
    time_s = start_s + np.arange(round(seconds * rate_hz)) / rate_hz
    acc = np.zeros((len(time_s), 3))
    acc[:, 2] = 9.81 + swing_mps2 * np.sin(2 * np.pi * 2.0 * time_s)
    rates = np.tile([0.1, 0.2, 0.3], (len(time_s), 1)) if gyr else None
    return build_stream(name, time_s, acc, rates, placement=replace(Placement.at(site), mount=mount))


def worn_dataset(streams: Callable[[str, int], tuple[Stream, ...]], *, words=WORDS, groups=None) -> Dataset:
    """A data set of one recording per file ``SUBJECT_CLASS.txt``, with the streams that a function gives for it."""
    info = DatasetInfo(
        name="tiny", title="tiny", about="", role="test", licence="", citation="", url="", rate_hz=RATE_HZ,
        placements=("left_wrist", "right_front_pocket"), label_words=words, label_groups=groups,
    )  # fmt: skip

    def parse(path: str) -> Key | None:
        subject, _, number = path.removesuffix(".txt").partition("_")
        return Key(subject, number, None, (path,))

    def build(files, options) -> Recording:
        key = files[0].key
        made = streams(key.subject, int(key.activity))
        start_s, end_s = min(s.time_s[0] for s in made), max(s.time_s[-1] for s in made)
        span = Span(float(start_s), float(end_s), words[int(key.activity)])
        return Recording(made, source=files[0].name, labels=(span,), metadata={"subject": key.subject})

    return Dataset(info, parse, build)


class Reader:
    """Reads the class off one stream: class n shakes with n + 1 m/s2. Sure of itself, but not wholly.

    Args:
        words: all classes, in order.
        site: of the stream it reads where there is one; else it reads the first stream.
        measure: how a window's acceleration (T, 3) shows how much it shakes.
        sure: probability of its answer, the rest being shared by the others; may depend on the site read.
    """

    def __init__(self, words=WORDS, *, site: str | None = None, measure=None, sure=lambda site: 0.9) -> None:
        self.config = Config()
        self.sha256 = "0123456789ab"
        self.words, self.site, self.sure = words, site, sure
        self.measure = measure or (lambda acc: np.ptp(np.linalg.norm(acc, axis=1)) / 2)
        self.windows = 0
        self.told: set[tuple[str, str]] = set()  # place and what is known of the mount
        self.rates_hz: set[float] = set()
        self.gyroscopes: set[bool] = set()

    def score_windows(self, found, placements, labels):
        self.windows += len(found)
        return np.array([self._score(window, placements, labels) for window in found])

    def _score(self, window, placements, labels):
        worn = [placements[stream] for stream in window.streams]
        self.told |= {(own.name, own.mount.knowledge) for own in worn}
        self.rates_hz |= {round(rate, 3) for rate in window.rates_hz}
        self.gyroscopes |= {gyr is not None for gyr in window.gyr_radps}
        at = next((i for i, own in enumerate(worn) if own.name == self.site), 0)
        number = round(float(self.measure(window.acc_mps2[at]))) - 1
        answer = self.words[min(max(number, 0), len(self.words) - 1)]
        sure = self.sure(worn[at].name)
        return [sure if label == answer else (1 - sure) / (len(labels) - 1) for label in labels]
