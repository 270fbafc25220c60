"""Measures that count shared words: BLEU, ROUGE-L, CIDEr-D and one like METEOR.

Each takes captions and, for every caption, one or more references. A caption without words scores 0. Captions are compared
with their own references alone, so their order means nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from .._typing import Array, Float
from .text_words import bleu_words, plain_words, rouge_words, stem

CIDER_ORDER = 4  # words of the longest n-grams
CIDER_SIGMA = 6.0  # words; how much a caption may differ in length from its reference
METEOR_ALPHA, METEOR_BETA, METEOR_GAMMA = 0.9, 3.0, 0.5
ALIGNMENTS = 64  # partial alignments kept while words are aligned

References = Sequence[Sequence[str]]
Grams = Counter[tuple[str, ...]]


def bleu(candidates: Sequence[str], references: References, order: int = 4, lowercase: bool = True) -> float:
    """BLEU of a corpus, as sacrebleu defines it: tokens 13a, exponential smoothing, nearest reference length; 0 to 1.

    Args:
        candidates: captions.
        references: of each caption.
        order: of the longest n-grams; 1 and 4 are usual.
        lowercase: whether case is ignored.

    Sources: Papineni et al., "BLEU: a method for automatic evaluation of machine translation", ACL 2002; Post, WMT 2018.
    """
    right, asked = np.zeros(order), np.zeros(order)
    length = wanted = 0
    for candidate, own in zip(candidates, references, strict=True):
        words, others = bleu_words(candidate, lowercase), [bleu_words(text, lowercase) for text in own]
        length += len(words)
        # Of two lengths equally near, the shorter counts.
        wanted += min((abs(len(other) - len(words)), len(other)) for other in others)[1]
        for n in range(1, order + 1):
            found = grams(words, n)
            most: Grams = Counter()
            for other in others:
                most |= grams(other, n)
            right[n - 1] += (found & most).total()
            asked[n - 1] += found.total()
    if not right.any() or not asked.all():
        return 0.0
    doubled, logs = 1.0, []
    for hits, count in zip(right, asked, strict=True):
        if not hits:
            doubled *= 2.0
        logs.append(math.log((hits or 1.0 / doubled) / count))
    brevity = min(0.0, 1.0 - wanted / length)
    return math.exp(brevity + sum(logs) / order)


def rouge_l(candidates: Sequence[str], references: References) -> Float[Array, " texts"]:
    """ROUGE-L per caption, as the package rouge-score defines it: F1 of the longest common subsequence; 0 to 1.

    Several references: the best.

    Source: C.-Y. Lin, "ROUGE: a package for automatic evaluation of summaries", ACL workshop 2004, section 3.1.
    """
    return _best_of(candidates, references, rouge_words, _rouge_f1)


def meteor_like(candidates: Sequence[str], references: References) -> Float[Array, " texts"]:
    """METEOR per caption without synonyms: words match by their stems; 0 to 1. Several references: the best.

    As many words as can be are aligned one to one, in as few chunks (stretches in the same order in both) as can be. The
    mean of precision and recall leans to recall by 9 to 1, and fragments cost 0.5 (chunks / matches)^3 of it. A caption of m
    words that equals its reference scores 1 - 0.5 / m^3.

    Source: Banerjee & Lavie, "METEOR: an automatic metric for MT evaluation", ACL workshop 2005; stems after Porter 1980.
    """
    return _best_of(candidates, references, lambda text: [stem(word) for word in plain_words(text)], _meteor)


def cider_d(candidates: Sequence[str], references: References) -> Float[Array, " texts"]:
    """CIDEr-D per caption; 0 to 10.

    N-grams count by how rare they are among the clips' references, so figures of different sets of clips cannot be
    compared, and a single clip scores 0. Words are `plain_words`.

    Source: Vedantam, Zitnick & Parikh, "CIDEr: consensus-based image description evaluation", CVPR 2015, section 6.
    """
    told = [[plain_words(text) for text in own] for own in references]
    out = np.zeros(len(candidates))
    for n in range(1, CIDER_ORDER + 1):
        frequency: Grams = Counter()
        counted = [[grams(words, n) for words in own] for own in told]
        for own in counted:
            frequency.update({gram for found in own for gram in found})
        log_clips = math.log(max(1, len(told)))
        for row, candidate in enumerate(candidates):
            words = plain_words(candidate)
            vector = _weighed(grams(words, n), frequency, log_clips)
            for own, other in zip(counted[row], told[row], strict=True):
                alike = _clipped_cosine(vector, _weighed(own, frequency, log_clips))
                alike *= math.exp(-((len(words) - len(other)) ** 2) / (2.0 * CIDER_SIGMA**2))
                out[row] += 10.0 * alike / (CIDER_ORDER * len(told[row]))
    return out


def grams(words: Sequence[str], n: int) -> Grams:
    """How often every run of n words occurs."""
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def longest_common(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for word in a:
        before = 0  # what was there one word earlier in both
        for j, other in enumerate(b, start=1):
            before, row[j] = row[j], before + 1 if word == other else max(row[j], row[j - 1])
    return row[-1]


def fewest_chunks(words: Sequence[str], others: Sequence[str]) -> tuple[int, int]:
    """Matches of the largest one-to-one alignment of equal words, and the least number of chunks it can be had in.

    Exact as long as no more than `ALIGNMENTS` partial alignments are equally good, which holds for captions.
    """
    common = Counter(words) & Counter(others)
    matches = common.total()
    spare = Counter(words) - common  # words that have to stay alone
    places = {word: [j for j, other in enumerate(others) if other == word] for word in common}
    # What was taken last, and a bit for every place taken, to chunks so far. What was passed over follows from both.
    states: dict[tuple[int, int], int] = {(-2, 0): 0}
    passed: Counter[str] = Counter()
    for word in words:
        following: dict[tuple[int, int], int] = {}
        for (last, taken), chunks in states.items():
            used = sum(taken >> j & 1 for j in places.get(word, ()))
            options = [
                (j, taken | 1 << j, chunks + (j != last + 1)) for j in places.get(word, ()) if not taken >> j & 1
            ]
            if passed[word] - used < spare[word]:
                options.append((-2, taken, chunks))
            for j, now, cost in options:
                following[j, now] = min(cost, following.get((j, now), cost))
        passed[word] += 1
        best = sorted(following.items(), key=lambda item: (item[1], item[0]))[:ALIGNMENTS]
        states = dict(best)
    return matches, min(states.values())


def _rouge_f1(words: list[str], others: list[str]) -> float:
    common = longest_common(words, others)
    return 2.0 * common / (len(words) + len(others)) if common else 0.0


def _meteor(words: list[str], others: list[str]) -> float:
    matches, chunks = fewest_chunks(words, others)
    if not matches:
        return 0.0
    precision, recall = matches / len(words), matches / len(others)
    mean = precision * recall / (METEOR_ALPHA * precision + (1.0 - METEOR_ALPHA) * recall)
    return mean * (1.0 - METEOR_GAMMA * (chunks / matches) ** METEOR_BETA)


def _best_of(
    candidates: Sequence[str],
    references: References,
    words: Callable[[str], list[str]],
    score: Callable[[list[str], list[str]], float],
) -> Float[Array, " texts"]:
    out = np.zeros(len(candidates))
    for row, (candidate, own) in enumerate(zip(candidates, references, strict=True)):
        said = words(candidate)
        out[row] = max(score(said, words(text)) for text in own)
    return out


def _weighed(found: Grams, frequency: Grams, log_clips: float) -> dict[tuple[str, ...], float]:
    return {gram: count * (log_clips - math.log(max(1, frequency[gram]))) for gram, count in found.items()}


def _clipped_cosine(vector: dict[tuple[str, ...], float], other: dict[tuple[str, ...], float]) -> float:
    """Cosine in which no n-gram of the first counts for more than it does in the second."""
    length = math.sqrt(sum(v * v for v in vector.values())) * math.sqrt(sum(v * v for v in other.values()))
    shared = sum(min(value, other[gram]) * other[gram] for gram, value in vector.items() if gram in other)
    return shared / length if length else 0.0
