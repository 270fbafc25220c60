"""A large language model that reads motion: taught, written, loaded, asked; and refused where it would be made up."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("peft", reason="needs the llm extra")

import anywear
from anywear import Placement
from anywear.errors import ArtefactError, UsageError
from anywear.runtime import llm_decoding
from anywear.runtime.language import NO_MOTION
from anywear.runtime.language.telling import PARTS, UnspokenWords
from anywear.runtime.llm import MotionLLM, load_llm
from anywear.runtime.llm_base import load_base
from anywear.runtime.llm_prompt import CAPTION_ASKED, CHOICE_ASKED
from anywear.runtime.model import Model
from anywear.runtime.tokens import MotionTokens
from anywear.signal import Window
from anywear.train.language_motions import Moment
from anywear.train.llm_model import MotionReader
from anywear.train.llm_run import LlmRunConfig, teach
from anywear.train.llm_task import ReadingConfig
from language_doubles import write_small_tokens
from llm_doubles import LOOP, SMALL, write_base
from model_doubles import recorded

ACTS = {
    "waving": ("waving", "a person waves with the left hand"),
    "walking_forward": ("walking", "a person walks forward on both feet"),
    "lying_on_back": ("lying", "somebody lies on the back"),
}
SITES = ("left_wrist", "chest")
PARTS_SAID = {word for part in PARTS.values() for word in (*part.words, *part.plural)}


def _windows(tokens: MotionTokens, program: str, seed: int) -> tuple[list[Window], list[Placement]]:
    recording = recorded(program, seed, SITES)
    return Model(tokens.folder).windows_of(recording, 2.0, 1.0)[0], [own.placement for own in recording.streams]


@pytest.fixture(scope="module")
def taught(tmp_path_factory) -> SimpleNamespace:
    """An adapter for an untied model, what it was taught on, and the reader it was written from."""
    root: Path = tmp_path_factory.mktemp("llm")
    tokens, base = write_small_tokens(root / "model"), load_base(write_base(root / "base", "llama", tied=False))
    moments: list[Moment] = []
    for program, texts in ACTS.items():
        for seed in (1, 2):
            found, placements = _windows(tokens, program, seed)
            segments = tuple(own.segment for own in placements)
            for own in tokens.latents(found, placements):
                moments.append(
                    Moment(own.astype(np.float16), segments, "acts", texts[0], texts[0], texts, -1, 2.0, seed == 2)
                )
    loop = replace(LOOP, steps=80, batch=8, learning_rate=1e-2, ema=0.9)
    reading = ReadingConfig(caption=0.4, choice=0.6, question=0.0, listed=0.0)
    config = LlmRunConfig(name="small", reader=SMALL, reading=reading, loop=loop, first=2, judged=6)
    about = teach(config, base, moments, tokens, root / "out", lambda line: None)
    return SimpleNamespace(root=root, adapter=root / "out" / "adapter", base=root / "base", tokens=tokens, about=about)


@pytest.fixture(scope="module")
def model(taught) -> MotionLLM:
    return anywear.load(llm=taught.adapter)


@pytest.fixture(scope="module")
def asked(taught) -> tuple[list[Window], list[Placement]]:
    """Windows of a walk that was not learned from, and one of a wave."""
    walk, placements = _windows(taught.tokens, "walking_forward", 3)
    return [*walk[:3], _windows(taught.tokens, "waving", 3)[0][1]], placements


def _right(taught, model, seed: int) -> tuple[float, float]:
    """Share of windows of a seed whose act is the one chosen, and the one nearest by vectors."""
    labels = [texts[0] for texts in ACTS.values()]
    texts, chosen, near = model.encode_texts(labels), [], []
    for number, program in enumerate(ACTS):
        found, placements = _windows(taught.tokens, program, seed)
        log_probs, vectors = model.choose(found, placements, labels), model.embed(found, placements)
        assert np.allclose(np.exp(log_probs).sum(axis=1), 1.0)
        assert vectors.shape == (len(found), 16) and np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
        chosen += list(log_probs.argmax(axis=1) == number)
        near += list((vectors @ texts.T).argmax(axis=1) == number)
    return float(np.mean(chosen)), float(np.mean(near))


def test_it_says_what_was_done(taught, model):
    """By chance a third; tokens are of a tokenizer that nobody trained, so motion not learned from is told less well."""
    (chosen, near), (chosen_new, near_new) = _right(taught, model, 1), _right(taught, model, 3)
    assert near > 0.9 and near_new > 0.5 and min(chosen, chosen_new) > 0.5
    fitted = taught.about.card["choices"]
    assert (
        fitted["held_out"]
        and fitted["moments"] == 6
        and fitted["right"] > fitted["chance"] == pytest.approx(1 / 3, abs=1e-3)
    )
    assert (model.about.prior, model.about.scale) == (fitted["prior"], fitted["scale"])


def test_what_is_loaded_is_what_was_taught(taught, model, asked):
    """Merged rows and changes give the logits of the module in training, with its own way to keep them."""
    base = load_base(taught.base)
    reader = MotionReader(base, taught.tokens.codes, SMALL).eval()
    reader.load_state_dict(torch.load(taught.root / "out" / "reading" / "checkpoint.pt")["average"])
    found, placements = asked
    [shown] = model._shown(found[:1], placements, CAPTION_ASKED)
    ids = torch.tensor([shown.ids])
    with torch.inference_mode():
        hidden, expected = reader(ids, torch.ones_like(ids), 0, torch.arange(ids.shape[1]))
        got = model.decoder.model(inputs_embeds=model.decoder._vectors(ids, 0)).logits[:, 3:]
        wanted = torch.zeros_like(ids, dtype=torch.bool)
        wanted[:, shown.motion[0] : shown.motion[1] + 1] = True
        vectors = reader.pooler(hidden, wanted).numpy()
    assert torch.allclose(got, expected, atol=1e-4)
    assert np.allclose(model.embed(found[:1], placements), vectors, atol=1e-5)


def test_a_caption_is_the_likeliest_word_after_word(model, asked):
    """Without cache and one at a time: the whole sequence again for every token."""
    found, placements = asked
    said = model.caption(found, placements)
    [shown] = model._shown(found[:1], placements, CAPTION_ASKED)
    ids, decoder = list(shown.ids), model.decoder
    total, place = 0.0, 0
    with torch.inference_mode():
        for place in range(llm_decoding.MOST_TOKENS):
            logits = (
                decoder.model(inputs_embeds=decoder._vectors(torch.tensor([ids]), 0)).logits[0, -1].log_softmax(dim=-1)
            )
            allowed = logits.clone()
            allowed[decoder.words.first :] = -torch.inf
            if place == 0:
                allowed[decoder.prompts.end] = -torch.inf
            ids.append(int(allowed.argmax()))
            total += float(logits[ids[-1]])
            if ids[-1] == decoder.prompts.end:
                break
    assert said[0].text == decoder.prompts.text(ids[len(shown.ids) :]) != ""
    assert said[0].log_prob == pytest.approx(total / (place + 1), abs=1e-4)
    [alone] = model.caption(found[3:], placements)
    assert alone.text == said[3].text and alone.log_prob == pytest.approx(said[3].log_prob, abs=1e-4)


def test_how_likely_answers_are_does_not_depend_on_their_company(model, asked):
    found, placements = asked
    [shown] = model._shown(found[:1], placements, CHOICE_ASKED)
    answers = [
        model.decoder.prompts.answer(text) for text in ("walking", "a person walks forward on both feet", "lying")
    ]
    together = model.decoder.likely(shown, answers)
    for own, expected in zip(answers, together, strict=True):
        ids = torch.tensor([[*shown.ids, *own]])
        with torch.inference_mode():
            log_probs = model.decoder.model(inputs_embeds=model.decoder._vectors(ids, 0)).logits[0].log_softmax(dim=-1)
        places = torch.arange(ids.shape[1] - len(own), ids.shape[1])
        assert float(log_probs[places + 2, ids[0, places]].mean()) == pytest.approx(expected, abs=1e-4)
    backwards = model.decoder.likely(shown, answers[::-1])
    assert np.allclose(backwards[::-1], together, atol=1e-5)


def test_a_recording_is_cut_into_windows(taught, model):
    recording = recorded("waving", 4, SITES)
    said = model.caption(recording)
    whole_s, window_s = recording.streams[0].duration_s, taught.tokens.model.config.window_s
    assert len(said) == pytest.approx(whole_s / window_s, abs=1.0) and all(own.text for own in said)
    assert model.choose(recording, labels=["waving", "walking"]).shape == (len(said), 2)
    assert isinstance(model.answer(recording, question="what is the person doing?"), str)
    assert model.embed(recording).shape == (len(said), 16)


def test_motion_hidden_is_what_is_likely_anyway(model, asked):
    found, placements = asked
    texts = {own.text for own in model.caption(found, placements, motion=False)}
    assert len(texts) == 1


def test_cautious_words_are_left_out(taught, model, asked):
    """The likeliest word is put where it must not be said; a sensor near enough lets it."""
    found, placements = asked
    decoder = model.decoder
    [shown] = model._shown(found[3:], placements, CAPTION_ASKED)
    free = decoder.greedy([shown], [None])[0]
    far, near = UnspokenWords(["right_foot"]), UnspokenWords(["left_forearm", "left_hand", "right_hand", "left_foot"])
    for text in ("a person waves with the left hand", "the chest", "she stamps"):
        ids = decoder._tokenizer(f" {text}", add_special_tokens=False).input_ids
        for place in range(1, len(ids)):
            wish = torch.full((decoder.words.stop,), -5.0)
            wish[ids[place]] = 0.0
            words = re.findall("[a-z]+", decoder._tokenizer.decode(ids[: place + 1]))
            left_out: dict[str, None] = {}
            chosen = decoder._spoken(wish, ids[:place], far, left_out)
            assert (chosen != ids[place]) == (words[-1] in PARTS_SAID) == bool(left_out)
            if text != "the chest":
                assert decoder._spoken(wish, ids[:place], near, {}) == ids[place]
    said = decoder.greedy([shown], [far])[0]
    assert not PARTS_SAID & set(re.findall("[a-z]+", said.text))
    assert (said.text == free.text) == (not said.left_out)
    told = model.caption(found[3:], [Placement.at("right_ankle"), Placement.at("right_ankle")], cautious=True)[0]
    assert not PARTS_SAID - {"foot", "ankle", "leg", "shin", "heel", "toe", "knee"} & set(
        re.findall("[a-z]+", told.text)
    )


def _resting(seconds: float = 3.0) -> Window:
    acc = np.tile([0.0, 0.0, 9.81], (round(25 * seconds), 1))
    return Window(0, (0,), (acc,), (np.zeros_like(acc),), (50.0,))


def test_a_still_device_is_no_story(model, asked):
    found, placements = asked
    [said] = model.caption([_resting()], placements)
    assert (said.text, said.log_prob) == (NO_MOTION, 0.0)
    assert model.answer([_resting()], placements, "how often does the person jump?") == NO_MOTION
    mixed = model.caption([_resting(), found[0]], placements)
    assert mixed[0].text == NO_MOTION and mixed[1].text == model.caption(found[:1], placements)[0].text


def test_what_cannot_be_asked_says_so(model, asked):
    found, placements = asked
    with pytest.raises(UsageError, match="too short for the language model"):
        model.caption([_resting(0.5)], placements)
    with pytest.raises(UsageError, match="where their sensors are worn"):
        model.embed(found)
    with pytest.raises(UsageError, match="empty or too long"):
        model.answer(found, placements, "  ")
    with pytest.raises(UsageError, match="no window to ask about"):
        model.answer([], placements, "what?")
    with pytest.raises(UsageError):
        model.choose(found, placements, [])
    assert model.caption([], placements) == [] and model.choose([], placements, ["a", "b"]).shape == (0, 2)


def test_adapters_that_do_not_fit(taught, tmp_path):
    with pytest.raises(ArtefactError, match="no language model that reads motion here"):
        load_llm(tmp_path)
    other = shutil.copytree(taught.adapter, tmp_path / "adapter")
    with pytest.raises(ArtefactError, match="tokens of another tokenizer"):
        load_llm(other, tokens=write_small_tokens(tmp_path / "model", seed=1))
    with pytest.raises(ArtefactError, match="of another language model"):
        _ = load_llm(other, base=write_base(tmp_path / "base", "llama", tied=False, seed=1)).decoder
    about = json.loads((other / "llm.json").read_text())
    for change, message in (({"format_version": 9}, "another version"), ({"sizes": None}, "damaged")):
        (other / "llm.json").write_text(json.dumps({**about, **change}))
        with pytest.raises(ArtefactError, match=message):
            load_llm(other)
    (other / "llm.json").write_text(json.dumps({**about, "base": str(tmp_path / "moved")}))
    with pytest.raises(UsageError, match="no language model"):
        _ = load_llm(other).decoder
    (other / "motion.safetensors").write_bytes(b"nothing")
    with pytest.raises(ArtefactError, match="missing or damaged"):
        load_llm(other)
    with pytest.raises(UsageError, match="One model"):
        anywear.load("model", llm=other)  # type: ignore[call-overload]
