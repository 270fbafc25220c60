"""Exact and approximate search over a large index: time per question, and how many of the best windows the latter finds.

The index holds windows the shipped model saw in training (its background), each with noise of its own, in made-up recordings
of an hour. Questions are sentences, one of every activity that the generator knows.

    python -m benchmarks.search --windows 1000000
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

import anywear
from anywear.motion.generate import PROGRAMS
from anywear.runtime.index import MotionIndex
from anywear.runtime.index.manifest import IndexedFile
from anywear.runtime.index.neighbours import Neighbours
from anywear.runtime.index.scan import Scan, best_first
from anywear.runtime.index.store import IndexStore

from .__main__ import machine

HOUR = 3600  # windows of a recording, one each second
BEST = 10
T = TypeVar("T")
NOISE = 0.5  # length of what is added to a unit vector


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--windows", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=1, help="that build the approximate index (default 1)")
    options = parser.parse_args()
    model = anywear.load()
    questions = model.encode_texts([f"a person is {program.label}" for program in PROGRAMS.values()])
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.index"
        MotionIndex.create(path, model)
        fill(path, model, options.windows)
        spent, index = timed(lambda: MotionIndex(path, model))
        print(f"{len(index)} windows; opened in {spent:.2f} s")
        spent, _ = timed(lambda: index.build_approximate(threads=options.threads))
        print(f"approximate index built in {spent:.0f} s of {options.threads} thread(s)")
        scan = Scan(IndexStore(path))
        near = Neighbours(path, scan)
        exact, quick, found = [], [], []
        for _ in range(2):  # the first round brings the files into memory
            exact, quick, found = [], [], []
            for question in questions:
                spent, right = timed(lambda q=question: best_first(scan.scores(q), BEST))
                exact.append(spent)
                spent, got = timed(lambda q=question: near.best(q, BEST))
                quick.append(spent)
                found.append(len(set(right.tolist()) & set(got.tolist())) / BEST)
        print(f"the {BEST} best windows, median of {len(questions)} questions: exact {1000 * np.median(exact):.0f} ms, "
              f"approximate {1000 * np.median(quick):.1f} ms, {100 * np.mean(found):.1f} % of the best found, "
              f"none for {found.count(0.0)} questions")  # fmt: skip
        for name, approximate in (("exact", False), ("approximate", True)):
            spent = [
                timed(lambda q=q, a=approximate: index.search_vector(q, BEST, approximate=a))[0] for q in questions
            ]
            print(f"{BEST} hits, stretches of recordings, {name}: median {1000 * np.median(spent):.0f} ms")


def fill(path: Path, model: anywear.Model, windows: int) -> None:
    """Made-up recordings of an hour."""
    rng = np.random.default_rng(0)
    assert model.background is not None
    seen = model.background.vectors
    store = IndexStore(path)
    with store.writing():
        for start in range(0, windows, HOUR):
            count = min(HOUR, windows - start)
            vectors = seen[rng.integers(len(seen), size=count)] + rng.normal(
                0.0, NOISE / np.sqrt(seen.shape[1]), (count, seen.shape[1])
            )
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            begins = np.arange(count, dtype=float)
            own = IndexedFile(f"/made/up/{start:08d}.csv", 0, 0, "", {}, -1, 0, 0)
            store.commit([(own, vectors.astype(np.float32), np.stack([begins, begins + 5.0], axis=1))])
        store.tidy()


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds it took, and what came of it."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


if __name__ == "__main__":
    main()
