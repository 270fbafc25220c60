"""The registry of benchmarks: one dict, one decorator. The command line offers what is in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Benchmark:
    """One registered benchmark: what it asks, in a line, and the function that runs it."""

    name: str
    about: str
    run: Callable


BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(name: str, about: str):
    """Register a function that runs a benchmark and gives a report."""

    def register(function: Callable):
        if name in BENCHMARKS:
            raise ValueError(f"benchmark {name!r} is registered twice")
        BENCHMARKS[name] = Benchmark(name, about, function)
        return function

    return register
