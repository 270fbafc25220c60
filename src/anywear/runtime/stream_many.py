"""Many wearers live at once: one step of each, their windows and motions looked at together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .._typing import Array
from ..errors import AnywearError, UsageError
from ..placement import Placement
from ..signal import Window
from .gestures import Signal
from .stream import LiveStream
from .stream_events import Event, Refused
from .stream_gestures import GestureStream
from .stream_input import Chunk
from .stream_motions import Encoded, Prepared, looks_of, signals_of


@dataclass(frozen=True, eq=False)
class Turn:
    """One step of one wearer, for `step_many`."""

    stream: LiveStream | GestureStream
    chunk: Chunk
    state: Any
    now_s: float | None = None


def step_many(turns: Sequence[Turn]) -> list[tuple[tuple[Event, ...], Any]]:
    """One step of many wearers, their windows in one run of the encoder, motions of the same gestures in another.

    Wearers do not know each other: the answers are those of each alone. A chunk that cannot be read gives that wearer a
    `Refused` event and the state as it was; the others go on.

    Raises:
        UsageError: streams of different models.
    """
    models = {id(turn.stream.model): turn.stream.model for turn in turns if turn.stream.model is not None}
    if len(models) > 1:
        raise UsageError("Wearers can only share a run of one model", got=f"{len(models)} models")
    prepared: list[Prepared | Refused] = []
    places: dict[Placement, int] = {}
    windows: list[Window] = []
    signals: dict[int, list[Signal]] = {}
    for turn in turns:
        try:
            ready = turn.stream.prepare(turn.chunk, turn.state, now_s=turn.now_s)
        except AnywearError as error:
            prepared.append(Refused.of(error))
            continue
        if ready.windows and not _is_learned(turn.stream):
            numbers = [places.setdefault(own.placement, len(places)) for own in turn.stream.sensors]
            windows += [replace(w, streams=tuple(numbers[n] for n in w.streams)) for w in ready.windows]
        signals.setdefault(id(turn.stream.gestures), []).extend(signals_of(ready.motions))
        prepared.append(ready)
    vectors = _encoded([turn.stream for turn in turns], windows, list(places)) if windows else np.zeros((0, 0))
    known = {id(turn.stream.gestures): turn.stream.gestures for turn in turns}
    looks = {key: looks_of(known[key], own) for key, own in signals.items()}
    out: list[tuple[tuple[Event, ...], Any]] = []
    first, told = 0, dict.fromkeys(known, 0)
    for turn, own in zip(turns, prepared, strict=True):
        if isinstance(own, Refused):
            out.append(((own,), turn.state))
            continue
        key, moves = id(turn.stream.gestures), len(signals_of(own.motions))
        shared = 0 if _is_learned(turn.stream) else len(own.windows)
        all_seen = Encoded(vectors, looks[key])
        seen = all_seen.part(slice(first, first + shared), slice(told[key], told[key] + moves))
        if isinstance(turn.stream, LiveStream) and len(own.windows) > shared:
            seen = replace(seen, vectors=turn.stream.vectors(own.windows))
        answers, state = turn.stream.answer(own, seen)
        out.append(((*own.said, *answers), state))
        first, told[key] = first + shared, told[key] + moves
    return out


def _is_learned(stream: LiveStream | GestureStream) -> bool:
    """Whether activities that were learned are named, which look at more than the run of all gives."""
    return isinstance(stream, LiveStream) and stream.learned is not None


def _encoded(streams: Sequence[LiveStream | GestureStream], windows: list[Window], places: list[Placement]) -> Array:
    """Windows as all streams can score them: with the language model where any of them lets it have a say."""
    able = [stream.recognizer for stream in streams if isinstance(stream, LiveStream) and stream.recognizer is not None]
    return max(able, key=lambda recognizer: recognizer.basis.language).encode_windows(windows, places)
