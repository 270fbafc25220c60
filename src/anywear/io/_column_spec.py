"""The ``--columns`` option: ``time=t,acc=ax:ay:az,gyr=gx:gy:gz``, for one sensor or several (``wrist.acc=...``)."""

from __future__ import annotations

import difflib

from ..errors import FormatError, UsageError
from ..recording import Note
from ..signal.units import ACC_SCALES, GYR_SCALES
from ._column_names import TIME_UNITS, parse_column_name
from ._columns import Layout, SensorColumns, Table, Triple, detect_layout, listing, site_of

KEYS = ("time", "acc", "gyr", "linear", "gravity", "gyr_time", "label")
EXAMPLE = "time=t,acc=ax:ay:az,gyr=gx:gy:gz"


def layout_of(table: Table, columns: str | None) -> Layout:
    """The layout of a table: as the user says, and found by name where the user says nothing.

    Args:
        table: any table.
        columns: the ``--columns`` text, or None. ``time=NAME:ms`` states the unit of the stamps.

    Raises:
        UsageError: a text that is no list of columns. FormatError: a column that does not exist, or see `detect_layout`.
    """
    if columns is None:
        return detect_layout(table)
    said = _parse(columns)
    common = said.pop("", {})
    sensors = [_sensor(name, {**common, **parts}, table, columns) for name, parts in said.items()]
    if not sensors and any(key in common for key in ("acc", "linear")):
        sensors = [_sensor("", common, table, columns)]
    layout = _without_sensors(table) if sensors else detect_layout(table)
    if sensors:
        layout.sensors = sensors
    elif {"gyr", "gravity", "gyr_time"} & set(common):
        raise UsageError(
            "A gyroscope or gravity was named without an accelerometer",
            where=f"--columns {columns}",
            expected=EXAMPLE,
            remedy="Name the columns of the accelerometer too: acc=NAME:NAME:NAME",
        )
    if "time" in common:
        name, _, unit = common["time"].rpartition(":")
        if not name or unit not in TIME_UNITS or common["time"] in table.names:
            name, unit = common["time"], ""
        _existing(name, table)
        layout.times = [(name, TIME_UNITS.get(unit) or parse_column_name(name).unit)]
        for sensor in layout.sensors:
            sensor.time = None
    if "label" in common:
        layout.labels = [_existing(common["label"], table)]
    layout.notes.append(Note("assumed", f"columns as the user says: {columns}"))
    return layout


def _parse(columns: str) -> dict[str, dict[str, str]]:
    """Sensor name (empty for the table) to key to value."""
    said: dict[str, dict[str, str]] = {}
    for part in columns.split(","):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        sensor, _, field = key.rpartition(".")
        if not equals or not value or field not in KEYS:
            raise UsageError(
                "The list of columns is not understood",
                where=f"--columns {columns}",
                expected=f"{EXAMPLE}; the keys are {', '.join(KEYS)}",
                got=repr(part),
                remedy=f"Write it like --columns {EXAMPLE}",
            )
        said.setdefault(sensor.strip(), {})[field] = value
    return said


def _sensor(name: str, parts: dict[str, str], table: Table, columns: str) -> SensorColumns:
    acc = parts.get("acc") or parts.get("linear")
    if acc is None or ("linear" in parts and "gravity" not in parts and "acc" not in parts):
        raise UsageError(
            "A sensor needs acceleration with gravity",
            where=f"--columns {columns}" + (f", sensor {name!r}" if name else ""),
            expected=f"{EXAMPLE}, or linear=... and gravity=..., which are added",
            remedy="Name three columns of acceleration: acc=NAME:NAME:NAME",
        )
    acc_names, acc_unit = _triple(acc, table, columns, ACC_SCALES)
    gravity = gyr = gravity_unit = gyr_unit = None
    if "gravity" in parts and "acc" not in parts:
        gravity, gravity_unit = _triple(parts["gravity"], table, columns, ACC_SCALES)
    if "gyr" in parts:
        gyr, gyr_unit = _triple(parts["gyr"], table, columns, GYR_SCALES)
    return SensorColumns(
        name=name or "sensor",
        acc=acc_names,
        gravity=gravity,
        gyr=gyr,
        acc_unit=acc_unit,
        gravity_unit=gravity_unit,
        gyr_unit=gyr_unit,
        gyr_time=_existing(parts["gyr_time"], table) if "gyr_time" in parts else None,
        is_apple=parse_column_name(acc_names[0]).is_apple,
        placement=site_of(tuple(name.lower().replace("-", "_").split("_")))[0],
    )


def _triple(text: str, table: Table, columns: str, units: dict[str, float]) -> tuple[Triple, str | None]:
    names = [name.strip() for name in text.split(":")]
    if len(names) != 3:
        raise UsageError(
            "A sensor needs three columns",
            where=f"--columns {columns}",
            expected="x:y:z, such as acc=ax:ay:az",
            got=repr(text),
            remedy=f"Write it like --columns {EXAMPLE}",
        )
    x, y, z = (_existing(name, table) for name in names)
    stated = {parse_column_name(name).unit for name in (x, y, z)} & set(units)
    return (x, y, z), stated.pop() if len(stated) == 1 else None


def _existing(name: str, table: Table) -> str:
    if name in table.names:
        return name
    near = difflib.get_close_matches(name, table.names, n=3, cutoff=0.5)
    raise FormatError(
        f"There is no column {name!r}",
        where=table.where,
        expected=f"one of {listing(table.names)}",
        got=repr(name),
        remedy=f"Did you mean {', '.join(near)}?"
        if near
        else "Use the names of the header line, or c0, c1, ... without one",
    )


def _without_sensors(table: Table) -> Layout:
    """Clocks and labels by name, for sensors that the user named."""
    columns = [parse_column_name(name) for name in table.names]
    clocks = [c for c in columns if c.is_time and c.kind != "gyr"]
    clocks.sort(key=lambda c: (len(c.sensor) > 0, not table.is_numeric(c.name)))
    labels = sorted((c for c in columns if c.is_label), key=lambda c: table.is_numeric(c.name))
    counters = [c.name for c in columns if c.is_counter and table.is_numeric(c.name)]
    return Layout([], [(c.name, c.unit) for c in clocks], counters, [c.name for c in labels])
