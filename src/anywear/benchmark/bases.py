"""What recognition goes by, and what that is worth: the questions of ``anywear-har v1`` by text, by simulation and by both,
with hubs taken off and not, and with the mount untold, found without labels, and as documented.

Windows are embedded once per way to tell mounts; every basis scores the same vectors.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ..datasets import Dataset, Source
from ..runtime import Model
from ..runtime.imagine import Setup
from ..runtime.labels import LabelSet
from ..runtime.recognition import BY, Basis, Imagined, Recognizer
from ..signal.labelled import LabelledWindow
from .classified import Classified, mean_figures
from .har import MEASURES, HarConfig, asked_windows, headline_groups, no_windows, score_sets, signature_line, trained_on
from .registry import benchmark

PROTOCOL = "anywear-bases v1"
MOUNTS = ("unknown", "auto", "documented")
Key = tuple[str, Basis]
"""How mounts are told, and what answers go by."""


@dataclass(frozen=True)
class BasesConfig:
    """What is compared.

    Attributes:
        base: how the question is put; its mount is replaced by each of `mounts`.
        mounts: ways to tell mounts; see `HarConfig`.
        bases: what answers go by.
        language: whether the language model has a say in what words fit; by default it has, where there is one.
    """

    base: HarConfig = field(default_factory=HarConfig)
    mounts: tuple[str, ...] = MOUNTS
    bases: tuple[Basis, ...] = (*(Basis(by, hubs) for by in BY for hubs in (False, True)), Basis(own=True))
    language: bool | None = None


@dataclass(frozen=True, eq=False)
class BasesResult:
    """One data set.

    Attributes:
        name: of the set.
        rows: counts by group of questions, for every way.
        told: share of streams whose mount was told at least in part, by way to tell mounts.
        imagined: what was made of each label, by group.
        seen: whether the model was trained on the set.
        recordings, windows: how many were asked about.
        first_s: seconds that the first question of each group took on each basis, imagining included; what one basis has
            imagined costs the next ones nothing.
    """

    name: str
    rows: dict[Key, dict[str, Classified]]
    told: dict[str, float]
    imagined: dict[str, tuple[Imagined, ...]]
    seen: bool
    recordings: int
    windows: int
    first_s: dict[str, float]

    @property
    def subjects(self) -> tuple[str, ...]:
        """Who wore the sensors."""
        return tuple(dict.fromkeys(name for own in next(iter(self.rows.values())).values() for name in own.subjects))

    def figures(self, key: Key) -> dict[str, float]:
        """Accuracy, macro-F1 and recall at 2 of one way."""
        return mean_figures(list(self.rows[key].values()))


@dataclass(frozen=True, eq=False)
class BasesReport:
    """Every set, and how it was done."""

    results: tuple[BasesResult, ...]
    config: BasesConfig
    model: Model

    @property
    def keys(self) -> list[Key]:
        """Every way that was asked."""
        return [(mount, basis) for mount in self.config.mounts for basis in self.config.bases]

    def mean(self, key: Key, names: Sequence[str]) -> dict[str, float]:
        """Unweighted mean of the figures of one way over some sets."""
        own = [result.figures(key) for result in self.results if result.name in names]
        return {measure: float(np.mean([figures[measure] for figures in own])) for measure in MEASURES}

    @property
    def signature(self) -> str:
        """One line that states the protocol; equal lines mean comparable figures."""
        config = self.config
        told = self.model.recognizer(language=config.language).basis.language
        return signature_line(
            PROTOCOL, self.results, config.base, config.base.windows_for(self.model), self.model.sha256,
            trained_on(self.model), f"mounts {','.join(config.mounts)}, {'with' if told else 'without'} the language model",
            ",".join(basis.title for basis in config.bases),
        )  # fmt: skip


@benchmark("bases", "har by text, by simulation and by both, with the mount untold, found and documented")
def run_bases(
    model: Model,
    data_dir: Path | str,
    sets: Sequence[str],
    config: BasesConfig | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> BasesReport:
    """Ask a model about several data sets in every way.

    Args:
        model: with a background to hold scores against.
        data_dir: folder with the sets' archives or unpacked folders.
        sets: their names.
        config: what is compared.
        report: takes progress lines.

    Raises:
        UsageError: no set, an unknown one, one without windows, or a model without background.
        FormatError: data missing or damaged.
    """
    config = config or BasesConfig()
    for basis in config.bases:
        # A model that cannot is found out before minutes of work.
        model.recognizer(basis.by, basis.hubs, own=basis.own, language=config.language)
    results = score_sets(data_dir, sets, lambda dataset, source: score_bases(model, dataset, source, config), report)
    return BasesReport(results, config, model)


def score_bases(model: Model, dataset: Dataset, source: Source | Path | str, config: BasesConfig) -> BasesResult:
    """Ask a model about one data set in every way; errors as in `run_bases`."""
    asked = headline_groups(dataset.info)
    rows: dict[Key, dict[str, Classified]] = {}
    told: dict[str, float] = {}
    imagined: dict[str, tuple[Imagined, ...]] = {}
    first_s: dict[str, float] = {}
    read = windows = 0
    for mount in config.mounts:
        base = replace(config.base, mount=mount)
        recordings = list(base.told(dataset.recordings(source)))
        knowledge = [s.placement.mount.knowledge != "nothing" for one in recordings for s in one.streams]
        told[mount] = float(np.mean(knowledge)) if knowledge else 0.0
        groups: dict[str, list[LabelledWindow]] = {}
        for recording in recordings:
            for group, item in asked_windows(recording, dataset.info, asked, base.windows_for(model)):
                groups.setdefault(group, []).append(item)
        if not groups:
            raise no_windows(dataset.info, base)
        read, windows = len(recordings), sum(len(items) for items in groups.values())
        for group, items in groups.items():
            labels = LabelSet.of(list(asked[group]))
            truth = np.array([labels.names.index(item.label) for item in items])
            subjects = [item.subject for item in items]
            vectors, setups = embedded(model.recognizer(language=config.language), items)
            for basis in config.bases:
                recognizer = model.recognizer(basis.by, basis.hubs, own=basis.own, language=config.language)
                scores = np.zeros((len(items), len(labels)))
                for setup, numbers in setups.items():
                    began = time.monotonic()
                    question = recognizer.question(labels, setup)
                    first_s.setdefault(f"{group} by {basis.title}", time.monotonic() - began)
                    scores[numbers] = question.scores(vectors[numbers], vectors)
                    imagined.setdefault(group, question.imagined)
                    imagined[group] = imagined[group] or question.imagined
                rows.setdefault((mount, basis), {})[group] = Classified.count(labels.names, truth, scores, subjects)
    seen = dataset.info.name in trained_on(model)
    return BasesResult(dataset.info.name, rows, told, imagined, seen, read, windows, first_s)


def embedded(recognizer: Recognizer, items: list[LabelledWindow]) -> tuple[np.ndarray, dict[Setup, list[int]]]:
    """Vectors of windows, as a recogniser's questions take them, and which of them were recorded with which setup."""
    setups: dict[Setup, list[int]] = {}
    by_placements: dict[tuple, list[int]] = {}
    for number, item in enumerate(items):
        by_placements.setdefault(item.placements, []).append(number)
        setups.setdefault(Setup.of(item.window, item.placements), []).append(number)
    vectors = None
    for placements, numbers in by_placements.items():
        own = recognizer.encode_windows([items[number].window for number in numbers], placements)
        vectors = np.zeros((len(items), own.shape[1]), dtype=np.float32) if vectors is None else vectors
        vectors[numbers] = own
    assert vectors is not None
    return vectors, setups
