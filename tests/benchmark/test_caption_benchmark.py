"""Captions judged: word lists that cover every label, speakers, draws, and figures of models whose skill is known."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import anywear
from anywear.benchmark import caption_json, caption_table, run_caption
from anywear.benchmark.caption import CaptionConfig
from anywear.benchmark.caption_clips import clip_views
from anywear.benchmark.caption_real import score_real
from anywear.benchmark.caption_speakers import BLIND, MODEL, NEAREST, OTHERS, NearestCaption, others, say
from anywear.benchmark.caption_words import NAMED, names
from anywear.benchmark.har import headline_groups
from anywear.benchmark.retrieval_pools import generator_pool
from anywear.benchmark.text import LIGHT, TextConfig, score_texts
from anywear.cli import main
from anywear.corpus import Caption, CorpusEntry, write_archive
from anywear.datasets import DATASETS
from anywear.errors import UsageError
from anywear.motion.generate import generate
from anywear.runtime import Model


@pytest.fixture(scope="module")
def model() -> Model:
    return anywear.load()


class _Talker:
    """Says the sentence that belongs to a number of sensors and a length, or always the same; chooses a label by turns."""

    about = SimpleNamespace(sha256="talker")

    def __init__(self, said: dict[int, str] | None = None) -> None:
        self.said = said or {}

    def caption(self, windows, placements, *, cautious=False, motion=True):
        return [
            SimpleNamespace(text=self.said.get(own.start, f"{len(own.streams)} sensors") if motion else "someone moves")
            for own in windows
        ]

    def choose(self, windows, placements, labels):
        return np.tile(np.arange(len(labels), dtype=float), (len(windows), 1))


# Words


def test_every_label_that_is_asked_has_words_and_no_other_has():
    for name, rules in NAMED.items():
        asked = {label for own in headline_groups(DATASETS[name].info).values() for label in own}
        assert set(rules) == asked
        for label, rule in rules.items():
            assert rule.strip() and not names("a person does something", rule) and not names("", rule), label


@pytest.mark.parametrize(
    ("name", "label", "right", "wrong"),
    [
        ("dsads", "sitting", "a person sits on a chair", "a person stands up from sitting"),
        ("dsads", "ascending stairs", "someone climbs up the steps", "someone walks down the stairs"),
        ("dsads", "walking on a treadmill flat", "a person is walking forward", "walking up the stairs"),
        ("dsads", "running on a treadmill", "the figure is jogging", "a person walks"),
        ("usc-had", "walking left", "a person walks in a circle counterclockwise", "a person walks forward"),
        ("usc-had", "sleeping", "the man is lying down", "the man stands"),
        ("sisfall", "jogging quickly", "somebody ran", "somebody walks"),
        ("sisfall", "stumbling while walking", "he stumbles", "he sits"),
        ("utd-mhad", "draw circle clockwise", "draws a circle in the air", "draws a square"),
        ("utd-mhad", "sit to stand", "a person gets up", "a person sits down"),
        ("utd-mhad", "clap", "she is clapping", "she waves"),
    ],
)
def test_what_names_a_label(name, label, right, wrong):
    assert names(right, NAMED[name][label]) and not names(wrong, NAMED[name][label])


# Speakers


@pytest.mark.parametrize("count", [2, 3, 10])
def test_other_clips_are_others_and_each_comes_once(count):
    found = others(count, 0)
    assert sorted(found) == list(range(count)) and all(a != b for a, b in enumerate(found))
    assert found == others(count, 0)


def test_views_are_nested_and_every_speaker_says_something(model):
    made = [(motion, clip.slice(0.0, 4.0)) for motion, clip in generator_pool(1, ("running", "squats", "waving"))]
    views, left_out = clip_views("g", made, (1, 3), 0, 25.0, 5.0)
    assert left_out == 0 and len(views[1]) == len(views[3]) == 3
    for one, more in zip(views[1], views[3], strict=True):
        assert one.placements == more.placements[:1] and one.texts == more.texts
        assert len(one.window.streams) == 1 and len(more.window.streams) == 3
    again, _ = clip_views("g", made, (1, 3), 0, 25.0, 5.0)
    assert np.array_equal(again[3][0].window.acc_mps2[0], views[3][0].window.acc_mps2[0])
    nearest = NearestCaption(model, ["a person runs", "a person does squats", "someone sleeps"])
    said = say(_Talker(), nearest, [(own.window, own.placements) for own in views[3]], 0)
    assert said[MODEL] == ["3 sensors"] * 3 and said[BLIND] == ["someone moves"] * 3
    vectors = model.encode_windows([views[3][0].window], views[3][0].placements)
    best = (vectors @ model.encode_texts(["a person runs", "a person does squats", "someone sleeps"]).T).argmax()
    assert said[NEAREST][0] == ["a person runs", "a person does squats", "someone sleeps"][best]
    order = others(3, 0)
    assert said[OTHERS] == [said[MODEL][n] for n in order]


def test_a_motion_too_short_is_left_out():
    [(motion, clip)] = list(generator_pool(1, ("running",)))
    views, left_out = clip_views("g", [(motion, clip.slice(0.0, 0.8))], (1,), 0, 25.0, 5.0)
    assert views == {1: []} and left_out == 1


# The protocol


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Three clips of the test split, one of training."""
    root = tmp_path_factory.mktemp("captioned") / "corpus"
    root.mkdir()
    clips, entries = [], []
    for number, (said, split) in enumerate(
        [
            ("A person waves.", "test"),
            ("A person squats.", "test"),
            ("A person jumps.", "test"),
            ("Known before.", "train"),
        ]
    ):
        made = generate("walking_forward", number, seconds=2.5).clip
        clips.append(replace(made, name=f"c{number}", captions=(said,)))
        caption = Caption(said, 0.0, made.duration_s, "test")
        entries.append(
            CorpusEntry(f"own/c{number}", "own", "walking", f"s{number}", split, made.duration_s, made.rate_hz,
                        len(made), "CC0", (caption,))
        )  # fmt: skip
    write_archive(root, "own", clips, entries, licence="CC0", thanks="")
    return root.parent


def test_figures_are_those_of_what_was_said(model, corpus):
    config = CaptionConfig(sensors=(1, 2), clips=0, sets=(), measures=LIGHT)
    report = run_caption(model, _Talker(), corpus, config)
    assert [(own.pool, own.sensors, own.clips) for own in report.clips] == [
        ("corpus-test", 1, 3),
        ("corpus-test", 2, 3),
    ]
    references = [["a person waves"], ["a person squats"], ["a person jumps"]]
    wanted = score_texts(["someone moves"] * 3, references, TextConfig(LIGHT))
    assert report.clips[0].reports[BLIND].figures == pytest.approx(wanted.figures)
    wanted = score_texts(["known before"] * 3, references, TextConfig(LIGHT))
    assert report.clips[1].reports[NEAREST].figures == pytest.approx(wanted.figures) and report.known == 1
    told = json.loads(json.dumps(caption_json(report)))
    own = told["clips"]["corpus-test"]["2"][MODEL]
    assert all(line.split("|")[0] == name for name, line in own["signatures"].items()) and own["empty"] == 0
    assert "anywear-caption v2" in told["signature"] and "talker" in told["signature"]
    assert told["signature"] in caption_table(report) and "MiniLM|nrefs:1" in caption_table(report)


def test_empty_captions_score_nothing(model, corpus):
    config = CaptionConfig(sensors=(1,), clips=0, sets=(), measures=LIGHT)

    class Silent(_Talker):
        def caption(self, windows, placements, *, cautious=False, motion=True):
            return [SimpleNamespace(text="") for _ in windows]

    own = run_caption(model, Silent(), corpus, config).clips[0].reports[MODEL]
    assert own.empty == 3 and all(value == 0.0 for value in own.figures.values())


def test_real_recordings_are_named_by_their_words(model, dataset_root):
    """A speaker that always walks names exactly the labels that walk; a chooser of the last label is right once."""
    root = dataset_root("usc-had").parent

    class Walker(_Talker):
        def caption(self, windows, placements, *, cautious=False, motion=True):
            return [SimpleNamespace(text="a person walks" if motion else "") for _ in windows]

    nearest = NearestCaption(model, ["a person jumps"])
    [own] = score_real(model, Walker(), nearest, root, ("usc-had",), 2, 0)
    assert own.windows == 24 and own.labels == 12 and not own.seen
    assert {label for label, share in own.per_label[MODEL].items() if share == 1.0} == {"walking forward"}
    assert own.named[MODEL] == own.named[OTHERS] == pytest.approx(1 / 12) and own.named[BLIND] == 0.0
    assert {label for label, share in own.per_label[NEAREST].items() if share == 1.0} == {"jumping up"}
    assert own.empty[BLIND] == 24 and own.similarity[BLIND] == 0.0 < own.similarity[MODEL]
    assert own.chosen["language model"] == pytest.approx(1 / 12) and own.chance == pytest.approx(1 / 12)
    assert own.chosen["cosine"] > 0.2


@pytest.mark.parametrize("wrong", [{"sensors": ()}, {"sensors": (0,)}, {"seed": -1}, {"clips": -1}, {"per_label": 0}])
def test_questions_that_cannot_be(wrong):
    with pytest.raises(UsageError, match="cannot be asked"):
        CaptionConfig(**wrong)


def test_a_set_without_words_and_options_of_others_are_refused(model, corpus, capsys, small_model_dir):
    with pytest.raises(UsageError, match="list of words"):
        score_real(model, _Talker(), NearestCaption(model, ["x"]), corpus, ("sp-sw-har",), 1, 0)
    for wrong in (["caption", "--mount", "auto"], ["caption", "--sensors", "one"], ["har", "--per-label", "3"]):
        assert main(["benchmark", *wrong, "--data", str(corpus)]) == 2
    assert "--per-label does not apply" in capsys.readouterr().err
    assert main(["benchmark", "caption", "--data", str(corpus), "--model", str(small_model_dir)]) == 2
    assert "no language model" in capsys.readouterr().err
