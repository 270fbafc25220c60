"""Which way is up, in the sensor frame: from one window, or followed through a stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError

GRAVITY_CUTOFF_HZ = 0.3  # Hz; slower than any step, faster than a change of posture


@dataclass(frozen=True)
class GravityFilter:
    """Causal low-pass that follows the up direction; the batch form is the chunked form given one chunk.

    Attributes:
        rate_hz: rate of the samples.
        cutoff_hz: corner of the second-order Butterworth low-pass.
    """

    rate_hz: float
    cutoff_hz: float = GRAVITY_CUTOFF_HZ

    def __post_init__(self) -> None:
        if not 0.0 < 2.0 * self.cutoff_hz < self.rate_hz:
            raise UsageError(
                "Gravity cannot be followed at this rate",
                expected=f"a rate above {2.0 * self.cutoff_hz:g} Hz and a positive cutoff",
                got=f"rate {self.rate_hz:g} Hz, cutoff {self.cutoff_hz:g} Hz",
            )

    def step(
        self, acc_mps2: Float[Array, "time 3"], state: Array | None = None
    ) -> tuple[Float[Array, "time 3"], Array]:
        """Unit vectors that point up (sensor frame), one per sample, and the state to go on with.

        Args:
            acc_mps2: (T, 3) specific force at `rate_hz`; a chunk of any size, none of it from behind a gap.
            state: what the last call returned; None at the start of a stretch.
        """
        from scipy.signal import butter, sosfilt, sosfilt_zi  # two thirds of a second to import, and rarely needed

        sos = butter(2, self.cutoff_hz, fs=self.rate_hz, output="sos")
        acc = np.asarray(acc_mps2, dtype=np.float64)
        if not len(acc):
            return np.zeros((0, 3)), np.zeros((0, 2, 3)) if state is None else state
        # Start as if the first sample had always been: no transient.
        begun = sosfilt_zi(sos)[:, :, None] * acc[0] if state is None or not len(state) else state
        smooth, left = sosfilt(sos, acc, axis=0, zi=begun)
        return _unit(smooth), np.asarray(left)


def up_direction(acc_mps2: Float[Array, "... time 3"]) -> Float[Array, "... 3"]:
    """Up in the sensor frame over one window: the mean specific force, whose linear part averages out.

    Exact at rest and over whole steps of steady walking; off by the mean linear acceleration otherwise.
    """
    return _unit(np.asarray(acc_mps2, dtype=np.float64).mean(axis=-2))


def level_rotation(up: Float[Array, "... 3"]) -> Float[Array, "... 3 3"]:
    """The shortest rotation that turns `up` onto z; what is left of heading is the sensor's own.

    Returns:
        Matrices R with R @ up = (0, 0, 1). Up pointing straight down turns about x.
    """
    x, y, z = np.moveaxis(np.asarray(up, dtype=np.float64), -1, 0)
    # 1 + z without cancellation near the bottom, as x2 + y2 + z2 = 1.
    above = np.where(z < 0.0, (x * x + y * y) / (1.0 - np.minimum(z, 0.0)), 1.0 + z)
    below = above < 1e-30
    k = 1.0 / np.where(below, 1.0, above)
    rows = [
        [1.0 - k * x * x, -k * x * y, -x],
        [-k * x * y, 1.0 - k * y * y, -y],
        [x, y, z],
    ]
    rotation = np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
    rotation[below] = np.diag([1.0, -1.0, -1.0])
    return rotation


def _unit(vectors: Array) -> Array:
    norm = np.linalg.norm(vectors, axis=-1, keepdims=True)
    # A sensor in free fall has no up: z is as good as any.
    return np.where(norm > 1e-6, vectors / np.maximum(norm, 1e-6), np.array([0.0, 0.0, 1.0]))
