"""What a question asks: its kind, the activities it speaks of, and the moments. English, by rules that can be read.

What no rule reads has no kind; nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

KINDS = (
    "steps", "sensors", "length", "how long", "how fast", "how often", "side", "after", "before", "when", "at", "most",
    "whole", "was there",
)  # fmt: skip
"""What can be asked; the first whose pattern fits counts."""

_SUBJECT = (
    r"(?:the |this |that )?(?:person|wearer|subject|patient|user|someone|somebody|anyone|anybody|he|she|they|it|people|man|"
    r"woman|i|you|we|one)"
)
_PATTERNS = (
    ("steps", r"\b(?:how many|number of|count (?:the )?) ?steps\b|\bsteps? count\b|\bhow many paces\b"),
    (
        "sensors",
        r"\b(?:which|what|how many) (?:sensors?|devices?)\b|"
        r"\bwhere (?:is|was|were|are) the (?:sensors?|devices?|watch|phone)\b",
    ),
    (
        "length",
        r"\bhow long (?:is|was|does|did) (?:the|this) (?:recording|file|session|data)\b|\blength of the recording\b",
    ),
    (
        "how long",
        r"\bhow long\b|\bhow much time\b|\b(?:for )?how many (?:seconds|minutes|hours)\b|\bduration\b|\bwhat share\b|"
        r"\bpercentage\b",
    ),
    (
        "how fast",
        r"\bhow (?:fast|quick(?:ly)?|slow(?:ly)?)\b|"
        r"\b(?:what|which) (?:was the |is the )?(?:pace|speed|cadence|tempo|rate)\b|"
        r"\bcadence\b|\bsteps (?:a|per) (?:second|minute)\b",
    ),
    ("how often", r"\bhow often\b|\bhow many\b|\bnumber of\b|\bcount\b"),
    (
        "side",
        r"\b(?:which|what) (?:hand|arm|wrist|leg|foot|side|limb)\b|\bleft or (?:the )?right\b|\bright or (?:the )?left\b",
    ),
    ("after", r"\bwhat\b.*\b(?:after|following|once)\b"),
    ("before", r"\bwhat\b.*\b(?:before|prior to|preced\w+)\b"),
    ("when", r"\bwhen\b|\b(?:at )?what time\b|\bat which (?:time|moment)\b|\bwhat was the (?:first|last) time\b"),
    ("at", r"\bwhat\b.*\b(?:at|around|between|from)\b.*\d"),
    ("most", r"\b(?:what|which)\b.*\b(?:most|mostly|mainly|main|longest|majority)\b"),
    (
        "whole",
        r"^what (?:did|does|has|was|is) .*\b(?:do|doing|done|happen\w*|going on)$|^what (?:happened|happens|is happening)\b|"
        r"^(?:describe|summar\w+|give me a summary)\b",
    ),
    ("was there", r"^(?:was|were|are|did|does|do|has|have|had|any|can you see)\b|\bwas there\b|\bdid\b|\bwhether\b"),
)

# What is taken off a question to leave the words of an activity, in this order.
_SCAFFOLD = (
    r"\bhow (?:often|long|fast|quickly|slowly|many times|much time)\b|\bhow many (?:seconds|minutes|hours)\b",
    r"\bhow many\b|\bnumber of times\b|\bnumber of\b",
    r"\b(?:at what time|what time|when|which (?:hand|arm|wrist|leg|foot|side|limb)|what)\b",
    r"\b(?:for the )?(?:first|last)(?: time)?\b",
    rf"\b(?:did|does|do|has|have|had|was|were|is|are|be|been|there|can|could|would)\b(?: {_SUBJECT}\b)?",
    rf"\b{_SUBJECT}(?:'s)?\b",
    r"\b(?:any|ever|at all|in total|altogether|in (?:the|this) (?:recording|file|session)|during (?:the|this) \w+|sign of)\b",
    r"\b(?:spend|spent|happen|happened|pace|cadence|seen|recorded|detected|used|with|time|times|count|duration|of the)\b",
    r"\b(?:while|after|before|a|an|the|his|her|their|some)\b",
)

_CLOCK = re.compile(r"\b(?:(\d+):)?(\d{1,2}):(\d{2}(?:\.\d+)?)\b")
_SECONDS = re.compile(
    r"\b(\d+(?:\.\d+)?)\s*(s|sec|second|seconds|min|minute|minutes|h|hour|hours)?\b|\bsecond (\d+)\b|\bminute (\d+)\b"
)
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Question:
    """A question, read.

    Attributes:
        text: as it was put.
        words: in lower case, without marks.
        kind: one of `KINDS`, or None.
        about: what is left when the words of asking are taken off.
        which: ``first``, ``last`` or ``all`` of several.
        times_s: moments that it names.
    """

    text: str
    words: str
    kind: str | None
    about: str
    which: str
    times_s: tuple[float, ...]


def read_question(text: str) -> Question:
    """Read a question.

    Example:
        >>> own = read_question("How often did the person sit down?")
        >>> own.kind, own.about
        ('how often', 'sit down')
    """
    words = " ".join(re.sub(r"[?!;\"“”]|[.,](?=\s|$)", " ", text.lower().replace("’", "'")).split())
    kind = next((kind for kind, pattern in _PATTERNS if re.search(pattern, words)), None)
    which = "first" if re.search(r"\bfirst\b", words) else "last" if re.search(r"\blast\b", words) else "all"
    times = _times(words) if kind in ("at", "was there", "how long", "how often", "steps", "how fast") else ()
    return Question(text, words, kind, _about(words), which, times)


def _about(words: str) -> str:
    for pattern in _SCAFFOLD:
        words = re.sub(pattern, " ", words)
    words = re.sub(r"[^\w' -]", " ", words)
    return " ".join(words.split())


def _times(words: str) -> tuple[float, ...]:
    """Moments, in the order in which they are named: clocks, or numbers with a unit of time."""
    found: list[tuple[int, float]] = []
    for match in _CLOCK.finditer(words):
        hours, minutes, seconds = match.groups()
        found.append((match.start(), 3600.0 * int(hours or 0) + 60.0 * int(minutes) + float(seconds)))
    rest = _CLOCK.sub(lambda match: " " * len(match[0]), words)
    for match in _SECONDS.finditer(rest):
        number, unit, second, minute = match.groups()
        if second or minute:
            found.append((match.start(), float(second or 0.0) + 60.0 * float(minute or 0.0)))
        elif unit:
            found.append((match.start(), float(number) * _UNITS[unit[0]]))
    return tuple(at for _, at in sorted(found))
