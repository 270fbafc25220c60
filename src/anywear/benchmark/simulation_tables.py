"""The report of `anywear.benchmark.simulation` as text for people and as JSON for programs."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from .simulation import SimulationReport, board_medians
from .simulation_boards import SEGMENT_S, BoardResult
from .simulation_gap import VARIANTS, WINDOW_S, GapResult
from .simulation_generator_tables import generator_json, generator_tables
from .simulation_kinect import BEST, COMPARED_HZ, KinectResult
from .tables import aligned

_BOARD_VARIANTS = {
    "plain": "as recorded",
    "calibrated": "calibrated",
    "residual_corner": "calibrated, corner by residual",
}
_ORIGINS = {"captured motion": False, "generated motion": True}


def simulation_json(report: SimulationReport) -> dict:
    """Plain types: ``boards``, ``kinect``, ``gap``, ``generator`` (each may be missing) and ``seed``. Shares and SI units."""
    out: dict = {"seed": report.seed}
    if report.boards is not None and report.calibration is not None:
        variants = list(report.boards[0].gyr) if report.boards else []
        out["boards"] = {
            "calibration": asdict(report.calibration),
            "median_r": {v: dict(zip(("gyr", "acc"), board_medians(report.boards, v), strict=True)) for v in variants},
            "trials": {board.name: _board_json(board) for board in report.boards},
        }
    if report.kinect is not None:
        out["kinect"] = _kinect_json(report.kinect)
    if report.gap is not None:
        out["gap"] = _gap_json(report.gap)
    if report.generator is not None:
        out["generator"] = generator_json(report.generator)
    return {key: _plain(value) for key, value in out.items()}


def simulation_table(report: SimulationReport) -> str:
    """The report as tables, one below the other."""
    parts = []
    if report.boards is not None:
        parts += _board_tables(report)
    if report.kinect is not None:
        parts += _kinect_table(report.kinect)
    if report.gap is not None:
        parts += _gap_tables(report.gap)
    if report.generator is not None:
        parts += generator_tables(report.generator)
    return "\n\n".join(parts)


def _board_tables(report: SimulationReport) -> list[str]:
    assert report.boards is not None and report.calibration is not None
    rows: list[tuple[str, ...]] = [
        ("board", "Hz", "gyr r x", "y", "z", "norm", "rmse", "acc r x", "y", "z", "norm", "rmse", "")
    ]
    floors: list[tuple[str, ...]] = [
        ("board", "kind", "signal", "rmse", "sensor noise", "optical, at rest", "optical, moving",
         "beyond the corner", "highest r", "")
    ]  # fmt: skip
    for board in report.boards:
        for variant, said in _BOARD_VARIANTS.items():
            gyr, acc = board.gyr[variant], board.acc[variant]
            hz = board.residual_corner_hz if variant == "residual_corner" else board.corner_hz
            rows.append(
                (board.name, "-" if hz is None else f"{hz:.1f}", *(f"{r:.3f}" for r in gyr.r), f"{gyr.rmse:.3f}",
                 *(f"{r:.3f}" for r in acc.r), f"{acc.rmse:.3f}", said)
            )  # fmt: skip
            if variant == "calibrated":
                rows.append(
                    ("", "", *(f"{r:.3f}" for r in gyr.r_in_band), f"{gyr.rmse_in_band:.3f}",
                     *(f"{r:.3f}" for r in acc.r_in_band), f"{acc.rmse_in_band:.3f}", "calibrated, in band")
                )  # fmt: skip
        for kind, floor, own in (("gyr", board.gyr_floor, board.gyr), ("acc", board.acc_floor, board.acc)):
            figures = (
                floor.signal,
                own["calibrated"].rmse,
                floor.sensor,
                floor.optical_at_rest,
                floor.optical,
                floor.beyond,
            )
            floors.append((board.name, kind, *(f"{v:.3f}" for v in figures), f"{floor.ceiling:.3f}", ""))
    c = report.calibration
    said = "; ".join(
        f"{_BOARD_VARIANTS[v]}: gyr {board_medians(report.boards, v)[0]:.4f}, acc {board_medians(report.boards, v)[1]:.4f}"
        for v in _BOARD_VARIANTS
    )
    constants = (
        f"constants of the board: gyroscope {1e3 * c.gyr_delay_s:.1f} ms late and turned by "
        f"{np.degrees(np.linalg.norm(c.gyr_turn_rad)):.2f} deg, accelerometer {1e3 * c.acc_delay_s:.1f} ms and "
        f"{np.degrees(np.linalg.norm(c.acc_turn_rad)):.2f} deg, {1e3 * np.linalg.norm(c.lever_m):.1f} mm "
        "off the tracked point"
    )
    return [
        "Boards under optical tracking, second halves; rad/s and m/s2\n" + aligned(rows),
        f"median r over trials and axes: {said}\n{constants}",
        "What limits it, rms\n" + aligned(floors),
    ]


def _kinect_table(kinect: KinectResult) -> list[str]:
    rows: list[tuple[str, ...]] = [("action", "simulated", "double difference", "trials", "")]
    for action in sorted(kinect.actions, key=lambda a: -a.plain):
        rows.append((action.action, f"{action.simulated:.3f}", f"{action.plain:.3f}", str(action.trials), ""))
    for name, best in ((f"best {BEST} of the double difference", BEST), ("all", None)):
        simulated, plain = kinect.means(best)
        rows.append((name, f"{simulated:.3f}", f"{plain:.3f}", "", ""))
    text = f"Right wrist from a Kinect skeleton: r of |acc| with the unit's, below {COMPARED_HZ:g} Hz\n" + aligned(rows)
    return [text] + ([f"{len(kinect.failed)} trials failed: {kinect.failed[0]}"] if kinect.failed else [])


def _gap_tables(gap: GapResult) -> list[str]:
    rows: list[tuple[str, ...]] = [
        ("activity and place", "", "groups", "acc dB", "gyr dB", "Wasserstein", "AUC", "||acc|-g| 50", "95", "99.9 %",
         "|gyr| 50", "95", "99.9 %", "jerk rms", "99 %", "tilt 50", "95 %", "")
    ]  # fmt: skip
    for row in gap.rows:
        for name in ("real", *VARIANTS):
            if name not in row.ranges:
                continue
            d, r = row.distances.get(name), row.ranges[name]
            far = ("-",) * 4 if d is None else (f"{d.acc_spectrum_db:.1f}", f"{d.gyr_spectrum_db:.1f}",
                                                f"{d.wasserstein:.2f}", f"{d.auc:.2f}")  # fmt: skip
            spans = (*(f"{v:.1f}" for v in r.acc), *(f"{v:.1f}" for v in r.gyr), *(f"{v:.0f}" for v in r.jerk),
                     *(f"{v:.0f}" for v in r.tilt_deg))  # fmt: skip
            rows.append((row.row.name if name == "real" else "", name, str(row.groups[name]), *far, *spans, ""))
    means: list[tuple[str, ...]] = [("mean of the rows", "acc dB", "gyr dB", "Wasserstein", "AUC", "")]
    for said, generated in _ORIGINS.items():
        for name in ("real", *VARIANTS):
            d = gap.mean(name, generated)
            if d is not None:
                figures = (
                    f"{d.acc_spectrum_db:.1f}",
                    f"{d.gyr_spectrum_db:.1f}",
                    f"{d.wasserstein:.2f}",
                    f"{d.auc:.2f}",
                )
                means.append((f"{said}, {name}", *figures, ""))
    parts = [
        f"Domain gap, windows of {WINDOW_S:g} s; real is one half of the subjects against the other\n" + aligned(rows)
    ]
    parts.append(aligned(means))
    return [*parts, "\n".join([*gap.missing, *gap.failed])] if gap.missing or gap.failed else parts


def _board_json(board: BoardResult) -> dict:
    return {
        "corner_hz": board.corner_hz,
        "valley_hz": board.valley_hz,
        "residual_corner_hz": board.residual_corner_hz,
        "gyr": {variant: asdict(a) for variant, a in board.gyr.items()},
        "acc": {variant: asdict(a) for variant, a in board.acc.items()},
        "gyr_floor": asdict(board.gyr_floor),
        "acc_floor": asdict(board.acc_floor),
        "bridged_s": board.bridged_s,
        "skipped_s": board.skipped_s,
        "spectrum_s": SEGMENT_S,
    }


def _kinect_json(kinect: KinectResult) -> dict:
    means = {"all": kinect.means(), f"best_{BEST}": kinect.means(BEST)}
    return {
        "compared_hz": COMPARED_HZ,
        "mean_r": {name: dict(zip(("simulated", "plain"), pair, strict=True)) for name, pair in means.items()},
        "actions": {a.action: {k: v for k, v in asdict(a).items() if k != "action"} for a in kinect.actions},
        "failed": list(kinect.failed),
    }


def _gap_json(gap: GapResult) -> dict:
    return {
        "window_s": WINDOW_S,
        "mean": {
            said: {name: asdict(d) for name in ("real", *VARIANTS) if (d := gap.mean(name, generated)) is not None}
            for said, generated in _ORIGINS.items()
        },
        "rows": [
            {
                **asdict(row.row),
                "windows": row.windows,
                "groups": row.groups,
                "ranges": {name: asdict(r) for name, r in row.ranges.items()},
                "distances": {name: asdict(d) for name, d in row.distances.items()},
            }
            for row in gap.rows
        ],
        "missing": list(gap.missing),
        "failed": list(gap.failed),
    }


def _plain(value):
    """Tuples to lists, what JSON has no number for to None."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value
