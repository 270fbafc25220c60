"""Pictures of `anywear.benchmark.setup`. Needs the ``plot`` extra (matplotlib)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .._drawing import save_picture
from ..plot import PALETTE, check_picture
from .setup import SetupReport
from .setup_disturbances import RATE, is_faster
from .setup_results import Places, Row, SetupResult

DPI = 100
PANEL_INCHES = (5.2, 4.2)
GREY = "#888888"


def draw_setup(report: SetupReport, folder: Path) -> list[Path]:
    """Write ``setup-SET.png`` per data set into a folder; gives what was written.

    Raises:
        UsageError: matplotlib is not installed.
    """
    drawn: list[Path] = []
    check_picture(folder / "setup.png")
    for result in report.results:
        figure = _panels(result, report.config.rates_hz)
        if figure is not None:
            folder.mkdir(parents=True, exist_ok=True)
            drawn.append(save_picture(figure, folder / f"setup-{result.name}.png", dpi=DPI))
    return drawn


def _panels(result: SetupResult, rates_hz: Sequence[float]):
    """One panel for each thing that was varied; None where nothing was."""
    from matplotlib.figure import Figure

    by_rate = [row for row in result.disturbed if row.setup.part == RATE]
    others = [row for row in result.disturbed if row.setup.part != RATE]
    panels = []
    if result.places is not None:
        panels.append(lambda axes, places=result.places: _bars(axes, *_place_rows(places)))
        panels.append(lambda axes, places=result.places: _agreement(axes, places))
    if by_rate:
        panels.append(lambda axes: _rates(axes, result, by_rate, rates_hz))
    if others:
        names = [result.whole.setup.name, *(row.setup.name for row in others)]
        panels.append(lambda axes: _bars(axes, names, [result.whole, *others], 1))
    if not panels:
        return None
    columns = min(2, len(panels))
    lines = -(-len(panels) // columns)
    figure = Figure(figsize=(PANEL_INCHES[0] * columns, PANEL_INCHES[1] * lines), layout="constrained")
    for number, draw in enumerate(panels):
        draw(figure.add_subplot(lines, columns, number + 1))
    figure.suptitle(result.name)
    return figure


def _place_rows(places: Places) -> tuple[list[str], list[Row], int]:
    """Names and rows of a bar each, and how many of the first are not single sensors."""
    joint = [("all together", places.together), ("late fusion", places.fused)]
    named = [(name, row) for name, row in joint if row is not None]
    first = len(named)
    named += list(places.singles.items())
    return [name.replace("_", " ") for name, _ in named], [row for _, row in named], first


def _bars(axes, names: Sequence[str], rows: Sequence[Row], first: int) -> None:
    """A bar of accuracy per row with its interval, from the top; the first ones stand out."""
    for number, row in enumerate(rows):
        accuracy = 100 * row.figures["accuracy"]
        axes.barh(number, accuracy, 0.7, color=PALETTE[0] if number < first else PALETTE[4])
        if row.interval is not None:
            axes.plot([100 * end for end in row.interval], [number, number], color="black", linewidth=1)
        axes.text(1.0, number, f"{accuracy:.1f}", va="center", fontsize=8, color="white" if number < first else "black")
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    axes.invert_yaxis()
    axes.set(xlabel="accuracy, %; line: 95 % by subject")
    axes.set_xlim(left=0.0)
    axes.grid(alpha=0.3, axis="x")


def _agreement(axes, places: Places) -> None:
    """Share of equal answers of every pair, and of each with all together in the last row."""
    names = list(places.singles)
    values = np.full((len(names) + 1, len(names)), np.nan)
    for (one, other), own in places.pairs.items():
        if own.windows:
            i, j = names.index(one), names.index(other)
            values[i, j] = values[j, i] = 100 * own.share
    values[-1] = [100 * row.agreement.share for row in places.singles.values()]
    image = axes.imshow(values, cmap="viridis", vmin=0.0, vmax=100.0)
    for (i, j), value in np.ndenumerate(values):
        if np.isfinite(value):
            axes.text(
                j, i, f"{value:.0f}", ha="center", va="center", fontsize=9, color="white" if value < 60 else "black"
            )
    shown = [name.replace("_", " ") for name in names]
    axes.set_xticks(range(len(names)), shown, rotation=30, ha="right", fontsize=8)
    axes.set_yticks(range(len(names) + 1), [*shown, "all together"], fontsize=8)
    axes.axhline(len(names) - 0.5, color="white", linewidth=3)
    axes.set_title("same answer, % of windows", fontsize=9)
    axes.figure.colorbar(image, ax=axes, shrink=0.8)


def _rates(axes, result: SetupResult, rows: Sequence[Row], rates_hz: Sequence[float]) -> None:
    """Accuracy and agreement over the clock's rate; hollow where samples had to be made up between recorded ones."""
    for colour, label, values in (
        (PALETTE[0], "accuracy", [100 * row.figures["accuracy"] for row in rows]),
        (PALETTE[5], "same answer as recorded", [100 * row.agreement.share for row in rows]),
    ):
        axes.plot(rates_hz, values, color=colour, linewidth=1, label=label)
        for rate_hz, value in zip(rates_hz, values, strict=True):
            made_up = is_faster(rate_hz, result.rates_hz[0])
            axes.plot([rate_hz], [value], "o", color=colour, markerfacecolor="white" if made_up else colour)
    axes.axhline(
        100 * result.whole.figures["accuracy"],
        color=PALETTE[0],
        linewidth=1,
        linestyle=":",
        label="accuracy, as recorded",
    )
    for rate_hz in dict.fromkeys(result.rates_hz):
        axes.axvline(rate_hz, color=GREY, linewidth=0.8, linestyle="--")
    axes.set_xscale("log", base=2)
    axes.set_xticks(rates_hz, [f"{rate_hz:g}" for rate_hz in rates_hz])
    axes.set(xlabel="sampling rate, Hz; dashed: as recorded; hollow: interpolated", ylabel="%", ylim=(0.0, 103.0))
    axes.legend(fontsize=8, loc="best")
    axes.grid(alpha=0.3)
