"""What is told and asked of recordings of known truth: which streams, what of their wear, which windows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

import numpy as np

from ..placement import SITE_ALIASES, UNKNOWN_MOUNT, Placement
from ..recording import Recording
from ..signal import WindowConfig, cut_window, grid_pieces
from ..signal.labelled import MIN_WINDOW_S, LabelledWindow
from ..signal.mount import calibrate_recordings, with_mounts


def peak_window(recording: Recording, config: WindowConfig) -> LabelledWindow | None:
    """The one window around the largest acceleration of a recording, inside the data; None when it is too short.

    The first stream's magnitude decides. The truth is the recording's first label.
    """
    pieces = grid_pieces(recording, config.rate_hz)
    stretches = [p for p in pieces[0] if len(p.index) >= MIN_WINDOW_S * config.rate_hz]
    if not stretches or not recording.labels:
        return None
    magnitudes = [np.linalg.norm(p.values[:, :3], axis=1) for p in stretches]
    number = int(np.argmax([m.max() for m in magnitudes]))
    index, peak = stretches[number].index, int(magnitudes[number].argmax())
    length = min(config.length, len(index))
    start = int(index[0]) + min(max(0, peak - length // 2), len(index) - length)
    placements = tuple(stream.placement for stream in recording.streams)
    return LabelledWindow(
        cut_window(pieces, start, length), placements, recording.labels[0].label, recording.metadata.get("subject")
    )


def select_streams(recording: Recording, wanted: Collection[str]) -> Recording | None:
    """The recording with only the streams of these names or sites; all when none are named; None when none is left."""
    if not wanted:
        return recording
    keys = {name.strip().lower().replace("-", "_").replace(" ", "_") for name in wanted}
    keys |= {SITE_ALIASES[key] for key in keys if key in SITE_ALIASES}
    kept = [s for s in recording.streams if s.name.lower() in keys or s.placement.name in keys]
    return recording.with_streams(kept) if kept else None


def as_told(recording: Recording, *, placement_known: bool, mount_known: bool, read_off: bool = True) -> Recording:
    """The recording with places or mounts kept from the model; the very same one when nothing is to be kept from it.

    Args:
        recording: as its data set gives it.
        placement_known, mount_known: whether places and mounts may be told.
        read_off: whether mounts may be told that were read off labelled recordings.
    """
    told = []
    for stream in recording.streams:
        mount = stream.placement.mount
        mount = mount if mount_known and (read_off or not mount.read_off) else UNKNOWN_MOUNT
        where = replace(stream.placement if placement_known else Placement.unknown(), mount=mount)
        told.append(
            stream if where == stream.placement else stream.with_placement(where, "partly hidden by the benchmark")
        )
    return recording if told == list(recording.streams) else recording.with_streams(told)


def self_calibrated(recordings: Iterable[Recording]) -> Iterator[Recording]:
    """Recordings with the mounts that are found in all of one subject's together; no label is looked at.

    A mount that is known stays. A sensor that is found to have been put on several times becomes as many streams.
    """
    by_subject: dict[str, list[Recording]] = {}
    for recording in recordings:
        by_subject.setdefault(recording.metadata.get("subject", "?"), []).append(recording)
    for own in by_subject.values():
        # Several sensors of one subject may share a name only where they are worn at one place, as in one wearing.
        groups: dict[tuple, list[Recording]] = {}
        for recording in own:
            groups.setdefault(tuple((s.name, s.placement) for s in recording.streams), []).append(recording)
        for alike in groups.values():
            silent = [number for number, s in enumerate(alike[0].streams) if s.placement.mount.knowledge == "nothing"]
            if not silent:
                yield from alike
                continue
            estimates = calibrate_recordings([one.with_streams([one.streams[n] for n in silent]) for one in alike])
            for number, recording in enumerate(alike):
                yield with_mounts(recording, estimates, number)
