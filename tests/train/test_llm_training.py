"""Training of a large language model: rows as they should be, whole batches, many processes, resuming, what cannot be."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("peft", reason="needs the llm extra")

from anywear.errors import UsageError
from anywear.runtime.llm_prompt import CAPTION_ASKED, CHOICE_ASKED
from anywear.train import language_tasks
from anywear.train.engine import LoopConfig, train
from anywear.train.gradcache import Chunk, cached
from anywear.train.llm_task import IGNORED, ReadingConfig, ReadingTask, labels_met, number_of, sentences_met
from llm_doubles import ACTS, END, LOOP, SMALL, small_task, some_moments, write_base
from train.llm_toy import TOY, environment, learn

FOUR = {
    "steps": 4,
    "batch": 3,
    "chunks": 4,
    "learning_rate": 0.001,
    "warmup": 1,
    "ema": 0.5,
    "log_every": 2,
    "threads": 1,
}


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return write_base(tmp_path_factory.mktemp("base") / "qwen2")


@pytest.fixture(scope="module")
def untied(tmp_path_factory) -> Path:
    return write_base(tmp_path_factory.mktemp("base") / "llama", "llama", tied=False)


def test_what_is_learned_are_the_answer_and_the_motion(untied):
    task = small_task(untied, no_motion=0.3)
    read, words = task.prompts, task.module.words
    data = task.draw(np.random.default_rng(1))
    asked, seen = data["target"] != IGNORED, data["seen"] > 0
    assert 0 < seen.sum() < len(seen)
    for row in range(len(data["ids"])):
        ids = data["ids"][row][data["mask"][row].bool()].tolist()
        text = task.base.tokenizer.decode(ids)
        assert text.startswith("<s>A person wears ") and text.endswith(END) and text.count("<motion>") == 1
        motion = [own for own in ids if words.code <= own < words.stop]
        learned = {kind: data["target"][row][asked[row] & (data["is_motion"][row] == kind)].tolist() for kind in (0, 1)}
        # All codes and the mark behind them; without motion, none of it.
        assert learned[1] == ([*motion, words.end] if seen[row] else []) and bool(motion) == bool(seen[row])
        assert (
            read.text(learned[0]) == text.split("Answer:")[1].removesuffix(END).strip() and learned[0][-1] == read.end
        )
        pooled = data["ids"][row][data["pooled"][row]].tolist()
        assert pooled == [words.first, *motion, words.end]
        # A target is the id that comes next.
        places = data["places"][asked[row]]
        assert data["ids"][row][places + 1].tolist() == data["target"][row][asked[row]].tolist()
    texts = [
        task.base.tokenizer.decode(own[mask.bool()])
        for own, mask in zip(data["texts"], data["texts_mask"], strict=True)
    ]
    count = len(data["ids"])
    for row, concept in enumerate(data["concept"].tolist()):
        (name,) = [name for name in ACTS if number_of(name) == concept]
        assert texts[row].removeprefix("<s>").removesuffix(END) in ACTS[name][0]
        place = data["labels"].tolist().index(concept)
        assert texts[count + place].removeprefix("<s>").removesuffix(END) == name


def test_questions_at_run_time_are_among_those_of_training():
    assert CAPTION_ASKED in language_tasks.CAPTION_ASKED and CHOICE_ASKED in language_tasks.WHAT_ASKED


def test_the_same_seed_draws_the_same(base):
    first, second = small_task(base), small_task(base)
    one, other, third = (task.draw(np.random.default_rng(seed)) for task, seed in ((first, 4), (second, 4), (first, 5)))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert one["ids"].shape != third["ids"].shape or not torch.equal(one["ids"], third["ids"])
    for (name, own), now in zip(first.module.named_parameters(), second.module.parameters(), strict=True):
        assert torch.equal(own, now), name


def test_chunks_have_the_gradients_of_the_whole_batch(base):
    """GradCache against one graph over all chunks: embeddings of chunks that are together one batch."""
    whole, cut = small_task(base), small_task(base)
    data = [whole.draw(np.random.default_rng([3, number])) for number in range(3)]
    parts = [whole.embed(own) for own in data]
    loss, figures = whole.loss_of(
        {name: torch.cat([part[name] for part in parts]) for name in parts[0]}, np.random.default_rng(0)
    )
    loss.backward()
    chunks = [Chunk(own, number) for number, own in enumerate(data)]
    got, its = cached(chunks, cut, np.random.default_rng(0), 0, nullcontext)
    assert got.item() == pytest.approx(loss.item(), abs=1e-5)
    assert float(its["contrast"]) == pytest.approx(float(figures["contrast"]), abs=1e-5)
    for (name, own), other in zip(whole.module.named_parameters(), cut.module.parameters(), strict=True):
        assert torch.allclose(own.grad, other.grad, atol=1e-5), name
    # And that is not what the chunks' own losses say.
    alone = [float(cut.loss(own)[1]["contrast"]) for own in data]
    assert abs(np.mean(alone) - float(its["contrast"])) > 1e-3


def test_two_ranks_equal_one_with_the_double_batch(base, tmp_path):
    """Two chunks on each rank against four on one, with dropout."""
    (tmp_path / "two").mkdir()
    made = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(TOY), str(base),
         str(tmp_path / "two"), json.dumps(FOUR)],
        env=environment(), capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    alone = learn(base, tmp_path / "one", LoopConfig(**FOUR)).state_dict()
    first, second = (torch.load(tmp_path / "two" / f"final-{rank}.pt") for rank in (0, 1))
    start = small_task(base, replace(SMALL, dropout=0.1)).module.state_dict()
    for name, own in alone.items():
        assert torch.equal(first[name], second[name])
        assert torch.allclose(first[name], own, atol=1e-5), name
        assert not torch.allclose(own, start[name], atol=1e-4), f"{name} has not moved"


class _Stopping(ReadingTask):
    """Stops in its fourth step."""

    steps = 0

    def loss_of(self, embeddings, rng):
        self.steps += 1
        if self.steps == 4:
            raise KeyboardInterrupt
        return super().loss_of(embeddings, rng)


def test_a_training_that_was_stopped_ends_the_same(base, tmp_path):
    loop = LoopConfig(**FOUR, checkpoint_every=2)
    whole = learn(base, tmp_path / "whole", loop)
    task = small_task(base, replace(SMALL, dropout=0.1), loop)
    task.__class__ = _Stopping
    with pytest.raises(KeyboardInterrupt):
        train(task, loop, tmp_path / "again", "llm", lambda line: None)
    told: list[str] = []
    resumed = train(small_task(base, replace(SMALL, dropout=0.1), loop), loop, tmp_path / "again", "llm", told.append)
    assert told[0] == "resumed at step 2"
    assert all(torch.equal(own, whole.state_dict()[name]) for name, own in resumed.state_dict().items())
    frozen = sum(own.numel() for own in task.module.host.parameters() if not own.requires_grad)
    kept = torch.load(tmp_path / "again" / "checkpoint.pt")["module"]
    assert sum(own.numel() for own in kept.values()) == sum(own.numel() for own in task.module.parameters()) != frozen


def test_equal_sentences_are_all_right_and_other_ones_of_the_concept_are_left_out():
    generator = torch.Generator().manual_seed(0)
    made, said = torch.randn(4, 8, generator=generator), torch.randn(4, 8, generator=generator)
    said[1] = said[0]
    sentence, concept = torch.tensor([1, 1, 2, 3]), torch.tensor([7, 7, 7, 8])
    logits = made @ said.T
    expected = []
    for row, right, wrong in ((0, [0, 1], [3]), (1, [0, 1], [3]), (2, [2], [3]), (3, [3], [0, 1, 2])):
        for own in (logits, logits.T):
            among = own[row][right + wrong].log_softmax(dim=0)[: len(right)]
            expected.append(-among.mean())
    assert torch.isclose(sentences_met(made, said, sentence, concept), torch.stack(expected).mean(), atol=1e-5)


def test_labels_of_a_concept_count_as_one():
    made = torch.tensor([[5.0, 0.0], [0.0, 5.0]])
    called, labels = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]), torch.tensor([3, 9, 9, 9])
    loss, right = labels_met(made, torch.tensor([3, 9]), called, labels)
    once, _ = labels_met(made, torch.tensor([3, 9]), called[:2], labels[:2])
    assert torch.isclose(loss, once) and right == 1.0
    wrong, none = labels_met(made, torch.tensor([9, 3]), called, labels)
    assert wrong > loss + 4 and none == 0.0


def test_without_contrast_no_sentence_is_read(base):
    task = small_task(base, contrast=0.0, label=0.0)
    data = task.draw(np.random.default_rng(0))
    assert "texts" not in data
    loss, figures = task.loss(data)
    assert set(figures) == {"answer", "motion"} and loss > 0


def test_trainings_that_cannot_be(base):
    for wrong in ({"caption": -1.0}, {"caption": 0.0, "choice": 0.0, "question": 0.0}, {"temperature": 0.0},
                  {"listed": 1.5}, {"answer": 0.0, "motion": 0.0, "contrast": 0.0, "label": 0.0}):  # fmt: skip
        with pytest.raises(UsageError):
            ReadingConfig(**wrong)
    task, (moments, flat) = small_task(base), some_moments()
    with pytest.raises(UsageError, match="no motion to learn from"):
        ReadingTask(ReadingConfig(), LOOP, task.module, task.prompts, [], [])
    with pytest.raises(UsageError, match="drawn from"):
        ReadingTask(ReadingConfig(sets={"acts": 0.0}), LOOP, task.module, task.prompts, moments, flat)
    long = ReadingTask(ReadingConfig(), LOOP, task.module, task.prompts, moments, flat, context=40)
    with pytest.raises(UsageError, match="too long for the language model"):
        long.draw(np.random.default_rng(0))
