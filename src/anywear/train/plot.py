"""A picture of a training's log: one small panel per figure, over the steps. Needs the ``plot`` extra (matplotlib)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from .._drawing import PALETTE, save_picture
from .._files import write_whole
from ..errors import FormatError
from ..plot import check_picture

COLUMNS = 3
FEW = 30  # points that are marked one by one
AXES_NAMES = {
    "learning_rate": "learning rate",
    "windows_per_s": "windows per second",
    "share_waiting": "share of time waiting",
}


def read_log(path: Path) -> list[dict[str, float]]:
    """The lines of a log that hold numbers.

    Raises:
        FormatError: the file is no log of a training.
    """
    lines = []
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                found = json.loads(line)
                lines.append({name: float(value) for name, value in found.items() if not isinstance(value, str)})
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise FormatError("This is no log of a training", where=str(path), got=str(error)) from error
    if not lines or not all("step" in line for line in lines):
        raise FormatError(
            "This is no log of a training", where=str(path), expected='JSON lines with "step"', got=f"{len(lines)} lines",
            remedy="Give OUT/log.jsonl of a training",
        )  # fmt: skip
    return lines


def plot_log(log: Path, picture: Path) -> None:
    """Draw every figure of a log.

    Args:
        log: ``log.jsonl``.
        picture: .png, .pdf or .svg.

    Raises:
        UsageError: matplotlib is not installed, the kind of picture is unknown, or it cannot be written.
        FormatError: the file is no log of a training.
    """
    check_picture(picture)
    lines = read_log(log)
    from matplotlib.figure import Figure

    names = [name for name in dict.fromkeys(name for line in lines for name in line) if name != "step"]
    rows = math.ceil(len(names) / COLUMNS)
    figure = Figure(figsize=(3.6 * min(COLUMNS, len(names)), 2.4 * rows + 0.3), layout="constrained")
    for number, name in enumerate(names):
        axes = figure.add_subplot(rows, min(COLUMNS, len(names)), number + 1)
        own = [line for line in lines if math.isfinite(line.get(name, math.nan))]
        marker = "." if len(own) < FEW else None
        axes.plot([line["step"] for line in own], [line[name] for line in own], color=PALETTE[0], marker=marker)
        axes.set_title(AXES_NAMES.get(name, name.replace("_", " ")), fontsize=9)
        axes.tick_params(labelsize=8)
        axes.grid(alpha=0.3)
        if name in ("share_waiting", "windows_per_s"):
            axes.set_ylim(bottom=0.0)
        if number >= len(names) - COLUMNS:
            axes.set_xlabel("step", fontsize=8)
    write_whole(picture, lambda partial: save_picture(figure, partial, dpi=120))


def draw_beside(log: Path, report: Callable[[str], None]) -> None:
    """Draw ``log.png`` beside ``log.jsonl``, or say why there is none: a picture is not worth a training."""
    if find_spec("matplotlib") is None:
        report('no picture of the log: it needs matplotlib, pip install "anywear[plot]"')
        return
    plot_log(log, log.with_suffix(".png"))
