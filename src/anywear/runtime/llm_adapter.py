"""What is on disk of a language model that learned to read motion, and how it is put together again.

A folder holds what learned and not the language model: low-rank changes and new rows in the form of peft, so that other tools
read them, too (``adapter_model.safetensors``, ``adapter_config.json``); soft prompts, the pooler and what made the rows
(``motion.safetensors``); and what it belongs to (``llm.json``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import ArtefactError
from .llm_base import Base, MotionWords, add_motion, load_base
from .tokens import ABOUT as TOKENS_ABOUT
from .tokens import MotionTokens

FORMAT_VERSION = 1
ABOUT, ADDED = "llm.json", "motion.safetensors"
PEFT_FILES = ("adapter_model.safetensors", "adapter_config.json")


@dataclass(frozen=True)
class LlmAbout:
    """What an adapter says of itself; ``llm.json``.

    Attributes:
        name: of the training.
        base: name or path of the language model; base_sha256: its short hash.
        tokens: short hash of the motion tokens that it reads; model: the folder they were in.
        sizes: codes of each book; first: id of ``<motion>``.
        prior: share of what a label is likely without motion that is taken off in a choice.
        scale: inverse temperature of a choice.
        files: SHA-256 of the other files.
        card: how it was made and what it scored.
    """

    name: str
    base: str
    base_sha256: str
    tokens: str
    model: str
    sizes: tuple[int, ...]
    first: int
    prior: float
    scale: float
    files: dict[str, str]
    card: dict

    @classmethod
    def load(cls, path: Path) -> LlmAbout:
        """Read ``llm.json``.

        Raises:
            ArtefactError: missing, damaged, or of a version this code does not know.
        """
        if not path.is_file():
            raise ArtefactError(
                "There is no language model that reads motion here", where=str(path.parent),
                expected=f"a folder with {ABOUT}",
                remedy="Make one: anywear train align --llm NAME_OR_PATH --data DIR -o OUT; then give OUT/adapter",
            )  # fmt: skip
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            version = raw.pop("format_version")
            if version != FORMAT_VERSION:
                raise ArtefactError(
                    "The language model was taught by another version", where=str(path),
                    expected=f"format {FORMAT_VERSION}", got=f"format {version}",
                    remedy="Install the matching version of anywear",
                )  # fmt: skip
            return cls(**{**raw, "sizes": tuple(int(own) for own in raw["sizes"])})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ArtefactError("The adapter's description is damaged", where=str(path), got=str(error)) from error

    def save(self, path: Path) -> None:
        """Write ``llm.json``."""
        text = json.dumps({"format_version": FORMAT_VERSION, **asdict(self)}, indent=2)
        path.write_text(text + "\n", encoding="utf-8")


@dataclass(frozen=True, eq=False)
class Reading:
    """A language model put together with what learned.

    Attributes:
        base: with the changes merged in.
        words: where its tokens of motion are.
        added: tensors by name: ``soft`` (2, S, D), and the pooler's as ``pooler.NAME``.
    """

    base: Base
    words: MotionWords
    added: dict[str, Any]


def read_about(folder: Path) -> LlmAbout:
    """What an adapter says of itself, with its files as they were written.

    Raises:
        ArtefactError: something is missing, damaged or not as it was written.
    """
    about = LlmAbout.load(folder / ABOUT)
    for name in (*PEFT_FILES, ADDED):
        path = folder / name
        got = file_hash(path) if path.is_file() else "no file"
        if got != about.files.get(name):
            raise ArtefactError(
                "An adapter's file is missing or damaged", where=str(path), expected=str(about.files.get(name)), got=got
            )  # fmt: skip
    return about


def tokens_of(about: LlmAbout, folder: Path, given: MotionTokens | None, threads: int = 1) -> MotionTokens:
    """The motion tokens that an adapter reads: those given, those of the folder it was made with, or those of the package.

    Raises:
        ArtefactError: they are those of another tokenizer, or there are none.
    """
    if given is None:
        recorded = Path(about.model)
        given = MotionTokens(recorded if (recorded / TOKENS_ABOUT).is_file() else None, threads)
    if given.sha256 != about.tokens:
        raise ArtefactError(
            "The language model reads the tokens of another tokenizer", where=str(folder), expected=about.tokens,
            got=f"{given.sha256} in {given.folder}",
            remedy="Give the model whose tokenizer it was taught with, or teach it again",
        )  # fmt: skip
    return given


def put_together(folder: Path, about: LlmAbout, source: str | Path | None = None, dtype: str = "float32") -> Reading:
    """The language model with an adapter's changes merged in.

    Args:
        folder: of the adapter.
        about: what it says of itself.
        source: where the language model is, if not where it was.
        dtype: number format of its weights.

    Raises:
        UsageError: the language model is not to be found. ArtefactError: it is another one.
    """
    base = load_base(source if source is not None else about.base, dtype)
    if base.sha256 != about.base_sha256:
        raise ArtefactError(
            "The adapter is of another language model", where=str(folder),
            expected=f"{about.base} ({about.base_sha256})", got=f"{base.source} ({base.sha256})",
            remedy="Give the language model it was made with",
        )  # fmt: skip
    words = add_motion(base, about.sizes)
    import torch
    from peft import PeftModel
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        if words.first != about.first:
            raise ValueError(f"<motion> is {words.first}, and was {about.first}")
        with torch.no_grad():
            merged: Any = PeftModel.from_pretrained(base.model, folder, local_files_only=True).merge_and_unload()
        added = load_file(folder / ADDED)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ArtefactError(
            "The adapter does not fit its language model", where=str(folder), got=str(error).splitlines()[0][:300],
            remedy="Teach the language model again: anywear train align",
        ) from error  # fmt: skip
    return Reading(replace(base, model=merged.eval()), words, added)


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
