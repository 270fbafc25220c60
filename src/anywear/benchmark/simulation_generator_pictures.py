"""Pictures of the generator beside people. Needs the ``plot`` extra (matplotlib)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..plot import PALETTE
from .simulation_generator import GeneratorResult, GeneratorRow
from .simulation_measures import MEASURES, TILT

WORST = 6
_MOST = 4.0  # standard deviations where the colours end


def heat_map(result: GeneratorResult):
    """Distance of every activity (mean over its places) by measure, the farthest on top."""
    from matplotlib.figure import Figure

    columns = (*MEASURES, TILT)
    activities = result.activities()
    values = np.full((len(activities), len(columns) + 2), np.nan)
    for number, (data, label, far, near) in enumerate(activities):
        rows = [row for row in result.rows if (row.data, row.label) == (data, label)]
        for place, name in enumerate(columns):
            known = [v for row in rows if np.isfinite(v := row.distances.get(name, np.nan))]
            values[number, place] = np.mean(known) if known else np.nan
        values[number, -2:] = far, near
    figure = Figure(figsize=(9.5, 0.21 * len(activities) + 2.0), layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(values, aspect="auto", cmap="viridis", vmin=0.0, vmax=_MOST)
    axes.set_xticks(
        range(len(columns) + 2), [*columns, "all", "all, between people"], rotation=60, ha="right", fontsize=7
    )
    axes.set_yticks(range(len(activities)), [f"{label} ({data})" for data, label, _, _ in activities], fontsize=7)
    axes.axvline(len(columns) - 0.5, color="white", linewidth=2)
    figure.colorbar(image, ax=axes, label="Wasserstein distance, standard deviations of real windows", shrink=0.5)
    return figure


def worst_spectra(result: GeneratorResult):
    """Spectra of the farthest rows, one for each activity."""
    from matplotlib.figure import Figure

    chosen: dict[tuple[str, str], GeneratorRow] = {}
    for row in result.rows:
        chosen.setdefault((row.data, row.label), row)
    rows = list(chosen.values())[:WORST]
    figure = Figure(figsize=(11.0, 1.9 * -(-len(rows) // 2) + 0.3), layout="constrained")
    for number, row in enumerate(rows):
        for kind, (which, word) in enumerate(((1, "|acc|"), (2, "|gyr|"))):
            axes = figure.add_subplot(-(-len(rows) // 2), 4, 2 * number + kind + 1)
            _lines(axes, [(name, values[0], values[which]) for name, values in row.spectra.items()])
            axes.set_title(f"{row.label}, {row.site.replace('_', ' ')}\n{row.data}, {word}", fontsize=7)
    if figure.axes:
        figure.axes[0].legend(fontsize=6)
        figure.supxlabel("Hz", fontsize=8)
        figure.supylabel("dB", fontsize=8)
    return figure


def _lines(axes, lines: Sequence[tuple[str, np.ndarray, np.ndarray]]) -> None:
    for name, frequency, power in lines:
        colour = "black" if name == "real" else PALETTE[0]
        axes.plot(frequency, 10 * np.log10(power + 1e-6), color=colour, linewidth=1, label=name)
    axes.tick_params(labelsize=6)
    axes.grid(alpha=0.3)
