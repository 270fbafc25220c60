"""Train a model from a configuration file: train, calibrate on held-out subjects, export.

OUT gets a checkpoint, a log and `model/`, which `--model` takes. A run that was stopped goes on where it was. Needs the
`train` extra.
"""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path

from ..errors import UsageError

HELP = "train a model from a configuration file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", metavar="CONFIG", help="a TOML file; see runs/")
    parser.add_argument(
        "--data", required=True, metavar="DIR", help="folder with the data sets' archives or unpacked folders"
    )
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="folder for checkpoint, log and model")
    parser.add_argument("--cache", metavar="DIR", help="keep resampled data here between runs")


def run(options: argparse.Namespace) -> int:
    if find_spec("torch") is None or find_spec("onnx") is None:
        raise UsageError("Training needs torch and onnx", remedy='pip install "anywear[train]"')
    from ..train.run import RunConfig
    from ..train.run import run as train

    config = RunConfig.load(Path(options.config))
    cache = Path(options.cache) if options.cache else None
    made = train(config, Path(options.data), Path(options.output), cache)
    print(f"{made.name} -> {Path(options.output) / 'model'}")
    return 0
