"""Text tables of any dialect, streamed column by column.

The head of the file tells its dialect (`anywear.io._dialect`) and its columns; only the columns asked for are then
parsed, block by block, so that memory is bounded by those columns and not by the file.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from .._typing import Array
from ..errors import AnywearError, FormatError, unknown_name
from ..recording import Note
from ._dialect import BLANKS, HEAD_BYTES, ODD_BYTES, Dialect, EmptyTableError, detect_dialect, is_missing, is_number

__all__ = ["EmptyTableError", "TextTable", "Words", "read_columns"]

BLOCK_BYTES = 1 << 20  # 1 MiB: larger blocks cost memory and are not faster

# pyarrow compares cells literally, blanks included.
_NULLS = [
    case for word in ("", "nan", "na", "n/a", "null", "none", "-nan") for case in {word, word.upper(), word.title()}
]
_NULLS += ["NaN", "-NaN", *(" " * count for count in range(1, 17))]


@dataclass(frozen=True, eq=False)
class Words:
    """A column of text in which few words come many times: ``words[codes[row]]``.

    Attributes:
        codes: (rows,) int32.
        words: distinct cells in order of appearance, blanks stripped.
    """

    codes: Array
    words: tuple[str, ...]

    def tolist(self) -> list[str]:
        return [self.words[code] for code in self.codes]


class TextTable:
    """A text table whose columns are read on demand.

    Attributes:
        names: column names without quotes and blanks; ``c0``, ``c1``, ... where the file gives none.
        has_header: False when all names are made up.
        where: name of the file, for messages.
        dialect: delimiter, decimal mark, encoding and the first rows.
    """

    def __init__(self, source: Path | io.BufferedIOBase, dialect: Dialect, where: str) -> None:
        self._source = source
        self.dialect = dialect
        self.where = where
        self.names: list[str] = list(dialect.names)
        self.has_header = dialect.has_header
        self._notes = [Note("detected", remark) for remark in dialect.remarks]

    @property
    def notes(self) -> list[Note]:
        """What was skipped, made up or repaired; may grow when columns are read."""
        return list(self._notes)

    @property
    def remarks(self) -> list[str]:
        """The same as text alone."""
        return [note.text for note in self._notes]

    def head(self, name: str) -> list[str]:
        """The first cells of a column as they stand, without reading the file again."""
        index = self._index(name)
        return [row[index] for row in self.dialect.rows]

    def head_numbers(self, name: str) -> Array:
        """The first cells of a column as float64; NaN where a cell holds no number."""
        decimal = self.dialect.decimal
        return np.array([float(c.replace(decimal, ".")) if is_number(c, decimal) else np.nan for c in self.head(name)])

    def is_numeric(self, name: str) -> bool:
        """Whether the first cells of a column are numbers or missing, and not all missing."""
        cells = [cell for cell in self.head(name) if not is_missing(cell)]
        return bool(cells) and all(is_number(cell, self.dialect.decimal) for cell in cells)

    def column(self, name: str, dtype: Any = np.float64) -> Array:
        """One column as numbers, NaN where a cell is empty or says nan. See `columns`."""
        return self.columns({name: dtype})[name]

    def text(self, name: str) -> list[str]:
        """One column as text, blanks stripped."""
        return self.columns({name: str})[name].tolist()

    def columns(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Several columns in one pass over the file.

        Args:
            wanted: for each name np.float32, np.float64, ``str`` (gives `Words`), or a function that turns a list of
                cells into a float64 array of the same length and raises ValueError(index, cell) for a bad one.

        Returns:
            Name to array (rows,) or Words.

        Raises:
            FormatError: a cell that is no number, or rows of different lengths; names row and cell.
            FormatError: also for a column that is not there.
        """
        gatherers = {self._index(name): _gatherer(kind) for name, kind in wanted.items()}
        keys = {index: f"c{index}" for index in gatherers}
        with self._rows(keys, {keys[i]: gatherer.arrow_type for i, gatherer in gatherers.items()}) as batches:
            first_row = 1
            for batch in batches:
                for index, gatherer in gatherers.items():
                    try:
                        gatherer.add(batch.column(keys[index]))
                    except _BadCellError as bad:
                        row = first_row + bad.row
                        raise self._bad_cell(self.names[index], row, bad.cell, "a time stamp") from None
                first_row += batch.num_rows
        return {name: gatherers[self._index(name)].result() for name in wanted}

    def _index(self, name: str) -> int:
        if name not in self.names:
            error = unknown_name("column", name, self.names, error=FormatError)
            error.where = self.where
            raise error
        return self.names.index(name)

    @contextmanager
    def _rows(self, keys: Mapping[int, str], types: Mapping[str, pa.DataType]):
        """Batches of the rows with the columns in ``keys``; translates pyarrow's errors."""
        body = _Body(self._source, self.dialect)
        ragged: list[tuple[int, int, str]] = []

        def on_ragged(row) -> str:
            if row.text.strip():
                ragged.append((row.number or 0, row.actual_columns, row.text))
            return "skip"

        def batches():
            reader = pacsv.open_csv(
                pa.PythonFile(body, mode="r"),
                read_options=pacsv.ReadOptions(
                    column_names=[f"c{index}" for index in range(self.dialect.width)],
                    block_size=BLOCK_BYTES,
                    use_threads=False,  # row numbers in messages need it
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter="\t" if self.dialect.delimiter == BLANKS else self.dialect.delimiter,
                    invalid_row_handler=on_ragged,
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict(types),
                    include_columns=list(keys.values()),
                    null_values=_NULLS,
                    decimal_point=self.dialect.decimal,
                    check_utf8=False,
                ),
            )
            for batch in reader:
                if len(ragged) > 1 or (ragged and not body.at_end):
                    break
                yield batch
            self._judge_ragged(ragged, body)

        try:
            yield batches()
        except pa.ArrowInvalid as error:
            raise self._explain(str(error)) from None
        finally:
            body.close()

    def _judge_ragged(self, ragged: list[tuple[int, int, str]], body: _Body) -> None:
        """Allow for one last line that was cut off; refuse anything else."""
        if not ragged:
            return
        number, cells, text = ragged[0]
        if len(ragged) == 1 and body.at_end and not body.ends_with_newline and body.last_line_is(text):
            text = f"the last line was cut off after {cells} of {self.dialect.width} cells and was left out"
            note = Note("repaired", text)
            if note not in self._notes:
                self._notes.append(note)
            return
        raise FormatError(
            "The rows have different numbers of cells",
            where=f"{self.where}, row {number} (header lines not counted)",
            expected=f"{self.dialect.width} cells",
            got=f"{cells} cells: {text[:60]!r}",
            remedy="Repair or remove that line, or export the recording again",
        )

    def _explain(self, message: str) -> AnywearError:
        bad = re.match(r"In CSV column #(\d+): Row #(\d+): .*?invalid value '(.*)'?", message, re.DOTALL)
        if bad:
            return self._bad_cell(self.names[int(bad[1])], int(bad[2]), bad[3].rstrip("'"))
        return FormatError(
            "The rows of the table cannot be told apart",
            where=self.where,
            expected="one line for each row, quotes closed on the same line",
            got=message.split("(")[0].strip()[:80],
            remedy="Export the recording again, without quotes",
        )

    def _bad_cell(self, name: str, row: int, cell: str, wanted: str = "a number") -> FormatError:
        like = f"such as 9{self.dialect.decimal}81" if wanted == "a number" else "like the ones before"
        return FormatError(
            f"A cell is not {wanted}",
            where=f"{self.where}, column {name!r}, row {row} (header lines not counted)",
            expected=f"{wanted} {like}, or an empty cell",
            got=repr(cell[:60]),
            remedy="Correct or empty that cell, or choose other columns with --columns",
        )


def read_columns(source: Path | io.BufferedIOBase, *, where: str) -> TextTable:
    """Open a text table: the head is read and understood, the rows are read when columns are asked for.

    Args:
        source: a path, or a binary file; one that cannot seek is held in memory.
        where: name of the file, for messages.

    Raises:
        FormatError: binary, empty, prose, or rows of different lengths. EmptyTableError: a header and no rows.

    Example:
        >>> table = read_columns(io.BytesIO(b"t;x\\n0,0;1,5\\n0,1;2,5\\n"), where="demo")
        >>> table.names, table.column("x").tolist()
        (['t', 'x'], [1.5, 2.5])
    """
    if not isinstance(source, Path) and not source.seekable():
        source = io.BytesIO(source.read())
    try:
        if isinstance(source, Path):
            with source.open("rb") as file:
                head = file.read(HEAD_BYTES)
        else:
            source.seek(0)
            head = source.read(HEAD_BYTES)
    except OSError as error:
        raise FormatError("The file cannot be read", where=where, got=error.strerror or str(error)) from None
    return TextTable(source, detect_dialect(head, complete=len(head) < HEAD_BYTES, where=where), where)


class _Body:
    """File object over the rows alone, as valid UTF-8 and with one delimiter between cells."""

    closed = False

    def __init__(self, source: Path | io.BufferedIOBase, dialect: Dialect) -> None:
        self._owned = isinstance(source, Path)
        self._file: io.BufferedIOBase = source.open("rb") if isinstance(source, Path) else source
        self._file.seek(dialect.bom_bytes)
        self._skip = dialect.skip_bytes
        self._decoder = codecs.getincrementaldecoder(dialect.encoding)(ODD_BYTES)
        self._is_ascii_safe = "16" not in dialect.encoding
        self._collapse = dialect.delimiter == BLANKS
        self._pending = b""  # an unfinished line that waits for its end
        self._last = b""  # end of what was given out so far
        self.at_end = False

    def read(self, size: int = -1) -> bytes:
        while True:
            raw = self._file.read(size)
            data = self._as_utf8(raw)
            if self._skip:
                skipped = min(self._skip, len(data))
                data, self._skip = data[skipped:], self._skip - skipped
            self.at_end = not raw
            if self._collapse:
                data = self._collapsed(data)
            if data:
                self._last = data[-4096:]
            if data or self.at_end:
                return data

    def _as_utf8(self, raw: bytes) -> bytes:
        # pyarrow drops rows that are not UTF-8 without a word when it reports them.
        if self._is_ascii_safe and raw.isascii() and not self._decoder.getstate()[0]:
            return raw
        return self._decoder.decode(raw, final=not raw).encode()

    def _collapsed(self, data: bytes) -> bytes:
        """Whole lines of what was read so far, runs of blanks turned into one tab."""
        data = self._pending + data
        cut = len(data) if self.at_end else max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        self._pending = data[cut:]
        lines = re.sub(rb"[ \t]*([\r\n]+)[ \t]*", rb"\1", data[:cut])
        return re.sub(rb"[ \t]+", b"\t", lines.strip(b" \t"))

    @property
    def ends_with_newline(self) -> bool:
        return self._last[-1:] in (b"\n", b"\r")

    def last_line_is(self, text: str) -> bool:
        last = re.split(rb"[\r\n]", self._last)[-1]
        return last.split() == text.encode().split()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        if self._owned and not self.closed:
            self._file.close()
        self.closed = True


class _BadCellError(Exception):
    def __init__(self, row: int, cell: str) -> None:
        super().__init__(row, cell)
        self.row, self.cell = row, cell


class _Numbers:
    """Gathers a column that pyarrow parses as numbers."""

    def __init__(self, dtype) -> None:
        self.dtype = np.dtype(dtype)
        self.arrow_type = pa.from_numpy_dtype(self.dtype)
        self._values = np.empty(1 << 16, self.dtype)
        self._count = 0

    def add(self, column: pa.Array) -> None:
        self.extend(column.to_numpy(zero_copy_only=False))

    def extend(self, values: Array) -> None:
        """Append a copy; to keep a view would keep pyarrow's whole block."""
        end = self._count + len(values)
        if end > len(self._values):
            self._values.resize(max(end, len(self._values) * 3 // 2), refcheck=False)
        self._values[self._count : end] = values
        self._count = end

    def result(self) -> Array:
        self._values.resize(self._count, refcheck=False)
        return self._values


class _Converted(_Numbers):
    """Gathers a column through a function of the caller's, such as one for dates."""

    def __init__(self, convert: Callable[[list[str]], Array]) -> None:
        super().__init__(np.float64)
        self.arrow_type = pa.binary()
        self.convert = convert

    def add(self, column: pa.Array) -> None:
        try:
            values = self.convert([_decode(cell) for cell in column.to_pylist()])
        except ValueError as error:
            raise _BadCellError(*(error.args if len(error.args) == 2 else (0, str(error)))) from None
        self.extend(np.asarray(values, dtype=np.float64))


class _Text:
    """Gathers a column of words as codes."""

    arrow_type = pa.binary()

    def __init__(self) -> None:
        self.codes = _Numbers(np.int32)
        self.words: dict[str, int] = {}

    def add(self, column: pa.Array) -> None:
        coded = column.dictionary_encode(null_encoding="encode")
        own = [self.words.setdefault(_decode(cell), len(self.words)) for cell in coded.dictionary.to_pylist()]
        self.codes.extend(np.asarray(own, dtype=np.int32)[coded.indices.to_numpy()])

    def result(self) -> Words:
        return Words(self.codes.result(), tuple(self.words))


def _gatherer(kind: Any) -> _Numbers | _Text:
    if kind is str:
        return _Text()
    if isinstance(kind, type | np.dtype):
        return _Numbers(kind)
    return _Converted(kind)


def _decode(cell: bytes | None) -> str:
    return "" if cell is None else cell.decode(errors="replace").strip()
