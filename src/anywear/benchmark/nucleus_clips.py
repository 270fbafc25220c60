"""Nuclei of clips of one gesture each: how much of the energy in how much of the time, and the same in any setup."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..recording import Recording
from ..signal.nucleus import Nucleus
from .nucleus_setups import AS_RECORDED, FINDERS, overlap, setups, stretches

NEAR_S = 0.1  # s; ends no farther apart than this are called the same


@dataclass(frozen=True)
class ClipRow:
    """One way in one setup on the clips of one data set.

    Attributes:
        name, way, setup: what was asked of what.
        clips, found: how many there are, and in how many a nucleus was found.
        time, energy: mean share of the clip's duration and energy in the nucleus, over those found.
        length_s: 5th, 50th and 95th percentile of the nucleus.
        same: mean IoU with the nucleus of the clip as recorded; a nucleus found in only one of the two counts as 0.
        near: share of clips where both ends are within `NEAR_S` of those as recorded.
        moves: share of clips in which a motion is reported.
    """

    name: str
    way: str
    setup: str
    clips: int
    found: int
    time: float
    energy: float
    length_s: tuple[float, float, float]
    same: float
    near: float
    moves: float


def compare_clips(
    name: str, recordings: Sequence[Recording], seed: int, progress: Callable[[str], None] = lambda line: None
) -> list[ClipRow]:
    """Every way in every setup on the clips of one data set."""
    known: dict[str, list[Nucleus | None]] = {}
    rows = []
    for setup, change in setups(seed).items():
        progress(f"clips: {name}, {setup}")
        changed = [change(own, number) for number, own in enumerate(recordings)]
        for way in FINDERS:
            found = [clip_nucleus(own, way) for own in changed]
            if setup == AS_RECORDED:
                known[way] = found
            rows.append(_row(name, way, setup, recordings, found, known[way]))
    return rows


def clip_nucleus(recording: Recording, way: str) -> Nucleus | None:
    """The nucleus of a recording of one gesture, on its first stretch without a gap."""
    _, acc, gyr, rate_hz = stretches(recording.streams[0])[0]
    return FINDERS[way](acc, gyr, rate_hz)


def _row(
    name: str,
    way: str,
    setup: str,
    recordings: Sequence[Recording],
    found: Sequence[Nucleus | None],
    known: Sequence[Nucleus | None],
) -> ClipRow:
    own = [(n, r.streams[0].duration_s) for n, r in zip(found, recordings, strict=True) if n is not None]
    pairs = [(a, b) for a, b in zip(found, known, strict=True) if a is not None or b is not None]
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    same = sum(overlap((a.start_s, a.stop_s), (b.start_s, b.stop_s)) for a, b in both)
    near = sum(max(abs(a.start_s - b.start_s), abs(a.stop_s - b.stop_s)) <= NEAR_S + 1e-9 for a, b in both)
    lengths = np.percentile([n.length_s for n, _ in own], [5, 50, 95]) if own else np.full(3, np.nan)
    return ClipRow(
        name,
        way,
        setup,
        len(recordings),
        len(own),
        float(np.mean([n.length_s / duration for n, duration in own])) if own else np.nan,
        float(np.mean([n.share for n, _ in own])) if own else np.nan,
        (float(lengths[0]), float(lengths[1]), float(lengths[2])),
        same / len(pairs) if pairs else np.nan,
        near / len(pairs) if pairs else np.nan,
        sum(n.moves for n, _ in own) / len(recordings),
    )
