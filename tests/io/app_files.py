"""Exports of recording apps, written from motion that is known: what each app would have written of it.

The truth is specific force f (m/s2, +9.80665 along up at rest) and angular rate (rad/s) in the sensor frame. Each writer
applies the conventions that the app documents, so that a reader has to undo them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

G = 9.80665
START_NS = 1_780_000_000_000_000_000
METADATA_HEADER = (
    "version,device name,recording epoch time,recording time,recording timezone,platform,appVersion,device id,"
    "sensors,sampleRateMs,standardisation,platform version"
)


@dataclass(frozen=True)
class Motion:
    """Samples of a device: seconds from the start, specific force, gravity's share of it, angular rate."""

    time_s: np.ndarray
    force: np.ndarray
    up: np.ndarray  # unit vector that points up, in the sensor frame
    gyr: np.ndarray

    @property
    def user(self) -> np.ndarray:
        """Acceleration of the device, m/s2: specific force without gravity's share."""
        return self.force - G * self.up


def at_rest(up=(0.0, 0.0, 1.0), rate_hz: float = 100.0, seconds: float = 5.0, start_s: float = 0.0) -> Motion:
    """A device that lies still with this direction up."""
    time = start_s + np.arange(round(seconds * rate_hz)) / rate_hz
    up = np.tile(np.asarray(up, dtype=float) / np.linalg.norm(up), (len(time), 1))
    return Motion(time, G * up, up, np.zeros_like(up))


def turning(rate_hz: float = 100.0, seconds: float = 6.0, speed_radps: float = 0.8, start_s: float = 0.0) -> Motion:
    """A device turned about its x axis from flat on its back, pushed along x with 2 m/s2 during the third second.

    Up seen from the device is R^T z = (0, sin, cos) of the angle, so that d(up)/dt = -gyr x up.
    """
    time = start_s + np.arange(round(seconds * rate_hz)) / rate_hz
    angle = speed_radps * (time - start_s)
    up = np.stack([np.zeros_like(angle), np.sin(angle), np.cos(angle)], axis=1)
    push = np.where((time - start_s >= 2) & (time - start_s < 3), 2.0, 0.0)
    gyr = np.zeros_like(up)
    gyr[:, 0] = speed_radps
    return Motion(time, G * up + push[:, None] * [1.0, 0.0, 0.0], up, gyr)


def table(columns: Mapping[str, np.ndarray], precision: int = 9) -> str:
    """A CSV as Sensor Logger writes it; whole numbers without a point."""
    rows = [",".join(columns)]
    for cells in zip(*columns.values(), strict=True):
        rows.append(",".join(str(c) if isinstance(c, int | str | np.integer) else f"{c:.{precision}g}" for c in cells))
    return "\n".join(rows) + "\n"


def stamps_ns(time_s: np.ndarray) -> np.ndarray:
    return START_NS + np.round(time_s * 1e9).astype(np.int64)


def xyz(time_s: np.ndarray, values: np.ndarray) -> str:
    """One sensor of Sensor Logger: z before y before x."""
    x, y, z = values.T
    return table({"time": stamps_ns(time_s), "seconds_elapsed": time_s, "z": z, "y": y, "x": x})


def metadata(
    platform: str, standardised: bool | None, app: str = "1.50", sensors: Mapping[str, int] | None = None
) -> str:
    sensors = sensors or {"Accelerometer": 10, "Gravity": 10, "Gyroscope": 10, "Wrist Motion": 20}
    flag = {True: "true", False: "false", None: ""}[standardised]
    name = "Anna's iPhone" if platform == "ios" else "Pixel 8"
    cells = ["3", name, str(START_NS // 10**6), "2026-05-28_20-26-40", "Europe/Berlin", platform, app, "device-id"]
    cells += ["|".join(sensors), "|".join(map(str, sensors.values())), flag, "17.2"]
    return METADATA_HEADER + "\n" + ",".join(cells) + "\n"


def android(motion: Motion, *, gravity: bool = False) -> dict[str, str]:
    """Android: Accelerometer is the user part, TotalAcceleration is f."""
    files = {
        "Metadata.csv": metadata("android", False),
        "Accelerometer.csv": xyz(motion.time_s, motion.user),
        "TotalAcceleration.csv": xyz(motion.time_s, motion.force),
        "Gyroscope.csv": xyz(motion.time_s + 0.003, motion.gyr),
    }
    if gravity:
        files["Gravity.csv"] = xyz(motion.time_s, G * motion.up)
    return files


def iphone(motion: Motion, *, standardised: bool = False, uncalibrated_only: bool = False) -> dict[str, str]:
    """iOS: user part and gravity apart, in m/s2; everything with the opposite sign unless standardised."""
    sign = 1.0 if standardised else -1.0
    files = {"Metadata.csv": metadata("ios", standardised), "Gyroscope.csv": xyz(motion.time_s + 0.003, motion.gyr)}
    if uncalibrated_only:
        scale = 1.0 if standardised else 1.0 / G
        files["AccelerometerUncalibrated.csv"] = xyz(motion.time_s, sign * scale * motion.force)
    else:
        files["Accelerometer.csv"] = xyz(motion.time_s, sign * motion.user)
        files["Gravity.csv"] = xyz(motion.time_s, sign * G * motion.up)
    return files


def apple_watch(motion: Motion, *, standardised: bool = False) -> dict[str, str]:
    """WristMotion.csv: user part, gravity and angular rate in one file; in g unless standardised."""
    scale = 1.0 if standardised else -1.0 / G
    return {"WristMotion.csv": _fused(motion, scale * motion.user, scale * G * motion.up)}


def airpods(motion: Motion, *, standardised: bool = False, side: str = "left") -> dict[str, str]:
    """Headphone.csv: the user part in g unless standardised, gravity in m/s2 in any case."""
    sign = 1.0 if standardised else -1.0
    scale = sign if standardised else sign / G
    return {"Headphone.csv": _fused(motion, scale * motion.user, sign * G * motion.up, side)}


def wear_os(motion: Motion) -> dict[str, str]:
    return {
        "WatchAccelerometer.csv": xyz(motion.time_s, motion.user),
        "WatchTotalAcceleration.csv": xyz(motion.time_s, motion.force),
        "WatchGravity.csv": xyz(motion.time_s, G * motion.up),
        "WatchGyroscope.csv": xyz(motion.time_s, motion.gyr),
    }


def _fused(motion: Motion, user: np.ndarray, gravity: np.ndarray, side: str | None = None) -> str:
    columns: dict[str, np.ndarray] = {"time": stamps_ns(motion.time_s), "seconds_elapsed": motion.time_s}
    for kind, values in (("rotationRate", motion.gyr), ("gravity", gravity), ("acceleration", user)):
        columns |= {f"{kind}{axis}": values[:, i] for i, axis in enumerate("XYZ")}
    if side is not None:
        columns["devicelocation"] = np.array([f"headphone_{side}"] * len(user))
    return table(columns)


def annotations(marks: list[tuple[float, str]]) -> str:
    rows = [f"{START_NS + round(at * 1e9)},{at},120,{text}" for at, text in marks]
    return "\n".join(["time,seconds_elapsed,millisecond_press_duration,text", *rows]) + "\n"


DIALECTS = {"comma": (",", "."), "tab": ("\t", "."), "semicolon": (";", "."), "tab comma": ("\t", ","),
            "semicolon comma": (";", ",")}  # fmt: skip


def phyphox_set(columns: Mapping[str, np.ndarray], dialect: str = "comma", missing: str = "NaN") -> str:
    """One set of phyphox: quoted header, ten digits, exponents, columns that may end early."""
    delimiter, point = DIALECTS[dialect]
    rows = [delimiter.join(f'"{name}"' for name in columns)]
    for index in range(max(map(len, columns.values()))):
        cells = [f"{c[index]:.9E}".replace(".", point) if index < len(c) else missing for c in columns.values()]
        rows.append(delimiter.join(cells))
    return "\n".join(rows) + "\n"


def phyphox_acceleration(motion: Motion, dialect: str = "comma", what: str = "Acceleration", values=None) -> str:
    values = motion.force if values is None else values
    named = {f"{what} {axis} (m/s^2)": values[:, i] for i, axis in enumerate("xyz")}
    return phyphox_set({"Time (s)": motion.time_s, **named}, dialect)


def phyphox_gyroscope(motion: Motion, dialect: str = "comma") -> str:
    named = {f"Gyroscope {axis} (rad/s)": motion.gyr[:, i] for i, axis in enumerate("xyz")}
    return phyphox_set({"Time (s)": motion.time_s + 0.004, **named}, dialect)


def phyphox_meta(dialect: str = "comma", brand: str = "Apple", events=((0.0, 0.0), (6.0, 6.0))) -> dict[str, str]:
    """meta/: START and PAUSE by turns, each with experiment time and seconds since the first start."""
    delimiter, point = DIALECTS[dialect]
    device = {
        "version": "1.2.0",
        "deviceModel": "iPhone15,2",
        "deviceBrand": brand,
        "deviceBoard": "null",
        "deviceRelease": "17.2",
    }
    rows = [delimiter.join(['"event"', '"experiment time"', '"system time"', '"system time text"'])]
    for index, (experiment_s, system_s) in enumerate(events):
        numbers = [f"{experiment_s:.9E}".replace(".", point), f"{START_NS / 1e9 + system_s:.3f}".replace(".", point)]
        rows.append(
            delimiter.join([f'"{("START", "PAUSE")[index % 2]}"', *numbers, '"2026-05-28 20:26:40.000 UTC+02:00"'])
        )
    return {
        "meta/device.csv": "\n".join(f'"{k}"{delimiter}"{v}"' for k, v in {"property": "value", **device}.items())
        + "\n",
        "meta/time.csv": "\n".join(rows) + "\n",
    }


def write_zip(path: Path, files: Mapping[str, str | bytes], folder: str = "") -> Path:
    path.write_bytes(zip_bytes({folder + name: text for name, text in files.items()}))
    return path


def zip_bytes(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def write_folder(path: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, text in files.items():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def texts(recording) -> str:
    """All notes of a recording as one text."""
    return "\n".join(f"{stream} {note}" for stream, note in recording.all_notes())
