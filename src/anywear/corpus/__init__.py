"""Motion with words: a corpus of clips that are checked, described, split by subject and small.

from anywear.corpus import open_corpus
for clip, entry in open_corpus("corpus").filter(split="train", label="walking"): ...
"""

from __future__ import annotations

from .build import build_corpus, check_clip
from .entry import Caption, CorpusEntry
from .statistics import draw_statistics, statistics_of, statistics_text
from .store import Corpus, open_corpus, write_archive

__all__ = [
    "Caption", "Corpus", "CorpusEntry", "build_corpus", "check_clip", "draw_statistics", "open_corpus", "statistics_of",
    "statistics_text", "write_archive",
]  # fmt: skip
