"""Write a recording of any readable format in anywear's own: Parquet, without loss, with every note."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..errors import UsageError
from . import _common

HELP = "write a recording in anywear's own format"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a recording of any format")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="such as walk.anywear.parquet")
    _common.add_reading(parser)


def run(options: argparse.Namespace) -> int:
    from .. import read, write

    out = Path(options.output)
    if out.suffix != ".parquet":
        raise UsageError("The output has to be a .parquet file", where=str(out), remedy="Name it NAME.anywear.parquet")
    recording = read(options.file, **_common.reading(options))
    write(recording, out)
    print(f"{len(recording.streams)} stream(s), {recording.duration_s:.1f} s -> {out}")
    return 0
