"""Name what happens while it happens, activities and gestures: samples in, events out, a JSON object a line.

A recording is played as if it were worn now, or samples come from standard input. An activity that is not `final` is the
answer at once; what is final equals `anywear recognize` on the whole.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from . import _common

if TYPE_CHECKING:
    from ..runtime import GestureStream, LabelSet, LiveStream, Sensor
    from ..runtime.replay import Latency
    from ..runtime.stream_events import Event

HELP = "name what happens while it happens"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--simulate", metavar="FILE", help="play a recording")
    source.add_argument("source", nargs="?", metavar="-", help="read samples from standard input, as JSON lines or CSV")
    labels = parser.add_mutually_exclusive_group()
    labels.add_argument(
        "--labels", metavar="WORDS", help="words or sentences, separated by commas (or semicolons), or a file of them"
    )
    labels.add_argument("--labels-file", metavar="TXT", help='a file of "label" or "label: description" lines')
    labels.add_argument("--learned", metavar="FILE", help="activities that `anywear learn` has learned")
    parser.add_argument("--gestures", metavar="GESTURES", help="a file of `anywear gestures train`: name gestures, too")
    parser.add_argument("--sensor", metavar="NAME", help="which sensor makes the gestures, where there are several")
    _common.add_windows(parser)
    parser.add_argument("--threshold", type=float, metavar="FIT", help="least fit for an answer (default: calibrated)")
    parser.add_argument(
        "--by", choices=("text", "simulation", "both"),
        help="compare with the labels' words, with their motion simulated on the same sensors, or both (default)",
    )  # fmt: skip
    parser.add_argument(
        "--hubs",
        choices=("on", "off"),
        help="whether a label's usual score is taken off (default on, by text alone off)",
    )
    _common.add_language(parser)
    parser.add_argument(
        "--mount",
        metavar="FILE",
        help="how sensors are turned, as written by `anywear mount` (default: as the file says)",
    )
    parser.add_argument(
        "--patience", type=float, metavar="S", help="how long a sensor that is silent is waited for (default 2)"
    )
    parser.add_argument("--chunk", type=float, metavar="S", help="seconds of samples taken at once (default 0.1)")
    parser.add_argument(
        "--speed", default="1", metavar="X", help="seconds of the recording played per second, or max (default 1)"
    )
    parser.add_argument("--final", action="store_true", help="print only what never changes")
    parser.add_argument("--report", metavar="OUT", help="write the latencies as JSON")
    parser.add_argument("--quiet", action="store_true", help="no remarks and no latencies on standard error")
    _common.add_reading(parser)
    _common.add_model(parser)


def run(options: argparse.Namespace) -> int:
    from ..runtime import LabelSet
    from .recognize import parse_labels, refuse_of_words

    if options.source not in (None, "-"):
        raise UsageError(
            "A recording is played with --simulate, samples come from -", got=options.source,
            remedy=f"Write anywear stream --simulate {options.source}",
        )  # fmt: skip
    refuse_of_words(options)
    if not any((options.labels, options.labels_file, options.learned, options.gestures)):
        raise UsageError(
            "Neither labels nor gestures were given",
            remedy='Write --labels "walking, sitting", or --learned my.activities, or --gestures my.gestures',
        )
    speed = _speed(options.speed)
    labels = None
    if options.labels_file is not None:
        labels = LabelSet.from_file(options.labels_file)
    elif options.labels is not None:
        labels = parse_labels(options.labels)
    if options.simulate:
        return _simulate(options, labels, speed)
    if options.report or options.speed != "1" or options.format or options.columns:
        raise UsageError(
            "--speed, --report, --format and --columns are of recordings",
            remedy="Leave them out, or give --simulate FILE",
        )
    for events in _from_standard_input(options, labels):
        _print(events, options.final)
    return 0


def _simulate(options: argparse.Namespace, labels: LabelSet | None, speed: float) -> int:
    from .. import read
    from ..runtime import Sensor
    from ..runtime.replay import CHUNK_S, replay

    recording = read(options.simulate, **_common.reading(options))
    sensors = [Sensor(s.name, s.effective_rate_hz, s.placement) for s in recording.streams]
    live = _live(options, labels, sensors, gyroscope=recording.streams[0].gyr_radps is not None)
    latencies: list[Latency] = []
    chunk_s = CHUNK_S if options.chunk is None else options.chunk
    for events, own in replay(live, recording, chunk_s=chunk_s, speed=speed):
        _print(events, options.final)
        latencies += own
    _report(options, latencies, live, chunk_s)
    return 0


def _from_standard_input(options: argparse.Namespace, labels: LabelSet | None) -> Iterator[tuple[Event, ...]]:
    from ..placement import Placement
    from ..runtime import Sensor
    from ..runtime.replay import CHUNK_S
    from ._sample_lines import chunks_from_lines

    if options.rate is None:
        raise UsageError("The rate of the samples is not known", remedy="Give it in Hz, such as --rate 50")
    worn = options.placement or "unknown"
    pairs = [pair.partition("=") for pair in worn.split(",")] if "=" in worn else [("sensor", "=", worn)]
    sensors = [Sensor(name.strip(), options.rate, Placement.at(site.strip())) for name, _, site in pairs]
    live = _live(options, labels, sensors)
    state: Any = live.start()
    chunk_s = CHUNK_S if options.chunk is None else options.chunk
    for chunk in chunks_from_lines(sys.stdin, [sensor.name for sensor in sensors], chunk_s, options.units):
        events, state = live.step(chunk, state)
        yield events
    yield live.finish(state)


def _live(
    options: argparse.Namespace, labels: LabelSet | None, sensors: list[Sensor], *, gyroscope: bool = True
) -> LiveStream | GestureStream:
    """What answers, made ready: activities, gestures, or both."""
    from ..runtime import Activities, GestureStream, LiveStream
    from ..runtime.gestures import Gestures
    from ..runtime.stream_motions import gesture_sensor

    gestures = None if options.gestures is None else Gestures.load(options.gestures)
    if options.sensor is not None and gestures is None:
        raise UsageError("--sensor is of gestures", remedy="Give --gestures my.gestures, or leave it out")
    sensors = _with_mounts(sensors, options.mount)
    if labels is None and options.learned is None:
        assert gestures is not None
        alone = GestureStream(gestures, gesture_sensor(gestures, sensors, options.sensor))
        alone.warm()
        return alone
    model = _common.load_model(options)
    settings = {**_settings(options), "gestures": gestures, "gesture_sensor": options.sensor}
    named = Activities.load(options.learned, model=model) if labels is None else labels
    live = LiveStream(model, named, sensors, **settings)
    if not options.quiet:
        for note in live.notes:
            print(f"note: {note}", file=sys.stderr)
    live.warm(gyroscope=gyroscope)
    return live


def _with_mounts(sensors: list[Sensor], path: str | None) -> list[Sensor]:
    """The sensors, told how they are turned as far as a file says."""
    if path is None:
        return sensors
    from ..signal.mount_file import load_mounts

    found = load_mounts(path)
    if not {sensor.name for sensor in sensors} & set(found):
        raise UsageError(
            "The mounts are of other sensors", where=path, expected=", ".join(sensor.name for sensor in sensors),
            got=", ".join(found), remedy="Find the mounts of these: anywear mount FILE -o mounts.json",
        )  # fmt: skip
    return [
        replace(own, placement=replace(own.placement, mount=found[own.name].mount)) if own.name in found else own
        for own in sensors
    ]


def _settings(options: argparse.Namespace) -> dict:
    patience = {} if options.patience is None else {"patience_s": options.patience}
    hubs = None if options.hubs is None else options.hubs == "on"
    return {
        "window_s": options.window, "hop_s": options.hop, "threshold": options.threshold, "by": options.by, "hubs": hubs,
        "language": _common.language(options), **patience,
    }  # fmt: skip


def _speed(text: str) -> float:
    try:
        speed = math.inf if text == "max" else float(text)
    except ValueError:
        speed = math.nan
    if not speed > 0:
        raise UsageError("The speed is impossible", where="--speed", expected="a number over 0, or max", got=text)
    return speed


def _print(events: Sequence[Event], final: bool) -> None:
    for event in events:
        if not (final and getattr(event, "final", True) is False):
            print(json.dumps(event.to_dict(), ensure_ascii=False), flush=True)


def _report(
    options: argparse.Namespace, latencies: list[Latency], live: LiveStream | GestureStream, chunk_s: float
) -> None:
    from ..runtime import LiveStream
    from ..runtime.replay import summarize

    answers, gestures = ([own for own in latencies if own.of == kind] for kind in ("activity", "gesture"))
    if options.report:
        told: dict = {"chunk_s": chunk_s, "speed": options.speed, "threads": options.threads}
        if isinstance(live, LiveStream):
            told |= {
                "answers": len(answers), "window_s": live.config.window_s, "hop_s": live.config.hop_s,
                "model": live.model.sha256, "latency_ms": summarize(answers),
            }  # fmt: skip
        if live.gestures is not None:
            told |= {"gestures": len(gestures), "gesture_latency_ms": summarize(gestures)}
        _common.write_text(options.report, json.dumps(told, indent=2))
    if options.quiet:
        return
    for some, since in (
        (answers, "answers, ms from the end of the window"),
        (gestures, "gestures, ms from the last sample needed"),
    ):
        if some:
            print(f"latency of {len(some)} {since}", file=sys.stderr)
            print(f"{'':10}{'p50':>10}{'p95':>10}{'p99':>10}", file=sys.stderr)
            for part, row in summarize(some).items():
                print(f"{part:10}" + "".join(f"{value:10.2f}" for value in row.values()), file=sys.stderr)
