"""The mount of a live stream: `anywear.signal.mount` in chunks of any size, with the same answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from .._typing import Array
from ..placement import Placement
from .mount import MountEstimate, estimate_mount
from .mount_evidence import Evidence, add_windows, no_evidence
from .resample import Piece, Resampler, ResamplerState, merge_pieces
from .walking import HOP, LEAST_RATE_HZ, LENGTH, WALK_RATE_HZ, WINDOW_S, place_kind


@dataclass(frozen=True, eq=False)
class MountFinderState:
    """What is carried from chunk to chunk: some seconds of samples and up to `mount_evidence.KEPT` windows.

    Attributes:
        resampler: of the clock.
        rest: samples on the grid that no window is done with.
        evidence: windows of walking so far.
        first_s, last_s: stamps of the first and the last sample; None before the first.
    """

    resampler: ResamplerState = field(default_factory=ResamplerState)
    rest: Piece | None = None
    evidence: Evidence = field(default_factory=no_evidence)
    first_s: float | None = None
    last_s: float | None = None


@dataclass(frozen=True)
class MountFinder:
    """Finds the mount of one sensor while it records. The pure function `step` takes a chunk and the state before it.

    Attributes:
        placement: where it is worn; its mount is not read.
        rate_hz: of its samples.

    Example:
        >>> finder, state = MountFinder(Placement.at("waist"), 50.0), MountFinderState()
        >>> time = np.arange(500) / 50.0
        >>> events, state = finder.step((time, np.tile([0.0, 0.0, 9.81], (500, 1))), state)
        >>> events, finder.estimate(state).main.reason
        ([], 'no walking was found')
    """

    placement: Placement
    rate_hz: float

    def step(
        self, chunk: tuple[Array, Array], state: MountFinderState
    ) -> tuple[list[tuple[float, float]], MountFinderState]:
        """Take a chunk; give the windows of walking that it settled, as (start, stop) in seconds, and the next state.

        Args:
            chunk: stamps (T,) and values (T, 3 or 6), acc in m/s2 then gyr in rad/s; T may be 0.
            state: what the last call gave; a new one at the start.

        Raises:
            AnywearError: stamps that do not increase, numbers that are not finite.
        """
        time_s, values = (np.asarray(part, dtype=np.float64) for part in chunk)
        if not len(time_s):
            return [], state
        pieces, resampler = self._resampler.step(time_s, values, state.resampler)
        first_s = float(time_s[0]) if state.first_s is None else state.first_s
        after = replace(state, resampler=resampler, first_s=first_s, last_s=float(time_s[-1]))
        return self._settle(pieces, after)

    def finish(self, state: MountFinderState) -> tuple[list[tuple[float, float]], MountFinderState]:
        """The windows that the end of the stream settles."""
        return self._settle(self._resampler.finish(state.resampler), replace(state, resampler=ResamplerState()))

    def estimate(self, state: MountFinderState) -> MountEstimate:
        """The mounts as far as they are known; after `finish` what `calibrate_mount` finds in the whole stream."""
        extent = (0.0, 0.0) if state.first_s is None or state.last_s is None else (state.first_s, state.last_s)
        why = None
        if self.rate_hz < LEAST_RATE_HZ:
            why = f"{self.rate_hz:.1f} Hz is too slow to find walking; {LEAST_RATE_HZ:g} Hz are needed"
        return estimate_mount(state.evidence, self.placement, (extent,), why)

    @property
    def _resampler(self) -> Resampler:
        return Resampler(self.rate_hz, WALK_RATE_HZ)

    def _settle(
        self, pieces: list[Piece], state: MountFinderState
    ) -> tuple[list[tuple[float, float]], MountFinderState]:
        if self.rate_hz < LEAST_RATE_HZ:
            return [], replace(state, rest=None)
        kind, evidence, rest = place_kind(self.placement), state.evidence, state.rest
        for piece in merge_pieces(([rest] if rest is not None else []) + pieces):
            evidence = add_windows(evidence, piece, kind)
            rest = _unfinished(piece)
        count = min(evidence.count - state.evidence.count, len(evidence))
        new = evidence.start_s[len(evidence) - count :] if count else np.zeros(0)
        events = [(float(start), float(start) + WINDOW_S) for start in new]
        return events, replace(state, rest=rest, evidence=evidence)


def _unfinished(piece: Piece) -> Piece | None:
    """The samples from the first window on that the piece does not hold in full."""
    start = int(piece.index[0])
    start += -start % HOP
    while start + LENGTH <= int(piece.index[-1]) + 1:
        start += HOP
    offset = start - int(piece.index[0])
    if offset >= len(piece.index):
        # Even the next window starts later; one sample keeps the place.
        offset = len(piece.index) - 1
    return replace(piece, index=piece.index[offset:], values=piece.values[offset:])
