"""What a sensor hears anyway: its noise at rest, and an activity that goes on, learned as the signal comes in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from .energy import ENERGY_RATE_HZ, QUIET, Power

BLOCK = 5  # samples: power is looked at every 0.2 s
LEAST = 1e-5  # share of the largest power below which no level is: no converter resolves more than 50 dB of motion


@dataclass(frozen=True)
class BackgroundState:
    """What is carried: the first and the last level, the last blocks of power, and samples short of a block."""

    first: Array | None = None
    level: Array | None = None
    blocks: Array | None = None
    rest: Array | None = None
    done: int = 0


@dataclass(frozen=True)
class Background:
    """What a sensor's power was when least was going on lately: its noise at rest, and the going itself in a walk.

    The level is the power exceeded `1 - quantile` of the last `window_s`, or half of the last `recent_s` where that is
    less: it rises over seconds, as an activity goes on, and falls within one, when it ends. It is never below what
    `quiet` says, and what it says holds alone in the first `warm_s`, when nothing is known yet.

    Attributes:
        window_s, quantile: over which power, and how much of it, is background.
        recent_s: within which the end of an activity is believed.
        warm_s: from the start, in which acceleration is judged by `quiet` alone.
        quiet: share of gravity below which acceleration is no motion.
    """

    window_s: float = 12.0
    quantile: float = 0.2
    recent_s: float = 1.0
    warm_s: float = 3.0
    quiet: float = QUIET

    def step(self, power: Power, state: BackgroundState) -> tuple[Float[Array, "time sensors"], BackgroundState]:
        """Level at every instant, from what was before it, and the state to go on with."""
        if not len(power):
            return np.zeros((0, power.values.shape[1])), state
        rows = np.column_stack([power.values, power.gravity])
        first = state.first if state.first is not None else self._first(rows[0])
        joined = np.concatenate([state.rest, rows]) if state.rest is not None else rows
        count = len(joined) // BLOCK
        new = np.zeros((count, rows.shape[1]))
        for offset in range(BLOCK):
            new += joined[offset : count * BLOCK : BLOCK] / BLOCK
        blocks = new if state.blocks is None else np.concatenate([state.blocks, new])
        known = len(blocks) - count  # blocks that were complete before this chunk
        latest = state.level if state.level is not None else first
        levels = [latest, *(self._level(blocks[: known + n + 1], state.done + n + 1) for n in range(count))]
        skipped = len(joined) - len(rows)
        each = np.repeat(np.stack(levels), BLOCK, axis=0)[skipped : skipped + len(rows)]
        kept = blocks[max(0, len(blocks) - self._blocks(self.window_s)) :]
        return each, BackgroundState(first, levels[-1], kept, joined[count * BLOCK :], state.done + count)

    def _first(self, row: Array) -> Array:
        """Before anything is known: acceleration by `quiet`, angular rate as it is."""
        return np.concatenate([[self.quiet**2 * row[-1]], row[1:-1]])

    def _level(self, blocks: Array, done: int) -> Array:
        own = blocks[max(0, len(blocks) - self._blocks(self.window_s)) :]
        recent = own[max(0, len(own) - self._blocks(self.recent_s)) :]
        ranked = np.sort(own, axis=0)
        gravity = float(ranked[len(own) // 2, -1])
        level = ranked[int(self.quantile * (len(own) - 1)), :-1].copy()
        if done >= self._blocks(self.recent_s):
            level = np.minimum(level, np.sort(recent[:, :-1], axis=0)[len(recent) // 2])
        if done < self._blocks(self.warm_s):
            level[0] = 0.0
        level = np.maximum(level, ranked[-1, :-1] * LEAST)
        level[0] = max(level[0], self.quiet**2 * gravity)
        return level

    @staticmethod
    def _blocks(seconds: float) -> int:
        return max(1, round(seconds * ENERGY_RATE_HZ / BLOCK))


def above(power: Float[Array, "time sensors"], level: Float[Array, "time sensors"]) -> Float[Array, " time"]:
    """How many times the background the power is, mean over the sensors; 0 where a sensor says nothing at all."""
    ratio = np.divide(power, level, out=np.zeros_like(power), where=level > 0.0)
    total = np.zeros(len(ratio))
    for column in ratio.T:
        total = total + column
    return total / ratio.shape[1]
