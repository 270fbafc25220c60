"""Plain sentences for what was recognised and measured; nothing is said that has no figure behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..labels import UNKNOWN
from .facts import Facts
from .vocabulary import NO_MOTION, Activity, Vocabulary

if TYPE_CHECKING:
    from .diary import Entry

MOST_NAMED = 4  # activities in a summary
NUMBERS = ("no", "once", "twice")


def clock(seconds: float, hours: bool = False) -> str:
    """Seconds as mm:ss, or h:mm:ss."""
    sign, whole = ("-" if seconds < -0.5 else ""), round(abs(seconds))
    if hours:
        return f"{sign}{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{sign}{whole // 60:02d}:{whole % 60:02d}"


def lasting(seconds: float) -> str:
    """A length as people say it.

    Example:
        >>> lasting(4.2), lasting(65.0), lasting(3725.0)
        ('4 s', '1 min 5 s', '1 h 2 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s" if whole else f"{seconds:.1f} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    return f"{whole // 3600} h" + (f" {whole // 60 % 60} min" if whole // 60 % 60 else "")


def times(count: int) -> str:
    """How often, in words: once, twice, 3 times."""
    return NUMBERS[count] if 0 < count < len(NUMBERS) else f"{count} times"


def told(label: str, facts: Facts, vocabulary: Vocabulary, posture: str | None = None) -> str:
    """What somebody did in a stretch, with its figures, in the past tense and without a subject."""
    if label == NO_MOTION:
        return NO_MOTION + (f"; the posture fits {posture}" if posture else "")
    if label == UNKNOWN:
        return "moved in a way that fits none of the labels"
    own = vocabulary[label]
    return ", ".join([_with_side(own, facts), *_figures(own, facts)])


def summary(entries: Sequence[Entry], counted: dict[str, int], steps: int, start_s: float, end_s: float) -> str:
    """The whole recording in two or three sentences.

    Args:
        entries: of the diary.
        counted: how often each change was made.
        steps: of all entries together.
        start_s, end_s: of the recording.
    """
    length = lasting(end_s - start_s)
    if not entries:
        return f"{length} recorded, in which no stretch has data enough for an answer."
    seconds: dict[str, float] = {}
    for own in entries:
        seconds[own.label] = seconds.get(own.label, 0.0) + own.end_s - own.start_s
    if set(seconds) == {NO_MOTION}:
        return f"{length} recorded, and no motion in it: a device that lies still, or a body that does."
    lasted = sorted(((own, s) for own, s in seconds.items() if own not in counted), key=lambda item: -item[1])
    named = [f"{_noun(label)} {lasting(own)}" for label, own in lasted[:MOST_NAMED]]
    text = f"{length} recorded: {', '.join(named)}" if named else f"{length} recorded"
    if len(lasted) > MOST_NAMED:
        text += f", and {lasting(sum(own for _, own in lasted[MOST_NAMED:]))} of other activities"
    sentences = [text + "."]
    changes = [f"{label} {times(count)}" for label, count in counted.items() if count]
    if changes:
        sentences.append(f"Recognised or implied: {', '.join(changes)}.")
    if steps:
        sentences.append(f"About {steps} steps.")
    return " ".join(sentences)


def _noun(label: str) -> str:
    return "not recognised" if label == UNKNOWN else label


def _with_side(own: Activity, facts: Facts) -> str:
    if facts.side is None or facts.side.side == "both":
        return own.past
    limb = "hand" if own.hands else "side"
    return f"{own.past}, mostly the {facts.side.side} {limb}"


def _figures(own: Activity, facts: Facts) -> list[str]:
    out = []
    if facts.steps:
        out += [f"about {facts.steps.rate_hz:.1f} steps a second", f"{facts.steps.count} steps"]
    if facts.repetitions and facts.repetitions.count:
        counted = facts.repetitions
        out.append(f"{counted.count} {own.unit}")
        if counted.period_s and counted.count == counted.cycles:
            out.append(f"one every {counted.period_s:.1f} s")
    return out
