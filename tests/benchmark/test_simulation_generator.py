"""The generator held against people: the comparison, where the answer is known, and one real activity."""

from __future__ import annotations

import numpy as np
import pytest

from anywear.benchmark.simulation_features import Windows
from anywear.benchmark.simulation_generator import MATCHED, compare_generator
from anywear.benchmark.simulation_generator_tables import generator_json, generator_tables
from anywear.benchmark.simulation_generator_transfer import transfers
from anywear.benchmark.simulation_measures import MEASURES, measured_distances, measures, relative_tilts_deg
from anywear.datasets import DATASETS

RATE_HZ = 50.0


def windows(seed, *, hz=2.0, amplitude=2.0, turn=(0.0, 0.0, 0.0), count=24):
    from scipy.spatial.transform import Rotation

    rng = np.random.default_rng(seed)
    time_s = np.arange(250) / RATE_HZ
    wave = amplitude * np.sin(2 * np.pi * hz * time_s + rng.uniform(0, 6, (count, 1)))
    acc = np.stack([0 * wave, 0 * wave, 9.81 + wave], axis=2) + rng.normal(0, 0.1, (count, 250, 3))
    gyr = np.stack([0.5 * wave, 0 * wave, 0 * wave], axis=2) + rng.normal(0, 0.02, acc.shape)
    rows = Rotation.from_rotvec(turn).as_matrix().T
    return Windows(acc @ rows, gyr @ rows, tuple(str(i % 6) for i in range(count)), RATE_HZ)


def test_tempo_and_size_are_what_they_are():
    found = dict(zip(MEASURES, measures(windows(0, hz=1.5, amplitude=3.0)).T, strict=True))
    assert 2.0 ** np.median(found["tempo acc"]) == pytest.approx(1.5, abs=0.06)
    assert np.exp(np.median(found["acc peak"])) == pytest.approx(3.2, rel=0.1)
    assert np.median(found["turning"]) < 1.0


def test_twice_the_size_is_far_and_a_turn_of_the_sensor_is_not():
    base = windows(0)
    turned = measured_distances(base, windows(0, turn=(0.7, -1.0, 0.3)))
    assert max(value for value in turned.values() if np.isfinite(value)) < 1e-6
    twice = measured_distances(base, windows(1, amplitude=4.0))
    assert twice["acc range"] == pytest.approx(np.log(2.0) / 0.2, rel=0.1) and twice["tempo acc"] < 0.2
    assert relative_tilts_deg(base, windows(0, turn=(0.5, 0.0, 0.0)))["0"] == pytest.approx(np.degrees(0.5), abs=0.5)


def test_a_classifier_learns_from_the_generator_what_is_true_of_people():
    kinds = {"slow": {"hz": 1.0}, "fast": {"hz": 3.0}, "big": {"hz": 1.0, "amplitude": 8.0}}
    real = {name: windows(i, **kind) for i, (name, kind) in enumerate(kinds.items())}
    right = {("set", name, "wrist"): (real[name], windows(9, **kind)) for name, kind in kinds.items()}
    (found,) = transfers(right)
    assert found.from_real == found.from_generated == found.top3 == 1.0 and found.chance == pytest.approx(1 / 3)
    swapped = dict(zip(kinds, ("fast", "big", "slow"), strict=True))
    (found,) = transfers({("set", name, "wrist"): (real[name], real[swapped[name]]) for name in kinds})
    assert found.from_generated == 0.0 and found.from_real == 1.0
    assert found.taken_for == {swapped[name]: name for name in kinds}


def test_only_training_sets_are_matched():
    assert {DATASETS[one.data].info.role for one in MATCHED} == {"train"}


def test_generated_walking_is_like_walking(dataset_root):
    matched = [one for one in MATCHED if one.data == "dsads" and one.label in ("standing", "walking in a parking lot")]
    found = compare_generator(dataset_root("dsads").parent, matched=matched, people=6, most_subjects=3)
    assert not found.missing and not found.failed and len(found.transfers) == 5
    rows = {(row.label, row.site): row for row in found.rows}
    thigh = rows["walking in a parking lot", "left_outer_thigh"]
    assert 0.5 < thigh.generated.acc_mps2.median / thigh.real.acc_mps2.median < 1.8
    assert thigh.far < 2.0
    assert min(one.from_generated for one in found.transfers) > 0.9  # standing is not walking
    assert "learnt from other people" in "\n".join(generator_tables(found))
    assert generator_json(found)["transfer"][0]["activities"] == 2
