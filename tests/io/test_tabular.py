from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from table_files import G, motion, write_table, xyz

from anywear.errors import AnywearError, FormatError, UnitError, UsageError
from anywear.io import _tables, read, write
from anywear.recording import Recording
from anywear.signal import build_stream

TIME, ACC, GYR = motion()
NAN = float("nan")


@pytest.fixture
def table(tmp_path: Path):
    """Writes columns to a file and gives its path."""
    return lambda columns, name="walk.csv", **how: write_table(tmp_path / name, columns, **how)


def notes(recording) -> str:
    return "\n".join(f"{stream}: {note}" for stream, note in recording.all_notes())


def assert_is_the_motion(stream, gyr: bool = True) -> None:
    np.testing.assert_allclose(stream.acc_mps2, ACC, atol=2e-4)
    np.testing.assert_allclose(stream.time_s, TIME, atol=1e-6)
    if gyr:
        np.testing.assert_allclose(stream.gyr_radps, GYR, atol=1e-4)
    else:
        assert stream.gyr_radps is None


@pytest.mark.parametrize(
    "acc_names,gyr_names",
    [
        ("acc_{}", "gyr_{}"),
        ("{}_acc", "{}_gyro"),
        ("a{}", "g{}"),
        ("a{}", "w{}"),
        ("accelerometer_{}", "gyroscope_{}"),
        ("Acceleration {}", "Angular velocity {}"),
        ("accel.{}", "rotationRate.{}"),
        ("total_acc_{}", "omega_{}"),
        ("{}-axis (m/s^2)", "{}-axis (rad/s)"),
        ("acc_{}_mps2", "gyr_{}_radps"),
        ("ACC_RAW_{}", "GYRO_RAW_{}"),
    ],
)
def test_names_of_many_loggers(table, acc_names, gyr_names):
    recording = read(table({"time": TIME, **xyz(acc_names, ACC), **xyz(gyr_names, GYR)}))
    assert_is_the_motion(recording.streams[0])
    assert recording.reader == "csv" and recording.source == "walk.csv"
    assert acc_names.format("x") in notes(recording)


def test_a_german_table_in_g_and_degrees(table):
    columns = {"Zeit (s)": TIME, **xyz("Acc{} [g]", ACC / G), **xyz("Gyro {} (°/s)", np.rad2deg(GYR))}
    recording = read(table(columns, "gehen.csv", delimiter=";", decimal=","))
    assert_is_the_motion(recording.streams[0])
    said = notes(recording)
    assert "separated by semicolon, decimal comma" in said
    assert "converted: acceleration from g to m/s2" in said
    assert "converted: angular rate from deg/s to rad/s" in said


@pytest.mark.parametrize("values,about", [(ACC / G, "from g"), (ACC / G * 1000, "from mg"), (ACC, "in m/s2")])
def test_units_are_told_by_size(table, values, about):
    recording = read(table({"time": TIME, **xyz("acc_{}", values)}))
    assert_is_the_motion(recording.streams[0], gyr=False)
    assert about in notes(recording)


def test_units_of_the_user_win(table):
    path = table({"time": TIME, **xyz("acc_{}", ACC / G)})
    assert "as the user says" in notes(read(path, units="g"))
    with pytest.raises(UnitError, match="cannot be in mg"):
        read(path, units="mg")


@pytest.mark.parametrize(
    "name,stamps,about,start",
    [
        ("time", TIME, "s elapsed", None),
        ("t", TIME * 1e3, "ms elapsed", None),
        ("timestamp", TIME * 1e6 + 5e9, "us elapsed", None),
        ("timestamp", TIME * 1e9, "ns elapsed", None),
        ("time", TIME + 1.7e9, "s since 1970", 1.7e9),
        ("timestamp", TIME * 1e3 + 1.7e12, "ms since 1970", 1.7e9),
        ("epoch (ms)", TIME * 1e3 + 1.7e12, "ms since 1970, as stated", 1.7e9),
        ("timestamp_ns", TIME * 1e9 + 1.7e18, "ns since 1970, as stated", 1.7e9),
        ("seconds_elapsed", TIME + 100, "s elapsed, as stated", None),
    ],
)
def test_clocks_are_told_by_size_and_step(table, name, stamps, about, start):
    recording = read(table({name: stamps, **xyz("acc_{}", ACC)}))
    assert_is_the_motion(recording.streams[0], gyr=False)
    assert about in notes(recording)
    assert recording.start_unix_s == (None if start is None else pytest.approx(start))


@pytest.mark.parametrize("pattern,start", [("{}", 1714557600.0), ("{}Z", 1714557600.0), ("{}+02:00", 1714550400.0)])
def test_dates_are_read(table, pattern, start):
    stamps = np.datetime64("2024-05-01T10:00:00.000") + (TIME * 1000).round().astype("timedelta64[ms]")
    recording = read(table({"datetime": [pattern.format(s) for s in stamps], **xyz("acc_{}", ACC)}))
    assert_is_the_motion(recording.streams[0], gyr=False)
    assert recording.start_unix_s == pytest.approx(start)


def test_time_of_day_runs_past_midnight(table):
    seconds = 86_397 + TIME
    stamps = [f"{int(s // 3600) % 24:02d}:{int(s // 60) % 60:02d}:{s % 60:06.3f}" for s in seconds]
    recording = read(table({"Time": stamps, **xyz("acc_{}", ACC)}))
    assert_is_the_motion(recording.streams[0], gyr=False)
    assert "time of day" in notes(recording) and recording.start_unix_s is None


def test_a_rate_stands_in_for_stamps(table):
    recording = read(table(xyz("acc_{}", ACC)), rate_hz=50)
    assert_is_the_motion(recording.streams[0], gyr=False)
    assert recording.streams[0].nominal_rate_hz == 50
    assert "assumed: 50 samples per second, as the user says" in notes(recording)


def test_a_counter_with_a_rate_shows_lost_samples(table):
    keep = np.r_[0:100, 160:300]
    recording = read(table({"index": keep.astype(float), **xyz("acc_{}", ACC[keep])}), rate_hz=50)
    np.testing.assert_allclose(recording.streams[0].time_s, TIME[keep], atol=1e-9)
    assert "where column 'index' skips" in notes(recording)


def test_several_sensors_with_places_from_their_names(table):
    columns = {
        "time": TIME,
        **xyz("left_wrist_accelerometer_{}", ACC),
        **xyz("left_wrist_gyro_{}", GYR),
        **xyz("chest_acc_{}", -ACC),
        **xyz("phone_acc_{}", ACC[:, ::-1]),
    }
    recording = read(table(columns))
    assert [s.name for s in recording.streams] == ["left_wrist", "chest", "phone"]
    assert [s.placement.name for s in recording.streams] == ["left_wrist", "chest", "unknown"]
    assert_is_the_motion(recording.stream("left_wrist"))
    np.testing.assert_allclose(recording.stream("chest").acc_mps2, -ACC, atol=1e-4)
    assert recording.stream("chest").gyr_radps is None
    assert "placement left_wrist from the column names" in notes(recording)


def test_numbered_sensors_and_a_wrist_without_a_side(table):
    numbered = read(table({"time": TIME, **xyz("acc_{}_1", ACC), **xyz("acc_{}_2", -ACC), **xyz("gyr_{}_2", GYR)}))
    assert [s.name for s in numbered.streams] == ["sensor_1", "sensor_2"]
    assert [s.gyr_radps is not None for s in numbered.streams] == [False, True]
    wrist = read(table({"time": TIME, **xyz("wrist_acc_{}", ACC)}))
    assert not wrist.streams[0].placement.is_known
    assert "--placement wrist=left_wrist" in notes(wrist)


def test_linear_acceleration_and_gravity_are_added(table):
    gravity = np.tile([0.0, 0.0, G], (len(TIME), 1))
    columns = {"t": TIME, **xyz("linear_acceleration_{}", ACC - gravity), **xyz("gravity_{}", gravity)}
    recording = read(table(columns))
    assert_is_the_motion(recording.streams[0], gyr=False)
    assert "converted: acceleration = linear_acceleration_x" in notes(recording)
    # A total acceleration beside them is taken as it is.
    recording = read(table({**columns, **xyz("accelerometer_{}", ACC)}))
    assert "accelerometer_x, accelerometer_y, accelerometer_z as acceleration" in notes(recording)
    assert "columns not used: linear_acceleration_x" in notes(recording)


def test_acceleration_that_lacks_the_gravity_beside_it(table):
    gravity = np.tile([0.0, 0.0, G], (len(TIME), 1))
    small = 0.01 * (ACC - gravity)
    recording = read(table({"t": TIME, **xyz("acc_{}", small), **xyz("grav_{}", gravity)}))
    np.testing.assert_allclose(recording.streams[0].acc_mps2, small + gravity, atol=1e-4)
    assert "taken as linear" in notes(recording)


def test_a_lone_g_is_told_by_its_length(table):
    gyroscope = read(table({"t": TIME, **xyz("a{}", ACC), **xyz("g{}", GYR)}))
    assert gyroscope.streams[0].gyr_radps is not None
    gravity = G * ACC / np.linalg.norm(ACC, axis=1, keepdims=True)
    recording = read(table({"t": TIME, **xyz("a{}", ACC), **xyz("g{}", gravity)}))
    assert recording.streams[0].gyr_radps is None
    assert "taken as gravity: of steady length 9.81" in notes(recording)
    assert_is_the_motion(recording.streams[0], gyr=False)


def test_apple_names_in_g_have_the_other_sign(table):
    gravity = np.tile([0.0, 0.0, -1.0], (len(TIME), 1))
    columns = {"t": TIME, **xyz("userAcceleration.{}", -ACC / G - gravity), **xyz("gravity.{}", gravity)}
    recording = read(table({**columns, **xyz("rotationRate.{}", GYR)}))
    assert_is_the_motion(recording.streams[0])
    assert "sign of the acceleration turned" in notes(recording)


def test_labels_become_spans(table):
    words = ["walk"] * 100 + ["sit"] * 150 + [""] * 50
    recording = read(table({"t": TIME, **xyz("acc_{}", ACC), "activity": words, "activity_id": [7.0] * 300}))
    assert [(span.label, span.start_s, span.end_s) for span in recording.labels] == [
        ("walk", 0.0, pytest.approx(2.0)),
        ("sit", pytest.approx(2.0), pytest.approx(5.0)),
    ]
    assert "column 'activity' as labels: 2 stretch(es) of sit, walk" in notes(recording)
    assert "further label columns not used: activity_id" in notes(recording)


def test_numbers_are_labels_when_they_stay(table):
    recording = read(table({"t": TIME, **xyz("acc_{}", ACC), "label": [4.0] * 150 + [5.0] * 150}))
    assert [span.label for span in recording.labels] == ["4", "5"]
    recording = read(table({"t": TIME, **xyz("acc_{}", ACC), "target": np.sin(TIME)}))
    assert recording.labels == ()
    assert "not taken as labels" in notes(recording)


def test_raw_is_taken_before_filtered_and_said(table):
    recording = read(table({"t": TIME, **xyz("acc_filtered_{}", ACC * 0.98), **xyz("acc_raw_{}", ACC)}))
    assert_is_the_motion(recording.streams[0], gyr=False)
    assert "of several versions of acceleration columns acc_raw_x" in notes(recording)


def test_bare_axes_are_assumed_to_be_acceleration(table):
    recording = read(table({"time": TIME, **xyz("{}", ACC)}))
    assert_is_the_motion(recording.streams[0], gyr=False)
    assert "assumed: columns x, y, z as acceleration" in notes(recording)


def test_columns_without_names_by_position(table):
    columns = {"t": TIME, **xyz("a{}", ACC), **xyz("g{}", GYR)}
    recording = read(table(columns, header=False, delimiter=" "))
    assert_is_the_motion(recording.streams[0])
    assert "taken as time, acceleration x, y, z, angular rate x, y, z" in notes(recording)


def test_rows_with_nan_and_gaps_are_reported_not_filled(table):
    acc = ACC.copy()
    acc[10:13] = NAN
    time = TIME + np.where(np.arange(300) >= 200, 3.0, 0.0)
    recording = read(table({"t": time, **xyz("acc_{}", acc), **xyz("gyr_{}", GYR)}))
    assert len(recording.streams[0]) == 297
    assert "repaired: 3 of 300 rows with a missing value left out" in notes(recording)
    assert "gap(s), the longest 3.02 s" in notes(recording)


def test_sensors_that_fill_different_rows(table):
    """Event loggers write one row for each reading: acceleration in one, angular rate in the next."""
    double = np.repeat(TIME, 2) + np.tile([0.0, 0.004], 300)
    acc = np.full((600, 3), NAN)
    gyr = np.full((600, 3), NAN)
    acc[::2], gyr[1::2] = ACC, GYR
    recording = read(table({"t": double, **xyz("acc_{}", acc), **xyz("gyr_{}", gyr)}))
    stream = recording.streams[0]
    assert len(stream) == 300
    inner = slice(1, -1)
    expected = np.stack([np.interp(TIME, TIME + 0.004, GYR[:, axis]) for axis in range(3)], axis=1)
    np.testing.assert_allclose(stream.gyr_radps[inner], expected[inner], atol=1e-4)
    assert "two clocks" in notes(recording)


def test_sensors_with_clocks_of_their_own(table):
    columns = {"acc_time": TIME, **xyz("acc_{}", ACC), "gyr_time": TIME + 0.01, **xyz("gyr_{}", GYR)}
    stream = read(table(columns)).streams[0]
    np.testing.assert_allclose(stream.time_s[0], 0.0, atol=1e-9)
    np.testing.assert_allclose(stream.acc_mps2, ACC, atol=1e-4)
    expected = np.interp(TIME, TIME + 0.01, GYR[:, 1])
    np.testing.assert_allclose(stream.gyr_radps[1:-1, 1], expected[1:-1], atol=1e-4)


def test_the_user_names_columns(table):
    columns = {"p": TIME, **xyz("q{}", ACC), **xyz("r{}", GYR), **xyz("s{}", -ACC)}
    recording = read(table(columns), columns="time=p,acc=qx:qy:qz,gyr=rx:ry:rz")
    assert_is_the_motion(recording.streams[0])
    recording = read(
        table(columns), columns="time=p:s,left_wrist.acc=qx:qy:qz,ankle.acc=sx:sy:sz,left_wrist.gyr=rx:ry:rz"
    )
    assert [s.name for s in recording.streams] == ["left_wrist", "ankle"]
    assert recording.streams[0].placement.name == "left_wrist"
    assert_is_the_motion(recording.streams[0])
    assert "as the user says" in notes(recording)
    # The user names the clock alone: the rest is still found.
    columns = {"time": np.arange(300.0), "clock": TIME * 1000, **xyz("acc_{}", ACC)}
    assert_is_the_motion(read(table(columns), columns="time=clock").streams[0], gyr=False)


@pytest.mark.parametrize(
    "columns,error,words",
    [
        ("time=t,acc=ax:ay:qq", FormatError, ["'qq'", "walk.csv", "ax, ay, az", "Did you mean|Use the names"]),
        ("time=t,acc=ax:ay", UsageError, ["three columns", "'ax:ay'", "acc=ax:ay:az"]),
        ("acceleration=ax:ay:az", UsageError, ["not understood", "keys are time, acc, gyr"]),
        ("gyr=ax:ay:az", UsageError, ["without an accelerometer", "acc=NAME:NAME:NAME"]),
        ("linear=ax:ay:az", UsageError, ["with gravity", "acc=NAME:NAME:NAME"]),
        ("", UsageError, ["not understood"]),
    ],
)
def test_a_list_of_columns_that_is_wrong(table, columns, error, words):
    with pytest.raises(error) as caught:
        read(table({"t": TIME, **xyz("a{}", ACC)}), columns=columns)
    for word in words:
        assert re.search(word, str(caught.value)), (word, str(caught.value))


def bad_inputs() -> dict[str, tuple[dict, dict, type[AnywearError], list[str]]]:
    """Every bad table: columns, options, kind of error, and what the message has to say."""
    acc = xyz("acc_{}", ACC)
    linear = ACC - np.array([0, 0, G])
    words = [f"{v:.3f}" for v in ACC[:, 0]]
    words[41] = "error"
    return {
        "no accelerometer": ({"t": TIME, "hr": TIME}, {}, FormatError, ["columns t, hr", "--columns"]),
        "one axis missing": ({"t": TIME, "acc_x": TIME, "acc_y": TIME}, {}, FormatError, ["no z axis", "acc_x, acc_y"]),
        "cell no number": ({"t": TIME, **acc, "acc_x": words}, {}, FormatError, ["'acc_x', row 42", "'error'"]),
        "all NaN": (
            {"t": TIME, **xyz("acc_{}", ACC * NAN)},
            {},
            FormatError,
            ["no finite sample", "acc_x, acc_y, acc_z"],
        ),
        "raw counts": ({"t": TIME, **xyz("acc_{}", ACC * 1670)}, {}, UnitError, ["cannot be told", "--units"]),
        "wrong unit": ({"t": TIME, **xyz("acc_{} (g)", ACC)}, {}, UnitError, ["cannot be in g", "--units m/s2"]),
        "units differ": (
            {"t": TIME, "acc_x (g)": TIME, "acc_y (g)": TIME, "acc_z (mg)": TIME},
            {},
            UnitError,
            ["acc_z \\(mg\\)", "header line"],
        ),
        "linear only": ({"t": TIME, **xyz("lin_acc_{}", linear)}, {}, UnitError, ["without gravity", "Export"]),
        "linear by size": ({"t": TIME, **xyz("acc_{}", linear * 0.01)}, {}, UnitError, ["lack gravity", "sensor"]),
        "no time": (acc, {}, FormatError, ["no time stamps", "--rate 50", "acc_x"]),
        "counter": ({"index": np.arange(300.0), **acc}, {}, FormatError, ["'index' counts samples", "--rate"]),
        "counter named t": ({"t": np.arange(300.0), **acc}, {}, FormatError, ["'t' counts samples", "--rate"]),
        "constant time": ({"t": TIME * 0, **acc}, {}, FormatError, ["never changes", "--rate"]),
        "time without order": ({"t": np.sin(TIME * 90), **acc}, {}, FormatError, ["do not increase", "--rate"]),
        "time unit wrong": (
            {"time_ns": TIME, **acc},
            {},
            UnitError,
            ["'time_ns'", "s would make 50 Hz", "time=time_ns:s"],
        ),
        "one sample": ({"t": TIME[:1], **xyz("acc_{}", ACC[:1])}, {}, FormatError, ["fewer than two", "1 row"]),
        "twice the same": (
            {"t": TIME, **acc, **xyz("Acc {}", ACC)},
            {},
            FormatError,
            ["'acc_x' and 'Acc x'", "--columns"],
        ),
        "unnamed columns": (
            {f"{k}": TIME for k in range(9)},
            {},
            FormatError,
            ["no header line|No columns of an accel", "--columns time="],
        ),
        "long format": (
            {"t": TIME, "sensor": ["acc", "gyr"] * 150, **xyz("{}", ACC)},
            {},
            FormatError,
            ["one row for each sensor reading", "column 'sensor'", "pivot"],
        ),
        "date that is none": (
            {"time": [f"10:00:{k % 60:02d}.{k}" if k != 299 else "later" for k in range(300)], **acc},
            {},
            FormatError,
            ["'time', row 300", "'later'"],
        ),
    }


@pytest.mark.parametrize("case", bad_inputs())
def test_what_bad_tables_get(table, case):
    columns, options, error, words = bad_inputs()[case]
    path = table(columns)
    with pytest.raises(error) as caught:
        read(path, **options)
    message = str(caught.value)
    assert "walk.csv" in message and caught.value.remedy, message
    for word in words:
        assert re.search(word, message), (word, message)


@pytest.mark.parametrize(
    "content,words",
    [
        (b"", ["empty"]),
        (b"Dear diary,\ntoday I walked, and walked,\nand sat down\n", ["no table", "CSV"]),
        (b"\x00\x01\x02\x03" * 50, ["binary"]),
        (b"PK\x05\x06" + bytes(18), ["no text table|empty"]),
        (b"time,acc_x,acc_y,acc_z\n", ["no rows", "switched on"]),
        (
            b"time,acc_x,acc_y,acc_z\n0,1,2,9\n1,2\n2,1,2,9\n3,1,2,9\n4,1,2,9\n5,1,2,9\n",
            ["different numbers of cells", "line 3"],
        ),
        (b"0\n0;", ["no header line", "2 columns"]),  # a line of numbers, one cell short, is no header
        (b"1;2\n3;4;\n5;6;\n", ["different numbers of cells", "line 1"]),
    ],
)
def test_what_is_no_table_at_all(tmp_path, content, words):
    path = tmp_path / "walk.csv"
    path.write_bytes(content)
    with pytest.raises(FormatError) as caught:
        read(path, format="csv")
    assert "walk.csv" in caught.value.where and caught.value.remedy
    for word in words:
        assert re.search(word, str(caught.value)), str(caught.value)


def test_a_folder_where_a_file_is_wanted(tmp_path):
    with pytest.raises(FormatError, match="folder"):
        read(tmp_path, format="csv")


def test_a_rate_out_of_range_is_refused(table):
    with pytest.raises(UsageError, match="out of range"):
        read(table(xyz("acc_{}", ACC)), rate_hz=0)


def parquet(path: Path, columns: dict) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_parquet_of_foreign_origin(tmp_path):
    columns = {
        "time": TIME,
        **xyz("acc_{}", ACC),
        **xyz("gyr_{}", GYR),
        "label": ["walk"] * 300,
        "list": [[1, 2]] * 300,
    }
    recording = read(parquet(tmp_path / "walk.parquet", columns))
    assert_is_the_motion(recording.streams[0])
    assert recording.reader == "csv" and recording.labels[0].label == "walk"
    assert "columns of lists or structures left out: list" in notes(recording)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_parquet_with_instants(tmp_path, unit):
    stamps = pa.array((TIME * 1e9 + 1.7e18).astype("int64"), pa.timestamp("ns")).cast(pa.timestamp(unit), safe=False)
    recording = read(parquet(tmp_path / "walk.parquet", {"timestamp": stamps, **xyz("acc_{}", ACC)}))
    np.testing.assert_allclose(recording.streams[0].time_s, TIME, atol=2e-6)
    assert recording.start_unix_s == pytest.approx(1.7e9)


def test_parquet_that_is_wrong(tmp_path):
    with pytest.raises(FormatError, match="no rows"):
        read(parquet(tmp_path / "a.parquet", {"acc_x": pa.array([], pa.float32())}))
    with pytest.raises(FormatError, match="No columns of an accelerometer"):
        read(parquet(tmp_path / "b.parquet", {"time": TIME, "hr": TIME}))
    text = {"time": TIME, "acc_x": ["a"] * 300, "acc_y": TIME, "acc_z": TIME}
    with pytest.raises(FormatError, match="does not hold numbers"):
        read(parquet(tmp_path / "c.parquet", text))
    (tmp_path / "d.parquet").write_bytes(b"PAR1" + bytes(100) + b"PAR1")
    with pytest.raises(FormatError, match="damaged"):
        read(tmp_path / "d.parquet")


def test_a_parquet_bomb_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(_tables, "MAX_BYTES", 1 << 20)
    rows = 1 << 18
    zeros = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int8)), pa.array([0.0]))
    path = parquet(tmp_path / "bomb.parquet", {f"acc_{axis}": zeros for axis in "xyz"})
    assert path.stat().st_size < 1 << 16
    with pytest.raises(FormatError, match="unpack to more"):
        read(path)


def test_imu_digits_needs_no_option(dataset_root):
    path = sorted((dataset_root("imu-digits") / "data").glob("*_4_*.csv"))[0]
    recording = read(path)
    stream = recording.streams[0]
    assert stream.gyr_radps is not None and 48 < stream.effective_rate_hz < 56
    assert 4.5 < stream.duration_s < 5.5
    assert 9 < np.median(np.linalg.norm(stream.acc_mps2, axis=1)) < 12
    assert [span.label for span in recording.labels] == ["4"]
    assert recording.start_unix_s is not None and 1.7e9 < recording.start_unix_s < 1.8e9  # 2025
    said = notes(recording)
    assert "ms since 1970" in said and "accelerometer_x, accelerometer_y, accelerometer_z as acceleration" in said


def test_sp_sw_har_needs_no_option(dataset_root):
    folder = dataset_root("sp-sw-har") / "DATA" / "s11"
    for name in ("s11_09_sp.csv", "s11_02_sw.csv"):
        recording = read(folder / name)
        stream = recording.streams[0]
        assert 85 < stream.effective_rate_hz < 110
        assert abs(np.median(np.linalg.norm(stream.acc_mps2, axis=1)) - G) < 0.5
        assert np.percentile(np.linalg.norm(stream.gyr_radps, axis=1), 99) < 12  # rad/s of a person who walks and turns
        assert [span.label for span in recording.labels][:3] == ["SEATED", "STANDING_UP", "WALKING"]
        assert all(a.end_s <= b.start_s + 1e-9 for a, b in zip(recording.labels, recording.labels[1:], strict=False))


def test_tables_of_real_data_that_are_no_recordings(dataset_root):
    with pytest.raises(FormatError, match="No columns of an accelerometer"):
        read(dataset_root("sp-sw-har") / "DATA" / "subjects_info.csv")
    segment = next(dataset_root("dsads").rglob("s01.txt"))
    with pytest.raises(FormatError, match="45 columns"):
        read(segment)


def test_anywears_own_format_is_not_read_as_a_table(tmp_path):
    stream = build_stream("watch", np.arange(100) / 50, np.tile([0.0, 0.0, 9.81], (100, 1)))
    path = write(Recording((stream,)), tmp_path / "walk.anywear.parquet")
    with pytest.raises(FormatError, match="own format"):
        read(path, format="csv")
