"""Simulate what wearables on a moving body would record.

MOTION is a motion file (BVH, AMC, AMASS, HumanML3D, ...) or a folder of them. Recordings are written in anywear's own format,
which every other command reads. A folder is worked on in parallel, and goes on where it stopped when it is run again.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AnywearError, UsageError
from . import _common
from ._progress import Progress

if TYPE_CHECKING:
    from ..body import BodyShape
    from ..simulate.files import SimulationPlan

HELP = "simulate what wearables on a moving body would record"
BODY_FIELDS = {"height": "height_m", "sex": "sex", "age": "age_years", "build": "build", "muscle": "muscle"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("motion", metavar="MOTION", nargs="?", help="a motion file, or a folder of them")
    parser.add_argument("-o", "--output", metavar="OUT", help="a .parquet file; a folder when MOTION is one")
    parser.add_argument(
        "--view",
        metavar="OUT",
        help="write a page (.html) or picture (.png) of body, sensors and signals; one MOTION only",
    )
    worn = parser.add_argument_group("what is worn")
    worn.add_argument(
        "--at", metavar="SITES", help="such as left_wrist,right_front_pocket (anywear info --sites lists them); "
        "all:1000 spreads points over the skin (default: where the device is usually worn)",
    )  # fmt: skip
    worn.add_argument(
        "--device", default="ideal", metavar="NAME",
        help="such as watch, or left_wrist=watch,waist=bmi270 (default ideal: no errors, worn rigidly)",
    )  # fmt: skip
    worn.add_argument("--rate", type=float, metavar="HZ", help="samples per second (default: the device's own)")
    worn.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of everything drawn: same seed, same recording (default 0)"
    )
    worn.add_argument("--body", metavar="SPEC", help="such as height=1.80,sex=female,age=60,build=0.5,muscle=-0.2")
    worn.add_argument(
        "--devices", action="store_true", help="list the devices, and the sensor parts they are made of, and stop"
    )
    motion = parser.add_argument_group("reading the motion", "what the file does not say, or says wrongly")
    motion.add_argument("--motion-format", metavar="NAME", help="force a reader, such as bvh")
    motion.add_argument("--motion-rate", type=float, metavar="HZ", help="frames per second of the motion")
    motion.add_argument("--motion-scale", type=float, metavar="M", help="metres per unit of length, such as 0.01")
    motion.add_argument(
        "--lowpass", default="auto", metavar="HZ", help="low-pass over the motion: auto, none or Hz (default auto)"
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes for a folder (default: all cores)",
    )
    parser.add_argument("--quiet", action="store_true", help="no remarks and no progress on standard error")


def run(options: argparse.Namespace) -> int:
    if options.devices:
        _list_devices()
        return 0
    if options.motion is None:
        raise UsageError(
            "No motion was named", remedy="anywear simulate walk.bvh -o walk.anywear.parquet --device watch"
        )
    if options.output is None and options.view is None:
        raise UsageError("Nothing would be written", remedy="Name an output with -o, or a page with --view out.html")
    if options.workers < 1:
        raise UsageError("At least one process is needed", where="--workers", got=str(options.workers))
    plan = plan_of(options)
    path = Path(options.motion)
    return _folder(path, plan, options) if path.is_dir() else _file(path, plan, options)


def _list_devices() -> None:
    from ..simulate.devices import DEVICES, device
    from ..simulate.parts import PARTS

    for kind in (*DEVICES.values(), *(device(name) for name in ("ideal", *PARTS))):
        print(f"{kind.name:22} {kind.site or 'anywhere':18} {kind.rate_hz:>4g} Hz  {kind.about}")


def plan_of(options: argparse.Namespace) -> SimulationPlan:
    """The plan the options ask for; every name in it is checked before a file is opened."""
    from ..placement import Placement
    from ..simulate.devices import DEVICES, device
    from ..simulate.files import SimulationPlan

    worn = _devices(options.device)
    kinds = [device(name) for name in (worn.values() if isinstance(worn, dict) else [worn])]
    at = _places(options.at, worn, kinds[0].site if kinds[0].name in DEVICES else None)
    if not isinstance(at, int):
        for site in at:
            Placement.at(site).rest_point()
    if options.rate is not None and not 1.0 <= options.rate <= 10_000.0:
        raise UsageError("The rate is out of range", where="--rate", expected="1 to 10,000 Hz", got=f"{options.rate:g}")
    return SimulationPlan(
        at=at,
        device=worn,
        rate_hz=options.rate,
        seed=options.seed,
        body=parse_body(options.body),
        lowpass_hz=_lowpass(options.lowpass),
        motion_format=options.motion_format,
        motion_rate_hz=options.motion_rate,
        motion_scale=options.motion_scale,
    )


def parse_body(text: str | None) -> BodyShape:
    """A body from words such as ``height=1.80,sex=female``."""
    from ..body import BodyShape

    fields: dict[str, float | str] = {}
    for part in (text or "").split(","):
        if not part.strip():
            continue
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or name not in BODY_FIELDS:
            raise UsageError(
                "The body is not understood", where="--body", got=part.strip(),
                expected=", ".join(f"{known}=..." for known in BODY_FIELDS),
            )  # fmt: skip
        try:
            fields[BODY_FIELDS[name]] = float(value)
        except ValueError:
            if name != "sex":
                raise UsageError("This is no number", where=f"--body {name}", got=value) from None
            fields["sex"] = value
    return BodyShape(**fields)  # type: ignore[arg-type]


def _file(path: Path, plan: SimulationPlan, options: argparse.Namespace) -> int:
    from ..io import write
    from ..simulate.files import open_motion

    out = Path(options.output) if options.output else None
    if out is not None and out.suffix != ".parquet":
        raise UsageError("The output has to be a .parquet file", where=str(out), remedy="Name it NAME.anywear.parquet")
    if options.view:
        from ..simulate.view import check_view

        check_view(Path(options.view))
    simulator = open_motion(path, plan)
    recording = simulator.record(plan.at, plan.device, rate_hz=plan.rate_hz, seed=plan.seed)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        write(recording, out)
        print(f"{len(recording.streams)} stream(s), {recording.duration_s:.1f} s -> {out}")
    if options.view:
        from ..simulate.view import write_view

        write_view(options.view, simulator.motion, recording, simulator.points(plan.at, plan.seed))
        print(f"view -> {options.view}")
    if not options.quiet:
        for note in recording.notes:
            print(f"note: {note}", file=sys.stderr)
    return 0


def _folder(path: Path, plan: SimulationPlan, options: argparse.Namespace) -> int:
    from ..motion import list_motions
    from ..simulate.files import simulate_folder

    if options.output is None or options.view:
        raise UsageError(
            "A folder of motions is written to a folder of recordings",
            got="--view" if options.view else "no output",
            remedy="Name a folder with -o; --view takes a single motion",
        )
    paths = list_motions(path, format=options.motion_format)
    progress = Progress(len(paths), "motions", quiet=options.quiet)
    failures: list[tuple[Path, AnywearError]] = []
    kept = made = 0
    for motion, error, before in simulate_folder(paths, path, Path(options.output), plan, workers=options.workers):
        if error is not None:
            failures.append((motion, error))
        kept += before
        made += error is None and not before
        progress.step()
    again = f", {kept} were there already" if kept else ""
    print(f"{made} recording(s) made{again} -> {options.output}")
    return _common.report_failures(sorted(failures, key=lambda failure: failure[0]), made + kept)


def _devices(text: str) -> str | dict[str, str]:
    if "=" not in text:
        return text
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(site.strip() and name.strip() for site, _, name in pairs):
        raise UsageError(
            "The devices are not understood", where="--device", expected="left_wrist=watch,waist=bmi270", got=text
        )
    from ..placement import Placement

    return {Placement.at(site).name: name.strip() for site, _, name in pairs}


def _places(text: str | None, worn: str | dict[str, str], usual: str | None) -> tuple[str, ...] | int:
    if text is None:
        if isinstance(worn, dict):
            return tuple(worn)
        if not usual:
            raise UsageError(
                f"Nobody says where the {worn} is worn",
                remedy="Name a place, such as --at left_wrist, or --at all:1000",
            )
        return (usual,)
    if text.startswith("all:"):
        count = text.removeprefix("all:")
        if not (count.isdigit() and 1 <= int(count) <= 32_000):
            raise UsageError(
                "The number of points is out of range", where="--at", expected="all:1 to all:32000", got=text
            )
        return int(count)
    return tuple(site.strip() for site in text.split(",") if site.strip())


def _lowpass(text: str) -> float | str | None:
    if text == "auto":
        return "auto"
    if text == "none":
        return None
    try:
        return float(text)
    except ValueError:
        raise UsageError("The low-pass is unknown", where="--lowpass", expected="auto, none or Hz", got=text) from None
