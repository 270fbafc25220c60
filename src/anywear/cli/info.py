"""Say what was understood of a recording; without one, what this installation is.

With a file: sensors, rates, duration, gaps, placement, labels in the file, and every detection, conversion and repair.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from typing import TYPE_CHECKING

from .. import __version__
from ..errors import AnywearError
from . import _common

if TYPE_CHECKING:
    from ..recording import Recording, Stream

HELP = "say what was understood of a file, or what this installation is"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="a recording, or a folder of recordings")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--sites", action="store_true", help="list the places on the body that have names")
    parser.add_argument("--formats", action="store_true", help="list the formats that are read")
    parser.add_argument("--datasets", action="store_true", help="list the data sets that are known")
    _common.add_reading(parser)
    _common.add_model(parser)


def run(options: argparse.Namespace) -> int:
    listings = [name for name in ("sites", "formats", "datasets") if getattr(options, name)]
    if listings:
        for name in listings:
            _print_table(_LISTINGS[name](), options.json)
        return 0
    if options.file is None:
        _installation(options)
        return 0
    several = _common.is_folder_of_recordings(options)
    failures, known, done = [], [], 0
    for path, recording in _common.recordings(options):
        if isinstance(recording, AnywearError):
            failures.append((path, recording))
            continue
        done += 1
        if options.json:
            known.append({**facts(recording), "by": _maker(options)})
        else:
            print(describe(recording))
    if done and not options.json:
        print(_maker(options))
    if known:
        print(json.dumps(known if several else known[0], indent=2))
    return _common.report_failures(failures, done)


def _maker(options: argparse.Namespace) -> str:
    """Version and model in a line, so that what is printed can be traced."""
    try:
        model = _common.load_model(options)
    except AnywearError as error:
        return f"anywear {__version__}, no model: {error.what}"
    return f"anywear {__version__}, model {model.config.name} {model.config.version} ({model.sha256})"


def facts(recording: Recording) -> dict:
    """What is known of a recording, as plain types."""
    return {
        "source": recording.source,
        "reader": recording.reader,
        "device": recording.device,
        "start_unix_s": recording.start_unix_s,
        "duration_s": recording.duration_s,
        "metadata": dict(recording.metadata),
        "labels": [[s.start_s, s.end_s, s.label] for s in recording.labels],
        "notes": [str(note) for note in recording.notes],
        "streams": [_stream_facts(stream) for stream in recording.streams],
    }


def describe(recording: Recording) -> str:
    """The same for people."""
    known = facts(recording)
    lines = [f"{recording.source}", f"  read as    {recording.reader}"]
    if recording.device:
        lines.append(f"  device     {recording.device}")
    lines.append(f"  duration   {recording.duration_s:.1f} s")
    if recording.metadata:
        lines.append("  metadata   " + ", ".join(f"{k} {v}" for k, v in recording.metadata.items()))
    if recording.labels:
        words = list(dict.fromkeys(span.label for span in recording.labels))
        lines.append(
            f"  labels     {len(recording.labels)} spans: {', '.join(words[:12])}{' ...' if len(words) > 12 else ''}"
        )
    lines += [f"  {note}" for note in recording.notes]
    for stream, own in zip(recording.streams, known["streams"], strict=True):
        lines.append(f"stream {stream.name}")
        lines.append(f"  placement  {own['placement']} (mount: {own['mount']})")
        lines.append(f"  sensors    {own['sensors']}, {own['samples']} samples at {own['effective_rate_hz']:.2f} Hz")
        lines.append(f"  time       {own['start_s']:z.2f} to {own['end_s']:.2f} s, {own['gaps']} gap(s)")
        lines += [f"  {note}" for note in own["notes"]]
    return "\n".join(lines)


def _stream_facts(stream: Stream) -> dict:
    from ..timing import contiguous_slices

    return {
        "name": stream.name,
        "placement": stream.placement.name,
        "mount": stream.placement.mount.knowledge,
        "sensors": "accelerometer" if stream.gyr_radps is None else "accelerometer, gyroscope",
        "samples": len(stream),
        "start_s": float(stream.time_s[0]),
        "end_s": float(stream.time_s[-1]),
        "effective_rate_hz": stream.effective_rate_hz,
        "nominal_rate_hz": stream.nominal_rate_hz,
        "gaps": len(contiguous_slices(stream.time_s)) - 1,
        "notes": [str(note) for note in stream.notes],
    }


def _installation(options: argparse.Namespace) -> None:
    known = {
        "anywear": __version__,
        "python": platform.python_version(),
        **{name: _version(name) for name in ("numpy", "scipy", "onnxruntime", "tokenizers", "pyarrow")},
    }
    try:
        model = _common.load_model(options)
        model.verify()
    except AnywearError:
        # What is installed helps to find out why the model does not load.
        _print_table([[name, value] for name, value in known.items()], False)
        raise
    known |= {
        "model": f"{model.config.name} {model.config.version}",
        "model hash": model.sha256,
        "trained on": ", ".join(model.config.trained_on),
        "not seen": ", ".join(f"{name} {'/'.join(who)}" for name, who in model.config.held_out.items()),
        "reads": f"{model.config.rate_hz:g} Hz, windows of {model.config.window_s:g} s",
        "files": "intact",
    }
    if options.json:
        print(json.dumps({**known, "card": model.info()}, indent=2))
    else:
        _print_table([[name, value] for name, value in known.items()], False)


def _version(name: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _sites() -> list[list[str]]:
    from ..placement import SITES

    return [[name, site.segment, site.about] for name, site in SITES.items()]


def _formats() -> list[list[str]]:
    from .. import datasets  # noqa: F401  registers the layouts
    from ..io import READERS

    return [[reader.name, reader.about] for reader in READERS.values()]


def _datasets() -> list[list[str]]:
    from ..datasets import DATASETS

    return [
        [name, d.info.role, f"{len(d.info.label_words)} classes", d.info.about, d.info.licence]
        for name, d in DATASETS.items()
    ]


_LISTINGS = {"sites": _sites, "formats": _formats, "datasets": _datasets}


def _print_table(rows: list[list[str]], as_json: bool) -> None:
    if as_json:
        json.dump(rows, sys.stdout, indent=2)
        print()
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
