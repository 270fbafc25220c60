"""Learning gestures from a few examples: copies, features, ridge, calibration. The encoder stays as it is; no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..._typing import Array, Float, Int
from ..ridge import Blocks, Ridge, fit_ridge
from .augment import AugmentConfig, augmented
from .calibration import Calibration, margin_of, softmax
from .clips import Signal, moving_part
from .encoder import ClipEncoder
from .features import FeatureConfig, Looks
from .words import ReadWords, Words, weight_alone

MOST_ROWS = 1600  # examples, copies and none together: the fit grows with their third power
SHOWN = 60  # clips that thresholds of the convolutions are found on
JUDGED_NONE = 0.2  # weight of a left-out clip of none in the choice of the penalty


@dataclass(frozen=True)
class LightConfig:
    """How a light head is learned.

    Attributes:
        copies: of every example, as far as `MOST_ROWS` allows.
        features, augment: see there.
        weights: of the blocks of features: three of the whole clip, three of its motion, two of the encoder.
        none_share: weight of all that is no gesture, beside all examples together.
        words: what the best match by words alone adds to a class without examples, at most; one of n has the (1 + n)-th
            part squared.
    """

    copies: int = 6
    features: FeatureConfig = field(default_factory=FeatureConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    weights: tuple[float, ...] = (2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 0.5, 0.5)
    none_share: float = 0.5
    words: float = 0.7


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
    """A learned head. Its arrays, and the encoder, are all there is to it.

    Attributes:
        whole, motion: how clips are looked at.
        encoder: frozen, or None.
        words: what labels say of embeddings, or None.
        reader: what embeds for the words, where some class is known by them alone; None where the encoder does.
        blocks, ridge: from features to scores; the last target is none.
        calibration: from scores to probabilities, and the threshold.
    """

    whole: Looks
    motion: Looks
    encoder: ClipEncoder | None
    words: Words | None
    blocks: Blocks
    ridge: Ridge
    calibration: Calibration
    reader: ClipEncoder | None = None

    def features(self, signals: Sequence[Signal]) -> list[Float[Array, "rows _"]]:
        """Blocks of features of clips; what the reader says comes last."""
        found = features(self.whole, self.motion, self.encoder, signals)
        return found if self.reader is None else [*found, self.reader(signals)[0]]

    def __call__(self, signals: Sequence[Signal], looks: Sequence[Float[Array, "rows _"]] | None = None) -> Scored:
        """Scores and probabilities of clips, or of their features where these are known."""
        found = list(self.features(signals) if looks is None else looks)
        read = None if self.reader is None else found.pop()
        scores = self.ridge(self.blocks(found))
        if self.words is not None:
            scores[:, :-1] += self.words(found[-2] if read is None else read)
        own, told = scores[:, :-1], self.calibration
        margin = margin_of(scores)
        return Scored(own, margin, softmax(told.scale * own), told.gesture(margin))


def fit_light(
    signals: Sequence[Signal],
    truth: Int[Array, " clips"],
    nothing: Sequence[Signal],
    *,
    classes: int,
    words: Float[Array, "classes features"] | None = None,
    encoder: ClipEncoder | None = None,
    reader: ClipEncoder | None = None,
    recall: float = 0.9,
    seed: int = 0,
    config: LightConfig | None = None,
) -> LightHead:
    """Learn a head.

    Args:
        signals, truth: the examples and the numbers of their classes.
        nothing: motion that is no gesture.
        classes: how many there are; without an example one is known by words alone.
        words: unit vectors of the classes' words, in the space of the reader, or of the encoder where there is none.
        encoder: frozen.
        reader: frozen; embeds clips for the words alone. To be given where some class has no example.
        recall: share of gestures that is not to be taken for none.
        seed: of copies, and of what thresholds are found on.
        config: how.
    """
    config = config or LightConfig()
    rng = np.random.default_rng(seed)
    truth = np.asarray(truth, dtype=np.int64)
    count = len(signals)
    copies = int(np.clip((MOST_ROWS - len(nothing)) // max(1, count) - 1, 0, config.copies))
    rows = [
        own for signal in signals for own in (signal, *(augmented(signal, rng, config.augment) for _ in range(copies)))
    ]
    known = list(signals) or list(nothing)
    shown = [known[number] for number in rng.permutation(len(known))[:SHOWN]]
    whole = Looks.fit(shown, config.features)
    motion = Looks.fit([_moving(signal) for signal in shown], config.features)
    found = features(whole, motion, encoder, [*rows, *nothing])
    blocks = Blocks.fit([block[: len(rows) or None] for block in found], config.weights[: len(found)])
    counts = np.bincount(truth, minlength=classes)

    kinds = np.concatenate([np.repeat(truth, 1 + copies), np.full(len(nothing), classes)])
    groups = np.concatenate([np.repeat(np.arange(count), 1 + copies), count + np.arange(len(nothing))])
    present = max(1, int((counts > 0).sum()))
    share = count / present / (counts[truth] * (1.0 + copies))
    shares = np.concatenate(
        [np.repeat(share, 1 + copies), np.full(len(nothing), config.none_share * max(1, count) / max(1, len(nothing)))]
    )
    judged = np.concatenate([(counts[truth] > 1).astype(np.float64), np.full(len(nothing), JUDGED_NONE)])
    targets = np.eye(classes + 1)[kinds]
    ridge = fit_ridge(blocks(found), targets, groups, shares, scored=judged)
    left, told = ridge.left_out, None
    if words is not None and reader is not None:
        alone = weight_alone(left[:count, :-1], config.words, recall)
        told = ReadWords.fit(words, reader.model.config.scale, counts, alone)
    elif words is not None and encoder is not None:
        told = Words.fit(words, encoder.model.config.scale, counts, config.words)
    if told is not None:
        first = np.concatenate([np.arange(count) * (1 + copies), len(rows) + np.arange(len(nothing))]).astype(np.int64)
        left = left.copy()
        left[:, :-1] += told(found[-2][first] if reader is None else reader([*signals, *nothing])[0])
    own_kinds = np.concatenate([truth, np.full(len(nothing), classes)])
    calibration = Calibration.fit(left, own_kinds, judged, recall)
    return LightHead(whole, motion, encoder, told, blocks, ridge, calibration, None if told is None else reader)


def features(
    whole: Looks, motion: Looks, encoder: ClipEncoder | None, signals: Sequence[Signal]
) -> list[Float[Array, "rows _"]]:
    """Blocks of features of clips: of each as it is, then of its motion alone, then what the encoder says."""
    found = [[*whole(signal), *motion(_moving(signal))] for signal in signals]
    blocks = [np.stack(block) for block in zip(*found, strict=True)]
    return blocks if encoder is None else [*blocks, *encoder(signals)]


def _moving(signal: Signal) -> Signal:
    start, stop, _ = moving_part(signal)
    return signal.cut(start, stop)
