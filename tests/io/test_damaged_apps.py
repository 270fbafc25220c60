"""Damaged exports: the only legal outcomes are a valid Recording and an AnywearError."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import numpy as np
import pytest
from app_files import (
    airpods,
    android,
    annotations,
    apple_watch,
    iphone,
    phyphox_acceleration,
    phyphox_gyroscope,
    phyphox_meta,
    turning,
    zip_bytes,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anywear.errors import AnywearError
from anywear.io import phyphox, read, sensor_logger
from anywear.recording import Recording

SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@functools.cache
def exports() -> dict[str, dict[str, bytes]]:
    motion = turning(rate_hz=20, seconds=3)
    phone = iphone(motion) | apple_watch(motion) | airpods(motion) | {"Annotation.csv": annotations([(1.0, "walk")])}
    app = {"Accelerometer.csv": phyphox_acceleration(motion, "semicolon comma"), **phyphox_meta("semicolon comma")}
    app["Gyroscope.csv"] = phyphox_gyroscope(motion, "semicolon comma")
    sets = {"iphone": phone, "android": android(motion, gravity=True), "phyphox": app}
    return {name: {member: text.encode() for member, text in files.items()} for name, files in sets.items()}


def outcome(content: bytes, name: str, format: str | None = None) -> Recording | AnywearError:
    """What reading these bytes gives; anything but a valid recording or an error of ours fails the test."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        assert sensor_logger.sniff(path) in (True, False) and phyphox.sniff(path) in (True, False)
        try:
            recording = read(path, format=format)
        except AnywearError as error:
            assert error.what and str(error)
            return error
    for stream in recording.streams:
        assert len(stream) >= 2 and (np.diff(stream.time_s) > 0).all()
        assert np.isfinite(stream.acc_mps2).all()
        assert stream.gyr_radps is None or np.isfinite(stream.gyr_radps).all()
    assert all(span.start_s < span.end_s for span in recording.labels)
    return recording


def damaged(draw, content: bytes) -> bytes:
    """The bytes with a few changes: flipped, cut out, doubled, or cut off at the end."""
    raw = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(raw) - 1, 0)))
        kind = draw(st.sampled_from(["flip", "set", "cut", "double", "truncate"]))
        if kind == "flip" and raw:
            raw[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "set" and raw:
            raw[at] = draw(st.sampled_from(b'\x00\xff\n,;."-eE9'))
        elif kind == "cut":
            del raw[at : at + draw(st.integers(1, 40))]
        elif kind == "double":
            raw[at:at] = raw[at : at + draw(st.integers(1, 40))]
        elif kind == "truncate" and draw(st.booleans()):
            del raw[at:]
    return bytes(raw)


@pytest.mark.parametrize("export", ["iphone", "android", "phyphox"])
def test_undamaged_is_read(export):
    reader = "phyphox" if export == "phyphox" else "sensor-logger"
    recording = outcome(zip_bytes(exports()[export]), "x.zip")
    assert isinstance(recording, Recording) and recording.reader == reader


@pytest.mark.parametrize("export", ["iphone", "android", "phyphox"])
@SETTINGS
@given(data=st.data())
def test_bytes_of_the_zip(export, data):
    content = damaged(data.draw, zip_bytes(exports()[export]))
    outcome(content, "x.zip")
    outcome(content, "x.zip", "phyphox" if export == "phyphox" else "sensor-logger")


@pytest.mark.parametrize("export", ["iphone", "android", "phyphox"])
@SETTINGS
@given(data=st.data())
def test_text_inside_a_sound_zip(export, data):
    files = dict(exports()[export])
    for name in data.draw(st.lists(st.sampled_from(sorted(files)), min_size=1, max_size=3, unique=True)):
        files[name] = damaged(data.draw, files[name])
    outcome(zip_bytes(files), "x.zip", "phyphox" if export == "phyphox" else "sensor-logger")


@SETTINGS
@given(data=st.data())
def test_a_single_csv(data):
    name = data.draw(st.sampled_from(["WristMotion.csv", "TotalAcceleration.csv", "Accelerometer.csv"]))
    files = {**exports()["android"], **exports()["iphone"]}
    if name == "Accelerometer.csv":
        outcome(damaged(data.draw, exports()["phyphox"][name]), name, "phyphox")
    else:
        outcome(damaged(data.draw, files[name]), name, "sensor-logger")


@SETTINGS
@given(content=st.binary(max_size=300), name=st.sampled_from(["x.zip", "WristMotion.csv", "x.csv", "x.xlsx", "x.xls"]))
def test_bytes_that_are_nothing(content, name):
    for format in ("sensor-logger", "phyphox"):
        assert isinstance(outcome(content, name, format), AnywearError)


@pytest.mark.parametrize("export", ["iphone", "android", "phyphox"])
@settings(SETTINGS, max_examples=12)
@given(missing=st.data())
def test_files_that_are_missing(export, missing):
    files = exports()[export]
    kept = missing.draw(st.lists(st.sampled_from(sorted(files)), min_size=1, unique=True))
    outcome(
        zip_bytes({name: files[name] for name in kept}), "x.zip", "phyphox" if export == "phyphox" else "sensor-logger"
    )
