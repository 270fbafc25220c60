"""Training of the language model in small: rows are what they should be, and motion is learned from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from anywear.bodygraph import SEGMENT_INDEX
from anywear.errors import UsageError
from anywear.nn.language import LanguageConfig
from anywear.runtime.codes import Codes
from anywear.runtime.language.pieces import Pieces
from anywear.train.engine import LoopConfig, train
from anywear.train.language import (
    IGNORED,
    LanguageTask,
    Motions,
    ObjectivesConfig,
    batch_of,
    example_row,
    fingerprint,
    sequence_of,
    text_row,
)
from anywear.train.language_motions import Moment
from anywear.train.language_tasks import Example
from language_doubles import small_pieces

LOOP = LoopConfig(steps=60, batch=16, warmup=5, ema=0.8, learning_rate=5e-3, threads=1, log_every=20)
OBJECTIVES = ObjectivesConfig(text=0.1, caption=0.5, choice=0.2, question=0.2, no_motion=0.1)
KINDS = ("walking", "waving", "sitting")


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return small_pieces()


@pytest.fixture(scope="module")
def config(pieces) -> LanguageConfig:
    return LanguageConfig(len(pieces), 25, (3, 3), 8, width=64, layers=2, heads=2, hidden=96, soft=2, embedding=4)


@pytest.fixture(scope="module")
def motions() -> Motions:
    """Three kinds of motion, each with an id of its own."""
    rng = np.random.default_rng(0)
    codes = Codes("product", rng.standard_normal((2, 3, 4)).astype(np.float32), (), 2)
    moments, ids = [], []
    for number in range(30):
        kind = number % 3
        label = KINDS[kind]
        texts = (label, f"a person is {label}")
        moments.append(
            Moment(np.zeros((4, 1)), ("left_forearm",), "toy", label, label, texts, -1, 2.0, False)
        )  # fmt: skip
        ids.append(np.full((4, 2), kind, dtype=np.int64))
    texts = [text for label in KINDS for text in (label, f"a person is {label}")]
    vectors = np.repeat(np.eye(4, dtype=np.float32)[:3], 2, axis=0)
    return Motions(moments, ids, codes, vectors, {text: row for row, text in enumerate(texts)})


def test_a_row_is_laid_out_as_it_is_read(pieces, config, motions):
    example = Example("caption", "describe it", "walking", False)
    row = example_row(pieces, example, ("left_forearm", None), motions.ids[1], text=4, name=7)
    data = batch_of([row], config, motions.codes)
    answer = [*pieces.encode("walking"), pieces.end]
    soft, places, instants = 2, 2, 4
    asked = soft + places + 1 + instants + 1
    assert data["places"][0, soft : soft + 2].tolist() == [0, 1 + SEGMENT_INDEX["left_forearm"]]
    assert data["words"][0, soft + 2] == pieces.motion and data["words"][0, asked - 1] == pieces.motion_end
    assert data["words"][0, asked] == pieces.caption
    assert data["next_words"][0, asked : asked + len(answer)].tolist() == answer
    assert (data["next_words"][0, :asked] == IGNORED).all()
    first = soft + places
    assert np.array_equal(data["next_codes"][0, first : first + instants], motions.ids[1])
    assert (data["next_codes"][0, first + instants :] == IGNORED).all()
    assert data["pooled"][0].nonzero()[:, 0].tolist() == list(range(first + 1, first + instants + 2))
    assert np.allclose(data["vectors"][0, first + 1 : first + 5], motions.codes.decode(motions.ids[1]))


def test_what_was_asked_is_no_answer(pieces, config, motions):
    example = Example("choice", "which of these: walking, sitting?", "walking", True)
    data = batch_of([example_row(pieces, example, (None,), motions.ids[0])], config, motions.codes)
    learned = data["next_words"][data["next_words"] != IGNORED].tolist()
    assert learned == [*pieces.encode("walking"), pieces.end]
    assert pieces.ask in data["words"][0].tolist() and pieces.answer in data["words"][0].tolist()


def test_padding_changes_nothing(pieces, config, motions):
    torch.manual_seed(0)
    task = LanguageTask(OBJECTIVES, LOOP, config, pieces, ["walking"], motions)
    short = text_row(pieces, pieces.encode("walking"))
    long = text_row(pieces, pieces.encode("a person walks forward and waves with the right hand"))
    with torch.no_grad():
        alone, beside = (
            task.module(sequence_of(task.module, batch_of(rows, config, motions.codes)))[0]
            for rows in ([short], [short, long])
        )
    assert torch.allclose(alone[0], beside[0, : alone.shape[1]], atol=1e-5)


def test_batches_depend_on_the_seed_alone(pieces, config, motions):
    task = LanguageTask(OBJECTIVES, LOOP, config, pieces, ["walking", "sitting"], motions)
    first, second, other = (task.draw(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(first[name].shape != other[name].shape or not torch.equal(first[name], other[name]) for name in first)


def test_every_moment_is_drawn_alike_in_short_and_long_batches(pieces, config, motions):
    """Rows of like length share a batch; over many batches captions and labels come as often as their shares say."""
    objectives = ObjectivesConfig(text=0.0, caption=0.5, choice=0.5, question=0.0, listed=1.0)
    task = LanguageTask(objectives, LOOP, config, pieces, [], motions)
    asked = [
        (task.draw(np.random.default_rng(seed))["words"] == pieces.ask).any(dim=1).float().mean() for seed in range(80)
    ]
    assert 0.42 < float(np.mean(asked)) < 0.58


def test_words_are_learned_from_motion(pieces, config, motions, tmp_path):
    task = LanguageTask(OBJECTIVES, replace(LOOP, steps=150), config, pieces, ["walking", "waving", "sitting"], motions)
    trained = train(task, task.loop, tmp_path, "toy", lambda line: None).eval()
    task.module = trained  # type: ignore[assignment]
    rows = [
        example_row(pieces, Example("choice", "", label, False), ("left_forearm",), motions.ids[kind])
        for kind, label in enumerate(KINDS)
    ]
    data = batch_of(rows, config, motions.codes)
    with torch.no_grad():
        hidden, _ = trained(sequence_of(task.module, data))
        for row, label in enumerate(KINDS):
            at = int((data["next_words"][row] != IGNORED).nonzero()[0, 0])
            assert int(task.module.word_logits(hidden[row, at]).argmax()) == pieces.encode(label)[0]
        figures = task.loss(task.draw(np.random.default_rng(5)))[1]
    assert float(figures["motion"]) < 0.3 * np.log(3)  # the same id again and again


@pytest.mark.parametrize(("off", "figure"), [({"motion": 0.0}, "motion"), ({"contrast": 0.0}, "contrast")])
def test_objectives_can_be_left_out(pieces, config, motions, off, figure):
    full = LanguageTask(OBJECTIVES, LOOP, config, pieces, ["walking"], motions)
    less = LanguageTask(replace(OBJECTIVES, **off), LOOP, config, pieces, ["walking"], motions)
    data = full.draw(np.random.default_rng(0))
    assert figure in full.loss(data)[1] and figure not in less.loss(data)[1]


def test_same_concepts_are_not_held_against_each_other(pieces, config, motions):
    task = LanguageTask(OBJECTIVES, LOOP, config, pieces, ["walking"], motions)
    data = task.draw(np.random.default_rng(0))
    hidden, _ = task.module(sequence_of(task.module, data))
    _, _, same = task._contrasted(hidden, data)
    names = data["name"][data["text"] >= 0]
    assert torch.equal(same, (names[:, None] == names[None]) & ~torch.eye(len(names), dtype=torch.bool))


def test_words_alone_need_no_motion(pieces, config):
    task = LanguageTask(OBJECTIVES, LOOP, config, pieces, ["walking", "sitting"])
    data = task.draw(np.random.default_rng(0))
    assert not data["is_motion"].any() and set(task.loss(data)[1]) == {"words"}
    with pytest.raises(UsageError, match="no texts"):
        LanguageTask(OBJECTIVES, LOOP, config, pieces, [])


def test_everyday_motion_is_drawn_more_often(pieces, config, motions):
    moments = [replace(own, dataset="simulated", label=own.label) for own in motions.moments]
    made = replace(motions, moments=[replace(own, label="rowing") if own.label == "waving" else own for own in moments])

    def share(everyday: float) -> float:
        task = LanguageTask(replace(OBJECTIVES, everyday=everyday), LOOP, config, pieces, ["walking"], made)
        rng = np.random.default_rng(0)
        return float(np.mean([made.moments[task._moment(rng)].label == "rowing" for _ in range(600)]))

    assert abs(share(0.0) - 1 / 3) < 0.06 and abs(share(0.6) - 0.4 / 3) < 0.05 and share(1.0) == 0.0


def test_fingerprints_tell_trainings_apart(config):
    key = fingerprint(OBJECTIVES, LOOP, config, ["a"])
    assert key == fingerprint(OBJECTIVES, replace(LOOP, log_every=3), config, ["a"])
    assert len({key, fingerprint(OBJECTIVES, replace(LOOP, seed=2), config, ["a"]),
                fingerprint(replace(OBJECTIVES, motion=0.0), LOOP, config, ["a"]),
                fingerprint(OBJECTIVES, LOOP, config, ["b"])}) == 4  # fmt: skip


@pytest.mark.parametrize("wrong", [{"caption": -0.1}, {"temperature": 0.0}, {"no_motion": 1.2}, {"sets": {"a": -1.0}}])
def test_objectives_that_cannot_be(wrong):
    with pytest.raises(UsageError):
        ObjectivesConfig(**wrong)
