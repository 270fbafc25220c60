"""A recording played to a live stream as if it were worn now, and how long the answers took."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import UsageError
from ..recording import Recording
from .stream import LiveStream
from .stream_events import Activity, Event, GestureSeen
from .stream_gestures import GestureStream
from .stream_input import Chunk, Samples

CHUNK_S = 0.1  # s; how often phones hand samples over
PARTS = ("waiting", "signal", "encoder", "head")
PERCENTILES = (50, 95, 99)


@dataclass(frozen=True)
class Latency:
    """From the end of a window, or from the last sample that a gesture needed, to the answer, s.

    Attributes:
        waiting_s: until the samples were handed over that settled it: what the resampler looks ahead for a window, the rest
            of the chunk, and sensors that are late.
        signal_s: checking samples, resampling, cutting windows and motions.
        encoder_s: windows to vectors, motions to features.
        head_s: vectors and features to answers.
        of: the kind of the event.
        deciding_s: from the end of a gesture to the last sample that it needed, which shows that it is over.
    """

    waiting_s: float
    signal_s: float
    encoder_s: float
    head_s: float
    of: str = Activity.event
    deciding_s: float = 0.0

    @property
    def compute_s(self) -> float:
        """What the machine took."""
        return self.signal_s + self.encoder_s + self.head_s

    @property
    def total_s(self) -> float:
        return self.waiting_s + self.compute_s

    @property
    def after_end_s(self) -> float:
        """From the end of the window or gesture."""
        return self.deciding_s + self.total_s


def replay(
    live: LiveStream | GestureStream,
    recording: Recording,
    *,
    chunk_s: float = CHUNK_S,
    speed: float = 1.0,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[tuple[Sequence[Event], list[Latency]]]:
    """Play a recording in chunks of `chunk_s`; give the events of each, and a latency for every answer at once and gesture.

    Args:
        live: a stream of the recording's sensors, or of one of them; see `LiveStream.for_recording`.
        recording: what is played.
        chunk_s: seconds of samples handed over together.
        speed: seconds of the recording per second; infinity does not wait, and then a chunk counts as handed over when its
            last moment has passed.
        clock, sleep: of the machine.

    Raises:
        UsageError: a chunk or a speed that cannot be. And what `LiveStream.step` raises.
    """
    if not (chunk_s > 0 and math.isfinite(chunk_s)):
        raise UsageError("The chunk is impossible", expected="more than 0 s", got=f"{chunk_s:g} s")
    if not speed > 0:
        raise UsageError("The speed is impossible", expected="more than 0, or max", got=f"{speed:g}")
    state: Any = live.start()
    begun, known = clock(), {sensor.name for sensor in live.sensors}
    for now_s, chunk in chunks_of(recording, chunk_s):
        if math.isfinite(speed):
            sleep(max(0.0, (now_s - recording.start_s) / speed - (clock() - begun)))
            now_s = recording.start_s + (clock() - begun) * speed
        marks = [clock()]
        ready = live.prepare({name: own for name, own in chunk.items() if name in known}, state)
        marks.append(clock())
        seen = live.encode(ready)
        marks.append(clock())
        answers, state = live.answer(ready, seen)
        marks.append(clock())
        yield (*ready.said, *answers), _latencies(answers, now_s, marks)
    yield live.finish(state), []


def _latencies(answers: Sequence[Event], now_s: float, marks: Sequence[float]) -> list[Latency]:
    signal_s, encoder_s, head_s = np.diff(marks).tolist()
    out = []
    for event in answers:
        if isinstance(event, Activity) and not event.final:
            out.append(Latency(now_s - event.end_s, signal_s, encoder_s, head_s))
        elif isinstance(event, GestureSeen):
            deciding_s = event.known_at_s - event.end_s
            waiting_s = now_s - event.known_at_s
            out.append(Latency(waiting_s, signal_s, encoder_s, head_s, event.event, deciding_s))
    return out


def chunks_of(recording: Recording, chunk_s: float) -> Iterator[tuple[float, Chunk]]:
    """The recording's samples in the order of time, so much at once: when each chunk ends, and what is in it."""
    count = max(1, math.ceil((recording.end_s - recording.start_s) / chunk_s + 1e-9))
    sent = [0] * len(recording.streams)
    for number in range(1, count + 1):
        end_s = recording.start_s + number * chunk_s
        chunk: dict[str, Samples] = {}
        for index, own in enumerate(recording.streams):
            until = len(own) if number == count else int(np.searchsorted(own.time_s, end_s, side="right"))
            if until > sent[index]:
                part = slice(sent[index], until)
                gyr = None if own.gyr_radps is None else own.gyr_radps[part]
                chunk[own.name] = Samples(own.time_s[part], own.acc_mps2[part], gyr)
            sent[index] = until
        yield end_s, chunk


def summarize(latencies: Sequence[Latency]) -> dict[str, dict[str, float]]:
    """Percentiles of each part, of compute (all but waiting), of the total, and of gestures from their
    end, in ms: ``{"head": {"p50": 0.1, ...}}``."""
    if not latencies:
        return {}
    parts = (*PARTS, "compute", "total", *(("after_end",) if any(own.deciding_s for own in latencies) else ()))
    rows = {part: [getattr(own, f"{part}_s") for own in latencies] for part in parts}
    return {
        part: {f"p{p}": round(1000.0 * float(np.percentile(values, p)), 3) for p in PERCENTILES}
        for part, values in rows.items()
    }
