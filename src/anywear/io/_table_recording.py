"""From the columns of a table to a Recording: clocks, units, labels, streams."""

from __future__ import annotations

import numpy as np

from .._typing import Array
from ..errors import FormatError
from ..recording import Note, Recording, Span, Stream
from ..signal.clock import build_stream, repair_clock
from ..signal.units import ACC_SCALES, resolve_units
from ._column_names import parse_column_name
from ._column_spec import layout_of
from ._columns import Layout, SensorColumns, Table, listing
from ._stamps import (
    UNIT_S,
    Clock,
    NoClockError,
    detect_clock,
    detect_text_clock,
    parse_dates,
    parse_times_of_day,
    unwrap_midnight,
)
from .csvtext import Words
from .registry import ReadOptions

APART_SHARE = 0.2  # of accelerations without an angular rate in their row, from which the two have clocks of their own
MAX_SPANS_PER_ROW = 0.2  # a label that changes more often is a measurement


def table_to_recording(
    table: Table,
    options: ReadOptions,
    *,
    source: str,
    reader_name: str,
    notes: list[Note] | None = None,
    rate_said_by: str = "the user",
) -> Recording:
    """Make a recording out of any table.

    Args:
        table: see `anywear.io._columns.Table`.
        options: what the user says.
        source, reader_name: for the recording.
        notes: what was found before.
        rate_said_by: who gave ``options.rate_hz``.

    Raises:
        FormatError: no accelerometer, no time stamps and no rate, cells that are no numbers, fewer than two samples.
        UnitError: units that cannot be told or cannot be true. UsageError: ``--columns`` that is not understood.
    """
    layout = layout_of(table, options.columns)
    if len(table.head(layout.sensors[0].acc[0])) < 2:
        raise FormatError(
            "The table has fewer than two samples",
            where=table.where,
            expected="two or more rows",
            got=f"{len(table.head(layout.sensors[0].acc[0]))} row(s)",
            remedy="Check that the file was recorded and exported completely",
        )
    clocks = _Clocks(table, layout, options.rate_hz, rate_said_by)
    wanted: dict = {name: np.float32 for sensor in layout.sensors for name in sensor.all_columns()}
    wanted |= clocks.wanted()
    label = next(iter(layout.labels), None)
    if label is not None and label not in wanted:
        wanted[label] = str
    data = table.columns(wanted)
    rows = len(data[layout.sensors[0].acc[0]])
    clocks.settle(data, rows)
    table_notes = [*(notes or []), *table.notes, *layout.notes, *clocks.notes]
    labels: tuple[Span, ...] = ()
    if label is not None and isinstance(data.get(label), Words):
        labels = _spans(clocks.common_or(layout.sensors[0]), data.pop(label), label, table_notes)
        if len(layout.labels) > 1:
            table_notes.append(Note("detected", f"further label columns not used: {listing(layout.labels[1:])}"))
    streams = []
    for index, sensor in enumerate(layout.sensors):
        later = {name for other in layout.sensors[index + 1 :] for name in other.all_columns()}
        streams.append(_stream(sensor, data, later, clocks, options, table.where))
    return Recording(
        tuple(streams),
        source=source,
        reader=reader_name,
        start_unix_s=clocks.start_unix_s,
        labels=labels,
        notes=tuple(table_notes),
    )


class _Clocks:
    """The clocks of a table: chosen from the head, turned into seconds once the columns are read."""

    def __init__(self, table: Table, layout: Layout, rate_hz: float | None, rate_said_by: str) -> None:
        self.table = table
        self.rate_hz = rate_hz
        self.notes: list[Note] = []
        self.start_unix_s: float | None = None
        self._clocks: dict[str, Clock] = {}
        self._seconds: dict[str | None, Array] = {}
        self._common: str | None = None
        self._counter: str | None = None
        if self.rate_hz is not None:
            self._counter = next((name for name in layout.counters if self._counts_up(name)), None)
            self._drop_own_clocks(layout)
            given = f", with gaps where column {self._counter!r} skips" if self._counter else ""
            ignored = f"; column(s) {listing(n for n, _ in layout.times)} not used" if layout.times else ""
            self.notes.append(
                Note("assumed", f"{self.rate_hz:g} samples per second, as {rate_said_by} says{given}{ignored}")
            )
            return
        for sensor in layout.sensors:
            for field in ("time", "gyr_time"):
                name = getattr(sensor, field)
                if name is not None and not self._add(name, None, self.notes):
                    setattr(sensor, field, None)
        if any(sensor.time is None for sensor in layout.sensors):
            self._choose_common(layout)

    def wanted(self) -> dict:
        """Columns to read for the clocks."""
        wanted: dict = {}
        for name, clock in self._clocks.items():
            parse = parse_dates if clock.is_unix else parse_times_of_day
            wanted[name] = np.float64 if self.table.is_numeric(name) else parse
        if self._counter:
            wanted[self._counter] = np.float64
        return wanted

    def settle(self, data: dict, rows: int) -> None:
        """Turn the columns into seconds from the start of the recording."""
        if self.rate_hz is not None:
            count = data.pop(self._counter) - 0.0 if self._counter else np.arange(rows, dtype=np.float64)
            self._seconds[None] = (count - count[np.isfinite(count)][0]) / self.rate_hz
            return
        starts = []
        for name, clock in self._clocks.items():
            seconds = data.pop(name)
            if not np.isfinite(seconds).any():
                raise _no_time(self.table, [f"{name!r} has no values"])
            if not self.table.is_numeric(name) and not clock.is_unix:
                seconds = unwrap_midnight(seconds)
            # The start is taken off in the column's own unit: nanoseconds since 1970 fill a float64 to the brim.
            start = float(seconds[np.isfinite(seconds)][0])
            seconds -= start
            seconds *= UNIT_S[clock.unit]
            starts.append(start * UNIT_S[clock.unit])
            self._seconds[name] = seconds
        kinds = {clock.is_unix for clock in self._clocks.values()}
        if len(kinds) == 1:
            for name, start in zip(self._clocks, starts, strict=True):
                if start != min(starts):
                    self._seconds[name] += start - min(starts)
            self.start_unix_s = min(starts) if kinds == {True} else None
        else:
            self.notes.append(
                Note("assumed", "the clocks of the sensors start together: one counts from 1970, one does not")
            )

    def common_or(self, sensor: SensorColumns) -> Array:
        """Seconds of the table's clock, or of a sensor's own."""
        return self._seconds[sensor.time or self._common]

    def of_gyroscope(self, sensor: SensorColumns) -> Array | None:
        """Seconds of the gyroscope's own clock, or None."""
        return None if sensor.gyr_time is None else self._seconds[sensor.gyr_time]

    def _choose_common(self, layout: Layout) -> None:
        refused: list[Note] = []
        reasons: list[str] = []
        for name, unit in layout.times:
            if self._add(name, unit, refused, reasons):
                self._common = name
                others = [n for n, _ in layout.times if n != name and n not in self._clocks]
                if others:
                    self.notes.append(Note("detected", f"further time columns not used: {listing(others)}"))
                return
        reasons += [f"{name!r} counts samples" for name in layout.counters if self._counts_up(name)]
        raise _no_time(self.table, reasons)

    def _add(self, name: str, unit: str | None, notes: list[Note], reasons: list[str] | None = None) -> bool:
        if name in self._clocks:
            return True
        try:
            if self.table.is_numeric(name):
                stated = unit or parse_column_name(name).unit
                clock = detect_clock(self.table.head_numbers(name), name, stated, self.table.where)
            else:
                clock = detect_text_clock(self.table.head(name), name)
        except NoClockError as error:
            notes.append(Note("detected", f"column {name!r} is not used as a clock: {error}"))
            if reasons is not None:
                reasons.append(str(error))
            return False
        self._clocks[name] = clock
        self.notes.append(Note("detected", clock.about))
        return True

    def _counts_up(self, name: str) -> bool:
        head = self.table.head_numbers(name)
        steps = np.diff(head)
        return len(steps) > 0 and bool((steps >= 1).all() and (head % 1 == 0).all() and np.median(steps) == 1)

    def _drop_own_clocks(self, layout: Layout) -> None:
        for sensor in layout.sensors:
            sensor.time = sensor.gyr_time = None


def _stream(
    sensor: SensorColumns, data: dict, later: set[str], clocks: _Clocks, options: ReadOptions, where: str
) -> Stream:
    place = f"{where}, {sensor.name}"
    acc = _stack(sensor.acc, data)
    if sensor.gravity is not None:
        gravity = _stack(sensor.gravity, data)
        if sensor.acc_unit != sensor.gravity_unit and sensor.acc_unit and sensor.gravity_unit:
            acc = acc * np.float32(ACC_SCALES[sensor.acc_unit])
            gravity = gravity * np.float32(ACC_SCALES[sensor.gravity_unit])
            sensor.acc_unit = "m/s2"
        with np.errstate(invalid="ignore", over="ignore"):  # infinite cells become NaN rows, which are left out
            acc += gravity
        sensor.acc_unit = sensor.acc_unit or sensor.gravity_unit
    gyr = _stack(sensor.gyr, data) if sensor.gyr else None
    for name in set(sensor.all_columns()) - later:
        data.pop(name, None)  # hours of recording are not held twice
    time_s, gyr_time_s = clocks.common_or(sensor), clocks.of_gyroscope(sensor)
    if not np.isfinite(acc).all(axis=1).any():
        raise FormatError(
            "The accelerometer has no finite sample",
            where=f"{place}, columns {listing(sensor.acc)}",
            expected="rows with three numbers",
            got=f"{len(acc)} rows, each with a value missing",
            remedy="Export the recording again, or choose other columns with --columns",
        )
    notes = list(sensor.notes)
    if gyr is not None and gyr_time_s is None:
        time_s, acc, gyr, gyr_time_s = _separate(time_s, acc, gyr, notes)
    shared = time_s if gyr_time_s is None else None
    acc_mps2, gyr_radps, unit_notes = resolve_units(
        acc, gyr, acc_unit=sensor.acc_unit, gyr_unit=sensor.gyr_unit, override=options.units, where=place, time_s=shared
    )
    notes += unit_notes
    if sensor.is_apple and _was_in_g(acc, acc_mps2):
        acc_mps2 = -acc_mps2
        notes.append(
            Note("converted", "sign of the acceleration turned: by name and unit it is of Apple's Core Motion")
        )
    try:
        return build_stream(
            sensor.name,
            time_s,
            acc_mps2,
            gyr_radps,
            gyr_time_s=gyr_time_s,
            placement=sensor.placement,
            nominal_rate_hz=clocks.rate_hz,
            notes=notes,
        )
    except FormatError as error:
        error.where = place  # the stream's builder does not know the file
        raise


def _stack(names: tuple[str, str, str], data: dict) -> Array:
    out = np.empty((len(data[names[0]]), 3), dtype=np.float32)
    for axis, name in enumerate(names):
        out[:, axis] = data[name]
    return out


def _separate(time_s: Array, acc: Array, gyr: Array, notes: list[Note]):
    """Give the gyroscope its own clock when it fills other rows than the accelerometer, as event loggers write them."""
    has_acc, has_gyr = np.isfinite(acc).all(axis=1), np.isfinite(gyr).all(axis=1)
    alone = int((has_acc & ~has_gyr).sum())
    if alone <= APART_SHARE * has_acc.sum() or has_gyr.sum() < 2:
        return time_s, acc, gyr, None
    notes.append(
        Note("detected", f"{alone} of {int(has_acc.sum())} accelerations have no angular rate in their row: two clocks")
    )
    return time_s[has_acc], acc[has_acc], gyr[has_gyr], time_s[has_gyr]


def _was_in_g(before: Array, after: Array) -> bool:
    largest = np.nanargmax(np.abs(before[:, 0]))
    return bool(abs(after[largest, 0]) > 5 * abs(before[largest, 0]))


def _spans(time_s: Array, words: Words, name: str, notes: list[Note]) -> tuple[Span, ...]:
    """Stretches of equal labels on the repaired clock."""
    index, time, _ = repair_clock(time_s, np.zeros((len(time_s), 1), dtype=np.float32))
    codes = words.codes[index]
    if len(time) < 2:
        return ()
    starts = np.r_[0, np.flatnonzero(np.diff(codes)) + 1]
    if len(starts) > max(20, MAX_SPANS_PER_ROW * len(codes)):
        notes.append(
            Note("detected", f"column {name!r} not taken as labels: {len(starts)} changes in {len(codes)} rows")
        )
        return ()
    step = float(np.median(np.diff(time)))
    spans = []
    for start, stop in zip(starts, np.r_[starts[1:], len(codes)], strict=True):
        label = _label(words.words[codes[start]])
        if label:
            # A stretch lasts until the next one starts, unless a gap lies between.
            end = time[stop - 1] if stop == len(time) else min(time[stop], time[stop - 1] + 2 * step)
            spans.append(Span(float(time[start]), float(end), label))
    distinct = sorted({span.label for span in spans})
    notes.append(Note("detected", f"column {name!r} as labels: {len(spans)} stretch(es) of {listing(distinct, 12)}"))
    return tuple(spans)


def _label(cell: str) -> str:
    if cell.strip().lower() in ("", "nan", "na", "n/a", "null", "none"):
        return ""
    return cell.removesuffix(".0")


def _no_time(table: Table, reasons: list[str]) -> FormatError:
    return FormatError(
        "The table has no time stamps",
        where=table.where,
        expected="a column such as time or timestamp that rises from row to row",
        got="; ".join(reasons) if reasons else f"columns {listing(table.names)}",
        remedy="Give the rate, such as --rate 50, or name the column: --columns time=NAME",
    )
