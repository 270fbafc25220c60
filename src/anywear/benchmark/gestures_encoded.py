"""What an encoder alone makes of gestures: by words, by the mean of its vectors, and trained from fresh weights."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError
from ..recording import Stream
from ..runtime import Model
from ..runtime.gestures import on_grid
from ..runtime.gestures.encoder import ClipEncoder, shipped_encoder, shipped_reader
from ..signal import Resampler, Window
from .gestures_clips import GestureSet
from .gestures_contest import Answers, Memory
from .gestures_draws import Draw
from .probe_classifiers import class_means, unit

STEPS = 300  # of training from scratch
BATCH = 64
STRIDE = 8  # patches that lengths are rounded up to in training from scratch


class Encoded:
    """An encoder and the clips it has embedded; it hears the sensor nearest to a hand and is told no place.

    Args:
        folder: the artefact; that of the package when None.
        threads: of its session.

    Attributes:
        name: of the row.
        trained_on: data sets it has seen.
        encoder: what the signature says of it.
    """

    name = "encoder"

    def __init__(self, folder: Path | str | None = None, threads: int = 1) -> None:
        self.clips = self.shipped() if folder is None else ClipEncoder(Model(folder, threads))
        self.model = self.clips.model
        self.trained_on = self.model.config.trained_on
        self.encoder = f"{self.model.config.name} {self.model.sha256}"
        self._vectors: Memory[Array] = Memory()

    @staticmethod
    def shipped() -> ClipEncoder:
        """That of the package."""
        return shipped_encoder()

    def vectors(self, found: GestureSet) -> Float[Array, "clips features"]:
        """Unit vectors of all clips."""
        known = self._vectors.get(found)
        if known is None:
            known = self._vectors.put(unit(self.clips([on_grid(clip.stream) for clip in found.clips])[0]), found)
        return known


class Words(Encoded):
    """The label whose words are nearest, without an example; by the model that gestures without examples are told by."""

    name = "words"

    @staticmethod
    def shipped() -> ClipEncoder:
        """The main model of the package."""
        return shipped_reader()

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

    def __init__(self, folder: Path | str | None = None, threads: int = 1, steps: int = STEPS) -> None:
        if find_spec("torch") is None:
            raise UsageError(
                "Training from scratch needs torch", where="--rows",
                remedy='pip install "anywear[train]", or leave scratch out',
            )  # fmt: skip
        from ..train.scratch import encoder_of

        super().__init__(folder, threads)
        self.trained_on = ()
        self.encoder = f"the network of {self.encoder} from scratch, {steps} steps"
        self.config = encoder_of(self.model.config.card)
        self.steps, self.threads = steps, threads
        self._shown: Memory = Memory(2)

    def answer(self, known: GestureSet, asked: GestureSet, draw: Draw) -> Answers:
        from ..train.engine import LoopConfig
        from ..train.scratch import answers, learn

        classes, truth = np.unique(known.truth[draw.learn], return_inverse=True)
        seed = int(np.random.SeedSequence([draw.seed, draw.fold, 4]).generate_state(1)[0])
        loop = LoopConfig(
            steps=self.steps, batch=BATCH, warmup=self.steps // 10, ema=0.98, seed=seed, bf16=True, threads=self.threads
        )
        module = learn(self.config, self._as_input(known)[draw.learn], truth, len(classes), loop)
        found = classes[answers(module, self._as_input(asked)[draw.ask])]
        return Answers(found, np.zeros(len(found)))

    def _as_input(self, found: GestureSet):
        from ..train.scratch import shown

        known = self._shown.get(found)
        if known is None:
            rate_hz, step = self.model.config.rate_hz, STRIDE * self.config.patch
            windows = [_window(clip.stream, rate_hz, step) for clip in found.clips]
            known = self._shown.put(shown(windows, [(clip.stream.placement,) for clip in found.clips], rate_hz), found)
        return known


def _window(stream: Stream, rate_hz: float, step: int) -> Window:
    """A clip at the encoder's rate, held at its last sample to a multiple of some samples."""
    gyr = stream.gyr_radps
    values = stream.acc_mps2 if gyr is None else np.hstack([stream.acc_mps2, gyr])
    time_s = stream.time_s - stream.time_s[0]
    pieces = Resampler(stream.effective_rate_hz, rate_hz).batch(time_s, np.asarray(values, dtype=np.float64))
    longest = max((piece.values for piece in pieces), key=len).astype(np.float32)
    held = np.pad(longest, ((0, -len(longest) % step), (0, 0)), mode="edge")
    return Window(0, (0,), (held[:, :3],), (held[:, 3:] if gyr is not None else None,), (stream.effective_rate_hz,))
