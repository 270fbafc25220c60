"""One vector for a stretch of hidden states: latent attention, in training and in answers.

After Lee et al. 2025, "NV-Embed" (ICLR, section 3.1): hidden states attend to a few learned latents, a small network follows,
and the mean over the stretch is the embedding. Here keys and values of the latents are learned as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

POOL = ("query.weight", "keys", "values", "up.weight", "up.bias", "down.weight", "down.bias", "out.weight")
"""Names of the weights."""


def pooled(hidden: Any, wanted: Any, weights: Mapping[str, Any]) -> Any:
    """Unit vectors of stretches.

    Args:
        hidden: tensor (B, T, D) of hidden states.
        wanted: boolean tensor (B, T): the stretch of each row, at least one place long.
        weights: tensors named as in `POOL`: ``query.weight`` (H d, D), ``keys`` and ``values`` (H, R, d), ``up`` and
            ``down`` of the small network, ``out.weight`` (E, H d).

    Returns:
        Tensor (B, E).
    """
    from torch.nn import functional as F

    states = F.layer_norm(hidden.float(), hidden.shape[-1:])
    query = F.linear(states, weights["query.weight"]).unflatten(-1, (len(weights["keys"]), -1)).transpose(1, 2)
    scores = query @ weights["keys"].transpose(1, 2) * query.shape[-1] ** -0.5
    heard = (scores.softmax(dim=-1) @ weights["values"]).transpose(1, 2).flatten(2)
    more = F.gelu(F.linear(heard, weights["up.weight"], weights["up.bias"]))
    heard = heard + F.linear(more, weights["down.weight"], weights["down.bias"])
    share = wanted.to(heard.dtype)
    mean = (heard * share.unsqueeze(-1)).sum(dim=1) / share.sum(dim=1, keepdim=True).clamp(min=1.0)
    return F.normalize(F.linear(mean, weights["out.weight"]), dim=-1)
