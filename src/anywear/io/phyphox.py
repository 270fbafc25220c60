"""Exports of the app phyphox (RWTH Aachen, iOS and Android): a zip of CSV files with a folder ``meta``, or one CSV.

Each "set" of an experiment is one CSV: ``Accelerometer.csv``, ``Gyroscope.csv``, ``Raw Data.csv`` and the like. The
header names quantity, axis and unit, in English whatever the phone's language is: ``"Time (s)"``,
``"Acceleration x (m/s^2)"``, ``"Gyroscope x (rad/s)"``; experiments put together in the app on iOS write ``"X (m/s^2)"``
alone, so that the set's name decides [1, 2]. On Android the set ``Gravity`` has columns called Acceleration [2].
``Linear Acceleration`` is without gravity. Five dialects: comma, semicolon or tab with a decimal point, semicolon or tab
with a decimal comma; numbers in scientific notation; cells of a column that ended early are empty or NaN [1, 3].

Signs: on iOS the app multiplies CoreMotion's acceleration, gravity and user acceleration by -9.81 [4], which is Android's
convention and ours (the derivation is in `anywear.io.sensor_logger`); angular rates agree anyway.

Time: ``meta/time.csv`` pairs experiment time with system time at each START and PAUSE. Experiment time stands still while
paused [5]: what follows a pause is moved on by its length, so that pauses are gaps.

Sources, in github.com/phyphox: [1] phyphox-ios at fc758b3, ExperimentExport.swift, ExperimentExportSet.swift,
SimpleExperimentTemplete.swift; [2] phyphox-android at cb5f8d8, SimpleExperimentCreator.java, and phyphox-experiments at
972923d; [3] phyphox-android, DataExport.java; [4] phyphox-ios, ExperimentSensorInput.swift (kG); [5] both apps,
ExperimentTimeReference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from .._typing import Array
from ..errors import FormatError
from ..recording import Note, Recording
from ..signal import parse_unit, resolve_units
from ._gravity_sum import add_gravity, aligned
from .appexport import notes_on_unused, numbers_of, read_small_table, remarks_of, stream_of
from .archive import Bundle, open_bundle
from .csvtext import EmptyTableError, TextTable, read_columns
from .registry import ReadOptions, reader

MAX_SETS = 40  # more CSV files in one folder are no phyphox export

_HEADER = re.compile(r"\btime \(s\).*[xyz] \((m/s|rad/s)", re.IGNORECASE)
_TIME = re.compile(r"(time|t) ?\(s\)(\.\d+)?", re.IGNORECASE)
_AXIS = re.compile(r"(?P<what>.*?)\s*\b(?P<axis>[xyz])\s*\((?P<unit>[^)]*)\)(\.\d+)?", re.IGNORECASE)
_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # OLE2, the container of .xls
_USUAL_SETS = ("accelerometer", "raw data", "gyroscope")


def sniff(path: Path) -> bool:
    """Whether a path holds one phyphox export, or an Excel file, which is then refused with a remedy."""
    try:
        if _is_excel(path):
            return True
        with open_bundle(path) as bundle:
            if _is_saved_state(bundle):
                return True
            sets = _sets(bundle)
            if not 0 < len(sets) <= MAX_SETS or len({PurePosixPath(name).parent for name in sets}) > 1:
                return False
            found = [name for name in sets if _has_header(bundle, name)]
            # A folder of single exports is many recordings; sets of one recording bear the app's names.
            usual = any(PurePosixPath(name).stem.lower() in _USUAL_SETS for name in found)
            return bool(found) and (len(sets) == 1 or usual or _meta(bundle, "device") is not None)
    except (FormatError, OSError):
        return False


@reader("phyphox", "phyphox (iOS, Android): zip or CSV in any of its five dialects", sniff)
def read_phyphox(path: Path, options: ReadOptions) -> Recording:
    """Read a phyphox export.

    One stream ``phone``; the clock is 0 when the measurement was started.

    Raises:
        FormatError: Excel or saved state instead of CSV, no accelerometer, one without gravity, or damaged files.
        UnitError: values that contradict the unit in the header.
    """
    if _is_excel(path):
        raise FormatError(
            "This is an Excel file",
            where=str(path),
            expected="CSV, or a zip of CSV files",
            remedy="Export again and choose CSV (comma, decimal point)",
        )
    with open_bundle(path) as bundle:
        if _is_saved_state(bundle):
            raise FormatError(
                "This is a saved state of phyphox, not an export",
                where=str(path),
                expected="CSV, or a zip of CSV files",
                remedy="Open it in phyphox, choose Export Data, then CSV (comma, decimal point)",
            )
        facts = _device_facts(bundle)
        events, notes = _events(bundle)
        sources = _find_sources(bundle, notes)
        stream = _stream(bundle, sources, events, options)
    if facts.get("deviceBrand") == "Apple":
        notes.append(Note("detected", "recorded on iOS; phyphox has turned the signs to Android's already"))
    return Recording(
        (stream,),
        source=path.name,
        reader="phyphox",
        device=_device(facts),
        start_unix_s=events[0].system_s - events[0].experiment_s if events else None,
        notes=(*notes, *notes_on_unused(options, "phyphox")),
        metadata=_metadata(facts),
    )


@dataclass(frozen=True)
class _Source:
    """Three axes of one quantity in one table."""

    table: TextTable
    name: str
    time: str
    axes: tuple[str, str, str]
    unit: str


@dataclass(frozen=True)
class _Start:
    """The measurement was started, or went on after a pause."""

    experiment_s: float
    system_s: float


def _stream(bundle: Bundle, sources: dict[str, _Source], events: list[_Start], options: ReadOptions):
    notes: list[Note] = []
    if "acceleration" in sources:
        source = sources["acceleration"]
        notes.append(Note("detected", f"acceleration with gravity from {source.name}"))
        time_s, acc = _read(source, events, notes)
    elif "linear" in sources and "gravity" in sources:
        source = sources["linear"]
        time_s, acc = _read(source, events, notes)
        time_s, acc, gravity, clock_notes = aligned(
            source.table.where, time_s, acc, *_read(sources["gravity"], events, [])
        )
        acc = add_gravity(acc, gravity)
        notes += [*clock_notes, Note("converted", f"gravity from {sources['gravity'].name} added to {source.name}")]
    else:
        raise _no_acceleration(bundle, sources)
    gyr_source = sources.get("gyroscope")
    gyr_time_s = gyr = None
    if gyr_source is not None:
        gyr_time_s, gyr = _read(gyr_source, events, notes)
    acc, gyr, unit_notes = resolve_units(
        acc,
        gyr,
        acc_unit=source.unit,
        gyr_unit=gyr_source.unit if gyr_source else None,
        override=options.units,
        where=source.table.where,
    )
    return stream_of("phone", source.table.where, time_s, acc, gyr, gyr_time_s=gyr_time_s, notes=[*notes, *unit_notes])


def _read(source: _Source, events: list[_Start], notes: list[Note]) -> tuple[Array, Array]:
    (time_s,), (values,) = numbers_of(source.table, [source.time], [source.axes])
    notes += [note for note in remarks_of(source.table, source.name) if note not in notes]
    return _with_pauses(time_s, events), values


def _with_pauses(time_s: Array, starts: list[_Start]) -> Array:
    """Experiment time, which stands still while paused, turned into time that goes on."""
    if len(starts) < 2:
        return time_s
    experiment_s = np.array([start.experiment_s for start in starts])
    paused_s = np.array([start.system_s for start in starts]) - experiment_s
    which = np.clip(np.searchsorted(experiment_s, time_s, side="right") - 1, 0, None)
    return time_s + (paused_s - paused_s[0])[which]


def _find_sources(bundle: Bundle, notes: list[Note]) -> dict[str, _Source]:
    """The first complete source of each quantity; sets with the usual names come first."""
    sources: dict[str, _Source] = {}
    incomplete: dict[str, FormatError] = {}
    names = _sets(bundle)
    if len(names) > MAX_SETS:
        raise FormatError(
            "Far too many CSV files for one export",
            where=str(bundle.path),
            expected=f"at most {MAX_SETS}",
            got=str(len(names)),
            remedy="Give the zip or folder of one recording",
        )
    for name in sorted(names, key=lambda n: PurePosixPath(n).stem.lower() not in _USUAL_SETS):
        short = PurePosixPath(name).name
        try:
            table = read_columns(bundle.open(name), where=bundle.where(name))
        except EmptyTableError:
            notes.append(Note("detected", f"{short} has no rows"))
            continue
        for what, axes in _quantities(table, PurePosixPath(name).stem).items():
            if what in sources:
                notes.append(Note("detected", f"{what} is in {short} too, which is not used"))
                continue
            try:
                sources[what] = _source(table, short, what, axes)
            except FormatError as error:
                incomplete.setdefault(what, error)
    for what, error in incomplete.items():
        if what not in sources:
            raise error
    return sources


def _quantities(table: TextTable, set_name: str) -> dict[str, dict[str, tuple[str, str]]]:
    """What a table measures: quantity to axis to column and unit."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for column in table.names:
        match = _AXIS.fullmatch(column)
        unit = parse_unit(match["unit"]) if match else None
        what = _quantity(match["what"].lower(), set_name.lower(), unit) if match and unit else None
        if match and unit and what:
            found.setdefault(what, {}).setdefault(match["axis"].lower(), (column, unit))
    return found


def _quantity(what: str, set_name: str, unit: str) -> str | None:
    if unit in ("rad/s", "deg/s"):
        return "gyroscope"
    if unit not in ("m/s2", "g"):
        return None
    for word in ("linear", "gravity"):
        if word in what or (word in set_name and what in ("", "acceleration")):
            return word
    return "acceleration" if what == "" or what.startswith("acc") else None


def _source(table: TextTable, short: str, what: str, axes: dict[str, tuple[str, str]]) -> _Source:
    missing = [axis for axis in "xyz" if axis not in axes]
    if missing:
        raise FormatError(
            f"The {what} has not all three axes",
            where=table.where,
            expected="columns for x, y and z",
            got=", ".join(table.names[:12]),
            remedy="Export the raw data of the experiment",
        )
    first = table.names.index(axes["x"][0])
    times = [name for name in table.names if _TIME.fullmatch(name)]
    before = [name for name in times if table.names.index(name) < first]
    if not times:
        raise FormatError(
            "The table has no time stamps",
            where=table.where,
            expected="a column Time (s)",
            got=", ".join(table.names[:12]),
            remedy="Export the raw data of the experiment",
        )
    columns = (axes["x"][0], axes["y"][0], axes["z"][0])
    return _Source(table, short, (before or times)[-1 if before else 0], columns, axes["x"][1])


def _no_acceleration(bundle: Bundle, sources: dict[str, _Source]) -> FormatError:
    if "linear" in sources:
        return FormatError(
            "Linear acceleration is without gravity, and gravity is needed",
            where=sources["linear"].table.where,
            expected="the set Accelerometer, or Gravity beside Linear Acceleration",
            got=", ".join(source.name for source in sources.values()),
            remedy='Record with "Acceleration (with g)", or add Gravity to the experiment',
        )
    return FormatError(
        "The export has no accelerometer",
        where=str(bundle.path),
        expected="columns such as Acceleration x (m/s^2)",
        got=", ".join(PurePosixPath(name).name for name in _sets(bundle)[:12]) or "no CSV file",
        remedy='Record with "Acceleration (with g)"',
    )


def _events(bundle: Bundle) -> tuple[list[_Start], list[Note]]:
    """START events of meta/time.csv in order, and what to say of them."""
    name = _meta(bundle, "time")
    if name is None:
        return [], []
    starts = []
    for row in read_small_table(bundle, name):
        if row.get("event", "").upper() != "START":
            continue
        try:
            experiment_s, system_s = (float(row[key].replace(",", ".")) for key in ("experiment time", "system time"))
        except (KeyError, ValueError):
            return [], [Note("repaired", "meta/time.csv cannot be read; start and pauses are unknown")]
        starts.append(_Start(experiment_s, system_s))
    values = np.array([[start.experiment_s, start.system_s] for start in starts]).reshape(-1, 2)
    if not np.isfinite(values).all() or (np.diff(values, axis=0) < 0).any() or (values[:1, 1] < 1e9).any():
        return [], [Note("repaired", "meta/time.csv contradicts itself; start and pauses are unknown")]
    paused_s = values[-1, 1] - values[-1, 0] - (values[0, 1] - values[0, 0]) if len(starts) else 0.0
    if len(starts) < 2:
        return starts, []
    text = f"{len(starts) - 1} pause(s), {paused_s:.1f} s in all, put back into the clock from meta/time.csv"
    return starts, [Note("converted", text)]


def _device_facts(bundle: Bundle) -> dict[str, str]:
    name = _meta(bundle, "device")
    rows = read_small_table(bundle, name) if name else []
    facts = {row.get("property", ""): row.get("value", "") for row in rows}
    return {key: value for key, value in facts.items() if key and value and value != "null"}


def _device(facts: dict[str, str]) -> str | None:
    maker = facts.get("deviceManufacturer") or facts.get("deviceBrand", "")
    version = facts.get("version")
    words = [f"{maker} {facts.get('deviceModel', '')}".strip(), f"phyphox {version}" if version else ""]
    return ", ".join(word for word in words if word) or None


def _metadata(facts: dict[str, str]) -> dict[str, str]:
    wanted = {"version": "phyphox version", "deviceModel": "device model", "deviceRelease": "platform version"}
    platform = {"platform": "ios" if facts["deviceBrand"] == "Apple" else "android"} if "deviceBrand" in facts else {}
    return {**platform, **{label: facts[key] for key, label in wanted.items() if key in facts}}


def _sets(bundle: Bundle) -> list[str]:
    endings = (".csv",) if len(bundle.names) > 1 else (".csv", ".tsv", ".txt")
    return [n for n in bundle.names if n.lower().endswith(endings) and PurePosixPath(n).parent.name.lower() != "meta"]


def _meta(bundle: Bundle, what: str) -> str | None:
    return next((n for n in bundle.names if PurePosixPath(n).parts[-2:] == ("meta", f"{what}.csv")), None)


def _has_header(bundle: Bundle, name: str) -> bool:
    head = bundle.head(name, 2048)
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    return _HEADER.search(head.decode(encoding, errors="replace").partition("\n")[0]) is not None


def _is_saved_state(bundle: Bundle) -> bool:
    return _meta(bundle, "state") is not None or any(name.endswith(".phyphox") for name in bundle.names)


def _is_excel(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        if file.read(8) == _EXCEL_MAGIC and path.suffix.lower() in (".xls", ".xlsx", ""):
            return True
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return False
    with open_bundle(path) as bundle:
        return "xl/workbook.xml" in bundle.names
