"""What the exports of recording apps have in common: small tables of facts beside the samples, and axes by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np

from .._typing import Array, Float
from ..errors import FormatError
from ..recording import Note, Stream
from ..signal import build_stream
from .archive import Bundle
from .csvtext import TextTable
from .registry import ReadOptions

SMALL_TABLE_BYTES = 4 << 20  # 4 MiB: metadata and annotations; samples are never read this way


def read_small_table(bundle: Bundle, name: str) -> list[dict[str, str]]:
    """Rows of a table of facts as dictionaries, cells as text; rows that are too short have fewer keys.

    Raises:
        FormatError: not text, or too large to be a table of facts.
    """
    raw = bundle.head(name, SMALL_TABLE_BYTES + 1)
    if len(raw) > SMALL_TABLE_BYTES:
        raise FormatError(
            "A table of facts is far too large",
            where=bundle.where(name),
            expected=f"at most {SMALL_TABLE_BYTES} bytes",
            remedy="Check that the files of the export were not mixed up",
        )
    text = raw.decode("utf-8-sig", errors="replace")
    first_line = text.partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=first_line.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise FormatError(
            "A table of facts cannot be read",
            where=bundle.where(name),
            got=str(error),
            remedy="Export the recording again",
        ) from None
    if not rows:
        return []
    header = [cell.strip() for cell in rows[0]]
    return [dict(zip(header, (cell.strip() for cell in row), strict=False)) for row in rows[1:] if any(row)]


def numbers_of(
    table: TextTable, scalars: Sequence[str], triples: Sequence[Sequence[str]]
) -> tuple[list[Array], list[Float[Array, "time 3"]]]:
    """Columns as (T,) float64 arrays and triples of columns as (T, 3) float32 arrays, in one pass over the file.

    Raises:
        FormatError: a column that is missing, or a cell that is no number.
    """
    axes = [name for triple in triples for name in triple]
    missing = [name for name in (*scalars, *axes) if name not in table.names]
    if missing:
        raise FormatError(
            "Columns are missing",
            where=table.where,
            expected=", ".join([*scalars, *axes]),
            got=", ".join(table.names[:12]),
            remedy="Export the recording again; the app writes these columns",
        )
    # Stamps of 19 digits need 64 bits, samples do not.
    columns = table.columns({**dict.fromkeys(axes, np.float32), **dict.fromkeys(scalars, np.float64)})
    return [columns[name] for name in scalars], [np.stack([columns[n] for n in triple], axis=1) for triple in triples]


def remarks_of(table: TextTable, file: str) -> list[Note]:
    """What was odd about the text of a table, as notes."""
    return [Note("repaired" if "cut off" in remark else "detected", f"{file}: {remark}") for remark in table.remarks]


def stream_of(name: str, where: str, *args, **kwargs) -> Stream:
    """`anywear.signal.build_stream`, its errors naming the file and a remedy that fits an app.

    Raises:
        FormatError: fewer than two usable samples.
    """
    try:
        return build_stream(name, *args, **kwargs)
    except FormatError as error:
        error.where = where
        error.remedy = "Check in the app that the sensor shows values, then record or export again"
        raise


def notes_on_unused(options: ReadOptions, app: str) -> list[Note]:
    """One note for each option of the user's that has no meaning for an export that states its own."""
    notes = []
    if options.columns is not None:
        notes.append(Note("detected", f"--columns was not used: the columns of a {app} export have fixed names"))
    if options.rate_hz is not None:
        notes.append(Note("detected", f"--rate was not used: a {app} export has time stamps"))
    return notes
