"""Which body parts some sensors can vouch for, and how the other words are kept unsaid."""

from __future__ import annotations

import re

import pytest

from anywear.bodygraph import SEGMENTS
from anywear.runtime.language.pieces import MARKS, Pieces, plain
from anywear.runtime.language.telling import PARTS, Unspoken, told_sides
from language_doubles import small_pieces

WATCH, PHONE, CHEST = "left_forearm", "right_thigh", "chest"


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return small_pieces()


def test_every_segment_of_the_table_is_one_of_the_body():
    for part in PARTS.values():
        for name in part.segments:
            sided = [f"left_{name}", f"right_{name}"] if part.paired else [name]
            assert all(own in SEGMENTS for own in sided)


def test_no_word_stands_for_two_parts():
    words = [word for part in PARTS.values() for word in (*part.words, *part.plural)]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("worn", "part", "sides"),
    [
        ([WATCH], "hand", {"left"}),
        ([WATCH], "arm", {"left"}),
        ([WATCH], "leg", set()),
        ([WATCH], "head", set()),
        ([PHONE], "leg", {"right"}),
        ([PHONE], "foot", set()),
        ([PHONE], "trunk", {""}),
        (["right_shank"], "foot", {"right"}),
        ([CHEST], "arm", set()),
        ([CHEST], "trunk", {""}),
        (["head"], "head", {""}),
        (["pelvis"], "leg", {"left", "right"}),
        ([], "trunk", set()),
        ([WATCH, "right_hand"], "hand", {"left", "right"}),
    ],
)
def test_sides_by_distance(worn, part, sides):
    assert told_sides(PARTS[part], worn) == sides


@pytest.mark.parametrize(
    ("worn", "before", "banned", "free"),
    [
        ([WATCH], "waves with the", {"hands", "foot", "head"}, {"hand", "arm"}),
        ([WATCH], "waves with the right", {"hand", "arm", "hands"}, set()),
        ([WATCH], "waves with the left", {"foot", "hands"}, {"hand", "arm"}),
        ([PHONE], "kicks with the left", {"leg", "knee", "foot"}, {"hip"}),
        ([PHONE], "kicks with the right", {"foot"}, {"leg", "knee"}),
        ([WATCH, "right_forearm"], "raises both", {"feet"}, {"hands", "arms"}),
        ([], "raises the", {"hand", "leg", "head", "hips"}, set()),
    ],
)
def test_words_by_what_was_said(pieces, worn, before, banned, free):
    found = set(Unspoken(pieces, worn).words(before.split()))
    assert banned <= found and not free & found


def _spellings(pieces: Pieces, text: str) -> list[list[int]]:
    """A text as usual, and letter by letter."""
    strings = pieces.strings()
    return [pieces.encode(text), [strings[f" {text[0]}"], *(strings[letter] for letter in text[1:])]]


@pytest.mark.parametrize("word", ["foot", "head", "hands"])
def test_a_word_is_kept_unsaid_however_it_is_spelled(pieces, word):
    unspoken = Unspoken(pieces, [WATCH])
    for ids in _spellings(pieces, word):
        stopped = [ids[place] in unspoken.next(ids[:place]) for place in range(len(ids))]
        assert any(stopped)


def test_words_in_a_text(pieces):
    unspoken = Unspoken(pieces, [WATCH])
    assert unspoken.said("a person lifts the left hand to the head, then the right hand and the head") == (
        "head",
        "hand",
    )
    assert unspoken.said("a person turns right and lifts a hand") == ()


@pytest.mark.parametrize("word", ["hand", "walks", "chair"])
def test_other_words_are_free(pieces, word):
    unspoken = Unspoken(pieces, [WATCH])
    ids = pieces.encode(word)
    assert not any(ids[place] in unspoken.next(ids[:place]) for place in range(len(ids)))


def test_body_parts_nobody_tells_of(pieces):
    assert set(Unspoken(pieces, [WATCH]).parts) == {"shoulder", "leg", "foot", "head", "trunk"}
    assert set(Unspoken(pieces, []).parts) == set(PARTS)


def test_texts_come_back(pieces):
    for text in ("a person walks forward", "Lying  on the back.", "naïve – 3 × 4"):
        assert pieces.decode(pieces.encode(text)).strip() == plain(text)


def test_no_text_is_a_mark(pieces):
    ids = pieces.encode(" ".join(MARKS))
    assert max(ids) < pieces.count
    assert re.sub(r"\s", "", pieces.decode(ids)) == "".join(MARKS)
