"""The command line: one module per command, each a thin face of the library.

Nothing heavy is imported before a command runs, so ``anywear --help`` answers at once. Exit codes: 0 all went well; 1 some
files of a folder failed and are named; 2 bad input, nothing was written; 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from .. import __version__
from ..errors import AnywearError

COMMANDS = (
    "recognize", "stream", "learn", "gestures", "explain", "index", "search", "describe", "caption", "ask", "info", "mount",
    "embed", "convert", "simulate", "motion", "tokens", "data", "benchmark", "train",
)  # fmt: skip
"""Modules of this package, in the order of the help."""

EXIT_OK, EXIT_SOME_FAILED, EXIT_BAD_INPUT, EXIT_INTERRUPTED = 0, 1, 2, 130


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command."""
    parser = argparse.ArgumentParser(
        prog="anywear", description="Understand human motion from any wearable, worn anywhere.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"anywear {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = import_module(f".{name}", __name__)
        own = commands.add_parser(
            name, help=module.HELP, description=module.__doc__, allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        module.add_arguments(own)
        own.set_defaults(run=module.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = build_parser().parse_args(arguments)
    try:
        code = options.run(options)
        sys.stdout.flush()  # a broken pipe shows here and not after the last line of the program
        return code
    except AnywearError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has gone (`| head`): not an error, and nothing more may be flushed to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        print(f"error: {error.strerror or error}{where}", file=sys.stderr)
        return EXIT_BAD_INPUT
