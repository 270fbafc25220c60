"""Measure and print how fast simulation is: ``python -m benchmarks.simulate``; JSON with ``--json FILE``.

Surface points of a body whose bones all swing, for 5 s at 60 Hz: true signals alone, the sensors' errors alone, and both, as
samples of six axes per second, best of several runs. ``--peer NAME=PATH`` times another simulator beside it: the folder of
its checkout, and after ``:`` any others it needs; see `benchmarks.peers` for the names.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from anywear.body import BONE_NAMES, BodyShape, bone_transforms, sample_surface, shape_body
from anywear.motion.quaternion import from_rotation_vector
from anywear.simulate import SensorModel, TriadErrors, part
from anywear.simulate.kinematics import BoneMotion, PointSet
from anywear.simulate.sensor import sensor_seeds

RATE_HZ = 60.0
DURATION_S = 5.0
TIME_S = 0.1 + np.arange(round(RATE_HZ * DURATION_S)) / RATE_HZ
POINTS = (32, 1024, 4096)
MEMORY_POINTS = (32, 1024, 4096, 16384)
THREADS = (1, 2)
BLOCK_SAMPLES = 1 << 17  # samples a thread works on at a time


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulate", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("--repeats", type=int, default=7, help="runs of each size (default 7)")
    parser.add_argument(
        "--peer", action="append", default=[], metavar="NAME=PATH", help="another simulator; repeatable"
    )
    options = parser.parse_args()
    bones, points = moving_body()
    figures = {
        **speed(bones, points, options.repeats),
        **preparation(bones, options.repeats),
        **memory(bones, points),
    }
    for peer in options.peer:
        name, _, path = peer.partition("=")
        figures |= peer_speed(name, path, figures)
    for name, value in figures.items():
        print(f"{name:56} {value if isinstance(value, str) else f'{value:.2f}'}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def moving_body() -> tuple[BoneMotion, PointSet]:
    """A body whose bones all swing about, and points all over its skin with their frames."""
    body = shape_body(BodyShape())
    rng = np.random.default_rng(0)
    frames = round((DURATION_S + 0.3) * RATE_HZ)
    time_s = np.arange(frames)[:, None] / RATE_HZ
    phase, pace_hz = rng.uniform(0, 6, (len(BONE_NAMES), 3)), rng.uniform(0.5, 2.0, len(BONE_NAMES))
    angles = 0.35 * np.sin(2 * np.pi * time_s[:, :, None] * pace_hz[:, None] + phase)
    root = 0.1 * np.sin(2 * np.pi * time_s * np.array([1.0, 2.0, 0.5]))
    skin = sample_surface(body, max(MEMORY_POINTS), rng)
    points = PointSet(skin.rest_m, skin.skin_bone, skin.weight, skin.rest_from_point)
    return BoneMotion(RATE_HZ, bone_transforms(body, from_rotation_vector(angles), root)), points


def every_error() -> SensorModel:
    """A wearable's part with every effect on, those its data sheet is silent on included."""
    return SensorModel(
        name="every error",
        acc=TriadErrors.accelerometer(
            range_g=8.0,
            bandwidth_per_rate=0.44,
            scale_error_std=0.004,
            misalignment_std_rad=0.01,
            turn_on_bias_std_mg=20.0,
            noise_ug_per_sqrt_hz=160.0,
            bias_instability_mg=0.05,
            random_walk_mg_per_sqrt_s=0.01,
            resolution_mg=0.244,
            bias_drift_std_mg_per_k=0.25,
            scale_drift_std_per_k=0.00004,
        ),
        gyr=TriadErrors.gyroscope(
            range_dps=2000.0,
            bandwidth_per_rate=0.39,
            scale_error_std=0.02,
            misalignment_std_rad=0.002,
            turn_on_bias_std_dps=0.5,
            noise_mdps_per_sqrt_hz=7.0,
            bias_instability_dps=0.002,
            random_walk_dps_per_sqrt_s=0.0004,
            resolution_mdps=61.0,
            bias_drift_std_dps_per_k=0.015,
            scale_drift_std_per_k=0.0002,
        ),
        self_heating_k=8.0,
    )


def simulate(bones: BoneMotion, points: PointSet, model: SensorModel, threads: int, keep: bool = True) -> list:
    """The whole job, block by block: true signals, then what the sensors make of them."""
    seeds = sensor_seeds(np.random.default_rng(1), len(points))
    count = -(-len(points) * len(TIME_S) // BLOCK_SAMPLES)
    count = 1 if count == 1 else -(-count // threads) * threads
    edges = np.linspace(0, len(points), count + 1).astype(int)

    def work(block: slice) -> tuple | None:
        acc, gyr = bones.sample(points[block], TIME_S)
        measured = model.apply(acc, gyr, RATE_HZ, seeds[block])
        return measured if keep else None

    blocks = [slice(start, stop) for start, stop in pairwise(edges)]
    if threads == 1:
        return [work(block) for block in blocks]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, blocks))


def speed(bones: BoneMotion, points: PointSet, repeats: int) -> dict[str, float | str]:
    """Millions of samples per second; the three kinds in turns, so that a disturbance hits all of them."""
    figures: dict[str, float | str] = {}
    for count in POINTS:
        some = points[:count]
        acc, gyr = bones.sample(some, TIME_S)
        for threads in THREADS:
            jobs: dict[str, Callable] = {
                "true signals": partial(bones.sample, some, TIME_S, threads=threads),
                "every error": partial(_measure, every_error(), acc, gyr, threads),
                "bmi270": partial(_measure, part("bmi270").model, acc, gyr, threads),
                "true signals and every error": partial(simulate, bones, some, every_error(), threads),
            }
            spent = dict.fromkeys(jobs, np.inf)
            for _ in range(repeats):
                for name, job in jobs.items():
                    began = time.perf_counter()
                    job()
                    spent[name] = min(spent[name], time.perf_counter() - began)
            for name, seconds in spent.items():
                figures[_title(name, count, threads)] = count * len(TIME_S) / seconds / 1e6
    return figures


def preparation(bones: BoneMotion, repeats: int) -> dict[str, float | str]:
    """What a motion costs once, however many points are put on it."""
    spent = []
    for _ in range(repeats):
        began = time.perf_counter()
        BoneMotion(bones.rate_hz, bones.matrices)
        spent.append(time.perf_counter() - began)
    return {"splines of a motion of 5.3 s, ms": 1e3 * min(spent)}


def memory(bones: BoneMotion, points: PointSet) -> dict[str, float | str]:
    """Working memory, MB: beside the points, and beside input and output where those are whole."""
    figures: dict[str, float | str] = {}
    for count in MEMORY_POINTS:
        some, size = points[:count], 2 * 3 * 4 * count * len(TIME_S)
        jobs: dict[str, tuple[Callable, int]] = {
            "true signals": (partial(bones.sample, some, TIME_S), size),
            "both, block by block": (partial(simulate, bones, some, every_error(), 1, keep=False), 0),
        }
        for name, (job, output) in jobs.items():
            tracemalloc.start()
            job()
            peak = tracemalloc.get_traced_memory()[1] - output
            tracemalloc.stop()
            figures[f"{name}, {count} points, working memory, MB"] = peak / 1e6
    return figures


def peer_speed(name: str, path: str, ours: dict) -> dict[str, float | str]:
    """Another simulator's speed at every size, and ours over it, in a process of its own right after ours."""
    figures: dict[str, float | str] = {}
    for count in POINTS:
        ran = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.peers", name, str(count)],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
        )
        if ran.returncode:
            figures[f"{name}, {count} sensors"] = f"did not run: {ran.stderr.strip().splitlines()[-1:]}"
            continue
        found = json.loads(ran.stdout.splitlines()[-1])
        mine = max(ours[_title("true signals and every error", count, threads)] for threads in THREADS)
        figures[f"{name}, {count} sensors ({found['scope']})"] = (
            f"{found['samples_per_s'] / 1e6:.4f} (ours {mine / found['samples_per_s'] * 1e6:.0f} times)"
        )
    return figures


def _measure(model: SensorModel, acc: np.ndarray, gyr: np.ndarray, threads: int) -> None:
    model.apply(acc, gyr, RATE_HZ, np.random.default_rng(1), threads=threads)


def _title(name: str, count: int, threads: int) -> str:
    return f"{name}, {count} points, {threads} thread(s), M samples/s"


if __name__ == "__main__":
    main()
