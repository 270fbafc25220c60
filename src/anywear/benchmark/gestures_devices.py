"""Learned on one device, asked on another: the same clips as it would have recorded them.

Gestures are learned as the data set recorded them, and asked from the changed clips of the rest. A change draws what it
draws for every clip of its own, so a turn is another one for each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from .._typing import Array
from ..motion.quaternion import normalised, rotate
from ..recording import STANDARD_GRAVITY_MPS2, Note, Recording, Stream
from .gestures import Contestant, GesturesConfig, GesturesResult, Progress, ask
from .gestures_clips import GestureSet
from .setup_disturbances import at_rate, without_gyroscope

AS_RECORDED = "as recorded"
RATES_HZ = (25.0, 100.0)
TURNS_DEG = (15.0, 45.0, 90.0)
RANGE_MPS2 = 2.0 * STANDARD_GRAVITY_MPS2
RANGE_RADPS = np.radians(500.0)
NOISE_MPS2, NOISE_RADPS = 0.2, 0.02
"""White noise of a cheap part: 20 mg and 1.1 deg/s in every sample."""
BITS = 12  # of a reading, sign included
MIRRORED = "other hand, mirrored"

Change = Callable[[Stream, int], Stream]
SWAPS = {"left": "right", "right": "left", "clockwise": "counter clockwise", "counter clockwise": "clockwise"}
_SWAPPED = re.compile(r"\bcounter clockwise\b|\b(?:clockwise|left|right)\b")


@dataclass(frozen=True, eq=False)
class DevicesResult:
    """One data set, asked from several devices.

    Attributes:
        name: of the set.
        results: by device, `AS_RECORDED` first.
    """

    name: str
    results: dict[str, GesturesResult]


def ask_devices(
    contestants: Sequence[Contestant],
    found: GestureSet,
    config: GesturesConfig,
    seed: int = 0,
    report: Progress = lambda line: None,
) -> DevicesResult:
    """Everybody about every device.

    Args:
        contestants: who answers.
        found: clips as recorded.
        config: how the question is put.
        seed: of what the changes draw.
        report: takes progress lines.
    """
    results: dict[str, GesturesResult] = {}
    for name, change in changes(seed).items():
        report(f"{found.name}: {name}")
        asked = None if name == AS_RECORDED else found.changed(change)
        if name == MIRRORED:
            asked = _mirrored_labels(found.changed(change))
        results[name] = ask(contestants, found, config, lambda line: None, asked)
    return DevicesResult(found.name, results)


def changes(seed: int = 0) -> dict[str, Change]:
    """Every device, by name."""
    out: dict[str, Change] = {AS_RECORDED: lambda stream, _: stream}
    for rate_hz in RATES_HZ:
        out[f"{rate_hz:g} Hz"] = partial(_at_rate, rate_hz=rate_hz)
    out["±2 g, noise, 12 bit"] = partial(_cheap, seed=seed)
    for degrees in TURNS_DEG:
        out[f"turned by {degrees:g}°"] = partial(_turned_by, degrees=degrees, seed=seed)
    out["turned anyhow"] = partial(_turned_by, degrees=None, seed=seed)
    out["accelerometer alone"] = lambda stream, _: without_gyroscope(Recording((stream,))).streams[0]
    out[MIRRORED] = mirrored
    return out


def mirrored(stream: Stream, number: int = 0) -> Stream:
    """The mirrored motion at the other hand, the device's x axis pointing to the other side of the body, too.

    Mirroring turns a vector's x about; an angular rate is an axial vector, of which the other two turn.
    """
    flip = np.array([-1.0, 1.0, 1.0], dtype=np.float32)
    gyr = stream.gyr_radps
    return replace(
        stream,
        acc_mps2=stream.acc_mps2 * flip,
        gyr_radps=None if gyr is None else gyr * -flip,
        placement=stream.placement.mirrored(),
        notes=(*stream.notes, Note("converted", "mirrored by the benchmark")),
    )


def mirrored_words(label: str) -> str:
    """What a mirrored motion is called."""
    return _SWAPPED.sub(lambda found: SWAPS[found[0]], label)


def _mirrored_labels(found: GestureSet) -> GestureSet:
    """Truth of mirrored clips: where both a label and its mirror image are asked for, they change places."""
    to = [mirrored_words(label) for label in found.labels]
    numbers = np.array([found.labels.index(word) if word in found.labels else own for own, word in enumerate(to)])
    return replace(found, truth=numbers[found.truth])


def _at_rate(stream: Stream, number: int, rate_hz: float) -> Stream:
    return at_rate(Recording((stream,)), rate_hz).streams[0]


def _cheap(stream: Stream, number: int, seed: int) -> Stream:
    """Another part: narrow ranges, noise, coarse readings."""
    rng = np.random.default_rng([seed, number, 1])
    gyr = stream.gyr_radps
    return replace(
        stream,
        acc_mps2=_read(stream.acc_mps2, RANGE_MPS2, NOISE_MPS2, rng),
        gyr_radps=None if gyr is None else _read(gyr, RANGE_RADPS, NOISE_RADPS, rng),
        notes=(*stream.notes, Note("converted", "±2 g, ±500 deg/s, noise and 12 bit by the benchmark")),
    )


def _read(values: Array, limit: float, noise: float, rng: np.random.Generator) -> Array:
    step = 2.0 * limit / 2**BITS
    noisy = values + rng.normal(0.0, noise, values.shape)
    return np.clip(np.round(noisy / step), -(2 ** (BITS - 1)), 2 ** (BITS - 1) - 1) * step


def _turned_by(stream: Stream, number: int, degrees: float | None, seed: int) -> Stream:
    """The mount turned about an axis by chance, or by any turn where no angle is given."""
    rng = np.random.default_rng([seed, number, 2])
    turn = normalised(rng.standard_normal(4))
    if degrees is not None:
        axis = turn[:3] / np.linalg.norm(turn[:3])
        half = np.radians(degrees) / 2.0
        turn = np.r_[np.sin(half) * axis, np.cos(half)]
    gyr = stream.gyr_radps
    return replace(
        stream,
        acc_mps2=rotate(turn, stream.acc_mps2),
        gyr_radps=None if gyr is None else rotate(turn, gyr),
        notes=(*stream.notes, Note("converted", "turned by the benchmark")),
    )
