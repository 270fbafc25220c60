"""Gestures learned from few labels: the protocol ``anywear-gestures v1``.

What is asked about is clips, cut by `anywear.benchmark.gestures_clips`; which are learned from and which are asked is drawn
by `anywear.benchmark.gestures_draws`, for each seed anew; who answers is in `anywear.benchmark.gestures_contest` and
`gestures_ours`. Everybody learns from the same clips and is asked the same clips, and has to name one of the labels.

A seed's figures are of all clips it asks, all folds together: accuracy, and macro-F1 over the classes that occur. What is
told is their mean over seeds, and their standard deviation. The mean over sets leaves out a set that an encoder under test
has seen, and, where users are kept apart, one that has but one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .._typing import Array
from ..datasets import open_dataset
from ..errors import UsageError, unknown_name
from . import metrics
from .gestures_clips import GestureSet, gesture_set
from .gestures_contest import Contestant
from .gestures_draws import MIXED, SPLITS, Point, draws, has_users
from .ranking import mean_of, spread_of
from .registry import benchmark

PROTOCOL = "anywear-gestures v1"
OURS = "gestures"
"""The row that the headline is of."""
MAX_SEEDS = 100

Cell = tuple[str, str, Point]
"""A row, a split, and how many labels there were."""
Progress = Callable[[str], None]


@dataclass(frozen=True)
class GesturesConfig:
    """How the question is put.

    Attributes:
        points: numbers of labels; the first is the headline's.
        splits: of `SPLITS`; the first is the headline's.
        seeds: how many draws: 0, 1, 2, ...
        places: sites or streams that take part; the one nearest to a hand when empty.
    """

    points: tuple[Point, ...] = (Point(share=0.1),)
    splits: tuple[str, ...] = (MIXED,)
    seeds: int = 5
    places: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for split in self.splits:
            if split not in SPLITS:
                raise unknown_name("split", split, SPLITS)
        if not self.points or not self.splits:
            raise UsageError("There is nothing to ask", expected="one split and one number of labels at least")
        if not 1 <= self.seeds <= MAX_SEEDS:
            raise UsageError(
                "The number of seeds is out of range", where="--seeds", expected=f"1 to {MAX_SEEDS}", got=str(self.seeds)
            )  # fmt: skip
        object.__setattr__(self, "points", tuple(dict.fromkeys(self.points)))
        object.__setattr__(self, "splits", tuple(dict.fromkeys(self.splits)))


@dataclass(frozen=True, eq=False)
class GesturesResult:
    """One data set, asked.

    Attributes:
        found: its clips.
        seen: rows whose encoder was trained on the set.
        confusion: (S, K, K) counts of every seed, rows the truth, columns the answer.
        spent_s: seconds that a row took, all draws together.
    """

    found: GestureSet
    seen: tuple[str, ...]
    confusion: dict[Cell, Array]
    spent_s: dict[str, float]

    @property
    def name(self) -> str:
        return self.found.name

    @property
    def users(self) -> int:
        """How many wearers are known."""
        return len({own for own in self.found.subjects if own is not None})

    @property
    def has_users(self) -> bool:
        return has_users(self.found.subjects)

    def per_seed(self, cell: Cell) -> list[dict[str, float]]:
        """Accuracy and macro-F1 of every seed."""
        return [{"accuracy": metrics.accuracy(own), "macro_f1": metrics.macro_f1(own)} for own in self.confusion[cell]]

    def mean(self, cell: Cell) -> dict[str, float]:
        """Over seeds."""
        return mean_of(self.per_seed(cell))

    def spread(self, cell: Cell) -> dict[str, float]:
        """Standard deviation over seeds."""
        return spread_of(self.per_seed(cell))


@dataclass(frozen=True, eq=False)
class GesturesReport:
    """Every set, and how it was done.

    Attributes:
        results: in the order asked.
        config: how the question was put.
        rows: names of the contestants, the headline's first.
        encoders: what is said of the encoders in the signature.
    """

    results: tuple[GesturesResult, ...]
    config: GesturesConfig
    rows: tuple[str, ...]
    encoders: str = "none"

    @property
    def headline(self) -> Cell:
        """The cell that stands for a set."""
        return self.rows[0], self.config.splits[0], self.config.points[0]

    def averaged(self, split: str) -> tuple[GesturesResult, ...]:
        """The sets of the mean of a split: those no encoder has seen, all when all are; with users, those of several."""
        able = tuple(own for own in self.results if split == MIXED or own.has_users)
        return tuple(own for own in able if not own.seen) or able

    def mean(self, cell: Cell) -> dict[str, float] | None:
        """Unweighted mean over `averaged`; None where there is none."""
        own = [result.mean(cell) for result in self.averaged(cell[1]) if cell in result.confusion]
        return mean_of(own) if own else None

    @property
    def signature(self) -> str:
        """One line that states the protocol; equal lines mean comparable figures."""
        c = self.config
        sets = ", ".join(
            f"{r.name} {len(r.found.clips)} clips {len(r.found.labels)} classes {r.users or 'unnamed'} users"
            for r in self.results
        )
        points = ", ".join(map(str, c.points))
        seen = ",".join(r.name for r in self.results if r.seen) or "no"
        return (
            f"{PROTOCOL} | sets {sets} | split {','.join(c.splits)} | learned from {points} of each class | "
            f"seeds 0-{c.seeds - 1} | places {','.join(c.places) or 'nearest to a hand'} | rows {','.join(self.rows)} | "
            f"encoders {self.encoders} | seen: {seen}"
        )


@benchmark("gestures", "gestures from few labels, any wearer, against DTW, MiniRocket and training from scratch")
def run_gestures(
    contestants: Sequence[Contestant],
    data_dir: Path | str,
    sets: Sequence[str],
    config: GesturesConfig | None = None,
    report: Progress = lambda line: None,
) -> GesturesReport:
    """Ask everybody about several data sets.

    Args:
        contestants: who answers; the first is the headline's.
        data_dir: folder with the sets' archives or unpacked folders.
        sets: their names.
        config: how the question is put.
        report: takes progress lines.

    Raises:
        UsageError: no set, an unknown one, one without clips, or one of a single class. FormatError: data missing or damaged.
    """
    config = config or GesturesConfig()
    if not contestants:
        raise UsageError("Nobody was asked to answer", where="--rows")
    results = []
    for found in read_sets(data_dir, sets, config.places, report):
        results.append(ask(contestants, found, config, report))
    return GesturesReport(tuple(results), config, tuple(own.name for own in contestants), encoders_of(contestants))


def read_sets(
    data_dir: Path | str, sets: Sequence[str], places: Sequence[str], report: Progress = lambda line: None
) -> list[GestureSet]:
    """The clips of several data sets. All are found before the first is read: a wrong name must not cost minutes.

    Raises:
        UsageError: no set, an unknown one, one without clips, or one of a single class. FormatError: data missing or damaged.
    """
    if not sets:
        raise UsageError("No data set was named", where="--sets", remedy="Write --sets utd-mhad,uhh-gestures")
    out = []
    for dataset, source in [open_dataset(name, data_dir) for name in dict.fromkeys(sets)]:
        began = time.monotonic()
        found = gesture_set(dataset, source, places)
        if len(found.labels) < 2:
            raise UsageError(
                f"{found.name} has clips of one class only", where="--sets", expected="two classes or more",
                got=", ".join(found.labels), remedy="Choose another set, or more of it",
            )  # fmt: skip
        report(
            f"{found.name}: {len(found.clips)} clips of {len(found.labels)} classes, {time.monotonic() - began:.1f} s"
        )
        out.append(found)
    return out


def ask(
    contestants: Sequence[Contestant],
    found: GestureSet,
    config: GesturesConfig,
    report: Progress = lambda line: None,
    asked: GestureSet | None = None,
) -> GesturesResult:
    """Ask everybody about one data set.

    Args:
        contestants: who answers.
        found: clips that are learned from.
        config: how the question is put.
        report: takes progress lines.
        asked: the same clips by another device, if those are asked.
    """
    other = found if asked is None else asked
    confusion: dict[Cell, Array] = {}
    spent: dict[str, float] = {}
    for own in contestants:
        answered: dict[tuple, Array] = {}
        for split in config.splits:
            for point in config.points:
                began = time.monotonic()
                counts = [_counts(own, found, other, split, point, seed, answered) for seed in range(config.seeds)]
                confusion[own.name, split, point] = np.stack(counts)
                spent_s = time.monotonic() - began
                spent[own.name] = spent.get(own.name, 0.0) + spent_s
                right = np.mean([metrics.accuracy(one) for one in counts])
                report(f"{found.name}, {split}, {point}, {own.name}: {100 * right:.1f} %, {spent_s:.1f} s")
    seen = tuple(own.name for own in contestants if found.name in trained_on(own))
    return GesturesResult(found, seen, confusion, spent)


def trained_on(contestant: Contestant) -> tuple[str, ...]:
    """Data sets that a contestant's encoder was trained on, as far as it says."""
    return tuple(getattr(contestant, "trained_on", ()))


def encoders_of(contestants: Sequence[Contestant]) -> str:
    """What the signature says of the contestants' encoders."""
    told = {getattr(own, "encoder", "") for own in contestants} - {""}
    return "; ".join(sorted(told)) or "none"


def _counts(
    contestant: Contestant,
    known: GestureSet,
    asked: GestureSet,
    split: str,
    point: Point,
    seed: int,
    answered: dict[tuple, Array],
) -> Array:
    """(K, K) answers to all questions of a seed; one that was answered before (3 shots may be 10 %) is not put again."""
    classes = len(known.labels)
    out = np.zeros((classes, classes), dtype=np.int64)
    for draw in draws(known.truth, known.subjects, point, split, seed):
        question = (seed, draw.fold, draw.learn.tobytes(), draw.ask.tobytes())
        if question not in answered:
            labels = contestant.answer(known, asked, draw).labels
            answered[question] = metrics.confusion_matrix(asked.truth[draw.ask], labels, classes)
        out += answered[question]
    return out
