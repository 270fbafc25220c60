"""Pendants, lanyards, loose things in wide pockets: a case that hangs, with gravity for its spring.

In an inertial frame, u is the unit vector from the pivot on the skin to the case, F the specific force of the pivot there and
L the length of the thread. The case feels nothing but the thread, so

    u'' = (-F + (F . u) u) / L - |u'|^2 u - 2 z sqrt(g / L) u',

and at rest hangs along gravity. The body is in its way: where u would enter the plane of the skin, it slides along it. The
case keeps y along the thread and turns about it with the body. Its sensor feels F + L u'' and the rate of its own frame.
Unlike a `Swing` this is for angles of any size, and is solved step by step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError
from ..motion.quaternion import from_rotation_vector, inverse, multiply, rotate
from ..recording import STANDARD_GRAVITY_MPS2


@dataclass(frozen=True)
class Pendulum:
    """How a case hangs.

    Attributes:
        length_m: of the thread, to the sensor.
        damping: share of critical damping of small swings.
        spread: standard deviation of the logarithm of the length, from wearing to wearing.

    Raises:
        UsageError: an impossible figure.
    """

    length_m: float = 0.2
    damping: float = 0.1
    spread: float = 0.2

    def __post_init__(self) -> None:
        if not (0.01 <= self.length_m <= 2 and 0 <= self.damping <= 2 and 0 <= self.spread <= 1):
            raise UsageError(
                "A case does not hang like this",
                expected="length 0.01 to 2 m, damping 0 to 2, spread 0 to 1",
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
        """Specific force (m/s2) and angular rate (rad/s) in the frame of the case; arguments as those of `Swing.felt`."""
        step = 1.0 / rate_hz
        length = self.length_m * np.exp(self.spread * normals[:, :1])
        drag = 2.0 * self.damping * np.sqrt(STANDARD_GRAVITY_MPS2 / length)
        skin = _orientation(rate, step)
        pull = rotate(skin, force)
        spin = rotate(skin, rate)
        out = rotate(skin, np.array([0.0, 0.0, 1.0]))
        hang = _outside(-pull[:, 0] / np.maximum(_size(pull[:, 0]), 1e-6), out[:, 0])
        swing = np.zeros_like(hang)
        places, speeds, pushes = (np.empty_like(force) for _ in range(3))
        for now in range(force.shape[1]):
            push = (_dot(pull[:, now], hang) * hang - pull[:, now]) / length - drag * swing - _dot(swing, swing) * hang
            before = swing
            swing = swing + step * push
            hang = hang + step * swing
            hang /= _size(hang)
            hang = _outside(hang, out[:, now])
            inside = (_dot(hang, out[:, now]) < 1e-9) & (_dot(swing, out[:, now]) < 0)
            swing = np.where(inside, swing - _dot(swing, out[:, now]) * out[:, now], swing)
            swing = swing - _dot(swing, hang) * hang
            # On the skin the thread's push is not all: what the skin gives is in the change of speed.
            pushes[:, now] = np.where(inside, (swing - before) / step - _dot(swing, swing) * hang, push)
            places[:, now], speeds[:, now] = hang, swing
        turning = np.cross(places, speeds) + (spin * places).sum(axis=2, keepdims=True) * places
        case = _frames(places[:, 0], out[:, 0])
        felt = np.empty_like(force)
        read = np.empty_like(rate)
        whole = pull + length[:, None] * pushes
        for now in range(force.shape[1]):
            felt[:, now], read[:, now] = rotate(inverse(case), whole[:, now]), rotate(inverse(case), turning[:, now])
            if now + 1 < force.shape[1]:
                case = multiply(from_rotation_vector(0.5 * step * (turning[:, now] + turning[:, now + 1])), case)
                case /= _size(case)
        return felt, read


def _orientation(rate: Array, step: float) -> Array:
    """Quaternions (points, time, 4) of a frame with this rate in its own axes, from the identity."""
    points, count = rate.shape[:2]
    turns = from_rotation_vector(0.5 * step * (rate[:, 1:] + rate[:, :-1]))
    out = np.empty((points, count, 4))
    out[:, 0] = (0.0, 0.0, 0.0, 1.0)
    for now in range(1, count):
        out[:, now] = multiply(out[:, now - 1], turns[:, now - 1])
    return out / _size(out)


def _frames(hang: Array, out: Array) -> Array:
    """Quaternions (points, 4) of cases with y against the thread and z as far out of the skin as that allows."""
    from scipy.spatial.transform import Rotation

    up = -hang
    front = out - _dot(out, up) * up
    spare = np.cross(up, np.array([1.0, 0.0, 0.0]))
    front = np.where(_size(front) < 1e-3, spare, front)
    front /= _size(front)
    return Rotation.from_matrix(np.stack([np.cross(up, front), up, front], axis=-1)).as_quat()


def _outside(hang: Array, out: Array) -> Array:
    depth = np.minimum(_dot(hang, out), 0.0)
    kept = hang - depth * out
    size = _size(kept)
    return np.where(size > 1e-6, kept / np.maximum(size, 1e-6), hang)


def _dot(a: Array, b: Array) -> Array:
    return (a * b).sum(axis=-1, keepdims=True)


def _size(vectors: Array) -> Array:
    return np.sqrt((vectors * vectors).sum(axis=-1, keepdims=True))
