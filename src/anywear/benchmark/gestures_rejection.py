"""How often everyday motion is taken for a gesture: false triggers per hour.

Recordings of daily life, in which nobody makes gestures, are segmented as live (`anywear.signal.segment`), and every
candidate is classified by whoever learned the gestures. It is a false trigger when its confidence reaches the threshold
that `RECALL` of the gestures asked, which nobody learned from, reach. Threshold and triggers are of one contestant and one
draw.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .._typing import Array
from ..datasets import open_dataset
from ..errors import UsageError
from ..recording import Recording, Stream
from ..signal import segment
from .gestures import Contestant, GesturesConfig, Progress, trained_on
from .gestures_clips import GestureClip, GestureSet, asked_labels, cut, nearest_to_hand
from .gestures_draws import Draw, draws

EVERYDAY = ("usc-had", "sisfall", "dsads")
RECALL = 0.9


@dataclass(frozen=True, eq=False)
class Everyday:
    """Candidates of one data set without gestures.

    Attributes:
        name: of the set.
        hours: how long its recordings are.
        clips: what stands out in them.
    """

    name: str
    hours: float
    clips: tuple[GestureClip, ...]


@dataclass(frozen=True)
class RejectionRow:
    """One contestant that learned one set and heard another.

    Attributes:
        row: the contestant.
        learned: the set of gestures.
        heard: the set of everyday motion.
        hours, candidates: of it.
        per_hour: false triggers at `RECALL`, mean over draws.
        spread: their standard deviation over seeds.
        right: share of the gestures asked that are accepted and rightly named at the same threshold.
        own_recall, own_per_hour: the same at the contestant's own threshold, where it has one.
        seen: whether the contestant has learned from that set what is no gesture, or its encoder from it.
    """

    row: str
    learned: str
    heard: str
    hours: float
    candidates: int
    per_hour: float
    spread: float
    right: float
    own_recall: float | None = None
    own_per_hour: float | None = None
    seen: bool = False


def everyday(
    data_dir: Path | str, sets: Sequence[str] = EVERYDAY, report: Progress = lambda line: None
) -> list[Everyday]:
    """Candidates in everyday recordings, at the sensor nearest to a hand; of sets with falls, daily life alone.

    Raises:
        UsageError: unknown set. FormatError: data missing or damaged.
    """
    out = []
    for dataset, source in [open_dataset(name, data_dir) for name in dict.fromkeys(sets)]:
        wanted = asked_labels(dataset.info)
        kept = (own for own in dataset.recordings(source) if {span.label for span in own.labels} <= set(wanted))
        found = candidates(dataset.info.name, kept)
        report(f"{found.name}: {len(found.clips)} candidates in {found.hours:.2f} h")
        out.append(found)
    return out


def candidates(name: str, recordings: Iterable[Recording]) -> Everyday:
    """What a segmenter finds in some recordings."""
    hours, clips = 0.0, []
    for number, recording in enumerate(recordings):
        stream = nearest_to_hand(recording).streams[0]
        hours += stream.duration_s / 3600.0
        for candidate in segment(stream):
            own = cut(stream, candidate.start_s, candidate.stop_s)
            if own is not None:
                clips.append(GestureClip((_named(own),), "none", recording.metadata.get("subject"), number))
    return Everyday(name, hours, tuple(clips))


def ask_everyday(
    contestants: Sequence[Contestant],
    found: GestureSet,
    heard: Sequence[Everyday],
    config: GesturesConfig,
    report: Progress = lambda line: None,
) -> list[RejectionRow]:
    """Everybody, who learned one set of gestures, about everyday motion.

    Args:
        contestants: who answers.
        found: gestures that are learned and asked, one stream each.
        heard: what is no gesture.
        config: how the gestures are learned; the first split and number of labels.
        report: takes progress lines.

    Raises:
        UsageError: the gestures have several streams.
    """
    if any(len(clip.streams) != 1 for clip in found.clips):
        raise UsageError("False triggers are counted at one sensor", where="--placements", remedy="Name one place")
    gestures = GestureSet(found.name, found.labels, tuple(_one(clip) for clip in found.clips), found.truth)
    every = tuple(clip for own in heard for clip in own.clips)
    noise = GestureSet("everyday", found.labels, every, np.zeros(len(every), dtype=np.int64))
    owners = np.repeat(np.arange(len(heard)), [len(own.clips) for own in heard])
    rows = []
    for own in contestants:
        report(f"{found.name}: false triggers of {own.name}")
        told = [_counted(own, gestures, noise, owners, len(heard), config, seed) for seed in range(config.seeds)]
        for number, other in enumerate(heard):
            triggers = np.array([one.triggers[number] for one in told]) / other.hours
            own_triggers = [one.own_triggers for one in told]
            rows.append(
                RejectionRow(
                    own.name, found.name, other.name, other.hours, len(other.clips), float(triggers.mean()),
                    float(triggers.std(ddof=1)) if len(told) > 1 else 0.0,
                    float(np.mean([one.right for one in told])),
                    _mean_or_none([one.own_recall for one in told]),
                    _mean_or_none([None if one is None else one[number] / other.hours for one in own_triggers]),
                    other.name in (*trained_on(own), *getattr(own, "everyday", ())),
                )
            )  # fmt: skip
    return rows


@dataclass(frozen=True, eq=False)
class _Counted:
    triggers: Array  # by everyday set
    right: float
    own_recall: float | None
    own_triggers: Array | None


def _counted(
    contestant: Contestant,
    gestures: GestureSet,
    noise: GestureSet,
    owners: Array,
    sets: int,
    config: GesturesConfig,
    seed: int,
) -> _Counted:
    """Mean over the folds of a seed."""
    parts = []
    for draw in draws(gestures.truth, gestures.subjects, config.points[0], config.splits[0], seed):
        asked = contestant.answer(gestures, gestures, draw)
        other = contestant.answer(gestures, noise, Draw(draw.seed, draw.fold, draw.learn, np.arange(len(noise.clips))))
        threshold = threshold_of(asked.confidence)
        accepted = asked.confidence >= threshold
        parts.append(
            _Counted(
                _by_owner(other.confidence >= threshold, owners, sets),
                float((accepted & (asked.labels == gestures.truth[draw.ask])).mean()),
                None if asked.none is None else float((~asked.none).mean()),
                None if other.none is None else _by_owner(~other.none, owners, sets),
            )
        )
    return _Counted(
        np.mean([own.triggers for own in parts], axis=0),
        float(np.mean([own.right for own in parts])),
        _mean_or_none([own.own_recall for own in parts]),
        None if parts[0].own_triggers is None else np.mean([own.own_triggers for own in parts], axis=0),
    )


def threshold_of(confidence: Array, recall: float = RECALL) -> float:
    """The largest confidence that this share of the clips, at least, reach."""
    ordered = np.sort(confidence)[::-1]
    return float(ordered[int(np.ceil(recall * len(ordered))) - 1])


def _by_owner(triggered: Array, owners: Array, sets: int) -> Array:
    return np.bincount(owners[triggered], minlength=sets).astype(float)


def _mean_or_none(values: Sequence[float | None]) -> float | None:
    known = [own for own in values if own is not None]
    return float(np.mean(known)) if known else None


def _one(clip: GestureClip) -> GestureClip:
    """The clip with its stream under the name that all have."""
    return GestureClip((_named(clip.stream),), clip.label, clip.subject, clip.recording)


def _named(stream: Stream) -> Stream:
    from dataclasses import replace

    return replace(stream, name="hand")
