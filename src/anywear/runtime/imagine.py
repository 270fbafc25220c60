"""What would that look like here? Motions of the generator, worn and recorded exactly as the user's sensors are.

The places, what is known of the mounts, the rates and which streams have a gyroscope are known when a question is asked. So
every motion that a label may mean is made, put on at the same places, sampled at the same rates, cut into the same windows,
told of its mounts as much as is known of the user's, and seen through the same model. Nothing of the user's data takes part.
"""

from __future__ import annotations

import copy
import zlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np

from .._typing import Array, Float
from ..body import BodyShape, ShapedBody, SurfacePoints, place, shape_body
from ..errors import AnywearError
from ..motion import BodyMotion, retarget
from ..motion.generate import generate, paced
from ..placement import UNKNOWN_MOUNT, Mount, Placement
from ..recording import Recording, Span, Stream
from ..signal import Window, WindowConfig, mount_axes, windows
from ..simulate import Simulator

T = TypeVar("T")

KEPT = 1024  # recordings remembered, each of one motion on one setup; 0.1 MB a stream
KEPT_MOTIONS = 96  # to be put on further setups without being made again; 0.5 MB each
ANYWHERE = ("left_wrist", "right_front_pocket", "waist", "chest")  # where a sensor is put whose place nobody knows
FASTEST_HZ = 50.0  # clocks beyond are alike: they are simulated at no more, and the model is told only of slow ones
SKIN_HZ = 6.0  # corner of what reaches a sensor on the skin; on thighs generated landings are twice too hard without
ACT_HOP = 8  # windows start so many times a length where there is an act to be met
ACT_SHARE = 0.9  # windows shown hold this much of an act, of the most that any holds
SEED = 20_000_003  # of the first clip, far from the seeds that trainings count from


@dataclass(frozen=True)
class ImagineConfig:
    """How much is made, and how.

    Attributes:
        clips: motions made for a label, shared out among the programs it may mean.
        seconds: of each at most.
        motion_hz: frames per second of the motion.
        windows: of each motion at most.
        mount_error_deg: by how much the mounts told are off, as they are in life.
        device: part that the sensors are.
    """

    clips: int = 3
    seconds: float = 8.0
    motion_hz: float = 60.0
    windows: int = 3
    mount_error_deg: float = 10.0
    device: str = "bmi270"


@dataclass(frozen=True)
class Setup:
    """What is worn, as far as it shapes what a model sees.

    Attributes:
        placements: where, and what is known of the mounts.
        has_gyr: which streams have a gyroscope.
        rates_hz: of their clocks, in whole numbers from 1 to `FASTEST_HZ`.
        length: samples of a window on the model's grid, to within a fifth: windows of nearly one length look alike.
    """

    placements: tuple[Placement, ...]
    has_gyr: tuple[bool, ...]
    rates_hz: tuple[float, ...]
    length: int

    @classmethod
    def of(cls, window: Window, placements: Sequence[Placement]) -> Setup:
        """The setup that a window was recorded with; `placements` are those of all streams of its recording."""
        told = tuple(_as_known(placements[stream]) for stream in window.streams)
        rates = tuple(float(np.clip(round(rate), 1.0, FASTEST_HZ)) for rate in window.rates_hz)
        length = round(2.0 ** (round(2.0 * np.log2(len(window.acc_mps2[0]))) / 2.0))
        return cls(told, tuple(gyr is not None for gyr in window.gyr_radps), rates, length)


@runtime_checkable
class Embeds(Protocol):
    """A model, as far as it is needed here."""

    def encode_windows(self, found: Sequence[Window], placements: Sequence[Placement]) -> Array: ...


@dataclass(frozen=True, eq=False)
class Seen:
    """One motion on one setup, as a model sees it.

    Attributes:
        program: of the generator.
        windows: cut from its recording.
        vectors: (N, D) unit vectors of them.
    """

    program: str
    windows: tuple[Window, ...]
    vectors: Array


class Imagination:
    """Motions on setups, as a model sees them; each is made once.

    Args:
        model: embeds windows.
        rate_hz: of its grid.
        config: how much is made.
    """

    def __init__(self, model: Embeds, rate_hz: float, config: ImagineConfig | None = None) -> None:
        self._model, self._rate_hz, self.config = model, rate_hz, config or ImagineConfig()
        self._motions: OrderedDict[tuple[str, int, int], Moved] = OrderedDict()
        self._recordings: OrderedDict[tuple[str, int, Setup, int], Recording] = OrderedDict()
        self._seen: OrderedDict[tuple[str, int, Setup, int], Seen] = OrderedDict()

    def clips(self, program: str, setup: Setup, count: int, tempo: int = 0) -> list[Seen]:
        """Motions of a program on a setup, slow (-1), as usual (0) or quick (1); the first ones are always the same.

        Raises:
            AnywearError: the program cannot be simulated there.
        """
        return [_kept(self._seen, (program, number, setup, tempo), self._see, KEPT) for number in range(count)]

    def vectors(self, program: str, setup: Setup, count: int, tempo: int = 0) -> Float[Array, "windows features"]:
        """Unit vectors (N, D) of all their windows; no rows where the program cannot be simulated there."""
        try:
            return np.concatenate([clip.vectors for clip in self.clips(program, setup, count, tempo)])
        except AnywearError:
            return np.zeros((0, 0), dtype=np.float32)

    def recording(self, program: str, setup: Setup, number: int = 0, tempo: int = 0) -> Recording:
        """The simulated recording of one motion."""
        whole = replace(setup, length=0)  # windows of any length are cut from the same
        return _kept(self._recordings, (program, number, whole, tempo), self._record, KEPT)

    def _record(self, program: str, number: int, setup: Setup, tempo: int) -> Recording:
        return record(_kept(self._motions, (program, number, tempo), self._move, KEPT_MOTIONS), setup, self.config)

    def _move(self, program: str, number: int, tempo: int) -> Moved:
        return move(program, number, self.config, tempo)

    def _see(self, program: str, number: int, setup: Setup, tempo: int) -> Seen:
        made = self.recording(program, setup, number, tempo)
        found = self._windows(made, setup)
        return Seen(program, tuple(found), self._model.encode_windows(found, [own.placement for own in made.streams]))

    def _windows(self, made: Recording, setup: Setup) -> list[Window]:
        window_s = setup.length / self._rate_hz
        hops = ACT_HOP if made.labels else 2
        config = WindowConfig(self._rate_hz, window_s, max(1.0 / self._rate_hz, window_s / hops))
        found = [own for own in windows(made, config, tail=True) if len(own.streams) == len(made.streams)]
        if made.labels and found:
            held = np.array(
                [_held(own.start / self._rate_hz, len(own.acc_mps2[0]) / self._rate_hz, made) for own in found]
            )
            found = [found[row] for row in np.flatnonzero(held >= ACT_SHARE * held.max())]
        rows = np.unique(np.linspace(0, len(found) - 1, self.config.windows).round().astype(np.int64)) if found else ()
        # What is slow is told by the user's own clock, not by the one that was simulated.
        return [replace(found[row], rates_hz=setup.rates_hz) for row in rows]


def _held(start_s: float, window_s: float, made: Recording) -> float:
    """How much a window holds of any one act: of the act, or of itself where it is shorter."""
    return max(
        (min(act.end_s, start_s + window_s) - max(act.start_s, start_s)) / min(act.end_s - act.start_s, window_s)
        for act in made.labels
    )


def _kept(store: OrderedDict, key: tuple, make: Callable[..., T], most: int) -> T:
    """What is remembered under a key, else made of it and remembered; the longest unused is forgotten."""
    if key not in store:
        store[key] = make(*key)
        while len(store) > most:
            store.popitem(last=False)
    store.move_to_end(key)
    return store[key]


@dataclass(frozen=True, eq=False)
class Moved:
    """One motion of a program on a body that wears nothing yet.

    Attributes:
        program: of the generator.
        number: of the motion.
        motion: cut to the length that is shown.
        acts_s: times at which what the program is called is done, none where it is done from end to end.
        rng: for what is drawn when it is recorded.
    """

    program: str
    number: int
    motion: BodyMotion
    acts_s: tuple[tuple[float, float], ...]
    rng: np.random.Generator


def imagine(program: str, number: int, setup: Setup, config: ImagineConfig, tempo: int = 0) -> Recording:
    """One motion of a program as a setup would record it; the same for the same program, number, setup and tempo. Its labels
    are the times at which it is done, none where it is done from end to end.

    Raises:
        AnywearError: a motion that cannot be simulated.
    """
    return record(move(program, number, config, tempo), setup, config)


def move(program: str, number: int, config: ImagineConfig, tempo: int = 0) -> Moved:
    """The motion of `imagine`, to be recorded on any setup.

    Raises:
        AnywearError: a motion that cannot be made.
    """
    rng = np.random.default_rng([number, zlib.crc32(program.encode())])
    generated = generate(program, SEED + number, **paced(program, tempo, rng))  # type: ignore[arg-type]
    clip, acts, spare_s = generated.clip, generated.acts_s, generated.clip.duration_s - config.seconds
    if spare_s > 0.0:
        start_s = float(rng.uniform(0.0, spare_s))
        if acts:
            begin_s, end_s = acts[int(rng.integers(len(acts)))]
            start_s = float(np.clip(0.5 * (begin_s + end_s - config.seconds), 0.0, spare_s))
        clip = clip.slice(start_s, start_s + config.seconds)
        shifted = [(max(0.0, begin_s - start_s), min(end_s - start_s, config.seconds)) for begin_s, end_s in acts]
        acts = tuple(act for act in shifted if act[1] > act[0])
    return Moved(program, number, retarget(clip.resampled(config.motion_hz), _body()), acts, rng)


def record(moved: Moved, setup: Setup, config: ImagineConfig) -> Recording:
    """A motion as a setup would record it; see `imagine`.

    Raises:
        AnywearError: a motion that cannot be simulated.
    """
    rng = copy.deepcopy(moved.rng)  # so that every setup draws the same, whichever comes first
    # There is no noise to be looked for in generated motion, but its landings are harder than skin passes on.
    simulator = Simulator(moved.motion, lowpass_hz=SKIN_HZ)
    worn = tuple(
        where if where.is_known else Placement.at(ANYWHERE[(moved.number + slot) % len(ANYWHERE)])
        for slot, where in enumerate(setup.placements)
    )
    points = _points(tuple(replace(where, mount=UNKNOWN_MOUNT) for where in worn))
    streams: dict[int, Stream] = {}
    for rate_hz in dict.fromkeys(setup.rates_hz):
        rows = np.array([row for row, own in enumerate(setup.rates_hz) if own == rate_hz])
        signals = simulator.signals(points[rows], config.device, rate_hz=rate_hz, rng=rng)
        for slot, row in enumerate(rows):
            mount = _known_of(
                replace(worn[row], mount=signals.mounts[slot]), setup.placements[row].mount, config.mount_error_deg, rng
            )
            streams[int(row)] = Stream(
                f"stream_{row}", signals.time_s, signals.acc_mps2[slot],
                signals.gyr_radps[slot] if setup.has_gyr[row] else None,
                replace(setup.placements[row], mount=mount), rate_hz,
            )  # fmt: skip
    return Recording(
        tuple(streams[row] for row in range(len(worn))),
        labels=tuple(Span(*act, moved.program) for act in moved.acts_s),
        source=moved.motion.source, reader="imagine", device="simulated",
    )  # fmt: skip


@lru_cache(maxsize=1)
def _body() -> ShapedBody:
    return shape_body(BodyShape())


@lru_cache(maxsize=64)
def _points(worn: tuple[Placement, ...]) -> SurfacePoints:
    return place(_body(), worn)


def _known_of(worn: Placement, wanted: Mount, error_deg: float, rng: np.random.Generator) -> Mount:
    """As much of a simulated mount as is known of another, and as far off."""
    axes, known = mount_axes(worn)
    turn = np.deg2rad(error_deg) * rng.standard_normal(3)
    axes = axes + np.cross(turn, axes)
    axes = axes / np.maximum(np.linalg.norm(axes, axis=1, keepdims=True), 1e-12)
    up, outward = (
        tuple(axes[number].tolist()) if asked is not None and known[number] else None
        for number, asked in enumerate((wanted.up_axis, wanted.outward_axis))
    )
    return Mount(outward_axis=outward, up_axis=up, source="simulated") if up or outward else UNKNOWN_MOUNT


def _as_known(placement: Placement) -> Placement:
    """A placement with the axes that are known of its mount in place of the sensor's own, so that equal setups are equal."""
    _, known = mount_axes(placement)
    up = (0.0, 0.0, 1.0) if known[0] else None
    outward = (1.0, 0.0, 0.0) if known[1] else None
    return replace(placement, mount=Mount(outward_axis=outward, up_axis=up) if up or outward else UNKNOWN_MOUNT)
