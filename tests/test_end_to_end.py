"""A real phone-and-watch recording of a person the model never saw, from file to answer: meaning, not just shape."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import anywear

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
WORDS = {"seated": "sitting", "turning": "turning around"}
LABELS = ["sitting", "standing up", "walking", "turning around", "sitting down"]


@pytest.fixture(scope="module")
def recording():
    return anywear.read(EXAMPLES / "phone-and-watch.anywear.parquet")


@pytest.fixture(scope="module")
def model():
    return anywear.load()


def _agreement(timeline, recording) -> float:
    """Share of time at which answer and truth say the same."""
    times = np.arange(recording.start_s, recording.end_s, 0.05)
    truth = [
        next((WORDS.get(s.label, s.label) for s in recording.labels if s.start_s <= t < s.end_s), "") for t in times
    ]
    answer = [next((s.label for s in timeline.segments if s.start_s <= t < s.end_s), "") for t in times]
    return float(np.mean([a == b for a, b in zip(answer, truth, strict=True)]))


def _course(timeline) -> list[str]:
    """What is done one after the other; only of the first half second, of which no window is full, may nothing be known."""
    assert all(s.end_s <= 0.5 for s in timeline.segments if s.label == "unknown")
    return [s.label for s in timeline.segments if s.label != "unknown"]


def test_the_clip_is_of_someone_held_out(recording, model):
    assert recording.metadata["subject"] in model.config.held_out["sp-sw-har"]


def test_the_course_of_events(recording, model):
    timeline = model.recognize(recording, LABELS, window_s=2.0, hop_s=0.5, hubs=False)
    assert _agreement(timeline, recording) > 0.7
    course = _course(timeline)
    assert course[0] == "sitting" and course.count("walking") >= 2 and "sitting down" in course[-2:]


def test_what_takes_most_of_the_time_is_read_better_with_hubs_kept(recording, model):
    """By default they are taken off: right where each label is as likely, not on a walk with two short turns."""
    kept, default = (model.recognize(recording, LABELS, window_s=2.0, hop_s=0.5, hubs=hubs) for hubs in (False, None))
    assert _agreement(kept, recording) > _agreement(default, recording) > 0.6
    course = _course(default)
    assert course[0] == "sitting" and course.count("walking") >= 2 and "sitting down" in course[-2:]


@pytest.mark.parametrize("stream", ["phone", "watch"])
def test_either_device_alone_does_too(recording, model, stream):
    alone = recording.with_streams([recording.stream(stream)])
    assert _agreement(model.recognize(alone, LABELS, window_s=2.0, hop_s=0.5), recording) > 0.5


def test_other_words_for_the_same(recording, model):
    asked = {"seat": "a person sits on a chair", "walk": "a person walks along", "lift": "doing push-ups on the floor"}
    timeline = model.recognize(recording, asked, window_s=2.0, hop_s=0.5, threshold=-1.0)
    middle = [s.label for s in timeline.segments if 4.0 < (s.start_s + s.end_s) / 2 < 10.0]
    assert "walk" in middle and "lift" not in middle
    assert timeline.segments[0].label == "seat"


def test_what_was_not_asked_for_is_less_sure(recording, model):
    """Labels that do not occur fit worse than those that do."""
    right = model.recognize(recording, LABELS, window_s=2.0).window_fit.mean()
    wrong = model.recognize(recording, ["rowing", "swimming", "typing"], window_s=2.0).window_fit.mean()
    assert right > wrong + 0.1
