"""Texts of a training: a tower whose last layers learn starts as the frozen one, learns only there, and is exported whole."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")
transformers = pytest.importorskip("transformers", reason="needs the llm extra")

from tokenizers import Tokenizer, models, pre_tokenizers, processors

from anywear.errors import ArtefactError, UsageError
from anywear.nn.encoder import EncoderConfig
from anywear.placement import Placement
from anywear.runtime.text import TextTower
from anywear.runtime.textspace import TextSpace
from anywear.train.align import AlignConfig, AlignTask
from anywear.train.corpus import Take
from anywear.train.engine import LoopConfig
from anywear.train.sampler import AugmentConfig
from anywear.train.text_tower import load_encoder, write_text_tower
from anywear.train.texts import FrozenTexts, KeptTower, TunedTexts

WORDS = ("a", "person", "walks", "runs", "up", "down", "the", "stairs", "slowly", "waving", "left", "right")
TEXTS = (
    "a person walks",
    "waving left",
    "a person runs up the stairs slowly",
    "waving",
    "a person walks down the stairs",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A BERT of three small layers with weights drawn at random, in the form that hubs use."""
    path = tmp_path_factory.mktemp("tower")
    vocabulary = {name: number for number, name in enumerate(("[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(path)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=32, initializer_range=0.3,
    )  # fmt: skip
    transformers.BertModel(config).save_pretrained(path)
    return path


@pytest.fixture
def space():
    rng = np.random.default_rng(0)
    return TextSpace(0.1 * rng.normal(size=32).astype(np.float32), rng.normal(size=(32, 16)).astype(np.float32))


def _exact(folder, space, texts):
    encoder = load_encoder(folder)
    ids, mask = encoder.tokens(texts)
    with torch.no_grad():
        hidden = encoder.bert(input_ids=ids, attention_mask=mask).last_hidden_state
    mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    return space.apply(torch.nn.functional.normalize(mean, dim=-1).numpy())


@pytest.mark.parametrize("count", [1, 3])
def test_it_starts_as_the_tower_it_comes_from(folder, space, count):
    texts = TunedTexts(TEXTS, load_encoder(folder), count, space)
    asked = [3, 0, 0, 4, 2, 1]
    got = texts.vectors(torch.tensor(asked)).detach().numpy()
    np.testing.assert_allclose(got, _exact(folder, space, [TEXTS[n] for n in asked]), atol=4e-3)


def test_frozen_and_tuned_number_texts_alike(folder, space, tmp_path):
    write_text_tower(load_encoder(folder), tmp_path)
    frozen = FrozenTexts((*TEXTS, TEXTS[0]), TextTower(tmp_path), space)
    tuned = TunedTexts((*TEXTS, TEXTS[0]), load_encoder(folder), 1, space)
    assert frozen.numbers == tuned.numbers == {text: number for number, text in enumerate(TEXTS)}
    every = torch.arange(len(TEXTS))
    cosines = (frozen.vectors(every) * tuned.vectors(every)).sum(dim=1)
    assert cosines.min() > 0.98  # int8 against float32


def test_kept_vectors_are_those_of_the_tower(folder, tmp_path, monkeypatch):
    write_text_tower(load_encoder(folder), tmp_path / "tower")
    expected = TextTower(tmp_path / "tower").encode(TEXTS)
    first = KeptTower(tmp_path / "tower", tmp_path / "cache")
    np.testing.assert_allclose(first.encode(TEXTS[:3]), expected[:3], atol=1e-6)
    second = KeptTower(tmp_path / "tower", tmp_path / "cache")
    asked = []
    monkeypatch.setattr(TextTower, "encode", lambda self, texts, batch=64: asked.append(texts) or expected[3:4])
    np.testing.assert_allclose(second.encode([TEXTS[1], TEXTS[3], TEXTS[1]]), expected[[1, 3, 1]], atol=1e-6)
    assert asked == [[TEXTS[3]]]
    [kept] = (tmp_path / "cache").iterdir()
    kept.write_bytes(b"broken")
    assert not KeptTower(tmp_path / "tower", tmp_path / "cache")._kept


def test_what_is_learned_is_what_is_exported(folder, space, tmp_path):
    texts = TunedTexts(TEXTS, load_encoder(folder), 1, space)
    before = _exact(folder, space, list(TEXTS))
    optimizer = torch.optim.SGD(texts.layers.parameters(), lr=0.5)
    for _ in range(20):
        vectors = texts.vectors(torch.tensor([0, 1]))
        loss = (vectors[0] * vectors[1]).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    learned = texts.vectors(torch.arange(len(TEXTS))).detach().numpy()
    assert learned[0] @ learned[1] < before[0] @ before[1] - 0.2
    texts.export(texts.layers, tmp_path)
    exported = space.apply(TextTower(tmp_path).encode(TEXTS))
    assert (exported * learned).sum(axis=1).min() > 0.98
    assert (exported * before).sum(axis=1).min() < 0.95
    # The encoder it came from is as it was.
    np.testing.assert_array_equal(_exact(folder, space, list(TEXTS)), before)


def test_layers_that_are_not_there(folder, space):
    for count in (0, 4):
        with pytest.raises(UsageError, match="layers"):
            TunedTexts(TEXTS, load_encoder(folder), count, space)


def test_an_encoder_that_is_not_there(tmp_path):
    with pytest.raises(ArtefactError, match="cannot be loaded"):
        load_encoder(tmp_path)


def test_a_training_may_tune_them(folder, tmp_path):
    """Motion and the last layer of the text tower learn together; what lies below it does not change."""
    write_text_tower(load_encoder(folder), tmp_path)
    time = np.arange(100) / 25.0
    values = np.zeros((1, 100, 6), dtype=np.float32)
    values[..., 2] = 9.81 + np.sin(2 * np.pi * 2.0 * time)
    take = Take(
        "own", "s01", (Placement.at("waist"),), values, np.ones(1, dtype=bool),
        ((0, 50, "walks"), (50, 100, "waving")), ("a person walks up the stairs",),
    )  # fmt: skip
    config = AlignConfig(
        {"own": 1.0}, sentence_weight=1.0, text_layers=1, text_source=str(folder),
        encoder=EncoderConfig(width=16, depth=1, heads=2, out=32), augment=AugmentConfig(window_s=(1.0,), stream_counts=(1,)),
        loop=LoopConfig(steps=1, batch=8),
    )  # fmt: skip
    task = AlignTask(config, [take], TextTower(tmp_path), list(TEXTS))
    # The sentence's contrary is a text as well.
    assert "a person walks down the stairs" in task.texts.numbers
    loss, figures = task.loss(task.draw(np.random.default_rng(0)))
    loss.backward()
    assert figures["sentences"] > 0
    learning = dict(task.module.named_parameters())
    tuned = [name for name in learning if name.startswith("text.")]
    assert len(tuned) > 8 and all(name.startswith("text.0.") for name in tuned) and task.rate_shares["text."] < 1
    assert all(
        learning[name].grad is not None and learning[name].grad.abs().max() > 0
        for name in tuned
        if "key.bias" not in name
    )
