"""Train a model from a configuration file: train, calibrate on held-out subjects, export.

OUT gets a checkpoint, a log with a picture of it and `model/`, which `--model` takes. A run that was stopped goes on where it
was. Started by torchrun, the processes share the work. With `align` in place of CONFIG a large language model learns to read
motion, and OUT gets `adapter/`. Needs the `train` extra, and `align` the `llm` extra.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from ..errors import UsageError

HELP = "train a model from a configuration file"
ALIGN = "align"  # in place of a configuration file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", metavar="CONFIG", nargs="?", help="a TOML file, see runs/; or align, with --llm")
    parser.add_argument("--data", metavar="DIR", help="folder with the data sets' archives or unpacked folders")
    parser.add_argument("-o", "--output", metavar="OUT", help="folder for checkpoint, log and model")
    parser.add_argument("--cache", metavar="DIR", help="keep resampled data here between runs")
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", dest="changes",
        help="change a field of the configuration, as loop.seed=1; may be given several times",
    )  # fmt: skip
    parser.add_argument("--device", choices=("cpu", "cuda"), help="where to train, whatever the configuration says")
    parser.add_argument(
        "--llm", metavar="NAME_OR_PATH", help="align: the language model, a folder or a name of the hub"
    )
    parser.add_argument(
        "--model", metavar="FOLDER", help="align: a model with motion tokens; the shipped one by default"
    )
    parser.add_argument("--config", metavar="FILE", dest="settings", help="align: a TOML file, as runs/llm.toml")
    parser.add_argument("--plot", nargs=2, metavar=("LOG", "OUT"), help="draw the log of a training, and train nothing")


def run(options: argparse.Namespace) -> int:
    if find_spec("torch") is None or find_spec("onnx") is None:
        raise UsageError("Training needs torch and onnx", remedy='pip install "anywear[train]"')
    if options.plot:
        return _plot(options)
    missing = [name for name in ("config", "data", "output") if getattr(options, name) is None]
    if missing:
        names = {"config": "CONFIG", "data": "--data DIR", "output": "-o OUT"}
        raise UsageError("Something is missing", expected=", ".join(names[name] for name in missing))
    if options.config == ALIGN:
        return _align(options)
    given = [
        name
        for name, own in (("--llm", "llm"), ("--model", "model"), ("--config", "settings"))
        if getattr(options, own)
    ]
    if given:
        raise UsageError(
            f"{given[0]} belongs to align", where="anywear train", got=options.config,
            remedy="Write: anywear train align --llm NAME_OR_PATH --data DIR -o OUT",
        )  # fmt: skip
    from ..train.run import RunConfig
    from ..train.run import run as train

    config = RunConfig.load(Path(options.config), options.changes)
    if options.device:
        loop = replace(config.align.loop, device=options.device)
        config = replace(config, align=replace(config.align, loop=loop))
    cache = Path(options.cache) if options.cache else None
    made = train(config, Path(options.data), Path(options.output), cache)
    if made is not None:
        print(f"{made.name} -> {Path(options.output) / 'model'}")
    return 0


def _align(options: argparse.Namespace) -> int:
    if options.llm is None:
        raise UsageError(
            "Which language model is to learn?", expected="--llm NAME_OR_PATH",
            remedy="Give a folder with config.json and the weights, or a name as Qwen/Qwen2.5-0.5B",
        )  # fmt: skip
    from ..runtime.llm_base import need_extra

    need_extra()
    from ..train.llm_run import LlmRunConfig
    from ..train.llm_run import run as teach

    config = LlmRunConfig.load(Path(options.settings) if options.settings else None, options.changes)
    if options.device:
        config = replace(config, loop=replace(config.loop, device=options.device))
    model, cache = (Path(own) if own else None for own in (options.model, options.cache))
    made = teach(config, options.llm, model, Path(options.data), Path(options.output), cache)
    if made is not None:
        print(f"{made.name} -> {Path(options.output) / 'adapter'}")
    return 0


def _plot(options: argparse.Namespace) -> int:
    if options.config is not None:
        raise UsageError("A log is drawn, or a model trained: not both", got=f"--plot and {options.config}")
    from ..train.plot import plot_log

    log, picture = (Path(name) for name in options.plot)
    plot_log(log, picture)
    print(picture)
    return 0
