"""What words mean to the generator: its own words at once, near ones weighed, contraries and strangers not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anywear.errors import ArtefactError, UsageError
from anywear.motion.generate import PROGRAMS
from anywear.runtime import programs
from anywear.runtime.model import WEIGHTS_DIR
from anywear.runtime.programs import (
    FILE,
    LEAST_SHARE,
    MOST,
    MOST_JOINED,
    NO_PROGRAM,
    WIDER,
    mix_programs,
    own_words,
    store_wordings,
)
from anywear.runtime.text import TextTower

PAIRS = own_words()


class Told(TextTower):
    """A tower whose every text has a direction of its own, but for those it is told the vectors of. Counts what it reads."""

    def __init__(self, folder: Path, told: dict[str, dict[str, float]] | None = None) -> None:
        self.folder, self.read = folder, 0
        (folder / "text.onnx").write_bytes(b"a tower")
        self._axis = {text: number for number, text in enumerate(dict.fromkeys(text for text, _ in PAIRS))}
        self._told = told or {}

    def encode(self, texts, batch: int = 64):
        self.read += len(texts)
        out = np.zeros((len(texts), len(self._axis) + 1), dtype=np.float32)
        for row, text in zip(out, texts, strict=True):
            for other, cosine in self._told.get(text, {text: 1.0}).items():
                row[self._axis[other]] = cosine
            row[-1] = np.sqrt(max(0.0, 1.0 - (row**2).sum()))
        return out


@pytest.fixture(scope="module")
def tower():
    return TextTower(WEIGHTS_DIR)


@pytest.mark.parametrize("start", [0, 5])
def test_a_program_is_found_by_its_own_words(tower, start):
    for text, _ in PAIRS[start::17]:
        mix = mix_programs([text.upper() + " "], tower)
        owners = {name for other, name in PAIRS if other == text}
        assert owners <= {match.program for match in mix.matches}, text
        assert mix.sure == 1.0 and not mix.declined and sum(mix.shares) == pytest.approx(1.0)
        assert all(match.similarity > 0.999 for match in mix.matches)


@pytest.mark.parametrize(
    "text", ["the piano goes backwards on mars", "thinking", "photosynthesis", "quarterly tax report"]
)
def test_what_no_program_does_is_declined(tower, text):
    mix = mix_programs([text], tower)
    assert mix.declined and mix.sure < 0.25


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("walking downstairs", "stairs_down", "stairs_up"),
        ("walks down the stairs", "stairs_down", "stairs_up"),
        ("climb down the stairs", "stairs_down", "stairs_up"),  # nearer to "climbing stairs", which says not which way
        ("walking up the stairs", "stairs_up", "stairs_down"),
        ("ride an elevator down", "elevator_down", "elevator_up"),
        ("lying on the right side", "lying_on_right_side", "lying_on_left_side"),
        ("swiping to the left", "swipe_left", "swipe_right"),
    ],
)
def test_the_contrary_is_not_made(tower, text, right, wrong):
    mix = mix_programs([text], tower)
    assert mix.matches[0].program == right and not mix.declined
    assert wrong not in {match.program for match in mix.matches}


def test_words_for_both_ways_are_no_contrary(tower):
    for text in ("opening a door", "closing a door"):
        assert mix_programs([text], tower).matches[0].program == "opening_door"


@pytest.mark.parametrize(("texts", "owners"), WIDER)
def test_wide_words_mean_all_they_may(tower, texts, owners):
    assert set(owners) <= set(PROGRAMS)
    for text in texts:
        mix = mix_programs([text], tower)
        assert set(owners) <= {match.program for match in mix.matches} and mix.sure == 1.0
        assert mix.shares == pytest.approx([1.0 / len(mix.shares)] * len(mix.shares))


@pytest.mark.parametrize(
    ("text", "program", "tempo"),
    [
        ("walking slowly", "walking_forward", -1),
        ("brisk walking", "walking_forward", 1),
        ("a person is climbing stairs quickly", "stairs_up", 1),
        ("running fast", "sprinting", 0),  # its own words
        ("standing", "standing", 0),
    ],
)
def test_how_fast_is_heard(tower, text, program, tempo):
    mix = mix_programs([text], tower)
    assert [(match.program, match.tempo) for match in mix.matches] == [(program, tempo)] and mix.sure == 1.0
    assert str(mix.matches[0]) == program + {-1: ", slowly", 0: "", 1: ", quickly"}[tempo]


def test_what_is_done_one_after_another_may_be_any_of_it(tower):
    mix = mix_programs(["standing up slowly, walking and sitting down quickly"], tower)
    assert {(match.program, match.tempo) for match in mix.matches} == {
        ("standing_up", -1), ("walking_forward", 0), ("sitting_down", 1),
    }  # fmt: skip
    assert mix.sure == 1.0 and mix.shares == pytest.approx([1 / 3] * 3)
    # A part that nothing does leaves so much unsure; the whole is taken where it is surer.
    half = mix_programs(["walking and then quarterly tax reports"], tower)
    assert 0.5 <= half.sure < 0.6 and half.matches[0].program == "walking_forward"
    assert {match.program for match in mix_programs(["walking upstairs and downstairs"], tower).matches} == {
        "stairs_up", "stairs_down",
    }  # fmt: skip
    long = mix_programs(["lying, falling, cycling and turning around"], tower)
    assert len(long.matches) == MOST_JOINED and sum(long.shares) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("walking the dog", "walking_forward"),
        ("nordic walking", "walking_forward"),
        ("drinking a cup of tea", "drinking"),
    ],
)
def test_what_a_program_does_with_more_words_is_likelier_than_not(tower, text, program):
    mix = mix_programs([text], tower)
    assert mix.matches[0].program == program and 0.5 <= mix.sure < 0.65
    assert mix_programs(["without walking the dog"], tower).declined


def test_what_is_said_twice_counts_once(tower):
    assert mix_programs(["walking slowly", "Walking  slowly"], tower) == mix_programs(["walking slowly"], tower)


@pytest.mark.parametrize(
    "text", [",", "and", "then", "slow", "a person", "; and ,", "quickly slowly", "and and and walking"]
)
def test_odd_labels_get_an_answer(tower, text):
    mix = mix_programs([text], tower)
    assert 0.0 <= mix.sure <= 1.0 and (not mix.matches or sum(mix.shares) == pytest.approx(1.0))


def test_a_description_helps(tower):
    assert mix_programs(["morning routine"], tower).declined
    told = mix_programs(["morning routine", "brushing teeth"], tower)
    assert told.matches[0].program == "brushing_teeth" and told.sure == 1.0


@pytest.mark.parametrize("text", ["sit down", "going downstairs", "turn around to the left", "thinking"])
def test_shares_are_shares(tower, text):
    mix = mix_programs([text], tower)
    assert sum(mix.shares) == pytest.approx(1.0) and 0.0 < mix.sure <= 1.0
    assert list(mix.shares) == sorted(mix.shares, reverse=True) and 1 <= len(mix.shares) <= MOST
    assert min(mix.shares) >= LEAST_SHARE * max(mix.shares)
    assert len({match.program for match in mix.matches}) == len(mix.matches)


def test_one_program_at_the_fitted_cosine_is_as_likely_as_none(tmp_path):
    near = {"a": {"sitting": NO_PROGRAM}, "b": {"sitting": NO_PROGRAM, "typing": NO_PROGRAM - 0.3}}
    [match], [share] = (lambda mix: (mix.matches, mix.shares))(mix_programs(["a"], Told(tmp_path, near)))
    assert (match.program, match.said, share) == ("sitting", "sitting", 1.0)
    assert mix_programs(["a"], Told(tmp_path, near)).sure == pytest.approx(0.5, abs=1e-3)
    # A stranger far away changes little, and has no share.
    both = mix_programs(["b"], Told(tmp_path, near))
    assert [own.program for own in both.matches] == ["sitting"] and both.sure == pytest.approx(0.5, abs=5e-3)


def test_nothing_said_is_an_error(tower):
    with pytest.raises(UsageError, match="No words"):
        mix_programs(["  ", ""], tower)


def test_vectors_of_all_wordings_are_kept_beside_the_tower(tmp_path):
    first = Told(tmp_path)
    store_wordings(first)
    again = Told(tmp_path)
    assert mix_programs(["sitting"], again).matches[0].program == "sitting"
    assert first.read >= len(PAIRS) and again.read == 1
    other = Told(tmp_path)
    (tmp_path / "text.onnx").write_bytes(b"another tower")
    mix_programs(["sitting"], other)
    assert other.read == len(PAIRS) + 1


def test_a_damaged_store_is_said(tmp_path):
    store_wordings(Told(tmp_path))
    whole = (tmp_path / FILE).read_bytes()
    for content in (b"", b"no archive", whole[: len(whole) // 2]):
        (tmp_path / FILE).write_bytes(content)
        with pytest.raises(ArtefactError, match="damaged"):
            mix_programs(["sitting"], Told(tmp_path))


def test_the_shipped_store_is_that_of_the_generator(tower, monkeypatch):
    """Else the first question costs seconds; `python -m anywear.runtime.programs` makes it anew."""
    fresh = TextTower(WEIGHTS_DIR)
    monkeypatch.setattr(fresh, "encode", lambda texts: pytest.fail(f"{FILE} is out of date"))
    names, _, vectors = programs.wordings(fresh)
    assert names == [text for text, _ in PAIRS]
    assert np.allclose(vectors[::97], tower.encode(names[::97]), atol=2e-3)
