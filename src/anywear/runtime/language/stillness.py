"""Windows that no language model is asked about: too short ones, and those in which nothing moves, which are told as such
from the signal before any words are sought.

Motion is what specific force and angular rate do about their means over a window; the mean is gravity, or a bias.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from ...errors import UsageError
from ...placement import Placement
from ...signal import Window
from ...signal.energy import QUIET
from ..labels import LabelSet
from ..model import MIN_WINDOW_S, Model

NO_MOTION = "no motion"
POSTURES = {
    "a person is sitting still": ("sitting", "sitting still", "a person sits still", "somebody sits quietly"),
    "a person is standing still": ("standing", "standing still", "a person stands still", "somebody stands and waits"),
    "a person is lying still": ("lying", "lying on the back", "lying on the side", "a person lies still"),
}
"""Sentences for windows without motion, and what recognition is asked for each: several wordings, so none decides alone."""

TURNING_RADPS = 0.1  # rms, about 6 degrees/s; someone who sits stays below half of it, a step is above ten times it
LIFELESS_MPS2 = 0.03  # rms; a body's breath and pulse are above it at most places, a device's noise is below
LIFELESS_RADPS = 0.01  # rms, likewise
SURE = 0.8  # least probability of a posture that is told
PERHAPS = 0.4  # and of one that is told as possible


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


def said_of_still(model: Model, windows: Sequence[Window], placements: Sequence[Placement]) -> dict[int, str]:
    """`NO_MOTION` for each still window, by its number; where somebody wears the sensors, with the posture that recognition
    takes for likely, or instead of it one that it is sure of."""
    said = {number: NO_MOTION for number, window in enumerate(windows) if is_still(window)}
    worn = [number for number in said if not is_lifeless(windows[number])]
    if worn:
        found = [windows[number] for number in worn]
        cosines = model.similarities(found, placements, LabelSet(tuple(POSTURES), tuple(POSTURES.values())))
        likely = model.probabilities(cosines)
        for number, row, cosine in zip(worn, likely, cosines, strict=True):
            if row.max() >= PERHAPS and cosine.max() >= model.config.threshold:
                posture = list(POSTURES)[int(row.argmax())]
                said[number] = posture if row.max() >= SURE else f"{NO_MOTION}, perhaps {posture}"
    return said


def most_said(answers: Iterable[tuple[str, float]], still: int) -> str:
    """The likeliest in sum of answers for moving windows, with their mean log probabilities, and of `NO_MOTION` for each
    still one."""
    votes: dict[str, float] = defaultdict(float, {NO_MOTION: float(still)})
    for text, log_prob in answers:
        votes[text] += float(np.exp(log_prob))
    return max(votes, key=lambda text: votes[text])


def check_windows(windows: Sequence[Window], rate_hz: float) -> None:
    """Raises UsageError where a window has no sensor, or is shorter than a language model can read."""
    for window in windows:
        if not window.streams or len(window.acc_mps2[0]) < round(MIN_WINDOW_S * rate_hz):
            got = f"{len(window.acc_mps2[0]) / rate_hz:.2f} s" if window.streams else "no sensor"
            raise UsageError(
                "The window is too short for the language model", expected=f"at least {MIN_WINDOW_S:g} s", got=got,
                remedy="Give a longer recording or window",
            )  # fmt: skip


def _rms(values: np.ndarray) -> float:
    """Of (T, 3) about its mean."""
    return float(np.sqrt(np.square(values - values.mean(axis=0)).sum(axis=1).mean()))
