"""Captions judged against what people said: one call for all measures, each with the line that says how it was taken.

>>> report = score_texts(["a person walks"], [["someone walks", "a person walks slowly"]])
>>> round(report.figures["ROUGE-L"], 2)
0.86
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .. import __version__
from .._typing import Array
from ..errors import UsageError, unknown_name
from .text_meaning import (
    MINILM,
    BertTokens,
    SentenceEncoder,
    TokenEncoder,
    bert_score,
    has_words,
    sentence_similarity,
)
from .text_overlap import CIDER_ORDER, CIDER_SIGMA, References, bleu, cider_d, meteor_like, rouge_l

LIGHT = ("BLEU-1", "BLEU-4", "ROUGE-L", "CIDEr-D", "METEOR-like", "MiniLM")
"""The measures that need no torch."""

MEASURES = (*LIGHT, "BERTScore")
"""All measures there are."""

WHOLE = ("BLEU-1", "BLEU-4")  # of all captions together; the others are means over captions


@dataclass(frozen=True)
class TextConfig:
    """How captions are judged.

    Attributes:
        measures: which of `MEASURES`.
        lowercase: whether BLEU passes over case; all others always do, but for BERTScore, which leaves it to its encoder.
        encoder: of BERTScore; all-MiniLM-L6-v2 when None.
        sentences: of the similarity; the shipped text tower when None.
    """

    measures: tuple[str, ...] = LIGHT
    lowercase: bool = True
    encoder: TokenEncoder | None = None
    sentences: SentenceEncoder | None = None

    def __post_init__(self) -> None:
        if not self.measures:
            raise UsageError("No measure was asked for", expected=", ".join(MEASURES))
        for name in self.measures:
            if name not in MEASURES:
                raise unknown_name("measure of captions", name, MEASURES)


@dataclass(frozen=True)
class TextReport:
    """Captions, judged.

    Attributes:
        figures: by measure, over all captions.
        per_text: by measure, (N,) of single captions; BLEU has none.
        signatures: by measure, how it was taken; figures with different signatures cannot be compared.
        texts: captions.
        empty: captions without words, which score 0.
    """

    figures: dict[str, float]
    per_text: dict[str, Array] = field(repr=False)
    signatures: dict[str, str]
    texts: int
    empty: int


def score_texts(
    candidates: Sequence[str],
    references: Sequence[Sequence[str]] | Sequence[str],
    config: TextConfig | None = None,
) -> TextReport:
    """Judge captions.

    Args:
        candidates: one caption each.
        references: what people said of the same: one sentence each, or several.
        config: which measures, and how.

    Returns:
        Figures from 0 to 1, CIDEr-D from 0 to 10. Equal figures need equal signatures to mean the same.

    Raises:
        UsageError: no captions, not as many references as captions, or a caption without a reference that says anything.
            Also what `BertTokens` raises, when it is needed.
    """
    config = config or TextConfig()
    told = _checked(candidates, references)
    said = [text if has_words(text) else "" for text in candidates]  # dots alone say nothing
    figures: dict[str, float] = {}
    per_text: dict[str, Array] = {}
    signatures: dict[str, str] = {}
    for name in config.measures:
        score, facts = _measure(name, config)
        found = score(said, told)
        if name not in WHOLE:
            per_text[name] = np.asarray(found)
        figures[name] = float(np.mean(found))
        counts = {len(own) for own in told}
        references_told = f"nrefs:{counts.pop()}" if len(counts) == 1 else "nrefs:var"
        signatures[name] = "|".join([name, references_told, *(f"{k}:{v}" for k, v in facts.items()), _VERSION])
    return TextReport(figures, per_text, signatures, len(said), said.count(""))


def text_json(report: TextReport) -> dict:
    """The report as plain types: ``figures``, ``signatures``, ``texts``, ``empty``."""
    return {
        "figures": report.figures, "signatures": report.signatures, "texts": report.texts, "empty": report.empty,
    }  # fmt: skip


def text_table(reports: Mapping[str, TextReport]) -> str:
    """Who said it, by row, and measures, by column, times 100 but for CIDEr-D; below, every signature that occurs."""
    from .tables import aligned

    names = [name for name in MEASURES if any(name in own.figures for own in reports.values())]
    rows: list[tuple[str, ...]] = [("", *names, "texts", "empty", "")]
    for who, own in reports.items():
        cells = [_cell(name, own.figures[name]) if name in own.figures else "-" for name in names]
        rows.append((who, *cells, str(own.texts), str(own.empty), ""))
    signatures = dict.fromkeys(line for own in reports.values() for line in own.signatures.values())
    return "\n".join([aligned(rows), "", *signatures])


_VERSION = f"version:{__version__}"


def _cell(name: str, value: float) -> str:
    return f"{value:.3f}" if name == "CIDEr-D" else f"{100 * value:.1f}"


def _checked(candidates: Sequence[str], references: Sequence[Sequence[str]] | Sequence[str]) -> Sequence[Sequence[str]]:
    if isinstance(candidates, str) or not len(candidates):
        raise UsageError("There are no captions to judge", expected="a list of texts", got=repr(candidates)[:80])
    if isinstance(references, str) or len(references) != len(candidates):
        raise UsageError(
            "Every caption needs its references", expected=f"{len(candidates)} entries", got=str(len(references))
        )
    told = [[own] if isinstance(own, str) else list(own) for own in references]
    for number, own in enumerate(told):
        if not any(has_words(text) for text in own):
            raise UsageError("A caption has no reference that says anything", where=f"entry {number}", got=repr(own))
    return told


def _measure(name: str, config: TextConfig) -> tuple[Callable[[Sequence[str], References], float | Array], dict]:
    """The function of a measure and the facts of its signature."""
    if name in WHOLE:
        order = int(name[-1])
        case = "lc" if config.lowercase else "mixed"
        facts = {"case": case, "eff": "no", "tok": "13a", "smooth": "exp"}
        return lambda said, told: bleu(said, told, order, config.lowercase), facts
    if name == "ROUGE-L":
        return rouge_l, {"tok": "a-z0-9", "stem": "no", "multi": "best"}
    if name == "CIDEr-D":
        return cider_d, {
            "tok": "words",
            "n": CIDER_ORDER,
            "sigma": f"{CIDER_SIGMA:g}",
            "df": "references",
            "multi": "mean",
        }
    if name == "METEOR-like":
        return meteor_like, {
            "tok": "words", "match": "porter", "synonyms": "no", "alpha": 0.9, "beta": 3, "gamma": 0.5, "multi": "best",
        }  # fmt: skip
    if name == "MiniLM":
        tower = config.sentences or _shipped_tower()
        return lambda said, told: sentence_similarity(said, told, tower), {
            "model": MINILM + " int8" if config.sentences is None else type(tower).__name__, "multi": "best",
        }  # fmt: skip
    encoder = config.encoder or BertTokens()
    return lambda said, told: bert_score(said, told, encoder), {
        "model": encoder.name, "idf": "no", "rescale": "no", "multi": "best",
    }  # fmt: skip


def _shipped_tower() -> SentenceEncoder:
    from ..runtime.model import WEIGHTS_DIR
    from ..runtime.text import TextTower

    return TextTower(WEIGHTS_DIR)
