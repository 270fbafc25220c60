"""The README's Python example runs and prints what the README says."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from anywear.cli import main

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_it_opens_with_the_two_commands():
    first = re.search(r"```\n(.*?)```", TEXT, re.DOTALL)
    assert first is not None and [line.split("#")[0].strip() for line in first.group(1).splitlines()] == [
        "make demo",
        "make test",
    ]


def test_the_example_prints_what_is_printed(monkeypatch):
    monkeypatch.chdir(ROOT)
    found = re.search(r"```python\n(.*?)```\n\nprints\n\n```\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    code, expected = found.groups()
    assert len(code.strip().splitlines()) <= 10
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})
    got, want = out.getvalue().splitlines(), expected.splitlines()
    assert [re.sub(r"\d+%", "", line) for line in got] == [re.sub(r"\d+%", "", line) for line in want]
    shares = [[int(n) for n in re.findall(r"(\d+)%", "\n".join(lines))] for lines in (got, want)]
    # Another processor rounds differently.
    assert shares[0] == pytest.approx(shares[1], abs=2)


def test_the_simulation_prints_what_is_printed(monkeypatch, tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="needs the plot extra")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    found = re.search(r"```\n\$ anywear (simulate.*?)```", TEXT, re.DOTALL)
    assert found is not None
    line, _, expected = found[1].replace("\\\n", " ").partition("\n")
    assert main(shlex.split(line)) == 0
    assert capsys.readouterr().out == expected and expected
    assert {path.name for path in tmp_path.iterdir()} == {"examples", "walk.anywear.parquet", "walk.png"}


def test_files_it_points_to_exist():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", TEXT):
        assert (ROOT / target).exists(), target
