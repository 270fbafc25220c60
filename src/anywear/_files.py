"""Files that are there whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from .errors import UsageError


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside the target and rename: a failure leaves what was there before.

    Args:
        path: the target; folders that are missing on the way are made.
        write: gets the path to write to, which has the target's suffix.

    Raises:
        UsageError: the output cannot be written.
    """
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(partial)
        partial.replace(path)
    except OSError as error:
        raise UsageError("The output cannot be written", where=str(path), got=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):  # such as a file in the place of a folder: said above
            partial.unlink(missing_ok=True)
