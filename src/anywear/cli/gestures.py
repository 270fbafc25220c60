"""Teach it gestures from a few examples: record them, train, test, and name them while they happen.

anywear gestures record FILE|- -o DIR --label NAME
anywear gestures train DIR -o my.gestures
anywear gestures test my.gestures DIR
anywear gestures run my.gestures FILE|-
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from . import _common

if TYPE_CHECKING:
    from ..recording import Recording
    from ..runtime import Sensor
    from ..runtime.gestures import Examples, Gestures, GestureTest
    from ..runtime.stream_events import Event
    from ..runtime.stream_gestures import MotionStream
    from ..runtime.stream_motions import Motion, Prepared

HELP = "teach it gestures from a few examples: record, train, test, run"
EVERY = 'such as "wave" or "draw a circle"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    plain = argparse.RawDescriptionHelpFormatter

    record = actions.add_parser(
        "record", formatter_class=plain, allow_abbrev=False, help="cut the motions of a recording into examples",
        description="Cut the motions that a recording shows into examples of one gesture, a file each under DIR/NAME.",
    )  # fmt: skip
    record.add_argument("source", metavar="FILE", help="a recording, or - for samples from standard input")
    record.add_argument("-o", "--output", required=True, metavar="DIR", help="folder with a folder per label")
    record.add_argument(
        "--label", required=True, metavar="NAME", help=f"of the gesture, {EVERY}; none for what is none"
    )

    train = actions.add_parser(
        "train", formatter_class=plain, allow_abbrev=False, help="learn gestures from examples",
        description="Learn gestures from a folder per label, or from recordings with a table of start, end, label.",
    )  # fmt: skip
    train.add_argument("source", metavar="DIR", help="a folder per label; with --table a recording or a folder of them")
    train.add_argument("-o", "--output", required=True, metavar="OUT", help="a name that ends in .gestures")
    train.add_argument("--describe", metavar="CSV", help="label,text: what labels mean in words")
    train.add_argument("--depth", choices=("light", "full"), default="light", help="head alone, or encoder too (train)")
    train.add_argument(
        "--recall", type=float, default=0.9, metavar="X", help="share of gestures to be let through (0.9)"
    )
    train.add_argument("--seed", type=int, default=0, metavar="N", help="of all that is drawn (default 0)")
    train.add_argument("--encoder", metavar="FOLDER", help="another encoder than the shipped one")
    train.add_argument(
        "--reader", metavar="FOLDER", help="what reads the words of labels without examples (default: the main model)"
    )

    test = actions.add_parser(
        "test", formatter_class=plain, allow_abbrev=False, help="ask it about labelled examples and everyday motion",
        description="Ask it about labelled examples, and count false triggers in recordings without gestures.",
    )  # fmt: skip
    test.add_argument("gestures", metavar="GESTURES", help="file of `train`")
    test.add_argument("source", metavar="DIR", help="as for train")
    test.add_argument(
        "--everyday", nargs="+", default=(), metavar="FILE", help="recordings in which no gesture is made"
    )
    test.add_argument("--everyday-sensor", metavar="NAME", help="which of their sensors, where there are several")
    test.add_argument("--plot", metavar="OUT.png", help="write a picture of the confusion matrix")
    test.add_argument("--json", metavar="OUT", help="write JSON as well; - prints it instead")
    for own in (train, test):
        own.add_argument(
            "--whole", action="store_true", help="take clips as they are, idle ends and all; not for live use"
        )
        own.add_argument("--table", metavar="CSV", help="start,end,label in seconds, and file where DIR holds several")

    run_live = actions.add_parser(
        "run", formatter_class=plain, allow_abbrev=False, help="name gestures in a recording, or while they happen",
        description="Name gestures in a recording, or in samples as they come; an event a line, as JSON.",
    )  # fmt: skip
    run_live.add_argument("gestures", metavar="GESTURES", help="file of `train`")
    run_live.add_argument("source", metavar="FILE", help="a recording, or - for samples from standard input")
    run_live.add_argument("--rejected", action="store_true", help="tell motions that are none of the gestures, too")
    for own in (record, run_live):
        own.add_argument("--chunk", type=float, metavar="S", help="-: seconds of samples taken at once (default 0.1)")
    for own in (record, train, test, run_live):
        own.add_argument("--sensor", metavar="NAME", help="which sensor makes the gestures, where there are several")
        own.add_argument("--quiet", action="store_true", help="no remarks on standard error")
        _common.add_reading(own)


def run(options: argparse.Namespace) -> int:
    return {"record": _record, "train": _train, "test": _test, "run": _run}[options.action](options)


# --- record


def _record(options: argparse.Namespace) -> int:
    from ..recording import Note, Recording
    from ..runtime.stream_gestures import MotionStream

    label = " ".join(options.label.split())
    if not label or any(sign in label for sign in '/\\:*?"<>|') or label.startswith("."):
        raise UsageError("The label cannot name a folder", where="--label", got=repr(options.label),
                         expected=f"words, {EVERY}")  # fmt: skip
    folder = Path(options.output) / label
    name = "motion" if options.source == "-" else Path(options.source).name.split(".")[0] or "motion"
    kept = left_out = 0
    sensor, chunks = _input(options)
    for found in _motions(MotionStream(sensor), chunks, options.quiet):
        for motion in found:
            why = _unfit(motion)
            if why is not None:
                left_out += 1
                print(f"      {_span(motion)}  left out: {why}", flush=True)
                continue
            assert motion.clip is not None
            kept += 1
            own = motion.candidate
            note = Note("detected", f"cut out of {options.source}, from {own.start_s:.2f} to {own.stop_s:.2f} s")
            clip = replace(motion.clip, notes=(note,))
            path = _write_free(Recording((clip,), source=options.source, metadata={"label": label}), folder, name)
            print(f"{kept:4}  {_span(motion)}  -> {path.as_posix()}", flush=True)
    if not kept:
        raise UsageError(
            "No motion was found to make an example of", where=options.source,
            expected="a gesture, and a moment of rest before and after it",
            got=f"{left_out} motion(s) that cannot be one" if left_out else "a signal in which nothing stands out",
            remedy="Rest for a second, make the gesture, rest again; or cut it yourself: anywear gestures train --table",
        )  # fmt: skip
    print(f'{kept} example(s) of "{label}"')
    return 0


def _motions(stream: MotionStream, chunks: Iterable[dict], quiet: bool) -> Iterator[Sequence[Motion]]:
    """Motions as they are settled; remarks go to standard error."""
    state = stream.start()
    for chunk in chunks:
        ready = stream.prepare(chunk, state)
        state = ready.state
        yield _told(ready, quiet)
    yield _told(stream.last(state), quiet)


def _told(ready: Prepared, quiet: bool) -> Sequence[Motion]:
    if not quiet:
        for event in ready.said:
            print(f"note: {getattr(event, 'text', event)}", file=sys.stderr)
    return ready.motions


def _unfit(motion: Motion) -> str | None:
    from ..runtime.stream_motions import MAX_S, MIN_S

    lasts_s = motion.candidate.stop_s - motion.candidate.start_s
    if not motion.candidate.whole:
        return "cut off by the end, by a gap or for its length"
    if motion.signal is None:
        return f"{'too short' if lasts_s < MAX_S / 2 else 'too long'}: {lasts_s:.1f} s, not {MIN_S:g} to {MAX_S:g} s"
    return None


def _span(motion: Motion) -> str:
    own = motion.candidate
    return f"{own.start_s:8.2f} - {own.stop_s:7.2f} s  {own.stop_s - own.start_s:5.2f} s  {own.above_db:3.0f} dB"


def _write_free(recording: Recording, folder: Path, name: str) -> Path:
    """Written under the first number that is free."""
    from .. import write

    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while (path := folder / f"{name}-{number}.anywear.parquet").exists():
        number += 1
    write(recording, path)
    return path


# --- train, test


def _train(options: argparse.Namespace) -> int:
    from ..runtime.gestures import Gestures, read_examples

    if Path(options.output).suffix != ".gestures":
        raise UsageError("The file has to end in .gestures", where="--output", got=options.output,
                         remedy="Write -o my.gestures")  # fmt: skip
    examples = read_examples(
        options.source, options.table, options.describe, sensor=options.sensor, **_common.reading(options)
    )
    if not options.quiet:
        for note in examples.notes:
            print(f"note: {note}", file=sys.stderr)
    gestures = Gestures.train(
        examples if options.whole else _as_live(examples),
        depth=options.depth,
        encoder=options.encoder,
        reader=options.reader,
        recall=options.recall,
        seed=options.seed,
    )
    gestures.save(options.output)
    counts = {label: sum(clip.label == label for clip in examples.clips) for label in gestures.labels}
    if gestures.head.reader is not None and not options.quiet:
        alone = ", ".join(label for label, count in counts.items() if not count)
        size = Path(options.output).stat().st_size / 1e6
        print(
            f"note: by words alone: {alone}; the model that reads them is in the file: {size:.1f} MB", file=sys.stderr
        )
    wide = max(len(label) for label in counts)
    for label, count in counts.items():
        text = gestures.texts.get(label, label)
        print(f"{label:{wide}} {count:5} example(s){'' if text == label else f'  {text}'}".rstrip())
    print(
        f"{len(counts)} gestures, {len(examples.clips)} examples, {len(examples.nothing)} of none -> {options.output}"
    )
    return 0


def _test(options: argparse.Namespace) -> int:
    from ..runtime.gestures import Gestures, read_examples

    if options.plot:
        from ..plot import check_picture

        check_picture(options.plot)
    gestures = Gestures.load(options.gestures)
    examples = read_examples(options.source, options.table, sensor=options.sensor, **_common.reading(options))
    found = gestures.test(examples if options.whole else _as_live(examples))
    everyday = _false_triggers(gestures, options) if options.everyday else None
    if options.plot:
        from ..plot import plot_confusion

        _common.write_whole(Path(options.plot), lambda partial: plot_confusion(found.labels, found.confusion, partial))
        if not options.quiet:
            print(f"picture: {options.plot}", file=sys.stderr)
    if options.json:
        content = {
            "accuracy": found.accuracy, "macro_f1": found.macro_f1, "labels": list(found.labels),
            "confusion": found.confusion.tolist(), "everyday": everyday,
        }  # fmt: skip
        _common.write_text(options.json, json.dumps(content, indent=2))
    if options.json != "-":
        print("\n".join(_table(found)))
        if everyday is not None:
            print(f"everyday: {everyday['triggers']} false trigger(s) of {everyday['motions']} motions in "
                  f"{everyday['hours']:.2f} h, {everyday['per_hour']:.1f} per hour")  # fmt: skip
    return 0


def _as_live(examples: Examples) -> Examples:
    """Clips without their idle ends, as they are cut out of a stream; those with gaps stay as they are."""
    from ..runtime.gestures import cut_stream, on_grid
    from ..runtime.gestures.clips import RATE_HZ, moving_part

    clips = []
    for clip in examples.clips:
        signal, begin_s = on_grid(clip.stream), float(clip.stream.time_s[0])
        start, stop, moves = moving_part(signal)
        if moves and abs(signal.duration_s - clip.stream.duration_s) < 2.0 / RATE_HZ:
            moving = cut_stream(clip.stream, begin_s + start / RATE_HZ, begin_s + (stop - 1) / RATE_HZ)
            clip = replace(clip, stream=moving)
        clips.append(clip)
    return replace(examples, clips=tuple(clips))


def _table(found: GestureTest) -> list[str]:
    """Accuracy, and the confusion matrix: rows are true, columns what was said."""
    asked = int(found.confusion[:-1].sum())
    lines = [f"{asked} gestures, {int(found.confusion[-1].sum())} of none: "
             f"accuracy {100 * found.accuracy:.1f} %, macro-F1 {100 * found.macro_f1:.1f} %"]  # fmt: skip
    wide = max(len(label) for label in found.labels)
    heads = [label[:12] for label in found.labels]
    lines.append(" " * wide + "".join(f"  {head:>5}" for head in heads))
    for label, row in zip(found.labels, found.confusion.tolist(), strict=True):
        if sum(row):
            cells = "".join(f"  {count:{max(5, len(head))}}" for head, count in zip(heads, row, strict=True))
            lines.append(f"{label:{wide}}{cells}")
    return lines


def _false_triggers(gestures: Gestures, options: argparse.Namespace) -> dict:
    """How often motion in recordings without gestures is taken for one, as live."""
    from ..errors import AnywearError
    from ..runtime import GestureStream
    from ..runtime.stream_events import GestureSeen

    hours, motions, triggers = 0.0, 0, dict.fromkeys(gestures.labels, 0)
    for place in options.everyday:
        options.file = place
        for path, recording in _common.recordings(options):
            if isinstance(recording, AnywearError):
                recording.where = recording.where or str(path)
                raise recording
            live = GestureStream.for_recording(gestures, recording, sensor=options.everyday_sensor, rejected=True)
            events, state = live.step(_all_of(recording, live.sensor), live.start())
            seen = [event for event in (*events, *live.finish(state)) if isinstance(event, GestureSeen)]
            hours += recording.stream(live.sensor.name).duration_s / 3600.0
            motions += len(seen)
            for event in seen:
                if event.label in triggers:
                    triggers[event.label] += 1
    count = sum(triggers.values())
    per_hour = count / hours if hours else 0.0
    return {"hours": hours, "motions": motions, "triggers": count, "per_hour": per_hour, "by_label": triggers}


# --- run


def _run(options: argparse.Namespace) -> int:
    from ..runtime import GestureStream
    from ..runtime.gestures import Gestures

    gestures = Gestures.load(options.gestures)
    sensor, chunks = _input(options, gestures)
    live = GestureStream(gestures, sensor, rejected=options.rejected)
    state = live.start()
    for chunk in chunks:
        events, state = live.step(chunk, state)
        _print(events, options.quiet)
    _print(live.finish(state), options.quiet)
    return 0


def _print(events: Iterable[Event], quiet: bool) -> None:
    for event in events:
        if not (quiet and event.event == "note"):
            print(json.dumps(event.to_dict(), ensure_ascii=False), flush=True)


# --- what comes in


def _input(options: argparse.Namespace, gestures: Gestures | None = None) -> tuple[Sensor, Iterable[dict]]:
    """The sensor that makes gestures, and its samples in chunks: of a file all at once."""
    if options.source == "-":
        return _standard_input(options)
    from .. import read
    from ..runtime import Sensor
    from ..runtime.gestures.examples import one_stream
    from ..runtime.stream_motions import gesture_sensor

    if options.chunk is not None:
        raise UsageError(
            "--chunk is of samples from standard input", remedy="Leave it out, or give - instead of a file"
        )
    recording = read(options.source, **_common.reading(options))
    if gestures is None:
        stream = one_stream(recording, options.sensor, options.source)
        sensor = Sensor(stream.name, stream.effective_rate_hz, stream.placement)
    else:
        sensors = [Sensor(s.name, s.effective_rate_hz, s.placement) for s in recording.streams]
        sensor = gesture_sensor(gestures, sensors, options.sensor)
    return sensor, [_all_of(recording, sensor)]


def _all_of(recording: Recording, sensor: Sensor) -> dict:
    from ..runtime import Samples

    own = recording.stream(sensor.name)
    return {sensor.name: Samples(own.time_s, own.acc_mps2, own.gyr_radps)}


def _standard_input(options: argparse.Namespace) -> tuple[Sensor, Iterable[dict]]:
    from ..placement import Placement
    from ..runtime import Sensor
    from ..runtime.replay import CHUNK_S
    from ._sample_lines import chunks_from_lines

    if options.rate is None:
        raise UsageError("The rate of the samples is not known", remedy="Give it in Hz, such as --rate 50")
    if options.format or options.columns:
        raise UsageError("--format and --columns are of recordings", remedy="Leave them out, or give a file")
    sensor = Sensor(options.sensor or "sensor", options.rate, Placement.at(options.placement or "unknown"))
    chunk_s = CHUNK_S if options.chunk is None else options.chunk
    if not chunk_s > 0:
        raise UsageError("The chunk is impossible", where="--chunk", expected="more than 0 s", got=f"{chunk_s:g} s")
    return sensor, chunks_from_lines(sys.stdin, [sensor.name], chunk_s, options.units)
