"""What came of asking in many setups: one row per setup, and the places beside each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import AnywearError
from .classified import Classified, mean_figures, subject_interval
from .setup_answers import Agreement, Answers, Setup

PLACEMENTS = "placements"
WHOLE = Setup("whole", "all sensors, as recorded")
FUSED = Setup("fusion", "late fusion of single ones")

Interval = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Row:
    """One setup, scored.

    Attributes:
        setup: which.
        groups: what it answered, by group of labels.
        beside: what all sensors together, as recorded, answered to the same windows.
        agreement: of the two.
        remark: what has to be known to read it.
    """

    setup: Setup
    groups: dict[str, Classified]
    beside: dict[str, Classified]
    agreement: Agreement
    remark: str = ""

    @property
    def windows(self) -> int:
        return sum(group.windows for group in self.groups.values())

    @cached_property
    def figures(self) -> dict[str, float]:
        """Accuracy, macro-F1, recall at 2, balanced accuracy; the mean over groups by windows."""
        return mean_figures(list(self.groups.values()))

    @cached_property
    def interval(self) -> Interval | None:
        """95 % interval of the accuracy, by subject; None with fewer than two."""
        return subject_interval(list(self.groups.values()), _accuracy(self.groups))

    @cached_property
    def change(self) -> tuple[float, Interval | None]:
        """Accuracy less that of `beside`, and its 95 % interval over the same draws of subjects."""
        return _difference(self.groups, self.beside)

    def lead_over(self, other: Row) -> tuple[float, Interval | None]:
        """Accuracy less that of another row over the same windows, and its 95 % interval."""
        return _difference(self.groups, other.groups)


@dataclass(frozen=True, eq=False)
class Places:
    """Every sensor alone, beside all of them.

    Attributes:
        singles: by stream name.
        sites: where each is worn; several where that differs between recordings.
        pairs: how often two agree.
        together, fused: the model's joint reading, and late fusion of single answers; None where no window is covered by all.
        compared: windows that all places cover, over which everything is counted; with none, each place has its own.
        remark: what could not be compared.
    """

    singles: dict[str, Row]
    sites: dict[str, tuple[str, ...]]
    pairs: dict[tuple[str, str], Agreement]
    together: Row | None
    fused: Row | None
    compared: int
    remark: str = ""

    @property
    def best(self) -> str:
        """The sensor with the highest accuracy alone; it is chosen by the truth, so a joint reading has it hard."""
        return max(self.singles, key=lambda name: self.singles[name].figures["accuracy"])

    @property
    def worst(self) -> str:
        """The sensor with the lowest accuracy alone."""
        return min(self.singles, key=lambda name: self.singles[name].figures["accuracy"])

    @property
    def worst_over_best(self) -> float:
        """Ratio of their accuracies; NaN when none answers anything rightly."""
        most = self.singles[self.best].figures["accuracy"]
        return self.singles[self.worst].figures["accuracy"] / most if most else float("nan")

    @property
    def below_best(self) -> bool | None:
        """Whether all together are right less often than the best sensor alone; None where they cannot be compared."""
        if self.together is None:
            return None
        return self.together.figures["accuracy"] < self.singles[self.best].figures["accuracy"]

    @property
    def mean_of_pairs(self) -> Agreement:
        """Mean over the pairs that saw windows together."""
        return _mean_agreement([own for own in self.pairs.values() if own.windows])

    @property
    def mean_with_together(self) -> Agreement:
        """Mean over the sensors, of each alone with all together."""
        return _mean_agreement([row.agreement for row in self.singles.values()])


@dataclass(frozen=True, eq=False)
class SetupResult:
    """One data set in every setup asked for.

    Attributes:
        name: of the set.
        whole: all sensors, as recorded.
        places: each alone; None when not asked for, or when the set has one sensor.
        disturbed: one row per disturbance.
        turn_alone: how often turned sensors agree with ones as recorded, the mount told for neither; None when not asked.
        rates_hz: of the slowest and the fastest stream.
        seen: whether the model was trained on the set.
        recordings: how many were read.
        remarks: what could not be done.
    """

    name: str
    whole: Row
    places: Places | None
    disturbed: tuple[Row, ...]
    turn_alone: Agreement | None
    rates_hz: tuple[float, float]
    seen: bool
    recordings: int
    remarks: tuple[str, ...] = ()

    @property
    def windows(self) -> int:
        return self.whole.windows

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for group in self.whole.groups.values() for name in group.subjects))


def alone(stream: str) -> Setup:
    """The setup of one sensor by itself."""
    return Setup(PLACEMENTS, stream)


def compare_places(answers: Answers, sites: dict[str, tuple[str, ...]]) -> Places:
    """Every stream alone beside all of them, over the windows that all cover.

    Args:
        answers: of `WHOLE` and of every stream `alone`.
        sites: where each stream is worn, by its name.
    """
    setups = {name: alone(name) for name in sites}
    where = answers.seen(list(setups.values()))
    compared = int(sum(own.sum() for own in where.values()))
    common = where if compared else None
    singles = {name: row_of(answers, setup, common) for name, setup in setups.items()}
    names = list(singles)
    pairs = {
        (one, other): answers.agreement(setups[one], setups[other], common)
        for number, one in enumerate(names)
        for other in names[number + 1 :]
    }
    if not compared:
        remark = "no window is covered by every stream: each has windows of its own, and they are not compared"
        return Places(singles, sites, pairs, None, None, 0, remark)
    together = row_of(answers, WHOLE, common)
    try:
        with_fused = answers.with_late_fusion(list(setups.values()), FUSED)
    except AnywearError as error:  # minutes of answers are not thrown away for one row
        return Places(singles, sites, pairs, together, None, compared, f"{error.what}: {error.got}")
    return Places(singles, sites, pairs, together, row_of(with_fused, FUSED, common), compared)


def row_of(answers: Answers, setup: Setup, where: dict | None = None) -> Row:
    """One setup, scored over all windows it saw, or over chosen ones of these."""
    where = answers.seen((setup, WHOLE)) if where is None else where
    return Row(
        setup, answers.classified(setup, where), answers.classified(WHOLE, where), answers.agreement(setup, WHOLE, where)
    )  # fmt: skip


def _difference(groups: dict[str, Classified], other: dict[str, Classified]) -> tuple[float, Interval | None]:
    one, two = _accuracy(groups), _accuracy(other)
    once = dict.fromkeys((name for group in groups.values() for name in group.subjects), 1.0)
    return one(once) - two(once), subject_interval(list(groups.values()), lambda drawn: one(drawn) - two(drawn))


def _accuracy(groups: dict[str, Classified]) -> Callable[[dict[str, float]], float]:
    """Accuracy, given how often each subject counts: the mean over groups by windows is the share of all windows."""
    counts = [
        (name, int(np.trace(confusion)), int(confusion.sum()))
        for group in groups.values()
        for name, confusion in zip(group.subjects, group.confusion_by_subject, strict=True)
    ]

    def share(drawn: dict[str, float]) -> float:
        windows = sum(drawn[name] * own for name, _, own in counts)
        return sum(drawn[name] * hits for name, hits, _ in counts) / max(windows, 1e-9)

    return share


def _mean_agreement(many: Sequence[Agreement]) -> Agreement:
    """Unweighted means, kappa over those that have one; windows summed."""
    kappas = [own.kappa for own in many if not math.isnan(own.kappa)]
    share = float(np.mean([own.share for own in many])) if many else 0.0
    return Agreement(share, float(np.mean(kappas)) if kappas else float("nan"), sum(own.windows for own in many))
