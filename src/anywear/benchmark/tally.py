"""Windows on their way through a model: asked in blocks, of which only scores and truth are kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from .._typing import Array, Float
from ..placement import Placement
from ..signal.labelled import LabelledWindow
from .classified import Classified, check_scores


@runtime_checkable
class WindowScorer(Protocol):
    """What a model has to do to be judged; `anywear.runtime.Model` does."""

    @property
    def config(self) -> object:
        """Says at which rate it reads, and what it was trained on."""
        ...

    @property
    def sha256(self) -> str:
        """Which model it is."""
        ...

    def score_windows(self, found: Sequence, placements: Sequence, labels: Sequence[str]) -> Array:
        """(N, L) scores of windows for labels, the higher the better."""
        ...


class Tally:
    """Windows wait here until a block is full, are scored, and leave only their scores and truth behind.

    Args:
        model: what is asked.
        labels: takes a question and gives what it may be answered with; questions are known by any hashable name.
        block: windows scored at once, which bounds memory.
    """

    def __init__(self, model: WindowScorer, labels: Callable[[Hashable], Sequence[str]], block: int) -> None:
        self._model = model
        self._labels = labels
        self._block = block
        self._waiting: dict[tuple[Hashable, tuple[Placement, ...]], list[tuple[int, LabelledWindow]]] = {}
        self._scores: dict[Hashable, list[Array | None]] = {}
        self._truth: dict[Hashable, list[str]] = {}
        self._subjects: dict[Hashable, list[str | None]] = {}

    def add(self, question: Hashable, item: LabelledWindow) -> int:
        """Take a window; gives its number among those of its question."""
        number = len(self._truth.setdefault(question, []))
        self._truth[question].append(item.label)
        self._subjects.setdefault(question, []).append(item.subject)
        self._scores.setdefault(question, []).append(None)
        key = (question, item.placements)
        self._waiting.setdefault(key, []).append((number, item))
        if len(self._waiting[key]) >= self._block:
            self._flush(key)
        return number

    def truth(self, question: Hashable) -> list[str]:
        """Labels of the windows of a question, in the order they came."""
        return self._truth.get(question, [])

    def subjects(self, question: Hashable) -> list[str | None]:
        """Who was seen in the same windows."""
        return self._subjects.get(question, [])

    def scores(self, question: Hashable) -> Float[Array, "windows labels"]:
        """Scores of the same windows."""
        for key in [key for key in self._waiting if key[0] == question]:
            self._flush(key)
        rows = [row for row in self._scores.get(question, []) if row is not None]
        return np.stack(rows) if rows else np.zeros((0, len(self._labels(question))))

    def classified(self, question: Hashable) -> Classified:
        """The windows of a question, counted."""
        labels = self._labels(question)
        truth = np.array([labels.index(label) for label in self.truth(question)], dtype=np.int64)
        return Classified.count(labels, truth, self.scores(question), self.subjects(question))

    def _flush(self, key: tuple[Hashable, tuple[Placement, ...]]) -> None:
        question, placements = key
        numbers, items = zip(*self._waiting.pop(key), strict=True)
        labels = list(self._labels(question))
        windows = [item.window for item in items]
        scores = np.asarray(self._model.score_windows(windows, placements, labels), dtype=np.float64)
        check_scores(scores, len(items), len(labels))
        for number, row in zip(numbers, scores, strict=True):
            self._scores[question][number] = row
