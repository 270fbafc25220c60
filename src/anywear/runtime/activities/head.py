"""A head for activities: ridge regression over MiniRocket's features, the embedding and its latents, helped by the words.

What the sensors measured tells most where they are worn as they were when it learned; what the encoder makes of it holds
elsewhere, and of few windows. Words are one more example, which counts the less the more windows of a class there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..._typing import Array, Float, Int
from ...signal.minirocket import MiniRocket, fit_minirocket
from ..gestures.calibration import SCALE, SCALES, softmax
from ..ridge import LEFT_OUT_LEAST, Blocks, Ridge, fit_ridge
from .looks import Looks

VALUES_WEIGHT, VECTORS_WEIGHT, LATENTS_WEIGHT = 2.0, 1.0, 1.0  # of the blocks
PENALTIES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
MIDDLE = 0.01  # where no window can be left out to choose one on
WORDS = 2.0  # what cosine with a label counts, shared with the windows of the class
RECALL = 0.95  # share of what was learned that is not to be taken for unknown


@dataclass(frozen=True, eq=False)
class ActivityHead:
    """A learned head.

    Attributes:
        rocket: how signals are looked at; None for a head that is not bound to a setup.
        blocks, ridge: from features to scores.
        words: (K, D) unit vectors of the labels.
        weights, usual: (K,) what cosines with the labels count, and what they are in the mean.
        scale: inverse temperature of probabilities.
        threshold: least score of an answer other than unknown.
        judged: rows of what was learned from that could be left out, and were.
        accuracy: share of them that is right when left out, NaN where there are none.
    """

    rocket: MiniRocket | None
    blocks: Blocks
    ridge: Ridge
    words: Array
    weights: Array
    usual: Array
    scale: float = SCALE
    threshold: float = 0.0
    judged: int = 0
    accuracy: float = float("nan")

    def __call__(self, looks: Looks) -> Float[Array, "windows classes"]:
        """Scores: about 1 for the class that it is, 0 for the others."""
        return self.ridge(self.blocks(_features(self.rocket, looks))) + self._by_words(looks)

    def probabilities(self, scores: Float[Array, "windows classes"]) -> Float[Array, "windows classes"]:
        """Of each class, given that one of them is right."""
        return softmax(self.scale * scores)

    def _by_words(self, looks: Looks) -> Array:
        return self.weights * (looks.vectors @ self.words.T - self.usual)


def fit_head(
    looks: Looks,
    truth: Int[Array, " windows"],
    words: Float[Array, "classes features"],
    groups: Int[Array, " windows"],
    rng: np.random.Generator,
) -> ActivityHead:
    """Learn a head.

    Args:
        looks: windows; without values the head is not bound to a setup.
        truth: (N,) numbers of their classes, each of which occurs.
        words: (K, D) unit vectors of the labels.
        groups: (N,) which windows are left out together, numbered from 0.
        rng: of MiniRocket.
    """
    rocket = None if looks.values is None else fit_minirocket(looks.values, rng)
    found = _features(rocket, looks)
    blocks = Blocks.fit(found, _weights(looks))
    counts = np.bincount(truth, minlength=len(words))
    # A window can be answered about without its group where its class is known from another group.
    spread = np.array([len(np.unique(groups[truth == own])) for own in range(len(words))])
    judged = np.flatnonzero(spread[truth] > 1)
    ridge = fit_ridge(
        blocks(found), np.eye(len(words))[truth], groups, len(truth) / len(words) / counts[truth],
        PENALTIES if len(judged) else (MIDDLE,), answered=judged if len(judged) else None,
    )  # fmt: skip
    usual = (looks.vectors @ words.T).mean(axis=0)
    plain = ActivityHead(rocket, blocks, ridge, words, WORDS / (1.0 + counts), usual)
    if len(judged) < LEFT_OUT_LEAST:
        return plain
    left = ridge.left_out + plain._by_words(looks[judged])
    right = truth[judged]
    rows = np.arange(len(judged))
    losses = [-np.log(softmax(scale * left)[rows, right] + 1e-9).mean() for scale in SCALES]
    return ActivityHead(
        rocket, blocks, ridge, words, plain.weights, usual, SCALES[int(np.argmin(losses))],
        float(np.quantile(left.max(axis=1), 1.0 - RECALL)), len(judged), float((left.argmax(axis=1) == right).mean()),
    )  # fmt: skip


def _features(rocket: MiniRocket | None, looks: Looks) -> list[Float[Array, "windows _"]]:
    """Blocks, in the order of `_weights`."""
    values = [] if rocket is None or looks.values is None else [rocket.transform(looks.values)]
    return [*values, looks.vectors, *([] if looks.latents is None else [looks.latents])]


def _weights(looks: Looks) -> Sequence[float]:
    return [
        *([] if looks.values is None else [VALUES_WEIGHT]), VECTORS_WEIGHT,
        *([] if looks.latents is None else [LATENTS_WEIGHT]),
    ]  # fmt: skip
