"""The nucleus of a motion and the segmentation of a stream on real gestures, beside AccessWear's recipe. No model is asked.

`anywear.benchmark.nucleus_marks`, `nucleus_clips` and `nucleus_neighbours` say what each part does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..datasets import dataset
from ..errors import UsageError
from ..recording import Recording
from .nucleus_clips import ClipRow, compare_clips
from .nucleus_marks import ActivityRow, MarkRow, compare_around_marks, compare_marks, count_in_activities, score_marks
from .nucleus_neighbours import NeighbourRow, compare_neighbours
from .nucleus_walking import BEFORE_S, added_to_walking
from .registry import benchmark

PARTS = ("marks", "everyday", "clips", "neighbours")
MARKED = "uhh-gestures"
CLIPPED = ("utd-mhad", "imu-digits")
EVERYDAY = {"sp-sw-har": "watch", "dsads": "right_arm"}
"""Data sets of everyday motion, and the stream of each that is nearest to a hand."""
WALKERS, ADDED = "dsads", "added to walking"
WRIST = "right_wrist"


@dataclass(frozen=True, eq=False)
class NucleusReport:
    """What was measured; a part that was not asked for is None.

    Attributes:
        seed: of turns, draws and windows.
        marks: segments of streams against marked repetitions, by setup.
        everyday: candidates in motion that holds no gestures, by activity.
        clips: nuclei of clips, and whether another setup gives the same, by data set.
        neighbours: what cropping does to a nearest neighbour, by data set.
        shown: recordings for pictures, by data set.
    """

    seed: int
    marks: tuple[MarkRow, ...] | None
    everyday: tuple[ActivityRow, ...] | None
    clips: tuple[ClipRow, ...] | None
    neighbours: tuple[NeighbourRow, ...] | None
    shown: dict[str, tuple[Recording, ...]]

    @property
    def signature(self) -> str:
        """The protocol in a line."""
        parts = [name for name in PARTS if getattr(self, name) is not None]
        return f"anywear-nucleus v1 | parts {', '.join(parts)} | seed {self.seed} | a segment hits a mark at IoU >= 0.5"


@benchmark("nucleus", "nuclei and segments of real gestures; needs no model")
def run_nucleus(
    data: Path, parts: Sequence[str] = PARTS, seed: int = 0, progress: Callable[[str], None] = lambda line: None
) -> NucleusReport:
    """Measure nuclei and segments.

    Args:
        data: folder with the data sets, packed or unpacked.
        parts: which of `PARTS`.
        seed: of turns, draws and windows.
        progress: told every step.

    Raises:
        UsageError: an unknown part. FormatError: a set is missing or damaged.
    """
    unknown = [part for part in parts if part not in PARTS]
    if unknown or not parts:
        raise UsageError("There is no such part", expected=", ".join(PARTS), got=", ".join(unknown) or "none")
    gestures: dict[str, list[Recording]] = {}
    for name in (MARKED, *CLIPPED):
        if name == MARKED or {"clips", "neighbours"} & set(parts):
            progress(f"reading {name}")
            gestures[name] = list(hand_recordings(data, name))
    marks, everyday, clips, neighbours = None, None, None, None
    if "marks" in parts:
        progress("marks: clips and walking")
        walking = added_to_walking(gestures[MARKED], dataset(WALKERS).recordings(data), EVERYDAY[WALKERS])
        marks = (
            *compare_around_marks(gestures[MARKED]),
            *compare_marks(gestures[MARKED], seed, progress),
            *score_marks(ADDED, walking, since_s=BEFORE_S),
        )
    if "everyday" in parts:
        rows: list[ActivityRow] = []
        for name, stream in EVERYDAY.items():
            progress(f"everyday: {name}")
            rows += count_in_activities(name, dataset(name).recordings(data), stream)
        everyday = tuple(rows)
    if "clips" in parts:
        clips = tuple(row for name in CLIPPED for row in compare_clips(name, gestures[name], seed, progress))
    if "neighbours" in parts:
        neighbours = tuple(
            row for name, own in gestures.items() for row in compare_neighbours(name, own, seed, progress)
        )
    shown = {name: tuple(_by_label(own)) for name, own in gestures.items()}
    return NucleusReport(seed, marks, everyday, clips, neighbours, shown)


def hand_recordings(data: Path, name: str) -> Iterator[Recording]:
    """The recordings of a set in which the sensor was at the hand, one stream each."""
    for recording in dataset(name).recordings(data):
        if recording.metadata.get("position", WRIST) == WRIST:
            yield recording


def _by_label(recordings: Sequence[Recording]) -> list[Recording]:
    """One recording of each class, by different people as far as there are."""
    labels = list(dict.fromkeys(own.labels[0].label for own in recordings))
    chosen = []
    for number, label in enumerate(labels):
        own = [recording for recording in recordings if recording.labels[0].label == label]
        chosen.append(own[int(np.linspace(0, len(own) - 1, 5)[number % 5])])
    return chosen
