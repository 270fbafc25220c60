"""Judge a model, or the simulator, on public data. Prints tables and, for a model, a line that states the protocol.

har: names activities from the data sets' own label words. DATA holds the sets' archives or unpacked folders.
bases: the same questions by words, by simulation and by both, mounts untold, found and documented.
setup: the same questions by each sensor alone and by all of them, turned, at other rates, without gyroscope, untold.
probe: the same windows with labels, all or few per class, on frozen embeddings, against MiniRocket and training from scratch.
retrieval: finds held-out captioned motion, simulated, by sentences, and the reverse. DATA is a corpus, holds
one, or holds the archives it is built from.
simulation: simulated signals against real sensors; needs no model.
nucleus: nuclei and segments of real gestures; needs no model.
gestures: gestures learned from few labels, wearers mixed or others than those asked, against DTW and MiniRocket.
mount: the mount found by itself against the known one; needs no model.
tokens: what a model's motion tokens keep, and whether setups agree on them.
caption: what a language model says of held-out clips and of real recordings.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError, unknown_name
from . import _benchmark_caption, _benchmark_gestures, _common

if TYPE_CHECKING:
    from ..runtime import Model
    from ..runtime.recognition import Recognizer

HELP = "judge a model or the simulator on public data"
HAR_SETS = "usc-had,sisfall"
SETUP_SETS = "dsads"
MOUNT_SETS = "dsads,usc-had,sisfall,sp-sw-har"
RETRIEVAL_OPTIONS = ("pool", "seeds", "clips")
PROBE_OPTIONS = ("shots", "rows", "device")
SCORING_OPTIONS = ("by", "hubs", "language")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "benchmark",
        metavar="NAME",
        help="har: activities from label words; bases: by words, by simulation, by both; setup: har in many setups; "
        "probe: har with labels; "
        "nucleus: segments of gestures; gestures: learned from few labels; "
        "retrieval: motion by sentences; simulation: signals against real ones; mount: found against known; "
        "tokens: what motion tokens keep; caption: motion told in words",
    )
    parser.add_argument("--data", required=True, metavar="DIR", help="folder with archives or unpacked data sets")
    parser.add_argument(
        "--sets",
        metavar="A,B",
        help=f"data sets of har, bases and probe (default {HAR_SETS}, never trained on), of setup and tokens (default "
        f"{SETUP_SETS}), of mount (default {MOUNT_SETS}) or of gestures (default {_benchmark_gestures.SETS})",
    )
    parser.add_argument(
        "--placements",
        default="",
        metavar="A,B",
        help="only these sites or streams (default all; gestures: the one nearest to a hand, or all)",
    )
    parser.add_argument(
        "--placement-known", choices=("yes", "no"), default="yes", help="tell the model where it is worn (default yes)"
    )
    parser.add_argument(
        "--mount", choices=("unknown", "auto", "documented", "as-shipped", "read-off"),
        help="tell the model of mounts nothing, what is found without labels, what the data set documents (default; bases: "
        "these three in turn), that and else what is found, or also what labels revealed",
    )  # fmt: skip
    parser.add_argument(
        "--by", choices=("text", "simulation", "both"), help="what har and setup answer by (default: the model's best)"
    )
    parser.add_argument(
        "--hubs",
        choices=("on", "off"),
        help="whether a label's usual score is taken off (default on, by text alone off)",
    )
    _common.add_language(parser)
    parser.add_argument("--window", type=float, metavar="S", help="seconds per window (default: the model's, 5)")
    parser.add_argument("--hop", type=float, metavar="S", help="from one window to the next (default: the window)")
    parser.add_argument(
        "--pool", type=int, metavar="N", help="candidates in the small pools of retrieval (default 100)"
    )
    parser.add_argument(
        "--seeds",
        metavar="A,B",
        help="of places and devices of retrieval (default 0,1,2); how many of gestures (default 5)",
    )
    parser.add_argument(
        "--clips", type=int, metavar="N", help="generated clips per program in retrieval and caption (default 1)"
    )
    parser.add_argument("--conditions", metavar="A,B", help="parts of setup (default placements,turn,rate,gyro,told)")
    parser.add_argument(
        "--shots", metavar="A,B", help="labelled windows per class in probe (default 1,5,10), clips in gestures"
    )
    parser.add_argument(
        "--rows",
        metavar="A,B",
        help="who answers in probe (default embeddings,minirocket,scratch; the last is slow), gestures (default "
        f"{_benchmark_gestures.ROWS}) or retrieval (default encoder; also language,both)",
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), help="where probe trains from scratch (default cpu)")
    parser.add_argument(
        "--parts",
        metavar="A,B",
        help="parts of simulation (default boards,kinect,gap,generator), mount (sets,simulated) or nucleus "
        "(marks,everyday,clips,neighbours)",
    )
    parser.add_argument(
        "--seed", type=int, metavar="N", help="of turns, draws, or simulated devices and people (default 0)"
    )
    parser.add_argument(
        "--plot", metavar="DIR", help="write pictures of setup, simulation, nucleus or gestures into this folder"
    )
    parser.add_argument("--json", metavar="OUT", help="write JSON to this file as well; - prints it instead")
    parser.add_argument("--quiet", action="store_true", help="no progress, and no table of single classes")
    _benchmark_gestures.add_arguments(parser)
    _benchmark_caption.add_arguments(parser)
    _common.add_model(parser)


def run(options: argparse.Namespace) -> int:
    from ..benchmark import BENCHMARKS, har_json, har_table

    if options.benchmark not in BENCHMARKS:
        raise unknown_name("benchmark", options.benchmark, BENCHMARKS)
    others = {
        "bases": _run_bases,
        "setup": _run_setup,
        "probe": _run_probe,
        "retrieval": _run_retrieval,
        "simulation": _run_simulation,
        "nucleus": _run_nucleus,
        "mount": _run_mount,
        "tokens": _run_tokens,
        "caption": _run_caption,
        "gestures": _run_gestures,
    }
    if options.benchmark != "gestures":
        _refuse(options, options.benchmark, _benchmark_gestures.OPTIONS)
    if options.benchmark != "caption":
        _refuse(options, options.benchmark, _benchmark_caption.OPTIONS)
    if options.benchmark in others:
        return others[options.benchmark](options)
    _refuse(options, "har", ("conditions", "parts", "seed", "plot", *RETRIEVAL_OPTIONS, *PROBE_OPTIONS))
    config = _har_config(options)
    model = _common.load_model(options)
    sets = _listed(options.sets or HAR_SETS)
    scorer = _scorer(model, options)
    report = BENCHMARKS[options.benchmark].run(scorer, Path(options.data), sets, config, _progress(options))
    return _tell(options, report, har_json, lambda own: har_table(own, details=not options.quiet))


def _har_config(options: argparse.Namespace):
    from ..benchmark import HarConfig

    for name in ("window", "hop"):
        value = getattr(options, name)
        if value is not None and not 0.1 <= value <= 60.0:
            raise UsageError(f"The {name} is out of range", expected="0.1 to 60 s", got=f"{value:g} s")
    return HarConfig(
        options.window,
        options.hop,
        _listed(options.placements),
        placement_known=options.placement_known == "yes",
        mount=options.mount or "documented",
    )


def _run_bases(options: argparse.Namespace) -> int:
    from ..benchmark import BENCHMARKS, BasesConfig, bases_json, bases_table

    foreign = (*RETRIEVAL_OPTIONS, *PROBE_OPTIONS, "by", "hubs")
    _refuse(options, "bases", ("conditions", "parts", "seed", "plot", *foreign))
    mounts = {} if options.mount is None else {"mounts": (options.mount,)}
    config = BasesConfig(_har_config(options), language=_common.language(options), **mounts)
    model = _common.load_model(options)
    sets = _listed(options.sets or HAR_SETS)
    report = BENCHMARKS["bases"].run(model, Path(options.data), sets, config, _progress(options))
    return _tell(options, report, bases_json, lambda own: bases_table(own, details=not options.quiet))


def _scorer(model: Model, options: argparse.Namespace) -> Recognizer:
    """What scores windows as the options say."""
    hubs = None if options.hubs is None else options.hubs == "on"
    return model.recognizer(options.by, hubs, language=_common.language(options))


def _run_setup(options: argparse.Namespace) -> int:
    from ..benchmark import BENCHMARKS, SetupConfig, setup_json, setup_table
    from ..benchmark.setup import CONDITIONS
    from ..benchmark.setup_pictures import draw_setup
    from ..plot import check_picture

    _refuse(options, "setup", ("parts", *RETRIEVAL_OPTIONS, *PROBE_OPTIONS))
    if options.plot:
        check_picture(Path(options.plot) / "setup.png")  # before minutes of work
    config = SetupConfig(
        _har_config(options),
        CONDITIONS if options.conditions is None else _listed(options.conditions),
        seed=options.seed or 0,
    )
    model = _common.load_model(options)
    sets = _listed(options.sets or SETUP_SETS)
    report = BENCHMARKS["setup"].run(_scorer(model, options), Path(options.data), sets, config, _progress(options))
    return _tell(options, report, setup_json, setup_table, draw_setup)


def _run_retrieval(options: argparse.Namespace) -> int:
    from ..benchmark import BENCHMARKS, RetrievalConfig, retrieval_json, retrieval_table
    from ..benchmark.retrieval_rows import ENCODER, rows_json, rows_table, run_rows

    foreign = ("shots", "device", *SCORING_OPTIONS)
    _refuse(options, "retrieval", ("sets", "placements", "mount", "conditions", "parts", "seed", "plot", *foreign))
    given = {"candidates": options.pool, "clips": options.clips, "window_s": options.window, "hop_s": options.hop}
    if options.seeds is not None:
        given["seeds"] = _numbers("--seeds", options.seeds, "0,1,2")
    config = RetrievalConfig(**{name: value for name, value in given.items() if value is not None})
    model = _common.load_model(options)
    rows = (ENCODER,) if options.rows is None else _listed(options.rows)
    if rows != (ENCODER,):
        own = run_rows(model, Path(options.data), rows, config, _progress(options))
        return _tell(options, own, rows_json, rows_table)
    report = BENCHMARKS["retrieval"].run(model, Path(options.data), config, _progress(options))
    return _tell(options, report, retrieval_json, retrieval_table)


def _run_probe(options: argparse.Namespace) -> int:
    from ..benchmark import BENCHMARKS, ProbeConfig, probe_json, probe_table

    _refuse(options, "probe", ("conditions", "parts", "plot", *RETRIEVAL_OPTIONS, *SCORING_OPTIONS))
    given = {"seed": options.seed, "device": options.device}
    if options.shots is not None:
        given["shots"] = _numbers("--shots", options.shots, "1,5,10")
    if options.rows is not None:
        given["rows"] = _listed(options.rows)
    given = {name: value for name, value in given.items() if value is not None}
    config = ProbeConfig(_har_config(options), threads=options.threads, **given)
    model = _common.load_model(options)
    sets = _listed(options.sets or HAR_SETS)
    report = BENCHMARKS["probe"].run(model, Path(options.data), sets, config, _progress(options))
    return _tell(options, report, probe_json, probe_table)


def _numbers(option: str, text: str, example: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in _listed(text))
    except ValueError as error:
        raise UsageError(
            f"{option} takes whole numbers", where=option, got=text, remedy=f"Write {option} {example}"
        ) from error


def _run_simulation(options: argparse.Namespace) -> int:
    from ..benchmark import BENCHMARKS, simulation_json, simulation_table
    from ..benchmark.simulation import PARTS
    from ..benchmark.simulation_pictures import draw_simulation
    from ..plot import check_picture

    foreign = (*RETRIEVAL_OPTIONS, *PROBE_OPTIONS, *SCORING_OPTIONS)
    _refuse(options, "simulation", ("sets", "placements", "mount", "conditions", "window", "hop", "model", *foreign))
    if options.plot:
        check_picture(Path(options.plot) / "validation.png")  # before minutes of work
    parts = PARTS if options.parts is None else _listed(options.parts)
    seed = 0 if options.seed is None else options.seed
    if seed < 0:
        raise UsageError("A seed is not negative", where="--seed", got=str(seed))
    report = BENCHMARKS["simulation"].run(Path(options.data), parts, seed, _progress(options))
    return _tell(options, report, simulation_json, simulation_table, draw_simulation)


def _run_nucleus(options: argparse.Namespace) -> int:
    from ..benchmark import BENCHMARKS, nucleus_json, nucleus_table
    from ..benchmark.nucleus import PARTS
    from ..benchmark.nucleus_pictures import draw_nucleus
    from ..plot import check_picture

    foreign = (*RETRIEVAL_OPTIONS, *PROBE_OPTIONS, *SCORING_OPTIONS)
    _refuse(options, "nucleus", ("sets", "placements", "mount", "conditions", "window", "hop", "model", *foreign))
    if options.plot:
        check_picture(Path(options.plot) / "nucleus.png")  # before minutes of work
    parts = PARTS if options.parts is None else _listed(options.parts)
    seed = 0 if options.seed is None else options.seed
    if seed < 0:
        raise UsageError("A seed is not negative", where="--seed", got=str(seed))
    report = BENCHMARKS["nucleus"].run(Path(options.data), parts, seed, _progress(options))
    return _tell(options, report, nucleus_json, nucleus_table, draw_nucleus)


def _run_tokens(options: argparse.Namespace) -> int:
    from ..benchmark import BENCHMARKS, tokens_json, tokens_table
    from ..runtime.tokens import MotionTokens

    foreign = (*RETRIEVAL_OPTIONS, *PROBE_OPTIONS, *SCORING_OPTIONS)
    _refuse(options, "tokens", ("conditions", "parts", "seed", "plot", *foreign))
    config = _har_config(options)
    tokens = MotionTokens(options.model, threads=options.threads)
    sets = _listed(options.sets or SETUP_SETS)
    report = BENCHMARKS["tokens"].run(tokens, Path(options.data), sets, config, _progress(options))
    return _tell(options, report, tokens_json, tokens_table)


def _run_gestures(options: argparse.Namespace) -> int:
    foreign = ("pool", "clips", "device", *SCORING_OPTIONS)
    _refuse(options, "gestures", ("mount", "conditions", "parts", "seed", "window", "hop", "model", *foreign))
    return _benchmark_gestures.run(options, _progress(options), _tell)


def _run_caption(options: argparse.Namespace) -> int:
    foreign = ("pool", "seeds", "shots", "rows", "device", *SCORING_OPTIONS)
    _refuse(options, "caption", ("placements", "mount", "conditions", "parts", "plot", "window", "hop", *foreign))
    return _benchmark_caption.run(options, _progress(options), _tell)


def _run_mount(options: argparse.Namespace) -> int:
    from ..benchmark import BENCHMARKS, mount_json, mount_table
    from ..benchmark.mount import PARTS

    _refuse(
        options,
        "mount",
        (
            "placements",
            "mount",
            "conditions",
            "window",
            "hop",
            "model",
            "plot",
            *RETRIEVAL_OPTIONS,
            *PROBE_OPTIONS,
            *SCORING_OPTIONS,
        ),
    )
    parts = PARTS if options.parts is None else _listed(options.parts)
    seed = 0 if options.seed is None else options.seed
    if seed < 0:
        raise UsageError("A seed is not negative", where="--seed", got=str(seed))
    sets = _listed(options.sets or MOUNT_SETS)
    report = BENCHMARKS["mount"].run(Path(options.data), sets, parts, seed, _progress(options))
    return _tell(options, report, mount_json, lambda own: mount_table(own, details=not options.quiet))


def _tell(
    options: argparse.Namespace,
    report: Any,
    as_json: Callable[[Any], dict],
    as_table: Callable[[Any], str],
    draw: Callable[[Any, Path], Iterable[Path]] | None = None,
) -> int:
    """A report in the forms asked for: JSON, a table, pictures."""
    if options.json:
        _common.write_text(options.json, json.dumps(as_json(report), indent=2))
    if options.json != "-":
        print(as_table(report))
    if draw is not None and options.plot:
        for path in draw(report, Path(options.plot)):
            print(f"wrote {path}", file=sys.stderr)
    return 0


def _refuse(options: argparse.Namespace, benchmark: str, names: tuple[str, ...]) -> None:
    """Options of another benchmark have no effect here, so they are an error."""
    for name in names:
        if getattr(options, name) not in (None, ""):
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} does not apply to {benchmark}", remedy=f"Leave {option} out")


def _progress(options: argparse.Namespace) -> Callable[[str], None]:
    def progress(line: str) -> None:
        if not options.quiet:
            print(line, file=sys.stderr, flush=True)

    return progress


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
