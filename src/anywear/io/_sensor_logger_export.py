"""The files of a Sensor Logger export and what its Metadata.csv says about units, frames and rates."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ..errors import FormatError
from ..recording import Note
from .appexport import read_small_table
from .archive import Bundle, looks_like_zip, open_bundle
from .csvtext import EmptyTableError, TextTable, read_columns

MOTION_FILES = frozenset(
    [
        prefix + sensor
        for prefix in ("", "Watch")
        for sensor in (
            "TotalAcceleration",
            "Accelerometer",
            "AccelerometerUncalibrated",
            "Gravity",
            "Gyroscope",
            "GyroscopeUncalibrated",
        )
    ]
    + ["WristMotion", "Headphone"]
)
"""Sensors of motion, each with a file ``NAME.csv``."""

ANDROID_FILES = ("TotalAcceleration", "WatchTotalAcceleration", "WatchGravity", "Light", "BatteryTemp")
"""Sensors that only Android has or tells apart."""


@dataclass
class Export:
    """The files of one recording and what Metadata.csv says.

    Attributes:
        bundle: the zip, folder or file.
        members: name of a sensor to name of its file.
        facts: the row of Metadata.csv; empty when there is none.
        platform: ``ios`` or ``android``.
        standardised: whether "Standardise Units & Frames" was on; None when not said.
        notes: what was found on the way.
    """

    bundle: Bundle
    members: dict[str, str]
    facts: dict[str, str]
    platform: str = "ios"
    standardised: bool | None = None
    notes: list[Note] = field(default_factory=list)

    @classmethod
    def of(cls, bundle: Bundle) -> Export:
        """Find the recording in a bundle.

        Raises:
            FormatError: several recordings, or metadata that cannot be read.
        """
        folders = motion_folders(bundle)
        if len(folders) > 1:
            raise FormatError(
                "These are several recordings",
                where=str(bundle.path),
                expected="the files of one recording",
                got=f"{len(folders)} folders with sensors: {', '.join(folders[:6])}",
                remedy="Unpack them and read each folder by itself",
            )
        folder = folders[0] if folders else "."
        members = {
            PurePosixPath(name).stem: name
            for name in bundle.names
            if str(PurePosixPath(name).parent) == folder and name.lower().endswith(".csv")
        }
        export = cls(bundle, members, {})
        rows = export._metadata_rows()
        export.facts = rows[0] if rows else {}
        export._find_convention()
        return export

    @property
    def is_turned(self) -> bool:
        """Whether files that are in m/s2 in any case have Apple's sign."""
        return self.platform == "ios" and not self.standardised

    def is_turned_in(self, unit: str | None) -> bool:
        """Whether a file that is in this unit by the values, where the setting decides on unit and sign, has Apple's."""
        if self.platform == "android":
            return False
        return unit == "g" or (unit == "m/s2" and self.standardised is False)

    def table(self, sensor: str) -> TextTable | None:
        """The file of a sensor; None where there is none, or none with rows, which is noted."""
        if sensor not in self.members:
            return None
        name = self.members[sensor]
        try:
            return read_columns(self.bundle.open(name), where=self.bundle.where(name))
        except EmptyTableError:
            note = Note("detected", f"{sensor}.csv has no rows")
            if note not in self.notes:
                self.notes.append(note)
            return None

    def rate_hz(self, sensor: str) -> float | None:
        """Rate set in the app, from two lists in Metadata.csv that run in parallel; None for "as fast as it goes"."""
        names = [name.replace(" ", "").lower() for name in self.facts.get("sensors", "").split("|")]
        periods = self.facts.get("sampleRateMs", "").split("|")
        try:
            period_ms = float(periods[names.index(sensor.lower())])
        except (ValueError, IndexError):
            return None
        return 1000.0 / period_ms if 0.1 <= period_ms <= 10_000 else None

    def device(self) -> str | None:
        """What recorded it, in words."""
        system = " ".join(self.facts.get(name, "") for name in ("platform", "platform version")).strip()
        app = self.facts.get("appVersion", "")
        words = [self.facts.get("device name", ""), system, f"Sensor Logger {app}" if app else ""]
        return ", ".join(word for word in words if word) or None

    def metadata(self) -> dict[str, str]:
        """Facts that are worth keeping; not the device id, which would tell people apart."""
        wanted = ("platform", "platform version", "appVersion", "standardisation", "recording timezone")
        return {name: self.facts[name] for name in wanted if self.facts.get(name)}

    def annotations(self) -> list[dict[str, str]]:
        """Rows of Annotation.csv."""
        return read_small_table(self.bundle, self.members["Annotation"]) if "Annotation" in self.members else []

    def nothing_found(self) -> FormatError:
        """The error of an export without an accelerometer."""
        empty = [note.text for note in self.notes if note.text.endswith("has no rows")]
        return FormatError(
            f"The export has no accelerometer: {empty[0]}" if empty else "The export has no accelerometer",
            where=str(self.bundle.path),
            expected="TotalAcceleration.csv, or Accelerometer.csv and Gravity.csv, WristMotion.csv or Headphone.csv",
            got=", ".join(sorted(self.members)[:12]) or "no CSV file",
            remedy="Give the whole zip or folder, recorded with the accelerometer switched on",
        )

    def _metadata_rows(self) -> list[dict[str, str]]:
        if "Metadata" in self.members:
            return read_small_table(self.bundle, self.members["Metadata"])
        path = self.bundle.path
        beside = path.parent / "Metadata.csv"
        if path.is_file() and not looks_like_zip(path) and beside.is_file():
            with open_bundle(beside) as alone:
                return read_small_table(alone, "Metadata.csv")
        return []

    def _find_convention(self) -> None:
        said = self.facts.get("platform", "").lower()
        flag = self.facts.get("standardisation", "").lower()
        self.standardised = {"true": True, "1": True, "false": False, "0": False}.get(flag)
        if said in ("ios", "android"):
            self.platform = said
            text = {True: "standardised", False: "not standardised", None: "not said to be standardised"}
            self.notes.append(
                Note("detected", f"platform {said}, units and frames {text[self.standardised]} (Metadata.csv)")
            )
            return
        seen = [name for name in ANDROID_FILES if name in self.members]
        self.platform = "android" if seen else "ios"
        why = f"{seen[0]}.csv is written there" if seen else "there is no file that only Android writes"
        what = "Metadata.csv names no platform that is known" if self.facts else "no platform in Metadata.csv"
        self.notes.append(Note("assumed", f"{what}; taken for {self.platform}: {why}"))
        if not seen and self.standardised is None:
            self.notes.append(Note("assumed", "units and frames taken as not standardised, which is the app's default"))


def motion_members(bundle: Bundle) -> list[str]:
    """Members that bear the name of a motion sensor."""
    return [name for name in bundle.names if name.lower().endswith(".csv") and PurePosixPath(name).stem in MOTION_FILES]


def motion_folders(bundle: Bundle) -> list[str]:
    """Folders inside the bundle that hold motion sensors, ``.`` being the top."""
    return sorted({str(PurePosixPath(name).parent) for name in motion_members(bundle)})
