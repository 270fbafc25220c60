"""What a head for activities sees of a window: the embedding, the latents behind it, and the signals as they were measured.

The first two do not depend much on where sensors are worn and how they are turned; the signals do, and tell all there is
where setups are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from ..._typing import Array, Float
from ...placement import UNKNOWN_MOUNT, Placement
from ...signal import Window

Slot = tuple[str, int]
"""A site, and how many-th stream there."""
Channels = tuple[tuple[Slot, int], ...]
"""Slots, and how many columns each has: 3, or 6 where there is a gyroscope."""
Worn = tuple[Window, tuple[Placement, ...]]
"""A window, and where the streams of its recording are worn."""


@runtime_checkable
class EmbedsWindows(Protocol):
    """A model; one with a true ``gives_latents`` has to have `anywear.Model.read_windows` as well."""

    def encode_windows(self, found: Sequence, placements: Sequence) -> Array:
        """(N, D) unit vectors of windows."""
        ...


@dataclass(frozen=True, eq=False)
class Looks:
    """Windows as a head sees them.

    Attributes:
        vectors: (N, D) unit embeddings.
        latents: (N, F) mean and spread over time of the latents of the whole body; None where the encoder tells none.
        values: (N, C, T) float32, m/s2 and rad/s, all of one length; None where setups differ.
    """

    vectors: Array
    latents: Array | None = None
    values: Array | None = None

    def __len__(self) -> int:
        return len(self.vectors)

    def __getitem__(self, rows: Array) -> Looks:
        """Those of some rows."""
        return Looks(
            self.vectors[rows],
            None if self.latents is None else self.latents[rows],
            None if self.values is None else self.values[rows],
        )

    def with_values(self, values: Float[Array, "windows channels time"]) -> Looks:
        """The same with signals."""
        return Looks(self.vectors, self.latents, values)


def embedded(model: EmbedsWindows, items: Sequence[Worn]) -> Looks:
    """Embeddings and latents of windows, worn in whatever ways.

    Raises:
        UsageError: a window shorter than the model can read.
    """
    vectors: Array = np.zeros((len(items), 0), dtype=np.float32)
    latents: Array | None = None
    for worn in dict.fromkeys(placements for _, placements in items):
        rows = [row for row, (_, placements) in enumerate(items) if placements == worn]
        windows = [items[row][0] for row in rows]
        if getattr(model, "gives_latents", False):
            own, read = model.read_windows(windows, worn)  # type: ignore[attr-defined]
            told = np.stack([np.concatenate([one.mean(axis=0), one.std(axis=0)]) for one in read])
            latents = np.zeros((len(items), told.shape[1]), dtype=np.float32) if latents is None else latents
            latents[rows] = told
        else:
            own = model.encode_windows(windows, worn)
        vectors = vectors if vectors.shape[1] else np.zeros((len(items), own.shape[1]), dtype=np.float32)
        vectors[rows] = own
    return Looks(vectors, latents)


def turned(item: Worn, rng: np.random.Generator) -> Worn:
    """A window as if every sensor had been strapped on in another turn, any alike, of which nothing is known."""
    from scipy.spatial.transform import Rotation

    window, placements = item
    # A direction in four dimensions, uniform on the sphere, is a uniform rotation.
    turns = Rotation.from_quat(rng.standard_normal((len(window.streams), 4))).as_matrix()
    acc = tuple(own @ turn.T for own, turn in zip(window.acc_mps2, turns, strict=True))
    gyr = tuple(None if own is None else own @ turn.T for own, turn in zip(window.gyr_radps, turns, strict=True))
    untold = tuple(replace(placement, mount=UNKNOWN_MOUNT) for placement in placements)
    return replace(window, acc_mps2=acc, gyr_radps=gyr), untold


def channels_of(items: Sequence[Worn]) -> Channels:
    """Every slot that any window holds, and the most columns it has there."""
    found: dict[Slot, int] = {}
    for window, placements in items:
        for slot, gyr in zip(slots_of(window, placements), window.gyr_radps, strict=True):
            found[slot] = max(found.get(slot, 0), 3 if gyr is None else 6)
    return tuple(found.items())


def holds(item: Worn, channels: Channels) -> bool:
    """Whether a window has all these channels."""
    own = dict(channels_of([item]))
    return all(own.get(slot, 0) >= columns for slot, columns in channels)


def stacked(items: Sequence[Worn], channels: Channels, length: int) -> Float[Array, "windows channels time"]:
    """Signals as float32 channels, m/s2 and rad/s.

    A shorter window goes on with its last sample; what a window does not hold is zeros, and what is no channel is left out.
    """
    first = dict(zip([slot for slot, _ in channels], np.cumsum([0, *(n for _, n in channels)]), strict=False))
    columns = dict(channels)
    out = np.zeros((len(items), sum(columns.values()), length), dtype=np.float32)
    for row, (window, placements) in enumerate(items):
        for slot, acc, gyr in zip(slots_of(window, placements), window.acc_mps2, window.gyr_radps, strict=True):
            if slot not in first:
                continue
            values = (acc if gyr is None else np.hstack([acc, gyr]))[:length, : columns[slot]]
            held = np.pad(values, ((0, length - len(values)), (0, 0)), mode="edge").T
            out[row, first[slot] : first[slot] + len(held)] = held
    return out


def slots_of(window: Window, placements: Sequence[Placement]) -> list[Slot]:
    """The slot of every stream of a window."""
    sites = [placement.name for placement in placements]
    return [(sites[stream], sites[:stream].count(sites[stream])) for stream in window.streams]
