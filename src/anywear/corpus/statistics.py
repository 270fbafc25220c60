"""Figures of a corpus, and a picture of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .._drawing import save_picture
from ..errors import UsageError
from .entry import CorpusEntry

SHOWN = 40  # labels in the picture


def statistics_of(entries: Sequence[CorpusEntry], left_out: Sequence[str] = ()) -> dict[str, Any]:
    """Hours, clips, subjects, captions, words: in all, per archive and per split; hours per label.

    Captions count as often as they are attached to a clip; ``distinct_captions`` counts each sentence once. Hours of a
    label are those of its stretches, where a clip has stretches.

    Args:
        entries: the clips.
        left_out: keys of clips that did not enter.
    """
    archives = sorted({entry.archive for entry in entries} | {key.partition("/")[0] for key in left_out})
    per_label: dict[str, float] = {}
    for entry in entries:
        for label, seconds in _labelled(entry):
            per_label[label] = per_label.get(label, 0.0) + seconds
    return {
        "total": _figures(entries, len(left_out)),
        "archives": {
            name: _figures(
                [entry for entry in entries if entry.archive == name],
                sum(key.partition("/")[0] == name for key in left_out),
            )
            for name in archives
        },
        "splits": {
            split: _figures([entry for entry in entries if entry.split == split])
            for split in sorted({entry.split for entry in entries})
        },
        "hours_per_label": {
            label: round(seconds / 3600.0, 5) for label, seconds in sorted(per_label.items(), key=lambda i: (-i[1], i[0]))
        },
    }  # fmt: skip


def statistics_text(statistics: dict[str, Any]) -> str:
    """The figures as a table for people."""
    columns = ("hours", "clips", "left_out", "subjects", "captions", "distinct_captions", "words")
    lines = [f"{'':20}" + "".join(f"{name.replace('_', ' '):>{max(10, len(name) + 2)}}" for name in columns)]
    groups = (("archives", "archive"), ("splits", "split"))
    rows = [(name, own) for group, _ in groups for name, own in statistics[group].items()]
    for name, own in [*rows, ("all", statistics["total"])]:
        cells = [f"{own[c]:.3f}" if c == "hours" else str(own.get(c, "")) for c in columns]
        lines.append(
            f"{name:20}" + "".join(f"{cell:>{max(10, len(c) + 2)}}" for cell, c in zip(cells, columns, strict=True))
        )
    return "\n".join(lines)


def draw_statistics(statistics: dict[str, Any], path: str | Path) -> None:
    """A picture of hours per label, the most at the top.

    Raises:
        UsageError: matplotlib is missing, or the ending is of no picture.
    """
    path = Path(path)
    if path.suffix.lower() not in (".png", ".pdf", ".svg"):
        raise UsageError("This is no picture's name", where=str(path), expected=".png, .pdf or .svg")
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UsageError("Pictures need matplotlib", remedy='pip install "anywear[plot]"') from error
    from .._files import write_whole

    hours = dict(list(statistics["hours_per_label"].items())[:SHOWN])
    figure = Figure(figsize=(8.0, 1.0 + 0.22 * len(hours)), layout="constrained")
    axes = figure.subplots()
    axes.barh(list(hours)[::-1], [60.0 * value for value in hours.values()][::-1], color="#3b6ea5")
    axes.set_xlabel("minutes")
    axes.margins(y=0.01)
    axes.tick_params(axis="y", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    total = statistics["total"]
    axes.set_title(f"{total['hours']:.2f} h, {total['clips']} clips, {total['captions']} captions", fontsize=10)
    write_whole(path, lambda partial: save_picture(figure, partial))


def _figures(entries: Sequence[CorpusEntry], left_out: int | None = None) -> dict[str, Any]:
    captions = [caption.text for entry in entries for caption in entry.captions]
    figures: dict[str, Any] = {
        "hours": round(sum(entry.duration_s for entry in entries) / 3600.0, 5),
        "clips": len(entries),
        "subjects": len({entry.subject for entry in entries}),
        "captions": len(captions),
        "distinct_captions": len(set(captions)),
        "words": sum(len(text.split()) for text in captions),
    }
    if left_out is not None:
        figures["left_out"] = left_out
    return figures


def _labelled(entry: CorpusEntry) -> list[tuple[str, float]]:
    if entry.spans:
        return [(span.label, span.end_s - span.start_s) for span in entry.spans]
    return [(entry.label, entry.duration_s)]
