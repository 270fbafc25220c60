"""Whatever is wrong with a file, the outcome is a valid recording or an AnywearError, never another exception."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from table_files import motion, table_text, xyz

from anywear.errors import AnywearError
from anywear.io import READERS, read, write
from anywear.recording import Recording

TIME, ACC, GYR = motion(60)
COLUMNS = {"time": TIME, **xyz("acc_{}", ACC), **xyz("gyr_{}", GYR)}
LABELLED = {**COLUMNS, "label": ["walk"] * 30 + ["sit"] * 30}
DATES = {"date": [f"2024-05-01T10:00:{t:09.6f}" for t in TIME], **xyz("acc_{}", ACC)}

few = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def outcome(path, **options) -> Recording | AnywearError:
    try:
        recording = read(path, **options)
    except AnywearError as error:
        assert error.what and (path.name in (error.where or "") or "--" in (error.where or ""))
        return error
    assert isinstance(recording, Recording)
    for stream in recording.streams:
        assert len(stream) >= 2 and (np.diff(stream.time_s) > 0).all()
        assert np.isfinite(stream.acc_mps2).all()
    return recording


def parquet_bytes(columns) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, compression="none")
    return out.getvalue()


def npy_bytes(array) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def npz_bytes(**arrays) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


class Files(dict):
    def __repr__(self) -> str:
        return f"files {', '.join(self)}"  # the bytes would fill the report of a failure


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> dict[str, bytes]:
    """One good file of every kind, by suffix."""
    folder = tmp_path_factory.mktemp("good")
    (folder / "walk.csv").write_text(table_text(LABELLED))
    write(read(folder / "walk.csv"), folder / "walk.parquet")
    return Files(
        {
            "comma.csv": table_text(LABELLED).encode(),
            "semicolon.csv": table_text(LABELLED, ";", ",").encode(),
            "blanks.txt": table_text(COLUMNS, "  ", header=False).encode(),
            "tabs16.tsv": table_text(LABELLED, "\t").encode("utf-16"),
            "dates.csv": table_text(DATES).encode(),
            "table.parquet": parquet_bytes(COLUMNS),
            "own.parquet": (folder / "walk.parquet").read_bytes(),
            "one.npy": npy_bytes(np.c_[TIME, ACC, GYR]),
            "many.npz": npz_bytes(time=TIME, acc=ACC, gyr=GYR),
        }
    )


KINDS = [
    "comma.csv", "semicolon.csv", "blanks.txt", "tabs16.tsv", "dates.csv", "table.parquet", "own.parquet",
    "one.npy", "many.npz",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_undamaged_files_are_recordings(good, tmp_path, kind):
    (tmp_path / kind).write_bytes(good[kind])
    assert isinstance(outcome(tmp_path / kind), Recording)


@pytest.mark.parametrize("kind", KINDS)
def test_truncated_files(good, tmp_path, kind):
    content = good[kind]
    rng = np.random.default_rng(1)
    for length in {0, 1, 4, len(content) - 1, *rng.integers(0, len(content), 30).tolist()}:
        (tmp_path / kind).write_bytes(content[:length])
        outcome(tmp_path / kind)


@few
@given(st.data())
def test_flipped_bits(good, tmp_path, data):
    kind = data.draw(st.sampled_from(KINDS))
    content = bytearray(good[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= 1 << data.draw(st.integers(0, 7))
    (tmp_path / kind).write_bytes(bytes(content))
    outcome(tmp_path / kind)


@few
@given(st.data())
def test_pieces_cut_out_put_in_or_repeated(good, tmp_path, data):
    kind = data.draw(st.sampled_from(KINDS))
    content = good[kind]
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 200)))
    middle = data.draw(st.one_of(st.binary(max_size=20), st.just(content[start:end] * 2)))
    (tmp_path / kind).write_bytes(content[:start] + middle + content[end:])
    outcome(tmp_path / kind)


@few
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(lambda text: text.encode("utf-8", errors="replace")),
        st.text(alphabet="0123456789.,;:-+eE \t\n\r\"'#xyzacgt_", max_size=300).map(str.encode),
    ),
    st.sampled_from(["a.csv", "a.txt", "a.parquet", "a.npy", "a.npz", "a.zip", "a"]),
)
def test_random_content(tmp_path, content, name):
    (tmp_path / name).write_bytes(content)
    outcome(tmp_path / name)
    for reader in ("csv", "numpy", "anywear"):
        outcome(tmp_path / name, format=reader)


cells = st.one_of(
    st.floats(width=64).map(repr),
    st.integers(-(10**25), 10**25).map(str),
    st.sampled_from(
        ["", "nan", "inf", "-inf", "1e400", "1e-400", "-0", "9,81", "0x10", "10:00:00", "2024-01-01T00:00:00", "g"]
    ),
)
names = st.sampled_from(
    [
        "time",
        "t",
        "timestamp_ns",
        "index",
        "label",
        "x",
        "y",
        "z",
        "acc_time",
        "gravity_x",
        "gravity_y",
        "gravity_z",
        "",
    ]
    + [f"{kind}_{axis}" for kind in ("acc", "gyr", "g", "linear_acceleration", "left_wrist_acc") for axis in "xyz"]
    + ["acc_x [g]", "acc_y (m/s^2)", "Gyro Z (deg/s)", "userAcceleration.x"]
)


@few
@given(st.data(), st.sampled_from([None, 50.0]), st.sampled_from([None, "g,deg/s", "m/s2"]))
def test_odd_tables(tmp_path, data, rate_hz, units):
    header = data.draw(st.lists(names, min_size=2, max_size=9))
    rows = data.draw(st.lists(st.lists(cells, min_size=len(header), max_size=len(header)), min_size=1, max_size=12))
    text = "\n".join(";".join(row) for row in [header, *rows])
    (tmp_path / "odd.csv").write_text(text)
    outcome(tmp_path / "odd.csv", rate_hz=rate_hz, units=units)


@few
@given(st.data())
def test_odd_values_in_good_columns(tmp_path, data):
    """Complete sensors whose values are extreme, so that everything behind the parser is reached."""
    count = data.draw(st.integers(2, 12))
    values = st.one_of(st.floats(width=64), st.floats(-20, 20), st.just(float("nan")))
    stamps = st.one_of(st.floats(width=64), st.floats(0, 10), st.integers(0, 5).map(float))
    column = st.lists(values, min_size=count, max_size=count)
    table = {"time": data.draw(st.lists(stamps, min_size=count, max_size=count))}
    for name in ("acc", "gyr", "gravity")[: data.draw(st.integers(1, 3))]:
        table |= {f"{name}_{axis}": data.draw(column) for axis in "xyz"}
    array = np.array(list(table.values())).T
    pq.write_table(pa.table(table), tmp_path / "odd.parquet")
    outcome(tmp_path / "odd.parquet")
    outcome(tmp_path / "odd.parquet", rate_hz=20)
    np.savez(tmp_path / "odd.npz", **table)
    outcome(tmp_path / "odd.npz", units="g,deg/s")
    np.save(tmp_path / "odd.npy", array)
    outcome(tmp_path / "odd.npy")


@few
@given(st.text(max_size=40))
def test_any_text_as_columns(tmp_path, text):
    (tmp_path / "walk.csv").write_text(table_text(COLUMNS))
    outcome(tmp_path / "walk.csv", columns=text)


@pytest.mark.parametrize("name", sorted(READERS))
def test_sniffers_never_raise(good, tmp_path, name):
    sniff = READERS[name].sniff
    assert sniff(tmp_path / "absent") is False
    sniff(tmp_path)
    for kind, content in good.items():
        for length in (0, 3, 40, len(content) // 2, len(content)):
            (tmp_path / kind).write_bytes(content[:length])
            assert sniff(tmp_path / kind) in (True, False)
