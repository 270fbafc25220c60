"""Who describes windows: the language model, with motion and without, and the nearest caption of the training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from .._typing import Array
from ..motion.generate import PROGRAMS, generate
from ..placement import Placement
from ..runtime import Model
from ..signal import Window
from .retrieval_pools import plain

SPEAKERS = ("language model", "nearest training caption", "language model, no motion", "language model, of others")
MODEL, NEAREST, BLIND, OTHERS = SPEAKERS
BLOCK = 64  # windows at once


@runtime_checkable
class Speaks(Protocol):
    """Describes windows, chooses among labels; `anywear.runtime.language.Language` does."""

    @property
    def about(self) -> object: ...

    def caption(
        self, windows: Sequence[Window], placements: Sequence[Placement], *, cautious: bool = False, motion: bool = True
    ) -> Sequence:
        """One caption for each window; without motion it says what is likely anyway."""
        ...

    def choose(self, windows: Sequence[Window], placements: Sequence[Placement], labels: Sequence[str]) -> Array:
        """(N, K) the higher, the likelier."""
        ...


def training_captions(captured: Sequence[tuple], programs: Sequence[str], clips: int) -> tuple[str, ...]:
    """What was said of clips of the training split, and what the generator says of clips that trainings may draw.

    Args:
        captured: motions of the training split, as `corpus_pool` lists them.
        programs: of the generator; all when empty.
        clips: of each.
    """
    texts = [text for motion, *_ in captured for text in motion.texts]
    for name in programs or tuple(sorted(PROGRAMS)):
        for seed in range(clips):
            texts += [plain(text) for text in generate(name, seed).clip.captions]
    return tuple(dict.fromkeys(texts))


class NearestCaption:
    """Says the known caption whose sentence is nearest to a window."""

    def __init__(self, model: Model, known: Sequence[str]) -> None:
        self._model, self._known = model, list(known)
        self._vectors = model.encode_texts(self._known)

    def caption(self, windows: Sequence[Window], placements: Sequence[Placement]) -> list[str]:
        """One caption for each window."""
        vectors = self._model.encode_windows(windows, placements)
        return [self._known[best] for best in (vectors @ self._vectors.T).argmax(axis=1)]


def say(
    language: Speaks, nearest: NearestCaption, views: Sequence[tuple[Window, tuple[Placement, ...]]], seed: int
) -> dict[str, list[str]]:
    """What every speaker says of windows, in their order."""
    out: dict[str, list[str]] = {name: [""] * len(views) for name in SPEAKERS}
    groups: dict[tuple[Placement, ...], list[int]] = {}
    for number, (_, worn) in enumerate(views):
        groups.setdefault(worn, []).append(number)
    for worn, numbers in groups.items():
        for first in range(0, len(numbers), BLOCK):
            part = numbers[first : first + BLOCK]
            found = [views[number][0] for number in part]
            said = {
                MODEL: [own.text for own in language.caption(found, worn)],
                NEAREST: nearest.caption(found, worn),
                BLIND: [own.text for own in language.caption(found, worn, motion=False)],
            }
            for name, texts in said.items():
                for number, text in zip(part, texts, strict=True):
                    out[name][number] = text
    out[OTHERS] = [out[MODEL][other] for other in others(len(views), seed)]
    return out


def others(count: int, seed: int) -> list[int]:
    """For each of so many a number that is not its own, every number once; of one there is no other."""
    order = np.random.default_rng([seed, count]).permutation(count)
    out = np.zeros(count, dtype=int)
    out[order] = np.roll(order, 1)
    return out.tolist()
