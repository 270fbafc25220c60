"""`anywear learn`, and `anywear recognize --learned`: a whole session on a real recording, and what wrong input gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import anywear
from anywear.cli import main

CLIP = Path(__file__).resolve().parents[2] / "examples" / "phone-and-watch.anywear.parquet"


def _call(capsys, *arguments) -> tuple[int, str, str]:
    capsys.readouterr()
    try:
        code = main([str(own) for own in arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


@pytest.fixture(scope="module")
def learned(tmp_path_factory) -> Path:
    """What was learned of one recording, which says what happens in it."""
    path = tmp_path_factory.mktemp("learned") / "mine.activities"
    assert main(["learn", str(CLIP), "-o", str(path), "--window", "1.5"]) == 0
    return path


def test_what_was_learned_is_found_again(learned, capsys):
    code, out, err = _call(capsys, "recognize", CLIP, "--learned", learned, "--hop", "0.5", "--json", "--quiet")
    answer = json.loads(out)
    assert (
        code == 0 and err == "" and answer["labels"] == ["seated", "sitting down", "standing up", "turning", "walking"]
    )
    assert answer["used"]["by"] == "learned" and answer["used"]["setup"] == "left_front_pocket"
    told = [own["label"] for own in answer["segments"] if own["label"] != "unknown"]
    assert told[0] == "seated" and told.count("walking") >= 2 and told[-1] == "sitting down"


def test_live_too(learned, capsys):
    code, out, _ = _call(
        capsys,
        "stream",
        "--simulate",
        CLIP,
        "--learned",
        learned,
        "--speed",
        "max",
        "--hop",
        "0.5",
        "--final",
        "--quiet",
    )
    events = [json.loads(line) for line in out.splitlines()]
    live = [(own["start_s"], own["label"]) for own in events if own["event"] == "segment_ended"]
    _, out, _ = _call(capsys, "recognize", CLIP, "--learned", learned, "--hop", "0.5", "--json", "--quiet")
    assert code == 0 and live == [(own["start_s"], own["label"]) for own in json.loads(out)["segments"]]
    code, _, err = _call(capsys, "stream", "--simulate", CLIP, "--learned", learned, "--by", "text")
    assert code == 2 and "settled when they were learned" in err


def test_it_says_what_it_learned(learned, tmp_path, capsys):
    code, out, _ = _call(capsys, "learn", CLIP, "-o", tmp_path / "again.activities", "--window", "1.5")
    lines = out.splitlines()
    assert code == 0 and lines[0].startswith("seated") and "windows of 1.5 s" in lines[0]
    assert lines[-1] == f"5 activities, 1 recording(s) -> {tmp_path / 'again.activities'}"
    assert any("windows right, every stretch in turn left out" in line for line in lines)
    assert (tmp_path / "again.activities").read_bytes() == learned.read_bytes()


def test_a_table_says_what_happens_and_words_what_it_means(tmp_path, capsys):
    anywear.write(anywear.read(CLIP), tmp_path / "one.anywear.parquet")
    (tmp_path / "spans.csv").write_text("start,end,label\n0,2,A\n3.2,6.1,B\n7.4,10.3,B\n")
    (tmp_path / "words.csv").write_text("label,text\nA,sitting still\n")
    code, out, _ = _call(
        capsys, "learn", tmp_path / "one.anywear.parquet", "-o", tmp_path / "t.activities", "--table",
        tmp_path / "spans.csv", "--describe", tmp_path / "words.csv", "--window", "1.5",
    )  # fmt: skip
    assert code == 0 and "2 activities, 1 recording(s)" in out
    _, out, _ = _call(capsys, "recognize", CLIP, "--learned", tmp_path / "t.activities", "--json", "--quiet")
    assert json.loads(out)["used"]["texts"] == {"A": "sitting still", "B": "B"}


@pytest.mark.parametrize("option", ["--by text", "--hubs on", "--language off", "--mount unknown", "--window 3"])
def test_what_is_of_words_alone_is_refused(learned, capsys, option):
    code, out, err = _call(capsys, "recognize", CLIP, "--learned", learned, *option.split())
    assert code == 2 and out == "" and option.split()[0] in err and "settled when they were learned" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["learn", "{clip}", "-o", "mine.txt"], "has to end in .activities"),
        (["learn", "nothing", "-o", "a.activities"], "no such folder"),
        (["learn", "{clip}", "-o", "a.activities", "--window", "0.1"], "window's length"),
        (["learn", "{clip}", "-o", "a.activities", "--seed", "-1"], "seed is out of range"),
        (["learn", "{clip}", "-o", "a.activities", "--describe", "nothing.csv"], "cannot be read"),
        (["recognize", "{clip}", "--learned", "{clip}"], "activities file is damaged"),
        (["recognize", "{clip}", "--learned", "nothing.activities"], "no activities file"),
        (["recognize", "{clip}", "--learned", "a", "--labels", "walking, sitting"], "not allowed with"),
    ],
)
def test_wrong_input_is_said(tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    code, out, err = _call(capsys, *(own.format(clip=CLIP) for own in arguments))
    assert code == 2 and out == "" and said in err
    assert not list(tmp_path.iterdir())
