"""`anywear benchmark gestures`: its options, and what is asked with them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from ..benchmark.gestures import GesturesConfig
    from ..benchmark.gestures_draws import Point

SETS = "utd-mhad,uhh-gestures,imu-digits"
ACTIVITY_SETS = "dsads,sp-sw-har"
ROWS = "gestures,minirocket,dtw"
CURVE_SHARES = (0.01, 0.05, 0.1, 0.2, 1.0)
CURVE_SHOTS = (1, 3, 5, 10)
CURVES, ACTIVITIES, DEVICES, REJECTION, LATENCY = TABLES = ("curves", "activities", "devices", "rejection", "latency")
OPTIONS = ("labels", "split", "table", "encoder")
"""Options that no other benchmark has."""

Tell = Callable[..., int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("gestures")
    group.add_argument("--labels", metavar="A,B", help="shares of labels learned from, above 0 to 1 (default 0.1)")
    group.add_argument("--split", metavar="A,B", help="mixed, users, or both (default mixed)")
    group.add_argument("--table", choices=TABLES, help="a table of its own instead of one figure per set")
    group.add_argument(
        "--encoder",
        metavar="A,B",
        help="folders of gesture encoders; rows come once for each (default: the shipped one; words: the main model)",
    )


def run(options: argparse.Namespace, progress: Callable[[str], None], tell: Tell) -> int:
    """Run it; `tell` writes a report in the forms asked for."""
    from ..benchmark import BENCHMARKS
    from ..benchmark.gestures_ours import contestants
    from ..benchmark.gestures_pictures import draw_gestures
    from ..benchmark.gestures_tables import gestures_json, gestures_table
    from ..plot import check_picture

    if options.threads < 1:
        raise UsageError("At least one thread is needed", where="--threads", got=str(options.threads))
    if options.plot:
        check_picture(Path(options.plot) / "gestures.png")  # before minutes of work
    config = _config(options)
    asked = contestants(_listed(options.rows or ROWS), _listed(options.encoder or ""), options.threads)
    sets = _listed(options.sets or (ACTIVITY_SETS if options.table == ACTIVITIES else SETS))
    if options.table in (DEVICES, REJECTION, LATENCY):
        return _further(options, asked, sets, config, progress, tell)
    report = BENCHMARKS["gestures"].run(asked, Path(options.data), sets, config, progress)
    return tell(options, report, gestures_json, gestures_table, draw_gestures)


def _further(
    options: argparse.Namespace, asked: list, sets: tuple[str, ...], config: GesturesConfig,
    progress: Callable[[str], None], tell: Tell,
) -> int:  # fmt: skip
    from ..benchmark.gestures_further_tables import further_json, further_table, run_further

    if options.plot:
        raise UsageError(f"There is no picture of the table {options.table}", remedy="Leave --plot out")
    report = run_further(options.table, asked, Path(options.data), sets, config, progress)
    return tell(options, report, further_json, further_table)


def _config(options: argparse.Namespace) -> GesturesConfig:
    from ..benchmark.gestures import GesturesConfig
    from ..benchmark.gestures_clips import ALL_PLACES
    from ..benchmark.gestures_draws import MIXED, SPLITS, USERS

    splits = {CURVES: SPLITS, ACTIVITIES: (USERS,)}.get(options.table, (MIXED,))
    places = (ALL_PLACES,) if options.table == ACTIVITIES else ()
    given = {
        "points": _points(options),
        "splits": splits if options.split is None else _listed(options.split),
        "places": _listed(options.placements) or places,
    }
    if options.seeds is not None:
        given["seeds"] = _number("--seeds", options.seeds, "5")
    return GesturesConfig(**given)


def _points(options: argparse.Namespace) -> tuple[Point, ...]:
    """Shares, then shots; the first of them is the headline's, but for curves, where it is 10 %."""
    from ..benchmark.gestures_draws import Point

    shares = [Point(share=_share(part)) for part in _listed(options.labels or "")]
    shots = [Point(shots=_number("--shots", part, "1,5")) for part in _listed(options.shots or "")]
    if not shares and not shots:
        tenth = Point(share=0.1)
        if options.table != CURVES:
            return (tenth,)
        return (tenth, *(Point(share=own) for own in CURVE_SHARES), *(Point(shots=own) for own in CURVE_SHOTS))
    return (*shares, *shots)


def _share(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise UsageError(
            "--labels takes shares", where="--labels", expected="numbers above 0, 1 at most", got=text,
            remedy="Write --labels 0.1 for a tenth",
        ) from error  # fmt: skip


def _number(option: str, text: str, example: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise UsageError(
            f"{option} takes whole numbers here", where=option, got=text, remedy=f"Write {option} {example}"
        ) from error


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
