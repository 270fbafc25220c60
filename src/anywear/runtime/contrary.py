"""Sentences turned into their contrary: the mirrored motion's, and those that one word makes wrong."""

from __future__ import annotations

from functools import lru_cache

SIDES = {"left": "right", "clockwise": "counterclockwise"}
SIDES |= {value: key for key, value in SIDES.items()}

CONTRARY = (
    ("up", "down"), ("upstairs", "downstairs"), ("upward", "downward"), ("upwards", "downwards"), ("uphill", "downhill"),
    ("sit", "stand"), ("sits", "stands"), ("sitting", "standing"), ("forward", "backward"), ("forwards", "backwards"),
    ("push", "pull"), ("pushes", "pulls"), ("pushing", "pulling"), ("raises", "lowers"), ("raising", "lowering"),
    ("opens", "closes"), ("opening", "closing"), ("slow", "fast"), ("slowly", "quickly"), ("gently", "hard"),
    ("walk", "run"), ("walks", "runs"), ("walking", "running"), ("front", "back"), ("climbs", "descends"),
    ("climbing", "descending"), ("lies", "stands"), ("lying", "standing"), ("high", "low"), ("throws", "catches"),
    ("throwing", "catching"),
)  # fmt: skip
"""Words that change places to make a contrary sentence."""

APART = (("push-ups", "pull-ups"), ("arm", "leg"), ("arms", "legs"))
"""Words told apart that do not change places: a sentence with the other one may be no other motion, or no English."""

_PAIRS = (*CONTRARY, *APART, *SIDES.items())
OPPOSITES: dict[str, frozenset[str]] = {
    word: frozenset(b for pair in _PAIRS for a, b in (pair, pair[::-1]) if a == word)
    for pair in _PAIRS
    for word in pair
}
"""The contraries of each word that has any, sides and words told apart among them."""


def swap_sides(text: str) -> str:
    """The wording of the mirrored motion: left and right, clockwise and counterclockwise change places."""
    return _exchanged(text.replace("counter clockwise", "counterclockwise"), SIDES)


def contraries(text: str) -> tuple[str, ...]:
    """What would be said of another motion: the sentence with one pair of contrary words exchanged, for each that it holds.

    Sides are not among them; see `swap_sides`.
    """
    found = []
    for one, other in CONTRARY:
        exchanged = _exchanged(text, {one: other, other: one})
        if exchanged != text:
            found.append(exchanged)
    return tuple(dict.fromkeys(found))


def says_contrary(one: str, other: str) -> bool:
    """Whether a text holds the contrary of a word of another, and neither holds both."""
    own, its = _words(one), _words(other)
    return any(b in its and a not in its and b not in own for a in own & OPPOSITES.keys() for b in OPPOSITES[a])


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    plain = (
        text.lower().replace("counter clockwise", "counterclockwise").replace("counter-clockwise", "counterclockwise")
    )
    return frozenset(word.strip(",.;:()") for word in plain.split())


def _exchanged(text: str, pairs: dict[str, str]) -> str:
    words = []
    for word in text.split(" "):
        bare = word.rstrip(",.")
        words.append(pairs.get(bare, bare) + word[len(bare) :])
    return " ".join(words)
