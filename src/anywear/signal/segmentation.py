"""Candidate motions in a signal without end: where something begins that stands out, and where it is over.

A motion begins when power rises to many times the background (`anywear.signal.motion_background`), and is over when power has
stayed low for a moment, low against the background and against the motion's own peak. Its ends, its peak and its nucleus are
then found as in a clip (`anywear.signal.nucleus`), on the stretch from a little before the rise. What does not end is cut.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError
from ..recording import Stream
from .energy import ENERGY_RATE_HZ, REACH, Power, PowerFilter, PowerState
from .motion_background import Background, BackgroundState, above
from .nucleus import MOTION_SHARE, NUCLEUS_SHARE, greatest_stretch, motion_energy
from .resample import Piece, Resampler, ResamplerState


@dataclass(frozen=True)
class SegmentConfig:
    """What counts as a motion of its own. Ratios and times of human movement; no unit, no rate, nothing of a person.

    Attributes:
        onset: times the background at which a motion begins.
        offset: times the background below which it may end.
        faded: share of the motion's own peak power below which it may end.
        pause_s: for how long it has to be so.
        lead_s: before the onset in which the motion's start is looked for.
        longest_s: after which a motion is cut; this bounds memory.
        nucleus_share, motion_share: see `anywear.signal.nucleus`.
        background: what does not stand out.
    """

    onset: float = 20.0  # 13 dB
    offset: float = 3.0
    faded: float = 0.02  # 17 dB below the peak
    pause_s: float = 0.32
    lead_s: float = 0.6
    longest_s: float = 8.0
    nucleus_share: float = NUCLEUS_SHARE
    motion_share: float = MOTION_SHARE
    background: Background = field(default_factory=Background)

    def __post_init__(self) -> None:
        times = (self.pause_s, self.lead_s, self.longest_s)
        if not (
            self.onset > self.offset >= 1.0
            and 0.0 <= self.faded < 1.0
            and all(math.isfinite(own) and own > 0.0 for own in times)
            and self.longest_s > self.pause_s
        ):
            raise UsageError(
                "No motion can be told apart like this",
                expected="onset > offset >= 1, faded from 0 to below 1, positive times, longest_s > pause_s",
                got=f"onset {self.onset:g}, offset {self.offset:g}, faded {self.faded:g}, times {times} s",
            )


@dataclass(frozen=True)
class Candidate:
    """One motion that stands out, on the stream's clock in seconds.

    Attributes:
        start_s, stop_s: the motion with its beginning and end.
        nucleus_start_s, nucleus_stop_s: its decisive part.
        peak_s: where its energy is greatest.
        above_db: the peak's power over the background, decibels.
        decided_s: stamp of the last sample that had to be heard to know all this.
        whole: False where it was cut: by `SegmentConfig.longest_s`, a gap, or the end of the signal.
    """

    start_s: float
    stop_s: float
    nucleus_start_s: float
    nucleus_stop_s: float
    peak_s: float
    above_db: float
    decided_s: float
    whole: bool


@dataclass(frozen=True)
class SegmenterState:
    """What a segmenter carries: a few seconds of power and less of signal, however long it runs. Never changed in place.

    Attributes:
        resampler, power, background: of the three before it.
        index: grid index of the next sample whose power comes; None before the first.
        kept: (n, sensors) power before `index` that may still matter.
        since: grid index of the onset of the motion that is on, or None.
        peak: its greatest power so far, times the background.
        low: how many samples it has been low for.
        free: grid index from which a motion may start; before it lies the last one.
    """

    resampler: ResamplerState = field(default_factory=ResamplerState)
    power: PowerState = field(default_factory=PowerState)
    background: BackgroundState = field(default_factory=BackgroundState)
    index: int | None = None
    kept: Array | None = None
    since: int | None = None
    peak: float = 0.0
    low: int = 0
    free: int | None = None


@dataclass(frozen=True)
class Segmenter:
    """Candidates from chunks of any size; the same as from the whole signal.

    Attributes:
        rate_hz: of the samples that come in.
        config: what counts as a motion.

    Example:
        >>> time = np.arange(1000) / 100
        >>> acc = np.zeros((1000, 3)) + [0.0, 0.0, 9.81]
        >>> acc[:, 0] += 5 * np.sin(12 * time) * (abs(time - 5) < 0.5)
        >>> segmenter = Segmenter(100.0)
        >>> first, state = segmenter.step(time[:480], acc[:480], SegmenterState())
        >>> rest, state = segmenter.step(time[480:], acc[480:], state)
        >>> len(first), len(rest), abs(rest[0].peak_s - 5) < 0.5
        (0, 1, True)
    """

    rate_hz: float
    config: SegmentConfig = field(default_factory=SegmentConfig)
    resampler: Resampler = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "resampler", Resampler(self.rate_hz, ENERGY_RATE_HZ))

    def step(
        self, time_s: Float[Array, " time"], values: Float[Array, "time channels"], state: SegmenterState
    ) -> tuple[list[Candidate], SegmenterState]:
        """The candidates that this chunk settles, and the state to go on with.

        Args:
            time_s: (T,) increasing stamps, also from chunk to chunk. A gap ends the motion that is on.
            values: (T, 3) acceleration, or (T, 6) with angular rate, any units, the same in every chunk.
            state: what the last call returned; `SegmenterState()` at first.

        Raises:
            UsageError: neither 3 nor 6 channels. AnywearError: stamps that do not increase, numbers that are not finite.
        """
        if values.shape[1] not in (3, 6):
            raise UsageError(
                "The channels are not those of a motion sensor",
                expected="3 of acceleration, or these and 3 of angular rate",
                got=f"{values.shape[1]}",
            )
        pieces, resampler = self.resampler.step(time_s, values, state.resampler)
        found: list[Candidate] = []
        state = replace(state, resampler=resampler)
        for piece in pieces:
            own, state = self._piece(piece, state)
            found += own
        return found, state

    def finish(self, state: SegmenterState) -> list[Candidate]:
        """What is left when the signal has ended."""
        found: list[Candidate] = []
        for piece in self.resampler.finish(state.resampler):
            own, state = self._piece(piece, state)
            found += own
        return found + self._end(state)[0]

    def batch(self, time_s: Float[Array, " time"], values: Float[Array, "time channels"]) -> list[Candidate]:
        """All candidates of a whole signal."""
        found, state = self.step(time_s, values, SegmenterState())
        return found + self.finish(state)

    def _piece(self, piece: Piece, state: SegmenterState) -> tuple[list[Candidate], SegmenterState]:
        """Samples on the grid: the next ones, or those behind a gap."""
        found: list[Candidate] = []
        first = int(piece.index[0])
        told = state.power.values
        heard = None if state.index is None else state.index + (0 if told is None else len(told) - state.power.told)
        if heard != first:
            if heard is not None:
                found, state = self._end(state)
            state = replace(state, index=first, kept=None, free=first)
        power, filtered = PowerFilter().step(piece.values, state.power)
        own, state = self._follow(power, replace(state, power=filtered))
        return found + own, state

    def _end(self, state: SegmenterState) -> tuple[list[Candidate], SegmenterState]:
        """The stretch is over: what is on is cut. The background stays known."""
        found, state = self._follow(PowerFilter().finish(state.power), replace(state, power=PowerState()))
        if state.since is not None and state.index is not None:
            found.append(self._candidate(state, state.index, whole=False))
        return found, replace(state, since=None, kept=None)

    def _follow(self, power: Power, state: SegmenterState) -> tuple[list[Candidate], SegmenterState]:
        """The heart of it: power, sample by sample, against background and peak."""
        if not len(power) or state.index is None:
            return [], state
        config = self.config
        level, background = config.background.step(power, state.background)
        times = above(power.values, level).tolist()
        begin = state.index
        kept = power.values if state.kept is None else np.concatenate([state.kept, power.values])
        state = replace(state, kept=kept, background=background, index=begin + len(power))
        first = begin + len(power) - len(kept)  # grid index of the first of `kept`
        pause, longest = _samples(config.pause_s), _samples(config.longest_s)
        since, peak, low = state.since, state.peak, state.low
        found: list[Candidate] = []
        for at, now in enumerate(times, start=begin):
            if since is None:
                if now <= config.onset:
                    continue
                since, peak, low = at, now, 0
            peak = max(peak, now)
            low = low + 1 if now < max(config.offset, config.faded * peak) else 0
            if low >= pause or at + 1 - since >= longest:
                here = replace(state, kept=kept[: at + 1 - first], since=since, peak=peak)
                found.append(self._candidate(here, at + 1, whole=low >= pause))
                # What follows starts behind this one, and not before its end was known where it was cut.
                stop = round(found[-1].stop_s * ENERGY_RATE_HZ) + 1
                state = replace(state, free=stop if low >= pause else at + 1)
                since, peak, low = None, 0.0, 0
        state = replace(state, since=since, peak=peak, low=low)
        return found, self._forget(state)

    def _candidate(self, state: SegmenterState, until: int, *, whole: bool) -> Candidate:
        """The motion in the power kept, which ends before grid index `until`."""
        assert state.kept is not None and state.since is not None and state.free is not None
        first = until - len(state.kept)
        start = max(first, state.free, state.since - _samples(self.config.lead_s))
        energy = motion_energy(state.kept[start - first :])
        motion = greatest_stretch(energy, self.config.motion_share)
        nucleus = greatest_stretch(energy, self.config.nucleus_share)
        peak = int(energy.argmax())
        decided_s = (until - 1 + REACH) / ENERGY_RATE_HZ + self.resampler.half_width_s
        return Candidate(
            start_s=(start + motion[0]) / ENERGY_RATE_HZ,
            stop_s=(start + motion[1] - 1) / ENERGY_RATE_HZ,
            nucleus_start_s=(start + nucleus[0]) / ENERGY_RATE_HZ,
            nucleus_stop_s=(start + nucleus[1] - 1) / ENERGY_RATE_HZ,
            peak_s=(start + peak) / ENERGY_RATE_HZ,
            above_db=10.0 * math.log10(state.peak),
            decided_s=decided_s,
            whole=whole,
        )

    def _forget(self, state: SegmenterState) -> SegmenterState:
        assert state.index is not None and state.kept is not None
        lead = _samples(self.config.lead_s)
        needed = (state.index if state.since is None else state.since) - lead
        return replace(state, kept=state.kept[max(0, len(state.kept) - (state.index - needed)) :])


def segment(stream: Stream, config: SegmentConfig | None = None) -> list[Candidate]:
    """The candidate motions of a stream of a recording, in time order.

    Args:
        stream: any; a gap ends the motion that is on.
        config: what counts as a motion; the default is that of docs/nucleus.md.
    """
    gyr = stream.gyr_radps
    values = stream.acc_mps2 if gyr is None else np.hstack([stream.acc_mps2, gyr])
    segmenter = Segmenter(stream.effective_rate_hz, config or SegmentConfig())
    return segmenter.batch(stream.time_s, np.asarray(values, dtype=np.float64))


def _samples(seconds: float) -> int:
    return max(1, round(seconds * ENERGY_RATE_HZ))
