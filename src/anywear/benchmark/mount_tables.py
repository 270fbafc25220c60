"""Reports of found mounts as text for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict

import numpy as np

from .. import __version__
from .mount import JudgedMount, MountReport
from .mount_simulated import FIRST_SEED, OTHERS, PEOPLE, SECONDS, WALKS, SimulatedMount
from .tables import aligned

QUANTILES = (0.5, 0.9)


def mount_table(report: MountReport, *, details: bool = True) -> str:
    """The report as text: medians and 90th percentiles in degrees, how often a mount is declined, signature.

    Args:
        report: what was judged.
        details: add a row for every sensor of every subject.
    """
    parts = []
    if report.judged:
        parts.append(_sets_table(report.judged))
        if details:
            parts.append(_subjects_table(report.judged))
    if report.simulated:
        walks = [own for own in report.simulated if own.walks]
        parts.append(_simulated_table("simulated walks", walks, lambda own: own.part))
        parts.append(_simulated_table("simulated walks", walks, lambda own: own.program))
        others = [own for own in report.simulated if not own.walks]
        rows = [("nobody walks", "sensors", "claimed", "")]
        for program in dict.fromkeys(own.program for own in others):
            chosen = [own for own in others if own.program == program]
            claimed = sum(own.knowledge != "nothing" for own in chosen)
            rows.append((program, str(len(chosen)), f"{100 * claimed / len(chosen):.0f} %", ""))
        parts.append(aligned(rows))
    return "\n\n".join([*parts, signature(report)])


def mount_json(report: MountReport) -> dict:
    """The report as plain types: ``sets`` (summaries by set and site), ``judged``, ``simulated``, ``signature``."""
    groups = _by(report.judged, lambda own: f"{own.data_set} {own.site}")
    return {
        "sets": {name: _summary(own) for name, own in groups.items()},
        "judged": [asdict(own) for own in report.judged],
        "simulated": [asdict(own) for own in report.simulated],
        "signature": signature(report),
    }


def signature(report: MountReport) -> str:
    """One line that says how it was measured."""
    parts = [f"anywear {__version__}", "mount found by itself, place told, no label used to find it"]
    if report.judged:
        parts.append("recordings of a subject taken together")
        for kind, is_read_off in (("read off labelled recordings", True), ("documented", False)):
            names = dict.fromkeys(own.data_set for own in report.judged if own.read_off == is_read_off)
            if names:
                parts.append(f"judged by axes {kind}: {', '.join(names)}")
    if report.simulated:
        parts.append(
            f"simulated: {PEOPLE} people x {len(WALKS)} walks and {len(OTHERS)} others, {SECONDS:g} s each, "
            f"sites of the left and the middle, welded, seeds from {FIRST_SEED * (report.seed + 1)}"
        )
    return " | ".join(parts)


def _sets_table(judged: Sequence[JudgedMount]) -> str:
    rows: list[tuple[str, ...]] = [
        ("", "sensors", "declined", "put on anew", "up", "up, standing", "outward", "forward line", "within")
    ]
    for name, own in _by(judged, lambda one: f"{one.data_set} {one.site}").items():
        facts = _summary(own)
        within = facts["up_within_expected"]
        rows.append(
            (
                name + (" (read off)" if own[0].read_off else " (documented)"),
                str(facts["sensors"]),
                str(facts["declined"]),
                str(facts["put_on_anew"]),
                *(_pair(facts[key]) for key in ("up_deg", "standing_deg", "outward_deg", "forward_line_deg")),
                "-" if within is None else f"{100 * within:.0f} %",
            )
        )
    return aligned(rows) + (
        "\n\nAngles in degrees, median / 90th percentile, of those that were not declined. up, outward: to the axes "
        "of the data set; up, standing: to gravity in labelled standing; within: share of up no further off than the "
        "finder expected, against standing where it is known."
    )


def _subjects_table(judged: Sequence[JudgedMount]) -> str:
    rows: list[tuple[str, ...]] = [("", "walking", "pieces", "up", "standing", "outward", "found")]
    for own in judged:
        figures = (own.up_deg, own.standing_deg, own.outward_deg)
        rows.append(
            (
                f"{own.data_set} {own.subject} {own.stream}", f"{own.walking_s:.0f} s", str(own.pieces),
                *("-" if value is None else f"{value:.0f}" for value in figures),
                own.knowledge if own.knowledge != "nothing" else f"declined: {own.reason}",
            )
        )  # fmt: skip
    return aligned(rows)


def _simulated_table(title: str, own: Sequence[SimulatedMount], key: Callable[[SimulatedMount], str]) -> str:
    rows = [(title, "sensors", "declined", "full", "up", "forward", "within", "")]
    for name, chosen in {**_by(own, key), "all": list(own)}.items():
        found = [one for one in chosen if one.knowledge != "nothing"]
        errors = [one.up_deg for one in found if one.up_deg is not None]
        expected = [one.expected_up_deg for one in found if one.up_deg is not None]
        rows.append(
            (
                name,
                str(len(chosen)),
                f"{100 * (1 - len(found) / len(chosen)):.0f} %",
                f"{100 * sum(one.knowledge == 'full' for one in chosen) / len(chosen):.0f} %",
                _pair(_quantiles(errors)),
                _pair(_quantiles(one.forward_deg for one in found)),
                "-" if not errors else f"{100 * np.mean(np.array(errors) <= np.array(expected)):.0f} %",
                "",
            )
        )
    return aligned(rows)


def _summary(own: Sequence[JudgedMount]) -> dict:
    judged = [
        (one.standing_deg if one.standing_deg is not None else one.up_deg, one.expected_up_deg)
        for one in own
        if one.up_deg is not None
    ]
    inside = [error <= expected for error, expected in judged if error is not None and expected is not None]
    return {
        "sensors": len(own),
        "declined": sum(one.knowledge == "nothing" for one in own),
        "full": sum(one.knowledge == "full" for one in own),
        "put_on_anew": sum(one.pieces > 1 for one in own),
        "read_off": own[0].read_off,
        **{
            key: _quantiles(getattr(one, key) for one in own)
            for key in ("up_deg", "standing_deg", "outward_deg", "forward_line_deg")
        },
        "up_within_expected": float(np.mean(inside)) if inside else None,
    }


def _quantiles(values: Iterable[float | None]) -> list[float] | None:
    known = [value for value in values if value is not None]
    return [float(q) for q in np.quantile(known, QUANTILES)] if known else None


def _pair(values: Sequence[float] | None) -> str:
    return "-" if values is None else " / ".join(f"{value:.0f}" for value in values)


def _by(own: Sequence, key: Callable[..., str]) -> dict[str, list]:
    groups: dict[str, list] = {}
    for one in own:
        groups.setdefault(key(one), []).append(one)
    return groups
