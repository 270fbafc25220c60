"""Diaries: rests, flicker, changes of posture, steps, captions of a language model, and the page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import anywear
from anywear import Placement
from anywear.errors import UsageError
from anywear.motion.generate import generate
from anywear.placement import Mount
from anywear.recording import Recording, Stream
from anywear.runtime import Model, Segment
from anywear.runtime.diary import EVERYDAY, NO_MOTION, DiaryConfig, keep_diary
from anywear.runtime.diary.facts import Facts, Measurer, Steps
from anywear.runtime.diary.page import diary_page
from anywear.runtime.diary.rest import rests
from anywear.runtime.diary.sentences import clock, lasting, told
from anywear.runtime.diary.spans import changes, tidy
from anywear.runtime.diary.vocabulary import Vocabulary, activity_of, everyday
from anywear.simulate import Simulator

CLIP = Path(__file__).resolve().parents[2] / "examples" / "phone-and-watch.anywear.parquet"
VOCABULARY = Vocabulary(EVERYDAY)


@pytest.fixture(scope="module")
def model() -> Model:
    return anywear.load()


@pytest.fixture(scope="module")
def clip() -> Recording:
    return anywear.read(CLIP)


@pytest.fixture(scope="module")
def diary(model, clip):
    return keep_diary(clip, model=model)


def _still(seconds: float, place: str = "left_wrist", seed: int = 0) -> Stream:
    rng = np.random.default_rng(seed)
    count = round(50 * seconds)
    acc = np.array([0.0, 0.0, 9.81]) + rng.normal(scale=0.012, size=(count, 3))
    return Stream("watch", np.arange(count) / 50, acc, rng.normal(scale=0.002, size=(count, 3)), Placement.at(place))


def _segments(*parts: tuple[float, str]) -> list[Segment]:
    out, at = [], 0.0
    for seconds, label in parts:
        out.append(Segment(at, at + seconds, label, 0.5))
        at += seconds
    return out


# What is said of a real recording


def test_the_demo_is_told_as_it_was(diary):
    """Seated, standing up, walking, turning, walking, turning, sitting down: the labels of the file."""
    assert [own.label for own in diary.entries] == [
        "sitting", "standing up", "walking", "turning around", "walking", "turning around", "sitting down",
    ]  # fmt: skip
    assert 6 <= diary.steps <= 12 and "steps a second" in str(diary)
    assert "sitting down once" in diary.summary and "turning around twice" in diary.summary
    for entry, span in zip(diary.entries, diary.recording.labels, strict=False):
        assert min(entry.end_s, span.end_s) - max(entry.start_s, span.start_s) > 0.4 * (entry.end_s - entry.start_s)


def test_json_and_markdown_hold_the_same(diary):
    own = json.loads(json.dumps(diary.to_dict()))
    assert [entry["text"] for entry in own["entries"]] == [entry.text for entry in diary.entries]
    assert own["steps"] == diary.steps and {sensor["name"] for sensor in own["sensors"]} == {"phone", "watch"}
    rows = [row for row in diary.to_markdown("a | b").splitlines() if row.startswith("| 00:")]
    assert len(rows) == len(diary.entries) and all(row.count("|") == 5 for row in rows)


# Rests


def test_a_device_that_lies_still_is_no_story(model):
    recording = Recording((_still(60.0),))
    own = keep_diary(recording, model=model, config=DiaryConfig(every_s=10.0), language=_Talker())
    assert [entry.label for entry in own.entries] == [NO_MOTION] and own.entries[0].text == NO_MOTION
    assert "no motion" in own.summary and not own.changes and own.steps == 0
    assert {saying.text for saying in own.captions} == {NO_MOTION} and len(own.captions) == 6


def test_rests_are_where_all_sensors_are_still():
    moving = _still(30.0, seed=1)
    acc = np.array(moving.acc_mps2)
    acc[500:1000] += np.random.default_rng(0).normal(scale=2.0, size=(500, 3))  # 10 to 20 s
    shaken = replace(moving, name="phone", acc_mps2=acc)
    assert np.allclose(rests(Recording((_still(30.0),))), [(0.0, 29.98)], atol=0.1)
    found = rests(Recording((_still(30.0), shaken)))
    assert np.allclose(found, [(0.0, 10.0), (20.0, 29.98)], atol=0.3)
    drifting = replace(moving, gyr_radps=moving.gyr_radps + 0.5 * np.sin(np.arange(1500) / 50)[:, None])
    assert rests(Recording((drifting,))) == ()


def test_rests_cut_the_timeline_and_keep_a_sure_posture():
    parts = _segments((20.0, "walking"), (20.0, "sitting"), (20.0, "walking"))
    parts[1] = replace(parts[1], confidence=0.9)
    segments, postures = tidy(parts, [(22.0, 38.0)], VOCABULARY)
    assert [(own.label, own.start_s, own.end_s) for own in segments] == [
        ("walking", 0.0, 20.0), ("sitting", 20.0, 22.0), (NO_MOTION, 22.0, 38.0), ("sitting", 38.0, 40.0),
        ("walking", 40.0, 60.0),
    ]  # fmt: skip
    assert postures == {22.0: ("sitting", 0.9)}
    unsure, none = tidy(_segments((60.0, "sitting")), [(10.0, 50.0)], VOCABULARY)
    assert len(unsure) == 3 and none == {}
    assert told(NO_MOTION, Facts(), VOCABULARY, "sitting").startswith("no motion;")


# Flicker and changes


def test_flicker_goes_into_the_longer_neighbour_and_changes_stay():
    parts = _segments((10.0, "walking"), (0.5, "jumping"), (10.0, "walking"), (1.0, "sitting down"), (9.0, "sitting"))
    segments, _ = tidy(parts, [], VOCABULARY)
    assert [own.label for own in segments] == ["walking", "sitting down", "sitting"]
    assert (segments[0].start_s, segments[0].end_s) == (0.0, 20.5)
    gap = [Segment(0.0, 0.5, "jumping", 0.9), Segment(5.0, 9.0, "walking", 0.9)]
    assert tidy(gap, [], VOCABULARY)[0] == tuple(gap)  # nothing touches it


def test_a_change_that_was_not_recognised_is_implied_once():
    parts = _segments(
        (9.0, "sitting"),
        (20.0, "walking"),
        (1.0, "sitting down"),
        (9.0, "sitting"),
        (5.0, "unknown"),
        (9.0, "standing"),
    )
    found = changes(parts, VOCABULARY)
    assert [(own.label, own.implied) for own in found] == [
        ("standing up", True), ("sitting down", False), ("standing up", True),
    ]  # fmt: skip
    assert changes(_segments((9.0, "lying down"), (9.0, "sitting")), VOCABULARY) == ()


# Figures


@pytest.mark.parametrize(
    ("site", "program"), [("waist", "walking_forward"), ("right_front_pocket", "walking_forward"), ("waist", "running")]
)
def test_steps_are_those_that_were_generated(site, program):
    """One step for every time that one foot passes the other: counted on the generated motion itself."""
    made = generate(program, 3, seconds=20.0).clip
    feet = [made.joint_positions_m()[:, made.skeleton.index(f"{side}_foot")] for side in ("left", "right")]
    way = np.gradient(made.root_position_m, axis=0)
    ahead = ((feet[0] - feet[1]) * way).sum(axis=1)
    wanted = int((np.diff(np.sign(ahead)) != 0).sum())
    recording = Simulator(made, lowpass_hz=None).record([site], rate_hz=50.0, seed=0, one_clock=True)
    steps = Measurer(recording).steps(recording.start_s, recording.end_s, running=program == "running")
    assert steps is not None and steps.stream == site
    assert wanted > 20 and abs(steps.count - wanted) <= 3


def test_the_side_that_moves_more_is_told_only_where_both_have_sensors():
    rng = np.random.default_rng(0)
    still = _still(10.0)
    acc = still.acc_mps2 + rng.normal(scale=3.0, size=still.acc_mps2.shape)
    waving = replace(still, name="other", acc_mps2=acc, placement=Placement.at("right_wrist"))
    side = Measurer(Recording((still, waving))).side(0.0, 10.0)
    assert side is not None and side.side == "right" and side.ratio > 10.0
    alone = Measurer(Recording((waving,)))
    assert alone.side(0.0, 10.0) is None and alone.one_sided() == ("other",)
    both = Measurer(Recording((replace(waving, name="a", placement=Placement.at("left_wrist")), waving))).side(
        0.0, 10.0
    )
    assert both is not None and both.side == "both"


def test_sentences():
    assert told("walking", Facts(Steps(126, 1.8, 70.0, "phone", "walking")), VOCABULARY) == (
        "walked, about 1.8 steps a second, 126 steps"
    )
    assert activity_of("carrying a box").past == "carried a box" and activity_of("push-ups").kind == "repeated"
    assert [clock(own) for own in (0.0, 70.4, 3725.0)] == ["00:00", "01:10", "62:05"] and clock(
        3725.0, True
    ) == "1:02:05"
    assert lasting(59.7) == "1 min" and lasting(3600.0) == "1 h"


def test_what_hands_do_is_asked_of_sensors_that_can_tell():
    labels = {own.label for own in everyday([Placement.at("waist")]).activities}
    assert "walking" in labels and "brushing teeth" not in labels
    for worn in ([Placement.at("right_palm")], [Placement.at("waist"), Placement.unknown()]):
        assert "brushing teeth" in {own.label for own in everyday(worn).activities}


# Captions


class _Said:
    def __init__(self, text: str, left: tuple[str, ...] = ()) -> None:
        self.text, self.cautious_left_out = text, left


class _Talker:
    """Says how long a window is, and whether it is cautious."""

    def __init__(self) -> None:
        self.windows: list = []
        self.mounts: list[str] = []

    def caption(self, windows, placements, *, cautious=False):
        self.windows += windows
        self.mounts = [own.mount.knowledge for own in placements]
        return [_Said(f"{len(own.acc_mps2[0])} samples", ("hand",) if cautious else ()) for own in windows]


def test_captions_of_a_language_model_stand_beside_what_was_recognised(model, clip):
    talker = _Talker()
    own = keep_diary(clip, model=model, language=talker, config=DiaryConfig(every_s=5.0, cautious=True))
    assert [(saying.start_s, saying.by) for saying in own.captions] == [
        (0.0, "language model"), (5.0, "language model"), (10.0, "language model"),
    ]  # fmt: skip
    assert own.captions[0].text == "125 samples" and own.captions[0].left_out == ("hand",)
    assert any("cautious" in note and "hand" in note for note in own.notes)
    for window, saying in zip(talker.windows, own.captions, strict=True):
        assert saying.start_s - 0.04 <= window.start / 25 <= saying.end_s
    entries = keep_diary(clip, model=model, language=talker).captions
    assert len(entries) == len(own.entries) and all(
        saying.by == "templates" or "samples" in saying.text for saying in entries
    )
    plain = keep_diary(clip, model=model, config=DiaryConfig(every_s=5.0)).captions
    assert [saying.by for saying in plain] == ["templates"] * 3 and "walked" in plain[0].text


def test_where_a_posture_was_recognised_no_motion_is_no_caption(model):
    """A language model that calls every window still has its say where somebody was seen to walk, not where they sat."""

    class Motionless:
        def caption(self, windows, placements, *, cautious=False):
            return [_Said(f"{NO_MOTION}, perhaps a person is lying still", ()) for _ in windows]

    diary = keep_diary(anywear.read(CLIP), ["sitting", "walking"], model=model, language=Motionless())
    said = {entry.label: saying.text for entry, saying in zip(diary.entries, diary.captions, strict=True)}
    assert said["sitting"] == "sat" and said["walking"].startswith(NO_MOTION)


@pytest.mark.parametrize(
    ("caption", "kept"),
    [
        ("a person is lying on the back", False),
        ("somebody stands", False),
        ("a person sits and nods", True),
        ("someone nods", True),
    ],
)
def test_a_caption_of_another_posture_than_was_recognised_is_not_said(model, caption, kept):
    class Certain:
        def caption(self, windows, placements, *, cautious=False):
            return [_Said(caption, ()) for _ in windows]

    diary = keep_diary(anywear.read(CLIP), ["sitting", "walking"], model=model, language=Certain())
    said = {entry.label: saying.text for entry, saying in zip(diary.entries, diary.captions, strict=True)}
    assert said["sitting"] == (caption if kept else "sat") and said["walking"] == caption


@pytest.mark.parametrize(("mount", "told"), [("documented", "up"), ("auto", "up"), ("unknown", "nothing")])
def test_a_language_model_is_told_the_mounts_that_recognition_is(model, clip, mount, told):
    talker, known = _Talker(), Mount(up_axis=(-1.0, 0.0, 0.0), source="a data sheet")
    worn = [own.with_placement(replace(own.placement, mount=known), "put on") for own in clip.streams]
    keep_diary(clip.with_streams(worn), model=model, language=talker, config=DiaryConfig(every_s=5.0, mount=mount))
    assert talker.mounts == [told] * len(worn)


@pytest.mark.parametrize("every_s", [0.5, float("nan"), -5.0])
def test_captions_that_cannot_be(every_s):
    with pytest.raises(UsageError, match="seconds of a caption"):
        DiaryConfig(every_s=every_s)


def test_half_a_second_is_too_short_to_tell(model):
    own = keep_diary(Recording((_still(0.5),)), model=model)
    assert own.entries == () and "no stretch has data enough" in own.summary


# The page


class _Page(HTMLParser):
    """Tags that are open, and links to elsewhere."""

    VOID = ("meta", "path", "br", "img", "link")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs):
        own = dict(attrs)
        self.ids.add(own.get("id") or "")
        self.links += [own[name] for name in ("href", "src") if own.get(name)]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag in self.VOID or self.open.pop() == tag


def test_the_page_is_whole_and_asks_for_nothing(diary):
    text = diary_page(diary, "<walk> & {{SUMMARY}}")
    page = _Page()
    page.feed(text)
    assert page.open == [] and "&lt;walk&gt; &amp; {{SUMMARY}}" in text and "<walk>" not in text
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links) and len(page.links) == len(
        diary.entries
    )
    assert "http:" not in text and "https:" not in text and "default-src 'none'" in text
    shares = [(float(a), float(b)) for a, b in re.findall(r"left:([\d.]+)%;width:([\d.]+)%", text)]
    assert shares and all(left >= 0.0 and left + width <= 100.01 for left, width in shares)
    assert text == diary_page(diary, "<walk> & {{SUMMARY}}")


def test_the_page_of_hours_stays_small(model):
    count = 3 * 3600 * 25
    rng = np.random.default_rng(0)
    acc = np.array([0.0, 0.0, 9.81]) + rng.normal(scale=0.01, size=(count, 3))
    long = Recording((Stream("watch", np.arange(count) / 25, acc, None, Placement.at("left_wrist")),))
    timeline_of = keep_diary(Recording((_still(20.0),)), model=model)
    text = diary_page(replace(timeline_of, recording=long), "night")
    assert len(text) < 200_000 and "3:00:00" in text
