"""BROAD: a rigid board with an inertial unit, moved by hand under optical tracking. Worn by nobody: it holds truth.

Layout: ``data_mat/NN_KIND_NAME.mat`` with ``imu_acc`` (m/s2), ``imu_gyr`` (rad/s), ``imu_mag`` (uT), ``opt_quat``
(w, x, y, z; board to east-north-up), ``opt_pos`` (m), ``sampling_rate`` and ``movement``, which marks the motion between
two rests. 39 trials; 1 to 23 are undisturbed. The authors' HDF5 files hold the same numbers.

Found in the files:

- The optical track was taken more slowly and brought to the unit's clock: its noise is white up to about 40 Hz and
  falls by 25 to 140 Hz. Still, its position jitters by 0.02 to 0.09 mm. Orientation is missing before and after the
  motion, never in it.
- The unit reads 2 to 4 mrad/s of offset at rest, and its gyroscope lags the optical truth by 4.2 ms, its accelerometer by 2.7
  ms, in every trial: delays of its filters.
- It sits 8 mm below or above the tracked point (along z) and is turned against it by 0.3 degrees at most.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._typing import Array, Bool, Float
from ..errors import FormatError
from ..io.registry import ReadOptions
from ..placement import Placement
from ..recording import Recording, Span
from ._parse import matlab_variables, stream
from .base import DatasetInfo, File, Key, register

WORDS = {
    "slow_rotation": "slow rotation",
    "fast_rotation": "fast rotation",
    "slow_translation": "slow translation",
    "fast_translation": "fast translation",
    "slow_combined": "slow combined motion",
    "fast_combined": "fast combined motion",
}

INFO = DatasetInfo(
    name="broad",
    title="Berlin Robust Orientation Estimation Assessment Dataset",
    about="a board moved by hand under optical tracking: truth for sensor simulation, worn by nobody",
    role="test",
    licence="CC BY 4.0",
    citation=(
        "D. Laidig, M. Caruso, A. Cereatti, T. Seel: BROAD: a benchmark for robust inertial orientation estimation. "
        "Data 6(7), 72, 2021"
    ),
    url="https://github.com/dlaidig/broad",
    rate_hz=2000 / 7,
    placements=("unknown",),
    label_words=tuple(WORDS.values()),
    mount_documented="the authors aligned the optical orientation with the unit's axes; the board is worn by nobody",
)

_PATH = re.compile(
    r"(?:^|/)(\d\d)_(?:undisturbed_((?:slow|fast)_(?:rotation|translation|combined))|disturbed)_?\w*\.mat$"
)


@dataclass(frozen=True, eq=False)
class BoardTrial:
    """One trial: what the unit measured, and where the board was.

    Attributes:
        name: of the file, without suffix.
        rate_hz: of all arrays.
        acc_mps2, gyr_radps: (T, 3) measured, in the unit's axes.
        quat_world_from_board: (T, 4) xyzw from the cameras; NaN where they did not see it. World: east, north, up.
        position_m: (T, 3) of the tracked point; NaN likewise.
        moving: (T,) whether the board is being moved.
    """

    name: str
    rate_hz: float
    acc_mps2: Float[Array, "time 3"]
    gyr_radps: Float[Array, "time 3"]
    quat_world_from_board: Float[Array, "time 4"]
    position_m: Float[Array, "time 3"]
    moving: Bool[Array, " time"]

    @property
    def seen(self) -> Bool[Array, " time"]:
        """Whether the cameras saw position and orientation."""
        return np.asarray(
            np.isfinite(np.concatenate([self.position_m, self.quat_world_from_board], axis=1)).all(axis=1)
        )


def parse(name: str) -> Key | None:
    """Trial and kind of motion from ``NN_undisturbed_slow_rotation_B.mat``; a disturbed trial mixes kinds and has none."""
    match = _PATH.search(name)
    return None if match is None else Key(None, match[2], match[1], (name,))


def read_board(data: bytes, where: str) -> BoardTrial:
    """A trial with its optical truth from the bytes of its file.

    Raises:
        FormatError: damaged, or an array is missing or has another length.
    """
    variables = matlab_variables(data, where)
    width = {"imu_acc": 3, "imu_gyr": 3, "opt_quat": 4, "opt_pos": 3, "movement": 1}
    arrays: dict[str, Array] = {}
    for name, columns in width.items():
        values = variables.get(name)
        rows = len(arrays["imu_acc"]) if arrays else max(len(values) if isinstance(values, np.ndarray) else 0, 2)
        if not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf" or values.shape != (rows, columns):
            raise FormatError(
                f"{name} is missing or has another shape",
                where=where,
                expected=f"({rows}, {columns})",
                got=str(getattr(values, "shape", None)),
                remedy="Check that --format names the right data set",
            )
        arrays[name] = values.astype(np.float64)
    rate = variables.get("sampling_rate")
    if not isinstance(rate, np.ndarray) or rate.size != 1 or not 1.0 <= float(rate.item()) <= 1e4:
        raise FormatError("The trial has no sampling rate", where=where, expected="sampling_rate in Hz", got=str(rate))
    return BoardTrial(
        where.rsplit("/", 1)[-1].removesuffix(".mat"),
        float(rate.item()),
        arrays["imu_acc"],
        arrays["imu_gyr"],
        arrays["opt_quat"][:, [1, 2, 3, 0]],
        arrays["opt_pos"],
        arrays["movement"][:, 0] > 0,
    )


def build(files: Sequence[File], options: ReadOptions) -> Recording:
    """What the unit measured in one trial; each motion between rests is a labelled span."""
    file = files[0]
    trial = read_board(file.data, file.name)
    rate_hz = options.rate_hz or trial.rate_hz
    time_s = np.arange(len(trial.moving)) / rate_hz
    board = stream(
        "board",
        time_s,
        trial.acc_mps2,
        trial.gyr_radps,
        Placement.unknown(),
        options,
        rate_hz=rate_hz,
        acc_unit="m/s2",
        gyr_unit="rad/s",
        where=file.name,
    )
    word = WORDS.get(file.key.activity or "")
    edges = np.flatnonzero(np.diff(np.concatenate([[0], trial.moving.astype(int), [0]])))
    runs = zip(edges[::2], edges[1::2], strict=True)
    labels = () if word is None else tuple(Span(float(time_s[a]), float(time_s[b - 1]), word) for a, b in runs)
    return Recording(
        (board,),
        source=file.name,
        reader=INFO.name,
        device="myon aktos-t",
        labels=labels,
        metadata=file.key.metadata(),
    )


BROAD = register(INFO, parse, build)
