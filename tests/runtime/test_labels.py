"""What may be asked, and what may not."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.errors import UsageError
from anywear.runtime import LabelSet
from anywear.runtime.labels import label_vectors


def test_words_sentences_and_files(tmp_path):
    assert LabelSet.parse(" walking , sitting ").names == ("walking", "sitting")
    assert LabelSet.parse("sitting, at a desk; walking").names == ("sitting, at a desk", "walking")
    path = tmp_path / "labels.txt"
    path.write_text("# my labels\nwalk: a person walks\n\nsit\n", encoding="utf-8")
    labels = LabelSet.from_file(path)
    assert labels.names == ("walk", "sit")
    assert labels.texts == (("walk", "a person walks"), ("sit",))
    assert LabelSet.of({"a": "b c", "d": ""}).texts == (("a", "b c"), ("d",))


def test_names_of_columns_are_read_as_words_and_printed_as_they_are():
    labels = LabelSet.of(["sit_to_stand", "WalkingUpstairs"])
    assert labels.names == ("sit_to_stand", "WalkingUpstairs")
    assert labels.texts == (("sit to stand",), ("Walking Upstairs",))
    told = LabelSet.of({"sit_to_stand": "rising_from a chair", "LyingDown": ""})
    assert told.names == ("sit_to_stand", "LyingDown")
    assert told.texts == (("sit to stand", "rising_from a chair"), ("Lying Down",))


@pytest.mark.parametrize(
    ("labels", "message"),
    [(["walking"], "two labels"), ([], "two labels"), (["walking", "Walking "], "given twice"),
     (["walking", "unknown"], "unknown"),
     (["walking", "..."], "no words"), (["walking", "x" * 600], "too long"), ([f"l{i}" for i in range(1001)], "Too many")],
)  # fmt: skip
def test_bad_labels(labels, message):
    with pytest.raises(UsageError, match=message):
        LabelSet.of(labels)


def test_bad_files(tmp_path):
    with pytest.raises(UsageError, match="no such label file"):
        LabelSet.from_file(tmp_path / "none.txt")
    (tmp_path / "twice.txt").write_text("walk: a\nwalk: b\n")
    with pytest.raises(UsageError, match="given twice") as error:
        LabelSet.from_file(tmp_path / "twice.txt")
    assert "line 2" in str(error.value)
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\xfa\x00walk")
    with pytest.raises(UsageError):
        LabelSet.from_file(tmp_path / "binary.txt")


def test_label_vectors_average_their_texts():
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    out = label_vectors([("a", "b"), ("c",)], vectors)
    assert np.allclose(out, [[np.sqrt(0.5), np.sqrt(0.5)], [0.0, -1.0]])
