"""The report on bases as text for people and as JSON for programs."""

from __future__ import annotations

import numpy as np

from ..runtime.recognition import Basis
from .bases import BasesReport, BasesResult, Key
from .har import MEASURES
from .published import PUBLISHED
from .tables import aligned

MOUNT_TITLES = {"unknown": "unknown", "auto": "found by itself", "documented": "documented", "read-off": "read off"}


def bases_json(report: BasesReport) -> dict:
    """The report as plain types: ``sets``, ``mean``, ``signature``. Shares, not percent."""
    names = _compared(report)
    return {
        "sets": {result.name: _set_json(report, result) for result in report.results},
        "mean": {"over": names, "rows": [{**_name(key), **report.mean(key, names)} for key in report.keys]}
        if names
        else {},
        "signature": report.signature,
    }


def bases_table(report: BasesReport, *, details: bool = False) -> str:
    """The report as text, in percent: a row for every way, a column for every set; accuracy / macro-F1 / R@2.

    Args:
        report: what was found.
        details: recall of every class by text and by both beside each other as well.
    """
    names = _compared(report)
    head = ["mount", "by", "hubs", *[r.name + (" (seen)" if r.seen else "") for r in report.results]]
    rows = [head + ([f"mean of {len(names)}", "times UniMTS"] if names else [])]
    if names:
        published = {n: [getattr(PUBLISHED[n][0], measure) for measure in MEASURES] for n in names}
        own = [_cell(published.get(r.name)) for r in report.results]
        usual = np.mean(list(published.values()), axis=0)
        rows.append(["unknown", "UniMTS, published", "", *own, _cell(usual), ""])
    for key in report.keys:
        mount, basis = key
        cells = [_cell([r.figures(key)[m] for m in MEASURES]) for r in report.results]
        row = [MOUNT_TITLES[mount], basis.by, _hubs(basis), *cells]
        if names:
            mean = np.array([report.mean(key, names)[m] for m in MEASURES])
            row += [_cell(mean), " / ".join(f"{ratio:.2f}" for ratio in mean / usual)]
        rows.append(row)
    parts = [aligned([tuple(row) for row in rows])]
    if details:
        parts += [_classes(report, result) for result in report.results]
    for result in report.results:
        told = ", ".join(f"{MOUNT_TITLES[mount]} {100 * share:.0f} %" for mount, share in result.told.items())
        parts.append(f"{result.name}: sensors whose mount was told: {told}")
        alone = [own.label for group in result.imagined.values() for own in group if not own.used]
        if alone:
            parts.append(f"{result.name}: by their words alone: {'; '.join(alone)}")
    return "\n\n".join([*parts, report.signature])


def _classes(report: BasesReport, result: BasesResult) -> str:
    """Recall of every class by text and by everything, told all that is told."""
    mount = report.config.mounts[-1]
    own = [basis for basis in report.config.bases if basis.is_plain or basis == Basis()]
    own = own or list(report.config.bases[:1])
    rows = [[f"{result.name}, mount {MOUNT_TITLES[mount]}"]]
    for basis in own:
        rows[0] += [f"by {basis.title}", "mostly taken for"]
    for group in next(iter(result.rows.values())):
        found = [result.rows[mount, basis][group].per_class() for basis in own]
        for label in found[0]:
            cells = [
                cell
                for one in found
                for cell in (f"{100 * one[label]['recall']:.0f}", one[label].get("mostly_taken_for", "")[:30])
            ]
            rows.append([label[:44], *cells])
    return aligned([tuple(row) for row in rows])


def _set_json(report: BasesReport, result: BasesResult) -> dict:
    return {
        "windows": result.windows, "recordings": result.recordings, "seen": result.seen, "mount_told": result.told,
        "first_question_s": result.first_s,
        "rows": [
            {**_name(key), **{measure: result.figures(key)[measure] for measure in MEASURES},
             "classes": {group: own.per_class() for group, own in result.rows[key].items()}}
            for key in report.keys
        ],
        "imagined": {own.label: own.programs for group in result.imagined.values() for own in group},
    }  # fmt: skip


def _compared(report: BasesReport) -> list[str]:
    """Sets with published figures."""
    return [result.name for result in report.results if result.name in PUBLISHED]


def _name(key: Key) -> dict:
    mount, basis = key
    return {"mount": mount, "by": basis.by, "hubs": _hubs(basis)}


def _hubs(basis: Basis) -> str:
    return "kept" if not basis.hubs else "off, by own windows" if basis.own else "off"


def _cell(values) -> str:
    return "" if values is None else " / ".join(f"{100 * value:.1f}" for value in values)
