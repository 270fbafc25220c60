"""Pictures of `anywear.benchmark.simulation`. Needs the ``plot`` extra (matplotlib)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .._drawing import save_picture
from ..plot import PALETTE, check_picture
from .simulation import SimulationReport
from .simulation_boards import BoardResult
from .simulation_gap import VARIANTS, GapResult
from .simulation_generator_pictures import heat_map, worst_spectra
from .simulation_kinect import KinectResult

STYLES = {"real": ("black", "-"), "ideal": (PALETTE[0], "-"), "part": (PALETTE[2], "--"), "worn": (PALETTE[5], "-")}
PNG_DPI = 72
MANY_DPI = 54  # of the sheet with a panel per row, which is large
SPECTRUM_HZ = 60.0


def draw_simulation(report: SimulationReport, folder: Path) -> list[Path]:
    """Write ``validation-*.png`` and ``generator-*.png`` into a folder; gives what was written.

    Raises:
        UsageError: matplotlib is not installed.
    """
    drawn: list[Path] = []
    check_picture(folder / "validation.png")
    folder.mkdir(parents=True, exist_ok=True)
    if report.boards is not None:
        drawn.append(save_picture(_board_spectra(report.boards), folder / "validation-boards-spectra.png", dpi=PNG_DPI))
        drawn.append(save_picture(_board_signals(report.boards), folder / "validation-boards-signals.png", dpi=PNG_DPI))
    if report.kinect is not None and report.kinect.actions:
        drawn.append(save_picture(_kinect(report.kinect), folder / "validation-kinect.png", dpi=PNG_DPI))
    if report.gap is not None and report.gap.rows:
        drawn.append(save_picture(_gap_spectra(report.gap), folder / "validation-gap-spectra.png", dpi=MANY_DPI))
        drawn.append(save_picture(_gap_ranges(report.gap), folder / "validation-gap-ranges.png", dpi=PNG_DPI))
    if report.generator is not None and report.generator.rows:
        drawn.append(save_picture(heat_map(report.generator), folder / "generator-distances.png", dpi=PNG_DPI))
        drawn.append(save_picture(worst_spectra(report.generator), folder / "generator-worst.png", dpi=PNG_DPI))
    return drawn


def _board_spectra(boards: Sequence[BoardResult]):
    figure, panels = _grid(len(boards), 2, (5.2, 3.1))
    for board, axes in zip(boards, panels, strict=False):
        p = board.picture
        show = (p["frequency_hz"] > 0.3) & (p["frequency_hz"] < SPECTRUM_HZ)
        for key, label, colour, style in (
            ("measured", "measured", "black", "-"),
            ("simulated", "simulated", PALETTE[0], "-"),
            ("optical_noise", "optical noise, moving", PALETTE[5], "-"),
            ("optical_at_rest", "optical noise, at rest", PALETTE[5], ":"),
            ("sensor_noise", "the unit's noise", PALETTE[2], "-"),
        ):
            axes.loglog(
                p["frequency_hz"][show], np.sqrt(p[key][show]), color=colour, linestyle=style, linewidth=1, label=label
            )
        axes.axvline(board.corner_hz, color="grey", linewidth=1, linestyle="--", label="corner")
        axes.set(title=board.name[3:].replace("undisturbed_", "").replace("_", " "), ylim=(3e-3, 40))
        axes.grid(alpha=0.3)
    _outer_labels(panels, 2, "frequency, Hz", "linear acceleration, m/s² per √Hz")
    panels[0].legend(fontsize=7, loc="lower left")
    return figure


def _board_signals(boards: Sequence[BoardResult]):
    figure, panels = _grid(2 * len(boards), 2, (5.6, 1.8))
    for row, board in enumerate(boards):
        p = board.picture
        axis = int(np.argmax(p["acc_measured"].std(axis=0)))
        turn = int(np.argmax(p["gyr_measured"].std(axis=0)))
        for axes, kind, which, unit in (
            (panels[2 * row], "gyr", turn, "rad/s"),
            (panels[2 * row + 1], "acc", axis, "m/s²"),
        ):
            axes.plot(p["time_s"], p[f"{kind}_measured"][:, which], color="black", linewidth=1, label="measured")
            axes.plot(p["time_s"], p[f"{kind}_simulated"][:, which], color=PALETTE[5], linewidth=0.8, label="simulated")
            r = (board.gyr if kind == "gyr" else board.acc)["calibrated"].r[which]
            name = board.name[3:].replace("undisturbed_", "").replace("_", " ")
            word = "angular rate" if kind == "gyr" else "linear acceleration"
            axes.set_title(f"{name}: {word} {'xyz'[which]}, r = {r:.3f}", fontsize=8)
            axes.set_ylabel(unit)
            axes.grid(alpha=0.3)
    panels[0].legend(fontsize=7, loc="upper right")
    for axes in panels[-2:]:
        axes.set_xlabel("s")
    return figure


def _kinect(kinect: KinectResult):
    figure, (bars, line) = _grid(2, 2, (6.0, 5.0))
    actions = sorted(kinect.actions, key=lambda a: a.plain)
    where = np.arange(len(actions))
    bars.barh(where + 0.2, [a.simulated for a in actions], 0.4, color=PALETTE[0], label="simulated")
    bars.barh(where - 0.2, [a.plain for a in actions], 0.4, color="#BBBBBB", label="double difference")
    bars.set_yticks(where, [a.action for a in actions], fontsize=7)
    bars.set(xlabel="r of |acc| with the real unit", xlim=(0, 1))
    bars.legend(fontsize=8, loc="lower right")
    bars.grid(alpha=0.3, axis="x")
    for key, colour in (("measured", "black"), ("plain", "#999999"), ("simulated", PALETTE[0])):
        if key in kinect.example:
            label = {"plain": "double difference"}.get(key, key)
            line.plot(kinect.example["time_s"], kinect.example[key], color=colour, label=label)
    line.set(xlabel="s", ylabel="|acc|, m/s²", title="one throw")
    line.legend(fontsize=8)
    line.grid(alpha=0.3)
    return figure


def _gap_spectra(gap: GapResult):
    figure, panels = _grid(2 * len(gap.rows), 6, (2.5, 1.75))
    for number, row in enumerate(gap.rows):
        for axes, which, word in ((panels[2 * number], 1, "acc"), (panels[2 * number + 1], 2, "gyr")):
            for name, values in row.spectra.items():
                colour, style = STYLES[name]
                decibels = 10 * np.log10(values[which] + 1e-9)
                axes.plot(values[0], decibels, color=colour, linestyle=style, linewidth=1, label=name)
            place = row.row.site.replace("_", " ")
            axes.set_title(f"{row.row.activity}, {place}\n{row.row.data}, |{word}|", fontsize=6.5)
            axes.tick_params(labelsize=6)
            axes.grid(alpha=0.3)
    _outer_labels(panels, 6, "Hz", "dB")
    panels[0].legend(fontsize=5.5)
    return figure


def _gap_ranges(gap: GapResult):
    figure, (acc, gyr) = _grid(2, 2, (6.5, 0.42 * len(gap.rows) + 1.2))
    order = ("real", *VARIANTS)
    for axes, kind, unit in ((acc, "acc", "||acc| − g|, m/s²"), (gyr, "gyr", "|gyr|, rad/s")):
        for number, row in enumerate(reversed(gap.rows)):
            for place, name in enumerate(order):
                middle, high, most = getattr(row.ranges[name], kind)
                y = number + 0.3 - 0.2 * place
                axes.plot([middle, high], [y, y], color=STYLES[name][0], linewidth=4, solid_capstyle="butt")
                axes.plot([high, most], [y, y], color=STYLES[name][0], linewidth=1)
                axes.plot([most], [y], "|", color=STYLES[name][0], markersize=5)
        axes.set(xscale="log", xlabel=unit, ylim=(-0.6, len(gap.rows) - 0.4))
        axes.set_yticks(range(len(gap.rows)), [row.row.name for row in reversed(gap.rows)], fontsize=7)
        axes.grid(alpha=0.3, axis="x")
    gyr.set_yticklabels([])
    for name in order:
        acc.plot([], [], color=STYLES[name][0], linewidth=4, label=name)
    acc.legend(fontsize=7, loc="lower left", title="bar 50 to 95 %, line to 99.9 %", title_fontsize=6)
    return figure


def _grid(count: int, columns: int, size: tuple[float, float]):
    from matplotlib.figure import Figure

    rows = -(-count // columns)
    figure = Figure(figsize=(size[0] * columns, size[1] * rows), layout="constrained")
    return figure, [figure.add_subplot(rows, columns, i + 1) for i in range(count)]


def _outer_labels(panels, columns: int, x: str, y: str) -> None:
    for number, axes in enumerate(panels):
        if number % columns == 0:
            axes.set_ylabel(y, fontsize=7)
        if number >= len(panels) - columns:
            axes.set_xlabel(x, fontsize=7)
