"""Recognition of activities from label words, zero-shot: the protocol ``anywear-har v1``.

For each data set every labelled span of every recording is cut into windows that do not overlap (spans shorter than a window
are read whole). The model is asked for the set's own label words and nothing else. Where a set has label groups because the
sensor's place gives the class away, each group is asked apart and the headline is the mean over windows. All subjects count;
nothing is learned or chosen on the set. A set the model was trained on is marked as seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from .._typing import Array
from ..datasets import Dataset, Source, open_dataset
from ..errors import AnywearError, UsageError
from ..placement import UNKNOWN_MOUNT, Placement
from ..recording import Recording
from ..signal import WindowConfig
from .classified import Classified, mean_figures
from .falls import FallResult, names_fall
from .labelled import LabelledWindow, labelled_windows, peak_window, select_streams
from .metrics import bootstrap_interval
from .registry import benchmark

PROTOCOL = "anywear-har v1"
BLOCK = 1024  # windows scored at once, which bounds memory
HEADLINE_GROUPS = {"sisfall": "daily"}
"""Sets of which one group alone makes the headline: the falls of SisFall are asked as fall or no fall."""
FALL_GROUPS = {"sisfall": "falls"}
MEASURES = ("accuracy", "macro_f1", "recall_at_2")


@runtime_checkable
class WindowScorer(Protocol):
    """What a model has to do to be judged; `anywear.runtime.Model` does."""

    config: object
    sha256: str

    def score_windows(self, found: Sequence, placements: Sequence, labels: Sequence[str]) -> Array:
        """(N, L) scores of windows for labels, the higher the better."""
        ...


@dataclass(frozen=True)
class HarConfig:
    """How the question is put.

    Attributes:
        window_s: length of windows; the model's own when None.
        hop_s: from one start to the next; the window's length when None, so that windows do not overlap.
        placements: names of streams or sites that take part; all when empty.
        placement_known: whether the model is told where sensors are worn.
        mount_known: whether it is told of their mounts what the data set's own documents state.
    """

    window_s: float | None = None
    hop_s: float | None = None
    placements: tuple[str, ...] = ()
    placement_known: bool = True
    mount_known: bool = True

    def windows_for(self, model: WindowScorer) -> WindowConfig:
        """Windows on the model's grid."""
        window_s = self.window_s if self.window_s is not None else model.config.window_s  # type: ignore[attr-defined]
        hop_s = self.hop_s if self.hop_s is not None else window_s
        return WindowConfig(model.config.rate_hz, window_s, hop_s)  # type: ignore[attr-defined]


@dataclass(frozen=True, eq=False)
class SetResult:
    """One data set, scored.

    Attributes:
        name: of the set.
        groups: what was asked, by group; one named ``all`` where the set has no groups.
        seen: whether the model was trained on the set.
        falls: fall against no fall, where the set has falls.
        recordings: how many were read.
    """

    name: str
    groups: dict[str, Classified]
    seen: bool
    recordings: int
    falls: FallResult | None = None

    @property
    def windows(self) -> int:
        return sum(group.windows for group in self.groups.values())

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for group in self.groups.values() for name in group.subjects))

    @property
    def figures(self) -> dict[str, float]:
        """Accuracy, macro-F1, recall at 2, balanced accuracy: of the one group, or the mean over groups by windows."""
        return mean_figures(list(self.groups.values()))

    def intervals(self, draws: int = 1000) -> dict[str, tuple[float, float]]:
        """95 % intervals of the figures when subjects are drawn anew; empty with fewer than two subjects."""
        names = self.subjects
        groups = list(self.groups.values())
        out = {}
        for measure in MEASURES:
            interval = bootstrap_interval(
                len(names),
                lambda times, m=measure: mean_figures(groups, dict(zip(names, times.tolist(), strict=True)))[m],
                np.random.default_rng(0),
                draws,
            )
            if interval is not None:
                out[measure] = interval
        return out

    @property
    def collapse(self) -> str | None:
        """What the collapse check says of any group."""
        several = len(self.groups) > 1
        found = [f"{name}: {g.collapse}" if several else g.collapse for name, g in self.groups.items() if g.collapse]
        return "; ".join(text for text in found if text) or None


@dataclass(frozen=True, eq=False)
class Report:
    """Every set, and how it was done."""

    results: tuple[SetResult, ...]
    config: HarConfig
    windows: WindowConfig
    model_hash: str
    trained_on: tuple[str, ...] = field(default=())

    @property
    def averaged(self) -> tuple[SetResult, ...]:
        """The sets of the mean: those the model has not seen; all when it has seen all."""
        return tuple(r for r in self.results if not r.seen) or self.results

    @property
    def mean(self) -> dict[str, float]:
        """Unweighted mean of the figures over `averaged`."""
        return {m: float(np.mean([r.figures[m] for r in self.averaged])) for m in MEASURES}

    @property
    def signature(self) -> str:
        """One line that states the protocol; equal lines mean comparable figures."""
        sets = ", ".join(f"{r.name} {_subject_count(r)} subj {r.windows} win" for r in self.results)
        worn = ",".join(self.config.placements) or "all"
        seen = ",".join(r.name for r in self.results if r.seen) or "no"
        return (
            f"{PROTOCOL} | sets {sets} | window {self.windows.window_s:g} s hop {self.windows.hop_s:g} s | "
            f"rate {self.windows.rate_hz:g} Hz | labels: data set words | "
            f"placements {worn}, {'told' if self.config.placement_known else 'not told'} | "
            f"mount {'as documented' if self.config.mount_known else 'not told'} | "
            f"split: all subjects, {'zero-shot' if seen == 'no' else 'zero-shot but for seen sets'} | "
            f"model {self.model_hash} (trained on {','.join(self.trained_on) or 'nothing named'}) | seen: {seen}"
        )


@benchmark("har", "name activities from label words, zero-shot: accuracy, macro-F1, recall at 2")
def run(
    model: WindowScorer,
    data_dir: Path | str,
    sets: Sequence[str],
    config: HarConfig | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Report:
    """Score a model on several data sets.

    Args:
        model: any that scores windows; call once per seed and see `anywear.benchmark.spread_table` for several.
        data_dir: folder with the sets' archives or unpacked folders.
        sets: their names.
        config: how the question is put.
        report: takes progress lines.

    Raises:
        UsageError: no set, an unknown one, or one without the placements asked for. FormatError: data missing or damaged.
    """
    config = config or HarConfig()
    if not sets:
        raise UsageError("No data set was named", where="--sets", remedy="Write --sets usc-had,sisfall")
    # All are found before the first is scored: a wrong name must not cost minutes.
    opened = [open_dataset(name, data_dir) for name in dict.fromkeys(sets)]
    results = []
    for dataset, source in opened:
        began = time.monotonic()
        result = score(model, dataset, source, config)
        results.append(result)
        report(
            f"{result.name}: {result.recordings} recordings, {result.windows} windows, {time.monotonic() - began:.1f} s"
        )
    trained_on = tuple(getattr(model.config, "trained_on", ()))
    return Report(tuple(results), config, config.windows_for(model), model.sha256, trained_on)


def score(
    model: WindowScorer, dataset: Dataset, source: Source | Path | str, config: HarConfig | None = None
) -> SetResult:
    """Score a model on one data set.

    Args:
        model: any that scores windows.
        dataset: what it is asked.
        source: where the set's files are.
        config: how the question is put.

    Raises:
        UsageError: the set has no windows at the placements asked for. FormatError: data missing or damaged.
    """
    config = config or HarConfig()
    info, windows = dataset.info, config.windows_for(model)
    asked = dict(info.label_groups or {"all": info.label_words})
    fall_words = asked.get(FALL_GROUPS.get(info.name, ""), ())
    if info.name in HEADLINE_GROUPS:
        asked = {HEADLINE_GROUPS[info.name]: asked[HEADLINE_GROUPS[info.name]]}
    group_of = {label: name for name, labels in asked.items() for label in labels}
    tally = _Tally(model, asked, info.label_words if fall_words else ())
    read = 0
    for recording in dataset.recordings(source):
        chosen = _as_told(recording, config)
        if chosen is None:
            continue
        read += 1
        if fall_words:
            peak = peak_window(chosen, windows)
            if peak is not None:
                tally.add(_FALLS, peak)
        for item in labelled_windows(chosen, windows):
            if item.label in group_of:
                tally.add(group_of[item.label], item)
            elif item.label not in info.label_words:
                raise AnywearError(
                    "The data hold a label that is not in the set's list", where=recording.source, got=item.label
                )
    groups = {name: tally.classified(name) for name in asked if tally.truth(name)}
    if not groups:
        raise UsageError(
            f"{info.name} gives no window at these placements", where="--placements",
            expected=", ".join(info.placements), got=", ".join(config.placements) or "all",
            remedy="Name sites or streams of this set, or give a shorter --window",
        )  # fmt: skip
    seen = info.name in getattr(model.config, "trained_on", ())
    return SetResult(info.name, groups, seen, read, tally.falls(fall_words) if fall_words else None)


_FALLS = "fall or no fall"


class _Tally:
    """Windows wait here until a block is full, are scored, and leave only their scores and truth behind."""

    def __init__(self, model: WindowScorer, asked: dict[str, tuple[str, ...]], fall_labels: tuple[str, ...]) -> None:
        self._model = model
        self._labels = {**asked, _FALLS: fall_labels}
        self._waiting: dict[tuple[str, tuple[Placement, ...]], list[LabelledWindow]] = {}
        self._scores: dict[str, list[Array]] = {}
        self._truth: dict[str, list[str]] = {}
        self._subjects: dict[str, list[str | None]] = {}

    def add(self, question: str, item: LabelledWindow) -> None:
        key = (question, item.placements)
        self._waiting.setdefault(key, []).append(item)
        if len(self._waiting[key]) >= BLOCK:
            self._flush(key)

    def truth(self, question: str) -> list[str]:
        for key in [key for key in self._waiting if key[0] == question]:
            self._flush(key)
        return self._truth.get(question, [])

    def classified(self, question: str) -> Classified:
        labels = self._labels[question]
        truth = np.array([labels.index(label) for label in self.truth(question)])
        return Classified.count(labels, truth, np.concatenate(self._scores[question]), self._subjects[question])

    def falls(self, fall_words: tuple[str, ...]) -> FallResult | None:
        truth = self.truth(_FALLS)
        if not truth:
            return None
        is_fall = np.array([label in fall_words for label in truth])
        return FallResult.count(
            is_fall, names_fall(np.concatenate(self._scores[_FALLS]), self._labels[_FALLS], fall_words)
        )

    def _flush(self, key: tuple[str, tuple[Placement, ...]]) -> None:
        question, placements = key
        items = self._waiting.pop(key)
        scores = self._model.score_windows([item.window for item in items], placements, list(self._labels[question]))
        self._scores.setdefault(question, []).append(np.asarray(scores, dtype=np.float64))
        self._truth.setdefault(question, []).extend(item.label for item in items)
        self._subjects.setdefault(question, []).extend(item.subject for item in items)


def _as_told(recording: Recording, config: HarConfig) -> Recording | None:
    chosen = select_streams(recording, config.placements)
    if chosen is None or (config.placement_known and config.mount_known):
        return chosen
    hidden = []
    for stream in chosen.streams:
        mount = stream.placement.mount if config.mount_known else UNKNOWN_MOUNT
        where = stream.placement if config.placement_known else Placement.unknown()
        hidden.append(stream.with_placement(replace(where, mount=mount), "partly hidden by the benchmark"))
    return chosen.with_streams(hidden)


def _subject_count(result: SetResult) -> str:
    known = [name for name in result.subjects if name != "?"]
    return str(len(known)) if known else "unnamed"
