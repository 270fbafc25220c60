from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from table_files import G, motion

from anywear.errors import FormatError, UnitError
from anywear.io import READERS, _tables, arrays, read

TIME, ACC, GYR = motion()


def notes(recording) -> str:
    return "\n".join(str(note) for _, note in recording.all_notes())


def saved(path: Path, **named) -> Path:
    np.savez(path, **named)
    return path


def single(path: Path, array) -> Path:
    np.save(path, array)
    return path


def assert_is_the_motion(stream, gyr: bool = True) -> None:
    np.testing.assert_allclose(stream.acc_mps2, ACC, atol=2e-4)
    np.testing.assert_allclose(stream.time_s, TIME, atol=1e-6)
    assert (stream.gyr_radps is not None) == gyr
    if gyr:
        np.testing.assert_allclose(stream.gyr_radps, GYR, atol=1e-4)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["<f4", "<f8", ">f4"])
def test_an_array_with_stamps_first(tmp_path, dtype, order):
    array = np.asarray(np.c_[TIME, ACC, GYR], dtype=dtype, order=order)
    recording = read(single(tmp_path / "walk.npy", array))
    assert_is_the_motion(recording.streams[0])
    assert recording.reader == "numpy"
    assert "column 0 of 7 rises: time stamps" in notes(recording)
    assert "assumed: columns of the array are acceleration x, y, z, then angular rate" in notes(recording)


def test_a_transposed_array_is_turned_and_said(tmp_path):
    recording = read(single(tmp_path / "walk.npy", np.c_[ACC, GYR].T), rate_hz=50)
    assert_is_the_motion(recording.streams[0])
    assert "array of shape (6, 300) transposed" in notes(recording)


def test_stamps_in_the_last_column(tmp_path):
    assert_is_the_motion(read(single(tmp_path / "walk.npy", np.c_[ACC, TIME * 1000])).streams[0], gyr=False)


def test_integers_in_milli_g(tmp_path):
    counts = np.round(ACC / G * 1000).astype(np.int16)
    recording = read(single(tmp_path / "walk.npy", counts), rate_hz=50)
    np.testing.assert_allclose(recording.streams[0].acc_mps2, ACC, atol=0.01)
    assert "from mg to m/s2" in notes(recording)


def test_named_columns_of_a_structured_array(tmp_path):
    array = np.zeros(300, dtype=[("t", "f8"), ("ax", "f4"), ("ay", "f4"), ("az", "f4")])
    array["t"] = TIME
    for axis, name in enumerate(("ax", "ay", "az")):
        array[name] = ACC[:, axis]
    assert_is_the_motion(read(single(tmp_path / "walk.npy", array)).streams[0], gyr=False)


def test_arrays_by_name(tmp_path):
    words = np.array(["walk"] * 200 + ["sit"] * 100)
    path = saved(tmp_path / "walk.npz", time=TIME * 1000, acc=ACC / G, gyroscope=np.rad2deg(GYR).T, label=words)
    recording = read(path)
    assert_is_the_motion(recording.streams[0])
    assert [span.label for span in recording.labels] == ["walk", "sit"]
    assert "array 'gyroscope' of shape (3, 300) transposed" in notes(recording)
    assert "ms elapsed" in notes(recording) and "from g to m/s2" in notes(recording)


def test_sensors_and_places_by_name(tmp_path):
    path = saved(
        tmp_path / "walk.npz",
        t=TIME,
        left_wrist_acc=ACC,
        chest_acc=-ACC,
        subject=np.array(["s1"]),
        odd=np.zeros((4, 4)),
    )
    recording = read(path)
    assert {s.name: s.placement.name for s in recording.streams} == {"left_wrist": "left_wrist", "chest": "chest"}
    assert "arrays not used: odd, subject" in notes(recording)


def test_a_rate_in_the_file(tmp_path):
    recording = read(saved(tmp_path / "walk.npz", acc=ACC, gyr=GYR, fs=50))
    assert_is_the_motion(recording.streams[0])
    assert "50 samples per second, as the file says" in notes(recording)
    assert "40 samples per second, as the user says" in notes(read(tmp_path / "walk.npz", rate_hz=40))


def test_one_unnamed_array_in_an_npz(tmp_path):
    np.savez(tmp_path / "walk.npz", np.c_[TIME, ACC])
    assert_is_the_motion(read(tmp_path / "walk.npz").streams[0], gyr=False)


def test_the_user_names_columns_of_an_array(tmp_path):
    path = single(tmp_path / "walk.npy", np.c_[GYR, ACC, np.zeros((300, 3)), TIME])
    recording = read(path, columns="time=c9,acc=c3:c4:c5,gyr=c0:c1:c2")
    assert_is_the_motion(recording.streams[0])


def npy_bytes(array) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=True)
    return out.getvalue()


@pytest.mark.parametrize(
    "name,content,words",
    [
        ("a.npy", npy_bytes(np.array([{"a": 1}], dtype=object)), "Python objects"),
        ("a.npy", npy_bytes(np.zeros((10, 128, 6))), "stack of windows"),
        ("a.npy", npy_bytes(np.zeros(300)), "no recording"),
        ("a.npy", npy_bytes(np.zeros((300, 5))), "no recording"),
        ("a.npy", npy_bytes(np.zeros((300, 7))), "rises"),
        ("a.npy", npy_bytes(np.array([["a", "b", "c"]] * 9)), "no recording"),
        ("a.npy", npy_bytes(ACC), "no time stamps"),
        ("a.npy", npy_bytes(np.c_[TIME, ACC])[:-9], "cut off"),
        ("a.npy", npy_bytes(np.c_[TIME, ACC])[:30], "damaged"),
        ("a.npy", b"\x93NUMPY\x07\x00", "damaged"),
        ("a.npy", b"", "no NumPy array"),
        ("a.npy", npy_bytes(np.full((300, 4), np.nan)), "rises"),
        ("a.npz", b"", "empty"),
        ("a.npz", b"PK\x03\x04junk", "damaged"),
        ("a.npz", b"no zip at all", "no NumPy arrays"),
    ],
)
def test_bad_arrays(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FormatError, match=words) as caught:
        read(tmp_path / name)
    assert name in caught.value.where and caught.value.remedy


def test_bad_bundles_of_arrays(tmp_path):
    path = tmp_path / "walk.npz"
    with pytest.raises(FormatError, match="No array of accelerations") as caught:
        read(saved(path, foo=ACC, bar=GYR))
    assert "foo (300, 3)" in caught.value.got and "acc=" in caught.value.remedy
    with pytest.raises(FormatError, match="different lengths") as caught:
        read(saved(path, time=TIME[:-1], acc=ACC))
    assert "time has 299" in caught.value.got
    with pytest.raises(FormatError, match="no time stamps"):
        read(saved(path, acc=ACC))
    with pytest.raises(UnitError, match="lack gravity"):
        read(saved(path, time=TIME, acc=0.01 * ACC))
    with pytest.raises(FormatError, match="no finite sample"):
        read(saved(path, time=TIME, acc=ACC * np.nan))
    with pytest.raises(FormatError, match="fewer than two"):
        read(saved(path, time=TIME[:1], acc=ACC[:1]))
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("readme.txt", "nothing")
    with pytest.raises(FormatError, match="no NumPy arrays"):
        read(path)


def test_pickles_are_never_loaded(tmp_path):
    """A pickle in an array of objects would run code of its maker's choosing."""
    marker = tmp_path / "ran"

    class Bomb:
        def __reduce__(self):
            return (Path.touch, (marker,))

    np.savez(tmp_path / "walk.npz", acc=np.array([Bomb()], dtype=object))
    with pytest.raises(FormatError, match="Python objects"):
        read(tmp_path / "walk.npz")
    assert not marker.exists()


def test_declared_sizes_are_not_trusted(tmp_path, monkeypatch):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40, 3)})
    (tmp_path / "a.npy").write_bytes(header.getvalue() + bytes(100))
    with pytest.raises(FormatError, match="unpack to more"):
        read(tmp_path / "a.npy")
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (-1, -3)})
    (tmp_path / "b.npy").write_bytes(header.getvalue() + bytes(100))
    with pytest.raises(FormatError):
        read(tmp_path / "b.npy")
    with pytest.raises(FormatError, match="no recording"):
        read(single(tmp_path / "e.npy", np.zeros((0, 9))))
    monkeypatch.setattr(arrays, "MAX_BYTES", 1 << 12)
    np.savez_compressed(tmp_path / "c.npz", acc=np.zeros((1 << 12, 3)))
    with pytest.raises(FormatError, match="unpack to more"):
        read(tmp_path / "c.npz")


def test_a_zip_bomb_of_zeros_is_refused(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (3_000_000, 3)})
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("acc.npy", header.getvalue() + bytes(72_000_000))
    assert (tmp_path / "a.npz").stat().st_size < 100_000
    with pytest.raises(FormatError, match="unpacks to far more"):
        read(tmp_path / "a.npz")


def test_sniffing_does_not_raise(tmp_path):
    sniff = READERS["numpy"].sniff
    assert not sniff(tmp_path) and not sniff(tmp_path / "absent")
    (tmp_path / "odd").write_bytes(npy_bytes(ACC))
    assert sniff(tmp_path / "odd")
    assert _tables.MAX_BYTES > 1 << 30
