"""Episodes of gestures: some performances each of many kinds, by many people with one device, as few-shot learning has them.

In an episode everybody wears the device in the same turn, whichever that is, up to an error of mounting; so the direction of
a stroke in the sensor's frame is telling, and the turn itself is not. What else a person may vary is varied: tempo, strength,
margins. Kinds are random gestures of `anywear.train.gestures_arm`, programs of the generator, single clips of any source worn
and played differently, and labelled recordings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .._typing import Array, Float
from ..errors import UsageError
from ..placement import Placement
from ..recording import STANDARD_GRAVITY_MPS2
from ..signal import PLACE_FEATURES, WORN_FEATURES, motion_features, place_features, rate_feature
from ..signal.nucleus import MOTION_SHARE, NUCLEUS_SHARE, greatest_stretch, motion_energy
from .corpus import Take
from .gestures_arm import draw_kinds, perform
from .sampler import _slowed
from .vocabulary import CAPTURED, SIMULATED

HAND_PARTS = ("wrist", "inner_wrist", "forearm", "hand", "palm")
LIVELY = 0.5  # of the livelier side's energy, with which the other side shows the gesture as well
LONGEST_S = 4.0  # s; of longer motion a part is shown
GRAVITY_SHARE = 0.15  # of a performance; what is slower is the device's tilt, what is faster the motion
GYR_BIAS_RADPS, GAIN = 0.02, 0.03  # standard deviations of what devices are off by
RANGES_G = (4.0, 8.0, 16.0)  # of accelerometers
MIRROR = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0], dtype=np.float32)  # across the body: polar, then axial


@dataclass(frozen=True)
class EpisodeConfig:
    """How episodes are drawn; amounts are standard deviations or ends of ranges.

    Attributes:
        samples: every performance is stretched to, as `anywear.runtime.gestures` stretches clips to one length.
        duration_s: of random gestures before that, least and most; one for a family.
        margin: share of a performance that cutting it out may miss or add at either end.
        kinds, performances: of an episode.
        arm_kinds: random gestures made beforehand; 0 for none.
        arm_performances: of each.
        arm: share of episodes that are of random gestures.
        single: share of the other episodes' kinds that are one clip, worn and played differently.
        mount_deg: error of mounting about any axis.
        tempo, strength: logarithms of the factors.
        no_gyr: share of episodes without gyroscopes; a third as many single performances lose theirs.
        place_told: share of performances whose place is told.
        slow: share of episodes from a slower clock, from `slow_hz`.
        acc_noise_mps2, gyr_noise_radps: white noise, uniform from 0 to this.
    """

    samples: int = 96
    duration_s: tuple[float, float] = (0.7, 4.0)
    margin: float = 0.06
    kinds: int = 24
    performances: int = 8
    arm_kinds: int = 1500
    arm_performances: int = 12
    arm: float = 0.6
    single: float = 0.5
    mount_deg: float = 10.0
    tempo: float = 0.12
    strength: float = 0.12
    no_gyr: float = 0.15
    place_told: float = 0.4
    slow: float = 0.2
    slow_hz: tuple[float, float] = (20.0, 45.0)
    acc_noise_mps2: float = 0.3
    gyr_noise_radps: float = 0.08

    def __post_init__(self) -> None:
        if self.kinds < 2 or self.performances < 2:
            raise UsageError(
                "An episode needs kinds to tell apart and performances to compare",
                expected="at least 2 of each",
                got=f"{self.kinds} kinds, {self.performances} performances",
            )


@dataclass(frozen=True)
class Episode:
    """Encoder input and truth.

    Attributes:
        motion: (N, 1, T, 10); has_gyr: (N, 1); place: (N, 1, 14), as `anywear.nn.MotionEncoder` takes them.
        kind: (N,) number of the kind within the episode.
        energy: (N, T') liveliness of every patch; see `anywear.signal.nucleus`.
    """

    motion: Array
    has_gyr: Array
    place: Array
    kind: Array
    energy: Array


@dataclass
class _Played:
    """Performances before a device is put on: (N, T, 6) values, (N, 7) place features, (N,) kinds."""

    values: Array
    place: Array
    kind: Array


class _Source(Protocol):
    def play(self, rng: np.random.Generator) -> _Played: ...


class EpisodeSampler:
    """Draws episodes.

    Args:
        config: how.
        takes: generated, captured and recorded; of each the streams at hands, wrists and forearms.
        rate_hz: of the takes.
        patch: samples per token of the encoder.
        shares: of data sets, among episodes that are not of random gestures.
        seed: of the random gestures.
    """

    def __init__(
        self,
        config: EpisodeConfig,
        takes: Sequence[Take],
        rate_hz: float,
        patch: int,
        shares: dict[str, float] | None = None,
        seed: int = 0,
    ) -> None:
        self.config, self.rate_hz, self.patch = config, rate_hz, patch
        self._arm = _Arms(config, seed) if config.arm_kinds and config.arm > 0.0 else None
        self._takes: list[_Source] = []
        weights = []
        for name in sorted({take.dataset for take in takes}):
            source = _Takes(config, [take for take in takes if take.dataset == name], name, rate_hz)
            if source.units:
                self._takes.append(source)
                weights.append((shares or {}).get(name, 1.0))
        self._shares = np.array(weights) / sum(weights) if weights else np.zeros(0)
        if not self._takes and self._arm is None:
            raise UsageError("There is nothing to draw gestures from", expected="random gestures, or takes at hands")

    def draw(self, rng: np.random.Generator) -> Episode:
        """One episode."""
        return self._worn(self._play(rng), rng)

    def twice(self, count: int, rng: np.random.Generator) -> tuple[Episode, Episode]:
        """Performances shown twice, each time with the device put on anew: row n of both is the same one."""
        played = self._play(rng)
        rows = rng.permutation(len(played.kind))[:count]
        own = _Played(played.values[rows], played.place[rows], np.arange(len(rows)))
        state = rng.integers(2**63)
        # What a whole episode shares is the same in both; what every performance has of its own is not.
        first, second = (self._worn(own, rng, np.random.default_rng(state)) for _ in range(2))
        return first, second

    def _play(self, rng: np.random.Generator) -> _Played:
        if self._arm is not None and (not self._takes or rng.random() < self.config.arm):
            return self._arm.play(rng)
        return self._takes[rng.choice(len(self._takes), p=self._shares)].play(rng)

    def _worn(self, played: _Played, rng: np.random.Generator, shared: np.random.Generator | None = None) -> Episode:
        """Put the device on: `shared` draws what is the same for everybody, `rng` what is not."""
        config, values, place = self.config, played.values.astype(np.float64), played.place.copy()
        count, shared = len(values), rng if shared is None else shared
        if shared.random() < 0.5:  # everybody is left-handed
            values *= MIRROR
            place[:, [1, 4]] *= -1.0
        turn = _any_turn(shared) @ _small_turns(count, np.deg2rad(config.mount_deg), rng)
        values = np.concatenate([values[..., :3] @ turn, values[..., 3:] @ turn], axis=-1)
        worn = np.zeros((count, 1, WORN_FEATURES), dtype=np.float32)
        told = rng.random(count) < config.place_told
        worn[told, 0, :PLACE_FEATURES] = place[told]
        if shared.random() < config.slow:
            slow_hz = float(shared.uniform(*config.slow_hz))
            slowed = _slowed(values.shape[1], self.rate_hz, slow_hz, float(rng.random()))
            values = np.einsum("ij,njc->nic", slowed, values)
            worn[..., -1] = rate_feature(slow_hz, self.rate_hz)
        for columns, level in ((slice(0, 3), config.acc_noise_mps2), (slice(3, 6), config.gyr_noise_radps)):
            sigma = level * rng.random((count, 1, 1)) ** 2
            values[..., columns] += sigma * rng.standard_normal((count, values.shape[1], 3))
        values[..., 3:] += GYR_BIAS_RADPS * rng.standard_normal((count, 1, 3))
        values *= 1.0 + GAIN * rng.standard_normal((count, 1, 1))
        widest = float(shared.choice(RANGES_G)) * STANDARD_GRAVITY_MPS2
        values[..., :3] = np.clip(values[..., :3], -widest, widest)
        has_gyr = np.full((count, 1), float(shared.random() >= config.no_gyr), dtype=np.float32)
        has_gyr[rng.random(count) < config.no_gyr / 3.0] = 0.0
        energy = patch_energy(values, has_gyr[:, 0], self.patch)
        motion = motion_features(values[:, None, :, :3], values[:, None, :, 3:] * has_gyr[:, :, None, None])
        return Episode(motion, has_gyr, worn, played.kind, energy)


def patch_energy(
    values: Float[Array, "windows time 6"], has_gyr: Float[Array, " windows"], patch: int
) -> Float[Array, "windows patches"]:
    """Liveliness of every patch of windows, as `anywear.signal.nucleus` weighs it: variance of force, square of turning."""
    patches = values.shape[1] // patch
    cut = values[:, : patches * patch].reshape(len(values), patches, patch, 6)
    power = np.stack([cut[..., :3].var(axis=2).sum(axis=-1), (cut[..., 3:] ** 2).mean(axis=2).sum(axis=-1)], axis=-1)
    power[..., 1] *= has_gyr[:, None]
    return np.stack([motion_energy(own) for own in power])


def hide(
    energy: Float[Array, "windows patches"],
    share: tuple[float, float],
    nucleus: bool,
    rng: np.random.Generator,
) -> Float[Array, "windows patches"]:
    """1 where a patch is not shown: a stretch inside the nucleus of each window, or one just as long anywhere.

    Args:
        energy: of every patch.
        share: of the nucleus's length that is hidden, least and most.
        nucleus: hide in the nucleus; otherwise anywhere.
        rng: draws.
    """
    hidden = np.zeros(energy.shape, dtype=np.float32)
    for row, own in enumerate(energy):
        start, stop = greatest_stretch(own, NUCLEUS_SHARE) if own.any() else (0, len(own))
        count = int(np.clip(round(rng.uniform(*share) * (stop - start)), 1, len(own) - 1))
        low, high = (start, max(start, stop - count)) if nucleus else (0, len(own) - count)
        first = int(rng.integers(low, high + 1))
        hidden[row, first : first + count] = 1.0
    return hidden


class _Arms:
    """Random gestures made beforehand."""

    def __init__(self, config: EpisodeConfig, seed: int) -> None:
        self.config = config
        rng = np.random.default_rng([seed, 11])
        often = config.arm_performances
        self._stock: list[tuple[Array, bool]] = []
        # A family is asked together, being what is hard to tell apart, in one place and from one rest.
        for _ in range(max(1, round(config.arm_kinds / config.kinds))):
            kinds = [kind for kind in draw_kinds(config.kinds, rng) for _ in range(often)]
            in_hand = bool(rng.random() < 0.5)
            rate_hz = config.samples / float(rng.uniform(*config.duration_s))
            values = np.concatenate(perform(kinds, config.samples, rate_hz, rng, in_hand), axis=-1, dtype=np.float32)
            self._stock.append((values.reshape(config.kinds, often, config.samples, 6), in_hand))

    def play(self, rng: np.random.Generator) -> _Played:
        values, in_hand = self._stock[rng.integers(len(self._stock))]
        kinds, often = values.shape[:2]
        count = min(self.config.performances, often)
        chosen = np.argsort(rng.random((kinds, often)), axis=1)[:, :count]
        sites = ("right_palm", "right_hand") if in_hand else ("right_wrist", "right_forearm")
        place = place_features(Placement.at(sites[rng.integers(2)]))
        flat = values[np.arange(kinds)[:, None], chosen].reshape(kinds * count, *values.shape[2:])
        return _Played(flat, np.tile(place, (len(flat), 1)), np.repeat(np.arange(kinds), count))


@dataclass(frozen=True, eq=False)
class _Unit:
    """A labelled stretch of a clip, seen by one side's sensors, (S, T, 6), as if worn at the right, on the segment's axes."""

    label: str
    values: Array
    place: Array
    start: int
    stop: int


class _Takes:
    """Takes of one data set."""

    def __init__(self, config: EpisodeConfig, takes: Sequence[Take], name: str, rate_hz: float) -> None:
        self.config, self.rate_hz = config, rate_hz
        self.units = [unit for take in takes for unit in _units(take, rate_hz)]
        by_label: dict[str, list[int]] = {}
        for number, unit in enumerate(self.units):
            by_label.setdefault(unit.label, []).append(number)
        # Captured clips of one label may show anything; each is a kind of its own.
        self._labels = [] if name == CAPTURED else [own for own in by_label.values() if len(own) >= 3]
        self._single = 1.0 if not self._labels else config.single if name == SIMULATED else 0.0

    def play(self, rng: np.random.Generator) -> _Played:
        config, often = self.config, self.config.performances
        singles = int(rng.binomial(config.kinds, self._single))
        named = rng.permutation(len(self._labels))[: config.kinds - singles]
        chosen: list[int] = []
        for label in named:
            own = self._labels[label]
            chosen += [int(n) for n in rng.choice(own, often, replace=len(own) < often)]
        for unit in rng.choice(len(self.units), singles, replace=len(self.units) < singles):
            chosen += [int(unit)] * often
        values = np.zeros((len(chosen), config.samples, 6))
        place = np.zeros((len(chosen), PLACE_FEATURES), dtype=np.float32)
        for row, number in enumerate(chosen):
            unit = self.units[number]
            stream = int(rng.integers(len(unit.values)))
            begin, end = unit.start, unit.stop - 1
            if end - begin > LONGEST_S * self.rate_hz:  # of what goes on and on, some of it
                begin = int(rng.integers(begin, end - int(LONGEST_S * self.rate_hz) + 1))
                end = begin + int(rng.uniform(0.5, 1.0) * LONGEST_S * self.rate_hz)
            begin, end = np.array([begin, end]) + config.margin * (end - begin) * rng.normal(size=2)
            values[row] = _stretched(unit.values[stream], begin, end, config, rng)
            place[row] = unit.place[stream]
        kind = np.repeat(np.arange(len(chosen) // often), often)
        return _Played(_with_strength(values, config, rng), place, kind)


def _units(take: Take, rate_hz: float) -> list[_Unit]:
    """The stretches of a take worth showing, by side."""
    sides: dict[str, list[int]] = {"left": [], "right": []}
    for number, placement in enumerate(take.placements):
        side, _, part = (placement.site or "").partition("_")
        if side in sides and part in HAND_PARTS:
            sides[side].append(number)
    found: list[tuple[float, _Unit]] = []
    for side, streams in sides.items():
        if not streams or not take.has_gyr[streams].all():
            continue
        values = np.stack([_on_segment(take.values[n], take.placements[n]) for n in streams])
        worn = [take.placements[n].mirrored() if side == "left" else take.placements[n] for n in streams]
        features = np.stack([place_features(own) for own in worn])
        if side == "left" and all(_mount_is_known(take.placements[n]) for n in streams):
            values = values * MIRROR
        patch = round(0.12 * rate_hz)
        for start, stop, label in take.spans:
            energy = patch_energy(values[:, start:stop], np.ones(len(values)), patch).mean(axis=0)
            if not energy.any():
                continue
            first, last = greatest_stretch(energy, MOTION_SHARE)
            strength = float(values[:, start:stop, 3:].var(axis=1).sum(axis=-1).mean())
            unit = _Unit(label, values, features, start + first * patch, min(stop, start + last * patch))
            found.append((strength, unit))
    most: dict[tuple[str, int], float] = {}
    for strength, unit in found:
        most[unit.label, 0] = max(most.get((unit.label, 0), 0.0), strength)
    return [unit for strength, unit in found if strength >= LIVELY * most[unit.label, 0]]


def _mount_is_known(placement: Placement) -> bool:
    return placement.mount.quat_segment_from_sensor is not None


def _on_segment(values: Array, placement: Placement) -> Array:
    """Signals on the body segment's axes where the mount tells; as they are where it does not."""
    if not _mount_is_known(placement):
        return values
    x, y, z, w = placement.mount.quat_segment_from_sensor  # type: ignore[misc]
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    return np.concatenate([values[:, :3] @ turn.T, values[:, 3:] @ turn.T], axis=1).astype(np.float32)


def _stretched(values: Array, begin: float, end: float, config: EpisodeConfig, rng: np.random.Generator) -> Array:
    """A stretch of (T, 6) as (samples, 6), faster here and slower there."""
    u = np.linspace(0.0, 1.0, config.samples)
    bent = u + 0.5 * config.tempo * rng.normal() * np.sin(np.pi * u) / np.pi
    bent += 0.5 * config.tempo * rng.normal() * np.sin(2.0 * np.pi * u) / (2.0 * np.pi)
    at = np.clip(begin + (end - begin) * bent, 0.0, len(values) - 1.001)
    left = at.astype(int)
    share = (at - left)[:, None]
    return values[left] * (1.0 - share) + values[left + 1] * share


def _with_strength(values: Array, config: EpisodeConfig, rng: np.random.Generator) -> Array:
    """Performances done with more or less strength or haste: force changes with its square."""
    strength = np.exp(config.strength * rng.normal(size=(len(values), 1, 1)))
    slow = _slow_part(values[..., :3], GRAVITY_SHARE * config.samples)
    return np.concatenate([slow + (values[..., :3] - slow) * strength**2, values[..., 3:] * strength], axis=-1)


def _slow_part(values: Array, sigma: float) -> Array:
    from scipy.ndimage import gaussian_filter1d

    return gaussian_filter1d(values, sigma, axis=1, mode="nearest", truncate=3.0)


def _any_turn(rng: np.random.Generator) -> Array:
    """A rotation drawn evenly from all."""
    made, upper = np.linalg.qr(rng.normal(size=(3, 3)))
    made = made * np.sign(np.diag(upper))
    return made * np.sign(np.linalg.det(made))


def _small_turns(count: int, sigma: float, rng: np.random.Generator) -> Array:
    """(N, 3, 3) rotations by small angles about any axis (Rodrigues)."""
    vectors = np.clip(sigma * rng.normal(size=(count, 3)), -2.5 * sigma, 2.5 * sigma)
    angle = np.linalg.norm(vectors, axis=1)[:, None, None] + 1e-12
    x, y, z = np.moveaxis(vectors, 1, 0)
    zero = np.zeros(count)
    skew = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=1).reshape(count, 3, 3) / angle
    return np.eye(3) + np.sin(angle) * skew + (1.0 - np.cos(angle)) * (skew @ skew)
