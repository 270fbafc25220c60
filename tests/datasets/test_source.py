"""Folders and archives give the same names and bytes, in order; damage is an error."""

from __future__ import annotations

import io
import tarfile
import zipfile

import numpy as np
import pytest

from anywear.datasets import open_source
from anywear.errors import FormatError

# Noise does not compress, so a cut takes data and not padding.
FILES = {"b/2.txt": b"two", "a/1.txt": np.random.default_rng(0).bytes(30_000), "c.txt": b""}


def make(kind, folder):
    if kind == "folder":
        for name, data in FILES.items():
            (folder / "x" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "x" / name).write_bytes(data)
        return folder / "x"
    if kind == "zip":
        with zipfile.ZipFile(folder / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in FILES.items():
                archive.writestr(name, data)
        return folder / "x.zip"
    mode = {".tar": "w", ".tar.gz": "w:gz", ".tar.xz": "w:xz"}[kind]
    with tarfile.open(folder / f"x{kind}", mode) as archive:
        for name, data in FILES.items():
            entry = tarfile.TarInfo(f"./{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return folder / f"x{kind}"


@pytest.mark.parametrize("kind", ["folder", "zip", ".tar", ".tar.gz", ".tar.xz"])
def test_names_and_bytes_in_order(kind, tmp_path):
    source = open_source(make(kind, tmp_path))
    assert source.names() == sorted(FILES)
    assert list(source.read()) == sorted(FILES.items())
    assert list(source.read(["c.txt", "a/1.txt"])) == [("a/1.txt", FILES["a/1.txt"]), ("c.txt", b"")]


@pytest.mark.parametrize("kind", ["zip", ".tar", ".tar.gz", ".tar.xz"])
def test_cut_archive_is_an_error(kind, tmp_path):
    path = make(kind, tmp_path)
    data = path.read_bytes()
    for size in (0, 10, 512, 1024, 1536, len(data) // 3, len(data) * 2 // 3, 31 * 1024):
        if size < len(data):
            path.write_bytes(data[:size])
            with pytest.raises(FormatError):
                list(open_source(path).read())


@pytest.mark.parametrize("kind", ["zip", ".tar.gz", ".tar.xz"])
def test_flipped_bytes_are_an_error_or_the_truth(kind, tmp_path):
    path = make(kind, tmp_path)
    data = bytearray(path.read_bytes())
    for at in [*range(0, 400, 7), *range(400, len(data), 997)]:
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x5A]) + data[at + 1 :])
        try:
            list(open_source(path).read())
        except FormatError as error:
            assert str(error)


def test_no_archive_is_an_error(tmp_path):
    (tmp_path / "notes.md").write_text("nothing")
    with pytest.raises(FormatError, match="neither"):
        open_source(tmp_path / "notes.md")
    with pytest.raises(FormatError, match="no such"):
        open_source(tmp_path / "absent")
