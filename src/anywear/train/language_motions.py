"""Moments for the language model: stretches of motion as a few sensors saw them, and what is true of them.

A take is cut at a lively place, worn by a few of its sensors, told more or less of how they are worn, and read by the motion
encoder once. What is kept are latents, so that another tokenizer costs no new simulation.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .._files import write_whole
from .._typing import Array
from ..corpus import Corpus, CorpusEntry
from ..errors import AnywearError
from ..motion.generate import PROGRAMS, pose
from ..placement import UNKNOWN_MOUNT, Mount, Placement
from ..runtime.contrary import swap_sides
from ..runtime.tokens import MotionTokens
from ..signal import Window, mounts_axes
from .corpus import Take
from .simulated import ViewConfig, simulate_take
from .synthetic import HELD_OUT
from .vocabulary import CAPTURED, SIMULATED, concept_of

MIRROR = np.array([-1.0, 1.0, 1.0, 1.0, -1.0, -1.0])  # polar vectors flip across, axial ones along
READ_AT_ONCE = 512  # windows given to the encoder in one call
STEPPING = "locomotion"  # family of the generator whose steps are counted
LEAST_S = 1.5  # of a captioned stretch; the take around a shorter one is shown, too


@dataclass(frozen=True)
class MomentsConfig:
    """How takes are cut and worn.

    Attributes:
        views: moments per take.
        seconds: lengths drawn from.
        streams: numbers of sensors drawn from.
        lively: numbers of places drawn from; of so many places per cut the one with the most motion is taken: with several
            what is done once is not missed, with one what hardly moves is seen, too.
        mirror: share of moments in a mirror, with their words.
        no_place: share of sensors whose place is not told.
        told: shares of moments whose mounts are told not at all, by the up axis, and fully.
        no_gyr: share of moments without gyroscopes.
        seed: of everything drawn.
    """

    views: int = 3
    seconds: tuple[float, ...] = (2.0, 3.0, 4.0, 5.0, 5.0, 5.0)
    streams: tuple[int, ...] = (1, 1, 1, 2, 2, 3, 5)
    lively: tuple[int, ...] = (3,)
    mirror: float = 0.4
    no_place: float = 0.1
    told: tuple[float, float, float] = (0.45, 0.2, 0.35)
    no_gyr: float = 0.1
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Moment:
    """What a few sensors saw, and what is true of it.

    Attributes:
        latents: (patches, D) float16 of the motion encoder.
        segments: body segment of every sensor; None where it is not told.
        dataset: where it is from.
        label: what is done, as the data set calls it.
        name: of the concept, the same for everything that is called alike.
        texts: wordings and sentences, the plainest first.
        steps: taken in it; -1 where nobody counted.
        seconds: its length.
        held_out: whether it is kept from training.
    """

    latents: Array
    segments: tuple[str | None, ...]
    dataset: str
    label: str
    name: str
    texts: tuple[str, ...]
    steps: int
    seconds: float
    held_out: bool


@dataclass(frozen=True, eq=False)
class _Cut:
    """A moment before it is read: a window of some streams, and their placements."""

    window: Window
    placements: tuple[Placement, ...]
    facts: dict


def moments_of_takes(
    takes: Iterable[Take],
    tokens: MotionTokens,
    config: MomentsConfig,
    held_out: dict[str, list[str]],
    report: Callable[[str], None] = lambda line: None,
) -> list[Moment]:
    """Moments of labelled takes, real and generated.

    Args:
        takes: each with labelled spans; where it is known when what they are called is done, cuts are made about that.
        tokens: whose encoder reads them.
        config: how they are cut.
        held_out: subjects by data set that are kept from training; generated clips say it themselves.
        report: takes progress lines.
    """
    steps = _Steps()
    cuts: list[_Cut] = []
    rate_hz = tokens.model.config.rate_hz
    numbers: dict[str, int] = {}
    for number, take in enumerate(takes):
        rng = np.random.default_rng([config.seed, number])
        label = take.spans[0][2] if take.spans else ""
        clip = numbers[label] = numbers.get(label, -1) + 1  # takes of a program come in the order of their seeds
        out = take.subject == HELD_OUT or take.subject in held_out.get(take.dataset, ())
        for _ in range(config.views if take.spans else 0):
            start, stop, label = take.spans[int(rng.integers(len(take.spans)))]
            if take.acts:
                start, stop = take.acts[int(rng.integers(len(take.acts)))]
            first, last = _place(take.values, start, stop, rate_hz, config, rng)
            mirrored = bool(rng.random() < config.mirror)
            name, concept = concept_of(take.dataset, label)
            texts = take.sentences or concept.texts
            counted = steps.between(label, clip, first / rate_hz, last / rate_hz) if take.dataset == SIMULATED else -1
            called = PROGRAMS[label].label if take.dataset == SIMULATED else label
            facts = {
                "dataset": take.dataset, "label": _said(called, mirrored), "name": _said(name, mirrored),
                "texts": tuple(_said(text, mirrored) for text in texts), "steps": counted,
                "seconds": (last - first) / rate_hz, "held_out": out,
            }  # fmt: skip
            cuts.append(_cut(take, first, last, mirrored, facts, config, rng))
    return _read(cuts, tokens, report)


def moments_of_corpus(
    corpus: Corpus,
    tokens: MotionTokens,
    config: MomentsConfig,
    view: ViewConfig,
    *,
    rounds: int = 1,
    held_out: bool = False,
    report: Callable[[str], None] = lambda line: None,
) -> list[Moment]:
    """Moments of captured motion: every captioned stretch of every clip, with all that is said of the same time.

    Args:
        corpus: filter it by split first.
        tokens: whose encoder reads them.
        config: how they are cut.
        view: how the clips are worn.
        rounds: how often each clip is worn anew.
        held_out: whether these moments are kept from training.
        report: takes progress lines.
    """
    cuts: list[_Cut] = []
    left_out = 0
    for number in range(rounds * len(corpus.entries)):
        rng = np.random.default_rng([config.seed, 1, number])
        entry = corpus.entries[number % len(corpus.entries)]
        try:
            take = simulate_take(corpus.clip(entry), entry.label, view, rng)
        except AnywearError:
            left_out += 1
            continue
        for stretch in _stretches(entry):
            for _ in range(config.views):
                cuts.append(_captured(take, entry, stretch, held_out, tokens.model.config.rate_hz, config, rng))
        if (number + 1) % 100 == 0:
            report(f"simulated {number + 1} of {rounds * len(corpus.entries)} captured motions")
    report(f"{len(cuts)} moments of captured motion; {left_out} clips left out: too short or not to be simulated")
    return _read(cuts, tokens, report)


def save_moments(path: Path, moments: Sequence[Moment]) -> None:
    """Keep moments in a file of this machine."""
    write_whole(path, lambda partial: partial.write_bytes(pickle.dumps([vars(own) for own in moments])))


def load_moments(path: Path) -> list[Moment]:
    """What `save_moments` kept; it has to be a file of one's own."""
    return [Moment(**own) for own in pickle.loads(path.read_bytes())]


def _said(text: str, mirrored: bool) -> str:
    return swap_sides(text) if mirrored else text


def _place(
    values: Array, start: int, stop: int, rate_hz: float, config: MomentsConfig, rng: np.random.Generator
) -> tuple[int, int]:
    """The liveliest of a few places in a span, first and last sample; a short span has what is around it."""
    length = min(round(float(rng.choice(config.seconds)) * rate_hz), values.shape[1])
    low, high = (start, stop - length) if stop - start >= length else (stop - length, start)
    low, high = max(0, low), min(high, values.shape[1] - length)
    places = rng.integers(low, max(low, high) + 1, size=int(rng.choice(config.lively)))
    motion = [float(values[:, first : first + length].var(axis=1)[:, :3].sum()) for first in places]
    first = int(places[int(np.argmax(motion))])
    return first, first + length


def _stretches(entry: CorpusEntry) -> list[tuple[float, float, tuple[str, ...]]]:
    """Start, end and sentences of every stretch that something is said of."""
    said: dict[tuple[float, float], list[str]] = {}
    for own in entry.captions:
        said.setdefault((own.start_s, own.end_s), []).append(own.text)
    for span in entry.spans:
        said.setdefault((span.start_s, span.end_s), []).append(span.label)
    return [(start, end, tuple(dict.fromkeys(texts))) for (start, end), texts in said.items()] or [
        (0.0, entry.duration_s, (entry.label,))
    ]


def _captured(
    take: Take,
    entry: CorpusEntry,
    stretch: tuple[float, float, tuple[str, ...]],
    held_out: bool,
    rate_hz: float,
    config: MomentsConfig,
    rng: np.random.Generator,
) -> _Cut:
    """Captured motion is cut where its sentence holds, at 20 s at most; what is said of 8 s is not seen in 2."""
    start_s, end_s, texts = stretch
    middle, least = 0.5 * (start_s + end_s), 0.5 * LEAST_S
    start, stop = (
        int(np.clip(round(at * rate_hz), 0, take.values.shape[1]))
        for at in (min(start_s, middle - least), max(end_s, middle + least))
    )
    whole = replace(config, seconds=(float(min(max(config.seconds), max(1.0, (stop - start) / rate_hz))),))
    first, last = _place(take.values, start, stop, rate_hz, whole, rng)
    mirrored = bool(rng.random() < config.mirror)
    name = concept_of(CAPTURED, entry.label)[0]
    facts = {
        "dataset": CAPTURED, "label": _said(entry.label, mirrored), "name": _said(name, mirrored),
        "texts": tuple(_said(text, mirrored) for text in texts), "steps": -1, "seconds": (last - first) / rate_hz,
        "held_out": held_out,
    }  # fmt: skip
    return _cut(take, first, last, mirrored, facts, config, rng)


def _cut(
    take: Take, first: int, last: int, mirrored: bool, facts: dict, config: MomentsConfig, rng: np.random.Generator
) -> _Cut:
    chosen = rng.permutation(len(take.placements))[: int(rng.choice(config.streams))]
    values = take.values[chosen, first:last].astype(np.float64) * (MIRROR if mirrored else 1.0)
    told = int(rng.choice(3, p=np.asarray(config.told) / sum(config.told)))
    placements = []
    for number in chosen:
        own = take.placements[number]
        if rng.random() < config.no_place:
            placements.append(Placement.unknown())
        else:
            placements.append(own.mirrored() if mirrored else replace(own, mount=_mount(own, told)))
    gyr = take.has_gyr[chosen] & (rng.random() >= config.no_gyr)
    window = Window(
        start=0,
        streams=tuple(range(len(chosen))),
        acc_mps2=tuple(values[row, :, :3] for row in range(len(chosen))),
        gyr_radps=tuple(values[row, :, 3:] if gyr[row] else None for row in range(len(chosen))),
        rates_hz=(50.0,) * len(chosen),
    )
    return _Cut(window, tuple(placements), facts)


def _mount(placement: Placement, told: int) -> Mount:
    """What is told of a mount: nothing, its up axis, or all."""
    if told == 2:
        return placement.mount
    axes, known = mounts_axes([placement])
    if told == 0 or not known[0, 0]:
        return UNKNOWN_MOUNT
    x, y, z = (float(number) for number in axes[0, 0])
    return Mount(up_axis=(x, y, z), source=placement.mount.source)


def _read(cuts: list[_Cut], tokens: MotionTokens, report: Callable[[str], None]) -> list[Moment]:
    moments: list[Moment] = []
    for start in range(0, len(cuts), READ_AT_ONCE):
        part, placements, windows = cuts[start : start + READ_AT_ONCE], [], []
        for own in part:
            streams = tuple(range(len(placements), len(placements) + len(own.placements)))
            windows.append(replace(own.window, streams=streams))
            placements += own.placements
        for own, latents in zip(part, tokens.latents(windows, placements), strict=True):
            segments = tuple(placement.segment for placement in own.placements)
            moments.append(Moment(latents.astype(np.float16), segments, **own.facts))
        report(f"read {len(moments)} of {len(cuts)} moments")
    return moments


class _Steps:
    """Steps of the generator's walks, from the instants at which its feet are planted."""

    def __init__(self) -> None:
        self._planted_s: dict[tuple[str, int], Array | None] = {}

    def between(self, program: str, seed: int, start_s: float, end_s: float) -> int:
        """Steps of a clip from start to end; -1 where they cannot be counted."""
        if PROGRAMS[program].family != STEPPING:
            return -1
        if (program, seed) not in self._planted_s:
            self._planted_s[program, seed] = _planted_s(program, seed)
        planted_s = self._planted_s[program, seed]
        return -1 if planted_s is None else int(((planted_s >= start_s) & (planted_s < end_s)).sum())


def _planted_s(program: str, seed: int) -> Array | None:
    """When a foot comes down, s; None where the program does not say."""
    figure = pose(program, seed)[2]
    if set(figure.contact) != {"left", "right"}:
        return None
    down = [figure.t[1:][own[1:] & ~own[:-1]] for own in (np.asarray(c, dtype=bool) for c in figure.contact.values())]
    return np.sort(np.concatenate(down))
