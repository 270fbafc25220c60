"""Measures of retrieval with several right answers per question. Ties count against the model.

Source of the protocol's shape: Petrovich et al., "TMR: Text-to-Motion Retrieval Using Contrastive 3D Human Motion Synthesis",
ICCV 2023 (recall at several ranks, all candidates and small batches).
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from .._typing import Array, Bool, Float, Int

RANKS = (1, 5, 10)


def first_right_ranks(
    scores: Float[Array, "asked offered"], right: Bool[Array, "asked offered"]
) -> Int[Array, " asked"]:
    """Rank, from 1, of the best right answer to each question: one more than the wrong answers that score no less.

    Args:
        scores: the higher the better.
        right: which answers are right; at least one per question.
    """
    best = np.where(right, scores, -np.inf).max(axis=1)
    return 1 + ((scores >= best[:, None]) & ~right).sum(axis=1)


def figures(ranks: Int[Array, " asked"]) -> dict[str, float]:
    """R@1, R@5, R@10 (share of questions with a right answer among so many) and MRR (mean of one over the rank)."""
    shares = {f"R@{k}": float((ranks <= k).mean()) for k in RANKS}
    return {**shares, "MRR": float((1.0 / ranks).mean())}


def chance_figures(right: Bool[Array, "asked offered"]) -> dict[str, float]:
    """What a random order of the answers would give, on average.

    With p right of n, no right one is among the first k with probability C(n-p, k) / C(n, k).
    """
    offered = right.shape[1]
    counts, times = np.unique(right.sum(axis=1), return_counts=True)
    total = dict.fromkeys([*(f"R@{k}" for k in RANKS), "MRR"], 0.0)
    for count, weight in zip(counts.tolist(), times / times.sum(), strict=True):
        missed = _none_among_first(offered, count)  # for k = 0 ... n
        for k in RANKS:
            total[f"R@{k}"] += weight * (1.0 - missed[min(k, offered)])
        total["MRR"] += weight * float(((missed[:-1] - missed[1:]) / np.arange(1, offered + 1)).sum())
    return {name: float(value) for name, value in total.items()}


def _none_among_first(offered: int, right: int) -> Array:
    k = np.arange(offered + 1)
    wrong = offered - right
    inside = k <= wrong
    k_in = k[inside]
    log = gammaln(wrong + 1) - gammaln(wrong - k_in + 1) + gammaln(offered - k_in + 1) - gammaln(offered + 1)
    out = np.zeros(offered + 1)
    out[inside] = np.exp(log)
    return out


def mean_of(many: list[dict[str, float]]) -> dict[str, float]:
    """Mean of each figure."""
    return {name: float(np.mean([own[name] for own in many])) for name in many[0]}


def spread_of(many: list[dict[str, float]]) -> dict[str, float]:
    """Standard deviation of each figure, of a sample; 0 for one."""
    return {name: float(np.std([own[name] for own in many], ddof=1)) if len(many) > 1 else 0.0 for name in many[0]}
