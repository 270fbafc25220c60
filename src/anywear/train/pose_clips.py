"""Motions whose postures are known, worn and recorded: what a pose decoder learns from and is asked about.

Generated clips are learned from and asked about with seeds of their own; captured ones are divided by who moved, as the
corpus says.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from .._typing import Array
from ..body import shape_body
from ..corpus import Corpus
from ..errors import AnywearError, UsageError
from ..motion import MotionClip, retarget
from ..motion.generate import PROGRAMS, generate
from ..runtime.pose import RATE_HZ, centred_joints_m, poses_of
from .corpus import Take
from .corpus_motions import CorpusMotions
from .simulated import ViewConfig, simulate_take
from .vocabulary import CAPTURED, SIMULATED

SPLITS = ("train", "test")
FIRST_SEED = {"train": 50_000, "test": 60_000}  # of generated clips; no other training begins there
REPORT_EVERY = 100  # motions


@dataclass(frozen=True)
class PoseClipsConfig:
    """Which motions.

    Attributes:
        clips: generated per program to learn from.
        asked: generated per program to be asked about.
        captured: whether the corpus' clips are there too, once each.
        left_out: programs that are not used.
        seconds: longest stretch of a clip.
        seed: of everything drawn.
        view: how they are worn.
    """

    clips: int = 2
    asked: int = 1
    captured: bool = True
    left_out: tuple[str, ...] = ("elevator_up", "elevator_down", "standing_in_elevator")
    seconds: float = 10.0
    seed: int = 0
    view: ViewConfig = field(default_factory=lambda: ViewConfig(streams=10))

    def __post_init__(self) -> None:
        for name in ("clips", "asked"):
            if getattr(self, name) < 1:
                raise UsageError("At least one clip per program is needed", where=name, got=str(getattr(self, name)))


@dataclass(frozen=True, eq=False)
class PoseClip:
    """A recorded motion: the take, (F, 130) numbers of its poses from the take's first sample on, a tenth of a second
    apart, and (F, 31, 3) places of its joints on the average adult from the root's, metres, the heading along x."""

    take: Take
    poses: Array
    joints_m: Array


def pose_clips(
    config: PoseClipsConfig,
    split: str,
    corpus: Corpus | None = None,
    cache_dir: Path | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> list[PoseClip]:
    """Every motion of a split; those that cannot be simulated are left out, and told.

    Args:
        config: which.
        split: ``train`` or ``test``.
        corpus: of captured motion, where the configuration wants it.
        cache_dir: keeps them between runs.
        report: takes progress lines.
    """
    entries = [entry.to_json() for entry in corpus.filter(split=split).entries] if corpus is not None else []
    key = hashlib.sha256(repr((asdict(config), split, entries)).encode()).hexdigest()[:16]
    path = cache_dir / f"poses-{split}-{key}.pickle" if cache_dir else None
    if path is not None and path.exists():
        return pickle.loads(path.read_bytes())
    out, failed = [], 0
    for number, (dataset, clip, label, rng) in enumerate(_motions(config, split, corpus), start=1):
        try:
            out.append(_recorded(clip, label, dataset, config, rng))
        except AnywearError:
            failed += 1
        if number % REPORT_EVERY == 0:
            report(f"simulated {number} motions to {'learn from' if split == 'train' else 'ask about'}")
    report(f"{len(out)} motions of {split}; {failed} left out: too short or not to be simulated")
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_bytes(pickle.dumps(out))
        partial.replace(path)
    return out


def _motions(
    config: PoseClipsConfig, split: str, corpus: Corpus | None
) -> Iterator[tuple[str, MotionClip, str, np.random.Generator]]:
    count = config.clips if split == "train" else config.asked
    for name in sorted(set(PROGRAMS) - set(config.left_out)):
        for number in range(count):
            seed = FIRST_SEED[split] + config.seed * 1000 + number
            yield SIMULATED, generate(name, seed).clip, name, np.random.default_rng([seed, *name.encode()])
    if corpus is not None and config.captured:
        source = CorpusMotions(corpus.filter(split=split), captions=0.0, longest_s=config.seconds)
        for number in range(len(source)):
            rng = np.random.default_rng([FIRST_SEED[split] + config.seed * 1000, number])
            yield CAPTURED, *source.motion(number, rng), rng


def _recorded(
    clip: MotionClip, label: str, dataset: str, config: PoseClipsConfig, rng: np.random.Generator
) -> PoseClip:
    if clip.duration_s > config.seconds:
        start_s = float(rng.uniform(0.0, clip.duration_s - config.seconds))
        clip = clip.slice(start_s, start_s + config.seconds)
    take = replace(simulate_take(clip, label, config.view, rng), dataset=dataset)
    motion = retarget(clip, shape_body())
    count = int(take.values.shape[1] / config.view.rate_hz * RATE_HZ)
    at_s = take.start_s + np.arange(count) / RATE_HZ
    return PoseClip(take, poses_of(motion, at_s).astype(np.float32), centred_joints_m(motion, at_s).astype(np.float32))
