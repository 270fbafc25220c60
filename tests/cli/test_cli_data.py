"""`anywear data`: the table, terms before use, what is got, the corpus."""

from __future__ import annotations

import json
import shutil

import pytest

from anywear.cli import main
from anywear.corpus import open_corpus
from anywear.data import CATALOGUE


def test_list(capsys, tmp_path):
    (tmp_path / "dsads").mkdir()
    assert main(["data", "list", "--data", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line.split()[0]: line for line in lines[1:]}
    assert set(rows) == set(CATALOGUE)
    assert " local " in rows["dsads"] and "CC BY 4.0" in rows["dsads"] and " absent " in rows["amass"]
    assert main(["data", "list", "--json", "--data", str(tmp_path)]) == 0
    assert {row["name"] for row in json.loads(capsys.readouterr().out)} == set(CATALOGUE)


def test_info_tells_terms_and_steps(capsys, tmp_path):
    assert main(["data", "info", "amass", "--data", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "not commercial" in out and "Register at" in out and "absent" in out
    assert main(["data", "info", "dsads", "--json", "--data", str(tmp_path)]) == 0
    assert "no published checksum" in json.loads(capsys.readouterr().out)["download"][0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["info"], "No data set was named"), (["info", "amas"], "amass"), (["fetch"], "get"), (["get", "amass"], "Register at"),
     (["build-corpus", "DIR"], "-o OUT"), (["get", "free-mocap"], "build-corpus")],
)  # fmt: skip
def test_wrong_requests_say_what_to_do(capsys, tmp_path, arguments, said):
    assert main(["data", *arguments, "--data", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err


def test_nothing_is_taken_before_the_licence_is_accepted(capsys, tmp_path):
    amass = tmp_path / "amass"
    (amass / "CMU/01").mkdir(parents=True)
    (amass / "CMU/01/01_01_poses.npz").write_bytes(b"x")
    request = ["data", "get", "amass", "--from", str(amass), "--data", str(tmp_path / "data")]
    assert main(request) == 2
    err = capsys.readouterr().err
    assert "research only" in err and "--accept-licence" in err and not (tmp_path / "data").exists()
    assert main([*request, "--accept-licence"]) == 0
    assert (tmp_path / "data/amass/CMU/01/01_01_poses.npz").is_file()


def test_get_from_a_place_of_another_layout(capsys, tmp_path):
    (tmp_path / "mine").mkdir()
    assert main(["data", "get", "babel", "--from", str(tmp_path / "mine"), "--accept-licence"]) == 2
    assert "does not hold babel" in capsys.readouterr().err


def test_build_and_info_of_a_corpus(capsys, tmp_path, dataset_root):
    data, out = tmp_path / "data", tmp_path / "out"
    for file in ("genuine/003_genuine.bvh", "genuine/000_genuine.bvh"):
        (data / "reactidle/genuine").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(dataset_root("reactidle") / file, data / "reactidle" / file)
    assert main(["data", "build-corpus", str(data), "-o", str(out), "--plot", str(tmp_path / "p.png")]) == 0
    told = capsys.readouterr()
    assert "2 clips, 0 left out" in told.out and "2/2 motions" in told.err and (tmp_path / "p.png").is_file()
    assert len(open_corpus(out)) == 2
    assert main(["data", "info", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"]["clips"] == 2
    (out / "reactidle.motion.parquet").write_bytes(b"PAR1")
    assert main(["data", "info", str(out)]) == 2
    assert "checksum" in capsys.readouterr().err
