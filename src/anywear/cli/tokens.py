"""Turn a recording into motion tokens, and look at what they believe the body did.

Prints one line per window: its time, and its ids, those of one instant joined by points. With --decode, tokens of a file are
read instead of a recording.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import PlacementError, UsageError
from . import _common

if TYPE_CHECKING:
    from ..motion.body_motion import BodyMotion
    from ..recording import Recording

HELP = "turn a recording into motion tokens, and look at what they tell"
SHOWN_AT = ("waist", "left_wrist", "right_wrist")  # where nothing is known of the sensors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", nargs="?", help="a recording")
    parser.add_argument(
        "--decode", metavar="TOKENS.json", help="read these tokens, as --json writes them, not a recording"
    )
    parser.add_argument(
        "--view", metavar="OUT.html", help="write a page with the motion the tokens believe in; or a .png"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead")
    parser.add_argument("--quiet", action="store_true", help="no remarks on standard error")
    parser.add_argument("--window", type=float, metavar="S", help="seconds per sentence (default: as the model's, 4.8)")
    _common.add_reading(parser)
    _common.add_model(parser)


def run(options: argparse.Namespace) -> int:
    from .. import read
    from ..runtime.token_files import read_sentences, sentences_json
    from ..runtime.tokens import MotionTokens

    if (options.file is None) == (options.decode is None):
        raise UsageError("Either a recording or a file of tokens is needed", expected="FILE, or --decode TOKENS.json")
    if options.decode is not None and options.window is not None:
        raise UsageError("--window is not for --decode", remedy="Sentences of a file are as long as they are")
    if options.threads < 1:
        raise UsageError("At least one thread is needed", where="--threads", got=str(options.threads))
    if options.view:
        from ..simulate.view import check_view

        check_view(Path(options.view))
    tokens = MotionTokens(options.model, threads=options.threads)
    recording = None
    if options.decode is None:
        recording = read(options.file, **_common.reading(options))
        sentences = tokens.encode(recording, window_s=options.window)
        places = tuple(stream.placement.name for stream in recording.streams)
    else:
        sentences, places = read_sentences(options.decode, tokens)
    if not sentences:
        raise UsageError(
            "There is nothing to make tokens of", where=options.file or options.decode,
            expected="a stretch of 1 s without a gap",
            got=f"{recording.duration_s:.2f} s" if recording is not None else "no sentences",
        )  # fmt: skip
    still = sum(own.still for own in sentences)
    remarks = (
        [f"no motion in {still} of {len(sentences)} sentences: ids rest on the direction of gravity"] if still else []
    )
    if recording is not None:
        remarks += tokens.notes(recording)
    if options.view:
        from ..runtime.pose import PoseDecoder

        decoder = PoseDecoder(tokens.folder, tokens.sha256, options.threads)
        motion = decoder.motion(sentences, tokens, name=Path(str(options.file or options.decode)).name)
        remarks += _write_view(Path(options.view), motion, recording, sentences[0].start_s, places)
    if not options.quiet:
        for line in remarks:
            print(line, file=sys.stderr)
    if options.json:
        print(json.dumps(sentences_json(sentences, tokens, options.file or "", places)))
        return 0
    for own in sentences:
        ids = " ".join(".".join(map(str, row)) for row in own.ids.tolist())
        print(f"{_clock(own.start_s)} - {_clock(own.end_s)}  {ids}{'  (no motion)' if own.still else ''}")
    return 0


def _write_view(
    path: Path, motion: BodyMotion, recording: Recording | None, start_s: float, places: tuple[str, ...]
) -> list[str]:
    """Write the page; give what the user should know of it."""
    from ..body import place
    from ..simulate import Simulator
    from ..simulate.view import write_view

    said = [f"view: {path}: a belief, not a measurement"]
    if recording is None:
        sites = _sites(places) or SHOWN_AT
        motion = motion.with_notes(_simulated(sites))
        recording = Simulator(motion, lowpass_hz=None).record(list(sites), "ideal", rate_hz=25.0)
        said.append("the page's signals are simulated on the believed body: a file of tokens holds none")
    else:
        known = [stream for stream in recording.streams if stream.placement.segment is not None]
        if not known:
            raise PlacementError(
                "The page shows sensors on a body, and no placement is known", where=recording.source,
                remedy="Say where it was worn: --placement left_wrist",
            )  # fmt: skip
        left_out = [stream.name for stream in recording.streams if stream.placement.segment is None]
        if left_out:
            said.append(f"not on the page, as nobody knows where they were worn: {', '.join(left_out)}")
        # The motion begins with the first sentence; a page's clock begins with the motion.
        moved = [replace(stream, time_s=stream.time_s - start_s) for stream in known]
        recording = recording.with_streams(moved)
    points = place(motion.body, [stream.placement for stream in recording.streams])
    write_view(path, motion, recording, points, title=f"{motion.name}: what its tokens tell")
    return said


def _sites(names: tuple[str, ...]) -> tuple[str, ...]:
    from ..placement import SITES

    return tuple(dict.fromkeys(name for name in names if name in SITES))


def _simulated(sites: tuple[str, ...]):
    from ..recording import Note

    return Note("assumed", f"the signals are simulated on this body at {', '.join(sites)}; none were recorded")


def _clock(time_s: float) -> str:
    minutes, seconds = divmod(round(10 * time_s), 600)
    return f"{minutes:02d}:{seconds / 10:04.1f}"
