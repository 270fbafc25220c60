"""Name what happens in a recording, from labels in plain words.

Prints a timeline: start, end, label, confidence; `unknown` where nothing that was asked fits.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AnywearError, UsageError
from . import _common

if TYPE_CHECKING:
    from ..runtime import LabelSet

HELP = "name what happens in a recording, from labels in plain words"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a recording, or a folder of recordings")
    parser.add_argument(
        "--labels", required=True, metavar="WORDS",
        help='words or sentences, separated by commas (or semicolons), or a file of "label: description" lines',
    )  # fmt: skip
    _common.add_windows(parser)
    parser.add_argument(
        "--threshold", type=float, metavar="FIT", help="least fit for an answer, -1 to 1 (default: calibrated)"
    )
    parser.add_argument("--json", nargs="?", const="-", metavar="OUT", help="print JSON, or write it to OUT")
    parser.add_argument("--plot", metavar="OUT.png", help="write a picture of signals and timeline")
    parser.add_argument("--quiet", action="store_true", help="no remarks on standard error")
    _common.add_reading(parser)
    _common.add_model(parser)


def run(options: argparse.Namespace) -> int:
    labels = parse_labels(options.labels)
    if options.plot:
        from ..plot import check_picture

        check_picture(options.plot)
    model = _common.load_model(options)
    answers: dict[str, dict] = {}
    failures: list[tuple[Path, AnywearError]] = []
    several = Path(options.file).is_dir()
    for path, recording in _common.recordings(options):
        try:
            if isinstance(recording, AnywearError):
                raise recording
            timeline = model.recognize(
                recording, labels, window_s=options.window, hop_s=options.hop, threshold=options.threshold
            )
        except AnywearError as error:
            if not several:
                raise
            failures.append((path, error))
            continue
        answers[str(path)] = {"file": str(path), "model": model.sha256, **timeline.to_dict()}
        if options.json != "-":
            if several:
                print(f"{path}:")
            print(timeline)
        if not options.quiet:
            for note in (*timeline.notes, *_remarks(recording)):
                print(f"note: {note}", file=sys.stderr)
        if options.plot:
            from ..plot import plot_timeline

            picture = _picture_path(Path(options.plot), path, several)
            _common.write_whole(picture, lambda partial, r=recording, t=timeline: plot_timeline(r, t, partial))
            if not options.quiet:
                print(f"picture: {picture}", file=sys.stderr)
    if options.json and answers:
        content = list(answers.values()) if several else next(iter(answers.values()))
        _common.write_text(options.json, json.dumps(content, indent=2))
    return _common.report_failures(failures, len(answers))


def parse_labels(text: str) -> LabelSet:
    """Labels from the words themselves, or from a file of that name."""
    from ..runtime import LabelSet

    path = Path(text)
    looks_like_file = path.suffix.lower() in (".txt", ".csv", ".labels") and "," not in text
    try:
        is_file = path.is_file()
    except OSError:  # too long for a name
        is_file = False
    if is_file or looks_like_file:
        return LabelSet.from_file(path)
    if not text.strip():
        raise UsageError("No labels were given", where="--labels", remedy='Write --labels "walking, sitting"')
    return LabelSet.parse(text)


def _picture_path(wanted: Path, recording: Path, several: bool) -> Path:
    """One picture per recording of a folder, named after it."""
    return wanted.with_name(f"{wanted.stem}-{recording.stem}{wanted.suffix or '.png'}") if several else wanted


def _remarks(recording) -> list[str]:
    """Repairs and assumptions a user should not have to ask for."""
    return [f"{name or 'recording'}: {n}" for name, n in recording.all_notes() if n.kind in ("repaired", "assumed")]
