"""Shapes, digits and letters as ways of a hand in a plane, and how fast a hand goes along them.

Ways are in units of the drawing's size: x to the right and y up as the one who draws sees it, middle at the origin. Where the
pen would be lifted from paper the hand just moves on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..._typing import Array, Float

Way = Callable[[Array], Array]

GRID = 400
SLOWED = 0.16  # share of the way over which a hand starts and stops


def arc(x: float, y: float, rx: float, ry: float, first_deg: float, last_deg: float, count: int = 24) -> list:
    """Points along an ellipse; angles count from the right, upwards."""
    angle = np.deg2rad(np.linspace(first_deg, last_deg, count))
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], axis=1).tolist()


SHAPES: dict[str, list] = {
    "circle clockwise": arc(0, 0, 0.5, 0.5, 90, -270, 48),
    "circle counter clockwise": arc(0, 0, 0.5, 0.5, 90, 450, 48),
    "x": [(-0.4, 0.5), (0.4, -0.5), (0.4, 0.5), (-0.4, -0.5)],
    "triangle": [(0, 0.5), (-0.5, -0.4), (0.5, -0.4), (0, 0.5)],
    "square": [(-0.5, 0.5), (-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)],
    "check mark": [(-0.45, 0.0), (-0.15, -0.4), (0.5, 0.5)],
    "star": [(-0.31, -0.42), (0.0, 0.53), (0.31, -0.42), (-0.5, 0.16), (0.5, 0.16), (-0.31, -0.42)],
    "plus": [(0, 0.5), (0, -0.5), (-0.5, 0), (0.5, 0)],
    "zigzag": [(-0.5, 0.35), (0.5, 0.35), (-0.5, -0.35), (0.5, -0.35)],
    "infinity": [(0.5 * np.sin(a), 0.25 * np.sin(2 * a)) for a in np.linspace(0, 2 * np.pi, 49)],
}
"""Outlines, in the order people usually draw them."""

DIGITS: dict[str, list] = {
    "zero": arc(0, 0, 0.32, 0.5, 90, 450, 40),
    "one": [(-0.15, 0.3), (0.0, 0.5), (0.0, -0.5)],
    "two": [*arc(0, 0.22, 0.3, 0.28, 160, -40), (-0.3, -0.5), (0.32, -0.5)],
    "three": [*arc(0, 0.25, 0.27, 0.25, 150, -80), *arc(0, -0.23, 0.3, 0.27, 80, -150)],
    "four": [(0.1, 0.5), (-0.32, -0.15), (0.32, -0.15), (0.12, 0.15), (0.12, -0.5)],
    "five": [(0.28, 0.5), (-0.22, 0.5), (-0.25, 0.08), *arc(0, -0.19, 0.3, 0.3, 120, -140)],
    "six": [*arc(0.25, -0.15, 0.55, 0.65, 100, 190), *arc(0, -0.2, 0.3, 0.3, 180, 540)],
    "seven": [(-0.3, 0.5), (0.3, 0.5), (-0.08, -0.5)],
    "eight": [*arc(0, 0.25, 0.24, 0.24, 60, 270),
              *arc(0, -0.24, 0.28, 0.26, 90, -270, 36), *arc(0, 0.25, 0.24, 0.24, -90, 60)],
    "nine": [*arc(-0.02, 0.22, 0.27, 0.27, 20, 370, 36), (0.24, 0.2), (0.16, -0.5)],
}  # fmt: skip

LETTERS: dict[str, list] = {
    "A": [(-0.35, -0.5), (0, 0.5), (0.35, -0.5), (-0.2, -0.1), (0.2, -0.1)],
    "B": [(-0.28, 0.5), (-0.28, -0.5), (-0.28, 0.5),
          *arc(-0.05, 0.26, 0.25, 0.24, 90, -90), *arc(-0.02, -0.24, 0.3, 0.26, 90, -90), (-0.28, -0.5)],
    "C": arc(0.05, 0, 0.38, 0.5, 50, 310, 30),
    "D": [(-0.3, 0.5), (-0.3, -0.5), (-0.3, 0.5), *arc(-0.15, 0, 0.45, 0.5, 90, -90), (-0.3, -0.5)],
    "E": [(0.3, 0.5), (-0.3, 0.5), (-0.3, 0.0), (0.2, 0.0), (-0.3, 0.0), (-0.3, -0.5), (0.3, -0.5)],
    "G": [*arc(0.05, 0, 0.38, 0.5, 50, 330, 30), (0.4, -0.05), (0.1, -0.05)],
    "H": [(-0.3, 0.5), (-0.3, -0.5), (-0.3, 0.0), (0.3, 0.0), (0.3, 0.5), (0.3, -0.5)],
    "J": [(0.15, 0.5), (0.15, -0.2), *arc(-0.1, -0.22, 0.25, 0.28, 0, -170)],
    "K": [(-0.3, 0.5), (-0.3, -0.5), (0.3, 0.5), (-0.28, 0.0), (0.3, -0.5)],
    "L": [(-0.25, 0.5), (-0.25, -0.5), (0.3, -0.5)],
    "M": [(-0.4, -0.5), (-0.35, 0.5), (0, -0.2), (0.35, 0.5), (0.4, -0.5)],
    "N": [(-0.3, -0.5), (-0.3, 0.5), (0.3, -0.5), (0.3, 0.5)],
    "O": arc(0, 0, 0.4, 0.5, 90, 450, 40),
    "P": [(-0.25, -0.5), (-0.25, 0.5), *arc(-0.02, 0.25, 0.28, 0.25, 90, -90), (-0.25, 0.0)],
    "R": [(-0.28, -0.5), (-0.28, 0.5), *arc(-0.05, 0.25, 0.28, 0.25, 90, -90), (-0.2, 0.0), (0.3, -0.5)],
    "S": [*arc(0, 0.25, 0.28, 0.25, 30, 250), *arc(0, -0.24, 0.28, 0.26, 80, -160)],
    "T": [(-0.35, 0.5), (0.35, 0.5), (0, 0.5), (0, -0.5)],
    "U": [(-0.3, 0.5), (-0.3, -0.15), *arc(0, -0.18, 0.3, 0.32, 180, 360), (0.3, 0.5)],
    "V": [(-0.35, 0.5), (0, -0.5), (0.35, 0.5)],
    "W": [(-0.5, 0.5), (-0.25, -0.5), (0, 0.3), (0.25, -0.5), (0.5, 0.5)],
    "Y": [(-0.3, 0.5), (0, 0.0), (0.3, 0.5), (0, 0.0), (0, -0.5)],
    "Z": [(-0.35, 0.5), (0.35, 0.5), (-0.35, -0.5), (0.35, -0.5)],
}  # fmt: skip


def length_of(points: Sequence) -> float:
    """Length of a way through points, in their unit."""
    return float(np.linalg.norm(np.diff(np.asarray(points, dtype=float), axis=0), axis=1).sum())


def written(points: Sequence, *, rounding: float = 0.03) -> Way:
    """The way as a function of the share of its time, slow where it bends.

    Speed goes with curvature to the power of -1/3: Lacquaniti, Terzuolo & Viviani, Acta Psychologica 54 (1983). It starts and
    stops as a minimum-jerk movement does.

    Args:
        points: (N, D) corners or dense points.
        rounding: how much of the way's length a corner is blunted over.

    Returns:
        Function of shares (T,) from 0 to 1 that gives places (T, D).
    """
    corners = np.asarray(points, dtype=float)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
    s = np.linspace(0.0, along[-1], GRID)
    dense = np.stack([np.interp(s, along, column) for column in corners.T], axis=1)
    sigma = max(rounding * GRID, 1.0)
    reach = int(4 * sigma)
    # Mirrored through its ends, the smoothed way begins and ends where the points do.
    before, after = 2 * dense[0] - dense[reach:0:-1], 2 * dense[-1] - dense[-2 : -reach - 2 : -1]
    smooth = gaussian_filter1d(np.concatenate([before, dense, after]), sigma, axis=0)[reach : reach + GRID]
    first = np.gradient(smooth, axis=0)
    pace = np.linalg.norm(first, axis=1) + 1e-9
    second = np.gradient(first, axis=0)
    across = second - first * ((second * first).sum(axis=1) / pace**2)[:, None]
    bend = np.linalg.norm(across, axis=1) / pace**2  # per unit
    blunt = 1.0 / (0.15 * along[-1])
    speed = (bend + blunt) ** (-1.0 / 3.0)
    share = np.linspace(0.0, 1.0, GRID)
    for edge in (share, 1.0 - share):
        speed = speed * np.clip(edge / SLOWED + 0.004, 0.0, 1.0) ** (2.0 / 3.0)
    steps = pace / speed
    time = np.concatenate([[0.0], np.cumsum(0.5 * (steps[1:] + steps[:-1]))])
    time /= time[-1]
    even = np.linspace(0.0, 1.0, GRID)
    table = gaussian_filter1d(np.stack([np.interp(even, time, column) for column in smooth.T], axis=1), 4.0, axis=0)

    def way(at: Float[Array, " time"]) -> Float[Array, "time axes"]:
        return np.stack([np.interp(at, even, column) for column in table.T], axis=1)

    return way


def straight(*points: Sequence[float] | Array) -> Way:
    """Minimum-jerk ways from point to point, of equal length in time, stopping at each."""
    values = np.asarray(points, dtype=float)

    def way(at: Float[Array, " time"]) -> Float[Array, "time axes"]:
        legs = len(values) - 1
        out = np.broadcast_to(values[0], (len(at), values.shape[1])).copy()
        for index in range(legs):
            u = np.clip(at * legs - index, 0.0, 1.0)
            out += (u**3 * (10.0 + u * (6.0 * u - 15.0)))[:, None] * (values[index + 1] - values[index])
        return out

    return way
