"""How much simulation should weigh beside words: all labels imagined, and half of them judged by their words alone.

All sensors of a set together and each alone, mounts found by themselves. Give a model that never saw the sets, or ask about
the people it left out alone.

    python -m benchmarks.mixing --data DIR --model FOLDER
    python -m benchmarks.mixing --data DIR --held-out
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

import anywear
from anywear.benchmark.bases import embedded
from anywear.benchmark.classified import Classified, mean_figures
from anywear.benchmark.har import MEASURES, HarConfig, asked_windows, headline_groups
from anywear.datasets import open_dataset
from anywear.runtime import Model
from anywear.runtime.labels import LabelSet
from anywear.runtime.recognition import Question
from anywear.signal.labelled import LabelledWindow

WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
DRAWS = 4  # of which half of the labels is declined
Cell = tuple[str, str]
"""A set, and a site or ``all``."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mixing", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with archives or unpacked data sets")
    parser.add_argument("--model", type=Path, help="folder of a model (default: the shipped one)")
    parser.add_argument("--held-out", action="store_true", help="only the subjects that the model left out")
    parser.add_argument("--sets", default="dsads,utd-mhad", help="data sets (default dsads,utd-mhad)")
    options = parser.parse_args()
    model = anywear.load(options.model)
    cells: dict[Cell, dict[tuple, list[Classified]]] = {}
    for name in options.sets.split(","):
        for place, items in asked_by_place(model, name, options.data, options.held_out).items():
            print(f"{name}, {place}: {sum(map(len, items.values()))} windows", file=sys.stderr)
            cells[name, place] = scored(model, items)
    whole = [cell for cell in cells if cell[1] == "all"]
    single = [(f"{name}, all sensors", [(name, place)]) for name, place in whole]
    for title, chosen in (*single, ("all sensors", whole), ("all sensors, and each alone", list(cells))):
        print(f"\n{title} ({len(chosen)} means): accuracy / macro-F1 / R@2")
        print("hubs   weight   every label imagined   half of them")
        for hubs in (False, True):
            for weight in WEIGHTS:
                told = [
                    " / ".join(f"{100 * v:.1f}" for v in mean_of(cells, chosen, (hubs, weight, half)))
                    for half in (False, True)
                ]
                print(f"{'off ' if hubs else 'kept'}   {weight:.1f}      {told[0]}     {told[1]}")


def asked_by_place(model: Model, name: str, data: Path, held_out: bool) -> dict[str, dict[str, list[LabelledWindow]]]:
    """Windows by group of labels, for all sensors together and, where there are several, for each alone."""
    dataset, source = open_dataset(name, data)
    asked = headline_groups(dataset.info)
    subjects = model.config.held_out.get(name) if held_out else None
    places = ("all", *dataset.info.placements) if len(dataset.info.placements) > 2 else ("all",)
    out: dict[str, dict[str, list[LabelledWindow]]] = {}
    for place in places:
        config = HarConfig(mount="auto", placements=() if place == "all" else (place,))
        for recording in config.told(dataset.recordings(source, subjects=subjects)):
            for group, item in asked_windows(recording, dataset.info, asked, config.windows_for(model)):
                out.setdefault(place, {}).setdefault(group, []).append(item)
    return out


def scored(model: Model, groups: dict[str, list[LabelledWindow]]) -> dict[tuple, list[Classified]]:
    """Counts by (hubs, weight, whether half of the labels is declined), one for each group and draw."""
    out: dict[tuple, list[Classified]] = {}
    for items in groups.values():
        labels = LabelSet.of(sorted({item.label for item in items}))
        truth = np.array([labels.names.index(item.label) for item in items])
        subjects = [item.subject for item in items]
        vectors, setups = embedded(model.recognizer(), items)
        rng = np.random.default_rng(0)
        halves = [set(rng.permutation(labels.names)[: len(labels) // 2].tolist()) for _ in range(DRAWS)]
        for hubs in (False, True):
            recognizer = model.recognizer("both", hubs)
            ready = {setup: recognizer.question(labels, setup) for setup in setups}
            for weight in WEIGHTS:
                for declined in (set(), *halves):
                    scores = np.zeros((len(items), len(labels)))
                    for setup, rows in setups.items():
                        question: Question = (
                            ready[setup].with_basis(replace(recognizer.basis, weight=weight)).by_words(declined)
                        )
                        scores[rows] = question.scores(vectors[rows])
                    counted = Classified.count(labels.names, truth, scores, subjects)
                    out.setdefault((hubs, weight, bool(declined)), []).append(counted)
    return out


def mean_of(cells: dict[Cell, dict[tuple, list[Classified]]], chosen: list[Cell], key: tuple) -> list[float]:
    figures = [mean_figures(cells[cell][key]) for cell in chosen]
    return [float(np.mean([own[name] for own in figures])) for name in MEASURES]


if __name__ == "__main__":
    main()
