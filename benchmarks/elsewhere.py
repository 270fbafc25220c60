"""Activities learned from one sensor, and asked of another one: what is left, beside MiniRocket.

Everybody learns from four fifths of the people of a set at one site and is asked about the others at every site.

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
from anywear.datasets import open_dataset
from anywear.runtime.activities.looks import Looks

ROWS = ("learned, any setup", "learned, its own setup", "MiniRocket")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.elsewhere", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with archives or unpacked data sets")
    parser.add_argument("--model", type=Path, help="folder of a model (default: the shipped one)")
    parser.add_argument("--set", default="dsads", help="a set with several sensors and one question (default dsads)")
    options = parser.parse_args()
    model = anywear.load(options.model)
    dataset, source = open_dataset(options.set, options.data)
    sites = tuple(dataset.info.placements)
    worn: list[ProbeWindows] = []
    for site in sites:
        [group] = collect(model, dataset, source, HarConfig(placements=(site,)))[0].values()
        worn.append(group)
    folds = divide(worn, options.set)
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
    print(f"{options.set}, accuracy in percent; model {model.sha256} (trained on {','.join(model.config.trained_on)})")
    same = np.eye(len(sites), dtype=bool)
    for row in ROWS:
        means = 100.0 * right[row].mean(axis=0)
        print(f"\n{row}: at its own site {means[same].mean():.1f}, elsewhere {means[~same].mean():.1f}")
        print(f"  {'learned at, asked at':24}" + "".join(f"{site:>14}" for site in sites))
        for site, cells in zip(sites, means, strict=True):
            print(f"  {site:24}" + "".join(f"{cell:14.1f}" for cell in cells))


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
    vectors, values = np.concatenate([p.vectors for p in parts]), np.concatenate([p.values for p in parts])
    latents = None if own.latents is None else np.concatenate([p.latents for p in parts])
    truth, first, ends = own.truth[learn], np.arange(len(learn)), np.cumsum([len(part) for part in parts])
    asks = np.arange(len(learn), len(vectors))
    told = [
        learned_head(looks, truth, own.words, first, groups, asks, np.random.default_rng(0))
        for looks in (Looks(vectors, latents), Looks(vectors, latents, values))
    ]
    told.append(minirocket_ridge(values[first], truth, values[asks], np.random.default_rng(0)))
    return {row: np.split(one, ends[1:-1] - len(learn)) for row, one in zip(ROWS, told, strict=True)}


if __name__ == "__main__":
    main()
