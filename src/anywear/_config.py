"""Configurations from tables of a file, with errors that name the field."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from typing import Any

from .errors import UsageError


def from_table(kind: type, values: dict[str, Any], where: str) -> Any:
    """A dataclass from a table; lists become tuples.

    Raises:
        UsageError: a field that does not exist or is missing, and whatever the dataclass itself refuses.
    """
    known = {f.name for f in fields(kind) if f.init}
    for name in values:
        if name not in known:
            raise UsageError(
                "A configuration field does not exist", where=where, expected=", ".join(sorted(known)), got=name
            )
    converted = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    try:
        return kind(**converted)
    except TypeError as error:
        raise UsageError("The configuration cannot be", where=where, got=str(error)) from error


def change(table: dict[str, Any], wish: str) -> None:
    """Set one field of a nested table, as ``loop.seed=1`` or ``augment.window_s=[2.0, 5.0]``; the value is TOML.

    Raises:
        UsageError: no name, no value, or no TOML value.
    """
    name, _, value = wish.partition("=")
    parts = [part.strip() for part in name.split(".")]
    try:
        if not all(parts) or not value.strip():
            raise ValueError("no name or no value")
        parsed = tomllib.loads(f"value = {value}")["value"]
    except ValueError as error:
        raise UsageError(
            "A change of the configuration cannot be read", where="--set", got=f"{wish} ({error})",
            expected="FIELD=VALUE with a TOML value", remedy="Write --set loop.seed=1, or --set 'name=\"other\"'",
        ) from error  # fmt: skip
    for part in parts[:-1]:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise UsageError("A field of the configuration has no fields itself", where="--set", got=wish)
    table[parts[-1]] = parsed
