"""The timeline as it grows: cells and segments that nothing to come can change."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .._typing import Array
from .timeline import OpenSegment, Segment, answer_cells


@dataclass(frozen=True, eq=False)
class TimelineState:
    """Windows that are still needed, and how far the answers are final.

    Attributes:
        spans, scores, fit: of those windows, as in `Timeline`.
        done_s: up to where all is said; None before the first cell.
        current: the segment that may go on.
    """

    spans: Array = field(default_factory=lambda: np.zeros((0, 2)))
    scores: Array = field(default_factory=lambda: np.zeros((0, 0)))
    fit: Array = field(default_factory=lambda: np.zeros(0))
    done_s: float | None = None
    current: OpenSegment | None = None


@dataclass(frozen=True)
class LiveTimeline:
    """`build_segments` by the piece.

    Attributes:
        labels: what was asked.
        threshold: least fit for an answer.
        cell_s: one hop.
    """

    labels: tuple[str, ...]
    threshold: float
    cell_s: float

    def step(
        self, spans: Array, scores: Array, fit: Array, horizon_s: float, state: TimelineState
    ) -> tuple[list[tuple[Segment, float]], list[Segment | OpenSegment], TimelineState]:
        """Take new windows; give what became final.

        Args:
            spans, scores, fit: the new windows, as in `Timeline`, later than all before.
            horizon_s: no window to come starts before this.
            state: what the last step returned.

        Returns:
            Cells with their fit; segments in order of time, open where they began, plain where they ended; the state.
        """
        spans, fit = np.concatenate([state.spans, spans]), np.concatenate([state.fit, fit])
        scores = np.concatenate([state.scores.reshape(-1, len(self.labels)), scores])
        edges = np.unique(spans.round(6))
        if state.done_s is not None:
            edges = np.unique(np.r_[edges[edges >= state.done_s], state.done_s])
        edges = edges[edges <= horizon_s]
        cells, turns, current = [], [], state.current
        for cell, own_fit in answer_cells(self.labels, spans, scores, fit, self.threshold, self.cell_s, edges):
            cells.append((cell, own_fit))
            longer = current.join(cell) if current else None
            if longer is None:
                turns += [current.segment] if current else []
                longer = OpenSegment.begin(cell)
                turns.append(longer)
            current = longer
        done_s = float(edges[-1]) if len(edges) else state.done_s
        if current and self._over(current.segment.end_s, horizon_s, spans):
            turns.append(current.segment)
            current = None
        kept = spans[:, 1].round(6) > done_s if done_s is not None else np.ones(len(spans), dtype=bool)
        return cells, turns, TimelineState(spans[kept], scores[kept], fit[kept], done_s, current)

    @staticmethod
    def _over(end_s: float, horizon_s: float, spans: Array) -> bool:
        """Whether nothing can follow at once: no window goes on from there, and none will."""
        going_on = (spans[:, 0] <= end_s + 1e-6) & (spans[:, 1] > end_s + 1e-6)
        return horizon_s > end_s + 1e-6 and not going_on.any()
