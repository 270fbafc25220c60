"""What came of asking in many setups, as text for people and as JSON for programs."""

from __future__ import annotations

import math

from .har import MEASURES
from .setup import SetupReport
from .setup_answers import Agreement
from .setup_results import Interval, Places, Row, SetupResult
from .tables import SEEN, aligned

HEAD = (
    "accuracy",
    "95 % by subject",
    "macro-F1",
    "R@2",
    "change",
    "95 % by subject",
    "same answer",
    "kappa",
    "windows",
    "",
)


def setup_json(report: SetupReport) -> dict:
    """The report as plain types: ``sets``, ``signature``. Shares, not percent; kappa is None where it is not defined."""
    return {"sets": {result.name: _set_json(result) for result in report.results}, "signature": report.signature}


def setup_table(report: SetupReport) -> str:
    """The report as text, figures in percent: a table per set, agreement of places, what follows, signature."""
    parts = []
    for result in report.results:
        parts.append(_rows(result))
        if result.places is not None:
            parts.append(_matrix(result.places))
            parts += ["\n".join(_verdict(result.places))] if result.places.together is not None else []
        if result.turn_alone is not None:
            parts.append(f"the turn by itself, mount told in neither case: same answer {_same(result.turn_alone)}")
        parts += [f"{result.name}: {remark}" for remark in result.remarks]
    legend = (
        "change: accuracy less that of all sensors together as recorded, over the same windows, subjects drawn anew for the "
        "interval. same answer: share of windows with the same answer as that; kappa: the same beyond chance."
    )
    return "\n\n".join([*parts, legend, report.signature])


def _rows(result: SetupResult) -> str:
    rows: list[tuple[str, ...]] = [(result.name, *HEAD)]
    rows.append(_cells(result.whole.setup.name, result.whole, SEEN if result.seen else "", itself=True))
    if result.places is not None:
        places = result.places
        if places.together is not None and places.together.windows < result.windows:
            name = f"  the same, where all {len(places.singles)} have data"
            rows.append(_cells(name, places.together, "streams below are scored on these", itself=True))
        for name, row in places.singles.items():
            rows.append(_cells(f"  {name} ({' or '.join(places.sites[name])})", row, row.remark))
        if places.fused is not None:
            rows.append(_cells(f"  {places.fused.setup.name}", places.fused, ""))
    rows += [_cells(f"  {row.setup.name}", row, row.remark) for row in result.disturbed]
    return aligned(rows)


def _cells(name: str, row: Row, remark: str, *, itself: bool = False) -> tuple[str, ...]:
    accuracy, macro_f1, recall = (f"{100 * row.figures[measure]:.1f}" for measure in MEASURES)
    change, interval = row.change
    beside = ("", "", "", "")
    if not itself:
        agreement = row.agreement
        beside = (f"{100 * change:+.1f}", _span(interval), f"{100 * agreement.share:.1f}", _kappa(agreement.kappa))
    return (name, accuracy, _span(row.interval), macro_f1, recall, *beside, str(row.windows), remark)


def _matrix(places: Places) -> str:
    names = list(places.singles)
    rows: list[tuple[str, ...]] = [("same answer, kappa", *names, "")]
    for one in names:
        cells = []
        for other in names:
            own = places.pairs.get((one, other)) or places.pairs.get((other, one))
            cells.append(f"{100 * own.share:.1f} {_kappa(own.kappa)}" if own is not None and own.windows else "-")
        rows.append((f"  {one}", *cells, ""))
    return aligned(rows)


def _verdict(places: Places) -> list[str]:
    assert places.together is not None
    best, worst = places.singles[places.best], places.singles[places.worst]
    ratio = "undefined" if math.isnan(places.worst_over_best) else f"{places.worst_over_best:.2f}"
    lines = [
        f"worst over best single sensor: {ratio} ({places.worst} {_accuracy(worst)}, {places.best} {_accuracy(best)})",
        f"all together are {'BELOW' if places.below_best else 'not below'} the best single sensor: "
        f"{_accuracy(places.together)} against {_accuracy(best)}, {_lead(places.together, best)}",
    ]
    if places.fused is not None:
        lower = places.together.figures["accuracy"] < places.fused.figures["accuracy"]
        lines.append(
            f"all together are {'BELOW' if lower else 'not below'} late fusion: "
            f"{_accuracy(places.together)} against {_accuracy(places.fused)}, {_lead(places.together, places.fused)}"
        )
    lines.append(
        f"same answer: {_same(places.mean_of_pairs)} in the mean over {len(places.pairs)} pair(s) of sensors, "
        f"{_same(places.mean_with_together)} of single ones with all together"
    )
    return lines


def _same(own: Agreement) -> str:
    return f"{100 * own.share:.1f} % (kappa {_kappa(own.kappa)})"


def _accuracy(row: Row) -> str:
    return f"{100 * row.figures['accuracy']:.1f}"


def _lead(row: Row, other: Row) -> str:
    lead, interval = row.lead_over(other)
    return f"{100 * lead:+.1f}" + (f" (95 % by subject {_span(interval)})" if interval is not None else "")


def _span(interval: Interval | None) -> str:
    return "" if interval is None else f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}"


def _kappa(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def _set_json(result: SetupResult) -> dict:
    out: dict = {
        "all_together": _row_json(result.whole),
        "disturbances": {row.setup.name: {"part": row.setup.part, **_row_json(row)} for row in result.disturbed},
        "turn_alone": None if result.turn_alone is None else _agreement_json(result.turn_alone),
        "recordings": result.recordings,
        "rates_hz": list(result.rates_hz),
        "seen": result.seen,
        "remarks": list(result.remarks),
    }
    if result.places is not None:
        out["placements"] = _places_json(result.places)
    return out


def _places_json(places: Places) -> dict:
    singles = {name: {"sites": list(places.sites[name]), **_row_json(row)} for name, row in places.singles.items()}
    pairs = [{"streams": list(names), **_agreement_json(own)} for names, own in places.pairs.items()]
    out: dict = {"singles": singles, "pairs": pairs, "compared_windows": places.compared}
    if places.together is None:
        return out
    best = places.singles[places.best]
    return out | {
        "all_together": _row_json(places.together),
        "late_fusion": None if places.fused is None else _row_json(places.fused),
        "best": places.best,
        "worst": places.worst,
        "worst_over_best": _number(places.worst_over_best),
        "below_best": places.below_best,
        "lead_over_best": _change_json(*places.together.lead_over(best)),
        "lead_over_late_fusion": None
        if places.fused is None
        else _change_json(*places.together.lead_over(places.fused)),
        "mean_of_pairs": _agreement_json(places.mean_of_pairs),
        "mean_with_all_together": _agreement_json(places.mean_with_together),
    }


def _row_json(row: Row) -> dict:
    return {
        **{measure: row.figures[measure] for measure in MEASURES},
        "interval_95": None if row.interval is None else list(row.interval),
        "change": _change_json(*row.change),
        **_agreement_json(row.agreement),
        "remark": row.remark,
    }


def _change_json(value: float, interval: Interval | None) -> dict:
    return {"accuracy": value, "interval_95": None if interval is None else list(interval)}


def _agreement_json(own: Agreement) -> dict:
    return {"same_answer": own.share, "kappa": _number(own.kappa), "windows": own.windows}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
