"""Generic tables: CSV and its relatives, and Parquet of any origin.

Nothing about the file is known beforehand. Columns are found by name, units by declaration and by value, time by size and
step; each finding is a note, and ``--columns``, ``--units`` and ``--rate`` override.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import AnywearError, FormatError
from ..recording import Note, Recording
from ._columns import Table
from ._dialect import DELIMITER_NAMES, HEAD_BYTES, detect_dialect
from ._table_recording import table_to_recording
from ._tables import ParquetTable
from .csvtext import TextTable, read_columns
from .registry import ReadOptions, reader

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".tab", ".dat")
PARQUET_SUFFIXES = (".parquet", ".pq")


def sniff_table(path: Path) -> bool:
    """Whether a path is a text table or a Parquet file; by suffix first, so that a damaged one is explained."""
    if not path.is_file():
        return False
    if path.suffix.lower() in TEXT_SUFFIXES + PARQUET_SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        detect_dialect(head, complete=len(head) < HEAD_BYTES, where=str(path))
    except (AnywearError, OSError):
        return False
    return True


@reader("csv", "tables: CSV, TSV, text with semicolons or blanks, Parquet; columns and units detected", sniff_table)
def read_table(path: Path, options: ReadOptions) -> Recording:
    """Read a table of unknown origin. See `anywear.io.read` for the errors."""
    if path.is_dir():
        raise FormatError(
            "A folder was given where a file is wanted",
            where=str(path),
            expected="a table of text or a Parquet file",
            remedy="Name one file, or read the folder with anywear.read_many",
        )
    table: Table
    if _is_parquet(path):
        table = ParquetTable(path, str(path))
        notes = [Note("detected", "a Parquet table")]
    else:
        table = read_columns(path, where=str(path))
        notes = [_dialect_note(table)]
    return table_to_recording(table, options, source=path.name, reader_name="csv", notes=notes)


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1" or path.suffix.lower() in PARQUET_SUFFIXES


def _dialect_note(table: TextTable) -> Note:
    dialect = table.dialect
    parts = [f"separated by {DELIMITER_NAMES.get(dialect.delimiter, repr(dialect.delimiter))}"]
    if dialect.decimal == ",":
        parts.append("decimal comma")
    if dialect.encoding != "utf-8":
        parts.append(dialect.encoding)
    return Note("detected", f"text table of {dialect.width} columns, {', '.join(parts)}")
