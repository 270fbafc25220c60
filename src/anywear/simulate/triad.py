"""The errors of one three-axis sensor: what is wrong with every sample, and what differs from device to device."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError
from ..recording import STANDARD_GRAVITY_MPS2

Axes = float | tuple[float, float, float]
"""One figure for all axes, or one for each of x, y, z."""

OFF_DIAGONAL = ((0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1))  # order of the six entries of a misalignment
MG_MPS2 = STANDARD_GRAVITY_MPS2 * 1e-3  # m/s2 in a thousandth of g
DPS_RADPS = math.pi / 180.0  # rad/s in a degree per second


@dataclass(frozen=True)
class TriadErrors:
    """Errors of an accelerometer or a gyroscope. Everything off by default: an ideal sensor.

    ``si`` in a name stands for m/s2 (accelerometer) or rad/s (gyroscope); every figure may be one for all axes or three.
    Figures that end in ``std`` are drawn once per device from a normal distribution around the constant of the same name.
    `accelerometer` and `gyroscope` take the units of data sheets.

    Attributes:
        range_si: values beyond plus or minus this are clipped.
        bandwidth_hz: -3 dB corner of a second-order Butterworth low-pass. Above the Nyquist frequency the signal passes and
            the noise up to this bandwidth folds in, as it does in a part that is read out slowly.
        bandwidth_per_rate: the corner as a share of the sampling rate instead, for parts whose filter follows the rate.
        scale_error: 0.01 reads 1 % too much.
        misalignment_rad: six entries, ``OFF_DIAGONAL`` order: how much of axis j axis i sees (small angles).
        bias_si: constant offset; ``turn_on_bias_std_si`` is what a device adds to it when it is switched on.
        noise_density_si_per_sqrt_hz: white noise, one-sided as in data sheets: rms = density * sqrt(bandwidth).
            Its Allan deviation is density / sqrt(2 tau).
        bias_instability_si: coefficient B of flicker noise (IEEE Std 952, annex C): the Allan deviation is 0.664 B, flat.
        rate_random_walk_si_per_sqrt_s: coefficient K; the Allan deviation is K sqrt(tau / 3).
        resolution_si: step between two output values.
        bias_drift_si_per_k, scale_drift_per_k: linear in the temperature above 25 C.

    Raises:
        UsageError: a negative or impossible figure.

    Source:
        IEEE Std 952-1997, annex C, for the three noise terms and their Allan variances.

    Example:
        >>> TriadErrors.accelerometer(range_g=8, noise_ug_per_sqrt_hz=160).is_ideal
        False
    """

    range_si: Axes | None = None
    bandwidth_hz: float | None = None
    bandwidth_per_rate: float | None = None
    scale_error: Axes = 0.0
    scale_error_std: Axes = 0.0
    misalignment_rad: tuple[float, float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    misalignment_std_rad: float = 0.0
    bias_si: Axes = 0.0
    turn_on_bias_std_si: Axes = 0.0
    noise_density_si_per_sqrt_hz: Axes = 0.0
    bias_instability_si: Axes = 0.0
    rate_random_walk_si_per_sqrt_s: Axes = 0.0
    resolution_si: Axes = 0.0
    bias_drift_si_per_k: Axes = 0.0
    bias_drift_std_si_per_k: Axes = 0.0
    scale_drift_per_k: Axes = 0.0
    scale_drift_std_per_k: Axes = 0.0

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is None:
                continue
            numbers = np.atleast_1d(np.asarray(value, dtype=float))
            widths = (6,) if field.name == "misalignment_rad" else (1, 3)
            signed = field.name in _SIGNED
            positive = field.name in ("range_si", "bandwidth_hz", "bandwidth_per_rate")
            low = -math.inf if signed else 0.0
            wrong = numbers.ndim != 1 or len(numbers) not in widths or not np.isfinite(numbers).all()
            if wrong or (numbers < low).any() or (positive and (numbers <= 0).any()):
                raise UsageError(
                    f"A sensor cannot have this {field.name}",
                    expected=f"{' or '.join(map(str, widths))} finite number(s)"
                    + ("" if signed else ", above 0" if positive else ", not negative"),
                    got=repr(value),
                    remedy="Leave the figure out to switch the effect off",
                )
        if self.bandwidth_hz is not None and self.bandwidth_per_rate is not None:
            raise UsageError(
                "A sensor has one bandwidth", got="bandwidth_hz and bandwidth_per_rate", remedy="Give one of the two"
            )

    @classmethod
    def accelerometer(
        cls,
        *,
        range_g: Axes | None = None,
        noise_ug_per_sqrt_hz: Axes = 0.0,
        bias_mg: Axes = 0.0,
        turn_on_bias_std_mg: Axes = 0.0,
        bias_instability_mg: Axes = 0.0,
        random_walk_mg_per_sqrt_s: Axes = 0.0,
        resolution_mg: Axes = 0.0,
        bias_drift_std_mg_per_k: Axes = 0.0,
        **others,
    ) -> TriadErrors:
        """An accelerometer in the units of data sheets; ``others`` are fields without ``si`` in their name."""
        return cls(
            range_si=None if range_g is None else _times(range_g, STANDARD_GRAVITY_MPS2),
            noise_density_si_per_sqrt_hz=_times(noise_ug_per_sqrt_hz, MG_MPS2 * 1e-3),
            bias_si=_times(bias_mg, MG_MPS2),
            turn_on_bias_std_si=_times(turn_on_bias_std_mg, MG_MPS2),
            bias_instability_si=_times(bias_instability_mg, MG_MPS2),
            rate_random_walk_si_per_sqrt_s=_times(random_walk_mg_per_sqrt_s, MG_MPS2),
            resolution_si=_times(resolution_mg, MG_MPS2),
            bias_drift_std_si_per_k=_times(bias_drift_std_mg_per_k, MG_MPS2),
            **others,
        )

    @classmethod
    def gyroscope(
        cls,
        *,
        range_dps: Axes | None = None,
        noise_mdps_per_sqrt_hz: Axes = 0.0,
        bias_dps: Axes = 0.0,
        turn_on_bias_std_dps: Axes = 0.0,
        bias_instability_dps: Axes = 0.0,
        random_walk_dps_per_sqrt_s: Axes = 0.0,
        resolution_mdps: Axes = 0.0,
        bias_drift_std_dps_per_k: Axes = 0.0,
        **others,
    ) -> TriadErrors:
        """A gyroscope in the units of data sheets; ``others`` are fields without ``si`` in their name."""
        return cls(
            range_si=None if range_dps is None else _times(range_dps, DPS_RADPS),
            noise_density_si_per_sqrt_hz=_times(noise_mdps_per_sqrt_hz, DPS_RADPS * 1e-3),
            bias_si=_times(bias_dps, DPS_RADPS),
            turn_on_bias_std_si=_times(turn_on_bias_std_dps, DPS_RADPS),
            bias_instability_si=_times(bias_instability_dps, DPS_RADPS),
            rate_random_walk_si_per_sqrt_s=_times(random_walk_dps_per_sqrt_s, DPS_RADPS),
            resolution_si=_times(resolution_mdps, DPS_RADPS * 1e-3),
            bias_drift_std_si_per_k=_times(bias_drift_std_dps_per_k, DPS_RADPS),
            **others,
        )

    @property
    def is_ideal(self) -> bool:
        """Whether every effect is off."""
        return self == IDEAL

    def corner_hz(self, rate_hz: float) -> float | None:
        """The -3 dB corner at this sampling rate, or None."""
        return self.bandwidth_hz if self.bandwidth_per_rate is None else self.bandwidth_per_rate * rate_hz

    def active(self) -> dict[str, float | list[float]]:
        """The effects that are on, by name, as plain numbers."""
        shown: dict[str, float | list[float]] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is None or not np.any(value):
                continue
            shown[field.name] = list(value) if isinstance(value, tuple) else float(value)
        return shown


_SIGNED = ("scale_error", "misalignment_rad", "bias_si", "bias_drift_si_per_k", "scale_drift_per_k")
IDEAL = TriadErrors()


def per_axis(value: Axes) -> Float[Array, "3"]:
    """(3,) figures, one for each axis."""
    return np.broadcast_to(np.asarray(value, dtype=np.float64), (3,))


@dataclass(frozen=True, eq=False)
class Devices:
    """What was drawn for each of S devices.

    Attributes:
        matrix: (S, 3, 3) sensor output per true input: (I + scale) (I + misalignment).
        bias_si: (S, 3) constant and turn-on bias together.
        bias_drift_si_per_k, scale_drift_per_k: (S, 3) per kelvin above 25 C.
    """

    matrix: Float[Array, "sensors 3 3"]
    bias_si: Float[Array, "sensors 3"]
    bias_drift_si_per_k: Float[Array, "sensors 3"]
    scale_drift_per_k: Float[Array, "sensors 3"]


DEVICE_DRAWS = 18  # standard normals a device takes: 3 scale, 6 misalignment, 3 bias, 3 bias drift, 3 scale drift


def draw_devices(errors: TriadErrors, normals: Float[Array, "sensors 18"]) -> Devices:
    """Turn standard normals, (S, `DEVICE_DRAWS`), into devices."""
    scale = per_axis(errors.scale_error) + normals[:, 0:3] * per_axis(errors.scale_error_std)
    off = np.asarray(errors.misalignment_rad) + normals[:, 3:9] * errors.misalignment_std_rad
    matrix = np.broadcast_to(np.eye(3), (len(normals), 3, 3)).copy()
    for entry, (i, j) in enumerate(OFF_DIAGONAL):
        matrix[:, i, j] = off[:, entry]
    matrix *= 1.0 + scale[:, :, None]
    return Devices(
        matrix,
        per_axis(errors.bias_si) + normals[:, 9:12] * per_axis(errors.turn_on_bias_std_si),
        per_axis(errors.bias_drift_si_per_k) + normals[:, 12:15] * per_axis(errors.bias_drift_std_si_per_k),
        per_axis(errors.scale_drift_per_k) + normals[:, 15:18] * per_axis(errors.scale_drift_std_per_k),
    )


def _times(value: Axes, unit: float) -> Axes:
    if isinstance(value, tuple):
        return (value[0] * unit, value[1] * unit, value[2] * unit)
    return value * unit
