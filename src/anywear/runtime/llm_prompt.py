"""What a large language model is shown and asked, as ids; the same in training and in answers.

A sequence is: where the sensors are worn, in words; the motion between its marks; what is wanted; and the answer, which the
model's own end closes. Learned vectors (the soft prompt) come before all of it. Words that a person gave are never read as
marks: a label called ``<motion>`` is six characters and more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .._typing import Array, Int
from ..bodygraph import segment
from ..errors import UsageError
from .llm_base import MotionWords

LONGEST_TEXT = 1000  # characters of a question, a label or an answer
SOMEWHERE = "somewhere on the body"
CAPTION_ASKED, CHOICE_ASKED = "describe the motion", "what is the person doing?"


@dataclass(frozen=True, eq=False)
class Shown:
    """A sequence up to the answer.

    Attributes:
        ids: of everything.
        motion: first and last place of the motion, marks among it.
    """

    ids: list[int]
    motion: tuple[int, int]


class Prompts:
    """Writes sequences.

    Args:
        tokenizer: with tokens of motion.
        words: where these are.
    """

    def __init__(self, tokenizer: Any, words: MotionWords) -> None:
        self.words = words
        self.end: int = tokenizer.eos_token_id
        self._tokenizer = tokenizer
        start = tokenizer.bos_token_id
        self._start = [start] if start is not None and start in tokenizer("").input_ids[:1] else []
        self._known: dict[str, list[int]] = {}

    def shown(self, segments: Sequence[str | None], flat: Int[Array, " tokens"], question: str) -> Shown:
        """Sensors, motion and a question.

        Args:
            segments: body segment of every sensor; None where it is not known.
            flat: tokens of motion, as from `anywear.runtime.tokens.MotionTokens.flat`.
            question: what is wanted, in words.
        """
        before = [*self._start, *self._ids(worn_words(segments) + " Motion:")]
        motion = self.words.sentence(flat)
        ids = [*before, *motion, *self._ids(f"\n{_checked(question)}\nAnswer:")]
        return Shown(ids, (len(before), len(before) + len(motion) - 1))

    def answer(self, text: str) -> list[int]:
        """An answer with its end."""
        return [*self._ids(f" {_checked(text)}"), self.end]

    def sentence(self, text: str) -> list[int]:
        """A sentence on its own, of which the meaning is wanted."""
        return [*self._start, *self._ids(_checked(text)), self.end]

    def text(self, ids: Sequence[int]) -> str:
        """Words of an answer."""
        said = self._tokenizer.decode([own for own in ids if own != self.end], skip_special_tokens=True)
        return " ".join(said.split())

    def _ids(self, text: str) -> list[int]:
        known = self._known.get(text)
        if known is None:
            known = self._tokenizer(text, add_special_tokens=False, split_special_tokens=True).input_ids
            if len(self._known) < 100_000:
                self._known[text] = known
        return known


def worn_words(segments: Sequence[str | None]) -> str:
    """A sentence that says where the sensors are, each place once."""
    named = [f"the {segment(own).name.replace('_', ' ')}" for own in segments if own is not None]
    places = list(dict.fromkeys(named if len(named) == len(segments) else [*named, SOMEWHERE]))
    if not places:
        places = [SOMEWHERE]
    said = places[0] if len(places) == 1 else ", ".join(places[:-1]) + " and " + places[-1]
    one = len(segments) == 1
    joined = f"on {said}" if places[0] != SOMEWHERE else said
    return f"A person wears {'a sensor' if one else f'{len(segments)} sensors'} {joined}."


def _checked(text: str) -> str:
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise UsageError(
            "A text is empty or too long for the language model", where=repr(text[:60]),
            expected=f"1 to {LONGEST_TEXT} characters", got=str(len(text.strip())),
        )  # fmt: skip
    return " ".join(text.split())
