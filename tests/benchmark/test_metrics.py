"""Measures against naive counting, ties and absent classes included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anywear.benchmark import metrics


def _accuracy_naive(truth, predicted) -> float:
    return sum(t == p for t, p in zip(truth, predicted, strict=True)) / len(truth)


def _macro_f1_naive(truth, predicted) -> float:
    scores = []
    for label in sorted(set(truth)):
        hit = sum(t == label and p == label for t, p in zip(truth, predicted, strict=True))
        precision = hit / max(1, sum(p == label for p in predicted))
        recall = hit / sum(t == label for t in truth)
        scores.append(0.0 if hit == 0 else 2 * precision * recall / (precision + recall))
    return sum(scores) / len(scores)


def _recall_at_k_naive(truth, scores, k) -> float:
    hits = 0
    for own, row in zip(truth, scores, strict=True):
        better_or_equal = [c for c in range(len(row)) if c != own and row[c] >= row[own]]
        hits += len(better_or_equal) < k
    return hits / len(truth)


@st.composite
def _answers(draw):
    classes = draw(st.integers(2, 6))
    count = draw(st.integers(1, 40))
    pick = st.lists(st.integers(0, classes - 1), min_size=count, max_size=count)
    # Whole numbers make ties common.
    scores = draw(
        st.lists(st.lists(st.integers(0, 3), min_size=classes, max_size=classes), min_size=count, max_size=count)
    )
    return classes, draw(pick), draw(pick), np.array(scores, dtype=float)


@given(_answers())
def test_equal_to_naive_counting(answers):
    classes, truth, predicted, scores = answers
    confusion = metrics.confusion_matrix(np.array(truth), np.array(predicted), classes)
    assert confusion.sum() == len(truth)
    assert metrics.accuracy(confusion) == pytest.approx(_accuracy_naive(truth, predicted))
    assert metrics.macro_f1(confusion) == pytest.approx(_macro_f1_naive(truth, predicted))
    for k in (1, 2, 3):
        assert metrics.recall_at_k(np.array(truth), scores, k) == pytest.approx(_recall_at_k_naive(truth, scores, k))


def test_confusion_has_the_truth_in_rows():
    confusion = metrics.confusion_matrix(np.array([0, 0, 1]), np.array([1, 1, 1]), 3)
    assert confusion.tolist() == [[0, 2, 0], [0, 1, 0], [0, 0, 0]]


def test_a_class_that_never_occurs_has_no_f1_of_its_own():
    confusion = metrics.confusion_matrix(np.array([0, 0, 1, 1]), np.array([0, 2, 1, 1]), 3)
    # Class 0: precision 1, recall 1/2, F1 2/3; class 1: F1 1; class 2 was answered but is not in the truth.
    assert metrics.macro_f1(confusion) == pytest.approx((2 / 3 + 1) / 2)
    assert np.isnan(metrics.class_recall(confusion)[2])
    assert metrics.balanced_accuracy(confusion) == pytest.approx(0.75)


def test_ties_count_against_the_model():
    truth, alike = np.array([0, 1, 2]), np.ones((3, 3))
    assert metrics.recall_at_k(truth, alike, 2) == 0.0
    assert metrics.recall_at_k(truth, alike, 3) == 1.0
    assert metrics.recall_at_k(np.array([0]), np.array([[0.4, 0.4, 0.2]]), 2) == 1.0
    assert metrics.recall_at_k(np.array([0]), np.array([[0.4, 0.4, 0.2]]), 1) == 0.0


def test_nothing_in_nothing_out():
    empty = np.zeros((3, 3), dtype=np.int64)
    assert metrics.accuracy(empty) == metrics.macro_f1(empty) == metrics.balanced_accuracy(empty) == 0.0
    assert metrics.recall_at_k(np.zeros(0, dtype=np.int64), np.zeros((0, 3)), 2) == 0.0
    assert metrics.effective_classes(np.zeros(3)) == 0.0


def test_effective_classes():
    assert metrics.effective_classes(np.array([5, 5, 5, 5])) == pytest.approx(4)
    assert metrics.effective_classes(np.array([7, 0, 0])) == pytest.approx(1)
    assert 1 < metrics.effective_classes(np.array([9, 1])) < 2


def test_collapse_is_told_from_mere_error():
    labels = ["a", "b", "c", "d"]
    truth = np.repeat(np.arange(4), 10)
    always_first = metrics.confusion_matrix(truth, np.zeros(40, dtype=np.int64), 4)
    text = metrics.collapse_check(always_first, labels)
    assert text is not None and "1.0 classes" in text and "a 100%" in text
    all_wrong = metrics.confusion_matrix(truth, (truth + 1) % 4, 4)
    assert metrics.collapse_check(all_wrong, labels) is None


def test_interval_holds_the_figure_and_needs_two_subjects():
    means = np.array([0.2, 0.4, 0.5, 0.7])
    interval = metrics.bootstrap_interval(4, lambda times: float(times @ means / times.sum()), np.random.default_rng(0))
    assert interval is not None
    low, high = interval
    assert 0.2 <= low < means.mean() < high <= 0.7
    assert metrics.bootstrap_interval(1, lambda times: 0.5, np.random.default_rng(0)) is None


def test_kappa_by_hand():
    # 35 of 50 the same; the rows' shares 0.5 and 0.5, the columns' 0.6 and 0.4, so chance agrees on half.
    assert metrics.cohen_kappa(np.array([[20, 5], [10, 15]])) == pytest.approx((0.7 - 0.5) / 0.5)
    assert metrics.cohen_kappa(np.diag([3, 4, 5])) == pytest.approx(1.0)
    assert metrics.cohen_kappa(np.array([[0, 4], [4, 0]])) == pytest.approx(-1.0)
    for nothing_to_tell in (np.diag([7, 0]), np.zeros((2, 2), dtype=int)):
        assert np.isnan(metrics.cohen_kappa(nothing_to_tell))


def test_kappa_of_several_questions_counts_chance_within_each():
    apart = np.array([[4, 4], [4, 4]]), np.array([[1, 1, 1]] * 3)
    assert metrics.cohen_kappa(*apart) == pytest.approx(0.0)
    joined = np.zeros((5, 5), dtype=int)
    joined[:2, :2], joined[2:, 2:] = apart
    assert metrics.cohen_kappa(joined) > 0.2  # as one question, that the lists differ would pass for agreement


def test_kappa_of_unrelated_answers_is_near_zero():
    rng = np.random.default_rng(0)
    one, other = (rng.choice(3, 20_000, p=shares) for shares in ((0.8, 0.1, 0.1), (0.6, 0.3, 0.1)))
    counts = metrics.confusion_matrix(one, other, 3)
    assert np.trace(counts) / counts.sum() > 0.5 and abs(metrics.cohen_kappa(counts)) < 0.02
