"""A recording as a diary: what was done when, with figures from the signal, in sentences.

What is recognised comes from the timeline (`anywear.runtime.timeline`), figures from the signal (`facts`), sentences from
templates. Where a language model is at hand its captions stand beside them, and are marked as its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from ...errors import UsageError
from ...recording import Recording
from ...signal import Window, cut_window, grid_pieces
from ..labels import UNKNOWN, LabelSet
from ..model import MIN_WINDOW_S, Model
from ..recognition import told_mounts
from ..timeline import Segment, Timeline
from .facts import Facts, Measurer
from .rest import Interval, rests
from .sentences import clock, summary, told
from .spans import Change, changes, tidy
from .vocabulary import EVERYDAY, NO_MOTION, POSTURE, Vocabulary, everyday, given

if TYPE_CHECKING:
    from ...placement import Placement
    from ...signal.mount import MountEstimate

WINDOW_S, HOP_S = 2.0, 0.5  # short enough for somebody to sit down in
LEAST_EVERY_S, MOST_CAPTIONS = 1.0, 20_000
TEMPLATES = "templates"


@runtime_checkable
class Says(Protocol):
    """What comes of a captioner for one window; `anywear.runtime.language.Caption` is one."""

    @property
    def text(self) -> str: ...
    @property
    def cautious_left_out(self) -> tuple[str, ...]: ...


@runtime_checkable
class Captioner(Protocol):
    """Says what it reads of windows; `anywear.runtime.language.Language` does."""

    def caption(self, windows: Sequence[Window], placements: Sequence, *, cautious: bool = False) -> Sequence:
        """One caption for each window."""
        ...


@runtime_checkable
class Remarks(Protocol):
    """Says what keeps a captioner from its best."""

    def notes(self, placements: Sequence) -> list[str]: ...


@dataclass(frozen=True)
class DiaryConfig:
    """How a diary is kept.

    Attributes:
        every_s: seconds of each caption; None gives one to every entry.
        cautious: captions leave out body parts that no sensor can tell.
        window_s, hop_s: of recognition.
        by: what recognition goes by; see `anywear.runtime.Model.recognize`.
        mount: how mounts are known; the same.
    """

    every_s: float | None = None
    cautious: bool = False
    window_s: float = WINDOW_S
    hop_s: float = HOP_S
    by: str = "text"
    mount: str | Mapping[str, MountEstimate] = "auto"

    def __post_init__(self) -> None:
        if self.every_s is not None and not (np.isfinite(self.every_s) and self.every_s >= LEAST_EVERY_S):
            raise UsageError(
                "The seconds of a caption are out of range", where="every", expected=f"{LEAST_EVERY_S:g} s or more",
                got=f"{self.every_s:g} s", remedy="Such as --every 5",
            )  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One stretch of the diary.

    Attributes:
        start_s, end_s: on the recording's clock.
        label: recognised, ``unknown``, or `NO_MOTION`.
        confidence: of the label, 0 to 1; of no motion 1.
        text: what was done, in the past tense.
        facts: that the text is made of.
        posture: recognised with confidence where nothing moves.
    """

    start_s: float
    end_s: float
    label: str
    confidence: float
    text: str
    facts: Facts = field(default_factory=Facts)
    posture: str | None = None

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        out = {
            "start_s": round(self.start_s, 3), "end_s": round(self.end_s, 3), "label": self.label,
            "confidence": round(self.confidence, 4), "text": self.text, "facts": self.facts.to_dict(),
        }  # fmt: skip
        return out if self.posture is None else {**out, "posture": self.posture}


@dataclass(frozen=True)
class Saying:
    """One caption: its stretch, who says it (`TEMPLATES`, or a language model), and words left out to be cautious."""

    start_s: float
    end_s: float
    text: str
    by: str
    left_out: tuple[str, ...] = ()

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        out = {"start_s": round(self.start_s, 3), "end_s": round(self.end_s, 3), "text": self.text, "by": self.by}
        return {**out, "left_out": list(self.left_out)} if self.left_out else out


@dataclass(frozen=True, eq=False)
class Diary:
    """What was done in a recording.

    Attributes:
        recording: of which.
        entries: in time order; stretches without data have none.
        changes: every sitting down, standing up and the like, recognised or implied.
        captions: one for every so many seconds, or for every entry.
        summary: of the whole.
        vocabulary: what was looked for.
        timeline: as recognised.
        notes: what the user should know.
    """

    recording: Recording
    entries: tuple[Entry, ...]
    changes: tuple[Change, ...]
    captions: tuple[Saying, ...]
    summary: str
    vocabulary: Vocabulary
    timeline: Timeline
    notes: tuple[str, ...]
    config: DiaryConfig

    @property
    def hours(self) -> bool:
        """Whether clocks need hours."""
        return self.recording.end_s >= 3600.0

    @property
    def steps(self) -> int:
        """Of all entries together."""
        return sum(own.facts.steps.count for own in self.entries if own.facts.steps)

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        return {
            "summary": self.summary,
            "entries": [own.to_dict() for own in self.entries],
            "captions": [own.to_dict() for own in self.captions],
            "changes": [
                {"label": own.label, "start_s": round(own.start_s, 3), "end_s": round(own.end_s, 3), "implied": own.implied}
                for own in self.changes
            ],
            "steps": self.steps,
            "sensors": [
                {"name": own.name, "placement": own.placement.name, "gyroscope": own.gyr_radps is not None}
                for own in self.recording.streams
            ],
            "labels": list(self.timeline.labels),
            "notes": list(self.notes),
        }  # fmt: skip

    def to_markdown(self, title: str = "Diary") -> str:
        """As a Markdown document."""
        lines = [f"# {title}", "", self.summary, "", "| from | to | what | confidence |", "|---|---|---|---|"]
        for own in self.entries:
            when = f"{clock(own.start_s, self.hours)} | {clock(own.end_s, self.hours)}"
            lines.append(f"| {when} | {_cell(own.text)} | {own.confidence:.0%} |")
        if self.captions:
            lines += ["", "## Captions", "", "| from | to | caption | by |", "|---|---|---|---|"]
            lines += [
                f"| {clock(own.start_s, self.hours)} | {clock(own.end_s, self.hours)} | {_cell(own.text)} | {own.by} |"
                for own in self.captions
            ]
        lines += ["", *(f"- {_cell(note)}" for note in self.notes)]
        return "\n".join(lines).rstrip()

    def __str__(self) -> str:
        lines = [self.summary]
        lines += [f"{clock(s.start_s, self.hours)}-{clock(s.end_s, self.hours)} {s.text}" for s in self.entries]
        if self.captions:
            lines += ["captions:"]
            lines += [f"  {clock(s.start_s, self.hours)}-{clock(s.end_s, self.hours)} {s.text}" for s in self.captions]
        return "\n".join(lines)


def keep_diary(
    recording: Recording,
    labels: LabelSet | Sequence[str] | dict[str, str] | Vocabulary | None = None,
    *,
    model: Model | None = None,
    language: Captioner | None = None,
    config: DiaryConfig | None = None,
) -> Diary:
    """What was done in a recording, as a diary.

    Args:
        recording: any number of streams.
        labels: what is looked for; everyday activities by default.
        model: recognises; the shipped one by default.
        language: says the captions; plain sentences by default.
        config: how it is kept.

    Raises:
        UsageError: labels or windows that cannot be, or a recording too long for so many captions.
    """
    model, config = model or Model(), config or DiaryConfig()
    placements = [stream.placement for stream in recording.streams]
    if labels is None:
        vocabulary = everyday(placements)
    else:
        vocabulary = labels if isinstance(labels, Vocabulary) else given(LabelSet.of(labels))
    timeline = model.recognize(
        recording, vocabulary.labels, window_s=config.window_s, hop_s=min(config.hop_s, config.window_s), by=config.by,
        mount=config.mount,
    )  # fmt: skip
    return _written(recording, timeline, vocabulary, model, language, config)


def _written(
    recording: Recording, timeline: Timeline, vocabulary: Vocabulary, model: Model, language: Captioner | None,
    config: DiaryConfig,
) -> Diary:  # fmt: skip
    still = rests(recording)
    segments, postures = tidy(timeline.segments, still, vocabulary)
    all_still = bool(segments) and all(own.label == NO_MOTION for own in segments)
    measure = Measurer(recording)
    entries = tuple(_entry(own, measure, vocabulary, {} if all_still else postures) for own in segments)
    found = changes(segments, vocabulary)
    counted: dict[str, int] = {}
    for own in found:
        counted[own.label] = counted.get(own.label, 0) + 1
    steps = sum(own.facts.steps.count for own in entries if own.facts.steps)
    captions = _captions(recording, entries, still, vocabulary, model, language, config)
    notes = [*timeline.notes]
    implied = sum(own.implied for own in found)
    if implied:
        notes.append(
            f"{implied} change(s) of posture are implied by what came before and after, and were not recognised"
        )
    if still and not all_still:
        notes.append("no motion: a device that lies still, or a body that does; the signal does not tell them apart")
    if any(own.left_out for own in captions):
        words = dict.fromkeys(word for own in captions for word in own.left_out)
        notes.append(f"left out to be cautious, no sensor is near enough to tell: {', '.join(words)}")
    if isinstance(language, Remarks):
        notes += language.notes([stream.placement for stream in recording.streams])
    text = summary(entries, counted, steps, recording.start_s, recording.end_s)
    return Diary(recording, entries, found, captions, text, vocabulary, timeline, tuple(dict.fromkeys(notes)), config)


def _entry(
    own: Segment, measure: Measurer, vocabulary: Vocabulary, postures: Mapping[float, tuple[str, float]]
) -> Entry:
    known = own.label not in (UNKNOWN, NO_MOTION)
    facts = measure.facts(vocabulary[own.label], own.start_s, own.end_s) if known else Facts()
    posture = next((label for start_s, (label, _) in postures.items() if abs(start_s - own.start_s) < 1e-6), None)
    posture = posture if own.label == NO_MOTION else None
    return Entry(
        own.start_s, own.end_s, own.label, own.confidence, told(own.label, facts, vocabulary, posture), facts, posture
    )


def _captions(
    recording: Recording, entries: Sequence[Entry], still: Sequence[Interval], vocabulary: Vocabulary, model: Model,
    language: Captioner | None, config: DiaryConfig,
) -> tuple[Saying, ...]:  # fmt: skip
    """A caption for every so many seconds, or for every entry; without a language model the entries have their sentences.

    Where a posture was recognised, and it finds no motion or names another one, the posture is said: a timeline has more to
    go by than a window.
    """
    if config.every_s is not None:
        count = int(np.ceil(recording.duration_s / config.every_s - 1e-9))
        if count > MOST_CAPTIONS:
            raise UsageError(
                "The recording is too long for so many captions", where="every", expected=f"at most {MOST_CAPTIONS}",
                got=str(count), remedy=f"Give --every {np.ceil(recording.duration_s / MOST_CAPTIONS):g} or more",
            )  # fmt: skip
        starts = recording.start_s + config.every_s * np.arange(count)
        spans = [(float(a), float(min(a + config.every_s, recording.end_s))) for a in starts]
    elif language is not None:
        spans = [(own.start_s, own.end_s) for own in entries]
    else:
        return ()
    shared = {span: _shared(entries, *span) for span in spans}
    # Without figures, which are of whole entries.
    texts = {span: " and then ".join(dict.fromkeys(own.text.split(",")[0] for own in shared[span])) for span in spans}
    out = [Saying(a, b, texts[a, b], TEMPLATES) for a, b in spans if texts[a, b]]
    if language is None:
        return tuple(out)
    recording, _ = told_mounts(recording, config.mount)
    windows = dict(_windows(recording, spans, model))
    wanted = [own for own in out if (own.start_s, own.end_s) in windows and not _rests(still, own.start_s, own.end_s)]
    if wanted:
        placements: list[Placement] = [stream.placement for stream in recording.streams]
        found = [windows[own.start_s, own.end_s] for own in wanted]
        said = dict(zip(wanted, language.caption(found, placements, cautious=config.cautious), strict=True))
        for own in list(said):
            there = [entry.label for entry in shared[own.start_s, own.end_s]]
            rests = all(vocabulary.kind(label) == POSTURE for label in there)
            if rests and (said[own].text.startswith(NO_MOTION) or _is_another_posture(said[own].text, there)):
                del said[own]
        out = [
            replace(own, text=said[own].text, by="language model", left_out=tuple(said[own].cautious_left_out))
            if own in said and said[own].text.strip() else own
            for own in out
        ]  # fmt: skip
    return tuple(out)


def _is_another_posture(text: str, labels: Sequence[str]) -> bool:
    """Whether a caption names a posture, and none that these labels name."""
    postures = [own for own in EVERYDAY if own.kind == POSTURE]
    named = {own.label for own in postures if own.is_meant(text.lower())}
    return bool(named) and not any(own.label in named and own.is_meant(it.lower()) for own in postures for it in labels)


def _shared(entries: Sequence[Entry], start_s: float, end_s: float) -> list[Entry]:
    """What was done in a stretch: entries that last for a quarter of it or more, or lie in it as good as whole."""
    out = []
    for own in entries:
        inside = min(own.end_s, end_s) - max(own.start_s, start_s)
        if inside > 0.0 and (inside >= 0.25 * (end_s - start_s) or inside >= 0.9 * (own.end_s - own.start_s)):
            out.append(own)
    return out


def _rests(still: Sequence[Interval], start_s: float, end_s: float) -> bool:
    return any(a <= start_s + 0.5 and b >= end_s - 0.5 for a, b in still)


def _windows(recording: Recording, spans: Sequence[Interval], model: Model) -> list[tuple[Interval, Window]]:
    """One window from the middle of each span, as long as the model reads; spans without data have none."""
    rate_hz = model.config.rate_hz
    pieces = grid_pieces(recording, rate_hz)
    out = []
    for start_s, end_s in spans:
        seconds = min(end_s - start_s, model.config.window_s)
        length = int(seconds * rate_hz)
        while length >= round(MIN_WINDOW_S * rate_hz):
            # On the grid, and inside the span.
            start = int(np.ceil(rate_hz * (0.5 * (start_s + end_s)) - 0.5 * length - 1e-6))
            window = cut_window(pieces, start, length)
            if window.streams:
                out.append(((start_s, end_s), window))
                break
            length = int(0.7 * length)  # a gap, or the very ends of the data
    return out


def _cell(text: str) -> str:
    """Text that a Markdown table takes for no more than text."""
    return " ".join(text.replace("|", "\\|").split())
