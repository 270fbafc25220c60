"""`anywear benchmark caption`: its options, and what is asked with them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from ..errors import UsageError
from . import _common

OPTIONS = ("sensors", "per_label")
"""Options that no other benchmark has."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("caption")
    group.add_argument("--sensors", metavar="A,B", help="how many simulated sensors, in turn (default 1,2,5)")
    group.add_argument("--per-label", type=int, metavar="N", help="windows drawn of every label at most (default 40)")


def run(options: argparse.Namespace, progress: Callable[[str], None], tell: Callable[..., int]) -> int:
    """Run it; `tell` writes a report in the forms asked for."""
    from ..benchmark import BENCHMARKS, CaptionConfig, caption_json, caption_table
    from ..runtime.language import Language

    given: dict = {"seed": options.seed, "clips": options.clips, "per_label": options.per_label}
    if options.sensors is not None:
        given["sensors"] = _numbers(options.sensors)
    if options.sets is not None:
        given["sets"] = tuple(part.strip() for part in options.sets.split(",") if part.strip())
    config = CaptionConfig(**{name: value for name, value in given.items() if value is not None})
    model = _common.load_model(options)
    language = Language(model.folder, threads=options.threads)
    report = BENCHMARKS["caption"].run(model, language, Path(options.data), config, progress)
    return tell(options, report, caption_json, lambda own: caption_table(own, details=not options.quiet))


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise UsageError(
            "--sensors takes whole numbers", where="--sensors", got=text, remedy="Write --sensors 1,2,5"
        ) from error
