"""What holds for every data set: counts, classes, units, readers, damage."""

from __future__ import annotations

import io
import tarfile

import numpy as np
import pytest

from anywear.datasets import DATASETS, dataset, open_dataset
from anywear.errors import AnywearError, FormatError, UsageError
from anywear.io import READERS, read
from anywear.placement import SITES

# name: recordings' files in the archive here, subjects, classes.
COUNTS = {
    "dsads": (19 * 8 * 15, 8, 19),
    "utd-mhad": (861, 8, 27),
    "sp-sw-har": (446, 23, 5),
    "usc-had": (336, 14, 12),
    "sisfall": (1031, 8, 34),
    "uhh-gestures": (50, 5, 10),
    "imu-digits": (250, 1, 10),
    "basicmotions": (2, 1, 4),
    "broad": (4, 1, 6),
}
ALL = pytest.mark.parametrize("name", sorted(COUNTS))


def few_files(name, root, count=3):
    """The first recordings' files, enough to build one recording of every set."""
    source = dataset(name).find(root)
    names = [n for n in source.names() if dataset(name).parse(n) is not None]
    first = 40 if name == "sisfall" else 0  # the walks at the beginning are long
    return dict(source.read(names[first : first + count]))


def same(one, other):
    assert [s.name for s in one.streams] == [s.name for s in other.streams]
    for a, b in zip(one.streams, other.streams, strict=True):
        assert np.array_equal(a.time_s, b.time_s) and np.array_equal(a.acc_mps2, b.acc_mps2)
        assert a.gyr_radps is not None and np.array_equal(a.gyr_radps, b.gyr_radps)
    assert one.labels == other.labels and dict(one.metadata) == dict(other.metadata)


def test_every_set_is_counted():
    assert set(DATASETS) == set(COUNTS)


@ALL
def test_info_is_complete(name):
    info = dataset(name).info
    assert info.name == name and info.role in ("train", "eval", "test")
    assert all(site in SITES or site == "unknown" for site in info.placements)
    assert info.licence and info.citation and info.url.startswith("http") and "\n" not in info.about
    assert len(info.label_words) == COUNTS[name][2]
    assert all(word == word.lower() or "x" in word for word in info.label_words)
    if info.label_groups is not None:
        assert sorted(w for words in info.label_groups.values() for w in words) == sorted(info.label_words)


def test_roles_keep_evaluation_sets_out_of_training():
    roles = {name: d.info.role for name, d in DATASETS.items()}
    assert roles["usc-had"] == roles["sisfall"] == "eval"
    assert roles["basicmotions"] == roles["broad"] == "test"
    assert {n for n, r in roles.items() if r == "train"} == {
        "dsads", "utd-mhad", "sp-sw-har", "uhh-gestures", "imu-digits",
    }  # fmt: skip


@ALL
def test_files_and_subjects(name, dataset_root):
    source = dataset(name).find(dataset_root(name))
    keys = [key for key in map(dataset(name).parse, source.names()) if key is not None]
    files, subjects, _ = COUNTS[name]
    assert len(keys) == files
    assert len({key.subject for key in keys}) == subjects


@ALL
def test_reader_is_registered_and_never_sniffed(name, tmp_path):
    assert READERS[name].sniff(tmp_path) is False


@ALL
def test_file_by_format_is_the_recording(name, dataset_root):
    source = dataset(name).find(dataset_root(name))
    first = next(n for n in source.names() if dataset(name).parse(n) is not None)
    recording = read(source.root / first, format=name)
    assert recording.reader == name
    assert recording.labels and {s.label for s in recording.labels} <= set(dataset(name).info.label_words)
    assert recording.labels[0].start_s >= 0.0 and recording.labels[-1].end_s <= recording.end_s + 0.1
    assert all(s.gyr_radps is not None and s.placement.name in dataset(name).info.placements for s in recording.streams)
    assert all(stream.notes for stream in recording.streams)


@ALL
def test_archive_equals_folder(name, dataset_root, tmp_path):
    files = few_files(name, dataset_root(name))
    folder, archive = tmp_path / "unpacked", tmp_path / "packed" / f"{name}.tar.xz"
    archive.parent.mkdir()
    with tarfile.open(archive, "w:xz") as tar:
        # Backwards: the order in the archive must not matter.
        for path, data in sorted(files.items(), reverse=True):
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    unpacked = list(dataset(name).recordings(folder))
    packed = list(dataset(name).recordings(open_dataset(name, archive.parent)[1]))
    assert len(packed) == len(unpacked) >= 1
    for one, other in zip(packed, unpacked, strict=True):
        same(one, other)
        assert one.source == other.source


@ALL
def test_label_is_empty_where_the_path_does_not_tell(name, dataset_root, tmp_path):
    (data,) = few_files(name, dataset_root(name), 1).values()
    path = tmp_path / "somewhere.dat"
    path.write_bytes(data)
    recording = read(path, format=name)
    if name not in ("sp-sw-har", "basicmotions"):  # these carry their labels inside
        assert recording.labels == ()
    assert "subject" not in recording.metadata


@ALL
@pytest.mark.parametrize("damage", ["empty", "half", "text", "binary"])
def test_damaged_file_is_an_error(name, damage, dataset_root, tmp_path):
    ((path, data),) = few_files(name, dataset_root(name), 1).items()
    bad = {
        "empty": b"",
        "half": data[: len(data) // 2].rsplit(b",", 1)[0] if path.endswith(("txt", "csv")) else data[: len(data) // 2],
        "text": b"no data here\nat all\n",
        "binary": bytes(range(256)) * 8,
    }[damage]
    file = tmp_path / path.rsplit("/", 1)[-1]
    file.write_bytes(bad)
    with pytest.raises(AnywearError) as caught:
        read(file, format=name)
    assert file.name in str(caught.value)


def test_unknown_set_lists_the_known():
    with pytest.raises(UsageError, match="dsads"):
        dataset("dsad")


def test_missing_set_says_what_was_looked_for(tmp_path):
    with pytest.raises(FormatError, match=r"usc-had\.tar\.xz"):
        open_dataset("usc-had", tmp_path)
    with pytest.raises(FormatError, match="no such folder"):
        open_dataset("usc-had", tmp_path / "nowhere")


def test_unknown_subject_lists_the_known(dataset_root):
    with pytest.raises(UsageError, match="s23"):
        list(dataset("sp-sw-har").recordings(dataset_root("sp-sw-har"), subjects=["s99"]))


def test_columns_do_not_apply(dataset_root):
    path = next(dataset_root("usc-had").rglob("a1t1.mat"))
    with pytest.raises(UsageError, match="columns"):
        read(path, format="usc-had", columns="acc=x:y:z")


def test_rate_can_be_overridden(dataset_root):
    path = next(dataset_root("usc-had").rglob("a1t1.mat"))
    assert read(path, format="usc-had", rate_hz=50).streams[0].effective_rate_hz == pytest.approx(50)
