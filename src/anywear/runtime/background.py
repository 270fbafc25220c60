"""What everything looks like to a model: unlabelled windows that scores are held against.

Some texts are near every window: hubs. How high a score is says little until it is held against the scores of windows that
could be anything, worn nearby. The windows are of the training, without their labels; those that are to be recognised have no
part in it.

Source: hubs in nearest-neighbour search, Radovanovic, Nanopoulos & Ivanovic, JMLR 11 (2010); scores against a background of
other queries, Bogolin et al., "Cross modal retrieval with querybank normalisation", CVPR 2022.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from .._files import write_whole
from .._typing import Array, Float
from ..errors import ArtefactError
from ..placement import Placement

FILE = "background.npz"
NEAR = 600  # windows that scores are held against: those worn nearest to where the asked ones are
HUB_SHARE = 0.5  # of a label's usual score that is taken away; see docs/recognition.md
TEXT_SPREAD = 0.5  # how far cosines are in units of each label's own spread, not of the mean one
DENSITY_SPREAD = 0.0  # the same of log densities, which have one unit
SHRUNK = 0.3  # of the mean variance, added to every direction's before the spread is divided by


@dataclass(frozen=True, eq=False)
class Background:
    """Windows of a training, as its model sees them.

    Attributes:
        vectors: (M, D) unit vectors.
        points: (M, 3) mean of the places each was worn at, fractions of height on the neutral body.
        within: (D, D) how windows of one and the same motion spread.
        told: (M, D) the same windows as the model and its language model see them together; None where there is none.
        language: short hash of that language model.
    """

    vectors: Array
    points: Array
    within: Array
    told: Array | None = None
    language: str = ""

    @classmethod
    def fit(
        cls,
        vectors: Float[Array, "windows features"],
        points: Float[Array, "windows 3"],
        motions: Sequence[str],
        told: Float[Array, "windows features"] | None = None,
        language: str = "",
        kept: int = 3000,
    ) -> Background:
        """From windows of known kinds of motion.

        Args:
            vectors: unit vectors.
            points: where each was worn.
            motions: what each is of; used for the spread within a kind alone.
            told, language: the same windows, seen with a language model, and which.
            kept: windows kept, evenly chosen.
        """
        _, kind = np.unique(np.asarray(motions), return_inverse=True)
        counts = np.bincount(kind)
        means = np.stack([np.bincount(kind, column) for column in vectors.T], axis=1) / counts[:, None]
        apart = vectors - means[kind]
        within = apart.T @ apart / max(1, len(vectors) - len(counts))
        rows = np.linspace(0, len(vectors) - 1, min(kept, len(vectors))).round().astype(np.int64)
        both = None if told is None else told[rows].astype(np.float32)
        own, places = vectors[rows].astype(np.float32), points[rows].astype(np.float32)
        return cls(own, places, within.astype(np.float32), both, language)

    def save(self, folder: Path) -> None:
        """Write `FILE` into a model's folder: vectors in 8 bits with a scale each, the rest in half precision."""
        arrays: dict[str, Any] = {"points": self.points.astype(np.float16), "within": self.within.astype(np.float16)}
        arrays["vectors"], arrays["scales"] = _in_bytes(self.vectors)
        if self.told is not None:
            arrays["told"], arrays["told_scales"] = _in_bytes(self.told)
            arrays["language"] = np.array(self.language)
        write_whole(folder / FILE, lambda partial: np.savez(partial, **arrays))

    @classmethod
    def load(cls, folder: Path) -> Background | None:
        """Of a model's folder; None where the model has none.

        Raises:
            ArtefactError: the file is damaged.
        """
        path = folder / FILE
        if not path.exists():
            return None
        try:
            with np.load(path) as stored:
                vectors, points, within = (stored[name].astype(np.float32) for name in ("vectors", "points", "within"))
                vectors = vectors * stored["scales"] if "scales" in stored else vectors
                if "told" not in stored:
                    return cls(vectors, points, within)
                return cls(vectors, points, within, stored["told"] * stored["told_scales"], str(stored["language"]))
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise ArtefactError(
                "A model file is damaged", where=str(path), got=str(error), remedy="Install the package again"
            ) from error

    def near(self, placements: Sequence[Placement]) -> Float[Array, "windows features"]:
        """The windows worn nearest to some places, `NEAR` of them; evenly chosen ones where no place is known.

        Where there is a language model (N, 2 D), as it and the model see them together behind as the model does alone.
        """
        known = [placement.rest_point()[0] for placement in placements if placement.is_known]
        if not known:
            kept = min(NEAR, len(self.vectors))
            return self._rows(np.arange(kept) * len(self.vectors) // kept)
        away = np.linalg.norm(self.points - np.mean(known, axis=0), axis=1)
        return self._rows(np.argsort(away, kind="stable")[:NEAR])

    def _rows(self, rows: Array) -> Array:
        own = self.vectors[rows]
        return own if self.told is None else np.concatenate([own, self.told[rows]], axis=1)

    def precision(self) -> Float[Array, "features features"]:
        """Inverse of the spread within a kind of motion, shrunk towards the same spread in all directions."""
        size = len(self.within)
        return np.linalg.inv(self.within + SHRUNK * np.trace(self.within) / size * np.eye(size)).astype(np.float32)


def _in_bytes(vectors: Array) -> tuple[Array, Array]:
    """Rows as 8 bits, and the scale of each."""
    scales = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-12) / 127.0
    return np.rint(vectors / scales).astype(np.int8), scales.astype(np.float32)


def held_against(
    score: Callable[[Array], Float[Array, "windows labels"]],
    vectors: Float[Array, "windows features"],
    background: Float[Array, "others features"],
    *,
    hubs: bool = True,
    own_spread: float = TEXT_SPREAD,
) -> Float[Array, "windows labels"]:
    """Scores in standard deviations of what is usual over a background.

    Args:
        score: scores of unit vectors.
        vectors, background: those to be scored, and those they are held against.
        hubs: whether every label is held against its own scores over the background, of whose mean `HUB_SHARE` is taken
            away and the rest replaced by the mean over all labels; else all labels are held against the same.
        own_spread: how far a label's spread over the background is its own, 0 to 1, and not the mean over all labels: a label
            that is near to everything has a narrow one, and by that alone would be far above it wherever it is above.
    """
    mean, spread = what_is_usual(score(background), hubs=hubs, own_spread=own_spread)
    return (score(vectors) - mean) / spread


def what_is_usual(
    usual: Float[Array, "others labels"], *, hubs: bool = True, own_spread: float = TEXT_SPREAD
) -> tuple[Float[Array, " labels"], Float[Array, " labels"]]:
    """Mean and standard deviation that scores are held against, per label, from those of a background; see `held_against`."""
    if not hubs:
        return np.full(usual.shape[1], usual.mean()), np.full(usual.shape[1], max(float(usual.std()), 1e-6))
    mean = HUB_SHARE * usual.mean(axis=0) + (1.0 - HUB_SHARE) * usual.mean()
    own = np.maximum(usual.std(axis=0), 1e-6)
    return mean, own**own_spread * own.mean() ** (1.0 - own_spread)
