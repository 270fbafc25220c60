"""What a classifier learns from generated windows: tested on real ones, beside one that has learnt from other people.

A linear discriminant with a shrunken covariance (Fisher 1936) on `MEASURES`, which do not depend on how the sensor is
turned. It is told neither the set's rate nor its people; all activities at one place of a set compete.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .._typing import Array
from .simulation_features import Windows, halves
from .simulation_measures import measures

_SHRINK = 0.1  # share of the identity in the covariance


@dataclass(frozen=True)
class Transfer:
    """Balanced accuracy at one place of a set.

    Attributes:
        data, site: which.
        activities: how many there are to choose from.
        from_real: learnt from one half of the subjects, tested on the other; mean of both ways. NaN with one subject.
        from_generated: learnt from generated windows, tested on all real ones.
        top3: the same, with the right one among the first three.
        taken_for: by label, what most of its real windows are taken for by the latter.
    """

    data: str
    site: str
    activities: int
    from_real: float
    from_generated: float
    top3: float
    taken_for: dict[str, str]

    @property
    def chance(self) -> float:
        """Of guessing."""
        return 1.0 / self.activities


def transfers(made: Mapping[tuple[str, str, str], tuple[Windows, Windows]]) -> tuple[Transfer, ...]:
    """One for every place of a set where there are two activities; keys are set, label and site."""
    found = []
    for data, site in dict.fromkeys((data, site) for data, _, site in made):
        own = {label: pair for (d, label, s), pair in made.items() if (d, s) == (data, site)}
        if len(own) < 2:
            continue
        real = {label: measures(pair[0]) for label, pair in own.items()}
        generated = {label: measures(pair[1]) for label, pair in own.items()}
        ranks = _ranked(generated, real)
        names = list(own)
        found.append(
            Transfer(
                data,
                site,
                len(own),
                _between_people({label: pair[0] for label, pair in own.items()}),
                _hits(ranks, names, 1),
                _hits(ranks, names, 3),
                {label: names[int(np.bincount(rank[:, 0]).argmax())] for label, rank in ranks.items()},
            )
        )
    return tuple(found)


def _between_people(real: Mapping[str, Windows]) -> float:
    split = {label: halves(windows) for label, windows in real.items()}
    if any(pair is None for pair in split.values()):
        return float("nan")
    sides = [{label: measures(pair[side]) for label, pair in split.items() if pair} for side in (0, 1)]
    scores = []
    for learnt, tested in (sides, sides[::-1]):
        scores.append(_hits(_ranked(learnt, tested), list(real), 1))
    return float(np.mean(scores))


def _hits(ranks: Mapping[str, Array], names: list[str], most: int) -> float:
    """Mean over activities of the share of windows with the right one among the first so many."""
    return float(np.mean([(rank[:, :most] == names.index(label)).any(axis=1).mean() for label, rank in ranks.items()]))


def _ranked(learnt: Mapping[str, Array], tested: Mapping[str, Array]) -> dict[str, Array]:
    """By label: numbers of the classes (N, K) from the likeliest to the least, for every tested window."""
    rows = np.concatenate(list(learnt.values()))
    count = np.isfinite(rows).sum(axis=0)
    middle = np.nansum(rows, axis=0) / np.maximum(count, 1)

    def known(values: Array) -> Array:  # still windows have no tempo: an ordinary one tells nothing
        return np.where(np.isfinite(values), values, middle)

    spread = np.maximum(known(rows).std(axis=0), 1e-9)
    classes = [(known(values) - middle) / spread for values in learnt.values()]
    means = np.stack([values.mean(axis=0) for values in classes])
    away = np.concatenate([values - mean for values, mean in zip(classes, means, strict=True)])
    within = (1.0 - _SHRINK) * away.T @ away / len(away) + _SHRINK * np.eye(away.shape[1])
    weight = np.linalg.solve(within, means.T)
    offset = 0.5 * (means.T * weight).sum(axis=0)
    return {
        label: np.argsort(-((known(values) - middle) / spread @ weight - offset), axis=1)
        for label, values in tested.items()
    }
