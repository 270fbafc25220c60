"""What a text table looks like: encoding, delimiter, decimal mark, header, where its rows begin.

All of it is read off the first part of the file; the rows themselves are streamed by `anywear.io.csvtext`.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from ..errors import FormatError

HEAD_BYTES = 1 << 18  # enough for some thousand rows, or for a header of any sane width
HEAD_LINES = 400
ODD_BYTES = "anywear-odd-bytes"  # name of the error handler below
MAX_PREAMBLE_LINES = 40

BLANKS = " "
DELIMITERS = (",", ";", "\t", "|", BLANKS)
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", BLANKS: "blanks"}

MISSING_CELLS = frozenset({"", "nan", "na", "n/a", "null", "none", "-nan"})

_LINE_END = re.compile(r"\r\n|\n|\r")
_BLANK_CELL = re.compile(r'"[^"]*"|[^ \t]+')
_COMMENT = re.compile(r"\s*(#|%|//)+\s*")
_NUMBER = {
    ".": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?"),
    ",": re.compile(r"[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?"),
}
_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PAR1", "a Parquet file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"%PDF", "a PDF document"),
    (b"MATLAB 5.0", "a MATLAB file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"SQLite", "an SQLite data base"),
    (b"{\\rtf", "an RTF document"),
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Dialect:
    """How the rows of a text table are to be read.

    Attributes:
        encoding: ``utf-8``, ``utf-16-le``, ``utf-16-be`` or ``latin-1``.
        bom_bytes: length of the byte order mark.
        skip_bytes: bytes before the first row, after the byte order mark, once the text is UTF-8.
        skip_lines: lines before the first row, for messages.
        delimiter: one of DELIMITERS; BLANKS means any run of blanks and tabs.
        decimal: ``.`` or ``,``.
        names: one for each column; unnamed ones are ``c0``, ``c1``, ...
        has_header: False when the names are made up.
        width: cells in a row; may be one more than there are names when each row ends with a delimiter.
        rows: cells of the first rows, for detection.
        remarks: what was skipped or made up, in words.
    """

    encoding: str
    bom_bytes: int
    skip_bytes: int
    skip_lines: int
    delimiter: str
    decimal: str
    names: tuple[str, ...]
    has_header: bool
    width: int
    rows: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...] = ()


class EmptyTableError(FormatError):
    """A table with a header line and no rows: nothing was recorded."""


def detect_dialect(head: bytes, *, complete: bool, where: str) -> Dialect:
    """Detect the dialect from the first bytes.

    Args:
        head: the first HEAD_BYTES of the file, or all of it.
        complete: whether ``head`` is the whole file.
        where: name of the file, for messages.

    Raises:
        FormatError: binary, empty, prose, or rows of different lengths. EmptyTableError: a header and no rows.
    """
    encoding, bom_bytes = _encoding(head, where)
    text = codecs.getincrementaldecoder(encoding)(ODD_BYTES).decode(head[bom_bytes:], final=complete)
    lines = _lines(text, complete)
    if not lines:
        raise FormatError(
            "The file is empty" if complete else "The file has no lines of text",
            where=where,
            expected="a table of text with one row for each sample",
            got=f"{len(head)} bytes without a line of text",
            remedy="Export the recording again",
        )
    comments, forced, lines = _strip_comments(lines)
    if not lines:
        raise EmptyTableError("The table has comments and no rows", where=where, remedy="Export the recording again")
    delimiter, decimal, table = _split(lines, forced, where)
    names, first, remarks = _layout(table, lines, comments, delimiter, decimal, where)
    width = len(table[first])
    prefix = text[: lines[first].start]
    return Dialect(
        encoding=encoding,
        bom_bytes=bom_bytes,
        skip_bytes=len(prefix.encode()),
        skip_lines=lines[first].number - 1,
        delimiter=delimiter,
        decimal=decimal,
        names=tuple(name or f"c{index}" for index, name in enumerate(names)),
        has_header=any(names),
        width=width,
        rows=tuple(tuple(cell.strip() for cell in cells) for cells in table[first:] if len(cells) == width),
        remarks=tuple(remarks),
    )


def _odd_bytes(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not of the encoding: in UTF-8 one Latin-1 character each, as in files joined from two."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.encoding == "utf-8":
        return error.object[error.start : error.end].decode("latin-1"), error.end
    return "\ufffd", error.end


codecs.register_error(ODD_BYTES, _odd_bytes)


def is_number(cell: str, decimal: str = ".") -> bool:
    """Whether a cell holds a number."""
    return _NUMBER[decimal].fullmatch(cell.strip().lower()) is not None


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().lower() in MISSING_CELLS


def _encoding(head: bytes, where: str) -> tuple[str, int]:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding, len(mark)
    known = next((name for signature, name in _SIGNATURES if head.startswith(signature)), None)
    control = sum(head.count(byte) for byte in (b"\x00", b"\x01", b"\x02", b"\x03", b"\x04", b"\x05", b"\x06", b"\x08"))
    if known or control:
        raise FormatError(
            "This is no text table",
            where=where,
            expected="lines of text with one row for each sample",
            got=known or f"binary data that begins with {head[:16]!r}",
            remedy="Name the format with --format, or export the recording as CSV",
        )
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "latin-1", 0
    return "utf-8", 0


class _Line(NamedTuple):
    number: int  # from 1
    text: str
    start: int  # index of its first character


def _lines(text: str, complete: bool) -> list[_Line]:
    """Lines that are not blank; the last one is left out when the text goes on."""
    lines, start, number = [], 0, 1
    for match in _LINE_END.finditer(text):
        lines.append(_Line(number, text[start : match.start()], start))
        start, number = match.end(), number + 1
    if complete and start < len(text):
        lines.append(_Line(number, text[start:], start))
    return [line for line in lines if line.text.strip()]


def _strip_comments(lines: list[_Line]) -> tuple[list[str], str | None, list[_Line]]:
    """Leading comment lines without their marks, a delimiter declared by a ``sep=`` line, and the other lines."""
    comments: list[str] = []
    forced = None
    for index, line in enumerate(lines):
        declared = re.fullmatch(r'"?sep=(.)"?', line.text.rstrip(" "))
        if declared:
            forced = declared[1]
        elif _COMMENT.match(line.text):
            comments.append(_COMMENT.sub("", line.text, count=1))
        else:
            return comments, forced, lines[index : index + HEAD_LINES]
    return comments, forced, []


def _cells(line: str, delimiter: str) -> list[str]:
    if delimiter == BLANKS:
        return _BLANK_CELL.findall(line)
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return [line]


def _width(table: list[list[str]]) -> int:
    """The commonest number of cells; of two equally common ones the later in the file."""
    counts = Counter(len(cells) for cells in table)
    common = max(counts.values())
    return next(len(cells) for cells in reversed(table) if counts[len(cells)] == common)


def _split(lines: list[_Line], forced: str | None, where: str) -> tuple[str, str, list[list[str]]]:
    """Delimiter, decimal mark and cells that make most sense of the lines."""
    best, best_score = None, (0.0, 0)
    for delimiter in DELIMITERS if forced is None else (forced,):
        table = [_cells(line.text, delimiter) for line in lines]
        width = _width(table)
        body = table[next(i for i, cells in enumerate(table) if len(cells) == width) :]
        regular = [cells for cells in body if len(cells) == width]
        whole = body[:-1] or body  # the last line may have been cut off
        if width < 2 or sum(len(cells) == width for cells in whole) < 0.8 * len(whole):
            continue
        for decimal in (".", ","):
            if decimal == delimiter and not any('"' in line.text for line in lines):
                continue
            cells = [cell for row in regular for cell in row if not is_missing(cell)]
            numeric = sum(is_number(cell, decimal) for cell in cells) / max(len(cells), 1)
            score = (numeric * len(regular) / len(table), width)
            # Text alone makes a table too, such as a list of properties, when every line has the same cells.
            text_only = len(regular) == len(table) and delimiter != BLANKS
            if score[0] > best_score[0] + 1e-9 or (best is None and text_only):
                best, best_score = (delimiter, decimal, table), score
    if best is not None:
        return best
    if len(lines) > 1 and all(is_number(line.text) or is_missing(line.text) for line in lines[1:]):
        return ",", ".", [[line.text.strip()] for line in lines]
    raise FormatError(
        "The text is no table",
        where=where,
        expected="rows with the same number of cells, separated by comma, semicolon, tab or blanks",
        got=f"lines such as {lines[len(lines) // 2].text[:60]!r}",
        remedy="Export the recording as CSV with a header line",
    )


def _layout(table, lines, comments, delimiter, decimal, where) -> tuple[list[str], int, list[str]]:
    """Names (empty where there is none), index of the first row, and remarks."""
    width = _width(table)
    start = next(i for i, cells in enumerate(table) if len(cells) == width)
    if start and _is_header_but_for_trailing_delimiter(table[start - 1], table[start:], decimal, width):
        start -= 1
    remarks = []
    for index, cells in enumerate(table):
        is_last = index == len(table) - 1  # may have been cut off; the stream finds out
        like_a_row = len(cells) > 1 and all(is_number(c, decimal) or is_missing(c) for c in cells)
        ragged = (index > start and len(cells) != width and not is_last) or (index < start and like_a_row)
        if ragged or start > MAX_PREAMBLE_LINES:
            raise FormatError(
                "The rows have different numbers of cells",
                where=f"{where}, line {lines[index].number}",
                expected=f"{width} cells",
                got=f"{len(cells)} cells: {lines[index].text[:60]!r}",
                remedy="Repair or remove that line, or export the recording again",
            )
    if start:
        remarks.append(f"{start} line(s) before the table skipped, the first {lines[0].text.strip()[:50]!r}")
    header_rows = _count_header_rows(table[start:], decimal, width)
    names = _merge_names(table[start : start + header_rows], width)
    if header_rows > 1:
        remarks.append(f"{header_rows} header lines joined to names such as {names[-1]!r}")
    first = start + header_rows
    if first >= len(table):
        raise EmptyTableError(
            "The table has a header line and no rows",
            where=where,
            got=", ".join(names[:12]),
            remedy="Check that this sensor was switched on while recording, and export again",
        )
    if not header_rows and comments:
        said = _cells(comments[-1], delimiter)
        said = said if len(said) == width else _cells(comments[-1], BLANKS)
        if len(said) == width and not any(is_number(cell, decimal) for cell in said):
            names = _merge_names([said], width)
            remarks.append(f"column names taken from the comment line {comments[-1][:50]!r}")
    if not any(names):
        remarks.append(f"no header line: the {width} columns are called c0 to c{width - 1}")
    return _unique(names, remarks), first, remarks


def _is_header_but_for_trailing_delimiter(header: list[str], rows: list[list[str]], decimal: str, width: int) -> bool:
    """Whether a line holds words and heads rows one cell wider or narrower because lines end with a delimiter."""
    if all(is_number(cell, decimal) or is_missing(cell) for cell in header):
        return False
    if len(header) == width - 1:
        return all(cells[-1].strip() == "" for cells in rows if len(cells) == width)
    return len(header) == width + 1 and header[-1].strip() == ""


def _count_header_rows(rows: list[list[str]], decimal: str, width: int) -> int:
    if len(rows) == 1:
        return 0 if any(is_number(cell, decimal) for cell in rows[0]) else 1
    later = [row for row in rows[min(4, len(rows) // 2) :] if len(row) == width] or [
        row for row in rows if len(row) == width
    ]
    numeric = []
    for column in range(width):
        cells = [row[column] for row in later if not is_missing(row[column])]
        if cells and sum(is_number(cell, decimal) for cell in cells) > 0.6 * len(cells):
            numeric.append(column)
    if not numeric:
        return 1
    count = 0
    for cells in rows[:4]:
        told = [cells[column] for column in numeric if column < len(cells)]
        words = sum(not is_number(cell, decimal) and not is_missing(cell) for cell in told)
        if words * 2 <= len(numeric):
            break
        count += 1
    return count


def _merge_names(header: list[list[str]], width: int) -> list[str]:
    names = [""] * width
    for cells in header:
        for column, cell in enumerate(cells[:width]):
            word = cell.strip().strip("\ufeff").strip().strip("\"'").strip()
            if not names[column]:
                names[column] = word
            elif word:
                names[column] += f" [{word}]"  # a second header line states units
    return names


def _unique(names: list[str], remarks: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        unique.append(name if not name or not seen[name] else f"{name}.{seen[name]}")
        seen[name] += 1
    repeated = [name for name, count in seen.items() if name and count > 1]
    if repeated:
        remarks.append(f"column names that occur more than once were numbered: {', '.join(repeated[:6])}")
    return unique
