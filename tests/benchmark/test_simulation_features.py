"""Distances between real and simulated windows, where they are known."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.benchmark.simulation_features import (
    FEATURES,
    Windows,
    area_under_curve,
    distance,
    features,
    halves,
    ranges,
    separability,
    spectra,
    tilts_deg,
    wasserstein,
)

RATE_HZ = 50.0


def windows(rng, count=40, amplitude=1.0, groups=8, tilt_deg=0.0):
    time_s = np.arange(64) / RATE_HZ
    phase = rng.random((count, 1)) * 6
    wave = amplitude * np.sin(2 * np.pi * 2.0 * time_s[None] + phase)
    acc = np.zeros((count, 64, 3))
    up = np.array([np.sin(np.radians(tilt_deg)), 0.0, np.cos(np.radians(tilt_deg))])
    acc += (9.80665 + wave)[..., None] * up + rng.normal(0, 0.1, acc.shape)
    gyr = np.stack([0.5 * wave, 0.1 * wave, 0 * wave], axis=2) + rng.normal(0, 0.05, acc.shape)
    return Windows(acc, gyr, tuple(str(i % groups) for i in range(count)), RATE_HZ)


def test_equal_windows_are_no_distance_apart():
    same = windows(np.random.default_rng(0))
    found = distance(same, same)
    assert found.acc_spectrum_db == found.gyr_spectrum_db == found.wasserstein == 0.0
    assert found.auc == pytest.approx(0.5, abs=0.05)


def test_twice_the_amplitude_is_six_decibels():
    one, two = (windows(np.random.default_rng(0), amplitude=a) for a in (1.0, 2.0))
    frequency, power, _ = spectra(one)
    peak = int(np.argmax(power))
    assert frequency[peak] == pytest.approx(2.0, abs=0.4)
    assert 10 * np.log10(spectra(two)[1][peak] / power[peak]) == pytest.approx(6.02, abs=0.3)
    assert distance(one, two).auc == 1.0


def test_chance_is_chance_and_groups_stay_together():
    rng = np.random.default_rng(0)
    one, two = windows(rng, 200, groups=20), windows(rng, 200, groups=20)
    assert 0.35 < distance(one, two).auc < 0.65
    # Every group is its own cluster: a split through groups would tell them apart, one between groups cannot.
    centres = rng.normal(0, 10, (16, 3))
    rows = np.repeat(centres, 20, axis=0) + rng.normal(0, 0.01, (320, 3))
    names = [str(i) for i in np.repeat(np.arange(16), 20)]
    assert separability(rows[:160], names[:160], rows[160:], names[160:]) < 0.9


def test_a_single_group_cannot_be_held_out():
    one, two = windows(np.random.default_rng(0), groups=1), windows(np.random.default_rng(1))
    assert np.isnan(distance(one, two).auc)
    assert halves(one) is None


def test_wasserstein_of_a_shift_is_the_shift_in_deviations():
    rng = np.random.default_rng(0)
    real = rng.normal(0, 3.0, (500, 2))
    np.testing.assert_allclose(
        wasserstein(real, real + np.array([3.0, 6.0])), np.array([3.0, 6.0]) / real.std(axis=0), rtol=1e-6
    )


def test_area_under_curve_counts_pairs():
    low, high = np.array([0.0, 1.0, 1.0]), np.array([1.0, 2.0])
    naive = np.mean([(b > a) + 0.5 * (a == b) for a in low for b in high])
    assert area_under_curve(low, high) == pytest.approx(naive)


def test_tilt_is_the_angle_between_wearings():
    rng = np.random.default_rng(0)
    upright, leaning = windows(rng, 20), windows(rng, 20, tilt_deg=30.0)
    both = Windows(
        np.concatenate([upright.acc_mps2, leaning.acc_mps2]),
        np.concatenate([upright.gyr_radps, leaning.gyr_radps]),
        upright.group + leaning.group,
        RATE_HZ,
    )
    assert np.median(tilts_deg(both)) == pytest.approx(15.0, abs=0.5)


def test_nothing_but_tilt_depends_on_how_the_sensor_is_turned():
    from scipy.spatial.transform import Rotation

    straight = windows(np.random.default_rng(0))
    turn = Rotation.from_rotvec([0.4, -1.1, 0.7]).as_matrix()
    turned = Windows(straight.acc_mps2 @ turn.T, straight.gyr_radps @ turn.T, straight.group, RATE_HZ)
    np.testing.assert_allclose(features(turned), features(straight), atol=1e-8)
    one, other = ranges(straight), ranges(turned)
    np.testing.assert_allclose([*one.acc, *one.gyr, *one.jerk], [*other.acc, *other.gyr, *other.jerk], atol=1e-8)
    assert features(straight).shape == (40, len(FEATURES))
