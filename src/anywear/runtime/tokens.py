"""Motion tokens at run time: recordings to short sentences of ids, and ids to latents of the whole body. No torch.

>>> tokens = MotionTokens("my-model")                                             # doctest: +SKIP
>>> tokens.encode(anywear.read("walk.csv"))[0].ids.shape                          # doctest: +SKIP
(12, 2)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from .._typing import Array, Float, Int
from ..errors import ArtefactError, UsageError
from ..placement import Placement
from ..recording import Recording
from ..signal import Window
from .codes import Codes
from .encoder import BATCH
from .model import WEIGHTS_DIR, Model
from .session import open_session

FORMAT_VERSION = 1
STILL_MPS2, STILL_RADPS = (
    0.04,
    0.01,
)  # standard deviations of a consumer sensor on a table; somebody who breathes has more
ENCODER, DECODER, TABLES, ABOUT = "tokens-encode.onnx", "tokens-decode.onnx", "tokens.npz", "tokens.json"


@dataclass(frozen=True)
class TokensAbout:
    """What a tokenizer says of itself; ``tokens.json``.

    Attributes:
        model: short hash of the encoder whose latents it reads.
        tokens_per_s: ids per second of motion.
        instants: codes per latent.
        latent_width: features of a latent that it reads.
        sizes: how many values each id of an instant can have.
        files: SHA-256 of its other files.
        card: how it was made.
        follows: short hash of an earlier tokenizer whose ids it says with the latents of another encoder; empty where ids
            are its own.
    """

    model: str
    tokens_per_s: float
    instants: int
    latent_width: int
    sizes: tuple[int, ...]
    files: dict[str, str]
    card: dict
    follows: str = ""

    @classmethod
    def load(cls, path: Path) -> TokensAbout:
        """Read ``tokens.json``.

        Raises:
            ArtefactError: missing, damaged, or of a version this code does not know.
        """
        if not path.is_file():
            raise ArtefactError(
                "This model has no tokenizer", where=str(path.parent), expected=f"a folder with {ABOUT}",
                remedy="Train one: anywear train with a table [tokens]",
            )  # fmt: skip
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            version = raw.pop("format_version")
            if version != FORMAT_VERSION:
                raise ArtefactError(
                    "The tokenizer was made for another version", where=str(path), expected=f"format {FORMAT_VERSION}",
                    got=f"format {version}", remedy="Install the matching version of anywear",
                )  # fmt: skip
            return cls(**{**raw, "sizes": tuple(int(size) for size in raw["sizes"])})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ArtefactError("The tokenizer's description is damaged", where=str(path), got=str(error)) from error

    def save(self, path: Path) -> None:
        """Write ``tokens.json``."""
        path.write_text(
            json.dumps({"format_version": FORMAT_VERSION, **asdict(self)}, indent=2) + "\n", encoding="utf-8"
        )


@dataclass(frozen=True, eq=False)
class MotionSentence:
    """A window as tokens.

    Attributes:
        start_s, end_s: of the window.
        ids: (instants, books).
        still: whether no sensor moved at all, as on a table: what is told then rests on the direction of gravity alone.
    """

    start_s: float
    end_s: float
    ids: Array
    still: bool = False


class MotionTokens:
    """The tokenizer of a model.

    Args:
        folder: of the model's artefact; the weights of the package by default.
        threads: per session.

    Attributes:
        model: whose latents are read.

    Raises:
        ArtefactError: the model has no tokenizer, or one of another model, or a file is damaged.
    """

    def __init__(self, folder: str | Path | None = None, threads: int = 1) -> None:
        self.folder = Path(folder) if folder is not None else WEIGHTS_DIR
        self.about = TokensAbout.load(self.folder / ABOUT)
        self.model = Model(self.folder, threads)
        if self.model.encoder_sha256 != self.about.model:
            raise ArtefactError(
                "The tokenizer is of another model", where=str(self.folder), expected=self.about.model,
                got=self.model.encoder_sha256, remedy="Train the tokenizer again: anywear train with a table [tokens]",
            )  # fmt: skip
        self._threads = threads

    @property
    def trained_on(self) -> tuple[str, ...]:
        """Data sets that the model learned from, and so the tokenizer."""
        return self.model.config.trained_on

    @property
    def latent_s(self) -> float:
        """Seconds that a latent stands for."""
        return self.about.instants * len(self.about.sizes) / self.about.tokens_per_s

    @cached_property
    def codes(self) -> Codes:
        """The codebooks."""
        path = self.folder / TABLES
        try:
            with np.load(path) as stored:
                levels = tuple(int(own) for own in stored["levels"])
                return Codes(str(stored["kind"]), stored["vectors"].astype(np.float32), levels, int(stored["books"]))
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise ArtefactError("A tokenizer's file is damaged", where=str(path), got=str(error)) from error

    @cached_property
    def _encoder(self):
        return open_session(self.folder / ENCODER, self._threads, exact=True)

    @cached_property
    def _decoder(self):
        return open_session(self.folder / DECODER, self._threads, exact=True)

    @property
    def sha256(self) -> str:
        """Short hash of the tokenizer whose ids these are, the one it follows or itself; others cannot be compared."""
        if self.about.follows:
            return self.about.follows
        listing = json.dumps([self.about.model, self.about.files], sort_keys=True)
        return hashlib.sha256(listing.encode()).hexdigest()[:12]

    def verify(self) -> None:
        """Check every file against its recorded SHA-256. Raises ArtefactError where one differs."""
        for name, expected in self.about.files.items():
            path = self.folder / name
            got = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "no file"
            if got != expected:
                raise ArtefactError("A tokenizer's file is damaged", where=str(path), expected=expected, got=got)

    def encode(
        self, recording: Recording, *, window_s: float | None = None, hop_s: float | None = None
    ) -> list[MotionSentence]:
        """The windows of a recording as tokens, in time order.

        Args:
            recording: any number of streams, worn anywhere.
            window_s, hop_s: seconds; as many whole latents as the model's window holds, and windows that follow one another
                without a gap, by default.

        Raises:
            UsageError: windows that cannot be.
        """
        whole = int(self.model.config.window_s / self.latent_s + 1e-6) * self.latent_s
        length = window_s if window_s is not None else whole
        found, _ = self.model.windows_of(recording, length, hop_s if hop_s is not None else length)
        spans = self.model.spans_s(found)
        ids = self.encode_windows(found, [stream.placement for stream in recording.streams])
        return [
            MotionSentence(float(a), float(b), own, is_still(window))
            for (a, b), own, window in zip(spans, ids, found, strict=True)
        ]

    def notes(self, recording: Recording) -> list[str]:
        """What keeps the model from its best on this recording."""
        return self.model.sensor_notes([(s.name, s.effective_rate_hz, s.placement) for s in recording.streams])

    def encode_windows(self, found: Sequence[Window], placements: Sequence[Placement]) -> list[Int[Array, "_ books"]]:
        """Per window (instants, books) ids; see `anywear.Model.encode_windows`."""
        return self.encode_latents(self.latents(found, placements))

    def encode_latents(self, latents: Sequence[Array]) -> list[Int[Array, "_ books"]]:
        """Per window (instants, books) ids, from its (patches, D) latents as `latents` gives them."""
        return [self.codes.encode(own) for own in self.vectors(latents)]

    def vectors(self, latents: Sequence[Array]) -> list[Float[Array, "_ features"]]:
        """Per window (instants, width) what is quantised, from its (patches, D) latents."""
        out: list[Array] = [np.zeros((0, self.codes.width), dtype=np.float32)] * len(latents)
        for length in sorted({len(own) for own in latents}):
            numbers = [number for number, own in enumerate(latents) if len(own) == length]
            for part in (numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH)):
                made = np.asarray(self._encoder.run(["vectors"], {"latents": np.stack([latents[n] for n in part])})[0])
                for number, own in zip(part, made, strict=True):
                    out[number] = own
        return out

    def latents(self, found: Sequence[Window], placements: Sequence[Placement]) -> list[Float[Array, "_ features"]]:
        """Per window (patches, D) the encoder's latents, as seen by these sensors."""
        return self.model.read_windows(found, placements)[1]

    def decode(self, ids: Int[Array, "*windows instants books"]) -> Float[Array, "*windows latents features"]:
        """What the ids tell of the whole body, as the latents of the encoder that they were first made for.

        Raises:
            UsageError: ids that are not of this tokenizer, or do not make whole latents.
        """
        self.check(ids)
        rows = self.codes.decode(ids.reshape(-1, *ids.shape[-2:])).astype(np.float32)
        parts = [
            np.asarray(self._decoder.run(["latents"], {"vectors": rows[start : start + BATCH]})[0])
            for start in range(0, len(rows), BATCH)
        ]
        count = ids.shape[-2] // self.about.instants
        latents = np.concatenate(parts) if parts else np.zeros((0, count, self.about.latent_width), dtype=np.float32)
        return latents.reshape(*ids.shape[:-2], count, latents.shape[-1])

    def check(self, ids: Array) -> None:
        """Raises UsageError where ids (..., instants, books) are not of this tokenizer, or do not make whole latents."""
        self.codes.check(ids)
        if ids.ndim < 2 or ids.shape[-2] == 0 or ids.shape[-2] % self.about.instants:
            raise UsageError(
                "These ids do not make whole latents", expected=f"a multiple of {self.about.instants} instants",
                got=str(ids.shape[-2] if ids.ndim > 1 else 0),
            )  # fmt: skip

    def flat(self, ids: Int[Array, "instants books"]) -> Int[Array, " tokens"]:
        """One row of numbers, for a vocabulary: the books of an instant one after the other, each with a range of its own."""
        self.codes.check(ids)
        return (ids + self._first).reshape(-1)

    def unflat(self, tokens: Int[Array, " tokens"]) -> Int[Array, "instants books"]:
        """The ids of what `flat` gave. Raises UsageError where it cannot have given it."""
        if len(tokens) % len(self.about.sizes):
            raise UsageError(
                "The tokens end within an instant", expected=f"a multiple of {len(self.about.sizes)}",
                got=str(len(tokens)),
            )  # fmt: skip
        ids = tokens.reshape(-1, len(self.about.sizes)) - self._first
        self.codes.check(ids)
        return ids

    @property
    def _first(self) -> Array:
        return np.concatenate([[0], np.cumsum(self.about.sizes[:-1])]).astype(np.int64)


def is_still(window: Window) -> bool:
    """Whether nothing a window holds moves by more than a sensor's noise."""
    acc = max(float(np.linalg.norm(own.std(axis=0))) for own in window.acc_mps2)
    gyr = max([float(np.linalg.norm(own.std(axis=0))) for own in window.gyr_radps if own is not None], default=0.0)
    return acc < STILL_MPS2 and gyr < STILL_RADPS
