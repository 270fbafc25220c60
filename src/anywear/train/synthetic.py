"""Takes of motion without sensors for a training: every program of the generator, every clip of the corpus, worn anywhere."""

from __future__ import annotations

import hashlib
import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np

from ..corpus import Corpus
from ..errors import AnywearError, UsageError
from ..motion import MotionClip
from ..motion.generate import PROGRAMS, find_program, generate
from .corpus import Take
from .corpus_motions import CorpusMotions
from .simulated import ViewConfig, simulate_take
from .vocabulary import CAPTURED, SIMULATED

HELD_OUT = "held out"  # subject of the clips kept for calibration
EVERY_HELD_OUT = 20  # one clip in so many


EVERYDAY = frozenset({
    "cycling_exercise_bike", "cycling_recumbent", "cycling_road", "jogging", "jumping", "lying_down", "lying_on_back",
    "lying_on_front", "lying_on_left_side", "lying_on_right_side", "running", "running_treadmill", "sitting", "sitting_down",
    "sleeping", "stairs_down", "stairs_up", "standing", "standing_up", "walking_forward", "walking_left",
    "walking_parking_lot", "walking_right", "walking_treadmill",
})  # fmt: skip
"""Programs of what people do most of the day, and what most data sets ask for."""


@dataclass(frozen=True)
class GeneratedMotions:
    """The generator as a `anywear.train.simulated.MotionSource`: every turn another clip of each program, made when due.

    Attributes:
        programs: their names; all when empty.
        seconds: length of the clips; each program's own when 0.
    """

    programs: tuple[str, ...] = ()
    seconds: float = 0.0

    def __post_init__(self) -> None:
        names = tuple(find_program(name).name for name in self.programs or sorted(PROGRAMS))
        object.__setattr__(self, "programs", names)

    def __len__(self) -> int:
        return len(self.programs)

    def motion(self, index: int, rng: np.random.Generator) -> tuple[MotionClip, str]:
        name = self.programs[index]
        return generate(name, int(rng.integers(2**31)), seconds=self.seconds or None).clip, name


@dataclass(frozen=True)
class SyntheticConfig:
    """How much is generated.

    Attributes:
        clips: per program.
        programs: their names; all when empty.
        left_out: programs that are not used.
        seconds: length of the clips; each program's own when 0.
        everyday: share of windows drawn from `EVERYDAY` activities alone; the others are drawn from all.
        fresh: share of windows that are not of these clips, but of one made, worn and recorded anew on the spot.
        seed: of everything drawn.
        view: how they are worn.
    """

    clips: int = 40
    programs: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    seconds: float = 0.0
    everyday: float = 0.0
    fresh: float = 0.0
    seed: int = 0
    view: ViewConfig = field(default_factory=ViewConfig)

    def __post_init__(self) -> None:
        if self.clips < 1:
            raise UsageError("At least one clip per program is needed", where="clips", got=str(self.clips))
        for name in ("everyday", "fresh"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise UsageError("A share is out of range", where=name, expected="0 to 1", got=str(getattr(self, name)))

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the programs that are used."""
        names = self.programs or tuple(sorted(PROGRAMS))
        return tuple(find_program(name).name for name in names if name not in self.left_out)


@dataclass(frozen=True)
class FreshTakes:
    """Generated takes made while a training runs; see `anywear.train.sampler.Fresh`.

    Attributes:
        config: how they are made, and for which share of the windows.
    """

    config: SyntheticConfig
    dataset: str = SIMULATED

    @property
    def share(self) -> float:
        return self.config.fresh

    def take(self, label: str, rng: np.random.Generator) -> Take | None:
        try:
            return _take(label, int(rng.integers(2**31)), self.config, rng)
        except AnywearError:
            return None


def synthetic_takes(
    config: SyntheticConfig,
    cache_dir: Path | None = None,
    *,
    workers: int = 1,
    report: Callable[[str], None] = lambda line: None,
) -> list[Take]:
    """Every clip of every program as a take; the same whatever the number of workers.

    Args:
        config: how much.
        cache_dir: folder that keeps finished programs; one that was stopped goes on there.
        workers: processes.
        report: takes progress lines.
    """
    takes: list[Take] = []
    todo = []
    for name in config.chosen:
        path = _cached(config, name, cache_dir)
        if path is not None and path.exists():
            takes += pickle.loads(path.read_bytes())
        else:
            todo.append(name)
    context = multiprocessing.get_context("spawn")
    if workers > 1 and len(todo) > 1:
        with ProcessPoolExecutor(min(workers, len(todo)), mp_context=context) as pool:
            results = zip(todo, pool.map(_program_takes, todo, [config] * len(todo)), strict=True)
            takes += _keep(results, config, cache_dir, len(todo), report)
    else:
        takes += _keep(((name, _program_takes(name, config)) for name in todo), config, cache_dir, len(todo), report)
    return sorted(takes, key=lambda take: take.spans[0][2])


@dataclass(frozen=True)
class CapturedConfig:
    """How much is simulated from captured motion.

    Attributes:
        views: how often each clip of the corpus is worn anew.
        seed: of everything drawn.
        view: how it is worn.
    """

    views: int = 6
    seed: int = 0
    view: ViewConfig = field(default_factory=ViewConfig)


def captured_takes(
    corpus: Corpus,
    config: CapturedConfig,
    cache_dir: Path | None = None,
    *,
    report: Callable[[str], None] = lambda line: None,
) -> list[Take]:
    """The training clips of a corpus as takes called by their labels.

    Clips that cannot be simulated are left out and told.
    """
    chosen = corpus.filter(split="train")
    facts = repr((asdict(config), [entry.to_json() for entry in chosen.entries], _fingerprint()))
    key = hashlib.sha256(facts.encode()).hexdigest()[:16]
    path = cache_dir / f"captured-{key}.pickle" if cache_dir else None
    if path is not None and path.exists():
        return pickle.loads(path.read_bytes())
    source = CorpusMotions(chosen, captions=0.0)
    takes, failed = [], 0
    for number in range(config.views * len(source)):
        rng = np.random.default_rng([config.seed, number])
        try:
            index = number % len(source)
            clip, label = source.motion(index, rng)
            take = simulate_take(clip, label, config.view, rng)
            said = source.sentences(index, label)
            takes.append(replace(take, dataset=CAPTURED, subject="captured", sentences=said))
        except AnywearError:
            failed += 1
        if (number + 1) % 100 == 0:
            report(f"simulated {number + 1} of {config.views * len(source)} captured motions")
    report(f"{len(takes)} takes of captured motion; {failed} left out: too short or not to be simulated")
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(takes))
    return takes


def _keep(results, config: SyntheticConfig, cache_dir: Path | None, total: int, report) -> list[Take]:
    kept = []
    for done, (name, own) in enumerate(results, start=1):
        path = _cached(config, name, cache_dir)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial")
            partial.write_bytes(pickle.dumps(own))
            partial.replace(path)
        kept += own
        report(f"generated {done} of {total} programs: {name}")
    return kept


def _program_takes(name: str, config: SyntheticConfig) -> list[Take]:
    takes = []
    for number in range(config.clips):
        seed = config.seed * 100_003 + number
        take = _take(name, seed, config, np.random.default_rng([config.seed, number, *name.encode()]))
        who = HELD_OUT if number % EVERY_HELD_OUT == EVERY_HELD_OUT - 1 else "generated"
        takes.append(replace(take, subject=who))
    return takes


def _take(name: str, seed: int, config: SyntheticConfig, rng: np.random.Generator) -> Take:
    made = generate(name, seed, seconds=config.seconds or None)
    take = simulate_take(made.clip, name, config.view, rng)
    rows = (np.array(made.acts_s).reshape(-1, 2) - take.start_s) * config.view.rate_hz
    rows = np.clip(rows.round().astype(int), 0, take.values.shape[1])
    acts = tuple((int(start), int(stop)) for start, stop in rows if stop > start)
    return replace(take, dataset=SIMULATED, subject="generated", sentences=made.clip.captions, acts=acts)


def _cached(config: SyntheticConfig, name: str, cache_dir: Path | None) -> Path | None:
    if cache_dir is None:
        return None
    facts = asdict(replace(config, programs=(), left_out=()))
    del facts["everyday"], facts["fresh"]  # they change nothing about a clip
    key = hashlib.sha256(repr((name, facts, _fingerprint())).encode()).hexdigest()[:16]
    return cache_dir / f"synthetic-{name}-{key}.pickle"


@cache
def _fingerprint() -> str:
    """Of all code that shapes a take."""
    from .. import body, motion, signal, simulate

    digest = hashlib.sha256()
    for package in (signal, body, motion, simulate):
        for path in sorted(Path(str(package.__file__)).parent.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
