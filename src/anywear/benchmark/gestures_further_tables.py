"""Devices, false triggers and latencies of `anywear.benchmark.gestures`, as text for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from .gestures import PROTOCOL, GesturesConfig, Progress, encoders_of, read_sets
from .gestures_contest import Contestant
from .gestures_devices import DevicesResult, ask_devices
from .gestures_latency import LatencyRow, time_gestures
from .gestures_rejection import RECALL, RejectionRow, ask_everyday, everyday
from .gestures_tables import MEASURES, SPLIT_TITLES, title_of
from .tables import aligned


@dataclass(frozen=True, eq=False)
class FurtherReport:
    """One further table.

    Attributes:
        table: which.
        config: how gestures were learned.
        encoders: what is said of the encoders.
        devices, rejection, latency: what was measured; empty but for the one asked.
    """

    table: str
    config: GesturesConfig
    encoders: str
    devices: tuple[DevicesResult, ...] = ()
    rejection: tuple[RejectionRow, ...] = ()
    latency: tuple[LatencyRow, ...] = ()

    @property
    def signature(self) -> str:
        """One line that states the protocol."""
        c = self.config
        return (
            f"{PROTOCOL} | table {self.table} | split {c.splits[0]} | learned from {c.points[0]} of each class | "
            f"seeds 0-{c.seeds - 1} | encoders {self.encoders}"
        )


def run_further(
    table: str,
    contestants: Sequence[Contestant],
    data_dir: Path | str,
    sets: Sequence[str],
    config: GesturesConfig,
    report: Progress = lambda line: None,
) -> FurtherReport:
    """Measure one further table.

    Args:
        table: ``devices``, ``rejection`` or ``latency``.
        contestants: who answers.
        data_dir: folder with the sets' archives or unpacked folders.
        sets: gestures that are learned.
        config: how; the first split and number of labels.
        report: takes progress lines.

    Raises:
        UsageError: no set, an unknown one, one without clips. FormatError: data missing or damaged.
    """
    config = replace(config, points=config.points[:1], splits=config.splits[:1])
    found = read_sets(data_dir, sets, config.places, report)
    made = FurtherReport(table, config, encoders_of(contestants))
    if table == "devices":
        return replace(made, devices=tuple(ask_devices(contestants, own, config, report=report) for own in found))
    if table == "rejection":
        heard = everyday(data_dir, report=report)
        rows = [row for own in found for row in ask_everyday(contestants, own, heard, config, report)]
        return replace(made, rejection=tuple(rows))
    return replace(made, latency=tuple(row for own in found for row in time_gestures(contestants, own, config, report)))


def further_json(report: FurtherReport) -> dict:
    """Plain types: the table by name, and ``signature``. Shares, hours, seconds."""
    out: dict = {"table": report.table, "signature": report.signature}
    cell = (report.config.splits[0], report.config.points[0])
    if report.devices:
        out["sets"] = {
            own.name: {
                device: {
                    row: {**result.mean((row, *cell)), "sd": result.spread((row, *cell))}
                    for row, *_ in result.confusion
                }
                for device, result in own.results.items()
            }
            for own in report.devices
        }
    if report.rejection:
        out["recall"] = RECALL
        out["rejection"] = [asdict(row) for row in report.rejection]
    if report.latency:
        out["latency"] = [asdict(row) for row in report.latency]
    return out


def further_table(report: FurtherReport) -> str:
    """The table, and the signature under it."""
    parts = [_devices(own, report.config) for own in report.devices]
    if report.rejection:
        parts.append(_rejection(report.rejection, report.config))
    if report.latency:
        parts.append(_latency(report.latency))
    return "\n\n".join([*parts, report.signature])


def _devices(own: DevicesResult, config: GesturesConfig) -> str:
    cell = (config.splits[0], config.points[0])
    rows = list(dict.fromkeys(row for result in own.results.values() for row, *_ in result.confusion))
    blocks = [f"{own.name}: learned as recorded, {config.points[0]} of each class, {SPLIT_TITLES[cell[0]]}"]
    for measure, title in MEASURES.items():
        table: list[tuple[str, ...]] = [(f"  {title}", *(title_of(row) for row in rows), "")]
        for device, result in own.results.items():
            told = [
                f"{100 * result.mean((row, *cell))[measure]:.1f}±{100 * result.spread((row, *cell))[measure]:.1f}"
                for row in rows
            ]
            table.append((f"    {device}", *told, ""))
        blocks.append(aligned(table))
    return "\n".join(blocks)


def _rejection(rows: Sequence[RejectionRow], config: GesturesConfig) -> str:
    table: list[tuple[str, ...]] = [
        (
            "false triggers per hour",
            "at recall",
            "rightly named",
            "own threshold",
            "its recall",
            "candidates",
            "hours",
            "",
        )
    ]
    for row in rows:
        own = row.own_per_hour is not None and row.own_recall is not None
        table.append(
            (
                f"  {title_of(row.row)}, {row.learned}, {row.heard}",
                f"{row.per_hour:.1f}±{row.spread:.1f}",
                f"{100 * row.right:.1f}",
                f"{row.own_per_hour:.1f}" if own else "",
                f"{100 * (row.own_recall or 0.0):.1f}" if own else "",
                str(row.candidates),
                f"{row.hours:.2f}",
                "seen" if row.seen else "",
            )
        )
    return aligned(table) + (
        f"\n  at the threshold that {100 * RECALL:g} % of the gestures asked reach; learned from {config.points[0]} of each "
        f"class, {SPLIT_TITLES[config.splits[0]]}; mean±standard deviation over seeds"
    )


def _latency(rows: Sequence[LatencyRow]) -> str:
    table: list[tuple[str, ...]] = [("milliseconds of one thread", "p50", "p95", "p99", "times", "")]
    for row in rows:
        table.append(
            (f"  {row.name}", *(f"{1000 * own:.2f}" for own in (row.p50_s, row.p95_s, row.p99_s)), str(row.times), "")
        )
    return aligned(table)
