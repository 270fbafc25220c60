"""Takes that nobody recorded: motion simulated on the fly, on ever new bodies, places and devices, and never stored.

from torch.utils.data import DataLoader
from anywear.train.simulated import FileMotions, SimulatedTakes

loader = DataLoader(SimulatedTakes(FileMotions(paths), seed=1), batch_size=None, num_workers=2)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from torch.utils.data import IterableDataset, get_worker_info

from ..body import BodyShape, ShapedBody, SurfacePoints, all_sites, joined, placements_of, sample_surface, shape_body
from ..errors import UsageError
from ..motion import MotionClip, read_motion, retarget
from ..motion.checks import refuse_faults
from ..placement import SITES, Placement
from ..recording import Recording, Stream
from ..simulate import Device, Simulator, device
from ..simulate.simulator import AUTO
from .corpus import Take, takes_of
from .vocabulary import SIMULATED

BODIES = 16  # of different shapes; making one takes longer than simulating on it
POINTS = 200  # places anywhere on each body's skin, beside its named sites

GENERATED = "anywear.motion.generate"  # source of the generator's clips


@runtime_checkable
class MotionSource(Protocol):
    """Where motion comes from."""

    def __len__(self) -> int:
        """Motions in one round."""
        ...

    def motion(self, index: int, rng: np.random.Generator) -> tuple[MotionClip, str]:
        """The motion of this number and what it is called; may differ from round to round through ``rng``."""
        ...


@dataclass(frozen=True)
class FileMotions:
    """Motion files, each read when it is its turn.

    Attributes:
        paths: the files.
        labels: what each is called; its first caption, else nothing, when left out.
        longest_s: longer ones are cut to a stretch of this length, somewhere in them.
    """

    paths: Sequence[Path]
    labels: Sequence[str] | None = None
    longest_s: float = 20.0

    def __len__(self) -> int:
        return len(self.paths)

    def motion(self, index: int, rng: np.random.Generator) -> tuple[MotionClip, str]:
        clip = refuse_faults(_read(str(self.paths[index])))
        if clip.duration_s > self.longest_s:
            start_s = float(rng.uniform(0.0, clip.duration_s - self.longest_s))
            clip = clip.slice(start_s, start_s + self.longest_s)
        label = self.labels[index] if self.labels is not None else (clip.captions or ("",))[0]
        return clip, label


@dataclass(frozen=True)
class ViewConfig:
    """How motion is worn and recorded.

    Attributes:
        rate_hz: of the takes, the model's.
        sites: places drawn from.
        streams: how many places each motion is worn at.
        anywhere: share of places that are any point of the skin instead.
        devices: kinds drawn from, one for all places of a motion.
        device_rates_hz: sampling rates drawn from.
    """

    rate_hz: float = 25.0
    sites: tuple[str, ...] = tuple(SITES)
    streams: int = 8
    anywhere: float = 0.25
    devices: tuple[str, ...] = (
        "bmi270",
        "lsm6dso",
        "icm-42688-p",
        "mpu-6050",
        "watch",
        "phone_in_front_pocket",
        "chest_strap",
    )
    device_rates_hz: tuple[float, ...] = (50.0, 100.0)

    def __post_init__(self) -> None:
        if self.streams < 1 or not self.sites or not self.devices or not self.device_rates_hz:
            raise UsageError(
                "A view needs streams, sites, devices and rates",
                got=f"{self.streams} streams, {len(self.sites)} sites, {len(self.devices)} devices",
            )


class SimulatedTakes(IterableDataset):
    """Endless takes, or a number of rounds of them.

    Take number n is the same whatever the number of workers, and however often the iteration is started: everything drawn
    depends on the seed and n alone.

    Args:
        source: the motion.
        config: how it is worn.
        seed: of everything drawn.
        rounds: how often each motion is shown, worn anew every time; without end when None.
        first: number of the first take, to go on where a training stopped.
    """

    def __init__(
        self, source: MotionSource, config: ViewConfig | None = None, *, seed: int = 0, rounds: int | None = None,
        first: int = 0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.source, self.config, self.seed, self.rounds, self.first = (
            source,
            config or ViewConfig(),
            seed,
            rounds,
            first,
        )

    def __iter__(self) -> Iterator[Take]:
        worker = get_worker_info()
        number, step = self.first + (worker.id if worker else 0), worker.num_workers if worker else 1
        while self.rounds is None or number < self.rounds * len(self.source):
            yield self.take(number)
            number += step

    def take(self, number: int) -> Take:
        """The take of this number.

        Raises:
            AnywearError: its motion cannot be read or simulated.
        """
        rng = np.random.default_rng([self.seed, number])
        clip, label = self.source.motion(number % len(self.source), rng)
        return simulate_take(clip, label, self.config, rng)


def simulate_take(clip: MotionClip, label: str, config: ViewConfig, rng: np.random.Generator) -> Take:
    """One motion on one body with one draw of places and devices, on the model's grid.

    Raises:
        AnywearError: a motion that cannot be simulated.
    """
    body = _body(int(rng.integers(BODIES)))
    # Generated motion is smooth by construction; looking for noise in it costs more than simulating it.
    lowpass_hz = None if clip.source == GENERATED else AUTO
    simulator = Simulator(retarget(clip, body.shape), lowpass_hz=lowpass_hz)
    rows = _rows(body, config, rng)
    worn = _told(str(rng.choice(config.devices)))
    rate_hz = float(rng.choice(config.device_rates_hz))
    signals = simulator.signals(body.points[rows], worn, rate_hz=rate_hz, rng=rng)
    streams = [
        Stream(
            f"stream_{number}", signals.time_s, signals.acc_mps2[number], signals.gyr_radps[number],
            replace(body.places[row], mount=signals.mounts[number]), rate_hz,
        )
        for number, row in enumerate(rows)
    ]  # fmt: skip
    takes = takes_of(Recording(tuple(streams), source=clip.source, reader="simulate"), SIMULATED, config.rate_hz)
    if not takes:
        raise UsageError("The motion is too short for a take", where=clip.name, got=f"{clip.duration_s:g} s")
    take = max(takes, key=lambda own: own.values.shape[1])
    return replace(take, spans=((0, take.values.shape[1], label),) if label else (), subject=clip.name)


@dataclass(frozen=True, eq=False)
class _Body:
    """A body with its named sites first, then points anywhere on its skin."""

    shape: ShapedBody
    places: tuple[Placement, ...]
    points: SurfacePoints


@lru_cache(maxsize=BODIES)
def _body(number: int) -> _Body:
    rng = np.random.default_rng([9, number])
    sex = float(rng.random())
    shape = shape_body(
        BodyShape(
            height_m=float(np.clip(rng.normal(1.63 + 0.13 * sex, 0.06), 1.50, 1.95)),
            sex=sex,
            age_years=float(rng.uniform(18.0, 75.0)),
            build=float(np.clip(rng.normal(0.0, 0.35), -0.9, 0.9)),
            muscle=float(np.clip(rng.normal(0.0, 0.3), -0.9, 0.9)),
        )
    )
    names, sites = all_sites(shape)
    anywhere = sample_surface(shape, POINTS, rng)
    places = (*(Placement.at(name) for name in names), *placements_of(shape, anywhere))
    return _Body(shape, places, joined(sites, anywhere))


def _rows(body: _Body, config: ViewConfig, rng: np.random.Generator) -> list[int]:
    """Which of the body's places are worn at."""
    names = [place.site for place in body.places[: len(SITES)]]
    usual = np.array([names.index(site) for site in config.sites])
    count = min(config.streams, len(usual))
    chosen = usual[rng.permutation(len(usual))[:count]]
    anywhere = len(SITES) + rng.permutation(POINTS)[:count]
    return np.where(rng.random(count) < config.anywhere, anywhere, chosen).tolist()


@lru_cache(maxsize=64)
def _told(name: str) -> Device:
    """The device, its recording telling the whole mount: what a training hides is its own choice."""
    kind = device(name)
    return replace(kind, wear=replace(kind.wear, knowledge="full", told="true"))


@lru_cache(maxsize=64)
def _read(path: str) -> MotionClip:
    return read_motion(path)
