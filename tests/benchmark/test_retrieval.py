"""Measures of retrieval against cases by hand and a plain oracle; pools that hold what they say; the command."""

from __future__ import annotations

import itertools
import json
import shutil

import numpy as np
import pytest
from retrieval_doubles import write_small_corpus

from anywear.benchmark.ranking import chance_figures, figures, first_right_ranks, spread_of
from anywear.benchmark.retrieval import (
    RetrievalConfig,
    both_ways,
    chance_both_ways,
    retrieval_json,
    retrieval_table,
    run_retrieval,
    score_pool,
    small_pools,
)
from anywear.benchmark.retrieval_pools import HELD_OUT_SEED, corpus_pool, generator_pool, plain, worn
from anywear.cli import main
from anywear.corpus import open_corpus
from anywear.errors import FormatError
from anywear.runtime import Embeddings


def test_a_case_by_hand():
    """Three motions, four sentences; the first motion has two of them, the last sentence belongs to two motions."""
    right = np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=bool)
    right[1, 3] = True
    scores = np.array([[0.1, 0.5, 0.6, 0.2], [0.9, 0.0, 0.3, 0.4], [0.2, 0.2, 0.2, 0.2]])
    # Motion 1: its best is 0.5, one wrong above. Motion 2: its best is 0.4, 0.9 above. Motion 3: all tie, it is last.
    assert first_right_ranks(scores, right).tolist() == [2, 2, 4]
    # Sentences: 0.1 has 0.9 and 0.2 above; 0.5 is first; 0.3 has 0.6 above; 0.4 is first.
    assert first_right_ranks(scores.T, right.T).tolist() == [3, 1, 2, 1]
    told = both_ways(scores, right)
    assert told["motion_to_text"] == pytest.approx({"R@1": 0.0, "R@5": 1.0, "R@10": 1.0, "MRR": (0.5 + 0.5 + 0.25) / 3})
    assert told["text_to_motion"] == pytest.approx(
        {"R@1": 0.5, "R@5": 1.0, "R@10": 1.0, "MRR": (1 / 3 + 1 + 0.5 + 1) / 4}
    )


def _naive_rank(scores, right) -> int:
    """Walk down the list, wrong ones first among equals, to the first right one."""
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], right[i]))
    return 1 + next(place for place, i in enumerate(order) if right[i])


def test_ranks_are_those_of_a_plain_walk():
    rng = np.random.default_rng(0)
    for _ in range(50):
        scores = rng.integers(0, 6, size=(12, 30)) / 5.0  # many ties
        right = rng.random((12, 30)) < 0.1
        right[np.arange(12), rng.integers(30, size=12)] = True
        ranks = [_naive_rank(s, r) for s, r in zip(scores.tolist(), right.tolist(), strict=True)]
        assert first_right_ranks(scores, right).tolist() == ranks
        told = figures(np.array(ranks))
        assert told["R@5"] == sum(r <= 5 for r in ranks) / 12 and told["MRR"] == pytest.approx(
            np.mean([1 / r for r in ranks])
        )


def test_chance_is_the_mean_over_all_orders():
    right = np.array([[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 0, 1, 1, 0]], dtype=bool)
    ranks = [
        [1 + min(order.index(i) for i in np.flatnonzero(row)) for order in itertools.permutations(range(5))]
        for row in right
    ]
    wanted = figures(np.array(ranks).ravel())
    assert chance_figures(right) == pytest.approx(wanted, abs=1e-12)
    assert chance_figures(np.eye(100, dtype=bool))["R@10"] == pytest.approx(0.10)
    assert chance_figures(np.eye(1000, dtype=bool))["MRR"] == pytest.approx(np.mean(1 / np.arange(1, 1001)))
    assert chance_figures(np.ones((2, 3), dtype=bool))["R@1"] == 1.0


def test_random_scores_come_out_at_chance():
    rng = np.random.default_rng(1)
    right = rng.random((300, 200)) < 0.02
    right[np.arange(300), rng.integers(200, size=300)] = True
    right[:, ~right.any(axis=0)] = True
    told = both_ways(rng.normal(size=right.shape), right)
    wanted = chance_both_ways(right)
    for way in told:
        for name, value in told[way].items():
            assert value == pytest.approx(wanted[way][name], abs=0.06)


def test_small_pools_hold_one_sentence_of_each_motion():
    right = np.zeros((30, 45), dtype=bool)
    right[np.arange(30), np.arange(30)] = True
    right[np.arange(15), 30 + np.arange(15)] = True
    right[:3, 44] = True  # a sentence of three motions
    (told,), chance = small_pools([np.where(right, 1.0, 0.0)], right, 10, 20)
    assert told["motion_to_text"]["R@1"] == told["text_to_motion"]["MRR"] == 1.0
    assert 0.1 <= chance["text_to_motion"]["R@1"] < 0.12
    (whole,), _ = small_pools([np.where(right, 1.0, 0.0)], right, 100, 2)
    assert whole["motion_to_text"]["R@1"] == 1.0


def test_spread_is_over_seeds():
    assert spread_of([{"MRR": 1.0}, {"MRR": 3.0}])["MRR"] == pytest.approx(np.sqrt(2))
    assert spread_of([{"MRR": 1.0}])["MRR"] == 0.0


class _Double:
    """Knows the sentence of every recording (``skill`` 1) or nothing (0)."""

    sha256 = "double"

    class config:
        window_s, hop_s = 5.0, 1.0

    def __init__(self, skill: float) -> None:
        self.skill = skill

    def encode_texts(self, texts):
        return np.stack([self._of(text) for text in texts])

    def embed(self, recording, *, window_s=None, hop_s=None):
        said = plain(recording.metadata["captions"].splitlines()[-1])
        noise = np.random.default_rng(len(recording.streams[0].time_s)).normal(size=64) / 8
        vector = self.skill * self._of(said) + (1.0 - self.skill) * noise
        return Embeddings(np.array([[0.0, 5.0]]), (vector / np.linalg.norm(vector))[None].astype(np.float32))

    @staticmethod
    def _of(text: str):
        vector = np.random.default_rng(list(text.encode())).normal(size=64)
        return (vector / np.linalg.norm(vector)).astype(np.float32)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_small_corpus(tmp_path_factory.mktemp("corpus"))


def test_the_pool_of_a_corpus(corpus):
    listed = corpus_pool(open_corpus(corpus).filter(split="test"))
    assert [motion.texts for motion, *_ in listed] == [
        ("a person waves", "someone greets"), ("a person waves",), ("a person squats",), ("a person jumps", "hop"),
    ]  # fmt: skip
    assert all(0.0 <= start_s < end_s <= entry.duration_s for _, entry, start_s, end_s in listed)


def test_generated_clips_are_held_out_and_the_same_every_time():
    one, again = (list(generator_pool(2, ("walking_forward",))) for _ in range(2))
    assert [motion for motion, _ in one] == [motion for motion, _ in again] and len(one) == 2
    assert one[0][1].name.endswith(str(HELD_OUT_SEED)) and one[0][0].texts[0] == "walking"
    first, same, other = (worn(one[0][0], one[0][1].slice(0.0, 2.0), seed, 3) for seed in (0, 0, 1))
    assert [s.name for s in first.streams] == [s.name for s in same.streams]
    assert all(np.array_equal(a.acc_mps2, b.acc_mps2) for a, b in zip(first.streams, same.streams, strict=True))
    assert [s.acc_mps2.shape for s in first.streams] != [s.acc_mps2.shape for s in other.streams] or not np.array_equal(
        first.streams[0].acc_mps2, other.streams[0].acc_mps2
    )


def test_a_model_that_knows_finds_everything_and_one_that_does_not_finds_chance(corpus):
    config = RetrievalConfig(candidates=2, draws=10, seeds=(0, 1), clips=0, most_places=2)
    knowing = run_retrieval(_Double(1.0), corpus, config)
    (pool,) = knowing.pools
    assert (pool.clips, pool.texts, pool.left_out) == (4, 5, 0) and 8 <= pool.places <= 16
    assert all(own["motion_to_text"]["R@1"] == 1.0 for own in pool.full)
    told = retrieval_json(knowing)
    own = told["pools"]["corpus-test"]
    assert set(told) == {"pools", "signature", "model", "seeds"} and told["model"] == "double"
    assert own["full"]["motion_to_text"]["MRR"] == 1.0 and own["of_2"]["candidates"] == 2
    # One sentence of four is of two motions, the others of one.
    assert own["full"]["chance"]["text_to_motion"]["R@1"] == pytest.approx((4 * 0.25 + 0.5) / 5)
    assert "double" in told["signature"] and "corpus-test 4 clips 5 texts" in told["signature"]
    assert told["signature"] in retrieval_table(knowing) and "100.0" in retrieval_table(knowing)
    made = ((motion, clip.slice(0.0, 2.0)) for motion, clip in generator_pool(1, ("squats", "running", "lying_down")))
    blind = score_pool(_Double(0.0), "g", made, RetrievalConfig(seeds=(0,), most_places=1))
    assert blind.clips == 3 and blind.full[0]["motion_to_text"]["MRR"] < 1.0


@pytest.mark.parametrize(
    "wrong", [{"candidates": 1}, {"draws": 0}, {"seeds": ()}, {"seeds": (-1,)}, {"clips": -1}, {"most_places": 0}]
)
def test_questions_that_cannot_be(wrong):
    from anywear.errors import UsageError

    with pytest.raises(UsageError, match="cannot be asked"):
        RetrievalConfig(**wrong)


def test_the_command(corpus, tmp_path, capsys):
    out = tmp_path / "r.json"
    small = ["--seeds", "3", "--clips", "0", "--pool", "3"]
    assert main(["benchmark", "retrieval", "--data", str(corpus), "--json", str(out), *small]) == 0
    told = json.loads(out.read_text())
    assert set(told["pools"]["corpus-test"]) >= {"clips", "texts", "full", "of_3"} and told["seeds"] == [3]
    assert "anywear-retrieval v1" in capsys.readouterr().out
    for wrong in (["--seeds", "one"], ["--sets", "usc-had"], ["--pool", "1"]):
        assert main(["benchmark", "retrieval", "--data", str(corpus), *wrong]) == 2
    assert main(["benchmark", "har", "--data", str(corpus), "--pool", "5"]) == 2
    assert main(["benchmark", "retrieval", "--data", str(tmp_path)]) == 2
    assert "build-corpus" in capsys.readouterr().err


def test_a_folder_of_archives_is_made_a_corpus_first(corpus, tmp_path, monkeypatch):
    asked = []

    def build(data, out):
        asked.append(data)
        shutil.copytree(corpus, out)
        return open_corpus(out)

    monkeypatch.setattr("anywear.benchmark.retrieval.build_corpus", build)
    config = RetrievalConfig(seeds=(0,), clips=0, candidates=3, draws=2)
    lines: list[str] = []
    built = run_retrieval(_Double(1.0), tmp_path, config, lines.append)
    assert asked == [tmp_path] and "building" in lines[0]
    assert built.pools == run_retrieval(_Double(1.0), corpus, config).pools


def test_a_folder_with_neither_is_refused(tmp_path):
    with pytest.raises(FormatError):
        run_retrieval(_Double(1.0), tmp_path)
