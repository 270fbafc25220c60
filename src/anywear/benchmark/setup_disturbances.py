"""Recordings as another setup would have made them: sensors turned, on other clocks, without gyroscope, with places untold.

What a disturbance leaves as it was comes back as the very same object, so that nobody need ask a model about it again.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .._typing import Array
from ..motion.quaternion import normalised, rotate
from ..placement import UNKNOWN_MOUNT
from ..recording import Note, Recording, Stream
from ..signal import Resampler
from ..timing import contiguous_slices
from .labelled import as_told
from .setup_answers import Setup

TURN, RATE, GYRO, TOLD = "turn", "rate", "gyro", "told"
TURNED = Setup(TURN, "turned, mount not told")
MOUNT_UNTOLD = Setup(TOLD, "mount not told")
RATES_HZ = (12.5, 20.0, 25.0, 50.0, 100.0, 200.0)
SAME_RATE = 0.01  # share by which a clock may differ from another and is still called the same


Change = Callable[[Recording, int], Recording]
"""Takes a recording and its number in the data set; gives it changed, or the very same one where nothing changes."""


@dataclass(frozen=True)
class Disturbance:
    """One change of setup.

    Attributes:
        setup: the part it belongs to, and what it is called in tables.
        apply: makes the change.
        rate_hz: of the clock it gives, if it does.
    """

    setup: Setup
    apply: Change
    rate_hz: float | None = None


def disturbances(parts: Sequence[str], rates_hz: Sequence[float] = RATES_HZ, seed: int = 0) -> tuple[Disturbance, ...]:
    """Every change of these parts, in the order of tables.

    Args:
        parts: any of `TURN`, `RATE`, `GYRO`, `TOLD`; others are passed over.
        rates_hz: of the clocks.
        seed: of the turns.
    """
    known = [
        Disturbance(TURNED, lambda own, number: turned(own, (seed, number))),
        *(Disturbance(Setup(RATE, f"{rate_hz:g} Hz"), _clock(rate_hz), rate_hz) for rate_hz in rates_hz),
        Disturbance(Setup(GYRO, "no gyroscope"), lambda own, _: without_gyroscope(own)),
        Disturbance(Setup(TOLD, "place not told"), _telling(placement_known=False, mount_known=True)),
        Disturbance(MOUNT_UNTOLD, _telling(placement_known=True, mount_known=False)),
        Disturbance(Setup(TOLD, "place and mount not told"), _telling(placement_known=False, mount_known=False)),
    ]
    return tuple(own for own in known if own.setup.part in parts)


def turned(recording: Recording, seed: Sequence[int]) -> Recording:
    """Every stream as if its sensor had been strapped on in another turn, of which nothing is known.

    Args:
        recording: any; each stream gets a rotation of its own, uniform over all rotations, drawn from ``seed`` and its name.
        seed: whole numbers, not negative.
    """
    streams = []
    for stream in recording.streams:
        rng = np.random.default_rng([*seed, zlib.crc32(stream.name.encode())])
        # A direction in four dimensions, uniform on the sphere, is a uniform rotation.
        turn = normalised(rng.standard_normal(4))
        streams.append(
            replace(
                stream,
                acc_mps2=rotate(turn, stream.acc_mps2),
                gyr_radps=None if stream.gyr_radps is None else rotate(turn, stream.gyr_radps),
                placement=replace(stream.placement, mount=UNKNOWN_MOUNT),
                notes=(
                    *stream.notes,
                    Note("converted", "turned at random by the benchmark; nothing told of the mount"),
                ),
            )
        )
    return recording.with_streams(streams)


def at_rate(recording: Recording, rate_hz: float) -> Recording:
    """The same motion as a device with an even clock of this rate would have sampled it.

    Below a stream's own rate the low-pass of `anywear.signal.Resampler` (half the amplitude at 0.45 of the lower rate) stands
    for the device's; above it the same kernel interpolates, and adds nothing. The clock starts with each stretch's first
    sample. Its last one may fall up to a period beyond the stretch and repeats the one before, so that no window is lost.
    Streams within `SAME_RATE` of the rate stay as they are.
    """
    streams = [_on_clock(stream, rate_hz) for stream in recording.streams]
    return recording if streams == list(recording.streams) else recording.with_streams(streams)


def is_same_rate(one_hz: float, other_hz: float) -> bool:
    """Whether two rates count as one; see `SAME_RATE`."""
    return abs(one_hz / other_hz - 1.0) <= SAME_RATE


def is_faster(one_hz: float, other_hz: float) -> bool:
    """Whether a rate is higher than another, by more than lets both count as one."""
    return one_hz > other_hz and not is_same_rate(one_hz, other_hz)


def without_gyroscope(recording: Recording) -> Recording:
    """The accelerometers alone."""
    if all(stream.gyr_radps is None for stream in recording.streams):
        return recording
    note = Note("converted", "gyroscope left out by the benchmark")
    return recording.with_streams(
        [
            stream if stream.gyr_radps is None else replace(stream, gyr_radps=None, notes=(*stream.notes, note))
            for stream in recording.streams
        ]
    )


def _clock(rate_hz: float) -> Change:
    return lambda recording, _: at_rate(recording, rate_hz)


def _telling(*, placement_known: bool, mount_known: bool) -> Change:
    return lambda recording, _: as_told(recording, placement_known=placement_known, mount_known=mount_known)


def _on_clock(stream: Stream, rate_hz: float) -> Stream:
    own_hz = stream.effective_rate_hz
    if is_same_rate(own_hz, rate_hz):
        return stream
    gyr = stream.gyr_radps
    values = stream.acc_mps2 if gyr is None else np.hstack([stream.acc_mps2, gyr])
    resampler = Resampler(own_hz, rate_hz)
    times, samples = [], []
    for stretch in contiguous_slices(stream.time_s, own_hz):
        start_s, length_s = stream.time_s[stretch][0], np.ptp(stream.time_s[stretch])
        # Counted from its own start, the grid of the resampler is the device's clock.
        for piece in resampler.batch(stream.time_s[stretch] - start_s, np.asarray(values[stretch], dtype=np.float64)):
            index, read = piece.index, piece.values
            if index[-1] / rate_hz < length_s - 1e-9:
                index, read = np.r_[index, index[-1] + 1], np.r_[read, read[-1:]]
            times.append(start_s + index / rate_hz)
            samples.append(read)
    joined: Array = np.concatenate(samples)
    kind = "low-passed" if rate_hz < own_hz else "interpolated"
    return replace(
        stream,
        time_s=np.concatenate(times),
        acc_mps2=joined[:, :3],
        gyr_radps=None if gyr is None else joined[:, 3:],
        nominal_rate_hz=rate_hz,
        notes=(*stream.notes, Note("converted", f"{kind} from {own_hz:.4g} to {rate_hz:g} Hz by the benchmark")),
    )
