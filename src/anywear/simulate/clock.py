"""The clock of a device: when it samples, when it says it did, and what gets lost on the way."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from .._typing import Array, Float, Int
from ..errors import UsageError
from ..recording import Note

MAX_JITTER_PERIODS = 0.45  # sampling instants never change places


@dataclass(frozen=True, eq=False)
class SampleTimes:
    """The samples a device takes, and what is delivered of them.

    Unpacks into true times, stamps and the mask of what is kept.

    Attributes:
        true_time_s: (N,) increasing; when each sample is really taken. Evaluate the motion here.
        stamped_time_s: (N,) what the device writes; may repeat and go back.
        sent: (N,) how often each sample is delivered: 0 dropped, 1, 2 duplicated.
        rate_error_ppm: what was drawn for this device.
        notes: what the clock did, for the stream's provenance.
    """

    true_time_s: Float[Array, " samples"]
    stamped_time_s: Float[Array, " samples"]
    sent: Int[Array, " samples"]
    rate_error_ppm: float
    notes: tuple[Note, ...]

    def __iter__(self) -> Iterator[Array]:
        return iter((self.true_time_s, self.stamped_time_s, self.kept))

    @property
    def kept(self) -> Array:
        """(N,) bool: delivered at least once."""
        return self.sent > 0

    @property
    def rows(self) -> Array:
        """Indices of the samples as they are delivered: dropped ones missing, duplicated ones twice."""
        return np.repeat(np.arange(len(self.sent)), self.sent)


@dataclass(frozen=True)
class DeviceClock:
    """How a device keeps time. As it stands, perfect.

    Attributes:
        rate_error_ppm: constant error of the output data rate; 10,000 ppm sample 1 % too fast.
        rate_error_std_ppm: what is drawn per device on top.
        stamps: ``host`` stamps with true time, so the rate error shows; ``device`` counts samples and writes nominal
            periods, so it hides.
        sampling_jitter_std_s: deviation of the instant a sample is taken from the even grid; not in the stamps.
        stamp_jitter_std_s: deviation of the stamp from the instant.
        stamp_resolution_s: stamps are whole multiples of this; 0.001 for stamps in ms.
        drop_probability, duplicate_probability: of each sample.
        burst_samples: samples of one packet, stamped when it arrives, ``burst_spacing_s`` apart.

    Raises:
        UsageError: a negative figure, probabilities beyond 1.

    Example:
        >>> clock = DeviceClock(drop_probability=0.1)
        >>> true_s, stamped_s, kept = clock.sample_times(0.0, 10.0, 50.0, np.random.default_rng(0))
        >>> len(true_s)
        500
    """

    rate_error_ppm: float = 0.0
    rate_error_std_ppm: float = 0.0
    stamps: str = "host"
    sampling_jitter_std_s: float = 0.0
    stamp_jitter_std_s: float = 0.0
    stamp_resolution_s: float = 0.0
    drop_probability: float = 0.0
    duplicate_probability: float = 0.0
    burst_samples: int = 1
    burst_spacing_s: float = 0.0002

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "stamps":
                bad, expected = value not in ("host", "device"), "host or device"
            elif field.name == "rate_error_ppm":
                bad, expected = not abs(value) < 5e5, "less than half either way, in ppm"
            elif field.name.endswith("probability"):
                bad, expected = not 0.0 <= value <= 1.0, "0 to 1"
            else:
                low = 1 if field.name == "burst_samples" else 0
                bad, expected = not (low <= value < math.inf), f"{low} or more"
            if bad:
                raise UsageError(f"A clock cannot have this {field.name}", expected=expected, got=repr(value))
        if self.drop_probability + self.duplicate_probability > 1.0:
            raise UsageError(
                "A sample cannot be dropped and duplicated", expected="probabilities that sum to 1 at most"
            )

    def sample_times(self, start_s: float, duration_s: float, rate_hz: float, rng: np.random.Generator) -> SampleTimes:
        """When one device samples between start and end.

        Args:
            start_s: true time of the first sample.
            duration_s: true time covered; the end itself is not sampled.
            rate_hz: nominal rate.
            rng: randomness of this device.

        Raises:
            UsageError: an impossible rate or duration.
        """
        if not (rate_hz > 0 and math.isfinite(rate_hz) and duration_s > 0 and math.isfinite(start_s + duration_s)):
            raise UsageError(
                "Nothing can be sampled",
                expected="a positive rate and duration",
                got=f"{rate_hz:g} Hz for {duration_s:g} s",
            )
        error_ppm = self.rate_error_ppm + float(np.clip(rng.standard_normal() * self.rate_error_std_ppm, -4e5, 4e5))
        rate = rate_hz * (1.0 + 1e-6 * error_ppm)
        # What lies on the end up to rounding is not sampled.
        count = max(1, math.ceil(duration_s * rate - 1e-6))
        grid_s = start_s + np.arange(count) / rate
        wander = rng.standard_normal(count) * self.sampling_jitter_std_s
        true_s = grid_s + np.clip(wander, -MAX_JITTER_PERIODS / rate, MAX_JITTER_PERIODS / rate)
        stamped_s = grid_s if self.stamps == "host" else start_s + np.arange(count) / rate_hz
        stamped_s = stamped_s + rng.standard_normal(count) * self.stamp_jitter_std_s
        if self.burst_samples > 1:
            stamped_s = self._in_bursts(stamped_s)
        if self.stamp_resolution_s:
            stamped_s = np.floor(stamped_s / self.stamp_resolution_s + 1e-9) * self.stamp_resolution_s
        chance = rng.random(count)
        sent = np.ones(count, dtype=np.int64)
        sent[chance < self.drop_probability] = 0
        sent[chance >= 1.0 - self.duplicate_probability] = 2
        return SampleTimes(true_s, stamped_s, sent, error_ppm, self._notes(error_ppm, sent))

    def _in_bursts(self, stamped_s: Array) -> Array:
        """Stamps on arrival: a packet leaves when its last sample is taken."""
        index = np.arange(len(stamped_s))
        last = np.minimum((index // self.burst_samples + 1) * self.burst_samples, len(index)) - 1
        return stamped_s[last] + (index % self.burst_samples) * self.burst_spacing_s

    def _notes(self, error_ppm: float, sent: Array) -> tuple[Note, ...]:
        told = []
        if error_ppm:
            told.append(f"rate off by {error_ppm:+.0f} ppm, stamped by the {self.stamps}")
        for word, value in (("sampling", self.sampling_jitter_std_s), ("stamp", self.stamp_jitter_std_s)):
            if value:
                told.append(f"{word} jitter {1e3 * value:.3g} ms rms")
        if self.burst_samples > 1:
            told.append(f"stamped on arrival in packets of {self.burst_samples}")
        if self.stamp_resolution_s:
            told.append(f"stamps in steps of {1e3 * self.stamp_resolution_s:g} ms")
        for word, times in (("dropped", 0), ("duplicated", 2)):
            number = int((sent == times).sum())
            if number:
                told.append(f"{number} sample(s) {word}")
        return (Note("assumed", "simulated clock: " + ", ".join(told)),) if told else ()


PERFECT = DeviceClock()
