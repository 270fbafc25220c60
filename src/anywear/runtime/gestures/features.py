"""What the head sees of a clip: shares of time that fixed convolutions exceed thresholds, and plain figures of the motion.

A clip is seen in two views: stretched to one length, where its shape does not depend on how fast it was made, and at its own
speed. Channels are acceleration and angular rate as the sensor felt them, and those that no turn about the vertical changes.
The convolutions follow MiniRocket (Dempster, Schmidt & Webb, KDD 2021, arXiv:2012.08791): nine weights of 2 and -1 that sum
to zero, dilated, thresholds at quantiles of what the examples give. Here each reads a few channels with signs, and shares are
taken over the whole clip and over its parts, which keeps the order of strokes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations

import numpy as np

from ..._typing import Array, Float
from ...recording import STANDARD_GRAVITY_MPS2
from ...signal.features import GYR_UNIT_RADPS
from ...signal.gravity import level_rotation, up_direction
from .clips import RATE_HZ, Signal

TAPS = 9
PATTERNS = tuple(combinations(range(TAPS), 3))
CHANNELS = 12
GYR_CHANNELS = (3, 4, 5, 7, 9, 11)


@dataclass(frozen=True)
class FeatureConfig:
    """How clips are looked at.

    Attributes:
        length: samples of a stretched clip.
        kernels: per view and dilation.
        thresholds: per kernel.
        stretched, natural: dilations of the two views, in samples.
        parts: of a clip that shares are taken over, besides the whole.
        seed: of the kernels.
    """

    length: int = 96
    kernels: int = 96
    thresholds: int = 3
    stretched: tuple[int, ...] = (1, 2, 4, 7, 11)
    natural: tuple[int, ...] = (1, 2, 3, 5)
    parts: int = 3
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Convolutions:
    """The kernels of one view.

    Attributes:
        dilations: of the groups of kernels.
        weights: per group (`TAPS` * `CHANNELS`, kernels).
        biases: per group (thresholds, kernels); empty before they are fitted.
        parts: of the clip.
    """

    dilations: tuple[int, ...]
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    parts: int

    @classmethod
    def draw(cls, dilations: Sequence[int], kernels: int, parts: int, rng: np.random.Generator) -> Convolutions:
        """Kernels by chance: pattern, one to three channels, signs."""
        groups = []
        for _ in dilations:
            weights = np.zeros((TAPS, CHANNELS, kernels), dtype=np.float32)
            for kernel in range(kernels):
                taps = np.full(TAPS, -1.0)
                taps[list(PATTERNS[rng.integers(len(PATTERNS))])] = 2.0
                for channel in rng.choice(CHANNELS, rng.integers(1, 4), replace=False):
                    weights[:, channel, kernel] = taps * rng.choice((-1.0, 1.0))
            groups.append(weights.reshape(TAPS * CHANNELS, kernels))
        return cls(tuple(dilations), tuple(groups), (), parts)

    def fit(self, views: Sequence[Array], thresholds: int) -> Convolutions:
        """The same with thresholds: quantiles of what these views give, every kernel over all of them."""
        shares = (np.arange(thresholds) + 1.0) / (thresholds + 1.0)
        biases = []
        for dilation, weights in zip(self.dilations, self.weights, strict=True):
            heard = np.concatenate([_convolved(view, weights, dilation) for view in views])
            biases.append(np.quantile(heard, shares, axis=0).astype(np.float32))
        return Convolutions(self.dilations, self.weights, tuple(biases), self.parts)

    def __call__(self, view: Float[Array, "time channels"]) -> Float[Array, " features"]:
        """Shares of time above every threshold, over the whole and its parts."""
        pools = _pools(len(view), self.parts)
        out = []
        for dilation, weights, biases in zip(self.dilations, self.weights, self.biases, strict=True):
            heard = _convolved(view, weights, dilation)
            above = (heard[:, None, :] > biases).reshape(len(heard), -1).astype(np.float32)
            out.append((pools @ above).ravel())
        return np.concatenate(out)


@dataclass(frozen=True, eq=False)
class Looks:
    """A fitted way to look at clips.

    Attributes:
        config: how.
        stretched, natural: the kernels of both views.
    """

    config: FeatureConfig
    stretched: Convolutions
    natural: Convolutions
    names: tuple[str, ...] = field(default=("stretched", "natural", "plain"), init=False)

    @classmethod
    def fit(cls, signals: Sequence[Signal], config: FeatureConfig | None = None) -> Looks:
        """Kernels, and thresholds from some clips."""
        config = config or FeatureConfig()
        rng = np.random.default_rng(config.seed)
        stretched = Convolutions.draw(config.stretched, config.kernels, config.parts, rng)
        natural = Convolutions.draw(config.natural, config.kernels, config.parts, rng)
        views = [channels(signal) for signal in signals]
        return cls(
            config,
            stretched.fit([stretch(view, config.length) for view in views], config.thresholds),
            natural.fit(views, config.thresholds),
        )

    def __call__(self, signal: Signal) -> list[Float[Array, " features"]]:
        """One array per block of `names`."""
        view = channels(signal)
        return [self.stretched(stretch(view, self.config.length)), self.natural(view), plain_figures(signal, view)]


def channels(signal: Signal) -> Float[Array, "time channels"]:
    """(T, 12) float32: acceleration x, y, z in g; angular rate x, y, z in units of 2 rad/s; the two magnitudes; both along
    the vertical; both across it. Angular rate is zero where nobody measured it."""
    acc = signal.acc_mps2 / np.float32(STANDARD_GRAVITY_MPS2)
    out = np.zeros((len(acc), CHANNELS), dtype=np.float32)
    up = level_rotation(up_direction(acc))[2].astype(np.float32)
    out[:, :3] = acc
    out[:, 6] = np.sqrt((acc**2).sum(axis=1)) - 1.0
    out[:, 8] = acc @ up - 1.0
    out[:, 10] = np.sqrt(np.maximum((acc**2).sum(axis=1) - (acc @ up) ** 2, 0.0))
    if signal.gyr_radps is not None:
        gyr = signal.gyr_radps / np.float32(GYR_UNIT_RADPS)
        out[:, 3:6] = gyr
        out[:, 7] = np.sqrt((gyr**2).sum(axis=1))
        out[:, 9] = gyr @ up
        out[:, 11] = np.sqrt(np.maximum((gyr**2).sum(axis=1) - (gyr @ up) ** 2, 0.0))
    return out


def stretch(values: Float[Array, "time channels"], length: int) -> Float[Array, "length channels"]:
    """Brought to one length by straight lines between samples."""
    at = np.linspace(0.0, len(values) - 1.0, length)
    below = np.minimum(at.astype(np.int64), len(values) - 2)
    share = (at - below).astype(np.float32)[:, None]
    return values[below] * (1.0 - share) + values[below + 1] * share


def plain_figures(signal: Signal, view: Float[Array, "time channels"]) -> Float[Array, " features"]:
    """Duration, strength, gravity at the start, middle and end, means and spreads of quarters, net turns."""
    quarters = np.array_split(view, 4)
    ends = np.concatenate(
        [view[: max(2, len(view) // 8), :3].mean(axis=0), view[-max(2, len(view) // 8) :, :3].mean(axis=0)]
    )
    turned = view[:, 3:6].sum(axis=0) * (GYR_UNIT_RADPS / RATE_HZ)  # rad, as if about fixed axes
    return np.concatenate(
        [
            [np.log(len(signal) / RATE_HZ)],
            np.log(view.std(axis=0) + 0.01),
            ends,
            turned,
            *(quarter.mean(axis=0) for quarter in quarters),
            *(np.sqrt(quarter.std(axis=0)) for quarter in quarters),
        ]
    ).astype(np.float32)


@lru_cache(maxsize=256)
def _pools(length: int, parts: int) -> Array:
    """(1 + parts, T): the mean of the whole, and of each part."""
    pools = np.zeros((1 + parts, length), dtype=np.float32)
    pools[0] = 1.0 / length
    edges = np.linspace(0, length, parts + 1).round().astype(int)
    for part in range(parts):
        pools[1 + part, edges[part] : edges[part + 1]] = 1.0 / max(1, edges[part + 1] - edges[part])
    return pools


def _convolved(view: Array, weights: Array, dilation: int) -> Array:
    """(T, kernels): the view, held at its ends, under dilated kernels."""
    margin = dilation * (TAPS // 2)
    padded = np.concatenate([np.repeat(view[:1], margin, axis=0), view, np.repeat(view[-1:], margin, axis=0)])
    taps = np.concatenate([padded[tap * dilation : tap * dilation + len(view)] for tap in range(TAPS)], axis=1)
    return taps @ weights
