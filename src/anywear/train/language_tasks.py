"""What a language model is asked about a moment of motion, and what it should say: captions, choices, questions with answers.

Nothing here knows which model learns: the embedded one and any other take the same examples. Whatever is asked has a true
answer in the moment's own facts: its sentences, which hold of this very clip, its label, its steps, and where its sensors
are worn. What no sensor is near enough to tell is answered so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from ..runtime.language.telling import PARTS, told_sides

TASKS = ("caption", "choice", "question")
CANNOT_TELL = "that cannot be told from these sensors"
NO_SENSOR_PLACE = "somewhere on the body"

CAPTION_ASKED = ("describe the motion", "what does the person do?", "describe what the person is doing")
WHAT_ASKED = ("what is the person doing?", "what does the person do?", "which activity is this?")
WHETHER_ASKED = ("is this {label}?", "is the person {label}?", "could this be {label}?")
CHOICE_ASKED = ("which of these: {labels}?", "which is it: {labels}?", "choose one of {labels}")
HAND_ASKED = ("which hand?", "which hand does the person use?", "with which hand is it done?")
LEG_ASKED = ("which leg?", "which leg does the person use?", "with which leg is it done?")
POSTURE_ASKED = ("which posture?", "does the person sit, stand or lie?", "what is the posture?")
FAST_ASKED = ("how fast?", "how fast is it done?", "is it done slowly or quickly?")
STEPS_ASKED = ("how many steps?", "how many steps does the person take?", "how many steps are taken?")

OPTIONS = (2, 3, 4, 6, 8)  # labels of a choice that lists them

_SUBJECT = re.compile(r"(?:(?:an?|the) (?:\w+ )?(?:person|man|woman|guy|figure)|someone|somebody|they|he|she)\b")
_HAND = re.compile(r"\b(left|right) (?:hand|arm|wrist|forearm)\b|\b(both) (?:hands|arms|wrists)\b")
_LEG = re.compile(r"\b(left|right) (?:leg|foot|knee)\b|\b(both) (?:legs|feet|knees)\b")
_POSTURE = re.compile(
    r"\b(sitting|standing|lying) person\b|\bwhile (sitting|standing|lying)\b|\bis (sitting|standing|lying)\b(?! (?:up|down))"
)
_FAST = re.compile(r"\b(slowly|quickly|fast|briskly)\b")
_WORDS = {"fast": "quickly", "briskly": "quickly"}


@runtime_checkable
class Facts(Protocol):
    """What is true of a moment; see `anywear.train.language_motions.Moment`."""

    @property
    def segments(self) -> tuple[str | None, ...]: ...

    @property
    def label(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def texts(self) -> tuple[str, ...]: ...

    @property
    def steps(self) -> int: ...


@dataclass(frozen=True)
class Example:
    """Something asked and answered.

    Attributes:
        task: one of `TASKS`.
        ask: the question in words; for a caption, and for a choice without list, in general words.
        answer: what should be said.
        listed: whether a choice lists what there is to choose from, or a question is asked: whether `ask` has to be read.
    """

    task: str
    ask: str
    answer: str
    listed: bool


def worn_in_words(segments: Sequence[str | None]) -> str:
    """Where sensors are worn, for a prompt.

    Example:
        >>> worn_in_words(["left_forearm", None])
        'left forearm, somewhere on the body'
    """
    return ", ".join(own.replace("_", " ") if own else NO_SENSOR_PLACE for own in segments)


def prompt(segments: Sequence[str | None], motion: str, example: Example) -> str:
    """A prompt in plain words, for a model that has no marks of its own for places and tasks.

    Args:
        segments: where the sensors are worn.
        motion: the tokens of the motion, as that model writes them.
        example: what is asked.
    """
    return f"Sensors: {worn_in_words(segments)}. Motion: {motion}. Task: {example.ask} Answer:"


def caption_example(facts: Facts, rng: np.random.Generator) -> Example:
    """One of the sentences; the plain label among them as often as any other."""
    return Example("caption", _pick(CAPTION_ASKED, rng), _pick(facts.texts, rng), False)


def choice_example(facts: Facts, others: Sequence[Facts], rng: np.random.Generator, listed: bool) -> Example:
    """What is done, in the words of labels; out of a list or freely.

    Args:
        facts: of the moment.
        others: moments whose labels are wrong here, unless they are called the same.
        rng: draws wordings and order.
        listed: whether the question lists what there is.
    """
    right = _pick(label_texts(facts), rng)
    if not listed:
        return Example("choice", _pick(WHAT_ASKED, rng), right, False)
    wrong = [_pick(label_texts(own), rng) for own in others if own.name != facts.name]
    wrong = [text for text in dict.fromkeys(wrong) if text != right][: int(rng.choice(OPTIONS)) - 1]
    order = [right, *wrong]
    labels = ", ".join(order[number] for number in rng.permutation(len(order)))
    return Example("choice", _pick(CHOICE_ASKED, rng).format(labels=labels), right, True)


def question_example(facts: Facts, others: Sequence[Facts], rng: np.random.Generator) -> Example:
    """One of the questions that this moment has an answer to."""
    asked = [("what", _pick(WHAT_ASKED, rng), _pick(label_texts(facts), rng)), _whether(facts, others, rng)]
    asked += asked_of(facts, rng)
    _, ask, answer = asked[int(rng.integers(len(asked)))]
    return Example("question", ask, answer, True)


def asked_of(facts: Facts, rng: np.random.Generator) -> list[tuple[str, str, str]]:
    """Every question of how something was done that a moment answers: its kind, one of its wordings, the answer."""
    asked: list[tuple[str, Sequence[str], str]] = []
    hand, leg = only(facts.texts, _HAND), only(facts.texts, _LEG)
    posture, fast = only(facts.texts, _POSTURE), only(facts.texts, _FAST)
    if hand:
        asked.append(("hand", HAND_ASKED, _told(facts, ("arm", "hand"), hand, "hand")))
    if leg:
        asked.append(("leg", LEG_ASKED, _told(facts, ("leg", "foot"), leg, "leg")))
    if posture:
        asked.append(("posture", POSTURE_ASKED, posture))
    if fast:
        asked.append(("fast", FAST_ASKED, _WORDS.get(fast, fast)))
    if facts.steps >= 0:
        asked.append(("steps", STEPS_ASKED, steps_in_words(facts.steps)))
    return [(kind, _pick(wordings, rng), answer) for kind, wordings, answer in asked]


def questions() -> list[str]:
    """Every wording of everything asked, without its labels."""
    asked = (WHAT_ASKED, WHETHER_ASKED, CHOICE_ASKED, HAND_ASKED, LEG_ASKED, POSTURE_ASKED, FAST_ASKED, STEPS_ASKED)
    return [wording.format(label="", labels="") for own in asked for wording in own]


def label_texts(facts: Facts) -> list[str]:
    """Texts that could be labels: without a subject, and short; the label where there is none."""
    short = [text for text in facts.texts if not _SUBJECT.match(text.lower()) and len(text.split()) <= 6]
    return short or [facts.label]


def only(texts: Sequence[str], pattern: re.Pattern[str]) -> str | None:
    """What a pattern finds in texts, where it is one thing."""
    found = {next(own for own in match.groups() if own) for text in texts for match in pattern.finditer(text)}
    return found.pop() if len(found) == 1 else None


def steps_in_words(steps: int) -> str:
    """Such as ``about 9 steps``."""
    return "no steps" if steps == 0 else "one step" if steps == 1 else f"about {steps} steps"


def _whether(facts: Facts, others: Sequence[Facts], rng: np.random.Generator) -> tuple[str, str, str]:
    wrong = [own for own in others if own.name != facts.name]
    said = wrong[int(rng.integers(len(wrong)))] if wrong and rng.random() < 0.5 else facts
    label = _pick(label_texts(said), rng)
    return "whether", _pick(WHETHER_ASKED, rng).format(label=label), "yes" if said is facts else "no"


def _told(facts: Facts, parts: tuple[str, ...], side: str, noun: str) -> str:
    """The side, where sensors are near enough to one of the two."""
    worn = [own for own in facts.segments if own]
    sides = {own for part in parts for own in told_sides(PARTS[part], worn)}
    if not sides or (side == "both" and len(sides) < 2):
        return CANNOT_TELL
    return f"both {noun}s" if side == "both" else f"the {side} {noun}"


def _pick(texts: Sequence[str], rng: np.random.Generator) -> str:
    return texts[int(rng.integers(len(texts)))]
