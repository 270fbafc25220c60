"""Name what happens in a recording, from labels in plain words, or as `anywear learn` was shown.

Prints a timeline: start, end, label, confidence; `unknown` where nothing that was asked fits.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ..errors import AnywearError, UsageError
from . import _common

if TYPE_CHECKING:
    from ..recording import Recording
    from ..runtime import LabelSet, Model, Timeline
    from ..signal.mount import MountEstimate

    Answer: TypeAlias = Callable[[Recording], Timeline]

HELP = "name what happens in a recording, from labels in plain words"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a recording, or a folder of recordings")
    labels = parser.add_mutually_exclusive_group(required=True)
    labels.add_argument(
        "--labels", metavar="WORDS", help="words or sentences, separated by commas (or semicolons), or a file of them"
    )
    labels.add_argument("--labels-file", metavar="TXT", help='a file of "label" or "label: description" lines')
    labels.add_argument("--learned", metavar="FILE", help="activities that `anywear learn` has learned")
    _common.add_windows(parser)
    parser.add_argument("--threshold", type=float, metavar="FIT", help="least fit for an answer (default: calibrated)")
    parser.add_argument(
        "--by", choices=("text", "simulation", "both"),
        help="compare with the labels' words, with their motion simulated on the same sensors, or both (default)",
    )  # fmt: skip
    parser.add_argument(
        "--hubs", choices=("on", "off", "own"),
        help="take off what a label usually scores, as learned (on; default, but for text alone) or in this recording (own), "
        "or not (off)",
    )  # fmt: skip
    _common.add_language(parser)
    parser.add_argument(
        "--mount", metavar="HOW",
        help="how sensors are turned: unknown, documented (as the file says), auto (and else found by itself; default), or a "
        "file written by `anywear mount`",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON instead, with the scores of every window")
    parser.add_argument(
        "--plot", metavar="OUT.png", help="write a picture of signals and timeline; one per recording of a folder"
    )
    parser.add_argument("--quiet", action="store_true", help="no remarks on standard error")
    _common.add_reading(parser)
    _common.add_model(parser)


def run(options: argparse.Namespace) -> int:
    if options.plot:
        from ..plot import check_picture

        check_picture(options.plot)
    model, answer = _by_learning(options) if options.learned else _by_words(options)
    answers: dict[str, dict] = {}
    failures: list[tuple[Path, AnywearError]] = []
    several = _common.is_folder_of_recordings(options)
    for path, recording in _common.recordings(options):
        try:
            if isinstance(recording, AnywearError):
                raise recording
            timeline = answer(recording)
        except AnywearError as error:
            if not several:
                raise
            failures.append((path, error))
            continue
        remarks = _remarks(recording)
        if options.plot:
            from ..plot import plot_timeline

            picture = Path(options.plot)
            if several:
                picture = _picture_of(picture, path.relative_to(options.file))
            _common.write_whole(picture, lambda partial, r=recording, t=timeline: plot_timeline(r, t, partial))
            if not options.quiet:
                print(f"picture: {picture}", file=sys.stderr)
        answers[str(path)] = {
            "file": str(path),
            "model": model.sha256,
            **timeline.to_dict(),
            "recording_notes": remarks,
        }
        if not options.json:
            if several:
                print(f"{path}:")
            print(timeline)
        if not options.quiet:
            for note in (*timeline.notes, *_mounts(timeline), *remarks):
                print(f"note: {note}", file=sys.stderr)
    if options.json and answers:
        content = list(answers.values()) if several else next(iter(answers.values()))
        print(json.dumps(content, indent=2))
    return _common.report_failures(failures, len(answers))


def _by_words(options: argparse.Namespace) -> tuple[Model, Answer]:
    """The model, and what answers from labels in words."""
    from ..runtime import LabelSet

    labels = LabelSet.from_file(options.labels_file) if options.labels_file else parse_labels(options.labels)
    mount = mount_known("auto" if options.mount is None else options.mount)
    model = _common.load_model(options)
    hubs = None if options.hubs is None else options.hubs != "off"
    return model, lambda recording: model.recognize(
        recording, labels, window_s=options.window, hop_s=options.hop, threshold=options.threshold,
        by=options.by, hubs=hubs, own=options.hubs == "own", language=_common.language(options), mount=mount,
    )  # fmt: skip


def _by_learning(options: argparse.Namespace) -> tuple[Model, Answer]:
    """The model, and what answers as it was shown."""
    from ..runtime import Activities

    refuse_of_words(options, "mount")
    model = _common.load_model(options)
    learned = Activities.load(options.learned, model=model)
    return model, lambda recording: learned.recognize(recording, hop_s=options.hop, threshold=options.threshold)


def refuse_of_words(options: argparse.Namespace, *further: str) -> None:
    """Refuse what is of labels in words beside activities that were learned."""
    for name in ("window", "by", "hubs", "language", *further):
        if options.learned is not None and getattr(options, name) is not None:
            raise UsageError(
                "This is of labels in words; of activities it was settled when they were learned", where=f"--{name}",
                remedy="Leave it out",
            )  # fmt: skip


def parse_labels(text: str) -> LabelSet:
    """Labels from the words themselves, or from a file of that name."""
    from ..runtime import LabelSet

    path = Path(text)
    looks_like_file = path.suffix.lower() in (".txt", ".csv", ".labels") and "," not in text
    try:
        is_file = path.is_file()
    except OSError:  # too long for a name
        is_file = False
    if is_file or looks_like_file:
        return LabelSet.from_file(path)
    if not text.strip():
        raise UsageError("No labels were given", where="--labels", remedy='Write --labels "walking, sitting"')
    return LabelSet.parse(text)


def mount_known(text: str) -> str | dict[str, MountEstimate]:
    """How mounts are known, or the estimates of a file."""
    from ..runtime.recognition import MOUNTS
    from ..signal.mount_file import load_mounts

    if text in MOUNTS or not Path(text).suffix:
        return text
    return load_mounts(text)


def _mounts(timeline: Timeline) -> list[str]:
    """What was known of the mounts, a line per stream."""
    lines = []
    for name, own in timeline.used.get("mounts", {}).items():  # type: ignore[attr-defined]
        known = {"nothing": "unknown", "up": "upward axis", "outward": "outward axis", "full": "known"}[own["known"]]
        how = own.get("reason") or own["source"] or "nothing said"
        lines.append(f"{name}: mount {known} ({how})")
    return lines


def _picture_of(wanted: Path, inside: Path) -> Path:
    """One picture per recording of a folder, named after its path inside the folder, ending and all."""
    return wanted.with_name(f"{wanted.stem}-{'-'.join(inside.parts)}{wanted.suffix}")


def _remarks(recording) -> list[str]:
    """Repairs and assumptions a user should not have to ask for."""
    return [f"{name or 'recording'}: {n}" for name, n in recording.all_notes() if n.kind in ("repaired", "assumed")]
