"""Windows to segments, against a plain loop over cells."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anywear.runtime.timeline import Timeline, build_segments


def _spans(starts, length=5.0):
    starts = np.asarray(starts, dtype=float)
    return np.stack([starts, starts + length], axis=1)


def _segments_naive(labels, spans, scores, fit, threshold, cell_s):
    """Every cell looks at every window."""
    edges = np.unique(spans)
    answers = []
    for low, high in itertools.pairwise(edges):
        count = max(1, round((high - low) / cell_s))
        for k in range(count):
            start, end = low + k * (high - low) / count, low + (k + 1) * (high - low) / count
            inside = [i for i, (a, b) in enumerate(spans) if a <= start + 1e-6 and b >= end - 1e-6]
            if inside:
                mean = scores[inside].mean(axis=0)
                known = fit[inside].mean() >= threshold
                answers.append((start, end, labels[mean.argmax()] if known else "unknown"))
    joined = []
    for start, end, label in answers:
        if joined and joined[-1][2] == label and abs(joined[-1][1] - start) < 1e-6:
            joined[-1] = (joined[-1][0], end, label)
        else:
            joined.append((start, end, label))
    return joined


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_equals_the_plain_loop(seed, count):
    rng = np.random.default_rng(seed)
    starts = np.cumsum(rng.choice([1.0, 1.0, 1.0, 9.0], count))
    spans, labels = _spans(starts), ["a", "b", "c"]
    scores = rng.dirichlet(np.ones(3), count)
    fit = rng.uniform(0, 1, count)
    got = build_segments(labels, spans, scores, fit, 0.5, 1.0)
    want = _segments_naive(labels, spans, scores, fit, 0.5, 1.0)
    assert [s.label for s in got] == [w[2] for w in want]
    assert np.allclose([[s.start_s, s.end_s] for s in got], [w[:2] for w in want])
    assert all(0.0 <= s.confidence <= 1.0 for s in got)


def test_a_change_lands_between_the_windows():
    spans = _spans(range(20))
    scores = np.array([[0.9, 0.1] if i < 10 else [0.1, 0.9] for i in range(20)])
    first, second = build_segments(["a", "b"], spans, scores, np.ones(20), 0.0, 1.0)
    assert (first.label, second.label) == ("a", "b")
    assert 10.0 <= first.end_s == second.start_s <= 15.0


def test_a_gap_stays_empty_and_a_poor_fit_is_unknown():
    spans = _spans([0.0, 100.0])
    timeline = build_segments(["a", "b"], spans, np.array([[0.8, 0.2]] * 2), np.array([0.9, 0.1]), 0.5, 1.0)
    assert [(s.start_s, s.end_s, s.label) for s in timeline] == [(0.0, 5.0, "a"), (100.0, 105.0, "unknown")]


def test_faces():
    spans = _spans([0.0, 5.0])
    scores, fit = np.array([[0.8, 0.2], [0.3, 0.7]]), np.array([0.9, 0.9])
    segments = build_segments(["walk", "sit"], spans, scores, fit, 0.5, 1.0)
    timeline = Timeline(("walk", "sit"), segments, spans, scores, fit, 0.5)
    assert timeline.window_labels == ["walk", "sit"]
    assert timeline.seconds() == {"walk": 5.0, "sit": 5.0}
    assert timeline.to_dict()["segments"][0] == {"start_s": 0.0, "end_s": 5.0, "label": "walk", "confidence": 0.8}
    assert str(timeline).splitlines()[0].split() == ["00:00.0", "-", "00:05.0", "walk", "80%"]
    frame = pytest.importorskip("pandas") and timeline.to_pandas()
    assert list(frame.label) == ["walk", "sit"]


def test_nothing_in_nothing_out():
    empty = np.zeros((0, 2))
    assert build_segments(["a", "b"], empty, empty, np.zeros(0), 0.5, 1.0) == ()
    assert "no window" in str(Timeline(("a", "b"), (), empty, empty, np.zeros(0), 0.5))
