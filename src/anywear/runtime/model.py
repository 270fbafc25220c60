"""The model: recordings and labels in, answers out. Runs on onnxruntime; no torch."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from .._typing import Array, Float
from ..errors import ArtefactError, UsageError
from ..placement import Placement
from ..recording import Recording
from ..signal import Window, WindowConfig, windows
from .background import Background
from .encoder import MIN_WINDOW_S, Encoder
from .labels import LabelSet, label_vectors
from .text import TextTower
from .textspace import TextSpace
from .timeline import Timeline

if TYPE_CHECKING:
    from ..signal.mount import MountEstimate
    from .imagine import Imagination
    from .recognition import Basis, Recognizer
    from .together import Together

WEIGHTS_DIR = Path(__file__).resolve().parent.parent / "weights"
FORMAT_VERSION = 1
MAX_WINDOW_S = 20.0
PLAIN = "text"  # the way of scoring that is nothing but cosines


@dataclass(frozen=True)
class ModelConfig:
    """What an artefact says of itself; ``model.json`` beside the weights.

    Attributes:
        name: of the model.
        version: of the weights.
        rate_hz: rate it reads.
        window_s, hop_s: default window and hop.
        patch: samples its shortest window has to have.
        scale: inverse temperature that turns cosines into probabilities, fitted on held-out training subjects.
        threshold: least cosine for an answer other than unknown, fitted likewise.
        trained_on: names of the data sets it learned from.
        places: points on the neutral body (fractions of height) where the sensors it learned from were worn, both sides.
        held_out: subjects of those that it did not learn from and was calibrated on.
        files: SHA-256 of every file of the artefact.
        card: how it was made and what it scored, for people.
        scoring: scale and threshold for each other way of scoring; see `anywear.runtime.recognition.Basis`.
    """

    name: str
    version: str
    rate_hz: float
    window_s: float
    hop_s: float
    patch: int
    scale: float
    threshold: float
    trained_on: tuple[str, ...]
    places: tuple[tuple[float, float, float], ...]
    held_out: dict[str, list[str]]
    files: dict[str, str]
    card: dict
    scoring: dict[str, dict[str, float]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> ModelConfig:
        """Read ``model.json``.

        Raises:
            ArtefactError: missing, damaged, or of a version this code does not know.
        """
        if not path.is_file():
            raise ArtefactError(
                "There is no model here", where=str(path.parent), expected="a folder with model.json",
                remedy="Install the package again, or give a folder written by anywear train",
            )  # fmt: skip
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            version = raw.pop("format_version")
            if version != FORMAT_VERSION:
                raise ArtefactError(
                    "The model was made for another version", where=str(path), expected=f"format {FORMAT_VERSION}",
                    got=f"format {version}", remedy="Install the matching version of anywear",
                )  # fmt: skip
            places = tuple((float(x), float(y), float(z)) for x, y, z in raw["places"])
            return cls(**{**raw, "trained_on": tuple(raw["trained_on"]), "places": places})
        except (ValueError, KeyError, TypeError) as error:
            raise ArtefactError("The model's description is damaged", where=str(path), got=str(error)) from error

    def calibrated(self, scoring: str) -> tuple[float, float]:
        """Scale and threshold of a way of scoring.

        Raises:
            UsageError: the model is not calibrated for it.
        """
        if scoring == PLAIN:
            return self.scale, self.threshold
        if scoring not in self.scoring:
            raise UsageError(
                "The model is not calibrated for this way of scoring", expected=", ".join((PLAIN, *self.scoring)),
                got=scoring, remedy="Ask by text with hubs off, or train the model again",
            )  # fmt: skip
        return self.scoring[scoring]["scale"], self.scoring[scoring]["threshold"]

    def save(self, path: Path) -> None:
        """Write ``model.json``."""
        text = json.dumps({"format_version": FORMAT_VERSION, **asdict(self)}, indent=2)
        # Points stand on a line each: there are thousands.
        text = re.sub(r"\[\s+([-\d.,\s]+?)\s+\]", lambda m: "[" + " ".join(m.group(1).split()) + "]", text)
        path.write_text(text + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Embeddings:
    """Windows as vectors: spans_s (N, 2) seconds, vectors (N, D) of unit length."""

    spans_s: Array
    vectors: Array


class Model:
    """Understands recordings.

    Args:
        folder: the artefact; the weights of the package by default.
        threads: threads per session.
        verify: check every file's SHA-256 first.

    Raises:
        ArtefactError: something is missing, damaged or of another version.

    Example:
        >>> import anywear
        >>> model = anywear.load()
        >>> model.encode_texts(["walking"]).shape
        (1, 384)
    """

    def __init__(self, folder: str | Path | None = None, threads: int = 1, verify: bool = False) -> None:
        self.folder = Path(folder) if folder is not None else WEIGHTS_DIR
        self.threads = threads
        self._recognizers: dict[Basis, Recognizer] = {}
        self.config = ModelConfig.load(self.folder / "model.json")
        if verify:
            self.verify()

    @cached_property
    def _encoder(self) -> Encoder:
        config = self.config
        return Encoder(self.folder / "motion.onnx", config.rate_hz, config.patch, config.places, self.threads)

    @cached_property
    def _text(self) -> TextTower:
        # Another encoder may come without a text tower of its own: the shipped one is 23 MB.
        folder = self.folder if (self.folder / "text.onnx").exists() else WEIGHTS_DIR
        return TextTower(folder, self.threads)

    @cached_property
    def _space(self) -> TextSpace:
        try:
            with np.load(self.folder / "textspace.npz") as stored:
                return TextSpace(stored["mean"].astype(np.float32), stored["matrix"].astype(np.float32))
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise ArtefactError(
                "A model file is damaged", where=str(self.folder / "textspace.npz"), got=str(error),
                remedy="Install the package again",
            ) from error  # fmt: skip

    @property
    def text_tower(self) -> TextTower:
        """The sentence encoder."""
        return self._text

    @cached_property
    def background(self) -> Background | None:
        """Windows that scores are held against; None where the artefact has none."""
        return Background.load(self.folder)

    @cached_property
    def together(self) -> Together | None:
        """The model with the language model in its folder; None where there is none, or none that the background knows."""
        from .together import Together, embedder

        if self.background is None or self.background.told is None:
            return None
        made = embedder(self)
        if isinstance(made, Together) and made.language.about.sha256 == self.background.language:
            return made
        return None

    @cached_property
    def imagination(self) -> Imagination:
        """Motions that were made to be compared with, remembered."""
        from .imagine import Imagination

        return Imagination(self, self.config.rate_hz)

    @property
    def sha256(self) -> str:
        """Short hash of the whole artefact."""
        listing = json.dumps(self.config.files, sort_keys=True)
        return hashlib.sha256(listing.encode()).hexdigest()[:12]

    @property
    def encoder_sha256(self) -> str:
        """Short hash of the motion encoder alone: what reads its latents is of it, whatever else the artefact holds."""
        return self.config.files.get("motion.onnx", "")[:12]

    def info(self) -> dict:
        """What the model is: name, version, hash, data, calibration."""
        return {"sha256": self.sha256, "folder": str(self.folder), **asdict(self.config)}

    def verify(self) -> None:
        """Check every file against its recorded SHA-256.

        Raises:
            ArtefactError: a file differs.
        """
        for name, expected in self.config.files.items():
            path = self.folder / name
            path = path if path.exists() else WEIGHTS_DIR / name
            got = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "no file"
            if got != expected:
                raise ArtefactError("A model file is damaged", where=str(path), expected=expected, got=got,
                                    remedy="Install the package again")  # fmt: skip

    def encode_texts(self, texts: Sequence[str]) -> Float[Array, "texts features"]:
        """Unit vectors (N, D) of sentences, in the space of motion."""
        return self._space.apply(self._text.encode(list(texts)))

    @cached_property
    def wordings(self) -> tuple[list[str], Float[Array, "texts features"]]:
        """What the programs of the generator are called, and unit vectors (N, D) of it in the space of motion."""
        from .programs import wordings

        texts, _, vectors = wordings(self._text)
        return texts, self._space.apply(vectors)

    def encode_labels(self, labels: LabelSet | Sequence[str] | dict[str, str]) -> Float[Array, "labels features"]:
        """Unit vectors (L, D), one per label."""
        labels = LabelSet.of(labels)
        return label_vectors(labels.texts, self.encode_texts([text for own in labels.texts for text in own]))

    def knows_place(self, placement: Placement) -> bool:
        """Whether the model learned from sensors worn there, or near it; elsewhere it is not told where they are worn."""
        return self._encoder.knows_place(placement)

    def encode_windows(
        self, found: Sequence[Window], placements: Sequence[Placement]
    ) -> Float[Array, "windows features"]:
        """Unit vectors (N, D) of windows.

        Args:
            found: windows at the model's rate; their streams index `placements`.
            placements: one per stream of the recording.

        Raises:
            UsageError: a window shorter than the model can read.
        """
        return self._encoder.vectors(found, placements)

    @property
    def gives_latents(self) -> bool:
        """Whether `read_windows` can tell latents."""
        return self._encoder.gives_latents

    def read_windows(
        self, found: Sequence[Window], placements: Sequence[Placement]
    ) -> tuple[Float[Array, "windows features"], list[Float[Array, "_ width"]]]:
        """Unit vectors (N, D) of windows, and the latents (patches, D') of the whole body that each is seen as.

        Args:
            found, placements: as in `encode_windows`.

        Raises:
            ArtefactError: the encoder was exported without its latents. UsageError: a window shorter than it can read.
        """
        return self._encoder.read(found, placements)

    def embed(self, recording: Recording, *, window_s: float | None = None, hop_s: float | None = None) -> Embeddings:
        """Every window of a recording as a unit vector; no windows, no rows.

        Args:
            recording: any number of streams.
            window_s, hop_s: seconds; the model's own by default.
        """
        found, _ = self.windows_of(recording, window_s, hop_s)
        vectors = self.encode_windows(found, [s.placement for s in recording.streams])
        return Embeddings(self.spans_s(found), vectors)

    def similarities(
        self,
        found: Sequence[Window],
        placements: Sequence[Placement],
        labels: LabelSet | Sequence[str] | dict[str, str],
    ) -> Float[Array, "windows labels"]:
        """Cosines (N, L) of windows to labels."""
        return self.encode_windows(found, placements) @ self.encode_labels(labels).T

    def score_windows(
        self,
        found: Sequence[Window],
        placements: Sequence[Placement],
        labels: LabelSet | Sequence[str] | dict[str, str],
    ) -> Float[Array, "windows labels"]:
        """Probability (N, L) of each label, given that one of them is right."""
        return self.probabilities(self.similarities(found, placements, labels))

    def probabilities(
        self, scores: Float[Array, "windows labels"], scoring: str = PLAIN
    ) -> Float[Array, "windows labels"]:
        """Scores as probabilities (N, L) of each label, given that one of them is right; calibrated.

        Args:
            scores: cosines, or what another way of scoring gives.
            scoring: name of that way; see `anywear.runtime.recognition.Basis.name`.
        """
        if not len(scores):
            return scores
        logits = self.config.calibrated(scoring)[0] * scores
        shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
        return shifted / shifted.sum(axis=1, keepdims=True)

    def recognize(
        self,
        recording: Recording,
        labels: LabelSet | Sequence[str] | dict[str, str],
        *,
        window_s: float | None = None,
        hop_s: float | None = None,
        threshold: float | None = None,
        by: str | None = None,
        hubs: bool | None = None,
        own: bool = False,
        language: bool | None = None,
        mount: str | Mapping[str, MountEstimate] = "auto",
    ) -> Timeline:
        """Name what happens in a recording, from labels in plain words.

        Args:
            recording: any number of streams, worn anywhere.
            labels: words or sentences, or a mapping of label to description.
            window_s, hop_s: seconds; the model's own by default. A recording shorter than one window is read as one.
            threshold: least fit for an answer other than ``unknown``; the calibrated one by default. A cosine, -1 to 1, by
                text with hubs off; else standard deviations above what is usual.
            by: ``text``, ``simulation`` or ``both``; ``both`` by default, where the model is made for it.
            hubs: whether a label's usual score is taken off; by default it is, but for text alone.
            own: whether what is usual is read off this recording, rather than off windows of the training.
            language: whether the language model has a say in what words fit; by default it has, where there is one.
            mount: ``unknown``, ``auto``, ``documented`` or estimates by stream name; see
                `anywear.runtime.recognition.told_mounts`.

        Returns:
            A timeline; stretches without data have no segment.

        Raises:
            UsageError: labels, windows or ways that cannot be.
        """
        recognizer = self.recognizer(by, hubs, own=own, language=language)
        return recognizer.recognize(recording, labels, window_s=window_s, hop_s=hop_s, threshold=threshold, mount=mount)

    def recognizer(
        self, by: str | None = None, hubs: bool | None = None, *, own: bool = False, language: bool | None = None
    ) -> Recognizer:
        """What scores windows on one basis; one for each is kept, with all it has imagined. Arguments as in `recognize`."""
        from .recognition import Basis, Recognizer

        able = self.background is not None
        by = by or ("both" if able else "text")
        if hubs is None:
            hubs = own or by != "text"
        if language is None:
            language = self.together is not None
        basis = Basis(by, hubs, own=own, language=language)
        if basis not in self._recognizers:
            self._recognizers[basis] = Recognizer(self, basis)
        return self._recognizers[basis]

    def windows_of(
        self, recording: Recording, window_s: float | None = None, hop_s: float | None = None
    ) -> tuple[list[Window], list[str]]:
        """The windows of a recording that can be read, and what the user should know of them."""
        config = self.window_config(window_s, hop_s)
        found = windows(recording, config, tail=True)
        shortest = round(MIN_WINDOW_S * self.config.rate_hz)
        kept = [w for w in found if len(w.acc_mps2[0]) >= shortest]
        notes = []
        if not kept:
            longest = max((s.duration_s for s in recording.streams), default=0.0)
            notes.append(f"no stretch of {MIN_WINDOW_S:g} s without a gap ({longest:.1f} s recorded): no answer")
        elif len(kept[0].acc_mps2[0]) < config.length:
            notes.append(f"the recording is shorter than a window of {config.window_s:g} s and was read as one")
        sensors = [(s.name, s.effective_rate_hz, s.placement) for s in recording.streams]
        return kept, notes + self.sensor_notes(sensors)

    def window_config(self, window_s: float | None = None, hop_s: float | None = None) -> WindowConfig:
        """Windows of these seconds at the model's rate; the model's own by default.

        Raises:
            UsageError: a length out of range, or windows that cannot be.
        """
        window_s = window_s if window_s is not None else self.config.window_s
        if not MIN_WINDOW_S <= window_s <= MAX_WINDOW_S:
            raise UsageError(
                "The window's length is out of range", expected=f"{MIN_WINDOW_S:g} to {MAX_WINDOW_S:g} s",
                got=f"{window_s:g} s", remedy="Give seconds, such as --window 5",
            )  # fmt: skip
        hop_s = hop_s if hop_s is not None else min(self.config.hop_s, window_s)
        return WindowConfig(self.config.rate_hz, window_s, hop_s)

    def threshold_or_default(self, threshold: float | None, scoring: str = PLAIN) -> float:
        """The least fit for an answer other than ``unknown``: a cosine, or in the unit of another way of scoring.

        Raises:
            UsageError: no number, or no cosine where one is meant.
        """
        threshold = self.config.calibrated(scoring)[1] if threshold is None else threshold
        cosine = scoring in (PLAIN, f"{PLAIN} language")
        if not np.isfinite(threshold) or (cosine and not -1.0 <= threshold <= 1.0):
            expected = "-1 (never unknown) to 1" if cosine else "a number; below -5 nothing is unknown"
            raise UsageError("The threshold is out of range", expected=expected, got=str(threshold))
        return threshold

    def sensor_notes(self, sensors: Sequence[tuple[str, float, Placement]]) -> list[str]:
        """What keeps the model from its best on sensors of these names, rates in Hz and placements."""
        notes = []
        slow = [name for name, rate_hz, _ in sensors if rate_hz < 0.8 * self.config.rate_hz]
        if slow:
            notes.append(
                f"{', '.join(slow)}: sampled more slowly than the model reads ({self.config.rate_hz:g} Hz); expect less"
            )
        unknown = [name for name, _, placement in sensors if not placement.is_known]
        if unknown:
            notes.append(
                f"{', '.join(unknown)}: placement unknown; say where it is worn with --placement for better answers"
            )
        notes += [
            f"{name}: the model has not learned from sensors worn at {placement.name}; read as worn anywhere"
            for name, _, placement in sensors
            if placement.is_known and not self.knows_place(placement)
        ]
        return notes

    def spans_s(self, found: Sequence[Window]) -> Float[Array, "windows 2"]:
        """Start and end of windows, s."""
        rate = self.config.rate_hz
        return np.array([[w.start / rate, (w.start + len(w.acc_mps2[0])) / rate] for w in found]).reshape(-1, 2)
