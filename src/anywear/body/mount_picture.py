"""A picture of the body with each device on it as it was found: its three axes at its place. Needs the ``plot`` extra.

Beneath, stream by stream: the strength of acceleration, the stretches of walking that were looked at, and where a sensor was
put on anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .._drawing import AXIS_COLOURS, save_picture, thin
from .._typing import Array
from ..errors import UsageError
from ..placement import Mount
from ..recording import STANDARD_GRAVITY_MPS2, Recording, Stream
from ..signal.features import mount_axes
from ..signal.mount import MountEstimate
from .picture import VIEWS, project, shade
from .shape import ShapedBody, shape_body
from .sites import place

ARROW_M = 0.2  # length of a drawn axis, and of the arrow that says up
HALF_WIDTH_M = 0.62
HIDDEN = -0.3  # cosine of normal and line of sight below which a device is behind the body
SHOWN = 8  # streams at most
WALKED, PUT_ON = "#009E73", "#D55E00"


def draw_mounts(
    path: str | Path, recording: Recording, estimates: Mapping[str, MountEstimate], body: ShapedBody | None = None
) -> None:
    """Write the picture; the main piece of each stream is drawn on the body.

    Args:
        path: a .png, .pdf or .svg file.
        recording: what was looked at.
        estimates: by stream name, as `anywear.signal.mount.calibrate_recordings` gives them for this recording.
        body: to draw on; an average adult by default.

    Raises:
        UsageError: matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise UsageError("Pictures need matplotlib", remedy='pip install "anywear[plot]"')
    from matplotlib.figure import Figure

    body = body or shape_body()
    shown = [stream for stream in recording.streams if stream.name in estimates][:SHOWN]
    heights = [5.2, *[1.3] * len(shown)]
    figure = Figure(figsize=(13, sum(heights) + 0.4), layout="constrained")
    grid = figure.add_gridspec(len(heights), len(VIEWS), height_ratios=heights)
    for column, view in enumerate(VIEWS):
        _draw_body(figure.add_subplot(grid[0, column]), body, view, shown, estimates)
    for row, stream in enumerate(shown):
        axis = figure.add_subplot(grid[row + 1, :])
        _draw_stream(axis, stream, estimates[stream.name])
        axis.set_xlim(recording.start_s, recording.end_s)
        if row == len(shown) - 1:
            axis.set_xlabel("seconds")
    save_picture(figure, path)


def drawn_axes(body: ShapedBody, estimate: MountEstimate) -> tuple[Array, Array | None, Array | None]:
    """Where a device is drawn and how: its place (3,), its axes as rows (3, 3) and up (3,), body frame at rest.

    Axes are None where the mount is not fully known, up is None where not even that is.

    Raises:
        PlacementError: the place is unknown.
    """
    point = place(body, [estimate.placement])
    rest_from_segment = point.rest_from_neutral[0]
    up = None if estimate.mount.knowledge in ("nothing", "outward") else rest_from_segment @ np.array([0.0, 0.0, 1.0])
    turn = _segment_from_sensor(estimate)
    return point.rest_m[0], None if turn is None else (rest_from_segment @ turn).T, up


def _segment_from_sensor(estimate: MountEstimate) -> Array | None:
    """The full turn as a matrix; of a mount given by two axes, by way of the place's own."""
    from scipy.spatial.transform import Rotation

    mount: Mount = estimate.mount
    if mount.knowledge != "full":
        return None
    if mount.quat_segment_from_sensor is not None:
        return Rotation.from_quat(mount.quat_segment_from_sensor).as_matrix()
    axes, known = mount_axes(replace(estimate.placement, mount=mount))
    _, outward = estimate.placement.rest_point()
    across = np.cross((0.0, 0.0, 1.0), outward)
    if not known.all() or np.linalg.norm(across) < 1e-6:
        return None
    across /= np.linalg.norm(across)
    level = np.cross(axes[2], axes[0])  # outward, made level
    return np.stack([np.cross(across, (0.0, 0.0, 1.0)), across, (0.0, 0.0, 1.0)]).T @ np.stack(
        [level, axes[2], axes[0]]
    )


def _draw_body(axis, body: ShapedBody, view: str, shown: list[Stream], estimates: Mapping[str, MountEstimate]) -> None:
    shade(axis, body, view)
    for number, stream in enumerate(shown, start=1):
        estimate = estimates[stream.name]
        if not estimate.placement.is_known:
            continue
        point = place(body, [estimate.placement])
        if point.normal[0] @ np.array(VIEWS[view][2]) < HIDDEN:
            continue
        at, axes, up = drawn_axes(body, estimate)
        here = project(at[None], view)[0]
        if axes is not None:
            for name, colour, direction in zip("xyz", AXIS_COLOURS, axes, strict=True):
                _arrow(axis, here, project(direction[None], view)[0], colour, name)
        elif up is not None:
            _arrow(axis, here, project(up[None], view)[0], "black", "up")
        known = up is not None
        axis.plot(
            *here, marker="o", markersize=9, color="white" if known else "#BBBBBB", markeredgecolor="black", zorder=8
        )
        axis.text(*here, str(number), ha="center", va="center", fontsize=6, zorder=9)
    axis.set(xlim=(-HALF_WIDTH_M, HALF_WIDTH_M), ylim=(-0.06, body.height_m + 0.1), title=view)
    axis.set_aspect("equal")
    axis.set_axis_off()


def _arrow(axis, start: Array, direction: Array, colour: str, name: str) -> None:
    """An axis seen from the viewer's place; one that points at the viewer is a short stump."""
    tip = start + ARROW_M * direction
    axis.annotate(
        "", tip, start, arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 2.0, "shrinkA": 0, "shrinkB": 0},
        zorder=6,
    )  # fmt: skip
    length = float(np.linalg.norm(direction))
    if length > 0.25:
        label = tip + 0.03 * direction / length
        axis.text(*label, name, color=colour, fontsize=9, ha="center", va="center", zorder=7)


def _draw_stream(axis, stream: Stream, estimate: MountEstimate) -> None:
    strength = np.linalg.norm(stream.acc_mps2, axis=1).astype(np.float64) / STANDARD_GRAVITY_MPS2
    axis.plot(*thin(stream.time_s, strength), color="#555555", linewidth=0.6)
    for number, walk in estimate.walks:
        if number == 0:
            axis.axvspan(walk.start_s, walk.stop_s, color=WALKED, alpha=0.15 + 0.35 * walk.confidence, linewidth=0)
    for number, start_s in estimate.remounted_s:
        if number == 0:
            axis.axvline(start_s, color=PUT_ON, linewidth=2)
            axis.text(start_s, strength.max(), " put on anew", color=PUT_ON, fontsize=8, va="top")
    axis.set_ylabel("|acc|, g", fontsize=8)
    axis.tick_params(labelsize=8)
    axis.set_title(f"{stream.name}: {_plain(estimate)}", loc="left", fontsize=9)


def _plain(estimate: MountEstimate) -> str:
    known = {"nothing": "unknown", "up": "up", "outward": "outward", "full": "full mount"}[estimate.mount.knowledge]
    text = f"{estimate.placement.name}, {known}: {estimate.main.reason}; walking is green"
    return text.replace("$", r"\$")
