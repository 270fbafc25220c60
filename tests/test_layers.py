"""A room imports only from rooms above it in the table of docs/architecture.md."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src/anywear"


def _order() -> dict[str, int]:
    """Room to row of the table; rooms of one row stand on the same floor."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = text.split("## Rooms")[1].split("## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {room.rstrip("/"): number for number, row in enumerate(rows) for room in re.findall(r"`([\w/]+)`", row)}


def _imports(path: Path) -> set[str]:
    """Rooms that a module imports from, inside functions as well."""
    package = ["anywear", *path.relative_to(PACKAGE).parts[:-1]]
    rooms: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            parts = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            home = [*base, *(node.module.split(".") if node.module else [])]
            parts = [[*home, alias.name] for alias in node.names]
        else:
            continue
        rooms |= {own[1] for own in parts if len(own) > 1 and own[0] == "anywear"}
    return {room for room in rooms if (PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").exists()}


def test_every_room_is_in_the_table():
    rooms = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert rooms - {"__init__"} == set(_order())


@pytest.mark.parametrize("room", sorted(_order()))
def test_rooms_import_from_above(room):
    order, path = _order(), PACKAGE / room
    modules = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    assert modules
    for module in modules:
        below = {other for other in _imports(module) - {room} if order[other] > order[room]}
        assert not below, f"{module.relative_to(PACKAGE)} imports from {', '.join(sorted(below))}"


def test_torch_stays_in_training():
    """Nothing that recognises or simulates needs torch."""
    for module in PACKAGE.rglob("*.py"):
        room = module.relative_to(PACKAGE).parts[0]
        found = re.search(r"^(?:import|from) torch\b", module.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert not found or room in ("nn", "train"), module
