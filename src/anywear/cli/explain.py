"""Show why: for the longest stretches of one answer, the recorded signal beside the nearest motion imagined for the labels.

Prints per window the answer, how likely every label is by its words and by simulation, and the nearest imagined motion.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ..errors import UsageError
from . import _common
from .recognize import mount_known, parse_labels

HELP = "show which imagined motion an answer is nearest to"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a recording")
    parser.add_argument(
        "--labels", metavar="WORDS", required=True, help="words or sentences, separated by commas, or a file of them"
    )
    parser.add_argument("--most", type=int, default=8, metavar="N", help="windows explained at most (default 8)")
    _common.add_windows(parser)
    parser.add_argument("--mount", default="auto", metavar="HOW", help="as in recognize")
    parser.add_argument("--plot", metavar="OUT.png", help="write a picture: recorded and imagined side by side")
    parser.add_argument("--json", action="store_true", help="print JSON instead")
    parser.add_argument("--quiet", action="store_true", help="no remarks on standard error")
    _common.add_reading(parser)
    _common.add_model(parser)


def run(options: argparse.Namespace) -> int:
    from .. import read
    from ..runtime.explanation import explain

    labels, mount = parse_labels(options.labels), mount_known(options.mount)
    if options.plot:
        from ..plot import check_picture

        check_picture(options.plot)
    model = _common.load_model(options)
    recording = read(options.file, **_common.reading(options))
    found = explain(
        recording, labels, model=model, window_s=options.window, hop_s=options.hop, mount=mount, most=options.most
    )
    if not found:
        raise UsageError("There is no window to explain", where=options.file, remedy="Give a shorter --window")
    if options.plot:
        from ..plot import plot_explanations

        rate_hz = model.config.rate_hz
        _common.write_whole(Path(options.plot), lambda partial: plot_explanations(found, rate_hz, partial))
        if not options.quiet:
            print(f"picture: {options.plot}", file=sys.stderr)
    if options.json:
        print(
            json.dumps({"file": options.file, "model": model.sha256, "windows": [e.to_dict() for e in found]}, indent=2)
        )
        return 0
    for own in found:
        print(f"{own.start_s:.1f} - {own.end_s:.1f} s  {own.label}  {own.probability:.0%}")
        for by in ("text", "simulation"):
            ranked = sorted(own.shares[by].items(), key=lambda item: -item[1])[:3]
            print(f"    by {by:<11}{', '.join(f'{name} {share:.0%}' for name, share in ranked)}")
        if own.program is not None:
            print(f"    nearest     {own.program}, imagined for {own.nearest!r} (cosine {own.cosine:.2f})")
    return 0
