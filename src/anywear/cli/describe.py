"""Say which of your sentences fit a recording, stretch by stretch and as a whole: the reverse of search."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AnywearError
from . import _common

if TYPE_CHECKING:
    from ..runtime import Description
    from ..runtime.description import DescribedSpan

HELP = "choose the sentences that fit a recording"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a recording, or a folder of recordings")
    parser.add_argument("--candidates", required=True, metavar="TXT", help="a file with one sentence per line")
    parser.add_argument("-k", "--best", type=int, default=5, metavar="K", help="sentences per stretch (default 5)")
    parser.add_argument("--every", type=float, default=10.0, metavar="S", help="seconds per stretch (default 10)")
    parser.add_argument("--json", action="store_true", help="print JSON instead")
    _common.add_language(parser)
    _common.add_windows(parser)
    _common.add_reading(parser)
    _common.add_model(parser)


def run(options: argparse.Namespace) -> int:
    from ..runtime.description import describe, read_candidates

    candidates = read_candidates(options.candidates)
    model = _common.load_model(options)
    several = _common.is_folder_of_recordings(options)
    answers: list[dict] = []
    failures: list[tuple[Path, AnywearError]] = []
    for path, recording in _common.recordings(options):
        try:
            if isinstance(recording, AnywearError):
                raise recording
            told = describe(
                recording, candidates, k=options.best, every_s=options.every, model=model, language=_common.language(options),
                window_s=options.window, hop_s=options.hop,
            )  # fmt: skip
        except AnywearError as error:
            if not several:
                raise
            failures.append((path, error))
            continue
        answers.append({"file": str(path), "model": model.sha256, **told.to_dict()})
        if not options.json:
            print(f"{path}:\n{_text(told)}" if several else _text(told))
    if options.json and answers:
        print(json.dumps(answers if several else answers[0], indent=2, ensure_ascii=False))
    return _common.report_failures(failures, len(answers))


def _text(told: Description) -> str:
    if told.whole is None:
        return "no stretch of 1 s without a gap: nothing to describe"
    hours = told.whole.end_s >= 3600
    parts = [_span("as a whole", told.whole)]
    if len(told.spans) > 1:
        from ..plot import clock

        parts += [_span(f"{clock(s.start_s, hours)} - {clock(s.end_s, hours)}", s) for s in told.spans]
    return "\n".join(parts)


def _span(title: str, span: DescribedSpan) -> str:
    rows = [f"  {own.fit:5.2f}  {own.text}{'' if own.fits else '  (weak)'}" for own in span.sentences]
    return "\n".join([title, *rows])
