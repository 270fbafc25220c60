"""A timeline made fit for a diary: rests told apart, flicker taken out, changes of posture read off what lies around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ..labels import UNKNOWN
from ..timeline import Segment
from .rest import Interval
from .vocabulary import CHANGE, NO_MOTION, POSTURE, Vocabulary

SHORTEST_S = 1.5  # of what lasts; less between longer stretches is flicker
SHORTEST_CHANGE_S = 0.7
POSTURE_CONFIDENCE = 0.6  # from which a posture is named where nothing moves
SLIVER_S = 0.5
NEAR_S = 1.0  # between stretches that belong together


@dataclass(frozen=True)
class Change:
    """Somebody sat down, or stood up.

    Attributes:
        label: which.
        start_s, end_s: the change; where it is only implied, where one posture ends and the other begins.
        implied: True where it was not recognised itself.
        confidence: of what was recognised.
    """

    label: str
    start_s: float
    end_s: float
    implied: bool
    confidence: float


def tidy(
    segments: Sequence[Segment], rests: Sequence[Interval], vocabulary: Vocabulary
) -> tuple[tuple[Segment, ...], dict[float, tuple[str, float]]]:
    """Segments without flicker, with rests of their own.

    Returns:
        The segments, and by the start of a rest the posture that was recognised there with confidence, and how sure it is.
    """
    parts = _joined(segments)
    postures: dict[float, tuple[str, float]] = {}
    for start_s, end_s in rests:
        inside = [own for own in parts if min(own.end_s, end_s) - max(own.start_s, start_s) > 0.0]
        longest = max(inside, key=lambda own: min(own.end_s, end_s) - max(own.start_s, start_s), default=None)
        if longest and vocabulary.kind(longest.label) == POSTURE and longest.confidence >= POSTURE_CONFIDENCE:
            postures[start_s] = (longest.label, longest.confidence)
        parts = _with_rest(parts, start_s, end_s)
    while True:
        short = [
            number for number, own in enumerate(parts)
            if own.end_s - own.start_s < _shortest(own, vocabulary) and _neighbours(parts, number)
        ]  # fmt: skip
        if not short:
            break
        number = min(short, key=lambda n: parts[n].end_s - parts[n].start_s)
        into = max(_neighbours(parts, number), key=lambda n: parts[n].end_s - parts[n].start_s)
        own, other = parts[number], parts[into]
        merged = replace(other, start_s=min(own.start_s, other.start_s), end_s=max(own.end_s, other.end_s))
        parts = _joined([merged if n == into else part for n, part in enumerate(parts) if n != number])
    return tuple(parts), postures


def changes(segments: Sequence[Segment], vocabulary: Vocabulary) -> tuple[Change, ...]:
    """Every sitting down and standing up: those recognised, and those that what was done before and after implies."""
    found = [
        Change(own.label, own.start_s, own.end_s, False, own.confidence)
        for own in segments
        if vocabulary.kind(own.label) == CHANGE
    ]
    lasting = [
        own for own in segments if own.label not in (UNKNOWN, NO_MOTION) and vocabulary.kind(own.label) != CHANGE
    ]
    for before, after in pairwise(lasting):
        label = None
        if after.label == "sitting" and before.label != "sitting":
            label = "sitting down"
        elif before.label == "sitting" and after.label != "sitting":
            label = "standing up"
        if label is None or (before.label, after.label) in (("lying down", "sitting"), ("sitting", "lying down")):
            continue
        between = [
            own
            for own in found
            if before.end_s - NEAR_S <= own.start_s <= after.start_s + NEAR_S and own.label == label
        ]
        if not between:
            found.append(Change(label, before.end_s, after.start_s, True, min(before.confidence, after.confidence)))
    return tuple(sorted(found, key=lambda own: own.start_s))


def _shortest(own: Segment, vocabulary: Vocabulary) -> float:
    if own.label == NO_MOTION:
        return 0.0
    return SHORTEST_CHANGE_S if vocabulary.kind(own.label) == CHANGE else SHORTEST_S


def _neighbours(parts: Sequence[Segment], number: int) -> list[int]:
    """Stretches that touch another; rests take nothing in."""
    own = parts[number]
    out = []
    if number and own.start_s - parts[number - 1].end_s < 1e-6 and parts[number - 1].label != NO_MOTION:
        out.append(number - 1)
    if (
        number + 1 < len(parts)
        and parts[number + 1].start_s - own.end_s < 1e-6
        and parts[number + 1].label != NO_MOTION
    ):
        out.append(number + 1)
    return out


def _with_rest(parts: Sequence[Segment], start_s: float, end_s: float) -> list[Segment]:
    if parts:  # what is left over at the very ends belongs to the rest
        start_s = parts[0].start_s if abs(start_s - parts[0].start_s) < SLIVER_S else start_s
        end_s = parts[-1].end_s if abs(end_s - parts[-1].end_s) < SLIVER_S else end_s
    out = []
    for own in parts:
        if own.start_s < start_s:
            out.append(replace(own, end_s=min(own.end_s, start_s)))
        if own.end_s > end_s:
            out.append(replace(own, start_s=max(own.start_s, end_s)))
    out.append(Segment(start_s, end_s, NO_MOTION, 1.0))
    return sorted((own for own in out if own.end_s - own.start_s > 1e-6), key=lambda own: own.start_s)


def _joined(parts: Sequence[Segment]) -> list[Segment]:
    """Neighbours of one label made one, their confidence by seconds."""
    out: list[Segment] = []
    for own in parts:
        if out and out[-1].label == own.label and own.start_s - out[-1].end_s < 1e-6:
            last = out[-1]
            a, b = last.end_s - last.start_s, own.end_s - own.start_s
            mean = (a * last.confidence + b * own.confidence) / max(a + b, 1e-9)
            out[-1] = Segment(last.start_s, own.end_s, own.label, mean)
        else:
            out.append(own)
    return out
