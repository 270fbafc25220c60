"""Figures of the reference packages for a few captions: ``python text_golden.py`` writes them anew.

Packages: sacrebleu 2.6.0, rouge-score 0.1.2, pycocoevalcap 1.2 (CIDEr), nltk 3.10.4 (METEOR, with a WordNet that knows no
synonyms), bert-score 0.3.13 with all-MiniLM-L6-v2.
"""

from __future__ import annotations

import json
from pathlib import Path

GOLDEN = Path(__file__).with_name("text_golden.json")

CASES: dict[str, tuple[list[str], list[list[str]]]] = {
    "several references": (
        [
            "a person walks forward slowly and then turns around",
            "someone is waving with the right hand",
            "the man sits down on a chair",
            "a person is jumping up and down three times",
            "person kicks with their left leg",
        ],
        [
            ["a person walks forward, then turns around.", "someone slowly walks ahead and turns back", "walking, turning"],
            ["a man waves his right hand", "a person is waving with their right hand.", "the figure raises an arm and waves"],
            ["a person sits down in a chair", "he lowers himself onto a seat", "the man sits."],
            ["someone jumps three times", "a person is jumping up and down", "a figure hops in place"],
            ["a person kicks something with the left foot", "left-legged kick", "they kick with their left leg twice"],
        ],
    ),
    "one reference": (
        ["a man runs in a circle", "the person throws a ball", "a person lies down", "somebody claps hands and bows"],
        [["a person jogs in a circle"], ["the person throws a ball"], ["somebody gets up from the floor"], ["a bow"]],
    ),
    "unicode, case, marks": (
        ["Eine läuft 3.5 m vorwärts -- und hält!", "A PERSON'S arm: up & down (2x)", "naïve 人が歩く", "it's 10-15% faster"],
        [
            ["Eine Person läuft 3,5 m vorwärts.", "Jemand läuft & hält an"],
            ["a person's arm goes up and down, twice", "A person's arm: up & down"],
            ["人が歩く naïve", "a naïve walk"],
            ["it is 10-15 % faster", "It's 10 - 15% faster."],
        ],
    ),
    "some empty": (
        ["", "a person walks", "   ", "..."],
        [["a person stands", "nobody moves"], ["a person walks", "someone walks on"], ["sitting", "a seat"], ["a", "b c"]],
    ),
    "nothing shared": (["alpha beta gamma delta", "epsilon zeta"], [["one two three four"], ["five six seven"]]),
}  # fmt: skip


def overlap_figures(case: str, words, stem) -> dict[str, float | list[float]]:
    """What sacrebleu, rouge-score, pycocoevalcap and nltk say; words and stems are ours, which those leave to the caller."""
    from nltk.translate.meteor_score import single_meteor_score
    from pycocoevalcap.cider.cider_scorer import CiderScorer
    from rouge_score.rouge_scorer import RougeScorer
    from sacrebleu.metrics import BLEU  # type: ignore[attr-defined]

    candidates, references = CASES[case]
    streams = [[own[n] for own in references] for n in range(len(references[0]))]
    figures: dict[str, float | list[float]] = {}
    for order in (1, 4):
        for name, lowercase in ((f"BLEU-{order}", True), (f"BLEU-{order} mixed", False)):
            figures[name] = (
                BLEU(max_ngram_order=order, lowercase=lowercase).corpus_score(candidates, streams).score / 100
            )
    scorer = RougeScorer(["rougeL"])
    figures["ROUGE-L"] = [
        scorer.score_multi(own, text)["rougeL"].fmeasure for text, own in zip(candidates, references, strict=True)
    ]
    cider = CiderScorer()
    for text, own in zip(candidates, references, strict=True):
        cider += (" ".join(words(text)), [" ".join(words(other)) for other in own])
    figures["CIDEr-D"] = [float(value) for value in cider.compute_score()[1]]
    figures["METEOR-like"] = [
        max(
            single_meteor_score(words(other), words(text), stemmer=_Stems(stem), wordnet=_NoSynonyms()) for other in own
        )
        for text, own in zip(candidates, references, strict=True)
    ]
    return figures


def bert_figures(case: str) -> list[float]:
    """What bert-score says, with all-MiniLM-L6-v2 and its last layer."""
    from bert_score import score
    from transformers import BertTokenizer

    from anywear.train.text_tower import _minilm_folder

    # bert-score asks for a method that transformers 5 has no more.
    BertTokenizer.build_inputs_with_special_tokens = lambda self, ids: [self.cls_token_id, *ids, self.sep_token_id]
    candidates, references = CASES[case]
    found = score(candidates, references, model_type=_minilm_folder(), num_layers=6, batch_size=1)[2]
    return [float(value) for value in found]


class _Stems:
    def __init__(self, stem) -> None:
        self.stem = stem


class _NoSynonyms:
    def synsets(self, word: str) -> list:
        return []


def _stems_of_nltk() -> dict[str, str]:
    from nltk.stem.porter import PorterStemmer

    porter = PorterStemmer(mode=PorterStemmer.ORIGINAL_ALGORITHM)
    return {word: porter.stem(word) for word in STEMMED.split()}


STEMMED = (
    "caresses ponies ties caress cats feed agreed plastered bled motoring sing conflated troubled sized hopping tanned "
    "falling hissing fizzed failing filing happy sky relational conditional rational valenci hesitanci digitizer "
    "conformabli radicalli differentli vileli analogousli vietnamization predication operator feudalism decisiveness "
    "hopefulness callousness formaliti sensitiviti sensibiliti triplicate formative formalize electriciti electrical "
    "hopeful goodness revival allowance inference airliner gyroscopic adjustable defensible irritant replacement "
    "adjustment dependent adoption homologou communism activate angulariti homologous effective bowdlerize probate rate "
    "cease controll roll walking walked walks running sits sitting turned turning quickly slowly clockwise stretches "
    "exercises raises lying dying flying plays enjoying toys yes syzygy"
)


if __name__ == "__main__":
    from anywear.benchmark.text_words import plain_words, stem

    golden = {case: {**overlap_figures(case, plain_words, stem), "BERTScore": bert_figures(case)} for case in CASES}
    GOLDEN.write_text(json.dumps({"figures": golden, "stems": _stems_of_nltk()}, indent=1, ensure_ascii=False) + "\n")
