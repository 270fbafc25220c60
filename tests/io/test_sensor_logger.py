from __future__ import annotations

import numpy as np
import pytest
from app_files import (
    START_NS,
    G,
    airpods,
    android,
    annotations,
    apple_watch,
    at_rest,
    iphone,
    metadata,
    stamps_ns,
    table,
    texts,
    turning,
    wear_os,
    write_folder,
    write_zip,
    xyz,
)

from anywear.errors import AnywearError, FormatError, UnitError
from anywear.io import read
from anywear.io.sensor_logger import sniff

META_IOS = {"Metadata.csv": metadata("ios", False)}


def check_turning(stream, motion, *, tolerance=0.02):
    """The stream is the motion: specific force, and a gyroscope that turns gravity the right way round."""
    inside = (motion.time_s >= stream.time_s[0] - 1e-6) & (motion.time_s <= stream.time_s[-1] + 1e-6)
    truth = motion.force[inside]
    assert len(stream) == len(truth)
    np.testing.assert_allclose(stream.acc_mps2, truth, atol=tolerance)
    np.testing.assert_allclose(stream.gyr_radps, motion.gyr[inside], atol=1e-3)
    # d(up)/dt = -gyr x up: holds for the right signs of acceleration and rate, and only for them.
    quiet = stream.acc_mps2[stream.time_s < 1.9].astype(float)
    change = (quiet[-1] - quiet[0]) / (stream.time_s[len(quiet) - 1] - stream.time_s[0])
    told = -np.cross(stream.gyr_radps[: len(quiet)], quiet).mean(axis=0)
    np.testing.assert_allclose(change, told, atol=0.05 * np.linalg.norm(told))
    assert quiet[0] @ [0, 0, 1] == pytest.approx(G, abs=0.1)  # it began flat on its back


LAYOUTS = {
    "android": lambda m: android(m),
    "android with gravity": lambda m: android(m, gravity=True),
    "iphone": lambda m: iphone(m),
    "iphone standardised": lambda m: iphone(m, standardised=True),
    "iphone uncalibrated": lambda m: iphone(m, uncalibrated_only=True),
    "iphone uncalibrated standardised": lambda m: iphone(m, standardised=True, uncalibrated_only=True),
    "apple watch": lambda m: META_IOS | apple_watch(m),
    "apple watch standardised": lambda m: {"Metadata.csv": metadata("ios", True)} | apple_watch(m, standardised=True),
    "apple watch not reached by the setting": lambda m: {"Metadata.csv": metadata("ios", True)} | apple_watch(m),
    "apple watch, no metadata": lambda m: apple_watch(m),
    "apple watch standardised, no metadata": lambda m: apple_watch(m, standardised=True),
    "airpods": lambda m: META_IOS | airpods(m),
    "airpods standardised": lambda m: {"Metadata.csv": metadata("ios", True)} | airpods(m, standardised=True),
    "wear os": lambda m: {"Metadata.csv": metadata("android", False)} | wear_os(m),
    "wear os, no total": lambda m: {k: v for k, v in wear_os(m).items() if "Total" not in k},
    "iphone, no metadata": lambda m: {k: v for k, v in iphone(m).items() if k != "Metadata.csv"},
    "android, no metadata": lambda m: {k: v for k, v in android(m).items() if k != "Metadata.csv"},
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_motion(tmp_path, layout):
    motion = turning()
    path = write_zip(tmp_path / "walk.zip", LAYOUTS[layout](motion))
    assert sniff(path)
    recording = read(path)
    assert recording.reader == "sensor-logger" and recording.source == "walk.zip"
    (stream,) = recording.streams
    check_turning(stream, motion)
    assert recording.start_unix_s == pytest.approx(START_NS / 1e9, abs=1e-3)
    assert stream.time_s[0] == pytest.approx(0, abs=0.011)
    assert stream.effective_rate_hz == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("up", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, -1), (-1, 2, 2)])
@pytest.mark.parametrize("layout", ["android", "iphone", "iphone uncalibrated", "apple watch", "airpods"])
def test_at_rest_up_reads_plus_one_g(tmp_path, layout, up):
    motion = at_rest(up, seconds=3)
    stream = read(write_zip(tmp_path / "rest.zip", LAYOUTS[layout](motion))).streams[0]
    np.testing.assert_allclose(stream.acc_mps2, motion.force[: len(stream)], atol=1e-4)
    assert np.linalg.norm(stream.acc_mps2.mean(axis=0)) == pytest.approx(G, abs=1e-3)


def test_phone_watch_and_earbud_share_a_clock(tmp_path):
    phone, watch, ear = turning(), turning(rate_hz=50, start_s=1.5, seconds=4), turning(rate_hz=25, start_s=0.5)
    files = iphone(phone) | apple_watch(watch) | airpods(ear, side="right")
    recording = read(write_folder(tmp_path / "all", files))
    assert [s.name for s in recording.streams] == ["phone", "watch", "headphones"]
    for stream, motion in zip(recording.streams, (phone, watch, ear), strict=True):
        check_turning(stream, motion)
        assert stream.time_s[0] == pytest.approx(motion.time_s[0], abs=0.011)
    assert recording.stream("watch").effective_rate_hz == pytest.approx(50, abs=0.1)
    assert recording.stream("watch").nominal_rate_hz == 50 and recording.stream("phone").nominal_rate_hz == 100
    assert recording.stream("headphones").placement.site == "right_ear"
    assert not recording.stream("phone").placement.is_known
    assert not recording.stream("watch").placement.is_known and "which wrist" in texts(recording)


def test_what_is_told_about_the_device(tmp_path):
    recording = read(write_zip(tmp_path / "x.zip", iphone(at_rest())))
    assert recording.device == "Anna's iPhone, ios 17.2, Sensor Logger 1.50"
    assert recording.metadata["platform"] == "ios" and "device id" not in recording.metadata
    notes = texts(recording)
    assert "platform ios, units and frames not standardised" in notes
    assert "gravity from Gravity.csv added to Accelerometer.csv" in notes
    assert "signs of all three acceleration axes turned" in notes


def test_conversions_are_noted_only_where_they_were_done(tmp_path):
    notes = texts(read(write_zip(tmp_path / "a.zip", android(at_rest()))))
    assert "turned" not in notes and "added" not in notes and "TotalAcceleration.csv" in notes
    notes = texts(read(write_zip(tmp_path / "w.zip", META_IOS | apple_watch(at_rest()))))
    assert "from g to m/s2" in notes and "turned" in notes
    notes = texts(read(write_zip(tmp_path / "n.zip", {k: v for k, v in iphone(at_rest()).items() if "Meta" not in k})))
    assert "assumed: no platform in Metadata.csv; taken for ios" in notes


def test_gravity_at_another_rate_is_brought_to_the_accelerometers_clock(tmp_path):
    motion, slow = turning(), turning(rate_hz=37, start_s=-0.02, seconds=6.2)
    files = iphone(motion)
    angle_of_slow = 0.8 * slow.time_s
    up = np.stack([0 * angle_of_slow, np.sin(angle_of_slow), np.cos(angle_of_slow)], axis=1)
    files["Gravity.csv"] = xyz(slow.time_s, -G * up)
    stream = read(write_zip(tmp_path / "x.zip", files)).streams[0]
    np.testing.assert_allclose(stream.acc_mps2, motion.force[: len(stream)], atol=0.02)


def test_nothing_is_made_up_where_gravity_has_a_hole(tmp_path):
    motion = at_rest(seconds=10)
    files = iphone(motion)
    kept = (motion.time_s < 3) | (motion.time_s > 6)
    files["Gravity.csv"] = xyz(motion.time_s[kept], -G * motion.up[kept])
    recording = read(write_zip(tmp_path / "x.zip", files))
    stream = recording.streams[0]
    assert not ((stream.time_s > 3.01) & (stream.time_s < 5.99)).any()
    np.testing.assert_allclose(stream.acc_mps2, motion.force[: len(stream)], atol=1e-4)
    assert "acceleration(s) left out where gravity has no samples" in texts(recording)


@pytest.mark.parametrize("prefix", ["export/", "2026-05-28_20-26-40/inner/"])
def test_a_folder_inside_the_zip_does_not_matter(tmp_path, prefix):
    motion = turning()
    check_turning(read(write_zip(tmp_path / "x.zip", iphone(motion), prefix)).streams[0], motion)


def test_several_recordings_are_not_mixed(tmp_path):
    files = {f"{day}/{name}": text for day in ("mon", "tue") for name, text in iphone(at_rest(seconds=1)).items()}
    path = write_zip(tmp_path / "two.zip", files)
    with pytest.raises(FormatError, match="several recordings") as caught:
        read(path, format="sensor-logger")
    assert "mon, tue" in str(caught.value)
    assert not sniff(path)


def test_one_csv_by_itself_knows_the_metadata_beside_it(tmp_path):
    motion = turning()
    folder = write_folder(tmp_path / "x", iphone(motion) | apple_watch(motion))
    recording = read(folder / "WristMotion.csv")
    assert [s.name for s in recording.streams] == ["watch"]
    check_turning(recording.streams[0], motion)
    assert recording.device and "platform ios" in texts(recording)
    with pytest.raises(FormatError, match=r"Accelerometer\.csv is without gravity") as caught:
        read(folder / "Accelerometer.csv", format="sensor-logger")
    assert "whole zip or folder" in str(caught.value)


@pytest.mark.parametrize("platform", ["ios", "android"])
def test_acceleration_without_gravity_is_refused_with_a_remedy(tmp_path, platform):
    motion = turning()
    files = {"Metadata.csv": metadata(platform, False), "Accelerometer.csv": xyz(motion.time_s, motion.user)}
    with pytest.raises(FormatError, match="without gravity") as caught:
        read(write_zip(tmp_path / "x.zip", files))
    assert "switch Gravity on" in caught.value.remedy and "x.zip" in caught.value.where


def test_a_walk_without_gravity_is_not_taken_for_g(tmp_path):
    # User acceleration of a walk has a median near 1 m/s2: as a bare number it looks like gravity in g.
    time = np.arange(1000) / 100
    user = np.stack([np.sin(12 * time), np.cos(12 * time), 0.3 * np.sin(24 * time)], axis=1)
    for name in ("Accelerometer.csv", "WatchAccelerometer.csv"):
        files = META_IOS | {name: xyz(time, user)}
        with pytest.raises(FormatError, match="without gravity"):
            read(write_zip(tmp_path / "x.zip", files))
    loud = META_IOS | {"Accelerometer.csv": xyz(time, 9.5 * user)}
    with pytest.raises(FormatError, match="without gravity"):
        read(write_zip(tmp_path / "x.zip", loud))


def test_a_device_that_cannot_take_gravity_out(tmp_path):
    motion = turning()
    files = {"Metadata.csv": metadata("android", False), "Accelerometer.csv": xyz(motion.time_s, motion.force)}
    recording = read(write_zip(tmp_path / "x.zip", files))
    np.testing.assert_allclose(recording.streams[0].acc_mps2, motion.force, atol=1e-4)
    assert "holds gravity" in texts(recording)
    files["Gravity.csv"] = xyz(motion.time_s, G * motion.up)
    recording = read(write_zip(tmp_path / "x.zip", files))
    np.testing.assert_allclose(recording.streams[0].acc_mps2, motion.force, atol=1e-4)
    assert "holds gravity already" in texts(recording)


def test_a_watch_accelerometer_in_g_with_gravity(tmp_path):
    motion = turning()
    files = META_IOS | {"WatchAccelerometer.csv": xyz(motion.time_s, -motion.force / G)}
    np.testing.assert_allclose(read(write_zip(tmp_path / "x.zip", files)).streams[0].acc_mps2, motion.force, atol=1e-4)


def test_one_device_without_gravity_does_not_spoil_the_other(tmp_path):
    motion = turning()
    files = META_IOS | {"Accelerometer.csv": xyz(motion.time_s, motion.user)} | apple_watch(motion)
    recording = read(write_zip(tmp_path / "x.zip", files))
    assert [s.name for s in recording.streams] == ["watch"]
    assert "phone left out: Accelerometer.csv is without gravity" in texts(recording)


def test_files_that_contradict_each_other(tmp_path):
    motion = turning()
    files = android(motion) | {"Gravity.csv": xyz(motion.time_s, -G * motion.up)}
    with pytest.raises(UnitError, match="opposite directions"):
        read(write_zip(tmp_path / "x.zip", files))


def test_an_android_file_in_g_is_refused_unless_the_user_says_so(tmp_path):
    motion = at_rest()
    files = {"Metadata.csv": metadata("android", False), "TotalAcceleration.csv": xyz(motion.time_s, motion.force / G)}
    path = write_zip(tmp_path / "x.zip", files)
    with pytest.raises(UnitError, match="cannot be in m/s2") as caught:
        read(path)
    assert "--units g" in caught.value.remedy
    np.testing.assert_allclose(read(path, units="g").streams[0].acc_mps2, motion.force, atol=1e-4)


def test_sensors_that_were_on_but_wrote_nothing(tmp_path):
    motion = turning()
    header = "time,seconds_elapsed,rotationRateX,gravityX,accelerationX\n"
    recording = read(write_zip(tmp_path / "x.zip", iphone(motion) | {"WristMotion.csv": header}))
    assert [s.name for s in recording.streams] == ["phone"]
    assert "WristMotion.csv has no rows" in texts(recording)


def test_an_accelerometer_that_was_on_but_wrote_nothing(tmp_path):
    files = iphone(at_rest(seconds=1))
    files["Accelerometer.csv"] = files["Accelerometer.csv"].splitlines()[0]
    with pytest.raises(FormatError, match=r"Accelerometer\.csv has no rows"):
        read(write_zip(tmp_path / "x.zip", files))


def test_values_that_are_all_missing(tmp_path):
    motion = at_rest(seconds=1)
    files = META_IOS | {"TotalAcceleration.csv": xyz(motion.time_s, np.full_like(motion.force, np.nan))}
    with pytest.raises(FormatError, match="no finite sample") as caught:
        read(write_zip(tmp_path / "x.zip", files))
    assert "x.zip, TotalAcceleration.csv" in caught.value.where and "--columns" not in caught.value.remedy


def test_without_a_gyroscope(tmp_path):
    files = {k: v for k, v in iphone(at_rest()).items() if k != "Gyroscope.csv"}
    assert read(write_zip(tmp_path / "x.zip", files)).streams[0].gyr_radps is None


def test_uncalibrated_gyroscope_when_there_is_no_other(tmp_path):
    motion = turning()
    files = iphone(motion)
    files["GyroscopeUncalibrated.csv"] = files.pop("Gyroscope.csv")
    recording = read(write_zip(tmp_path / "x.zip", files))
    check_turning(recording.streams[0], motion)
    assert "GyroscopeUncalibrated.csv" in texts(recording)


def test_annotations_become_labels(tmp_path):
    marks = [(1.0, "walking"), (3.0, ""), (4.0, "sitting on a chair")]
    recording = read(write_zip(tmp_path / "x.zip", iphone(at_rest(seconds=6)) | {"Annotation.csv": annotations(marks)}))
    spans = [(round(s.start_s, 3), round(s.end_s, 3), s.label) for s in recording.labels]
    assert spans == [(1.0, 3.0, "walking"), (4.0, 5.99, "sitting on a chair")]
    assert "each holds until the next one" in texts(recording)


def test_samples_from_before_the_start_are_kept(tmp_path):
    motion = turning(start_s=-0.5)
    recording = read(write_zip(tmp_path / "x.zip", android(motion)))
    assert recording.start_unix_s == pytest.approx(START_NS / 1e9 - 0.5, abs=1e-3)
    assert len(recording.streams[0]) >= len(motion.time_s) - 2


def test_a_damaged_stamp_does_not_tear_the_clock(tmp_path):
    motion = at_rest(seconds=5)
    for wrong in (START_NS // 7, START_NS + 50_000_000_000_000, 12):
        stamps = stamps_ns(motion.time_s)
        stamps[200] = wrong
        x, y, z = motion.force.T
        text = table({"time": stamps, "seconds_elapsed": motion.time_s, "z": z, "y": y, "x": x})
        files = {"Metadata.csv": metadata("android", False), "TotalAcceleration.csv": text}
        recording = read(write_zip(tmp_path / "x.zip", files))
        assert len(recording.streams[0]) == len(motion.time_s) - 1
        assert recording.duration_s == pytest.approx(4.99, abs=1e-3)
        assert "1 stamp(s)" in texts(recording) and "left out" in texts(recording)


def test_stamps_in_another_unit(tmp_path):
    motion = turning()
    x, y, z = motion.force.T
    milliseconds = (stamps_ns(motion.time_s) // 10**6).astype(np.int64)
    text = table({"time": milliseconds, "seconds_elapsed": motion.time_s, "z": z, "y": y, "x": x})
    recording = read(write_zip(tmp_path / "x.zip", {"TotalAcceleration.csv": text}))
    assert recording.streams[0].effective_rate_hz == pytest.approx(100, abs=0.1)
    assert recording.start_unix_s is None and "not in nanoseconds" in texts(recording)


def test_options_without_meaning_are_named(tmp_path):
    recording = read(write_zip(tmp_path / "x.zip", iphone(at_rest())), rate_hz=50, columns="time=t")
    assert "--columns was not used" in texts(recording) and "--rate was not used" in texts(recording)


def test_placement_of_the_user(tmp_path):
    path = write_zip(tmp_path / "x.zip", iphone(at_rest()) | apple_watch(at_rest()))
    recording = read(path, placement="watch=left_wrist")
    assert recording.stream("watch").placement.site == "left_wrist"
    assert not recording.stream("phone").placement.is_known


def test_missing_columns_and_words_among_numbers(tmp_path):
    motion = at_rest(seconds=1)
    files = META_IOS | {"TotalAcceleration.csv": xyz(motion.time_s, motion.force).replace(",z,", ",q,", 1)}
    with pytest.raises(FormatError, match="Columns are missing") as caught:
        read(write_zip(tmp_path / "x.zip", files))
    assert "TotalAcceleration.csv" in caught.value.where
    lines = xyz(motion.time_s, motion.force).splitlines()
    lines[40] = lines[40].rsplit(",", 1)[0] + ",hello"
    with pytest.raises(FormatError, match="not a number") as caught:
        read(write_zip(tmp_path / "x.zip", META_IOS | {"TotalAcceleration.csv": "\n".join(lines)}))
    assert "row 40" in caught.value.where and "hello" in caught.value.got


def test_sniffing_is_honest_and_never_raises(tmp_path):
    assert sniff(write_folder(tmp_path / "good", iphone(at_rest(seconds=1))))
    phyphox = {"Accelerometer.csv": '"Time (s)","Acceleration x (m/s^2)"\n0,1\n'}
    foreign = [
        write_zip(tmp_path / "phyphox.zip", phyphox),
        write_zip(tmp_path / "letters.zip", {"letter.txt": "dear"}),
        write_folder(tmp_path / "letters", {"letter.txt": "dear"}),
        write_folder(tmp_path / "p", phyphox),
        write_folder(tmp_path / "p2", {"Accelerometer.csv": b"\x00\xff" * 100}) / "Accelerometer.csv",
        tmp_path / "is not there",
        tmp_path,
    ]
    assert [sniff(path) for path in foreign] == [False] * len(foreign)
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04....")
    assert sniff(tmp_path / "cut.zip")
    with pytest.raises(AnywearError, match="damaged or cut off"):
        read(tmp_path / "cut.zip")


def test_no_accelerometer_at_all(tmp_path):
    files = META_IOS | {"Gyroscope.csv": xyz(at_rest().time_s, at_rest().gyr), "Location.csv": "time,speed\n1,2\n"}
    with pytest.raises(FormatError, match="no accelerometer") as caught:
        read(write_zip(tmp_path / "x.zip", files))
    assert "Gyroscope" in caught.value.got and "TotalAcceleration.csv" in caught.value.expected
