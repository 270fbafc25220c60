"""From true motion to what a sensor reports: specific force and angular rate with the errors of real devices.

In order: scale and misalignment, bias, temperature drift, noise, bandwidth, range, resolution. A device's randomness comes
from its own stream, so its samples do not depend on which devices are simulated with it, nor in how many batches or threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import DTypeLike

from .._typing import Array, Float
from ..errors import UsageError
from ..recording import Note
from .noise import NoisePlan, add_noise, low_pass, plan_noise
from .triad import DEVICE_DRAWS, IDEAL, Devices, TriadErrors, draw_devices

BLOCK_SAMPLES = 1 << 17  # samples of six axes worked on at a time: 1.6 MB an array, whatever the number of sensors
REFERENCE_C = 25.0  # temperature at which data sheets state offset and scale

SEED_WORDS = 3  # of 64 bits: the state of an SFC64 generator

Randomness = np.random.Generator | Sequence[ISeedSequence]
"""A generator, or one seed per sensor from `sensor_seeds`."""


class SensorSeed(ISeedSequence):
    """The seed of one sensor: random words as they are. Seed sequences that are hashed took a fifth of all time."""

    __slots__ = ("words",)

    def __init__(self, words: Array) -> None:
        self.words = words

    def generate_state(self, n_words: int, dtype: DTypeLike = np.uint32) -> Array:
        """The words, which suffice for the generator that sensors have."""
        if n_words > len(self.words) or dtype is not np.uint64:
            raise UsageError(
                "This seed is for SFC64",
                expected=f"{SEED_WORDS} words of 64 bits",
                got=f"{n_words} of {np.dtype(dtype)}",
            )
        return self.words[:n_words]


def sensor_seeds(rng: np.random.Generator, sensors: int) -> list[SensorSeed]:
    """One independent seed per sensor; calls follow on from each other, so two halves equal the whole."""
    words = rng.integers(2**64, size=(sensors, SEED_WORDS), dtype=np.uint64)
    return [SensorSeed(row) for row in words]


@dataclass(frozen=True)
class SensorModel:
    """An accelerometer and a gyroscope in one case. As it stands, ideal.

    Attributes:
        acc, gyr: their errors; see `TriadErrors`.
        name: shown in provenance.
        ambient_c: temperature of the part when it is switched on.
        self_heating_k: by how much it warms up afterwards, towards an exponential limit ...
        warm_up_s: ... with this time constant.

    Example:
        >>> model = SensorModel(acc=TriadErrors.accelerometer(range_g=8))
        >>> acc, gyr, _ = model.apply(np.full((1, 2, 3), 100.0), None, 50.0, np.random.default_rng(0))
        >>> float(acc[0, 0, 0])
        78.45320129394531
    """

    acc: TriadErrors = IDEAL
    gyr: TriadErrors = IDEAL
    name: str = "ideal"
    ambient_c: float = REFERENCE_C
    self_heating_k: float = 0.0
    warm_up_s: float = 120.0

    def __post_init__(self) -> None:
        if not (np.isfinite([self.ambient_c, self.self_heating_k]).all() and 0 < self.warm_up_s < np.inf):
            raise UsageError(
                "The temperature of a sensor is impossible",
                expected="finite temperatures and a positive warm-up time",
                got=f"ambient_c={self.ambient_c}, self_heating_k={self.self_heating_k}, warm_up_s={self.warm_up_s}",
            )

    def temperature_c(self, time_s: Float[Array, " time"]) -> Float[Array, " time"]:
        """(T,) temperature of the part, so many seconds after it was switched on."""
        return self.ambient_c + self.self_heating_k * -np.expm1(-time_s / self.warm_up_s)

    def apply(
        self,
        acc_mps2: Float[Array, "sensors time 3"],
        gyr_radps: Float[Array, "others steps 3"] | None,
        rate_hz: float,
        rng: Randomness,
        *,
        temperature_c: float | Float[Array, "..."] | None = None,
        threads: int = 1,
    ) -> tuple[Float[Array, "sensors time 3"], Float[Array, "sensors time 3"] | None, dict]:
        """What S sensors report of S true motions.

        Args:
            acc_mps2: (S, T, 3) true specific force, m/s2, sensor frame.
            gyr_radps: (S, T, 3) true angular rate, rad/s, sensor frame, or None.
            rate_hz: sampling rate; filters and noise assume even sampling.
            rng: randomness; a generator is advanced by the seeds of S sensors.
            temperature_c: of the part: one value, (T,) or (S, T); by default the model's own warm-up.
            threads: blocks worked on at the same time; the result does not depend on it.

        Memory beyond the output is that of one block a thread, or of one sensor where a single recording is longer.

        Returns:
            Measured acceleration and angular rate, float32 as streams hold them, and provenance: effects and figures, what
            was drawn for each device, how many samples were clipped. `sensor_notes` turns it into notes of a stream.

        Raises:
            UsageError: shapes that do not fit, values that are not finite, an impossible rate.
        """
        acc, gyr = np.asarray(acc_mps2), None if gyr_radps is None else np.asarray(gyr_radps)
        _check(acc, gyr, rate_hz)
        sensors, samples, _ = acc.shape
        seeds = sensor_seeds(rng, sensors) if isinstance(rng, np.random.Generator) else list(rng)
        if len(seeds) != sensors:
            raise UsageError("Seeds do not fit the sensors", expected=f"{sensors} seeds", got=str(len(seeds)))
        warmth = self._warmth_k(temperature_c, sensors, samples, rate_hz)
        jobs = [_Triad("acc", self.acc, acc, rate_hz, warmth)]
        if gyr is not None:
            jobs.append(_Triad("gyr", self.gyr, gyr, rate_hz, warmth))
        size = max(1, BLOCK_SAMPLES // max(samples, 1))
        blocks = [slice(start, min(start + size, sensors)) for start in range(0, sensors, size)]

        def work(block: slice) -> None:
            # The stubs do not know that any ISeedSequence will do.
            streams = [np.random.Generator(np.random.SFC64(seed)) for seed in seeds[block]]  # type: ignore[arg-type]
            for job in jobs:
                job.measure(block, streams)

        if threads > 1 and len(blocks) > 1:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(work, blocks))
        else:
            for block in blocks:
                work(block)
        provenance = self._provenance(jobs, rate_hz, warmth)
        return jobs[0].measured, jobs[1].measured if gyr is not None else None, provenance

    def _warmth_k(self, temperature_c, sensors: int, samples: int, rate_hz: float) -> Array:
        if temperature_c is None:
            temperature_c = self.temperature_c(np.arange(samples) / rate_hz)
        given = np.asarray(temperature_c, dtype=np.float32)
        if given.shape not in ((), (samples,), (sensors, samples)) or not np.isfinite(given).all():
            raise UsageError(
                "The temperature profile does not fit",
                expected=f"one finite number, ({samples},) or ({sensors}, {samples})",
                got=str(given.shape),
            )
        return np.broadcast_to(given - np.float32(REFERENCE_C), (given.shape[0] if given.ndim == 2 else 1, samples))

    def _provenance(self, jobs: list[_Triad], rate_hz: float, warmth: Array) -> dict:
        return {
            "sensor": self.name,
            "rate_hz": rate_hz,
            "temperature_c": [float(warmth.min()) + REFERENCE_C, float(warmth.max()) + REFERENCE_C],
            "effects": {job.name: job.errors.active() for job in jobs},
            "low_pass_hz": {job.name: job.corner_hz for job in jobs},
            "flicker_processes": {job.name: len(job.plan.flicker_rates_radps) for job in jobs},
            "drawn": {job.name: {"bias_si": job.bias_si, "matrix": job.matrix} for job in jobs},
            "clipped_samples": {job.name: job.clipped for job in jobs},
        }


def sensor_notes(provenance: dict, sensor: int) -> tuple[Note, ...]:
    """What was done to one sensor, as notes for its stream."""
    low, high = provenance["temperature_c"]
    heat = f"{low:.0f} C" if high - low < 0.5 else f"{low:.0f} to {high:.0f} C"
    notes = [Note("assumed", f"simulated sensor {provenance['sensor']} at {provenance['rate_hz']:g} Hz, {heat}")]
    for kind, word, unit in (("acc", "accelerometer", "mps2"), ("gyr", "gyroscope", "radps")):
        effects = provenance["effects"].get(kind)
        if not effects:
            continue
        text = ", ".join(f"{name.replace('_si', '_' + unit)} {_figures(value)}" for name, value in effects.items())
        drawn = ", ".join(f"{value:.3g}" for value in provenance["drawn"][kind]["bias_si"][sensor])
        notes.append(Note("assumed", f"simulated {word}: {text}; bias_{unit} of this device ({drawn})"))
        clipped = int(provenance["clipped_samples"][kind][sensor])
        if clipped:
            notes.append(Note("detected", f"{clipped} sample(s) beyond the {word}'s range were clipped"))
    return tuple(notes)


def _figures(value: float | list[float]) -> str:
    return "(" + ", ".join(f"{v:.4g}" for v in value) + ")" if isinstance(value, list) else f"{value:.4g}"


class _Triad:
    """One kind of sensor of the whole batch, measured block by block."""

    def __init__(self, name: str, errors: TriadErrors, true: Array, rate_hz: float, warmth_k: Array) -> None:
        sensors, samples, _ = true.shape
        self.name, self.errors, self.true, self.rate_hz, self.warmth_k = name, errors, true, rate_hz, warmth_k
        self.plan: NoisePlan = plan_noise(errors, samples, rate_hz)
        corner = errors.corner_hz(rate_hz)
        self.corner_hz = corner if corner is not None and corner < 0.5 * rate_hz else None
        self.measured = np.empty(true.shape, dtype=np.float32)
        self.bias_si = np.zeros((sensors, 3))
        self.matrix = np.broadcast_to(np.eye(3), (sensors, 3, 3)).copy()
        self.clipped = np.zeros(sensors, dtype=np.int64)

    def measure(self, block: slice, streams: list[np.random.Generator]) -> None:
        sensors, samples = len(streams), self.true.shape[1]
        if not np.isfinite(self.true[block]).all():
            raise UsageError(
                "The true motion is not finite",
                where=f"{self.name}, sensors {block.start} to {block.stop - 1}",
                remedy="Repair the motion before it is measured",
            )
        if self.errors.is_ideal:
            self.measured[block] = self.true[block]
            return
        devices, normals = self._draw(streams)
        self.bias_si[block], self.matrix[block] = devices.bias_si, devices.matrix
        true = self.true[block].reshape(sensors, 3 * samples)
        signal = np.array(true.T, dtype=np.float32, order="C").reshape(samples, 3, sensors)  # always a copy
        signal = _turn(signal, devices.matrix)
        self._warm(signal, devices, self.warmth_k[block] if len(self.warmth_k) > 1 else self.warmth_k)
        signal += devices.bias_si.T.astype(np.float32)
        start = signal[0].copy()
        add_noise(signal, normals, self.errors, self.plan, self.rate_hz)
        if self.corner_hz is not None:
            signal = low_pass(signal, start, self.corner_hz, self.rate_hz)
        self._convert(signal, block)
        self.measured[block] = signal.reshape(3 * samples, sensors).T.reshape(sensors, samples, 3)

    def _draw(self, streams: list[np.random.Generator]) -> tuple[Devices, Array]:
        device = np.empty((len(streams), DEVICE_DRAWS))
        normals = np.empty((len(streams), self.plan.draws), dtype=np.float32)
        for row, stream in enumerate(streams):
            stream.standard_normal(out=device[row])
            stream.standard_normal(dtype=np.float32, out=normals[row])
        return draw_devices(self.errors, device), normals

    def _warm(self, signal: Array, devices: Devices, warmth_k: Array) -> None:
        drifts = devices.scale_drift_per_k.any() or devices.bias_drift_si_per_k.any()
        if not (drifts and warmth_k.any()):
            return
        warmth = np.ascontiguousarray(warmth_k.T)[:, None, :]
        signal *= 1.0 + devices.scale_drift_per_k.T.astype(np.float32) * warmth
        signal += devices.bias_drift_si_per_k.T.astype(np.float32) * warmth

    def _convert(self, signal: Array, block: slice) -> None:
        if self.errors.range_si is not None:
            limit = np.broadcast_to(np.asarray(self.errors.range_si, dtype=np.float32), (3,))[:, None]
            beyond = (signal.max(axis=0) > limit) | (signal.min(axis=0) < -limit)
            if beyond.any():
                self.clipped[block] = (np.abs(signal) > limit).any(axis=1).sum(axis=0)
                np.clip(signal, -limit, limit, out=signal)
        if np.any(self.errors.resolution_si):
            step = np.broadcast_to(np.asarray(self.errors.resolution_si, dtype=np.float32), (3,))
            for axis in np.flatnonzero(step):
                values = signal[:, axis]
                values /= step[axis]
                np.rint(values, out=values)
                values *= step[axis]


def _turn(signal: Array, matrix: Array) -> Array:
    """Scale and misalignment by explicit sums: a matrix product may round differently in batches of another size."""
    if (matrix == np.eye(3)).all():
        return signal
    turned, part = np.empty_like(signal), np.empty_like(signal[:, 0])
    entries = np.ascontiguousarray(matrix.transpose(1, 2, 0)).astype(np.float32)
    for i in range(3):
        np.multiply(signal[:, i], entries[i, i], out=turned[:, i])
        for j in range(3):
            if i != j and entries[i, j].any():
                np.multiply(signal[:, j], entries[i, j], out=part)
                turned[:, i] += part
    return turned


def _check(acc: Array, gyr: Array | None, rate_hz: float) -> None:
    if acc.ndim != 3 or acc.shape[2] != 3 or acc.shape[1] < 1:
        raise UsageError("The acceleration has the wrong shape", expected="(sensors, time, 3)", got=str(acc.shape))
    if gyr is not None and gyr.shape != acc.shape:
        raise UsageError("The gyroscope does not fit", expected=str(acc.shape), got=str(gyr.shape))
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise UsageError("The sampling rate is impossible", expected="a positive number of Hz", got=f"{rate_hz:g}")
