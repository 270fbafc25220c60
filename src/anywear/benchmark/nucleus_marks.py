"""Segments of continuous streams: against repetitions that somebody marked, and in motion that holds no gestures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..recording import Recording, Stream
from ..signal import segment
from ..signal.accesswear import change_points
from .nucleus_setups import ACCESSWEAR, FINDERS, OURS, overlap, setups, stretches

AROUND = "clip around each mark"
AROUND_S = 1.0  # s
HIT = 0.5  # intersection over union from which a segment hits a mark
Interval = tuple[float, float]


@dataclass(frozen=True)
class MarkRow:
    """One way in one setup against all marks.

    Attributes:
        way, setup: what was asked of what.
        marks, segments, hits: how many there are, were found, and agree; each mark and segment counts once.
        iou: mean over the hits of the segment with its mark.
        nucleus_iou: the same of the segment's nucleus; NaN for a way that gives none.
        start_s, stop_s: median of the segment's ends less the mark's, over the hits.
        delay_s: median and 95th percentile of how long after its end a segment is known; None where files are read whole.
    """

    way: str
    setup: str
    marks: int
    segments: int
    hits: int
    iou: float
    nucleus_iou: float
    start_s: float
    stop_s: float
    delay_s: tuple[float, float] | None = None

    @property
    def precision(self) -> float:
        return self.hits / max(1, self.segments)

    @property
    def recall(self) -> float:
        return self.hits / max(1, self.marks)


@dataclass(frozen=True)
class ActivityRow:
    """Candidates that begin within one activity of one data set.

    Attributes:
        name, activity: of what.
        minutes, later_minutes: how long it is, all people together, and how long of it comes after the first `SETTLED_S`.
        candidates: how many begin in it.
        first: how many of them begin within the first `SETTLED_S`, while the activity is new.
    """

    name: str
    activity: str
    minutes: float
    later_minutes: float
    candidates: int
    first: int


SETTLED_S = 15.0


def compare_marks(
    recordings: Sequence[Recording], seed: int, progress: Callable[[str], None] = lambda line: None
) -> tuple[MarkRow, ...]:
    """Both ways in every setup."""
    rows = []
    for name, change in setups(seed).items():
        progress(f"marks: {name}")
        changed = [change(own, number) for number, own in enumerate(recordings)]
        rows += score_marks(name, changed)
    return tuple(sorted(rows, key=lambda row: (OURS, ACCESSWEAR).index(row.way)))


def score_marks(setup: str, recordings: Sequence[Recording], since_s: float = 0.0) -> list[MarkRow]:
    """Both ways on recordings with marks; the recipe only where there is a gyroscope.

    Args:
        setup: the name of the rows.
        recordings: one stream each.
        since_s: segments that end before count neither for nor against.
    """
    found = [[c for c in segment(own.streams[0]) if c.stop_s >= since_s] for own in recordings]
    spans = [[(c.start_s, c.stop_s) for c in own] for own in found]
    inner = [[(c.nucleus_start_s, c.nucleus_stop_s) for c in own] for own in found]
    delays = [c.decided_s - c.stop_s for own in found for c in own if c.whole]
    rows = [_row(OURS, setup, recordings, spans, inner, (_middle(delays, 50.0), _middle(delays, 95.0)))]
    if all(own.streams[0].gyr_radps is not None for own in recordings):
        recipe = [[span for span in accesswear_spans(own.streams[0]) if span[1] >= since_s] for own in recordings]
        rows.append(_row(ACCESSWEAR, setup, recordings, recipe))
    return rows


def compare_around_marks(recordings: Sequence[Recording]) -> tuple[MarkRow, ...]:
    """Nuclei of clips cut around every mark, which spares both ways the segmentation.

    A clip reaches half the way to the next mark on either side, by `AROUND_S` at most, and not across a gap.
    """
    rows = []
    for way, finder in FINDERS.items():
        spans: list[list[Interval]] = []
        for recording in recordings:
            own: list[Interval] = []
            parts = stretches(recording.streams[0])
            for mark, before_s, after_s in _alone(_marks(recording)):
                start_s, acc, gyr, rate_hz = next(part for part in reversed(parts) if part[0] <= mark[0] + 1e-9)
                low = max(0, round((mark[0] - before_s - start_s) * rate_hz))
                high = round((mark[1] + after_s - start_s) * rate_hz) + 1
                found = finder(acc[low:high], None if gyr is None else gyr[low:high], rate_hz)
                if found is not None:
                    begin_s = start_s + low / rate_hz
                    own.append((begin_s + found.start_s, begin_s + found.stop_s))
            spans.append(own)
        rows.append(_row(way, AROUND, recordings, spans))
    return tuple(rows)


def matched(segments: Sequence[Interval], marks: Sequence[Interval]) -> list[tuple[int, int]]:
    """Pairs of a segment and a mark with an IoU of at least `HIT`, each in one pair, as many as possible."""
    from scipy.optimize import linear_sum_assignment

    if not segments or not marks:
        return []
    shared = np.array([[overlap(own, mark) for mark in marks] for own in segments])
    # A pair that counts is worth more than any number of better overlaps.
    worth = np.where(shared >= HIT, len(marks) + shared, 0.0)
    pairs = zip(*linear_sum_assignment(-worth), strict=True)
    return [(int(a), int(b)) for a, b in pairs if shared[a, b] >= HIT]


def accesswear_spans(stream: Stream) -> list[Interval]:
    """The recipe on a stream: from the first change point to the second, the third to the fourth, and so on."""
    spans: list[Interval] = []
    for start_s, _, gyr, rate_hz in stretches(stream):
        changes = change_points(gyr, rate_hz) + start_s if gyr is not None else np.zeros(0)
        spans += [(float(a), float(b)) for a, b in list(pairwise(changes))[::2]]
    return spans


def count_in_activities(name: str, recordings: Iterable[Recording], stream: str) -> list[ActivityRow]:
    """Candidates of one stream by the label they begin in."""
    tally: dict[str, list[float]] = {}
    for recording in recordings:
        own = [s for s in recording.streams if s.name == stream or s.placement.name == stream]
        if not own:
            continue
        begins = [candidate.start_s for candidate in segment(own[0])]
        for span in recording.labels:
            settled_s = min(span.end_s, span.start_s + SETTLED_S)
            entry = tally.setdefault(span.label, [0.0, 0.0, 0.0, 0.0])
            entry[0] += (span.end_s - span.start_s) / 60.0
            entry[1] += (span.end_s - settled_s) / 60.0
            entry[2] += sum(span.start_s <= at < span.end_s for at in begins)
            entry[3] += sum(span.start_s <= at < settled_s for at in begins)
    return [ActivityRow(name, label, m, later, int(n), int(first)) for label, (m, later, n, first) in tally.items()]


def _marks(recording: Recording) -> list[Interval]:
    return [(span.start_s, span.end_s) for span in recording.labels]


def _alone(marks: Sequence[Interval]) -> list[tuple[Interval, float, float]]:
    """Every mark with the seconds before and after it that belong to no other."""
    free = [AROUND_S, *(min(AROUND_S, (b[0] - a[1]) / 2) for a, b in pairwise(marks)), AROUND_S]
    return [(mark, free[number], free[number + 1]) for number, mark in enumerate(marks)]


def _row(
    way: str,
    setup: str,
    recordings: Sequence[Recording],
    spans: Sequence[Sequence[Interval]],
    inner: Sequence[Sequence[Interval]] | None = None,
    delay_s: tuple[float, float] | None = None,
) -> MarkRow:
    hits, nuclei, ends = [], [], []
    for number, recording in enumerate(recordings):
        marks = _marks(recording)
        for a, b in matched(spans[number], marks):
            hits.append(overlap(spans[number][a], marks[b]))
            ends.append(np.subtract(spans[number][a], marks[b]))
            if inner is not None:
                nuclei.append(overlap(inner[number][a], marks[b]))
    start_s, stop_s = np.median(ends, axis=0) if ends else (np.nan, np.nan)
    return MarkRow(
        way,
        setup,
        sum(len(own.labels) for own in recordings),
        sum(len(own) for own in spans),
        len(hits),
        float(np.mean(hits)) if hits else np.nan,
        float(np.mean(nuclei)) if nuclei else np.nan,
        float(start_s),
        float(stop_s),
        delay_s,
    )


def _middle(values: Sequence[float], percent: float) -> float:
    return float(np.percentile(values, percent)) if len(values) else np.nan
