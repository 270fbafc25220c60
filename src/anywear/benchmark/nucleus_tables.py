"""The report of `anywear.benchmark.nucleus` as text for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from .nucleus import PARTS, NucleusReport
from .nucleus_clips import ClipRow
from .nucleus_marks import HIT, SETTLED_S, ActivityRow, MarkRow
from .nucleus_neighbours import DRAWS, SHOTS, NeighbourRow
from .nucleus_setups import AS_RECORDED
from .tables import aligned


def nucleus_json(report: NucleusReport) -> dict:
    """Plain types: a list of rows per part that was asked for, ``seed`` and ``signature``. Shares and SI units; None where
    nothing was to be measured."""
    out: dict = {"signature": report.signature, "seed": report.seed}
    for part in PARTS:
        rows = getattr(report, part)
        if rows is not None:
            out[part] = [{key: _plain(value) for key, value in asdict(row).items()} for row in rows]
    for known, row in zip(out.get("marks", ()), report.marks or (), strict=True):
        known |= {"precision": row.precision, "recall": row.recall}
    return out


def nucleus_table(report: NucleusReport) -> str:
    """The report as tables, one below the other."""
    parts = []
    if report.marks is not None:
        parts.append(_marks(report.marks))
    if report.everyday is not None:
        parts.append(_everyday(report.everyday))
    if report.clips is not None:
        parts.append(_clips(report.clips))
    if report.neighbours is not None:
        parts.append(_neighbours(report.neighbours))
    return "\n\n".join([*parts, report.signature])


def _marks(rows: Sequence[MarkRow]) -> str:
    table: list[tuple[str, ...]] = [
        (
            "segments against marks",
            "precision",
            "recall",
            "IoU",
            "of nucleus",
            "start, s",
            "stop, s",
            "known after, s",
            "",
        )
    ]
    for row in rows:
        delay = "" if row.delay_s is None else f"{row.delay_s[0]:.2f} ({row.delay_s[1]:.2f})"
        table.append(
            (
                f"  {row.way}, {row.setup}",
                f"{100 * row.precision:.1f}",
                f"{100 * row.recall:.1f}",
                _number(row.iou, ".3f"),
                _number(row.nucleus_iou, ".3f"),
                _number(row.start_s, "+.2f"),
                _number(row.stop_s, "+.2f"),
                delay,
                f"{row.segments} for {row.marks}",
            )
        )
    return (
        aligned(table) + f"\n  hit: IoU of {HIT:g} or more; IoU, start and stop over hits; known after: median (95 %)"
    )


def _everyday(rows: Sequence[ActivityRow]) -> str:
    table: list[tuple[str, ...]] = [("candidates per minute", "in all", "later on", "minutes", "")]
    for row in rows:
        later = row.candidates - row.first
        table.append(
            (
                f"  {row.name}: {row.activity}",
                f"{row.candidates / row.minutes:.1f}",
                "" if row.later_minutes <= 0.0 else f"{later / row.later_minutes:.1f}",
                f"{row.minutes:.1f}",
                "",
            )
        )
    return aligned(table) + f"\n  later on: {SETTLED_S:g} s after an activity began"


def _clips(rows: Sequence[ClipRow]) -> str:
    head = ("nuclei of clips", "found", "time", "energy", "length, s", "same", "both ends", "")
    table: list[tuple[str, ...]] = [head]
    for row in rows:
        low, middle, high = row.length_s
        alone = row.setup == AS_RECORDED
        table.append(
            (
                f"  {row.name}, {row.way}, {row.setup}",
                f"{100 * row.found / row.clips:.1f}",
                _number(100 * row.time, ".1f"),
                _number(100 * row.energy, ".1f"),
                "" if row.found == 0 else f"{middle:.2f} ({low:.2f}-{high:.2f})",
                "" if alone else _number(row.same, ".3f"),
                "" if alone else _number(100 * row.near, ".1f"),
                "",
            )
        )
    return aligned(table) + "\n  same: mean IoU with the nucleus as recorded; both ends: % within 0.1 s of it"


def _neighbours(rows: Sequence[NeighbourRow]) -> str:
    parts = []
    for name in dict.fromkeys(row.name for row in rows):
        own = [row for row in rows if row.name == name]
        kinds = [(c, s) for c in dict.fromkeys(row.classifier for row in own) for s in SHOTS]
        head = (f"{name}, accuracy", *(f"{c}, {s} shot{'s' * (s > 1)}" for c, s in kinds), "cropped", "")
        table: list[tuple[str, ...]] = [head]
        for crop in dict.fromkeys(row.crop for row in own):
            cells = {(row.classifier, row.shots): row for row in own if row.crop == crop}
            told = [f"{100 * cells[kind].accuracy:.1f}±{100 * cells[kind].spread:.1f}" for kind in kinds]
            table.append((f"  {crop}", *told, f"{100 * next(iter(cells.values())).cropped:.0f}", ""))
        parts.append(aligned(table))
    return (
        "\n\n".join(parts) + f"\n  nearest neighbour; mean±standard deviation over {DRAWS} draws; cropped: % of clips"
    )


def _number(value: float, spec: str) -> str:
    return "" if value != value else format(value, spec)


def _plain(value):
    if isinstance(value, tuple):
        return [_plain(own) for own in value]
    return None if isinstance(value, float) and value != value else value
