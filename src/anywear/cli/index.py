"""Make a folder of recordings searchable, or bring its index up to date: only what is new or has changed is read.

What is done is written every few seconds; run again, it goes on where it stopped. Damaged files are named at the end.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import _common
from ._progress import Progress

HELP = "make a folder of recordings searchable by sentences"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="a folder of recordings, or one recording")
    parser.add_argument("-o", "--output", required=True, metavar="INDEX", help="folder of the index, such as my.index")
    _common.add_windows(parser)
    _common.add_language(parser)
    parser.add_argument("--prune", action="store_true", help="drop recordings of DIR that are no longer there")
    parser.add_argument(
        "--approximate", action="store_true", help="build the approximate index beside it, for millions of windows"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    _common.add_reading(parser)
    _common.add_model(parser)


def run(options: argparse.Namespace) -> int:
    from ..runtime.index.motion_index import MotionIndex, recordings_in

    reading = _common.reading(options)
    paths = recordings_in(options.folder, format=options.format, may_be_empty=options.prune)
    model = _common.load_model(options)
    index = MotionIndex.create(
        options.output, model, window_s=options.window, hop_s=options.hop, language=_common.language(options)
    )
    progress = Progress(len(paths), "recordings", quiet=options.quiet)
    told = index.update(
        options.folder, prune=options.prune, paths=paths, report=lambda done, total: progress.step(), **reading
    )
    counts = [
        (len(told.added), "added"), (len(told.changed), "changed"), (len(told.unchanged), "unchanged"),
        (len(told.removed), "removed"),
    ]  # fmt: skip
    listed = ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing to do"
    print(f"{listed}; {len(index.files)} recording(s), {len(index)} windows -> {options.output}")
    for path in told.empty:
        print(f"note: {path}: no stretch of 1 s without a gap, so it cannot be found", file=sys.stderr)
    if options.approximate:
        added = index.build_approximate(
            threads=options.threads, report=lambda done, total: _tell(done, total, options.quiet)
        )
        print(f"approximate index: {added} windows added")
    done = len(told.added) + len(told.changed) + len(told.unchanged)
    return _common.report_failures([(Path(path), error) for path, error in told.failures], done)


def _tell(done: int, total: int, quiet: bool) -> None:
    if not quiet:
        print(f"approximate index: {done}/{total} windows", file=sys.stderr)
