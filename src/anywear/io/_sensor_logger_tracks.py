"""From the files of a Sensor Logger export to specific force, one device at a time.

The conventions and their sources are in `anywear.io.sensor_logger`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .._typing import Array
from ..errors import FormatError, UnitError
from ..placement import Placement
from ..recording import STANDARD_GRAVITY_MPS2, Note, Stream
from ..signal import resolve_units
from ._gravity_sum import STEADY_S, add_gravity, agreement, aligned, unit_by_gravity
from ._sensor_logger_export import Export
from .appexport import numbers_of, remarks_of, stream_of
from .csvtext import TextTable

STRAY_STAMP_S = 30 * 86400.0  # s; a stamp this far from the middle one is damaged
STAMP_SLACK_S = 1.0  # s; by which time and seconds_elapsed may drift apart within a recording

_XYZ = ("x", "y", "z")


class UnusableError(FormatError):
    """A device whose acceleration lacks gravity; the others can still be used."""


@dataclass
class Track:
    """The samples of one device on their way to a stream.

    Attributes:
        time_s: (T,) seconds since 1970, or since the start where ``is_unix`` is False.
        acc: (T, 3) in ``acc_unit``, gravity included.
        is_turned: whether acc has Apple's sign, the opposite of specific force.
        gyr: (U, 3) rad/s, on ``gyr_time_s`` or, where that is None, on ``time_s``.
    """

    name: str
    where: str
    time_s: Array
    acc: Array
    acc_unit: str | None
    is_turned: bool
    is_unix: bool
    rate_hz: float | None
    notes: list[Note]
    gyr: Array | None = None
    gyr_time_s: Array | None = None
    placement: Placement = field(default_factory=Placement.unknown)

    def stream(self, start_s: float, units: str | None) -> Stream:
        """The stream, its clock starting at ``start_s``; ``units`` are the user's."""
        acc, gyr, unit_notes = resolve_units(
            self.acc,
            self.gyr,
            acc_unit=self.acc_unit,
            gyr_unit=None if self.gyr is None else "rad/s",
            override=units,
            where=self.where,
            time_s=self.time_s if self.gyr_time_s is None else None,
        )
        notes = [*self.notes, *unit_notes]
        if self.is_turned:
            acc = -acc
            notes.append(Note("converted", "signs of all three acceleration axes turned: Apple's are opposite"))
        return stream_of(
            self.name,
            self.where,
            self.time_s - start_s,
            acc,
            gyr,
            gyr_time_s=None if self.gyr_time_s is None else self.gyr_time_s - start_s,
            placement=self.placement,
            nominal_rate_hz=self.rate_hz,
            notes=notes,
        )


def phone(export: Export) -> Track | None:
    """The phone; None when nothing of it was recorded.

    Raises:
        UnusableError: only acceleration without gravity.
    """
    return _split_files(export, "phone", "")


def watch(export: Export) -> Track | None:
    """The watch, an Apple Watch or one with Wear OS; otherwise as `phone`."""
    track = _fused_file(export, "watch", "WristMotion") or _split_files(export, "watch", "Watch")
    if track is not None:
        track.notes.append(Note("assumed", "placement unknown: the file does not say which wrist"))
    return track


def headphones(export: Export) -> Track | None:
    """The earbud, on the side the file names; otherwise as `phone`."""
    track = _fused_file(export, "headphones", "Headphone")
    table = export.table("Headphone") if track else None
    if track is None or table is None or "devicelocation" not in table.names:
        return track
    words = table.columns({"devicelocation": str})["devicelocation"].words
    sides = {side for side in ("left", "right") for word in words if side in word.lower()}
    if len(sides) == 1:
        side = sides.pop()
        track.placement = Placement.at(f"{side}_ear")
        track.notes.append(Note("detected", f"worn in the {side} ear (column devicelocation)"))
    elif sides:
        track.notes.append(Note("detected", "placement unknown: left and right earbud took turns"))
    return track


def _split_files(export: Export, name: str, prefix: str) -> Track | None:
    """A device with a file for each sensor: total acceleration, else user part and gravity, else uncalibrated."""
    gravity = prefix + "Gravity"
    track = (
        _total(export, name, prefix + "TotalAcceleration", gravity)
        or _sum(export, name, prefix + "Accelerometer", gravity)
        or _uncalibrated(export, name, prefix + "AccelerometerUncalibrated")
    )
    if track is None and export.table(prefix + "Accelerometer") is not None:
        raise UnusableError(
            f"{prefix}Accelerometer.csv is without gravity and there is nothing to add",
            where=str(export.bundle.path),
            expected=f"{prefix}Gravity.csv or {prefix}TotalAcceleration.csv beside it",
            got=", ".join(sorted(export.members)[:12]),
            remedy="Give the whole zip or folder; if Gravity is not in it, switch Gravity on in the app and record again",
        )
    for sensor in (prefix + "Gyroscope", prefix + "GyroscopeUncalibrated"):
        table = export.table(sensor) if track is not None else None
        if track is not None and table is not None:
            track.gyr_time_s, (track.gyr,), _ = _samples(table, sensor, [_XYZ], track.notes)
            if sensor.endswith("Uncalibrated"):
                track.notes.append(Note("detected", f"angular rate from {sensor}.csv, with the sensor's own offset"))
            break
    return track


def _total(export: Export, name: str, sensor: str, gravity_sensor: str) -> Track | None:
    table = export.table(sensor)
    if table is None:
        return None
    notes = [Note("detected", f"acceleration with gravity from {sensor}.csv")]
    time_s, (acc,), is_unix = _samples(table, sensor, [_XYZ], notes)
    gravity_table = export.table(gravity_sensor)
    if gravity_table is not None:
        gravity_time_s, (gravity,), _ = _samples(gravity_table, gravity_sensor, [_XYZ], [])
        _, both, gravity, _ = aligned(table.where, time_s, acc, gravity_time_s, gravity)
        if agreement(both, gravity) < -0.5:
            raise _opposed(table.where, sensor, gravity_sensor)
    rate_hz = export.rate_hz(sensor) or export.rate_hz("Accelerometer")
    return Track(name, table.where, time_s, acc, "m/s2", export.is_turned, is_unix, rate_hz, notes)


def _sum(export: Export, name: str, sensor: str, gravity_sensor: str) -> Track | None:
    table, gravity_table = export.table(sensor), export.table(gravity_sensor)
    if table is None:
        return None
    notes: list[Note] = []
    time_s, (acc,), is_unix = _samples(table, sensor, [_XYZ], notes)
    unit = unit_by_gravity(time_s, acc)
    if gravity_table is None:
        # Devices that cannot take gravity out write it along; over seconds it shows.
        if unit is None or (unit == "g" and name == "phone"):
            return None
        notes.append(Note("detected", f"{sensor}.csv holds gravity: over {STEADY_S:.0f} s it does not average out"))
    else:
        holds_gravity = unit is not None
        gravity_time_s, (gravity,), _ = _samples(gravity_table, gravity_sensor, [_XYZ], notes)
        unit = unit_by_gravity(gravity_time_s, gravity) if name == "watch" else "m/s2"
        time_s, acc, gravity, clock_notes = aligned(table.where, time_s, acc, gravity_time_s, gravity)
        notes += clock_notes
        same_way = agreement(acc, gravity)
        if holds_gravity and same_way < -0.8:
            raise _opposed(table.where, sensor, gravity_sensor)
        if holds_gravity and same_way > 0.8:
            notes.append(Note("detected", f"{sensor}.csv holds gravity already; {gravity_sensor}.csv is not added"))
        else:
            acc = add_gravity(acc, gravity)
            notes.append(Note("converted", f"gravity from {gravity_sensor}.csv added to {sensor}.csv"))
    is_turned = export.is_turned_in(unit) if unit == "g" else export.is_turned
    return Track(name, table.where, time_s, acc, unit, is_turned, is_unix, export.rate_hz(sensor), notes)


def _uncalibrated(export: Export, name: str, sensor: str) -> Track | None:
    table = export.table(sensor)
    if table is None:
        return None
    notes = [Note("detected", f"acceleration with gravity from {sensor}.csv, with the sensor's own offset")]
    names = _XYZ if "x" in table.names else ("accelerationX", "accelerationY", "accelerationZ")
    time_s, (acc,), is_unix = _samples(table, sensor, [names], notes)
    unit = "m/s2" if export.platform == "android" else unit_by_gravity(time_s, acc)
    if unit == "g":
        notes.append(Note("detected", f"{sensor}.csv is in g, by the length of gravity"))
    is_turned = export.is_turned_in(unit)
    return Track(name, table.where, time_s, acc, unit, is_turned, is_unix, export.rate_hz(sensor), notes)


def _fused_file(export: Export, name: str, sensor: str) -> Track | None:
    """A device whose acceleration, gravity and angular rate share the rows of one file."""
    table = export.table(sensor)
    if table is None:
        return None
    notes: list[Note] = []
    triples = [tuple(f"{kind}{axis}" for axis in "XYZ") for kind in ("acceleration", "gravity", "rotationRate")]
    if triples[1][0] not in table.names:
        raise UnusableError(
            f"{sensor}.csv is without gravity",
            where=table.where,
            expected=", ".join(triples[1]),
            got=", ".join(table.names[:12]),
            remedy="Record again with a newer version of the app",
        )
    if triples[2][0] not in table.names:
        triples.pop()
        notes.append(Note("detected", f"{sensor}.csv has no angular rate; the app writes it since 1.30"))
    time_s, (user, gravity, *gyr), is_unix = _samples(table, sensor, triples, notes)
    if sensor == "Headphone":
        # Its gravity is in m/s2 whatever was set; the rest follows the setting.
        unit, is_turned = "m/s2", export.is_turned
        if is_turned:
            user = user * np.float32(STANDARD_GRAVITY_MPS2)
            notes.append(Note("converted", "accelerationX, Y, Z from g to m/s2; gravityX, Y, Z are in m/s2 already"))
    else:
        unit = unit_by_gravity(time_s, gravity)
        is_turned = export.is_turned_in(unit)
        if unit == "g":
            so = ", so it was not standardised (app before 1.63)" if export.standardised else ""
            notes.append(Note("detected", f"{sensor}.csv is in g, by the length of gravity{so}"))
    notes.append(Note("converted", f"gravity added to the acceleration in {sensor}.csv"))
    rate_hz = export.rate_hz(sensor)
    acc = add_gravity(user, gravity)
    return Track(name, table.where, time_s, acc, unit, is_turned, is_unix, rate_hz, notes, gyr[0] if gyr else None)


def _samples(table: TextTable, sensor: str, triples, notes: list[Note]) -> tuple[Array, list[Array], bool]:
    """Stamps in seconds, samples, and whether the stamps count from 1970; damaged stamps become NaN."""
    file = f"{sensor}.csv"
    scalars = [name for name in ("time", "seconds_elapsed") if name in table.names] or ["time"]
    stamps, samples = numbers_of(table, scalars, triples)
    notes += remarks_of(table, file)
    if scalars[0] != "time":
        notes.append(Note("detected", f"{file} has no column time; seconds_elapsed is used"))
        return stamps[0], samples, False
    time_s = stamps[0] * 1e-9
    if not np.isfinite(time_s).any():
        raise FormatError("No row has a time stamp", where=table.where, remedy="Export the recording again")
    apart = time_s - stamps[1] if len(stamps) == 2 else np.empty(0)
    told = np.isfinite(apart)
    if told.any():
        stray = told & (np.abs(apart - np.median(apart[told])) > STAMP_SLACK_S)
        if stray.sum() > 0.5 * told.sum():
            notes.append(Note("detected", f"{file}: column time is not in nanoseconds; seconds_elapsed is used"))
            return stamps[1], samples, False
        if 0 < stray.sum() < 0.01 * told.sum():
            time_s[stray] = np.nan
            notes.append(Note("repaired", f"{file}: {stray.sum()} stamp(s) contradict seconds_elapsed; left out"))
    stray = np.abs(time_s - np.median(time_s[np.isfinite(time_s)])) > STRAY_STAMP_S
    if stray.any():
        time_s[stray] = np.nan
        notes.append(Note("repaired", f"{file}: {stray.sum()} stamp(s) a month or more off; left out"))
    return time_s, samples, bool(1e9 < np.nanmedian(time_s) < 5e9)


def _opposed(where: str, sensor: str, gravity_sensor: str) -> UnitError:
    return UnitError(
        f"{sensor}.csv and {gravity_sensor}.csv point in opposite directions",
        where=where,
        expected="the same sign in both, as one app on one device writes them",
        got="a median angle of more than 90 degrees between them",
        remedy="Export the recording again, with Standardise Units & Frames switched on in the app",
    )
