"""The concept table of one training: which wordings are right, wrong or neither for a window of each concept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from .._typing import Array
from ..runtime.contrary import swap_sides
from .corpus import Take
from .vocabulary import CONCEPTS, Concept, concept_of

REFINED = ("walking_straight", "walking_turn_left", "walking_turn_right", "turning_left", "turning_right")


@dataclass(frozen=True)
class ConceptTable:
    """Concepts in a fixed order, with their wordings and relations.

    Attributes:
        names: (C,) names.
        texts: wordings per concept.
        positive: (C, C) weight of concept j as an answer to a window of concept i; rows add up to 1.
        negative: (C, C) bool; True where j is wrong for i.
        mirrored: (C,) index of the concept a mirrored window belongs to.
        members: labels' concepts of each data set, as indices.
    """

    names: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    positive: Array
    negative: Array
    mirrored: Array
    members: dict[str, Array]

    def index(self, name: str) -> int:
        return self.names.index(name)


def table_of(takes: Iterable[Take], excluded: Collection[tuple[str, str]] = ()) -> ConceptTable:
    """The table for the labels of some takes, but for those (data set, label) that are left out."""
    labels: dict[str, set[str]] = {}
    for take in takes:
        words = {word for _, _, word in take.spans if (take.dataset, word) not in excluded}
        labels.setdefault(take.dataset, set()).update(words)
    return build_table(labels)


def build_table(labels: dict[str, set[str]]) -> ConceptTable:
    """The table for the labels of some data sets.

    Args:
        labels: data set to the labels that occur in it.
    """
    concepts: dict[str, Concept] = {}
    members: dict[str, list[str]] = {}
    for dataset, words in sorted(labels.items()):
        for word in sorted(words):
            name, concept = concept_of(dataset, word)
            concepts[name] = _merged(concepts.get(name), concept)
            members.setdefault(dataset, []).append(name)
    if {"walking", "walking_outdoors", "turning"} & set(concepts):
        concepts |= {name: CONCEPTS[name] for name in REFINED}
    for name in _closure(concepts):
        if name not in concepts and name in CONCEPTS:
            concepts[name] = CONCEPTS[name]
    for name in list(concepts):
        other = _mirrored_name(name, concepts)
        if other not in concepts:
            texts = tuple(swap_sides(text) for text in concepts[name].texts)
            concepts[other] = Concept(texts, concepts[name].within, concepts[name].near)
    names = tuple(sorted(concepts))
    positive = np.zeros((len(names), len(names)))
    negative = np.ones((len(names), len(names)), dtype=bool)
    said = {name: {_plain(text) for text in concepts[name].texts} for name in names}
    ancestors = {name: _closure({name: concepts[name]}, concepts) - {name} for name in names}
    for i, name in enumerate(names):
        for j, other in enumerate(names):
            if other == name:
                positive[i, j] = 1.0
            elif other in ancestors[name]:
                positive[i, j] = 0.5
            related = other == name or other in ancestors[name] or name in ancestors[other]
            near = other in concepts[name].near or name in concepts[other].near
            # Two concepts that people call the same cannot be told apart by what they are called.
            if related or near or not said[name].isdisjoint(said[other]):
                negative[i, j] = False
    positive /= positive.sum(axis=1, keepdims=True)
    mirrored = np.array([names.index(_mirrored_name(name, concepts)) for name in names])
    index = {dataset: np.array([names.index(n) for n in own]) for dataset, own in members.items()}
    return ConceptTable(names, tuple(concepts[n].texts for n in names), positive, negative, mirrored, index)


def _closure(concepts: dict[str, Concept], known: dict[str, Concept] | None = None) -> set[str]:
    found: set[str] = set(concepts)
    queue = list(concepts.values())
    while queue:
        for parent in queue.pop().within:
            concept = (known or {}).get(parent) or CONCEPTS.get(parent) or concepts.get(parent)
            if parent not in found and concept is not None:
                found.add(parent)
                queue.append(concept)
    return found


def _merged(one: Concept | None, other: Concept) -> Concept:
    if one is None:
        return other
    parts = zip((one.texts, one.within, one.near), (other.texts, other.within, other.near), strict=True)
    return Concept(*(tuple(dict.fromkeys((*own, *more))) for own, more in parts))


def _plain(text: str) -> str:
    return text.lower().replace("counter clockwise", "counterclockwise").replace("-", " ")


def _mirrored_name(name: str, concepts: dict[str, Concept]) -> str:
    for own, other in (("_left", "_right"), ("_right", "_left"), ("_cw", "_ccw"), ("_ccw", "_cw")):
        if name.endswith(own) and name[: -len(own)] + other in concepts:
            return name[: -len(own)] + other
    if name.endswith("|mirrored"):
        return name.removesuffix("|mirrored")
    changed = any(
        swap_sides(text) != text.replace("counter clockwise", "counterclockwise") for text in concepts[name].texts
    )
    return f"{name}|mirrored" if changed else name
