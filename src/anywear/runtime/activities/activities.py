"""Teach it your activities: labelled recordings in, timelines of other recordings out.

>>> mine = Activities.train(read_labelled("recordings-of-mine"))                  # doctest: +SKIP
>>> print(mine.recognize(anywear.read("tuesday.csv")))                            # doctest: +SKIP
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from ..._typing import Array, Float
from ...errors import UsageError, unknown_name
from ...placement import Placement
from ...recording import Recording
from ...signal import Window
from ...signal.labelled import LabelledWindow, labelled_windows
from ..labels import UNKNOWN, LabelSet
from ..model import Model
from ..timeline import Timeline, build_segments
from .files import read_labelled
from .head import ActivityHead, fit_head
from .looks import Channels, Worn, channels_of, embedded, holds, stacked, turned

MOST_WINDOWS = 2400  # learned from: the fit grows with their third power
OVERLAP = 2  # windows of a labelled stretch begin this many times per window
LEFT_OUT_BY = ("subject", "recording", "stretch")


class Activities:
    """Activities that were learned. Made by `train` or `load`.

    Two heads answer: one bound to the setup of what was learned from, where that is worn again; and one by what the encoder
    makes of any setup.

    Attributes:
        labels: of the activities.
        texts: label to what it means in words.
        window_s: of the windows.
        channels: of the setup that the one head is bound to.
        about: how it was made.
        model: that embeds.
    """

    def __init__(
        self, labels: Sequence[str], anywhere: ActivityHead, worn: ActivityHead | None, channels: Channels, *,
        texts: Mapping[str, str], window_s: float, about: Mapping[str, object], model: Model,
    ) -> None:  # fmt: skip
        self.labels = tuple(labels)
        self.anywhere, self.worn, self.channels = anywhere, worn, channels
        self.texts = dict(texts)
        self.window_s = window_s
        self.about = dict(about)
        self.model = model

    @classmethod
    def train(
        cls,
        recordings: Iterable[Recording] | str | Path,
        *,
        model: Model | None = None,
        texts: Mapping[str, str] | None = None,
        window_s: float | None = None,
        turns: bool = False,
        seed: int = 0,
    ) -> Activities:
        """Learn from labelled recordings, in seconds.

        Args:
            recordings: with labels, of any number of sensors, worn anywhere; or a folder, for `read_labelled`.
            model: that embeds; the shipped one by default.
            texts: label to its meaning in words, where the label does not say it.
            window_s: of the windows; the model's own by default.
            turns: learn from a copy of every window as well in which every sensor is turned at random: for sensors that will
                not be strapped on as they were.
            seed: of what is drawn.

        Raises:
            UsageError: fewer than two activities that last long enough, a text for a label that does not occur; what
            `read_labelled` refuses.
        """
        if isinstance(recordings, str | Path):
            recordings = read_labelled(recordings)
        model = model or Model()
        whole = model.window_config(window_s)
        config = model.window_config(window_s, whole.window_s / OVERLAP)
        recordings = list(recordings)
        found = [
            (number, item)
            for number, recording in enumerate(recordings)
            for item in labelled_windows(recording, config)
            if item.label.lower() != UNKNOWN
        ]
        names = sorted({item.label for _, item in found})
        if len(names) < 2:
            raise UsageError(
                "At least two activities are needed to choose between", got=", ".join(names) or "no labelled second",
                remedy="Add recordings of another activity; each has to last a second or more",
            )  # fmt: skip
        for label in texts or {}:
            if label not in names:
                raise unknown_name("activity", label, names)
        asked = LabelSet.of({name: (texts or {}).get(name, "") for name in names})
        rng = np.random.default_rng(seed)
        truth = np.array([names.index(item.label) for _, item in found])
        kept = _evenly(truth, MOST_WINDOWS // (2 if turns else 1), rng)
        chosen, truth = [found[row] for row in kept], truth[kept]
        shown = np.bincount(truth).tolist()
        by, groups = _groups(chosen, truth)
        items: list[Worn] = [(item.window, item.placements) for _, item in chosen]
        if turns:
            items += [turned(item, rng) for item in items]
            truth, groups = np.tile(truth, 2), np.tile(groups, 2)
        looks = embedded(model, items)
        words = np.asarray(model.encode_labels(asked), dtype=np.float32)
        anywhere = fit_head(looks, truth, words, groups, rng)
        channels, rows = _setup(items, truth)
        worn = None
        if len(rows):
            signals = looks[rows].with_values(stacked([items[row] for row in rows], channels, whole.length))
            worn = fit_head(signals, truth[rows], words, np.unique(groups[rows], return_inverse=True)[1], rng)
        about = {
            "seed": seed,
            "recordings": len(recordings),
            "turns": turns,
            "windows": dict(zip(names, shown, strict=True)),
            "left_out_by": by,
        }
        meant = {name: told[-1] for name, told in zip(asked.names, asked.texts, strict=True)}
        return cls(names, anywhere, worn, channels, texts=meant, window_s=whole.window_s, about=about, model=model)

    @cached_property
    def sha256(self) -> str:
        """The first twelve digits of the hash of the file that `save` writes."""
        from .artefact import to_bytes

        return hashlib.sha256(to_bytes(self)).hexdigest()[:12]

    @property
    def setup(self) -> str:
        """What the one head is bound to, in words."""
        return " and ".join(
            f"{site}{f' ({number + 1})' if number else ''}{' without gyroscope' if columns == 3 else ''}"
            for (site, number), columns in self.channels
        )

    @property
    def worn_otherwise(self) -> str:
        """What a user should know whose sensors are not those that were learned from."""
        return f"worn otherwise than what was learned from ({self.setup}), and seen as any setup is; expect less"

    def fits(self, placements: Sequence[Placement]) -> bool:
        """Whether sensors are worn where those were that were learned from, as far as places tell."""
        sites = [placement.name for placement in placements]
        return self.worn is not None and all(sites.count(site) > number for (site, number), _ in self.channels)

    def scores(
        self, found: Sequence[Window], placements: Sequence[Placement]
    ) -> tuple[Float[Array, "windows labels"], Float[Array, " windows"], int]:
        """Probability (N, L) of each label, given that one of them is right; (N,) how far the best label is above what is
        unknown; and how many windows hold the setup that was learned from.

        Args:
            found: windows of `window_s` or less at the model's rate; their streams index `placements`.
            placements: one per stream of the recording.

        Raises:
            UsageError: a window shorter than the model can read, or longer than what was learned from.
        """
        items: list[Worn] = [(window, tuple(placements)) for window in found]
        length = self.model.window_config(self.window_s).length
        if any(len(window.acc_mps2[0]) > length for window in found):
            raise UsageError("A window is longer than those learned from", expected=f"{self.window_s:g} s or less")
        own = np.array([self.worn is not None and holds(item, self.channels) for item in items], dtype=bool)
        out, above = np.zeros((len(items), len(self.labels))), np.zeros(len(items))
        looks = embedded(self.model, items)
        for head, rows in ((self.worn, np.flatnonzero(own)), (self.anywhere, np.flatnonzero(~own))):
            if head is None or not len(rows):
                continue
            seen = looks[rows]
            if head.rocket is not None:
                seen = seen.with_values(stacked([items[row] for row in rows], self.channels, length))
            told = head(seen)
            out[rows], above[rows] = head.probabilities(told), told.max(axis=1) - head.threshold
        return out, above, int(own.sum())

    def recognize(
        self, recording: Recording, *, hop_s: float | None = None, threshold: float | None = None
    ) -> Timeline:
        """Name what happens in a recording.

        Args:
            recording: any number of streams, worn anywhere.
            hop_s: seconds from window to window; the model's own by default.
            threshold: least height of the best score above the calibrated limit for an answer other than ``unknown``; 0 by
                default, below -2 nothing is unknown.

        Raises:
            UsageError: windows that cannot be.
        """
        threshold = self.threshold_or_default(threshold)
        found, notes = self.model.windows_of(recording, self.window_s, hop_s)
        probabilities, above, own = self.scores(found, [stream.placement for stream in recording.streams])
        spans = self.model.spans_s(found)
        cell_s = self.model.window_config(self.window_s, hop_s).hop_s
        segments = build_segments(self.labels, spans, probabilities, above, threshold, cell_s)
        if self.worn is not None and own < len(found):
            notes = [*notes, f"{self.worn_otherwise}: {len(found) - own} of {len(found)} windows"]
        used = {"by": "learned", "setup": self.setup, "windows_in_setup": own, "texts": self.texts}
        return Timeline(self.labels, segments, spans, probabilities, above, threshold, tuple(notes), used)

    def threshold_or_default(self, threshold: float | None) -> float:
        """The least height above the calibrated limit for an answer other than ``unknown``.

        Raises:
            UsageError: no number.
        """
        threshold = 0.0 if threshold is None else float(threshold)
        if not np.isfinite(threshold):
            raise UsageError("The threshold is out of range", expected="a number", got=str(threshold))
        return threshold

    def save(self, path: str | Path) -> None:
        """Write an ``.activities`` file; see `anywear.runtime.activities.artefact`.

        Raises:
            UsageError: it cannot be written.
        """
        from .artefact import save

        save(self, Path(path))

    @classmethod
    def load(cls, path: str | Path, *, model: Model | None = None) -> Activities:
        """Read an ``.activities`` file.

        Args:
            path: the file.
            model: the one that it was learned with; the shipped one by default.

        Raises:
            ArtefactError: missing, damaged, of another version or another model.
        """
        from .artefact import load

        return load(Path(path), model)

    def __repr__(self) -> str:
        return f"Activities({', '.join(self.labels)})"


def _evenly(truth: Array, most: int, rng: np.random.Generator) -> Array:
    """Rows, all where they are few enough; else of every class as many, as far as it has them."""
    if len(truth) <= most:
        return np.arange(len(truth))
    turn = np.zeros(len(truth), dtype=np.int64)  # of a row among its class, in random order
    for label in np.unique(truth):
        rows = np.flatnonzero(truth == label)
        turn[rng.permutation(rows)] = np.arange(len(rows))
    return np.sort(np.argsort(turn, kind="stable")[:most])


def _groups(found: Sequence[tuple[int, LabelledWindow]], truth: Array) -> tuple[str, Array]:
    """What is left out together to see how good answers are: by wearer, by recording or by labelled stretch, the first in
    which most activities occur more than once. Its name, and (N,) numbers."""
    by_stretch = [(number, item.stretch) for number, item in found]
    choices: tuple[Sequence[object], ...] = (
        [item.subject for _, item in found],
        [number for number, _ in found],
        by_stretch,
    )
    for name, owners in zip(LEFT_OUT_BY, choices, strict=True):
        number = {owner: place for place, owner in enumerate(dict.fromkeys(owners))}
        groups = np.array([number[owner] for owner in owners])
        several = [len(np.unique(groups[truth == label])) > 1 for label in np.unique(truth)]
        if (None not in number and np.mean(several) > 0.5) or name == LEFT_OUT_BY[-1]:
            return name, groups
    raise AssertionError


def _setup(items: Sequence[Worn], truth: Array) -> tuple[Channels, Array]:
    """The channels of which windows of all classes hold the most, counting every channel of every window, and the windows
    that hold them; none where there are no such channels."""
    best: tuple[Channels, Array] = (), np.zeros(0, dtype=np.int64)
    most = 0
    for channels in dict.fromkeys(channels_of([item]) for item in items):
        rows = np.array([row for row, item in enumerate(items) if holds(item, channels)], dtype=np.int64)
        held = len(rows) * sum(columns for _, columns in channels)
        known = all(site != "unknown" for (site, _), _ in channels)
        if known and held > most and len(np.unique(truth[rows])) == len(np.unique(truth)):
            best, most = (channels, rows), held
    return best
