"""The report of `anywear.benchmark.gestures` as text for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import metrics
from .gestures import GesturesReport, GesturesResult
from .gestures_draws import USERS, Point
from .tables import aligned

TITLES = {
    "gestures": "gestures, light",
    "full": "gestures, full",
    "words": "words alone, no example",
    "no-text": "gestures, light, without texts",
    "scratch": "the same network from scratch",
    "minirocket": "MiniRocket, ridge classifier",
    "dtw": "DTW, nearest neighbour",
}
BASELINES = ("minirocket", "dtw", "scratch")
"""Rows that stand under ``baselines`` in JSON: all that use nothing of ours but the clips."""
MEASURES = {"accuracy": "accuracy", "macro_f1": "macro-F1"}
Told = tuple[dict[str, float], dict[str, float] | None]
"""Mean, and standard deviation where there is one."""
SPLIT_TITLES = {"mixed": "wearers mixed", "users": "other wearers"}


def gestures_json(report: GesturesReport) -> dict:
    """Plain types: ``sets``, ``mean``, ``signature``. Shares, not percent.

    ``accuracy`` and ``macro_f1`` of a set are the first row's, with the first split and number of labels; ``baselines`` are
    the others' at the same place; ``all`` holds every row, split and number of labels.
    """
    row, split, point = report.headline
    mean = {own: report.mean((own, split, point)) for own in report.rows}
    return {
        "sets": {result.name: _set_json(report, result) for result in report.results},
        "mean": {**(mean[row] or {}), "rows": mean, "over": [own.name for own in report.averaged(split)]},
        "headline": {"row": row, "split": split, "labels": str(point)},
        "signature": report.signature,
    }


def gestures_table(report: GesturesReport) -> str:
    """Per split and measure a table: rows by number of labels, set by set, then their mean; in percent."""
    parts = []
    for split in report.config.splits:
        for result in report.results:
            cells = {
                (row, point): (result.mean((row, split, point)), result.spread((row, split, point)))
                for row in report.rows for point in report.config.points
            }  # fmt: skip
            parts.append(_head(result, split) + "\n" + _blocks(report, cells))
        own = report.averaged(split)
        if len(own) > 1:
            cells = {
                (row, point): (mean, None)
                for row in report.rows for point in report.config.points
                if (mean := report.mean((row, split, point))) is not None
            }  # fmt: skip
            kind = "seen by an encoder in training" if own[0].seen else "never seen"
            names = ", ".join(result.name for result in own)
            head = f"mean of {names}; {SPLIT_TITLES[split]}; {kind}"
            parts.append(head + "\n" + _blocks(report, cells))
    remark = "mean±standard deviation over seeds"
    return "\n\n".join([*parts, remark, report.signature])


def title_of(row: str) -> str:
    """What a row is called in tables."""
    name, _, encoder = row.partition("@")
    return TITLES.get(name, name) + (f", encoder {encoder}" if encoder else "")


def _head(result: GesturesResult, split: str) -> str:
    found = result.found
    how = SPLIT_TITLES[split]
    if split == USERS and not result.has_users:
        how = "one wearer, clips dealt to folds"
    seen = ", ".join(title_of(row) for row in result.seen)
    return (
        f"{result.name}: {len(found.clips)} clips, {len(found.labels)} classes, {result.users or 'unnamed'} "
        f"wearer{'s' * (result.users != 1)}; {how}" + (f"; SEEN in training by the encoder of {seen}" if seen else "")
    )


def _blocks(report: GesturesReport, cells: Mapping[tuple[str, Point], Told]) -> str:
    blocks = []
    for measure, title in MEASURES.items():
        rows: list[tuple[str, ...]] = [(f"  {title}", *(str(point) for point in report.config.points), "")]
        for row in report.rows:
            told = [cells.get((row, point)) for point in report.config.points]
            rows.append((f"    {title_of(row)}", *("" if own is None else _cell(*own, measure) for own in told), ""))
        blocks.append(aligned(rows))
    return "\n".join(blocks)


def _cell(mean: dict[str, float], spread: dict[str, float] | None, measure: str) -> str:
    return f"{100 * mean[measure]:.1f}" + (f"±{100 * spread[measure]:.1f}" if spread is not None else "")


def _set_json(report: GesturesReport, result: GesturesResult) -> dict:
    row, split, point = report.headline
    return {
        **_figures(result, (row, split, point)),
        "baselines": {own: _figures(result, (own, split, point)) for own in report.rows if own in BASELINES},
        "rows": {own: _figures(result, (own, split, point)) for own in report.rows if own not in BASELINES},
        "all": {
            one: {
                str(labels): {own: _figures(result, (own, one, labels)) for own in report.rows}
                for labels in report.config.points
            }
            for one in report.config.splits
        },
        "clips": len(result.found.clips),
        "classes": len(result.found.labels),
        "users": result.users,
        "split_by": "clip" if split == USERS and not result.has_users else split,
        "seen": bool(result.seen),
        "seen_by": list(result.seen),
        "recalls": _recalls(result, (row, split, point)),
        "confusion": {
            "labels": list(result.found.labels), "matrix": result.confusion[row, split, point].sum(axis=0).tolist(),
        },
    }  # fmt: skip


def _figures(result: GesturesResult, cell: tuple[str, str, Point]) -> dict:
    return {**result.mean(cell), "sd": result.spread(cell), "per_seed": result.per_seed(cell)}


def _recalls(result: GesturesResult, cell: tuple[str, str, Point]) -> dict[str, float | None]:
    recall: Sequence[float] = metrics.class_recall(result.confusion[cell].sum(axis=0)).tolist()
    return {label: own if own == own else None for label, own in zip(result.found.labels, recall, strict=True)}
