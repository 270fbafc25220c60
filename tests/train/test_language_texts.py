"""Captions of others, without those that would give the test away, and pieces."""

from __future__ import annotations

from pathlib import Path

import pytest

from anywear.corpus import Corpus, CorpusEntry
from anywear.errors import UsageError
from anywear.train.language_texts import generated_sentences, humanml3d_captions, kept_subjects, learn_pieces

INDEX = """source_path,start_frame,end_frame,new_name
./pose_data/CMU/43/43_01_poses.npy,0,100,000001.npy
./pose_data/CMU/05/05_02_poses.npy,0,100,000002.npy
./pose_data/KIT/43/kick_poses.npy,0,100,000003.npy
"""


@pytest.fixture
def texts_dir(tmp_path) -> Path:
    folder = tmp_path / "humanml3d-texts"
    (folder / "texts").mkdir(parents=True)
    (folder / "index.csv").write_text(INDEX)
    for name, text in {
        "000001": "A person hides.", "M000001": "A person hides mirrored.", "000002": "A  person walks.",
        "000003": "A person kicks.",
    }.items():  # fmt: skip
        (folder / "texts" / f"{name}.txt").write_text(
            f"{text}#a/DET#0.0#0.0\n{text}#a/DET#0.0#0.0\nno caption at all\n"
        )
    return tmp_path


def test_captions_are_plain_and_each_once(texts_dir):
    for path in (texts_dir / "humanml3d-texts" / "texts").iterdir():
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:2]))
    everyone = humanml3d_captions(texts_dir)
    assert everyone == ["a person hides", "a person walks", "a person kicks", "a person hides mirrored"]


def test_captions_of_kept_subjects_are_left_out(texts_dir):
    for path in (texts_dir / "humanml3d-texts" / "texts").iterdir():
        path.write_text(path.read_text().splitlines(keepends=True)[0])
    assert humanml3d_captions(texts_dir, ["43"]) == ["a person walks", "a person kicks"]
    assert humanml3d_captions(texts_dir, ["5"]) == ["a person hides", "a person kicks", "a person hides mirrored"]


def test_a_file_that_is_no_captions_is_passed_over(texts_dir):
    assert humanml3d_captions(texts_dir) == []  # every file has a line that is none


def test_no_archive(tmp_path):
    with pytest.raises(UsageError, match="captions are not there"):
        humanml3d_captions(tmp_path)


def test_subjects_of_the_test_split(tmp_path):
    def entry(subject: str, split: str) -> CorpusEntry:
        return CorpusEntry(f"a/{subject}", "a", "walking", subject, split, 1.0, 30.0, 30, "free")

    entries = [entry("cmu-43", "test"), entry("cmu-01", "val"), entry("cmu-05", "train"), entry("hdm05-tr", "test")]
    assert kept_subjects(Corpus(tmp_path, {}, entries)) == ("1", "43")


def test_real_captions_leave_out_the_test_split(dataset_root):
    data_dir = dataset_root("humanml3d-texts").parent
    everyone, without = humanml3d_captions(data_dir), humanml3d_captions(data_dir, ["43", "127", "140"])
    assert len(everyone) > 40_000 and 0 < len(everyone) - len(without) < 2000


def test_pieces_write_anything():
    pieces = learn_pieces(["a person walks and walks"] * 5, 300)
    for text in ("a person walks", "zigzag", "naïve 日本"):
        assert pieces.decode(pieces.encode(text)).strip() == text
    assert len(pieces.encode("walks")) < len("walks")
    with pytest.raises(UsageError, match="byte"):
        learn_pieces(["a"], 100)


def test_sentences_each_once():
    assert generated_sentences({"b": ["Walking."], "a": ["running", "walking"]}) == ["running", "walking"]
