"""What a corpus knows of a clip beside its motion: words, who moved, where it is from, whether it may be trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import FormatError
from ..recording import Span

SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Caption:
    """A sentence about a stretch of a clip.

    Attributes:
        text: the sentence.
        start_s, end_s: the stretch, in seconds of the clip.
        source: who wrote it: ``humanml3d``, ``kit-ml``, ``cmu-index``, ``anywear`` or another.
    """

    text: str
    start_s: float
    end_s: float
    source: str


@dataclass(frozen=True)
class CorpusEntry:
    """One clip of a corpus, without its motion.

    Attributes:
        key: unique in the corpus, such as ``hdm05/HDM_bd_squat1Reps_001_120``.
        archive: where it comes from.
        label: what is done, in a few words.
        subject: who; clips of one subject are in one split. Ends in ``unknown`` where nobody says.
        split: ``train``, ``val`` or ``test``.
        duration_s, rate_hz, frames: of the clip.
        licence: under which it may be used.
        captions: sentences, each with its stretch of time.
        spans: labels of stretches, where the clip holds several activities; then ``label`` sums them up.
    """

    key: str
    archive: str
    label: str
    subject: str
    split: str
    duration_s: float
    rate_hz: float
    frames: int
    licence: str
    captions: tuple[Caption, ...] = ()
    spans: tuple[Span, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """As JSON takes it; times are rounded to 0.1 ms."""
        return {
            "key": self.key, "archive": self.archive, "label": self.label, "subject": self.subject, "split": self.split,
            "duration_s": round(self.duration_s, 4), "rate_hz": self.rate_hz, "frames": self.frames,
            "licence": self.licence,
            "captions": [[c.text, round(c.start_s, 4), round(c.end_s, 4), c.source] for c in self.captions],
            "spans": [[round(span.start_s, 4), round(span.end_s, 4), span.label] for span in self.spans],
        }  # fmt: skip

    @staticmethod
    def from_json(facts: Mapping[str, Any]) -> CorpusEntry:
        """The other way round. Raises FormatError when a field is missing or of another kind."""
        try:
            entry = CorpusEntry(
                str(facts["key"]), str(facts["archive"]), str(facts["label"]), str(facts["subject"]),
                str(facts["split"]), float(facts["duration_s"]), float(facts["rate_hz"]), int(facts["frames"]),
                str(facts["licence"]),
                tuple(Caption(str(text), float(a), float(b), str(by)) for text, a, b, by in facts["captions"]),
                tuple(Span(float(a), float(b), str(label)) for a, b, label in facts["spans"]),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(
                "An entry of the corpus is not understood",
                where=str(facts)[:80],
                got=f"{type(error).__name__}: {error}",
            ) from error
        if entry.split not in SPLITS:
            raise FormatError("A split is unknown", where=entry.key, expected=", ".join(SPLITS), got=repr(entry.split))
        return entry
