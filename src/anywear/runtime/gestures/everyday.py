"""Everyday motion that is no gesture: short clips of the hand, shipped with the package.

Taken from sp-sw-har (watch), dsads (both arms) and the generator's everyday programs by `anywear.train.everyday`; stored on
the grid with eight bits a value, evenly spaced in the inverse hyperbolic sine: 0.06 m/s2 and 0.016 rad/s near rest, which is
finer than a hand's tremor.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from ..._files import write_whole
from ..._typing import Array
from ...errors import ArtefactError
from ..model import WEIGHTS_DIR
from .clips import Signal

FILE = WEIGHTS_DIR / "gestures" / "everyday.npz"
UNITS = np.array([2.0, 2.0, 2.0, 0.5, 0.5, 0.5])  # m/s2 and rad/s; below these steps are even, above they grow
STEP = 4.0 / 127.0  # of the inverse hyperbolic sine: up to 27 units, 55 m/s2 and 14 rad/s


def pack(signals: Sequence[Signal]) -> dict[str, Array]:
    """Clips as arrays of few bytes: their lengths, and all samples as one table."""
    rows, lengths = [], []
    for signal in signals:
        gyr = np.zeros_like(signal.acc_mps2) if signal.gyr_radps is None else signal.gyr_radps
        values = np.hstack([signal.acc_mps2, gyr])
        rows.append(np.clip(np.round(np.arcsinh(values / UNITS) / STEP), -127, 127).astype(np.int8))
        lengths.append(len(values))
    return {"values": np.concatenate(rows), "lengths": np.array(lengths, dtype=np.int32)}


def unpack(values: Array, lengths: Array) -> list[Signal]:
    """The clips again."""
    decoded = (np.sinh(values.astype(np.float64) * STEP) * UNITS).astype(np.float32)
    return [Signal(own[:, :3], own[:, 3:]) for own in np.split(decoded, np.cumsum(lengths)[:-1])]


def save(signals: Sequence[Signal], path: Path = FILE) -> None:
    """Write a bank."""
    packed = pack(signals)
    values, lengths = packed["values"], packed["lengths"]
    write_whole(path, lambda partial: np.savez_compressed(partial, values=values, lengths=lengths))


@cache
def load(path: Path = FILE) -> tuple[Signal, ...]:
    """The bank of the package.

    Raises:
        ArtefactError: missing or damaged.
    """
    try:
        with np.load(path) as stored:
            return tuple(unpack(stored["values"], stored["lengths"]))
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise ArtefactError(
            "The everyday motion cannot be read", where=str(path), got=str(error), remedy="Install the package again"
        ) from error
