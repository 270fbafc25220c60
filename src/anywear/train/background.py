"""What a finished model needs to score by more than cosines: windows to hold scores against, and a calibration of each basis.

Neither asks more of the data than the training did: the background is of windows it learned from, their labels unused but for
the spread within a kind of motion; calibration is on the subjects held out. Where a language model lies in the model's
folder, both are made with it and without; one that comes later needs them anew:

python -m anywear.train.background runs/shipped.toml --data DIR --model FOLDER
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path

import numpy as np

from .._typing import Array
from ..errors import AnywearError
from ..motion.generate import find_program
from ..placement import UNKNOWN_MOUNT, Mount, Placement
from ..runtime.background import Background
from ..runtime.model import MIN_WINDOW_S, PLAIN, Model, ModelConfig
from ..runtime.recognition import BY, Basis, Recognizer
from ..runtime.together import Together, embedder
from ..signal import Window, mount_axes
from .calibrate import Calibration, calibrate
from .concepts import ConceptTable, table_of
from .corpus import Take
from .export import hashes
from .synthetic import EVERYDAY
from .vocabulary import CAPTURED, SIMULATED, concept_of

WINDOW_S = 5.0
PER_MOTION = 15  # windows of every label of every data set in the background
PER_LABEL = 15  # windows of every label that a basis is calibrated on, each seen by one stream and by all
GENERATED = 2  # takes of a label where nothing is recorded: each is worn elsewhere, where all labels are imagined
NO_GYR = 0.15  # share of background windows without a gyroscope
FAST_HZ = 1000.0  # takes are on the model's grid and do not know how slow their clocks were


def finish(
    folder: Path, seen: Sequence[Take], unseen: Sequence[Take], table: ConceptTable, report: Callable[[str], None]
) -> ModelConfig:
    """Add background and calibrations to an artefact.

    Args:
        folder: the artefact.
        seen: takes of the training.
        unseen: takes held out of it; those seen when there are none.
        table: the training's concepts, which say what is wrong for what.
        report: takes progress lines.
    """
    fit_background(Model(folder), seen, np.random.default_rng(0)).save(folder)
    model = Model(folder)
    says = (False, True) if model.together is not None else (False,)
    bases: dict[str, Basis] = {}
    for told, hubs, by in product(says, (True, False), BY):
        basis = Basis(by, hubs, language=told)
        bases.setdefault(basis.name, basis)  # simulation asks no words, and is the same with a language model
    del bases[PLAIN]
    found = _calibrate(model, bases, list(unseen) or list(seen), table)
    for name, own in found.items():
        report(f"calibration by {name}: {own}")
    config = replace(model.config, scoring={name: asdict(own) for name, own in found.items()}, files=hashes(folder))
    config.save(folder / "model.json")
    return config


def fit_background(model: Model, takes: Sequence[Take], rng: np.random.Generator) -> Background:
    """Windows of all labels of all takes alike, worn as they come, as a model sees them."""
    by_label: dict[tuple[str, str], list[tuple[Take, tuple[int, int, str]]]] = {}
    for take in takes:
        for span in take.spans:
            by_label.setdefault((take.dataset, span[2]), []).append((take, span))
    together = embedder(model)
    vectors, points, motions, told = [], [], [], []
    for label in sorted(by_label):
        own = by_label[label]
        for _ in range(PER_MOTION):
            take, span = own[rng.integers(len(own))]
            length = min(round(WINDOW_S * model.config.rate_hz), take.values.shape[1])
            first = int(np.clip(rng.integers(span[0], span[1] + 1), 0, take.values.shape[1] - length))
            streams = rng.permutation(len(take.placements))[: rng.choice((1, 1, 1, 2, 3))]
            placements = [_partly_told(take.placements[s], rng) for s in streams]
            window = _window(take, streams, first, length, bool(rng.random() < NO_GYR))
            if isinstance(together, Together):
                alone, both = together.encode_each([window], placements)
                told.append(both[0])
            else:
                alone = model.encode_windows([window], placements)
            vectors.append(alone[0])
            known = [placement.rest_point()[0] for placement in placements if placement.is_known]
            points.append(np.mean(known, axis=0) if known else np.full(3, np.inf))
            motions.append("/".join(label))
    order = rng.permutation(len(vectors))  # those that are kept are to be of all kinds
    return Background.fit(
        np.stack(vectors)[order], np.stack(points)[order], [motions[row] for row in order],
        np.stack(told)[order] if told else None,
        together.language.about.sha256 if isinstance(together, Together) else "",
    )  # fmt: skip


def _calibrate(
    model: Model, bases: Mapping[str, Basis], takes: list[Take], table: ConceptTable
) -> dict[str, Calibration]:
    """A calibration of each basis; all are asked the same windows, one setup after the other, for what is imagined there is
    imagined for all."""
    recorded = [take for take in takes if take.dataset not in (SIMULATED, CAPTURED)]
    takes = recorded or [take for take in takes if take.spans and take.spans[0][2] in EVERYDAY]
    labels = sorted({(take.dataset, label) for take in takes for _, _, label in take.spans})
    words = [find_program(label).label if name == SIMULATED else label for name, label in labels]
    concept = np.array([table.index(concept_of(*label)[0]) for label in labels])
    recognizers, rng = {name: Recognizer(model, basis) for name, basis in bases.items()}, np.random.default_rng(0)
    asked: dict[tuple[str, tuple[Placement, ...]], list[tuple[Window, int]]] = {}
    for number, label in enumerate(labels):
        own = [(take, span) for take in takes for span in take.spans if (take.dataset, span[2]) == label]
        if not recorded:
            own = [own[row] for row in rng.permutation(len(own))[:GENERATED]]
        for _ in range(PER_LABEL):
            take, (start, stop, _) = own[rng.integers(len(own))]
            # A window holds one activity: it is as short as its span.
            longest, shortest = WINDOW_S * model.config.rate_hz, MIN_WINDOW_S * model.config.rate_hz
            length = min(round(np.clip(stop - start, shortest, longest)), take.values.shape[1])
            first = min(int(rng.integers(start, max(start + 1, stop - length + 1))), take.values.shape[1] - length)
            every = np.arange(len(take.placements))
            for streams in {tuple(every), (int(rng.integers(len(every))),)}:
                window = _window(take, np.array(streams), first, length, False)
                told = tuple(take.placements[s] for s in streams)
                asked.setdefault((label[0], told), []).append((window, number))
    # Only the words of a window's own data set are asked.
    same_set = np.array([[a[0] == b[0] for b in labels] for a in labels])
    truth = np.array([number for items in asked.values() for _, number in items])
    scores: dict[str, list[Array]] = {name: [] for name in recognizers}
    for (_, told), items in asked.items():
        own = np.flatnonzero(same_set[items[0][1]])
        for name, recognizer in recognizers.items():
            row = np.zeros((len(items), len(labels)))
            row[:, own] = recognizer.scores([window for window, _ in items], told, [words[column] for column in own])
            scores[name].append(row)
    allowed = table.negative[np.ix_(concept, concept)] & same_set
    return {
        name: calibrate(np.concatenate(rows), truth, allowed[truth], copy.deepcopy(rng))
        for name, rows in scores.items()
    }


def _window(take: Take, streams: Array, first: int, length: int, no_gyr: bool) -> Window:
    values = take.values[streams, first : first + length].astype(np.float64)
    gyr = [own[:, 3:] if take.has_gyr[s] and not no_gyr else None for s, own in zip(streams, values, strict=True)]
    return Window(first, tuple(range(len(streams))), tuple(values[..., :3]), tuple(gyr), (FAST_HZ,) * len(streams))


def _partly_told(placement: Placement, rng: np.random.Generator) -> Placement:
    """A placement of whose mount nothing is told, the axis up, or all that is known."""
    told = int(rng.integers(3))
    axes, known = mount_axes(placement)
    if told == 1 and known[0]:
        up = tuple((axes[0] / np.linalg.norm(axes[0])).tolist())
        return replace(placement, mount=Mount(up_axis=up, source=placement.mount.source))
    return placement if told == 2 else replace(placement, mount=UNKNOWN_MOUNT)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    from .run import RunConfig, divided_takes  # which finishes its models with this

    parser = argparse.ArgumentParser(prog="python -m anywear.train.background", description=__doc__)
    parser.add_argument("config", type=Path, help="of the training")
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets' archives")
    parser.add_argument("--model", type=Path, required=True, help="folder of the model")
    parser.add_argument("--cache", type=Path, help="folder that keeps takes between runs")
    options = parser.parse_args(arguments)
    try:
        config = RunConfig.load(options.config)
        seen, unseen = divided_takes(config, options.data, options.model, options.cache, print)
        finish(options.model, seen, unseen, table_of(seen, config.align.excluded), print)
    except AnywearError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
