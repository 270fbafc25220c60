"""Examples as users have them: a folder per label, or recordings with a table of start, end and label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import FormatError, UsageError
from ...io import list_recordings, read
from ...recording import Note, Recording, Stream
from ...signal.segmentation import segment
from ..span_table import read_spans, read_texts
from .clips import MAX_S, MIN_S, cut_stream, moving_part, on_grid

NONE = "none"
"""The label of what is no gesture; it can be shown, and is the answer where nothing fits."""

AROUND_S = 0.1  # s kept clear of a labelled span on both sides, before the rest counts as none
LONGEST_NONE_S = 4.0  # s; longer stretches of none are cut into such pieces


@dataclass(frozen=True, eq=False)
class Example:
    """One clip of one gesture, as it was recorded.

    Attributes:
        stream: its samples at the native rate, with placement and notes.
        label: what it shows.
        source: file, and where in it.
        subject: who made it, or None.
    """

    stream: Stream
    label: str
    source: str = ""
    subject: str | None = None


@dataclass(frozen=True, eq=False)
class Examples:
    """What gestures are learned from.

    Attributes:
        clips: the examples.
        nothing: motion that is none of the gestures.
        texts: label to what it means in words.
        notes: what was found out and done.
    """

    clips: tuple[Example, ...]
    nothing: tuple[Example, ...] = ()
    texts: Mapping[str, str] | None = None
    notes: tuple[Note, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label once, in order of first appearance in the alphabet, and those that are only described."""
        return tuple(sorted({clip.label for clip in self.clips} | set(self.texts or {})))

    def __len__(self) -> int:
        return len(self.clips)


def read_examples(
    path: str | Path,
    table: str | Path | None = None,
    describe: str | Path | None = None,
    *,
    sensor: str | None = None,
    **reading,
) -> Examples:
    """Examples from files.

    Args:
        path: a folder with a folder per label; or, with a table, one recording or a folder of recordings.
        table: CSV with the columns start, end, label (seconds on the recording's clock) and, for a folder, file.
        describe: CSV with the columns label, text.
        sensor: name of the stream to take where recordings have several.
        reading: options of `anywear.read`.

    Raises:
        FormatError: no such folder, a table that is none, a recording that cannot be read. UsageError: a label without
            examples, a clip without motion, too short or too long, several sensors and none named.
    """
    path = Path(path)
    if not path.exists():
        raise FormatError("There is no such folder", where=str(path), remedy="Check the path")
    texts = read_texts(describe) if describe is not None else None
    found = _from_folders(path, sensor, reading) if table is None else _from_table(path, Path(table), sensor, reading)
    checked(found.clips)
    return replace(found, texts=texts, notes=(*found.notes, *_differences(found.clips)))


def checked(clips: Sequence[Example]) -> None:
    """Refuse clips that cannot teach: too short, too long, without motion.

    Raises:
        UsageError: names the clip.
    """
    for clip in clips:
        try:
            signal = on_grid(clip.stream)
        except UsageError as error:
            raise UsageError(error.what, where=clip.source or error.where, expected=error.expected, got=error.got,
                             remedy=error.remedy) from error  # fmt: skip
        if not moving_part(signal)[2]:
            raise UsageError(
                "An example holds no motion", where=clip.source or clip.stream.name,
                expected=f"a gesture of {clip.label!r}", got="a sensor at rest",
                remedy="Leave the clip out, or put it among the none examples",
            )  # fmt: skip


def _from_folders(path: Path, sensor: str | None, reading: Mapping) -> Examples:
    folders = (
        sorted(own for own in path.iterdir() if own.is_dir() and not own.name.startswith(".")) if path.is_dir() else []
    )
    if not folders:
        raise FormatError(
            "There is no folder per label here", where=str(path), expected="folders named as the gestures, with recordings",
            remedy="Make one folder per gesture, or give a table of start, end, label",
        )  # fmt: skip
    clips: list[Example] = []
    nothing: list[Example] = []
    for folder in folders:
        label = " ".join(folder.name.replace("_", " ").split())
        listing = list_recordings(folder, format=reading.get("format"))
        if not listing.recordings:
            raise UsageError("A label has no examples", where=str(folder), expected="one recording or more",
                             remedy="Record some, or remove the folder")  # fmt: skip
        for file in listing.recordings:
            recording = read(file, **reading)
            stream = one_stream(recording, sensor, str(file))
            whole = Example(stream, label, str(file), recording.metadata.get("subject"))
            if label.lower() == NONE:
                nothing += pieces_of_none(whole)
            else:
                clips.append(whole)
    return Examples(tuple(clips), tuple(nothing))


def _from_table(path: Path, table: Path, sensor: str | None, reading: Mapping) -> Examples:
    spans = read_spans(path, table)
    clips: list[Example] = []
    nothing: list[Example] = []
    for file, own in spans.items():
        recording = read(file, **reading)
        stream, subject = one_stream(recording, sensor, str(file)), recording.metadata.get("subject")
        for number, start_s, end_s, label in own:
            source = f"{file}, {start_s:g}-{end_s:g} s"
            try:
                clip = Example(cut_stream(stream, start_s, end_s), label, source, subject)
            except FormatError as error:
                raise FormatError(error.what, where=f"{table}, line {number}: {file}", expected=error.expected,
                                  got=error.got, remedy="Give seconds on the recording's clock") from error  # fmt: skip
            if label.lower() == NONE:
                nothing += pieces_of_none(clip)
            else:
                clips.append(clip)
        labelled = [(start_s, end_s) for _, start_s, end_s, _ in own]
        nothing += complement(stream, labelled, str(file), subject)
    note = Note("detected", f"{len(nothing)} motions outside of the labelled stretches are taken for none")
    return Examples(tuple(clips), tuple(nothing), notes=(note,))


def complement(
    stream: Stream, labelled: Sequence[tuple[float, float]], source: str = "", subject: str | None = None
) -> list[Example]:
    """Motions of a stream that lie outside of labelled stretches, as none."""
    out = []
    for found in segment(stream):
        apart = all(found.stop_s < a - AROUND_S or found.start_s > b + AROUND_S for a, b in labelled)
        if apart and MIN_S <= found.stop_s - found.start_s <= MAX_S:
            clip = cut_stream(stream, found.start_s, found.stop_s)
            if clip.duration_s >= MIN_S:
                out.append(Example(clip, NONE, f"{source}, {found.start_s:.2f}-{found.stop_s:.2f} s", subject))
    return out


def pieces_of_none(clip: Example) -> list[Example]:
    """A stretch of none as the motions in it; as it is where it is short."""
    if clip.stream.duration_s <= LONGEST_NONE_S:
        return [replace(clip, label=NONE)] if clip.stream.duration_s >= MIN_S else []
    return complement(clip.stream, (), clip.source, clip.subject)


def one_stream(recording: Recording, sensor: str | None, where: str) -> Stream:
    """The stream that is meant.

    Raises:
        UsageError: several, and none named; or no such one.
    """
    if sensor is not None:
        return recording.stream(sensor)
    stream, *others = recording.streams
    if others:
        raise UsageError(
            "A gesture is learned from one sensor, and the recording has several", where=where,
            expected="the name of one of them", got=", ".join(own.name for own in recording.streams),
            remedy=f"Say which: --sensor {stream.name}",
        )  # fmt: skip
    return stream


def _differences(clips: Sequence[Example]) -> list[Note]:
    """What differs from example to example, and what became of it."""
    notes = []
    rates = [clip.stream.effective_rate_hz for clip in clips]
    if rates and max(rates) > 1.1 * min(rates):
        notes.append(Note("converted", f"rates from {min(rates):.1f} to {max(rates):.1f} Hz, brought to one"))
    without = sum(clip.stream.gyr_radps is None for clip in clips)
    if 0 < without < len(clips):
        notes.append(Note("detected", f"{without} of {len(clips)} examples have no gyroscope"))
    converted = {note.text for clip in clips for note in clip.stream.notes if note.kind == "converted"}
    notes += [Note("converted", f"in some examples: {text}") for text in sorted(converted)]
    places = sorted({clip.stream.placement.name for clip in clips})
    if len(places) > 1:
        notes.append(Note("detected", f"worn at several places: {', '.join(places)}"))
    return notes
