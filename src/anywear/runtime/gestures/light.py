"""Learning gestures from a few examples: copies, features, ridge, calibration. The encoder stays as it is; no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from ..._typing import Array, Float, Int
from .augment import AugmentConfig, augmented
from .calibration import Calibration
from .clips import Signal, moving_part
from .features import FeatureConfig, Looks
from .head import Blocks, Ridge, fit_ridge

MOST_ROWS = 1600  # examples and copies together: the fit grows with their third power
NONE_SHARE = 0.5  # weight of all that is no gesture, beside all examples together


@dataclass(frozen=True)
class LightConfig:
    """How a light head is learned.

    Attributes:
        copies: of every example, as far as `MOST_ROWS` allows.
        features, augment: see there.
        weights: of the blocks of features: those of the whole clip, then those of its motion.
    """

    copies: int = 7
    features: FeatureConfig = field(default_factory=FeatureConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    weights: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0)

    def to_dict(self) -> dict:
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Scored:
    """What the head says of clips.

    Attributes:
        scores: (N, K) of the classes.
        margin: (N,) best class over none.
        probabilities: (N, K) of each class, given that one of them is right.
        gesture: (N,) probability that it is a gesture at all.
    """

    scores: Array
    margin: Array
    probabilities: Array
    gesture: Array


@dataclass(frozen=True, eq=False)
class LightHead:
    """A learned head. Its arrays are all there is to it.

    Attributes:
        whole, motion: how clips are looked at.
        blocks, ridge: from features to scores; the last target is none.
        calibration: from scores to probabilities, and the threshold.
    """

    whole: Looks
    motion: Looks
    blocks: Blocks
    ridge: Ridge
    calibration: Calibration

    def features(self, signals: Sequence[Signal]) -> list[Float[Array, "rows _"]]:
        """Blocks of features of clips."""
        return features(self.whole, self.motion, signals)

    def __call__(self, signals: Sequence[Signal]) -> Scored:
        """Scores and probabilities of clips."""
        return self.scored(self.features(signals))

    def scored(self, looks: Sequence[Float[Array, "rows _"]]) -> Scored:
        """The same from features."""
        return self.calibration(self.ridge(self.blocks(looks)))


def fit_light(
    signals: Sequence[Signal],
    truth: Int[Array, " clips"],
    nothing: Sequence[Signal],
    *,
    classes: int,
    recall: float = 0.9,
    seed: int = 0,
    config: LightConfig | None = None,
) -> LightHead:
    """Learn a head.

    Args:
        signals, truth: the examples and the numbers of their classes.
        nothing: motion that is no gesture.
        classes: how many there are.
        recall: share of gestures that is not to be taken for none.
        seed: of copies, and of what thresholds are found on.
        config: how.
    """
    config = config or LightConfig()
    rng = np.random.default_rng(seed)
    room = (MOST_ROWS - len(nothing)) // max(1, len(signals)) - 1
    copies = int(np.clip(room, 0, config.copies))
    rows: list[Signal] = []
    groups: list[int] = []
    for number, signal in enumerate(signals):
        rows += [signal, *(augmented(signal, rng, config.augment) for _ in range(copies))]
        groups += [number] * (1 + copies)
    shown = [signals[number] for number in rng.permutation(len(signals))[:60]]
    whole = Looks.fit(shown, config.features)
    motion = Looks.fit([_moving(signal) for signal in shown], config.features)
    found = features(whole, motion, [*rows, *nothing])
    blocks = Blocks.fit([block[: len(rows)] for block in found], config.weights)
    kinds = np.concatenate([np.repeat(truth, 1 + copies), np.full(len(nothing), classes)])
    targets = np.eye(classes + 1)[kinds]
    counts = np.bincount(truth, minlength=classes)
    share = 1.0 / ((1 + copies) * counts[truth]) * len(signals) / classes
    shares = np.concatenate(
        [np.repeat(share, 1 + copies), np.full(len(nothing), NONE_SHARE * len(signals) / max(1, len(nothing)))]
    )
    numbers = np.concatenate([np.array(groups), len(signals) + np.arange(len(nothing))])
    judged = np.concatenate([(counts[truth] > 1).astype(float), np.full(len(nothing), 0.2)])
    ridge = fit_ridge(blocks(found), targets, numbers, shares, scored=judged if judged.any() else None)
    calibration = Calibration.fit(ridge.left_out, kinds_of(truth, len(nothing), classes), judged, recall)
    return LightHead(whole, motion, blocks, ridge, calibration)


def kinds_of(truth: Int[Array, " clips"], nothing: int, classes: int) -> Int[Array, " groups"]:
    """Class per example, then `classes` for what is none."""
    return np.concatenate([truth, np.full(nothing, classes)])


def features(whole: Looks, motion: Looks, signals: Sequence[Signal]) -> list[Float[Array, "rows _"]]:
    """Blocks of features of clips: of each as it is, then of its motion alone."""
    found = [[*whole(signal), *motion(_moving(signal))] for signal in signals]
    return [np.stack(block) for block in zip(*found, strict=True)]


def _moving(signal: Signal) -> Signal:
    start, stop, _ = moving_part(signal)
    return signal.cut(start, stop)
