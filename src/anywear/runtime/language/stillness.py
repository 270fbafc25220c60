"""Windows in which nothing moves: told as such from the signal, before any words are sought.

Motion is what specific force and angular rate do about their means over a window; the mean is gravity, or a bias.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...placement import Placement
from ...signal import Window
from ...signal.energy import QUIET
from ..labels import LabelSet
from ..model import Model

NO_MOTION = "no motion"
POSTURES = {
    "a person is sitting still": ("sitting",),
    "a person is standing still": ("standing",),
    "a person is lying still": ("lying",),
}
"""Sentences for windows without motion, and what recognition is asked for each."""

TURNING_RADPS = 0.1  # rms, about 6 degrees/s; someone who sits stays below half of it, a step is above ten times it
LIFELESS_MPS2 = 0.03  # rms; a body's breath and pulse are above it at most places, a device's noise is below
LIFELESS_RADPS = 0.01  # rms, likewise
SURE = 0.8  # least probability of a posture that is told
PERHAPS = 0.5  # and of one that is told as possible


def is_still(window: Window) -> bool:
    """Whether no sensor of a window moved more than a hand that is held still."""
    return all(
        _rms(acc) < QUIET * max(float(np.linalg.norm(acc.mean(axis=0))), 1e-9)
        and (gyr is None or _rms(gyr) < TURNING_RADPS)
        for acc, gyr in zip(window.acc_mps2, window.gyr_radps, strict=True)
    )


def is_lifeless(window: Window) -> bool:
    """Whether no sensor of a still window shows as much as a breath: it may be worn by nobody."""
    return all(
        _rms(acc) < LIFELESS_MPS2 and (gyr is None or _rms(gyr) < LIFELESS_RADPS)
        for acc, gyr in zip(window.acc_mps2, window.gyr_radps, strict=True)
    )


def said_of_still(model: Model, windows: Sequence[Window], placements: Sequence[Placement]) -> list[str]:
    """`NO_MOTION` for each still window; where somebody wears the sensors, with the posture that recognition takes for
    likely, or instead of it one that it is sure of."""
    worn = [number for number, window in enumerate(windows) if not is_lifeless(window)]
    said = [NO_MOTION] * len(windows)
    if worn:
        found = [windows[number] for number in worn]
        cosines = model.similarities(found, placements, LabelSet(tuple(POSTURES), tuple(POSTURES.values())))
        likely = model.probabilities(cosines)
        for number, row, cosine in zip(worn, likely, cosines, strict=True):
            if row.max() >= PERHAPS and cosine.max() >= model.config.threshold:
                posture = list(POSTURES)[int(row.argmax())]
                said[number] = posture if row.max() >= SURE else f"{NO_MOTION}, perhaps {posture}"
    return said


def _rms(values: np.ndarray) -> float:
    """Of (T, 3) about its mean."""
    return float(np.sqrt(np.square(values - values.mean(axis=0)).sum(axis=1).mean()))
