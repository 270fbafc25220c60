"""How well a large language model chooses among labels, and the two numbers that make its scores probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from scipy.special import log_softmax

from .._typing import Array
from ..runtime.llm_prompt import CHOICE_ASKED
from .language_motions import Moment
from .language_tasks import label_texts

AMONG = 8  # labels of a choice
PRIORS = (0.0, 0.25, 0.5, 0.75, 1.0)
SCALES = tuple(float(own) for own in np.round(np.geomspace(0.25, 16.0, 25), 4))


@runtime_checkable
class Chooses(Protocol):
    """What is judged; see `anywear.runtime.llm_decoding.LlmDecoder`."""

    @property
    def prompts(self) -> Any: ...

    def likely(self, shown: Any, answers: Any) -> Array: ...


def judge_choices(
    decoder: Chooses, moments: Sequence[Moment], flat: Sequence[Array], count: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Fit `prior` and `scale` of choices by likelihood on moments, held out where there are any.

    Args:
        decoder: of the model as written.
        moments: and the tokens `flat` of each.
        count: moments judged, at most.
        rng: draws them, and the wrong labels.

    Returns:
        ``prior``, ``scale``, share of choices that are ``right`` with them, the share by ``chance``, how many ``moments``,
        and whether they were ``held_out``. Where no moment has a wrong label, the two numbers are 1.
    """
    numbers = [number for number, own in enumerate(moments) if own.held_out] or list(range(len(moments)))
    drawn = [numbers[n] for n in rng.permutation(len(numbers))[:count]]
    scored = []
    for number in drawn:
        own = moments[number]
        others = {moments[n].name: moments[n] for n in numbers if moments[n].dataset == own.dataset}
        others.pop(own.name, None)
        wrong = [list(others.values())[n] for n in rng.permutation(len(others))[: AMONG - 1]]
        if not wrong:
            continue
        answers = [decoder.prompts.answer(label_texts(one)[0]) for one in (own, *wrong)]
        likely = [
            decoder.likely(decoder.prompts.shown(own.segments, tokens, CHOICE_ASKED), answers)
            for tokens in (flat[number], flat[number][:0])
        ]
        scored.append((likely[0], likely[1]))
    told = {"moments": len(scored), "held_out": bool(moments[numbers[0]].held_out)}
    if not scored:
        return {"prior": 1.0, "scale": 1.0, "right": float("nan"), "chance": float("nan"), **told}
    _, prior, scale = min(
        (-float(np.mean([log_softmax(scale * (seen - prior * anyway))[0] for seen, anyway in scored])), prior, scale)
        for prior in PRIORS
        for scale in SCALES
    )
    right = float(np.mean([int(np.argmax(seen - prior * anyway)) == 0 for seen, anyway in scored]))
    chance = float(np.mean([1.0 / len(seen) for seen, _ in scored]))
    return {"prior": prior, "scale": scale, "right": round(right, 4), "chance": round(chance, 4), **told}
