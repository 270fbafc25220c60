"""Take-off and landing: the body goes into free fall and comes out of it without a jolt.

While a body flies, its centre of mass is thrown; while it pushes off or is caught, its legs decide. A program plans the
pelvis over planted feet. Here the pelvis is moved a little, for some tenths of a second before and after every flight, so
that place, speed and acceleration of the centre of mass are those of the flight at its ends, whatever arms and legs do.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..._typing import Array, Float
from ...recording import STANDARD_GRAVITY_MPS2
from .figure import RATE_HZ, SIDES, Figure

WINDOW_S = 0.30  # before and after a flight
LEGS = 1.18  # the centre of mass moves less than the pelvis over planted feet; legs weigh a third of the body


def flights(figure: Figure) -> list[tuple[int, int]]:
    """Last frame on the ground before each flight that lies within the clip, and the first one after it."""
    if figure.airborne is None:
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], figure.airborne.astype(int), [0]])))
    return [
        (int(first) - 1, int(stop))
        for first, stop in zip(edges[::2], edges[1::2], strict=True)
        if first > 0 and stop < len(figure.t) and stop - first >= 3
    ]


def join_flights(figure: Figure, toe_out_deg: Mapping[str, Array | float], *, window_s: float = WINDOW_S) -> None:
    """Make the centre of mass enter and leave all flights smoothly; the figure has to be posed, `airborne` set.

    Args:
        figure: pelvis and legs are moved; planted feet stay, flying feet go with the body.
        toe_out_deg: by side, where knees point.
        window_s: how long before a flight the pelvis departs from its way, and after it; half the time between flights
            where they follow each other faster.
    """
    found = flights(figure)
    if not found:
        return
    wanted, touched = _centre_through(figure, found, round(window_s * RATE_HZ))
    flying = np.zeros(len(figure.t), dtype=bool)
    for off, land in found:
        flying[off + 1 : land] = True
    ankles = {side: figure.point(f"{side}_foot") for side in SIDES}
    feet = {side: figure.world(f"{side}_foot") for side in SIDES}
    before = dict(figure.turns)
    for _ in range(4):
        step = np.where(touched[:, None], wanted - figure.centre_of_mass_m(), 0.0)
        step = np.where(flying[:, None], step, LEGS * step)
        figure.pelvis_m = figure.pelvis_m + step
        for side in SIDES:
            ankles[side] = ankles[side] + np.where(flying[:, None], step, 0.0)
            figure.stand(side, ankles[side], feet[side], splay=toe_out_deg[side])
            for part in ("thigh", "shank", "foot"):
                name = f"{side}_{part}"
                figure.turns[name] = np.where(touched[:, None], figure.turns[name], before[name])


def _centre_through(figure: Figure, found: list[tuple[int, int]], window: int) -> tuple[Array, Array]:
    """Way of the centre of mass through flights, and frames (T,) in which it differs from the present one."""
    centre = figure.centre_of_mass_m()
    wanted, touched = centre.copy(), np.zeros(len(centre), dtype=bool)
    for number, (off, land) in enumerate(found):
        flight_s = (land - off) / RATE_HZ
        mean = (centre[land] - centre[off]) / flight_s
        half = np.array([0.0, 0.0, 0.5 * STANDARD_GRAVITY_MPS2 * flight_s])
        since = np.arange(land - off + 1)[:, None] / RATE_HZ
        wanted[off : land + 1] = centre[off] + since * (mean + half * (1.0 - since / flight_s))
        touched[off : land + 1] = True
        previous = found[number - 1][1] if number else off - 2 * window
        following = found[number + 1][0] if number + 1 < len(found) else land + 2 * window
        for edge, way, room, speed in (
            (off, -1, min(window, (off - previous) // 2), mean + half),
            (land, 1, min(window, (following - land) // 2), mean - half),
        ):
            rows = edge + way * np.arange(max(room, 1) + 1)
            inside = rows[(rows >= 0) & (rows < len(centre))]
            if len(inside) < 5:  # hardly any ground before the clip ends
                continue
            # Speed and acceleration of the present way as it meets the flight, from four frames on the ground.
            near = centre[inside[:4]]
            own_speed = way * RATE_HZ * (-11.0 * near[0] + 18.0 * near[1] - 9.0 * near[2] + 2.0 * near[3]) / 6.0
            own_acceleration = RATE_HZ**2 * (2.0 * near[0] - 5.0 * near[1] + 4.0 * near[2] - near[3])
            length_s = room / RATE_HZ
            lacking = np.array([0.0, 0.0, -STANDARD_GRAVITY_MPS2]) - own_acceleration
            share = np.abs(inside - edge)[:, None] / room
            wanted[inside] += fade_in(share, way * (speed - own_speed) * length_s, lacking * length_s**2)
            touched[inside] = True
    return wanted, touched


def fade_in(share: Float[Array, "time 1"], speed: Float[Array, " 3"], acceleration: Float[Array, " 3"]) -> Array:
    """A way that is nothing at both ends, has a speed and an acceleration where the share is 0, and is flat at 1."""
    rest = 1.0 - share
    return rest**3 * share * (speed + share * (3.0 * speed + 0.5 * acceleration))
