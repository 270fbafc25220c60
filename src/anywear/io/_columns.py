"""Which columns of a table make up which sensor.

Columns are found by name (`anywear.io._column_names`) or named by the user (`anywear.io._column_spec`). Nothing is chosen
silently: every choice is a note, and what cannot be chosen is an error that lists the columns there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from ..errors import FormatError, UnitError
from ..placement import SITE_ALIASES, SITES, Placement
from ..recording import STANDARD_GRAVITY_MPS2, Note
from ..signal.units import ACC_SCALES, GYR_SCALES
from ._column_names import AXES, ColumnName, parse_column_name

Triple = tuple[str, str, str]
SIDES = {"left": "left", "l": "left", "lt": "left", "right": "right", "r": "right", "rt": "right"}


@runtime_checkable
class Table(Protocol):
    """What the generic readers need of a table, whatever file it is in."""

    names: list[str]
    where: str
    has_header: bool

    @property
    def notes(self) -> list[Note]: ...

    def head(self, name: str) -> list[str]: ...

    def head_numbers(self, name: str) -> np.ndarray: ...

    def is_numeric(self, name: str) -> bool: ...

    def columns(self, wanted: Mapping[str, Any]) -> dict[str, Any]: ...


@dataclass
class SensorColumns:
    """The columns of one sensor.

    Attributes:
        name: of the stream to be.
        acc: columns of the acceleration; of its linear part where ``gravity`` is set.
        gravity: columns to be added to ``acc``, or None.
        gyr: columns of the angular rate, or None.
        acc_unit, gravity_unit, gyr_unit: as the names state, or None.
        time, gyr_time: column of the sensor's own clock, or None for the table's.
        is_apple: the names are those of Apple's Core Motion.
        placement: told by the name.
        notes: how the columns were found.
    """

    name: str
    acc: Triple
    gravity: Triple | None = None
    gyr: Triple | None = None
    acc_unit: str | None = None
    gravity_unit: str | None = None
    gyr_unit: str | None = None
    time: str | None = None
    gyr_time: str | None = None
    is_apple: bool = False
    placement: Placement = field(default_factory=Placement.unknown)
    notes: list[Note] = field(default_factory=list)

    def all_columns(self) -> list[str]:
        triples = [t for t in (self.acc, self.gravity, self.gyr) if t]
        return [name for triple in triples for name in triple]


@dataclass
class Layout:
    """What the columns of a table are.

    Attributes:
        sensors: at least one.
        times: candidates for the clock of the table, best first, with the unit their name states.
        counters: columns that number the samples.
        labels: candidates for the truth, best first.
        notes: on the table as a whole.
    """

    sensors: list[SensorColumns]
    times: list[tuple[str, str | None]]
    counters: list[str]
    labels: list[str]
    notes: list[Note] = field(default_factory=list)


def detect_layout(table: Table) -> Layout:
    """Find sensors, clocks and labels by the names of the columns.

    Raises:
        FormatError: no accelerometer, half of one, or several that cannot be told apart. UnitError: axes of one sensor in
            different units, or acceleration without gravity.
    """
    columns = [parse_column_name(name) for name in table.names]
    if not table.has_header:
        return _layout_by_position(table)
    notes: list[Note] = []
    triples = _triples(columns, table)
    _settle_lone_g(triples, table, notes)
    sensors = _sensors(triples, table, notes)
    for sensor in sensors:
        _find_own_clock(sensor, columns, sensors)
    own = {name for sensor in sensors for name in (sensor.time, sensor.gyr_time) if name}
    clocks = [c for c in columns if c.is_time and c.name not in own and c.kind is None]
    clocks.sort(key=lambda c: (len(c.sensor) > 0, not table.is_numeric(c.name)))
    labels = [c for c in columns if c.is_label]
    labels.sort(key=lambda c: (table.is_numeric(c.name), "id" in c.sensor or "code" in c.sensor))
    layout = Layout(
        sensors,
        [(c.name, c.unit) for c in clocks],
        [c.name for c in columns if c.is_counter and table.is_numeric(c.name)],
        [c.name for c in labels],
        notes,
    )
    used = {name for sensor in sensors for name in sensor.all_columns()} | own
    used |= {c.name for c in columns if c.is_time or c.is_label or c.is_counter}
    unused = [name for name in table.names if name not in used]
    if unused:
        notes.append(Note("detected", f"columns not used: {listing(unused)}"))
    return layout


def listing(names: Iterable[str], limit: int = 24) -> str:
    """Names for a message, cut short."""
    names = list(names)
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")


def site_of(words: Sequence[str]) -> tuple[Placement, str | None]:
    """Placement that words such as ``("left", "wrist")`` or ``("chest",)`` name, and what is missing for one.

    Returns:
        The placement, unknown if the words name none; and a hint when only the side is missing.
    """
    side = next((SIDES[word] for word in words if word in SIDES), None)
    parts = [word for word in words if word not in SIDES]
    for length in range(len(parts), 0, -1):
        for start in range(len(parts) - length + 1):
            part = "_".join(parts[start : start + length])
            for name in (f"{side}_{part}",) if side else (part,):
                if name in SITES or name in SITE_ALIASES:
                    return Placement.at(name), None
            if side is None and (f"left_{part}" in SITES or f"left_{part}" in SITE_ALIASES):
                return Placement.unknown(), part
    return Placement.unknown(), None


_Slot = dict[str, ColumnName]  # axis to column
_Triples = dict[tuple[str, ...], dict[str, _Slot]]  # sensor words to kind to slot


def _triples(columns: list[ColumnName], table: Table) -> _Triples:
    """Complete x, y, z triples; of several versions the one of lowest rank, the others under ``kind/other``."""
    slots: dict[tuple, _Slot] = defaultdict(dict)
    for column in columns:
        if column.axis and column.kind not in ("mag", "other"):
            slot = slots[(column.sensor, column.kind or "bare", column.rank, column.version)]
            if column.axis in slot:
                raise FormatError(
                    "Two columns could be the same axis of a sensor",
                    where=table.where,
                    got=f"{slot[column.axis].name!r} and {column.name!r}",
                    remedy="Choose with --columns time=NAME,acc=NAME:NAME:NAME, or rename one of them",
                )
            slot[column.axis] = column
    found: _Triples = defaultdict(dict)
    incomplete: dict[tuple, _Slot] = {}
    for (sensor, kind, rank, _), slot in sorted(slots.items(), key=lambda item: item[0][2]):
        if len(slot) < 3:
            incomplete.setdefault((sensor, kind), slot)
        elif kind in found[sensor]:
            taken = found[sensor][kind]["x"]
            if taken.rank == rank:
                raise FormatError(
                    f"Two sets of columns could be the same sensor: {_KIND_WORDS[kind]}",
                    where=table.where,
                    got=f"{taken.name}, ... and {slot['x'].name}, ...",
                    remedy=f"Choose with --columns, such as acc={':'.join(slot[a].name for a in AXES)}",
                )
            found[sensor][f"{kind}/other"] = slot
        else:
            found[sensor][kind] = slot
    for (sensor, kind), slot in incomplete.items():
        if kind in ("acc", "linear") and not {"acc", "linear"} & set(found.get(sensor, {})):
            missing = [axis for axis in AXES if axis not in slot]
            raise FormatError(
                f"The accelerometer has no {' and no '.join(missing)} axis",
                where=table.where,
                expected="three columns for x, y and z",
                got=f"{listing(c.name for c in slot.values())} among the columns {listing(table.names)}",
                remedy="Export all three axes, or name them: --columns acc=NAME:NAME:NAME",
            )
    return {sensor: kinds for sensor, kinds in found.items() if kinds}


_KIND_WORDS = {
    "acc": "acceleration",
    "gyr": "angular rate",
    "gyr?": "angular rate or gravity",
    "linear": "linear acceleration",
    "gravity": "gravity",
    "bare": "x, y, z",
}


def _settle_lone_g(triples: _Triples, table: Table, notes: list[Note]) -> None:
    """Decide by the values whether gx, gy, gz are a gyroscope or gravity, which keeps its length."""
    for kinds in triples.values():
        slot = kinds.pop("gyr?", None)
        if slot is None:
            continue
        names = _names(slot)
        norm = _head_norm(table, names)
        steady = len(norm) > 1 and norm.std() < 0.03 * norm.mean()
        kind = (
            "gravity"
            if steady and any(abs(norm.mean() - g) < 0.05 * g for g in (1.0, STANDARD_GRAVITY_MPS2))
            else "gyr"
        )
        if kind in kinds:
            notes.append(Note("detected", f"columns {listing(names)} not used: there is another {_KIND_WORDS[kind]}"))
            continue
        kinds[kind] = slot
        why = f"of steady length {norm.mean():.3g}" if kind == "gravity" else "their length is not that of gravity"
        notes.append(Note("detected", f"columns {listing(names)} taken as {_KIND_WORDS[kind]}: {why}"))


def _sensors(triples: _Triples, table: Table, notes: list[Note]) -> list[SensorColumns]:
    _adopt_bare(triples, table)
    keys = [key for key, kinds in triples.items() if "acc" in kinds or "linear" in kinds]
    if not keys:
        raise _no_accelerometer(triples, table)
    gyr_keys = [key for key, kinds in triples.items() if "gyr" in kinds]
    names = _stream_names(keys)
    sensors = []
    for key in keys:
        kinds = dict(triples[key])
        own_notes: list[Note] = []
        if "gyr" not in kinds and len(keys) == 1 and len(gyr_keys) == 1:
            kinds["gyr"] = triples[gyr_keys[0]]["gyr"]
            own_notes.append(
                Note("assumed", "the only gyroscope belongs to the only accelerometer, though named otherwise")
            )
            gyr_keys = []
        sensors.append(_sensor(names[key], key, kinds, table, own_notes))
    for key in gyr_keys:
        if key not in keys:
            unused = listing(_names(triples[key]["gyr"]))
            notes.append(Note("detected", f"gyroscope {unused} not used: no accelerometer goes with it"))
    if len(sensors) > 1:
        notes.append(Note("detected", f"{len(sensors)} sensors by name: {listing(s.name for s in sensors)}"))
    return sensors


def _sensor(name: str, key: tuple[str, ...], kinds: dict[str, _Slot], table: Table, notes: list[Note]) -> SensorColumns:
    acc, linear, gravity, gyr = (kinds.get(kind) for kind in ("acc", "linear", "gravity", "gyr"))
    if acc is None and linear is not None:
        if gravity is None:
            raise UnitError(
                "There is only linear acceleration, without gravity",
                where=table.where,
                expected="acceleration with gravity, or gravity columns beside it to add",
                got=listing(_names(linear)),
                remedy="Export the accelerometer with gravity (often called accelerometer or total acceleration)",
            )
        acc, add = linear, gravity
        notes.append(
            Note(
                "converted", f"acceleration = {listing(_names(linear))} (linear) + {listing(_names(gravity))} (gravity)"
            )
        )
    else:
        assert acc is not None
        add = gravity if gravity is not None and _lacks_gravity(table, acc, gravity) else None
        if add:
            notes.append(
                Note(
                    "converted",
                    f"columns {listing(_names(acc))} are far smaller than gravity: taken as linear, and "
                    f"{listing(_names(gravity or {}))} added",
                )
            )
        else:
            by_name = any(slot.kind for slot in acc.values())
            kind, how = ("detected", "by name") if by_name else ("assumed", "as nothing else is said of them")
            notes.append(Note(kind, f"columns {listing(_names(acc))} as acceleration {how}"))
    if gyr:
        notes.append(Note("detected", f"columns {listing(_names(gyr))} as angular rate by name"))
    for kind, chosen in (("acc", acc), ("gyr", gyr)):
        other = kinds.get(f"{kind}/other")
        if other and chosen:
            notes.append(
                Note(
                    "detected",
                    f"of several versions of {_KIND_WORDS[kind]} columns {chosen['x'].name}, ... were taken, not "
                    f"{other['x'].name}, ...; --columns chooses others",
                )
            )
    placement, without_side = site_of(key)
    if placement.is_known:
        notes.append(Note("detected", f"placement {placement.name} from the column names"))
    elif without_side:
        notes.append(
            Note("detected", f"worn at a {without_side}, side not told: --placement {name}=left_{without_side}")
        )
    return SensorColumns(
        name=name,
        acc=_names(acc),
        gravity=_names(add) if add else None,
        gyr=_names(gyr) if gyr else None,
        acc_unit=_unit(acc, ACC_SCALES, table),
        gravity_unit=_unit(add, ACC_SCALES, table) if add else None,
        gyr_unit=_unit(gyr, GYR_SCALES, table) if gyr else None,
        is_apple=acc["x"].is_apple,
        placement=placement,
        notes=notes,
    )


def _adopt_bare(triples: _Triples, table: Table) -> None:
    """Take columns called just x, y, z as acceleration when nothing else is."""
    if any("acc" in kinds or "linear" in kinds for kinds in triples.values()):
        return
    bare = {key: kinds["bare"] for key, kinds in triples.items() if "bare" in kinds}
    kind_columns = [
        n for n in table.names if n.strip().lower() in ("sensor", "type", "sensor_type", "sensortype", "sensor_name")
    ]
    if any(len(set(table.head(name))) > 1 for name in kind_columns):
        raise FormatError(
            "The table has one row for each sensor reading, not one column for each axis",
            where=f"{table.where}, column {kind_columns[0]!r}",
            expected="columns such as time, acc_x, acc_y, acc_z, gyr_x, gyr_y, gyr_z",
            got=listing(table.names),
            remedy="Split the file by that column, or pivot it, and read the parts",
        )
    if len(bare) == 1 or all(site_of(key)[0].is_known for key in bare):
        for key, slot in bare.items():
            triples[key]["acc"] = slot


def _no_accelerometer(triples: _Triples, table: Table) -> FormatError:
    others = [
        f"{_KIND_WORDS[k]} in {listing(_names(s))}"
        for kinds in triples.values()
        for k, s in kinds.items()
        if k in _KIND_WORDS
    ]
    return FormatError(
        "No columns of an accelerometer were found",
        where=table.where,
        expected="three columns such as acc_x, acc_y, acc_z",
        got=f"columns {listing(table.names)}" + (f"; {'; '.join(others)}" if others else ""),
        remedy="Name them: --columns time=NAME,acc=NAME:NAME:NAME,gyr=NAME:NAME:NAME",
    )


def _stream_names(keys: list[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    names: dict[tuple[str, ...], str] = {}
    for key in keys:
        site = site_of(key)[0].site
        plain = "_".join(key) or "sensor"
        name = site if site and set(key) <= {*SIDES, *site.split("_")} else plain
        if name.isdigit():
            name = f"sensor_{name}"
        names[key] = name if name not in names.values() else plain
    return names


def _find_own_clock(sensor: SensorColumns, columns: list[ColumnName], sensors: list[SensorColumns]) -> None:
    key = parse_column_name(sensor.acc[0]).sensor
    for column in columns:
        if not column.is_time:
            continue
        if (column.sensor == key and column.kind == "acc") or (column.sensor == key != () and column.kind is None):
            sensor.time = sensor.time or column.name
        elif column.sensor == key and column.kind == "gyr" and sensor.gyr:
            sensor.gyr_time = sensor.gyr_time or column.name


def _lacks_gravity(table: Table, acc: _Slot, gravity: _Slot) -> bool:
    own, full = _head_norm(table, _names(acc)), _head_norm(table, _names(gravity))
    return len(own) > 0 and len(full) > 0 and float(np.median(own)) < 0.5 * float(np.median(full))


def _head_norm(table: Table, names: Triple) -> np.ndarray:
    rows = np.stack([table.head_numbers(name) for name in names], axis=1)
    rows = rows[np.isfinite(rows).all(axis=1)]
    with np.errstate(over="ignore"):
        return np.linalg.norm(rows, axis=1)


def _names(slot: _Slot) -> Triple:
    return slot["x"].name, slot["y"].name, slot["z"].name


def _unit(slot: _Slot, allowed: Mapping[str, float], table: Table) -> str | None:
    units = {slot[axis].unit for axis in AXES} - {None}
    if len(units) > 1 or units - set(allowed):
        raise UnitError(
            "The units in the column names contradict each other or the kind of sensor",
            where=f"{table.where}, columns {listing(_names(slot))}",
            expected=f"one of {', '.join(allowed)} for all three axes",
            got=", ".join(sorted(str(unit) for unit in units)),
            remedy="Correct the header line, or choose other columns with --columns",
        )
    return next(iter(units), None)


def _layout_by_position(table: Table) -> Layout:
    """Columns without names: [time,] acc x y z [, gyr x y z] and nothing else."""
    names = table.names
    timed = len(names) in (4, 7)
    if len(names) not in (3, 4, 6, 7) or not all(table.is_numeric(n) for n in names[timed:]) or timed != _rises(table):
        raise FormatError(
            "The table has no header line, so its columns cannot be told apart",
            where=table.where,
            expected="a header line, or 3 or 6 columns of numbers, with rising time stamps before them or not",
            got=f"{len(names)} columns; the first row is {listing((table.head(n)[0] for n in names), 10)}",
            remedy="Name the columns by position: --columns time=c0,acc=c1:c2:c3,gyr=c4:c5:c6; a data set needs --format",
        )
    first = 1 if timed else 0
    acc = tuple(names[first : first + 3])
    gyr = tuple(names[first + 3 : first + 6]) or None
    told = "time, " * timed + "acceleration x, y, z" + ", angular rate x, y, z" * (gyr is not None)
    note = Note("assumed", f"no header line: the columns are taken as {told}; --columns says otherwise")
    return Layout([SensorColumns("sensor", acc, gyr=gyr, notes=[note])], [(names[0], None)] * timed, [], [])  # type: ignore[arg-type]


def _rises(table: Table) -> bool:
    """Whether the first of 4 or 7 columns is a clock: text, or numbers that seldom go back."""
    if len(table.names) not in (4, 7):
        return False
    with np.errstate(invalid="ignore"):
        steps = np.diff(table.head_numbers(table.names[0]))
    return not table.is_numeric(table.names[0]) or bool((steps >= 0).sum() > 0.8 * len(steps))
