"""The text tower at run time: sentences to unit vectors, on onnxruntime, cached."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from .._typing import Array, Float
from .session import open_session

CACHE_TEXTS = 10_000  # texts remembered per tower; 15 MB


class TextTower:
    """Sentences to vectors.

    Args:
        folder: holds ``text.onnx`` and ``tokenizer.json``.
        threads: threads of the session.

    Raises:
        ArtefactError: a file is missing or damaged.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self.folder = folder
        self._session = open_session(folder / "text.onnx", threads)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._cache: dict[str, Array] = {}

    def encode(self, texts: Sequence[str], batch: int = 64) -> Float[Array, "texts features"]:
        """Unit vectors (N, 384), one per text; a text seen before costs nothing."""
        new = sorted({text for text in texts if text not in self._cache}, key=len)
        if len(self._cache) + len(new) > CACHE_TEXTS:
            self._cache.clear()
            new = sorted(set(texts), key=len)
        for start in range(0, len(new), batch):
            part = new[start : start + batch]
            encodings = self._tokenizer.encode_batch(part)
            ids = np.array([e.ids for e in encodings], dtype=np.int64)
            mask = np.array([e.attention_mask for e in encodings], dtype=np.int64)
            (vectors,) = self._session.run(None, {"ids": ids, "mask": mask})
            self._cache.update(zip(part, np.asarray(vectors, dtype=np.float32), strict=True))
        return np.stack([self._cache[text] for text in texts]) if len(texts) else np.zeros((0, 384), dtype=np.float32)
