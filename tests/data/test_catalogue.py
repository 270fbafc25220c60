"""The catalogue, and how data gets in from where the user has it."""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from anywear.corpus.mocap import ARCHIVES
from anywear.data import (
    CATALOGUE,
    KINDS,
    DataEntry,
    Download,
    check_layout,
    data_entry,
    data_folder,
    get_data,
    import_data,
    local_state,
)
from anywear.data.archives import PROJECT_ARCHIVES
from anywear.datasets import DATASETS
from anywear.errors import FormatError, UsageError

ENTRY = DataEntry("toy", "wearable", "a toy", "test", "CC0", "https://example.org", (r"s\d\.csv$", r"readme\.txt$"))


def test_everything_known_is_there():
    assert set(DATASETS) <= set(CATALOGUE)
    assert {archive.name for archive in ARCHIVES} <= set(CATALOGUE)
    assert set(PROJECT_ARCHIVES) <= set(CATALOGUE)
    others = (
        "amass humanml3d nymeria babel pamap2 uci-har opportunity wisdm w-har realworld tnda-har ego4d mmea egoexo4d "
        "openpack wharf motionsense mhealth shoaib"
    )
    for name in others.split():
        assert name in CATALOGUE
    with pytest.raises(UsageError, match="data set"):
        data_entry("amas")


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)
def test_entries_are_whole(entry):
    assert entry.kind in KINDS and entry.role in ("train", "eval", "test", "user")
    assert entry.about and entry.licence and entry.looks_like
    assert re.match(r"https?://", entry.url)
    assert bool(entry.downloads) != bool(entry.steps)  # either a program gets it, or a person is told how
    assert entry.archive_sha256 is None or re.fullmatch(r"[0-9a-f]{64}", entry.archive_sha256)
    for pattern in entry.looks_like:
        re.compile(pattern)
    for download in entry.downloads:
        assert download.url.startswith("https://") and "/" not in download.name


def test_checksums_are_those_of_the_archives(data_dir):
    checked = 0
    for name, (sha256, size) in PROJECT_ARCHIVES.items():
        path = data_dir / f"{name}.tar.xz"
        if path.is_file():
            assert path.stat().st_size == size
            assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
            checked += 1
    assert checked


@pytest.mark.parametrize("name", sorted(set(PROJECT_ARCHIVES) - {"basicmotions", "humanml3d-texts"}))
def test_layouts_fit_the_real_files_and_no_other(dataset_root, name):
    assert check_layout(CATALOGUE[name], dataset_root(name)) > 0
    other = dataset_root("cmu-join" if name != "cmu-join" else "kitml-texts")
    with pytest.raises(FormatError, match="does not hold"):
        check_layout(CATALOGUE[name], other)


def folder_of(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "s1.csv").write_text("1,2")
    (folder / "readme.txt").write_text("hello")
    return folder


def archive_of(tmp_path: Path, name: str = "toy.tar.xz") -> Path:
    path = tmp_path / name
    with tarfile.open(path, "w:xz") as archive:
        archive.add(folder_of(tmp_path), arcname=".")
    return path


def test_a_folder_is_linked_to(tmp_path):
    mine, data = folder_of(tmp_path), tmp_path / "data"
    assert local_state(ENTRY, data).text == "absent"
    target = import_data(ENTRY, mine, data)
    assert target.is_symlink() and (target / "s1.csv").read_text() == "1,2"
    state = local_state(ENTRY, data)
    assert state.text == "local" and state.origin["licence"] == "CC0" and state.origin["verified"] == "layout"
    assert import_data(ENTRY, mine, data) == target  # again does no harm


def test_an_archive_is_copied_and_its_checksum_compared(tmp_path):
    path, data = archive_of(tmp_path), tmp_path / "data"
    known = replace(
        ENTRY, archive_sha256=hashlib.sha256(path.read_bytes()).hexdigest(), archive_bytes=path.stat().st_size
    )
    target = import_data(known, path, data)
    assert target == data / "toy.tar.xz" and target.read_bytes() == path.read_bytes()
    assert local_state(known, data).origin["verified"] == "checksum"
    damaged = bytearray(path.read_bytes())
    damaged[100] ^= 1
    path.write_bytes(bytes(damaged))
    with pytest.raises(FormatError, match="checksum"):
        import_data(known, path, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_folder_that_holds_it_by_name(tmp_path):
    archive_of(tmp_path)
    assert import_data(ENTRY, tmp_path, tmp_path / "data").name == "toy.tar.xz"


def test_what_is_not_the_set_is_refused(tmp_path):
    mine, data = folder_of(tmp_path), tmp_path / "data"
    (mine / "readme.txt").unlink()
    with pytest.raises(FormatError, match="does not hold toy") as caught:
        import_data(ENTRY, mine, data)
    assert r"readme\.txt" in str(caught.value.expected) and r"s\d" not in str(caught.value.expected)
    with pytest.raises(FormatError, match="no such"):
        import_data(ENTRY, tmp_path / "none", data)
    (mine / "a.txt").write_text("x")
    with pytest.raises(FormatError, match="neither"):
        import_data(ENTRY, mine / "a.txt", data)
    assert not data.exists()


def test_other_data_is_not_overwritten(tmp_path):
    data = tmp_path / "data"
    (data / "toy").mkdir(parents=True)
    with pytest.raises(UsageError, match="there already"):
        import_data(ENTRY, folder_of(tmp_path), data)


def zipped(tmp_path: Path, *names: str) -> Download:
    path = tmp_path / "made.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return Download(path.as_uri(), "toy.zip")


def test_a_download_is_checked_and_found(tmp_path):
    entry = replace(ENTRY, downloads=(zipped(tmp_path, "s1.csv", "readme.txt"),))
    data = tmp_path / "data"
    path = get_data(entry, data)
    assert path == data / "toy.zip" and local_state(entry, data).path == path
    said = json.loads((data / "toy.origin.json").read_text())
    assert said["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest() and said["verified"] == "layout"
    (tmp_path / "made.zip").unlink()
    assert get_data(entry, data) == path  # what is there is not fetched again


def test_a_download_of_something_else_is_thrown_away(tmp_path):
    entry = replace(ENTRY, downloads=(zipped(tmp_path, "other.csv"),))
    with pytest.raises(FormatError, match="does not hold"):
        get_data(entry, tmp_path / "data")
    assert not list((tmp_path / "data").rglob("*.zip"))


def test_what_needs_registration_says_how():
    with pytest.raises(UsageError, match="cannot be downloaded") as caught:
        get_data(CATALOGUE["amass"], Path("/nonexistent"))
    assert "amass.is.tue.mpg.de" in str(caught.value.remedy) and "--from" in str(caught.value.remedy)


def test_where_data_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("ANYWEAR_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.delenv("ANYWEAR_DATA")
    assert data_folder() == Path.home() / ".cache/anywear/data"
