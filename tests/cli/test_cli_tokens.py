"""The command that turns a recording into tokens and back into a moving body."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the train extra to make the model")

from anywear import Recording, read, write
from anywear.cli import main
from anywear.placement import Placement
from anywear.recording import Stream
from anywear.runtime.tokens import MotionTokens
from token_doubles import write_token_model

FILE = "examples/phone-and-watch.anywear.parquet"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_token_model(tmp_path_factory.mktemp("cli") / "model")


@pytest.fixture(scope="module")
def example(pytestconfig):
    return str(pytestconfig.rootpath / FILE)


def _told(arguments, capsys) -> tuple[str, str]:
    assert main(["tokens", *arguments]) == 0
    return capsys.readouterr()


def _refused(arguments, capsys) -> str:
    assert main(["tokens", *arguments]) == 2
    found = capsys.readouterr()
    assert not found.out
    return found.err


def test_text_json_and_back(folder, example, tmp_path, capsys):
    model = ["--model", str(folder), "--quiet"]
    out, err = _told([example, *model], capsys)
    lines = out.splitlines()
    expected = MotionTokens(folder).encode(read(example))
    assert len(lines) == len(expected) and not err
    assert re.fullmatch(r"00:00\.0 - 00:04\.8  (\d+\.\d+ ){11}\d+\.\d+", lines[0])
    told = json.loads(_told([example, *model, "--json"], capsys)[0])
    assert told["tokenizer"] == MotionTokens(folder).sha256 and told["sizes"] == [16, 16]
    assert [own["ids"] for own in told["sentences"]] == [own.ids.tolist() for own in expected]
    kept = tmp_path / "tokens.json"
    kept.write_text(json.dumps(told))
    again = json.loads(_told(["--decode", str(kept), *model, "--json"], capsys)[0])
    assert again["sentences"] == told["sentences"] and again["placements"] == told["placements"]


def test_the_page_says_that_it_is_a_belief(folder, example, tmp_path, capsys):
    pages = []
    kept = tmp_path / "tokens.json"
    kept.write_text(_told([example, "--model", str(folder), "--json", "--quiet"], capsys)[0])
    for number, source in enumerate(([example], ["--decode", str(kept)])):
        page = tmp_path / f"{number}.html"
        _, err = _told([*source, "--model", str(folder), "--view", str(page)], capsys)
        assert "a belief, not a measurement" in err
        assert ("simulated on the believed body" in err) == (number == 1)
        [data] = re.findall(r'type="application/json">(.*?)</script>', page.read_text(), re.DOTALL)
        pages.append(json.loads(data))
    for shown in pages:
        assert "Not a measurement" in shown["captions"][0] and any("believe" in note["text"] for note in shown["notes"])
    assert [own["place"] for own in pages[0]["sensors"]] == [own["place"] for own in pages[1]["sensors"]]
    assert pages[0]["motion"] == pages[1]["motion"] and pages[0]["start_s"] <= 0.0


def test_what_cannot_be_answered(folder, example, tmp_path, capsys):
    model = ["--model", str(folder)]
    time_s = np.arange(25) / 50.0
    short = tmp_path / "short.anywear.parquet"
    acc = np.tile([0.0, 0.0, 9.81], (25, 1)) + np.random.default_rng(0).normal(size=(25, 3))
    write(Recording((Stream("watch", time_s, acc, placement=Placement.at("left_wrist")),)), short)
    assert "nothing to make tokens of" in _refused([str(short), *model], capsys)
    assert "Either a recording or a file" in _refused(model, capsys)
    assert "Either a recording or a file" in _refused([example, "--decode", "x.json", *model], capsys)
    assert "kind is unknown" in _refused([example, "--view", "x.gif", *model], capsys)
    assert "out of range" in _refused([example, "--window", "0.2", *model], capsys)
    other = write_token_model(tmp_path / "other", seed=1, with_pose=False)
    kept = tmp_path / "tokens.json"
    kept.write_text(_told([example, *model, "--json", "--quiet"], capsys)[0])
    assert "of another tokenizer" in _refused(["--decode", str(kept), "--model", str(other)], capsys)
    assert "no pose decoder" in _refused([example, "--view", str(tmp_path / "x.html"), "--model", str(other)], capsys)
    raw = json.loads(kept.read_text())
    for change, message in (
        ({"format": "x"}, "holds no motion tokens"),
        ({"sentences": [{"start_s": 0, "end_s": 4, "ids": [[1, 99]]}]}, "does not exist"),
        ({"sentences": [{"start_s": 0, "end_s": 4, "ids": [[1, 2], [3]]}]}, "damaged"),
        ({"sentences": [{"start_s": 0, "ids": [[1, 2]]}]}, "damaged"),
        ({"sentences": [{"start_s": 4, "end_s": 0, "ids": [[1, 2]]}]}, "damaged"),
        ({"sentences": [{"start_s": 0, "end_s": 4, "ids": []}]}, "cannot be"),
        ({"sentences": raw["sentences"][::-1]}, "time order"),
        ({"sentences": []}, "nothing to make tokens of"),
    ):
        kept.write_text(json.dumps({**raw, **change}))
        assert message in _refused(["--decode", str(kept), *model], capsys), message
    kept.write_text("no json")
    assert "not for --decode" in _refused(["--decode", str(kept), "--window", "3", *model], capsys)
    assert "not JSON" in _refused(["--decode", str(kept), *model], capsys)
    assert "cannot be read" in _refused(["--decode", str(tmp_path / "none.json"), *model], capsys)


def test_silence_and_unknown_places(folder, tmp_path, capsys):
    time_s = np.arange(500) / 50.0
    rng = np.random.default_rng(0)
    still = Stream("phone", time_s, np.tile([0.0, 0.0, 9.81], (500, 1)) + 0.01 * rng.normal(size=(500, 3)))
    path = tmp_path / "table.anywear.parquet"
    write(Recording((still,)), path)
    out, err = _told([str(path), "--model", str(folder)], capsys)
    assert out.count("(no motion)") == len(out.splitlines()) >= 2 and "no motion" in err and "placement unknown" in err
    page = ["--view", str(tmp_path / "x.html"), "--model", str(folder)]
    assert "no placement is known" in _refused([str(path), *page], capsys)
    assert "no motion" in _told([str(path), *page, "--placement", "left_wrist"], capsys)[0]
