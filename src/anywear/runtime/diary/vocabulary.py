"""What a diary looks for by itself: everyday activities, how they are called, and how their sentences go.

An activity is asked of the recogniser only where a sensor can tell it: those of the hands need a sensor on an arm, or one
of which nobody says where it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...placement import Placement
from ..labels import UNKNOWN, LabelSet

POSTURE, GAIT, CHANGE, REPEATED, OTHER = "posture", "gait", "change", "repeated", "other"
KINDS = (POSTURE, GAIT, CHANGE, REPEATED, OTHER)
NO_MOTION = "no motion"
ARM = ("forearm", "hand", "fingers")


@dataclass(frozen=True)
class Activity:
    """One activity.

    Attributes:
        label: what is printed and asked.
        past: what somebody did, for sentences.
        kind: ``posture`` lasts and is still, ``gait`` has steps, ``change`` leads from one posture to another, ``repeated``
            is counted, ``other`` is none of these.
        forms: further words that mean it in a question, besides the forms of its verb; regular expressions.
        texts: further wordings that it is looked for by.
        hands: whether only a sensor on an arm can tell it.
        unit: of what is counted, in the plural.
    """

    label: str
    past: str
    kind: str
    forms: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    hands: bool = False
    unit: str = "repetitions"

    def is_meant(self, words: str) -> bool:
        """Whether words of a question, in lower case, speak of it."""
        return any(re.search(rf"\b(?:{form})\b", words) for form in (re.escape(self.label), *self.forms))


EVERYDAY: tuple[Activity, ...] = (
    Activity("sitting down", "sat down", CHANGE, (r"s[ia]t(?:s|ting)?(?: \w+)? down", r"tak\w+ a seat", r"took a seat")),
    Activity(
        "standing up", "stood up", CHANGE,
        (r"st(?:and|ood)(?:s|ing)?(?: \w+)? up", r"g[eo]t(?:s|ting)?(?: \w+)? up", r"r[io]se?s?(?: \w+)? from"),
    ),
    Activity(
        "turning around", "turned around", CHANGE,
        (r"turn(?:s|ed|ing)?(?: \w+)? (?:around|round|back)", "turns?", "turned"),
    ),
    Activity("falling", "fell", CHANGE, ("fall", "falls", "fell", "fallen", "stumbled?")),
    Activity(
        "picking something up", "bent down and picked something up", CHANGE,
        (r"(?:pick|picks|picked|picking)\b.* up", r"ben[dt]s?(?: \w+)? down", "bending"), ("bending down",),
    ),
    Activity("walking", "walked", GAIT, ("walk", "walks", "walked", "stroll(?:s|ed|ing)?", "on foot")),
    Activity(
        "climbing stairs", "climbed stairs", GAIT,
        (r"(?:climb|go|went|walk|ascend)\w*\b.* (?:up|upstairs)", "climb(?:s|ed)?(?: the)? stairs", "upstairs"),
        ("walking up the stairs",),
    ),
    Activity(
        "going down stairs", "went down stairs", GAIT,
        (r"(?:go|went|walk|descend)\w*\b.* (?:down|downstairs)", "downstairs", r"descend\w*"),
        ("walking down the stairs",),
    ),
    Activity("running", "ran", GAIT, ("run", "runs", "ran", "jog", "jogs", "jogged", "jogging"), ("jogging",)),
    Activity("sitting", "sat", POSTURE, ("sit", "sits", "sat", "seated")),
    Activity("standing", "stood", POSTURE, ("stand", "stands", "stood"), ("standing still",)),
    Activity("lying down", "lay", POSTURE, ("lies?", "lay", "lying", "lain", r"sle(?:ep|pt)\w*"), ("lying on the back",)),
    Activity("cycling", "cycled", REPEATED, ("cycle", "cycles", "cycled", "bike", "biked", "biking", "rode", "pedal\\w*"),
             ("cycling on an exercise bike",), unit="turns of the pedals"),
    Activity("jumping", "jumped", REPEATED, ("jump", "jumps", "jumped", "hop", "hopped"), unit="jumps"),
    Activity("squatting", "did squats", REPEATED, ("squat", "squats", "squatted"), ("doing squats",), unit="squats"),
    Activity("rowing", "rowed", REPEATED, ("row", "rows", "rowed"), ("rowing on a machine",), unit="strokes"),
    Activity("waving", "waved", REPEATED, ("wave", "waves", "waved"), ("waving a hand",), True, "waves"),
    Activity("clapping", "clapped", REPEATED, ("claps?", "clapped", r"applaud\w*"), ("clapping hands",), True, "claps"),
    Activity("brushing teeth", "brushed teeth", REPEATED, (r"brush\w*(?: \w+)? teeth",), (), True, "strokes"),
    Activity("typing", "typed", OTHER, ("type", "types", "typed"), ("typing on a keyboard",), True),
    Activity("eating", "ate", OTHER, ("eat", "eats", "ate", "eaten", "meal"), ("eating a meal",), True),
    Activity("drinking", "drank", OTHER, ("drink", "drinks", "drank", "drunk", "sip\\w*"), ("drinking from a cup",), True),
)  # fmt: skip
"""Looked for by default; changes first, so that *sat down* is not taken for *sat*."""

_BY_LABEL = {own.label: own for own in EVERYDAY}

# Kinds of activities that are not in the list, by words of their label; the first that fits counts.
_KIND_WORDS = (
    (CHANGE, r"\b(?:(?:sit|stand|gett?|ly)\w*\s+(?:down|up)|turn\w*|fall\w*|rising)\b|\bto (?:sit|stand|lie)\b"),
    (GAIT, r"\b(?:walk|run|jog|stair|upstairs|downstairs|march|treadmill|stroll|hik)\w*"),
    (POSTURE, r"\b(?:sitting|seated|standing|lying|sleep\w*|still|resting|kneeling)\b"),
    (
        REPEATED,
        r"\b(?:jump|squat|lung|curl|push.?up|sit.?up|row|cycl|bik|wav|clap|shak|knock|lift|press|swing|rais|brush|crunch|burpee|"
        r"rop)\w*",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Vocabulary:
    """What is looked for in one recording.

    Attributes:
        activities: those of the question put to the recogniser.
        custom: whether somebody gave them, rather than this module.
    """

    activities: tuple[Activity, ...]
    custom: bool = False
    _by_label: dict[str, Activity] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_label", {own.label: own for own in self.activities})

    @property
    def labels(self) -> LabelSet:
        """As the recogniser takes them."""
        return LabelSet(
            tuple(own.label for own in self.activities), tuple((own.label, *own.texts) for own in self.activities)
        )

    def __getitem__(self, label: str) -> Activity:
        """The activity of a label; one made of its words where it is none of these."""
        return self._by_label.get(label) or activity_of(label)

    def kind(self, label: str) -> str:
        """Its kind; ``other`` for unknown and for no motion."""
        return OTHER if label in (UNKNOWN, NO_MOTION) else self[label].kind

    def meant(self, words: str) -> list[Activity]:
        """Activities that words of a question speak of; those of longer phrases count alone."""
        found = [own for own in self.activities if own.is_meant(words)]
        changes = {"sitting": "sitting down", "standing": "standing up"}
        labels = {own.label for own in found}
        if labels & {"climbing stairs", "going down stairs"} and not re.search(r"walk\w* (?:and|or)\b", words):
            labels.discard("walking")
        return [own for own in found if own.label in labels and changes.get(own.label) not in labels]


def everyday(placements: Sequence[Placement]) -> Vocabulary:
    """The activities that sensors at some places can tell."""
    arm = any(not own.is_known or (own.segment or "").split("_", 1)[-1] in ARM for own in placements)
    return Vocabulary(tuple(own for own in EVERYDAY if arm or not own.hands))


def given(labels: LabelSet) -> Vocabulary:
    """Labels that somebody asked for; descriptions stay what is looked for."""
    made = []
    for name, texts in zip(labels.names, labels.texts, strict=True):
        own = activity_of(name)
        made.append(Activity(own.label, own.past, own.kind, own.forms, tuple(texts[1:]), own.hands, own.unit))
    return Vocabulary(tuple(made), custom=True)


def activity_of(label: str) -> Activity:
    """An activity by its label alone: of the list where it is there, else of the kind its words speak of."""
    label = " ".join(label.split())
    if label in _BY_LABEL:
        return _BY_LABEL[label]
    kind = next((kind for kind, words in _KIND_WORDS if re.search(words, label.lower())), OTHER)
    return Activity(label, f"did: {label}" if not label.lower().split(" ")[0].endswith("ing") else _past(label), kind)


_PAST = {
    "walking": "walked", "running": "ran", "sitting": "sat", "standing": "stood", "lying": "lay", "going": "went",
    "doing": "did", "riding": "rode", "throwing": "threw", "drawing": "drew", "catching": "caught", "swinging": "swung",
    "writing": "wrote",
    "eating": "ate", "drinking": "drank", "sleeping": "slept", "getting": "got", "falling": "fell", "sweeping": "swept",
    "holding": "held", "making": "made", "taking": "took", "putting": "put", "cutting": "cut", "bending": "bent",
    "swimming": "swam", "bowling": "bowled", "shaking": "shook",
}  # fmt: skip


def _past(label: str) -> str:
    """A label that begins with a verb in -ing, as what somebody did; English only, regular but for the commonest verbs."""
    first, _, rest = label.partition(" ")
    verb = first.lower()
    past = _PAST.get(verb)
    if past is None:
        bare = verb[:-3]
        past = bare[:-1] + "ied" if bare.endswith("y") and bare[-2:-1] not in "aeiou" else bare + "ed"
    return f"{past} {rest}".strip()
