"""The probe from the command line: the shipped model on a small real set, and what cannot be asked."""

from __future__ import annotations

import json

import pytest

import anywear
from anywear.cli import main


def test_the_command(dataset_root, tmp_path, capsys):
    pytest.importorskip("sklearn", reason="needs the benchmark extra")
    out = tmp_path / "probe.json"
    root = str(dataset_root("basicmotions").parent)
    asked = ["--sets", "basicmotions", "--rows", "embeddings", "--shots", "5,1", "--json", str(out)]
    assert main(["benchmark", "probe", "--data", root, *asked]) == 0
    printed, remarks = capsys.readouterr()
    told = json.loads(out.read_text())
    own = told["sets"]["basicmotions"]
    assert own["windows"] == 80 and own["folds_by"] == "recording" and own["folds"] == 2 and not own["seen"]
    assert set(own["contestants"]) == {"words", "class mean", "words + shots", "logistic regression"}
    assert list(own["contestants"]["class mean"]) == ["1", "5"]
    assert told["signature"] in printed and anywear.load().sha256 in told["signature"]
    # Four activities that differ by how much they shake: labels make them easy, and more of them easier.
    few, many = (own["contestants"]["class mean"][k]["accuracy"] for k in ("1", "5"))
    assert 0.6 < few <= many and own["contestants"]["logistic regression"]["all"]["accuracy"] > 0.9
    assert "fold 2 of 2" in remarks and "80 windows embedded" in remarks


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["probe", "--rows", "embedding"], "embeddings"), (["probe", "--rows", ","], "rows"),
        (["probe", "--shots", "one"], "--shots 1,5,10"), (["probe", "--shots", "0"], "shots"),
        (["probe", "--seed", "-1"], "seed"), (["probe", "--sets", "usc-hat", "--rows", "embeddings"], "usc-had"),
        (["probe", "--plot", "here"], "--plot does not apply"), (["probe", "--seeds", "1"], "--seeds does not apply"),
        (["probe", "--window", "nan"], "window"), (["har", "--shots", "1"], "--shots does not apply"),
        (["setup", "--rows", "embeddings"], "--rows does not apply"),
        (["simulation", "--device", "cuda"], "--device does not apply"),
        (["setup", "--shots", "1"], "--shots does not apply"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_2(tmp_path, capsys, arguments, says):
    out = tmp_path / "out.json"
    assert main(["benchmark", *arguments, "--data", str(tmp_path), "--json", str(out)]) == 2
    printed, error = capsys.readouterr()
    assert not printed and says in error and not out.exists()
