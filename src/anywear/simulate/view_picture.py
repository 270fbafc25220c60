"""The still form of a view: the body at a few instants, and the signals under it. Needs the ``plot`` extra."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .._drawing import AXIS_COLOURS, PALETTE, save_picture, thin
from .._typing import Array, Float
from ..body import BONE_INDEX, ShapedBody, SurfacePoints, bone_transforms, points_on, skin
from ..errors import UsageError
from ..motion.body_motion import BodyMotion
from ..recording import Recording
from ..timing import contiguous_slices

INSTANTS = 6
PANELS = 4  # sensors whose signals are drawn
NAMED = 12  # more sensors than this are drawn as plain points
TURN_DEG, TILT_DEG = 35.0, 12.0  # from the front towards the wearer's left, and down
STEP = 0.62  # between figures, in statures
INK, DIM, SKIN, SHADOW = "#1d1f23", "#686c74", np.array([0.84, 0.81, 0.77]), "#dcdcd8"


def draw_view(path: str | Path, motion: BodyMotion, recording: Recording, points: SurfacePoints, title: str) -> None:
    """Write the picture; arguments as in `anywear.simulate.view.write_view`.

    Raises:
        UsageError: matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise UsageError("Pictures need matplotlib", remedy='pip install "anywear[plot]"')
    from matplotlib.figure import Figure

    share = (np.arange(INSTANTS) + 0.5) / INSTANTS
    frames = np.unique(np.round(share * (len(motion) - 1)).astype(np.int64))
    drawn = recording.streams[:PANELS]
    heights = [4.1, *[1.15] * len(drawn)]
    figure = Figure(figsize=(12, sum(heights) + 0.9), layout="constrained", facecolor="white")
    grid = figure.add_gridspec(len(heights), 2, height_ratios=heights)
    stage = figure.add_subplot(grid[0, :])
    named = len(points) <= NAMED
    _draw_bodies(
        stage, motion, points, frames, [PALETTE[row % len(PALETTE)] if named else INK for row in range(len(points))]
    )
    figure.suptitle(_plain(title), x=0.008, ha="left", fontsize=14, fontweight="bold", color=INK)
    limits = (min(0.0, recording.start_s), max(motion.duration_s, recording.end_s))
    for row, stream in enumerate(drawn):
        for column, (values, unit) in enumerate(((stream.acc_mps2, "m/s²"), (stream.gyr_radps, "rad/s"))):
            axis = figure.add_subplot(grid[row + 1, column])
            if values is None:
                axis.set_axis_off()
                continue
            for frame in frames:
                axis.axvline(frame / motion.rate_hz, color="#c9c9c4", linewidth=0.8, zorder=0)
            _draw_signal(axis, stream.time_s, values)
            axis.set_xlim(*limits)
            axis.set_ylabel(unit, fontsize=8, color=DIM)
            if column == 0:
                _name(axis, stream.name, PALETTE[row % len(PALETTE)] if named else INK)
            if row == 0:
                kind = "specific force" if column == 0 else "angular rate"
                axis.set_title(kind, fontsize=9, color=DIM, loc="center", pad=4)
            if row == 0 and column == 1:
                axis.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, fontsize=8, frameon=False,
                            handlelength=1.2, borderpad=0.0, borderaxespad=0.3)  # fmt: skip
            last = row == len(drawn) - 1
            axis.tick_params(labelsize=8, colors=DIM, labelbottom=last, length=2)
            if last:
                axis.set_xlabel("time in s", fontsize=8, color=DIM)
    figure.align_ylabels()
    if len(recording.streams) > len(drawn):
        text = f"signals of {len(drawn)} of {len(recording.streams)} sensors"
        figure.text(0.988, 0.985, text, ha="right", va="top", fontsize=9, color=DIM)
    save_picture(figure, path)


def _draw_bodies(axis, motion: BodyMotion, points: SurfacePoints, frames: Array, colours: list[str]) -> None:
    from matplotlib.collections import PolyCollection

    body = motion.body
    vertices = _vertices(body)
    triangles = body.triangles[~body.hidden]
    transforms = bone_transforms(body, motion.quat_world_from_bone[frames], motion.root_position_m[frames])
    skins, places = skin(vertices, transforms), skin(points, transforms)
    view = _view(transforms[0, BONE_INDEX["Hips"], :, :3])
    step = STEP * body.height_m
    for column, (mesh, sensors, frame) in enumerate(zip(skins, places, frames, strict=True)):
        middle = np.array([*motion.root_position_m[frame, :2], 0.0])
        offset = np.array([column * step, 0.0])
        seen = (mesh - middle) @ view.T  # across, up, towards the viewer
        corners = seen[triangles]
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
        ground = mesh * [1.0, 1.0, 0.0] - middle * [1.0, 1.0, 0.0] - mesh[:, 2:] * [0.25, -0.2, 0.0]
        fallen = ((ground @ view.T)[:, :2] + offset)[triangles]
        axis.add_collection(
            PolyCollection(list(fallen[::2]), facecolors=SHADOW, edgecolors=SHADOW, linewidths=0.4, zorder=1)
        )
        order = np.flatnonzero(normal[:, 2] > 0)
        order = order[np.argsort(corners[order, :, 2].mean(axis=1))]
        key = np.clip(normal[order] @ (np.array([-0.45, 0.65, 0.62]) / 1.0052), 0.0, 1.0)
        shade = np.clip((0.42 + 0.5 * key + 0.14 * normal[order, 2])[:, None] * SKIN, 0.0, 1.0)
        flat = corners[order, :, :2] + offset
        axis.add_collection(PolyCollection(list(flat), facecolors=shade, edgecolors=shade, linewidths=0.25, zorder=2))
        _mark(axis, (sensors - middle) @ view.T, offset, seen[triangles], colours)
    axis.set_aspect("equal")
    heights = ((skins - motion.root_position_m[frames][:, None] * [1.0, 1.0, 0.0]) @ view.T)[..., 1]
    floor = min(float(heights.min()), -0.2) - 0.08
    for column, frame in enumerate(frames):
        text = f"{frame / motion.rate_hz:.2f} s"
        axis.text(column * step, floor, text, ha="center", va="top", fontsize=9, color=DIM)
    axis.set_xlim(-0.6 * step, (len(frames) - 0.4) * step)
    axis.set_ylim(floor - 0.1, float(heights.max()) + 0.04)
    axis.set_axis_off()


def _mark(axis, sensors: Array, offset: Array, corners: Array, colours: list[str]) -> None:
    """Sensors as dots: full where they are seen, faint where the body hides them."""
    size = 30 if len(sensors) <= NAMED else 3
    hidden = _hidden(sensors, corners) if len(sensors) <= NAMED else np.zeros(len(sensors), dtype=bool)
    where = sensors[:, :2] + offset
    for rows, alpha in ((~hidden, 1.0), (hidden, 0.35)):
        own = [colours[row] for row in np.flatnonzero(rows)]
        axis.scatter(*where[rows].T, s=size, c=own, edgecolors="white", linewidths=0.7, alpha=alpha, zorder=4)


def _hidden(sensors: Float[Array, "points 3"], corners: Float[Array, "triangles 3 3"]) -> Array:
    """Whether a face of the body lies more than 2 cm before a point."""
    out = np.zeros(len(sensors), dtype=bool)
    a, b, c = (corners[:, i, :2] for i in range(3))
    area = _cross(b - a, c - a)
    ahead = corners[:, :, 2].mean(axis=1)
    for row, point in enumerate(sensors):
        p = point[:2]
        with np.errstate(divide="ignore", invalid="ignore"):
            u, v = _cross(b - p, c - p) / area, _cross(c - p, a - p) / area
        covered = (u >= 0) & (v >= 0) & (u + v <= 1)
        out[row] = bool((covered & (ahead > point[2] + 0.02)).any())
    return out


def _cross(a: Array, b: Array) -> Array:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


def _vertices(body: ShapedBody) -> SurfacePoints:
    """The body's own vertices as points, each as a corner of one of its faces."""
    flat = body.triangles.ravel()
    _, first = np.unique(flat, return_index=True)
    return points_on(body, first // 3, np.eye(3)[first % 3])


def _view(world_from_hips: Float[Array, "3 3"]) -> Float[Array, "3 3"]:
    """Rows: to the right of the picture, up, and towards the viewer, who stands before the body at its first instant."""
    yaw = np.arctan2(world_from_hips[1, 0], world_from_hips[0, 0]) + np.deg2rad(TURN_DEG)
    tilt = np.deg2rad(TILT_DEG)
    back = np.array([np.cos(tilt) * np.cos(yaw), np.cos(tilt) * np.sin(yaw), np.sin(tilt)])
    right = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
    return np.stack([right, np.cross(back, right), back])


def _draw_signal(axis, time_s: Array, values: Array) -> None:
    for column, colour in enumerate(AXIS_COLOURS):
        for number, own in enumerate(contiguous_slices(time_s)):
            line = thin(time_s[own], values[own, column])
            axis.plot(*line, color=colour, linewidth=0.9, label="xyz"[column] if number == 0 else None)
    axis.grid(axis="y", linewidth=0.3, color="#d8d8d4")
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axis.spines[side].set_color("#b9b9b4")


def _name(axis, name: str, colour: str) -> None:
    axis.set_title(_plain(name.replace("_", " ")), fontsize=9, loc="left", pad=4, color=colour, fontweight="bold")


def _plain(text: str) -> str:
    """Text as it is: matplotlib would read dollars as the ends of a formula."""
    return text.replace("$", r"\$")
