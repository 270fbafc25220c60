"""What a training asks of embeddings: to meet their words, their sentences, and what was seen of the same motion elsewhere.

All are cross entropies among answers of which some are right, some wrong, and the rest, too close to call wrong, left out.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

LEFT_OUT = -1e9


def multi_positive(logits: Tensor, positive: Tensor, allowed: Tensor) -> Tensor:
    """Cross entropy to a spread over right answers, among the answers allowed.

    Args:
        logits: (N, A).
        positive: (N, A) weights of the right answers; a row adds up to 1.
        allowed: (N, A) bool, right and wrong answers; others are left out.

    Returns:
        Mean over the N.
    """
    log_share = F.log_softmax(logits.masked_fill(~allowed, LEFT_OUT), dim=1)
    return -(positive * log_share).sum(dim=1).mean()


def sentence_loss(
    motion: Tensor, texts: Tensor, contrary: Tensor, differs: Tensor, same: Tensor, wrong: Tensor
) -> Tensor:
    """Windows find their sentences and sentences their windows; the contrary of a window's own sentence is a wrong answer.

    Args:
        motion: (N, D) embeddings times the inverse temperature.
        texts: (N, D) unit vectors of a sentence said of each window.
        contrary: (N, K, D) of sentences that say the contrary.
        differs: (N, K) bool, whether there is one.
        same: (N, N) bool, whether sentence j says of window i what its own does.
        wrong: (N, N) bool, whether it says something else.
    """
    right = same.float()
    there = motion @ texts.T
    allowed = same | wrong
    against = torch.einsum("nd,nkd->nk", motion, contrary)
    to_texts = multi_positive(
        torch.cat([there, against], dim=1),
        torch.cat([right / right.sum(dim=1, keepdim=True), torch.zeros_like(against)], dim=1),
        torch.cat([allowed, differs], dim=1),
    )
    to_motion = multi_positive(there.T, (right / right.sum(dim=0, keepdim=True)).T, allowed.T)
    return 0.5 * (to_texts + to_motion)


def sequence_loss(foretold: Tensor, seen: Tensor, wrong: Tensor, temperature: float = 0.1) -> Tensor:
    """Sequence InfoNCE: at each instant, which window's latent is the one foretold?

    Args:
        foretold: (N, T', D) predicted from one set of sensors.
        seen: (N, T', D) latents of the same windows from other sensors; no gradient flows into them.
        wrong: (N, N) bool, whether window j does something else than window i.
        temperature: of the softmax.
    """
    count = len(foretold)
    foretold, seen = F.normalize(foretold, dim=-1), F.normalize(seen.detach(), dim=-1)
    logits = torch.einsum("itd,jtd->tij", foretold, seen) / temperature
    own = torch.eye(count, device=logits.device)
    allowed = wrong | (own > 0)
    every = logits.flatten(0, 1)
    return multi_positive(every, own.repeat(len(logits), 1), allowed.repeat(len(logits), 1))
