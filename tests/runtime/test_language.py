"""Words from motion on a small model: the same in every way they can be had, refused where they would be made up."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from anywear import Placement
from anywear.errors import ArtefactError, UsageError
from anywear.runtime.language import NO_MOTION, Language, is_still
from anywear.runtime.language.decoding import Drafting, Ending
from anywear.runtime.language.model import MOST_PIECES
from anywear.runtime.language.stillness import is_lifeless
from anywear.runtime.language.telling import PARTS
from anywear.runtime.model import Model
from anywear.signal import Window
from language_doubles import SAID, small_language_model, small_pieces, write_small_language, write_small_tokens
from model_doubles import recorded

BODY_WORDS = {word for part in PARTS.values() for word in (*part.words, *part.plural)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_small_language(tmp_path_factory.mktemp("language") / "model")


@pytest.fixture(scope="module")
def language(folder) -> Language:
    return Language(folder)


@pytest.fixture(scope="module")
def moving(folder) -> tuple[list[Window], list[Placement]]:
    recording = recorded("waving", 3, ("left_wrist", "chest"))
    found, _ = Model(folder).windows_of(recording, 4.0, 2.0)
    return found, [stream.placement for stream in recording.streams]


def _resting(noise_mps2: float, noise_radps: float, seconds: float = 5.0) -> Window:
    rng = np.random.default_rng(0)
    acc = np.array([0.0, 0.0, 9.81]) + noise_mps2 * rng.standard_normal((round(25 * seconds), 3))
    return Window(0, (0,), (acc,), (0.02 + noise_radps * rng.standard_normal(acc.shape),), (50.0,))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text))


def test_files_are_whole_and_small(language):
    language.verify()
    assert set(language.about.files) == {"language.onnx", "language.npz", "language-pieces.json"}


def test_windows_one_by_one_and_together_say_the_same(language, moving):
    found, placements = moving
    together = language.caption(found, placements)
    assert len(together) == len(found) > 1
    for window, own in zip(found, together, strict=True):
        [alone] = language.caption([window], placements)
        assert alone.text == own.text and alone.log_prob == pytest.approx(own.log_prob, abs=1e-4)


def test_greedy_is_what_the_module_finds_word_by_word(folder, language, moving):
    """No cache, no graph, no 4 bits of the runtime: the module over the whole sequence again for each word."""
    found, placements = moving
    torch.manual_seed(0)
    model = small_language_model(language.tokens, small_pieces()).eval()
    [ids] = language.tokens.encode_windows(found[:1], placements)
    pieces, said = language.pieces, []
    prefix = torch.from_numpy(language._prefix(ids, placements, (pieces.caption,)))[None]
    with torch.no_grad():
        table = model.words.seen()
        for place in range(MOST_PIECES):
            words = table[torch.tensor(said, dtype=torch.long)][None]
            logits = model.word_logits(model(torch.cat([prefix, words], dim=1))[0][0, -1])
            logits[pieces.count :] = -torch.inf if place == 0 else logits[pieces.count :]
            logits[pieces.end + 1 :] = -torch.inf
            best = int(logits.argmax())
            if best == pieces.end:
                break
            said.append(best)
    assert language.caption(found[:1], placements)[0].text == pieces.decode(said).strip()


def test_motion_and_places_matter(language, moving):
    found, placements = moving
    said = language.caption(found, placements)
    assert said != language.caption(found, placements, motion=False)
    elsewhere = [Placement.at("right_ankle"), Placement.at("left_ear")]
    assert said != language.caption(found, elsewhere)


def test_guidance_takes_the_side_of_motion(folder):
    """What is said is likelier by motion than without it; no guidance is plain greedy decoding."""
    language, placements = Language(folder), [Placement.at("left_wrist")]
    ids = [np.random.default_rng(seed).integers(16, size=(12, 2)) for seed in range(12)]

    def gained(guidance: float) -> float:
        language.about = replace(language.about, guidance=guidance)
        captions = language.caption_ids(ids, [placements] * len(ids))
        told = [
            language.likely_ids(own, placements, [caption.text])[0]
            - language.likely_ids(own[:0], placements, [caption.text])[0]
            for own, caption in zip(ids, captions, strict=True)
        ]
        return float(np.mean(told))

    plain = language.caption_ids(ids, [placements] * len(ids))
    assert gained(2.0) > gained(0.0)
    language.about = replace(language.about, guidance=0.0)
    assert language.caption_ids(ids, [placements] * len(ids)) == plain


def _drafting(folder: Path, drafting: Drafting) -> Language:
    language = Language(folder)
    language.about = replace(language.about, drafts=drafting)
    return language


def test_of_drafts_and_wordings_the_one_that_scores_best_is_said(folder, moving):
    """Every draft scored from public parts: cosine, likelihood, and what it shares with the rest, the better before all."""
    placements = moving[1]
    found = [window for window in moving[0] if not is_still(window)]
    language = _drafting(folder, Drafting(5, temperature=2.0, wordings=3, fluency=0.4, agreement=0.3, spread=0.2))
    model, how = Model(folder), language.about.drafts
    assert how is not None
    captions = language.caption(found, placements)
    assert [own.text for own in captions] == [language.caption([own], placements)[0].text for own in found]
    names, vectors = model.wordings
    for window, said in zip(found, captions, strict=True):
        [ids] = language.tokens.encode_windows([window], placements)
        towards = 0.5 * (language.embed([window], placements)[0] + model.encode_windows([window], placements)[0])
        ending = Ending(language.pieces.end, MOST_PIECES, language.pieces.count)
        prefix, blind = (language._prefix(own, placements, (language.pieces.caption,)) for own in (ids, ids[:0]))
        drafts = language._decoder.drafts(prefix, ending, how, blind)
        assert 1 < len(drafts) <= how.count and len(set(drafts)) == len(drafts)
        assert language.pieces.decode(list(drafts[0])).strip() == Language(folder).caption([window], placements)[0].text
        doing = [number for number, name in enumerate(names) if name.split()[0].endswith("ing")]
        near = sorted(doing, key=lambda number: -float(vectors[number] @ towards))[: how.wordings]
        texts = [language.pieces.decode(list(own)).strip() for own in drafts] + [names[number] for number in near]
        texts = [
            f"a person is {own}" if re.match(r"\w+ing\b", own) else own for own in texts if own and "\ufffd" not in own
        ]
        likely, vectors_of = language.likely_ids(ids, placements, texts), model.encode_texts(texts)
        own = [float(vector @ towards + 0.4 * log_prob) for vector, log_prob in zip(vectors_of, likely, strict=True)]
        says = [np.exp(one / 0.2) / sum(np.exp(other / 0.2) for other in own) for one in own]
        shared = [sum(s * float(a @ b) for s, b in zip(says, vectors_of, strict=True)) for a in vectors_of]
        score = [0.7 * one + 0.3 * other for one, other in zip(own, shared, strict=True)]
        assert said.text == texts[int(np.argmax(score))]
        assert said.log_prob == pytest.approx(likely[int(np.argmax(score))], abs=1e-4)


def test_cautious_drafts_say_no_word_of_what_they_cannot_tell(folder, monkeypatch):
    language = _drafting(folder, Drafting(wordings=1, fluency=20.0, agreement=0.0))
    drafts = [tuple(language.pieces.encode(text)) for text in set(SAID)]
    monkeypatch.setattr(language._decoder, "drafts", lambda *_: drafts)
    ids = list(np.random.default_rng(0).integers(0, 16, (12, 10, 2)))
    nowhere = [[Placement.unknown()]] * len(ids)
    free, careful = language.caption_ids(ids, nowhere), language.caption_ids(ids, nowhere, cautious=True)
    assert any(BODY_WORDS & _words(own.text) for own in free)
    assert not any(BODY_WORDS & _words(own.text) for own in careful)
    for own, other in zip(careful, free, strict=True):
        assert set(own.cautious_left_out) == BODY_WORDS & _words(other.text)


def test_how_captions_are_drafted_is_kept_and_checked(folder, tmp_path):
    other = tmp_path / "model"
    shutil.copytree(folder, other)
    about = json.loads((other / "language.json").read_text()) | {"drafts": {"count": 3}}
    (other / "language.json").write_text(json.dumps(about))
    language = Language(other)
    assert language.about.drafts == Drafting(count=3)
    language.about.save(other / "language.json")
    assert Language(other).about == language.about
    (other / "language.json").write_text(json.dumps(about | {"drafts": {"count": 0}}))
    with pytest.raises(ArtefactError, match="damaged"):
        Language(other)


def test_without_motion_every_window_is_the_same(language, moving):
    found, placements = moving
    assert len({own.text for own in language.caption(found, placements, motion=False)}) == 1


def test_cautious_says_no_word_of_what_it_cannot_tell(language):
    ids = list(np.random.default_rng(0).integers(0, 16, (40, 10, 2)))
    nowhere = [[Placement.unknown()]] * len(ids)
    free, careful = language.caption_ids(ids, nowhere), language.caption_ids(ids, nowhere, cautious=True)
    assert any(BODY_WORDS & _words(own.text) for own in free)
    assert not any(BODY_WORDS & _words(own.text) for own in careful)
    assert any(own.cautious_left_out for own in careful)
    for own, other in zip(careful, free, strict=True):
        assert other.cautious_left_out == () and set(own.cautious_left_out) <= BODY_WORDS
        assert bool(own.cautious_left_out) == (own.text != other.text)


def test_a_choice_is_likelihood_less_what_is_likely_anyway(language, moving):
    found, placements = moving
    labels = ["walking", "a person sits down on a chair", "running"]
    made = language.choose(found, placements, labels)
    assert np.allclose(np.exp(made).sum(axis=1), 1.0)
    pieces = language.pieces
    texts = [[*pieces.encode(label), pieces.end] for label in labels]
    for row, ids in zip(made, language.tokens.encode_windows(found, placements), strict=True):
        score = []
        for text in texts:
            told = [
                language._decoder.likely(language._prefix(own, placements, (pieces.choose,)), [text])[0]
                for own in (ids, ids[:0])
            ]
            score.append(told[0] - told[1])
        assert np.allclose(row, score - np.log(np.exp(score).sum()), atol=1e-4)


def test_likelihoods_of_many_texts_are_those_of_each(language, moving):
    found, placements = moving
    [ids] = language.tokens.encode_windows(found[:1], placements)
    captions = ["running", "a person walks forward", "standing still", "a person shakes the head and sits down"]
    together = language.likely_ids(ids, placements, captions)
    assert np.allclose(together, [language.likely_ids(ids, placements, [own])[0] for own in captions], atol=1e-4)


def test_answers_and_embeddings(language, moving):
    found, placements = moving
    assert language.answer(found, placements, "which hand?")
    made = language.embed(found, placements)
    assert made.shape == (len(found), 384) and np.allclose(np.linalg.norm(made, axis=1), 1.0, atol=1e-5)
    assert np.allclose(made[:1], language.embed(found[:1], placements), atol=1e-4)


@pytest.mark.parametrize("noise", [(0.0, 0.0), (0.008, 0.001), (0.015, 0.004)])
def test_a_device_on_a_table_has_no_story(language, noise):
    window = _resting(*noise)
    assert is_still(window) and is_lifeless(window)
    [said] = language.caption([window], [Placement.at("left_wrist")])
    assert said.text == NO_MOTION and said.log_prob == 0.0
    assert language.answer([window], [Placement.at("left_wrist")], "which hand?") == NO_MOTION


def test_a_sensor_that_moves_is_not_still():
    window = _resting(0.01, 0.002)
    acc, gyr = window.acc_mps2[0], window.gyr_radps[0]
    assert gyr is not None
    swung = acc + np.sin(np.arange(len(acc)) / 4.0)[:, None]
    assert not is_still(replace(window, acc_mps2=(swung,)))
    assert not is_still(replace(window, gyr_radps=(gyr + np.sin(np.arange(len(gyr)) / 4.0)[:, None],)))
    assert is_still(replace(window, gyr_radps=(None,)))


@pytest.mark.parametrize("program", ["walking_forward", "squats", "waving"])
def test_motions_are_not_still(program):
    recording = recorded(program, 1, ("left_wrist", "waist"))
    found, _ = Model().windows_of(recording, 5.0, 5.0)
    assert not any(is_still(window) for window in found)


def test_nothing_to_say_of_nothing(language):
    assert language.caption([], []) == []
    assert language.choose([], [], ["a", "b"]).shape == (0, 2)
    assert language.embed([], []).shape == (0, 384)
    with pytest.raises(UsageError, match="no window"):
        language.answer([], [], "which hand?")


def test_half_a_second_is_too_short(language):
    short = _resting(1.0, 1.0, seconds=0.5)
    for ask in (
        lambda: language.caption([short], [Placement.unknown()]),
        lambda: language.choose([short], [Placement.unknown()], ["a", "b"]),
        lambda: language.embed([short], [Placement.unknown()]),
        lambda: language.answer([short], [Placement.unknown()], "which hand?"),
    ):
        with pytest.raises(UsageError, match="too short"):
            ask()


def test_questions_need_words(language, moving):
    with pytest.raises(UsageError, match="empty or too long"):
        language.answer(*moving, " . ")
    with pytest.raises(UsageError, match="empty or too long"):
        language.answer(*moving, "why " * 500)


def test_a_place_never_seen_is_read_as_anywhere(folder, tmp_path, moving):
    other = tmp_path / "model"
    shutil.copytree(folder, other)
    about = json.loads((other / "language.json").read_text())
    about["places"] = ["chest"]  # the others' rows are as if they had not been learned
    (other / "language.json").write_text(json.dumps(about))
    found, placements = moving
    language = Language(other)
    assert len(language.notes(placements)) == 1 and "left_wrist" in language.notes(placements)[0]
    [ids] = language.tokens.encode_windows(found[:1], placements)
    assert np.array_equal(
        language._prefix(ids, placements, ()), language._prefix(ids, [Placement.unknown(), placements[1]], ())
    )


def test_tokens_of_another_tokenizer_are_refused(folder, tmp_path):
    other = write_small_tokens(tmp_path / "other", seed=5)
    with pytest.raises(ArtefactError, match="another tokenizer"):
        Language(folder, other)


@pytest.mark.parametrize("name", ["language.onnx", "language.npz", "language-pieces.json", "language.json"])
@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_files_that_are_missing_or_damaged(folder, tmp_path, name, harm, moving):
    other = tmp_path / "model"
    shutil.copytree(folder, other)
    if harm == "missing":
        (other / name).unlink()
    else:
        (other / name).write_bytes(b"no such thing")
    with pytest.raises(ArtefactError):
        Language(other).caption(*moving)
