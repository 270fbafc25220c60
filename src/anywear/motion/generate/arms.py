"""What the upper body does while the legs walk: arms that swing, a trunk that turns against the pelvis."""

from __future__ import annotations

import numpy as np

from ..._typing import Array, Float
from . import curves
from .figure import Figure


def swing_arms(
    figure: Figure,
    phase: Float[Array, " time"],
    amount_deg: float | Array,
    elbow_deg: float,
    pump_deg: float,
    lag: float = 0.04,
    *,
    sides: tuple[str, ...] = ("left", "right"),
) -> None:
    """Arms against the legs.

    Args:
        figure: is posed.
        phase: in strides, the left foot landing at whole numbers.
        amount_deg: half the swing of the upper arm.
        elbow_deg: mean bend; ``pump_deg`` is added in front and taken away behind.
        lag: by how much of a stride the forearm follows the upper arm.
        sides: arms that swing.
    """
    person = figure.person
    for side, shift in (("left", 0.5), ("right", 0.0)):
        if side not in sides:
            continue
        swing = np.cos(2.0 * np.pi * (phase - shift + 0.02))
        late = np.cos(2.0 * np.pi * (phase - shift + 0.02 - lag))
        figure.shoulder(
            side,
            -0.25 * amount_deg + amount_deg * swing,
            person.arm_spread_deg + 0.15 * amount_deg * (1 - swing) / 2,
            8.0,
        )
        figure.elbow(side, np.maximum(elbow_deg + pump_deg * late, 3.0))
        figure.wrist(side, pronation=15.0 + 6.0 * late, flexion=5.0)
        figure.grip(side, 0.35 if elbow_deg < 45 else 0.7)


def counter_turn(
    figure: Figure,
    phase: Float[Array, " time"],
    amount_deg: float | Array,
    lean_deg: float | Array,
    rng: np.random.Generator,
    effort: float | Array = 1.0,
    nod_deg: float = 0.8,
    shake_deg: float = 0.0,
) -> None:
    """The trunk twists against the pelvis, sways, leans and nods; the head stays level.

    Args:
        figure: is posed.
        phase: in strides, the left foot landing at whole numbers.
        amount_deg: half the twist.
        lean_deg: forwards.
        rng: wandering, and when the shaking comes.
        effort: 1 on the way, 0 standing.
        nod_deg: half the nodding with every step.
        shake_deg: of what steps shake the ribs beyond that, two and three times as fast.
    """
    wander = curves.noise(figure.t, rng, 0.3, 3)
    shaken = np.zeros((3, len(figure.t)))
    if shake_deg:
        for axis in range(3):
            for harmonic, share in ((3, 0.6), (4, 1.0), (5, 0.4), (6, 0.5)):
                even = 1.0 if (harmonic % 2 == 0) == (axis == 0) else 0.3  # nods go with steps, the others with strides
                size = shake_deg * share * even * rng.normal(1.0, 0.3)
                shaken[axis] += size * np.cos(2.0 * np.pi * (harmonic * phase - rng.uniform()))
    figure.trunk(
        flexion=lean_deg + effort * (nod_deg * np.cos(4.0 * np.pi * phase) + shaken[0]) + 0.8 * wander[:, 0],
        bend=effort * (1.8 * np.cos(2.0 * np.pi * (phase - 0.3)) + shaken[1]) + 0.6 * wander[:, 1],
        twist=effort * (amount_deg * np.cos(2.0 * np.pi * phase) + shaken[2]) + 0.8 * wander[:, 2],
    )
    figure.level_head(0.85, pitch=4.0 + 4.0 * curves.noise(figure.t, rng, 0.2)[:, 0])
