"""Labelled recordings as users have them: files that say it, a folder per label, or a table of start, end and label."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ...errors import AnywearError, FormatError, UsageError
from ...io import read, read_many
from ...recording import Recording, Span
from ..span_table import read_spans


def read_labelled(path: str | Path, table: str | Path | None = None, **reading) -> list[Recording]:
    """Recordings with labels.

    Args:
        path: a folder of recordings, or one recording. What files say happens in them is taken; a file that says nothing is
            of the one activity that its folder, directly under `path`, is called.
        table: CSV with the columns start, end, label (seconds on the recording's clock) and, for a folder, file; then only
            the recordings it names are read, and only what it says is taken.
        reading: options of `anywear.read`.

    Raises:
        FormatError: no such folder, a table that is none, a recording that cannot be read. UsageError: a recording of which
            nobody says what happens in it.
    """
    path = Path(path)
    if not path.exists():
        raise FormatError("There is no such folder", where=str(path), remedy="Check the path")
    if table is not None:
        return [
            replace(
                read(file, **reading), labels=tuple(Span(start_s, end_s, label) for _, start_s, end_s, label in own)
            )
            for file, own in read_spans(path, Path(table)).items()
        ]
    out = []
    for file, recording in read_many(path, **reading):
        if isinstance(recording, AnywearError):
            recording.where = recording.where or str(file)
            raise recording
        out.append(recording if recording.labels else _named_by_folder(recording, path, file))
    return out


def _named_by_folder(recording: Recording, path: Path, file: Path) -> Recording:
    inside = file.relative_to(path).parts if path.is_dir() else ()
    if len(inside) < 2:
        raise UsageError(
            "Nobody says what happens in a recording", where=str(file),
            expected="labels in the file, or a folder that is called as the activity",
            remedy="Put it into such a folder, or give a table of start, end, label: --table",
        )  # fmt: skip
    begin_s = min(stream.time_s[0] for stream in recording.streams)
    end_s = max(stream.time_s[-1] for stream in recording.streams)
    return replace(recording, labels=(Span(float(begin_s), float(end_s), " ".join(inside[0].split())),))
