"""Batches of windows drawn from takes: balanced over data sets and labels, augmented, in numpy.

All windows of a batch have one length and one number of streams, so nothing is padded in time. What is drawn depends on the
seed and the step alone: a training resumed at step n goes on as if it had never stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from .._typing import Array
from ..errors import UsageError
from ..runtime.contrary import swap_sides
from ..signal import (
    MOUNT_FEATURES,
    MOUNT_SLICE,
    PLACE_FEATURES,
    WORN_FEATURES,
    Resampler,
    motion_features,
    mount_features,
    mounts_axes,
    place_features,
    rate_feature,
    up_direction,
)
from .concepts import ConceptTable
from .corpus import Take
from .vocabulary import concept_of, refine_by_turning

MOUNT_TOLD = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 1]], dtype=float)  # axes told: none, up, outward, all
SPAN_SHARE = 0.6  # of a window that its label has to fill


@dataclass(frozen=True)
class AugmentConfig:
    """How windows are varied; every amount is a standard deviation or the end of a uniform range.

    Attributes:
        window_s: lengths drawn from, seconds.
        stream_counts: how many streams a batch keeps, drawn uniformly from this list.
        paired: share of batches in which every stretch is shown twice, each time by other streams.
        hidden: share of windows, in a paired batch of the first of each pair, of which patches are not shown.
        hidden_share: of their patches, at most.
        nucleus: share of those windows that lose their liveliest patches instead of any.
        mirror: share of windows mirrored left to right, with their words and places.
        speed: time warp, uniform between 1 / speed and speed.
        no_gyr: share of streams whose gyroscope is taken away.
        no_gyr_window: share of windows in which no stream keeps its gyroscope.
        no_place: share of streams whose place is not told.
        place_jitter: noise on the place's features.
        mount_told: shares of streams whose mount is told not at all, by its up axis, its outward axis, and fully, where
            it is known.
        mount_shared: share of windows whose streams are all told the same of their mounts.
        mount_error_deg: by how much what is told is off.
        slow: share of streams sampled by a slower clock, uniform from the first to the second of `slow_hz`.
        acc_noise_mps2, gyr_noise_radps: white noise, uniform from 0 to this standard deviation.
        gain: scale error per stream.
        gyr_bias_radps: constant bias per axis.
    """

    window_s: tuple[float, ...] = (1.5, 2.0, 3.0, 4.0, 5.0, 5.0)
    stream_counts: tuple[int, ...] = (1, 1, 1, 1, 2, 2, 3, 5)
    paired: float = 0.0
    hidden: float = 0.0
    hidden_share: float = 0.5
    nucleus: float = 0.5
    mirror: float = 0.5
    speed: float = 1.2
    no_gyr: float = 0.2
    no_gyr_window: float = 0.1
    no_place: float = 0.3
    place_jitter: float = 0.1
    mount_told: tuple[float, float, float, float] = (0.45, 0.2, 0.1, 0.25)
    mount_shared: float = 0.5
    mount_error_deg: float = 10.0
    slow: float = 0.3
    slow_hz: tuple[float, float] = (10.0, 25.0)
    acc_noise_mps2: float = 0.3
    gyr_noise_radps: float = 0.1
    gain: float = 0.05
    gyr_bias_radps: float = 0.03


@dataclass(frozen=True)
class Batch:
    """Encoder input and truth of one step.

    Attributes:
        motion: (B, S, T, 10); present, has_gyr: (B, S); place: (B, S, 14), as `anywear.nn.MotionEncoder` takes them.
        concept: (B,) indices into the concept table.
        dataset: (B,) indices into `Sampler.datasets`.
        sentence: (B,) indices into `Sampler.sentences` of something said of the window, -1 where nothing is.
        hidden: (B, S, T') 1 where a patch is not shown.
        paired: whether rows 2k and 2k + 1 show the same stretch by different streams.
    """

    motion: Array
    present: Array
    has_gyr: Array
    place: Array
    concept: Array
    dataset: Array
    sentence: Array
    hidden: Array
    paired: bool


@runtime_checkable
class Fresh(Protocol):
    """Makes takes while a training runs."""

    @property
    def dataset(self) -> str:
        """The data set whose takes it makes anew."""
        ...

    @property
    def share(self) -> float:
        """Share of that set's windows that come from a take made on the spot."""
        ...

    def take(self, label: str, rng: np.random.Generator) -> Take | None:
        """A take nobody saw before; None where none can be made."""
        ...


class Sampler:
    """Draws batches from takes.

    Args:
        takes: what there is; spans without a concept are passed over.
        table: the concepts.
        rate_hz: rate of the takes.
        config: augmentation.
        weights: how often each data set is drawn, by name; 1 where nothing is said.
        excluded: (data set, label) pairs left out.
        patch: samples per token of the encoder, which patches are hidden by.
        fresh: makes takes on the spot, in place of some of those there are.
        favoured: by data set, labels that are drawn more often, and how large a share of the set's draws they get.
    """

    def __init__(
        self,
        takes: Sequence[Take],
        table: ConceptTable,
        rate_hz: float,
        config: AugmentConfig,
        weights: dict[str, float] | None = None,
        excluded: Sequence[tuple[str, str]] = (),
        patch: int = 10,
        fresh: Fresh | None = None,
        favoured: Mapping[str, tuple[frozenset[str], float]] | None = None,
    ) -> None:
        self.takes, self.table, self.rate_hz, self.config, self.patch = list(takes), table, rate_hz, config, patch
        self._fresh, self._favoured = fresh, dict(favoured or {})
        # Every sentence is followed by what it becomes in a mirror.
        said = sorted({text for take in takes for text in take.sentences})
        self.sentences = tuple(text for own in said for text in (own, swap_sides(own)))
        self._number = {text: 2 * number for number, text in enumerate(said)}
        self.datasets = sorted({take.dataset for take in takes})
        # data set -> label -> [(take, span)]; see `_fitting` for what a window length leaves of it.
        self._index: dict[str, dict[str, list[tuple[int, int]]]] = {name: {} for name in self.datasets}
        for number, take in enumerate(self.takes):
            for place, (_, _, label) in enumerate(take.spans):
                if (take.dataset, label) not in excluded:
                    self._index[take.dataset].setdefault(label, []).append((number, place))
        self._share = np.array([(weights or {}).get(name, 1.0) for name in self.datasets])
        self._by_length: dict[int, dict[str, dict[str, list[tuple[int, int]]]]] = {}

    def batch(self, size: int, rng: np.random.Generator) -> Batch:
        """Draw one batch of this many windows; an even number where views are paired."""
        config = self.config
        length = round(float(rng.choice(config.window_s)) * self.rate_hz)
        streams = int(rng.choice(config.stream_counts))
        paired = bool(rng.random() < config.paired)
        values = np.zeros((size, streams, length, 6))
        present = np.zeros((size, streams), dtype=np.float32)
        has_gyr = np.zeros((size, streams), dtype=np.float32)
        place = np.zeros((size, streams, WORN_FEATURES), dtype=np.float32)
        concept_names, dataset = [], np.zeros(size, dtype=np.int64)
        sentence = np.full(size, -1, dtype=np.int64)
        fitting = self._fitting(length)
        share = self._share * np.array([bool(fitting[name]) for name in self.datasets])
        for first in range(0, size, 1 + paired):
            dataset[first:] = rng.choice(len(self.datasets), p=share / share.sum())
            take, span = self._draw(self.datasets[dataset[first]], fitting, length, rng)
            mirror = rng.random() < config.mirror
            cut = _cut(take, span, length, config.speed, rng)
            cut = _mirror(cut) if mirror else cut
            said = self._said(take, mirror, rng)
            order = rng.permutation(len(take.placements))
            # The other view takes what the first has left, or the same streams disturbed anew.
            views = (order[:streams], order[streams : 2 * streams] if len(order) > streams else order[:streams])
            for row, chosen in zip(range(first, min(first + 1 + paired, size)), views, strict=False):
                values[row, : len(chosen)] = cut[chosen]
                present[row, : len(chosen)] = 1.0
                has_gyr[row, : len(chosen)] = take.has_gyr[chosen]
                for slot, number in enumerate(chosen):
                    own = take.placements[number]
                    place[row, slot, :PLACE_FEATURES] = place_features(own.mirrored() if mirror else own)
                place[row, : len(chosen), MOUNT_SLICE] = self._mounts(take, chosen, cut[chosen], mirror, rng)
                concept_names.append((take.dataset, span[2], mirror))
                sentence[row] = said
        yaw = _mean_yaw(values)
        concept = self._concepts(concept_names, yaw, has_gyr)
        self._disturb(values, has_gyr, place, rng)
        motion = motion_features(values[..., :3], values[..., 3:] * has_gyr[:, :, None, None])
        motion = motion * present[:, :, None, None]
        hidden = self._hidden(motion, paired, rng)
        return Batch(motion, present, has_gyr, place, concept, dataset, sentence, hidden, paired)

    def _said(self, take: Take, mirror: bool, rng: np.random.Generator) -> int:
        """The number of something said of a take, or -1."""
        known = [text for text in take.sentences if text in self._number]
        return self._number[known[rng.integers(len(known))]] + int(mirror) if known else -1

    def _hidden(self, motion: Array, paired: bool, rng: np.random.Generator) -> Array:
        """(B, S, T') which patches are not shown: one stretch of a window, the same in all of its streams."""
        config, patches = self.config, motion.shape[2] // self.patch
        hidden = np.zeros((*motion.shape[:2], patches), dtype=np.float32)
        if config.hidden <= 0.0 or patches < 2:
            return hidden
        lively = motion[:, :, : patches * self.patch, 6:8]  # |acc| - 1 g and |gyr|
        energy = lively.reshape(*motion.shape[:2], patches, -1).var(axis=-1).sum(axis=1)
        for row in range(0, len(motion), 1 + paired):
            if rng.random() >= config.hidden:
                continue
            count = int(rng.integers(1, max(2, round(config.hidden_share * patches) + 1)))
            if rng.random() < config.nucleus:
                start = int(np.convolve(energy[row], np.ones(count), mode="valid").argmax())
            else:
                start = int(rng.integers(patches - count + 1))
            hidden[row, :, start : start + count] = 1.0
        return hidden

    def _fitting(self, length: int) -> dict[str, dict[str, list[tuple[int, int]]]]:
        """The spans that fill most of a window of this length, in takes long enough for it at any tempo."""
        if length not in self._by_length:
            fits = {}
            for dataset, labels in self._index.items():
                kept = {label: [s for s in spans if self._fits(*s, length)] for label, spans in labels.items()}
                fits[dataset] = {label: spans for label, spans in kept.items() if spans}
            if not any(fits.values()):
                raise UsageError(
                    "No labelled stretch is long enough for a window",
                    where="[augment] window_s",
                    got=f"{length / self.rate_hz:g} s",
                    remedy="Give shorter windows",
                )
            self._by_length[length] = fits
        return self._by_length[length]

    def _fits(self, take: int, place: int, length: int) -> bool:
        return self._fills(self.takes[take], place, length)

    def _fills(self, take: Take, place: int, length: int) -> bool:
        start, stop, _ = take.spans[place]
        return take.values.shape[1] >= length * self.config.speed and stop - start >= SPAN_SHARE * length

    def _draw(
        self, dataset: str, fitting: dict[str, dict[str, list[tuple[int, int]]]], length: int, rng: np.random.Generator
    ) -> tuple[Take, tuple[int, int, str]]:
        labels = fitting[dataset]
        names = sorted(labels)
        favoured, share = self._favoured.get(dataset, (frozenset(), 0.0))
        usual = [name for name in names if name in favoured]
        if usual and rng.random() < share:
            names = usual
        label = names[rng.integers(len(names))]
        number, span = labels[label][rng.integers(len(labels[label]))]
        take = self.takes[number]
        fresh = self._fresh
        if fresh is not None and take.dataset == fresh.dataset and rng.random() < fresh.share:
            made = fresh.take(label, rng)
            if made is not None and self._fills(made, 0, length):
                return made, made.spans[0]
        return take, take.spans[span]

    def _mounts(self, take: Take, chosen: Array, cut: Array, mirror: bool, rng: np.random.Generator) -> Array:
        """What the encoder is told of the mounts of some streams."""
        told = rng.choice(4, size=len(chosen), p=np.asarray(self.config.mount_told) / sum(self.config.mount_told))
        if rng.random() < self.config.mount_shared:
            told[:] = told[0]
        axes, known = mounts_axes([take.placements[s] for s in chosen])
        known = known * MOUNT_TOLD[told]
        if not known.any():
            return np.zeros((len(chosen), MOUNT_FEATURES), dtype=np.float32)
        turn = np.deg2rad(self.config.mount_error_deg) * rng.standard_normal((len(chosen), 1, 3))
        axes = axes + np.cross(turn, axes)
        features = mount_features(up_direction(cut[..., :3]), axes, known)
        if mirror:
            features[:, 4] *= -1.0  # what lies across is the one axis that a mirror turns round
        return np.clip(features, -1.0, 1.0)

    def _concepts(self, names: list[tuple[str, str, bool]], yaw: Array, has_gyr: Array) -> Array:
        out = np.zeros(len(names), dtype=np.int64)
        for row, (dataset, label, mirror) in enumerate(names):
            index = self.table.index(concept_of(dataset, label)[0])
            if mirror:
                index = int(self.table.mirrored[index])
            # The turn was measured after mirroring, so it needs none.
            refined = refine_by_turning(self.table.names[index], float(yaw[row]) if has_gyr[row].any() else 0.2)
            out[row] = self.table.index(refined)
        return out

    def _disturb(self, values: Array, has_gyr: Array, place: Array, rng: np.random.Generator) -> None:
        config, shape = self.config, values.shape[:2]
        slow = rng.random(shape) < config.slow
        slow_hz = float(rng.uniform(*config.slow_hz))
        phase = float(rng.random())
        if slow_hz < self.rate_hz and slow.any():
            values[slow] = np.einsum(
                "ij,njc->nic", _slowed(values.shape[2], self.rate_hz, slow_hz, phase), values[slow]
            )
            place[..., -1] = np.where(slow, rate_feature(slow_hz, self.rate_hz), 0.0)
        values *= 1.0 + config.gain * rng.standard_normal((*shape, 1, 1))
        for columns, level in ((slice(0, 3), config.acc_noise_mps2), (slice(3, 6), config.gyr_noise_radps)):
            sigma = level * rng.random((*shape, 1, 1)) ** 2
            values[..., columns] += sigma * rng.standard_normal((*values.shape[:3], 3))
        values[..., 3:] += config.gyr_bias_radps * rng.standard_normal((*shape, 1, 3))
        _turn_heading(values, rng)
        has_gyr[rng.random(shape) < config.no_gyr] = 0.0
        has_gyr[rng.random(shape[0]) < config.no_gyr_window] = 0.0
        known = place[..., 6:7]
        place[..., :6] += config.place_jitter * rng.standard_normal((*shape, 6)).astype(np.float32) * known
        untold = rng.random(shape) < config.no_place
        place[untold, :PLACE_FEATURES] = 0.0


def _cut(take: Take, span: tuple[int, int, str], length: int, speed: float, rng: np.random.Generator) -> Array:
    """A window of all streams, mostly inside the span and about an act where there are such, played faster or slower."""
    factor = speed ** rng.uniform(-1.0, 1.0)
    need = round(length * factor)
    start, stop = take.acts[rng.integers(len(take.acts))] if take.acts else span[:2]
    if stop - start >= need:
        low, high = start, stop - need
    else:
        # A span shorter than the window lies inside it, at any place.
        low, high = stop - need, start
    first = int(np.clip(rng.integers(min(low, high), max(low, high) + 1), 0, take.values.shape[1] - need))
    at = first + np.linspace(0, need - 1, length)
    left = np.minimum(at.astype(int), take.values.shape[1] - 2)
    share = (at - left)[None, :, None]
    window = take.values[:, left] * (1.0 - share) + take.values[:, left + 1] * share
    window[..., 3:] *= need / length
    return window


def _slowed(length: int, rate_hz: float, slow_hz: float, phase: float) -> Array:
    """(T, T) what is left of a window that a clock slower than the grid sampled, back on the grid.

    Args:
        length: T.
        rate_hz: of the grid.
        slow_hz: of the clock.
        phase: of its first tick, 0 to 1 of its own step.
    """
    at = np.arange(phase / slow_hz * rate_hz, length - 1 + 1e-9, rate_hz / slow_hz)
    left = np.minimum(at.astype(int), length - 2)
    sampled = np.zeros((len(at), length))
    rows = np.arange(len(at))
    sampled[rows, left], sampled[rows, left + 1] = 1.0 - (at - left), at - left
    [piece] = Resampler(slow_hz, rate_hz).batch(at / rate_hz, sampled)
    return np.pad(piece.values, ((int(piece.index[0]), length - 1 - int(piece.index[-1])), (0, 0)), mode="edge")


def _mirror(values: Array) -> Array:
    """The same motion in a mirror: polar vectors flip across, axial ones along. The sensor's own turn is arbitrary, so any
    axis serves."""
    return values * np.array([-1.0, 1.0, 1.0, 1.0, -1.0, -1.0])


def _turn_heading(values: Array, rng: np.random.Generator) -> None:
    """Turn every stream about its own vertical at random, in place; with the levelling of the features this is any mount."""
    up = up_direction(values[..., :3])
    angle = rng.uniform(0, 2 * np.pi, values.shape[:2])
    cos, sin = np.cos(angle)[..., None, None], np.sin(angle)[..., None, None]
    axis = up[..., None, :]
    for columns in (slice(0, 3), slice(3, 6)):
        v = values[..., columns]
        along = (v * axis).sum(axis=-1, keepdims=True) * axis
        values[..., columns] = v * cos + np.cross(axis, v) * sin + along * (1 - cos)


def _mean_yaw(values: Array) -> Array:
    """Mean rate about the vertical, rad/s, positive to the left, over the streams that have a gyroscope: (B,)."""
    up = up_direction(values[..., :3])
    yaw = (values[..., 3:] * up[..., None, :]).sum(axis=-1).mean(axis=-1)
    moving = (np.abs(values[..., 3:]).sum(axis=(-1, -2)) > 0).astype(float)
    return (yaw * moving).sum(axis=1) / np.maximum(moving.sum(axis=1), 1.0)
