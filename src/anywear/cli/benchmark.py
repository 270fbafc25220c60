"""Judge a model on public data. Prints a table and a signature line that states the protocol.

har: names activities from the data sets' own label words. DATA holds the sets' archives or unpacked folders.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ..errors import UsageError, unknown_name
from . import _common

HELP = "judge a model on public data"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("benchmark", metavar="NAME", help="har: recognition of activities from label words")
    parser.add_argument("--data", required=True, metavar="DIR", help="folder with archives or unpacked data sets")
    parser.add_argument(
        "--sets", default="usc-had,sisfall", metavar="A,B", help="data sets (default usc-had,sisfall, never trained on)"
    )
    parser.add_argument("--placements", default="", metavar="A,B", help="only these sites or streams (default all)")
    parser.add_argument(
        "--placement-known", choices=("yes", "no"), default="yes", help="tell the model where it is worn (default yes)"
    )
    parser.add_argument("--window", type=float, metavar="S", help="seconds per window (default: the model's, 5)")
    parser.add_argument("--hop", type=float, metavar="S", help="from one window to the next (default: the window)")
    parser.add_argument("--json", metavar="OUT", help="write JSON to this file as well; - prints it instead")
    parser.add_argument("--quiet", action="store_true", help="no progress, and no table of single classes")
    _common.add_model(parser)


def run(options: argparse.Namespace) -> int:
    from ..benchmark import BENCHMARKS, HarConfig, har_json, har_table

    if options.benchmark not in BENCHMARKS:
        raise unknown_name("benchmark", options.benchmark, BENCHMARKS)
    for name in ("window", "hop"):
        value = getattr(options, name)
        if value is not None and not 0.1 <= value <= 60.0:
            raise UsageError(f"The {name} is out of range", expected="0.1 to 60 s", got=f"{value:g} s")
    config = HarConfig(
        options.window, options.hop, _listed(options.placements), placement_known=options.placement_known == "yes"
    )
    model = _common.load_model(options)

    def progress(line: str) -> None:
        if not options.quiet:
            print(line, file=sys.stderr, flush=True)

    report = BENCHMARKS[options.benchmark].run(model, Path(options.data), _listed(options.sets), config, progress)
    if options.json:
        _common.write_text(options.json, json.dumps(har_json(report), indent=2))
    if options.json != "-":
        print(har_table(report, details=not options.quiet))
    return 0


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
