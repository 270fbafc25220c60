"""Measures that compare meanings: BERTScore, token by token, and the similarity of whole sentences."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError

BATCH = 64  # texts
MINILM = "all-MiniLM-L6-v2"


@runtime_checkable
class TokenEncoder(Protocol):
    """Gives a vector for every token of a text, in its context."""

    @property
    def name(self) -> str:
        """Stands in the signature: figures of different encoders cannot be compared."""
        ...

    def states(self, texts: Sequence[str]) -> list[tuple[Array, Array]]:
        """Per text (tokens, D) unit vectors, and (tokens,) whether each is a word's and not a mark of beginning or end."""
        ...


@runtime_checkable
class SentenceEncoder(Protocol):
    """Gives a unit vector for every text; `anywear.runtime.text.TextTower` does."""

    def encode(self, texts: Sequence[str]) -> Array:
        """(N, D) unit vectors."""
        ...


class BertTokens:
    """Last hidden states of a BERT-like encoder. Needs the ``llm`` and ``train`` extras.

    Args:
        source: see `anywear.train.text_tower.load_encoder`; ``minilm`` is all-MiniLM-L6-v2.

    Raises:
        UsageError: torch, onnx or transformers is not installed. ArtefactError: the encoder is not there.
    """

    def __init__(self, source: str | Path = "minilm") -> None:
        if find_spec("torch") is None or find_spec("onnx") is None:
            raise UsageError("BERTScore needs torch", remedy='pip install "anywear[train,llm]"')
        from ..train.text_tower import load_encoder

        self._encoder = load_encoder(source)
        model = MINILM if str(source) == "minilm" else Path(source).name
        self.name = f"{model} L{self._encoder.bert.config.num_hidden_layers}"
        tokenizer = self._encoder.tokenizer
        self._marks = [tokenizer.cls_token_id, tokenizer.sep_token_id]

    def states(self, texts: Sequence[str]) -> list[tuple[Array, Array]]:
        """See `TokenEncoder`."""
        import torch

        out: list[tuple[Array, Array]] = []
        for start in range(0, len(texts), BATCH):
            ids, mask = self._encoder.tokens([text.strip() for text in texts[start : start + BATCH]])
            with torch.no_grad():
                states = self._encoder.bert(input_ids=ids, attention_mask=mask).last_hidden_state
            unit = torch.nn.functional.normalize(states, dim=-1).numpy()
            for row, own, kept in zip(ids.numpy(), unit, mask.numpy() > 0, strict=True):
                out.append((own[kept], ~np.isin(row[kept], self._marks)))
        return out


def bert_score(
    candidates: Sequence[str], references: Sequence[Sequence[str]], encoder: TokenEncoder
) -> Float[Array, " texts"]:
    """F1 of BERTScore per caption, neither weighted by rarity nor rescaled; at most 1. Several references: the best.

    Every word's token meets the one of the other text that is most like it; precision is the mean over the caption's tokens,
    recall over the reference's. As in the package bert-score, a word may meet a mark of the beginning or end.

    Source: Zhang et al., "BERTScore: evaluating text generation with BERT", ICLR 2020, section 3.
    """
    texts = sorted({*candidates, *(text for own in references for text in own)}, key=lambda text: (len(text), text))
    states = dict(zip(texts, encoder.states(texts), strict=True))
    return np.array(
        [
            max(_matched_f1(states[candidate], states[text]) for text in own)
            for candidate, own in zip(candidates, references, strict=True)
        ]
    ).astype(np.float64)


def sentence_similarity(
    candidates: Sequence[str], references: Sequence[Sequence[str]], encoder: SentenceEncoder
) -> Float[Array, " texts"]:
    """Cosine of each caption to the nearest of its references; 0 for one without words."""
    texts = sorted({*candidates, *(text for own in references for text in own)})
    if not texts:
        return np.zeros(0)
    vectors = dict(zip(texts, np.asarray(encoder.encode(texts), dtype=np.float64), strict=True))
    out = np.zeros(len(candidates))
    for row, (candidate, own) in enumerate(zip(candidates, references, strict=True)):
        said = [text for text in own if has_words(text)]
        if has_words(candidate) and said:
            out[row] = max(float(vectors[candidate] @ vectors[text]) for text in said)
    return out


def has_words(text: str) -> bool:
    """Whether anything is said: a letter or digit of any script."""
    return any(c.isalnum() for c in text)


def _matched_f1(tokens: tuple[Array, Array], others: tuple[Array, Array]) -> float:
    (states, words), (other_states, other_words) = tokens, others
    if not words.any() or not other_words.any():
        return 0.0
    alike = states @ other_states.T
    precision, recall = float(alike.max(axis=1)[words].mean()), float(alike.max(axis=0)[other_words].mean())
    return 2.0 * precision * recall / (precision + recall) if precision + recall > 0.0 else 0.0
