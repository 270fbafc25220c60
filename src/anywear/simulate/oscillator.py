"""Damped oscillators driven by a signal, many at once.

x'' + 2 z w x' + w^2 x = u(t), with u taken as straight between its samples. For such an input the solution is exact at
every sample, whatever the natural frequency: the state is carried over one step by the matrix exponential of the oscillator
and its input together (Van Loan, "Computing integrals involving the matrix exponential", IEEE Trans. Automatic Control 23,
1978), and the recursion of two states is written as a filter of second order.
"""

from __future__ import annotations

import numpy as np

from .._typing import Array, Float


def respond(
    drive: Float[Array, "points time 3"],
    natural_radps: Float[Array, "points 3"],
    damping: Float[Array, "points 3"],
    rate_hz: float,
) -> tuple[Float[Array, "points time 3"], Float[Array, "points time 3"]]:
    """Displacement x and velocity x' of three oscillators a point; at first each rests where the first sample holds it.

    Args:
        drive: u, evenly sampled.
        natural_radps: w, above 0.
        damping: z, share of critical damping.
        rate_hz: of the samples.
    """
    from scipy.signal import lfilter

    bottom, for_place, for_speed = _filters(natural_radps, damping, rate_hz)
    place, speed = np.empty(drive.shape), np.empty(drive.shape)
    for point in range(len(drive)):
        for axis in range(3):
            signal, a = drive[point, :, axis], bottom[point, axis]
            for b, out in ((for_place[point, axis], place), (for_speed[point, axis], speed)):
                level = b.sum() / a.sum()
                last = b[2] - a[2] * level
                start = np.array([b[1] - a[1] * level + last, last]) * signal[0]
                out[point, :, axis] = lfilter(b, a, signal, zi=start)[0]
    return place, speed


def _filters(natural: Array, damping: Array, rate_hz: float) -> tuple[Array, Array, Array]:
    """Denominator and the numerators of place and speed, each (..., 3) in falling powers of z."""
    from scipy.linalg import expm

    step = 1.0 / rate_hz
    system = np.zeros((*natural.shape, 4, 4))
    system[..., 0, 1] = step
    system[..., 1, 0] = -(natural**2) * step
    system[..., 1, 1] = -2.0 * damping * natural * step
    system[..., 1, 2] = step
    system[..., 2, 3] = 1.0  # the input's rise over one step
    whole = expm(system)
    a11, a12, a21, a22 = (whole[..., i, j] for i in (0, 1) for j in (0, 1))
    late = whole[..., :2, 3]  # share of the new sample; the old one has the rest
    early = whole[..., :2, 2] - late
    bottom = np.stack([np.ones_like(a11), -(a11 + a22), a11 * a22 - a12 * a21], axis=-1)
    x1, v1, x0, v0 = late[..., 0], late[..., 1], early[..., 0], early[..., 1]
    place = np.stack([x1, x0 - a22 * x1 + a12 * v1, -a22 * x0 + a12 * v0], axis=-1)
    speed = np.stack([v1, v0 - a11 * v1 + a21 * x1, -a11 * v0 + a21 * x0], axis=-1)
    return bottom, place, speed
