"""What is on disk of a language model: a graph, tables, pieces, and what they are."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from scipy.special import expit

from ..._typing import Array, Float
from ...errors import ArtefactError, UsageError
from .decoding import Drafting
from .fourbit import unpacked

FORMAT_VERSION = 1
GRAPH, TABLES, PIECES, ABOUT = "language.onnx", "language.npz", "language-pieces.json", "language.json"


@dataclass(frozen=True)
class LanguageAbout:
    """What a language model says of itself; ``language.json``.

    Attributes:
        name: of the model.
        tokens: short hash of the motion tokens that it reads.
        places: body segments it has a word for; row 0 of the table of places is for unknown ones.
        config: dimensions, as in `anywear.nn.language.LanguageConfig`.
        prior: share of what a label is likely without motion that is taken off in a choice.
        scale: inverse temperature of a choice.
        files: SHA-256 of its other files.
        card: how it was made and what it scored.
        guidance: how far captions are drawn from what is likely without motion; see `Decoder.greedy`.
        drafts: how captions are drafted and one is taken; None where the likeliest text is the caption.
    """

    name: str
    tokens: str
    places: tuple[str, ...]
    config: dict
    prior: float
    scale: float
    files: dict[str, str]
    card: dict
    guidance: float = 0.0
    drafts: Drafting | None = None

    @classmethod
    def load(cls, path: Path) -> LanguageAbout:
        """Read ``language.json``.

        Raises:
            ArtefactError: missing, damaged, or of a version this code does not know.
        """
        if not path.is_file():
            raise ArtefactError(
                "There is no language model here", where=str(path.parent), expected=f"a folder with {ABOUT}",
                remedy="Give a folder written by python -m anywear.train.language_run",
            )  # fmt: skip
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            version = raw.pop("format_version")
            if version != FORMAT_VERSION:
                raise ArtefactError(
                    "The language model was made for another version", where=str(path),
                    expected=f"format {FORMAT_VERSION}", got=f"format {version}",
                    remedy="Install the matching version of anywear",
                )  # fmt: skip
            drafts = raw.pop("drafts", None)
            drafts = None if drafts is None else Drafting(**drafts)
            return cls(**{**raw, "places": tuple(str(own) for own in raw["places"]), "drafts": drafts})
        except (ValueError, KeyError, TypeError, AttributeError, UsageError) as error:
            raise ArtefactError(
                "The language model's description is damaged", where=str(path), got=str(error)
            ) from error

    def save(self, path: Path) -> None:
        """Write ``language.json``."""
        text = json.dumps({"format_version": FORMAT_VERSION, **asdict(self)}, indent=2)
        path.write_text(text + "\n", encoding="utf-8")

    @property
    def sha256(self) -> str:
        """Short hash of the whole."""
        return hashlib.sha256(json.dumps([self.tokens, self.files], sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True, eq=False)
class Tables:
    """Vectors of what goes into the graph, and heads for what comes out.

    Attributes:
        words: (pieces, D); read as a table and, turned, as a head.
        places: (places, D); soft: (soft, D).
        mean, spread: of the vectors of instants.
        motion_in, motion_on, pooled: weights (out, in) and biases (out,).
    """

    words: Array
    places: Array
    soft: Array
    mean: Array
    spread: float
    motion_in: tuple[Array, Array]
    motion_on: tuple[Array, Array]
    pooled: tuple[Array, Array]

    @classmethod
    def load(cls, path: Path) -> Tables:
        """Read ``language.npz``. Raises ArtefactError where it is missing or damaged."""
        try:
            with np.load(path) as stored:
                own = {name: stored[name] for name in stored.files}
            words = unpacked(own.pop("words_numbers"), own.pop("words_scale"))
            own = {name: value.astype(np.float32) for name, value in own.items()}
            pairs = {
                name: (own[f"{name}_weight"], own[f"{name}_bias"]) for name in ("motion_in", "motion_on", "pooled")
            }
            return cls(words, own["places"], own["soft"], own["mean"], float(own["spread"]), **pairs)
        except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise ArtefactError(
                "A language model's file is missing or damaged", where=str(path), got=str(error),
                remedy="Install the package again",
            ) from error  # fmt: skip

    def of_motion(self, vectors: Float[Array, "*rows features"]) -> Float[Array, "*rows width"]:
        """Vectors of instants as the graph takes them."""
        made = ((vectors - self.mean) / self.spread) @ self.motion_in[0].T + self.motion_in[1]
        return np.asarray((made * expit(made)) @ self.motion_on[0].T + self.motion_on[1], dtype=np.float32)

    def embedded(self, hidden: Float[Array, "rows width"]) -> Float[Array, "rows features"]:
        """Unit vectors in the common space of motion and sentences."""
        made = hidden @ self.pooled[0].T + self.pooled[1]
        return np.asarray(made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-12), dtype=np.float32)
