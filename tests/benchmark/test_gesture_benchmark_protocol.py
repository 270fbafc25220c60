"""The protocol: what is counted, what enters the mean, what a report says; clips of data sets."""

from __future__ import annotations

import json

import numpy as np
import pytest
from gesture_doubles import Knows, gestures, stroke

from anywear import Placement, Recording, Span
from anywear.benchmark.gestures import GesturesConfig, GesturesReport, ask, encoders_of
from anywear.benchmark.gestures_clips import (
    LEAST_S,
    WINDOW_S,
    asked_labels,
    clips_of,
    cut,
    gesture_set,
    nearest_to_hand,
)
from anywear.benchmark.gestures_draws import MIXED, SPLITS, USERS, Point
from anywear.benchmark.gestures_tables import gestures_json, gestures_table
from anywear.datasets import DATASETS, open_dataset
from anywear.errors import UsageError
from anywear.recording import Stream

TENTH, TWO, ALL = Point(share=0.1), Point(shots=2), Point(share=1.0)


def report(*results, contestants, config) -> GesturesReport:
    return GesturesReport(tuple(results), config, tuple(own.name for own in contestants), encoders_of(contestants))


def asked(contestants, config, **kinds) -> GesturesReport:
    results = [ask(contestants, gestures(name=name, **kind), config) for name, kind in kinds.items()]
    return report(*results, contestants=contestants, config=config)


def test_figures_are_of_all_clips_asked():
    config = GesturesConfig((TWO,), SPLITS, seeds=2)
    right, wrong = Knows("right"), Knows("wrong", but=(2,))
    told = asked([right, wrong], config, strokes={"classes": 4})
    (result,) = told.results
    for split in SPLITS:
        assert result.mean(("right", split, TWO)) == {"accuracy": 1.0, "macro_f1": 1.0}
        mean = result.mean(("wrong", split, TWO))
        # A quarter of the clips is called the first class: F1 of 2/3, 1, 0 and 1.
        assert mean["accuracy"] == pytest.approx(0.75) and mean["macro_f1"] == pytest.approx((2 / 3 + 2) / 4)
        assert result.spread(("wrong", split, TWO)) == {"accuracy": 0.0, "macro_f1": 0.0}
    assert result.confusion["right", USERS, TWO].sum(axis=(1, 2)).tolist() == [80, 80]
    assert result.confusion["right", MIXED, TWO].sum(axis=(1, 2)).tolist() == [72, 72]


def test_everybody_is_asked_the_same():
    one, other = Knows("one"), Knows("other", but=(0,))
    asked([one, other], GesturesConfig((TENTH, ALL), SPLITS, seeds=3), strokes={})
    assert len(one.asked) == len(other.asked) > 0
    for a, b in zip(one.asked, other.asked, strict=True):
        assert np.array_equal(a.learn, b.learn) and np.array_equal(a.ask, b.ask) and a.seed == b.seed


def test_a_question_is_put_once():
    """Twenty clips a class: a tenth is two shots."""
    own = Knows()
    told = asked([own], GesturesConfig((TENTH, TWO), (MIXED,), seeds=2), strokes={})
    assert len(own.asked) == 2
    (result,) = told.results
    assert np.array_equal(result.confusion["knows", MIXED, TENTH], result.confusion["knows", MIXED, TWO])


def test_seen_sets_and_lone_wearers_stay_out_of_the_mean():
    knower, learner = Knows("a", trained_on=("known",)), Knows("b", but=(1,))
    config = GesturesConfig((TWO,), (USERS,), seeds=1)
    told = asked([learner, knower], config, known={}, alone={"users": 1, "each": 20}, new={"classes": 5})
    assert [result.seen for result in told.results] == [("a",), (), ()]
    assert [result.has_users for result in told.results] == [True, False, True]
    assert [result.name for result in told.averaged(USERS)] == ["new"]
    assert [result.name for result in told.averaged(MIXED)] == ["alone", "new"]
    mean = told.mean(("b", USERS, TWO))
    assert mean is not None and mean["accuracy"] == pytest.approx(0.8)
    made = gestures_json(told)
    assert (
        made["mean"]["over"] == ["new"] and made["sets"]["known"]["seen"] and made["sets"]["known"]["seen_by"] == ["a"]
    )
    assert made["sets"]["alone"]["split_by"] == "clip" and "clips dealt to folds" in gestures_table(told)
    assert "seen: known" in told.signature and "an oracle" in told.signature


def test_json_holds_what_is_promised():
    ours, dtw, rocket = Knows("gestures"), Knows("dtw", but=(1, 2)), Knows("minirocket", but=(2,))
    told = asked([ours, dtw, rocket], GesturesConfig((TENTH, ALL), SPLITS, seeds=2), strokes={})
    made = json.loads(json.dumps(gestures_json(told)))
    own = made["sets"]["strokes"]
    assert own["accuracy"] == own["macro_f1"] == 1.0 and len(own["per_seed"]) == 2
    assert {name: own["baselines"][name]["accuracy"] for name in own["baselines"]} == {
        "dtw": pytest.approx(1 / 3), "minirocket": pytest.approx(2 / 3),
    }  # fmt: skip
    assert set(own["all"]) == set(SPLITS) and set(own["all"][USERS]) == {"10 %", "100 %"}
    assert own["confusion"]["matrix"] == (np.eye(3, dtype=int) * 36).tolist()
    assert own["recalls"] == {f"{n} swings": 1.0 for n in (1, 2, 3)}
    assert made["signature"] == told.signature and made["headline"] == {
        "row": "gestures",
        "split": MIXED,
        "labels": "10 %",
    }


def test_a_table_names_everything():
    told = asked([Knows("gestures"), Knows("words@other")], GesturesConfig((TENTH, TWO), SPLITS, seeds=2), a={}, b={})
    table = gestures_table(told)
    for part in (
        "gestures, light",
        "words alone, no example, encoder other",
        "10 %",
        "2 shots",
        "mean of a, b",
        "100.0±0.0",
    ):
        assert part in table, part


@pytest.mark.parametrize(
    "given", [{"splits": ("both",)}, {"points": ()}, {"splits": ()}, {"seeds": 0}, {"seeds": 1000}]
)
def test_impossible_questions(given):
    with pytest.raises(UsageError):
        GesturesConfig(**given)


def worn(site: str, name: str, seconds: float = 30.0, gap: bool = False) -> Stream:
    time_s = np.arange(round(seconds * 50)) / 50
    if gap:
        time_s[500:] += 3.0
    acc = np.tile([0.0, 0.0, 9.81], (len(time_s), 1))
    return Stream(name, time_s, acc, None, Placement.at(site))


def test_clips_are_spans_and_long_ones_windows():
    recording = Recording(
        (worn("waist", "belt"), worn("left_wrist", "watch", gap=True)), metadata={"subject": "7"},
        labels=(Span(1.0, 3.0, "wave"), Span(4.0, 21.0, "walk"), Span(22.0, 22.1, "tap"), Span(9.0, 13.5, "clap")),
    )  # fmt: skip
    one = nearest_to_hand(recording)
    assert [stream.name for stream in one.streams] == ["watch"]
    found = list(clips_of(one, 3))
    assert [clip.label for clip in found] == ["wave", "walk", "walk", "walk", "clap"]
    assert {clip.subject for clip in found} == {"7"} and {clip.recording for clip in found} == {3}
    assert found[0].stream.time_s[0] == pytest.approx(1.0) and found[0].stream.duration_s == pytest.approx(2.0)
    assert found[1].stream.duration_s == pytest.approx(WINDOW_S, abs=0.03)
    # Samples stop at 10 s and go on at 13 s: the longer part is kept.
    assert found[-1].stream.time_s[[0, -1]] == pytest.approx([9.0, 9.98])
    assert cut(one.streams[0], 10.2, 12.8) is None and cut(one.streams[0], 5.0, 5.0 + LEAST_S / 2) is None
    assert len(next(iter(clips_of(recording))).streams) == 2


def test_labels_asked_together():
    assert len(asked_labels(DATASETS["utd-mhad"].info)) == 21
    assert len(asked_labels(DATASETS["sisfall"].info)) == 19
    for name in ("uhh-gestures", "dsads", "usc-had"):
        assert asked_labels(DATASETS[name].info) == DATASETS[name].info.label_words


def test_clips_of_a_real_set(dataset_root):
    dataset, source = open_dataset("basicmotions", dataset_root("basicmotions").parent)
    found = gesture_set(dataset, source)
    assert len(found.clips) == 80 and np.bincount(found.truth).tolist() == [20] * 4
    assert found.labels == dataset.info.label_words
    with pytest.raises(UsageError, match="places"):
        gesture_set(dataset, source, ("left_ankle",))


def test_strokes_differ_from_one_another():
    """The doubles are no constant: two clips of one class are two clips."""
    rng = np.random.default_rng(0)
    assert len(stroke(0, rng)) != len(stroke(0, rng))
