"""The contact sheet: every program as a strip of poses, to be looked at. Needs the ``plot`` extra.

``python -m anywear.motion.generate.picture OUT.png [PROGRAM ...]`` draws it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ...bodygraph import SEGMENTS
from ...errors import UsageError
from ..clip import MotionClip
from .registry import PROGRAMS, generate

POSES = 12
SPACING_M = 1.1
COLOURS = {"left": "tab:red", "right": "tab:blue"}
VIEW_DEG = 25.0  # from the side, a little from the front


def draw_sheet(
    clips: Sequence[tuple[str, MotionClip]], path: str | Path, *, poses: int = POSES, span_s: float | None = None
) -> Path:
    """One strip for each clip: poses from left to right, seen from the wearer's right and a little from the front.

    Args:
        clips: title and motion.
        path: picture to write.
        poses: how many in a strip.
        span_s: the strip shows so many seconds from the clip's start; all of it by default.

    Raises:
        UsageError: matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise UsageError("Pictures need matplotlib", remedy='pip install "anywear[plot]"')
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(poses * 1.1, 1.9 * len(clips)), layout="constrained")
    for row, (title, clip) in enumerate(clips):
        axes = canvas.add_subplot(len(clips), 1, row + 1)
        end = clip.duration_s if span_s is None else min(span_s, clip.duration_s)
        frames = np.round(np.linspace(0.0, end, poses) * clip.rate_hz).astype(int)
        positions = clip.joint_positions_m()[np.minimum(frames, len(clip) - 1)]
        angle = np.deg2rad(VIEW_DEG)
        across = np.array([np.cos(angle), -np.sin(angle), 0.0])
        middle = positions[:, 0] @ across
        lowest = positions[..., 2].min()
        for number, pose in enumerate(positions):
            shift = number * SPACING_M - middle[number]
            flat = np.stack([pose @ across + shift, pose[:, 2] - lowest], axis=1)
            for segment, (name, facts) in enumerate(SEGMENTS.items()):
                if facts.parent is None:
                    continue
                parent = clip.skeleton.parents[segment]
                colour = COLOURS.get(name.partition("_")[0], "0.25")
                axes.plot(
                    *np.stack([flat[parent], flat[segment]], axis=1), color=colour, lw=1.6, solid_capstyle="round"
                )
            head = clip.skeleton.index("head")
            axes.plot(*flat[head], "o", color="0.25", ms=5)
        axes.axhline(0.0, color="0.8", lw=0.8, zorder=0)
        axes.set(xlim=(-0.8, (poses - 1) * SPACING_M + 0.8), aspect="equal")
        axes.set_title(f"{title}   {end:.1f} s", fontsize=8, loc="left")
        axes.set_axis_off()
    FigureCanvasAgg(canvas).print_figure(str(path), dpi=60)
    return Path(path)


if __name__ == "__main__":
    names = sys.argv[2:] or list(PROGRAMS)
    draw_sheet([(name, generate(name, seed=1).clip) for name in names], sys.argv[1], span_s=2.4)
