"""Labelled real recordings on the model's grid, held in memory: what a training draws its windows from."""

from __future__ import annotations

import hashlib
import pickle
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .._typing import Array
from ..datasets import open_dataset
from ..placement import Placement
from ..recording import Recording, Span
from ..signal import grid_pieces, intersect

MIN_TAKE_S = 1.0  # s; shorter stretches say nothing


@dataclass(frozen=True)
class Take:
    """A stretch that all streams cover.

    Attributes:
        dataset, subject: where and who it is from.
        placements: one per stream.
        values: (S, T, 6) float32, acc m/s2 then gyr rad/s (0 without a gyroscope).
        has_gyr: (S,) bool.
        spans: labelled stretches in samples: start, end, label.
        sentences: said of the whole take.
        start_s: of its first sample, on the recording's clock; takes kept by earlier versions say 0.
        acts: when, in samples (start, end), what the take is called is done, where it is done now and then.
    """

    dataset: str
    subject: str
    placements: tuple[Placement, ...]
    values: Array
    has_gyr: Array
    spans: tuple[tuple[int, int, str], ...]
    sentences: tuple[str, ...] = ()
    start_s: float = 0.0
    acts: tuple[tuple[int, int], ...] = ()


def load_corpus(data_dir: Path, sets: Sequence[str], rate_hz: float, cache_dir: Path | None = None) -> list[Take]:
    """Every labelled take of some data sets.

    Args:
        data_dir: folder with the archives or unpacked sets.
        sets: names of data sets.
        rate_hz: rate of the grid.
        cache_dir: folder to keep the resampled takes in, or None.
    """
    takes: list[Take] = []
    for name in sets:
        dataset, source = open_dataset(name, data_dir)
        # The signal stage is part of the key: a cache made by other code would be wrong silently.
        key = hashlib.sha256(f"{name} {rate_hz} {source.label} {_signal_fingerprint()}".encode()).hexdigest()[:16]
        path = cache_dir / f"{name}-{key}.pickle" if cache_dir else None
        if path is not None and path.exists():
            takes += pickle.loads(path.read_bytes())
            continue
        own = [take for recording in dataset.recordings(source) for take in takes_of(recording, name, rate_hz)]
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(pickle.dumps(own))
        takes += own
    return takes


def takes_of(recording: Recording, dataset: str, rate_hz: float) -> list[Take]:
    """Cut a recording into stretches that all its streams cover, on the grid."""
    pieces = grid_pieces(recording, rate_hz)
    common = intersect([[(int(p.index[0]), int(p.index[-1]) + 1) for p in own] for own in pieces])
    takes = []
    for start, stop in common:
        if stop - start < MIN_TAKE_S * rate_hz:
            continue
        values = np.zeros((len(pieces), stop - start, 6), dtype=np.float32)
        for number, own in enumerate(pieces):
            piece = next(p for p in own if p.index[0] <= start and stop <= p.index[-1] + 1)
            offset = start - int(piece.index[0])
            values[number, :, : piece.values.shape[1]] = piece.values[offset : offset + stop - start]
        spans = tuple(s for s in (_span(span, rate_hz, start, stop) for span in recording.labels) if s[1] - s[0] >= 10)
        has_gyr = np.array([stream.gyr_radps is not None for stream in recording.streams])
        placements = tuple(stream.placement for stream in recording.streams)
        who = recording.metadata.get("subject", "?")
        takes.append(Take(dataset, who, placements, values, has_gyr, spans, start_s=start / rate_hz))
    return takes


def data_digest(takes: Sequence[Take]) -> str:
    """Eight letters that change with any sample, label or sentence of the takes."""
    digest = 0
    for take in takes:
        facts = repr(
            (take.dataset, take.subject, take.placements, take.spans, take.sentences, take.acts, take.values.shape)
        )
        digest = zlib.crc32(take.values.tobytes(), zlib.crc32(facts.encode(), digest))
    return f"{digest:08x}"


def _span(span: Span, rate_hz: float, start: int, stop: int) -> tuple[int, int, str]:
    low = max(round(span.start_s * rate_hz), start) - start
    return low, min(round(span.end_s * rate_hz), stop) - start, span.label


def _signal_fingerprint() -> str:
    from .. import datasets, signal

    digest = hashlib.sha256()
    for package in (signal, datasets):
        for path in sorted(Path(str(package.__file__)).parent.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
