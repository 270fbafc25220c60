"""Clips of any device brought to one form: 50 Hz, m/s2 with gravity, rad/s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..._typing import Array, Float
from ...errors import FormatError, UsageError
from ...recording import Stream
from ...signal import nucleus
from ...signal.nucleus import MOTION_SHARE
from ...signal.resample import Resampler

RATE_HZ = 50.0  # Hz; a hand moves at up to 10 Hz, and every watch and phone gives this much
MIN_S = 0.2  # s; one fast stroke of a hand
MAX_S = 20.0  # s; what is longer is an activity, to be cut into windows first
LEAST = 8  # samples on the grid


@dataclass(frozen=True, eq=False)
class Signal:
    """One clip on the grid.

    Attributes:
        acc_mps2: (T, 3) specific force at `RATE_HZ`.
        gyr_radps: (T, 3) angular rate, or None.
    """

    acc_mps2: Array
    gyr_radps: Array | None

    def __len__(self) -> int:
        return len(self.acc_mps2)

    @property
    def duration_s(self) -> float:
        return len(self) / RATE_HZ

    @cached_property
    def motion(self) -> tuple[int, int, bool]:
        """Start and stop of the motion, in samples, and whether there is one; see `anywear.signal.nucleus`."""
        found = nucleus(self.acc_mps2, self.gyr_radps, RATE_HZ, MOTION_SHARE)
        if found is None:
            return 0, len(self), False
        start, stop = round(found.start_s * RATE_HZ), round(found.stop_s * RATE_HZ) + 1
        short = LEAST - (stop - start)
        if short > 0:
            start = max(0, min(start - short // 2, len(self) - LEAST))
            stop = start + LEAST
        return start, min(stop, len(self)), found.moves

    def cut(self, start: int, stop: int) -> Signal:
        """The samples from start to stop."""
        gyr = self.gyr_radps
        return Signal(self.acc_mps2[start:stop], None if gyr is None else gyr[start:stop])


def on_grid(stream: Stream) -> Signal:
    """The longest stretch of a clip without a gap, at `RATE_HZ`; its first sample is the first on the grid.

    Raises:
        UsageError: shorter than `MIN_S` or longer than `MAX_S`.
    """
    duration_s = stream.duration_s
    if not duration_s <= MAX_S:
        raise UsageError(
            "A clip is too long for a gesture", where=stream.name, expected=f"at most {MAX_S:g} s",
            got=f"{duration_s:.2f} s", remedy="Cut it to the motion, or give a table of start, end, label",
        )  # fmt: skip
    gyr = stream.gyr_radps
    values = stream.acc_mps2 if gyr is None else np.hstack([stream.acc_mps2, gyr])
    time = stream.time_s - stream.time_s[0]
    pieces = Resampler(stream.effective_rate_hz, RATE_HZ).batch(time, np.asarray(values, dtype=np.float64))
    longest = max(pieces, key=lambda piece: len(piece.index), default=None)
    if longest is None or len(longest.index) < max(LEAST, round(MIN_S * RATE_HZ)):
        raise UsageError(
            "A clip is too short for a gesture", where=stream.name, expected=f"at least {MIN_S:g} s without a gap",
            got=f"{duration_s:.2f} s", remedy="Leave it out, or cut it more generously",
        )  # fmt: skip
    rows = longest.values.astype(np.float32)
    return Signal(rows[:, :3], rows[:, 3:6] if gyr is not None else None)


def moving_part(signal: Signal) -> tuple[int, int, bool]:
    """Start and stop of the motion in a clip, in samples, and whether there is one; see `anywear.signal.nucleus`."""
    return signal.motion


def cut_stream(stream: Stream, start_s: float, end_s: float) -> Stream:
    """The samples of a stream between two instants on its clock.

    Raises:
        FormatError: fewer than two samples lie there.
    """
    first, last = np.searchsorted(stream.time_s, [start_s - 1e-9, end_s + 1e-9])
    if last - first < 2:
        raise FormatError(
            "There is no signal in this stretch", where=stream.name,
            expected=f"from {stream.time_s[0]:.2f} to {stream.time_s[-1]:.2f} s", got=f"{start_s:g} to {end_s:g} s",
        )  # fmt: skip
    gyr = stream.gyr_radps
    return replace(
        stream, time_s=stream.time_s[first:last], acc_mps2=stream.acc_mps2[first:last],
        gyr_radps=None if gyr is None else gyr[first:last],
    )  # fmt: skip


def as_streams(clips: Sequence[Stream | Float[Array, "_ _"]] | Array, rate_hz: float = RATE_HZ) -> list[Stream]:
    """Clips as streams; arrays are samples of m/s2 with gravity and, in columns 4 to 6, rad/s.

    Args:
        clips: streams, arrays (T, 3) or (T, 6), or one array (N, T, 3 or 6).
        rate_hz: of the arrays.

    Raises:
        UsageError: none of these, or an impossible rate.
    """
    if not np.isfinite(rate_hz) or not 1.0 <= rate_hz <= 10_000.0:
        raise UsageError("The sampling rate is out of range", expected="1 to 10000 Hz", got=f"{rate_hz:g}")
    if isinstance(clips, Stream):
        return [clips]
    if isinstance(clips, np.ndarray) and clips.dtype != object and clips.ndim != 3:
        raise UsageError(
            "These are no clips", expected="an array (clips, samples, 3 or 6), or a list of clips",
            got=f"an array of shape {clips.shape}", remedy="Put one clip into a list: [clip]",
        )  # fmt: skip
    return [own if isinstance(own, Stream) else _stream(own, number, rate_hz) for number, own in enumerate(clips)]


def _stream(values: object, number: int, rate_hz: float) -> Stream:
    where = f"clip {number}"
    try:
        rows = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError("A clip is no array of numbers", where=where, got=str(error)) from error
    if rows.ndim != 2 or rows.shape[1] not in (3, 6) or len(rows) < 2:
        raise UsageError(
            "A clip is no motion", where=where, got=f"shape {rows.shape}",
            expected="samples by 3 columns of acceleration, m/s2, or by 6 with angular rate, rad/s",
        )  # fmt: skip
    if not np.isfinite(rows).all():
        raise UsageError("A clip holds numbers that are not finite (NaN or infinity)", where=where,
                         remedy="Leave such samples out")  # fmt: skip
    return Stream(where, np.arange(len(rows)) / rate_hz, rows[:, :3], rows[:, 3:] if rows.shape[1] == 6 else None)
