"""How long learning and answering take: processor time on one thread.

It is what a user waits for on a machine with nothing else to do, and it does not depend on what else this machine does
meanwhile. A clip's time is that of one whole answer, from its samples to its label. Learning includes opening the encoder
and reading the package's everyday motion, but not importing Python modules.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from ..errors import UsageError
from .gestures import GesturesConfig, Progress
from .gestures_clips import GestureClip, GestureSet
from .gestures_contest import Contestant
from .gestures_draws import Draw

CLASSES, SHOTS = 10, 5
"""What learning is timed with."""
TIMES_LEARNED = 5  # the first counts as well: it opens the encoder
TIMES_ASKED = 300
WARM = 10  # answers before the first that counts


@dataclass(frozen=True)
class LatencyRow:
    """How long one thing takes.

    Attributes:
        name: what, and whose.
        p50_s, p95_s, p99_s: percentiles of its processor time.
        times: how often it was done.
    """

    name: str
    p50_s: float
    p95_s: float
    p99_s: float
    times: int


@runtime_checkable
class Learner(Protocol):
    """A contestant that learns once and answers then."""

    def learned(self, known: GestureSet, draw: Draw) -> Callable[[GestureClip], object]:
        """Learn the rows of a draw, opening everything anew; gives what answers about a clip."""
        ...


def time_gestures(
    contestants: Sequence[Contestant], found: GestureSet, config: GesturesConfig, report: Progress = lambda line: None
) -> list[LatencyRow]:
    """Time everybody who can learn first and answer then.

    Args:
        contestants: who is timed.
        found: gestures; `SHOTS` clips of the first `CLASSES` classes are learned, others of the same classes asked.
        config: not read but for its seeds: so many different draws are learned.
        report: takes progress lines.

    Raises:
        UsageError: nobody can, or there is no clip left to ask about.
    """
    able = [own for own in contestants if isinstance(own, Learner)]
    if not able:
        raise UsageError("None of these rows is timed", where="--rows", expected="gestures")
    rows = []
    for own in able:
        report(f"{found.name}: times of {own.name}")
        learned_s, asked_s = [], []
        for turn in range(TIMES_LEARNED):
            draw = _draw(found, turn % config.seeds)
            began = time.process_time()
            answer = own.learned(found, draw)
            learned_s.append(time.process_time() - began)
            clips = [found.clips[row] for row in draw.ask]
            for number in range(WARM + TIMES_ASKED // TIMES_LEARNED):
                began = time.process_time()
                answer(clips[number % len(clips)])
                if number >= WARM:
                    asked_s.append(time.process_time() - began)
        classes = min(CLASSES, len(found.labels))
        rows.append(_row(f"{found.name}, {own.name}: learning {classes} classes of {SHOTS} clips", learned_s))
        rows.append(_row(f"{found.name}, {own.name}: answering about a clip", asked_s))
    return rows


def _draw(found: GestureSet, seed: int) -> Draw:
    rng = np.random.default_rng([seed, 5])
    classes = np.arange(min(CLASSES, len(found.labels)))
    mixed = [rng.permutation(np.flatnonzero(found.truth == label)) for label in classes]
    learn = np.concatenate([own[:SHOTS] for own in mixed])
    ask = rng.permutation(np.concatenate([own[SHOTS:] for own in mixed]))
    if not len(ask):
        raise UsageError(
            f"{found.name} has no clip left to ask about", where="--sets", expected=f"more than {SHOTS} of a class"
        )
    return Draw(seed, 0, np.sort(learn), ask)


def _row(name: str, times_s: Sequence[float]) -> LatencyRow:
    p50, p95, p99 = np.percentile(times_s, [50.0, 95.0, 99.0])
    return LatencyRow(name, float(p50), float(p95), float(p99), len(times_s))
