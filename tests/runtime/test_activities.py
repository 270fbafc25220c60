"""Activities learned from labelled recordings: what is learned, what is left out, files, and what cannot teach."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import numpy as np
import pytest

import anywear
from anywear import Activities, LiveStream, Placement, Recording, Samples, Sensor, Span
from anywear.errors import ArtefactError, FormatError, UsageError
from anywear.runtime import Turn, read_labelled, step_many
from anywear.runtime.activities.activities import MOST_WINDOWS, _evenly
from anywear.runtime.activities.head import fit_head
from anywear.runtime.activities.looks import Looks, channels_of, holds, slots_of, stacked, turned
from anywear.runtime.ridge import fit_ridge
from anywear.runtime.stream_events import Activity, SegmentEnded
from anywear.signal import Window, build_stream

BEATS_HZ = {"stirring": 0.7, "shaking": 2.8, "resting": 0.0}


@pytest.fixture(scope="module")
def model():
    return anywear.load()


def _recording(label: str, seed: int, site: str = "left_wrist", seconds: float = 24.0, **metadata) -> Recording:
    """A rhythm of the label's own on top of gravity, turned a little otherwise each time."""
    rng = np.random.default_rng([seed, *label.encode()])
    time_s = np.arange(round(50.0 * seconds)) / 50.0
    beat = np.sin(2 * np.pi * BEATS_HZ[label] * rng.uniform(0.95, 1.05) * time_s + rng.uniform(0, 6))
    acc = np.array([0.0, 3.0, 9.3]) + beat[:, None] * np.array([2.0, 0.5, 1.0]) + rng.normal(0, 0.05, (len(time_s), 3))
    gyr = beat[:, None] * np.array([0.2, 1.5, 0.1]) + rng.normal(0, 0.02, (len(time_s), 3))
    stream = build_stream("watch", time_s, acc, gyr, placement=Placement.at(site))
    return Recording((stream,), labels=(Span(0.0, seconds - 0.02, label),), metadata=dict(metadata))


def _recordings(seeds, **told) -> list[Recording]:
    return [_recording(label, seed, subject=f"s{seed}", **told) for seed in seeds for label in BEATS_HZ]


@pytest.fixture(scope="module")
def mine(model):
    return Activities.train(_recordings(range(3)), model=model)


def test_it_names_what_it_was_shown(mine):
    assert mine.labels == ("resting", "shaking", "stirring")
    assert mine.about["left_out_by"] == "subject" and mine.worn.accuracy == 1.0
    for asked in _recordings([7]):
        timeline = mine.recognize(replace(asked, labels=()))
        assert list(timeline.seconds()) == [asked.labels[0].label] and not timeline.notes
        assert timeline.used["by"] == "learned" and timeline.used["setup"] == "left_wrist"
        assert np.allclose(timeline.window_scores.sum(axis=1), 1.0)


def test_worn_elsewhere_the_encoder_answers_and_it_is_said(mine):
    for label in ("resting", "shaking"):
        timeline = mine.recognize(_recording(label, 8, site="right_ankle"), threshold=-9.0)
        assert max(timeline.seconds(), key=timeline.seconds().get) == label
        assert timeline.used["windows_in_setup"] == 0 and "otherwise than what was learned" in timeline.notes[-1]


def _played(stream: LiveStream, recording: Recording, chunk_s: float) -> list[tuple[float, float, str]]:
    """Segments that never change, of a recording played in chunks."""
    state, ended = stream.start(), []
    [own] = recording.streams
    for begin in np.arange(0.0, own.time_s[-1] + chunk_s, chunk_s):
        rows = (own.time_s >= begin) & (own.time_s < begin + chunk_s)
        chunk = {own.name: Samples(own.time_s[rows], own.acc_mps2[rows], own.gyr_radps[rows])}
        events, state = stream.step(chunk, state)
        ended += events
    return [(e.start_s, e.end_s, e.label) for e in (*ended, *stream.finish(state)) if isinstance(e, SegmentEnded)]


@pytest.mark.parametrize("site", ["left_wrist", "right_ankle"])
def test_live_it_says_what_it_says_of_the_whole(mine, model, site):
    recording = _recording("shaking", 12, site=site)
    sensor = Sensor("watch", recording.streams[0].effective_rate_hz, Placement.at(site))
    stream = LiveStream(model, mine, [sensor], hop_s=1.0)
    assert any("otherwise than what was learned" in note for note in stream.notes) == (site != "left_wrist")
    whole = [(s.start_s, s.end_s, s.label) for s in mine.recognize(recording, hop_s=1.0).segments]
    for chunk_s in (0.3, 7.0):
        played = _played(stream, recording, chunk_s)
        assert [own[2] for own in played] == [own[2] for own in whole]
        assert np.allclose([own[:2] for own in played], [own[:2] for own in whole])


def test_wearers_of_words_and_of_what_was_learned_step_together(mine, model):
    recording = _recording("shaking", 13)
    [own] = recording.streams
    sensor = Sensor("watch", own.effective_rate_hz, own.placement)
    streams = [LiveStream(model, mine, [sensor]), LiveStream(model, ["walking", "sitting"], [sensor], by="text")]
    chunk = {"watch": Samples(own.time_s, own.acc_mps2, own.gyr_radps)}
    together = step_many([Turn(stream, chunk, stream.start()) for stream in [*streams, streams[0]]])
    for stream, (events, _) in zip([*streams, streams[0]], together, strict=True):
        alone, _ = stream.step(chunk, stream.start())
        said = [(e.start_s, e.label) for e in events if isinstance(e, Activity)]
        assert said and said == [(e.start_s, e.label) for e in alone if isinstance(e, Activity)]


def test_a_stream_of_what_was_learned_has_its_own_windows_and_model(mine, model):
    sensor = Sensor("watch", 50.0, Placement.at("left_wrist"))
    for told in ({"window_s": 3.0}, {"by": "text"}, {"hubs": False}, {"language": False}):
        with pytest.raises(UsageError, match="settled when they were learned"):
            LiveStream(model, mine, [sensor], **told)


def test_motion_it_was_not_shown_is_unknown(mine):
    rng = np.random.default_rng(0)
    time_s = np.arange(1000) / 50.0
    acc = np.array([0.0, 0.0, -9.8]) + 9.0 * np.sign(np.sin(2 * np.pi * 1.3 * time_s))[:, None] * rng.normal(0, 1, 3)
    stream = build_stream("watch", time_s, acc, None, placement=Placement.at("left_wrist"))
    assert list(mine.recognize(Recording((stream,))).seconds()) == ["unknown"]
    assert "unknown" not in mine.recognize(Recording((stream,)), threshold=-9.0).seconds()


def test_few_windows_are_helped_by_words():
    """With one window of each class and vectors that say nothing of them, the words decide; with many, the windows do."""
    rng = np.random.default_rng(0)
    words = np.eye(3, 8)
    vectors = np.abs(rng.normal(0, 0.02, (3, 8))) + words[[1, 2, 0]] * 0.2
    few = fit_head(Looks(vectors), np.arange(3), words, np.arange(3), rng)
    many = fit_head(Looks(np.tile(vectors, (20, 1))), np.tile(np.arange(3), 20), words, np.arange(60), rng)
    assert few.weights[0] == 1.0 and many.weights[0] < 0.1
    assert few.judged == 0 and np.isnan(few.accuracy) and few.threshold == 0.0
    assert many.judged == 60 and many.accuracy == 1.0
    assert many(Looks(vectors)).argmax(axis=1).tolist() == [0, 1, 2]
    assert few(Looks(words)).argmax(axis=1).tolist() == [0, 1, 2]


def test_what_is_left_out_is_what_a_fit_without_it_says():
    rng = np.random.default_rng(1)
    rows, targets = rng.normal(size=(20, 6)).astype(np.float32), np.eye(3)[rng.integers(3, size=20)]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    groups, shares = np.repeat(np.arange(5), 4), rng.uniform(0.5, 2.0, 20)
    answered = np.arange(2, 20)
    left = fit_ridge(rows, targets, groups, shares, (0.03,), answered=answered).left_out
    for row in answered:
        keep = groups != groups[row]
        own = np.unique(groups[keep], return_inverse=True)[1]
        again = fit_ridge(rows[keep], targets[keep], own, shares[keep], (0.03,))
        assert np.allclose(again(rows[row : row + 1])[0], left[row - 2], atol=1e-4)


def test_signals_are_put_where_they_belong():
    wrist, pocket = Placement.at("left_wrist"), Placement.at("left_front_pocket")
    acc, gyr = np.arange(12.0).reshape(4, 3), -np.ones((4, 3))
    both = (Window(0, (0, 1), (acc, 2 * acc), (gyr, None), (50.0, 50.0)), (wrist, pocket))
    other = (Window(0, (1,), (acc[:3],), (gyr[:3],), (50.0,)), (pocket, wrist))
    assert slots_of(*both) == [("left_wrist", 0), ("left_front_pocket", 0)]
    channels = channels_of([other])
    assert channels == ((("left_wrist", 0), 6),) and holds(both, channels) and not holds(other, channels_of([both]))
    values = stacked([both, other], channels_of([both]), 5)
    assert values.shape == (2, 9, 5)
    assert np.array_equal(values[0, :3].T, np.vstack([acc, acc[-1:]])) and np.array_equal(values[0, 6:, :4].T, 2 * acc)
    assert np.array_equal(values[1, 0], [0, 3, 6, 6, 6]) and not values[1, 6:].any()


def test_turned_copies_teach_that_the_turn_says_nothing(model, mine):
    """Told apart by where gravity points alone, two activities are not, once turned copies are learned from."""
    item = (Window(0, (0,), (np.tile([0.0, 3.0, 9.3], (125, 1)),), (None,), (50.0,)), (Placement.at("left_wrist"),))
    other, placements = turned(item, np.random.default_rng(0))
    assert np.allclose(np.linalg.norm(other.acc_mps2[0], axis=1), np.hypot(3.0, 9.3)) and other.gyr_radps == (None,)
    assert not np.allclose(other.acc_mps2[0], item[0].acc_mps2[0]) and placements[0].mount.knowledge == "nothing"
    both = Activities.train(_recordings(range(3)), model=model, turns=True)
    assert both.about["windows"] == mine.about["windows"] and both.about["turns"]
    windows = [turned((w, placements), np.random.default_rng(n))[0] for n in range(4)
               for w in model.windows_of(_recording("shaking", 11))[0]]  # fmt: skip
    told, _, own = both.scores(windows, placements)
    assert own == len(windows) and np.mean(told.argmax(axis=1) == both.labels.index("shaking")) > 0.9


def test_a_setup_is_one_that_all_activities_are_known_in(model):
    """Where the pocket was left out of one activity, what all have is the wrist."""
    pocket = [_recording(label, 3, site="right_front_pocket").streams[0] for label in BEATS_HZ]
    told = _recordings([0, 1])
    both = [
        own.with_streams([*own.streams, replace(other, name="phone")])
        for own, other in zip(told[:3], pocket, strict=True)
    ]
    assert Activities.train([*both, told[3]], model=model).setup == "left_wrist and right_front_pocket"
    assert Activities.train([*both[1:], *told[3:], told[0]], model=model).setup == "left_wrist"


def test_classes_are_cut_down_alike():
    truth = np.array([0] * (2 * MOST_WINDOWS) + [1] * 30)
    kept = _evenly(truth, MOST_WINDOWS, np.random.default_rng(0))
    assert np.bincount(truth[kept]).tolist() == [MOST_WINDOWS - 30, 30] and (np.diff(kept) > 0).all()


def test_a_file_gives_the_same_answers_and_the_same_bytes(mine, model, tmp_path):
    mine.save(tmp_path / "a.activities")
    again = Activities.load(tmp_path / "a.activities", model=model)
    again.save(tmp_path / "b.activities")
    assert (tmp_path / "a.activities").read_bytes() == (tmp_path / "b.activities").read_bytes()
    [asked] = _recordings([9])[:1]
    assert np.array_equal(mine.recognize(asked).window_scores, again.recognize(asked).window_scores)
    assert again.labels == mine.labels and again.worn.accuracy == mine.worn.accuracy


@pytest.mark.parametrize("cut", [0, 10, 1000])
def test_a_file_cut_off_is_refused(mine, model, tmp_path, cut):
    mine.save(tmp_path / "a.activities")
    (tmp_path / "b.activities").write_bytes((tmp_path / "a.activities").read_bytes()[:cut])
    with pytest.raises(ArtefactError, match="damaged"):
        Activities.load(tmp_path / "b.activities", model=model)


def test_a_file_of_another_model_or_version_is_refused(mine, model, tmp_path):
    mine.save(tmp_path / "a.activities")

    def changed(old: bytes, new: bytes) -> None:
        with (
            zipfile.ZipFile(tmp_path / "a.activities") as stored,
            zipfile.ZipFile(tmp_path / "b.activities", "w") as made,
        ):
            for name in stored.namelist():
                made.writestr(name, stored.read(name).replace(old, new))

    changed(model.sha256.encode(), b"0" * len(model.sha256))
    with pytest.raises(ArtefactError, match="another model"):
        Activities.load(tmp_path / "b.activities", model=model)
    changed(b'"format_version": 1', b'"format_version": 9')
    with pytest.raises(ArtefactError, match="another version"):
        Activities.load(tmp_path / "b.activities", model=model)
    changed(b'"window_s": 5.0', b'"window_s": "x"')
    with pytest.raises(ArtefactError, match="damaged"):
        Activities.load(tmp_path / "b.activities", model=model)


def test_what_cannot_teach_is_refused(model):
    with pytest.raises(UsageError, match="two activities"):
        Activities.train(_recordings([0])[:1], model=model)
    with pytest.raises(UsageError, match="two activities"):
        Activities.train([], model=model)
    with pytest.raises(UsageError, match="ctivity"):
        Activities.train(_recordings([0]), model=model, texts={"flying": "a person flies"})


def test_labelled_recordings_are_read_three_ways(tmp_path):
    folder = tmp_path / "mine"
    for label in ("stirring", "resting"):
        (folder / label).mkdir(parents=True)
        anywear.write(replace(_recording(label, 0), labels=()), folder / label / "one.anywear.parquet")
    found = read_labelled(folder)
    assert sorted(own.labels[0].label for own in found) == ["resting", "stirring"]
    assert all(own.labels[0].end_s == pytest.approx(23.98) for own in found)
    anywear.write(_recording("shaking", 0), folder / "two.anywear.parquet")
    assert sorted(own.labels[0].label for own in read_labelled(folder)) == ["resting", "shaking", "stirring"]
    table = tmp_path / "spans.csv"
    table.write_text("file,start,end,label\ntwo.anywear.parquet,1,4,a b\ntwo.anywear.parquet,5,9,c\n")
    [own] = read_labelled(folder, table)
    assert own.labels == (Span(1.0, 4.0, "a b"), Span(5.0, 9.0, "c"))


def test_labels_that_are_missing_are_asked_for(tmp_path):
    anywear.write(replace(_recording("stirring", 0), labels=()), tmp_path / "one.anywear.parquet")
    with pytest.raises(UsageError, match="Nobody says"):
        read_labelled(tmp_path)
    with pytest.raises(FormatError, match="no such folder"):
        read_labelled(tmp_path / "nothing")
    (tmp_path / "spans.csv").write_text("start,end\n1,2\n")
    with pytest.raises(FormatError, match="lacks a column"):
        read_labelled(tmp_path, tmp_path / "spans.csv")
