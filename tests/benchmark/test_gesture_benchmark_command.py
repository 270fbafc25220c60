"""benchmark gestures from the command line: a small real set, and what cannot be asked."""

from __future__ import annotations

import json

import pytest

from anywear.cli import main


def test_the_command(dataset_root, tmp_path, capsys):
    pytest.importorskip("sklearn", reason="needs the benchmark extra")
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    out = tmp_path / "gestures.json"
    root = str(dataset_root("basicmotions").parent)
    asked = ["--sets", "basicmotions", "--rows", "minirocket,dtw", "--labels", "0.1,1", "--shots", "1", "--seeds", "2"]
    paths = ["--json", str(out), "--plot", str(tmp_path / "pictures")]
    assert main(["benchmark", "gestures", "--data", root, *asked, *paths]) == 0
    printed, remarks = capsys.readouterr()
    told = json.loads(out.read_text())
    own = told["sets"]["basicmotions"]
    assert own["clips"] == 80 and own["classes"] == 4 and own["users"] == 0 and own["split_by"] == "mixed"
    assert set(own["baselines"]) == {"minirocket", "dtw"} and list(own["all"]["mixed"]) == ["10 %", "100 %", "1 shot"]
    few, many = (own["all"]["mixed"][labels]["minirocket"]["accuracy"] for labels in ("1 shot", "100 %"))
    assert 0.5 < few < many and many > 0.95
    # Two clips of each class are learned, the other 72 asked, twice.
    assert sum(map(sum, own["confusion"]["matrix"])) == 2 * 72
    assert told["signature"] in printed and "80 clips 4 classes unnamed users" in told["signature"]
    assert "80 clips of 4 classes" in remarks
    for name in ("gestures-benchmark-curves.png", "gestures-benchmark-confusion.png"):
        picture = tmp_path / "pictures" / name
        assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size < 80_000


def test_devices(dataset_root, tmp_path, capsys):
    out = tmp_path / "devices.json"
    root = str(dataset_root("basicmotions").parent)
    asked = ["--sets", "basicmotions", "--rows", "dtw", "--shots", "2", "--seeds", "1", "--table", "devices", "--quiet"]
    assert main(["benchmark", "gestures", "--data", root, *asked, "--json", str(out)]) == 0
    printed, remarks = capsys.readouterr()
    told = json.loads(out.read_text())
    assert not remarks and told["table"] == "devices" and told["signature"] in printed
    assert "turned by 45°" in told["sets"]["basicmotions"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["gestures", "--rows", "dwt"], "dtw"), (["gestures", "--labels", "few"], "--labels 0.1"),
        (["gestures", "--labels", "10"], "above 0"), (["gestures", "--shots", "0", "--rows", "dtw"], "shots"),
        (["gestures", "--shots", "one", "--rows", "dtw"], "--shots 1,5"),
        (["gestures", "--seeds", "0,1", "--rows", "dtw"], "--seeds 5"), (["gestures", "--seeds", "0"], "seeds"),
        (["gestures", "--split", "wearers"], "users"), (["gestures", "--sets", "utd", "--rows", "dtw"], "utd-mhad"),
        (["gestures", "--sets", ",", "--rows", "dtw"], "No data set"), (["gestures", "--threads", "0"], "thread"),
        (["gestures", "--encoder", "nowhere", "--rows", "words"], "nowhere"),
        (["gestures", "--model", "here"], "--model does not apply"), (["gestures", "--hop", "1"], "--hop does not apply"),
        (["gestures", "--table", "latency", "--plot", "here", "--rows", "dtw"], "no picture"),
        (["har", "--labels", "0.1"], "--labels does not apply"), (["probe", "--split", "users"], "--split does not apply"),
        (["nucleus", "--table", "curves"], "--table does not apply"),
        (["setup", "--encoder", "here"], "--encoder does not apply"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_2(tmp_path, capsys, arguments, says):
    out = tmp_path / "out.json"
    assert main(["benchmark", *arguments, "--data", str(tmp_path), "--json", str(out)]) == 2
    printed, error = capsys.readouterr()
    assert not printed and says in error and not out.exists()
