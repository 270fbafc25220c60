"""From motion files to recordings on disk: many at once, in parallel, resumable, a damaged one costing nothing else."""

from __future__ import annotations

import json
import multiprocessing
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .. import __version__
from ..body import BodyShape
from ..errors import AnywearError, UsageError
from ..motion import read_motion
from ..recording import Recording
from .simulator import AUTO, Simulator

SETTINGS_NAME = "simulation.json"
SUFFIX = ".anywear.parquet"


@dataclass(frozen=True)
class SimulationPlan:
    """What is worn, and how the motion is read: the same for every file.

    Attributes:
        at: sites, or a number of points spread over the skin.
        device: one for all sites, or one each.
        rate_hz: of the sensors; each device's own where None.
        seed: of everything drawn; each file of a folder adds its path within the folder.
        body: who wears it.
        lowpass_hz: see `Simulator`.
        motion_format, motion_rate_hz, motion_scale: see `anywear.motion.read_motion`.
    """

    at: tuple[str, ...] | int
    device: str | Mapping[str, str] = "ideal"
    rate_hz: float | None = None
    seed: int = 0
    body: BodyShape = field(default_factory=BodyShape)
    lowpass_hz: float | str | None = AUTO
    motion_format: str | None = None
    motion_rate_hz: float | None = None
    motion_scale: float | None = None

    def settings(self) -> dict:
        """All of it as JSON takes it."""
        return json.loads(json.dumps({"anywear": __version__, **asdict(self)}))


def open_motion(path: Path, plan: SimulationPlan) -> Simulator:
    """The file's motion on the plan's body, ready to be sampled.

    Raises:
        FormatError, UnitError, UsageError: see `anywear.motion.read_motion` and `Simulator`.
    """
    clip = read_motion(path, format=plan.motion_format, rate_hz=plan.motion_rate_hz, scale=plan.motion_scale)
    return Simulator(clip, body=plan.body, lowpass_hz=plan.lowpass_hz)


def simulate_file(path: Path, plan: SimulationPlan, inside: str = "") -> Recording:
    """The recording of one motion file.

    Args:
        path: the file.
        plan: what is worn.
        inside: path within the folder, which enters the seed; empty for a single file.
    """
    seed = zlib.crc32(inside.encode()) + (plan.seed << 32) if inside else plan.seed
    return open_motion(path, plan).record(plan.at, plan.device, rate_hz=plan.rate_hz, seed=seed)


def simulate_folder(
    paths: Sequence[Path], root: Path, out: Path, plan: SimulationPlan, *, workers: int = 1
) -> Iterator[tuple[Path, AnywearError | None, bool]]:
    """Simulate many files into a folder; finished ones are kept when it is run again.

    Args:
        paths: motion files below ``root``.
        root: folder they are named from.
        out: folder for the recordings, laid out as ``root``; also holds the settings they were made with.
        plan: what is worn.
        workers: processes; the files written do not depend on their number.

    Yields:
        Each path as it is done, its error or None, and whether it had been done before.

    Raises:
        UsageError: the folder holds recordings of other settings, or cannot be written to.
    """
    _claim(out, plan)
    todo = []
    for path in paths:
        if _target(path, root, out).exists():
            yield path, None, True
        else:
            todo.append(path)
    if workers <= 1 or len(todo) <= 1:
        for path in todo:
            yield path, _make(path, root, out, plan), False
        return
    # Processes are started anew rather than forked: threads of numerical libraries do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(todo)), mp_context=context) as pool:
        jobs = {pool.submit(_make, path, root, out, plan): path for path in todo}
        try:
            for job in as_completed(jobs):
                yield jobs[job], job.result(), False
        finally:
            pool.shutdown(cancel_futures=True)


def _make(path: Path, root: Path, out: Path, plan: SimulationPlan) -> AnywearError | None:
    from ..io import write

    try:
        target = _target(path, root, out)
        recording = simulate_file(path, plan, path.relative_to(root).as_posix())
        target.parent.mkdir(parents=True, exist_ok=True)
        write(recording, target)
    except AnywearError as error:
        return error
    except OSError as error:
        return UsageError("The output cannot be written", where=str(out), got=error.strerror or str(error))
    return None


def _target(path: Path, root: Path, out: Path) -> Path:
    inside = path.relative_to(root)
    return out / inside.with_name(inside.name + SUFFIX)


def _claim(out: Path, plan: SimulationPlan) -> None:
    """Write down what the folder is for, or check that it is for the same."""
    path = out / SETTINGS_NAME
    if path.exists():
        try:
            before = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            before = {}
        differing = [name for name, value in plan.settings().items() if before.get(name) != value]
        if differing:
            raise UsageError(
                "The output folder holds recordings of another simulation",
                where=str(out),
                expected="the same settings as in " + SETTINGS_NAME,
                got="another " + ", ".join(differing),
                remedy="Write to another folder, or delete this one",
            )
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(plan.settings(), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError("The output cannot be written", where=str(out), got=error.strerror or str(error)) from error
