"""Which words a set of sensors can vouch for: body parts too far from any sensor are not to be spoken of.

A sensor tells of the segment it is worn on and of those that are joined to it. A word for one of a pair ("hand") needs one
side, with "left" or "right" before it that side, and in the plural both. A word is told by any of its segments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...bodygraph import SEGMENT_INDEX, hop_distances, segment
from .pieces import Pieces

REACH = 1  # joints between a sensor and what it tells of
SIDES = ("left", "right")
LOOKED_BACK = 2  # words before a body part among which its side is looked for


@dataclass(frozen=True)
class Part:
    """A body part as people name it.

    Attributes:
        words: one of it; plural: several.
        segments: that move when it moves; without side where the body has two.
        paired: whether the body has two.
    """

    words: tuple[str, ...]
    plural: tuple[str, ...]
    segments: tuple[str, ...]
    paired: bool = True


PARTS: dict[str, Part] = {
    "arm": Part(("arm", "elbow", "forearm"), ("arms", "elbows", "forearms"), ("upper_arm", "forearm")),
    "hand": Part(
        ("hand", "wrist", "finger", "fist", "palm", "thumb"),
        ("hands", "wrists", "fingers", "fists", "palms", "thumbs"),
        ("hand", "fingers"),
    ),
    "shoulder": Part(("shoulder",), ("shoulders",), ("shoulder",)),
    "leg": Part(("leg", "thigh", "knee", "shin"), ("legs", "thighs", "knees", "shins"), ("thigh", "shank")),
    "foot": Part(("foot", "ankle", "heel", "toe"), ("feet", "ankles", "heels", "toes"), ("foot", "toes")),
    "head": Part(
        ("head", "neck", "face", "mouth", "ear", "eye", "nose", "chin", "hair", "forehead"),
        ("heads", "ears", "eyes"),
        ("head",),
        paired=False,
    ),
    "trunk": Part(
        ("torso", "trunk", "chest", "waist", "hip", "belly", "stomach", "pelvis", "spine"),
        ("hips",),
        ("pelvis", "abdomen", "lower_chest", "chest"),
        paired=False,
    ),
}
"""Every word of a body part that captions use and that means nothing else."""


def told_sides(part: Part, worn: Iterable[str]) -> frozenset[str]:
    """Which of the sides of a part some worn segments can tell of; ``""`` for a part of the middle."""
    hops, places = hop_distances(), [SEGMENT_INDEX[segment(own).name] for own in worn]

    def near(name: str) -> bool:
        return any(hops[SEGMENT_INDEX[name], own] <= REACH for own in places)

    if not part.paired:
        return frozenset({""}) if any(near(name) for name in part.segments) else frozenset()
    return frozenset(side for side in SIDES if any(near(f"{side}_{name}") for name in part.segments))


class UnspokenWords:
    """Words that must not be said.

    Args:
        worn: body segments of the sensors; those of sensors worn nobody knows where are left out.
    """

    def __init__(self, worn: Sequence[str]) -> None:
        self._free = {name: told_sides(part, worn) for name, part in PARTS.items()}

    @property
    def parts(self) -> tuple[str, ...]:
        """Body parts of which no side can be told."""
        return tuple(name for name, sides in self._free.items() if not sides)

    def words(self, before: Sequence[str]) -> list[str]:
        """Words that must not follow these."""
        said = [word for word in before[-LOOKED_BACK:] if word in SIDES]
        side = said[-1] if said else None
        banned = []
        for name, part in PARTS.items():
            sides = self._free[name]
            one = bool(sides) if side is None or not part.paired else side in sides
            banned += [] if one else part.words
            banned += [] if (len(sides) == 2 if part.paired else bool(sides)) else part.plural
        return banned


class Unspoken(UnspokenWords):
    """Pieces that must not come next.

    Args:
        pieces: of the language model.
        worn: body segments of the sensors; those of sensors worn nobody knows where are left out.
    """

    def __init__(self, pieces: Pieces, worn: Sequence[str]) -> None:
        super().__init__(worn)
        self._pieces, self._strings = pieces, pieces.strings()

    def said(self, text: str) -> tuple[str, ...]:
        """Such words in a text, in order, each once."""
        words = re.findall(r"[a-z]+", text)
        found = (word for place, word in enumerate(words) if word in self.words(words[:place]))
        return tuple(dict.fromkeys(found))

    def next(self, ids: list[int]) -> dict[int, str]:
        """Pieces that would complete such a word after these, and the word."""
        text = self._pieces.decode(ids)
        words = re.findall(r"[a-z]+", text)
        begun = words[-1] if words and text[-1].isalpha() else ""
        out = {self._strings[f" {word}"]: word for word in self.words(words) if f" {word}" in self._strings}
        for word in self.words(words[:-1]) if begun else self.words(words):
            rest = word[len(begun) :] if word.startswith(begun) else ""
            if rest in self._strings:
                out[self._strings[rest]] = word
        return out
