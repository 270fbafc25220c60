"""`anywear gestures`: a whole session on real clips, samples as they come, and what wrong input gets."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import numpy as np
import pytest

import anywear
from anywear.cli import main
from anywear.runtime.gestures import Gestures
from anywear.signal import segment

ROOT = Path(__file__).resolve().parents[2]
DIGITS = ROOT / "examples" / "air-digits"
NAMES = ("three", "four", "seven")


def _call(capsys, *arguments) -> tuple[int, str, str]:
    capsys.readouterr()
    try:
        code = main([str(own) for own in arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


def _events(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A folder of examples as they were recorded, and what was learned from them."""
    home = tmp_path_factory.mktemp("gestures")
    for name in NAMES:
        source = DIGITS / f"showing-{name}.anywear.parquet"
        assert main(["gestures", "record", str(source), "-o", str(home / "digits"), "--label", name, "--quiet"]) == 0
    assert main(["gestures", "train", str(home / "digits"), "-o", str(home / "my.gestures"), "--quiet"]) == 0
    return home


# --- record


def test_a_recording_is_cut_into_examples(home):
    """What stands out, sample by sample as recorded, one file each."""
    for name in NAMES:
        stream = anywear.read(DIGITS / f"showing-{name}.anywear.parquet").streams[0]
        files = sorted((home / "digits" / name).iterdir())
        assert len(files) == 2
        for path, wanted in zip(files, segment(stream), strict=True):
            own = anywear.read(path)
            clip = own.streams[0]
            inside = (stream.time_s >= wanted.start_s) & (stream.time_s <= wanted.stop_s)
            np.testing.assert_array_equal(clip.time_s, stream.time_s[inside])
            np.testing.assert_array_equal(clip.acc_mps2, stream.acc_mps2[inside])
            assert own.metadata["label"] == name and clip.placement == stream.placement
            assert any("cut out of" in note.text for note in clip.notes)


def _lines(stream: anywear.Stream) -> str:
    gyr = stream.gyr_radps
    assert gyr is not None
    rows = zip(stream.time_s.tolist(), stream.acc_mps2.tolist(), gyr.tolist(), strict=True)
    return "".join(json.dumps({"time_s": t, "acc": a, "gyr": g}) + "\n" for t, a, g in rows)


def test_record_from_standard_input(capsys, monkeypatch, tmp_path, home):
    """The samples of `anywear stream -` give the clips of the file; names that are taken are not used again."""
    stream = anywear.read(DIGITS / "showing-three.anywear.parquet").streams[0]
    for first in (1, 3):
        monkeypatch.setattr("sys.stdin", io.StringIO(_lines(stream)))
        asked = [
            "record",
            "-",
            "-o",
            tmp_path,
            "--label",
            "three",
            "--rate",
            stream.effective_rate_hz,
            "--placement",
            "right_palm",
        ]
        code, out, _ = _call(capsys, "gestures", *asked)
        assert code == 0 and '2 example(s) of "three"' in out
        for number in (0, 1):
            live = anywear.read(tmp_path / "three" / f"motion-{first + number}.anywear.parquet").streams[0]
            whole = anywear.read(home / "digits" / "three" / f"showing-three-{number + 1}.anywear.parquet").streams[0]
            np.testing.assert_array_equal(live.time_s, whole.time_s)
            np.testing.assert_array_equal(live.acc_mps2, whole.acc_mps2)


def test_what_cannot_be_an_example_is_said(capsys, tmp_path):
    """Cut off by the end: told, and not written."""
    recording = anywear.read(DIGITS / "showing-three.anywear.parquet")
    stream = recording.streams[0]
    gyr = stream.gyr_radps
    assert gyr is not None
    short = anywear.Stream("phone", stream.time_s[:430], stream.acc_mps2[:430], gyr[:430], stream.placement)
    anywear.write(anywear.Recording((short,)), tmp_path / "short.anywear.parquet")
    code, out, _ = _call(
        capsys, "gestures", "record", tmp_path / "short.anywear.parquet", "-o", tmp_path / "out", "--label", "a"
    )
    assert code == 0 and "left out: cut off" in out and '1 example(s) of "a"' in out
    assert len(list((tmp_path / "out" / "a").iterdir())) == 1
    rest = anywear.Stream("phone", np.arange(500) / 50, np.tile([0.0, 0.0, 9.81], (500, 1)))
    anywear.write(anywear.Recording((rest,)), tmp_path / "rest.anywear.parquet")
    code, _, err = _call(
        capsys, "gestures", "record", tmp_path / "rest.anywear.parquet", "-o", tmp_path / "no", "--label", "a"
    )
    assert code == 2 and "No motion was found" in err and not (tmp_path / "no").exists()


# --- train, run, test


def test_what_was_not_learned_from_is_named(capsys, home):
    code, out, _ = _call(capsys, "gestures", "run", home / "my.gestures", ROOT / "examples" / "air-digit.csv")
    assert code == 0 and [event["label"] for event in _events(out)] == ["three"]
    [event] = _events(out)
    assert event["event"] == "gesture" and event["start_s"] < event["end_s"] < event["known_at_s"] < event["end_s"] + 1
    code, out, _ = _call(capsys, "gestures", "run", home / "my.gestures", DIGITS / "writing.anywear.parquet")
    made = {span.label: span for span in anywear.read(DIGITS / "writing.anywear.parquet").labels}
    right = [e["label"] for e in _events(out) if made[e["label"]].start_s <= e["start_s"] <= made[e["label"]].end_s]
    assert code == 0 and len(right) >= 2, "more than chance: three classes, four clips"


def test_lines_give_what_the_file_gives(capsys, monkeypatch, home):
    stream = anywear.read(DIGITS / "writing.anywear.parquet").streams[0]
    code, whole, _ = _call(
        capsys, "gestures", "run", home / "my.gestures", DIGITS / "writing.anywear.parquet", "--rejected"
    )
    assert code == 0
    for chunk_s in (0.02, 0.5):
        monkeypatch.setattr("sys.stdin", io.StringIO(_lines(stream)))
        asked = ["--rate", stream.effective_rate_hz, "--placement", "right_palm", "--chunk", chunk_s, "--rejected"]
        code, live, _ = _call(capsys, "gestures", "run", home / "my.gestures", "-", *asked)
        told, wanted = _events(live), _events(whole)
        for event in (*told, *wanted):
            event["confidence"] = round(event["confidence"], 2)
        assert code == 0 and told == wanted and len(told) >= 3


def test_the_same_examples_give_the_same_bytes(capsys, home, tmp_path):
    code, out, _ = _call(capsys, "gestures", "train", home / "digits", "-o", tmp_path / "again.gestures")
    assert code == 0 and "3 gestures, 6 examples, 0 of none" in out
    assert (tmp_path / "again.gestures").read_bytes() == (home / "my.gestures").read_bytes()
    assert Gestures.load(home / "my.gestures").labels == ("four", "seven", "three")


def test_a_table_and_texts(capsys, tmp_path):
    (tmp_path / "spans.csv").write_text("file,start,end,label\nshowing-three.anywear.parquet,0.4,4.6,three\n"
                                        "showing-four.anywear.parquet,0.5,3.2,four\n")  # fmt: skip
    (tmp_path / "texts.csv").write_text("label,text\nthree,drawing the digit three in the air\n")
    asked = ["--table", tmp_path / "spans.csv", "--describe", tmp_path / "texts.csv", "-o", tmp_path / "t.gestures"]
    code, out, err = _call(capsys, "gestures", "train", DIGITS, *asked)
    assert code == 0 and "drawing the digit three" in out and "2 of none" in out
    assert "2 motions outside of the labelled stretches are taken for none" in err
    assert Gestures.load(tmp_path / "t.gestures").texts["three"] == "drawing the digit three in the air"
    code, out, _ = _call(capsys, "gestures", "test", tmp_path / "t.gestures", DIGITS, "--table", tmp_path / "spans.csv")
    assert code == 0 and "2 gestures, 2 of none" in out


def test_a_label_without_examples(capsys, home, tmp_path, small_model_dir):
    """What reads its words is named, lies in the file, and the file opens without it at hand."""
    (tmp_path / "texts.csv").write_text("label,text\nclap,clapping both hands together\n")
    asked = ["--describe", tmp_path / "texts.csv", "--reader", small_model_dir, "-o", tmp_path / "t.gestures"]
    code, out, err = _call(capsys, "gestures", "train", home / "digits", *asked)
    assert code == 0 and "clap      0 example(s)  clapping both hands together" in out
    size = (tmp_path / "t.gestures").stat().st_size / 1e6
    assert f"by words alone: clap; the model that reads them is in the file: {size:.1f} MB" in err
    loaded = Gestures.load(tmp_path / "t.gestures")
    assert loaded.head.reader is not None and loaded.labels == ("clap", "four", "seven", "three")
    code, out, _ = _call(capsys, "gestures", "run", tmp_path / "t.gestures", ROOT / "examples" / "air-digit.csv")
    assert code == 0 and [event["label"] for event in _events(out)] == ["three"]
    code, _, err = _call(capsys, "gestures", "train", home / "digits", *asked, "--reader", tmp_path / "nowhere")
    assert code == 2 and "nowhere" in err


def test_the_confusion_matrix_and_false_triggers(capsys, home, tmp_path):
    """JSON, table and picture say the same; false triggers are events of the recording with gestures it does not show."""
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    everyday = ROOT / "examples" / "phone-and-watch.anywear.parquet"
    asked = ["--everyday", everyday, DIGITS, "--everyday-sensor", "watch"]
    code, _, err = _call(capsys, "gestures", "test", home / "my.gestures", home / "digits", *asked)
    assert code == 2 and "Unknown" in err and "'watch'" in err  # the digits have a phone alone
    asked = ["--everyday", DIGITS / "writing.anywear.parquet", DIGITS / "showing-four.anywear.parquet"]
    asked += ["--plot", tmp_path / "confusion.png", "--json", tmp_path / "test.json"]
    code, out, _ = _call(capsys, "gestures", "test", home / "my.gestures", home / "digits", *asked)
    told = json.loads((tmp_path / "test.json").read_text())
    assert code == 0 and (tmp_path / "confusion.png").stat().st_size > 1000
    table = np.array(told["confusion"])
    assert told["labels"] == ["four", "seven", "three", "none"] and table.sum(axis=1).tolist() == [2, 2, 2, 0]
    assert told["accuracy"] == np.trace(table) / 6 and f"accuracy {100 * told['accuracy']:.1f} %" in out
    for label, row in zip(told["labels"], table.tolist(), strict=True):
        cells = [line.split() for line in out.splitlines()]
        rows = [own for own in cells if own[:1] == [label] and own[1:2] and own[1].isdigit()]
        assert rows == ([[label, *map(str, row)]] if sum(row) else [])
    found = told["everyday"]
    triggers = 0
    for name in ("writing", "showing-four"):
        code, out, _ = _call(capsys, "gestures", "run", home / "my.gestures", DIGITS / f"{name}.anywear.parquet")
        triggers += len(_events(out))
    assert found["triggers"] == triggers >= 2 and math.isclose(found["per_hour"], triggers / found["hours"])
    assert found["hours"] * 3600 == pytest.approx(12 * 3 + 12 + 2 * 5, abs=0.5) and found["motions"] >= triggers


# --- with activities


def test_stream_names_gestures_beside_activities_and_alone(capsys, home, tmp_path):
    played = ["stream", "--simulate", DIGITS / "writing.anywear.parquet", "--gestures", home / "my.gestures"]
    played += ["--speed", "max", "--report", tmp_path / "latency.json"]
    code, out, err = _call(capsys, *played)
    told = json.loads((tmp_path / "latency.json").read_text())
    gestures = _events(out)
    assert code == 0 and {e["event"] for e in gestures} == {"gesture"} and "gestures, ms from the last sample" in err
    assert told["gestures"] == len(gestures) >= 2 and "answers" not in told
    table = told["gesture_latency_ms"]
    assert list(table) == ["waiting", "signal", "encoder", "head", "compute", "total", "after_end"]
    assert 0 <= table["waiting"]["p50"] <= 100 and table["after_end"]["p50"] > table["total"]["p50"] + 200
    code, out, _ = _call(capsys, *played, "--labels", "walking, sitting", "--by", "text", "--window", 2)
    told = json.loads((tmp_path / "latency.json").read_text())
    both = _events(out)
    assert code == 0 and [e for e in both if e["event"] == "gesture"] == gestures
    at_once = [e for e in both if e["event"] == "activity" and not e["final"]]
    assert len(at_once) - 1 <= told["answers"] <= len(at_once) and len(at_once) > 5  # the last may come with the end
    assert told["gestures"] == len(gestures)


# --- what wrong input gets


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "nowhere", "-o", "a.gestures"], "no such folder"),
        (["train", "digits", "-o", "a.zip"], "has to end in .gestures"),
        (["train", "digits", "-o", "a.gestures", "--recall", "2"], "recall"),
        (["train", "digits", "-o", "a.gestures", "--describe", "nowhere.csv"], "cannot be read"),
        (["train", "one", "-o", "a.gestures"], "At least two gestures"),
        (["train", "empty", "-o", "a.gestures"], "no examples"),
        (["train", "still", "-o", "a.gestures"], "holds no motion"),
        (["test", "broken.gestures", "digits"], "gestures file"),
        (["test", "nowhere.gestures", "digits"], "nowhere.gestures"),
        (["test", "my.gestures", "other"], "Unknown gesture 'circle'"),
        (["test", "my.gestures", "digits", "--plot", "a.txt"], "kind"),
        (["run", "my.gestures", "nowhere.csv"], "no such file"),
        (["run", "my.gestures", "-"], "--rate"),
        (["run", "my.gestures", "-", "--rate", "50", "--chunk", "0"], "chunk"),
        (["run", "my.gestures", "-", "--rate", "50", "--format", "csv"], "of recordings"),
        (["run", "my.gestures", "-", "--rate", "50"], "no sample"),
        (["run", "my.gestures", str(ROOT / "examples/phone-and-watch.anywear.parquet")], "Several sensors could make"),
        (["record", str(DIGITS / "writing.anywear.parquet"), "-o", "out", "--label", "a/b"], "cannot name a folder"),
        (["record", str(ROOT / "examples/phone-and-watch.anywear.parquet"), "-o", "out", "--label", "a"], "several"),
        (["record", "nowhere.csv", "-o", "out", "--label", "a"], "no such file"),
        (["learn"], "invalid choice"),
        ([], "required"),
    ],
)  # fmt: skip
def test_wrong_input_is_2(capsys, monkeypatch, home, tmp_path, arguments, says):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    (tmp_path / "digits").symlink_to(home / "digits")
    (tmp_path / "my.gestures").write_bytes((home / "my.gestures").read_bytes())
    (tmp_path / "broken.gestures").write_bytes((home / "my.gestures").read_bytes()[:2000])
    for folder in ("one", "empty", "still", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ("circle" if folder == "other" else "three")).symlink_to(home / "digits" / "three")
    (tmp_path / "empty" / "four").mkdir()
    (tmp_path / "still" / "four").mkdir()
    rest = anywear.Stream("phone", np.arange(200) / 50, np.tile([0.0, 0.0, 9.81], (200, 1)))
    anywear.write(anywear.Recording((rest,)), tmp_path / "still" / "four" / "rest.anywear.parquet")
    code, out, err = _call(capsys, "gestures", *arguments)
    assert says in out + err
    assert code == (0 if says == "no sample" else 2) and not (tmp_path / "a.gestures").exists()


def test_mixed_rates_and_units_are_told(capsys, home, tmp_path):
    """One example more at half the rate and in g: learned from as well, with a note."""
    for name in ("three", "four"):
        (tmp_path / "mixed").mkdir(exist_ok=True)
        (tmp_path / "mixed" / name).mkdir()
        for path in (home / "digits" / name).iterdir():
            (tmp_path / "mixed" / name / path.name).write_bytes(path.read_bytes())
    stream = anywear.read(home / "digits" / "four" / "showing-four-1.anywear.parquet").streams[0]
    gyr = stream.gyr_radps
    assert gyr is not None
    rows = np.column_stack([stream.time_s, stream.acc_mps2 / 9.80665, np.degrees(gyr)])[::2]
    head = "time_s,acc_x_g,acc_y_g,acc_z_g,gyr_x_dps,gyr_y_dps,gyr_z_dps\n"
    text = head + "".join(",".join(f"{value:.6f}" for value in row) + "\n" for row in rows)
    (tmp_path / "mixed" / "four" / "slow.csv").write_text(text)
    code, out, err = _call(capsys, "gestures", "train", tmp_path / "mixed", "-o", tmp_path / "m.gestures")
    assert code == 0 and "2 gestures, 5 examples" in out
    assert "rates from 26" in err and "converted" in err
