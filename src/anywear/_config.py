"""Configurations from tables of a file, with errors that name the field."""

from __future__ import annotations

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
