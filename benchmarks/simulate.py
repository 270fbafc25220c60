"""Measure and print how fast the sensor model is: ``python -m benchmarks.simulate``; JSON with ``--json FILE``."""

from __future__ import annotations

import argparse
import json
import statistics
import time
import tracemalloc
from pathlib import Path

import numpy as np

from anywear.simulate import SensorModel, TriadErrors, part

RATE_HZ = 60.0
DURATION_S = 5.0
SENSORS = (32, 1024, 4096)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulate", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("--repeats", type=int, default=7, help="runs of each size (default 7)")
    options = parser.parse_args()
    figures = {**sensor_speed(options.repeats), **sensor_memory()}
    for name, value in figures.items():
        print(f"{name:60} {value}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


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


def sensor_speed(repeats: int = 7) -> dict[str, str]:
    """Six-axis samples per second at 60 Hz for 5 s: every error on, and a part as its data sheet has it."""
    figures = {}
    jobs = [
        (model, sensors, threads)
        for model in (every_error(), part("bmi270").model)
        for sensors in SENSORS
        for threads in (1, 2)
    ]
    for model, sensors, threads in jobs:
        acc, gyr = motion(sensors)
        spent, busy = [], []
        for _ in range(repeats):
            began, began_busy = time.perf_counter(), time.process_time()
            model.apply(acc, gyr, RATE_HZ, np.random.default_rng(1), threads=threads)
            spent.append(time.perf_counter() - began)
            busy.append(time.process_time() - began_busy)
        count = acc.shape[0] * acc.shape[1] / 1e6
        figures[f"{model.name}, {sensors} sensors, {threads} thread(s)"] = (
            f"{count / min(spent):.2f} M samples/s (median {count / statistics.median(spent):.2f}; "
            f"{count / statistics.median(busy):.2f} per second of processor)"
        )
    return figures


def sensor_memory() -> dict[str, str]:
    """Memory beyond the input and the output."""
    model, figures = every_error(), {}
    for sensors in SENSORS:
        acc, gyr = motion(sensors)
        tracemalloc.start()
        model.apply(acc, gyr, RATE_HZ, np.random.default_rng(1))
        peak = tracemalloc.get_traced_memory()[1] - acc.nbytes - gyr.nbytes
        tracemalloc.stop()
        figures[f"sensor model, {sensors} sensors, working memory"] = f"{peak / 1e6:.1f} MB"
    return figures


def motion(sensors: int) -> tuple[np.ndarray, np.ndarray]:
    """Something that moves: (S, T, 3) acceleration and angular rate."""
    samples = round(RATE_HZ * DURATION_S)
    acc = np.random.default_rng(0).standard_normal((sensors, samples, 3), dtype=np.float32)
    return 5.0 * acc, 2.0 * acc[:, ::-1]


if __name__ == "__main__":
    main()
