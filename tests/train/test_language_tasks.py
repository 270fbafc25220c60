"""What is asked of a moment has a true answer, and what no sensor can tell is answered so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from anywear.train.language_tasks import (
    CANNOT_TELL,
    CHOICE_ASKED,
    asked_of,
    caption_example,
    choice_example,
    label_texts,
    prompt,
    question_example,
    questions,
    steps_in_words,
)

WATCH = ("left_forearm",)


@dataclass(frozen=True)
class Moment:
    segments: tuple[str | None, ...] = WATCH
    label: str = "waving"
    name: str = "waving"
    texts: tuple[str, ...] = ("waving", "a person waves with the left hand", "a standing person waves slowly")
    steps: int = -1


OTHERS = [Moment(label=own, name=own, texts=(own, f"a person is {own}")) for own in ("running", "sitting", "rowing")]


def _answers(moment: Moment) -> dict[str, str]:
    return {kind: answer for kind, _, answer in asked_of(moment, np.random.default_rng(0))}


def test_answers_are_what_the_sentences_say():
    assert _answers(Moment()) == {"hand": "the left hand", "posture": "standing", "fast": "slowly"}


@pytest.mark.parametrize(
    ("texts", "hand"),
    [
        (("a person waves with the right hand",), "the right hand"),
        (("a person raises both hands",), CANNOT_TELL),  # one watch tells of one hand
        (("the left hand holds it", "and the right hand strikes"), None),  # no one answer
        (("a person turns left",), None),
    ],
)
def test_hands(texts, hand):
    assert _answers(Moment(texts=texts)).get("hand") == hand


def test_both_hands_by_two_watches():
    moment = Moment(("left_forearm", "right_hand"), texts=("clapping with both hands",))
    assert _answers(moment)["hand"] == "both hands"


@pytest.mark.parametrize("segments", [("right_thigh",), ("chest",), (None,)])
def test_sensors_far_from_the_hand_cannot_tell(segments):
    assert _answers(Moment(segments))["hand"] == CANNOT_TELL


@pytest.mark.parametrize(
    ("texts", "posture"),
    [
        (("a person sits down",), None),
        (("someone is standing up",), None),
        (("someone is lying on the back",), "lying"),
        (("drinking while sitting", "a standing person drinks"), None),
    ],
)
def test_postures_are_not_transitions(texts, posture):
    assert _answers(Moment(texts=texts)).get("posture") == posture


@pytest.mark.parametrize(("steps", "said"), [(0, "no steps"), (1, "one step"), (9, "about 9 steps")])
def test_steps(steps, said):
    assert steps_in_words(steps) == said
    assert _answers(Moment(steps=steps))["steps"] == said


def test_captions_are_its_sentences():
    rng = np.random.default_rng(0)
    said = {caption_example(Moment(), rng).answer for _ in range(100)}
    assert said == set(Moment().texts)


def test_a_list_holds_the_right_label_once_and_no_other_right_one():
    rng = np.random.default_rng(0)
    places = set()
    for _ in range(200):
        twin = Moment(texts=("waving hello",))  # called the same
        made = choice_example(Moment(), [*OTHERS, twin], rng, listed=True)
        wording = next(own for own in CHOICE_ASKED if made.ask.startswith(own.split("{")[0]))
        listed = made.ask[len(wording.split("{")[0]) :].rstrip("?").split(", ")
        assert listed.count("waving") == 1 and made.answer == "waving" and "waving hello" not in listed
        assert len(listed) == len(set(listed)) <= 4
        places.add(listed.index("waving"))
    assert places == {0, 1, 2, 3}  # its place tells nothing


def test_yes_as_often_as_no():
    rng = np.random.default_rng(0)
    said = [question_example(Moment(texts=("waving",)), OTHERS, rng) for _ in range(2000)]
    told = [own for own in said if own.answer in ("yes", "no")]
    for own in told:
        assert ("waving" in own.ask) == (own.answer == "yes")
    assert 0.45 < np.mean([own.answer == "yes" for own in told]) < 0.55


def test_labels_have_no_subject():
    assert label_texts(Moment()) == ["waving"]
    assert label_texts(Moment(texts=("a person waves",))) == ["waving"]  # its label


def test_the_same_seed_asks_the_same():
    made = [question_example(Moment(), OTHERS, np.random.default_rng(3)) for _ in range(2)]
    assert made[0] == made[1]


def test_a_prompt_names_the_sensors():
    made = caption_example(Moment(), np.random.default_rng(0))
    text = prompt(("left_forearm", None), "<m1><m2>", made)
    assert "left forearm, somewhere on the body" in text and "<m1><m2>" in text and text.endswith("Answer:")


def test_every_wording_is_known():
    assert len(questions()) == len(set(questions())) and all("{" not in own for own in questions())
