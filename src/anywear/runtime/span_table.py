"""Tables beside recordings: start, end and label of what happens in them, and what labels mean."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..io import list_recordings


def read_spans(path: Path, table: Path) -> dict[Path, list[tuple[int, float, float, str]]]:
    """By recording the line, start, end (seconds on the recording's clock) and label of every stretch.

    Args:
        path: one recording, or a folder of recordings.
        table: CSV with the columns start, end, label and, for a folder, file.

    Raises:
        FormatError: a table that is none, that is empty, or with a stretch that cannot be.
    """
    spans: dict[Path, list[tuple[int, float, float, str]]] = {}
    for number, row in read_rows(table, ("start", "end", "label")):
        where = f"{table}, line {number}"
        name = (row.get("file") or "").strip()
        if path.is_dir() and not name and not _is_recording(path):
            raise FormatError("The table does not say which file is meant", where=where, expected="a column file",
                              remedy="Add the column, or give one recording")  # fmt: skip
        file = path / name if name and path.is_dir() else path
        try:
            start_s, end_s = float(row["start"]), float(row["end"])
        except ValueError as error:
            raise FormatError(
                "A time is no number of seconds", where=where, got=f"{row['start']}, {row['end']}"
            ) from error
        label = " ".join(row["label"].split())
        if not (np.isfinite([start_s, end_s]).all() and end_s > start_s) or not label:
            raise FormatError("A stretch cannot be", where=where, expected="start before end, and a label",
                              got=f"{start_s:g}, {end_s:g}, {label!r}")  # fmt: skip
        spans.setdefault(file, []).append((number, start_s, end_s, label))
    if not spans:
        raise FormatError("The table is empty", where=str(table), expected="lines of start, end, label")
    return spans


def read_texts(path: str | Path) -> dict[str, str]:
    """Label to text, from a CSV with the columns label and text.

    Raises:
        FormatError: no such file, other columns, an empty text, a label twice.
    """
    texts: dict[str, str] = {}
    for number, row in read_rows(Path(path), ("label", "text")):
        label, text = (" ".join(row[name].split()) for name in ("label", "text"))
        if not label or not text or label in texts:
            raise FormatError("A description cannot be used", where=f"{path}, line {number}",
                              expected="a label once, and its text", got=f"{label!r}: {text!r}")  # fmt: skip
        texts[label] = text
    return texts


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Numbered rows of a CSV with a header.

    Raises:
        FormatError: it cannot be read, or one of the columns named is not there.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            named = [name.strip().lower() for name in reader.fieldnames or []]
            missing = [name for name in columns if name not in named]
            if missing:
                raise FormatError("The table lacks a column", where=str(path), expected=", ".join(columns),
                                  got=", ".join(named) or "an empty file")  # fmt: skip
            reader.fieldnames = named
            rows = [(reader.line_num, {k: v or "" for k, v in row.items() if isinstance(k, str)}) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FormatError(
            "The table cannot be read", where=str(path), got=str(error), remedy="Save it as CSV, UTF-8"
        ) from error
    yield from rows


def _is_recording(path: Path) -> bool:
    return list(list_recordings(path).recordings) == [path]
