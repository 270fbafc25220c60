import collections
import re

import numpy as np
import pytest

from anywear.motion.generate import PROGRAMS, find_program, generate, pose
from anywear.motion.generate.words import captions, gerund, in_other_words, ing

SEEDS = (0, 1, 2)
SIDES = ("left", "right")
# The same thing done in two ways: these may be called the same.
ALIKE = ({"push_forward", "two_hand_push"}, {"wave_hand", "waving"}, {"knock_in_air", "knocking"})


@pytest.fixture(scope="module")
def made():
    return {(name, seed): generate(name, seed, seconds=6.0) for name in PROGRAMS for seed in SEEDS[:2]}


@pytest.mark.parametrize(
    ("verb", "form"),
    [
        ("walks", "walking"),
        ("sits", "sitting"),
        ("wipes", "wiping"),
        ("lies", "lying"),
        ("carries", "carrying"),
        ("does", "doing"),
        ("pushes", "pushing"),
        ("rows", "rowing"),
        ("boxes", "boxing"),
        ("plays", "playing"),
        ("reads", "reading"),
        ("opens", "opening"),
        ("pedals", "pedalling"),
        ("tosses", "tossing"),
        ("raises", "raising"),
        ("squats", "squatting"),
        ("swims", "swimming"),
        ("circles", "circling"),
        ("tiptoes", "tiptoeing"),
        ("bows", "bowing"),
    ],
)
def test_verbs_take_their_form(verb, form):
    assert ing(verb) == form


@pytest.mark.parametrize(
    ("predicate", "doing"),
    [
        ("walks, stops and walks on", "walking, stopping and walking on"),
        ("slowly draws a circle and then stops", "slowly drawing a circle and then stopping"),
        ("is sitting on a chair", "sitting on a chair"),
        ("holds a plank on hands and toes", "holding a plank on hands and toes"),
        ("lies on the back and lifts both legs", "lying on the back and lifting both legs"),
        ("is asleep", None),
        ("may walk", None),
    ],
)
def test_predicates_become_what_is_being_done(predicate, doing):
    assert gerund(predicate) == doing


def test_sentences_keep_who_it_is_and_how_they_sit():
    assert "someone is walking slowly" in in_other_words("a person walks slowly")
    assert "a person is walking slowly" in in_other_words("someone walks slowly")
    assert "typing while sitting at a desk" in in_other_words("a person sitting at a desk types")
    assert all("lying on the back" in other for other in in_other_words("a person lying on the back sits up"))
    assert in_other_words("a sitting person waves") == ("a sitting person is waving",)
    assert in_other_words("both arms swing across the chest") == ()


def test_own_words_come_first_and_nothing_twice():
    said = ["a person walks", "someone goes for a walk", "a person walks"]
    told = captions("walking", said, np.random.default_rng(0))
    assert told[:3] == ("walking", "a person walks", "someone goes for a walk")
    assert len(set(told)) == len(told) >= 5
    assert told == captions("walking", said, np.random.default_rng(0))
    assert len({captions("walking", said, np.random.default_rng(seed)) for seed in range(9)}) > 3


def test_a_clip_has_four_sentences_and_its_label(made):
    few = {key: own.clip.captions for key, own in made.items() if len(own.clip.captions) < 5}
    assert not few
    for own in made.values():
        assert own.clip.captions[0] == own.label


def test_words_do_not_change_the_motion():
    _, _, figure = pose("waving", 5, seconds=6.0)
    assert (
        generate("waving", 5, seconds=6.0).clip.root_position_m.tobytes() == figure.clip("x").root_position_m.tobytes()
    )


def test_sentences_are_plain(made):
    """Lower case but for letters that are drawn, no full stop, no word twice in a row, articles before vowels and not."""
    wrong = []
    for own in made.values():
        for text in own.clip.captions:
            twice = re.search(r"\b(\w+) \1\b", text)
            articles = re.search(r"\ba (?!one)[aeio]\w|\ban [^aeioux]", text)
            shouting = re.search(r"[A-Z]", re.sub(r"letter [A-Z]\b|U-turn", "", text))
            if twice or articles or shouting or text != text.strip() or text.endswith(".") or "  " in text:
                wrong.append((own.program, text))
    assert not wrong


def test_hands_and_sides_are_told_as_they_are(made):
    """What is set by a parameter of a side is not contradicted by the sentences."""
    for own in made.values():
        side = own.parameters.get("side") or own.parameters.get("leg")
        if side not in SIDES or own.program in {"bending_sideways", "standing_on_one_leg"}:
            continue
        other = SIDES[1 - SIDES.index(side)]
        wrong = [text for text in own.clip.captions if re.search(rf"\b{other}\b", text) and side not in text]
        # A bag may be in either hand, whichever way the walk turns.
        wrong = [
            text for text in wrong if not re.search(rf"(in|with|at) (the|a) {other} (hand|ear)|{other} hand in", text)
        ]
        assert not wrong, (own.program, side, wrong)


def test_no_sentence_belongs_to_two_programs(made):
    owners = collections.defaultdict(set)
    for (name, _), own in made.items():
        for text in own.clip.captions:
            owners[text].add(name)
    shared = {text: names for text, names in owners.items() if len(names) > 1 and names not in ALIKE}
    assert not shared


def test_labels_are_one_programs_own():
    owners = collections.defaultdict(set)
    for name, program in PROGRAMS.items():
        owners[program.label].add(name)
    assert [names for names in owners.values() if len(names) > 1 and names not in ALIKE] == []
    for name, program in PROGRAMS.items():
        assert program.label not in program.also and len(set(program.also)) == len(program.also), name
        taken = [word for word in program.also if owners.get(word, {name}) - {name} not in (set(), *_alike(name))]
        assert not taken, (name, taken)
        assert find_program(program.label).name in owners[program.label]


def _alike(name):
    return [group - {name} for group in ALIKE if name in group]
