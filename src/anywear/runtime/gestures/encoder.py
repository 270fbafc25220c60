"""What a motion encoder says of clips: one vector for the whole, the latents of its quarters, and how near words are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from ..._typing import Array, Float
from ...errors import ArtefactError
from ...signal.features import CHANNELS, motion_features
from ..model import WEIGHTS_DIR, Model
from ..session import open_session
from .clips import RATE_HZ, Signal, moving_part
from .features import stretch

FOLDER = WEIGHTS_DIR / "gestures"
STEP_S = 0.48  # s; clips are held still at their ends to a multiple of it, so that those of like length go together
LONGEST_S = 6.0  # s; of longer clips the middle is shown
QUARTERS = 4
BATCH = 32


class ClipEncoder:
    """A frozen encoder of clips. It is told no place, so what it says does not depend on the side it is worn on.

    Args:
        model: any artefact with the outputs ``embedding`` and ``latents``; its rate may be any.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.kept: object = None  # what has to last as long, such as a temporary folder
        self.rate_hz = model.config.rate_hz
        # One that learned from motions of one length is shown the motion alone, stretched to so many samples.
        self.stretched = int(model.config.card.get("stretched", 0))
        self._session = open_session(model.folder / "motion.onnx", model.threads)
        self._told = int(self._session.get_inputs()[3].shape[-1])  # older encoders are told less of the place
        outputs = {own.name for own in self._session.get_outputs()}
        if "embedding" not in outputs:
            raise ArtefactError("This is no encoder of motion", where=str(model.folder), got=", ".join(sorted(outputs)))
        self._outputs = [name for name in ("embedding", "latents") if name in outputs]

    @classmethod
    def open(cls, encoder: ClipEncoder | Model | str | Path | None = None) -> ClipEncoder:
        """From whatever names one; None stands for that of the package."""
        if isinstance(encoder, ClipEncoder):
            return encoder
        if isinstance(encoder, Model):
            return cls(encoder)
        if encoder is None:
            return shipped_encoder()
        return cls(Model(encoder))

    @classmethod
    def open_reader(cls, reader: ClipEncoder | Model | str | Path | None = None) -> ClipEncoder:
        """The same of one that reads words; None stands for the main model of the package."""
        return shipped_reader() if reader is None else cls.open(reader)

    @property
    def sha256(self) -> str:
        """Short hash of the artefact."""
        return self.model.sha256

    def __call__(self, signals: Sequence[Signal]) -> tuple[Float[Array, "rows _"], Float[Array, "rows _"]]:
        """Embeddings (N, D) of unit length, and the means of the latents of every quarter (N, 4 E); no columns without."""
        if self.stretched:
            signals = [_stretched(signal, self.stretched) for signal in signals]
        groups: dict[tuple[int, bool], list[int]] = {}
        for row, signal in enumerate(signals):
            groups.setdefault((self._length(signal), signal.gyr_radps is not None), []).append(row)
        embeddings: list[Array] = [np.zeros(0)] * len(signals)
        quarters: list[Array] = [np.zeros(0, dtype=np.float32)] * len(signals)
        for (length, with_gyr), rows in groups.items():
            for part in (rows[start : start + BATCH] for start in range(0, len(rows), BATCH)):
                for row, *made in zip(part, *self._run([signals[n] for n in part], length, with_gyr), strict=True):
                    embeddings[row] = made[0]
                    if len(made) > 1:
                        split = np.array_split(made[1], QUARTERS) if len(made[1]) >= QUARTERS else [made[1]] * QUARTERS
                        quarters[row] = np.concatenate([own.mean(axis=0) for own in split])
        return np.stack(embeddings), np.stack(quarters)

    def words(self, texts: Mapping[str, str], labels: Sequence[str]) -> Float[Array, "labels features"]:
        """Unit vectors of labels: of the name, and of its description where there is one."""
        return self.model.encode_labels({label: _other(label, texts.get(label)) for label in labels})

    def _length(self, signal: Signal) -> int:
        if self.stretched:
            return self.stretched
        seconds = min(LONGEST_S, -(-len(signal) // round(STEP_S * RATE_HZ)) * STEP_S)
        return max(round(seconds * self.rate_hz), self.model.config.patch)

    def _run(self, signals: Sequence[Signal], length: int, with_gyr: bool) -> list[Array]:
        motion = np.zeros((len(signals), 1, length, CHANNELS), dtype=np.float32)
        for row, signal in enumerate(signals):
            gyr = signal.gyr_radps
            acc = self._held(signal.acc_mps2, length, "edge")
            motion[row, 0] = motion_features(acc, None if gyr is None else self._held(gyr, length, "constant"))
        ones = np.ones((len(signals), 1), dtype=np.float32)
        place = np.zeros((len(signals), 1, self._told), dtype=np.float32)
        inputs = {"motion": motion, "present": ones, "has_gyr": ones * with_gyr, "place": place}
        return [np.asarray(own) for own in self._session.run(self._outputs, inputs)]

    def _held(self, values: Array, length: int, ends: Literal["edge", "constant"]) -> Array:
        """At the encoder's rate, cut to the length about its middle, or held still at both ends: acceleration where it was,
        angular rate at zero."""
        if self.rate_hz != RATE_HZ and not self.stretched:
            values = stretch(values, max(2, round(len(values) * self.rate_hz / RATE_HZ)))
        spare = length - len(values)
        if spare < 0:
            return values[-spare // 2 : -spare // 2 + length]
        return np.pad(values, ((spare // 2, spare - spare // 2), (0, 0)), mode=ends)


@cache
def shipped_encoder() -> ClipEncoder:
    """That of the package: the one made for gestures, or the model's own."""
    return ClipEncoder(Model(FOLDER if (FOLDER / "model.json").exists() else WEIGHTS_DIR))


@cache
def shipped_reader() -> ClipEncoder:
    """What knows words: the main model of the package. The encoder made for gestures tells strokes, not what they mean."""
    return ClipEncoder(Model(WEIGHTS_DIR))


def _stretched(signal: Signal, samples: int) -> Signal:
    """The motion in a clip as so many samples; what they measure stays as it is."""
    start, stop, _ = moving_part(signal)
    own = signal.cut(start, stop)
    gyr = own.gyr_radps
    return Signal(stretch(own.acc_mps2, samples), None if gyr is None else stretch(gyr, samples))


def _other(label: str, text: str | None) -> str:
    return "" if text is None or text == label else text
