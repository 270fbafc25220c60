"""The probe's report as text for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping

from .probe import ProbeReport, ProbeResult
from .probe_contest import (
    ALL,
    CLASS_MEAN,
    CONTESTANTS,
    LEARNED,
    MINIROCKET,
    NONE,
    REGRESSION,
    SCRATCH,
    WORDS,
    WORDS_AND_SHOTS,
    Key,
)
from .tables import aligned

TITLES = {
    CLASS_MEAN: "embeddings, nearest class mean",
    REGRESSION: "embeddings, logistic regression",
    WORDS_AND_SHOTS: "embeddings, words + shots",
    WORDS: "embeddings, words alone",
    LEARNED: "learned: all of these and convolutions",
    MINIROCKET: "MiniRocket, ridge classifier",
    SCRATCH: "the same encoder from scratch",
}
MEASURES = {"accuracy": "accuracy", "macro_f1": "macro-F1"}
Told = tuple[dict[str, float], dict[str, float] | None]
"""Mean, and standard deviation where there is one."""
SEEN = "the encoder has seen this set in training"


def probe_json(report: ProbeReport) -> dict:
    """The report as plain types: ``sets``, ``mean``, ``signature``. Shares, not percent."""
    return {
        "sets": {result.name: _set_json(report, result) for result in report.results},
        "mean": {**_nested({key: report.mean(key) for key in report.keys}),
                 "over": [result.name for result in report.averaged]},
        "signature": report.signature,
    }  # fmt: skip


def probe_table(report: ProbeReport) -> str:
    """The report as text: per set and measure, contestants by number of shots, in percent."""
    parts = []
    for result in report.results:
        known = len([name for name in result.subjects if name != "?"])
        head = (
            f"{result.name}: {result.windows} windows of {known or 'unnamed'} subjects, {result.folds.count} folds by "
            f"{result.folds.by}" + (f"; {SEEN}" if result.seen else "")
        )
        cells = {key: (result.mean(key), result.spread(key)) for key in report.keys}
        parts.append(head + "\n" + "\n".join(_block(cells, measure) for measure in MEASURES))
    if len(report.averaged) > 1:
        kind = "all seen in training" if report.averaged[0].seen else "never seen"
        means = {key: (report.mean(key), None) for key in report.keys}
        head = f"mean of {len(report.averaged)} sets, {kind}"
        parts.append(head + "\n" + "\n".join(_block(means, measure) for measure in MEASURES))
    remark = "mean±standard deviation over folds and draws"
    if any(name == CLASS_MEAN for name, _ in report.keys):
        remark += "; the headline of few shots is the nearest class mean"
    return "\n\n".join([*parts, remark, report.signature])


def _block(cells: Mapping[Key, Told], measure: str) -> str:
    columns = sorted({shots for _, shots in cells}, key=lambda shots: (shots == ALL, shots))
    rows = [(f"  {MEASURES[measure]}", *(_column(shots) for shots in columns), "")]
    for name in CONTESTANTS:
        if any(own == name for own, _ in cells):
            told = [cells.get((name, shots)) for shots in columns]
            rows.append((f"    {TITLES[name]}", *(_cell(own, measure) for own in told), ""))
    return aligned(rows)


def _column(shots: int) -> str:
    if shots in (NONE, ALL):
        return "no label" if shots == NONE else "all labels"
    return f"{shots} shot{'s' if shots > 1 else ''}"


def _cell(told: Told | None, measure: str) -> str:
    if told is None:
        return ""
    mean, spread = told
    return f"{100 * mean[measure]:.1f}" + (f"±{100 * spread[measure]:.1f}" if spread is not None else "")


def _set_json(report: ProbeReport, result: ProbeResult) -> dict:
    told = {
        key: {**result.mean(key), "sd": result.spread(key), "answers": len(result.figures[key])} for key in report.keys
    }
    return {
        "contestants": _nested(told),
        "windows": result.windows,
        "recordings": result.recordings,
        "subjects": len([name for name in result.subjects if name != "?"]),
        "folds": result.folds.count,
        "folds_by": result.folds.by,
        "seen": result.seen,
    }


def _nested(told: dict[Key, dict]) -> dict[str, dict[str, dict]]:
    """By contestant, then by shots: ``0``, numbers, ``all``."""
    out: dict[str, dict[str, dict]] = {}
    for (name, shots), own in told.items():
        out.setdefault(name, {})["all" if shots == ALL else str(shots)] = own
    return out
