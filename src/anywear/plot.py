"""Pictures of recordings and answers. Needs the ``plot`` extra (matplotlib)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ._typing import Array
from .errors import UsageError
from .recording import Recording, Span, Stream
from .runtime import UNKNOWN, Timeline
from .timing import contiguous_slices

# Okabe & Ito 2008: eight colours that colour-blind readers tell apart; grey is kept for unknown.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#882255")
UNKNOWN_COLOUR = "#BBBBBB"
AXIS_COLOURS = ("#D55E00", "#009E73", "#0072B2")  # x, y, z
MAX_POINTS = 2000  # points drawn per line: more than a picture has columns


def require_matplotlib() -> None:
    """Raise UsageError with a remedy when matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        raise UsageError("Pictures need matplotlib", remedy='pip install "anywear[plot]"')


def plot_timeline(recording: Recording, timeline: Timeline, path: str | Path) -> None:
    """Write a picture: the answers as a band, the truth under it where the file has labels, and all signals.

    Args:
        recording: what was recognised.
        timeline: what was answered; the more confident, the fuller the colour.
        path: a .png, .pdf or .svg file.

    Raises:
        UsageError: matplotlib is not installed, or the kind of file is unknown.
    """
    require_matplotlib()
    path = Path(path)
    if path.suffix.lower() not in (".png", ".pdf", ".svg"):
        raise UsageError(
            "The picture's kind is unknown", where=str(path), expected=".png, .pdf or .svg", remedy="Name it OUT.png"
        )
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    colours = label_colours(timeline.labels)
    bands = [("answer", [(s.start_s, s.end_s, s.label, 0.35 + 0.65 * s.confidence) for s in timeline.segments])]
    truth = [(s.start_s, s.end_s, s.label, 0.8) for s in recording.labels]
    if truth:
        bands.append(("truth", truth))
        for span in recording.labels:
            colours.setdefault(span.label, matching_colour(span, timeline.labels, colours))
    rows = [
        (stream, kind) for stream in recording.streams for kind in ("acc", "gyr") if _values(stream, kind) is not None
    ]
    heights = [0.5] * len(bands) + [1.5] * len(rows)
    figure = Figure(figsize=(11, 1.4 + sum(heights)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for axis, (name, spans) in zip(axes, bands, strict=False):
        _draw_band(axis, name, spans, colours)
    for axis, (stream, kind) in zip(axes[len(bands) :], rows, strict=True):
        _draw_signal(axis, stream, kind)
        for segment in timeline.segments:
            axis.axvspan(segment.start_s, segment.end_s, color=colours[segment.label], alpha=0.12, linewidth=0)
    axes[-1].set_xlabel("time in s")
    axes[-1].set_xlim(recording.start_s, recording.end_s)
    _legend(figure, [name for name in colours if any(name == s[2] for _, spans in bands for s in spans)], colours)
    figure.savefig(path, dpi=120)


def label_colours(labels: tuple[str, ...]) -> dict[str, str]:
    """A colour per label, the palette over again where there are more, and grey for unknown."""
    return {UNKNOWN: UNKNOWN_COLOUR, **{label: PALETTE[i % len(PALETTE)] for i, label in enumerate(labels)}}


def matching_colour(span: Span, labels: tuple[str, ...], colours: dict[str, str]) -> str:
    """The colour of the asked label that shares a word with a true one; a dark grey otherwise."""
    words = set(span.label.lower().split())
    for label in labels:
        if words & set(label.lower().split()):
            return colours[label]
    return "#555555"


def _draw_band(axis, name: str, spans: list[tuple[float, float, str, float]], colours: dict[str, str]) -> None:
    total = max((end for _, end, _, _ in spans), default=1.0) - min((start for start, _, _, _ in spans), default=0.0)
    for start, end, label, alpha in spans:
        hatch = "////" if label == UNKNOWN else None
        axis.axvspan(start, end, facecolor=colours[label], alpha=alpha, edgecolor="white", linewidth=0.8, hatch=hatch)
        # A name is written only where it fits: about 7.5 points per letter on a picture 720 points wide.
        if (end - start) / max(total, 1e-9) * 720 > 7.5 * len(label):
            axis.text((start + end) / 2, 0.5, label, ha="center", va="center", fontsize=9, clip_on=True)
    axis.set_yticks([])
    axis.set_ylabel(name, rotation=0, ha="right", va="center")
    axis.set_ylim(0, 1)


def _draw_signal(axis, stream: Stream, kind: str) -> None:
    values = _values(stream, kind)
    assert values is not None
    for own in contiguous_slices(stream.time_s):
        for column, colour in enumerate(AXIS_COLOURS):
            time_s, line = thin(stream.time_s[own], values[own, column])
            axis.plot(time_s, line, color=colour, linewidth=0.8, label="xyz"[column] if own.start == 0 else None)
    unit = "acceleration\nm/s²" if kind == "acc" else "angular rate\nrad/s"
    axis.set_ylabel(unit, fontsize=9)
    axis.set_title(f"{stream.name} ({stream.placement.name.replace('_', ' ')})", fontsize=10, loc="left", pad=3)
    axis.grid(axis="y", linewidth=0.3)
    axis.legend(loc="upper right", ncols=3, fontsize=7, framealpha=0.6, handlelength=1.0, borderpad=0.2)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def _legend(figure, names: list[str], colours: dict[str, str]) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(facecolor=colours[name], hatch="////" if name == UNKNOWN else None, label=name) for name in names]
    if handles:
        figure.legend(
            handles=handles, loc="outside upper center", ncols=min(6, len(handles)), fontsize=9, frameon=False
        )


def _values(stream: Stream, kind: str) -> Array | None:
    return stream.acc_mps2 if kind == "acc" else stream.gyr_radps


def thin(time_s: Array, values: Array, points: int = MAX_POINTS) -> tuple[Array, Array]:
    """A line with few points and the same outline: least and largest value of every stretch, in their order in time."""
    if len(values) <= points:
        return time_s, values
    size = int(np.ceil(2 * len(values) / points))
    count = len(values) // size
    blocks = values[: count * size].reshape(count, size)
    ends = np.sort(np.stack([blocks.argmin(axis=1), blocks.argmax(axis=1)], axis=1), axis=1)
    index = (ends + size * np.arange(count)[:, None]).ravel()
    index = np.r_[index, np.arange(count * size, len(values))]
    return time_s[index], values[index]
