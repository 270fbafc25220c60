from __future__ import annotations

import zipfile

import numpy as np
import pytest
from table_files import motion, table_text, write_table, xyz

from anywear.errors import FormatError, UsageError
from anywear.io import list_recordings, read_many, write
from anywear.recording import Recording

TIME, ACC, GYR = motion()
COLUMNS = {"time": TIME, **xyz("acc_{}", ACC), **xyz("gyr_{}", GYR)}


def sensor_logger_file(values) -> str:
    stamps = TIME * 1e9 + 1.7e18
    return table_text({"time": stamps, "seconds_elapsed": TIME, **{axis: values[:, k] for k, axis in enumerate("zyx")}})


@pytest.fixture
def folder(tmp_path):
    """Good and damaged recordings of several formats beside things that are none."""
    top = tmp_path / "study"
    (top / "day 2" / "session").mkdir(parents=True)
    (top / ".git").mkdir()
    write_table(top / "a.csv", COLUMNS)
    write_table(top / "day 2" / "b.tsv", COLUMNS, delimiter="\t")
    np.save(top / "c.npy", np.c_[TIME, ACC])
    export = top / "day 2" / "session" / "walk"
    export.mkdir()
    (export / "TotalAcceleration.csv").write_text(sensor_logger_file(ACC))
    (export / "Gyroscope.csv").write_text(sensor_logger_file(GYR))
    (export / "Metadata.csv").write_text("version,device name,platform,standardisation\n3,Pixel,android,false\n")
    (top / "bad.csv").write_text("Dear diary,\ntoday\n")
    (top / "bad.zip").write_bytes(b"PK\x03\x04" + bytes(30))
    (top / "empty.csv").write_bytes(b"")
    for name in ("README.md", "LICENSE", "setup.png", ".hidden.csv", "notes.pdf", ".git/config", "blob.bin"):
        (top / name).write_bytes(b"\x89PNG\x00 something")
    (top / "gone.csv").symlink_to(top / "nowhere.csv")
    return top


def test_a_damaged_file_costs_nothing_else(folder):
    results = {path.relative_to(folder).as_posix(): result for path, result in read_many(folder)}
    good = {name for name, result in results.items() if isinstance(result, Recording)}
    assert good == {"a.csv", "c.npy", "day 2/b.tsv", "day 2/session/walk"}
    bad = {name: result for name, result in results.items() if name not in good}
    assert set(bad) == {"bad.csv", "bad.zip", "empty.csv"}
    for name, error in bad.items():
        assert isinstance(error, FormatError) and error.remedy
        assert name in error.where
    assert results["day 2/session/walk"].reader == "sensor-logger"
    assert results["day 2/session/walk"].streams[0].gyr_radps is not None


def test_what_was_skipped_is_listed(folder):
    listing = list_recordings(folder)
    skipped = {path.relative_to(folder).as_posix(): reason for path, reason in listing.skipped}
    assert skipped == {
        ".git": "hidden",
        ".hidden.csv": "hidden",
        "LICENSE": "not data",
        "README.md": "not data",
        "blob.bin": "no known format",
        "gone.csv": "a link to nothing",
        "notes.pdf": "not data",
        "setup.png": "not data",
    }
    assert [p.name for p in listing.recordings] == [
        "a.csv",
        "bad.csv",
        "bad.zip",
        "c.npy",
        "b.tsv",
        "walk",
        "empty.csv",
    ]


def test_an_export_is_one_recording(folder):
    export = folder / "day 2" / "session" / "walk"
    for path in (export, export.parent):
        assert [p for p, _ in read_many(path)] == [export]


def test_a_file_stands_for_itself(folder):
    ((path, recording),) = read_many(folder / "a.csv", placement="left_wrist")
    assert path == folder / "a.csv" and recording.streams[0].placement.name == "left_wrist"


def test_a_sensor_logger_zip_among_tables(tmp_path):
    write_table(tmp_path / "a.csv", COLUMNS)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as bundle:
        bundle.writestr("TotalAcceleration.csv", sensor_logger_file(ACC))
    write(next(iter(read_many(tmp_path / "a.csv")))[1], tmp_path / "c.anywear.parquet")
    assert [type(result) for _, result in read_many(tmp_path)] == [Recording] * 3


def test_options_reach_every_file(tmp_path):
    for name in "ab":
        write_table(tmp_path / f"{name}.csv", xyz("acc_{}", ACC))
    assert all(isinstance(result, FormatError) for _, result in read_many(tmp_path))
    assert all(result.streams[0].nominal_rate_hz == 50 for _, result in read_many(tmp_path, rate_hz=50))


def test_a_format_by_name_takes_every_file(tmp_path):
    write_table(tmp_path / "a.xyz", COLUMNS)
    write_table(tmp_path / "b.md", COLUMNS)
    assert [path.name for path, _ in read_many(tmp_path, format="csv")] == ["a.xyz"]


def test_folders_without_recordings(tmp_path):
    with pytest.raises(FormatError, match="no recordings") as caught:
        read_many(tmp_path)
    assert caught.value.got == "nothing" and caught.value.remedy
    (tmp_path / "README.md").write_text("hello")
    with pytest.raises(FormatError, match="no recordings") as caught:
        read_many(tmp_path)
    assert "README.md (not data)" in caught.value.got
    with pytest.raises(FormatError, match="no such folder"):
        read_many(tmp_path / "absent")
    with pytest.raises(UsageError, match="Unknown format"):
        read_many(tmp_path, format="csvv")


def test_real_clips_in_a_folder(dataset_root, tmp_path):
    for path in sorted((dataset_root("imu-digits") / "data").glob("*.csv"))[:5]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "cut.csv").write_bytes(path.read_bytes()[:3000])
    (tmp_path / "zzz.csv").write_bytes(path.read_bytes()[:200])
    results = [result for _, result in read_many(tmp_path)]
    assert [type(r).__name__ for r in results] == ["Recording"] * 6 + ["EmptyTableError"]
    assert any("cut off" in note.text for note in results[0].notes)
