"""Marked gestures added to somebody's walking: no recording has both, so the signals are summed.

A sum is not how a walking person moves a phone, but it holds what a segmenter has to stand: an activity that goes on, and a
gesture over it. Acceleration of the gesture enters less its mean, so that gravity is there once; angular rates add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from ..errors import FormatError
from ..recording import Recording, Span, Stream
from .nucleus_setups import stretches
from .setup_disturbances import at_rate

WALKING = "walking in a parking lot"
BEFORE_S = 20.0  # of walking alone, before the gestures come
WALK_RATE_HZ = 25.0  # Hz


def added_to_walking(gestures: Sequence[Recording], walks: Iterable[Recording], stream: str) -> list[Recording]:
    """Every recording of gestures over the walking of one person after the other.

    Args:
        gestures: with marks. What lies behind a gap, or beyond the end of the walk, is left out with its marks.
        walks: recordings of which some are labelled `WALKING`.
        stream: the walkers' stream.

    Raises:
        FormatError: nobody walks, or not for long enough.
    """
    own = [walk.stream(stream) for walk in walks if {span.label for span in walk.labels} == {WALKING}]
    walkers = [walker for walker in own if walker.duration_s > 2 * BEFORE_S and walker.gyr_radps is not None]
    if not walkers:
        raise FormatError("Nobody walks", expected=f"recordings of {WALKING} longer than {2 * BEFORE_S:g} s")
    return [_sum(gesture, walkers[number % len(walkers)]) for number, gesture in enumerate(gestures)]


def _sum(gesture: Recording, walker: Stream) -> Recording:
    start_s, acc, gyr, _ = stretches(at_rate(gesture, WALK_RATE_HZ).streams[0])[0]
    _, walk_acc, walk_gyr, _ = stretches(walker)[0]
    assert walk_gyr is not None
    first = round(BEFORE_S * WALK_RATE_HZ)
    count = min(len(acc), len(walk_acc) - first)
    inside = slice(first, first + count)
    walk_acc[inside] += (acc - acc.mean(axis=0))[:count]
    if gyr is not None:
        walk_gyr[inside] += gyr[:count]
    end = first + count  # and no further: the last gesture may be cut there, as in the file
    time_s = np.arange(end) / WALK_RATE_HZ
    shift_s = BEFORE_S - start_s
    marks = [Span(s.start_s + shift_s, s.end_s + shift_s, s.label) for s in gesture.labels]
    summed = replace(walker, time_s=time_s, acc_mps2=walk_acc[:end], gyr_radps=walk_gyr[:end], notes=())
    return replace(gesture, streams=(summed,), labels=tuple(s for s in marks if s.end_s <= time_s[-1]))
