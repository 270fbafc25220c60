"""What exists is documented: commands and their options, formats, data sets, sites. And what is documented exists."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from anywear.cli import COMMANDS, build_parser, main
from anywear.datasets import DATASETS
from anywear.io import READERS
from anywear.motion import MOTION_READERS
from anywear.placement import SITE_ALIASES, SITES
from anywear.simulate import DEVICES, PARTS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def _text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _rows(text: str) -> list[list[str]]:
    """Cells of every table row, without the heads."""
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line.startswith("|")
    ]
    return [row for row in rows if not set("".join(row)) <= set("-|")]


def _sections(text: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _parsers() -> dict[str, argparse.ArgumentParser]:
    for action in build_parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    raise AssertionError("no commands")


def _options(parser: argparse.ArgumentParser) -> set[str]:
    """Of a command and of its actions."""
    found = {option for action in parser._actions for option in action.option_strings}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found = found.union(*(_options(below) for below in action.choices.values()))
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option(command):
    section = _sections(_text("cli.md"))[command]
    known = _options(_parsers()[command]) - {"-h", "--help"}
    told = set(re.findall(r"`(--?[a-z][a-z-]*)", section))
    assert known <= told, f"not in docs/cli.md: {sorted(known - told)}"
    assert told <= known, f"only in docs/cli.md: {sorted(told - known)}"


def test_every_command_is_in_the_summary():
    assert set(_sections(_text("cli.md"))) - {"Options that several commands share"} == set(COMMANDS)
    assert " | ".join(COMMANDS) in _text("cli.md")


@pytest.mark.parametrize("page", ["cli.md", "gestures.md"])
def test_printed_examples_are_what_is_printed(monkeypatch, capsys, tmp_path, page):
    """Every example with output runs; figures may differ a little between processors."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    ran = 0
    for block in re.findall(r"```\n\$ anywear (.*?)```", _text(page), flags=re.DOTALL):
        line, _, expected = block.replace("\\\n", " ").partition("\n")
        if not expected.strip():
            continue
        assert main(shlex.split(line)) == 0
        out = capsys.readouterr().out
        for wanted in expected.strip("\n").splitlines():
            if wanted.strip() != "...":
                assert _rounded(wanted) in _rounded(out), wanted
        ran += 1
    assert ran >= 4


def _rounded(text: str) -> str:
    return re.sub(r'\d+%|"confidence": [\d.]+', "", text)


def test_every_format():
    named = {name for row in _rows(_text("formats.md")) for name in re.findall(r"`([a-z-]+)`", row[0])}
    assert set(READERS) <= named, f"not in docs/formats.md: {sorted(set(READERS) - named)}"
    assert {name for name in named if not name.startswith("--")} <= set(READERS)


def test_every_motion_format_and_fault():
    rows = _rows(_text("motion.md"))
    told = {row[0].strip("`"): row[1] for row in rows if len(row) == 5 and row[0] != "`format=`"}
    assert told == {name: reader.about for name, reader in MOTION_READERS.items()}
    source = (ROOT / "src/anywear/motion/checks.py").read_text(encoding="utf-8")
    kinds = set(re.findall(r'Fault\(\s*"([a-z ]+)"', source))
    assert kinds <= {row[0].strip("`") for row in rows if len(row) == 2} and len(kinds) >= 6


def test_what_the_motion_examples_import_exists():
    for line in re.findall(r"^from anywear.* import .*$", _text("motion.md"), flags=re.MULTILINE):
        exec(line, {})


@pytest.mark.parametrize("number", [0, 1])
def test_the_examples_of_simulation_run(monkeypatch, number, capsys):
    examples = re.findall(r"```python\n(.*?)```", _text("simulate.md"), flags=re.DOTALL)
    assert len(examples) == 2
    if "torch" in examples[number]:
        pytest.importorskip("torch", reason="needs the train extra")
    monkeypatch.chdir(ROOT)
    known: dict = {}
    exec(examples[number], known)
    if number == 0:
        assert [stream.name for stream in known["recording"].streams] == ["left_wrist", "right_front_pocket"]
        assert known["signals"].acc_mps2.shape[0] == 1000
    else:
        assert len(capsys.readouterr().out.splitlines()) == 2


def test_every_device_and_part():
    told = {name for row in _rows(_text("simulate.md")) for name in re.findall(r"`([a-z0-9_-]+)`", row[0])}
    assert {*DEVICES, *PARTS, "ideal"} <= told


def test_every_data_set():
    rows = {row[0].strip("`"): row for row in _rows(_text("datasets.md")) if len(row) == 7 and row[0] != "name"}
    assert set(rows) == set(DATASETS)
    for name, row in rows.items():
        info = DATASETS[name].info
        assert row[2] == f"{info.rate_hz:.3g} Hz" and row[4] == str(len(info.label_words)) and row[5] == info.role
        assert set(re.findall(r"`(\w+)`", row[3])) == set(info.placements)
    cited = {row[0].strip("`"): row[1] for row in _rows(_text("datasets.md")) if len(row) == 2 and row[0] != "name"}
    assert set(cited) == set(DATASETS)
    for name, source in cited.items():
        assert DATASETS[name].info.citation.split(":")[0] in source


def test_every_site():
    rows = _rows(_text("sites.md"))
    told = {row[0].strip("`"): row for row in rows if len(row) == 5 and row[0] != "site"}
    assert set(told) == set(SITES)
    for name, site in SITES.items():
        assert told[name][1:] == [site.segment, f"{site.along:g}", f"{site.around_deg:g}°", site.about]
    assert {row[0].strip("`"): row[1].strip("`") for row in rows if len(row) == 2 and row[0] != "word"} == SITE_ALIASES


def test_links_lead_somewhere():
    for path in DOCS.glob("*.md"):
        for target in re.findall(r"\]\((?!http)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_modules_named_in_the_docs_exist():
    for path in DOCS.glob("*.md"):
        for name in re.findall(r"`(src/[\w/.]+?)/?`", path.read_text(encoding="utf-8")):
            assert (ROOT / name).exists(), f"{path.name}: {name}"
