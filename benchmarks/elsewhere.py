"""Activities learned from sensors, and asked of others, or of the same in other turns: what is left, beside MiniRocket.

Places: everybody learns from four fifths of the people of a set at one site and is asked about the others at every site.
Turns: from all sensors, and is asked as they were worn, and with each turned at random.

    python -m benchmarks.elsewhere --data DIR --model FOLDER
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

import anywear
from anywear.benchmark.har import HarConfig
from anywear.benchmark.probe_classifiers import learned_head, minirocket_ridge
from anywear.benchmark.probe_windows import ProbeWindows, collect, divide
from anywear.datasets import Dataset, Source, open_dataset
from anywear.runtime.activities.looks import Looks, channels_of, embedded, stacked, turned

ROWS = ("learned, any setup", "learned, its own setup", "MiniRocket")
TURNED_ROWS = ("learned", "learned --turns", "MiniRocket")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.elsewhere", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with archives or unpacked data sets")
    parser.add_argument("--model", type=Path, help="folder of a model (default: the shipped one)")
    parser.add_argument("--set", default="dsads", help="a set with one question (default dsads)")
    parser.add_argument("--only", choices=("places", "turns"), help="both by default")
    options = parser.parse_args()
    model = anywear.load(options.model)
    dataset, source = open_dataset(options.set, options.data)
    print(f"{options.set}, accuracy in percent; model {model.sha256} (trained on {','.join(model.config.trained_on)})")
    if options.only != "turns":
        places(model, dataset, source)
    if options.only != "places":
        turns(model, dataset, source)


def places(model: anywear.Model, dataset: Dataset, source: Source) -> None:
    """Learned at every site, asked at every site."""
    sites = tuple(dataset.info.placements)
    worn: list[ProbeWindows] = []
    for site in sites:
        [group] = collect(model, dataset, source, HarConfig(placements=(site,)))[0].values()
        worn.append(group)
    folds = divide(worn, dataset.info.name)
    rows = [folds.rows(group) for group in worn]
    right = {row: np.zeros((folds.count, len(sites), len(sites))) for row in ROWS}
    for fold in range(folds.count):
        asked = [np.flatnonzero(own == fold) for own in rows]
        for number, site in enumerate(sites):
            learn = np.flatnonzero(rows[number] != fold)
            for row, answers in answered(worn, asked, worn[number], learn, rows[number][learn]).items():
                for other, (group, own, told) in enumerate(zip(worn, asked, answers, strict=True)):
                    right[row][fold, number, other] = np.mean(told == group.truth[own])
            print(f"fold {fold + 1} of {folds.count}, {site}", file=sys.stderr)
    same = np.eye(len(sites), dtype=bool)
    for row in ROWS:
        means = 100.0 * right[row].mean(axis=0)
        print(f"\n{row}: at its own site {means[same].mean():.1f}, elsewhere {means[~same].mean():.1f}")
        print(f"  {'learned at, asked at':24}" + "".join(f"{site:>14}" for site in sites))
        for site, cells in zip(sites, means, strict=True):
            print(f"  {site:24}" + "".join(f"{cell:14.1f}" for cell in cells))


def turns(model: anywear.Model, dataset: Dataset, source: Source) -> None:
    """Asked as worn, and turned; the mount is not told, in learning neither."""
    [group] = collect(model, dataset, source, HarConfig(mount="unknown"))[0].values()
    rng = np.random.default_rng(0)
    items = [(item.window, item.placements) for item in group.items]
    other = [turned(item, rng) for item in items]
    seen = embedded(model, other).with_values(stacked(other, channels_of(items), group.values.shape[2]))
    folds = divide([group], dataset.info.name)
    rows = folds.rows(group)
    right: dict[str, list[list[float]]] = {row: [] for row in TURNED_ROWS}
    for fold in range(folds.count):
        learn, asked = np.flatnonzero(rows != fold), np.flatnonzero(rows == fold)
        both = joined([group.looks[learn], seen[learn], group.looks[asked], seen[asked]])
        truth = np.tile(group.truth[learn], 2)
        asks = np.arange(len(truth), len(both))
        for row, first in zip(TURNED_ROWS, (np.arange(len(learn)), np.arange(len(truth)), None), strict=True):
            if first is None:
                values = group.values[learn], group.truth[learn], both.values[asks]
                told = minirocket_ridge(*values, np.random.default_rng(0))
            else:
                told = learned_head(
                    both, truth, group.words, first, np.tile(rows[learn], 2)[first], asks, np.random.default_rng(0)
                )
            right[row].append([float(np.mean(part == group.truth[asked])) for part in np.split(told, 2)])
        print(f"fold {fold + 1} of {folds.count}, turns", file=sys.stderr)
    print("\nall sensors, mount not told: as worn in learning, and turned at random")
    for row in TURNED_ROWS:
        as_worn, in_turns = 100.0 * np.mean(right[row], axis=0)
        print(f"  {row:24}{as_worn:14.1f}{in_turns:14.1f}")


def answered(
    worn: list[ProbeWindows], asked: list[np.ndarray], own: ProbeWindows, learn: np.ndarray, groups: np.ndarray
) -> dict[str, list[np.ndarray]]:
    """By row, the labels answered for the windows asked at every site.

    Args:
        worn, asked: windows at every site, and which of them are asked.
        own, learn: the windows at the site that is learned from, and which.
        groups: whose these are.
    """
    parts = [own.looks[learn], *(group.looks[rows] for group, rows in zip(worn, asked, strict=True))]
    both = joined(parts)
    truth, first, ends = own.truth[learn], np.arange(len(learn)), np.cumsum([len(part) for part in parts])
    asks = np.arange(len(learn), len(both))
    told = [
        learned_head(looks, truth, own.words, first, groups, asks, np.random.default_rng(0))
        for looks in (Looks(both.vectors, both.latents), both)
    ]
    told.append(minirocket_ridge(both.values[first], truth, both.values[asks], np.random.default_rng(0)))
    return {row: np.split(one, ends[1:-1] - len(learn)) for row, one in zip(ROWS, told, strict=True)}


def joined(parts: list[Looks]) -> Looks:
    """Windows one after the other."""
    latents = [part.latents for part in parts if part.latents is not None]
    return Looks(
        np.concatenate([part.vectors for part in parts]), np.concatenate(latents) if latents else None,
        np.concatenate([part.values for part in parts]),
    )  # fmt: skip


if __name__ == "__main__":
    main()
