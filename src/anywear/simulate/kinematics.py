"""Specific force and angular rate of points on a moving body, exactly where and when a device samples them.

Linear blend skinning is linear in the bones' matrices: x(t) = sum_b w_b A_b(t) [p; 1]. So the twelve entries of each bone's
matrix are smoothed and splined once, and differentiating the blend of the splines is differentiating the vertex. A sensor's
frame is the polar factor of its blended rotation, which stays a rotation where weights mix.

Source: skinning is that of Magnenat-Thalmann et al. 1988. The rate of a polar factor follows from M = Q S with S symmetric:
with K = Q' dM, K - K' = W S + S W, so (tr(S) 1 - S) w = vee(K - K').
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .._typing import Array, Float
from ..body.polar import nearest_rotation
from ..errors import UsageError
from ..recording import STANDARD_GRAVITY_MPS2

DEGREE = 5  # quintic: its second derivative is itself smooth; error 0.03 % at 60 Hz against 8 % of central differences
BLOCK_POINTS = 256  # points at once, which bounds memory whatever their number


@dataclass(frozen=True)
class PointSet:
    """Points fixed to the skin.

    Attributes:
        positions_m: (P, 3) rest positions in the frame the bone matrices act on.
        bones: (P, K) bone indices.
        weights: (P, K) weights, each row adds up to 1; 0 where a slot is unused.
        frames: (P, 3, 3) rest sensor frames, columns the sensor's axes; the body frame's own when left out.
    """

    positions_m: Array
    bones: Array
    weights: Array
    frames: Array | None = None

    def __post_init__(self) -> None:
        count = len(self.positions_m)
        good = self.positions_m.shape == (count, 3) and self.bones.shape == self.weights.shape == (
            count,
            self.bones.shape[-1],
        )
        if not good or not np.allclose(self.weights.sum(axis=1), 1.0, atol=1e-3):
            raise UsageError(
                "The points are not fixed to the body",
                expected="(P, 3) positions, (P, K) bones and weights that add up to 1",
                got=f"{self.positions_m.shape}, {self.bones.shape}, sums from {self.weights.sum(axis=1).min():g}",
            )


@dataclass(frozen=True)
class BoneMotion:
    """Splines of bone matrices.

    Attributes:
        rate_hz: of the motion.
        matrices: (T, B, 3, 4) bone matrices, rest to world, metres.
        lowpass_hz: corner of the zero-phase low-pass put over them first; None leaves them as they are.
        start_s: time of the first frame.

    Raises:
        UsageError: too few frames, values that are not finite, or a low-pass above the Nyquist frequency.

    Example:
        >>> still = np.tile(np.eye(3, 4), (20, 1, 1, 1))
        >>> point = PointSet(np.zeros((1, 3)), np.zeros((1, 1), int), np.ones((1, 1)))
        >>> acc, gyr = BoneMotion(60.0, still).sample(point, np.array([0.1, 0.2]))
        >>> acc[0, 0].round(3).tolist()
        [0.0, 0.0, 9.807]
    """

    rate_hz: float
    matrices: Array
    lowpass_hz: float | None = None
    start_s: float = 0.0
    _spline: object = field(init=False, repr=False)

    def __post_init__(self) -> None:
        from scipy.interpolate import make_interp_spline
        from scipy.signal import butter, sosfiltfilt

        matrices = np.asarray(self.matrices, dtype=np.float64)
        if matrices.ndim != 4 or matrices.shape[2:] != (3, 4) or len(matrices) <= 3 * DEGREE:
            raise UsageError(
                "The motion is too short or no bone matrices",
                expected=f"(T, B, 3, 4) with more than {3 * DEGREE} frames", got=str(matrices.shape),
            )  # fmt: skip
        if not np.isfinite(matrices).all():
            bad = int(np.flatnonzero(~np.isfinite(matrices).all(axis=(1, 2, 3)))[0])
            raise UsageError("The motion holds values that are not finite", where=f"frame {bad}")
        if self.lowpass_hz is not None:
            if not 0.0 < self.lowpass_hz < 0.5 * self.rate_hz:
                raise UsageError(
                    "The low-pass does not fit the motion's rate",
                    expected=f"between 0 and {0.5 * self.rate_hz:g} Hz", got=f"{self.lowpass_hz:g} Hz",
                )  # fmt: skip
            sos = butter(2, self.lowpass_hz, fs=self.rate_hz, output="sos")
            matrices = sosfiltfilt(sos, matrices, axis=0)
        time_s = self.start_s + np.arange(len(matrices)) / self.rate_hz
        object.__setattr__(self, "_spline", make_interp_spline(time_s, matrices.reshape(len(matrices), -1), k=DEGREE))

    @property
    def end_s(self) -> float:
        return self.start_s + (len(self.matrices) - 1) / self.rate_hz

    def bones_at(self, time_s: Float[Array, " time"], derivative: int = 0) -> Float[Array, "time bones 3 4"]:
        """Bone matrices, or a derivative of them, at any times within the motion.

        Raises:
            UsageError: a time outside the motion.
        """
        slack = 1e-9
        if len(time_s) and not self.start_s - slack <= time_s.min() <= time_s.max() <= self.end_s + slack:
            raise UsageError(
                "The motion does not reach that far",
                expected=f"{self.start_s:g} to {self.end_s:g} s",
                got=f"{time_s.min():g} to {time_s.max():g} s",
            )
        values = self._spline(time_s, nu=derivative)  # type: ignore[operator]
        return values.reshape(len(time_s), -1, 3, 4)

    def sample(
        self, points: PointSet, time_s: Float[Array, " time"], gravity_mps2: float = STANDARD_GRAVITY_MPS2
    ) -> tuple[Float[Array, "points time 3"], Float[Array, "points time 3"]]:
        """What ideal sensors on the points read.

        Args:
            points: where they sit and how they are turned.
            time_s: (T,) when the device samples, within the motion.
            gravity_mps2: 0 leaves gravity out.

        Returns:
            Specific force (P, T, 3), m/s2, and angular rate (P, T, 3), rad/s, in the sensors' frames, float32.
        """
        bones = [self.bones_at(time_s, derivative) for derivative in (0, 1, 2)]
        used = np.unique(points.bones[points.weights > 0])
        value, rate, acceleration = (b[:, used].astype(np.float32) for b in bones)
        slot = np.zeros(bones[0].shape[1], dtype=np.int64)
        slot[used] = np.arange(len(used))
        acc = np.empty((len(points.positions_m), len(time_s), 3), dtype=np.float32)
        gyr = np.empty_like(acc)
        for start in range(0, len(acc), BLOCK_POINTS):
            part = slice(start, start + BLOCK_POINTS)
            weights = _dense_weights(slot[points.bones[part]], points.weights[part], len(used))
            force = _blend_points(acceleration, weights, points.positions_m[part])
            force[..., 2] += np.float32(gravity_mps2)
            blended, blended_rate = (_blend_rotations(m, weights) for m in (value, rate))
            turn, spin = polar_rate(blended, blended_rate)
            local_acc = np.einsum("ptji,ptj->pti", turn, force)
            if points.frames is not None:
                frames = points.frames[part].astype(np.float32)
                local_acc = np.einsum("pji,ptj->pti", frames, local_acc)
                spin = np.einsum("pji,ptj->pti", frames, spin)
            acc[part], gyr[part] = local_acc, spin
        return acc, gyr


def polar_rate(
    matrices: Float[Array, "*batch 3 3"], rates: Float[Array, "*batch 3 3"]
) -> tuple[Float[Array, "*batch 3 3"], Float[Array, "*batch 3"]]:
    """Rotation next to each matrix, and its angular rate in its own frame.

    Args:
        matrices: near rotations, determinant positive.
        rates: their time derivatives.

    Returns:
        Rotations Q and body-frame rates w, with dQ = Q [w].
    """
    turn = nearest_rotation(matrices).astype(matrices.dtype)
    stretch = np.einsum("...ji,...jk->...ik", turn, matrices)
    mixed = np.einsum("...ji,...jk->...ik", turn, rates)
    skew = np.stack(
        [mixed[..., 2, 1] - mixed[..., 1, 2], mixed[..., 0, 2] - mixed[..., 2, 0], mixed[..., 1, 0] - mixed[..., 0, 1]],
        axis=-1,
    )
    trace = stretch[..., 0, 0] + stretch[..., 1, 1] + stretch[..., 2, 2]
    system = -stretch
    for axis in range(3):
        system[..., axis, axis] += trace
    # The system is symmetric, so its inverse is its inverse transposed, which is at hand.
    return turn, np.einsum("...ij,...j->...i", _inverse_transposed(system), skew)


def _inverse_transposed(m: Array) -> Array:
    """Cofactors over the determinant: much faster than a general inverse for many 3 x 3 matrices."""
    out = np.empty_like(m)
    for i in range(3):
        a, b = (i + 1) % 3, (i + 2) % 3
        for j in range(3):
            c, d = (j + 1) % 3, (j + 2) % 3
            out[..., i, j] = m[..., a, c] * m[..., b, d] - m[..., a, d] * m[..., b, c]
    out /= (m[..., 0, 0] * out[..., 0, 0] + m[..., 0, 1] * out[..., 0, 1] + m[..., 0, 2] * out[..., 0, 2])[
        ..., None, None
    ]
    return out


def _dense_weights(bones: Array, weights: Array, count: int) -> Array:
    dense = np.zeros((len(bones), count), dtype=np.float32)
    np.add.at(dense, (np.arange(len(bones))[:, None], bones), weights.astype(np.float32))
    return dense


def _blend_points(matrices: Array, weights: Array, positions: Array) -> Array:
    """sum_b w_b A_b [p; 1] as one matrix product per row of the result: (P, T, 3)."""
    homogeneous = np.concatenate([positions, np.ones((len(positions), 1))], axis=1).astype(np.float32)
    spread = (weights[:, :, None] * homogeneous[:, None, :]).reshape(len(positions), -1)
    times = len(matrices)
    return np.stack([spread @ matrices[:, :, row].reshape(times, -1).T for row in range(3)], axis=-1)


def _blend_rotations(matrices: Array, weights: Array) -> Array:
    """sum_b w_b R_b: (P, T, 3, 3)."""
    times, bones = matrices.shape[:2]
    flat = matrices[..., :3].transpose(1, 0, 2, 3).reshape(bones, -1)
    return (weights @ flat).reshape(len(weights), times, 3, 3)
