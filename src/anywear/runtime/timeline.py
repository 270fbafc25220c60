"""Answers with times: windows' scores become a timeline of segments."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .._typing import Array
from ..errors import UsageError
from .labels import UNKNOWN


@dataclass(frozen=True)
class Segment:
    """A stretch with one answer: seconds on the recording's clock, a label or ``unknown``, and a confidence from 0 to 1."""

    start_s: float
    end_s: float
    label: str
    confidence: float

    @property
    def is_known(self) -> bool:
        return self.label != UNKNOWN


@dataclass(frozen=True, eq=False)
class Timeline:
    """What happened when.

    Attributes:
        labels: what was asked.
        segments: in time order; stretches without data have none.
        window_spans: (N, 2) start and end of every window, s.
        window_scores: (N, L) probability of each label, given that one of them is right.
        window_fit: (N,) how well the best label fits at all, as a cosine or in the unit of what the answers go by; below the
            threshold the answer is unknown.
        threshold: the one used.
        notes: what the user should know of these answers.
        used: what they go by: words, simulation or both; the mounts told; what each label was imagined as.
    """

    labels: tuple[str, ...]
    segments: tuple[Segment, ...]
    window_spans: Array
    window_scores: Array
    window_fit: Array
    threshold: float
    notes: tuple[str, ...] = field(default=())
    used: Mapping[str, object] = field(default_factory=dict)

    @property
    def window_labels(self) -> list[str]:
        """Each window's own answer."""
        best = self.window_scores.argmax(axis=1) if len(self.window_scores) else []
        return [
            self.labels[b] if fit >= self.threshold else UNKNOWN for b, fit in zip(best, self.window_fit, strict=True)
        ]

    def seconds(self) -> dict[str, float]:
        """Seconds per answer, those that occur, the longest first."""
        total: dict[str, float] = {}
        for segment in self.segments:
            total[segment.label] = total.get(segment.label, 0.0) + segment.end_s - segment.start_s
        return {label: round(seconds, 3) for label, seconds in sorted(total.items(), key=lambda item: -item[1])}

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        return {
            "labels": list(self.labels),
            "threshold": self.threshold,
            "segments": [
                {"start_s": round(s.start_s, 3), "end_s": round(s.end_s, 3), "label": s.label,
                 "confidence": round(s.confidence, 4)}
                for s in self.segments
            ],
            "windows": [
                {"start_s": round(float(a), 3), "end_s": round(float(b), 3), "label": label, "fit": round(float(fit), 4),
                 "scores": {name: round(float(p), 4) for name, p in zip(self.labels, row, strict=True)}}
                for (a, b), row, fit, label in zip(
                    self.window_spans, self.window_scores, self.window_fit, self.window_labels, strict=True)
            ],
            "notes": list(self.notes),
            "used": dict(self.used),
        }  # fmt: skip

    def to_pandas(self):
        """Segments as a data frame with columns start_s, end_s, label, confidence.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise UsageError("pandas is not installed", remedy="pip install pandas") from error
        columns = ["start_s", "end_s", "label", "confidence"]
        return pandas.DataFrame([[getattr(s, c) for c in columns] for s in self.segments], columns=columns)

    def __str__(self) -> str:
        width = max([len(s.label) for s in self.segments], default=5)
        rows = [
            f"{_clock(s.start_s)} - {_clock(s.end_s)}  {s.label:<{width}}  {s.confidence:4.0%}" for s in self.segments
        ]
        return "\n".join(rows) if rows else "no window of this recording has data enough for an answer"


def build_segments(
    labels: Sequence[str], spans: Array, scores: Array, fit: Array, threshold: float, cell_s: float
) -> tuple[Segment, ...]:
    """Segments out of overlapping windows.

    Time is cut into cells of one hop; a cell's score is the mean over the windows that cover it, so a single odd window
    changes little. Neighbouring cells of one answer join; cells no window covers stay out.
    """
    if not len(spans):
        return ()
    segments: list[Segment] = []
    current: OpenSegment | None = None
    for cell, _ in answer_cells(labels, spans, scores, fit, threshold, cell_s, np.unique(spans.round(6))):
        longer = current.join(cell) if current else None
        if current and longer is None:
            segments.append(current.segment)
        current = longer or OpenSegment.begin(cell)
    return (*segments, current.segment) if current else ()


def answer_cells(
    labels: Sequence[str], spans: Array, scores: Array, fit: Array, threshold: float, cell_s: float, edges: Array
) -> list[tuple[Segment, float]]:
    """The answer of every cell that a window covers, and its fit.

    Args:
        labels, spans, scores, fit, threshold: as in `Timeline`.
        cell_s: what cells last, as near as the edges allow.
        edges: where windows start and end, s; cells lie between neighbouring edges.
    """
    cells = [_steps(a, b, cell_s) for a, b in itertools.pairwise(edges)]
    if not cells or not len(spans):
        return []
    cells = np.concatenate(cells)
    # Starts and ends both rise, so the windows that cover a cell are neighbours.
    first = np.searchsorted(spans[:, 1], cells[:, 1] - 1e-6)
    last = np.searchsorted(spans[:, 0], cells[:, 0] + 1e-6, side="right")
    answers = []
    for (start, end), low, high in zip(cells, first, last, strict=True):
        if low >= high:
            continue
        covering = slice(low, high)
        mean = scores[covering].mean(axis=0)
        own_fit = float(fit[covering].mean())
        label, confidence = answer(labels, mean, own_fit, threshold)
        answers.append((Segment(float(start), float(end), label, confidence), own_fit))
    return answers


def answer(labels: Sequence[str], scores: Array, fit: float, threshold: float) -> tuple[str, float]:
    """The label that (L,) probabilities speak for, or ``unknown`` where it does not fit, and how sure that is."""
    best = int(scores.argmax())
    return (labels[best], float(scores[best])) if fit >= threshold else (UNKNOWN, float(1.0 - scores[best]))


@dataclass(frozen=True)
class OpenSegment:
    """A segment that may go on, and the seconds of its cells."""

    segment: Segment
    seconds: float

    @classmethod
    def begin(cls, cell: Segment) -> OpenSegment:
        """A segment of one cell."""
        return cls(cell, cell.end_s - cell.start_s)

    def join(self, cell: Segment) -> OpenSegment | None:
        """The segment with one more cell; None where the cell says something else, or does not follow at once."""
        before = self.segment
        if before.label != cell.label or abs(before.end_s - cell.start_s) >= 1e-6:
            return None
        seconds = self.seconds + cell.end_s - cell.start_s
        mixed = before.confidence + (cell.confidence - before.confidence) * (cell.end_s - cell.start_s) / seconds
        return OpenSegment(Segment(before.start_s, cell.end_s, before.label, mixed), seconds)


def _steps(start: float, end: float, cell_s: float) -> Array:
    count = max(1, round((end - start) / cell_s))
    edges = np.linspace(start, end, count + 1)
    return np.stack([edges[:-1], edges[1:]], axis=1)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60.0)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{rest:04.1f}" if hours else f"{minutes:02d}:{rest:04.1f}"
