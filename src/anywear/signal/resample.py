"""Anti-aliased resampling from any real clock to the model's grid, whole or in chunks, with the same result.

The grid is absolute: its points are k / rate_out for whole k on the recording's clock, so all streams of a recording share
it. Each point is a normalised convolution of the samples around it with a Hann-windowed sinc; a sample weighs as much as
the time it stands for, so jitter and a lost sample do no harm. Where too few samples lie under the kernel, or only its
negative lobes find any, a straight line is drawn between the neighbours; a gap (see `anywear.timing`) ends the stretch.

Source: Knutsson & Westin, "Normalized and differential convolution", CVPR 1993; Crochiere & Rabiner, "Multirate Digital
Signal Processing", 1983, for the windowed-sinc design.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .._typing import Array, Float
from ..errors import AnywearError, UsageError
from ..timing import contiguous_slices, gap_threshold_s

PASS_SHARE = 0.9  # pass band as a share of the lower Nyquist frequency
LOBES = 4  # zero crossings of the sinc on each side
WEAK_SUPPORT = 0.25  # share of the kernel's area below which a straight line is truer
MAX_GAIN = 2.0  # most that a point may amplify noise; 1.6 at worst at the end of an even clock, more only around losses
BLOCK_CELLS = 1 << 17  # outputs times samples under the kernel computed at once, which bounds memory
GRID_SLACK = 1e-6  # share of a grid step by which a stamp may miss the grid and still be on it


@dataclass(frozen=True)
class Piece:
    """Resampled samples of one stretch.

    Attributes:
        index: (n,) grid indices; time is index / rate_out.
        values: (n, channels).
        rate_in_hz: rate of the samples it was made of.
    """

    index: Array
    values: Array
    rate_in_hz: float


@dataclass(frozen=True)
class ResamplerState:
    """What a chunked resampler carries: the last samples and the next grid index. Never changed in place."""

    time_s: Array = field(default_factory=lambda: np.zeros(0))
    values: Array | None = None
    next_index: int | None = None


@dataclass(frozen=True)
class Resampler:
    """From one clock to the grid of another rate.

    Attributes:
        rate_in_hz: rate of the samples that come in; it sets the low-pass and what counts as a gap.
        rate_out_hz: rate of the grid.

    Example:
        >>> time = np.arange(100) / 50
        >>> [piece] = Resampler(50, 25).batch(time, np.ones((100, 3)))
        >>> piece.values.shape
        (50, 3)
    """

    rate_in_hz: float
    rate_out_hz: float

    def __post_init__(self) -> None:
        for name in ("rate_in_hz", "rate_out_hz"):
            if not 0.5 <= getattr(self, name) <= 100_000:
                raise UsageError(
                    "The sampling rate is out of range", where=name, expected="0.5 to 100000 Hz",
                    got=f"{getattr(self, name):g} Hz", remedy="Check the time unit of the stamps",
                )  # fmt: skip

    @property
    def cutoff_hz(self) -> float:
        """Where the low-pass lets half the amplitude through."""
        return 0.5 * PASS_SHARE * min(self.rate_in_hz, self.rate_out_hz)

    @property
    def half_width_s(self) -> float:
        """How far the kernel reaches; also the latency of the chunked form."""
        return LOBES / (2.0 * self.cutoff_hz)

    def batch(self, time_s: Float[Array, " time"], values: Float[Array, "time channels"]) -> list[Piece]:
        """Resample a whole stream; one piece per contiguous stretch."""
        out: list[Piece] = []
        for stretch in contiguous_slices(time_s, self.rate_in_hz):
            pieces, state = self.step(time_s[stretch], values[stretch], ResamplerState())
            out += merge_pieces(pieces + self.finish(state))
        return out

    def step(
        self, time_s: Float[Array, " time"], values: Float[Array, "time channels"], state: ResamplerState
    ) -> tuple[list[Piece], ResamplerState]:
        """Take a chunk of any size; give what is settled and the state to go on with.

        Raises:
            AnywearError: a stamp that does not increase, a number that is not finite.
        """
        if len(time_s) == 0:
            return [], state
        time = np.concatenate([state.time_s, np.asarray(time_s, dtype=np.float64)])
        first = state.values if state.values is not None else np.zeros((0, values.shape[1]))
        joined = np.concatenate([first, np.asarray(values, dtype=np.float64)])
        if not (np.isfinite(time_s).all() and np.isfinite(values).all()):
            raise AnywearError(
                "A chunk holds numbers that are not finite",
                got=f"{int((~np.isfinite(joined[len(first) :]).all(axis=1)).sum())} such sample(s)",
                remedy="Leave such samples out; a gap in the stamps is understood",
            )
        if not (np.diff(time) > 0).all():
            raise AnywearError(
                "Time stamps have to increase from chunk to chunk",
                got=f"a step of {float(np.diff(time).min()):g} s",
                remedy="Drop repeated samples, or start a new state when the clock was set anew",
            )
        pieces: list[Piece] = []
        stretches = contiguous_slices(time, self.rate_in_hz)
        next_index = state.next_index
        for stretch in stretches[:-1]:
            pieces += self.finish(ResamplerState(time[stretch], joined[stretch], next_index))
            next_index = None
        last = stretches[-1]
        settled, rest = self._emit(ResamplerState(time[last], joined[last], next_index), final=False)
        return pieces + settled, rest

    def finish(self, state: ResamplerState) -> list[Piece]:
        """What is left at the end of a stretch."""
        return self._emit(state, final=True)[0]

    def _emit(self, state: ResamplerState, final: bool) -> tuple[list[Piece], ResamplerState]:
        time, values = state.time_s, state.values
        if values is None or len(time) == 0:
            return [], ResamplerState()
        start = state.next_index
        if start is None:
            start = first_index(time[0], self.rate_out_hz)
        # A point is settled once every sample under its kernel knows its right neighbour.
        horizon = time[-1] if final else time[-1] - self.half_width_s
        stop = int(np.floor(horizon * self.rate_out_hz + (GRID_SLACK if final else -GRID_SLACK))) + 1
        index = np.arange(start, max(start, stop))
        out = []
        if len(index):
            out = [Piece(index, self._interpolate(time, values, index / self.rate_out_hz), self.rate_in_hz)]
        next_index = int(index[-1]) + 1 if len(index) else start
        # Keep what the next point's kernel covers, and one sample more for its neighbour's weight.
        keep = max(0, int(np.searchsorted(time, next_index / self.rate_out_hz - self.half_width_s)) - 1)
        keep = min(keep, len(time) - 1)
        rest = ResamplerState(time[keep:].copy(), values[keep:].copy(), next_index)  # a view would keep the whole chunk
        return out, rest

    def _interpolate(self, time: Array, values: Array, at: Array) -> Array:
        weight = _sample_weights(time, gap_threshold_s(self.rate_in_hz))
        low = np.searchsorted(time, at - self.half_width_s)
        high = np.searchsorted(time, at + self.half_width_s, side="right")
        block = max(1, BLOCK_CELLS // max(1, int((high - low).max())))
        out = np.empty((len(at), values.shape[1]))
        for begin in range(0, len(at), block):
            own = slice(begin, begin + block)
            out[own] = self._convolve(time, values, weight, at[own], low[own], high[own])
        return out

    def _convolve(self, time: Array, values: Array, weight: Array, at: Array, low: Array, high: Array) -> Array:
        index = low[:, None] + np.arange(int((high - low).max()))
        inside = index < high[:, None]
        index = np.minimum(index, len(time) - 1)
        kernel = np.where(inside, self._kernel(at[:, None] - time[index]) * weight[index], 0.0)
        area = kernel.sum(axis=1)
        weak = (area < WEAK_SUPPORT) | (area * MAX_GAIN < np.abs(kernel).sum(axis=1))
        out = np.einsum("nt,ntc->nc", kernel, values[index]) / np.where(weak, 1.0, area)[:, None]
        if weak.any():
            out[weak] = _straight_line(time, values, at[weak])
        return out

    def _kernel(self, lag_s: Array) -> Array:
        """Windowed sinc of unit area, per second."""
        cut = 2.0 * self.cutoff_hz
        window = np.where(np.abs(lag_s) < self.half_width_s, 0.5 + 0.5 * np.cos(np.pi * lag_s / self.half_width_s), 0.0)
        return cut * np.sinc(cut * lag_s) * window


def first_index(time_s: float, rate_hz: float) -> int:
    """Index of the first grid point at or after a time in seconds."""
    return int(np.ceil(time_s * rate_hz - GRID_SLACK))


def merge_pieces(pieces: list[Piece]) -> list[Piece]:
    """Join pieces whose grid indices follow each other."""
    groups: list[list[Piece]] = []
    for piece in pieces:
        if groups and groups[-1][-1].index[-1] + 1 == piece.index[0]:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return [
        Piece(np.concatenate([p.index for p in group]), np.concatenate([p.values for p in group]), group[0].rate_in_hz)
        for group in groups
    ]


def resample_uniform(
    time_s: Float[Array, " time"], values: Float[Array, "time channels"], rate_in_hz: float, rate_out_hz: float
) -> list[tuple[Array, Array]]:
    """Batch resampling as (time_s, values) pairs, one per contiguous stretch."""
    return [(p.index / rate_out_hz, p.values) for p in Resampler(rate_in_hz, rate_out_hz).batch(time_s, values)]


def _sample_weights(time: Array, longest_s: float) -> Array:
    """Seconds each sample stands for: half the way to both neighbours, at an end all of the one way there is."""
    if len(time) == 1:
        return np.full(1, longest_s)
    steps = np.diff(time)
    return 0.5 * (np.r_[steps[0], steps] + np.r_[steps, steps[-1]])


def _straight_line(time: Array, values: Array, at: Array) -> Array:
    return np.stack([np.interp(at, time, values[:, c]) for c in range(values.shape[1])], axis=1)
