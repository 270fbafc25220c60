"""Random gestures: physically sound, alike within a kind, another with every kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the train extra")

from anywear.recording import STANDARD_GRAVITY_MPS2
from anywear.train import gestures_arm
from anywear.train.gestures_arm import draw_kinds, perform

RATE_HZ = 50.0


def _performed(seed: int, kinds: int = 12, often: int = 6, samples: int = 150):
    rng = np.random.default_rng(seed)
    every = [kind for kind in draw_kinds(kinds, rng) for _ in range(often)]
    return perform(every, samples, RATE_HZ, rng)


def test_same_seed_same_gestures():
    for first, second in zip(_performed(3), _performed(3), strict=True):
        assert np.array_equal(first, second)
    assert not np.array_equal(_performed(3)[0], _performed(4)[0])


@pytest.mark.parametrize("in_hand", [False, True])
def test_a_still_arm_feels_gravity_alone(in_hand, monkeypatch):
    monkeypatch.setattr(gestures_arm, "_sway", lambda count, length, rate_hz, rng: np.zeros((count, length, 7)))
    kind = draw_kinds(1, np.random.default_rng(0))[0]
    still = replace(kind, keys=np.zeros((2, 7)), seconds=np.ones(1), centre=kind.rest, repeats=False)
    # Small as it is, somebody's own way to the place of the gesture is a motion; before it there is none.
    acc, gyr = perform([replace(still, length=0.25)] * 8, 400, RATE_HZ, np.random.default_rng(1), in_hand)
    quiet = np.abs(gyr).sum(axis=-1) < 1e-6
    assert quiet.mean() > 0.4
    np.testing.assert_allclose(np.linalg.norm(acc, axis=-1)[quiet], STANDARD_GRAVITY_MPS2, atol=1e-3)


def test_angular_rate_turns_gravity():
    """Where the hand hardly accelerates, the measured direction of up turns as the gyroscope says."""
    acc, gyr = _performed(5, samples=200)
    up = acc / np.linalg.norm(acc, axis=-1, keepdims=True)
    calm = np.abs(np.linalg.norm(acc, axis=-1) - STANDARD_GRAVITY_MPS2) < 0.15
    calm = calm[:, 2:] & calm[:, 1:-1] & calm[:, :-2] & (np.abs(gyr[:, 1:-1]).max(axis=-1) < 1.5)
    seen = (up[:, 2:] - up[:, :-2]) * RATE_HZ / 2.0
    told = -np.cross(gyr[:, 1:-1], up[:, 1:-1])
    moving = calm & (np.linalg.norm(told, axis=-1) > 0.1)
    assert moving.sum() > 100
    cosine = (seen * told).sum(axis=-1) / (np.linalg.norm(seen, axis=-1) * np.linalg.norm(told, axis=-1) + 1e-9)
    assert np.median(cosine[moving]) > 0.8


def test_peaks_are_those_of_hands():
    acc, gyr = (np.concatenate(parts) for parts in zip(*(_performed(seed) for seed in range(4)), strict=True))
    force = np.abs(np.linalg.norm(acc, axis=-1) - STANDARD_GRAVITY_MPS2).max(axis=1)
    turning = np.linalg.norm(gyr, axis=-1).max(axis=1)
    assert np.isfinite(acc).all() and np.isfinite(gyr).all()
    assert 2.0 < np.median(force) < 45.0 and 1.0 < np.median(turning) < 12.0


def test_performances_of_a_kind_are_nearest_to_each_other():
    acc, gyr = _performed(7, kinds=10, often=8)
    # The means of eighths, which know nothing of kinds.
    seen = np.concatenate([acc, 3.0 * gyr], axis=-1)[:, :144].reshape(80, 8, 18, 6).mean(axis=2).reshape(80, -1)
    kind = np.repeat(np.arange(10), 8)
    means = np.stack([seen[(kind == own) & (np.arange(80) % 2 == 0)].mean(axis=0) for own in range(10)])
    asked = np.arange(80) % 2 == 1
    nearest = np.linalg.norm(seen[asked][:, None] - means, axis=-1).argmin(axis=1)
    assert 0.35 < (nearest == kind[asked]).mean() < 1.0  # chance is 0.1; were they all the same, it would be easy
