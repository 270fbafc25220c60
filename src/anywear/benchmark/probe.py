"""How good frozen embeddings are where there are labels: the protocol ``anywear-probe v1``.

The windows are those of ``anywear-har v1``, groups of labels asked apart. Subjects (recordings, where subjects are not named)
are divided into five folds. Each fold in turn is asked, and what is learned from are windows of the other four:

- all of them. Linear probe: logistic regression on standardised embeddings, its C chosen by asking each of the four folds
  in turn. MiniRocket with a ridge classifier. The model's own encoder, trained from fresh weights.
- k of each class (all of a class that has fewer), drawn ten times; a draw of one shot is part of the draw of five. Nearest
  class mean by cosine: the headline, for it has no setting that a handful of labels could not choose, and it is how a gesture
  is learned from a few examples. Logistic regression with a fixed C. Words and shots: the vector of its label counts as one
  more window of a class in its mean. MiniRocket and training from scratch on the same draws; the latter is slow and gets the
  first only.
- none of them: the nearest label, as in ``anywear-har v1``.

Everybody is asked the same windows, all of the fold. Accuracy and macro-F1, mean and standard deviation over folds and draws;
groups count by their windows. MiniRocket reads raw windows: a shorter one is held at its last sample to the length of the
longest, a stream that does not cover a window is zeros. An encoder that was trained on the set is marked as having seen it;
the two others never have.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .._typing import Array
from ..datasets import Dataset, Source
from ..errors import UsageError
from ..signal import WindowConfig
from . import metrics
from .har import score_sets, trained_on
from .probe_contest import ALL, CONTESTANTS, SCRATCH, Contest, Key, ProbeConfig
from .probe_windows import Folds, ProbeWindows, WindowEmbedder, collect, divide
from .ranking import mean_of, spread_of
from .registry import benchmark

PROTOCOL = "anywear-probe v1"


@dataclass(frozen=True, eq=False)
class ProbeResult:
    """One data set, probed.

    Attributes:
        name: of the set.
        subjects: who, ``?`` where the data do not tell.
        recordings, windows: how many were read and asked.
        folds: how they were divided.
        seen: whether the model was trained on the set.
        figures: accuracy and macro-F1 of every fold and draw, by contestant and number of shots (`NONE`, `ALL`).
    """

    name: str
    subjects: tuple[str, ...]
    recordings: int
    windows: int
    folds: Folds
    seen: bool
    figures: dict[Key, tuple[dict[str, float], ...]]

    def mean(self, key: Key) -> dict[str, float]:
        """Over folds and draws."""
        return mean_of(list(self.figures[key]))

    def spread(self, key: Key) -> dict[str, float]:
        """Standard deviation over folds and draws."""
        return spread_of(list(self.figures[key]))


@dataclass(frozen=True, eq=False)
class ProbeReport:
    """Every set, and how it was done."""

    results: tuple[ProbeResult, ...]
    config: ProbeConfig
    windows: WindowConfig
    model_hash: str
    trained_on: tuple[str, ...] = ()

    @property
    def averaged(self) -> tuple[ProbeResult, ...]:
        """The sets of the mean: those the model has not seen; all when it has seen all."""
        return tuple(r for r in self.results if not r.seen) or self.results

    @property
    def keys(self) -> tuple[Key, ...]:
        """Contestants and shots that were judged, as tables list them."""
        found = {key for result in self.results for key in result.figures}
        return tuple(sorted(found, key=lambda key: (CONTESTANTS.index(key[0]), key[1] == ALL, key[1])))

    def mean(self, key: Key) -> dict[str, float]:
        """Unweighted mean of a contestant's figures over `averaged`."""
        return mean_of([result.mean(key) for result in self.averaged])

    @property
    def signature(self) -> str:
        """One line that states the protocol; equal lines mean comparable figures."""
        c, asked = self.config, self.config.asked
        sets = ", ".join(
            f"{r.name} {len([s for s in r.subjects if s != '?']) or 'unnamed'} subj {r.folds.count} folds by {r.folds.by} "
            f"{r.windows} win" for r in self.results
        )  # fmt: skip
        scratch = (
            f"scratch {c.scratch_steps} steps, few shots {c.scratch_few_steps} steps and {c.scratch_draws} draws | "
            if SCRATCH in c.rows else ""
        )  # fmt: skip
        return (
            f"{PROTOCOL} | sets {sets} | window {self.windows.window_s:g} s hop {self.windows.hop_s:g} s | "
            f"rate {self.windows.rate_hz:g} Hz | placements {','.join(asked.placements) or 'all'}, "
            f"{'told' if asked.placement_known else 'not told'} | "
            f"mount {asked.mount_told} | rows {','.join(c.rows)} | "
            f"shots {','.join(map(str, c.shots))} of each class, {c.draws} draws, seed {c.seed} | {scratch}"
            f"model {self.model_hash} (trained on {','.join(self.trained_on) or 'nothing named'}) | "
            f"seen: {','.join(r.name for r in self.results if r.seen) or 'no'}"
        )


@benchmark("probe", "labels on frozen embeddings, all and few, against MiniRocket and training from scratch")
def run_probe(
    model: WindowEmbedder,
    data_dir: Path | str,
    sets: Sequence[str],
    config: ProbeConfig | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> ProbeReport:
    """Probe a model on several data sets.

    Args:
        model: any that embeds windows and labels; its card may tell which encoder to train from scratch.
        data_dir: folder with the sets' archives or unpacked folders.
        sets: their names.
        config: how the question is put.
        report: takes progress lines.

    Raises:
        UsageError: no set, an unknown one, one without the placements asked for or with one subject, or what is asked for
        needs a package that is not installed. FormatError: data missing or damaged.
    """
    config = config or ProbeConfig()
    contest = Contest(model, config)
    results = score_sets(
        data_dir, sets, lambda dataset, source: _probe(model, dataset, source, contest, report), report
    )
    windows = config.asked.windows_for(model)
    return ProbeReport(results, config, windows, model.sha256, trained_on(model))


def _probe(
    model: WindowEmbedder, dataset: Dataset, source: Source, contest: Contest, report: Callable[[str], None]
) -> ProbeResult:
    name, began = dataset.info.name, time.monotonic()
    groups, read = collect(model, dataset, source, contest.config.asked)
    report(f"{name}: {sum(len(g.truth) for g in groups.values())} windows embedded, {time.monotonic() - began:.1f} s")
    folds = divide(list(groups.values()), name)
    figures = probe_groups(contest, tuple(groups.values()), folds, lambda line: report(f"{name}: {line}"))
    if not figures:
        raise UsageError(
            f"No fold of {name} has something to learn from and something to ask", where="--sets",
            expected=f"labels that several {folds.by}s have", remedy="Choose another set, or more of it",
        )  # fmt: skip
    subjects = dict.fromkeys(subject or "?" for group in groups.values() for subject in group.subjects)
    seen = name in trained_on(model)
    return ProbeResult(name, tuple(subjects), read, sum(len(g.truth) for g in groups.values()), folds, seen, figures)


def probe_groups(
    contest: Contest,
    groups: Sequence[ProbeWindows],
    folds: Folds,
    report: Callable[[str], None] = lambda line: None,
) -> dict[Key, tuple[dict[str, float], ...]]:
    """Ask every contestant about every fold.

    A group of which a fold leaves nothing to learn from, or nothing to ask, is left out of that fold.

    Returns:
        Figures of every fold and draw, by contestant and number of shots.
    """
    out: dict[Key, list[dict[str, float]]] = {}
    for fold in range(folds.count):
        began = time.monotonic()
        rounds: dict[tuple[Key, int], list[tuple[int, dict[str, float]]]] = {}
        for number, group in enumerate(groups):
            own = folds.rows(group)
            learn, ask = np.flatnonzero(own != fold), np.flatnonzero(own == fold)
            if not len(learn) or not len(ask):
                continue
            for key, draw, answer in contest.answers(group, own, learn, ask, (fold, number)):
                told = (len(ask), _figures(group.truth[ask], answer, len(group.labels)))
                rounds.setdefault((key, draw), []).append(told)
        for (key, _), told in rounds.items():
            out.setdefault(key, []).append(_by_windows(told))
        report(f"fold {fold + 1} of {folds.count}, {time.monotonic() - began:.1f} s")
    return {key: tuple(own) for key, own in out.items()}


def _figures(truth: Array, answer: Array, classes: int) -> dict[str, float]:
    confusion = metrics.confusion_matrix(truth, answer, classes)
    return {"accuracy": metrics.accuracy(confusion), "macro_f1": metrics.macro_f1(confusion)}


def _by_windows(told: Sequence[tuple[int, dict[str, float]]]) -> dict[str, float]:
    weights = [windows for windows, _ in told]
    return {name: float(np.average([own[name] for _, own in told], weights=weights)) for name in told[0][1]}
