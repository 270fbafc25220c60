"""What a label says beside the activity itself: who does it, how fast, and of which parts it consists; and the words of names
that are no words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

TEMPO = {"slowly": -1, "slow": -1, "leisurely": -1, "quickly": 1, "quick": 1, "fast": 1, "briskly": 1, "brisk": 1,
         "rapidly": 1, "rapid": 1}  # fmt: skip
"""Words for doing a thing more slowly (-1) or faster (1) than is usual."""
SUBJECT = re.compile(
    r"^(?:(?:an?|the|one)\s+(?:person|man|woman|boy|girl|child|subject|user)|someone|somebody|people|he|she|they)\s+"
    r"(?:(?:is|are|was|were)\s+)?(?=\w)"
)
NOT = {"no", "not", "never", "without", "stop", "stops", "stopping", "before", "after"}
LEFT_OUT = re.compile(r"\s*\bwithout\b.*?(?=[,;]|$|\s(?:and|then)\b)")
"""What is said not to be done, up to the next thing that is."""
JOINED = re.compile(r"[_()\[\]]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""What stands between the words of a name."""
EITHER = re.compile(r"(?<=[^\W\d_]{3})\s*/\s*(?=[^\W\d_]{3})")
"""A stroke between two words; not that of km/h."""
JOINTS = re.compile(r"\s*(?:,|;|\band then\b|\bthen\b|\band\b)\s*")


def worded(name: str) -> str:
    """A label as it is said, where it is written as columns, classes and folders are named. What is a phrase stays as it is.

    Example:
        >>> worded("sit_to_stand"), worded("WalkingUpstairs"), worded("stairs (ascending)"), worded("jogging/running")
        ('sit to stand', 'Walking Upstairs', 'stairs ascending', 'jogging, running')
    """
    return EITHER.sub(", ", " ".join(JOINED.sub(" ", name).split())) or name


def plain(text: str) -> str:
    """Lower case, single blanks."""
    return " ".join(text.lower().split())


def done(text: str) -> str:
    """In lower case, what is done, without what is left undone.

    Example:
        >>> done("bending forward without bending the knees and getting up")
        'bending forward and getting up'
    """
    return plain(LEFT_OUT.sub("", plain(text))) or plain(text)


def bare(text: str) -> tuple[str, int]:
    """A label without who does it and how fast, and how fast that is: -1 slowly, 1 quickly, 0 as usual.

    Words are only taken away where others are left.

    Example:
        >>> bare("a person is walking slowly")
        ('walking', -1)
    """
    words = SUBJECT.sub("", plain(text)).split()
    tempos = [TEMPO.get(word.strip(",.;"), 0) for word in words]
    kept = [word for word, tempo in zip(words, tempos, strict=True) if not tempo]
    return (" ".join(kept), agreed(tempos)) if kept else (" ".join(words), 0)


def doing(text: str, known: Collection[str]) -> str:
    """A label that begins with a verb, with the verb's form in -ing where that is known; empty where it does not.

    Example:
        >>> doing("drink coffee", {"drinking"}), doing("a person lies down", {"lying"}), doing("car", {"drinking"})
        ('drinking coffee', 'lying down', '')
    """
    first, _, rest = SUBJECT.sub("", plain(text)).partition(" ")
    stems = [first, *(first.removesuffix(end) for end in ("s", "es") if first.endswith(end))]
    forms = (
        form
        for stem in stems if len(stem) > 1
        for form in (f"{stem}ing", f"{stem.removesuffix('e')}ing", f"{stem}{stem[-1]}ing", f"{stem.removesuffix('ie')}ying")
    )  # fmt: skip
    found = next((form for form in forms if form in known), "")
    return f"{found} {rest}".strip() if found else ""


def agreed(tempos: Iterable[int]) -> int:
    """How fast a thing is to be done when several words or texts say so; as usual where they contradict each other."""
    said = {tempo for tempo in tempos if tempo}
    return said.pop() if len(said) == 1 else 0


def parts(text: str) -> tuple[str, ...]:
    """What is done one after another; a single part where nothing is joined.

    Example:
        >>> parts("sitting, lying down and sitting up again")
        ('sitting', 'lying down', 'sitting up again')
    """
    return tuple(part for part in JOINTS.split(plain(text)) if part)


def shortened(text: str, known: Collection[str]) -> str:
    """The longest beginning of a label that is known by itself, else the longest end; empty where neither is, where it is not
    about doing something, and where the label says what is not done.

    Example:
        >>> shortened("walking the dog", {"walking"}), shortened("nordic walking", {"walking"})
        ('walking', 'walking')
    """
    words = plain(text).split()
    if NOT & set(words):
        return ""
    shorter = [words[:count] for count in range(len(words) - 1, 0, -1)] + [
        words[count:] for count in range(1, len(words))
    ]
    found = (" ".join(own) for own in shorter if any(word.endswith("ing") for word in own))
    return next((own for own in found if own in known), "")
