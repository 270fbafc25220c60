"""The benchmark of motion tokens: its measures against naive forms, and a tokenizer that loses nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest

from anywear import Placement
from anywear.benchmark.har import HarConfig
from anywear.benchmark.probe_windows import Folds, ProbeWindows
from anywear.benchmark.tokens import (
    TokensReport,
    TokensResult,
    explained,
    only,
    probe_accuracy,
    same_ids,
    see,
    summary,
    tokens_json,
    tokens_table,
    views,
)
from anywear.runtime.codes import BookUse
from anywear.signal import Window
from anywear.signal.labelled import LabelledWindow

SITES = (Placement.at("left_wrist"), Placement.at("chest"), Placement.at("waist"))


class Exact:
    """Latents are mean accelerations of ten samples; ids name them to a tenth, so nothing is lost that differs by more."""

    def latents(self, found, placements):
        return [np.mean([acc.reshape(-1, 10, 3).mean(axis=1) for acc in own.acc_mps2], axis=0) for own in found]

    def encode_latents(self, latents):
        return [np.round(10 * own).astype(np.int64) + 500 for own in latents]

    def decode(self, ids):
        return (ids - 500) / 10.0


def _item(number: int, streams: int) -> LabelledWindow:
    rng = np.random.default_rng(number)
    acc = tuple(rng.normal(size=(20, 3)) for _ in range(streams))
    window = Window(0, tuple(range(streams)), acc, (None,) * streams, (50.0,) * streams)
    return LabelledWindow(window, SITES[:streams], "ab"[number % 2], f"s{number % 3}")


def test_views_are_of_all_sensors_of_one_in_turn_and_of_the_next():
    items = [_item(0, 3), _item(1, 3), _item(2, 1), _item(3, 2), _item(4, 3)]
    tokens = Exact()
    shown = views(tokens, items)
    seen = see(tokens, shown)
    assert shown.several == [True, True, False, True, True]
    for number, item in enumerate(items):
        own = len(item.placements)
        assert np.allclose(shown.latents["whole"][number], tokens.latents([item.window], item.placements)[0])
        one = item.window.acc_mps2[number % own].reshape(-1, 10, 3).mean(axis=1)
        assert np.allclose(shown.latents["one"][number], one)
        assert np.allclose(seen.decoded["one"][number], one, atol=0.051)
        other = seen.other[number]
        if own == 1:
            assert other is None
        else:
            after = item.window.acc_mps2[(number + 1) % own].reshape(-1, 10, 3).mean(axis=1)
            assert other is not None and np.allclose(tokens.decode(other), after, atol=0.051)
    assert only(items[0].window, 2).streams == (2,)


def test_explained_share():
    wanted = np.random.default_rng(0).normal(size=(50, 4))
    assert explained(wanted, wanted) == 1.0
    assert explained(np.broadcast_to(wanted.mean(axis=0), wanted.shape), wanted) == pytest.approx(0.0)
    assert explained(wanted + 10.0, wanted) < -10.0
    assert np.isnan(explained(wanted[:1], wanted[:1]))


def test_agreement_beside_chance():
    rng = np.random.default_rng(0)
    a = rng.integers(0, 4, (4000, 2))
    assert same_ids(a, a)[0] == 1.0
    same, chance = same_ids(a, rng.integers(0, 4, (4000, 2)))
    assert same == pytest.approx(0.25, abs=0.03) and chance == pytest.approx(0.25, abs=0.01)
    assert same_ids(np.zeros((9, 2), dtype=np.int64), np.zeros((9, 2), dtype=np.int64)) == (1.0, 1.0)


def test_the_probe_learns_from_other_subjects_alone():
    pytest.importorskip("sklearn", reason="needs the benchmark extra")
    items = tuple(_item(number, 1) for number in range(60))
    truth = np.array(["ab".index(item.label) for item in items])
    none = np.zeros((60, 1))
    group = ProbeWindows(("a", "b"), items, truth, np.arange(60), none, none[:2])
    folds = Folds("subject", 3, {"s0": 0, "s1": 1, "s2": 2})
    rng = np.random.default_rng(1)
    told = truth[:, None] + 0.1 * rng.normal(size=(60, 2))
    assert probe_accuracy([group], [told], folds) == 1.0
    assert probe_accuracy([group], [rng.normal(size=(60, 2))], folds) < 0.75
    # Features that name the truth of two subjects, and its contrary for the third, are right about the two at most.
    turned = np.where(np.arange(60) % 3 == 0, 1 - truth, truth)[:, None] + 0.1 * rng.normal(size=(60, 2))
    assert probe_accuracy([group], [turned], folds) < 0.7


def test_summary_tells_level_and_spread():
    latents = np.array([[1.0, 0.0], [3.0, 0.0]])
    assert summary(latents).tolist() == [2.0, 0.0, 1.0, 0.0]


def test_the_report_tells_everything():
    folds = Folds("subject", 2, {"s0": 0, "s1": 1})
    use = (BookUse(8, 0.5, 3.2, 0.4), BookUse(8, 1.0, 7.9, 0.2))
    accuracy = {view: {"latents": 0.9, "tokens": 0.8} for view in ("whole", "one")}
    r2 = {"whole": 0.7, "one": 0.4, "one latents": 0.1}
    results = (
        TokensResult("dsads", 40, 4, ("s0", "s1"), 5, folds, True, accuracy, r2, 0.31, 0.05, use),
        TokensResult("usc-had", 10, 2, ("s0", "s1"), 1, folds, False, accuracy, r2, None, None, use),
    )
    report = TokensReport(results, HarConfig(), "product", (8, 8), 5.0, "t" * 12, "m" * 12)
    assert report.variant == "product 8 x 8, 5 tokens/s"
    told = json.loads(json.dumps(tokens_json(report)))
    assert told["sets"]["dsads"]["same_ids"] == 0.31 and told["sets"]["usc-had"]["same_ids"] is None
    assert told["sets"]["dsads"]["use"][1]["perplexity"] == 7.9 and told["sizes"] == [8, 8]
    table = tokens_table(report)
    assert "70.0" in table and "31.0" in table and "50/100" in table and "3/8" in table and "seen in training" in table
    assert report.signature in table and "tokenizer tttttttttttt (product 8 x 8, 5 tokens/s)" in table
