"""Who answers in the probe, and how each is told what to learn from; `anywear.benchmark.probe` states the protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec

import numpy as np

from .._typing import Array
from ..errors import UsageError, unknown_name
from .har import HarConfig
from .probe_classifiers import (
    check_sklearn,
    class_means,
    few_shot_regression,
    learned_head,
    linear_probe,
    minirocket_ridge,
    nearest,
)
from .probe_windows import ProbeWindows, WindowEmbedder, draw_order, shots

ROWS = EMBEDDINGS, LEARNED, MINIROCKET, SCRATCH = "embeddings", "learned", "minirocket", "scratch"
WORDS, CLASS_MEAN, WORDS_AND_SHOTS, REGRESSION = "words", "class mean", "words + shots", "logistic regression"
CONTESTANTS = (CLASS_MEAN, REGRESSION, WORDS_AND_SHOTS, WORDS, LEARNED, MINIROCKET, SCRATCH)
"""All that answer, as tables list them; the first four read embeddings."""
NONE, ALL = 0, -1  # instead of a number of shots
MAX_SHOTS = 1000

Key = tuple[str, int]
"""A contestant, and from how many shots it learned."""


@dataclass(frozen=True)
class ProbeConfig:
    """How the question is put.

    Attributes:
        asked: windows, placements, and what is told of them.
        shots: numbers of windows per class that are learned from.
        rows: of `ROWS`, which are judged.
        draws: of few shots, per fold.
        scratch_draws: of them that training from scratch gets.
        scratch_steps, scratch_few_steps: of training from scratch, with all labels and with few.
        seed: of draws, of MiniRocket and of fresh weights.
        device, threads: of training from scratch; they change no figure but by rounding.
    """

    asked: HarConfig = field(default_factory=HarConfig)
    shots: tuple[int, ...] = (1, 5, 10)
    rows: tuple[str, ...] = ROWS
    draws: int = 10
    scratch_draws: int = 1
    scratch_steps: int = 600
    scratch_few_steps: int = 200
    seed: int = 0
    device: str = "cpu"
    threads: int = 1

    def __post_init__(self) -> None:
        for row in self.rows:
            if row not in ROWS:
                raise unknown_name("row of the probe", row, ROWS)
        steps = min(self.scratch_steps, self.scratch_few_steps)
        checks = (
            (bool(self.rows), "rows", f"one or more of {', '.join(ROWS)}", "none"),
            (bool(self.shots), "shots", "one or more numbers", "none"),
            (all(1 <= k <= MAX_SHOTS for k in self.shots), "shots", f"1 to {MAX_SHOTS}", self.shots),
            (self.draws >= 1, "draws", "1 or more", self.draws),
            (1 <= self.scratch_draws <= self.draws, "draws from scratch", f"1 to {self.draws}", self.scratch_draws),
            (steps >= 1, "steps from scratch", "1 or more", steps),
            (self.seed >= 0, "seed", "not negative", self.seed),
        )
        for right, name, expected, got in checks:
            if not right:
                raise UsageError("The benchmark cannot be asked like this", where=name, expected=expected, got=str(got))
        object.__setattr__(self, "shots", tuple(sorted(set(self.shots))))


class Contest:
    """Everybody who answers, told what to learn from.

    Raises:
        UsageError: a package is missing, or the model's card tells of an encoder that cannot be built.
    """

    def __init__(self, model: WindowEmbedder, config: ProbeConfig) -> None:
        self.config = config
        if {EMBEDDINGS, MINIROCKET} & set(config.rows):
            check_sklearn()
        self._scratch = _Scratch(model, config) if SCRATCH in config.rows else None

    def answers(
        self, group: ProbeWindows, folds: Array, learn: Array, ask: Array, where: tuple[int, int]
    ) -> Iterator[tuple[Key, int, Array]]:
        """Contestant and shots, number of the draw, and the labels answered for the rows asked.

        Args:
            group: the windows.
            folds: (N,) of each.
            learn, ask: rows of them.
            where: fold and number of the group, on which, with the seed, all that is drawn depends.
        """
        yield from self._with_all(group, folds, learn, ask, where)
        for draw in range(self.config.draws):
            order = draw_order(group.truth, learn, self._rng(where, draw))
            for k in self.config.shots:
                for name, answer in self._with_few(group, shots(order, k), ask, where, draw, k):
                    yield (name, k), draw, answer

    def _with_all(
        self, group: ProbeWindows, folds: Array, learn: Array, ask: Array, where: tuple[int, int]
    ) -> Iterator[tuple[Key, int, Array]]:
        truth, rows = group.truth[learn], self.config.rows
        if EMBEDDINGS in rows:
            yield (WORDS, NONE), 0, nearest(group.vectors[ask], group.words)
            probed = linear_probe(group.vectors[learn], truth, folds[learn], group.vectors[ask])
            yield (REGRESSION, ALL), 0, probed
        if LEARNED in rows:
            rng = self._rng(where, 0, 0)  # draws of k shots end with k
            yield (LEARNED, ALL), 0, learned_head(group.looks, group.truth, group.words, learn, folds[learn], ask, rng)
        if MINIROCKET in rows:
            rng = self._rng(where, 0, 0)
            yield (MINIROCKET, ALL), 0, minirocket_ridge(group.values[learn], truth, group.values[ask], rng)
        if self._scratch is not None:
            steps = self.config.scratch_steps
            yield (SCRATCH, ALL), 0, self._scratch.answer(group, learn, ask, steps, (*where, 0, 0))

    def _with_few(
        self, group: ProbeWindows, learn: Array, ask: Array, where: tuple[int, int], draw: int, k: int
    ) -> Iterator[tuple[str, Array]]:
        truth, rows = group.truth[learn], self.config.rows
        if EMBEDDINGS in rows:
            classes, means = class_means(group.vectors[learn], truth)
            yield CLASS_MEAN, classes[nearest(group.vectors[ask], means)]
            _, told = class_means(group.vectors[learn], truth, group.words)
            yield WORDS_AND_SHOTS, classes[nearest(group.vectors[ask], told)]
            yield REGRESSION, few_shot_regression(group.vectors[learn], truth, group.vectors[ask])
        if LEARNED in rows:
            rng, each = self._rng(where, draw, k), np.arange(len(learn))
            yield LEARNED, learned_head(group.looks, group.truth, group.words, learn, each, ask, rng)
        if MINIROCKET in rows:
            rng = self._rng(where, draw, k)
            yield MINIROCKET, minirocket_ridge(group.values[learn], truth, group.values[ask], rng)
        if self._scratch is not None and draw < self.config.scratch_draws:
            steps = self.config.scratch_few_steps
            yield SCRATCH, self._scratch.answer(group, learn, ask, steps, (*where, draw, k))

    def _rng(self, where: tuple[int, int], *further: int) -> np.random.Generator:
        return np.random.default_rng([self.config.seed, *where, *further])


class _Scratch:
    """Training from scratch; windows are made encoder input once per group."""

    def __init__(self, model: WindowEmbedder, config: ProbeConfig) -> None:
        if find_spec("torch") is None:
            raise UsageError(
                "Training from scratch needs torch", where="--rows",
                remedy='pip install "anywear[train]", or leave it out: --rows embeddings,minirocket',
            )  # fmt: skip
        from ..train.scratch import Shown, encoder_of

        self.config = config
        self.encoder = encoder_of(getattr(model.config, "card", {}))
        self.rate_hz = float(model.config.rate_hz)  # type: ignore[attr-defined]
        self._shown: tuple[ProbeWindows, Shown] | None = None

    def answer(self, group: ProbeWindows, learn: Array, ask: Array, steps: int, where: Sequence[int]) -> Array:
        from ..train.engine import LoopConfig
        from ..train.scratch import answers, shown
        from ..train.scratch import learn as train

        if self._shown is None or self._shown[0] is not group:
            items = group.items
            made = shown([item.window for item in items], [item.placements for item in items], self.rate_hz)
            self._shown = group, made
        windows = self._shown[1]
        classes, truth = np.unique(group.truth[learn], return_inverse=True)
        seed = int(np.random.SeedSequence([self.config.seed, *where]).generate_state(1)[0])
        loop = LoopConfig(
            steps=steps, batch=64, warmup=steps // 10, ema=0.98, seed=seed, device=self.config.device,
            threads=self.config.threads,
        )  # fmt: skip
        return classes[answers(train(self.encoder, windows[learn], truth, len(classes), loop), windows[ask])]
