"""Repetitions: cycles and bouts that are known, in any turn and at any rate, and marked ones of real gestures."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anywear import Placement
from anywear.datasets import open_dataset
from anywear.motion.generate import generate
from anywear.recording import Stream
from anywear.signal.repetitions import count_repetitions, likeness
from anywear.simulate import Simulator


def _stream(acc, rate_hz: float = 50.0, gyr=None, start_s: float = 0.0) -> Stream:
    time_s = start_s + np.arange(len(acc)) / rate_hz
    return Stream("arm", time_s, acc + np.array([0.0, 0.0, 9.81]), gyr, Placement.unknown())


def _swings(hz: float, seconds: float, rate_hz: float = 50.0):
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    wave = np.sin(2 * np.pi * hz * time_s)
    return np.stack([3.0 * wave, 0.5 * wave, 0.2 * np.cos(4 * np.pi * hz * time_s)], axis=1)


def test_likeness_is_the_cosine_of_what_overlaps():
    values = np.random.default_rng(0).normal(size=(90, 6))
    told = likeness(values, 40)
    for lag in (0, 1, 17, 40):
        a, b = values[: len(values) - lag], values[lag:]
        assert told[lag] == pytest.approx((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()))


@pytest.mark.parametrize(("hz", "rate_hz"), [(0.4, 25.0), (0.7, 50.0), (1.3, 100.0), (3.0, 200.0)])
def test_cycles_in_any_turn_and_at_any_rate(hz, rate_hz):
    acc = _swings(hz, 20.0, rate_hz)
    plain = count_repetitions(_stream(acc, rate_hz))
    assert abs(plain.cycles - 20.0 * hz) <= 1 and plain.period_s == pytest.approx(1.0 / hz, rel=0.03)
    assert plain.bouts == 1 and plain.count == plain.cycles and plain.regularity > 0.9
    turned = _stream(acc, rate_hz)
    turned = replace(
        turned, acc_mps2=Rotation.from_euler("xyz", [40.0, 70.0, -110.0], degrees=True).apply(turned.acc_mps2)
    )
    found = count_repetitions(turned)
    assert found.cycles == plain.cycles and found.period_s == pytest.approx(plain.period_s, rel=1e-3)


def test_bouts_between_pauses_and_a_part_of_the_time():
    shake, rest = _swings(3.0, 2.0), np.zeros((75, 3))
    acc = np.concatenate([rest, *[part for _ in range(4) for part in (shake, rest)]])
    found = count_repetitions(_stream(acc, start_s=100.0))
    assert found.bouts == 4 and found.count == 4 and abs(found.cycles - 24) <= 4
    starts = [start for start, _ in found.bouts_s]
    assert starts == pytest.approx([101.5 + 3.5 * number for number in range(4)], abs=0.3)
    first = count_repetitions(_stream(acc, start_s=100.0), 100.0, 104.5)
    assert first.bouts == 1 and abs(first.cycles - 6) <= 1


def test_a_gap_adds_up_and_what_rests_has_nothing():
    one, other = _stream(_swings(0.8, 10.0)), _stream(_swings(0.8, 10.0), start_s=30.0)
    both = Stream(
        "arm",
        np.r_[one.time_s, other.time_s],
        np.concatenate([one.acc_mps2, other.acc_mps2]),
        None,
        Placement.unknown(),
    )
    assert abs(count_repetitions(both).cycles - 16) <= 2
    noise = np.random.default_rng(1).normal(scale=0.01, size=(1000, 3))
    quiet = count_repetitions(_stream(noise))
    assert (quiet.cycles, quiet.bouts, quiet.count, quiet.rhythmic) == (0, 0, 0, False)
    assert count_repetitions(_stream(noise), 500.0, 600.0).count == 0


def test_motion_without_a_rhythm_has_none():
    rng = np.random.default_rng(3)
    walk = np.cumsum(rng.normal(size=(1500, 3)), axis=0)
    found = count_repetitions(_stream(walk - walk.mean(axis=0)))
    assert not found.rhythmic and found.cycles == 0 and found.bouts >= 1


@pytest.mark.parametrize("program", ["squats", "kettlebell_swings", "push_ups"])
def test_exercises_whose_count_their_sentence_tells(program):
    """At the waist, each of three clips; one off is allowed, for a set begins and ends at rest."""
    numbers = dict(
        zip(("twice", "two", "three", "four", "five", "six", "seven", "eight"), (2, 2, 3, 4, 5, 6, 7, 8), strict=True)
    )
    asked = 0
    for seed in range(12):
        clip = generate(program, seed).clip
        said = re.search(r"\b(twice|two|three|four|five|six|seven|eight)\b(?= times|$)", " ".join(clip.captions))
        if said is None or numbers[said[1]] < 3 or asked == 3:
            continue
        recording = Simulator(clip, lowpass_hz=None).record(["waist"], rate_hz=50.0, seed=0, one_clock=True)
        assert abs(count_repetitions(recording.streams[0]).count - numbers[said[1]]) <= 1
        asked += 1
    assert asked == 3


def test_marked_gestures_are_counted(dataset_root):
    """Fifty recordings of ten repetitions each, some with pauses, some without."""
    dataset, source = open_dataset("uhh-gestures", dataset_root("uhh-gestures").parent)
    off = np.array([count_repetitions(own.streams[0]).count - len(own.labels) for own in dataset.recordings(source)])
    assert len(off) == 50 and np.mean(off == 0) >= 0.66 and np.mean(np.abs(off) <= 1) >= 0.7
