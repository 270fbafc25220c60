"""From moments to the artefact of a language model, and on from there: an artefact is a training's beginning, too."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")

from anywear import Placement
from anywear.errors import ArtefactError
from anywear.nn.language import _Linear, rounded
from anywear.runtime.language import Language
from anywear.train.engine import LoopConfig
from anywear.train.export_language import read_language
from anywear.train.language import ObjectivesConfig
from anywear.train.language_motions import Moment
from anywear.train.language_run import LanguageRunConfig, train_language
from language_doubles import SAID, small_language_model, small_pieces, write_small_language

LOOP = LoopConfig(steps=3, batch=8, warmup=1, ema=0.5, learning_rate=1e-3, threads=1, log_every=1)
SIZES = {"width": 64, "layers": 2, "heads": 2, "hidden": 96, "soft": 3}
CONFIG = LanguageRunConfig(pieces=400, model=SIZES, objectives=ObjectivesConfig(question=0.0), pretrain=LOOP, loop=LOOP)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_small_language(tmp_path_factory.mktemp("language"))


@pytest.fixture(scope="module")
def moments() -> list[Moment]:
    rng = np.random.default_rng(0)
    made = []
    for number in range(12):
        label = ("walking", "waving", "sitting")[number % 3]
        latents = rng.standard_normal((5, 128)).astype(np.float16)
        texts = (label, f"a person is {label}")
        made.append(Moment(latents, ("left_forearm",), "toy", label, label, texts, -1, 2.0, number > 9))
    return made


def test_an_artefact_is_read_back_as_it_was_written(folder):
    """Every weight but the head of ids, which no artefact has: matrices as 4 bits tell them, tables in half precision."""
    written = small_language_model(Language(folder).tokens, small_pieces())
    read = read_language(folder)
    matrices = {f"{name}.weight" for name, own in written.named_modules() if isinstance(own, _Linear)}
    assert len(matrices) == 1 + 6 * 2
    found = read.state_dict()
    for name, own in written.state_dict().items():
        if not name.startswith("motion_out"):
            expected = rounded(own) if name in matrices else own.half().float() if own.ndim != 1 else own
            assert torch.allclose(found[name], expected, atol=1e-3), name
    sequence = torch.randn(2, 5, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.allclose(read(sequence)[0], written(sequence)[0], atol=2e-3)


def test_training_goes_on_from_an_artefact(folder, moments, tmp_path):
    """Words are not learned again; ids of the tokenizer beside it are read; what comes out is a language model."""
    tokens = Language(folder).tokens
    texts = (list(SAID), ["a person is walking"])
    lines: list[str] = []
    about = train_language(CONFIG, moments, texts, tokens, tmp_path, lines.append, start_dir=folder)
    assert not (tmp_path / "words").exists() and "10 moments to train on, 2 held out" in lines
    assert about.tokens == tokens.sha256
    before, after = read_language(folder), read_language(tmp_path / "model")
    first, then = (own.words.weight.detach() for own in (before, after))
    assert 0.0 < float((then - first).abs().mean() / first.abs().mean()) < 0.1
    language = Language(tmp_path / "model", tokens)
    language.verify()
    ids = tokens.encode_latents([moments[0].latents.astype(np.float32)])
    assert language.caption_ids(ids, [[Placement.at("left_wrist")]])[0].text


def test_training_goes_on_from_a_training(folder, moments, tmp_path):
    tokens, texts = Language(folder).tokens, (list(SAID), [])
    train_language(CONFIG, moments, texts, tokens, tmp_path / "first")
    assert (tmp_path / "first" / "words" / "checkpoint.pt").exists()
    second = replace(CONFIG, name="second")
    about = train_language(second, moments, texts, tokens, tmp_path / "second", start_dir=tmp_path / "first")
    assert about.name == "second" and not (tmp_path / "second" / "words").exists()
    with pytest.raises(ArtefactError, match="no earlier training"):
        shutil.rmtree(tmp_path / "first" / "motion")
        train_language(second, moments, texts, tokens, tmp_path / "third", start_dir=tmp_path / "first")


def test_a_damaged_artefact_says_so(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "damaged")
    (tmp_path / "damaged" / "language.onnx").write_bytes(b"nothing")
    with pytest.raises(ArtefactError, match="missing or damaged"):
        read_language(tmp_path / "damaged")
