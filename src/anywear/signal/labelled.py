"""Windows of known truth: labelled stretches of a recording on the model's grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..placement import Placement
from ..recording import Recording, Span
from .windows import Piece, Window, WindowConfig, cut_window, grid_pieces, intersect

MIN_WINDOW_S = 1.0  # s; a shorter stretch has no window


@dataclass(frozen=True)
class LabelledWindow:
    """A window, what happens in it, who wore the sensors where, and which of the recording's stretches it was cut from."""

    window: Window
    placements: tuple[Placement, ...]
    label: str
    subject: str | None
    stretch: int = 0


def labelled_windows(recording: Recording, config: WindowConfig) -> Iterator[LabelledWindow]:
    """Cut every labelled span into windows.

    Each span is cut from its own start, so a window holds one activity. A rest shorter than a window is left out, but a span
    too short for any window is read as one window of its own length, if that is `MIN_WINDOW_S` or more.
    """
    pieces = grid_pieces(recording, config.rate_hz)
    placements = tuple(stream.placement for stream in recording.streams)
    subject = recording.metadata.get("subject")
    for number, span in enumerate(recording.labels):
        for window in _cut_span(pieces, span, config):
            yield LabelledWindow(window, placements, span.label, subject, number)


def _cut_span(pieces: list[list[Piece]], span: Span, config: WindowConfig) -> list[Window]:
    first = int(np.ceil(span.start_s * config.rate_hz - 1e-6))
    end = int(np.floor(span.end_s * config.rate_hz + 1e-6)) + 1
    starts = range(first, end - config.length + 1, config.hop)
    found = [window for window in (cut_window(pieces, start, config.length) for start in starts) if window.streams]
    if found:
        return found
    stretch = _longest_stretch(pieces, first, end)
    if stretch is None or stretch[1] - stretch[0] < MIN_WINDOW_S * config.rate_hz:
        return []
    return [cut_window(pieces, stretch[0], min(stretch[1] - stretch[0], config.length))]


def _longest_stretch(pieces: list[list[Piece]], first: int, end: int) -> tuple[int, int] | None:
    """The longest stretch inside a span that every stream covers; where there is none, that any stream covers."""
    covers = [_clip([(int(p.index[0]), int(p.index[-1]) + 1) for p in own], first, end) for own in pieces]
    candidates = intersect(covers) or [part for own in covers for part in own]
    return max(candidates, key=lambda part: part[1] - part[0], default=None)


def _clip(parts: list[tuple[int, int]], low: int, high: int) -> list[tuple[int, int]]:
    clipped = [(max(a, low), min(b, high)) for a, b in parts]
    return [(a, b) for a, b in clipped if a < b]
