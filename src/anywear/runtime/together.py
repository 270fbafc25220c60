"""Whose vectors are compared with sentences: a model's alone, or together with those of the language model beside it.

Both put windows among sentences, the encoder as it was aligned with them, the language model by what it makes of the motion
tokens. Their mean, brought to unit length, is nearer to what is said than either; see docs/retrieval.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError
from ..placement import Placement
from ..recording import Recording
from ..signal import Window
from .language import Language
from .language.artefact import ABOUT
from .language.stillness import check_windows
from .model import Embeddings, Model, ModelConfig


@runtime_checkable
class Embedder(Protocol):
    """Puts recordings and sentences into one space; `anywear.Model` and `Together` do."""

    @property
    def config(self) -> ModelConfig:
        """Of the model that cuts the windows."""
        ...

    @property
    def sha256(self) -> str:
        """Short hash of whose vectors these are."""
        ...

    def embed(self, recording: Recording, *, window_s: float | None = None, hop_s: float | None = None) -> Embeddings:
        """Windows of a recording as unit vectors; see `anywear.Model.embed`."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> Array:
        """Sentences as unit vectors (N, D)."""
        ...


class Together:
    """A model and its language model as one.

    Args:
        model: cuts the windows and encodes sentences.
        language: reads its motion tokens; the one in its folder by default.

    Raises:
        ArtefactError: there is no language model, or it is damaged, or reads the tokens of another model.
    """

    def __init__(self, model: Model, language: Language | None = None) -> None:
        self.model, self.language = model, language or Language(model.folder, threads=model.threads)

    @property
    def config(self) -> ModelConfig:
        """Of the model."""
        return self.model.config

    @property
    def sha256(self) -> str:
        """Short hashes of both."""
        return f"{self.model.sha256} and language {self.language.about.sha256}"

    def embed(self, recording: Recording, *, window_s: float | None = None, hop_s: float | None = None) -> Embeddings:
        """Every window of a recording as a unit vector; see `anywear.Model.embed`."""
        return self.embed_each(recording, window_s=window_s, hop_s=hop_s)[1]

    def embed_each(
        self, recording: Recording, *, window_s: float | None = None, hop_s: float | None = None
    ) -> tuple[Embeddings, Embeddings]:
        """As the model sees the windows by itself, and as both do together."""
        found, _ = self.model.windows_of(recording, window_s, hop_s)
        alone, both = self.encode_each(found, [stream.placement for stream in recording.streams])
        spans_s = self.model.spans_s(found)
        return Embeddings(spans_s, alone), Embeddings(spans_s, both)

    def encode_each(
        self, found: Sequence[Window], placements: Sequence[Placement]
    ) -> tuple[Float[Array, "windows features"], Float[Array, "windows features"]]:
        """Unit vectors (N, D) of windows, of the model by itself and of both; see `anywear.Model.encode_windows`."""
        check_windows(found, self.config.rate_hz)
        alone, latents = self.model.read_windows(found, placements)
        worn = [[placements[stream] for stream in window.streams] for window in found]
        told = self.language.embed_ids(self.language.tokens.encode_latents(latents), worn)
        mean = 0.5 * (alone + told)
        length = np.linalg.norm(mean, axis=1, keepdims=True)
        return alone, np.asarray(mean / np.maximum(length, 1e-12), dtype=np.float32)

    def encode_texts(self, texts: Sequence[str]) -> Float[Array, "texts features"]:
        """Unit vectors (N, D) of sentences; see `anywear.Model.encode_texts`."""
        return self.model.encode_texts(texts)


def embedder(model: Model, language: bool | None = None) -> Model | Together:
    """Whose vectors are compared with sentences.

    Args:
        model: the model.
        language: whether the language model in its folder has a say; by default it has, where there is one.

    Raises:
        UsageError: there is no language model. ArtefactError: it is damaged.
    """
    there = (model.folder / ABOUT).is_file()
    if language is False or (language is None and not there):
        return model
    if not there:
        raise UsageError(
            "The model has no language model", where=str(model.folder), expected=f"a folder with {ABOUT}",
            remedy="Do without it: --language off; or train one: python -m anywear.train.language_run",
        )  # fmt: skip
    return Together(model)
