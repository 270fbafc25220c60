"""A diary as a page: timeline, signals, captions and table in one file that needs no network."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from importlib.resources import files

import numpy as np

from ..._drawing import thin
from ...recording import Recording, Stream
from ...timing import contiguous_slices
from ..labels import UNKNOWN
from .diary import TEMPLATES, Diary
from .sentences import clock, lasting
from .vocabulary import NO_MOTION

COLOURS, PATTERNS = 7, 4  # labels beyond the colours take them again with a pattern
WIDTH, HEIGHT = 2000, 1000  # units of a track
MOST_POINTS, LEAST_POINTS, ALL_POINTS = 1600, 300, 60_000  # of a line, and of the page
TICKS = 6
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
KINDS = {"acc": ("specific force, m/s²", 1.0), "gyr": ("angular rate, rad/s", 0.2)}  # with the least height shown


def diary_page(diary: Diary, title: str) -> str:
    """The page as text.

    Args:
        diary: what is shown.
        title: heading.
    """
    folder = files("anywear.runtime.diary") / "page_parts"
    styles = _styles(diary)
    parts = {
        "TITLE": html.escape(title),
        "STYLE": (folder / "page.css").read_text(encoding="utf-8").strip(),
        "SUMMARY": html.escape(diary.summary),
        "LEGEND": _legend(diary, styles),
        "TRACKS": _tracks(diary, styles),
        "ENTRIES": _entries(diary, styles),
        "CAPTIONS": _captions(diary),
        "NOTES": _notes(diary),
        "SCRIPT": (folder / "page.js").read_text(encoding="utf-8").strip(),
    }
    template = (folder / "page.html").read_text(encoding="utf-8").strip()
    # One pass, so that no text put in is searched for marks again.
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda mark: parts[mark[1]], template)


def _styles(diary: Diary) -> dict[str, tuple[str, str]]:
    """Colour and pattern of every label, those that last longest first."""
    seconds: dict[str, float] = {}
    for own in diary.entries:
        seconds[own.label] = seconds.get(own.label, 0.0) + own.end_s - own.start_s
    for span in diary.recording.labels:
        seconds.setdefault(span.label, 0.0)
    plain = sorted((own for own in seconds if own not in (UNKNOWN, NO_MOTION)), key=lambda own: (-seconds[own], own))
    styles = {UNKNOWN: ("--unknown", " p1"), NO_MOTION: ("--rest", "")}
    for number, label in enumerate(plain):
        pattern = number // COLOURS % PATTERNS
        styles[label] = (f"--c{number % COLOURS}", f" p{pattern}" if pattern else "")
    return styles


def _legend(diary: Diary, styles: dict[str, tuple[str, str]]) -> str:
    seconds: dict[str, float] = {}
    for own in diary.entries:
        seconds[own.label] = seconds.get(own.label, 0.0) + own.end_s - own.start_s
    rows = [
        f'<li>{_dot(styles[label])}{html.escape(label)} <span class="dim">{lasting(own)}</span></li>'
        for label, own in sorted(seconds.items(), key=lambda item: (-item[1], item[0]))
    ]
    rows += [
        f'<li>{_dot(styles[label])}{html.escape(label)} <span class="dim">label of the file</span></li>'
        for label in dict.fromkeys(span.label for span in diary.recording.labels) if label not in seconds
    ]  # fmt: skip
    return "".join(rows) or "<li>no stretch has data enough for an answer</li>"


def _dot(style: tuple[str, str]) -> str:
    return f'<span class="dot{style[1]}" style="--own:var({style[0]})"></span>'


def _tracks(diary: Diary, styles: dict[str, tuple[str, str]]) -> str:
    recording = diary.recording
    start_s, end_s = recording.start_s, recording.end_s
    shown = [(s, kind) for s in recording.streams for kind in KINDS if kind == "acc" or s.gyr_radps is not None]
    points = int(np.clip(ALL_POINTS // (3 * max(1, len(shown))), LEAST_POINTS, MOST_POINTS))
    answers = [(own.start_s, own.end_s, own.label, own.text) for own in diary.entries]
    out = [
        f'<div class="tracks" id="tracks" data-start="{start_s:.3f}" data-end="{end_s:.3f}">',
        _band("answer", "done", answers, styles, (start_s, end_s), diary.hours, linked=True),
    ]
    if recording.labels:
        truth = [(own.start_s, own.end_s, own.label, own.label) for own in recording.labels]
        out.append(_band("truth", "labels", truth, styles, (start_s, end_s), diary.hours, linked=False))
    for stream, kind in shown:
        out.append(_signal(stream, kind, points, (start_s, end_s)))
    out += [_ticks(recording, diary.hours), '<div class="cursor" id="cursor"></div>', "</div>"]
    return "\n".join(out)


def _band(
    kind: str, name: str, spans: Sequence[tuple[float, float, str, str]], styles: dict[str, tuple[str, str]],
    whole: tuple[float, float], hours: bool, *, linked: bool,
) -> str:  # fmt: skip
    blocks = []
    for number, (start_s, end_s, label, text) in enumerate(spans):
        low, high = (_share(own, whole) for own in (start_s, end_s))
        colour, pattern = styles[label]
        title = f"{clock(start_s, hours)}-{clock(end_s, hours)} {text}"
        link = f' href="#e{number}"' if linked else ""
        blocks.append(
            f'<a{link} class="{pattern.strip()}" style="left:{100 * low:.3f}%;width:{100 * (high - low):.3f}%;'
            f'--own:var({colour})" title="{html.escape(title)}" data-start="{start_s:.3f}" data-end="{end_s:.3f}"></a>'
        )
    return f'<div class="track"><span class="name">{name}</span><div class="band {kind}">{"".join(blocks)}</div></div>'


def _signal(stream: Stream, kind: str, points: int, whole: tuple[float, float]) -> str:
    values = stream.acc_mps2 if kind == "acc" else stream.gyr_radps
    assert values is not None
    about, least = KINDS[kind]
    low, high = float(values.min()), float(values.max())
    missing = max(least - (high - low), 0.0) / 2.0
    low, high = low - missing, high + missing
    paths = []
    stretches = contiguous_slices(stream.time_s)
    for axis, name in enumerate("xyz"):
        drawn = []
        for own in stretches:
            share = max(2, round(points * len(stream.time_s[own]) / len(stream.time_s)))
            time_s, line = thin(stream.time_s[own], np.asarray(values[own, axis], dtype=np.float64), share)
            x = np.round(WIDTH * (time_s - whole[0]) / max(whole[1] - whole[0], 1e-9)).astype(int)
            y = np.round(HEIGHT * (0.95 - 0.9 * (line - low) / (high - low))).astype(int)
            drawn.append("M" + "L".join(f"{a} {b}" for a, b in zip(x.tolist(), y.tolist(), strict=True)))
        paths.append(f'<path d="{"".join(drawn)}" style="stroke:var(--{name})"/>')
    axes = "".join(f'<span class="axis" style="background:var(--{name})"></span>{name}' for name in "xyz")
    place = stream.placement.name.replace("_", " ")
    worn = "" if place == stream.name.replace("_", " ") else f" ({place})"
    label = html.escape(f"{stream.name}{worn}, {about}")
    return (
        f'<div class="head">{label}{axes if kind == "acc" else ""}</div>'
        f'<div class="track"><span class="scale">{high:.3g}</span><span class="scale low">{low:.3g}</span>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f"{''.join(paths)}</svg></div>"
    )


def _ticks(recording: Recording, hours: bool) -> str:
    start_s, end_s = recording.start_s, recording.end_s
    step = next((own for own in STEPS_S if own * TICKS >= end_s - start_s), 4 * STEPS_S[-1])
    marks = [start_s, *(k * step for k in range(int(start_s // step) + 1, int(end_s // step) + 1)), end_s]
    # Those next to the ends give way to them.
    near = 0.09 * (end_s - start_s)
    kept = [own for own in marks if own in (start_s, end_s) or (own - start_s > near and end_s - own > near)]
    return '<div class="ticks">' + "".join(
        f'<span style="left:{100 * _share(own, (start_s, end_s)):.2f}%">{clock(own, hours)}</span>' for own in kept
    ) + "</div>"  # fmt: skip


def _entries(diary: Diary, styles: dict[str, tuple[str, str]]) -> str:
    rows = ['<table><thead><tr><th>when</th><th>what</th><th class="sure">sure</th></tr></thead><tbody>']
    for number, own in enumerate(diary.entries):
        when = f"{clock(own.start_s, diary.hours)}–{clock(own.end_s, diary.hours)}"
        rows.append(
            f'<tr id="e{number}"><td class="when">{when}</td><td>{_dot(styles[own.label])}{html.escape(own.text)}</td>'
            f'<td class="sure">{100 * own.confidence:.0f}&nbsp;%</td></tr>'
        )
    return "\n".join([*rows, "</tbody></table>"])


def _captions(diary: Diary) -> str:
    if not diary.captions:
        return ""
    rows = []
    for own in diary.captions:
        when = f"{clock(own.start_s, diary.hours)}–{clock(own.end_s, diary.hours)}"
        by = "" if own.by == TEMPLATES else f' <span class="dim">({html.escape(own.by)})</span>'
        rows.append(f'<tr><td class="when">{when}</td><td class="said">{html.escape(own.text)}{by}</td></tr>')
    return f"<section><h2>Captions</h2><table><tbody>\n{chr(10).join(rows)}\n</tbody></table></section>"


def _notes(diary: Diary) -> str:
    remarks = [*diary.notes, *(f"{name or 'recording'}: {own}" for name, own in diary.recording.all_notes())]
    if not remarks:
        return ""
    rows = "".join(f"<li>{html.escape(own)}</li>" for own in remarks)
    return f'<section><details><summary>Notes</summary><ul class="notes">{rows}</ul></details></section>'


def _share(at_s: float, whole: tuple[float, float]) -> float:
    return float(np.clip((at_s - whole[0]) / max(whole[1] - whole[0], 1e-9), 0.0, 1.0))
