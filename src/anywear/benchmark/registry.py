"""The registry of benchmarks: one dict, one decorator. The command line offers what is in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Benchmark:
    """One registered benchmark: what it asks, in a line, the function that runs it, and whether it judges a model."""

    name: str
    about: str
    run: Callable
    needs_model: bool = True


BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(name: str, about: str, *, needs_model: bool = True):
    """Register a function that runs a benchmark and gives a report."""

    def register(function: Callable):
        if name in BENCHMARKS:
            raise ValueError(f"benchmark {name!r} is registered twice")
        BENCHMARKS[name] = Benchmark(name, about, function, needs_model)
        return function

    return register
