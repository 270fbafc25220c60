"""Other devices, false triggers, times."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from gesture_doubles import G, Knows, gestures, stroke

from anywear import Placement, Recording, Span
from anywear.benchmark.gestures import GesturesConfig
from anywear.benchmark.gestures_clips import GestureSet
from anywear.benchmark.gestures_contest import Answers, Dtw
from anywear.benchmark.gestures_devices import AS_RECORDED, MIRRORED, ask_devices, changes, mirrored, mirrored_words
from anywear.benchmark.gestures_draws import MIXED, Point
from anywear.benchmark.gestures_further_tables import FurtherReport, further_json, further_table
from anywear.benchmark.gestures_latency import TIMES_ASKED, TIMES_LEARNED, time_gestures
from anywear.benchmark.gestures_rejection import Everyday, ask_everyday, candidates, threshold_of
from anywear.errors import UsageError
from anywear.recording import Stream

ASKED = GesturesConfig((Point(shots=3),), (MIXED,), seeds=2)
CLIP = stroke(1, np.random.default_rng(0))


def angle_deg(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    cosine = (one * other).sum(axis=1) / (np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1))
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def test_other_clocks_keep_the_motion():
    for rate_hz in (25.0, 100.0):
        other = changes()[f"{rate_hz:g} Hz"](CLIP, 0)
        assert other.effective_rate_hz == pytest.approx(rate_hz)
        inside = (CLIP.time_s > 0.3) & (CLIP.time_s < CLIP.time_s[-1] - 0.3)
        there = np.interp(CLIP.time_s[inside], other.time_s, other.acc_mps2[:, 0])
        assert np.corrcoef(there, CLIP.acc_mps2[inside, 0])[0, 1] > 0.98


@pytest.mark.parametrize("degrees", [15.0, 45.0, 90.0])
def test_turns_are_rotations_of_that_angle_at_most(degrees):
    other = changes()[f"turned by {degrees:g}°"](CLIP, 0)
    assert other.gyr_radps is not None and CLIP.gyr_radps is not None
    for one, turned in ((CLIP.acc_mps2, other.acc_mps2), (CLIP.gyr_radps, other.gyr_radps)):
        assert np.linalg.norm(turned, axis=1) == pytest.approx(np.linalg.norm(one, axis=1), rel=1e-4)
        # A vector turns by the angle, or by less when it lies near the axis.
        assert angle_deg(one, turned).max() <= degrees + 0.1
    assert angle_deg(CLIP.acc_mps2, other.acc_mps2).max() > 0.3 * degrees
    again, another = changes()[f"turned by {degrees:g}°"](CLIP, 0), changes()[f"turned by {degrees:g}°"](CLIP, 1)
    assert np.array_equal(again.acc_mps2, other.acc_mps2) and not np.allclose(another.acc_mps2, other.acc_mps2)


def test_a_cheap_part_clips_and_rounds():
    hard = Stream("unit", np.arange(50) / 50, np.full((50, 3), 40.0), np.full((50, 3), -20.0))
    other = changes()["±2 g, noise, 12 bit"](hard, 0)
    assert (
        other.acc_mps2.max() <= 2 * G
        and other.gyr_radps is not None
        and other.gyr_radps.min() >= -np.radians(500) - 1e-4
    )
    soft = changes()["±2 g, noise, 12 bit"](CLIP, 0)
    error = (soft.acc_mps2 - CLIP.acc_mps2)[np.abs(CLIP.acc_mps2) < 15]
    assert np.std(error) == pytest.approx(0.2, rel=0.2)


def test_mirroring_is_a_reflection():
    """Twice is once; the rate of a mirrored turn goes with the mirrored vector: d/dt v = v x w holds in the mirror."""
    again = mirrored(mirrored(CLIP))
    assert again.gyr_radps is not None and CLIP.gyr_radps is not None
    assert np.array_equal(again.acc_mps2, CLIP.acc_mps2) and np.array_equal(again.gyr_radps, CLIP.gyr_radps)
    assert mirrored(CLIP).placement.name == "left_wrist"
    rng = np.random.default_rng(1)
    vector, rate = rng.normal(size=(9, 3)), rng.normal(size=(9, 3))
    other = mirrored(Stream("u", np.arange(9) / 9.0, vector, rate))
    flip = np.array([-1, 1, 1])
    assert other.gyr_radps is not None
    assert np.cross(other.acc_mps2, other.gyr_radps) == pytest.approx(np.cross(vector, rate) * flip, abs=1e-5)


@pytest.mark.parametrize(
    ("label", "other"),
    [("swipe left", "swipe right"), ("draw circle counter clockwise", "draw circle clockwise"),
     ("shaking the phone left and right", "shaking the phone right and left"), ("clap", "clap"), ("cleft", "cleft")],
)  # fmt: skip
def test_mirrored_words(label, other):
    assert mirrored_words(label) == other


def test_devices_are_asked_about_the_same_clips():
    own = Knows("gestures")
    found = gestures(classes=2, users=2)
    told = ask_devices([own, Dtw()], found, ASKED)
    assert list(told.results) == list(changes()) and len(own.asked) == 2 * len(told.results)
    assert all(result.mean(("gestures", MIXED, ASKED.points[0]))["accuracy"] == 1.0 for result in told.results.values())
    dtw = {name: result.mean(("dtw", MIXED, ASKED.points[0]))["accuracy"] for name, result in told.results.items()}
    assert dtw[AS_RECORDED] > 0.95 and dtw["turned anyhow"] < dtw["turned by 15°"]
    table = further_table(FurtherReport("devices", ASKED, "none", devices=(told,)))
    assert MIRRORED in table and "turned by 45°" in table and "learned as recorded, 3 shots" in table
    made = json.loads(json.dumps(further_json(FurtherReport("devices", ASKED, "none", devices=(told,)))))
    assert set(made["sets"]["strokes"]) == set(told.results)


def test_left_and_right_change_places_in_the_mirror():
    one = gestures(classes=3)
    labels = ("swipe left", "swipe right", "clap")
    found = GestureSet("swipes", labels, one.clips, one.truth)
    own = Knows("gestures")
    told = ask_devices([own], found, ASKED).results
    as_is, other = (
        told[name].confusion["gestures", MIXED, ASKED.points[0]].sum(axis=(0, 2)) for name in (AS_RECORDED, MIRRORED)
    )
    assert other.tolist() == as_is[[1, 0, 2]].tolist()


class Sure:
    """As sure of every gesture as its number says, of the everyday as told."""

    name, none_below = "sure", 0.5

    def __init__(self, everyday: list[float]) -> None:
        self.everyday = np.array(everyday)

    def answer(self, known, asked, draw) -> Answers:
        own = np.linspace(0.0, 1.0, len(draw.ask)) if asked is known else self.everyday
        return Answers(asked.truth[draw.ask], own, own < self.none_below)


def test_triggers_are_counted_at_the_recall():
    found = gestures(classes=2, users=2, each=10)
    heard = [Everyday("a", 2.0, found.clips[:6]), Everyday("b", 0.5, found.clips[6:10])]
    # 34 gestures are asked; nine in ten are as sure as 0.0909 or surer.
    own = Sure([0.0, 0.05, 0.08, 0.1, 0.6, 1.0, 0.0, 0.2, 0.3, 0.9])
    one, other = ask_everyday([own], found, heard, ASKED)
    assert (one.per_hour, other.per_hour) == (1.5, 6.0) and one.spread == 0.0
    assert one.right == pytest.approx(31 / 34)
    assert (one.own_per_hour, other.own_per_hour) == (1.0, 2.0) and one.own_recall == pytest.approx(0.5)
    table = further_table(FurtherReport("rejection", ASKED, "none", rejection=(one, other)))
    assert "1.5±0.0" in table and "90 % of the gestures" in table


def test_the_threshold_lets_so_many_through():
    confidence = np.random.default_rng(0).normal(size=101)
    for recall in (0.5, 0.9, 1.0):
        threshold = threshold_of(confidence, recall)
        assert (confidence >= threshold).mean() >= recall > (confidence > threshold).mean() - 1e-9


def test_candidates_are_what_stands_out():
    time_s = np.arange(3000) / 50
    acc = np.random.default_rng(0).normal([0, 0, G], 0.02, (3000, 3))
    for start in (10.0, 30.0):
        inside = (time_s >= start) & (time_s < start + 1.0)
        acc[inside, 0] += 8.0 * np.sin(6 * np.pi * (time_s[inside] - start))
    stream = Stream("belt", time_s, acc, None, Placement.at("waist"))
    found = candidates("life", [Recording((stream,), labels=(Span(0.0, 59.0, "sitting"),))])
    assert found.hours == pytest.approx(stream.duration_s / 3600) and len(found.clips) == 2
    assert [clip.stream.time_s[0] for clip in found.clips] == pytest.approx([10.0, 30.0], abs=0.3)


def work(seconds: float) -> None:
    """Keeps the processor busy."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


class Slow:
    """Learns in 2 ms and answers in 1."""

    name = "gestures"

    def answer(self, known, asked, draw) -> Answers:
        raise AssertionError("times are taken of learning first and answering then")

    def learned(self, known, draw):
        assert len(draw.learn) == 15 and not set(draw.learn) & set(draw.ask)
        work(0.002)
        return lambda clip: work(0.001)


def test_times():
    learning, answering = time_gestures([Slow(), Knows()], gestures(), ASKED)
    assert (learning.times, answering.times) == (TIMES_LEARNED, TIMES_ASKED)
    assert learning.p50_s >= 0.002 and 0.001 <= answering.p50_s <= answering.p95_s <= answering.p99_s
    assert "learning 3 classes of 5 clips" in further_table(
        FurtherReport("latency", ASKED, "none", latency=(learning,))
    )
    with pytest.raises(UsageError, match="timed"):
        time_gestures([Knows()], gestures(), ASKED)
