"""A picture of the body with its named sites: the check that each sits where its name says. Needs the ``plot`` extra.

``python -m anywear.body.picture docs/pictures/sites.png`` draws it.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .._drawing import save_picture
from .._typing import Array
from ..errors import UsageError
from .shape import ShapedBody, shape_body
from .sites import all_sites

WIDTH_M = 0.92  # half a panel
# What runs to the right of each picture (axis and sign), and the direction from the body to the viewer.
VIEWS = {
    "front": (1, 1.0, (1.0, 0.0, 0.0)),
    "back": (1, -1.0, (-1.0, 0.0, 0.0)),
    "left side": (0, -1.0, (0.0, 1.0, 0.0)),
    "right side": (0, 1.0, (0.0, -1.0, 0.0)),
}
SITE_VIEWS = ("front", "back", "left side")  # the other side mirrors it


def draw_sites(path: str | Path, body: ShapedBody | None = None, dpi: int = 72) -> None:
    """Write the picture: front, back and left side, with a name at every site that faces the viewer.

    Raises:
        UsageError: matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise UsageError("Pictures need matplotlib", remedy='pip install "anywear[plot]"')
    from matplotlib.figure import Figure

    body = body or shape_body()
    names, points = all_sites(body)
    figure = Figure(figsize=(27, 9.6), layout="constrained")
    for number, view in enumerate(SITE_VIEWS):
        axes = figure.add_subplot(1, len(SITE_VIEWS), number + 1)
        shade(axes, body, view)
        seen = [
            index
            for index, normal in enumerate(points.normal)
            if normal @ np.array(VIEWS[view][2]) > (0.05 if view != "left side" else 0.3)
            and (view != "left side" or not names[index].startswith("right"))
        ]
        _label(axes, [names[i] for i in seen], project(points.rest_m[seen], view), points.normal[seen], view)
        axes.set_title(view)
        axes.set_aspect("equal")
        axes.set(xlim=(-WIDTH_M, WIDTH_M), ylim=(-0.04, body.height_m + 0.04))
        axes.set_axis_off()
    save_picture(figure, path, dpi=dpi)


def project(points: Array, view: str) -> Array:
    """Points (N, 3) as a view shows them: across and up (N, 2)."""
    axis, sign, _ = VIEWS[view]
    return np.stack([sign * points[:, axis], points[:, 2]], axis=1)


def shade(axes, body: ShapedBody, view: str) -> None:
    """Draw the skin, lit from where the viewer stands."""
    from matplotlib.collections import PolyCollection

    sight = np.array(VIEWS[view][2])
    corners = body.vertices_m[body.triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    facing = normal @ sight
    order = np.flatnonzero(facing > 0)
    order = order[np.argsort((corners[order].mean(axis=1)) @ sight)]
    flat = np.stack([project(corners[order, i], view) for i in range(3)], axis=1)
    grey = (0.55 + 0.4 * facing[order])[:, None] * np.ones(3)
    axes.add_collection(PolyCollection(list(flat), facecolors=grey, edgecolors=grey, linewidths=0.2))


def _label(axes, names: list[str], flat: Array, normals: Array, view: str) -> None:
    axes.scatter(flat[:, 0], flat[:, 1], s=28, c="#D55E00", edgecolors="black", linewidths=0.6, zorder=5)
    tip = flat + 0.04 * project(normals, view)
    for start, end in zip(flat, tip, strict=True):
        axes.plot(*zip(start, end, strict=True), color="#0072B2", linewidth=1.5, zorder=4)
    middle = 0.0 if view != "left side" else float(flat[:, 0].mean())
    for right in (False, True):
        rows = np.flatnonzero((flat[:, 0] >= middle) == right)
        rows = rows[np.argsort(flat[rows, 1])]
        heights = _spread(flat[rows, 1], 0.04)
        edge = 0.62
        for row, height in zip(rows, heights, strict=True):
            axes.annotate(
                names[row],
                flat[row],
                (edge if right else -edge, height),
                ha="left" if right else "right",
                va="center",
                fontsize=13,
                arrowprops={"arrowstyle": "-", "color": "#888888", "linewidth": 0.6},
            )


def _spread(heights: Array, gap: float) -> Array:
    """Heights moved apart, lowest first, so that labels do not touch; moved as a whole back to where they were."""
    out = heights.copy()
    for index in range(1, len(out)):
        out[index] = max(out[index], out[index - 1] + gap)
    return out - (out - heights).mean() if len(out) else out


if __name__ == "__main__":
    draw_sites(sys.argv[1] if len(sys.argv) > 1 else "sites.png")
