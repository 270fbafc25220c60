"""Who answers: warping against a plain double loop, and both baselines on strokes that are easy to tell."""

from __future__ import annotations

import numpy as np
import pytest
from gesture_doubles import gestures

from anywear.benchmark.gestures_clips import LENGTH
from anywear.benchmark.gestures_contest import Dtw, Rocket
from anywear.benchmark.gestures_devices import changes
from anywear.benchmark.gestures_draws import MIXED, USERS, Point, draws
from anywear.benchmark.gestures_dtw import BLOCK, dtw_distances, dtw_matrix

EASY = Point(shots=5)


def dtw_naive(one: np.ndarray, other: np.ndarray, band: int) -> float:
    """One cell after the other."""
    length = one.shape[1]
    table = np.full((length + 1, length + 1), np.inf)
    table[0, 0] = 0.0
    for i in range(length):
        for j in range(length):
            if abs(i - j) <= band:
                cost = ((one[:, i] - other[:, j]) ** 2).sum()
                table[i + 1, j + 1] = cost + min(table[i, j], table[i, j + 1], table[i + 1, j])
    return float(table[length, length])


@pytest.mark.parametrize("band", [0, 1, 4, 20])
def test_warping_is_that_of_a_double_loop(band):
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(4, 3, 15)), rng.normal(size=(6, 3, 15))
    expected = [[dtw_naive(a, b, band) for b in other] for a in one]
    assert dtw_distances(one, other, band) == pytest.approx(np.array(expected), rel=1e-4)


def test_a_matrix_is_all_pairs_over_the_edges_of_blocks():
    clips = np.random.default_rng(1).normal(size=(BLOCK + 5, 2, 9)).astype(np.float32)
    found = dtw_matrix(clips, 2)
    assert found == pytest.approx(dtw_distances(clips, clips, 2), rel=1e-4, abs=1e-4)
    assert found == pytest.approx(found.T) and np.diag(found) == pytest.approx(0.0, abs=1e-4)


def test_warping_forgives_what_is_early_or_late():
    time = np.linspace(0.0, 1.0, 50)
    one = np.sin(2 * np.pi * time)[None, None]
    late = np.sin(2 * np.pi * np.clip(time - 0.06, 0.0, 1.0))[None, None]
    assert dtw_distances(one, late, 5)[0, 0] < 0.2 * dtw_distances(one, late, 0)[0, 0]


@pytest.mark.parametrize("made", [Dtw, Rocket])
@pytest.mark.parametrize("split", [MIXED, USERS])
def test_easy_strokes_are_told(made, split):
    if made is Rocket:
        pytest.importorskip("sklearn", reason="needs the benchmark extra")
    found = gestures(classes=3, users=3, each=4)
    own = made()
    for draw in draws(found.truth, found.subjects, EASY, split, 0):
        answers = own.answer(found, found, draw)
        assert (answers.labels == found.truth[draw.ask]).mean() > 0.95
        assert np.isfinite(answers.confidence).all() and answers.none is None


@pytest.mark.parametrize("made", [Dtw, Rocket])
def test_labels_that_mean_nothing_are_guessed(made):
    if made is Rocket:
        pytest.importorskip("sklearn", reason="needs the benchmark extra")
    found = gestures(classes=2, users=3, each=10)
    shuffled = np.random.default_rng(0).permutation(found.truth)
    (draw,) = draws(shuffled, found.subjects, EASY, MIXED, 0)
    right = (made().answer(type(found)("guess", found.labels, found.clips, shuffled), found, draw).labels
             == shuffled[draw.ask]).mean()  # fmt: skip
    assert 0.2 < right < 0.8


def test_what_is_kept_is_that_of_the_same_clips():
    """A second set, and the first on another device, are not answered from what is kept of the first."""
    one, other = gestures(seed=0), gestures(seed=1)
    own = Dtw()
    (draw,) = draws(one.truth, one.subjects, Point(shots=2), MIXED, 0)
    first = own.distances(one, one, draw)
    assert not np.allclose(first, own.distances(other, other, draw))
    assert np.array_equal(first, own.distances(one, one, draw))
    turned = own.distances(one, one.changed(changes()["turned by 90°"]), draw)
    assert turned.shape == first.shape and turned.mean() > 1.5 * first.mean()
    same = own.distances(one, one.changed(lambda stream, _: stream), draw)
    assert same == pytest.approx(first, rel=1e-3, abs=1e-2)


def test_values_are_stretched_and_scaled():
    found = gestures(classes=2, users=1, each=2)
    assert found.values.shape == (4, 6, LENGTH)
    assert found.values[:, 2].mean() == pytest.approx(1.0, abs=0.05)  # g
    without = found.changed(changes()["accelerometer alone"])
    assert not without.values[:, 3:].any() and np.array_equal(without.values[:, :3], found.values[:, :3])
