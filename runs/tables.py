"""Tables of what `zero_shot.sh` and `ablation.sh` left in a folder: means and spreads over seeds, in percent.

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
        seeds = sorted({seed for own in sets.values() for seed in own})
        cells = [_cell(np.array(list(sets[name].values()))) if name in sets else "" for name in SETS]
        whole = [seed for seed in seeds if all(seed in sets.get(name, {}) for name in MEAN_OVER)]
        means = np.array([np.mean([sets[name][seed] for name in MEAN_OVER], axis=0) for seed in whole])
        mean = _cell(means) if len(means) else ""
        print(f"| {row} | {known} | {' | '.join(cells)} | {mean} | {len(seeds)} |")


def _cell(values: np.ndarray) -> str:
    if len(values) < 2:
        return _joined(values[0])
    return " / ".join(f"{m:.1f}±{s:.1f}" for m, s in zip(values.mean(axis=0), values.std(axis=0, ddof=1), strict=True))


def _joined(values: Iterable[float]) -> str:
    return " / ".join(f"{value:.1f}" for value in values)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
