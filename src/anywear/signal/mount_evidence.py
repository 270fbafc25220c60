"""What windows of walking say of a mount, collected in bounded memory: the same for a whole stream and for one in chunks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float, Int
from .gait import Gait
from .resample import Piece
from .walking import HOP_S, WALK_RATE_HZ, WALKING, WINDOW_S, join_walks, walking_windows
from .walking import Walk as Walk

COHERENT = (0.4, 0.75)  # coherence from which the trunk tells forward, and with which it does so fully
KEPT = 1024  # windows at most, evenly thinned beyond: 17 minutes of walking in full


@dataclass(frozen=True, eq=False)
class Evidence:
    """Windows of walking, in the order in which they came.

    Attributes:
        stream: (N,) number of the stream of each.
        start_s: (N,) seconds on the clock of that stream.
        steps_hz: (N,) pace.
        confidence: (N,) that it is walking, 0.5 to 1.
        up: (N, 3) unit vectors up, sensor frame.
        forward: (N, 3) forward as the window tells it, sensor frame, level; the longer the clearer, zeros for nothing.
        number: (N,) how many windows of walking came before, counting those thinned out.
        count: windows of walking in all.
        stride: one in so many is kept.
    """

    stream: Int[Array, " windows"]
    start_s: Float[Array, " windows"]
    steps_hz: Float[Array, " windows"]
    confidence: Float[Array, " windows"]
    up: Float[Array, "windows 3"]
    forward: Float[Array, "windows 3"]
    number: Int[Array, " windows"]
    count: int = 0
    stride: int = 1

    def __len__(self) -> int:
        return len(self.start_s)

    def __getitem__(self, rows: Array | slice) -> Evidence:
        own = (self.stream, self.start_s, self.steps_hz, self.confidence, self.up, self.forward, self.number)
        return Evidence(*(values[rows] for values in own), count=self.count, stride=self.stride)

    @property
    def walking_s(self) -> float:
        """Time that the windows cover together."""
        if not len(self):
            return 0.0
        longest = WINDOW_S + (self.stride - 1) * HOP_S
        steps = np.where(np.diff(self.stream) == 0, np.diff(self.start_s), longest)
        return float(np.minimum(steps, longest).sum() + WINDOW_S)

    def walks(self) -> tuple[tuple[int, Walk], ...]:
        """Stretches of walking, each with the number of its stream."""
        found = []
        for stream in np.unique(self.stream).tolist():
            own = self.stream == stream
            found += [(stream, w) for w in join_walks(self.start_s[own], self.steps_hz[own], self.confidence[own])]
        return tuple(found)


def no_evidence() -> Evidence:
    """Before the first window."""
    none = np.zeros(0)
    return Evidence(none.astype(np.int64), none, none, none, np.zeros((0, 3)), np.zeros((0, 3)), none.astype(np.int64))


def add_windows(before: Evidence, piece: Piece, kind: str, stream: int = 0) -> Evidence:
    """The evidence with the windows of one more contiguous stretch on the grid of `WALK_RATE_HZ`.

    Args:
        before: what was known; it is not changed.
        piece: columns acc then gyr (3 or 6).
        kind: of the place; see `anywear.signal.walking.place_kind`.
        stream: number under which the stretch is entered.
    """
    found = walking_windows(piece, kind)
    walking = found.confidence >= WALKING
    count = int(walking.sum())
    if not count:
        return before
    new = (
        np.full(count, stream, dtype=np.int64),
        found.index[walking] / WALK_RATE_HZ,
        found.steps_hz[walking],
        found.confidence[walking],
        found.gait.up[walking],
        _forward(found.gait, kind, piece.values.shape[1] == 6)[walking],
        np.arange(before.count, before.count + count),
    )
    old = (before.stream, before.start_s, before.steps_hz, before.confidence, before.up, before.forward, before.number)
    joined = (np.concatenate(pair) for pair in zip(old, new, strict=True))
    return _thinned(Evidence(*joined, count=before.count + count, stride=before.stride))


def _forward(gait: Gait, kind: str, with_gyroscope: bool) -> Array:
    if kind == "trunk":
        # Machines move the trunk as walking does, but not so steadily forward and up at once.
        length = np.linalg.norm(gait.surge, axis=1)
        sure = np.clip((length - COHERENT[0]) / (COHERENT[1] - COHERENT[0]), 0.0, 1.0)
        return (sure / np.maximum(length, 1e-12))[:, None] * gait.surge
    if kind == "thigh":
        # Two witnesses; where they contradict each other little is left.
        return 0.5 * (gait.surge + gait.swing) if with_gyroscope else gait.surge
    return gait.swing if kind == "foot" else np.zeros_like(gait.up)


def _thinned(evidence: Evidence) -> Evidence:
    """Every second one is dropped until few enough are left; which ones depends on their numbers alone."""
    stride = evidence.stride
    kept = evidence.number % stride == 0
    while kept.sum() > KEPT:
        stride *= 2
        kept = evidence.number % stride == 0
    own = evidence[kept]
    return Evidence(
        own.stream, own.start_s, own.steps_hz, own.confidence, own.up, own.forward, own.number, evidence.count, stride
    )
