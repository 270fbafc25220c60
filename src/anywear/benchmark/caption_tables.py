"""Captions, judged, as JSON and as tables."""

from __future__ import annotations

from .caption import CaptionReport
from .caption_real import BY
from .caption_speakers import SPEAKERS
from .tables import SEEN, aligned
from .text import text_json, text_table


def caption_json(report: CaptionReport) -> dict:
    """The report as plain types. Shares, not percent; CIDEr-D from 0 to 10."""
    clips: dict = {}
    for own in report.clips:
        clips.setdefault(own.pool, {})[str(own.sensors)] = {
            "clips": own.clips, "left_out": own.left_out,
            **{who: text_json(told) for who, told in own.reports.items()},
        }  # fmt: skip
    sets = {
        own.name: {
            "windows": own.windows, "labels": own.labels, "seen": own.seen, "named": own.named, "similarity": own.similarity,
            "empty": own.empty, "chosen": own.chosen, "chance": own.chance, "per_label": own.per_label,
            "signature": own.signature,
        }
        for own in report.sets
    }  # fmt: skip
    return {
        "clips": clips,
        "sets": sets,
        "signature": report.signature,
        "model": report.model,
        "language": report.language,
    }


def caption_table(report: CaptionReport, details: bool = False) -> str:
    """The report as text, in percent but for CIDEr-D; with `details`, which labels are named."""
    parts = []
    signatures: dict[str, None] = {}
    for own in report.clips:
        table, _, lines = text_table(own.reports).partition("\n\n")
        signatures.update(dict.fromkeys(lines.splitlines()))
        parts.append(f"{own.pool}, {own.clips} clips, {own.sensors} sensor(s)\n{table}")
    if signatures:
        parts.append("\n".join(signatures))
    if report.sets:
        rows: list[tuple[str, ...]] = [("is the true activity named?", *SPEAKERS, "windows", "labels", "")]
        near: list[tuple[str, ...]] = [("similarity to the label (MiniLM)", *SPEAKERS, "", "", "")]
        chosen: list[tuple[str, ...]] = [("a label chosen by", *BY, "chance", "")]
        for own in report.sets:
            seen = SEEN if own.seen else ""
            rows.append(
                (own.name, *(_percent(own.named[who]) for who in SPEAKERS), str(own.windows), str(own.labels), seen)
            )
            near.append((own.name, *(_percent(own.similarity[who]) for who in SPEAKERS), "", "", seen))
            chosen.append((own.name, *(_percent(own.chosen[way]) for way in BY), _percent(own.chance), seen))
        parts += [aligned(rows), aligned(near), report.sets[0].signature, aligned(chosen)]
    if details:
        for own in report.sets:
            head: list[tuple[str, ...]] = [(f"{own.name}: named", *SPEAKERS)]
            labels = own.per_label[SPEAKERS[0]]
            head += [(label, *(_percent(own.per_label[who][label]) for who in SPEAKERS)) for label in labels]
            parts.append(aligned(head))
    return "\n\n".join([*parts, report.signature])


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
