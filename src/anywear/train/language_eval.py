"""How well a language model does on moments kept from training, as it is shipped: likelihoods, choices, answers.

python -m anywear.train.language_eval MOMENTS --model FOLDER [--tokens FOLDER]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import AnywearError, UsageError
from ..placement import Placement
from ..runtime.language import Language
from ..runtime.tokens import MotionTokens
from .language_motions import Moment, load_moments
from .language_tasks import asked_of

MOST = 400  # moments of each data set that are judged, evenly chosen


def evaluate(language: Language, moments: Sequence[Moment], seed: int = 0) -> dict:
    """Figures by data set.

    Args:
        language: as shipped.
        moments: those that it did not learn from.
        seed: of the sentences and questions drawn.

    Returns:
        For each data set ``perplexity`` and ``perplexity_without`` motion, per piece, of one sentence of each moment;
        ``choice`` among the labels of the data set, ``choice_without`` and ``chance``; ``answers``: by question the share
        that is right with motion, without it, and how many there were.
    """
    by_set: dict[str, list[Moment]] = defaultdict(list)
    for own in moments:
        by_set[own.dataset].append(own)
    return {name: _of_set(language, own[:: max(1, len(own) // MOST)], seed) for name, own in sorted(by_set.items())}


def _of_set(language: Language, moments: Sequence[Moment], seed: int) -> dict:
    rng = np.random.default_rng(seed)
    ids = language.tokens.encode_latents([own.latents.astype(np.float32) for own in moments])
    hidden = [own[:0] for own in ids]
    worn = [[Placement(segment=segment) for segment in own.segments] for own in moments]
    texts = [own.texts[int(rng.integers(len(own.texts)))] for own in moments]
    nats = {
        name: -np.array([language.likely_ids(*row)[0] for row in zip(seen, worn, [[t] for t in texts], strict=True)])
        for name, seen in (("perplexity", ids), ("perplexity_without", hidden))
    }
    out: dict = {name: float(np.exp(own.mean())) for name, own in nats.items()} | {"moments": len(moments)}
    labels = sorted({own.label for own in moments})
    if len(labels) > 1:
        truth = np.array([labels.index(own.label) for own in moments])
        for name, seen in (("choice", ids), ("choice_without", hidden)):
            out[name] = float((language.choose_ids(seen, worn, labels).argmax(axis=1) == truth).mean())
        out["labels"], out["chance"] = len(labels), 1.0 / len(labels)
    out["answers"] = _answers(language, moments, ids, worn, rng)
    return out


def _answers(
    language: Language, moments: Sequence[Moment], ids: Sequence[np.ndarray], worn: list[list[Placement]],
    rng: np.random.Generator,
) -> dict[str, dict[str, float]]:  # fmt: skip
    """Share of right answers by kind of question; steps within one are right."""
    by_question: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for number, own in enumerate(moments):
        for kind, wording, answer in asked_of(own, rng):
            by_question[kind, wording].append((number, answer))
    right: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for (kind, wording), asked in by_question.items():
        rows = [number for number, _ in asked]
        for_rows = [worn[number] for number in rows]
        seen = language.answer_ids([ids[number] for number in rows], for_rows, wording)
        blind = language.answer_ids([ids[number][:0] for number in rows], for_rows, wording)
        for (_, answer), (text, _), (guess, _) in zip(asked, seen, blind, strict=True):
            right[kind].append((_same(text, answer), _same(guess, answer)))
    return {
        kind: {"right": float(np.mean([own[0] for own in rows])), "without": float(np.mean([own[1] for own in rows])),
               "asked": len(rows)}
        for kind, rows in sorted(right.items())
    }  # fmt: skip


def _same(text: str, answer: str) -> bool:
    found = [[int(word) for word in own.split() if word.isdigit()] for own in (text, answer)]
    if all(found):
        return abs(found[0][0] - found[1][0]) <= 1
    return text == answer


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m anywear.train.language_eval", description=__doc__)
    parser.add_argument("moments", type=Path, nargs="+", help="files that a training kept in its cache")
    parser.add_argument("--model", type=Path, required=True, help="folder of the language model")
    parser.add_argument("--tokens", type=Path, help="folder of the motion tokens, where they are elsewhere")
    args = parser.parse_args(arguments)
    try:
        language = Language(args.model, MotionTokens(args.tokens) if args.tokens else None)
        for path in args.moments:
            if not path.is_file():
                raise UsageError("There is no such file of moments", where=str(path))
        held_out = [own for path in args.moments for own in load_moments(path) if own.held_out]
        print(json.dumps(evaluate(language, held_out), indent=1))
    except AnywearError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
