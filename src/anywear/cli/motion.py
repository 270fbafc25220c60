"""Motion that nobody had to capture: list what there is, make clips of it, look at a clip.

list: every activity with what it is called. generate: clips of an activity as BVH files, described in clips.jsonl beside
them. view: a page (.html) or picture (.png) of a motion file, generated or captured.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ..errors import UsageError, unknown_name

HELP = "generate motion from words, list what can be generated, look at it"
LISTING = "clips.jsonl"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="every activity with a sentence", allow_abbrev=False)
    listed.add_argument("--parameters", action="store_true", help="with what can be set, and its range")

    made = actions.add_parser("generate", help="make clips of an activity", allow_abbrev=False)
    made.add_argument("activity", metavar="WORDS", help='such as "climbing stairs"; the nearest activity is named')
    made.add_argument("-n", "--count", type=int, default=1, metavar="N", help="how many clips (default 1)")
    made.add_argument("-o", "--output", required=True, metavar="DIR", help="folder for the clips")
    made.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of the first clip; the next have the next (default 0)"
    )
    made.add_argument("--seconds", type=float, metavar="S", help="length of a clip (default: drawn)")
    made.add_argument(
        "--set", default="", metavar="SPEC", help="parameters, such as speed_mps=1.4,hand=left (default: drawn)"
    )
    made.add_argument(
        "--rate", type=float, default=60.0, metavar="HZ", help="frames per second of the files (default 60)"
    )

    viewed = actions.add_parser("view", help="look at a motion file", allow_abbrev=False)
    viewed.add_argument("motion", metavar="CLIP", help="a motion file")
    viewed.add_argument("-o", "--output", required=True, metavar="OUT", help="a page (.html) or picture (.png)")
    viewed.add_argument(
        "--at",
        default="waist,left_wrist,right_thigh",
        metavar="SITES",
        help="sensors that are shown (default %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    return {"list": _list, "generate": _generate, "view": _view}[options.action](options)


def _list(options: argparse.Namespace) -> int:
    from ..motion.generate import PROGRAMS, Choice, pose

    family = ""
    for name, program in sorted(PROGRAMS.items(), key=lambda item: (item[1].family, item[0])):
        if program.family != family:
            family = program.family
            print(f"{family}:")
        shortest = program.seconds.low if program.seconds.least is None else program.seconds.least
        sentence = pose(name, 0, seconds=shortest)[2].said[0]
        print(f"  {name:28} {program.label}: {sentence}")
        if not options.parameters:
            continue
        for key, kind in program.parameters.items():
            if isinstance(kind, Choice):
                print(f"    {key}: {', '.join(kind.options)}")
            else:
                least, most = (
                    usual if hard is None else hard for usual, hard in ((kind.low, kind.least), (kind.high, kind.most))
                )
                print(f"    {key}: {kind.low:g} to {kind.high:g} {kind.unit} (at most {least:g} to {most:g})")
    return 0


def _generate(options: argparse.Namespace) -> int:
    import numpy as np

    from ..motion import write_bvh
    from ..motion.generate import generate, paced
    from ..runtime.model import WEIGHTS_DIR
    from ..runtime.programs import FAR, programs_for
    from ..runtime.text import TextTower

    if not 1 <= options.count <= 100_000:
        raise UsageError(
            "The number of clips is out of range", where="-n", expected="1 to 100,000", got=str(options.count)
        )
    if options.seed < 0:
        raise UsageError("A seed is not negative", where="--seed", got=str(options.seed))
    near = programs_for(options.activity, TextTower(WEIGHTS_DIR))
    best = near[0]
    if best.similarity < FAR:
        raise UsageError(
            "Nothing that can be generated is near these words",
            where=options.activity,
            got=", ".join(f"{match.said} ({match.similarity:.2f})" for match in near[:3]),
            remedy="anywear motion list shows every activity",
        )
    others = ", ".join(match.program for match in near[1:4])
    print(f"{best}: {best.said} (similarity {best.similarity:.2f}; next: {others})", file=sys.stderr)
    parameters = _parameters(options.set)
    _check(best.program, parameters, options.seconds)
    out = Path(options.output)
    out.mkdir(parents=True, exist_ok=True)
    with (out / LISTING).open("a", encoding="utf-8") as listing:
        for seed in range(options.seed, options.seed + options.count):
            told = {**paced(best.program, best.tempo, np.random.default_rng(seed)), **parameters}
            made = generate(best.program, seed, seconds=options.seconds, person=None, **told)
            path = out / f"{str(best).replace(', ', '-')}-{seed}.bvh"
            write_bvh(made.clip.resampled(options.rate), path)
            facts = {"file": path.name, "activity": made.program, "label": made.label, "seed": seed}
            facts |= {"seconds": round(made.clip.duration_s, 3), "parameters": dict(made.parameters)}
            facts |= {"acts_s": [[round(begin, 3), round(end, 3)] for begin, end in made.acts_s]}
            listing.write(json.dumps({**facts, "captions": made.clip.captions}) + "\n")
            print(f"{path}: {made.clip.captions[1 if len(made.clip.captions) > 1 else 0]}")
    return 0


def _view(options: argparse.Namespace) -> int:
    from ..simulate.files import SimulationPlan, open_motion
    from ..simulate.view import check_view, write_view

    check_view(Path(options.output))
    sites = tuple(site.strip() for site in options.at.split(",") if site.strip())
    simulator = open_motion(Path(options.motion), SimulationPlan(at=sites))
    write_view(options.output, simulator.motion, simulator.record(sites), simulator.points(sites))
    print(f"view -> {options.output}")
    return 0


def _check(program: str, parameters: dict[str, float | str], seconds: float | None) -> None:
    """Before anything is written: UsageError where the program has no such parameter, or a value cannot be."""
    from ..motion.generate import PROGRAMS

    chosen = PROGRAMS[program]
    for name, value in parameters.items():
        if name not in chosen.parameters:
            raise unknown_name(f"parameter of {program}", name, chosen.parameters)
        chosen.parameters[name].check(name, value)
    if seconds is not None:
        chosen.seconds.check("seconds", seconds)


def _parameters(text: str) -> dict[str, float | str]:
    found: dict[str, float | str] = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not part.strip():
            continue
        if not equals or not name or not value:
            raise UsageError(
                "A parameter is not understood", where="--set", expected="name=value,name=value", got=part.strip()
            )
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = value
    return found
