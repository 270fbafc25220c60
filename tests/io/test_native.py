from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_files import motion, write_table, xyz

from anywear.errors import FormatError, UsageError
from anywear.io import native, read, write
from anywear.io.registry import ReadOptions
from anywear.placement import SITES, Mount, Placement
from anywear.recording import NOTE_KINDS, Note, Recording, Span, Stream


def a_recording() -> Recording:
    time, acc, gyr = motion()
    mount = Mount(outward_axis=(0, 0, 1), up_axis=(0, 1, 0), source="Wear OS: z leaves the glass")
    full = Mount(quat_segment_from_sensor=(0.0, 0.0, 0.6, 0.8))
    notes = (Note("converted", "acceleration from g to m/s2"), Note("repaired", "3 rows left out"))
    watch = Stream("watch", time, acc, gyr, Placement.at("left_wrist", mount), 52.0, notes)
    phone = Stream("phone", time[:101] * 0.5 + 0.007, -acc[:101], None, Placement("right_thigh", 0.3, 17.5, full))
    return Recording(
        (watch, phone),
        source="walk.zip",
        reader="sensor-logger",
        device="Pixel 4a",
        start_unix_s=1762436540.298,
        labels=(Span(0.0, 1.5, "walking"), Span(1.5, 2.25, "höhö \N{PILE OF POO}")),
        notes=(Note("assumed", "clocks agree"),),
        metadata={"subject": "s01", "": "empty key"},
    )


def assert_same(one: Recording, other: Recording) -> None:
    for name in ("source", "reader", "device", "start_unix_s", "labels", "notes"):
        assert getattr(one, name) == getattr(other, name), name
    assert dict(one.metadata) == dict(other.metadata)
    assert len(one.streams) == len(other.streams)
    for a, b in zip(one.streams, other.streams, strict=True):
        for name in ("name", "placement", "nominal_rate_hz", "notes"):
            assert getattr(a, name) == getattr(b, name), name
        assert a.time_s.tobytes() == b.time_s.tobytes()
        assert a.acc_mps2.tobytes() == b.acc_mps2.tobytes()
        assert (a.gyr_radps is None) == (b.gyr_radps is None)
        if a.gyr_radps is not None:
            assert a.gyr_radps.tobytes() == b.gyr_radps.tobytes()


def test_everything_survives(tmp_path):
    recording = a_recording()
    path = write(recording, tmp_path / "walk.anywear.parquet")
    assert_same(read(path), recording)
    assert_same(read(path, format="anywear"), recording)
    assert [p.name for p in tmp_path.iterdir()] == ["walk.anywear.parquet"]


numbers = st.floats(-1e3, 1e3, width=32)
words = st.text(max_size=12)
unit_axes = st.sampled_from([(0.0, 0.0, 1.0), (0.0, -1.0, 0.0), (0.6, 0.0, 0.8)])
mounts = st.builds(
    Mount,
    outward_axis=st.none() | unit_axes,
    up_axis=st.none() | unit_axes,
    quat_segment_from_sensor=st.none() | st.just((0.5, 0.5, -0.5, 0.5)),
    source=words,
)
placements = st.one_of(
    st.builds(Placement.at, st.sampled_from([*SITES, "unknown"]), mounts),
    st.builds(Placement, st.just("left_foot"), st.floats(0, 1), st.floats(-1e3, 1e3), mounts, st.none() | words),
)
all_notes = st.lists(st.builds(Note, st.sampled_from(NOTE_KINDS), words), max_size=3)


@st.composite
def streams(draw, name: str) -> Stream:
    count = draw(st.integers(2, 20))
    steps = draw(st.lists(st.floats(1e-4, 1e3), min_size=count, max_size=count))
    samples = st.lists(st.tuples(numbers, numbers, numbers), min_size=count, max_size=count).map(np.array)
    rate = draw(st.none() | st.floats(1, 1e4))
    time_s = np.cumsum(steps) + draw(st.floats(-1e6, 1e6))
    gyr = draw(st.none() | samples)
    return Stream(name, time_s, draw(samples), gyr, draw(placements), rate, tuple(draw(all_notes)))


@st.composite
def recordings(draw) -> Recording:
    names = draw(st.lists(words, min_size=1, max_size=3, unique=True))
    times = st.floats(allow_nan=False, allow_infinity=False)
    return Recording(
        tuple(draw(streams(name)) for name in names),
        source=draw(words),
        reader=draw(words),
        device=draw(st.none() | words),
        start_unix_s=draw(st.none() | times),
        labels=tuple(draw(st.lists(st.builds(Span, times, times, words), max_size=3))),
        notes=tuple(draw(all_notes)),
        metadata=draw(st.dictionaries(words, words, max_size=3)),
    )


@pytest.mark.filterwarnings("ignore:Do not use the `random`")  # beartype draws an item of each list to check
@given(recordings())
@settings(max_examples=60, deadline=None)
def test_any_recording_survives(tmp_path_factory, recording):
    path = tmp_path_factory.mktemp("native") / "any.parquet"
    assert_same(native.read_native(write(recording, path), ReadOptions()), recording)


def test_long_streams_come_in_groups_of_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(native, "GROUP_ROWS", 64)
    path = write(a_recording(), tmp_path / "walk.parquet")
    assert pq.ParquetFile(path).num_row_groups >= 7
    assert_same(read(path), a_recording())


def test_the_layout_is_plain_parquet(tmp_path):
    path = write(a_recording(), tmp_path / "walk.parquet")
    table = pq.read_table(path)
    assert table.column_names[:3] == ["stream", "time_s", "acc_x_mps2"]
    assert table.num_rows == 401
    assert table.column("gyr_x_radps").null_count == 101
    assert json.loads(table.schema.metadata[b"anywear"])["version"] == native.VERSION


def test_a_table_becomes_a_native_file(tmp_path):
    time, acc, gyr = motion()
    table = write_table(tmp_path / "walk.csv", {"time": time, **xyz("acc_{}", acc), **xyz("gyr_{}", gyr)})
    recording = read(table, placement="left_wrist")
    assert_same(read(write(recording, tmp_path / "walk.parquet")), recording)


def test_a_newer_version_is_refused(tmp_path):
    path = write(a_recording(), tmp_path / "walk.parquet")
    table = pq.read_table(path)
    facts = json.loads(table.schema.metadata[b"anywear"])
    facts["version"] = native.VERSION + 1
    pq.write_table(table.replace_schema_metadata({b"anywear": json.dumps(facts)}), path)
    with pytest.raises(FormatError, match="another version") as caught:
        read(path)
    assert "version 2" in caught.value.got and "Update anywear" in caught.value.remedy


@pytest.mark.parametrize(
    "change",
    [
        lambda facts: facts.pop("streams"),
        lambda facts: facts["streams"][0].update(samples=7),
        lambda facts: facts["streams"].reverse(),
        lambda facts: facts["streams"][0].update(placement="wrist"),
        lambda facts: facts["streams"][0]["placement"].update(segment="tail"),
        lambda facts: facts["streams"][0].update(name="phone"),
        lambda facts: facts["streams"][1].update(has_gyr=True),
        lambda facts: facts["labels"].append([1, "x"]),
        lambda facts: facts["notes"].append(["guessed", "x"]),
        lambda facts: facts.update(metadata=[1]),
    ],
)
def test_facts_that_contradict_the_rows(tmp_path, change):
    from anywear.errors import AnywearError

    path = write(a_recording(), tmp_path / "walk.parquet")
    table = pq.read_table(path)
    facts = json.loads(table.schema.metadata[b"anywear"])
    change(facts)
    pq.write_table(table.replace_schema_metadata({b"anywear": json.dumps(facts)}), path)
    with pytest.raises(AnywearError):
        read(path)


def test_a_parquet_of_somebody_else(tmp_path):
    path = write(a_recording(), tmp_path / "walk.parquet")
    pq.write_table(pq.read_table(path).replace_schema_metadata({}), path)
    with pytest.raises(FormatError, match="not written by anywear") as caught:
        read(path, format="anywear")
    assert "--format csv" in caught.value.remedy


def test_options_that_mean_nothing_are_said(tmp_path):
    path = write(a_recording(), tmp_path / "walk.parquet")
    recording = read(path, units="g", rate_hz=50)
    assert [str(n) for n in recording.notes[-2:]] == [
        "detected: --units was not used: it is settled in anywear's own format",
        "detected: --rate was not used: it is settled in anywear's own format",
    ]


def test_nothing_is_left_of_a_failed_write(tmp_path, monkeypatch):
    path = tmp_path / "walk.parquet"
    write(a_recording(), path)
    before = path.read_bytes()
    monkeypatch.setattr(native, "_rows", lambda *args: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(UsageError, match="cannot be written") as caught:
        write(a_recording(), path)
    assert "No space left" in caught.value.got
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["walk.parquet"]


@pytest.mark.parametrize("name", ["walk.csv", "walk", "folder.parquet", "absent/walk.parquet"])
def test_places_that_cannot_be_written(tmp_path, name):
    (tmp_path / "folder.parquet").mkdir()
    with pytest.raises(UsageError) as caught:
        write(a_recording(), tmp_path / name)
    assert caught.value.remedy and Path(name).name in caught.value.where


@pytest.mark.skipif(os.name != "posix", reason="rights of files are of POSIX")
def test_a_recording_is_as_readable_as_any_file(tmp_path):
    (tmp_path / "plain").write_text("")
    path = write(a_recording(), tmp_path / "walk.parquet")
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode
