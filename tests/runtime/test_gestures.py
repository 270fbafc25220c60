"""Gestures from few examples: they are told apart, from rest and from everyday motion; the file gives the same answers."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from gesture_toy import CLASSES, QUICK, examples, still, stroke

import anywear
from anywear.errors import ArtefactError, UsageError
from anywear.runtime.gestures import NONE, Example, Examples, Gestures, on_grid
from anywear.runtime.gestures.everyday import load as everyday
from anywear.runtime.model import WEIGHTS_DIR, ModelConfig

ASKED = [(label, stroke(label, seed)) for label in CLASSES for seed in (901, 902, 903)]


@pytest.fixture(scope="module")
def gestures() -> Gestures:
    return Gestures.train(examples(), config=QUICK)


def _likeliest(answer) -> str:
    return max(answer.probabilities, key=answer.probabilities.__getitem__)


@pytest.fixture(scope="module")
def saved(gestures, tmp_path_factory):
    path = tmp_path_factory.mktemp("gestures") / "my.gestures"
    gestures.save(path)
    return path


def test_new_examples_get_their_names(gestures):
    answers = gestures.predict([stream for _, stream in ASKED])
    named = [_likeliest(own) for own in answers]
    assert np.mean([a == b for a, (b, _) in zip(named, ASKED, strict=True)]) >= 0.9
    assert np.mean([own.is_none for own in answers]) <= 0.25
    for own in answers:
        assert sum(own.probabilities.values()) == pytest.approx(1.0, abs=1e-5) and 0.0 <= own.confidence <= 1.0
        assert own.label == (NONE if own.is_none else max(own.probabilities, key=own.probabilities.__getitem__))


def test_other_rates_and_no_gyroscope(gestures):
    for how in ({"rate_hz": 25.0}, {"rate_hz": 104.0}):
        answers = gestures.predict([stroke(label, 7, **how) for label in CLASSES])
        assert sum(_likeliest(own) == label for own, label in zip(answers, CLASSES, strict=True)) >= 3, how
    alone = Gestures.train(examples(gyr=False), config=QUICK)
    answers = alone.predict([stroke(label, 8, gyr=False) for label in CLASSES])
    assert sum(_likeliest(own) == label for own, label in zip(answers, CLASSES, strict=True)) >= 3


def test_rest_and_everyday_motion_are_none(gestures):
    assert gestures.predict([still()])[0].label == NONE
    answers = gestures.answers(everyday()[::4])
    assert np.mean([own.is_none for own in answers]) > 0.9


def test_shown_none_is_learned():
    """A motion like a gesture is none once it was shown as none."""
    labels = ("lift", "swipe")
    none = [Example(stroke("wave", seed), NONE) for seed in range(20, 28)]
    made = Gestures.train([*examples(5, labels), *none], config=QUICK)
    told = made.predict([stroke("wave", seed) for seed in range(40, 46)])
    without = Gestures.train(examples(5, labels), config=QUICK).predict(
        [stroke("wave", seed) for seed in range(40, 46)]
    )
    assert made.labels == labels and made.about["none_examples"] == 8
    assert np.mean([own.margin for own in told]) < np.mean([own.margin for own in without])
    assert sum(own.is_none for own in told) >= 5


def test_same_seed_same_answers(gestures):
    again = Gestures.train(examples(), config=QUICK)
    asked = [stream for _, stream in ASKED]
    assert gestures.predict(asked) == again.predict(asked)
    other = Gestures.train(examples(), config=QUICK, seed=1)
    assert other.score(asked).margin.tolist() != gestures.score(asked).margin.tolist()


def test_a_clip_alone_and_among_others(gestures):
    asked = [stream for _, stream in ASKED]
    together = gestures.score(asked).margin
    apart = np.concatenate([gestures.score([own]).margin for own in asked])
    assert apart == pytest.approx(together, abs=1e-4)


def test_more_recall_rejects_less():
    low, high = (Gestures.train(examples(6), recall=recall, config=QUICK) for recall in (0.6, 0.99))
    assert low.threshold > high.threshold and (low.recall, high.recall) == (0.6, 0.99)


def test_a_described_label_without_examples():
    made = Gestures.train(examples(), texts={"clap": "clapping both hands together"}, config=QUICK)
    assert made.labels == ("clap", *sorted(CLASSES)) and made.about["examples"]["clap"] == 0
    assert made.head.words.weights[0] > made.head.words.weights[1:].max()
    assert set(made.predict([stroke("wave", 3)])[0].probabilities) == set(made.labels)


def test_words_alone(gestures):
    made = Gestures.train(Examples(()), texts={"wave": "waving a hand", "circle": "drawing a circle"}, config=QUICK)
    scored = made.score([stroke("wave", 3), stroke("lift", 3)])
    assert scored.probabilities.shape == (2, 2) and np.ptp(scored.probabilities[:, 0]) > 0.0


def test_one_example_each():
    made = Gestures.train(examples(1), config=QUICK)
    answers = made.predict([stream for _, stream in ASKED])
    named = [_likeliest(own) for own in answers]
    assert np.mean([a == b for a, (b, _) in zip(named, ASKED, strict=True)]) >= 0.75


def test_test_counts(gestures):
    asked = Examples(tuple(Example(stream, label) for label, stream in ASKED), (Example(still(), NONE),))
    found = gestures.test(asked)
    assert found.labels == (*sorted(CLASSES), NONE) and found.confusion.sum() == len(ASKED) + 1
    assert found.confusion[-1, -1] == 1
    assert found.accuracy == np.diag(found.confusion)[:-1].sum() / len(ASKED)
    with pytest.raises(UsageError, match="Unknown gesture"):
        gestures.test([Example(still(), "bow")])
    with pytest.raises(UsageError, match="nothing to test"):
        gestures.test([])


def test_what_cannot_be_learned_from():
    with pytest.raises(UsageError, match="At least two gestures"):
        Gestures.train(examples(3, ("wave",)))
    with pytest.raises(UsageError, match="At least two gestures"):
        Gestures.train([])
    with pytest.raises(UsageError, match="holds no motion") as caught:
        Gestures.train([*examples(2), Example(still(), "wave", "quiet.csv")])
    assert caught.value.where == "quiet.csv"
    with pytest.raises(UsageError, match="too short"):
        Gestures.train([*examples(2), Example(stroke("wave", 0, seconds=0.1), "wave")])
    with pytest.raises(UsageError, match="too long"):
        Gestures.train([*examples(2), Example(stroke("wave", 0, seconds=30.0), "wave")])
    with pytest.raises(UsageError, match="Unknown depth"):
        Gestures.train(examples(2), depth="deep")
    with pytest.raises(UsageError, match="recall"):
        Gestures.train(examples(2), recall=1.0)


def test_what_is_no_clip(gestures):
    for wrong in (np.zeros(5), np.zeros((40, 3)), [np.zeros((40, 5))], [np.full((40, 6), np.nan)]):
        with pytest.raises(UsageError):
            gestures.predict(wrong)
    assert gestures.predict([]) == []


def test_arrays_are_clips(gestures):
    own = ASKED[0][1]
    rows = np.hstack([own.acc_mps2, own.gyr_radps])
    assert gestures.predict(rows[None]) == gestures.predict([rows]) == gestures.predict([own])


def test_the_file_gives_the_same_answers(gestures, saved):
    asked = [stream for _, stream in ASKED]
    loaded = anywear.Gestures.load(saved)
    assert loaded.predict(asked) == gestures.predict(asked)
    for name in ("labels", "texts", "min_s", "max_s", "about", "config", "threshold", "recall"):
        assert getattr(loaded, name) == getattr(gestures, name), name


def test_the_file_has_the_same_bytes(gestures, saved, tmp_path):
    Gestures.load(saved).save(tmp_path / "again.gestures")
    assert (tmp_path / "again.gestures").read_bytes() == saved.read_bytes()


def test_the_file_says_what_it_is(saved):
    with zipfile.ZipFile(saved) as stored:
        manifest = json.loads(stored.read("manifest.json"))
        assert hashlib.sha256(stored.read("head.npz")).hexdigest() == manifest["files"]["head.npz"]
    assert manifest["labels"] == sorted(CLASSES) and manifest["preprocessing"]["rate_hz"] == 50.0
    assert manifest["encoder"]["sha256"] and manifest["about"]["examples"]["wave"] == 4


def _rewritten(saved, tmp_path, change):
    """The file with a changed manifest."""
    with zipfile.ZipFile(saved) as stored:
        files = {name: stored.read(name) for name in stored.namelist()}
    manifest = json.loads(files["manifest.json"])
    change(manifest)
    files["manifest.json"] = json.dumps(manifest).encode()
    path = tmp_path / "changed.gestures"
    with zipfile.ZipFile(path, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda own: own.update(format_version=99), "another version"),
        (lambda own: own["encoder"].update(sha256="0" * 12), "another encoder"),
        (lambda own: own["files"].update({"head.npz": "0" * 64}), "damaged"),
        (lambda own: own.pop("calibration"), "damaged"),
        (lambda own: own.update(labels=["one"]), "damaged"),
        (lambda own: own.update(preprocessing=[]), "damaged"),
    ],
)
def test_a_changed_file_is_refused(saved, tmp_path, change, message):
    with pytest.raises(ArtefactError, match=message) as caught:
        Gestures.load(_rewritten(saved, tmp_path, change))
    assert caught.value.remedy


def test_a_broken_file_is_refused(saved, tmp_path):
    data = saved.read_bytes()
    path = tmp_path / "broken.gestures"
    middle = len(data) // 2
    for broken in (b"", b"no zip", data[:middle], data[:-40], data[:middle] + b"\0" * 64 + data[middle + 64 :]):
        path.write_bytes(broken)
        with pytest.raises(ArtefactError, match="damaged"):
            Gestures.load(path)
    with pytest.raises(ArtefactError, match="no gestures file"):
        Gestures.load(tmp_path / "none.gestures")


def test_another_encoder_travels_in_the_file(tmp_path):
    made = Gestures.train(examples(2), encoder=_another(tmp_path / "model"), config=QUICK)
    made.save(tmp_path / "own.gestures")
    with zipfile.ZipFile(tmp_path / "own.gestures") as stored:
        assert "encoder/motion.onnx" in stored.namelist()
    asked = [stream for _, stream in ASKED[:3]]
    assert Gestures.load(tmp_path / "own.gestures").predict(asked) == made.predict(asked)


def _another(folder):
    """The shipped model's encoder as an artefact of another hash."""
    folder.mkdir()
    for name in ("motion.onnx", "textspace.npz", "model.json"):
        shutil.copyfile(WEIGHTS_DIR / name, folder / name)
    config = ModelConfig.load(folder / "model.json")
    replace(config, files=config.files | {"other": "0"}).save(folder / "model.json")
    return folder


def test_clips_on_the_grid():
    for rate_hz in (25.0, 50.0, 104.0, 200.0):
        signal = on_grid(stroke("wave", 0, rate_hz=rate_hz))
        assert abs(signal.duration_s - 1.6) < 0.06 and signal.motion[2]
        start, stop, _ = signal.motion
        assert 0.2 < start / 50.0 < 0.7 and 0.9 < stop / 50.0 < 1.5
