"""What the user asks for: labels in plain words, each with an optional description."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .._typing import Array
from ..errors import UsageError
from .phrases import worded

UNKNOWN = "unknown"
"""The answer where nothing that was asked for fits; it cannot be asked for."""

MAX_LABELS = 1000
MAX_TEXT = 500  # characters; the text tower reads about as many


@dataclass(frozen=True)
class LabelSet:
    """Labels and what they mean.

    Attributes:
        names: what is printed, unique.
        texts: sentences that stand for each label; their vectors are averaged.

    Example:
        >>> LabelSet.parse("walking, sitting").names
        ('walking', 'sitting')
    """

    names: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        where = "labels"
        if len(self.names) < 2:
            raise UsageError(
                "At least two labels are needed to choose between", where=where, got=", ".join(self.names) or "none",
                remedy='Give several, such as --labels "walking, sitting, standing"',
            )  # fmt: skip
        if len(self.names) > MAX_LABELS:
            raise UsageError("Too many labels", where=where, expected=f"at most {MAX_LABELS}", got=str(len(self.names)))
        seen: dict[str, str] = {}
        for name, texts in zip(self.names, self.texts, strict=True):
            key = " ".join(name.lower().split())
            if key == UNKNOWN:
                raise UsageError(
                    f"{UNKNOWN!r} is the answer when no label fits; it cannot be asked for", where=where, got=name,
                    remedy="Leave it out, and set --threshold for how readily it is given",
                )  # fmt: skip
            if key in seen:
                raise UsageError(
                    "A label is given twice", where=where, got=f"{seen[key]!r} and {name!r}", remedy="Keep one"
                )
            seen[key] = name
            if not any(c.isalnum() for c in name) or any(not text.strip() for text in texts):
                raise UsageError(
                    "A label has no words", where=where, got=repr(name), remedy="Describe it in plain words"
                )
            if any(len(text) > MAX_TEXT for text in texts):
                raise UsageError("A label is too long", where=name[:60], expected=f"at most {MAX_TEXT} characters")

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def of(cls, labels: LabelSet | Sequence[str] | dict[str, str]) -> LabelSet:
        """From a list of names or sentences, or a mapping of name to description.

        Names that are written as columns and folders are, such as ``sit_to_stand`` or ``WalkingUpstairs``, are read as the
        words they stand for.
        """
        if isinstance(labels, LabelSet):
            return labels
        if isinstance(labels, str):
            return cls.parse(labels)
        if isinstance(labels, dict):
            texts = ((worded(name), text) if text else (worded(name),) for name, text in labels.items())
            return cls(tuple(labels), tuple(texts))
        names = tuple(" ".join(str(label).split()) for label in labels)
        return cls(names, tuple((worded(name),) for name in names))

    @classmethod
    def parse(cls, text: str) -> LabelSet:
        """From one line, separated by commas, or by semicolons where a sentence holds commas."""
        parts = text.split(";") if ";" in text else text.split(",")
        return cls.of([part for part in parts if part.strip()])

    @classmethod
    def from_file(cls, path: str | Path) -> LabelSet:
        """From a file of ``label`` or ``label: description`` lines; empty lines and those that begin with # are passed over.

        Raises:
            UsageError: no such file, not text, or no labels in it.
        """
        path = Path(path)
        if not path.is_file():
            raise UsageError("There is no such label file", where=str(path), remedy="Check the path")
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise UsageError(
                "The label file is not text", where=str(path), got=str(error), remedy="Save it as UTF-8"
            ) from error
        pairs: dict[str, str] = {}
        for number, line in enumerate(lines, start=1):
            name, _, text = line.partition(":")
            name = " ".join(name.split())
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            if name in pairs:
                raise UsageError("A label is given twice", where=f"{path}, line {number}", got=name, remedy="Keep one")
            pairs[name] = " ".join(text.split())
        return cls.of(pairs)


def label_vectors(texts: Sequence[Sequence[str]], vectors: Array) -> Array:
    """One unit vector per label: the mean over its texts. `vectors` holds those of all texts in order."""
    ends = np.cumsum([len(own) for own in texts])
    means = np.stack([vectors[end - len(own) : end].mean(axis=0) for own, end in zip(texts, ends, strict=True)])
    return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
