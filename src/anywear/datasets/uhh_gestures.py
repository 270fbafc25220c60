"""UHH IMU gestures: ten gestures with a hand-held Android phone, five people.

Layout: ``dataSets/WHO_K_fullSet.npz``, gesture K of one person, about ten repetitions: ``acc``, ``gyro``, ``fused`` and
``targets``, each (rows, 3). The readme says nothing of rate, units, axes or gestures. No time stamps.

Where it is written or how it was found:

- Gesture names: ``gestureNames`` in the authors' own ``utils.py`` (ravenshooter/UHH-IMU-gestures), in file order.
- Rate: their recording app (ravenshooter/BA_Client) writes a row every 30 ms, 33.3 Hz. In the raw log of person j
  (swtietz/UHH-IMU-gestures-comparison) the turn between rows is the gyroscope times 29 ms (R2 0.86).
- ``gyro`` is in rad/s: in deg/s the same turn would mean 0.6 rows a second.
- ``acc`` has NO gravity: its median is 1.1 m/s2. It is Android's linear acceleration, 36 m/s2 in the 99th percentile.
- ``fused`` is the step of Android's orientation angles (azimuth, pitch, roll, rad) to the next row: it equals that of
  the raw log.
- The turning gestures (6 and 7) lack the rows between repetitions, 9 to 11 cuts per file, where the phone was turned
  back: 39 to 71 rows each in the log of j. There the upward axis steps by 0.8 to 1.4 more than the gyroscope accounts
  for, and nowhere in the 50 files by 0.1 to 0.8. Each cut gets a gap.
- ``targets``: column 0 is the marker set by hand, column 2 the stretch of each gesture found by energy. Between them is
  no label.
- Which hand held the phone is not documented.

Specific force is rebuilt: summed up, ``fused`` gives pitch and roll but for their first values; these are chosen, within
the angles' range, so that the upward axis turns as the gyroscope says. Against the orientation in the raw log of person
j the upward axis is off by 1 to 11 degrees (median of each of the ten files), constant within a file.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence

import numpy as np

from .._typing import Array, Float, Int
from ..errors import FormatError
from ..io.registry import ReadOptions
from ..placement import Placement
from ..recording import STANDARD_GRAVITY_MPS2, Note, Recording, Span
from ._parse import even_stamps, stream
from .base import DatasetInfo, File, Key, register

GAP_S = 1.0  # length given to a cut whose true length nobody recorded
CUT_STEP = 0.4  # step of the upward axis beyond the gyroscope's that means a cut; found are under 0.1 or over 0.8
ARRAYS = ("acc", "gyro", "fused", "targets")

INFO = DatasetInfo(
    name="uhh-gestures",
    title="UHH IMU gestures",
    about="ten gestures with a hand-held phone, five people",
    role="train",
    licence="MIT",
    citation=(
        "S. Tietz, D. Jirak, S. Wermter: Echo state networks for continuous gesture recognition in mobile devices. "
        "ICANN 2019"
    ),
    url="https://github.com/ravenshooter/UHH-IMU-gestures",
    rate_hz=1000 / 30,  # a timer of 30 ms
    placements=("right_palm",),
    label_words=(
        "moving the phone left",
        "moving the phone right",
        "moving the phone forward",
        "moving the phone backward",
        "bouncing the phone up",
        "bouncing the phone down",
        "turning the phone left",
        "turning the phone right",
        "shaking the phone left and right",
        "shaking the phone up and down",
    ),
)

_PATH = re.compile(r"(?:^|/)([a-z]+)_(\d)_fullSet\.npz$")


def parse(name: str) -> Key | None:
    """Person and gesture from ``WHO_K_fullSet.npz``."""
    match = _PATH.search(name)
    return Key(match[1], match[2], None, (name,)) if match else None


def build(files: Sequence[File], options: ReadOptions) -> Recording:
    """One person's repetitions of one gesture."""
    file = files[0]
    rate_hz = options.rate_hz or INFO.rate_hz
    acc, gyr, fused, targets = _arrays(file)
    up, cuts, share = _upward_axis(fused, gyr, 1 / rate_hz)
    notes = [Note("detected", f"{len(cuts)} cuts, each of which got a gap of {GAP_S:g} s")] if len(cuts) else []
    phone = stream(
        "phone",
        even_stamps(len(acc), rate_hz) + GAP_S * np.searchsorted(cuts, np.arange(len(acc)), side="right"),
        acc + STANDARD_GRAVITY_MPS2 * up,
        gyr,
        Placement.at("right_palm"),
        options,
        rate_hz=rate_hz,
        acc_unit="m/s2",
        gyr_unit="rad/s",
        where=file.name,
        notes=(
            Note("assumed", f"no time stamps: an even clock of {rate_hz:.4g} Hz, the recording app's timer"),
            Note("assumed", "held in the right hand: the side is not documented"),
            Note(
                "repaired",
                "gravity, which the file leaves out, added along the upward axis of the phone's own orientation; its "
                f"start was fitted to the gyroscope, which explains {share:.0%} of the turning",
            ),
            *notes,
        ),
    )
    labels: tuple[Span, ...] = ()
    if file.key.activity is not None:
        labels = _spans(phone.time_s, targets[:, 2], INFO.label_words[int(file.key.activity)])
    return Recording(
        (phone,),
        source=file.name,
        reader=INFO.name,
        device="Android smartphone",
        labels=labels,
        metadata=file.key.metadata(),
    )


def _arrays(file: File) -> list[Array]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the arrays were written by Python 2, which NumPy remarks on
            with np.load(io.BytesIO(file.data), allow_pickle=False) as archive:
                arrays = [np.asarray(archive[name], dtype=np.float64) for name in ARRAYS]
    except Exception as error:  # zipfile, zlib and NumPy each have their own for damaged files
        raise FormatError(
            "The file is no archive of the gesture arrays",
            where=file.name,
            expected=f"an npz file with {', '.join(ARRAYS)}",
            got=f"{len(file.data)} bytes, {type(error).__name__}: {error}",
        ) from error
    shapes = {array.shape for array in arrays}
    if len(shapes) != 1 or arrays[0].ndim != 2 or arrays[0].shape[1] != 3 or len(arrays[0]) < 2:
        raise FormatError(
            "The arrays do not fit each other",
            where=file.name,
            expected="four arrays of the same two or more rows by 3",
            got=", ".join(map(str, (array.shape for array in arrays))),
        )
    return arrays


def _upward_axis(
    fused: Float[Array, "row 3"], gyr: Float[Array, "row 3"], step_s: float
) -> tuple[Float[Array, "row 3"], Int[Array, " cut"], float]:
    """Unit vectors that point up in the phone's frame, rows before a cut, and how much of the turning the gyroscope explains.

    Source: Android's SensorManager.getOrientation, whose matrix has (-cos p sin r, -sin p, cos p cos r) in its last row.
    """
    from scipy.optimize import least_squares  # slow to import, and every reading imports this module

    steps = np.nan_to_num(fused[:-1, 1:])
    angles = np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
    rates = np.nan_to_num(gyr)

    def up(start: Array) -> Array:
        pitch, roll = (angles + start).T
        return np.stack([-np.cos(pitch) * np.sin(roll), -np.sin(pitch), np.cos(pitch) * np.cos(roll)], axis=1)

    def misfit(start: Array) -> Array:
        axis = up(start)
        return np.diff(axis, axis=0) + np.cross(rates[1:], (axis[1:] + axis[:-1]) / 2) * step_s

    def fit(kept: Array) -> Array:
        # Pitch stays within a quarter turn of level, which bounds its start.
        low, high = -np.pi / 2 - angles[:, 0].min(), np.pi / 2 - angles[:, 0].max()
        if high - low < 0.02:
            low, high = (low + high) / 2 - 0.01, (low + high) / 2 + 0.01
        bounds = ([low, -np.pi], [high, np.pi])
        guesses = [np.array([np.clip(pitch, low + 1e-3, high - 1e-3), 0.0]) for pitch in (-1.2, -0.5)]
        fits = [
            # Misfits beyond 0.03, one rad/s, count less: filtering makes the angles late in fast motion.
            least_squares(lambda x: misfit(x)[kept].ravel(), guess, bounds=bounds, loss="soft_l1", f_scale=0.03)
            for guess in guesses
        ]
        return min(fits, key=lambda found: found.cost).x

    def cut(start: Array) -> Array:
        speed = np.linalg.norm(rates, axis=1)
        told = np.maximum.reduce([speed[:-1], speed[1:], np.append(speed[2:], 0.0)]) * step_s
        return np.linalg.norm(np.diff(up(start), axis=0), axis=1) - told > CUT_STEP

    cuts = cut(fit(np.ones(len(steps), dtype=bool)))
    start = fit(~cuts)
    turning = np.abs(np.diff(up(start), axis=0)[~cuts]).sum()
    share = 1 - np.abs(misfit(start)[~cuts]).sum() / max(turning, 1e-9)
    return up(start), np.flatnonzero(cuts) + 1, float(max(share, 0.0))


def _spans(time_s: Float[Array, " row"], target: Float[Array, " row"], word: str) -> tuple[Span, ...]:
    inside = np.concatenate([[False], target > 0.5, [False]])
    starts = np.flatnonzero(~inside[:-1] & inside[1:])
    ends = np.flatnonzero(inside[:-1] & ~inside[1:]) - 1
    return tuple(Span(float(time_s[a]), float(time_s[b]), word) for a, b in zip(starts, ends, strict=True))


UHH_GESTURES = register(INFO, parse, build)
