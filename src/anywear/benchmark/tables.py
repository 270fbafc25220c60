"""Reports as text for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence

from .classified import Classified
from .har import MEASURES, Report, SetResult
from .published import PUBLISHED

SEEN = "seen in training: not zero-shot"


def har_json(report: Report) -> dict:
    """The report as plain types: ``sets``, ``mean``, ``signature``. Shares, not percent."""
    mean: dict = {**report.mean, "over": [result.name for result in report.averaged]}
    return {
        "sets": {result.name: _set_json(result) for result in report.results},
        "mean": mean,
        "signature": report.signature,
    }


def har_table(report: Report, *, details: bool = True) -> str:
    """The report as text: figures in percent with intervals, published figures beside, recalls, signature.

    Args:
        report: what was scored.
        details: add the recall of every class and what it is mostly taken for.
    """
    rows: list[tuple[str, ...]] = [("", "accuracy", "macro-F1", "R@2", "windows", "subjects", "")]
    for result in report.results:
        known = [name for name in result.subjects if name != "?"]
        headline = next(iter(result.groups)) if len(result.groups) == 1 else "mean by windows"
        name = result.name if headline == "all" else f"{result.name} ({headline})"
        rows.append(
            (name, *_percent(result.figures), str(result.windows), str(len(known) or "?"), SEEN if result.seen else "")
        )
        intervals = result.intervals()
        if intervals:
            rows.append(("  95 % by subject", *(f"{low:.1%}"[:-1] + "-" + f"{high:.1%}"[:-1]
                                                for low, high in intervals.values()), "", "", ""))  # fmt: skip
        if len(result.groups) > 1:
            for group, own in result.groups.items():
                rows.append((f"  {group}", *_percent(own.figures), str(own.windows), str(len(own.subjects)), ""))
        for other in PUBLISHED.get(result.name, ()):
            figures = (other.accuracy, other.macro_f1, other.recall_at_2)
            rows.append((f"  {other.system}, published", *(f"{100 * f:.1f}" for f in figures), "", "", ""))
    if len(report.results) > 1:
        kind = "all seen in training" if report.averaged[0].seen else "never seen"
        rows.append((f"mean of {len(report.averaged)} {kind}", *_percent(report.mean), "", "", ""))
    parts = [aligned(rows)]
    published = [(result.name, other) for result in report.results for other in PUBLISHED.get(result.name, ())]
    if published:
        remarks = [f"{other.system} on {name}: {other.remark}" for name, other in published]
        parts.append("\n".join([*remarks, *dict.fromkeys(other.citation for _, other in published)]))
    for result in report.results:
        if result.falls is not None:
            f = result.falls
            parts.append(
                f"{result.name}, fall or no fall, {f.trials} trials ({f.true_positive + f.false_negative} falls): "
                f"precision {100 * f.precision:.1f}, recall {100 * f.recall:.1f}, F1 {100 * f.f1:.1f}; "
                f"{f.true_positive} falls named, {f.false_negative} missed, {f.false_positive} false alarms"
            )
        if result.collapse:
            parts.append(f"{result.name}: {result.collapse}")
    if details:
        parts += [_recalls(result) for result in report.results]
    return "\n\n".join([*parts, report.signature])


def spread_table(reports: Sequence[Report]) -> str:
    """Several trainings of one configuration (seeds) side by side: mean, least and largest of every figure."""
    rows: list[tuple[str, ...]] = [("", "accuracy", "macro-F1", "R@2", "")]
    for name in dict.fromkeys(result.name for report in reports for result in report.results):
        own = [result for report in reports for result in report.results if result.name == name]
        cells = []
        for measure in MEASURES:
            values = [100 * result.figures[measure] for result in own]
            cells.append(f"{sum(values) / len(values):.1f} ({min(values):.1f}-{max(values):.1f})")
        rows.append((name, *cells, SEEN if any(result.seen for result in own) else ""))
    models = ", ".join(report.model_hash for report in reports)
    return f"{aligned(rows)}\n\nmean (least-largest) of {len(reports)} models: {models}"


def _set_json(result: SetResult) -> dict:
    groups = list(result.groups.values())
    figures = result.figures
    out: dict = {name: figures[name] for name in (*MEASURES, "balanced_accuracy")}
    out |= {
        "windows": result.windows,
        "subjects": len([name for name in result.subjects if name != "?"]),
        "per_class": {label: facts for group in groups for label, facts in group.per_class().items()},
        "confusion": _confusion_json(groups),
        "collapse": result.collapse,
        "seen": result.seen,
        "groups": {
            name: {**group.figures, "windows": group.windows, "subjects": len(group.subjects), "labels": list(group.labels)}
            for name, group in result.groups.items()
        },
        "interval_95": {name: list(interval) for name, interval in result.intervals().items()},
    }  # fmt: skip
    if result.seen:
        out["remark"] = SEEN
    if result.falls is not None:
        out["fall_or_no_fall"] = result.falls.to_dict()
    return out


def _confusion_json(groups: Sequence[Classified]) -> dict:
    """One matrix; groups were asked apart, so nothing stands between them."""
    labels = [label for group in groups for label in group.labels]
    matrix = [[0] * len(labels) for _ in labels]
    offset = 0
    for group in groups:
        for row, counts in enumerate(group.confusion.tolist()):
            matrix[offset + row][offset : offset + len(counts)] = counts
        offset += len(group.labels)
    return {"labels": labels, "matrix": matrix}


def _recalls(result: SetResult) -> str:
    rows = [(result.name, "recall", "windows", "mostly taken for")]
    for group in result.groups.values():
        for label, facts in group.per_class().items():
            rows.append(
                (f"  {label}", f"{100 * facts['recall']:.0f}", str(facts["windows"]), facts.get("mostly_taken_for", ""))
            )
    return aligned(rows)


def _percent(figures: dict[str, float]) -> tuple[str, ...]:
    return tuple(f"{100 * figures[measure]:.1f}" for measure in MEASURES)


def aligned(rows: Sequence[tuple[str, ...]]) -> str:
    """Columns of equal width: the first and last to the left, figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True)]
        lines.append("  ".join([*cells, row[-1]]).rstrip())
    return "\n".join(lines)
