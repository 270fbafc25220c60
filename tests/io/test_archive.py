from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib

import pytest
from app_files import write_folder, write_zip, zip_bytes

from anywear.errors import FormatError
from anywear.io import archive
from anywear.io.archive import looks_like_zip, no_recording, open_bundle

TEXT = b"time,x\n" + b"".join(b"%d,%d\n" % (i, i * i % 977) for i in range(5000))


def refused(path, *words: str) -> FormatError:
    """The error of opening a path and reading all of it; its text names the path and these words."""
    with pytest.raises(FormatError) as caught, open_bundle(path) as bundle:
        for name in bundle.names:
            with bundle.open(name) as file:
                while file.read(1 << 16):
                    pass
    said = str(caught.value)
    assert path.name in said and caught.value.remedy
    for word in words:
        assert word in said
    return caught.value


def test_zip_folder_and_file_hold_the_same(tmp_path):
    files = {"a.csv": TEXT, "inner/b.csv": b"2"}
    zipped = write_zip(tmp_path / "x.zip", files)
    folder = write_folder(tmp_path / "x", files)
    for path in (zipped, folder):
        with open_bundle(path) as bundle:
            assert bundle.names == ("a.csv", "inner/b.csv")
            assert bundle.folders() == {"": ["a.csv"], "inner": ["inner/b.csv"]}
            assert bundle.open("a.csv").read() == TEXT
            assert bundle.head("a.csv", 6) == b"time,x"
            with pytest.raises(FormatError, match="missing"):
                bundle.open("c.csv")
    with open_bundle(folder / "a.csv") as bundle:
        assert bundle.names == ("a.csv",) and bundle.open("a.csv").read() == TEXT


def test_a_member_can_be_read_again_from_its_start(tmp_path):
    with open_bundle(write_zip(tmp_path / "x.zip", {"a.csv": TEXT})) as bundle, bundle.open("a.csv") as file:
        assert file.seekable() and file.read(1000) == TEXT[:1000]
        assert file.seek(7) == 7 and file.read() == TEXT[7:]
        assert file.read(1) == b""


def test_leftovers_of_operating_systems_are_passed_over(tmp_path):
    junk = {"__MACOSX/._a.csv": b"x", ".DS_Store": b"x", ".git/a.csv": b"x", "a.csv": b"1"}
    for path in (write_zip(tmp_path / "x.zip", junk), write_folder(tmp_path / "x", junk)):
        with open_bundle(path) as bundle:
            assert bundle.names == ("a.csv",)


def test_backslashes_of_old_windows_tools_are_folders(tmp_path):
    with open_bundle(write_zip(tmp_path / "x.zip", {"walk\\a.csv": b"1"})) as bundle:
        assert bundle.names == ("walk/a.csv",) and bundle.open("walk/a.csv").read() == b"1"


def test_empty_file_empty_zip_and_no_zip(tmp_path):
    (tmp_path / "empty.zip").write_bytes(b"")
    refused(tmp_path / "empty.zip", "The file is empty")
    write_zip(tmp_path / "nothing.zip", {})
    refused(tmp_path / "nothing.zip", "The zip is empty")
    (tmp_path / "folders.zip").write_bytes(zip_bytes({"only/": b""}))
    refused(tmp_path / "folders.zip", "The zip is empty")
    (tmp_path / "text.zip").write_bytes(b"time,x\n1,2\n")
    refused(tmp_path / "text.zip", "is none", "b'time'")


@pytest.mark.parametrize("keep", [3, 30, 0.3, 0.7, 0.99])
def test_truncated_zip(tmp_path, keep):
    whole = zip_bytes({"a.csv": TEXT, "b.csv": TEXT})
    (tmp_path / "cut.zip").write_bytes(whole[: keep if isinstance(keep, int) else int(keep * len(whole))])
    error = refused(tmp_path / "cut.zip")
    assert error.what in ("The zip is damaged or cut off", "The file is named like a zip and is none")


def test_a_bit_that_flipped_inside_a_member_is_found(tmp_path):
    raw = bytearray(zip_bytes({"a.csv": TEXT}))
    raw[len(raw) // 2] ^= 0x10
    (tmp_path / "flipped.zip").write_bytes(raw)
    refused(tmp_path / "flipped.zip", "damaged", "a.csv")


def test_password(tmp_path):
    raw = bytearray(zip_bytes({"a.csv": TEXT}))
    raw[raw.find(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(raw)
    refused(tmp_path / "locked.zip", "password", "a.csv")


@pytest.mark.parametrize(
    "name", ["../a.csv", "inner/../../a.csv", "/etc/passwd.csv", "..\\a.csv", "C:/a.csv", "C:\\a.csv"]
)
def test_paths_that_lead_outside(tmp_path, name):
    write_zip(tmp_path / "out.zip", {name: b"1"})
    refused(tmp_path / "out.zip", "outside of itself")


def test_two_members_of_one_name(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(tmp_path / "twice.zip", "w") as out:
        out.writestr("a.csv", b"1")
        out.writestr("a.csv", b"2")
    refused(tmp_path / "twice.zip", "two files of one name")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_is_named(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "odd.zip", "w", method) as out:
        out.writestr("a.csv", TEXT)
    refused(tmp_path / "odd.zip", "method", "bzip2" if method == zipfile.ZIP_BZIP2 else "lzma")


def test_bomb_that_declares_itself(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as out, out.open("a.csv", "w") as member:
        for _ in range(70):
            member.write(bytes(1 << 20))
    assert (tmp_path / "bomb.zip").stat().st_size < 100_000
    refused(tmp_path / "bomb.zip", "far more than a recording", "200 to 1")


def test_bomb_of_members_that_share_their_bytes(tmp_path, monkeypatch):
    # Fifield's construction in small: each member by itself is harmless.
    monkeypatch.setattr(archive, "RATIO_FREE_BYTES", 1 << 18)
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(bytes(200_000)) + packed.flush()
    names = [b"%03d.csv" % i for i in range(100)]
    check = zlib.crc32(bytes(200_000))
    sizes = (check, len(body), 200_000)
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, *sizes, 7, 0) + names[0] + body
    entry = struct.Struct("<4s6H3I5H2I")
    directory = b"".join(entry.pack(b"PK\x01\x02", 20, 20, 0, 8, 0, 0, *sizes, 7, 0, 0, 0, 0, 0, 0) + n for n in names)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 100, 100, len(directory), len(local), 0)
    (tmp_path / "shared.zip").write_bytes(local + directory + end)
    refused(tmp_path / "shared.zip", "far more than a recording")


def test_bomb_that_lies_about_its_size(tmp_path):
    raw = bytearray(zip_bytes({"a.csv": bytes(1_000_000)}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", raw, raw.find(signature) + offset, 1000)
    (tmp_path / "liar.zip").write_bytes(raw)
    refused(tmp_path / "liar.zip", "damaged")


def test_what_comes_out_is_counted(tmp_path, monkeypatch):
    path = write_zip(tmp_path / "x.zip", {"a.csv": TEXT})
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", 1000)
    refused(path, "far more than a recording")
    with pytest.raises(FormatError, match="far more"):
        archive._Counted(io.BytesIO(TEXT), "x", declared=500).read(2000)


def test_a_member_is_not_held_in_memory(tmp_path):
    import tracemalloc

    with zipfile.ZipFile(tmp_path / "big.zip", "w", zipfile.ZIP_DEFLATED) as out, out.open("a.csv", "w") as member:
        for i in range(20):
            member.write(TEXT * 10 + b"%d\n" % i)
    tracemalloc.start()
    with open_bundle(tmp_path / "big.zip") as bundle, bundle.open("a.csv") as file:
        size = sum(iter(lambda: len(file.read(1 << 18)), 0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 7e6 and peak < 2e6


def test_endless_list_of_members(tmp_path):
    raw = bytearray(zip_bytes({"a.csv": b"1"}))
    struct.pack_into("<I", raw, raw.find(b"PK\x05\x06") + 12, 1 << 30)
    (tmp_path / "list.zip").write_bytes(raw)
    refused(tmp_path / "list.zip", "more files than any recording")


def test_pipes_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    with open_bundle(tmp_path) as bundle, pytest.raises(FormatError, match="no file that can be read"):
        bundle.open("a.csv")


def test_what_looks_like_a_zip(tmp_path):
    write_zip(tmp_path / "no_suffix", {"a.csv": b"1"})
    (tmp_path / "text.csv").write_bytes(b"a,b\n")
    (tmp_path / "broken.zip").write_bytes(b"")
    assert looks_like_zip(tmp_path / "no_suffix") and looks_like_zip(tmp_path / "broken.zip")
    assert (
        not looks_like_zip(tmp_path / "text.csv")
        and not looks_like_zip(tmp_path)
        and not looks_like_zip(tmp_path / "-")
    )


def test_what_is_in_a_foreign_zip_is_said(tmp_path):
    error = no_recording(write_zip(tmp_path / "x.zip", {f"{i}.jpg": b"" for i in range(20)}))
    assert "holds no recording" in error.what and "0.jpg" in error.got and "and 12 more" in error.got
    error = no_recording(write_zip(tmp_path / "x.zip", {"mon.zip": b"", "tue.zip": b""}))
    assert "each of its 2 zip(s)" in error.remedy
    (tmp_path / "empty").mkdir()
    assert no_recording(tmp_path / "empty").got == "no files"
