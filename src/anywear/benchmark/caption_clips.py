"""Held-out captioned motion as windows of 1, 2 and 5 simulated sensors, the fewer among the more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..errors import AnywearError
from ..motion import MotionClip
from ..placement import Placement
from ..recording import Recording
from ..runtime.model import MIN_WINDOW_S
from ..signal import Window, cut_window, grid_pieces
from .retrieval_pools import CaptionedMotion, worn

TOLD_EVERY = 50  # motions between two lines of progress


@dataclass(frozen=True, eq=False)
class View:
    """What some sensors saw of a motion.

    Attributes:
        window: from its middle.
        placements: of the sensors.
        texts: everything said of the motion.
    """

    window: Window
    placements: tuple[Placement, ...]
    texts: tuple[str, ...]


def clip_views(
    name: str,
    motions: Iterable[tuple[CaptionedMotion, MotionClip]],
    sensors: Sequence[int],
    seed: int,
    rate_hz: float,
    window_s: float,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[dict[int, list[View]], int]:
    """Views of every motion by so many sensors, the same motions for each number, and how many motions were left out.

    Every motion is worn once by the most sensors, at random sites; the first of them are the fewer.
    """
    out: dict[int, list[View]] = {count: [] for count in sensors}
    left_out, most = 0, max(sensors)
    for number, (motion, clip) in enumerate(motions, start=1):
        try:
            recording = worn(motion, clip, seed, most, least_places=most)
            views = [_view(recording, count, motion.texts, rate_hz, window_s) for count in sensors]
        except AnywearError:
            views = [None]
        whole = [view for view in views if view is not None]
        if len(whole) == len(sensors):
            for count, view in zip(sensors, whole, strict=True):
                out[count].append(view)
        else:
            left_out += 1
        if number % TOLD_EVERY == 0:
            report(f"{name}: {number} motions simulated")
    return out, left_out


def _view(recording: Recording, count: int, texts: tuple[str, ...], rate_hz: float, window_s: float) -> View | None:
    seen = recording.with_streams(recording.streams[:count])
    start_s = max(float(stream.time_s[0]) for stream in seen.streams)
    end_s = min(float(stream.time_s[-1]) for stream in seen.streams)
    length = int(min(window_s, end_s - start_s - 2.0 / rate_hz) * rate_hz)
    if length < round(MIN_WINDOW_S * rate_hz):
        return None
    start = round(rate_hz * 0.5 * (start_s + end_s) - 0.5 * length)
    window = cut_window(grid_pieces(seen, rate_hz), start, length)
    return View(window, tuple(stream.placement for stream in seen.streams), texts) if window.streams else None
