"""Find how each sensor is turned on its place: from the walking in the recording, a moment of standing, a platform's rules.

A folder is taken as one wearing recorded in parts. Prints per stream what was found and how sure it is, and where nothing was
found, why.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AnywearError, UsageError
from . import _common

if TYPE_CHECKING:
    from ..recording import Recording
    from ..signal.mount import FoundMount, MountEstimate

HELP = "find how each sensor is turned on its place"
CONTRADICTION_DEG = 60.0  # between a platform's up and that of walking, from which it is remarked


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a recording, or a folder with the recordings of one wearing")
    parser.add_argument("--upright", metavar="TIME", help="a moment of quiet standing, arms hanging, such as 0:05")
    parser.add_argument(
        "--device-axes", metavar="NAME",
        help="platform whose documents fix the axes of watches: android, ios, watchos or wear-os",
    )  # fmt: skip
    parser.add_argument(
        "--crown", choices=("right", "left"), default="right", help="side of a watch's crown (default right)"
    )
    parser.add_argument("-o", "--output", metavar="OUT.json", help="write the mounts, for `recognize --mount`")
    parser.add_argument("--json", metavar="OUT", help="write JSON as well; - prints it instead")
    parser.add_argument("--plot", metavar="OUT.png", help="write a picture of the body with the devices as found")
    parser.add_argument("--quiet", action="store_true", help="no remarks on standard error")
    _common.add_reading(parser)


def run(options: argparse.Namespace) -> int:
    from ..signal.mount import calibrate_recordings, mount_upright
    from ..signal.mount_file import mounts_json, save_mounts

    if options.plot:
        from ..plot import check_picture

        check_picture(options.plot)
    upright_s = None if options.upright is None else parse_moment(options.upright)
    recordings = _recordings(options)
    if len(recordings) > 1 and (options.plot or upright_s is not None):
        raise UsageError(
            "A picture or a moment of standing is of one recording",
            where=options.file,
            got=f"{len(recordings)} recordings",
            remedy="Name one of them",
        )
    estimates = calibrate_recordings(recordings)
    if upright_s is not None:
        own = {stream.name: stream for stream in recordings[0].streams}
        estimates = {name: mount_upright(own[name], upright_s, found) for name, found in estimates.items()}
    remarks: list[str] = []
    if options.device_axes is not None:
        estimates = {name: _by_convention(name, found, options, remarks) for name, found in estimates.items()}
    content = {"file": str(options.file), **mounts_json(estimates)}
    if options.output:
        save_mounts(estimates, options.output)
    if options.plot:
        from ..body.mount_picture import draw_mounts

        _common.write_whole(Path(options.plot), lambda partial: draw_mounts(partial, recordings[0], estimates))
        if not options.quiet:
            print(f"picture: {options.plot}", file=sys.stderr)
    if options.json:
        _common.write_text(options.json, json.dumps(content, indent=2))
    if options.json != "-":
        print("\n".join(line for name, found in estimates.items() for line in told(name, found)))
    if not options.quiet:
        for remark in remarks:
            print(f"note: {remark}", file=sys.stderr)
    return 0


def parse_moment(text: str) -> float:
    """Seconds of ``5``, ``0:05`` or ``1:02:03.5``.

    Raises:
        UsageError: it is none of them.
    """
    parts = text.strip().split(":")
    try:
        numbers = [float(part) for part in parts]
        if not 1 <= len(parts) <= 3 or not all(0.0 <= n < 60.0 for n in numbers[1:]) or not 0.0 <= numbers[0] < 1e9:
            raise ValueError
    except ValueError as error:
        raise UsageError(
            "The moment cannot be read", where="--upright", got=repr(text), expected="seconds, M:SS or H:MM:SS",
            remedy="Write --upright 0:05",
        ) from error  # fmt: skip
    return sum(number * 60.0**power for power, number in enumerate(reversed(numbers)))


def told(name: str, estimate: MountEstimate) -> list[str]:
    """What is printed of one stream."""
    lines = [f"{name} ({estimate.placement.name})"]
    several = len(estimate.pieces) > 1
    for number, piece in enumerate(estimate.pieces, start=1):
        if several:
            spans = ", ".join(_span(s.start_s, s.stop_s, s.stream, estimate) for s in piece.stretches)
            lines.append(f"  mount {number}, {spans}")
        known = {"nothing": "unknown", "up": "up only", "outward": "outward only", "full": "full"}
        lines.append(f"  {known[piece.mount.knowledge]}: {piece.reason}")
        lines += [f"  {words}" for words in _axes(estimate, piece)]
        if piece.drift_deg is not None and piece.mount.knowledge != "nothing":
            lines.append(f"  up drifts by {piece.drift_deg:.0f} deg from the first to the last third of the walking")
    if several:
        lines.append(f"  put on {len(estimate.pieces)} times; each mount holds for its times")
    return lines


def _axes(estimate: MountEstimate, piece: FoundMount) -> list[str]:
    from ..signal.features import mount_axes

    axes, known = mount_axes(replace(estimate.placement, mount=piece.mount))
    names = ("up is", "out of the body is")
    return [f"{name} ({', '.join(f'{round(v, 2) + 0.0:+.2f}' for v in axis)}) in the sensor's axes"
            for name, axis, is_known in zip(names, axes, known, strict=False) if is_known]  # fmt: skip


def _span(start_s: float, stop_s: float, stream: int, estimate: MountEstimate) -> str:
    streams = {s.stream for piece in estimate.pieces for s in piece.stretches}
    prefix = f"recording {stream + 1}, " if len(streams) > 1 else ""
    return f"{prefix}{_clock(start_s)} - {_clock(stop_s)}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60.0)
    return f"{int(minutes)}:{rest:04.1f}"


def _by_convention(
    name: str, estimate: MountEstimate, options: argparse.Namespace, remarks: list[str]
) -> MountEstimate:
    """The platform's mount where it fixes one; a walking that says otherwise is remarked."""
    import numpy as np

    from ..signal.features import mount_axes
    from ..signal.mount_conventions import convention_mount

    mount = convention_mount(options.device_axes, estimate.placement, options.crown)
    if mount.knowledge == "nothing":
        remarks.append(f"{name}: {options.device_axes} does not fix how a device is worn at {estimate.placement.name}")
        return estimate
    axes, known = mount_axes(replace(estimate.placement, mount=estimate.mount))
    apart_deg = (
        float(np.rad2deg(np.arccos(np.clip(axes[0] @ np.asarray(mount.up_axis), -1.0, 1.0)))) if known[0] else 0.0
    )
    if apart_deg > CONTRADICTION_DEG:
        remarks.append(
            f"{name}: up by the convention and up in walking differ by {apart_deg:.0f} deg; "
            "look at --crown and at the side it is worn on"
        )
    pieces = tuple(
        replace(piece, mount=mount, up_error_deg=None, forward_error_deg=None, drift_deg=None, reason=mount.source)
        for piece in estimate.pieces
    )
    return replace(estimate, pieces=pieces)


def _recordings(options: argparse.Namespace) -> list[Recording]:
    found = []
    for path, recording in _common.recordings(options):
        if isinstance(recording, AnywearError):
            recording.where = recording.where or str(path)
            raise recording
        found.append(recording)
    if not found:
        raise UsageError("The folder holds no recording", where=options.file)
    return found
