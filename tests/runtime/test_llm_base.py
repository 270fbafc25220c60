"""Language models of Hugging Face form: found, told apart, given tokens of motion; and refused with a reason."""

from __future__ import annotations

import shutil
import socket
import sys
import time

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("peft", reason="needs the llm extra")

import torch
from huggingface_hub import constants

from anywear.errors import ArtefactError, UsageError
from anywear.runtime import llm_base
from anywear.runtime.llm_base import add_motion, find_base, load_base, motion_words, need_extra
from anywear.runtime.llm_prompt import Prompts, worn_words
from llm_doubles import END, write_base


@pytest.fixture(scope="module")
def base_dir(tmp_path_factory):
    return write_base(tmp_path_factory.mktemp("base") / "llama", "llama", tied=False)


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    """A machine without network, and with one model in the cache of the hub."""
    folder = tmp_path / "hub" / "models--somebody--small-model"
    (folder / "snapshots" / "0").mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("0")
    (folder / "snapshots" / "0" / "config.json").write_text("{}")
    (folder / "blobs").mkdir()

    def refuse(*arguments, **options):
        raise OSError("no network")

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "hub"


def test_tokens_of_motion_come_after_those_of_words(base_dir):
    base = load_base(base_dir)
    count, rows = len(base.tokenizer), base.model.get_input_embeddings().weight.detach().clone()
    assert not base.tied and base.context == 256 and len(rows) > count  # rows to spare, as Qwen has
    words = add_motion(base, (16, 20))
    assert (words.first, words.end, words.code, words.count, words.stop) == (
        count,
        count + 1,
        count + 2,
        38,
        count + 38,
    )
    table = base.model.get_input_embeddings().weight
    assert len(table) == len(base.model.get_output_embeddings().weight) == words.stop
    assert torch.equal(table[:count], rows[:count]) and not table[count:].any()
    assert base.tokenizer.convert_ids_to_tokens([words.first, words.code, words.code + 16]) == [
        "<motion>", "<motion:0:0>", "<motion:1:0>"
    ]  # fmt: skip
    assert motion_words((2, 1))[2:] == ["<motion:0:0>", "<motion:0:1>", "<motion:1:0>"]
    assert words.sentence(np.array([0, 35])) == [words.first, words.code, words.stop - 1, words.end]
    with pytest.raises(UsageError, match="already has tokens of motion"):
        add_motion(base, (16, 20))


def test_a_table_with_room_is_not_made_larger(base_dir):
    base = load_base(base_dir)
    assert add_motion(base, (4, 4)).count == 10 and len(base.model.get_input_embeddings().weight) == 512


def test_models_are_told_apart(base_dir, tmp_path):
    own = load_base(base_dir).sha256
    assert load_base(base_dir).sha256 == load_base(base_dir, "bfloat16").sha256 == own
    assert load_base(write_base(tmp_path / "other", "llama", tied=False, seed=1)).sha256 != own


def test_what_people_write_is_never_a_mark(base_dir):
    base = load_base(base_dir)
    words = add_motion(base, (4,))
    prompts = Prompts(base.tokenizer, words)
    for text in (f"is it {END} or <motion:0:1>?", "<motion></motion>", "a\nb   <s> c"):
        shown = prompts.shown(["pelvis"], np.array([2]), text)
        marks = [own for own in shown.ids if own >= words.first or own in base.tokenizer.all_special_ids]
        assert marks == [base.tokenizer.bos_token_id, words.first, words.code + 2, words.end]
        first, last = shown.motion
        assert shown.ids[first : last + 1] == [words.first, words.code + 2, words.end]
        assert prompts.answer(text).count(prompts.end) == 1 and prompts.sentence(text)[0] == base.tokenizer.bos_token_id
        assert prompts.text(prompts.answer(text)) == " ".join(text.split())
    for text in ("", "  ", "x" * 1001):
        with pytest.raises(UsageError, match="empty or too long"):
            prompts.answer(text)


def test_places_are_said_in_words():
    assert worn_words(["left_forearm"]) == "A person wears a sensor on the left forearm."
    assert worn_words(["left_forearm", "right_thigh", "left_forearm"]) == (
        "A person wears 3 sensors on the left forearm and the right thigh."
    )
    assert worn_words([None]) == worn_words([None]) == "A person wears a sensor somewhere on the body."
    assert worn_words(["head", None]) == "A person wears 2 sensors on the head and somewhere on the body."
    with pytest.raises(Exception, match="segment"):
        worn_words(["tail"])


def test_folders_that_are_no_model(base_dir, tmp_path):
    with pytest.raises(ArtefactError, match="no language model in this folder"):
        find_base(tmp_path)
    broken = shutil.copytree(base_dir, tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ArtefactError, match="no causal language model that can be read"):
        load_base(broken)
    (broken / "config.json").write_text('{"model_type": "nobody-knows"}')
    with pytest.raises(ArtefactError, match="no causal language model that can be read"):
        load_base(broken)
    with pytest.raises(UsageError, match="number format"):
        load_base(base_dir, "int8")


def test_without_network_a_name_is_refused_at_once(no_network):
    began = time.monotonic()
    with pytest.raises(UsageError) as caught:
        find_base("Nobody/has-this-model")
    assert time.monotonic() - began < 10
    told = str(caught.value)
    assert "hf download Nobody/has-this-model --local-dir FOLDER" in told and "cannot be reached" in told
    assert "somebody/small-model" in told  # what there is
    with pytest.raises(UsageError, match="There is no language model") as caught:
        find_base("./models/missing")
    assert "somebody/small-model" in str(caught.value)


def test_a_model_of_the_cache_needs_no_network(no_network):
    assert find_base("somebody/small-model") == no_network / "models--somebody--small-model" / "snapshots" / "0"


def test_a_hub_that_never_answers_is_not_waited_for(no_network, monkeypatch):
    monkeypatch.setattr(llm_base, "PATIENCE_S", 0.3)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: time.sleep(5.0))
    began = time.monotonic()
    with pytest.raises(UsageError, match="cannot be reached"):
        find_base("Nobody/has-this-model")
    assert time.monotonic() - began < 4


def test_a_name_that_the_hub_does_not_know(no_network, monkeypatch):
    from huggingface_hub import HfApi
    from huggingface_hub.errors import RepositoryNotFoundError

    def unknown(*arguments, **options):
        raise RepositoryNotFoundError.__new__(RepositoryNotFoundError)  # without the answer it would tell of

    monkeypatch.setattr(HfApi, "model_info", unknown)
    with pytest.raises(UsageError, match="hub has no language model 'Nobody/has-this-model'"):
        find_base("Nobody/has-this-model")


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    monkeypatch.setattr(llm_base, "find_spec", lambda name: None if name == "peft" else object())
    with pytest.raises(UsageError, match="need peft") as caught:
        need_extra()
    assert 'pip install "anywear[llm]"' in str(caught.value)
