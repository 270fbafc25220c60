"""Many wearers live at once: one step of each, their windows in one run of the encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import AnywearError, UsageError
from ..placement import Placement
from ..signal import Window
from .stream import Chunk, LiveState, LiveStream
from .stream_events import Event, Refused


@dataclass(frozen=True, eq=False)
class Turn:
    """One step of one wearer, for `step_many`."""

    stream: LiveStream
    chunk: Chunk
    state: LiveState
    now_s: float | None = None


def step_many(turns: Sequence[Turn]) -> list[tuple[tuple[Event, ...], LiveState]]:
    """One step of many wearers, their windows in one run of the encoder.

    Wearers do not know each other: the answers are those of each alone. A chunk that cannot be read gives that wearer a
    `Refused` event and the state as it was; the others go on.

    Raises:
        UsageError: streams of different models.
    """
    models = {id(turn.stream.model): turn.stream.model for turn in turns}
    if len(models) > 1:
        raise UsageError("Wearers can only share a run of one model", got=f"{len(models)} models")
    prepared: list[tuple[list[Window], list[Event], LiveState] | Refused] = []
    places: dict[Placement, int] = {}
    windows: list[Window] = []
    for turn in turns:
        try:
            found, said, state = turn.stream.prepare(turn.chunk, turn.state, now_s=turn.now_s)
        except AnywearError as error:
            prepared.append(Refused.of(error))
            continue
        numbers = [places.setdefault(placement, len(places)) for placement in turn.stream.placements] if found else []
        windows += [replace(w, streams=tuple(numbers[n] for n in w.streams)) for w in found]
        prepared.append((found, said, state))
    vectors = next(iter(models.values())).encode_windows(windows, list(places)) if windows else np.zeros((0, 0))
    out, begin = [], 0
    for turn, own in zip(turns, prepared, strict=True):
        if isinstance(own, Refused):
            out.append(((own,), turn.state))
            continue
        found, said, state = own
        answers, state = turn.stream.answer(found, vectors[begin : begin + len(found)], state)
        out.append(((*said, *answers), state))
        begin += len(found)
    return out
