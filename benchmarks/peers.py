"""Time another simulator through its public interface: ``python -m benchmarks.peers NAME SENSORS``, its folder on the path.

Each runs as its authors' examples run it, with whatever error model it has, and does what it can of our job: 5 s at 60 Hz.
Prints samples of six axes per second, best of several runs. Nothing of theirs is part of this repository.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

RATE_HZ = 60.0
DURATION_S = 5.0
SAMPLES = round(RATE_HZ * DURATION_S)
REPEATS = 5


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("name", choices=sorted(PEERS))
    parser.add_argument("sensors", type=int)
    options = parser.parse_args()
    with contextlib.redirect_stdout(io.StringIO()):
        scope, repeats, job = PEERS[options.name](options.sensors)
        spent = []
        for _ in range(repeats):
            began = time.perf_counter()
            samples = job()
            spent.append(time.perf_counter() - began)
    print(json.dumps({"scope": scope, "samples_per_s": samples / min(spent)}))


def wimusim(sensors: int) -> tuple[str, int, Callable]:
    """WIMUSim (STRCWearlab): all sensors on one chain of joints, white noise and bias."""
    import torch
    from dataset_configs.h36m.consts import JOINT_WIMUSIM_LINK_DICT
    from wimusim import WIMUSim

    rng = np.random.default_rng(0)
    joints = [name for name in JOINT_WIMUSIM_LINK_DICT if name != "BASE"][:14]
    pairs = list(zip(["BASE", *joints[:-1]], joints, strict=True))
    time_s = np.arange(SAMPLES) / RATE_HZ
    turns = {}
    for name in ["BASE", *joints]:
        half = 0.2 * np.sin(2 * np.pi * time_s[:, None] + rng.uniform(0, 6, 3))
        quat = np.concatenate([np.ones((SAMPLES, 1)), half], axis=1)
        turns[name] = (quat / np.linalg.norm(quat, axis=1, keepdims=True)).astype(np.float32)
    names = [f"IMU{number}" for number in range(sensors)]
    places = [(joints[number % len(joints)], name) for number, name in enumerate(names)]
    small = {name: np.full(3, 0.01, dtype=np.float32) for name in names}
    simulator = WIMUSim(
        B=WIMUSim.Body(rp={pair: np.array([0.0, 0.0, 0.2], dtype=np.float32) for pair in pairs}),
        D=WIMUSim.Dynamics(
            orientation={name: torch.tensor(turn) for name, turn in turns.items()},
            translation={"XYZ": torch.zeros((SAMPLES, 3))},
            sample_rate=RATE_HZ,
        ),
        P=WIMUSim.Placement(
            rp={place: rng.normal(0, 0.1, 3).astype(np.float32) for place in places},
            ro={place: rng.normal(0, 1, 3).astype(np.float32) for place in places},
        ),
        H=WIMUSim.Hardware(ba=small, bg=small, sa=small, sg=small, requires_grad=False),
    )
    simulator.simulate(mode="generate")

    def job() -> int:
        with torch.no_grad():
            signals = simulator.simulate(mode="generate")
        return sum(len(acc) for acc, _ in signals.values())

    return "joints and rigid offsets; bias, white noise", REPEATS, job


def imusim(sensors: int) -> tuple[str, int, Callable]:
    """IMUSim, the Python 3 port: joints of a BVH file one after another; its speed does not depend on their number."""
    import imusim as package
    from imusim.behaviours.imu import BasicIMUBehaviour
    from imusim.io.bvh import BVHLoader
    from imusim.platforms.imus import Orient3IMU
    from imusim.simulation.base import Simulation
    from imusim.trajectories.rigid_body import SplinedBodyModel

    sensors = min(sensors, 4)
    # Any motion of its own; the file lies beside the package.
    with (Path(str(package.__file__)).parents[1] / "141_01.bvh").open() as file:
        loader = BVHLoader(file, 0.0254 / 0.45)
        loader._readHeader()
        loader._readMotionData()
    body = SplinedBodyModel(loader.model)
    joints = list(body.joints)[1 : 1 + sensors]

    def job() -> int:
        samples = 0
        for joint in joints:
            simulation = Simulation()
            device = Orient3IMU(simulation=simulation, trajectory=joint)
            simulation.time = body.startTime
            BasicIMUBehaviour(device, 1.0 / RATE_HZ, initialTime=simulation.time)
            simulation.run(min(body.startTime + DURATION_S, body.endTime), printProgress=False)
            samples += len(device.accelerometer.rawMeasurements.timestamps)
        return samples

    return "joints; magnetometer as well, noise of its parts", 1, job


def xio(sensors: int) -> tuple[str, int, Callable]:
    """IMU Simulator (x-io): one rigid body per file of positions and orientations, one after another."""
    import imusim as module

    sensors = min(sensors, 32)
    time_s = np.arange(SAMPLES + 1) / RATE_HZ
    half = 0.2 * np.sin(2 * np.pi * time_s[:, None] + np.arange(3))
    quat = np.concatenate([np.ones((len(time_s), 1)), half], axis=1)
    quat /= np.linalg.norm(quat, axis=1, keepdims=True)
    table = np.concatenate([time_s[:, None], half, quat], axis=1)
    path = Path(tempfile.mkdtemp()) / "motion.csv"
    np.savetxt(path, table, delimiter=",", header="t,x,y,z,qw,qx,qy,qz")
    three = np.ones(3)

    def job() -> int:
        samples = 0
        for _ in range(sensors):
            simulator = module.Simulator(str(path))
            simulator.set_gyroscope(
                range=2000, bandwidth=20, offset=0.5 * three, sensitivity_error=2 * three, noise_density=0.007 * three,
                cross_axis=0.2 * three, bias_instability=0.002 * three, number_of_poles=5, random_walk=0.0004 * three,
            )  # fmt: skip
            simulator.set_accelerometer(
                range=8, bandwidth=20, offset=0.02 * three, sensitivity_error=0.4 * three, noise_density=1.6e-4 * three,
                cross_axis=0.2 * three, bias_instability=5e-5 * three, number_of_poles=5, random_walk=1e-5 * three,
            )  # fmt: skip
            samples += min(len(simulator.accelerometer), len(simulator.gyroscope))
        return samples

    return "one rigid body; most errors of ours", 2, job


PEERS = {"wimusim": wimusim, "imusim": imusim, "xio": xio}

if __name__ == "__main__":
    main()
