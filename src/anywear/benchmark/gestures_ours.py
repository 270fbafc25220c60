"""The gestures of this package among the contestants, and the list of all of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .._typing import Array
from ..errors import UsageError, unknown_name
from ..runtime import Model
from ..runtime.gestures import Example, GestureAnswer, Gestures, LightConfig, Signal, on_grid
from ..runtime.gestures.clips import moving_part
from ..runtime.gestures.encoder import ClipEncoder, shipped_encoder
from ..runtime.gestures.light import fit_light
from .gestures_clips import GestureClip, GestureSet
from .gestures_contest import Answers, Contestant, Dtw, Memory, Rocket
from .gestures_draws import Draw
from .gestures_encoded import Embeddings, Scratch, Words

GESTURES, NO_TEXT, FULL = "gestures", "no-text", "full"
ROWS = (GESTURES, NO_TEXT, FULL, Embeddings.name, Words.name, Scratch.name, Rocket.name, Dtw.name)
"""Who can be asked, as ``--rows`` names them."""
NEVER = 1e-9  # probability that a label nobody learned keeps
EVERYDAY = ("sp-sw-har", "dsads")
"""Data sets that the package's everyday motion is from: it is what gestures are told from."""


def contestants(rows: Sequence[str], encoders: Sequence[str | Path] = (), threads: int = 1) -> list[Contestant]:
    """Who answers.

    Args:
        rows: of `ROWS`.
        encoders: folders of gesture encoders; the shipped one when empty, and for `Words` the main model. Rows that have an
            encoder come once for each.
        threads: of their sessions.

    Raises:
        UsageError: an unknown row, or a package is missing. ArtefactError: an encoder cannot be opened.
    """
    for row in rows:
        if row not in ROWS:
            raise unknown_name("row of the benchmark", row, ROWS)
    if not rows:
        raise UsageError("Nobody was asked to answer", where="--rows", expected=", ".join(ROWS))
    folders: list[Path | None] = [Path(own) for own in encoders] or [None]
    out: list[Contestant] = []
    for row in dict.fromkeys(rows):
        if row == Dtw.name:
            out.append(Dtw())
        elif row == Rocket.name:
            out.append(Rocket())
        elif row == Scratch.name:
            out.append(Scratch(folders[0], threads))
        else:
            for number, folder in enumerate(folders):
                made = _made(row, folder, threads)
                if number:
                    made.name = f"{row}@{_short(folder)}"
                out.append(made)
    return out


class Light:
    """Gestures as `anywear.Gestures` learns them; where there are several sensors, one head for each.

    A clip gets the label whose probabilities, multiplied over its sensors, are greatest. Sets that the package's everyday
    motion was taken from, and sets with clips at rest, are activities: the same head learns them without that motion, and
    says nothing of none.

    Args:
        name: of the row.
        folder: of the encoder; that of the package when None.
        depth: see `anywear.Gestures.train`.
        words: whether labels mean something.
        threads: of the encoder's session.
    """

    everyday = EVERYDAY

    def __init__(
        self,
        name: str = GESTURES,
        folder: Path | None = None,
        depth: str = "light",
        words: bool = True,
        threads: int = 1,
    ) -> None:
        self.name, self.folder, self.depth, self.words, self.threads = name, folder, depth, words, threads
        self.opened = self._open()
        self.trained_on = self.opened.model.config.trained_on
        self.encoder = f"{self.opened.model.config.name} {self.opened.sha256}"
        self._signals: Memory[dict[str, list[Signal | None]]] = Memory(4)
        self._activities: Memory[bool] = Memory()
        self._known: Memory[Gestures] = Memory()

    def learned(self, known: GestureSet, draw: Draw) -> Callable[[GestureClip], GestureAnswer]:
        """Learn from the clips nearest to a hand; gives what answers about another one."""
        made = self._gestures(known, draw, self._open())
        return lambda clip: made.predict([clip.stream])[0]

    def answer(self, known: GestureSet, asked: GestureSet, draw: Draw) -> Answers:
        told = [self._told(known, asked, draw, name) for name in self._of(known)]
        logs = np.sum([own.logs for own in told], axis=0)
        if len(told) > 1 or told[0].margin is None:
            return Answers(logs.argmax(axis=1), logs.max(axis=1))
        return Answers(logs.argmax(axis=1), told[0].margin, told[0].margin < 0.0)

    def _told(self, known: GestureSet, asked: GestureSet, draw: Draw, name: str) -> _Told:
        """What one sensor says; nothing of clips without it."""
        learned, other = self._of(known)[name], self._of(asked)[name]
        learn = np.array([row for row in draw.learn if learned[row] is not None], dtype=np.int64)
        rows = [number for number, row in enumerate(draw.ask) if other[row] is not None]
        signals = [signal for row in draw.ask if (signal := other[row]) is not None]
        logs = np.zeros((len(draw.ask), len(known.labels)))
        classes, truth = np.unique(known.truth[learn], return_inverse=True)
        if len(classes) < 2 or not rows:
            return _Told(logs, None)
        margin = None
        if self._are_activities(known):
            taught = [signal for row in learn if (signal := learned[row]) is not None]
            words = self.opened.words({}, [self._label(known, number) for number in classes.tolist()])
            head = fit_light(
                taught, truth, [], classes=len(classes), words=words, encoder=self.opened, seed=draw.seed,
                config=self._config(),
            )  # fmt: skip
            scored = head(signals)
        else:
            made = self._learned(known, draw)
            numbers = {self._label(known, number): number for number in classes.tolist()}
            classes = np.array([numbers[label] for label in made.labels])
            scored = made.head(signals)
            margin = scored.margin - made.threshold
        own = np.full((len(rows), len(known.labels)), NEVER)
        own[:, classes] += scored.probabilities
        logs[rows] = np.log(own)
        return _Told(logs, margin)

    def _open(self) -> ClipEncoder:
        """The encoder, from its files."""
        return ClipEncoder(Model(shipped_encoder().model.folder if self.folder is None else self.folder, self.threads))

    def _config(self) -> LightConfig:
        return LightConfig() if self.words else replace(LightConfig(), words=0.0)

    def _learned(self, known: GestureSet, draw: Draw) -> Gestures:
        """What is learned from a draw once serves for every device and for everyday motion."""
        key = (known, draw.seed, zlib.crc32(draw.learn.tobytes()))
        made = self._known.get(*key)
        return self._known.put(self._gestures(known, draw, self.opened), *key) if made is None else made

    def _gestures(self, known: GestureSet, draw: Draw, encoder: ClipEncoder) -> Gestures:
        examples = [
            Example(known.clips[row].stream, self._label(known, int(known.truth[row])), f"{known.name}, clip {row}")
            for row in draw.learn
        ]
        return Gestures.train(examples, depth=self.depth, encoder=encoder, seed=draw.seed, config=self._config())

    def _label(self, known: GestureSet, number: int) -> str:
        return known.labels[number] if self.words else f"gesture {number}"

    def _of(self, found: GestureSet) -> dict[str, list[Signal | None]]:
        """Every clip on the grid, by sensor; None where it was not worn."""
        made = self._signals.get(found)
        if made is None:
            names = dict.fromkeys(stream.name for clip in found.clips for stream in clip.streams)
            worn = [{stream.name: on_grid(stream) for stream in clip.streams} for clip in found.clips]
            made = self._signals.put({name: [own.get(name) for own in worn] for name in names}, found)
        return made

    def _are_activities(self, found: GestureSet) -> bool:
        known = self._activities.get(found)
        if known is None:
            still = (not moving_part(own)[2] for told in self._of(found).values() for own in told if own is not None)
            known = self._activities.put(found.name in self.everyday or any(still), found)
        return known


@dataclass(frozen=True, eq=False)
class _Told:
    """What one sensor's head says.

    Attributes:
        logs: (N, K) logarithms of the labels' probabilities.
        margin: (N,) above zero where it is a gesture; None where nothing is said of that.
    """

    logs: Array
    margin: Array | None


def _made(row: str, folder: Path | None, threads: int) -> Contestant:
    if row == Words.name:
        return Words(folder, threads)
    if row == Embeddings.name:
        return Embeddings(folder, threads)
    return Light(row, folder, "full" if row == FULL else "light", row != NO_TEXT, threads)


def _short(folder: Path | None) -> str:
    """What an encoder is called: its folder, or the one around it where that is called ``model``."""
    if folder is None:
        return "shipped"
    return folder.parent.name if folder.name == "model" else folder.name
