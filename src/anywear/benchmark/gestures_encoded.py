"""What an encoder alone makes of gestures: by words, by the mean of its vectors, and trained from fresh weights."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError
from ..placement import Placement
from ..recording import Stream
from ..runtime import Model
from ..signal import Resampler, Window
from .gestures_clips import GestureSet
from .gestures_contest import Answers, Memory
from .gestures_draws import Draw
from .probe_classifiers import class_means, unit

BLOCK = 64  # clips embedded at once
STEPS = 300  # of training from scratch
BATCH = 64
STRIDE = 8  # patches that lengths are rounded up to in training from scratch


class Encoded:
    """An encoder and the clips it has embedded.

    Args:
        folder: the artefact; the shipped one when None.
        threads: of its session.

    Attributes:
        name: of the row.
        trained_on: data sets it has seen.
        encoder: what the signature says of it.
    """

    name = "encoder"

    def __init__(self, folder: Path | str | None = None, threads: int = 1) -> None:
        self.model = Model(folder, threads)
        self.trained_on = self.model.config.trained_on
        self.encoder = f"{self.model.config.name} {self.model.sha256}"
        self._vectors: Memory[Array] = Memory()
        self._windows: Memory[list[tuple[Window, tuple[Placement, ...]]]] = Memory(2)

    def vectors(self, found: GestureSet) -> Float[Array, "clips features"]:
        """Unit vectors of all clips."""
        known = self._vectors.get(found)
        return self._vectors.put(self._embedded(found), found) if known is None else known

    def windows(self, found: GestureSet) -> list[tuple[Window, tuple[Placement, ...]]]:
        """Every clip as one window on the encoder's grid, and where its sensors are worn."""
        known = self._windows.get(found)
        if known is None:
            known = [self._window(clip.streams) for clip in found.clips]
            self._windows.put(known, found)
        return known

    def _embedded(self, found: GestureSet) -> Array:
        """Clips as long as each other go through together."""
        windows = self.windows(found)
        alike: dict[tuple, list[int]] = {}
        for row, (window, worn) in enumerate(windows):
            alike.setdefault((len(window.acc_mps2[0]), worn), []).append(row)
        out: list[tuple[list[int], Array]] = []
        for (_, worn), rows in alike.items():
            for part in (rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)):
                out.append((part, self.model.encode_windows([windows[row][0] for row in part], worn)))
        vectors = np.zeros((len(windows), out[0][1].shape[1]))
        for rows, values in out:
            vectors[rows] = values
        return unit(vectors)

    def _window(self, streams: tuple[Stream, ...]) -> tuple[Window, tuple[Placement, ...]]:
        rate_hz, patch = self.model.config.rate_hz, self.model.config.patch
        pieces = [_on_grid(stream, rate_hz) for stream in streams]
        length = max(patch, min(len(own) for own in pieces) // patch * patch)
        held = [_of_length(own, length) for own in pieces]
        acc = tuple(own[:, :3] for own in held)
        gyr = tuple(own[:, 3:] if own.shape[1] == 6 else None for own in held)
        rates = tuple(stream.effective_rate_hz for stream in streams)
        window = Window(0, tuple(range(len(streams))), acc, gyr, rates)
        return window, tuple(stream.placement for stream in streams)


class Words(Encoded):
    """The label whose words are nearest, without an example."""

    name = "words"

    def answer(self, known: GestureSet, asked: GestureSet, draw: Draw) -> Answers:
        words = unit(np.asarray(self.model.encode_labels(list(known.labels)), dtype=np.float64))
        cosines = self.vectors(asked)[draw.ask] @ words.T
        return Answers(cosines.argmax(axis=1), cosines.max(axis=1))


class Embeddings(Encoded):
    """The class whose examples' mean vector is nearest."""

    name = "embeddings"

    def answer(self, known: GestureSet, asked: GestureSet, draw: Draw) -> Answers:
        classes, means = class_means(self.vectors(known)[draw.learn], known.truth[draw.learn])
        cosines = self.vectors(asked)[draw.ask] @ means.T
        return Answers(classes[cosines.argmax(axis=1)], cosines.max(axis=1))


class Scratch(Encoded):
    """The same network from fresh weights, cross entropy over the cosines to one learned vector per class."""

    name = "scratch"
    trained_on: tuple[str, ...] = ()

    def __init__(self, folder: Path | str | None = None, threads: int = 1, steps: int = STEPS) -> None:
        if find_spec("torch") is None:
            raise UsageError(
                "Training from scratch needs torch", where="--rows",
                remedy='pip install "anywear[train]", or leave scratch out',
            )  # fmt: skip
        super().__init__(folder, threads)
        self.trained_on = ()
        self.encoder = f"from scratch: the network of {self.encoder}, {steps} steps"
        self.steps, self.threads = steps, threads
        self._shown: Memory = Memory(2)

    def answer(self, known: GestureSet, asked: GestureSet, draw: Draw) -> Answers:
        from ..train.engine import LoopConfig
        from ..train.scratch import answers, encoder_of, learn

        classes, truth = np.unique(known.truth[draw.learn], return_inverse=True)
        seed = int(np.random.SeedSequence([draw.seed, draw.fold, 4]).generate_state(1)[0])
        loop = LoopConfig(
            steps=self.steps, batch=BATCH, warmup=self.steps // 10, ema=0.98, seed=seed, bf16=True, threads=self.threads
        )
        config = encoder_of(self.model.config.card)
        module = learn(config, self._as_input(known)[draw.learn], truth, len(classes), loop)
        found = classes[answers(module, self._as_input(asked)[draw.ask])]
        return Answers(found, np.zeros(len(found)))

    def _as_input(self, found: GestureSet):
        from ..train.scratch import shown

        known = self._shown.get(found)
        if known is None:
            windows = [(_rounded(own, self.model.config.patch), worn) for own, worn in self.windows(found)]
            made = shown([own for own, _ in windows], [worn for _, worn in windows], self.model.config.rate_hz)
            known = self._shown.put(made, found)
        return known


def _rounded(window: Window, patch: int) -> Window:
    """Held at its last sample to a whole number of `STRIDE` patches: a step of few lengths is a fast one."""
    length = -(-len(window.acc_mps2[0]) // (patch * STRIDE)) * patch * STRIDE
    return replace(
        window,
        acc_mps2=tuple(_of_length(own, length) for own in window.acc_mps2),
        gyr_radps=tuple(None if own is None else _of_length(own, length) for own in window.gyr_radps),
    )


def _on_grid(stream: Stream, rate_hz: float) -> Array:
    """(T, 3 or 6) at another rate, its longest stretch."""
    values = stream.acc_mps2 if stream.gyr_radps is None else np.hstack([stream.acc_mps2, stream.gyr_radps])
    time_s = stream.time_s - stream.time_s[0]
    pieces = Resampler(stream.effective_rate_hz, rate_hz).batch(time_s, np.asarray(values, dtype=np.float64))
    return max((piece.values for piece in pieces), key=len).astype(np.float32)


def _of_length(values: Array, length: int) -> Array:
    """Cut at the end, or held at the last sample."""
    return np.pad(values[:length], ((0, max(0, length - len(values))), (0, 0)), mode="edge")
