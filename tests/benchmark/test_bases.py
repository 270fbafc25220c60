"""The benchmark of bases: every way asks the same windows, and has the figures that `har` has for it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from har_doubles import tiny_dataset, write_files

from anywear import Placement, Recording, Span
from anywear.benchmark import BENCHMARKS, BasesConfig, HarConfig, bases_json, bases_table, score
from anywear.benchmark import bases as module
from anywear.benchmark.bases import BasesReport, run_bases, score_bases
from anywear.benchmark.published import PUBLISHED
from anywear.cli import main
from anywear.datasets import open_source
from anywear.errors import UsageError
from anywear.runtime import Model
from anywear.runtime.imagine import Imagination, ImagineConfig
from anywear.runtime.recognition import Basis
from model_doubles import recorded, write_small_model

PROGRAMS = {"walking": "walking_forward", "standing": "standing", "thinking": "sitting"}
WORDS = tuple(PROGRAMS)
ALL = BasesConfig()


@pytest.fixture(scope="module")
def model(small_model_dir) -> Model:
    model = Model(small_model_dir)
    model.__dict__["imagination"] = Imagination(model, model.config.rate_hz, ImagineConfig(clips=1, seconds=6.0))
    return model


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return open_source(write_files(tmp_path_factory.mktemp("bases") / "tiny", len(WORDS), subjects=2))


@pytest.fixture(scope="module")
def data():
    """Generated motion as a data set: one recording per class and subject, its mount documented for one of the subjects."""
    tiny = tiny_dataset(WORDS)

    def build(files, options) -> Recording:
        key = files[0].key
        [stream] = recorded(PROGRAMS[WORDS[int(key.activity)]], 20 + int(key.subject[1:])).streams
        if key.subject != "p0":
            stream = replace(stream, placement=Placement.at("waist"))
        span = Span(0.0, float(stream.time_s[-1]), WORDS[int(key.activity)])
        return Recording((stream,), source=files[0].name, labels=(span,), metadata={"subject": key.subject})

    return replace(tiny, build=build, info=replace(tiny.info, placements=("waist",)))


@pytest.fixture(scope="module")
def report(model, data, source) -> BasesReport:
    return BasesReport((score_bases(model, data, source, ALL),), ALL, model)


def test_every_way_asks_all_windows(report):
    [result] = report.results
    assert len(report.keys) == 3 * 7 == len(result.rows) and list(result.rows) == report.keys
    assert (result.recordings, result.windows, result.subjects, result.seen) == (6, 6, ("p0", "p1"), False)
    for groups in result.rows.values():
        assert list(groups) == ["all"] and groups["all"].windows == 6


@pytest.mark.parametrize("mount", ["unknown", "auto", "documented"])
def test_the_figures_are_those_of_har(report, model, data, source, mount):
    [result] = report.results
    for basis in (Basis("text", False), Basis("simulation", False), Basis()):
        own = score(model.recognizer(basis.by, basis.hubs), data, source, HarConfig(mount=mount))
        assert result.figures((mount, basis)) == own.figures
        assert np.array_equal(
            result.rows[mount, basis]["all"].confusion_by_subject, own.groups["all"].confusion_by_subject
        )


def test_it_says_what_was_told_and_imagined(report):
    [result] = report.results
    assert result.told["unknown"] == 0.0 and result.told["documented"] == pytest.approx(0.5)
    assert result.told["auto"] > 0.0  # who walks tells it for all recordings of the same wearing
    assert [bool(own.used) for own in result.imagined["all"]] == [True, True, False]
    assert (
        set(result.first_s) == {f"all by {basis.title}" for basis in ALL.bases} and min(result.first_s.values()) >= 0.0
    )


def test_ones_own_windows_are_a_way_of_its_own(report):
    """Six windows are too few to say what is usual: the row is that of the model's background, under its own name."""
    [result] = report.results
    own = Basis(own=True)
    assert own in ALL.bases and own.title != Basis().title and own.title in report.signature
    assert result.figures(("unknown", own)) == result.figures(("unknown", Basis()))


def test_json_holds_every_row(report):
    out = json.loads(json.dumps(bases_json(report)))
    own = out["sets"]["tiny"]
    assert len(own["rows"]) == 21 and len({(row["mount"], row["by"], row["hubs"]) for row in own["rows"]}) == 21
    for key, row in zip(report.keys, own["rows"], strict=True):
        assert row["accuracy"] == report.results[0].figures(key)["accuracy"]
        assert set(row["classes"]["all"]) == set(WORDS)
    assert own["imagined"]["thinking"] == [] and own["mount_told"]["unknown"] == 0.0
    assert out["mean"] == {} and out["signature"] == report.signature  # nothing is published on the tiny set


def test_the_table_has_a_row_for_every_way(report):
    text = bases_table(report)
    rows = [line for line in text.splitlines() if line.split()[:1] in (["unknown"], ["found"], ["documented"])]
    assert len(rows) == 21 and "UniMTS" not in text
    assert "by their words alone: thinking" in text and text.splitlines()[-1] == report.signature
    assert "mostly taken for" in bases_table(report, details=True)
    for part in ("anywear-bases v1", "mounts unknown,auto,documented", "2 subj 6 win", "simulation hubs"):
        assert part in report.signature
    few = BasesConfig(mounts=("unknown",), bases=(Basis("text", True),))
    assert "walking" in bases_table(BasesReport(report.results, few, report.model), details=True)


def test_published_sets_are_compared(report):
    [result] = report.results
    named = [replace_name(result, name) for name in ("usc-had", "dsads", "tiny")]
    several = BasesReport(tuple(named), report.config, report.model)
    mean = several.mean(("unknown", Basis()), ["usc-had", "dsads"])
    assert mean["accuracy"] == pytest.approx(result.figures(("unknown", Basis()))["accuracy"])
    text = bases_table(several)
    assert "UniMTS, published" in text and "mean of 2" in text and "times UniMTS" in text
    usual = np.mean([PUBLISHED[name][0].accuracy for name in ("usc-had", "dsads")])
    assert f"{mean['accuracy'] / usual:.2f} /" in text
    assert bases_json(several)["mean"]["over"] == ["usc-had", "dsads"]


def replace_name(result, name: str):
    return replace(result, name=name)


def test_groups_are_asked_apart(model, data, source):
    groups = {"still": WORDS[1:], "moving": (*WORDS[:1], "running")}
    words = (*WORDS, "running")
    apart = replace(data, info=replace(data.info, label_words=words, label_groups=groups))
    config = BasesConfig(mounts=("unknown",), bases=(Basis("text", False), Basis("text", True)))
    result = score_bases(model, apart, source, config)
    assert {name: own.windows for name, own in result.rows[report_key(config)].items()} == {"moving": 2, "still": 4}
    assert result.windows == 6


def report_key(config: BasesConfig):
    return config.mounts[0], config.bases[0]


def test_windows_of_other_sensors_get_other_setups(model, data, source):
    """One question for each setup, each of its own windows; together they are all."""
    vectors, setups = module.embedded(model.recognizer(), [
        item for recording in data.recordings(source)
        for _, item in module.asked_windows(recording, data.info, {"all": WORDS}, HarConfig().windows_for(model))
    ])  # fmt: skip
    assert len(setups) == 2  # one subject's mount is documented
    assert sorted(number for own in setups.values() for number in own) == list(range(len(vectors)))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)


def test_a_model_without_background_is_refused_before_any_work(tmp_path):
    older = Model(write_small_model(tmp_path / "older", with_background=False))
    with pytest.raises(UsageError, match="no background"):
        run_bases(older, tmp_path / "nowhere", ["usc-had"])


def test_nothing_to_ask_is_an_error(model, data, source):
    with pytest.raises(UsageError, match="no window at these placements"):
        score_bases(model, data, source, BasesConfig(HarConfig(placements=("left_ear",))))


def test_it_runs_by_its_name(model, data, source, monkeypatch):
    monkeypatch.setattr(module, "score_sets", lambda folder, sets, one, report: (one(data, source),))
    config = BasesConfig(mounts=("unknown",), bases=(Basis("text", False),))
    made = BENCHMARKS["bases"].run(model, "", ["tiny"], config)
    assert made.results[0].windows == 6 and made.keys == [("unknown", Basis("text", False))]


@pytest.mark.parametrize(
    ("benchmark", "arguments", "says"),
    [
        ("bases", ["--by", "text"], "--by does not apply to bases"),
        ("bases", ["--hubs", "on"], "--hubs does not apply to bases"),
        ("bases", ["--conditions", "turn"], "--conditions does not apply to bases"),
        ("probe", ["--by", "text"], "--by does not apply to probe"),
        ("retrieval", ["--mount", "auto"], "--mount does not apply to retrieval"),
        ("retrieval", ["--by", "text"], "--by does not apply to retrieval"),
        ("simulation", ["--mount", "auto"], "--mount does not apply to simulation"),
        ("mount", ["--mount", "auto"], "--mount does not apply to mount"),
        ("bases", ["--window", "0"], "window"),
    ],
)
def test_options_without_effect_are_refused(tmp_path, capsys, benchmark, arguments, says):
    code = main(["benchmark", benchmark, "--data", str(tmp_path), *arguments])
    assert code == 2 and says in capsys.readouterr().err


def test_the_command_asks_in_one_way_to_tell_mounts_if_told_so(tmp_path, capsys, small_model_dir, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "score_sets", lambda folder, sets, one, report: asked.append(tuple(sets)) or ())
    for arguments, mounts in (([], "unknown,auto,documented"), (["--mount", "read-off"], "read-off")):
        code = main(["benchmark", "bases", "--data", str(tmp_path), "--model", str(small_model_dir), *arguments])
        assert code == 0 and f"mounts {mounts}, without the language model |" in capsys.readouterr().out
    assert asked == [("usc-had", "sisfall")] * 2
