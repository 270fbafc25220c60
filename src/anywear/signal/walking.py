"""Where in a stream somebody walks: found by rhythm, in any turn of the sensor, without a model.

A window counts as walking when the strength of its acceleration repeats at the pace of steps, is neither as weak as fidgeting
nor as strong as running, and the sensor keeps its posture. What else is asked depends on the place:

- On trunk, head and upper arm: forward acceleration goes with falling (see `anywear.signal.gait`), and nothing flies.
- On the leg: feet strike the ground, which a pedal does not, and the leg swings forward faster than it carries.

A confidence between 0 and 1 is the product of what is asked, each of which rises from none to full over a range. The ranges
were set on simulated motion and on the recordings of dsads and sp-sw-har.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float, Int
from ..placement import Placement
from ..recording import Stream
from .gait import Gait, measure_gait
from .resample import Piece, Resampler

WALK_RATE_HZ = 25.0  # holds the fourth harmonic of brisk steps and the strike of the heel
WINDOW_S = 4.0  # five to ten steps
HOP_S = 1.0
LEAST_RATE_HZ = 12.0  # of the sensor: twice the second harmonic of brisk steps
WALKING = 0.5  # confidence from which a window counts
LENGTH, HOP = round(WINDOW_S * WALK_RATE_HZ), round(HOP_S * WALK_RATE_HZ)

Range = tuple[float, float]


@dataclass(frozen=True)
class Limits:
    """What is asked of a window; each pair is where confidence begins to rise and where it is full.

    Attributes:
        strong_g: of the standard deviation of |acc|.
        weak_g: the other way: too strong from the second figure on.
        rhythm: share of the power in the harmonics of the steps.
        coherence: of forward acceleration and falling.
        sharpness: share of the power of what strikes.
        asymmetry: of the swing; asked only of sensors with a gyroscope.
        flight_g: |acc| that a tenth of the samples stay below.
        stepping: power at the step against that at the stride.
        swing_radps: rate about the axis that the sensor swings about; asked only of sensors with a gyroscope.
    """

    strong_g: Range
    weak_g: Range
    rhythm: Range
    coherence: Range | None = None
    sharpness: Range | None = None
    asymmetry: Range | None = None
    flight_g: Range | None = None
    stepping: Range | None = None
    swing_radps: Range | None = None


TURNED_DEG = (16.0, 8.0)  # between the halves of a window, on any place
FLIGHT_G = (0.3, 0.45)
LIMITS: dict[str, Limits] = {
    "trunk": Limits(
        (0.05, 0.09), (0.6, 0.45), (0.6, 0.8), coherence=(0.2, 0.45), flight_g=FLIGHT_G, stepping=(0.25, 0.5)
    ),
    "thigh": Limits(
        (0.06, 0.12), (0.75, 0.6), (0.5, 0.65), coherence=(0.4, 0.65), sharpness=(0.04, 0.09), asymmetry=(0.05, 0.2),
        swing_radps=(0.6, 0.9),
    ),
    "foot": Limits(
        (0.15, 0.25), (2.0, 1.6), (0.55, 0.7), sharpness=(0.04, 0.09), asymmetry=(0.15, 0.35), swing_radps=(0.8, 1.2)
    ),
    # An arm that hangs is shaken as the trunk is; one that holds a rail or a load is not, and its up tells nothing.
    "arm": Limits(
        (0.1, 0.15), (0.5, 0.35), (0.75, 0.85), coherence=(0.15, 0.35), sharpness=(0.02, 0.05), flight_g=FLIGHT_G,
        stepping=(0.45, 0.7),
    ),
    "unknown": Limits(
        (0.06, 0.09), (0.6, 0.45), (0.7, 0.85), sharpness=(0.02, 0.05), flight_g=FLIGHT_G, stepping=(0.45, 0.7)
    ),
}  # fmt: skip
"""By kind of place; see `place_kind`."""


@dataclass(frozen=True)
class Walk:
    """A stretch of walking.

    Attributes:
        start_s, stop_s: on the clock of the stream.
        steps_hz: mean pace, steps of both feet per second.
        confidence: mean over its windows, 0.5 to 1.
    """

    start_s: float
    stop_s: float
    steps_hz: float
    confidence: float


@dataclass(frozen=True, eq=False)
class WalkingWindows:
    """The windows of a stretch of samples, walking or not.

    Attributes:
        index: (N,) grid index of each first sample; time is index / `WALK_RATE_HZ`.
        steps_hz: (N,) pace of both feet; on the leg twice that of its swing, where there is a gyroscope.
        confidence: (N,) that somebody walks.
        gait: their measures.
    """

    index: Int[Array, " windows"]
    steps_hz: Float[Array, " windows"]
    confidence: Float[Array, " windows"]
    gait: Gait


def place_kind(placement: Placement) -> str:
    """One of the names of `LIMITS`."""
    if placement.segment is None:
        return "unknown"
    part = placement.segment.removeprefix("left_").removeprefix("right_")
    if part in ("forearm", "hand", "fingers"):
        return "arm"
    if part == "thigh":
        return "thigh"
    return "foot" if part in ("shank", "foot", "toes") else "trunk"


def find_walking(stream: Stream, placement: Placement | None = None) -> tuple[Walk, ...]:
    """Stretches of walking of a stream, in time order.

    Args:
        stream: any rate from 12 Hz on; slower ones hold no walking that could be told.
        placement: where it is worn, in place of what the stream says; its mount is not read.
    """
    if stream.effective_rate_hz < LEAST_RATE_HZ:
        return ()
    values = stream.acc_mps2 if stream.gyr_radps is None else np.hstack([stream.acc_mps2, stream.gyr_radps])
    pieces = Resampler(stream.effective_rate_hz, WALK_RATE_HZ).batch(stream.time_s, values)
    kind = place_kind(placement or stream.placement)
    found = [walking_windows(piece, kind) for piece in pieces]
    return join_walks(
        np.concatenate([own.index for own in found]) / WALK_RATE_HZ if found else np.zeros(0),
        np.concatenate([own.steps_hz for own in found]) if found else np.zeros(0),
        np.concatenate([own.confidence for own in found]) if found else np.zeros(0),
    )


def walking_windows(piece: Piece, kind: str) -> WalkingWindows:
    """Measure the windows of one contiguous stretch on the grid of `WALK_RATE_HZ`.

    Windows start at whole multiples of the hop on the absolute grid, so that a stretch taken in parts has the same ones.
    """
    first = -int(piece.index[0]) % HOP if len(piece.index) else 0
    starts = np.arange(first, max(first, len(piece.index) - LENGTH + 1), HOP)
    cut = piece.values[starts[:, None] + np.arange(LENGTH)]
    gyr = cut[..., 3:6] if piece.values.shape[1] == 6 else None
    gait = measure_gait(cut[..., :3], gyr, WALK_RATE_HZ)
    index = np.asarray(piece.index[0] + starts if len(starts) else starts, dtype=np.int64)
    steps_hz = 2.0 * gait.swings_hz if gyr is not None and kind in ("thigh", "foot") else gait.steps_hz
    return WalkingWindows(index, steps_hz, walking_confidence(gait, kind, gyr is not None), gait)


def walking_confidence(gait: Gait, kind: str, with_gyroscope: bool) -> Float[Array, " windows"]:
    """How sure it is that each window is walking, 0 to 1."""
    limits = LIMITS[kind]
    asked: list[tuple[Array, Range | None]] = [
        (gait.strength_g, limits.strong_g),
        (gait.strength_g, limits.weak_g),
        (gait.rhythm, limits.rhythm),
        (gait.turned_deg, TURNED_DEG),
        (np.linalg.norm(gait.surge, axis=1), limits.coherence),
        (gait.sharpness, limits.sharpness),
        (gait.lightest_g, limits.flight_g),
        (gait.asymmetry, limits.asymmetry if with_gyroscope else None),
        (gait.swing_radps, limits.swing_radps if with_gyroscope else None),
        (gait.stepping, limits.stepping),
    ]
    confidence = np.ones(len(gait.up))
    for values, between in asked:
        if between is not None:
            confidence = confidence * np.clip((values - between[0]) / (between[1] - between[0]), 0.0, 1.0)
    return confidence


def join_walks(start_s: Array, steps_hz: Array, confidence: Array) -> tuple[Walk, ...]:
    """Windows of walking, in time order, joined where they overlap or touch."""
    walks: list[Walk] = []
    group: list[int] = []
    for number in [*np.flatnonzero(confidence >= WALKING).tolist(), None]:
        if group and (number is None or start_s[number] > start_s[group[-1]] + WINDOW_S):
            walks.append(_joined(group, start_s, steps_hz, confidence))
            group = []
        if number is not None:
            group.append(number)
    return tuple(walks)


def _joined(group: Sequence[int], start_s: Array, steps_hz: Array, confidence: Array) -> Walk:
    own = list(group)
    return Walk(
        float(start_s[own[0]]),
        float(start_s[own[-1]] + WINDOW_S),
        float(np.average(steps_hz[own], weights=confidence[own])),
        float(confidence[own].mean()),
    )
