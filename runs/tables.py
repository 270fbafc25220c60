"""Tables of what `zero_shot.sh` and `ablation.sh` left in a folder, those of every basis and of the parts among them: means
and spreads over seeds, in percent.

Usage: python runs/tables.py OUT
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from anywear.benchmark.har import MEASURES
from anywear.benchmark.published import PUBLISHED

SETS = ("usc-had", "dsads", "utd-mhad", "sisfall")
MEAN_OVER = SETS[:3]  # those with published figures
TOLD = ("documented", "read-off", "unknown")
FOUND = {"unknown": "unknown", "auto": "found by itself", "documented": "documented"}
PART, WHOLE = "ablation-", "full"  # rows of `ablation.sh`, and the one with nothing off
NAME = re.compile(r"(?P<row>[\w-]+)-(?P<seed>\d+)-mount-(?P<known>documented|read-off|unknown)")
UNIMTS = {
    name: [100.0 * getattr(own, measure) for measure in MEASURES]
    for name, found in PUBLISHED.items() for own in found if own.system == "UniMTS"
}  # fmt: skip


def main(folder: Path) -> None:
    found: dict[tuple[str, str], dict[str, dict[int, list[float]]]] = defaultdict(lambda: defaultdict(dict))
    for path in sorted(folder.glob("*-mount-*.json")):
        match = NAME.fullmatch(path.stem)
        if match is None:
            continue
        for name, figures in json.loads(path.read_text())["sets"].items():
            values = [100.0 * figures[measure] for measure in MEASURES]
            found[match["row"], match["known"]][name][int(match["seed"])] = values
    # The shipped configuration never saw usc-had and sisfall; on the others it counts without the set in question.
    for known in TOLD:
        shipped, unseen = found.get(("shipped", known)), found.get(("unseen", known))
        if shipped and unseen:
            row = found["shipped, else unseen", known]
            row.update({name: shipped.get(name) or unseen[name] for name in SETS})
    print(f"| row | mount | {' | '.join(SETS)} | mean of {len(MEAN_OVER)} | seeds |")
    print("|---|---|" + "---|" * (len(SETS) + 2))
    cells = " | ".join(_joined(UNIMTS[name]) if name in UNIMTS else "" for name in SETS)
    print(f"| UniMTS as published | unknown | {cells} | {_joined(np.mean([UNIMTS[n] for n in MEAN_OVER], axis=0))} | |")
    for (row, known), sets in found.items():
        if row.startswith(PART):
            continue
        seeds = sorted({seed for own in sets.values() for seed in own})
        cells = [_cell(np.array(list(sets[name].values()))) if name in sets else "" for name in SETS]
        means = _means(sets)
        mean = _cell(np.array(list(means.values()))) if means else ""
        print(f"| {row} | {known} | {' | '.join(cells)} | {mean} | {len(seeds)} |")
    parts = {
        row.removeprefix(PART): sets
        for (row, known), sets in found.items()
        if row.startswith(PART) and known == "unknown"
    }
    if WHOLE in parts:
        print()
        without(parts)


def without(parts: dict[str, dict[str, dict[int, list[float]]]]) -> None:
    """Each part off in turn, and what that changes against nothing off, the same seeds."""
    print(f"| part | {' | '.join(SETS)} | mean of {len(MEAN_OVER)} | change | seeds |")
    print("|---|" + "---|" * (len(SETS) + 3))
    whole = _means(parts[WHOLE])
    for part, sets in sorted(parts.items(), key=lambda own: own[0] != WHOLE):
        means = _means(sets)
        shared = sorted(set(means) & set(whole))
        cells = [_joined(np.mean(list(sets[name].values()), axis=0)) for name in SETS]
        change = np.mean([np.subtract(means[seed], whole[seed]) for seed in shared], axis=0)
        told = ", ".join(f"{value:+.1f}" for value in change)
        print(f"| {part} | {' | '.join(cells)} | {_cell(np.array(list(means.values())))} | {told} | {len(shared)} |")


def _means(sets: dict[str, dict[int, list[float]]]) -> dict[int, np.ndarray]:
    """Measures in the mean of `MEAN_OVER`, of every seed that was scored on all of them."""
    seeds = set.intersection(*(set(sets.get(name, {})) for name in MEAN_OVER))
    return {seed: np.mean([sets[name][seed] for name in MEAN_OVER], axis=0) for seed in sorted(seeds)}


def bases(paths: list[Path]) -> None:
    """Every basis: what ``anywear benchmark bases`` wrote of several trainings."""
    reports = [json.loads(path.read_text()) for path in paths]
    print(f"| mount | by | hubs | {' | '.join(SETS)} | mean of {len(MEAN_OVER)} | times UniMTS |")
    print("|---|---|---|" + "---|" * (len(SETS) + 2))
    published = np.mean([UNIMTS[name] for name in MEAN_OVER], axis=0)
    cells = " | ".join(_joined(UNIMTS[name]) if name in UNIMTS else "" for name in SETS)
    print(f"| unknown | UniMTS, published | | {cells} | {_joined(published)} | |")
    for number, row in enumerate(reports[0]["mean"]["rows"]):
        own = [
            np.array([[100.0 * rows[number][measure] for measure in MEASURES] for rows in told])
            for told in (
                *([report["sets"][name]["rows"] for report in reports] for name in SETS),
                [report["mean"]["rows"] for report in reports],
            )
        ]
        times = " / ".join(f"{value:.2f}" for value in own[-1].mean(axis=0) / published)
        cells = " | ".join(map(_cell, own))
        print(f"| {FOUND[row['mount']]} | {row['by']} | {row['hubs']} | {cells} | {times} |")


def _cell(values: np.ndarray) -> str:
    if len(values) < 2:
        return _joined(values[0])
    return " / ".join(f"{m:.1f}±{s:.1f}" for m, s in zip(values.mean(axis=0), values.std(axis=0, ddof=1), strict=True))


def _joined(values: Iterable[float]) -> str:
    return " / ".join(f"{value:.1f}" for value in values)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    main(folder)
    if found := sorted(folder.glob("bases-*.json")):
        print()
        bases(found)
