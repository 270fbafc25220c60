"""The generator's rows as text for people and as JSON for programs."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from .simulation_generator import WINDOW_S, GeneratorResult, GeneratorRow
from .simulation_measures import Shown, Spread
from .tables import aligned

WORST = 5
_SHOWN = {
    "tempo_acc_hz": ("|acc| Hz", 2), "tempo_gyr_hz": ("|gyr| Hz", 2), "acc_mps2": ("acc 95 %", 2),
    "gyr_radps": ("gyr 95 %", 2),
    "jerk_mps3": ("jerk", 0), "turning_deg": ("turning", 0),
}  # fmt: skip


def generator_json(result: GeneratorResult) -> dict:
    """Plain types: ``rows`` (the farthest first), ``activities``, ``transfer``, ``mean``, ``missing``, ``failed``."""
    return {
        "window_s": WINDOW_S,
        "mean": {"distance": _mean([r.far for r in result.rows]), "floor": _mean([r.near for r in result.rows])},
        "activities": [dict(zip(("data", "label", "distance", "floor"), a, strict=True)) for a in result.activities()],
        "transfer": [{**asdict(one), "chance": one.chance} for one in result.transfers],
        "rows": [_row_json(row) for row in result.rows],
        "missing": list(result.missing),
        "failed": list(result.failed),
    }


def generator_tables(result: GeneratorResult) -> list[str]:
    """Tables of rows and activities, and what is worst."""
    head = (
        "activity and place",
        "program",
        "",
        *(word for word, _ in _SHOWN.values()),
        "tilt",
        "acc dB",
        "gyr dB",
        "distance",
        "",
    )
    rows: list[tuple[str, ...]] = [head]
    for row in result.rows:
        floor = row.spectrum_floor_db or (float("nan"), float("nan"))
        rows.append((row.name, "", "real", *_cells(row.real), _cell(row.real_tilt_deg, 0),
                     *(_number(v, 1) for v in floor), _number(row.near, 2), ""))  # fmt: skip
        rows.append(("", ", ".join(row.programs), "made", *_cells(row.generated), _cell(row.generated_tilt_deg, 0),
                     *(_number(v, 1) for v in row.spectrum_db), _number(row.far, 2), ""))  # fmt: skip
    activities: list[tuple[str, ...]] = [("activity", "set", "distance", "floor", "")]
    activities += [
        (label, data, _number(far, 2), _number(near, 2), "") for data, label, far, near in result.activities()
    ]
    mean = generator_json(result)["mean"]
    activities.append(("mean of the rows", "", _number(mean["distance"], 2), _number(mean["floor"], 2), ""))
    worst = "; ".join(f"{row.name} {row.far:.2f}" for row in result.rows[:WORST])
    parts = [
        "Generated against real, the farthest first; medians (quartiles); m/s2, rad/s, m/s3, degrees; in the rows of real,\n"
        "distances are one half of the subjects against the other\n" + aligned(rows),
        aligned(activities),
        f"The worst: {worst}",
    ]
    places: list[tuple[str, ...]] = [("place", "set", "of", "chance", "other people", "generated", "first three", "")]
    places += [
        (one.site.replace("_", " "), one.data, str(one.activities), *(_number(v, 2) for v in
         (one.chance, one.from_real, one.from_generated, one.top3)), "") for one in result.transfers
    ]  # fmt: skip
    if result.transfers:
        title = "Balanced accuracy of a linear classifier on real windows, learnt from other people or from generated ones\n"
        parts.append(title + aligned(places))
    notes = [*result.missing, *result.failed]
    return [*parts, "\n".join(notes)] if notes else parts


def _row_json(row: GeneratorRow) -> dict:
    kept = {k: v for k, v in asdict(row).items() if k != "spectra"}
    return {**kept, "distance": row.far, "distance_floor": row.near}


def _cells(shown: Shown) -> tuple[str, ...]:
    return tuple(_cell(getattr(shown, key), digits) for key, (_, digits) in _SHOWN.items())


def _cell(spread: Spread | None, digits: int) -> str:
    if spread is None or not np.isfinite(spread.median):
        return "-"
    return f"{spread.median:.{digits}f} ({spread.low:.{digits}f}-{spread.high:.{digits}f})"


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if np.isfinite(value) else "-"


def _mean(values: list[float]) -> float:
    known = [v for v in values if np.isfinite(v)]
    return float(np.mean(known)) if known else float("nan")
