"""The package's own gestures, encoders and training from scratch as contestants."""

from __future__ import annotations

import numpy as np
import pytest
from gesture_doubles import gestures

from anywear import Placement
from anywear.benchmark.gestures_clips import GestureClip, GestureSet
from anywear.benchmark.gestures_contest import Contestant
from anywear.benchmark.gestures_draws import MIXED, Draw, Point, draws
from anywear.benchmark.gestures_encoded import Embeddings, Scratch, Words
from anywear.benchmark.gestures_latency import Learner
from anywear.benchmark.gestures_ours import EVERYDAY, ROWS, Light, contestants
from anywear.errors import UsageError
from anywear.recording import Stream
from anywear.runtime import Model
from anywear.runtime.gestures.encoder import shipped_encoder, shipped_reader

SMALL = gestures(classes=3, users=2, each=4, noise=0.1)


def first(found: GestureSet, shots: int = 3) -> Draw:
    return next(iter(draws(found.truth, found.subjects, Point(shots=shots), MIXED, 0)))


def test_every_row_is_there():
    pytest.importorskip("sklearn", reason="needs the benchmark extra")
    rows = [row for row in ROWS if row != "scratch"]
    made = contestants(rows)
    assert [own.name for own in made] == rows and all(isinstance(own, Contestant) for own in made)
    with pytest.raises(UsageError, match="row"):
        contestants(["gesture"])
    with pytest.raises(UsageError):
        contestants([])


def test_rows_come_once_for_each_encoder(small_model_dir):
    made = contestants(["words", "dtw", "embeddings"], [small_model_dir, small_model_dir])
    assert [own.name for own in made] == [
        "words", f"words@{small_model_dir.parent.name}", "dtw", "embeddings", f"embeddings@{small_model_dir.parent.name}",
    ]  # fmt: skip


def test_words_are_asked_of_what_gestures_without_examples_are_told_by(small_model_dir):
    [words, embeddings] = contestants(["words", "embeddings"])
    assert (
        isinstance(words, Words) and words.clips is shipped_reader() and words.trained_on == Model().config.trained_on
    )
    assert isinstance(embeddings, Embeddings) and embeddings.clips is shipped_encoder()
    [given] = contestants(["words"], [small_model_dir])
    assert isinstance(given, Words) and given.model.folder == small_model_dir


def test_gestures_are_learned_and_none_is_told():
    own, draw = Light(), first(SMALL)
    told = own.answer(SMALL, SMALL, draw)
    assert (told.labels == SMALL.truth[draw.ask]).mean() > 0.85
    assert told.none is not None and told.none.mean() < 0.5
    # Shaking without end is none of them.
    time_s = np.arange(100) / 50
    acc = np.tile([0.0, 0.0, 9.81], (100, 1))
    acc[:, 1] += 12.0 * np.sin(2 * np.pi * 7.0 * time_s)
    stream = Stream("watch", time_s, acc, np.zeros((100, 3)), Placement.at("right_wrist"))
    other = GestureSet(
        "other", SMALL.labels, (GestureClip((stream,), "none", None, 0),) * 2, np.zeros(2, dtype=np.int64)
    )
    unknown = own.answer(SMALL, other, Draw(0, 0, draw.learn, np.arange(2)))
    assert unknown.none is not None and unknown.none.all() and unknown.confidence.max() < told.confidence.mean()


def test_what_is_learned_answers_alike():
    own, draw = Light(), first(SMALL)
    assert isinstance(own, Learner)
    answer = own.learned(SMALL, draw)
    told = own.answer(SMALL, SMALL, draw)
    assert told.none is not None
    for row, label, none in list(zip(draw.ask, told.labels, told.none, strict=True))[:4]:
        said = answer(SMALL.clips[row])
        assert max(said.probabilities, key=lambda own: said.probabilities[own]) == SMALL.labels[label]
        assert said.is_none == none


def test_activities_have_still_ones_and_several_sensors():
    """Sitting and lying differ by where gravity points, at either of two sensors; a clip may lack one."""
    rng = np.random.default_rng(0)
    clips, truth = [], []
    for number in range(24):
        label = number % 2
        streams = tuple(
            Stream(name, np.arange(120) / 50, rng.normal(np.eye(3)[2 - label] * 9.81, 0.05, (120, 3)))
            for name in (("wrist", "waist") if number % 3 else ("waist",))
        )
        clips.append(GestureClip(streams, ("sitting", "lying")[label], f"p{number % 4}", number))
        truth.append(label)
    found = GestureSet("postures", ("sitting", "lying"), tuple(clips), np.array(truth))
    draw = first(found, shots=4)
    told = Light().answer(found, found, draw)
    assert told.none is None and (told.labels == found.truth[draw.ask]).all()


def test_the_package_knows_its_everyday_motion():
    assert set(EVERYDAY) == {"sp-sw-har", "dsads"} and Light.everyday == EVERYDAY


@pytest.mark.parametrize("made", [Embeddings, Words])
def test_an_encoder_alone(made, small_model_dir):
    own, draw = made(small_model_dir), first(SMALL)
    vectors = own.vectors(SMALL)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0)
    told = own.answer(SMALL, SMALL, draw)
    assert told.labels.shape == draw.ask.shape and set(told.labels.tolist()) <= {0, 1, 2}
    # A clip's vector does not depend on which others go through with it.
    one = GestureSet("one", SMALL.labels, SMALL.clips[5:6], SMALL.truth[5:6])
    assert own.vectors(one)[0] == pytest.approx(vectors[5], abs=1e-4)


def test_from_scratch(small_model_dir):
    pytest.importorskip("torch", reason="needs the train extra")
    found = gestures(classes=2, users=1, each=8, noise=0.1)
    own, draw = Scratch(small_model_dir, steps=60), first(found, shots=5)
    assert own.trained_on == ()
    told = own.answer(found, found, draw)
    assert (told.labels == found.truth[draw.ask]).mean() > 0.7
    own.steps = 3
    one, again = own.answer(found, found, draw), own.answer(found, found, draw)
    assert np.array_equal(one.labels, again.labels)
