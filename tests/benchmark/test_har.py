"""The protocol on data with a known right answer: an oracle gets everything, a constant model is found out."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from har_doubles import Constant, Oracle, motion, tiny_dataset, write_files

from anywear import Placement, Recording, Span
from anywear.benchmark import HarConfig, Report, har, har_json, har_table, run, score, spread_table
from anywear.benchmark.falls import FallResult
from anywear.benchmark.labelled import peak_window, select_streams
from anywear.benchmark.published import PUBLISHED
from anywear.datasets import open_source
from anywear.errors import AnywearError, UsageError
from anywear.placement import READ_OFF, Mount
from anywear.signal import WindowConfig, build_stream
from anywear.signal.labelled import labelled_windows

WORDS = ("resting", "strolling", "sprinting", "hopping")
WINDOWS = WindowConfig(25.0, 2.0, 2.0)


@pytest.fixture
def source(tmp_path):
    return open_source(write_files(tmp_path / "tiny", len(WORDS)))


def _report(model, *results) -> Report:
    config = HarConfig()
    return Report(tuple(results), config, config.windows_for(model), model.sha256, model.config.trained_on)


def test_an_oracle_gets_everything(source):
    model = Oracle(WORDS)
    result = score(model, tiny_dataset(WORDS), source)
    # 3 subjects, 4 classes, 6 s in windows of 2 s.
    assert result.windows == 36 and result.subjects == ("p0", "p1", "p2") and result.recordings == 12
    assert result.figures["accuracy"] == result.figures["macro_f1"] == result.figures["recall_at_2"] == 1.0
    assert result.collapse is None and not result.seen
    assert set(model.asked) == {WORDS}
    assert result.intervals(50)["accuracy"] == (1.0, 1.0)


def test_a_constant_answer_is_called_collapsed(source):
    result = score(Constant(WORDS), tiny_dataset(WORDS), source)
    assert result.figures["accuracy"] == pytest.approx(1 / 4)
    assert result.figures["recall_at_2"] == pytest.approx(2 / 4)
    assert result.figures["macro_f1"] == pytest.approx(0.4 / 4)
    assert result.collapse is not None and "resting 100%" in result.collapse
    assert "collapsed" in har_table(_report(Constant(WORDS), result))


def test_groups_are_asked_apart(tmp_path):
    groups = {"left_wrist": WORDS[:3], "right_thigh": (*WORDS[3:], "crouching")}
    words = (*WORDS, "crouching")
    data = tiny_dataset(words, groups=groups, sites=("left_wrist", "right_thigh"))
    model = Oracle(words)
    result = score(model, data, open_source(write_files(tmp_path / "tiny", 5)))
    assert set(model.asked) == {groups["left_wrist"], groups["right_thigh"]}
    assert {name: group.windows for name, group in result.groups.items()} == {"left_wrist": 27, "right_thigh": 18}
    # A constant answer is right in 9 of 27 and 9 of 18 windows: 0.4 by windows, not 0.42 by groups.
    constant = score(Constant(words), data, open_source(tmp_path / "tiny"))
    assert constant.figures["accuracy"] == pytest.approx(18 / 45)
    matrix = np.array(har_json(_report(model, result))["sets"]["tiny"]["confusion"]["matrix"])
    assert matrix.shape == (5, 5) and not matrix[:3, 3:].any() and not matrix[3:, :3].any()


def test_falls_are_asked_as_fall_or_no_fall(tmp_path, monkeypatch):
    words = ("resting", "strolling", "tumbling", "toppling")
    groups = {"daily": words[:2], "falls": words[2:]}
    data = tiny_dataset(words, name="sisfall", groups=groups)
    model = Oracle(words)
    result = score(model, data, open_source(write_files(tmp_path / "tiny", 4)))
    assert list(result.groups) == ["daily"] and result.windows == 18
    assert result.falls == FallResult(true_positive=6, false_negative=0, false_positive=0, true_negative=6)
    assert set(model.asked) == {words[:2], words}
    never = score(Constant(words), data, open_source(tmp_path / "tiny")).falls
    assert never is not None and (never.precision, never.recall, never.f1) == (0.0, 0.0, 0.0)
    assert never.accuracy == 0.5
    out = har_json(_report(model, result))["sets"]["sisfall"]["fall_or_no_fall"]
    assert out["trials"] == 12 and out["falls"] == 6 and out["f1"] == 1.0


def test_placement_can_be_hidden(source):
    told, hidden = Oracle(WORDS), Oracle(WORDS)
    score(told, tiny_dataset(WORDS), source)
    score(hidden, tiny_dataset(WORDS), source, HarConfig(placement_known=False))
    assert told.placements == {"left_wrist"} and hidden.placements == {"unknown"}


def test_placements_that_are_not_there_are_an_error(source):
    with pytest.raises(UsageError, match="no window at these placements") as caught:
        score(Oracle(WORDS), tiny_dataset(WORDS), source, HarConfig(placements=("chest",)))
    assert caught.value.expected == "left_wrist"


def test_a_label_outside_the_list_is_an_error(source):
    data = tiny_dataset(WORDS)
    with pytest.raises(AnywearError, match="not in the set's list"):
        score(Oracle(WORDS), replace(data, info=replace(data.info, label_words=WORDS[:3])), source)


def test_scores_that_are_not_numbers_are_an_error(source):
    class Broken(Oracle):
        def score_windows(self, found, placements, labels):
            return np.full((len(found), len(labels)), np.nan)

    with pytest.raises(AnywearError, match="scores cannot be used"):
        score(Broken(WORDS), tiny_dataset(WORDS), source)


def test_seen_sets_are_marked_and_left_out_of_the_mean(source):
    model = Oracle(WORDS, trained_on=("tiny",))
    seen = score(model, tiny_dataset(WORDS), source)
    new = score(Constant(WORDS), tiny_dataset(WORDS, name="new"), source)
    report = _report(model, seen, new)
    out = har_json(report)
    assert out["sets"]["tiny"]["seen"] is True and out["sets"]["new"]["seen"] is False
    assert out["mean"]["over"] == ["new"] and out["mean"]["accuracy"] == pytest.approx(0.25)
    assert "seen: tiny" in report.signature and "zero-shot but for seen sets" in report.signature
    assert "seen in training: not zero-shot" in har_table(report)
    assert har_json(_report(model, seen))["mean"]["accuracy"] == 1.0


def test_json_has_what_it_promises(source):
    model = Oracle(WORDS)
    out = json.loads(json.dumps(har_json(_report(model, score(model, tiny_dataset(WORDS), source)))))
    assert set(out) == {"sets", "mean", "signature"}
    own = out["sets"]["tiny"]
    assert {"accuracy", "macro_f1", "recall_at_2", "windows", "subjects", "per_class", "confusion", "collapse", "seen",
            "groups"} <= set(own)  # fmt: skip
    assert own["subjects"] == 3 and own["windows"] == 36
    assert own["per_class"]["hopping"] == {"recall": 1.0, "windows": 9}
    assert own["confusion"]["labels"] == list(WORDS)
    assert np.array(own["confusion"]["matrix"]).trace() == 36
    assert {"accuracy", "macro_f1", "recall_at_2"} <= set(out["mean"])


def test_the_signature_states_the_protocol(source):
    model = Oracle(WORDS, trained_on=("dsads",))
    signature = _report(model, score(model, tiny_dataset(WORDS), source)).signature
    parts = ["anywear-har v1", "tiny 3 subj 36 win", "window 2 s hop 2 s", "rate 25 Hz", "labels: data set words"]
    parts += ["placements all, told", "all subjects, zero-shot", "model 0123456789ab (trained on dsads)", "seen: no"]
    for part in parts:
        assert part in signature


def test_the_table_shows_classes_and_published_figures(source):
    result = score(Constant(WORDS), tiny_dataset(WORDS, name="usc-had"), source)
    table = har_table(_report(Constant(WORDS), result))
    assert "UniMTS, published" in table and "30.5" in table and "windows differ" in table
    assert "hopping" in table and "mostly taken for" in table
    assert "mostly taken for" not in har_table(_report(Constant(WORDS), result), details=False)
    assert table.count("\n95 %") == 0 and "95 % by subject" in table
    assert all(own.citation and 0 < own.accuracy < 1 for rows in PUBLISHED.values() for own in rows)


def test_seeds_side_by_side(source):
    data = tiny_dataset(WORDS)
    reports = [_report(m, score(m, data, source)) for m in (Oracle(WORDS), Constant(WORDS))]
    assert "62.5 (25.0-100.0)" in spread_table(reports)


def test_unknown_sets_cost_nothing(tmp_path):
    with pytest.raises(UsageError, match="Unknown data set"):
        run(Oracle(WORDS), tmp_path, ["usc-hat"])
    with pytest.raises(UsageError, match="No data set was named"):
        run(Oracle(WORDS), tmp_path, [])


def test_windows_lie_inside_one_label():
    stream = motion(0, 12.0)
    spans = (Span(0.0, 5.1, "a"), Span(5.1, 6.4, "b"), Span(6.4, 6.9, "too short"), Span(6.9, 11.98, "c"))
    recording = Recording((stream,), labels=spans)
    found = list(labelled_windows(recording, WINDOWS))
    assert [(w.label, len(w.window.acc_mps2[0])) for w in found] == [
        ("a", 50),
        ("a", 50),
        ("b", 33),
        ("c", 50),
        ("c", 50),
    ]
    by_label = {span.label: span for span in spans}
    for item in found:
        start_s = item.window.start / 25.0
        end_s = start_s + (len(item.window.acc_mps2[0]) - 1) / 25.0
        assert by_label[item.label].start_s - 1e-6 <= start_s and end_s <= by_label[item.label].end_s + 1e-6


def test_a_short_span_is_read_where_all_streams_cover_it():
    late = motion(1, 3.0, "right_ankle", "foot")
    late = build_stream("foot", late.time_s + 1.0, np.array(late.acc_mps2), placement=late.placement)
    recording = Recording((motion(0, 3.0), late), labels=(Span(0.0, 2.9, "a"),))
    [item] = labelled_windows(recording, WindowConfig(25.0, 5.0, 5.0))
    assert item.window.streams == (0, 1) and item.window.start == 25 and len(item.window.acc_mps2[0]) == 48


def test_gaps_are_not_bridged():
    time_s = np.r_[np.arange(0, 3, 0.02), np.arange(5, 8, 0.02)]
    stream = build_stream("s", time_s, np.tile([0.0, 0.0, 9.81], (len(time_s), 1)))
    found = list(labelled_windows(Recording((stream,), labels=(Span(0.0, 8.0, "a"),)), WindowConfig(25.0, 1.0, 1.0)))
    assert [w.window.start for w in found] == [0, 25, 50, 125, 150, 175]


def test_the_peak_is_in_its_window():
    stream = motion(0, 10.0)
    acc = np.array(stream.acc_mps2)
    for at_s in (0.1, 5.0, 9.9):
        hit = acc.copy()
        hit[round(at_s * 50)] += [0.0, 0.0, 60.0]
        made = build_stream("waist", stream.time_s, hit)
        item = peak_window(Recording((made,), labels=(Span(0.0, 9.9, "fall"),)), WINDOWS)
        assert item is not None and item.label == "fall" and len(item.window.acc_mps2[0]) == 50
        start_s = item.window.start / 25.0
        assert start_s <= at_s <= start_s + 2.0
    assert peak_window(Recording((motion(0, 0.5),), labels=(Span(0.0, 0.4, "fall"),)), WINDOWS) is None


def test_streams_are_chosen_by_name_site_or_other_word_for_it():
    recording = Recording((motion(0, 2.0, "chest", "torso_unit"), motion(0, 2.0, "left_wrist", "watch")))
    for wanted, kept in ((("sternum",), ["torso_unit"]), (("Left Wrist",), ["watch"]), (("watch", "chest"), None)):
        chosen = select_streams(recording, wanted)
        assert chosen is not None
        assert [s.name for s in chosen.streams] == (kept or ["torso_unit", "watch"])
    assert select_streams(recording, ("left_ear",)) is None
    assert select_streams(recording, ()) is recording


def test_blocks_change_nothing(source, monkeypatch):
    whole = score(Oracle(WORDS), tiny_dataset(WORDS), source)
    monkeypatch.setattr(har, "BLOCK", 5)
    model = Oracle(WORDS)
    blocks = score(model, tiny_dataset(WORDS), source)
    assert len(model.asked) == 8
    assert np.array_equal(whole.groups["all"].confusion_by_subject, blocks.groups["all"].confusion_by_subject)


def test_real_sets_by_their_real_layout(data_dir, dataset_root):
    """Constant answers on usc-had: counts and protocol, without the time a model takes."""
    model = Constant(("x",))
    model.truth = lambda window: "x"  # type: ignore[method-assign]
    model.config = replace(model.config, window_s=5.0)
    lines: list[str] = []
    report = run(model, dataset_root("usc-had").parent, ["usc-had"], report=lines.append)
    [result] = report.results
    assert len(result.subjects) == 14 and 2000 < result.windows < 2200 and result.recordings == 336
    assert result.figures["accuracy"] == pytest.approx(result.groups["all"].confusion[0, 0] / result.windows)
    assert lines and lines[0].startswith("usc-had: 336 recordings")


def test_a_span_as_long_as_the_window_gives_it_whole():
    stream = motion(0, 2.0)
    assert isinstance(stream.placement, Placement)
    found = list(labelled_windows(Recording((stream,), labels=(Span(0.0, 1.98, "a"),)), WINDOWS))
    assert [len(w.window.acc_mps2[0]) for w in found] == [50]


def test_mounts_read_off_labels_are_told_only_when_asked_for():
    stamps, acc = np.arange(100) / 25.0, np.tile([0.0, 0.0, 9.81], (100, 1))
    mounts = {
        "documented": Mount(up_axis=(1.0, 0.0, 0.0), source="a data sheet"),
        "read_off": Mount(up_axis=(0.0, 1.0, 0.0), source=f"{READ_OFF}: standing"),
    }
    recording = Recording(
        tuple(build_stream(name, stamps, acc, placement=Placement.at("waist", own)) for name, own in mounts.items())
    )
    told = {}
    for mount in ("documented", "read-off", "unknown", "auto", "as-shipped"):
        [own] = HarConfig(mount=mount).told([recording])
        told[HarConfig(mount=mount).mount_told] = [s.placement.mount.knowledge for s in own.streams]
        assert all(s.placement.site == "waist" for s in own.streams)
    assert told == {
        "as documented": ["up", "nothing"],
        "as documented, else read off labelled recordings": ["up", "up"],
        "not told": ["nothing", "nothing"],
        "found without labels, by subject": ["nothing", "nothing"],  # nobody walks here
        "as documented, else found without labels, by subject": ["up", "nothing"],
    }
    with pytest.raises(UsageError, match="way to tell mounts"):
        HarConfig(mount="maybe")
