"""The command line with the shipped model: answers, exit codes, and nothing left behind after an error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import anywear
from anywear.cli import COMMANDS, build_parser, main

ROOT = Path(__file__).resolve().parents[2]
CLIP = ROOT / "examples" / "phone-and-watch.anywear.parquet"
DIGIT = ROOT / "examples" / "air-digit.csv"
LABELS = "sitting, standing up, walking, turning around, sitting down"


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two good recordings, a damaged one, and a readme."""
    made = tmp_path / "recordings"
    (made / "inner").mkdir(parents=True)
    (made / "digit.csv").write_bytes(DIGIT.read_bytes())
    (made / "inner" / "digit.csv").write_bytes(DIGIT.read_bytes())
    (made / "broken.csv").write_text("time,acc_x,acc_y,acc_z\nzero,one,two,three\n" * 5)
    (made / "README.md").write_text("about")
    return made


def _call(capsys, *arguments) -> tuple[int, str, str]:
    try:
        code = main([str(a) for a in arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def _python(*arguments: str, **options) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment, **options)


# --- the program itself


def test_help_lists_every_command():
    text = build_parser().format_help()
    assert set(COMMANDS) >= {"recognize", "index", "search", "describe", "info", "embed", "convert", "benchmark"}
    assert all(name in text for name in COMMANDS)
    modules = {path.stem for path in (ROOT / "src/anywear/cli").glob("*.py") if not path.stem.startswith("_")}
    assert modules == set(COMMANDS)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["recognize", "--help"], ["benchmark", "--help"]])
def test_nothing_heavy_is_imported_to_say_what_there_is(arguments):
    code = (
        "import sys\nfrom anywear.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit as stop:\n    assert not stop.code\n"
        "heavy = {'numpy', 'scipy', 'onnxruntime', 'pyarrow', 'tokenizers', 'torch', 'matplotlib'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = _python("-c", code)
    assert done.returncode == 0, done.stderr
    assert anywear.__version__ in done.stdout or "usage" in done.stdout


@pytest.mark.parametrize("arguments", [[], ["recognise"], ["recognize", CLIP], ["info", CLIP, "--what"]])
def test_wrong_usage_is_2(capsys, arguments):
    code, out, err = _call(capsys, *arguments)
    assert code == 2 and not out and "usage" in err


def test_a_closed_pipe_and_an_interruption_are_quiet():
    line = f"{sys.executable} -m anywear.cli info {DIGIT} | true"
    done = subprocess.run(
        line, shell=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}
    )
    assert done.returncode == 0 and not done.stderr
    code = "import time, anywear.cli as cli\nfrom unittest import mock\n"
    code += "print('ready', flush=True)\n"
    code += "with mock.patch('anywear.cli._common.load_model', lambda options: time.sleep(60)):\n"
    code += "    raise SystemExit(cli.main(['info']))"
    running = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert running.stdout is not None and running.stdout.readline() == "ready\n"
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130 and "Traceback" not in err


# --- recognize


def test_a_timeline_is_printed(capsys):
    code, out, err = _call(capsys, "recognize", CLIP, "--labels", LABELS, "--window", 2, "--hop", 0.5, "--hubs", "off")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("00:00.0") and lines[0].endswith("%") and "sitting" in " ".join(lines[:2])
    assert sum("walking" in line for line in lines) >= 2
    assert "note: " in err and "Traceback" not in err
    assert _call(capsys, "recognize", CLIP, "--labels", LABELS, "--quiet")[2] == ""


def test_json_is_valid_and_says_the_same(capsys):
    code, out, _ = _call(
        capsys, "recognize", CLIP, "--labels", LABELS, "--window", 2, "--hop", 0.5, "--hubs", "off", "--json"
    )
    answer = json.loads(out)
    assert code == 0 and answer["labels"][0] == "sitting" and "sitting" in [s["label"] for s in answer["segments"][:2]]
    assert answer["segments"][0]["start_s"] == 0.0 and 0 <= answer["segments"][0]["confidence"] <= 1
    assert len(answer["model"]) == 12 and answer["windows"] and any("repaired" in n for n in answer["recording_notes"])


def test_labels_from_a_file(capsys, tmp_path):
    labels = tmp_path / "labels"
    labels.write_text("# what we look for\nseat: a person sits on a chair\nwalk: a person walks along\n")
    for option in ("--labels", "--labels-file"):
        code, out, _ = _call(capsys, "recognize", CLIP, option, labels, "--threshold", -1, "--json")
        assert code == 0 and json.loads(out)["labels"] == ["seat", "walk"]


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ("", "No labels"),
        (" , ", "At least two"),
        ("walking", "At least two"),
        ("walking, Walking", "twice"),
        ("walking, unknown", "unknown"),
        ("walking, ???", "no words"),
        ("labels-that-are-not-there.txt", "no such label file"),
    ],
)
def test_bad_labels_are_2(capsys, labels, says):
    code, out, err = _call(capsys, "recognize", CLIP, "--labels", labels)
    assert code == 2 and not out and err.startswith("error: ") and says in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--window", "nan"], "window"),
        (["--window", "0"], "window"),
        (["--window", "1e9"], "window"),
        (["--hop", "inf"], "hop"),
        (["--hop", "-1"], "hop"),
        (["--threshold", "7", "--by", "text"], "threshold"),
        (["--threads", "0"], "thread"),
        (["--rate", "0"], "rate"),
        (["--placement", "left_antler"], "left_antler"),
        (["--placement", "phone=left_antler"], "left_antler"),
        (["--placement", "hat=head_top"], "hat"),
        (["--format", "cassette"], "cassette"),
        (["--format", "phyphox"], "where"),
        (["--model", "no-such-folder"], "no model here"),
        (["--plot", "out.gif"], "picture"),
    ],
)
def test_bad_options_are_2(capsys, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    code, out, err = _call(capsys, "recognize", CLIP, "--labels", LABELS, *arguments)
    assert code == 2 and not out and err.startswith("error: ") and says in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--units", "furlong"], "furlong"),
        (["--units", "g,deg/s"], "g"),
        (["--columns", "acc=nothing"], "nothing"),
        (["--rate", "-5"], "rate"),
    ],
)
def test_what_cannot_be_true_of_a_table_is_2(capsys, arguments, says):
    code, out, err = _call(capsys, "info", DIGIT, *arguments)
    assert code == 2 and not out and err.startswith("error: ") and says in err


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x00\xff" * 200, b"PK\x03\x04rest", b"a,b\n1,2\n", b"PAR1" + b"\0" * 60]
)
def test_bad_files_are_2_and_leave_nothing_behind(capsys, tmp_path, content):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    picture, vectors, table = tmp_path / "out.png", tmp_path / "out.npy", tmp_path / "out.parquet"
    for command in (
        ["recognize", path, "--labels", LABELS, "--plot", picture],
        ["embed", path, "-o", vectors],
        ["convert", path, "-o", table],
        ["info", path],
    ):
        code, out, err = _call(capsys, *command)
        assert code == 2 and not out and err.startswith("error: ") and "Traceback" not in err
    assert [p.name for p in tmp_path.iterdir()] == ["file.csv"]


def test_a_missing_file_and_an_empty_folder_are_2(capsys, tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        code, out, err = _call(capsys, "recognize", path, "--labels", LABELS)
        assert code == 2 and not out and err.startswith("error: ")


def test_a_picture_is_written_whole(capsys, tmp_path):
    picture = tmp_path / "new" / "out.png"
    code, _, err = _call(capsys, "recognize", CLIP, "--labels", LABELS, "--plot", picture)
    assert code == 0 and picture.read_bytes().startswith(b"\x89PNG") and "picture: " in err
    assert [p.name for p in picture.parent.iterdir()] == ["out.png"]


def test_a_damaged_file_in_a_folder_costs_nothing_else(capsys, folder, tmp_path):
    picture = tmp_path / "out.png"
    code, out, err = _call(
        capsys, "recognize", folder, "--labels", "walking, waving", "--placement", "right_palm", "--plot", picture
    )
    assert code == 1 and out.count("digit.csv:") == 2
    assert "broken.csv" in err and "1 of 3 files failed" in err.splitlines()[-1]
    assert sorted(p.name for p in tmp_path.glob("*.png")) == ["out-digit.csv.png", "out-inner-digit.csv.png"]
    code, out, _ = _call(capsys, "recognize", folder, "--labels", "walking, waving", "--json")
    assert code == 1 and [Path(a["file"]).name for a in json.loads(out)] == ["digit.csv", "digit.csv"]


def test_a_folder_where_everything_fails_is_2(capsys, folder):
    for good in folder.rglob("digit.csv"):
        good.unlink()
    code, out, err = _call(capsys, "recognize", folder, "--labels", LABELS)
    assert code == 2 and not out and "broken.csv" in err


# --- info


def test_info_says_what_was_understood(capsys):
    code, out, _ = _call(capsys, "info", CLIP)
    assert code == 0
    for part in ("left_front_pocket", "left_wrist", "102.44 Hz", "13.5 s", "repaired: ", "8 spans", "0 gap(s)"):
        assert part in out
    known = json.loads(_call(capsys, "info", CLIP, "--json")[1])
    assert [s["name"] for s in known["streams"]] == ["phone", "watch"]
    assert known["streams"][0]["effective_rate_hz"] == pytest.approx(102.44, abs=0.01)


def test_info_takes_what_the_user_says(capsys):
    out = _call(capsys, "info", DIGIT, "--placement", "right_palm", "--units", "m/s2,rad/s")[1]
    assert "right_palm" in out and "placement given by the user" in out


def test_info_of_a_folder(capsys, folder):
    code, out, err = _call(capsys, "info", folder, "--json")
    assert code == 1 and len(json.loads(out)) == 2 and "broken.csv" in err


def test_info_of_the_installation(capsys):
    code, out, _ = _call(capsys, "info")
    assert code == 0
    for part in (anywear.__version__, "onnxruntime", anywear.load().sha256, "trained on", "dsads", "intact"):
        assert part in out
    assert json.loads(_call(capsys, "info", "--json")[1])["card"]["files"]


def test_info_without_a_model_still_says_what_is_installed(capsys, tmp_path):
    code, out, err = _call(capsys, "info", "--model", tmp_path)
    assert code == 2 and "onnxruntime" in out and "no model here" in err


@pytest.mark.parametrize(
    ("option", "name"),
    [("--sites", "left_wrist"), ("--formats", "sensor-logger"), ("--formats", "dsads"), ("--datasets", "usc-had")],
)
def test_info_lists_what_there_is(capsys, option, name):
    code, out, _ = _call(capsys, "info", option)
    assert code == 0 and any(line.split()[0] == name for line in out.splitlines())


# --- embed and convert


def test_embeddings_are_unit_vectors_with_times(capsys, tmp_path):
    assert _call(capsys, "embed", CLIP, "-o", tmp_path / "out.npy")[0] == 0
    vectors = np.load(tmp_path / "out.npy")
    assert vectors.shape == (9, 384) and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert _call(capsys, "embed", CLIP, "-o", tmp_path / "out.npz", "--window", 2, "--hop", 1)[0] == 0
    with np.load(tmp_path / "out.npz") as stored:
        assert stored["vectors"].shape[0] == stored["spans_s"].shape[0] == 12
        assert np.allclose(np.diff(stored["spans_s"], axis=1), 2.0)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.npy", "out.npz"]


def test_embedding_a_folder_says_which_file_is_which(capsys, folder, tmp_path):
    code, _, err = _call(capsys, "embed", folder, "-o", tmp_path / "out.npz")
    assert code == 1 and "broken.csv" in err
    with np.load(tmp_path / "out.npz") as stored:
        assert len(stored["files"]) == 2 and set(stored["recording"]) == {0, 1}


def test_embed_refuses_other_endings_and_places(capsys, tmp_path):
    for out in (tmp_path / "out.txt", tmp_path / "out", "/proc/no/out.npy"):
        code, printed, err = _call(capsys, "embed", CLIP, "-o", out)
        assert code == 2 and not printed and err.startswith("error: ")
    assert not list(tmp_path.iterdir())


def test_convert_loses_nothing(capsys, tmp_path):
    target = tmp_path / "digit.anywear.parquet"
    code, out, _ = _call(capsys, "convert", DIGIT, "-o", target, "--placement", "right_palm")
    assert code == 0 and "1 stream(s), 5.0 s" in out
    before, after = anywear.read(DIGIT, placement="right_palm"), anywear.read(target)
    assert np.array_equal(before.streams[0].acc_mps2, after.streams[0].acc_mps2)
    assert (
        after.streams[0].placement == before.streams[0].placement and after.streams[0].notes == before.streams[0].notes
    )
    assert _call(capsys, "convert", DIGIT, "-o", tmp_path / "out.csv")[0] == 2


# --- benchmark


def test_benchmark_writes_table_and_json(capsys, tmp_path, dataset_root):
    out = tmp_path / "out.json"
    root = dataset_root("basicmotions")
    code, printed, err = _call(
        capsys,
        "benchmark",
        "har",
        "--data",
        root.parent,
        "--sets",
        "basicmotions",
        "--placements",
        "watch",
        "--json",
        out,
    )
    assert code == 0 and "anywear-har v1 | sets basicmotions" in printed and "basicmotions: " in err
    known = json.loads(out.read_text())
    assert known["signature"] in printed and known["sets"]["basicmotions"]["windows"] == 80
    assert set(known["sets"]["basicmotions"]["per_class"]) == {"standing", "walking", "running", "playing badminton"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["har", "--sets", "usc-hat"], "usc-had"),
        (["har", "--sets", ","], "No data set"),
        (["har", "--window", "nan"], "window"),
        (["hair"], "har"),
    ],
)
def test_benchmark_refuses_what_it_does_not_know(capsys, tmp_path, arguments, says):
    code, out, err = _call(capsys, "benchmark", *arguments, "--data", tmp_path, "--json", tmp_path / "out.json")
    assert code == 2 and not out and says in err
    assert not list(tmp_path.iterdir())


def test_benchmark_says_when_the_data_are_missing(capsys, tmp_path):
    code, _, err = _call(capsys, "benchmark", "har", "--data", tmp_path)
    assert code == 2 and "usc-had" in err
