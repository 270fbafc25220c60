"""Answers side by side, against figures by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from anywear.benchmark.setup_answers import Answers, Group, Setup
from anywear.errors import AnywearError

A, B, C = (Setup("placements", name) for name in "abc")
FUSED = Setup("fusion", "late fusion")
NAN = [np.nan] * 3


def _one_hot(*answers: int | None) -> np.ndarray:
    return np.array([NAN if n is None else np.eye(3)[n] * 0.8 + 0.2 / 3 for n in answers])


def _answers(**by_setup) -> Answers:
    scores = {Setup("placements", name): own for name, own in by_setup.items()}
    count = len(next(iter(by_setup.values())))
    return Answers({"all": Group(("x", "y", "z"), np.arange(count) % 3, ("p",) * count, scores)})


def test_agreement_is_counted_where_both_answered():
    answers = _answers(a=_one_hot(0, 0, 1, 1, None, 2), b=_one_hot(0, 1, 1, 1, 2, None))
    own = answers.agreement(A, B)
    # Of four windows three alike; a says x y half each, b x in one and y in three: chance 1/8 + 3/8.
    assert (own.share, own.windows) == (3 / 4, 4)
    assert own.kappa == pytest.approx((3 / 4 - 1 / 2) / (1 / 2))
    assert answers.agreement(B, A) == own and answers.agreement(A, A).share == 1.0
    none = answers.agreement(A, C)
    assert none.windows == 0 and none.share == 0.0 and np.isnan(none.kappa)


def test_chance_is_counted_within_each_group():
    """Two groups, each answered alike always with one label: nothing is shown beyond chance."""
    groups = {
        name: Group(labels, np.zeros(3, dtype=int), ("p",) * 3, {A: own, B: own})
        for name, labels, own in (("one", ("x", "y"), np.tile([0.9, 0.1], (3, 1))),
                                  ("two", ("z", "w"), np.tile([0.1, 0.9], (3, 1))))
    }  # fmt: skip
    own = Answers(groups).agreement(A, B)
    assert own.share == 1.0 and own.windows == 6 and np.isnan(own.kappa)


def test_figures_are_of_chosen_windows():
    answers = _answers(a=_one_hot(0, 1, 0, 0, None, None), b=_one_hot(0, 0, 0, None, 1, 2))
    [counted] = answers.classified(A, answers.seen((A, B))).values()
    assert counted.windows == 3 and counted.figures["accuracy"] == pytest.approx(2 / 3)
    assert answers.classified(A, answers.seen((A, C))) == {}
    assert [own.sum() for own in answers.seen((A,)).values()] == [4]


def test_late_fusion_is_the_mean_of_log_probabilities():
    rng = np.random.default_rng(0)
    parts = [rng.dirichlet(np.ones(3), 50) for _ in range(3)]
    parts[1][10:20] = np.nan  # b did not see these
    fused = _answers(a=parts[0], b=parts[1], c=parts[2]).with_late_fusion((A, B, C), FUSED)
    scores = fused.groups["all"].scores[FUSED]
    for row in range(50):
        logs = [np.log(part[row]) for part in parts if np.isfinite(part[row]).all()]
        assert scores[row] == pytest.approx(sum(logs) / len(logs))
    assert set(fused.setups) == {A, B, C, FUSED}


def test_one_certain_sensor_does_not_outvote_for_good():
    certain, doubtful = np.array([[1.0, 0.0, 0.0]]), np.array([[0.0, 0.999, 0.001]])
    scores = _answers(a=certain, b=doubtful).with_late_fusion((A, B), FUSED).groups["all"].scores[FUSED]
    assert np.isfinite(scores).all()
    nobody = _answers(a=np.array([NAN]), b=np.array([NAN])).with_late_fusion((A, B), FUSED)
    assert np.isnan(nobody.groups["all"].scores[FUSED]).all() and nobody.agreement(A, FUSED).windows == 0


@pytest.mark.parametrize("rows", [[[0.5, 0.6, 0.2]], [[1.2, -0.2, 0.0]]])
def test_only_probabilities_are_fused(rows):
    with pytest.raises(AnywearError, match="cannot be fused"):
        _answers(a=np.array(rows)).with_late_fusion((A,), FUSED)


def test_late_fusion_of_independent_sensors_beats_each():
    """Three sensors, each right in 60 % with errors of their own: the fused answer is better than any."""
    rng = np.random.default_rng(1)
    truth = np.arange(3000) % 3
    parts = {}
    for name in "abc":
        answer = np.where(rng.random(3000) < 0.6, truth, (truth + rng.integers(1, 3, 3000)) % 3)
        parts[name] = np.full((3000, 3), 0.2) + 0.4 * np.eye(3)[answer]
    fused = _answers(**parts).with_late_fusion((A, B, C), FUSED)
    setups = (A, B, C, FUSED)
    accuracies = [fused.classified(own, fused.seen(setups))["all"].figures["accuracy"] for own in setups]
    assert accuracies[3] > max(accuracies[:3]) + 0.05
    assert all(abs(x - y) < 0.05 for x, y in pairwise(accuracies[:3]))
