"""Motion tokens as JSON: what a recording said, for another day or another program; with whose tokenizer it was said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import FormatError, UsageError
from .tokens import MotionSentence, MotionTokens

FORMAT = "anywear tokens 1"


def sentences_json(
    sentences: Sequence[MotionSentence], tokens: MotionTokens, file: str = "", placements: Sequence[str] = ()
) -> dict:
    """Plain types.

    Args:
        sentences: of a recording, in time order.
        tokens: the tokenizer.
        file: the recording's.
        placements: names of the sites of its sensors.
    """
    return {
        "format": FORMAT,
        "file": file,
        "placements": list(placements),
        "model": tokens.about.model,
        "tokenizer": tokens.sha256,
        "tokens_per_s": tokens.about.tokens_per_s,
        "sizes": list(tokens.about.sizes),
        "sentences": [
            {"start_s": own.start_s, "end_s": own.end_s, "still": own.still, "ids": own.ids.tolist()}
            for own in sentences
        ],
    }


def read_sentences(path: str | Path, tokens: MotionTokens) -> tuple[list[MotionSentence], tuple[str, ...]]:
    """Sentences of a file, and the names of its sensors' sites.

    Args:
        path: a file as `sentences_json` describes it.
        tokens: the tokenizer that has to be its.

    Raises:
        FormatError: no such file, or it holds no tokens, or damaged ones. UsageError: the tokens are of another tokenizer.
    """
    where = str(path)
    try:
        raw = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise FormatError("The file cannot be read", where=where, got=error.strerror or str(error)) from error
    except ValueError as error:
        raise FormatError("The file is not JSON", where=where, got=str(error), remedy=_HOW) from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        got = repr(raw.get("format")) if isinstance(raw, dict) else type(raw).__name__
        raise FormatError(
            "The file holds no motion tokens", where=where, expected=f'"format": "{FORMAT}"', got=got, remedy=_HOW
        )
    if raw.get("tokenizer") != tokens.sha256:
        raise UsageError(
            "The tokens are of another tokenizer", where=where, expected=tokens.sha256, got=str(raw.get("tokenizer")),
            remedy="Give the model they were made with: --model FOLDER; or make them again from the recording",
        )  # fmt: skip
    try:
        sentences = [_sentence(own) for own in raw["sentences"]]
        placements = tuple(str(own) for own in raw.get("placements", ()))
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(
            "The file's tokens are damaged", where=where, got=f"{type(error).__name__}: {error}"
        ) from error
    for number, own in enumerate(sentences):
        try:
            tokens.check(own.ids)
        except UsageError as error:
            raise FormatError(
                f"Sentence {number + 1} cannot be", where=where, got=str(error).splitlines()[0]
            ) from error
    starts = [own.start_s for own in sentences]
    if starts != sorted(starts):
        raise FormatError("The file's sentences are not in time order", where=where)
    return sentences, placements


_HOW = "Write one: anywear tokens RECORDING --json > tokens.json"


def _sentence(raw: dict) -> MotionSentence:
    start_s, end_s, ids = float(raw["start_s"]), float(raw["end_s"]), np.array(raw["ids"])
    if not (np.isfinite([start_s, end_s]).all() and start_s < end_s):
        raise ValueError(f"a sentence from {start_s} to {end_s} s")
    return MotionSentence(start_s, end_s, ids, bool(raw.get("still", False)))
