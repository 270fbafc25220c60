"""Tables that are not text: Parquet files of any origin, and arrays in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .._typing import Array
from ..errors import FormatError
from ..recording import Note
from .csvtext import Words

HEAD_ROWS = 400
OWN_KEY = b"anywear"  # metadata key of anywear's own Parquet format
MAX_BYTES = 8 << 30  # 8 GiB once unpacked: a month at 100 Hz with six sensors; a small file that claims more is a bomb


class ParquetTable:
    """A Parquet table of foreign origin; see `anywear.io._columns.Table`.

    Raises:
        FormatError: damaged, empty, or unpacked larger than MAX_BYTES.
    """

    has_header = True

    def __init__(self, path: Path, where: str) -> None:
        self.where = where
        self._path = path
        self._file = open_parquet(path, where)
        if OWN_KEY in (self._file.metadata.metadata or {}):
            raise FormatError(
                "This is anywear's own format, not a table",
                where=where,
                remedy="Leave --format out, or write --format anywear",
            )
        schema = self._file.schema_arrow
        usable = [field for field in schema if _is_flat(field.type)]
        self.names: list[str] = list(dict.fromkeys(field.name for field in usable))
        self._types = {field.name: field.type for field in usable}
        nested = [field.name for field in schema if not _is_flat(field.type)]
        self.notes = (
            [Note("detected", f"columns of lists or structures left out: {', '.join(nested)}")] if nested else []
        )
        rows = self._file.metadata.num_rows
        if not self.names or rows == 0:
            raise FormatError(
                "The Parquet table has no rows" if self.names else "The Parquet table has no plain columns",
                where=where,
                expected="one column of numbers for each axis",
                got=f"{rows} rows; columns {', '.join(schema.names[:20]) or 'none'}",
                remedy="Export the recording again",
            )
        if rows * 8 * len(self.names) > MAX_BYTES:
            raise too_large(where, rows * 8 * len(self.names))
        with _damage_explained(where):
            batch = next(self._file.iter_batches(batch_size=HEAD_ROWS, columns=self.names), None)
            if batch is None:
                raise KeyError("no rows where the footer promises some")
            self._head = {name: batch.column(name) for name in self.names}

    def head(self, name: str) -> list[str]:
        return ["" if value is None else str(value) for value in self._head[name].to_pylist()]

    def head_numbers(self, name: str) -> Array:
        return _floats(self._head[name], np.float64) if self._counts(name) else np.full(len(self._head[name]), np.nan)

    def is_numeric(self, name: str) -> bool:
        return self._counts(name)

    def columns(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """See `anywear.io.csvtext.TextTable.columns`."""
        parts: dict[str, list[Array]] = {name: [] for name in wanted}
        words: dict[str, dict[str, int]] = {name: {} for name in wanted}
        with _damage_explained(self.where):
            first_row = 1
            for batch in self._file.iter_batches(batch_size=1 << 17, columns=list(wanted)):
                for name, kind in wanted.items():
                    cells = batch.column(name)
                    if kind is str:
                        own = words[name]
                        coded = [own.setdefault(_text(v), len(own)) for v in cells.to_pylist()]
                        parts[name].append(np.asarray(coded, dtype=np.int32))
                    elif isinstance(kind, type | np.dtype):
                        parts[name].append(self._numbers(name, cells, kind))
                    else:
                        parts[name].append(self._converted(name, cells, kind, first_row))
                first_row += batch.num_rows
        whole = {name: np.concatenate(parts.pop(name)) for name in wanted}
        return {
            name: Words(whole[name], tuple(words[name])) if kind is str else whole[name]
            for name, kind in wanted.items()
        }

    def _counts(self, name: str) -> bool:
        kind = self._types[name]
        return any(is_kind(kind) for is_kind in _NUMERIC_TYPES)

    def _numbers(self, name: str, cells: pa.Array, dtype) -> Array:
        if not self._counts(name):
            raise FormatError(
                "A column does not hold numbers",
                where=f"{self.where}, column {name!r}",
                expected="numbers",
                got=str(self._types[name]),
                remedy="Choose other columns with --columns",
            )
        return _floats(cells, dtype)

    def _converted(self, name: str, cells: pa.Array, convert, first_row: int) -> Array:
        try:
            return np.asarray(convert([_text(v) for v in cells.to_pylist()]), dtype=np.float64)
        except ValueError as error:
            index, cell = error.args if len(error.args) == 2 else (0, str(error))
            raise FormatError(
                "A cell is not a time stamp",
                where=f"{self.where}, column {name!r}, row {first_row + index}",
                expected="a time stamp like the ones before, or an empty cell",
                got=repr(str(cell)[:60]),
                remedy="Correct or empty that cell, or choose another column with --columns time=NAME",
            ) from None


class ArrayTable:
    """Columns in memory; see `anywear.io._columns.Table`.

    Args:
        data: name to array (rows,), of numbers or of text, all of one length.
        where: for messages.
        has_header: False when the names are made up.
        notes: what was found on the way.
    """

    def __init__(
        self, data: Mapping[str, Array], where: str, *, has_header: bool = True, notes: list[Note] | None = None
    ):
        self._data = dict(data)
        self.where = where
        self.has_header = has_header
        self.names: list[str] = list(data)
        self.notes: list[Note] = list(notes or [])

    def head(self, name: str) -> list[str]:
        return [str(value) for value in self._data[name][:HEAD_ROWS].tolist()]

    def head_numbers(self, name: str) -> Array:
        head = self._data[name][:HEAD_ROWS]
        return head.astype(np.float64) if self.is_numeric(name) else np.full(len(head), np.nan)

    def is_numeric(self, name: str) -> bool:
        return self._data[name].dtype.kind in "fiu"

    def columns(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """See `anywear.io.csvtext.TextTable.columns`."""
        out: dict[str, Any] = {}
        for name, kind in wanted.items():
            values = self._data[name]
            if kind is str:
                words: dict[str, int] = {}
                codes = [words.setdefault(str(value), len(words)) for value in values.tolist()]
                out[name] = Words(np.asarray(codes, dtype=np.int32), tuple(words))
            elif isinstance(kind, type | np.dtype):
                if not self.is_numeric(name):
                    raise FormatError(
                        "An array does not hold numbers",
                        where=f"{self.where}, {name!r}",
                        got=str(values.dtype),
                        remedy="Save it as numbers, or choose other columns with --columns",
                    )
                with np.errstate(over="ignore"):  # too large for float32 is infinite, and left out later
                    out[name] = values.astype(kind)
            else:
                try:
                    out[name] = np.asarray(kind([str(value) for value in values.tolist()]), dtype=np.float64)
                except ValueError as error:
                    raise FormatError(
                        "A time stamp is not understood",
                        where=f"{self.where}, {name!r}",
                        got=str(error.args[-1])[:60],
                        remedy="Save time stamps as numbers, in seconds",
                    ) from None
        return out


def open_parquet(path: Path, where: str) -> pq.ParquetFile:
    """Open a Parquet file; a damaged one is a FormatError."""
    with _damage_explained(where):
        # Dictionary pages could make a small file huge in memory; the caller checks the sizes the footer declares.
        return pq.ParquetFile(
            path,
            thrift_string_size_limit=1 << 24,
            thrift_container_size_limit=1 << 20,
            page_checksum_verification=True,
        )


def too_large(where: str, size: float) -> FormatError:
    """The error for a file that would unpack to more than anybody records."""
    return FormatError(
        "The file would unpack to more than a recording can be",
        where=where,
        expected=f"at most {MAX_BYTES / 2**30:.0f} GiB",
        got=f"{size / 2**30:.1f} GiB",
        remedy="Split the recording into shorter files",
    )


class _damage_explained:
    """Context in which whatever pyarrow raises on damaged files becomes a FormatError."""

    def __init__(self, where: str) -> None:
        self.where = where

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind, error, trace) -> None:
        if isinstance(error, pa.ArrowException | OSError | MemoryError | UnicodeDecodeError | OverflowError | KeyError):
            raise FormatError(
                "The Parquet file is damaged",
                where=self.where,
                got=str(error).splitlines()[0][:120] if str(error) else type(error).__name__,
                remedy="Export or copy the file again",
            ) from None


_NUMERIC_TYPES = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
    pa.types.is_timestamp,
    pa.types.is_duration,
    pa.types.is_null,
)


def _is_flat(kind: pa.DataType) -> bool:
    return not pa.types.is_nested(kind)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _floats(cells: pa.Array, dtype) -> Array:
    """Numbers as they are; instants and durations in seconds."""
    kind = cells.type
    if pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
        per_second = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit]
        return (_floats(cells.cast(pa.int64()), np.float64) / per_second).astype(dtype)
    if pa.types.is_null(kind):
        return np.full(len(cells), np.nan, dtype)
    if pa.types.is_float16(kind):
        return cells.to_numpy(zero_copy_only=False).astype(dtype)
    return cells.cast(pa.from_numpy_dtype(np.dtype(dtype)), safe=False).to_numpy(zero_copy_only=False)
