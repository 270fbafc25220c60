"""Answers about a recording, each with its evidence: what was recognised, counted or measured first, a language model second.

What cannot be told is said to be so: a question without a rule, words that no motion is near, sensors on one side alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from ...recording import Recording
from ..labels import UNKNOWN, LabelSet
from ..model import Model
from ..programs import programs_for
from ..recognition import told_mounts
from .diary import Diary, DiaryConfig, Entry, keep_diary
from .questions import Question, read_question
from .sentences import clock, lasting, times
from .vocabulary import CHANGE, GAIT, NO_MOTION, REPEATED, Activity, Vocabulary, activity_of

TIMELINE, SIGNAL, LANGUAGE, NOTHING = "timeline", "signal", "language model", "nothing"
SAME_WORDS = 0.75  # cosine from which words of a question mean a label
SOME_MOTION = 0.5  # cosine to the nearest motion below which words are of something else
UNSURE = 0.4  # confidence below which an answer says so
MOST_SPANS = 12  # told in words; all are in the evidence
STILL = Activity(
    NO_MOTION, NO_MOTION, "other", ("still", "no motion", "motionless", "(?:did|does|do) not move", "at rest")
)


@runtime_checkable
class Answerer(Protocol):
    """Answers in words; `anywear.runtime.language.Language` does."""

    def answer(self, windows: Sequence, placements: Sequence, question: str) -> str:
        """An answer about windows."""
        ...


@dataclass(frozen=True)
class Evidence:
    """What an answer rests on.

    Attributes:
        start_s, end_s: of the stretch.
        label: recognised in it.
        confidence: of the label.
        text: what was counted or measured, in words.
        method: how it is known.
    """

    start_s: float
    end_s: float
    label: str
    confidence: float
    text: str
    method: str

    @property
    def sure(self) -> str:
        """The confidence in words of a row; nothing where no label was recognised."""
        return f"{self.confidence:.0%}; " if self.label else ""

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        return {
            "start_s": round(self.start_s, 3), "end_s": round(self.end_s, 3), "label": self.label,
            "confidence": round(self.confidence, 4), "text": self.text, "method": self.method,
        }  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """An answer.

    Attributes:
        question: as it was put.
        text: the answer, a sentence or two.
        by: what it comes from: the timeline, the signal, the language model, or nothing where it cannot be told.
        value: the figure asked for, and its unit; None where none was.
        activities: labels that the question was taken to mean.
        evidence: what it rests on.
        notes: what the user should know of it.
    """

    question: str
    text: str
    by: str
    value: float | None = None
    unit: str = ""
    activities: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def answered(self) -> bool:
        return self.by != NOTHING

    def to_dict(self) -> dict:
        """Plain types, for JSON."""
        return {
            "question": self.question, "answer": self.text, "answered": self.answered, "by": self.by, "value": self.value,
            "unit": self.unit, "activities": list(self.activities), "evidence": [own.to_dict() for own in self.evidence],
            "notes": list(self.notes),
        }  # fmt: skip

    def to_markdown(self) -> str:
        """As Markdown."""
        lines = [f"**{self.question}**", "", self.text, ""]
        if self.evidence:
            lines += ["| from | to | what | confidence | known by |", "|---|---|---|---|---|"]
            lines += [
                f"| {clock(own.start_s)} | {clock(own.end_s)} | {own.text} | {own.confidence:.0%} | {own.method} |"
                for own in self.evidence
            ]
            lines.append("")
        lines += [f"- {note}" for note in (f"known by: {self.by}", *self.notes)]
        return "\n".join(lines)

    def __str__(self) -> str:
        rows = [f"  {clock(s.start_s)}-{clock(s.end_s)} {s.text} ({s.sure}{s.method})" for s in self.evidence]
        notes = [f"  note: {note}" for note in self.notes]
        return "\n".join([self.text, f"evidence ({self.by}):" if rows else f"by: {self.by}", *rows, *notes])


def ask(
    recording: Recording,
    question: str,
    *,
    labels: LabelSet | Sequence[str] | dict[str, str] | None = None,
    model: Model | None = None,
    language: Answerer | None = None,
    config: DiaryConfig | None = None,
) -> Answer:
    """Answer a question about a recording.

    Args:
        recording: any number of streams.
        question: in English.
        labels: what is looked for; everyday activities by default. Words of the question that mean none of them
            become one more.
        model: recognises; the shipped one by default.
        language: answers what no rule does; nobody by default.
        config: how the diary is kept that answers come from.

    Raises:
        UsageError: labels or windows that cannot be.
    """
    model, config = model or Model(), config or DiaryConfig()
    read = read_question(question)
    if not read.words:
        return Answer(question, "Nothing was asked.", NOTHING)
    diary = keep_diary(recording, labels, model=model, config=config)
    activities, added, notes = meant(read, diary.vocabulary, model)
    if added:
        wider = Vocabulary((*diary.vocabulary.activities, *activities))
        diary = keep_diary(recording, wider, model=model, config=config)
    if not diary.entries and read.kind not in (None, "sensors", "length"):
        return Answer(question, "This cannot be told: there is too little data.", NOTHING, notes=diary.timeline.notes)
    answer = _Answers(diary, read, activities).give()
    if answer is None and language is not None and (activities or _near_motion(read.words, model)):
        told, _ = told_mounts(recording, config.mount)
        found, _ = model.windows_of(told)
        if found:
            placements = [stream.placement for stream in told.streams]
            text = language.answer(found, placements, question).strip()
            whole = Evidence(
                recording.start_s, recording.end_s, "", 0.0, f"{len(found)} windows read", "language model, unchecked"
            )
            if text:
                answer = Answer(question, f"The language model says: {text}.", LANGUAGE, evidence=(whole,))
    if answer is None:
        return Answer(question, _cannot(read, activities), NOTHING, notes=(*notes, *diary.timeline.notes))
    return replace(answer, notes=(*answer.notes, *notes, *diary.timeline.notes))


def meant(read: Question, vocabulary: Vocabulary, model: Model) -> tuple[list[Activity], bool, list[str]]:
    """The activities a question speaks of; whether they are new to the vocabulary; and remarks.

    By the words of the vocabulary, else by the sentence encoder: the nearest label where it is near, else the words become a
    label of their own, if they are near any motion at all.
    """
    found = vocabulary.meant(read.words)
    if found:
        return found, False, []
    if STILL.is_meant(read.words):
        return [STILL], False, []
    if not read.about or read.kind in (None, "steps", "sensors", "length", "at", "most", "whole"):
        return [], False, []
    labels = [own.label for own in vocabulary.activities]
    tower = model.text_tower
    cosines = tower.encode(labels) @ tower.encode([read.about])[0]
    best = int(cosines.argmax())
    if cosines[best] >= SAME_WORDS:
        remark = f"'{read.about}' was taken to mean '{labels[best]}' (cosine {cosines[best]:.2f})"
        return [vocabulary.activities[best]], False, [remark]
    if not _near_motion(read.about, model):
        return [], False, []
    new = activity_of(read.about)
    return [new], True, [f"'{read.about}' was looked for as a label of its own, beside the others"]


def _near_motion(words: str, model: Model) -> bool:
    return bool(words) and programs_for(words, model.text_tower, 1)[0].similarity >= SOME_MOTION


def _cannot(read: Question, activities: Sequence[Activity]) -> str:
    if read.kind is None:
        return "This cannot be answered: the question is not understood. Ask how often, how long, when, how many steps."
    if read.kind == "how fast" and activities:
        return f"This cannot be told: {activities[0].label} has no steps or repetitions to count."
    if read.about and not activities:
        return f"This cannot be told from motion: '{read.about}' is near no motion that is known."
    return "This cannot be told from the recording."


class _Answers:
    """Answers by rule; None where there is none."""

    def __init__(self, diary: Diary, read: Question, activities: Sequence[Activity]) -> None:
        self.diary, self.read, self.activities = diary, read, activities
        self.labels = tuple(own.label for own in activities)
        entries = diary.entries
        if len(read.times_s) >= 2:
            low, high = min(read.times_s), max(read.times_s)
            entries = tuple(own for own in entries if own.end_s > low and own.start_s < high)
        self.entries = entries
        self.own = [entry for entry in entries if entry.label in self.labels]

    def give(self) -> Answer | None:
        kind = self.read.kind
        if kind in ("how often", "how long", "when", "was there", "after", "before") and not self.activities:
            return self._whole() if kind == "was there" and not self.read.about else None
        rules = {
            "steps": self._steps, "how often": self._how_often, "how long": self._how_long, "how fast": self._how_fast,
            "side": self._side, "after": self._neighbour, "before": self._neighbour, "when": self._when, "most": self._most,
            "at": self._at, "sensors": self._sensors, "length": self._length, "whole": self._whole,
            "was there": self._was_there,
        }  # fmt: skip
        return rules[kind]() if kind in rules else None

    def _answer(
        self, text: str, evidence: Sequence[Evidence], value: float | None = None, unit: str = "", by: str = TIMELINE
    ) -> Answer:
        unsure = [own for own in evidence if own.confidence < UNSURE and own.label]
        notes = (
            [f"{len(unsure)} of {len(evidence)} stretches were recognised with less than {UNSURE:.0%}"]
            if unsure
            else []
        )
        if any(own.label == UNKNOWN for own in self.entries):
            seconds = sum(own.end_s - own.start_s for own in self.entries if own.label == UNKNOWN)
            notes.append(f"{lasting(seconds)} were not recognised as anything that was looked for")
        return Answer(self.read.text, text, by, value, unit, self.labels, tuple(evidence), tuple(notes))

    def _of(self, entry: Entry, text: str | None = None, method: str = "recognised") -> Evidence:
        return Evidence(entry.start_s, entry.end_s, entry.label, entry.confidence, text or entry.text, method)

    def _named(self) -> str:
        return " or ".join(self.labels)

    def _none(self) -> Answer:
        return self._answer(f"No: nothing was recognised as {self._named()}.", (), 0.0)

    def _changes(self) -> list[Evidence]:
        """Changes that were asked for; with two moments named, those between them."""
        inside = {(own.start_s, own.end_s) for own in self.entries}
        low = min((a for a, _ in inside), default=0.0) - 1e-6
        high = max((b for _, b in inside), default=0.0) + 1e-6
        return [
            Evidence(own.start_s, own.end_s, own.label, own.confidence, own.label,
                     "implied by what came before and after" if own.implied else "recognised")
            for own in self.diary.changes
            if own.label in self.labels and low <= own.start_s <= high
        ]  # fmt: skip

    def _how_often(self) -> Answer:
        if all(own.kind == CHANGE for own in self.activities):
            found = self._changes()
            implied = sum(own.method != "recognised" for own in found)
            remark = f" ({implied} of them implied by a change of posture)" if implied else ""
            text = (
                f"{self._named().capitalize()}: {times(len(found))}{remark}."
                if found
                else f"{self._named().capitalize()}: never."
            )
            return self._answer(text, found, float(len(found)), "times")
        if not self.own:
            return self._answer(f"{self._named().capitalize()}: never.", (), 0.0, "times")
        counted = [own for own in self.own if own.facts.repetitions]
        stretches = f"{len(self.own)} stretch{'es' if len(self.own) > 1 else ''}"
        if counted:
            total = sum(own.facts.repetitions.count for own in counted if own.facts.repetitions)
            unit = self.activities[0].unit
            evidence = [self._of(own, method=_counted_by(own)) for own in self.own]
            return self._answer(f"{total} {unit}, in {stretches}.", evidence, float(total), unit, SIGNAL)
        text = f"{self._named().capitalize()}: in {stretches}"
        if any(own.kind == REPEATED for own in self.activities):
            text += "; single repetitions could not be counted, for no rhythm was found"
        return self._answer(f"{text}.", [self._of(own) for own in self.own], float(len(self.own)), "stretches")

    def _how_long(self) -> Answer:
        seconds = sum(own.end_s - own.start_s for own in self.own)
        if not self.own:
            return self._answer(f"Not at all: nothing was recognised as {self._named()}.", (), 0.0, "s")
        whole = sum(own.end_s - own.start_s for own in self.entries)
        text = f"{lasting(seconds)} of {lasting(whole)} ({seconds / whole:.0%}), {self._named()}."
        return self._answer(text, [self._of(own) for own in self.own], round(seconds, 2), "s")

    def _steps(self) -> Answer:
        wanted = (
            self.own if self.labels else [own for own in self.entries if self.diary.vocabulary.kind(own.label) == GAIT]
        )
        counted = [own for own in wanted if own.facts.steps]
        total = sum(own.facts.steps.count for own in counted if own.facts.steps)
        if not wanted:
            return self._answer("No steps: nobody was recognised to walk or run.", (), 0.0, "steps")
        evidence = [self._of(own, method=_counted_by(own)) for own in wanted]
        missing = len(wanted) - len(counted)
        text = f"About {total} steps." if counted else "Steps could not be counted: no rhythm of steps was found."
        if counted and missing:
            text += f" In {missing} stretch{'es' if missing > 1 else ''} of {len(wanted)} none could be counted."
        return self._answer(text, evidence, float(total) if counted else None, "steps", SIGNAL)

    def _how_fast(self) -> Answer | None:
        wanted = self.own or ([] if self.labels else [own for own in self.entries if own.facts.steps])
        if self.labels and not self.own:
            return self._none()
        stepping = [(own.facts.steps, own) for own in wanted if own.facts.steps]
        if stepping:
            seconds = sum(steps.seconds for steps, _ in stepping)
            rate_hz = sum(steps.rate_hz * steps.seconds for steps, _ in stepping) / seconds
            text = f"About {rate_hz:.1f} steps a second, {60 * rate_hz:.0f} a minute. Metres a second cannot be told."
            evidence = [self._of(own, method=_counted_by(own)) for _, own in stepping]
            return self._answer(text, evidence, round(rate_hz, 3), "steps/s", SIGNAL)
        cycles = [
            (own.facts.repetitions, own) for own in wanted if own.facts.repetitions and own.facts.repetitions.period_s
        ]
        if not cycles:
            return None
        count = sum(found.cycles for found, _ in cycles)
        mean_s = sum(found.cycles * (found.period_s or 0.0) for found, _ in cycles) / max(1, count)
        evidence = [self._of(own, method=_counted_by(own)) for _, own in cycles]
        text = f"One every {mean_s:.1f} s, {60 / mean_s:.0f} a minute."
        return self._answer(text, evidence, round(1.0 / mean_s, 3), "per second", SIGNAL)

    def _when(self) -> Answer:
        evidence = (
            self._changes()
            if all(own.kind == CHANGE for own in self.activities)
            else [self._of(own) for own in self.own]
        )
        if not evidence:
            return self._none()
        which = self.read.which
        if which != "all":
            evidence = [evidence[0] if which == "first" else evidence[-1]]
        hours = self.diary.hours
        told = [f"{clock(own.start_s, hours)}-{clock(own.end_s, hours)}" for own in evidence[:MOST_SPANS]]
        more = f", and {len(evidence) - MOST_SPANS} more" if len(evidence) > MOST_SPANS else ""
        lead = {"first": "First at ", "last": "Last at ", "all": "At "}[which]
        return self._answer(f"{lead}{', '.join(told)}{more}.", evidence, round(evidence[0].start_s, 2), "s")

    def _was_there(self) -> Answer:
        evidence = (
            self._changes()
            if all(own.kind == CHANGE for own in self.activities)
            else [self._of(own) for own in self.own]
        )
        if not evidence:
            return self._none()
        seconds = sum(own.end_s - own.start_s for own in evidence)
        often = (
            f"{times(len(evidence))}"
            if all(own.kind == CHANGE for own in self.activities)
            else f"{lasting(seconds)} in all"
        )
        first = clock(evidence[0].start_s, self.diary.hours)
        return self._answer(f"Yes: {self._named()}, {often}, first at {first}.", evidence, 1.0)

    def _neighbour(self) -> Answer:
        after = self.read.kind == "after"
        entries = list(self.diary.entries)
        places = [number for number, own in enumerate(entries) if own.label in self.labels]
        if not places and all(own.kind == CHANGE for own in self.activities):
            at = [own.end_s if after else own.start_s for own in self._changes()]
            places = [
                number for number, own in enumerate(entries) for moment in at
                if abs((own.start_s if after else own.end_s) - moment) < 1e-6
            ]  # fmt: skip
            places = [number - 1 if after else number + 1 for number in places]
        if not places:
            return self._none()
        place = places[-1] if self.read.which == "last" else places[0]
        # One activity may be several entries of a question that means several.
        step = 1 if after else -1
        other = place + step
        while 0 <= other < len(entries) and entries[other].label in self.labels:
            other += step
        word = "after" if after else "before"
        if not 0 <= other < len(entries):
            return self._answer(
                f"Nothing: the recording {'ends' if after else 'begins'} with it.", [self._of(entries[max(place, 0)])]
            )
        found = entries[other]
        evidence = [self._of(found)] + ([self._of(entries[place])] if 0 <= place < len(entries) else [])
        which = "" if len(places) == 1 else f" the {'last' if self.read.which == 'last' else 'first'} time"
        return self._answer(
            f"{word.capitalize()} {self._named()}{which}: {found.text}.", sorted(evidence, key=lambda own: own.start_s)
        )

    def _side(self) -> Answer | None:
        from .facts import Measurer

        measure = Measurer(self.diary.recording)
        wanted = self.own if self.labels else list(self.entries)
        if self.labels and not wanted:
            return self._none()
        sides = [(measure.side(own.start_s, own.end_s), own) for own in wanted]
        found = [(side, own) for side, own in sides if side is not None]
        if not found:
            alone = measure.one_sided()
            why = (
                f"only one side has a sensor ({', '.join(alone)})"
                if alone
                else "no sensors are on both sides of a part"
            )
            return Answer(self.read.text, f"This cannot be told: {why}.", NOTHING, activities=self.labels)
        seconds: dict[str, float] = {}
        for side, own in found:
            seconds[side.side] = seconds.get(side.side, 0.0) + own.end_s - own.start_s
        best = max(seconds, key=lambda side: seconds[side])
        evidence = [
            self._of(
                own, f"{own.text}: {side.side}, {side.ratio:.1f} times as strong", f"{' against '.join(side.streams)}"
            )
            for side, own in found
        ]
        text = "Both about alike." if best == "both" else f"Mostly the {best}."
        return self._answer(text, evidence, by=SIGNAL)

    def _most(self) -> Answer:
        seconds: dict[str, float] = {}
        for own in self.entries:
            if own.label != UNKNOWN:
                seconds[own.label] = seconds.get(own.label, 0.0) + own.end_s - own.start_s
        if not seconds:
            return self._answer("Nothing was recognised.", ())
        best = max(seconds, key=lambda label: seconds[label])
        whole = sum(own.end_s - own.start_s for own in self.entries)
        evidence = [self._of(own) for own in self.entries if own.label == best]
        text = f"{best.capitalize()}: {lasting(seconds[best])} of {lasting(whole)} ({seconds[best] / whole:.0%})."
        return self._answer(text, evidence, round(seconds[best], 2), "s")

    def _at(self) -> Answer | None:
        if not self.read.times_s:
            return None
        low, high = min(self.read.times_s), max(self.read.times_s)
        found = [own for own in self.diary.entries if own.start_s <= high and own.end_s > low]
        if not found:
            return self._answer("There is no data at that time.", ())
        text = "; ".join(own.text for own in found[:MOST_SPANS])
        return self._answer(f"{text[0].upper()}{text[1:]}.", [self._of(own) for own in found])

    def _sensors(self) -> Answer:
        told = [
            f"{own.name} ({own.placement.name.replace('_', ' ')}, {own.effective_rate_hz:.0f} Hz"
            f"{'' if own.gyr_radps is not None else ', no gyroscope'})"
            for own in self.diary.recording.streams
        ]
        return self._answer(f"{len(told)}: {'; '.join(told)}.", (), float(len(told)), "sensors", SIGNAL)

    def _length(self) -> Answer:
        seconds = self.diary.recording.duration_s
        return self._answer(f"{lasting(seconds)}.", (), round(seconds, 3), "s", SIGNAL)

    def _whole(self) -> Answer:
        return self._answer(self.diary.summary, [self._of(own) for own in self.entries])


def _counted_by(entry: Entry) -> str:
    if entry.facts.steps:
        how = "gait and rhythm" if entry.facts.steps.how == "walking" else "rhythm"
        return f"recognised; steps by {how} of {entry.facts.steps.stream}"
    if entry.facts.repetitions:
        own = entry.facts.repetitions
        return f"recognised; counted by rhythm of {own.stream}, regularity {own.regularity:.2f}"
    return "recognised; no rhythm found"
