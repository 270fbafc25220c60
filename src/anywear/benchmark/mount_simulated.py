"""Mounts found in simulated movement, where the true turn of every sensor is known exactly.

Sensors are welded to the skin of generated people and turned at random. Walks ask how far off the found axes are; movements
without walking ask how often a mount is claimed that nothing supports.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .._typing import Array
from ..motion.generate import generate
from ..placement import SITES, Mount, Placement
from ..recording import Stream
from ..signal.mount import calibrate_mount
from ..signal.mount_solve import lean_of
from ..simulate import Simulator

WALKS = ("walking_forward", "walking_treadmill", "walking_left", "walking_parking_lot", "stairs_up")
OTHERS = ("cycling_exercise_bike", "cross_trainer", "stepper", "rowing_machine", "running", "vacuuming", "squats")
PEOPLE = 2  # per movement
LEFT = tuple(site for site in SITES if not site.startswith("right_"))  # the other side mirrors it
FIRST_SEED = 1000  # of people, beyond those the limits were set on
SECONDS = 16.0
RATE_HZ = 50.0


@dataclass(frozen=True)
class SimulatedMount:
    """One sensor of one simulated person.

    Attributes:
        program, person: what was simulated.
        site, segment: where it was worn.
        walks: whether the movement is walking.
        knowledge: of what was found; ``nothing`` where it was declined.
        up_deg, forward_deg: angles to the true axes; None where not found.
        expected_up_deg, expected_forward_deg: what the finder said.
    """

    program: str
    person: int
    site: str
    segment: str
    walks: bool
    knowledge: str
    up_deg: float | None
    forward_deg: float | None
    expected_up_deg: float | None
    expected_forward_deg: float | None

    @property
    def part(self) -> str:
        """Segment without its side."""
        return self.segment.removeprefix("left_").removeprefix("right_")


def judge_simulated(
    seed: int = 0,
    walks: Sequence[str] = WALKS,
    others: Sequence[str] = OTHERS,
    people: int = PEOPLE,
    sites: Sequence[str] = LEFT,
    progress: Callable[[str], None] = lambda line: None,
) -> Iterator[SimulatedMount]:
    """Every site on every person.

    Args:
        seed: of people and turns; the same seed gives the same figures.
        walks, others: programs of the generator that are walking, and that are not.
        people: how many of each.
        sites: where sensors are worn.
        progress: told every clip.
    """
    for program in (*walks, *others):
        for person in range(people):
            progress(f"simulated {program}, person {person + 1} of {people}")
            own_seed = FIRST_SEED * (seed + 1) + person
            clip = generate(program, own_seed, seconds=SECONDS).clip
            recording = Simulator(clip, lowpass_hz=None).record(sites, rate_hz=RATE_HZ, seed=own_seed, one_clock=True)
            for stream in recording.streams:
                site = stream.placement.site or stream.name
                rng = np.random.default_rng([own_seed, zlib.crc32(f"{program} {site}".encode())])
                yield _judged(stream, program, person, program in walks, random_turn(rng))


def random_turn(rng: np.random.Generator) -> Array:
    """A rotation matrix, all turns alike likely."""
    from scipy.spatial.transform import Rotation

    quaternion = rng.normal(size=4)
    return Rotation.from_quat(quaternion / np.linalg.norm(quaternion)).as_matrix()


def _judged(stream: Stream, program: str, person: int, walks: bool, turn: Array) -> SimulatedMount:
    from scipy.spatial.transform import Rotation

    where = stream.placement
    quat = where.mount.quat_segment_from_sensor
    assert quat is not None and stream.gyr_radps is not None and where.segment is not None
    truth = Rotation.from_quat(quat).as_matrix() @ turn.T
    turned = replace(
        stream,
        acc_mps2=stream.acc_mps2.astype(np.float64) @ turn.T,
        gyr_radps=stream.gyr_radps.astype(np.float64) @ turn.T,
        placement=Placement(where.segment, where.along, where.around_deg, site=where.site),
    )
    piece = calibrate_mount(turned).main
    up_deg, forward_deg = _errors_deg(piece.mount, truth)
    return SimulatedMount(
        program, person, where.site or stream.name, where.segment, walks, piece.mount.knowledge, up_deg, forward_deg,
        piece.up_error_deg, piece.forward_error_deg if lean_of(where.segment).forward_error_deg is not None else None,
    )  # fmt: skip


def _errors_deg(mount: Mount, truth: Array) -> tuple[float | None, float | None]:
    from scipy.spatial.transform import Rotation

    if mount.quat_segment_from_sensor is not None:
        found = Rotation.from_quat(mount.quat_segment_from_sensor).as_matrix()
        cosines = np.clip([found[2] @ truth[2], found[0] @ truth[0]], -1.0, 1.0)
        up_deg, forward_deg = np.rad2deg(np.arccos(cosines))
        return float(up_deg), float(forward_deg)
    if mount.up_axis is not None:
        return float(np.rad2deg(np.arccos(np.clip(np.asarray(mount.up_axis) @ truth[2], -1.0, 1.0)))), None
    return None, None
