"""Contrary sentences: what changes, what does not, and that nothing true is called wrong."""

from __future__ import annotations

from anywear.runtime.contrary import contraries, says_contrary, swap_sides


def test_swap_sides():
    assert swap_sides("a left turn, clockwise") == "a right turn, counterclockwise"
    assert swap_sides("draw circle counter clockwise") == "draw circle clockwise"
    assert swap_sides(swap_sides("swiping left with the right arm")) == "swiping left with the right arm"


def test_one_pair_of_words_at_a_time():
    assert contraries("a person walks up the stairs, slowly") == (
        "a person walks down the stairs, slowly",
        "a person walks up the stairs, quickly",
        "a person runs up the stairs, slowly",
    )
    assert contraries("someone sits down.") == ("someone sits up.", "someone stands down.")
    assert contraries("swiping left") == ()


def test_both_of_a_pair_change_places_and_parts_of_words_stay():
    assert contraries("stepping up and down") == ("stepping down and up",)
    assert contraries("a backpack, an upper arm, a stand-in") == ()


def test_words_told_apart_do_not_change_places():
    assert says_contrary("push-ups", "pull-ups") and says_contrary("raising an arm", "raising a leg")
    assert says_contrary("upstairs", "downstairs") and not says_contrary("an arm and a leg", "a leg")
    assert contraries("push-ups on one arm") == ()
