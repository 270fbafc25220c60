"""A bar on standard error while something long runs; plain lines where it is not a terminal."""

from __future__ import annotations

import sys
import time

WIDTH = 28  # characters of the bar
REDRAW_S = 0.1


class Progress:
    """Counts things that are done.

    Args:
        total: how many there are.
        what: their name in the plural.
        quiet: show nothing.
    """

    def __init__(self, total: int, what: str, *, quiet: bool = False) -> None:
        self.total, self.what, self.quiet = total, what, quiet
        self.done = 0
        self._began = self._drawn = time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._told = 0

    def step(self) -> None:
        """One more is done."""
        self.done += 1
        now = time.monotonic()
        last = self.done == self.total
        if self.quiet or not (last or now - self._drawn >= REDRAW_S):
            return
        self._drawn = now
        left_s = (now - self._began) / self.done * (self.total - self.done)
        if self._terminal:
            filled = WIDTH * self.done // self.total
            bar = "#" * filled + "-" * (WIDTH - filled)
            print(f"\r[{bar}] {self.done}/{self.total} {self.what}, {left_s:.0f} s left ", end="", file=sys.stderr)
            if last:
                print(file=sys.stderr)
        elif last or 10 * self.done // self.total > self._told:
            self._told = 10 * self.done // self.total
            print(f"{self.done}/{self.total} {self.what}, {left_s:.0f} s left", file=sys.stderr)
