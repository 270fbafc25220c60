"""Pictures of recordings and answers. Needs the ``plot`` extra (matplotlib)."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ._drawing import AXIS_COLOURS, MAX_POINTS, PALETTE, save_picture, thin
from ._typing import Array, Int
from .errors import UsageError
from .recording import STANDARD_GRAVITY_MPS2, Recording, Stream
from .runtime import UNKNOWN, Hit, Timeline
from .runtime.explanation import Explanation
from .signal import Window, up_direction
from .timing import contiguous_slices

# Grey is kept for unknown. Labels beyond the seventh take the colours again with a pattern.
PATTERNS = (None, "...", "xxx", "|||", "+++")
UNKNOWN_STYLE = ("#BBBBBB", "////")
UNASKED_STYLE = ("#666666", None)
KINDS = (".png", ".pdf", ".svg")
AROUND_S = 2.0  # shown before and after a hit
PANELS_IN_FULL = 4  # more panels than this are drawn flatter

Style = tuple[str, str | None]
"""Colour and pattern of a label."""


def check_picture(path: str | Path) -> None:
    """Whether a picture can be written under this name, before any work is done for it.

    Raises:
        UsageError: matplotlib is not installed, or the kind of file is unknown.
    """
    if Path(path).suffix.lower() not in KINDS:
        raise UsageError(
            "The picture's kind is unknown", where=str(path), expected=", ".join(KINDS), remedy="Name it OUT.png"
        )
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
    check_picture(path)
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    styles = label_styles(timeline.labels)
    answers = [(s.start_s, s.end_s, s.label, 0.4 + 0.6 * s.confidence) for s in timeline.segments]
    bands = [("answer", answers)]
    if recording.labels:
        truth = [(s.start_s, s.end_s, s.label, 0.85) for s in recording.labels]
        bands.append(("truth", truth))
    shown = dict.fromkeys(label for _, _, label, _ in answers)
    for span in recording.labels:
        if span.label not in styles:
            styles[span.label] = matching_style(span.label, timeline.labels, styles)
        # A true label in the colour of an asked one needs no line of its own in the legend.
        if span.label in timeline.labels or styles[span.label] == UNASKED_STYLE:
            shown[span.label] = None
    panels = [
        (stream, kind) for stream in recording.streams for kind in ("acc", "gyr") if _values(stream, kind) is not None
    ]
    heights = [0.42] * len(bands) + [1.5 if len(panels) <= PANELS_IN_FULL else 0.95] * len(panels)
    figure = Figure(figsize=(11, 1.5 + sum(heights)), layout="constrained")
    axes = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for axis, (name, spans) in zip(axes, bands, strict=False):
        _draw_band(axis, name, spans, styles, recording.duration_s)
    for number, (axis, (stream, kind)) in enumerate(zip(axes[len(bands) :], panels, strict=True)):
        _draw_spans(axis, [(a, b, label, 0.12) for a, b, label, _ in answers if label != UNKNOWN], styles, behind=True)
        _draw_signal(axis, stream, kind, titled=kind == "acc", legend=number == 0)
    figure.align_ylabels(list(axes[len(bands) :]))
    axes[-1].set_xlim(recording.start_s, recording.end_s)
    long = recording.duration_s > 180
    axes[-1].set_xlabel("time in h:min:s" if recording.duration_s > 3600 else "time in min:s" if long else "time in s")
    if long:
        axes[-1].xaxis.set_major_locator(_clock_locator(recording.duration_s))
        axes[-1].xaxis.set_major_formatter(FuncFormatter(lambda s, _: clock(s, recording.duration_s > 3600)))
    _legend(figure, list(shown), styles)
    save_picture(figure, path, dpi=120)


def plot_explanations(found: Sequence[Explanation], rate_hz: float, path: str | Path) -> None:
    """Write a picture of why answers were given: per window and sensor what was recorded, and the nearest imagined motion.

    Args:
        found: explained windows.
        rate_hz: of their samples.
        path: a .png, .pdf or .svg file.

    Raises:
        UsageError: matplotlib is not installed, or the kind of file is unknown.
    """
    check_picture(path)
    from matplotlib.figure import Figure

    rows = [(own, slot) for own in found for slot in range(len(own.names))]
    figure = Figure(figsize=(11, 1.0 + 1.45 * len(rows)), layout="constrained")
    axes = figure.subplots(len(rows), 2, sharey="row", squeeze=False)
    for (own, slot), (left, right) in zip(rows, axes, strict=True):
        _draw_level(left, own.window, slot, rate_hz)
        left.set_ylabel(own.names[slot].replace("_", " "), fontsize=8)
        if own.imagined is None:
            right.set_axis_off()
        else:
            _draw_level(right, own.imagined, slot, rate_hz)
        if slot == 0:
            when = f"{clock(own.start_s, False)} to {clock(own.end_s, False)}"
            left.set_title(f"{when} as recorded: {own.label}, {own.probability:.0%}", fontsize=9, loc="left")
            made = f"imagined for {own.nearest}: {own.program}" if own.program else "nothing was imagined"
            right.set_title(f"{made}, cosine {own.cosine:.2f}" if own.program else made, fontsize=9, loc="left")
    axes[0, 0].legend(fontsize=7, ncols=3, loc="upper right")
    for axis in axes[-1]:
        axis.set_xlabel("seconds of the window")
    figure.supylabel("m/s2; the angular rate 5 to the rad/s", fontsize=8)
    save_picture(figure, path, dpi=120)


def _draw_level(axis, window: Window, slot: int, rate_hz: float) -> None:
    """What does not depend on how a sensor is turned: up and level acceleration without gravity, and the size of the rate."""
    acc, gyr = window.acc_mps2[slot], window.gyr_radps[slot]
    time_s = np.arange(len(acc)) / rate_hz
    up = up_direction(acc)
    upward = acc @ up
    level = np.linalg.norm(acc - upward[:, None] * up, axis=1)
    axis.plot(time_s, upward - STANDARD_GRAVITY_MPS2, color=AXIS_COLOURS[2], linewidth=1.0, label="upward")
    axis.plot(time_s, level, color=AXIS_COLOURS[1], linewidth=1.0, label="level")
    if gyr is not None:
        rate = 5.0 * np.linalg.norm(gyr, axis=1)
        axis.plot(time_s, rate, color=PALETTE[1], linewidth=0.8, alpha=0.8, label="turning")
    axis.tick_params(labelsize=7)
    axis.margins(x=0.0)


def plot_hits(question: str, hits: Sequence[tuple[Hit, Recording, str]], path: str | Path) -> None:
    """Write a picture of what a search found: a small panel of acceleration per hit, the hit shaded.

    Args:
        question: what was looked for.
        hits: each with its recording and the name to print.
        path: a .png, .pdf or .svg file.

    Raises:
        UsageError: matplotlib is not installed, or the kind of file is unknown.
    """
    check_picture(path)
    from matplotlib.figure import Figure

    columns = 1 if len(hits) < 3 else 2
    rows = -(-len(hits) // columns)
    figure = Figure(figsize=(5.5 * columns, 0.6 + 1.55 * rows), layout="constrained")
    figure.suptitle(_plain(question[:110]), fontsize=11)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in panels[len(hits) :]:
        axis.set_visible(False)
    for number, (axis, (hit, recording, name)) in enumerate(zip(panels, hits, strict=False), start=1):
        around_s = max(AROUND_S, 0.1 * (hit.end_s - hit.start_s))
        low, high = hit.start_s - around_s, hit.end_s + around_s
        # The stream with most samples there: of several sensors one may be silent.
        stream = max(recording.streams, key=lambda s: int(((s.time_s >= low) & (s.time_s <= high)).sum()))
        inside = (stream.time_s >= low) & (stream.time_s <= high)
        for own in contiguous_slices(stream.time_s[inside]):
            for column, colour in enumerate(AXIS_COLOURS):
                axis.plot(
                    *thin(stream.time_s[inside][own], stream.acc_mps2[inside][own, column]), color=colour, linewidth=0.7
                )
        axis.axvspan(hit.start_s, hit.end_s, color=PALETTE[0], alpha=0.10, linewidth=0)
        axis.axvspan(*hit.best_s, color=PALETTE[0], alpha=0.12, linewidth=0)
        long = hit.end_s >= 180
        if long:
            axis.xaxis.set_major_formatter(lambda s, _, hours=hit.end_s >= 3600: clock(s, hours))
        axis.set_xlim(max(low, recording.start_s), min(high, recording.end_s))
        shown = name if len(name) <= 46 else "..." + name[-43:]
        axis.set_title(_plain(f"{number}. {hit.score:.2f}  {shown} ({stream.name})"), fontsize=8, loc="left", pad=2)
        axis.tick_params(labelsize=7)
        axis.locator_params(axis="y", nbins=4)
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    figure.supylabel("acceleration, m/s²", fontsize=8)
    save_picture(figure, path, dpi=120)


def plot_confusion(labels: Sequence[str], confusion: Int[Array, "labels labels"], path: str | Path) -> None:
    """A confusion matrix: rows are true, columns what was said; shades are shares of a row, figures counts.

    Args:
        labels: of rows and columns; rows that nobody asked are left out.
        confusion: counts.
        path: where to write it.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    asked = np.flatnonzero(confusion.sum(axis=1))
    rows = confusion[asked]
    shares = rows / np.maximum(1, rows.sum(axis=1, keepdims=True))
    side = max(3.0, 0.42 * len(labels))
    figure = Figure(figsize=(side + 1.8, side * len(asked) / len(labels) + 1.6), layout="constrained")
    axis = figure.add_subplot()
    axis.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0, aspect="equal")
    for row, column in np.argwhere(rows > 0).tolist():
        colour = "white" if shares[row, column] > 0.5 else "black"
        axis.text(column, row, str(rows[row, column]), ha="center", va="center", fontsize=8, color=colour)
    axis.set_xticks(range(len(labels)), [_plain(own) for own in labels], rotation=45, ha="right", fontsize=8)
    axis.set_yticks(range(len(asked)), [_plain(labels[own]) for own in asked.tolist()], fontsize=8)
    axis.set_xlabel("said", fontsize=8)
    axis.set_ylabel("true", fontsize=8)
    for row, column in enumerate(asked.tolist()):  # the cells that are right
        axis.add_patch(Rectangle((column - 0.5, row - 0.5), 1.0, 1.0, fill=False, edgecolor="#666666", linewidth=0.8))
    save_picture(figure, path, dpi=120)


def label_styles(labels: Sequence[str]) -> dict[str, Style]:
    """Colour and pattern per label, and those of unknown; no two of the first 35 labels look alike."""
    styles: dict[str, Style] = {UNKNOWN: UNKNOWN_STYLE}
    for number, label in enumerate(labels):
        again = number // len(PALETTE)
        styles[label] = (PALETTE[number % len(PALETTE)], PATTERNS[again % len(PATTERNS)])
    return styles


def matching_style(label: str, asked: Sequence[str], styles: dict[str, Style]) -> Style:
    """The style of the one asked label that shares a word with a true one; dark grey when there is none, or several."""
    words = set(label.lower().split())
    alike = [own for own in asked if words & set(own.lower().split())]
    return styles[alike[0]] if len(alike) == 1 else UNASKED_STYLE


def clock(seconds: float, hours: bool) -> str:
    """Seconds as min:s or h:min:s."""
    sign, whole = ("-" if seconds < 0 else ""), round(abs(seconds))
    if hours:
        return f"{sign}{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{sign}{whole // 60}:{whole % 60:02d}"


def _clock_locator(duration_s: float):
    """Ticks at whole steps of a clock, about ten of them."""
    from matplotlib.ticker import MultipleLocator

    steps = (15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 4 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
    return MultipleLocator(next((s for s in steps if duration_s / s <= 12), 24 * 3600 * np.ceil(duration_s / 864000)))


def _draw_spans(axis, spans: list[tuple[float, float, str, float]], styles: dict[str, Style], *, behind: bool) -> None:
    """Bars of one axis, one collection per label: a long recording has thousands."""
    from matplotlib.colors import to_rgba

    for label in dict.fromkeys(label for _, _, label, _ in spans):
        own = [(start, end - start, alpha) for start, end, name, alpha in spans if name == label]
        colour, pattern = styles[label]
        axis.broken_barh(
            [(start, width) for start, width, _ in own],
            (0, 1),
            transform=axis.get_xaxis_transform(),  # the whole height, whatever the signal's range
            facecolors=[to_rgba(colour, alpha) for _, _, alpha in own],
            edgecolor="none" if behind else "white",
            linewidth=0.0 if behind or len(spans) > 60 else 0.8,
            hatch=None if behind else pattern,
            zorder=0,
        )


def _draw_band(axis, name: str, spans: list, styles: dict[str, Style], duration_s: float) -> None:
    _draw_spans(axis, spans, styles, behind=False)
    for start, end, label, _ in spans:
        # A name is written only where it fits: about 5.5 points per letter, the band being some 650 points wide.
        if (end - start) / max(duration_s, 1e-9) * 650 > 5.5 * len(label) + 4:
            axis.text((start + end) / 2, 0.48, _plain(label), ha="center", va="center", fontsize=9, clip_on=True)
    axis.set_yticks([])
    axis.set_ylabel(name, rotation=0, ha="right", va="center")
    axis.set_ylim(0, 1)
    axis.tick_params(axis="x", bottom=False)


def _draw_signal(axis, stream: Stream, kind: str, *, titled: bool, legend: bool) -> None:
    values = _values(stream, kind)
    assert values is not None
    stretches = contiguous_slices(stream.time_s)
    for column, colour in enumerate(AXIS_COLOURS):
        lines = []
        for own in stretches:
            share = (own.stop - own.start) / len(stream.time_s)
            lines.append(thin(stream.time_s[own], values[own, column], max(4, round(MAX_POINTS * share))))
            lines.append((np.full(1, np.nan), np.full(1, np.nan)))  # the pen is lifted across a gap
        time_s, line = (np.concatenate([part[i] for part in lines]) for i in (0, 1))
        axis.plot(time_s, line, color=colour, linewidth=0.8, label="xyz"[column])
    axis.set_ylabel("acc. m/s²" if kind == "acc" else "ang. rate\nrad/s", fontsize=9)
    axis.tick_params(labelsize=9)
    if titled:
        title = f"{stream.name} ({stream.placement.name.replace('_', ' ')})"
        axis.set_title(_plain(title), fontsize=10, loc="left", pad=3)
    axis.grid(axis="y", linewidth=0.3)
    if legend:
        axis.legend(
            loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, fontsize=8, frameon=False, handlelength=1.2,
            borderpad=0.0, borderaxespad=0.2,
        )  # fmt: skip
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def _legend(figure, names: list[str], styles: dict[str, Style]) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=styles[name][0], hatch=styles[name][1], edgecolor="white", label=_plain(name[:60]))
        for name in names
    ]
    if handles:
        widest = max(len(name[:60]) for name in names)
        columns = max(1, min(len(handles), 110 // (widest + 6)))
        figure.legend(handles=handles, loc="outside upper center", ncols=columns, fontsize=9, frameon=False)


def _plain(text: str) -> str:
    """Text as it is: matplotlib would read dollars as the ends of a formula."""
    return text.replace("$", r"\$")


def _values(stream: Stream, kind: str) -> Array | None:
    return stream.acc_mps2 if kind == "acc" else stream.gyr_radps
