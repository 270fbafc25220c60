"""Find stretches of recordings by a sentence, in an index that `anywear index` made.

Overlapping windows of one recording are one hit: from its best window as far as the fit stays above half height.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AnywearError
from . import _common

if TYPE_CHECKING:
    from ..recording import Recording
    from ..runtime import Hit, MotionIndex

HELP = "find stretches of recordings by a sentence"
MOST_DRAWN = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("index", metavar="INDEX", help="folder that anywear index made")
    parser.add_argument("text", metavar="TEXT", help='such as "a person climbs stairs carrying something"')
    parser.add_argument("-k", "--hits", type=int, default=10, metavar="K", help="how many, 1 to 1000 (default 10)")
    parser.add_argument("--approximate", action="store_true", help="by the approximate index, which was built before")
    parser.add_argument("--json", metavar="OUT", help="write JSON to this file as well; - prints it instead")
    parser.add_argument(
        "--plot", metavar="OUT.png", help=f"write a picture of the best hits' signals, {MOST_DRAWN} at most"
    )
    _common.add_model(parser)


def run(options: argparse.Namespace) -> int:
    from ..runtime import MotionIndex

    if options.plot:
        from ..plot import check_picture

        check_picture(options.plot)
    index = MotionIndex(options.index, _common.load_model(options))
    hits = index.search(options.text, options.hits, approximate=options.approximate)
    if options.json:
        facts = {
            "text": options.text, "index": options.index, "model": index.model.sha256, "windows": len(index),
            "approximate": options.approximate, "hits": [hit.to_dict() for hit in hits],
        }  # fmt: skip
        _common.write_text(options.json, json.dumps(facts, indent=2, ensure_ascii=False))
    if options.json != "-":
        print(_table(hits) if hits else "the index is empty")
    if options.plot and hits:
        _draw(index, hits[:MOST_DRAWN], options)
    return 0


def _table(hits: tuple[Hit, ...]) -> str:
    from ..plot import clock

    hours = any(hit.end_s >= 3600 for hit in hits)
    rows = [f"{clock(hit.start_s, hours)} - {clock(hit.end_s, hours)}" for hit in hits]
    width = max(len(row) for row in rows)
    digits = len(str(len(hits)))
    return "\n".join(
        f"{number:{digits}d}. {hit.score:5.2f}  {row:<{width}}  {_near(hit.file)}"
        for number, (hit, row) in enumerate(zip(hits, rows, strict=True), start=1)
    )


def _near(path: str) -> str:
    """The path as short as it can be said from here."""
    here = Path.cwd()
    return os.path.relpath(path, here) if Path(path).is_relative_to(here) else path


def _draw(index: MotionIndex, hits: tuple[Hit, ...], options: argparse.Namespace) -> None:
    """The picture; a recording that has gone or changed since is named, and left out."""
    from .. import read
    from ..plot import plot_hits

    shown: list[tuple[Hit, Recording]] = []
    recordings: dict[str, Recording] = {}
    for hit in hits:
        try:
            if hit.file not in recordings:
                recordings[hit.file] = read(hit.file, **index.file(hit.file).reading)
            shown.append((hit, recordings[hit.file]))
        except AnywearError as error:
            print(f"note: not in the picture: {hit.file}: {error.what}", file=sys.stderr)
    if shown:
        picture = Path(options.plot)
        titled = [(hit, recording, _near(hit.file)) for hit, recording in shown]
        _common.write_whole(picture, lambda partial: plot_hits(options.text, titled, partial))
        print(f"picture: {picture}", file=sys.stderr)
