"""Samples from lines of text, as they come: JSON, an object a line, or CSV with a header."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ..errors import FormatError, unknown_name
from ..runtime import Samples
from ..signal.units import ACC_SCALES, GYR_SCALES, parse_units

ACC_COLUMNS = ("acc_x", "acc_y", "acc_z")
GYR_COLUMNS = ("gyr_x", "gyr_y", "gyr_z")
ROWS = 256  # handed over together at most
EXAMPLE = '{"sensor": "watch", "time_s": 1.02, "acc": [0.1, 0.2, 9.8], "gyr": [0, 0, 0]}'


def chunks_from_lines(
    lines: Iterable[str], sensors: Sequence[str], chunk_s: float, units: str | None = None
) -> Iterator[dict[str, Samples]]:
    """What the lines hold, in chunks of about `chunk_s` on the stamps' own clock.

    Args:
        lines: JSON or CSV, told by the first; empty ones are passed over.
        sensors: names that may come; a line without a name is of the only one.
        chunk_s: seconds of samples handed over together.
        units: such as ``g,deg/s``; m/s2 and rad/s by default.

    Raises:
        FormatError: a line that is no sample. UsageError: a sensor nobody announced. UnitError: units that are none.
    """
    acc_unit, gyr_unit = parse_units(units) if units else (None, None)
    acc_scale, gyr_scale = ACC_SCALES[acc_unit or "m/s2"], GYR_SCALES[gyr_unit or "rad/s"]
    waiting: dict[str, list[Samples]] = {}
    rows, since = 0, None
    for name, own in _parsed(lines, sensors):
        gyr = None if own.gyr_radps is None else own.gyr_radps * gyr_scale
        own = Samples(own.time_s, own.acc_mps2 * acc_scale, gyr)
        before = waiting.get(name, [])
        if before and (before[0].gyr_radps is None) != (gyr is None):
            yield _joined(waiting)  # the stream says what is wrong with it
            waiting, rows, since = {}, 0, None
        waiting.setdefault(name, []).append(own)
        rows += len(own.time_s)
        newest = float(own.time_s[-1]) if len(own.time_s) else None
        since = newest if since is None else since
        if rows >= ROWS or (newest is not None and since is not None and not newest - since < chunk_s):
            yield _joined(waiting)
            waiting, rows, since = {}, 0, None
    if waiting:
        yield _joined(waiting)


def _joined(waiting: dict[str, list[Samples]]) -> dict[str, Samples]:
    out = {}
    for name, parts in waiting.items():
        gyr = [part.gyr_radps for part in parts if part.gyr_radps is not None]
        time_s, acc = (np.concatenate([getattr(part, field) for part in parts]) for field in ("time_s", "acc_mps2"))
        out[name] = Samples(time_s, acc, np.concatenate(gyr) if gyr else None)
    return out


def _parsed(lines: Iterable[str], sensors: Sequence[str]) -> Iterator[tuple[str, Samples]]:
    header: list[str] | None = None
    is_json: bool | None = None
    for number, raw in enumerate(lines, start=1):
        line, where = raw.strip().lstrip("\ufeff"), f"line {number}"
        if not line:
            continue
        if is_json is None:
            is_json = line.startswith("{")
            if not is_json:
                header = _header(line, where)
                continue
        name, own = _from_json(line, where) if header is None else _from_csv(line, header, where)
        if name is None and len(sensors) == 1:
            name = sensors[0]
        if name is None:
            raise FormatError(
                "A line does not say whose it is", where=where, expected=f'"sensor", one of {", ".join(sensors)}',
                remedy=f"Write lines like {EXAMPLE}",
            )  # fmt: skip
        if name not in sensors:
            raise unknown_name("sensor", name, sensors)
        yield name, own


def _from_json(line: str, where: str) -> tuple[str | None, Samples]:
    try:
        fields = json.loads(line)
        time_s = np.atleast_1d(np.asarray(fields["time_s"], dtype=np.float64))
        acc = np.asarray(fields["acc"], dtype=np.float64).reshape(len(time_s), 3)
        gyr = fields.get("gyr")
        gyr = None if gyr is None else np.asarray(gyr, dtype=np.float64).reshape(len(time_s), 3)
        name = fields.get("sensor")
        return None if name is None else str(name), Samples(time_s, acc, gyr)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            "A line is no sample", where=where, expected=EXAMPLE, got=f"{line[:80]!r} ({type(error).__name__}: {error})",
            remedy="Write time_s, acc and gyr as numbers, or as lists of as many samples",
        ) from error  # fmt: skip


def _header(line: str, where: str) -> list[str]:
    header = [cell.strip().lower() for cell in line.split(",")]
    known = {"sensor", "time_s", *ACC_COLUMNS, *GYR_COLUMNS}
    has_gyr = sorted({*GYR_COLUMNS} & set(header))
    if not {"time_s", *ACC_COLUMNS} <= set(header) or set(header) - known or len(has_gyr) in (1, 2):
        raise FormatError(
            "The first line is neither JSON nor a header that is known here", where=where,
            expected="sensor,time_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z, of which sensor and gyr may be missing",
            got=line[:80], remedy="Name the columns so, or send JSON lines",
        )  # fmt: skip
    return header


def _from_csv(line: str, header: Sequence[str], where: str) -> tuple[str | None, Samples]:
    cells = [cell.strip() for cell in line.split(",")]
    if len(cells) != len(header):
        raise FormatError(
            "A line has too many or too few cells", where=where, expected=str(len(header)), got=str(len(cells))
        )
    row = dict(zip(header, cells, strict=True))
    try:
        values = {name: float(cell) if cell else np.nan for name, cell in row.items() if name != "sensor"}
    except ValueError as error:
        raise FormatError("A cell is no number", where=where, got=str(error)) from error
    gyr = np.array([[values[name] for name in GYR_COLUMNS]]) if GYR_COLUMNS[0] in values else None
    return row.get("sensor") or None, Samples(
        np.array([values["time_s"]]), np.array([[values[name] for name in ACC_COLUMNS]]), gyr
    )
