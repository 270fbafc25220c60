"""The simulator's equations against a real sensor: the boards of `anywear.datasets.broad`.

Optical position and orientation go in, acceleration and angular rate come out, beside what the unit on the board measured.

How, with nothing set by the outcome:

- The corner of the low-pass comes from the optical track alone: that which makes the expected error of its second derivative
  least (`optical_noise`).
- The gyroscope's offset comes from the rest before the movement.
- What is constant between board and unit (a turn, a lever arm, the accelerometer's offset, the delay of each filter) is
  estimated by least squares on the first halves of all trials together. Figures are of the second halves, with it and
  without.
- The unit's noise and the optical track's, through the same simulation, are measured at rest; the optical noise in
  motion, which is larger, is read off the spectrum of the moving track.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from ..datasets.broad import BoardTrial
from ..errors import FormatError
from ..motion import quaternion
from ..recording import STANDARD_GRAVITY_MPS2
from ..simulate.kinematics import BoneMotion, PointSet
from ..simulate.smoothing import residual_corner_hz

CALIBRATION_HZ = 10.0  # corner for estimating the constants: low enough that optical noise does not bias them
VALLEY_HZ = (5.0, 30.0)  # where motion ends and noise begins: above the bulk of motion, below where no hand moves
SMOOTH = 0.1  # share of its frequency over which a spectrum is averaged to find its valley
CORNERS_HZ = np.arange(3.0, 40.25, 0.5)
BRIDGE_S = 0.05  # s; shorter losses of sight are bridged by interpolation, longer ones end a stretch
EDGE_S = 0.7  # s left out at either end of a stretch, where filter and spline have one side only
LEAST_S = 4.0  # s of sight that a comparison needs
REST_MARGIN_S = 1.0  # s; hands touch the board around a movement
SEGMENT_S = 7.0  # s, of the spectra


@dataclass(frozen=True)
class Calibration:
    """What is constant between board and unit.

    Attributes:
        gyr_turn_rad, acc_turn_rad: (3,) small turn from the board's axes to the sensor's.
        gyr_delay_s, acc_delay_s: how much later the sensor shows the same.
        lever_m: (3,) from the tracked point to the accelerometer, board axes.
        acc_bias_mps2: (3,) the accelerometer's offset.
    """

    gyr_turn_rad: tuple[float, float, float] = (0.0, 0.0, 0.0)
    acc_turn_rad: tuple[float, float, float] = (0.0, 0.0, 0.0)
    gyr_delay_s: float = 0.0
    acc_delay_s: float = 0.0
    lever_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    acc_bias_mps2: tuple[float, float, float] = (0.0, 0.0, 0.0)


NOTHING = Calibration()


@dataclass(frozen=True)
class Agreement:
    """Simulated against measured, on the second half of one trial.

    Attributes:
        r: correlation of the three axes, and of the norm last. Of the norm of the specific force for the accelerometer,
            whose axes are those of the linear acceleration.
        rmse: over the axes, rad/s or m/s2.
        r_in_band: as ``r``, with the measured signal put through the simulation's own low-pass.
        rmse_in_band: likewise.
    """

    r: tuple[float, float, float, float]
    rmse: float
    r_in_band: tuple[float, float, float, float]
    rmse_in_band: float


@dataclass(frozen=True)
class Floor:
    """What limits the comparison, rms over the axes, rad/s or m/s2.

    Attributes:
        signal: of the measured signal in the second half.
        sensor: noise of the unit at rest.
        optical_at_rest: the optical track at rest through the same simulation.
        optical: the noise of the moving track after the low-pass; see `optical_noise`.
        beyond: of the measured signal above the corner.
        ceiling: the correlation that a perfect simulator would reach with these, over the axes together.
    """

    signal: float
    sensor: float
    optical_at_rest: float
    optical: float
    beyond: float
    ceiling: float


@dataclass(frozen=True, eq=False)
class BoardResult:
    """One trial. ``gyr`` and ``acc`` hold `Agreement` by variant: ``plain``, ``calibrated``, ``residual_corner``."""

    name: str
    corner_hz: float
    valley_hz: float
    residual_corner_hz: float | None
    gyr: dict[str, Agreement]
    acc: dict[str, Agreement]
    gyr_floor: Floor
    acc_floor: Floor
    bridged_s: float
    skipped_s: float
    picture: dict[str, Array]


@dataclass(frozen=True, eq=False)
class _Stretch:
    """The longest seen part of a trial's movement, without losses of sight."""

    trial: BoardTrial
    matrices: Array  # (T, 1, 3, 4)
    gyr: Array
    acc: Array
    still_matrices: Array
    still_gyr: Array
    still_acc: Array
    bridged_s: float
    skipped_s: float

    @property
    def rate_hz(self) -> float:
        return self.trial.rate_hz

    @property
    def time_s(self) -> Array:
        return np.arange(len(self.gyr)) / self.rate_hz

    def half(self, second: bool) -> slice:
        edge, middle = int(EDGE_S * self.rate_hz), len(self.gyr) // 2
        return slice(middle, len(self.gyr) - edge) if second else slice(edge, middle)


def compare_boards(trials: Sequence[BoardTrial]) -> tuple[Calibration, list[BoardResult]]:
    """Simulate every trial and compare.

    Raises:
        FormatError: a trial whose movement the cameras hardly saw, or without rest.
    """
    stretches = [_stretch(trial) for trial in trials]
    found = calibrate(stretches)
    return found, [_compare(stretch, found) for stretch in stretches]


@dataclass(frozen=True, eq=False)
class OpticalNoise:
    """What a track tells of its own noise.

    Attributes:
        valley_hz: where its acceleration spectrum is lowest: below lies motion, above noise.
        corner_hz: low-pass that makes the expected error of the second derivative least.
        frequency_hz, density: (F,) of the noise, squared units of the track per Hz, summed over its channels.
    """

    valley_hz: float
    corner_hz: float
    frequency_hz: Array
    density: Array

    def rms(self, derivative: int, corner_hz: float) -> float:
        """Of the noise in a derivative after the low-pass, over all channels together."""
        weight = (2 * np.pi * self.frequency_hz) ** (2 * derivative) * _passed(self.frequency_hz, corner_hz) ** 2
        return float(np.sqrt(np.sum(weight * self.density) * (self.frequency_hz[1] - self.frequency_hz[0])))


def optical_noise(track: Float[Array, "time channels"], rate_hz: float) -> OpticalNoise:
    """Noise of a track in motion, and the corner that suits its second derivative, from its spectrum alone.

    The acceleration of a hand falls with frequency and that of noise rises; at the valley between them both are alike.
    Above it the spectrum P is taken as noise, below it the noise of the position as white, N = P(valley), and the
    motion as S = P - N. With H the low-pass, the error of the second derivative is the integral of w^4 ((1 - H)^2 S +
    H^2 N); the corner makes it least.
    """
    frequency, power = _spectrum(track, rate_hz)
    weight = (2 * np.pi * frequency) ** 4
    inside = np.flatnonzero((frequency >= VALLEY_HZ[0]) & (frequency <= VALLEY_HZ[1]))
    smooth = np.array([power[np.abs(frequency - f) <= SMOOTH * f].mean() for f in frequency[inside]])
    lowest = int(np.argmin(weight[inside] * smooth))
    valley = frequency[inside[lowest]]
    noise = np.where(frequency < valley, smooth[lowest], power)
    motion = np.where(frequency < valley, np.maximum(power - noise, 0.0), 0.0)
    errors = [
        np.sum(weight * ((1 - _passed(frequency, f)) ** 2 * motion + _passed(frequency, f) ** 2 * noise))
        for f in CORNERS_HZ
    ]
    return OpticalNoise(float(valley), float(CORNERS_HZ[int(np.argmin(errors))]), frequency, noise)


def calibrate(stretches: Sequence[_Stretch]) -> Calibration:
    """Least squares on the first halves; every effect is small, so each enters to first order."""
    gyr_rows, acc_rows = [], []
    for stretch in stretches:
        bones = BoneMotion(stretch.rate_hz, stretch.matrices, CALIBRATION_HZ)
        place, acceleration = (bones.bones_at(stretch.time_s, d)[:, 0] for d in (0, 2))
        back = place[:, :, :3].transpose(0, 2, 1)
        spin = bones.sample(_point(NOTHING.lever_m, NOTHING.gyr_turn_rad), stretch.time_s)[1][0].astype(np.float64)
        force = np.einsum("tij,tj->ti", back, acceleration[:, :, 3] + [0.0, 0.0, STANDARD_GRAVITY_MPS2])
        arm = back @ acceleration[:, :, :3]
        ones = np.broadcast_to(np.eye(3), arm.shape)
        half = stretch.half(second=False)
        for rows, simulated, measured, others in (
            (gyr_rows, spin, stretch.gyr, ()),
            (acc_rows, force, stretch.acc, (arm, ones)),
        ):
            late = -np.gradient(simulated, 1 / stretch.rate_hz, axis=0)[:, :, None]
            effects = np.concatenate([_cross_matrix(simulated), late, *others], axis=2)
            wanted = _low_pass(measured, CALIBRATION_HZ, stretch.rate_hz) - simulated
            rows.append((effects[half].reshape(-1, effects.shape[2]), wanted[half].reshape(-1)))
    gyr, acc = (
        np.linalg.lstsq(np.concatenate([r[0] for r in rows]), np.concatenate([r[1] for r in rows]), rcond=None)[0]
        for rows in (gyr_rows, acc_rows)
    )
    return Calibration(
        _three(gyr[:3]), _three(acc[:3]), float(gyr[3]), float(acc[3]), _three(acc[4:7]), _three(acc[7:10])
    )


def simulate_board(
    rate_hz: float, matrices: Array, corner_hz: float | None, found: Calibration, time_s: Array
) -> tuple[Array, Array, Array]:
    """Specific force, angular rate and gravity's share of the force, each (T, 3) in the sensor's axes."""
    bones = BoneMotion(rate_hz, matrices, corner_hz)
    acc_s = np.clip(time_s - found.acc_delay_s, bones.start_s, bones.end_s)
    gyr_s = np.clip(time_s - found.gyr_delay_s, bones.start_s, bones.end_s)
    acc = bones.sample(_point(found.lever_m, found.acc_turn_rad), acc_s)[0][0].astype(np.float64)
    gyr = bones.sample(_point(found.lever_m, found.gyr_turn_rad), gyr_s)[1][0].astype(np.float64)
    up = bones.bones_at(acc_s)[:, 0, 2, :3] @ _turn(found.acc_turn_rad)
    return acc, gyr, STANDARD_GRAVITY_MPS2 * up / np.linalg.norm(up, axis=1, keepdims=True)


def _compare(stretch: _Stretch, found: Calibration) -> BoardResult:
    rate_hz, half = stretch.rate_hz, stretch.half(second=True)
    track = stretch.matrices[:, 0, :, 3]
    noise = optical_noise(track, rate_hz)
    # A turn by w moves the nine entries of a rotation by the square root of two times w.
    turn_noise = optical_noise(stretch.matrices[:, 0, :, :3].reshape(-1, 9) / np.sqrt(2), rate_hz)
    corner = noise.corner_hz
    own = residual_corner_hz(track, rate_hz)
    gyr, acc, kept = {}, {}, {}
    for variant, hz, constants in (
        ("plain", corner, NOTHING),
        ("calibrated", corner, found),
        ("residual_corner", own, found),
    ):
        force, spin, gravity = simulate_board(rate_hz, stretch.matrices, hz, constants, stretch.time_s)
        measured = stretch.acc - np.asarray(constants.acc_bias_mps2)
        gyr[variant] = _agreement(spin, stretch.gyr, None, hz, rate_hz, half)
        acc[variant] = _agreement(force, measured, gravity, hz, rate_hz, half)
        kept[variant] = (force - gravity, measured - gravity, spin)
    simulated, measured, spin = kept["calibrated"]
    at_rest = simulate_board(
        rate_hz, stretch.still_matrices, corner, NOTHING, np.arange(len(stretch.still_matrices)) / rate_hz
    )
    edge = slice(int(EDGE_S * rate_hz), -int(EDGE_S * rate_hz))
    resting = _rms(_centred(at_rest[1][edge])), _rms(_centred((at_rest[0] - at_rest[2])[edge]))
    moving = turn_noise.rms(1, corner) / np.sqrt(3), noise.rms(2, corner) / np.sqrt(3)
    return BoardResult(
        stretch.trial.name,
        corner,
        noise.valley_hz,
        own,
        gyr,
        acc,
        _floor(stretch.gyr[half], stretch.still_gyr, resting[0], moving[0], corner, rate_hz),
        _floor(measured[half], stretch.still_acc, resting[1], moving[1], corner, rate_hz),
        stretch.bridged_s,
        stretch.skipped_s,
        _picture(stretch, simulated, measured, spin, noise, half),
    )


def _picture(
    stretch: _Stretch, simulated: Array, measured: Array, spin: Array, noise: OpticalNoise, half: slice
) -> dict[str, Array]:
    """Spectra of the linear acceleration and of what disturbs it, and five seconds around the liveliest moment."""
    rate_hz = stretch.rate_hz
    frequency, real = _spectrum(measured[half], rate_hz)
    _, ours = _spectrum(simulated[half], rate_hz)
    _, resting = _spectrum(stretch.still_matrices[:, 0, :, 3], rate_hz)
    _, unit = _spectrum(stretch.still_acc, rate_hz)
    width = int(5 * rate_hz)
    energy = np.convolve((measured[half] ** 2).sum(axis=1), np.ones(width), "valid")
    start = half.start + int(np.argmax(energy))
    show = slice(start, start + width)
    return {
        "frequency_hz": frequency,
        "measured": real,
        "simulated": ours,
        "optical_noise": noise.density * (2 * np.pi * frequency) ** 4,
        "optical_at_rest": resting * (2 * np.pi * frequency) ** 4,
        "sensor_noise": unit,
        "time_s": stretch.time_s[show],
        "acc_measured": measured[show],
        "acc_simulated": simulated[show],
        "gyr_measured": stretch.gyr[show],
        "gyr_simulated": spin[show],
    }


def _stretch(trial: BoardTrial) -> _Stretch:
    rate_hz = trial.rate_hz
    moving = np.flatnonzero(trial.moving)
    if not len(moving):
        raise FormatError("Nothing moves in the trial", where=trial.name)
    begin, end = int(moving[0]), int(moving[-1]) + 1
    seen, bridged = _bridged(trial.seen[begin:end], int(BRIDGE_S * rate_hz))
    first, last = _longest(seen)
    if last - first < LEAST_S * rate_hz:
        raise FormatError(
            "The cameras hardly saw the movement", where=trial.name, expected=f"{LEAST_S:g} s without a loss of sight"
        )
    window = slice(begin + first, begin + last)
    margin = int(REST_MARGIN_S * rate_hz)
    still = ~trial.moving
    still[max(0, begin - margin) : end + margin] = False
    before = still.copy()
    before[begin:] = False
    rest = slice(*_longest(still & trial.seen))
    if rest.stop - rest.start < LEAST_S * rate_hz or before.sum() < LEAST_S * rate_hz:
        raise FormatError("The trial has no rest to read noise and offsets from", where=trial.name)
    bias = trial.gyr_radps[before].mean(axis=0)
    return _Stretch(
        trial,
        _matrices(trial, window),
        trial.gyr_radps[window] - bias,
        trial.acc_mps2[window],
        _matrices(trial, rest),
        trial.gyr_radps[rest] - bias,
        trial.acc_mps2[rest],
        float(bridged[first:last].sum() / rate_hz),
        float((end - begin - (last - first)) / rate_hz),
    )


def _bridged(seen: Array, most: int) -> tuple[Array, Array]:
    """Sight with its short losses filled, and which samples were filled."""
    filled = seen.copy()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (~seen).astype(int), [0]])))
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        if b - a <= most and a > 0 and b < len(seen):
            filled[a:b] = True
    return filled, filled & ~seen


def _matrices(trial: BoardTrial, window: slice) -> Array:
    """(T, 1, 3, 4) board to world; losses of sight inside the window are interpolated between their neighbours."""
    seen = trial.seen[window]
    quat, position = trial.quat_world_from_board[window], trial.position_m[window]
    if not seen.all():
        where, known = np.arange(len(seen)), np.flatnonzero(seen)
        # Neighbours of one sign, so that the chord between them is the short way round.
        signs = np.cumprod(np.where((quat[known][1:] * quat[known][:-1]).sum(axis=1) < 0, -1.0, 1.0))
        even = quat[known] * np.concatenate([[1.0], signs])[:, None]
        quat = np.stack([np.interp(where, known, even[:, i]) for i in range(4)], axis=1)
        position = np.stack([np.interp(where, known, position[known, i]) for i in range(3)], axis=1)
    turn = quaternion.to_matrix(quaternion.normalised(quat))
    return np.concatenate([turn, position[:, :, None]], axis=2)[:, None]


def _agreement(
    simulated: Array, measured: Array, gravity: Array | None, corner_hz: float | None, rate_hz: float, half: slice
) -> Agreement:
    passed = measured if corner_hz is None else _low_pass(measured, corner_hz, rate_hz)
    figures = []
    for other in (measured, passed):
        shared = 0.0 if gravity is None else gravity
        ours, theirs = (simulated - shared)[half], (other - shared)[half]
        axes = [correlation(ours[:, i], theirs[:, i]) for i in range(3)]
        norms = [np.linalg.norm(values[half], axis=1) for values in (simulated, other)]
        figures += [(axes[0], axes[1], axes[2], correlation(*norms)), _rms(ours - theirs)]
    return Agreement(*figures)


def _floor(
    signal: Array, still: Array, optical_at_rest: float, optical: float, corner_hz: float, rate_hz: float
) -> Floor:
    passed = _low_pass(signal, corner_hz, rate_hz)
    whole, kept = _rms(_centred(signal)) ** 2, _rms(_centred(passed)) ** 2
    cut = np.sum(_centred(signal) * _centred(passed)) / (signal.size * np.sqrt(whole * kept))
    return Floor(
        float(np.sqrt(whole)),
        _rms(_centred(still)),
        optical_at_rest,
        optical,
        _rms(signal - passed),
        float(cut * np.sqrt(kept / (kept + optical**2))),
    )


def _passed(frequency_hz: Array, corner_hz: float) -> Array:
    """Gain of the low-pass, which is of second order, forth and back."""
    return 1.0 / (1.0 + (frequency_hz / corner_hz) ** 4)


def _spectrum(values: Array, rate_hz: float) -> tuple[Array, Array]:
    """One-sided power density summed over the channels."""
    from scipy.signal import welch

    segment = int(SEGMENT_S * rate_hz)
    if len(values) < segment:
        raise FormatError("Too short for a spectrum", expected=f"{SEGMENT_S:g} s", got=f"{len(values) / rate_hz:.1f} s")
    frequency, power = welch(values, rate_hz, nperseg=segment, detrend="linear", axis=0)
    return frequency, power.sum(axis=1)


def _low_pass(values: Array, corner_hz: float, rate_hz: float) -> Array:
    from scipy.signal import butter, sosfiltfilt

    return sosfiltfilt(butter(2, corner_hz, fs=rate_hz, output="sos"), values, axis=0)


def _point(lever_m: Sequence[float], turn_rad: Sequence[float]) -> PointSet:
    return PointSet(
        np.array([lever_m], dtype=float), np.zeros((1, 1), dtype=int), np.ones((1, 1)), _turn(turn_rad)[None]
    )


def _turn(turn_rad: Sequence[float]) -> Array:
    """Columns are the sensor's axes in the board's."""
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec(turn_rad).as_matrix()


def _cross_matrix(v: Array) -> Array:
    """[v] with [v] e = v x e: what a small turn e of the sensor adds to what it reads of v."""
    out = np.zeros((*v.shape, 3))
    for row, column, axis, sign in (
        (0, 1, 2, -1),
        (0, 2, 1, 1),
        (1, 0, 2, 1),
        (1, 2, 0, -1),
        (2, 0, 1, -1),
        (2, 1, 0, 1),
    ):
        out[:, row, column] = sign * v[:, axis]
    return out


def _longest(mask: Array) -> tuple[int, int]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    return max(runs, key=lambda run: run[1] - run[0], default=(0, 0))


def correlation(one: Array, other: Array) -> float:
    """Pearson's r; 0 where one of them does not move."""
    one, other = one - one.mean(), other - other.mean()
    size = np.sqrt((one @ one) * (other @ other))
    return float(one @ other / size) if size > 0 else 0.0


def _three(values: Array) -> tuple[float, float, float]:
    return (float(values[0]), float(values[1]), float(values[2]))


def _centred(values: Array) -> Array:
    return values - values.mean(axis=0)


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2)))
