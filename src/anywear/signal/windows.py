"""Windows over all streams of a recording on the model's grid, whole or in chunks.

A window starts every hop on the recording's clock and is the same stretch of time for every stream. A stream takes part in
a window only when it covers it without a gap; where none does there is no window, and no answer is made up.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .._typing import Array
from ..errors import UsageError
from ..recording import Recording
from ..timing import GAP_MIN_S, gap_threshold_s
from .resample import Piece, Resampler, ResamplerState, first_index, merge_pieces


@dataclass(frozen=True)
class WindowConfig:
    """Length, hop and rate of windows.

    Attributes:
        rate_hz: rate of the grid, the model's.
        window_s: length in seconds.
        hop_s: from one start to the next, in seconds.
    """

    rate_hz: float
    window_s: float
    hop_s: float

    def __post_init__(self) -> None:
        # On a slower grid two samples could follow each other with a gap between them.
        finite = all(math.isfinite(value) for value in (self.rate_hz, self.window_s, self.hop_s))
        if not (finite and self.rate_hz >= 1 / GAP_MIN_S and min(self.window_s, self.hop_s) * self.rate_hz >= 1):
            raise UsageError(
                "The window is impossible",
                expected=f"a rate of at least {1 / GAP_MIN_S:g} Hz, a length and a hop of at least one sample",
                got=f"rate {self.rate_hz} Hz, window {self.window_s} s, hop {self.hop_s} s",
                remedy="Give --window in seconds, such as --window 5",
            )

    @property
    def length(self) -> int:
        """Samples per window."""
        return round(self.window_s * self.rate_hz)

    @property
    def hop(self) -> int:
        """Samples per hop."""
        return round(self.hop_s * self.rate_hz)


@dataclass(frozen=True)
class Window:
    """One stretch of time as the streams that cover it saw it.

    Attributes:
        start: grid index of the first sample; time is start / rate.
        streams: indices of the streams that cover it.
        acc_mps2: one (T, 3) array per covering stream.
        gyr_radps: likewise, None where a stream has no gyroscope.
        rates_hz: at which each was sampled.
    """

    start: int
    streams: tuple[int, ...]
    acc_mps2: tuple[Array, ...]
    gyr_radps: tuple[Array | None, ...]
    rates_hz: tuple[float, ...]


def grid_pieces(recording: Recording, rate_hz: float) -> list[list[Piece]]:
    """Every stream on the grid of this rate: a list of pieces per stream, values acc then gyr (3 or 6 columns)."""
    out = []
    for stream in recording.streams:
        values = stream.acc_mps2 if stream.gyr_radps is None else np.hstack([stream.acc_mps2, stream.gyr_radps])
        out.append(Resampler(stream.effective_rate_hz, rate_hz).batch(stream.time_s, values))
    return out


def windows(recording: Recording, config: WindowConfig, *, tail: bool = False) -> list[Window]:
    """Every window of a recording, in time order.

    Args:
        recording: any number of streams.
        config: rate, length, hop.
        tail: add one last window that ends with the data when the hops leave a rest of half a hop or more; a recording
            shorter than one window then gives one window of its own length.
    """
    pieces = grid_pieces(recording, config.rate_hz)
    spans = [piece for stream in pieces for piece in stream if len(piece.index)]
    if not spans:
        return []
    first = first_index(recording.start_s, config.rate_hz)
    end = max(int(piece.index[-1]) + 1 for piece in spans)
    found = [cut_window(pieces, start, config.length) for start in _covered_starts(pieces, first, end, config)]
    if not tail:
        return found
    covered = found[-1].start + config.length if found else first
    if not found:
        longest = max(spans, key=lambda piece: len(piece.index))
        start, stop = int(longest.index[0]), int(longest.index[-1]) + 1
        rest = cut_window(pieces, start, min(stop - start, config.length))
    elif end - covered >= 0.5 * config.hop:
        rest = cut_window(pieces, end - config.length, config.length)
    else:
        return found
    return [*found, rest] if rest.streams else found


def _covered_starts(pieces: Sequence[Sequence[Piece]], first: int, end: int, config: WindowConfig) -> list[int]:
    """Starts first, first + hop, ... of the windows up to `end` that some stream covers; a gap costs nothing."""
    starts: set[int] = set()
    for piece in (piece for stream in pieces for piece in stream):
        begin = max(first, int(piece.index[0]))
        begin += (first - begin) % config.hop
        starts.update(range(begin, min(end, int(piece.index[-1]) + 1) - config.length + 1, config.hop))
    return sorted(starts)


def cut_window(pieces: Sequence[Sequence[Piece]], start: int, length: int) -> Window:
    """One window at a grid index, with the streams that cover it; none may. `pieces` are those of `grid_pieces`."""
    streams, acc, gyr, rates_hz = [], [], [], []
    for number, stream in enumerate(pieces):
        at = bisect_right(stream, start, key=lambda piece: int(piece.index[0])) - 1
        offset = start - int(stream[at].index[0]) if at >= 0 else 0
        if at >= 0 and offset + length <= len(stream[at].index):
            values = stream[at].values[offset : offset + length]
            streams.append(number)
            acc.append(values[:, :3])
            gyr.append(values[:, 3:6] if values.shape[1] == 6 else None)
            rates_hz.append(stream[at].rate_in_hz)
    return Window(start, tuple(streams), tuple(acc), tuple(gyr), tuple(rates_hz))


def intersect(covers: Sequence[Sequence[tuple[int, int]]]) -> list[tuple[int, int]]:
    """Stretches (start, stop) that lie in every one of several lists of stretches."""
    common = list(covers[0])
    for other in covers[1:]:
        pairs = ((max(a, c), min(b, d)) for a, b in common for c, d in other)
        common = [(low, high) for low, high in pairs if low < high]
    return common


@dataclass(frozen=True)
class WindowerState:
    """What the chunked windower carries: one resampler state and the pieces still needed, per stream.

    Attributes:
        resamplers, pieces: per stream.
        next_start: grid index of the next window's start; None before the first.
        end: grid index behind the last point of any stream so far.
        covered: grid index behind the last window found; None before the first.
        shortest: what a recording that ended without a window would be read as, with its rank among such.
    """

    resamplers: tuple[ResamplerState, ...]
    pieces: tuple[tuple[Piece, ...], ...]
    next_start: int | None = None
    end: int | None = None
    covered: int | None = None
    shortest: tuple[tuple[int, int, int], Window] | None = None


@dataclass(frozen=True)
class Windower:
    """Windows from chunks, any size, streams in any order; the same windows as `windows` finds.

    Attributes:
        config: rate, length, hop.
        rates_hz: sampling rate of each stream.
        first_s: clock time of the recording's first sample, from which starts are counted.
    """

    config: WindowConfig
    rates_hz: tuple[float, ...]
    first_s: float = 0.0
    resamplers: tuple[Resampler, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "resamplers", tuple(Resampler(rate, self.config.rate_hz) for rate in self.rates_hz))

    def start(self) -> WindowerState:
        """The state before the first sample."""
        count = len(self.rates_hz)
        return WindowerState(tuple(ResamplerState() for _ in range(count)), tuple(() for _ in range(count)))

    def step(
        self,
        chunks: list[tuple[Array, Array] | None],
        state: WindowerState,
        *,
        watermark_s: float = -math.inf,
    ) -> tuple[list[Window], WindowerState]:
        """Take one chunk (time_s, values) per stream, None where nothing came; give the windows that are settled.

        Args:
            chunks: what came since the last step.
            state: what the last step returned.
            watermark_s: nothing older will come any more. A window is settled once every stream is past its end, or the
                watermark is; without one a stream that stalls holds windows back until `finish`.

        Raises:
            UsageError: not one chunk per stream.
        """
        if len(chunks) != len(self.rates_hz):
            raise UsageError(
                "Every stream needs a chunk, or None",
                expected=f"{len(self.rates_hz)} chunks",
                got=f"{len(chunks)}",
            )
        resamplers, pieces, settled = [], [], []
        for number, chunk in enumerate(chunks):
            kept, own = list(state.pieces[number]), state.resamplers[number]
            new: list[Piece] = []
            if chunk is not None:
                new, own = self.resamplers[number].step(chunk[0], chunk[1], own)
            if len(own.time_s) and watermark_s > own.time_s[-1] + gap_threshold_s(self.rates_hz[number]):
                # What follows lies behind a gap: the stretch is complete.
                new, own = new + self.resamplers[number].finish(own), ResamplerState()
            if own.next_index is not None:
                settled.append(own.next_index)
            else:
                settled.append(first_index(watermark_s, self.config.rate_hz) if math.isfinite(watermark_s) else None)
            resamplers.append(own)
            pieces.append(tuple(merge_pieces(kept + new)) if new else tuple(kept))
        after = replace(state, resamplers=tuple(resamplers), pieces=tuple(pieces))
        reached = [index for index in settled if index is not None]
        return self._emit(min(reached), after) if len(reached) == len(settled) else ([], after)

    def finish(self, state: WindowerState, *, tail: bool = False) -> list[Window]:
        """The windows left when all streams have ended; `tail` as in `windows`."""
        pieces = tuple(
            tuple(merge_pieces([*kept, *self.resamplers[n].finish(state.resamplers[n])]))
            for n, kept in enumerate(state.pieces)
        )
        found, done = self._emit(_end(pieces, state.end) or 0, replace(state, pieces=pieces))
        if not tail or done.end is None:
            return found
        if done.covered is None:
            rest = done.shortest[1] if done.shortest else None
        elif done.end - done.covered >= 0.5 * self.config.hop:
            rest = cut_window(done.pieces, done.end - self.config.length, self.config.length)
        else:
            rest = None
        return [*found, rest] if rest is not None and rest.streams else found

    def _emit(self, settled: int, state: WindowerState) -> tuple[list[Window], WindowerState]:
        length, hop = self.config.length, self.config.hop
        start = state.next_start
        if start is None:
            start = first_index(self.first_s, self.config.rate_hz)
        starts = _covered_starts(state.pieces, start, settled, self.config)
        out = [cut_window(state.pieces, own, length) for own in starts]
        start += hop * max(0, (settled - length - start) // hop + 1)
        end = _end(state.pieces, state.end)
        covered = starts[-1] + length if starts else state.covered
        shortest = None if covered is not None else _longest(state.pieces, settled, length, state.shortest)
        # Samples that no window needs, not even one that ends with the data, are done with: memory stays bounded for days.
        oldest = start - hop if end is None else min(start - hop, end - length)
        if covered is None:
            oldest = min(oldest, settled - length - hop)
        kept = tuple(
            tuple(_after(piece, oldest) for piece in own if int(piece.index[-1]) >= oldest) for own in state.pieces
        )
        return out, WindowerState(state.resamplers, kept, start, end, covered, shortest)


def _end(pieces: Sequence[Sequence[Piece]], before: int | None) -> int | None:
    ends = [int(own[-1].index[-1]) + 1 for own in pieces if own]
    return max([*ends, *([] if before is None else [before])], default=None)


def _longest(
    pieces: Sequence[Sequence[Piece]],
    settled: int,
    length: int,
    best: tuple[tuple[int, int, int], Window] | None,
) -> tuple[tuple[int, int, int], Window] | None:
    """The longest settled piece as a window, where it is longer than the best so far; of equals the first."""
    for number, own in enumerate(pieces):
        for piece in own:
            count, start = len(piece.index), int(piece.index[0])
            rank = (count, -number, -start)
            if start + count <= settled and (best is None or rank > best[0]):
                best = rank, cut_window(pieces, start, min(count, length))
    return best


def _after(piece: Piece, start: int) -> Piece:
    offset = max(0, start - int(piece.index[0]))
    # Copies: a view would keep the whole chunk it is part of.
    return replace(piece, index=piece.index[offset:].copy(), values=piece.values[offset:].copy()) if offset else piece
