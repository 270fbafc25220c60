"""Made-up motion and the tables that loggers would write of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

G = 9.80665  # m/s2
AXES = "xyz"


def motion(count: int = 300, rate_hz: float = 50.0, seed: int = 0):
    """Time (T,), acceleration (T, 3) in m/s2 and angular rate (T, 3) in rad/s of a sensor that rocks about its y axis.

    Gravity in the sensor turns as the angular rate says: d(acc)/dt = -gyr x acc.
    """
    rng = np.random.default_rng(seed)
    time_s = np.arange(count) / rate_hz
    angle = 0.8 * np.sin(np.pi * time_s)
    turn = -0.8 * np.pi * np.cos(np.pi * time_s)
    zero = np.zeros(count)
    acc = G * np.stack([np.sin(angle), zero, np.cos(angle)], axis=1) + rng.normal(0, 0.05, (count, 3))
    gyr = np.stack([zero, turn, zero], axis=1) + rng.normal(0, 0.01, (count, 3))
    return time_s, acc, gyr


def table_text(columns: dict[str, object], delimiter: str = ",", decimal: str = ".", header: bool = True) -> str:
    """Columns of numbers or of words as text."""
    lines = [delimiter.join(columns)] if header else []
    cells = [[_cell(value, decimal) for value in values] for values in columns.values()]
    lines += [delimiter.join(row) for row in zip(*cells, strict=True)]
    return "\n".join(lines) + "\n"


def write_table(path: Path, columns: dict[str, object], **how) -> Path:
    """The same in a file."""
    path.write_text(table_text(columns, **how), encoding="utf-8")
    return path


def xyz(pattern: str, values) -> dict[str, np.ndarray]:
    """Three columns named by a pattern such as ``acc_{}``."""
    return {pattern.format(axis): np.asarray(values)[:, index] for index, axis in enumerate(AXES)}


def _cell(value, decimal: str) -> str:
    if isinstance(value, str):
        return value
    if np.isnan(value):
        return ""
    return repr(float(value)).replace(".", decimal).removesuffix(f"{decimal}0")
