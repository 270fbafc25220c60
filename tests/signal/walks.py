"""Simulated walks whose mounts are known exactly, for the tests of walking and mounts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy.spatial.transform import Rotation

from anywear.motion.generate import generate
from anywear.placement import UNKNOWN_MOUNT, Placement
from anywear.recording import Stream
from anywear.simulate import Simulator

SITES = (
    "waist", "chest", "lower_back", "right_front_hip", "left_front_pocket", "right_thigh", "left_outer_thigh",
    "right_outer_thigh", "left_shank", "right_ankle", "left_foot", "left_wrist",
)  # fmt: skip
RATE_HZ = 50.0


@dataclass(frozen=True, eq=False)
class Worn:
    """A stream at an unknown turn, and that turn: rows of `segment_from_sensor` are the segment's axes in the sensor."""

    stream: Stream
    segment_from_sensor: np.ndarray


@cache
def simulated(program: str, seed: int, seconds: float = 20.0) -> tuple[Stream, ...]:
    """All `SITES` on one body, in the turn in which the simulator puts them on."""
    simulator = Simulator(generate(program, seed, seconds=seconds).clip, lowpass_hz=None)
    return simulator.record(SITES, rate_hz=RATE_HZ, seed=seed, one_clock=True).streams


def worn(program: str, seed: int, site: str, turn_seed: int = 0, seconds: float = 20.0) -> Worn:
    """One of them, turned at random."""
    [stream] = [own for own in simulated(program, seed, seconds) if own.placement.site == site]
    turn = turn_of(turn_seed)
    truth = Rotation.from_quat(stream.placement.mount.quat_segment_from_sensor).as_matrix()
    return Worn(turned(replace(stream, placement=Placement.at(site)), turn), truth @ turn.T)


def turn_of(seed: int) -> np.ndarray:
    """A rotation matrix, all turns alike likely."""
    return Rotation.from_quat(np.random.default_rng(seed).normal(size=4)).as_matrix()


def turned(stream: Stream, turn: np.ndarray) -> Stream:
    """The same motion, the sensor turned the other way about: every vector is multiplied by `turn`."""
    gyr = None if stream.gyr_radps is None else stream.gyr_radps.astype(np.float64) @ turn.T
    return replace(stream, acc_mps2=stream.acc_mps2.astype(np.float64) @ turn.T, gyr_radps=gyr)


def stream_of(acc, gyr=None, site: str = "waist", rate_hz: float = RATE_HZ) -> Stream:
    """A stream of arrays on an even clock."""
    return Stream("made", np.arange(len(acc)) / rate_hz, acc, gyr, replace(Placement.at(site), mount=UNKNOWN_MOUNT))


def angle_deg(one, other) -> float:
    """Between two directions."""
    cosine = np.dot(one, other) / (np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.rad2deg(np.arccos(np.clip(cosine, -1.0, 1.0))))
