"""A body in motion in, recordings of the wearables on it out.

from anywear.motion import read_motion
from anywear.simulate import Simulator

simulator = Simulator(read_motion("walk.bvh"))
recording = simulator.record(["left_wrist", "right_front_pocket"], device="watch", seed=1)
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Float
from ..body import BodyShape, ShapedBody, place, placements_of, sample_surface, shape_body
from ..body.surface import SurfacePoints
from ..errors import UsageError
from ..motion import BodyMotion, MotionClip, retarget
from ..placement import Mount, Placement
from ..recording import Note, Recording, Stream
from ..signal import build_stream
from .devices import Device, device
from .kinematics import BoneMotion
from .sensor import sensor_notes
from .smoothing import lowpass_of
from .wear import put_on, worn_signals

AUTO = "auto"
LOW_RATE_HZ = 30.0  # frames per second below which a note warns: a quintic spline at 20 Hz is 3 % off


@dataclass(frozen=True, eq=False)
class Signals:
    """What P sensors on one clock report.

    Attributes:
        time_s: (T,) when they sample, in seconds of the motion.
        acc_mps2: (P, T, 3) specific force in the sensors' frames, m/s2.
        gyr_radps: (P, T, 3) angular rate, rad/s.
        mounts: what is known of each sensor's turn.
        notes: what was simulated, sensor by sensor.
    """

    time_s: Float[Array, " time"]
    acc_mps2: Float[Array, "points time 3"]
    gyr_radps: Float[Array, "points time 3"]
    mounts: tuple[Mount, ...]
    notes: tuple[tuple[Note, ...], ...]


class Simulator:
    """Samples one motion; its splines are made once.

    Args:
        motion: a clip, which is brought onto ``body``, or a body that moves already.
        body: the body for a clip; an average adult by default.
        lowpass_hz: corner of the low-pass over the motion; ``auto`` finds it (see `anywear.simulate.smoothing`), None
            leaves the motion as it is.

    Raises:
        FormatError: a skeleton that cannot be mapped. UsageError: a motion too short or too slow.
    """

    def __init__(
        self,
        motion: MotionClip | BodyMotion,
        *,
        body: BodyShape | ShapedBody | None = None,
        lowpass_hz: float | str | None = AUTO,
    ) -> None:
        if isinstance(motion, MotionClip):
            motion = retarget(motion, shape_body(body) if isinstance(body, BodyShape) else body)
        elif body is not None:
            raise UsageError("This motion has a body already", remedy="Give the clip, not the BodyMotion, with a body")
        if isinstance(lowpass_hz, str) and lowpass_hz != AUTO:
            raise UsageError("The low-pass is unknown", expected="auto, None or Hz", got=repr(lowpass_hz))
        found = lowpass_of(motion) if lowpass_hz == AUTO else lowpass_hz
        corner = None if found is None else float(found)
        self.motion = motion
        self.bones = BoneMotion(motion.rate_hz, motion.transforms(), corner)
        self.notes = (*motion.notes, *_motion_notes(motion, corner, lowpass_hz == AUTO))

    @property
    def duration_s(self) -> float:
        """Seconds of motion."""
        return self.motion.duration_s

    def points(self, at: Sequence[str | Placement] | str | int, seed: int = 0) -> SurfacePoints:
        """Points on this body: named sites or placements, or so many spread evenly over the skin.

        Raises:
            PlacementError: a place that is not on the body. UsageError: no place at all.
        """
        if isinstance(at, int):
            return sample_surface(self.motion.body, at, np.random.default_rng(_seed(seed, "surface")))
        if not at:
            raise UsageError("No place was named", remedy="Name sites, such as left_wrist")
        return place(self.motion.body, at)

    def signals(
        self,
        points: SurfacePoints,
        worn: Device | str = "ideal",
        *,
        rate_hz: float | None = None,
        rng: np.random.Generator | None = None,
        start_s: float = 0.0,
        duration_s: float | None = None,
        threads: int = 1,
    ) -> Signals:
        """Sensors of one kind on one clock, as arrays: what a training draws, nothing stored.

        Args:
            points: where they are worn.
            worn: a `Device` or its name.
            rate_hz: samples per second; the device's own by default.
            rng: randomness, advanced by this call; the same state gives the same samples.
            start_s, duration_s: stretch of the motion; all of it by default.
            threads: used for the sensor model; the result does not depend on it.

        Raises:
            UsageError: a stretch outside the motion, a rate that is not positive.
        """
        kind = device(worn) if isinstance(worn, str) else worn
        rng = rng or np.random.default_rng(0)
        seeds = np.random.SeedSequence(rng.integers(2**63)).spawn(len(points) + 1)
        signals, _, _ = self._sample(points, kind, rate_hz, seeds, start_s, duration_s, threads)
        return signals

    def record(
        self,
        at: Sequence[str | Placement] | str | int,
        device: str | Device | Mapping[str, str | Device] = "ideal",
        *,
        rate_hz: float | None = None,
        seed: int = 0,
        one_clock: bool = False,
        threads: int = 1,
    ) -> Recording:
        """A recording of the whole motion.

        Args:
            at: sites or placements, each with a device on its own clock; or a number of points spread over the skin,
                which share one clock.
            device: one for all, or one for each site by name.
            rate_hz: samples per second; each device's own by default.
            seed: a sensor's samples depend on this and its name, not on what is simulated beside it.
            one_clock: sites share a clock, as sensors wired to one unit do; they have to wear the same device.
            threads: used for the sensor model; the result does not depend on it.

        Raises:
            PlacementError: a place that is not on the body. UsageError: an unknown device, one for a site that is not
                simulated, a rate that is not positive.
        """
        if isinstance(at, int):
            points = self.points(at, seed)
            if isinstance(device, Mapping):
                raise UsageError("Points spread over the skin all wear the same device", got=", ".join(device))
            named = list(zip(placements_of(self.motion.body, points), _numbered(len(points)), strict=True))
            streams = self._streams(points, named, _device(device), rate_hz, seed, threads)
        else:
            several = [at] if isinstance(at, str) else list(at)
            wanted = [Placement.at(where) if isinstance(where, str) else where for where in several]
            points, names = self.points(wanted), _unique([where.name for where in wanted])
            kinds = _assign(device, names)
            streams = []
            if one_clock:
                if len(set(map(id, kinds))) > 1:
                    raise UsageError("Sensors on one clock are of one kind", got=", ".join(k.name for k in kinds))
                named = list(zip(wanted, names, strict=True))
                streams = self._streams(points, named, kinds[0], rate_hz, seed, threads)
                wanted = []
            for row, (where, name) in enumerate(zip(wanted, names, strict=False)):
                streams += self._streams(points[[row]], [(where, name)], kinds[row], rate_hz, seed, threads)
        facts = {"seed": str(seed), "motion": self.motion.name, "licence": self.motion.licence}
        if self.motion.captions:
            facts["captions"] = "\n".join(self.motion.captions)
        return Recording(
            tuple(streams),
            source=self.motion.source or self.motion.name,
            reader="simulate",
            device="simulated",
            notes=self.notes,
            metadata={key: value for key, value in facts.items() if value},
        )

    def _streams(
        self, points: SurfacePoints, named: list[tuple[Placement, str]], kind: Device, rate_hz: float | None, seed: int,
        threads: int,
    ) -> list[Stream]:  # fmt: skip
        seeds = [_seed(seed, name) for _, name in named]
        clock_seed = _seed(seed, "clock of " + named[0][1])
        signals, stamped_s, rows = self._sample(points, kind, rate_hz, [*seeds, clock_seed], 0.0, None, threads)
        return [
            build_stream(
                name,
                stamped_s[rows],
                signals.acc_mps2[row][rows],
                signals.gyr_radps[row][rows],
                placement=Placement(where.segment, where.along, where.around_deg, signals.mounts[row], where.site),
                nominal_rate_hz=rate_hz or kind.rate_hz,
                notes=signals.notes[row],
            )
            for row, (where, name) in enumerate(named)
        ]

    def _sample(
        self, points: SurfacePoints, kind: Device, rate_hz: float | None, seeds: Sequence[np.random.SeedSequence],
        start_s: float, duration_s: float | None, threads: int,
    ) -> tuple[Signals, Array, Array]:  # fmt: skip
        """Signals, stamps and delivered rows; the last seed is the clock's, the others are the sensors'."""
        rate = kind.rate_hz if rate_hz is None else float(rate_hz)
        length_s = self.duration_s - start_s if duration_s is None else duration_s
        if not (start_s >= 0.0 and length_s > 0.0 and start_s + length_s <= self.duration_s + 1e-9):
            raise UsageError(
                "The motion does not reach that far",
                where=self.motion.name or None,
                expected=f"within 0 to {self.duration_s:g} s",
                got=f"{start_s:g} s for {length_s:g} s",
            )
        times = kind.clock.sample_times(start_s, length_s, rate, np.random.default_rng(seeds[-1]))
        inside = (times.true_time_s >= 0.0) & (times.true_time_s <= self.duration_s)
        if inside.sum() < 2:
            raise UsageError(
                "The motion is too short for this rate",
                where=self.motion.name or None,
                expected="at least two samples",
                got=f"{length_s:g} s at {rate:g} Hz",
            )
        # Wear, sensor: each has a stream of its own, so that a change of one leaves the other's draws alone.
        wearing, sensing = zip(*(seed.spawn(2) for seed in seeds[:-1]), strict=True)
        rngs = [np.random.default_rng(seed) for seed in wearing]
        worn = put_on(points, kind.wear, rngs, self.motion.body)
        true_s = times.true_time_s[inside]
        acc, gyr = worn_signals(self.bones, self.motion, worn, kind.wear, true_s, rate, rngs)
        acc, gyr, provenance = kind.sensor.apply(acc, gyr, rate, list(sensing), threads=threads)
        assert gyr is not None
        notes = tuple(
            (*worn.notes[row], *sensor_notes(provenance, row), *times.notes) for row in range(len(points))
        )  # fmt: skip
        rows = np.repeat(np.arange(len(true_s)), times.sent[inside])
        return Signals(true_s, acc, gyr, worn.mounts, notes), times.stamped_time_s[inside], rows


def _device(worn: str | Device) -> Device:
    return device(worn) if isinstance(worn, str) else worn


def _assign(wanted: str | Device | Mapping[str, str | Device], names: Sequence[str]) -> list[Device]:
    """The device of each stream."""
    if not isinstance(wanted, Mapping):
        return [_device(wanted)] * len(names)
    unknown = sorted(set(wanted) - set(names))
    missing = [name for name in names if name not in wanted]
    if unknown or missing:
        raise UsageError(
            "Devices and places do not fit together",
            expected="one device for each of " + ", ".join(names),
            got=", ".join(wanted),
            remedy="Write --device left_wrist=watch,right_front_pocket=phone_in_front_pocket, or one device for all",
        )
    return [_device(wanted[name]) for name in names]


def _seed(seed: int, name: str) -> np.random.SeedSequence:
    if not 0 <= seed < 2**63:
        raise UsageError("The seed is no natural number", expected="0 to 2^63 - 1", got=str(seed))
    return np.random.SeedSequence([seed, zlib.crc32(name.encode())])


def _numbered(count: int) -> list[str]:
    width = len(str(count - 1))
    return [f"point_{number:0{width}d}" for number in range(count)]


def _unique(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return out


def _motion_notes(motion: BodyMotion, corner_hz: float | None, found: bool) -> tuple[Note, ...]:
    notes = []
    how = "found by residual analysis" if found else "as asked for"
    if corner_hz is None:
        notes.append(Note("assumed", f"the motion is taken as it is, without a low-pass ({how})"))
    else:
        notes.append(
            Note("converted", f"the motion was low-passed at {corner_hz:g} Hz, zero phase, second order ({how})")
        )
    if motion.rate_hz < LOW_RATE_HZ:
        notes.append(
            Note("detected", f"the motion has {motion.rate_hz:g} frames per second: fast movements are smoothed away")
        )
    if motion.unobservable_twist:
        where = ", ".join(motion.unobservable_twist)
        notes.append(
            Note("detected", f"turning of {where} about the own axis is not in the motion; the gyroscope lacks it")
        )
    return tuple(notes)
