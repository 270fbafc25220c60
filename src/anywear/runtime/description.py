"""The reverse of search: which sentences fit a recording, stretch by stretch and as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .._typing import Array
from ..errors import UsageError
from ..recording import Recording
from .labels import MAX_TEXT
from .model import Model
from .together import Together, embedder

EVERY_S = 10.0
MAX_CANDIDATES = 100_000


@dataclass(frozen=True)
class Fit:
    """A sentence and how well it fits.

    Attributes:
        text: the sentence.
        fit: mean cosine over the windows of the stretch, -1 to 1.
        fits: whether the encoder's own is at least what it is calibrated to answer at; below it nothing may be meant.
    """

    text: str
    fit: float
    fits: bool

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        return {"text": self.text, "fit": round(self.fit, 4), "fits": self.fits}


@dataclass(frozen=True)
class DescribedSpan:
    """A stretch of a recording, s, and the sentences that fit it best, the best first."""

    start_s: float
    end_s: float
    sentences: tuple[Fit, ...]

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        return {
            "start_s": round(self.start_s, 3), "end_s": round(self.end_s, 3),
            "sentences": [own.to_dict() for own in self.sentences],
        }  # fmt: skip


@dataclass(frozen=True)
class Description:
    """What fits a recording.

    Attributes:
        whole: the recording from its first window to its last; None when it has no window.
        spans: stretches in time order; those without data are left out.
    """

    whole: DescribedSpan | None
    spans: tuple[DescribedSpan, ...]

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        return {"whole": self.whole.to_dict() if self.whole else None, "spans": [own.to_dict() for own in self.spans]}


def describe(
    recording: Recording,
    candidates: Sequence[str],
    *,
    k: int = 5,
    every_s: float = EVERY_S,
    model: Model | None = None,
    language: bool | None = None,
    window_s: float | None = None,
    hop_s: float | None = None,
) -> Description:
    """Choose the sentences that fit a recording best.

    Args:
        recording: any number of streams.
        candidates: sentences to choose from; one that is given twice counts once.
        k: sentences per stretch.
        every_s: length of the stretches; a window belongs to the one its middle lies in.
        model: the shipped one by default.
        language: whether the language model has a say; by default it has, where there is one.
        window_s, hop_s: seconds; the model's own by default.

    Raises:
        UsageError: no candidates, numbers out of range, or a language model that is not there.

    Example:
        >>> describe(anywear.read("walk.csv"), ["a person walks", "a person sits"]).whole  # doctest: +SKIP
    """
    texts = check_candidates(candidates, "candidates")
    if k < 1:
        raise UsageError("At least one sentence is needed", where="k", got=str(k))
    if not 1.0 <= every_s <= 86_400.0:
        raise UsageError("The stretches' length is out of range", expected="1 to 86400 s", got=f"{every_s:g} s")
    model = model or Model()
    reader = embedder(model, language)
    if isinstance(reader, Together):
        alone, made = reader.embed_each(recording, window_s=window_s, hop_s=hop_s)
    else:
        alone = made = reader.embed(recording, window_s=window_s, hop_s=hop_s)
    if not len(made.vectors):
        return Description(None, ())
    vectors = model.encode_texts(texts)
    middles = made.spans_s.mean(axis=1) - made.spans_s[0, 0]
    cells = np.floor(middles / every_s).astype(np.int64)

    def span(rows: Array, start_s: float, end_s: float) -> DescribedSpan:
        fit, own = (vectors @ seen.vectors[rows].mean(axis=0) for seen in (made, alone))
        order = np.argsort(-fit, kind="stable")[:k]
        best = (Fit(str(texts[i]), float(fit[i]), bool(own[i] >= model.config.threshold)) for i in order)
        return DescribedSpan(start_s, end_s, tuple(best))

    begins, ends = float(made.spans_s[0, 0]), float(made.spans_s[:, 1].max())
    spans = []
    for cell in np.unique(cells):
        rows = np.flatnonzero(cells == cell)
        # From a gap on, a stretch begins where its first window does, and ends where its last one does.
        start_s = max(begins + cell * every_s, float(made.spans_s[rows, 0].min()))
        end_s = min(begins + (cell + 1) * every_s, float(made.spans_s[rows, 1].max()))
        spans.append(span(rows, start_s, end_s))
    return Description(span(np.arange(len(cells)), begins, ends), tuple(spans))


def read_candidates(path: str | Path) -> tuple[str, ...]:
    """Sentences of a text file, one per line; empty lines and those that begin with # are passed over.

    Raises:
        UsageError: no such file, not text, or no sentence in it.
    """
    path = Path(path)
    if not path.is_file():
        raise UsageError("There is no such file of sentences", where=str(path), remedy="Check the path")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UsageError(
            "The file of sentences is not text", where=str(path), got=str(error), remedy="Save it as UTF-8"
        ) from error
    return check_candidates([line for line in lines if line.strip() and not line.lstrip().startswith("#")], str(path))


def check_candidates(candidates: Sequence[str], where: str) -> tuple[str, ...]:
    """Sentences that can be asked for, without repetitions. Raises UsageError, naming the first that cannot."""
    texts = tuple(dict.fromkeys(" ".join(str(text).split()) for text in candidates))
    if not texts:
        raise UsageError("There are no sentences to choose from", where=where, remedy="Write one sentence per line")
    if len(texts) > MAX_CANDIDATES:
        raise UsageError("Too many sentences", where=where, expected=f"at most {MAX_CANDIDATES}", got=str(len(texts)))
    for text in texts:
        if not any(c.isalnum() for c in text) or len(text) > MAX_TEXT:
            raise UsageError(
                "A sentence has no words or is too long", where=where, expected=f"1 to {MAX_TEXT} characters",
                got=repr(text[:60]),
            )  # fmt: skip
    return texts
