"""The mount found by itself against the one that is documented or was read off, and against the exact one of simulated walks.

Nothing is told to the finder but where a sensor is worn: recordings are grouped by subject, whose order of activities is
that of the files. Labels serve only to judge, where up is also compared with gravity in labelled standing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .._typing import Array
from ..datasets import dataset
from ..errors import UsageError
from ..placement import UNKNOWN_MOUNT, Placement
from ..recording import Stream
from ..signal import mount_axes
from ..signal.mount import MountEstimate, calibrate_mount
from .mount_simulated import SimulatedMount, judge_simulated
from .registry import benchmark

PARTS = ("sets", "simulated")
SETS = ("dsads", "usc-had", "sisfall", "sp-sw-har")
UPRIGHT = "standing"  # the label whose gravity is up
FORWARD_LINES = {"usc-had": (0.0, 1.0, 0.0)}  # documented as along the walking direction; the sign is not told


@dataclass(frozen=True)
class JudgedMount:
    """One sensor of one subject.

    Attributes:
        data_set, subject, stream: which one.
        site: where it is worn.
        recordings: how many were looked at together.
        walking_s: found in all of them.
        pieces: how often it was put on, as found.
        knowledge: of the main piece; ``nothing`` where it was declined.
        reason: in words.
        up_deg, outward_deg: angles to the axes of the data set's mount; None where one of the two is not known.
        standing_deg: angle of up to gravity in labelled standing.
        forward_line_deg: angle of forward to the documented line, either way.
        expected_up_deg, expected_forward_deg: what the finder said.
        read_off: whether the data set's mount was read off labelled recordings.
    """

    data_set: str
    subject: str
    stream: str
    site: str
    recordings: int
    walking_s: float
    pieces: int
    knowledge: str
    reason: str
    up_deg: float | None
    outward_deg: float | None
    standing_deg: float | None
    forward_line_deg: float | None
    expected_up_deg: float | None
    expected_forward_deg: float | None
    read_off: bool


@dataclass(frozen=True, eq=False)
class MountReport:
    """All that was judged.

    Attributes:
        judged: of data sets, sensor by sensor.
        simulated: of simulated movements, stream by stream.
        seed: of simulated people and turns.
        sets: data sets that were looked at.
    """

    judged: tuple[JudgedMount, ...] = ()
    simulated: tuple[SimulatedMount, ...] = ()
    seed: int = 0
    sets: tuple[str, ...] = ()


@benchmark("mount", "the mount found by itself against the known one; needs no model")
def run_mount(
    data: Path,
    sets: Sequence[str] = SETS,
    parts: Sequence[str] = PARTS,
    seed: int = 0,
    progress: Callable[[str], None] = lambda line: None,
) -> MountReport:
    """Find mounts and judge them.

    Args:
        data: folder with the data sets; not looked at when only the simulated part is asked for.
        sets: which of them; a stream whose mount nobody knows is left out.
        parts: which of `PARTS`.
        seed: of simulated people and turns.
        progress: told every step.

    Raises:
        UsageError: an unknown part or set. FormatError: a set is missing or damaged.
    """
    unknown = [part for part in parts if part not in PARTS]
    if unknown or not parts:
        raise UsageError("There is no such part", expected=", ".join(PARTS), got=", ".join(unknown) or "none")
    judged: list[JudgedMount] = []
    if "sets" in parts:
        for name in sets:
            dataset(name)  # an unknown one is named before minutes of work
        for name in sets:
            judged += judge_set(name, data, progress=progress)
    simulated = tuple(judge_simulated(seed, progress=progress)) if "simulated" in parts else ()
    return MountReport(tuple(judged), simulated, seed, tuple(sets) if "sets" in parts else ())


def judge_set(
    name: str, data: Path, subjects: Collection[str] | None = None, progress: Callable[[str], None] = lambda line: None
) -> Iterator[JudgedMount]:
    """Every sensor of every subject of a data set whose mount is known."""
    chosen = dataset(name)
    progress(f"{name}: reading")
    streams: dict[tuple[str, str], list[Stream]] = {}
    upright: dict[tuple[str, str], list[Array]] = {}
    for recording in chosen.recordings(chosen.find(data), subjects=subjects):
        for stream in recording.streams:
            key = (recording.metadata.get("subject", "?"), stream.name)
            streams.setdefault(key, []).append(stream)
            upright.setdefault(key, []).extend(
                stream.acc_mps2[(stream.time_s >= span.start_s) & (stream.time_s <= span.end_s)]
                for span in recording.labels
                if span.label == UPRIGHT
            )
    for (subject, stream_name), own in sorted(streams.items(), key=lambda item: item[0]):
        if own[0].placement.mount.knowledge == "nothing":
            continue
        progress(f"{name}, subject {subject}, {stream_name}")
        standing = [samples for samples in upright[subject, stream_name] if len(samples)]
        gravity = np.concatenate(standing).mean(axis=0, dtype=np.float64) if standing else None
        yield _judged(name, subject, own, gravity)


def axis_errors_deg(estimate: MountEstimate, known: Placement) -> tuple[float | None, float | None]:
    """Angles of up and outward to those of a known mount; None where one of the two is not known."""
    axes, is_known = mount_axes(replace(estimate.placement, mount=estimate.mount))
    true_axes, is_true = mount_axes(known)
    up, outward = (
        angle_deg(axes[row], true_axes[row]) if is_known[row] and is_true[row] else None for row in (0, 1)
    )  # fmt: skip
    return up, outward


def angle_deg(one: Array, other: Array) -> float:
    """Between two directions."""
    cosine = one @ other / (np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.rad2deg(np.arccos(np.clip(cosine, -1.0, 1.0))))


def _judged(name: str, subject: str, streams: Sequence[Stream], gravity: Array | None) -> JudgedMount:
    known = streams[0].placement
    estimate = calibrate_mount(streams, replace(known, mount=UNKNOWN_MOUNT))
    piece = estimate.main
    up_deg, outward_deg = axis_errors_deg(estimate, known)
    up = mount_axes(replace(known, mount=piece.mount))[0][0]
    line_deg = None
    if name in FORWARD_LINES and piece.mount.quat_segment_from_sensor is not None:
        from scipy.spatial.transform import Rotation

        ahead = Rotation.from_quat(piece.mount.quat_segment_from_sensor).as_matrix()[0]
        off_deg = angle_deg(ahead, np.array(FORWARD_LINES[name]))
        line_deg = min(off_deg, 180.0 - off_deg)
    return JudgedMount(
        data_set=name,
        subject=subject,
        stream=streams[0].name,
        site=known.name,
        recordings=len(streams),
        walking_s=sum(own.walking_s for own in estimate.pieces),
        pieces=len(estimate.pieces),
        knowledge=piece.mount.knowledge,
        reason=piece.reason,
        up_deg=up_deg,
        outward_deg=outward_deg,
        standing_deg=angle_deg(up, gravity) if gravity is not None and up_deg is not None else None,
        forward_line_deg=line_deg,
        expected_up_deg=piece.up_error_deg,
        expected_forward_deg=piece.forward_error_deg,
        read_off=known.mount.read_off,
    )
