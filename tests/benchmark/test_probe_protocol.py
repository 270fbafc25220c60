"""The probe where the answer is known: separable embeddings, labels that mean nothing, subjects that must not leak."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
from har_doubles import tiny_dataset, write_files
from probe_doubles import WIDTH, Embedder, probe_windows

from anywear.benchmark import probe, probe_classifiers, probe_contest
from anywear.benchmark.probe import ProbeReport, probe_groups, run_probe
from anywear.benchmark.probe_classifiers import class_means, few_shot_regression, linear_probe, nearest
from anywear.benchmark.probe_contest import (
    ALL,
    CLASS_MEAN,
    EMBEDDINGS,
    LEARNED,
    MINIROCKET,
    NONE,
    REGRESSION,
    SCRATCH,
    WORDS,
    WORDS_AND_SHOTS,
    Contest,
    ProbeConfig,
)
from anywear.benchmark.probe_tables import probe_json, probe_table
from anywear.benchmark.probe_windows import divide
from anywear.datasets import open_source
from anywear.errors import UsageError

pytest.importorskip("sklearn", reason="needs the benchmark extra")

LABELS = ("resting", "strolling", "sprinting", "hopping")
QUICK = ProbeConfig(rows=(EMBEDDINGS,), shots=(1, 5), draws=3)


def _set(vectors, truth, subjects, config: ProbeConfig = QUICK):
    group = probe_windows(vectors, truth, subjects)
    figures = probe_groups(Contest(Embedder(LABELS), config), [group], divide([group], "set"))
    return {key: float(np.mean([own["accuracy"] for own in told])) for key, told in figures.items()}, figures


@pytest.fixture
def people():
    """Ten subjects, 40 windows of 4 classes each."""
    return np.tile(np.arange(4), 100), np.repeat([f"p{n}" for n in range(10)], 40)


def _noise(rows: int, seed: int = 0):
    return np.random.default_rng(seed).normal(size=(rows, WIDTH))


def test_separable_embeddings_are_answered_rightly(people):
    truth, subjects = people
    told, figures = _set(np.eye(WIDTH)[truth] + 0.05 * _noise(400), truth, subjects)
    assert set(told) == {
        (WORDS, NONE), (REGRESSION, ALL),
        *((name, k) for name in (CLASS_MEAN, REGRESSION, WORDS_AND_SHOTS) for k in (1, 5)),
    }  # fmt: skip
    assert set(told.values()) == {1.0}
    assert all(own["macro_f1"] == 1.0 for many in figures.values() for own in many)
    # Five folds; few shots are drawn three times in each.
    assert {key: len(many) for key, many in figures.items() if key[0] in (WORDS, CLASS_MEAN)} == {
        (WORDS, NONE): 5, (CLASS_MEAN, 1): 15, (CLASS_MEAN, 5): 15,
    }  # fmt: skip
    assert len(figures[REGRESSION, ALL]) == 5


def test_labels_that_mean_nothing_are_answered_by_chance(people):
    truth, subjects = people
    shuffled = np.random.default_rng(1).permutation(truth)
    told, _ = _set(np.eye(WIDTH)[truth] + 0.05 * _noise(400), shuffled, subjects)
    assert all(value == pytest.approx(0.25, abs=0.08) for value in told.values())


def test_what_only_the_same_person_could_tell_is_not_told(people):
    """Every subject says the classes in directions of their own: a window of the same person would give it away."""
    truth, subjects = people
    who = np.repeat(np.arange(10), 40)
    directions = np.random.default_rng(2).normal(size=(10, 4, WIDTH))
    told, _ = _set(directions[who, truth] + 0.01 * _noise(400), truth, subjects)
    assert all(value < 0.55 for value in told.values())
    # The same embeddings divided by chance are easy: it was the division that hid them.
    leaking = np.random.default_rng(3).permutation([f"p{n}" for n in who])
    assert _set(directions[who, truth] + 0.01 * _noise(400), truth, leaking)[0][REGRESSION, ALL] > 0.85


def test_nobody_is_learned_from_and_asked(people, monkeypatch):
    truth, subjects = people
    seen = []

    def answers(self, group, folds, learn, ask, where):
        seen.append((set(subjects[learn]), set(subjects[ask]), len(learn) + len(ask), set(folds[ask]), where))
        yield (WORDS, NONE), 0, truth[ask]

    monkeypatch.setattr(Contest, "answers", answers)
    _set(_noise(400), truth, subjects)
    assert len(seen) == 5 and all(not learned & asked for learned, asked, *_ in seen)
    assert Counter(name for _, asked, *_ in seen for name in asked) == dict.fromkeys(set(subjects.tolist()), 1)
    assert all(rows == 400 and folds == {fold} for fold, (_, _, rows, folds, _) in enumerate(seen))
    assert [where for *_, where in seen] == [(fold, 0) for fold in range(5)]


def test_the_same_seed_gives_the_same_figures(people):
    truth, subjects = people
    vectors = np.eye(WIDTH)[truth] + 0.7 * _noise(400)
    first, again = (_set(vectors, truth, subjects)[1] for _ in range(2))
    assert first == again
    other = _set(vectors, truth, subjects, ProbeConfig(rows=(EMBEDDINGS,), shots=(1, 5), draws=3, seed=1))[1]
    assert other[CLASS_MEAN, 1] != first[CLASS_MEAN, 1]
    assert other[REGRESSION, ALL] == first[REGRESSION, ALL] and other[WORDS, NONE] == first[WORDS, NONE]
    # More draws leave the first ones as they were.
    more = _set(vectors, truth, subjects, ProbeConfig(rows=(EMBEDDINGS,), shots=(1, 5, 10), draws=4))[1]
    assert more[CLASS_MEAN, 1][:3] == first[CLASS_MEAN, 1][:3] and (CLASS_MEAN, 10) in more


def test_more_labels_help(people):
    truth, subjects = people
    vectors = np.eye(WIDTH)[truth] + 0.6 * _noise(400)
    told, _ = _set(vectors, truth, subjects, ProbeConfig(rows=(EMBEDDINGS,), shots=(1, 5, 10)))
    assert 0.25 < told[CLASS_MEAN, 1] < told[CLASS_MEAN, 5] < told[CLASS_MEAN, 10] < 1.0
    assert told[REGRESSION, ALL] > told[REGRESSION, 10] > told[REGRESSION, 1]


def test_a_class_nobody_shows_costs_its_windows():
    """The last class is shown by one subject alone: no one can answer it in that subject's fold."""
    truth = np.concatenate([np.tile(np.arange(2), 40), np.full(8, 2)])
    subjects = np.concatenate([np.repeat([f"p{n}" for n in range(10)], 8), np.full(8, "p0")])
    group = probe_windows(np.eye(WIDTH)[truth], truth, subjects)
    figures = probe_groups(Contest(Embedder(LABELS), QUICK), [group], divide([group], "set"))
    # Fold 0 asks p0 (16 windows) and p5 (8).
    for key in ((CLASS_MEAN, 5), (REGRESSION, ALL)):
        assert figures[key][0]["accuracy"] == pytest.approx(16 / 24)
        assert [own["accuracy"] for own in figures[key]][-4:] == [1.0] * 4


def test_groups_count_by_their_windows():
    """A group answered rightly with 30 windows per fold and one answered wrongly with 10."""
    subjects = [f"p{n}" for n in range(5)]
    right = probe_windows(np.eye(WIDTH)[np.tile([0, 1, 2], 50)], np.tile([0, 1, 2], 50), np.repeat(subjects, 30))
    # All vectors lie on the first word, which is never the right one.
    wrong_truth = np.tile([1, 2], 25)
    wrong = probe_windows(np.tile(np.eye(WIDTH)[0], (50, 1)), wrong_truth, np.repeat(subjects, 10))
    groups = [right, wrong]
    figures = probe_groups(Contest(Embedder(LABELS), QUICK), groups, divide(groups, "set"))
    assert {own["accuracy"] for own in figures[WORDS, NONE]} == {30 / 40}
    assert {own["macro_f1"] for own in figures[WORDS, NONE]} == {30 / 40}


def test_a_word_counts_as_one_more_window():
    """Both shots lie beside the first word, so means alone call what lies between them the second class."""
    words = np.eye(3)
    vectors, truth = np.array([[1.0, 0.0, 0.0], [1.0, 0.2, 0.0]]), np.array([0, 1])
    classes, means = class_means(vectors, truth)
    assert classes.tolist() == [0, 1] and np.linalg.norm(means, axis=1) == pytest.approx([1.0, 1.0])
    asked = np.array([[1.0, 0.3, 0.0], [0.3, 1.0, 0.0]])
    assert nearest(asked, means).tolist() == [1, 1] and nearest(asked, words).tolist() == [0, 1]
    # With its word the second mean lies at 50 degrees, the first at 0; what lies at 17 is the first class's.
    classes, together = class_means(vectors, truth, words)
    assert classes.tolist() == [0, 1] and nearest(asked, together).tolist() == [0, 1]
    # The more windows, the less one word counts.
    _, many = class_means(np.repeat(vectors, 50, axis=0), np.repeat(truth, 50), words)
    assert np.abs(many - means).max() < 0.03 < np.abs(together - means).max()


def test_class_means_do_not_depend_on_how_many_were_shown():
    vectors = np.array([[1.0, 0.0], [1.0, 0.2], [0.0, 1.0], [0.1, 1.0]])
    _, once = class_means(vectors, np.array([3, 3, 7, 7]))
    classes, twice = class_means(np.vstack([vectors, vectors[:2]]), np.array([3, 3, 7, 7, 3, 3]))
    assert classes.tolist() == [3, 7] and twice == pytest.approx(once)


def test_c_is_chosen_on_people_that_were_not_learned_from(monkeypatch):
    asked = []

    def regression(vectors, truth, wanted, penalty, standardised=True):
        asked.append((set(vectors[:, 0].tolist()), set(wanted[:, 0].tolist()), penalty))
        return np.full(len(wanted), 1 if penalty == 1e-3 else 0)  # right with one C only

    monkeypatch.setattr(probe_classifiers, "_regression", regression)
    folds = np.repeat([0, 2, 3], 4)
    vectors = np.column_stack([folds, np.ones(12)]).astype(float)
    assert linear_probe(vectors, np.ones(12, dtype=int), folds, np.full((5, 2), 9.0)).tolist() == [1] * 5
    assert len(asked) == 5 * 3 + 1 and asked[-1] == ({0.0, 2.0, 3.0}, {9.0}, 1e-3)
    assert all(len(wanted) == 1 and not learned & wanted for learned, wanted, _ in asked)
    asked.clear()
    linear_probe(vectors[:4], np.ones(4, dtype=int), folds[:4], vectors)
    assert [penalty for *_, penalty in asked] == [probe_classifiers.MIDDLE]


def test_regressions_answer_what_was_asked():
    rng = np.random.default_rng(0)
    truth = np.repeat([2, 5], 30)
    vectors = rng.normal(size=(60, 4)) * [1.0, 1e3, 1e-3, 1.0]
    vectors[:, 2] += np.where(
        truth == 5, 4e-3, -4e-3
    )  # tells the class, and is a thousand times smaller than the noise
    folds = np.tile(np.arange(4), 15)
    asked = np.array([[0.0, 0.0, 4e-3, 0.0], [0.0, 0.0, -4e-3, 0.0]])
    assert linear_probe(vectors, truth, folds, asked).tolist() == [5, 2]
    assert few_shot_regression(np.eye(4)[:2], np.array([2, 5]), np.eye(4)[[1, 0]]).tolist() == [5, 2]
    # One class is all there is to answer.
    assert few_shot_regression(np.eye(4)[:2], np.array([3, 3]), np.eye(4)).tolist() == [3] * 4


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Runs on a made data set of this name; every subject shakes alike, so signals tell the class."""
    data = tiny_dataset(LABELS)
    source = open_source(write_files(tmp_path / "tiny", len(LABELS)))
    monkeypatch.setattr("anywear.benchmark.har.open_dataset", lambda name, folder: (data, source))
    return tmp_path


def test_all_rows_on_recordings(tiny):
    pytest.importorskip("torch", reason="needs the train extra")
    model = Embedder(LABELS)
    config = ProbeConfig(shots=(2,), draws=2, scratch_steps=100, scratch_few_steps=1)
    lines: list[str] = []
    report = run_probe(model, tiny, ["tiny"], config, lines.append)
    [result] = report.results
    assert (result.windows, result.recordings, result.folds.count, model.embedded) == (36, 12, 3, 36)
    assert {key: len(result.figures[key]) for key in report.keys if key[0] in (LEARNED, MINIROCKET, SCRATCH)} == {
        (LEARNED, 2): 6, (LEARNED, ALL): 3, (MINIROCKET, 2): 6, (MINIROCKET, ALL): 3, (SCRATCH, 2): 3, (SCRATCH, ALL): 3,
    }  # fmt: skip
    assert set(report.keys) == set(result.figures) and report.keys[0] == (CLASS_MEAN, 2)
    # Amplitude is the class: MiniRocket and the encoder see it, too; one step teaches nothing.
    assert result.mean((MINIROCKET, ALL))["accuracy"] == result.mean((LEARNED, ALL))["accuracy"] == 1.0
    assert result.mean((LEARNED, 2))["accuracy"] > 0.9
    assert result.mean((SCRATCH, ALL))["accuracy"] > 0.8 > result.mean((SCRATCH, 2))["accuracy"]
    assert sum("fold" in line for line in lines) == 3 and lines[-1].startswith("tiny: 12 recordings, 36 windows")
    assert "scratch 100 steps, few shots 1 steps and 1 draws" in report.signature


def test_minirocket_answers_the_same_with_the_same_seed(tiny):
    config = ProbeConfig(rows=(MINIROCKET,), shots=(1,), draws=2)
    first, again = (run_probe(Embedder(LABELS), tiny, ["tiny"], config).results[0].figures for _ in range(2))
    assert first == again and set(first) == {(MINIROCKET, 1), (MINIROCKET, ALL)}


def test_report_says_all(tiny):
    report = run_probe(Embedder(LABELS, trained_on=("tiny",)), tiny, ["tiny"], QUICK)
    out = json.loads(json.dumps(probe_json(report)))
    own = out["sets"]["tiny"]
    assert own["seen"] is True and own["folds"] == 3 and own["folds_by"] == "subject" and own["subjects"] == 3
    assert set(own["contestants"]) == {CLASS_MEAN, REGRESSION, WORDS_AND_SHOTS, WORDS}
    assert set(own["contestants"][REGRESSION]) == {"1", "5", "all"} and set(own["contestants"][WORDS]) == {"0"}
    assert own["contestants"][CLASS_MEAN]["5"]["answers"] == 9
    assert out["mean"]["over"] == ["tiny"] and out["signature"] == report.signature
    table = probe_table(report)
    assert "the encoder has seen this set" in table and "100.0±0.0" in table and report.signature in table
    assert "no label" in table and "1 shot " in table and "all labels" in table
    for fact in ("anywear-probe v1", "tiny 3 subj 3 folds by subject 36 win", "window 2 s", "shots 1,5 of each class",
                 "3 draws, seed 0", "rows embeddings", "seen: tiny"):  # fmt: skip
        assert fact in report.signature
    assert "scratch" not in report.signature


def test_the_mean_is_over_sets_never_seen(tiny):
    model = Embedder(LABELS, noise=2.0)
    one = run_probe(model, tiny, ["tiny"], QUICK)
    other = run_probe(Embedder(LABELS, noise=0.0, trained_on=("tiny",)), tiny, ["tiny"], QUICK)
    both = ProbeReport((*one.results, *other.results), QUICK, one.windows, "0123456789ab")
    assert both.averaged == one.results and both.mean((CLASS_MEAN, 1)) == one.results[0].mean((CLASS_MEAN, 1))
    assert both.mean((CLASS_MEAN, 1))["accuracy"] < 1.0 == other.mean((CLASS_MEAN, 1))["accuracy"]
    spread = one.results[0].spread((CLASS_MEAN, 1))["accuracy"]
    assert spread == pytest.approx(np.std([f["accuracy"] for f in one.results[0].figures[CLASS_MEAN, 1]], ddof=1))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"rows": ("mini",)}, "Unknown row"), ({"rows": ()}, "cannot be asked"), ({"shots": ()}, "cannot be asked"),
        ({"shots": (0, 1)}, "cannot be asked"), ({"shots": (5000,)}, "cannot be asked"), ({"draws": 0}, "cannot be asked"),
        ({"draws": 2, "scratch_draws": 3}, "cannot be asked"), ({"scratch_steps": 0}, "cannot be asked"),
        ({"seed": -1}, "cannot be asked"),
    ],
)  # fmt: skip
def test_questions_that_cannot_be(wrong, says):
    with pytest.raises(UsageError, match=says):
        ProbeConfig(**wrong)


def test_shots_are_asked_in_order_and_once():
    assert ProbeConfig(shots=(5, 1, 5)).shots == (1, 5)


def test_what_is_missing_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(probe_classifiers, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="scikit-learn") as caught:
        run_probe(Embedder(LABELS), tmp_path, ["usc-had"], QUICK)
    assert caught.value.remedy is not None and "anywear[benchmark]" in caught.value.remedy
    monkeypatch.setattr(probe_contest, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="torch") as caught:
        run_probe(Embedder(LABELS), tmp_path, ["usc-had"], ProbeConfig(rows=(SCRATCH,)))
    assert caught.value.remedy is not None and "--rows embeddings,minirocket" in caught.value.remedy


def test_unknown_sets_cost_nothing(tmp_path):
    model = Embedder(LABELS)
    with pytest.raises(UsageError, match="Unknown data set"):
        run_probe(model, tmp_path, ["usc-hat"], QUICK)
    assert model.embedded == 0 and probe.PROTOCOL == "anywear-probe v1"
