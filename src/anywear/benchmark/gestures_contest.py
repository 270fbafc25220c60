"""Who answers in the benchmark of gestures, and the two that need no model; `anywear.benchmark.gestures` states the protocol.

Everybody learns from the same clips and is asked the same clips. What does not depend on the labels of a draw is worked out
once per data set and kept: distances between all clips, features of all clips.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Generic, Protocol, TypeVar, runtime_checkable

import numpy as np

from .._typing import Array, Bool, Float, Int
from ..errors import UsageError
from ..signal.minirocket import MiniRocket, fit_minirocket
from .gestures_clips import LENGTH, GestureSet
from .gestures_draws import Draw
from .gestures_dtw import dtw_distances, dtw_matrix
from .probe_classifiers import ALPHAS

BAND = LENGTH // 10
"""Samples: the Sakoe-Chiba band of 10 %."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What is said of some clips.

    Attributes:
        labels: (N,) numbers of labels; one has to be named.
        confidence: (N,) the higher the surer; only the order within one contestant and draw means something.
        none: (N,) bool, which of them are none of the labels, where the contestant can say so.
    """

    labels: Int[Array, " asked"]
    confidence: Float[Array, " asked"]
    none: Bool[Array, " asked"] | None = None


@runtime_checkable
class Contestant(Protocol):
    """What answers about clips.

    Attributes:
        name: as ``--rows`` and JSON name it.
    """

    name: str

    def answer(self, known: GestureSet, asked: GestureSet, draw: Draw) -> Answers:
        """What is said of the clips asked.

        Args:
            known: holds the rows that are learned from.
            asked: holds the rows that are asked: the same object, or the same clips by another device.
            draw: which rows they are.
        """
        ...


Kept = TypeVar("Kept")


class Memory(Generic[Kept]):
    """The last few results, known by the very objects they were made of."""

    def __init__(self, most: int = 8) -> None:
        self._most = most
        self._held: list[tuple[tuple, Kept]] = []

    def get(self, *key) -> Kept | None:
        """What was put under the same objects, or None."""
        for held, value in self._held:
            if len(held) == len(key) and all(
                a is b or (isinstance(a, int) and a == b) for a, b in zip(held, key, strict=True)
            ):
                return value
        return None

    def put(self, value: Kept, *key) -> Kept:
        self._held = [*self._held[-self._most + 1 :], (key, value)]
        return value


class Dtw:
    """The nearest clip by dynamic time warping of all channels together; of equals the first.

    Clips are stretched to one length and every channel divided by its spread in the set, as is usual of such a set: the
    spread of all clips, for which no label is needed. Channels are not centred clip by clip, or where gravity points would
    be lost.
    """

    name = "dtw"

    def __init__(self, band: int = BAND) -> None:
        self.band = band
        self._distances: Memory[Array] = Memory(2)

    def answer(self, known: GestureSet, asked: GestureSet, draw: Draw) -> Answers:
        distances = self.distances(known, asked, draw)
        return Answers(known.truth[draw.learn[distances.argmin(axis=1)]], -distances.min(axis=1))

    def distances(self, known: GestureSet, asked: GestureSet, draw: Draw) -> Float[Array, "asked known"]:
        """Of the clips asked to those learned from; of a set to itself all are worked out at once, and kept."""
        values = _normalised(known, known)
        if asked is not known:
            return dtw_distances(_normalised(asked, known)[draw.ask], values[draw.learn], self.band)
        found = self._distances.get(known)
        if found is None:
            found = self._distances.put(dtw_matrix(values, self.band), known)
        return found[np.ix_(draw.ask, draw.learn)]


class Rocket:
    """MiniRocket and a ridge classifier, its penalty chosen by leaving one clip out.

    The transform's thresholds are found on all clips of the set, without labels and anew for each seed; spread and
    classifier see the clips learned from alone.
    """

    name = "minirocket"

    def __init__(self) -> None:
        if find_spec("sklearn") is None:
            raise UsageError(
                "MiniRocket's ridge classifier needs scikit-learn", where="--rows",
                remedy='pip install "anywear[benchmark]", or leave minirocket out',
            )  # fmt: skip
        self._fitted: Memory[MiniRocket] = Memory()
        self._features: Memory[Array] = Memory(12)

    def answer(self, known: GestureSet, asked: GestureSet, draw: Draw) -> Answers:
        from sklearn.linear_model import RidgeClassifierCV

        truth = known.truth[draw.learn]
        if len(np.unique(truth)) == 1:
            return Answers(np.full(len(draw.ask), truth[0]), np.zeros(len(draw.ask)))
        learned = self._of(known, known, draw.seed)[draw.learn]
        spread = learned.std(axis=0)
        spread[spread == 0.0] = 1.0
        ridge = RidgeClassifierCV(alphas=ALPHAS).fit(learned / spread, truth)
        margins = ridge.decision_function(self._of(known, asked, draw.seed)[draw.ask] / spread)
        if margins.ndim == 1:  # two classes have one margin
            margins = np.stack([-margins, margins], axis=1)
        return Answers(ridge.classes_[margins.argmax(axis=1)], margins.max(axis=1))

    def _of(self, known: GestureSet, own: GestureSet, seed: int) -> Array:
        found = self._features.get(known, own, seed)
        if found is None:
            rocket = self._fitted.get(known, seed)
            if rocket is None:
                rocket = self._fitted.put(
                    fit_minirocket(_normalised(known, known), np.random.default_rng([seed, 3])), known, seed
                )
            found = self._features.put(rocket.transform(_normalised(own, known)), known, own, seed)
        return found


def _normalised(own: GestureSet, by: GestureSet) -> Array:
    """A set's values, centred and scaled as another set's are, channel by channel, without channels which that one lacks."""
    mean, spread = by.values.mean(axis=(0, 2), keepdims=True), by.values.std(axis=(0, 2), keepdims=True)
    held = spread.ravel() > 0.0
    return ((own.values - mean) / np.where(spread > 0.0, spread, 1.0))[:, held].astype(np.float32)
