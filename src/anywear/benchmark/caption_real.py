"""Real recordings, described: is the true activity named, and how near is the sentence to the label's? And labels chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..datasets import Dataset, DatasetInfo, Source, open_dataset
from ..errors import UsageError, unknown_name
from ..runtime import Model
from ..signal.labelled import LabelledWindow
from .caption_speakers import SPEAKERS, NearestCaption, Speaks, say
from .caption_words import NAMED, names
from .har import HarConfig, asked_windows, headline_groups
from .text import TextConfig, score_texts

BY = ("language model", "cosine")  # ways to choose a label
SIMILARITY = "MiniLM"
MOUNT = "as-shipped"  # what speakers are told of mounts; `HarConfig`


@dataclass(frozen=True)
class RealResult:
    """One data set.

    Attributes:
        name, windows, labels: which, how many windows of how many labels.
        seen: whether the encoder was trained on it.
        named: by speaker, share of windows whose true activity is named; mean over labels.
        per_label: the same by speaker and label.
        similarity: by speaker, cosine of the caption to the label's sentence; mean over labels.
        empty: by speaker, captions without words.
        chosen: by way, share of windows for which the true label is chosen among those of its group; mean over labels.
        chance: of choosing.
        signature: of the similarity.
    """

    name: str
    windows: int
    labels: int
    seen: bool
    named: dict[str, float]
    per_label: dict[str, dict[str, float]]
    similarity: dict[str, float]
    empty: dict[str, int]
    chosen: dict[str, float]
    chance: float
    signature: str


def score_real(
    model: Model,
    language: Speaks,
    nearest: NearestCaption,
    data_dir: Path | str,
    sets: Sequence[str],
    per_label: int,
    seed: int,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[RealResult, ...]:
    """Describe windows of every set that is asked for.

    Args:
        model, language, nearest: who describes and chooses.
        data_dir: folder with the sets' archives or unpacked folders.
        sets: their names.
        per_label: windows drawn of every label, at most.
        seed: of what is drawn.
        report: takes progress lines.

    Raises:
        UsageError: a set without a list of words, or without windows. FormatError: data missing or damaged.
    """
    for name in sets:
        if name not in NAMED:
            raise unknown_name("data set with a list of words", name, NAMED)
    out = []
    for name in dict.fromkeys(sets):
        dataset, source = open_dataset(name, data_dir)
        out.append(_score(model, language, nearest, dataset, source, per_label, seed))
        report(f"{name}: {out[-1].windows} windows described")
    return tuple(out)


def sentences(label: str) -> tuple[str, ...]:
    """What a label is compared as: itself, and a sentence of it."""
    return label, f"a person is {label}"


def draw(dataset: Dataset, source: Source, model: Model, per_label: int, seed: int) -> dict[str, list[LabelledWindow]]:
    """At most so many windows of every label, by group of labels; the same for every model of one rate and window."""
    how = HarConfig(mount=MOUNT)
    windows = how.windows_for(model)
    groups = headline_groups(dataset.info)
    found: dict[tuple[str, str], list[LabelledWindow]] = {}
    for recording in how.told(dataset.recordings(source)):
        for group, item in asked_windows(recording, dataset.info, groups, windows):
            found.setdefault((group, item.label), []).append(item)
    out: dict[str, list[LabelledWindow]] = {}
    for (group, label), items in sorted(found.items()):
        # A generator for each label, so that more windows of one change nothing of another.
        order = np.random.default_rng([seed, len(group), *label.encode()]).permutation(len(items))
        out.setdefault(group, []).extend(items[n] for n in np.sort(order[:per_label]))
    return out


def _score(
    model: Model, language: Speaks, nearest: NearestCaption, dataset: Dataset, source: Source, most: int, seed: int
) -> RealResult:
    info: DatasetInfo = dataset.info
    groups = draw(dataset, source, model, most, seed)
    items = [item for own in groups.values() for item in own]
    if len(items) < 2:
        raise UsageError(f"{info.name} gives too few windows", expected="2 or more", got=str(len(items)))
    said = say(language, nearest, [(item.window, item.placements) for item in items], seed)
    truth = [item.label for item in items]
    rules = NAMED[info.name]
    hits = {
        who: [names(text, rules[label]) for text, label in zip(own, truth, strict=True)] for who, own in said.items()
    }
    judge = TextConfig((SIMILARITY,))
    similar = {who: score_texts(own, [sentences(label) for label in truth], judge) for who, own in said.items()}
    by_label = {who: _by_label(own, truth) for who, own in hits.items()}
    chosen, chance = _chosen(model, language, groups, headline_groups(info))
    return RealResult(
        info.name, len(items), len(set(truth)), info.name in model.config.trained_on,
        {who: _mean(own) for who, own in by_label.items()}, by_label,
        {who: _mean(_by_label(own.per_text[SIMILARITY], truth)) for who, own in similar.items()},
        {who: own.empty for who, own in similar.items()}, chosen, chance, similar[SPEAKERS[0]].signatures[SIMILARITY],
    )  # fmt: skip


def _chosen(
    model: Model, language: Speaks, groups: dict[str, list[LabelledWindow]], labels: dict[str, tuple[str, ...]]
) -> tuple[dict[str, float], float]:
    right: dict[str, list[bool]] = {way: [] for way in BY}
    truth: list[str] = []
    chance: list[float] = []
    for group, items in groups.items():
        asked = list(labels[group])
        for worn in dict.fromkeys(item.placements for item in items):
            own = [item for item in items if item.placements == worn]
            found = [item.window for item in own]
            answers = {
                BY[0]: language.choose(found, worn, asked).argmax(axis=1),
                BY[1]: model.similarities(found, worn, asked).argmax(axis=1),
            }
            for way, best in answers.items():
                right[way] += [asked[b] == item.label for b, item in zip(best, own, strict=True)]
            truth += [item.label for item in own]
            chance += [1.0 / len(asked)] * len(own)
    return {way: _mean(_by_label(own, truth)) for way, own in right.items()}, _mean(_by_label(chance, truth))


def _by_label(values: Iterable, truth: Sequence[str]) -> dict[str, float]:
    return {
        label: float(np.mean([v for v, own in zip(values, truth, strict=True) if own == label]))
        for label in sorted(set(truth))
    }


def _mean(by_label: dict[str, float]) -> float:
    return float(np.mean(list(by_label.values())))
