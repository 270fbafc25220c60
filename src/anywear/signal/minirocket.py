"""MiniRocket: windows to shares of time that fixed convolutions exceed a threshold. In numpy, for any number of channels.

Source: A. Dempster, D. F. Schmidt, G. I. Webb, "MiniRocket: A Very Fast (Almost) Deterministic Transform for Time Series
Classification", KDD 2021 (arXiv:2012.08791), section 3:

- 84 kernels of nine weights: each way to make three of them 2 and the other six -1, so the weights sum to zero.
- Dilations are the whole parts of 2^e, with e evenly spaced from 0 until a kernel is as long as the window; at most 32.
- A feature is the proportion of positive values (PPV) of convolution minus bias. Biases are quantiles of the convolution of
  one window drawn at random from those fitted to; which quantiles, the multiples of the golden ratio modulo 1 say.
- Every other pair of kernel and dilation reads the window with zeros around it, the rest only where the kernel fits in whole.

With several channels a pair convolves the sum of some of them: floor(2^u) drawn without replacement, u uniform from 0 to
log2(1 + the number of channels, at most nine). The paper treats one channel; this form is that of its authors' code and of
aeon.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError

TAPS = 9  # weights of a kernel
KERNELS = tuple(combinations(range(TAPS), 3))
"""Where the weight is 2; elsewhere it is -1."""
FEATURES = 10_000  # at most; the largest multiple of 84 that fits is taken
MAX_DILATIONS = 32
MAX_CHANNELS = 9  # of one kernel
GOLDEN = (1.0 + 5.0**0.5) / 2.0
BLOCK = 256  # windows convolved at once: what is in use then fits a processor's cache


@dataclass(frozen=True, eq=False)
class MiniRocket:
    """A fitted transform.

    Attributes:
        channels, length: of the windows it takes.
        dilations: (D,) of the kernels, ascending.
        counts: (D,) biases that a kernel has at each dilation.
        chosen: the channels of every pair of dilation and kernel, kernels fastest, D * 84 of them.
        biases: (F,) float32 in the order of the features: by dilation, kernel, bias.
    """

    channels: int
    length: int
    dilations: Array
    counts: Array
    chosen: tuple[tuple[int, ...], ...]
    biases: Array

    def transform(self, values: Float[Array, "windows channels time"]) -> Float[Array, "windows features"]:
        """PPV of every kernel and bias, float32 from 0 to 1.

        Raises:
            UsageError: the windows are of another shape than those it was fitted to.
        """
        if values.shape[1:] != (self.channels, self.length):
            raise UsageError(
                "The windows are of another shape than those the transform was fitted to",
                expected=f"{self.channels} channels of {self.length} samples",
                got=f"{values.shape[1]} channels of {values.shape[2]}",
            )
        out = np.empty((len(values), len(self.biases)), dtype=np.float32)
        for start in range(0, len(values), BLOCK):
            self._block(_time_first(values[start : start + BLOCK]), out[start : start + BLOCK])
        return out

    def _block(self, windows: Array, out: Array) -> None:
        """Fill the features of windows (C, T, N)."""
        counter = np.uint8 if self.length < 256 else np.uint32  # eight bits add four times as fast
        first = 0
        for turn, (dilation, count) in enumerate(zip(self.dilations.tolist(), self.counts.tolist(), strict=True)):
            padded, sums = _prepared(windows, dilation)
            for kernel in range(len(KERNELS)):
                own = self.chosen[turn * len(KERNELS) + kernel]
                convolved = _convolved(padded, sums, own, kernel, dilation)
                if _is_cropped(turn, kernel):
                    convolved = convolved[_margin(dilation) : self.length - _margin(dilation)]
                above = convolved > self.biases[first : first + count, None, None]
                positive = np.add.reduce(above.view(np.uint8), axis=1, dtype=counter)
                out[:, first : first + count] = positive.T / np.float32(len(convolved))
                first += count


def fit_minirocket(
    values: Float[Array, "windows channels time"], rng: np.random.Generator, features: int = FEATURES
) -> MiniRocket:
    """Draw channels and find biases on some windows; their labels do not matter.

    Args:
        values: windows of equal length.
        rng: of channels, and of the windows that biases are found on.
        features: how many at most, 84 or more.

    Raises:
        UsageError: no window, windows shorter than a kernel, or fewer features than kernels.
    """
    windows, channels, length = values.shape
    for name, got, least in (("windows", windows, 1), ("channels", channels, 1), ("samples per window", length, TAPS),
                             ("features", features, len(KERNELS))):  # fmt: skip
        if got < least:
            raise UsageError("MiniRocket cannot be fitted", expected=f"{least} or more {name}", got=str(got))
    dilations, counts = dilations_of(length, features // len(KERNELS))
    pairs = len(dilations) * len(KERNELS)
    chosen = tuple(_draw_channels(channels, rng) for _ in range(pairs))
    shown = rng.integers(windows, size=pairs)
    quantiles = np.arange(1, int(counts.sum()) * len(KERNELS) + 1) * GOLDEN % 1.0
    biases: list[Array] = []
    first = 0
    for turn, (dilation, count) in enumerate(zip(dilations.tolist(), counts.tolist(), strict=True)):
        for kernel in range(len(KERNELS)):
            pair = turn * len(KERNELS) + kernel
            padded, sums = _prepared(_time_first(values[shown[pair], chosen[pair]][None]), dilation)
            convolved = _convolved(padded, sums, tuple(range(len(padded))), kernel, dilation)
            biases.append(_quantiles(convolved[:, 0], quantiles[first : first + count]))
            first += count
    return MiniRocket(channels, length, dilations, counts, chosen, np.concatenate(biases).astype(np.float32))


def dilations_of(length: int, features: int) -> tuple[Array, Array]:
    """Dilations for windows of this many samples, and how many of a kernel's features each gets.

    Equal whole parts are one dilation with a larger share; what rounding leaves over goes to the smallest ones.
    """
    most = min(features, MAX_DILATIONS)
    largest = np.log2((length - 1) / (TAPS - 1))
    dilations, times = np.unique(np.logspace(0.0, largest, most, base=2.0).astype(np.int64), return_counts=True)
    counts = (times * (features / most)).astype(np.int64)
    rest = features - int(counts.sum())
    counts += rest // len(counts) + (np.arange(len(counts)) < rest % len(counts))
    return dilations, counts


def _draw_channels(channels: int, rng: np.random.Generator) -> tuple[int, ...]:
    most = min(channels, MAX_CHANNELS)
    count = min(most, int(2.0 ** rng.uniform(0.0, np.log2(most + 1))))
    return tuple(sorted(rng.choice(channels, count, replace=False).tolist()))


def _quantiles(values: Array, shares: Array) -> Array:
    """What `numpy.quantile` gives, in a tenth of its time for so few values."""
    ordered = np.sort(values).astype(np.float64)
    at = shares * (len(values) - 1)
    below = at.astype(np.int64)
    above = np.minimum(below + 1, len(values) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def _margin(dilation: int) -> int:
    """Samples from a dilated kernel's middle to its end."""
    return dilation * (TAPS // 2)


def _is_cropped(turn: int, kernel: int) -> bool:
    """Whether a pair reads only where the kernel fits in whole."""
    return (turn + kernel) % 2 == 1


def _time_first(values: Array) -> Array:
    """(N, C, T) to (C, T, N) float32: neighbours in memory are windows, on which all is done at once."""
    return np.ascontiguousarray(values.transpose(1, 2, 0), dtype=np.float32)


def _prepared(windows: Array, dilation: int) -> tuple[Array, Array]:
    """Windows (C, T, N) with zeros around them, and the plain sums (C, T, N) under a kernel of this dilation."""
    margin = _margin(dilation)
    channels, length, count = windows.shape
    padded = np.zeros((channels, length + 2 * margin, count), dtype=np.float32)
    padded[:, margin : margin + length] = windows
    sums = padded[:, :length].copy()
    for tap in range(1, TAPS):
        sums += padded[:, tap * dilation : tap * dilation + length]
    return padded, sums


def _convolved(padded: Array, sums: Array, channels: tuple[int, ...], kernel: int, dilation: int) -> Array:
    """(T, N) of one kernel over the sum of some channels: weights of 2 and -1 are three times the 2's, less all nine."""
    length = sums.shape[1]
    values, total = padded[channels[0]], sums[channels[0]]
    for channel in channels[1:]:
        values, total = values + padded[channel], total + sums[channel]
    a, b, c = (values[tap * dilation : tap * dilation + length] for tap in KERNELS[kernel])
    convolved = a + b
    convolved += c
    convolved *= np.float32(3.0)
    convolved -= total
    return convolved
