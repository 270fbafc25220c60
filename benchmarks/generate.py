"""Measure and print how fast motion is made, and how plausible: ``python -m benchmarks.generate``; JSON with ``--json FILE``.

Every program is posed with several seeds at its own lengths, on one thread. Speed is processor time, world turns of all
segments included. Plausibility is the share of clips with a fault by check and family, with the middle and the worst of
what was measured (`anywear.motion.generate.checks`). Nothing is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from anywear.motion.generate import PROGRAMS, pose
from anywear.motion.generate.checks import check_figure

# Check, and the measures that belong to it.
CHECKS = {
    "knees and elbows": r"knee|elbow",
    "hand, foot, thigh, head turn": r"turn$",
    "foot slide, m": r"foot slide",
    "out of reach, m": r"out of reach",
    "below ground, m": r"below ground",
    "free fall off by, of g": r"free fall",
    "acceleration, m/s2": r"acceleration",
    "jerk, m/s3": r"jerk",
}
SHOWN = ("foot slide, m", "out of reach, m", "below ground, m", "free fall off by, of g")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("--seeds", type=int, default=5, help="clips of every program (default 5)")
    parser.add_argument("--first", type=int, default=1000, help="first seed (default 1000)")
    parser.add_argument("--programs", default="", metavar="A,B", help="only these programs")
    options = parser.parse_args()
    names = [name for name in options.programs.split(",") if name] or list(PROGRAMS)
    clips = [measure(name, options.first + seed) for name in names for seed in range(options.seeds)]
    figures = {"machine": machine(), "clips": len(clips), "speed": speed(clips), "plausibility": plausibility(clips)}
    print(f"{figures['machine']}; {len(clips)} clips of {len(names)} programs\n")
    print(table(figures["speed"], "family"), "", table(figures["plausibility"], "check"), sep="\n")
    print("\nclips without any fault: {:.1%}".format(np.mean([not clip["faults"] for clip in clips])))
    worst = Counter(clip["program"] for clip in clips if clip["faults"]).most_common(12)
    print("most faults:", ", ".join(f"{name} {count}/{options.seeds}" for name, count in worst) or "none")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def measure(name: str, seed: int) -> dict:
    """Time, length, measures and faults of one clip."""
    began = time.process_time()
    program, _, figure = pose(name, seed)
    figure.clip(name)
    spent_s = time.process_time() - began
    found = check_figure(figure)
    return {
        "program": name, "family": program.family, "spent_s": spent_s, "seconds": figure.seconds,
        "figures": found.figures, "faults": found.faults,
    }  # fmt: skip


def speed(clips: list[dict]) -> dict[str, dict[str, float | str]]:
    """By family: milliseconds for 10 s of motion, clips and seconds of motion made in a second."""
    families = defaultdict(list)
    for clip in clips:
        families[clip["family"]].append(clip)
    rows = {}
    for family, own in {**dict(sorted(families.items())), "all": clips}.items():
        per_program = defaultdict(list)
        for clip in own:
            per_program[clip["program"]].append(1e4 * clip["spent_s"] / clip["seconds"])
        times = np.array([np.median(each) for each in per_program.values()])
        spent = sum(clip["spent_s"] for clip in own)
        rows[family] = {
            "programs": str(len(times)),
            "ms for 10 s, median": f"{np.median(times):.0f}",
            "95 %": f"{np.percentile(times, 95):.0f}",
            "clips/s": f"{len(own) / spent:.0f}",
            "s of motion/s": f"{sum(clip['seconds'] for clip in own) / spent:.0f}",
        }
    return rows


def plausibility(clips: list[dict]) -> dict[str, dict[str, float | str]]:
    """By check: the share of clips of every family that are at fault, in percent; for some, the median and worst measure."""
    families = sorted({clip["family"] for clip in clips})
    rows = {}
    for check, pattern in CHECKS.items():
        own = [clip for clip in clips if any(re.search(pattern, name) for name in clip["figures"])]
        row: dict[str, float | str] = {}
        for family in [*families, "all"]:
            within = [clip for clip in own if family in ("all", clip["family"])]
            wrong = [any(re.search(pattern, _measure(fault)) for fault in clip["faults"]) for clip in within]
            row[family] = f"{100 * np.mean(wrong):.1f}" if wrong else "-"
        worst = [
            max(value for name, value in clip["figures"].items() if re.search(pattern, name)) for clip in own
        ]  # fmt: skip
        row["median"] = f"{np.median(worst):.3g}" if check in SHOWN else ""
        row["worst"] = f"{max(worst):.3g}" if check in SHOWN else ""
        rows[check] = row
    return rows


def _measure(fault: str) -> str:
    """The measure a fault is about: what stands before its value."""
    return re.split(r" -?(?:[\d.]|inf|nan)", fault, maxsplit=1)[0]


def table(rows: dict[str, dict[str, float | str]], what: str) -> str:
    """As Markdown."""
    columns = list(next(iter(rows.values())))
    lines = [f"| {what} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    return "\n".join([*lines, *(f"| {name} | {' | '.join(map(str, row.values()))} |" for name, row in rows.items())])


def machine() -> str:
    """Processor, cores and Python."""
    names = [line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


if __name__ == "__main__":
    main()
