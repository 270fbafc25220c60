"""Classes without examples are told by what reads words, and only where there is such a class; the file brings it along."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from gesture_toy import CLASSES, QUICK, examples, still, stroke

from anywear.errors import ArtefactError
from anywear.runtime import Model
from anywear.runtime.gestures import NONE, Examples, Gestures, on_grid
from anywear.runtime.gestures.calibration import softmax
from anywear.runtime.gestures.encoder import ClipEncoder, shipped_encoder, shipped_reader
from anywear.runtime.gestures.everyday import load as everyday
from anywear.runtime.gestures.light import fit_light
from anywear.runtime.gestures.words import ReadWords, Words, weight_alone
from anywear.runtime.model import WEIGHTS_DIR

CLAP = {"clap": "clapping both hands together"}
ASKED = [stroke(label, seed) for label in CLASSES for seed in (901, 902)]
SHOWN = ("swipe", "twist")
LIFT = {"lift": "lifting a hand"}


class Knowing(ClipEncoder):
    """Reads which of the toy's axes a clip moves along, and knows a word for each; labels in the order of the axes."""

    words_of = ("swipe", "twist", "lift")

    def __call__(self, signals):
        axes = [int(own.acc_mps2.std(axis=0).argmax()) for own in signals]
        return np.eye(3, dtype=np.float32)[axes], np.zeros((len(signals), 0), dtype=np.float32)

    def words(self, texts, labels):
        return np.eye(3, dtype=np.float32)[[self.words_of.index(label) for label in labels]]


class Mistaken(Knowing):
    """The same, but takes every lift for a twist and every twist for a lift."""

    words_of = ("swipe", "lift", "twist")


@pytest.fixture(scope="module")
def reading(small_model_dir) -> Gestures:
    """Four classes with examples and one without, read by a model that is not the package's."""
    return Gestures.train(examples(), texts=CLAP, reader=small_model_dir, config=QUICK)


@pytest.fixture(scope="module")
def saved(reading, tmp_path_factory):
    path = tmp_path_factory.mktemp("reading") / "my.gestures"
    reading.save(path)
    return path


def _likeliest(gestures: Gestures, streams) -> list[str]:
    return [max(own.probabilities, key=own.probabilities.__getitem__) for own in gestures.predict(streams)]


def test_who_reads(small_model_dir):
    """The main model by default, and nobody where every class has examples."""
    assert shipped_reader().model.folder == WEIGHTS_DIR
    made = Gestures.train(examples(2), texts=CLAP, config=QUICK)
    assert made.head.reader is shipped_reader() and made.head.encoder is shipped_encoder()
    assert Gestures.train(examples(2), config=QUICK, reader=small_model_dir).head.reader is None
    described = Gestures.train(examples(2), texts={"wave": "waving a hand"}, config=QUICK)
    assert described.head.reader is None and type(described.head.words) is Words


def test_labels_are_read_as_words_however_they_are_written():
    shown = [replace(own, label="swipe_it") if own.label == "swipe" else own for own in examples(2)]
    made = Gestures.train(shown, config=QUICK)
    assert "swipe_it" in made.labels and made.texts["swipe_it"] == "swipe it" and made.texts["twist"] == "twist"


def test_what_is_added_is_the_readers(reading, small_model_dir):
    """Scores less those of the ridge: of each class's cosine, beside the best, times the scale of the reader."""
    reader, head = ClipEncoder(Model(small_model_dir)), reading.head
    signals = [on_grid(stream) for stream in ASKED]
    *looks, read = head.features(signals)
    assert np.array_equal(read, reader(signals)[0])
    words = reader.words(CLAP, reading.labels)
    told = softmax(reader.model.config.scale * (reader(signals)[0] @ words.T))
    assert head.words is not None
    added = head(signals).scores - head.ridge(head.blocks(looks))[:, :-1]
    assert added == pytest.approx(head.words.weights * told / told.max(axis=1, keepdims=True), abs=1e-5)
    assert head.words.weights[0] == pytest.approx(25.0 * head.words.weights[1]), (
        "of four examples the fifth part squared"
    )


def test_a_class_without_examples_is_named(small_model_dir):
    """Lifts, never shown, are told by who reads them; who misreads them tells them less, and harms no other class."""
    lifts = [stroke("lift", seed) for seed in range(700, 708)]
    others = [stroke(label, seed) for label in SHOWN for seed in range(700, 708)]
    truth = [label for label in SHOWN for _ in range(8)]
    found = {}
    for kind in (Knowing, Mistaken):
        made = Gestures.train(examples(5, SHOWN), texts=LIFT, reader=kind(Model(small_model_dir)), config=QUICK)
        found[kind] = np.mean([own == "lift" for own in _likeliest(made, lifts)])
        assert np.mean([a == b for a, b in zip(_likeliest(made, others), truth, strict=True)]) >= 0.8, kind
    assert found[Knowing] >= 0.8 and found[Mistaken] <= 0.2


def test_rest_and_everyday_motion_are_none(reading):
    assert reading.predict([still()])[0].label == NONE
    assert np.mean([own.is_none for own in reading.answers(everyday()[::4])]) > 0.9


def test_words_alone_are_read(small_model_dir):
    made = Gestures.train(
        Examples(()), texts=LIFT | {"swipe": "swiping"}, reader=Knowing(Model(small_model_dir)), config=QUICK
    )
    assert _likeliest(made, [stroke("lift", 1), stroke("swipe", 1)]) == ["lift", "swipe"]
    assert made.head.words is not None
    assert made.head.words.weights == pytest.approx(QUICK.words)


def test_the_weight_is_what_one_example_in_ten_stays_below():
    left = np.stack([np.linspace(0.0, 1.0, 11), np.full(11, -1.0)], axis=1)
    assert weight_alone(left, 0.7, 0.9) == pytest.approx(0.1) and weight_alone(left, 0.7, 0.6) == pytest.approx(0.4)
    assert weight_alone(left, 0.05, 0.9) == 0.05 and weight_alone(left - 2.0, 0.7, 0.9) == 0.0
    assert weight_alone(np.zeros((0, 2)), 0.7, 0.9) == 0.7


def test_half_as_likely_gets_half():
    words = ReadWords.fit(np.eye(3), np.log(2.0), np.array([0, 0, 1]), 0.6)
    assert words(np.array([[1.0, 0.0, 0.0]])) == pytest.approx(np.array([[0.6, 0.3, 0.075]]), abs=1e-6)


# --- the file


def test_the_file_gives_the_same_answers(reading, saved, tmp_path):
    """Read by a fresh object from what is in the file; the same bytes again."""
    loaded = Gestures.load(saved)
    assert loaded.head.reader is not None and loaded.head.reader is not reading.head.reader
    assert loaded.head.reader.model.folder not in (WEIGHTS_DIR, reading.head.reader.model.folder)
    assert loaded.predict(ASKED) == reading.predict(ASKED)
    loaded.save(tmp_path / "again.gestures")
    assert (tmp_path / "again.gestures").read_bytes() == saved.read_bytes()


def test_the_file_holds_the_reader(saved, small_model_dir):
    with zipfile.ZipFile(saved) as stored:
        manifest = json.loads(stored.read("manifest.json"))
        assert stored.read("reader/motion.onnx") == (small_model_dir / "motion.onnx").read_bytes()
    assert manifest["format_version"] == 2 and manifest["reader"]["sha256"] == Model(small_model_dir).sha256
    assert {"reader/model.json", "reader/motion.onnx"} < set(manifest["files"])


def test_the_main_model_is_in_the_file_as_well(tmp_path):
    """It is made anew more often than gestures are taught."""
    made = Gestures.train(examples(2), texts=CLAP, config=QUICK)
    made.save(tmp_path / "main.gestures")
    with zipfile.ZipFile(tmp_path / "main.gestures") as stored:
        assert stored.getinfo("reader/motion.onnx").file_size == (WEIGHTS_DIR / "motion.onnx").stat().st_size
    assert Gestures.load(tmp_path / "main.gestures").predict(ASKED) == made.predict(ASKED)


def test_without_a_reader_the_file_is_as_it_was(tmp_path):
    Gestures.train(examples(2), config=QUICK).save(tmp_path / "plain.gestures")
    with zipfile.ZipFile(tmp_path / "plain.gestures") as stored:
        manifest = json.loads(stored.read("manifest.json"))
        assert stored.namelist() == ["head.npz", "manifest.json"]
    assert manifest["format_version"] == 1 and "reader" not in manifest


def test_a_file_from_before_there_were_readers_opens(tmp_path):
    """A class without examples, told by the encoder: answers are as they were."""
    given, encoder, known = examples(4), shipped_encoder(), ("clap", *sorted(CLASSES))
    truth = np.array([known.index(own.label) for own in given])
    texts = CLAP | {label: label for label in CLASSES}
    head = fit_light(
        [on_grid(own.stream) for own in given], truth, everyday(), classes=5, words=encoder.words(texts, known),
        encoder=encoder, config=QUICK,
    )  # fmt: skip
    old = Gestures(known, head, texts=texts, min_s=0.2, max_s=4.0, about={}, config=QUICK)
    old.save(tmp_path / "old.gestures")
    with zipfile.ZipFile(tmp_path / "old.gestures") as stored:
        assert json.loads(stored.read("manifest.json"))["format_version"] == 1
    loaded = Gestures.load(tmp_path / "old.gestures")
    assert (
        loaded.head.reader is None
        and type(loaded.head.words) is Words
        and loaded.head.words.weights[0] == np.float32(0.7)
    )
    assert loaded.predict(ASKED) == old.predict(ASKED)


def test_a_reader_at_hand(reading, saved, small_model_dir):
    loaded = Gestures.load(saved, reader=small_model_dir)
    assert loaded.head.reader is not None and loaded.head.reader.model.folder == small_model_dir
    assert loaded.predict(ASKED) == reading.predict(ASKED)
    with pytest.raises(ArtefactError, match="another reader") as caught:
        Gestures.load(saved, reader=WEIGHTS_DIR / "gestures")
    assert caught.value.remedy


def test_a_file_without_its_reader_is_refused(saved, tmp_path):
    with zipfile.ZipFile(saved) as stored:
        files = {name: stored.read(name) for name in stored.namelist()}
    for left_out, change in (("reader/motion.onnx", {}), ("", {"reader/motion.onnx": b"another"})):
        with zipfile.ZipFile(tmp_path / "less.gestures", "w") as made:
            for name, data in (files | change).items():
                if name != left_out:
                    made.writestr(name, data)
        with pytest.raises(ArtefactError, match="damaged"):
            Gestures.load(tmp_path / "less.gestures")
