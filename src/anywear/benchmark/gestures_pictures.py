"""Pictures of `anywear.benchmark.gestures`. Needs the ``plot`` extra (matplotlib)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .._drawing import PALETTE, save_picture
from .._typing import Array
from ..plot import check_picture
from .gestures import GesturesReport, GesturesResult
from .gestures_draws import Point
from .gestures_tables import SPLIT_TITLES, title_of

DPI = 72
COLOURS = 64  # of the stored picture
LEAST_POINTS = 2  # a curve has
GAP = 0.6  # between shares and shots, in steps


def draw_gestures(report: GesturesReport, folder: Path) -> list[Path]:
    """Write ``gestures-benchmark-curves.png``, where there are curves, and ``...-confusion.png``; gives what was written.

    Raises:
        UsageError: matplotlib is not installed.
    """
    check_picture(folder / "gestures.png")
    folder.mkdir(parents=True, exist_ok=True)
    drawn: list[Path] = []
    if len(report.config.points) >= LEAST_POINTS:
        drawn.append(save_picture(_curves(report), folder / "gestures-benchmark-curves.png", dpi=DPI, colours=COLOURS))
    drawn.append(
        save_picture(_confusions(report), folder / "gestures-benchmark-confusion.png", dpi=DPI, colours=COLOURS)
    )
    return drawn


def _curves(report: GesturesReport):
    """Accuracy by number of labels: a row of panels per split, a column per set; shares to the left, shots to the right."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    points = sorted(report.config.points)
    at = _places(points)
    splits, results = report.config.splits, report.results
    figure = Figure(figsize=(4.2 * len(results), 2.7 * len(splits) + 0.5), layout="constrained")
    for line, split in enumerate(splits):
        for column, result in enumerate(results):
            axes = figure.add_subplot(len(splits), len(results), line * len(results) + column + 1)
            for number, row in enumerate(report.rows):
                for group in (False, True):
                    own = [place for place, point in enumerate(points) if (point.share is None) == group]
                    cells = [(row, split, points[place]) for place in own]
                    mean = np.array([100 * result.mean(cell)["accuracy"] for cell in cells])
                    spread = np.array([100 * result.spread(cell)["accuracy"] for cell in cells])
                    colour = PALETTE[number % len(PALETTE)]
                    axes.plot(at[own], mean, color=colour, marker="o", markersize=3.5, linewidth=1.5)
                    axes.fill_between(at[own], mean - spread, mean + spread, color=colour, alpha=0.15, linewidth=0)
            axes.set_xticks(at, [str(point).removesuffix(" shots").removesuffix(" shot") for point in points])
            axes.set_title(f"{result.name}, {_how(result, split)}", fontsize=9, loc="left", pad=3)
            axes.tick_params(labelsize=8)
            axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    figure.supxlabel("labels learned from: share of all, clips of each class", fontsize=9)
    figure.supylabel("accuracy, %", fontsize=9)
    handles = [
        Line2D([], [], color=PALETTE[number % len(PALETTE)], marker="o", markersize=3.5, label=title_of(row))
        for number, row in enumerate(report.rows)
    ]
    figure.legend(
        handles=handles, loc="outside upper center", ncols=min(4, 2 * len(results)), fontsize=9, frameon=False
    )
    return figure


def _confusions(report: GesturesReport):
    """Share of each class's clips by answer, of the headline, one panel per set."""
    from matplotlib.figure import Figure

    most = max(len(result.found.labels) for result in report.results)
    side = 1.6 + 0.19 * most
    figure = Figure(figsize=((side + 1.6) * len(report.results), side + 1.4), layout="constrained")
    for number, result in enumerate(report.results):
        axes = figure.add_subplot(1, len(report.results), number + 1)
        counts = result.confusion[report.headline].sum(axis=0)
        shares = 100.0 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=100.0)
        labels = result.found.labels
        for row, column in zip(*np.nonzero(shares >= 1.0), strict=True):
            value = shares[row, column]
            axes.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=6,
                      color="white" if value > 55.0 else "black")  # fmt: skip
        axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=7)
        axes.set_yticks(range(len(labels)), labels, fontsize=7)
        axes.set_title(f"{result.name}: {100 * result.mean(report.headline)['accuracy']:.1f} %", fontsize=9, loc="left")
    row, split, point = report.headline
    figure.suptitle(f"{title_of(row)}, {point} of the labels, {SPLIT_TITLES[split]}; truth to the left, %", fontsize=9)
    return figure


def _places(points: list[Point]) -> Array:
    """Where points stand on the axis."""
    return np.array([number + GAP * (point.share is None) for number, point in enumerate(points)])


def _how(result: GesturesResult, split: str) -> str:
    return SPLIT_TITLES[split] if split == "mixed" or result.has_users else "one wearer"
