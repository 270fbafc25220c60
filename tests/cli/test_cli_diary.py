"""caption and ask as a user meets them: sentences, evidence, exit codes, nothing made after an error."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from anywear.cli import main

ROOT = Path(__file__).resolve().parents[2]
CLIP = ROOT / "examples" / "phone-and-watch.anywear.parquet"


def _call(capsys, *arguments) -> tuple[int, str, str]:
    code = main([str(a) for a in arguments])
    return (code, *capsys.readouterr())


def test_a_diary_in_every_form(tmp_path, capsys):
    page = tmp_path / "diary.html"
    code, out, err = _call(capsys, "caption", CLIP, "--plain", "--every", "5", "--html", page, "--json")
    told = json.loads(out)
    assert code == 0 and str(page) in err and page.read_text().startswith("<!doctype html>")
    assert {"summary", "entries", "captions", "changes", "steps", "sensors", "model"} <= set(told)
    assert len(told["captions"]) == 3 and told["steps"] == sum(
        own["facts"]["steps"]["count"] for own in told["entries"] if "steps" in own["facts"]
    )
    code, out, _ = _call(capsys, "caption", CLIP, "--plain", "--markdown", "--labels", "walking, sitting")
    assert code == 0 and out.startswith(f"# {CLIP.name}") and "turned" not in out


def test_a_folder_with_a_damaged_file_and_a_device_at_rest(tmp_path, capsys):
    rng = np.random.default_rng(0)
    rows = np.c_[np.arange(1000) / 50, np.array([0.0, 0.0, 9.81]) + rng.normal(scale=0.01, size=(1000, 3))]
    np.savetxt(tmp_path / "rest.csv", rows, delimiter=",", header="time,acc_x,acc_y,acc_z", comments="")
    (tmp_path / "broken.csv").write_text("time,acc_x,acc_y,acc_z\nzero,one,two,three\n" * 5)
    code, out, err = _call(capsys, "caption", tmp_path, "--plain", "--html", tmp_path / "d.html")
    assert code == 1 and "no motion" in out and "broken.csv" in err and (tmp_path / "d-rest.csv.html").exists()
    assert "walk" not in out and "lying" not in out and "lay" not in out
    code, out, _ = _call(capsys, "ask", tmp_path / "rest.csv", "--plain", "how long was there no motion?")
    assert code == 0 and "no motion" in out and "100%" in out


def test_questions_in_every_form(capsys):
    code, out, _ = _call(capsys, "ask", CLIP, "--plain", "how often did the person sit down?", "--json")
    told = json.loads(out)
    assert code == 0 and told["value"] == 1.0 and told["evidence"][0]["label"] == "sitting down"
    code, out, _ = _call(capsys, "ask", CLIP, "--plain", "--markdown", "how many steps?")
    assert code == 0 and "known by: signal" in out
    code, out, _ = _call(capsys, "ask", CLIP, "--plain", "what is the person's name?")
    assert code == 0 and "cannot be answered" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("caption", "nowhere.csv"), ("caption", CLIP, "--html", "page.pdf"), ("caption", CLIP, "--every", "0.1"),
        ("caption", CLIP, "--labels", "walking"), ("caption", CLIP, "--window", "99"),
        ("ask", CLIP, "why?", "--mount", "odd"),
        ("ask", CLIP, "how often did he walk?", "--labels", ""),
    ],
)  # fmt: skip
def test_bad_input_is_told_and_nothing_is_written(arguments, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = _call(capsys, *arguments)
    assert code == 2 and not out and err.startswith("error: ") and list(tmp_path.iterdir()) == []
