"""Examples from folders and tables: what is taken, what is none, what is refused and why."""

from __future__ import annotations

import numpy as np
import pytest
from gesture_toy import still, stroke, write_csv

from anywear.errors import AnywearError, FormatError, UsageError
from anywear.recording import Stream
from anywear.runtime.gestures import NONE, read_examples
from anywear.runtime.gestures.examples import complement


def _folder(root, each=2, labels=("wave", "lift"), **how):
    for number, label in enumerate(labels):
        for k in range(each):
            write_csv(root / label / f"{k}.csv", stroke(label, 10 * number + k, **how))
    return root


def _long(labels, gap_s=2.5, rate_hz=50.0) -> tuple[Stream, list[tuple[float, float, str]]]:
    """A recording of several gestures with rest between, and where they are."""
    parts, spans, at = [], [], 0.0
    for seed, label in enumerate(labels):
        parts += [still(gap_s, rate_hz), stroke(label, seed, rate_hz=rate_hz)]
        spans.append((at + gap_s, at + gap_s + 1.6, label))
        at += gap_s + 1.6
    parts.append(still(gap_s, rate_hz))
    acc = np.concatenate([own.acc_mps2 for own in parts])
    gyr = np.concatenate([own.gyr_radps for own in parts])
    return Stream("watch", np.arange(len(acc)) / rate_hz, acc, gyr), spans


def _table(path, rows, header="start,end,label"):
    path.write_text(header + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_folder_per_label(tmp_path):
    _folder(tmp_path)
    found = read_examples(tmp_path)
    assert found.labels == ("lift", "wave") and len(found) == 4 and not found.nothing
    assert {own.label for own in found.clips if "wave" in own.source} == {"wave"}
    assert all(abs(own.stream.effective_rate_hz - 50.0) < 0.5 for own in found.clips)


def test_a_folder_of_none(tmp_path):
    _folder(tmp_path)
    write_csv(tmp_path / "None" / "0.csv", stroke("twist", 5))
    long, _ = _long(["swipe", "lift", "swipe"])
    write_csv(tmp_path / "None" / "1.csv", long)
    found = read_examples(tmp_path)
    assert found.labels == ("lift", "wave") and len(found) == 4
    # The short clip as it is, the long one as the motions in it, which may be found in parts.
    assert 1 + 3 <= len(found.nothing) <= 1 + 6 and {own.label for own in found.nothing} == {NONE}
    assert all(own.stream.duration_s < 2.0 for own in found.nothing)


def test_descriptions(tmp_path):
    _folder(tmp_path / "clips")
    texts = tmp_path / "texts.csv"
    texts.write_text("label, text\nwave, waving hello\nclap, clapping hands\n", encoding="utf-8")
    found = read_examples(tmp_path / "clips", describe=texts)
    assert found.texts == {"wave": "waving hello", "clap": "clapping hands"}
    assert found.labels == ("clap", "lift", "wave")
    texts.write_text("label,text\nwave,\n", encoding="utf-8")
    with pytest.raises(FormatError, match="description"):
        read_examples(tmp_path / "clips", describe=texts)


def test_a_recording_and_a_table(tmp_path):
    long, spans = _long(["wave", "lift", "wave", "twist"])
    file = write_csv(tmp_path / "long.csv", long)
    rows = [(f"{a:.2f}", f"{b:.2f}", label) for a, b, label in spans[:3]]
    found = read_examples(file, _table(tmp_path / "table.csv", rows))
    assert [own.label for own in found.clips] == ["wave", "lift", "wave"]
    assert [own.stream.duration_s for own in found.clips] == pytest.approx([1.6] * 3, abs=0.05)
    [other] = found.nothing  # the motion that nobody labelled
    assert spans[3][0] < other.stream.time_s[0] < other.stream.time_s[-1] < spans[3][1] + 0.1
    assert any("outside" in note.text for note in found.notes)


def test_a_folder_of_recordings_and_a_table(tmp_path):
    rows = []
    for name in ("a.csv", "b.csv"):
        long, spans = _long(["wave", "lift"])
        write_csv(tmp_path / "recordings" / name, long)
        rows += [(name, f"{a:.2f}", f"{b:.2f}", label) for a, b, label in spans]
    table = _table(tmp_path / "table.csv", rows, "file,start,end,label")
    found = read_examples(tmp_path / "recordings", table)
    assert len(found) == 4 and {own.source.split(",")[0].rsplit("/", 1)[-1] for own in found.clips} == {
        "a.csv",
        "b.csv",
    }
    with pytest.raises(FormatError, match="which file"):
        read_examples(tmp_path / "recordings", _table(tmp_path / "t.csv", [(1, 2, "wave")]))


def test_the_complement_keeps_clear_of_labels():
    long, spans = _long(["swipe", "lift", "swipe"])
    everything = complement(long, [])
    assert len(everything) >= 3
    start_s, end_s, _ = spans[2]
    rest = complement(long, [span[:2] for span in spans[:2]])
    assert rest and all(start_s < own.stream.time_s[0] < own.stream.time_s[-1] < end_s + 0.1 for own in rest)
    assert not complement(long, [span[:2] for span in spans])


def test_mixed_rates_and_units_are_said(tmp_path):
    write_csv(tmp_path / "wave" / "0.csv", stroke("wave", 0))
    write_csv(tmp_path / "wave" / "1.csv", stroke("wave", 1, rate_hz=100.0))
    write_csv(tmp_path / "lift" / "0.csv", stroke("lift", 2, gyr=False))
    write_csv(tmp_path / "lift" / "1.csv", stroke("lift", 3), unit=9.80665)
    found = read_examples(tmp_path)
    told = " | ".join(note.text for note in found.notes)
    assert "50.0 to 100.0 Hz" in told and "1 of 4 examples have no gyroscope" in told and "from g to m/s2" in told
    assert np.linalg.norm(found.clips[1].stream.acc_mps2, axis=1).mean() > 9.0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("one", 2, "wave")], "no number"),
        ([(3, 2, "wave")], "cannot be"),
        ([(1, 2, " ")], "cannot be"),
        ([(900, 901, "wave")], "no signal"),
        ([], "empty"),
    ],
)
def test_tables_that_cannot_be(tmp_path, rows, message):
    long, _ = _long(["wave"])
    file = write_csv(tmp_path / "long.csv", long)
    with pytest.raises(AnywearError, match=message) as caught:
        read_examples(file, _table(tmp_path / "table.csv", rows))
    assert "table.csv" in str(caught.value.where)


def test_a_table_without_its_columns(tmp_path):
    file = write_csv(tmp_path / "long.csv", stroke("wave", 0))
    with pytest.raises(FormatError, match="lacks a column") as caught:
        read_examples(file, _table(tmp_path / "table.csv", [(1, 2)], "start,end"))
    assert caught.value.expected == "start, end, label"
    with pytest.raises(FormatError, match="cannot be read"):
        read_examples(file, tmp_path / "no.csv")


def test_what_is_refused(tmp_path):
    with pytest.raises(FormatError, match="no such folder"):
        read_examples(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FormatError, match="no folder per label"):
        read_examples(tmp_path / "empty")
    _folder(tmp_path / "clips")
    (tmp_path / "clips" / "bow").mkdir()
    with pytest.raises(UsageError, match="has no examples") as caught:
        read_examples(tmp_path / "clips")
    assert str(caught.value.where).endswith("bow")
    write_csv(tmp_path / "clips" / "bow" / "0.csv", still())
    with pytest.raises(UsageError, match="no motion") as caught:
        read_examples(tmp_path / "clips")
    assert str(caught.value.where).endswith("0.csv") and "rest" in str(caught.value.got)
    write_csv(tmp_path / "clips" / "bow" / "0.csv", stroke("wave", 0, seconds=40.0))
    with pytest.raises(UsageError, match="too long") as caught:
        read_examples(tmp_path / "clips")
    assert str(caught.value.where).endswith("0.csv")
