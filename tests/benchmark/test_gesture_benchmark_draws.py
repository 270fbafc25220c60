"""What is learned from and what is asked: nobody twice, nothing leaks, more labels hold the fewer."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from anywear.benchmark.gestures_draws import MIXED, SPLITS, USERS, Point, draws, has_users
from anywear.errors import UsageError

TRUTH = np.tile(np.repeat(np.arange(4), 5), 6)
SUBJECTS = [f"p{n}" for n in np.repeat(np.arange(6), 20)]
TENTH, ALL, THREE = Point(share=0.1), Point(share=1.0), Point(shots=3)


def of(point: Point, split: str, seed: int = 0, subjects=SUBJECTS) -> list:
    return list(draws(TRUTH, subjects, point, split, seed))


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("point", [TENTH, ALL, THREE])
def test_no_clip_is_learned_from_and_asked_and_none_is_asked_twice(split, point):
    found = of(point, split)
    asked = Counter(row for draw in found for row in draw.ask.tolist())
    assert max(asked.values()) == 1
    assert all(not set(draw.learn.tolist()) & set(draw.ask.tolist()) for draw in found)
    assert all(set(TRUTH[draw.learn].tolist()) == {0, 1, 2, 3} for draw in found)


def test_a_share_of_every_class_is_learned_from_and_the_rest_is_asked():
    (draw,) = of(TENTH, MIXED)
    assert Counter(TRUTH[draw.learn].tolist()) == dict.fromkeys(range(4), 3)  # a tenth of thirty
    assert len(draw.learn) + len(draw.ask) == len(TRUTH)
    (shots,) = of(THREE, MIXED)
    assert np.array_equal(draw.learn, shots.learn)


def test_one_clip_at_least():
    (draw,) = of(Point(share=0.001), MIXED)
    assert Counter(TRUTH[draw.learn].tolist()) == dict.fromkeys(range(4), 1)


@pytest.mark.parametrize("split", SPLITS)
def test_all_labels_are_those_of_the_other_folds(split):
    found = of(ALL, split)
    assert len(found) == 5
    assert sorted(row for draw in found for row in draw.ask.tolist()) == list(range(len(TRUTH)))
    assert all(len(draw.learn) + len(draw.ask) == len(TRUTH) for draw in found)


@pytest.mark.parametrize("point", [TENTH, ALL, THREE])
def test_users_are_asked_by_others(point):
    who = np.array(SUBJECTS)
    for draw in of(point, USERS):
        assert not set(who[draw.learn]) & set(who[draw.ask])
        # Everything of those asked is asked.
        assert np.array_equal(draw.ask, np.flatnonzero(np.isin(who, who[draw.ask])))


def test_one_person_is_asked_clip_by_clip():
    alone = ["one"] * len(TRUTH)
    assert not has_users(alone) and not has_users([None, "a", "b"]) and has_users(SUBJECTS)
    found = of(TENTH, USERS, subjects=alone)
    assert len(found) == 5 and sum(len(draw.ask) for draw in found) == len(TRUTH)
    assert all(Counter(TRUTH[draw.ask].tolist()) == dict.fromkeys(range(4), 6) for draw in found)


@pytest.mark.parametrize("split", SPLITS)
def test_fewer_are_among_more(split):
    for few, more in [(Point(shots=1), THREE), (THREE, Point(shots=10)), (Point(share=0.05), TENTH)]:
        for one, other in zip(of(few, split), of(more, split), strict=True):
            assert set(one.learn.tolist()) < set(other.learn.tolist())


@pytest.mark.parametrize("split", SPLITS)
def test_the_same_seed_draws_the_same_and_another_another(split):
    one, again, other = of(TENTH, split), of(TENTH, split), of(TENTH, split, seed=1)
    assert all(
        np.array_equal(a.learn, b.learn) and np.array_equal(a.ask, b.ask) for a, b in zip(one, again, strict=True)
    )
    assert any(not np.array_equal(a.learn, b.learn) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("given", [{}, {"share": 0.1, "shots": 1}, {"share": 0.0}, {"share": 1.5}, {"share": float("nan")},
                                   {"shots": 0}, {"shots": 10**6}])  # fmt: skip
def test_impossible_numbers_of_labels(given):
    with pytest.raises(UsageError):
        Point(**given)


def test_points_are_in_order_and_say_what_they_are():
    assert sorted([THREE, ALL, Point(shots=1), TENTH]) == [TENTH, ALL, Point(shots=1), THREE]
    assert [str(own) for own in (TENTH, ALL, Point(shots=1), THREE)] == ["10 %", "100 %", "1 shot", "3 shots"]
