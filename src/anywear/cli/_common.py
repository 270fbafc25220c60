"""What several commands share: reading options, models, folders, writing without leaving halves behind."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._files import write_whole
from ..errors import AnywearError, UsageError

if TYPE_CHECKING:
    from ..recording import Recording


def add_reading(parser: argparse.ArgumentParser) -> None:
    """The options that override what a reader detects."""
    group = parser.add_argument_group("reading", "what the file does not say, or says wrongly")
    group.add_argument("--format", metavar="NAME", help="force a reader; `anywear info --formats` lists them")
    group.add_argument(
        "--placement", metavar="SITE", help="where it is worn, such as left_wrist, or stream=site,stream=site"
    )
    group.add_argument("--units", metavar="ACC,GYR", help="such as g,deg/s")
    group.add_argument("--rate", type=float, metavar="HZ", help="samples per second, for files without time stamps")
    group.add_argument("--columns", metavar="SPEC", help="such as time=t,acc=ax:ay:az,gyr=gx:gy:gz")


def add_model(parser: argparse.ArgumentParser) -> None:
    """The options of every command that runs the model."""
    group = parser.add_argument_group("model")
    group.add_argument("--model", metavar="FOLDER", help="another artefact than the shipped one")
    group.add_argument("--threads", type=int, default=1, metavar="N", help="threads to use (default 1)")


def add_windows(parser: argparse.ArgumentParser) -> None:
    """The options of windows."""
    parser.add_argument("--window", type=float, metavar="S", help="seconds looked at at once (default: the model's, 5)")
    parser.add_argument("--hop", type=float, metavar="S", help="seconds from one window to the next (default 1)")


def add_language(parser: argparse.ArgumentParser) -> None:
    """Whether the language model has a say in what fits."""
    parser.add_argument(
        "--language", choices=("on", "off"),
        help="whether the language model has a say in what words fit (default: on, where there is one)",
    )  # fmt: skip


def language(options: argparse.Namespace) -> bool | None:
    """What was wished; None where nothing was."""
    return None if options.language is None else options.language == "on"


def load_model(options: argparse.Namespace):
    """The model the options ask for."""
    from ..runtime import Model

    if options.threads < 1:
        raise UsageError("At least one thread is needed", where="--threads", got=str(options.threads))
    return Model(options.model, threads=options.threads)


def reading(options: argparse.Namespace) -> dict[str, Any]:
    """Keyword arguments of `anywear.read`."""
    return {
        "format": options.format,
        "placement": options.placement,
        "units": options.units,
        "rate_hz": options.rate,
        "columns": options.columns,
    }


def recordings(options: argparse.Namespace) -> Iterator[tuple[Path, Recording | AnywearError]]:
    """The file, or every recording of the folder; in a folder a damaged file comes as its error."""
    from .. import read, read_many

    path = Path(options.file)
    if path.is_dir():
        yield from read_many(path, **reading(options))
    else:
        yield path, read(path, **reading(options))


def is_folder_of_recordings(options: argparse.Namespace) -> bool:
    """Whether FILE is a folder of recordings; a folder that is one recording (an app's export) is not."""
    from .. import datasets  # noqa: F401  registers the layouts
    from ..io import list_recordings

    path = Path(options.file)
    return path.is_dir() and list_recordings(path, format=options.format).recordings != (path,)


def report_failures(failures: list[tuple[Path, AnywearError]], done: int) -> int:
    """Print what failed, after everything else; give the exit code."""
    for path, error in failures:
        print(f"error: {path}: {error}", file=sys.stderr)
    if failures and not done:
        return 2
    if failures:
        print(f"{len(failures)} of {len(failures) + done} files failed", file=sys.stderr)
    return 1 if failures else 0


def write_text(path: str, text: str) -> None:
    """Write a text file whole; ``-`` is the standard output."""
    if path == "-":
        print(text)
    else:
        write_whole(Path(path), lambda partial: partial.write_text(text + "\n", encoding="utf-8"))
