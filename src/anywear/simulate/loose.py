"""Loose straps and pockets: the case turns against the skin, on a spring, a damper and the room it has.

The case is a body on a pivot that moves with the skin. In the skin's frame, with r from the pivot to the centre of mass, k
the radius of gyration about the pivot, f the specific force at the pivot and alpha the angular acceleration of the skin,
the angle theta (a small rotation vector) of the case against the skin follows

    theta'' + 2 z w theta' + w^2 theta = -(r x (f - f0)) / k^2 - alpha.

A mass m feels -m f besides the pivot's force, hence the torque r x (-m f); the inertia is m k^2; gyroscopic terms are left
out. f0 is f as the wearer stands: how the device hangs then is how it is put on, and sag shows only in other postures.
Cloth and straps give way and then do not: the angle read is b tanh(theta / b), b the room about each axis. The sensor in
the case turns with it, feels its angular rate theta' and the acceleration theta'' x r of its lever.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError
from .oscillator import respond

Axes = tuple[float, float, float]


@dataclass(frozen=True)
class Swing:
    """How loosely a case is held. Three figures are for the skin's axes: binormal, tangent (along the segment), normal.

    Attributes:
        frequency_hz: natural frequency of the turn about each axis.
        damping: share of critical damping.
        lever_m: from the pivot to the centre of mass, which is where the sensor is taken to be.
        gyration_m: radius of gyration about the pivot.
        room_deg: how far the case can turn about each axis.
        spread: standard deviation of the logarithm of frequency and room, from wearing to wearing.

    Raises:
        UsageError: an impossible figure.
    """

    frequency_hz: Axes = (8.0, 8.0, 8.0)
    damping: float = 0.3
    lever_m: Axes = (0.0, 0.0, 0.005)
    gyration_m: float = 0.02
    room_deg: Axes = (6.0, 12.0, 6.0)
    spread: float = 0.2

    def __post_init__(self) -> None:
        lever = np.linalg.norm(self.lever_m)
        good = (
            all(0.3 <= f <= 60 for f in self.frequency_hz)
            and 0.01 <= self.damping <= 2
            and all(0 < room <= 90 for room in self.room_deg)
            and 0 <= self.spread <= 1
        )
        if not (good and lever <= self.gyration_m <= 1):
            raise UsageError(
                "A case does not swing like this",
                expected="frequencies 0.3 to 60 Hz, damping 0.01 to 2, rooms up to 90 deg, and a lever no longer than the "
                "radius of gyration about the pivot",
                got=str(self),
            )

    def felt(
        self,
        force: Float[Array, "points time 3"],
        rate: Float[Array, "points time 3"],
        standing_force: Float[Array, "points 3"],
        rate_hz: float,
        normals: Float[Array, "points 2"],
    ) -> tuple[Float[Array, "points time 3"], Float[Array, "points time 3"]]:
        """Specific force (m/s2) and angular rate (rad/s) in the frame of the case, from those of the skin in the skin's.

        Args:
            force: at the pivot, evenly sampled.
            rate: of the skin.
            standing_force: f0.
            rate_hz: of the samples.
            normals: two standard normals a point, for frequency and room.
        """
        factor = np.exp(self.spread * normals)
        natural = 2.0 * np.pi * np.asarray(self.frequency_hz) * factor[:, :1]
        room = np.deg2rad(self.room_deg) * factor[:, 1:]
        lever = np.asarray(self.lever_m)
        spin_up = np.gradient(rate, 1.0 / rate_hz, axis=1)
        drive = -np.cross(lever, force - standing_force[:, None]) / self.gyration_m**2 - spin_up
        angle, speed = respond(drive, natural, np.full(natural.shape, self.damping), rate_hz)
        push = drive - 2.0 * self.damping * natural[:, None] * speed - natural[:, None] ** 2 * angle
        angle, speed, push = _within(angle, speed, push, room[:, None])
        turned_force = turn_back(angle, force + np.cross(push, lever))
        return turned_force, turn_back(angle, rate) + _body_rate(angle, speed)


def turn_back(
    angle: Float[Array, "points time 3"], vector: Float[Array, "points time 3"]
) -> Float[Array, "points time 3"]:
    """Vectors of the skin's frame in that of a case turned by these rotation vectors (Rodrigues)."""
    size = np.linalg.norm(angle, axis=2, keepdims=True)
    first, second = np.sinc(size / np.pi), 0.5 * np.sinc(0.5 * size / np.pi) ** 2
    across = np.cross(angle, vector)
    return vector - first * across + second * np.cross(angle, across)


def _body_rate(angle: Array, speed: Array) -> Array:
    """Angular rate of the case against the skin, in its own frame: the right Jacobian of the rotation vector.

    Source: Sola, Deray, Atchuthan, "A micro Lie theory for state estimation in robotics" (2018), eq. 143.
    """
    square = (angle**2).sum(axis=2, keepdims=True)
    size = np.sqrt(square)
    across = np.cross(angle, speed)
    first = 0.5 * np.sinc(0.5 * size / np.pi) ** 2  # (1 - cos a) / a^2
    second = np.where(size > 1e-3, (1.0 - np.sinc(size / np.pi)) / np.maximum(square, 1e-9), 1.0 / 6.0)
    return speed - first * across + second * np.cross(angle, across)


def _within(angle: Array, speed: Array, push: Array, room: Array) -> tuple[Array, Array, Array]:
    """b tanh(theta / b) and its two derivatives."""
    bent = np.tanh(angle / room)
    slope = 1.0 - bent**2
    return room * bent, slope * speed, slope * (push - 2.0 * bent / room * speed**2)
