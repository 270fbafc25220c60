"""Questions: how they are read, and answers that rest on what was recognised and counted, or say that they cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import anywear
from anywear import Recording
from anywear.runtime import Model
from anywear.runtime.diary import Answer, ask
from anywear.runtime.diary.questions import KINDS, read_question

CLIP = Path(__file__).resolve().parents[2] / "examples" / "phone-and-watch.anywear.parquet"


@pytest.fixture(scope="module")
def model() -> Model:
    return anywear.load()


@pytest.fixture(scope="module")
def clip() -> Recording:
    return anywear.read(CLIP)


@pytest.mark.parametrize(
    ("text", "kind", "about"),
    [
        ("How often did the person sit down?", "how often", "sit down"),
        ("how many times did she stand up", "how often", "stand up"),
        ("For how many minutes was he walking?", "how long", "for walking"),
        ("How long is the recording?", "length", None),
        ("How many steps were taken?", "steps", None),
        ("How fast did they run?", "how fast", "run"),
        ("Which hand was used to wave?", "side", None),
        ("What did the person do after sitting down?", "after", None),
        ("What did he do before the fall?", "before", None),
        ("When did she last jump?", "when", "jump"),
        ("What was done most?", "most", None),
        ("What happened at 1:20?", "at", None),
        ("Did anyone fall?", "was there", "fall"),
        ("Was there any running?", "was there", "running"),
        ("What did the person do?", "whole", None),
        ("Which sensors were worn?", "sensors", None),
        ("What is the person's name?", None, None),
        ("Why?", None, None),
    ],
)
def test_what_a_question_asks(text, kind, about):
    own = read_question(text)
    assert own.kind == kind and (kind is None or kind in KINDS)
    assert about is None or own.about == about


def test_moments_and_order():
    assert read_question("what happened between 0:30 and 1:02:05?").times_s == (30.0, 3725.0)
    assert read_question("what happened at 90 seconds").times_s == (90.0,)
    assert read_question("what did he do around minute 3").times_s == (180.0,)
    assert read_question("when did he first sit?").which == "first" and read_question("when did he sit?").which == "all"


def _asked(model, clip, text: str, **further) -> Answer:
    return ask(clip, text, model=model, **further)


def test_counts_and_moments_come_with_their_stretches(model, clip):
    down = _asked(model, clip, "how often did the person sit down?")
    assert (down.value, down.unit, down.by, down.activities) == (1.0, "times", "timeline", ("sitting down",))
    assert [own.label for own in down.evidence] == ["sitting down"] and down.evidence[0].start_s > 10.0
    turns = _asked(model, clip, "how many times did she turn around?")
    assert turns.value == 2.0 and len(turns.evidence) == 2
    first = _asked(model, clip, "when did the person first turn around?")
    assert len(first.evidence) == 1 and first.value == pytest.approx(turns.evidence[0].start_s, abs=0.01)
    long = _asked(model, clip, "how long did he walk?")
    assert long.unit == "s" and long.value == pytest.approx(sum(o.end_s - o.start_s for o in long.evidence), abs=0.01)
    steps = _asked(model, clip, "how many steps?")
    assert steps.by == "signal" and 6 <= steps.value <= 12 and all("steps by" in own.method for own in steps.evidence)
    fast = _asked(model, clip, "how fast did he walk?")
    assert 1.4 < fast.value < 2.1 and "Metres a second cannot be told" in fast.text


def test_what_came_before_and_after(model, clip):
    after = _asked(model, clip, "what did the person do after standing up?")
    assert "walked" in after.text and [own.label for own in after.evidence] == ["standing up", "walking"]
    before = _asked(model, clip, "what did the person do before sitting down?")
    assert "turned around" in before.text
    at = _asked(model, clip, "what happened at 0:04?")
    assert "alked" in at.text and len(at.evidence) == 1


def test_what_did_not_happen_is_no_and_what_cannot_be_told_is_said(model, clip):
    for text in ("did the person fall?", "was there any running?"):
        own = _asked(model, clip, text)
        assert own.answered and own.text.startswith("No") and own.value == 0.0 and own.evidence == ()
    for text, why in (
        ("what is the person's name?", "not understood"), ("was the person happy?", "near no motion"),
        ("which hand was used?", "only one side has a sensor"), ("   ?", "Nothing was asked"),
        ("how fast did the person sit?", "no steps or repetitions"),
    ):  # fmt: skip
        own = _asked(model, clip, text)
        assert not own.answered and own.value is None and own.evidence == () and why in own.text, text


def test_words_that_mean_a_label_and_words_that_become_one(model, clip):
    like = _asked(model, clip, "did the person take a seat?")
    assert like.activities == ("sitting down",) and like.value == 1.0
    new = _asked(model, clip, "how often did the person do push-ups?")
    assert new.activities == ("push-ups",) and any("label of its own" in note for note in new.notes)
    own = _asked(model, clip, "how long was the person seated", labels=["seated", "strolling", "spinning around"])
    assert own.activities == ("seated",)


def test_the_language_model_comes_second(model, clip):
    class Talker:
        def __init__(self) -> None:
            self.asked: list[str] = []

        def answer(self, windows, placements, question):
            self.asked.append(question)
            return "with the left hand" if windows and placements else ""

    talker = Talker()
    assert _asked(model, clip, "how many steps?", language=talker).by == "signal" and talker.asked == []
    own = _asked(model, clip, "in which direction is the person walking?", language=talker)
    assert (
        own.by == "language model"
        and own.text == "The language model says: with the left hand."
        and "unchecked" in own.evidence[0].method
        and "%" not in str(own)
    )
    assert not _asked(model, clip, "what is the capital of France?", language=talker).answered
    assert len(talker.asked) == 1


def test_json_and_text_name_the_evidence(model, clip):
    own = _asked(model, clip, "how often did the person turn around?")
    told = json.loads(json.dumps(own.to_dict()))
    assert (
        told["answered"] and len(told["evidence"]) == 2 and {"start_s", "end_s", "method"} <= set(told["evidence"][0])
    )
    assert str(own).count("recognised") == 2 and own.to_markdown().count("| recognised |") == 2


def test_too_little_data_answers_nothing(model, clip):
    import numpy as np

    from anywear import Placement
    from anywear.recording import Stream

    time_s = np.arange(25) / 50
    short = Recording((Stream("a", time_s, np.tile([0.0, 0.0, 9.81], (25, 1)), None, Placement.unknown()),))
    own = _asked(model, short, "did the person fall?")
    assert not own.answered and "too little data" in own.text
