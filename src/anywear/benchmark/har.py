"""Recognition of activities from label words, zero-shot: the protocol ``anywear-har v1``.

For each data set every labelled span of every recording is cut into windows that do not overlap (spans shorter than a window
are read whole). The model is asked for the set's own label words and nothing else. Where a set has label groups because the
sensor's place gives the class away, each group is asked apart and the headline is the mean over windows. All subjects count;
nothing is learned or chosen on the set. A set the model was trained on is marked as seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np

from ..datasets import Dataset, DatasetInfo, Source, open_dataset
from ..errors import AnywearError, UsageError, unknown_name
from ..recording import Recording
from ..signal import WindowConfig
from ..signal.labelled import LabelledWindow, labelled_windows
from .classified import Classified, mean_figures, subject_interval
from .falls import FallResult, names_fall
from .labelled import as_told, peak_window, select_streams, self_calibrated
from .registry import benchmark
from .tally import Tally, WindowScorer

PROTOCOL = "anywear-har v1"
BLOCK = 1024  # windows scored at once, which bounds memory
HEADLINE_GROUPS = {"sisfall": "daily"}
"""Sets of which one group alone makes the headline: the falls of SisFall are asked as fall or no fall."""
FALL_GROUPS = {"sisfall": "falls"}
MOUNT_TOLD = {
    "unknown": "not told",
    "auto": "found without labels, by subject",
    "documented": "as documented",
    "as-shipped": "as documented, else found without labels, by subject",
    "read-off": "as documented, else read off labelled recordings",
}
"""What may be told of mounts, in words."""
MEASURES = ("accuracy", "macro_f1", "recall_at_2")


@dataclass(frozen=True)
class HarConfig:
    """How the question is put.

    Attributes:
        window_s: length of windows; the model's own when None.
        hop_s: from one start to the next; the window's length when None, so that windows do not overlap.
        placements: names of streams or sites that take part; all when empty.
        placement_known: whether the model is told where sensors are worn.
        mount: what it is told of their mounts: ``unknown``, nothing; ``documented``, what the data set's own documents state;
            ``auto``, what is found in all recordings of a subject without labels, whatever the documents say; ``as-shipped``,
            what is documented and else what is found, as users get it; ``read-off``, what is documented and else what was
            read off labelled recordings: then labels were used.
    """

    window_s: float | None = None
    hop_s: float | None = None
    placements: tuple[str, ...] = ()
    placement_known: bool = True
    mount: str = "documented"

    def __post_init__(self) -> None:
        if self.mount not in MOUNT_TOLD:
            raise unknown_name("way to tell mounts", self.mount, MOUNT_TOLD)

    @property
    def mount_told(self) -> str:
        """What is told of mounts, in words."""
        return MOUNT_TOLD[self.mount]

    def windows_for(self, model: WindowScorer) -> WindowConfig:
        """Windows on the model's grid."""
        window_s = self.window_s if self.window_s is not None else model.config.window_s  # type: ignore[attr-defined]
        hop_s = self.hop_s if self.hop_s is not None else window_s
        return WindowConfig(model.config.rate_hz, window_s, hop_s)  # type: ignore[attr-defined]

    def told(self, recordings: Iterable[Recording]) -> Iterator[Recording]:
        """What the model gets of the recordings of a set; those are left out in which none of the placements asked for is."""
        chosen = (own for own in (select_streams(one, self.placements) for one in recordings) if own is not None)
        kept = self.mount not in ("unknown", "auto")
        told = (
            as_told(one, placement_known=True, mount_known=kept, read_off=self.mount == "read-off") for one in chosen
        )
        for one in self_calibrated(told) if self.mount in ("auto", "as-shipped") else told:
            # Mounts are found with the places known, and places taken away then.
            yield one if self.placement_known else as_told(one, placement_known=False, mount_known=True)


@runtime_checkable
class Scored(Protocol):
    """What is said of any data set that was scored."""

    @property
    def name(self) -> str: ...
    @property
    def subjects(self) -> tuple[str, ...]: ...
    @property
    def recordings(self) -> int: ...
    @property
    def windows(self) -> int: ...
    @property
    def seen(self) -> bool: ...


Result = TypeVar("Result", bound=Scored)


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
        groups = list(self.groups.values())
        out = {}
        for measure in MEASURES:
            interval = subject_interval(groups, lambda drawn, m=measure: mean_figures(groups, drawn)[m], draws)
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
    scoring: str = "text"

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
        return signature_line(
            PROTOCOL, self.results, self.config, self.windows, self.model_hash, self.trained_on, scoring=self.scoring
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
    results = score_sets(data_dir, sets, lambda dataset, source: score(model, dataset, source, config), report)
    return Report(results, config, config.windows_for(model), model.sha256, trained_on(model), scoring_of(model))


def score_sets(
    data_dir: Path | str,
    sets: Sequence[str],
    score_one: Callable[[Dataset, Source], Result],
    report: Callable[[str], None],
) -> tuple[Result, ...]:
    """Score several data sets. All are found before the first is scored: a wrong name must not cost minutes.

    Raises:
        UsageError: no set, or an unknown one. FormatError: data missing or damaged.
    """
    if not sets:
        raise UsageError("No data set was named", where="--sets", remedy="Write --sets usc-had,sisfall")
    results = []
    for dataset, source in [open_dataset(name, data_dir) for name in dict.fromkeys(sets)]:
        began = time.monotonic()
        result = score_one(dataset, source)
        results.append(result)
        spent_s = time.monotonic() - began
        report(f"{result.name}: {result.recordings} recordings, {result.windows} windows, {spent_s:.1f} s")
    return tuple(results)


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
    asked = headline_groups(info)
    fall_words = dict(info.label_groups or {}).get(FALL_GROUPS.get(info.name, ""), ())
    tally = Tally(model, lambda question: asked.get(str(question), info.label_words), BLOCK)
    read = 0
    for chosen in config.told(dataset.recordings(source)):
        read += 1
        if fall_words:
            peak = peak_window(chosen, windows)
            if peak is not None:
                tally.add(_FALLS, peak)
        for group, item in asked_windows(chosen, info, asked, windows):
            tally.add(group, item)
    groups = {name: tally.classified(name) for name in asked if tally.truth(name)}
    if not groups:
        raise no_windows(info, config)
    seen = info.name in trained_on(model)
    return SetResult(info.name, groups, seen, read, _falls(tally, info, fall_words))


def trained_on(model: WindowScorer) -> tuple[str, ...]:
    """Data sets a model was trained on, as far as it says."""
    return tuple(getattr(model.config, "trained_on", ()))


def scoring_of(model: WindowScorer) -> str:
    """What a model's answers go by: its `anywear.runtime.recognition.Basis`, if it has one."""
    return str(getattr(getattr(model, "basis", None), "title", "text"))


def headline_groups(info: DatasetInfo) -> dict[str, tuple[str, ...]]:
    """Label words that are asked together, by group; one group named ``all`` where the set has none."""
    groups = dict(info.label_groups or {"all": info.label_words})
    if info.name in HEADLINE_GROUPS:
        return {HEADLINE_GROUPS[info.name]: groups[HEADLINE_GROUPS[info.name]]}
    return groups


def asked_windows(
    recording: Recording, info: DatasetInfo, asked: Mapping[str, Sequence[str]], windows: WindowConfig
) -> Iterator[tuple[str, LabelledWindow]]:
    """Every window of a recording whose label is asked for, with its group.

    Raises:
        AnywearError: a label that is not in the set's list.
    """
    group_of = {label: name for name, labels in asked.items() for label in labels}
    for item in labelled_windows(recording, windows):
        if item.label in group_of:
            yield group_of[item.label], item
        elif item.label not in info.label_words:
            raise AnywearError(
                "The data hold a label that is not in the set's list", where=recording.source, got=item.label
            )


def no_windows(info: DatasetInfo, config: HarConfig) -> UsageError:
    """The error of a set that leaves nothing to ask."""
    return UsageError(
        f"{info.name} gives no window at these placements", where="--placements",
        expected=", ".join(info.placements), got=", ".join(config.placements) or "all",
        remedy="Name sites or streams of this set, or give a shorter --window",
    )  # fmt: skip


def signature_line(
    protocol: str,
    results: Sequence[Scored],
    config: HarConfig,
    windows: WindowConfig,
    model_hash: str,
    trained_on: Sequence[str],
    further: str = "",
    scoring: str = "text",
) -> str:
    """One line that states a protocol which asks windows for label words.

    Args:
        protocol: its name.
        results: what was scored.
        config, windows: how it was asked.
        model_hash, trained_on: of the model.
        further: what the protocol adds.
        scoring: what the answers go by.
    """
    sets = ", ".join(f"{r.name} {_subject_count(r)} subj {r.windows} win" for r in results)
    worn = ",".join(config.placements) or "all"
    seen = ",".join(r.name for r in results if r.seen) or "no"
    return (
        f"{protocol} | sets {sets} | window {windows.window_s:g} s hop {windows.hop_s:g} s | "
        f"rate {windows.rate_hz:g} Hz | labels: data set words | "
        f"placements {worn}, {'told' if config.placement_known else 'not told'} | "
        f"mount {config.mount_told} | "
        f"by {scoring} | "
        f"{further + ' | ' if further else ''}"
        f"split: all subjects, {'zero-shot' if seen == 'no' else 'zero-shot but for seen sets'} | "
        f"model {model_hash} (trained on {','.join(trained_on) or 'nothing named'}) | seen: {seen}"
    )


_FALLS = "fall or no fall"


def _falls(tally: Tally, info: DatasetInfo, fall_words: Sequence[str]) -> FallResult | None:
    truth = tally.truth(_FALLS)
    if not truth:
        return None
    is_fall = np.array([label in fall_words for label in truth])
    return FallResult.count(is_fall, names_fall(tally.scores(_FALLS), info.label_words, tuple(fall_words)))


def _subject_count(result: Scored) -> str:
    known = [name for name in result.subjects if name != "?"]
    return str(len(known)) if known else "unnamed"
