"""Calibration finds the temperature that made the data, and a threshold that keeps the share it promises."""

from __future__ import annotations

import numpy as np

from anywear.train.calibrate import KEPT_SHARE, calibrate


def _windows(scale: float, count: int = 300, labels: int = 12):
    """Cosines whose softmax at `scale` is the true probability of each label."""
    rng = np.random.default_rng(0)
    cosines = rng.uniform(-0.3, 0.5, (count, labels))
    share = np.exp(scale * cosines)
    share /= share.sum(axis=1, keepdims=True)
    truth = np.array([rng.choice(labels, p=row) for row in share])
    return cosines, truth


def test_scale_is_recovered():
    for scale in (4.0, 12.0):
        cosines, truth = _windows(scale)
        allowed = np.ones_like(cosines, dtype=bool)
        allowed[np.arange(len(truth)), truth] = False
        found = calibrate(cosines, truth, allowed, np.random.default_rng(1))
        assert 0.7 * scale < found.scale < 1.4 * scale
        assert found.expected_error < 0.1


def test_threshold_keeps_what_it_promises_and_refuses_strangers():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 10, 200)
    cosines = rng.normal(0.0, 0.05, (200, 10))
    cosines[np.arange(200), truth] = rng.normal(0.6, 0.05, 200)
    allowed = np.arange(10)[None] != truth[:, None]
    found = calibrate(cosines, truth, allowed, np.random.default_rng(1))
    assert abs(found.kept - KEPT_SHARE) < 0.02
    assert found.refused > 0.99
