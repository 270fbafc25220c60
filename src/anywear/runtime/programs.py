"""Which programs of the generator do what words say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .._typing import Array
from ..errors import UsageError
from ..motion.generate import PROGRAMS, find_program
from .text import TextTower

FAR = 0.5  # cosine below which a match is no match: unrelated words reach 0.44


@dataclass(frozen=True)
class ProgramMatch:
    """A program and how near its words are.

    Attributes:
        program: its name.
        said: its own words that are nearest.
        similarity: cosine of sentence embeddings, -1 to 1; 1 where the words are the program's own.
    """

    program: str
    said: str
    similarity: float


def programs_for(text: str, tower: TextTower, count: int = 5) -> tuple[ProgramMatch, ...]:
    """The programs nearest to some words, the nearest first.

    Args:
        text: such as "climbing stairs"; the name, label or another name of a program is found at once.
        tower: sentence encoder.
        count: how many.

    Raises:
        UsageError: no words at all.

    Example:
        >>> programs_for("going for a jog", TextTower(WEIGHTS_DIR))[0].program  # doctest: +SKIP
        'jogging'
    """
    if not text.strip():
        raise UsageError("No words were given", remedy="Say what is to be done, such as climbing stairs")
    names, owners, vectors = _wordings(tower)
    cosines = vectors @ np.asarray(tower.encode([text.strip().lower()]))[0]
    try:
        own = find_program(text).name
    except UsageError:
        own = None
    best: dict[str, ProgramMatch] = {}
    for row in np.argsort(-cosines, kind="stable"):
        best.setdefault(owners[row], ProgramMatch(owners[row], names[row], float(cosines[row])))
    found = sorted(best.values(), key=lambda match: (match.program != own, -match.similarity))
    if own is not None:
        found[0] = ProgramMatch(own, text.strip().lower(), 1.0)
    return tuple(found[:count])


@lru_cache(maxsize=2)
def _wordings(tower: TextTower) -> tuple[list[str], list[str], Array]:
    pairs = [(text, name) for name, own in PROGRAMS.items() for text in dict.fromkeys((own.label, *own.also))]
    encode: Callable[[Sequence[str]], Array] = tower.encode
    return [text for text, _ in pairs], [name for _, name in pairs], np.asarray(encode([text for text, _ in pairs]))
