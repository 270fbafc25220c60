"""What a label says beside the activity: who, how fast, and what one after another."""

from __future__ import annotations

import pytest

from anywear.runtime.phrases import bare, doing, done, parts, shortened, worded

KNOWN = {"walking", "standing up", "sitting", "sitting down", "sit", "playing football"}


@pytest.mark.parametrize(
    ("text", "left", "tempo"),
    [
        ("walking", "walking", 0),
        ("  Walking   SLOWLY ", "walking", -1),
        ("quickly, climbing stairs", "climbing stairs", 1),
        ("brisk walking", "walking", 1),
        ("a person is walking slowly", "walking", -1),
        ("Someone throws a ball", "throws a ball", 0),
        ("the man was running fast", "running", 1),
        ("a person", "a person", 0),  # nothing would be left
        ("slow", "slow", 0),
        ("first slow, then fast walking", "first then walking", 0),  # both: as usual
        ("they march", "march", 0),
        ("theatre", "theatre", 0),
        ("breakfast", "breakfast", 0),
    ],
)
def test_who_and_how_fast_are_taken_away(text, left, tempo):
    assert bare(text) == (left, tempo)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("walking", ("walking",)),
        ("sitting, lying down and sitting up again", ("sitting", "lying down", "sitting up again")),
        ("sit down and then stand up", ("sit down", "stand up")),
        ("stand up then walk; turn", ("stand up", "walk", "turn")),
        ("standing with hands up", ("standing with hands up",)),
        ("handing over", ("handing over",)),
        (" , and ", ()),
    ],
)
def test_parts(text, found):
    assert parts(text) == found


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("walking the dog", "walking"),
        ("Nordic walking", "walking"),
        ("sitting down on a half height chair", "sitting down"),  # the longest
        ("using a phone while sitting", "sitting"),
        ("sit on a bench", ""),  # only what is being done stands by itself
        ("walking", ""),  # nothing to take away
        ("stop walking", ""),
        ("bending without sitting down", ""),
        ("kayaking", ""),
    ],
)
def test_the_longest_known_beginning_or_end(text, known):
    assert shortened(text, KNOWN) == known


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("bending forward without bending the knees and getting up", "bending forward and getting up"),
        ("Walking without shoes, then running", "walking, then running"),
        ("sitting without moving", "sitting"),
        ("without a word", "without a word"),  # nothing would be left
        ("walking", "walking"),
    ],
)
def test_what_is_not_done_is_left_out(text, left):
    assert done(text) == left


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sit_to_stand", "sit to stand"),
        ("__walking__", "walking"),
        ("WALKING_UPSTAIRS", "WALKING UPSTAIRS"),
        ("WalkingUpstairs", "Walking Upstairs"),
        ("EatingASandwich", "Eating A Sandwich"),
        ("stairs (ascending)", "stairs ascending"),
        ("knees bending(crouching)", "knees bending crouching"),
        ("jogging/running", "jogging, running"),
        ("walking / strolling", "walking, strolling"),
        # phrases stay as they are
        ("walking at 4 km/h", "walking at 4 km/h"),
        ("watching TV", "watching TV"),
        ("sit-ups", "sit-ups"),
        ("a person climbs stairs, slowly", "a person climbs stairs, slowly"),
        ("_", "_"),
    ],
)
def test_names_are_read_as_words(name, said):
    assert worded(name) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("drink coffee", "drinking coffee"),
        ("Dig", "digging"),
        ("a person lies down", "lying down"),
        ("someone climbs up", "climbing up"),
        ("rake leaves", "raking leaves"),
        ("he washes hands", "washing hands"),
        ("car", ""),
        ("digging", ""),  # is one
        ("s", ""),
        ("", ""),
    ],
)
def test_verbs_are_what_is_being_done(text, said):
    assert doing(text, {"drinking", "digging", "lying", "climbing", "raking", "washing", "sing"}) == said
