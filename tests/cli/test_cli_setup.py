"""benchmark setup as a user meets it: table, JSON, picture, and what it refuses."""

from __future__ import annotations

import json

import pytest

from anywear.cli import main


def _call(capsys, *arguments) -> tuple[int, str, str]:
    code = main([str(a) for a in arguments])
    return (code, *capsys.readouterr())


def test_table_json_and_picture_of_a_set_with_one_stream(tmp_path, capsys, dataset_root):
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    root, out = dataset_root("basicmotions"), tmp_path / "out.json"
    code, printed, err = _call(
        capsys, "benchmark", "setup", "--data", root.parent, "--sets", "basicmotions", "--conditions",
        "placements,gyro,told", "--json", out, "--plot", tmp_path,
    )  # fmt: skip
    assert code == 0 and "basicmotions: 2 recordings, 80 windows" in err
    known = json.loads(out.read_text())
    own = known["sets"]["basicmotions"]
    assert known["signature"] in printed and "varied: placements; gyro; told" in known["signature"]
    assert "comparing placements needs several" in printed and "placements" not in own
    assert set(own["disturbances"]) == {"no gyroscope", "place not told", "mount not told", "place and mount not told"}
    lost = own["disturbances"]["no gyroscope"]
    assert lost["windows"] == 80 and lost["same_answer"] < 1.0 and lost["remark"] == ""
    assert own["disturbances"]["mount not told"]["remark"] == "nothing to change"
    # The same figure as har has, which asks the same.
    code, printed, _ = _call(
        capsys, "benchmark", "har", "--data", root.parent, "--sets", "basicmotions", "--quiet", "--json", "-"
    )
    assert code == 0 and json.loads(printed)["sets"]["basicmotions"]["accuracy"] == own["all_together"]["accuracy"]
    assert (tmp_path / "setup-basicmotions.png").stat().st_size > 5_000


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--conditions", "rates"], "rate"),
        (["--conditions", ","], "placements, turn, rate, gyro, told"),
        (["--sets", "dsad"], "dsads"),
        (["--seed", "-1"], "not negative"),
        (["--window", "0"], "window"),
        (["--parts", "gap"], "--parts does not apply to setup"),
        (["--pool", "5"], "--pool does not apply to setup"),
    ],
)
def test_what_cannot_be_is_2_and_makes_nothing(tmp_path, capsys, arguments, says):
    code, out, err = _call(
        capsys,
        "benchmark",
        "setup",
        "--data",
        tmp_path,
        "--json",
        tmp_path / "out.json",
        "--plot",
        tmp_path,
        *arguments,
    )
    assert code == 2 and not out and says in err and not list(tmp_path.iterdir())


@pytest.mark.parametrize("benchmark", ["har", "retrieval", "simulation"])
def test_conditions_are_of_setup_alone(tmp_path, capsys, benchmark):
    code, _, err = _call(capsys, "benchmark", benchmark, "--data", tmp_path, "--conditions", "turn")
    assert code == 2 and f"--conditions does not apply to {benchmark}" in err
