"""Describe a recording as a diary: what was done when, with steps and repetitions, in sentences.

Prints a summary and a line per stretch. Activities are everyday ones unless labels are given. With a language model in the
model's folder, captions in its own words stand beside what was recognised.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AnywearError, UsageError
from . import _common
from .recognize import mount_known, parse_labels

if TYPE_CHECKING:
    from ..runtime import LabelSet, Model
    from ..runtime.diary import DiaryConfig
    from ..runtime.language import Language

HELP = "describe a recording as a diary"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a recording, or a folder of recordings")
    add_looking(parser)
    parser.add_argument("--every", type=float, metavar="S", help="a caption for every S seconds")
    parser.add_argument(
        "--cautious", action="store_true", help="name no body part that no sensor is near enough to tell"
    )
    parser.add_argument("--plain", action="store_true", help="no language model: plain sentences alone")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--json", action="store_true", help="print JSON instead")
    kinds.add_argument("--markdown", action="store_true", help="print Markdown instead")
    parser.add_argument("--html", metavar="OUT.html", help="write a page with timeline, signals and captions")
    parser.add_argument("--quiet", action="store_true", help="no remarks on standard error")
    _common.add_windows(parser)
    _common.add_reading(parser)
    _common.add_model(parser)


def add_looking(parser: argparse.ArgumentParser) -> None:
    """Options of what is looked for, and how."""
    labels = parser.add_mutually_exclusive_group()
    labels.add_argument(
        "--labels",
        metavar="WORDS",
        help="what to look for, separated by commas, or a file (default: everyday activities)",
    )
    labels.add_argument("--labels-file", metavar="TXT", help='a file of "label" or "label: description" lines')
    parser.add_argument(
        "--by", choices=("text", "simulation", "both"), default="text",
        help="what labels are compared by (default text; both is better at postures, and takes a minute for many labels)",
    )  # fmt: skip
    parser.add_argument(
        "--mount",
        default="auto",
        metavar="HOW",
        help="unknown, documented, auto (default), or a file of `anywear mount`",
    )


def looking_for(options: argparse.Namespace) -> LabelSet | None:
    """The labels that were given, if any."""
    from ..runtime import LabelSet

    if options.labels_file:
        return LabelSet.from_file(options.labels_file)
    return parse_labels(options.labels) if options.labels is not None else None


def diary_config(options: argparse.Namespace, **further) -> DiaryConfig:
    """How the diary is kept, from options shared with `anywear ask`."""
    from ..runtime.diary import DiaryConfig

    given = {"window_s": options.window, "hop_s": options.hop}
    given = {name: value for name, value in given.items() if value is not None}
    return DiaryConfig(by=options.by, mount=mount_known(options.mount), **given, **further)


def language_of(options: argparse.Namespace, model: Model) -> Language | None:
    """The language model in the model's folder; None where there is none, or it is not wanted."""
    from ..runtime.language import Language
    from ..runtime.language.artefact import ABOUT

    if options.plain or not (model.folder / ABOUT).is_file():
        return None
    return Language(model.folder, threads=options.threads)


def run(options: argparse.Namespace) -> int:
    from ..runtime.diary import keep_diary
    from ..runtime.diary.page import diary_page

    if options.html and Path(options.html).suffix.lower() != ".html":
        raise UsageError("The page's kind is unknown", where=options.html, expected=".html", remedy="Name it OUT.html")
    labels, config = looking_for(options), diary_config(options, every_s=options.every, cautious=options.cautious)
    model = _common.load_model(options)
    language = language_of(options, model)
    several = _common.is_folder_of_recordings(options)
    answers: list[dict] = []
    failures: list[tuple[Path, AnywearError]] = []
    for path, recording in _common.recordings(options):
        try:
            if isinstance(recording, AnywearError):
                raise recording
            diary = keep_diary(recording, labels, model=model, language=language, config=config)
        except AnywearError as error:
            if not several:
                raise
            failures.append((path, error))
            continue
        if options.html:
            page = Path(options.html)
            if several:
                page = page.with_name(f"{page.stem}-{'-'.join(path.relative_to(options.file).parts)}{page.suffix}")
            _common.write_text(str(page), diary_page(diary, path.name))
            if not options.quiet:
                print(f"page: {page}", file=sys.stderr)
        answers.append({"file": str(path), "model": model.sha256, **diary.to_dict()})
        if options.markdown:
            print(diary.to_markdown(path.name))
        elif not options.json:
            print(f"{path}:\n{diary}" if several else diary)
        if not options.quiet and not options.markdown:
            for note in diary.notes:
                print(f"note: {note}", file=sys.stderr)
    if options.json and answers:
        print(json.dumps(answers if several else answers[0], indent=2, ensure_ascii=False))
    return _common.report_failures(failures, len(answers))
