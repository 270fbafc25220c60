"""Exports of the app Sensor Logger (Kelvin Choi, iOS and Android): a zip or a folder with one CSV for each sensor.

What comes out is specific force f in m/s2, gravity included, +9.81 along up at rest, as everywhere in anywear.

Android writes f itself to ``TotalAcceleration.csv`` and f without gravity to ``Accelerometer.csv`` [1, 2].

Apple. CoreMotion's accelerometer reads (0, 0, -1) g on a device that lies on its back, so it reads -f. It calls the
direction in which things fall ``gravity``, (0, 0, -1) there, and splits its reading into ``gravity`` +
``userAcceleration`` [4]. Therefore f = -9.80665 (gravity + userAcceleration): the user part has the opposite sign of
the acceleration too, which is what [2, 3] describe ("a negative sign difference for all three axes"). Sensor Logger
writes the user part to ``Accelerometer.csv`` and gravity to ``Gravity.csv``, both in m/s2 and with Apple's sign;
``AccelerometerUncalibrated.csv``, ``WristMotion.csv`` and the acceleration in ``Headphone.csv`` are in g, gravity in
``Headphone.csv`` in m/s2 [1]. Gyroscopes agree on all platforms [2].

With "Standardise Units & Frames" (``standardisation`` in ``Metadata.csv``, since 1.29) everything is in m/s2 with
Android's sign. Before 1.63 this left out watch files that were recorded on the watch and transferred later, units and
signs alike [2]: so where a unit depends on the setting, it is read off the values, and g means Apple's sign.

Stamps are nanoseconds since 1970 on one clock for phone, watch and headphones; some lie before the start [5].

Sources, all github.com/tszheichoi/awesome-sensor-logger at b10f5c5 unless said otherwise: [1] UNITS.md,
[2] CROSSPLATFORM.md, [3] COORDINATES.md, [4] developer.apple.com/documentation/coremotion/cmdevicemotion (gravity,
userAcceleration), [5] README.md, "Understanding Timestamps" and "Accessing Recording Metadata".
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..recording import Note, Recording, Span
from . import _sensor_logger_tracks as tracks_of
from ._sensor_logger_export import Export, motion_folders, motion_members
from .appexport import notes_on_unused
from .archive import looks_like_zip, open_bundle
from .registry import ReadOptions, reader

_DEVICES = {"phone": tracks_of.phone, "watch": tracks_of.watch, "headphones": tracks_of.headphones}


def sniff(path: Path) -> bool:
    """Whether a path holds one Sensor Logger recording; a damaged zip counts, so that its damage is named."""
    try:
        with open_bundle(path) as bundle:
            if len(motion_folders(bundle)) != 1:
                return False
            return any(b"seconds_elapsed" in bundle.head(name, 512) for name in motion_members(bundle))
    except FormatError:
        return looks_like_zip(path)
    except OSError:
        return False


@reader("sensor-logger", "Sensor Logger (iOS, Android, watches, AirPods): zip, folder or one of its CSV files", sniff)
def read_sensor_logger(path: Path, options: ReadOptions) -> Recording:
    """Read a Sensor Logger export.

    Streams ``phone``, ``watch`` and ``headphones`` as far as they were recorded, on one clock that is 0 at the first
    sample. Annotations become labels. Of a single CSV file only that one is read, with the Metadata.csv beside it.

    Raises:
        FormatError: no accelerometer, one without gravity, or damaged files. UnitError: values that contradict the
            unit the app documents.
    """
    with open_bundle(path) as bundle:
        export = Export.of(bundle)
        tracks, unusable = [], []
        for name, track_of in _DEVICES.items():
            try:
                track = track_of(export)
            except tracks_of.UnusableError as error:
                unusable.append((name, error))
                continue
            if track is not None:
                tracks.append(track)
        if not tracks:
            raise unusable[0][1] if unusable else export.nothing_found()
        annotations = export.annotations()
    notes = [*export.notes, *(Note("detected", f"{name} left out: {error.what}") for name, error in unusable)]
    is_unix = _has_unix_clock(path, tracks)
    start_s = min(float(np.nanmin(track.time_s)) for track in tracks)
    streams = [track.stream(start_s, options.units) for track in tracks]
    end_s = max(float(stream.time_s[-1]) for stream in streams)
    labels = _labels(annotations, start_s, end_s, notes) if is_unix else ()
    return Recording(
        tuple(streams),
        source=path.name,
        reader="sensor-logger",
        device=export.device(),
        start_unix_s=start_s if is_unix else None,
        labels=labels,
        notes=(*notes, *notes_on_unused(options, "Sensor Logger")),
        metadata=export.metadata(),
    )


def _has_unix_clock(path: Path, tracks: list[tracks_of.Track]) -> bool:
    kinds = {track.is_unix for track in tracks}
    if len(kinds) > 1:
        raise FormatError(
            "The devices have different clocks",
            where=str(path),
            expected="nanoseconds since 1970 in the column time of each file",
            got=", ".join(f"{t.name}: {'since 1970' if t.is_unix else 'since the start'}" for t in tracks),
            remedy="Export the recording again",
        )
    return kinds.pop()


def _labels(rows: list[dict[str, str]], start_s: float, end_s: float, notes: list[Note]) -> tuple[Span, ...]:
    """Annotations as spans, each until the next one; one without text only ends the one before."""
    marks: list[tuple[float, str]] = []
    skipped = 0
    for row in rows:
        try:
            at_s = float(row.get("time", "")) * 1e-9 - start_s
        except ValueError:
            at_s = float("nan")
        if abs(at_s) < tracks_of.STRAY_STAMP_S:
            marks.append((max(at_s, 0.0), row.get("text", "")))
        else:
            skipped += 1
    if skipped:
        notes.append(Note("repaired", f"{skipped} annotation(s) without a usable time stamp left out"))
    marks.sort(key=lambda mark: mark[0])
    ends = [min(at_s, end_s) for at_s, _ in marks[1:]] + [end_s]
    spans = tuple(
        Span(at_s, until_s, text) for (at_s, text), until_s in zip(marks, ends, strict=False) if text and at_s < until_s
    )
    if spans:
        notes.append(Note("assumed", f"{len(spans)} annotation(s): each holds until the next one or the end"))
    return spans
