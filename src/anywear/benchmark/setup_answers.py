"""The same windows asked in several setups: answers side by side, how often they agree, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._typing import Array
from ..errors import AnywearError
from ..signal.labelled import LabelledWindow
from .classified import Classified
from .metrics import cohen_kappa, confusion_matrix
from .tally import Tally, WindowScorer

LEAST = 1e-12  # probability below which none is believed: one sensor alone cannot forbid an answer for good


@dataclass(frozen=True)
class Setup:
    """A way of asking: which part of the benchmark it belongs to, and its name there."""

    part: str
    name: str


@dataclass(frozen=True)
class Agreement:
    """How often two setups gave the same answer.

    Attributes:
        share: of the windows; 0 without windows.
        kappa: Cohen's, agreement beyond chance; NaN where chance alone would always agree.
        windows: that both answered.
    """

    share: float
    kappa: float
    windows: int


@dataclass(frozen=True, eq=False)
class Group:
    """Windows that were asked with one list of labels.

    Attributes:
        labels: L of them.
        truth: (N,) numbers of the right ones.
        subjects: who, or None.
        scores: (N, L) per setup; a row of NaN where a setup does not see the window.
    """

    labels: tuple[str, ...]
    truth: Array
    subjects: tuple[str | None, ...]
    scores: dict[Setup, Array]


@dataclass(frozen=True, eq=False)
class Answers:
    """What several setups answered to the same windows, by group of labels."""

    groups: dict[str, Group]

    @property
    def setups(self) -> tuple[Setup, ...]:
        """In the order in which they first saw a window."""
        return tuple(dict.fromkeys(setup for group in self.groups.values() for setup in group.scores))

    def seen(self, setups: Sequence[Setup]) -> dict[str, Array]:
        """(N,) bool per group: which windows all of these setups answered."""
        return {
            name: np.all([~np.isnan(self._scores(group, setup)[:, 0]) for setup in setups], axis=0)
            for name, group in self.groups.items()
        }

    def classified(self, setup: Setup, where: dict[str, Array]) -> dict[str, Classified]:
        """One setup's answers to chosen windows, counted; groups without such a window are left out."""
        return {
            name: Classified.count(
                group.labels,
                group.truth[where[name]],
                self._scores(group, setup)[where[name]],
                [subject for subject, own in zip(group.subjects, where[name], strict=True) if own],
            )
            for name, group in self.groups.items()
            if where[name].any()
        }

    def agreement(self, one: Setup, other: Setup, where: dict[str, Array] | None = None) -> Agreement:
        """How often two setups agree, over the windows both answered, or over chosen ones of these."""
        counts = []
        for name, both in (self.seen((one, other)) if where is None else where).items():
            group = self.groups[name]
            first, second = (self._scores(group, setup)[both].argmax(axis=1) for setup in (one, other))
            counts.append(confusion_matrix(first, second, len(group.labels)))
        windows = int(sum(own.sum() for own in counts))
        same = int(sum(np.trace(own) for own in counts))
        return Agreement(same / max(1, windows), cohen_kappa(*counts), windows)

    def with_late_fusion(self, setups: Sequence[Setup], fused: Setup) -> Answers:
        """The same with one setup more: the mean of the log-probabilities of several, of those that saw a window.

        Raises:
            AnywearError: scores that are no probabilities.
        """
        groups = {}
        for name, group in self.groups.items():
            parts = np.stack([self._scores(group, setup) for setup in setups])
            saw = ~np.isnan(parts[..., 0])
            _check_probabilities(parts[saw])
            logs = np.where(saw[..., None], np.log(np.maximum(np.nan_to_num(parts), LEAST)), 0.0)
            counted = saw.sum(axis=0)[:, None]
            mean = np.where(counted > 0, logs.sum(axis=0) / np.maximum(counted, 1), np.nan)
            groups[name] = Group(group.labels, group.truth, group.subjects, {**group.scores, fused: mean})
        return Answers(groups)

    @staticmethod
    def _scores(group: Group, setup: Setup) -> Array:
        if setup in group.scores:
            return group.scores[setup]
        return np.full((len(group.truth), len(group.labels)), np.nan)


class Collector:
    """Has windows asked in several setups, each only once, and lays the answers side by side.

    Args:
        model: is asked.
        asked: label words by group.
        whole: the setup that sees every window.
        block: windows scored at once.
    """

    def __init__(self, model: WindowScorer, asked: dict[str, tuple[str, ...]], whole: Setup, block: int) -> None:
        # A question of the tally is a pair of a setup and a group.
        self._tally = Tally(model, lambda question: asked[question[1]], block)  # type: ignore[index]
        self._asked = asked
        self._whole = whole
        # Per group and setup: window, and where its answer lies, as question and number there.
        self._places: dict[str, dict[Setup, list[tuple[int, Setup, int]]]] = {name: {} for name in asked}

    def add(self, group: str, item: LabelledWindow) -> int:
        """Take a new window as the whole setup sees it; gives its number."""
        number = self._ask(self._whole, group, item)
        self._places[group].setdefault(self._whole, []).append((number, self._whole, number))
        return number

    def see(self, setup: Setup, group: str, number: int, item: LabelledWindow) -> None:
        """Take a window as another setup sees it."""
        own = self._ask(setup, group, item)
        self._places[group].setdefault(setup, []).append((number, setup, own))

    def same(self, setup: Setup, group: str, number: int) -> None:
        """Another setup sees a window as the whole does: the answer is known."""
        self._places[group].setdefault(setup, []).append((number, self._whole, number))

    def answers(self) -> Answers:
        """Everything that was asked."""
        groups = {}
        for name, labels in self._asked.items():
            question = (self._whole, name)
            truth = np.array([labels.index(label) for label in self._tally.truth(question)], dtype=np.int64)
            scores = {}
            for setup, places in self._places[name].items():
                scores[setup] = np.full((len(truth), len(labels)), np.nan)
                known = {own: self._tally.scores((own, name)) for own in {place[1] for place in places}}
                for number, own, row in places:
                    scores[setup][number] = known[own][row]
            if len(truth):
                groups[name] = Group(labels, truth, tuple(self._tally.subjects(question)), scores)
        return Answers(groups)

    def _ask(self, setup: Setup, group: str, item: LabelledWindow) -> int:
        return self._tally.add((setup, group), item)


def _check_probabilities(rows: Array) -> None:
    if len(rows) and (rows.min() < 0.0 or np.abs(rows.sum(axis=-1) - 1.0).max() > 1e-3):
        sums = rows.sum(axis=-1)
        raise AnywearError(
            "The model's scores cannot be fused",
            expected="probabilities of the labels, which are not negative and sum to 1",
            got=f"least {rows.min():.3g}, sums from {sums.min():.3g} to {sums.max():.3g}",
        )
