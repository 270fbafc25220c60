"""Measure and print: cold start, one recognition, bulk throughput, peak memory, sizes. JSON with ``--json FILE``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from itertools import product
from pathlib import Path

import numpy as np

import anywear
from anywear import Recording
from anywear.runtime.model import WEIGHTS_DIR
from anywear.signal import build_stream

LABELS = ["walking", "running", "sitting", "standing", "lying down", "climbing stairs", "going down stairs", "cycling",
          "jumping", "rowing", "turning around", "standing up"]  # fmt: skip
WAYS = ((None, "1 thread"), (False, "1 thread, no language model"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("--repeats", type=int, default=100, help="recognitions timed (default 100)")
    options = parser.parse_args()
    figures = {"machine": machine(), **sizes(), **cold_start(), **latency(options.repeats), **bulk(), **csv_memory()}
    for name, value in figures.items():
        print(f"{name:42} {value}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def machine() -> str:
    """The processor, its cores and the Python."""
    model = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def sizes() -> dict[str, str]:
    """Files of the model, and what an install adds to a bare environment."""
    figures = {
        f"size of {p.name}": f"{p.stat().st_size / 1e6:.2f} MB" for p in sorted(WEIGHTS_DIR.iterdir()) if p.is_file()
    }
    package = sum(
        p.stat().st_size for p in WEIGHTS_DIR.parent.rglob("*") if p.is_file() and "__pycache__" not in p.parts
    )
    names = _needed("anywear")
    installed = sum(_size_of(name) for name in names - {"anywear"})
    needs = f"{installed / 1e6:.0f} MB in {len(names) - 1} packages"
    return {**figures, "size of the package": f"{package / 1e6:.1f} MB", "size of what it needs": needs}


def _needed(name: str, found: set[str] | None = None) -> set[str]:
    """A package and all it requires at run time, extras left out."""
    found = set() if found is None else found
    if name in found:
        return found
    try:
        requirements = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return found
    found.add(name)
    for requirement in requirements:
        if ";" not in requirement:
            _needed(re.split(r"[^A-Za-z0-9_.-]", requirement)[0].lower(), found)
    return found


def _size_of(name: str) -> int:
    files = [Path(str(file.locate())) for file in metadata.files(name) or []]
    return sum(path.stat().st_size for path in files if path.is_file())


def cold_start() -> dict[str, str]:
    """Wall time of whole processes: the version, and a recognition of 10 s of two streams."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "walk.anywear.parquet"
        anywear.write(recording(10.0), path)
        commands = {
            "anywear --version": ["--version"],
            "anywear recognize, 10 s, 12 labels": ["recognize", str(path), "--labels", ", ".join(LABELS)],
        }
        commands["the same by words alone"] = [*commands["anywear recognize, 10 s, 12 labels"], "--by", "text"]
        figures = {}
        for name, arguments in commands.items():
            spent = []
            for _ in range(5):
                began = time.perf_counter()
                subprocess.run([sys.executable, "-m", "anywear.cli", *arguments], check=True, capture_output=True)
                spent.append(time.perf_counter() - began)
            figures[f"cold start: {name}"] = f"{statistics.median(spent):.2f} s (median of 5)"
    return figures


def latency(repeats: int) -> dict[str, str]:
    """One 10 s recording of two streams on one thread, labels known, as a server would answer."""
    model, clip = anywear.load(threads=1), recording(10.0)
    figures = {}
    for language, how in WAYS:
        model.recognize(clip, LABELS, language=language)
        figures[f"recognize 10 s of 2 streams, {how}"] = _timed(
            lambda language=language: model.recognize(clip, LABELS, language=language), repeats
        )
    found, _ = model.windows_of(clip)
    placements = [stream.placement for stream in clip.streams]
    figures[f"its {len(found)} windows through the encoder, 1 thread"] = _timed(
        lambda: model.encode_windows(found, placements), repeats
    )
    return figures


def _timed(call: Callable[[], object], repeats: int) -> str:
    spent = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        spent.append(1000 * (time.perf_counter() - began))
    p50, p99 = np.percentile(spent, [50, 99])
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms ({repeats} runs)"


def bulk(hours: float = 2.0) -> dict[str, str]:
    """Hours of recording per second on one thread, and peak memory of a process that does nothing else, windows every 1 s and
    every 5 s."""
    model, clip = anywear.load(threads=1), recording(hours * 3600)
    figures = {}
    for (language, how), hop_s in product(WAYS, (1.0, 5.0)):
        began = time.perf_counter()
        model.recognize(clip, LABELS, hop_s=hop_s, language=language)
        spent = time.perf_counter() - began
        name = f"bulk, {hours:g} h of 2 streams, hop {hop_s:g} s, {how}"
        asked = f"recording({hours * 3600}), LABELS, hop_s={hop_s}, language={language}"
        code = f"from benchmarks.__main__ import *; anywear.load(threads=1).recognize({asked})"
        _, peak_mb = _alone(code)
        figures[name] = f"{hours / spent:.2f} hours of recording per second, peak memory {peak_mb:.0f} MB"
    return figures


def csv_memory(rows: int = 3_000_000) -> dict[str, str]:
    """Peak memory of a process that reads a large CSV."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        generator = np.random.default_rng(0)
        with path.open("w") as file:
            file.write("time_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z\n")
            for start in range(0, rows, 100_000):
                time_s = np.arange(start, start + 100_000) / 100.0
                values = generator.normal([0, 0, 9.81, 0, 0, 0], 0.5, (100_000, 6))
                np.savetxt(file, np.column_stack([time_s, values]), fmt="%.9g", delimiter=",")
        read, peak_mb = _alone("import anywear, sys; print(len(anywear.read(sys.argv[1]).streams[0]))", str(path))
        return {f"peak memory reading a CSV of {path.stat().st_size / 1e6:.0f} MB ({read} rows)": f"{peak_mb:.0f} MB"}


def _alone(code: str, *arguments: str) -> tuple[str, float]:
    """What a process of its own prints, and its peak memory, MB."""
    measured = f"{code}\nimport resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    done = subprocess.run([sys.executable, "-c", measured, *arguments], check=True, capture_output=True, text=True)
    *printed, peak_mb = done.stdout.splitlines()
    return "\n".join(printed), float(peak_mb)


def recording(seconds: float) -> Recording:
    """Two streams of something like walking at 100 Hz; content does not matter for speed."""
    generator = np.random.default_rng(0)
    time_s = np.arange(round(seconds * 100)) / 100.0
    streams = []
    for name in ("watch", "phone"):
        acc = generator.normal([0, 0, 9.81], 0.5, (len(time_s), 3))
        acc[:, 2] += 3.0 * np.sin(2 * np.pi * 1.8 * time_s)
        streams.append(build_stream(name, time_s, acc, generator.normal(0, 0.5, acc.shape)))
    return Recording(tuple(streams), source="benchmark")


if __name__ == "__main__":
    main()
