"""Pictures of `anywear.benchmark.nucleus`. Needs the ``plot`` extra (matplotlib)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .._drawing import AXIS_COLOURS, PALETTE, save_picture
from ..plot import check_picture
from ..recording import Recording
from ..signal import Resampler, nucleus, segment
from ..signal.accesswear import accesswear_nucleus
from ..signal.energy import ENERGY_RATE_HZ, PowerFilter
from ..signal.motion_background import BackgroundState, above
from ..signal.nucleus import MOTION_SHARE
from ..signal.segmentation import SegmentConfig
from .nucleus import CLIPPED, MARKED, NucleusReport
from .nucleus_setups import stretches

DPI = 72
CLIPS_SHOWN = 6  # of each data set
STREAMS_SHOWN = (0, 3, 4, 7, 8)  # classes: going, bouncing, turning and shaking
SHOWN_S = 22.0
MARK_COLOUR = "#555555"
NUCLEUS_COLOUR, MOTION_COLOUR = "#F7DDA5", "#D5ECF8"  # light ones of the palette


def draw_nucleus(report: NucleusReport, folder: Path) -> list[Path]:
    """Write ``nucleus-clips.png`` and ``nucleus-streams.png`` into a folder; gives what was written.

    Raises:
        UsageError: matplotlib is not installed.
    """
    check_picture(folder / "nucleus.png")
    folder.mkdir(parents=True, exist_ok=True)
    drawn: list[Path] = []
    clips = [own for name in CLIPPED for own in _spread(report.shown.get(name, ()), CLIPS_SHOWN)]
    if clips:
        drawn.append(save_picture(_clips(clips), folder / "nucleus-clips.png", dpi=DPI))
    marked = report.shown.get(MARKED, ())
    if marked:
        streams = _streams([marked[number] for number in STREAMS_SHOWN if number < len(marked)])
        drawn.append(save_picture(streams, folder / "nucleus-streams.png", dpi=DPI))
    return drawn


def _spread(recordings: Sequence[Recording], count: int) -> list[Recording]:
    picked = np.linspace(0, len(recordings) - 1, min(count, len(recordings)))
    return [recordings[int(number)] for number in picked]


def _clips(recordings: Sequence[Recording]):
    """Acceleration of one clip per panel; motion, nucleus and AccessWear's span; energy below."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    columns = 3
    lines = -(-len(recordings) // columns)
    figure = Figure(figsize=(4.3 * columns, 2.3 * lines + 0.5), layout="constrained")
    for number, recording in enumerate(recordings):
        axes = figure.add_subplot(lines, columns, number + 1)
        _, acc, gyr, rate_hz = stretches(recording.streams[0])[0]
        time_s = np.arange(len(acc)) / rate_hz
        for column, colour in enumerate(AXIS_COLOURS):
            axes.plot(time_s, acc[:, column], color=colour, linewidth=0.9)
        low, high = axes.get_ylim()
        low -= 0.35 * (high - low)
        whole, found = nucleus(acc, gyr, rate_hz, MOTION_SHARE), nucleus(acc, gyr, rate_hz)
        if whole is not None and found is not None:
            _shade(axes, (whole.start_s, whole.stop_s), (found.start_s, found.stop_s))
            height = 0.25 * (high - low) * found.energy / found.energy.max()
            axes.fill_between(found.time_s, low, low + height, color=MARK_COLOUR, linewidth=0)
        other = accesswear_nucleus(acc, gyr, rate_hz)
        if other is not None:
            axes.plot([other.start_s, other.stop_s], [high, high], color=PALETTE[5], linewidth=4, solid_capstyle="butt")
        axes.set(xlim=(0, time_s[-1]), ylim=(low, high + 0.05 * (high - low)))
        axes.set_title(f"{recording.reader}: {recording.labels[0].label}", fontsize=9, loc="left", pad=3)
        axes.tick_params(labelsize=8)
    figure.supxlabel("s", fontsize=9)
    figure.supylabel("acceleration, m/s²", fontsize=9)
    handles = [
        Patch(color=NUCLEUS_COLOUR, label="nucleus"),
        Patch(color=MOTION_COLOUR, label="motion"),
        Patch(color=PALETTE[5], label="AccessWear"),
        Patch(color=MARK_COLOUR, label="energy"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=4, fontsize=9, frameon=False)
    return figure


def _streams(recordings: Sequence[Recording]):
    """How many decibels above the background a stream is; marks, and what was found."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    config = SegmentConfig()
    figure = Figure(figsize=(13, 1.75 * len(recordings) + 0.5), layout="constrained")
    for number, recording in enumerate(recordings):
        axes = figure.add_subplot(len(recordings), 1, number + 1)
        stream = recording.streams[0]
        state = BackgroundState()
        for start_s, acc, gyr, rate_hz in stretches(stream):
            values = acc if gyr is None else np.hstack([acc, gyr])
            time_s = start_s + np.arange(len(values)) / rate_hz
            for piece in Resampler(rate_hz, ENERGY_RATE_HZ).batch(time_s, values):
                power = PowerFilter().batch(piece.values)
                level, state = config.background.step(power, state)
                decibels = 10.0 * np.log10(np.maximum(above(power.values, level), 1e-2))
                axes.plot(piece.index / ENERGY_RATE_HZ, decibels, color="black", linewidth=0.9)
        axes.axhline(10.0 * np.log10(config.onset), color=PALETTE[2], linewidth=0.8, linestyle="--")
        for found in segment(stream):
            _shade(axes, (found.start_s, found.stop_s), (found.nucleus_start_s, found.nucleus_stop_s))
        low, high = -12.0, max(45.0, axes.get_ylim()[1])
        for mark in recording.labels:
            axes.plot([mark.start_s, mark.end_s], [low, low], color=MARK_COLOUR, linewidth=9, solid_capstyle="butt")
        axes.set(xlim=(recording.start_s, recording.start_s + SHOWN_S), ylim=(low, high))
        axes.set_title(f"{recording.reader}: {recording.labels[0].label}", fontsize=9, loc="left", pad=3)
        axes.tick_params(labelsize=8)
    figure.supxlabel("s", fontsize=9)
    figure.supylabel("power above the background, dB", fontsize=9)
    handles = [
        Patch(color=NUCLEUS_COLOUR, label="nucleus"),
        Patch(color=MOTION_COLOUR, label="candidate"),
        Patch(color=MARK_COLOUR, label="marked by the authors"),
        Line2D([], [], color=PALETTE[2], linewidth=0.8, linestyle="--", label="onset"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=4, fontsize=9, frameon=False)
    return figure


def _shade(axes, whole: tuple[float, float], inner: tuple[float, float]) -> None:
    """A motion behind the signal, and its nucleus over it."""
    axes.axvspan(*whole, color=MOTION_COLOUR, linewidth=0, zorder=-2)
    axes.axvspan(*inner, color=NUCLEUS_COLOUR, linewidth=0, zorder=-1)
