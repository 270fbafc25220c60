"""Simulated signals against real sensors: boards under optical tracking, a Kinect skeleton, and the domain gap.

No model is asked. `anywear.benchmark.simulation_boards`, `simulation_kinect`, `simulation_gap` and `simulation_generator` say
what each part does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .._typing import Array
from ..datasets import dataset
from ..datasets.broad import parse, read_board
from ..datasets.utd_mhad import read_skeleton
from ..errors import UsageError
from ..recording import Stream
from .registry import benchmark
from .simulation_boards import BoardResult, Calibration, compare_boards
from .simulation_gap import GapResult, compare_gap
from .simulation_generator import GeneratorResult, compare_generator
from .simulation_kinect import KinectResult, compare_kinect

PARTS = ("boards", "kinect", "gap", "generator")
BOARDS = ("02_undisturbed_slow_rotation_B", "07_undisturbed_fast_rotation_B",
          "11_undisturbed_slow_translation_B", "16_undisturbed_fast_translation_B")  # fmt: skip


@dataclass(frozen=True, eq=False)
class SimulationReport:
    """What was compared; a part that was not asked for is None.

    Attributes:
        seed: of what devices draw in the gap, and of generated people.
        calibration, boards: of `compare_boards`.
        kinect: of `compare_kinect`.
        gap: of `compare_gap`.
        generator: of `compare_generator`.
    """

    seed: int
    calibration: Calibration | None = None
    boards: tuple[BoardResult, ...] | None = None
    kinect: KinectResult | None = None
    gap: GapResult | None = None
    generator: GeneratorResult | None = None


@benchmark("simulation", "simulated signals against real sensors; needs no model")
def run_simulation(
    data: Path, parts: Sequence[str] = PARTS, seed: int = 0, progress: Callable[[str], None] = lambda line: None
) -> SimulationReport:
    """Compare simulated with real signals.

    Args:
        data: folder with the data sets, unpacked where files are read beside each other (utd-mhad, motion sets).
        parts: which of `PARTS`.
        seed: of what devices draw.
        progress: told every step.

    Raises:
        UsageError: an unknown part. FormatError: a set is missing or damaged.
    """
    unknown = [part for part in parts if part not in PARTS]
    if unknown or not parts:
        raise UsageError("There is no such part", expected=", ".join(PARTS), got=", ".join(unknown) or "none")
    calibration, boards, kinect, gap = None, None, None, None
    if "boards" in parts:
        progress("boards")
        source = dataset("broad").find(data)
        names = [name for name in source.names() if parse(name) and Path(name).stem in BOARDS]
        calibration, found = compare_boards([read_board(content, name) for name, content in source.read(names)])
        boards = tuple(found)
    if "kinect" in parts:
        kinect = compare_kinect(list(wrist_trials(data)), progress)
    if "gap" in parts:
        gap = compare_gap(data, seed, progress=progress)
    generator = compare_generator(data, seed, progress=progress) if "generator" in parts else None
    return SimulationReport(seed, calibration, boards, kinect, gap, generator)


def wrist_trials(data: Path, subjects: Sequence[str] | None = None) -> Iterator[tuple[str, str, Array, Stream]]:
    """Name, action, skeleton and unit of every trial of utd-mhad with the unit on the wrist.

    Raises:
        FormatError: the set, or the skeleton of a trial, is not there; UsageError: the set is packed.
    """
    chosen = dataset("utd-mhad")
    source = chosen.find(data)
    root = getattr(source, "root", None)
    if root is None:
        raise UsageError(
            "The skeletons lie beside the recordings and cannot be read from an archive",
            where=source.label,
            remedy="Unpack utd-mhad",
        )
    for recording in chosen.recordings(source, subjects=subjects):
        if recording.metadata["position"] == "right_wrist":
            path = root / recording.source.replace("Inertial", "Skeleton").replace("_inertial", "_skeleton")
            yield recording.source, recording.labels[0].label, read_skeleton(path)[0], recording.streams[0]


def board_medians(boards: Sequence[BoardResult], variant: str) -> tuple[float, float]:
    """Median correlation over trials and axes: angular rate, linear acceleration."""
    gyr = [r for board in boards for r in board.gyr[variant].r[:3]]
    acc = [r for board in boards for r in board.acc[variant].r[:3]]
    return float(np.median(gyr)), float(np.median(acc))
