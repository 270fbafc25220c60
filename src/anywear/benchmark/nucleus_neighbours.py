"""Does cropping help whoever classifies? Nearest neighbours with few labels, on whole clips and on what was cropped.

Sensors at the hand, brought to 25 Hz, acceleration in g beside angular rate in units of 2 rad/s. A crop is stretched to 32
samples. `DTW`: dynamic time warping with squared Euclidean costs in a Sakoe-Chiba band of 5 samples (Sakoe & Chiba, "Dynamic
programming algorithm optimization for spoken word recognition", IEEE TASSP 26, 1978). `MEANS`: Euclidean distance between
the means of eighths. Shots of each class are drawn from people not asked; a set of one person is asked clip by clip, in
five folds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .._typing import Array, Float
from ..recording import STANDARD_GRAVITY_MPS2, Recording, Span
from ..signal import Candidate, segment
from ..signal.energy import ENERGY_RATE_HZ, on_energy_grid
from ..signal.features import GYR_UNIT_RADPS
from ..signal.nucleus import MOTION_SHARE, nucleus
from .nucleus_setups import ACCESSWEAR, FINDERS, overlap, stretches

DTW, MEANS = "DTW", "means"
WHOLE, MOTION, NUCLEUS, FOUND, MARKED = "whole", "motion", "nucleus", "found in the stream", "marked"
SHOTS = (1, 5)
DRAWS = 5
FOLDS = 5  # where one person made all clips
LENGTH = 32  # samples of a crop
BAND = 5  # samples
PARTS = 8
AROUND_S = 2.5  # length of a window around a mark
SHIFT_S = 0.5  # by which the mark may lie off its middle
LEAST_S = 0.2  # a shorter crop is not believed, and the whole clip taken

Intervals = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class NeighbourRow:
    """Accuracy of one classifier on one kind of crop.

    Attributes:
        name, crop, classifier, shots: what was asked.
        accuracy: mean over folds and draws.
        spread: standard deviation of the draws' means.
        cropped: share of clips where the crop was found and taken.
        folds: people, or parts of one person's clips, asked in turn.
    """

    name: str
    crop: str
    classifier: str
    shots: int
    accuracy: float
    spread: float
    cropped: float
    folds: int


@dataclass(frozen=True, eq=False)
class _Clip:
    label: str
    owner: str
    values: Array  # (T, 6) on the grid
    crops: Intervals  # seconds from its first sample


def compare_neighbours(
    name: str, recordings: Sequence[Recording], seed: int, progress: Callable[[str], None] = lambda line: None
) -> list[NeighbourRow]:
    """Every crop with both classifiers and all numbers of shots, the same draws for all."""
    rng = np.random.default_rng(seed)
    marked = any(len(own.labels) > 1 for own in recordings)
    clips = _windows(recordings, rng) if marked else [_clip(own) for own in recordings]
    truth = np.array([clip.label for clip in clips])
    owners = np.array([clip.owner for clip in clips])
    if len(set(owners)) == 1:
        owners = _folds(truth)
    draws = [_draw(truth, owners, shots, rng) for shots in SHOTS for _ in range(DRAWS)]
    rows = []
    for crop in (WHOLE, MOTION, NUCLEUS, ACCESSWEAR, *((FOUND, MARKED) if marked else ())):
        progress(f"neighbours: {name}, {crop}")
        taken = [crop == WHOLE or _is_long_enough(clip.crops.get(crop)) for clip in clips]
        cut = np.stack([_stretched(clip, crop if own else WHOLE) for clip, own in zip(clips, taken, strict=True)])
        means = cut.reshape(len(cut), PARTS, -1, cut.shape[2]).mean(axis=2)
        for number, shots in enumerate(SHOTS):
            own = draws[number * DRAWS : (number + 1) * DRAWS]
            for classifier in (DTW, MEANS):
                scores = [_score(cut if classifier == DTW else means, truth, owners, draw, classifier) for draw in own]
                rows.append(
                    NeighbourRow(
                        name,
                        crop,
                        classifier,
                        shots,
                        float(np.mean(scores)),
                        float(np.std(scores)),
                        float(np.mean(taken)),
                        len(set(owners)),
                    )
                )
    return rows


def dtw(
    one: Float[Array, "n length channels"], other: Float[Array, "m length channels"], band: int = BAND
) -> Float[Array, "n m"]:
    """Dynamic time warping of every series with every other, all of one length: the squares summed on the best path."""
    length = one.shape[1]
    above = np.full((length + 1, len(one), len(other)), np.inf)
    above[0] = 0.0
    for i in range(length):
        row = np.full_like(above, np.inf)
        for j in range(max(0, i - band), min(length, i + band + 1)):
            a, b = one[:, i], other[:, j]
            cost = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2.0 * a @ b.T
            row[j + 1] = np.maximum(cost, 0.0) + np.minimum(np.minimum(above[j + 1], above[j]), row[j])
        above = row
    return above[length]


def _clip(recording: Recording) -> _Clip:
    _, acc, gyr, rate_hz = stretches(recording.streams[0])[0]
    return _made(recording.labels[0].label, recording.metadata["subject"], acc, gyr, rate_hz)


def _windows(recordings: Sequence[Recording], rng: np.random.Generator) -> list[_Clip]:
    """A window of `AROUND_S` about every mark, off its middle by up to `SHIFT_S`; others may reach into it."""
    clips = []
    for recording in recordings:
        stream = recording.streams[0]
        found = segment(stream)
        parts = stretches(stream)
        for mark in recording.labels:
            start_s, acc, gyr, rate_hz = next(part for part in reversed(parts) if part[0] <= mark.start_s + 1e-9)
            middle = (mark.start_s + mark.end_s) / 2 + rng.uniform(-SHIFT_S, SHIFT_S)
            low = max(0, round((middle - AROUND_S / 2 - start_s) * rate_hz))
            high = min(len(acc), round((middle + AROUND_S / 2 - start_s) * rate_hz))
            own = slice(low, high)
            clip = _made(
                mark.label, recording.metadata["subject"], acc[own], None if gyr is None else gyr[own], rate_hz
            )
            begin = start_s + low / rate_hz
            clips.append(
                replace(clip, crops={**clip.crops, **_from_stream(mark, found, begin, (high - low) / rate_hz)})
            )
    return clips


def _from_stream(mark: Span, found: Sequence[Candidate], begin_s: float, length_s: float) -> Intervals:
    """The mark, and the candidate that shares most with it if any does, in the window's time."""

    def inside(start_s: float, stop_s: float) -> tuple[float, float]:
        return max(0.0, start_s - begin_s), min(length_s, stop_s - begin_s)

    crops = {MARKED: inside(mark.start_s, mark.end_s)}
    shared = [overlap((own.start_s, own.stop_s), (mark.start_s, mark.end_s)) for own in found]
    if shared and max(shared) > 0.0:
        best = found[int(np.argmax(shared))]
        crops[FOUND] = inside(best.start_s, best.stop_s)
    return crops


def _made(label: str, owner: str, acc: Array, gyr: Array | None, rate_hz: float) -> _Clip:
    values = on_energy_grid(acc, gyr, rate_hz)
    values[:, :3] /= STANDARD_GRAVITY_MPS2
    values[:, 3:] /= GYR_UNIT_RADPS
    found = {
        MOTION: nucleus(acc, gyr, rate_hz, MOTION_SHARE),
        NUCLEUS: nucleus(acc, gyr, rate_hz),
        ACCESSWEAR: FINDERS[ACCESSWEAR](acc, gyr, rate_hz),
    }
    crops = {crop: (own.start_s, own.stop_s) for crop, own in found.items() if own is not None}
    return _Clip(label, owner, values, crops)


def _is_long_enough(crop: tuple[float, float] | None) -> bool:
    return crop is not None and crop[1] - crop[0] >= LEAST_S


def _stretched(clip: _Clip, crop: str) -> Array:
    """(LENGTH, 6) samples of a crop."""
    last = len(clip.values) - 1
    start, stop = clip.crops[crop] if crop != WHOLE else (0.0, last / ENERGY_RATE_HZ)
    at = np.clip(np.linspace(start, stop, LENGTH) * ENERGY_RATE_HZ, 0, last)
    return np.stack([np.interp(at, np.arange(last + 1), column) for column in clip.values.T], axis=1)


def _folds(truth: Array) -> Array:
    """Clips of each class dealt to `FOLDS` in turn."""
    folds = np.empty(len(truth), dtype=object)
    for label in np.unique(truth):
        own = np.flatnonzero(truth == label)
        folds[own] = [f"fold {number % FOLDS}" for number in range(len(own))]
    return folds


def _draw(truth: Array, owners: Array, shots: int, rng: np.random.Generator) -> dict[str, Array]:
    """What is learned from when each owner is asked."""
    return {
        owner: np.concatenate(
            [
                rng.choice(np.flatnonzero((truth == label) & (owners != owner)), shots, replace=False)
                for label in np.unique(truth)
            ]
        )
        for owner in np.unique(owners)
    }


def _score(values: Array, truth: Array, owners: Array, draw: dict[str, Array], classifier: str) -> float:
    right = []
    for owner, learned in draw.items():
        asked = np.flatnonzero(owners == owner)
        if classifier == DTW:
            distance = dtw(values[asked], values[learned])
        else:
            flat = values.reshape(len(values), -1)
            distance = ((flat[asked][:, None] - flat[learned]) ** 2).sum(axis=2)
        right.append(float((truth[learned][distance.argmin(axis=1)] == truth[asked]).mean()))
    return float(np.mean(right))
