"""A corpus as motion to train on: each turn one clip, one thing said about it, and the stretch it is said of.

from anywear.corpus import open_corpus
source = CorpusMotions(open_corpus("corpus").filter(split="train"))
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..corpus import Corpus, CorpusEntry
from ..errors import UsageError
from ..motion import MotionClip

LEAST_S = 1.0  # of a stretch about which something is said; the clip around a shorter one is shown, too


@dataclass(frozen=True, eq=False)
class CorpusMotions:
    """The clips of a corpus as a `anywear.train.simulated.MotionSource`; each is read when it is its turn.

    Attributes:
        corpus: the clips; filter it by split first.
        captions: share of turns in which a clip is called by a sentence instead of its label, where it has sentences.
        longest_s: longer stretches are cut to one of this length, somewhere in them.
        shortest_s: clips below it are left out; a take of the model's needs about a second.
    """

    corpus: Corpus
    captions: float = 0.5
    longest_s: float = 20.0
    shortest_s: float = LEAST_S

    def __post_init__(self) -> None:
        if not 0.0 <= self.captions <= 1.0 or self.longest_s <= 0.0:
            raise UsageError(
                "The share of captions or the longest stretch is out of range",
                expected="0 to 1, and a length above 0 s", got=f"{self.captions:g}, {self.longest_s:g} s",
            )  # fmt: skip
        kept = tuple(entry for entry in self.corpus.entries if entry.duration_s >= self.shortest_s)
        if not kept:
            raise UsageError("The corpus holds no clip to train on", got=repr(self.corpus), remedy="Filter it less")
        object.__setattr__(self, "_entries", kept)

    @property
    def entries(self) -> tuple[CorpusEntry, ...]:
        """The clips, in the order of their numbers."""
        return self._entries  # type: ignore[attr-defined]

    def __len__(self) -> int:
        return len(self.entries)

    def motion(self, index: int, rng: np.random.Generator) -> tuple[MotionClip, str]:
        """A stretch of the clip of this number, and what is done in it."""
        entry = self.entries[index]
        said = _said(entry, bool(rng.random() < self.captions))
        text, start_s, end_s = said[int(rng.integers(len(said)))]
        start_s, end_s = _widened(start_s, end_s, entry.duration_s, self.shortest_s)
        if end_s - start_s > self.longest_s:
            start_s = float(rng.uniform(start_s, end_s - self.longest_s))
            end_s = start_s + self.longest_s
        return self.corpus.clip(entry).slice(start_s, end_s), text

    def sentences(self, index: int, label: str) -> tuple[str, ...]:
        """Captions of the clip of this number that hold wherever it has this label: those said of all of such a stretch."""
        entry = self.entries[index]
        spans = [(s.start_s, s.end_s) for s in entry.spans if s.label == label] or [(0.0, entry.duration_s)]
        return tuple(
            own.text
            for own in entry.captions
            if all(min(own.end_s, end) - max(own.start_s, start) > 0.8 * (end - start) for start, end in spans)
        )


def _said(entry: CorpusEntry, caption: bool) -> list[tuple[str, float, float]]:
    """What may be said of the clip, and of which stretch."""
    if caption and entry.captions:
        return [(own.text, own.start_s, own.end_s) for own in entry.captions]
    if entry.spans:
        return [(span.label, span.start_s, span.end_s) for span in entry.spans]
    return [(entry.label, 0.0, entry.duration_s)]


def _widened(start_s: float, end_s: float, duration_s: float, least_s: float) -> tuple[float, float]:
    lack_s = least_s - (end_s - start_s)
    if lack_s <= 0.0:
        return start_s, end_s
    start_s = min(max(0.0, start_s - lack_s / 2.0), duration_s - least_s)
    return start_s, start_s + least_s
