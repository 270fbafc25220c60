"""Captioned motion as recordings: held-out clips of the corpus, and of the generator, worn at random places."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ..body import BodyShape, ShapedBody, shape_body
from ..corpus import Corpus, CorpusEntry
from ..motion import MotionClip
from ..motion.generate import PROGRAMS, generate
from ..placement import SITES
from ..recording import Recording
from ..simulate import Simulator, device

HELD_OUT_SEED = 2**32
"""First seed of the generator's clips: trainings draw theirs below it."""
LEAST_S = 1.0  # of a stretch; the clip around a shorter one is shown, too
LONGEST_S = 20.0  # longer ones are cut to their middle
BODIES = 8
DEVICES = ("bmi270", "lsm6dso", "icm-42688-p", "mpu-6050", "watch", "phone_in_front_pocket", "chest_strap")
RATES_HZ = (50.0, 100.0)


@dataclass(frozen=True)
class CaptionedMotion:
    """A stretch of motion and everything said of it.

    Attributes:
        key: unique in its pool.
        texts: the sentences, each as `plain`.
        generated: whether the generator made it.
    """

    key: str
    texts: tuple[str, ...]
    generated: bool = False


def plain(text: str) -> str:
    """A sentence without what makes no difference: case, spaces, a full stop.

    Example:
        >>> plain("A person  walks. ")
        'a person walks'
    """
    return " ".join(text.lower().split()).rstrip(".! ")


def corpus_pool(corpus: Corpus) -> list[tuple[CaptionedMotion, CorpusEntry, float, float]]:
    """Captioned stretches of a corpus, each with its clip, start and end; sentences on one stretch belong together."""
    found: dict[tuple[str, float, float], list[str]] = {}
    entries = {entry.key: entry for entry in corpus.entries}
    for entry in corpus.entries:
        for caption in entry.captions:
            own = found.setdefault((entry.key, round(caption.start_s, 3), round(caption.end_s, 3)), [])
            own.append(plain(caption.text))
    return [
        (CaptionedMotion(f"{key}@{start_s:g}-{end_s:g}", tuple(dict.fromkeys(texts))), entries[key],
         *_stretch(start_s, end_s, entries[key].duration_s))
        for (key, start_s, end_s), texts in found.items()
    ]  # fmt: skip


def generator_pool(clips: int, programs: tuple[str, ...] = ()) -> Iterator[tuple[CaptionedMotion, MotionClip]]:
    """So many held-out clips of every program, with the label and the sentences the program says of them."""
    for name in programs or tuple(sorted(PROGRAMS)):
        for number in range(clips):
            clip = generate(name, HELD_OUT_SEED + number).clip
            texts = tuple(dict.fromkeys(plain(text) for text in clip.captions))
            yield CaptionedMotion(f"{name}-{number}", texts, generated=True), _shortened(clip)


def worn(motion: CaptionedMotion, clip: MotionClip, seed: int, most_places: int, least_places: int = 1) -> Recording:
    """The motion as so many devices at random sites would record it; depends on the key, the seed and their numbers alone.

    Raises:
        AnywearError: a motion that cannot be simulated.
    """
    rng = np.random.default_rng([seed, zlib.crc32(motion.key.encode())])
    count = int(rng.integers(least_places, most_places + 1))
    sites = [str(site) for site in rng.permutation(sorted(SITES))[:count]]
    kind = device(str(rng.choice(DEVICES)))
    kind = replace(kind, wear=replace(kind.wear, knowledge=str(rng.choice(("nothing", "outward", "full")))))
    # Generated motion is smooth by construction; looking for noise in it costs more than simulating it.
    simulator = (
        Simulator(clip, body=_body(int(rng.integers(BODIES))), lowpass_hz=None)
        if motion.generated
        else Simulator(clip, body=_body(int(rng.integers(BODIES))))
    )
    rate_hz = float(rng.choice(RATES_HZ))
    return simulator.record(sites, kind, rate_hz=rate_hz, seed=int(rng.integers(2**31)))


def _stretch(start_s: float, end_s: float, duration_s: float) -> tuple[float, float]:
    lack_s = LEAST_S - (end_s - start_s)
    if lack_s > 0.0:
        start_s = max(0.0, min(start_s - lack_s / 2.0, duration_s - LEAST_S))
        end_s = min(start_s + LEAST_S, duration_s)
    over_s = max(0.0, end_s - start_s - LONGEST_S)
    return start_s + over_s / 2.0, end_s - over_s / 2.0


def _shortened(clip: MotionClip) -> MotionClip:
    over_s = clip.duration_s - LONGEST_S
    return clip if over_s <= 0.0 else clip.slice(over_s / 2.0, over_s / 2.0 + LONGEST_S)


@lru_cache(maxsize=BODIES)
def _body(number: int) -> ShapedBody:
    rng = np.random.default_rng([17, number])
    sex = float(rng.random())
    height_m = float(np.clip(rng.normal(1.63 + 0.13 * sex, 0.06), 1.50, 1.95))
    build, muscle = np.clip(rng.normal(0.0, 0.3, size=2), -0.9, 0.9).tolist()
    return shape_body(
        BodyShape(height_m=height_m, sex=sex, age_years=float(rng.uniform(18.0, 75.0)), build=build, muscle=muscle)
    )
