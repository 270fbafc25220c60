"""What is added to a large language model, and what learns of it: new rows and low-rank changes, nothing else."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("peft", reason="needs the llm extra")

from anywear.errors import UsageError
from anywear.runtime.codes import Codes
from anywear.runtime.llm_base import load_base
from anywear.train.engine import train
from anywear.train.llm_model import MotionReader, ReaderConfig, code_features
from llm_doubles import CODES, LOOP, SHAPES, SMALL, small_task, write_base

KINDS = [(shape, tied) for shape in SHAPES for tied in (True, False)]


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    """Folders of language models by shape and whether words go in and out by the same table."""
    root = tmp_path_factory.mktemp("bases")
    return {(shape, tied): write_base(root / f"{shape}-{tied}", shape, tied) for shape, tied in KINDS}


@pytest.mark.parametrize(("shape", "tied"), KINDS)
def test_the_loss_falls_and_only_new_rows_change(bases, shape, tied, tmp_path):
    task = small_task(bases[shape, tied], loop=replace(LOOP, steps=30, batch=8, learning_rate=1e-2))
    assert task.base.tied == tied and len(task.module.rows()) == (1 if tied else 2)
    frozen = {name: own.clone() for name, own in task.module.host.named_parameters() if not own.requires_grad}
    rows = {name: own.detach().clone() for name, own in task.module.rows().items()}
    data = [task.draw(np.random.default_rng([9, number])) for number in range(4)]
    before = _losses(task, data)
    train(task, task.loop, tmp_path, "reader", lambda line: None)
    after = _losses(task, data)
    assert all(after[name] < 0.9 * before[name] for name in ("answer", "motion", "contrast", "label")), (before, after)
    now = dict(task.module.host.named_parameters())
    assert frozen and all(torch.equal(own, now[name]) for name, own in frozen.items())
    for name, own in task.module.rows().items():
        assert own.shape == (task.module.words.count, 32)
        assert (own - rows[name]).abs().amax(dim=1).min() > 1e-4, "a row has not moved"
    changed = [name for name, own in now.items() if own.requires_grad]
    assert all("lora_" in name or "trainable_tokens_delta" in name for name in changed)
    # Low-rank changes reach attention and the second half of every layer.
    for part in ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"):
        assert sum(part in name and "lora_B" in name for name in changed) == 2


def _losses(task, data) -> dict[str, float]:
    task.module.eval()
    with torch.no_grad():
        found = [task.loss(own)[1] for own in data]
    return {name: float(np.mean([float(own[name]) for own in found])) for name in found[0]}


@pytest.mark.parametrize(("shape", "tied"), KINDS)
def test_words_are_read_as_before(bases, shape, tied):
    """Untaught, the changes change nothing: logits of words are those of the language model without motion."""
    alone, task = load_base(bases[shape, tied]), small_task(bases[shape, tied])
    ids = torch.tensor([alone.tokenizer("a person walks forward", add_special_tokens=False).input_ids])
    reader, count = task.module.eval(), len(alone.tokenizer)
    with torch.no_grad():
        reader.soft.zero_()
        expected = alone.model(
            inputs_embeds=torch.cat([torch.zeros(1, 3, 32), alone.model.get_input_embeddings()(ids)], dim=1)
        ).logits[:, 3:, :count]
        hidden, logits = reader(ids, torch.ones_like(ids), 0, torch.arange(ids.shape[1]))
    assert torch.allclose(logits[..., :count], expected, atol=1e-5)
    assert hidden.shape == (1, ids.shape[1], 32) and logits.shape[-1] >= reader.words.stop
    assert reader(ids, torch.ones_like(ids), 0, None)[1] is None


def test_rows_go_in_and_come_out_by_the_tables(bases):
    """A tied row is one row: moving it moves what the token sounds like and how likely it is; untied, one of the two."""
    for shape, tied in KINDS[:2]:
        reader = small_task(bases[shape, tied]).module.eval()
        code = reader.words.code + 3
        ids = torch.tensor([[5, 6, code, 7]])

        def read(reader=reader, ids=ids, code=code):
            with torch.no_grad():
                logits = reader(ids, torch.ones_like(ids), 0, torch.tensor([1, 3]))[1]
            return logits[0, 0, code].clone(), logits[0, 1, 5].clone()

        likely, heard = read()
        reader.projectors[-1].outer.bias.data += 0.5  # of the only table, or of the one that words come out by
        likely_now, heard_now = read()
        assert not torch.isclose(likely, likely_now) and torch.isclose(heard, heard_now) == (not tied)
        reader.projectors[0].inner.bias.data += 0.5
        assert not torch.isclose(read()[1], heard)


def test_padding_changes_nothing(bases):
    reader = small_task(bases["qwen2", True]).module.eval()
    ids = torch.tensor([[5, 6, reader.words.first, reader.words.code + 1, reader.words.end]])
    places = torch.arange(5)
    padded = torch.nn.functional.pad(ids, (0, 4), value=1)
    with torch.no_grad():
        hidden, logits = reader(ids, torch.ones_like(ids), 0, places)
        more, its_logits = reader(padded, (torch.arange(9) < 5).long()[None], 0, places)
    assert torch.allclose(more[:, :5], hidden, atol=1e-5) and torch.allclose(its_logits, logits, atol=1e-5)


def test_a_copy_holds_what_learns_alone(bases):
    """Averages and checkpoints are copies; a language model of gigabytes must not be in them."""
    reader = small_task(bases["llama", False]).module
    copy = deepcopy(reader)
    assert [name for name, _ in copy.named_parameters()] == [name for name, _ in reader.named_parameters()]
    assert all(torch.equal(a, b) and a is not b for a, b in zip(copy.parameters(), reader.parameters(), strict=True))
    base = sum(own.numel() for own in reader.host.parameters() if not own.requires_grad)
    assert sum(own.numel() for own in copy.state_dict().values()) < base
    with pytest.raises(UsageError, match="average"):
        _ = copy.host
    for own in copy.parameters():
        own.data.add_(1.0)
    reader.load_state_dict(copy.state_dict())
    learned = dict(reader.host.named_parameters())
    for name, own in copy.adapter.items():
        assert torch.equal(learned[name.replace("/", ".")], own)


def test_in_half_precision_what_learns_is_whole(bases, tmp_path):
    task = small_task(
        bases["qwen2", True], replace(SMALL, dtype="bfloat16", checkpointing=True), replace(LOOP, bf16=True)
    )
    dtypes = {own.requires_grad: own.dtype for own in task.module.host.parameters()}
    assert dtypes == {True: torch.float32, False: torch.bfloat16}
    before = [own.clone() for own in task.module.parameters()]
    train(task, task.loop, tmp_path, "half", lambda line: None)
    assert all(torch.isfinite(own).all() and not torch.equal(own, old)
               for own, old in zip(task.module.parameters(), before, strict=True))  # fmt: skip


def test_layers_computed_again_have_the_same_gradients(bases):
    gradients = []
    for again in (False, True):
        task = small_task(bases["qwen2", True], replace(SMALL, checkpointing=again))
        task.module.train()
        task.loss(task.draw(np.random.default_rng(0)))[0].backward()
        gradients.append({name: own.grad for name, own in task.module.named_parameters()})
    for name, own in gradients[0].items():
        assert torch.allclose(own, gradients[1][name], atol=1e-6), name


@pytest.mark.parametrize("kind", ["product", "residual", "scalar"])
def test_code_features_tell_codes_and_books_apart(kind):
    vectors = np.random.default_rng(0).normal(size=(2, 6, 3)).astype(np.float32)
    codes = Codes(kind, vectors if kind != "scalar" else np.zeros((0, 0, 0)), (3, 2) if kind == "scalar" else (), 2)
    features = code_features(codes)
    assert features.shape == (12, (6 if kind == "product" else 3 if kind == "residual" else 4) + 2)
    assert len(np.unique(features, axis=0)) == 12
    assert (features[:6, -2:] == [1, 0]).all() and (features[6:, -2:] == [0, 1]).all()
    if kind == "product":
        assert not features[:6, 3:6].any() and not features[6:, :3].any()


def test_a_language_model_learns_motion_once(bases):
    base = load_base(bases["qwen2", True])
    MotionReader(base, CODES, SMALL)
    with pytest.raises(UsageError, match="already has tokens of motion"):
        MotionReader(base, CODES, SMALL)


@pytest.mark.parametrize(
    "wrong", [{"rank": 0}, {"alpha": 0}, {"dropout": 1.0}, {"pooler": 10, "heads": 4}, {"dtype": "int8"}, {"soft": 0}]
)
def test_sizes_that_cannot_be(wrong):
    with pytest.raises(UsageError):
        ReaderConfig(**wrong)
