"""Learn activities from labelled recordings, in seconds; `anywear recognize FILE --learned OUT` names them.

DIR holds recordings whose files say what happens in them, or a folder per activity, or any recordings and a --table that says
what happens when.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from ..errors import UsageError
from . import _common

HELP = "learn activities from labelled recordings"
SUFFIX = ".activities"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="DIR", help="a folder of recordings, or one recording")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help=f"a file that ends in {SUFFIX}")
    parser.add_argument(
        "--table", metavar="CSV", help="start,end,label in seconds, and file where DIR holds several recordings"
    )
    parser.add_argument("--describe", metavar="CSV", help="label,text: what labels mean, where they do not say it")
    parser.add_argument("--window", type=float, metavar="S", help="seconds looked at at once (default: the model's, 5)")
    parser.add_argument(
        "--turns",
        action="store_true",
        help="sensors will not be strapped on in the same turn: learn from turned copies too",
    )
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn (default 0)")
    _common.add_reading(parser)
    _common.add_model(parser)


def run(options: argparse.Namespace) -> int:
    from .. import datasets  # noqa: F401  registers the layouts
    from ..runtime import Activities, read_labelled
    from ..runtime.span_table import read_texts

    out = Path(options.output)
    if out.suffix != SUFFIX:
        raise UsageError(f"The file has to end in {SUFFIX}", where="--output", got=out.name,
                         remedy=f"Write -o mine{SUFFIX}")  # fmt: skip
    if options.seed < 0:
        raise UsageError("The seed is out of range", where="--seed", expected="0 or more", got=str(options.seed))
    texts = read_texts(options.describe) if options.describe else None
    model = _common.load_model(options)
    recordings = read_labelled(options.source, options.table, **_common.reading(options))
    mine = Activities.train(
        recordings, model=model, texts=texts, window_s=options.window, turns=options.turns, seed=options.seed
    )
    mine.save(out)
    windows = mine.about["windows"]
    assert isinstance(windows, dict)
    wide = max(len(label) for label in mine.labels)
    for label in mine.labels:
        print(f"{label:{wide}}  {windows[label]:5} windows of {mine.window_s:g} s")
    for what, head in (("any setup", mine.anywhere), (mine.setup, mine.worn)):
        if head is not None and not math.isnan(head.accuracy):
            told = f"{100 * head.accuracy:.1f} % of {head.judged} windows right"
            print(f"{what}: {told}, every {mine.about['left_out_by']} in turn left out")
    print(f"{len(mine.labels)} activities, {mine.about['recordings']} recording(s) -> {out}")
    return 0
