"""What the benchmark of gestures asks about: labelled clips of any data set, each with its wearer.

A clip is one labelled span, cut from its streams as they were recorded. A span longer than `WHOLE_S`, which no segmenter
would give in one piece, is an activity that goes on; it becomes windows of `WINDOW_S`, one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .._typing import Array, Float
from ..datasets import Dataset, DatasetInfo, Source
from ..errors import AnywearError, UsageError
from ..placement import SITES, Placement
from ..recording import STANDARD_GRAVITY_MPS2, Recording, Span, Stream
from ..signal.features import GYR_UNIT_RADPS
from ..timing import contiguous_slices
from .har import headline_groups
from .labelled import select_streams

WHOLE_S = 8.0  # s; `anywear.signal.SegmentConfig.longest_s`
WINDOW_S = 5.0  # s
LEAST_S = 0.3  # s; what is shorter is no clip
ALL_PLACES = "all"
HAND_SEGMENTS = ("hand", "forearm", "upper_arm")
"""Ends of the names of segments, the nearest to a hand first."""
LENGTH = 100  # samples of a clip brought to one length


@dataclass(frozen=True, eq=False)
class GestureClip:
    """One labelled motion.

    Attributes:
        streams: what the sensors measured in it, each on its own clock.
        label: what it is.
        subject: who made it; None where the data do not tell.
        recording: number of the recording it is from.
    """

    streams: tuple[Stream, ...]
    label: str
    subject: str | None
    recording: int

    @property
    def stream(self) -> Stream:
        """The one nearest to a hand."""
        return self.streams[0]


@dataclass(frozen=True, eq=False)
class GestureSet:
    """The clips of one data set.

    Attributes:
        name: of the set.
        labels: what can be answered, K of them.
        clips: N of them.
        truth: (N,) numbers of their labels.
    """

    name: str
    labels: tuple[str, ...]
    clips: tuple[GestureClip, ...]
    truth: Array

    @property
    def subjects(self) -> tuple[str | None, ...]:
        """Of each clip."""
        return tuple(clip.subject for clip in self.clips)

    def changed(self, change: Callable[[Stream, int], Stream]) -> GestureSet:
        """The same clips as another device would have recorded them.

        Args:
            change: takes a stream and its clip's number.
        """
        clips = tuple(
            replace(clip, streams=tuple(change(stream, number) for stream in clip.streams))
            for number, clip in enumerate(self.clips)
        )
        return replace(self, clips=clips)

    @cached_property
    def values(self) -> Float[Array, "clips channels time"]:
        """Acceleration in g and angular rate in units of 2 rad/s, every clip stretched to `LENGTH` samples.

        Streams follow one another in the order they first occur, six channels each; what a clip does not hold is zeros.

        Source: Ratanamahatana & Keogh, "Three Myths about Dynamic Time Warping Data Mining", SDM 2005: stretching series of
        different lengths to one costs dynamic time warping nothing.
        """
        names = list(dict.fromkeys(stream.name for clip in self.clips for stream in clip.streams))
        out = np.zeros((len(self.clips), len(names), 6, LENGTH), dtype=np.float32)
        for row, clip in enumerate(self.clips):
            for stream in clip.streams:
                out[row, names.index(stream.name)] = stretched(stream)
        return out.reshape(len(out), -1, LENGTH)


def stretched(stream: Stream) -> Float[Array, "6 time"]:
    """A stream's six channels at `LENGTH` even instants; a gyroscope it has not is zeros."""
    at = np.linspace(stream.time_s[0], stream.time_s[-1], LENGTH)
    out = np.zeros((6, LENGTH), dtype=np.float32)
    parts = ((stream.acc_mps2, STANDARD_GRAVITY_MPS2), (stream.gyr_radps, GYR_UNIT_RADPS))
    for first, (values, unit) in zip((0, 3), parts, strict=True):
        if values is not None:
            for axis in range(3):
                out[first + axis] = np.interp(at, stream.time_s, values[:, axis]) / unit
    return out


def gesture_set(dataset: Dataset, source: Source, places: Sequence[str] = ()) -> GestureSet:
    """All clips of a data set.

    Args:
        dataset: any with labels.
        source: where its files are.
        places: sites or streams that take part, or `ALL_PLACES`; the one nearest to a hand when none is named.

    Raises:
        UsageError: no clip with sensors at these places. FormatError: data missing or damaged.
    """
    info = dataset.info
    labels = asked_labels(info)
    clips: list[GestureClip] = []
    for number, recording in enumerate(dataset.recordings(source)):
        chosen = _worn(recording, places)
        if chosen is not None:
            clips += [clip for clip in clips_of(chosen, number) if _is_asked(clip, info, labels)]
    if not clips:
        raise UsageError(
            f"{info.name} gives no clip at these places", where="--placements", expected=", ".join(info.placements),
            got=", ".join(places) or "nearest to a hand", remedy="Name sites or streams of this set, or all",
        )  # fmt: skip
    truth = np.array([labels.index(clip.label) for clip in clips])
    present = np.unique(truth)
    names = tuple(labels[number] for number in present)
    return GestureSet(info.name, names, tuple(clips), np.searchsorted(present, truth))


def asked_labels(info: DatasetInfo) -> tuple[str, ...]:
    """The label words that are asked together.

    Where labels are grouped by where the sensor was worn it is the group of the place nearest to a hand; where they are
    grouped otherwise, the first.
    """
    groups = headline_groups(info)
    return groups[min(groups, key=lambda name: _distance(Placement.at(name)) if name in SITES else len(HAND_SEGMENTS))]


def clips_of(recording: Recording, number: int = 0) -> Iterator[GestureClip]:
    """Every labelled span of a recording as a clip, or as windows where it is long."""
    for span in recording.labels:
        for start_s, end_s in _parts(span):
            streams = [own for own in (cut(stream, start_s, end_s) for stream in recording.streams) if own is not None]
            if streams:
                yield GestureClip(tuple(streams), span.label, recording.metadata.get("subject"), number)


def cut(stream: Stream, start_s: float, end_s: float) -> Stream | None:
    """What a stream measured in a stretch of time, its longest part without a gap; None if shorter than `LEAST_S`."""
    first, stop = np.searchsorted(stream.time_s, [start_s - 1e-6, end_s + 1e-6])
    time_s = stream.time_s[first:stop]
    if len(time_s) < 2:
        return None
    own = max(contiguous_slices(time_s, stream.effective_rate_hz), key=lambda part: part.stop - part.start)
    if own.stop - own.start < 2 or time_s[own.stop - 1] - time_s[own.start] < LEAST_S:
        return None
    rows = slice(first + own.start, first + own.stop)
    gyr = stream.gyr_radps
    return replace(
        stream,
        time_s=stream.time_s[rows],
        acc_mps2=stream.acc_mps2[rows],
        gyr_radps=None if gyr is None else gyr[rows],
    )


def nearest_to_hand(recording: Recording) -> Recording:
    """The recording with the one stream that is worn nearest to a hand; the first among equals."""
    return recording.with_streams([min(recording.streams, key=lambda stream: _distance(stream.placement))])


def _worn(recording: Recording, places: Sequence[str]) -> Recording | None:
    if not places:
        return nearest_to_hand(recording)
    return select_streams(recording, () if ALL_PLACES in places else places)


def _distance(placement: Placement) -> int:
    """How far from a hand, in segments; everything that is no arm is equally far."""
    segment = placement.segment or ""
    return next((n for n, end in enumerate(HAND_SEGMENTS) if segment.endswith(end)), len(HAND_SEGMENTS))


def _parts(span: Span) -> list[tuple[float, float]]:
    if span.end_s - span.start_s <= WHOLE_S:
        return [(span.start_s, span.end_s)]
    count = int((span.end_s - span.start_s) / WINDOW_S)
    starts = span.start_s + WINDOW_S * np.arange(count)
    return [(float(start), float(start) + WINDOW_S - 1e-3) for start in starts]


def _is_asked(clip: GestureClip, info: DatasetInfo, labels: Sequence[str]) -> bool:
    if clip.label not in info.label_words:
        raise AnywearError("The data hold a label that is not in the set's list", where=info.name, got=clip.label)
    return clip.label in labels
