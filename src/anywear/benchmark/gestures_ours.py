"""The gestures of this package among the contestants, and the list of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import unknown_name
from .gestures_contest import Contestant, Dtw, Rocket
from .gestures_encoded import Embeddings, Scratch, Words

GESTURES, NO_TEXT, FULL = "gestures", "no-text", "full"
OF_ENCODER = (Embeddings.name, Words.name)
ROWS = (GESTURES, NO_TEXT, FULL, *OF_ENCODER, Scratch.name, Rocket.name, Dtw.name)
"""Who can be asked, as ``--rows`` names them."""


def contestants(rows: Sequence[str], encoders: Sequence[str | Path] = (), threads: int = 1) -> list[Contestant]:
    """Who answers.

    Args:
        rows: of `ROWS`.
        encoders: folders of gesture encoders; the shipped one when empty. Rows that have an encoder come once for each.
        threads: of their sessions.

    Raises:
        UsageError: an unknown row, or a package is missing. ArtefactError: an encoder cannot be opened.
    """
    for row in rows:
        if row not in ROWS:
            raise unknown_name("row of the benchmark", row, ROWS)
    folders: list[Path | None] = [Path(own) for own in encoders] or [None]
    out: list[Contestant] = []
    for row in dict.fromkeys(rows):
        if row == Dtw.name:
            out.append(Dtw())
        elif row == Rocket.name:
            out.append(Rocket())
        elif row == Scratch.name:
            out.append(Scratch(folders[0], threads))
        else:
            for number, folder in enumerate(folders):
                made = _made(row, folder, threads)
                if number:
                    made.name = f"{row}@{_short(folder)}"
                out.append(made)
    return out


def _made(row: str, folder: Path | None, threads: int) -> Contestant:
    if row == Words.name:
        return Words(folder, threads)
    return Embeddings(folder, threads)


def _short(folder: Path | None) -> str:
    """What an encoder is called: its folder, or the one around it where that is called ``model``."""
    if folder is None:
        return "shipped"
    return folder.parent.name if folder.name == "model" else folder.name
