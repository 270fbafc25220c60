"""Retrieval with and without the language stage: vectors of rows against direct ones, one simulation for all, the command."""

from __future__ import annotations

import json

import numpy as np
import pytest
from retrieval_doubles import write_small_corpus

import anywear.benchmark.retrieval as retrieval
from anywear.benchmark import RetrievalConfig, retrieval_json, retrieval_table, run_retrieval
from anywear.benchmark.retrieval_pools import CaptionedMotion, corpus_pool, worn
from anywear.benchmark.retrieval_rows import (
    BOTH,
    ENCODER,
    LANGUAGE,
    ROWS,
    TITLES,
    row_embedders,
    rows_json,
    rows_table,
    run_rows,
)
from anywear.cli import main
from anywear.corpus import open_corpus
from anywear.errors import ArtefactError, UsageError
from anywear.runtime import Model
from anywear.runtime.language import Language
from language_doubles import write_small_language
from model_doubles import recorded, write_small_model

SMALL = RetrievalConfig(candidates=3, draws=4, seeds=(0, 1), clips=0, most_places=2)
ASKED = ["--seeds", "3", "--clips", "0", "--pool", "3", "--quiet"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_small_language(tmp_path_factory.mktemp("language") / "model")


@pytest.fixture(scope="module")
def model(folder) -> Model:
    return Model(folder)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_small_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def report(model, corpus):
    return run_rows(model, corpus, ROWS, SMALL)


# Vectors


def test_every_row_is_what_is_worked_out_directly(model, folder):
    made = row_embedders(model, ROWS)
    recording = recorded("running", 3, ("waist", "left_wrist"))
    windows, _ = model.windows_of(recording, 4.0, 2.0)
    placements = [own.placement for own in recording.streams]
    seen = model.encode_windows(windows, placements)
    told = Language(folder).embed(windows, placements)
    mean = (seen + told) / 2
    wanted = {ENCODER: seen, LANGUAGE: told, BOTH: mean / np.linalg.norm(mean, axis=1, keepdims=True)}
    texts = ["a person runs", "someone sits"]
    for row, embedder in made.items():
        own = embedder.embed(recording, window_s=4.0, hop_s=2.0)
        assert np.allclose(own.vectors, wanted[row], atol=1e-5)
        assert np.allclose(np.linalg.norm(own.vectors, axis=1), 1.0, atol=1e-5)
        assert np.array_equal(own.spans_s, model.spans_s(windows)) and len(windows) >= 2
        assert np.array_equal(embedder.encode_texts(texts), model.encode_texts(texts))
    assert np.abs(seen - told).max() > 0.05  # two models, not one twice


def test_what_is_too_short_for_the_model_has_no_window_in_any_row(model):
    short = recorded("running", 3, seconds=0.8)
    for own in row_embedders(model, ROWS).values():
        assert own.embed(short).vectors.shape == (0, 384)


def test_rows_come_as_asked_and_once(model):
    assert list(row_embedders(model, (BOTH, ENCODER, BOTH))) == [BOTH, ENCODER]
    assert row_embedders(model, (ENCODER, ENCODER)) == {ENCODER: model}


def test_models_are_told_apart_by_their_hashes(model, folder):
    hashes = {row: own.sha256 for row, own in row_embedders(model, ROWS).items()}
    assert hashes[ENCODER] == model.sha256 and len(set(hashes.values())) == 3
    assert all(Language(folder).about.sha256 in hashes[row] for row in (LANGUAGE, BOTH))


# The protocol


def _ranks_by_hand(model: Model, language: Language, corpus) -> list[list[float]]:
    """Reciprocal ranks of the language model, motion to text, for each seed and motion."""
    own = open_corpus(corpus)
    pool = [(motion, own.clip(entry).slice(a, b)) for motion, entry, a, b in corpus_pool(own.filter(split="test"))]
    texts = sorted({text for motion, _ in pool for text in motion.texts})
    sentences = model.encode_texts(texts)
    out = []
    for seed in SMALL.seeds:
        found = []
        for motion, clip in pool:
            recording = worn(motion, clip, seed, SMALL.most_places)
            windows, _ = model.windows_of(recording)
            mean = language.embed(windows, [stream.placement for stream in recording.streams]).mean(axis=0)
            scores = sentences @ mean
            best = max(scores[texts.index(text)] for text in motion.texts)
            above = [s for s, text in zip(scores, texts, strict=True) if text not in motion.texts and s >= best]
            found.append(1.0 / (1 + len(above)))
        out.append(found)
    return out


def test_figures_of_the_language_model_are_those_of_a_plain_count(report, model, folder, corpus):
    wanted = [np.mean(own) for own in _ranks_by_hand(model, Language(folder), corpus)]
    told = [own["motion_to_text"]["MRR"] for own in report.rows[LANGUAGE].pools[0].full]
    assert told == pytest.approx(wanted)


def test_a_row_scores_as_it_does_alone(report, model, corpus):
    assert report.rows[ENCODER].pools == run_retrieval(model, corpus, SMALL).pools
    assert report.rows[BOTH].pools == run_retrieval(row_embedders(model, (BOTH,))[BOTH], corpus, SMALL).pools
    assert run_rows(model, corpus, (LANGUAGE,), SMALL).rows[LANGUAGE].pools == report.rows[LANGUAGE].pools
    assert len({str(own.pools[0].full) for own in report.rows.values()}) > 1


def test_every_motion_is_simulated_once(model, corpus, monkeypatch):
    asked: list[tuple[str, int]] = []

    def counted(motion: CaptionedMotion, clip, seed: int, most_places: int):
        asked.append((motion.key, seed))
        return worn(motion, clip, seed, most_places)

    monkeypatch.setattr(retrieval, "worn", counted)
    run_rows(model, corpus, ROWS, SMALL)
    assert len(asked) == len(set(asked)) == 4 * len(SMALL.seeds)


def test_a_motion_that_one_row_cannot_embed_is_left_out_of_all(model, corpus, monkeypatch):
    whole = Language.embed

    def fails(self, windows, placements):
        if len(placements) > 1:
            raise UsageError("No")
        return whole(self, windows, placements)

    monkeypatch.setattr(Language, "embed", fails)
    config = RetrievalConfig(candidates=3, draws=2, seeds=(0,), clips=0, most_places=2)
    alone = run_rows(model, corpus, (ENCODER,), config).rows[ENCODER].pools[0]
    rows = run_rows(model, corpus, (ENCODER, LANGUAGE), config).rows
    assert alone.left_out == 0 < rows[ENCODER].pools[0].left_out == rows[LANGUAGE].pools[0].left_out


def test_the_report_names_the_language_model(report, model, folder, corpus):
    told = rows_json(report)
    language = Language(folder).about.sha256
    assert set(told) == {"rows", "signature", "model", "language"} and tuple(told["rows"]) == ROWS
    assert (told["model"], told["language"]) == (model.sha256, language)
    assert told["signature"].endswith(f"model {model.sha256} | language {language} | rows encoder,language,both")
    assert told["rows"][LANGUAGE] == retrieval_json(report.rows[LANGUAGE])
    table = rows_table(report)
    assert all(f"{row}: {TITLES[row]}\n" in table for row in ROWS) and table.endswith(report.signature)
    assert table.count("corpus-test, full, motion to text") == 3
    alone = run_rows(model, corpus, (ENCODER,), SMALL)
    assert alone.language_hash is None and "| language none |" in alone.signature


# The command


def test_without_rows_nothing_has_changed(folder, model, corpus, tmp_path, capsys):
    wanted = run_retrieval(model, corpus, RetrievalConfig(candidates=3, seeds=(3,), clips=0))
    out = tmp_path / "r.json"
    for rows in ([], ["--rows", "encoder"]):
        command = ["benchmark", "retrieval", "--data", str(corpus), "--model", str(folder), "--json", str(out)]
        assert main([*command, *ASKED, *rows]) == 0
        assert capsys.readouterr().out == retrieval_table(wanted) + "\n"
        assert json.loads(out.read_text()) == retrieval_json(wanted)


def test_the_command_with_rows(folder, corpus, capsys):
    command = ["benchmark", "retrieval", "--data", str(corpus), "--model", str(folder), "--json", "-"]
    assert main([*command, *ASKED, "--rows", "both, language"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told["rows"]) == ["both", "language"] and told["rows"]["both"]["seeds"] == [3]


@pytest.mark.parametrize(
    ("rows", "said"),
    [("encoder,words", "Unknown row of the benchmark 'words'"), (",", "Nobody was asked"), ("languag", "language?")],
)
def test_rows_that_cannot_be(folder, corpus, rows, said, capsys):
    command = ["benchmark", "retrieval", "--data", str(corpus), "--model", str(folder), "--rows", rows]
    assert main([*command, *ASKED]) == 2
    assert said in capsys.readouterr().err


def test_a_model_without_a_language_model_says_so(corpus, tmp_path, capsys):
    bare = write_small_model(tmp_path / "bare", with_background=False)
    with pytest.raises(UsageError, match="both needs a language model") as error:
        row_embedders(Model(bare), (ENCODER, BOTH))
    assert "--rows encoder" in str(error.value)
    assert list(row_embedders(Model(bare), (ENCODER,))) == [ENCODER]
    command = ["benchmark", "retrieval", "--data", str(corpus), "--model", str(bare), "--rows", "language"]
    assert main([*command, *ASKED]) == 2
    assert "needs a language model" in capsys.readouterr().err


def test_a_damaged_language_model_is_no_motion_left_out(tmp_path):
    damaged = write_small_language(tmp_path / "damaged")
    (damaged / "language.npz").write_bytes(b"no table")
    with pytest.raises(ArtefactError, match="damaged"):
        row_embedders(Model(damaged), (LANGUAGE,))
