"""The contact sheet: every program as a strip of poses, to be looked at. Needs the ``plot`` extra.

``python -m anywear.motion.generate.picture OUT.png [PROGRAM ...]`` draws programs one below the other,
``python -m anywear.motion.generate.picture FOLDER`` a sheet for every family.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ..._drawing import save_picture
from ..._typing import Array, Float
from ...bodygraph import SEGMENTS
from ...errors import UsageError
from ..clip import MotionClip
from .registry import PROGRAMS, generate

POSES = 12
SPACING_M = 1.1
COLOURS = {"left": "tab:red", "right": "tab:blue"}
VIEW_DEG = 25.0  # from the side, a little from the front
ROW_IN = 2.4  # height of a strip, twelve poses of 1.1 wide beside each other
SHEET_COLUMNS, SHEET_POSES, SHEET_SCALE = 3, 7, 0.7
SPAN_S = 2.4
SHADES = 28  # of a sheet: lines need no more, and the file is small


def draw_sheet(
    clips: Sequence[tuple[str, MotionClip]],
    path: str | Path,
    *,
    poses: int = POSES,
    span_s: float | None = None,
    columns: int = 1,
    scale: float = 1.0,
    busiest: bool = False,
) -> Path:
    """One strip for each clip: poses from left to right, seen from the wearer's right and a little from the front.

    Args:
        clips: title and motion.
        path: picture to write.
        poses: how many in a strip.
        span_s: the strip shows so many seconds; all of the clip by default.
        columns: strips beside each other; names run down the columns.
        scale: of the picture.
        busiest: show the seconds in which most moves, instead of the first.

    Raises:
        UsageError: matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise UsageError("Pictures need matplotlib", remedy='pip install "anywear[plot]"')
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure as Canvas

    rows = -(-len(clips) // columns)
    canvas = Canvas(figsize=(poses * 1.1 * columns * scale, ROW_IN * rows * scale))
    for number, (title, clip) in enumerate(clips):
        column, row = divmod(number, rows)
        axes = canvas.add_axes((column / columns, 1.0 - (row + 1) / rows, 1.0 / columns, 0.9 / rows))
        positions, shown_s = _shown(clip, poses, span_s, busiest)
        flat = _seen(positions)
        lines, colours = [], []
        for segment, (name, facts) in enumerate(SEGMENTS.items()):
            if facts.parent is not None:
                parent = clip.skeleton.parents[segment]
                lines += list(np.stack([flat[:, parent], flat[:, segment]], axis=1))
                colours += [COLOURS.get(name.partition("_")[0], "0.25")] * len(flat)
        axes.add_collection(LineCollection(lines, colors=colours, linewidths=1.6 * scale, capstyle="round"))
        axes.plot(*flat[:, clip.skeleton.index("head")].T, "o", color="0.25", ms=5 * scale)
        axes.axhline(0.0, color="0.8", lw=0.8 * scale, zorder=0)
        axes.set(
            xlim=(-0.8, (poses - 1) * SPACING_M + 0.8),
            ylim=(-0.1, min(max(2.2, float(flat[..., 1].max()) + 0.1), 4.0)),
            aspect="equal",
            anchor="SW",
        )
        axes.set_axis_off()
        canvas.text(
            (column + 0.01) / columns, 1.0 - (row + 0.02) / rows, f"{title}   {shown_s:.1f} s", fontsize=7, va="top"
        )
    return save_picture(canvas, path, dpi=60, colours=SHADES)


def draw_families(folder: str | Path, *, seed: int = 1) -> list[Path]:
    """A contact sheet ``generator-FAMILY.png`` of every family, one strip for each program."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for family in sorted({program.family for program in PROGRAMS.values()}):
        names = sorted(name for name, program in PROGRAMS.items() if program.family == family)
        clips = [(name, generate(name, seed=seed).clip) for name in names]
        drawn.append(
            draw_sheet(
                clips, folder / f"generator-{family}.png", poses=SHEET_POSES, span_s=SPAN_S, columns=SHEET_COLUMNS,
                scale=SHEET_SCALE, busiest=True,
            )
        )  # fmt: skip
    return drawn


def _shown(
    clip: MotionClip, poses: int, span_s: float | None, busiest: bool
) -> tuple[Float[Array, "pose joint 3"], float]:
    """Joints of the poses of a strip, and its length."""
    positions = clip.joint_positions_m()
    span = len(clip) - 1 if span_s is None else min(round(span_s * clip.rate_hz), len(clip) - 1)
    first = 0
    if busiest and span < len(clip) - 1:
        apart = positions - positions[:, :1]
        moved = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(apart, axis=0), axis=2).sum(axis=1))])
        first = int(np.argmax(moved[span:] - moved[:-span]))
    return positions[first + np.round(np.linspace(0, span, poses)).astype(int)], span / clip.rate_hz


def _seen(positions: Float[Array, "pose joint 3"]) -> Float[Array, "pose joint 2"]:
    """As seen from the side, the poses beside each other on the lowest point of all."""
    angle = np.deg2rad(VIEW_DEG)
    across = positions @ np.array([np.cos(angle), -np.sin(angle), 0.0])
    shift = np.arange(len(positions)) * SPACING_M - across[:, 0]
    return np.stack([across + shift[:, None], positions[..., 2] - positions[..., 2].min()], axis=2)


if __name__ == "__main__":
    if sys.argv[1].endswith(".png"):
        named = sys.argv[2:] or list(PROGRAMS)
        draw_sheet([(name, generate(name, seed=1).clip) for name in named], sys.argv[1], span_s=SPAN_S)
    else:
        draw_families(sys.argv[1])
