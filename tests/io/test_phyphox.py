from __future__ import annotations

import numpy as np
import pytest
from app_files import (
    DIALECTS,
    START_NS,
    G,
    at_rest,
    phyphox_acceleration,
    phyphox_gyroscope,
    phyphox_meta,
    phyphox_set,
    texts,
    turning,
    write_folder,
    write_zip,
    zip_bytes,
)

from anywear.errors import FormatError, UnitError
from anywear.io import read
from anywear.io.phyphox import sniff


def export(motion, dialect="comma", **meta) -> dict[str, str]:
    return {
        "Accelerometer.csv": phyphox_acceleration(motion, dialect),
        "Gyroscope.csv": phyphox_gyroscope(motion, dialect),
        **phyphox_meta(dialect, **meta),
    }


def check(stream, motion):
    inside = (motion.time_s >= stream.time_s[0] - 1e-6) & (motion.time_s <= stream.time_s[-1] + 1e-6)
    assert len(stream) == inside.sum() >= len(inside) - 2
    np.testing.assert_allclose(stream.acc_mps2, motion.force[inside], atol=1e-4)
    if stream.gyr_radps is not None:
        np.testing.assert_allclose(stream.gyr_radps, motion.gyr[inside], atol=1e-4)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_gives_the_same_motion(tmp_path, dialect):
    motion = turning()
    path = write_zip(tmp_path / "walk.zip", export(motion, dialect))
    assert sniff(path)
    recording = read(path)
    assert recording.reader == "phyphox" and recording.source == "walk.zip"
    (stream,) = recording.streams
    assert stream.name == "phone" and not stream.placement.is_known and stream.gyr_radps is not None
    check(stream, motion)
    assert recording.start_unix_s == pytest.approx(START_NS / 1e9)
    assert stream.effective_rate_hz == pytest.approx(100, abs=0.1)
    assert recording.device == "Apple iPhone15,2, phyphox 1.2.0"
    assert recording.metadata["platform"] == "ios"
    assert "phyphox has turned the signs" in texts(recording)


@pytest.mark.parametrize("up", [(1, 0, 0), (0, -1, 0), (0, 0, 1), (1, -2, 2)])
def test_at_rest_up_reads_plus_one_g(tmp_path, up):
    motion = at_rest(up, rate_hz=200)
    for brand in ("Apple", "google"):
        stream = read(write_zip(tmp_path / "x.zip", export(motion, brand=brand))).streams[0]
        np.testing.assert_allclose(stream.acc_mps2.mean(axis=0), G * np.array(up) / np.linalg.norm(up), atol=1e-4)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_single_csv(tmp_path, dialect):
    motion = turning()
    path = tmp_path / "Acceleration with g 2026-05-28 20-26-40.csv"
    path.write_text(phyphox_acceleration(motion, dialect))
    assert sniff(path)
    recording = read(path)
    check(recording.streams[0], motion)
    assert recording.streams[0].gyr_radps is None and recording.start_unix_s is None and recording.device is None


def test_raw_data_with_all_sensors_in_one_table(tmp_path):
    motion = turning()
    columns = {"Time (s)": motion.time_s}
    columns |= {f"Acceleration {a} (m/s²)": motion.force[:, i] for i, a in enumerate("xyz")}
    columns |= {"Absolute acceleration (m/s²)": np.linalg.norm(motion.force, axis=1)}
    columns |= {f"Gyroscope {a} (rad/s)": motion.gyr[:, i] for i, a in enumerate("xyz")}
    recording = read(write_zip(tmp_path / "x.zip", {"Raw Data.csv": phyphox_set(columns)} | phyphox_meta()))
    check(recording.streams[0], motion)
    assert recording.streams[0].gyr_radps is not None


def test_two_clocks_in_one_table(tmp_path):
    motion, slow = turning(), turning(rate_hz=50)
    columns = {
        "Time (s)": motion.time_s,
        **{f"Acceleration {a} (m/s^2)": motion.force[:, i] for i, a in enumerate("xyz")},
    }
    text = phyphox_set(
        {
            **columns,
            "Time (s) ": slow.time_s,
            **{f"Gyroscope {a} (rad/s)": slow.gyr[:, i] for i, a in enumerate("xyz")},
        },
        missing='""',
    )
    recording = read(write_zip(tmp_path / "x.zip", {"Raw Data.csv": text.replace('"Time (s) "', '"Time (s)"')}))
    check(recording.streams[0], motion)
    assert "gyroscope (50.0 Hz)" in texts(recording)


def test_sets_put_together_on_ios_name_the_axes_only(tmp_path):
    motion = turning()

    def bare(values, unit):
        return phyphox_set({"Time (s)": motion.time_s, **{f"{a} ({unit})": values[:, i] for i, a in enumerate("XYZ")}})

    files = {
        "Accelerometer.csv": bare(motion.force, "m/s^2"),
        "Linear Accelerometer.csv": bare(motion.user, "m/s^2"),
        "Gyroscope.csv": bare(motion.gyr, "rad/s"),
        "Magnetometer.csv": bare(30 + motion.gyr, "µT"),
    }
    check(read(write_zip(tmp_path / "x.zip", files | phyphox_meta())).streams[0], motion)
    del files["Accelerometer.csv"]
    with pytest.raises(FormatError, match="Linear acceleration is without gravity"):
        read(write_zip(tmp_path / "y.zip", files | phyphox_meta()))


def test_androids_gravity_set_is_not_the_accelerometer(tmp_path):
    # Its columns are called Acceleration too; only the set's name tells.
    motion = turning()
    files = export(motion) | {"Gravity.csv": phyphox_acceleration(motion, values=G * motion.up)}
    check(read(write_zip(tmp_path / "x.zip", files)).streams[0], motion)
    del files["Accelerometer.csv"]
    with pytest.raises(FormatError, match="no accelerometer"):
        read(write_zip(tmp_path / "y.zip", files))


def test_linear_acceleration_alone_is_refused_with_a_remedy(tmp_path):
    motion = turning()
    text = phyphox_acceleration(motion, what="Linear Acceleration", values=motion.user)
    path = tmp_path / "linear.csv"
    path.write_text(text)
    for source in (path, write_zip(tmp_path / "x.zip", {"Raw Data.csv": text} | phyphox_meta())):
        assert sniff(source)
        with pytest.raises(FormatError, match="without gravity") as caught:
            read(source)
        assert "Acceleration (with g)" in caught.value.remedy and source.name in caught.value.where


def test_linear_acceleration_and_gravity_make_up_the_force(tmp_path):
    motion = turning()
    files = {
        "Linear Acceleration.csv": phyphox_acceleration(motion, what="Linear Acceleration", values=motion.user),
        "Gravity.csv": phyphox_acceleration(motion, values=G * motion.up),
    }
    recording = read(write_zip(tmp_path / "x.zip", files | phyphox_meta()))
    check(recording.streams[0], motion)
    assert "gravity from Gravity.csv added to Linear Acceleration.csv" in texts(recording)


def test_linear_acceleration_that_only_calls_itself_acceleration(tmp_path):
    motion = turning()
    path = tmp_path / "x.csv"
    path.write_text(phyphox_acceleration(motion, values=motion.user + 0.01))
    with pytest.raises(UnitError) as caught:
        read(path)
    assert "gravity included" in str(caught.value)


def test_pauses_are_gaps(tmp_path):
    motion = turning(seconds=6)
    events = ((0.0, 0.0), (2.005, 2.005), (2.005, 12.005), (4.005, 14.005), (4.005, 15.005), (6.0, 17.0))
    for dialect in ("comma", "tab comma"):
        recording = read(write_zip(tmp_path / "x.zip", export(motion, dialect, events=events)))
        time = recording.streams[0].time_s
        assert recording.duration_s == pytest.approx(5.98 + 11.0, abs=0.02)
        assert not ((time > 2.01) & (time < 12.0)).any() and not ((time > 14.01) & (time < 15.0)).any()
        assert "2 pause(s), 11.0 s in all" in texts(recording) and "2 gap(s)" in texts(recording)
        np.testing.assert_allclose(recording.streams[0].acc_mps2[:200], motion.force[:200], atol=1e-4)


@pytest.mark.parametrize(
    "text",
    [
        '"event","experiment time","system time","system time text"\n"START",zero,1,"x"\n',
        '"event","experiment time"\n"START",0\n',
        '"event","experiment time","system time"\n"START",0.0,1780000000\n"START",5.0,1770000000\n',
    ],
)
def test_a_damaged_time_table_costs_the_date_only(tmp_path, text):
    motion = turning()
    recording = read(write_zip(tmp_path / "x.zip", export(motion) | {"meta/time.csv": text}))
    assert recording.start_unix_s is None and "start and pauses are unknown" in texts(recording)
    check(recording.streams[0], motion)


def test_columns_that_ended_early_are_left_out(tmp_path):
    motion = turning()
    columns = {
        "Time (s)": motion.time_s,
        **{f"Acceleration {a} (m/s^2)": motion.force[:, i] for i, a in enumerate("xyz")},
    }
    columns["Acceleration z (m/s^2)"] = columns["Acceleration z (m/s^2)"][:-7]
    for missing in ("NaN", '""'):
        recording = read(write_zip(tmp_path / "x.zip", {"Raw Data.csv": phyphox_set(columns, missing=missing)}))
        assert len(recording.streams[0]) == len(motion.time_s) - 7
        assert "7 of 600 rows with a missing value left out" in texts(recording)


def test_folder_and_nested_folder(tmp_path):
    motion = turning()
    folder = write_folder(tmp_path / "walk", export(motion))
    assert sniff(folder)
    check(read(folder).streams[0], motion)
    check(read(write_zip(tmp_path / "x.zip", export(motion), "walk/")).streams[0], motion)


def test_a_folder_of_single_exports_is_not_one_recording(tmp_path):
    files = {name: phyphox_acceleration(at_rest(seconds=1)) for name in ("walk.csv", "run.csv")}
    assert not sniff(write_folder(tmp_path / "many", files))
    assert not sniff(write_zip(tmp_path / "many.zip", {f"{d}/Raw Data.csv": files["run.csv"] for d in "ab"}))


def test_excel_is_refused_with_the_remedy(tmp_path):
    old, new = tmp_path / "x.xls", tmp_path / "x.xlsx"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500))
    new.write_bytes(zip_bytes({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}))
    for path in (old, new):
        assert sniff(path)
        with pytest.raises(FormatError, match="Excel") as caught:
            read(path)
        assert "choose CSV" in caught.value.remedy


def test_a_saved_state_is_not_an_export(tmp_path):
    files = {"experiment.phyphox": "<x/>", "data/index.csv": '"container"\n', "meta/state.csv": '"property","value"\n'}
    path = write_zip(tmp_path / "state.zip", files)
    assert sniff(path)
    with pytest.raises(FormatError, match="saved state") as caught:
        read(path)
    assert "Export Data" in caught.value.remedy


def test_no_accelerometer_missing_axis_missing_time(tmp_path):
    motion = turning()
    with pytest.raises(FormatError, match="no accelerometer"):
        read(write_zip(tmp_path / "g.zip", {"Gyroscope.csv": phyphox_gyroscope(motion)} | phyphox_meta()))
    text = phyphox_acceleration(motion)
    with pytest.raises(FormatError, match="not all three axes") as caught:
        read(
            write_zip(tmp_path / "a.zip", {"Raw Data.csv": text.replace("Acceleration y", "Depth y")} | phyphox_meta())
        )
    assert "Raw Data.csv" in caught.value.where
    with pytest.raises(FormatError, match="no time stamps"):
        read(write_zip(tmp_path / "t.zip", {"Raw Data.csv": text.replace("Time (s)", "Frame")}), format="phyphox")


def test_empty_set_beside_a_full_one(tmp_path):
    motion = turning()
    files = export(motion) | {"Gyroscope.csv": phyphox_gyroscope(motion).splitlines()[0] + "\n"}
    recording = read(write_zip(tmp_path / "x.zip", files))
    assert recording.streams[0].gyr_radps is None and "Gyroscope.csv has no rows" in texts(recording)
    check(recording.streams[0], motion)


def test_sniffing_is_honest_and_never_raises(tmp_path):
    (tmp_path / "a.csv").write_text("time,seconds_elapsed,z,y,x\n1,2,3,4,5\n")
    (tmp_path / "b.csv").write_text("dear diary\n")
    (tmp_path / "c.bin").write_bytes(bytes(range(256)))
    (tmp_path / "d.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "e.xlsx").write_bytes(b"PK\x03\x04")
    write_zip(tmp_path / "f.zip", {"letter.txt": "dear"})
    paths = [*sorted(tmp_path.iterdir()), tmp_path, tmp_path / "is not there"]
    assert [sniff(path) for path in paths] == [False] * len(paths)
