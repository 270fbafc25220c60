"""What the probe asks about: embedded windows with their owners, divided into folds and drawn from for few shots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np

from .._typing import Array, Float, Int
from ..datasets import Dataset, Source
from ..errors import UsageError
from ..runtime.activities.looks import Looks, channels_of, embedded, stacked
from ..signal.labelled import LabelledWindow
from .classified import check_scores
from .har import HarConfig, asked_windows, headline_groups, no_windows
from .tally import WindowScorer

FOLDS = 5


@runtime_checkable
class WindowEmbedder(WindowScorer, Protocol):
    """What a model has to do to be probed: to score windows, as for `anywear.benchmark.har`, and to embed them."""

    def encode_windows(self, found: Sequence, placements: Sequence) -> Array:
        """(N, D) unit vectors of windows."""
        ...

    def encode_labels(self, labels: Sequence[str]) -> Array:
        """(L, D) unit vectors of labels."""
        ...


@dataclass(frozen=True, eq=False)
class ProbeWindows:
    """The windows of one question: of a data set, or of a group of its labels.

    Attributes:
        labels: what can be answered, K of them.
        items: the windows, N of them.
        truth: (N,) numbers of their labels.
        recordings: (N,) numbers of the recordings they are from.
        vectors: (N, D) their embeddings.
        words: (K, D) the labels' embeddings.
        latents: (N, F) mean and spread of what is behind them, where the model tells it.
    """

    labels: tuple[str, ...]
    items: tuple[LabelledWindow, ...]
    truth: Array
    recordings: Array
    vectors: Array
    words: Array
    latents: Array | None = None

    @property
    def looks(self) -> Looks:
        """As a head for activities sees them."""
        return Looks(self.vectors, self.latents, self.values)

    @property
    def subjects(self) -> tuple[str | None, ...]:
        """Of each window; None where the data do not tell."""
        return tuple(item.subject for item in self.items)

    @cached_property
    def values(self) -> Float[Array, "windows channels time"]:
        """Acceleration and angular rate of all streams as float32 channels, m/s2 and rad/s, on the model's grid.

        A channel is an axis of the stream at a site (of the first, second, ... one where several are worn there). All windows
        are as long as the longest: a shorter one goes on with its last sample. What a window does not hold is zeros.
        """
        worn = [(item.window, item.placements) for item in self.items]
        length = max(len(item.window.acc_mps2[0]) for item in self.items)
        return stacked(worn, channels_of(worn), length)


def collect(
    model: WindowEmbedder, dataset: Dataset, source: Source, config: HarConfig
) -> tuple[dict[str, ProbeWindows], int]:
    """Windows and embeddings of a data set, by group of labels; every window is embedded once. And the recordings read.

    Raises:
        UsageError: the set has no windows at the placements asked for. FormatError: data missing or damaged.
    """
    asked, windows = headline_groups(dataset.info), config.windows_for(model)
    found: dict[str, list[tuple[int, LabelledWindow]]] = {name: [] for name in asked}
    read = 0
    for chosen in config.told(dataset.recordings(source)):
        for group, item in asked_windows(chosen, dataset.info, asked, windows):
            found[group].append((read, item))
        read += 1
    groups = {name: _embedded(model, asked[name], own) for name, own in found.items() if own}
    if not groups:
        raise no_windows(dataset.info, config)
    return groups, read


def _embedded(
    model: WindowEmbedder, labels: Sequence[str], found: Sequence[tuple[int, LabelledWindow]]
) -> ProbeWindows:
    recordings, items = zip(*found, strict=True)
    words = np.asarray(model.encode_labels(list(labels)), dtype=np.float64)
    seen = embedded(model, [(item.window, item.placements) for item in items])
    check_scores(seen.vectors, len(items), words.shape[1])
    truth = np.array([labels.index(item.label) for item in items])
    return ProbeWindows(tuple(labels), items, truth, np.array(recordings), seen.vectors, words, seen.latents)


@dataclass(frozen=True)
class Folds:
    """How owners of windows were divided.

    Attributes:
        by: ``subject``, or ``recording`` where subjects are not named.
        count: folds.
        of: each owner's fold, by name of subject or number of recording.
    """

    by: str
    count: int
    of: dict[str | int | None, int]

    def rows(self, windows: ProbeWindows) -> Int[Array, " windows"]:
        """(N,) the fold of every window."""
        owners = windows.subjects if self.by == "subject" else windows.recordings.tolist()
        return np.array([self.of[owner] for owner in owners])


def divide(groups: Sequence[ProbeWindows], name: str, most: int = FOLDS) -> Folds:
    """Deal the owners of windows to folds, the same for all groups of a set.

    Subjects are dealt in turn in the order of their names. Where any window's subject is not known, recordings are dealt
    instead, in the order of the first label in each, so that every fold has its share of labels.

    Args:
        groups: of the set.
        name: of the set, for errors.
        most: folds; fewer where there are fewer owners.

    Raises:
        UsageError: there is one owner only, and so nobody to test on.
    """
    subjects = {subject for group in groups for subject in group.subjects}
    if None not in subjects:
        by, owners = "subject", sorted(subjects, key=lambda own: (len(own or ""), own or ""))
    else:
        first: dict[int, tuple[int, int]] = {}
        for number, group in enumerate(groups):
            for recording, label in zip(group.recordings.tolist(), group.truth.tolist(), strict=True):
                first.setdefault(recording, (number, label))
        by, owners = "recording", sorted(first, key=lambda own: (first[own], own))
    if len(owners) < 2:
        raise UsageError(
            f"{name} cannot be divided into what is learned from and what is asked", where="--sets",
            expected=f"windows of at least two {by}s", got="one", remedy="Choose another set, or more of it",
        )  # fmt: skip
    count = min(most, len(owners))
    return Folds(by, count, {owner: place % count for place, owner in enumerate(owners)})


def draw_order(
    truth: Int[Array, " windows"], rows: Int[Array, " rows"], rng: np.random.Generator
) -> list[Int[Array, " _"]]:
    """Each class's windows among some rows in random order; of k shots, each class's first k are taken.

    So what is drawn for one shot is among what is drawn for five.
    """
    return [rng.permutation(rows[truth[rows] == label]) for label in np.unique(truth[rows])]


def shots(order: Sequence[Int[Array, " _"]], k: int) -> Int[Array, " shots"]:
    """The first k rows of every class; all of a class that has fewer."""
    return np.concatenate([own[:k] for own in order])
