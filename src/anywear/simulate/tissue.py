"""Soft tissue: what lies on skin does not follow the bone at once, and rings after an impact.

A device of mass m on skin of stiffness k moves with some tissue m_t as a damped oscillator whose base is the bone. With f the
specific force of the bone, the device feels, per axis of the skin's frame,

    (1 - s) f + s H f,   H = (2 z w p + w^2) / (p^2 + 2 z w p + w^2),   w = sqrt(k / (m + m_t)),

p the Laplace variable and s the share of the motion that goes through the tissue. H is 1 at rest, so gravity stays exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from ..body import BodyShape
from ..errors import UsageError
from .oscillator import respond

TISSUE_KG = (
    0.02  # that moves with a light sensor; estimate: puts it at 20 to 45 Hz, within the 10 to 50 Hz measured on legs
)
NORMAL_STIFFER = (
    2.0  # against the skin than along it; estimate: frequencies are greater along the normal (Wakeling 2001)
)
HIGHEST_HZ, LOWEST_HZ = 60.0, 2.0  # above, a wearable does not see it

STIFFNESS_N_PER_M = {
    "thigh": 500.0,
    "abdomen": 450.0,
    "upper_arm": 600.0,
    "pelvis": 700.0,
    "lower_chest": 800.0,
    "shank": 900.0,
    "neck": 900.0,
    "forearm": 1200.0,
    "chest": 1200.0,
    "shoulder": 1200.0,
    "hand": 1600.0,
    "fingers": 1900.0,
    "foot": 1900.0,
    "toes": 1900.0,
    "head": 1900.0,
}
"""Along the skin. Measured on legs: 330 (front of the thigh) to 1900 N/m (knee), Karlsson & Tranberg 1999; where between
these a segment lies is an estimate."""


@dataclass(frozen=True)
class Wobble:
    """How a device rides on soft tissue.

    Attributes:
        mass_kg: of the device.
        share: of the motion that goes through the tissue; the rest is the bone's own.
        damping: share of critical damping.
        spread: standard deviation of the logarithm of stiffness, from wearing to wearing.

    Raises:
        UsageError: an impossible figure.

    Example:
        >>> wobble = Wobble(mass_kg=0.19)
        >>> round(float(wobble.frequency_hz("left_thigh", BodyShape())[0]), 1)
        7.8
    """

    mass_kg: float = 0.03
    share: float = 0.6
    damping: float = 0.3
    spread: float = 0.2

    def __post_init__(self) -> None:
        good = 0 <= self.mass_kg < 5 and 0 <= self.share <= 1 and 0.01 <= self.damping <= 2 and 0 <= self.spread <= 1
        if not good:
            raise UsageError(
                "Tissue does not wobble like this",
                expected="mass_kg 0 to 5, share 0 to 1, damping 0.01 to 2, spread 0 to 1",
                got=str(self),
            )

    def frequency_hz(self, segment: str, shape: BodyShape, normal_draw: float = 0.0) -> Float[Array, " 3"]:
        """Natural frequencies along binormal, tangent and normal; ``normal_draw`` is a standard normal of the wearing."""
        stiffness = STIFFNESS_N_PER_M[segment.removeprefix("left_").removeprefix("right_")]
        stiffness *= body_stiffness(shape) * np.exp(self.spread * normal_draw)
        along = np.sqrt(stiffness / (self.mass_kg + TISSUE_KG)) / (2.0 * np.pi)
        return np.clip(along * np.array([1.0, 1.0, np.sqrt(NORMAL_STIFFER)]), LOWEST_HZ, HIGHEST_HZ)

    def felt(
        self,
        force: Float[Array, "points time 3"],
        rate_hz: float,
        segments: Sequence[str],
        shape: BodyShape,
        normals: Float[Array, " points"],
    ) -> Float[Array, "points time 3"]:
        """Specific force on the skin, from that of the bone, both in the skin's frame and m/s2.

        Args:
            force: evenly sampled.
            rate_hz: of the samples.
            segments: where each point is.
            shape: whose skin it is.
            normals: one standard normal a point.
        """
        natural = np.array(
            [self.frequency_hz(name, shape, float(draw)) for name, draw in zip(segments, normals, strict=True)]
        )
        return felt_through(force, rate_hz, natural, self.damping, min(self.share * (1 + 0.3 * shape.build), 1.0))


def felt_through(
    force: Float[Array, "points time 3"],
    rate_hz: float,
    natural_hz: Float[Array, "points 3"],
    damping: float,
    share: float,
) -> Float[Array, "points time 3"]:
    """The response of the module's equation for given figures."""
    natural = 2.0 * np.pi * natural_hz.reshape(-1, 3)
    level = np.array(force[:, :1])  # gravity and the like pass as they are, without rounding
    place, speed = respond(force - level, natural, np.full(natural.shape, damping), rate_hz)
    soft = 2.0 * damping * natural[:, None] * speed + natural[:, None] ** 2 * place
    return level + (1.0 - share) * (force - level) + share * soft


def body_stiffness(shape: BodyShape) -> float:
    """Factor on stiffness: heavy, slack and female bodies carry more soft tissue over the bone; estimates."""
    return (1.0 - 0.35 * shape.build) * (1.0 + 0.2 * shape.muscle) * (0.9 + 0.2 * float(shape.sex))
