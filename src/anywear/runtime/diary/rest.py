"""Where nothing moves at all: a device put down, or a body so still that its sensors hear their own noise alone.

At rest means less than `REST_MPS2` and `REST_RADPS` in every sensor. A phone or board on a table reads 0.023 m/s2 and
0.001 rad/s (measured on the rests of BROAD); worn on the trunk of a person who sits or stands, 0.05 m/s2 and more (dsads,
usc-had). A wrist or thigh that lies still may read as little as a table: the signal does not tell the two apart.
"""

from __future__ import annotations

import numpy as np

from ..._typing import Array
from ...recording import Recording, Stream
from ...signal.energy import ENERGY_RATE_HZ, REACH
from ...signal.resample import Resampler

REST_MPS2 = 0.035  # root mean square about the mean of 2 s, of all axes, at 25 Hz
REST_RADPS = 0.02
OVER_S = 2.0
LEAST_S = 4.0  # of a rest

Interval = tuple[float, float]


def rests(recording: Recording, least_s: float = LEAST_S) -> tuple[Interval, ...]:
    """Stretches in which no sensor that has data moves, in time order; seconds on the recording's clock."""
    first = int(np.floor(recording.start_s * ENERGY_RATE_HZ))
    count = int(np.ceil(recording.end_s * ENERGY_RATE_HZ)) - first + 1
    heard, moving = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    for stream in recording.streams:
        for start, still in _still(stream):
            part = slice(start - first, start - first + len(still))
            heard[part] = True
            moving[part] |= ~still
    rest = heard & ~moving
    edges = np.flatnonzero(np.diff(np.r_[False, rest, False].astype(int))).reshape(-1, 2)
    spans = (edges - [0, 1] + first) / ENERGY_RATE_HZ
    return tuple((float(a), float(b)) for a, b in spans if b - a >= least_s)


def _still(stream: Stream) -> list[tuple[int, Array]]:
    """Per stretch without a gap its first index on the grid, and which samples are at rest."""
    values = stream.acc_mps2 if stream.gyr_radps is None else np.hstack([stream.acc_mps2, stream.gyr_radps])
    pieces = Resampler(stream.effective_rate_hz, ENERGY_RATE_HZ).batch(stream.time_s, np.asarray(values, np.float64))
    out = []
    for piece in pieces:
        spread = _spread(piece.values, max(2 * REACH + 1, round(OVER_S * ENERGY_RATE_HZ)))
        limits = [REST_MPS2, REST_RADPS][: spread.shape[1]]
        out.append((int(piece.index[0]), (spread <= limits).all(axis=1)))
    return out


def _spread(values: Array, width: int) -> Array:
    """(T, 1 or 2) deviation of acceleration, and of angular rate, over a window about every sample.

    The quietest of the windows that hold a sample counts, so that a rest reaches to where the motion begins.
    """
    width = min(width, len(values))
    columns = []
    for sensor in range(values.shape[1] // 3):
        own = values[:, 3 * sensor : 3 * sensor + 3] - values[:, 3 * sensor : 3 * sensor + 3].mean(axis=0)
        sums, squares = (np.concatenate([np.zeros((1, 3)), np.cumsum(part, axis=0)]) for part in (own, own**2))
        mean, square = (sums[width:] - sums[:-width]) / width, (squares[width:] - squares[:-width]) / width
        spread = np.sqrt(np.maximum(square - mean**2, 0.0).sum(axis=1))
        padded = np.r_[np.full(width - 1, np.inf), spread, np.full(width - 1, np.inf)]
        columns.append(np.lib.stride_tricks.sliding_window_view(padded, width).min(axis=1))
    return np.stack(columns, axis=1)
