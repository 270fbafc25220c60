"""Answer a question about a recording, and name the evidence: time spans, counts, and how they are known.

Answers come from what was recognised and counted, and where no rule reads the question from the language model, if there is
one. What cannot be told is said to be so.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..errors import AnywearError
from . import _common
from .caption import add_looking, diary_config, language_of, looking_for

HELP = "answer a question about a recording"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a recording, or a folder of recordings")
    parser.add_argument("question", metavar="QUESTION", help='such as "how often did the person sit down?"')
    add_looking(parser)
    parser.add_argument("--plain", action="store_true", help="no language model")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--json", action="store_true", help="print JSON instead")
    kinds.add_argument("--markdown", action="store_true", help="print Markdown instead")
    _common.add_windows(parser)
    _common.add_reading(parser)
    _common.add_model(parser)


def run(options: argparse.Namespace) -> int:
    from ..runtime.diary import ask

    labels, config = looking_for(options), diary_config(options)
    model = _common.load_model(options)
    language = language_of(options, model)
    several = _common.is_folder_of_recordings(options)
    answers: list[dict] = []
    failures: list[tuple[Path, AnywearError]] = []
    for path, recording in _common.recordings(options):
        try:
            if isinstance(recording, AnywearError):
                raise recording
            answer = ask(recording, options.question, labels=labels, model=model, language=language, config=config)
        except AnywearError as error:
            if not several:
                raise
            failures.append((path, error))
            continue
        answers.append({"file": str(path), "model": model.sha256, **answer.to_dict()})
        if options.markdown:
            print(answer.to_markdown())
        elif not options.json:
            print(f"{path}:\n{answer}" if several else answer)
    if options.json and answers:
        print(json.dumps(answers if several else answers[0], indent=2, ensure_ascii=False))
    return _common.report_failures(failures, len(answers))
